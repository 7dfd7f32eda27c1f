"""A line as somebody typed it: every value unsaid, a number (0 is one), or "no limit"."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from library.core.errors import N_
from library.core.forms import Reader
from library.policies.values import NO_LIMIT, Hard, HardWhen, Length, LengthKind
from library.policies.words import ALL, Sort, Value

LONGEST_NOTE = 200
LONGEST_DAYS = 1000
YEARS = 10
"""A day further ahead is a slip of the finger."""
Said = dict[str, Any]


def read(source: Mapping[str, Any], by_class: bool, today: date, before: Mapping[str, Any]) -> tuple[Said, str | None]:
    """What the line shall say, and why. `by_class`: it speaks of one class. `before`: what it says now; a day that has
    gone by may stay, but not come. Raises Invalid."""
    reader = Reader(source)
    found = {name: _READ[value.sort](reader, value) for name, value in ALL.items()}
    said = {name: value for name, value in found.items() if value is not None}
    _whole(reader, said)
    _right_keys(reader, said, by_class)
    _near(reader, said, today, before)
    if not said and not reader.complaints:
        reader.complain("line", "says-nothing", N_("Dòng này chưa nói gì. Điền ít nhất một ô."))
    note = reader.text("note", required=False, longest=LONGEST_NOTE) or None
    reader.done()
    return said, note


def _count(reader: Reader, value: Value) -> int | None:
    """A number or the tick beside it."""
    number = reader.number(value.name, 0, value.most, required=False)
    if not reader.ticked(f"{value.name}-free"):
        return number
    if reader.source.get(value.name):
        reader.complain(value.name, "both", N_("Chọn một: ghi số, hoặc đánh dấu không giới hạn."))
    return NO_LIMIT


def _number(reader: Reader, value: Value) -> int | None:
    return reader.number(value.name, 0, value.most, required=False)


def _choice(reader: Reader, value: Value) -> Any:
    return reader.choice(value.name, {code(one): one for one in value.among}, required=False)


def code(one: Any) -> str:
    """A choice in a form: its own word, yes or no."""
    return {True: "yes", False: "no"}[one] if isinstance(one, bool) else str(one)


def _length(reader: Reader, value: Value) -> Length | None:
    name = value.name
    kind = reader.choice(f"{name}-kind", {one.value: one for one in LengthKind}, required=False)
    days = reader.number(f"{name}-days", 0, LONGEST_DAYS, required=kind is LengthKind.DAYS)
    on = reader.day(f"{name}-on", required=kind is LengthKind.DATE)
    if kind is not LengthKind.DAYS and days is not None:
        reader.complain(f"{name}-days", "kind", N_("Có số ngày thì chọn “một số ngày”."))
    if kind is not LengthKind.DATE and on is not None:
        reader.complain(f"{name}-on", "kind", N_("Có ngày thì chọn “đến một ngày”."))
    return Length(kind, days, on) if kind else None


def _hard(reader: Reader, value: Value) -> Hard | None:
    when = reader.choice("hard-when", {one.value: one for one in HardWhen}, required=False)
    on = reader.day("hard-on", required=when is not None)
    if on and not when and "hard-when" not in reader.complaints:
        reader.complain("hard-when", "kind", N_("Chọn hạn trả không muộn hơn, không sớm hơn hay đúng ngày này."))
    return Hard(when, on) if when and on else None


_READ = {
    Sort.COUNT: _count, Sort.NUMBER: _number, Sort.CHOICE: _choice, Sort.LENGTH: _length, Sort.HARD: _hard,
}  # fmt: skip


# What does not go together


OF_THE_READER = ("most", "most_on_site", "holds", "overdue", "debt_most", "debt")
"""Values that speak of a reader whatever the book: a line for one class cannot say them."""


def _whole(reader: Reader, said: Said) -> None:
    for one, other in (("demand_holds", "demand_days"), ("demand_days", "demand_holds")):
        if one in said and other not in said:
            reader.complain(other, "whole", N_("Hai ô này đi với nhau: ghi cả hai hoặc để trống cả hai."))
    if said.get("demand_holds") == 0:
        reader.complain("demand_holds", "nought", N_("Ít nhất 1 bạn đang chờ."))
    seen, unseen = said.get("renewals"), said.get("unseen_renewals")
    if unseen is not None and seen is not None and seen != NO_LIMIT and (unseen == NO_LIMIT or unseen > seen):
        reader.complain("unseen_renewals", "more", N_("Không thể nhiều hơn số lần gia hạn."))


def _right_keys(reader: Reader, said: Said, by_class: bool) -> None:
    for name in OF_THE_READER if by_class else ():
        if name in said:
            sentence = N_("Điều này không tùy loại sách: ghi ở dòng cho mọi loại sách.")
            reader.complain(name, "not-by-class", sentence)


def _near(reader: Reader, said: Said, today: date, before: Mapping[str, Any]) -> None:
    """A day that has gone by would make every loan due today; one of another century would end none."""
    for name in ("length", "renewal_length", "hard"):
        on = said[name].on if name in said and said[name] != before.get(name) else None
        if on and on < today:
            reader.complain(f"{name}-on", "past", N_("Ngày này đã qua."))
        elif on and (on - today).days > YEARS * 366:
            reader.complain(f"{name}-on", "too-far", N_("Ngày này xa quá: nhiều nhất %(years)s năm nữa."), years=YEARS)


def shown(said: Mapping[str, Any], note: str | None = None) -> dict[str, str]:
    """The fields of the form for what a line says."""
    fields = {"note": note or ""}
    for name, value in said.items():
        fields |= _FIELDS.get(ALL[name].sort, _plain)(name, value)
    return fields


def _plain(name: str, value: Any) -> dict[str, str]:
    return {name: code(value)}


def _shown_count(name: str, value: int) -> dict[str, str]:
    return {f"{name}-free": "1"} if value == NO_LIMIT else {name: str(value)}


def _shown_length(name: str, value: Length) -> dict[str, str]:
    days = "" if value.days is None else str(value.days)
    return {f"{name}-kind": value.kind, f"{name}-days": days, f"{name}-on": f"{value.on:%d/%m/%Y}" if value.on else ""}


def _shown_hard(name: str, value: Hard) -> dict[str, str]:
    return {"hard-when": value.when, "hard-on": f"{value.on:%d/%m/%Y}"}


_FIELDS: Mapping[Sort, Any] = {Sort.COUNT: _shown_count, Sort.LENGTH: _shown_length, Sort.HARD: _shown_hard}
