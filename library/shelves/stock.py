"""What belongs on a shelf and where each copy is just now: its open stays, and copies that have their home there."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, ColumnElement, ScalarSelect, and_, exists, select, union_all
from sqlalchemy.orm import Session, aliased

from library.catalogue.models import Contributor, LocalRecord, Record, Role
from library.holdings.models import Item, ItemCode, Ownership, Place, PlaceKind, Register, Stay
from library.loans.models import Loan, still_out
from library.organisations.models import Code
from library.patrons.models import Membership, Person
from library.shelves.models import LightEnd


@dataclass(frozen=True)
class Belonging:
    """A copy of the shelf. `reader`, `due_on`, `lent_at`: of its open loan. `here`: it stands on the shelf."""

    item_id: int
    item_uid: UUID
    code: str
    title: str
    author: str
    level: int | None
    ownership: Ownership
    here: bool
    place_name: str
    place_kind: PlaceKind
    record_id: int
    loan_id: int | None
    reader_id: int | None
    reader: str | None
    due_on: date | None
    light: bool


def open_stay(place_id: int | BindParameter[int]) -> ColumnElement[bool]:
    return and_(Stay.place_id == place_id, Stay.ended_at.is_(None), Stay.voided.is_(False))


def with_us() -> ColumnElement[bool]:
    """The WHERE for copies that are in the register, or never were and are with us. Writing one off ends no stay."""
    return Item.register_status.in_((Register.LISTED, Register.OUTSIDE))


def left_us() -> ColumnElement[bool]:
    """The WHERE for ends that took a copy from the light list and from us; one that was registered is still ours."""
    return and_(LightEnd.voided.is_(False), LightEnd.how != "registered")


def belongs(place_id: int | BindParameter[int]) -> ColumnElement[bool]:
    """The WHERE for copies of the shelf. A stay elsewhere goes before a home here; what ended here or left the register
    is gone."""
    homed = aliased(Item)
    any_stay = exists().where(
        Stay.item_id == homed.id, Stay.place_id.is_not(None), Stay.ended_at.is_(None), Stay.voided.is_(False)
    )
    gone = exists().where(LightEnd.item_id == homed.id, left_us())
    # Two lists put together, not one condition with an "or": PostgreSQL would read every copy of the province for that.
    at_home = select(homed.id).where(homed.home_id == place_id, ~any_stay, ~gone)
    return and_(with_us(), Item.id.in_(union_all(select(Stay.item_id).where(open_stay(place_id)), at_home)))


def listed(session: Session, place_id: int) -> list[Belonging]:
    """The shelf's list by title, wherever its copies are (one statement)."""
    where, person = aliased(Place), aliased(Person)
    query = (
        select(
            Item.id, Item.uid, Item.accession, Record.title, Record.part_number, Record.id, Item.ownership,
            Item.place_id, where.name, where.kind, Loan.id.label("loan_id"), Loan.membership_id, person.full_name,
            Loan.due_on, LocalRecord.reading_level, _author(), _code(),
        )
        .join(Record, Record.id == Item.record_id)
        .outerjoin(LocalRecord, and_(LocalRecord.record_id == Item.record_id, LocalRecord.library_id == Item.library_id))
        .join(where, where.id == Item.place_id)
        .outerjoin(Loan, and_(Loan.item_id == Item.id, still_out(Loan)))
        .outerjoin(Membership, Membership.id == Loan.membership_id)
        .outerjoin(person, person.id == Membership.person_id)
        .where(belongs(place_id))
        .order_by(Record.title_sort, Item.id)
    )  # fmt: skip
    return [_belonging(row, place_id) for row in session.execute(query)]


def _author() -> ScalarSelect[str]:
    return (
        select(Contributor.name)
        .where(Contributor.record_id == Record.id, Contributor.role == Role.AUTHOR)
        .order_by(Contributor.position)
        .limit(1)
        .scalar_subquery()
    )


def _code() -> ScalarSelect[str]:
    """What is printed on the copy: the first of its codes in use."""
    return (
        select(Code.printed)
        .join(ItemCode, ItemCode.code_id == Code.id)
        .where(ItemCode.item_id == Item.id, Code.valid_to.is_(None))
        .order_by(Code.id)
        .limit(1)
        .scalar_subquery()
    )


def _belonging(row: Any, place_id: int) -> Belonging:
    (item, uid, accession, title, part, record, ownership, place, name, kind, loan, reader, person, due, level, author,
     code) = row  # fmt: skip
    told = f"{title} – {part}" if part else title
    return Belonging(
        item, uid, accession or code or "", told, author or "", level, ownership, place == place_id, name, kind, record,
        loan, reader, person, due, accession is None,
    )  # fmt: skip
