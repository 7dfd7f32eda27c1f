"""The pages of loading, of what is aboard, of a trip's log, and of another vehicle taking over."""

from collections.abc import Sequence
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from library.catalogue.models import LocalRecord
from library.core import clock
from library.core.db import db
from library.holdings.models import Item
from library.mobile import aboard, loading
from library.mobile.models import Trip, TripLoad, TripState, Vehicle, VisitState
from tests.mobile.van import Van, van
from tests.support import rotation
from tests.support.people import sign_in
from tests.support.world import World


@pytest.fixture
def here(world: World) -> Van:
    made = van(world)
    world.session.commit()
    return made


@pytest.fixture
def client(app: Flask, here: Van) -> FlaskClient:
    return sign_in(app, "tai")


def address(here: Van, path: str) -> str:
    return f"/van/trips/{here.trip.uid}/{path}"


def stock(here: Van, count: int = 2) -> Sequence[Item]:
    made = rotation.stock(here.world, count, title="Sách trong kho")
    here.world.session.commit()
    return made


def text(client: FlaskClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    found: str = answer.get_data(as_text=True)
    return found


def after(client: FlaskClient, path: str, **data: Any) -> str:
    answer = client.post(path, data=data)
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return text(client, answer.location)


def trip(here: Van) -> Trip:
    db.session.rollback()
    return db.session.get_one(Trip, here.trip.id)


def test_a_scan_without_scripts_is_told_and_undone(here: Van, client: FlaskClient) -> None:
    code = stock(here)[0].accession
    page = after(client, address(here, "load"), text=code, visit=str(here.visit.uid))
    assert "Đã lên xe" in page
    assert f"Cho điểm {here.stop.name}" in page
    act = page.split("load/undo?act=")[1].split('"')[0].split("&")[0]
    assert "Đã hoàn tác" in after(client, address(here, f"load/undo?act={act}"))
    assert aboard.of(db.session(), db.session.get_one(Vehicle, here.vehicle.id)).total == 3


def test_a_list_says_what_it_left(here: Van, client: FlaskClient) -> None:
    one, two = stock(here)
    page = after(client, address(here, "load/list"), codes=f"{one.accession}\n{two.accession}\nXX.1")
    assert "Đã ghi 2 cuốn lên xe" in page
    assert "Mã lạ: XX.1" in page


def test_the_whole_vehicle_is_unloaded_and_counted(here: Van, client: FlaskClient) -> None:
    page = after(client, address(here, "unload/all"), counted="2")
    assert "Đếm tay được 2, sổ ghi 3" in page
    assert "Đang ở trên xe" in page


def test_one_book_off_tells_where_it_goes(here: Van, client: FlaskClient) -> None:
    page = after(client, address(here, "unload"), text=here.books[0].accession)
    assert "Để vào Kho luân chuyển" in page


def test_a_book_loaded_twice_is_only_told(here: Van, client: FlaskClient) -> None:
    code = stock(here)[0].accession
    after(client, address(here, "load"), text=code)
    assert "Đã ở trên xe" in after(client, address(here, "load"), text=code)


def test_nothing_of_another_trip_is_undone_here(here: Van, client: FlaskClient) -> None:
    other = rotation.vehicle(here.world, "Xe 2")
    theirs = rotation.trip(here.world, other)
    book = rotation.stock(here.world, 1, title="Của xe kia")[0]
    doing = here.doing()
    loading.load(here.session, doing, theirs, [book.id])
    here.world.session.commit()
    assert client.post(address(here, f"load/undo?act={doing.uid}")).status_code == 404


def test_what_is_aboard_now_and_then(here: Van, client: FlaskClient) -> None:
    page = text(client, f"/van/vehicles/{here.vehicle.uid}/aboard")
    assert "đang chở 3 cuốn" in page
    assert "để sẵn trên xe" in page
    assert "0 cuốn" in text(client, f"/van/vehicles/{here.vehicle.uid}/aboard?at=2026-01-01T00:00")


def test_levels_are_told_beside_books_without_one(here: Van, client: FlaskClient) -> None:
    book = here.books[0]
    here.session.add(LocalRecord(record_id=book.record_id, library_id=book.library_id, reading_level=2))
    rotation.aboard(here.world, here.vehicle, 1)
    here.world.session.commit()
    assert "chưa ghi bậc" in text(client, f"/van/vehicles/{here.vehicle.uid}/aboard")


def finish(here: Van) -> None:
    for one in rotation.visits_of(here.world, db.session.get_one(Trip, here.trip.id)):
        one.state, one.opened_at, one.closed_at = VisitState.CLOSED, clock.now(), clock.now()
    db.session.commit()


def test_a_trip_leaves_comes_home_and_its_list_ends(here: Van, client: FlaskClient) -> None:
    code = stock(here)[0].accession
    after(client, address(here, "load"), text=code)
    assert "Xe bắt đầu đi" in text(client, address(here, "log"))
    after(client, address(here, "log"), to="on-road", odometer_out="12000")
    assert (trip(here).state, trip(here).odometer_out) == (TripState.ON_ROAD, 12000)
    assert "Còn điểm chưa đóng" in text(client, address(here, "log"))
    finish(here)
    after(
        client, address(here, "log"), to="closed", odometer_out="12000", odometer_in="12064", fuel_litres="9,5",
        cost="350.000", incidents="Đường trơn ở đèo Giàng",
    )  # fmt: skip
    one = trip(here)
    assert (one.state, one.odometer_in, one.fuel_litres, one.cost) == (TripState.CLOSED, 12064, 9.5, 350_000)
    assert db.session.scalars(select(TripLoad.how)).one() == "closing"
    assert "64 km" in text(client, address(here, "log"))
    assert "Xe khác đi thay" not in text(client, f"/van/trips/{here.trip.uid}"), "it would be refused"


def test_a_trip_does_not_come_home_with_a_stop_open(here: Van, client: FlaskClient) -> None:
    after(client, address(here, "log"), to="on-road")
    assert client.post(address(here, "log"), data={"to": "closed"}).status_code == 409


@pytest.mark.parametrize(
    "wrong",
    [
        {"odometer_out": "12 000x"}, {"fuel_litres": "nhiều"}, {"cost": "ba trăm"},
        {"odometer_out": "500", "odometer_in": "400"}, {"to": "cancelled"},
    ],
)  # fmt: skip
def test_a_log_that_cannot_be_is_refused(here: Van, client: FlaskClient, wrong: dict[str, str]) -> None:
    assert client.post(address(here, "log"), data=wrong).status_code == 422


def test_another_vehicle_takes_over_and_gives_back(here: Van, client: FlaskClient) -> None:
    other = rotation.vehicle(here.world, "Xe 2")
    here.world.session.commit()
    assert "Xe khác đi thay" in text(client, f"/van/trips/{here.trip.uid}")
    assert "Xe 2" in text(client, address(here, "take-over"))
    page = after(client, address(here, "take-over"), vehicle=str(other.uid))
    assert "nhận tiếp từ Xe 1" in page
    assert trip(here).vehicle_id == other.id
    act = page.split("load/undo?act=")[1].split('"')[0]
    client.post(address(here, f"load/undo?act={act}"))
    assert trip(here).vehicle_id == here.vehicle.id


def test_codes_on_a_photograph_are_read_for_the_crew(client: FlaskClient) -> None:
    assert client.post("/van/photo").status_code in (400, 409, 422)
