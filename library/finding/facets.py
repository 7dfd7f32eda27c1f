"""How many of the titles found are for whom, in which language, of which class: one statement for all of it.

Each group of conditions is counted as if nothing were chosen in it, so that a reader sees what else there is.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext
from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import Session

from library.catalogue import search
from library.catalogue.audiences import AUDIENCES
from library.catalogue.classes import DEWEY, SCHOOL
from library.catalogue.forms import FORMATS
from library.catalogue.languages import LANGUAGES
from library.catalogue.levels import LEVELS
from library.catalogue.models import LocalRecord, Record
from library.core.errors import N_
from library.finding.asking import Asked
from library.holdings.models import Place
from library.organisations.models import Branch, Organisation

GROUPS = ("audience", "level", "format", "language", "subject")
HEADS: Mapping[str, str] = {
    "branch": N_("Ở nơi nào"), "audience": N_("Cho ai"), "level": N_("Bậc đọc"), "format": N_("Dạng sách"),
    "language": N_("Tiếng"), "subject": N_("Môn loại"),
}  # fmt: skip
MOST_BRANCHES = 12


@dataclass(frozen=True)
class Choice:
    """One line of a group: what the address says, what a reader reads, how many titles, whether it is chosen."""

    value: str
    name: str
    count: int
    on: bool


Combination = tuple[tuple[str, ...], int]
"""What a title is by all GROUPS, and how many are so."""


def combinations(session: Session, ids: Sequence[int], library_id: int) -> list[Combination]:
    if not ids:
        return []
    mine = and_(LocalRecord.record_id == Record.id, LocalRecord.library_id == library_id)
    first = func.substr(func.coalesce(Record.ddc, ""), 1, 1)
    mark = case((first == "", func.substr(func.coalesce(Record.class_mark, ""), 1, 2)), else_="")
    told = [Record.audience, LocalRecord.reading_level, Record.format, Record.language, first, mark]
    query = select(*told, func.count()).outerjoin(LocalRecord, mine).where(search.among(session, ids)).group_by(*told)
    return [_told(*tuple[Any, ...](row)) for row in session.execute(query)]


def _told(audience: Any, level: Any, format: Any, language: Any, ddc: str, mark: str, count: int) -> Combination:
    return (audience or "", str(level or ""), str(format or ""), language or "", subject_of(ddc, mark)), count


def subject_of(ddc: str, mark: str) -> str:
    """The class a reader chooses by: 800 of Dewey's 8…, else V, 5A, 61 of the school scheme."""
    if ddc.isdigit():
        return f"{ddc[0]}00"
    mark = mark.upper()
    return next((key for key in (mark[:2], mark[:1]) if key in SCHOOL), "")


def choices(found: Iterable[Combination], asked: Asked) -> dict[str, list[Choice]]:
    """The lines of each group, most titles first; groups with nothing to choose are left out."""
    found = list(found)
    told = {group: _lines(group, _counted(found, at, asked), asked) for at, group in enumerate(GROUPS)}
    return {group: lines for group, lines in told.items() if len(lines) > 1 or getattr(asked, group)}


def _counted(found: Sequence[Combination], at: int, asked: Asked) -> Counter[str]:
    others = [(place, getattr(asked, one)) for place, one in enumerate(GROUPS) if place != at and getattr(asked, one)]
    counted: Counter[str] = Counter()
    for values, count in found:
        if all(values[place] == value for place, value in others):
            counted[values[at]] += count
    return counted


def _lines(group: str, counted: Counter[str], asked: Asked) -> list[Choice]:
    chosen = getattr(asked, group)
    values = dict.fromkeys([value for value, _ in counted.most_common() if value] + ([chosen] if chosen else []))
    if group == "level":
        values = dict.fromkeys(sorted(values))
    return [Choice(value, name_of(group, value), counted[value], value == chosen) for value in values]


def name_of(group: str, value: str) -> str:
    """What a condition is called; a value nobody named is its own name."""
    if group == "level":
        name = LEVELS[int(value)][0] if value.isdigit() and int(value) in LEVELS else value
        return str(gettext(name))
    if group == "audience":
        return str(gettext(AUDIENCES[value].label)) if value in AUDIENCES else value
    known: Mapping[str, str] = {
        "format": {one.value: name for one, name in FORMATS.items()}, "language": LANGUAGES,
        "subject": {**SCHOOL, **DEWEY},
    }.get(group, {})  # fmt: skip
    return str(gettext(known[value])) if value in known else value


def conditions(asked: Asked, library_id: int) -> list[ColumnElement[bool]]:
    """What is chosen, of columns of `record`; the branch is `at_branch`'s."""
    made = {
        "audience": lambda value: Record.audience == value,
        "level": lambda value: _of_level(value, library_id),
        "format": lambda value: Record.format.in_([one for one in FORMATS if one.value == value]),
        "language": lambda value: Record.language == value,
        "subject": _of_subject,
    }
    return [made[group](value) for group, value in asked.chosen.items() if group in made]


def _of_level(value: str, library_id: int) -> ColumnElement[bool]:
    number = int(value) if value.isdigit() and len(value) < 4 else -1
    mine = LocalRecord.library_id == library_id, LocalRecord.reading_level == number
    return Record.id.in_(select(LocalRecord.record_id).where(*mine))


def _of_subject(value: str) -> ColumnElement[bool]:
    if value in DEWEY:
        return Record.ddc.startswith(value[0])
    longer = [~Record.class_mark.startswith(key) for key in SCHOOL if key != value and key.startswith(value)]
    bare = or_(Record.ddc.is_(None), ~func.substr(Record.ddc, 1, 1).between("0", "9"))
    return and_(bare, Record.class_mark.startswith(value), *longer) if value in SCHOOL else Record.id < 0


# Branches: a title may stand in several


def branches(
    session: Session, ids: Iterable[int], places: Mapping[int, Sequence[int]], asked: Asked, library_id: int
) -> list[Choice]:
    """Where copies of these titles stand, this library's branches first. `places` are those of each title."""
    house = _houses(session)
    counted = Counter(
        key for one in ids for key in {house[place][0] for place in places.get(one, ()) if place in house}
    )
    names = {key: (_named(name, owner), owner_id != library_id) for key, name, owner, owner_id in house.values()}
    told = [Choice(str(key), names[key][0], many, str(key) == asked.branch) for key, many in counted.most_common()]
    told.sort(key=lambda one: (names[int(one.value)][1], -one.count, one.name))
    return [one for at, one in enumerate(told) if at < MOST_BRANCHES or one.on]


def _houses(session: Session) -> dict[int, tuple[int, str, str, int]]:
    """(branch, its name, its library, that one's id) of every place."""
    query = (
        select(Place.id, Branch.id, Branch.name, Organisation.name, Organisation.id)
        .join(Branch, Branch.id == Place.branch_id)
        .join(Organisation, Organisation.id == Branch.organisation_id)
    )
    return {place: (branch, name, owner, owner_id) for place, branch, name, owner, owner_id in session.execute(query)}


def _named(branch: str, library: str) -> str:
    return library if branch == library else f"{branch}, {library}"


def at_branch(session: Session, places: Mapping[int, Sequence[int]], branch: str) -> set[int]:
    """Those of the titles that have a copy in that branch."""
    number = int(branch) if branch.isdigit() and len(branch) < 10 else -1
    there = set(session.scalars(select(Place.id).where(Place.branch_id == number)))
    return {one for one, where in places.items() if there.intersection(where)}
