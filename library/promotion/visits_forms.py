"""What the visits' page sends: typed values, or every complaint."""

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from datetime import date
from typing import Any, Self
from uuid import UUID

from library.core import clock
from library.core.errors import N_
from library.core.forms import YEARS, Reader
from library.loans.forms import Posted
from library.loans.posting import Source, posted_of
from library.patrons.models import PatronGroup
from library.promotion.visits import TYPED, Entry, Heads
from library.uses.models import VisitKind

MOST, MOST_BOOKS = 2_000, 20_000
NEEDS = ("disabled", "blind")
CATEGORIES = {one.value: one.value for one in (PatronGroup.PUPIL, PatronGroup.TEACHER, PatronGroup.CITIZEN)}
SEXES = (("boys", "m"), ("girls", "f"))
SIDES = ("m", "f")


@dataclass(frozen=True)
class Group:
    """A class to choose, and how many are in it."""

    uid: UUID
    name: str
    grade: int | None
    size: int


@dataclass(frozen=True)
class EntryForm:
    """A line to write; `instead`: the line it corrects."""

    posted: Posted
    entry: Entry
    instead: UUID | None

    @classmethod
    def read(cls, source: Source, groups: Sequence[Group], instead: UUID | None = None) -> Self:
        """Raises Invalid."""
        reader = Reader(source)
        posted, entry = posted_of(source, reader), _entry(reader, groups)
        reader.done()
        assert posted is not None
        assert entry is not None
        return cls(posted, entry, instead)

    @property
    def content(self) -> dict[str, Any]:
        told = {**self.entry.__dict__, "heads": [astuple(one) for one in self.entry.heads]}
        return {"visits": {name: str(value) for name, value in told.items()}, "instead": str(self.instead or "")}


def _entry(reader: Reader, groups: Sequence[Group]) -> Entry | None:
    kind = reader.choice("kind", {one.value: one for one in TYPED})
    group = _group(reader, groups) if kind is VisitKind.CLASS else None
    on = reader.day("on", required=False) or clock.today()
    category = reader.choice("category", CATEGORIES, required=False) if kind is not VisitKind.CLASS else None
    books, class_books = (reader.number(name, 0, MOST_BOOKS, False) or 0 for name in ("books", "class_books"))
    heads = _heads(reader, group)
    if not heads and not books and not class_books:
        reader.complain("heads", "nobody", N_("Ghi số người đến, hoặc số lượt tài liệu."))
    if kind is None:
        return None
    name, grade = (group.name, group.grade) if group else (None, None)
    return Entry(kind, on, heads, category, name, grade, books, class_books, bool(group) and reader.ticked("less"))


def _group(reader: Reader, groups: Sequence[Group]) -> Group | None:
    return reader.choice("class", {str(one.uid): one for one in groups})


def _heads(reader: Reader, group: Group | None) -> tuple[Heads, ...]:
    """Boys, girls, and those nobody told apart; of each those with a need apart. A class without figures came whole."""
    rest = dict(_row(reader, "", group.size if group else 0))
    needs = {need: _row(reader, need + "-", 0) for need in NEEDS}
    told = [Heads(count, sex, need) for need, row in needs.items() for sex, count in row.items() if count]
    apart: list[Heads] = []
    for one in sorted(told, key=lambda one: one.sex is None):
        found = _taken_off(rest, one)
        apart += found
        if sum(part.quantity for part in found) < one.quantity:
            reader.complain("heads", "more-needs", N_("Số người khuyết tật nhiều hơn số người đến."))
        elif one.sex is None and any(part.sex == WHICH for part in found):
            name = f"{one.access_need}-heads"
            reader.complain(
                name, "which-sex", N_("Nam, nữ ở trên đã đủ: ghi ở hai ô bên cạnh những người này là nam hay nữ.")
            )
    rows = [*(Heads(count, sex) for sex, count in rest.items()), *apart]
    return tuple(one for one in rows if one.quantity > 0)


WHICH = "?"
"""One of the two sexes, and nobody said which."""


def _taken_off(rest: dict[str | None, int], apart: Heads) -> list[Heads]:
    """Those with a need are among the others: boys among the boys, then among whoever nobody told apart. Of whom it is not
    told, they are among those, and then of the one sex that is left; where both are, nobody can say of which. What of them
    has its place."""
    found: list[Heads] = []
    for sex in (apart.sex, None) if apart.sex else (None, *SIDES):
        gone = min(rest[sex], apart.quantity - sum(one.quantity for one in found))
        both = apart.sex is None and sex in SIDES and all(rest[side] for side in SIDES)
        found.append(replace(apart, quantity=gone, sex=WHICH if both else apart.sex or sex))
        rest[sex] -= gone
    return [one for one in found if one.quantity]


def _row(reader: Reader, prefix: str, usual: int) -> Mapping[str | None, int]:
    """{m, f, None}: as told, and the rest of the whole."""
    told = {letter: reader.number(prefix + name, 0, MOST, False) for name, letter in SEXES}
    total, known = reader.number(prefix + "heads", 0, MOST, False), sum(one or 0 for one in told.values())
    if total is None:
        total = usual if known == 0 and all(one is None for one in told.values()) else known
    if total < known:
        reader.complain(prefix + "heads", "too-few", N_("Nam cộng nữ nhiều hơn tổng số."))
    return {**{letter: count or 0 for letter, count in told.items()}, None: max(0, total - known)}


def day_of(text: str | None) -> date:
    """The day an address names; today for junk, for days to come and for years nobody counted in."""
    try:
        found = date.fromisoformat(text or "")
    except ValueError:
        return clock.today()
    return min(found, clock.today()) if found.year in YEARS else clock.today()
