"""Bảng kê sách đi theo xe: titles and copies aboard, the ones for each stop named. As PDF and as a workbook."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from reportlab.platypus import Flowable
from sqlalchemy import select
from sqlalchemy.orm import Session

from library.catalogue.models import Record
from library.core import clock
from library.core.numbers import written
from library.holdings.models import Item
from library.mobile import aboard, printed, sheet_words
from library.mobile.aboard import Book
from library.mobile.models import Trip, TripLoad, TripState

MOST = 20_000
HEADS = ("Nhan đề", "Số ĐKCB", "Nơi để", "Cho điểm dừng")
Row = tuple[str, str, str, str]


def rows(session: Session, trip: Trip) -> list[Row]:
    """A row for every copy: what is aboard now; of a trip that is over, what was loaded for it."""
    names = {visit.id: visit.stop.name for visit in trip.visits}
    if trip.state in (TripState.CLOSED, TripState.CANCELLED):
        return [(title, code or "", "", names.get(visit or 0, "")) for title, code, visit in _loaded(session, trip)]
    return [_row(one, names) for one in aboard.listed(session, trip.vehicle, MOST)]


def _loaded(session: Session, trip: Trip) -> Iterable[Any]:
    query = (
        select(Record.title, Item.accession, TripLoad.visit_id)
        .join(Item, Item.id == TripLoad.item_id)
        .join(Record, Record.id == Item.record_id)
        .where(TripLoad.trip_id == trip.id, ~TripLoad.voided)
        .order_by(Record.title_sort, Item.id)
    )
    return session.execute(query)


def _row(one: Book, names: dict[int, str]) -> Row:
    return one.title, one.accession or "", one.home, names.get(one.visit_id or 0, "")


def pdf(session: Session, trip: Trip, address: str) -> bytes:
    found = rows(session, trip)
    title = f"Bảng kê sách {trip.vehicle.name}, {trip.day:%d/%m/%Y}"
    return printed.sheet(title, [_top(trip, found, address), *_by_title(found)])


def _top(trip: Trip, found: Sequence[Row], address: str) -> Flowable:
    over = trip.state in (TripState.CLOSED, TripState.CANCELLED)
    when = "đã xếp cho chuyến" if over else f"trên xe lúc {clock.now().astimezone(clock.HERE):%H:%M %d/%m/%Y}"
    titles = len({row[0] for row in found})
    left = [
        printed.words(trip.library.name, 9.5),
        printed.words(f"Bảng kê sách đi theo {trip.vehicle.name}", 17, bold=True),
        printed.words(sheet_words.capital(sheet_words.long_day(trip.day)), 12, bold=True, after=1),
        printed.words(f"{written(len(found))} bản, {written(titles)} tên, {when}", 10, after=2),
    ]
    return printed.beside(left, printed.square(address, 24), 26, 182)


def _by_title(found: Sequence[Row]) -> list[Flowable]:
    """One line a title and stop: a crew checks titles off, not copies."""
    by: dict[tuple[str, str], list[str]] = {}
    for title, code, _home, stop in found:
        by.setdefault((stop, title), []).append(code)
    if not by:
        return [printed.words("Chưa xếp bản nào lên xe.", 11)]
    named = any(stop for stop, _ in by)
    lines = [
        [str(at), title, str(len(codes)), ", ".join(filter(None, codes)), *([stop] if named else [])]
        for at, ((stop, title), codes) in enumerate(by.items(), 1)
    ]
    heads = ("", "Nhan đề", "Bản", "Số ĐKCB", *(["Cho điểm dừng"] if named else []))
    widths = (9, 72, 11, 52, 38) if named else (9, 86, 11, 76)
    return [printed.table(heads, lines, widths, "rlrll"[: len(widths)])]


def cells(found: Sequence[Row]) -> list[list[str | int | date | None]]:
    return [list(row) for row in found]
