"""Why a value is what it is: which line said it, which lines were passed over and why. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from library.core.errors import N_
from library.policies.values import NAMES, Line, Where, applies, resolve, specificity


class Why(StrEnum):
    """Why a line that says the value is not the one that holds."""

    OTHER_OWNER = "other-owner"
    OTHER_READERS = "other-readers"
    OTHER_BOOKS = "other-books"
    OTHER_CHANNEL = "other-channel"
    FARTHER = "farther"
    LESS_READERS = "less-readers"
    LESS_BOOKS = "less-books"
    LESS_CHANNEL = "less-channel"


TOLD = {
    Why.OTHER_OWNER: N_("của thư viện khác"), Why.OTHER_READERS: N_("nói về loại bạn đọc khác"),
    Why.OTHER_BOOKS: N_("nói về loại sách khác"), Why.OTHER_CHANNEL: N_("nói về cách mượn khác"),
    Why.FARTHER: N_("của thư viện bên trên, dòng gần hơn được theo"),
    Why.LESS_READERS: N_("nói chung mọi bạn đọc, dòng nói riêng được theo"),
    Why.LESS_BOOKS: N_("nói chung mọi loại sách, dòng nói riêng được theo"),
    Why.LESS_CHANNEL: N_("nói chung mọi cách mượn, dòng nói riêng được theo"),
}  # fmt: skip
_LESS = (Why.FARTHER, Why.LESS_READERS, Why.LESS_BOOKS, Why.LESS_CHANNEL)
"""In the order in which lines are compared."""


@dataclass(frozen=True)
class Passed:
    """A line that says `value` and is passed over."""

    line: Line
    value: Any
    why: Why


@dataclass(frozen=True)
class Story:
    """One value: what holds, the line that said it (None: the default), and those passed over, the nearest first."""

    name: str
    value: Any
    line: Line | None
    passed: tuple[Passed, ...]


def explain(lines: Iterable[Line], where: Where) -> list[Story]:
    """Every value, in the order of `Values`."""
    lines = list(lines)
    found, by_id = resolve(lines, where), {line.id: line for line in lines}
    return [
        _story(name, getattr(found.values, name), by_id.get(found.lines.get(name, -1)), lines, where) for name in NAMES
    ]


def _story(name: str, value: Any, winner: Line | None, lines: Iterable[Line], where: Where) -> Story:
    others = [line for line in lines if name in line.said and line is not winner]
    passed = [Passed(line, line.said[name], _why(line, winner, where)) for line in others]
    return Story(name, value, winner, tuple(sorted(passed, key=lambda one: _place(one.line, where))))


def _place(line: Line, where: Where) -> tuple[bool, int, int]:
    """Those that apply first, then the nearest owner."""
    owner = where.owners.index(line.owner_id) if line.owner_id in where.owners else len(where.owners)
    return not applies(line, where), owner, line.id


def _why(line: Line, winner: Line | None, where: Where) -> Why:
    if not applies(line, where):
        return _elsewhere(line, where)
    assert winner, "a line that applies and says it is one of those the winner was chosen from"
    pairs = zip(specificity(line, where), specificity(winner, where), strict=True)
    return next(why for why, (mine, theirs) in zip(_LESS, pairs, strict=True) if mine != theirs)


def _elsewhere(line: Line, where: Where) -> Why:
    if line.owner_id not in where.owners:
        return Why.OTHER_OWNER
    if line.category_id not in (None, where.category_id):
        return Why.OTHER_READERS
    return Why.OTHER_BOOKS if line.item_class_id not in (None, where.item_class_id) else Why.OTHER_CHANNEL
