"""A small library in which something of everything that is kept has happened."""

from datetime import date

from sqlalchemy import Connection, delete, text

from library import audit
from library.calendars.models import HolidayChoice
from library.core import clock
from library.core.db import db
from library.holdings import places
from library.holdings.models import PlaceKind
from library.loans import deeds
from library.loans.deeds import Lending
from library.uses.counting import Frozen
from tests.support.world import World, at


def live(world: World) -> None:
    """Two copies, a pupil, a book lent and brought back, another still out. Commits and lets go of the database."""
    branch = world.branch()
    away = places.first_of(world.session, branch.id, PlaceKind.WITH_PATRONS)
    stacks = world.place()
    lan = world.patron("Hoàng Thị Mai Lan", class_name="5A")
    for day, item in enumerate(world.items(2), start=1):
        what = Lending(item.id, item.uid, lan.id, date(2026, 9, 20), Frozen(branch.id), is_visit=False)
        deeds.lend(
            world.session, world.doing(), what, (away.id, branch.id), at(day)
        )  # the first steps down drop visits
        if day == 1:
            deeds.take_in(world.session, world.doing(), (item.id, item.uid), (stacks.id, branch.id), at(day, hour=2))
    audit.note(clock.uuid7(), "sign-in", "account", "mai")
    world.session.execute(delete(HolidayChoice))  # the first step down would drop it
    world.session.commit()
    let_go()


def let_go() -> None:
    """No connection stays open: a migration may need the whole database."""
    db.session.remove()
    for engine in db.engines.values():
        engine.dispose()


def counts(connection: Connection, tables: list[str]) -> dict[str, int]:
    """How many rows each table has."""
    return {table: connection.execute(text(f'SELECT count(*) FROM "{table}"')).scalar_one() for table in tables}
