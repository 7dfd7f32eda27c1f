"""Agreements: the later one takes the place of the one before; over, ended and taken back ones hold no more."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from library.core import clock
from library.inbox.acts import Doing
from library.inbox.models import Act
from library.rotation import agreements, undoing
from library.rotation.agreements import NewAgreement, NotAgreed
from library.rotation.models import Agreement, Site
from tests.support import rotation
from tests.support.world import World

TODAY = clock.today()


def day(shift: int) -> date:
    return TODAY + timedelta(days=shift)


def make(world: World, site: Site, first: int, last: int, quota: int = 200) -> Agreement:
    new = NewAgreement(quota, 6, day(first), day(last), "12/TT-TVT")
    return agreements.make(world.session(), Doing.now(rotation.account(world).uid, site.branch_id), site, new)


def current(world: World, site: Site, shift: int = 0) -> int | None:
    found = agreements.current(world.session(), site.id, day(shift))
    return found and found.quota


def test_the_later_one_takes_the_place_of_the_one_before(world: World) -> None:
    site = rotation.site(world)
    make(world, site, -100, 300, quota=100)
    make(world, site, 10, 90, quota=250)
    assert [current(world, site, shift) for shift in (-101, -100, 9, 10, 90, 91)] == [None, 100, 100, 250, 250, None]


def test_an_agreement_ends_before_its_time(world: World) -> None:
    site = rotation.site(world)
    made = make(world, site, -10, 100)
    agreements.end(world.session(), made, day(5))
    assert [current(world, site, shift) for shift in (4, 5)] == [200, None]


def test_a_slip_of_the_pen_is_written_anew(world: World) -> None:
    site = rotation.site(world)
    make(world, site, 0, 100, quota=20)
    make(world, site, 0, 100, quota=200)
    assert current(world, site) == 200
    assert len(agreements.of_site(world.session(), site.id)) == 1


def test_one_taken_back_holds_no_more_and_the_one_before_does(world: World) -> None:
    site = rotation.site(world)
    make(world, site, -10, 100, quota=100)
    later = make(world, site, 0, 100, quota=250)
    act = world.session.get_one(Act, later.act_id)
    undoing.undo(world.session(), Doing.now(rotation.account(world).uid, site.branch_id), act)
    assert current(world, site) == 100
    assert len(agreements.of_site(world.session(), site.id)) == 1


def test_an_agreement_has_a_length(world: World) -> None:
    with pytest.raises(NotAgreed, match="days"):
        make(world, rotation.site(world), 0, 0)


def test_those_that_end_soon(world: World) -> None:
    soon, later, none = (rotation.site(world, name) for name in ("Ba Bể", "Chợ Rã", "Ngân Sơn"))
    make(world, soon, -10, 20)
    make(world, later, -10, 100)
    found = agreements.ending(world.session(), [soon.id, later.id, none.id], TODAY, 30)
    assert list(found) == [soon.id]


def test_undoing_a_change_does_not_pretend_that_the_first_is_back(world: World) -> None:
    site = rotation.site(world)
    first = make(world, site, 0, 100, quota=20)
    act, branch = first.act_id, site.branch_id
    changing = Doing.now(rotation.account(world).uid, branch)
    new = NewAgreement(200, 6, day(0), day(100))
    assert agreements.changes(world.session(), site.id, day(0))
    made = agreements.make(world.session(), changing, site, new)
    assert made.act_id == act, "what its first act made is changed"
    changed = world.session.scalars(select(Act).where(Act.uid == changing.uid)).one()
    with pytest.raises(NotAgreed, match="changed"):
        undoing.undo(world.session(), Doing.now(rotation.account(world).uid, branch), changed)
    assert current(world, site) == 200
    undoing.undo(world.session(), Doing.now(None, branch), world.session.get_one(Act, act))
    assert current(world, site) is None
    assert make(world, site, 0, 100, quota=30).quota == current(world, site), "agreed anew on the same day"
