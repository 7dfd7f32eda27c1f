"""Readers who wait for a title, and the copy that is kept for them: placing, keeping, giving up.

Who waits and whose turn it is, is in `holds_queue`; every change goes through `holds_changes` and can be undone.
"""

from dataclasses import asdict, dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, insert, select, update
from sqlalchemy.orm import Session

from library.core import clock
from library.core.errors import N_, Reason, Refused
from library.holdings import transfers
from library.holdings.ledger import FOLLOWERS, Moved, Undone
from library.holdings.models import Basis, Item, Why
from library.inbox import acts
from library.inbox.acts import Doing
from library.loans import holds_changes, holds_keeping, holds_shelves
from library.loans.holds_changes import UNTOUCHED
from library.loans.holds_dealing import Waiting, deal
from library.loans.holds_keeping import days_for
from library.loans.holds_queue import InHand, could_take, fetched_at, reaches, turn, waiting_count, waiting_for
from library.loans.models import Hold, HoldDecline

__all__ = [
    "InHand",
    "Kept",
    "Waiting",
    "could_take",
    "days_for",
    "fetched_at",
    "turn",
    "waiting_count",
    "waiting_for",
]

KEEP_DAYS = 5
FOR_HOLD = "hold"
"""The reason of a transfer that brings a copy to whoever waits for it."""


class AlreadyWaiting(Refused):
    def __init__(self) -> None:
        super().__init__(Reason("already-waiting", N_("Bạn đọc này đã giữ chỗ nhan đề này rồi.")))


@dataclass(frozen=True)
class Wish:
    """What a reader may say beyond the title; see the columns of Hold."""

    item_wanted_id: int | None = None
    place_id: int | None = None
    priority: int = 0
    not_before: date | None = None
    suspended_until: date | None = None
    expires_on: date | None = None
    expires_visits: int | None = None


@dataclass(frozen=True)
class Kept:
    """A copy is kept: on the shelf here until that day, or asked to the place named."""

    kept_until: date | None
    place_name: str
    here: bool


# Placing


def place(
    session: Session, doing: Doing, record_id: int, membership_id: int, branch_id: int, wish: Wish = Wish()
) -> int:
    """The reader waits for any copy of the title, to be fetched at `branch_id`. Raises AlreadyWaiting.

    Whether they may, is asked of `holds_rules` before.
    """
    mine = (Hold.record_id == record_id, Hold.membership_id == membership_id, Hold.ended_at.is_(None))
    if session.scalar(select(Hold.id).where(*mine)):
        raise AlreadyWaiting
    at = doing.at or clock.now()
    act_id = acts.write(session, doing, "hold", at)
    row = {"act_id": act_id, "record_id": record_id, "membership_id": membership_id, "branch_id": branch_id}
    made = insert(Hold).values(uid=clock.uuid7(), placed_at=at, **row, **asdict(wish))
    return session.execute(made.returning(Hold.id)).scalar_one()


# Keeping a copy


def capture(
    session: Session,
    turn: Waiting,
    item_id: int,
    branch_id: int,
    act: tuple[int, UUID],
    at: datetime,
    today: date,
    keep_days: int = KEEP_DAYS,
) -> Kept:
    """The copy, which is at `branch_id`, is kept for whose turn it is: ready if it is fetched there, else asked to come."""
    here, until = turn.branch_id == branch_id, None
    if here:
        where = turn.branch_id, turn.place_id
        until = holds_keeping.keeps_until(session, where, today, keep_days, turn.visits)
    else:
        transfers.replace(session, act, item_id, turn.place_id, FOR_HOLD, at)
    kept = {"item_id": item_id, "captured_by": act[0], "keep_until": until, "ready_at": at if here else None}
    holds_changes.changed(session, act[0], turn.hold_id, UNTOUCHED, kept)
    name = turn.place_name if here else f"{turn.place_name}, {turn.library_name}"
    return Kept(until, name, here)


def fulfil(session: Session, record_id: int, membership_id: int, act_id: int, at: datetime) -> None:
    """The reader has a copy in hand: their wait for this title is over, whichever copy was kept."""
    mine = (Hold.record_id == record_id, Hold.membership_id == membership_id, Hold.ended_at.is_(None))
    for hold_id, item_id in session.execute(select(Hold.id, Hold.item_id).where(*mine)).all():
        _end(session, act_id, (hold_id, item_id), "fulfilled", at)


def cancel(session: Session, doing: Doing, hold: Hold, why: str | None = None) -> None:
    """The reader waits no longer. A copy already kept is free, wherever it is on its way."""
    at = doing.at or clock.now()
    end(session, acts.write(session, doing, "cancel-hold", at), hold, "cancelled", at, why)


def end(session: Session, act_id: int, hold: Hold, why: str, at: datetime, told: str | None = None) -> None:
    """`why` as in Hold.ended_why, `told` what a person gave as the reason. The copy kept stays where it is."""
    _end(session, act_id, (hold.id, hold.item_id), why, at, told)
    session.expire(hold)


def _end(
    session: Session, act_id: int, hold: tuple[int, int | None], why: str, at: datetime, told: str | None = None
) -> None:
    hold_id, item_id = hold
    over = {"ended_at": at, "ended_by": act_id, "ended_why": why}
    holds_changes.changed(session, act_id, hold_id, holds_changes.GOING_ON, over, told)
    if item_id is not None:
        transfers.withdraw(session, act_id, item_id, at, FOR_HOLD, "hold-gone")


def put_back(session: Session, item_id: int, act_id: int, at: datetime) -> None:
    """The kept copy goes out to another: its reader waits again, in their old place."""
    hold_id = _kept(session, item_id)
    if hold_id is not None:
        holds_changes.change(session, act_id, hold_id, UNTOUCHED)
        transfers.cancel(session, act_id, item_id, at, "hold-gone", FOR_HOLD)


def cancel_kept(session: Session, item_id: int, act_id: int, at: datetime) -> None:
    """The reader for whom this copy is kept waits no longer."""
    hold_id = _kept(session, item_id)
    if hold_id is not None:
        _end(session, act_id, (hold_id, item_id), "cancelled", at)


def lock_kept(session: Session, which: ColumnElement[bool]) -> None:
    """The copies kept by these holds, before the holds themselves: the order of every scan."""
    kept = select(Hold.item_id).where(which, Hold.item_id.is_not(None))
    session.execute(select(Item.id).where(Item.id.in_(kept)).order_by(Item.id).with_for_update(key_share=True)).all()


def _kept(session: Session, item_id: int) -> int | None:
    return session.scalar(select(Hold.id).where(Hold.item_id == item_id, Hold.ended_at.is_(None)))


# Renewing


def blocks_renewal(
    session: Session, record_id: int, item_id: int, membership_id: int, today: date, past_holds: bool
) -> bool:
    """Whether others wait for this copy. With `past_holds`, not if free copies can serve them all."""
    waiting = [one for one in waiting_for(session, record_id, today) if one.membership_id != membership_id]
    wanting = [one for one in waiting if one.item_wanted_id in (None, item_id)]
    if not wanting or not past_holds:
        return bool(wanting)
    free = holds_shelves.free_copies(session, [record_id])
    given = deal(waiting, free, reaches(session))
    return any(one.hold_id not in given for one in wanting)


# Following the ledger


def follow(session: Session, moved: Moved) -> None:
    """A kept copy was seen: where it is fetched, it is ready; elsewhere, it is asked to come back there (one statement
    where nothing is kept)."""
    if moved.basis is not Basis.SCAN or moved.why not in (Why.DESK, Why.RECEIVE, Why.SHELVE):
        return
    query = select(Hold).where(Hold.item_id.in_(moved.settled), Hold.ended_at.is_(None))
    for hold in session.scalars(query.execution_options(populate_existing=True)).all():
        _seen(session, moved, hold)


def _seen(session: Session, moved: Moved, hold: Hold) -> None:
    there = moved.branch_id == hold.branch_id
    if there and hold.ready_at is None:
        make_ready(session, moved.act_id, hold, moved.at)
    elif not there and hold.ready_at is not None and hold.item_id:
        holds_changes.change(session, moved.act_id, hold.id, {"ready_at": None, "keep_until": None})
        act = acts.ref(session, moved.act_id)
        transfers.replace(session, act, hold.item_id, fetching_place(session, hold.id), FOR_HOLD, moved.at)
    session.expire(hold)


def make_ready(session: Session, act_id: int, hold: Hold, at: datetime) -> None:
    """The copy stands where it is fetched, from now on for so long."""
    where = hold.branch_id, fetching_place(session, hold.id)
    keep_days = holds_keeping.days_for(session, hold.id)
    until = holds_keeping.keeps_until(session, where, clock.day_of(at), keep_days, hold.expires_visits)
    holds_changes.change(session, act_id, hold.id, {"ready_at": at, "keep_until": until})


def fetching_place(session: Session, hold_id: int) -> int:
    """Where it is fetched: the place said, else the branch's hold shelf."""
    return int(session.scalars(select(fetched_at()).where(Hold.id == hold_id)).one())


def undone(session: Session, what: Undone) -> None:
    """What the voided act changed is as before; a wait it began is over."""
    holds_changes.undo(session, what.act_id)
    session.execute(update(HoldDecline).where(HoldDecline.act_id == what.act_id).values(voided=True))
    gone = select(Hold.id).where(Hold.act_id == what.act_id, Hold.ended_at.is_(None))
    for hold_id in session.scalars(gone).all():
        over = {"ended_at": Hold.placed_at, "ended_by": what.voided_by, "ended_why": "undone"}
        holds_changes.overwrite(session, hold_id, over)


FOLLOWERS.moved["holds"] = follow
FOLLOWERS.undone["holds"] = undone
