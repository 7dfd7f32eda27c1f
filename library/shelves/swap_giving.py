"""A box changes hands: one teacher says it was given, another that it was taken, in either order. Then its books are the
other class's, also those that a reader has at home. A book that either side misses stays with the class that signed last.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement, bindparam, insert, select, update
from sqlalchemy.orm import Session

from library.core import clock
from library.core.errors import N_, NotFound, Reason, Refused
from library.holdings import ledger, stays
from library.holdings.models import Basis, Item, Why
from library.inbox import acts
from library.inbox.acts import Doing
from library.inbox.models import Act
from library.loans import deeds
from library.shelves import swap_boxes, swaps
from library.shelves.models import Shelf, SwapBox, SwapMissing, SwapMove, SwapPlan
from library.shelves.stock import belongs
from library.shelves.swap_boxes import MISSING, TAKEN_OUT
from library.shelves.undoing import ALSO

KIND = "swap-boxes"
_THEIRS = (
    select(Item.id, Item.uid, Item.place_id)
    .where(Item.id.in_(bindparam("inside", expanding=True)), belongs(bindparam("place", type_=Item.place_id.type)))
    .order_by(Item.id)
    .with_for_update(of=Item, key_share=True)
)


class Side(StrEnum):
    GIVE = "give"
    TAKE = "take"


class NotSwapped(Refused):
    """Why the box does not change hands; nothing was written."""

    def __init__(self, code: str, sentence: str, **facts: object) -> None:
        super().__init__(Reason(code, sentence, facts))


@dataclass(frozen=True)
class Swapped:
    """`done`: both sides have said it. Item ids: `moved` are the other class's now, of them `follow` are not on the shelf
    and come later; `missing` stay; `out` were of the shelf no longer."""

    act_id: int | None
    done: bool
    moved: tuple[int, ...] = ()
    follow: tuple[int, ...] = ()
    missing: tuple[int, ...] = ()
    out: tuple[int, ...] = ()


def move_by_uid(session: Session, uid: UUID, library: ColumnElement[bool]) -> SwapMove:
    """Locked until the transaction ends, and nobody changes its plan so long. `library`: the WHERE for plans in reach.

    Raises NotFound, also where somebody has just planned it away.
    """
    plan = select(SwapPlan).join(SwapMove, SwapMove.plan_id == SwapPlan.id).where(SwapMove.uid == uid, library)
    fresh = {"populate_existing": True}
    if session.scalar(plan.with_for_update(read=True, of=SwapPlan).execution_options(**fresh)) is None:
        raise NotFound
    mine = select(SwapMove).where(SwapMove.uid == uid).with_for_update().execution_options(**fresh)
    found = session.scalar(mine)
    if found is None:
        raise NotFound
    return found


def say(
    session: Session, doing: Doing, move: SwapMove, side: Side, account_id: int, missing: Collection[int] = ()
) -> Swapped:
    """One of the two says it; the second makes it true. Said again by the same side, nothing changes. Raises NotSwapped."""
    if move.act_id is not None or _said_by(move, side) is not None:
        return Swapped(move.act_id, move.act_id is not None)
    _check(session, move, side, account_id)
    at = doing.at or clock.now()
    act_id = acts.write(session, doing, KIND, at)
    _sign(move, side, account_id, at, act_id)
    _miss(session, move, account_id, act_id, missing)
    session.flush()
    return _settle(session, (act_id, doing.uid), move, at) if _is_both(move) else Swapped(act_id, False)


def _said_by(move: SwapMove, side: Side) -> int | None:
    return move.given_by if side is Side.GIVE else move.taken_by


def _is_both(move: SwapMove) -> bool:
    return move.given_by is not None and move.taken_by is not None


def _check(session: Session, move: SwapMove, side: Side, account_id: int) -> None:
    _check_going(session, move)
    if account_id in (move.given_by, move.taken_by):
        raise NotSwapped(
            "two-people", N_("Người đưa và người nhận phải là hai người. Nhờ lớp bên kia bấm phần của họ.")
        )
    if move.from_id == move.to_id:
        raise NotSwapped("stays", N_("Vòng này hộp ở yên tại lớp, không phải đưa cho ai."))
    to = session.get_one(Shelf, move.to_id)
    if to.closed_on is not None:
        raise NotSwapped("closed", N_("%(name)s đã đóng, không nhận hộp được."), name=to.place.name)
    if later := _later_done(session, move):
        sentence = N_("Hộp này đã sang vòng %(round)s rồi, vòng %(mine)s coi như bỏ qua.")
        raise NotSwapped("passed-by", sentence, round=later, mine=move.round)


def _later_done(session: Session, move: SwapMove) -> int | None:
    later = (SwapMove.box_id == move.box_id, SwapMove.round > move.round, SwapMove.act_id.is_not(None))
    return session.scalar(select(SwapMove.round).where(*later).order_by(SwapMove.round).limit(1))


def _sign(move: SwapMove, side: Side, account_id: int | None, at: datetime | None, act_id: int | None) -> None:
    if side is Side.GIVE:
        move.given_by, move.given_at, move.give_act = account_id, at, act_id
    else:
        move.taken_by, move.taken_at, move.take_act = account_id, at, act_id


def _miss(session: Session, move: SwapMove, account_id: int, act_id: int, missing: Collection[int]) -> None:
    """Copies of the box that this side does not find; one the other side missed already is missed once."""
    if not missing:
        return
    new = sorted((set(missing) & set(swap_boxes.contents(session, move.box_id))) - missed(session, move.id))
    rows = [
        {"move_id": move.id, "item_id": item, "said_by": account_id, "act_id": act_id, "voided": False} for item in new
    ]
    if rows:
        session.execute(insert(SwapMissing), rows)


def missed(session: Session, move_id: int) -> set[int]:
    query = select(SwapMissing.item_id).where(SwapMissing.move_id == move_id, SwapMissing.voided.is_(False))
    return set(session.scalars(query))


def _lost(session: Session, move: SwapMove) -> set[int]:
    """Missed by either side in this round, or in one before it that was passed by half signed."""
    query = select(SwapMissing.item_id).join(SwapMove, SwapMove.id == SwapMissing.move_id)
    open_ = (SwapMove.box_id == move.box_id, SwapMove.act_id.is_(None), SwapMove.round <= move.round)
    return set(session.scalars(query.where(*open_, SwapMissing.voided.is_(False))))


def _settle(session: Session, act: tuple[int, UUID], move: SwapMove, at: datetime) -> Swapped:
    """The books of the box are the other shelf's (some fourteen statements, whatever their number)."""
    box, to = session.get_one(SwapBox, move.box_id), session.get_one(Shelf, move.to_id)
    where = session.get_one(Shelf, swap_boxes.standing_at(session, [box])[box.id])
    inside = swap_boxes.contents(session, box.id)
    lost = _lost(session, move) & set(inside)
    theirs = _theirs(session, inside, where)
    goes = {item: uid for item, (uid, _) in theirs.items() if item not in lost}
    there = {item: uid for item, uid in goes.items() if theirs[item][1] == where.place_id}
    stays.begin_many(session, act, goes, to.place_id, "shelf", at)
    # What somebody scanned on the old shelf after the first of the two had spoken was not in the box.
    told = min(move.given_at or at, move.taken_at or at)
    moved = ledger.move(session, act, there, (to.place_id, to.branch_id), Why.RECEIVE, at, Basis.ASSERTION, told)
    out = set(inside) - set(theirs) - lost
    swap_boxes.take_out(session, box.id, lost, MISSING, at)
    swap_boxes.take_out(session, box.id, out, TAKEN_OUT, at)
    move.act_id = act[0]
    session.flush()
    follow = tuple(item for item in goes if item not in there) + moved.late
    return Swapped(act[0], True, tuple(sorted(goes)), follow, tuple(sorted(lost)), tuple(sorted(out)))


def _theirs(session: Session, inside: Collection[int], where: Shelf) -> dict[int, tuple[UUID, int]]:
    """Copies of the box that are still of the shelf it stood at, locked in order: their uids and the places they are in."""
    rows = session.execute(_THEIRS, {"inside": list(inside), "place": where.place_id})
    return {item: (uid, place) for item, uid, place in rows}


# Taking back


def take_back(session: Session, doing: Doing, move: SwapMove, side: Side) -> int:
    """What this side said was a slip; the voiding act's id. Done boxes go back to where they were. Raises NotSwapped."""
    act_id = move.act_id or (move.give_act if side is Side.GIVE else move.take_act)
    if act_id is None:
        raise NotSwapped("nothing", N_("Chưa có gì để hoàn tác."))
    mine = move.give_act if side is Side.GIVE else move.take_act
    if mine != act_id:
        raise NotSwapped("other-side", N_("Lớp bên kia báo sau. Lớp ấy hoàn tác trước rồi mới đến lớp mình."))
    _check_going(session, move)
    if later := _later_done(session, move):
        sentence = N_("Hộp này đã đi tiếp ở vòng %(round)s. Hoàn tác vòng ấy trước.")
        raise NotSwapped("later", sentence, round=later)
    voiding = deeds.undo(session, doing, session.get_one(Act, act_id))
    undone(session, act_id)
    return voiding


def _check_going(session: Session, move: SwapMove) -> None:
    """The books may be in the boxes of another plan by now."""
    if session.get_one(SwapPlan, move.plan_id).ended_at is not None:
        raise NotSwapped("ended", swaps.ENDED)
    if session.get_one(SwapBox, move.box_id).ended_at is not None:
        raise NotSwapped("left", N_("Hộp này đã rời lịch đổi."))


def undone(session: Session, act_id: int) -> None:
    """The act was voided: nobody said it, and the box is as it was."""
    session.flush()
    session.execute(update(SwapMissing).where(SwapMissing.act_id == act_id).values(voided=True))
    when = session.scalars(select(Act.occurred_at).where(Act.id == act_id)).one()
    either = (SwapMove.give_act == act_id) | (SwapMove.take_act == act_id)
    for move in session.scalars(select(SwapMove).where(either)):
        if move.act_id == act_id:
            move.act_id = None
            swap_boxes.put_back(session, move.box_id, when)
        _sign(move, Side.GIVE if move.give_act == act_id else Side.TAKE, None, None, None)
    session.flush()


ALSO += [undone, swaps.withdraw]
