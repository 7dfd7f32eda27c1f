"""When places are open: weekly days, closures, school years. "Due at the next opening" is all that loans know."""
