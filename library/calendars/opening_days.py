"""Changing when one is open: weekdays, closed days, holidays, days opened all the same. The one door: whoever keeps
calendars in memory hears of every change."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, delete, insert, select
from sqlalchemy.orm import Session

from library.calendars.holidays import KINDS
from library.calendars.models import (
    Closure,
    ExtraOpening,
    HolidayChoice,
    OpenDay,
    PlaceOpening,
    Said,
    SchoolYear,
    Term,
    TermKind,
)
from library.calendars.openings import RULES
from library.core.db import bump

EVERY_DAY = frozenset(range(7))


@dataclass(frozen=True)
class Whose:
    """Who says it: exactly one of the three."""

    organisation_id: int | None = None
    branch_id: int | None = None
    place_id: int | None = None

    def __post_init__(self) -> None:
        if [self.organisation_id, self.branch_id, self.place_id].count(None) != 2:
            raise ValueError("one level speaks, and one only")

    @property
    def columns(self) -> dict[str, int | None]:
        return {"organisation_id": self.organisation_id, "branch_id": self.branch_id, "place_id": self.place_id}

    def of(self, model: type[Said]) -> ColumnElement[bool]:
        """The WHERE for what it says."""
        name, one = next((name, one) for name, one in self.columns.items() if one is not None)
        found: ColumnElement[bool] = getattr(model, name) == one
        return found


def weekdays(session: Session, whose: Whose) -> frozenset[int]:
    """Weekdays on which it says it opens, 0 is Monday; none: it says nothing, those above decide."""
    return frozenset(session.scalars(select(OpenDay.weekday).where(whose.of(OpenDay))))


def set_weekdays(session: Session, whose: Whose, days: Iterable[int]) -> bool:
    """None at all: it says nothing any more. Whether that is other than before. Raises ValueError for an eighth day."""
    chosen = frozenset(days)
    if not chosen <= EVERY_DAY:
        raise ValueError("a week has seven days")
    if chosen == weekdays(session, whose):
        return False
    session.execute(delete(OpenDay).where(whose.of(OpenDay)))
    if chosen:
        session.execute(insert(OpenDay), [{**whose.columns, "weekday": day} for day in sorted(chosen)])
    bump(session, RULES)
    return True


def closures(session: Session, whose: Whose, since: date) -> Sequence[Closure]:
    """Those not yet over at `since`, the nearest first."""
    query = select(Closure).where(whose.of(Closure), Closure.last_on >= since)
    return session.scalars(query.order_by(Closure.first_on, Closure.id)).all()


def close(session: Session, whose: Whose, first: date, last: date, why: str) -> Closure:
    made = Closure(**whose.columns, first_on=first, last_on=last, why=why)
    _add(session, made)
    return made


def _add(session: Session, row: Any) -> None:
    session.add(row)
    session.flush()
    bump(session, RULES)


def take_away(session: Session, row: Closure | ExtraOpening) -> None:
    """What was said is said no more. Due dates stay where they are."""
    session.delete(row)
    session.flush()
    bump(session, RULES)


def extra_openings(session: Session, whose: Whose, since: date) -> Sequence[ExtraOpening]:
    query = select(ExtraOpening).where(whose.of(ExtraOpening), ExtraOpening.day >= since)
    return session.scalars(query.order_by(ExtraOpening.day)).all()


def open_anyway(session: Session, whose: Whose, day: date, why: str) -> ExtraOpening:
    """Said once for a day: the words of the last time hold."""
    found = session.scalar(select(ExtraOpening).where(whose.of(ExtraOpening), ExtraOpening.day == day))
    made = found or ExtraOpening(**whose.columns, day=day)
    made.why = why
    _add(session, made)
    return made


def holidays(session: Session, whose: Whose) -> dict[str, bool]:
    """By kind, whether it closes; only what it says itself."""
    query = select(HolidayChoice.kind, HolidayChoice.kept).where(whose.of(HolidayChoice))
    return {row[0]: row[1] for row in session.execute(query)}


def set_holidays(session: Session, whose: Whose, wanted: Mapping[str, bool]) -> bool:
    """It says exactly this; kinds left out are decided above. Whether that is other than before. Raises KeyError."""
    if unknown := set(wanted) - set(KINDS):
        raise KeyError(f"no such holidays: {sorted(unknown)}")
    if dict(wanted) == holidays(session, whose):
        return False
    session.execute(delete(HolidayChoice).where(whose.of(HolidayChoice)))
    if wanted:
        rows = [{**whose.columns, "kind": kind, "kept": kept} for kind, kept in wanted.items()]
        session.execute(insert(HolidayChoice), rows)
    bump(session, RULES)
    return True


def set_openings(session: Session, place_id: int, days: Iterable[date], since: date) -> None:
    """From `since` on the place opens on these days only; what was before stays as it was."""
    session.execute(delete(PlaceOpening).where(PlaceOpening.place_id == place_id, PlaceOpening.day >= since))
    if rows := [{"place_id": place_id, "day": day} for day in sorted(set(days)) if day >= since]:
        session.execute(insert(PlaceOpening), rows)
    bump(session, RULES)


Dates = tuple[date, date]


def terms(session: Session, year: SchoolYear) -> dict[TermKind, Dates]:
    query = select(Term).where(Term.school_year_id == year.id).order_by(Term.first_on)
    return {one.kind: (one.first_on, one.last_on) for one in session.scalars(query)}


def set_terms(session: Session, year: SchoolYear, wanted: Mapping[TermKind, Dates]) -> bool:
    """The year has exactly these; none: those above decide. Whether that is other than before."""
    if dict(wanted) == terms(session, year):
        return False
    session.execute(delete(Term).where(Term.school_year_id == year.id))
    for kind, (first, last) in wanted.items():
        session.add(Term(school_year_id=year.id, kind=kind, first_on=first, last_on=last))
    session.flush()
    bump(session, RULES)
    return True
