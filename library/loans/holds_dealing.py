"""Who waits, what stands free, and who would get which. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class House:
    """A branch, whose it is, and the commune it stands in: five digits, None where nobody said."""

    branch_id: int
    library_id: int
    commune: str | None = None


SAME_HOUSE, SAME_LIBRARY, SAME_COMMUNE, ELSEWHERE = range(4)


def distance(one: House, other: House) -> int:
    """How far a book goes from house to house: not at all, within its library, within the commune, further."""
    if one.branch_id == other.branch_id:
        return SAME_HOUSE
    if one.library_id == other.library_id:
        return SAME_LIBRARY
    return SAME_COMMUNE if one.commune and one.commune == other.commune else ELSEWHERE


@dataclass(frozen=True)
class Waiting:
    """An open hold without a copy. `place_id` is where it is fetched: its own, else its branch's hold shelf; `visits`: kept
    there for so many openings, instead of days. `library_id` is the reader's, `fetch_library_id` and `commune` are the
    branch's."""

    hold_id: int
    membership_id: int
    branch_id: int
    place_id: int
    place_name: str
    library_name: str
    item_wanted_id: int | None
    agreed_item_id: int | None
    priority: int
    placed_at: datetime
    category_id: int
    library_id: int
    record_id: int
    visits: int | None = None
    fetch_library_id: int = 0
    commune: str | None = None

    @property
    def house(self) -> House:
        """Where it is fetched."""
        return House(self.branch_id, self.fetch_library_id, self.commune)

    @property
    def key(self) -> tuple[int, datetime, int]:
        """Sorts who comes first first: the higher priority, then who asked earlier."""
        return -self.priority, self.placed_at, self.hold_id


@dataclass(frozen=True)
class Free:
    """A copy that could be taken, in that house. `library_id` answers for it; `stays`: only by a reader its keeper agreed
    to; `sort`: its own class, its title's kind and format, as the rules sort copies."""

    item_id: int
    record_id: int
    house: House
    library_id: int
    stays: bool = False
    sort: tuple[int | None, str | None, str | None] = (None, None, None)
    in_hand: bool = False

    @property
    def branch_id(self) -> int:
        return self.house.branch_id


Reaches = Callable[[Waiting, Free], bool]


def suits(one: Waiting, copy: Free) -> bool:
    """Whether it is the copy wanted, and not one that stays where it is."""
    wanted = one.item_wanted_id in (None, copy.item_id)
    return wanted and (not copy.stays or one.agreed_item_id == copy.item_id)


def deal(waiting: Sequence[Waiting], copies: Sequence[Free], reaches: Reaches) -> dict[int, Free]:
    """Which hold takes which copy: in order of turns, each the nearest that is left.

    Nearest is told by `distance` to where it is fetched; among the equally near, the one in the hand.
    """
    left, given = list(copies), dict[int, Free]()
    for one in sorted(waiting, key=lambda each: each.key):
        fit = [copy for copy in left if suits(one, copy) and (copy.in_hand or reaches(one, copy))]
        if fit:
            given[one.hold_id] = min(fit, key=lambda copy: (distance(copy.house, one.house), not copy.in_hand))
            left.remove(given[one.hold_id])
    return given
