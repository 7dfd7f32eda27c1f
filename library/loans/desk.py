"""The desk: one scan at a time, what it means and what is done. Facts are read, rules asked, a deed done.

A scan made online is decided now. One that waited for the network has happened already: it is recorded with its own
moment, and what a rule would have said becomes a doubt.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from library.core import clock
from library.core.errors import NotFound
from library.inbox import timing
from library.inbox.acts import Doing
from library.loans import facts, lending, reckoning, returning, rules, transfers_sending
from library.loans.decision import Deed, Scanned, decide
from library.loans.facts import CopyFacts, Desk, Found, ReaderFacts
from library.loans.happened import Answer, Happened, Scan, Shelving, Spot, What
from library.loans.lending import Meeting
from library.loans.models import Loan, still_out
from library.organisations.models import CodeKind
from library.patrons.models import Membership
from library.policies.values import Channel

__all__ = [
    "Desk",
    "Happened",
    "Scan",
    "Shelving",
    "Spot",
    "What",
    "lend_item",
    "open_reader",
    "renew_loan",
    "scan",
    "unclear",
]


def scan(session: Session, desk: Desk, doing: Doing, one: Scan) -> Happened:
    """Do what the scan means. `doing.at` is None online, else the moment it happened by the corrected clock."""
    at = doing.at or clock.now()
    found = facts.resolve(session, one.text, desk, at)
    chosen = facts.the_one(found, one.item)
    if chosen is None:
        return unclear(session, desk, one, found, at)
    if chosen.kind is CodeKind.CARD:
        return _open_reader(session, desk, chosen.id, at, one.text)
    return _scan_copy(session, desk, doing, one, chosen.id)


def unclear(session: Session, desk: Desk, one: Scan, found: Sequence[Found], at: datetime) -> Happened:
    """Several answer alike to this code, or nobody does; or it was a card until somebody reported it lost."""
    if found:
        day = clock.day_of(at)
        among = [facts.copy(session, f.id, desk, day) for f in found[:4] if f.kind is CodeKind.ITEM]
        return Happened(What.AMBIGUOUS, at, one.text, among=among)
    if facts.is_lost_card(session, one.text, desk):
        return Happened(What.REFUSED, at, one.text, verdicts=(rules.LOST_CARD,))
    return Happened(What.UNKNOWN, at, one.text)


def _open_reader(session: Session, desk: Desk, membership_id: int, at: datetime, text: str) -> Happened:
    here = facts.reader(session, membership_id, desk, clock.day_of(at))
    if here and here.standing.elsewhere:
        mine = facts.membership_here(session, membership_id, desk.library_id)
        here = facts.reader(session, mine, desk, clock.day_of(at))
    return _opened(session, desk, here, at, text) if here else Happened(What.UNKNOWN, at, text)


def open_reader(session: Session, desk: Desk, uid: UUID) -> Happened | None:
    """A reader of this library picked by name, or shown again after a reload. Others must show their card."""
    here = facts.reader(session, uid, desk, clock.today())
    if here is None or here.standing.elsewhere:
        return None
    return _opened(session, desk, here, clock.now(), "")


def _opened(session: Session, desk: Desk, reader: ReaderFacts, at: datetime, text: str) -> Happened:
    law = reckoning.law(session, desk, reader)
    values = law.values(reader.category_id)
    verdicts = rules.on_opening(rules.Ask(clock.day_of(at), reader.standing, rules.Copy(), values))
    held = facts.held_by(session, reader.membership_id)
    return Happened(What.READER, at, text, reader=replace(reader, limit=law.most(reader)), held=held, verdicts=verdicts)


def _scan_copy(session: Session, desk: Desk, doing: Doing, one: Scan, item_id: int) -> Happened:
    facts.lock(session, one.reader, item_id)
    today = clock.day_of(doing.at or clock.now())
    wanted = None if one.returns_only or one.reader is None else facts.reader(session, one.reader, desk, today)
    told = _looked_at(session, desk, doing, one, item_id, wanted, today)
    return _do(session, desk, doing, one, told, today)


def _looked_at(
    session: Session, desk: Desk, doing: Doing, one: Scan, item_id: int, reader: ReaderFacts | None, today: date
) -> Happened:
    """The copy as it is, or as it was when a late scan happened; nothing done yet."""
    copy = facts.copy(session, item_id, desk, today, reader.membership_id if reader else None)
    if doing.at is not None:
        copy = facts.as_of(session, copy, doing.at)
    at = doing.at or timing.live(clock.now(), copy.seen_at)
    return Happened(What.COUNTED, at, one.text, copy=copy, reader=reader)


def _do(session: Session, desk: Desk, doing: Doing, one: Scan, told: Happened, today: date) -> Happened:
    copy, reader = told.copy, told.reader
    assert copy
    deed = _deed(desk, one, copy, reader)
    if deed is Deed.ASK_RENEW and one.answer != Answer.RENEW:
        return replace(told, what=What.ASKED)
    if deed is Deed.SET_ASIDE:
        return replace(told, what=What.SET_ASIDE)
    if reader and deed in (Deed.LEND, Deed.ASK_RENEW):
        met = Meeting(desk, doing, one, told, copy, reader, today)
        return lending.lend(session, met) if deed is Deed.LEND else lending.renew(session, met)
    if doing.at is None and transfers_sending.leaves(session, desk, copy, deed, today):
        return transfers_sending.send(session, desk, doing, told)
    return returning.take_in(session, desk, doing, one, told, deed)


def _deed(desk: Desk, one: Scan, copy: CopyFacts, reader: ReaderFacts | None) -> Deed:
    here = copy.place_branch_id == desk.branch_id
    scanned = Scanned(
        copy.register, here, copy.lent_to, copy.loan_id is not None, copy.lost_at is not None, bool(copy.on_site)
    )
    returns_only = one.returns_only or one.answer == Answer.RETURN
    return decide(scanned, reader.membership_id if reader else None, returns_only)


# For whoever works beside the desk: class boards, lists of loans, readers themselves


def lend_item(
    session: Session, desk: Desk, doing: Doing, item_id: int, reader: UUID, channel: Channel = Channel.DESK,
    answer: str | None = None, override: str | None = None,
) -> Happened:  # fmt: skip
    """As a scan of this copy with this reader open: it may also be refused, asked about or returned."""
    return _scan_copy(
        session, desk, doing, Scan("", reader, answer=answer, override=override, channel=channel), item_id
    )


def renew_loan(
    session: Session, desk: Desk, doing: Doing, loan_id: int, seen: bool = False, answer: str | None = None,
    override: str | None = None, channel: Channel = Channel.DESK,
) -> Happened:  # fmt: skip
    """A loan goes on: RENEWED, or REFUSED with every reason. `seen`: the book was shown. Raises NotFound.

    Whether the caller may speak for this reader is for the caller to know.
    """
    item_id, reader_uid, place_id = _loan(session, loan_id)
    desk = desk if seen else replace(desk, place_id=place_id)  # it is where it was: the days of that stop hold on
    facts.lock(session, reader_uid, item_id)
    today = clock.day_of(doing.at or clock.now())
    reader = facts.reader(session, reader_uid, desk, today)
    one = Scan("", reader_uid, answer=answer, override=override, channel=channel)
    told = _looked_at(session, desk, doing, one, item_id, reader, today)
    if reader is None or told.copy is None or told.copy.loan_id != loan_id:
        raise NotFound
    return lending.renew(session, Meeting(desk, doing, one, told, told.copy, reader, today), seen)


def _loan(session: Session, loan_id: int) -> tuple[int, UUID, int | None]:
    """The copy, the reader, the stop that lent it. Raises NotFound."""
    query = select(Loan.item_id, Membership.uid, Loan.place_id).join(Membership, Membership.id == Loan.membership_id)
    row = session.execute(query.where(Loan.id == loan_id, still_out())).one_or_none()
    if row is None:
        raise NotFound
    return row[0], row[1], row[2]
