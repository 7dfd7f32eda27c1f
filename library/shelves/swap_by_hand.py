"""A swap plan is changed by hand: boxes change places, rounds are locked or take other days. Signed ones stay."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy.orm import Session

from library.core import clock
from library.core.errors import N_
from library.inbox import acts
from library.inbox.acts import Doing
from library.shelves import swaps
from library.shelves.models import SwapMove, SwapPlan
from library.shelves.swaps import KIND, NotPlanned

SIGNED = N_("Vòng này đã có lớp báo đổi xong nên giữ nguyên.")


def exchange(session: Session, doing: Doing, plan: SwapPlan, one: SwapMove, other: SwapMove) -> int:
    """Two boxes of a round change their classes and are locked there; later rounds stay, and are told what that breaks."""
    swaps.check_going(plan)
    state = swaps.state_of(session, plan)
    if one.round != other.round or one.id == other.id:
        raise NotPlanned("two", N_("Chọn đúng hai ô của cùng một vòng rồi bấm đổi chỗ."))
    if one.round <= state.settled:
        raise NotPlanned("signed", SIGNED)
    act_id = acts.write(session, doing, KIND, doing.at or clock.now())
    first, second = swaps.box_at(state.boxes, one.box_id), swaps.box_at(state.boxes, other.box_id)
    rows, number = [list(row) for row in state.rows], one.round - state.settled
    row = rows[number - 1]
    row[first], row[second] = row[second], row[first]
    locks = {key for key in state.puzzle.locks if key[1] >= 0} | {(number, first), (number, second)}
    swaps.write(session, state, [tuple(row) for row in rows], locks)
    return act_id


def lock(session: Session, doing: Doing, plan: SwapPlan, moves: Sequence[SwapMove], locked: bool) -> int:
    """Planning anew leaves these as they are, or is free to change them again."""
    swaps.check_going(plan)
    if not moves:
        raise NotPlanned("none", N_("Chưa chọn ô nào trong bảng."))
    act_id = acts.write(session, doing, KIND, doing.at or clock.now())
    for move in moves:
        move.locked = locked
    session.flush()
    return act_id


def push_on(session: Session, doing: Doing, plan: SwapPlan) -> int:
    """The days of the rounds to come, by the calendar as it is now; the act's id."""
    swaps.check_going(plan)
    act_id = acts.write(session, doing, KIND, doing.at or clock.now())
    state = swaps.state_of(session, plan)
    due = swaps.due_days(session, state, plan.rounds)
    for move in swaps.moves_of(session, plan):
        if move.act_id is None:
            move.due_on = due[move.round - 1]
    session.flush()
    return act_id


def closed_days(session: Session, plan: SwapPlan) -> list[tuple[int, date, date]]:
    """Rounds still to come whose day is closed by now, or would be another: (round, day it has, day it would have)."""
    state, today = swaps.state_of(session, plan), clock.today()
    due = swaps.due_days(session, state, plan.rounds)
    told = {move.round: move.due_on for move in swaps.moves_of(session, plan) if move.act_id is None}
    return [(number, day, due[number - 1]) for number, day in told.items() if day >= today and day != due[number - 1]]
