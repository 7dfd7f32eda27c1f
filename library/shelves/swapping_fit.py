"""The two pieces of graph work a swap plan is made of: who fits whom in one round, and which pairs at all. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush

Costs = Sequence[Sequence[int]]
FAR = 10**18


def assign(costs: Costs) -> list[int]:
    """The column of each row, each column once, at the least sum (Kuhn's way with potentials, n³).

    Shape (n, n). Ties go to the lower column, so that the same question always has the same answer.
    """
    n = len(costs)
    of_row, of_column, owner = [0] * (n + 1), [0] * (n + 1), [0] * (n + 1)
    for row in range(1, n + 1):
        _augment(costs, row, of_row, of_column, owner)
    found = [0] * n
    for column in range(1, n + 1):
        found[owner[column] - 1] = column - 1
    return found


def _augment(costs: Costs, row: int, of_row: list[int], of_column: list[int], owner: list[int]) -> None:
    """Give `row` a column, moving others along the cheapest path. Index 0 of the lists stands for nobody."""
    n = len(costs)
    owner[0], here = row, 0
    least, way, seen = [FAR] * (n + 1), [0] * (n + 1), [False] * (n + 1)
    while owner[here]:
        seen[here] = True
        here = _nearest(costs[owner[here] - 1], of_row[owner[here]], of_column, here, least, way, seen)
        step = least[here]
        for column in range(n + 1):
            if seen[column]:
                of_row[owner[column]] += step
                of_column[column] -= step
            else:
                least[column] -= step
    while here:
        owner[here], here = owner[way[here]], way[here]


def _nearest(
    line: Sequence[int], own: int, of_column: list[int], here: int, least: list[int], way: list[int], seen: list[bool]
) -> int:  # fmt: skip
    """Look on from column `here`; the unseen column that is nearest now."""
    best, found = FAR + 1, 0
    for column in range(1, len(line) + 1):
        if seen[column]:
            continue
        reduced = line[column - 1] - own - of_column[column]
        if reduced < least[column]:
            least[column], way[column] = reduced, here
        if least[column] < best:
            best, found = least[column], column
    return found


def regular(costs: Costs, degree: int) -> set[tuple[int, int]]:
    """Pairs (row, column), every row and every column in `degree` of them, at the least sum; costs are never negative.

    A flow of single units, each along the cheapest way that is left. Such pairs always fall apart into `degree` full
    assignments (König).
    """
    n = len(costs)
    flow = _Flow(costs, [0] * (2 * n), [degree] * n, [degree] * n)
    for _ in range(n * degree):
        flow.send_one()
    return flow.taken


@dataclass
class _Flow:
    """Nodes: rows first, then columns. `height`: how far each was from the source the last time, so that no way is
    cheaper than free when looked at from there."""

    costs: Costs
    height: list[int]
    short: list[int]
    room: list[int]
    taken: set[tuple[int, int]] = field(default_factory=set)

    def send_one(self) -> None:
        back = self._look_around()
        n = len(self.costs)
        end = min((n + column for column in range(n) if self.room[column]), key=self.height.__getitem__)
        self.room[end - n] -= 1
        while back[end] >= 0:
            before = back[end]
            self.taken ^= {(before, end - n) if before < n else (end, before - n)}
            end = before
        self.short[end] -= 1

    def _look_around(self) -> list[int]:
        """How each node is reached most cheaply (-1: from the source); heights are brought up to date (Dijkstra)."""
        nodes = 2 * len(self.costs)
        far, back = [FAR] * nodes, [-1] * nodes
        heap = [(-self.height[row], row) for row, left in enumerate(self.short) if left]
        for away, row in heap:
            far[row] = away
        heapify(heap)
        while heap:
            away, node = heappop(heap)
            for other, cost in self._ways(node) if away == far[node] else ():
                step = away + cost + self.height[node] - self.height[other]
                if step < far[other]:
                    far[other], back[other] = step, node
                    heappush(heap, (step, other))
        self.height = [high + away if away < FAR else high for high, away in zip(self.height, far, strict=True)]
        return back

    def _ways(self, node: int) -> list[tuple[int, int]]:
        """Where a unit may go from here: on along a pair that is free, or back along one that is taken."""
        n, costs, taken = len(self.costs), self.costs, self.taken
        if node < n:
            return [(n + column, costs[node][column]) for column in range(n) if (node, column) not in taken]
        return [(row, -costs[row][node - n]) for row in range(n) if (row, node - n) in taken]
