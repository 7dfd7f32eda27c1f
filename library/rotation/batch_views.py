"""Planning batches: a new one. Its list, who answers and who approves, rounds and numbers have pages of their own."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import Session

from library import audit
from library.access import Permission, needs, reads_first
from library.catalogue.languages import LANGUAGES
from library.catalogue.levels import LEVELS
from library.core import clock
from library.core.db import db, for_writing
from library.core.errors import N_, Invalid, Reason, Refused
from library.core.forms import Reader
from library.loans import posting
from library.loans.forms import Posted, uuid_or_none
from library.organisations.models import Organisation
from library.patrons import asked
from library.rotation import (
    batch_deciding_views,
    batch_draft_views,
    batches,
    batches_filling,
    batches_forms,
    batches_read,
    batches_told,
    legs,
    rounds_views,
    settings_views,
    sites,
)
from library.rotation.batches import NewBatch, NotPlanned
from library.rotation.batches_forms import Plan
from library.rotation.batches_pages import bp
from library.rotation.batches_way import TooLong
from library.rotation.models import Batch, Site
from library.rotation.views import page

Complaints = Mapping[str, Reason]
FURTHER = (batch_draft_views, batch_deciding_views, rounds_views, settings_views)
"""Pages of the same blueprint: who imports this module has them all."""


# A new one


def _sites(session: Session, library: Organisation, uids: Sequence[str]) -> list[Site]:
    """Those named, in the order named."""
    every = {str(one.uid): one for one in sites.open_of(session, library.id)}
    return [every[uid] for uid in dict.fromkeys(uids) if uid in every]


@bp.get("/rotation/batches/new", endpoint="new")
@needs(Permission.ROTATION_PLAN)
def show_new() -> Any:
    """`site`: ticked at first; `replaces`: the batch it takes the place of, where that one stands."""
    library, session = asked.library(), db.session()
    ticked = _sites(session, library, request.args.getlist("site"))
    replaced = _replaced(session, library, request.args.get("replaces"))
    if replaced and not ticked:
        now = legs.current(legs.of(session, replaced.id))
        ticked = [now.to_site] if now and now.to_site else batches_read.sites_of(session, replaced.id)
    return _new_page(library, ticked, replaced)


def _replaced(session: Session, library: Organisation, text: str | None) -> Batch | None:
    uid = uuid_or_none(text)
    return session.scalar(select(Batch).where(Batch.uid == uid, Batch.library_id == library.id)) if uid else None


def _new_page(
    library: Organisation, ticked: Sequence[Site], replaced: Batch | None, told: posting.Source | None = None,
    complaints: Complaints | None = None, stopped: str = "",
) -> str:  # fmt: skip
    session, today = db.session(), clock.today()
    first, last = batches_forms.usual_days(today)
    usual = batches_filling.usual(session, library.id, ticked, first, replaced)
    every = sites.open_of(session, library.id)
    return page(
        "rotation/batch_new.html", library=library, lib=asked.slug_of(library), sites=every, ticked={one.id for one in ticked},
        rooms=batches_filling.rooms(session, every, first), replaced=replaced, told=told or {}, complaints=complaints or {},
        stopped=stopped, usual=usual, first=first, last=last, batch_kinds=batches_forms.KINDS, levels=LEVELS,
        languages=LANGUAGES, many={name: posting.many(told or {}, name) for name in ("level", "language")},
        free=batches_told.free_in_stock(session, library.id),
    )  # fmt: skip


@bp.post("/rotation/batches/new", endpoint="make")
@needs(Permission.ROTATION_PLAN)
@reads_first
def make() -> Any:
    """`do`: fill (the machine makes the list) or empty (somebody will)."""
    told, library, session = posting.source(), asked.library(), db.session()
    on_way, replaced = (
        _sites(session, library, posting.many(told, "site")),
        _replaced(session, library, told.get("replaces")),
    )
    reader = Reader(told)
    posted = posting.posted_of(told, reader)
    usual = batches_filling.usual(session, library.id, on_way, clock.today(), replaced)
    plan = batches_forms.plan(reader, usual, clock.today(), usual.most if replaced else None)
    if not on_way:
        reader.complain("site", "no-site", N_("Chọn ít nhất một điểm luân chuyển."))
    try:
        reader.done()
        assert posted and plan
        thought = (
            batches_filling.think(session, library.id, on_way, plan.wanted, clock.today())
            if told.get("do") != "empty"
            else None
        )
        ids, lines = (
            ([one.id for one in on_way], replaced.id if replaced else None),
            batches_filling.as_lines(thought) if thought else {},
        )
        for_writing()
        content = {"make-batch": plan.content, "sites": [*ids[0]], "fills": bool(thought), "replaces": ids[1]}

        def work() -> dict[str, Any]:
            return _made(library.id, posted, plan, ids, batches_filling.told(plan.wanted, thought), lines)

        return posting.answer_aloud(
            posted, content, work, lambda done: url_for("rotation_batches.show", uid=UUID(done["batch"]))
        )
    except (Invalid, NotPlanned, TooLong) as wrong:
        return _new_again(wrong, library, told)


def _new_again(wrong: Refused, library: Organisation, told: posting.Source) -> Any:
    if request.is_json:
        raise wrong
    db.session.rollback()
    session = db.session()
    ticked = _sites(session, library, posting.many(told, "site"))
    fields = wrong.fields if isinstance(wrong, Invalid) else {}
    stopped = "" if fields else _say(wrong)
    return _new_page(
        library, ticked, _replaced(session, library, told.get("replaces")), told, fields, stopped
    ), wrong.status


def _say(wrong: Refused) -> str:
    reason = wrong.reasons[0]
    return str(_(reason.sentence)) % dict(reason.facts)


def _made(
    library_id: int, posted: Posted, plan: Plan, ids: tuple[Sequence[int], int | None], wanted: dict[str, Any],
    lines: Mapping[int, str],
) -> dict[str, Any]:  # fmt: skip
    """`ids`: of the sites in order, and of the batch it replaces. What somebody else took meanwhile is left out."""
    session = db.session()
    library = session.get_one(Organisation, library_id)
    found = {one.id: one for one in session.scalars(select(Site).where(Site.id.in_(ids[0])))}
    depot = sites.depot(session, library)
    doing = posting.doing_at(posted, depot.branch_id)
    replaces = session.get(Batch, ids[1]) if ids[1] else None
    new = NewBatch(plan.theme, depot, [found[one] for one in ids[0]], plan.first, plan.last, plan.kind, wanted,
                   plan.decision, replaces)  # fmt: skip
    batch = batches.make(session, doing, library, new)
    added = batches.add(session, doing, batch, lines).added if lines else ()
    audit.note(current_user.uid, "plan-batch", "batch", batch.uid, library_id)
    said = (
        _("Đã lập đợt %(code)s: %(count)s cuốn.", code=batch.code, count=len(added))
        if lines
        else _("Đã lập đợt %(code)s.", code=batch.code)
    )
    return {"batch": str(batch.uid), "do": said, "outcome": "ok", "count": len(added)}
