"""What may be told of a copy when its batch is closed: the whole table."""

import pytest

from library.holdings.models import PlaceKind
from library.rotation.closing_rules import Standing, allowed, is_evident
from library.rotation.models import LineOutcome as O


@pytest.mark.parametrize(
    ("one", "what", "evident"),
    [
        (Standing(sent=False), (O.LEFT_OUT,), True),
        (Standing(sent=False, lent=True), (O.LEFT_OUT,), True),
        (Standing(True, came_home=True), (O.RETURNED, O.DAMAGED), True),
        (Standing(True, came_home=True, damaged=True), (O.DAMAGED, O.RETURNED), True),
        (Standing(True, came_home=True, lent=True), (O.RETURNED, O.DAMAGED), True),
        (Standing(True, lent=True), (O.WITH_READER, O.LOST), True),
        (Standing(True, at_site=True), (O.KEPT, O.FOLLOWS, O.LOST), False),
        (Standing(True, short=True, stands=PlaceKind.UNKNOWN), (O.LOST,), False),
        (Standing(True, stands=PlaceKind.IN_TRANSIT), (O.LOST,), False),
    ],
)
def test_the_table(one: Standing, what: tuple[O, ...], evident: bool) -> None:
    assert allowed(one) == what
    assert is_evident(one) is evident
