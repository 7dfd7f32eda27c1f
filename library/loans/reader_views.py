"""Deeds on the reader's page: a book is kept for longer without being shown, a number for "Sách của em" is given."""

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select

from library import audit
from library.access import Permission, here, needs, reads_first
from library.core import clock
from library.core.db import db, for_writing
from library.core.errors import NotFound
from library.inbox.acts import Doing
from library.loans import desk, self_pins, wording
from library.loans.desk import What
from library.loans.models import Loan
from library.loans.views import my_desk
from library.patrons import queries as patrons
from library.patrons.models import Membership

bp = Blueprint("readers", __name__)
ONCE = "reader-pin"


@bp.post("/people/<uuid:uid>/loans/<int:loan_id>/renew")
@needs(Permission.CIRCULATE)
def renew(uid: UUID, loan_id: int) -> Any:
    """The book is not in the hand: it counts as unseen. `due` is the last day the page showed: a second click does nothing."""
    at = db.session()
    member = patrons.by_uid(at, uid, here())
    loan = at.scalar(select(Loan).where(Loan.id == loan_id, Loan.membership_id == member.id, Loan.voided.is_(False)))
    if loan is None:
        raise NotFound
    if loan.ended_at is None and loan.due_on.isoformat() == request.form.get("due"):
        place = my_desk()
        told = desk.renew_loan(at, place, Doing.now(current_user.uid, place.branch_id), loan_id, seen=False)
        at.commit()
        flash(*said(told))
    return redirect(url_for("patrons.person", uid=uid), 303)


def said(told: desk.Happened) -> tuple[str, str]:
    """(a sentence, its colour) for what came of a renewal."""
    if told.what is What.RENEWED and told.due_on:
        return _("Đã gia hạn đến %(day)s.", day=wording.weekday_day(told.due_on)), "success"
    why = " ".join(wording.say(reason) for reason in told.reasons)
    return _("Chưa gia hạn được. %(why)s", why=why), "error"


# The number for "Sách của em"


@bp.post("/people/<uuid:uid>/pin", endpoint="give_pin")
@needs(Permission.EDIT_PATRON)
@reads_first
def give_pin(uid: UUID) -> Any:
    """Hashed before anything is written: hashing would hold up every desk."""
    _open(patrons.by_uid(db.session(), uid, here()))
    pin, pin_hash = self_pins.made()
    for_writing()
    member = patrons.by_uid(db.session(), uid, here(), lock=True)
    self_pins.give(db.session(), member.id, pin_hash)
    audit.note(current_user.uid, "give-pin", "membership", member.uid, member.library_id)
    db.session.commit()
    session[ONCE] = [str(uid), pin]
    return redirect(url_for("readers.pin", uid=uid), 303)


def _open(member: Membership) -> None:
    """Raises NotFound for one who reads here no more."""
    if member.to_on is not None:
        raise NotFound


@bp.get("/people/<uuid:uid>/pin", endpoint="pin")
@needs(Permission.EDIT_PATRON)
def show_pin(uid: UUID) -> Any:
    """The number on a slip, this once."""
    member = patrons.by_uid(db.session(), uid, here())
    told = session.pop(ONCE, None)
    if not told or told[0] != str(uid):
        return redirect(url_for("patrons.person", uid=uid), 303)
    card = patrons.cards(db.session(), [member.id]).get(member.id)
    return render_template("loans/pin.html", reader=member, card=card, pin=told[1], today=clock.today())


@bp.post("/people/<uuid:uid>/pin/remove", endpoint="drop_pin")
@needs(Permission.EDIT_PATRON)
def drop_pin(uid: UUID) -> Any:
    member = patrons.by_uid(db.session(), uid, here(), lock=True)
    self_pins.drop(db.session(), [member.id])
    audit.note(current_user.uid, "drop-pin", "membership", member.uid, member.library_id)
    db.session.commit()
    flash(_("Đã bỏ PIN. Thẻ và sách đang giữ vẫn như cũ."), "success")
    return redirect(url_for("patrons.person", uid=uid), 303)
