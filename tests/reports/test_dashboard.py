"""Dashboards: this year beside the one before, by grade, by unit; what everybody may see of it."""

from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from typing import Any

import openpyxl
from flask import Flask
from sqlalchemy import select

from library.accounts.models import RoleName
from library.core import clock
from library.inbox import acts
from library.inbox.acts import Doing
from library.organisations import founding
from library.organisations.models import Branch, Organisation, OrganisationKind
from library.patrons.models import Membership
from library.privacy.suppression import ALL
from library.reports import public_figures, rolling_nights
from library.reports.dashboard import USES, VISITS, Board, Grade, Span, window
from library.reports.saved_models import SavedReport
from library.uses import counting
from library.uses.counting import Frozen
from library.uses.models import UseKind, Visit, VisitKind, Visitor
from tests.support.people import account, commit, sign_in
from tests.support.world import LONG_AGO, World

NOW = date(2026, 11, 19)


def counted(
    world: World, what: Any, many: int, day: date, library: Organisation | None = None, branch: Branch | None = None,
    **frozen: Any,
) -> None:  # fmt: skip
    """Uses or visits of that day."""
    when, where = (
        min(datetime(day.year, day.month, day.day, 3, tzinfo=UTC), clock.now()),
        branch or world.branch(library),
    )
    doing = Doing(clock.uuid7(), branch_id=where.id, at=when)
    act = acts.write(world.session(), doing, "tally", when), doing.uid
    how = counting.visits if isinstance(what, VisitKind) else counting.tally
    how(world.session(), act, what, many, when, Frozen(where.id, **frozen))


def board(world: World, unit: Organisation | None = None, span: Span = Span.YEAR) -> Board:
    return Board(world.session(), unit or world.school(), span, NOW)


def test_the_year_is_the_schools_or_the_calendars_and_ends_today() -> None:
    school = window(OrganisationKind.SCHOOL, Span.YEAR, NOW)
    assert (school.first, school.last, len(school.months)) == (date(2026, 8, 1), NOW, 12)
    assert school.before == (date(2025, 8, 1), date(2025, 11, 19))
    term = window(OrganisationKind.SCHOOL, Span.SECOND, NOW)
    assert (term.first, term.months[-1]) == (date(2027, 1, 1), date(2027, 7, 1)) and term.last >= term.first
    month = window(OrganisationKind.PROVINCE, Span.MONTH, NOW)
    assert (month.months, month.last) == ((date(2026, 11, 1),), NOW)
    assert window(OrganisationKind.COMMUNE, Span.FIRST, NOW).months[-1] == date(2026, 6, 1)
    assert window(OrganisationKind.SCHOOL, Span.YEAR, date(2028, 2, 29)).before[1] == date(2027, 2, 28)


def test_months_stand_beside_those_of_last_year_and_grades_by_their_pupils(world: World) -> None:
    for name in ("Lan", "Bảo"):
        world.patron(name, class_name="5A")
    for day, many in ((date(2025, 10, 5), 8), (date(2025, 11, 25), 3), (date(2026, 9, 5), 6), (date(2026, 10, 5), 2)):
        counted(world, UseKind.CLASS_READ, many, day, grade=5)
    counted(world, UseKind.TALLY, 9, date(2025, 9, 5), grade=5)
    counted(world, VisitKind.GUEST, 7, NOW)
    uses, visits = board(world).course(USES), board(world).course(VISITS)
    assert (uses.total, uses.before) == (8, 17), "the end of last November is not compared with half of this one"
    assert list(uses.now[:5]) == [0, 6, 2, 0, None] and list(uses.ago[:5]) == [0, 9, 8, 3, 0]
    assert visits.total == 7
    (grade,) = board(world).grades()
    assert (grade.grade, grade.pupils, list(grade.now[:5]), grade.each) == (5, 2, [0, 3, 1, 0, None], 1)
    assert not board(world).has_below and board(world).closed() == 3
    assert Grade(5, 2, [1, 1, None], [2, 2, 0]).fewer(2) and not Grade(5, 2, [1, 3, None], [2, 2, 0]).fewer(2)


def test_units_below_are_ranked_and_add_up(world: World) -> None:
    first, second = world.school(), world.school("Trường Tiểu học Đức Xuân")
    third = world.school("Trường chưa ghi")
    counted(world, UseKind.TALLY, 10, date(2026, 3, 5), first)
    counted(world, UseKind.TALLY, 30, date(2026, 11, 5), second)
    counted(world, UseKind.TALLY, 4, date(2025, 3, 5), second)
    found = board(world, world.province())
    assert found.has_below and found.course(USES).total == 40
    rows = [(one.unit.id, one.uses, one.before) for one in found.below()]
    own = (world.province().id, 0, 0)
    assert rows[:2] == [(second.id, 30, 4), (first.id, 10, 0)] and set(rows[2:]) == {(third.id, 0, 0), own}
    assert found.kinds() == {"school": [0, 0, 10, *[0] * 7, 30, None]}


def test_the_page_of_a_school_and_of_its_province(app: Flask, world: World) -> None:
    school, today = world.school(), clock.today()
    world.patron(class_name="5A")
    world.items(4, at=LONG_AGO - timedelta(days=900))
    counted(world, UseKind.CLASS_READ, 1_234, today, grade=5)
    account(world)
    account(world, "tu", RoleName.OFFICER, world.province())
    commit()
    ha, tu = sign_in(app), sign_in(app, "tu")
    page = ha.get("/reports/dashboard").get_data(as_text=True)
    for words in (
        "1.234",
        "Khối 5",
        "Cao hơn chuẩn tối thiểu 1,0 bản",
        "Chưa ai mượn trong 2 năm",
        "4 bản",
        "TN.00001",
        "In 1 trang A4",
    ):
        assert words in page, words
    assert "/reports/figures?measure=uses" in page
    for span in Span:
        assert ha.get(f"/reports/dashboard?period={span.value}").status_code == 200
    assert ha.get(f"/reports/dashboard?unit={world.province().uid}").status_code == 404
    past = ha.get(f"/reports/dashboard?at={today.year - 2}-05-05").get_data(as_text=True)
    assert (
        f"{today.year - 3}–{today.year - 2}" in past
        and "1.234" not in past
        and "hôm nay" not in past.split("</header>")[0]
    )
    assert ha.get("/reports/dashboard?at=9999-01-01").status_code == 200
    above = tu.get("/reports/dashboard?period=nothing").get_data(as_text=True)
    assert "Các đơn vị" in above and school.name in above and "cùng một thang đo" in above
    assert tu.get(f"/reports/dashboard?unit={school.uid}").status_code == 200
    rows = list(openpyxl.load_workbook(BytesIO(tu.get("/reports/dashboard.xlsx").data)).active.values)
    assert (school.name, 0, None, 1234, 0) in rows


def test_a_grant_of_one_branch_shows_that_branch_and_says_so(app: Flask, world: World) -> None:
    school, today = world.school(), clock.today()
    world.patron(class_name="5A")
    world.items(4, at=LONG_AGO - timedelta(days=900))
    session = world.session()
    far = founding.add_branch(session, school, "Điểm trường Nà Pì")
    counted(world, UseKind.CLASS_READ, 1_234, today, grade=5)
    for what, many in ((UseKind.TALLY, 56), (VisitKind.GUEST, 78)):
        counted(world, what, many, today, branch=far)
    account(world).grants[0].branch_id = far.id
    commit()
    page = sign_in(app).get("/reports/dashboard").get_data(as_text=True)
    assert "Chỉ có số của Điểm trường Nà Pì" in page and f"branch={far.id}" in page
    assert "1.234" not in page and "Chưa ai mượn" not in page and "Khối 5" not in page


def test_everybody_sees_months_that_are_over_and_no_number_that_tells_of_a_few(app: Flask, world: World) -> None:
    school, day = world.school(), date(2026, 10, 5)
    for grade, many in ((1, 40), (2, 3), (3, 25)):
        counted(world, VisitKind.CLASS, many, day, grade=grade)
    counted(world, VisitKind.CLASS, 50, NOW, grade=1)
    seen = public_figures.read(world.session(), school, VISITS, "group", NOW)
    assert [month.month for month in seen.months] == [8, 9, 10], "November goes on"
    october = date(2026, 10, 1)
    assert seen.cells[2, october] is None and seen.hides
    told = [value for (row, column), value in seen.cells.items() if column == october and row is not ALL]
    assert told.count(None) >= 2, "alone it would follow from the sum"
    assert seen.total == 68
    assert public_figures.over(school, date(2026, 8, 20))[0] == date(2025, 8, 1), "before a month is over: last year's"
    for at in range(8):
        reader = world.patron(f"Em {at}", class_name="3A" if at < 2 else "1A")
        reader.from_on, reader.school_class.grade = LONG_AGO.date(), 3 if at < 2 else 1  # type: ignore[union-attr]
    world.session.flush()
    folded = public_figures.read(world.session(), school, VISITS, "group", NOW)
    assert list(folded.rows) == [2, None], "what two children did is told with others"
    for reader in world.session.scalars(select(Membership)).all()[2:]:
        reader.to_on = LONG_AGO.date()
    world.session.flush()
    assert list(public_figures.read(world.session(), school, VISITS, "group", NOW).rows) == [None], (
        "no others: no groups"
    )
    assert public_figures.read(world.session(), school, VISITS, "group", NOW).total == 68
    commit()
    page = app.test_client().get(f"/tv/{school.slug}/so-lieu").get_data(as_text=True)
    assert "Số liệu thư viện" in page and "cộng chung vào “nhóm khác" in page
    assert "so-lieu" in app.test_client().get(f"/tv/{school.slug}").get_data(as_text=True)
    assert app.test_client().get(f"/tv/{world.province().slug}/so-lieu").status_code == 200


def readers(world: World, many: int, grade: int, name: str) -> list[Membership]:
    found = [world.patron(f"{name} {at}", class_name=f"{grade}A") for at in range(many)]
    for one in found:
        one.from_on, one.school_class.grade = LONG_AGO.date(), grade  # type: ignore[union-attr]
    world.session.flush()
    return found


def test_two_looks_do_not_tell_what_a_small_group_did(world: World) -> None:
    """Four readers of a grade become five, or five four: months that were told are told as they were."""
    school, session, months = world.school(), world.session(), (date(2026, 9, 1), date(2026, 10, 1))
    for grade, many in ((1, 9), (2, 4), (3, 6)):
        readers(world, many, grade, f"Khối {grade}, em")
        for month in months:
            counted(world, VisitKind.CLASS, 10 * grade, month, grade=grade)
    read = lambda day: public_figures.read(session, school, VISITS, "group", day)  # noqa: E731
    first = read(NOW)
    assert list(first.rows) == [1, None], "four are told with six others"
    (late,) = readers(world, 1, 2, "Em mới")
    late.from_on = date(2026, 10, 2)
    session.flush()
    assert read(NOW).cells == first.cells, "the fifth came later"
    for grade in (2, 3):
        counted(world, VisitKind.CLASS, 30, date(2026, 11, 20), grade=grade)
    later = read(date(2026, 12, 8))
    assert later.cells[2, date(2026, 11, 1)] == 30, "now they are five, all through the month"
    for month in months:
        assert later.cells[2, month] is None and later.cells[3, month] is None, "not 0: among the others"
        assert all(later.cells[row, month] == first.cells[row, month] for row in (1, None))
    assert later.cells[2, ALL] is None and later.cells[3, ALL] is None and later.total == 180
    (alone,) = readers(world, 1, 4, "Em chưa rõ khối")
    alone.school_class.grade = None  # type: ignore[union-attr]
    counted(world, VisitKind.CLASS, 50, months[0], category="HS")
    session.flush()
    assert list(read(NOW).rows) == [1, 3, None], "nor is a pupil of no grade told apart"


def test_one_reader_who_comes_often_is_not_told(world: World) -> None:
    """k counts readers where their names are known: six visits of one are one."""
    school, session, october = world.school(), world.session(), date(2026, 10, 1)
    (often, *others) = readers(world, 6, 1, "Em")
    readers(world, 6, 2, "Bạn")
    for at in range(6):
        named(world, often, date(2026, 10, 2 + at), grade=1)
        counted(world, VisitKind.CLASS, 20, date(2026, 10, 2 + at), grade=2)
    read = lambda: public_figures.read(session, school, VISITS, "group", NOW).cells  # noqa: E731
    assert read()[1, october] is None and read()[2, october] is None, "nor does the sum tell it"
    session.query(Visitor).delete()
    assert read()[1, october] is None, "nor once the names are gone"
    for one in others:
        named(world, one, date(2026, 10, 20), grade=1)
    assert read()[1, october] == 11 and read()[2, october] == 120


def named(world: World, reader: Membership, day: date, grade: int) -> None:
    counted(world, VisitKind.KIOSK, 1, day, grade=grade)
    visit = world.session.scalars(select(Visit).order_by(Visit.id.desc()).limit(1)).one()
    world.session.add(Visitor(visit_id=visit.id, membership_id=reader.id, branch_id=visit.branch_id, visited_on=day))
    world.session.flush()


def test_one_reader_who_comes_often_is_not_told_by_kind_of_library_either(world: World) -> None:
    session, school, october = world.session(), world.school(), date(2026, 10, 1)
    commune = founding.found(session, OrganisationKind.COMMUNE, "Xã Đức Xuân", world.province(), since=LONG_AGO.date())
    (often,) = readers(world, 1, 1, "Em")
    for at in range(6):
        named(world, often, date(2026, 10, 2 + at), grade=1)
        counted(world, VisitKind.CLASS, 20, date(2026, 10, 2 + at), library=commune)
    counted(world, VisitKind.CLASS, 30, date(2026, 9, 2), grade=1)
    assert school.kind is OrganisationKind.SCHOOL
    read = lambda: public_figures.read(session, world.province(), VISITS, "library-kind", NOW).cells  # noqa: E731
    assert read()["school", october] is None and read()["commune", october] is None, "nor does the sum tell it"
    assert read()["school", date(2026, 9, 1)] == 30
    counted(world, VisitKind.CLASS, 500, date(2026, 10, 20), grade=1)
    assert read()["school", october] == 506 and read()["commune", october] == 120


def test_what_was_told_of_a_month_that_is_over_stays_whatever_comes_late(app: Flask, world: World) -> None:
    session, school, september = world.session(), world.school(), date(2026, 9, 1)
    readers(world, 9, 1, "Em")
    readers(world, 4, 2, "Bạn")
    readers(world, 6, 3, "Lớp khác")
    counted(world, VisitKind.CLASS, 30, september, grade=1)
    counted(world, UseKind.CLASS_READ, 40, september, grade=1)
    first = public_figures.read(session, school, VISITS, "group", NOW)
    kept = 0
    while rolling_nights.keep_public(session, NOW)[1]:
        kept += 1
    assert kept == 2, "the school and its province, each once"
    counted(world, VisitKind.CLASS, 7, september, grade=1)
    counted(world, VisitKind.CLASS, 20, september, grade=2)
    again = public_figures.read(session, school, VISITS, "group", NOW)
    assert again.cells == first.cells and again.rows == first.rows
    assert public_figures.read(session, world.province(), USES, "library-kind", NOW).total == 40
    counted(world, VisitKind.CLASS, 50, date(2026, 11, 3), grade=4)
    later = public_figures.read(session, school, VISITS, "group", date(2026, 12, 2))
    assert later.cells[4, september] == 0 and later.cells[1, september] == 30
    assert later.cells[4, date(2026, 11, 1)] == 50 and later.total == 80
    while rolling_nights.keep_public(session, date(2026, 12, 2))[1]:
        pass
    counted(world, VisitKind.CLASS, 9, date(2026, 11, 4), grade=4)
    assert public_figures.read(session, school, VISITS, "group", date(2026, 12, 3)).cells == later.cells
    assert session.scalars(select(SavedReport).where(SavedReport.dropped_at.is_(None))).all() == [], "nobody lists it"
    commit()
    assert app.test_client().get(f"/tv/{school.slug}/so-lieu").status_code == 200
