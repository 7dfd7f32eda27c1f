"""Somebody signs in with a browser of their own; what the pages complain of is told at the end."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal

from playwright.sync_api import Browser, Page

from tests.browser.conftest import DeskInBrowser, sign_in, watched
from tests.support.people import PASSWORD

PHONE = 360, 740
COUNTED = (
    "addEventListener('pointerdown', () => sessionStorage.pressed = 1 + Number(sessionStorage.pressed || 0), true)"
)
SignIn = Callable[..., Page]
Browse = Callable[..., DeskInBrowser]


@contextmanager
def visiting(chromium: Browser, server: str) -> Iterator[SignIn]:
    """`sign_in(login, size)`: a page of a fresh browser, signed in. No page may have complained when all is done."""
    contexts, complaints = [], list[str]()

    def sign_in(login: str, size: tuple[int, int] = PHONE) -> Page:
        context = chromium.new_context(viewport={"width": size[0], "height": size[1]}, locale="vi-VN")
        contexts.append(context)
        page = context.new_page()
        watched(page, complaints)
        page.goto(f"{server}/sign-in")
        page.fill("[name=login]", login)
        page.fill("[name=password]", PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url(lambda address: "sign-in" not in address)
        return page

    yield sign_in
    for context in contexts:
        context.close()
    assert complaints == []


def count_presses(page: Page) -> Callable[[], int]:
    """From now on every finger or mouse that goes down on this page and those after it; a choice from a list is two more
    (`select_option` opens none)."""
    page.add_init_script(COUNTED)
    page.evaluate(f"() => {{ sessionStorage.pressed = 0; {COUNTED} }}")
    return lambda: int(page.evaluate("Number(sessionStorage.pressed)"))


@contextmanager
def browsing(chromium: Browser, server: str) -> Iterator[Browse]:
    """`browse(login, size, address, scheme)`: that page of a fresh browser, with a scanner in hand. No page may have
    complained when all is done."""
    contexts, complaints = [], list[str]()

    def browse(
        login: str, size: tuple[int, int], address: str, scheme: Literal["light", "dark"] = "light"
    ) -> DeskInBrowser:
        window = {"width": size[0], "height": size[1]}
        context = chromium.new_context(viewport=window, locale="vi-VN", color_scheme=scheme)
        contexts.append(context)
        sign_in(context, server, login)
        desk = DeskInBrowser(context, server, context.new_page(), complaints)
        watched(desk.page, complaints)
        desk.page.goto(server + address)
        return desk

    yield browse
    for context in contexts:
        context.close()
    assert complaints == []
