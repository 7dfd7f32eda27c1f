"""What stands on a map: stops, sites, depots, the trip looked at and the others of its week. Drawn without Internet.

Points are our own: where a stop or a site has none, the centre of its commune stands for it and is said to. Outlines are the
areas nearest each commune's centre (`outlines`) and are said to be no boundaries. Tiles lie under it only where the library
names a server; then there are no outlines.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlsplit

from flask import g, url_for
from flask_babel import gettext as _
from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from library.mobile import centres, outlines, settings
from library.mobile.models import Stop, StopVisit, Trip, TripState, Vehicle
from library.mobile.outlines import Outlines
from library.mobile.visit_states import STANDING
from library.rotation.models import Site

At = centres.At
NEAR = 0.01
"""Degrees."""


@dataclass(frozen=True)
class Point:
    """`kind`: stop, call (of the trip looked at), idle (a stop nobody calls at in these days), site, depot. `number`: its
    place in the trip. `about`: more words. `rough`: only its commune is known."""

    kind: str
    name: str
    latitude: float
    longitude: float
    about: str = ""
    href: str = ""
    number: int = 0
    rough: bool = False

    @property
    def at(self) -> At:
        return self.latitude, self.longitude


@dataclass(frozen=True)
class Line:
    """A trip by its stops as the crow flies. `pattern`: of its vehicle's band. `chosen`: the one looked at."""

    name: str
    pattern: int
    chosen: bool
    points: tuple[At, ...]


@dataclass(frozen=True)
class Drawing:
    """All of a map. `communes`: (name, latitude, longitude) around, for finding one's way. `unplaced`: names of stops of which
    nobody told where they are."""

    points: tuple[Point, ...]
    lines: tuple[Line, ...] = ()
    communes: tuple[tuple[str, float, float], ...] = ()
    unplaced: tuple[str, ...] = ()
    outlines: Outlines = outlines.NONE
    tiles: str = ""
    credit: str = ""
    words: Mapping[str, str] = field(default_factory=dict)

    @property
    def plain(self) -> dict[str, Any]:
        """For the page's script."""
        return asdict(self)

    @property
    def calls(self) -> list[Point]:
        return sorted((one for one in self.points if one.kind == "call"), key=lambda one: one.number)

    @property
    def idle(self) -> list[Point]:
        return [one for one in self.points if one.kind == "idle"]


def drawn(
    session: Session, library_id: int, since: date, until: date, chosen: Trip | None = None, sites: bool = False
) -> Drawing:
    """The library's open stops, those nobody calls at from `since` to `until` marked; `chosen` as a thick line, the other trips
    of its week dotted; with `sites` the rotation sites too. Lets the page load tiles where the library names a server."""
    stops = _stops(session, library_id, since, until)
    monday = (day := chosen.day if chosen else since) - timedelta(days=day.weekday())
    trips = _trips(session, library_id, monday, monday + timedelta(days=6))
    if chosen is not None and chosen not in trips:
        trips.append(chosen)
    points = [*_stop_points(stops, _called(session, since, until, stops), chosen), *_depots(session, library_id)]
    points += _site_points(session, library_id, {one.site_id for one in stops}) if sites else []
    lines = [line for trip in trips if (line := _line(trip, trip is chosen))]
    unplaced = tuple(one.name for one in stops if place_of(one) is None)
    return _framed(session, library_id, points, lines, unplaced)


def _framed(
    session: Session, library_id: int, points: Sequence[Point], lines: Sequence[Line], unplaced: tuple[str, ...]
) -> Drawing:
    own = settings.of(session, library_id)
    tiles = own.tile_address or ""
    allow_tiles(tiles)
    near = tuple((name, *at) for name, at in centres.around(one.at for one in points) if not _covered(at, points))
    drawn = outlines.NONE if tiles else outlines.around((one.at for one in points), _called_at(points))
    return Drawing(tuple(points), tuple(lines), near, unplaced, drawn, tiles, own.tile_credit or "", _words())


def _called_at(points: Iterable[Point]) -> list[At]:
    return [one.at for one in points if one.kind == "call"]


def _covered(at: At, points: Iterable[Point]) -> bool:
    """Something of ours stands there, within a kilometre or so."""
    return any(abs(one.latitude - at[0]) < NEAR and abs(one.longitude - at[1]) < NEAR for one in points)


def allow_tiles(address: str) -> None:
    """This answer's page may show pictures from that server; no other page may."""
    parts = urlsplit(address)
    if parts.scheme in ("http", "https") and parts.netloc:
        g.more_pictures = f"{parts.scheme}://{parts.netloc.replace('{s}', '*')}"


def _words() -> dict[str, str]:
    """For the script, in the reader's language."""
    return {
        "bigger": _("Phóng to"), "smaller": _("Thu nhỏ"), "whole": _("Xem cả vùng"), "rough": _("vị trí gần đúng, theo trung tâm xã"),
        "idle": _("chưa có chuyến trong những ngày này"),
    }  # fmt: skip


# What is known of where things are


def place_of(stop: Stop) -> tuple[At, bool] | None:
    """((latitude, longitude), is it only the commune's centre); None where not even the commune is told."""
    if stop.latitude is not None and stop.longitude is not None:
        return (stop.latitude, stop.longitude), False
    centre = centres.of(stop.commune_code)
    return (centre, True) if centre else None


def _stops(session: Session, library_id: int, since: date, until: date) -> Sequence[Stop]:
    query = select(Stop).where(Stop.library_id == library_id, Stop.from_on <= until)
    query = query.where(or_(Stop.closed_on.is_(None), Stop.closed_on > since))
    return session.scalars(query.order_by(Stop.name)).all()


def _called(session: Session, since: date, until: date, stops: Iterable[Stop]) -> frozenset[int]:
    """Stops at which somebody calls in these days."""
    query = (
        select(StopVisit.stop_id)
        .join(Trip, Trip.id == StopVisit.trip_id)
        .where(StopVisit.stop_id.in_([one.id for one in stops]), StopVisit.day.between(since, until))
        .where(StopVisit.state.in_(STANDING), Trip.state != TripState.CANCELLED)
    )
    return frozenset(session.scalars(query))


def _trips(session: Session, library_id: int, since: date, until: date) -> list[Trip]:
    query = (
        select(Trip)
        .where(Trip.library_id == library_id, Trip.day.between(since, until), Trip.state != TripState.CANCELLED)
        .options(
            joinedload(Trip.vehicle).joinedload(Vehicle.branch), selectinload(Trip.visits).joinedload(StopVisit.stop)
        )
        .order_by(Trip.day, Trip.id)
    )
    return list(session.scalars(query))


def _stop_points(stops: Iterable[Stop], called: frozenset[int], chosen: Trip | None) -> list[Point]:
    order = {one.stop_id: at for at, one in enumerate(chosen.visits, 1) if one.state in STANDING} if chosen else {}
    found = [_stop_point(one, called, order) for one in stops]
    return [one for one in found if one is not None]


def _stop_point(stop: Stop, called: frozenset[int], order: Mapping[int, int]) -> Point | None:
    placed = place_of(stop)
    if placed is None:
        return None
    kind = "call" if stop.id in order else "stop" if stop.id in called else "idle"
    (latitude, longitude), rough = placed
    href = url_for("mobile_calendar.stop", uid=stop.uid)
    return Point(kind, stop.name, latitude, longitude, stop.address or "", href, order.get(stop.id, 0), rough)


def _calls(trip: Trip) -> list[StopVisit]:
    return [visit for visit in trip.visits if visit.state in STANDING]


def depot_of(vehicle: Vehicle) -> At | None:
    """The centre of the commune of the branch it is stationed at."""
    return centres.of(vehicle.branch.commune_code)


def _depots(session: Session, library_id: int) -> list[Point]:
    """One point for all vehicles of a branch."""
    query = select(Vehicle).where(Vehicle.library_id == library_id, Vehicle.to_on.is_(None))
    vehicles = session.scalars(query.options(joinedload(Vehicle.branch)).order_by(Vehicle.name))
    by: dict[At, list[str]] = {}
    for one in vehicles:
        if at := depot_of(one):
            by.setdefault(at, []).append(one.name)
    return [Point("depot", _("Kho xe"), *at, ", ".join(names), rough=True) for at, names in by.items()]


def _line(trip: Trip, chosen: bool) -> Line | None:
    """Out from the depot and back to it, where that is known."""
    calls = [placed[0] for visit in _calls(trip) if (placed := place_of(visit.stop))]
    depot = depot_of(trip.vehicle)
    whole = [depot, *calls, depot] if depot else calls
    points = tuple(at for at in whole if at is not None)
    return Line(f"{trip.vehicle.name}, {trip.day:%d/%m}", trip.vehicle.pattern, chosen, points) if calls else None


def _site_points(session: Session, library_id: int, shown: set[int | None]) -> list[Point]:
    """Sites that no stop stands for."""
    query = select(Site).where(Site.library_id == library_id, Site.closed_on.is_(None)).options(joinedload(Site.branch))
    found = []
    for site in session.scalars(query.order_by(Site.name)):
        if site.id not in shown and (placed := _site_place(site)):
            (latitude, longitude), rough = placed
            href = url_for("mobile_calendar.site", uid=site.uid)
            found.append(Point("site", site.name, latitude, longitude, site.area or "", href, rough=rough))
    return found


def _site_place(site: Site) -> tuple[At, bool] | None:
    if site.latitude is not None and site.longitude is not None:
        return (site.latitude, site.longitude), False
    centre = centres.of(site.branch.commune_code)
    return (centre, True) if centre else None
