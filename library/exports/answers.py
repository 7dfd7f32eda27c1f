"""A table or a paper as an answer."""

from collections.abc import Iterable, Sequence

from flask import Response

from library.core.mime import DOCX, XLSX
from library.documents import printing
from library.exports.things import Row
from library.exports.workbook import GrowingWorkbook
from library.labels.answers import file, pdf


def book(heads: Sequence[str], rows: Iterable[Row], sheet: str, name: str) -> Response:
    """A workbook with one sheet, to be saved as `name`.xlsx."""
    made = GrowingWorkbook(heads, sheet, {})
    return file(made.begin() + made.more(rows) + made.end(), XLSX, f"{name}.xlsx")


def paper(docx: bytes, title: str, name: str, to_edit: bool) -> Response:
    """As DOCX to be saved and edited, or as PDF to be looked at. Raises BadTemplate."""
    return file(docx, DOCX, f"{name}.docx") if to_edit else pdf(printing.pdf(docx, title), name)
