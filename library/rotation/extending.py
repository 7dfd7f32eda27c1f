"""A site keeps a batch for longer: it asks, the owner decides; or the owner grants it at once."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from library.core import clock
from library.core.errors import N_, Reason, Refused
from library.holdings import stays
from library.holdings.models import Item, Stay
from library.inbox import acts
from library.inbox.acts import Doing
from library.rotation import legs, receiving, steps
from library.rotation.lifecycle import Deed
from library.rotation.models import Batch, BatchLine, BatchState, Extension, Leg
from library.rotation.undoing import ALSO, BEFORE

KIND = "extend-leg"


class NotExtended(Refused):
    """Why it does not stay longer; nothing was written."""

    def __init__(self, code: str, sentence: str, **facts: object) -> None:
        super().__init__(Reason(code, sentence, facts))


@dataclass(frozen=True)
class Asked:
    """`name`: who asks, as it stands on the batch's page."""

    until_on: date
    name: str
    why: str = ""


def last_day(session: Session, leg: Leg) -> date:
    """No extension goes beyond: as agreed, else so many months after it came."""
    came = clock.day_of(leg.received_at) if leg.received_at else leg.planned_on
    return leg.longest_on or legs.longest(session, leg.batch.library_id, came, leg.to_site_id)


def waiting(session: Session, leg_id: int) -> Extension | None:
    query = select(Extension).where(Extension.leg_id == leg_id, Extension.decided_at.is_(None))
    return session.scalar(query.where(Extension.voided.is_(False)))


def ask(session: Session, doing: Doing, leg: Leg, asked: Asked) -> Extension:
    """The owner has yet to decide. Raises NotExtended."""
    _, leg = _fit(session, leg, asked.until_on)
    at = doing.at or clock.now()
    return _written(session, leg, asked, acts.write(session, doing, KIND, at), at)


def grant(session: Session, doing: Doing, leg: Leg, asked: Asked) -> Extension:
    """The owner grants what nobody had to ask for (or what somebody asked by telephone). Raises NotExtended."""
    batch, leg = _fit(session, leg, asked.until_on)
    at = doing.at or clock.now()
    act = acts.write(session, doing, KIND, at), doing.uid
    made = _written(session, leg, asked, act[0], at)
    _decide(session, act, batch, leg, made, True, at)
    return made


def decide(session: Session, doing: Doing, extension: Extension, granted: bool) -> Extension:
    """Raises NotExtended."""
    batch, leg = _fit(session, session.get_one(Leg, extension.leg_id), extension.until_on, but=extension.id)
    session.refresh(extension)
    if extension.decided_at is not None or extension.voided:
        raise NotExtended("decided", N_("Đề nghị này đã có trả lời rồi."))
    at = doing.at or clock.now()
    act = acts.write(session, doing, KIND, at), doing.uid
    _decide(session, act, batch, leg, extension, granted, at)
    return extension


def _fit(session: Session, leg: Leg, until_on: date, but: int | None = None) -> tuple[Batch, Leg]:
    """The batch and the leg, locked. `but`: the extension that is decided."""
    batch = steps.lock(session, leg.batch_id)
    leg = legs.locked(session, leg)
    now = legs.current(legs.of(session, batch.id))
    if batch.state is not BatchState.SERVING or now is None or now.id != leg.id:
        raise NotExtended("not-here", N_("Đợt này không đang phục vụ ở đây nên không gia hạn được."))
    if leg.due_on is None:
        raise NotExtended("no-day", N_("Đợt này gửi không có hạn, khỏi cần gia hạn."))
    if until_on <= leg.due_on:
        raise NotExtended(
            "not-later", N_("Hạn hiện nay là %(day)s. Chọn ngày sau ngày ấy."), day=f"{leg.due_on:%d/%m/%Y}"
        )
    last = last_day(session, leg)
    if until_on > last:
        raise NotExtended("too-long", N_("Ở một điểm lâu nhất đến %(day)s. Chọn ngày sớm hơn."), day=f"{last:%d/%m/%Y}")
    other = waiting(session, leg.id)
    if other is not None and other.id != but:
        raise NotExtended("asked", N_("%(name)s đã xin gia hạn, đang chờ trả lời."), name=other.asked_name)
    return batch, leg


def _written(session: Session, leg: Leg, asked: Asked, act_id: int, at: datetime) -> Extension:
    assert leg.due_on
    made = Extension(
        uid=clock.uuid7(), leg_id=leg.id, until_on=asked.until_on, before_on=leg.due_on, why=asked.why or None,
        asked_at=at, asked_name=asked.name, act_id=act_id, voided=False,
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made


def _decide(
    session: Session, act: tuple[int, UUID], batch: Batch, leg: Leg, one: Extension, granted: bool, at: datetime
) -> None:
    one.decided_at, one.decided_by, one.granted = at, act[0], granted
    if granted:
        leg.due_on = one.until_on
        _stay_longer(session, act, leg, one.until_on, at)
        steps.take(session, batch, Deed.EXTEND, act[0], at, f"{one.until_on:%d/%m/%Y}")
    session.flush()


def _stay_longer(session: Session, act: tuple[int, UUID], leg: Leg, until: date, at: datetime) -> None:
    """Stays are facts with their moments: each goes on as a new one with the new day, also of copies that followed later."""
    _, (place_id, _) = legs.ends(session, leg)
    mine = select(BatchLine.item_id).where(BatchLine.batch_id == leg.batch_id, BatchLine.closed_at.is_(None))
    query = select(Item.id, Item.uid).join(Stay, Stay.item_id == Item.id).where(Item.id.in_(mine))
    still = (Stay.place_id == place_id, Stay.ended_at.is_(None), Stay.voided.is_(False), Stay.why == receiving.STAY)
    items = {row[0]: row[1] for row in session.execute(query.where(*still).order_by(Item.id))}
    stays.begin_many(session, act, items, place_id, receiving.STAY, at, until=until)


def check_undo(session: Session, act_id: int) -> None:
    """Raises NotExtended where it was extended again, or the batch went on."""
    one = _of_act(session, act_id)
    if one is None or not one.granted:
        return
    leg = session.get_one(Leg, one.leg_id)
    now = legs.current(legs.of(session, leg.batch_id))
    if leg.due_on != one.until_on or now is None or now.id != leg.id:
        raise NotExtended("later", N_("Sau lần gia hạn này đợt đã gia hạn tiếp hoặc đã đi. Hoàn tác việc sau trước."))


def _of_act(session: Session, act_id: int) -> Extension | None:
    mine = or_(Extension.act_id == act_id, Extension.decided_by == act_id)
    return session.scalar(select(Extension).where(mine, Extension.voided.is_(False)))


def undone(session: Session, act_id: int) -> None:
    """The act was voided: nobody asked, or nobody answered; the day is as before."""
    one = _of_act(session, act_id)
    if one is None:
        return
    if one.granted:
        session.get_one(Leg, one.leg_id).due_on = one.before_on
    if one.act_id == act_id:
        one.voided, one.decided_at = True, one.decided_at or clock.now()
        one.granted = bool(one.granted)
    else:
        one.decided_at = one.decided_by = one.granted = None
    session.flush()


BEFORE.append(check_undo)
ALSO.append(undone)
