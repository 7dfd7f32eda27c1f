"""What was filled is given to the teacher, who takes it with one tap; the shelf's list on paper."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import Session

from library import audit
from library.access import Permission, needs
from library.core.db import db
from library.core.errors import N_, NotFound, Reason, Refused
from library.labels import squares
from library.loans.forms import Posted, uuid_or_none
from library.loans.posting import answered_once, doing_at
from library.shelves import handing, scopes, shelf_codes, stock, tenures
from library.shelves.fill_pages import bp, posted_or_now, size
from library.shelves.frame import shelf_frame
from library.shelves.handing import Given
from library.shelves.models import Handover, HandoverKind, HandoverLine, Shelf
from library.shelves.signers import signer


class AnotherWaits(Refused):
    def __init__(self) -> None:
        super().__init__(
            Reason("another-waits", N_("Thư viện vừa giao lại danh sách khác. Mở lại trang rồi xem trước khi nhận."))
        )


@bp.post("/shelves/<uuid:uid>/give", endpoint="give")
@needs(Permission.CLASS_PLAN)
def give(uid: UUID) -> Any:
    """The books are given to whoever keeps the shelf, who signs with one tap."""
    session = db.session()
    posted, by = posted_or_now(), signer(scopes.shelf_here(session, uid).library_id)
    answer = answered_once(
        posted.uid, {"give": str(uid)}, lambda: _give(session, posted, scopes.shelf_here(session, uid), by)
    )
    flash(_("Đã giao %(count)s cuốn. Chờ %(name)s nhận.", **answer), "success")
    return redirect(url_for("shelf_fill.show", shelf=uid), 303)


def _give(session: Session, posted: Posted, shelf: Shelf, by: handing.Person) -> dict[str, Any]:
    tenure = tenures.current(session, shelf.id)
    keeper = tenure.keeper_id if tenure and tenure.keeper_id != by.id else None
    doing = doing_at(posted, shelf.branch_id)
    handing.give(session, doing, shelf, by, Given(HandoverKind.FILL, keeper))
    audit.note(current_user.uid, "give-shelf", "shelf", shelf.uid, shelf.library_id)
    name = tenure.keeper_name if tenure and keeper else _("người giữ tủ")
    return {"count": size(session, shelf), "name": name}


@bp.post("/shelves/<uuid:uid>/give/cancel", endpoint="cancel")
@needs(Permission.CLASS_PLAN)
def cancel(uid: UUID) -> Any:
    session = db.session()
    shelf = scopes.shelf_here(session, uid)
    waiting = handing.waiting(session, shelf.id, HandoverKind.FILL)
    if waiting is not None:
        handing.cancel(session, doing_at(posted_or_now(), shelf.branch_id), waiting, signer(shelf.library_id))
        session.commit()
        flash(_("Đã thôi giao. Sách vẫn ở tủ."), "success")
    return redirect(url_for("shelf_fill.show", shelf=uid), 303)


@bp.get("/shelves/<uuid:uid>/accept", endpoint="accept")
@needs(Permission.CLASS_KEEP)
def accept(uid: UUID) -> Any:
    """What was given to the teacher, and the one button."""
    session = db.session()
    shelf = scopes.shelf_here(session, uid)
    waiting = handing.waiting(session, shelf.id, HandoverKind.FILL)
    signed = [one for one in handing.signed(session, shelf.id) if one.kind is HandoverKind.FILL]
    return render_template(
        "shelves/fill_accept.html", waiting=waiting, last=signed[0] if signed else None, rows=_given(session, waiting),
        own=waiting is not None and waiting.given_by == current_user.id, **shelf_frame(session, shelf, ""),
    )  # fmt: skip


def _given(session: Session, waiting: Handover | None) -> list[stock.Belonging]:
    if waiting is None:
        return []
    place = session.scalars(select(Shelf.place_id).where(Shelf.id == waiting.shelf_id)).one()
    lines = _line_items(session, waiting)
    return [row for row in stock.listed(session, place) if row.item_id in lines]


def _line_items(session: Session, one: Handover) -> frozenset[int]:
    return frozenset(session.scalars(select(HandoverLine.item_id).where(HandoverLine.handover_id == one.id)))


@bp.post("/shelves/<uuid:uid>/accept", endpoint="do_accept")
@needs(Permission.CLASS_KEEP)
def do_accept(uid: UUID) -> Any:
    """The second signature, under what was shown: `handover` is its uid."""
    session = db.session()
    by = signer(scopes.shelf_here(session, uid).library_id)
    posted, of = posted_or_now(), uuid_or_none(request.form.get("handover"))
    said = {"accept": str(uid), "handover": str(of)}
    answer = answered_once(posted.uid, said, lambda: _accept(session, posted, scopes.shelf_here(session, uid), of, by))
    flash(_("Đã nhận %(count)s cuốn vào tủ.", **answer), "success")
    return redirect(url_for("shelf_fill.accept", uid=uid), 303)


def _accept(session: Session, posted: Posted, shelf: Shelf, of: UUID | None, by: handing.Person) -> dict[str, Any]:
    waiting = handing.waiting(session, shelf.id, HandoverKind.FILL)
    if waiting is None:
        raise NotFound
    if waiting.uid != of:
        raise AnotherWaits
    handing.take(session, doing_at(posted, shelf.branch_id), waiting, by)
    audit.note(current_user.uid, "accept-shelf", "shelf", shelf.uid, shelf.library_id)
    return {"count": len(_line_items(session, waiting))}


# On paper


@bp.get("/shelves/<uuid:uid>/list", endpoint="list")
@needs(Permission.CLASS_KEEP)
def show_list(uid: UUID) -> Any:
    """The shelf's list for the inside of its door, with the shelf's code."""
    session = db.session()
    shelf = scopes.shelf_here(session, uid)
    code = shelf_codes.printed(session, shelf)
    tenure = tenures.current(session, shelf.id)
    rows = stock.listed(session, shelf.place_id)
    return render_template(
        "shelves/list.html", shelf=shelf, rows=rows, code=code, square=squares.matrix(code) if code else (),
        keeper=tenure.keeper_name if tenure else "",
        group=tenure.school_class.name if tenure and tenure.school_class else "",
    )  # fmt: skip
