"""School years by their label, “2026-2027”."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from library.calendars.models import SchoolYear

FIRST_MONTH = 7
"""A list brought in July is of the coming year."""

PROMOTING_FROM = 3
"""One that says who goes up is of the coming year from March on."""


def label_from(autumn: int) -> str:
    return f"{autumn}-{autumn + 1}"


def label_of(day: date, first_month: int = FIRST_MONTH) -> str:
    return label_from(day.year if day.month >= first_month else day.year - 1)


def following(label: str) -> str:
    return label_from(autumn_of(label) + 1)


def autumn_of(label: str) -> int:
    """The year in which it begins; 0 for a label of another form."""
    return int(label[:4]) if label[:4].isdigit() else 0


def labels(session: Session, library_id: int, today: date) -> tuple[str, ...]:
    """Years one may choose, the latest first: those there are, this one and the next."""
    query = select(SchoolYear.label).where(SchoolYear.organisation_id == library_id)
    usual = label_of(today)
    return tuple(sorted({*session.scalars(query), usual, following(usual)}, reverse=True))


def find(session: Session, library_id: int, label: str) -> SchoolYear | None:
    query = select(SchoolYear).where(SchoolYear.organisation_id == library_id, SchoolYear.label == label)
    return session.scalar(query)


def days_of(label: str) -> tuple[date, date]:
    """First and last day, as most schools keep them."""
    first = autumn_of(label)
    return date(first, 9, 1), date(first + 1, 5, 31)


def begun(session: Session, library_id: int, label: str) -> SchoolYear:
    """The year of that label, made if it is new."""
    found = find(session, library_id, label)
    if found is None:
        first, last = days_of(label)
        found = SchoolYear(organisation_id=library_id, label=label, from_on=first, to_on=last)
        session.add(found)
        session.flush()
    return found


def options(labels_: Sequence[str]) -> tuple[tuple[str, str], ...]:
    return tuple((label, label) for label in labels_)
