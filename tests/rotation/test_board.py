"""The board: lanes and bars, chips with counts, and what somebody must decide today."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import true

from library.accounts.models import RoleName
from library.calendars import opening_days
from library.calendars.opening_days import Whose
from library.core import clock
from library.rotation import board, board_scale
from library.rotation.board_state import Look
from library.rotation.models import Batch, BatchState, Extension, Leg, RotationSetting
from tests.support import rotation
from tests.support.people import account, sign_in
from tests.support.statements import counted
from tests.support.world import World

NOW = clock.now()


@pytest.fixture
def province(world: World) -> Iterator[World]:
    rotation.account(world, "tu")
    rotation.account(world, "thao")
    yield world


def went(
    world: World, days_ago: int, stay: int, names: tuple[str, ...] = ("TH Nà Phặc",), copies: int = 6, short: int = 0,
    arrived: bool = True, **more: Any,
) -> Batch:  # fmt: skip
    """A batch that set out so many days ago, for `stay` days at each site."""
    with clock.stopped_at(NOW - timedelta(days=days_ago)):
        items = rotation.stock(world, copies)
        made = rotation.batch(world, [place(world, name) for name in names], items, days=stay * len(names), **more)
        rotation.packed(world, made)
    with clock.stopped_at(NOW - timedelta(days=days_ago) + timedelta(minutes=5)):
        leg = rotation.sent(world, made)
    if arrived:
        with clock.stopped_at(NOW - timedelta(days=days_ago) + timedelta(minutes=9)):
            rotation.received(world, leg, short=items[:short], by="thao")
    return made


def place(world: World, name: str) -> Any:
    return world._once(("site", name), lambda: rotation.site(world, name, area=f"Khu vực {name[-4:]}"))


def read(world: World, only: Look | None = None) -> board.Board:
    return board.read(world.session(), true(), true(), board_scale.around(clock.today()), clock.today(), only)


def test_a_bar_stands_on_the_lane_of_its_site_with_its_copies(province: World) -> None:
    went(province, 40, 90)
    (lane,) = read(province).lanes()
    (bar,) = lane.bars
    assert (lane.name, bar.copies, bar.span.look) == ("TH Nà Phặc", 6, Look.SERVING)
    assert bar.span.last == clock.day_of(NOW - timedelta(days=40)) + timedelta(days=90)
    assert 0 < bar.x < bar.x + bar.wide < 100


def test_every_batch_counts_once_by_how_it_looks(province: World) -> None:
    went(province, 40, 90)
    went(province, 50, 60)
    went(province, 50, 40)
    went(province, 1, 60, arrived=False)
    rotation.batch(province, [place(province, "TH Nà Phặc")], rotation.stock(province, 3))
    found = read(province)
    assert found.counts == {Look.SERVING: 1, Look.SOON: 1, Look.OVERDUE: 1, Look.MOVING: 1, Look.PLANNED: 1}
    assert (found.open, found.out) == (5, (24, 1))
    (only,) = read(province, Look.OVERDUE).lanes()
    assert [bar.span.look for bar in only.bars] == [Look.OVERDUE]


def test_stays_at_the_same_time_stand_one_above_the_other(province: World) -> None:
    for days in (40, 41, 42):
        went(province, days, 90)
    (lane,) = read(province).lanes()
    assert (lane.tracks, {bar.track for bar in lane.bars}) == (3, {0, 1, 2})


def test_the_days_before_the_end_are_the_library_s_own(province: World) -> None:
    went(province, 40, 60)
    assert read(province).counts == {Look.SERVING: 1}
    usual = {"least_copies": 3, "longest_months": 6, "years_apart": 3, "contest_days": 14, "sample_percent": 10}
    province.session.add(RotationSetting(library_id=province.province().id, crate_grams=15_000, soon_days=30, **usual))
    province.session.flush()
    assert read(province).counts == {Look.SOON: 1}


def test_a_forwarded_batch_leaves_a_grey_bar_and_an_arrow(province: World, app: Flask) -> None:
    made = went(province, 60, 40, ("TH Đức Xuân", "TH Xuất Hóa"))
    with clock.stopped_at(NOW - timedelta(days=20)):
        leg = rotation.sent(province, made, 2, by="thao")
    with clock.stopped_at(NOW - timedelta(days=19)):
        rotation.received(province, leg, by="tu")
    looks = {lane.name: [bar.span.look for bar in lane.bars] for lane in read(province).lanes()}
    assert looks == {"TH Xuất Hóa": [Look.SERVING], "TH Đức Xuân": [Look.DONE]}
    assert 'class="lane-arrow"' in shown(province, app)


def shown(world: World, app: Flask, address: str = "/rotation", login: str = "tu") -> str:
    world.session.commit()
    answer = sign_in(app, login).get(address)
    assert answer.status_code == 200
    return str(answer.get_data(as_text=True))


def cards(page: str) -> list[str]:
    """Head and sentence of each card."""
    found = re.findall(r'<li class="decide-one.*?</a></h3>\s*<p>.*?</p>', page, re.S)
    letters = re.compile(r'<span class="letter".*?</span>|<[^>]+>')
    return [" ".join(letters.sub(" ", one).split()) for one in found]


def test_what_must_be_decided_stands_beside_the_board(province: World, app: Flask) -> None:
    late = went(province, 50, 44, short=2)
    leg = rotation.legs_of(province, late)[0]
    leg.contest_until = clock.today() + timedelta(days=2)
    road = went(province, 6, 60, ("TH Chợ Rã",), arrived=False)
    page = shown(province, app)
    assert cards(page) == [
        f"{late.code} · quá hạn 6 ngày TH Nà Phặc chưa giao lại 4 bản. Gọi Lường Thị Hà.",
        f"{late.code} · thiếu 2 bản Nông Văn Tú giữ trách nhiệm. Còn 2 ngày để trả lời.",
        f"{road.code} · đi đã 6 ngày TH Chợ Rã chưa ký nhận 6 bản.",
    ]
    assert "Đang ở ngoài kho: 10 bản tại 1 điểm." in page


def ask(world: World, leg: Leg, days: int) -> None:
    act = leg.receive_act
    assert act
    world.session.add(
        Extension(
            uid=clock.uuid7(), leg_id=leg.id, until_on=clock.today() + timedelta(days=days), before_on=leg.due_on,
            asked_at=clock.now(), asked_name="cô Hà", act_id=act,
        )
    )  # fmt: skip


def test_an_extension_asked_for_is_decided_on_its_card(province: World, app: Flask) -> None:
    made = went(province, 50, 44)
    ask(province, rotation.legs_of(province, made)[0], 30)
    page = shown(province, app)
    assert "xin gia hạn đến" in page and "Vẫn trong mức được ở lại." in page
    assert len(cards(page)) == 1, "overdue and asked for are one matter"
    assert "Cho gia hạn" in page
    officer = account(province, "lan", RoleName.OFFICER, province.province())
    assert officer and "Cho gia hạn" not in shown(province, app, login="lan")


def test_a_proposal_waits_for_who_may_approve(province: World, app: Flask) -> None:
    rotation.batch(province, [place(province, "TH Chợ Rã")], rotation.stock(province, 3), state=BatchState.PROPOSED)
    assert "chờ duyệt" in shown(province, app)
    account(province, "lan", RoleName.OFFICER, province.province())
    assert "chờ duyệt" not in shown(province, app, login="lan").split("Cần quyết hôm nay")[1]


def test_the_list_says_the_same_as_the_picture(province: World, app: Flask) -> None:
    made = went(province, 50, 44)
    page = shown(province, app, "/rotation?as=table")
    row = page.split(f"<b>{made.code}</b>")[1].split("</tr>")[0]
    assert "Quá hạn" in row and "quá hạn 6 ngày" in row and ">6<" in row


def test_a_long_list_has_pages(province: World, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("library.rotation.views.LISTED", 2)
    for days in (30, 31, 32):
        went(province, days, 60)
    first, last = (shown(province, app, f"/rotation?as=table&page={number}") for number in (1, 2))
    assert "LC26-002" in first and "LC26-003</b>" not in first and "page=2" in first
    assert "LC26-003</b>" in last and "LC26-002</b>" not in last


def test_a_school_sees_the_batches_that_come_to_it_and_no_other_lane(province: World, app: Flask) -> None:
    mine = rotation.school_site(province)
    province._made["site", mine.name] = mine
    own, other = went(province, 40, 90, (mine.name,)), went(province, 40, 90, ("TH Chợ Rã",))
    account(province, "ma")
    page = shown(province, app, login="ma")
    assert own.code in page and mine.name in page
    assert other.code not in page and "TH Chợ Rã" not in page


def test_a_large_province_looks_at_one_area_at_a_time(
    province: World, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("library.rotation.views.MOST_BARS", 1)
    went(province, 40, 90, ("TH Chợ Rã",))
    went(province, 40, 90, ("TH Nà Phặc",))
    page = shown(province, app)
    assert "Chọn khu vực" in page
    lanes = re.findall(r'<li class="lane-name[^>]*>.*?</li>', page, re.S)
    assert len(lanes) == 1
    assert len(re.findall(r'<li class="lane-name', shown(province, app, "/rotation?area=Khu+vực+Phặc"))) == 1


@pytest.mark.parametrize(
    "address",
    ["/rotation?from=abc", "/rotation?from=9999-12", "/rotation?look=x", "/rotation?area=x", "/rotation?as=x"],
)
def test_what_cannot_be_read_in_the_address_is_the_usual(province: World, app: Flask, address: str) -> None:
    went(province, 40, 90)
    assert "LC26-001" in shown(province, app, address)


def test_days_off_are_shaded_as_the_calendar_tells_them(province: World, app: Flask) -> None:
    went(province, 40, 90)
    first = clock.today() + timedelta(days=10)
    whose = Whose(organisation_id=province.province().id)
    opening_days.close(province.session(), whose, first, first + timedelta(days=6), "Nghỉ mưa lũ")
    opening_days.close(province.session(), whose, first, first + timedelta(days=1), "Cuối tuần")
    opening_days.close(
        province.session(), Whose(organisation_id=province.school().id), first, first + timedelta(days=9), "Nghỉ hè"
    )
    page = shown(province, app, "/rotation?from=2027-01")
    assert "Nghỉ Tết" in page
    page = shown(province, app)
    assert "Nghỉ mưa lũ" in page and "Cuối tuần" not in page and "Nghỉ hè" not in page


def test_an_empty_province_is_told_what_to_do(province: World, app: Flask) -> None:
    assert "Chưa có điểm luân chuyển nào" in shown(province, app)


def test_as_many_statements_whatever_there_is(province: World, app: Flask) -> None:
    went(province, 40, 90)
    province.session.commit()
    client = sign_in(app, "tu")
    client.get("/rotation")
    with counted() as few:
        client.get("/rotation")
    for days in (30, 31, 32, 50):
        went(province, days, 40, short=1)
    province.session.commit()
    with counted() as many:
        client.get("/rotation")
    assert len(many) <= len(few) + 1, "who answers for what is missing is asked once"
    assert len(many) <= 16


def test_what_left_a_site_is_neither_listed_nor_counted_there(province: World, app: Flask) -> None:
    mine = rotation.school_site(province)
    province._made["site", mine.name] = mine
    stays, left = went(province, 40, 90, (mine.name,)), went(province, 40, 30, (mine.name,), copies=3)
    on, home = went(province, 60, 40, (mine.name, "TH Chợ Rã")), went(province, 60, 40, (mine.name,))
    with clock.stopped_at(NOW - timedelta(days=20)):
        leg = rotation.sent(province, on, 2, by="thao")
        rotation.sent(province, home, 2, by="thao")
    with clock.stopped_at(NOW - timedelta(days=19)):
        rotation.received(province, leg, by="tu")
    account(province, "ma")
    table = shown(province, app, "/rotation?as=table", login="ma")
    rows, decide = table.split("<tbody>")[1].split("</tbody>")[0], table.split("Cần quyết hôm nay")[1]
    assert [one.code in rows for one in (stays, left, on, home)] == [True, True, False, False]
    assert [one.code in decide for one in (stays, left, on, home)] == [False, True, False, False]
    assert "Đang ở đây hoặc đang đến: 9 bản." in table
    table = shown(province, app, "/rotation?as=table")
    assert all(f"<b>{one.code}</b>" in table for one in (stays, left, on, home))
    assert "Đang ở ngoài kho: 21 bản tại 2 điểm." in table, "what is on the road home is out for its owner"


def test_who_has_no_site_yet_is_told_of_the_depot(province: World, app: Flask) -> None:
    rotation.stock(province, 4)
    page = shown(province, app)
    assert "Trong kho luân chuyển: 4 bản." in page and "Đang ở đây hoặc đang đến" not in page
