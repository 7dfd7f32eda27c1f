"""Programmes of learning at a distance: each counts once, on its first day, and its turns on theirs."""

from collections.abc import Iterable, Sequence
from datetime import date

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from library.core import clock
from library.core.errors import N_
from library.inbox.acts import Doing
from library.promotion import event_steps
from library.promotion.event_steps import LINES, Lines, Manner, NotSo, Plain
from library.promotion.online_models import OnlineCount, OnlineProgramme
from library.uses.happenings import Fact, Measure

KIND = "online"


def _facts(session: Session, one: OnlineProgramme) -> Iterable[Fact]:
    """Once it has begun."""
    if one.first_on > clock.today():
        return
    yield Fact(Measure.ONLINE, 1, one.first_on, one.branch_id, one.subject)
    for row in event_steps.lines_of(session, MANNER, one):
        yield Fact(Measure.ONLINE_TURNS, row.turns, row.day, one.branch_id, one.subject, row.audience)


MANNER = Manner(
    KIND, OnlineProgramme,
    ("title", "subject", "platform", "address", "organiser", "first_on", "last_on", "note"),
    _facts, lines=Lines(OnlineCount, "programme_id", ("day", "audience", "turns")),
)  # fmt: skip


def record(session: Session, doing: Doing, branch_id: int, said: Plain, turns: dict[str, int]) -> OnlineProgramme:
    """`turns`: already known, by audience, on its first day. Raises NotSo for one that has not begun."""
    day = said["first_on"]
    if date.fromisoformat(day) > clock.today():
        raise NotSo("to-come", N_("Chương trình chưa bắt đầu. Ghi khi chương trình đã mở."))
    lines = [{"uid": str(clock.uuid7()), "day": day, "audience": of, "turns": many} for of, many in turns.items()]
    made: OnlineProgramme = event_steps.make(session, doing, MANNER, branch_id, said | {LINES: lines})
    return made


def change(session: Session, doing: Doing, one: OnlineProgramme, said: Plain) -> bool:
    if date.fromisoformat(said["first_on"]) > clock.today():
        raise NotSo("to-come", N_("Chương trình chưa bắt đầu. Ghi khi chương trình đã mở."))
    return event_steps.change(session, doing, MANNER, one, "change", said)


def count(session: Session, doing: Doing, one: OnlineProgramme, day: date, turns: dict[str, int]) -> bool:
    """More turns of a day; told twice for a day, both count. Raises NotSo for a day before it began, or to come."""
    if not one.first_on <= day <= clock.today():
        raise NotSo("day", N_("Ngày phải từ hôm chương trình bắt đầu đến hôm nay."))
    lines = event_steps.plain_of(session, MANNER, one)[LINES]
    more = [
        {"uid": str(clock.uuid7()), "day": day.isoformat(), "audience": audience, "turns": many}
        for audience, many in turns.items()
    ]
    return event_steps.change(session, doing, MANNER, one, "count", {LINES: [*lines, *more]})


def remove(session: Session, doing: Doing, one: OnlineProgramme, row: str) -> bool:
    """A line told by mistake."""
    lines = [line for line in event_steps.plain_of(session, MANNER, one)[LINES] if line["uid"] != row]
    return event_steps.change(session, doing, MANNER, one, "change", {LINES: lines})


def listed(session: Session, where: ColumnElement[bool], first: date, last: date) -> list[OnlineProgramme]:
    """Programmes that began in these days, the newest first."""
    query = select(OnlineProgramme).where(where, OnlineProgramme.gone.is_(False))
    mine = query.where(OnlineProgramme.first_on.between(first, last))
    return list(session.scalars(mine.order_by(OnlineProgramme.first_on.desc(), OnlineProgramme.id.desc())))


def turns_of(session: Session, programmes: Sequence[OnlineProgramme]) -> dict[int, int]:
    """Turns by programme (one statement)."""
    query = select(OnlineCount.programme_id, func.sum(OnlineCount.turns)).group_by(OnlineCount.programme_id)
    mine = query.where(OnlineCount.programme_id.in_([one.id for one in programmes]))
    return {row[0]: int(row[1]) for row in session.execute(mine)}
