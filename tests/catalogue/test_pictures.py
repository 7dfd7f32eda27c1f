"""A picture of a cover is written anew, small and upright; a hostile file is refused with a sentence."""

import resource
import struct
import zlib
from io import BytesIO

import pytest
from PIL import Image

from library.catalogue import pictures
from library.catalogue.pictures import BadPicture, prepared


def picture(size: tuple[int, int] = (1200, 1680), kind: str = "JPEG", mode: str = "RGB", **more: object) -> BytesIO:
    """Left half red, right half blue."""
    made = Image.new(mode, size, "blue" if mode != "RGBA" else (0, 0, 0, 0))
    if mode != "RGBA":
        made.paste(Image.new(mode, (size[0] // 2, size[1]), "red"), (0, 0))
    out = BytesIO()
    made.save(out, kind, **more)
    out.seek(0)
    return out


def seen(data: bytes) -> Image.Image:
    made = Image.open(BytesIO(data))
    made.load()
    return made


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_becomes_a_small_jpeg(kind: str) -> None:
    made = seen(prepared(picture(kind=kind)))
    assert made.format == "JPEG"
    assert made.size == (600, 840)
    assert made.getpixel((10, 10))[0] > 200  # type: ignore[index]


def test_a_telephone_held_sideways_and_its_place_are_forgotten() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turn right to see it upright
    exif[0x010F] = "Điện thoại của Lan"
    exif.get_ifd(0x8825)[2] = (22.0, 8.0, 30.0)
    taken = picture((1680, 1200), exif=exif)
    assert b"Lan" in taken.getvalue()
    data = prepared(taken)
    made = seen(data)
    assert made.size == (600, 840)
    assert not made.getexif()
    assert b"Lan" not in data and b"Exif" not in data
    red, _, blue = made.getpixel((300, 10))  # type: ignore[misc]
    assert red > blue, "what was left is on top now"


def test_comments_profiles_and_what_follows_the_picture_are_dropped() -> None:
    sent = picture(comment=b"mat khau", icc_profile=b"lo lot" * 20).getvalue() + b"<script>alert(1)</script>PK\x03\x04"
    data = prepared(BytesIO(sent))
    assert not any(word in data for word in (b"mat khau", b"lo lot", b"<script>", b"PK\x03\x04"))


@pytest.mark.parametrize("mode", ["RGBA", "P", "L", "1", "CMYK", "I;16"])
def test_any_way_to_write_colours(mode: str) -> None:
    kind = "JPEG" if mode == "CMYK" else "PNG"
    out = BytesIO()
    Image.new(mode, (100, 140)).save(out, kind)
    out.seek(0)
    made = seen(prepared(out))
    assert made.mode == "RGB"
    if mode == "RGBA":
        assert made.getpixel((5, 5)) == (255, 255, 255)


def test_a_noisy_picture_stays_within_the_limit() -> None:
    out = BytesIO()
    Image.effect_noise((1200, 1680), 200).convert("RGB").save(out, "JPEG", quality=95)
    out.seek(0)
    assert len(prepared(out)) <= pictures.LARGEST_RESULT


def png_that_says(wide: int, high: int) -> bytes:
    """A header that promises many dots and almost nothing behind it."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", wide, high, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    )


SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "not-a-picture"), (b"xin chao", "not-a-picture"), (SVG, "not-a-picture"),
        (b"GIF89a" + b"\0" * 50, "not-a-picture"), (b"%PDF-1.4", "not-a-picture"), (b"MZ" + b"\0" * 99, "not-a-picture"),
        (b"\0\0\1\0\1\0", "not-a-picture"), (b"%!PS-Adobe-3.0 EPSF-3.0\n", "not-a-picture"),
        (png_that_says(50_000, 50_000), "too-many-dots"), (png_that_says(20_000, 20_000), "too-many-dots"),
        (png_that_says(4_000, 5_000), "broken"), (png_that_says(30, 4_000), "too-small"),
        (picture().getvalue()[:900], "broken"), (picture(kind="PNG").getvalue()[:-40], "broken"),
        (picture(kind="WEBP").getvalue()[:60], "broken"),
    ],
)  # fmt: skip
def test_what_is_no_picture_or_a_trap_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(BadPicture) as refused:
        prepared(BytesIO(data))
    reason = refused.value.reason
    assert reason.code == code
    assert reason.sentence % dict(reason.facts)


def test_a_file_too_large_is_not_read_to_its_end() -> None:
    class Endless(BytesIO):
        asked = 0

        def read(self, size: int | None = -1) -> bytes:
            assert size is not None and 0 < size <= pictures.LARGEST_FILE + 1
            return b"\xff" * size

    with pytest.raises(BadPicture) as refused:
        prepared(Endless())
    assert refused.value.reason.code == "too-large"


def test_a_bomb_takes_little_memory() -> None:
    """A PNG of 24 million dots in 70 kB is the most that is unpacked; a larger one never is."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for size in ((4_900, 4_890), (9_000, 9_000)):
        out = BytesIO()
        Image.new("1", size).save(out, "PNG")
        out.seek(0)
        try:
            prepared(out)
        except BadPicture as bad:
            assert bad.reason.code == "too-many-dots"
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 250_000


def test_an_animation_shows_its_first_picture() -> None:
    frames = [Image.new("RGB", (100, 140), colour) for colour in ("red", "blue")]
    out = BytesIO()
    frames[0].save(out, "WEBP", save_all=True, append_images=frames[1:])
    out.seek(0)
    red, _, blue = seen(prepared(out)).getpixel((50, 70))  # type: ignore[misc]
    assert red > blue
