"""The page of opening days: what a level says itself, what it has from above, the year, and due dates on closed days."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any

from flask import render_template, request
from sqlalchemy.orm import Session

from library.calendars import inherited, opening_days
from library.calendars import year as years
from library.calendars.holidays import KINDS, of_year
from library.calendars.inherited import Levels
from library.calendars.models import SchoolYear
from library.calendars.opening_days import EVERY_DAY, Dates
from library.calendars.openings import levels_of, library_levels
from library.core import clock
from library.core.db import db
from library.core.errors import N_, Reason
from library.loans import closing
from library.loans.closing import Falling
from library.loans.opening_forms import TERM_WORDS
from library.loans.opening_where import Where
from library.patrons import school_years

WEEKDAYS = (
    N_("Thứ Hai"), N_("Thứ Ba"), N_("Thứ Tư"), N_("Thứ Năm"), N_("Thứ Sáu"), N_("Thứ Bảy"), N_("Chủ nhật"),
)  # fmt: skip
FAR = timedelta(days=800)
Told = Mapping[str, Any]
Complaints = Mapping[str, Reason]
NOTHING: Told = MappingProxyType({})


def page(
    where: Where,
    section: str = "",
    told: Told = NOTHING,
    complaints: Complaints = MappingProxyType({}),
    looked: Sequence[Falling] | None = None,
) -> str:
    """`section` is the form that was sent and comes back; `looked`: what a closure would move."""
    session, today, whose = db.session(), clock.today(), where.whose
    first = _asked_year(today)
    levels = _levels(session, where, min(first, today))
    misplaced = closing.falling(session, where.reach(today, today + FAR))
    shifts = closing.shifts(session, where.library.id, [one.id for one in where.branches], today - FAR)
    year = _school_year(session, where.library.id, today)
    return render_template(
        "calendars/opening.html", where=where, told=told, complaints=complaints, section=section,
        weekdays=WEEKDAYS, open_on=inherited.weekdays(levels) or EVERY_DAY, own_weekdays=opening_days.weekdays(session, whose),
        weekdays_of=_who_says(levels, lambda level: bool(level.weekdays)),
        closures=_closures(session, where, levels, today), extras=opening_days.extra_openings(session, whose, today),
        holidays=holidays(levels, today), own_holidays=opening_days.holidays(session, whose),
        holidays_of=_who_says(levels, lambda level: bool(level.holidays)),
        year=year, term_words=TERM_WORDS, own_terms=opening_days.terms(session, year) if year.id else {},
        terms=inherited.terms(levels),
        local=clock.HERE, first=first, months=years.months(levels, first), today=today,
        looked=looked, misplaced=misplaced,
        names=closing.branch_names(session, {one.branch_id for one in [*(looked or ()), *misplaced]}),
        shifts=[one for one in shifts if closing.may_be_put_back(one)], moved=closing.moved(session, [one.id for one in shifts]),
    )  # fmt: skip


def _levels(session: Session, where: Where, since: date) -> Levels:
    if where.branch is None:
        return library_levels(session, where.library.id, since)
    return levels_of(session, [where.branch.id], since)[where.branch.id]


def _asked_year(today: date) -> date:
    """The August with which the shown year begins."""
    asked = request.args.get("year", "")
    usual = years.beginning(today)
    if len(asked) == 4 and asked.isascii() and asked.isdigit() and abs(int(asked) - usual.year) <= 5:
        return usual.replace(year=int(asked))
    return usual


def _who_says(levels: Levels, says: Callable[[inherited.Level], bool]) -> str | None:
    """Who above decides; None: nobody, or this level itself."""
    return next((level.name for level in levels[1:] if says(level)), None)


def _closures(
    session: Session, where: Where, levels: Levels, today: date
) -> list[tuple[date, date, str, str | None, int | None]]:
    """First, last, why, whose (None: said here), and the id of those said here."""
    own = opening_days.closures(session, where.whose, today)
    mine = [(one.first_on, one.last_on, one.why, None, one.id) for one in own]
    theirs = [
        (one.first, one.last, one.name, level.name, None)
        for level in levels[1:] for one in level.closures if one.last >= today
    ]  # fmt: skip
    return sorted([*mine, *theirs], key=lambda one: one[:2])


def holidays(levels: Levels, today: date) -> Sequence[tuple[str, str, bool, Sequence[Dates]]]:
    """Kind, words, whether one closes, the next days of it. The sort nobody knows of is shown only when there is one."""
    coming = [one for year in (today.year, today.year + 1) for one in of_year(year) if one.day >= today]
    found = []
    for kind, words in KINDS.items():
        days = [one.day for one in coming if one.kind == kind]
        if days:
            near = inherited.merged([(day, day) for day in days if day.year == days[0].year])
            found.append((kind, words, inherited.keeps(levels, kind), near))
    return found


def _school_year(session: Session, library_id: int, today: date) -> SchoolYear:
    """The year of today, made up (without id) where there is none yet."""
    label = school_years.label_of(today)
    first, last = school_years.days_of(label)
    found = school_years.find(session, library_id, label)
    return found or SchoolYear(organisation_id=library_id, label=label, from_on=first, to_on=last)
