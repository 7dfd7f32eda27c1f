"""A day at the desk: lending, taking back, undoing, fast hands."""

import time
from collections.abc import Callable

from library.loans.models import Loan
from tests.browser.conftest import Cast, Copy, DeskInBrowser, lent, seen
from tests.support.people import commit
from tests.support.world import World

Open = Callable[..., DeskInBrowser]


def test_three_books_are_lent_taken_back_and_the_last_return_undone(open_desk: Open, cast: Cast) -> None:
    desk, books = open_desk(), cast.copies[:3]
    desk.scan(cast.lan)
    desk.word("Đang mượn cho")
    for book in books:
        desk.scan(book.code)
    desk.word("cuốn thứ 3 trong 3")
    assert lent() == [book.id for book in books]
    assert desk.page.locator(".reader .shelf .cover").count() == 3
    assert "Đang giữ đủ 3 cuốn" in desk.page.locator("#reader").inner_text()
    assert "3 mượn" in desk.page.locator("#tally").inner_text()
    desk.page.keyboard.press("Escape")
    desk.page.get_by_text("Chưa chọn bạn đọc").wait_for()
    for book in books:
        desk.scan(book.code)
    desk.count("#rows .entry", 6)
    assert lent() == []
    desk.page.keyboard.press("Control+z")
    desk.word("Đã hoàn tác")
    assert lent() == [books[2].id]
    assert desk.page.locator("#rows .entry.is-undone").count() == 1
    desk.page.keyboard.press("Control+z")
    desk.count("#rows .entry.is-undone", 2)
    assert sorted(lent()) == [books[1].id, books[2].id]
    assert "1 trả" in desk.page.locator("#tally").inner_text()


def test_fifty_scans_five_a_second_are_recorded_once_and_in_order(open_desk: Open, school: World) -> None:
    copies = [Copy(item.id, item.accession or "") for item in school.items(50)]
    commit()
    desk = open_desk()
    began = time.monotonic()
    for place, copy in enumerate(copies):
        desk.scan(copy.code, end="Tab" if place % 2 else "Enter")
        desk.page.wait_for_timeout(max(0.0, (place + 1) * 0.2 - (time.monotonic() - began)) * 1000)
    desk.settled()
    found = seen()
    assert [item for _number, item in found] == [copy.id for copy in copies]
    assert [number for number, _item in found] == sorted({number for number, _item in found})
    assert desk.page.locator("#rows .entry").count() == 50
    assert "50 đọc tại chỗ" in desk.page.locator("#tally").inner_text()


def test_a_result_is_painted_within_a_fifth_of_a_second(open_desk: Open, cast: Cast) -> None:
    desk = open_desk()
    for copy in [*cast.copies, *cast.copies]:
        desk.scan(copy.code, pause=0.35)
    desk.page.wait_for_timeout(500)
    taken = desk.page.evaluate("performance.getEntriesByName('scan to paint').map((one) => one.duration)")
    assert len(taken) == 12
    assert sorted(taken)[len(taken) // 2] <= 200, taken


def test_the_same_book_again_counts_nothing_and_a_refused_one_is_asked_again(open_desk: Open, cast: Cast) -> None:
    desk, (one, two, three, four) = open_desk(), cast.copies[:4]
    desk.scan(cast.lan)
    desk.scan(one.code)
    desk.word("cuốn thứ 1")
    desk.scan(one.code)
    desk.word("vừa quét rồi")
    assert lent() == [one.id]
    for copy in (two, three):
        desk.scan(copy.code)
    desk.word("cuốn thứ 3")
    for _twice in range(2):
        desk.scan(four.code)
        desk.word("Chưa cho mượn được")
        desk.settled()
    assert len([row for row in desk.rows() if "Chưa cho mượn" in row]) == 2
    assert "Chưa cho mượn được" in (desk.page.locator("#alert").text_content() or "")


def test_after_undo_the_same_book_may_be_scanned_at_once(open_desk: Open, cast: Cast) -> None:
    desk = open_desk()
    desk.scan(cast.lan)
    desk.scan(cast.copies[0].code)
    desk.word("cuốn thứ 1")
    desk.page.keyboard.press("Control+z")
    desk.word("Đã hoàn tác")
    desk.page.locator("#reader").get_by_text("Chưa giữ cuốn nào").wait_for()
    desk.scan(cast.copies[0].code)
    desk.word("cuốn thứ 1")
    assert lent() == [cast.copies[0].id]


def test_the_next_card_is_the_next_reader(open_desk: Open, cast: Cast, school: World) -> None:
    desk = open_desk()
    for text in (cast.lan, cast.copies[0].code, cast.bao, cast.copies[1].code):
        desk.scan(text)
    desk.settled()
    desk.page.locator("#reader").get_by_text("Đàm Quốc Bảo").wait_for()
    loans = {loan.item_id: loan.membership.person.full_name for loan in school.session.query(Loan) if loan.membership}
    assert loans == {cast.copies[0].id: "Hoàng Thị Mai Lan", cast.copies[1].id: "Đàm Quốc Bảo"}


def test_a_minute_without_a_scan_closes_the_reader(open_desk: Open, cast: Cast) -> None:
    desk = open_desk()
    desk.page.clock.install()
    desk.scan(cast.lan)
    desk.word("Đang mượn cho")
    desk.page.clock.fast_forward(61_000)
    desk.page.get_by_text("Chưa chọn bạn đọc").wait_for()
    desk.scan(cast.copies[0].code)
    desk.settled()
    assert lent() == []


def test_returns_only_never_lends(open_desk: Open, cast: Cast) -> None:
    desk, book = open_desk(), cast.copies[0]
    desk.scan(cast.lan)
    desk.scan(book.code)
    desk.word("cuốn thứ 1")
    desk.page.keyboard.press("Alt+t")
    assert desk.page.locator("#context").inner_text() == "Chỉ nhận trả"
    desk.scan(book.code)
    desk.word("Trả xong")
    desk.scan(cast.copies[1].code)
    desk.word("không ai đang mượn")
    assert lent() == []
    desk.page.reload()
    desk.until("document.querySelector('#returns').getAttribute('aria-pressed') === 'true'")


def test_a_reload_keeps_the_reader_and_the_rows(open_desk: Open, cast: Cast) -> None:
    desk = open_desk()
    desk.scan(cast.lan)
    desk.scan(cast.copies[0].code)
    desk.word("cuốn thứ 1")
    desk.go()
    desk.page.locator("#reader").get_by_text("Hoàng Thị Mai Lan").wait_for()
    assert len(desk.rows()) == 1
    desk.scan(cast.copies[1].code)
    desk.word("cuốn thứ 2")
    desk.page.keyboard.press("Control+z")
    desk.word("Đã hoàn tác")
    desk.page.keyboard.press("Control+z")
    desk.count("#rows .is-undone", 2)
    assert lent() == []


def test_results_sound_in_order(open_desk: Open, cast: Cast) -> None:
    desk = open_desk()
    desk.page.evaluate(
        """() => {
          window.heard = [];
          const start = OscillatorNode.prototype.start;
          OscillatorNode.prototype.start = function (at) {
            window.heard.push([this.frequency.value, at]);
            return start.call(this, at);
          };
        }"""
    )
    desk.scan(cast.copies[0].code)
    desk.word("không ai đang mượn")
    desk.scan(cast.lan)
    desk.word("Đang mượn cho")
    desk.scan(cast.copies[1].code)
    desk.word("Được mượn")
    tones = desk.page.evaluate("window.heard")
    assert [hertz for hertz, _at in tones] == [220, 660, 880, 880]
    assert [at for _hertz, at in tones] == sorted(at for _hertz, at in tones)
    desk.page.locator("#sound").click()
    desk.scan(cast.copies[2].code)
    desk.word("cuốn thứ 2")
    assert len(desk.page.evaluate("window.heard")) == 4
