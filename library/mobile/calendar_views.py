"""Months of a vehicle, a stop, a site: on the page, as PDF, as a workbook."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from flask import render_template, request
from flask_babel import gettext as _

from library.access import Permission, needs
from library.core import clock
from library.core.db import db
from library.core.errors import NotFound
from library.exports.answers import book
from library.labels.answers import pdf
from library.mobile import feed_views, month_sheet, months, outings, sheet_words
from library.mobile.calendar_pages import bp as bp
from library.mobile.change_words import why
from library.mobile.months import Month
from library.mobile.outings import Outing
from library.mobile.scopes import stop_here, vehicle_here
from library.rotation.scopes import site_here

assert feed_views  # its pages belong to the same blueprint
KINDS = ("pdf", "xlsx")


@dataclass(frozen=True)
class Shown:
    """Whose month it is. `vehicles`: entries say which vehicle comes, not where it goes. `href`: the page of the thing."""

    kind: str
    uid: UUID
    name: str
    library: str
    vehicles: bool
    month: Month


Read = Callable[[date, date], list[Outing]]


def _first() -> date:
    return months.read(request.args.get("month"), clock.today())


def _month(read: Read) -> Month:
    first = _first()
    found = [one for one in read(*months.span(first)) if not sheet_words.counts_for_nobody(one)]
    return months.month(first, found)


def _of_vehicle(uid: UUID) -> Shown:
    session = db.session()
    vehicle = vehicle_here(session, uid)
    month = _month(lambda since, until: outings.visits(session, outings.of_vehicle(vehicle), since, until))
    return Shown("vehicle", uid, vehicle.name, vehicle.library.name, False, month)


def _of_stop(uid: UUID) -> Shown:
    session = db.session()
    stop = stop_here(session, uid, seeing=True)
    month = _month(lambda since, until: outings.visits(session, outings.of_stop(stop), since, until))
    return Shown("stop", uid, stop.name, stop.library.name, True, month)


def _of_site(uid: UUID) -> Shown:
    session = db.session()
    site = site_here(session, uid)
    month = _month(lambda since, until: outings.site_days(session, site, since, until))
    return Shown("site", uid, site.name, site.library.name, True, month)


def _page(shown: Shown) -> str:
    month = shown.month
    return render_template(
        "mobile/month.html", shown=shown, month=month, before=months.before(month.first), after=months.after(month.first),
        why=why, today=clock.today(),
    )  # fmt: skip


@bp.get("/van/vehicles/<uuid:uid>/month", endpoint="vehicle")
@needs(Permission.VAN_SEE)
def show_vehicle(uid: UUID) -> Any:
    return _page(_of_vehicle(uid))


@bp.get("/van/stops/<uuid:uid>/month", endpoint="stop")
@needs(Permission.VAN_SEE)
def show_stop(uid: UUID) -> Any:
    return _page(_of_stop(uid))


@bp.get("/van/sites/<uuid:uid>/month", endpoint="site")
@needs(Permission.ROTATION_SEE)
def show_site(uid: UUID) -> Any:
    return _page(_of_site(uid))


def _file(shown: Shown, kind: str) -> Any:
    if kind not in KINDS:
        raise NotFound
    name = f"lich-{shown.month.first:%Y-%m}"
    if kind == "pdf":
        return pdf(month_sheet.pdf(shown.month, shown.name, shown.library, shown.vehicles), name)
    heads = (_("Ngày"), _("Từ giờ"), _("Đến giờ"), _("Điểm dừng"), _("Xe"), _("Địa chỉ"))
    return book(heads, months.rows(shown.month.standing), _("Lịch tháng"), name)


@bp.get("/van/vehicles/<uuid:uid>/month.<kind>", endpoint="vehicle_file")
@needs(Permission.VAN_SEE)
def take_vehicle(uid: UUID, kind: str) -> Any:
    return _file(_of_vehicle(uid), kind)


@bp.get("/van/stops/<uuid:uid>/month.<kind>", endpoint="stop_file")
@needs(Permission.VAN_SEE)
def take_stop(uid: UUID, kind: str) -> Any:
    return _file(_of_stop(uid), kind)


@bp.get("/van/sites/<uuid:uid>/month.<kind>", endpoint="site_file")
@needs(Permission.ROTATION_SEE)
def take_site(uid: UUID, kind: str) -> Any:
    return _file(_of_site(uid), kind)
