"""Lists written by other library programs: known by their columns, or said to be so by a person."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

from library.catalogue import list_profiles
from library.catalogue.columns import VOCABULARY, BookLine, read_book
from library.catalogue.list_profiles import ListProfile
from library.core.errors import N_
from library.core.fold import fold
from library.staging.headers import Header, find_header
from library.staging.tables import Row
from library.staging.verdicts import Reading

PROGRAMS = (
    ("slims", N_("SLiMS, danh mục nhan đề")),
    ("slims-items", N_("SLiMS, danh mục bản sách")),
    ("openbiblio", N_("VietBiblio hay OpenBiblio")),
    ("koha", N_("Koha")),
)
_LOOKED_AT = 5  # rows a program's header is looked for in


def find(rows: Any) -> Header | None:
    """The header of a program's list, or the best of a list people wrote."""
    looked = list(rows)
    for row in islice(looked, _LOOKED_AT):
        if profile := list_profiles.guess(row.cells):
            return _under(profile, row)
    return _without(looked) or find_header(looked, VOCABULARY)


def as_program(rows: Sequence[Row], name: str) -> Header | None:
    """As a person says: '' is a list people wrote."""
    if not name:
        return find_header(rows, VOCABULARY)
    profile = list_profiles.list_profiles()[name]
    for row in rows[:_LOOKED_AT]:
        if "title" in profile.header(row.cells).mapping:
            return _under(profile, row)
    return replace(profile.positional(), profile=name)


def _under(profile: ListProfile, row: Row) -> Header:
    texts = {place: fold(text) for place, text in enumerate(row.cells) if text}
    return replace(profile.header(row.cells, row.number), profile=profile.name, texts=texts)


def _without(rows: Sequence[Row]) -> Header | None:
    """SLiMS writes no header unless asked to: its rows are as wide as its list, people stand in <>."""
    profile = list_profiles.list_profiles()["slims"]
    first = rows[0].cells if rows else ()
    wide = abs(len(first) - len(profile.columns)) <= 1 and any(
        cell.startswith("<") and cell.endswith(">") for cell in first
    )
    return replace(profile.positional(), profile=profile.name) if wide else None


def read(row: Row, header: Header, hint: Any) -> Reading[BookLine]:
    if not header.profile:
        return read_book(row, header)
    cells = list_profiles.list_profiles()[header.profile].cells(row.cells, header)
    return read_book(replace(row, cells=tuple(cells)), header)
