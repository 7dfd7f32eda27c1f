"""Many stays at once begin and end as one by one: the same rows, also where a fact comes late."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from library.holdings import stays
from library.holdings.models import Item, PlaceKind, Stay
from library.inbox import acts
from library.inbox.acts import Doing
from tests.support.statements import counted
from tests.support.world import World, at

Act = tuple[int, UUID]


def act(world: World, when: datetime) -> Act:
    doing = Doing.now()
    return acts.write(world.session(), doing, "send", when), doing.uid


def rows(world: World, item: Item, named: dict[int, str]) -> list[tuple[Any, ...]]:
    """The stays of a copy, its acts by name."""
    query = select(Stay).where(Stay.item_id == item.id).order_by(Stay.occurred_at, Stay.id)
    return [
        (named[one.act_id], one.place_id, one.why, one.until_on, one.occurred_at, one.ended_at,
         one.ended_by and named[one.ended_by], one.voided)
        for one in world.session.scalars(query)
    ]  # fmt: skip


@pytest.mark.parametrize("end_day", [9, 3], ids=["in order", "late"])
def test_ending_many_writes_what_ending_each_writes(world: World, end_day: int) -> None:
    single, many = world.item(), world.item()
    place, until = world.place(PlaceKind.REPAIR), date(2026, 12, 1)
    begun, ended = act(world, at(day=5)), act(world, at(day=end_day))
    named = {begun[0]: "begun", ended[0]: "ended"}
    session = world.session()
    stays.begin(session, begun, (single.id, single.uid), place.id, "rotation", at(day=5), until)
    stays.begin_many(session, begun, {many.id: many.uid}, place.id, "rotation", at(day=5), until)
    assert rows(world, single, named) == rows(world, many, named)
    stays.end(session, ended, (single.id, single.uid), "rotation", at(day=end_day))
    stays.end_many(session, ended, {many.id: many.uid}, "rotation", at(day=end_day))
    session.expire_all()
    assert rows(world, single, named) == rows(world, many, named)
    assert stays.open_at(session, place.id) == ([] if end_day > 5 else [single.id, many.id])


def test_a_stay_that_ended_among_many_is_not_open_and_can_be_undone(world: World) -> None:
    items, place = world.items(3), world.place(PlaceKind.REPAIR)
    uids = {one.id: one.uid for one in items}
    begun, ended = act(world, at(day=5)), act(world, at(day=6))
    session = world.session()
    stays.begin_many(session, begun, uids, place.id, "rotation", at(day=5))
    stays.end_many(session, ended, uids, "rotation", at(day=6))
    assert not list(session.scalars(select(Stay).where(Stay.ended_at.is_(None))))
    stays.undo(session, ended[0])
    session.expire_all()
    assert stays.open_at(session, place.id) == sorted(uids)


def test_five_hundred_stays_end_in_three_statements(world: World) -> None:
    items, place = world.items(500), world.place(PlaceKind.REPAIR)
    uids = {one.id: one.uid for one in items}
    begun, ended = act(world, at(day=5)), act(world, at(day=6))
    stays.begin_many(world.session(), begun, uids, place.id, "rotation", at(day=5))
    with counted() as sent:
        stays.end_many(world.session(), ended, uids, "rotation", at(day=6))
    assert len(sent) == 3
