"""Text to days: closures, days opened all the same, terms of a school year."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from library.calendars.holidays import KINDS
from library.calendars.models import TermKind
from library.calendars.opening_days import Dates
from library.core.errors import N_
from library.core.forms import Reader

LONGEST = 400
BEHIND = timedelta(days=60)
"""A term may begin before its school year does, by so much (trả phép, học bù) or end after it."""

TERM_WORDS: Mapping[TermKind, str] = {
    TermKind.FIRST: N_("Học kỳ I"), TermKind.SECOND: N_("Học kỳ II"), TermKind.SUMMER: N_("Hè"),
}  # fmt: skip


def read_weekdays(values: list[str]) -> frozenset[int]:
    """0 is Monday; what is no weekday is left out."""
    return frozenset(int(one) for one in values if len(one) == 1 and one in "0123456")


def read_holidays(source: Mapping[str, Any]) -> dict[str, bool]:
    """Every kind, whether it is ticked: closed."""
    reader = Reader(source)
    return {kind: reader.ticked(f"holiday-{kind}") for kind in KINDS}


@dataclass(frozen=True)
class ClosureForm:
    """Days on which one will be closed, both included."""

    first: date
    last: date
    why: str

    @classmethod
    def read(cls, source: Mapping[str, Any], today: date) -> "ClosureForm":
        """`last` may be left empty for a single day. Raises Invalid."""
        reader = Reader(source)
        first, last = reader.day("first"), reader.day("last", required=False)
        why = reader.text("why", longest=100)
        last = last or first
        if first and last and last < first:
            reader.complain("last", "last-before-first", N_("Ngày cuối phải sau ngày đầu."))
        if last and last < today:
            reader.complain("last", "closure-past", N_("Những ngày này đã qua."))
        if first and last and (last - first).days > LONGEST:
            reader.complain("last", "closure-long", N_("Nghỉ dài quá một năm: xem lại năm."))
        reader.done()
        assert first
        assert last
        return cls(first, last, why)


@dataclass(frozen=True)
class ExtraForm:
    """A day on which one opens all the same."""

    day: date
    why: str

    @classmethod
    def read(cls, source: Mapping[str, Any], today: date) -> "ExtraForm":
        """Raises Invalid."""
        reader = Reader(source)
        day, why = reader.day("day"), reader.text("reason", longest=100)
        if day and day < today:
            reader.complain("day", "closure-past", N_("Những ngày này đã qua."))
        if day and (day - today).days > 2 * LONGEST:
            reader.complain("day", "opening-far", N_("Ngày này xa quá: xem lại năm."))
        reader.done()
        assert day
        return cls(day, why)


def read_terms(source: Mapping[str, Any], year: Dates) -> dict[TermKind, Dates]:
    """Those of which both days are given, in order of time. Raises Invalid, naming fields as first-summer."""
    reader = Reader(source)
    found: dict[TermKind, Dates] = {}
    for kind in TermKind:
        first, last = reader.day(f"first-{kind}", required=False), reader.day(f"last-{kind}", required=False)
        if first and last:
            found[kind] = first, last
            _check_term(reader, kind, (first, last), year)
        elif first or last:
            reader.complain(f"{'last' if first else 'first'}-{kind}", "required", N_("Ô này chưa có gì."))
    _check_order(reader, found)
    reader.done()
    return found


def _check_term(reader: Reader, kind: TermKind, term: Dates, year: Dates) -> None:
    if term[1] < term[0]:
        reader.complain(f"last-{kind}", "last-before-first", N_("Ngày cuối phải sau ngày đầu."))
    latest = year[1] + (timedelta(days=120) if kind is TermKind.SUMMER else BEHIND)
    if not year[0] - BEHIND <= term[0] <= latest or term[1] > latest:
        reader.complain(f"first-{kind}", "term-outside", N_("Ngày này không thuộc năm học: xem lại năm."))


def _check_order(reader: Reader, found: Mapping[TermKind, Dates]) -> None:
    given = [(kind, found[kind]) for kind in TermKind if kind in found]
    for (_, before), (kind, after) in pairwise(given):
        if after[0] <= before[1]:
            reader.complain(f"first-{kind}", "term-overlaps", N_("Bắt đầu khi kỳ trước chưa hết."))
