"""A title that became one with another keeps its row, under a match key that folding never makes: nothing finds it or
takes it for the book in hand. What moved is told by `duplicates`."""

from sqlalchemy import ColumnElement

from library.catalogue.models import Record

MERGED = "~"
"""How such a key begins."""


def is_merged() -> ColumnElement[bool]:
    return Record.match_key.startswith(MERGED)
