"""How the tests look at paper: pages as grey images, the codes two independent readers find, edges in millimetres."""

from collections.abc import Iterator

import pypdfium2
import zxingcpp
from PIL import Image
from pyzbar import pyzbar

from library.labels.paper import Cell, Paper

DARK = 128


def pages(pdf: bytes, dpi: int = 300) -> Iterator[Image.Image]:
    document = pypdfium2.PdfDocument(pdf)
    for number in range(len(document)):
        yield document[number].render(scale=dpi / 72, grayscale=True).to_pil()
    document.close()


def texts(pdf: bytes) -> list[str]:
    """What each page says, as a reader that copies from it would get it."""
    document = pypdfium2.PdfDocument(pdf)
    found = [document[number].get_textpage().get_text_range() for number in range(len(document))]
    document.close()
    return found


def by_zxing(image: Image.Image) -> list[str]:
    """At the page's own resolution: in an image the reader halved, two misread symbols can pass its check."""
    found = zxingcpp.read_barcodes(image, formats=zxingcpp.BarcodeFormat.Code128, try_downscale=False)
    return sorted(code.text for code in found)


def by_zbar(image: Image.Image) -> list[str]:
    return sorted(code.data.decode() for code in pyzbar.decode(image, symbols=[pyzbar.ZBarSymbol.CODE128]))


def crop(image: Image.Image, dpi: int, x: float, y: float, w: float, h: float) -> Image.Image:
    left, top, right, bottom = (round(at * dpi / 25.4) for at in (x, y, x + w, y + h))
    return image.crop((left, top, right, bottom))


def of_cell(image: Image.Image, dpi: int, paper: Paper, cell: Cell) -> Image.Image:
    return crop(image, dpi, cell.x, cell.y, paper.label_w, paper.label_h)


def runs(row: bytes) -> list[tuple[bool, int]]:
    """(dark, pixels) along one row of grey pixels."""
    found: list[list] = []
    for pixel in row:
        if found and found[-1][0] == (pixel < DARK):
            found[-1][1] += 1
        else:
            found.append([pixel < DARK, 1])
    return [(dark, wide) for dark, wide in found]


def bar_row(image: Image.Image) -> list[tuple[bool, int]]:
    """The runs of the busiest row that is the same a millimetre further down: one through the bars, not letters."""
    wide, high = image.size
    pixels = image.convert("L").tobytes()
    rows = [pixels[y * wide : (y + 1) * wide] for y in range(high)]
    return max((runs(row) for row, lower in zip(rows, rows[12:], strict=False) if row == lower), key=len)


def bars_span(image: Image.Image, dpi: int) -> tuple[float, float, float]:
    """Millimetres of light left of the bars, of the bars, and of light right of them."""
    row = bar_row(image)
    mm = 25.4 / dpi
    assert not row[0][0] and not row[-1][0], "bars touch the edge"
    return row[0][1] * mm, sum(wide for _, wide in row[1:-1]) * mm, row[-1][1] * mm


def dark_share(image: Image.Image) -> float:
    pixels = image.convert("L").tobytes()
    return sum(pixel < DARK for pixel in pixels) / len(pixels)
