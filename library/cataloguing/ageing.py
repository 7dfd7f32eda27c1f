"""Codes that were scanned and never saved go after half a year; what was settled of spines when it cannot be taken back."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from library.cataloguing import spine_undoing
from library.cataloguing.models import ScanLine
from library.jobs.nightly import SOME, forgets

KEPT_FOR = timedelta(days=180)


@forgets("scans")
def forget_scans(session: Session, now: datetime) -> bool:
    old = select(ScanLine.id).where(ScanLine.made_at < now - KEPT_FOR).limit(SOME)
    return len(session.execute(delete(ScanLine).where(ScanLine.id.in_(old)).returning(ScanLine.id)).all()) == SOME


@forgets("spine-settlements")
def forget_settlements(session: Session, now: datetime) -> bool:
    return spine_undoing.forget(session, now - spine_undoing.KEPT_FOR)
