"""Giving a leg away: a last look at what goes and what follows, and the one button that sends and prints."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import Session

from library import access, audit
from library.access import Permission, needs
from library.catalogue.models import Record
from library.core import clock
from library.core.db import db
from library.core.errors import N_, Forbidden, NotFound, Reason
from library.core.forms import Reader
from library.holdings.models import Item
from library.inbox.acts import Doing
from library.inbox.models import Act
from library.loans import deeds, posting
from library.loans.forms import Posted, uuid_or_none
from library.rotation import crates, legs, picking_words, scopes, sending, undoing
from library.rotation.models import Batch, Leg
from library.rotation.picking_pages import Small, bp, doing_there
from library.rotation.signing import Signer


@bp.get("/rotation/batches/<uuid:uid>/send", endpoint="send")
@needs(Permission.ROTATION_HANDLE)
def show_send(uid: UUID) -> Any:
    """What goes by the next leg, in which crates; what follows later, and why."""
    session = db.session()
    batch = scopes.batch_here(session, uid)
    leg = _next(session, batch)
    loads = sending.loads(session, batch, leg)
    here = batch.depot_id if leg.from_site is None else leg.from_site.place_id
    behind = {load.item_id: why for load in loads if (why := load.stays_behind(here))}
    return render_template(
        "rotation/send.html", batch=batch, leg=leg, count=len(loads) - len(behind), uid=clock.uuid7(),
        behind=_named(session, behind), whys=picking_words.FOLLOWS, kilograms=picking_words.kilograms,
        crates=[load for load in crates.loads(session, batch.id, sent=leg.number > 1) if load.count],
        may_give=scopes.stands_at(access.scope(Permission.ROTATION_HANDLE), leg)[0],
        too_many=_too_many(session, batch, leg, len(loads) - len(behind)),
    )  # fmt: skip


def _too_many(session: Session, batch: Batch, leg: Leg, count: int) -> Reason | None:
    """Why an exchange would be refused now."""
    try:
        sending.check_exchange(session, batch, leg, count)
    except sending.MoreThanComeBack as no:
        return no.reasons[0]
    return None


def _next(session: Session, batch: Batch) -> Leg:
    leg = legs.next_(legs.of(session, batch.id))
    if leg is None:
        raise sending.NotSent("no-leg", N_("Đợt này không còn chặng nào phải đi."))
    return leg


def _named(session: Session, behind: dict[int, str]) -> Sequence[tuple[str, list[tuple[str, str]]]]:
    """By reason: (accession, title) of each copy."""
    query = select(Item.id, Item.accession, Record.title).join(Record, Record.id == Item.record_id)
    found: dict[str, list[tuple[str, str]]] = {}
    for item, accession, title in session.execute(query.where(Item.id.in_(behind)).order_by(Item.accession_folded)):
        found.setdefault(behind[item], []).append((accession or "", title))
    return sorted(found.items())


@bp.post("/rotation/batches/<uuid:uid>/send", endpoint="do_send")
@needs(Permission.ROTATION_HANDLE)
def do_send(uid: UUID) -> Any:
    """`leg`: the one that was shown. Who gives signs by this (`name`, `title`: as they stand under the minutes)."""
    scopes.batch_here(db.session(), uid)
    small = Small.read()
    reader = Reader(small.told)
    name = reader.text("name", False, 120) or current_user.name
    title, carrier = reader.text("title", False, 120), reader.text("carrier", False, 200)
    reader.done()
    signer, shown = Signer(current_user.id, name, title), uuid_or_none(small.told.get("leg"))
    _leg_shown(uid, shown)
    said = {"send": str(uid), "leg": str(shown), "name": name, "carrier": carrier}
    return posting.answer_aloud(
        small.posted,
        said,
        lambda: _sent(uid, small.posted, shown, (signer, carrier)),
        lambda done: _papers(done, shown),
    )


def _papers(done: dict[str, Any], leg: UUID | None) -> str:
    """What is printed at once, or the page of papers."""
    if request.form.get("print"):
        return url_for("rotation_papers.all", uid=leg)
    return url_for("rotation_papers.show", uid=done["batch"])


def _leg_shown(uid: UUID, shown: UUID | None) -> tuple[Batch, Leg]:
    """Raises NotFound, Forbidden."""
    session = db.session()
    batch = scopes.batch_here(session, uid)
    leg = scopes.leg_here(session, shown) if shown else None
    if leg is None or leg.batch_id != batch.id:
        raise NotFound
    if not scopes.stands_at(access.scope(Permission.ROTATION_HANDLE), leg)[0]:
        raise Forbidden(Permission.ROTATION_HANDLE)
    return batch, leg


def _sent(uid: UUID, posted: Posted, shown: UUID | None, by: tuple[Signer, str]) -> dict[str, Any]:
    session = db.session()
    batch, leg = _leg_shown(uid, shown)
    done = sending.send(session, _doing(session, posted, batch, leg), leg, by[0], by[1])
    audit.note(current_user.uid, "send-batch", "batch", batch.uid, batch.library_id)
    words = _("Đã giao %(count)s bản.", count=done.count)
    if done.exceptions:
        words += " " + _("%(count)s bản theo sau.", count=len(done.exceptions))
    return {
        "do": words, "batch": str(uid), "count": done.count, "act": str(posted.uid),
        "later": [[item, why] for item, why in done.exceptions],
    }  # fmt: skip


def _doing(session: Session, posted: Posted, batch: Batch, leg: Leg) -> Doing:
    if leg.from_site is not None:
        return posting.doing_at(posted, leg.from_site.branch_id)
    return doing_there(session, posted, batch)


@bp.post("/rotation/legs/<uuid:uid>/send/undo", endpoint="undo_send")
@needs(Permission.ROTATION_HANDLE)
def undo_send(uid: UUID) -> Any:
    """Nothing has left after all: as long as nobody signed for it."""
    batch_uid = scopes.leg_here(db.session(), uid).batch.uid
    _leg_shown(batch_uid, uid)
    small = Small.read()

    def work() -> dict[str, Any]:
        session = db.session()
        batch, leg = _leg_shown(batch_uid, uid)
        act = session.get(Act, leg.send_act) if leg.send_act else None
        if act is None or not deeds.may_be_undone(session, act, act.actor, UNDO_MINUTES):
            raise NotFound
        undoing.undo(session, _doing(session, small.posted, batch, leg), act)
        audit.note(current_user.uid, "undo-send-batch", "batch", batch.uid, batch.library_id)
        return {"do": _("Đã hoàn tác lần giao. Sách vẫn ở chỗ đóng thùng.")}

    back = url_for("rotation_pick.send", uid=batch_uid)
    return posting.answer_aloud(small.posted, {"undo-send": str(uid)}, work, lambda _done: back)


UNDO_MINUTES = 24 * 60
"""A van that does not leave after all is known on the same day."""
