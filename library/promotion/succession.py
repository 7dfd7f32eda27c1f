"""What a library counts, and what it did so that people read, goes on under the successor."""

from sqlalchemy.orm import Session

from library.organisations.inheriting import SUCCESSION, Part, Succession, Told, hand_over
from library.promotion import donor_succession
from library.promotion.event_models import EventType, YearlyDate
from library.uses.models import UseSetting


def take_over(session: Session, what: Succession) -> Told:
    hand_over(session, what, UseSetting, same=())
    hand_over(session, what, EventType, same=("of", "code"))
    hand_over(session, what, YearlyDate, same=("code", "year"))
    donors, funds = donor_succession.take_over(session, what)
    return [("người tặng", donors), ("quỹ", funds)]


SUCCESSION["promotion"] = Part(
    take_over,
    moves=frozenset({"donor.library_id", "fund.library_id"}),
    leaves={
        "use_setting.library_id": "the successor's own settings win",
        "event_type.library_id": "the successor calls that type by a name of its own",
        "yearly_date.library_id": "the successor says another day for that date",
    },
)
