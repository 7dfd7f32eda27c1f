"""Days and pages that nobody plans: what the address bar or a form says is mended or told, and nothing falls over."""

import re
from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from library.core import clock
from library.core.db import db
from library.mobile import quarter_report
from library.mobile.models import Suspension, Trip
from tests.mobile.van import Van, van
from tests.support import rotation
from tests.support.people import sign_in
from tests.support.world import World

FAR = ("9999-12-31", "0001-01-01", "2201-01-01", "1999-12-31")


@pytest.fixture
def here(world: World) -> Van:
    made = van(world)
    rotation.account(world, "tu")
    world.session.commit()
    return made


@pytest.fixture
def client(app: Flask, here: Van) -> FlaskClient:
    return sign_in(app, "tu")


@pytest.mark.parametrize("day", FAR)
def test_a_day_nobody_plans_in_an_address_is_today(client: FlaskClient, day: str) -> None:
    weeks = [re.findall('class="van-week">.*?</p>', client.get(path).text) for path in ("/van", f"/van?from={day}")]
    assert weeks[0] == weeks[1] != []
    assert client.get(f"/van/trips/new?day={day}").status_code == 200


@pytest.mark.parametrize("asked", [*(f"at={day}" for day in FAR), "page=99999999999999999999", "page=-1", "page=x"])
def test_a_moment_or_page_nobody_has_is_left_out(client: FlaskClient, here: Van, asked: str) -> None:
    assert client.get(f"/van/vehicles/{here.vehicle.uid}/aboard?{asked}").status_code == 200


def test_a_quarter_nobody_reports_on_is_this_one(client: FlaskClient) -> None:
    assert client.get("/van/reports/quarter?quarter=9999-4").status_code == 200
    assert quarter_report.read("9999-4", date(2026, 11, 22)).key == "2026-4"
    assert quarter_report.read("2200-4", date(2026, 11, 22)).until == date(2200, 12, 31)


@pytest.mark.parametrize("day", FAR[:3])
def test_nothing_is_moved_suspended_or_planned_on_such_a_day(client: FlaskClient, here: Van, day: str) -> None:
    trip, stop, vehicle = here.trip.uid, here.stop.uid, here.vehicle.uid
    crew = {"role": "driver", "name": "A", "crew_why": "x", "past": "1"}
    forms = (
        (f"/van/trips/{trip}/move", {"day": day}),
        ("/van/suspend", {"of": f"stop-{stop}", "first_on": day, "last_on": day}),
        ("/van/trips/new", {"vehicle": vehicle, "day": day, "stop": stop, "from_at": "7:30", "to_at": "9:00", **crew}),
    )
    for path, form in forms:
        answer = client.post(path, data={"uid": str(clock.uuid7()), "why": "storm", **form})
        assert answer.status_code == 422, path
        assert "Năm từ 2000 đến 2200." in answer.get_data(as_text=True), path
    db.session.rollback()
    assert db.session.scalars(select(Suspension)).first() is None
    assert all(one.day.year == clock.today().year or one.day.year < 2100 for one in db.session.scalars(select(Trip)))
