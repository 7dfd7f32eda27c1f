"""Visits counted by people: a class by its head-count, guests, a session of a learning centre; with what was read meanwhile.

A line is one act. To correct it is to void that act and write another: rows of the opposite, never a change.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from uuid import uuid5

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from library.core import clock
from library.core.errors import N_, Reason, Refused
from library.inbox import acts
from library.inbox.acts import Doing
from library.inbox.models import Act
from library.promotion import visits_follow
from library.uses import counting, desk_visits
from library.uses.counting import Frozen
from library.uses.models import UseKind, Visit, VisitKind

KIND = "count-visits"
KINDS = (KIND, desk_visits.WHOLE)
TYPED = (VisitKind.CLASS, VisitKind.GUEST, VisitKind.SESSION)
BACK = timedelta(days=60)
"""So far back a day may be typed in afterwards."""
NOON = time(12)


NOT_A_DAY = N_("Chỉ ghi được từ %(first)s đến hôm nay.")


class NotADay(Refused):
    """422: the day is still to come, or so long ago that its figures were reported."""

    status = 422

    def __init__(self, on: date) -> None:
        first = clock.today() - BACK
        super().__init__(Reason("not-a-day", NOT_A_DAY, {"first": f"{first:%d/%m/%Y}", "on": on.isoformat()}))


@dataclass(frozen=True)
class Heads:
    """People who came together. `sex`: m, f; `access_need`: disabled, blind."""

    quantity: int
    sex: str | None = None
    access_need: str | None = None


@dataclass(frozen=True)
class Entry:
    """One line. `books`: read in the library meanwhile; `class_books`: in the classroom. `less`: of a class, those counted
    one by one that day (at the desk, before or after; at the kiosk, before) are among the heads, not counted again."""

    kind: VisitKind
    on: date
    heads: Sequence[Heads]
    category: str | None = None
    class_name: str | None = None
    grade: int | None = None
    books: int = 0
    class_books: int = 0
    less: bool = False

    def frozen(self, branch_id: int, heads: Heads | None = None) -> Frozen:
        sex, need = (heads.sex, heads.access_need) if heads else (None, None)
        return Frozen(branch_id, self.class_name, self.grade, self.category, channel="desk", sex=sex, access_need=need)


@dataclass(frozen=True)
class Told:
    """What came of a line: visits written, and how many heads had been counted one by one already."""

    act_id: int
    visits: int
    known: int


def moment_of(doing: Doing, on: date) -> datetime:
    """Now, or noon of a day that is over. Raises NotADay."""
    at = doing.at or clock.now()
    if on == clock.day_of(at):
        return at
    if not clock.day_of(at) - BACK <= on < clock.day_of(at):
        raise NotADay(on)
    return datetime.combine(on, NOON, clock.HERE)


def record(
    session: Session, doing: Doing, branch_id: int, entry: Entry, instead: visits_follow.Touched = frozenset()
) -> Told:
    """Write the line. `instead`: what the line it corrects was about; of a class told already less those at the door
    nobody is taken off a second time. Raises NotADay."""
    at = moment_of(doing, entry.on)
    at_desk = one_by_one(session, branch_id, entry, VisitKind.DESK) if entry.less else Counter[str | None]()
    again = entry.class_name is not None and entry.class_name in {name for _, name in instead}
    heads = list(entry.heads) if again else without(entry.heads, _at_the_door(session, branch_id, entry))
    act = acts.write(session, replace(doing, at=at), desk_visits.WHOLE if entry.less else KIND, at), doing.uid
    for number, one in enumerate(heads):
        counting.visits(session, act, entry.kind, one.quantity, at, entry.frozen(branch_id, one), str(number))
    for name, kind, books in (("in", UseKind.TALLY, entry.books), ("class", UseKind.CLASS_READ, entry.class_books)):
        if books:
            counting.tally(session, act, kind, books, at, entry.frozen(branch_id), name)
    visits_follow.follow(session, act, branch_id, {(entry.on, entry.class_name if entry.less else None), *instead})
    written = sum(one.quantity for one in heads)
    return Told(act[0], written, sum(one.quantity for one in entry.heads) - written + at_desk.total())


def _at_the_door(session: Session, branch_id: int, entry: Entry) -> Counter[str | None]:
    """Those who told of their coming themselves, taken off once: by the first line of their class."""
    if not entry.less or desk_visits.came_whole(session, branch_id, entry.on, entry.class_name):
        return Counter()
    return one_by_one(session, branch_id, entry, VisitKind.KIOSK)


def one_by_one(session: Session, branch_id: int, entry: Entry, kind: VisitKind) -> Counter[str | None]:
    """By sex: visits of this class there that day that stand and were counted reader by reader."""
    query = select(Visit.sex, func.sum(Visit.quantity)).where(
        Visit.branch_id == branch_id, Visit.visited_on == entry.on, Visit.kind == kind,
        Visit.class_name == entry.class_name,
    )  # fmt: skip
    return Counter({sex: int(count) for sex, count in session.execute(query.group_by(Visit.sex))})


def without(heads: Sequence[Heads], known: Mapping[str | None, int]) -> list[Heads]:
    """The heads less those known: boys from boys, girls from girls, then from whoever nobody told apart, then from anybody;
    people with a need last of all. Rows of nobody are left out."""
    left, counts = Counter(known), [one.quantity for one in heads]
    for fits in _nearest_first():
        for place, one in enumerate(heads):
            for sex in list(left):
                gone = min(counts[place], left[sex]) if fits(one, sex) else 0
                counts[place] -= gone
                left[sex] -= gone
    return [replace(one, quantity=count) for one, count in zip(heads, counts, strict=True) if count > 0]


def _nearest_first() -> Sequence[Callable[[Heads, str | None], bool]]:
    return (
        lambda one, sex: one.access_need is None and one.sex == sex,
        lambda one, sex: one.access_need is None and one.sex is None,
        lambda one, sex: one.access_need is None,
        lambda one, sex: True,
    )


def correct(session: Session, doing: Doing, act: Act, entry: Entry) -> Told:
    """The line `act` was wrong; this one is right. Raises AlreadyUndone, NotADay."""
    assert act.branch_id is not None
    touched = visits_follow.touched(session, act.id)
    _void(session, replace(doing, uid=uuid5(doing.uid, "correct"), number=None), act)
    return record(session, doing, act.branch_id, entry, touched)


def undo(session: Session, doing: Doing, act: Act) -> None:
    """The line does not count. Raises AlreadyUndone."""
    assert act.branch_id is not None
    voiding = _void(session, doing, act)
    visits_follow.follow(session, (voiding, doing.uid), act.branch_id, visits_follow.touched(session, act.id))


def _void(session: Session, doing: Doing, act: Act) -> int:
    voiding = acts.void(session, replace(doing, at=None), act.id)
    counting.undo(session, act.id)
    return voiding
