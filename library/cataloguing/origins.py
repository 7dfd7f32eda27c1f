"""Where copies come from that are being entered, if something was told of them before: a gift that was counted.

Packages above register what they know; the pages of this one carry its uid along and hand over the copies.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy.orm import Session

NAME = "from"
"""Of the field, in addresses and forms."""


@dataclass(frozen=True)
class Coming:
    """`words` and `address` of what they come from; what stands in the fields of the delivery; how many are awaited."""

    uid: UUID
    words: str
    address: str
    source: str
    received_on: date
    voucher: str
    waiting: int

    @property
    def told(self) -> dict[str, Any]:
        return {"source": self.source, "received_on": f"{self.received_on:%d/%m/%Y}", "voucher": self.voucher}


class Origin(Protocol):
    def coming(self, session: Session, library_id: int, uid: UUID) -> Coming | None:
        """If it is one of this library."""

    def entered(self, session: Session, act_id: int, uid: UUID, items: Sequence[int]) -> None:
        """These copies came from it. Raises Refused for more than are awaited."""


ORIGINS: list[Origin] = []


def coming(session: Session, library_id: int, text: str | None) -> Coming | None:
    """What an address or a form speaks of; nothing for what nobody knows."""
    try:
        uid = UUID(text or "")
    except ValueError:
        return None
    found = (one.coming(session, library_id, uid) for one in ORIGINS)
    return next((one for one in found if one is not None), None)


def entered(session: Session, library_id: int, act_id: int, uid: UUID, items: Sequence[int]) -> None:
    for one in ORIGINS:
        if one.coming(session, library_id, uid) is not None:
            one.entered(session, act_id, uid, items)
