"""Drives and gifts in few words, for tests."""

from datetime import date

from sqlalchemy import func, select

from library.inbox.acts import Doing
from library.inbox.models import Act
from library.promotion import donors, drives, gift_changes, gift_funds, gift_undoing, gifts
from library.promotion.drive_models import Drive
from library.promotion.drives import Called
from library.promotion.gift_models import Donor, DonorKind, Fund, Gift, GiftSort, Worn
from library.promotion.gifts import Given, Line
from library.uses.models import Happening
from tests.support.world import World

FIRST, LAST = date(2026, 10, 1), date(2026, 10, 7)


def doing(world: World) -> Doing:
    return Doing.now(None, world.branch().id)


def donor(world: World, name: str = "Lớp 5A", kind: DonorKind = DonorKind.COLLECTIVE, about: str = "") -> Donor:
    return donors.named(world.session(), world.school().id, kind, name, about)


def fund(world: World, name: str = gift_funds.FIRST_NAME) -> Fund:
    found = gift_funds.open_funds(world.session(), world.school().id)
    return next((one for one in found if one.name == name), None) or gift_funds.open_fund(
        world.session(), world.school().id, name
    )


def drive(world: World, *collectives: str, name: str = "Góp một cuốn sách nhỏ") -> Drive:
    called = tuple(donor(world, one).id for one in collectives)
    told = Called(name, world.school().name, FIRST, LAST, 300, None, None, called)
    return drives.open_drive(world.session(), doing(world), told)


def told(
    world: World, good: int = 0, worn: int = 0, money: int = 0, who: Donor | None = None, of: Drive | None = None
) -> Given:
    counted = ((Worn.GOOD, good), (Worn.WORN, worn))
    lines = tuple(Line(GiftSort.BOOK, state, many) for state, many in counted if many)
    fund_id = fund(world).id if money else None
    return Given(FIRST, who and who.id, of and of.id, lines, money, fund_id)


def gift(
    world: World, good: int = 0, worn: int = 0, money: int = 0, who: Donor | None = None, of: Drive | None = None
) -> Gift:
    return gifts.give(world.session(), doing(world), told(world, good, worn, money, who, of))


def figures(world: World) -> dict[str, int]:
    """What is reported: measure → quantity, nothing where it is 0."""
    rows = world.session.execute(select(Happening.measure, func.sum(Happening.quantity)).group_by(Happening.measure))
    return {measure: int(many) for measure, many in rows if many}


def undo(world: World, act_id: int) -> None:
    gift_undoing.undo(world.session(), doing(world), world.session.get_one(Act, act_id))


def made_by(world: World, thing: Drive | Gift) -> int:
    """The act that made or changed it last."""
    last = gift_changes.last_of(world.session(), thing)
    assert last
    return last.act_id
