"""A light list typed or pasted: one book a line, "nhan đề, tác giả, của ai". No database.

The parts stand between tabs, "|" or ";". Between commas too, where the line says whose the book is by a word we know:
titles have commas of their own.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from library.core.errors import N_, Reason
from library.core.fold import clean, fold
from library.holdings.models import Ownership

MOST = 200
LONGEST = {"title": 300, "author": 200, "whose": 100}
OWNERS: Mapping[str, Ownership] = {
    "lop": Ownership.CLASS, "cua lop": Ownership.CLASS, "quy lop": Ownership.CLASS, "tu cua lop": Ownership.CLASS,
    "phu huynh": Ownership.PARENTS, "cua phu huynh": Ownership.PARENTS, "cha me": Ownership.PARENTS,
    "hoi phu huynh": Ownership.PARENTS,
    "em": Ownership.PUPIL, "hoc sinh": Ownership.PUPIL, "hs": Ownership.PUPIL, "cua em": Ownership.PUPIL,
    "cho muon": Ownership.PUPIL,
    "nguoi gui": Ownership.DONOR, "gui": Ownership.DONOR, "nho giu": Ownership.DONOR,
}  # fmt: skip
"""Words for whose a book is, folded."""
_HEADS = ("nhan de", "ten sach", "title")
_SEPARATOR = re.compile(r"[\t|;]")


@dataclass(frozen=True)
class Line:
    """A book of the list. `number` is its line in the text, from 1."""

    number: int
    title: str
    author: str
    owner: Ownership
    whose: str = ""


@dataclass(frozen=True)
class Unread:
    """A line that is no book yet, and why."""

    number: int
    reason: Reason


@dataclass(frozen=True)
class Pupil:
    """Somebody of the class a book may belong to."""

    membership_id: int
    name: str


def read(text: str, usual: Ownership) -> tuple[list[Line], list[Unread]]:
    """`usual`: whose a book is that says nothing. Blank lines and a heading are passed over."""
    lines, unread = [], []
    for number, row in enumerate(text.splitlines(), 1):
        parts = [clean(part) for part in _parts(row)]
        if not any(parts) or (number == 1 and fold(parts[0]) in _HEADS):
            continue
        one = _line(number, parts, usual)
        if reason := _against(one):
            unread.append(Unread(number, reason))
        else:
            lines.append(one)
    return lines, unread


def _parts(row: str) -> Sequence[str]:
    if _SEPARATOR.search(row):
        return _SEPARATOR.split(row)
    parts = row.split(",")
    at = _says_whose(parts)
    if at is None:
        return [row] if len(parts) == 1 else [",".join(parts[:-1]), parts[-1]]
    before = parts[:at]
    title, author = (before, "") if len(before) == 1 else (before[:-1], before[-1])
    return [",".join(title), author, parts[at], ",".join(parts[at + 1 :])]


def _says_whose(parts: Sequence[str]) -> int | None:
    """The last part; or the last but one, if it is such a word alone and a name follows: titles begin with "Em" too."""
    last = len(parts) - 1
    if last > 1 and fold(clean(parts[last - 1])) in OWNERS and not _owner(parts[last]):
        return last - 1
    return last if last > 0 and _owner(parts[last]) else None


def _owner(part: str) -> tuple[Ownership, str] | None:
    """Whose, and the name said with it: "em Lan Anh" is a pupil's, Lan Anh's."""
    folded = fold(clean(part))
    if folded in OWNERS:
        return OWNERS[folded], ""
    for words in sorted(OWNERS, key=len, reverse=True):
        if folded.startswith(words + " ") and OWNERS[words] in (Ownership.PUPIL, Ownership.DONOR):
            return OWNERS[words], " ".join(clean(part).split()[len(words.split()) :])
    return None


def _line(number: int, parts: Sequence[str], usual: Ownership) -> Line:
    title, author, owner, whose = (*parts, "", "", "", "")[:4]
    said = _owner(owner)
    if said is None:
        return Line(number, title, author, usual if not owner else Ownership.PUPIL, whose or owner)
    return Line(number, title, author, said[0], whose or said[1])


def _against(one: Line) -> Reason | None:
    if not one.title:
        return Reason("no-title", N_("Dòng %(number)s chưa có nhan đề."), {"number": one.number})
    long = next((name for name, most in LONGEST.items() if len(getattr(one, name)) > most), None)
    if long:
        return Reason("too-long", N_("Dòng %(number)s dài quá, có lẽ dính hai cuốn."), {"number": one.number})
    return None


def pupil_of(line: Line, pupils: Sequence[Pupil]) -> Pupil | Reason:
    """Whom the line means: by the whole name, else by the last words of it, if only one answers."""
    told = fold(line.whose)
    facts = {"number": line.number, "name": line.whose}
    if not told:
        return Reason("no-pupil", N_("Dòng %(number)s: sách của em nào? Ghi thêm tên em sau cùng."), facts)
    found = [one for one in pupils if fold(one.name) == told]
    found = found or [one for one in pupils if fold(one.name).endswith(" " + told)]
    if len(found) == 1:
        return found[0]
    if not found:
        return Reason("unknown-pupil", N_("Dòng %(number)s: lớp không có em nào tên %(name)s."), facts)
    facts["count"] = len(found)
    return Reason("namesakes", N_("Dòng %(number)s: lớp có %(count)s em tên %(name)s. Ghi đủ họ tên."), facts)
