"""A report that a library keeps, with what it came to once, for the test of every route."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from library.core import clock
from library.core.db import db
from library.organisations.models import Organisation
from library.reports import builder, saved, standing_periods
from library.reports.builder import Wish
from library.reports.saved_models import Every, SavedReport, SavedResult
from library.reports.standing_periods import Sort


def add(library: Organisation, word: str = "Ba Bể") -> None:
    session = db.session()
    wish = Wish("visits", ("month",))
    made = saved.keep(
        session, clock.uuid7(), library.id, clock.uuid7(), f"Lượt bạn đọc {word}", wish, [library.id], Every.MONTH, True
    )
    assert builder.of_plain(made.wish) == wish
    saved.make(session, made, standing_periods.of(Sort.MONTH, clock.today().replace(day=1) - timedelta(days=1)))


def things_of(library: Organisation) -> dict[str, Any]:
    query = select(SavedReport.uid, SavedResult.uid).join(SavedResult, SavedResult.report_id == SavedReport.id)
    uid, result = db.session.execute(query.where(SavedReport.library_id == library.id)).one()
    return {"uid": uid, "result": result}
