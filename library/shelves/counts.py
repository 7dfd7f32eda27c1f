"""A mini stocktake of one shelf: what is seen is written as it is seen, what was not seen when the count is ended.

Seeing a copy here is a sighting of the ledger (`Why.STOCKTAKE`), which ends no loan by itself: ending the count is the
review that does. That a copy was not seen moves nothing until somebody says so (`say_missing`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, delete, insert, or_, select
from sqlalchemy.orm import Session

from library.core import clock
from library.core.errors import N_, Reason, Refused
from library.holdings import ledger, places
from library.holdings.models import Basis, Item, PlaceKind, Why
from library.inbox import acts, timing
from library.inbox.acts import Doing
from library.loans import facts
from library.loans.models import Loan, still_out
from library.shelves import stock
from library.shelves.models import CountOutcome, Handover, Shelf, ShelfCount, ShelfCountLine
from library.shelves.stock import Belonging

Act = tuple[int, UUID]
KIND = "count-shelf"


class CountEnded(Refused):
    def __init__(self) -> None:
        super().__init__(Reason("count-ended", N_("Lần kiểm này đã kết thúc. Mở lần kiểm mới để quét tiếp.")))


class CountSigned(Refused):
    """Minutes were made from it."""

    def __init__(self) -> None:
        super().__init__(Reason("count-signed", N_("Lần kiểm này đã vào biên bản bàn giao nên không hoàn tác được.")))


class CountGoing(Refused):
    """The one that would go on again would be the second."""

    def __init__(self) -> None:
        sentence = N_("Tủ này đang có lần kiểm khác mở. Kết thúc lần đó rồi mới mở lại lần này được.")
        super().__init__(Reason("count-going", sentence))


class ShelfClosed(Refused):
    def __init__(self, name: str) -> None:
        sentence = N_("%(name)s đã đóng. Mở tủ mới cho lớp, rồi xếp sách vào đó.")
        super().__init__(Reason("shelf-closed", sentence, {"name": name}))


@dataclass(frozen=True)
class Counted:
    """What a count came to, as item ids. `elsewhere`: of this shelf, and known to stand in another place (repair, the
    hold shelf, on its way): nobody looks for them here."""

    found: tuple[int, ...]
    missing: tuple[int, ...]
    extra: tuple[int, ...]
    with_reader: tuple[int, ...]
    elsewhere: tuple[int, ...] = ()


def open_one(session: Session, shelf_id: int) -> ShelfCount | None:
    """The count that goes on."""
    return session.scalar(select(ShelfCount).where(ShelfCount.shelf_id == shelf_id, ShelfCount.ended_at.is_(None)))


def last(session: Session, shelf_id: int) -> ShelfCount | None:
    """The one ended last."""
    ended = select(ShelfCount).where(ShelfCount.shelf_id == shelf_id, ShelfCount.ended_at.is_not(None))
    return session.scalars(ended.order_by(ShelfCount.ended_at.desc(), ShelfCount.id.desc()).limit(1)).first()


def begin(session: Session, doing: Doing, shelf: Shelf) -> ShelfCount:
    """A count of the shelf; the one that is open, if somebody began before. Raises ShelfClosed."""
    if shelf.closed_on is not None:
        raise ShelfClosed(shelf.place.name)
    session.execute(select(Shelf.id).where(Shelf.id == shelf.id).with_for_update())  # two teachers tap at once
    if (going := open_one(session, shelf.id)) is not None:
        return going
    at = doing.at or clock.now()
    act_id = acts.write(session, doing, KIND, at)
    count = ShelfCount(uid=clock.uuid7(), shelf_id=shelf.id, act_id=act_id, account=doing.actor, began_at=at)
    session.add(count)
    session.flush()
    return count


def see(session: Session, doing: Doing, count: ShelfCount, item_id: int, by_hand: bool = False) -> CountOutcome:
    """The copy stands on the shelf: scanned, or ticked in the list by somebody who sees it (`by_hand`).

    A copy that was seen in this count before is only told again. Raises CountEnded.
    """
    _check_open(session, count)
    if (before := outcome_of(session, count.id, item_id)) is not None:
        return before
    facts.lock(session, None, item_id)
    shelf = _shelf(session, count)
    at, act = _sighting(session, doing, shelf, item_id, by_hand)
    outcome = CountOutcome.FOUND if _is_ours(session, shelf, item_id) else CountOutcome.EXTRA
    line = {"count_id": count.id, "item_id": item_id, "outcome": outcome, "act_id": act, "at": at}
    session.execute(insert(ShelfCountLine).values(line))
    return outcome


def _check_open(session: Session, count: ShelfCount) -> None:
    open_ = select(ShelfCount.id).where(ShelfCount.id == count.id, ShelfCount.ended_at.is_(None))
    if session.execute(open_.with_for_update(key_share=True)).first() is None:
        raise CountEnded


def _shelf(session: Session, count: ShelfCount) -> Shelf:
    return session.get_one(Shelf, count.shelf_id)


def _sighting(session: Session, doing: Doing, shelf: Shelf, item_id: int, by_hand: bool) -> tuple[datetime, int]:
    """Its moment and its act."""
    uid, seen_at = session.execute(select(Item.uid, Item.seen_at).where(Item.id == item_id)).one()
    at = doing.at or timing.live(clock.now(), seen_at)
    act = acts.write(session, doing, KIND, at), doing.uid
    here = shelf.place_id, shelf.branch_id
    basis, rests_on = (Basis.COUNT, at) if by_hand else (Basis.SCAN, None)
    ledger.move(session, act, {item_id: uid}, here, Why.STOCKTAKE, at, basis, rests_on)
    return at, act[0]


def _is_ours(session: Session, shelf: Shelf, item_id: int) -> bool:
    return session.scalar(select(Item.id).where(Item.id == item_id, stock.belongs(shelf.place_id))) is not None


def outcome_of(session: Session, count_id: int, item_id: int) -> CountOutcome | None:
    """What this count says of a copy so far."""
    return session.scalar(
        select(ShelfCountLine.outcome).where(ShelfCountLine.count_id == count_id, ShelfCountLine.item_id == item_id)
    )


def drop(session: Session, doing: Doing, count: ShelfCount) -> None:
    """The count is given up, and there was none: what was seen was seen, nothing is said to be missing. Raises CountEnded."""
    _close(session, doing, count)
    _forget(session, count)


def _forget(session: Session, count: ShelfCount) -> None:
    session.execute(delete(ShelfCountLine).where(ShelfCountLine.count_id == count.id))
    session.delete(count)
    session.flush()


def end(session: Session, doing: Doing, count: ShelfCount) -> Counted:
    """The count is done: lines for what was not seen, and open loans of copies that were seen here end (the review).

    Nothing else moves. Raises CountEnded.
    """
    act = _close(session, doing, count)
    shelf = _shelf(session, count)
    now = standing(session, count, stock.listed(session, shelf.place_id))
    unseen = {CountOutcome.MISSING: now.missing, CountOutcome.WITH_READER: now.with_reader}
    rows = [
        {"count_id": count.id, "item_id": item, "outcome": outcome, "act_id": act[0], "at": count.ended_at}
        for outcome, items in unseen.items()
        for item in items
    ]
    if rows:
        session.execute(insert(ShelfCountLine), rows)
    _review(session, act, shelf, count)
    return now


def _close(session: Session, doing: Doing, count: ShelfCount) -> Act:
    if session.execute(select(ShelfCount.id).where(ShelfCount.id == count.id).with_for_update()).first() is None:
        raise CountEnded  # given up meanwhile
    session.refresh(count)
    if count.ended_at is not None:
        raise CountEnded
    latest = session.scalars(select(ShelfCountLine.at).where(ShelfCountLine.count_id == count.id)).all()
    at = max(doing.at or clock.now(), count.began_at, *(moment + clock.TICK for moment in latest))
    act = acts.write(session, doing, KIND, at), doing.uid
    count.ended_at, count.ended_by = at, act[0]
    session.flush()
    return act


def standing(session: Session, count: ShelfCount, listed: Iterable[Belonging]) -> Counted:
    """What the count comes to as things are now; `listed` is the shelf's list (one statement)."""
    lines = select(ShelfCountLine.item_id, ShelfCountLine.outcome).where(ShelfCountLine.count_id == count.id)
    said = dict(session.execute(lines.order_by(ShelfCountLine.at, ShelfCountLine.item_id)).all())
    left = [row for row in listed if row.item_id not in said]
    told = {one: tuple(item for item, outcome in said.items() if outcome is one) for one in CountOutcome}
    looked_for = [row for row in left if row.loan_id is None and (row.here or row.place_kind is PlaceKind.UNKNOWN)]
    aside = [row for row in left if row.loan_id is None and row not in looked_for]
    return Counted(
        told[CountOutcome.FOUND],
        told[CountOutcome.MISSING] + tuple(row.item_id for row in looked_for),
        told[CountOutcome.EXTRA],
        told[CountOutcome.WITH_READER] + tuple(row.item_id for row in left if row.loan_id is not None),
        tuple(row.item_id for row in aside),
    )


def counted(session: Session, count: ShelfCount) -> Counted:
    """Of a count that is ended: what was written then."""
    return standing(session, count, ())


def lent_and_seen(session: Session, count: ShelfCount) -> list[int]:
    """Copies that were seen here while the machine thinks a reader has them: ending the count returns them."""
    seen = ShelfCountLine.outcome.in_((CountOutcome.FOUND, CountOutcome.EXTRA))
    lent_before = (seen, still_out(Loan), Loan.lent_at < ShelfCountLine.at)
    query = select(ShelfCountLine.item_id).join(Loan, Loan.item_id == ShelfCountLine.item_id)
    return list(session.scalars(query.where(ShelfCountLine.count_id == count.id, *lent_before).distinct()))


def _review(session: Session, act: Act, shelf: Shelf, count: ShelfCount) -> None:
    """Each rests on its own sighting: whatever was scanned since is believed instead."""
    lent = lent_and_seen(session, count)
    query = select(Item.id, Item.uid, ShelfCountLine.at).join(ShelfCountLine, ShelfCountLine.item_id == Item.id)
    rows = session.execute(query.where(ShelfCountLine.count_id == count.id, Item.id.in_(lent)).order_by(Item.id)).all()
    assert count.ended_at
    for item, uid, seen_at in rows:
        here = shelf.place_id, shelf.branch_id
        ledger.move(session, act, {item: uid}, here, Why.REVIEW, count.ended_at, Basis.COUNT, seen_at)


def say_missing(session: Session, doing: Doing, count: ShelfCount, item_ids: Sequence[int]) -> int:
    """Nobody knows where these are: an inference dated at the count's beginning, so that any scan since is believed
    instead. How many went; only copies the count says are missing and which still stand on the shelf on paper."""
    shelf = _shelf(session, count)
    mine = select(ShelfCountLine.item_id).where(
        ShelfCountLine.count_id == count.id, ShelfCountLine.outcome == CountOutcome.MISSING
    )
    query = select(Item.id, Item.uid).where(Item.id.in_(mine), Item.id.in_(list(item_ids)))
    items = dict(session.execute(query.where(Item.place_id == shelf.place_id).order_by(Item.id)).all())
    if not items:
        return 0
    at = doing.at or clock.now()
    unknown = places.first_of(session, shelf.branch_id, PlaceKind.UNKNOWN)
    act, nowhere = (acts.write(session, doing, KIND, at), doing.uid), (unknown.id, shelf.branch_id)
    moved = ledger.move(
        session, act, items, nowhere, Why.MISSING, at, Basis.INFERENCE, count.began_at, expect=shelf.place_id
    )
    return len(moved.settled)


def of_act(session: Session, act_id: int) -> ShelfCount | None:
    """The count whose copy this act saw while it went on, or that it ended; None for anything else."""
    seen = select(ShelfCountLine.count_id).where(ShelfCountLine.act_id == act_id)
    going = (ShelfCount.id.in_(seen), ShelfCount.ended_at.is_(None))
    return session.scalar(select(ShelfCount).where(or_(and_(*going), ShelfCount.ended_by == act_id)))


def undo(session: Session, act_id: int) -> None:
    """The act was voided: what it saw was not seen, what it ended goes on, what it began never was. Raises CountSigned,
    CountGoing."""
    begun = session.scalar(select(ShelfCount).where(ShelfCount.act_id == act_id))
    ended = session.scalar(select(ShelfCount).where(ShelfCount.ended_by == act_id))
    for count in filter(None, (begun, ended)):
        if session.scalar(select(Handover.id).where(Handover.count_id == count.id).limit(1)) is not None:
            raise CountSigned
    if ended is not None and open_one(session, ended.shelf_id) is not None:
        raise CountGoing
    session.execute(delete(ShelfCountLine).where(ShelfCountLine.act_id == act_id))
    if begun is not None:
        _forget(session, begun)
    if ended is not None:
        ended.ended_at, ended.ended_by = None, None
    session.flush()
