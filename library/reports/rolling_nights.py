"""Every night: the sums of the ledgers go on, and people of periods that closed are counted before their names go."""

from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from library.core.db import db
from library.core.errors import N_
from library.jobs import queue
from library.jobs.nights import nightly
from library.jobs.queue import Progress, step_of
from library.reports import people, public_figures, public_kept, rolling

KIND = "roll-up"
"""The job that makes all sums anew."""


@nightly("roll-up", N_("Cộng sẵn lượt bạn đọc, lượt tài liệu của ngày qua"))
def go_on(session: Session, day: date) -> tuple[int, bool]:
    known = rolling.marks(session)
    for ledger in rolling.LEDGERS:
        if (mark := known.get(ledger)) is not None and not mark.ready:
            continue  # being made anew: whoever does that rolls them
        if done := rolling.roll(session, ledger):
            return done, True
    return 0, False


@nightly("count-people", N_("Đếm người đọc của tháng, quý, năm vừa hết"))
def count_people(session: Session, day: date) -> tuple[int, bool]:
    return people.close(session, day)


@nightly("keep-public", N_("Giữ số liệu công khai của tháng vừa hết"))
def keep_public(session: Session, day: date) -> tuple[int, bool]:
    """One library at a time: what its public page tells of months that are over stays so."""
    library = public_kept.waiting(session, day)
    if library is None:
        return 0, False
    public_figures.keep(session, library, public_figures.dim_of(session, library), day)
    return 1, True


def ask_anew(account: UUID | None) -> None:
    """A job: written when the caller commits."""
    queue.ask(KIND, {"stage": "begin"}, None, account, rolling.last_ids(db.session()))


@step_of(KIND)
def step(facts: dict[str, str], uid: UUID) -> Progress:
    """Begin, clear, then roll part by part. Done again after a kill: each part moves the mark with it."""
    session = db.session()
    if facts["stage"] == "begin":
        rolling.begin_anew(session)
        return Progress(0, facts={"stage": "clear"})
    if facts["stage"] == "clear":
        return Progress(0, facts={"stage": "clear" if rolling.clear(session) else "roll"})
    if any(rolling.roll(session, ledger) for ledger in rolling.LEDGERS):
        return Progress(sum(one.last_id for one in rolling.marks(session).values()))
    rolling.end_anew(session)
    return Progress(sum(one.last_id for one in rolling.marks(session).values()), finished=True)
