"""Copies that somebody says are not there: within the time to contest they never came, and who gave them answers; after it, or
when the batch goes on, they were there and the site that signed for them answers.
"""

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import insert, or_, select, update
from sqlalchemy.orm import Session

from library.core import clock
from library.core.errors import N_, Reason, Refused
from library.holdings import ledger, places, stays
from library.holdings.models import Basis, Item, Movement, PlaceKind, Why
from library.inbox import acts
from library.inbox.acts import Doing
from library.loans.models import Loan, still_out
from library.rotation import legs, proof, receiving, steps
from library.rotation.models import Batch, BatchLine, BatchState, Leg, LegLine, LegOutcome
from library.rotation.strangers import NOT_THERE
from library.rotation.undoing import ALSO

KIND = "settle-line"


class NotMissing(Refused):
    """Why it cannot be said so; nothing was written."""

    def __init__(self, code: str, sentence: str, **facts: object) -> None:
        super().__init__(Reason(code, sentence, facts))


def contest(session: Session, doing: Doing, leg: Leg, missing: Collection[int]) -> tuple[int, tuple[int, ...]]:
    """(act, item ids): they are short after all, and were only asserted. Raises NotMissing."""
    batch = steps.lock(session, leg.batch_id)
    leg = legs.locked(session, leg)
    at = doing.at or clock.now()
    _check_contest(session, batch, leg, missing, clock.day_of(at))
    items = _locked(session, missing)
    at = max(at, *(seen + clock.TICK for _, seen in items.values()))
    act = acts.write(session, doing, KIND, at), doing.uid
    uids = {item: uid for item, (uid, _) in items.items()}
    stays.end_many(session, act, uids, receiving.STAY, at)
    receiving.miss(session, act, batch, leg, uids, at)
    return act[0], tuple(sorted(uids))


def _check_contest(session: Session, batch: Batch, leg: Leg, missing: Collection[int], today: date) -> None:
    if not missing:
        raise NotMissing("none", N_("Chưa đánh dấu cuốn nào."))
    if leg.received_at is None or batch.state not in (BatchState.SERVING, BatchState.RETURNING):
        raise NotMissing("not-here", N_("Đợt này không còn ở đây nên không báo thiếu được nữa."))
    if leg.contest_until is None or today > leg.contest_until:
        day = leg.contest_until or clock.day_of(leg.received_at)
        sentence = N_("Hạn báo thiếu đã hết ngày %(day)s. Cuốn không thấy từ nay là phần của nơi đã ký nhận.")
        raise NotMissing("too-late", sentence, day=f"{day:%d/%m/%Y}")
    told = select(LegLine.item_id).join(Leg, Leg.id == LegLine.leg_id)
    told = told.where(LegLine.leg_id == leg.id, LegLine.item_id.in_(missing), LegLine.outcome == LegOutcome.ARRIVED)
    if set(session.scalars(told.where(~proof.proved()))) != set(missing):
        raise NotMissing("seen", N_("Có cuốn đã được quét ở đây từ lúc nhận, không phải thiếu. Tải lại trang rồi xem."))


def not_there(session: Session, doing: Doing, batch: Batch, missing: Collection[int]) -> dict[int, UUID]:
    """The batch goes on, and these of it are not there: nobody knows where they are. Item ids to uids. A copy that a reader
    has is not missing. `batch` is locked. Raises NotMissing."""
    lent = select(Loan.item_id).where(Loan.item_id.in_(missing), still_out())
    if session.scalar(lent.limit(1)):
        raise NotMissing("lent", N_("Có cuốn bạn đọc đang mượn: cuốn ấy theo sau, không phải thiếu."))
    leg = legs.current(legs.of(session, batch.id))
    items = _locked(session, _came(session, leg, missing))
    if leg is None or not items:
        return {}
    at = max(doing.at or clock.now(), *(seen + clock.TICK for _, seen in items.values()))
    act = acts.write(session, doing, KIND, at), doing.uid
    _, (_, branch) = legs.ends(session, leg)
    nowhere = places.first_of(session, branch, PlaceKind.UNKNOWN)
    uids = {item: uid for item, (uid, _) in items.items()}
    ledger.move(session, act, uids, (nowhere.id, branch), Why.MISSING, at, Basis.ASSERTION, at)
    stays.end_many(session, act, uids, receiving.STAY, at)
    return uids


def _came(session: Session, leg: Leg | None, items: Collection[int]) -> list[int]:
    if leg is None:
        return []
    here = or_(LegLine.outcome == LegOutcome.ARRIVED, LegLine.found_at.is_not(None))
    query = select(LegLine.item_id).where(LegLine.leg_id == leg.id, LegLine.item_id.in_(items), here)
    return list(session.scalars(query))


def owe(session: Session, batch: Batch, leg: Leg, items: Collection[int]) -> None:
    """They stand on the papers of `leg`, as short from the beginning: who signed for them last answers."""
    last, owner = receiving.last_takers(session, batch.id, leg.number, items), (batch.library.name, None)
    condition = {row[0]: row[1] for row in session.execute(select(Item.id, Item.condition).where(Item.id.in_(items)))}
    session.execute(insert(LegLine), [
        {"leg_id": leg.id, "item_id": item, "condition_sent": condition[item], "outcome": LegOutcome.SHORT,
         "answers_name": name, "answers_site_id": site, "note": NOT_THERE, "sampled": False}
        for item in sorted(items) for name, site in (last.get(item, owner),)
    ])  # fmt: skip
    unsynced = {"synchronize_session": False}
    earlier = select(Leg.id).where(Leg.batch_id == batch.id, Leg.number < leg.number)
    here = (LegLine.leg_id.in_(earlier), LegLine.item_id.in_(items), LegLine.outcome == LegOutcome.ARRIVED)
    session.execute(update(LegLine).where(*here).values(outcome=LegOutcome.SENT_ON), execution_options=unsynced)
    which = (BatchLine.batch_id == batch.id, BatchLine.item_id.in_(items))
    session.execute(update(BatchLine).where(*which).values(follows=None), execution_options=unsynced)


def _locked(session: Session, items: Collection[int]) -> dict[int, tuple[UUID, datetime]]:
    query = select(Item.id, Item.uid, Item.seen_at).where(Item.id.in_(items)).order_by(Item.id)
    return {row[0]: (row[1], row[2]) for row in session.execute(query.with_for_update(of=Item, key_share=True))}


def undone(session: Session, act_id: int) -> None:
    """The act was voided: nobody says that they are missing."""
    mine = select(Movement.item_id).where(Movement.act_id == act_id, Movement.why == Why.MISSING)
    items = list(session.scalars(mine))
    if not items:
        return
    contested = (LegLine.item_id.in_(items), LegLine.outcome == LegOutcome.SHORT, LegLine.asserted_at.is_not(None))
    open_batches = select(BatchLine.batch_id).where(BatchLine.item_id.in_(items), BatchLine.closed_at.is_(None))
    of_these = select(Leg.id).where(Leg.batch_id.in_(open_batches))
    blank = {"outcome": LegOutcome.ARRIVED, "answers_name": None, "answers_site_id": None}
    session.execute(
        update(LegLine).where(*contested, LegLine.found_at.is_(None), LegLine.leg_id.in_(of_these)).values(**blank),
        execution_options={"synchronize_session": False},
    )


ALSO.append(undone)
