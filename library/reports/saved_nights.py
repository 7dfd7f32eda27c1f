"""In the night after a period is over, the reports that are made by themselves."""

import logging
from datetime import date

from sqlalchemy.orm import Session

from library.core.errors import N_
from library.jobs.nights import nightly
from library.reports import saved

log = logging.getLogger(__name__)


@nightly("saved-reports", N_("Lập báo cáo đã hẹn của kỳ vừa hết"))
def make(session: Session, day: date) -> tuple[int, bool]:
    """One at a time: each is a transaction of its own. One that cannot be made keeps none of the others; the log tells why,
    and the next night tries again."""
    failed: set[int] = set()
    while (found := saved.due(session, day, failed)) is not None:
        report = found[0].id
        try:
            with session.begin_nested():
                saved.make(session, *found)
        except Exception:
            log.exception("saved report %s could not be made", report)
            failed.add(report)
        else:
            return 1, True
    return 0, False
