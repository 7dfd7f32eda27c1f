"""The books go on from a site: to the next one or home. Who gives says what is not there; the rest sets out in one act."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID, uuid5

from sqlalchemy import select
from sqlalchemy.orm import Session

from library.core import clock
from library.core.errors import N_
from library.inbox import acts
from library.inbox.acts import Doing
from library.inbox.models import Act
from library.rotation import legs, missing, sending, steps, undoing
from library.rotation.legs import NoWay
from library.rotation.models import Batch, Leg, Site
from library.rotation.sending import Sent
from library.rotation.signing import Signer
from library.rotation.undoing import ALSO


@dataclass(frozen=True)
class Onward:
    """`to`: None for home. `due_on`: how long it stays there. `missing`: item ids that are not there."""

    to: Site | None
    due_on: date | None = None
    missing: Collection[int] = ()
    carrier: str = ""


@dataclass(frozen=True)
class HandedOn:
    leg: Leg
    sent: Sent
    missing: tuple[int, ...]


def part_of(doing: Doing, name: str) -> Doing:
    """For an act that is part of another: its uid follows from that one's, so that it is found again."""
    return replace(doing, uid=uuid5(doing.uid, name), device=None, number=None, raw_at=None)


def hand_on(session: Session, doing: Doing, batch: Batch, given: Signer, onward: Onward) -> HandedOn:
    """Everything of the batch that is at the site sets out, less what is missing or with readers. Raises NoWay, NotSent,
    NotMissing, NotNow."""
    way = legs.of(session, batch.id)
    now, following = legs.current(way), legs.next_(way)
    if now is None or now.received_at is None or legs.is_home(now):
        raise NoWay("not-there", N_("Đợt này chưa ở điểm nào nên chưa chuyển tiếp được."))
    planned = onward.to is None and following is not None and legs.is_home(following)
    if not planned or onward.missing:  # else the sending locks the batch, and looks at the way itself
        batch = steps.lock(session, batch.id)
    leg = following if planned and following else _leg(session, doing, batch, onward)
    gone = missing.not_there(session, part_of(doing, "missing"), batch, onward.missing) if onward.missing else {}
    sent = sending.send(session, doing, leg, given, onward.carrier)
    if gone:
        missing.owe(session, batch, leg, gone)
    exceptions = tuple(one for one in sent.exceptions if one[0] not in gone)
    return HandedOn(leg, replace(sent, exceptions=exceptions), tuple(sorted(gone)))


def _leg(session: Session, doing: Doing, batch: Batch, onward: Onward) -> Leg:
    at, part = doing.at or clock.now(), part_of(doing, "leg")
    if onward.to is not None:
        return legs.forward(session, part, batch, onward.to, clock.day_of(at), onward.due_on)
    acts.write(session, part, "plan-batch", at)
    return legs.homeward(session, (part.uid, at), batch, clock.day_of(at))


def undone(session: Session, act_id: int) -> None:
    """The sending was voided: what was missed on the way out is not missed either, and the way is as it was planned."""
    uid: UUID | None = session.scalar(select(Act.uid).where(Act.id == act_id, Act.kind == sending.KIND))
    if uid is None:
        return
    parts = [uuid5(uid, name) for name in ("missing", "leg")]
    for part in session.scalars(select(Act).where(Act.uid.in_(parts), Act.voided_by.is_(None)).order_by(Act.id)).all():
        undoing.undo(session, Doing.now(), part)


ALSO.append(undone)
