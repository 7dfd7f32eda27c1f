"""All shelves of a library side by side; whoever keeps one only is sent to it."""

from datetime import date
from typing import Any

from flask import current_app, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import and_
from sqlalchemy.orm import Session

from library import access
from library.access import Permission, here, needs
from library.core import clock
from library.core.db import db
from library.core.errors import N_
from library.patrons import asked, school_years
from library.shelves import figures_built, light_views, overview, setup_views
from library.shelves.models import Shelf
from library.shelves.overview import Side
from library.shelves.pages import bp as bp
from library.shelves.pages import page
from library.shelves.scopes import mine
from library.shelves.signers import to_sign

PARTS = (setup_views, light_views)
"""Modules whose pages stand on the same blueprint."""
ORDERS = {
    "class": N_("theo lớp"),
    "used": N_("ít dùng trước"),
    "fit": N_("lệch bậc trước"),
    "lost": N_("mất nhiều trước"),
    "size": N_("ít sách trước"),
}
DEEDS = (
    ("shelf_fill.show", "package", N_("Xếp sách vào tủ")),
    ("shelf_fill.pulls", "list-checks", N_("Danh sách lấy sách")),
    ("shelf_swaps.list", "refresh-cw", N_("Kế hoạch đổi tủ")),
    ("shelf_figures.show", "chart-column", N_("Số liệu tủ")),
    ("shelf_milestones.show", "award", N_("Mốc giấy khen")),
    ("year_end.show", "calendar-days", N_("Kết thúc năm học")),
)
"""What a librarian does with shelves, beside building them."""


@bp.get("/shelves", endpoint="overview")
@needs(Permission.CLASS_DESK)
def show_overview() -> Any:
    if not access.scope(Permission.CLASS_PLAN):
        return _own()
    libraries, library = asked.libraries()
    session, closed = db.session(), request.args.get("closed") == "1"
    since, order = year_began(session, library.id, clock.today()), request.args.get("by", "class")
    which = and_(mine(), Shelf.library_id == library.id)
    sides = overview.side_by_side(session, which, since, closed)
    return page(
        "shelves/overview.html", libraries=libraries, library=library, lib=asked.slug_of(library), closed=closed,
        sides=ordered(sides, order), by=order if order in ORDERS else "class", orders=ORDERS, since=since,
        built=sum(one.built for one in _built(session, library.id, since)), deeds=deeds(), mean=mean_use(sides),
        today=clock.today(), waiting=to_sign(session, which),
    )  # fmt: skip


def _own() -> Any:
    """A teacher's: the one shelf, or a list to choose from."""
    sides = overview.side_by_side(
        db.session(), mine(), year_began(db.session(), current_user.library_id, clock.today())
    )
    if len(sides) == 1 and (address := board_of(sides[0])):
        return redirect(address, 303)
    return page("shelves/mine.html", sides=sides, waiting=to_sign(db.session(), mine()))


def board_of(side: Side) -> str:
    return url_for("shelf_board.show", uid=side.uid) if "shelf_board.show" in current_app.view_functions else ""


def _built(session: Session, library_id: int, since: date) -> list[figures_built.Built]:
    return [one for one in figures_built.built(session, here(), since, clock.today()) if one.library_id == library_id]


def year_began(session: Session, library_id: int, today: date) -> date:
    """The first day of the school year that is running, as the library keeps it."""
    label = school_years.label_of(today)
    year = school_years.find(session, library_id, label)
    begins = year.from_on if year else school_years.days_of(label)[0]
    return begins if begins <= today else begins.replace(year=begins.year - 1)


def deeds() -> list[tuple[str, str, str]]:
    """(address, icon, words) of the pages there are."""
    known = current_app.view_functions
    return [(url_for(endpoint), icon, _(words)) for endpoint, icon, words in DEEDS if endpoint in known]


def mean_use(sides: list[Side]) -> float | None:
    """Uses a pupil over all shelves of classes."""
    pupils = sum(one.pupils for one in sides)
    return sum(one.uses for one in sides if one.pupils) / pupils if pupils else None


def ordered(sides: list[Side], by: str) -> list[Side]:
    """Those without a number for it come last."""
    keys: dict[str, Any] = {
        "used": lambda one: one.per_pupil if one.per_pupil is not None else 1e9,
        "fit": lambda one: one.fit if one.fit is not None else 2.0,
        "lost": lambda one: -one.held.lost,
        "size": lambda one: one.held.copies,
    }
    return sorted(sides, key=keys[by]) if by in keys else sides
