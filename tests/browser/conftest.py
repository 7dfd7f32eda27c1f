"""A real server on a fresh database, and Chromium in front of it. Without Chromium these tests fail: nothing is skipped."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, CDPSession, ConsoleMessage, Error, Page
from sqlalchemy import select

from library.core.db import db
from library.core.fold import fold_code
from library.holdings.models import Item, ItemCode, Movement
from library.inbox.models import Act
from library.loans.models import Loan
from library.organisations import codes
from library.organisations.models import Code, CodeKind
from library.patrons.models import Card, Membership
from tests.support.chromium import CUT_SHORT
from tests.support.people import PASSWORD, account, commit
from tests.support.policies import lends
from tests.support.world import World


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.filterwarnings(CUT_SHORT))


@dataclass
class DeskInBrowser:
    """A desk as somebody sees it, with a scanner in hand."""

    context: BrowserContext
    server: str
    page: Page
    said: list[str] = field(default_factory=list)

    def go(self) -> "DeskInBrowser":
        self.page.goto(f"{self.server}/desk")
        self.until("document.querySelector('#returns').hidden === false")
        return self

    def until(self, true: str, seconds: float = 8) -> None:
        """Wait until an expression is true. (Playwright's own way evaluates text in the page, which its policy forbids.)

        Asked while one page gives way to the next, it may find neither: that is not true yet, and no fault.
        """
        latest = time.monotonic() + seconds
        while (said := self._asked(true)) is not True:
            assert time.monotonic() < latest, (
                f"never true: {true}\nit said: {said}\nrows: {self.page.locator('#rows').all_inner_texts()}"
            )
            self.page.wait_for_timeout(30)

    def _asked(self, true: str) -> bool | str:
        """Whether it is true, or what the browser said instead."""
        try:
            return bool(self.page.evaluate(true))
        except Error as fault:
            return fault.message

    def count(self, selector: str, number: int) -> None:
        """Wait until so many elements are there."""
        self.until(f"document.querySelectorAll({selector!r}).length === {number}")

    def scan(self, text: str, end: str = "Enter", pause: float = 0, gap: float = 0.008) -> None:
        """As a scanner types: fast, whatever has the focus. Its times are told, so a busy computer changes nothing."""
        at = time.time()
        for place, char in enumerate(text):
            self._press(at + place * gap, key=char, code=code_of(char), text=char)
        self._press(at + len(text) * gap, key=end, code=end, text="\r" if end == "Enter" else "")
        if pause:
            self.page.wait_for_timeout(pause * 1000)

    def _press(self, at: float, **key: str) -> None:
        number = {"Enter": 13, "Tab": 9}.get(key["key"], 0)
        shift = 8 if key["key"].isupper() and len(key["key"]) == 1 else 0
        down = {**key, "timestamp": at, "modifiers": shift, "windowsVirtualKeyCode": number}
        self.keys.send("Input.dispatchKeyEvent", {"type": "keyDown", **down})
        self.keys.send("Input.dispatchKeyEvent", {**down, "type": "keyUp", "timestamp": at + 0.003, "text": ""})

    @cached_property
    def keys(self) -> CDPSession:
        return self.context.new_cdp_session(self.page)

    def typed(self, text: str, gap: float = 60) -> None:
        """As a person types."""
        self.page.keyboard.type(text, delay=gap)

    def word(self, text: str) -> None:
        """Wait for the banner to say it."""
        self.page.locator("#result .result-word", has_text=text).wait_for(timeout=8000)

    def rows(self) -> list[str]:
        return self.page.locator("#rows .entry").all_inner_texts()

    def settled(self) -> None:
        """Wait until nothing waits for an answer any more: seen twice, for a scan is read before it is kept."""
        latest, quiet = time.monotonic() + 40, 0
        while quiet < 2:
            assert time.monotonic() < latest, "something still waits"
            quiet = 0 if self.waiting() else quiet + 1
            self.page.wait_for_timeout(50)

    def waiting(self) -> int:
        return int(self.page.evaluate(WAITING))


def code_of(char: str) -> str:
    """The key of a US keyboard, empty for characters it does not have."""
    if char.isascii() and char.isalpha():
        return f"Key{char.upper()}"
    return f"Digit{char}" if char.isdigit() else {".": "Period", "-": "Minus"}.get(char, "")


WAITING = """
(() => new Promise((done) => {
  const asked = indexedDB.open("tusach-desk", 1);
  asked.onsuccess = () => {
    const count = asked.result.transaction("acts").objectStore("acts").count();
    count.onsuccess = () => { asked.result.close(); done(count.result); };
  };
}))()
"""


def watched(page: Page, said: list[str]) -> None:
    """Everything the browser complains of: policy violations, uncaught errors."""

    def heard(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and "net::ERR" not in message.text and "status of" not in message.text:
            said.append(message.text)

    page.on("console", heard)
    page.on("pageerror", lambda error: said.append(str(error)))


@pytest.fixture
def open_desk(chromium: Browser, server: str, world: World) -> Iterator[Callable[..., DeskInBrowser]]:
    """Open the desk for an account: `open_desk("ha")`; `context=` for another window of the same browser."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def made(login: str = "ha", context: BrowserContext | None = None, **options: Any) -> DeskInBrowser:
        if context is None:
            context = chromium.new_context(**{"viewport": {"width": 1366, "height": 633}, "locale": "vi-VN", **options})
            contexts.append(context)
            sign_in(context, server, login)
        desk = DeskInBrowser(context, server, context.new_page(), complaints)
        watched(desk.page, complaints)
        return desk.go()

    yield made
    for context in contexts:
        context.unroute_all(behavior="ignoreErrors")
        context.close()
    assert complaints == []


def sign_in(context: BrowserContext, server: str, login: str) -> None:
    answer = context.request.post(f"{server}/sign-in", form={"login": login, "password": PASSWORD}, max_redirects=0)
    assert answer.status == 303


@pytest.fixture
def school(world: World) -> World:
    """cô Hà's school: three books at a time."""
    account(world)
    lends(world.session, world.school().id, days=14, most=3)
    commit()
    return world


def card_of(membership: Membership) -> str:
    query = select(Code.printed).join(Card, Card.code_id == Code.id).where(Card.membership_id == membership.id)
    return db.session.scalar(query) or ""


def legacy_code(world: World, item: Item, printed: str) -> None:
    """An old label of the copy, as schools have them."""
    (code,) = codes.register(
        world.session(), CodeKind.ITEM, item.library_id, [fold_code(printed)], [printed], item.seen_at
    )
    world.session.add(ItemCode(code_id=code, item_id=item.id))


@dataclass
class Copy:
    """A copy as the tests speak of it."""

    id: int
    code: str


@dataclass
class Cast:
    """Lan and Bảo of 5A with their cards, and copies to scan."""

    lan: str
    bao: str
    copies: list[Copy]


@pytest.fixture
def cast(school: World) -> Cast:
    lan, bao = school.patron(class_name="5A"), school.patron("Đàm Quốc Bảo", class_name="5A")
    copies = [Copy(item.id, item.accession or "") for item in school.items(6)]
    commit()
    made = Cast(card_of(lan), card_of(bao), copies)
    db.session.rollback()
    return made


def lent() -> list[int]:
    """Copies on loan now, in the order they were lent."""
    db.session.rollback()
    query = select(Loan.item_id).where(Loan.ended_at.is_(None), Loan.voided.is_(False)).order_by(Loan.lent_at)
    found = list(db.session.scalars(query))
    db.session.rollback()
    return found


def seen() -> list[tuple[int, int]]:
    """Every scan that was recorded: (number of the act, copy), in the order the server wrote them."""
    db.session.rollback()
    query = select(Act.number, Movement.item_id).join(Movement, Movement.act_id == Act.id)
    found = [
        (number or 0, item)
        for number, item in db.session.execute(query.where(Act.device.is_not(None)).order_by(Act.id))
    ]
    db.session.rollback()
    return found
