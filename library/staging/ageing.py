"""Lists are not kept for ever: after a month their rows and their file go. What they became stays where it is.

Of a row that had no number of its own its fingerprint is left, which says nothing and still tells when the same row is
brought again.
"""

from datetime import datetime, timedelta

from sqlalchemy import and_, delete, null, or_, select, update
from sqlalchemy.orm import Session

from library import files
from library.jobs.nightly import forgets
from library.staging.models import Load, LoadRow, LoadState

KEPT_FOR = timedelta(days=30)
RESTING = (LoadState.CHECKED, LoadState.APPLIED, LoadState.UNDONE, LoadState.UNREADABLE)
ROWS = 500


def forget_some(session: Session, before: datetime) -> bool:
    """Some rows of the oldest list brought before `before`, or its file when they are gone. Whether there was one."""
    query = select(Load).where(Load.made_at < before, Load.file_key != "", Load.state.in_(RESTING))
    load = session.scalar(query.order_by(Load.id).limit(1).with_for_update())
    if load is None:
        return False
    if not _forget_rows(session, load.id):
        _forget_file(session, load)
    session.flush()
    return True


@forgets("staging")
def forget_lists(session: Session, now: datetime) -> bool:
    return forget_some(session, now - KEPT_FOR)


def _forget_rows(session: Session, load_id: int) -> int:
    telling = and_(LoadRow.load_id == load_id, or_(LoadRow.fingerprint.is_(None), LoadRow.values.is_not(None)))
    ids = session.scalars(select(LoadRow.id).where(telling).limit(ROWS)).all()
    session.execute(delete(LoadRow).where(LoadRow.id.in_(ids), LoadRow.fingerprint.is_(None)))
    blank = {"cells": [], "values": null(), "notes": [], "subjects": null()}
    session.execute(update(LoadRow).where(LoadRow.id.in_(ids)).values(blank))
    return len(ids)


def _forget_file(session: Session, load: Load) -> None:
    """The bytes go with the last list that has them."""
    key, load.file_key = load.file_key, ""
    files.forget_with(session, key)
