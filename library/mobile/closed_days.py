"""Days on which nobody plans a trip without meaning it: closures and holidays of the vehicles' branch, with their reason."""

from datetime import date, timedelta

from sqlalchemy.orm import Session

from library.calendars import inherited
from library.calendars.openings import levels_of


def of(session: Session, branch_id: int, first: date, last: date) -> dict[date, str]:
    """Closed days from `first` to `last`, both included, by day; weekdays say nothing, for vans go on Sundays too."""
    levels = levels_of(session, [branch_id], first)[branch_id]
    holidays = inherited.kept_holidays(levels, range(first.year, last.year + 1))
    found = {day: why for day, why in holidays.items() if first <= day <= last}
    for span in (one for level in reversed(levels) for one in level.closures):
        day = max(first, span.first)
        while day <= min(last, span.last):
            found[day] = span.name
            day += timedelta(days=1)
    return {day: why for day, why in found.items() if inherited.extra_of(levels, day) is None}


def why(session: Session, branch_id: int, day: date) -> str | None:
    return of(session, branch_id, day, day).get(day)
