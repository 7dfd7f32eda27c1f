"""Lending and taking back at a stop: the desk's own rules, by the stop's own openings; books come from the vehicle and go
back on it."""

from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from library.calendars.openings import calendar_of
from library.core import clock
from library.core.errors import NotFound
from library.holdings import ledger
from library.holdings.models import Item, Why
from library.inbox import acts, timing
from library.inbox.acts import Doing
from library.inbox.models import Act
from library.loans import deeds, facts, lending, queries, reckoning, returning, rules
from library.loans.decision import Deed, Scanned, decide
from library.loans.desk import unclear
from library.loans.facts import CopyFacts, Desk, ReaderFacts
from library.loans.happened import Answer, Happened, Scan, What
from library.loans.lending import Meeting
from library.mobile import at_stop
from library.mobile.at_stop import CHANNEL
from library.mobile.models import StopVisit, VisitAct
from library.mobile.stop_onward import onward
from library.organisations.models import Branch, CodeKind, Organisation
from library.uses.counting import Frozen


@dataclass(frozen=True)
class Spot:
    """The vehicle at a stop. `school`: the library whose readers come, if the stop is a school's."""

    visit: StopVisit
    desk: Desk
    aboard: tuple[int, int]
    school: int | None

    @property
    def libraries(self) -> tuple[int, ...]:
        """Whose readers may be called by name there."""
        return (self.desk.library_id,) if self.school is None else (self.school, self.desk.library_id)


@dataclass(frozen=True)
class Came:
    """What came of a scan. `strange`: the copy is another library's; `waited`: somebody waits for its title; `comes`: the
    vehicle is to come on the day the book is due."""

    told: Happened
    strange: bool = False
    waited: bool = False
    comes: bool = False


@dataclass(frozen=True)
class AtStop(Meeting):
    """A reader and a copy at a stop: what is read there goes back on the vehicle."""

    aboard: tuple[int, int] = (0, 0)

    @property
    def put_down(self) -> tuple[int, int]:
        return self.aboard


def spot_of(session: Session, visit: StopVisit) -> Spot:
    """Loans are those of the branch the vehicle is stationed at."""
    vehicle, stop = visit.trip.vehicle, visit.stop
    network = session.scalars(select(Organisation.network_id).where(Organisation.id == vehicle.library_id)).one()
    desk = Desk(vehicle.library_id, network or vehicle.library_id, vehicle.branch_id, stop.place_id)
    return Spot(visit, desk, (vehicle.aboard_id, vehicle.aboard.branch_id), _school(session, visit))


def _school(session: Session, visit: StopVisit) -> int | None:
    branch = visit.stop.readers_of_id
    owner = session.scalar(select(Branch.organisation_id).where(Branch.id == branch)) if branch else None
    return owner if owner != visit.trip.vehicle.library_id else None


def scan(session: Session, spot: Spot, doing: Doing, one: Scan) -> Came:
    """Do what the scan means: a card opens a reader, a copy goes out to the reader who is open or comes back aboard.

    Raises NotSo where the stop is not open, NotFound for a reader who does not read there.
    """
    at_stop.check_open(spot.visit, doing.at)
    at = doing.at or clock.now()
    found = facts.resolve(session, one.text, spot.desk, at)
    meant = facts.the_one(found, one.item)
    if meant is None:
        return Came(unclear(session, spot.desk, one, found, at))
    if meant.kind is CodeKind.CARD:
        return Came(
            _opened(session, spot, facts.reader(session, meant.id, spot.desk, clock.day_of(at)), one.text, doing)
        )
    return _copy(session, spot, doing, one, meant.id)


def open_reader(session: Session, spot: Spot, uid: UUID) -> Happened | None:
    """A reader picked by name and class, or shown again after their card was scanned; None for nobody of this network."""
    reader = facts.reader(session, uid, spot.desk, clock.today())
    return _opened(session, spot, reader, "", None) if reader else None


def _opened(session: Session, spot: Spot, reader: ReaderFacts | None, text: str, doing: Doing | None) -> Happened:
    at = (doing and doing.at) or clock.now()
    if reader is None:
        return Happened(What.UNKNOWN, at, text)
    reader = _at_home(spot, reader)
    law = reckoning.law(session, spot.desk, reader)
    case = rules.Ask(clock.day_of(at), reader.standing, rules.Copy(), law.values(reader.category_id))
    held = facts.held_by(session, reader.membership_id)
    known = replace(reader, limit=law.most(reader))
    return Happened(What.READER, at, text, reader=known, held=held, verdicts=rules.on_opening(case))


def _at_home(spot: Spot, reader: ReaderFacts) -> ReaderFacts:
    """The vehicle came for the school's readers: they are not strangers to it."""
    if reader.library_id not in spot.libraries:
        return reader
    return replace(reader, standing=replace(reader.standing, elsewhere=None))


def _reader(session: Session, spot: Spot, one: Scan, today: date) -> ReaderFacts | None:
    """Whoever is open. A name proves nothing: it must be of a library that reads here; a card did prove it."""
    if one.reader is None or one.returns_only:
        return None
    reader = facts.reader(session, one.reader, spot.desk, today)
    if reader is None:
        raise NotFound
    return _at_home(spot, reader)


def _copy(session: Session, spot: Spot, doing: Doing, one: Scan, item_id: int) -> Came:
    facts.lock(session, one.reader, item_id)
    today = clock.day_of(doing.at or clock.now())
    reader = _reader(session, spot, one, today)
    copy = facts.copy(session, item_id, spot.desk, today, reader.membership_id if reader else None)
    copy = copy if doing.at is None else facts.as_of(session, copy, doing.at)
    at = doing.at or timing.live(clock.now(), copy.seen_at)
    aboard = _stands(session, item_id) == spot.aboard[0]
    told = Happened(What.COUNTED, at, one.text, copy=copy, reader=reader)
    came = Came(told, copy.library_id != spot.desk.library_id, copy.waiting > 0 or copy.kept_for is not None)
    done = _do(session, spot, doing, one, told, aboard, today)
    if done.act is not None:
        at_stop.link(session, spot.visit, _act_id(session, done.act))
    return replace(came, told=done, comes=done.due_on is not None and _comes(session, spot, done.due_on))


def _comes(session: Session, spot: Spot, day: date) -> bool:
    calendar = calendar_of(session, spot.desk.branch_id, clock.today(), spot.desk.place_id)
    return day in (calendar.openings or ())


def _stands(session: Session, item_id: int) -> int:
    return session.scalars(select(Item.place_id).where(Item.id == item_id)).one()


def _act_id(session: Session, uid: UUID) -> int:
    return session.scalars(select(Act.id).where(Act.uid == uid)).one()


def _do(session: Session, spot: Spot, doing: Doing, one: Scan, told: Happened, aboard: bool, today: date) -> Happened:
    copy, reader = told.copy, told.reader
    assert copy
    deed = _deed(one, copy, reader, aboard)
    if deed is Deed.ASK_RENEW and one.answer != Answer.RENEW:
        return replace(told, what=What.ASKED)
    if deed is Deed.SET_ASIDE:
        return replace(told, what=What.SET_ASIDE)
    if reader and deed in (Deed.LEND, Deed.ASK_RENEW):
        met = AtStop(spot.desk, doing, one, told, copy, reader, today, spot.aboard)
        return lending.lend(session, met) if deed is Deed.LEND else lending.renew(session, met)
    return _aboard(session, spot, doing, told, deed)


def _deed(one: Scan, copy: CopyFacts, reader: ReaderFacts | None, aboard: bool) -> Deed:
    scanned = Scanned(
        copy.register, aboard, copy.lent_to, copy.loan_id is not None, copy.lost_at is not None, bool(copy.on_site)
    )
    returns_only = one.returns_only or one.answer == Answer.RETURN
    return decide(scanned, reader.membership_id if reader else None, returns_only)


def _aboard(session: Session, spot: Spot, doing: Doing, told: Happened, deed: Deed) -> Happened:
    """It comes back on the vehicle, wherever it was: returned, read on the spot, or found."""
    copy = told.copy
    assert copy
    late = bool(copy.has_penalty and copy.due_on and copy.due_on < clock.day_of(told.at))
    act_id, counted = _put_aboard(session, spot, doing, told, deeds.seen(copy, late), deed)
    is_past = doing.at is not None and told.at <= copy.seen_at
    goes = None if is_past else onward(session, spot.desk, copy, (act_id, doing.uid), told.at)
    verdicts = rules.on_return(_back(session, told, late))
    return replace(
        told, what=returning.WHATS[deed], act=doing.uid, counted=counted, shelving=goes, verdicts=verdicts
    )  # fmt: skip


def _put_aboard(
    session: Session, spot: Spot, doing: Doing, told: Happened, seen: deeds.Seen, deed: Deed
) -> tuple[int, bool]:
    """The act's id, and whether it was read on the spot: a stray copy that turns up was not."""
    copy = told.copy
    assert copy
    item = (copy.id, copy.uid)
    if deed is not Deed.ARRIVE:
        return deeds.take_in(session, doing, item, spot.aboard, told.at, seen, deeds.How(frozen=_frozen(spot, copy)))
    act = acts.write(session, doing, "take-in", told.at), doing.uid
    ledger.move(session, act, dict([item]), spot.aboard, Why.SHELVE, told.at, idle=seen.idle)
    return act[0], False


def _frozen(spot: Spot, copy: CopyFacts) -> Frozen:
    return Frozen(
        spot.desk.branch_id, reading_level=copy.level, class_mark=copy.class_mark, channel=CHANNEL,
        place_id=spot.desk.place_id,
    )  # fmt: skip


def _back(session: Session, told: Happened, late: bool) -> rules.Back:
    copy = told.copy
    assert copy
    suspended = returning.suspended_by(session, copy.loan_id) if late and copy.loan_id else None
    return rules.Back(
        copy.loan_id is not None, copy.is_lost, clock.day_of(copy.lost_at) if copy.lost_at else None,
        clock.day_of(copy.claimed_at) if copy.claimed_at else None, suspended, False, copy.parts, copy.condition,
        copy.note, copy.owed_for,
    )  # fmt: skip


def is_of(session: Session, act: Act, visit: StopVisit) -> bool:
    """Whether the act was done at this visit."""
    query = select(VisitAct.act_id).where(VisitAct.act_id == act.id, VisitAct.visit_id == visit.id)
    return session.execute(query).first() is not None


def named(session: Session, spot: Spot, text: str) -> list[queries.Known]:
    """Readers by a part of their name: the school's first."""
    return [one for library in spot.libraries for one in queries.readers_named(session, library, text)]


def classes(session: Session, spot: Spot) -> list[tuple[UUID, str]]:
    """Of the school, in order; none at a stop for anybody."""
    return queries.classes(session, spot.school, clock.today()) if spot.school else []


def of_class(session: Session, spot: Spot, class_uid: UUID) -> list[queries.Known]:
    return queries.readers_of_class(session, spot.school, class_uid) if spot.school else []
