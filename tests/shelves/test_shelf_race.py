"""Two people at the same instant: one book for two shelves, one count by two phones."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from library.core import clock
from library.core.db import db
from library.holdings import ledger
from library.holdings.models import Item, Stay
from library.inbox.acts import Doing
from library.shelves import counts, filling
from library.shelves.filling import Scanned
from library.shelves.models import Shelf, ShelfCount, ShelfCountLine
from tests.support.racing import race, settings_of
from tests.support.shelves import put, school_class, shelf
from tests.support.world import World

ROUNDS = 60
Order = tuple[int, str]
"""A shelf's id, and a book's number."""


def fill(order: Order) -> str:
    session, one = db.session(), db.session.get_one(Shelf, order[0])
    doing = Doing(clock.uuid7(), branch_id=one.branch_id)
    return filling.scan_in(session, doing, filling.desk_of(session, one), one, Scanned(order[1])).outcome.value


def count(order: Order) -> str:
    session, one = db.session(), db.session.get_one(Shelf, order[0])
    going = counts.begin(session, Doing(clock.uuid7(), branch_id=one.branch_id), one)
    item = session.scalars(select(Item.id).where(Item.accession == order[1])).one()
    return counts.see(session, Doing(clock.uuid7(), branch_id=one.branch_id), going, item).value


@pytest.fixture
def settings(app: Flask, database_url: str, tmp_path: Path) -> dict[str, str]:
    return settings_of(database_url, tmp_path)


def orders(one: int, codes: Sequence[str]) -> list[Order]:
    return [(one, code) for code in codes]


def test_one_book_for_two_shelves(world: World, settings: dict[str, str]) -> None:
    first, second = shelf(world).id, shelf(world, school_class(world, "4B")).id
    codes = [str(item.accession) for item in world.items(ROUNDS)]
    world.session.commit()
    one, two = race(settings, (fill, orders(first, codes)), (fill, orders(second, codes)))
    assert [sorted(pair) for pair in zip(one, two, strict=True)] == [["other-shelf", "put"]] * ROUNDS
    open_ = select(func.count()).where(Stay.ended_at.is_(None), Stay.voided.is_(False)).group_by(Stay.item_id)
    assert list(world.session.scalars(open_)) == [1] * ROUNDS
    assert ledger.astray(world.session()) == []


def test_one_count_by_two_phones(world: World, settings: dict[str, str]) -> None:
    one, items = shelf(world), world.items(ROUNDS)
    put(world, one, items)
    codes, uid = [str(item.accession) for item in items], one.id
    world.session.commit()
    both = race(settings, (count, orders(uid, codes)), (count, orders(uid, codes)))
    assert both == [["found"] * ROUNDS] * 2
    assert world.session.scalar(select(func.count()).select_from(ShelfCount)) == 1
    assert world.session.scalar(select(func.count()).select_from(ShelfCountLine)) == ROUNDS
    assert ledger.astray(world.session()) == []
