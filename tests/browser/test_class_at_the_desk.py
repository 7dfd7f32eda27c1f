"""A class at the desk: its board of returns, its names as large buttons, a slip that prints without taking the focus."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from library.core.db import db
from library.loans.models import Loan
from tests.browser.conftest import Copy, DeskInBrowser, card_of, lent
from tests.support.looks import grave
from tests.support.people import commit
from tests.support.world import World

Open = Callable[..., DeskInBrowser]
NAMES = ("Bế Thị An", "Đàm Quốc Bảo", "Hoàng Thị Mai Lan", "Lục Văn Khánh", "Nông Minh Khôi")
PRINTS = """window.print = () => {
  window.printed = document.getElementById("slip").textContent;
  dispatchEvent(new Event("afterprint"));
}"""
FOCUSED = "document.activeElement && document.activeElement.id === 'code'"


@dataclass
class Class5A:
    """Five pupils in the order of names, their cards, and two copies for each."""

    cards: list[str]
    copies: list[Copy]


@pytest.fixture
def class_5a(school: World) -> Class5A:
    pupils = [school.patron(name, class_name="5A") for name in NAMES]
    copies = [Copy(item.id, item.accession or "") for item in school.items(10)]
    commit()
    made = Class5A([card_of(one) for one in pupils], copies)
    db.session.rollback()
    return made


def all_borrow(desk: DeskInBrowser, them: Class5A) -> None:
    for card, copy in zip(them.cards, them.copies, strict=False):
        desk.scan(card)
        desk.scan(copy.code)
    desk.settled()
    desk.page.keyboard.press("Escape")
    desk.page.get_by_text("Chưa chọn bạn đọc").wait_for()


def choose(desk: DeskInBrowser, name: str = "5A") -> None:
    desk.page.locator("#class-picker .pick", has_text=name).click()


def board(desk: DeskInBrowser) -> str:
    return desk.page.locator("#class-return .progress-head .num").inner_text()


def test_the_board_ticks_every_return_and_names_who_is_missing(open_desk: Open, class_5a: Class5A) -> None:
    desk = open_desk()
    all_borrow(desk, class_5a)
    choose(desk)
    desk.until("!!document.querySelector('#class-return .progress-head')")
    assert board(desk) == "0/5"
    for copy in class_5a.copies[:4]:
        desk.scan(copy.code)
    desk.until("document.querySelector('#class-return .progress-head .num').textContent === '4/5'")
    left = desk.page.locator("#class-return .left").inner_text()
    assert "Nông Minh Khôi" in left
    assert "Bế Thị An" not in left
    desk.page.keyboard.press("Control+z")
    desk.until("document.querySelector('#class-return .progress-head .num').textContent === '3/5'")
    desk.page.keyboard.press("Escape")
    assert desk.page.evaluate(FOCUSED)
    assert grave(desk.page) == []


def test_the_class_stays_chosen_after_a_reload_and_new_loans_are_not_missing(
    open_desk: Open, class_5a: Class5A
) -> None:
    desk = open_desk()
    all_borrow(desk, class_5a)
    choose(desk)
    for copy in class_5a.copies[:5]:
        desk.scan(copy.code)
    desk.until("(document.querySelector('#class-return .num') || {}).textContent === '5/5'")
    desk.scan(class_5a.cards[0])
    desk.scan(class_5a.copies[6].code)
    desk.word("Được mượn")
    desk.page.keyboard.press("Escape")
    desk.go()
    desk.until("(document.querySelector('#class-return .num') || {}).textContent === '5/5'")
    assert desk.page.locator("#class-return .left").count() == 0


def test_the_whole_class_borrows_name_by_name_and_the_next_one_is_one_key(open_desk: Open, class_5a: Class5A) -> None:
    desk = open_desk()
    choose(desk)
    desk.page.keyboard.press("Alt+l")
    desk.count(".seats .seat", 5)
    assert [one.split()[-1] for one in desk.page.locator(".seat .pick-name").all_text_contents()] == [
        "An", "Bảo", "Khánh", "Khôi", "Lan",
    ]  # fmt: skip
    desk.page.locator(".seat", has_text="An").first.click()
    assert desk.page.evaluate(FOCUSED)
    desk.scan(class_5a.copies[0].code)
    desk.until("(document.querySelector('.seat.is-next .pick-name') || {}).textContent === 'Đàm Quốc Bảo'")
    desk.page.wait_for_timeout(200)
    desk.page.keyboard.press("Enter")
    desk.until("(document.querySelector('.seat[aria-current] .pick-name') || {}).textContent === 'Đàm Quốc Bảo'")
    desk.scan(class_5a.copies[1].code)
    desk.until("document.querySelectorAll('.seat.is-served').length === 2")
    desk.until("document.querySelectorAll('.seat')[1].innerText.includes('1/3')")
    desk.scan(class_5a.cards[4])
    desk.scan(class_5a.copies[2].code)
    desk.until("document.querySelectorAll('.seat.is-served').length === 3")
    names = [loan.membership.person.full_name for loan in db.session.query(Loan).order_by(Loan.id) if loan.membership]
    db.session.rollback()
    assert names == ["Bế Thị An", "Đàm Quốc Bảo", "Nông Minh Khôi"]
    assert grave(desk.page) == []


def test_a_second_enter_of_the_scanner_chooses_nobody(open_desk: Open, class_5a: Class5A) -> None:
    desk = open_desk()
    choose(desk)
    desk.page.keyboard.press("Alt+l")
    desk.count(".seats .seat", 5)
    desk.page.locator(".seat").first.click()
    desk.scan(class_5a.copies[0].code)
    desk.page.keyboard.press("Enter")
    desk.word("Được mượn")
    desk.page.wait_for_timeout(100)
    assert "Bế Thị An" in desk.page.locator("#context").inner_text()


def test_a_slip_prints_what_was_lent_today_and_the_line_keeps_the_focus(open_desk: Open, class_5a: Class5A) -> None:
    desk = open_desk()
    desk.page.evaluate(PRINTS)
    desk.scan(class_5a.cards[0])
    desk.scan(class_5a.copies[0].code)
    desk.word("Được mượn")
    desk.page.locator("#print-slip").click()
    desk.until("!!window.printed")
    assert "Bế Thị An" in desk.page.evaluate("window.printed")
    assert desk.page.evaluate(FOCUSED)
    assert desk.page.evaluate("document.body.className.includes('prints-slip')") is False
    desk.scan(class_5a.copies[1].code)
    desk.word("cuốn thứ 2")
    assert len(lent()) == 2


IN_SIGHT = """names => names.filter((one) => {
  const box = one.getBoundingClientRect();
  const seen = document.elementFromPoint(box.left + box.width / 2, box.bottom - 3);
  return one === seen || one.contains(seen);
}).length"""


def test_on_a_low_screen_there_is_room_for_names(open_desk: Open, school: World, class_5a: Class5A) -> None:
    """Thirteen classes, and eight names in sight without scrolling, whoever's card lies open."""
    for number in range(15):
        school.patron(f"Nông Văn {chr(ord('A') + number)}inh", class_name="5A")
    for grade in "1234":
        for letter in "ABC":
            school.patron(f"Bạn lớp {grade}{letter}", class_name=f"{grade}{letter}")
    commit()
    db.session.rollback()
    desk = open_desk()
    choose(desk)
    desk.count("#pupils .pick", 20)
    desk.page.locator("#class-return .class-deeds").wait_for()
    assert desk.page.locator("#class-picker [data-class][aria-current]").inner_text() == "5A"
    for selector in ("#class-picker [data-class]", "#class-return .class-deeds > *"):
        sizes = desk.page.eval_on_selector_all(selector, "all => all.map((one) => one.getBoundingClientRect().height)")
        assert min(sizes) >= 32
    assert desk.page.eval_on_selector_all("#class-picker [data-class]", IN_SIGHT) == 13
    assert desk.page.eval_on_selector_all("#pupils .pick", IN_SIGHT) >= 8
    desk.page.locator("#pupils .pick", has_text="Đàm Quốc Bảo").click()
    desk.page.locator("#reader-name", has_text="Bảo").wait_for()
    for copy in class_5a.copies[:3]:
        desk.scan(copy.code)
    desk.word("cuốn thứ 3 trong 3")
    assert desk.page.eval_on_selector_all(".mates .pick", IN_SIGHT) >= 8
    assert grave(desk.page) == []
