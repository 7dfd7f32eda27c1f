"""What every library starts with: places, kinds of readers, terms, a calendar. The wizard and the demo both sow it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from library.calendars import holidays as public
from library.calendars.models import Closure, OpenDay, SchoolYear
from library.calendars.openings import RULES
from library.core.db import Stamp, bump
from library.core.errors import N_, Reason, Refused
from library.holdings import places
from library.organisations.models import Branch, Organisation
from library.patrons import enrolling
from library.policies import writing
from library.policies.simple import Simple

FOUNDED = "founded"
USUAL_TERMS: Mapping[str, Simple] = {
    "HS": Simple(14, 3, 1),
    "GV": Simple(30, 5, 1),
    "BD": Simple(14, 3, 1),
    "TT": Simple(120, 60, 0),
}
"""Days, books at once and renewals by category code; every library changes them later."""


class AlreadyFounded(Refused):
    """Somebody else was quicker, or the installation has long been in use."""

    def __init__(self) -> None:
        super().__init__(
            Reason("already-founded", N_("Trên máy này đã có thư viện. Vào làm việc bằng tài khoản đã lập."))
        )


@dataclass(frozen=True)
class Year:
    """A school year: its label and its first and last day."""

    label: str
    first_on: date
    last_on: date

    @property
    def before(self) -> "Year":
        return year_from(self.first_on.year - 1)


def year_from(autumn: int) -> Year:
    """The school year that begins in that autumn, as most schools keep it: 5 September to 31 May."""
    return Year(f"{autumn}-{autumn + 1}", date(autumn, 9, 5), date(autumn + 1, 5, 31))


def year_of(day: date) -> Year:
    """The school year of a day; from July on the coming one."""
    return year_from(day.year if day.month >= 7 else day.year - 1)


def tet(year: int) -> date:
    """The first day of the lunar year; early February in years nobody has worked out."""
    try:
        return public.tet(year)
    except LookupError:
        return date(year, 2, 5)


def holidays(year: int, school: bool) -> list[tuple[date, date, str]]:
    """Days a library is usually closed in a calendar year: first, last, why."""
    new_year = tet(year)
    weeks = [(new_year - timedelta(days=4), new_year + timedelta(days=7), "Nghỉ Tết Nguyên đán")]
    days = [(date(year, 1, 1), date(year, 1, 1), "Tết Dương lịch"), (date(year, 9, 1), date(year, 9, 2), "Quốc khánh")]
    days.append((date(year, 4, 30), date(year, 5, 1), "30/4 và 1/5"))
    summer = [(date(year, 6, 1), date(year, 8, 20), "Nghỉ hè")] if school else []
    return sorted(weeks + days + summer)


def is_empty(session: Session) -> bool:
    """Whether nobody has founded anything here yet."""
    return session.execute(select(Organisation.id).limit(1)).first() is None


def claim(session: Session) -> None:
    """The right to found, once for all: of two at the same moment the second waits here and is refused."""
    make = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    first = make(Stamp).values(name=FOUNDED, number=1).on_conflict_do_nothing().returning(Stamp.name)
    if session.execute(first).first() is None or not is_empty(session):
        raise AlreadyFounded


def furnish(session: Session, branch: Branch, weekdays: Iterable[int]) -> None:
    """A branch's places and the weekdays on which it opens (0 is Monday)."""
    places.furnish(session, branch)
    session.add_all(OpenDay(branch_id=branch.id, weekday=day) for day in sorted(set(weekdays)))
    session.flush()


def close(session: Session, branch_id: int, spans: Sequence[tuple[date, date, str]]) -> None:
    """The branch is closed on these days."""
    rows = [{"branch_id": branch_id, "first_on": first, "last_on": last, "why": why} for first, last, why in spans]
    if rows:
        session.execute(insert(Closure), rows)
        bump(session, RULES)


def add_usual_terms(session: Session, library: Organisation) -> dict[str, int]:
    """Categories of the network and this library's terms for each: category ids by code."""
    categories = enrolling.add_usual_categories(session, library.network_id or library.id)
    for code, terms in USUAL_TERMS.items():
        writing.say(session, library.id, terms.said, categories[code].id)
    return {code: category.id for code, category in categories.items()}


def begin_year(session: Session, library: Organisation, year: Year) -> SchoolYear:
    made = SchoolYear(organisation_id=library.id, label=year.label, from_on=year.first_on, to_on=year.last_on)
    session.add(made)
    session.flush()
    return made
