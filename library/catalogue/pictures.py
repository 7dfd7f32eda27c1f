"""Pictures of covers as they come from telephones and web pages: checked, turned upright, made small, written anew.

Nothing of the file that was sent is kept but what can be seen: no place, no camera, no second picture. The decoder is
told beforehand which formats it may try and how many dots it may unpack.
"""

import warnings
from contextlib import closing
from io import BytesIO
from typing import BinaryIO

from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError

from library.core.errors import N_, Reason

FORMATS = ("JPEG", "PNG", "WEBP")
ACCEPT = "image/jpeg,image/png,image/webp"
WIDE, HIGH = 600, 900
LARGEST_FILE = 15 * 1_048_576
LARGEST_RESULT = 200 * 1024
MOST_DOTS = 24_000_000
MOST_DOTS_JPEG = 110_000_000
"""A plain JPEG is unpacked small at once (an eighth of its width and height); all others must be unpacked whole."""
LEAST_SIDE = 60


class BadPicture(ValueError):
    """The file cannot be a cover. `reason` is for the person who sent it."""

    def __init__(self, code: str, sentence: str, **facts: object) -> None:
        super().__init__(sentence)
        self.reason = Reason(code, sentence, facts)


def prepared(stream: BinaryIO) -> bytes:
    """A JPEG of at most WIDE × HIGH dots and LARGEST_RESULT bytes. Raises BadPicture."""
    data = stream.read(LARGEST_FILE + 1)
    if len(data) > LARGEST_FILE:
        raise BadPicture("too-large", N_("Ảnh to quá %(most)s MB. Chụp lại ở cỡ nhỏ hơn."), most=LARGEST_FILE >> 20)
    try:
        with warnings.catch_warnings(), closing(_opened(data)) as picture:
            warnings.simplefilter("ignore")
            return _written(_upright(picture))
    except BadPicture:
        raise
    except (OSError, ValueError, SyntaxError, EOFError, IndexError, MemoryError) as error:
        raise BadPicture("broken", N_("Ảnh hỏng giữa chừng. Chụp lại hoặc chọn ảnh khác.")) from error


def _opened(data: bytes) -> ImageFile.ImageFile:
    try:
        picture = Image.open(BytesIO(data), formats=FORMATS)
    except UnidentifiedImageError:
        raise BadPicture("not-a-picture", N_("Máy chỉ nhận ảnh JPEG, PNG hoặc WebP.")) from None
    except Image.DecompressionBombError:
        raise _too_many_dots() from None
    wide, high = picture.size
    plain_jpeg = picture.format == "JPEG" and not picture.info.get("progressive")
    if wide * high > (MOST_DOTS_JPEG if plain_jpeg else MOST_DOTS):
        raise _too_many_dots()
    if min(wide, high) < LEAST_SIDE:
        raise BadPicture("too-small", N_("Ảnh %(wide)s × %(high)s điểm nhỏ quá để làm bìa."), wide=wide, high=high)
    return picture


def _too_many_dots() -> BadPicture:
    return BadPicture("too-many-dots", N_("Ảnh nhiều điểm quá, máy không mở. Chụp lại ở cỡ nhỏ hơn."))


def _upright(picture: ImageFile.ImageFile) -> Image.Image:
    """As the eye saw it, in RGB, small; what is transparent becomes white."""
    picture.draft("RGB", (HIGH * 2, HIGH * 2))
    picture.thumbnail((HIGH * 2, HIGH * 2))
    turned = ImageOps.exif_transpose(picture)
    if turned.mode in ("RGBA", "LA", "PA") or "transparency" in turned.info:
        seen = turned.convert("RGBA")
        ground = Image.new("RGBA", seen.size, "white")
        turned = Image.alpha_composite(ground, seen)
    plain = turned.convert("RGB")
    plain.thumbnail((WIDE, HIGH), Image.Resampling.LANCZOS)
    return plain


def _written(picture: Image.Image) -> bytes:
    """Freshly encoded from the dots alone."""
    bare = Image.frombytes("RGB", picture.size, picture.tobytes())
    for quality in (82, 70, 55, 40):
        out = BytesIO()
        bare.save(out, "JPEG", quality=quality, optimize=True, progressive=True)
        if out.tell() <= LARGEST_RESULT:
            break
    return out.getvalue()
