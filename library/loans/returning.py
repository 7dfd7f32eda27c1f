"""A book comes in without a reader: returned, come from elsewhere, or read in the house. It is always taken in."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from library.core import clock
from library.core.db import straight
from library.holdings import transfers
from library.holdings.models import PlaceKind, Register, Why
from library.inbox import timing
from library.inbox.acts import Doing
from library.loans import deeds, facts, holds, homeward, reckoning, rules, stay_words
from library.loans.decision import Deed
from library.loans.facts import CopyFacts, Desk
from library.loans.happened import Happened, Scan, Shelving, Spot, What
from library.loans.models import Compensation, Settled, Suspension

WHATS = {Deed.TAKE_BACK: What.RETURNED, Deed.ARRIVE: What.ARRIVED, Deed.COUNT: What.COUNTED}


@dataclass(frozen=True)
class Coming:
    """A copy that came in at a desk, and what is told so far. `at`: when it came, which may be days before the scan."""

    desk: Desk
    doing: Doing
    one: Scan
    told: Happened
    copy: CopyFacts
    deed: Deed
    at: datetime

    @property
    def came_on(self) -> date:
        return clock.day_of(self.at)

    @property
    def is_late(self) -> bool:
        """Late, and lent by rules under which that matters."""
        return bool(self.copy.has_penalty and self.copy.due_on and self.copy.due_on < self.came_on)

    @property
    def is_past(self) -> bool:
        """The copy was seen since: what is done with it now is not for this scan to say."""
        return self.doing.at is not None and self.at <= self.copy.seen_at

    @property
    def forgiven(self) -> bool:
        return self.one.amnesty and self.copy.loan_id is not None


def when(one: Scan, at: datetime, seen_at: datetime) -> datetime:
    """The moment the book came back: the end of the day somebody named for the drop box, but after it was last seen."""
    if one.returned_on is None or one.returned_on >= clock.day_of(at):
        return at
    closing = datetime.combine(one.returned_on, time(23, 59, 59), clock.HERE)
    return min(at, timing.live(closing, seen_at))


def take_in(session: Session, desk: Desk, doing: Doing, one: Scan, told: Happened, deed: Deed) -> Happened:
    copy = told.copy
    assert copy
    came = Coming(desk, doing, one, told, copy, deed, when(one, told.at, copy.seen_at))
    turn = _turn(session, came)
    place, shelving = (turn.place_id, None) if turn and turn.branch_id == desk.branch_id else _goes_to(came, bool(turn))
    amnesty = copy.loan_id if came.forgiven else None
    act_id, counted = deeds.take_in(
        session, doing, (copy.id, copy.uid), (place, desk.branch_id), came.at, deeds.seen(copy, came.is_late),
        deeds.How(amnesty=amnesty, why=_why(came, bool(turn))),
    )  # fmt: skip
    shelving = _kept(session, came, turn, act_id) if turn else _sent_on(session, came, act_id, shelving)
    if shelving and copy.stay_place_id is not None:
        shelving = replace(shelving, also=stay_words.of(session, copy.id))
    day = came.came_on if came.came_on != clock.day_of(told.at) else None
    return replace(
        told, what=WHATS[deed], act=doing.uid, counted=counted, shelving=shelving, returned_on=day,
        verdicts=rules.on_return(_back(session, came)),
    )  # fmt: skip


def _why(came: Coming, kept: bool) -> Why:
    """A copy that comes from elsewhere was received, one that waits for a reader was shelved: neither was read here. Of a
    late scan nobody knows that: it is the desk's, in whatever order facts arrive."""
    if came.doing.at is not None or came.copy.loan_id is not None:
        return Why.DESK
    if came.deed is Deed.ARRIVE:
        return Why.RECEIVE
    return Why.SHELVE if kept or came.copy.kept_for is not None else Why.DESK


def _turn(session: Session, came: Coming) -> holds.Waiting | None:
    return None if came.is_past else whose_turn(session, came.desk, came.copy, clock.day_of(came.told.at))


def whose_turn(session: Session, desk: Desk, copy: CopyFacts, today: date) -> holds.Waiting | None:
    """Whose turn it is for this copy, if anybody waits (asked only then). What is a class's or a pupil's own waits for
    nobody else."""
    lendable = copy.register is Register.LISTED and not copy.not_for_loan
    if not copy.waiting or copy.kept_for is not None or not lendable:
        return None
    law = reckoning.law(session, desk, None, copy)
    hand = holds.InHand(copy.library_id, law.sort(copy), lendable, copy.stay_place_id is not None)
    return holds.turn(session, copy.record_id, copy.id, desk.branch_id, today, hand)


def _goes_to(came: Coming, kept_elsewhere: bool) -> tuple[int, Shelving]:
    """The place in this house, and how it is told, for a copy nobody waits for here."""
    copy, here = came.copy, came.desk.branch_id
    aside = copy.processing_place
    if copy.is_out:
        return aside, Shelving(Spot.OUT)
    if kept_elsewhere:
        return aside, Shelving(Spot.SEND)
    if copy.kept_for is not None and copy.kept_branch_id == here:
        return copy.kept_place_id or copy.holds_place, Shelving(Spot.KEPT, copy.kept_place or "")
    if copy.transfer_place_id is not None:
        return _asked_for(copy, here)
    if copy.stay_place_id is not None and copy.stay_branch_id == here:
        return copy.stay_place_id, Shelving(Spot.STAY, copy.stay_name or "")
    if copy.home_branch_id == here:
        return copy.home_id, Shelving(Spot.HOME, copy.home_name)
    return aside, Shelving(Spot.ASIDE, library=copy.library_name)


def _asked_for(copy: CopyFacts, here: int) -> tuple[int, Shelving]:
    """It was asked to go somewhere: here it has arrived, elsewhere it is set aside to be sent."""
    assert copy.transfer_place_id is not None
    if copy.transfer_branch_id == here:
        return copy.transfer_place_id, Shelving(Spot.HOME, copy.transfer_to or "")
    return copy.processing_place, Shelving(Spot.SEND, copy.transfer_to or "")


def _kept(session: Session, came: Coming, turn: holds.Waiting, act_id: int) -> Shelving:
    """The copy is kept for whose turn it is."""
    copy, today = came.copy, clock.day_of(came.told.at)
    name, group, category = facts.named(session, turn.membership_id)
    keep = reckoning.law(session, came.desk, None, copy).values(category, copy).hold_keep_days
    kept = holds.capture(
        session, turn, copy.id, came.desk.branch_id, (act_id, came.doing.uid), came.told.at, today, keep
    )
    if kept.here and copy.transfer_branch_id not in (None, came.desk.branch_id):
        transfers.cancel(session, act_id, copy.id, came.told.at, "replaced")
    spot = Spot.HOLD_SHELF if kept.here else Spot.SEND
    return Shelving(spot, kept.place_name, kept_for=f"{name}, {group}" if group else name, kept_until=kept.kept_until)


def _sent_on(session: Session, came: Coming, act_id: int, shelving: Shelving | None) -> Shelving | None:
    """A copy that belongs elsewhere is asked to go on, as the rules of returns say."""
    copy, here = came.copy, came.desk.branch_id
    belongs = copy.stay_branch_id or copy.home_branch_id
    elsewhere = (
        belongs != here or copy.transfer_branch_id not in (None, here) or copy.kept_branch_id not in (None, here)
    )
    if copy.is_out or not elsewhere or came.is_past or shelving is None or shelving.spot is Spot.KEPT:
        return shelving
    goes = homeward.rule_for(session, copy.library_id, (copy.item_class_id, copy.record_kind, copy.format))
    act, home = (act_id, came.doing.uid), (copy.home_id, copy.home_branch_id)
    going = homeward.after_return(session, act, copy.id, copy.uid, home, here, goes, came.at)
    return Shelving(Spot.SEND, going.place_name, going.library_name) if going else shelving


def _back(session: Session, came: Coming) -> rules.Back:
    copy = came.copy
    lost = copy.lost_at is not None or copy.place_kind is PlaceKind.UNKNOWN
    suspended = suspended_by(session, copy.loan_id) if came.is_late and copy.loan_id and not came.forgiven else None
    return rules.Back(
        came.deed is Deed.TAKE_BACK, lost, clock.day_of(copy.lost_at) if copy.lost_at else None,
        clock.day_of(copy.claimed_at) if copy.claimed_at else None, suspended, came.forgiven, copy.parts, copy.condition,
        copy.note, copy.owed_for or _was_made_good(session, copy),
    )  # fmt: skip


def _was_made_good(session: Session, copy: CopyFacts) -> bool:
    """Whether somebody paid for a copy that nobody saw since, or brought another one (one statement, of missing ones only)."""
    if copy.place_kind is not PlaceKind.UNKNOWN:
        return False
    mine = select(Compensation.id).where(
        Compensation.item_id == copy.id, Compensation.settled_how.in_((Settled.PAID, Settled.REPLACED)),
        Compensation.refunded.is_(None), Compensation.voided.is_(False),
    )  # fmt: skip
    return straight(session).execute(mine.limit(1)).first() is not None


def suspended_by(session: Session, loan_id: int) -> date | None:
    """The last day without borrowing that followed from this loan (one statement)."""
    mine = select(func.max(Suspension.until_on)).where(Suspension.loan_id == loan_id, Suspension.voided.is_(False))
    found: date | None = straight(session).execute(mine).scalar()
    return found
