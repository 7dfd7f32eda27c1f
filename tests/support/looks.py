"""How a page looks to everybody: on a phone and on a desk, to axe, and whether it goes sideways."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

PHONE, DESK = (360, 780), (1366, 768)
"""Width and height of a window."""
TELEPHONE: dict[str, Any] = {
    "viewport": {"width": PHONE[0], "height": PHONE[1]},
    "has_touch": True,
    "is_mobile": True,
    "locale": "vi-VN",
}
"""A browser that is one, touched and not clicked."""


def _violations(page: Page) -> list[Any]:
    return list(Axe().run(page).response["violations"])


def grave(page: Page) -> list[str]:
    """What axe finds serious, by its rule and where it is first."""
    found = [one for one in _violations(page) if one["impact"] in ("serious", "critical")]
    return [f"{one['id']}: {one['nodes'][0]['html']}" for one in found]


def complaints(page: Page) -> list[str]:
    """Whatever axe finds, small things too, and whether the page goes sideways."""
    said = [f"{one['id']}: {one['nodes'][0]['html'][:160]}" for one in _violations(page)]
    return said if fits(page) else [*said, "scrolls sideways"]


def fits(page: Page) -> bool:
    """Nothing is wider than the window."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))
