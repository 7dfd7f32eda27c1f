"""What the pages that make a campaign send: its days and words, its lines, its units."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask_babel import gettext as _

from library.core.errors import N_, Reason
from library.core.fold import clean
from library.core.forms import Reader
from library.promotion.event_types import EVENTS, SUBJECTS
from library.reports.campaign_models import CampaignIndicator, LineKind
from library.reports.campaigns import About
from library.reports.indicators import MOST, BadLine, Line, parts_of
from library.reports.measures import MEASURES, Ledger
from library.uses.happenings import Measure

BY_HAND, IN_WORDS = "", "text"
SORTED: Mapping[str, Mapping[str, str]] = {
    Measure.EVENT.value: EVENTS, Measure.EVENT_PEOPLE.value: EVENTS, Measure.TRAINING.value: SUBJECTS,
    Measure.TRAINING_PEOPLE.value: SUBJECTS, Measure.TRAINING_TURNS.value: SUBJECTS,
}  # fmt: skip
"""Figures that may be asked of one type only."""
SPARE = 3
"""Empty rows below the list of lines."""

Option = tuple[str, str]
Group = tuple[str, list[Option]]


def about(reader: Reader) -> About | None:
    name, theme = reader.text("name", longest=200), reader.text("theme", False, 300)
    first, last, due = (reader.planned_day(one) for one in ("first_on", "last_on", "due_on"))
    note = reader.text("note", False, 1000)
    if not (name and first and last and due) or reader.complaints:
        return None
    if last < first:
        reader.complain("last_on", "order", N_("Ngày cuối phải từ ngày đầu trở đi."))
    if due < first:
        reader.complain("due_on", "order", N_("Hạn nộp phải từ ngày đầu trở đi."))
    return About(name, first, last, due, theme or None, note or None)


# How a line is counted, as one choice


def source_of(line: Line | CampaignIndicator) -> str:
    """The value of its choice."""
    if line.kind is LineKind.TEXT:
        return IN_WORDS
    told = dict(line.formula) if line.formula else None
    if told is None:
        return BY_HAND
    return json.dumps({"units": line.kind is LineKind.UNITS, **told}, sort_keys=True)


def sources(lines: Iterable[Line | CampaignIndicator]) -> list[Group]:
    """What one may choose, in groups; what is in use and not among the usual comes first."""
    usual = _usual()
    known = {value for _head, options in usual for value, _words in options}
    own = {source_of(one): _own_words(one) for one in lines if source_of(one) not in {*known, BY_HAND, IN_WORDS}}
    first: list[Group] = [(_("Người ghi"), [(BY_HAND, _("đơn vị tự ghi số")), (IN_WORDS, _("đơn vị ghi bằng chữ"))])]
    return [*first, *([(_("Đang dùng ở đợt này"), list(own.items()))] if own else []), *usual]


def _own_words(line: Line | CampaignIndicator) -> str:
    return " + ".join(
        _(MEASURES[one.measure].words) + (f" ({', '.join(str(v) for v in one.only.values())})" if one.only else "")
        for one in parts_of(line.formula)
    )


def _usual() -> list[Group]:
    heads = {
        Ledger.VISIT: _("Lượt bạn đọc"), Ledger.USE: _("Lượt tài liệu"), Ledger.HAPPENING: _("Hoạt động, quyên góp"),
        Ledger.SHELF: _("Sách và tủ sách"), Ledger.UNITS: _("Đơn vị, bạn đọc"),
        Ledger.PEOPLE: _("Đơn vị, bạn đọc"),
    }  # fmt: skip
    found: dict[str, list[Option]] = {}
    for one in MEASURES.values():
        if one.ledger is Ledger.HOLDING:  # what stands there today: not known as it was at the sending
            continue
        found.setdefault(heads[one.ledger], []).extend(_options(one.code))
    return list(found.items())


def _options(code: str) -> list[Option]:
    units = MEASURES[code].ledger is Ledger.UNITS
    plain = [(_value({"measure": code}, units), _(MEASURES[code].words))]
    sorts = SORTED.get(code, {})
    return plain + [
        (_value({"measure": code, "only": {"sort": sort}}), f"{_(MEASURES[code].words)}: {_(words)}")
        for sort, words in sorts.items()
    ]


def _value(formula: dict[str, Any], units: bool = False) -> str:
    return json.dumps({"units": units, **formula}, sort_keys=True)


# Lines


def lines(source: Mapping[str, Any]) -> tuple[list[Line], dict[str, Reason]]:
    """Rows 0, 1, …: label-0, unit-0, source-0, evidence-0, under-0 (stands under the one before), gone-0, at-0 (its place).
    An empty row of the spare ones is left out; a line is dropped by `gone` alone, never because its label was emptied.
    With what is wrong, by field."""
    reader, rows = Reader(source), list[tuple[int, int]]()
    for at in range(MOST + SPARE):
        said = any(clean(str(source.get(f"{name}-{at}") or "")) for name in ("label", "code", "unit"))
        if f"label-{at}" in source and said and not source.get(f"gone-{at}"):
            rows.append((reader.number(f"at-{at}", 0, 999, required=False) or at + 1, at))
    found: list[Line] = []
    for _place, at in sorted(rows):
        if (line := _line(reader, at, found)) is not None:
            found.append(line)
    return found, reader.complaints


def _line(reader: Reader, at: int, before: Sequence[Line]) -> Line | None:
    label, unit = reader.text(f"label-{at}", longest=200), reader.text(f"unit-{at}", False, 40)
    code = reader.text(f"code-{at}", False, 20) or f"D{at + 1}"
    if code in {one.code for one in before}:
        code = f"{code}.{at + 1}"
    under = bool(before) and reader.ticked(f"under-{at}")
    number = before[-1].number + (not under) if before else 1
    try:
        kind, formula = _counted(str(reader.source.get(f"source-{at}") or ""))
    except (ValueError, TypeError, AttributeError, BadLine):
        reader.complain(f"source-{at}", "choice", N_("Chọn một trong các mục đã cho."))
        return None
    return Line(number, code, label, unit, kind, formula, reader.ticked(f"evidence-{at}"))


def _counted(value: str) -> tuple[LineKind, dict[str, Any] | None]:
    """Raises ValueError or BadLine for what is no choice."""
    if value == BY_HAND:
        return LineKind.NUMBER, None
    if value == IN_WORDS:
        return LineKind.TEXT, None
    told = dict(json.loads(value))
    units = bool(told.pop("units", False))
    if not parts_of(told):
        raise ValueError(value)
    return LineKind.UNITS if units else LineKind.NUMBER, told
