"""Exports name people and are made to be taken away: after a week file and row go."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from library.exports.models import Export
from library.exports.writing import path_of
from library.jobs.nightly import forgets

KEPT_FOR = timedelta(days=7)
SOME = 100


@forgets("exports")
def forget_exports(session: Session, now: datetime) -> bool:
    """The bytes first: a row without its file is only a page that says so."""
    old = session.scalars(select(Export).where(Export.made_at < now - KEPT_FOR).order_by(Export.id).limit(SOME)).all()
    for export in old:
        path_of(export.uid).unlink(missing_ok=True)
        session.delete(export)
    session.flush()
    return len(old) == SOME
