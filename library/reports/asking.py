"""One door for every figure: what is asked for, its total, and how it falls into parts.

A figure is a query over rows that are only ever added. `known_at` asks what was known at that moment: rows recorded since
are left out, so that a figure locked then is the same for ever.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from flask import g, has_request_context
from sqlalchemy import Select, func, literal, null, select
from sqlalchemy.orm import Session

from library.core import clock
from library.core.among import among
from library.core.errors import N_, Reason, Refused
from library.patrons.enrolling import USUAL_CATEGORIES
from library.patrons.models import Category, PatronGroup
from library.reports import faces, holding, ledgers, people, rolling, shelves_built, tree
from library.reports.holding import Parts
from library.reports.ledgers import DIMS, OF_PLACE, TABLES, Key, Reading, Table, Words
from library.reports.measures import MEASURES, Ledger, Measured
from library.reports.rolling import Mark
from library.reports.tree import Segment, Stand, Tree
from library.uses.happenings import Measure

KINDS_OF_LIBRARY = {"public": {"province", "commune", "other"}, "school": {"school"}, "centre": {"learning-centre"}}
"""Of whom: public libraries, schools, learning centres."""
MOST_DIMS = 2
BEGINNING = date(1900, 1, 1)
"""No row is of an earlier day."""
Kept = TypeVar("Kept")


class CannotTell(Refused):
    """No such figure, or it cannot be broken down like that."""


@dataclass(frozen=True)
class Ask:
    """`units`: organisations with all that stood below them on each day from `first` to `last`, both included.

    `known_at`: as was known then, None: as is known now. `only`: {dimension: value or values}, library-kind: public,
    school, centre; branch: ids. `renewals`: to keep a book longer is one more use.
    """

    measure: str
    units: frozenset[int]
    first: date
    last: date
    known_at: datetime | None = None
    only: Mapping[str, Any] = field(default_factory=dict)
    renewals: bool = True
    branches: frozenset[int] | None = None
    """Only these branches, whatever is asked: whoever asks may not see the others. None: all."""
    groups: Mapping[str, str] | None = None
    """{code of a category: what it counts as}, as was settled when a campaign was launched; None: as today."""

    @property
    def measured(self) -> Measured:
        """Raises CannotTell."""
        found = MEASURES.get(self.measure)
        if found is None:
            raise CannotTell(Reason("no-measure", N_("Máy không có số liệu mang mã %(code)s."), {"code": self.measure}))
        return found


@dataclass(frozen=True)
class AskAll(Ask):
    """The same of all rows of a ledger, whatever their kind; `measure` is the ledger's name."""

    @property
    def measured(self) -> Measured:
        return Measured(self.measure, "", "", Ledger(self.measure))


@dataclass(frozen=True)
class Row:
    """A part of a figure: a key for each dimension asked for (see `ledgers.DIMS`), and how many."""

    keys: tuple[Key, ...]
    quantity: int


def total(session: Session, ask: Ask, known: Tree | None = None) -> int:
    """The figure. `known`: the tree, if somebody loaded it before. Raises CannotTell."""
    measured = ask.measured
    if measured.ledger in TABLES:
        return sum(row.quantity for row in added(session, ask, (), known or tree_of(session)))
    return _looked_at(session, ask, (), known or tree_of(session))[()]


def by(session: Session, ask: Ask, *dims: str, known: Tree | None = None) -> list[Row]:
    """The figure in parts that are not 0, in the order of their keys (None last). Raises CannotTell."""
    _check(ask.measured, dims)
    known = known or tree_of(session)
    if ask.measured.ledger in TABLES:
        rows = added(session, ask, dims, known)
    else:
        rows = [Row(keys, count) for keys, count in _looked_at(session, ask, dims, known).items()]
    return sorted((row for row in rows if row.quantity), key=lambda row: [order(key) for key in row.keys])


def order(key: Key) -> tuple[int, str | int | date]:
    """Numbers before days before words, nothing last."""
    if isinstance(key, int):
        return 0, key
    return (3, "") if key is None else (1 if isinstance(key, date) else 2, key)


def _check(measured: Measured, dims: Sequence[str]) -> None:
    wrong = [one for one in dims if one not in measured.dims]
    if wrong or len(dims) > MOST_DIMS:
        raise CannotTell(Reason("no-dim", N_("Không chia được số liệu này như vậy."), {"dims": list(wrong)}))


def places(known: Tree, ask: Ask) -> list[Segment]:
    """The span with the branches that count on each day; of a stock all the time until its end, for those that count then."""
    found = tree.segments(known, ask.units, ask.first, ask.last)
    if ask.measured.stock:
        found = [replace(one, first=BEGINNING) for one in found[-1:]]
    if ask.branches is None and not set(OF_PLACE) & set(ask.only):
        return found
    return [replace(one, stands=_standing(one, ask)) for one in found]


def _standing(one: Segment, ask: Ask) -> dict[int, Stand]:
    kinds = library_kinds(ask.only.get("library-kind"))
    among = {name: set(_several(ask.only[name])) for name in ("branch", "owner", "below") if name in ask.only}
    return {
        branch: stand
        for branch, stand in one.stands.items()
        if (kinds is None or stand.kind in kinds)
        and (ask.branches is None or branch in ask.branches)
        and all((branch if name == "branch" else getattr(stand, name)) in wanted for name, wanted in among.items())
    }


def library_kinds(wanted: Any) -> set[str] | None:
    """Kinds of organisation that public, school, centre (or several of them) stand for; None: any."""
    if wanted is None:
        return None
    return {kind for name in _several(wanted) for kind in KINDS_OF_LIBRARY.get(name, {name})}


def _several(value: Any) -> Iterable[Any]:
    return value if isinstance(value, list | tuple | set | frozenset) else [value]


def tree_of(session: Session) -> Tree:
    """The tree; a page that only reads loads it once, however many figures it shows."""
    return _once(session, "report-tree", tree.load)


def words(session: Session) -> Words:
    """What readers' categories count as. A code that means two things in two networks: the first."""
    return _once(session, "report-words", _words)


def meant(session: Session, ask: Ask) -> Words:
    """What categories count as for this question."""
    return words(session) if ask.groups is None else Words(ask.groups)


def _once(session: Session, name: str, load: Callable[[Session], Kept]) -> Kept:
    if not (has_request_context() and session.info.get("reading")):
        return load(session)
    if name not in g:
        setattr(g, name, load(session))
    kept: Kept = getattr(g, name)
    return kept


def _words(session: Session) -> Words:
    """One statement."""
    found = {group.value: group.value for group in PatronGroup}
    for code, group in session.execute(select(Category.code, Category.group).order_by(Category.id)):
        found.setdefault(code, group.value)
    for code, _, group in USUAL_CATEGORIES:
        found.setdefault(code, group.value)
    return Words(found)


# Added up from rows


def added(session: Session, ask: Ask, dims: Sequence[str], known: Tree) -> list[Row]:
    """Parts of what is added up from rows, in no order, by as many dimensions as keep together in one of the sums (`faces`).
    By the sums, if nothing was rolled up while we read; else by the ledger, which is always right."""
    meaning, segments = meant(session, ask), places(known, ask)

    def told(mark: Mark | None) -> Parts:
        return _told(session, ask, dims, segments, meaning, mark)

    summed_up = ask.known_at is None and ask.measured.ledger in rolling.LEDGERS
    parts = rolling.steady(session, ask.measured.ledger, told) if summed_up else told(None)
    return [Row(keys, quantity) for keys, quantity in parts.items()]


def _told(
    session: Session, ask: Ask, dims: Sequence[str], segments: Sequence[Segment], meaning: Words, mark: Mark | None
) -> Parts:
    told: Parts = {}
    for segment in segments:
        for table, span in sources(ask, dims, segment, mark):
            reading = Reading(span, meaning)
            for values, quantity in summed(session, table, ask, span, dims, meaning):
                keys = tuple(DIMS[dim].fold(part, reading) for dim, part in zip(dims, values, strict=True))
                told[keys] = told.get(keys, 0) + quantity
    return told


def sources(ask: Ask, dims: Sequence[str], segment: Segment, mark: Mark | None) -> list[tuple[Table, Segment]]:
    """Tables that make up a segment between them, each with its days: sums by month and by day, and rows not in them yet."""
    ledger = ask.measured.ledger
    plain = TABLES[ledger]
    if ask.known_at is not None or mark is None or not mark.ready or not segment.stands:
        return [(plain, segment)] if segment.stands else []
    columns = faces.needed(ask.measured, ask.only, ask.renewals, dims)
    by_month = None if {"day", "week"} & set(dims) else faces.fitting(ledger, columns, True)
    by_day = faces.fitting(ledger, columns, False)
    days = by_day.table() if by_day else replace(plain, until=mark.last_id)
    whole, rest = _whole_months(segment) if by_month else (None, [segment])
    if not whole and not by_day:
        return [(plain, segment)]
    months = [(by_month.table(), whole)] if by_month and whole else []
    return [*months, *((days, one) for one in rest), (_since(plain, mark), segment)]


def _since(plain: Table, mark: Mark) -> Table:
    """The rows above a mark. There are few: their ids find them, and no index of branch or day may tempt the database to
    read all others, to group by or to look for."""
    return replace(
        plain,
        after=mark.last_id,
        branch=plain.branch + literal(0, literal_execute=True),
        day=func.coalesce(plain.day, null()),
    )


def _whole_months(segment: Segment) -> tuple[Segment | None, list[Segment]]:
    """The whole months of a segment as one, and the days before and after them. The month we are in is whole: nothing is
    recorded of days to come."""
    first, last = segment.first, segment.last
    begin = first if first.day == 1 else _next_month(first)
    end = _next_month(last) if last >= clock.today() else _next_month(last + timedelta(days=1), True)
    if begin >= end:
        return None, [segment]
    whole = replace(segment, first=begin, last=end - timedelta(days=1))
    before = [replace(segment, last=begin - timedelta(days=1))] if first < begin else []
    return whole, before + ([replace(segment, first=end)] if end <= last else [])


def _next_month(day: date, this: bool = False) -> date:
    """The first of the month after this day; `this`: of its own month."""
    first = day.replace(day=1)
    return first if this else (first + timedelta(days=32)).replace(day=1)


def summed(
    session: Session, table: Table, ask: Ask, segment: Segment, dims: Sequence[str], meaning: Words
) -> Iterable[tuple[list[tuple[Any, ...]], int]]:
    """(what each dimension reads, quantity) of one segment, one statement."""
    names = ledgers.reads(tuple(dims))
    chosen = [ledgers.column(table, name).label(f"c{at}") for at, name in enumerate(names)]
    query = select(*chosen, func.sum(table.quantity)).where(*_rows(table, ask, segment, meaning))
    for *values, quantity in session.execute(query.group_by(*chosen) if chosen else query):
        read = dict(zip(names, values, strict=True))
        if quantity:
            yield [tuple(read[name] for name in DIMS[dim].columns) for dim in dims], int(quantity)


def _rows(table: Table, ask: Ask, segment: Segment, meaning: Words) -> list[Any]:
    known = [table.recorded <= ask.known_at] if ask.known_at is not None and table.recorded is not None else []
    return [
        *([table.rows.face == table.face] if table.face is not None else []),
        *([table.rows.id > table.after] if table.after is not None else []),
        *([table.rows.id <= table.until] if table.until is not None else []),
        among(table.branch, segment.stands), table.day >= segment.first, table.day <= segment.last,
        *ledgers.conditions(table, ask.measured, ask.only, ask.renewals, meaning), *known,
    ]  # fmt: skip


def rows_of(ask: Ask, segment: Segment, meaning: Words, what: Sequence[Any]) -> Select[Any]:
    """The very rows behind the part of a figure that falls into one segment."""
    table = TABLES[ask.measured.ledger]
    return select(*what).where(*_rows(table, ask, segment, meaning))


# Looked at otherwise


def _looked_at(session: Session, ask: Ask, dims: Sequence[str], known: Tree) -> Parts:
    ledger = ask.measured.ledger
    if ledger is Ledger.UNITS:
        return units_active(session, ask, dims, known)
    if ledger is Ledger.PEOPLE:
        return {(): distinct_people(session, ask, known)}
    if ledger is Ledger.SHELF:
        return shelves_built.counted(session, places(known, ask), ask.known_at, tuple(dims), ask.only.get("kind"))
    return holding.counted(session, ask.measured.code, places(known, ask), ask.known_at, tuple(dims))


def units_active(session: Session, ask: Ask, dims: Sequence[str] = (), known: Tree | None = None) -> Parts:
    """How many units held at least one event in the span."""
    known = known or tree_of(session)
    events = by(session, replace(ask, measure=Measure.EVENT.value), "unit", known=known)
    found: Parts = {} if dims else {(): 0}
    for row in events:
        key: tuple[Key, ...] = tuple(known.kinds[int(str(row.keys[0]))] for _ in dims)
        found[key] = found.get(key, 0) + (row.quantity > 0)
    return found


def distinct_people(session: Session, ask: Ask, known: Tree | None = None) -> int:
    """How many different people read: each once, however often. Of a period that is over, as was counted at its end."""
    segments = places(known or tree_of(session), ask)
    return people.counted(session, ask.units, segments, ask.known_at, _closed(ask))


def _closed(ask: Ask) -> tuple[date, date] | None:
    """The span, where all of a unit is asked for: such a one may have been counted at its end."""
    return None if ask.only or ask.branches is not None else (ask.first, ask.last)


def names_gone(session: Session, ask: Ask, known: Tree) -> bool:
    """Whether `distinct_people` can only say too few: names have gone since."""
    return people.names_gone(session, ask.units, places(known, ask), _closed(ask))
