"""The way of a batch: where it is, where it goes next, and how a way is changed while it is gone."""

from datetime import timedelta

import pytest

from library.core import clock
from library.core.errors import Refused
from library.rotation import agreements, batches_way, legs
from library.rotation.agreements import NewAgreement
from library.rotation.batches_way import Stop
from library.rotation.models import BatchKind
from tests.rotation.way import db, doing
from tests.support import rotation as made
from tests.support.world import World


def test_now_next_and_before(world: World) -> None:
    batch = made.packed(world)
    way = legs.of(db(world), batch.id)
    assert legs.current(way) is None and legs.next_(way) is way[0]
    made.received(world, made.sent(world, batch))
    way = legs.of(db(world), batch.id)
    assert legs.current(way) is way[0] and legs.next_(way) is way[1] and legs.before(way, way[1]) is way[0]
    assert legs.is_home(way[1]) and not legs.is_home(way[0])


def test_a_site_is_put_in_and_the_rest_of_the_way_stays(world: World) -> None:
    first, last, new = (made.site(world, name) for name in ("Nà Phặc", "Yến Lạc", "Bằng Vân"))
    batch = made.batch(world, [first, last], made.stock(world, 3))
    made.received(world, made.sent(world, made.packed(world, batch)))
    due = clock.today() + timedelta(days=50)
    leg = legs.forward(db(world), doing(), batch, new, clock.today(), due)
    way = legs.of(db(world), batch.id)
    assert [one.to_site_id for one in way] == [first.id, new.id, last.id, None]
    assert [one.from_site_id for one in way] == [None, first.id, new.id, last.id]
    assert [one.number for one in way] == [1, 2, 3, 4]
    assert leg.due_on == due and leg.longest_on == legs.months_on(clock.today(), 6)


def test_the_planned_site_is_not_put_in_twice(world: World) -> None:
    first, second = made.site(world, "Nà Phặc"), made.site(world, "Yến Lạc")
    batch = made.batch(world, [first, second], made.stock(world, 3))
    made.received(world, made.sent(world, made.packed(world, batch)))
    legs.forward(db(world), doing(), batch, second, clock.today(), clock.today() + timedelta(days=30))
    assert [one.to_site_id for one in legs.of(db(world), batch.id)] == [first.id, second.id, None]


@pytest.mark.parametrize("code", ["same-site", "closed", "another-library", "not-there"])
def test_where_it_cannot_go(world: World, code: str) -> None:
    leg = made.received(world) if code != "not-there" else made.sent(world)
    assert leg.to_site
    to = leg.to_site if code == "same-site" else made.site(world, "Yến Lạc")
    if code == "closed":
        to.closed_on = clock.today()
    if code == "another-library":
        to = made.site(world, "Điểm khác", owner=world.school())
    world.session.flush()
    with pytest.raises(Refused) as refused:
        legs.forward(db(world), doing(), leg.batch, to, clock.today(), None)
    assert refused.value.reasons[0].code == code
    assert len(legs.of(db(world), leg.batch_id)) == 2


@pytest.mark.parametrize(("days", "code"), [(-1, "past"), (300, "too-long")])
def test_a_date_that_is_past_or_too_far_is_refused(world: World, days: int, code: str) -> None:
    leg, to = made.received(world), made.site(world, "Yến Lạc")
    due = clock.today() + timedelta(days=days)
    with pytest.raises(Refused) as refused:
        legs.forward(db(world), doing(), leg.batch, to, clock.today(), due)
    assert refused.value.reasons[0].code == code


def test_a_batch_stays_as_long_as_the_site_agreed(world: World) -> None:
    leg, to = made.received(world), made.site(world, "Yến Lạc")
    today = clock.today()
    new = NewAgreement(100, 2, today, today + timedelta(days=500))
    agreements.make(db(world), doing(to.branch_id), to, new)
    with pytest.raises(Refused) as refused:
        legs.forward(db(world), doing(), leg.batch, to, today, today + timedelta(days=80))
    assert refused.value.reasons[0].code == "too-long"
    onward = legs.forward(db(world), doing(), leg.batch, to, today, today + timedelta(days=50))
    assert onward.longest_on == legs.months_on(today, 2)


def test_only_what_is_deposited_has_no_day(world: World) -> None:
    leg, to = made.received(world), made.site(world, "Yến Lạc")
    with pytest.raises(Refused) as refused:
        legs.forward(db(world), doing(), leg.batch, to, clock.today(), None)
    assert refused.value.reasons[0].code == "no-day"
    leg.batch.kind = BatchKind.DEPOSIT
    onward = legs.forward(db(world), doing(), leg.batch, to, clock.today(), None)
    assert (onward.due_on, onward.longest_on) == (None, None)


def test_a_deposit_is_planned_without_a_day_at_its_last_site() -> None:
    stops, today = [Stop(1, "Nà Phặc", 6), Stop(2, "Yến Lạc", 6)], clock.today()
    first, last, home = batches_way.way(stops, today, today + timedelta(days=300), for_good=True)
    assert first.due_on == today + timedelta(days=150)
    assert (last.due_on, last.longest_on) == (None, None)
    assert home.planned_on == today + timedelta(days=300)
