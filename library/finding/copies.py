"""Of many titles at once: whether there is one to be had, here or anywhere, and whether it can be taken home now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select, true
from sqlalchemy.orm import Session

from library.catalogue import search
from library.catalogue.merged import is_merged
from library.catalogue.models import Record
from library.finding import online
from library.finding.availability import LENT, OPEN_TO_READERS, SHOWN
from library.holdings.models import Item, Place, Register
from library.loans.models import Loan
from library.organisations.models import Branch

FEW = 30_000
"""Copies of a library that are looked at one by one rather than asking the whole network."""


@dataclass(frozen=True)
class Presence:
    """Ids of titles: to be had anywhere, here, and free here; and the places each stands in.

    What is read on the net is had here. `anywhere` keeps the order it was asked in.
    """

    anywhere: list[int] = field(default_factory=list)
    here: frozenset[int] = frozenset()
    free: frozenset[int] = frozenset()
    places: Mapping[int, Sequence[int]] = field(default_factory=dict)


def presence(session: Session, ids: Sequence[int], library_id: int) -> Presence:
    """Two statements, however many titles; a third where some have no copy."""
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
    rows = session.execute(query).all()
    with_copy = {row.record_id for row in rows}
    return _told(ids, rows, online.among(session, [one for one in ids if one not in with_copy], library_id))


def _told(ids: Sequence[int], rows: Sequence[Any], on_the_net: frozenset[int]) -> Presence:
    places: dict[int, list[int]] = {}
    for record_id, place_id, _, _ in rows:
        places.setdefault(record_id, []).append(place_id)
    here = frozenset(record_id for record_id, _, flag, _ in rows if flag) | on_the_net
    free = frozenset(record_id for record_id, _, _, flag in rows if flag)
    return Presence([one for one in ids if one in places or one in on_the_net], here, free, places)


def own(session: Session, library_id: int) -> list[int]:
    """Titles of the library's own copies, of those that stand with it, and of what its readers open on the net."""
    mine = set(session.scalars(select(Item.record_id).where(Item.library_id == library_id)))
    places = list(_places(session, library_id))
    standing = set(session.scalars(select(Item.record_id).where(Item.place_id.in_(places))))
    return sorted(mine | standing | set(session.scalars(select(Record.id).where(online.can_be_opened(library_id)))))


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
