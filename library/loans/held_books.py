"""Books that readers hold, told to `patrons`: asked before a membership ends, and printed for those who leave."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from library.catalogue.models import Record
from library.holdings.models import Item
from library.loans.models import Loan, still_out
from library.patrons.held import HELD, Held


def held(session: Session, memberships: Collection[int]) -> dict[int, list[Held]]:
    """One statement, however many readers."""
    query = (
        select(Loan.membership_id, Record.title, Record.part_number, Item.accession, Loan.due_on)
        .join(Item, Item.id == Loan.item_id)
        .join(Record, Record.id == Item.record_id)
        .where(Loan.membership_id.in_(memberships), still_out())
        .order_by(Loan.due_on, Loan.id)
    )
    found: dict[int, list[Held]] = {}
    for reader, title, part, label, due_on in session.execute(query):
        assert reader
        name = " – ".join(filter(None, (title, part)))
        found.setdefault(reader, []).append(Held(name, label or "", due_on))
    return found


HELD["loans"] = held
