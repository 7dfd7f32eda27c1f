"""Where a copy that came back aboard should go next: to whoever waits for it, or home to the library that answers for it."""

from collections.abc import Container
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from library.core import clock
from library.loans import facts, holds, homeward, reckoning, returning
from library.loans.facts import CopyFacts, Desk
from library.loans.happened import Shelving, Spot


def onward(
    session: Session, desk: Desk, copy: CopyFacts, act: tuple[int, UUID], at: datetime,
    fetched_at: Container[int] | None = None,
) -> Shelving | None:  # fmt: skip
    """By the desk's own rules; None: it stays on the vehicle. It stands aboard meanwhile, whatever is asked. `fetched_at`:
    places it is on its way to; whoever waits elsewhere goes on waiting, and is told to come for no book that drives off."""
    if copy.is_out:
        return Shelving(Spot.OUT)
    turn = returning.whose_turn(session, desk, copy, clock.today())
    if turn is not None and fetched_at is not None and turn.place_id not in fetched_at:
        return None
    if turn is not None:
        return _kept(session, desk, copy, turn, act, at)
    return _home(session, desk, copy, act, at)


def _kept(
    session: Session, desk: Desk, copy: CopyFacts, turn: holds.Waiting, act: tuple[int, UUID], at: datetime
) -> Shelving:
    name, group, category = facts.named(session, turn.membership_id)
    keep = reckoning.law(session, desk, None, copy).values(category, copy).hold_keep_days
    kept = holds.capture(session, turn, copy.id, desk.branch_id, act, at, clock.today(), keep)
    who = f"{name}, {group}" if group else name
    return Shelving(
        Spot.HOLD_SHELF if kept.here else Spot.SEND, kept.place_name, kept_for=who, kept_until=kept.kept_until
    )


def _home(session: Session, desk: Desk, copy: CopyFacts, act: tuple[int, UUID], at: datetime) -> Shelving | None:
    """Another library's book is asked to go on, as its library says."""
    if copy.library_id == desk.library_id:
        return None
    sort = copy.item_class_id, copy.record_kind, copy.format
    goes, home = homeward.rule_for(session, copy.library_id, sort), (copy.home_id, copy.home_branch_id)
    going = homeward.after_return(session, act, copy.id, copy.uid, home, desk.branch_id, goes, at)
    return Shelving(Spot.SEND, going.place_name, going.library_name) if going else None
