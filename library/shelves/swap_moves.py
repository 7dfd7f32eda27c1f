"""Which moves of a plan still count: WHERE clauses for every query about them."""

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import aliased

from library.shelves.models import SwapBox, SwapMove, SwapPlan

_LATER = aliased(SwapMove)


def passed_by() -> ColumnElement[bool]:
    """A later move of the same box was done: this one was left out."""
    later = (_LATER.box_id == SwapMove.box_id, _LATER.round > SwapMove.round, _LATER.act_id.is_not(None))
    return exists().where(*later)


def waiting() -> ColumnElement[bool]:
    """Moves still to be done in plans still going on. A box that stays where it is waits for nobody."""
    going = select(SwapBox.id).join(SwapPlan, SwapPlan.id == SwapBox.plan_id)
    boxes = going.where(SwapPlan.ended_at.is_(None), SwapBox.ended_at.is_(None))
    return SwapMove.act_id.is_(None) & SwapMove.box_id.in_(boxes) & (SwapMove.from_id != SwapMove.to_id) & ~passed_by()


def half_signed() -> ColumnElement[bool]:
    """One side has looked through the box, and the other is to come."""
    either = or_(SwapMove.given_at.is_not(None), SwapMove.taken_at.is_not(None))
    return SwapMove.act_id.is_(None) & either & ~passed_by()
