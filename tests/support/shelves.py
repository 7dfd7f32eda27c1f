"""A shelf of a class with books on it, in few words."""

from collections.abc import Sequence
from datetime import datetime

from library.accounts import managing
from library.accounts.models import Account, RoleName
from library.core import clock
from library.holdings import ledger, stays
from library.holdings.models import Item, Why
from library.inbox import acts
from library.inbox.acts import Doing
from library.organisations.models import Organisation
from library.patrons import enrolling
from library.patrons.models import SchoolClass
from library.shelves import building
from library.shelves.building import NewShelf
from library.shelves.models import Shelf
from tests.support.world import World

PASSWORD = "mật khẩu để thử"


def school_class(
    world: World, name: str = "4A", grade: int | None = 4, library: Organisation | None = None
) -> SchoolClass:
    owner = library or world.school()
    return enrolling.school_class(world.session, world.school_year(owner), world.branch(owner).id, name, grade)


def teacher(world: World, of: SchoolClass, login: str = "thu", name: str = "Nguyễn Thị Thu") -> Account:
    """Somebody who signs in with PASSWORD and keeps the class's shelf."""
    made = managing.open_account(world.session(), login, name, PASSWORD, world.branch())
    managing.grant(world.session(), made, RoleName.TEACHER, world.school().id, class_id=of.id)
    return made


def shelf(
    world: World, of: SchoolClass | None = None, new: NewShelf | None = None, keeper: Account | None = None,
    library: Organisation | None = None,
) -> Shelf:  # fmt: skip
    owner = library or world.school()
    of = of or school_class(world, library=owner)
    said = new or NewShelf(
        f"Tủ lớp {of.name}", keeper_id=keeper and keeper.id, keeper_name=keeper.name if keeper else ""
    )
    doing = Doing(clock.uuid7(), branch_id=world.branch(owner).id)
    return building.build(world.session(), doing, owner, world.branch(owner).id, said, of)


def put(world: World, on: Shelf, items: Sequence[Item], at: datetime | None = None) -> None:
    """The copies are scanned onto the shelf and stay there."""
    at = at or clock.now()
    doing = Doing(clock.uuid7(), branch_id=on.branch_id)
    act = (acts.write(world.session(), doing, "fill-shelf", at), doing.uid)
    for item in items:
        stays.begin(world.session(), act, (item.id, item.uid), on.place_id, "shelf", at)
    ledger.move(
        world.session(), act, {item.id: item.uid for item in items}, (on.place_id, on.branch_id), Why.SHELVE, at
    )
    world.session.flush()
