"""Moment 24 (peers.md §5): 200 books picked by 200 scans, eight crates sealed by eight, sent and printed by one press."""

from collections.abc import Iterator
from typing import Any

import pypdfium2
import pytest
from flask import Flask, request_finished
from playwright.sync_api import Browser

from library.core import clock
from library.core.db import db
from library.rotation import crates
from library.rotation.models import Batch, BatchState, LegLine
from tests.browser.conftest import DeskInBrowser
from tests.support import rotation
from tests.support.looks import DESK, PHONE, complaints
from tests.support.people import commit
from tests.support.visiting import browsing, count_presses
from tests.support.world import World

BOOKS, CRATES = 200, 8


@pytest.fixture
def browse(chromium: Browser, server: str) -> Iterator[Any]:
    with browsing(chromium, server) as browse:
        yield browse


def batch(world: World, count: int, boxes: int = 0) -> tuple[Batch, list[str], list[str]]:
    """A batch that was approved; accession numbers of its books, and what stands on the labels of its crates."""
    rotation.account(world, "tu")
    items = rotation.stock(world, count)
    of = rotation.batch(world, [rotation.school_site(world)], items)
    if boxes:
        crates.new_many(world.session(), rotation._doing(of.depot.branch_id), of, boxes)
    labels = [load.code for load in crates.loads(world.session(), of.id)]
    return of, [str(item.accession) for item in items], labels


def ready(desk: DeskInBrowser) -> None:
    desk.until("document.querySelector('#scan').dataset.ready === '1'", 40)


def says(desk: DeskInBrowser, words: str) -> None:
    desk.until(f"document.querySelector('#result .result-word')?.textContent.includes({words!r}) === true", 90)


def state_of(batch_id: int) -> tuple[BatchState, int]:
    """Nothing stays open behind it: the server waits for whoever might write."""
    found = db.session().get_one(Batch, batch_id).state, db.session().query(LegLine).count()
    db.session.rollback()
    return found


def test_two_hundred_books_eight_seals_and_one_press(app: Flask, world: World, browse: Any) -> None:
    of, books, labels = batch(world, BOOKS, CRATES)
    address, batch_id = f"/rotation/batches/{of.uid}/pick", of.id
    commit()
    desk = browse("tu", DESK, address)
    ready(desk)
    began, scans, each, presses = clock.now(), 0, BOOKS // CRATES, count_presses(desk.page)
    for number, label in enumerate(labels):
        for code in [*books[number * each : (number + 1) * each], label]:
            desk.scan(code)
            scans += 1
    says(desk, f"Đã niêm phong thùng {CRATES}")
    took = (clock.now() - began).total_seconds()
    assert scans == BOOKS + CRATES
    printed: list[bytes] = []

    def note(_app: Flask, response: Any, **_more: Any) -> None:
        if response.mimetype == "application/pdf":
            printed.append(response.get_data())

    request_finished.connect(note, app)
    desk.page.get_by_role("button", name=f"Giao {BOOKS} bản và in giấy").click()
    desk.page.wait_for_url("**/papers")
    for _moment in range(400):
        if printed:
            break
        desk.page.wait_for_timeout(50)
    assert state_of(batch_id) == (BatchState.IN_TRANSIT, BOOKS)
    pages = [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(printed[0])]
    assert sum("ĐẠI DIỆN BÊN GIAO" in page for page in pages) == 2
    assert sum("PHIẾU THÙNG SÁCH" in page for page in pages) == CRATES
    assert presses() == 1
    print(f"moment 24: {scans} scans, {presses()} press; {took:.1f} s")


def test_a_question_is_answered_by_scanning_again_and_ctrl_z_takes_it_back(
    app: Flask, world: World, browse: Any
) -> None:
    items = rotation.stock(world, 2, copies=2)
    rotation.account(world, "tu")
    of = rotation.batch(world, [rotation.school_site(world)], items[:1])
    spare, address = str(items[1].accession), f"/rotation/batches/{of.uid}/pick"
    commit()
    desk = browse("tu", DESK, address)
    ready(desk)
    desk.scan(spare)
    says(desk, "cùng nhan đề")
    desk.scan(spare)
    says(desk, "Đã lấy")
    desk.page.keyboard.press("Control+z")
    says(desk, "Đã hoàn tác")


@pytest.mark.parametrize("size", [DESK, PHONE])
def test_pages_are_for_everybody(app: Flask, world: World, browse: Any, size: tuple[int, int]) -> None:
    of, books, labels = batch(world, 6, 2)
    at = f"/rotation/batches/{of.uid}"
    crate = f"/rotation/crates/{rotation.crates_of(world, of)[0].uid}"
    commit()
    desk = browse("tu", size, f"{at}/pick")
    ready(desk)
    for code in [books[0], "8935244801234", labels[1], books[1]]:
        desk.scan(code)
    says(desk, "thùng 2")
    for address in (f"{at}/pick", f"{at}/pull", f"{at}/send", f"{at}/papers", crate):
        desk.page.goto(desk.server + address)
        assert complaints(desk.page) == [], address
