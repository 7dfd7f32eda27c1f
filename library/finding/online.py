"""Titles a reader can have without a copy: read, heard or seen on the net. Which these are, packages above say."""

from collections.abc import Callable, Sequence

from sqlalchemy import ColumnElement, Select, or_, select, union
from sqlalchemy.orm import Session

from library.catalogue import search
from library.catalogue.models import Record
from library.finding import availability

WAYS: list[Callable[[int], Select[int]]] = []
"""Filled by packages above: ids of the titles that the pages of this library lead to."""


def can_be_opened(library_id: int) -> ColumnElement[bool]:
    nothing = select(Record.id).where(Record.id < 0)
    return Record.id.in_(union(nothing, *(way(library_id) for way in WAYS)))


def among(session: Session, ids: Sequence[int], library_id: int) -> frozenset[int]:
    """Those of these titles (one statement, none for no titles)."""
    if not ids:
        return frozenset()
    query = select(Record.id).where(search.among(session, ids, Record.id), can_be_opened(library_id))
    return frozenset(session.scalars(query))


def or_a_copy(library_id: int, libraries: Sequence[int] | None = None) -> ColumnElement[bool]:
    """Titles that readers of this library can have somehow: on the net, or a copy anywhere (at these libraries)."""
    return or_(availability.there_is_a_copy(libraries), can_be_opened(library_id))
