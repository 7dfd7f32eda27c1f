"""Every deed on something recorded: an act, with what was said before; its figures follow, and it can be taken back."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Column, delete, exists, select
from sqlalchemy.orm import Session, aliased

from library.accounts.models import Account
from library.core import clock
from library.core.db import Model, table_of
from library.core.errors import N_, NotFound, Reason, Refused
from library.inbox import acts
from library.inbox.acts import Doing
from library.inbox.models import Act
from library.loans.deeds import RestsOnIt
from library.promotion import visits_follow
from library.promotion.event_models import PromotionStep, Recorded
from library.uses import counting, happenings
from library.uses.counting import Frozen
from library.uses.happenings import Fact
from library.uses.models import Visit, VisitKind

Plain = dict[str, Any]
"""What a thing says, as JSON keeps it: its columns, and its lines under LINES."""
LINES = "lines"
NOON = time(12)


@dataclass(frozen=True)
class Lines:
    """Rows below a thing, each with a uid of its own. `before_gone`: called with the ids of rows that go."""

    model: type[Any]
    parent: str
    columns: tuple[str, ...]
    before_gone: Callable[[Session, list[int]], None] = lambda session, ids: None


@dataclass(frozen=True)
class Beside:
    """What else a thing says, kept in tables of its own. `told`: of a thing, nothing left out but the empty; `put`: the
    thing says this again, read from all it says."""

    told: Callable[[Session, Any], Plain]
    put: Callable[[Session, Any, Plain], None]


@dataclass(frozen=True)
class Came:
    """People of one day who count as visits of the branch."""

    day: date
    quantity: int
    frozen: Frozen


@dataclass(frozen=True)
class Manner:
    """How one kind of thing is kept and counted. `facts` and `came` are asked of what stands, never of what is gone."""

    kind: str
    model: type[Any]
    columns: tuple[str, ...]
    facts: Callable[[Session, Any], Iterable[Fact]]
    came: Callable[[Session, Any], Iterable[Came]] = lambda session, thing: ()
    lines: Lines | None = None
    beside: Beside | None = None
    forgetful: frozenset[str] = field(default_factory=frozenset)
    """Columns with names of people, which a step's memory loses after a time."""


class NotSo(Refused):
    """It cannot be done with this thing as it is."""

    def __init__(self, code: str, sentence: str, **facts: object) -> None:
        super().__init__(Reason(code, sentence, facts))


# What a thing says


def plain_of(session: Session, manner: Manner, thing: Recorded) -> Plain:
    said = {name: _plain(getattr(thing, name)) for name in manner.columns}
    said |= manner.beside.told(session, thing) if manner.beside else {}
    if manner.lines is None:
        return said
    return said | {LINES: [_line(manner.lines, row) for row in lines_of(session, manner, thing)]}


def lines_of(session: Session, manner: Manner, thing: Recorded) -> list[Any]:
    """Rows below it, as they were added."""
    lines = manner.lines
    assert lines is not None
    query = select(lines.model).where(getattr(lines.model, lines.parent) == thing.id).order_by(lines.model.id)
    return list(session.scalars(query))


def _line(lines: Lines, row: Any) -> Plain:
    return {"uid": str(row.uid), **{name: _plain(getattr(row, name)) for name in lines.columns}}


def _plain(value: Any) -> Any:
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value) if isinstance(value, UUID | StrEnum) else value


def _value(column: Column[Any], value: Any) -> Any:
    """Of JSON, as the column keeps it."""
    kind = column.type.python_type
    if value is None or isinstance(value, kind):
        return value if not (isinstance(kind, type) and issubclass(kind, StrEnum) and value) else kind(value)
    if kind in (date, time):
        return kind.fromisoformat(value)
    return kind(value) if kind is UUID or issubclass(kind, StrEnum) else value


def _put(row: Any, names: Iterable[str], said: Plain) -> None:
    columns = table_of(type(row)).c
    for name in names:
        if name in said:
            setattr(row, name, _value(columns[name], said[name]))


def _put_lines(session: Session, manner: Manner, thing: Recorded, said: Plain) -> None:
    lines = manner.lines
    if lines is None or LINES not in said:
        return
    there = {str(row.uid): row for row in lines_of(session, manner, thing)}
    for line in said[LINES]:
        row = there.pop(line["uid"], None) or lines.model(uid=UUID(line["uid"]), **{lines.parent: thing.id})
        _put(row, lines.columns, line)
        session.add(row)
    if there:
        gone = [row.id for row in there.values()]
        lines.before_gone(session, gone)
        session.execute(delete(lines.model).where(lines.model.id.in_(gone)))
    session.flush()


def _put_all(session: Session, manner: Manner, thing: Recorded, said: Plain) -> None:
    _put(thing, manner.columns, said)
    _put_lines(session, manner, thing, said)
    if manner.beside:
        manner.beside.put(session, thing, said)


# Deeds


def make(session: Session, doing: Doing, manner: Manner, branch_id: int, said: Plain) -> Any:
    """Something new, with all it says; its figures are written."""
    thing = manner.model(uid=clock.uuid7(), branch_id=branch_id)
    _put(thing, manner.columns, said)
    session.add(thing)
    session.flush()
    _put_lines(session, manner, thing, said)
    _step(session, doing, manner, thing, "add", None)
    return thing


def change(session: Session, doing: Doing, manner: Manner, thing: Recorded, deed: str, said: Plain) -> bool:
    """It says `said` from now on; columns left out stay. Whether that is other than before: else nothing is written."""
    before = plain_of(session, manner, thing)
    if {**before, **said} == before:
        return False
    _put_all(session, manner, thing, said)
    session.flush()
    _step(session, doing, manner, thing, deed, before)
    return True


def _step(session: Session, doing: Doing, manner: Manner, thing: Recorded, deed: str, before: Plain | None) -> None:
    at = doing.at or clock.now()
    act = acts.write(session, doing, manner.kind, at), doing.uid
    row = PromotionStep(
        act_id=act[0], branch_id=thing.branch_id, kind=manner.kind, source=thing.uid, deed=deed, before=before
    )
    session.add(row)
    settle(session, act, manner, thing)


def settle(session: Session, act: tuple[int, UUID], manner: Manner, thing: Recorded) -> None:
    """Its figures and visits are those of what it says now."""
    session.flush()
    happenings.settle(session, act, manner.kind, thing.uid, [] if thing.gone else manner.facts(session, thing))
    _settle_visits(
        session, act, thing, [] if thing.gone else [one for one in manner.came(session, thing) if one.quantity]
    )
    session.flush()


def _settle_visits(session: Session, act: tuple[int, UUID], thing: Recorded, wanted: list[Came]) -> None:
    stood = _standing(session, thing.visits_act_id)
    if Counter(map(_told, wanted)) == stood:
        return
    if thing.visits_act_id is not None:
        counting.undo(session, thing.visits_act_id)
    for at, one in enumerate(wanted):
        moment = min(datetime.combine(one.day, NOON, clock.HERE), clock.now())
        counting.visits(session, act, VisitKind.SESSION, one.quantity, moment, one.frozen, f"{thing.uid} {at}")
    thing.visits_act_id = act[0] if wanted else None
    about = {(one[0], one[2]) for one in (*map(_told, wanted), *stood)}
    visits_follow.follow(session, act, thing.branch_id, about)


Told = tuple[date, int, str | None, int | None, str | None]


def _told(one: Came) -> Told:
    return one.day, one.quantity, one.frozen.class_name, one.frozen.grade, one.frozen.category


def _standing(session: Session, act_id: int | None) -> Counter[Told]:
    back = aliased(Visit)
    query = select(Visit.visited_on, Visit.quantity, Visit.class_name, Visit.grade, Visit.category).where(
        Visit.act_id == act_id, Visit.quantity > 0, ~exists().where(back.reverses_id == Visit.id)
    )
    return Counter((row[0], row[1], row[2], row[3], row[4]) for row in session.execute(query)) if act_id else Counter()


# Taking back


def undo(session: Session, doing: Doing, manner: Manner, thing: Recorded, act_uid: UUID) -> int:
    """It says again what it said before that act, the latest one that stands. Raises NotFound, RestsOnIt, NotSo."""
    standing = [(step, act) for step, act in steps_of(session, thing.uid) if not step.voided]
    at = next((place for place, (_, act) in enumerate(standing) if act.uid == act_uid), None)
    if at is None:
        raise NotFound
    if later := [act for _, act in standing[at + 1 :]]:
        raise RestsOnIt(later)
    step, act = standing[at]
    if step.before is None and step.deed != "add":
        raise NotSo("forgotten", N_("Tên người trong lần ghi trước đã xóa theo quy định, không hoàn tác được nữa."))
    voiding = acts.void(session, doing, act.id)
    step.voided = True
    _back(session, manner, thing, step.before)
    settle(session, (voiding, doing.uid), manner, thing)
    return voiding


def _back(session: Session, manner: Manner, thing: Recorded, before: Plain | None) -> None:
    if before is None:
        thing.gone = True
        return
    _put_all(session, manner, thing, before)


def steps_of(session: Session, source: UUID) -> list[tuple[PromotionStep, Act]]:
    """In the order they were done."""
    query = select(PromotionStep, Act).join(Act, Act.id == PromotionStep.act_id)
    found = session.execute(query.where(PromotionStep.source == source).order_by(PromotionStep.id))
    return [(step, act) for step, act in found]


@dataclass(frozen=True)
class Line:
    """A line of a thing's history. `undo`: it may be taken back now."""

    at: datetime
    who: str
    deed: str
    voided: bool
    act: UUID
    undo: bool = False


def history(session: Session, thing: Recorded) -> list[Line]:
    """The newest first (two statements)."""
    steps = steps_of(session, thing.uid)
    who = _names(session, {act.actor for _, act in steps if act.actor})
    last = next((step.id for step, _ in reversed(steps) if not step.voided), None)
    return [
        Line(act.recorded_at, who.get(act.actor, ""), step.deed, step.voided, act.uid, step.id == last)
        for step, act in reversed(steps)
    ]


def _names(session: Session, uids: set[UUID]) -> Mapping[UUID | None, str]:
    query = select(Account.uid, Account.name).where(Account.uid.in_(uids))
    return {row[0]: row[1] for row in session.execute(query)} if uids else {}


def locked(session: Session, model: type[Model], thing_id: int) -> Any:
    """The thing as it is when its turn comes: two people who change it do so one after the other."""
    which = select(model).where(table_of(model).c.id == thing_id)
    found = session.scalar(which.with_for_update().execution_options(populate_existing=True))
    if found is None:
        raise NotFound
    return found
