"""Reports of a trip and a quarter, notices of changes: the same numbers on the page, on paper and in the workbook."""

import io
from datetime import date, timedelta
from io import BytesIO

import pytest
from docx import Document
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from pypdfium2 import PdfDocument
from sqlalchemy import update

from library.accounts.models import RoleName
from library.core import clock
from library.loans.models import Loan
from library.mobile import at_stop, changing, notices, quarter_report
from library.mobile.at_stop import Books, Heads, Signed, Tally
from library.mobile.models import TripState
from tests.mobile.fleet import Fleet
from tests.mobile.van import Van, van
from tests.support import people, rotation
from tests.support.world import World


@pytest.fixture
def served(world: World) -> Van:
    """The school's stop: 31 boys of 3A, 28 girls of 4B, 3 teachers, one person who is blind; 140 books; a film."""
    made = van(world)
    made.open()
    heads = [
        Heads(31, "pupil", "3A", 3, "m"), Heads(28, "pupil", "4B", 4, "f"), Heads(3, "teacher"),
        Heads(1, "citizen", access_need="blind"),
    ]  # fmt: skip
    at_stop.count(made.session, made.doing(), made.visit, Tally(heads, [Books(140, level=2)], {"films": 1}))
    at_stop.close(made.session, made.doing(), made.visit, Signed("Lường Thị Hà", "Hiệu trưởng"))
    trip = made.trip
    trip.odometer_out, trip.odometer_in, trip.cost = 1000, 1118, 450_000
    rotation.account(world, "tu")
    world.session.commit()
    return made


def words(docx: bytes) -> str:
    document = Document(io.BytesIO(docx))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(one.text for one in document.paragraphs), *cells])


def text_of(pdf: bytes) -> str:
    return "\n".join(page.get_textpage().get_text_range() for page in PdfDocument(pdf)).replace("\r\n", " ")


def test_a_trip_is_told_alike_on_the_page_on_paper_and_in_the_workbook(app: Flask, served: Van) -> None:
    client, root = people.sign_in(app, "tu"), f"/van/trips/{served.trip.uid}/report"
    page, paper = client.get(root).get_data(as_text=True), words(client.get(f"{root}.docx").data)
    printed = text_of(client.get(f"{root}.pdf").data)
    for text in (page, paper, printed):
        assert "118" in text and "450.000 đồng" in text and "3A, 4B" in text and "Lường Thị Hà" in text
    assert (
        "63 lượt bạn đọc (học sinh 59, trong đó nam 31, nữ 28; giáo viên 3; người dân 1; người khuyết tật 1)" in paper
    )
    assert "118 km (đồng hồ 1.000 – 1.118)" in paper
    assert "140 lượt sách" in paper and "phim: 1 buổi" in paper
    rows = list(load_workbook(BytesIO(client.get(f"{root}.xlsx").data)).active.values)  # type: ignore[union-attr]
    assert rows[1][2:11] == (63, 59, 31, 28, 3, 1, 1, 140, 0)


def test_what_was_undone_is_in_no_report(app: Flask, served: Van) -> None:
    before = people.sign_in(app, "tu").get(f"/van/trips/{served.trip.uid}/report").get_data(as_text=True)
    assert "chưa mở" in before, "the second stop was not opened"


def test_an_incident_is_told_and_its_lack_only_of_a_trip_that_is_over(app: Flask, served: Van) -> None:
    client, root = people.sign_in(app, "tu"), f"/van/trips/{served.trip.uid}/report.docx"
    assert "8. Việc xảy ra: chưa ghi" in words(client.get(root).data)
    served.trip.state = TripState.CLOSED
    assert "8. Việc xảy ra: không" in words(client.get(root).data)
    served.trip.incidents = "Nổ lốp ở Nà Phặc"
    assert "Nổ lốp ở Nà Phặc" in words(client.get(root).data)


def test_a_quarter_keeps_uses_and_copies_apart(app: Flask, world: World, served: Van) -> None:
    site = rotation.school_site(world)
    rotation.sent(world, rotation.packed(world, rotation.batch(world, [site], rotation.stock(world, 6))))
    client = people.sign_in(app, "tu")
    paper = words(client.get("/van/reports/quarter/paper?as=docx").data)
    assert "1 chuyến, 1 lượt dừng ở 1 điểm" in paper and "118 km" in paper
    assert "140 lượt, mượn về 0 lượt; bình quân 2,2 lượt sách" in paper
    assert "gửi các điểm luân chuyển 1 lượt, 6 bản" in paper
    assert "146" not in paper, "copies sent and uses are never added up"
    assert "Bốn trăm năm mươi nghìn đồng" in paper and "3.214 đồng" in paper
    page = client.get("/van/reports/quarter").get_data(as_text=True)
    assert ">140<" in page and ">6<" in page
    for kind in ("pdf", "xlsx"):
        assert client.get(f"/van/reports/quarter/paper?as={kind}").status_code == 200


def test_a_quarter_without_trips_divides_by_nothing(app: Flask, served: Van) -> None:
    client = people.sign_in(app, "tu")
    assert "chưa có chuyến nào" in client.get("/van/reports/quarter?quarter=2020-1").get_data(as_text=True)
    assert "mỗi lượt sách –" in words(client.get("/van/reports/quarter/paper?as=docx&quarter=2020-1").data)
    assert client.get("/van/reports/quarter/paper?as=txt").status_code == 404


@given(st.dates(date(2000, 1, 1), date(2199, 12, 31)))
def test_every_day_is_in_its_quarter_and_quarters_touch(day: date) -> None:
    quarter = quarter_report.of_day(day)
    assert quarter.since <= day <= quarter.until
    assert quarter.earlier().until + timedelta(days=1) == quarter.since
    assert quarter_report.read(quarter.key, date(1999, 1, 1)) == quarter


@pytest.mark.parametrize("text", [None, "", "2026", "2026-5", "2026-0", "0001-1", "x-1", "२०२६-1"])
def test_what_is_no_quarter_is_this_one(text: str | None) -> None:
    assert quarter_report.read(text, date(2026, 11, 22)).key == "2026-4"


# Notices


def test_a_notice_says_old_and_new(app: Flask, world: World) -> None:
    made = van(world)
    rotation.account(world, "tu")
    later = made.trip.day + timedelta(days=3)
    change = changing.move(made.session, made.doing(), made.visit, later, "storm")
    world.session.commit()
    client, root = people.sign_in(app, "tu"), f"/van/changes/{change.uid}/notice"
    page, paper = client.get(root).get_data(as_text=True), words(client.get(f"{root}.docx").data)
    for text in (page, paper):
        assert f"{made.trip.day:%d/%m/%Y}" in text and f"{later:%d/%m/%Y}" in text and "vì mưa bão" in text
    assert f"/tv/{world.province().slug}/lich-xe" in page, "the message leads to the timetable"
    assert "Ma Văn Bình" not in page + paper, "no reader is named"
    for kind in ("pdf", "xlsx"):
        assert client.get(f"{root}.{kind}").status_code == 200
    changing.undo(made.session, made.doing(), change)
    assert "đã hoàn tác" in client.get(root).get_data(as_text=True)


def test_a_notice_of_a_skipped_visit_tells_the_next_one(world: World) -> None:
    made = van(world)
    change = changing.skip(made.session, made.doing(), made.visit, "exam")
    (fact,) = notices.visits(change)
    assert f"{clock.today() + timedelta(days=14):%d/%m/%Y}" in notices.after(fact), "the trip in two weeks"
    assert "trường thi" in notices.because(change)


def test_a_notice_says_which_classes_to_tell_and_names_nobody(world: World) -> None:
    """Three dates move: two of 3A, one of the province's own reader; undone, nobody is to be told."""
    fleet, day = Fleet(world), clock.today() + timedelta(days=3)
    stop, pupil = fleet.stop("TH Nà Phặc"), world.patron("Ma Văn Bình", world.school(), "3A")
    trip = fleet.trip(day, stop)
    fleet.trip(day + timedelta(days=14), stop)
    loans = fleet.lent(stop, day, 3)
    world.session.execute(update(Loan).where(Loan.id.in_(loans[:2])).values(membership_id=pupil.id))
    change = changing.skip(fleet.session, fleet.doing(), fleet.visit(trip, stop), "storm")
    told = notices.readers(fleet.session, change)
    room = f"Lớp 3A {world.school().name}"
    assert sorted(told) == sorted([(room, 2), (fleet.library.name, 1)])
    message = notices.message(change, fleet.library.name, "https://x", told)
    assert f"{room} 2 cuốn" in message and f"{fleet.library.name} 1 cuốn" in message and "Bình" not in message
    world.session.execute(update(Loan).where(Loan.id == loans[0]).values(voided=True))
    assert (room, 1) in notices.readers(fleet.session, change), "one was no loan after all"
    changing.undo(fleet.session, fleet.doing(), change)
    assert notices.readers(fleet.session, change) == []


def test_names_are_for_who_goes_with_the_van_or_plans_it(app: Flask, world: World) -> None:
    fleet, day = Fleet(world), clock.today() + timedelta(days=3)
    stop, pupil = fleet.stop("TH Nà Phặc"), world.patron("Ma Văn Bình", world.school(), "3A")
    trip = fleet.trip(day, stop)
    fleet.trip(day + timedelta(days=14), stop)
    (loan,) = fleet.lent(stop, day)
    world.session.execute(update(Loan).where(Loan.id == loan).values(membership_id=pupil.id))
    change = changing.skip(fleet.session, fleet.doing(), fleet.visit(trip, stop), "storm")
    for login, role in (("xe", RoleName.VAN_CREW), ("can-bo", RoleName.OFFICER)):
        rotation.account(world, login, role)
    world.session.commit()
    root = f"/van/changes/{change.uid}/notice"
    crew, officer = (people.sign_in(app, login) for login in ("xe", "can-bo"))
    page = crew.get(root).get_data(as_text=True)
    assert "Danh sách báo đổi ngày" in page and "Ma Văn Bình" in page
    book = load_workbook(BytesIO(crew.get(f"{root}.xlsx?readers=1").data)).active
    assert book is not None and [row[:4] for row in book.iter_rows(min_row=2, values_only=True)] == [
        ("Ma Văn Bình", f"Lớp 3A, {world.school().name}", stop.place.name, 1)
    ]
    page = officer.get(root)
    assert page.status_code == 200 and "Bình" not in page.get_data(as_text=True)
    assert officer.get(f"{root}.xlsx?readers=1").status_code == 404


def test_another_library_reads_no_notice_of_ours(app: Flask, world: World) -> None:
    made = van(world)
    change = changing.skip(made.session, made.doing(), made.visit, "exam")
    people.account(world)
    assert people.sign_in(app).get(f"/van/changes/{change.uid}/notice").status_code == 404
