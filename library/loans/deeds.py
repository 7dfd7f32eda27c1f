"""What is done to one copy once it is decided: lend, take in, renew, undo. Facts in, rows out; no rule is asked here."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, insert, or_, select, update
from sqlalchemy.orm import Session

from library.core import clock
from library.core.db import straight, table_of
from library.core.errors import N_, Reason, Refused
from library.holdings import ledger, stays
from library.holdings.ledger import Moved
from library.holdings.models import Item, Movement, Why
from library.inbox import acts
from library.inbox.acts import Doing
from library.inbox.models import Act
from library.loans import history, settling
from library.loans.facts import CopyFacts
from library.loans.models import EndWhy, Loan, Renewal
from library.patrons.models import Membership
from library.uses import counting, desk_visits
from library.uses.counting import Frozen
from library.uses.models import UseKind

_LOAN = table_of(Loan)
_LENDING = insert(_LOAN)
_FORGIVING = update(_LOAN).where(_LOAN.c.id == bindparam("loan")).values(amnesty_by=bindparam("act"))
ActRef = tuple[int, UUID]
PlaceRef = tuple[int, int]
"""A place's id and its branch's."""
ItemRef = tuple[int, UUID]


@dataclass(frozen=True)
class Seen:
    """What is open about a copy, as seen under its lock. None: nobody looked.

    A loan; a request to go elsewhere; a reader it is kept for; a loss, a claim or a compensation; a loan that is late
    and by rules under which that matters.
    """

    lent: bool | None = None
    asked_for: bool | None = None
    kept: bool | None = None
    harmed: bool | None = None
    late: bool | None = None

    @property
    def idle(self) -> frozenset[str]:
        """Followers of the ledger that have nothing to do."""
        open_for = {
            "loans": self.lent, "transfers": self.asked_for, "holds": self.kept, "losses": self.harmed,
            "suspensions": self.late,
        }  # fmt: skip
        return frozenset(name for name, is_open in open_for.items() if is_open is False)


UNSEEN = Seen()


def seen(copy: CopyFacts, late: bool) -> Seen:
    """Of a copy that was looked at under its lock. `late`: a return of it would be late."""
    harmed = copy.lost_at is not None or copy.claimed_at is not None or copy.owed_for
    return Seen(copy.loan_id is not None, copy.transfer_id is not None, copy.kept_for is not None, harmed, late)


Doubt = dict[str, Any]
"""A rule that would have said no, or asked: its code, and how it came not to stop the deed (late, overruled, answered)."""


@dataclass(frozen=True)
class Lending:
    """One copy to one reader. `override`: the reason somebody gave; `on_site`: to be read in the house."""

    item_id: int
    item_uid: UUID
    membership_id: int
    due_on: date
    frozen: Frozen
    class_id: int | None = None
    doubts: tuple[Doubt, ...] = ()
    override: str | None = None
    channel: str = "desk"
    item_class_id: int | None = None
    on_site: bool = False
    penalty: dict[str, Any] | None = None
    place_id: int | None = None
    is_visit: bool = True
    """The library counts a loan at its desk as a visit."""


@dataclass(frozen=True)
class Renewing:
    """A loan goes on until `due_on`. `frozen`: it counts as a use, with these facts of the day; None: it does not.

    `place_id`: the stop where the book was shown, whose days hold from now on; None: at a desk.
    """

    loan_id: int
    due_on: date
    doubts: tuple[Doubt, ...] = ()
    override: str | None = None
    frozen: Frozen | None = None
    place_id: int | None = None


@dataclass(frozen=True)
class How:
    """What else is known of a copy that comes in: the loan that is forgiven for being late; who read it in the house;
    why it came, if not to the desk."""

    amnesty: int | None = None
    frozen: Frozen | None = None
    why: Why = Why.DESK


class RestsOnIt(Refused):
    """Later acts stand on this one; they are listed and must be undone first."""

    def __init__(self, later: list[Act]) -> None:
        super().__init__(
            Reason(
                "rests-on-it",
                N_("Sau lượt này đã có %(count)s lượt khác dựa vào nó. Hoàn tác các lượt ấy trước."),
                {"count": len(later), "acts": [str(act.uid) for act in later]},
            )
        )
        self.later = later


def lend(
    session: Session, doing: Doing, what: Lending, with_patrons: PlaceRef, at: datetime, seen: Seen = UNSEEN
) -> ActRef:
    """The reader goes away with the book (6 statements, on SQLite 7): act, movement, copy, loan, use, visit. Late facts
    take a few more."""
    act = acts.write(session, doing, "lend", at), doing.uid
    moved = ledger.move(session, act, {what.item_id: what.item_uid}, with_patrons, Why.LEND, at, idle=seen.idle)
    _add_loan(session, act, what, moved)
    kind = UseKind.IN_HOUSE if what.on_site else UseKind.HOME
    counting.record(session, act, what.item_id, kind, at, what.frozen)
    if what.is_visit and what.frozen.place_id is None:
        desk_visits.came(session, act, what.membership_id, at, replace(what.frozen, branch_id=moved.branch_id))
    if moved.late:
        settling.recast(session, what.item_id)
    return act


def _add_loan(session: Session, act: ActRef, what: Lending, moved: Moved) -> None:
    # A late loan begins as ended at once: its true end is worked out after it has been sorted in.
    end = {"ended_at": moved.at, "ended_by": act[0], "ended_why": EndWhy.LENT_ON} if moved.late else {}
    row = {
        "act_id": act[0], "item_id": what.item_id, "membership_id": what.membership_id, "branch_id": moved.branch_id,
        "class_id": what.class_id, "lent_at": moved.at, "due_on": what.due_on, "renewals": 0, "voided": False,
        "doubts": list(what.doubts) or None, "override": what.override, "channel": what.channel,
        "item_class_id": what.item_class_id, "on_site": what.on_site, "penalty": what.penalty, "unseen_renewals": 0,
        "place_id": what.place_id,
    }  # fmt: skip
    straight(session).execute(_LENDING, row | end)


def take_in(
    session: Session, doing: Doing, item: ItemRef, place: PlaceRef, at: datetime, seen: Seen = UNSEEN, how: How = How()
) -> tuple[int, bool]:
    """The copy is scanned at a desk without a reader: a return if it was lent, else perhaps read in the house.

    The act's id, and whether it counted as a use (of a late scan nobody waits to hear it).
    """
    act = acts.write(session, doing, "take-in", at), doing.uid
    if how.amnesty is not None:  # before the loan ends: what follows from being late looks at it then
        straight(session).execute(_FORGIVING, {"loan": how.amnesty, "act": act[0]})
    moved = ledger.move(session, act, dict([item]), place, how.why, at, idle=seen.idle)
    if moved.late or seen.lent or act[0] not in history.read(ledger.known(session, item[0])).uses:
        return act[0], False
    frozen = how.frozen or settling.of_copy(session, item[0], place[1])
    counting.record(session, act, item[0], UseKind.IN_HOUSE, at, frozen)
    return act[0], True


def renew(
    session: Session, doing: Doing, item: ItemRef, what: Renewing, with_patrons: PlaceRef | None, at: datetime,
    seen: Seen = UNSEEN,
) -> ActRef:  # fmt: skip
    """The reader keeps the book until `due_on`. Without `with_patrons` nobody saw it: it is where it was."""
    act = acts.write(session, doing, "renew", at), doing.uid
    unseen, late = with_patrons is None, False
    if with_patrons is not None:
        late = bool(ledger.move(session, act, dict([item]), with_patrons, Why.RENEW, at, idle=seen.idle).late)
    before, doubts, override = session.execute(
        select(Loan.due_on, Loan.doubts, Loan.override).where(Loan.id == what.loan_id)
    ).one()
    session.execute(
        insert(Renewal).values(
            act_id=act[0], loan_id=what.loan_id, occurred_at=at, due_before=before, due_on=what.due_on, unseen=unseen,
            voided=False,
        )
    )  # fmt: skip
    more = [{**one, "act": act[0]} for one in what.doubts]
    said = {"doubts": [*(doubts or []), *more], "override": override or what.override} if more else {}
    there = {} if unseen else {"place_id": what.place_id}
    counts = {"renewals": Loan.renewals + 1, "unseen_renewals": Loan.unseen_renewals + int(unseen)}
    session.execute(update(Loan).where(Loan.id == what.loan_id).values(due_on=what.due_on, **counts, **said, **there))
    if what.frozen is not None:
        counting.record(session, act, item[0], UseKind.RENEWAL, at, what.frozen)
    if late:  # the loan may have ended since, late by what was known then
        settling.recast(session, item[0])
    return act


def resting_on(session: Session, act_id: int) -> list[Act]:
    """Later acts that stand on this one: renewals of its loan, and what ended that loan."""
    ended = select(Loan.ended_by).where(Loan.act_id == act_id, Loan.voided.is_(False), Loan.ended_by.is_not(None))
    mine = select(Renewal.loan_id).where(Renewal.act_id == act_id)
    renewed = (
        select(Renewal.act_id)
        .join(Loan, Loan.id == Renewal.loan_id)
        .where(Renewal.voided.is_(False), Renewal.act_id > act_id, or_(Loan.act_id == act_id, Loan.id.in_(mine)))
    )
    query = select(Act).where(or_(Act.id.in_(ended), Act.id.in_(renewed)), Act.voided_by.is_(None), Act.id != act_id)
    return list(session.scalars(query.order_by(Act.id)))


def undo(session: Session, doing: Doing, act: Act) -> int:
    """Void `act` and everything it wrote. Raises RestsOnIt, AlreadyUndone."""
    _lock_reader(session, act.id)
    _lock_copies(session, act.id)
    if later := resting_on(session, act.id):
        raise RestsOnIt(later)
    voiding = acts.void(session, doing, act.id)
    ledger.undo(session, act.id, voiding)
    stays.undo(session, act.id)
    return voiding


def _lock_reader(session: Session, act_id: int) -> None:
    """Whose loan it was, before the copies: whether they were there that day is looked at anew."""
    whose = select(Loan.membership_id).where(Loan.act_id == act_id)
    session.execute(select(Membership.id).where(Membership.id.in_(whose)).with_for_update(key_share=True)).all()


def _lock_copies(session: Session, act_id: int) -> None:
    """Before anything is looked at: a desk may be scanning one of them."""
    moved = select(Movement.item_id).where(Movement.act_id == act_id)
    renewed = select(Loan.item_id).join(Renewal, Renewal.loan_id == Loan.id).where(Renewal.act_id == act_id)
    mine = select(Item.id).where(or_(Item.id.in_(moved), Item.id.in_(renewed))).order_by(Item.id)
    session.execute(mine.with_for_update(key_share=True)).all()


OWN_DOORS = frozenset({
    "move-due", "take-up-again", "ask-compensation", "propose-settlement", "settle-compensation", "decline-settlement",
    "refund", "roll-over", "merge-people", "merge-titles", "build-shelf", "close-shelf", "keep-shelf", "hand-over",
    "take-over", "end-year", "swap-boxes", "plan-swap", "light-list", "light-end", "tally", "log-reading", "count-shelf",
    "plan-batch", "approve-batch", "pick-copy", "pack-crate", "seal-crate", "send-leg", "receive-leg", "settle-line",
    "extend-leg", "close-batch", "rotation-stock", "site-wish", "site-log", "site-agreement",
    "plan-trip", "trip-state", "load-van", "unload-van", "open-stop", "close-stop", "count-stop", "change-visits",
    "campaign-step", "sheet-step", "sheet-correction", "society",
    "kit-check", "take-over-trip", "batch-file", "trip-photo",
    "count-visits", "count-class", "read-gate", "kiosk",
    "event", "training", "online", "lesson", "commendation", "promotion-file",
    "drive", "gift", "gift-fate", "gift-copies", "fund-spend",
    "club", "club-change", "club-members", "club-meeting", "club-meeting-change", "challenge", "challenge-change",
    "challenge-tick", "challenge-settle", "digital-link", "open-link", "internet", "internet-count",
})  # fmt: skip
"""Kinds of acts that are taken back on their own pages, which ask first what rests on them; the desk leaves them alone."""


def may_be_undone(
    session: Session, act: Act, by: UUID | None, within_minutes: int, now: datetime | None = None
) -> bool:
    """What somebody did some minutes ago they may undo; but a copy's coming into the library is struck out elsewhere."""
    if act.kind == "undo" or act.voided_by is not None or act.actor != by:
        return False
    first = select(Movement.id).where(Movement.act_id == act.id, Movement.why == Why.ACCESSION).limit(1)
    age = (now or clock.now()) - act.recorded_at
    return age.total_seconds() <= within_minutes * 60 and session.execute(first).first() is None
