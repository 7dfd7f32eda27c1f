"""Columns of old text, mended on their way in: found by the machine, changed by a person, kept with the sheet's plan."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Self

from library.core.fold import clean
from library.staging.delimited import Delimited
from library.staging.encodings import AS_IT_IS, VIETNAMESE_ONLY, VIQR_SHAPE, detect_text, plain, repair
from library.staging.encodings_words import is_syllable
from library.staging.tables import Row, Table, row_of

Encodings = Mapping[int, str]
"""{place of a column: what `encodings.repair` is called with}; columns left out are as they should be."""

LOOKED_AT = 1_500  # rows
_SHOWN, _LONGEST = 3, 90
_WORD = re.compile(r"[^\W\d_]{2,}")


class Mended:
    """A table as people should see it. `encodings` are for each sheet by its name."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self.encodings: dict[str, Encodings] = {}
        self._is_text = isinstance(table, Delimited)

    @property
    def sheets(self) -> tuple[str, ...]:
        return self._table.sheets

    @property
    def codec(self) -> str:
        """How the bytes of a text file are opened; '' for workbooks."""
        return self._table.codec if isinstance(self._table, Delimited) else ""

    def recode(self, codec: str) -> None:
        if isinstance(self._table, Delimited):
            self._table.recode(codec)

    def size(self, sheet: str) -> int:
        return self._table.size(sheet)

    def raw(self, sheet: str) -> Iterator[Row]:
        """Rows as they were seen."""
        return self._table.rows(sheet)

    def rows(self, sheet: str) -> Iterator[Row]:
        wanted = self.encodings.get(sheet, {})
        for row in self._table.rows(sheet):
            if wanted or self._is_text or any("\xad" in cell for cell in row.cells):
                row = _settled(row, wanted)
            if row.cells or row.unread or row.spoilt:
                yield row

    def close(self) -> None:
        self._table.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def _settled(row: Row, wanted: Encodings) -> Row:
    """Mended before it is cleaned: cleaning drops the soft hyphen, which is ư in TCVN3."""
    texts = [
        clean(repair(cell, wanted[place])) if place in wanted else clean(cell) for place, cell in enumerate(row.cells)
    ]
    return row_of(row.number, texts, row.unread, row.spoilt)


def find(rows: Sequence[Row]) -> dict[int, str]:
    """What each column of these raw rows needs. A column that shows too little is as the others of its list are, where
    nothing in the list can only be Unicode."""
    columns = _columns(rows)
    found = {place: detect_text(cells).encoding for place, cells in columns.items()}
    told = Counter(name for name in found.values() if name != AS_IT_IS)
    if not told:
        return {}
    usual = told.most_common(1)[0][0]
    mixed = any(VIETNAMESE_ONLY.search(cell) for cells in columns.values() for cell in cells)
    for place, name in found.items():
        if name == AS_IT_IS and (not mixed or _gains(columns[place], usual)):
            found[place] = usual
    return {place: name for place, name in found.items() if name != AS_IT_IS}


def _columns(rows: Sequence[Row]) -> dict[int, list[str]]:
    """The different cells with marks of each column that has such."""
    columns: dict[int, dict[str, None]] = {}
    for row in rows:
        for place, cell in enumerate(row.cells):
            if _has_marks(cell):
                columns.setdefault(place, {})[cell] = None
    return {place: list(cells) for place, cells in sorted(columns.items())}


def _has_marks(cell: str) -> bool:
    """More than ASCII, or marks typed behind their letters."""
    return not cell.isascii() or bool(VIQR_SHAPE.search(cell))


def _gains(cells: Sequence[str], encoding: str) -> bool:
    """Whether mending changes something, and what it changes becomes Vietnamese."""
    changed = [(cell, mended) for cell in cells if (mended := repair(cell, encoding)) != plain(cell)]
    words = [word for _, mended in changed for word in _WORD.findall(mended) if not word.isascii()]
    return bool(words) and sum(map(is_syllable, words)) >= 0.8 * len(words)


def samples(rows: Sequence[Row], place: int, encoding: str) -> list[tuple[str, str]]:
    """Up to three cells (before, after): those that change first, the longer the better while they fit a line."""
    cells = dict.fromkeys(row.cells[place] for row in rows if place < len(row.cells) and _has_marks(row.cells[place]))
    pairs = [(_shown(cell), clean(repair(cell, encoding))[:_LONGEST]) for cell in cells]
    return sorted(pairs, key=lambda pair: (pair[0] == pair[1], len(pair[0]) > 40, -len(pair[0])))[:_SHOWN]


def _shown(cell: str) -> str:
    """The soft hyphen cannot be seen otherwise."""
    return " ".join(cell.replace("\xad", "-").split())[:_LONGEST]


def marked_columns(rows: Sequence[Row]) -> list[int]:
    """Columns that have marked letters: only of these there is something to choose."""
    return list(_columns(rows))
