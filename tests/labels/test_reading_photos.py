"""Codes in photographs: as telephones take them, and what is no photograph at all."""

import io
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image, ImageFilter

from library.labels import reading
from library.labels.reading import BadPhoto, codes_in

KIND = zxingcpp.BarcodeFormat
CODE = "0100004210"


def label(text: str, kind: zxingcpp.BarcodeFormat = KIND.Code128, scale: float = 2.5) -> Image.Image:
    """A label of paper with the code on it."""
    drawn = Image.fromarray(zxingcpp.create_barcode(text, kind).to_image(scale=3))
    code = drawn.resize((int(drawn.width * scale), int(drawn.height * scale)))
    paper = Image.new("L", (code.width + 60, code.height + 60), 250)
    paper.paste(code, (30, 30))
    return paper


def photo(*labels: Image.Image, size: tuple[int, int] = (4000, 3000), angle: float = 7) -> Image.Image:
    """A noisy table with labels on it, one below the other."""
    table = Image.effect_noise(size, 30).point(lambda value: value // 2 + 90)
    for at, one in enumerate(labels):
        turned = one.rotate(angle, expand=True, fillcolor=120)
        table.paste(
            turned, ((size[0] - turned.width) // 2, (size[1] * (2 * at + 1) // (2 * len(labels))) - turned.height // 2)
        )
    return table.convert("RGB").filter(ImageFilter.GaussianBlur(1))


def jpeg(picture: Image.Image, **more: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=85, **more)
    return out.getvalue()


@pytest.mark.parametrize("angle", [0, 12, 30, 45, 90, 180, 270])
def test_a_label_is_read_however_the_telephone_is_held(angle: float) -> None:
    assert codes_in(jpeg(photo(label(CODE), angle=angle))) == [CODE]


@pytest.mark.parametrize(("kind", "text"), [
    (KIND.Code128, "TK.00627"), (KIND.Code39, "TN-00627"), (KIND.QRCode, "http://192.168.1.5/t/0300000001"),
    (KIND.EAN13, "8935244801231"),
])  # fmt: skip
def test_codes_that_schools_have(kind: zxingcpp.BarcodeFormat, text: str) -> None:
    assert codes_in(jpeg(photo(label(text, kind)))) == [text]


def test_several_labels_are_told_from_above() -> None:
    many = [f"010000{number}" for number in (4210, 1111, 2222)]
    assert codes_in(jpeg(photo(*(label(text, scale=1.5) for text in many), angle=2))) == many


def test_the_label_goes_before_the_isbn_beside_it_which_is_told_alone() -> None:
    isbn = label("9786042103404", KIND.EAN13, 1.5)
    assert codes_in(jpeg(photo(isbn, label(CODE, scale=1.5)))) == [CODE]
    assert codes_in(jpeg(photo(isbn))) == ["9786042103404"]


def test_a_picture_that_says_it_was_turned_is_turned() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    data = jpeg(photo(label(CODE)).rotate(90, expand=True), exif=exif)
    assert codes_in(data) == [CODE]


def test_small_labels_in_large_pictures_are_looked_at_closely() -> None:
    assert codes_in(jpeg(photo(label(CODE, scale=1.0), angle=5))) == [CODE]


def test_transparent_pictures_are_read_on_white() -> None:
    paper = label(CODE)
    clear = Image.merge("LA", (paper, paper.point(lambda value: 0 if value > 200 else 255)))
    out = io.BytesIO()
    clear.save(out, "PNG")
    assert codes_in(out.getvalue()) == [CODE]


def clear(size: tuple[int, int], mode: str = "LA") -> bytes:
    """A PNG of few bytes and many dots, any of which may be transparent; its label stands in the middle."""
    picture, paper = Image.new(mode, size, 0), label(CODE)
    ink = paper.point(lambda value: 0 if value > 200 else 255)
    bands = {"LA": (paper, ink), "RGBA": (paper, paper, paper, ink)}
    picture.paste(Image.merge(mode, bands[mode]), (size[0] // 2 - paper.width // 2, size[1] // 2))
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize("mode", ["LA", "RGBA"])
def test_a_small_file_of_many_dots_takes_little_memory(mode: str, tmp_path: Path) -> None:
    """Measured where only this is done: how much the process grew at its largest."""
    photo_ = tmp_path / "anh.png"
    photo_.write_bytes(clear((4000, 3000), mode))
    script = (
        "import re, sys, pathlib; from library.labels import reading\n"
        "grown = lambda: int(re.search(r'VmHWM:\\s+(\\d+)', pathlib.Path('/proc/self/status').read_text())[1])\n"
        "before = grown(); told = reading.codes_in(pathlib.Path(sys.argv[1]).read_bytes())\n"
        "print(*told, grown() - before)"
    )
    run = subprocess.run([sys.executable, "-c", script, str(photo_)], capture_output=True, text=True, check=True)
    code, kilobytes = run.stdout.split()
    assert code == CODE
    assert int(kilobytes) < 130_000


@pytest.mark.parametrize("mode", ["LA", "RGBA"])
def test_what_may_be_transparent_has_fewer_dots(mode: str) -> None:
    with pytest.raises(BadPhoto) as bad:
        codes_in(clear((4800, 5000), mode))
    assert bad.value.reasons[0].code == "too-many-dots"


def test_a_palette_with_a_clear_colour_is_read_on_white() -> None:
    paper = label(CODE).point(lambda value: 1 if value > 200 else 0)
    paper = paper.convert("P")
    paper.putpalette([0, 0, 0, 0, 0, 0])
    out = io.BytesIO()
    paper.save(out, "PNG", transparency=1)
    assert codes_in(out.getvalue()) == [CODE]


def test_a_picture_without_a_code_has_none() -> None:
    assert codes_in(jpeg(photo(size=(1200, 900)))) == []


def bomb() -> bytes:
    """A PNG of a few bytes that says it has 900 million dots."""
    head = struct.pack(">IIBBBBB", 30000, 30000, 8, 0, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(b"\0" * 100)), (b"IEND", b""))
    chunks = b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body)) for name, body in parts
    )
    return b"\x89PNG\r\n\x1a\n" + chunks


GIF = b"GIF89a" + b"\0" * 50
BROKEN = jpeg(photo(label(CODE), size=(1200, 900)))[:9000]


@pytest.mark.parametrize(("data", "code"), [
    (b"", "not-a-picture"), (b"%PDF-1.7", "not-a-picture"), (GIF, "not-a-picture"), (bomb(), "too-many-dots"),
    (BROKEN, "broken"), (b"\xff" * (reading.LARGEST_FILE + 1), "too-large"), (b"<svg/>", "not-a-picture"),
])  # fmt: skip
def test_what_is_no_photograph_is_told_in_a_sentence(data: bytes, code: str) -> None:
    with pytest.raises(BadPhoto) as bad:
        codes_in(data)
    assert bad.value.reasons[0].code == code
