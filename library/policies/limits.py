"""How many books a reader may hold at once, counted three ways. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from library.policies.rulebook import Rulebook
from library.policies.values import NO_LIMIT, Channel

Held = Mapping[int | None, int]
"""Open loans that went home, by the class of the copy (None: of no class)."""


@dataclass(frozen=True)
class Over:
    """A limit that is reached: "most", "most_of_class" or "most_of_group", how many are held and how many may be."""

    kind: str
    held: int
    most: int


def over(book: Rulebook, category_id: int | None, sort_id: int | None, channel: Channel, held: Held) -> list[Over]:
    """Every limit that one more book of this class would pass. A limit nobody set, or set to "no limit", stops nothing:
    that nothing at all is said of this reader is another rule's to see."""
    return [one for one in _counts(book, category_id, sort_id, channel, held) if one.held >= one.most != NO_LIMIT]


def _counts(
    book: Rulebook, category_id: int | None, sort_id: int | None, channel: Channel, held: Held
) -> Iterator[Over]:
    found = book.resolve(category_id, sort_id, channel)
    values, group = found.values, _group(book, sort_id)
    if values.most is not None:
        yield Over("most", sum(held.values()), values.most)
    if values.most_of_class is not None:
        line = found.lines.get("most_of_class")
        counted = (
            count for sort, count in held.items()
            if book.resolve(category_id, sort, channel).lines.get("most_of_class") == line
        )  # fmt: skip
        yield Over("most_of_class", sum(counted), values.most_of_class)
    if values.most_of_group is not None and group:
        counted = (count for sort, count in held.items() if _group(book, sort) == group)
        yield Over("most_of_group", sum(counted), values.most_of_group)


def _group(book: Rulebook, sort_id: int | None) -> str | None:
    sort = book.sorts.get(sort_id) if sort_id is not None else None
    return sort.limit_group if sort else None
