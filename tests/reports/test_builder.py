"""Reports people put together: what they ask, what is hidden of few people, what is kept and made in the night."""

from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from library.access import Scope
from library.accounts import managing
from library.accounts.models import RoleName
from library.core import clock
from library.inbox import acts
from library.organisations import founding
from library.organisations.models import Branch, OrganisationKind
from library.reports import builder, saved, saved_nights, standing_periods, tree, words
from library.reports.builder import Wish
from library.reports.measures import MEASURES
from library.reports.saved_models import SavedReport
from library.reports.standing_periods import Period, Sort
from library.reports.standing_question import Question
from library.reports.standing_sheet import Figure, Report, of_plain
from library.uses import counting
from library.uses.counting import Frozen
from library.uses.models import UseKind, VisitKind
from tests.reports.test_asking import came, used
from tests.support import people, rotation
from tests.support.world import World, at

SEPTEMBER = Period(Sort.MONTH, date(2026, 9, 1), date(2026, 9, 30))


def built(app: Flask, world: World, wish: Wish, period: Period = SEPTEMBER, whole: bool = False) -> Report:
    province = world.province()
    known, scope = tree.load(world.session()), Scope(everything=True)
    asked = Question(frozenset({province.id}), "Tỉnh", period, known, province.id, scope, whole)
    with app.test_request_context():
        return builder.report(world.session(), wish, asked)


def told(report: Report) -> list[list[str]]:
    return [[str(cell) for cell in line.cells] for line in report.tables[0].lines]


def test_what_cannot_be_asked_is_left_out() -> None:
    read = builder.read(MultiDict({"measure": "uses", "by1": "mode", "by2": "sex", "only-group": "pupil"}), Sort.YEAR)
    assert read == Wish("uses", ("mode",), (("group", "pupil"),), Sort.YEAR)
    assert builder.read(
        MultiDict({"measure": "x", "by1": "mode", "by2": "mode", "only-group": "x"}), Sort.YEAR
    ) == Wish("uses", ("mode",), (), Sort.YEAR)
    for measure in MEASURES:
        dims = builder.dims_of(MEASURES[measure])[:2]
        wish = Wish(measure, tuple(dims), sort=Sort.QUARTER, renewals=False)
        assert builder.of_plain(builder.as_plain(wish, [3])) == wish


def test_one_figure_two_ways_and_a_sentence_that_says_so(app: Flask, world: World) -> None:
    world.school()
    used(world, UseKind.CLASS_READ, 30, 5, grade=5)
    used(world, UseKind.TALLY, 7, 5, grade=5)
    used(world, UseKind.TALLY, 2, 5, category="citizen")
    report = built(app, world, Wish("uses", ("group", "mode")))
    assert told(report) == [["Khối 5", "30", "7", "37"], ["Bạn đọc khác", "0", "2", "2"], ["Cộng", "30", "9", "39"]]
    cell = report.tables[0].lines[0].cells[1]
    assert isinstance(cell, Figure) and cell.ask and cell.ask.only == {"group": [5], "mode": ["class"]}
    assert report.about[1] == (
        "Lượt tài liệu phục vụ của Tỉnh, tháng 09/2026, chia theo nhóm bạn đọc và hình thức đọc."
    )
    assert told(built(app, world, Wish("uses", ("mode",), (("group", "citizen"),))))[-1] == ["Cộng", "2"]
    assert told(built(app, world, Wish("uses"))) == [["tháng 09/2026", "39"]]
    day = built(app, world, Wish("uses", ("day",)))
    first = day.tables[0].lines[0].cells[1]
    assert isinstance(first, Figure) and first.ask and first.ask.first == first.ask.last == date(2026, 9, 5)


@pytest.mark.parametrize("measure", list(MEASURES))
def test_every_figure_can_be_parted_by_all_it_offers(app: Flask, world: World, measure: str) -> None:
    world.items(2)
    used(world, UseKind.CLASS_READ, 30, 5, grade=5)
    came(world, 5, 5, grade=5)
    dims = builder.dims_of(MEASURES[measure])
    for pair in zip(dims, [*dims[1:], *dims[:1]], strict=True):
        report = built(app, world, Wish(measure, tuple(dict.fromkeys(pair))))
        assert len(report.tables) == 1


def test_a_handful_of_readers_is_not_told_nor_does_it_follow_from_others(app: Flask, world: World) -> None:
    for school, many in (("A", 3), ("B", 9), ("C", 12)):
        library = world.school(f"Trường {school}")
        for at_ in range(many):
            world.patron(f"Nông Thị {school}{at_}", library)
    today = Period(Sort.ANY, clock.today(), clock.today())
    rows = told(built(app, world, Wish("readers", ("unit",)), today))
    assert ["Trường A", "·"] in rows and not any(row[0] == "Cộng" for row in rows)
    assert ["Trường A", "3"] in told(built(app, world, Wish("readers", ("unit",)), today, whole=True))


def test_a_report_is_kept_once_shared_and_dropped_by_whoever_made_it(app: Flask, world: World) -> None:
    rotation.account(world, "tu")
    people.account(world, "an", RoleName.LIBRARIAN, world.province())
    came(world, 40, 5, grade=5)
    other = founding.found(world.session(), OrganisationKind.PROVINCE, "Tỉnh khác").id
    world.session.commit()
    tu, an = people.sign_in(app, "tu"), people.sign_in(app, "an")
    uid = clock.uuid7()
    form: dict[str, Any] = {
        "uid": str(uid),
        "name": "Lượt bạn đọc",
        "measure": "visits",
        "by1": "month",
        "every": "month",
    }
    for _ in range(2):
        assert tu.post("/reports/saved", data=form).status_code == 303
    assert tu.post("/reports/saved", data={**form, "name": ""}).status_code == 422
    assert tu.post("/reports/saved", data={**form, "uid": "", "unit": str(other)}).status_code == 404
    assert world.session().query(SavedReport).count() == 1
    assert "Lượt bạn đọc, " not in an.get("/reports").get_data(as_text=True)
    assert an.get(f"/reports/saved/{uid}").status_code == 404
    assert tu.post(f"/reports/saved/{uid}", data={"name": "Cả tỉnh", "every": "", "shared": "1"}).status_code == 303
    page = an.get(f"/reports/saved/{uid}").get_data(as_text=True)
    assert "Cả tỉnh" in page and "Bỏ báo cáo này" not in page
    an.post(f"/reports/saved/{uid}", data={"drop": "1"})
    assert tu.get(f"/reports/saved/{uid}").status_code == 200, "only whoever made it drops it"
    tu.post(f"/reports/saved/{uid}", data={"drop": "1"})
    assert tu.get(f"/reports/saved/{uid}").status_code == 404 == an.get(f"/reports/saved/{uid}").status_code


def test_the_night_makes_each_period_once_and_keeps_what_was_told(
    app: Flask, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    rotation.account(world, "tu")
    came(world, 40, 5, grade=5)
    session, province = world.session(), world.province()
    gone = founding.found(session, OrganisationKind.SCHOOL, "Trường cũ", province, since=date(2026, 1, 1))
    wish = Wish("visits", ("month",), sort=Sort.MONTH)
    every = saved.Every.MONTH
    kept = saved.keep(
        session, clock.uuid7(), province.id, clock.uuid7(), "Tháng", wish, [province.id, gone.id], every, True
    )
    broken = saved.keep(session, clock.uuid7(), province.id, clock.uuid7(), "Lạ", wish, [province.id], every, True)
    broken.id, kept_id = 0, kept.id  # its turn comes first
    session.flush()
    make = saved.make
    monkeypatch.setattr(saved, "make", lambda s, one, period: 1 // one.id and make(s, one, period))
    assert saved_nights.make(session, date(2026, 10, 3)) == (1, True), "one that fails keeps no other from being made"
    assert saved_nights.make(session, date(2026, 10, 3)) == (0, False)
    assert kept_id == kept.id and saved.due(session, date(2026, 10, 3)) is not None, "tried again the next night"
    broken.dropped_at = clock.now()
    session.flush()
    (result,) = saved.results(session, kept.id)
    assert (result.first_on, result.last_on) == (SEPTEMBER.first, SEPTEMBER.last)
    came(world, 5, 6, grade=5)
    assert told(of_plain(result.told))[-1] == ["Cộng", "40"], "what came later is not in it"
    assert saved.due(session, date(2026, 11, 1)) == (kept, standing_periods.of(Sort.MONTH, date(2026, 10, 9)))
    kept.dropped_at = clock.now()
    session.flush()
    assert saved.due(session, date(2026, 11, 1)) is None
    kept.dropped_at, kept.account = None, session.scalar(select(SavedReport.account)) or kept.account
    session.commit()
    client = people.sign_in(app, "tu")
    base = f"/reports/saved/{kept.uid}/results/{result.uid}"
    assert "Máy lập lúc" in client.get(base).get_data(as_text=True)
    assert client.get(f"{base}/file?form=xlsx").data[:2] == b"PK"
    assert client.get(f"/reports/saved/{kept.uid}/results/{clock.uuid7()}").status_code == 404


def test_the_builder_page_shows_what_it_asks_and_junk_does_not_stop_it(app: Flask, world: World) -> None:
    rotation.account(world, "tu")
    used(world, UseKind.TALLY, 1234, 5, grade=5)
    other = founding.found(world.session(), OrganisationKind.PROVINCE, "Tỉnh khác").id
    world.session.commit()
    client = people.sign_in(app, "tu")
    asked = "measure=uses&by1=group&by2=mode&period=month&at=2026-09-09"
    page = client.get(f"/reports/build?{asked}").get_data(as_text=True)
    assert "1.234" in page and "chia theo nhóm bạn đọc và hình thức đọc" in page
    assert b"1234" in client.get(f"/reports/build/file?{asked}&form=csv").data
    for junk in (
        "measure=x&by1=y&period=z",
        "by1=month&by2=month&unit=abc",
        "period=any&first=x&last=y",
        "only-group=x",
    ):
        assert client.get(f"/reports/build?{junk}").status_code == 200, junk
    assert client.get(f"/reports/build?unit={other}").status_code == 404


def test_a_table_that_is_too_long_says_so(app: Flask, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for day in (3, 5, 9):
        used(world, UseKind.TALLY, 10, day, grade=day)
        used(world, UseKind.TALLY, 1, day, category="GV")
    monkeypatch.setattr(builder, "MOST_LINES", 2)
    for wish, lines in ((Wish("uses", ("day",)), 3), (Wish("uses", ("day", "group")), 3)):
        table = built(app, world, wish).tables[0]
        assert table.note.startswith(f"Có {lines} dòng, bảng kể 2 dòng đầu") and len(table.lines) == 3
        assert str(table.lines[-1].cells[-1]) == "33", "the sum is of all lines"
    monkeypatch.setattr(builder, "ACROSS", 1)
    table = built(app, world, Wish("uses", ("day", "group"))).tables[0]
    assert table.note.startswith("Có 6 dòng") and len(table.lines) == 2
    monkeypatch.setattr(builder, "MOST_LINES", 6)
    assert built(app, world, Wish("uses", ("day", "group"))).tables[0].note == ""


def test_the_night_sees_no_more_than_whoever_kept_the_report(app: Flask, world: World) -> None:
    session, school = world.session(), world.school()
    own = world.branch()
    other = Branch(uid=clock.uuid7(), organisation=school, kind=own.kind, name="Điểm lẻ")
    session.add(other)
    account = managing.open_account(session, "hoa", "Hoa", rotation.PASSWORD, own)
    managing.grant(session, account, RoleName.LIBRARIAN, school.id, branch_id=own.id)
    session.flush()
    came(world, 5)
    doing = world.doing(at(5))
    act = acts.write(session, doing, "visits", at(5)), doing.uid
    counting.visits(session, act, VisitKind.CLASS, 70, at(5), Frozen(other.id))
    session.commit()
    form = {"name": "Của tôi", "measure": "visits", "by1": "month", "every": "month"}
    assert people.sign_in(app, "hoa").post("/reports/saved", data=form).status_code == 303
    report = session.scalars(select(SavedReport)).one()
    assert report.wish["branches"] == [own.id]
    made = saved.make(session, report, SEPTEMBER)
    assert told(of_plain(made.told))[-1] == ["Cộng", "5"]


def test_a_sex_is_offered_once() -> None:
    """As visits write it: a second pair of words for it would answer nothing."""
    assert dict(words.SEXES) == {"m": "Nam", "f": "Nữ"}
