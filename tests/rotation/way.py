"""Hands for tests of what happens to a batch on its way: sign in few words, look at a copy, scan it, lend it."""

from datetime import timedelta
from typing import Any, cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from library.core import clock
from library.holdings import ledger, places
from library.holdings.models import Item, Place, PlaceKind, Stay, Why
from library.inbox import acts
from library.inbox.acts import Doing
from library.inbox.models import Act
from library.loans import deeds
from library.loans.deeds import Lending
from library.organisations.models import Organisation
from library.patrons.models import Membership
from library.rotation import undoing
from library.rotation.models import BatchLine, Leg, LegLine
from library.uses.counting import Frozen
from tests.support.world import World


def db(world: World) -> Session:
    return cast(Session, world.session)


def doing(branch_id: int | None = None, **more: Any) -> Doing:
    return Doing(clock.uuid7(), branch_id=branch_id, **more)


def school_of(leg: Leg) -> Organisation | None:
    return leg.to_site.branch.organisation if leg.to_site else None


def items_of(world: World, leg: Leg) -> list[Item]:
    query = select(Item).join(LegLine, LegLine.item_id == Item.id).where(LegLine.leg_id == leg.id)
    return list(world.session.scalars(query.order_by(Item.id)))


def leg_line(world: World, leg: Leg, item: Item) -> LegLine:
    return world.session.get_one(LegLine, (leg.id, item.id), populate_existing=True)


def line_of(world: World, item: Item) -> BatchLine:
    found = select(BatchLine).where(BatchLine.item_id == item.id).execution_options(populate_existing=True)
    return world.session.scalars(found).one()


def scan(world: World, item: Item, place: Place, why: Why = Why.DESK) -> int:
    """Somebody scans it there; the act's id."""
    by = doing(place.branch_id)
    act = acts.write(db(world), by, "take-in", clock.now()), by.uid
    ledger.move(db(world), act, {item.id: item.uid}, (place.id, place.branch_id), why, clock.now())
    world.session.expire_all()
    return act[0]


def lend(world: World, item: Item, to: Membership, branch_id: int) -> int:
    """Lent at that branch; the act's id."""
    what = Lending(item.id, item.uid, to.id, clock.today() + timedelta(days=7), Frozen(branch_id))
    hands = places.first_of(db(world), branch_id, PlaceKind.WITH_PATRONS)
    act = deeds.lend(db(world), doing(branch_id), what, (hands.id, branch_id), clock.now())
    world.session.expire_all()
    return act[0]


def stays_at(world: World, item: Item) -> int | None:
    """The place of its open stay."""
    still = (Stay.item_id == item.id, Stay.ended_at.is_(None), Stay.voided.is_(False), Stay.place_id.is_not(None))
    return world.session.scalar(select(Stay.place_id).where(*still))


def undo(world: World, act_id: int) -> None:
    undoing.undo(db(world), Doing.now(), world.session.get_one(Act, act_id))
    world.session.expire_all()
