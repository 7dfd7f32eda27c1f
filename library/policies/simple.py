"""The simple table of a library: one row for each category of readers, in the numbers a part-time librarian sets.

A row is the library's own line for that category, whatever the class or channel. It changes only what it shows: what
else the line says stays. An empty cell says nothing, and what a less specific line says holds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from library.core.db import bump
from library.core.errors import Reason
from library.core.forms import REQUIRED, Reader
from library.organisations.models import Organisation
from library.patrons.models import Category, Membership
from library.policies import rulebook, words, writing
from library.policies.rulebook import Rulebook
from library.policies.values import NO_LIMIT, Length, LengthKind, Line, Stance, Values, Where, resolve

LONGEST, MOST_BOOKS, MOST_RENEWALS = 400, 500, 20
USUAL_HOLDS = 3
"""Titles a category may wait for where its first row is written here and nobody says how many."""

NUMBERS = {"days": ("length", LONGEST), "most": ("most", MOST_BOOKS), "renewals": ("renewals", MOST_RENEWALS)}
"""Cells with a number: the value each one says, and the largest number that makes sense."""
TICKS = {"overdue": ("overdue", Stance.REFUSE, Stance.IGNORE), "within": ("due_within_card", True, False)}
"""Cells with a tick: the value, what it says ticked and what not."""

Said = dict[str, Any]


@dataclass(frozen=True)
class Simple:
    """What a row says where it says everything; what a new library begins with."""

    days: int
    most: int
    renewals: int
    holds: int = USUAL_HOLDS

    @property
    def said(self) -> Said:
        length = Length(LengthKind.DAYS, self.days)
        return {"length": length, "most": self.most, "renewals": self.renewals, "holds": self.holds}

    @property
    def values(self) -> Values:
        return Values(**self.said)


@dataclass(frozen=True)
class Row:
    """A category, how many readers here are of it, what the library's own line says and what holds without it."""

    category: Category
    readers: int
    own: Said
    without: Values
    values: Values

    @property
    def lends(self) -> bool:
        return self.values.length is not None and self.values.most is not None

    def number(self, cell: str) -> int | None:
        """What the cell shows: the own number, if it says one."""
        return plain(self.own.get(NUMBERS[cell][0]))

    def inherited(self, cell: str) -> int | None:
        """The number that holds where the cell is empty."""
        return plain(getattr(self.without, NUMBERS[cell][0]))

    def is_fixed(self, cell: str) -> bool:
        """Whether the own line says something there that no number can tell: only the full table changes it."""
        value = NUMBERS[cell][0] if cell in NUMBERS else TICKS[cell][0]
        said = self.own.get(value)
        if cell in NUMBERS:
            return said is not None and plain(said) is None
        return getattr(self.values, value) not in TICKS[cell][1:]

    def told(self, cell: str) -> Reason:
        """What holds there, in words, where no number or tick can show it."""
        value = (NUMBERS.get(cell) or TICKS[cell])[0]
        return words.told(value, getattr(self.values, value))

    def is_ticked(self, cell: str) -> bool:
        value, ticked, _ = TICKS[cell]
        return bool(getattr(self.values, value) == ticked)


def plain(value: Any) -> int | None:
    """The number a cell can show: days of a length in days, or a count that is not "no limit"."""
    if isinstance(value, Length):
        return value.days if value.kind is LengthKind.DAYS else None
    return value if isinstance(value, int) and value != NO_LIMIT else None


def rows(session: Session, library: Organisation, book: Rulebook) -> list[Row]:
    """One for every category of the network (one statement)."""
    readers = (
        select(func.count(Membership.id))
        .where(
            Membership.category_id == Category.id, Membership.library_id == library.id, Membership.to_on.is_(None)
        )
        .scalar_subquery()
    )  # fmt: skip
    query = select(Category, readers).where(Category.network_id == library.network_id).order_by(Category.id)
    return [_row(book, library.id, category, count) for category, count in session.execute(query)]


def _row(book: Rulebook, library_id: int, category: Category, readers: int) -> Row:
    """Lines for a class or a channel are left out: the simple table speaks of books as such."""
    plain_lines = [line for line in book.lines if line.item_class_id is None and line.channel is None]
    where = Where(book.owners, category.id)
    own = next((line for line in plain_lines if _is_own(line, library_id, category.id)), None)
    without = resolve([line for line in plain_lines if line is not own], where)
    said = dict(own.said) if own else {}
    return Row(category, readers, said, without.values, resolve(plain_lines, where).values)


def _is_own(line: Line, library_id: int, category_id: int) -> bool:
    return line.owner_id == library_id and line.category_id == category_id


def read(source: Mapping[str, Any], table: Sequence[Row]) -> dict[int, Said]:
    """What each category's line shall say. Raises Invalid, naming fields as days-7."""
    reader = Reader(source)
    found = {row.category.id: _read_row(reader, row) for row in table}
    reader.done()
    return found


def _read_row(reader: Reader, row: Row) -> Said:
    """A row with all numbers empty says nothing of these any more, nor of its ticks."""
    was_new = not row.own
    said = dict(row.own)
    for cell in NUMBERS:
        _read_number(reader, row, cell, said)
    if not any(NUMBERS[cell][0] in said for cell in NUMBERS):
        return _without(said)
    for cell in TICKS:
        _read_tick(reader, row, cell, said)
    if was_new and not row.without.holds:
        said["holds"] = USUAL_HOLDS
    _complain_of_gaps(reader, row, said)
    return said


def _read_number(reader: Reader, row: Row, cell: str, said: Said) -> None:
    name, most = NUMBERS[cell]
    key = f"{cell}-{row.category.id}"
    if row.is_fixed(cell) or key not in reader.source:
        return
    typed = str(reader.source.get(key) or "").strip()
    number = reader.number(key, 0, most, required=False)
    if number is not None:
        said[name] = Length(LengthKind.DAYS, number) if cell == "days" else number
    elif typed:
        said[name] = None  # the form comes back; no gap is told here besides
    else:
        said.pop(name, None)


def _read_tick(reader: Reader, row: Row, cell: str, said: Said) -> None:
    """Says only what differs from what holds anyway."""
    value, ticked, unticked = TICKS[cell]
    wanted = ticked if reader.ticked(f"{cell}-{row.category.id}") else unticked
    if not row.is_fixed(cell) and wanted != getattr(row.values, value):
        said[value] = wanted


def _without(said: Said) -> Said:
    """Nothing but what only the full table shows. `holds` goes along with the row that brought it."""
    gone = {"overdue", "due_within_card"}
    left = {name: value for name, value in said.items() if name not in gone}
    return {} if set(left) <= {"holds"} else left


def _complain_of_gaps(reader: Reader, row: Row, said: Said) -> None:
    """Days without books, or books without days, lend nothing: whoever fills one wants both."""
    for cell in ("days", "most"):
        value = NUMBERS[cell][0]
        if value not in said and getattr(row.without, value) is None:
            reader.complain(f"{cell}-{row.category.id}", "required", REQUIRED)


def save(session: Session, library: Organisation, source: Mapping[str, Any]) -> list[int]:
    """Category ids whose line is other than before. Raises Invalid. One writer at a time: the stamp is the lock."""
    bump(session, rulebook.RULES)
    table = rows(session, library, rulebook.load(session, library.id))
    wanted = read(source, table)
    changed = [row for row in table if wanted[row.category.id] != row.own]
    for row in changed:
        _put(session, library.id, row.category.id, wanted[row.category.id])
    return [row.category.id for row in changed]


def _put(session: Session, library_id: int, category_id: int, said: Said) -> None:
    line = writing.find(session, library_id, category_id)
    if said:
        writing.say(session, library_id, said, category_id, note=line.note if line else None)
    elif line:
        writing.unsay(session, line)
