"""The end of a school year at the shelves: where each one stands, and the class that keeps it next.

The old tenure ends and stays as history; copies are not touched: they were counted, signed for, or are with readers.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID, uuid5

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from library.accounts.models import Account
from library.calendars.models import SchoolYear
from library.core import clock
from library.core.errors import Refused
from library.holdings.models import Item, Ownership, Stay
from library.inbox import acts
from library.inbox.acts import Doing
from library.inbox.models import Act
from library.loans.models import Loan, still_out
from library.patrons import enrolling, promoting, school_years
from library.patrons.models import SchoolClass
from library.shelves import building, tenures, undoing, year_end_rules
from library.shelves.models import GoesWith, Handover, HandoverKind, LightEnd, Shelf, ShelfCount, ShelfTenure
from library.shelves.scopes import standing
from library.shelves.stock import left_us, with_us
from library.shelves.year_end_rules import Facts
from library.staging.values import ClassName

PERIOD = timedelta(days=120)
"""Counts, signatures and promotions of this many days belong to one end of a year."""

KIND = "end-year"
PRIVATE = (Ownership.PUPIL, Ownership.DONOR)


class NotPromoted(Refused):
    """It stays with the class it is with; every reason is told."""


# Where each stands


def facts(session: Session, shelves: Sequence[Shelf], now: datetime) -> dict[int, Facts]:
    """By the shelf's id (five statements, however many)."""
    since, ids = now - PERIOD, [one.id for one in shelves]
    held, counted = _held(session, [one.place_id for one in shelves]), _counts(session, ids, since)
    signed = _signed(session, ids, since)
    fresh = _promoted(session, ids, since) | _ahead(session, ids, clock.day_of(now))
    found = {}
    for one in shelves:
        copies, out, private = held.get(one.place_id, (0, 0, 0))
        counting, counted_at = counted.get(one.id, (False, None))
        waiting, handed_at = signed.get(one.id, (False, None))
        found[one.id] = Facts(
            copies, out, private, counting, _day(counted_at), waiting, _day(handed_at), one.id in fresh,
            one.closed_on is not None,
        )  # fmt: skip
    return found


def _day(at: datetime | None) -> date | None:
    return clock.day_of(at) if at else None


def _held(session: Session, places: Sequence[int]) -> dict[int, tuple[int, int, int]]:
    """(copies, lent ones, ones that are private) of each place: stays before homes, as `stock.belongs` has it."""
    gone = select(LightEnd.item_id).where(left_us())
    stay = and_(Stay.item_id == Item.id, Stay.place_id.is_not(None), Stay.ended_at.is_(None), Stay.voided.is_(False))
    place = func.coalesce(Stay.place_id, Item.home_id)
    here = or_(Stay.place_id.in_(places), and_(Stay.id.is_(None), Item.home_id.in_(places), Item.id.not_in(gone)))
    private = func.sum(case((Item.ownership.in_(PRIVATE), 1), else_=0))
    query = (
        select(place, func.count(Item.id), func.count(Loan.id), private)
        .select_from(Item)
        .outerjoin(Stay, stay)
        .outerjoin(Loan, and_(Loan.item_id == Item.id, still_out(Loan)))
        .where(here, with_us())
        .group_by(place)
    )
    return {row[0]: (row[1], row[2], int(row[3] or 0)) for row in session.execute(query)}


def _counts(session: Session, ids: Sequence[int], since: datetime) -> dict[int, tuple[bool, datetime | None]]:
    query = select(ShelfCount.shelf_id, ShelfCount.ended_at).where(ShelfCount.shelf_id.in_(ids))
    found: dict[int, tuple[bool, datetime | None]] = {}
    for shelf, ended in session.execute(query.where(or_(ShelfCount.ended_at.is_(None), ShelfCount.ended_at >= since))):
        going, last = found.get(shelf, (False, None))
        found[shelf] = (going or ended is None, max(filter(None, (last, ended)), default=None))
    return found


def _signed(session: Session, ids: Sequence[int], since: datetime) -> dict[int, tuple[bool, datetime | None]]:
    """(something waits for its second signature, when the library last signed for the year's end). What one teacher
    signs for another in the middle of a year ends none."""
    mine = select(Handover.shelf_id, Handover.taken_at, Handover.kind).where(
        Handover.shelf_id.in_(ids), Handover.kind != HandoverKind.FILL, Handover.cancelled_at.is_(None)
    )
    found: dict[int, tuple[bool, datetime | None]] = {}
    for shelf, taken, kind in session.execute(mine.where(or_(Handover.taken_at.is_(None), Handover.taken_at >= since))):
        waits, last = found.get(shelf, (False, None))
        ended = taken if kind is HandoverKind.YEAR_END else None
        found[shelf] = (waits or taken is None, max(filter(None, (last, ended)), default=None))
    return found


def _promoted(session: Session, ids: Sequence[int], since: datetime) -> frozenset[int]:
    """By an act of this year's end, whoever keeps the shelf since."""
    begun = select(ShelfTenure.shelf_id).join(Act, Act.id == ShelfTenure.act_id)
    still = ShelfTenure.voided.is_(False), Act.kind == KIND, Act.occurred_at >= since
    return frozenset(session.scalars(begun.where(ShelfTenure.shelf_id.in_(ids), *still)))


def _ahead(session: Session, ids: Sequence[int], today: date) -> frozenset[int]:
    """Kept by a class of a later year than the one that runs."""
    query = (
        select(ShelfTenure.shelf_id, SchoolYear.label)
        .join(SchoolClass, SchoolClass.id == ShelfTenure.class_id)
        .join(SchoolYear, SchoolYear.id == SchoolClass.school_year_id)
        .where(ShelfTenure.shelf_id.in_(ids), standing())
    )
    running = school_years.autumn_of(school_years.label_of(today))
    return frozenset(shelf for shelf, label in session.execute(query) if school_years.autumn_of(label) > running)


# The class that comes next


@dataclass(frozen=True)
class Coming:
    """The class that would keep the shelf next year. `name` is '' where nobody can tell: a mixed class, no class."""

    year: str
    name: str = ""
    grade: int | None = None
    goes_up: bool = False


@dataclass(frozen=True)
class Year:
    """A school year: its label, and the grades taught in it."""

    label: str
    grades: frozenset[int]


def coming(session: Session, shelf: Shelf, tenure: ShelfTenure | None) -> Coming:
    """The class that would keep this shelf next (two statements)."""
    return next_class(shelf, tenure, years(session, [tenure] if tenure else []))


def next_class(shelf: Shelf, tenure: ShelfTenure | None, known: Mapping[int, Year]) -> Coming:
    """The same pupils a year on where the shelf goes with them, else the next class of this name in this room. Of the
    highest grade of a school the pupils leave, so the shelf stays."""
    of = tenure.school_class if tenure else None
    if of is None:
        return Coming(school_years.following(school_years.label_of(clock.today())))
    year = known[of.school_year_id]
    stays = Coming(school_years.following(year.label), of.name, of.grade)
    if shelf.goes_with is GoesWith.ROOM or of.grade == promoting.last_grade(set(year.grades)):
        return stays
    up = promoting.promoted(ClassName(of.name, (of.grade,) if of.grade else ()))
    return Coming(stays.year, up.name, up.grade, True) if up else stays


def years(session: Session, kept: Iterable[ShelfTenure]) -> dict[int, Year]:
    """The school years of these tenures' classes, by id (two statements, however many)."""
    ids = {one.school_class.school_year_id for one in kept if one.school_class}
    taught: dict[int, set[int]] = {}
    grades = select(SchoolClass.school_year_id, SchoolClass.grade).where(SchoolClass.school_year_id.in_(ids))
    for year, grade in session.execute(grades.distinct()):
        taught.setdefault(year, set()).update({grade} if grade else ())
    labels = select(SchoolYear.id, SchoolYear.label).where(SchoolYear.id.in_(ids))
    return {year: Year(label, frozenset(taught.get(year, ()))) for year, label in session.execute(labels)}


def class_of_year(
    session: Session, act_uid: UUID, shelf: Shelf, year: str, name: str, grade: int | None
) -> SchoolClass:
    """The class, made if the next year's lists are not there yet; what this act made bears its uid (`made_by`)."""
    begun = school_years.begun(session, shelf.library_id, year)
    there = select(SchoolClass.id).where(SchoolClass.school_year_id == begun.id, SchoolClass.name == name)
    is_new = session.scalar(there) is None
    of = enrolling.school_class(session, begun, shelf.branch_id, name, grade)
    if is_new:
        of.uid = made_by(act_uid)
        session.flush()
    return of


def made_by(act_uid: UUID) -> UUID:
    """The uid of the class an act made, so that taking the act back knows its own from one that lists had brought."""
    return uuid5(act_uid, "class")


@dataclass(frozen=True)
class Promotion:
    """Who keeps the shelf from now on. `same_keeper`: nothing was signed, for the same teacher goes on."""

    year: str
    name: str
    grade: int | None = None
    keeper: Account | None = None
    same_keeper: bool = False


def promote(session: Session, doing: Doing, shelf: Shelf, what: Promotion) -> ShelfTenure:
    """The class of the next year keeps the shelf. Raises NotPromoted."""
    tenures.lock(session, shelf.id)
    session.refresh(shelf)
    told = facts(session, [shelf], clock.now())[shelf.id]
    if reasons := year_end_rules.against_promoting(told, what.same_keeper):
        raise NotPromoted(*reasons)
    before = tenures.current(session, shelf.id)
    to = class_of_year(session, doing.uid, shelf, what.year, what.name, what.grade) if what.name else None
    at = doing.at or clock.now()
    keeper_id, keeper_name = _keeper(before, what)
    made = ShelfTenure(
        uid=clock.uuid7(), shelf_id=shelf.id, class_id=to.id if to else None, keeper_id=keeper_id,
        keeper_name=keeper_name, from_on=clock.day_of(at), act_id=acts.write(session, doing, KIND, at),
    )  # fmt: skip
    tenures.begin(session, made)
    _rename(session, shelf, _name(before), to.name if to else "")
    return made


def _keeper(before: ShelfTenure | None, what: Promotion) -> tuple[int | None, str]:
    if what.keeper is not None:
        return what.keeper.id, what.keeper.name
    return (before.keeper_id, before.keeper_name) if before and what.same_keeper else (None, "")


def _name(tenure: ShelfTenure | None) -> str:
    return tenure.school_class.name if tenure and tenure.school_class else ""


def _rename(session: Session, shelf: Shelf, before: str, after: str) -> None:
    """“Tủ lớp 1A” of the class that is 2A now is called so, unless that name is still another's."""
    place = shelf.place
    if not before or not after or before == after or not place.name.endswith(f" {before}"):
        return
    name = place.name.removesuffix(before) + after
    if name.casefold() not in building.taken_names(session, place.branch_id, place.id):
        place.name = name
        session.flush()


def undo(session: Session, act_id: int) -> None:
    """The act was voided, and its tenure with it: the shelf has its name again, and a class it made, where nobody is in it
    by now, is gone."""
    mine = select(ShelfTenure, Act.uid).join(Act, Act.id == ShelfTenure.act_id)
    for one, act_uid in session.execute(mine.where(ShelfTenure.act_id == act_id, Act.kind == KIND)).all():
        shelf = session.get_one(Shelf, one.shelf_id)
        _rename(session, shelf, _name(one), _name(tenures.current(session, shelf.id)))
        _forget_class(session, one, made_by(act_uid))


def _forget_class(session: Session, one: ShelfTenure, made: UUID) -> None:
    """`made`: the uid of a class that the act made; any other was there before. Who else names it, the database knows
    best."""
    of = one.school_class
    if of is None or of.uid != made:
        return
    try:
        with session.begin_nested():
            one.school_class = None
            session.delete(of)
    except IntegrityError:
        session.refresh(one)


undoing.ALSO.append(undo)


def history(session: Session, shelf_id: int) -> list[ShelfTenure]:
    """Everybody who kept the shelf, the latest first."""
    mine = select(ShelfTenure).where(ShelfTenure.shelf_id == shelf_id, ShelfTenure.voided.is_(False))
    return list(session.scalars(mine.order_by(ShelfTenure.from_on.desc(), ShelfTenure.id.desc())))
