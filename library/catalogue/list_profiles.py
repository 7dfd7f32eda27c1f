"""Lists that other library programs write, known by the names of their columns (data/list_profiles.tsv)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from library.staging.headers import Header

_ENOUGH = 4  # names that must be there, and
_SHARE = 0.7  # of the list's columns that must be known


@dataclass(frozen=True)
class Column:
    """`key` is one of columns.BOOK_WORDS, '' for what we do not take; `how` is '', 'angles' or 'joined'."""

    header: str
    key: str
    how: str = ""


@dataclass(frozen=True)
class ListProfile:
    name: str
    columns: tuple[Column, ...]

    def header(self, cells: Sequence[str], row_number: int = 1) -> Header:
        """The list's columns as read_book takes them; a second column of one key is read with the first."""
        known = {column.header: column for column in self.columns}
        found = [(place, known[name]) for place, cell in enumerate(cells) if (name := _name(cell)) in known]
        mapping: dict[str, int] = {}
        spans: dict[str, tuple[int, ...]] = {}
        for place, column in found:
            if column.key and column.key not in mapping:
                mapping[column.key] = place
            elif column.key and column.how == "joined":
                spans[column.key] = (*spans.get(column.key, ()), place)
        unknown = tuple((place, cell) for place, cell in enumerate(cells) if cell and _name(cell) not in known)
        return Header(row_number, mapping, unknown, spans)

    def positional(self) -> Header:
        """For a file without its header line: SLiMS writes none unless asked to. Row 0: all rows are entries."""
        return self.header([column.header for column in self.columns], 0)

    def cells(self, cells: Sequence[str], header: Header) -> list[str]:
        """One row with lists such as <Tô Hoài><Kim Lân> written as people write them: Tô Hoài; Kim Lân."""
        angled = {header.mapping[column.key] for column in self.columns
                  if column.how == "angles" and column.key in header.mapping}  # fmt: skip
        return [_unangled(cell) if place in angled else cell for place, cell in enumerate(cells)]


def _name(cell: str) -> str:
    """`items.barcode` and "Barcode" are barcode."""
    return cell.strip().strip('"').lower().rpartition(".")[2]


def _unangled(cell: str) -> str:
    parts = re.findall(r"<([^<>]*)>", cell)
    return "; ".join(filter(None, map(str.strip, parts))) if parts else cell


@cache
def list_profiles() -> Mapping[str, ListProfile]:
    """The profiles that come with the library, by name."""
    table = files("library.catalogue").joinpath("data", "list_profiles.tsv").read_text(encoding="utf-8")
    columns: dict[str, list[Column]] = {}
    for line in table.splitlines()[1:]:
        if not line.startswith("#"):
            name, header, key, how = line.split("\t")
            columns.setdefault(name, []).append(Column(header, key, how))
    return {name: ListProfile(name, tuple(each)) for name, each in columns.items()}


def guess(cells: Sequence[str]) -> ListProfile | None:
    """The program whose list has this header line; None for lists people write themselves."""
    names = [_name(cell) for cell in cells if cell.strip()]
    best = max(list_profiles().values(), key=lambda one: _known(one, names))
    known = _known(best, names)
    by_program = any("_" in name or name == "biblionumber" for name in names)
    return best if by_program and known >= _ENOUGH and known >= _SHARE * len(names) else None


def _known(profile: ListProfile, names: Sequence[str]) -> int:
    return len({column.header for column in profile.columns} & set(names))
