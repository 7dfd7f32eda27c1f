"""What is still owed of batches: copies that came short or were lost, and those that readers had when a batch was closed. Each
is dealt with by one act: found, compensated, written off, come home.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from library.catalogue.models import Record
from library.core import clock
from library.core.errors import N_, Reason, Refused
from library.holdings import stays, transfers
from library.holdings.models import Basis, Item, Movement, Place, PlaceKind, Register
from library.inbox import acts
from library.inbox.acts import Doing
from library.inbox.models import Act
from library.loans import compensation, homeward
from library.loans.compensation import Asking
from library.loans.models import Compensation, Harm
from library.organisations.models import Branch
from library.rotation import legs, receiving, steps
from library.rotation.closing_rules import NOWHERE
from library.rotation.missing import KIND
from library.rotation.models import Batch, BatchLine, BatchState, Leg, LegLine, LegOutcome, LineOutcome, Site
from library.rotation.undoing import ALSO


class How(StrEnum):
    """`BatchLine.settled_how`."""

    FOUND = "found"
    COMPENSATED = "compensated"
    WRITTEN_OFF = "written-off"
    CAME_HOME = "came-home"


class What(StrEnum):
    SHORT = "short"
    """On the papers of a leg, and not there when the others set out, or when it was received."""
    LOST = "lost"
    WITH_READER = "with-reader"
    FOLLOWS = "follows"
    """It stood at a site when its batch was closed, and was asked home."""


_WHAT = {
    LineOutcome.LOST: What.LOST,
    LineOutcome.WITH_READER: What.WITH_READER,
    LineOutcome.FOLLOWS: What.FOLLOWS,
}
"""Outcomes of which something is owed."""


class NotSettled(Refused):
    """Why the copy is not dealt with so; nothing was written."""

    def __init__(self, code: str, sentence: str, **facts: object) -> None:
        super().__init__(Reason(code, sentence, facts))


@dataclass(frozen=True)
class Owed:
    """A copy that is owed. `answers`: who signed for it last. `seen`: it was scanned since, at that place, then;
    `is_home`: that is the owner's house."""

    line_id: int
    batch_uid: UUID
    batch_code: str
    item_id: int
    item_uid: UUID
    title: str
    code: str
    price: int | None
    what: What
    since: datetime
    answers: str
    site: str
    seen_at: datetime | None
    seen_where: str
    is_home: bool
    register: Register

    @property
    def found(self) -> bool:
        return self.seen_at is not None

    @property
    def ways(self) -> tuple[How, ...]:
        """What can be done with it now; the usual first."""
        if self.what in (What.WITH_READER, What.FOLLOWS):
            return (How.CAME_HOME,) if self.is_home else ()
        if self.found:
            return (How.FOUND,)
        return (How.WRITTEN_OFF,) if self.register is Register.WRITTEN_OFF else (How.COMPENSATED,)


# What is owed


def owed(session: Session, which: ColumnElement[bool]) -> list[Owed]:
    """`which`: the WHERE for batches. Oldest first (two statements)."""
    rows = session.execute(_query(which)).all()
    last = _last_takers(session, {row.line_id for row in rows})
    return [_owed(row, last) for row in rows]


def _query(which: ColumnElement[bool]):  # type: ignore[no-untyped-def]
    stands, depot, seen = aliased(Place), aliased(Place), aliased(Movement)
    short = _short_line()
    since = func.coalesce(BatchLine.closed_at, _missed_at(), _short_since(), Item.seen_at)
    by_scan = and_(seen.uid == Item.seen_uid, seen.basis == Basis.SCAN, seen.occurred_at > since)
    return (
        select(
            BatchLine.id.label("line_id"), Batch.uid.label("batch_uid"), Batch.code.label("batch_code"),
            Item.id.label("item_id"), Item.uid.label("item_uid"), Record.title, Item.accession,
            func.coalesce(Item.price, Record.price).label("price"), BatchLine.outcome, short.label("short"),
            since.label("since"), seen.occurred_at.label("seen_at"), (stands.name + ", " + Branch.name).label("where"),
            stands.kind.label("kind"), (stands.branch_id == depot.branch_id).label("home"), Item.register_status,
        )
        .join(Batch, Batch.id == BatchLine.batch_id)
        .join(Item, Item.id == BatchLine.item_id)
        .join(Record, Record.id == Item.record_id)
        .join(stands, stands.id == Item.place_id)
        .join(Branch, Branch.id == stands.branch_id)
        .join(depot, depot.id == Batch.depot_id)
        .outerjoin(seen, by_scan)
        .where(which, unsettled())
        .order_by(since, BatchLine.id)
    )  # fmt: skip


def unsettled() -> ColumnElement[bool]:
    """Of a batch's line: something is owed. A compensation that was taken back settles nothing, and what was found and is
    missing again is owed again."""
    void = exists().where(Compensation.act_id == BatchLine.settled_by, Compensation.voided).correlate(BatchLine)
    owes = or_(
        BatchLine.outcome.in_(_WHAT),
        and_(BatchLine.outcome.is_(None), _short_line()),
    )
    again = and_(BatchLine.settled_how == How.FOUND, BatchLine.outcome.is_(None), _short_line())
    return and_(owes, or_(BatchLine.settled_at.is_(None), void, again))


def _short_line() -> ColumnElement[bool]:
    mine = (LegLine.item_id == BatchLine.item_id, LegLine.leg_id == Leg.id, Leg.batch_id == BatchLine.batch_id)
    short = (LegLine.outcome == LegOutcome.SHORT, LegLine.found_at.is_(None))
    return exists().where(*mine, *short).correlate(BatchLine)


def _short_since() -> ColumnElement[Any]:
    query = select(func.max(Leg.sent_at)).join(LegLine, LegLine.leg_id == Leg.id)
    query = query.where(LegLine.item_id == BatchLine.item_id, Leg.batch_id == BatchLine.batch_id)
    return query.where(LegLine.outcome == LegOutcome.SHORT).correlate(BatchLine).scalar_subquery()


def _missed_at() -> ColumnElement[Any]:
    query = select(func.max(Movement.occurred_at)).join(Act, Act.id == Movement.act_id)
    query = query.where(Movement.item_id == BatchLine.item_id, Act.kind == KIND, Act.voided_by.is_(None))
    return query.correlate(BatchLine).scalar_subquery()


def _last_takers(session: Session, lines: Collection[int]) -> dict[int, tuple[str, str]]:
    """By line: (who, site's name) who signed for the copy last; the owner's name where nobody did."""
    query = (
        select(BatchLine.id, Leg.taken_name, Site.name)
        .join(LegLine, LegLine.item_id == BatchLine.item_id)
        .join(Leg, and_(Leg.id == LegLine.leg_id, Leg.batch_id == BatchLine.batch_id))
        .join(Site, Site.id == Leg.to_site_id)
        .where(BatchLine.id.in_(lines), Leg.received_at.is_not(None), receiving.came())
        .order_by(Leg.number)
    )
    return {line: (name or "", site) for line, name, site in session.execute(query)}


def _owed(row, last) -> Owed:  # type: ignore[no-untyped-def]
    what = What.SHORT
    if row.outcome is not None:
        what = _WHAT[row.outcome]
    name, site = last.get(row.line_id, ("", ""))
    is_home = bool(row.home) and row.kind not in NOWHERE
    return Owed(
        row.line_id, row.batch_uid, row.batch_code, row.item_id, row.item_uid, row.title, row.accession or "", row.price,
        what, row.since, name, site, row.seen_at, row.where if row.seen_at else "", is_home, row.register_status,
    )  # fmt: skip


# Dealt with


def settle_evident(session: Session, doing: Doing, which: ColumnElement[bool]) -> tuple[int, int]:
    """(found, come home): everything that was seen since is dealt with, in one act. `which`: the WHERE for batches."""
    evident = {one.line_id for one in owed(session, which) if one.ways[:1] in ((How.FOUND,), (How.CAME_HOME,))}
    all_ = [one for one in _locked(session, evident) if one.ways[:1] in ((How.FOUND,), (How.CAME_HOME,))]
    if not all_:
        raise NotSettled("none", N_("Chưa có cuốn nào được quét thấy lại."))
    at = max(doing.at or clock.now(), *(one.seen_at + clock.TICK for one in all_ if one.seen_at))
    act = acts.write(session, doing, KIND, at), doing.uid
    home = [one for one in all_ if one.ways[0] is How.CAME_HOME]
    found = [one for one in all_ if one.ways[0] is How.FOUND]
    _write(session, [one.line_id for one in home], How.CAME_HOME, act[0], at)
    _find(session, act, found, at)
    return len(found), len(home)


def settle(session: Session, doing: Doing, one: Owed, how: How) -> int:
    """The act's id. Raises NotSettled where the books say otherwise."""
    one = _still(session, one)
    if how not in one.ways or how is How.COMPENSATED:
        raise NotSettled(*_WHY_NOT[how])
    at = max(doing.at or clock.now(), one.seen_at + clock.TICK if one.seen_at else clock.now())
    act = acts.write(session, doing, KIND, at), doing.uid
    if how is How.FOUND:
        _find(session, act, [one], at)
    else:
        _write(session, [one.line_id], how, act[0], at)
    return act[0]


def _locked(session: Session, lines: Collection[int]) -> list[Owed]:
    """What of these lines is owed now; their batches are held until commit, so that nobody deals with it twice."""
    if not lines:
        return []
    batches = select(BatchLine.batch_id).where(BatchLine.id.in_(lines)).distinct()
    for batch in sorted(session.scalars(batches)):
        steps.lock(session, batch)
    return owed(session, BatchLine.id.in_(lines))


def _still(session: Session, one: Owed) -> Owed:
    """As it is now. Raises NotSettled where nothing is owed any more."""
    now = next(iter(_locked(session, {one.line_id})), None)
    if now is None:
        raise NotSettled("settled", N_("Cuốn này đã được giải quyết rồi. Tải lại trang rồi xem."))
    return now


_WHY_NOT = {
    How.FOUND: ("not-seen", N_("Cuốn này chưa được quét ở đâu từ lúc báo thiếu. Quét cuốn sách rồi ghi.")),
    How.CAME_HOME: ("not-home", N_("Cuốn này chưa về thư viện. Quét nhận cuốn sách rồi ghi.")),
    How.WRITTEN_OFF: (
        "in-register",
        N_("Cuốn này còn trong sổ đăng ký. Lập biên bản đền bù và ghi giảm trước."),
    ),
    How.COMPENSATED: ("no-amount", N_("Ghi số tiền của biên bản đền bù.")),
}


def compensate(session: Session, doing: Doing, one: Owed, amount: int, note: str = "") -> Compensation:
    """Minutes of compensation for what is lost; they go on in the pages of losses. Raises NotSettled, AskedAlready."""
    one = _still(session, one)
    if How.COMPENSATED not in one.ways:
        raise NotSettled("seen", N_("Cuốn này đã được quét thấy lại, không phải đền."))
    who = " · ".join(filter(None, (one.batch_code, one.answers, one.site)))
    said = " · ".join(filter(None, (who, note)))
    made = compensation.ask(session, doing, Asking(one.item_id, Harm.LOST, amount, note=said))
    _write(session, [one.line_id], How.COMPENSATED, made.act_id, made.asked_at)
    return made


def _write(session: Session, lines: Sequence[int], how: How, act_id: int, at: datetime) -> None:
    values = {"settled_at": at, "settled_how": how, "settled_by": act_id}
    session.execute(
        update(BatchLine).where(BatchLine.id.in_(lines)).values(**values),
        execution_options={"synchronize_session": False},
    )
    session.expire_all()


def _find(session: Session, act: tuple[int, UUID], found: Sequence[Owed], at: datetime) -> None:
    """They are there again: short no longer, and where a batch that still serves stands they belong to it."""
    lines = [one.line_id for one in found]
    _write(session, lines, How.FOUND, act[0], at)
    batches = select(BatchLine.batch_id).where(BatchLine.id.in_(lines))
    of_these = select(Leg.id).where(Leg.batch_id.in_(batches))
    items = [one.item_id for one in found]
    session.execute(
        update(LegLine)
        .where(LegLine.leg_id.in_(of_these), LegLine.item_id.in_(items), LegLine.outcome == LegOutcome.SHORT)
        .where(LegLine.found_at.is_(None))
        .values(found_at=at),
        execution_options={"synchronize_session": False},
    )
    belong: set[int] = set()
    for batch in session.scalars(select(Batch).where(Batch.id.in_(batches), Batch.state == BatchState.SERVING)).all():
        belong |= _stay(session, act, batch, items, at)
    _ask_home(session, act, set(items) - belong, at)


def _stay(session: Session, act: tuple[int, UUID], batch: Batch, items: Sequence[int], at: datetime) -> set[int]:
    """Those that stand at the site where the batch serves stay there with it."""
    leg = legs.current(legs.of(session, batch.id))
    if leg is None or leg.to_site is None:
        return set()
    _, (place, branch) = legs.ends(session, leg)
    there = select(Item.id, Item.uid).join(Place, Place.id == Item.place_id).where(Item.id.in_(items))
    there = there.where(Place.branch_id == branch, Place.kind != PlaceKind.UNKNOWN)
    uids = {row[0]: row[1] for row in session.execute(there)}
    stays.begin_many(session, act, uids, place, receiving.STAY, at, until=leg.due_on)
    return set(uids)


def _ask_home(session: Session, act: tuple[int, UUID], items: Collection[int], at: datetime) -> None:
    """Found where nothing of theirs serves any more: they are asked home."""
    home, stands = aliased(Place), aliased(Place)
    query = select(Item.id, home.id).join(home, home.id == Item.home_id).join(stands, stands.id == Item.place_id)
    query = query.where(Item.id.in_(items), home.branch_id != stands.branch_id).order_by(Item.id)
    for item, place in session.execute(query).all():
        transfers.replace(session, act, item, place, homeward.HOME, at)


def undone(session: Session, act_id: int) -> None:
    """The act was voided: it is owed as before."""
    mine = select(BatchLine).where(BatchLine.settled_by == act_id)
    for line in session.scalars(mine).all():
        if line.settled_how == How.FOUND:
            of_batch = select(Leg.id).where(Leg.batch_id == line.batch_id)
            which = (LegLine.leg_id.in_(of_batch), LegLine.item_id == line.item_id)
            session.execute(update(LegLine).where(*which, LegLine.found_at == line.settled_at).values(found_at=None))
        line.settled_at = line.settled_how = line.settled_by = None
    session.flush()


ALSO.append(undone)
