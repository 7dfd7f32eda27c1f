"""Many due dates move beside the desks: a job of short steps. And the night moves what was lent while a closure came."""

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from library.core import clock
from library.core.db import db
from library.core.errors import N_
from library.jobs import queue
from library.jobs.nights import nightly
from library.jobs.queue import Progress, Turn, steps_of
from library.loans import closing
from library.loans.closing import Falling
from library.loans.models import DueShift

KIND = "move-due"
LATELY = timedelta(days=2)
"""What was lent while a closure came is moved in the nights after it; later, such a loan is meant so."""


def go_on(shift: DueShift, account: UUID | None, back: bool = False) -> int:
    """The first of it now, in the caller's transaction; the rest, if any, is asked of the worker. How many at once."""
    step = closing.restore if back else closing.move
    count, more = step(db.session(), shift)
    if more:
        queue.ask(KIND, {"shift": shift.id, "back": back}, shift.library_id, account)
    return count


def move_late(shift_id: int) -> int:
    """Once a closure is committed: what was lent by the old calendar while it came. Commits; how many. A lending that
    takes longer than we wait is found by the night."""
    session = db.session()
    closing.wait_for_lending(session)
    count = go_on(session.get_one(DueShift, shift_id), None)
    session.commit()
    return count


def think(turn: Turn) -> Sequence[Falling]:
    """What is still to be moved; nothing for putting back, which knows its rows."""
    shift = db.session().get_one(DueShift, turn.facts["shift"])
    return [] if turn.facts["back"] else closing.falling(db.session(), closing.reach_of(shift))


def write(turn: Turn, found: Sequence[Falling]) -> Progress:
    """One transaction of it. A shift that was put back meanwhile moves nothing more."""
    session, back = db.session(), turn.facts["back"]
    shift = session.get_one(DueShift, turn.facts["shift"])
    if shift.undone_at is not None and not back:
        return Progress(turn.done, turn.done, finished=True)
    count, more = closing.restore(session, shift) if back else closing.move(session, shift, found=found)
    return Progress(turn.done + count, finished=not more)


steps_of(KIND, think, write)


@nightly("late-due-dates", N_("Dời hạn trả của sách cho mượn đúng lúc thêm ngày nghỉ"))
def catch_up(session: Session, day: date) -> tuple[int, bool]:
    recent = select(DueShift).where(DueShift.made_at > clock.now() - LATELY, DueShift.undone_at.is_(None))
    for shift in session.scalars(recent.order_by(DueShift.id)):
        count, _ = closing.move(session, shift)
        if count:
            return count, True
    return 0, False
