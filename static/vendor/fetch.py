"""Bring other people's front-end files into `static/vendor/`, and write down where each one came from.

    python static/vendor/fetch.py            every package below, again
    python static/vendor/fetch.py bootstrap  only that folder

Needs npm (to download a package as it was published; nothing of it is run) and fontTools (the `test` extra). The
library itself needs neither: what is fetched is kept in the repository. `VENDORED.json` lists name, version,
licence, files and their SHA-256; tests/look/test_vendored.py compares it with the disk.
"""

import hashlib
import io
import json
import re
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fontTools import subset  # type: ignore[import-untyped]
from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

HERE = Path(__file__).parent
LIST = HERE / "VENDORED.json"
ICONS = HERE.parent / "img" / "icons.svg"

Change = Callable[[bytes], bytes]

ICON_NAMES = [
    "archive", "arrow-left", "arrow-right", "arrow-up-down", "award", "barcode", "bell", "book", "book-open",
    "bookmark", "building-2", "bus", "calendar-days", "camera", "chart-column", "check", "chevron-left",
    "chevron-right", "circle-question-mark", "circle-user-round", "clock", "cloud-check", "cloud-off", "copy",
    "download", "ellipsis-vertical", "eye", "eye-off", "file-spreadsheet", "file-text", "flashlight", "folder-open", "funnel", "gift",
    "history", "house", "id-card", "keyboard", "languages", "layout-grid", "library", "list-checks", "lock",
    "log-out", "mail", "map-pin", "megaphone", "minus", "moon", "package", "pencil", "plus", "printer", "refresh-cw", "route",
    "save", "scan-barcode", "school", "search", "settings", "share-2", "sun", "tag", "tally-5", "trash-2", "truck",
    "undo-2", "upload", "user-check", "user-plus", "users", "volume-2", "volume-x", "wrench", "x",
]


@dataclass(frozen=True)
class Package:
    """One npm package: which of its files we keep, under which name, and what we changed in them."""

    folder: str
    name: str
    version: str
    licence: str
    files: dict[str, str]
    change: dict[str, Change] = field(default_factory=dict)
    note: str = ""


def slim_grid(css: bytes) -> bytes:
    """Keep containers, rows, columns and gutters up to 992 px: the rest of Bootstrap's grid is never asked for."""
    text = css.decode().split("*/", 1)
    blocks = re.findall(r"@media[^{]+\{(?:[^{}]+\{[^{}]*\})*\}|[^{}@]+\{[^{}]*\}", text[1])
    kept = [block for block in map(_slim_block, blocks) if block]
    return (text[0] + "*/\n" + "".join(kept) + "\n").encode()


def _slim_block(block: str) -> str:
    if not block.startswith("@media"):
        return _slim_rule(block)
    head, body = block.split("{", 1)
    if "1200px" in head or "1400px" in head or "print" in head:
        return ""
    rules = "".join(_slim_rule(rule) for rule in re.findall(r"[^{}]+\{[^{}]*\}", body[:-1]))
    return f"{head}{{{rules}}}" if rules else ""


def _slim_rule(rule: str) -> str:
    names, body = rule.split("{", 1)
    wanted = re.compile(r"\.(container|row|col|g[xy]?)(-(fluid|sm|md|lg|auto|\d+))*(>\*)?$|:root$")
    kept = [name for name in names.split(",") if wanted.match(name.strip())]
    return f"{','.join(kept)}{{{body}" if kept else ""


def digits_only(font: bytes) -> bytes:
    """Cut a font down to 0–9, full stop and comma, as WOFF2: our figures stand in straight columns."""
    options = subset.Options(flavor="woff2", layout_features=[], hinting=False, name_IDs=[0, 1, 2, 13, 14])
    source = _cut(font, options, map(ord, "0123456789.,"))
    # "Plex" is a reserved name: what we changed may not carry it.
    source["name"].setName("Tu Sach So", 1, 3, 1, 0x409)
    return _saved(source, options)


def without_extras(font: bytes) -> bytes:
    """Drop ligatures, fractions and other figures (the pages switch them off); hints stay, old screens need them."""
    options = subset.Options(flavor="woff2", layout_features=["kern", "mark", "mkmk", "ccmp", "locl"], name_IDs=["*"])
    return _saved(_cut(font, options, TTFont(io.BytesIO(font)).getBestCmap()), options)


def for_paper(font: bytes) -> bytes:
    """TrueType for PDF writers: Latin and Vietnamese letters with their punctuation, no hints, nothing that moves letters."""
    options = subset.Options(layout_features=[], hinting=False, name_IDs=[0, 1, 2, 3, 4, 5, 6, 13, 14])
    here = ((0x20, 0x250), (0x300, 0x330), (0x1E00, 0x1F00), (0x2010, 0x2040), (0x20AB, 0x20AC), (0x2190, 0x2194))
    letters = [*(code for first, end in here for code in range(first, end)), 0x2026, 0x2122, 0x2212, 0x25A1, 0x2610, 0x2611]
    return _saved(_cut(font, options, letters), options)


def _cut(font: bytes, options: subset.Options, letters: Iterable[int]) -> TTFont:
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=letters)
    source = TTFont(io.BytesIO(font), recalcTimestamp=False)
    cutter.subset(source)
    return source


def _saved(font: TTFont, options: subset.Options) -> bytes:
    target = io.BytesIO()
    subset.save_font(font, target, options)
    return target.getvalue()


def without_map(source: bytes) -> bytes:
    """Drop the pointer to a source map that we do not keep: browsers would ask for it in vain."""
    return re.sub(rb"\s*(/\*# sourceMappingURL=.*?\*/|//# sourceMappingURL=.*)\s*$", b"\n", source)


def without_pictures(css: bytes) -> bytes:
    """Leaflet's style sheet names three PNG files that we do not keep."""
    return re.sub(rb"\s*background-image: url\(images/[^)]*\);", b"", css)


def beside(source: bytes) -> bytes:
    """Its second module stands in the same folder here."""
    return without_map(source.replace(b'from "../share.js"', b'from "./share.js"'))


def nowhere_else(source: bytes) -> bytes:
    """Whoever forgets to say where the .wasm is gets none, rather than a stranger's server asked."""
    return without_map(re.sub(rb"https://[a-z.]+/npm/zxing-wasm@[0-9.]+/dist/", b"/", source))


def web_font(folder: str, weights: tuple[int, ...]) -> Package:
    """The Latin and Vietnamese WOFF2 files of one Fontsource face."""
    names = [f"{folder}-{script}-{weight}-normal.woff2" for weight in weights for script in ("latin", "vietnamese")]
    files = {"LICENSE": "LICENSE", **{f"files/{name}": name for name in names}}
    change: dict[str, Change] = dict.fromkeys(names, without_extras)
    note = "without ligatures and fractions"
    return Package(folder, f"@fontsource/{folder}", "5.3.0", "OFL-1.1", files, change, note)


PACKAGES = (
    Package(
        "bootstrap", "bootstrap", "5.3.9", "MIT",
        {"LICENSE": "LICENSE", "dist/css/bootstrap-reboot.min.css": "reboot.min.css",
         "dist/css/bootstrap-grid.min.css": "grid.min.css"},
        {"reboot.min.css": without_map, "grid.min.css": slim_grid},
        "grid.min.css keeps containers, rows, columns and gutters below 1200 px",
    ),
    Package("htmx", "htmx.org", "2.0.11", "0BSD", {"LICENSE": "LICENSE", "dist/htmx.min.js": "htmx.min.js"}),
    Package("idb", "idb", "8.0.4", "ISC", {"LICENSE": "LICENSE", "build/umd.js": "idb.umd.js"}),
    web_font("be-vietnam-pro", (400, 600)),
    web_font("literata", (700,)),
    Package(
        "ibm-plex-sans", "@fontsource/ibm-plex-sans", "5.3.0", "OFL-1.1",
        {"LICENSE": "LICENSE", "files/ibm-plex-sans-latin-400-normal.woff2": "digits-400.woff2",
         "files/ibm-plex-sans-latin-600-normal.woff2": "digits-600.woff2"},
        {"digits-400.woff2": digits_only, "digits-600.woff2": digits_only},
        "cut down to 0–9 . , and renamed",
    ),
    # Paper needs whole fonts: PDF writers read TrueType and know nothing of unicode ranges.
    Package(
        "be-vietnam-pro", "@expo-google-fonts/be-vietnam-pro", "0.4.1", "OFL-1.1",
        {"LICENSE_FONT": "LICENSE-ttf", "400Regular/BeVietnamPro_400Regular.ttf": "BeVietnamPro-Regular.ttf",
         "600SemiBold/BeVietnamPro_600SemiBold.ttf": "BeVietnamPro-SemiBold.ttf"},
    ),
    # One .wasm and two modules; the other builds are left out.
    Package(
        "zxing", "zxing-wasm", "3.1.4", "MIT",
        {"LICENSE": "LICENSE", "dist/es/reader/index.js": "reader.js", "dist/es/share.js": "share.js",
         "dist/reader/zxing_reader.wasm": "zxing_reader.wasm"},
        {"reader.js": beside, "share.js": nowhere_else},
        "paths between the two modules are those of this folder; never fetched from elsewhere",
    ),
    # As wide as the letter of official papers (Nghị định 30/2020).
    Package(
        "tinos", "@expo-google-fonts/tinos", "0.4.2", "OFL-1.1",
        {"LICENSE_FONT": "LICENSE", "400Regular/Tinos_400Regular.ttf": "Tinos-Regular.ttf",
         "400Regular_Italic/Tinos_400Regular_Italic.ttf": "Tinos-Italic.ttf",
         "700Bold/Tinos_700Bold.ttf": "Tinos-Bold.ttf",
         "700Bold_Italic/Tinos_700Bold_Italic.ttf": "Tinos-BoldItalic.ttf"},
        dict.fromkeys(("Tinos-Regular.ttf", "Tinos-Italic.ttf", "Tinos-Bold.ttf", "Tinos-BoldItalic.ttf"), for_paper),
        "Latin and Vietnamese letters only",
    ),
    Package(
        "literata", "@expo-google-fonts/literata", "0.4.3", "OFL-1.1",
        {"LICENSE_FONT": "LICENSE-ttf", "700Bold/Literata_700Bold.ttf": "Literata-Bold.ttf"},
        {"Literata-Bold.ttf": for_paper}, "Latin and Vietnamese letters only",
    ),
    # Its pictures are left out: what stands on our maps is drawn by our own style sheet.
    Package(
        "leaflet", "leaflet", "1.9.4", "BSD-2-Clause",
        {"LICENSE": "LICENSE", "dist/leaflet.js": "leaflet.js", "dist/leaflet.css": "leaflet.css"},
        {"leaflet.js": without_map, "leaflet.css": without_pictures},
        "leaflet.css without the pictures of markers and layers",
    ),
    Package("lucide", "lucide-static", "1.62.0", "ISC", {"LICENSE": "LICENSE"}, note="icons: static/img/icons.svg"),
)


def download(package: Package, into: Path) -> Path:
    """Unpack one published package below `into` and return its folder. Raises CalledProcessError without a registry."""
    command = ["npm", "pack", "--silent", "--ignore-scripts", f"{package.name}@{package.version}"]
    printed = subprocess.run(command, cwd=into, check=True, capture_output=True, text=True).stdout
    target = into / package.name.replace("/", "-")
    with tarfile.open(into / printed.split()[-1]) as archive:
        archive.extractall(target, filter="data")
    return target / "package"


def keep(package: Package, source: Path) -> dict[str, str]:
    """Copy the files we use; return {path below static/vendor: SHA-256}."""
    folder = HERE / package.folder
    folder.mkdir(exist_ok=True)
    for theirs, ours in package.files.items():
        change = package.change.get(ours, bytes)
        (folder / ours).write_bytes(change((source / theirs).read_bytes()))
    return {f"{package.folder}/{name}": digest(folder / name) for name in sorted(package.files.values())}


def digest(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def icon_symbol(source: Path, name: str) -> str:
    """One Lucide drawing as a <symbol>; stroke and colour come from the page."""
    drawing = (source / "icons" / f"{name}.svg").read_text()
    inside = re.search(r"<svg[^>]*>(.*)</svg>", drawing, re.DOTALL)
    assert inside, name
    body = re.sub(r"\s*\n\s*", "", inside.group(1)).replace(" />", "/>")
    return f'<symbol id="{name}" viewBox="0 0 24 24">{body}</symbol>'


def draw_icons(source: Path, version: str) -> dict[str, str]:
    """Write the sprite of every icon in ICON_NAMES; return its path and SHA-256."""
    symbols = "\n".join(icon_symbol(source, name) for name in sorted(ICON_NAMES))
    head = f"<!-- Lucide {version}, ISC licence: static/vendor/lucide/LICENSE. Written by static/vendor/fetch.py -->"
    ICONS.parent.mkdir(exist_ok=True)
    ICONS.write_text(f'<svg xmlns="http://www.w3.org/2000/svg">\n{head}\n{symbols}\n</svg>\n')
    return {"../img/icons.svg": digest(ICONS)}


def entry(package: Package, into: Path) -> dict[str, Any]:
    """Fetch one package and describe it for VENDORED.json."""
    source = download(package, into)
    files = keep(package, source)
    if package.name == "lucide-static":
        files |= draw_icons(source, package.version)
    described = {"folder": package.folder, "name": package.name, "version": package.version, "licence": package.licence}
    return described | ({"note": package.note} if package.note else {}) | {"files": files}


def fetch(wanted: set[str]) -> None:
    """Fetch the wanted packages (all of them when empty) and rewrite VENDORED.json."""
    known = {row["name"]: row for row in json.loads(LIST.read_text())} if LIST.exists() else {}
    with tempfile.TemporaryDirectory() as into:
        for package in PACKAGES:
            if not wanted or package.folder in wanted:
                known[package.name] = entry(package, Path(into))
    rows = [known[package.name] for package in PACKAGES if package.name in known]
    LIST.write_text(json.dumps(rows, ensure_ascii=False, indent=2) + "\n")


if __name__ == "__main__":
    fetch(set(sys.argv[1:]))
