"""School years go over; of a year both have, the successor's dates hold (open days and closures stay with their branch)."""

from sqlalchemy.orm import Session

from library.calendars.models import SchoolYear
from library.calendars.openings import RULES
from library.core.db import bump
from library.organisations.inheriting import SUCCESSION, Part, Succession, Told, hand_over


def take_over(session: Session, what: Succession) -> Told:
    bump(session, RULES)  # branches have another library above them
    return [("năm học", hand_over(session, what, SchoolYear, "organisation_id", same=("label",)))]


THEIR_OWN = (
    "what it said of days held for what stood below it; its branches now go by the successor's days and their own"
)

SUCCESSION["calendars"] = Part(
    take_over,
    leaves={
        "school_year.organisation_id": "a year the successor has too; its classes went over into that one",
        **dict.fromkeys(
            (f"{table}.organisation_id" for table in ("open_day", "closure", "extra_opening", "holiday_choice")),
            THEIR_OWN,
        ),
    },
)
