"""Entries of MARC in all its clothes: ISO 2709, MARCXML, CDS/ISIS, MarcEdit's text, JSON. `opening.read` is the door.

An entry is kept whole whatever its tags mean; meaning is given above, by whoever brings a table of tags. What cannot be
read is told with its place and reason, and reading goes on behind it.
"""

from library.staging.marc.entries import Broken, Field, MarcEntry, TooLong
from library.staging.marc.opening import MarcFile, read

__all__ = ["Broken", "Field", "MarcEntry", "MarcFile", "TooLong", "read"]
