"""The school goes into the next year, in one act and one transaction, and back again within seven days.

However many pupils, it is about a dozen statements. What was changed is remembered as plain JSON for taking back:
each column that is still as the act set it goes back, what changed since stays and is told.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import delete, null, select, update
from sqlalchemy.orm import Session

from library.calendars.models import SchoolYear
from library.core import clock
from library.core.bulk import add_named, change_rows
from library.core.db import table_of
from library.core.errors import N_, Reason, Refused
from library.core.fold import sort_key
from library.inbox import acts
from library.inbox.acts import Doing
from library.jobs.nightly import forgets
from library.patrons import school_years
from library.patrons.models import Membership, Rollover, SchoolClass
from library.patrons.rollover import Rolling
from library.staging.undoing import named_elsewhere

UNDO_FOR = timedelta(days=7)
KEPT_FOR = timedelta(days=30)
SOME = 50


class Nobody(Refused):
    def __init__(self) -> None:
        super().__init__(Reason("nobody-to-move", N_("Không còn em nào ở lớp của năm học trước để chuyển.")))


class NotBack(Refused):
    """The act cannot be taken back now."""


UNDONE = Reason("undone-already", N_("Lần chuyển năm học này đã được hoàn tác rồi."))
TOO_LATE = Reason("too-late-to-undo", N_("Đã quá 7 ngày nên không hoàn tác được nữa."))


@dataclass(frozen=True)
class Standing:
    """How a membership is: the columns that the act may change."""

    class_id: int | None
    expires_on: date | None
    to_on: date | None = None

    def to_json(self) -> list[Any]:
        return [self.class_id, _text(self.expires_on), _text(self.to_on)]

    @classmethod
    def from_json(cls, told: Sequence[Any]) -> "Standing":
        return cls(told[0], _day(told[1]), _day(told[2]))


def _text(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


# Forward


def roll(session: Session, doing: Doing, library_id: int, rolling: Rolling) -> Rollover:
    """Raises Nobody. Pupils who have moved since it was thought out stay where they are now."""
    goals = {pupil.membership_id: (way, pupil) for way in rolling.ways for pupil in way.of.pupils}
    before = _standing(session, library_id, [way.of.id for way in rolling.ways], goals)
    if not before:
        raise Nobody
    act_id = acts.write(session, doing, "roll-over", clock.now())
    year, is_new = _year(session, library_id, rolling.year)
    classes, made = _classes(session, year, rolling)
    after = {
        member: _after(stood, goals[member][0].goal(member), classes, year.to_on if rolling.extends else None)
        for member, stood in before.items()
    }
    change_rows(session, table_of(Membership), [_row(member, one) for member, one in after.items()])
    moved = {
        "members": [[member, before[member].to_json(), after[member].to_json()] for member in before],
        "classes": made, "year": year.id if is_new else 0,
    }  # fmt: skip
    return _remember(session, act_id, library_id, rolling, moved)


def _standing(
    session: Session, library_id: int, classes: Collection[int], planned: Collection[int]
) -> dict[int, Standing]:
    """Those of the pupils planned for who are still in these classes, locked."""
    query = select(Membership.id, Membership.class_id, Membership.expires_on).where(
        Membership.library_id == library_id, Membership.class_id.in_(classes), Membership.to_on.is_(None)
    )
    rows = session.execute(query.order_by(Membership.id).with_for_update(key_share=True))
    return {member: Standing(class_id, until) for member, class_id, until in rows if member in planned}


def _year(session: Session, library_id: int, label: str) -> tuple[SchoolYear, bool]:
    found = school_years.find(session, library_id, label)
    return (found, False) if found else (school_years.begun(session, library_id, label), True)


def _classes(session: Session, year: SchoolYear, rolling: Rolling) -> tuple[dict[str, int], list[int]]:
    """({name: id} of the classes of the new year, ids of those made now)."""
    query = select(SchoolClass.name, SchoolClass.id).where(SchoolClass.school_year_id == year.id)
    have: dict[str, int] = dict(session.execute(query).all())
    missing = [one for name, one in rolling.goals.items() if name not in have]
    if not missing:
        return have, []
    rows = [
        {
            "uid": clock.uuid7(), "library_id": year.organisation_id, "branch_id": branch_id, "school_year_id": year.id,
            "name": one.name, "name_sort": sort_key(one.name), "grade": one.grade,
        }
        for one, branch_id in missing
    ]  # fmt: skip
    made = add_named(session, table_of(SchoolClass), rows)
    return have | {one.name: id_ for (one, _branch), id_ in zip(missing, made, strict=True)}, made


def _after(stood: Standing, goal: Any, classes: Mapping[str, int], until: date | None) -> Standing:
    if goal is None:
        return Standing(stood.class_id, stood.expires_on, clock.today())
    longer = until if until and stood.expires_on and stood.expires_on < until else stood.expires_on
    return Standing(classes[goal.name], longer)


def _row(member: int, one: Standing) -> dict[str, Any]:
    return {"id": member, "class_id": one.class_id, "expires_on": one.expires_on, "to_on": one.to_on}


def _remember(session: Session, act_id: int, library_id: int, rolling: Rolling, moved: Mapping[str, Any]) -> Rollover:
    figures = [[way.of.name, way.to.name if way.to else "", *way.figures] for way in rolling.ways]
    made = Rollover(
        uid=clock.uuid7(), library_id=library_id, act_id=act_id, year=rolling.year, figures=figures, moved=dict(moved),
        made_at=clock.now(),
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made


# Back


def undo_until(made: Rollover) -> datetime:
    return made.made_at + UNDO_FOR


def may_undo(made: Rollover) -> bool:
    return made.undone_by is None and made.moved is not None and clock.now() <= undo_until(made)


def undo(session: Session, doing: Doing, made: Rollover) -> list[int]:
    """Memberships of which something stays, for it changed since. Raises NotBack."""
    session.refresh(made, with_for_update=True)
    if made.undone_by is not None:
        raise NotBack(UNDONE)
    if made.moved is None or not may_undo(made):
        raise NotBack(TOO_LATE)
    told = {
        one[0]: (Standing.from_json(one[1]), Standing.from_json(one[2])) for one in made.moved["members"]
    }  # fmt: skip
    voiding = acts.void(session, doing, made.act_id)
    now, again = _now(session, made.library_id, told)
    back = {member: _back(now[member], *told[member], member in again) for member in now}
    rows = [_row(member, one) for member, one in back.items() if one != now[member]]
    change_rows(session, table_of(Membership), rows)
    kept = [member for member in told if member not in back or back[member] != told[member][0]]
    _remove_empty(session, made.moved["classes"], made.moved["year"])
    made.undone_by, made.moved = voiding, {**made.moved, "kept": kept}
    session.flush()
    return kept


def _now(session: Session, library_id: int, told: Collection[int]) -> tuple[dict[int, Standing], set[int]]:
    """(how they are now, those whose person reads here by another membership)."""
    query = select(Membership.id, Membership.class_id, Membership.expires_on, Membership.to_on, Membership.person_id)
    mine = query.where(Membership.id.in_(told), Membership.library_id == library_id).order_by(Membership.id)
    rows = session.execute(mine.with_for_update(key_share=True)).all()
    ended = {row[4]: row[0] for row in rows if row[3] is not None}
    others = select(Membership.person_id).where(
        Membership.library_id == library_id, Membership.to_on.is_(None), Membership.person_id.in_(ended)
    )
    again = {ended[person] for person in session.scalars(others)} if ended else set()
    return {row[0]: Standing(row[1], row[2], row[3]) for row in rows}, again


def _back(now: Standing, before: Standing, after: Standing, reads_again: bool) -> Standing:
    """Each column as before, where it is still as the act set it."""
    class_id = before.class_id if now.class_id == after.class_id else now.class_id
    expires_on = before.expires_on if now.expires_on == after.expires_on else now.expires_on
    to_on = before.to_on if now.to_on == after.to_on and not reads_again else now.to_on
    return Standing(class_id, expires_on, to_on)


def _remove_empty(session: Session, classes: Sequence[int], year_id: int) -> None:
    """Classes and the year that the act made, where nothing else speaks of them."""
    empty = set(classes) - named_elsewhere(session, SchoolClass, classes)
    if empty:
        session.execute(delete(SchoolClass).where(SchoolClass.id.in_(empty)))
    if year_id and not named_elsewhere(session, SchoolYear, [year_id]):
        session.execute(delete(SchoolYear).where(SchoolYear.id == year_id))


# What is told of it


def left(made: Rollover) -> list[int]:
    """Memberships that the act ended."""
    members = made.moved["members"] if made.moved else []
    return [one[0] for one in members if one[2][2] is not None]


def kept(made: Rollover) -> list[int]:
    """Of an act that was taken back: memberships that are not wholly as before."""
    return list(made.moved.get("kept", ())) if made.moved else []


@forgets("rollovers")
def forget_moves(session: Session, now: datetime) -> bool:
    """Figures stay; whose they are goes, when nothing can be taken back any more."""
    old = select(Rollover.id).where(Rollover.made_at < now - KEPT_FOR, Rollover.moved.is_not(null())).limit(SOME)
    ids = session.scalars(old).all()
    session.execute(update(Rollover).where(Rollover.id.in_(ids)).values(moved=null()))
    return len(ids) == SOME
