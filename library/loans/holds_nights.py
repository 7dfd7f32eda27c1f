"""What the night does with holds: nobody came, so the next one gets the copy, or it goes home."""

from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from library.core import clock
from library.core.errors import N_
from library.inbox import acts
from library.inbox.acts import Doing
from library.jobs.nights import nightly
from library.loans import holds, holds_changes, holds_keeping, holds_onward
from library.loans.models import Hold

SOME = 50
"""Holds ended in one transaction."""


@nightly("holds", N_("Thôi giữ những cuốn không ai đến lấy, chuyển cho bạn kế tiếp"))
def expire(session: Session, day: date) -> tuple[int, bool]:
    """Ready copies kept long enough, and waits that are not wanted any more on that day."""
    _count_visits(session, day)
    over = or_(
        Hold.item_id.is_(None) & (Hold.expires_on < day),
        Hold.item_id.is_not(None) & Hold.ready_at.is_not(None) & (Hold.keep_until < day),
    )
    still = Hold.ended_at.is_(None) & over
    ids = session.scalars(select(Hold.id).where(still).order_by(Hold.id).limit(SOME)).all()
    holds.lock_kept(session, Hold.id.in_(ids))
    query = select(Hold).where(Hold.id.in_(ids), still).order_by(Hold.id)
    found = session.scalars(query.with_for_update(skip_locked=True).execution_options(populate_existing=True)).all()
    for hold in found:
        _expire(session, hold, day)
    return len(found), len(ids) == SOME and bool(found)


def _expire(session: Session, hold: Hold, day: date) -> None:
    doing, at = Doing.now(branch_id=hold.branch_id), clock.now()
    act = acts.write(session, doing, "expire-hold", at), doing.uid
    kept, branch_id = hold.item_id, hold.branch_id
    holds.end(session, act[0], hold, "expired", at)
    if kept is not None:
        holds_onward.pass_on(session, act, kept, branch_id, day, at)


def _count_visits(session: Session, day: date) -> None:
    """A stop whose next openings were not known when the copy came: now perhaps they are."""
    unknown = (Hold.ready_at.is_not(None), Hold.keep_until.is_(None), Hold.expires_visits.is_not(None))
    for hold in session.scalars(select(Hold).where(Hold.ended_at.is_(None), *unknown)).all():
        assert hold.ready_at
        where = hold.branch_id, holds.fetching_place(session, hold.id)
        until = holds_keeping.keeps_until(session, where, clock.day_of(hold.ready_at), 0, hold.expires_visits)
        if until is not None:
            holds_changes.overwrite(session, hold.id, {"keep_until": until})
            session.expire(hold)
