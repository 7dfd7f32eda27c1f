"""Lost connection, reload, double send, another account: nothing lost, nothing doubled."""

import functools
import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, request
from playwright.sync_api import Route
from sqlalchemy import func, select

from library.core.db import db
from library.inbox.models import Entry
from library.loans.models import Loan
from tests.browser.conftest import Cast, DeskInBrowser, lent, seen, sign_in
from tests.support.people import account, commit
from tests.support.world import World

Open = Callable[..., DeskInBrowser]
SCANS = "**/desk/scans"


def cut(desk: DeskInBrowser) -> None:
    """Scans go nowhere; pages still come."""
    desk.context.route(SCANS, lambda route: route.abort())


def wait_for(desk: DeskInBrowser, true: Callable[[], bool]) -> None:
    latest = time.monotonic() + 10
    while not true():
        assert time.monotonic() < latest
        desk.page.wait_for_timeout(30)


def mend(desk: DeskInBrowser) -> None:
    desk.context.unroute(SCANS)
    desk.page.evaluate("dispatchEvent(new Event('online'))")


def test_scans_without_a_connection_survive_a_reload_and_arrive_once(open_desk: Open, cast: Cast) -> None:
    desk, books = open_desk(), cast.copies[:3]
    desk.context.set_offline(True)
    desk.scan(cast.lan)
    desk.word("Mất kết nối")
    for book in books:
        desk.scan(book.code)
    desk.page.get_by_text("đang giữ đủ 4 lượt").wait_for()
    assert desk.page.locator("#offline").inner_text() == "4 chưa gửi"
    assert desk.page.locator("#rows .is-waiting", has_text="Đã giữ, chờ gửi").count() == 4
    cut(desk)
    desk.context.set_offline(False)
    desk.go()
    desk.count("#rows .is-waiting", 4)
    assert lent() == []
    mend(desk)
    desk.settled()
    desk.count("#rows .is-waiting", 0)
    assert lent() == [book.id for book in books]
    assert seen() == [(number, book.id) for number, book in enumerate(books, 2)]
    assert desk.page.locator("#offline").is_hidden()
    desk.go()
    assert desk.waiting() == 0
    assert len(lent()) == 3


def test_an_answer_that_never_arrived_is_asked_for_again(open_desk: Open, cast: Cast) -> None:
    desk, books, done = open_desk(), cast.copies[:3], []

    def answer_is_lost(route: Route) -> None:
        """The server does it, the page does not hear of it."""
        uid = json.loads(route.request.post_data or "")["uid"]
        if uid in done:
            route.continue_()
            return
        done.append(uid)
        assert route.fetch().status == 200
        route.abort()

    desk.context.route(SCANS, answer_is_lost)
    for text in (cast.lan, *(book.code for book in books)):
        desk.scan(text)
    desk.settled()
    assert lent() == [book.id for book in books]
    assert db.session.scalar(select(func.count()).select_from(Loan)) == 3
    assert set(db.session.scalars(select(Entry.arrivals))) == {2}
    assert len(desk.rows()) == 3


@pytest.mark.parametrize("slow", [0.0, 0.7], ids=["at-once", "slowly"])
def test_a_reload_between_sending_and_answer_doubles_nothing(open_desk: Open, cast: Cast, slow: float) -> None:
    """Slow answers: the scans stand in the rows as waiting, beside what the server drew of them."""

    def answer(route: Route) -> None:
        time.sleep(slow)
        route.continue_()

    desk, held = open_desk(), []
    desk.scan(cast.lan)
    desk.word("Đang mượn cho")
    desk.context.route(SCANS, lambda route: held.append(route.fetch().status))
    desk.scan(cast.copies[0].code)
    desk.scan(cast.copies[1].code)
    wait_for(desk, lambda: held == [200] and desk.waiting() == 2)
    # Unrouting lets the held scan go on, and the page that is left may hear of it, and of the next, or not.
    desk.context.unroute(SCANS)
    desk.context.route(SCANS, answer)
    desk.go()
    desk.settled()
    # After a slow reload the answers are no news any more: they stand in the rows, not in the banner.
    desk.until("document.querySelectorAll('#rows .entry').length === 2")
    assert lent() == [copy.id for copy in cast.copies[:2]]


@dataclass
class Slow:
    """The two requests of a reload held up in the server until the other has come so far."""

    app: Flask

    def view(self, endpoint: str, before: Callable[[], object], after: Callable[[], object]) -> None:
        """Hold one view up before its work and after it, until the callables return."""
        work = self.app.view_functions[endpoint]

        @functools.wraps(work)
        def slow(**places: Any) -> Any:
            if request.method == "HEAD":  # the kept page asks for its policy
                return work(**places)
            before()
            answer = work(**places)
            after()
            return answer

        self.app.view_functions[endpoint] = slow


@pytest.mark.parametrize("order", ["drawn-done-heard", "drawn-left-done", "done-drawn-left"])
def test_a_page_drawn_around_a_scan_shows_it_once(app: Flask, open_desk: Open, cast: Cast, order: str) -> None:
    """The scan is on its way while the page is asked for anew: in whichever order the server draws, does and answers."""
    desk, drawn, done, left = open_desk(), threading.Event(), threading.Event(), threading.Event()
    desk.scan(cast.lan)
    desk.word("Đang mượn cho")
    desk.scan(cast.copies[0].code)
    desk.word("cuốn thứ 1")
    if order == "drawn-done-heard":
        scan = (lambda: drawn.wait(9), done.set)
        page = (lambda: None, lambda: (drawn.set(), done.wait(9), time.sleep(0.5)))
    elif order == "drawn-left-done":
        scan = (lambda: left.wait(9), done.set)
        page = (lambda: None, drawn.set)
    else:
        scan = (lambda: None, lambda: (done.set(), left.wait(9)))
        page = (lambda: done.wait(9), drawn.set)
    slow = Slow(app)
    slow.view("loans.scan", *scan)
    slow.view("loans.show_desk", *page)
    desk.scan(cast.copies[1].code)
    wait_for(desk, lambda: desk.waiting() == 1)
    desk.go()
    left.set()
    desk.count("#rows .entry", 2)
    desk.settled()
    desk.until("document.querySelector('#tally').textContent.startsWith('hôm nay: 2 ')")
    assert lent() == [copy.id for copy in cast.copies[:2]]
    titles = desk.page.locator("#rows .entry-code").all_inner_texts()
    assert titles == [copy.code for copy in reversed(cast.copies[:2])], "newest first"


def test_what_is_undone_before_it_was_sent_never_happened(open_desk: Open, cast: Cast) -> None:
    desk, (one, two) = open_desk(), cast.copies[:2]
    desk.scan(cast.lan)
    desk.word("Đang mượn cho")
    cut(desk)
    desk.scan(one.code)
    desk.scan(two.code)
    desk.page.get_by_text("đang giữ đủ 2 lượt").wait_for()
    desk.page.keyboard.press("Control+z")
    desk.page.get_by_text("đang giữ đủ 1 lượt").wait_for()
    desk.page.keyboard.press("Control+z")
    mend(desk)
    desk.count("#rows .is-undone", 2)
    desk.settled()
    assert lent() == []
    assert [item for _number, item in seen()] == [one.id], "lent and undone; the second book was never sent"
    assert db.session.scalar(select(func.count()).select_from(Entry)) == 3


def test_a_signed_out_desk_keeps_what_was_scanned(open_desk: Open, cast: Cast) -> None:
    desk = open_desk()
    desk.scan(cast.lan)
    desk.word("Đang mượn cho")
    desk.context.clear_cookies()
    desk.scan(cast.copies[0].code)
    desk.word("Phiên làm việc đã hết")
    link = desk.page.locator("#result a")
    assert (link.get_attribute("href") or "").startswith("/sign-in?next=")
    assert desk.waiting() == 1
    sign_in(desk.context, desk.server, "ha")
    desk.page.evaluate("dispatchEvent(new Event('focus'))")
    desk.word("cuốn thứ 1")
    assert lent() == [cast.copies[0].id]


def test_another_account_does_not_send_what_it_did_not_scan(open_desk: Open, cast: Cast, school: World) -> None:
    account(school, login="mai")
    commit()
    desk = open_desk()
    cut(desk)
    desk.scan(cast.lan)
    desk.scan(cast.copies[0].code)
    desk.page.get_by_text("đang giữ đủ 2 lượt").wait_for()
    desk.context.clear_cookies()
    sign_in(desk.context, desk.server, "mai")
    desk.context.unroute(SCANS)
    desk.go()
    desk.page.get_by_text("2 lượt của Lường Thị Hà chưa gửi").wait_for()
    desk.scan(cast.copies[1].code)
    desk.word("không ai đang mượn")
    assert desk.waiting() == 2
    assert lent() == []
    desk.context.clear_cookies()
    sign_in(desk.context, desk.server, "ha")
    desk.go()
    desk.settled()
    assert lent() == [cast.copies[0].id]


def test_a_closed_windows_scans_are_sent_by_the_next_one(open_desk: Open, cast: Cast) -> None:
    first = open_desk()
    second = open_desk(context=first.context)
    cut(first)
    first.page.bring_to_front()
    first.scan(cast.lan)
    first.scan(cast.copies[0].code)
    first.page.get_by_text("đang giữ đủ 2 lượt").wait_for()
    second.page.bring_to_front()
    second.scan(cast.bao)
    second.scan(cast.copies[1].code)
    second.page.get_by_text("đang giữ đủ 2 lượt").wait_for()
    first.page.close(run_before_unload=False)
    second.page.close(run_before_unload=False)
    first.context.unroute(SCANS)
    third = open_desk(context=first.context)
    third.settled()
    assert sorted(lent()) == [cast.copies[0].id, cast.copies[1].id]
    readers = {loan.membership_id for loan in db.session.scalars(select(Loan))}
    assert len(readers) == 2


def test_two_windows_work_side_by_side(open_desk: Open, cast: Cast) -> None:
    first = open_desk()
    second = open_desk(context=first.context)
    for desk, card, copy in ((first, cast.lan, 0), (second, cast.bao, 1), (first, None, 2), (second, None, 3)):
        desk.page.bring_to_front()
        if card:
            desk.scan(card)
        desk.scan(cast.copies[copy].code)
        desk.settled()
    loans = {loan.item_id: loan.membership_id for loan in db.session.scalars(select(Loan))}
    one, two, three, four = (loans[copy.id] for copy in cast.copies[:4])
    assert (one, two) == (three, four)
    assert one != two


def test_without_storage_the_desk_says_so_and_works_on(open_desk: Open, cast: Cast) -> None:
    desk = open_desk()
    desk.page.add_init_script(
        "IDBFactory.prototype.open = () => { throw new DOMException('no', 'QuotaExceededError'); };"
    )
    desk.go()
    desk.page.locator(".notes", has_text="không cất được lượt chưa gửi").wait_for()
    for text in (cast.lan, cast.copies[0].code):
        desk.scan(text)
    desk.word("cuốn thứ 1")
    cut(desk)
    desk.scan(cast.copies[1].code)
    desk.page.locator("#result").get_by_text("Đừng đóng trang này").wait_for()
    mend(desk)
    desk.word("cuốn thứ 2")
    assert len(lent()) == 2


def test_what_waits_can_be_saved_as_a_file(open_desk: Open, cast: Cast, tmp_path: Path) -> None:
    desk = open_desk()
    cut(desk)
    desk.scan(cast.copies[0].code)
    desk.page.get_by_text("đang giữ đủ 1 lượt").wait_for()
    desk.page.keyboard.press("?")
    with desk.page.expect_download() as download:
        desk.page.get_by_role("button", name="Lưu lượt chưa gửi ra tệp").click()
    download.value.save_as(tmp_path / "kept.json")
    (act,) = json.loads((tmp_path / "kept.json").read_text())["acts"]
    assert (act["code"], act["body"]["code"], act["number"]) == (cast.copies[0].code, cast.copies[0].code, 1)


def test_a_server_in_trouble_is_tried_again_and_then_passed_by(open_desk: Open, cast: Cast) -> None:
    desk, asked = open_desk(), []

    def trouble(route: Route) -> None:
        body = json.loads(route.request.post_data or "")
        asked.append(body["code"])
        if body["code"] == cast.copies[0].code:
            route.fulfill(status=500, content_type="application/problem+json", body='{"status": 500, "reasons": []}')
        else:
            route.continue_()

    desk.context.route(SCANS, trouble)
    desk.scan(cast.copies[0].code)
    desk.word("máy để riêng lượt này")
    desk.scan(cast.copies[1].code)
    desk.word("không ai đang mượn")
    assert asked.count(cast.copies[0].code) == 3
    desk.context.unroute(SCANS)
    desk.page.keyboard.press("?")
    desk.page.get_by_role("button", name="Gửi lại lượt để riêng").click()
    desk.settled()
    assert [item for _number, item in seen()] == [cast.copies[1].id, cast.copies[0].id]
