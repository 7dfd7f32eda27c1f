"""What a library has to print with: paper, templates, printers. Its own come first, those of the program after them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from library.core import clock
from library.core.errors import N_, NotFound
from library.labels import paper, templates
from library.labels.barcodes import Symbology
from library.labels.models import LabelPaper, LabelPrinter, LabelTemplate
from library.labels.paper import LENGTHS, Paper
from library.labels.templates import SHIPPED, Payload, Template

Own = TypeVar("Own", LabelPaper, LabelPrinter, LabelTemplate)
FIRST_PRINTER = N_("Máy in thường dùng")


@dataclass(frozen=True)
class Printer:
    """`code` is empty for the one every library has before it says anything about it. Millimetres."""

    code: str = ""
    name: str = FIRST_PRINTER
    x: float = 0.0
    y: float = 0.0
    ruler: float = 100.0
    dpi: int = 203
    starts: Mapping[str, int] | None = None

    def start(self, paper_code: str) -> int:
        return (self.starts or {}).get(paper_code, 1)


@dataclass(frozen=True)
class Stock:
    """By code. There is always a printer."""

    papers: Mapping[str, Paper]
    templates: Mapping[str, Template]
    printers: Mapping[str, Printer]


def stock(session: Session, library_id: int) -> Stock:
    """Three statements."""
    own_papers = [paper_of(row) for row in _rows(session, LabelPaper, library_id)]
    own_templates = [template_of(row) for row in _rows(session, LabelTemplate, library_id)]
    printers = [_printer(row) for row in _rows(session, LabelPrinter, library_id)] or [Printer()]
    return Stock(
        {one.code: one for one in (*own_papers, *paper.papers())},
        {one.code: one for one in (*own_templates, *SHIPPED.values())},
        {one.code: one for one in printers},
    )


def _rows(session: Session, model: type[Own], library_id: int) -> list[Own]:
    return list(session.scalars(select(model).where(model.library_id == library_id).order_by(model.name)))


def paper_of(row: LabelPaper) -> Paper:
    lengths = {name: getattr(row, name) for name in LENGTHS}
    size = f"{paper.figure(row.label_w)} × {paper.figure(row.label_h)} mm"
    name = f"{row.cols * row.rows} nhãn · {size} · {row.name}"
    return Paper(f"own-{row.uid}", name, cols=row.cols, rows=row.rows, common=True, cut=row.cut, **lengths)


def template_of(row: LabelTemplate) -> Template:
    cells = templates.from_plain(row.cells)
    return Template(str(row.uid), row.name, cells, row.logo, Symbology(row.symbology), Payload(row.payload))


def _printer(row: LabelPrinter) -> Printer:
    return Printer(str(row.uid), row.name, row.x_mm, row.y_mm, row.ruler_mm, row.dpi, dict(row.starts))


def remember(session: Session, library_id: int, printer: Printer, paper_code: str, next_cell: int) -> str:
    """Keep what the form said of the printer, and where its sheet goes on; the printer's code."""
    row = _of_code(session, LabelPrinter, library_id, printer.code) if printer.code else None
    if row is None:
        row = LabelPrinter(uid=clock.uuid7(), library_id=library_id, name=printer.name, starts={})
        session.add(row)
    row.x_mm, row.y_mm, row.ruler_mm, row.dpi = printer.x, printer.y, printer.ruler, printer.dpi
    row.starts = {**row.starts, paper_code: next_cell}
    return str(row.uid)


def add(session: Session, library_id: int, row: LabelPaper | LabelPrinter | LabelTemplate) -> None:
    row.uid, row.library_id = clock.uuid7(), library_id
    session.add(row)


def own(session: Session, model: type[Own], library_id: int, uid: UUID) -> Own:
    """Raises NotFound, also for another library's."""
    found = session.scalar(select(model).where(model.library_id == library_id, model.uid == uid))
    if found is None:
        raise NotFound
    return found


def named(session: Session, model: type[Own], library_id: int, name: str) -> Own | None:
    return session.scalar(select(model).where(model.library_id == library_id, model.name == name))


def _of_code(session: Session, model: type[Own], library_id: int, code: str) -> Own | None:
    try:
        return own(session, model, library_id, UUID(code))
    except (ValueError, NotFound):
        return None


def put_template(session: Session, row: LabelTemplate, template: Template) -> None:
    """What the form said becomes the row's."""
    row.name, row.logo, row.cells = template.name, template.logo, templates.as_plain(template.cells)
    row.symbology, row.payload, row.changed_at = template.symbology.value, template.payload.value, clock.now()
