"""A leg sets out: one act for all its copies. Each goes only if it is still where it was packed; the others are named and
follow later, and what a reader has stays with the reader."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import and_, case, delete, or_, select, update
from sqlalchemy.orm import Session

from library.core import clock
from library.core.bulk import add_rows
from library.core.db import straight, table_of
from library.core.errors import N_, Reason, Refused
from library.holdings import ledger, stays
from library.holdings.models import Basis, Condition, Item, Place, PlaceKind, Why
from library.inbox import acts
from library.inbox.acts import Doing
from library.loans import compensation
from library.rotation import exchanging, legs, picking_facts, steps, undoing
from library.rotation.lifecycle import Deed, NotNow, may
from library.rotation.models import Batch, BatchLine, BatchState, Crate, Leg, LegLine, LegOutcome, Site
from library.rotation.signing import Signer

KIND = "send-leg"
STAY = "rotation"
"""Why a copy stays at a site."""
ON_LOAN, HELD = picking_facts.ON_LOAN, picking_facts.HELD
NOT_FOUND, ELSEWHERE, STRAYED = "not-found", "elsewhere", "strayed"
"""Why a copy follows later. `STRAYED`: it was packed, and somebody scanned it elsewhere since."""


class NotSent(Refused):
    """Nothing has left; every sentence says why not."""

    def __init__(self, code: str, sentence: str, **facts: object) -> None:
        super().__init__(Reason(code, sentence, facts))


class MoreThanComeBack(NotSent):
    """One for one: of the batch it comes for, fewer copies go home now than when it was planned."""


@dataclass(frozen=True)
class Sent:
    """`count` copies are on their way. `exceptions`: (item id, why) of those that follow later."""

    count: int
    exceptions: tuple[tuple[int, str], ...]
    act_id: int = 0


@dataclass(frozen=True)
class Load:
    """A copy that should go. `packed_at`: when it was put where it is; None: nobody did. `why`: what keeps it."""

    item_id: int
    uid: UUID
    condition: Condition
    crate_id: int | None
    packed_at: datetime | None
    seen_at: datetime
    place_id: int
    why: str | None

    def stays_behind(self, from_place: int) -> str | None:
        """Why it does not go; None: it goes."""
        if self.why is not None:
            return self.why
        if self.packed_at is None:
            return NOT_FOUND
        if self.place_id != from_place:
            return ELSEWHERE
        return STRAYED if self.seen_at > self.packed_at else None


@dataclass(frozen=True)
class _Way:
    """Where the copies are and go: the giving place, what is on its way from there, the receiving site (None: home), and
    the leg that brought them."""

    here: Place
    transit: int
    to: Site | None
    came: Leg | None


def send(session: Session, doing: Doing, leg: Leg, given: Signer, carrier: str = "") -> Sent:
    """The copies of the leg are on their way from now on, and answered for by who signed for them last until somebody
    takes them. Raises NotSent, MoreThanComeBack, NotNow."""
    batch = steps.lock(session, leg.batch_id)
    leg = legs.locked(session, leg)
    way = _check(session, batch, leg)
    at = doing.at or clock.now()
    at = max(at, way.came.received_at or at) if way.came else at
    # Numbers are locked before copies, everywhere.
    minutes = leg.minutes or compensation.next_number(session, batch.library_id, at)
    found = _loads(session, batch, way, at)
    behind = {load.item_id: why for load in found if (why := load.stays_behind(way.here.id))}
    goes = {load.item_id: load for load in found if load.item_id not in behind}
    if not goes:
        raise NotSent("nothing", N_("Chưa có cuốn nào xếp xong để giao."))
    check_exchange(session, batch, leg, len(goes))
    act = acts.write(session, doing, KIND, at), doing.uid
    _open(session, batch, way, act[0], at)
    behind |= _move(session, act, way, goes, (at, leg.due_on))
    goes = {item: load for item, load in goes.items() if item not in behind}
    _write_lines(session, leg, goes)
    _follow(session, batch, way, behind, goes)
    _sign(leg, given, carrier, (act[0], at), minutes)
    _step(session, batch, leg, act[0], at)
    return Sent(len(goes), tuple(sorted(behind.items())), act[0])


# May it


def _check(session: Session, batch: Batch, leg: Leg) -> _Way:
    """Raises NotSent, NotNow."""
    if leg.sent_at is not None:
        raise NotSent(
            "sent", N_("Chặng này đã giao đi lúc %(when)s."), when=f"{leg.sent_at.astimezone(clock.HERE):%H:%M %d/%m}"
        )
    if leg.cancelled_at is not None:
        raise NotSent("cancelled", N_("Chặng này đã bỏ."))
    if not may(batch.state, _deed(batch, leg)):
        raise NotNow(batch.state, _deed(batch, leg))
    way = legs.of(session, batch.id)
    first = legs.next_(way)
    if first is None or first.id != leg.id:
        raise NotSent("another-first", N_("Có chặng khác phải đi trước chặng này."))
    came = legs.before(way, leg)
    if came is not None and came.received_at is None:
        raise NotSent("under-way", N_("Chặng trước chưa ai ký nhận, nên sách chưa giao tiếp được."))
    return _way(session, batch, leg, came)


def check_exchange(session: Session, batch: Batch, leg: Leg, count: int) -> None:
    """It was so when the batch was approved; copies may have been lost since. Raises MoreThanComeBack."""
    leaves_depot = leg.from_site_id is None and leg.to_site_id is not None
    if leaves_depot and (no := exchanging.stops(session, batch, count)):
        raise MoreThanComeBack(no.code, no.sentence, **no.facts)


def _way(session: Session, batch: Batch, leg: Leg, came: Leg | None) -> _Way:
    to = session.get_one(Site, leg.to_site_id) if leg.to_site_id else None
    if to is not None and to.closed_on is not None and to.closed_on <= clock.today():
        sentence = N_("%(name)s đã đóng ngày %(day)s, không nhận sách nữa. Chọn điểm khác cho chặng này.")
        raise NotSent("closed", sentence, name=to.name, day=f"{to.closed_on:%d/%m/%Y}")
    start = session.get_one(Site, leg.from_site_id).place_id if leg.from_site_id else batch.depot_id
    branch = select(Place.branch_id).where(Place.id == start).scalar_subquery()
    road = and_(Place.branch_id == branch, Place.kind == PlaceKind.IN_TRANSIT)
    both = {place.id: place for place in session.scalars(select(Place).where(or_(Place.id == start, road)))}
    transit = next(place.id for place in both.values() if place.kind is PlaceKind.IN_TRANSIT)
    return _Way(both[start], transit, to, came)


def _deed(batch: Batch, leg: Leg) -> Deed:
    if leg.to_site_id is None:
        return Deed.COME_HOME if batch.state is BatchState.RETURNING else Deed.RECALL
    return Deed.DISPATCH if leg.from_site_id is None else Deed.FORWARD


def _step(session: Session, batch: Batch, leg: Leg, act_id: int, at: datetime) -> None:
    """A batch that sets out for home without having been asked back is asked back by that."""
    if _deed(batch, leg) is Deed.RECALL:
        steps.take(session, batch, Deed.RECALL, act_id, at)
    steps.take(session, batch, _deed(batch, leg), act_id, at)


# What goes


def loads(session: Session, batch: Batch, leg: Leg) -> list[Load]:
    """What should go by this leg, for a look before it does (a few statements). Raises NotSent, NotNow."""
    return _loads(session, batch, _check(session, batch, leg), clock.now())


def expected(session: Session, batch: Batch, leg: Leg) -> list[Load]:
    """The same without asking whether it may leave now: papers are drawn up before."""
    came = legs.before(legs.of(session, batch.id), leg)
    return _packed(session, batch) if came is None else _at_site(session, came, clock.now())


def _loads(session: Session, batch: Batch, way: _Way, at: datetime) -> list[Load]:
    return _packed(session, batch) if way.came is None else _at_site(session, way.came, at)


_WHY = case((picking_facts.lent(), ON_LOAN), (picking_facts.kept(), HELD), (picking_facts.out_of_register(), ELSEWHERE))


def _packed(session: Session, batch: Batch) -> list[Load]:
    """Lines of the list with their crates (one statement)."""
    query = (
        select(
            Item.id, Item.uid, Item.condition, BatchLine.crate_id, BatchLine.picked_at, Item.seen_at, Item.place_id, _WHY,
        )
        .select_from(BatchLine)
        .join(Item, Item.id == BatchLine.item_id)
        .where(BatchLine.batch_id == batch.id, BatchLine.closed_at.is_(None), BatchLine.refused_why.is_(None))
        .order_by(Item.id)
    )  # fmt: skip
    return [Load(*row) for row in straight(session).execute(query)]


def _at_site(session: Session, came: Leg, at: datetime) -> list[Load]:
    """What came to the giving site, and was not short (or was found since); one statement. Who gives it says of each that
    it is there now."""
    arrived = or_(LegLine.outcome.is_(None), LegLine.outcome != LegOutcome.SHORT, LegLine.found_at.is_not(None))
    line = (BatchLine.item_id == LegLine.item_id) & (BatchLine.batch_id == came.batch_id)
    query = (
        select(Item.id, Item.uid, Item.condition, LegLine.crate_id, Item.seen_at, Item.place_id, _WHY)
        .select_from(LegLine)
        .join(Item, Item.id == LegLine.item_id)
        .join(BatchLine, line)
        .where(LegLine.leg_id == came.id, arrived, BatchLine.closed_at.is_(None))
        .order_by(Item.id)
    )
    rows = straight(session).execute(query)
    return [Load(item, uid, condition, crate, at, *more) for item, uid, condition, crate, *more in rows]


# Rows


def _move(
    session: Session, act: tuple[int, UUID], way: _Way, goes: Mapping[int, Load], when: tuple[datetime, date | None]
) -> dict[int, str]:
    """On their way, by the word of who gives them; those that had moved meanwhile, and why. `when`: now, and until when
    they stay where they go."""
    (at, until), uids = when, {item: load.uid for item, load in goes.items()}
    packed_at = min(max(load.packed_at or at for load in goes.values()), at)
    road = way.transit, way.here.branch_id
    moved = ledger.move(session, act, uids, road, Why.SEND, at, Basis.ASSERTION, packed_at, expect=way.here.id)
    left = set(moved.elsewhere) | set(moved.late)
    gone = {item: uid for item, uid in uids.items() if item not in left}
    if way.to is not None:
        stays.begin_many(session, act, gone, way.to.place_id, STAY, at, until=until)
    return dict.fromkeys(left, ELSEWHERE)


def _open(session: Session, batch: Batch, way: _Way, act_id: int, at: datetime) -> None:
    """Seals that are known to be broken when it sets out say nothing where it comes: somebody scanned a copy of the crate
    since. What a site did not seal anew is not asked about: `crates.opened`."""
    since = BatchLine.picked_at if way.came is None else Crate.sealed_at
    strayed = select(BatchLine.id).join(Item, Item.id == BatchLine.item_id)
    strayed = strayed.where(BatchLine.crate_id == Crate.id, BatchLine.closed_at.is_(None), Item.seen_at > since)
    broken = update(Crate).where(Crate.batch_id == batch.id, Crate.sealed_at.is_not(None), Crate.opened_at.is_(None))
    if way.came is not None:
        broken = broken.where(Crate.sealed_at > way.came.received_at)
    broken = broken.where(strayed.correlate(Crate).exists())
    session.execute(broken.values(opened_at=at, opened_by=act_id), execution_options={"synchronize_session": "fetch"})


def _write_lines(session: Session, leg: Leg, goes: Mapping[int, Load]) -> None:
    rows = [
        {
            "leg_id": leg.id, "item_id": item, "crate_id": load.crate_id, "condition_sent": load.condition,
            "sampled": False,
        }
        for item, load in goes.items()
    ]  # fmt: skip
    add_rows(session, table_of(LegLine), rows)


def _follow(session: Session, batch: Batch, way: _Way, behind: Mapping[int, str], goes: Collection[int]) -> None:
    """Lines say why a copy follows; at a later leg, what left its site says so."""
    if way.came is not None:
        on = update(LegLine).where(LegLine.leg_id == way.came.id, LegLine.item_id.in_(list(goes)))
        session.execute(on.values(outcome=LegOutcome.SENT_ON), execution_options={"synchronize_session": False})
    if behind:
        whys = case(behind, value=BatchLine.item_id)
        mine = update(BatchLine).where(BatchLine.batch_id == batch.id, BatchLine.item_id.in_(list(behind)))
        session.execute(mine.values(follows=whys), execution_options={"synchronize_session": False})


def _sign(leg: Leg, given: Signer, carrier: str, act: tuple[int, datetime], minutes: str) -> None:
    """Written with the batch's step."""
    leg.send_act, leg.sent_at = act
    leg.given_by, leg.given_name, leg.given_title = given.id, given.name, given.title or None
    leg.carrier, leg.minutes = carrier.strip() or leg.carrier, minutes


# Taking back


def before_undoing(session: Session, act_id: int) -> None:
    """Raises NotSent once somebody signed for it."""
    leg = session.scalar(select(Leg).where(Leg.send_act == act_id))
    if leg is not None:
        steps.lock(session, leg.batch_id)
        session.refresh(leg)
        if leg.received_at is not None:
            raise NotSent("received", N_("Bên nhận đã ký, không hoàn tác lần giao này được nữa."))


def undone(session: Session, act_id: int) -> None:
    """The act was voided: nothing has left. The minutes keep their number."""
    leg = session.scalar(select(Leg).where(Leg.send_act == act_id))
    if leg is None:
        return
    session.execute(delete(LegLine).where(LegLine.leg_id == leg.id))
    came = legs.before(legs.of(session, leg.batch_id), leg)
    if came is not None:
        on = update(LegLine).where(LegLine.leg_id == came.id, LegLine.outcome == LegOutcome.SENT_ON)
        session.execute(on.values(outcome=LegOutcome.ARRIVED))
    leg.sent_at = leg.send_act = leg.given_by = leg.given_name = leg.given_title = None
    session.flush()


undoing.BEFORE.append(before_undoing)
undoing.ALSO.append(undone)
