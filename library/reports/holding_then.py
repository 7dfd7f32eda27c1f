"""Copies, loans and readers as they were known at a moment: what was recorded since is thought away.

A copy's row, or a loan's, says what is so now. What made it so stands in rows that are only added: acts and what voided
them, movements, renewals, marks, minutes, mergers of titles, traces of who was changed. A state as known then is asked of
these; only what they cannot have changed is taken from the row.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, case, cast, exists, func, or_, select, true, union_all
from sqlalchemy.orm import Session, aliased

from library.audit import Trace
from library.core import clock
from library.duplicates.models import TitleMerge
from library.holdings.models import Basis, Item, Movement, Register, Why
from library.inbox.models import Act
from library.loans.history import ENDS
from library.loans.marks import LOST
from library.loans.models import Compensation, DueMove, Loan, LoanMark, Renewal, Settled
from library.organisations.models import Code
from library.patrons.models import Card, Membership
from library.staging.models import Load

UNDO_LIST, TAKE_UP = "undo-list", "take-up-again"
"""What is traced when a list of copies is taken back; the act by which a copy stands in the register again."""


_ACT, _UNDOING = aliased(Act), aliased(Act)
"""Of `stood` alone, which asks for it many times in one statement and never within itself: an alias is dear to make."""


def stood(act_id: Any, known_at: datetime) -> ColumnElement[bool]:
    """The act was recorded by then, and nobody had taken it back."""
    undone = exists().where(_UNDOING.id == _ACT.voided_by, _UNDOING.recorded_at <= known_at)
    return exists().where(_ACT.id == act_id, _ACT.recorded_at <= known_at, ~undone)


# Copies


def entered(known_at: datetime) -> ColumnElement[bool]:
    """Copies that came into the register by what was known, whatever became of them; those of a list taken back did not."""
    came, undone = aliased(Movement), aliased(Movement)
    known = exists().where(came.item_id == Item.id, came.why == Why.ACCESSION, came.recorded_at <= known_at)
    kept = (Register.LISTED, Register.WRITTEN_OFF)
    since = exists().where(undone.item_id == Item.id, undone.act_id.in_(_lists_undone_since(known_at)))
    return known & or_(
        Item.register_status.in_(kept), (Item.register_status == Register.STRUCK_OUT) & since
    )  # fmt: skip


def listed(end: datetime, known_at: datetime) -> ColumnElement[bool]:
    """Copies in the register at that end: entered by what was known, and not written off by it."""
    off = Item.register_status == Register.WRITTEN_OFF
    wrong = or_(
        (Item.register_status == Register.LISTED) & _taken_up_since(end, known_at),
        off & or_(written_off(end, known_at), ~has_minutes()),
    )
    return entered(known_at) & ~wrong


def has_minutes() -> ColumnElement[bool]:
    return Item.id.in_(select(Compensation.item_id).where(Compensation.written_off_by.is_not(None)))


def written_off(end: datetime, known_at: datetime | None) -> ColumnElement[bool]:
    """By minutes of before that end, as was known."""
    heard = Act.recorded_at <= known_at if known_at else true()
    minutes = select(Compensation.item_id).join(Act, Act.id == Compensation.written_off_by)
    return Item.id.in_(minutes.where(Act.occurred_at < end, heard))


def _taken_up_since(end: datetime, known_at: datetime) -> ColumnElement[bool]:
    """Listed today, and written off then: only what is written off can be taken up again, and the minutes stay."""
    off, again, up = aliased(Act), aliased(Movement), aliased(Act)
    taken_up = exists().where(
        again.item_id == Item.id, again.act_id == up.id, up.kind == TAKE_UP, up.recorded_at > known_at,
        up.occurred_at > off.occurred_at,
    )  # fmt: skip
    return exists().where(
        Compensation.item_id == Item.id, Compensation.written_off_by.is_(None), Compensation.settled_by == off.id,
        Compensation.settled_how != Settled.FOUND, off.recorded_at <= known_at, off.occurred_at < end, taken_up,
    )  # fmt: skip


def _lists_undone_since(known_at: datetime) -> Select[Any]:
    """The acts of lists of copies that were taken back after that moment."""
    told, name = func.replace(Trace.subject, "-", ""), func.replace(cast(Load.uid, String), "-", "")
    return select(Load.act_id).join(Trace, told == name).where(Trace.verb == UNDO_LIST, Trace.at > known_at)


def title(session: Session, known_at: datetime) -> Any:
    """The title of a copy, before those merged or taken apart since (one statement)."""
    was = _titles(session, known_at)
    return case(was, value=Item.id, else_=Item.record_id) if was else Item.record_id


def _titles(session: Session, known_at: datetime) -> Mapping[int, int]:
    """{copy: its title then} of copies that went from one title to another since; the latest step is taken back first."""
    made, apart = aliased(Act), aliased(Act)
    query = (
        select(TitleMerge, made.recorded_at, apart.recorded_at)
        .join(made, made.id == TitleMerge.act_id)
        .outerjoin(apart, apart.id == TitleMerge.undone_by)
        .where(or_(made.recorded_at > known_at, apart.recorded_at > known_at))
    )
    steps: list[tuple[datetime, list[int], int]] = []
    for merge, merged_at, apart_at in session.execute(query):
        items = merge.moved.get("items", [])
        steps += [(apart_at, items, merge.kept_id)] if apart_at and apart_at > known_at else []
        steps += [(merged_at, items, merge.gone_id)] if merged_at > known_at else []
    return {item: record for _at, items, record in sorted(steps, reverse=True) for item in items}


# Loans


def still_out(end: datetime, known_at: datetime) -> ColumnElement[bool]:
    """The reader had the book at that end. Where an end that was known then stands to this day there is nothing to look up."""
    act = aliased(Act)
    ended = and_(
        Loan.voided.is_(False), Loan.ended_at < end,
        exists().where(act.id == Loan.ended_by, act.recorded_at <= known_at),
    )  # fmt: skip
    return ~func.coalesce(ended, False) & ~_ended(end, known_at)


def _ended(end: datetime, known_at: datetime, but: tuple[Why, ...] = ()) -> ColumnElement[bool]:
    """The copy was seen so that its loan ends, as `loans.history` reads it. `but`: whatever ended it for these reasons."""
    seen = aliased(Movement)
    ends = [
        and_(seen.why == why, seen.basis == basis) for (why, basis), so in ENDS.items() if so and why not in but
    ]  # fmt: skip
    return exists().where(
        seen.item_id == Loan.item_id, seen.occurred_at > Loan.lent_at, seen.occurred_at < end,
        seen.act_id != Loan.act_id, or_(seen.why == Why.LEND, *ends), stood(seen.act_id, known_at),
        ~_outdone(seen, known_at),
    )  # fmt: skip


def _outdone(one: Any, known_at: datetime) -> ColumnElement[bool]:
    """A scan between the evidence of a count and the count itself says more than it."""
    scan = aliased(Movement)
    return exists().where(
        scan.item_id == one.item_id, scan.basis == Basis.SCAN, scan.occurred_at > one.rests_on,
        scan.occurred_at <= one.occurred_at, stood(scan.act_id, known_at),
    )  # fmt: skip


def due(cut: datetime) -> tuple[tuple[Any, ...], Any]:
    """(what to join outside of loans, the last day as it was then): before the first change that came after `cut`."""
    if cut >= clock.now():
        return (), Loan.due_on
    made, undoing = aliased(Act), aliased(Act)
    renewed = select(Renewal.loan_id, made.recorded_at.label("at"), Renewal.due_before.label("before"))
    back = select(Renewal.loan_id, undoing.recorded_at, Renewal.due_on)
    moved = select(DueMove.loan_id, DueMove.moved_at, DueMove.before_on).where(DueMove.loan_id.is_not(None))
    changes = union_all(
        renewed.join(made, made.id == Renewal.act_id).where(made.recorded_at > cut),
        back.join(made, made.id == Renewal.act_id)
        .join(undoing, undoing.id == made.voided_by)
        .where(undoing.recorded_at > cut, made.recorded_at <= cut),
        moved.where(DueMove.moved_at > cut),
    ).subquery()
    turn = func.row_number().over(partition_by=changes.c.loan_id, order_by=changes.c.at)
    ordered = select(changes.c.loan_id, changes.c.before, turn.label("turn")).subquery()
    first = select(ordered.c.loan_id, ordered.c.before).where(ordered.c.turn == 1).subquery()
    return (first,), func.coalesce(first.c.before, Loan.due_on)


# Marks


def lost(mark: Any, known_at: datetime) -> list[ColumnElement[bool]]:
    """The mark says that the book of its loan is lost, and by what was known then nothing said otherwise."""
    other, scan = aliased(LoanMark), aliased(Movement)
    later = or_(other.occurred_at > mark.occurred_at, and_(other.occurred_at == mark.occurred_at, other.id > mark.id))
    return [
        mark.kind.in_(LOST), stood(mark.act_id, known_at), stood(Loan.act_id, known_at),
        ~exists().where(other.loan_id == mark.loan_id, later, stood(other.act_id, known_at)),
        ~exists().where(
            scan.item_id == Loan.item_id, scan.basis == Basis.SCAN, scan.occurred_at >= mark.occurred_at,
            stood(scan.act_id, known_at),
        ),
        ~_ended(known_at, known_at, but=(Why.SETTLE,)),
    ]  # fmt: skip


# Readers


def reads(last: date, known_at: datetime) -> list[ColumnElement[bool]]:
    """Memberships that were open at the end of that day. One begins on the day it is entered, with a card of that moment;
    it ends on the day somebody says so."""
    today = clock.day_of(known_at)
    card = exists().where(
        Card.membership_id == Membership.id, Card.code_id == Code.id, Code.valid_from <= known_at
    )  # fmt: skip
    ended = and_(Membership.to_on <= last, Membership.to_on <= today)
    return [
        Membership.from_on <= last, or_(Membership.from_on < today, card), or_(Membership.to_on.is_(None), ~ended),
    ]  # fmt: skip
