"""Which sums are kept of each ledger, and which of them answer a question: the smallest that tells enough."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Integer, String, cast, func

from library.reports.ledgers import KIND_COLUMN, OF_PLACE, TABLES, Column, Table, kinds_of, reads
from library.reports.measures import Ledger, Measured
from library.reports.rolling_models import NO_GRADE, Rolled

_READER = ("grade", "category")


@dataclass(frozen=True)
class Face:
    """`columns` kept apart beside branch and day or month; `mark` is the one that stands in `Rolled.mark`."""

    number: int
    ledger: Ledger
    monthly: bool
    columns: tuple[str, ...]
    mark: str | None = None

    @property
    def tells(self) -> frozenset[str]:
        return frozenset(self.columns) | ({self.mark} if self.mark else set())

    def table(self) -> Table:
        """The sums as rows that can be asked like the ledger."""
        columns: dict[str, Column] = {
            "kind": Rolled.kind, "grade": func.nullif(Rolled.grade, NO_GRADE), "category": func.nullif(Rolled.category, ""),
        }  # fmt: skip
        if self.mark:
            told = func.nullif(Rolled.mark, "")
            columns[self.mark] = cast(told, Integer) if self.mark == "level" else told
        known = {name: columns[name] for name in self.tells}
        return Table(Rolled.since, Rolled.branch_id, Rolled.quantity, known, None, Rolled, self.monthly, self.number)


FACES: tuple[Face, ...] = (
    Face(1, Ledger.USE, True, ("kind",)),
    Face(2, Ledger.USE, True, ("kind",), "level"),
    Face(3, Ledger.USE, True, ("kind",), "book-class"),
    Face(4, Ledger.USE, True, ("kind", *_READER)),
    Face(5, Ledger.USE, True, ("kind", *_READER), "book-class"),
    Face(6, Ledger.USE, False, ("kind",)),
    Face(7, Ledger.USE, False, ("kind", *_READER)),
    Face(11, Ledger.VISIT, True, ("kind",)),
    Face(12, Ledger.VISIT, True, ("kind",), "access-need"),
    Face(13, Ledger.VISIT, True, ("kind", *_READER)),
    Face(14, Ledger.VISIT, True, ("kind", *_READER), "sex"),
    Face(16, Ledger.VISIT, False, ("kind",)),
    Face(17, Ledger.VISIT, False, ("kind", *_READER)),
)
"""In the order of their size. The numbers stand in the database."""


def of(ledger: Ledger) -> list[Face]:
    return [face for face in FACES if face.ledger is ledger]


def needed(measured: Measured, only: Mapping[str, Any], renewals: bool, dims: Iterable[str]) -> frozenset[str]:
    """The columns that a question reads, days and branches aside."""
    found = set(reads(tuple(dims))) - {"day", "month", "branch"}
    if kinds_of(measured, renewals):
        found.add(KIND_COLUMN[measured.ledger])
    if measured.pupils or "group" in only:
        found.update(_READER)
    if "mode" in only:
        found.add("kind")
    return frozenset(found | (set(only) - {"group", "mode", *OF_PLACE}))


def fitting(ledger: Ledger, columns: frozenset[str], monthly: bool) -> Face | None:
    """The smallest that tells these columns by month or by day; None: only the ledger does."""
    return next((face for face in of(ledger) if face.monthly is monthly and columns <= face.tells), None)


def keys(face: Face) -> dict[str, Any]:
    """What the ledger's rows are put together by: a value for each column of a sum."""
    table = TABLES[face.ledger]
    read = table.columns
    mark = func.coalesce(cast(read[face.mark], String), "") if face.mark else ""
    return {
        "kind": cast(read["kind"], String) if "kind" in face.columns else "",
        "grade": func.coalesce(read["grade"], NO_GRADE) if "grade" in face.columns else NO_GRADE,
        "category": func.coalesce(read["category"], "") if "category" in face.columns else "",
        "mark": mark,
    }
