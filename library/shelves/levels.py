"""Which colour levels a grade reads, as school libraries use them: what a shelf is meant for where nobody said it."""

from collections.abc import Mapping, Sequence

from library.catalogue.levels import LEVELS

OF_GRADE: Mapping[int, tuple[int, ...]] = {1: (1, 2), 2: (3, 4), 3: (4, 5), 4: (5, 6), 5: (5, 6)}
"""Of the primary school; the higher grades have no colours."""


def meant_for(said: Sequence[int], grade: int | None) -> tuple[int, ...]:
    """The levels of a shelf: as somebody said, else those of its grade; empty: any."""
    return tuple(one for one in said if one in LEVELS) or OF_GRADE.get(grade or 0, ())


def fit(counts: Mapping[int | None, int], levels: Sequence[int]) -> float | None:
    """Share of the copies with a level that are of these levels, 0 to 1. None: nothing to compare."""
    known = sum(count for level, count in counts.items() if level is not None)
    if not known or not levels:
        return None
    return sum(count for level, count in counts.items() if level in levels) / known
