"""What a count came to, and what nobody knows the whereabouts of from then on."""

from typing import Any
from uuid import UUID

from flask import current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import Session

from library.access import Permission, needs
from library.core.db import db
from library.core.errors import NotFound
from library.holdings.models import Item
from library.inbox.models import Act
from library.loans import deeds
from library.loans.forms import uuid_or_none
from library.loans.posting import answered_once, doing_at
from library.shelves import counts, scopes
from library.shelves.count_pages import bp, strangers
from library.shelves.counts import Counted
from library.shelves.fill_pages import posted_or_now
from library.shelves.frame import shelf_frame
from library.shelves.models import Shelf, ShelfCount


@bp.get("/shelves/counts/<uuid:uid>", endpoint="result")
@needs(Permission.CLASS_KEEP)
def result(uid: UUID) -> Any:
    session = db.session()
    count, shelf = _of(session, uid)
    if count.ended_at is None:
        return redirect(url_for("shelf_counts.show", uid=shelf.uid), 303)
    done = counts.counted(session, count)
    still = _still_on_shelf(session, shelf, done)
    return render_template(
        "shelves/count_result.html", count=count, done=done, missing=strangers(session, done.missing), still=still,
        extra=strangers(session, done.extra), readers=strangers(session, done.with_reader), undo=_end_act(session, count),
        **shelf_frame(session, shelf, ""),
    )  # fmt: skip


def _of(session: Session, uid: UUID) -> tuple[ShelfCount, Shelf]:
    found = session.execute(
        select(ShelfCount, Shelf)
        .join(Shelf, Shelf.id == ShelfCount.shelf_id)
        .where(ShelfCount.uid == uid, scopes.mine())
    ).one_or_none()
    if found is None:
        raise NotFound
    return found[0], found[1]


def _still_on_shelf(session: Session, shelf: Shelf, done: Counted) -> frozenset[int]:
    """Of the missing: those that on paper stand on the shelf to this day, so that somebody may say they do not."""
    query = select(Item.id).where(Item.id.in_(done.missing), Item.place_id == shelf.place_id)
    return frozenset(session.scalars(query))


def _end_act(session: Session, count: ShelfCount) -> UUID | None:
    """The act that ended it, while its author may still take that back."""
    act = session.get(Act, count.ended_by) if count.ended_by else None
    minutes = current_app.config["UNDO_MINUTES"]
    mine = act is not None and deeds.may_be_undone(session, act, current_user.uid, minutes)
    return act.uid if act is not None and mine else None


@bp.post("/shelves/counts/<uuid:uid>/missing", endpoint="missing")
@needs(Permission.CLASS_KEEP)
def missing(uid: UUID) -> Any:
    """Nobody knows where the ticked ones (`copy`) are: from now on the machine says so too."""
    session = db.session()
    _count, shelf = _of(session, uid)
    wanted = [one for one in (uuid_or_none(text) for text in request.form.getlist("copy")[:300]) if one]
    posted = posted_or_now()
    items = list(session.scalars(select(Item.id).where(Item.uid.in_(wanted))))
    doing = doing_at(posted, shelf.branch_id)
    work = lambda: {"gone": counts.say_missing(session, doing, _of(session, uid)[0], items)}  # noqa: E731
    answer = answered_once(posted.uid, {"missing": sorted(str(one) for one in wanted), "count": str(uid)}, work)
    flash(_("Đã ghi %(gone)s cuốn chưa rõ ở đâu. Thấy lại thì cứ quét.", **answer), "success")
    return redirect(url_for("shelf_counts.result", uid=uid), 303)
