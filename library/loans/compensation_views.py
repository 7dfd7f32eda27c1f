"""Compensations (đền bù): asked, settled, agreed to by a second person, refunded; their minutes and receipts on paper."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select

from library import access, audit
from library.access import Permission, here, needs
from library.accounts.models import Account
from library.core import clock
from library.core.db import db
from library.core.errors import N_, Invalid, NotFound, Reason
from library.core.fold import fold_code
from library.core.forms import REQUIRED, Reader
from library.core.paging import Page, page_number
from library.holdings.models import Item, Register
from library.inbox.acts import Doing
from library.inbox.models import Act
from library.loans import (
    compensation,
    compensation_ending,
    compensation_papers,
    condition,
    losses_pages,
    losses_queries,
)
from library.loans import losses_settings as decided
from library.loans.compensation import Asking
from library.loans.compensation_ending import Ending
from library.loans.models import Compensation, Harm, Loan, Settled
from library.organisations.models import Organisation
from library.patrons.models import Membership

bp = Blueprint("compensation", __name__)
A_PAGE = 50
WAYS = {"copy": Settled.REPLACED, "new-copy": Settled.REPLACED, "paid": Settled.PAID, "waived": Settled.WAIVED}
NO_RECEIPT = Reason("no-receipt", N_("Chưa nhận tiền hay sách đền, nên chưa có giấy biên nhận."))
SOURCE = "Bạn đọc đền"
Told = Mapping[str, Any]
Complaints = Mapping[str, Reason]


bp.add_app_template_global(compensation_papers.on_day, "paper_day")


def _doing() -> Doing:
    return Doing.now(current_user.uid, current_user.branch_id)


def _note(verb: str, one: Compensation) -> None:
    audit.note(current_user.uid, verb, "compensation", one.uid, one.library_id)


def _back(one: Compensation, doing: Doing) -> Any:
    return redirect(url_for("compensation.show", uid=one.uid, done=doing.uid), 303)


# Asking


@bp.get("/compensation", endpoint="list")
@needs(Permission.OVERRIDE)
def show_list() -> Any:
    """Every minutes there ever was, the newest first."""
    session, number = db.session(), page_number(request.args.get("page"))
    which = losses_queries.in_scope(here())
    rows = losses_queries.owed(session, which, A_PAGE, (number - 1) * A_PAGE)
    page = Page(rows, number, A_PAGE, losses_queries.how_many(session, which))
    return render_template(
        "losses/compensations.html", page=page, address=lambda n: url_for("compensation.list", page=n)
    )


def _item(uid: UUID) -> Item:
    scope = here()
    found = db.session.scalar(select(Item).where(Item.uid == uid, scope.of_libraries(Item.library_id)))
    if found is None:
        raise NotFound
    return found


@bp.get("/copies/<uuid:uid>/compensation", endpoint="ask")
@needs(Permission.OVERRIDE)
def show_ask(uid: UUID) -> Any:
    return _ask(_item(uid), {}, {})


def _ask(item: Item, told: Told, complaints: Complaints) -> str:
    session = db.session()
    loan = _last_loan(item)
    return render_template(
        "losses/ask.html", item=item, loan=loan, told=told, complaints=complaints, most=compensation.MOST,
        price=compensation.price_of(session, item.id),
        condition=condition.history_of(session, item.id)[:1],
    )  # fmt: skip


def _last_loan(item: Item) -> Loan | None:
    found = condition.last_loan(db.session(), item.id)
    return db.session.get(Loan, found) if found else None


HARMS = {"lost": Harm.LOST, "damaged": Harm.DAMAGED}


@bp.post("/copies/<uuid:uid>/compensation", endpoint="open")
@needs(Permission.OVERRIDE)
def open_one(uid: UUID) -> Any:
    """For a copy that came back damaged, or that nobody brings: whoever had it last answers for it."""
    session, item, form = db.session(), _item(uid), Reader(request.form)
    harm, amount = form.choice("harm", HARMS), form.number("amount", most=compensation.MOST)
    note, loan = form.text("note", required=False, longest=500) or None, _last_loan(item)
    try:
        form.done()
    except Invalid as wrong:
        return _ask(item, request.form, wrong.fields), 422
    assert harm
    assert amount is not None
    doing = _doing()
    who = loan.membership_id if loan else None
    one = compensation.ask(session, doing, Asking(item.id, harm, amount, loan.id if loan else None, who, note))
    _note("ask-compensation", one)
    session.commit()
    flash(_("Đã lập biên bản số %(number)s.", number=one.minutes_no), "success")
    return _back(one, doing)


# Settling


@bp.get("/compensation/<uuid:uid>", endpoint="show")
@needs(Permission.OVERRIDE)
def show(uid: UUID) -> Any:
    return _page(losses_queries.the_compensation(db.session(), here(), uid), {}, {})


def _page(one: Compensation, told: Told, complaints: Complaints) -> str:
    session = db.session()
    limit = decided.of(session, one.library_id)
    waits = None if one.settled_at or one.voided else compensation_ending.waiting(session, one.id)
    seen = compensation.found(session, one)
    return render_template(
        "losses/compensation.html", one=one, item=session.get_one(Item, one.item_id), waits=waits, told=told,
        complaints=complaints, limit=limit, reader=session.get(Membership, one.membership_id or 0),
        two=decided.needs_two(limit, one.amount), proposer=_name(compensation_ending.proposer(session, waits)) if waits else "",
        mine=bool(waits) and compensation_ending.proposer(session, waits) == current_user.uid if waits else False,
        found_on=seen and clock.day_of(seen[0]), most=compensation.MOST, done=losses_pages.done(), here_=clock.HERE,
        replacement=session.get(Item, one.replacement_id or 0), may_see=bool(access.scope(Permission.SEE_PATRONS)),
        listed=session.get_one(Item, one.item_id).register_status is Register.LISTED,
    )  # fmt: skip


def _name(account: UUID | None) -> str:
    return db.session.scalar(select(Account.name).where(Account.uid == account)) or ""


@bp.post("/compensation/<uuid:uid>/settle", endpoint="settle")
@needs(Permission.OVERRIDE)
def settle(uid: UUID) -> Any:
    session, one = db.session(), losses_queries.the_compensation(db.session(), here(), uid)
    try:
        how = _read(one)
    except Invalid as wrong:
        return _page(one, request.form, wrong.fields), 422
    doing = _doing()
    if request.form.get("how") == "new-copy":
        made = compensation_ending.bring_copy(session, doing, one.id, SOURCE)
        how = Ending(Settled.REPLACED, None, made, how.write_off, how.note)
    over = compensation_ending.settle(session, doing, one.id, how)
    _note("settle-compensation" if over else "propose-settlement", one)
    session.commit()
    flash(_("Đã giải quyết xong.") if over else _("Đã gửi đề nghị. Người thứ hai của thư viện mở trang này để đồng ý."),
          "success")  # fmt: skip
    return _back(one, doing)


def _read(one: Compensation) -> Ending:
    """Raises Invalid."""
    form = Reader(request.form)
    form.choice("how", WAYS)
    way = request.form.get("how")
    copy = (
        form.find("copy", lambda text: _copy(one, text), N_("Không có bản nào mang số %(text)s."))
        if way == "copy"
        else None
    )
    paid = form.number("paid", least=1, most=compensation.MOST) if way == "paid" else None
    note = form.text("note", required=False, longest=300) or None
    if way == "waived" and not note:
        form.complain("note", "required", REQUIRED)
    form.done()
    return Ending(WAYS[str(way)], paid, copy, form.ticked("write_off"), note)


def _copy(one: Compensation, text: str) -> int | None:
    """By its number in the register of the library that is owed the book."""
    query = select(Item.id).where(Item.library_id == one.library_id, Item.accession_folded == fold_code(text))
    return db.session.scalar(query)


@bp.post("/compensation/<uuid:uid>/decide", endpoint="decide")
@needs(Permission.OVERRIDE)
def decide(uid: UUID) -> Any:
    """The second person: agrees or not."""
    session, one = db.session(), losses_queries.the_compensation(db.session(), here(), uid)
    waits = compensation_ending.waiting(session, one.id)
    if waits is None:
        raise compensation_ending.NotSo(compensation_ending.DECIDED)
    doing, agreed = _doing(), request.form.get("do") == "agree"
    compensation_ending.decide(session, doing, waits.id, agreed)
    _note("agree-settlement" if agreed else "decline-settlement", one)
    session.commit()
    flash(_("Đã đồng ý. Khoản đền bù này xong.") if agreed else _("Đã trả lại đề nghị, chưa giải quyết gì."), "success")
    return _back(one, doing)


@bp.post("/compensation/<uuid:uid>/refund", endpoint="refund")
@needs(Permission.OVERRIDE)
def refund(uid: UUID) -> Any:
    session, one = db.session(), losses_queries.the_compensation(db.session(), here(), uid)
    form = Reader(request.form)
    amount = form.number("amount", least=1, most=one.paid or 1)
    try:
        form.done()
    except Invalid as wrong:
        return _page(one, request.form, wrong.fields), 422
    doing = _doing()
    compensation_ending.refund(session, doing, one.id, amount or 0)
    _note("refund", one)
    session.commit()
    flash(_("Đã ghi trả lại tiền cho bạn đọc."), "success")
    return _back(one, doing)


@bp.post("/compensation/<uuid:uid>/take-up", endpoint="take_up")
@needs(Permission.OVERRIDE)
def take_up(uid: UUID) -> Any:
    """A copy that these minutes wrote off has turned up."""
    session, one = db.session(), losses_queries.the_compensation(db.session(), here(), uid)
    doing = _doing()
    compensation_ending.take_up(session, doing, one.id, current_user.branch_id)
    _note("take-up-again", one)
    session.commit()
    flash(_("Bản này lại đứng trong sổ, đang ở bàn xử lý. Quét để cất lên kệ."), "success")
    return redirect(url_for("compensation.show", uid=uid), 303)


# Paper


@bp.get("/compensation/<uuid:uid>/minutes", endpoint="minutes")
@needs(Permission.OVERRIDE)
def show_minutes(uid: UUID) -> Any:
    return _paper("losses/minutes.html", losses_queries.the_compensation(db.session(), here(), uid))


@bp.get("/compensation/<uuid:uid>/receipt", endpoint="receipt")
@needs(Permission.OVERRIDE)
def show_receipt(uid: UUID) -> Any:
    one = losses_queries.the_compensation(db.session(), here(), uid)
    if one.settled_how not in (Settled.PAID, Settled.REPLACED):
        raise compensation_ending.NotSo(NO_RECEIPT)
    return _paper("losses/receipt.html", one)


def _paper(template: str, one: Compensation) -> str:
    session = db.session()
    loan = session.get(Loan, one.loan_id or 0)
    library = session.get_one(Organisation, one.library_id)
    asked_by = session.scalar(select(Act.actor).where(Act.id == one.act_id))
    return render_template(
        template, one=one, item=session.get_one(Item, one.item_id), loan=loan, library=library,
        reader=session.get(Membership, one.membership_id or 0), here_=clock.HERE, words=compensation_papers.dong,
        above=compensation_papers.above(session, library.id), town=compensation_papers.town(session, library.id),
        symbol=compensation_papers.symbol(one, library),
        officer=_name(asked_by), replacement=session.get(Item, one.replacement_id or 0), today=clock.today(),
    )  # fmt: skip
