"""Tables of counts that tell of no single person: small cells are left out, and whatever would give them away.

The hidden cells of a table, its sums among them, are the edges of a graph whose nodes are the rows and the columns: every
row and every column is one equation. A hidden cell can be worked out from what is told exactly if it is a bridge of that
graph, so more cells are hidden until there is none (complementary suppression as statistical offices do it, cf. Gusfield,
"A graph theoretic approach to statistical data security", 1988).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import Enum
from heapq import heappop, heappush
from typing import Any

LEAST = 5
"""Fewer people than this are not counted aloud."""


class Sum(Enum):
    """Stands for a row or column of sums."""

    ALL = "all"


ALL = Sum.ALL
Cell = tuple[Any, Any]
Counts = Mapping[Any, int]
Node = tuple[int, Any]
"""(0, row) or (1, column)."""

_NEVER_GLADLY = 10**9


def suppressed(table: Counts, least: int = LEAST, people: Counts | None = None) -> dict[Cell, int | None]:
    """The table with its sums, under (row, ALL), (ALL, column) and (ALL, ALL); None where a count is not told.

    Counts of 1 to `least` - 1 are hidden, and others with them, so that no hidden count follows from the rest and no line
    tells the sum of a hidden few: the fewest people, cells before sums, noughts only if nothing else is left.

    `people`: how many there are behind each count, where one person may be counted often; those of a row may be the same
    from column to column, those of a column are not.
    """
    whole = with_sums(table)
    heads = whole if people is None else _heads(whole, people)
    hidden = dict.fromkeys(cell for cell, count in whole.items() if count > 0 and heads[cell] < least)
    known = -1
    while known < len(hidden):
        known = len(hidden)
        for cell in list(hidden):
            hidden |= dict.fromkeys(_way_round(whole, hidden, cell))
            hidden |= dict.fromkeys(_company(whole, hidden, cell, _Few(heads, least, people is None)))
    return {cell: None if cell in hidden else count for cell, count in whole.items()}


def _heads(whole: Counts, people: Counts) -> dict[Cell, int]:
    """At least so many people are behind each count and each sum."""
    found = {cell: min(count, people.get(cell, 0)) for cell, count in whole.items() if ALL not in cell}
    for row, column in list(found):
        found[ALL, column] = found.get((ALL, column), 0) + found[row, column]
        found[row, ALL] = max(found.get((row, ALL), 0), found[row, column])
    return found | {(ALL, ALL): max((count for (row, _), count in found.items() if row is ALL), default=0)}


@dataclass(frozen=True)
class _Few:
    """`apart`: nobody is counted in two cells."""

    heads: Counts
    least: int
    apart: bool

    def are(self, cells: Collection[Cell], side: int) -> bool:
        counts = [self.heads[one] for one in cells]
        return (sum(counts) if self.apart or side else max(counts)) < self.least


def with_sums(table: Counts) -> dict[Cell, int]:
    whole = dict(table)
    for (row, column), count in table.items():
        for cell in ((row, ALL), (ALL, column), (ALL, ALL)):
            whole[cell] = whole.get(cell, 0) + count
    return whole


def _price(whole: Counts, cell: Cell) -> int:
    """What is lost when this cell is hidden."""
    return whole[cell] + 1 + _NEVER_GLADLY * ((ALL in cell) + 2 * (whole[cell] == 0))


def _way_round(whole: Counts, hidden: Collection[Cell], cell: Cell) -> list[Cell]:
    """The cheapest cells that, hidden too, lead from the cell's column back to its row: then it is no bridge (Dijkstra)."""
    start, goal = (1, cell[1]), (0, cell[0])
    waiting: list[tuple[int, int, Node, list[Cell]]] = [(0, 0, start, [])]
    done, order = set[Node](), 0
    while waiting:
        price, _, node, way = heappop(waiting)
        if node == goal:
            return way
        if node not in done:
            done.add(node)
            for one in whole:
                if one[node[0]] == node[1] and one != cell:
                    order += 1
                    more = 0 if one in hidden else _price(whole, one)
                    heappush(waiting, (price + more, order, (1 - node[0], one[1 - node[0]]), [*way, one]))
    return []


def _company(whole: Counts, hidden: Collection[Cell], cell: Cell, small: _Few) -> list[Cell]:
    """The cheapest cell to be hidden with the few of a line whose sum is told; none where they are enough."""
    for side in (0, 1):
        line = [one for one in whole if one[side] == cell[side]]
        few = [one for one in line if one in hidden and one[1 - side] is not ALL]
        end = next(one for one in line if one[1 - side] is ALL)
        if cell in few and end not in hidden and small.are(few, side):
            return [min((one for one in line if one not in hidden), key=lambda one: _price(whole, one))]
    return []
