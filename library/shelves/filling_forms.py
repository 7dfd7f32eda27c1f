"""What the pages of filling and counting send: typed values, or every complaint."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

from library.core.forms import Reader
from library.loans.forms import Posted, plain_posted, scanned_text, uuid_or_none
from library.shelves.filling import Scanned


@dataclass(frozen=True)
class FillForm:
    """A scan while a shelf is filled. `shelf`: the one chosen before, if any."""

    posted: Posted
    shelf: UUID | None
    scanned: Scanned

    @property
    def content(self) -> dict[str, Any]:
        """What a repeat must say too."""
        return {"fill": vars(self.scanned), "shelf": str(self.shelf), "number": self.posted.number}

    @classmethod
    def read(cls, source: Mapping[str, Any]) -> Self:
        """As a page's script sends it. Raises Invalid."""
        reader = Reader(source)
        posted = Posted.read(reader)
        shelf, scanned = _read(reader)
        reader.done()
        assert posted is not None
        return cls(posted, shelf, scanned)

    @classmethod
    def of_page(cls, source: Mapping[str, Any]) -> Self:
        """As a plain form sends it: an answer to a question comes without its code, which is in `before`. Raises Invalid."""
        code = source.get("code") or (source.get("before") if source.get("answer") else "")
        reader = Reader({**source, "code": code})
        shelf, scanned = _read(reader)
        reader.done()
        return cls(plain_posted(), shelf, scanned)


def _read(reader: Reader) -> tuple[UUID | None, Scanned]:
    text, item = scanned_text(reader), reader.text("item", False, 30) or reader.text("answer", False, 30)
    asked = uuid_or_none(reader.text("asked", False, 40))
    return uuid_or_none(reader.text("shelf", False, 40)), Scanned(text, asked, item or None)
