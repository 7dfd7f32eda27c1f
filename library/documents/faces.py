"""The letters of official papers, found wherever the program stands. Sizes are points, as word processors count."""

from functools import cache
from pathlib import Path

from reportlab.lib.fonts import addMapping
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

import library

TEXT = "Tinos"
"""As wide as Times New Roman, letter by letter: a paper breaks its lines here as it does in a word processor."""

STYLES = {(0, 0): "Regular", (1, 0): "Bold", (0, 1): "Italic", (1, 1): "BoldItalic"}


@cache
def path(folder: str, name: str) -> Path:
    """The TrueType file, in the source tree's `static` or in the installed package's. Raises FileNotFoundError."""
    package = Path(library.__file__).parent
    for static in (package.parent / "static", package / "static"):
        if (found := static / "vendor" / folder / f"{name}.ttf").is_file():
            return found
    raise FileNotFoundError(f"{name}.ttf is in no static/vendor/{folder} folder")


@cache
def registered(folder: str, name: str) -> str:
    """Makes a face known to PDF pages the first time; its name there."""
    pdfmetrics.registerFont(TTFont(name, str(path(folder, name))))
    return name


@cache
def ready() -> str:
    """The four styles of official papers; the family's name, whose <b> and <i> then work."""
    for (bold, italic), style in STYLES.items():
        addMapping(TEXT, bold, italic, registered(TEXT.lower(), f"{TEXT}-{style}"))
    return TEXT


def name_of(bold: bool = False, italic: bool = False) -> str:
    """The registered name of one style."""
    return f"{ready()}-{STYLES[bold, italic]}"


@cache
def glyphs() -> frozenset[int]:
    """The letters that can be written, as code points."""
    ready()
    return frozenset(pdfmetrics.getFont(name_of()).face.charToGlyph)
