"""Stops: listed, added, changed, closed; the sheet with their code."""

from collections.abc import Mapping, Sequence
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
from library.loans import posting
from library.mobile import pages, stop_visits, stops
from library.mobile.models import Stop
from library.mobile.pages import Complaints
from library.mobile.scopes import stop_here
from library.mobile.stops import NewStop
from library.organisations import communes, tree
from library.organisations.models import Branch, Organisation
from library.rotation.models import Site

bp = Blueprint("mobile_stops", __name__)


@bp.get("/van/stops", endpoint="list")
@needs(Permission.VAN_SEE)
def show_list() -> Any:
    session, scope = db.session(), here()
    mine = scope.of_libraries(Stop.library_id) | scope.of_branches(Stop.readers_of_id)
    found = sorted(
        session.scalars(select(Stop).where(mine)), key=lambda one: (one.closed_on is not None, one.name.casefold())
    )
    ids = [one.id for one in found]
    return pages.page(
        "mobile/stops.html", stops=found, next_=stop_visits.next_days(session, ids),
        last=stop_visits.last_days(session, ids), out=stop_visits.books_out(session, found), today=clock.today(),
    )  # fmt: skip


@bp.get("/van/stops/new", endpoint="new")
@needs(Permission.VAN_PLAN)
def ask() -> Any:
    return _form_page(None, {"minutes": str(stops.USUAL_MINUTES)})


def _form_page(
    stop: Stop | None, told: posting.Source, complaints: Complaints | None = None, stopped: Sequence[Reason] = ()
) -> str:
    session, library = db.session(), pages.library()
    return pages.page(
        "mobile/stop_form.html", stop=stop, told=told, complaints=complaints or {}, stopped=stopped,
        schools=_schools(session, library), sites=_sites(session, library),
    )  # fmt: skip


def _schools(session: Session, library: Organisation) -> Mapping[str, Branch]:
    """Branches whose readers may come: of the library itself and all below it, by uid."""
    below = tree.below([library.id], tree.parentage_on(session, clock.today()))
    query = select(Branch).where(Branch.organisation_id.in_(below), Branch.closed_on.is_(None))
    found = sorted(session.scalars(query), key=lambda one: one.name.casefold())
    return {str(one.uid): one for one in found}


def _sites(session: Session, library: Organisation) -> Mapping[str, Site]:
    query = select(Site).where(Site.library_id == library.id, Site.closed_on.is_(None)).order_by(Site.name)
    return {str(one.uid): one for one in session.scalars(query)}


def _said(stop: Stop) -> dict[str, str]:
    names = ("name", "address", "contact_name", "contact_phone", "parking", "minutes", "pupils", "note")
    said = {name: "" if getattr(stop, name) is None else str(getattr(stop, name)) for name in names}
    for name in ("latitude", "longitude"):
        value = getattr(stop, name)
        said[name] = "" if value is None else f"{value:.6f}".rstrip("0").rstrip(".")
    said |= {name: "1" for name in ("has_power", "has_signal") if getattr(stop, name)}
    commune = communes.by_code(stop.commune_code) if stop.commune_code else None
    said["commune"] = commune.label if commune else ""
    said["readers_of"] = str(stop.readers_of.uid) if stop.readers_of else ""
    site = db.session.get(Site, stop.site_id) if stop.site_id else None
    return said | {"site": str(site.uid) if site else ""}


def _read(reader: Reader, library: Organisation) -> NewStop:
    session = db.session()
    latitude, longitude = (
        pages.decimal_of(reader, "latitude", -90, 90),
        pages.decimal_of(reader, "longitude", -180, 180),
    )
    if (latitude is None) != (longitude is None) and not {"latitude", "longitude"} & set(reader.complaints):
        reader.complain("longitude", "both", N_("Ghi cả vĩ độ và kinh độ, hoặc để trống cả hai."))
    return NewStop(
        reader.text("name", longest=120), None, reader.choice("readers_of", _schools(session, library), required=False),
        reader.choice("site", _sites(session, library), required=False), reader.text("address", False, 200),
        _commune(reader), latitude, longitude, reader.text("contact_name", False, 100),
        reader.text("contact_phone", False, 30), reader.text("parking", False, 500), reader.ticked("has_power"),
        reader.ticked("has_signal"), reader.number("minutes", 10, 720) or stops.USUAL_MINUTES,
        reader.number("pupils", 0, 100_000, required=False), note=reader.text("note", False, 1000),
    )  # fmt: skip


def _commune(reader: Reader) -> str | None:
    """Its code, by its name or a part of it that only one has."""
    text = reader.text("commune", False, 80)
    found = communes.find(text.replace(",", " ")) if text else []
    if text and len(found) != 1:
        sentence = N_("Có %(count)s xã tên như vậy. Ghi thêm tên tỉnh.") if found else N_("Không có xã tên %(text)s.")
        reader.complain("commune", "unknown", sentence, text=text, count=len(found))
    return found[0].code if len(found) == 1 else None


@bp.post("/van/stops/new", endpoint="make")
@needs(Permission.VAN_PLAN)
def make() -> Any:
    told, library = posting.source(), pages.library()
    reader, library_id, branch = Reader(told), library.id, current_user.branch_id
    posted, new = posting.posted_of(told, reader), _read(reader, library)

    def found() -> dict[str, Any]:
        assert posted
        owner = db.session.get_one(Organisation, library_id)
        made = stops.found(db.session(), pages.doing(posted, branch), owner, _read(Reader(told), owner))
        audit.note(current_user.uid, "add-stop", "stop", made.uid, library_id)
        return {"stop": str(made.uid), "words": _("Đã thêm điểm dừng %(name)s.", name=made.name)}

    def work() -> Any:
        assert posted
        facts = {"stop": new.name, "at": [new.latitude, new.longitude]}
        return posting.answer(
            posted, facts, found, lambda done: pages.said(done["words"], url_for(".show", uid=done["stop"]))
        )

    return pages.told_or_page(reader, work, lambda complaints, stopped: _form_page(None, told, complaints, stopped))


@bp.get("/van/stops/<uuid:uid>", endpoint="show")
@needs(Permission.VAN_SEE)
def show(uid: UUID) -> Any:
    session, today = db.session(), clock.today()
    stop = stop_here(session, uid, seeing=True)
    return pages.page(
        "mobile/stop.html", stop=stop, ahead=stop_visits.ahead(session, stop, today),
        past=stop_visits.past(session, stop, today), out=stop_visits.books_out(session, [stop]).get(stop.id, 0),
        may_change=access.scope(Permission.VAN_PLAN).holds_library(stop.library_id), today=today,
        site=session.get(Site, stop.site_id) if stop.site_id else None,
    )  # fmt: skip


@bp.get("/van/stops/<uuid:uid>/edit", endpoint="edit")
@needs(Permission.VAN_PLAN)
def ask_edit(uid: UUID) -> Any:
    stop = stop_here(db.session(), uid)
    return _form_page(stop, _said(stop))


@bp.post("/van/stops/<uuid:uid>/edit", endpoint="change")
@needs(Permission.VAN_PLAN)
def change(uid: UUID) -> Any:
    """What is said of it; or `do`: close or reopen."""
    told, _stop = posting.source(), stop_here(db.session(), uid)
    reader = Reader(told)
    posted, do = posting.posted_of(told, reader), reader.text("do", required=False, longest=20)
    new = None if do else _read(reader, pages.library())

    def write() -> dict[str, Any]:
        session, one = db.session(), stop_here(db.session(), uid)
        if do == "close":
            stops.close(session, one, clock.today())
        elif do:
            stops.reopen(session, one)
        else:
            stops.change(session, one, _read(Reader(told), pages.library()))
        audit.note(current_user.uid, "change-stop", "stop", one.uid, one.library_id)
        return {"words": _("Đã lưu điểm dừng %(name)s.", name=one.name)}

    def work() -> Any:
        assert posted
        facts = {"stop": str(uid), "do": do, "as": [str(one) for one in _plain(new)]}
        return posting.answer(posted, facts, write, lambda done: pages.said(done["words"], url_for(".show", uid=uid)))

    return pages.told_or_page(reader, work, lambda complaints, stopped: _stopped(uid, told, do, complaints, stopped))


def _stopped(uid: UUID, told: posting.Source, do: str, complaints: Complaints, stopped: Sequence[Reason]) -> str:
    stop = stop_here(db.session(), uid)
    return _form_page(stop, _said(stop) if do else told, complaints, stopped)


def _plain(new: NewStop | None) -> list[Any]:
    """By which a repeat is told from something else."""
    if new is None:
        return []
    told = {**vars(new), "readers_of": new.readers_of and new.readers_of.id, "site": new.site and new.site.id}
    return list(told.values())
