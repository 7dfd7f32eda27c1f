"""The way of a batch, leg by leg: where its books are by the papers, and where they go next."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID, uuid5

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, aliased

from library.core import clock
from library.core.errors import N_, Reason, Refused
from library.holdings.models import Place
from library.inbox import acts
from library.inbox.acts import Doing
from library.inbox.models import Act
from library.rotation import agreements, settings, steps
from library.rotation.models import Batch, BatchKind, BatchState, Leg, Site

ROOM = 1_000
"""Numbers are moved up by as much while a leg is put in between: two are never alike."""
WAS, MADE = "was", "made"
"""Names, within an act that changes the way, of the leg as it was planned before (kept as a cancelled one, with the name as
its note, until the act is undone), and of the leg that the act put in."""


class NoWay(Refused):
    """Why the batch does not go there; nothing was written."""

    def __init__(self, code: str, sentence: str, **facts: object) -> None:
        super().__init__(Reason(code, sentence, facts))


def of(session: Session, batch_id: int) -> list[Leg]:
    """In the order they are gone, without those that were cancelled (one statement)."""
    query = select(Leg).where(Leg.batch_id == batch_id, Leg.cancelled_at.is_(None)).order_by(Leg.number)
    return list(session.scalars(query))


def current(way: Sequence[Leg]) -> Leg | None:
    """The last that set out: the books are at its end, or on it. None: nothing has left the depot."""
    return next((leg for leg in reversed(way) if leg.sent_at is not None), None)


def next_(way: Sequence[Leg]) -> Leg | None:
    """The first that has not set out."""
    return next((leg for leg in way if leg.sent_at is None), None)


def before(way: Sequence[Leg], leg: Leg) -> Leg | None:
    """The leg that brought the books to where this one begins."""
    return next((one for one in reversed(way) if one.number < leg.number and one.sent_at is not None), None)


def is_home(leg: Leg) -> bool:
    return leg.to_site_id is None


def ends(session: Session, leg: Leg) -> tuple[tuple[int, int], tuple[int, int]]:
    """(place, its branch) where it begins and where it ends, as they are today, whoever the branches belong to by now (one
    statement). The depot is the batch's."""
    start, end = aliased(Site), aliased(Site)
    here, there = aliased(Place), aliased(Place)
    query = (
        select(here.id, here.branch_id, there.id, there.branch_id)
        .select_from(Leg)
        .join(Batch, Batch.id == Leg.batch_id)
        .outerjoin(start, start.id == Leg.from_site_id)
        .outerjoin(end, end.id == Leg.to_site_id)
        .join(here, here.id == func.coalesce(start.place_id, Batch.depot_id))
        .join(there, there.id == func.coalesce(end.place_id, Batch.depot_id))
        .where(Leg.id == leg.id)
    )
    row = session.execute(query).one()
    return (row[0], row[1]), (row[2], row[3])


def locked(session: Session, leg: Leg) -> Leg:
    """As it is now; its batch is locked already."""
    query = select(Leg).where(Leg.id == leg.id).with_for_update(of=Leg)
    return session.execute(query, execution_options={"populate_existing": True}).scalar_one()


def forward(session: Session, doing: Doing, batch: Batch, to_site: Site, planned_on: date, due_on: date | None) -> Leg:
    """The next leg goes to `to_site`, and from there on as was planned. Raises NoWay."""
    way = of(session, batch.id)
    now, following = current(way), next_(way)
    here = now.to_site_id if now else None
    _check_site(batch, to_site, here, planned_on)
    _check_due(session, batch, to_site, planned_on, due_on)
    acts.write(session, doing, "plan-batch", doing.at or clock.now())
    if following is not None:
        _remember(session, doing.uid, following)
    if following is not None and following.to_site_id == to_site.id:
        return _planned(session, following, batch, planned_on, due_on)
    made = _put_in(session, doing.uid, way, (batch.id, following), (here, to_site.id))
    return _planned(session, made, batch, planned_on, due_on)


def _check_site(batch: Batch, to_site: Site, here: int | None, planned_on: date) -> None:
    if batch.state not in (BatchState.SERVING, BatchState.APPROVED, BatchState.PICKING, BatchState.PACKED):
        raise NoWay("not-there", N_("Đợt này chưa ở điểm nào nên chưa chuyển tiếp được."))
    if to_site.library_id != batch.library_id:
        raise NoWay("another-library", N_("%(name)s không phải điểm của thư viện này."), name=to_site.name)
    if to_site.id == here:
        raise NoWay("same-site", N_("Sách đang ở %(name)s rồi. Chọn điểm khác."), name=to_site.name)
    if to_site.closed_on is not None and to_site.closed_on <= planned_on:
        raise NoWay("closed", N_("%(name)s đã đóng ngày %(day)s, không nhận sách nữa."),
                    name=to_site.name, day=f"{to_site.closed_on:%d/%m/%Y}")  # fmt: skip


def _check_due(session: Session, batch: Batch, to_site: Site, planned_on: date, due_on: date | None) -> None:
    """Only what is deposited stays until it is asked back."""
    if due_on is None:
        if batch.kind is not BatchKind.DEPOSIT:
            raise NoWay("no-day", N_("Ghi ngày điểm này phải trả sách."))
        return
    if due_on < planned_on:
        raise NoWay("past", N_("Ngày này đã qua. Chọn từ hôm nay trở đi."))
    last = longest(session, batch.library_id, planned_on, to_site.id)
    if due_on > last:
        raise NoWay("too-long", N_("Ở một điểm lâu nhất đến %(day)s. Chọn ngày sớm hơn."), day=f"{last:%d/%m/%Y}")


def _remember(session: Session, act_uid: UUID, leg: Leg) -> None:
    """How it is planned, before that act changes it."""
    was = Leg(
        uid=uuid5(act_uid, WAS), batch_id=leg.batch_id, number=_last_number(session, leg.batch_id) + 1,
        from_site_id=leg.from_site_id, to_site_id=leg.to_site_id, planned_on=leg.planned_on, due_on=leg.due_on,
        longest_on=leg.longest_on, cancelled_at=clock.now(), note=WAS,
    )  # fmt: skip
    session.add(was)
    session.flush()


def _last_number(session: Session, batch_id: int) -> int:
    """Cancelled legs have numbers too."""
    return session.scalar(select(func.max(Leg.number)).where(Leg.batch_id == batch_id)) or 0


def _put_in(
    session: Session, act_uid: UUID, way: Sequence[Leg], before: tuple[int, Leg | None], ends: tuple[int | None, int]
) -> Leg:
    """A leg between two sites (None: the depot) before the following one, which then begins there. `before`: the batch, and
    the following leg."""
    batch_id, following = before
    number = following.number if following else (way[-1].number if way else 0) + 1
    _make_room(session, batch_id, number)
    made = Leg(
        uid=uuid5(act_uid, MADE), batch_id=batch_id, number=number, from_site_id=ends[0], to_site_id=ends[1],
        planned_on=clock.today(),
    )  # fmt: skip
    session.add(made)
    if following is not None:
        session.execute(update(Leg).where(Leg.id == following.id).values(from_site_id=ends[1]))
    session.flush()
    session.expire_all()
    return made


def _make_room(session: Session, batch_id: int, number: int) -> None:
    """Legs from `number` on, cancelled ones too, are one further."""
    for shift in (ROOM, 1 - ROOM):
        first = number if shift > 0 else number + ROOM
        move = update(Leg).where(Leg.batch_id == batch_id, Leg.number >= first)
        session.execute(move.values(number=Leg.number + shift))
    session.expire_all()


def homeward(session: Session, by: tuple[UUID, datetime], batch: Batch, planned_on: date) -> Leg:
    """The next leg goes home from where the books are; sites that were still to come are left out. `batch` is locked. `by`:
    uid and moment of the act that says so, whose undoing brings them back."""
    way = of(session, batch.id)
    now, to_come = current(way), [leg for leg in way if leg.sent_at is None]
    here = now.to_site_id if now else None
    for leg in to_come:
        if not is_home(leg):
            leg.cancelled_at = by[1]
    home = next((leg for leg in to_come if is_home(leg)), None)
    if home is None:
        number = _last_number(session, batch.id) + 1
        home = Leg(uid=uuid5(by[0], MADE), batch_id=batch.id, number=number, to_site_id=None, planned_on=planned_on)
        session.add(home)
    else:
        _remember(session, by[0], home)
    home.from_site_id, home.planned_on = here, planned_on
    session.flush()
    return home


def _planned(session: Session, leg: Leg, batch: Batch, planned_on: date, due_on: date | None) -> Leg:
    leg.planned_on, leg.due_on = planned_on, due_on
    leg.longest_on = longest(session, batch.library_id, planned_on, leg.to_site_id) if due_on else None
    session.flush()
    return leg


def longest(session: Session, library_id: int, from_on: date, site_id: int | None = None) -> date:
    """The last day a batch may stay that comes on `from_on`: as agreed with the site, else six months, unless the library
    says otherwise."""
    agreed = agreements.current(session, site_id, from_on) if site_id else None
    return months_on(from_on, agreed.months if agreed else settings.of(session, library_id).longest_months)


def months_on(day: date, months: int) -> date:
    """The same day so many months on; the month's last where there is none: 31/8 + 6 is 28/2."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, min(day.day, last))
        except ValueError:
            continue
    raise AssertionError


# Undone


def check_undo(session: Session, act_id: int) -> None:
    """Raises WentOn where the batch set out by the way that this act planned."""
    left = select(Leg.batch_id).where(Leg.send_act > act_id)
    if any(session.scalar(left.where(Leg.batch_id == one.batch_id).limit(1)) for one in _changed(session, act_id)):
        raise steps.WentOn


def undone(session: Session, act_id: int) -> None:
    """The act was voided: the way is as it was planned before."""
    for leg in _changed(session, act_id):
        at = session.scalars(select(Act.occurred_at).where(Act.id == act_id)).one()
        left_out = (Leg.batch_id == leg.batch_id, Leg.to_site_id.is_not(None), Leg.cancelled_at == at)
        if leg.cancelled_at is None:  # it was put in
            leg.cancelled_at = clock.now()
        else:
            _as_before(session, leg)
        session.flush()
        session.execute(update(Leg).where(*left_out, Leg.sent_at.is_(None)).values(cancelled_at=None))


def _changed(session: Session, act_id: int) -> list[Leg]:
    """The leg that the act put in, then the one that it changed, as that was before."""
    uid = session.scalars(select(Act.uid).where(Act.id == act_id)).one()
    names = [uuid5(uid, MADE), uuid5(uid, WAS)]
    return sorted(session.scalars(select(Leg).where(Leg.uid.in_(names))), key=lambda leg: names.index(leg.uid))


def _as_before(session: Session, was: Leg) -> None:
    query = select(Leg).where(Leg.batch_id == was.batch_id, Leg.cancelled_at.is_(None), Leg.sent_at.is_(None))
    same = query.where(Leg.to_site_id.is_not_distinct_from(was.to_site_id)).order_by(Leg.number).limit(1)
    leg = session.scalars(same).one()
    leg.from_site_id, leg.planned_on = was.from_site_id, was.planned_on
    leg.due_on, leg.longest_on = was.due_on, was.longest_on
    session.delete(was)
