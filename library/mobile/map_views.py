"""The map of stops, sites and trips, and whether tiles lie under it."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select

from library import access, audit
from library.access import Permission, here, needs, or_not_found
from library.core import clock
from library.core.db import db
from library.core.errors import N_, Invalid
from library.core.forms import Reader
from library.loans.forms import uuid_or_none
from library.mobile import maps, outings, settings
from library.mobile.models import Trip, TripState

bp = Blueprint("mobile_map", __name__)
AHEAD = timedelta(days=27)


@bp.get("/van/map")
@needs(Permission.VAN_SEE)
def show() -> Any:
    """`trip`: the one to be looked at."""
    session, today = db.session(), clock.today()
    library_id = here().library(current_user.library_id)
    chosen = _chosen(library_id, request.args.get("trip"))
    since = min(today, chosen.day) if chosen else today
    chart = maps.drawn(session, library_id, since, since + AHEAD, chosen, sites=True)
    return render_template(
        "mobile/map.html", chart=chart, chosen=chosen, trips=_trips(library_id), until=since + AHEAD, since=since,
        may_set=access.scope(Permission.VAN_PLAN).holds_library(library_id),
        visits=outings.visits(session, Trip.id == chosen.id, chosen.day, chosen.day) if chosen else (),
    )  # fmt: skip


def _chosen(library_id: int, text: str | None) -> Trip | None:
    """Raises NotFound."""
    if not text:
        return None
    uid = or_not_found(uuid_or_none(text))
    return or_not_found(db.session.scalar(select(Trip).where(Trip.uid == uid, Trip.library_id == library_id)))


def _trips(library_id: int) -> list[Trip]:
    today = clock.today()
    query = select(Trip).where(Trip.library_id == library_id, Trip.day.between(today, today + AHEAD))
    return list(db.session.scalars(query.where(Trip.state != TripState.CANCELLED).order_by(Trip.day, Trip.id)))


@bp.get("/van/map/settings", endpoint="settings")
@needs(Permission.VAN_PLAN)
def show_settings() -> Any:
    own = settings.of(db.session(), here().library(current_user.library_id))
    return _settings_page({"tile_address": own.tile_address or "", "tile_credit": own.tile_credit or ""})


def _settings_page(told: dict[str, str], complaints: Any = None) -> str:
    return render_template("mobile/map_settings.html", told=told, complaints=complaints or {})


@bp.post("/van/map/settings", endpoint="save")
@needs(Permission.VAN_PLAN)
def save_settings() -> Any:
    library_id, reader = here().library(current_user.library_id), Reader(request.form)
    address, credit = (
        reader.text("tile_address", required=False),
        reader.text("tile_credit", required=False, longest=200),
    )
    if address and not is_tiles(address):
        reader.complain("tile_address", "tiles", N_("Địa chỉ viết như https://bando.example/{z}/{x}/{y}.png."))
    if address and not credit:
        reader.complain("tile_credit", "credit", N_("Ghi nguồn bản đồ: nơi cho mượn bản đồ thường đòi điều ấy."))
    try:
        reader.done()
    except Invalid as told:
        return _settings_page(dict(request.form), told.fields), 422
    own = settings.of(db.session(), library_id)
    own.tile_address, own.tile_credit = address or None, credit or None
    db.session.add(own)
    audit.note(current_user.uid, "set-map", "library", library_id, library_id)
    db.session.commit()
    flash(_("Đã lưu cách vẽ bản đồ."), "success")
    return redirect(url_for("mobile_map.show"), 303)


def is_tiles(address: str) -> bool:
    """An address of a server of tiles, with nothing in it that could end the rule it is put into."""
    parts = urlsplit(address)
    plain = all(sign in address for sign in ("{z}", "{x}", "{y}")) and not set(address) & set(" ;,'\"\\")
    return parts.scheme in ("http", "https") and bool(parts.hostname) and plain and "@" not in parts.netloc
