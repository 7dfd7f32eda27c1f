"""Only a scanner and a keyboard: nothing at the desk needs the mouse."""

import time
from collections.abc import Callable

import pytest
from playwright.sync_api import CDPSession

from library.accounts.models import RoleName
from tests.browser.conftest import Cast, DeskInBrowser, code_of, legacy_code, lent, seen
from tests.support.people import account, commit
from tests.support.world import World

Open = Callable[..., DeskInBrowser]


def test_a_scan_is_caught_wherever_the_focus_is(open_desk: Open, cast: Cast) -> None:
    desk = open_desk()
    for place, target in enumerate(("#sound", ".rail-item", "#rows", "details.who summary")):
        desk.page.locator(target).first.focus()
        desk.scan(cast.copies[place].code)
        desk.settled()
        assert len(seen()) == place + 1, target
    assert desk.page.evaluate("document.activeElement.id") == "code"
    assert desk.page.locator("#sound").get_attribute("aria-pressed") == "true", "Enter did not press the button"
    assert desk.page.url.endswith("/desk")


def test_tab_without_a_scan_moves_on_as_everywhere(open_desk: Open, cast: Cast) -> None:
    desk = open_desk()
    desk.page.keyboard.press("Tab")
    assert desk.page.evaluate("document.activeElement.id") != "code"
    desk.page.keyboard.press("F2")
    assert desk.page.evaluate("document.activeElement.id") == "code"


def test_a_mouse_click_gives_the_line_its_focus_back(open_desk: Open, cast: Cast) -> None:
    desk = open_desk()
    desk.page.locator("#sound").click()
    assert desk.page.evaluate("document.activeElement.id") == "code"
    desk.page.locator("#rows-head").click()
    assert desk.page.evaluate("document.activeElement.id") == "code"


def test_what_was_half_typed_is_not_part_of_the_code(open_desk: Open, cast: Cast) -> None:
    desk = open_desk()
    desk.typed("ng")
    desk.page.wait_for_timeout(1100)
    desk.scan(cast.copies[0].code)
    desk.word("không ai đang mượn")
    assert desk.page.locator("#code").input_value() == ""
    desk.page.keyboard.press("1")
    desk.page.wait_for_timeout(200)
    desk.scan(cast.lan)
    desk.word("Đang mượn cho")


def test_a_pause_inside_a_code_does_not_cut_it(open_desk: Open, cast: Cast) -> None:
    desk = open_desk()
    desk.page.keyboard.type(cast.lan[:3])
    desk.page.wait_for_timeout(1300)
    desk.scan(cast.lan[3:])
    desk.word("Đang mượn cho")


def test_a_slow_scanner_that_ends_with_tab_is_heard_too(open_desk: Open, cast: Cast) -> None:
    desk = open_desk()
    desk.scan(cast.copies[0].code, end="Tab", gap=0.05)
    desk.word("không ai đang mượn")
    assert desk.page.evaluate("document.activeElement.id") == "code"


def test_a_code_typed_by_hand_is_a_scan_too(open_desk: Open, cast: Cast) -> None:
    desk = open_desk()
    desk.typed(cast.copies[0].code.lower().replace(".", ""), gap=45)
    desk.page.keyboard.press("Enter")
    desk.word("không ai đang mượn")
    assert [item for _number, item in seen()] == [cast.copies[0].id]


@pytest.mark.parametrize("typed", ["Á-0012", "á-0012"])
def test_letters_a_vietnamese_keyboard_changed_are_understood(open_desk: Open, school: World, typed: str) -> None:
    item = school.item()
    legacy_code(school, item, "AS-0012")
    commit()
    desk = open_desk()
    desk.scan(typed)
    desk.word("không ai đang mượn")
    assert len(seen()) == 1


def press_composing(cdp: CDPSession, at: float, letter: str, composed: str) -> None:
    """A key that an input method takes: the page hears which key it was, the text comes from the method."""
    shift = 8 if letter.isalpha() else 0
    key = {"code": code_of(letter), "key": "Process", "windowsVirtualKeyCode": 229, "modifiers": shift, "timestamp": at}
    cdp.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", **key})
    end = len(composed)
    cdp.send("Input.imeSetComposition", {"text": composed, "selectionStart": end, "selectionEnd": end})
    cdp.send("Input.dispatchKeyEvent", {"type": "keyUp", **key})


def scan_composing(cdp: CDPSession, text: str, steps: list[str]) -> None:
    at = time.time()
    for place, (letter, composed) in enumerate(zip(text, steps, strict=True)):
        press_composing(cdp, at + place * 0.008, letter, composed)
    enter = {"code": "Enter", "key": "Process", "windowsVirtualKeyCode": 229, "timestamp": at + len(text) * 0.008}
    cdp.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", **enter})
    cdp.send("Input.insertText", {"text": steps[-1]})
    cdp.send("Input.dispatchKeyEvent", {"type": "keyUp", **enter})


def test_a_key_the_input_method_swallowed_is_read_from_the_keys(open_desk: Open, school: World) -> None:
    one, two = school.items(2)
    legacy_code(school, one, "ASS0012")
    legacy_code(school, two, "DDT0034")
    commit()
    desk = open_desk()
    cdp = desk.context.new_cdp_session(desk.page)
    scan_composing(cdp, "ASS0012", ["A", "Á", "AS", "AS0", "AS00", "AS001", "AS0012"])
    scan_composing(cdp, "DDT0034", ["D", "Đ", "ĐT", "ĐT0", "ĐT00", "ĐT003", "ĐT0034"])
    desk.count("#rows .entry", 2)
    desk.settled()
    assert [item for _number, item in seen()] == [one.id, two.id]
    assert desk.page.locator("#code").input_value() == ""


def test_a_digit_answers_a_question_after_a_moment_of_silence(open_desk: Open, cast: Cast) -> None:
    desk = open_desk()
    desk.page.clock.install()
    for text in (cast.lan, cast.copies[0].code):
        desk.scan(text)
    desk.word("cuốn thứ 1")
    desk.page.clock.fast_forward(15_000)
    desk.scan(cast.copies[1].code)
    desk.word("cuốn thứ 2")
    desk.scan(cast.copies[0].code)
    desk.word("đang giữ cuốn này")
    desk.page.keyboard.press("1")
    desk.page.clock.run_for(60)
    assert desk.page.locator("#code").input_value() == "1", "it may be the beginning of a code"
    desk.page.clock.run_for(100)
    desk.word("Được gia hạn")
    assert len(lent()) == 2
    assert desk.page.locator("#code").input_value() == ""


def test_a_scan_answers_no_to_a_question(open_desk: Open, cast: Cast) -> None:
    desk = open_desk()
    desk.page.clock.install()
    for text in (cast.lan, cast.copies[0].code):
        desk.scan(text)
    desk.word("cuốn thứ 1")
    desk.page.clock.fast_forward(15_000)
    desk.scan(cast.copies[1].code)
    desk.word("cuốn thứ 2")
    desk.scan(cast.copies[0].code)
    desk.word("đang giữ cuốn này")
    desk.scan(cast.bao)
    desk.page.clock.run_for(500)
    desk.word("Đang mượn cho")
    assert len(lent()) == 2


def test_a_refusal_is_overridden_with_f8_and_a_number(open_desk: Open, cast: Cast) -> None:
    desk = open_desk()
    for text in (cast.lan, *(copy.code for copy in cast.copies[:4])):
        desk.scan(text)
    desk.word("Chưa cho mượn được")
    desk.page.keyboard.press("1")
    desk.page.wait_for_timeout(300)
    assert len(lent()) == 3, "a number alone overrides nothing"
    desk.page.keyboard.press("Backspace")
    desk.page.keyboard.press("F8")
    desk.page.keyboard.press("1")
    desk.word("Được mượn")
    assert len(lent()) == 4


def test_a_reader_is_found_by_name(open_desk: Open, cast: Cast) -> None:
    desk = open_desk()
    desk.typed("quoc b")
    tip = desk.page.locator("#tips [role=option]")
    tip.wait_for()
    assert "Đàm Quốc Bảo" in tip.inner_text()
    desk.page.keyboard.press("Enter")
    desk.page.locator("#reader").get_by_text("Đàm Quốc Bảo").wait_for()
    desk.scan(cast.copies[0].code)
    desk.word("Được mượn")
    assert desk.page.locator("#context").inner_text() == "Đang mượn cho Đàm Quốc Bảo"


def test_a_pupil_without_a_card_is_picked_by_class_and_name(open_desk: Open, cast: Cast) -> None:
    desk = open_desk()
    desk.page.keyboard.press("F4")
    desk.typed("5a")
    desk.page.locator("#tips", has_text="Hoàng Thị Mai Lan").wait_for()
    desk.page.keyboard.press("ArrowDown")
    desk.page.keyboard.press("Enter")
    desk.page.locator("#reader .reader-name").get_by_text("Hoàng Thị Mai Lan").wait_for()
    desk.page.keyboard.press("F4")
    desk.page.locator("#tips", has_text="Đàm Quốc Bảo").wait_for()
    desk.typed("bao")
    desk.page.keyboard.press("Enter")
    desk.page.locator("#reader .reader-name").get_by_text("Đàm Quốc Bảo").wait_for()
    desk.page.keyboard.press("F4")
    desk.scan(cast.copies[0].code)
    desk.word("Được mượn")
    assert desk.page.locator("#tips").is_hidden()


def test_a_pupil_is_picked_with_two_clicks(open_desk: Open, cast: Cast) -> None:
    desk = open_desk()
    desk.page.locator("#class-picker").get_by_text("5A").click()
    desk.page.locator("#pupils").get_by_text("Đàm Quốc Bảo").click()
    desk.page.locator("#reader .reader-name").get_by_text("Đàm Quốc Bảo").wait_for()
    desk.page.keyboard.press("Escape")
    desk.page.locator("#pupils").get_by_text("Hoàng Thị Mai Lan").wait_for()


def test_rows_are_walked_and_undone_with_keys(open_desk: Open, cast: Cast) -> None:
    desk = open_desk()
    for copy in cast.copies[:3]:
        desk.scan(copy.code)
    desk.count("#rows .entry", 3)
    desk.settled()
    for key in ("ArrowDown", "ArrowDown", "Delete"):
        desk.page.keyboard.press(key)
    desk.count("#rows .is-undone", 1)
    assert cast.copies[1].code in desk.page.locator("#rows .is-undone").inner_text()
    desk.scan(cast.copies[3].code)
    desk.count("#rows .entry", 4)


def test_every_key_is_told_and_scanning_goes_on_beneath(open_desk: Open, cast: Cast) -> None:
    desk = open_desk()
    desk.page.keyboard.press("?")
    desk.page.get_by_role("heading", name="Mọi phím tắt").wait_for()
    desk.page.keyboard.press("Escape")
    assert desk.page.locator("#keys").is_hidden()
    desk.page.keyboard.press("?")
    desk.scan(cast.copies[0].code)
    desk.word("không ai đang mượn")
    assert desk.page.locator("#keys").is_hidden()


def test_escape_clears_then_finishes(open_desk: Open, cast: Cast) -> None:
    desk = open_desk()
    desk.scan(cast.lan)
    desk.word("Đang mượn cho")
    desk.typed("a1")
    desk.page.keyboard.press("Escape")
    assert desk.page.locator("#code").input_value() == ""
    assert desk.page.locator("#reader .reader-name").inner_text() == "Hoàng Thị Mai Lan"
    desk.page.keyboard.press("Escape")
    desk.page.get_by_text("Chưa chọn bạn đọc").wait_for()
    desk.scan(cast.copies[0].code)
    desk.word("không ai đang mượn")
    assert lent() == []


def test_a_helpers_override_is_refused_and_the_desk_goes_on(open_desk: Open, cast: Cast, school: World) -> None:
    account(school, login="khanh", role=RoleName.HELPER)
    commit()
    desk = open_desk("khanh")
    for text in (cast.lan, *(copy.code for copy in cast.copies[:4])):
        desk.scan(text)
    desk.word("Chưa cho mượn được")
    assert desk.page.locator("#reader .reader-name").inner_text() == "Lan", "helpers see first names"
    if desk.page.locator("#result .override").count():
        desk.page.keyboard.press("F8")
        desk.page.keyboard.press("1")
        desk.page.locator("#rows", has_text="chưa được giao việc đó").wait_for()
    desk.settled()
    assert len(lent()) == 3
    desk.scan(cast.bao)
    desk.word("Đang mượn cho")
