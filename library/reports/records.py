"""The rows behind a figure: what each says, who recorded it and when, newest day first."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, false, func, literal, or_, select
from sqlalchemy.orm import Session, aliased

from library.accounts.models import Account
from library.catalogue.models import Record
from library.core import clock
from library.core.among import among
from library.core.paging import Page
from library.holdings.models import Item, Place
from library.inbox.models import Act
from library.organisations.models import Branch
from library.reports import asking, holding, ledgers, records_held, shelves_built
from library.reports.asking import Ask
from library.reports.ledgers import TABLES, Table
from library.reports.measures import Ledger
from library.reports.tree import Segment, Tree
from library.shelves.models import Shelf
from library.uses.happenings import Measure

SIZE = 50
MOST_COUNTED = 10_000
"""More rows than that are told as "more than"."""
STEPS = (7, 31, 366)
"""Days looked at from the end until a page is full: a province's year has millions of rows."""


@dataclass(frozen=True)
class Behind:
    """One row. `quantity` is negative where an earlier row is taken back. `kind` is a word of the ledger; `what` the title,
    the shelf or nothing; `facts` what was frozen that day (class, grade, category…). `source`: (kind of promotion, uid);
    `title`, `shelf`: uids for a link. `by`: the account's name, None for the machine."""

    day: date
    kind: str
    quantity: int
    branch: str
    recorded_at: datetime
    by: str | None
    what: str | None = None
    facts: Mapping[str, Any] | None = None
    source: tuple[str, UUID] | None = None
    title: UUID | None = None
    shelf: UUID | None = None
    act: UUID | None = None


def records(session: Session, ask: Ask, page: int = 1, later: bool = False, known: Tree | None = None) -> Page[Behind]:
    """A page of rows (three to five statements). `later`: only what was recorded after `ask.known_at`, which the figure
    as known then leaves out. Of people none: they are counted, not listed."""
    known = known or asking.tree_of(session)
    ledger = ask.measured.ledger
    if ledger is Ledger.PEOPLE:
        return Page([], 1, SIZE, 0)
    if ledger is Ledger.UNITS:
        ask, ledger = replace(ask, measure=Measure.EVENT.value), Ledger.HAPPENING
    if ledger in TABLES:
        return _of_ledger(session, ask, page, later, known)
    return _of_state(session, ask, page, later, known)


# Of the three ledgers


def _of_ledger(session: Session, ask: Ask, page: int, later: bool, known: Tree) -> Page[Behind]:
    table, segments = TABLES[ask.measured.ledger], asking.places(known, ask)
    among = _among(session, table, ask, segments, later)
    needed = page * SIZE
    total = _capped(session, table, among)
    for days in STEPS:
        newest = (*among, table.day > ask.last - timedelta(days=days))
        found = _page(session, table, newest, page)
        if len(found) == SIZE or needed - SIZE + len(found) >= total:
            return Page(found, page, SIZE, total)
    return Page(_page(session, table, among, page), page, SIZE, total)


def _among(
    session: Session, table: Table, ask: Ask, segments: Sequence[Segment], later: bool
) -> tuple[ColumnElement[bool], ...]:
    there = [
        and_(among(table.branch, one.stands), table.day >= one.first, table.day <= one.last)
        for one in segments
        if one.stands
    ]
    meant = ledgers.conditions(table, ask.measured, ask.only, ask.renewals, asking.meant(session, ask))
    # Nothing beside the places themselves: with an OR around them no index would be gone by.
    return (or_(*there) if there else false(), *meant, *_heard(table.recorded, ask.known_at, later))


def _heard(column: Any, known_at: datetime | None, later: bool) -> list[ColumnElement[bool]]:
    if known_at is None:
        return []
    return [column > known_at if later else column <= known_at]


def _capped(session: Session, table: Table, among: Iterable[ColumnElement[bool]]) -> int:
    some = select(literal(1)).select_from(table.rows).where(*among).limit(MOST_COUNTED + 1).subquery()
    return session.scalar(select(func.count()).select_from(some)) or 0


def _page(session: Session, table: Table, among: Iterable[ColumnElement[bool]], page: int) -> list[Behind]:
    query = select(table.rows, Act.uid, Account.name, Branch.name).where(*among)
    query = query.join(Act, Act.id == table.rows.act_id).join(Branch, Branch.id == table.branch)
    query = query.outerjoin(Account, Account.uid == Act.actor)
    query = query.order_by(table.day.desc(), table.rows.id.desc()).limit(SIZE).offset((page - 1) * SIZE)
    rows = session.execute(query).all()
    titles, shelves = _titles(session, [row[0] for row in rows]), _shelves(session, [row[0] for row in rows])
    return [_behind(table, row, titles, shelves) for row in rows]


def _behind(table: Table, found: Any, titles: Mapping[Any, Any], shelves: Mapping[int, Any]) -> Behind:
    row, act, by, branch = found
    values = {name: getattr(row, name) for name in FACTS if getattr(row, name, None) is not None}
    day = next(getattr(row, name) for name in DAYS if hasattr(row, name))
    kind = row.measure if hasattr(row, "measure") else row.kind.value
    plain = Behind(day, kind, row.quantity, branch, row.recorded_at, by, facts=values, act=act)
    if hasattr(row, "source"):
        return replace(plain, source=(row.kind, row.source))
    title = titles.get(("item", getattr(row, "item_id", None))) or titles.get(
        ("title", getattr(row, "record_id", None))
    )
    shelf = shelves.get(row.place_id)
    if title:
        plain = replace(plain, what=title[1], title=title[0])
    return replace(plain, shelf=shelf[0], facts={**values, "place": shelf[1]}) if shelf else plain


DAYS = ("used_on", "visited_on", "happened_on")
FACTS = (
    "class_name", "grade", "category", "reading_level", "class_mark", "sex", "access_need", "channel", "sort", "audience",
)  # fmt: skip


def _titles(session: Session, rows: Sequence[Any]) -> dict[tuple[str, int], tuple[UUID, str]]:
    """(uid, title) by copy and by title (two statements, none where no title is known)."""
    found: dict[tuple[str, int], tuple[UUID, str]] = {}
    if items := {row.item_id for row in rows if getattr(row, "item_id", None)}:
        query = select(Item.id, Record.uid, Record.title).join(Record, Record.id == Item.record_id)
        found |= {("item", one): (uid, name) for one, uid, name in session.execute(query.where(Item.id.in_(items)))}
    if titles := {row.record_id for row in rows if getattr(row, "record_id", None)}:
        named = select(Record.id, Record.uid, Record.title).where(Record.id.in_(titles))
        found |= {("title", one): (uid, name) for one, uid, name in session.execute(named)}
    return found


def _shelves(session: Session, rows: Sequence[Any]) -> dict[int, tuple[UUID | None, str]]:
    """(uid of a shelf, name) by place."""
    places = {row.place_id for row in rows if getattr(row, "place_id", None)}
    if not places:
        return {}
    query = select(Place.id, Shelf.uid, Place.name).outerjoin(Shelf, Shelf.place_id == Place.id)
    return {one: (uid, name) for one, uid, name in session.execute(query.where(Place.id.in_(places)))}


# Of shelves, copies, loans


def _of_state(session: Session, ask: Ask, page: int, later: bool, known: Tree) -> Page[Behind]:
    query = _state_query(session, ask, asking.places(known, ask), later)
    if query is None:
        return Page([], 1, SIZE, 0)
    some = query.order_by(None).limit(MOST_COUNTED + 1).subquery()
    total = session.scalar(select(func.count()).select_from(some)) or 0
    rows = session.execute(query.limit(SIZE).offset((page - 1) * SIZE)).all()
    return Page([_state(ask.measure, row) for row in rows], page, SIZE, total)


def _state(kind: str, row: Any) -> Behind:
    shelf, title = (row.uid, None) if kind == "shelves-built" else (None, row.uid)
    facts = {"accession": row.number} if row.number else {}
    day = row.day.astimezone(clock.HERE).date() if isinstance(row.day, datetime) else row.day
    return Behind(
        day, kind, row.quantity, row.branch, row.recorded_at, row.by, row.what, facts, title=title, shelf=shelf
    )


def _state_query(session: Session, ask: Ask, segments: Sequence[Segment], later: bool) -> Select[Any] | None:
    if ask.measure == "shelves-built":
        parts = [query for one in segments for query in _shelf_rows(one, ask, later)]
    else:
        among = segments if ask.measure in holding.FLOWS else segments[-1:]
        parts = [
            query for one in among for query in records_held.rows(session, ask.measure, one, ask.known_at, later)
        ]  # fmt: skip
    if not parts:
        return None
    whole = parts[0].union_all(*parts[1:]).subquery() if parts[1:] else parts[0].subquery()
    return select(whole).order_by(whole.c.day.desc(), whole.c.id.desc())


def _when(ask: Ask, later: bool) -> tuple[datetime | None, datetime | None]:
    """(as known when, recorded after what)."""
    return (None, ask.known_at) if later else (ask.known_at, None)


def _shelf_rows(segment: Segment, ask: Ask, later: bool) -> list[Select[Any]]:
    """`later`: those built since, and those that counted then and do not now, with what took them back."""
    known_at, after = _when(ask, later)
    found = [records_held.told_by(_shelves_of(segment, ask, known_at, 1), Shelf.act_id, after)]
    if after is None:
        return found
    built, undoing = aliased(Act), aliased(Act)
    undone = select(built.voided_by).where(built.id == Shelf.act_id).scalar_subquery()
    closed = case((Shelf.closed_why == "mistake", Shelf.closed_by))
    gone = _shelves_of(segment, ask, after, -1).join(undoing, undoing.id == func.coalesce(undone, closed))
    return [*found, records_held.told_by(gone, undoing.id)]


def _shelves_of(segment: Segment, ask: Ask, known_at: datetime | None, quantity: int) -> Select[Any]:
    what = (
        Shelf.id.label("id"), Shelf.built_on.label("day"), Shelf.uid.label("uid"), Place.name.label("what"),
        literal(None).label("number"), Branch.name.label("branch"), literal(quantity).label("quantity"),
    )  # fmt: skip
    query = shelves_built.rows(segment, known_at, what, ask.only.get("kind")).join(Place, Place.id == Shelf.place_id)
    return query.join(Branch, Branch.id == Shelf.branch_id)
