"""One Chromium a worker, and a real server in front of it. Without Chromium its tests fail: nothing is skipped."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.support.world import World

CUT_SHORT = "ignore::pytest.PytestUnraisableExceptionWarning"
"""A browser that leaves a page drops its downloads: the server's open file is then closed by the collector."""
CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


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
