"""What was done to a drive or a gift, one act after the other, each with what stood there before: so it can be undone."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from library.core.errors import N_, Reason, Refused
from library.promotion.drive_models import Drive
from library.promotion.gift_models import Gift, GivingChange

Before = dict[str, Any]


class NotDone(Refused):
    """It cannot be done now; the sentence says why and what would help."""

    def __init__(self, code: str, sentence: str, **facts: object) -> None:
        super().__init__(Reason(code, sentence, facts))


class WentOn(NotDone):
    def __init__(self) -> None:
        super().__init__("went-on", N_("Đã sửa tiếp sau đó. Hoàn tác việc sau trước."))


def record(session: Session, act_id: int, thing: Drive | Gift, before: Before | None) -> None:
    """The act made the thing (`before` None) or changed it."""
    which = {"drive_id": thing.id} if isinstance(thing, Drive) else {"gift_id": thing.id}
    session.add(GivingChange(act_id=act_id, before=before, **which))
    session.flush()


def of_act(session: Session, act_id: int) -> list[GivingChange]:
    """The last first."""
    mine = select(GivingChange).where(GivingChange.act_id == act_id, GivingChange.voided.is_(False))
    return list(session.scalars(mine.order_by(GivingChange.id.desc())))


def last_of(session: Session, thing: Drive | Gift) -> GivingChange | None:
    """What was done to it last and stands."""
    column = GivingChange.drive_id if isinstance(thing, Drive) else GivingChange.gift_id
    mine = select(GivingChange).where(column == thing.id, GivingChange.voided.is_(False))
    return session.scalar(mine.order_by(GivingChange.id.desc()).limit(1))


def take_back(session: Session, change: GivingChange, thing: Drive | Gift) -> None:
    """Raises WentOn where something was done to the thing since."""
    last = last_of(session, thing)
    if last is None or last.id != change.id:
        raise WentOn
    change.voided = True
    session.flush()
