"""A teacher's day on a phone of 360 px: the shelf is filled, ten books go out and come back, a box is swapped, reading is
logged, the shelf is handed over. Every tap and scan is counted."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page
from sqlalchemy import func, select

from library.core.db import db
from library.holdings.models import Item
from library.loans.models import Loan, still_out
from library.shelves import shelf_codes, stock
from library.shelves.models import Handover, Shelf, ShelfTenure
from library.uses.models import DocumentUse
from tests.browser.conftest import sign_in, watched
from tests.support.looks import TELEPHONE, fits
from tests.support.people import account
from tests.support.policies import lends
from tests.support.shelves import put, school_class, shelf, teacher
from tests.support.world import World

NAMES = (
    "Hà Gia An", "Lý Thị Ánh", "Đàm Quốc Bảo", "Ma Văn Bình", "Nông Đức Cường", "Bế Thị Diệp", "Hoàng Anh Dũng", "Triệu Đạt",
    "Vi Thị Hoa", "Lê Minh Huy",
)  # fmt: skip


@dataclass
class Day:
    """The school in plain words, that no session holds."""

    mine: str
    theirs: str
    code: str
    books: list[str]
    box: list[str]


@pytest.fixture
def day(app: Flask, world: World) -> Day:
    of, other = school_class(world, "4A"), school_class(world, "4B")
    thu, ba = teacher(world, of), teacher(world, other, "ba", "Bế Văn Ba")
    account(world)
    lends(db.session(), world.school().id, most=2)
    for name in NAMES:
        world.patron(name, class_name="4A")
        world.patron(name, class_name="4B")
    mine, theirs = shelf(world, of, keeper=thu), shelf(world, other, keeper=ba)
    books = [world.items(1, record=world.record(f"Sách tủ {number}"))[0] for number in range(10)]
    box = [world.items(1, record=world.record(f"Sách hộp {number}"))[0] for number in range(10)]
    put(world, theirs, box)
    world.session.commit()
    told = Day(
        str(mine.uid), str(theirs.uid), shelf_codes.printed(db.session(), mine), [one.accession or "" for one in books],
        [one.accession or "" for one in box],
    )  # fmt: skip
    db.session.rollback()
    return told


@dataclass
class Phone:
    """Somebody's phone, which counts what is done with it."""

    context: BrowserContext
    page: Page
    server: str
    said: list[str] = field(default_factory=list)
    taps: int = 0
    scans: int = 0

    def go(self, path: str) -> None:
        self.page.goto(self.server + path)
        assert fits(self.page), path

    def tap(self, what: str, role: str = "button", exact: bool = False) -> None:
        self.page.get_by_role(role, name=what, exact=exact).first.tap()  # type: ignore[arg-type]
        self.taps += 1

    def scan(self, code: str, line: str = "#text") -> None:
        self.page.locator(line).fill(code)
        self.page.locator(line).press("Enter")
        self.scans += 1

    def word(self, text: str, where: str = ".result-word") -> None:
        self.page.locator(where, has_text=text).first.wait_for(timeout=8000)

    def began(self) -> "Phone":
        self.taps = self.scans = 0
        return self


@pytest.fixture
def phones(chromium: Browser, server: str, day: Day) -> Iterator[dict[str, Phone]]:
    """cô Hà of the library, cô Thu of 4A, thầy Ba of 4B."""
    made = {}
    for login in ("ha", "thu", "ba"):
        context = chromium.new_context(**TELEPHONE)
        sign_in(context, server, login)
        made[login] = Phone(context, context.new_page(), server)
        watched(made[login].page, made[login].said)
    yield made
    for one in made.values():
        one.context.close()
    assert [one.said for one in made.values()] == [[], [], []]


def titles(uid: str) -> set[str]:
    """What belongs on a shelf now."""
    db.session.rollback()
    place = db.session.scalars(select(Shelf.place_id).where(Shelf.uid == UUID(uid))).one()
    found = {one.title for one in stock.listed(db.session(), place)}
    db.session.rollback()
    return found


def number(query: Any) -> int:
    db.session.rollback()
    found = db.session.scalar(query) or 0
    db.session.rollback()
    return int(found)


OUT = select(func.count(Loan.id)).where(still_out())


def fill(librarian: Phone, keeper: Phone, day: Day) -> None:
    """The code of the shelf, ten books, not a key between them; one tap gives, one tap takes."""
    librarian.go("/shelves/fill")
    librarian.began().scan(day.code, "#code")
    librarian.page.locator("#chosen .scanline-context").wait_for()
    for at, code in enumerate(day.books, 1):
        librarian.scan(code, "#code")
        librarian.page.locator(".fill-count .big-num", has_text=str(at)).wait_for()
    assert (librarian.scans, librarian.taps) == (11, 0)
    librarian.tap("Giao tủ cho")
    librarian.page.get_by_text("chờ nhận").first.wait_for()
    keeper.go(f"/shelves/{day.mine}")
    keeper.tap("Xem và nhận", "link")
    keeper.began().tap("Nhận đủ 10 cuốn")
    keeper.page.get_by_text("Đã nhận 10 cuốn vào tủ.").wait_for()
    assert keeper.taps == 1
    assert titles(day.mine) == {f"Sách tủ {one}" for one in range(10)}


def lend_and_return(keeper: Phone, day: Day) -> None:
    """A name and a scan each; then ten scans."""
    keeper.go(f"/shelves/{day.mine}/scan")
    keeper.began()
    for name, code in zip(NAMES, day.books, strict=True):
        called = name.rpartition(" ")[2]
        keeper.page.locator(".name", has_text=called).first.tap()
        keeper.taps += 1
        keeper.page.locator(".who-now", has_text=called).wait_for()
        keeper.scan(code)
        keeper.word(f"Đã cho {called} mượn")
    assert (keeper.taps, keeper.scans) == (10, 10)
    assert number(OUT) == 10
    keeper.go(f"/shelves/{day.mine}")
    assert keeper.page.locator(".pupils .pupil").count() == 10
    keeper.go(f"/shelves/{day.mine}/scan")
    keeper.began()
    for name, code in zip(NAMES, day.books, strict=True):
        keeper.scan(code)
        keeper.word(f"{name} trả xong")
    assert (keeper.taps, keeper.scans) == (0, 10)
    assert number(OUT) == 0
    assert number(select(func.sum(DocumentUse.quantity)).where(DocumentUse.channel == "class")) == 10


def swap(librarian: Phone, keeper: Phone, other: Phone, day: Day) -> None:
    """A plan for two classes; each teacher says given and taken with a tap each."""
    librarian.go("/shelves/swaps")
    for box in librarian.page.locator("input[name=shelf]").all():
        box.check()
    librarian.tap("Lập lịch", exact=True)
    librarian.page.locator("h1").first.wait_for()
    for who, uid in ((keeper, day.mine), (other, day.theirs)):
        who.go(f"/shelves/{uid}/swap")
        who.began()
        for word in ("Đã đưa", "Đã nhận"):
            who.tap(word, exact=True)
            who.page.wait_for_load_state()
            who.page.wait_for_timeout(300)
        assert who.taps == 2
    assert titles(day.mine) == {f"Sách hộp {one}" for one in range(10)}
    assert titles(day.theirs) == {f"Sách tủ {one}" for one in range(10)}


def log(keeper: Phone, day: Day) -> None:
    """The whole class read one in class: two taps."""
    keeper.go(f"/shelves/{day.mine}/log")
    keeper.began().tap("Cả lớp")
    keeper.tap("Ghi ")
    keeper.page.locator(".log-recent li").first.wait_for()
    assert keeper.taps <= 40
    assert number(select(func.sum(DocumentUse.quantity)).where(DocumentUse.item_id.is_(None))) == 10


def hand_over(keeper: Phone, other: Phone, day: Day) -> None:
    """cô Thu gives, thầy Ba signs: he keeps the shelf, and the minutes have their number."""
    keeper.go(f"/shelves/{day.mine}/handovers")
    keeper.page.locator("select[name=to]").select_option(label="Bế Văn Ba")
    keeper.tap("Giao 10 cuốn")
    keeper.page.get_by_text("Chờ người nhận ký.").wait_for()
    paper = keeper.page.url.removeprefix(keeper.server)
    other.began().go("/shelves")
    other.tap("Xem và ký", "link")
    other.tap("Ký nhận 10 cuốn")
    other.page.get_by_text("Đã ký nhận.").first.wait_for()
    assert other.taps == 2, "told where the day begins"
    assert other.context.request.get(f"{other.server}{paper}/minutes.pdf").body()[:5] == b"%PDF-"
    db.session.rollback()
    kept = select(ShelfTenure.keeper_name).join(Shelf, Shelf.id == ShelfTenure.shelf_id)
    assert db.session.scalars(kept.where(Shelf.uid == UUID(day.mine), ShelfTenure.to_on.is_(None))).one() == "Bế Văn Ba"
    db.session.rollback()
    assert number(select(func.count(Handover.id)).where(Handover.number.is_not(None))) == 2


def test_the_whole_day(phones: dict[str, Phone], day: Day) -> None:
    librarian, keeper, other = phones["ha"], phones["thu"], phones["ba"]
    fill(librarian, keeper, day)
    lend_and_return(keeper, day)
    swap(librarian, keeper, other, day)
    log(keeper, day)
    hand_over(keeper, other, day)
    assert number(select(func.count(Item.id)).where(Item.register_status != "listed")) == 0
