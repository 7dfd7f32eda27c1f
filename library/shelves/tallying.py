"""Counting without names: a touch per colour, a class at once. Uses and visits, never a movement and never a reader."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from library.catalogue.levels import LEVELS
from library.core import clock
from library.core.errors import N_, Reason, Refused
from library.inbox import acts
from library.inbox.acts import Doing
from library.inbox.models import Act, Entry
from library.shelves.models import Shelf, ShelfTenure
from library.uses import counting
from library.uses.counting import Frozen
from library.uses.models import DocumentUse, UseKind, Visit, VisitKind

KIND = "tally"


class ShelfClosed(Refused):
    def __init__(self) -> None:
        super().__init__(Reason("shelf-closed", N_("Tủ này đã đóng nên không đếm nữa.")))


class NotItsColour(Refused):
    def __init__(self) -> None:
        super().__init__(Reason("no-such-colour", N_("Tủ này không có bậc màu đó.")))


@dataclass(frozen=True)
class Counts:
    """What was counted by touch. `levels`: of today; the weeks run from Monday."""

    levels: Mapping[int, int]
    visits: int
    this_week: int
    last_week: int

    @property
    def total(self) -> int:
        return sum(self.levels.values())


def levels_of(shelf: Shelf) -> list[int]:
    """The colours of the shelf; all of them where nobody chose."""
    return [one for one in shelf.levels if one in LEVELS] or sorted(LEVELS)


def tap(session: Session, doing: Doing, shelf: Shelf, tenure: ShelfTenure | None, level: int) -> int:
    """One book of this colour was taken; the act's id. Raises ShelfClosed, NotItsColour."""
    if level not in levels_of(shelf):
        raise NotItsColour
    act, frozen = _begin(session, doing, shelf, tenure, level)
    at = doing.at or clock.now()
    counting.tally(session, act, UseKind.HONOUR, 1, at, frozen)
    return act[0]


def came(session: Session, doing: Doing, shelf: Shelf, tenure: ShelfTenure | None, readers: int) -> int:
    """So many readers were at the shelf. Raises ShelfClosed."""
    act, frozen = _begin(session, doing, shelf, tenure, None)
    counting.visits(session, act, VisitKind.CLASS, readers, doing.at or clock.now(), frozen)
    return act[0]


def _begin(
    session: Session, doing: Doing, shelf: Shelf, tenure: ShelfTenure | None, level: int | None
) -> tuple[tuple[int, UUID], Frozen]:
    if shelf.closed_on is not None:
        raise ShelfClosed
    act = acts.write(session, doing, KIND, doing.at or clock.now()), doing.uid
    of = tenure.school_class if tenure else None
    frozen = Frozen(
        shelf.branch_id, of.name if of else None, of.grade if of else shelf.grade, reading_level=level, channel="class",
        place_id=shelf.place_id,
    )  # fmt: skip
    return act, frozen


def counts(session: Session, place_id: int, today: date) -> Counts:
    """Three statements, however much was counted."""
    honour = (DocumentUse.place_id == place_id, DocumentUse.kind == UseKind.HONOUR)
    query = select(DocumentUse.reading_level, func.sum(DocumentUse.quantity)).where(
        *honour, DocumentUse.used_on == today
    )
    levels = {
        level: int(number) for level, number in session.execute(query.group_by(DocumentUse.reading_level)) if level
    }
    came = select(func.sum(Visit.quantity)).where(Visit.place_id == place_id, Visit.visited_on == today)
    monday = today - timedelta(days=today.weekday())
    this = func.sum(DocumentUse.quantity).filter(DocumentUse.used_on >= monday)
    last = func.sum(DocumentUse.quantity).filter(DocumentUse.used_on < monday)
    since = monday - timedelta(days=7)
    weeks = session.execute(
        select(this, last).where(*honour, DocumentUse.used_on >= since, DocumentUse.used_on <= today)
    )
    row = weeks.one()
    return Counts(levels, int(session.scalar(came) or 0), int(row[0] or 0), int(row[1] or 0))


def last_tap(session: Session, place_id: int, actor: UUID | None, today: date, hand: str | None = None) -> Act | None:
    """The latest touch of this account at this shelf today that still counts (one statement). `hand`: as the answer to it
    tells, the helper's session it was made in; None: the account's own."""
    tallied = select(DocumentUse.act_id).where(DocumentUse.place_id == place_id, DocumentUse.kind == UseKind.HONOUR)
    tallied = tallied.where(DocumentUse.used_on == today)
    visited = select(Visit.act_id).where(Visit.place_id == place_id, Visit.visited_on == today)
    mine = select(Act, Entry.answer).outerjoin(Entry, Entry.uid == Act.uid)
    mine = mine.where(Act.kind == KIND, Act.actor == actor, Act.voided_by.is_(None))
    found = session.execute(mine.where(Act.id.in_(tallied.union(visited))).order_by(Act.id.desc()))
    return next((act for act, answer in found if (answer or {}).get("hand") == hand), None)
