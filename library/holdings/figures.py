"""Numbers over copies and a period."""

from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from library.holdings.models import Item, Receipt, Register


def accessions(session: Session, library_id: int, first: date, last: date) -> int:
    """Copies that came into the register in these days, both included. What was entered after the fact (nhập hồi cố) was
    here before the machine counted: it belongs to the stock, and to no period's accessions."""
    query = select(func.count(Item.id)).join(Receipt, Receipt.id == Item.receipt_id)
    mine = query.where(Item.library_id == library_id, Item.register_status == Register.LISTED)
    came = mine.where(Item.accessioned_on.between(first, last), Receipt.retrospective.is_(False))
    return session.scalar(came) or 0


def stock(session: Session, library_id: int, on: date) -> int:
    """Copies in the register that had come by that day, by their true dates."""
    mine = select(func.count(Item.id)).where(Item.library_id == library_id, Item.register_status == Register.LISTED)
    return session.scalar(mine.where(Item.accessioned_on <= on)) or 0
