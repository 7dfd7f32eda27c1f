"""Times that were tapped late are told right afterwards; what cannot be is said, and all of it goes back."""

from datetime import datetime, time, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from library.core import clock
from library.inbox.models import Act
from library.mobile import actual_times, at_stop
from library.mobile.actual_times import Stopped
from library.mobile.at_stop import Heads, Tally
from library.mobile.errors import NotDone
from library.mobile.models import Trip, TripState
from tests.mobile.van import Van, van
from tests.support import rotation
from tests.support.people import sign_in
from tests.support.world import World

DAY = clock.today() - timedelta(days=1)


def at(hour: int, minute: int = 0, ahead: int = 0) -> datetime:
    return datetime.combine(DAY + timedelta(days=ahead), time(hour, minute), clock.HERE)


@pytest.mark.parametrize(
    ("out", "home", "stop", "code"),
    [
        (at(7), at(17), Stopped("A", at(8), at(9)), None),
        (at(7, ahead=-1), at(17), Stopped("A", at(8), at(9)), "too-early"),
        (at(7), at(23, 30), Stopped("A", at(8), at(9)), "future"),
        (at(7), at(6), Stopped("A", None, None), "back-before-out"),
        (at(7), at(17), Stopped("A", at(9), at(8)), "order"),
        (at(9), at(17), Stopped("A", at(8), at(10)), "before-out"),
        (at(7), at(9), Stopped("A", at(8), at(10)), "after-back"),
        (at(7), at(17), Stopped("A", at(8, 30), at(10), first=at(8, 10)), "after-first"),
        (at(7), at(17), Stopped("A", at(8), at(9), last=at(9, 30)), "before-last"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said(out: datetime, home: datetime, stop: Stopped, code: str | None) -> None:
    found = actual_times.against(Trip(day=DAY), out, home, [stop], at(23))
    assert [one.code for one in found] == ([code] if code else [])


def test_a_vehicle_is_at_one_stop_at_a_time() -> None:
    both = [Stopped("B", at(9), at(11)), Stopped("A", at(8), at(10))]
    assert [one.code for one in actual_times.against(Trip(day=DAY), at(7), None, both, at(23))] == ["at-two"]


@pytest.fixture
def here(world: World) -> Van:
    """Open at the school now, and the vehicle on the road."""
    made = van(world)
    made.open()
    rotation.account(world, "tu")
    world.session.commit()
    return made


def test_times_are_told_and_taken_back(app: Flask, world: World, here: Van) -> None:
    trip, visit, client = here.trip, here.visit, sign_in(app, "tu")
    began = clock.day_of(clock.now()), time(0, 0)
    midnight = datetime.combine(*began, clock.HERE)
    was = trip.out_at, visit.opened_at
    page = f"/van/trips/{trip.uid}/times"
    assert actual_times.hour(visit.opened_at or clock.now()) in client.get(page).get_data(as_text=True)
    uid = clock.uuid7()
    told = {"uid": uid, "out": "0:00", f"opened-{visit.id}": "0:00"}
    answer = client.post(page, data=told)
    assert answer.status_code == 303 and str(uid) in answer.location
    world.session.expire_all()
    assert (trip.out_at, visit.opened_at) == (midnight, midnight)
    assert (trip.leaves_at, visit.from_at) == (time(6, 30), time(7, 30)) or trip.leaves_at, "the plan stays"
    assert client.post(page, data=told).status_code == 303, "twice is once"
    assert world.session.scalar(select(func.count()).where(Act.uid == uid)) == 1
    assert client.post(f"{page}/undo", data={"act": uid}).status_code == 303
    world.session.expire_all()
    assert (trip.out_at, visit.opened_at) == was
    again = client.post(f"{page}/undo", data={"act": uid})
    assert again.status_code == 409


@pytest.mark.parametrize(("field", "typed", "words"), [
    ("out", "23:59", "Giờ này chưa tới."), ("out", "7 rưỡi", "Giờ viết như 7:30."), ("in", "8:00", "Chưa sửa giờ nào."),
])  # fmt: skip
def test_a_wrong_time_comes_back_with_its_sentence(app: Flask, here: Van, field: str, typed: str, words: str) -> None:
    with clock.stopped_at(datetime.combine(clock.today(), time(23, 57), clock.HERE)):
        answer = sign_in(app, "tu").post(f"/van/trips/{here.trip.uid}/times", data={field: typed})
    assert answer.status_code in (409, 422) and words in answer.get_data(as_text=True)


def test_a_later_telling_goes_back_first(app: Flask, world: World, here: Van) -> None:
    client, page = sign_in(app, "tu"), f"/van/trips/{here.trip.uid}/times"
    first = clock.uuid7()
    for uid, minute in ((first, "0:01"), (clock.uuid7(), "0:00")):
        assert client.post(page, data={"uid": uid, "out": minute}).status_code in (303, 409)
    here.trip.out_at = clock.now() - timedelta(seconds=30)
    world.session.commit()
    answer = client.post(f"{page}/undo", data={"act": first})
    assert answer.status_code == 409 and "sửa tiếp" in answer.get_data(as_text=True)


def test_a_count_stays_within_the_opening(world: World, here: Van) -> None:
    at_stop.count(here.session, here.doing(), here.visit, Tally(heads=[Heads(1, "citizen")]))
    counted = here.session.scalars(select(func.max(Act.occurred_at)).where(Act.kind == at_stop.COUNT)).one()
    later: Any = {f"opened-{here.visit.id}": counted + timedelta(microseconds=1)}
    with pytest.raises(NotDone, match="after-first"):
        actual_times.tell(here.session, here.doing(), here.trip, later)


def test_what_has_not_happened_has_no_time(world: World) -> None:
    made = van(world)
    assert (
        made.trip.state in (TripState.PLANNED, TripState.LOADED) and actual_times.known(made.session, made.trip) == {}
    )
