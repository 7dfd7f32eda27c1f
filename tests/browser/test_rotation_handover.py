"""Moments 25 and 26 (peers.md §5): two hundred books received by eight scans and a signature; a batch passed on, three missing.
And the looks of every page on the way."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser

from library.accounts.models import RoleName
from library.core import clock
from library.core.db import db
from library.rotation import crates, picking, proof, sending, settling_lines, sums
from library.rotation.models import Batch, Leg, LegLine, LegOutcome
from library.rotation.sums import Sums
from tests.browser.conftest import DeskInBrowser
from tests.rotation.way import doing, items_of, scan
from tests.support import rotation as made
from tests.support.looks import DESK, PHONE, complaints
from tests.support.people import commit
from tests.support.visiting import browsing, count_presses
from tests.support.world import World

A_SCAN, A_PRESS = 3.0, 4.0
"""Seconds somebody takes to lift a book and scan it, to find a button and press it."""
XUAT_HOA = "Trường Tiểu học Xuất Hóa"


@pytest.fixture
def browse(chromium: Browser, server: str) -> Iterator[Any]:
    with browsing(chromium, server) as browse:
        yield browse


def cast(world: World) -> None:
    made.account(world, "tu")
    made.account(world, "thao")
    made.account(world, "ha", RoleName.LIBRARIAN, world.school(XUAT_HOA))


def on_its_way(world: World, count: int, boxes: int) -> Leg:
    """Picked, sealed in so many crates and sent through the real functions."""
    cast(world)
    of = made.batch(world, [made.school_site(world)], made.stock(world, count))
    branch, session = of.depot.branch_id, world.session()
    items, each = [line.item_id for line in made.lines_of(world, of)], count // boxes
    for number, box in enumerate(crates.new_many(session, doing(branch), of, boxes)):
        picking.pick_many(session, doing(branch), of, items[number * each : (number + 1) * each], box)
        crates.seal(session, doing(branch), box, f"00{731 + number}")
    leg = made.legs_of(world, of)[0]
    sending.send(session, doing(branch), leg, made.signer(world, "tu"))
    session.expire_all()
    return leg


def ready(desk: DeskInBrowser) -> None:
    desk.until("document.querySelector('#scan').dataset.ready === '1'", 40)


def told(batch: int) -> Sums:
    found = sums.of(db.session(), batch)
    db.session.rollback()
    return found


def test_two_hundred_books_are_received_by_eight_scans_and_one_press(app: Flask, world: World, browse: Any) -> None:
    leg = on_its_way(world, 200, 8)
    labels, batch = [one.code for one in crates.loads(world.session(), leg.batch_id)], leg.batch_id
    address, one, leg_id = f"/rotation/legs/{leg.uid}/receive", items_of(world, leg)[0], leg.id
    commit()
    desk = browse("ha", PHONE, address)
    ready(desk)
    began, presses = clock.now(), count_presses(desk.page)
    for text in labels:
        desk.scan(text)
    desk.until("document.querySelectorAll('.way-crates .is-seen').length === 8", 40)
    desk.page.get_by_role("button", name="Ký nhận").click()
    desk.until("document.body?.textContent.includes('Đã nhận 200 trong 200 cuốn')", 60)
    assert presses() == 1
    print(
        f"moment 25: 200 books in {(clock.now() - began).total_seconds():.1f} s: {len(labels)} scans, {presses()} press"
    )
    assert (told(batch).received, told(batch).asserted, told(batch).proved) == (200, 200, 0)
    leg = world.session.get_one(Leg, leg_id)
    assert leg.contest_until and (leg.contest_until - clock.today()).days == 14
    assert leg.to_site
    scan(world, one, leg.to_site.place)
    commit()
    assert (told(batch).asserted, told(batch).proved) == (199, 1), "any later scan proves"


def test_passed_on_with_three_missing_the_debt_follows_the_last_signature(
    app: Flask, world: World, browse: Any
) -> None:
    leg = on_its_way(world, 40, 2)
    made.received(world, leg)
    post = made.site(world, "Trường Tiểu học Sông Cầu", world.school("Trường Tiểu học Sông Cầu"))
    made.account(world, "sc", RoleName.LIBRARIAN, world.school("Trường Tiểu học Sông Cầu"))
    codes = [str(one.accession) for one in items_of(world, leg)]
    batch, uid, post_uid = leg.batch_id, leg.batch.uid, str(post.uid)
    commit()
    here = browse("ha", DESK, f"/rotation/batches/{uid}/forward")
    ready(here)
    giving = count_presses(here.page)
    here.page.get_by_label("Chuyển đến").select_option(post_uid)
    for text in codes[3:]:
        here.scan(text)
    here.until("document.getElementById('scan-said').textContent.includes('37')", 60)
    here.page.get_by_role("button", name="Cuốn chưa quét là thiếu").click()
    assert here.page.locator('[name="missing"]:checked').count() == 3
    here.page.get_by_role("button", name="Ký giao").click()
    here.until("document.body?.textContent.includes('chưa ký')", 60)
    assert giving() == 2, "and two for the list of sites"
    there = browse("sc", PHONE, f"/rotation/batches/{uid}/forward")
    taking = count_presses(there.page)
    there.page.get_by_role("link", name="Bên nhận ký").click()
    ready(there)
    there.page.get_by_text("Quét từng cuốn", exact=True).click()
    for text in codes[3:]:
        there.scan(text)
    there.until("document.getElementById('scan-said').textContent.includes('37')", 60)
    there.page.get_by_role("button", name="Ký nhận").click()
    there.until("document.body?.textContent.includes('Đã nhận 37 trong 40 cuốn')", 60)
    assert taking() == 3
    scans, presses = 2 * len(codes[3:]), giving() + 2 + taking()
    print(f"moment 26: {scans} scans, {presses} presses: {scans * A_SCAN + presses * A_PRESS:.0f} s of the hands")
    assert scans * A_SCAN + presses * A_PRESS < 6 * 60
    found = told(batch)
    assert (found.sent, found.received, found.short, found.proved) == (40, 37, 3, 37) and found.agree
    owed = settling_lines.owed(db.session(), Batch.id == batch)
    assert {(one.answers, one.site) for one in owed} == {(made.NAMES["ha"], XUAT_HOA)} and len(owed) == 3
    db.session.rollback()


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_the_pages_are_readable_by_everybody(app: Flask, world: World, browse: Any, size: tuple[int, int]) -> None:
    leg = on_its_way(world, 12, 2)
    site = leg.to_site
    assert site
    serving = made.received(
        world, made.sent(world, made.packed(world, made.batch(world, [site], made.stock(world, 6))))
    )
    query = world.session.query(LegLine).filter(LegLine.leg_id == serving.id)
    gone = query.order_by(LegLine.item_id).first()
    assert gone
    gone.outcome, gone.answers_name, gone.asserted_at = LegOutcome.SHORT, "Thư viện tỉnh Bắc Kạn", None
    home = made.received(world, made.sent(world, made.packed(world, made.batch(world, [site], made.stock(world, 4)))))
    made.received(world, made.sent(world, home.batch, 2, by="ha"), by="thao")
    addresses = [
        f"/rotation/legs/{leg.uid}/receive", f"/rotation/legs/{serving.uid}/receive", "/rotation/owed",
        f"/rotation/batches/{serving.batch.uid}/forward", f"/rotation/batches/{serving.batch.uid}/home",
        f"/rotation/legs/{serving.uid}/extend", f"/rotation/batches/{home.batch.uid}/close",
        f"/rotation/sites/{site.uid}/floating",
    ]  # fmt: skip
    commit()
    desk = browse("tu", size, addresses[0])
    found = {}
    for address in addresses:
        desk.page.goto(desk.server + address)
        if said := complaints(desk.page):
            found[address.rsplit("/", 1)[-1]] = said
    assert found == {}


def test_scripts_prove_nothing_that_was_not_scanned(app: Flask, world: World, browse: Any) -> None:
    """A code that the list does not know is kept and told when it is signed; the same twice counts once."""
    leg = on_its_way(world, 12, 2)
    mine, stray = items_of(world, leg)[0], world.item(world.school("Trường Tiểu học Đức Xuân"))
    batch, code, other, leg_id = leg.batch_id, str(mine.accession), str(stray.accession), leg.id
    address = f"/rotation/legs/{leg.uid}/receive"
    commit()
    desk = browse("tu", PHONE, address)
    assert desk.page.get_by_text("đã ký giao").count() == 1
    desk = browse("ha", PHONE, address)
    ready(desk)
    desk.page.get_by_text("Nhận theo danh mục", exact=True).click()
    desk.page.get_by_text("Quét từng cuốn", exact=True).click()
    for text in (code, code, other):
        desk.scan(text)
    desk.until("document.getElementById('scan-said').textContent.includes('để riêng')", 40)
    desk.page.get_by_text("Nhận theo danh mục", exact=True).click()
    desk.page.get_by_role("button", name="Ký nhận").click()
    desk.until("document.body?.textContent.includes('Trường Tiểu học Đức Xuân')", 60)
    query = db.session.query(LegLine.item_id).join(Leg, Leg.id == LegLine.leg_id)
    assert [row[0] for row in query.filter(LegLine.leg_id == leg_id, proof.proved())] == [mine.id]
    assert told(batch).received == 12
