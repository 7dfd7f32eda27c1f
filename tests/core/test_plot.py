"""Plots: what is drawn is what was counted, finds room, and is told apart without colour."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from library.core import plot, plot_bars, plot_lines
from library.core.numbers import change, percent, written
from library.core.plot import Box, Picture, Plot, Series

VALUE = st.one_of(st.none(), st.integers(0, 10**6))


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[str], list[Series]]:
    names = draw(st.lists(st.text(max_size=40), max_size=30))
    values = st.lists(VALUE, min_size=len(names), max_size=len(names))
    return names, [Series(f"loạt {at}", draw(values)) for at in range(draw(st.integers(1, 5)))]


def numbers_in(of: Plot) -> list[float]:
    return [value for one in of.series for value in one.values if value]


def boxes(of: Plot) -> list[Box]:
    return [box for picture in of.pictures for box in picture.boxes]


def within(picture: Picture) -> bool:
    return all(
        box.x >= -0.2 and box.y >= -0.2 and box.x + box.wide <= picture.wide + 0.2 and box.y + box.high <= picture.high
        for box in picture.boxes
    )


@pytest.mark.parametrize(
    ("value", "places", "text"),
    [(12936, 0, "12.936"), (3.44, 1, "3,4"), (1234.5, 1, "1.234,5"), (-6, 0, "−6"), (-0.2, 0, "0"), (None, 0, "–"), (0, 0, "0")],
)  # fmt: skip
def test_numbers_are_written_as_in_vietnamese(value: float | None, places: int, text: str) -> None:
    assert written(value, places) == text


def test_shares_and_changes() -> None:
    assert (percent(744, 1000), percent(1, 0)) == ("74,4 %", "–")
    assert [change(value) for value in (22, -6, 0, None)] == ["+22", "−6", "0", "–"]


@pytest.mark.parametrize(
    ("most", "told"),
    [(0, [0]), (1, [0, 1]), (3, [0, 1, 2, 3]), (12, [0, 5, 10, 15]), (97, [0, 50, 100]),
     (12936, [0, 5000, 10000, 15000]), (0.4, [0, 0.1, 0.2, 0.3, 0.4])],
)  # fmt: skip
def test_steps_are_round(most: float, told: list[float]) -> None:
    assert plot.steps(most) == pytest.approx(told)


@given(st.integers(1, 10**9))
def test_steps_are_few_and_reach_the_highest(most: int) -> None:
    found = plot.steps(most)
    assert 2 <= len(found) <= 6 and found[-1] >= most > found[-2]
    assert all(float(step).is_integer() for step in found), "nobody reads half a book"


def test_more_than_five_series_or_missing_values_are_refused() -> None:
    with pytest.raises(ValueError, match="at most 5"):
        plot_bars.standing(["a"], [Series(str(at), [1]) for at in range(6)])
    with pytest.raises(ValueError, match="2 values of x for 1 names"):
        plot_lines.lines(["a"], [Series("x", [1, 2])])


@given(tables(), st.booleans())
def test_standing_bars_stand_on_zero_in_their_picture(table: tuple[list[str], list[Series]], stacked: bool) -> None:
    made = plot_bars.standing(*table, stacked=stacked)
    assert [word.text for one in made.pictures for word in one.words if word.kind == "name"] == [
        plot.cut(name, _slot(made), 11) for name in table[0]
    ]
    assert all(within(picture) for picture in made.pictures)
    if not stacked:
        assert all(abs(box.y + box.high - plot_bars.HIGH) < 0.2 for box in boxes(made))
    assert all(box.y >= plot_bars.ABOVE - 0.6 for box in boxes(made)), "a value finds room above"
    assert len(boxes(made)) <= len(numbers_in(made))
    assert made.empty == (not numbers_in(made))


def _slot(made: Plot) -> float:
    axis = any(word.kind == "step" for word in made.pictures[0].words) if made.pictures else False
    each = max((sum(word.kind == "name" for word in one.words) for one in made.pictures), default=1)
    return (plot_bars.WIDE - (plot_bars.AXIS if axis else 0)) / each


def test_bars_are_as_high_as_their_values_by_one_scale() -> None:
    made = plot_bars.standing([str(at) for at in range(12)], [Series("lượt", [100, *[50] * 11])])
    assert [len(one.boxes) for one in made.pictures] == [6, 6], "evenly"
    first, *others = boxes(made)
    assert {round(box.high * 2, 1) for box in others} == {first.high}


def test_values_stand_beside_their_bars_or_there_is_an_axis() -> None:
    few = plot_bars.standing(["T9", "T10"], [Series("mượn", [12936, 4]), Series("đọc", [7, None])])
    assert [word.text for word in few.pictures[0].words if word.kind in ("value", "in")] == ["12.936", "7", "4"]
    many = plot_bars.standing([f"T{at}" for at in range(8)], [Series(str(one), [12936] * 8) for one in range(5)])
    (picture,) = many.pictures
    assert not any(word.kind in ("value", "in") for word in picture.words)
    assert [word.text for word in picture.words if word.kind == "step"] == ["0", "5.000", "10.000", "15.000"]


def test_a_pile_is_as_high_as_its_sum() -> None:
    made = plot_bars.standing(["a", "b"], [Series("x", [5, 10]), Series("y", [0, 10])], stacked=True)
    low, high, top = boxes(made)
    assert high.y + high.high == plot_bars.HIGH and top.y + top.high == pytest.approx(high.y)
    assert high.high + top.high == pytest.approx(4 * low.high, abs=0.3)
    assert [word.text for word in made.pictures[0].words if word.kind == "value"] == ["5", "20"]


@given(tables(), st.booleans(), st.booleans())
def test_lying_bars_find_room(table: tuple[list[str], list[Series]], stacked: bool, shares: bool) -> None:
    made = plot_bars.lying(*table, stacked=stacked, shares=shares)
    assert all(within(picture) for picture in made.pictures)


def test_long_names_are_cut_and_bars_as_long_as_their_values() -> None:
    names = ["A", "B", "Trường Phổ thông Dân tộc bán trú Tiểu học"]
    made = plot_bars.lying(names, [Series("lượt", [200, 100, 0])])
    first, half = boxes(made)
    assert half.wide == pytest.approx(first.wide / 2, abs=0.1)
    assert first.x + first.wide + plot_bars.AFTER <= plot_bars.LONG
    assert [word.text for word in made.pictures[0].words if word.kind == "label"][2].endswith("…")


def test_shares_fill_their_row_and_are_told() -> None:
    made = plot_bars.lying([""], [Series("bậc 1", [1]), Series("bậc 2", [3])], shares=True)
    one, three = boxes(made)
    assert one.x == 0 and three.x + three.wide == pytest.approx(plot_bars.LONG, abs=0.2)
    assert [word.text for word in made.pictures[0].words if word.kind in ("in", "value")] == ["25,0 %", "75,0 %"]
    assert [made.cell(0, at) for at in (0, 1)] == ["1 (25,0 %)", "3 (75,0 %)"]


def test_every_series_is_told_apart_without_colour() -> None:
    made = plot_bars.standing(["a"], [Series(str(at), [9]) for at in range(5)])
    fillings = [plot.filling(box) for box in boxes(made)]
    assert fillings[:2] == [None, None], "solid, outlined"
    assert len({stroke.d for stroke in fillings[2:] if stroke}) == 3
    assert len({plot_lines.shape(at, 0, 0) for at in range(5)}) == 5


@given(tables())
def test_lines_stay_in_their_picture_with_names_at_their_ends(table: tuple[list[str], list[Series]]) -> None:
    made = plot_lines.lines(*table)
    ends = [word for word in made.pictures[0].words if word.kind == "end"]
    assert len(ends) == sum(any(value is not None for value in one.values) for one in table[1])
    assert all(after.y - before.y >= plot_lines.LINE - 0.2 for before, after in pairwise(ends))
    assert all(0 < word.y <= plot_lines.HIGH + 5 for word in ends)


def test_a_line_breaks_where_nothing_is_known() -> None:
    made = plot_lines.lines(["a", "b", "c", "d"], [Series("x", [1, None, 3, 2])])
    lines = [stroke.d for stroke in made.pictures[0].strokes if stroke.kind == "line"]
    assert [d.count("L") for d in lines] == [0, 1]
    assert made.cell(1, 0) == "–"


def test_a_picture_says_its_numbers_unless_they_are_many() -> None:
    assert plot.said(["4A", "4B"], [Series("x", [12, 1300])], 0) == "4A 12, 4B 1.300"
    assert plot.said(["T9"], [Series("mượn", [12]), Series("đọc", [None])], 0) == "T9: mượn 12, đọc –"
    assert plot.said(["T9"] * 25, [Series("x", [1] * 25)], 0) == ""
