"""What is drawn, in millimetres from a top left corner, and the two places it is drawn on: a PDF page, an image.

A layout is a list of marks and knows neither; so the preview on screen and the paper cannot come to differ.
"""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from PIL import Image, ImageDraw
from reportlab import rl_config
from reportlab.lib.colors import HexColor
from reportlab.pdfgen.canvas import Canvas

from library.labels import barcodes, fonts, squares
from library.labels.barcodes import Symbology
from library.labels.paper import Offset

rl_config.useA85 = 0  # bytes as they are: a fifth smaller, a quarter faster
MM = 72 / 25.4
BLACK, WHITE = "#000000", "#FFFFFF"
Align = Literal["left", "middle", "right"]


class Mark(Protocol):
    def on_page(self, page: "Page") -> None: ...
    def on_image(self, image: "Picture") -> None: ...


class Page:
    """One page of a reportlab canvas. `x`, `y`: where the present label's corner is.

    What every label repeats goes past reportlab, straight into the page's stream: ink that is set already, words whose
    glyphs were looked up before, bars as one path.
    """

    def __init__(self, canvas: Any, height: float, glyphs: dict[tuple[str, str], list[tuple[str, str]]]) -> None:
        self.canvas = canvas
        self.height = height
        self.glyphs = glyphs
        self.x = self.y = 0.0
        self.ink = self.edge = ""

    def at(self, x: float, y: float) -> tuple[float, float]:
        return (self.x + x) * MM, (self.height - self.y - y) * MM

    def put(self, operators: str) -> None:
        """PDF operators as they are, in points from the page's lower left corner."""
        self.canvas.addLiteral(operators)

    def fill(self, ink: str) -> None:
        # Grey, not red-green-blue black: a colour laser would print bars in three toners, never quite aligned.
        if ink != self.ink:
            self.canvas.setFillGray(0) if ink == BLACK else self.canvas.setFillColor(HexColor(ink))
            self.ink = ink

    def stroke(self, ink: str, width: float) -> None:
        if ink != self.edge:
            self.canvas.setStrokeGray(0) if ink == BLACK else self.canvas.setStrokeColor(HexColor(ink))
            self.edge = ink
        self.canvas.setLineWidth(width * MM)

    def shown(self, text: str, font: str) -> list[tuple[str, str]]:
        """(font's name in the file, string in its encoding) of each run of the text."""
        found = self.glyphs.get((text, font))
        if found is None:
            face, document = fonts.face(font), self.canvas._doc
            runs = face.splitString(text, document)
            escape = self.canvas._escape
            found = [(face.getSubsetInternalName(subset, document), escape(run)) for subset, run in runs]
            self.glyphs[text, font] = found
        return found

    def draw(self, marks: Iterable[Mark], x: float = 0.0, y: float = 0.0) -> None:
        self.x, self.y = x, y
        for mark in marks:
            mark.on_page(self)


class Picture:
    """A white image of `w` × `h` millimetres at `dpi` dots an inch, or `scale` dots a millimetre."""

    def __init__(self, w: float, h: float, dpi: int, scale: float = 0.0) -> None:
        self.scale = scale or dpi / 25.4
        self.image = Image.new("RGB", (self.px(w), self.px(h)), WHITE)
        self.pen = ImageDraw.Draw(self.image)

    def px(self, length: float) -> int:
        return round(length * self.scale)

    def line(self, width: float) -> int:
        return max(1, self.px(width))

    def png(self) -> bytes:
        out = io.BytesIO()
        dpi = self.scale * 25.4
        self.image.save(out, "PNG", dpi=(dpi, dpi))
        return out.getvalue()


@dataclass(frozen=True)
class Words:
    """A line of text; `y` is its baseline, `size` the em."""

    x: float
    y: float
    text: str
    size: float
    font: str = fonts.REGULAR
    ink: str = BLACK
    align: Align = "left"

    def on_page(self, page: Page) -> None:
        page.fill(self.ink)
        x, y = page.at(self.x - self._back(), self.y)
        shown = "".join(f"{name} {self.size * MM:.3f} Tf ({run}) Tj " for name, run in page.shown(self.text, self.font))
        page.put(f"BT {x:.3f} {y:.3f} Td {shown}ET")

    def on_image(self, image: Picture) -> None:
        font = fonts.pixels(self.font, round(self.size * image.scale, 2))
        image.pen.text(
            ((self.x - self._back()) * image.scale, self.y * image.scale), self.text, self.ink, font, anchor="ls"
        )

    def _back(self) -> float:
        share = {"left": 0.0, "middle": 0.5, "right": 1.0}[self.align]
        return share * fonts.width(self.text, self.font, self.size) if share else 0.0


@dataclass(frozen=True)
class Bars:
    """A linear code; `x` is the left of its first bar, so the quiet zones lie outside."""

    x: float
    y: float
    h: float
    payload: str
    module: float
    symbology: Symbology = Symbology.CODE128

    def on_page(self, page: Page) -> None:
        page.fill(BLACK)
        x, y = page.at(self.x, self.y + self.h)
        path = " ".join([f"{start} 0 {wide} 1 re" for start, wide in barcodes.bars(self.payload, self.symbology)])
        page.put(f"q {self.module * MM:.5f} 0 0 {self.h * MM:.3f} {x:.3f} {y:.3f} cm {path} f Q")

    def on_image(self, image: Picture) -> None:
        for start, wide in barcodes.bars(self.payload, self.symbology):
            left, right = (image.px(self.x + at * self.module) for at in (start, start + wide))
            image.pen.rectangle((left, image.px(self.y), right - 1, image.px(self.y + self.h) - 1), BLACK)


@dataclass(frozen=True)
class Square:
    """A QR code; (`x`, `y`) is the corner of its first module, so the quiet zone lies outside."""

    x: float
    y: float
    payload: str
    module: float

    @property
    def runs(self) -> list[tuple[int, int, int]]:
        """(row, first module, modules wide) of the dark stretches of each row."""
        rows = enumerate(squares.matrix(self.payload))
        return [
            (row, run.start(), run.end() - run.start()) for row, line in rows for run in barcodes.DARK.finditer(line)
        ]

    def on_page(self, page: Page) -> None:
        page.fill(BLACK)
        x, y = page.at(self.x, self.y)
        # A hair higher than a module, so that no renderer leaves a light seam between two rows.
        path = " ".join([f"{start} {-row - 1} {wide} 1.02 re" for row, start, wide in self.runs])
        page.put(f"q {self.module * MM:.5f} 0 0 {self.module * MM:.5f} {x:.3f} {y:.3f} cm {path} f Q")

    def on_image(self, image: Picture) -> None:
        for row, start, wide in self.runs:
            left, right = (image.px(self.x + at * self.module) for at in (start, start + wide))
            top, bottom = (image.px(self.y + at * self.module) for at in (row, row + 1))
            image.pen.rectangle((left, top, right - 1, bottom - 1), BLACK)


@dataclass(frozen=True)
class Box:
    """A filled rectangle, an outlined one, or both. `line` 0 draws no outline."""

    x: float
    y: float
    w: float
    h: float
    ink: str | None = None
    line: float = 0.0
    edge: str = BLACK

    def on_page(self, page: Page) -> None:
        if self.ink:
            page.fill(self.ink)
        if self.line:
            page.stroke(self.edge, self.line)
        page.canvas.rect(*page.at(self.x, self.y + self.h), self.w * MM, self.h * MM, bool(self.line), bool(self.ink))

    def on_image(self, image: Picture) -> None:
        left, top, right, bottom = (image.px(at) for at in (self.x, self.y, self.x + self.w, self.y + self.h))
        edge = self.edge if self.line else None
        image.pen.rectangle((left, top, right - 1, bottom - 1), self.ink, edge, image.line(self.line))


@dataclass(frozen=True)
class Rule:
    """A straight line."""

    x1: float
    y1: float
    x2: float
    y2: float
    width: float = 0.2
    ink: str = BLACK

    def on_page(self, page: Page) -> None:
        page.stroke(self.ink, self.width)
        page.canvas.line(*page.at(self.x1, self.y1), *page.at(self.x2, self.y2))

    def on_image(self, image: Picture) -> None:
        ends = [image.px(at) for at in (self.x1, self.y1, self.x2, self.y2)]
        image.pen.line(ends, self.ink, image.line(self.width))


@dataclass(frozen=True)
class Disc:
    """A filled circle around (`x`, `y`)."""

    x: float
    y: float
    r: float
    ink: str
    line: float = 0.0
    edge: str = BLACK

    def on_page(self, page: Page) -> None:
        page.fill(self.ink)
        if self.line:
            page.stroke(self.edge, self.line)
        page.canvas.circle(*page.at(self.x, self.y), self.r * MM, bool(self.line), 1)

    def on_image(self, image: Picture) -> None:
        ring = [image.px(at) for at in (self.x - self.r, self.y - self.r, self.x + self.r, self.y + self.r)]
        edge = self.edge if self.line else None
        image.pen.ellipse(ring, self.ink, edge, image.line(self.line))


@dataclass(frozen=True)
class Outline:
    """A filled polygon."""

    points: Sequence[tuple[float, float]]
    ink: str
    line: float = 0.0
    edge: str = BLACK

    def on_page(self, page: Page) -> None:
        page.fill(self.ink)
        if self.line:
            page.stroke(self.edge, self.line)
        path = page.canvas.beginPath()
        path.moveTo(*page.at(*self.points[0]))
        for point in self.points[1:]:
            path.lineTo(*page.at(*point))
        path.close()
        page.canvas.drawPath(path, stroke=bool(self.line), fill=1)

    def on_image(self, image: Picture) -> None:
        corners = [(x * image.scale, y * image.scale) for x, y in self.points]
        image.pen.polygon(corners, self.ink, self.edge if self.line else None, image.line(self.line))


@dataclass
class Document:
    """A PDF being made, page by page, in the colours of ink and the offset of one printer."""

    w: float
    h: float
    title: str
    offset: Offset = field(default_factory=Offset)

    def __post_init__(self) -> None:
        self.out = io.BytesIO()
        size, face = (self.w * MM, self.h * MM), fonts.face(fonts.REGULAR).fontName
        self.canvas = Canvas(self.out, size, pageCompression=1, lang="vi", initialFontName=face)
        self.pages = 0
        self.glyphs: dict[tuple[str, str], list[tuple[str, str]]] = {}
        self.canvas.setTitle(self.title)
        self.canvas.setCreator("Tủ Sách")

    def page(self) -> Page:
        """A new page, moved and scaled about its top left corner as the printer needs. Call `turn` when it is full."""
        shift, scale = self.offset, self.offset.scale
        self.canvas.translate(shift.x_mm * MM, (self.h - shift.y_mm) * MM)
        self.canvas.scale(scale, scale)
        self.canvas.translate(0, -self.h * MM)
        return Page(self.canvas, self.h, self.glyphs)

    def turn(self) -> None:
        self.canvas.showPage()
        self.pages += 1

    def pdf(self) -> bytes:
        """A document needs a page: one with nothing on it, when there was nothing to draw."""
        if not self.pages:
            self.turn()
        self.canvas.save()
        return self.out.getvalue()
