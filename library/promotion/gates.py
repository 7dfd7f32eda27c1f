"""Counters at doors. A reading is a fact; the visits are the difference to the reading before, worked out anew whenever a
reading comes between or is taken back, and whenever visits of those days are told or taken back."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import ColumnElement, func, insert, select, true
from sqlalchemy.orm import Session

from library.core import clock
from library.core.errors import N_, Reason, Refused
from library.inbox import acts
from library.inbox.acts import Doing
from library.inbox.models import Act
from library.organisations.models import Branch
from library.promotion.visit_models import Gate, GateReading, Turn
from library.uses import counting
from library.uses.counting import Frozen
from library.uses.models import Visit, VisitKind

KIND = "read-gate"
MOST = 20_000
"""More than so many in one go is a slip of the fingers, until somebody says that it is not."""


BY_HAND = (VisitKind.CLASS, VisitKind.GUEST, VisitKind.SESSION)
"""Typed at some moment of their day, not as people came in."""
WEEK = timedelta(days=7)
CLOSING = 12
"""From this hour on the last reading of a day is taken for its end."""


class CoversAlready(Refused):
    """409: two counters would each take off the same people."""

    def __init__(self, name: str) -> None:
        sentence = N_("Nơi này đã có bộ đếm “%(name)s” mà ai đến cũng qua. Chỉ một bộ đếm được trừ các lượt đã ghi.")
        super().__init__(Reason("covers-already", sentence, {"name": name}))


class CountsAlready(Refused):
    """409: figures that were told would change."""

    def __init__(self) -> None:
        sentence = N_("Bộ đếm này đã có số. Muốn đếm theo cách khác thì thôi dùng nó, rồi thêm bộ đếm mới.")
        super().__init__(Reason("counts-already", sentence))


class ShowsLess(Refused):
    """422 until the form says why."""

    status = 422

    def __init__(self, before: int) -> None:
        sentence = N_(
            "Lần trước bộ đếm chỉ %(before)s, nay ít hơn. Bộ đếm đã về 0 hay quay vòng? Chọn một lý do rồi lưu."
        )
        super().__init__(Reason("shows-less", sentence, {"before": before}))


class ShowsMore(Refused):
    """422: between two readings it cannot have shown more than at the later one."""

    status = 422

    def __init__(self, after: int) -> None:
        sentence = N_("Số ghi sau lúc ấy chỉ là %(after)s, ít hơn số này. Xem lại số, hoặc bỏ số ghi sau.")
        super().__init__(Reason("shows-more", sentence, {"after": after}))


class TooMany(Refused):
    """422 until the form says that it is so."""

    status = 422

    def __init__(self, count: int) -> None:
        sentence = N_("Từ lần trước tăng %(count)s. Xem lại số, đúng thì đánh dấu “Số này đúng” rồi lưu.")
        super().__init__(Reason("too-many", sentence, {"count": count}))


class DoesNotComeRound(Refused):
    """422: a counter of unknown length cannot come round."""

    status = 422

    def __init__(self) -> None:
        sentence = N_("Chưa biết bộ đếm này có mấy chữ số. Ghi số chữ số ở phần Sửa bộ đếm, hoặc chọn Đã về 0.")
        super().__init__(Reason("does-not-come-round", sentence))


class ReadThen(Refused):
    def __init__(self) -> None:
        super().__init__(Reason("read-then", N_("Bộ đếm này đã có số của đúng lúc ấy.")))


class GateIsClosed(Refused):
    def __init__(self) -> None:
        super().__init__(Reason("gate-closed", N_("Bộ đếm này đã thôi dùng.")))


@dataclass(frozen=True)
class Shown:
    """What the counter shows. `turn`: why less than before; `sure`: such a leap is right."""

    counter: int
    turn: Turn | None = None
    sure: bool = False


def make(session: Session, branch_id: int, name: str, both_ways: bool, covers: bool, digits: int | None) -> Gate:
    """Raises CoversAlready."""
    _check_covers(session, branch_id, covers, None)
    made = Gate(
        uid=clock.uuid7(), branch_id=branch_id, name=name, both_ways=both_ways, covers=covers, digits=digits,
        made_at=clock.now(), closed_at=None,
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made


def change(session: Session, gate: Gate, facts: dict[str, Any]) -> None:
    """`facts`: name, both_ways, covers, digits. Raises CountsAlready, CoversAlready."""
    session.refresh(gate, with_for_update={"of": Gate})
    read = list(session.scalars(_standing(gate)))
    counts = any(facts[name] != getattr(gate, name) for name in ("both_ways", "covers"))
    longer = facts["digits"] != gate.digits and any(one.turn is Turn.ROUND for one in read)
    if longer or (counts and len(read) > 1):
        raise CountsAlready
    _check_covers(session, gate.branch_id, facts["covers"] and gate.closed_at is None, gate)
    for name, value in facts.items():
        setattr(gate, name, value)


def use_again(session: Session, gate: Gate) -> None:
    """A closed one. Raises CoversAlready."""
    _check_covers(session, gate.branch_id, gate.covers, gate)
    gate.closed_at = None


def _check_covers(session: Session, branch_id: int, covers: bool, gate: Gate | None) -> None:
    session.execute(select(Branch.id).where(Branch.id == branch_id).with_for_update(key_share=True)).all()
    other = next((one for one in gates(session, branch_id) if one.covers and one is not gate), None)
    if covers and other is not None:
        raise CoversAlready(other.name)


def gates(session: Session, branch_id: int) -> Sequence[Gate]:
    """In use, the oldest first."""
    query = select(Gate).where(Gate.branch_id == branch_id, Gate.closed_at.is_(None))
    return session.scalars(query.order_by(Gate.id)).all()


def read(session: Session, doing: Doing, gate: Gate, shown: Shown) -> GateReading:
    """Raises ShowsLess, ShowsMore, TooMany, DoesNotComeRound, ReadThen, GateIsClosed."""
    session.refresh(gate, with_for_update={"of": Gate})
    if gate.closed_at is not None:
        raise GateIsClosed
    at = doing.at or clock.now()
    before, after = _beside(session, gate, at)
    turn = _turn(gate, before, shown)
    if after is not None and after.turn is None and shown.counter > after.counter:
        raise ShowsMore(after.counter)
    _check_leap(gate, before, turn, shown)
    act_id = acts.write(session, replace(doing, at=doing.at), KIND, at)
    made = GateReading(
        uid=uuid5(doing.uid, "reading"), gate_id=gate.id, act_id=act_id, counter=shown.counter, read_at=at, turn=turn,
        visit_id=None,
    )  # fmt: skip
    session.add(made)
    session.flush()
    _resettle(session, (act_id, doing.uid), gate, at - WEEK, at)
    return made


def _beside(session: Session, gate: Gate, at: datetime) -> tuple[GateReading | None, GateReading | None]:
    """The readings before and after that moment. Raises ReadThen."""
    query = select(GateReading).where(GateReading.gate_id == gate.id, GateReading.voided.is_(False))
    if session.scalar(query.where(GateReading.read_at == at)):
        raise ReadThen
    before = query.where(GateReading.read_at < at).order_by(GateReading.read_at.desc()).limit(1)
    after = query.where(GateReading.read_at > at).order_by(GateReading.read_at).limit(1)
    return session.scalar(before), session.scalar(after)


def _turn(gate: Gate, before: GateReading | None, shown: Shown) -> Turn | None:
    """Why it shows less than before; None where it does not."""
    if before is None or shown.counter >= before.counter:
        return None
    if shown.turn is None:
        raise ShowsLess(before.counter)
    if shown.turn is Turn.ROUND and gate.digits is None:
        raise DoesNotComeRound
    return shown.turn


def _check_leap(gate: Gate, before: GateReading | None, turn: Turn | None, shown: Shown) -> None:
    leap = _passed(gate, before, shown.counter, turn)
    if leap > MOST and not shown.sure:
        raise TooMany(leap)


def _passed(gate: Gate, before: GateReading | None, counter: int, turn: Turn | None) -> int:
    """People since the reading before; the first reading tells of nobody. Halves are never lost: what is left over of
    an odd figure counts with the next."""
    if before is None:
        return 0
    start, end = before.counter, counter
    if counter < start and turn is Turn.ROUND and gate.digits:
        end += 10**gate.digits
    elif counter < start:
        start = 0
    return end // 2 - start // 2 if gate.both_ways else end - start


def again(session: Session, act: tuple[int, UUID], branch_id: int, on: date) -> None:
    """Visits of that day were told or taken back: what the counter says beside them follows."""
    noon = datetime.combine(on, time(CLOSING), clock.HERE)
    covering = select(Gate).where(Gate.branch_id == branch_id, Gate.covers).order_by(Gate.id)
    for gate in session.scalars(covering.with_for_update(of=Gate)).all():
        _resettle(session, act, gate, noon, noon)


def _standing(gate: Gate) -> Any:
    return select(GateReading).where(GateReading.gate_id == gate.id, GateReading.voided.is_(False))


def _day(at: datetime) -> datetime:
    """Its beginning here."""
    return datetime.combine(clock.day_of(at), time(), clock.HERE)


def _resettle(session: Session, act: tuple[int, UUID], gate: Gate, first: datetime, last: datetime) -> None:
    """The readings of these days and the next one, each by the one before it. Late loans of the last week come in so."""
    session.flush()
    query = _standing(gate).order_by(GateReading.read_at)
    newest = query.order_by(None).order_by(GateReading.read_at.desc())
    before = session.scalar(newest.where(GateReading.read_at < _day(first)).limit(1))
    rows = list(session.scalars(query.where(GateReading.read_at >= _day(first))))
    opened = before is not None and _closes(before, rows[0] if rows else None)
    for place, one in enumerate(rows):
        closes = _closes(one, rows[place + 1] if place + 1 < len(rows) else None)
        _settle(session, act, gate, one, before, (opened, closes))
        if one.read_at >= _day(last) + timedelta(days=1):
            return
        before, opened = one, closes


def _closes(reading: GateReading, following: GateReading | None) -> bool:
    """Whether it ends its day: who is told of that day afterwards came before it."""
    late = reading.read_at.astimezone(clock.HERE).hour >= CLOSING
    return late and (following is None or clock.day_of(following.read_at) != clock.day_of(reading.read_at))


def _settle(
    session: Session, act: tuple[int, UUID], gate: Gate, reading: GateReading, before: GateReading | None,
    ends: tuple[bool, bool] = (False, False),
) -> None:  # fmt: skip
    """What came of a reading is what it should be, told by `act` from now on. `ends`: whether the reading before ended
    its day, and whether this one does."""
    wanted = 0
    if not reading.voided and before is not None:
        wanted = _passed(gate, before, reading.counter, reading.turn)
        wanted -= min(wanted, _counted_otherwise(session, gate, before, reading, ends)) if gate.covers else 0
    stood = session.get(Visit, reading.visit_id) if reading.visit_id else None
    if (stood.quantity if stood else 0) == wanted:
        return
    if stood is not None:
        counting.take_back_visit(session, stood)
    reading.visit_id = _write(session, act, gate, reading, wanted) if wanted else None
    session.flush()


def _write(session: Session, act: tuple[int, UUID], gate: Gate, reading: GateReading, quantity: int) -> int:
    at, frozen = reading.read_at, Frozen(gate.branch_id, channel="gate")
    facts = {name: getattr(frozen, name) for name in counting.VISIT_FROZEN}
    row = {
        "uid": uuid5(act[1], f"gate {reading.uid}"), "act_id": act[0], "kind": VisitKind.GATE, "quantity": quantity,
        "visited_on": clock.day_of(at), "occurred_at": at, "recorded_at": max(clock.now(), at),
    }  # fmt: skip
    return int(session.execute(insert(Visit).values(row | facts).returning(Visit.id)).scalar_one())


def _counted_otherwise(
    session: Session, gate: Gate, before: GateReading, reading: GateReading, ends: tuple[bool, bool]
) -> int:
    """Visits of the branch between the two readings that somebody told of: these people came by the gate too."""
    query = select(func.sum(Visit.quantity)).where(
        Visit.branch_id == gate.branch_id, Visit.place_id.is_(None), Visit.kind != VisitKind.GATE,
        Visit.visited_on >= clock.day_of(before.read_at), Visit.visited_on <= clock.day_of(reading.read_at),
        _between(before, reading, ends),
    )  # fmt: skip
    return max(0, int(session.scalar(query) or 0))


def _between(before: GateReading, reading: GateReading, ends: tuple[bool, bool]) -> ColumnElement[bool]:
    """By the moment; what is typed by hand of a day that was ended, by the day."""
    by_hand, at = Visit.kind.in_(BY_HAND), Visit.occurred_at
    since = ~(by_hand & (Visit.visited_on == clock.day_of(before.read_at))) if ends[0] else true()
    found = (at > before.read_at) & (at <= reading.read_at) & since
    if not ends[1]:
        return found
    return found | (by_hand & (Visit.visited_on == clock.day_of(reading.read_at)) & (at > reading.read_at))


def undo(session: Session, doing: Doing, act: Act) -> None:
    """The reading was wrong: it goes, and the next one is reckoned from the one before it. Raises AlreadyUndone."""
    reading = session.scalars(select(GateReading).where(GateReading.act_id == act.id)).one()
    gate = reading.gate
    session.refresh(gate, with_for_update={"of": Gate})
    voiding = acts.void(session, replace(doing, at=None), act.id), doing.uid
    reading.voided = True
    session.flush()
    before, after = _around(session, reading)
    _settle(session, voiding, gate, reading, before)
    if after is not None:
        _retold(gate, before, after)
    _resettle(session, voiding, gate, reading.read_at, reading.read_at)


def _around(session: Session, reading: GateReading) -> tuple[GateReading | None, GateReading | None]:
    query = select(GateReading).where(GateReading.gate_id == reading.gate_id, GateReading.voided.is_(False))
    before = query.where(GateReading.read_at < reading.read_at).order_by(GateReading.read_at.desc()).limit(1)
    after = query.where(GateReading.read_at > reading.read_at).order_by(GateReading.read_at).limit(1)
    return session.scalar(before), session.scalar(after)


def _retold(gate: Gate, before: GateReading | None, after: GateReading) -> None:
    """Shown less than the one before it now, without a word why: as far as anybody knows, it was set to nothing."""
    if before is not None and after.counter < before.counter and after.turn is None:
        after.turn = Turn.RESET


def came_of(session: Session, reading: GateReading) -> int:
    """Visits it told of."""
    found = session.get(Visit, reading.visit_id) if reading.visit_id else None
    return found.quantity if found else 0


def last(session: Session, gate_ids: Sequence[int]) -> dict[int, GateReading]:
    """By gate: the latest reading that stands."""
    newest = (
        select(GateReading.gate_id, func.max(GateReading.read_at).label("at"))
        .where(GateReading.gate_id.in_(gate_ids), GateReading.voided.is_(False))
        .group_by(GateReading.gate_id)
        .subquery()
    )
    same = (GateReading.gate_id == newest.c.gate_id) & (GateReading.read_at == newest.c.at)
    query = select(GateReading).join(newest, same).where(GateReading.voided.is_(False))
    return {one.gate_id: one for one in session.scalars(query)}
