"""Draw the shipped templates of papers anew: `python docs/papers.py`.

They are ordinary Word files in the form of Nghị định 30/2020 (A4, Times New Roman 13, page numbers at the head), with
marks {{ … }} that the library fills in. Whoever wants other words edits a copy in a word processor instead.
"""

import sys
from pathlib import Path
from typing import Any

from docx import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

TARGET = Path(__file__).parent.parent / "library" / "shelves" / "data"
FACE = "Times New Roman"
ROOM = 165
"""Millimetres between the margins of an A4 page."""


def paper() -> Any:
    """An empty page with margins, face and page numbers."""
    document = Document()
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin, section.right_margin = Mm(30), Mm(15)
    section.top_margin = section.bottom_margin = Mm(20)
    section.different_first_page_header_footer = True
    usual = document.styles["Normal"]
    usual.font.name, usual.font.size = FACE, Pt(13)
    usual.element.rPr.rFonts.set(qn("w:eastAsia"), FACE)
    usual.paragraph_format.space_after = usual.paragraph_format.space_before = Pt(0)
    _page_number(section.header.paragraphs[0])
    document.core_properties.author, document.core_properties.title = "Tủ Sách", ""
    return document


def _page_number(line: Any) -> None:
    line.alignment = ALIGN.CENTER
    run = line.add_run()
    for kind, text in (("begin", None), (None, "PAGE"), ("end", None)):
        part = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            part.set(qn("w:fldCharType"), kind)
        else:
            part.text = text
        run._r.append(part)


def say(holder: Any, *parts: Any, side: Any = None, size: float = 0, after: float = 4, keep: bool = False) -> Any:
    """A paragraph. A part is text, or (text, letters of "b", "i", "u")."""
    line = holder.add_paragraph()
    line.alignment = side
    line.paragraph_format.space_after = Pt(after)
    line.paragraph_format.keep_with_next = keep or None
    for part in parts:
        text, how = part if isinstance(part, tuple) else (part, "")
        run = line.add_run(text)
        run.bold, run.italic, run.underline = "b" in how or None, "i" in how or None, "u" in how or None
        if size:
            run.font.size = Pt(size)
    return line


def rule(holder: Any, left: float, right: float) -> None:
    """A thin line, so far (millimetres) from both sides."""
    line = say(holder, size=2, after=4)
    form = line.paragraph_format
    form.left_indent, form.right_indent, form.line_spacing = Mm(left), Mm(right), Pt(3)
    borders, below = OxmlElement("w:pBdr"), OxmlElement("w:bottom")
    for name, value in (("val", "single"), ("sz", "6"), ("space", "0"), ("color", "000000")):
        below.set(qn(f"w:{name}"), value)
    borders.append(below)
    # Word reads properties in the order of its schema only.
    line._p.get_or_add_pPr().insert_element_before(borders, "w:shd", "w:tabs", "w:spacing", "w:ind", "w:jc")


def table(document: Any, widths: list[float], rows: int, lines: bool = False) -> Any:
    made = document.add_table(rows=rows, cols=len(widths))
    made.style = "Table Grid" if lines else made.style
    made.alignment, made.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    for column, width in zip(made.columns, widths, strict=True):
        column.width = Mm(width)
        for cell in column.cells:
            cell.width = Mm(width)
    return made


def into(cell: Any) -> Any:
    """The cell without its first, empty paragraph."""
    first = cell.paragraphs[0]._p
    first.getparent().remove(first)
    return cell


def head(document: Any, number: bool = True) -> None:
    """Who issues it, the nation's name and motto, number, place and day."""
    made = table(document, [72, 93], 1)
    left, right = (into(cell) for cell in made.rows[0].cells)
    say(left, "{{ above }}", side=ALIGN.CENTER, size=12, after=0)
    say(left, ("{{ issuer }}", "b"), side=ALIGN.CENTER, size=12, after=0)
    rule(left, 24, 24)
    if number:
        say(left, "Số: {{ symbol }}", side=ALIGN.CENTER, after=0)
    say(right, ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "b"), side=ALIGN.CENTER, size=12, after=0)
    say(right, ("Độc lập - Tự do - Hạnh phúc", "b"), side=ALIGN.CENTER, after=0)
    rule(right, 17, 17)
    say(right, ("{{ place_day }}", "i"), side=ALIGN.CENTER, after=8)


def listed(document: Any, columns: list[tuple[str, str, float, Any]], of: str = "rows") -> None:
    """A table with a line for each of `of`: (head, mark, millimetres, side) of every column."""
    made = table(document, [width for _, _, width, _ in columns], 4, lines=True)
    for cell, (text, _mark, _width, _side) in zip(made.rows[0].cells, columns, strict=True):
        say(into(cell), (text, "b"), side=ALIGN.CENTER, size=11, after=0)
    mark = OxmlElement("w:tblHeader")
    made.rows[0]._tr.get_or_add_trPr().append(mark)
    for row, text in ((made.rows[1], f"{{%tr for row in {of} %}}"), (made.rows[3], "{%tr endfor %}")):
        row.cells[0].paragraphs[0].add_run(text)
    for cell, (_text, name, _width, side) in zip(made.rows[2].cells, columns, strict=True):
        say(into(cell), f"{{{{ row.{name} }}}}", side=side, size=11, after=0)


def signs(document: Any, left: tuple[str, str], right: tuple[str, str], square: bool = False) -> None:
    """Who signs at the left and at the right, the square code between them."""
    say(document, after=2)
    made = table(document, [62, 41, 62], 1)
    for cell, (who, name) in zip((made.rows[0].cells[0], made.rows[0].cells[2]), (left, right), strict=True):
        into(cell)
        say(cell, (who, "b"), side=ALIGN.CENTER, after=0, keep=True)
        say(cell, ("(Ký, ghi rõ họ tên)", "i"), side=ALIGN.CENTER, after=52, keep=True)
        say(cell, (name, "b"), side=ALIGN.CENTER, after=0)
    if square:
        middle = into(made.rows[0].cells[1])
        say(middle, "{{ square }}", side=ALIGN.CENTER, after=0)
        say(middle, "{{ square_says }}", side=ALIGN.CENTER, size=9, after=0)


def handover() -> Any:
    document = paper()
    head(document)
    say(document, ("BIÊN BẢN", "b"), side=ALIGN.CENTER, size=14, after=0)
    say(document, ("{{ about }}", "b"), side=ALIGN.CENTER, after=0)
    rule(document, 62, 62)
    for parts in (
        ("Hôm nay, {{ when }}, tại {{ library }}, chúng tôi gồm:",),
        (("Bên giao (Bên A): ", "b"), "{{ given_name }}, {{ given_as }}."),
        (("Bên nhận (Bên B): ", "b"), "{{ taken_name }}, {{ taken_as }}."),
        (("1. Số lượng: ", "b"),
         "{{ total }} bản, {{ titles }} tên; trị giá {{ worth }} đồng (bằng chữ: {{ worth_words }}){{ unpriced }}."),
        (("2. Theo chủ: ", "b"), "{{ owners }}."),
        (("3. Cách nhận: ", "b"), "{{ counted }}."),
        (("4. Bạn đọc đang giữ: ", "b"), "{{ with_reader }}."),
        (("5. Chênh lệch: ", "b"), "{{ difference }}."),
        (("6. Ghi nhận thêm: ", "b"), "{{ note }}."),
        (("7. Từ khi ký, ", "b"),
         "Bên B giữ gìn sách, cho mượn miễn phí, ghi lượt mượn và báo thư viện khi sách mất, hỏng."),
        ("Biên bản lập thành 02 bản, mỗi bên giữ 01 bản.",),
    ):  # fmt: skip
        say(document, *parts, side=ALIGN.JUSTIFY)
    say(document, ("Danh mục kèm theo", "b"), " ({{ lines }} dòng, xếp theo tên sách)", after=2, keep=True)
    listed(document, [
        ("STT", "number", 12, ALIGN.CENTER), ("Số ĐKCB", "code", 27, ALIGN.CENTER), ("Tên sách", "title", 63, None),
        ("Giá (đ)", "price", 20, ALIGN.RIGHT), ("Chủ", "owner", 22, ALIGN.CENTER), ("Khi giao", "state", 21, ALIGN.CENTER),
    ])  # fmt: skip
    signs(document, ("ĐẠI DIỆN BÊN GIAO", "{{ given_name }}"), ("ĐẠI DIỆN BÊN NHẬN", "{{ taken_sign }}"), square=True)
    return document


def owners() -> Any:
    document = paper()
    head(document, number=False)
    say(document, ("DANH SÁCH SÁCH CỦA TỦ", "b"), side=ALIGN.CENTER, size=14, after=0)
    say(document, ("{{ about }}", "b"), side=ALIGN.CENTER, after=0)
    rule(document, 62, 62)
    say(document, ("Chủ: ", "b"), "{{ owner }}. ", ("Số lượng: ", "b"), "{{ total }} bản.", after=2)
    say(document, ("Cuối năm: ", "b"), "{{ what_to_do }}.", side=ALIGN.JUSTIFY)
    listed(document, [
        ("STT", "number", 12, ALIGN.CENTER), ("Mã", "code", 27, ALIGN.CENTER), ("Tên sách", "title", 56, None),
        ("Của ai", "whose", 32, None), ("Đang ở", "state", 20, ALIGN.CENTER), ("Ký nhận", "signature", 18, None),
    ])  # fmt: skip
    signs(document, ("GIÁO VIÊN CHỦ NHIỆM", "{{ keeper }}"), ("NGƯỜI LẬP DANH SÁCH", "{{ officer }}"))
    return document


def diary() -> Any:
    document = paper()
    say(document, "{{ issuer }}", side=ALIGN.CENTER, size=12, after=0)
    say(document, ("PHIẾU NHẬT KÝ ĐỌC", "b"), side=ALIGN.CENTER, size=16, after=6)
    say(document, "Họ và tên: {{ name }}        Lớp: {{ group }}        Năm học: {{ year }}", after=6)
    for title in ("Cuốn thứ nhất", "Cuốn thứ hai", "Cuốn thứ ba"):
        say(document, (title, "b"), after=2, keep=True).paragraph_format.space_before = Pt(12)
        made = table(document, [60, 105], 6, lines=True)
        for row, words in zip(made.rows, (
            "Tên sách, tác giả", "Đọc từ ngày … đến ngày …", "Nhân vật em thích", "Câu văn hay", "Điều em học được",
            "Chữ ký của phụ huynh",
        ), strict=True):  # fmt: skip
            say(into(row.cells[0]), words, size=12, after=3)
    return document


PAPERS = {"handover": handover, "owners": owners, "diary": diary}


if __name__ == "__main__":
    TARGET.mkdir(exist_ok=True)
    for name in sys.argv[1:] or PAPERS:
        PAPERS[name]().save(str(TARGET / f"{name}.docx"))
