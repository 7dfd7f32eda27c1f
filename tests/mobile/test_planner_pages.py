"""The planner's pages: the right person, a school that is only called at, a stranger, somebody without the right, junk."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from library.accounts.models import RoleName
from library.core import clock
from library.holdings.models import PlaceKind
from library.mobile import kit, trips
from library.mobile.models import (
    CrewRole,
    KitItem,
    MobileSetting,
    Route,
    Stop,
    Suspension,
    Trip,
    TripState,
    Vehicle,
    VisitChange,
    VisitState,
)
from library.mobile.trips import Crew
from library.organisations.models import OrganisationKind
from tests.mobile.fleet import CREW, Fleet, day
from tests.support.people import account, sign_in
from tests.support.world import World


@pytest.fixture
def fleet(app: Flask, world: World) -> Iterator[Fleet]:
    made = Fleet(world)
    account(world, "dieuphoi", RoleName.SCHEDULER, made.library)
    world.session.commit()
    yield made


def text(answer: object) -> str:
    return answer.get_data(as_text=True)  # type: ignore[attr-defined, no-any-return]


def ok(client: FlaskClient, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, f"{address}: {text(answer)[:2000]}"
    return text(answer)


def follow(client: FlaskClient, address: str, data: dict[str, Any]) -> str:
    answer = client.post(address, data=data)
    assert answer.status_code == 303, text(answer)
    return ok(client, answer.headers["Location"])


TRIP = {"role": ["driver", "librarian", "librarian"], "account": ["", "", ""], "name": ["Thắng", "Xuân", "Vinh"]}


def trip_form(fleet: Fleet, *stops: Stop, ahead: int = 3, **more: Any) -> dict[str, Any]:
    uids = [str(one.uid) for one in stops]
    hours = {
        "from_at": [f"{8 + 2 * at}:00" for at in range(len(uids))],
        "to_at": [f"{9 + 2 * at}:30" for at in range(len(uids))],
    }
    return {"vehicle": str(fleet.vehicle.uid), "day": day(ahead).isoformat(), "stop": uids, **hours, **TRIP,
            "uid": str(uuid4()), **more}  # fmt: skip


def test_a_library_without_a_vehicle_begins_here(app: Flask, world: World) -> None:
    account(world, "dieuphoi", RoleName.SCHEDULER, world.province())
    world.session.commit()
    client = sign_in(app, "dieuphoi")
    assert "Chưa có xe nào" in ok(client, "/van")
    page = follow(client, "/van/vehicles/new", {"name": "Xe 1", "kind": "car", "copies": "4000", "seats": "7"})
    assert "Kệ trên Xe 1" in page
    assert client.post("/van/vehicles/new", data={"name": "xe 1", "kind": "car"}).status_code == 409
    assert client.post("/van/vehicles/new", data={"name": "", "kind": "zeppelin"}).status_code == 422
    vehicle = world.session.scalars(select(Vehicle)).one()
    assert (vehicle.copies, vehicle.seats) == (4000, 7)
    page = follow(
        client, f"/van/vehicles/{vehicle.uid}/edit", {"name": "Xe Ánh sáng", "kind": "car", "plate": "97A-001.23"}
    )
    assert "Xe Ánh sáng" in page
    assert "97A-001.23" in page
    assert "Thêm chuyến" in ok(client, "/van")


def test_a_trip_is_planned_from_the_calendar(app: Flask, fleet: Fleet) -> None:
    client = sign_in(app, "dieuphoi")
    one, other = fleet.stop(), fleet.stop("TH Ngân Sơn")
    fleet.session.commit()
    page = ok(client, f"/van/trips/new?stop={one.uid}&day={day(3)}")
    assert f'value="{one.uid}" selected' in page
    said = trip_form(fleet, one, other, km="118")
    page = follow(client, "/van/trips/new", said)
    assert "TH Nà Phặc" in page
    assert "118 km" in page
    assert client.post("/van/trips/new", data=said).status_code == 303, "twice is once"
    trip = fleet.session.scalars(select(Trip)).one()
    assert [one.name for one in trip.crew] == ["Thắng", "Xuân", "Vinh"]
    again = client.post("/van/trips/new", data=trip_form(fleet, one))
    assert again.status_code == 409
    assert "đã có chuyến đi TH Nà Phặc, TH Ngân Sơn" in text(again)
    page = ok(client, f"/van?from={day(40)}")
    assert "TH Nà Phặc" in page, "nobody comes in those weeks: it waits for a trip"
    assert "xe đến lần cuối" in page


def test_a_small_crew_is_warned_of_and_goes_with_a_reason(app: Flask, fleet: Fleet) -> None:
    client, stop = sign_in(app, "dieuphoi"), fleet.stop()
    few = {"role": ["driver"], "account": [""], "name": ["Thắng"]}
    first = client.post("/van/trips/new", data=trip_form(fleet, stop, **few))
    assert first.status_code == 409
    assert "Chuyến có 1 người, quy định ít nhất 3." in text(first)
    assert 'name="crew_why"' in text(first)
    assert 'value="Thắng"' in text(first), "what was typed stays"
    follow(client, "/van/trips/new", trip_form(fleet, stop, crew_why="trường 60 em", **few))
    trip = fleet.session.scalars(select(Trip)).one()
    page = ok(client, f"/van/trips/{trip.uid}")
    assert "Lý do: trường 60 em" in page
    page = follow(client, f"/van/trips/{trip.uid}/crew", TRIP)
    assert "Lý do: trường 60 em" not in page


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"day": "hôm qua"}, "Ngày viết như"),
        ({"stop": [], "from_at": [], "to_at": []}, "Chọn ít nhất một điểm dừng"),
        ({"from_at": ["tám giờ"], "to_at": ["9:30"]}, "Giờ viết như 7:30"),
        ({"vehicle": str(uuid4())}, "Chọn một trong các mục"),
        ({"day": "01/01/2020"}, "Ngày này đã qua"),
    ],
)
def test_what_is_wrong_is_told_beside_the_form(app: Flask, fleet: Fleet, more: dict[str, Any], words: str) -> None:
    client, stop = sign_in(app, "dieuphoi"), fleet.stop()
    answer = client.post("/van/trips/new", data=trip_form(fleet, stop) | more)
    assert answer.status_code == 422
    assert words in text(answer)


def test_storm_two_clicks_and_one_back(app: Flask, fleet: Fleet) -> None:
    """Moment 29 without a browser: the summary opens, a reason is pressed; the undo stands on the page."""
    client, stop = sign_in(app, "dieuphoi"), fleet.stop()
    trip = fleet.trip(day(3), stop, fleet.stop("TH Ngân Sơn"))
    fleet.trip(day(17), stop)
    (loan,) = fleet.lent(stop, day(3))
    fleet.session.commit()
    visit = fleet.visit(trip, stop)
    page = ok(client, f"/van?trip={trip.uid}")
    assert "1 cuốn hẹn trả hôm ấy" in page
    assert f'action="/van/visits/{visit.uid}/skip"' in page
    page = follow(client, f"/van/visits/{visit.uid}/skip", {"why": "storm", "uid": str(uuid4())})
    assert "Bỏ điểm TH Nà Phặc" in page
    assert "Hạn trả của 1 cuốn dời theo." in page
    change = fleet.session.scalars(select(VisitChange)).one()
    assert f'action="/van/changes/{change.uid}/undo"' in page
    assert fleet.due(loan) == day(17)
    page = follow(client, f"/van/changes/{change.uid}/undo", {})
    assert "Đã hoàn tác" in page
    assert fleet.due(loan) == day(3)
    assert client.post(f"/van/changes/{change.uid}/undo", data={}).status_code == 409
    nothing = client.post(f"/van/visits/{visit.uid}/skip", data={})
    assert nothing.status_code == 422


def test_a_message_sent_twice_skips_once(app: Flask, fleet: Fleet) -> None:
    client, stop = sign_in(app, "dieuphoi"), fleet.stop()
    visit = fleet.visit(fleet.trip(day(3), stop), stop)
    now = clock.now().isoformat()
    message = {"uid": str(uuid4()), "device": str(uuid4()), "number": 1, "at": now, "sent_at": now, "why": "road"}
    fleet.session.commit()
    first = client.post(f"/van/visits/{visit.uid}/skip", json=message)
    assert first.status_code == 200, text(first)
    assert first.get_json() == client.post(f"/van/visits/{visit.uid}/skip", json=message).get_json()
    assert fleet.session.scalar(select(func.count()).select_from(VisitChange)) == 1
    other = client.post(f"/van/visits/{visit.uid}/skip", json=message | {"why": "exam"})
    assert other.status_code == 409


def test_a_visit_is_moved_by_its_page(app: Flask, fleet: Fleet) -> None:
    client, stop = sign_in(app, "dieuphoi"), fleet.stop()
    trip = fleet.trip(day(3), stop, fleet.stop("TH Ngân Sơn"))
    (loan,) = fleet.lent(stop, day(3))
    visit = fleet.visit(trip, stop)
    fleet.session.commit()
    address = f"/van/visits/{visit.uid}/move"
    assert "Dời TH Nà Phặc sang ngày khác" in ok(client, address)
    wrong = client.post(address, data={"day": day(3).isoformat()})
    assert wrong.status_code == 422
    assert "Chọn hoặc ghi vì sao." in text(wrong)
    same = client.post(address, data={"day": day(3).isoformat(), "why": "storm"})
    assert same.status_code == 409
    assert "Ngày mới trùng ngày cũ" in text(same)
    page = follow(client, address, {"day": day(5).isoformat(), "why_words": "lễ khai giảng"})
    assert "Dời điểm TH Nà Phặc sang" in page
    assert fleet.due(loan) == day(5)
    page = ok(client, "/van/changes")
    assert "lễ khai giảng" in page
    assert "Hoàn tác" in page


def test_a_whole_trip_is_moved_or_cancelled(app: Flask, fleet: Fleet) -> None:
    client, stop = sign_in(app, "dieuphoi"), fleet.stop()
    trip = fleet.trip(day(3), stop)
    fleet.session.commit()
    page = follow(client, f"/van/trips/{trip.uid}/move", {"day": day(4).isoformat(), "why": "breakdown"})
    assert "Dời cả chuyến" in page or "Dời điểm" in page
    moved = fleet.session.scalars(select(Trip).where(Trip.day == day(4))).one()
    page = follow(client, f"/van/trips/{moved.uid}/cancel", {"why": "storm", "next": f"/van/trips/{moved.uid}"})
    assert "Hủy chuyến đi TH Nà Phặc" in page
    assert "mưa bão" in page
    change = fleet.session.scalars(select(VisitChange).order_by(VisitChange.id.desc())).first()
    follow(client, f"/van/changes/{change.uid}/undo", {})  # type: ignore[union-attr]
    fleet.session.expire_all()
    assert moved.state is TripState.PLANNED


def test_a_stop_is_suspended_by_its_page(app: Flask, fleet: Fleet) -> None:
    client, stop = sign_in(app, "dieuphoi"), fleet.stop()
    trip = fleet.trip(day(3), stop)
    fleet.session.commit()
    assert "TH Nà Phặc" in ok(client, "/van/suspend")
    said = {"of": f"stop-{stop.uid}", "first_on": day(2).isoformat(), "last_on": day(9).isoformat(), "why": "exam"}
    wrong = client.post("/van/suspend", data=said | {"last_on": day(1).isoformat()})
    assert wrong.status_code == 422
    assert client.post("/van/suspend", data=said | {"of": f"stop-{uuid4()}"}).status_code == 422
    page = follow(client, "/van/suspend", said)
    assert "Tạm nghỉ: bỏ 1 lần xe đến." in page
    assert fleet.visit(trip, stop).state is VisitState.SKIPPED
    assert "trường thi" in ok(client, "/van")
    one = fleet.session.scalars(select(Suspension)).one()
    assert "Đã thôi tạm nghỉ" in follow(client, f"/van/suspensions/{one.uid}/end", {})
    fleet.trip(day(4), stop)


def test_stops_are_added_changed_and_closed(app: Flask, fleet: Fleet) -> None:
    client, school = sign_in(app, "dieuphoi"), fleet.world.school()
    fleet.session.commit()
    said = {"name": "TH Nà Phặc", "minutes": "90", "pupils": "320", "latitude": "22,3411", "longitude": "105,9862",
            "commune": "Nà Phặc", "readers_of": str(school.branches[0].uid), "has_power": "1"}  # fmt: skip
    page = follow(client, "/van/stops/new", said)
    assert "Chưa có lịch" in page
    stop = fleet.session.scalars(select(Stop)).one()
    assert (stop.latitude, stop.commune_code, stop.readers_of_id) == (22.3411, "01936", school.branches[0].id)
    assert stop.code is not None
    assert stop.code.printed in page
    wrong = client.post("/van/stops/new", data=said | {"name": "", "longitude": "", "minutes": "hai", "commune": "An"})
    assert wrong.status_code == 422
    for words in ("Ô này chưa có gì.", "Ghi cả vĩ độ và kinh độ", "Cần một số từ 10", "xã tên như vậy"):
        assert words in text(wrong)
    assert client.post("/van/stops/new", data=said).status_code == 409
    assert "22.3411" in ok(client, f"/van/stops/{stop.uid}/edit")
    page = follow(client, f"/van/stops/{stop.uid}/edit", said | {"name": "Sân vận động Nà Phặc"})
    assert "Sân vận động Nà Phặc" in page
    trip = fleet.trip(day(3), stop)
    fleet.session.commit()
    stands = client.post(f"/van/stops/{stop.uid}/edit", data={"do": "close"})
    assert stands.status_code == 409
    assert "còn 1 lần xe đến" in text(stands)
    trip.state, trip.cancelled_why = TripState.CANCELLED, "storm"
    assert "đóng" in follow(client, f"/van/stops/{stop.uid}/edit", {"do": "close"})
    assert "1 điểm dừng" in ok(client, "/van/stops")


def test_the_code_of_a_stop_is_printed(app: Flask, fleet: Fleet) -> None:
    client, stop = sign_in(app, "dieuphoi"), fleet.stop()
    fleet.session.commit()
    page = ok(client, f"/van/stops/{stop.uid}")
    assert "In tờ mã QR" in page
    assert stop.code is not None
    answer = client.post("/labels/signs.pdf", data={"section": "named", "thing": f"code:{stop.code.printed}"})
    assert answer.status_code == 200
    assert answer.data[:5] == b"%PDF-"


def test_a_route_is_made_and_its_trips_with_it(app: Flask, fleet: Fleet) -> None:
    client, stop = sign_in(app, "dieuphoi"), fleet.stop()
    said = {"name": "Tuyến Ngân Sơn", "from_on": day(0).isoformat(), "rhythm": "weeks", "every": "1",
            "weekday": [str(one) for one in range(7)], "stop": [str(stop.uid)], "from_at": ["8:00"], "to_at": ["10:00"],
            "km": "118", "vehicle": str(fleet.vehicle.uid)}  # fmt: skip
    wrong = client.post("/van/routes/new", data=said | {"weekday": []})
    assert wrong.status_code == 422
    assert "Chọn ít nhất một thứ" in text(wrong)
    page = follow(client, "/van/routes/new", said)
    assert "hằng tuần" in page
    route = fleet.session.scalars(select(Route)).one()
    assert "Xếp" in ok(client, "/van/fill")
    plan = {
        "vehicle": str(fleet.vehicle.uid),
        "day": [day(2).isoformat(), day(5).isoformat()],
        **TRIP,
        "uid": str(uuid4()),
    }
    few = client.post(f"/van/routes/{route.uid}/plan", data=plan | {"name": ["Thắng", "", ""]})
    assert few.status_code == 409
    page = follow(client, f"/van/routes/{route.uid}/plan", plan)
    assert "Đã xếp 2 chuyến." in page
    assert fleet.session.scalar(select(func.count()).select_from(Trip)) == 2
    assert "đã xếp" in ok(client, f"/van/routes/{route.uid}")
    dates = said | {"rhythm": "dates", "dates": f"{day(9):%d/%m/%Y}, ngày kia", "from_on": day(7).isoformat()}
    wrong = client.post(f"/van/routes/{route.uid}/version", data=dates)
    assert wrong.status_code == 422
    assert "Chưa đọc được “ngày kia”" in text(wrong)
    page = follow(client, f"/van/routes/{route.uid}/version", dates | {"dates": f"{day(9):%d/%m/%Y}"})
    assert f"{day(9):%d/%m/%Y}" in page
    assert f"{day(9):%d/%m/%Y}" in ok(client, f"/van/routes/{route.uid}/version")
    follow(client, f"/van/routes/{route.uid}/close", {"do": "close"})
    assert "thôi đi" in ok(client, "/van/routes")
    month = said | {"name": "Tuyến tháng", "rhythm": "month", "month_week": ["1", "-1"], "weekday": ["0"]}
    assert "tuần 1, tuần cuối" in follow(client, "/van/routes/new", month)


def test_the_crew_rule_is_set(app: Flask, fleet: Fleet) -> None:
    client = sign_in(app, "dieuphoi")
    assert 'value="3"' in ok(client, "/van/settings")
    follow(client, "/van/settings", {"crew_least": "2", "drivers_least": "1", "librarians_least": "1"})
    row = fleet.session.get(MobileSetting, fleet.library.id)
    assert row is not None
    assert (row.crew_least, row.librarians_least) == (2, 1)
    assert client.post("/van/settings", data={"crew_least": "hai"}).status_code == 422


def test_kit_is_listed_and_goes_with_a_trip(app: Flask, fleet: Fleet) -> None:
    client, stop = sign_in(app, "dieuphoi"), fleet.stop()
    copy = fleet.world.item(fleet.library)
    trip = fleet.trip(clock.today(), stop)
    fleet.session.commit()
    page = follow(client, f"/van/vehicles/{fleet.vehicle.uid}/kit", {"do": "usual"})
    assert f"Đã thêm {len(kit.USUAL)} món" in page
    said = {"do": "add", "name": "Kính lúp", "quantity": "2", "for_blind": "1", "code": copy.accession}
    page = follow(client, f"/van/vehicles/{fleet.vehicle.uid}/kit", said)
    assert str(copy.accession) in page
    wrong = client.post(f"/van/vehicles/{fleet.vehicle.uid}/kit", data=said | {"code": "KHONG.CO"})
    assert wrong.status_code == 422
    assert "Không có bản sách mang mã KHONG.CO" in text(wrong)
    device = fleet.session.scalars(select(KitItem).where(KitItem.name == "Máy phóng chữ")).one()
    lending, other = {"do": "lend", "thing": str(device.id)}, fleet.world.item(fleet.library)
    fleet.session.commit()
    assert client.post(f"/van/vehicles/{fleet.vehicle.uid}/kit", data=lending).status_code == 422
    page = follow(client, f"/van/vehicles/{fleet.vehicle.uid}/kit", lending | {"lend_code": str(other.accession)})
    assert f"Máy phóng chữ cho bạn đọc mượn được, mã {other.accession}." in page
    page = follow(client, f"/van/vehicles/{fleet.vehicle.uid}/kit", {"do": f"keep-{device.id}"})
    assert "Máy phóng chữ thôi cho bạn đọc mượn." in page
    stools = fleet.session.scalars(select(KitItem).where(KitItem.name == "Ghế nhựa")).one()
    address = f"/van/trips/{trip.uid}"
    assert "Ghi đồ lên xe" in ok(client, address)
    page = follow(client, f"{address}/kit", {"do": "out", f"kit-{stools.id}": "100"})
    assert "Đã ghi 1 món lên xe." in page
    page = follow(client, f"{address}/kit", {"do": "in", f"kit-{stools.id}": "97", f"condition-{stools.id}": "good"})
    assert "Về thiếu hoặc hỏng: Ghế nhựa." in page
    follow(client, f"/van/vehicles/{fleet.vehicle.uid}/kit", {"do": f"retire-{stools.id}"})
    assert client.post(f"/van/vehicles/{fleet.vehicle.uid}/kit", data={"do": "retire-999999"}).status_code == 404


def test_the_crew_sends_the_trip_out_and_brings_it_home(app: Flask, fleet: Fleet) -> None:
    who = account(fleet.world, "xe", RoleName.VAN_CREW, fleet.library)
    stop = fleet.stop()
    trip = fleet.trip(clock.today(), stop, crew=(Crew(CrewRole.DRIVER, who.name, who.id), *CREW[1:]))
    other = fleet.trip(day(1), stop)
    fleet.session.commit()
    client, address = sign_in(app, "xe"), f"/van/trips/{trip.uid}"
    assert "Đã xếp xong sách" in ok(client, address)
    follow(client, f"{address}/state", {"to": "loaded"})
    page = follow(client, f"{address}/state", {"to": "on-road", "odometer": "41250"})
    assert "41.250 km" in page
    early = client.post(f"{address}/state", data={"to": "closed", "odometer": "41368"})
    assert early.status_code == 409
    assert "Còn điểm chưa đóng mà cũng chưa bỏ: TH Nà Phặc." in text(early)
    follow(client, f"/van/visits/{fleet.visit(trip, stop).uid}/skip", {"why": "road", "next": address})
    assert "đi 118 km" in follow(client, f"{address}/state", {"to": "closed", "odometer": "41368"})
    assert "đang đi" in follow(client, f"{address}/state", {"to": "back"})
    assert client.post(f"/van/trips/{other.uid}/state", data={"to": "loaded"}).status_code == 404, "not their trip"
    assert client.post(f"/van/visits/{fleet.visit(other, stop).uid}/skip", data={"why": "road"}).status_code == 404
    assert ok(client, f"/van/trips/{other.uid}")
    for closed in ("/van/trips/new", "/van/suspend", "/van/changes", "/van/settings", "/van/routes"):
        ok(client, closed, 403)
    assert client.post(f"{address}/cancel", data={"why": "storm"}).status_code == 403


def test_a_crew_takes_back_its_own_change_only(app: Flask, fleet: Fleet) -> None:
    who = account(fleet.world, "xe", RoleName.VAN_CREW, fleet.library)
    stop, second = fleet.stop(), fleet.stop("TH Ngân Sơn")
    trip = fleet.trip(clock.today(), stop, second, crew=(Crew(CrewRole.DRIVER, who.name, who.id), *CREW[1:]))
    trips.advance(fleet.session, fleet.doing(), trip, TripState.ON_ROAD)
    fleet.session.commit()
    crew, planner = sign_in(app, "xe"), sign_in(app, "dieuphoi")
    follow(planner, f"/van/visits/{fleet.visit(trip, stop).uid}/skip", {"why": "road"})
    theirs = fleet.session.scalars(select(VisitChange)).one()
    assert crew.post(f"/van/changes/{theirs.uid}/undo", data={}).status_code == 404
    follow(crew, f"/van/visits/{fleet.visit(trip, second).uid}/skip", {"why": "road"})
    own = fleet.session.scalars(select(VisitChange).order_by(VisitChange.id.desc())).first()
    assert "Đã hoàn tác" in follow(crew, f"/van/changes/{own.uid}/undo", {})  # type: ignore[union-attr]


def test_a_school_sees_when_the_vehicle_comes_and_nothing_more(app: Flask, fleet: Fleet) -> None:
    school = fleet.world.school()
    account(fleet.world)
    stop = fleet.stop(readers_of=school.branches[0], contact_phone="0209 123")
    other = fleet.stop("TH Ngân Sơn")
    trip, elsewhere = fleet.trip(day(3), stop), fleet.trip(day(4), other)
    fleet.session.commit()
    client = sign_in(app)
    page = ok(client, "/van")
    assert "TH Nà Phặc" in page
    assert "TH Ngân Sơn" not in page
    for offered in ("Thêm chuyến", "/skip", "/cancel", "0209 123"):
        assert offered not in page
    assert "TH Nà Phặc" in ok(client, f"/van/trips/{trip.uid}")
    assert "TH Nà Phặc" in ok(client, f"/van/stops/{stop.uid}")
    ok(client, f"/van/trips/{elsewhere.uid}", 404)
    ok(client, f"/van/stops/{other.uid}", 404)
    ok(client, f"/van/vehicles/{fleet.vehicle.uid}", 404)
    ok(client, "/van/trips/new", 403)


def test_another_province_sees_nothing(app: Flask, fleet: Fleet) -> None:
    from library.holdings import places
    from library.organisations import founding

    stranger = founding.found(fleet.session, OrganisationKind.PROVINCE, "Thư viện tỉnh Cao Bằng")
    places.furnish(fleet.session, stranger.branches[0])
    account(fleet.world, "cao", RoleName.SCHEDULER, stranger)
    stop = fleet.stop()
    trip = fleet.trip(day(3), stop)
    fleet.session.commit()
    client = sign_in(app, "cao")
    assert "TH Nà Phặc" not in ok(client, "/van")
    ok(client, f"/van?trip={trip.uid}", 404)
    for address in (f"/van/trips/{trip.uid}", f"/van/stops/{stop.uid}", f"/van/vehicles/{fleet.vehicle.uid}/edit",
                    f"/van/visits/{fleet.visit(trip, stop).uid}/move"):  # fmt: skip
        ok(client, address, 404)
    assert client.post(f"/van/visits/{fleet.visit(trip, stop).uid}/skip", data={"why": "storm"}).status_code == 404


def test_junk_in_addresses(app: Flask, fleet: Fleet) -> None:
    client = sign_in(app, "dieuphoi")
    ok(client, "/van?from=hôm-nay")
    ok(client, "/van?trip=gì-đó", 404)
    ok(client, "/van?change=gì-đó", 404)
    ok(client, "/van/trips/new?day=mai&stop=x&route=y")


def test_a_stop_is_no_shelf_to_put_a_sign_on(app: Flask, fleet: Fleet) -> None:
    from library.labels import signs

    stop = fleet.stop()
    assert stop.place.kind is PlaceKind.STOP
    assert stop.name not in [one.name for one in signs.shelves(fleet.session, fleet.library.id)]


def test_the_planner_asks_few_questions_however_many_trips(app: Flask, fleet: Fleet) -> None:
    from tests.support.statements import counted

    client, stops = sign_in(app, "dieuphoi"), [fleet.stop(f"Điểm {at}") for at in range(6)]
    fleet.trip(day(1), *stops[:2])
    fleet.session.commit()
    ok(client, "/van")
    with counted() as few:
        ok(client, "/van")
    for ahead in range(2, 20):
        fleet.trip(day(ahead), *stops[ahead % 5 : ahead % 5 + 2])
    fleet.session.commit()
    with counted() as many:
        ok(client, "/van")
    assert len(many) <= len(few) + 2
