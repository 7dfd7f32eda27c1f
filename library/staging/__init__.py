"""Lists from outside come in through here: read, mapped, judged row by row, applied in chunks, undone."""
