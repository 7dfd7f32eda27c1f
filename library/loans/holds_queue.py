"""Whose turn it is. There is no stored place in a queue: readers who wait are put in order when a copy comes in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Executable, ScalarSelect, and_, bindparam, func, or_, select
from sqlalchemy.orm import Session, aliased

from library.core import versions
from library.core.db import straight
from library.holdings.models import Item, Place, PlaceKind
from library.loans import holds_shelves
from library.loans.holds_dealing import Free, Reaches, Waiting, deal
from library.loans.models import Hold
from library.organisations.models import Branch, Organisation
from library.patrons.models import Membership
from library.policies import rulebook
from library.policies.values import HoldReach

Day = date | BindParameter[Any]


@dataclass(frozen=True)
class InHand:
    """The copy under the scanner. `library_id`: who answers for it (None: looked up); `sort_id`: its class for the rules.

    `lendable`: may it be lent at all; `on_stay`: it deliberately stays somewhere, so that only a reader its keeper
    agreed to gets it.
    """

    library_id: int | None = None
    sort_id: int | None = None
    lendable: bool = True
    on_stay: bool = False


def still_wanted(hold: Any, today: Day) -> ColumnElement[bool]:
    """Open, without a copy, and neither suspended, nor too early, nor too late on that day. `hold`: Hold or an alias."""
    return and_(
        hold.ended_at.is_(None), hold.item_id.is_(None),
        or_(hold.not_before.is_(None), hold.not_before <= today),
        or_(hold.suspended_until.is_(None), hold.suspended_until < today),
        or_(hold.expires_on.is_(None), hold.expires_on >= today),
    )  # fmt: skip


def could_take(hold: Any, record_id: Any, item_id: Any, today: Day) -> ColumnElement[bool]:
    """An open hold, wherever in the network, that this copy of this title could serve."""
    this_one = or_(hold.item_wanted_id.is_(None), hold.item_wanted_id == item_id)
    return and_(hold.record_id == record_id, still_wanted(hold, today), this_one)


def waiting_count(record_id: Any, item_id: Any, today: Day) -> ScalarSelect[int]:
    """For inside another statement: how many wait, anywhere in the network, for what this copy could serve."""
    queue = aliased(Hold)
    return select(func.count()).where(could_take(queue, record_id, item_id, today)).scalar_subquery()


# Who waits


def who_waits(today: Day) -> Any:
    """The statement of all who wait, in order, as `Waiting`. Narrow it by its title."""
    return (
        select(
            Hold.id, Hold.membership_id, Hold.branch_id, Place.id, Place.name, Organisation.name, Hold.item_wanted_id,
            Hold.agreed_item_id, Hold.priority, Hold.placed_at, Membership.category_id, Membership.library_id,
            Hold.record_id, Hold.expires_visits, Branch.organisation_id, Branch.commune_code,
        )
        .join(Membership, Membership.id == Hold.membership_id)
        .join(Place, Place.id == fetched_at())
        .join(Branch, Branch.id == Hold.branch_id)
        .join(Organisation, Organisation.id == Branch.organisation_id)
        .where(still_wanted(Hold, today), or_(Membership.to_on.is_(None), Membership.to_on > today))
        .order_by(Hold.priority.desc(), Hold.placed_at, Hold.id)
    )  # fmt: skip


def fetched_at() -> ColumnElement[int]:
    """Of a hold, inside another statement: its pick-up place, else its branch's hold shelf, else its first place."""
    shelf, any_place = aliased(Place), aliased(Place)
    open_shelf = (shelf.branch_id == Hold.branch_id, shelf.kind == PlaceKind.HOLD_SHELF, shelf.closed_on.is_(None))
    own = select(func.min(shelf.id)).where(*open_shelf).correlate(Hold).scalar_subquery()
    first = select(func.min(any_place.id)).where(any_place.branch_id == Hold.branch_id).correlate(Hold)
    return func.coalesce(Hold.place_id, own, first.scalar_subquery())


@cache
def _asking() -> Executable:
    waiting: Executable = who_waits(bindparam("today", type_=Hold.expires_on.type)).where(
        Hold.record_id == bindparam("record")
    )
    return waiting


def waiting_for(session: Session, record_id: int, today: date) -> list[Waiting]:
    """Everybody who waits for a title and has no copy, in order (one statement)."""
    rows = straight(session).execute(_asking(), {"record": record_id, "today": today})
    return [Waiting(*row) for row in rows]


# Whose copies a reader may wait for


def may_reach(session: Session, reader: tuple[int, int], copy: tuple[int, int | None]) -> bool:
    """`reader`: library and category; `copy`: library that answers for it, and its class. Both libraries must agree to
    books going from one to the other."""
    (library_id, category_id), (owner_id, sort_id) = reader, copy
    if library_id == owner_id:
        return True
    version = versions.of(session, rulebook.RULES)
    return all(
        rulebook.of(session, one, version).resolve(category_id, sort_id).values.hold_reach is HoldReach.NETWORK
        for one in (library_id, owner_id)
    )


def reaches(session: Session) -> Reaches:
    """For `deal`: whether a reader may wait for that library's copy."""
    version: list[int] = []

    def may(one: Waiting, copy: Free) -> bool:
        if one.library_id == copy.library_id:
            return True
        version[:] = version or [versions.of(session, rulebook.RULES)]
        sort_id = rulebook.of(session, copy.library_id, version[0]).sort_of(*copy.sort)
        return may_reach(session, (one.library_id, one.category_id), (copy.library_id, sort_id))

    return may


# Whose turn it is


def turn(
    session: Session, record_id: int, item_id: int, branch_id: int, today: date, item: InHand = InHand()
) -> Waiting | None:
    """Who gets this copy, that somebody has in the hand at `branch_id`; the hold stays locked until the transaction
    ends. None: nobody, it goes on its way."""
    if not item.lendable:
        return None
    able = _able(session, waiting_for(session, record_id, today), item_id, item)
    while able:
        first = _served_here(session, able, item_id, branch_id)
        if _locked(session, first.hold_id):
            return first
        able.remove(first)
    return None


def _able(session: Session, waiting: Sequence[Waiting], item_id: int, item: InHand) -> list[Waiting]:
    """Those whom this very copy could serve, in order."""
    wanted = [one for one in waiting if one.item_wanted_id in (None, item_id)]
    if item.on_stay:
        wanted = [one for one in wanted if one.agreed_item_id == item_id]
    owner = item.library_id or _owner(session, item_id, wanted)
    return [one for one in wanted if may_reach(session, (one.library_id, one.category_id), (owner, item.sort_id))]


def _owner(session: Session, item_id: int, wanted: Sequence[Waiting]) -> int:
    return session.scalars(select(Item.library_id).where(Item.id == item_id)).one() if wanted else 0


def _served_here(session: Session, able: Sequence[Waiting], item_id: int, branch_id: int) -> Waiting:
    """The first; but who can be served from a shelf of their own library leaves this copy to those who wait here.

    Else two libraries with a reader and a copy each would send their copies past each other.
    """
    first = able[0]
    here = [one.house for one in able if one.branch_id == branch_id]
    if not here or first.branch_id == branch_id:
        return first
    others = [one for one in holds_shelves.free_copies(session, [first.record_id]) if one.item_id != item_id]
    in_hand = Free(item_id, first.record_id, here[0], 0, in_hand=True)
    given = deal(able, [in_hand, *others], reaches(session))
    return next((one for one in able if given.get(one.hold_id) == in_hand), first)


def _locked(session: Session, hold_id: int) -> bool:
    """Whether it is still without a copy, and now ours; another desk may have been quicker."""
    if session.get_bind().dialect.name == "sqlite":
        return True
    query = select(Hold.id).where(Hold.id == hold_id, Hold.ended_at.is_(None), Hold.item_id.is_(None))
    return straight(session).execute(query.with_for_update(skip_locked=True)).first() is not None
