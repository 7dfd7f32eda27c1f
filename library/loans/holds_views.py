"""Readers who wait for a title: placing, listing, cancelling, at the branch where one's desk stands."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session

from library import access
from library.access import Permission, here, needs
from library.catalogue.merged import is_merged
from library.catalogue.models import Record
from library.core import clock
from library.core.db import db
from library.core.errors import N_, Invalid, NotFound, Reason, Refused
from library.core.forms import REQUIRED
from library.core.paging import Page, page_number
from library.holdings.models import Item, Place, Register
from library.inbox.acts import Doing
from library.loans import (
    facts,
    holds,
    holds_asking,
    holds_lists,
    holds_pickups,
    holds_pulling,
    queries,
    transfers_lists,
    wording,
)
from library.loans import held_books as held_books  # registers what readers hold
from library.loans import reader_panel as reader_panel  # registers what readers' pages show of their books
from library.loans.facts import Desk
from library.loans.holds_asking import MayNotWait
from library.loans.holds_forms import HoldForm
from library.loans.models import Hold
from library.loans.queries import Known
from library.loans.views import is_brief, my_desk
from library.organisations.models import CodeKind, Organisation
from library.patrons.models import Membership, Person, SchoolClass

bp = Blueprint("holds", __name__)
A_PAGE = 50
NOBODY = Reason("no-reader", N_("Không có bạn đọc nào như vậy. Quét thẻ, hoặc gõ vài chữ của tên."))


class OverAlready(Refused):
    def __init__(self) -> None:
        super().__init__(Reason("hold-over", N_("Lượt giữ chỗ này đã kết thúc rồi.")))


# Placing


@bp.get("/titles/<uuid:uid>/holds/new", endpoint="new")
@needs(Permission.CIRCULATE)
def show_new(uid: UUID) -> Any:
    return _form(my_desk(), record_of(uid))


def record_of(uid: UUID) -> Record:
    """A title of this network. Raises NotFound."""
    found = db.session.scalar(
        select(Record).where(Record.uid == uid, here().of_networks(Record.network_id), ~is_merged())
    )
    if found is None:
        raise NotFound
    return found


def _form(
    desk: Desk,
    record: Record,
    wrong: Reason | None = None,
    named: Sequence[Known] = (),
    against: Sequence[Reason] = (),
    complaints: Mapping[str, Reason] | None = None,
) -> str:
    picks = [(known.uid, wording.shown_name(known.name, is_brief()), known.class_name, _born(known)) for known in named]
    places = holds_pickups.pickups(db.session(), desk.network_id, desk.library_id, desk.branch_id)
    return render_template(
        "loans/hold_new.html", record=record, wrong=wrong, picks=picks, told=request.form, against=against,
        complaints=complaints or {}, stops=any(one.is_stop for one in places),
        pickups=[(one.uid, one.words(desk.library_id)) for one in places],
        copies=[(item.uid, _copy_words(item, place, library)) for item, place, library in _copies(record)],
    )  # fmt: skip


def _copy_words(item: Item, place: Place, library: Organisation) -> str:
    return " · ".join(part for part in (item.accession, library.name, place.name) if part)


def _copies(record: Record) -> Sequence[tuple[Item, Place, Organisation]]:
    """Those one may wait for, two hundred at most: nobody picks one of more."""
    query = (
        select(Item, Place, Organisation)
        .join(Place, Place.id == Item.home_id)
        .join(Organisation, Organisation.id == Item.library_id)
        .where(Item.record_id == record.id, Item.register_status.in_((Register.LISTED, Register.OUTSIDE)))
        .order_by(Organisation.name, Item.accession, Item.id)
    )
    return [(item, place, library) for item, place, library in db.session.execute(query.limit(200))]


def _born(known: Known) -> str:
    return f"{known.born:%Y}" if known.born and not is_brief() else ""


@bp.post("/titles/<uuid:uid>/holds", endpoint="place")
@needs(Permission.CIRCULATE)
def place(uid: UUID) -> Any:
    """For the reader picked (`reader`), or whoever the text means: a card, or a name that only one has."""
    session, desk, record = db.session(), my_desk(), record_of(uid)
    text = request.form.get("text", "").strip()[:100]
    found = _readers(session, desk, request.form.get("reader"), text)
    if not found:
        return _form(desk, record, NOBODY if text else Reason("required", REQUIRED)), 422
    if len(found) > 1:
        return _form(desk, record, None, found), 422
    (known,) = found
    try:
        _place(session, desk, record, known)
    except Invalid as wrong:
        return _form(desk, record, complaints=wrong.fields), 422
    except MayNotWait as no:
        session.rollback()
        return _form(desk, record_of(uid), against=no.reasons), no.status
    session.commit()
    name = wording.shown_name(known.name, is_brief())
    flash(_("Đã giữ chỗ “%(title)s” cho %(name)s.", title=record.full_title, name=name), "success")
    return redirect(url_for("holds.list"), 303)


def _place(session: Session, desk: Desk, record: Record, known: Known) -> None:
    pickups = holds_pickups.pickups(session, desk.network_id, desk.library_id, desk.branch_id)
    copies = {str(item.uid): item.id for item, *_rest in _copies(record)}
    form = HoldForm.read(request.form, {str(one.uid): one for one in pickups}, copies)
    membership_id = session.scalars(select(Membership.id).where(Membership.uid == known.uid)).one()
    fetched = form.pickup.branch_id if form.pickup else desk.branch_id
    holds_asking.ask(session, doing_here(desk), record.id, membership_id, fetched, form.wish)


def doing_here(desk: Desk) -> Doing:
    return Doing.now(current_user.uid, desk.branch_id)


def _readers(session: Session, desk: Desk, picked: str | None, text: str) -> Sequence[Known]:
    """Those who may be meant, of this library and still reading."""
    if picked:
        return _known(session, desk, Membership.uid == _uuid(picked))
    cards = (
        [one.id for one in facts.resolve(session, text, desk, clock.now()) if one.kind is CodeKind.CARD] if text else []
    )
    if cards:
        return _known(session, desk, Membership.id.in_(cards))
    return queries.readers_named(session, desk.library_id, text)


def _known(session: Session, desk: Desk, condition: ColumnElement[bool]) -> Sequence[Known]:
    query = (
        select(Membership.uid, Person.full_name, SchoolClass.name, Person.born_on)
        .join(Person, Person.id == Membership.person_id)
        .outerjoin(SchoolClass, SchoolClass.id == Membership.class_id)
        .where(condition, Membership.library_id == desk.library_id, Membership.to_on.is_(None))
    )
    return [Known(uid, name, group, born, 0) for uid, name, group, born in session.execute(query)]


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound from None


# Listing


@bp.get("/holds", endpoint="list")
@needs(Permission.CIRCULATE)
def show_list() -> Any:
    """The hold shelf, what is on its way to it, who waits."""
    desk, number, session = my_desk(), page_number(request.args.get("page")), db.session()
    mine = holds_lists.concerning(desk.branch_id, desk.library_id)
    rows = holds_lists.lines(session, mine, desk.branch_id, is_brief(), A_PAGE + 1, (number - 1) * A_PAGE)
    page = Page(rows[:A_PAGE], number, A_PAGE, (number - 1) * A_PAGE + len(rows))
    return render_template(
        "loans/holds.html", page=page, today=clock.today(), see=bool(access.scope(Permission.SEE_PATRONS)),
        kept=[one for one in page if one.accession and one.ready],
        coming=[one for one in page if one.accession and not one.ready],
        waiting=[one for one in page if not one.accession],
        leftovers=holds_lists.leftovers(session, desk.branch_id) if number == 1 else (),
        menu=menu(session, desk), page_address=lambda number: url_for("holds.list", page=number),
    )  # fmt: skip


def menu(session: Session, desk: Desk) -> list[tuple[str, str, int]]:
    """(endpoint, words, how many wait) of the pages of holds and transfers; only what there is something to do on."""
    day = clock.today()
    to_take, to_agree = holds_pulling.counts(session, desk.branch_id, day)
    leaves, comes = transfers_lists.waiting_here(session, desk.branch_id)
    entries = (
        ("waits.pull", _("Cần lấy trên kệ"), to_take),
        ("waits.keeper", _("Chờ người giữ tủ trả lời"), to_agree),
        ("transfers.list", _("Chuyển sách"), leaves + comes),
    )
    return [(endpoint, words, count) for endpoint, words, count in entries if count or endpoint == "transfers.list"]


# Giving up


@bp.post("/holds/<uuid:uid>/cancel", endpoint="cancel")
@needs(Permission.CIRCULATE)
def cancel(uid: UUID) -> Any:
    session = db.session()
    hold = hold_of(uid)
    if hold.ended_at is not None:
        raise OverAlready
    kept = session.scalar(select(Item.accession).where(Item.id == hold.item_id)) if hold.item_id else None
    shelf = _shelf_of(hold) if hold.ready_at is not None else None
    holds.cancel(session, Doing.now(current_user.uid, my_desk().branch_id), hold)
    session.commit()
    flash(_said_cancelled(kept, shelf), "success")
    return redirect(url_for("holds.list"), 303)


def _shelf_of(hold: Hold) -> str:
    return wording.hold_place(db.session.get_one(Place, hold.place_id).name if hold.place_id else None)


def _said_cancelled(kept: str | None, shelf: str | None) -> str:
    if not kept:
        return str(_("Đã bỏ giữ chỗ."))
    if shelf:
        return str(_("Đã bỏ giữ chỗ. Lấy cuốn %(number)s ở %(place)s ra quét nhận trả.", number=kept, place=shelf))
    return str(_("Đã bỏ giữ chỗ. Cuốn %(number)s đến nơi thì quét, máy chỉ cho bạn kế tiếp hoặc cho về.", number=kept))


def hold_of(uid: UUID) -> Hold:
    """To be changed; of a reader of one's library, or fetched at one's branch. Raises NotFound."""
    holds.lock_kept(db.session(), Hold.uid == uid)
    return _found(reached(uid).with_for_update())


def hold_seen(uid: UUID) -> Hold:
    """The same, to be looked at."""
    return _found(reached(uid))


def reached(uid: UUID) -> Select[Hold]:
    mine = select(Membership.id).where(here().of_libraries(Membership.library_id))
    return select(Hold).where(Hold.uid == uid, or_(here().of_branches(Hold.branch_id), Hold.membership_id.in_(mine)))


def _found(query: Select[Hold]) -> Hold:
    hold = db.session.scalar(query)
    if hold is None:
        raise NotFound
    return hold
