"""What is at one site: from whom, until when, who has it; and what rotation did with one copy."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import true

from library.core import clock
from library.rotation import copy_history, site_page
from library.rotation.board_state import Look
from library.rotation.models import LineOutcome
from tests.rotation import way
from tests.support import rotation
from tests.support.people import account, sign_in
from tests.support.policies import lends
from tests.support.world import World


@pytest.fixture
def school(world: World) -> Iterator[World]:
    rotation.account(world, "tu")
    rotation.account(world, "thao")
    lends(world.session, world.school().id)
    yield world


def test_every_copy_there_says_whose_it_is_and_until_when(school: World, app: Flask) -> None:
    site = rotation.school_site(school)
    made = rotation.batch(school, [site], rotation.stock(school, 3), days=60)
    rotation.received(school, rotation.sent(school, rotation.packed(school, made)))
    (first, *_) = [line.item for line in rotation.lines_of(school, made)]
    way.lend(school, first, school.patron(class_name="4A"), site.branch_id)
    told = site_page.read(school.session(), site, true(), clock.today())
    assert (told.count, told.out) == (3, 1)
    assert {(one.batch, one.owner, one.until_on) for one in told.copies} == {
        (made.code, school.province().name, clock.today() + timedelta(days=60))
    }
    assert [(one.look, span.look) for one, span in told.now] == [(Look.SERVING, Look.SERVING)]
    school.session.commit()
    page = sign_in(app, "ha").get(f"/rotation/sites/{site.uid}").get_data(as_text=True)
    assert "bạn đọc giữ" in page and "trên kệ" in page and made.code in page


def test_what_comes_and_what_was_stand_apart(school: World) -> None:
    site = rotation.site(school)
    past = rotation.batch(school, [site], rotation.stock(school, 3))
    rotation.received(school, rotation.sent(school, rotation.packed(school, past)), by="thao")
    rotation.received(school, rotation.sent(school, past, 2, by="thao"), by="tu")
    coming = rotation.batch(school, [site], rotation.stock(school, 3))
    told = site_page.read(school.session(), site, true(), clock.today())
    assert ([one.code for one, _ in told.past], [one.code for one, _ in told.coming]) == ([past.code], [coming.code])
    assert (told.now, told.count) == ((), 0)


def test_a_site_of_elsewhere_is_none(school: World, app: Flask) -> None:
    site = rotation.site(school)
    account(school, "ma")
    school.session.commit()
    assert sign_in(app, "ma").get(f"/rotation/sites/{site.uid}").status_code == 404
    assert sign_in(app, "tu").get(f"/rotation/sites/{site.uid}").status_code == 200


def said(world: World, item_id: int) -> list[str]:
    return [one.said.sentence % one.said.facts for one in copy_history.of(world.session(), item_id)]


def test_a_copy_tells_where_it_went_newest_first(school: World, app: Flask) -> None:
    first, second = rotation.site(school, "TH Đức Xuân"), rotation.site(school, "TH Xuất Hóa")
    made = rotation.batch(school, [first, second], rotation.stock(school, 3))
    rotation.received(school, rotation.sent(school, rotation.packed(school, made)), by="thao")
    (gone, there, _) = [line.item for line in rotation.lines_of(school, made)]
    leg = rotation.received(school, rotation.sent(school, made, 2, by="thao"), short=[gone], by="tu")
    c = f"Đợt {made.code}"
    assert said(school, gone.id) == [
        f"{c}: không thấy khi nhận. Triệu Thị Thảo giữ trách nhiệm.", f"{c}: đi đến TH Xuất Hóa",
        f"{c}: đến TH Đức Xuân", f"{c}: đi đến TH Đức Xuân",
    ]  # fmt: skip
    assert said(school, there.id)[0] == f"{c}: đến TH Xuất Hóa"
    way.leg_line(school, leg, gone).found_at = clock.now()
    line = way.line_of(school, there)
    line.outcome, line.closed_at = LineOutcome.KEPT, clock.now()
    school.session.flush()
    assert said(school, gone.id)[0] == f"{c}: tìm thấy"
    assert said(school, there.id)[0] == f"{c}: để lại điểm"
    school.session.commit()
    client = sign_in(app, "tu")
    page = client.get(f"/rotation/copies/{gone.uid}").get_data(as_text=True)
    assert "tìm thấy" in page and f"/rotation/batches/{made.uid}" in page


def test_the_title_s_page_lists_copies_that_went_round(school: World, app: Flask) -> None:
    made = rotation.packed(school, count=3)
    rotation.sent(school, made)
    item = rotation.lines_of(school, made)[0].item
    school.session.commit()
    page = sign_in(app, "tu").get(f"/titles/{item.record.uid}").get_data(as_text=True)
    assert "3 bản đã đi luân chuyển" in page and f"/rotation/copies/{item.uid}" in page
