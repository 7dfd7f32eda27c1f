"""The one typeface on paper, found wherever the program stands, and how much room words take in it.

Sizes are millimetres of the em; a width is millimetres too.
"""

import unicodedata
from functools import cache, lru_cache
from pathlib import Path

from PIL import ImageFont
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from library.documents import faces

REGULAR, BOLD = "BeVietnamPro-Regular", "BeVietnamPro-SemiBold"
CAP = 0.74  # height of capitals and figures, as a share of the em
UNDER = 0.25  # how far a line reaches below its baseline: dấu nặng included

# Letters of names that the face lacks and that do not come apart into one it has.
LOOKALIKES = {"ʼ": "’", "ʹ": "’"}


@cache
def font_path(name: str) -> Path:
    """The TrueType file, in the source tree's `static` or in the installed package's. Raises FileNotFoundError."""
    return faces.path("be-vietnam-pro", name)


@cache
def face(name: str) -> TTFont:
    """Registers the font with reportlab the first time."""
    font = TTFont(name, str(font_path(name)))
    pdfmetrics.registerFont(font)
    return font


@lru_cache(maxsize=256)
def pixels(name: str, size: float) -> ImageFont.FreeTypeFont:
    """For Pillow; `size` in pixels."""
    return ImageFont.truetype(font_path(name), size, layout_engine=ImageFont.Layout.BASIC)


def width(text: str, name: str, size: float) -> float:
    return _natural(text, name) * size


@lru_cache(maxsize=20_000)
def _natural(text: str, name: str) -> float:
    """In ems."""
    return float(face(name).stringWidth(text, 1.0))


def printable(text: str) -> str:
    """One line in composed letters; a letter the face lacks becomes its plain one, or goes."""
    composed = unicodedata.normalize("NFC", " ".join(text.split()))
    return "".join(_known(char) for char in composed).strip()


@lru_cache(maxsize=4096)
def _known(char: str) -> str:
    glyphs = face(REGULAR).face.charToGlyph
    near = (char, LOOKALIKES.get(char, ""), unicodedata.normalize("NFKD", char)[0])
    return next((one for one in near if one and ord(one) in glyphs), "")
