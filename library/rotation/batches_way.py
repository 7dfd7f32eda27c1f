"""The way a new batch is planned to go: from the depot to its sites in order and home, the time shared out among them. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from library.core.errors import N_, Reason, Refused
from library.rotation.legs import months_on


@dataclass(frozen=True)
class Stop:
    """A site on the way: its row's id, and for how many months a batch may stay there."""

    site_id: int
    name: str
    months: int


@dataclass(frozen=True)
class Planned:
    """A leg to be. Sites None: the depot. `due_on`: it leaves there again; `longest_on`: no extension goes beyond."""

    from_site: int | None
    to_site: int | None
    planned_on: date
    due_on: date | None = None
    longest_on: date | None = None


class TooLong(Refused):
    """422: a day of the form has to change."""

    status = 422

    def __init__(self, name: str, months: int) -> None:
        sentence = N_("%(site)s chỉ giữ một đợt nhiều nhất %(months)s tháng. Rút ngắn ngày về, hoặc thêm điểm.")
        super().__init__(Reason("too-long", sentence, {"site": name, "months": months}))


def way(stops: Sequence[Stop], from_on: date, to_on: date, for_good: bool = False) -> list[Planned]:
    """Legs in order; each site keeps the books for an equal part of the time. `for_good`: the last one keeps them until
    they are asked back, so it has no day. Raises TooLong."""
    days = _days(len(stops), from_on, to_on)
    legs = []
    for at, (stop, (comes, goes)) in enumerate(zip(stops, pairwise(days), strict=True)):
        before = stops[at - 1].site_id if at else None
        if for_good and stop is stops[-1]:
            legs.append(Planned(before, stop.site_id, comes))
            continue
        longest = months_on(comes, stop.months)
        if goes > longest:
            raise TooLong(stop.name, stop.months)
        legs.append(Planned(before, stop.site_id, comes, goes, longest))
    return [*legs, Planned(stops[-1].site_id, None, to_on)]


def _days(count: int, from_on: date, to_on: date) -> list[date]:
    """When each leg sets out, and the day of the last."""
    length = (to_on - from_on).days
    return [from_on + timedelta(days=length * at // count) for at in range(count)] + [to_on]
