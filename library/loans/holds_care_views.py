"""Pages beside the list of holds: what to take from the shelves, what keepers are asked, a title's queue, one hold."""

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import insert, select

from library import access, audit
from library.access import Permission, here, needs
from library.accounts.models import Account
from library.catalogue.models import Record
from library.core import clock
from library.core.db import db
from library.core.errors import N_, Invalid, NotFound
from library.holdings.models import Item, Place
from library.inbox import acts
from library.loans import holds_changes, holds_lists, holds_pickups, holds_pulling, transfers_lists
from library.loans.facts import Desk
from library.loans.holds_forms import CareForm
from library.loans.holds_views import OverAlready, doing_here, hold_of, hold_seen, menu, record_of
from library.loans.models import Hold, HoldDecline
from library.loans.views import is_brief, my_desk
from library.organisations.models import Organisation

bp = Blueprint("waits", __name__)
DEEDS = {
    "hold": N_("giữ chỗ"), "take-in": N_("sách đến"), "lend": N_("cho mượn"), "cancel-hold": N_("bỏ giữ chỗ"),
    "expire-hold": N_("quá hạn giữ"), "change-hold": N_("sửa lượt giữ chỗ"), "suspend-hold": N_("tạm dừng"),
    "agree-hold": N_("người giữ tủ đồng ý"), "ask-transfer": N_("chuyển sách đi nơi khác"),
    "cancel-transfer": N_("thôi chuyển sách"),
}  # fmt: skip
"""Kinds of acts in the story of one hold."""


@bp.get("/holds/pull", endpoint="pull")
@needs(Permission.CIRCULATE)
def show_pull() -> Any:
    """Free copies that somebody waits for, and copies asked to go elsewhere, in the order of the shelves."""
    desk, session = my_desk(), db.session()
    return render_template(
        "loans/holds_pull.html", pulls=holds_pulling.to_take(session, desk.branch_id, clock.today()),
        sends=transfers_lists.lists(session, desk.branch_id).to_send, brief=is_brief(), menu=menu(session, desk),
        library=session.get_one(Organisation, desk.library_id), reasons=transfers_lists.REASONS, today=clock.today(),
    )  # fmt: skip


# Copies that deliberately stay somewhere


@bp.get("/holds/keeper", endpoint="keeper")
@needs(Permission.CIRCULATE)
def show_keeper() -> Any:
    desk, session = my_desk(), db.session()
    asked = holds_pulling.to_agree(session, desk.branch_id, clock.today())
    return render_template("loans/holds_keeper.html", asked=asked, menu=menu(session, desk))


@bp.post("/holds/<uuid:uid>/keeper", endpoint="answer")
@needs(Permission.CIRCULATE)
def answer(uid: UUID) -> Any:
    """Whoever works where the copy stays lets it go for this reader, or keeps it. It comes back to its stay after."""
    session, desk = db.session(), my_desk()
    hold, item = _asked(uid, request.form.get("item", ""))
    doing, agreed = doing_here(desk), request.form.get("answer") == "yes"
    act_id = acts.write(session, doing, "agree-hold" if agreed else "decline-hold", clock.now())
    if agreed:
        holds_changes.change(session, act_id, hold.id, {"agreed_item_id": item.id})
    else:
        declined = {"act_id": act_id, "hold_id": hold.id, "item_id": item.id, "voided": False}
        session.execute(insert(HoldDecline).values(declined))
    session.commit()
    number = item.accession or ""
    flash(
        _("Cuốn %(number)s được lấy cho bạn đọc này. Lấy ra rồi quét ở quầy.", number=number)
        if agreed
        else _("Cuốn %(number)s ở lại nơi nó đang để.", number=number),
        "success",
    )
    return redirect(url_for("waits.keeper"), 303)


def _asked(uid: UUID, item: str) -> tuple[Hold, Item]:
    """An open hold, anybody's in the network, and a copy in one's own house that is of its title."""
    query = (
        select(Hold, Item)
        .join(Item, Item.record_id == Hold.record_id)
        .join(Record, Record.id == Hold.record_id)
        .join(Place, Place.id == Item.place_id)
        .where(Hold.uid == uid, here().of_networks(Record.network_id), here().of_branches(Place.branch_id))
        .where(Hold.ended_at.is_(None), Item.uid == _uuid(item))
    )
    row = db.session.execute(query.with_for_update(of=Hold)).one_or_none()
    if row is None:
        raise NotFound
    return row[0], row[1]


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound from None


# A title's queue


@bp.get("/titles/<uuid:uid>/holds", endpoint="queue")
@needs(Permission.CIRCULATE)
def show_queue(uid: UUID) -> Any:
    """Everybody who waits for it in the network. Readers of other libraries are not named."""
    desk, record = my_desk(), record_of(uid)
    lines = holds_lists.queue(db.session(), record.id, desk.branch_id, is_brief())
    mine = set(db.session.scalars(_mine(desk)))
    return render_template(
        "loans/holds_queue.html", record=record, lines=lines, mine=mine, today=clock.today(),
        see=bool(access.scope(Permission.SEE_PATRONS)),
    )  # fmt: skip


def _mine(desk: Desk) -> Any:
    return select(Hold.uid).where(holds_lists.concerning(desk.branch_id, desk.library_id))


# One hold


@bp.get("/holds/<uuid:uid>", endpoint="show")
@needs(Permission.CIRCULATE)
def show(uid: UUID) -> Any:
    return _page(my_desk(), hold_seen(uid))


def _page(desk: Desk, hold: Hold, complaints: dict[str, Any] | None = None) -> str:
    session = db.session()
    (line,) = holds_lists.lines(session, Hold.id == hold.id, desk.branch_id, is_brief(), 1)
    places = holds_pickups.pickups(session, desk.network_id, desk.library_id, desk.branch_id)
    return render_template(
        "loans/hold.html", line=line, hold=hold, told=request.form, complaints=complaints or {}, today=clock.today(),
        pickups=[(one.uid, one.words(desk.library_id)) for one in places], story=_story(hold), deeds=DEEDS,
        fetched=next((one.uid for one in places if one.place_id == hold.place_id), _shelf(places, hold.branch_id)),
        see=bool(access.scope(Permission.SEE_PATRONS)),
    )  # fmt: skip


def _shelf(places: list[holds_pickups.Pickup], branch_id: int) -> UUID | None:
    return next((one.uid for one in places if one.branch_id == branch_id), None)


def _story(hold: Hold) -> list[tuple[Any, str, str, str]]:
    """When, what kind of act, by whom, the reason given."""
    told = holds_lists.changes(db.session(), hold.id)
    actors = {actor for _, _, actor, _ in told if actor}
    query = select(Account.uid, Account.name).where(Account.uid.in_(actors))
    names = {row.uid: row.name for row in db.session.execute(query)}
    return [
        (at.astimezone(clock.HERE), kind, names.get(actor, "") if actor else "", why or "")
        for at, kind, actor, why in told
    ]


@bp.post("/holds/<uuid:uid>", endpoint="change")
@needs(Permission.CIRCULATE)
def change(uid: UUID) -> Any:
    """Where it is fetched, passed over until a day, moved up with a reason."""
    session, desk, hold = db.session(), my_desk(), hold_of(uid)
    if hold.ended_at is not None:
        raise OverAlready
    places = holds_pickups.pickups(session, desk.network_id, desk.library_id, desk.branch_id)
    try:
        form = CareForm.read(request.form, {str(one.uid): one for one in places}, hold.priority)
    except Invalid as wrong:
        return _page(desk, hold, dict(wrong.fields)), 422
    values = _new(hold, form)
    if values:
        act_id = acts.write(session, doing_here(desk), "change-hold", clock.now())
        holds_changes.change(session, act_id, hold.id, values, form.why or None)
        if "priority" in values:
            audit.note(current_user.uid, "move-up", "hold", hold.uid, desk.library_id)
    session.commit()
    flash(_("Đã lưu."), "success")
    return redirect(url_for("waits.show", uid=uid), 303)


def _new(hold: Hold, form: CareForm) -> dict[str, Any]:
    """What is other than before. A copy that is kept already stays where it is fetched."""
    told: dict[str, Any] = {
        "suspended_until": form.suspended_until, "priority": form.priority, "expires_on": form.expires_on,
    }  # fmt: skip
    if form.pickup and hold.item_id is None:
        told |= {"branch_id": form.pickup.branch_id, "place_id": form.pickup.place_id}
    return {name: value for name, value in told.items() if getattr(hold, name) != value}
