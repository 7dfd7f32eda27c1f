"""Vehicles, their kit, and a library's own numbers for trips."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import Blueprint, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import Session

from library import access, audit
from library.access import Permission, here, needs
from library.core import clock
from library.core.db import db
from library.core.errors import N_, Reason
from library.core.forms import Reader
from library.holdings.models import Item, Place, PlaceKind
from library.loans import posting
from library.mobile import aboard, kit, kit_forms, pages, settings, vehicles
from library.mobile.models import KitItem, MobileSetting, Trip, TripState, Vehicle, VehicleKind
from library.mobile.pages import Complaints
from library.mobile.scopes import vehicle_here
from library.mobile.vehicles import NewVehicle
from library.organisations.models import Organisation

bp = Blueprint("mobile_vehicles", __name__)
KINDS = {one.value: one for one in VehicleKind}
PATTERN_WORDS = {1: N_("một vạch"), 2: N_("hai vạch"), 3: N_("ba vạch")}


@bp.get("/van/vehicles", endpoint="list")
@needs(Permission.VAN_SEE)
def show_list() -> Any:
    session = db.session()
    found = session.scalars(select(Vehicle).where(here().of_libraries(Vehicle.library_id)).order_by(Vehicle.id)).all()
    return pages.page("mobile/vehicles.html", vehicles=found, loaded=vehicles.loaded(session, found))


@bp.get("/van/vehicles/new", endpoint="new")
@needs(Permission.VAN_PLAN)
def ask() -> Any:
    return _form_page(None, {})


def _form_page(
    vehicle: Vehicle | None, told: posting.Source, complaints: Complaints | None = None, stopped: Sequence[Reason] = ()
) -> str:
    session, library = db.session(), pages.library()
    depots = _depots(session, library)
    return pages.page(
        "mobile/vehicle_form.html", vehicle=vehicle, told=told or _said(vehicle), complaints=complaints or {},
        stopped=stopped, branches=library.branches, depots=depots, patterns=PATTERN_WORDS,
        out=vehicles.with_readers(session, vehicle) if vehicle else 0,
    )  # fmt: skip


def _depots(session: Session, library: Organisation) -> Sequence[Place]:
    """Where a vehicle may load from: depots and stacks of the library."""
    branches = [one.id for one in library.branches]
    query = select(Place).where(
        Place.branch_id.in_(branches), Place.kind.in_((PlaceKind.DEPOT, PlaceKind.STACKS)), Place.closed_on.is_(None)
    )
    return session.scalars(query.order_by(Place.kind, Place.id)).all()


def _said(vehicle: Vehicle | None) -> dict[str, Any]:
    """What the form begins with."""
    if vehicle is None:
        return {"kind": "car"}
    names = ("name", "plate", "pattern", "copies", "crates", "seats", "note")
    said = {name: "" if getattr(vehicle, name) is None else str(getattr(vehicle, name)) for name in names}
    litres = vehicle.litres_per_100km
    said |= {"kind": vehicle.kind.value, "litres": "" if litres is None else f"{litres:g}".replace(".", ",")}
    return said | {name: "1" for name in ("has_power", "has_internet") if getattr(vehicle, name)}


def _read(reader: Reader, library: Organisation) -> NewVehicle:
    branches = {str(one.id): one for one in library.branches}
    depots = {str(one.id): one for one in _depots(db.session(), library)}
    return NewVehicle(
        reader.text("name", longest=60), reader.choice("kind", KINDS) or VehicleKind.CAR,
        reader.choice("branch", branches, required=False), reader.choice("depot", depots, required=False),
        reader.text("plate", required=False, longest=20), reader.number("pattern", 1, vehicles.PATTERNS, required=False),
        reader.number("copies", 1, 100_000, required=False), reader.number("crates", 1, 1000, required=False),
        reader.number("seats", 1, 100, required=False), reader.ticked("has_power"), reader.ticked("has_internet"),
        pages.decimal_of(reader, "litres", 0, 200), note=reader.text("note", required=False, longest=500),
    )  # fmt: skip


@bp.post("/van/vehicles/new", endpoint="make")
@needs(Permission.VAN_PLAN)
def make() -> Any:
    told, library = posting.source(), pages.library()
    reader = Reader(told)
    posted, new = posting.posted_of(told, reader), _read(reader, library)
    library_id, branch = library.id, current_user.branch_id

    def found() -> dict[str, Any]:
        assert posted
        owner = db.session.get_one(Organisation, library_id)
        again = _read(Reader(told), owner)
        made = vehicles.found(db.session(), pages.doing(posted, branch), owner, again)
        audit.note(current_user.uid, "add-vehicle", "vehicle", made.uid, library_id)
        return {"vehicle": str(made.uid), "words": _("Đã thêm %(name)s. Sách trên xe đứng ở “%(place)s”.",
                                                     name=made.name, place=made.aboard.name)}  # fmt: skip

    def work() -> Any:
        assert posted
        facts = {"vehicle": new.name, "kind": new.kind.value}
        return posting.answer(
            posted, facts, found, lambda done: pages.said(done["words"], url_for(".show", uid=done["vehicle"]))
        )

    return pages.told_or_page(reader, work, lambda complaints, stopped: _form_page(None, told, complaints, stopped))


@bp.get("/van/vehicles/<uuid:uid>", endpoint="show")
@needs(Permission.VAN_SEE)
def show(uid: UUID) -> Any:
    return _page(vehicle_here(db.session(), uid))


def _page(
    vehicle: Vehicle, told: posting.Source | None = None, complaints: Complaints | None = None,
    stopped: Sequence[Reason] = (),
) -> str:  # fmt: skip
    session, today = db.session(), clock.today()
    things = kit.of(session, vehicle.id)
    ahead = select(Trip).where(Trip.vehicle_id == vehicle.id, Trip.day >= today, Trip.state != TripState.CANCELLED)
    return pages.page(
        "mobile/vehicle.html", vehicle=vehicle, loaded=aboard.of(session, vehicle), things=things,
        lent=kit.lent(session, things), told=told or {}, complaints=complaints or {}, stopped=stopped,
        codes=_codes(session, things), trips=session.scalars(ahead.order_by(Trip.day, Trip.leaves_at).limit(5)).all(),
        last_km=_last_km(session, vehicle), may_change=_may_change(vehicle), today=today,
        usual=len(kit.USUAL), patterns=PATTERN_WORDS,
    )  # fmt: skip


def _may_change(vehicle: Vehicle) -> bool:
    return access.scope(Permission.VAN_PLAN).holds_library(vehicle.library_id)


def _codes(session: Session, things: Sequence[KitItem]) -> dict[int, str]:
    """Accession numbers of things that are copies too."""
    ids = {one.item_id: one.id for one in things if one.item_id}
    query = select(Item.id, Item.accession).where(Item.id.in_(ids))
    return {ids[item]: accession or "–" for item, accession in session.execute(query)}


def _last_km(session: Session, vehicle: Vehicle) -> int | None:
    query = select(Trip.odometer_in).where(Trip.vehicle_id == vehicle.id, Trip.odometer_in.is_not(None))
    return session.scalar(query.order_by(Trip.day.desc(), Trip.id.desc()).limit(1))


@bp.get("/van/vehicles/<uuid:uid>/edit", endpoint="edit")
@needs(Permission.VAN_PLAN)
def ask_edit(uid: UUID) -> Any:
    return _form_page(vehicle_here(db.session(), uid), {})


@bp.post("/van/vehicles/<uuid:uid>/edit", endpoint="change")
@needs(Permission.VAN_PLAN)
def change(uid: UUID) -> Any:
    """What is said of it; or `do`: retire or use-again."""
    told = posting.source()
    reader, vehicle = Reader(told), vehicle_here(db.session(), uid)
    posted, do = posting.posted_of(told, reader), reader.text("do", required=False, longest=20)
    new = None if do else _read(reader, pages.library())

    def write() -> dict[str, Any]:
        session, one = db.session(), vehicle_here(db.session(), uid)
        words = _("Đã lưu %(name)s.", name=one.name)
        if do == "retire":
            vehicles.retire(session, one, clock.today())
            words = _retired(one, vehicles.with_readers(session, one))
        elif do:
            vehicles.use_again(session, one)
        elif new:
            vehicles.change(session, one, new)
        audit.note(current_user.uid, "change-vehicle", "vehicle", one.uid, one.library_id)
        return {"words": words}

    def work() -> Any:
        assert posted
        facts = {"vehicle": str(uid), "do": do, "as": [str(one) for one in vars(new).values()] if new else []}
        return posting.answer(posted, facts, write, lambda done: pages.said(done["words"], url_for(".show", uid=uid)))

    return pages.told_or_page(
        reader, work, lambda complaints, stopped: _form_page(vehicle_here(db.session(), vehicle.uid), told, complaints, stopped)
    )  # fmt: skip


def _retired(vehicle: Vehicle, out: int) -> str:
    if not out:
        return str(_("%(name)s thôi dùng từ hôm nay.", name=vehicle.name))
    said = _(
        "%(name)s thôi dùng từ hôm nay. Bạn đọc còn giữ %(count)s cuốn mượn ở xe này, trả ở xe khác hay ở quầy.",
        name=vehicle.name, count=out,
    )  # fmt: skip
    return str(said)


# Kit


@bp.post("/van/vehicles/<uuid:uid>/kit", endpoint="kit")
@needs(Permission.VAN_PLAN)
def change_kit(uid: UUID) -> Any:
    """`do`: add (`name`, `quantity`, `serial`, `for_blind`, `code` of a copy), usual, retire-<id>; lend (`thing`,
    `lend_code`), for one that readers may borrow from now on, or keep-<id>, for one they may not any more."""
    told = posting.source()
    reader, vehicle = Reader(told), vehicle_here(db.session(), uid)
    posted, do = posting.posted_of(told, reader), kit_forms.deed(reader)
    said = kit_forms.read(reader, vehicle, do)

    def write() -> dict[str, Any]:
        one = vehicle_here(db.session(), uid)
        words = kit_forms.done(db.session(), one, do, said)
        audit.note(current_user.uid, "change-kit", "vehicle", one.uid, one.library_id)
        return {"words": words}

    def work() -> Any:
        assert posted
        facts = {"kit": str(uid), "do": do, "new": [str(one) for one in vars(said).values()] if said else []}
        return posting.answer(
            posted, facts, write, lambda done: pages.said(done["words"], f"{url_for('.show', uid=uid)}#kit")
        )

    return pages.told_or_page(
        reader, work, lambda complaints, stopped: _page(vehicle_here(db.session(), uid), told, complaints, stopped)
    )


# The library's own numbers


@bp.get("/van/settings", endpoint="settings")
@needs(Permission.VAN_PLAN)
def show_settings() -> Any:
    library = pages.library()
    said = settings.of(db.session(), library.id)
    names = ("crew_least", "drivers_least", "librarians_least")
    return _settings_page({name: str(getattr(said, name)) for name in names}, {})


def _settings_page(told: posting.Source, complaints: Complaints) -> str:
    return pages.page("mobile/van_settings.html", told=told, complaints=complaints, usual=settings.USUAL)


@bp.post("/van/settings", endpoint="save")
@needs(Permission.VAN_PLAN)
def save() -> Any:
    told, library = posting.source(), pages.library()
    reader, library_id = Reader(told), library.id
    posted = posting.posted_of(told, reader)
    said = {name: reader.number(name, 0, 20) for name in settings.USUAL}

    def write() -> dict[str, Any]:
        session = db.session()
        row = session.get(MobileSetting, library_id)
        if row is None:
            row = MobileSetting(library_id=library_id, **settings.USUAL)
            session.add(row)
        for name, value in said.items():
            setattr(row, name, value)
        audit.note(current_user.uid, "change-van-settings", "library", library_id, library_id)
        return {"words": _("Đã lưu quy định đi xe.")}

    def work() -> Any:
        assert posted
        return posting.answer(posted, dict(said), write, lambda done: pages.said(done["words"], url_for(".settings")))

    return pages.told_or_page(reader, work, lambda complaints, _stopped: _settings_page(told, complaints))
