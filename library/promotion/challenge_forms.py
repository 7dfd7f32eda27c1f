"""What the form of a challenge says: typed values, or every complaint."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from library.core.errors import N_
from library.core.forms import Reader
from library.promotion.challenge_models import Challenge, MarkOf, Reach, Unit
from library.promotion.challenges import LONGEST, NewChallenge, NewMark

ROWS = 4
"""Milestones of each sort in the form."""
GRADES = range(1, 13)
MOST = 10_000_000
USUAL: Mapping[str, object] = {
    "reach": Reach.SCHOOL.value, "unit": Unit.BOOKS.value, "reader-amount-0": 5, "reader-name-0": N_("Mầm đọc"),
    "reader-amount-1": 10, "reader-name-1": N_("Bạn của sách"), "class-amount-0": 100,
    "class-name-0": N_("Lớp 100 lượt sách"),
}  # fmt: skip
"""What an empty form begins with."""


def read(
    reader: Reader, classes: Mapping[UUID, int], chosen: Sequence[str], grades: Sequence[str]
) -> NewChallenge | None:
    """`classes`: ids of those that may be chosen; `chosen` and `grades` as ticked. None after complaints."""
    name, note = reader.text("name", longest=120), reader.text("note", False, 500)
    reach = reader.choice("reach", {one.value: one for one in Reach})
    unit = reader.choice("unit", {one.value: one for one in Unit})
    first, last = reader.planned_day("first_on"), reader.planned_day("last_on")
    if first and last and not first <= last <= first + LONGEST:
        reader.complain("last_on", "span", N_("Ngày cuối phải sau ngày đầu, trong vòng 400 ngày."))
    ids = [at for uid, at in classes.items() if str(uid) in chosen]
    picked = sorted(
        {int(one) for one in grades if one.isascii() and one.isdigit() and len(one) < 3 and int(one) in GRADES}
    )
    if (reach is Reach.CLASS and not ids) or (reach is Reach.GRADE and not picked):
        reader.complain("reach", "nobody", N_("Chọn ít nhất một lớp hoặc một khối."))
    if reach is Reach.BELOW and unit not in (None, Unit.BOOKS):
        reader.complain("unit", "books-only", N_("Các trường cùng thi thì tính theo cuốn."))
    marks = _marks(reader, reach)
    if reader.complaints or not (reach and unit and first and last):
        return None
    return NewChallenge(name, reach, unit, first, last, marks, ids, picked, note)


def _marks(reader: Reader, reach: Reach | None) -> list[NewMark]:
    found = [mark for of in MarkOf for at in range(ROWS) if (mark := _mark(reader, of, at))]
    if reach in (Reach.BELOW, Reach.LIBRARY):
        absent = MarkOf.READER if reach is Reach.BELOW else MarkOf.CLASS
        found = [one for one in found if one.of is not absent]
    numbers = [(one.of, one.amount) for one in found]
    if len(numbers) != len(set(numbers)):
        reader.complain("marks", "twice", N_("Có hai mốc cùng số. Mỗi số một mốc."))
    return found


def _mark(reader: Reader, of: MarkOf, at: int) -> NewMark | None:
    number, name = f"{of}-amount-{at}", f"{of}-name-{at}"
    amount, said = reader.number(number, 1, MOST, required=False), reader.text(name, False, 60)
    if said and amount is None:
        reader.complain(number, "required", N_("Cần con số để đạt mốc này."))
    if amount and not said:
        reader.complain(name, "required", N_("Đặt tên cho mốc này."))
    return NewMark(of, amount, said) if amount and said else None


def as_form(one: Challenge) -> dict[str, Any]:
    """A challenge as the form has it."""
    told: dict[str, Any] = {
        "name": one.name, "note": one.note, "reach": one.reach.value, "unit": one.unit.value,
        "first_on": one.first_on.isoformat(), "last_on": one.last_on.isoformat(),
    }  # fmt: skip
    for of in MarkOf:
        for at, mark in enumerate(mark for mark in one.marks if mark.of is of):
            told |= {f"{of}-amount-{at}": mark.amount, f"{of}-name-{at}": mark.name}
    return told
