"""Lists in pages."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

Row = TypeVar("Row")
MOST = 200


@dataclass(frozen=True)
class Page(Generic[Row]):
    """`rows` of page `number` (from 1), of `total` in all."""

    rows: Sequence[Row]
    number: int
    size: int
    total: int

    @property
    def last(self) -> int:
        return max(1, -(-self.total // self.size))

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)


def page_number(text: str | None) -> int:
    """What the address bar says, mended: junk is page 1."""
    return min(max(int(text), 1), 100_000) if text and text.isascii() and text.isdigit() and len(text) < 7 else 1


def page_of(session: Session, query: Select[Row], number: int = 1, size: int = 50) -> Page[Row]:
    """One page of a query over one entity or column, with its total (two statements)."""
    size = min(size, MOST)
    total = session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    rows = session.scalars(query.limit(size).offset((number - 1) * size)).all()
    return Page(rows, number, size, total)
