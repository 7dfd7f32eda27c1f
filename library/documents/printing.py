"""A DOCX as PDF, in the form of Nghị định 30/2020: its paragraphs, tables and pictures, page numbers at the head.

What a word processor can do beyond that (frames, columns, headers) is left to it: that DOCX can be had too.
"""

import io
import unicodedata
from collections.abc import Iterator
from typing import Any
from weakref import WeakKeyDictionary
from xml.sax.saxutils import escape

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
from docx.oxml.ns import qn
from docx.table import Table as WordTable
from docx.table import _Cell as WordCell
from docx.text.paragraph import Paragraph as WordParagraph
from docx.text.run import Run
from reportlab.lib.enums import TA_CENTER, TA_JUSTIFY, TA_LEFT, TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.platypus import CondPageBreak, Flowable, Image, PageBreak, Paragraph, SimpleDocTemplate, Spacer, Table

from library.core.errors import N_, Reason
from library.documents import faces
from library.documents.filling import BadTemplate

SIZE = 13.0
LEADING = 1.22
SIDES = {ALIGN.CENTER: TA_CENTER, ALIGN.RIGHT: TA_RIGHT, ALIGN.JUSTIFY: TA_JUSTIFY}
SHARES = {TA_CENTER: 0.5, TA_RIGHT: 1.0}
HAIR = 0.5
PAD = 3.0
KEPT = 80.0
"""Points of the page that must be left below a line that stands with what follows it: itself, a head, a row or two."""

UNPRINTABLE = Reason(
    "template-unprintable",
    N_(
        "Máy không in được giấy này ra PDF: có ảnh không phải PNG hay JPEG, hoặc ảnh hay dòng bảng cao hơn một trang. "
        "Sửa mẫu, hoặc tải bản Word (.docx) rồi in từ đó."
    ),
)


def pdf(docx: bytes, title: str) -> bytes:
    """The same text on pages of the same size, with the same margins. Raises BadTemplate where only a word processor
    can print it."""
    try:
        return _printed(docx, title)
    except Exception as wrong:  # a picture of a kind we cannot draw, a row that fits no page: it is in the template
        raise BadTemplate(UNPRINTABLE) from wrong


def _printed(docx: bytes, title: str) -> bytes:
    document = Document(io.BytesIO(docx))
    section, out = document.sections[0], io.BytesIO()
    width, height = points(section.page_width) or A4[0], points(section.page_height) or A4[1]
    left, right = points(section.left_margin), points(section.right_margin)
    frame = SimpleDocTemplate(
        out, pagesize=(width, height), leftMargin=left, rightMargin=right, topMargin=points(section.top_margin),
        bottomMargin=points(section.bottom_margin), title=title, creator="Tủ Sách", lang="vi",
        initialFontName=faces.name_of(),
    )  # fmt: skip
    story = list(flowing(document, width - left - right - 12)) or [Spacer(1, 1)]
    frame.build(story, onLaterPages=_numbered)
    return out.getvalue()


def _numbered(canvas: Any, frame: Any) -> None:
    """Page numbers stand in the middle of the head, from the second page on."""
    canvas.setFont(faces.name_of(), SIZE)
    canvas.drawCentredString(frame.pagesize[0] / 2, frame.pagesize[1] - 32, str(canvas.getPageNumber()))


def flowing(holder: Any, room: float) -> Iterator[Any]:
    for part in holder.iter_inner_content():
        if isinstance(part, WordTable):
            yield _table(part, room)
        else:
            if part.paragraph_format.keep_with_next and not isinstance(holder, WordCell):
                yield CondPageBreak(KEPT)
            yield from _paragraph(part, room)


class _Line(Flowable):  # type: ignore[misc]
    """A thin line from `left` to `right`, in points from the left edge of what holds it."""

    def __init__(self, left: float, right: float) -> None:
        super().__init__()
        self.left, self.right, self.width, self.height = left, max(right, left + 10), right, 5.0

    def draw(self) -> None:
        self.canv.setLineWidth(0.8)
        self.canv.line(self.left, 3, self.right, 3)


class _Picture(Flowable):  # type: ignore[misc]
    """An image that stands so far from the left: a cell of a table heeds no alignment of what is in it."""

    def __init__(self, data: bytes, width: float, height: float, left: float) -> None:
        super().__init__()
        self.image, self.left, self.width, self.height = (
            Image(io.BytesIO(data), width, height),
            left,
            left + width,
            height,
        )

    def draw(self) -> None:
        self.image.drawOn(self.canv, self.left, 0)


# Paragraphs


def _paragraph(one: WordParagraph, room: float) -> Iterator[Any]:
    side = SIDES.get(one.alignment if one.alignment is not None else _usual(one).paragraph_format.alignment, TA_LEFT)
    if one.paragraph_format.page_break_before:
        yield PageBreak()
    for picture in _pictures(one):
        yield _image(picture, side, room)
    text = _markup(one)
    if text or not (_pictures(one) or _ruled(one)):
        yield Paragraph(text or "&nbsp;", _style(one, side))
    if _ruled(one):
        yield _rule(one, room)


def _style(one: WordParagraph, side: int) -> ParagraphStyle:
    form, size = one.paragraph_format, _size(one)
    from_style = _usual(one).paragraph_format
    spacing = form.line_spacing or from_style.line_spacing
    lines = float(spacing) if isinstance(spacing, float) else 1.0
    return ParagraphStyle(
        "paper", fontName=faces.name_of(), fontSize=size, leading=size * LEADING * lines, alignment=side,
        leftIndent=points(form.left_indent), rightIndent=points(form.right_indent),
        firstLineIndent=points(form.first_line_indent or from_style.first_line_indent),
        spaceBefore=points(form.space_before if form.space_before is not None else from_style.space_before),
        spaceAfter=points(form.space_after if form.space_after is not None else from_style.space_after),
    )  # fmt: skip


_USUAL: WeakKeyDictionary[Any, Any] = WeakKeyDictionary()


def _usual(one: WordParagraph) -> Any:
    """The style of a paragraph: every one has some, if only the usual one, for which all styles are looked through once."""
    if one._p.style is not None:
        return one.style
    if one.part not in _USUAL:
        _USUAL[one.part] = one.style
    return _USUAL[one.part]


def points(length: Any) -> float:
    return float(length.pt) if length is not None else 0.0


def _size(one: WordParagraph) -> float:
    """Of its largest run, so that lines do not run into each other."""
    sizes = [run.font.size.pt for run in one.runs if run.font.size is not None and run.text.strip()]
    usual = _usual(one).font.size
    return max(sizes) if sizes else usual.pt if usual is not None else SIZE


def _markup(one: WordParagraph) -> str:
    return "".join(_run(run, one) for run in _runs(one)).strip()


def _runs(one: WordParagraph) -> Iterator[Run]:
    for part in one.iter_inner_content():
        if isinstance(part, Run):
            yield part
        else:
            yield from part.runs


def _run(run: Run, one: WordParagraph) -> str:
    text = escape(printable(run.text)).replace("\n", "<br/>").replace("\t", "&nbsp;&nbsp;&nbsp; ")
    if not text:
        return ""
    usual = _usual(one).font
    for tag, own, inherited in (
        ("b", run.bold, usual.bold), ("i", run.italic, usual.italic), ("u", run.underline, usual.underline),
    ):  # fmt: skip
        if own if own is not None else inherited:
            text = f"<{tag}>{text}</{tag}>"
    return f'<font size="{run.font.size.pt}">{text}</font>' if run.font.size is not None else text


def printable(text: str) -> str:
    """A letter the face lacks becomes its plain one, or goes."""
    faces.ready()
    return "".join(_known(char) for char in unicodedata.normalize("NFC", text))


def _known(char: str) -> str:
    if char in "\n\t":
        return char
    glyphs = faces.glyphs()
    near = (char, unicodedata.normalize("NFKD", char)[0])
    return next((one for one in near if ord(one) in glyphs), "")


def _pictures(one: WordParagraph) -> list[tuple[bytes, float, float]]:
    """(bytes, width, height in points) of the pictures that stand in the text."""
    found = []
    for drawing in one._p.iter(qn("wp:inline")):
        extent, blip = drawing.find(qn("wp:extent")), next(drawing.iter(qn("a:blip")), None)
        part = one.part.related_parts.get(blip.get(qn("r:embed"))) if blip is not None else None
        if extent is not None and part is not None:
            found.append((part.blob, int(extent.get("cx")) / 12700, int(extent.get("cy")) / 12700))
    return found


def _image(picture: tuple[bytes, float, float], side: int, room: float) -> _Picture:
    data, width, height = picture
    scale = min(1.0, room / width) if width else 1.0
    return _Picture(data, width * scale, height * scale, max(0.0, room - width * scale) * SHARES.get(side, 0.0))


def _ruled(one: WordParagraph) -> bool:
    """It has a line below."""
    found = one._p.find(f"{qn('w:pPr')}/{qn('w:pBdr')}/{qn('w:bottom')}")
    return found is not None and found.get(qn("w:val")) not in (None, "nil", "none")


def _rule(one: WordParagraph, room: float) -> _Line:
    form = one.paragraph_format
    return _Line(points(form.left_indent), room - points(form.right_indent))


# Tables


def _table(one: WordTable, room: float) -> Table:
    widths = _widths(one, room)
    rows, spans, heads = [], [], 0
    for down, row in enumerate(one.rows):
        cells, at = [], 0
        for cell in _once(row.cells):
            wide = int(cell.grid_span)
            cells += [_cell(cell, sum(widths[at : at + wide]) - 2 * PAD), *([""] * (wide - 1))]
            if wide > 1:
                spans.append(("SPAN", (at, down), (at + wide - 1, down)))
            at += wide
        rows.append(cells + [""] * (len(widths) - len(cells)))
        heads = down + 1 if heads == down and _is_head(row) else heads
    lines = [("GRID", (0, 0), (-1, -1), HAIR, "black")] if _has_lines(one) else []
    pads = [(f"{side}PADDING", (0, 0), (-1, -1), PAD) for side in ("LEFT", "RIGHT", "BOTTOM")]
    style = [*lines, *spans, *pads, ("TOPPADDING", (0, 0), (-1, -1), 1), ("VALIGN", (0, 0), (-1, -1), "TOP")]
    return Table(rows or [[""]], colWidths=widths or None, repeatRows=heads, style=style, spaceBefore=4, spaceAfter=4)


def _cell(cell: WordCell, room: float) -> list[Any]:
    """With the room its last line asks for below, which a table would leave out."""
    story = list(flowing(cell, room))
    return [*story, Spacer(1, story[-1].getSpaceAfter())] if story else story


def _once(cells: Any) -> Iterator[WordCell]:
    """A cell over several columns is told once for each of them."""
    before = None
    for cell in cells:
        if before is None or cell._tc is not before:
            yield cell
        before = cell._tc


def _widths(one: WordTable, room: float) -> list[float]:
    """As the template's grid has them, in proportion, so that the whole is as wide as the page allows."""
    told = [int(column.get(qn("w:w")) or 0) / 20 for column in one._tbl.tblGrid.iterchildren(qn("w:gridCol"))]
    whole = sum(told)
    return [width * room / whole for width in told] if whole else [room / len(told)] * len(told) if told else []


def _is_head(row: Any) -> bool:
    return row._tr.find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is not None


def _has_lines(one: WordTable) -> bool:
    borders = one._tbl.tblPr.find(qn("w:tblBorders"))
    named = one.style is not None and "Grid" in (one.style.name or "")
    return named if borders is None else any(line.get(qn("w:val")) not in ("nil", "none") for line in borders)
