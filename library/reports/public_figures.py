"""Figures that anybody may see: sums of whole months that are over, and no number that tells of fewer than five people.

Months still going on are left out: two looks at a running sum would tell what was added between them. Those that are over
are kept as they were told first (`public_kept`), whatever is recorded late.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from library.organisations.models import Organisation, Parentage
from library.privacy.suppression import ALL, LEAST, Cell, suppressed
from library.reports import asking, public_kept, public_readers, tree
from library.reports.asking import Ask
from library.reports.dashboard import DAY, USES, VISITS, Span, window
from library.reports.ledgers import Key
from library.reports.public_kept import Month
from library.reports.standing_periods import month_after
from library.reports.tree import Tree


@dataclass(frozen=True)
class Open:
    """A measure by group and month, with sums under (ALL, month), (row, ALL), (ALL, ALL); None: not told."""

    measure: str
    rows: Sequence[Key]
    months: Sequence[date]
    cells: Mapping[Cell, int | None]

    @property
    def sums(self) -> list[int | None]:
        """Month by month."""
        return [self.cells.get((ALL, month), 0) for month in self.months]

    @property
    def total(self) -> int | None:
        return self.cells.get((ALL, ALL), 0)

    @property
    def hides(self) -> bool:
        return any(value is None for value in self.cells.values())


def over(library: Organisation, today: date) -> tuple[date, ...]:
    """Months of this year that are over; of the year before where none is yet."""
    this = window(library.kind, Span.YEAR, today)
    done = tuple(month for month in this.months if month_after(month, 1) <= today)
    return done or window(library.kind, Span.YEAR, this.months[0] - DAY).months


def read(
    session: Session, library: Organisation, measure: str, dim: str, today: date, known: Tree | None = None
) -> Open:
    """By `dim` (group, library-kind) and month; the row None stands for whoever is not told apart. Months that were kept
    (`public_kept`) are told as they were."""
    months = over(library, today)
    kept = {
        month: found[measure]
        for month, found in public_kept.told(session, library, months).items()
        if measure in found and found[measure].dim == dim
    }
    fresh = [month for month in months if month not in kept]
    return _open(measure, months, kept | counted(session, library, measure, dim, fresh, known))


def keep(session: Session, library: Organisation, dim: str, today: date) -> None:
    """Months that are over and were not kept yet, of both measures."""
    months = over(library, today)
    there = public_kept.told(session, library, months)
    fresh = [month for month in months if month not in there]
    found = {measure: counted(session, library, measure, dim, fresh) for measure in (VISITS, USES)}
    for month in fresh:
        public_kept.keep(session, library, month, {measure: one[month] for measure, one in found.items()})


def dim_of(session: Session, library: Organisation) -> str:
    """How a library's figures are parted: by kinds where others stand below it."""
    below = session.scalar(select(exists().where(Parentage.parent_id == library.id)))
    return "library-kind" if below else "group"


def counted(
    session: Session, library: Organisation, measure: str, dim: str, months: Sequence[date], known: Tree | None = None
) -> dict[date, Month]:
    """As is known now."""
    if not months:
        return {}
    known = known or tree.load(session)
    ask = Ask(measure, frozenset({library.id}), months[0], _end(months[-1]))
    each = {row.keys: row.quantity for row in asking.by(session, ask, dim, "month", known=known)}
    folds = _folds(session, library, months) if dim == "group" else {}
    counts = _folded(each, folds)
    names = sorted({key for key, _month in counts}, key=asking.order)
    if dim == "group":
        behind = _folded(public_readers.behind(session, ask, known), folds)
    else:
        behind = _folded(public_readers.behind_kinds(session, ask, known, each), folds)
    found = {}
    for month in months:
        cells = _month({(name, month): counts.get((name, month), 0) for name in names}, behind)
        rows = {name: cells.get((name, month), 0) for name in names}
        apart = {name: None for name in names if name is not None and _among(folds, month, name)}
        found[month] = Month(dim, rows | apart, cells.get((ALL, month), 0), folds.get(month, frozenset()))
    return found


def _open(measure: str, months: Sequence[date], found: Mapping[date, Month]) -> Open:
    names = sorted({name for one in found.values() for name in one.rows}, key=asking.order)
    told: dict[Cell, int | None] = {}
    for month, one in found.items():
        told |= {(name, month): _cell(one, name) for name in names} | {(ALL, month): one.total}
    return Open(measure, names, months, _summed(told, names, months))


def _cell(one: Month, name: Key) -> int | None:
    """Of a group that was told among the others, or of one that there was not yet."""
    if name in one.rows:
        return one.rows[name]
    return None if name is not None and (one.folded is None or name in one.folded) else 0


def _month(table: Mapping[Cell, int], people: Mapping[Cell, int]) -> dict[Cell, int | None]:
    """A month by itself: what is left out of it hangs on no month that comes after, so that two looks leave out the same."""
    return {cell: count for cell, count in suppressed(table, people=people).items() if cell[1] is not ALL}


def _summed(
    told: dict[Cell, int | None], names: Sequence[Key], months: Sequence[date]
) -> dict[Cell, int | None]:  # fmt: skip
    """With sums over the months, which tell nothing new: where one is not told, neither is the sum."""
    for name in (*names, ALL):
        counts = [told.get((name, month), 0) for month in months]
        known = [count for count in counts if count is not None]
        told[name, ALL] = sum(known) if len(known) == len(counts) else None
    return told


def _end(month: date) -> date:
    return month_after(month, 1) - DAY


Folds = Mapping[date, frozenset[Key] | None]
"""Of each month the groups that are told together as the others; None: all."""


def _folded(counts: Mapping[tuple[Key, ...], int], folds: Folds) -> dict[Cell, int]:
    found: dict[Cell, int] = {}
    for (group, month), count in counts.items():
        cell = None if _among(folds, month, group) else group, month
        found[cell] = found.get(cell, 0) + count
    return found


def _among(folds: Folds, month: Any, group: Key) -> bool:
    fold = folds.get(month, frozenset())
    return fold is None or group in fold


def _folds(session: Session, library: Organisation, months: Sequence[date]) -> Folds:
    """By the readers of each month alone: what comes later, today's readers among it, changes no month that was told."""
    readers = public_readers.belonging(session, library, months, _end)
    return {month: _few(readers[month]) for month in months}


def _few(readers: Mapping[Key, int]) -> frozenset[Key] | None:
    """Groups told together as the others: those of fewer readers than may be counted aloud (one child's many visits would
    tell of that child), and as many more, the smallest first, as it takes for the others to be enough people. None: all."""
    folded = {group for group, count in readers.items() if count < LEAST}
    for group in sorted(readers, key=lambda one: (readers[one], str(one))):
        if not folded or sum(readers[one] for one in folded) >= LEAST:
            break
        folded.add(group)
    return None if folded and sum(readers[one] for one in folded) < LEAST else frozenset(folded)
