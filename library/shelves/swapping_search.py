"""Finding the plan of a swap that weighs least. Pure, and the same answer to the same question every time.

Without locks the answer is the best there is: the pairs of box and class are chosen by a flow and fall apart into rounds.
Locks may tear that: then rounds are mended by exchanges that keep every round whole, and few classes are searched through.
"""

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from library.shelves import swapping
from library.shelves.swapping import HAD_BEFORE, WEIGHS, Costs, Puzzle, Row
from library.shelves.swapping_fit import assign, regular

OFF, UNLIKELY, NEVER = 10**11, 10**13, 10**16
"""Outside the pairs that were chosen; promised to another round; against a lock."""
STEPS, IN_VAIN, NODES = 4_000, 1_200, 120_000
FEW = 6
"""Classes that are searched through."""


def plan(puzzle: Puzzle) -> list[Row]:
    """One row a round. Locks are kept whatever they weigh."""
    least, plain = _at_least(puzzle), swapping.round_trip(puzzle)
    if not puzzle.rounds:
        return []
    if _is_whole(puzzle) and swapping.keeps_locks(puzzle, plain) and swapping.weight(puzzle, plain) == least:
        return plain
    best = _chosen(puzzle)
    if swapping.weight(puzzle, best) == least or (not puzzle.locks and not _meets_again(puzzle, best)):
        return best
    best = _Mending(puzzle, best).done(least)
    return _Through(puzzle, best).done(least) if puzzle.count <= FEW else best


def _is_whole(puzzle: Puzzle) -> bool:
    """A box in each class; not so where one stands in a class that has left, or two rounds are half done."""
    return sorted(puzzle.past[-1]) == list(range(puzzle.count))


def _meets_again(puzzle: Puzzle, rows: Sequence[Row]) -> bool:
    return any(HAD_BEFORE in one for row in swapping.violations(puzzle, rows) for one in row)


def _at_least(puzzle: Puzzle) -> int:
    """No plan weighs less than each round by itself would."""
    costs, least = puzzle.costs, {}
    for number in range(1, puzzle.rounds + 1):
        locks = _locks_of(puzzle, number)
        if locks not in least:
            fitted = _forced(costs, locks)
            least[locks] = sum(costs[box][room] for box, room in enumerate(assign(fitted)))
    return sum(least[_locks_of(puzzle, number)] for number in range(1, puzzle.rounds + 1))


def _locks_of(puzzle: Puzzle, number: int) -> tuple[tuple[int, int], ...]:
    return tuple(sorted((box, room) for (at, box), room in puzzle.locks.items() if at == number))


def _forced(costs: Costs, locks: Iterable[tuple[int, int]]) -> list[list[int]]:
    fitted = [list(line) for line in costs]
    for box, room in locks:
        fitted[box] = [0 if one == room else NEVER for one in range(len(costs))]
    return fitted


def _chosen(puzzle: Puzzle) -> list[Row]:
    """Pairs first, then rounds. Rounds that would close the window of n repeat the oldest row in it, or the nearest."""
    window = puzzle.past[-(puzzle.count - 1) :]
    free = min(puzzle.count - len(window), puzzle.rounds)
    puzzle = replace(puzzle, locks=_brought_forward(puzzle, free))
    rows: list[Row] = []
    for some in _groups(puzzle, free):
        rows += _fallen_apart(puzzle, some, {pair for row in (*window, *rows) for pair in enumerate(row)})
    for number in range(free + 1, puzzle.rounds + 1):
        rows.append(_next(puzzle, number, [*puzzle.past, *rows][-(puzzle.count - 1) :]))
    return rows


def _brought_forward(puzzle: Puzzle, free: int) -> Mapping[tuple[int, int], int]:
    """A round comes back after n: what is locked then had better be so the first time."""
    locks = dict(puzzle.locks)
    for (number, box), room in sorted(puzzle.locks.items()):
        first = (number - 1) % puzzle.count + 1
        told = {at for (when, _), at in locks.items() if when == first}
        if number > free >= first and (first, box) not in locks and room not in told:
            locks[first, box] = room
    return locks


def _groups(puzzle: Puzzle, free: int) -> list[range]:
    """Rounds that come back more often than the others are chosen first, from all that is left."""
    back = [(puzzle.rounds - number) // puzzle.count for number in range(1, free + 1)]
    often = back.count(back[0])
    return [one for one in (range(1, often + 1), range(often + 1, free + 1)) if one]


def _fallen_apart(puzzle: Puzzle, numbers: range, met: set[tuple[int, int]]) -> list[Row]:
    """As many rows as there are numbers, of the pairs that weigh least together."""
    wanted = {(box, room) for number in numbers for box, room in _locks_of(puzzle, number)}
    again, n = WEIGHS[HAD_BEFORE], puzzle.count
    costs = [
        [cost + again * ((box, room) in met) for room, cost in enumerate(line)] for box, line in enumerate(puzzle.costs)
    ]
    weighed = [[0 if (box, room) in wanted else OFF + costs[box][room] for room in range(n)] for box in range(n)]
    left, found = regular(weighed, len(numbers)), {}
    for number in sorted(numbers, key=lambda one: (-len(_locks_of(puzzle, one)), one)):
        mine = _locks_of(puzzle, number)
        dear = [[0 if (box, room) in left else OFF + costs[box][room] for room in range(n)] for box in range(n)]
        for box, room in wanted - set(mine):
            dear[box][room] += UNLIKELY
        found[number] = tuple(assign(_forced(dear, mine)))
        left -= set(enumerate(found[number]))
    return [found[number] for number in numbers]


def _next(puzzle: Puzzle, number: int, window: Sequence[Row]) -> Row:
    again = WEIGHS[HAD_BEFORE]
    met = {pair for row in window for pair in enumerate(row)}
    costs = [
        [cost + again * ((box, room) in met) for room, cost in enumerate(line)] for box, line in enumerate(puzzle.costs)
    ]
    return tuple(assign(_forced(costs, _locks_of(puzzle, number))))


class _Paths:
    """A plan by box: the class at every moment, the past first; what each path weighs."""

    def __init__(self, puzzle: Puzzle, rows: Sequence[Row]) -> None:
        self.puzzle, self.costs, self.settled = puzzle, puzzle.costs, len(puzzle.past)
        self.paths = [list(path) for path in zip(*puzzle.past, *rows, strict=True)]
        self.weighs = [self.weigh(box) for box in range(puzzle.count)]

    def weigh(self, box: int) -> int:
        return swapping.path_weight(self.puzzle, self.costs, box, self.paths[box])

    def rows(self) -> list[Row]:
        return list(zip(*(path[self.settled :] for path in self.paths), strict=True))

    def is_locked(self, box: int, moment: int) -> bool:
        return (moment - self.settled + 1, box) in self.puzzle.locks


class _Mending(_Paths):
    """Exchanges between two boxes in a round, or between two rounds along a cycle; kept unless they weigh more."""

    def __init__(self, puzzle: Puzzle, rows: Sequence[Row]) -> None:
        super().__init__(puzzle, rows)
        self.chance = random.Random(puzzle.count * 1000 + puzzle.rounds)
        self.moments = range(self.settled, self.settled + puzzle.rounds)

    def done(self, least: int) -> list[Row]:
        best, rows, since = sum(self.weighs), self.rows(), 0
        for step in range(STEPS):
            if best <= least or step - since > IN_VAIN:
                break
            self._try(*self._exchange())
            if sum(self.weighs) < best:
                best, rows, since = sum(self.weighs), self.rows(), step
        return rows

    def _exchange(self) -> tuple[list[int], int, int]:
        """Boxes and two moments; the same moment twice for an exchange of two boxes in it."""
        worst = [box for box, weighs in enumerate(self.weighs) if weighs] or range(self.puzzle.count)
        box, moment = self.chance.choice(list(worst)), self.chance.choice(self.moments)
        if self.puzzle.rounds == 1 or self.chance.random() < 0.4:
            return [box, self.chance.randrange(self.puzzle.count)], moment, moment
        other = self.chance.choice(self.moments)
        return self._cycle(box, moment, other), moment, other

    def _cycle(self, box: int, one: int, other: int) -> list[int]:
        """Boxes that must change their two rounds together so that each round stays whole."""
        holds = {path[one]: at for at, path in enumerate(self.paths)}
        found = [box]
        while (after := holds[self.paths[found[-1]][other]]) != box:
            found.append(after)
        return found

    def _try(self, boxes: list[int], one: int, other: int) -> None:
        pair = one != other or len(set(boxes)) == 2
        if not pair or any(self.is_locked(box, one) or self.is_locked(box, other) for box in boxes):
            return
        before = sum(self.weighs[box] for box in boxes)
        self._change(boxes, one, other)
        after = [self.weigh(box) for box in boxes]
        if sum(after) > before:
            self._change(boxes, one, other)
            return
        for box, weighs in zip(boxes, after, strict=True):
            self.weighs[box] = weighs

    def _change(self, boxes: list[int], one: int, other: int) -> None:
        if one == other:
            first, second = (self.paths[box] for box in boxes)
            first[one], second[one] = second[one], first[one]
            return
        for path in (self.paths[box] for box in boxes):
            path[one], path[other] = path[other], path[one]


class _Through(_Paths):
    """Round by round, box by box, every class that is left; given up where it cannot become better, or after NODES."""

    def __init__(self, puzzle: Puzzle, rows: Sequence[Row]) -> None:
        super().__init__(puzzle, rows)
        self.best, self.found, self.nodes = sum(self.weighs), list(rows), 0
        self.paths = [path[: self.settled] for path in self.paths]
        cells = [(number, box) for number in range(1, puzzle.rounds + 1) for box in range(puzzle.count)]
        self.ahead = [0] * (len(cells) + 1)
        for at in range(len(cells) - 1, -1, -1):
            self.ahead[at] = self.ahead[at + 1] + min(self.costs[cells[at][1]][room] for room in self._may(*cells[at]))

    def done(self, least: int) -> list[Row]:
        self.least = least
        self._go(0, 0, frozenset(self._promised(1)))
        return self.found

    def _may(self, number: int, box: int) -> Iterable[int]:
        room = self.puzzle.locks.get((number, box))
        return range(self.puzzle.count) if room is None else (room,)

    def _promised(self, number: int) -> set[int]:
        return {room for _, room in _locks_of(self.puzzle, number)}

    def _go(self, at: int, weighs: int, gone: frozenset[int]) -> None:
        """`gone`: classes of this round that have their box, or are promised one."""
        n = self.puzzle.count
        if at == n * self.puzzle.rounds:
            self.best, self.found = weighs, self.rows()
            return
        number, box = at // n + 1, at % n
        for more, room in self._in_order(number, box, gone):
            self.nodes += 1
            if self.nodes > NODES or self.best <= self.least or weighs + more + self.ahead[at + 1] >= self.best:
                return
            self.paths[box].append(room)
            last = box == n - 1
            self._go(at + 1, weighs + more, frozenset(self._promised(number + 1)) if last else gone | {room})
            self.paths[box].pop()

    def _in_order(self, number: int, box: int, gone: frozenset[int]) -> list[tuple[int, int]]:
        """What each class still free would weigh, the lightest first."""
        window = self.paths[box][-(self.puzzle.count - 1) :]
        again, locked = WEIGHS[HAD_BEFORE], (number, box) in self.puzzle.locks
        free = [room for room in self._may(number, box) if locked or room not in gone]
        return sorted((self.costs[box][room] + again * (room in window), room) for room in free)
