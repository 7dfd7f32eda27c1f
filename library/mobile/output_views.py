"""Papers of trips: run sheet, packing list, posters, notices of changes, reports of a trip and of a quarter."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select

from library import access
from library.access import Permission, here, needs, or_not_found
from library.core import clock
from library.core.db import db
from library.core.errors import NotFound
from library.core.numbers import or_blank, written
from library.documents import stored
from library.exports import answers
from library.exports.answers import book
from library.labels.answers import drawn, pdf
from library.mobile import (
    figures,
    notices,
    outings,
    packing,
    papers,
    poster,
    quarter_report,
    run_sheet,
    trip_report,
)
from library.mobile.figures import By
from library.mobile.models import StopVisit, Trip, Vehicle, VisitChange
from library.mobile.poster import Poster
from library.mobile.scopes import stop_here
from library.organisations.models import Organisation

bp = Blueprint("mobile_outputs", __name__)
AHEAD = timedelta(days=120)
KINDS = ("pdf", "docx", "xlsx")


def own_trip(uid: UUID) -> Trip:
    """Of a library in scope: its papers name contacts of every stop, which are nobody else's business. Raises NotFound."""
    return or_not_found(db.session.scalar(select(Trip).where(Trip.uid == uid, here().of_libraries(Trip.library_id))))


def own_library() -> Organisation:
    return db.session.get_one(Organisation, here().library(current_user.library_id))


def paper(kind: str, library_id: int, paper_kind: stored.Kind, values: dict[str, Any], name: str) -> Response:
    """As DOCX to be saved or as PDF to be looked at. Raises BadTemplate."""
    made = stored.made(db.session(), library_id, paper_kind.name, values)
    return answers.paper(made, _(paper_kind.title), name, kind == "docx")


def _known(kind: str) -> str:
    if kind not in KINDS:
        raise NotFound
    return kind


def _trip_address(trip: Trip) -> str:
    return url_for("mobile_outputs.trip_report", uid=trip.uid, _external=True)


@bp.get("/van/trips/<uuid:uid>/run-sheet.pdf", endpoint="run_sheet")
@needs(Permission.VAN_SEE)
def show_run_sheet(uid: UUID) -> Any:
    trip = own_trip(uid)
    made = drawn(lambda: run_sheet.pdf(db.session(), trip, _trip_address(trip)))
    return pdf(made, f"phieu-chuyen-{trip.day:%Y%m%d}")


@bp.get("/van/trips/<uuid:uid>/packing.pdf", endpoint="packing")
@needs(Permission.VAN_SEE)
def show_packing(uid: UUID) -> Any:
    trip = own_trip(uid)
    made = drawn(lambda: packing.pdf(db.session(), trip, _trip_address(trip)))
    return pdf(made, f"bang-ke-sach-{trip.day:%Y%m%d}")


@bp.get("/van/trips/<uuid:uid>/packing.xlsx", endpoint="packing_book")
@needs(Permission.VAN_SEE)
def take_packing(uid: UUID) -> Any:
    trip = own_trip(uid)
    rows = packing.cells(packing.rows(db.session(), trip))
    return book(packing.HEADS, rows, "Sách trên xe", f"bang-ke-sach-{trip.day:%Y%m%d}")


@bp.get("/van/trips/<uuid:uid>/report", endpoint="trip_report")
@needs(Permission.VAN_SEE)
def show_trip_report(uid: UUID) -> Any:
    trip = own_trip(uid)
    all_ = trip_report.seen(db.session(), trip)
    values = trip_report.values(db.session(), trip, all_, _trip_address(trip), current_user.name)
    return render_template(
        "mobile/trip_report.html", trip=trip, values=values, line=figures.total(all_), told=all_.told
    )


@bp.get("/van/trips/<uuid:uid>/report.<kind>", endpoint="trip_paper")
@needs(Permission.VAN_SEE)
def take_trip_report(uid: UUID, kind: str) -> Any:
    trip, session = own_trip(uid), db.session()
    all_, name = trip_report.seen(session, trip), f"bao-cao-chuyen-{trip.day:%Y%m%d}"
    if _known(kind) == "xlsx":
        return book(trip_report.HEADS, trip_report.cells(all_), "Báo cáo chuyến", name)
    values = trip_report.values(session, trip, all_, _trip_address(trip), current_user.name)
    return paper(kind, trip.library_id, papers.TRIP_PAPER, values, name)


@bp.get("/van/stops/<uuid:uid>/poster.pdf", endpoint="poster")
@needs(Permission.VAN_SEE)
def show_poster(uid: UUID) -> Any:
    """`size=a3` for the large one."""
    stop, session = stop_here(db.session(), uid, seeing=True), db.session()
    today = clock.today()
    coming = [one for one in outings.visits(session, outings.of_stop(stop), today, today + AHEAD) if not one.off]
    address = url_for("mobile_calendar.timetable", slug=stop.library.slug, diem=stop.uid, _external=True)
    made = Poster(stop.library.name, stop.name, _comes(stop.id, stop.library_id), coming, address)
    size = "a3" if request.args.get("size", "").lower() == "a3" else "a4"
    return pdf(drawn(lambda: poster.pdf(made, size)), f"lich-xe-{size}")


def _comes(stop_id: int, library_id: int) -> str:
    """What comes there: as the vehicle of the next visit is, else of any."""
    query = select(Vehicle.kind).join(Trip, Trip.vehicle_id == Vehicle.id).join(StopVisit, StopVisit.trip_id == Trip.id)
    kind = db.session.scalar(query.where(StopVisit.stop_id == stop_id).order_by(StopVisit.day.desc()).limit(1))
    kind = kind or db.session.scalar(select(Vehicle.kind).where(Vehicle.library_id == library_id).limit(1))
    return poster.NAMES[kind] if kind else "Thư viện lưu động"


# Changes


def _own_change(uid: UUID) -> VisitChange:
    query = select(VisitChange).where(VisitChange.uid == uid, here().of_libraries(VisitChange.library_id))
    return or_not_found(db.session.scalar(query))


def _timetable(library_id: int) -> str:
    slug = db.session.get_one(Organisation, library_id).slug
    return url_for("mobile_calendar.timetable", slug=slug, _external=True)


@bp.get("/van/changes/<uuid:uid>/notice", endpoint="notice")
@needs(Permission.VAN_SEE)
def show_notice(uid: UUID) -> Any:
    change = _own_change(uid)
    address = _timetable(change.library_id)
    library = db.session.get_one(Organisation, change.library_id)
    return render_template(
        "mobile/notice.html", change=change, rows=notices.values(db.session(), change, address)["rows"],
        message=notices.message(change, library.name, address, notices.readers(db.session(), change)),
        dates=notices.dates(change), because=notices.because(change), moved=_moved(change),
    )  # fmt: skip


def _moved(change: VisitChange) -> list[notices.Moved] | None:
    """Readers by name are for those who go with the vehicle, or plan it; None for others."""
    speaks = (Permission.VAN_CREW, Permission.VAN_PLAN)
    told = any(access.scope(one).holds_library(change.library_id) for one in speaks)
    return notices.moved(db.session(), change) if told else None


@bp.get("/van/changes/<uuid:uid>/notice.<kind>", endpoint="notice_paper")
@needs(Permission.VAN_SEE)
def take_notice(uid: UUID, kind: str) -> Any:
    """`readers`: instead of the notice, the list of whom to tell by name (a workbook)."""
    change = _own_change(uid)
    if _known(kind) == "xlsx" and request.args.get("readers"):
        return _list_of_readers(change)
    name = f"thong-bao-doi-lich-{change.made_at:%Y%m%d}"
    if _known(kind) == "xlsx":
        rows = [[fact["stop"], notices.before(fact), notices.after(fact)] for fact in notices.visits(change)]
        return book(("Điểm dừng", "Lịch cũ", "Lịch mới"), rows, "Đổi lịch", name)
    values = notices.values(db.session(), change, _timetable(change.library_id))
    return paper(kind, change.library_id, papers.NOTICE_PAPER, values, name)


def _list_of_readers(change: VisitChange) -> Response:
    if (told := _moved(change)) is None:
        raise NotFound
    rows: list[list[str | int | date | None]] = [
        [one.name, one.group, one.stop, one.count, one.before, one.after] for one in told
    ]
    heads = (_("Bạn đọc"), _("Lớp, thư viện"), _("Điểm dừng"), _("Số cuốn"), _("Hẹn cũ"), _("Hẹn mới"))
    return book(heads, rows, _("Danh sách báo đổi ngày"), f"bao-doi-ngay-{change.made_at:%Y%m%d}")


# Quarters


@bp.get("/van/reports/quarter", endpoint="quarter")
@needs(Permission.VAN_SEE)
def show_quarter() -> Any:
    library, session = own_library(), db.session()
    quarter = quarter_report.read(request.args.get("quarter"), clock.today())
    all_ = quarter_report.seen(session, library.id, quarter)
    last = quarter_report.of_day(clock.today())
    choices = [last := last if not at else last.earlier() for at in range(6)]
    return render_template(
        "mobile/quarter_report.html", quarter=quarter, choices=choices, line=figures.total(all_),
        stops=figures.lines(all_, By.STOP), months=figures.lines(all_, By.MONTH),
        sent=quarter_report.rotated(session, library.id, quarter), written=written, or_blank=or_blank,
    )  # fmt: skip


@bp.get("/van/reports/quarter/paper", endpoint="quarter_paper")
@needs(Permission.VAN_SEE)
def take_quarter() -> Any:
    """`as`: pdf, docx, xlsx."""
    library, session, kind = own_library(), db.session(), request.args.get("as", "pdf")
    quarter = quarter_report.read(request.args.get("quarter"), clock.today())
    all_, name = quarter_report.seen(session, library.id, quarter), f"bao-cao-quy-{quarter.key}"
    if _known(kind) == "xlsx":
        return book(_heads(), _cells(figures.lines(all_, By.STOP)), "Báo cáo quý", name)
    address = url_for("mobile_outputs.quarter", quarter=quarter.key, _external=True)
    values = quarter_report.values(session, library, quarter, all_, address, current_user.name)
    return paper(kind, library.id, papers.QUARTER_PAPER, values, name)


def _heads() -> tuple[str, ...]:
    return (
        _("Điểm dừng"),
        _("Lượt dừng"),
        _("Bỏ, dời"),
        _("Phút phục vụ"),
        _("Lượt bạn đọc"),
        _("Lượt sách"),
        _("Mượn về"),
    )


def _cells(lines: list[figures.Line]) -> list[list[Any]]:
    return [[one.name, one.calls, one.left_out, one.minutes, one.visits, one.uses, one.lent] for one in lines]
