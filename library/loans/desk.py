"""The desk: one scan at a time, what it means and what is done. Facts are read, rules asked, a deed done.

A scan made online is decided now. One that waited for the network has happened already: it is recorded with its own
moment, and what a rule would have said becomes a doubt.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy.orm import Session

from library.calendars.openings import calendar_of
from library.core import clock
from library.core.errors import Reason
from library.inbox import timing
from library.inbox.acts import Doing
from library.loans import deeds, facts, holds, rules
from library.loans.decision import Deed, Scanned, decide
from library.loans.facts import CopyFacts, Desk, Found, Held, ReaderFacts
from library.organisations.models import CodeKind
from library.uses.counting import Frozen


class What(StrEnum):
    """What came of a scan."""

    READER = "reader"
    LENT = "lent"
    RENEWED = "renewed"
    RETURNED = "returned"
    COUNTED = "counted"
    ARRIVED = "arrived"
    ASKED = "asked"
    REFUSED = "refused"
    SET_ASIDE = "set-aside"
    UNKNOWN = "unknown"
    AMBIGUOUS = "ambiguous"


@dataclass(frozen=True)
class Scan:
    """What the page says: the text, whose books are being lent, and how a question was answered."""

    text: str
    reader: UUID | None = None
    returns_only: bool = False
    answer: str | None = None
    override: str | None = None


@dataclass(frozen=True)
class Happened:
    """What came of it, with all the facts a sentence may need. `act` can be undone."""

    what: What
    at: datetime
    text: str = ""
    copy: CopyFacts | None = None
    reader: ReaderFacts | None = None
    held: Sequence[Held] = ()
    act: UUID | None = None
    due_on: date | None = None
    reasons: Sequence[Reason] = ()
    overridable: bool = False
    counted: bool = False
    kept_until: date | None = None
    kept_for: str | None = None
    among: Sequence[CopyFacts] = ()
    doubts: Sequence[Reason] = field(default_factory=tuple)


def scan(session: Session, desk: Desk, doing: Doing, one: Scan) -> Happened:
    """Do what the scan means. `doing.at` is None online, else the moment it happened by the corrected clock."""
    at = doing.at or clock.now()
    found = facts.resolve(session, one.text, desk, at)
    if not found:
        return Happened(What.UNKNOWN, at, one.text)
    chosen = _chosen(found, one)
    if chosen is None:
        among = [facts.copy(session, f.id, desk) for f in found[:4] if f.kind is CodeKind.ITEM]
        return Happened(What.AMBIGUOUS, at, one.text, among=among)
    if chosen.kind is CodeKind.CARD:
        return _open_reader(session, desk, chosen.id, at, one.text)
    return _scan_copy(session, desk, doing, one, chosen.id)


def _chosen(found: Sequence[Found], one: Scan) -> Found | None:
    """The nearest thing; where two are alike near, the one the page was asked about and named."""
    named = [f for f in found if one.answer == f"item-{f.id}"]
    return named[0] if named else facts.the_one(found)


def _open_reader(session: Session, desk: Desk, membership_id: int, at: datetime, text: str) -> Happened:
    here = facts.reader(session, membership_id, desk, clock.day_of(at))
    if here and here.standing.elsewhere:
        mine = facts.membership_here(session, membership_id, desk.library_id)
        here = facts.reader(session, mine, desk, clock.day_of(at))
    if here is None:
        return Happened(What.UNKNOWN, at, text)
    return Happened(What.READER, at, text, reader=here, held=facts.held_by(session, here.membership_id))


def open_reader(session: Session, desk: Desk, uid: UUID) -> Happened | None:
    """A reader of this library picked by name, or shown again after a reload. Others must show their card."""
    here = facts.reader(session, uid, desk, clock.today())
    if here is None or here.standing.elsewhere:
        return None
    return Happened(What.READER, clock.now(), reader=here, held=facts.held_by(session, here.membership_id))


def _scan_copy(session: Session, desk: Desk, doing: Doing, one: Scan, item_id: int) -> Happened:
    facts.lock(session, one.reader, item_id)
    today = clock.day_of(doing.at or clock.now())
    wanted = None if one.returns_only or one.reader is None else facts.reader(session, one.reader, desk, today)
    copy = facts.copy(session, item_id, desk)
    if doing.at is not None:
        copy = facts.as_of(session, copy, doing.at)
    at = doing.at or timing.live(clock.now(), copy.seen_at)
    here = copy.place_branch_id == desk.branch_id
    deed = decide(
        Scanned(copy.register, here, copy.lent_to), wanted.membership_id if wanted else None, one.returns_only
    )
    told = Happened(What.COUNTED, at, one.text, copy=copy, reader=wanted)
    if deed is Deed.ASK_RENEW and one.answer in ("renew", "return"):
        deed = Deed.TAKE_BACK if one.answer == "return" else Deed.LEND
        if one.answer == "renew" and wanted:
            return _renew(session, desk, doing, told, copy, wanted, today)
    if deed is Deed.ASK_RENEW:
        return replace(told, what=What.ASKED)
    if deed is Deed.SET_ASIDE:
        return replace(told, what=What.SET_ASIDE)
    if deed is Deed.LEND and wanted:
        return _lend(session, desk, doing, one, told, copy, wanted, today)
    return _take_in(session, desk, doing, told, copy, deed, today)


def _lend(
    session: Session,
    desk: Desk,
    doing: Doing,
    one: Scan,
    told: Happened,
    copy: CopyFacts,
    reader: ReaderFacts,
    today: date,
) -> Happened:
    reasons = rules.against(rules.Ask(today, reader.standing, copy.standing(reader.membership_id)))
    overridable = rules.may_be_overridden(reasons)
    online = doing.at is None
    if reasons and online and not (one.override and overridable):
        return replace(told, what=What.REFUSED, reasons=reasons, overridable=overridable)
    terms = reader.standing.terms or rules.Lengths(0, 0, 0)
    due = rules.due_on(terms, calendar_of(session, desk.branch_id, today), today, reader.standing.expires_on)
    what = deeds.Lending(
        copy.id, copy.uid, reader.membership_id, due, _frozen(desk, copy, reader), reader.class_id,
        tuple({"code": reason.code} for reason in reasons), one.override if reasons else None,
    )  # fmt: skip
    act = deeds.lend(session, doing, what, (copy.patrons_place, desk.branch_id), told.at, _seen(copy))
    if copy.kept_for is not None or copy.waiting:
        holds.fulfil(session, copy.record_id, reader.membership_id, act[0], told.at)
    after = replace(reader, standing=replace(reader.standing, held=reader.standing.held + 1))
    return replace(told, what=What.LENT, reader=after, act=doing.uid, due_on=due, doubts=reasons)


def _seen(copy: CopyFacts) -> deeds.Seen:
    return deeds.Seen(lent=copy.loan_id is not None, asked_for=copy.transfer_to is not None)


def _frozen(desk: Desk, copy: CopyFacts, reader: ReaderFacts) -> Frozen:
    return Frozen(desk.branch_id, reader.class_name, reader.grade, reader.category, copy.level, copy.class_mark)


def _renew(
    session: Session, desk: Desk, doing: Doing, told: Happened, copy: CopyFacts, reader: ReaderFacts, today: date
) -> Happened:
    assert copy.loan_id is not None
    assert copy.due_on is not None
    reasons = rules.against_renewal(
        rules.KeepLonger(today, copy.due_on, copy.renewals or 0, reader.standing, waited_for=copy.waiting > 0)
    )
    if reasons and doing.at is None:
        return replace(told, what=What.REFUSED, reasons=reasons)
    terms = reader.standing.terms or rules.Lengths(0, 0, 0)
    due = rules.due_on(terms, calendar_of(session, desk.branch_id, today), today, reader.standing.expires_on)
    due = max(due, copy.due_on)
    deeds.renew(session, doing, (copy.id, copy.uid), copy.loan_id, due, (copy.patrons_place, desk.branch_id), told.at)
    return replace(told, what=What.RENEWED, act=doing.uid, due_on=due)


def _take_in(
    session: Session, desk: Desk, doing: Doing, told: Happened, copy: CopyFacts, deed: Deed, today: date
) -> Happened:
    """The copy is here without a reader: returned, come from elsewhere, or read in the house."""
    wait = holds.next_waiting(session, copy.record_id, desk.branch_id) if _may_wait(copy) else None
    place = copy.holds_place if wait or copy.kept_for is not None else _goes_to(copy, desk)
    where = (place, desk.branch_id)
    act_id, counted = deeds.take_in(session, doing, (copy.id, copy.uid), where, told.at, _seen(copy))
    what = {Deed.TAKE_BACK: What.RETURNED, Deed.ARRIVE: What.ARRIVED}.get(deed, What.COUNTED)
    if wait is None:
        return replace(told, what=what, act=doing.uid, counted=counted)
    kept_until = holds.capture(session, wait.id, copy.id, act_id, today)
    waiting = facts.reader(session, wait.membership_id, desk, today) if wait.membership_id else None
    name = waiting.full_name if waiting else ""
    group = f", {waiting.class_name}" if waiting and waiting.class_name else ""
    kept_for = f"{name}{group}"
    return replace(told, what=what, act=doing.uid, counted=counted, kept_until=kept_until, kept_for=kept_for)


def _may_wait(copy: CopyFacts) -> bool:
    return copy.waiting > 0 and copy.kept_for is None and copy.standing(None) == rules.Copy()


def _goes_to(copy: CopyFacts, desk: Desk) -> int:
    """A returned copy goes to its stay's place if that is in this house, else home, else aside."""
    if copy.stay_place_id is not None and copy.stay_branch_id == desk.branch_id:
        return copy.stay_place_id
    return copy.home_id if copy.home_branch_id == desk.branch_id else copy.processing_place
