"""Lost and claimed books: the page, what may be said of a loan, suspensions lifted, and taking it all back."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import and_, select

from library import access, audit
from library.access import Permission, here, local_address, needs
from library.core import clock
from library.core.db import db
from library.core.errors import N_, Forbidden, Invalid, NotFound, Reason, Refused
from library.core.forms import Reader
from library.holdings.models import Place
from library.inbox import acts
from library.inbox.acts import Doing
from library.loans import compensation, deeds, losses, losses_pages, losses_queries, losses_settings, marks, suspensions
from library.loans import losses_ageing as losses_ageing  # registers what is forgotten
from library.loans import losses_night as losses_night  # registers what the night does
from library.loans import losses_panel as losses_panel  # registers what readers' pages show
from library.loans.compensation import Asking
from library.loans.losses_pages import UNDOES
from library.loans.losses_queries import A_PAGE
from library.loans.losses_settings import Decided
from library.loans.models import Harm, Loan, MarkKind, Suspension
from library.loans.views import is_brief, my_desk
from library.organisations.models import Organisation
from library.patrons import queries

bp = Blueprint("losses", __name__)
NOBODYS = Reason("unknown-act", N_("Việc này không hoàn tác ở đây được, hoặc đã quá lâu."))
UNDO_MINUTES = 24 * 60
"""Papers are often printed first and thought over after the lesson: longer than a scan."""


@bp.get("/lost", endpoint="list")
@needs(Permission.CIRCULATE)
def show_list() -> Any:
    """What is said to be back, what is lost, what was found after it was paid for, what is owed."""
    session, scope = db.session(), here()
    my_desk()
    branches, scoped = scope.of_branches(Loan.branch_id), losses_queries.in_scope(scope)
    owing = and_(losses_queries.is_open(), scoped)
    return render_template(
        "losses/list.html",
        claimed=losses_queries.missed(session, branches, True, A_PAGE),
        lost=losses_queries.missed(session, branches, False, A_PAGE),
        astray=losses_queries.astray(session, scope.of_branches(Place.branch_id), A_PAGE),
        refunds=losses_queries.owed(session, and_(losses_queries.to_refund(), scoped), A_PAGE),
        owed=losses_queries.owed(session, owing, A_PAGE), owing=losses_queries.how_many(session, owing),
        brief=is_brief(), done=losses_pages.done(), may_ask=bool(access.scope(Permission.OVERRIDE)),
        here_=clock.HERE,
    )  # fmt: skip


@bp.get("/lost/shelves", endpoint="shelves")
@needs(Permission.CIRCULATE)
def show_shelves() -> Any:
    """A sheet to walk along the shelves with: books that readers say they brought back."""
    my_desk()
    lines = losses_queries.missed(db.session(), here().of_branches(Loan.branch_id), True, 500)
    return render_template("losses/shelves.html", lines=lines, today=clock.today(), here_=clock.HERE)


# What is said of a loan


@bp.get("/loans/<uuid:act>/mark", endpoint="ask")
@needs(Permission.CIRCULATE)
def show_ask(act: UUID) -> Any:
    return _ask(losses_queries.the_loan(db.session(), here(), act), act, {}, {})


def _ask(loan: Loan, act: UUID, told: Mapping[str, Any], complaints: Mapping[str, Reason]) -> str:
    session = db.session()
    return render_template(
        "losses/mark.html", loan=loan, act=act, told=told, complaints=complaints, brief=is_brief(),
        price=compensation.price_of(session, loan.item_id), today=clock.today(), most=compensation.MOST,
        may_ask=access.scope(Permission.OVERRIDE).holds_branch(loan.branch_id),
    )  # fmt: skip


KINDS = {"claimed": MarkKind.CLAIMED, "lost": MarkKind.LOST, "cleared": MarkKind.CLEARED}


@bp.post("/loans/<uuid:act>/mark", endpoint="mark")
@needs(Permission.CIRCULATE)
def mark(act: UUID) -> Any:
    """Claimed, lost (with or without compensation), or neither any more."""
    session, loan = db.session(), losses_queries.the_loan(db.session(), here(), act)
    form = Reader(request.form)
    kind, note = form.choice("kind", KINDS), form.text("note", required=False, longest=300) or None
    asks = kind is MarkKind.LOST and form.ticked("ask")
    amount = form.number("amount", least=0, most=compensation.MOST) if asks else None
    try:
        form.done()
    except Invalid as wrong:
        return _ask(loan, act, request.form, wrong.fields), 422
    assert kind
    doing = Doing.now(current_user.uid, current_user.branch_id)
    if asks and amount is not None:
        return _asked(loan, doing, amount, note)
    marks.mark(session, doing, loan.id, kind, note)
    audit.note(current_user.uid, f"mark-{kind}", "item", loan.item.uid, loan.item.library_id)
    session.commit()
    flash(str(_(SAID[kind])), "success")
    return redirect(url_for("losses.list", done=doing.uid), 303)


SAID = {
    MarkKind.CLAIMED: N_("Đã ghi bạn đọc nói đã trả. Tìm cuốn này trên kệ; quét được là xong."),
    MarkKind.LOST: N_("Đã ghi mất. Cuốn này được quét ở đâu là tự hết."),
    MarkKind.CLEARED: N_("Đã bỏ ghi. Lượt mượn tiếp tục như cũ."),
}


def _asked(loan: Loan, doing: Doing, amount: int, note: str | None) -> Any:
    if not access.scope(Permission.OVERRIDE).holds_branch(loan.branch_id):
        raise Forbidden(Permission.OVERRIDE)
    session = db.session()
    marks.lock(session, loan.id, doing)
    asked = compensation.ask(session, doing, Asking(loan.item_id, Harm.LOST, amount, loan.id, loan.membership_id, note))
    audit.note(current_user.uid, "ask-compensation", "item", loan.item.uid, asked.library_id)
    session.commit()
    flash(_("Đã ghi mất và lập biên bản số %(number)s.", number=asked.minutes_no), "success")
    return redirect(url_for("compensation.show", uid=asked.uid, done=doing.uid), 303)


# Suspensions


@bp.post("/loans/<uuid:act>/suspension/lift", endpoint="lift")
@needs(Permission.OVERRIDE)
def lift(act: UUID) -> Any:
    session, loan = db.session(), losses_queries.the_loan(db.session(), here(), act)
    form = Reader(request.form)
    reason = form.text("reason", longest=200)
    form.done()
    one = session.scalar(select(Suspension.id).where(Suspension.loan_id == loan.id, Suspension.voided.is_(False)))
    if one is None or loan.membership is None:
        raise NotFound
    doing = Doing.now(current_user.uid, current_user.branch_id)
    suspensions.lift(session, doing, one, reason)
    audit.note(current_user.uid, "lift-suspension", "membership", loan.membership.uid, loan.membership.library_id)
    session.commit()
    flash(_("Đã bỏ ngừng mượn. Bạn đọc mượn lại được từ bây giờ."), "success")
    back = url_for("patrons.person", uid=loan.membership.uid)
    return redirect(back if access.scope(Permission.SEE_PATRONS) else url_for("losses.list"), 303)


# Taking back


@bp.post("/losses/undo/<uuid:act>", endpoint="undo")
@needs(Permission.UNDO)
def undo(act: UUID) -> Any:
    """What this account did here within a day."""
    session, found = db.session(), acts.by_uid(db.session(), act)
    if found is None or not here().holds_branch(found.branch_id):
        raise NotFound
    if found.kind not in UNDOES or not deeds.may_be_undone(session, found, current_user.uid, UNDO_MINUTES):
        raise Refused(NOBODYS)
    losses.check_undo(session, found.id)
    deeds.undo(session, Doing.now(current_user.uid, current_user.branch_id), found)
    audit.note(current_user.uid, "undo-loss", "act", found.uid, current_user.library_id)
    session.commit()
    flash(_("Đã hoàn tác."), "success")
    return redirect(local_address(request.form.get("next"), url_for("losses.list")), 303)


# What the library has decided


@bp.get("/lost/settings", endpoint="settings")
@needs(Permission.RULES)
def show_settings() -> Any:
    return _settings({}, {})


def _library() -> Organisation:
    found = queries.libraries(db.session(), here())
    return queries.chosen(found, request.values.get("lib"), current_user.library_id)


def _settings(told: Mapping[str, Any], complaints: Mapping[str, Reason]) -> str:
    library = _library()
    decided = losses_settings.of(db.session(), library.id)
    return render_template(
        "losses/settings.html", library=library, decided=decided, told=told, complaints=complaints,
        own=library.id == current_user.library_id,
    )  # fmt: skip


@bp.post("/lost/settings", endpoint="save")
@needs(Permission.RULES)
def save_settings() -> Any:
    library, form = _library(), Reader(request.form)
    above = form.number("approve_above", most=compensation.MOST) if form.ticked("two") else None
    try:
        form.done()
    except Invalid as wrong:
        return _settings(request.form, wrong.fields), 422
    if losses_settings.save(db.session(), library.id, Decided(above, form.ticked("refunds"))):
        audit.note(current_user.uid, "change-losses", "library", library.uid, library.id)
    db.session.commit()
    flash(_("Đã lưu cách giải quyết sách mất, hỏng."), "success")
    return redirect(
        url_for("losses.settings", lib=None if library.id == current_user.library_id else library.slug), 303
    )
