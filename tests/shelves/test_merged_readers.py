"""A pupil who stood in the rows twice: what was ticked and whose turn it was follows, and comes back when taken apart."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import select

from library.core import clock
from library.duplicates import people
from library.organisations import founding
from library.organisations.models import Organisation
from library.patrons import enrolling
from library.patrons.enrolling import NewPatron
from library.patrons.models import Membership
from library.shelves import week
from library.shelves.models import ReadingEntry, Shelf, ShelfHelper
from tests.support import shelves
from tests.support.world import World

pytestmark = pytest.mark.both
TODAY = clock.today()
NEXT = TODAY + timedelta(days=7)


@dataclass
class Twice:
    """`gone` read two books and helps this week and the next one; `kept` helps this week already."""

    world: World
    shelf: Shelf
    kept: Membership
    gone: Membership

    def rows(self) -> list[tuple[int, ...]]:
        """(id, membership) of what was ticked, then (id, membership) of the turns."""
        session = self.world.session()
        session.flush()
        ticked = select(ReadingEntry.id, ReadingEntry.membership_id).order_by(ReadingEntry.id)
        turns = select(ShelfHelper.id, ShelfHelper.membership_id).order_by(ShelfHelper.id)
        return [tuple(row) for query in (ticked, turns) for row in session.execute(query)]

    def whose(self) -> set[int]:
        return {row[1] for row in self.rows()}


def furnish(world: World, library: Organisation, kept: Membership, gone: Membership) -> Twice:
    session, doing = world.session(), world.doing(library=library)
    of = shelves.school_class(world, "5B", 5, library)
    one = shelves.shelf(world, of, library=library)
    act = shelves.acts.write(session, doing, "log-reading", clock.now())
    session.add_all(
        ReadingEntry(
            uid=clock.uuid7(), act_id=act, membership_id=gone.id, class_id=of.id, read_on=TODAY, source="grid"
        ) for _ in range(2)
    )  # fmt: skip
    for reader, first in ((kept, TODAY), (gone, TODAY), (gone, NEXT)):
        session.add(ShelfHelper(shelf_id=one.id, membership_id=reader.id, from_on=first, to_on=first))
        session.flush()
    return Twice(world, one, kept, gone)


def test_what_was_ticked_follows_the_merged_reader_and_comes_back(world: World) -> None:
    kept, gone = (world.patron("Hoàng Thị Mai Lan", class_name="5A") for _ in range(2))
    twice = furnish(world, world.school(), kept, gone)
    before = twice.rows()
    made = people.merge(world.session(), world.doing(), kept.person, gone.person)
    entries = select(ReadingEntry.membership_id)
    assert world.session.scalars(entries).all() == [kept.id, kept.id]
    later = select(ShelfHelper.membership_id).where(ShelfHelper.from_on == NEXT)
    assert world.session.scalars(later).all() == [kept.id]
    assert week.week(world.session(), twice.shelf, TODAY).helpers == ["Hoàng Thị Mai Lan"], "one turn, one name"
    people.split(world.session(), world.doing(), made)
    assert twice.rows() == before


def test_it_follows_to_the_library_that_takes_over(world: World) -> None:
    old, new = world.school("Trường Tiểu học Nông Thượng"), world.school()
    gone = world.patron("Lý Thị Chi", old, "5A")
    again = NewPatron("", person_id=gone.person_id)
    ((made, _),) = enrolling.enrol(world.session(), new, world.category(library=new), [again])
    kept = world.session.get_one(Membership, made)
    twice = furnish(world, old, kept, gone)
    founding.succeed(world.session(), old, new, TODAY)
    assert twice.whose() == {kept.id}
    turns = select(ShelfHelper.from_on).order_by(ShelfHelper.from_on)
    assert world.session.scalars(turns).all() == [TODAY, NEXT]
