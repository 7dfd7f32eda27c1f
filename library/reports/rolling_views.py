"""The page of the sums made ahead of time: how far they are, and the button that makes them anew."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from library import access, audit
from library.access import Permission, needs
from library.core import clock
from library.core.db import db
from library.core.errors import N_
from library.core.numbers import written
from library.jobs.models import Job, JobState
from library.reports import rolling
from library.reports.ledgers import TABLES
from library.reports.measures import Ledger
from library.reports.rolling_models import RollMark
from library.reports.rolling_nights import KIND, ask_anew

bp = Blueprint("sums", __name__)
WORDS = {Ledger.USE: N_("Lượt tài liệu"), Ledger.VISIT: N_("Lượt bạn đọc")}


@dataclass(frozen=True)
class Line:
    """`done` of `total` ids of a ledger are in its sums; `at`: when the last went in."""

    words: str
    done: int
    total: int
    at: datetime | None


@bp.get("/settings/sums")
@needs(Permission.RULES)
def show() -> Any:
    session = db.session()
    job = _latest(session)
    return render_template(
        "reports/sums.html", lines=[_line(session, one) for one in rolling.LEDGERS], job=job, under_way=_under_way(job),
        failed=job is not None and job.state is JobState.FAILED, written=written, local=clock.HERE,
        may_start=bool(access.scope(Permission.SETTINGS)),
    )  # fmt: skip


def _line(session: Session, ledger: Ledger) -> Line:
    mark = session.get(RollMark, ledger.value)
    total = session.scalar(select(func.max(TABLES[ledger].rows.id))) or 0
    return Line(_(WORDS[ledger]), mark.last_id if mark else 0, int(total), mark.rolled_at if mark else None)


def _latest(session: Session) -> Job | None:
    return session.scalar(select(Job).where(Job.kind == KIND).order_by(Job.id.desc()).limit(1))


def _under_way(job: Job | None) -> bool:
    return job is not None and job.state in (JobState.WAITING, JobState.RUNNING)


@bp.post("/settings/sums")
@needs(Permission.SETTINGS)
def start() -> Any:
    """Written down; the worker beside the server takes it. Once at a time."""
    if not _under_way(_latest(db.session())):
        ask_anew(current_user.uid)
        audit.note(current_user.uid, "roll-up", "account", current_user.uid, current_user.library_id)
    db.session.commit()
    flash(_("Máy bắt đầu cộng lại. Trong lúc cộng, số liệu vẫn đúng nhưng hiện chậm hơn."), "success")
    return redirect(url_for("sums.show"), 303)
