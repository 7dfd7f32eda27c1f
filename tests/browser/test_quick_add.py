"""A reader who is not known yet, at the desk, with a keyboard and a scanner only."""

import time
from collections.abc import Callable

import pytest
from sqlalchemy import select

from library.accounts.models import RoleName
from library.core.db import db
from library.organisations.codes import check_digit
from library.organisations.models import Code, CodeKind
from library.patrons.models import Card, Membership, Person, SchoolClass
from tests.browser.conftest import Cast, DeskInBrowser, lent
from tests.support.looks import fits, grave
from tests.support.people import account, commit
from tests.support.world import World

Open = Callable[..., DeskInBrowser]
NAME = "Sùng A Páo"


def added(name: str) -> tuple[str, str]:
    """(class, number of the card) of the reader of that name."""
    query = (
        select(SchoolClass.name, Code.printed)
        .select_from(Membership)
        .join(Person, Person.id == Membership.person_id)
        .join(SchoolClass, SchoolClass.id == Membership.class_id)
        .join(Card, Card.membership_id == Membership.id)
        .join(Code, Code.id == Card.code_id)
    )
    (row,) = db.session.execute(query.where(Person.full_name == name)).all()
    db.session.rollback()  # the desk's server writes into the same file
    return row


def readers() -> int:
    count = len(db.session.scalars(select(Membership.id)).all())
    db.session.rollback()
    return count


def open_form(desk: DeskInBrowser) -> None:
    desk.page.keyboard.press("Alt+n")
    desk.page.locator("#quick").wait_for()


def test_name_class_enter_and_the_first_book_is_lent(open_desk: Open, cast: Cast) -> None:
    """Keys: Alt N, the name, Tab, the class, Enter; as fast as somebody types who looks at the keys (200 ms a key)."""
    desk, keys = open_desk(), 0
    begun = time.monotonic()
    open_form(desk)
    desk.typed(NAME, gap=200)
    desk.page.keyboard.press("Tab")
    desk.typed("5a", gap=200)
    desk.page.keyboard.press("Enter")
    keys = 1 + len(NAME) + 1 + 2 + 1
    desk.word(f"Đã thêm {NAME}, 5A")
    took = time.monotonic() - begun
    print(f"{keys} keys, {took:.1f} s")
    assert keys - len(NAME) == 5
    assert desk.page.evaluate("document.activeElement.id") == "code"
    assert desk.page.locator("#quick").is_hidden()
    desk.scan(cast.copies[0].code)
    desk.word("Được mượn")
    desk.settled()
    assert lent() == [cast.copies[0].id]
    group, card = added(NAME)
    assert (group, len(card)) == ("5A", 12)


def test_a_typed_name_nobody_has_is_taken_along(open_desk: Open, cast: Cast) -> None:
    desk = open_desk()
    desk.typed("Lò Thị Mây")
    desk.page.locator("#tips", has_text="Alt N").wait_for()
    open_form(desk)
    assert desk.page.locator("#quick-name").input_value() == "Lò Thị Mây"
    assert desk.page.evaluate("document.activeElement.id") == "quick-group"
    desk.typed("5A")
    desk.page.keyboard.press("Enter")
    desk.word("Đã thêm")


def blank(world: World) -> str:
    digits = f"1{world.school().number:04}000777"
    return digits + check_digit(digits)


def test_a_blank_card_is_scanned_into_the_form_or_before_it(open_desk: Open, cast: Cast, school: World) -> None:
    desk, card = open_desk(), blank(school)
    commit()
    db.session.rollback()
    desk.scan(card)
    desk.page.locator("#result", has_text="chưa biết mã").wait_for()
    open_form(desk)
    assert desk.page.locator("#quick-card").input_value() == card
    desk.typed(NAME)
    desk.page.keyboard.press("Tab")
    desk.typed("5A")
    desk.page.keyboard.press("Enter")
    desk.word("Đã thêm")
    desk.settled()
    assert added(NAME) == ("5A", card)
    open_form(desk)
    desk.typed("Giàng Thị Dế")
    desk.scan("OLD-0042", pause=0.2)
    assert desk.page.locator("#quick-card").input_value() == "OLD-0042"
    assert desk.page.locator("#quick-name").input_value() == "Giàng Thị Dế"
    desk.page.keyboard.press("Enter")
    desk.word("Giàng Thị Dế")
    assert added("Giàng Thị Dế") == ("5A", "OLD-0042")
    open_form(desk)
    desk.typed("Lò Văn Tú")
    desk.scan("OLD-0042", pause=0.2)
    desk.page.keyboard.press("Enter")
    desk.page.locator("#quick-said", has_text="của người khác").wait_for()
    db.session.rollback()
    codes = db.session.scalars(select(Code.folded).where(Code.kind == CodeKind.CARD)).all()
    db.session.rollback()
    assert len(codes) == len(set(codes))


def test_a_namesake_is_offered_and_enter_takes_them(open_desk: Open, cast: Cast) -> None:
    desk = open_desk()
    open_form(desk)
    desk.typed("dam quoc bao")
    desk.page.keyboard.press("Tab")
    desk.typed("5A")
    desk.page.keyboard.press("Enter")
    desk.page.locator("#quick-same button", has_text="Đàm Quốc Bảo").wait_for()
    desk.page.keyboard.press("Enter")
    desk.until("document.querySelector('.reader-name').textContent === 'Đàm Quốc Bảo'")
    assert readers() == 2
    open_form(desk)
    desk.typed("Đàm Quốc Bảo")
    desk.page.keyboard.press("Tab")
    desk.page.keyboard.press("Enter")
    desk.page.locator("#quick-same button").first.wait_for()
    desk.page.keyboard.press("Tab")
    desk.page.keyboard.press("Enter")
    desk.word("Đã thêm")
    assert readers() == 3


def test_escape_gives_the_line_back_and_ctrl_z_stays_in_the_field(open_desk: Open, cast: Cast) -> None:
    desk = open_desk()
    desk.scan(cast.lan)
    desk.scan(cast.copies[0].code)
    desk.word("Được mượn")
    open_form(desk)
    desk.typed("Lò?")
    desk.page.keyboard.press("Control+z")
    desk.page.wait_for_timeout(200)
    assert desk.page.locator("#keys").is_hidden()
    desk.page.keyboard.press("Escape")
    assert desk.page.locator("#quick").is_hidden()
    assert desk.page.evaluate("document.activeElement.id") == "code"
    desk.settled()
    assert lent() == [cast.copies[0].id], "nothing was undone"
    desk.scan(cast.copies[1].code)
    desk.settled()
    assert len(lent()) == 2, "and Lan is still open"


def test_what_is_missing_is_said_and_without_a_network_that_is_said(open_desk: Open, cast: Cast) -> None:
    desk = open_desk()
    open_form(desk)
    desk.typed(NAME)
    desk.page.keyboard.press("Enter")
    desk.page.locator("#quick-said", has_text="Gõ tên lớp").wait_for()
    assert desk.page.evaluate("document.activeElement.id") == "quick-group"
    desk.context.set_offline(True)
    desk.typed("5A")
    desk.page.keyboard.press("Enter")
    desk.page.locator("#quick-said", has_text="cần có mạng").wait_for()
    assert desk.page.locator("#quick-name").input_value() == NAME
    desk.context.set_offline(False)
    desk.page.keyboard.press("Enter")
    desk.word("Đã thêm")
    assert added(NAME)[0] == "5A"


def test_a_helper_adds_nobody(open_desk: Open, cast: Cast, school: World) -> None:
    account(school, "tinh", RoleName.HELPER)
    commit()
    db.session.rollback()
    desk = open_desk("tinh")
    assert desk.page.locator("#quick-open").count() == 0
    desk.page.keyboard.press("Alt+n")
    assert desk.page.locator("#quick").count() == 0


@pytest.mark.parametrize(("width", "height"), [(1366, 633), (360, 780)])
def test_the_form_keeps_nobody_out(open_desk: Open, cast: Cast, width: int, height: int) -> None:
    desk = open_desk(viewport={"width": width, "height": height})
    open_form(desk)
    desk.typed(NAME)
    assert fits(desk.page)
    assert grave(desk.page) == []
