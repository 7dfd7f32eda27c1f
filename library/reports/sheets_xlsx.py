"""A report as a workbook (a sheet for each table, numbers as numbers) and as CSV (one table below the other)."""

import csv
import io

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter

from library.reports.standing_sheet import HEAD, HIDDEN, ROW, Cell, Figure, Line, Report, Table

BOLD, HEADING = Font(bold=True), Font(bold=True, size=14)
WIDE = Alignment(wrap_text=True, vertical="top")
SHELF, HAIR = Border(bottom=Side("medium")), Border(bottom=Side("hair"))
FORBIDDEN = str.maketrans("", "", "[]:*?/\\'")
LONGEST = 31  # of a sheet's name
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def xlsx(report: Report) -> bytes:
    """Texts are texts, whatever they begin with; what is not known is an empty cell."""
    book, out, taken = Workbook(write_only=True), io.BytesIO(), set[str]()
    for number, table in enumerate(report.tables, 1):
        _sheet(book, report, table, _name(table.caption or report.title, number, taken))
    book.save(out)
    return out.getvalue()


def _name(text: str, number: int, taken: set[str]) -> str:
    name = text.translate(FORBIDDEN)[:LONGEST].strip() or str(number)
    name = f"{number} {name}"[:LONGEST] if name in taken else name
    taken.add(name)
    return name


def _sheet(book: Workbook, report: Report, table: Table, name: str) -> None:
    sheet = book.create_sheet(name)
    for at in range(len(table.heads)):
        sheet.column_dimensions[get_column_letter(at + 1)].width = _width(table, at)
    sheet.append([_text(sheet, report.title, HEADING)])
    for about in (*report.about, table.caption):
        if about:
            sheet.append([_text(sheet, about)])
    sheet.append([])
    sheet.append([_head(sheet, text) for text in table.heads])
    for line in table.lines:
        sheet.append([_cell(sheet, cell, line) for cell in line.cells])
    sheet.append([])
    for note in filter(None, (table.note, *report.notes)):
        sheet.append([_text(sheet, note)])


def _width(table: Table, at: int) -> float:
    told = max((len(str(line.cells[at])) for line in table.lines[:200] if line.kind != HEAD), default=0)
    return min(max(told + 2, 10, len(table.heads[at]) / 2), 60)


def _text(sheet: object, text: str, font: Font | None = None) -> WriteOnlyCell:
    made = WriteOnlyCell(sheet)
    made.value = text
    made.data_type = "s"  # a title that begins with "=" is no formula
    if font:
        made.font = font
    return made


def _head(sheet: object, text: str) -> WriteOnlyCell:
    made = _text(sheet, text, BOLD)
    made.alignment, made.border = WIDE, SHELF
    return made


def _cell(sheet: object, cell: Cell, line: Line) -> WriteOnlyCell:
    made = _figure(sheet, cell) if isinstance(cell, Figure) else _text(sheet, cell)
    made.border = HAIR
    if line.kind != ROW:
        made.font = BOLD
    return made


def _figure(sheet: object, one: Figure) -> WriteOnlyCell:
    if one.hidden:
        return _text(sheet, HIDDEN)
    made = WriteOnlyCell(sheet, one.value if one.places else _whole(one.value))
    made.number_format = "#,##0" + ("." + "0" * one.places if one.places else "")
    return made


def _whole(value: float | None) -> float | None:
    return int(value) if value is not None and float(value).is_integer() else value


def as_csv(report: Report) -> bytes:
    """UTF-8 with the mark that Excel asks for; numbers plain (12936, 3.44), so that other programs read them."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    for text in (report.title, *report.about):
        writer.writerow([_safe(text)])
    for table in report.tables:
        writer.writerow([])
        if table.caption:
            writer.writerow([_safe(table.caption)])
        writer.writerow([_safe(text) for text in table.heads])
        writer.writerows([_plain(cell) for cell in line.cells] for line in table.lines)
    return ("\ufeff" + out.getvalue()).encode()


def _plain(cell: Cell) -> str:
    if isinstance(cell, str):
        return _safe(cell)
    if cell.hidden or cell.value is None:
        return ""
    return f"{cell.value:.{cell.places}f}"


def _safe(text: str) -> str:
    """A text that a spreadsheet would take for a formula gets an apostrophe. Differences such as +22 stay."""
    risky = text.startswith(FORMULA) and not text.lstrip("+-−").replace(".", "").replace(",", "").isdigit()
    return f"'{text}" if risky else text
