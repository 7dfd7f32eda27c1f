"""Taking back what was done at a shelf: one door, whatever the act wrote."""

from collections.abc import Callable

from sqlalchemy.orm import Session

from library.inbox.acts import Doing
from library.inbox.models import Act
from library.loans import deeds
from library.shelves import counts, tenures
from library.uses import counting

ALSO: list[Callable[[Session, int], None]] = [counting.undo, tenures.undo, counts.undo]
"""Told the id of a voided act, in this order: each takes back the rows that only it knows."""


def undo(session: Session, doing: Doing, act: Act) -> int:
    """Void `act` and everything it wrote; the voiding act's id. Raises RestsOnIt, AlreadyUndone."""
    voiding = deeds.undo(session, doing, act)
    for also in ALSO:
        also(session, act.id)
    return voiding
