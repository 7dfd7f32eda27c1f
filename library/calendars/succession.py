"""School years go over; of a year both have, the successor's dates hold (open days and closures stay with their branch)."""

from sqlalchemy.orm import Session

from library.calendars.models import SchoolYear
from library.organisations.inheriting import SUCCESSION, Part, Succession, Told, hand_over


def take_over(session: Session, what: Succession) -> Told:
    return [("năm học", hand_over(session, what, SchoolYear, "organisation_id", same=("label",)))]


SUCCESSION["calendars"] = Part(
    take_over,
    leaves={"school_year.organisation_id": "a year the successor has too; its classes went over into that one"},
)
