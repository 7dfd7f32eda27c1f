"""What one library takes over from another: each package that keeps rows of a library says here how they go over.

A part moves its rows in the caller's transaction and tells what it moved. It also names every column that says whose a
row is: those it empties of the old library (`moves`), and those where rows stay behind, with the reason (`leaves`).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import count, product
from string import ascii_uppercase

from sqlalchemy import Executable, exists, update
from sqlalchemy.orm import Session

import library
from library.core.db import Model, table_of
from library.core.fold import fold_words
from library.organisations.models import Organisation

Told = list[tuple[str, int]]
"""Of each sort of thing how many went over, in the words of the command line: ("bản sách", 627)."""


@dataclass(frozen=True)
class Succession:
    """`new` takes the place of `old` from `on`. `network`: (from, to) where a whole network comes along with its root."""

    old: Organisation
    new: Organisation
    on: date
    network: tuple[int, int] | None = None

    @property
    def mark(self) -> str:
        """Letters that tell the old library's registers from the new one's: the initials of its short name."""
        letters = (word[0].upper() for word in fold_words(self.old.short_name) if "a" <= word[0] <= "z")
        return "".join(letters)[:6] or "CU"

    def marks(self) -> Iterator[str]:
        """The mark, then with letters behind it, for as long as somebody finds it taken."""
        yield self.mark
        yield from (self.mark + "".join(more) for many in count(1) for more in product(ascii_uppercase, repeat=many))


@dataclass(frozen=True)
class Part:
    """`leaves` are columns ("table.column") in which rows may go on naming the old library, each with its reason."""

    take_over: Callable[[Session, Succession], Told]
    moves: frozenset[str] = frozenset()
    leaves: Mapping[str, str] = field(default_factory=dict)


SUCCESSION: dict[str, Part] = {}
"""By package. Filled once, by each package's `succession`; `create_app` compares the names."""


def parts() -> list[Part]:
    """From the bottom of the table in `library` upwards: a part may ask what those below it have settled."""
    order = [name for row in library.layers() for name in row]
    return [SUCCESSION[name] for name in sorted(SUCCESSION, key=order.index)]


def hand_over(
    session: Session,
    what: Succession,
    model: type[Model],
    column: str = "library_id",
    same: Sequence[str] | None = None,
) -> int:
    """Rows of the old library become the new one's; how many.

    With `same`, only those of which the new one has none with the same values there; with `same=()`, only if it has
    none at all: the successor's own word wins, the other stays behind.
    """
    table, theirs = table_of(model), table_of(model).alias()
    moving = update(table).where(table.c[column] == what.old.id)
    if same is not None:
        alike = [theirs.c[name].is_not_distinct_from(table.c[name]) for name in same]
        moving = moving.where(~exists().where(theirs.c[column] == what.new.id, *alike))
    return changed(session, moving.values({column: what.new.id}))


def changed(session: Session, statement: Executable) -> int:
    """Do it; how many rows it changed."""
    return int(session.connection().execute(statement).rowcount)
