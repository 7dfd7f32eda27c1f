"""What a light list shows: each copy with whose it is, and which wait for a sticker."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session, aliased

from library.catalogue.models import Record
from library.holdings.models import Item, ItemCode, Ownership, Place, Register
from library.loans.models import Loan, still_out
from library.organisations.models import Code
from library.patrons.models import Membership, Person
from library.shelves.models import Shelf


@dataclass(frozen=True)
class LightCopy:
    """A copy of the list. `owner`: the pupil's name, or what was noted; `out`: a pupil has it just now."""

    uid: UUID
    code: str
    title: str
    author: str
    ownership: Ownership
    owner: str
    out: bool
    here: bool


def of_shelf(session: Session, shelf: Shelf) -> list[LightCopy]:
    """By title (one statement, and the authors')."""
    owner = aliased(Person)
    query = (
        select(Item, Code.printed, Record, owner.full_name, Loan.id, Place.id)
        .join(Record, Record.id == Item.record_id)
        .join(Place, Place.id == Item.place_id)
        .outerjoin(ItemCode, ItemCode.item_id == Item.id)
        .outerjoin(Code, Code.id == ItemCode.code_id)
        .outerjoin(Membership, Membership.id == Item.owner_patron_id)
        .outerjoin(owner, owner.id == Membership.person_id)
        .outerjoin(Loan, and_(Loan.item_id == Item.id, still_out(Loan)))
        .where(Item.home_id == shelf.place_id, Item.register_status == Register.OUTSIDE, Code.valid_to.is_(None))
        .order_by(Record.title_sort, Item.id, Code.id)
    )
    found: dict[int, LightCopy] = {}
    for item, code, record, name, loan, place in session.execute(query):
        found.setdefault(item.id, LightCopy(
            item.uid, code or "", record.full_title, record.author, item.ownership, name or item.note or "",
            loan is not None, place == shelf.place_id,
        ))  # fmt: skip
    return list(found.values())


def unlabelled(session: Session, shelf: Shelf) -> int:
    """Copies of the list without a sticker."""
    query = select(func.count(Item.id)).where(Item.home_id == shelf.place_id, Item.label_printed_at.is_(None))
    return session.scalar(query.where(Item.register_status == Register.OUTSIDE)) or 0
