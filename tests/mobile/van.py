"""A van at a school, in few words: built on tests/support/rotation.py."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from library.accounts.models import Account, RoleName
from library.core import clock
from library.holdings.models import Item
from library.inbox.acts import Doing
from library.inbox.models import Act
from library.mobile import at_stop, van_rule
from library.mobile.models import Stop, StopVisit, Trip, Vehicle
from library.patrons.models import Membership
from tests.support import rotation
from tests.support.policies import lends
from tests.support.world import World

LATER = timedelta(days=14)


def within_today(minutes: int) -> tuple[datetime, datetime]:
    """So many minutes until now; from now on in the first of the night: a visit is opened and closed on one day."""
    now, span = clock.now(), timedelta(minutes=minutes)
    return (now - span, now) if clock.day_of(now - span) == clock.day_of(now) else (now, now + span)


@dataclass
class Van:
    """A vehicle with books aboard at a school today, and there again in two weeks. Bình reads in 3A of the school."""

    world: World
    vehicle: Vehicle
    stop: Stop
    trip: Trip
    visit: StopVisit
    crew: Account
    books: list[Item]
    pupil: Membership

    @property
    def session(self) -> Session:
        return _db(self.world)

    def doing(self, at: datetime | None = None) -> Doing:
        return Doing(clock.uuid7(), self.crew.uid, self.vehicle.branch_id, at=at)

    def open(self) -> None:
        at_stop.open_(self.session, self.doing(), self.visit)

    def act(self, act_id: int) -> Act:
        return self.session.get_one(Act, act_id)

    def place_of(self, item: Item) -> int:
        return self.session.scalars(select(Item.place_id).where(Item.id == item.id)).one()


def _db(world: World) -> Session:
    return cast(Session, world.session)


def van(world: World, books: int = 3) -> Van:
    school = world.school()
    pupil = world.patron("Ma Văn Bình", school, "3A")
    world.patron("Vi Thị Hoa", school, "3B")
    vehicle = rotation.vehicle(world)
    session = _db(world)
    lends(session, world.province().id, days=14)
    van_rule.add(session, world.province().id)
    stop, other = rotation.stop(world, readers_of=school), rotation.stop(world, "Nhà văn hoá Nà Phặc")
    crew = rotation.account(world, "tai", RoleName.VAN_CREW)
    trip = rotation.trip(world, vehicle, stops=[stop, other], crew=[crew])
    rotation.trip(world, vehicle, clock.today() + LATER, [stop])
    items = rotation.aboard(world, vehicle, books) if books else []
    session.flush()
    session.expire_all()
    return Van(world, vehicle, stop, trip, rotation.visits_of(world, trip)[0], crew, items, pupil)
