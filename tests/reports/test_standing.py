"""Reports of one click: the figures in them, the files they come as, the standard of school libraries."""

import csv
import io
from datetime import date, timedelta
from typing import Any

import openpyxl
import pytest
from flask import Flask

from library.access import Scope
from library.accounts.models import RoleName
from library.core import clock
from library.inbox import acts
from library.loans.models import Loan
from library.organisations import founding
from library.organisations.models import OrganisationKind
from library.reports import asking, rolling, sheets_xlsx, standing_norms, standing_periods, standing_standard, tree
from library.reports import people as reading
from library.reports.measures import MEASURES, Ledger
from library.reports.standing import STANDING
from library.reports.standing_norms import PER_PUPIL, PerPupil
from library.reports.standing_periods import Period, Sort
from library.reports.standing_question import Question
from library.reports.standing_sheet import Figure, Line, Report, Table, as_plain, of_people, of_plain
from library.uses import counting
from library.uses.counting import Frozen
from library.uses.happenings import Measure
from library.uses.models import UseKind, VisitKind
from tests.reports.test_asking import came, used
from tests.reports.test_known_then import Story
from tests.support import people, rotation
from tests.support.campaigns import happened
from tests.support.world import World, at

SEPTEMBER = Period(Sort.MONTH, date(2026, 9, 1), date(2026, 9, 30))


def question(world: World, *units: Any, period: Period = SEPTEMBER, whole: bool = False, **more: str) -> Question:
    province = world.province()
    chosen = frozenset(one.id for one in units or (province,))
    known = tree.load(world.session())
    return Question(chosen, "Thư viện tỉnh", period, known, province.id, Scope(everything=True), whole, more)


def made(app: Flask, world: World, code: str, *units: Any, **more: Any) -> Report:
    with app.test_request_context():
        return STANDING[code].make(world.session(), question(world, *units, **more))


def told(table: Table) -> list[list[str]]:
    return [[str(cell) for cell in line.cells] for line in table.lines]


def test_periods_are_named_and_follow_each_other(app: Flask) -> None:
    day = date(2026, 11, 23)
    with app.test_request_context():
        names = {sort: standing_periods.of(sort, day).words() for sort in Sort}
        assert names == {
            "month": "tháng 11/2026", "quarter": "quý 4/2026", "half": "6 tháng cuối năm 2026",
            "school-year": "năm học 2026–2027", "year": "năm 2026", "any": "23/11/2026",
        }  # fmt: skip
    summer = standing_periods.of(Sort.SCHOOL_YEAR, date(2026, 7, 31))
    assert (summer.first, summer.last) == (date(2025, 8, 1), date(2026, 7, 31)), "summer belongs to the year that ended"
    assert summer.moved(1).moved(-1) == summer == summer.moved(1).year_ago()
    assert standing_periods.of(Sort.YEAR, day).ago(day) == Period(Sort.ANY, date(2025, 1, 1), date(2025, 11, 23))
    read = standing_periods.read({"period": "any", "first": "2026-09-09", "last": "2026-09-01"}, Sort.MONTH, day)
    assert (read.first, read.last) == (date(2026, 9, 1), date(2026, 9, 9))
    for junk in ({"period": "x", "at": "never"}, {"period": "month", "at": "9999-99"}):
        assert standing_periods.read(junk, Sort.MONTH, day) == standing_periods.of(Sort.MONTH, day)


def test_the_sheet_of_a_month_parts_uses_by_readers_books_and_how(app: Flask, world: World) -> None:
    world.school()
    used(world, UseKind.CLASS_READ, 30, 5, grade=5, class_mark="8(V)")
    used(world, UseKind.TALLY, 7, 5, grade=5, class_mark="895.9223")
    used(world, UseKind.HONOUR, 4, 6, grade=5, class_mark="Đ1")
    gone = used(world, UseKind.TALLY, 100, 7, category="citizen")
    counting.undo(world.session(), gone[0])
    report = made(app, world, "month")
    assert told(report.tables[0]) == [
        ["Khối 5", "8 · Văn học", "0", "7", "30", "37"], ["Khối 5", "Đ · Sách thiếu nhi", "4", "0", "0", "4"],
        ["Cộng", "", "4", "7", "30", "41"],
    ]  # fmt: skip
    cell = report.tables[0].lines[0].cells[3]
    assert (
        isinstance(cell, Figure)
        and cell.ask
        and cell.ask.only == {"mode": ["in-house"], "group": [5], "book-class": ["8"]}
    )
    used(world, UseKind.HONOUR, 2, 5, grade=3)
    year = made(app, world, "month", period=standing_periods.of(Sort.SCHOOL_YEAR, at(5).date()))
    by_month, whole, each = year.tables
    assert told(by_month)[-1] == ["Cộng", "6", "7", "30", "43"] == told(whole)[-1][:1] + told(whole)[-1][2:]
    assert each.deep and sum(line.cells[-1].value for line in each.lines) == 43  # type: ignore[union-attr]


def test_a_year_stands_beside_the_same_days_of_the_year_before(app: Flask, world: World) -> None:
    world.school()
    came(world, 40, 5, grade=5)
    used(world, UseKind.TALLY, 10)
    report = made(app, world, "year", period=standing_periods.of(Sort.YEAR, at(5).date()))
    rows = {row[0]: row[1:] for row in told(report.tables[0])}
    assert rows["09/2026"][:3] == ["40", "40", "10"] and rows["Cộng"][:3] == ["40", "40", "10"]
    assert rows["So với năm trước"] == ["–"] * 8
    iso = made(app, world, "iso")
    lines = {row[0]: row[1:] for row in told(iso.tables[0])}
    assert lines["Lượt bạn đọc"] == ["lượt", "40", "0", "+40"]
    assert lines["Cộng lượt tài liệu phục vụ"] == ["lượt", "10", "0", "+10"]
    units = {row[0]: row[1:] for row in told(made(app, world, "units").tables[0])}
    assert units["Trường Tiểu học Xuất Hóa"][3:5] == ["40", "10"] and units["Cộng"][3:5] == ["40", "10"]
    half = made(app, world, "half", period=standing_periods.of(Sort.HALF, at(5).date()))
    assert [table.caption[:2] for table in half.tables] == ["I.", "II", "II", "IV"]


def test_figures_told_together_are_those_asked_for_one_by_one(app: Flask, world: World) -> None:
    """Everything that is told apart by kind falls out of one question for each ledger, copies and titles out of one."""
    copy, frozen = world.items(3)[0], Frozen(world.branch().id)
    world.items(2, record=world.record("Truyện Kiều"))
    for many, kind in enumerate((UseKind.HONOUR, UseKind.CLASS_READ, UseKind.TALLY, UseKind.DIGITAL), 3):
        used(world, kind, many)
    for kind in (UseKind.HOME, UseKind.RENEWAL, UseKind.IN_HOUSE):
        doing = world.doing(at(5))
        act = acts.write(world.session(), doing, "use", at(5)), doing.uid
        counting.record(world.session(), act, copy.id, kind, at(5), frozen)
    for many, came_how in enumerate((VisitKind.CLASS, VisitKind.GUEST, VisitKind.STOP), 20):
        came(world, many, kind=came_how, grade=4)
    for many, measure in enumerate((Measure.EVENT, Measure.EVENT_PEOPLE, Measure.INTERNET_TURNS), 50):
        happened(world, world.school(), measure, many, at(5).date())
    asked, session = question(world), world.session()
    codes = [code for code, one in MEASURES.items() if one.ledger is not Ledger.UNITS]
    apart = {code: asking.total(session, asked.ask(code), asked.known) for code in codes}
    assert asked.totals(session, codes) == apart
    assert (
        apart["uses"] == 3 + 4 + 5 + 3 and apart["uses-digital"] == 6 and apart["copies"] == 5 and apart["titles"] == 2
    )
    months = question(world).by_code(session, [code for code in codes if "month" in MEASURES[code].dims], "month")
    assert {code: sum(told.values()) for code, told in months.items()} == {code: apart[code] for code in months}


def test_a_report_is_made_again_when_the_night_adds_up_meanwhile(app: Flask, world: World) -> None:
    """No figure of it may be of the sums before and another of those after: on PostgreSQL each statement sees its own state."""
    used(world, UseKind.TALLY, 4)
    session, later, seen = world.session(), clock.now() + timedelta(hours=1), list[int]()

    def work() -> int:
        if not seen:
            rolling.roll(session, Ledger.USE, None, later)
        seen.append(asking.total(session, question(world).ask("uses")))
        return seen[-1]

    rolling.roll(session, Ledger.USE, None, later - timedelta(days=1))
    assert rolling.at_one_mark(session, work) == 4
    assert seen == [8, 4], "the sums after and the rows since before"
    assert rolling.HELD not in session.info


def test_readers_whose_names_have_gone_are_not_counted_as_few(app: Flask, world: World) -> None:
    story = Story(world)
    story.day(3, lambda: story.lend(0, 20), lambda: story.lend(1, 20))

    def active(year: int) -> list[str]:
        september = Period(Sort.MONTH, date(year, 9, 1), date(year, 9, 30))
        iso = made(app, world, "iso", period=september, whole=True)
        return next(row[2:] for row in told(iso.tables[0]) if row[0].startswith("Bạn đọc có đọc"))

    assert active(2026) == ["1", "0", "+1"]
    loan = world.session().get_one(Loan, story.loan(0))
    loan.membership_id = None
    world.session().flush()
    assert active(2026) == ["–", "0", "–"]
    with clock.stopped_at(at(31)):
        while reading.close(world.session(), date(2026, 10, 1))[1]:
            pass
    assert active(2026) == ["–", "0", "–"], "forgotten before the month was over: the names left are not all"
    with clock.stopped_at(at(30).replace(year=2027)):
        assert active(2027) == ["0", "–", "–"]


def test_copies_nobody_reads_are_listed_whether_or_not_the_night_has_added_up(app: Flask, world: World) -> None:
    first, second, third = world.items(3, at=at(1).replace(year=2023))
    doing = world.doing(at(5))
    act = acts.write(world.session(), doing, "in-house", at(5)), doing.uid
    counting.record(
        world.session(), act, first.id, UseKind.IN_HOUSE, at(5), Frozen(world.branch().id, class_mark="8"), 1
    )
    for then in (rolling.rebuild, rolling.begin_anew, None):
        never = made(app, world, "never", period=Period(Sort.ANY, clock.today(), clock.today()))
        assert [row[1] for row in told(never.tables[0])] == [second.accession, third.accession]
        turning = told(made(app, world, "turnover").tables[0])[-1]
        assert turning[1:5] == ["3", "1", "0,3", "2"]
        titles = told(made(app, world, "titles").tables[0])
        assert [row[-1] for row in titles] == ["1"] and titles[0][1] == first.record.title
        if then:
            then(world.session())
    dead = made(app, world, "dead", years="2")
    assert [row[1] for row in told(dead.tables[0])] == [second.accession, third.accession], (
        "the first was read this year"
    )
    later = Period(Sort.ANY, date(2030, 1, 1), date(2030, 1, 1))
    assert len(made(app, world, "dead", period=later, years="2").tables[0].lines) == 3
    assert made(app, world, "dead", years="5").empty, "what was entered three years ago is not five years old"


def test_a_school_of_two_stages_needs_the_copies_of_both(app: Flask, world: World) -> None:
    one = PerPupil(1, "Trường TH và THCS", 400, 390, {"primary": 60, "lower": 50})
    assert one.needed({"primary": 3, "lower": 4}) == 380 and one.needed({"primary": 3}) is None
    assert [standing_norms.stage_of(grade) for grade in (1, 5, 6, 9, 10, 12, None)] == [
        "primary", "primary", "lower", "lower", "upper", "upper", None
    ]  # fmt: skip
    world.items(7)
    for name in ("An", "Bình"):
        world.patron(f"Hoàng Thị {name}", class_name="5A")
    today = Period(Sort.ANY, clock.today(), clock.today())
    row = told(made(app, world, "copies-per-pupil", period=today).tables[0])[0]
    assert row == ["Trường Tiểu học Xuất Hóa", "2", "7", "7", "3,5", "3,0", "0", "đạt"]
    for _ in range(2):
        world.patron(f"Nông Văn {_}", class_name="5A")
    row = told(made(app, world, "copies-per-pupil", period=today).tables[0])[0]
    assert row[4:] == ["1,8", "3,0", "5", "chưa đạt"]


def test_the_shipped_standard_asks_for_figures_there_are_and_a_library_edits_its_own(app: Flask, world: World) -> None:
    shipped = standing_standard.shipped()
    assert {one.measure for one in shipped} <= {None, PER_PUPIL, *MEASURES}
    assert standing_standard.per_pupil_norms(shipped) == {"preschool": 2, "primary": 3, "lower": 4, "upper": 5}
    assert len({one.code for one in shipped}) == len(shipped)
    school, session = world.school(), world.session()
    world.patron(class_name="5A")
    people.account(world, "mai", RoleName.ADMINISTRATOR)
    session.commit()
    client = people.sign_in(app, "mai")
    page = client.get("/reports/standard").get_data(as_text=True)
    assert "Diện tích phòng đọc" in page and "trung học phổ thông" not in page, "only lines of its own stage"
    year = standing_periods.of(Sort.SCHOOL_YEAR, clock.today()).first
    form = {"year": year.isoformat(), "told-2.1": "49", "note-2.1": "đang xây", "met-2.2": "1", "note-2.2": ""}
    assert client.post("/reports/standard", data=form).status_code == 303
    lines = told(made(app, world, "standard", school, period=standing_periods.of(Sort.SCHOOL_YEAR, year)).tables[0])
    assert ["Diện tích phòng đọc", "1", "50 m²", "49", "chưa đạt", "đang xây"] in lines
    assert client.post("/reports/standard", data=form | {"told-2.1": "x"}).status_code == 422
    own = {"code-0": "1", "part-0": "Sách", "label-0": "=Bản sách", "unit-0": "bản", "level-0": "1", "stage-0": "primary",
           "least-0": "6", "measure-0": PER_PUPIL}  # fmt: skip
    assert client.post("/reports/standard/lines", data=own).status_code == 303
    assert standing_standard.per_pupil_norms(standing_standard.lines(session, school.id)) == {"primary": 6}
    assert client.post("/reports/standard/lines", data=own | {"level-0": "3"}).status_code == 422
    twice = {name.replace("-0", "-1"): value for name, value in own.items()}
    assert client.post("/reports/standard/lines", data=own | twice).status_code == 422
    assert client.post("/reports/standard/lines", data={"shipped": "1"}).status_code == 303
    assert standing_standard.lines(session, school.id) == shipped


def test_few_people_are_not_told() -> None:
    assert [str(of_people(count)) for count in (0, 1, 4, 5)] == ["0", "·", "·", "5"]
    assert str(of_people(4, whole=True)) == "4"


def test_files_carry_numbers_as_numbers_and_no_formula(app: Flask, world: World) -> None:
    lines = (
        Line(("=1+1", Figure(12936), Figure(3.44, places=1))),
        Line(("Cộng", Figure(None, hidden=True), Figure(None)), "sum"),
    )
    report = Report(
        "Lượt sách", ("Trường", "tháng 9"), (Table(("Tên", "Lượt", "Mỗi bản"), lines, "Bảng: 1/2"),), ("hết",)
    )
    assert of_plain(as_plain(report)) == report
    sheet = openpyxl.load_workbook(io.BytesIO(sheets_xlsx.xlsx(report))).worksheets[0]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=7, max_row=8, max_col=3)]
    assert rows == [["=1+1", 12936, 3.44], ["Cộng", "·", None]] and sheet["A7"].data_type == "s"
    text = sheets_xlsx.as_csv(report).decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(text)))[-2:] == [["'=1+1", "12936", "3.4"], ["Cộng", "", ""]]


@pytest.mark.parametrize("code", list(STANDING))
def test_every_report_opens_and_comes_as_a_file(app: Flask, world: World, code: str) -> None:
    rotation.account(world, "tu")
    world.items(3)
    used(world, UseKind.CLASS_READ, 30, 5, grade=5, class_mark="8(V)")
    came(world, 35, 5, grade=5)
    other = founding.found(world.session(), OrganisationKind.PROVINCE, "Tỉnh khác").id
    world.session.commit()
    client = people.sign_in(app, "tu")
    asked = f"report={code}&at=2026-09-05"
    page = client.get(f"/reports/standing?{asked}")
    assert page.status_code == 200 and "Báo cáo" in page.get_data(as_text=True)
    begins = {"pdf": b"%PDF", "xlsx": b"PK", "csv": b"\xef\xbb\xbf"}
    for form, begin in begins.items():
        assert client.get(f"/reports/standing/file?{asked}&form={form}").data.startswith(begin), form
    assert client.get(f"/reports/standing/file?{asked}&form=exe").status_code == 404
    assert client.get(f"/reports/standing?{asked}&unit={other}").status_code == 404


def test_a_school_is_not_offered_the_half_year_of_a_province_and_a_refusal_shows_the_way_on(
    app: Flask, world: World
) -> None:
    people.account(world, "ha", RoleName.LIBRARIAN, world.school())
    people.account(world, "tinh", RoleName.LIBRARIAN, world.province())
    world.session.commit()
    school, province = people.sign_in(app, "ha"), people.sign_in(app, "tinh")
    half = "report=half"
    assert half in province.get("/reports").get_data(as_text=True)
    assert half not in school.get("/reports").get_data(as_text=True)
    refused = school.get("/reports/campaigns", headers={"Referer": "http://localhost/reports"})
    text = refused.get_data(as_text=True)
    assert refused.status_code == 403 and "Tài khoản nhân viên" in text and 'href="http://localhost/reports"' in text
    assert "evil" not in school.get("/reports/campaigns", headers={"Referer": "http://evil/"}).get_data(as_text=True)
