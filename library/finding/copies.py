"""Of many titles at once: whether there is a copy, here or anywhere, and whether one can be taken home now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select, true
from sqlalchemy.orm import Session

from library.catalogue import search
from library.catalogue.merged import is_merged
from library.catalogue.models import Record
from library.finding.availability import LENT, OPEN_TO_READERS, SHOWN
from library.holdings.models import Item, Place, Register
from library.loans.models import Loan
from library.organisations.models import Branch

FEW = 30_000
"""Copies of a library that are looked at one by one rather than asking the whole network."""


@dataclass(frozen=True)
class Presence:
    """Ids of titles: with a copy anywhere, here, and free here; and the places each stands in.

    `anywhere` keeps the order it was asked in.
    """

    anywhere: list[int] = field(default_factory=list)
    here: frozenset[int] = frozenset()
    free: frozenset[int] = frozenset()
    places: Mapping[int, Sequence[int]] = field(default_factory=dict)


def presence(session: Session, ids: Sequence[int], library_id: int) -> Presence:
    """Two statements, however many titles."""
    if not ids:
        return Presence()
    own = _places(session, library_id)
    here = or_(Item.library_id == library_id, Item.place_id.in_(own))
    free = and_(Item.place_id.in_([one for one, is_open in own.items() if is_open]), Item.not_for_loan.is_(False))
    query = (
        select(Item.record_id, Item.place_id, func.max(_flag(here)), func.max(_flag(and_(free, Loan.id.is_(None)))))
        .outerjoin(Loan, LENT)
        .where(search.among(session, ids, Item.record_id), Item.register_status.in_(SHOWN))
        .group_by(Item.record_id, Item.place_id)
    )
    return _told(ids, session.execute(query).all())


def _told(ids: Sequence[int], rows: Sequence[Any]) -> Presence:
    places: dict[int, list[int]] = {}
    for record_id, place_id, _, _ in rows:
        places.setdefault(record_id, []).append(place_id)
    here = frozenset(record_id for record_id, _, flag, _ in rows if flag)
    free = frozenset(record_id for record_id, _, _, flag in rows if flag)
    return Presence([one for one in ids if one in places], here, free, places)


def own(session: Session, library_id: int) -> list[int]:
    """Titles of the library's own copies and of those that stand with it."""
    mine = set(session.scalars(select(Item.record_id).where(Item.library_id == library_id)))
    places = list(_places(session, library_id))
    return sorted(mine | set(session.scalars(select(Item.record_id).where(Item.place_id.in_(places)))))


def _flag(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return case((condition, 1), else_=0)


def _places(session: Session, library_id: int) -> dict[int, bool]:
    """Places of a library, and whether readers may take books from them."""
    query = select(Place.id, Place.kind).join(Branch, Branch.id == Place.branch_id)
    rows = session.execute(query.where(Branch.organisation_id == library_id))
    return {place_id: kind in OPEN_TO_READERS for place_id, kind in rows}


def is_small(session: Session, libraries: Sequence[int]) -> bool:
    some = select(Item.id).where(Item.library_id.in_(libraries)).limit(FEW + 1).subquery()
    return (session.scalar(select(func.count()).select_from(some)) or 0) <= FEW


def kept(session: Session, ids: Sequence[int], among: ColumnElement[bool] | None = None) -> list[int]:
    """Those of the titles with a line (of `among`) in a register, and those nobody has a copy of."""
    if not ids:
        return []
    mine = and_(Item.register_status != Register.STRUCK_OUT, true() if among is None else among)
    query = (
        select(Item.record_id, func.max(_flag(mine)))
        .where(search.among(session, ids, Item.record_id))
        .group_by(Item.record_id)
    )
    told = {record_id: bool(flag) for record_id, flag in session.execute(query)}
    without = [one for one in ids if one not in told]
    merged = select(Record.id).where(search.among(session, without, Record.id), is_merged())
    gone = set(session.scalars(merged)) if without else set()
    return [one for one in ids if told.get(one, one not in gone)]
