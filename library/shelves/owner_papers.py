"""The lists of whose books a shelf has, one for each owner, to go by when the year ends."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from library.core import clock
from library.documents import stored
from library.holdings.models import Item
from library.organisations.models import Organisation
from library.patrons import school_years
from library.patrons.models import Membership, Person
from library.shelves import handover_papers, ownership, papers, tenures
from library.shelves.models import Shelf
from library.shelves.ownership import Owned
from library.shelves.stock import Belonging

PRIVATE = (Owned.CLASS, Owned.PUPIL)
"""Lists that say whose each book is, with a column for whoever takes it back."""


def docx(session: Session, shelf: Shelf, owned: Owned, officer: str) -> bytes:
    """From the library's template. Raises BadTemplate."""
    return stored.made(session, shelf.library_id, papers.OWNERS_PAPER.name, values(session, shelf, owned, officer))


def values(session: Session, shelf: Shelf, owned: Owned, officer: str) -> dict[str, Any]:
    listed, tenure = ownership.by_owner(session, shelf)[owned], tenures.current(session, shelf.id)
    library, today = session.get_one(Organisation, shelf.library_id), clock.today()
    return {
        **handover_papers.head(session, library, today),
        "about": f"{shelf.place.name}, năm học {school_years.label_of(today)}",
        "owner": ownership.WORDS[owned],
        "what_to_do": ownership.AT_YEAR_END[owned].rstrip("."),
        "total": len(listed),
        "keeper": tenure.keeper_name if tenure else "",
        "officer": officer,
        "rows": rows(listed, whose(session, listed) if owned in PRIVATE else {}),
    }


def whose(session: Session, listed: Sequence[Belonging]) -> dict[int, str]:
    """By copy: the name of the pupil it belongs to, else what was noted beside it."""
    query = (
        select(Item.id, Person.full_name, Item.note)
        .outerjoin(Membership, Membership.id == Item.owner_patron_id)
        .outerjoin(Person, Person.id == Membership.person_id)
        .where(Item.id.in_([one.item_id for one in listed]))
    )
    return {item: name or note or "" for item, name, note in session.execute(query)}


def rows(listed: Sequence[Belonging], names: dict[int, str]) -> list[dict[str, Any]]:
    return [
        {
            "number": at, "code": one.code, "title": one.title, "whose": names.get(one.item_id, ""),
            "state": where(one), "signature": "",
        }
        for at, one in enumerate(listed, 1)
    ]  # fmt: skip


def where(one: Belonging) -> str:
    if one.loan_id is not None:
        return "Bạn đọc giữ"
    return "Trên tủ" if one.here else "Nơi khác"
