"""What books weigh, guessed from what their titles say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from library.catalogue.models import Format
from library.rotation import crate_weights


@pytest.mark.parametrize(
    ("extent", "dimensions", "least", "most"),
    [
        ("163 tr.", "21 cm", 190, 330),
        ("32 tr.", "24 cm", 60, 150),
        ("600tr", "24 cm", 800, 1300),
        ("VII, 12 tr., 420 trang", "14 x 20 cm.", 350, 700),
        (None, None, 190, 330),
        ("1 quyển", "khổ lớn", 190, 330),
        ("99999 tr.", "21 cm", 190, 330),
    ],
)
def test_a_book_weighs_what_its_pages_say(extent: str | None, dimensions: str | None, least: int, most: int) -> None:
    assert least <= crate_weights.grams(extent, dimensions) <= most


def test_a_disc_is_no_book() -> None:
    assert crate_weights.grams("1 đĩa", "12 cm", Format.AUDIO) == crate_weights.OTHERS
    assert crate_weights.grams("163 tr.", "21 cm", Format.BRAILLE) > 2 * crate_weights.grams("163 tr.", "21 cm")


@given(st.none() | st.text(max_size=40), st.none() | st.text(max_size=40))
def test_whatever_is_written_a_book_weighs_something(extent: str | None, dimensions: str | None) -> None:
    assert 20 <= crate_weights.grams(extent, dimensions) <= 60_000
