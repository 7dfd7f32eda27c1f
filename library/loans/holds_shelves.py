"""Copies that stand free on a shelf."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, exists, select
from sqlalchemy.orm import Session

from library.catalogue.models import Record
from library.holdings.models import Condition, Item, Place, PlaceKind, Register, Stay, Transfer
from library.holdings.places import USUAL
from library.loans.holds_dealing import Free, House
from library.loans.models import Hold, Loan, still_out
from library.organisations.models import Branch

ON_A_SHELF = (
    PlaceKind.STACKS, PlaceKind.CLASS_SHELF, PlaceKind.VEHICLE_SHELF, PlaceKind.DEPOT, PlaceKind.HOLD_SHELF,
)  # fmt: skip
"""Where one may go and take a copy. What stands on a hold shelf for nobody is free too."""
USUAL_SHELF = dict(USUAL)[PlaceKind.HOLD_SHELF]
"""What the hold shelf of a branch is called as long as nobody gave it a name."""


def is_free() -> ColumnElement[bool]:
    """Of an item joined with its place: not on loan, lost, damaged, in repair, withdrawn, to be read here only, on its
    way, asked elsewhere or set aside."""
    lent = exists().where(Loan.item_id == Item.id, still_out()).correlate(Item)
    asked = (
        exists()
        .where(Transfer.item_id == Item.id, Transfer.arrived_at.is_(None), Transfer.cancelled_at.is_(None))
        .correlate(Item)
    )
    aside = exists().where(Hold.item_id == Item.id, Hold.ended_at.is_(None)).correlate(Item)
    return and_(
        Item.register_status == Register.LISTED, Item.not_for_loan.is_(False),
        Item.condition != Condition.DAMAGED, Place.kind.in_(ON_A_SHELF), ~lent, ~asked, ~aside,
    )  # fmt: skip


def stays() -> ColumnElement[bool]:
    """Of an item: it deliberately stays somewhere."""
    return (
        exists()
        .where(Stay.item_id == Item.id, Stay.ended_at.is_(None), Stay.voided.is_(False), Stay.place_id.is_not(None))
        .correlate(Item)
    )


def free_copies(session: Session, record_ids: Sequence[int], stay_too: bool = True) -> list[Free]:
    """Of these titles, in the whole network; those seen longest ago first (one statement)."""
    query = (
        select(
            Item.id, Item.record_id, Item.library_id, stays(), Item.item_class_id, Record.kind, Record.format, Branch.id,
            Branch.organisation_id, Branch.commune_code,
        )
        .join(Place, Place.id == Item.place_id)
        .join(Branch, Branch.id == Place.branch_id)
        .join(Record, Record.id == Item.record_id)
        .where(Item.record_id.in_(record_ids), is_free())
        .order_by(Item.seen_at, Item.id)
    )  # fmt: skip
    rows = session.execute(query if stay_too else query.where(~stays()))
    return [
        Free(row[0], row[1], House(row[7], row[8], row[9]), row[2], row[3], (row[4], row[5], row[6])) for row in rows
    ]
