"""Colours can be told apart by whoever reads them, and every name the styles use is defined."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CSS = ROOT / "static" / "css"
TOKENS = (CSS / "tokens.css").read_text()
OUTCOMES = ("ok", "luu", "ghi", "hoi", "khong")


def colours(opening: str) -> dict[str, str]:
    block = TOKENS[TOKENS.index(opening + " {") :]
    return dict(re.findall(r"--([a-z0-9-]+): (#[0-9A-F]{6});", block[: block.index("}")]))


LIGHT = colours(":root")
DARK = LIGHT | colours(':root[data-theme="dark"]')
SUN = LIGHT | colours(':root[data-theme="sun"]')


def brightness(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((brightness(one), brightness(other)))
    return (high + 0.05) / (low + 0.05)


TEXT = [("muc", "giay"), ("muc", "mat"), ("muc2", "giay"), ("muc2", "mat"), ("muc2", "lom"), ("muc3", "mat")]
TEXT += [("cham", "giay"), ("cham", "mat"), ("cham", "cham-n"), ("tren-cham", "cham"), ("gay-chu", "gay")]
TEXT += [("gay-sang", "gay"), ("nguoc-chu", "nguoc"), ("nguoc-viec", "nguoc"), ("khong", "mat"), ("hoi-vua", "mat")]
TEXT += [(f"{outcome}-chu", f"{outcome}-n") for outcome in OUTCOMES]
TEXT += [(ink, f"{outcome}-n") for outcome in OUTCOMES for ink in ("muc", "muc2")]


@pytest.mark.parametrize("theme", [LIGHT, DARK, SUN], ids=["light", "dark", "sun"])
@pytest.mark.parametrize(("ink", "ground"), TEXT)
def test_words_can_be_read(theme: dict[str, str], ink: str, ground: str) -> None:
    assert contrast(theme[ink], theme[ground]) >= 4.5


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("ground", ["giay", "mat"])
def test_controls_can_be_seen(theme: dict[str, str], ground: str) -> None:
    assert contrast(theme["vien"], theme[ground]) >= 3


def test_dark_by_the_system_is_dark_by_choice() -> None:
    assert colours(':root:not([data-theme="light"]):not([data-theme="sun"])') == colours(':root[data-theme="dark"]')


@pytest.mark.parametrize("path", sorted(CSS.glob("*.css")), ids=lambda path: path.name)
def test_every_name_a_style_uses_is_defined(path: Path) -> None:
    everything = "".join(sheet.read_text() for sheet in CSS.glob("*.css"))
    defined = set(re.findall(r"(--[a-z0-9-]+)\s*:", everything))
    assert set(re.findall(r"var\((--[a-z0-9-]+)", path.read_text())) - defined == set()


def test_pages_ask_only_for_icons_we_have() -> None:
    have = set(re.findall(r'<symbol id="([^"]+)"', (ROOT / "static/img/icons.svg").read_text()))
    pages = "".join(path.read_text() for path in (ROOT / "templates").rglob("*.html"))
    asked = set(re.findall(r'\bicon(?:\(|_name=|_after=)"([a-z0-9-]+)"', pages))
    assert asked
    assert asked - have == set()
