"""Everything the library knows of one reader, as plain values: what they, or their parents, may ask for."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, aliased

from library.catalogue.models import Record
from library.holdings.models import Item
from library.loans.models import Hold, Loan
from library.organisations.models import Branch, Code, Organisation
from library.patrons import details
from library.patrons.models import Card, Membership, Person
from library.privacy import consenting, looks
from library.uses.models import Visit, Visitor

Part = Callable[[Session, Membership], Any]
PARTS: dict[str, Part] = {}
"""What packages above know of a reader, by the key it is told under."""


def tells(name: str) -> Callable[[Part], Part]:
    """Register a part under its key."""

    def register(part: Part) -> Part:
        PARTS[name] = part
        return part

    return register


def of(session: Session, reader: Membership) -> dict[str, Any]:
    """Of this reader at this library. Moments in UTC, days as they stand."""
    return {
        "person": _person(reader.person),
        "membership": _membership(session, reader),
        "cards": _cards(session, reader),
        "loans": [_loan(*row) for row in session.execute(_loans(reader))],
        "holds": [{"title": title, "placed_at": at.isoformat()} for title, at in session.execute(_holds(reader))],
        "visits": [
            {"on": on.isoformat(), "at": at, "how": how} for on, at, how in session.execute(_visits(reader))
        ],
        **{name: part(session, reader) for name, part in PARTS.items()},
        "family": details.of(session, reader.library_id, [reader.person_id]).get(reader.person_id, {}),
        "consents": [
            {
                "purpose": one.purpose, "relation": one.relation, "given_by": one.given_by, "evidence": one.evidence,
                "child_agrees": one.child_agrees, "given_on": _day(one.given_on), "withdrawn_on": _day(one.withdrawn_on),
            }
            for one in consenting.of(session, reader)
        ],
        "seen_by": [
            {"at": at.isoformat(), "account": name, "page": page} for at, name, page in looks.of(session, reader, 10_000)
        ],
    }  # fmt: skip


def _day(day: Any) -> str | None:
    return day.isoformat() if day else None


def _person(person: Person) -> Mapping[str, Any]:
    return {
        "full_name": person.full_name, "sex": person.sex, "born_on": _day(person.born_on),
        "born_year_only": person.born_year_only, "student_code": person.student_code,
    }  # fmt: skip


def _membership(session: Session, reader: Membership) -> Mapping[str, Any]:
    return {
        "library": session.get_one(Organisation, reader.library_id).name, "category": reader.category.name,
        "class": reader.school_class.name if reader.school_class else None, "from_on": _day(reader.from_on),
        "to_on": _day(reader.to_on), "expires_on": _day(reader.expires_on), "blocked_until": _day(reader.blocked_until),
        "note": reader.note,
    }  # fmt: skip


def _cards(session: Session, reader: Membership) -> list[Mapping[str, Any]]:
    query = select(Code.printed, Card.ended_at, Card.lost).join(Card, Card.code_id == Code.id)
    rows = session.execute(query.where(Card.membership_id == reader.id).order_by(Code.id))
    return [{"number": number, "ended_at": ended and ended.isoformat(), "lost": lost} for number, ended, lost in rows]


def _loans(reader: Membership) -> Any:
    query = select(Loan, Record.title, Item.accession).join(Item, Item.id == Loan.item_id)
    query = query.join(Record, Record.id == Item.record_id).where(
        Loan.membership_id == reader.id, Loan.voided.is_(False)
    )
    return query.order_by(Loan.lent_at, Loan.id)


def _loan(loan: Loan, title: str, accession: str | None) -> Mapping[str, Any]:
    return {
        "title": title, "accession": accession, "lent_at": loan.lent_at.isoformat(), "due_on": _day(loan.due_on),
        "ended_at": loan.ended_at and loan.ended_at.isoformat(), "renewals": loan.renewals,
    }  # fmt: skip


def _holds(reader: Membership) -> Any:
    query = select(Record.title, Hold.placed_at).join(Record, Record.id == Hold.record_id)
    return query.where(Hold.membership_id == reader.id).order_by(Hold.placed_at)


def _visits(reader: Membership) -> Any:
    """Days on which they came, where, and how that is known; those taken back are left out."""
    back = aliased(Visit)
    query = select(Visit.visited_on, Branch.name, Visit.kind).join(Visitor, Visitor.visit_id == Visit.id)
    query = query.join(Branch, Branch.id == Visit.branch_id).where(Visitor.membership_id == reader.id)
    return query.where(~exists().where(back.reverses_id == Visit.id)).order_by(Visit.occurred_at, Visit.id)


def read(session: Session, reader: Membership, most: int = 100) -> list[tuple[str, Any]]:
    """(title, day it came back) of what they have read, the latest first: for those who asked us to keep it."""
    query = select(Record.title, Loan.ended_at).select_from(Loan).join(Item, Item.id == Loan.item_id)
    query = query.join(Record, Record.id == Item.record_id).where(
        Loan.membership_id == reader.id, Loan.voided.is_(False)
    )
    query = query.where(Loan.ended_at.is_not(None)).order_by(Loan.ended_at.desc()).limit(most)
    return [(title, ended) for title, ended in session.execute(query)]
