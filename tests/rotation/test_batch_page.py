"""One batch's page: its way, its crates, what is missing, the sums, how much it is read, and what comes next."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask

from library.accounts.models import RoleName
from library.core import clock
from library.inbox import acts
from library.inbox.acts import Doing
from library.rotation import batch_page, batch_use, wishes
from library.rotation.batch_page import Told
from library.rotation.board_state import Look
from library.rotation.models import Batch, BatchState
from library.uses import counting
from library.uses.counting import Frozen
from library.uses.models import UseKind
from tests.support import rotation
from tests.support.people import account, sign_in
from tests.support.statements import counted
from tests.support.world import World


@pytest.fixture
def two(world: World) -> Iterator[World]:
    rotation.account(world, "tu")
    rotation.account(world, "thao")
    yield world


def forwarded(world: World) -> Batch:
    """At the second of two sites; two of six were missing when it came."""
    made = rotation.batch(
        world, [rotation.site(world, "TH Đức Xuân"), rotation.site(world, "TH Xuất Hóa")], rotation.stock(world, 6)
    )
    rotation.received(world, rotation.sent(world, rotation.packed(world, made)), by="thao")
    leg = rotation.sent(world, made, 2, by="thao")
    items = [line.item for line in rotation.lines_of(world, made)]
    rotation.received(world, leg, short=items[:2], scanned=items[2:3], by="tu")
    return made


def read(world: World, made: Batch) -> Told:
    world.session.flush()
    world.session.expire_all()
    return batch_page.read(world.session(), made, clock.today(), "http://localhost/x")


def test_the_way_says_what_each_site_took_and_gave(two: World) -> None:
    told = read(two, forwarded(two))
    assert [(one.name, one.where, one.got, one.gave, one.short) for one in told.stations] == [
        ("Kho luân chuyển", "done", None, 6, 0),
        ("TH Đức Xuân", "done", 6, 6, 0),
        ("TH Xuất Hóa", "here", 4, None, 2),
        ("Kho luân chuyển", "next", None, None, 0),
    ]
    assert (told.look, told.whole.copies, told.whole.titles, told.whole.price) == (Look.SERVING, 6, 2, 6 * 45_000)


def test_who_signed_last_stands_beside_what_is_missing(two: World) -> None:
    told = read(two, forwarded(two))
    assert [(one.who, one.where, one.crate, one.found) for one in told.missing] == [
        ("Triệu Thị Thảo", "TH Đức Xuân", 1, False)
    ] * 2
    (box,) = told.boxes
    assert (box.held, box.there, box.sealed, box.weighed) == (6, 4, True, False)
    assert box.grams > 500


def test_a_draft_has_a_page_before_anything_was_done(two: World, app: Flask) -> None:
    made = rotation.batch(two, [rotation.site(two)], state=BatchState.DRAFT)
    told = read(two, made)
    assert (told.look, told.leg, told.used, told.boxes) == (Look.PLANNED, None, None, ())
    assert "Chưa giao bản nào." in shown(two, app, made)


def use(world: World, items: list[Any], branch_id: int, kind: UseKind = UseKind.HOME, **frozen: Any) -> None:
    doing = Doing.now(branch_id=branch_id)
    act = acts.write(world.session(), doing, "take-in", clock.now()), doing.uid
    for item in items:
        counting.record(world.session(), act, item.id, kind, clock.now(), Frozen(branch_id, **frozen))


def test_reading_is_of_the_copies_that_came_at_that_branch_since_they_came(two: World) -> None:
    made = forwarded(two)
    site = rotation.legs_of(two, made)[1].to_site
    assert site
    items = [line.item for line in rotation.lines_of(two, made)]
    use(two, items[2:5], site.branch_id)
    use(two, items[2:4], site.branch_id, UseKind.IN_HOUSE)
    use(two, items[2:4], site.branch_id, UseKind.RENEWAL)
    use(two, items[2:4], two.branch(two.province()).id)
    use(two, rotation.stock(two, 2), site.branch_id)
    doing = Doing.now(branch_id=site.branch_id)
    act = acts.write(two.session(), doing, "site-log", clock.now()), doing.uid
    counting.tally(two.session(), act, UseKind.TALLY, 7, clock.now(), Frozen(site.branch_id, place_id=site.place_id))
    used = read(two, made).used
    assert used
    assert (used.loans, used.here, used.tallied, used.titles, used.copies) == (3, 2, 7, 2, 4)
    assert used.turns == 5 / 4
    (week,) = used.weeks
    assert (week.loans, week.here) == (3, 9)


def test_weeks_run_from_monday_and_quiet_ones_stand_there_too() -> None:
    since, today = date(2026, 10, 7), date(2026, 10, 28)
    found = batch_use.weeks([(date(2026, 10, 8), True, 2), (date(2026, 10, 26), False, 1)], since, today)
    assert [(one.first, one.loans, one.here) for one in found] == [
        (date(2026, 10, 5), 2, 0), (date(2026, 10, 12), 0, 0), (date(2026, 10, 19), 0, 0), (date(2026, 10, 26), 0, 1),
    ]  # fmt: skip
    assert len(batch_use.weeks([], today - timedelta(days=400), today)) == batch_use.WEEKS


def shown(world: World, app: Flask, made: Batch, login: str = "tu") -> str:
    world.session.commit()
    answer = sign_in(app, login).get(f"/rotation/batches/{made.uid}")
    assert answer.status_code == 200
    return str(answer.get_data(as_text=True)).split('id="main"')[1].split("</main>")[0]


def test_the_page_tells_all_of_it(two: World, app: Flask) -> None:
    made = forwarded(two)
    site = rotation.legs_of(two, made)[1].to_site
    assert site
    wishes.unmet(two.session(), Doing.now(branch_id=site.branch_id), site, "Conan", 7)
    page = shown(two, app, made)
    for words in (
        made.theme, "2 tên, 6 bản", "đang giữ 4", "2 bản thiếu", "TH Đức Xuân</b> (Triệu Thị Thảo)", "Conan</b> 7 lần",
        "nhận theo thùng còn niêm phong", "1 bản đã thấy tận tay", "3 bản nhận theo danh mục", "Chuyển tiếp",
    ):  # fmt: skip
        assert words in page, words


@pytest.mark.parametrize(
    ("state", "main"),
    [
        (BatchState.DRAFT, "Soạn danh mục"),
        (BatchState.PROPOSED, "Xem để duyệt"),
        (BatchState.APPROVED, "Lấy sách"),
        (BatchState.PICKING, "Lấy sách tiếp"),
        (BatchState.PACKED, "Giao đi"),
    ],
)
def test_the_next_deed_is_the_one_main_button(two: World, app: Flask, state: BatchState, main: str) -> None:
    page = shown(two, app, rotation.batch(two, [rotation.site(two)], state=state))
    assert page.count("btn--main") == 1
    assert f"<span>{main}</span>" in page.split("btn--main")[1].split("</a>")[0]


def test_a_batch_on_the_road_is_signed_for(two: World, app: Flask) -> None:
    made = rotation.packed(two)
    rotation.sent(two, made)
    page = shown(two, app, made)
    assert "<span>Ký nhận</span>" in page.split("btn--main")[1].split("</a>")[0]
    assert "chưa ký nhận" in page and "chưa ký</b>" in page


def test_an_officer_looks_and_has_nothing_to_press(two: World, app: Flask) -> None:
    made = forwarded(two)
    account(two, "lan", RoleName.OFFICER, two.province())
    assert "btn--main" not in shown(two, app, made, "lan")


def test_a_batch_of_elsewhere_is_none(two: World, app: Flask) -> None:
    made = forwarded(two)
    account(two, "ma")
    two.session.commit()
    assert sign_in(app, "ma").get(f"/rotation/batches/{made.uid}").status_code == 404


def test_as_many_statements_however_large_it_is(two: World, app: Flask) -> None:
    made = forwarded(two)
    shown(two, app, made)
    client = sign_in(app, "tu")
    client.get(f"/rotation/batches/{made.uid}")
    with counted() as sent:
        client.get(f"/rotation/batches/{made.uid}")
    assert len(sent) <= 34
