"""The map: points and lines of our own, nothing asked of anybody unless the library names a server."""

from datetime import timedelta
from typing import cast

import pytest
from flask import Flask, g
from sqlalchemy.orm import Session

from library.core import clock
from library.mobile import centres, changing, map_views, maps, outlines
from library.mobile.models import MobileSetting, Trip
from library.organisations import communes
from tests.support import people, rotation
from tests.support.statements import counted
from tests.support.world import World

TODAY = clock.today()


def drawn(app: Flask, world: World, chosen: Trip | None = None, **more: bool) -> maps.Drawing:
    with app.test_request_context():
        return maps.drawn(
            cast(Session, world.session()), world.province().id, TODAY, TODAY + timedelta(days=27), chosen, **more
        )


@pytest.fixture
def trip(world: World) -> Trip:
    """Tomorrow at two of three stops; the depot's commune is told."""
    rotation.account(world, "tu")
    world.branch(world.province()).commune_code = "01840"
    near = [rotation.stop(world, f"Điểm {n}", latitude=22.2 + n / 10, longitude=105.9) for n in (1, 2)]
    rotation.stop(world, "Điểm 3", latitude=22.5, longitude=105.7)
    made = rotation.trip(world, rotation.vehicle(world), TODAY + timedelta(days=1), near)
    world.session.commit()
    return made


def test_centres_are_of_communes_there_are() -> None:
    codes = {one.code for one in communes.all_communes()}
    shipped = set(centres._all())
    assert len(shipped) > 3000 and len(shipped - codes) / len(shipped) < 0.06, "lists of two sources, a few codes apart"
    assert all(8 < north < 24 and 102 < east < 118 for north, east in centres._all().values())


def test_a_trip_goes_from_the_depot_by_its_stops_and_back(app: Flask, world: World, trip: Trip) -> None:
    made = drawn(app, world, trip)
    (line,) = made.lines
    depot = centres.of("01840")
    assert line.chosen and line.points == (depot, (22.3, 105.9), (22.4, 105.9), depot)
    assert [(one.name, one.number) for one in made.calls] == [("Điểm 1", 1), ("Điểm 2", 2)]
    assert [one.name for one in made.idle] == ["Điểm 3"]


def test_a_stop_whose_only_visit_was_skipped_is_idle(app: Flask, world: World, trip: Trip) -> None:
    changing.skip(world.session(), world.doing(library=world.province()), rotation.visits_of(world, trip)[0], "storm")
    assert {one.name for one in drawn(app, world).idle} == {"Điểm 1", "Điểm 3"}


def test_a_stop_without_a_point_stands_at_its_commune_or_is_named(app: Flask, world: World) -> None:
    nowhere: dict[str, object] = {"latitude": None, "longitude": None}
    rotation.stop(world, "Chỉ biết xã", commune_code="01840", **nowhere)
    rotation.stop(world, "Chẳng biết đâu", **nowhere)
    made = drawn(app, world)
    (point,) = made.points
    assert point.rough and point.at == centres.of("01840") and made.unplaced == ("Chẳng biết đâu",)


def test_a_commune_under_one_of_our_points_is_not_drawn_twice(app: Flask, world: World) -> None:
    rotation.stop(world, "Trường Đức Xuân", latitude=22.1658, longitude=105.85)
    names = [name for name, *_ in drawn(app, world).communes]
    assert "Phường Đức Xuân" not in names and "Phường Bắc Kạn" in names


def test_an_area_holds_what_lies_nearest_its_centre() -> None:
    """A handful of points inside each area of Bắc Kạn is nearer to its centre than to any other."""
    made = outlines.around([(22.3, 105.9)])
    assert len(made.areas) > 20
    for area in made.areas:
        middle = [sum(corner[axis] for corner in area.ring) / len(area.ring) for axis in (0, 1)]
        owner = outlines.nearest((middle[0], middle[1]))
        inward = [
            (middle[0] + 0.95 * (north - middle[0]), middle[1] + 0.95 * (east - middle[1])) for north, east in area.ring
        ]
        assert {outlines.nearest(at) for at in inward} == {owner}


def test_areas_of_neighbours_meet_and_the_province_ends_at_its_rim() -> None:
    made = outlines.around([(22.3, 105.9)])
    corners = {corner for area in made.areas for corner in area.ring}
    assert {end for edge in made.rim for end in edge} <= corners
    assert 0 < len(made.rim) < sum(len(area.ring) for area in made.areas) / 2
    assert outlines.around([]) == outlines.NONE


def test_communes_the_trip_calls_at_are_marked(app: Flask, world: World, trip: Trip) -> None:
    assert sum(area.called for area in drawn(app, world, trip).outlines.areas) == 2
    assert not any(area.called for area in drawn(app, world).outlines.areas)


def test_a_map_with_tiles_has_no_outlines_of_ours_and_says_what_ours_are(app: Flask, world: World, trip: Trip) -> None:
    client = people.sign_in(app, "tu")
    assert "không phải địa giới" in client.get("/van/map").get_data(as_text=True)
    told = {"tile_address": "https://bando.example.vn/{z}/{x}/{y}.png", "tile_credit": "Sở Tài nguyên"}
    client.post("/van/map/settings", data=told)
    page = client.get("/van/map").get_data(as_text=True)
    assert "không phải địa giới" not in page and '"areas": []' in page


def test_sites_are_drawn_where_asked_for(app: Flask, world: World, trip: Trip) -> None:
    rotation.site(world)
    assert not any(one.kind == "site" for one in drawn(app, world).points)
    assert [one.name for one in drawn(app, world, sites=True).points if one.kind == "site"] == [
        "Điểm Bưu điện - Văn hoá xã Bành Trạch"
    ]


def test_a_map_costs_few_statements_however_many_trips(app: Flask, world: World, trip: Trip) -> None:
    stops = [rotation.stop(world, f"Thêm {n}", latitude=22.0 + n / 50, longitude=105.8) for n in range(12)]
    for n, one in enumerate(stops):
        rotation.trip(world, rotation.vehicle(world, f"Xe {n + 2}"), TODAY, [one])
    world.session.commit()
    world.session.expire_all()
    with counted() as sent:
        drawn(app, world)
    assert len(sent) <= 8


def test_nobody_else_is_asked_without_a_server_of_tiles(app: Flask, world: World, trip: Trip) -> None:
    answer = people.sign_in(app, "tu").get("/van/map")
    assert "img-src 'self' data: blob:" in answer.headers["Content-Security-Policy"]
    assert "http://" not in answer.get_data(as_text=True).replace("http://www.w3.org", "")


def test_a_server_of_tiles_is_let_in_on_pages_with_a_map_alone(app: Flask, world: World, trip: Trip) -> None:
    client = people.sign_in(app, "tu")
    told = {"tile_address": "https://bando.example.vn/{z}/{x}/{y}.png", "tile_credit": "Sở Tài nguyên"}
    assert client.post("/van/map/settings", data=told).status_code == 303
    page = client.get(f"/van/map?trip={trip.uid}")
    assert "img-src 'self' https://bando.example.vn data:" in page.headers["Content-Security-Policy"]
    assert "bando.example.vn" in page.get_data(as_text=True)
    assert "bando" not in client.get("/van/figures").headers["Content-Security-Policy"]
    assert client.post("/van/map/settings", data={}).status_code == 303
    own = world.session.get(MobileSetting, world.province().id)
    assert own and own.tile_address is None and own.crew_least == 3, "the other numbers stay"


@pytest.mark.parametrize(
    "address",
    ["bando.vn/{z}/{x}/{y}.png", "https://bando.vn/tiles.png", "javascript:{z}{x}{y}", "https://{z}/{x}/{y}; script-src *",
     "https://ai@bando.vn/{z}/{x}/{y}", "https:///{z}/{x}/{y}", "https://bando.vn/{z}/{x}/{y}'"],
)  # fmt: skip
def test_what_is_no_server_of_tiles_is_refused(app: Flask, world: World, trip: Trip, address: str) -> None:
    assert not map_views.is_tiles(address)
    answer = people.sign_in(app, "tu").post("/van/map/settings", data={"tile_address": address, "tile_credit": "x"})
    assert answer.status_code == 422


def test_tiles_need_their_source_told(app: Flask, world: World, trip: Trip) -> None:
    told = {"tile_address": "https://bando.vn/{z}/{x}/{y}.png"}
    assert people.sign_in(app, "tu").post("/van/map/settings", data=told).status_code == 422


def test_only_hosts_of_the_web_get_into_the_policy(app: Flask) -> None:
    with app.test_request_context():
        for address in ("", "ftp://bando.vn/{z}", "data:image/png"):
            maps.allow_tiles(address)
        assert not g.get("more_pictures")
        maps.allow_tiles("https://{s}.bando.vn/{z}/{x}/{y}.png")
        assert g.more_pictures == "https://*.bando.vn"


def test_a_trip_of_another_library_is_on_no_map_of_ours(app: Flask, world: World, trip: Trip) -> None:
    people.account(world)
    client = people.sign_in(app)
    assert client.get(f"/van/map?trip={trip.uid}").status_code == 404
    assert client.get("/van/map?trip=x").status_code == 404
    assert "Điểm 1" not in client.get("/van/map").get_data(as_text=True)
