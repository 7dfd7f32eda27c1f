"""What may become of a copy when its batch is closed. Pure; tests/rotation/test_closing_rules.py."""

from dataclasses import dataclass

from library.holdings.models import PlaceKind
from library.rotation.models import LineOutcome as O

NOWHERE = (PlaceKind.UNKNOWN, PlaceKind.IN_TRANSIT, PlaceKind.WITH_PATRONS)
"""Places that are no shelf: a copy there is not to be put a hand on."""


@dataclass(frozen=True)
class Standing:
    """A copy at the end. `sent`: it set out at all. `came_home`: received at the depot, or seen on a shelf of the owner's
    since it set out. `at_site`: it stands on a shelf away. `short`: sent, and not there when received."""

    sent: bool
    came_home: bool = False
    damaged: bool = False
    lent: bool = False
    at_site: bool = False
    short: bool = False
    stands: PlaceKind = PlaceKind.DEPOT


def allowed(one: Standing) -> tuple[O, ...]:
    """What can be told of it; the first is the usual. Where it says more than one, a person decides. Nobody tells that it
    went on in another batch: none can take it while this one holds it."""
    if not one.sent:
        return (O.LEFT_OUT,)
    if one.came_home:
        return (O.DAMAGED, O.RETURNED) if one.damaged else (O.RETURNED, O.DAMAGED)
    if one.lent:
        return (O.WITH_READER, O.LOST)
    if one.at_site:
        return (O.KEPT, O.FOLLOWS, O.LOST)
    return (O.LOST,)


def is_evident(one: Standing) -> bool:
    """Nobody has to say it: the machine knows what became of it."""
    return not one.sent or one.came_home or one.lent
