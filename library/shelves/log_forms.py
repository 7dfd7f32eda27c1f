"""What the reading log's pages send: typed values, or every complaint."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Self
from uuid import UUID

from library.core import clock
from library.core.errors import N_
from library.core.forms import Reader
from library.loans.forms import Posted, uuid_or_none
from library.loans.posting import Source, posted_of
from library.shelves.reading_log import MOST_AT_ONCE


@dataclass(frozen=True)
class TicksForm:
    """These pupils read so many books that day."""

    posted: Posted
    pupils: tuple[UUID, ...]
    on: date
    quantity: int

    @classmethod
    def read(cls, source: Source, pupils: list[str]) -> Self:
        """Raises Invalid. What is no pupil's uid names nobody."""
        reader = Reader({**source, "quantity": source.get("quantity") or "1"})
        posted, on = posted_of(source, reader), reader.day("on", required=False)
        quantity = reader.number("quantity", 1, MOST_AT_ONCE)
        reader.done()
        assert posted is not None
        return cls(posted, tuple(uid for uid in map(uuid_or_none, pupils) if uid), on or clock.today(), quantity or 1)

    @property
    def content(self) -> dict[str, Any]:
        told = {"pupils": sorted(map(str, self.pupils)), "on": self.on.isoformat(), "quantity": self.quantity}
        return {"log": told}


@dataclass(frozen=True)
class DiaryForm:
    """A line of one pupil's diary: a book of the shelf, or only their number."""

    posted: Posted
    on: date
    quantity: int
    item: UUID | None

    @classmethod
    def read(cls, source: Source) -> Self:
        """Raises Invalid."""
        reader = Reader({**source, "quantity": source.get("quantity") or "1"})
        posted, on, book = posted_of(source, reader), reader.day("on", required=False), reader.text("book", False, 40)
        quantity = reader.number("quantity", 1, MOST_AT_ONCE)
        if book and uuid_or_none(book) is None:
            reader.complain("book", "uuid", N_("Chọn một cuốn trong danh sách."))
        reader.done()
        assert posted is not None
        return cls(posted, on or clock.today(), quantity or 1, uuid_or_none(book))

    @property
    def content(self) -> dict[str, Any]:
        told = {"on": self.on.isoformat(), "quantity": self.quantity, "item": self.item and str(self.item)}
        return {"diary": told}
