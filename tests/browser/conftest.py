"""A real server on a fresh database, and Chromium in front of it. Without Chromium these tests fail: nothing is skipped."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright
from sqlalchemy import select
from werkzeug.serving import WSGIRequestHandler, make_server

from library.core.db import db
from library.loans.models import Terms
from library.organisations.models import Code
from library.patrons.models import Card, Membership
from tests.support.people import PASSWORD, account, commit
from tests.support.world import World

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)


class QuietHandler(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log(self, type: str, message: str, *args: Any) -> None:
        """Nothing: the tests look at the database."""


@pytest.fixture
def server(app: Flask, world: World) -> Iterator[str]:
    """The address of the application, answering on real sockets."""
    made = make_server("127.0.0.1", 0, app, threaded=True, request_handler=QuietHandler)
    made.daemon_threads = True
    thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{made.server_port}"
    made.shutdown()
    thread.join()
    made.server_close()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@dataclass
class DeskInBrowser:
    """A desk as somebody sees it, with a scanner in hand."""

    context: BrowserContext
    server: str
    page: Page
    said: list[str] = field(default_factory=list)

    def go(self) -> "DeskInBrowser":
        self.page.goto(f"{self.server}/desk")
        self.page.wait_for_function("document.querySelector('#returns').hidden === false")
        return self

    def scan(self, text: str, end: str = "Enter", pause: float = 0) -> None:
        """As a scanner types: fast, whatever has the focus."""
        self.page.keyboard.type(text)
        self.page.keyboard.press(end)
        if pause:
            self.page.wait_for_timeout(pause * 1000)

    def typed(self, text: str, gap: float = 60) -> None:
        """As a person types."""
        self.page.keyboard.type(text, delay=gap)

    def word(self, text: str) -> None:
        """Wait for the banner to say it."""
        self.page.locator("#result .result-word", has_text=text).wait_for(timeout=8000)

    def rows(self) -> list[str]:
        return self.page.locator("#rows .entry").all_inner_texts()

    def settled(self) -> None:
        """Wait until nothing waits for an answer any more."""
        self.page.wait_for_function(WAITING + "=== 0", timeout=40000)

    def waiting(self) -> int:
        return int(self.page.evaluate(WAITING))


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
        context.close()
    assert complaints == []


def sign_in(context: BrowserContext, server: str, login: str) -> None:
    answer = context.request.post(f"{server}/sign-in", form={"login": login, "password": PASSWORD}, max_redirects=0)
    assert answer.status == 303


@pytest.fixture
def school(world: World) -> World:
    """cô Hà's school: three books at a time."""
    account(world)
    world.session.add(Terms(library_id=world.school().id, category_id=None, days=14, most=3, renewals=1))
    commit()
    return world


def card_of(membership: Membership) -> str:
    query = select(Code.printed).join(Card, Card.code_id == Code.id).where(Card.membership_id == membership.id)
    return db.session.scalar(query) or ""
