"""Whether the number that a copy of a light list got may be struck out again: not once something rests on it."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from library.core.errors import N_, Reason, Refused
from library.holdings.models import Item, Register, Stay
from library.loans.models import Compensation, Loan
from library.shelves.models import Handover, HandoverLine, LightEnd

GIVEN = "given"
"""In `LightEnd.before`, beside what was: the number that the copy got."""


class RestsOnNumber(Refused):
    def __init__(self) -> None:
        sentence = N_(
            "Cuốn này đã được dùng theo số đăng ký của nó, nên không gạch số ấy được nữa. Sách vẫn là của thư viện."
        )
        super().__init__(Reason("rests-on-number", sentence))


def check(session: Session, ended: LightEnd, at: datetime) -> None:
    """Locks the copy, which was registered at `at`. Raises RestsOnNumber."""
    locked = select(Item).where(Item.id == ended.item_id).with_for_update(key_share=True)
    item = session.scalars(locked.execution_options(populate_existing=True)).one()
    as_entered = item.register_status is Register.LISTED and item.accession == ended.before.get(GIVEN)
    if not as_entered or any(session.execute(one.limit(1)).first() for one in _later(ended, at)):
        raise RestsOnNumber


def _later(ended: LightEnd, at: datetime) -> Iterator[Select[Any]]:
    """What has been written about the copy since: loans, other shelves, compensations, signed minutes."""
    item_id = ended.item_id
    yield select(Loan.id).where(Loan.item_id == item_id, Loan.lent_at >= at, Loan.voided.is_(False))
    stays = select(Stay.id).where(Stay.item_id == item_id, Stay.occurred_at >= at, Stay.voided.is_(False))
    yield stays.where(Stay.act_id != ended.act_id)
    asked = select(Compensation.id).where(Compensation.item_id == item_id, Compensation.asked_at >= at)
    yield asked.where(Compensation.voided.is_(False))
    minutes = select(HandoverLine.item_id).join(Handover, Handover.id == HandoverLine.handover_id)
    yield minutes.where(HandoverLine.item_id == item_id, Handover.given_at >= at, Handover.cancelled_at.is_(None))
