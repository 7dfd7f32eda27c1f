"""Calendars for telephones, where their addresses stand, and the timetable that anybody may read."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from itertools import groupby
from typing import Any, TypeVar
from uuid import UUID

from flask import Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import or_, select

from library import access, audit
from library.access import Permission, for_everyone, here, needs, or_not_found
from library.core import clock
from library.core.db import db
from library.core.fold import sort_key
from library.finding.pages import FRONT_LINKS, library_at, open_page
from library.loans.forms import uuid_or_none
from library.mobile import feeds, ics, outings, sheet_words
from library.mobile.calendar_pages import bp
from library.mobile.models import Stop, Vehicle
from library.mobile.outings import Outing
from library.organisations.models import Branch, Organisation
from library.rotation.models import Site
from library.rotation.scopes import of_sites

Named = TypeVar("Named", Stop, Vehicle, Site)
PAST, AHEAD = timedelta(days=31), timedelta(days=366)
SHOWN = timedelta(days=92)
"""Of the public timetable."""


def _span() -> tuple[date, date]:
    today = clock.today()
    return today - PAST, today + AHEAD


def _calendar(name: str, found: Sequence[Outing], url: str) -> Response:
    made = Response(ics.calendar(name, found, clock.now(), url), content_type=ics.TYPE)
    made.headers["Content-Disposition"] = 'inline; filename="lich-xe.ics"'
    made.headers["Cache-Control"] = "private, max-age=3600"
    return made


def _web(library: Organisation) -> str:
    return url_for("mobile_calendar.timetable", slug=library.slug, _external=True)


# The public


@bp.get("/tv/<slug>/lich-xe", endpoint="timetable")
@for_everyone
def show_timetable(slug: str) -> Any:
    """`diem`: of that stop only."""
    library, today = library_at(slug), clock.today()
    stop = _public_stop(library, request.args.get("diem"))
    which = outings.of_stop(stop) if stop else outings.for_readers_of(library)
    found = outings.visits(db.session(), which, today, today + SHOWN)
    found = [one for one in found if not sheet_words.counts_for_nobody(one)]
    days = [(day, list(some)) for day, some in groupby(found, key=lambda one: one.day)]
    return open_page(
        "mobile/timetable.html", library, days=days, stop=stop, stops=_public_stops(library), open_why=sheet_words.open_why,
        today_is=today,
    )  # fmt: skip


def _on_the_front(library: Organisation) -> tuple[str, str] | None:
    """The timetable, where a vehicle comes to a stop for this library's readers (one statement)."""
    if not outings.comes(db.session(), outings.for_readers_of(library), clock.today()):
        return None
    return str(_("Lịch xe thư viện")), url_for("mobile_calendar.timetable", slug=library.slug)


FRONT_LINKS.append(_on_the_front)


def _theirs(library: Organisation) -> Any:
    """The WHERE for stops of the library, and of others that come for its readers."""
    mine = select(Branch.id).where(Branch.organisation_id == library.id)
    return or_(Stop.library_id == library.id, Stop.readers_of_id.in_(mine))


def _public_stops(library: Organisation) -> Sequence[Stop]:
    return by_name(db.session.scalars(select(Stop).where(_theirs(library), Stop.closed_on.is_(None))))


def by_name(things: Iterable[Named]) -> list[Named]:
    """As Vietnamese sorts."""
    return sorted(things, key=lambda one: sort_key(one.name))


def _public_stop(library: Organisation, text: str | None) -> Stop | None:
    """None where nothing is asked. Raises NotFound."""
    if not text:
        return None
    uid = or_not_found(uuid_or_none(text))
    return or_not_found(db.session.scalar(select(Stop).where(Stop.uid == uid, _theirs(library))))


@bp.get("/tv/<slug>/lich-xe/<uuid:uid>.ics", endpoint="stop_feed")
@for_everyone
def take_stop(slug: str, uid: UUID) -> Any:
    library = library_at(slug)
    stop = _public_stop(library, str(uid))
    assert stop
    return _calendar(stop.name, outings.visits(db.session(), outings.of_stop(stop), *_span()), _web(library))


# For those who were given the address


@bp.get("/tv/<slug>/lich/<signed>/tinh.ics", endpoint="whole_feed")
@for_everyone
def take_whole(slug: str, signed: str) -> Any:
    library = library_at(slug)
    feeds.check(db.session(), library.id, "whole", None, signed)
    found = outings.visits(db.session(), outings.of_library(library.id), *_span())
    return _calendar(f"Xe thư viện, {library.name}", found, _web(library))


@bp.get("/tv/<slug>/lich/<signed>/xe/<uuid:uid>.ics", endpoint="vehicle_feed")
@for_everyone
def take_vehicle(slug: str, signed: str, uid: UUID) -> Any:
    library, session = library_at(slug), db.session()
    feeds.check(session, library.id, "vehicle", uid, signed)
    vehicle = or_not_found(session.scalar(select(Vehicle).where(Vehicle.uid == uid, Vehicle.library_id == library.id)))
    return _calendar(vehicle.name, outings.visits(session, outings.of_vehicle(vehicle), *_span()), _web(library))


@bp.get("/tv/<slug>/lich/<signed>/diem/<uuid:uid>.ics", endpoint="site_feed")
@for_everyone
def take_site(slug: str, signed: str, uid: UUID) -> Any:
    """Batches that come and go are of a site's calendar too, so it is no public one."""
    library, session = library_at(slug), db.session()
    feeds.check(session, library.id, "site", uid, signed)
    site = or_not_found(session.scalar(select(Site).where(Site.uid == uid, Site.library_id == library.id)))
    return _calendar(site.name, outings.site_days(session, site, *_span()), _web(library))


# Where the addresses stand


@bp.get("/van/feeds", endpoint="feeds")
@needs(Permission.VAN_SEE)
def show_feeds() -> Any:
    session, scope = db.session(), here()
    library = session.get_one(Organisation, scope.library(current_user.library_id))
    mine = or_(Stop.library_id == library.id, scope.of_branches(Stop.readers_of_id))
    stops = by_name(session.scalars(select(Stop).where(mine, Stop.closed_on.is_(None))))
    vehicles = by_name(
        session.scalars(select(Vehicle).where(Vehicle.library_id == library.id, Vehicle.to_on.is_(None)))
    )
    sites = by_name(session.scalars(select(Site).where(of_sites(scope), Site.closed_on.is_(None))))
    keys = feeds.keys_of(session, [library.id, *(one.library_id for one in sites)])
    return render_template(
        "mobile/feeds.html", library=library, key=keys.get(library.id), web=_web(library),
        stops=[(one.name, _public_address(one), one.uid) for one in stops],
        vehicles=[(one.name, _secret(library, keys, "vehicle", one.uid), one.uid) for one in vehicles],
        sites=[(one.name, _secret(one.library, keys, "site", one.uid), one.uid) for one in sites],
        whole=_secret(library, keys, "whole", None), may_renew=access.scope(Permission.VAN_PLAN).holds_library(library.id),
    )  # fmt: skip


def _public_address(stop: Stop) -> str:
    return url_for("mobile_calendar.stop_feed", slug=stop.library.slug, uid=stop.uid, _external=True)


def _secret(library: Organisation, keys: Mapping[int, str], kind: str, uid: UUID | None) -> str:
    """'' while the library has no key."""
    key = keys.get(library.id)
    if not key:
        return ""
    where: dict[str, Any] = {"uid": uid} if uid else {}
    signed = feeds.sign(key, kind, uid)
    return url_for(f"mobile_calendar.{kind}_feed", slug=library.slug, signed=signed, _external=True, **where)


@bp.post("/van/feeds/key", endpoint="renew")
@needs(Permission.VAN_PLAN)
def renew_key() -> Any:
    """New addresses; the old ones end."""
    library_id = here().library(current_user.library_id)
    feeds.renew(db.session(), library_id)
    audit.note(current_user.uid, "renew-calendar-key", "library", library_id, library_id)
    db.session.commit()
    flash(_("Đã có địa chỉ mới. Địa chỉ cũ không dùng được nữa."), "success")
    return redirect(url_for("mobile_calendar.feeds"), 303)
