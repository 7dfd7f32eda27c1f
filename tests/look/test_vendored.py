"""What others wrote is listed, licensed and unchanged; what we wrote asks nobody else for anything."""

import hashlib
import json
import re
import unicodedata
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

ROOT = Path(__file__).parents[2]
STATIC, TEMPLATES = ROOT / "static", ROOT / "templates"
VENDOR = STATIC / "vendor"
ROWS = json.loads((VENDOR / "VENDORED.json").read_text())
LISTED = {name: digest for row in ROWS for name, digest in row["files"].items()}
OURS = [
    path
    for folder in (TEMPLATES, STATIC)
    for path in sorted(folder.rglob("*"))
    if path.suffix in {".html", ".css", ".js", ".svg", ".json", ".webmanifest"} and VENDOR not in path.parents
]
PAGES = [path for path in OURS if path.suffix == ".html"]
NAMESPACES = ("http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink")


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("name", LISTED)
def test_a_listed_file_is_on_disk_as_it_was_fetched(name: str) -> None:
    assert hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() == LISTED[name]


def test_nothing_lies_in_vendor_that_is_not_listed() -> None:
    own = {"fetch.py", "VENDORED.json"}
    found = {path.relative_to(VENDOR).as_posix() for path in VENDOR.rglob("*") if path.is_file()}
    assert {name for name in found if "__pycache__" not in name} - own == set(LISTED) - {"../img/icons.svg"}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["name"])
def test_every_package_brings_its_licence(row: dict[str, str]) -> None:
    licences = [name for name in row["files"] if "LICENSE" in name]
    assert row["licence"] in {"MIT", "0BSD", "ISC", "OFL-1.1", "BSD-2-Clause"}
    assert licences
    assert all(len((VENDOR / name).read_text()) > 500 for name in licences)


@pytest.mark.parametrize("path", OURS, ids=named)
def test_no_file_of_ours_asks_another_host(path: Path) -> None:
    text = path.read_text()
    for namespace in NAMESPACES:
        text = text.replace(namespace, "")
    assert not re.search(r"(https?:|wss?:)?//[a-z0-9-]+\.[a-z]", text)


@pytest.mark.parametrize("path", PAGES, ids=named)
def test_no_page_carries_styles_or_scripts_of_its_own(path: Path) -> None:
    text = re.sub(r"\{#.*?#\}", "", path.read_text(), flags=re.DOTALL)
    assert not re.search(r"<style|\sstyle\s*=|\son[a-z]+\s*=\s*[\"']|javascript:", text)
    scripts = re.findall(r"<script\b[^>]*>", text)
    assert all("src=" in tag or re.search(r'type="application/(ld\+)?json"', tag) for tag in scripts)


@pytest.mark.parametrize("path", [path for path in OURS if path.suffix == ".css"], ids=named)
def test_styles_stay_within_what_old_browsers_know(path: Path) -> None:
    text = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)
    assert not re.search(r"color-mix|subgrid|@layer|@scope|light-dark|oklch|:has\(|^\s*&", text, re.MULTILINE)


def spelled_in_vietnamese() -> set[str]:
    letters = set("ĂÂĐÊÔƠƯăâđêôơư–·…“”")
    toned = (letter + tone for letter in "AĂÂEÊIOÔƠUƯYaăâeêioôơuưy" for tone in "\u0300\u0309\u0303\u0301\u0323")
    return letters | {unicodedata.normalize("NFC", pair) for pair in toned} | set(map(chr, range(0x20, 0x7F)))


@pytest.mark.parametrize(
    "name",
    ["be-vietnam-pro/BeVietnamPro-Regular", "be-vietnam-pro/BeVietnamPro-SemiBold", "tinos/Tinos-Regular", "tinos/Tinos-Bold",
     "tinos/Tinos-Italic", "tinos/Tinos-BoldItalic", "literata/Literata-Bold"],
)  # fmt: skip
def test_paper_fonts_can_write_vietnamese(name: str) -> None:
    font = TTFont(VENDOR / f"{name}.ttf")
    assert "glyf" in font
    assert {char for char in spelled_in_vietnamese() if ord(char) not in font.getBestCmap()} == set()


@pytest.mark.parametrize(
    "face", ["be-vietnam-pro/be-vietnam-pro-{}-400", "be-vietnam-pro/be-vietnam-pro-{}-600", "literata/literata-{}-700"]
)
def test_screen_fonts_can_write_vietnamese(face: str) -> None:
    known: set[int] = set()
    for script in ("latin", "vietnamese"):
        known |= set(TTFont(VENDOR / f"{face.format(script)}-normal.woff2").getBestCmap())
    assert {char for char in spelled_in_vietnamese() if ord(char) not in known} == set()


@pytest.mark.parametrize("weight", [400, 600])
def test_figures_all_have_one_width(weight: int) -> None:
    font = TTFont(VENDOR / f"ibm-plex-sans/digits-{weight}.woff2")
    letters = font.getBestCmap()
    assert set(map(chr, letters)) == set("0123456789.,")
    assert len({font["hmtx"][letters[ord(digit)]][0] for digit in "0123456789"}) == 1
