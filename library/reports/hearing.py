"""The moment as of which a figure is told: whatever was recorded before it is there to be counted.

A row is recorded a little before its transaction ends. A figure counted in between would leave it out, and the same question
asked later, as known at that moment, would not. So whoever freezes a figure lets those finish first.
"""

import time
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from library.core import clock

PATIENCE, STEP = 2.0, 0.01
"""Seconds waited for others at most, and between two looks. Writing takes a few hundredths; what takes longer is a job of the
night, whose rows are then told as having come later."""
_WRITING = text(
    "SELECT CAST(held.transactionid AS text) FROM pg_locks AS held JOIN pg_stat_activity AS one ON one.pid = held.pid"
    " WHERE held.locktype = 'transactionid' AND held.mode = 'ExclusiveLock' AND held.granted"
    " AND held.pid <> pg_backend_pid() AND one.datname = current_database()"
)
"""Transactions of others that have begun to write: each holds its own number."""


def moment(session: Session) -> datetime:
    """Now; what was being written at this moment can be read when this returns. For a transaction that writes: on SQLite
    it is the only one that does. A fact takes its number as a writer before its time, so those that began later are later."""
    now = clock.now()
    if session.get_bind().dialect.name == "postgresql":
        _let_finish(session)
    return now


def _let_finish(session: Session) -> None:
    writing, until = set(session.scalars(_WRITING)), time.monotonic() + PATIENCE
    while writing and time.monotonic() < until:
        time.sleep(STEP)
        writing &= set(session.scalars(_WRITING))
