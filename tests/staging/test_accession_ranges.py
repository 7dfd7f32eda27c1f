"""Ranges of accession numbers as registers write them, expanded to labels and told short again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from library.staging.values import BadValue, collapse, expand


def labels(prefix: str, width: int, *numbers: int) -> tuple[str, ...]:
    return tuple(f"{prefix}{number:0{width}d}" for number in numbers)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("TK.00011-TK.00020", labels("TK.", 5, *range(11, 21))),
        ("TK.00011 → 20", labels("TK.", 5, *range(11, 21))),
        ("TK.00011-13", labels("TK.", 5, 11, 12, 13)),
        ("TK.00011 đến TK.00013", labels("TK.", 5, 11, 12, 13)),
        ("11÷20", labels("", 1, *range(11, 21))),
        ("từ số 11 đến số 13", labels("", 1, 11, 12, 13)),
        ("11–13", labels("", 1, 11, 12, 13)),
        ("11..13", labels("", 1, 11, 12, 13)),
        ("11,12,15", labels("", 1, 11, 12, 15)),
        ("11 12 15", labels("", 1, 11, 12, 15)),
        ("TK.00011, 12; 15 và 17", labels("TK.", 5, 11, 12, 15, 17)),
        ("TK.1-3, 5, 7-8", labels("TK.", 1, 1, 2, 3, 5, 7, 8)),
        ("TK.00001, GK.00001-GK.00002", ("TK.00001", "GK.00001", "GK.00002")),
        ("TN00001", ("TN00001",)),
        ("tk. 00011", ("TK.00011",)),
        ("STK-00011", ("STK-00011",)),
        ("TK-00011-TK-00013", labels("TK-", 5, 11, 12, 13)),
        ("TK-00011-00013", labels("TK-", 5, 11, 12, 13)),
        ("TK.01011-14", labels("TK.", 5, 1011, 1012, 1013, 1014)),
        ("TK.09998-10001", labels("TK.", 5, 9998, 9999, 10000, 10001)),
        ("TK.00011-TK.00012 (2 bản)", labels("TK.", 5, 11, 12)),
        ("Đ.00001-Đ.00002", ("Đ.00001", "Đ.00002")),
        ("TK.00011.", ("TK.00011",)),
        ("5-5", ("5",)),
        ("", ()),
        ("-", ()),
    ],
)
def test_a_cell_becomes_its_labels(text, expected):
    assert expand(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "20-11",
        "100-99",
        "TK.1-GK.3",
        "1-5-9",
        "11,11",
        "1-3,2",
        "abc",
        "TK.00011-",
        "-5",
        "TK.00011a",
        "1.234",
        "1-,2",
        "12/05/2019",
    ],
)
def test_what_could_be_two_things_is_told(text):
    with pytest.raises(BadValue):
        expand(text)


@pytest.mark.parametrize(
    "text", ["1-99999", "1-9999999999", "1-4000;5000-9000", ",".join(f"{n}-{n + 400}" for n in range(1, 90_000, 401))]
)
def test_more_than_a_cell_should_hold_is_told_without_making_it(text):
    with pytest.raises(BadValue) as bad:
        expand(text)
    assert bad.value.facts["most"] == 5_000


PREFIXES = st.sampled_from(["", "TK.", "STK.", "TN", "GK-", "VV.", "Đ.", "PM "])


@given(PREFIXES, st.integers(1, 6), st.sets(st.integers(0, 10**7), min_size=1, max_size=60))
def test_labels_told_short_read_back_the_same(prefix, width, numbers):
    written = labels(prefix, width, *sorted(numbers))
    assert expand(collapse(written)) == written


@given(PREFIXES, st.integers(1, 6), st.integers(0, 99_000), st.integers(0, 300))
def test_a_range_of_following_numbers_is_told_as_one(prefix, width, first, more):
    written = labels(prefix, width, *range(first, first + more + 1))
    short = collapse(written)
    assert "," not in short
    assert expand(short) == written


@given(st.lists(st.tuples(PREFIXES.filter(bool), st.integers(1, 99_999)), max_size=40, unique=True))
def test_labels_of_several_series_read_back_the_same(pairs):
    written = tuple(f"{prefix}{number:05d}" for prefix, number in pairs)
    assert expand(collapse(written)) == written


@given(st.text(alphabet="TKGN0123456789 .,;-→÷đến()", max_size=40))
def test_no_text_breaks_the_reading(text):
    try:
        found = expand(text)
    except BadValue:
        return
    assert len(set(found)) == len(found) <= 5_000
