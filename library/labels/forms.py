"""Text to typed values: how a sheet is printed, what a template says, how big a paper is."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

from library.core.errors import N_, Invalid
from library.core.forms import Reader
from library.labels.barcodes import Symbology
from library.labels.models import Why
from library.labels.paper import LENGTHS, Offset, Paper
from library.labels.stock import Printer, Stock
from library.labels.templates import MOST_LINES, SIZES, Line, Part, Payload, Stack, Template
from library.labels.zpl import DOTS

RULER = 100.0
"""Millimetres: how long the calibration page's ruler should be."""
USUAL: Mapping[str, str] = {"paper": "", "kind": "", "printer": "", "start": ""}
KEPT = ("paper", "kind", "printer")
PRINTER = ("x", "y", "ruler", "dpi")


@dataclass(frozen=True)
class Setup:
    """`start` counts cells from 1. The printer carries what the form said of it."""

    paper: Paper
    template: Template
    printer: Printer
    start: int
    why: Why = Why.TORN

    @classmethod
    def read(cls, source: Mapping[str, Any], stock: Stock) -> Self:
        """What is missing is as the printer remembers it. Raises Invalid."""
        reader = Reader({**USUAL, **source})
        paper = reader.choice("paper", stock.papers, required=False) or next(iter(stock.papers.values()))
        template = reader.choice("kind", stock.templates, required=False) or stock.templates["barcode"]
        printer = _printer(reader, stock)
        start = reader.number("start", 1, 1000, required=False) or printer.start(paper.code)
        why = reader.choice("why", {one.value: one for one in Why}, required=False) or Why.TORN
        reader.done()
        return cls(paper, template, printer, min(start, paper.per_page), why)

    @classmethod
    def remembered(cls, stock: Stock, *sources: Mapping[str, Any]) -> Self:
        """From the last source that can be read, each over the ones before; never refuses."""
        for many in range(len(sources), 0, -1):
            try:
                return cls.read({name: text for source in sources[:many] for name, text in source.items()}, stock)
            except Invalid:
                continue
        return cls.read({}, stock)

    @property
    def offset(self) -> Offset:
        return Offset(self.printer.x, self.printer.y, RULER / self.printer.ruler)

    @property
    def skip(self) -> int:
        return self.start - 1

    def cells(self, copies: int) -> int:
        """How many cells so many copies take."""
        return copies * len(self.template.cells)

    def after(self, copies: int) -> int:
        """The first cell these labels leave free, for the next time."""
        return (self.skip + self.cells(copies)) % self.paper.per_page + 1

    def kept(self) -> dict[str, str]:
        """As text, for the session and for addresses."""
        return {"paper": self.paper.code, "kind": self.template.code, "printer": self.printer.code}

    def told(self) -> dict[str, str]:
        """What the fields of the page begin with."""
        one = self.printer
        lengths = {"x": said(one.x), "y": said(one.y), "ruler": said(one.ruler), "dpi": str(one.dpi)}
        return {**self.kept(), **lengths, "start": str(self.start), "why": self.why.value}


def _printer(reader: Reader, stock: Stock) -> Printer:
    """The one named, or the first; its lengths as the form says, if it does."""
    first = next(iter(stock.printers.values()))
    one = stock.printers.get(str(reader.source.get("printer") or ""), first)
    usual = {"x": said(one.x), "y": said(one.y), "ruler": said(one.ruler), "dpi": str(one.dpi)}
    lengths = Reader({**usual, **{name: reader.source[name] for name in PRINTER if name in reader.source}})
    x, y = length(lengths, "x", -20, 20, empty="0"), length(lengths, "y", -20, 20, empty="0")
    ruler = length(lengths, "ruler", 91, 111, empty="100")
    dpi = lengths.choice("dpi", {str(dots): dots for dots in DOTS}, required=False) or one.dpi
    reader.complaints |= lengths.complaints
    return replace(one, x=x, y=y, ruler=ruler, dpi=dpi)


def said(mm: float) -> str:
    return f"{mm:g}".replace(".", ",")


def length(reader: Reader, name: str, least: float, most: float, empty: str = "") -> float:
    """Millimetres with a comma or a stop: −1,5."""
    text = (reader.text(name, required=not empty, longest=12) or empty).replace("−", "-").replace(",", ".")
    try:
        mm = float(text)
    except ValueError:
        mm = float("nan")
    if not least <= mm <= most:
        least, most = (said(one) for one in (least, most))  # type: ignore[assignment]
        reader.complain(
            name, "length", N_("Cần số milimét từ %(least)s đến %(most)s, như 1,5."), least=least, most=most
        )
        return RULER
    return mm


# Templates


def template_fields(template: Template) -> dict[str, str]:
    """A template as the text of its form: `part-0-2`, `size-0-2` are the third line of the first cell."""
    told = {
        "name": template.name,
        "logo": template.logo,
        "symbology": template.symbology.value,
        "payload": template.payload.value,
    }
    for cell, stack in enumerate(template.cells):
        told[f"band-{cell}"] = "1" if stack.band else ""
        for place, line in enumerate(stack.lines):
            told[f"part-{cell}-{place}"] = line.part.value
            told[f"size-{cell}-{place}"] = said(line.size) if line.size else ""
    return told


def read_template(source: Mapping[str, Any], code: str = "") -> Template:
    """Raises Invalid."""
    reader = Reader(source)
    name, logo = reader.text("name", longest=60), reader.text("logo", required=False, longest=60)
    symbology = reader.choice("symbology", {one.value: one for one in Symbology}) or Symbology.CODE128
    payload = reader.choice("payload", {one.value: one for one in Payload}) or Payload.OWN
    cells = tuple(stack for cell in (0, 1) if (stack := _stack(reader, cell)).lines)
    if not cells:
        reader.complain("part-0-0", "no-lines", N_("Nhãn cần ít nhất một dòng."))
    if symbology == Symbology.EAN13 and payload != Payload.OWN:
        reader.complain("payload", "not-an-ean", N_("EAN-13 chỉ chứa được 12 chữ số của máy."))
    reader.done()
    return Template(code, name, cells, logo, symbology, payload)


def _stack(reader: Reader, cell: int) -> Stack:
    known = {part.value: part for part in Part}
    lines: list[Line] = []
    for place in range(MOST_LINES):
        part = reader.choice(f"part-{cell}-{place}", known, required=False)
        size = f"size-{cell}-{place}"
        em = length(reader, size, *SIZES) if reader.source.get(size) else 0.0
        if part and any(line.part == part for line in lines):
            reader.complain(f"part-{cell}-{place}", "twice", N_("Dòng này đã có ở trên."))
        elif part:
            lines.append(Line(part, em))
    return Stack(tuple(lines), reader.ticked(f"band-{cell}"))


# Paper


def read_paper(source: Mapping[str, Any]) -> tuple[str, Paper]:
    """(its name, its measures). What nobody typed follows: labels that touch, margins that centre. Raises Invalid."""
    reader = Reader(source)
    name = reader.text("name", longest=60)
    page_w, page_h = length(reader, "page_w", 20, 450), length(reader, "page_h", 8, 450)
    label_w, label_h = length(reader, "label_w", 8, 450), length(reader, "label_h", 8, 450)
    cols, rows = reader.number("cols", 1, 20) or 1, reader.number("rows", 1, 60) or 1
    pitch_x = length(reader, "pitch_x", 8, 450, empty=said(label_w))
    pitch_y = length(reader, "pitch_y", 8, 450, empty=said(label_h))
    left = (page_w - (cols - 1) * pitch_x - label_w) / 2
    top = (page_h - (rows - 1) * pitch_y - label_h) / 2
    margin_left = length(reader, "margin_left", 0, 450, empty=f"{max(left, 0):.3f}")
    margin_top = length(reader, "margin_top", 0, 450, empty=f"{max(top, 0):.3f}")
    sizes = (page_w, page_h, label_w, label_h, cols, rows, margin_left, margin_top, pitch_x, pitch_y)
    paper = Paper("", name, *sizes, cut=reader.ticked("cut"))
    if not reader.complaints:
        _lies_on_page(reader, paper)
    reader.done()
    return name, paper


def _lies_on_page(reader: Reader, paper: Paper) -> None:
    """Labels reach beyond the page, or over their neighbours."""
    last = paper.cells()[-1]
    over = {"x": last.x + paper.label_w - paper.page_w, "y": last.y + paper.label_h - paper.page_h}
    sentence = N_("Các nhãn tràn ra ngoài tờ giấy %(missing)s mm. Xem lại lề, bước và số nhãn.")
    for axis, name in (("x", "cols"), ("y", "rows")):
        if over[axis] > 0.02:
            reader.complain(name, "off-page", sentence, missing=said(round(over[axis], 1)))
    overlap = N_("Bước nhỏ hơn nhãn: hai nhãn cạnh nhau đè lên nhau.")
    if paper.cols > 1 and paper.pitch_x < paper.label_w - 0.2:
        reader.complain("pitch_x", "overlap", overlap)
    if paper.rows > 1 and paper.pitch_y < paper.label_h - 0.2:
        reader.complain("pitch_y", "overlap", overlap)


def measures(paper: Paper) -> dict[str, Any]:
    """For a row of its own."""
    return {name: getattr(paper, name) for name in (*LENGTHS, "cols", "rows", "cut")}
