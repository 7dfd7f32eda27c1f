"""Due dates on closed days go to the next open one: looked at first, moved by one act, put back while that makes sense.

Only later, never earlier. What a shift moved stands in `DueMove`, row by row: whoever puts it back touches nothing that
was renewed or returned since. Thousands of loans go in many short transactions (`closing_jobs`).
"""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Select, and_, exists, func, insert, select, text, update
from sqlalchemy.orm import Session

from library.calendars.openings import Calendar, calendar_of, calendars_of, next_open
from library.core import clock
from library.core.errors import N_, Reason, Refused
from library.holdings.models import Place, PlaceKind
from library.inbox import acts
from library.inbox.acts import Doing
from library.loans.models import DueMove, DueShift, Hold, Loan, Renewal, still_out
from library.organisations import tree
from library.organisations.models import Branch

SOME = 100
"""Rows moved in one transaction: some 20 ms of writing."""
UNDONE_WITHIN = timedelta(days=7)
PATIENCE = 2.0
"""Seconds for which lending that began before a closure is waited for."""

Wheres = Sequence[int]
"""Branch ids."""
Step = Callable[[Session, DueShift], tuple[int, bool]]
"""Some of a shift: how many, and whether there may be more."""


class TooLate(Refused):
    """The dates have long been told to readers."""

    def __init__(self) -> None:
        sentence = N_("Đã quá %(days)s ngày: hạn trả đã báo cho bạn đọc, không đưa về ngày cũ được nữa.")
        super().__init__(Reason("shift-too-old", sentence, {"days": UNDONE_WITHIN.days}))


@dataclass(frozen=True)
class Reach:
    """One branch, or a library with all below it, or (`place_id`) one stop. The days that were closed, both included."""

    library_id: int
    branch_id: int | None
    first: date
    last: date
    place_id: int | None = None


@dataclass(frozen=True)
class Falling:
    """So many open loans of a branch, and kept copies, have their last day on a closed one and would go to `to`.
    `place_id`: those of a stop, which opens on days of its own."""

    branch_id: int
    on: date
    to: date
    loans: int = 0
    kept: int = 0
    place_id: int | None = None


def branches(session: Session, reach: Reach) -> Wheres:
    if reach.branch_id is not None:
        return [reach.branch_id]
    below = tree.below([reach.library_id], tree.parentage_on(session, clock.today()))
    return sorted(tree.branches_of(session, below))


def _fetched_at() -> Any:
    """The branch where a kept copy waits: that of its place, if one was named."""
    place = select(Place.branch_id).where(Place.id == Hold.place_id).scalar_subquery()
    return func.coalesce(place, Hold.branch_id)


def _kept() -> Any:
    return and_(Hold.ended_at.is_(None), Hold.item_id.is_not(None))


def _stop_of(place_id: Any) -> Any:
    """The place if it is a stop; kept copies may wait at other places, which open with their branch."""
    return select(Place.id).where(Place.id == place_id, Place.kind == PlaceKind.STOP).scalar_subquery()


def falling(session: Session, reach: Reach) -> list[Falling]:
    """What would move, by branch, stop and day (a dozen statements, however many branches). Days closed as the database
    says now: to look first, write the closure, ask, and roll back."""
    loans = select(Loan.branch_id, Loan.place_id, Loan.due_on, func.count()).where(
        still_out(), Loan.due_on.between(reach.first, reach.last)
    )
    kept = select(_fetched_at(), _stop_of(Hold.place_id), Hold.keep_until, func.count()).where(
        _kept(), Hold.keep_until.between(reach.first, reach.last)
    )
    if reach.place_id is not None:  # whatever branch lends there: the vehicle's need not be the stop's
        loans, kept = loans.where(Loan.place_id == reach.place_id), kept.where(Hold.place_id == reach.place_id)
    else:
        wheres = branches(session, reach)
        loans, kept = loans.where(Loan.branch_id.in_(wheres)), kept.where(_fetched_at().in_(wheres))
    counts: dict[tuple[int, int | None, date], list[int]] = {}
    grouped = (loans.group_by(Loan.branch_id, Loan.place_id, Loan.due_on), kept.group_by(*map(text, "123")))
    for column, query in enumerate(grouped):
        for branch, place, day, count in session.execute(query):
            counts.setdefault((branch, place, day), [0, 0])[column] = count
    calendars = _calendars(session, {(branch, place) for branch, place, _ in counts}, reach.first)
    found = (_falling(calendars[key[:2]], key, counts[key]) for key in sorted(counts, key=_in_order))
    return [one for one in found if one]


def _in_order(key: tuple[int, int | None, date]) -> tuple[int, int, date]:
    return key[0], key[1] or 0, key[2]


def _calendars(
    session: Session, wheres: Iterable[tuple[int, int | None]], since: date
) -> dict[tuple[int, int | None], Calendar]:
    wheres = set(wheres)
    of_branches = calendars_of(session, {branch for branch, place in wheres if place is None}, since)
    return {
        (branch, place): of_branches[branch] if place is None else calendar_of(session, branch, since, place)
        for branch, place in wheres
    }


def _falling(calendar: Calendar, key: tuple[int, int | None, date], counts: Sequence[int]) -> Falling | None:
    branch, place, day = key
    if place is not None and calendar.openings is None:
        return None  # a stop without any visit: nobody knows when it opens
    to = goes_to(calendar, day)
    return Falling(branch, day, to, counts[0], counts[1], place) if to is not None else None


def goes_to(calendar: Calendar, day: date) -> date | None:
    """Where a due date on `day` goes; None: it stays, for the day is open or no other is in sight."""
    to = next_open(calendar, day)
    return to if to > day else None


def begin(session: Session, doing: Doing, reach: Reach, why: str) -> DueShift:
    """The act of moving. What it moves is moved by `move`, a little at a time."""
    act = acts.write(session, doing, "move-due", clock.now())
    shift = DueShift(
        uid=doing.uid, act_id=act, library_id=reach.library_id, branch_id=reach.branch_id, place_id=reach.place_id,
        first_on=reach.first, last_on=reach.last, why=why, made_at=clock.now(),
    )  # fmt: skip
    session.add(shift)
    session.flush()
    return shift


def reach_of(shift: DueShift) -> Reach:
    return Reach(shift.library_id, shift.branch_id, shift.first_on, shift.last_on, shift.place_id)


def move(
    session: Session, shift: DueShift, most: int = SOME, found: Sequence[Falling] | None = None
) -> tuple[int, bool]:
    """Some of what still falls on closed days: how many were moved, and whether there may be more. `found`: what
    `falling` has just said, asked before anybody had to wait for this to be written."""
    moved = 0
    for one in falling(session, reach_of(shift)) if found is None else found:
        for table, count in ((Loan, one.loans), (Hold, one.kept)):
            if count:
                moved += _move(session, shift, one, table, most - moved)
            if moved >= most:
                return moved, True
    return moved, False


def _move(session: Session, shift: DueShift, one: Falling, table: type[Loan | Hold], most: int) -> int:
    """Locked, and asked again under the lock: what came back meanwhile is left alone."""
    ids = session.scalars(_due_there(one, table).limit(most).with_for_update(key_share=True, of=table)).all()
    if ids:
        _set_day(session, table, one.to, ids)
        name = "loan_id" if table is Loan else "hold_id"
        told = {"shift_id": shift.id, "before_on": one.on, "after_on": one.to, "moved_at": clock.now(), "undone": False}
        session.execute(insert(DueMove), [{**told, name: row} for row in ids])
    return len(ids)


def _due_there(one: Falling, table: type[Loan | Hold]) -> Select[Any]:
    if table is Loan:
        return (
            select(Loan.id)
            .where(still_out(), Loan.branch_id == one.branch_id, Loan.due_on == one.on)
            .where(Loan.place_id.is_not_distinct_from(one.place_id))
            .order_by(Loan.id)
        )
    kept = select(Hold.id).where(_kept(), _fetched_at() == one.branch_id, Hold.keep_until == one.on)
    return kept.where(_stop_of(Hold.place_id).is_not_distinct_from(one.place_id)).order_by(Hold.id)


def _set_day(session: Session, table: type[Loan | Hold], day: date, ids: Iterable[int]) -> None:
    values = {"due_on": day} if table is Loan else {"keep_until": day}
    session.execute(
        update(table).where(table.id.in_(list(ids))).values(values), execution_options={"synchronize_session": False}
    )


def moved(session: Session, shifts: Iterable[int]) -> Mapping[int, tuple[int, int]]:
    """By shift how many rows it moved, and how many of these were put back."""
    back = func.count().filter(DueMove.undone)
    query = select(DueMove.shift_id, func.count(), back).where(DueMove.shift_id.in_(list(shifts)))
    return {shift: (count, undone) for shift, count, undone in session.execute(query.group_by(DueMove.shift_id))}


def may_be_put_back(shift: DueShift) -> bool:
    return shift.undone_at is None and clock.now() - shift.made_at <= UNDONE_WITHIN


def put_back(session: Session, doing: Doing, shift: DueShift) -> None:
    """Voids the act of the shift; the dates go back by `restore`. Raises TooLate, AlreadyUndone."""
    if clock.now() - shift.made_at > UNDONE_WITHIN:
        raise TooLate
    acts.void(session, doing, shift.act_id)
    shift.undone_at = clock.now()
    session.flush()


def restore(session: Session, shift: DueShift, most: int = SOME) -> tuple[int, bool]:
    """Some dates go back to what they were: of loans still open that nobody renewed or moved since. A day that has gone
    by stays as it is, for nobody becomes late by it."""
    restored = 0
    for table in (Loan, Hold):
        rows = session.execute(_restorable(shift, table).limit(most - restored).with_for_update(of=table)).all()
        for day in sorted({row.before_on for row in rows}):
            mine = [row for row in rows if row.before_on == day]
            _set_day(session, table, day, [row.thing for row in mine])
            session.execute(update(DueMove).where(DueMove.id.in_([row.id for row in mine])).values(undone=True))
        restored += len(rows)
        if restored >= most:
            return restored, True
    return restored, False


def _restorable(shift: DueShift, table: type[Loan | Hold]) -> Any:
    of_shift = and_(DueMove.shift_id == shift.id, DueMove.undone.is_(False), DueMove.before_on >= clock.today())
    if table is Hold:
        kept = select(DueMove.id, Hold.id.label("thing"), DueMove.before_on).join(Hold, Hold.id == DueMove.hold_id)
        return kept.where(of_shift, _kept(), Hold.keep_until == DueMove.after_on).order_by(DueMove.id)
    renewed = exists().where(
        Renewal.loan_id == Loan.id, Renewal.voided.is_(False), Renewal.occurred_at >= DueMove.moved_at
    )
    lent = select(DueMove.id, Loan.id.label("thing"), DueMove.before_on).join(Loan, Loan.id == DueMove.loan_id)
    return lent.where(of_shift, still_out(), Loan.due_on == DueMove.after_on, ~renewed).order_by(DueMove.id)


def shifts(session: Session, library_id: int, branch_ids: Wheres, since: date) -> Sequence[DueShift]:
    """Those of a library or these branches of it, the latest first; not those of stops, which go with their visits."""
    whose = DueShift.branch_id.is_(None) | DueShift.branch_id.in_(branch_ids)
    query = select(DueShift).where(DueShift.library_id == library_id, whose, DueShift.last_on >= since)
    query = query.where(DueShift.place_id.is_(None))
    return session.scalars(query.order_by(DueShift.id.desc()).limit(20)).all()


def branch_names(session: Session, ids: Iterable[int]) -> dict[int, str]:
    query = select(Branch.id, Branch.name).where(Branch.id.in_(sorted(set(ids))))
    return {row[0]: row[1] for row in session.execute(query)}


def wait_for_lending(session: Session) -> None:
    """After a closure is committed: until all that began before it is over, for it may lend by the old calendar. On
    SQLite there is one writer at a time, and nothing to wait for. Ends the transaction in hand."""
    if session.get_bind().dialect.name != "postgresql":
        return
    began = session.execute(text("SELECT clock_timestamp()")).scalar_one()
    latest = time.monotonic() + PATIENCE
    while session.execute(_OTHERS, {"began": began}).scalar_one() and time.monotonic() < latest:
        session.rollback()
        time.sleep(0.01)
    session.rollback()


_OTHERS = text(
    "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    " AND backend_type = 'client backend' AND xact_start < :began)"
)
