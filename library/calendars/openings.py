"""A branch's calendar as the desk asks for it: all that is said up the tree, kept in memory while nobody changes it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from library.calendars import inherited
from library.calendars.days import Calendar as Calendar
from library.calendars.days import Span as Span
from library.calendars.days import last_open as last_open
from library.calendars.days import next_open as next_open
from library.calendars.inherited import Level
from library.calendars.models import (
    LEVELS,
    Closure,
    ExtraOpening,
    HolidayChoice,
    OpenDay,
    PlaceOpening,
    Said,
    SchoolYear,
    Term,
)
from library.core import clock, versions
from library.organisations import tree
from library.organisations.models import Branch, Organisation

RULES = "rules"
"""The stamp of calendars, the same as of policies: one number tells the desk that what it remembers is old."""

AHEAD = 3
"""Years of holidays worked in: a loan of a year, and the search for an open day after it."""

_MEMORY: versions.Memory[Calendar] = versions.Memory()


def calendar_of(
    session: Session, branch_id: int, since: date, place_id: int | None = None, version: int | None = None
) -> Calendar:
    """Of a branch, or of one place in it; closures that were over before `since` may be missing.

    `version` is the stamp RULES if it is already known, else it is read here (one statement, none more while warm).
    """
    bind = session.get_bind()
    key = (str(getattr(bind, "url", bind)), branch_id, place_id, since.year, clock.today())  # the tree is today's
    version = versions.of(session, RULES) if version is None else version
    return _MEMORY.get(key, version, lambda: _load(session, branch_id, since, place_id))


def _load(session: Session, branch_id: int, since: date, place_id: int | None) -> Calendar:
    (levels,) = levels_of(session, [branch_id], since, place_id).values()
    return inherited.flat(levels, _years(since))


def _years(since: date) -> range:
    return range(since.year, max(since.year, clock.today().year) + AHEAD + 1)


def calendars_of(session: Session, branch_ids: Iterable[int], since: date) -> dict[int, Calendar]:
    """Of many branches in as many statements as of one; straight from the database."""
    levels = levels_of(session, wanted, since) if (wanted := set(branch_ids)) else {}
    return {branch: inherited.flat(said, _years(since)) for branch, said in levels.items()}


@dataclass
class _Heard:
    """What was read of one level."""

    weekdays: set[int] = field(default_factory=set)
    closures: list[Span] = field(default_factory=list)
    extra: dict[date, str] = field(default_factory=dict)
    holidays: dict[str, bool] = field(default_factory=dict)
    terms: dict[str, list[Span]] = field(default_factory=lambda: defaultdict(list))
    openings: set[date] = field(default_factory=set)

    def level(self, name: str) -> Level:
        return Level(
            name, frozenset(self.weekdays), tuple(self.closures), self.extra, self.holidays, self.terms,
            frozenset(self.openings) or None,
        )  # fmt: skip


Key = tuple[str, int]
"""A level: the column that names it, and its id."""


def levels_of(
    session: Session, branch_ids: Iterable[int], since: date, place_id: int | None = None
) -> dict[int, Sequence[Level]]:
    """By branch, the nearest level first: the place if one is given, the branch, its library, those above."""
    chains = _chains(session, branch_ids, place_id)
    heard = _hear(session, {key for chain in chains.values() for key, _ in chain}, date(since.year, 1, 1))
    return {branch: [heard[key].level(name) for key, name in chain] for branch, chain in chains.items()}


def library_levels(session: Session, organisation: int, since: date) -> Sequence[Level]:
    """Of a library as a whole, then of those above it."""
    (chain,) = chains_above(session, [organisation]).values()
    names = _names(session, chain)
    keys: list[Key] = [("organisation_id", one) for one in chain]
    heard = _hear(session, set(keys), date(since.year, 1, 1))
    return [heard[key].level(names[key[1]]) for key in keys]


def _chains(session: Session, branch_ids: Iterable[int], place_id: int | None) -> dict[int, list[tuple[Key, str]]]:
    ids = sorted(set(branch_ids))
    query = select(Branch.id, Branch.name, Branch.organisation_id).where(Branch.id.in_(ids))
    rows = session.execute(query).all()
    above = chains_above(session, {row.organisation_id for row in rows})
    names = _names(session, {one for chain in above.values() for one in chain})
    place: list[tuple[Key, str]] = [(("place_id", place_id), "")] if place_id is not None else []
    return {
        row.id: [
            *place, (("branch_id", row.id), row.name),
            *((("organisation_id", one), names[one]) for one in above[row.organisation_id]),
        ]
        for row in rows
    }  # fmt: skip


def chains_above(session: Session, organisations: Iterable[int]) -> dict[int, tuple[int, ...]]:
    """Each with those it stands under today, nearest first (one statement)."""
    parents = dict(tree.parentage_on(session, clock.today()))
    return {one: _chain(one, parents) for one in organisations}


def _chain(organisation: int, parents: Mapping[int, int]) -> tuple[int, ...]:
    chain = [organisation]
    while (parent := parents.get(chain[-1])) is not None and parent not in chain:
        chain.append(parent)
    return tuple(chain)


def _names(session: Session, organisations: Iterable[int]) -> dict[int, str]:
    query = select(Organisation.id, Organisation.name).where(Organisation.id.in_(sorted(organisations)))
    return {row[0]: row[1] for row in session.execute(query)}


def said_by(model: type[Said], keys: Iterable[Key]) -> ColumnElement[bool]:
    """The WHERE for what these levels say."""
    by_column: dict[str, list[int]] = {name: [] for name in LEVELS}
    for name, one in keys:
        by_column[name].append(one)
    return or_(*(getattr(model, name).in_(sorted(ids)) for name, ids in by_column.items() if ids))


def _key(row: Any) -> Key:
    return next((name, getattr(row, name)) for name in LEVELS if getattr(row, name) is not None)


def _hear(session: Session, keys: set[Key], since: date) -> dict[Key, _Heard]:
    """Six statements at most, however many levels."""
    heard: dict[Key, _Heard] = {key: _Heard() for key in keys}
    for day in session.scalars(select(OpenDay).where(said_by(OpenDay, keys))):
        heard[_key(day)].weekdays.add(day.weekday)
    shut = select(Closure).where(said_by(Closure, keys), Closure.last_on >= since)
    for one in session.scalars(shut.order_by(Closure.first_on, Closure.id)):
        heard[_key(one)].closures.append(Span(one.first_on, one.last_on, one.why))
    for extra in session.scalars(select(ExtraOpening).where(said_by(ExtraOpening, keys), ExtraOpening.day >= since)):
        heard[_key(extra)].extra[extra.day] = extra.why
    for choice in session.scalars(select(HolidayChoice).where(said_by(HolidayChoice, keys))):
        heard[_key(choice)].holidays[choice.kind] = choice.kept
    _hear_terms(session, heard, since)
    _hear_openings(session, heard)
    return heard


def _hear_terms(session: Session, heard: Mapping[Key, _Heard], since: date) -> None:
    organisations = [one for name, one in heard if name == "organisation_id"]
    query = (
        select(SchoolYear.organisation_id, SchoolYear.label, Term)
        .join(SchoolYear, SchoolYear.id == Term.school_year_id)
        .where(SchoolYear.organisation_id.in_(organisations), Term.last_on >= since)
    )
    for owner, label, term in session.execute(query.order_by(Term.first_on)):
        heard["organisation_id", owner].terms[label].append(Span(term.first_on, term.last_on, term.kind))


def _hear_openings(session: Session, heard: Mapping[Key, _Heard]) -> None:
    """All of them: a stop whose last visit is long ago is a stop still."""
    for key in (key for key in heard if key[0] == "place_id"):
        query = select(PlaceOpening.day).where(PlaceOpening.place_id == key[1])
        heard[key].openings.update(session.scalars(query))
