"""Boxes of books go round the classes: which box is where in which round. Pure: no database, no request.

Where every box is at one moment is a row of numbers: `row[box]` is the class it stands in. A plan is one row a round. With
n classes no class meets a box again before n rounds have passed; where locks or an untidy past leave no such plan, the
one with the least violations is taken: meeting a box again weighs more than any level, a level more than any size.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

HAD_BEFORE, LEVEL, SIZE = "had-before", "level", "size"
WEIGHS = {HAD_BEFORE: 10**9, LEVEL: 10**4, SIZE: 1}
"""A thousand moves, each six levels off, weigh less than one meeting again."""

Row = tuple[int, ...]
Costs = Sequence[Sequence[int]]
"""costs[box][room]: what it weighs that this box stands in this class, meetings aside."""


@dataclass(frozen=True)
class Box:
    """`level`: the reading level in its middle, None if its books have none."""

    size: int = 0
    level: int | None = None


@dataclass(frozen=True)
class Room:
    """A class. `levels` it is meant for, none: any. `least`: books it should find in a box."""

    levels: frozenset[int] = frozenset()
    least: int = 0


@dataclass(frozen=True)
class Puzzle:
    """As many boxes as rooms. `past`: rows that are settled, the last one is now; a room that has left is -1 there.

    `locks`: {(round, box): room}, rounds counted from 1, the first to be planned.
    """

    rooms: Sequence[Room]
    boxes: Sequence[Box]
    rounds: int
    past: Sequence[Row]
    locks: Mapping[tuple[int, int], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if len(self.rooms) != len(self.boxes) or not self.past or any(len(row) != self.count for row in self.past):
            raise ValueError("one box a class, and where each is now")
        if len({(number, room) for (number, _), room in self.locks.items()}) < len(self.locks):
            raise ValueError("two boxes are locked to one class")

    @property
    def count(self) -> int:
        return len(self.rooms)

    @property
    def costs(self) -> Costs:
        return [[_cost(box, room) for room in self.rooms] for box in self.boxes]


def at_home(count: int) -> list[Row]:
    """The past of boxes that set out: each stands in its own class."""
    return [tuple(range(count))]


def levels_off(box: Box, room: Room) -> int:
    """How many levels the box is away from what the class is meant for."""
    return 0 if box.level is None or not room.levels else min(abs(box.level - one) for one in room.levels)


def too_small(box: Box, room: Room) -> bool:
    return box.size < room.least


def _cost(box: Box, room: Room) -> int:
    return WEIGHS[LEVEL] * levels_off(box, room) + WEIGHS[SIZE] * too_small(box, room)


def met_again(path: Sequence[int], moment: int, count: int) -> bool:
    """Whether the class of that moment had the box within the last `count` - 1 moments. `path`: rooms of one box."""
    return path[moment] in path[max(0, moment - count + 1) : moment]


def violations(puzzle: Puzzle, rows: Sequence[Row]) -> list[list[tuple[str, ...]]]:
    """By round and box: what is not as wished."""
    paths, settled = list(zip(*puzzle.past, *rows, strict=True)), len(puzzle.past)
    return [
        [_named(puzzle, box, paths[box], settled + number) for box in range(puzzle.count)]
        for number in range(len(rows))
    ]  # fmt: skip


def _named(puzzle: Puzzle, box: int, path: Sequence[int], moment: int) -> tuple[str, ...]:
    room = puzzle.rooms[path[moment]]
    found = {
        HAD_BEFORE: met_again(path, moment, puzzle.count),
        LEVEL: levels_off(puzzle.boxes[box], room) > 0,
        SIZE: too_small(puzzle.boxes[box], room),
    }
    return tuple(name for name, holds in found.items() if holds)


def path_weight(puzzle: Puzzle, costs: Costs, box: int, path: Sequence[int]) -> int:
    """Of one box's way through all moments; the past weighs nothing."""
    weight = 0
    for moment in range(len(puzzle.past), len(path)):
        weight += costs[box][path[moment]] + WEIGHS[HAD_BEFORE] * met_again(path, moment, puzzle.count)
    return weight


def weight(puzzle: Puzzle, rows: Sequence[Row]) -> int:
    """What the whole plan weighs; 0: everything as wished."""
    costs, paths = puzzle.costs, zip(*puzzle.past, *rows, strict=True)
    return sum(path_weight(puzzle, costs, box, path) for box, path in enumerate(paths))


def keeps_locks(puzzle: Puzzle, rows: Sequence[Row]) -> bool:
    return all(rows[number - 1][box] == room for (number, box), room in puzzle.locks.items())


def round_trip(puzzle: Puzzle) -> list[Row]:
    """Every box goes on to the next class, round by round: what people would write down themselves.

    Whole rounds only if a box stands in each class now.
    """
    now, count = puzzle.past[-1], puzzle.count
    return [tuple((room + number) % count for room in now) for number in range(1, puzzle.rounds + 1)]
