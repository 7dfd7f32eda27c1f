"""Calendars in telephones: names that stay, numbers that grow, what is called off struck out; who may read which."""

from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import uuid4

import icalendar
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from library.accounts.models import RoleName
from library.core import clock
from library.inbox.acts import Doing
from library.mobile import changing, feeds, ics
from library.mobile.models import Trip
from library.mobile.outings import Outing, What
from library.rotation.models import Extension, Site
from tests.support import people, rotation
from tests.support.world import World

NOW = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)


def events(data: bytes) -> dict[str, Any]:
    return {str(one["UID"]): one for one in icalendar.Calendar.from_ical(data).walk("VEVENT")}


@pytest.fixture
def trip(world: World) -> Trip:
    rotation.account(world, "tu")
    stops = [rotation.stop(world, readers_of=world.school()), rotation.stop(world, "Chợ Nà Phặc; cổng sau, dốc 5 %")]
    made = rotation.trip(world, rotation.vehicle(world), clock.today() + timedelta(days=3), stops)
    feeds.renew(world.session(), world.province().id)
    world.session.commit()
    return made


def doing(world: World) -> Doing:
    return world.doing(library=world.province())


def public(client: FlaskClient, world: World, trip: Trip, at: int = 0) -> dict[str, Any]:
    stop = rotation.visits_of(world, trip)[at].stop
    answer = client.get(f"/tv/{world.province().slug}/lich-xe/{stop.uid}.ics")
    assert answer.status_code == 200 and answer.mimetype == "text/calendar"
    return events(answer.data)


def test_hours_are_those_of_the_wall_clock_here() -> None:
    one = Outing("a", What.VISIT, NOW.date(), "Chợ; Nà Phặc, dốc", "Xe 1", time(7, 30), time(9), at=(22.2, 105.9))
    (event,) = events(ics.calendar("Lịch", [one], NOW)).values()
    assert event["DTSTART"].dt == datetime(2026, 11, 22, 0, 30, tzinfo=UTC)
    assert event["DTEND"].dt == datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
    assert event["SUMMARY"] == "Xe 1 đến Chợ; Nà Phặc, dốc"


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("Chợ Nà Phặc, cổng sau, Xã Nà Phặc", "Chợ Nà Phặc, cổng sau, Xã Nà Phặc"),
        ("Xã Nà Phặc", "Chợ Nà Phặc, Xã Nà Phặc"),
        ("", "Chợ Nà Phặc"),
    ],
)
def test_a_place_is_said_once(address: str, said: str) -> None:
    one = Outing("a", What.VISIT, NOW.date(), "Chợ Nà Phặc", "Xe 1", time(7, 30), time(9), address=address)
    (event,) = events(ics.calendar("Lịch", [one], NOW)).values()
    assert event["LOCATION"] == said


def test_a_batch_takes_the_whole_day() -> None:
    one = Outing("a", What.BATCH_GOES, NOW.date(), "LC26-014 Khoa học vui")
    (event,) = events(ics.calendar("Lịch", [one], NOW)).values()
    assert event["DTSTART"].dt == NOW.date() and event["DTEND"].dt == NOW.date() + timedelta(days=1)


def test_lines_are_folded_and_end_as_the_standard_says() -> None:
    long = Outing("a", What.VISIT, NOW.date(), "Trường Tiểu học " + "rất dài " * 20, "Xe 1", time(7), time(8))
    data = ics.calendar("Lịch", [long], NOW)
    assert all(len(line) <= 75 for line in data.split(b"\r\n")) and b"\n" not in data.replace(b"\r\n", b"")


def test_skipped_then_put_back_keeps_its_name_and_counts_up(app: Flask, world: World, trip: Trip) -> None:
    client, visit = app.test_client(), rotation.visits_of(world, trip)[0]
    (before,) = public(client, world, trip).values()
    change = changing.skip(world.session(), doing(world), visit, "storm")
    (off,) = public(client, world, trip).values()
    assert off["UID"] == before["UID"] and off["STATUS"] == "CANCELLED"
    changing.undo(world.session(), doing(world), change)
    (again,) = public(client, world, trip).values()
    assert again["STATUS"] == "CONFIRMED"
    assert before["SEQUENCE"] < off["SEQUENCE"] < again["SEQUENCE"], "a telephone takes the highest number"


def test_a_moved_visit_is_struck_out_and_stands_on_its_new_day(app: Flask, world: World, trip: Trip) -> None:
    visit, later = rotation.visits_of(world, trip)[0], trip.day + timedelta(days=2)
    changing.move(world.session(), doing(world), visit, later, "road")
    found = public(app.test_client(), world, trip)
    assert {(one["STATUS"], clock.day_of(one["DTSTART"].dt)) for one in found.values()} == {
        ("CANCELLED", trip.day), ("CONFIRMED", later),
    }  # fmt: skip


def test_a_cancelled_trip_strikes_out_its_visits(app: Flask, world: World, trip: Trip) -> None:
    changing.cancel(world.session(), doing(world), trip, "breakdown")
    assert {one["STATUS"] for one in public(app.test_client(), world, trip).values()} == {"CANCELLED"}


def test_an_extension_moves_the_day_a_batch_is_due_under_the_same_name(app: Flask, world: World, trip: Trip) -> None:
    site = rotation.school_site(world)
    batch = rotation.batch(world, [site], days=30)
    leg = batch.legs[0]
    key = feeds.key_of(world.session(), world.province().id) or ""
    address = f"/tv/{world.province().slug}/lich/{feeds.sign(key, 'site', site.uid)}/diem/{site.uid}.ics"
    name = f"{leg.uid}-out@tusach"
    before = events(app.test_client().get(address).data)[name]
    later = (leg.due_on or clock.today()) + timedelta(days=30)
    world.session.add(
        Extension(
            uid=clock.uuid7(),
            leg_id=leg.id,
            until_on=later,
            before_on=leg.due_on,
            asked_at=clock.now(),
            asked_name="Hà",
            act_id=batch.act_id,
            decided_at=clock.now(),
            granted=True,
        )
    )
    leg.due_on = later
    after = events(app.test_client().get(address).data)[name]
    assert after["DTSTART"].dt == later and after["SEQUENCE"] > before["SEQUENCE"]


# Who may read which


def _site(world: World) -> Site:
    return world.session.scalar(select(Site)) or rotation.site(world)


def addresses(world: World, trip: Trip) -> dict[str, str]:
    library = world.province()
    key, site = feeds.key_of(world.session(), library.id) or "", _site(world)
    root = f"/tv/{library.slug}/lich"
    return {
        "whole": f"{root}/{feeds.sign(key, 'whole', None)}/tinh.ics",
        "vehicle": f"{root}/{feeds.sign(key, 'vehicle', trip.vehicle.uid)}/xe/{trip.vehicle.uid}.ics",
        "site": f"{root}/{feeds.sign(key, 'site', site.uid)}/diem/{site.uid}.ics",
    }


def test_private_calendars_open_by_their_own_address_only(app: Flask, world: World, trip: Trip) -> None:
    client, told = app.test_client(), addresses(world, trip)
    assert len(events(client.get(told["whole"]).data)) == 2 and len(events(client.get(told["vehicle"]).data)) == 2
    assert client.get(told["site"]).status_code == 200
    signed = told["vehicle"].split("/")[4]
    assert client.get(told["whole"].replace(told["whole"].split("/")[4], signed)).status_code == 404
    for wrong in ("0" * 32, "%C4%91", "x"):
        assert client.get(f"/tv/{world.province().slug}/lich/{wrong}/tinh.ics").status_code == 404
    assert client.get(told["vehicle"].replace(str(trip.vehicle.uid), str(uuid4()))).status_code == 404


def test_a_new_key_ends_every_address(app: Flask, world: World, trip: Trip) -> None:
    told = addresses(world, trip)
    scheduler, client = people.sign_in(app, "tu"), app.test_client()
    assert scheduler.post("/van/feeds/key").status_code == 303
    assert {client.get(one).status_code for one in told.values()} == {404}
    page = scheduler.get("/van/feeds").get_data(as_text=True)
    assert addresses(world, trip)["vehicle"] in page


def test_a_library_without_a_key_has_no_private_calendar(app: Flask, world: World) -> None:
    rotation.account(world, "tu")
    van = rotation.vehicle(world)
    signed = feeds.sign("", "vehicle", van.uid)
    address = f"/tv/{world.province().slug}/lich/{signed}/xe/{van.uid}.ics"
    assert app.test_client().get(address).status_code == 404


def test_only_who_plans_may_change_the_key(app: Flask, world: World, trip: Trip) -> None:
    rotation.account(world, "tai", RoleName.VAN_CREW)
    crew = people.sign_in(app, "tai")
    assert crew.get("/van/feeds").status_code == 200
    assert crew.post("/van/feeds/key").status_code == 403


# The timetable for everybody


def test_the_timetable_tells_days_and_no_contact(app: Flask, world: World, trip: Trip) -> None:
    trip.incidents = "Anh Tài ốm"
    client = app.test_client()
    page = client.get(f"/tv/{world.province().slug}/lich-xe").get_data(as_text=True)
    assert "Trường Tiểu học Xuất Hóa" in page and f"{trip.day:%d/%m/%Y}" in page and "07:30" in page
    for private in ("Lường Thị Hà", "0209", "Triệu Văn Tài", "Anh Tài ốm"):
        assert private not in page


def test_the_front_page_leads_to_the_timetable_while_a_vehicle_comes(app: Flask, world: World, trip: Trip) -> None:
    client, school = app.test_client(), world.school()
    link = f'href="/tv/{school.slug}/lich-xe"'
    assert link in client.get(f"/tv/{school.slug}").get_data(as_text=True), "another library's van calls there"
    assert link not in client.get(f"/tv/{school.slug}/tim?q=de").get_data(as_text=True)
    for visit in rotation.visits_of(world, trip):
        changing.skip(world.session(), doing(world), visit, "storm")
    assert "lich-xe" not in client.get(f"/tv/{school.slug}").get_data(as_text=True)
    assert "lich-xe" not in client.get(f"/tv/{world.province().slug}").get_data(as_text=True)


def test_words_of_ones_own_are_not_told_to_everybody(app: Flask, world: World, trip: Trip) -> None:
    first, second = rotation.visits_of(world, trip)
    changing.skip(world.session(), doing(world), first, "cô Hà nằm viện")
    changing.skip(world.session(), doing(world), second, "storm")
    page = app.test_client().get(f"/tv/{world.province().slug}/lich-xe").get_data(as_text=True)
    assert "nằm viện" not in page and "có việc đột xuất" in page and "mưa bão" in page


def test_a_change_taken_back_leaves_no_trace_for_readers(app: Flask, world: World, trip: Trip) -> None:
    visit = rotation.visits_of(world, trip)[0]
    change = changing.move(world.session(), doing(world), visit, trip.day + timedelta(days=2), "storm")
    changing.undo(world.session(), doing(world), change)
    page = app.test_client().get(f"/tv/{world.province().slug}/lich-xe?diem={visit.stop.uid}").get_data(as_text=True)
    assert page.count("is-off") == 0 and page.count('class="time"') == 1


def test_a_school_shows_the_visits_of_others_at_its_gate(app: Flask, world: World, trip: Trip) -> None:
    client, school = app.test_client(), world.school()
    page = client.get(f"/tv/{school.slug}/lich-xe").get_data(as_text=True)
    assert "Trường Tiểu học Xuất Hóa" in page and "Chợ Nà Phặc" not in page
    other = rotation.visits_of(world, trip)[1].stop
    assert client.get(f"/tv/{school.slug}/lich-xe?diem={other.uid}").status_code == 404
    assert client.get(f"/tv/{school.slug}/lich-xe?diem=x").status_code == 404
    assert client.get(f"/tv/{school.slug}/lich-xe/{other.uid}.ics").status_code == 404
