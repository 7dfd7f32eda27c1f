"""Copies between houses: what leaves, what comes, what is on its way. One scan sends or receives, nothing is confirmed."""

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import or_, select

from library.access import Permission, here, needs
from library.core import clock
from library.core.db import db
from library.core.errors import N_, NotFound, Reason
from library.holdings.models import Item, Place, PlaceKind, Transfer
from library.inbox.acts import Doing
from library.loans import desk as counter
from library.loans import facts, holds_views, queries, transfers_asking, transfers_lists
from library.loans.facts import Desk
from library.loans.happened import Scan
from library.loans.posting import answered_once
from library.loans.transfers_asking import Asked, NotMoved
from library.loans.views import my_desk, told
from library.loans.wording import say
from library.organisations.models import Branch, CodeKind, Organisation

bp = Blueprint("transfers", __name__)
WHY = {
    "not-found": N_("Tìm không thấy"), "not-needed": N_("Không cần nữa"), "mistake": N_("Yêu cầu nhầm"),
}  # fmt: skip
GOES_TO = (PlaceKind.STACKS, PlaceKind.CLASS_SHELF, PlaceKind.VEHICLE_SHELF, PlaceKind.DEPOT, PlaceKind.REPAIR)
UNKNOWN = Reason("unknown", N_("Máy chưa biết mã này."))
NOWHERE = Reason("nowhere", N_("Chọn nơi đến trước."))


@bp.get("/transfers", endpoint="list")
@needs(Permission.CIRCULATE)
def show_list() -> Any:
    desk, last = my_desk(), request.args.get("last", "")
    result = queries.answer_to(db.session(), current_user.uid, UUID(last)) if _is_uid(last) else None
    return _page(desk, result=result)


def _is_uid(text: str) -> bool:
    try:
        return bool(UUID(text))
    except ValueError:
        return False


def _page(desk: Desk, **more: Any) -> str:
    session = db.session()
    return render_template(
        "loans/transfers.html", lists=transfers_lists.lists(session, desk.branch_id), today=clock.today(), whys=WHY,
        reasons=transfers_lists.REASONS, targets=_targets(desk), menu=holds_views.menu(session, desk), told=request.values,
        **{"result": None, "stopped": None, **more},
    )  # fmt: skip


@bp.post("/transfers/scan", endpoint="scan")
@needs(Permission.CIRCULATE)
def scan() -> Any:
    """As at the desk with nobody's card open: sent if it is asked elsewhere, received if it comes here."""
    desk, code = my_desk(), request.form.get("code", "").strip()[:200]
    if not code:
        return redirect(url_for("transfers.list"), 303)
    doing = Doing.now(current_user.uid, desk.branch_id)
    work = lambda: told(counter.scan(db.session(), desk, doing, Scan(code, returns_only=True)))  # noqa: E731
    answered_once(doing.uid, {"scan": code}, work)
    return redirect(url_for("transfers.list", last=doing.uid, to=request.form.get("to")), 303)


# Asking


@bp.post("/transfers/ask", endpoint="ask")
@needs(Permission.CIRCULATE)
def ask() -> Any:
    """The copy scanned is asked to go to the place chosen, which stays chosen for the next scan."""
    session, desk = db.session(), my_desk()
    item, to = _item(desk, request.form.get("code", "")), _target(desk, request.form.get("to", ""))
    if item is None or to is None:
        return _page(desk, stopped=(say(UNKNOWN if to else NOWHERE), False)), 422
    _check_reach(item, to)
    try:
        asked = transfers_asking.ask(
            session, Doing.now(current_user.uid, desk.branch_id), item.id, to.id, "anyway" in request.form
        )
    except NotMoved as no:
        session.rollback()
        return _page(my_desk(), stopped=(" ".join(say(reason) for reason in no.reasons), no.anyway)), no.status
    session.commit()
    for outcome, words in _said(item, asked):
        flash(words, outcome)
    return redirect(url_for("transfers.list", to=to.uid), 303)


def _item(desk: Desk, code: str) -> Item | None:
    """The nearest copy the code means."""
    code = code.strip()[:200]
    found = (
        [one for one in facts.resolve(db.session(), code, desk, clock.now()) if one.kind is CodeKind.ITEM]
        if code
        else []
    )
    return db.session.get(Item, found[0].id) if found else None


def _target(desk: Desk, uid: str) -> Place | None:
    if not _is_uid(uid):
        return None
    query = select(Place).join(Branch, Branch.id == Place.branch_id)
    query = query.join(Organisation, Organisation.id == Branch.organisation_id)
    return db.session.scalar(query.where(Place.uid == UUID(uid), Organisation.network_id == desk.network_id))


def _check_reach(item: Item, to: Place) -> None:
    """One asks for what is here or one's own to go, or for what is elsewhere to come here."""
    stands = db.session.scalars(select(Place.branch_id).where(Place.id == item.place_id)).one()
    if not any(here().holds_branch(one) for one in (stands, item.branch_id, to.branch_id)):
        raise NotFound


def _said(item: Item, asked: Asked) -> list[tuple[str, str]]:
    where = {"number": item.accession or "", "place": asked.going.place_name, "library": asked.going.library_name}
    said = [("success", _("Cuốn %(number)s sẽ đi %(place)s, %(library)s. Quét lần nữa khi gửi.", **where))]
    if asked.lent:
        said = [
            ("success", _("Cuốn %(number)s đang có người mượn: khi trả, máy nhắc gửi %(place)s, %(library)s.", **where))
        ]
    if asked.instead_of:
        was = {"place": asked.instead_of.place_name, "library": asked.instead_of.library_name}
        said.append(("success", _("Yêu cầu cũ, đi %(place)s, %(library)s, đã bỏ.", **was)))
    return said


def _targets(desk: Desk) -> list[tuple[UUID, str]]:
    """Every shelf of one's own library, and the stacks of every other of the network."""
    query = (
        select(Place.uid, Place.name, Branch.name, Organisation.name, Organisation.id, Branch.id)
        .join(Branch, Branch.id == Place.branch_id)
        .join(Organisation, Organisation.id == Branch.organisation_id)
        .where(Organisation.network_id == desk.network_id, Organisation.to_on.is_(None), Place.closed_on.is_(None))
        .where(or_(Place.kind == PlaceKind.STACKS, (Organisation.id == desk.library_id) & Place.kind.in_(GOES_TO)))
        .order_by(Organisation.name, Branch.id, Place.id)
    )
    rows = sorted(
        db.session.execute(query.limit(2000)), key=lambda row: (row[5] != desk.branch_id, row[4] != desk.library_id)
    )
    return [(row[0], _place_words(*row[1:4])) for row in rows]


def _place_words(place: str, branch: str, library: str) -> str:
    return f"{library} – {place}" if branch == library else f"{library} – {branch}, {place}"


# Cancelling


@bp.post("/transfers/<uuid:uid>/cancel", endpoint="cancel")
@needs(Permission.CIRCULATE)
def cancel(uid: UUID) -> Any:
    session, desk = db.session(), my_desk()
    item = _of_open(uid)
    why = request.form.get("why", "")
    doing = Doing.now(current_user.uid, desk.branch_id)
    back = transfers_asking.cancel(session, doing, item.id, why if why in WHY else transfers_asking.BY_HAND)
    session.commit()
    number = {"number": item.accession or item.record.full_title}
    flash(
        _("Đã bỏ. Cuốn %(number)s đang trên đường nên được gọi về nơi cũ.", **number)
        if back
        else _("Đã bỏ yêu cầu chuyển cuốn %(number)s.", **number),
        "success",
    )
    return redirect(url_for("transfers.list"), 303)


def _of_open(uid: UUID) -> Item:
    """The copy of an open request that concerns one's branch: from where it stands or was asked, or to where it goes."""
    mine = select(Place.id).where(here().of_branches(Place.branch_id))
    query = (
        select(Item)
        .join(Transfer, Transfer.item_id == Item.id)
        .where(Transfer.uid == uid, Transfer.arrived_at.is_(None), Transfer.cancelled_at.is_(None))
        .where(or_(Transfer.to_id.in_(mine), Transfer.from_id.in_(mine), Item.place_id.in_(mine)))
    )
    item = db.session.scalar(query.with_for_update(of=Item, key_share=True))
    if item is None:
        raise NotFound
    return item
