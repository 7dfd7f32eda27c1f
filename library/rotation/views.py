"""The board of all batches, one batch, one site, one copy: what is where, from whom, until when."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from flask import Blueprint, current_app, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy.orm import Session

from library import access
from library.access import Permission, here, needs
from library.catalogue.models import Record
from library.core import clock, plot_bars
from library.core.db import db
from library.core.errors import N_
from library.core.paging import Page, page_number
from library.core.plot import Plot, Series
from library.holdings.models import Item
from library.loans import stay_words
from library.rotation import (
    at_desk,
    batch_page,
    batches_forms,
    board,
    board_decisions,
    board_doors,
    board_paint,
    board_scale,
    copy_history,
    exchanging,
    site_page,
)
from library.rotation.batch_use import Week
from library.rotation.board_lanes import Board, Stood
from library.rotation.board_state import Look
from library.rotation.board_told import Told
from library.rotation.board_words import DEEDS, KINDS, LOOKS, METHODS, OUTCOMES, STATES
from library.rotation.scopes import batch_here, exchange_here, of_batches, of_sites, site_here
from library.rotation.site_words import KINDS as SITE_KINDS
from library.rotation.site_words import icon_of
from library.rotation.sites_forms import WHY_CLOSED

bp = Blueprint("rotation", __name__)
stay_words.ASK.append(at_desk.said)
MOST_CARDS = 12
"""Decisions shown; who has more looks at the table first."""
LISTED = 100
MOST_BARS = 250
"""Of one picture; a larger province looks at one area at a time."""
MORE = (
    ("rotation_sites.list", "map-pin", N_("Các điểm"), Permission.ROTATION_SEE),
    ("rotation_stock.show", "archive", N_("Kho luân chuyển"), Permission.ROTATION_PLAN),
    ("rotation_wishes.list", "list-checks", N_("Nhu cầu"), Permission.ROTATION_SEE),
    ("rotation_batches.plan", "layout-grid", N_("Lập nhiều đợt"), Permission.ROTATION_PLAN),
    ("rotation_figures.show", "chart-column", N_("Số liệu"), Permission.ROTATION_SEE),
    ("rotation_close.owed", "circle-question-mark", N_("Còn thiếu, còn giữ"), Permission.ROTATION_HANDLE),
    ("rotation_batches.settings", "settings", N_("Mức của thư viện"), Permission.ROTATION_PLAN),
)
"""Beside the board: endpoint, icon, words, who needs it."""


def page(template: str, **told: Any) -> str:
    """With what each of these pages asks for; `there(endpoint, …)`: its address, '' where nobody has made that page."""
    known: Mapping[str, Any] = current_app.view_functions

    def there(endpoint: str, **values: Any) -> str:
        return url_for(endpoint, **values) if endpoint in known else ""

    return render_template(
        template, there=there, here_=clock.HERE, day_of=clock.day_of, looks=LOOKS, outcomes=OUTCOMES, states=STATES,
        kinds=KINDS, icon_of=icon_of,
        why_said=lambda why: batches_forms.said(why, _), fresh_uid=clock.uuid7, today=clock.today(), **told,
    )  # fmt: skip


@bp.get("/rotation", endpoint="board")
@needs(Permission.ROTATION_SEE)
def show_board() -> Any:
    """`look`: only batches that look so; `from`: the month the picture begins with; `as=table`: as a list."""
    session, today = db.session(), clock.today()
    scale, only = _scale(request.args.get("from"), today), _look(request.args.get("look"))
    owns = here().holds_library
    found = board.read(session, of_batches(here()), of_sites(here()), scale, today, only, owns)
    plans, table = access.scope(Permission.ROTATION_PLAN), request.args.get("as") == "table"
    area = _area(found, request.args.get("area"))
    lanes = () if table else found.lanes(area)
    picture = board_paint.paint(found, lanes, today, Told.by(lambda said: str(_(said))), _free_days(scale))
    return page(
        "rotation/board.html", board=found, picture=picture, only=only, scale=scale, area=area, areas=found.areas,
        decisions=board_decisions.of(session, found, today, access.scope(Permission.ROTATION_APPROVE)),
        as_table=table, plans=bool(plans), moved=_moved(scale), deed=board_doors.deed,
        listed=_listed(found, only), most_cards=MOST_CARDS,
        more=[(endpoint, icon, _(words)) for endpoint, icon, words, needed in MORE if access.scope(needed)],
        in_depot=_in_depot(session, found),
    )  # fmt: skip


def _in_depot(session: Session, found: Board) -> int | None:
    """Of who sends books, though it has no site yet; who has others' sites only has no depot."""
    owns = any(here().holds_library(row.library_id) for row in found.sites.values())
    return board.in_depot(session, here().of_libraries(Item.library_id)) if owns or not found.sites else None


def _listed(found: Board, only: Look | None) -> Page[Stood]:
    """For the list: what is not over, by code."""
    among = [one for one in found.mine if only in (None, one.look)]
    number = page_number(request.args.get("page"))
    return Page(among[(number - 1) * LISTED : number * LISTED], number, LISTED, len(among))


def _area(found: Board, asked: str | None) -> str | None:
    """As asked; else all of them, or the first where the picture would hold too much."""
    if asked in found.areas:
        return asked
    return found.areas[0] if found.bars > MOST_BARS and len(found.areas) > 1 else None


def _scale(text: str | None, today: date) -> board_scale.Scale:
    try:
        first = date.fromisoformat(f"{text}-01") if text else None
    except ValueError:
        first = None
    if first is None or not 2000 <= first.year <= 2200:
        return board_scale.around(today)
    return board_scale.around(first, before=0)


def _moved(scale: board_scale.Scale) -> tuple[str, str]:
    """The months three before and three after, as addresses name them."""
    return f"{board_scale.month_after(scale.first, -3):%Y-%m}", f"{board_scale.month_after(scale.first, 3):%Y-%m}"


def _look(text: str | None) -> Look | None:
    try:
        return Look(text) if text else None
    except ValueError:
        return None


def _free_days(scale: board_scale.Scale) -> list[tuple[str, date, date]]:
    return board_paint.free_days(db.session(), current_user.library_id, scale, _("Nghỉ Tết"))


@bp.get("/rotation/batches/<uuid:uid>", endpoint="batch")
@needs(Permission.ROTATION_SEE)
def show_batch(uid: UUID) -> Any:
    session = db.session()
    found = batch_here(session, uid)
    told = batch_page.read(session, found, clock.today(), url_for("rotation.batch", uid=uid, _external=True))
    ends = told.next is not None and told.next.to_site_id is None
    doors = board_doors.next_deeds(found, told.legs, told.leg, ends)
    coming = exchanging.successor(session, found)
    return page(
        "rotation/batch.html", batch=found, told=told, doors=doors, deeds=DEEDS, methods=METHODS,
        weeks=_weeks(told.used.weeks) if told.used else None,
        papers=board_doors.papers(found, told.legs), asked_at=board_doors.asked(told.leg),
        deeds_more=board_doors.more(found, told.legs, swaps=coming is None), coming=exchange_here(session, coming),
        replaced=exchange_here(session, exchanging.replaced(session, found)),
    )  # fmt: skip


A_ROW = 8
"""Weeks beside each other: 21/09 still stands under each bar on a phone."""


def _weeks(weeks: Sequence[Week]) -> Plot:
    """Lent below, read there above, week by week."""
    lent, read = Series(_("mượn"), [one.loans for one in weeks]), Series(_("đọc tại chỗ"), [one.here for one in weeks])
    return plot_bars.standing(
        [f"{one.first:%d/%m}" for one in weeks], [lent, read], stacked=True, a_row=A_ROW, high=130
    )


@bp.get("/rotation/sites/<uuid:uid>", endpoint="site")
@needs(Permission.ROTATION_SEE)
def show_site(uid: UUID) -> Any:
    session = db.session()
    found = site_here(session, uid)
    told = site_page.read(session, found, of_batches(here()), clock.today())
    doors = board_doors.of_site(found)
    logs = bool(doors) and access.scope(Permission.ROTATION_HANDLE)
    return page(
        "rotation/site_page.html",
        site=found,
        told=told,
        doors=doors,
        logs=logs,
        site_kind=_(SITE_KINDS[found.kind]),
        closed_whys=WHY_CLOSED,
    )


@bp.get("/rotation/copies/<uuid:uid>", endpoint="copy")
@needs(Permission.ROTATION_SEE)
def show_copy(uid: UUID) -> Any:
    session = db.session()
    found = copy_history.item_here(session, uid, here())
    about = board_doors.link("finding.title", uid=found.record.uid)
    return page("rotation/history.html", item=found, events=copy_history.of(session, found.id), title_page=about)


@bp.app_template_global("rotated")
def rotated(record: Record) -> list[Any]:
    """For the page of a title: its copies that went round, for who may see that; none otherwise."""
    scope = access.scope(Permission.ROTATION_SEE)
    return copy_history.of_title(db.session(), record.id, scope) if scope else []
