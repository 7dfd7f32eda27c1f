"""Codes seen in a photograph: what a telephone sends where its browser may not open the camera itself.

The decoder is told beforehand which formats it may try and how many dots it may unpack. Nothing is kept.
"""

import warnings
from collections.abc import Iterator
from io import BytesIO

import zxingcpp
from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError

from library.core.errors import N_, Reason, Refused

FORMATS = ("JPEG", "PNG", "WEBP")
LARGEST_FILE = 15 * 1_048_576
MOST_DOTS = 24_000_000
MOST_DOTS_JPEG = 110_000_000
MOST_DOTS_CLEAR = 12_000_000
"""A plain JPEG is unpacked small at once; all others must be unpacked whole, and what may be transparent takes four bytes
a dot and is laid on white besides."""
FAST, CLOSE = 2000, 2800
"""Longest side in dots: looked at quickly first, then closely if nothing was seen. A telephone's twelve million dots are
unpacked at half their size at once, which is 2000; a label of a tenth of the picture's width is seen from 1800 on."""
ASLANT = 45
MOST_CODES = 60
_KIND = zxingcpp.BarcodeFormat
CODES = zxingcpp.BarcodeFormats((_KIND.Code128, _KIND.Code39, _KIND.EAN13, _KIND.QRCode, _KIND.Codabar))
"""What our labels carry, and what schools had before."""


class BadPhoto(Refused):
    """The file is no photograph that can be looked at."""

    status = 422


def codes_in(data: bytes) -> list[str]:
    """The codes of the picture as they are read, row by row from its upper left; [] where there is none.

    The back of a book shows its ISBN beside our label: the label says which copy it is, so an ISBN is told only where it
    stands alone. Raises BadPhoto for what is no picture, is broken or too large.
    """
    if len(data) > LARGEST_FILE:
        raise _bad("too-large", N_("Ảnh to quá %(most)s MB. Chụp lại ở cỡ nhỏ hơn."), most=LARGEST_FILE >> 20)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _told(next((seen for seen in map(_seen, _looks(data)) if seen), []))
    except (OSError, ValueError, SyntaxError, EOFError, IndexError, MemoryError) as error:
        raise _bad("broken", N_("Ảnh hỏng giữa chừng. Chụp lại hoặc chọn ảnh khác.")) from error


def _bad(code: str, sentence: str, **facts: object) -> BadPhoto:
    return BadPhoto(Reason(code, sentence, facts))


def _looks(data: bytes) -> Iterator[Image.Image]:
    """The picture upright and grey: small, then turned (bars far from level or upright are not seen otherwise), then
    larger."""
    with _opened(data) as picture:
        whole = max(picture.size)
        small = _grey(picture, FAST)
    yield small
    yield small.rotate(ASLANT, expand=True, fillcolor=255)
    if whole > FAST:
        with _opened(data) as picture:
            yield _grey(picture, CLOSE)


def _opened(data: bytes) -> ImageFile.ImageFile:
    try:
        picture = Image.open(BytesIO(data), formats=FORMATS)
    except UnidentifiedImageError:
        raise _bad("not-a-picture", N_("Máy chỉ nhận ảnh JPEG, PNG hoặc WebP.")) from None
    except Image.DecompressionBombError:
        raise _too_many_dots() from None
    wide, high = picture.size
    if wide * high > _most_dots(picture):
        raise _too_many_dots()
    return picture


def _most_dots(picture: Image.Image) -> int:
    if _is_clear(picture):
        return MOST_DOTS_CLEAR
    plain_jpeg = picture.format == "JPEG" and not picture.info.get("progressive")
    return MOST_DOTS_JPEG if plain_jpeg else MOST_DOTS


def _is_clear(picture: Image.Image) -> bool:
    """Some of its dots may be transparent; known before it is unpacked."""
    return picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info


def _too_many_dots() -> BadPhoto:
    return _bad("too-many-dots", N_("Ảnh nhiều điểm quá, máy không mở. Chụp lại ở cỡ nhỏ hơn."))


def _grey(picture: ImageFile.ImageFile, side: int) -> Image.Image:
    """At most `side` dots, upright; what is transparent is white. Made small before it is turned: a picture of many dots is
    never held twice in all its colours."""
    share = side / max(picture.size)
    # In the picture's own proportions: a square would ask for more dots than its shorter side is to have.
    picture.draft("L", (max(1, int(picture.width * share)), max(1, int(picture.height * share))))
    grey = _on_white(picture) if _is_clear(picture) else picture.convert("L")
    grey.thumbnail((side, side), Image.Resampling.BILINEAR)
    return ImageOps.exif_transpose(grey)


def _on_white(picture: Image.Image) -> Image.Image:
    """One byte a dot."""
    seen = picture if picture.mode in ("RGBA", "LA") else picture.convert("RGBA")
    grey, opaque = seen.convert("L"), seen.getchannel("A")
    white = Image.new("L", grey.size, 255)
    white.paste(grey, mask=opaque)
    white.info = grey.info
    return white


def _seen(picture: Image.Image) -> list[zxingcpp.Barcode]:
    found = zxingcpp.read_barcodes(picture, formats=CODES, text_mode=zxingcpp.TextMode.Plain)
    return [one for one in found if one.text.strip()]


def _told(seen: list[zxingcpp.Barcode]) -> list[str]:
    row = max((_height(one) for one in seen), default=1)
    ordered = sorted(seen, key=lambda one: (one.position.top_left.y // row, one.position.top_left.x))
    texts = list(dict.fromkeys(one.text.strip() for one in ordered))
    ours = [text for text in texts if not _is_isbn(text)]
    return (ours or texts)[:MOST_CODES]


def _height(one: zxingcpp.Barcode) -> int:
    corners = (one.position.top_left, one.position.top_right, one.position.bottom_left, one.position.bottom_right)
    return max(1, max(at.y for at in corners) - min(at.y for at in corners))


def _is_isbn(text: str) -> bool:
    return len(text) == 13 and text.isdigit() and text.startswith(("978", "979"))
