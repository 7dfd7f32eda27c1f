"""What promotion reports, as facts: whoever records a meeting, a gift or a class says what it amounts to; what changed
since is taken back by rows of the opposite, so that every figure can be told as it was known on any day."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from uuid import UUID, uuid5

from sqlalchemy import exists, insert, select
from sqlalchemy.orm import Session, aliased

from library.core import clock
from library.uses.models import Happening


class Measure(StrEnum):
    """What is counted. Its unit stands in `reports`; what kind and of whom, in `sort` and `audience`."""

    EVENT = "event"
    """Meetings, displays, competitions… held; `sort` is the type."""
    EVENT_PEOPLE = "event-people"
    TRAINING = "training"
    """Classes of training; `sort` is the subject."""
    TRAINING_PEOPLE = "training-people"
    """People enrolled: each once a class."""
    TRAINING_TURNS = "training-turns"
    """People × sessions."""
    ONLINE = "online"
    """Programmes of learning at a distance."""
    ONLINE_TURNS = "online-turns"
    LESSON = "lesson"
    """Library lessons on the timetable."""
    LESSON_PEOPLE = "lesson-people"
    CLUB = "club"
    CLUB_MEETING = "club-meeting"
    CLUB_PEOPLE = "club-people"
    CHALLENGE_DONE = "challenge-done"
    COMMENDED_COLLECTIVE = "commended-collective"
    COMMENDED_PERSON = "commended-person"
    DRIVE = "drive"
    """Collectives that called for gifts."""
    GIFT_COPIES = "gift-copies"
    GIFT_MONEY = "gift-money"
    """Đồng."""
    INTERNET_PLACES = "internet-places"
    INTERNET_TURNS = "internet-turns"
    SERVICE_MINUTES = "service-minutes"


@dataclass(frozen=True)
class Fact:
    """One figure of one day at one branch."""

    measure: Measure
    quantity: int
    on: date
    branch_id: int
    sort: str | None = None
    audience: str | None = None


def settle(session: Session, act: tuple[int, UUID], kind: str, source: UUID, wanted: Iterable[Fact]) -> None:
    """From now on `source` amounts to these facts and no others: what no longer holds is taken back, what is new written.

    Facts of nothing (quantity 0) are left out. Two statements where nothing stood before.
    """
    act_id, act_uid = act
    new = Counter(one for one in wanted if one.quantity)
    for row in standing(session, source):
        if new[fact := told(row)] > 0:
            new[fact] -= 1
        else:
            session.execute(insert(Happening).values(_back(row, act_id)))
    rows = [_row(act_id, act_uid, kind, source, fact, at) for at, fact in enumerate(new.elements())]
    if rows:
        session.execute(insert(Happening), rows)


def settle_stock(
    session: Session, act: tuple[int, UUID], kind: str, fact: Fact, source: UUID, until: date | None
) -> None:
    """`source` is so many from `fact.on` until the day before `until` (None: until further notice; the same day: never),
    as rows to be added up from the beginning: what comes stands on the first day, what goes on the day it goes.

    Always the same number of one source. A day that was told otherwise before is put right by a row of that day.
    """
    act_id, act_uid = act
    wanted = Counter({fact.on: 1}) if fact.quantity and until != fact.on else Counter()
    wanted.update({until: -1} if wanted and until else {})
    there = session.execute(select(Happening.happened_on, Happening.quantity).where(Happening.source == source))
    for day, quantity in there:
        wanted[day] -= 1 if quantity > 0 else -1
    new = [day for day, many in wanted.items() for _ in range(many)]
    rows = [_row(act_id, act_uid, kind, source, replace(fact, on=day), at) for at, day in enumerate(sorted(new))]
    if rows:
        session.execute(insert(Happening), rows)
    gone = sorted(day for day, many in wanted.items() for _ in range(-many))
    for day, row in zip(gone, standing(session, source), strict=False):
        session.execute(insert(Happening).values(_back(row, act_id) | {"happened_on": day}))


def standing(session: Session, source: UUID) -> list[Happening]:
    """The facts of `source` that were not taken back."""
    back = aliased(Happening)
    query = select(Happening).where(Happening.source == source, Happening.reverses_id.is_(None))
    return list(session.scalars(query.where(~exists().where(back.reverses_id == Happening.id)).order_by(Happening.id)))


def told(row: Happening) -> Fact:
    return Fact(Measure(row.measure), row.quantity, row.happened_on, row.branch_id, row.sort, row.audience)


def _row(act_id: int, act_uid: UUID, kind: str, source: UUID, fact: Fact, at: int) -> dict[str, object]:
    return {
        "uid": uuid5(act_uid, f"{kind} {source} {fact.measure} {at}"), "act_id": act_id, "measure": fact.measure.value,
        "quantity": fact.quantity, "reverses_id": None, "happened_on": fact.on, "recorded_at": clock.now(),
        "branch_id": fact.branch_id, "kind": kind, "source": source, "sort": fact.sort, "audience": fact.audience,
    }  # fmt: skip


def _back(row: Happening, act_id: int) -> dict[str, object]:
    same = ("measure", "happened_on", "branch_id", "kind", "source", "sort", "audience")
    return {
        **{name: getattr(row, name) for name in same}, "uid": uuid5(row.uid, "back"), "act_id": act_id,
        "quantity": -row.quantity, "reverses_id": row.id, "recorded_at": max(clock.now(), row.recorded_at),
    }  # fmt: skip
