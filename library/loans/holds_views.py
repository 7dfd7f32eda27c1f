"""Readers who wait for a title: placing, listing, cancelling, at the branch where one's desk stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session

from library import access
from library.access import Permission, here, needs
from library.catalogue.merged import is_merged
from library.catalogue.models import Record
from library.core import clock
from library.core.db import db
from library.core.errors import N_, NotFound, Reason, Refused
from library.core.forms import REQUIRED
from library.core.paging import Page, page_number
from library.holdings.models import Item, Place, Register
from library.inbox.acts import Doing
from library.loans import facts, holds, queries, wording
from library.loans import held_books as held_books  # registers what readers hold
from library.loans import reader_panel as reader_panel  # registers what readers' pages show of their books
from library.loans.facts import Desk
from library.loans.models import Hold
from library.loans.queries import Known
from library.loans.views import is_brief, my_desk
from library.organisations.models import CodeKind
from library.patrons.models import Membership, Person, SchoolClass

bp = Blueprint("holds", __name__)
A_PAGE = 50
NOBODY = Reason("no-reader", N_("Không có bạn đọc nào như vậy. Quét thẻ, hoặc gõ vài chữ của tên."))


class NoCopies(Refused):
    def __init__(self) -> None:
        super().__init__(Reason("no-copies", N_("Nhan đề này chưa có bản nào trong sổ, nên chưa giữ chỗ được.")))


class OverAlready(Refused):
    def __init__(self) -> None:
        super().__init__(Reason("hold-over", N_("Lượt giữ chỗ này đã kết thúc rồi.")))


# Placing


@bp.get("/titles/<uuid:uid>/holds/new", endpoint="new")
@needs(Permission.CIRCULATE)
def show_new(uid: UUID) -> Any:
    my_desk()
    return _form(_record(uid))


def _record(uid: UUID) -> Record:
    found = db.session.scalar(
        select(Record).where(Record.uid == uid, here().of_networks(Record.network_id), ~is_merged())
    )
    if found is None:
        raise NotFound
    return found


def _form(record: Record, wrong: Reason | None = None, named: Sequence[Known] = ()) -> str:
    picks = [(known.uid, wording.shown_name(known.name, is_brief()), known.class_name, _born(known)) for known in named]
    return render_template(
        "loans/hold_new.html", record=record, wrong=wrong, picks=picks, text=request.form.get("text", "")
    )


def _born(known: Known) -> str:
    return f"{known.born:%Y}" if known.born and not is_brief() else ""


@bp.post("/titles/<uuid:uid>/holds", endpoint="place")
@needs(Permission.CIRCULATE)
def place(uid: UUID) -> Any:
    """For the reader picked (`reader`), or whoever the text means: a card, or a name that only one has."""
    session, desk, record = db.session(), my_desk(), _record(uid)
    text = request.form.get("text", "").strip()[:100]
    found = _readers(session, desk, request.form.get("reader"), text)
    if not found:
        return _form(record, NOBODY if text else Reason("required", REQUIRED)), 422
    if len(found) > 1:
        return _form(record, None, found), 422
    if not _has_copies(session, record.id, here().of_networks(Record.network_id)):
        raise NoCopies
    (known,) = found
    membership_id = session.scalars(select(Membership.id).where(Membership.uid == known.uid)).one()
    holds.place(session, Doing.now(current_user.uid, desk.branch_id), record.id, membership_id, desk.branch_id)
    session.commit()
    name = wording.shown_name(known.name, is_brief())
    flash(_("Đã giữ chỗ “%(title)s” cho %(name)s.", title=record.full_title, name=name), "success")
    return redirect(url_for("holds.list"), 303)


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


def _has_copies(session: Session, record_id: int, network: ColumnElement[bool]) -> bool:
    listed = Item.register_status.in_((Register.LISTED, Register.OUTSIDE))
    there = exists().where(Item.record_id == Record.id, listed)
    return session.scalar(select(Record.id).where(Record.id == record_id, network, there)) is not None


# Listing


@dataclass(frozen=True)
class Waiting:
    """A hold as a line: `reader` is empty for those who may not know the name; `accession` once a copy is kept."""

    uid: UUID
    title: str
    record: UUID
    reader: str
    membership: UUID | None
    group: str | None
    placed_at: datetime
    accession: str | None
    shelf: str | None
    keep_until: date | None


@bp.get("/holds", endpoint="list")
@needs(Permission.CIRCULATE)
def show_list() -> Any:
    desk, number = my_desk(), page_number(request.args.get("page"))
    rows = _lines(db.session(), desk.branch_id, A_PAGE + 1, (number - 1) * A_PAGE)
    page = Page(rows[:A_PAGE], number, A_PAGE, (number - 1) * A_PAGE + len(rows))
    return render_template(
        "loans/holds.html", page=page, kept=[one for one in page if one.accession], today=clock.today(),
        waiting=[one for one in page if not one.accession], see=bool(access.scope(Permission.SEE_PATRONS)),
        page_address=lambda number: url_for("holds.list", page=number),
    )  # fmt: skip


def _lines(session: Session, branch_id: int, limit: int, offset: int) -> list[Waiting]:
    """Open holds of a branch: first those with a copy on the hold shelf, then the others in the order they asked."""
    query = (
        select(Hold, Record, Membership.uid, Person.full_name, SchoolClass.name, Item.accession, Place.name)
        .join(Record, Record.id == Hold.record_id)
        .outerjoin(Membership, Membership.id == Hold.membership_id)
        .outerjoin(Person, Person.id == Membership.person_id)
        .outerjoin(SchoolClass, SchoolClass.id == Membership.class_id)
        .outerjoin(Item, Item.id == Hold.item_id)
        .outerjoin(Place, Place.id == Item.place_id)
        .where(Hold.branch_id == branch_id, Hold.ended_at.is_(None))
        .order_by(Hold.item_id.is_(None), Hold.keep_until, Hold.placed_at, Hold.id)
    )
    brief = is_brief()
    return [_line(row, brief) for row in session.execute(query.limit(limit).offset(offset))]


def _line(row: Any, brief: bool) -> Waiting:
    hold, record, membership, name, group, accession, shelf = row
    shown = "" if brief else name or ""
    placed = hold.placed_at.astimezone(clock.HERE)
    return Waiting(
        hold.uid, record.full_title, record.uid, shown, membership, group, placed, accession, shelf, hold.keep_until
    )


@bp.post("/holds/<uuid:uid>/cancel", endpoint="cancel")
@needs(Permission.CIRCULATE)
def cancel(uid: UUID) -> Any:
    session = db.session()
    query = select(Hold).where(Hold.uid == uid, here().of_branches(Hold.branch_id)).with_for_update()
    hold = session.scalar(query)
    if hold is None:
        raise NotFound
    if hold.ended_at is not None:
        raise OverAlready
    kept = session.scalar(select(Item.accession).where(Item.id == hold.item_id)) if hold.item_id else None
    holds.cancel(session, Doing.now(current_user.uid, hold.branch_id), hold)
    session.commit()
    flash(
        _("Đã bỏ giữ chỗ.")
        if not kept
        else _("Đã bỏ giữ chỗ. Lấy cuốn %(number)s ở giá Giữ chỗ ra quét nhận trả.", number=kept),
        "success",
    )
    return redirect(url_for("holds.list"), 303)
