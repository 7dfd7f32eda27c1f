"""Calendars on the wall, run sheets, packing lists, posters: what they say, and that they are looked at as paper is."""

from datetime import date, timedelta
from io import BytesIO

import pypdfium2
import pytest
import zxingcpp
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from pypdfium2 import PdfDocument

from library.core import clock
from library.mobile import changing, months, outings, poster
from library.mobile.models import KitItem, StopVisit, Trip, VisitState
from library.mobile.outings import Outing, What
from library.mobile.poster import Poster
from tests.support import people, rotation
from tests.support.world import World


def text_of(pdf: bytes) -> str:
    return "\n".join(page.get_textpage().get_text_range() for page in PdfDocument(pdf))


@pytest.fixture
def trip(world: World) -> Trip:
    """Tomorrow, at two schools; a scheduler `tu` may sign in."""
    rotation.account(world, "tu")
    van = rotation.vehicle(world)
    world.session.add(
        KitItem(
            uid=clock.uuid7(), vehicle_id=van.id, number=1, name="Ghế nhựa", quantity=100, serial="", for_blind=False
        )
    )
    stops = [
        rotation.stop(world, readers_of=world.school(), parking="Đỗ trong sân, cổng phía chợ"),
        rotation.stop(world, "Chợ Nà Phặc"),
    ]
    made = rotation.trip(world, van, clock.today() + timedelta(days=1), stops)
    world.session.commit()
    return made


def test_a_run_sheet_says_where_when_whom_and_what_to_bring(app: Flask, world: World, trip: Trip) -> None:
    text = text_of(people.sign_in(app, "tu").get(f"/van/trips/{trip.uid}/run-sheet.pdf").data)
    for words in ("Phiếu chuyến Xe 1", "Trường Tiểu học Xuất Hóa", "0209 1234", "cổng phía chợ", "không có sóng",
                  "Triệu Văn Tài (lái xe)", "Ghế nhựa", "07:30", "64 km"):  # fmt: skip
        assert words in text
    assert text.index("Xuất Hóa") < text.index("Chợ Nà Phặc"), "in the order of the trip"


def test_the_usual_kit_leaves_the_run_sheet_on_one_page(app: Flask, world: World, trip: Trip) -> None:
    things = [
        KitItem(
            uid=clock.uuid7(),
            vehicle_id=trip.vehicle_id,
            number=at,
            name=f"Thứ {at}",
            quantity=1,
            serial="",
            for_blind=False,
        )
        for at in range(2, 20)
    ]
    world.session.add_all(things)
    world.session.commit()
    sheet = people.sign_in(app, "tu").get(f"/van/trips/{trip.uid}/run-sheet.pdf").data
    assert len(PdfDocument(sheet)) == 1
    assert all(one.name in text_of(sheet) for one in things)


def test_a_visit_left_out_is_no_stop_of_the_run_sheet(app: Flask, world: World, trip: Trip) -> None:
    first = rotation.visits_of(world, trip)[0]
    changing.skip(world.session(), world.doing(library=world.province()), first, "storm")
    text = text_of(people.sign_in(app, "tu").get(f"/van/trips/{trip.uid}/run-sheet.pdf").data)
    assert "Xuất Hóa" not in text and "Chợ Nà Phặc" in text


def test_a_packing_list_has_every_copy_aboard_by_title(app: Flask, world: World, trip: Trip) -> None:
    items = rotation.aboard(world, trip.vehicle, 6)
    client = people.sign_in(app, "tu")
    text = text_of(client.get(f"/van/trips/{trip.uid}/packing.pdf").data)
    assert "6 bản, 2 tên" in text and all(item.accession and item.accession in text for item in items)
    sheet = load_workbook(BytesIO(client.get(f"/van/trips/{trip.uid}/packing.xlsx").data)).active
    assert sheet and sheet.max_row == 1 + 6


def test_an_empty_van_says_so(app: Flask, trip: Trip) -> None:
    assert "Chưa xếp bản nào" in text_of(people.sign_in(app, "tu").get(f"/van/trips/{trip.uid}/packing.pdf").data)


def test_a_school_at_a_stop_sees_no_papers_of_the_trip(app: Flask, world: World, trip: Trip) -> None:
    people.account(world)
    client = people.sign_in(app)
    for paper in ("run-sheet.pdf", "packing.pdf", "packing.xlsx", "report", "report.pdf"):
        assert client.get(f"/van/trips/{trip.uid}/{paper}").status_code == 404, "other schools' contacts stand in it"
    stop = rotation.visits_of(world, trip)[0].stop
    assert client.get(f"/van/stops/{stop.uid}/poster.pdf").status_code == 200, "its own gate"


# Posters


def coming(many: int) -> list[Outing]:
    start = date(2026, 12, 2)
    return [
        Outing(str(at), What.VISIT, start + timedelta(days=7 * at), "Trường", "Xe 1", *hours())
        for at in range(many)
    ]  # fmt: skip


def hours() -> tuple[object, object]:
    return poster.sheet_words.time(8), poster.sheet_words.time(10)


@pytest.mark.parametrize(("size", "points"), [("a4", (595, 842)), ("a3", (842, 1191))])
def test_a_poster_is_as_large_as_its_paper_and_its_code_can_be_read(size: str, points: tuple[int, int]) -> None:
    address = "https://thuvien.backan.vn/tv/thu-vien-tinh-bac-kan/lich-xe?diem=01a203ee-4ed7-7ae4-b16e-20750612af79"
    made = poster.pdf(Poster("Thư viện tỉnh", "Trường Tiểu học Xuất Hóa", "Xe thư viện", coming(8), address), size)
    page = pypdfium2.PdfDocument(made)[0]
    assert tuple(round(side) for side in page.get_size()) == points
    (code,) = zxingcpp.read_barcodes(page.render(scale=1.5).to_pil())
    assert code.text == address


def test_a_poster_names_days_and_no_contact(app: Flask, world: World, trip: Trip) -> None:
    stop = rotation.visits_of(world, trip)[0].stop
    client = people.sign_in(app, "tu")
    text = text_of(client.get(f"/van/stops/{stop.uid}/poster.pdf").data)
    assert f"{trip.day:%d/%m/%Y}" in text and "Xe thư viện đến" in text
    assert "Lường Thị Hà" not in text and "0209" not in text


@pytest.mark.parametrize("page", ["", "/month"])
def test_both_sizes_of_the_poster_are_a_press_away(app: Flask, world: World, trip: Trip, page: str) -> None:
    stop = rotation.visits_of(world, trip)[0].stop
    text = people.sign_in(app, "tu").get(f"/van/stops/{stop.uid}{page}").get_data(as_text=True)
    assert '/poster.pdf"' in text and "/poster.pdf?size=a3" in text


def test_a_poster_of_a_stop_without_days_says_where_to_look(app: Flask, world: World, trip: Trip) -> None:
    stop = rotation.stop(world, "Đồn Biên phòng Nà Phặc")
    text = text_of(people.sign_in(app, "tu").get(f"/van/stops/{stop.uid}/poster.pdf").data)
    assert "Chưa có ngày hẹn" in text


# Months


@given(st.dates(date(2001, 1, 1), date(2199, 12, 31)))
def test_a_month_has_each_of_its_days_once_in_whole_weeks(day: date) -> None:
    first = day.replace(day=1)
    made = months.month(first, [])
    days = [one for _, week in made.weeks for one in week]
    assert len(days) % 7 == 0 and days[0].day.weekday() == 0
    assert [one.day for one in days if one.inside] == [
        first + timedelta(days=at) for at in range((made.last - first).days + 1)
    ]
    assert (days[0].day, days[-1].day) == months.span(first)
    assert months.before(months.after(first)) == first


@pytest.mark.parametrize(
    "text", [None, "", "2026", "2026-13", "2026-0", "abcd-ef", "9999-01", "２０２６-01", "2026-11-02"]
)
def test_what_is_no_month_is_this_month(text: str | None) -> None:
    assert months.read(text, date(2026, 11, 22)) == date(2026, 11, 1)


def test_a_month_of_a_vehicle_a_stop_and_a_site(app: Flask, world: World, trip: Trip) -> None:
    first, second = rotation.visits_of(world, trip)
    client, key = people.sign_in(app, "tu"), f"{trip.day:%Y-%m}"
    page = client.get(f"/van/vehicles/{trip.vehicle.uid}/month?month={key}").get_data(as_text=True)
    assert first.stop.name in page and second.stop.name in page
    page = client.get(f"/van/stops/{first.stop.uid}/month?month={key}").get_data(as_text=True)
    assert "Xe 1" in page and second.stop.name not in page
    for kind in ("pdf", "xlsx"):
        assert client.get(f"/van/stops/{first.stop.uid}/month.{kind}?month={key}").status_code == 200
    assert client.get(f"/van/stops/{first.stop.uid}/month.txt").status_code == 404


def test_a_site_sees_visits_and_the_batches_that_come_and_go(app: Flask, world: World, trip: Trip) -> None:
    visit = rotation.visits_of(world, trip)[0]
    site = rotation.school_site(world)
    batch = rotation.batch(world, [site], days=10)
    found = outings.site_days(world.session(), site, clock.today(), clock.today() + timedelta(days=60))
    kinds = [one.what for one in found]
    assert kinds.count(What.VISIT) == 1 and kinds.count(What.BATCH_COMES) == 1 and kinds.count(What.BATCH_GOES) == 1
    assert {one.uid for one in found} >= {str(visit.uid)} and any(batch.code in one.name for one in found)
    world.session.commit()
    page = people.sign_in(app, "tu").get(f"/van/sites/{site.uid}/month").get_data(as_text=True)
    assert batch.code in page


def test_a_crowded_month_stands_on_one_sheet(app: Flask, world: World, trip: Trip) -> None:
    first = trip.day.replace(day=1)
    for ahead in range(28):
        day = first + timedelta(days=ahead)
        if day != trip.day and day.weekday() < 5:
            rotation.trip(world, trip.vehicle, day, [visit.stop for visit in rotation.visits_of(world, trip)])
    client = people.sign_in(app, "tu")
    made = client.get(f"/van/vehicles/{trip.vehicle.uid}/month.pdf?month={first:%Y-%m}").data
    assert len(PdfDocument(made)) == 1


def test_a_moved_visit_is_struck_out_with_its_new_day(app: Flask, world: World, trip: Trip) -> None:
    visit = rotation.visits_of(world, trip)[0]
    later = trip.day + timedelta(days=1)
    changing.move(world.session(), world.doing(library=world.province()), visit, later, "storm")
    (old,) = outings.visits(world.session(), StopVisit.id == visit.id, trip.day, trip.day)
    assert old.off and old.moved_to == later and visit.state is VisitState.MOVED
    page = people.sign_in(app, "tu").get(f"/van/vehicles/{trip.vehicle.uid}/month?month={trip.day:%Y-%m}")
    assert f"dời sang {later:%d/%m}" in page.get_data(as_text=True)
