"""A copy that follows: it was with a reader, kept, or not found when its batch set out, from the depot or from a site on the
way, and is sent after the others now."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from library.core import clock
from library.core.errors import N_, Reason, Refused
from library.holdings import ledger, stays, transfers
from library.holdings.models import Basis, Item, Movement, Place, PlaceKind, Why
from library.inbox import acts, timing
from library.inbox.acts import Doing
from library.loans import facts
from library.rotation import exchanging, legs, picking_facts, proof, sending, steps, undoing
from library.rotation.models import Batch, BatchLine, BatchState, Leg, LegLine, LegOutcome
from library.rotation.proof import FOLLOWED
from library.rotation.sending import NotSent

STATES = (BatchState.IN_TRANSIT, BatchState.SERVING)


def send_after(session: Session, doing: Doing, batch: Batch, item_id: int) -> Leg:
    """It is on its way to where its batch is, by the leg the batch came by; the next scan there proves that it came. Nobody's
    loan is ended. Raises NotSent, MoreThanComeBack."""
    batch = steps.lock(session, batch.id)
    leg = _leg(session, batch)
    line = _line(session, batch, item_id)
    came = _left_at(session, leg, item_id)
    if line is None or (came is None and _went(session, batch, item_id)):
        raise NotSent("not-following", N_("Cuốn này không chờ gửi tiếp."))
    facts.lock(session, None, item_id)
    item = session.get_one(Item, item_id, populate_existing=True)
    _check_free(session, item)
    if came is None:
        _check_exchange(session, batch)
    at = _moment(doing, item, leg)
    act = acts.write(session, doing, sending.KIND, at), doing.uid
    line.picked_at, line.follows = at if came is None else line.picked_at, None
    _move(session, act, item, leg, _start(session, leg, came), at)
    if came is not None:
        came.outcome = LegOutcome.SENT_ON
    row = LegLine(leg_id=leg.id, item_id=item.id, condition_sent=item.condition, note=FOLLOWED)
    session.add(row)
    session.flush()
    return leg


def _leg(session: Session, batch: Batch) -> Leg:
    """The one the books are on, or came by."""
    now = legs.current(legs.of(session, batch.id)) if batch.state in STATES else None
    if now is None or now.to_site_id is None:
        raise NotSent("not-away", N_("Đợt này không ở điểm nào để gửi tiếp."))
    return now


def _moment(doing: Doing, item: Item, leg: Leg) -> datetime:
    """After the others set out, whatever a device says: `proof` tells the two sendings apart by it."""
    assert leg.sent_at
    now = doing.at or timing.live(clock.now(), item.seen_at)
    return max(now, leg.sent_at + clock.TICK)


def _line(session: Session, batch: Batch, item_id: int) -> BatchLine | None:
    mine = (BatchLine.batch_id == batch.id, BatchLine.item_id == item_id, BatchLine.closed_at.is_(None))
    return session.scalar(select(BatchLine).where(*mine, BatchLine.refused_why.is_(None)))


def _went(session: Session, batch: Batch, item_id: int) -> bool:
    """It has set out with its batch before."""
    query = select(LegLine.leg_id).join(Leg, Leg.id == LegLine.leg_id)
    return session.scalar(query.where(Leg.batch_id == batch.id, LegLine.item_id == item_id).limit(1)) is not None


def _left_at(session: Session, leg: Leg, item_id: int) -> LegLine | None:
    """Its last leg, where that brought it to a site from which the others have left since."""
    last = _last_before(session, leg, item_id)
    later = select(LegLine.leg_id).where(LegLine.leg_id == leg.id, LegLine.item_id == item_id)
    if last is None or session.scalar(later) is not None:
        return None
    came = or_(LegLine.outcome == LegOutcome.ARRIVED, and_(LegLine.outcome.is_(None), proof.proved()))
    there = select(LegLine).join(Leg, Leg.id == LegLine.leg_id).where(Leg.to_site_id.is_not(None), came)
    return session.scalar(there.where(LegLine.leg_id == last.leg_id, LegLine.item_id == item_id))


def _last_before(session: Session, leg: Leg, item_id: int) -> LegLine | None:
    query = select(LegLine).join(Leg, Leg.id == LegLine.leg_id).where(LegLine.item_id == item_id)
    query = query.where(Leg.batch_id == leg.batch_id, Leg.number < leg.number)
    return session.scalar(query.order_by(Leg.number.desc()).limit(1))


def _check_free(session: Session, item: Item) -> None:
    why = select(picking_facts.lent(), picking_facts.kept(), picking_facts.out_of_register()).where(Item.id == item.id)
    lent, kept, out = session.execute(why).one()
    if lent:
        raise NotSent("on-loan", N_("Bạn đọc đang mượn cuốn này. Trả xong rồi gửi tiếp."))
    if kept:
        raise NotSent("held", N_("Cuốn này đang giữ cho bạn đọc."))
    if out:
        raise NotSent("written-off", N_("Sách đã ra khỏi sổ."))


def _check_exchange(session: Session, batch: Batch) -> None:
    """One for one: with this one, no more than are given back. Raises MoreThanComeBack."""
    gone = select(func.count(func.distinct(LegLine.item_id))).join(Leg, Leg.id == LegLine.leg_id)
    count = session.scalar(gone.where(Leg.batch_id == batch.id)) if batch.replaces_id else 0
    if no := exchanging.stops(session, batch, (count or 0) + 1):
        raise sending.MoreThanComeBack(no.code, no.sentence, **no.facts)


def _start(session: Session, leg: Leg, came: LegLine | None) -> tuple[int, int]:
    """(place, branch) on its way: from the depot, or from the site where it was left."""
    site = session.get_one(Leg, came.leg_id).to_site if came else None
    begins = site.place_id if site else leg.batch.depot_id
    branch = session.scalars(select(Place.branch_id).where(Place.id == begins)).one()
    query = select(Place.id).where(Place.branch_id == branch, Place.kind == PlaceKind.IN_TRANSIT)
    return session.scalars(query).one(), branch


def _move(session: Session, act: tuple[int, UUID], item: Item, leg: Leg, road: tuple[int, int], at: datetime) -> None:
    """Off, by the word of who gives it: only a scan there is one that proves. Wherever else it was asked to go, it is not
    any more."""
    ledger.move(session, act, {item.id: item.uid}, road, Why.SEND, at, Basis.ASSERTION, at)
    transfers.cancel(session, act[0], item.id, at, "replaced")
    assert leg.to_site is not None
    stays.begin(session, act, (item.id, item.uid), leg.to_site.place_id, sending.STAY, at, leg.due_on)


class Arrived(Refused):
    """It was scanned since: that goes back first."""

    def __init__(self) -> None:
        super().__init__(
            Reason("arrived", N_("Cuốn gửi tiếp đã có người quét sau khi đi: đã đến nơi thì không hoàn tác việc gửi."))
        )


def check_undo(session: Session, act_id: int) -> None:
    """Raises Arrived where the act sent a copy after the others that has come since, or was scanned anywhere."""
    query = (
        select(LegLine.item_id).join(Leg, Leg.id == LegLine.leg_id).join(Movement, Movement.item_id == LegLine.item_id)
    )
    mine = (Movement.act_id == act_id, Movement.why == Why.SEND, Movement.occurred_at == proof.followed_at())
    came = or_(LegLine.outcome.is_not(None), proof.proved())
    if session.execute(query.where(LegLine.note == FOLLOWED, *mine, came).limit(1)).first() is not None:
        raise Arrived


def undone(session: Session, act_id: int) -> None:
    """The act was voided: it waits to be sent again."""
    for row in _sent_by(session, act_id):
        leg = session.get_one(Leg, row.leg_id)
        mine = (BatchLine.batch_id == leg.batch_id, BatchLine.item_id == row.item_id)
        line = session.scalars(select(BatchLine).where(*mine)).one()
        came = _last_before(session, leg, row.item_id)
        session.delete(row)
        if came is None:
            line.picked_at = line.picked_by = line.crate_id = None  # the crate it was packed in is gone
            line.follows = sending.NOT_FOUND
        else:
            came.outcome, line.follows = LegOutcome.ARRIVED, sending.ELSEWHERE
    session.flush()


def _sent_by(session: Session, act_id: int) -> list[LegLine]:
    """Lines that say that the act, now voided, sent a copy after the others: no other sent it since they left."""
    mine = select(Movement.item_id).where(Movement.act_id == act_id, Movement.why == Why.SEND)
    query = select(LegLine).join(Leg, Leg.id == LegLine.leg_id)
    query = query.where(LegLine.item_id.in_(mine), LegLine.note == FOLLOWED)
    return list(session.scalars(query.where(proof.followed_at().is_(None))))


undoing.BEFORE.append(check_undo)
undoing.ALSO.append(undone)
