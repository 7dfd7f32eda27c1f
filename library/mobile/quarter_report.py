"""A quarter of trips, for its report: plain values for the template (`papers.QUARTER`). Copies sent and uses are never added up."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy.orm import Session

from library.core.forms import YEARS
from library.core.numbers import or_blank, written
from library.documents import amounts
from library.mobile import figures, trip_report
from library.mobile.figures import Asked, By, Line, Seen
from library.organisations.models import Organisation
from library.rotation import figures as rotation
from library.rotation.models import Batch, Site

ROMAN = ("I", "II", "III", "IV")


@dataclass(frozen=True)
class Quarter:
    """`number`: 1 to 4."""

    year: int
    number: int

    @property
    def since(self) -> date:
        return date(self.year, 3 * self.number - 2, 1)

    @property
    def until(self) -> date:
        return (self.since + timedelta(days=92)).replace(day=1) - timedelta(days=1)

    @property
    def words(self) -> str:
        return f"quý {ROMAN[self.number - 1]} năm {self.year}"

    @property
    def key(self) -> str:
        """2026-4"""
        return f"{self.year}-{self.number}"

    def earlier(self) -> "Quarter":
        return Quarter(self.year, self.number - 1) if self.number > 1 else Quarter(self.year - 1, 4)


def of_day(day: date) -> Quarter:
    return Quarter(day.year, (day.month + 2) // 3)


def read(text: str | None, otherwise: date) -> Quarter:
    """Of "2026-4"; the one of a day for anything else."""
    year, _, number = (text or "").partition("-")
    fits = (
        len(year) == 4 and year.isascii() and year.isdigit() and number in ("1", "2", "3", "4") and int(year) in YEARS
    )
    return Quarter(int(year), int(number)) if fits else of_day(otherwise)


def seen(session: Session, library_id: int, quarter: Quarter) -> Seen:
    return figures.seen(session, Asked(library_id, quarter.since, quarter.until))


def rotated(session: Session, library_id: int, quarter: Quarter) -> rotation.Line:
    """What went to the sites, by vehicle or otherwise."""
    asked = rotation.Asked(Site.library_id == library_id, Batch.library_id == library_id, quarter.since, quarter.until)
    return rotation.total(rotation.of(session, asked, rotation.By.SITE))


def values(
    session: Session, library: Organisation, quarter: Quarter, all_: Seen, address: str, officer: str
) -> dict[str, Any]:
    line, sent = figures.total(all_), rotated(session, library.id, quarter)
    stops = figures.lines(all_, By.STOP)
    return {
        **trip_report.head(session, library, address, f"Báo cáo {quarter.words}"),
        "about": f"Kết quả phục vụ lưu động {quarter.words}",
        **trip_report.served(line), **_means(line),
        "trips": written(line.trips), "stops": written(sum(1 for one in stops if one.calls)),
        "left_out": written(line.left_out), "hours": or_blank(line.minutes / 60, 1) or "0",
        "rotation_trips": written(sent.trips), "rotation_copies": written(sent.copies),
        "officer": officer, "director": "",
        "months": [_row(one) for one in figures.lines(all_, By.MONTH)], "rows": [_row(one) for one in stops],
    }  # fmt: skip


def _means(line: Line) -> dict[str, str]:
    """Where there is nothing to divide by, a dash."""
    cost = f"{written(line.cost_a_use)} đồng" if line.cost_a_use is not None else "–"
    loss = f"{line.loss:.1f} %".replace(".", ",") if line.loss is not None else "–"
    words = amounts.dong(line.cost) if line.cost is not None else trip_report.EMPTY
    return {"each": or_blank(line.each, 1) or "–", "cost_a_use": cost, "loss": loss, "cost_words": words}


def _row(line: Line) -> dict[str, str]:
    names = ("trips", "calls", "km", "visits", "uses")
    return {"name": line.name, **{name: written(getattr(line, name)) for name in names}}
