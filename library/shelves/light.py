"""The light list of a shelf: books that stand in no register because they are the class's own, parents', a pupil's."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import and_, or_, select, update
from sqlalchemy.orm import Session

from library.catalogue import writing
from library.catalogue.models import Role
from library.catalogue.writing import NewRecord
from library.cataloguing import entering
from library.core import clock
from library.core.errors import N_, NotFound, Reason, Refused
from library.core.fold import fold
from library.holdings import accessions, ledger, outside, places, stays
from library.holdings.models import Basis, Item, Ownership, PlaceKind, Register, Why
from library.holdings.outside import Given, OutsideItem
from library.inbox import acts
from library.inbox.acts import Doing
from library.inbox.models import Act
from library.loans.models import Loan, still_out
from library.organisations.models import Organisation
from library.patrons.models import SchoolClass
from library.shelves import light_number, tenures, undoing
from library.shelves.models import LightEnd, Shelf, ShelfKind

OWN = (Ownership.CLASS, Ownership.PARENTS, Ownership.PUPIL, Ownership.DONOR)
GIFT = "Quyên góp"
"""The source of what a class gave to the library's register."""


class How(StrEnum):
    """How a copy leaves the light list."""

    GIVEN_BACK = "given-back"
    PASSED_ON = "passed-on"
    LOST = "lost"
    MISTAKE = "mistake"
    REGISTERED = "registered"


class StillOut(Refused):
    def __init__(self) -> None:
        super().__init__(Reason("still-out", N_("Cuốn này đang có em mượn. Nhận trả trước đã, rồi mới gạch được.")))


class NotLight(Refused):
    def __init__(self) -> None:
        super().__init__(Reason("not-light", N_("Cuốn này không còn trên danh sách sách của lớp.")))


class ShelfClosed(Refused):
    def __init__(self) -> None:
        super().__init__(Reason("shelf-closed", N_("Tủ này đã đóng, không ghi thêm sách được.")))


@dataclass(frozen=True)
class LightBook:
    """A book as somebody of the class told it. `note` names whoever lent it, where that is no pupil of the class."""

    title: str
    author: str = ""
    ownership: Ownership = Ownership.CLASS
    owner_patron_id: int | None = None
    note: str | None = None


def prefix_of(shelf: Shelf, school_class: SchoolClass | None) -> str:
    """LH-4A; of a grade's shelf LH-K4, of a room's LH-P and its number."""
    if school_class is not None:
        return f"LH-{_short(school_class.name)}"
    return f"LH-K{shelf.grade}" if shelf.kind is ShelfKind.GRADE else f"LH-P{shelf.id}"


def _short(name: str) -> str:
    kept = "".join(char for char in fold(name).upper() if char.isascii() and char.isalnum())
    return kept[:8] or "0"


def add(session: Session, doing: Doing, shelf: Shelf, books: Sequence[LightBook]) -> list[int]:
    """The copies stand on the shelf and are at home there; item ids in order. One act, one receipt."""
    at, library = doing.at or clock.now(), session.get_one(Organisation, shelf.library_id)
    tenure = tenures.current(session, shelf.id)
    of = tenure.school_class if tenure else None
    act_id = acts.write(session, doing, "light-list", at)
    source = f"{shelf.place.name}, ngoài sổ"
    receipt = accessions.add_receipt(session, act_id, library.id, source, clock.day_of(at))
    records = _records(session, library, books)
    labels = outside.numbered(session, library.id, prefix_of(shelf, of), len(books))
    told = zip(books, records, labels, strict=True)
    new = [_item(book, record, label, of) for book, record, label in told]
    home = shelf.place_id, shelf.branch_id
    return outside.enter(session, (act_id, doing.uid, receipt), library, home, new, at)


def _item(book: LightBook, record: int, label: str, of: SchoolClass | None) -> OutsideItem:
    common = book.ownership in (Ownership.CLASS, Ownership.PARENTS)
    owner_class = of.id if of and common else None
    return OutsideItem(record, label, book.ownership, book.owner_patron_id, owner_class, book.note)


def _records(session: Session, library: Organisation, books: Sequence[LightBook]) -> list[int]:
    """The catalogue's title where it has it, else a new one of few words; a title told twice is one."""
    assert library.network_id is not None
    new = [_described(book) for book in books]
    known = writing.find_matches(session, library.network_id, [one.asked for one in new])
    fresh = list({one.asked: one for one in new if one.asked not in known}.values())
    made = entering.describe(session, library, fresh)
    known |= {one.asked: record for one, record in zip(fresh, made, strict=True)}
    return [known[one.asked] for one in new]


def _described(book: LightBook) -> NewRecord:
    return NewRecord(book.title, ((book.author, Role.AUTHOR),) if book.author else (), responsibility=book.author)


def copy_here(session: Session, shelf: Shelf, uid: UUID) -> Item:
    """The shelf's own light copy, locked. Raises NotFound."""
    mine = select(Item).where(Item.uid == uid, Item.home_id == shelf.place_id, Item.ownership.in_(OWN))
    found = session.scalar(mine.with_for_update(key_share=True, of=Item).execution_options(populate_existing=True))
    if found is None:
        raise NotFound
    return found


def end(session: Session, doing: Doing, item: Item, how: How) -> tuple[int, UUID]:
    """The copy is with us no longer: given back, passed on, lost, or was never there. Its act. Raises StillOut, NotLight."""
    _check(session, item, may_be_out=False)
    at = doing.at or clock.now()
    act = acts.write(session, doing, "light-end", at), doing.uid
    _note(session, act[0], item, how, clock.day_of(at))
    nowhere = places.first_of(session, item.home.branch_id, PlaceKind.UNKNOWN)
    where = nowhere.id, nowhere.branch_id
    # Somebody says so; nobody scans what has just left the house.
    ledger.move(session, act, {item.id: item.uid}, where, Why.REVIEW, at, Basis.ASSERTION, rests_on=at)
    outside.let_go(session, item.id, at)
    session.expire(item)
    return act


def register(session: Session, doing: Doing, shelf: Shelf, item: Item) -> str:
    """The class gives the copy to the library: it gets a number, stays on the shelf, and keeps all its history."""
    _check(session, item, may_be_out=True)
    at, library = doing.at or clock.now(), session.get_one(Organisation, shelf.library_id)
    act = acts.write(session, doing, "light-end", at), doing.uid
    ended = _note(session, act[0], item, How.REGISTERED, clock.day_of(at))
    receipt = accessions.add_receipt(session, act[0], library.id, GIFT, clock.day_of(at))
    stacks = places.first_of(session, shelf.branch_id, PlaceKind.STACKS)
    series = entering.usual(session, library.id)["series"]
    label = outside.register(session, library, item.id, Given(receipt, series, stacks.id), at)
    ended.before = {**ended.before, light_number.GIVEN: label}
    stays.begin(session, act, (item.id, item.uid), shelf.place_id, "shelf", at)
    session.expire(item)
    return label


def _check(session: Session, item: Item, may_be_out: bool) -> None:
    if item.register_status is not Register.OUTSIDE:
        raise NotLight
    out = select(Loan.id).where(Loan.item_id == item.id, still_out())
    if not may_be_out and session.execute(out).first():
        raise StillOut


_BEFORE = ("ownership", "owner_patron_id", "owner_class_id", "receipt_id", "home_id", "note")


def _note(session: Session, act_id: int, item: Item, how: How, on: date) -> LightEnd:
    before: dict[str, Any] = {name: getattr(item, name) for name in _BEFORE}
    ended = LightEnd(item_id=item.id, act_id=act_id, how=how.value, ended_on=on, before=before)
    session.add(ended)
    session.flush()
    return ended


def undo(session: Session, act_id: int) -> None:
    """The act was voided: what it took off the light list is on it again; a number it gave is struck out, for good.
    Raises RestsOnNumber."""
    mine = select(LightEnd, Act.occurred_at).join(Act, Act.id == LightEnd.act_id)
    for ended, at in session.execute(mine.where(LightEnd.act_id == act_id, LightEnd.voided.is_(False))).all():
        ended.voided = True
        _as_before(session, ended, at)
    session.flush()


def _as_before(session: Session, ended: LightEnd, at: datetime) -> None:
    if ended.how == How.REGISTERED:
        light_number.check(session, ended, at)
        before = {name: ended.before[name] for name in _BEFORE}
        outside.strike(session, ended.item_id, before, "vào sổ nhầm", at)
    else:
        outside.take_back(session, ended.item_id, at)


def how_of(session: Session, act_id: int) -> set[str]:
    """How the copies went that the act took off the list."""
    return set(session.scalars(select(LightEnd.how).where(LightEnd.act_id == act_id)))


undoing.ALSO.append(undo)


@dataclass(frozen=True)
class Ended:
    """A copy that left the list lately, and the act by which it did."""

    title: str
    author: str
    how: str
    ended_on: date
    act: UUID


def lately(session: Session, shelf: Shelf, since: date) -> list[Ended]:
    """Newest first; one statement."""
    home = LightEnd.item_id.in_(select(Item.id).where(Item.home_id == shelf.place_id))
    was_home = LightEnd.before["home_id"].as_integer() == shelf.place_id
    query = (
        select(LightEnd, Item, Act.uid)
        .join(Item, Item.id == LightEnd.item_id)
        .join(Act, Act.id == LightEnd.act_id)
        .where(home | was_home, LightEnd.voided.is_(False), LightEnd.ended_on >= since)
        .order_by(LightEnd.id.desc())
    )
    return [
        Ended(item.record.full_title, item.record.author, one.how, one.ended_on, act)
        for one, item, act in session.execute(query)
    ]


def forget(session: Session, before: date, most: int) -> bool:
    """Names of owners go with what left the list before that day, however it did. Whether there was something."""
    kept = or_(
        LightEnd.before["owner_patron_id"].as_integer().is_not(None), LightEnd.before["note"].as_string().is_not(None)
    )
    gone = and_(LightEnd.voided.is_(False), Item.register_status == Register.GONE)
    named = and_(gone, or_(Item.owner_patron_id.is_not(None), Item.note.is_not(None)))
    query = select(LightEnd, gone).join(Item, Item.id == LightEnd.item_id).where(LightEnd.ended_on < before)
    some = session.execute(query.where(or_(kept, named)).order_by(LightEnd.id).limit(most)).all()
    for ended, _gone in some:
        ended.before = {**ended.before, "owner_patron_id": None, "note": None}
    without = [ended.item_id for ended, is_gone in some if is_gone]
    session.execute(update(Item).where(Item.id.in_(without)).values(owner_patron_id=None, note=None))
    session.flush()
    return bool(some)
