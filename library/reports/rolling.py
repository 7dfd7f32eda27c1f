"""Adding the ledgers up ahead of time: rows that nobody can be writing any more go into the sums, in the order of their
ids; the mark of the last one moves in the same transaction. What is above the mark is added up anew by whoever asks."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Date, Label, cast, delete, func, literal, select, update
from sqlalchemy.orm import Session, aliased

from library.core import clock
from library.core.db import inserting, straight
from library.holdings.models import Item
from library.reports import faces
from library.reports.faces import Face
from library.reports.ledgers import TABLES
from library.reports.measures import Ledger
from library.reports.rolling_models import CopyUsed, Rolled, RolledTitle, RollMark
from library.uses.models import DocumentUse

LEDGERS = (Ledger.USE, Ledger.VISIT)
REST = timedelta(minutes=10)
"""A transaction is over by then: no row with a lower id can still come."""
TRIES = 3
Told = TypeVar("Told")
SOME = {"sqlite": 2_000, "postgresql": 50_000}
"""Rows of a ledger in one transaction: SQLite has one writer, and desks wait for it."""


KEY = ("face", "branch_id", "since", "kind", "grade", "category", "mark")


@dataclass(frozen=True)
class Mark:
    """The sums tell of rows up to `last_id`. Not `ready`: they are being made anew."""

    last_id: int
    ready: bool


def marks(session: Session) -> dict[Ledger, Mark]:
    """Of each ledger that has one (one statement)."""
    rows = straight(session).execute(select(RollMark.ledger, RollMark.last_id, RollMark.ready))
    return {Ledger(row.ledger): Mark(row.last_id, bool(row.ready)) for row in rows}


def steady(session: Session, ledger: Ledger, read: Callable[[Mark | None], Told]) -> Told:
    """What `read` tells by the sums up to a mark that did not move meanwhile; by None, if they cannot be read now."""
    if HELD in session.info:
        mark = session.info[HELD].get(ledger)
        return read(mark if mark and mark.ready else None)
    for _ in range(TRIES):
        mark = _kept(session).get(ledger)
        told = read(mark if mark and mark.ready else None)
        if _kept(session, again=True).get(ledger) == mark:
            return told
    return read(None)


def at_one_mark(session: Session, work: Callable[[], Told]) -> Told:
    """What `work` tells, which asks the sums many things: the marks are looked at before and after all of it, not with each.
    If one moved meanwhile, it is done again."""
    for _ in range(TRIES):
        session.info[HELD] = _kept(session)
        try:
            told = work()
        finally:
            held = session.info.pop(HELD)
        if _kept(session, again=True) == held:
            return told
    return work()


def _kept(session: Session, again: bool = False) -> dict[Ledger, Mark]:
    """The marks, asked once in a transaction that only reads. SQLite shows it one state from beginning to end; PostgreSQL
    shows each statement its own, so there they are asked `again` after the sums were read."""
    now, kept = session.get_transaction(), session.info.get(MARKS)
    alone = session.get_bind().dialect.name == "sqlite"
    if session.info.get("reading") and kept and kept[0] is now and (alone or not again):
        found: dict[Ledger, Mark] = kept[1]
        return found
    read = marks(session)
    session.info[MARKS] = (session.get_transaction(), read)
    return read


MARKS, HELD = "roll-marks", "roll-marks-held"


def roll(session: Session, ledger: Ledger, most: int | None = None, now: datetime | None = None) -> int:
    """The next rows of a ledger, at most `most`; how many ids the mark went on by, 0: nothing is left to do."""
    mark = _locked(session, ledger)
    until = _until(session, ledger, mark.last_id, most or SOME[session.get_bind().dialect.name], now or clock.now())
    done = until - mark.last_id
    if done > 0:
        _add(session, ledger, mark.last_id, until)
        mark.last_id, mark.rolled_at = until, clock.now()
        session.flush()
    return max(done, 0)


def _locked(session: Session, ledger: Ledger) -> RollMark:
    made = inserting(session)(RollMark).values(ledger=ledger.value, last_id=0, ready=True)
    session.execute(made.on_conflict_do_nothing(index_elements=["ledger"]))
    query = select(RollMark).where(RollMark.ledger == ledger.value).with_for_update()
    return session.execute(query.execution_options(populate_existing=True)).scalar_one()


def _until(session: Session, ledger: Ledger, after: int, most: int, now: datetime) -> int:
    """The last id that may go in: none that was recorded a moment ago, nor any above one that was."""
    model = TABLES[ledger].rows
    among = (model.id > after, model.id <= after + most)
    fresh = session.scalar(select(func.min(model.id)).where(*among, model.recorded_at > now - REST))
    if fresh is not None:
        return int(fresh) - 1
    last = session.scalar(select(func.max(model.id)).where(model.id > after)) or after
    return min(int(last), after + most)


def _add(session: Session, ledger: Ledger, after: int, until: int) -> None:
    model = TABLES[ledger].rows
    among = (model.id > after, model.id <= until)
    for face in faces.of(ledger):
        session.execute(_adding(session, face, among))
    if ledger is Ledger.USE:
        _add_titles(session, among)
        _add_copies(session, among)


def first_of_month(session: Session, day: Any) -> ColumnElement[date]:
    if session.get_bind().dialect.name == "sqlite":
        return func.date(day, "start of month", type_=Date())
    return cast(func.date_trunc("month", day), Date)


def _labelled(session: Session, face: Face) -> list[Label[Any]]:
    """The key of a sum as columns of the ledger, under its own names: they are grouped by name, for values that stand in a
    statement twice are not the same to PostgreSQL."""
    table = TABLES[face.ledger]
    since = first_of_month(session, table.day) if face.monthly else table.day
    told = {"face": face.number, "branch_id": table.branch, "since": since, **faces.keys(face)}
    plain = {name: literal(value) if isinstance(value, int | str) else value for name, value in told.items()}
    return [value.label(f"k_{name}") for name, value in plain.items()]


def _adding(session: Session, face: Face, among: Iterable[ColumnElement[bool]]) -> Any:
    table, chosen = TABLES[face.ledger], _labelled(session, face)
    parts = select(*chosen, func.sum(table.quantity).label("quantity")).where(*among).group_by(*chosen)
    putting = inserting(session)(Rolled).from_select([*KEY, "quantity"], parts)
    more = {"quantity": Rolled.quantity + putting.excluded.quantity}
    return putting.on_conflict_do_update(index_elements=KEY, set_=more)


def _add_titles(session: Session, among: Sequence[ColumnElement[bool]]) -> None:
    since = first_of_month(session, DocumentUse.used_on).label("since")
    title = func.coalesce(Item.record_id, DocumentUse.record_id).label("record_id")
    quantity = func.sum(DocumentUse.quantity).label("quantity")
    parts = select(DocumentUse.branch_id, since, title, quantity).select_from(DocumentUse)
    parts = parts.outerjoin(Item, Item.id == DocumentUse.item_id).where(*among, DocumentUse.kind != "renewal")
    known = parts.where(func.coalesce(Item.record_id, DocumentUse.record_id).is_not(None))
    told = ["branch_id", "since", "record_id"]
    putting = inserting(session)(RolledTitle).from_select(
        [*told, "quantity"], known.group_by(DocumentUse.branch_id, since, title)
    )
    more = {"quantity": RolledTitle.quantity + putting.excluded.quantity}
    session.execute(putting.on_conflict_do_update(index_elements=told, set_=more))


def _add_copies(session: Session, among: Sequence[ColumnElement[bool]]) -> None:
    uses, last = func.sum(DocumentUse.quantity).label("uses"), func.max(DocumentUse.used_on).label("last_on")
    parts = select(DocumentUse.item_id, last, uses).where(*among, DocumentUse.item_id.is_not(None))
    putting = inserting(session)(CopyUsed).from_select(
        ["item_id", "last_on", "uses"], parts.group_by(DocumentUse.item_id)
    )
    latest = func.max if session.get_bind().dialect.name == "sqlite" else func.greatest
    later = latest(func.coalesce(CopyUsed.last_on, putting.excluded.last_on), putting.excluded.last_on)
    more = {"uses": CopyUsed.uses + putting.excluded.uses, "last_on": later}
    session.execute(putting.on_conflict_do_update(index_elements=["item_id"], set_=more))
    _mend_copies(session, among)


def _mend_copies(session: Session, among: Sequence[ColumnElement[bool]]) -> None:
    """A use that was taken back is no last use."""
    back = select(DocumentUse.item_id).where(*among, DocumentUse.quantity < 0, DocumentUse.item_id.is_not(None))
    one, undone = aliased(DocumentUse), aliased(DocumentUse)
    stands = select(func.max(one.used_on)).where(
        one.item_id == CopyUsed.item_id, one.quantity > 0, ~select(undone.id).where(undone.reverses_id == one.id).exists()
    )  # fmt: skip
    mending = update(CopyUsed).where(CopyUsed.item_id.in_(back)).values(last_on=stands.scalar_subquery())
    session.execute(mending.execution_options(synchronize_session=False))


# All of it anew


def begin_anew(session: Session) -> None:
    """Nobody reads the sums from here on, until `end_anew`."""
    for ledger in LEDGERS:
        _locked(session, ledger).ready = False
    session.flush()


def clear(session: Session) -> bool:
    """Some of the old sums go; whether there are more. Nobody rolls while they go: each row would be in them twice."""
    for ledger in LEDGERS:
        _locked(session, ledger)
    if session.get_bind().dialect.name == "postgresql":
        for model in (Rolled, RolledTitle, CopyUsed):
            session.execute(delete(model))
    elif _clear_some(session):
        return True
    session.execute(update(RollMark).values(last_id=0, rolled_at=None))
    return False


def _clear_some(session: Session) -> bool:
    """A branch's sums at a time."""
    for model in (Rolled, RolledTitle):
        branch = session.scalar(select(model.branch_id).limit(1))
        if branch is not None:
            session.execute(delete(model).where(model.branch_id == branch))
            return True
    some = list(session.scalars(select(CopyUsed.item_id).limit(SOME["sqlite"])))
    session.execute(delete(CopyUsed).where(CopyUsed.item_id.in_(some)))
    return bool(some)


def end_anew(session: Session) -> None:
    session.execute(update(RollMark).values(ready=True))


def last_ids(session: Session) -> int:
    """How many ids there are to go through, of all ledgers."""
    return sum(int(session.scalar(select(func.max(TABLES[one].rows.id))) or 0) for one in LEDGERS)


def rebuild(session: Session, most: int | None = None) -> int:
    """All of it, committing after each part; how many rows of the ledgers were read."""
    begin_anew(session)
    session.commit()
    while clear(session):
        session.commit()
    session.commit()
    done = sum(_whole(session, ledger, most) for ledger in LEDGERS)
    end_anew(session)
    session.commit()
    return done


def _whole(session: Session, ledger: Ledger, most: int | None) -> int:
    done = 0
    while some := roll(session, ledger, most):
        session.commit()
        done += some
    return done


# Is it right?


def astray(session: Session) -> list[str]:
    """Faces and branches whose sums are not those of the ledger's rows, month by month: "3: 17"."""
    known = marks(session)
    found = _astray_of_titles(session, known.get(Ledger.USE, Mark(0, True)).last_id)
    for face in faces.FACES:
        mark = known.get(face.ledger, Mark(0, True))
        told, counted = _sums(session, face), _counts(session, face, mark.last_id)
        wrong = sorted({key[0] for key in {**told, **counted} if told.get(key, 0) != counted.get(key, 0)})
        found += [f"{face.number}: {branch}" for branch in wrong]
    return found


def _astray_of_titles(session: Session, until: int) -> list[str]:
    """Of titles by branch and month, whatever they were merged into since; of copies by the branch they are at."""
    since = first_of_month(session, DocumentUse.used_on).label("since")
    title = func.coalesce(Item.record_id, DocumentUse.record_id)
    uses = select(DocumentUse.branch_id, since, func.sum(DocumentUse.quantity)).outerjoin(
        Item, Item.id == DocumentUse.item_id
    )
    uses = uses.where(DocumentUse.id <= until, DocumentUse.kind != "renewal", title.is_not(None)).group_by(
        DocumentUse.branch_id, since
    )
    titles = select(RolledTitle.branch_id, RolledTitle.since, func.sum(RolledTitle.quantity))
    of_copies = select(Item.branch_id, func.sum(DocumentUse.quantity)).join(Item, Item.id == DocumentUse.item_id)
    copies = select(Item.branch_id, func.sum(CopyUsed.uses)).join(Item, Item.id == CopyUsed.item_id)
    pairs = (
        (TITLES, titles.group_by(RolledTitle.branch_id, RolledTitle.since), uses),
        (COPIES, copies.group_by(Item.branch_id),
         of_copies.where(DocumentUse.id <= until).group_by(Item.branch_id)),
    )  # fmt: skip
    return [f"{name}: {branch}" for name, *both in pairs for branch in _differing(session, *both)]


TITLES, COPIES = "theo nhan đề", "theo bản sách"


def _differing(session: Session, one: Any, other: Any) -> list[int]:
    """Branches, the first column, whose last column differs."""
    told, counted = ({tuple(key): int(many) for *key, many in session.execute(query) if many} for query in (one, other))
    return sorted({key[0] for key in {**told, **counted} if told.get(key) != counted.get(key)})


def ahead(session: Session, now: datetime | None = None) -> dict[Ledger, int]:
    """Rows told to be recorded in days to come: the clock was wrong. The sums wait until then, all since is added up anew."""
    known, moment = marks(session), (now or clock.now()) + REST
    found = {}
    for ledger in LEDGERS:
        model, mark = TABLES[ledger].rows, known.get(ledger, Mark(0, True))
        query = select(func.count()).where(model.id > mark.last_id, model.recorded_at > moment)
        if many := session.scalar(query):
            found[ledger] = many
    return found


def _sums(session: Session, face: Face) -> dict[tuple[Any, ...], int]:
    query = select(*(getattr(Rolled, name) for name in KEY[1:]), Rolled.quantity).where(Rolled.face == face.number)
    return {tuple(key): int(quantity) for *key, quantity in session.execute(query) if quantity}


def _counts(session: Session, face: Face, until: int) -> dict[tuple[Any, ...], int]:
    table = TABLES[face.ledger]
    chosen = _labelled(session, face)[1:]
    query = select(*chosen, func.sum(table.quantity)).where(table.rows.id <= until)
    rows = session.execute(query.group_by(*chosen))
    return {tuple(key): int(quantity) for *key, quantity in rows if quantity}
