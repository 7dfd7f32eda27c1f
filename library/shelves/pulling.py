"""Which copies to fetch for a shelf: "40 books for grade 2, none this class had this year". Pure.

Titles are taken level by level in turn, so that the shelf has something of each; within a level, copies that nobody has
touched for longest come first. The list is then put in the order of the stacks, for one walk along the shelves.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Not(StrEnum):
    """Why a title is not on the list. The first that holds is counted."""

    LEVEL = "level"
    LANGUAGE = "language"
    KIND = "kind"
    HAD = "had"
    WAITED_FOR = "waited-for"
    LAST_COPY = "last-copy"
    NOT_NEEDED = "not-needed"


@dataclass(frozen=True)
class Copy:
    """A copy that stands free in the stacks. `order`: sorts copies as they stand. `seen_at`: last touched."""

    item_id: int
    record_id: int
    level: int | None
    language: str
    kind: str | None
    seen_at: datetime
    order: tuple[str, ...]


@dataclass(frozen=True)
class Wish:
    """`levels` empty: any, those without a level too. `kinds` and `languages` likewise. `keep_one`: the last free copy of
    a title stays in the stacks. `each`: so many copies of one title at most."""

    most: int
    levels: frozenset[int] = frozenset()
    languages: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    keep_one: bool = True
    each: int = 1


@dataclass(frozen=True)
class Known:
    """Titles this class has had this year; titles somebody waits for."""

    had: Collection[int] = frozenset()
    waited_for: Collection[int] = frozenset()


@dataclass(frozen=True)
class Proposal:
    """Copies in the order of the stacks, and how many titles were left out, by why."""

    copies: Sequence[Copy]
    left_out: Mapping[Not, int] = field(default_factory=dict)


def propose(free: Iterable[Copy], wish: Wish, known: Known = Known()) -> Proposal:
    """At most `wish.most` copies; fewer where there are no more."""
    titles, left_out = _titles(free), Counter[Not]()
    fit: dict[int | None, list[list[Copy]]] = defaultdict(list)
    for copies in titles.values():
        usable = _usable(copies, wish)
        if (no := why_not(copies, wish, known)) is not None:
            left_out[no] += 1
        else:
            fit[copies[0].level].append(usable)
    chosen = _dealt(fit, wish.most)
    taken = {one.record_id for one in chosen}
    spare = sum(1 for of_level in fit.values() for usable in of_level if usable[0].record_id not in taken)
    if spare:
        left_out[Not.NOT_NEEDED] = spare
    return Proposal(sorted(chosen, key=lambda one: (one.order, one.item_id)), dict(left_out))


def _titles(free: Iterable[Copy]) -> dict[int, list[Copy]]:
    titles: dict[int, list[Copy]] = defaultdict(list)
    for copy in sorted(free, key=lambda one: (one.seen_at, one.item_id)):
        titles[copy.record_id].append(copy)
    return titles


def _usable(copies: Sequence[Copy], wish: Wish) -> list[Copy]:
    """Of one title, those longest untouched first."""
    return list(copies[: min(len(copies) - wish.keep_one, wish.each)])


def why_not(copies: Sequence[Copy], wish: Wish, known: Known) -> Not | None:
    """Of the free copies of one title (at least one)."""
    title = copies[0]
    if wish.levels and title.level not in wish.levels:
        return Not.LEVEL
    if wish.languages and title.language not in wish.languages:
        return Not.LANGUAGE
    if wish.kinds and title.kind not in wish.kinds:
        return Not.KIND
    if title.record_id in known.had:
        return Not.HAD
    if title.record_id in known.waited_for:
        return Not.WAITED_FOR
    return None if _usable(copies, wish) else Not.LAST_COPY


def _dealt(fit: Mapping[int | None, list[list[Copy]]], most: int) -> list[Copy]:
    """A copy of each level in turn, a second one of a title only when every title has given its first."""
    queues = {level: _turns(titles) for level, titles in fit.items()}
    levels = sorted(queues, key=lambda level: (level is None, level or 0))
    chosen: list[Copy] = []
    while len(chosen) < most and any(queues.values()):
        for level in levels:
            if queues[level] and len(chosen) < most:
                chosen.append(queues[level].pop(0))
    return chosen


def _turns(titles: list[list[Copy]]) -> list[Copy]:
    """First copies of all titles, then second ones; within, longest untouched first."""
    told = [(turn, copy.seen_at, copy.item_id, copy) for copies in titles for turn, copy in enumerate(copies)]
    return [copy for *_, copy in sorted(told, key=lambda one: one[:3])]
