"""Two people at once never settle more books than were counted, nor spend more than a fund has."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from flask import Flask

from library.core.db import db
from library.inbox.acts import Doing
from library.promotion import drives, gift_fates, gift_funds, gift_sums, gifts
from library.promotion.drive_models import Drive
from library.promotion.gift_changes import NotDone
from library.promotion.gift_fates import Became
from library.promotion.gift_models import Fate, Fund, Gift, GiftSort, Worn
from library.promotion.gifts import Given, Line
from tests.promotion import giving
from tests.promotion.giving import FIRST
from tests.support.racing import race, settings_of
from tests.support.world import World

ROUNDS = 6


def deed(order: tuple[int, int]) -> str:
    """Three of five books pulped, sixty of a hundred thousand spent."""
    gift, fund = db.session.get_one(Gift, order[0]), db.session.get_one(Fund, order[1])
    told = ""
    for work in (
        lambda: gift_fates.settle(db.session(), doing(gift), gift, Became(Fate.PULPED, 3, FIRST)),
        lambda: gift_funds.spend(db.session(), doing(gift), fund, FIRST, 60_000, "Mua sách", None),
    ):
        point = db.session.begin_nested()
        try:
            work()
            point.commit()
            told += "y"
        except NotDone:
            point.rollback()
            told += "n"
    return told


def doing(gift: Gift) -> Doing:
    return Doing.now(None, gift.branch_id)


def test_two_at_once(app: Flask, world: World, database_url: str, tmp_path: Path) -> None:
    orders = []
    for at in range(ROUNDS):
        fund = giving.fund(world, f"Quỹ {at}")
        one = giving.gift(world, good=5)
        told = giving.told(world, good=1, money=100_000)
        gifts.give(world.session(), giving.doing(world), replace(told, fund_id=fund.id))
        orders.append((one.id, fund.id))
    world.session.commit()
    db.session.remove()
    first, second = race(settings_of(database_url, tmp_path), (deed, orders), (deed, orders))
    for one, other in zip(first, second, strict=True):
        assert sorted(one[0] + other[0]) == sorted(one[1] + other[1]) == ["n", "y"]
    for gift, fund_id in orders:
        assert gift_sums.of_gift(world.session(), world.session.get_one(Gift, gift)).waiting == 2
        assert gift_funds.balances(world.session(), [fund_id])[fund_id].left == 40_000


def called_off(order: tuple[int, int]) -> str:
    drive = db.session.get_one(Drive, order[1])
    return _tried(lambda: drives.call_off(db.session(), Doing.now(None, drive.branch_id), drive))


def given(order: tuple[int, int]) -> str:
    drive = db.session.get_one(Drive, order[1])
    told = Given(FIRST, drive_id=drive.id, lines=(Line(GiftSort.BOOK, Worn.GOOD, 3),))
    return _tried(lambda: gifts.give(db.session(), Doing.now(None, drive.branch_id), told))


def _tried(work: Callable[[], object]) -> str:
    point = db.session.begin_nested()
    try:
        work()
        point.commit()
    except NotDone:
        point.rollback()
        return "n"
    return "y"


def test_no_gift_comes_into_a_drive_that_is_called_off(
    app: Flask, world: World, database_url: str, tmp_path: Path
) -> None:
    orders = [(at, giving.drive(world, name=f"Đợt {at}").id) for at in range(ROUNDS)]
    world.session.commit()
    db.session.remove()
    first, second = race(settings_of(database_url, tmp_path), (called_off, orders), (given, orders))
    assert all(sorted(both) == ["n", "y"] for both in zip(first, second, strict=True))
