from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from library.labels import barcodes
from library.labels.ink import Bars, Picture
from tests.labels import paper_seen as seen

ASCII = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=20)
CODES = st.one_of(ASCII, st.from_regex(r"[A-Z]{0,3}\.?[0-9]{3,12}", fullmatch=True))


def drawn(payload, module=0.5):
    """The barcode alone, with its quiet zones, as an image of 300 dots an inch."""
    quiet = barcodes.QUIET_MODULES * module
    picture = Picture(barcodes.width_mm(payload, module), 14, 300)
    Bars(quiet, 2, 10, payload, module).on_image(picture)
    return picture.image


@pytest.mark.parametrize(
    ("payload", "count"),
    [("TK.00123", 112), ("STK.00123", 123), ("GK000123", 101), ("00123456", 79), ("0012345678", 90),
     ("120042000123", 101)],
)  # fmt: skip
def test_the_shortest_way_is_taken(payload, count):
    assert len(barcodes.modules(payload)) == count


@settings(max_examples=150, deadline=None)
@given(CODES)
def test_what_is_drawn_is_what_a_reader_reads(payload):
    assert seen.by_zxing(drawn(payload)) == [payload]


@settings(max_examples=60, deadline=None)
@given(st.from_regex(r"[0-9]{12}", fullmatch=True))
def test_our_own_codes_are_read_by_both_readers_at_a_quarter_millimetre(payload):
    image = drawn(payload, 0.25)
    assert seen.by_zxing(image) == seen.by_zbar(image) == [payload]


@settings(max_examples=300, deadline=None)
@given(st.text("0123A. ", min_size=1, max_size=14))
def test_no_other_switching_is_shorter(payload):
    assert len(barcodes.symbols(payload)) == 1 + min(_least(payload, "B"), _least(payload, "C"))


@cache
def _least(rest, now):
    """Symbols needed for the rest, by trying every way; a start symbol counts as none."""
    if not rest:
        return 0
    ways = [1 + _least(rest[1:], "B") + (now != "B")]
    if rest[:2].isdigit() and len(rest) > 1:
        ways.append(1 + _least(rest[2:], "C") + (now != "C"))
    return min(ways)


@pytest.mark.parametrize("payload", ["", "Đ123", "a\tb", "٣٤"])
def test_what_the_bars_cannot_hold_is_refused(payload):
    with pytest.raises(barcodes.UnprintableBarcode) as refused:
        barcodes.modules(payload)
    assert refused.value.missing_mm == 0


def test_the_width_counts_both_quiet_zones():
    assert barcodes.width_mm("TK.00123") == pytest.approx(33.0)
    assert barcodes.width_mm("00123456") == pytest.approx(24.75)


def test_a_misfit_tells_the_millimetres_missing():
    assert barcodes.fits("TK.00123", 35) is None
    misfit = barcodes.fits("STK.00123", 35)
    assert misfit.missing_mm == pytest.approx(0.75)
    with pytest.raises(barcodes.UnprintableBarcode, match="thiếu 0,8 mm") as refused:
        barcodes.module_for("STK.00123", 35)
    assert refused.value.missing_mm == pytest.approx(0.75)


@pytest.mark.parametrize(("width", "module"), [(30.25, 0.25), (60.4, 0.25), (60.5, 0.5), (200, 0.5)])
def test_the_module_is_a_multiple_of_a_quarter_millimetre(width, module):
    assert barcodes.module_for("120042000123", width) == module


def test_bars_and_modules_tell_the_same():
    payload = "TK.00123"
    line = ["0"] * len(barcodes.modules(payload))
    for start, wide in barcodes.bars(payload):
        line[start : start + wide] = "1" * wide
    assert "".join(line) == barcodes.modules(payload)
