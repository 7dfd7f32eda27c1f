"""Borrowing at a classroom's shelf: a name, then a book, scanned or tapped; a book without a name comes back.

What is done is the desk's (loans): the same rules, the same loans. What is particular is where a book goes: it is
recorded on this shelf, where it is, even if it belongs elsewhere.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, select, union_all
from sqlalchemy.orm import Session

from library.core import clock
from library.core.errors import N_, NotFound
from library.holdings import ledger
from library.holdings.models import Item, Movement, PlaceKind, Why
from library.inbox import acts, timing
from library.inbox.acts import Doing
from library.inbox.models import Act
from library.loans import deeds, desk, facts, lending, returning, rules
from library.loans.facts import CopyFacts, Desk, ReaderFacts
from library.loans.happened import Answer, Happened, Scan, What
from library.loans.lending import Meeting
from library.loans.models import Loan, still_out
from library.organisations.models import CodeKind
from library.patrons.models import Membership, SchoolClass
from library.shelves import shelf_codes
from library.shelves.borrowing_rules import Held, Said, Shelfs, Stop, Way, stop, way
from library.shelves.models import LightEnd, Shelf, ShelfMode
from library.shelves.stock import belongs, left_us
from library.uses.counting import Frozen
from library.uses.models import DocumentUse, Visit

A_MOMENT = timedelta(minutes=2)
"""Two machines that lend one book within this time do not mean two borrowings."""
SIGHTED = (Way.ASK_OTHER, Way.NOT_LENT)
LATE = {
    Stop.CLOSED: N_("Tủ này đã đóng."),
    Stop.ANOTHERS: N_("Sách của %(library)s, không thuộc tủ này."),
}
"""What is noted with a loan that was told of too late to be stopped, where the rules have no word for it."""


@dataclass(frozen=True)
class Spot:
    """The shelf somebody stands at, and whose readers may be named there. `desk`: the shelf's branch; `helped`: a pupil
    helper stands there."""

    shelf: Shelf
    desk: Desk
    readers: ColumnElement[bool]
    helped: bool = False


@dataclass(frozen=True)
class Shown:
    """What was held up or tapped: the text of a scan, or the copy of a cover. `reader`: the pupil named."""

    one: Scan
    tapped: UUID | None = None


@dataclass(frozen=True)
class Came:
    """What came of it. `theirs`: whoever had it reads at this shelf, so their name may be said. `sighted`: the copy was
    recorded as being here though nothing else was done. `sign`: the code was that of a shelf, by this name."""

    told: Happened
    way: Way | None = None
    why: Stop | None = None
    belongs: bool = True
    theirs: bool = False
    sighted: bool = False
    sign: str = ""


@dataclass(frozen=True)
class AtShelf(Meeting):
    """A pupil and a copy at a shelf: its uses name the shelf, and what is read there stays there. `why`: the shelf would
    not have lent it, had it been asked in time."""

    place_id: int = 0
    why: Stop | None = None

    @property
    def put_down(self) -> tuple[int, int]:
        return self.place_id, self.desk.branch_id

    @property
    def verdicts(self) -> tuple[rules.Verdict, ...]:
        if self.why is None or self.why not in LATE:
            return ()
        return (rules.never(self.why.value, LATE[self.why], library=self.copy.library_name),)

    def frozen(self) -> Frozen:
        return replace(super().frozen(), place_id=self.place_id)


def scan(session: Session, spot: Spot, doing: Doing, held: Shown) -> Came:
    """Do what it means. Raises NotFound for a pupil who does not read here and a cover that is not of this shelf."""
    one, at = held.one, doing.at or clock.now()
    if held.tapped is not None:
        return _copy(session, spot, doing, held, _tapped(session, spot, held.tapped))
    found = facts.resolve(session, one.text, spot.desk, at)
    chosen = facts.the_one(found, one.item)
    if chosen is None:
        sign = None if found else shelf_codes.named_by(session, one.text, at, _signs(spot))
        return Came(desk.unclear(session, spot.desk, one, found, at), sign=sign.place.name if sign else "")
    if chosen.kind is CodeKind.CARD:
        return Came(_card(session, spot, one, chosen.id, doing))
    return _copy(session, spot, doing, held, chosen.id)


def _signs(spot: Spot) -> ColumnElement[bool]:
    """Shelves whose code somebody may well scan by mistake here."""
    return Shelf.library_id == spot.shelf.library_id


def _card(session: Session, spot: Spot, one: Scan, membership_id: int, doing: Doing) -> Happened:
    """A pupil's card is as good as their name; somebody else's says nothing about them."""
    at = doing.at or clock.now()
    reader = facts.reader(session, membership_id, spot.desk, clock.day_of(at))
    if reader is None or not reads(session, spot, membership_id):
        return Happened(What.READER, at, one.text)
    return Happened(What.READER, at, one.text, reader=reader)


def reads(session: Session, spot: Spot, membership_id: int | None) -> bool:
    """Whether this is one of the shelf's readers (one statement)."""
    query = select(Membership.id).outerjoin(SchoolClass, SchoolClass.id == Membership.class_id)
    mine = query.where(Membership.id == membership_id, spot.readers)
    return membership_id is not None and session.execute(mine).first() is not None


def pupil(session: Session, spot: Spot, uid: UUID) -> ReaderFacts:
    """One of the shelf's readers, as the rules see them. Raises NotFound."""
    reader = facts.reader(session, uid, spot.desk, clock.today())
    if reader is None or not reads(session, spot, reader.membership_id):
        raise NotFound
    return reader


def _tapped(session: Session, spot: Spot, uid: UUID) -> int:
    """A copy of the shelf's list, or one that a reader of the shelf has."""
    theirs = (
        select(Loan.item_id)
        .join(Membership, Membership.id == Loan.membership_id)
        .outerjoin(SchoolClass, SchoolClass.id == Membership.class_id)
        .where(still_out(), spot.readers)
    )
    found = session.scalar(select(Item.id).where(Item.uid == uid, belongs(spot.shelf.place_id) | Item.id.in_(theirs)))
    if found is None:
        raise NotFound
    return found


def _copy(session: Session, spot: Spot, doing: Doing, held: Shown, item_id: int) -> Came:
    one = held.one
    facts.lock(session, one.reader, item_id)
    today = clock.day_of(doing.at or clock.now())
    reader = pupil(session, spot, one.reader) if one.reader else None
    copy = facts.copy(session, item_id, spot.desk, today, reader.membership_id if reader else None)
    copy = copy if doing.at is None else facts.as_of(session, copy, doing.at)
    at = doing.at or timing.live(clock.now(), copy.seen_at)
    told = Happened(What.COUNTED, at, one.text, copy=copy, reader=reader)
    return _do(session, spot, doing, held, told, today)


def _do(session: Session, spot: Spot, doing: Doing, held: Shown, told: Happened, today: date) -> Came:
    copy, reader = told.copy, told.reader
    assert copy
    shelf = Shelfs(spot.shelf.closed_on is not None, spot.shelf.mode is ShelfMode.HONOUR)
    facts_ = _held(session, spot, doing, held, copy, reader)
    said = _said(spot, held.one, reader, doing)
    todo = way(shelf, facts_, said)
    came = Came(told, todo, stop(shelf, facts_), facts_.belongs, facts_.theirs)
    if reader and todo in (Way.LEND, Way.ASK_KEEP):
        return _rules(session, spot, doing, held, came, today)
    return _without_rules(session, spot, doing, held, came)


def _held(session: Session, spot: Spot, doing: Doing, held: Shown, copy: CopyFacts, reader: ReaderFacts | None) -> Held:
    other = reader is not None and copy.loan_id is not None and copy.lent_to != reader.membership_id
    return Held(
        copy.register, copy.loan_id is not None, copy.lent_to, copy.lost_at is not None, bool(copy.on_site),
        other and _just_lent(session, copy.loan_id, doing), of_shelf(session, copy, spot.shelf.place_id),
        copy.library_id == spot.shelf.library_id, held.tapped is not None, reads(session, spot, copy.lent_to),
        copy.kept_for is not None and (reader is None or copy.kept_for != reader.membership_id),
    )  # fmt: skip


def _said(spot: Spot, one: Scan, reader: ReaderFacts | None, doing: Doing) -> Said:
    returns = one.returns_only or one.answer == Answer.RETURN
    named = reader.membership_id if reader else None
    return Said(named, one.is_lending, returns, doing.at is not None, spot.helped)


def of_shelf(session: Session, copy: CopyFacts, place_id: int) -> bool:
    """It stays here, or has its home here and was neither given back nor lent to another shelf."""
    if copy.stay_place_id is not None:
        return copy.stay_place_id == place_id
    gone = select(LightEnd.id).where(LightEnd.item_id == copy.id, left_us())
    return copy.home_id == place_id and session.execute(gone).first() is None


def _just_lent(session: Session, loan_id: int | None, doing: Doing) -> bool:
    query = select(Loan.lent_at, Act.device).join(Act, Act.id == Loan.act_id).where(Loan.id == loan_id)
    row = session.execute(query).one_or_none()
    return row is not None and row[1] != doing.device and clock.now() - row[0] <= A_MOMENT


def _rules(session: Session, spot: Spot, doing: Doing, held: Shown, came: Came, today: date) -> Came:
    """Lend, or keep for longer: as the library's own rules say."""
    told, one = came.told, held.one
    assert told.copy
    assert told.reader
    if came.way is Way.ASK_KEEP and one.answer != Answer.RENEW:
        return replace(came, told=replace(told, what=What.ASKED))
    met = AtShelf(spot.desk, doing, one, told, told.copy, told.reader, today, spot.shelf.place_id, came.why)
    done = lending.lend(session, met) if came.way is Way.LEND else lending.renew(session, met)
    stopped = done.act is None and held.tapped is None and told.copy.loan_id is None
    return _sighted(session, spot, doing, replace(came, told=done)) if stopped else replace(came, told=done)


def _without_rules(session: Session, spot: Spot, doing: Doing, held: Shown, came: Came) -> Came:
    told, todo = came.told, came.way
    if todo is Way.TAKE_BACK:
        return replace(came, told=_take_back(session, spot, doing, told))
    if todo in (Way.PUT_BACK, Way.LEAVE):
        shelved = replace(told, what=What.ARRIVED if todo is Way.LEAVE else What.COUNTED)
        return replace(came, told=_shelve(session, spot, doing, shelved) if held.tapped is None else shelved)
    what = {Way.SET_ASIDE: What.SET_ASIDE, Way.NOT_LENT: What.REFUSED, Way.TAKEN: What.REFUSED,
            Way.NOT_RETURNED: What.REFUSED}  # fmt: skip
    said = replace(came, told=replace(told, what=what.get(todo or Way.TAKEN, What.QUESTION)))
    return _sighted(session, spot, doing, said) if todo in SIGHTED and held.tapped is None else said


def _sighted(session: Session, spot: Spot, doing: Doing, came: Came) -> Came:
    """Nothing is lent, yet the book is in somebody's hand here: if it was thought elsewhere, that is put right."""
    told = came.told
    assert told.copy
    if doing.at is not None or stands_on(session, told.copy.id, spot.shelf.place_id):
        return came
    return replace(came, told=replace(_shelve(session, spot, doing, told), act=None), sighted=True)


def stands_on(session: Session, item_id: int, place_id: int) -> bool:
    return session.execute(select(Item.id).where(Item.id == item_id, Item.place_id == place_id)).first() is not None


def _here(spot: Spot) -> tuple[int, int]:
    return spot.shelf.place_id, spot.shelf.branch_id


def _shelve(session: Session, spot: Spot, doing: Doing, told: Happened) -> Happened:
    """Seen on this shelf; no use: nobody read it."""
    copy = told.copy
    assert copy
    act = acts.write(session, doing, "take-in", told.at), doing.uid
    ledger.move(
        session, act, {copy.id: copy.uid}, _here(spot), Why.SHELVE, told.at, idle=deeds.seen(copy, late=False).idle
    )
    return replace(told, act=doing.uid, verdicts=(*told.verdicts, *rules.on_return(_back(session, copy, told, False))))


def _take_back(session: Session, spot: Spot, doing: Doing, told: Happened) -> Happened:
    copy = told.copy
    assert copy
    came_on = clock.day_of(told.at)
    late = bool(copy.has_penalty and copy.due_on and copy.due_on < came_on)
    deeds.take_in(session, doing, (copy.id, copy.uid), _here(spot), told.at, deeds.seen(copy, late))
    back = _back(session, copy, told, late)
    return replace(told, what=What.RETURNED, act=doing.uid, verdicts=rules.on_return(back))


def _back(session: Session, copy: CopyFacts, told: Happened, late: bool) -> rules.Back:
    lost = copy.lost_at is not None or copy.place_kind is PlaceKind.UNKNOWN
    suspended = returning.suspended_by(session, copy.loan_id) if late and copy.loan_id else None
    return rules.Back(
        copy.loan_id is not None, lost, clock.day_of(copy.lost_at) if copy.lost_at else None,
        clock.day_of(copy.claimed_at) if copy.claimed_at else None, suspended, False, copy.parts, copy.condition,
        copy.note, copy.owed_for,
    )  # fmt: skip


DONE_HERE = ("lend", "take-in", "renew", "tally")
"""Kinds of acts that are taken back at a shelf; others have doors of their own."""


def is_of(session: Session, act: Act, shelf: Shelf) -> bool:
    """Whether the act was done at this shelf: with one of its copies, onto it, or counted there (one statement)."""
    if act.kind not in DONE_HERE or act.branch_id != shelf.branch_id:
        return False
    moved = select(Movement.act_id).join(Item, Item.id == Movement.item_id)
    moved = moved.where(Movement.act_id == act.id, belongs(shelf.place_id) | (Movement.place_id == shelf.place_id))
    used = select(DocumentUse.act_id).where(DocumentUse.act_id == act.id, DocumentUse.place_id == shelf.place_id)
    came = select(Visit.act_id).where(Visit.act_id == act.id, Visit.place_id == shelf.place_id)
    return session.execute(union_all(moved, used, came).limit(1)).first() is not None
