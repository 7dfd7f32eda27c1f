"""The book just returned is damaged: two keys, and a scan in between is still a scan."""

from collections.abc import Callable

from sqlalchemy import select

from library.core.db import db
from library.holdings.models import Condition, Item, PlaceKind
from library.loans.models import ConditionReport
from tests.browser.conftest import Cast, DeskInBrowser, seen

Open = Callable[..., DeskInBrowser]


def copy(item_id: int) -> Item:
    db.session.rollback()
    found = db.session.get_one(Item, item_id)
    db.session.refresh(found)
    return found


def test_two_keys_for_a_damaged_book(open_desk: Open, cast: Cast) -> None:
    desk = open_desk()
    desk.scan(cast.copies[0].code)
    desk.settled()
    desk.page.keyboard.press("Alt+r")
    desk.page.keyboard.press("2")
    desk.until("document.getElementById('look').innerText.includes('giá Sửa chữa')")
    assert desk.page.evaluate("document.activeElement.id") == "code"
    (item_id,) = db.session.scalars(select(ConditionReport.item_id)).all()
    item = copy(item_id)
    assert (item.condition, item.place.kind) == (Condition.DAMAGED, PlaceKind.REPAIR)


def test_a_scan_while_it_asks_is_a_scan_and_no_answer(open_desk: Open, cast: Cast) -> None:
    desk = open_desk()
    desk.scan(cast.copies[0].code)
    desk.settled()
    desk.page.keyboard.press("Alt+r")
    desk.scan(cast.copies[1].code)
    desk.settled()
    assert len(seen()) == 2
    desk.page.wait_for_timeout(200)
    assert db.session.scalars(select(ConditionReport.id)).all() == []
    assert not desk.page.locator("#look").is_visible()


def test_before_any_scan_there_is_nothing_to_look_at(open_desk: Open, cast: Cast) -> None:
    desk = open_desk()
    desk.page.keyboard.press("Alt+r")
    assert "chưa ghi xong" in desk.page.inner_text("#look")
    assert desk.page.locator("#look button[name]").first.is_hidden()


def test_escape_closes_the_question_and_leaves_the_reader_open(open_desk: Open, cast: Cast) -> None:
    desk = open_desk()
    desk.scan(cast.lan)
    desk.scan(cast.copies[0].code)
    desk.settled()
    desk.page.keyboard.press("Alt+r")
    desk.page.keyboard.press("Escape")
    assert not desk.page.locator("#look").is_visible()
    assert "Lan" in desk.page.inner_text("#reader")
