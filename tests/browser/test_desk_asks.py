"""A question at the desk is answered by one key; the line keeps the focus, scans go on, nothing opens."""

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import select

from library.core import clock
from library.core.db import db
from library.holdings.models import Item
from library.loans.models import Loan
from tests.browser.conftest import Cast, DeskInBrowser, lent
from tests.support.people import commit

Open = Callable[..., DeskInBrowser]


def with_parts(item_id: int) -> None:
    db.session.rollback()
    db.session.get_one(Item, item_id).parts = "1 bản đồ, 2 đĩa"
    commit()
    db.session.rollback()


def focus(desk: DeskInBrowser) -> str:
    return str(desk.page.evaluate("document.activeElement.id"))


def ask(desk: DeskInBrowser, cast: Cast) -> None:
    with_parts(cast.copies[0].id)
    desk.scan(cast.lan)
    desk.word("Đang mượn cho")
    desk.scan(cast.copies[0].code)
    desk.word("cho em Lan mượn cuốn này?")


def test_one_key_lends_and_the_line_keeps_the_focus(open_desk: Open, cast: Cast) -> None:
    desk = open_desk()
    ask(desk, cast)
    assert desk.page.locator("#result .override-keys .btn").inner_text().split() == ["C", "Cho", "mượn"]
    assert focus(desk) == "code"
    assert desk.page.locator("dialog[open], [aria-modal=true]").count() == 0
    desk.page.keyboard.press("c")
    desk.word("cuốn thứ 1")
    assert (focus(desk), desk.page.locator("#code").input_value()) == ("code", "")
    assert lent() == [cast.copies[0].id]
    assert desk.page.locator("#rows .entry").count() == 1, "an answered question is no news any more"
    desk.go()
    assert desk.page.locator("#rows .entry").count() == 1


def test_a_click_does_the_same(open_desk: Open, cast: Cast) -> None:
    desk = open_desk()
    ask(desk, cast)
    desk.page.locator("#result .override-keys .btn").click()
    desk.word("cuốn thứ 1")
    assert focus(desk) == "code"


def test_scanning_the_next_book_is_a_no_and_loses_nothing(open_desk: Open, cast: Cast) -> None:
    desk = open_desk()
    ask(desk, cast)
    desk.scan(cast.copies[1].code)
    desk.word("cuốn thứ 1")
    desk.page.keyboard.press("c")
    desk.page.wait_for_timeout(500)
    desk.settled()
    assert lent() == [cast.copies[1].id]


def test_a_name_that_begins_with_the_key_is_a_name(open_desk: Open, cast: Cast) -> None:
    desk = open_desk()
    ask(desk, cast)
    desk.typed("cuong", gap=200)
    desk.page.wait_for_timeout(500)
    desk.settled()
    assert lent() == []
    assert desk.page.locator("#code").input_value() == "cuong"


def test_another_letter_is_no_answer(open_desk: Open, cast: Cast) -> None:
    desk = open_desk()
    ask(desk, cast)
    desk.page.keyboard.press("k")
    desk.page.wait_for_timeout(600)
    assert lent() == []
    assert desk.page.locator("#code").input_value() == "k"


def test_the_drop_box_is_a_mode_and_no_dialog(open_desk: Open, cast: Cast) -> None:
    desk = open_desk()
    for code in (cast.lan, cast.copies[0].code):
        desk.scan(code)
    desk.word("cuốn thứ 1")
    desk.page.keyboard.press("Alt+h")
    assert desk.page.locator("#box").is_visible()
    assert focus(desk) == "code"
    day = clock.today() - timedelta(days=2)
    desk.page.locator("#box [name=returned_on]").fill(day.isoformat())
    assert f"{day:%d/%m}" in desk.page.locator("#context").inner_text()
    desk.scan(cast.copies[0].code)
    desk.word("Trả xong")
    desk.settled()
    assert focus(desk) == "code"
    assert desk.page.locator("#box [name=returned_on]").input_value() == day.isoformat(), "the scan is no day"
    desk.page.keyboard.press("Escape")
    assert not desk.page.locator("#box").is_visible()
    assert lent() == []
    db.session.rollback()
    assert db.session.scalars(select(Loan.amnesty_by)).one() is None
    db.session.rollback()
