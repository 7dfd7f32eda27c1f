"""Sums as minutes have them."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from library.documents import amounts as words


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0, "không"),
        (5, "năm"),
        (10, "mười"),
        (11, "mười một"),
        (15, "mười lăm"),
        (21, "hai mươi mốt"),
        (25, "hai mươi lăm"),
        (101, "một trăm linh một"),
        (110, "một trăm mười"),
        (555, "năm trăm năm mươi lăm"),
        (1_005, "một nghìn không trăm linh năm"),
        (20_000, "hai mươi nghìn"),
        (35_500, "ba mươi lăm nghìn năm trăm"),
        (18_230_000, "mười tám triệu hai trăm ba mươi nghìn"),
        (1_000_000, "một triệu"),
        (1_000_021, "một triệu không trăm hai mươi mốt"),
        (1_002_003, "một triệu không trăm linh hai nghìn không trăm linh ba"),
        (2_000_000_000, "hai tỷ"),
        (3_000_000_007, "ba tỷ không trăm linh bảy"),
        (9_675_000, "chín triệu sáu trăm bảy mươi lăm nghìn"),
        (
            999_999_999_999,
            "{0} tỷ {0} triệu {0} nghìn {0}".format("chín trăm chín mươi chín"),
        ),
        (1_000_000_000_000, "một nghìn tỷ"),
    ],
)
def test_a_number_is_said_as_people_say_it(value: int, said: str) -> None:
    assert words.number(value) == said


UNITS = {name: at for at, name in enumerate("không một hai ba bốn năm sáu bảy tám chín".split())} | {
    "mốt": 1, "lăm": 5, "mười": 10,
}  # fmt: skip


def understood(said: str) -> int:
    """What somebody who hears the words writes down; the other way round, so that it shares nothing with the code."""
    parts = said.split(" tỷ")
    whole = 0
    for part in parts:
        whole = whole * 1_000_000_000 + heard(part)
    return whole


def heard(said: str) -> int:
    """Below a billion."""
    total = group = 0
    for word in said.split():
        if word in ("triệu", "nghìn"):
            total += group * {"triệu": 1_000_000, "nghìn": 1_000}[word]
            group = 0
        elif word == "trăm":
            group *= 100
        elif word == "mươi":
            group += group % 10 * 9
        elif word != "linh":
            group += UNITS[word]
    return total + group


@given(st.integers(0, 10**12))
@example(10**12)
@example(1_000_000_005)
@example(999_999_999_999)
@example(105_000_000)
def test_what_is_said_is_what_was_meant(value: int) -> None:
    assert understood(words.number(value)) == value


def test_a_sum_begins_with_a_capital_and_names_the_money() -> None:
    assert words.dong(35_000) == "Ba mươi lăm nghìn đồng"
    with pytest.raises(ValueError, match="less than nothing"):
        words.dong(-1)
