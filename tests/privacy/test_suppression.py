"""No hidden count can be worked out from what is told: asked of the equations themselves, not of the method."""

from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from library.privacy.suppression import ALL, LEAST, suppressed, with_sums

TABLES = st.integers(1, 5).flatmap(
    lambda rows: st.integers(1, 4).flatmap(
        lambda columns: st.fixed_dictionaries(
            {(f"r{row}", f"c{column}"): st.integers(0, 12) for row in range(rows) for column in range(columns)}
        )
    )
)


def _told_by_equations(told: dict) -> set:
    """Hidden cells whose value the equations leave no choice for: Gauss over fractions."""
    hidden = [cell for cell, count in told.items() if count is None]
    rows, columns = {cell[0] for cell in told}, {cell[1] for cell in told}
    lines = [{(row, column): -1 if column is ALL else 1 for column in columns} for row in rows]
    lines += [{(row, column): -1 if row is ALL else 1 for row in rows} for column in columns]
    matrix = [[Fraction(line.get(cell, 0)) for cell in hidden] for line in lines]
    reduced, lead = [list(row) for row in matrix], 0
    for column in range(len(hidden)):
        pivot = next((at for at in range(lead, len(reduced)) if reduced[at][column]), None)
        if pivot is None:
            continue
        reduced[lead], reduced[pivot] = reduced[pivot], reduced[lead]
        head = reduced[lead][column]
        reduced[lead] = [value / head for value in reduced[lead]]
        for at, row in enumerate(reduced):
            if at != lead and row[column]:
                reduced[at] = [one - row[column] * other for one, other in zip(row, reduced[lead], strict=True)]
        lead += 1
    return {hidden[row.index(1)] for row in reduced[:lead] if sum(map(bool, row)) == 1 and 1 in row}


@settings(max_examples=300, deadline=None)
@given(TABLES)
def test_nothing_hidden_follows_from_what_is_told(table: dict) -> None:
    told = suppressed(table)
    assert _told_by_equations(told) == set()


@settings(max_examples=200, deadline=None)
@given(TABLES)
def test_no_small_count_is_told_and_what_is_told_is_true(table: dict) -> None:
    whole, told = with_sums(table), suppressed(table)
    assert set(told) == set(whole)
    for cell, count in told.items():
        assert count is None or (count == whole[cell] and not 0 < count < LEAST)


@settings(max_examples=200, deadline=None)
@given(TABLES)
def test_no_line_tells_the_sum_of_a_hidden_few(table: dict) -> None:
    whole, told = with_sums(table), suppressed(table)
    for row in {cell[0] for cell in table}:
        hidden = [cell for cell in table if cell[0] == row and told[cell] is None]
        if hidden and told[row, ALL] is not None:
            assert sum(whole[cell] for cell in hidden) >= LEAST


def test_a_small_cell_takes_the_next_smallest_with_it() -> None:
    table = {("5A", "nữ"): 18, ("5A", "nam"): 15, ("5B", "nữ"): 3, ("5B", "nam"): 30}
    told = suppressed(table)
    assert told["5B", "nữ"] is told["5B", "nam"] is None
    assert told["5A", "nữ"] is told["5A", "nam"] is None, "else the column's sum gives 5B away"
    assert told[ALL, ALL] == 66


def test_a_table_without_small_cells_is_told_whole() -> None:
    table = {("5A", "nữ"): 18, ("5A", "nam"): 0, ("5B", "nữ"): 13, ("5B", "nam"): 30}
    assert suppressed(table) == with_sums(table)
