"""A whole round is planned at once: one batch for each site that is ticked, made by the machine, proposed together."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import Session

from library import access, audit
from library.access import Permission, here, needs, reads_first
from library.catalogue.languages import LANGUAGES
from library.catalogue.levels import LEVELS
from library.core import clock
from library.core.db import db, for_writing
from library.core.errors import N_, Invalid, Reason
from library.core.forms import Reader
from library.inbox.acts import Doing
from library.loans import posting
from library.loans.forms import Posted, uuid_or_none
from library.loans.posting import answered_once, doing_of
from library.organisations.models import Organisation
from library.patrons import asked
from library.rotation import (
    batches,
    batches_filling,
    batches_forms,
    batches_read,
    batches_told,
    sites,
    sites_told,
)
from library.rotation.batches import NewBatch, NotPlanned
from library.rotation.batches_filling import Part, Round
from library.rotation.batches_forms import Plan
from library.rotation.batches_pages import bp
from library.rotation.batches_way import TooLong
from library.rotation.lifecycle import ENDED, NotNow
from library.rotation.models import Batch, BatchState, Leg, Site
from library.rotation.views import page

TRANSIT = (BatchState.RETURNING, BatchState.RECONCILED)
"""What is on its way home or home already keeps no site from getting the next batch."""


@dataclass(frozen=True)
class Choice:
    """A site of the round. `has`: codes of batches it has or will have; `room`: copies it takes by default."""

    site: Site
    has: Sequence[str]
    staying: int
    room: int


def choices(session: Session, library: Organisation) -> list[Choice]:
    every = sites.open_of(session, library.id)
    has = going_to(session, [one.id for one in every])
    there = sites_told.staying(session, [one.place_id for one in every])
    rooms = batches_filling.rooms(session, every, clock.today())
    return [Choice(one, has.get(one.id, ()), there.get(one.place_id, 0), rooms[one.id]) for one in every]


def going_to(session: Session, site_ids: Sequence[int]) -> dict[int, list[str]]:
    """Codes of batches that are planned for, on their way to, or at each site (one statement)."""
    query = select(Leg.to_site_id, Batch.code).join(Batch, Batch.id == Leg.batch_id)
    alive = (Batch.state.not_in((*ENDED, *TRANSIT)), Leg.cancelled_at.is_(None), Leg.to_site_id.in_(site_ids))
    found: dict[int, list[str]] = {}
    for site, code in session.execute(query.where(*alive).distinct().order_by(Batch.code)):
        found.setdefault(site or 0, []).append(code)
    return found


@bp.get("/rotation/batches/plan", endpoint="plan")
@needs(Permission.ROTATION_PLAN)
def show_plan() -> Any:
    """Sites without a batch are ticked. Below: drafts, to be looked at and proposed together."""
    return _plan_page(asked.library())


def _plan_page(
    library: Organisation, told: posting.Source | None = None, complaints: dict[str, Reason] | None = None, stopped: str = ""
) -> str:  # fmt: skip
    session = db.session()
    drafts = batches_read.drafts(session, Batch.library_id == library.id)
    ids = [one.id for one in drafts]
    first, last = batches_forms.usual_days(clock.today())
    ticked = set(posting.many(told, "site")) if told is not None else None
    return page(
        "rotation/plan.html", library=library, lib=asked.slug_of(library), choices=choices(session, library), told=told or {},
        complaints=complaints or {}, stopped=stopped, ticked=ticked, first=first, last=last, drafts=drafts,
        counts=batches_read.counts(session, ids), where=batches_read.sites_of_many(session, ids), levels=LEVELS,
        languages=LANGUAGES, many={name: posting.many(told or {}, name) for name in ("level", "language")},
        free=batches_told.free_in_stock(session, library.id), mine=current_user.uid,
        approves=access.scope(Permission.ROTATION_APPROVE).holds_library(library.id),
    )  # fmt: skip


@bp.post("/rotation/batches/plan", endpoint="plan_many")
@needs(Permission.ROTATION_PLAN)
@reads_first
def plan_many() -> Any:
    """`site`s, and `most-<uid>` for those that get another number than usual. Each batch is a transaction of its own: a long
    round keeps no desk waiting, and one that was cut short goes on where it stopped."""
    told, library, session = posting.source(), asked.library(), db.session()
    uids = posting.many(told, "site")
    on_way = [one for one in sites.open_of(session, library.id) if str(one.uid) in uids]
    reader = Reader(told)
    posted = posting.posted_of(told, reader)
    plan = batches_forms.plan(reader, batches_filling.usual(session, library.id, [], clock.today()), clock.today())
    said = batches_forms.numbers_by_site(reader, [str(one.uid) for one in on_way])
    if not on_way:
        reader.complain("site", "no-site", N_("Chọn ít nhất một điểm luân chuyển."))
    try:
        reader.done()
        assert posted and plan
        mosts = {one.id: said[str(one.uid)] for one in on_way if str(one.uid) in said}
        parts = batches_filling.think_round(session, library.id, on_way, Round(plan.wanted, mosts), clock.today())
        return _answer(_make_all(library.id, posted, plan, parts), library)
    except (Invalid, NotPlanned, TooLong) as wrong:
        if request.is_json:
            raise
        session.rollback()
        reason = wrong.reasons[0]
        stopped = "" if isinstance(wrong, Invalid) else str(_(reason.sentence)) % dict(reason.facts)
        fields = wrong.fields if isinstance(wrong, Invalid) else {}
        return _plan_page(asked.library(), told, fields, stopped), wrong.status


def _make_all(library_id: int, posted: Posted, plan: Plan, parts: Sequence[Part]) -> list[dict[str, Any]]:
    made = []
    for part in parts:
        site = (part.site.id, part.site.uid)
        wanted, lines = batches_filling.told(part.wanted, part.proposal), batches_filling.as_lines(part.proposal)
        for_writing()
        uid = uuid5(posted.uid, site[1].hex)
        content = {"round": str(posted.uid), "site": site[0], "plan": plan.content}
        made.append(answered_once(uid, content, lambda: _made(library_id, posted, uid, plan, site[0], wanted, lines)))  # noqa: B023
    return made


def _made(
    library_id: int, posted: Posted, uid: UUID, plan: Plan, site_id: int, wanted: dict[str, Any], lines: dict[int, str]
) -> dict[str, Any]:
    session = db.session()
    library, site = session.get_one(Organisation, library_id), session.get_one(Site, site_id)
    depot = sites.depot(session, library)
    doing = Doing(uid, doing_of(posted).actor, depot.branch_id)
    batch = batches.make(
        session, doing, library,
        NewBatch(plan.theme, depot, [site], plan.first, plan.last, plan.kind, wanted, plan.decision),
    )  # fmt: skip
    added = batches.add(session, doing, batch, lines).added if lines else ()
    audit.note(current_user.uid, "plan-batch", "batch", batch.uid, library_id)
    return {"batch": str(batch.uid), "code": batch.code, "count": len(added)}


def _answer(made: Sequence[dict[str, Any]], library: Organisation) -> Any:
    count = sum(one["count"] for one in made)
    words = _("Đã lập %(batches)s đợt, %(count)s cuốn. Xem qua rồi gửi duyệt.", batches=len(made), count=count)
    if request.is_json:
        return {"do": words, "batches": list(made)}
    flash(words, "ok")
    lib = asked.slug_of(db.session().get_one(Organisation, library.id))
    return redirect(url_for("rotation_batches.plan", lib=lib, _anchor="drafts"), 303)


@bp.post("/rotation/batches/propose", endpoint="propose_many")
@needs(Permission.ROTATION_PLAN)
def propose_many() -> Any:
    """Every `batch` that is named: a draft is proposed. What cannot be (an empty list, a closed site) is told and left."""
    return _each(N_("Đã gửi duyệt %(count)s đợt."), batches.propose, "propose-batch")


@bp.post("/rotation/batches/approve", endpoint="approve_many")
@needs(Permission.ROTATION_APPROVE)
def approve_many() -> Any:
    """Every `batch` that is named, by somebody other than who made it."""

    def approve(session: Session, doing: Doing, batch: Batch) -> int:
        return batches.approve(session, doing, batch, current_user.name)

    return _each(N_("Đã duyệt %(count)s đợt."), approve, "approve-batch")


def _each(words: str, deed: Any, verb: str) -> Any:
    told = posting.source()
    reader = Reader(told)
    posted = posting.posted_of(told, reader)
    reader.done()
    assert posted
    uids = [one for one in map(uuid_or_none, posting.many(told, "batch")) if one]
    done, stopped = 0, []
    for uid in uids:
        outcome = _one(posted, uid, deed, verb)
        done += not outcome
        stopped += [outcome] if outcome else []
    if request.is_json:
        return {"count": done, "stopped": stopped}
    if done:
        flash(_(words, count=done), "ok")
    for one in stopped:
        flash(one, "khong")
    return redirect(url_for("rotation_batches.plan", lib=request.values.get("lib"), _anchor="drafts"), 303)


def _one(posted: Posted, uid: UUID, deed: Any, verb: str) -> str:
    """'' once it is done; else why it was not."""

    def work() -> dict[str, Any]:
        session = db.session()
        batch = session.scalars(select(Batch).where(Batch.uid == uid, here().of_libraries(Batch.library_id))).one()
        doing = Doing(uuid5(posted.uid, uid.hex), doing_of(posted).actor, batch.depot.branch_id)
        deed(session, doing, batch)
        audit.note(current_user.uid, verb, "batch", uid, batch.library_id)
        return {"batch": str(uid)}

    try:
        answered_once(uuid5(posted.uid, uid.hex), {verb: str(uid)}, work)
    except (NotPlanned, NotNow, batches.SameHands) as no:
        db.session.rollback()
        code = db.session().scalar(select(Batch.code).where(Batch.uid == uid)) or ""
        return f"{code}: {str(_(no.reasons[0].sentence)) % dict(no.reasons[0].facts)}"
    return ""
