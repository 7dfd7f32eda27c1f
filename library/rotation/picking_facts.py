"""What stands between a copy and its batch, as conditions on `Item`."""

from sqlalchemy import ColumnElement, exists

from library.holdings.models import Item, Register
from library.loans.models import Hold, Loan, still_out

ON_LOAN, HELD = "on-loan", "held"
"""Words of `BatchLine.follows`."""


def lent() -> ColumnElement[bool]:
    """A reader has it."""
    return exists().where(Loan.item_id == Item.id, still_out()).correlate(Item)


def kept() -> ColumnElement[bool]:
    """It is kept for a reader who asked for it."""
    return exists().where(Hold.item_id == Item.id, Hold.ended_at.is_(None)).correlate(Item)


def out_of_register() -> ColumnElement[bool]:
    return Item.register_status.in_((Register.WRITTEN_OFF, Register.STRUCK_OUT, Register.GONE))
