"""The rows that were not written, as a workbook to mend: the columns as they came, and why, in the reader's language."""

import tempfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import IO, Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from sqlalchemy import select
from sqlalchemy.orm import Session

from library.staging.loading import plans_of
from library.staging.models import Load, LoadRow
from library.staging.sheets import Plan
from library.staging.verdicts import Verdict

Say = Callable[[Mapping[str, Any]], str]
"""A stored note as a sentence."""

LEFT_OUT = (Verdict.REFUSED, Verdict.DUPLICATE)
_WIDEST = 60


def write(session: Session, load: Load, say: Say, heads: tuple[str, str]) -> IO[bytes]:
    """A workbook with one sheet for each sheet that has such rows. `heads`: “Dòng” and “Lý do”."""
    book = Workbook(write_only=True)
    for plan in plans_of(load.choices):
        rows = session.execute(_rows(load.id, plan.name)).yield_per(500)
        first = rows.fetchone()
        if first is not None:
            _sheet(book, plan, _chain(first, rows), say, heads)
    if not book.worksheets:
        book.create_sheet("1")
    made = tempfile.TemporaryFile()  # noqa: SIM115 - whoever sends it closes it
    book.save(made)
    made.seek(0)
    return made


def _rows(load_id: int, sheet: str) -> Any:
    query = select(LoadRow.number, LoadRow.cells, LoadRow.notes)
    mine = query.where(LoadRow.load_id == load_id, LoadRow.sheet == sheet, LoadRow.verdict.in_(LEFT_OUT))
    return mine.order_by(LoadRow.number)


def _chain(first: Any, rows: Iterable[Any]) -> Iterable[Any]:
    yield first
    yield from rows


def _sheet(book: Workbook, plan: Plan, rows: Iterable[Any], say: Say, heads: tuple[str, str]) -> None:
    """The list's own columns first, so that the mended sheet can be brought again as it is."""
    sheet = book.create_sheet(plan.name[:31])
    names = dict(plan.names)
    width = max(names, default=0) + 1
    number, reason = heads
    sheet.column_dimensions[get_column_letter(width + 1)].width = _WIDEST
    sheet.freeze_panes = "A2"
    sheet.append([_head(sheet, text) for text in (*(names.get(place, "") for place in range(width)), reason, number)])
    for row in rows:
        cells = [*row.cells, *[""] * (width - len(row.cells))][:width]
        why = " ".join(dict.fromkeys(say(note) for note in row.notes))
        sheet.append([*(_text(sheet, cell) for cell in cells), _text(sheet, why), row.number])


def _text(sheet: Any, text: str) -> Any:
    """Always text: a cell that begins with “=” must not become a formula."""
    cell = WriteOnlyCell(sheet, value=text)
    cell.data_type = "s"
    return cell


def _head(sheet: Any, text: str) -> Any:
    cell = _text(sheet, text)
    cell.font, cell.alignment = Font(bold=True), Alignment(wrap_text=True)
    return cell


def name_of(file_name: str, words: str) -> str:
    """danh-sach.xlsx → danh-sach – dòng chưa nạp.xlsx"""
    return f"{Path(file_name).stem} – {words}.xlsx"
