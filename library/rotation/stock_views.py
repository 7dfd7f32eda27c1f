"""The rotation stock: scanned in and out, many by a list, its numbers."""

from typing import Any
from uuid import UUID

from flask import Blueprint, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import Session

from library import audit
from library.access import Permission, needs, or_not_found
from library.core import clock
from library.core.db import db
from library.core.errors import N_, Reason
from library.core.forms import Reader
from library.holdings.models import Item
from library.inbox.models import Act
from library.loans import facts, posting
from library.loans.facts import Desk
from library.loans.forms import Posted, uuid_or_none
from library.organisations.models import CodeKind, Organisation
from library.patrons import asked
from library.rotation import sites, stock, stock_figures, undoing
from library.rotation.models import StockChange
from library.rotation.stock import Changed
from library.rotation.views import page

bp = Blueprint("rotation_stock", __name__)
MOST = 2_000
"""Codes of one list."""
WAYS = {"join": True, "leave": False}


@bp.get("/rotation/stock", endpoint="show")
@needs(Permission.ROTATION_PLAN)
def show() -> Any:
    """`do`: which way the next scan goes."""
    session, library = db.session(), asked.library()
    lately = stock_figures.lately(session, library.id)
    return page(
        "rotation/stock.html", library=library, lib=asked.slug_of(library), lately=lately,
        figures=stock_figures.of(session, library.id, clock.today()), way=request.args.get("do", "join"),
        depots=sites.depots(session, library.id), depot_name=sites.DEPOT, uids=_uids(session, [one.act_id for one in lately]),
    )  # fmt: skip


def _uids(session: Session, act_ids: list[int]) -> dict[int, UUID]:
    return dict(session.execute(select(Act.id, Act.uid).where(Act.id.in_(act_ids))).all())


@bp.post("/rotation/stock", endpoint="scan")
@needs(Permission.ROTATION_PLAN)
def scan() -> Any:
    """`do`: join or leave; `code`: one, held in the hand at the depot; or `codes`, a line each, of copies that nobody has
    carried yet."""
    library, told = asked.library(), posting.source()
    reader = Reader(told)
    posted, joins = posting.posted_of(told, reader), reader.choice("do", WAYS)
    many = str(told.get("codes") or "").split("\n") if told.get("codes") else []
    code = reader.text("code", required=not many, longest=200)
    if len(many) > MOST:
        reader.complain("codes", "too-many", N_("Một lần nhiều nhất %(most)s mã."), most=MOST)
    reader.done()
    assert posted
    texts = [one.strip() for one in many if one.strip()] or [code]
    content = {"stock": library.id, "joins": joins, "texts": texts}

    def work() -> dict[str, Any]:
        return _change(db.session().get_one(Organisation, library.id), posted, bool(joins), texts, seen=not many)

    lib = asked.slug_of(library)
    return posting.answer_aloud(
        posted, content, work, lambda done: url_for("rotation_stock.show", lib=lib, do=told.get("do"), _anchor="scan")
    )


def _change(library: Organisation, posted: Posted, joins: bool, texts: list[str], seen: bool) -> dict[str, Any]:
    session = db.session()
    depot = sites.depot(session, library)
    doing = posting.doing_at(posted, depot.branch_id)
    found, unknown = _resolved(session, library, depot.branch_id, texts)
    if joins:
        done = stock.join(session, doing, library.id, found, depot, seen)
    else:
        done = stock.leave(session, doing, library.id, found, seen=seen)
    audit.note(
        current_user.uid, "join-rotation-stock" if joins else "leave-rotation-stock", "library", library.uid, library.id
    )
    return _said(session, done, unknown, joins, one=len(texts) == 1)


def _resolved(session: Session, library: Organisation, branch_id: int, texts: list[str]) -> tuple[list[int], list[str]]:
    """Copies in order, and what nothing of the library answers to."""
    desk, now = Desk(library.id, library.network_id or 0, branch_id), clock.now()
    found, unknown = [], []
    for text in texts:
        items = [one for one in facts.resolve(session, text, desk, now) if one.kind is CodeKind.ITEM]
        if items:
            found.append((facts.the_one(items) or items[0]).id)
        else:
            unknown.append(text)
    return found, unknown


def _said(session: Session, done: Changed, unknown: list[str], joins: bool, one: bool) -> dict[str, Any]:
    refused = [_words(reason) for _item, reason in done.refused]
    refused += [str(_("Máy chưa biết mã %(code)s.", code=code)) for code in unknown]
    titles = _titles(session, done) if one else ""
    if not done.items:
        return {"outcome": "khong", "do": refused[0] if refused else _("Chưa có mã nào."), "count": 0}
    words = _("vào kho luân chuyển") if joins else _("ra khỏi kho luân chuyển")
    if titles:
        return {"outcome": "ok", "do": f"{titles}: {words}.", "count": 1, "act": str(_act(session, done.act_id))}
    told = _("%(count)s cuốn %(way)s.", count=len(done.items), way=words)
    if refused:
        told = f"{told} {_('%(count)s cuốn không được: %(first)s', count=len(refused), first=refused[0])}"
    outcome = "luu" if refused else "ok"
    return {"outcome": outcome, "do": told, "count": len(done.items), "act": str(_act(session, done.act_id))}


def _words(reason: Reason) -> str:
    return str(_(reason.sentence)) % dict(reason.facts)


def _titles(session: Session, done: Changed) -> str:
    item = session.get(Item, done.items[0]) if done.items else None
    return f"{item.record.full_title} ({item.accession})" if item else ""


def _act(session: Session, act_id: int) -> UUID:
    return session.scalars(select(Act.uid).where(Act.id == act_id)).one()


@bp.post("/rotation/stock/undo", endpoint="undo")
@needs(Permission.ROTATION_PLAN)
def undo() -> Any:
    library, told = asked.library(), posting.source()
    reader = Reader(told)
    posted, which = posting.posted_of(told, reader), uuid_or_none(told.get("act"))
    reader.done()
    assert posted

    def work() -> dict[str, Any]:
        session = db.session()
        mine = select(Act).join(StockChange, StockChange.act_id == Act.id)
        act = or_not_found(
            session.scalars(mine.where(Act.uid == which, StockChange.library_id == library.id).limit(1)).first()
        )
        undoing.undo(session, posting.doing_at(posted, sites.depot(session, library).branch_id), act)
        audit.note(current_user.uid, "undo-rotation-stock", "library", library.uid, library.id)
        return {"outcome": "ok", "do": _("Đã hoàn tác.")}

    lib = asked.slug_of(library)
    return posting.answer_aloud(
        posted, {"undo-stock": str(which)}, work, lambda done: url_for("rotation_stock.show", lib=lib)
    )
