"""One Chromium a worker, and a real server in front of it. Without Chromium its tests fail: nothing is skipped."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wsgi import ClosingIterator

from tests.support.world import World

CUT_SHORT = "ignore::pytest.PytestUnraisableExceptionWarning"
"""A browser that leaves a page drops its downloads: the server's open file is then closed by the collector."""
CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


class Busy:
    """The application, and how many requests it is answering: a browser that leaves does not wait for its last answer."""

    def __init__(self, app: Flask) -> None:
        self.app, self.answering, self.changed = app, 0, threading.Condition()

    def __call__(self, environ: Any, start_response: Any) -> Any:
        self._count(1)
        left = [-1]  # once: with its last word, or cut short before

        def end() -> None:
            if left:
                self._count(left.pop())

        try:
            return ClosingIterator(self._told(self.app(environ, start_response), end), [end])
        except BaseException:
            end()
            raise

    @staticmethod
    def _told(answer: Any, end: Callable[[], None]) -> Iterator[bytes]:
        """A browser that drops the connection after the last word keeps the server from closing the answer."""
        try:
            yield from answer
            end()
        finally:
            if hasattr(answer, "close"):
                answer.close()

    def _count(self, more: int) -> None:
        with self.changed:
            self.answering += more
            self.changed.notify_all()

    def wait(self) -> None:
        """Until the last answer is given: what the next test looks at is then as it stays."""
        with self.changed:
            assert self.changed.wait_for(lambda: not self.answering, 30), "a request is still being answered"


class QuietHandler(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log(self, type: str, message: str, *args: Any) -> None:
        """Nothing: the tests look at the database."""


@pytest.fixture
def server(app: Flask, world: World) -> Iterator[str]:
    """The address of the application, answering on real sockets."""
    busy = Busy(app)
    made = make_server("127.0.0.1", 0, busy, threaded=True, request_handler=QuietHandler)
    made.daemon_threads = True
    thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{made.server_port}"
    made.shutdown()
    thread.join()
    busy.wait()
    made.server_close()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()
