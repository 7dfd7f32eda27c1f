"""A site keeps a batch for longer: asked, granted, refused, up to the cap, and taken back."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from library.core import clock
from library.core.errors import Refused
from library.holdings import stays
from library.holdings.models import Stay
from library.inbox import acts
from library.rotation import extending, legs
from library.rotation.extending import Asked
from library.rotation.models import BatchState, Extension, Leg
from tests.rotation.way import db, doing, items_of, stays_at, undo
from tests.support import rotation as made
from tests.support.world import World


def asked(leg: Leg, days: int = 20) -> Asked:
    assert leg.due_on
    return Asked(leg.due_on + timedelta(days=days), "Lường Thị Hà", "các em đang đọc dở")


def untils(world: World) -> set[date | None]:
    still = (Stay.ended_at.is_(None), Stay.voided.is_(False), Stay.place_id.is_not(None))
    return set(world.session.scalars(select(Stay.until_on).where(*still)))


def test_the_site_asks_and_the_owner_grants(world: World) -> None:
    leg = made.received(world)
    before, wish = leg.due_on, asked(leg)
    one = extending.ask(db(world), doing(), leg, wish)
    assert leg.due_on == before and extending.waiting(db(world), leg.id) is one
    with pytest.raises(extending.NotExtended):
        extending.ask(db(world), doing(), leg, wish)
    deciding = doing()
    extending.decide(db(world), deciding, one, True)
    world.session.expire_all()
    assert leg.due_on == wish.until_on and untils(world) == {wish.until_on}
    assert leg.batch.state is BatchState.SERVING
    assert leg.to_site and {stays_at(world, item) for item in items_of(world, leg)} == {leg.to_site.place_id}
    assert one.decided_by is not None
    undo(world, one.decided_by)
    assert leg.due_on == before and untils(world) == {before}
    assert extending.waiting(db(world), leg.id) is one, "it waits for an answer again"


def test_a_refusal_changes_no_day_and_it_may_be_asked_again(world: World) -> None:
    leg = made.received(world)
    before = leg.due_on
    extending.decide(db(world), doing(), extending.ask(db(world), doing(), leg, asked(leg)), False)
    assert leg.due_on == before
    extending.ask(db(world), doing(), leg, asked(leg, 10))


def test_the_owner_grants_at_once_and_takes_it_back(world: World) -> None:
    leg = made.received(world)
    before = leg.due_on
    one = extending.grant(db(world), doing(), leg, asked(leg))
    assert leg.due_on != before and one.granted
    undo(world, one.act_id)
    assert leg.due_on == before and world.session.get_one(Extension, one.id).voided


def test_an_extension_is_not_taken_back_under_a_later_one(world: World) -> None:
    leg = made.received(world)
    first = extending.grant(db(world), doing(), leg, asked(leg, 10))
    extending.grant(db(world), doing(), leg, asked(leg, 10))
    with pytest.raises(extending.NotExtended):
        undo(world, first.act_id)


@pytest.mark.parametrize(("days", "code"), [(0, "not-later"), (400, "too-long")])
def test_a_day_too_early_or_too_late_is_refused(world: World, days: int, code: str) -> None:
    leg = made.received(world)
    with pytest.raises(Refused) as refused:
        extending.ask(db(world), doing(), leg, asked(leg, days))
    assert refused.value.reasons[0].code == code


def test_six_months_is_the_longest_unless_agreed_otherwise(world: World) -> None:
    leg = made.received(world)
    leg.longest_on = None
    assert extending.last_day(db(world), leg) == legs.months_on(clock.today(), 6)
    assert legs.months_on(date(2026, 8, 31), 6) == date(2027, 2, 28)
    assert legs.months_on(date(2026, 12, 1), 1) == date(2027, 1, 1)


def test_a_batch_under_way_is_not_extended(world: World) -> None:
    leg = made.received(world)
    made.sent(world, leg.batch, 2, by="ha")
    with pytest.raises(Refused) as refused:
        extending.ask(db(world), doing(), leg, asked(leg))
    assert refused.value.reasons[0].code == "not-here"


def test_a_copy_that_followed_later_stays_as_long_as_the_others(world: World) -> None:
    leg = made.received(world)
    assert leg.to_site
    extra = made.stock(world, 1, title="Sách theo sau")[0]
    made.add_lines(world, leg.batch, [extra])
    by = doing(leg.batch.depot.branch_id)
    act = acts.write(db(world), by, "send-leg", clock.now()), by.uid
    stays.begin_many(db(world), act, {extra.id: extra.uid}, leg.to_site.place_id, "rotation", clock.now(), leg.due_on)
    wish = asked(leg)
    extending.grant(db(world), doing(), leg, wish)
    assert untils(world) == {wish.until_on}
