"""The frame of a shelf's pages: its name above, four signs below, and the way to everything else about it."""

from typing import Any
from uuid import UUID

from flask import current_app, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from library import access
from library.access import Permission as P
from library.accounts.models import Account
from library.core import clock
from library.core.errors import N_
from library.holdings.models import Item
from library.patrons.models import SchoolClass
from library.shelves import helper_sessions
from library.shelves.models import Shelf, ShelfMode, ShelfTenure
from library.shelves.scopes import standing
from library.shelves.stock import belongs

Tab = tuple[str, str, str, bool]
"""Address, icon, words, and whether one is there: as the rail of base.html draws it."""

TABS = {
    "board": ("shelf_board.show", "layout-grid", N_("Ai giữ gì")),
    "scan": ("shelf_board.scan", "scan-barcode", N_("Quét")),
    "books": ("shelf_board.books", "library", N_("Sách")),
    "tally": ("shelf_board.tally", "tally-5", N_("Đếm lượt")),
}
AT_HONOUR = ("tally", "scan", "books")
"""Nobody's name is written there, so nobody has anything."""

MORE = (
    ("shelf_week.show", "calendar-days", N_("Tuần này của tủ"), P.CLASS_KEEP),
    ("shelf_log.show", "pencil", N_("Sổ đọc"), P.CLASS_KEEP),
    ("shelf_swaps.of_shelf", "refresh-cw", N_("Đổi hộp sách"), P.CLASS_KEEP),
    ("shelf_fill.accept", "package", N_("Nhận sách vào tủ"), P.CLASS_KEEP),
    ("shelf_counts.show", "list-checks", N_("Kiểm tủ"), P.CLASS_KEEP),
    ("shelf_helpers.ask", "users", N_("Đưa máy cho em thủ thư"), P.CLASS_KEEP),
    ("handovers.of_shelf", "file-text", N_("Bàn giao tủ"), P.CLASS_KEEP),
    ("shelf_fill.list", "printer", N_("In danh sách tủ"), P.CLASS_KEEP),
    ("shelves.light", "gift", N_("Sách của lớp, của em"), P.CLASS_KEEP),
    ("shelf_pulls.new", "book", N_("Lấy thêm sách"), P.CLASS_PLAN),
    ("year_end.of_shelf", "calendar-days", N_("Kết thúc năm học"), P.CLASS_KEEP),
    ("shelves.settings", "settings", N_("Cài đặt tủ"), P.CLASS_KEEP),
)
"""Pages about one shelf: endpoint (which takes `uid`), icon, words, and what one must be allowed."""


def keeper_of(session: Session, shelf_id: int) -> tuple[str, str, bool]:
    """(the class's name, the keeper's, whether they left); '' where there is none (one statement)."""
    query = (
        select(SchoolClass.name, ShelfTenure.keeper_name, Account.disabled_at)
        .select_from(ShelfTenure)
        .outerjoin(Account, Account.id == ShelfTenure.keeper_id)
        .outerjoin(SchoolClass, SchoolClass.id == ShelfTenure.class_id)
        .where(ShelfTenure.shelf_id == shelf_id, standing())
    )
    row = session.execute(query).one_or_none()
    return (row[0] or "", row[1], row[2] is not None) if row else ("", "", False)


def shelf_frame(session: Session, shelf: Shelf, active: str) -> dict[str, Any]:
    """What _shelf.html asks for: head, sub, tabs, more… `active`: a key of TABS, or '' (two statements)."""
    group, keeper, left = keeper_of(session, shelf.id)
    books = session.scalar(select(func.count(Item.id)).where(belongs(shelf.place_id))) or 0
    head = _("Tủ sách lớp %(name)s", name=group) if group else shelf.place.name
    count = _("%(count)s cuốn", count=books)
    helping = current_user.helps_class_id is not None
    until = helper_sessions.ends_at(session, current_user.session_uid) if helping else None
    keeper = _("Em thủ thư, đến %(time)s", time=f"{until.astimezone(clock.HERE):%H:%M}") if until else keeper
    return {
        "head": head,
        "sub": " · ".join(filter(None, (keeper, count))),
        "tabs": tabs(shelf, active),
        "more": [] if helping else more(shelf.uid),
        "keeper": keeper,
        "keeper_left": left,
        "helping": helping,
        "ends_in": max(int((until - clock.now()).total_seconds()) + 1, 1) if until else 0,
        "give_back": url_for("shelf_helpers.end") if helping else "",
        "board": url_for("shelf_board.show", uid=shelf.uid),
        "overview": "" if helping else url_for("shelves.overview"),
        "shelf": shelf,
    }


def tabs(shelf: Shelf, active: str) -> list[Tab]:
    names = AT_HONOUR if shelf.mode is ShelfMode.HONOUR else TABS
    return [(url_for(TABS[name][0], uid=shelf.uid), TABS[name][1], _(TABS[name][2]), name == active) for name in names]


def more(uid: UUID) -> list[tuple[str, str, str]]:
    """(address, icon, words) of what this person may do here beside lending."""
    known = current_app.view_functions
    return [
        (url_for(endpoint, uid=uid), icon, _(words))
        for endpoint, icon, words, permission in MORE
        if endpoint in known and access.scope(permission)
    ]
