"""What a page says of a hold, read and checked."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from library.core.forms import Reader
from library.loans.holds import Wish
from library.loans.holds_pickups import Pickup

MOST_VISITS, USUAL_VISITS = 9, 2


@dataclass(frozen=True)
class HoldForm:
    """Where it is fetched (None: the desk's own hold shelf), which copy (None: any), which days, and for a stop how many
    of its openings a copy waits there."""

    pickup: Pickup | None = None
    item_id: int | None = None
    not_before: date | None = None
    expires_on: date | None = None
    visits: int | None = None

    @classmethod
    def read(cls, source: Mapping[str, Any], pickups: Mapping[str, Pickup], copies: Mapping[str, int]) -> "HoldForm":
        """Raises Invalid, naming each field."""
        reader = Reader(source)
        form = cls(
            reader.choice("pickup", pickups, required=False), reader.choice("copy", copies, required=False),
            reader.day("not_before", required=False), reader.day("expires_on", required=False),
            reader.number("visits", 1, MOST_VISITS, required=False),
        )  # fmt: skip
        reader.done()
        return form

    @property
    def wish(self) -> Wish:
        visits = (self.visits or USUAL_VISITS) if self.pickup and self.pickup.is_stop else None
        place_id = self.pickup.place_id if self.pickup else None
        return Wish(self.item_id, place_id, 0, self.not_before, None, self.expires_on, visits)


@dataclass(frozen=True)
class CareForm:
    """What is changed of a hold: where it is fetched, until when it is passed over, and how far it is moved up, which
    needs a reason."""

    pickup: Pickup | None = None
    suspended_until: date | None = None
    priority: int = 0
    why: str = ""
    expires_on: date | None = None

    @classmethod
    def read(cls, source: Mapping[str, Any], pickups: Mapping[str, Pickup], was: int) -> "CareForm":
        """`was`: the priority it has. Raises Invalid."""
        reader = Reader(source)
        priority = reader.number("priority", 0, 9) or 0
        form = cls(
            reader.choice("pickup", pickups, required=False), reader.day("suspended_until", required=False), priority,
            reader.text("why", required=priority != was, longest=200), reader.day("expires_on", required=False),
        )  # fmt: skip
        reader.done()
        return form
