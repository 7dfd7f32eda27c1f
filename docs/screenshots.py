"""Take the pictures of README from the demo province: `python docs/screenshots.py` (Chromium and playwright needed).

The database is made for the purpose and thrown away; days are counted from today, so the pictures stay young.
"""

import os
import shutil
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask
from playwright.sync_api import Browser, Page, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

from library import create_app, readiness

PICTURES = Path(__file__).parent / "pictures"
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chrome")
DESK, PHONE = (1366, 768), (390, 780)


class Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:
        """Nothing: the pictures tell."""


@contextmanager
def demo() -> Iterator[str]:
    """The address of a server with the demo province."""
    with tempfile.TemporaryDirectory() as folder:
        app: Flask = create_app({"DATA": folder, "SECRET_KEY": "pictures"})
        readiness.migrate(app)
        readiness.bring_demo(app)
        server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def scan(page: Page, text: str) -> None:
    page.keyboard.type(text)
    page.keyboard.press("Enter")
    page.wait_for_timeout(700)


def pick(page: Page, name: str) -> None:
    """Open a reader by name, as without a card."""
    page.keyboard.type(name, delay=40)
    page.locator("#tips [role=option]").first.wait_for()
    page.keyboard.press("Enter")
    page.locator("#reader .reader-name", has_text=name).wait_for()


def desk_lending(page: Page) -> None:
    for code in ("TN.00045", "TN.00318", "TN.00871"):
        scan(page, code)
    pick(page, "Đàm Quốc Bảo")
    scan(page, "TN.00627")


def desk_refusing(page: Page) -> None:
    scan(page, "TN.00045")
    pick(page, "Nông Minh Khôi")
    scan(page, "TN.00777")


def desk_offline(page: Page) -> None:
    scan(page, "TN.00045")
    page.context.set_offline(True)
    for code in ("TN.00318", "TN.00871", "TN.00777"):
        scan(page, code)


def as_it_is(page: Page) -> None:
    page.wait_for_timeout(300)


SHOTS: tuple[tuple[str, str, str, tuple[int, int], str, Callable[[Page], None]], ...] = (
    ("quay-muon", "ha", "/desk", DESK, "light", desk_lending),
    ("quay-tu-choi", "ha", "/desk", DESK, "light", desk_refusing),
    ("quay-mat-mang", "ha", "/desk", DESK, "dark", desk_offline),
    ("tim-sach", "", "/tim?q=de+men", PHONE, "light", as_it_is),
    ("sach", "ha", "/titles", DESK, "light", as_it_is),
    ("ban-doc", "ha", "/people", DESK, "light", as_it_is),
    ("in-nhan", "ha", "/labels", DESK, "light", as_it_is),
    ("nap-danh-sach", "ha", "/imports/new", DESK, "light", as_it_is),
)
"""Name of the picture, who is signed in, address, size, colours, what is done before."""


def take(
    browser: Browser, server: str, shot: tuple[str, str, str, tuple[int, int], str, Callable[[Page], None]]
) -> None:
    name, login, address, (width, height), colours, act = shot
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=colours, locale="vi-VN")  # type: ignore[arg-type]
    if login:
        context.request.post(f"{server}/sign-in", form={"login": login, "password": "12345678"}, max_redirects=0)
    page = context.new_page()
    page.goto(server + address)
    act(page)
    page.screenshot(path=PICTURES / f"{name}.png")
    context.close()


def main(wanted: list[str]) -> None:
    """All pictures, or those named."""
    PICTURES.mkdir(exist_ok=True)
    with demo() as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        for shot in SHOTS:
            if not wanted or shot[0] in wanted:
                take(browser, server, shot)
                print(f"{shot[0]}.png")
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1:])
