"""Pull lists: what to fetch from the stacks for a shelf, kept until it is fetched. What to propose is `pulling`'s."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, insert, or_, select, update
from sqlalchemy.orm import Session

from library.calendars.models import SchoolYear
from library.catalogue.levels import OF_GRADE
from library.catalogue.models import LocalRecord, Record
from library.core import clock
from library.holdings.models import Item, Place, PlaceKind, Stay
from library.inbox.models import Act
from library.loans import holds_queue, holds_shelves
from library.loans.models import Hold, Loan
from library.organisations.models import Branch
from library.patrons.models import SchoolClass
from library.shelves import pulling, stock, tenures
from library.shelves.models import Shelf, ShelfPull, ShelfPullLine, ShelfTenure
from library.shelves.pulling import Copy, Known, Proposal, Wish

NOT_FOR_CLASSES = frozenset({"SGK", "SNV"})
"""Kinds nobody means by "40 books for grade 2": textbooks and teachers' books have shelves of their own."""
BY_HAND, NOT_FOUND = "by-hand", "not-found"
PASSED = (NOT_FOUND, BY_HAND)


# What there is


def free_copies(session: Session, shelf: Shelf, wish: Wish) -> list[Copy]:
    """The library's copies that stand free in its stacks, fit the wish's levels, languages and kinds and are to be fetched
    for no other shelf (one statement)."""
    mark = func.coalesce(Record.class_mark, Record.ddc, "")
    query = (
        select(
            Item.id, Item.record_id, LocalRecord.reading_level, Record.language, Record.kind, Item.seen_at, Place.name,
            mark, Record.title_sort, func.coalesce(Item.accession, ""),
        )
        .join(Record, Record.id == Item.record_id)
        .join(Place, Place.id == Item.place_id)
        .outerjoin(LocalRecord, and_(LocalRecord.record_id == Record.id, LocalRecord.library_id == shelf.library_id))
        .where(Item.library_id == shelf.library_id, Place.kind == PlaceKind.STACKS)
        .where(holds_shelves.is_free(), ~holds_shelves.stays(), ~_asked_for_elsewhere(shelf.id))
    )  # fmt: skip
    rows: Iterable[Any] = session.execute(_narrowed(query, wish))
    return [_copy(*row) for row in rows]


def _asked_for_elsewhere(shelf_id: int) -> ColumnElement[bool]:
    """An open list of another shelf counts on the copy, and nobody has put it there or passed it over."""
    put = exists().where(Act.id == ShelfPullLine.picked_by, Act.voided_by.is_(None))
    to_fetch = (ShelfPullLine.item_id == Item.id, ShelfPullLine.passed_why.is_(None), ~put)
    going = (ShelfPull.closed_at.is_(None), ShelfPull.shelf_id != shelf_id, Shelf.closed_on.is_(None))
    lists = and_(ShelfPull.id == ShelfPullLine.pull_id, Shelf.id == ShelfPull.shelf_id)
    return exists().where(lists, *to_fetch, *going)


def _copy(
    item: int, record: int, level: int | None, language: str, kind: str | None, at: datetime, *order: str
) -> Copy:
    return Copy(item, record, level, language, kind, at, order)


def _narrowed(query: Any, wish: Wish) -> Any:
    wanted = (
        (LocalRecord.reading_level, wish.levels),
        (Record.language, wish.languages),
        (Record.kind, wish.kinds),
    )
    for column, values in wanted:
        query = query.where(column.in_(sorted(values))) if values else query
    return query


@dataclass(frozen=True)
class Choices:
    """What may be asked for: levels, languages and kinds there are free copies of, with how many."""

    levels: Mapping[int, int]
    languages: Mapping[str, int]
    kinds: Mapping[str, int]
    copies: int


def choices(session: Session, shelf: Shelf) -> Choices:
    """Of the free copies in the stacks (one statement)."""
    free = free_copies(session, shelf, Wish(0))
    tally: tuple[dict[Any, int], dict[Any, int], dict[Any, int]] = ({}, {}, {})
    for copy in free:
        for counts, value in zip(tally, (copy.level, copy.language, copy.kind), strict=True):
            if value:
                counts[value] = counts.get(value, 0) + 1
    levels, languages, kinds = (dict(sorted(counts.items())) for counts in tally)
    return Choices(levels, languages, kinds, len(free))


# What is known of the class


def known(session: Session, shelf: Shelf, today: date) -> Known:
    return Known(had(session, shelf, today), waited_for(session, shelf.library_id, today))


def year_began(session: Session, library_id: int, today: date) -> date:
    """The first day of the school year that goes on, or went on last; a year ago where nobody said any."""
    begun = (SchoolYear.organisation_id == library_id, SchoolYear.from_on <= today)
    found = session.scalar(select(func.max(SchoolYear.from_on)).where(*begun))
    return found or today - timedelta(days=365)


def had(session: Session, shelf: Shelf, today: date) -> frozenset[int]:
    """Titles (record ids) this class had this school year: on its shelves, or lent to its pupils by whomever.

    For a shelf of no class: what stood on it.
    """
    since, tenure = year_began(session, shelf.library_id, today), tenures.current(session, shelf.id)
    class_id = tenure.class_id if tenure else None
    titles = _stood(session, shelf, class_id, since)
    titles |= set(session.scalars(select(Item.record_id).where(stock.belongs(shelf.place_id))))
    return frozenset(titles | _read(session, class_id, since)) if class_id else frozenset(titles)


def _stood(session: Session, shelf: Shelf, class_id: int | None, since: date) -> set[int]:
    """On the class's shelves while it kept them: a stay and a tenure that overlap, this year."""
    mine = ShelfTenure.class_id == class_id if class_id else ShelfTenure.shelf_id == shelf.id
    query = (
        select(Item.record_id, Stay.occurred_at, Stay.ended_at, ShelfTenure.from_on, ShelfTenure.to_on)
        .join(Stay, Stay.item_id == Item.id)
        .join(Shelf, Shelf.place_id == Stay.place_id)
        .join(ShelfTenure, ShelfTenure.shelf_id == Shelf.id)
        .where(Stay.voided.is_(False), ShelfTenure.voided.is_(False), mine)
        .where(or_(ShelfTenure.to_on.is_(None), ShelfTenure.to_on >= since))
    )
    return {row[0] for row in session.execute(query) if _overlap(row[1], row[2], max(row[3], since), row[4])}


def _overlap(began_at: datetime, ended_at: datetime | None, from_on: date, to_on: date | None) -> bool:
    ended_before = ended_at is not None and clock.day_of(ended_at) < from_on
    return not ended_before and (to_on is None or clock.day_of(began_at) <= to_on)


def _read(session: Session, class_id: int, since: date) -> set[int]:
    """By the class as it was that day; loans undone aside."""
    query = select(Item.record_id, func.max(Loan.lent_at)).join(Loan, Loan.item_id == Item.id)
    query = query.where(Loan.class_id == class_id, Loan.voided.is_(False)).group_by(Item.record_id)
    return {record for record, lent_at in session.execute(query) if clock.day_of(lent_at) >= since}


def waited_for(session: Session, library_id: int, today: date) -> frozenset[int]:
    """Titles somebody waits for, to be fetched at one of the library's branches."""
    here = select(Branch.id).where(Branch.organisation_id == library_id)
    query = select(Hold.record_id).where(holds_queue.still_wanted(Hold, today), Hold.branch_id.in_(here))
    return frozenset(session.scalars(query.distinct()))


# The list


def propose(session: Session, shelf: Shelf, wish: Wish, today: date) -> Proposal:
    """What would be on the list (seven statements); nothing is written."""
    return pulling.propose(free_copies(session, shelf, wish), wish, known(session, shelf, today))


def make(session: Session, uid: UUID, shelf: Shelf, wish: Wish, account: UUID | None) -> tuple[ShelfPull, Proposal]:
    """The list is kept. One of this shelf that was open until now is closed."""
    now = clock.now()
    found = propose(session, shelf, wish, clock.today())
    open_ = update(ShelfPull).where(ShelfPull.shelf_id == shelf.id, ShelfPull.closed_at.is_(None))
    session.execute(open_.values(closed_at=now), execution_options={"synchronize_session": False})
    wanted = {**as_plain(wish), "left_out": {why.value: count for why, count in found.left_out.items()}}
    pull = ShelfPull(uid=uid, shelf_id=shelf.id, account=account, wanted=wanted, made_at=now)
    session.add(pull)
    session.flush()
    _add(session, pull, found.copies, 0)
    return pull, found


def _add(session: Session, pull: ShelfPull, copies: Iterable[Copy], after: int) -> int:
    rows = [
        {"pull_id": pull.id, "item_id": copy.item_id, "number": number, "picked_by": None, "passed_why": None}
        for number, copy in enumerate(copies, after + 1)
    ]
    if rows:
        session.execute(insert(ShelfPullLine), rows)
    return len(rows)


def more(session: Session, pull: ShelfPull, shelf: Shelf) -> int:
    """As many further copies as were passed over and not yet made up for; how many there were. They come last."""
    wish = wish_of(pull.wanted)
    lines = session.execute(
        select(ShelfPullLine.item_id, Item.record_id, ShelfPullLine.passed_why, ShelfPullLine.number)
        .join(Item, Item.id == ShelfPullLine.item_id)
        .where(ShelfPullLine.pull_id == pull.id)
    ).all()
    missing = wish.most - sum(1 for line in lines if line.passed_why is None)
    if missing <= 0:
        return 0
    today = clock.today()
    base = known(session, shelf, today)
    seen = Known(frozenset({*base.had, *(line.record_id for line in lines)}), base.waited_for)
    again = Wish(missing, wish.levels, wish.languages, wish.kinds, wish.keep_one, wish.each)
    found = pulling.propose(free_copies(session, shelf, again), again, seen)
    return _add(session, pull, found.copies, max((line.number for line in lines), default=0))


def as_plain(wish: Wish) -> dict[str, Any]:
    return {
        "most": wish.most, "levels": sorted(wish.levels), "languages": sorted(wish.languages),
        "kinds": sorted(wish.kinds), "keep_one": wish.keep_one, "each": wish.each,
    }  # fmt: skip


def wish_of(wanted: Mapping[str, Any]) -> Wish:
    return Wish(
        int(wanted.get("most", 40)), frozenset(wanted.get("levels", ())), frozenset(wanted.get("languages", ())),
        frozenset(wanted.get("kinds", ())), bool(wanted.get("keep_one", True)), int(wanted.get("each", 1)),
    )  # fmt: skip


def usual(shelf: Shelf, grade: int | None, there_is: Choices) -> Wish:
    """For a first look: the shelf's own levels, else those of its grade, as far as there are such books."""
    levels = shelf.levels or OF_GRADE.get(grade or 0, ())
    kinds = frozenset(there_is.kinds) - NOT_FOR_CLASSES
    some = frozenset(levels) & frozenset(there_is.levels)
    return Wish(40, some, frozenset(), kinds if frozenset(there_is.kinds) & NOT_FOR_CLASSES else frozenset())


def grade_of(session: Session, shelf: Shelf) -> int | None:
    if shelf.grade is not None:
        return shelf.grade
    tenure = tenures.current(session, shelf.id)
    if tenure is None or tenure.class_id is None:
        return None
    return session.scalar(select(SchoolClass.grade).where(SchoolClass.id == tenure.class_id))


# Fetching


@dataclass(frozen=True)
class Line:
    """A copy of the list. `done`: it stands on the shelf by an act that holds; `passed`: why it was passed over; `gone`:
    where it is now, when it no longer stands in the stacks; '' otherwise."""

    item_id: int
    item_uid: UUID
    number: int
    title: str
    code: str
    place: str
    mark: str
    level: int | None
    done: bool
    passed: str | None
    gone: str

    @property
    def to_fetch(self) -> bool:
        return not self.done and self.passed is None


def lines(session: Session, pull: ShelfPull) -> list[Line]:
    """In the order of the stacks (one statement)."""
    mark = func.coalesce(Record.class_mark, Record.ddc, "")
    holds_good = exists().where(Act.id == ShelfPullLine.picked_by, Act.voided_by.is_(None))
    query = (
        select(
            Item.id, Item.uid, ShelfPullLine.number, Record.title, Record.part_number, Item.accession, Place.name, mark,
            LocalRecord.reading_level, holds_good, ShelfPullLine.passed_why, Place.kind,
        )
        .select_from(ShelfPullLine)
        .join(Item, Item.id == ShelfPullLine.item_id)
        .join(Record, Record.id == Item.record_id)
        .join(Place, Place.id == Item.place_id)
        .outerjoin(LocalRecord, and_(LocalRecord.record_id == Record.id, LocalRecord.library_id == Item.library_id))
        .where(ShelfPullLine.pull_id == pull.id)
        .order_by(ShelfPullLine.number)
    )  # fmt: skip
    return [_line(row) for row in session.execute(query)]


def _line(row: Any) -> Line:
    item, uid, number, title, part, accession, place, mark, level, done, passed, kind = row
    gone = "" if done or kind is PlaceKind.STACKS else place
    told = f"{title} – {part}" if part else title
    return Line(item, uid, number, told, accession or "", place, mark, level, done, passed, gone)


def open_one(session: Session, shelf_id: int) -> ShelfPull | None:
    """The list that is being fetched for the shelf."""
    query = select(ShelfPull).where(ShelfPull.shelf_id == shelf_id, ShelfPull.closed_at.is_(None))
    return session.scalars(query.order_by(ShelfPull.made_at.desc(), ShelfPull.id.desc()).limit(1)).first()


def picked(session: Session, shelf_id: int, act_id: int, item_ids: Sequence[int]) -> None:
    """These were put on the shelf by that act: lines of its open lists are done, those passed over too (one statement)."""
    mine = select(ShelfPull.id).where(ShelfPull.shelf_id == shelf_id, ShelfPull.closed_at.is_(None))
    done = update(ShelfPullLine).where(ShelfPullLine.pull_id.in_(mine), ShelfPullLine.item_id.in_(list(item_ids)))
    session.execute(done.values(picked_by=act_id, passed_why=None), execution_options={"synchronize_session": False})


def pass_over(session: Session, pull: ShelfPull, item_id: int, why: str | None) -> None:
    """The copy is not fetched, and why; None: it is to be fetched after all."""
    still = exists().where(Act.id == ShelfPullLine.picked_by, Act.voided_by.is_(None))
    mine = update(ShelfPullLine).where(ShelfPullLine.pull_id == pull.id, ShelfPullLine.item_id == item_id, ~still)
    session.execute(mine.values(passed_why=why, picked_by=None), execution_options={"synchronize_session": False})


def close(session: Session, pull: ShelfPull) -> None:
    """Nothing more is fetched by this list."""
    pull.closed_at = pull.closed_at or clock.now()
    session.flush()
