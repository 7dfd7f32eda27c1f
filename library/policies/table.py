"""The full table: lines that hold at a library, its own and those from above, with names for their keys."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from library.access import Scope
from library.core import clock
from library.core.errors import NotFound
from library.organisations import tree
from library.organisations.models import Organisation
from library.patrons.models import Category
from library.policies import consequences, rulebook
from library.policies.models import PolicyLine
from library.policies.rulebook import Rulebook, line_of
from library.policies.values import Channel, Line


@dataclass(frozen=True)
class Shown:
    """A line with its keys in words, None where it is for all. `may`: it is for this person to change."""

    uid: UUID
    line: Line
    note: str | None
    owner: str
    own: bool
    may: bool
    category: str | None
    item_class: str | None
    speaks: bool

    @property
    def channel(self) -> Channel | None:
        return self.line.channel


@dataclass(frozen=True)
class Names:
    """What keys are called: categories of the network, libraries of the chain."""

    categories: dict[int, str]
    owners: dict[int, str]


def names(session: Session, book: Rulebook, network_id: int | None) -> Names:
    """Two statements."""
    mine = select(Category.id, Category.name).where(Category.network_id == network_id).order_by(Category.id)
    chain = select(Organisation.id, Organisation.name).where(Organisation.id.in_(book.owners))
    return Names(dict(session.execute(mine).all()), dict(session.execute(chain).all()))


def lines(session: Session, book: Rulebook, named: Names, scope: Scope) -> list[Shown]:
    """The library's own first, then from above; of one owner the general before the particular (one statement)."""
    rows = session.scalars(select(PolicyLine).where(PolicyLine.owner_id.in_(book.owners)))
    found = [_shown(book, row, named, scope) for row in rows]
    return sorted(found, key=lambda one: _order(book, one.line))


def _shown(book: Rulebook, row: PolicyLine, named: Names, scope: Scope) -> Shown:
    line = line_of(row)
    sort = book.sorts.get(row.item_class_id or 0)
    return Shown(
        row.uid, line, row.note, named.owners.get(row.owner_id, ""), row.owner_id == book.owners[0],
        scope.holds_library(row.owner_id), named.categories.get(row.category_id or 0), sort.name if sort else None,
        consequences.speaks(book, line, list(named.categories)),
    )  # fmt: skip


def _order(book: Rulebook, line: Line) -> tuple[int, int, int, str]:
    return book.owners.index(line.owner_id), line.category_id or 0, line.item_class_id or 0, line.channel or ""


def by_uid(session: Session, uid: UUID, scope: Scope) -> PolicyLine:
    """Raises NotFound, also for a line of a library out of scope."""
    mine = select(PolicyLine).where(PolicyLine.uid == uid, scope.of_libraries(PolicyLine.owner_id))
    found = session.scalar(mine)
    if found is None:
        raise NotFound
    return found


def owners(session: Session, library: Organisation, among: Iterable[Organisation]) -> Sequence[Organisation]:
    """Whose line it may be: the library, and of those in scope who stand above or below it today. The library first."""
    pairs = tree.parentage_on(session, clock.today())
    kin = {*rulebook.above(session, library.id), *tree.below([library.id], pairs)} - {library.id}
    return [library, *(one for one in among if one.id in kin)]
