"""A leg is received, in four ways by decreasing labour. What was scanned is proved; what a list or an unbroken seal says is
asserted; the rest is short, and who signed for it last answers.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, bindparam, case, delete, insert, or_, select, update
from sqlalchemy.orm import Session

from library.core import clock
from library.core.db import straight, table_of
from library.core.errors import N_, Reason, Refused
from library.holdings import ledger, places, stays
from library.holdings.models import Basis, Condition, Item, PlaceKind, Why
from library.inbox import acts
from library.inbox.acts import Doing
from library.loans.models import ConditionReport
from library.rotation import crates, legs, receiving_rules, settings, steps, strangers
from library.rotation.lifecycle import Deed
from library.rotation.models import Batch, BatchLine, Crate, Leg, LegLine, LegOutcome, Method
from library.rotation.proof import FOLLOWED
from library.rotation.receiving_rules import Got, Line, Sorted
from library.rotation.signing import Signer
from library.rotation.strangers import Stranger
from library.rotation.undoing import ALSO, BEFORE

__all__ = ["Got", "Received", "receive"]
KIND = "receive-leg"
STAY = "rotation"
"""Why a copy stays at a site."""
_LINE = table_of(LegLine)


@dataclass(frozen=True)
class Received:
    """Item ids. `strange`: scanned, and not on the list of this leg."""

    act_id: int
    asserted: tuple[int, ...]
    proved: tuple[int, ...]
    short: tuple[int, ...]
    strange: tuple[Stranger, ...] = ()


@dataclass(frozen=True)
class Row:
    """A line of the leg with its copy, locked."""

    item: int
    uid: UUID
    crate: int | None
    condition: Condition
    seen_at: datetime


class NotReceived(Refused):
    """Why the leg is not received like this; nothing was written."""

    def __init__(self, *reasons: Reason) -> None:
        super().__init__(*reasons)


def receive(session: Session, doing: Doing, leg: Leg, taken: Signer, got: Got) -> Received:
    """Some fifteen statements, whatever the number of copies. Raises NotReceived, NotNow."""
    batch = steps.lock(session, leg.batch_id)
    leg = legs.locked(session, leg)
    _check(leg, taken, doing.at)
    rows = _rows(session, leg.id, got.seen)
    drawn = sample(session, leg, batch, [row.item for row in rows]) if got.method is Method.COUNT else frozenset()
    lines = [Line(row.item, row.crate, row.item in drawn) for row in rows]
    got = _with_opened(session, leg, got)
    if reasons := receiving_rules.check(lines, got):
        raise NotReceived(*reasons)
    at = doing.at or _live(leg, rows)
    act = acts.write(session, doing, KIND, at), doing.uid
    done = receiving_rules.sort(lines, got)
    strange = _settle(session, act, batch, leg, {row.item: row for row in rows}, done, got, at)
    _sign(session, act[0], batch, leg, taken, got, at, drawn)
    steps.take(session, batch, Deed.COME_HOME if legs.is_home(leg) else Deed.RECEIVE, act[0], at)
    return Received(act[0], done.asserted, done.proved, done.short, strange)


def sample(session: Session, leg: Leg, batch: Batch, items: Collection[int]) -> frozenset[int]:
    """The copies that are looked at where the leg is counted; none of what was sent after the others."""
    after = select(LegLine.item_id).where(LegLine.leg_id == leg.id, LegLine.note == FOLLOWED)
    items = set(items).difference(session.scalars(after))
    return receiving_rules.draw(leg.uid, items, settings.of(session, batch.library_id).sample_percent)


def _check(leg: Leg, taken: Signer, at: datetime | None) -> None:
    if leg.sent_at is None or leg.cancelled_at is not None:
        sentence = N_("Chặng này chưa ghi là đã gửi. Bên giao bấm gửi trước rồi mới nhận được.")
        raise NotReceived(Reason("not-sent", sentence))
    if leg.received_at is not None:
        when = f"{leg.received_at.astimezone(clock.HERE):%H:%M %d/%m/%Y}"
        sentence = N_("%(name)s đã nhận chặng này lúc %(when)s. Không ghi thêm lần nữa.")
        raise NotReceived(Reason("received", sentence, {"name": leg.taken_name or "", "when": when}))
    if leg.given_by == taken.id:
        raise NotReceived(Reason("two-people", N_("Người giao và người nhận phải là hai người, hai tài khoản.")))
    if at is not None and at < leg.sent_at:
        when = f"{leg.sent_at.astimezone(clock.HERE):%H:%M %d/%m/%Y}"
        raise NotReceived(
            Reason("too-early", N_("Sách gửi lúc %(when)s, không thể nhận trước lúc ấy."), {"when": when})
        )


def _rows(session: Session, leg_id: int, seen: Collection[int]) -> list[Row]:
    """Locked, in order of their ids; without those that were not there when it set out. What was sent after the others did
    not travel with them: nothing is said of it until somebody scans it."""
    query = select(Item.id, Item.uid, LegLine.crate_id, Item.condition, Item.seen_at)
    query = query.join(LegLine, LegLine.item_id == Item.id).where(LegLine.leg_id == leg_id)
    query = query.where(LegLine.outcome.is_distinct_from(LegOutcome.SHORT)).order_by(Item.id)
    query = query.where(or_(LegLine.note.is_distinct_from(FOLLOWED), Item.id.in_(seen)))
    return [Row(*row) for row in session.execute(query.with_for_update(of=Item, key_share=True))]


def _with_opened(session: Session, leg: Leg, got: Got) -> Got:
    """A crate that was opened after it had been sealed, or whose seal is older than the leg's beginning, says nothing any
    more, whoever calls its seal unbroken."""
    if got.method is not Method.CRATES:
        return got
    opened = select(Crate.id).where(Crate.batch_id == leg.batch_id, crates.opened(leg))
    broken = got.broken | set(session.scalars(opened))
    return Got(got.method, got.seen, got.crates - broken, got.counted, got.missing, got.damaged, broken)


def _live(leg: Leg, rows: Sequence[Row]) -> datetime:
    """Now, or just after the last thing known of any of them."""
    known = [row.seen_at for row in rows]
    assert leg.sent_at
    return max(clock.now(), leg.sent_at + clock.TICK, *(moment + clock.TICK for moment in known))


# What it means for the copies


def _settle(
    session: Session, act: tuple[int, UUID], batch: Batch, leg: Leg, rows: dict[int, Row], done: Sorted, got: Got,
    at: datetime,
) -> tuple[Stranger, ...]:  # fmt: skip
    end, uids = legs.ends(session, leg)[1], {item: row.uid for item, row in rows.items()}
    if done.proved:
        ledger.move(session, act, _of(uids, done.proved), end, Why.RECEIVE, at)
    if done.asserted:
        ledger.move(session, act, _of(uids, done.asserted), end, Why.RECEIVE, at, Basis.ASSERTION, leg.sent_at)
    gone = done.short if leg.to_site_id else tuple(rows)
    stays.end_many(session, act, _of(uids, gone), STAY, at)
    _mark_there(session, leg.id, done, at)
    if done.short:
        miss(session, act, batch, leg, _of(uids, done.short), at)
    _damage(session, act, leg.id, [rows[item] for item in (*done.proved, *done.asserted) if item in got.damaged], at)
    return strangers.take_in(session, act, batch, leg, end, done.strange, at) if done.strange else ()


def _of(uids: dict[int, UUID], items: Collection[int]) -> dict[int, UUID]:
    return {item: uids[item] for item in items}


def mark(session: Session, leg_id: int, items: Collection[int], values: Mapping[str, Any]) -> None:
    """One statement for all of them."""
    if not items:
        return
    which = (LegLine.leg_id == leg_id, LegLine.item_id.in_(items))
    session.execute(update(LegLine).where(*which).values(**values), execution_options={"synchronize_session": False})


def _mark_there(session: Session, leg_id: int, done: Sorted, at: datetime) -> None:
    """Which came, and how we know: one statement for both."""
    seen = LegLine.item_id.in_(done.proved)
    how = {"proved_at": case((seen, at), else_=None), "asserted_at": case((seen, None), else_=at)}
    mark(session, leg_id, (*done.proved, *done.asserted), {"outcome": LegOutcome.ARRIVED, **how})


def miss(session: Session, act: tuple[int, UUID], batch: Batch, leg: Leg, items: dict[int, UUID], at: datetime) -> None:
    """They did not come: nobody knows where they are, unless somebody scanned them since; who signed last answers."""
    (_, branch), _ = legs.ends(session, leg)
    nowhere = places.first_of(session, branch, PlaceKind.UNKNOWN)
    ledger.move(session, act, items, (nowhere.id, branch), Why.MISSING, at, Basis.ASSERTION, leg.sent_at)
    last = last_takers(session, batch.id, leg.number, items)
    rows = [
        {"leg": leg.id, "item": item, "name": last[item][0] if item in last else batch.library.name,
         "site": last[item][1] if item in last else None}
        for item in sorted(items)
    ]  # fmt: skip
    setting = update(_LINE).where(_LINE.c.leg_id == bindparam("leg"), _LINE.c.item_id == bindparam("item"))
    values = {"outcome": LegOutcome.SHORT, "answers_name": bindparam("name"), "answers_site_id": bindparam("site")}
    straight(session).execute(setting.values(values), rows)


def came() -> ColumnElement[bool]:
    """Of a line of a received leg: it was there, or turned up since."""
    return or_(LegLine.outcome.is_distinct_from(LegOutcome.SHORT), LegLine.found_at.is_not(None))


def last_takers(
    session: Session, batch_id: int, before: int, items: Collection[int]
) -> dict[int, tuple[str, int | None]]:
    """By copy: (name, site) of who signed for it last on legs before that number; none: nobody did but the owner."""
    query = (
        select(LegLine.item_id, Leg.taken_name, Leg.to_site_id)
        .join(Leg, Leg.id == LegLine.leg_id)
        .where(Leg.batch_id == batch_id, Leg.number < before, Leg.received_at.is_not(None))
        .where(LegLine.item_id.in_(items), came())
        .order_by(Leg.number)
    )
    return {item: (name or "", site) for item, name, site in session.execute(query)}


def _damage(session: Session, act: tuple[int, UUID], leg_id: int, rows: Sequence[Row], at: datetime) -> None:
    """How they looked when they came, as a report of their condition; the act's undoing takes it back."""
    if not rows:
        return
    session.execute(insert(ConditionReport), [
        {"uid": clock.uuid7(), "act_id": act[0], "item_id": row.item, "occurred_at": at, "before": row.condition,
         "after": Condition.DAMAGED, "voided": False} for row in rows
    ])  # fmt: skip
    items = [row.item for row in rows]
    unsynced = {"synchronize_session": False}
    session.execute(
        update(Item).where(Item.id.in_(items)).values(condition=Condition.DAMAGED), execution_options=unsynced
    )
    mark(session, leg_id, items, {"condition_got": Condition.DAMAGED})


# What is signed


def _sign(
    session: Session, act_id: int, batch: Batch, leg: Leg, taken: Signer, got: Got, at: datetime,
    drawn: Collection[int],
) -> None:  # fmt: skip
    leg.contest_until = _contest_until(session, batch, got.method, clock.day_of(at))
    leg.received_at, leg.receive_act, leg.method, leg.counted = at, act_id, got.method, got.counted
    leg.taken_by, leg.taken_name, leg.taken_title = taken.id, taken.name, taken.title or None
    if drawn:
        mark(session, leg.id, drawn, {"sampled": True})
    session.flush()


def _contest_until(session: Session, batch: Batch, method: Method, day: date) -> date | None:
    """Where every copy was scanned there is nothing left to contest."""
    if method is Method.SCAN_ALL:
        return None
    return day + timedelta(days=settings.of(session, batch.library_id).contest_days)


# Undone


class GoneOn(Refused):
    def __init__(self) -> None:
        super().__init__(
            Reason("gone-on", N_("Sau lần nhận này sách đã đi tiếp hoặc đã chốt. Hoàn tác việc sau trước."))
        )


def check_undo(session: Session, act_id: int) -> None:
    """Raises GoneOn where a later leg set out, or a line has an outcome, since."""
    leg = session.scalar(select(Leg).where(Leg.receive_act == act_id))
    if leg is None:
        return
    later = select(Leg.id).where(Leg.batch_id == leg.batch_id, Leg.number > leg.number, Leg.sent_at.is_not(None))
    mine = select(LegLine.item_id).where(LegLine.leg_id == leg.id)
    ended = select(BatchLine.id).where(BatchLine.batch_id == leg.batch_id, BatchLine.item_id.in_(mine))
    ended = ended.where(BatchLine.closed_at.is_not(None))
    if session.scalar(later.limit(1)) or session.scalar(ended.limit(1)):
        raise GoneOn


def undone(session: Session, act_id: int) -> None:
    """The act was voided: nobody has signed, and the copies are under way again."""
    leg = session.scalar(select(Leg).where(Leg.receive_act == act_id))
    if leg is None:
        return
    session.execute(delete(LegLine).where(LegLine.leg_id == leg.id, LegLine.note == strangers.CAME_ALONG))
    blank = dict.fromkeys(("asserted_at", "proved_at", "outcome", "condition_got", "answers_name", "answers_site_id"))
    short = LegLine.note == strangers.NOT_THERE  # since it set out, not since it was received
    here = update(LegLine).where(LegLine.leg_id == leg.id)
    session.execute(here.where(LegLine.note.is_(None) | ~short).values(**blank, sampled=False))
    session.execute(here.where(short).values(outcome=LegOutcome.SHORT, proved_at=None, found_at=None))
    values = dict.fromkeys(("received_at", "receive_act", "method", "counted", "taken_by", "taken_name", "taken_title",
                            "contest_until"))  # fmt: skip
    session.execute(update(Leg).where(Leg.id == leg.id).values(**values))
    session.expire_all()


BEFORE.append(check_undo)
ALSO.append(undone)
