"""The figures of library statistics (TCVN 12843, ISO 2789) of a period beside those of the year before, and by unit."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from library.core import clock
from library.core.among import among
from library.core.errors import N_
from library.core.fold import sort_key
from library.organisations.models import Organisation
from library.reports import asking
from library.reports.measures import MEASURES, Ledger
from library.reports.standing_question import Question, count_stock
from library.reports.standing_sheet import HEAD, Figure, Line, Report, Table, of_people, share, summed
from library.uses.models import UseKind

PARTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (N_("Bạn đọc"), ("readers", "readers-active", "visits", "visits-pupils", "visits-mobile")),
    (N_("Vốn tài liệu"), ("copies", "titles", "copies-added", "copies-lost")),
    (N_("Sử dụng tài liệu"), ("lent", "renewals", "honour", "in-house", "class", "uses", "uses-digital")),
    (N_("Hoạt động"), ("event", "event-people", "training", "training-people", "internet-turns")),
)
OF_USE: Mapping[str, tuple[str, ...]] = {
    "lent": (UseKind.HOME,), "renewals": (UseKind.RENEWAL,), "honour": (UseKind.HONOUR,),
    "in-house": (UseKind.IN_HOUSE, UseKind.TALLY), "class": (UseKind.CLASS_READ,),
    "uses": (UseKind.HOME, UseKind.RENEWAL, UseKind.HONOUR, UseKind.IN_HOUSE, UseKind.TALLY, UseKind.CLASS_READ),
}  # fmt: skip
"""Lines that fall out of one question for uses by kind."""
USE_WORDS: Mapping[str, str] = {
    "lent": N_("Lượt mượn về"), "renewals": N_("Lượt gia hạn"), "honour": N_("Lượt tự lấy sách ở tủ lớp"),
    "in-house": N_("Lượt đọc tại chỗ"), "class": N_("Lượt đọc ở lớp"), "uses": N_("Cộng lượt tài liệu phục vụ"),
}  # fmt: skip
PEOPLE = ("readers", "readers-active")
RATIOS: tuple[tuple[str, str, str, int], ...] = (
    (N_("Vòng quay của sách (lượt mỗi bản)"), "uses", "copies", 2),
    (N_("Mức đọc bình quân (lượt sách mỗi bạn đọc)"), "uses", "readers", 1),
    (N_("Lượt đến bình quân (mỗi bạn đọc)"), "visits", "readers", 1),
)
UNITS = (
    "readers", "copies", "copies-added", "visits", "uses", "uses-home", "uses-in-house", "uses-class", "event",
    "training", "gift-copies",
)  # fmt: skip
"""Columns of the table by unit."""


@dataclass(frozen=True)
class Told:
    """Figures of one period by the name of their line. `gone`: too few names are left to say how many different people read."""

    question: Question
    values: Mapping[str, int]
    gone: bool = False

    def figure(self, code: str) -> Figure:
        if code == "readers-active" and self.gone:
            return Figure(None)
        ask = self.question.ask("uses", kind=list(OF_USE[code])) if code in OF_USE else self.question.ask(code)
        if code == "uses":
            ask = self.question.ask("uses")
        return (
            of_people(self.values[code], ask, self.question.whole) if code in PEOPLE else Figure(self.values[code], ask)
        )


def told(session: Session, question: Question) -> Told:
    codes = [code for _words, some in PARTS for code in some if code not in OF_USE]
    values = question.totals(session, codes)
    kinds = {row.keys[0]: row.quantity for row in question.kinds(session, Ledger.USE)}
    used = {code: sum(kinds.get(one, 0) for one in some) for code, some in OF_USE.items()}
    return Told(question, values | used, asking.names_gone(session, question.ask("readers-active"), question.known))


def report(session: Session, question: Question) -> Report:
    """One line for each figure: now, the same days of last year, the difference; then what follows from them."""
    table = beside(session, question)
    title = str(_("Số liệu thư viện theo TCVN 12843 (ISO 2789)"))
    return Report(title, question.about(), (table,), _notes())


def _notes() -> tuple[str, ...]:
    return (
        str(_("Bạn đọc, bản, đầu sách: có ở ngày cuối kỳ. Các số khác: cộng trong kỳ.")),
        str(_("Lượt là số lần; một người đến ba lần là ba lượt. Bạn đọc có đọc, có mượn thì mỗi người đếm một lần.")),
        str(_("Dấu – ở số bạn đọc có đọc: tên người mượn thời ấy đã xóa theo hạn giữ, không đếm lại được.")),
    )


def beside(session: Session, question: Question, caption: str = "") -> Table:
    ago = question.of(question.period.ago(clock.today()))
    count_stock(session, question, ago)
    now, then = told(session, question), told(session, ago)
    lines: list[Line] = []
    for words, codes in PARTS:
        lines.append(Line((str(_(words)), "", "", "", ""), HEAD))
        lines += [_line(code, now.figure(code), then.figure(code)) for code in codes]
    lines.append(Line((str(_("Tính ra")), "", "", "", ""), HEAD))
    lines += [_ratio(now, then, *one) for one in RATIOS] + [_active(now, then)]
    heads = (str(_("Chỉ tiêu")), str(_("Đơn vị tính")), now.question.period.words().capitalize(),
             str(_("Cùng kỳ: %(period)s", period=then.question.period.words())), str(_("Tăng, giảm")))  # fmt: skip
    return Table(heads, tuple(lines), caption, names=2)


def _line(code: str, now: Figure, then: Figure) -> Line:
    words = USE_WORDS.get(code) or MEASURES[code].words
    unit = str(_("lượt")) if code in OF_USE else str(_(MEASURES[code].unit))
    hidden = now.hidden or then.hidden
    unknown = hidden or now.value is None or then.value is None
    grown = Figure(None if unknown else (now.value or 0) - (then.value or 0), hidden=hidden, signed=True)
    return Line((str(_(words)), unit, now, then, grown))


def _ratio(now: Told, then: Told, words: str, part: str, of: str, places: int) -> Line:
    return Line((str(_(words)), "", _shared(now, part, of, places), _shared(then, part, of, places), ""))


def _shared(one: Told, part: str, of: str, places: int) -> Figure:
    whole = one.figure(of)
    return Figure(one.values[part] / whole.value if whole.value else None, places=places, hidden=whole.hidden)


def _active(now: Told, then: Told) -> Line:
    return Line((str(_("Bạn đọc có đọc trong số có thẻ")), "%", *(_part(one) for one in (now, then)), ""))


def _part(one: Told) -> Figure:
    active, all_ = one.figure("readers-active"), one.figure("readers")
    if active.hidden or all_.hidden:
        return Figure(None, hidden=True)
    return share(active.value, all_.value, times=100)


# By unit


def by_unit(session: Session, question: Question) -> Report:
    """Every unit right below those asked for (or itself), a column for each figure."""
    return Report(str(_("Số liệu từng đơn vị")), question.about(), (units(session, question),), _notes())


def units(session: Session, question: Question, caption: str = "") -> Table:
    counted = question.by_code(session, UNITS, "below")
    told = {code: {int(str(unit)): many for unit, many in parts.items()} for code, parts in counted.items()}
    there = {stand.below for stand in question.last.stands.values()} | {key for one in told.values() for key in one}
    query = select(Organisation.id, Organisation.name).where(among(Organisation.id, there))
    names = {row.id: row.name for row in session.execute(query)}
    ordered = sorted(names, key=lambda unit: sort_key(names[unit]))
    lines = [
        Line((names[unit], *(_cell(question, code, unit, told[code].get(unit, 0)) for code in UNITS)))
        for unit in ordered
    ]
    foot = [_foot(session, question, lines)] if len(lines) > 1 else []
    heads = (str(_("Đơn vị")), *(str(_(MEASURES[code].words)) for code in UNITS))
    return Table(heads, (*lines, *foot), caption)


def _cell(question: Question, code: str, unit: int, value: int) -> Figure:
    if unit in question.units:  # what is its own, without those below it
        ask = question.ask(code, branch=[at for at, stand in question.last.stands.items() if stand.below == unit])
    else:
        ask = replace(question.ask(code), units=frozenset({unit}))
    return of_people(value, ask, question.whole) if code in PEOPLE else Figure(value, ask)


def _foot(session: Session, question: Question, lines: Iterable[Line]) -> Line:
    """Sums; of people and of what is distinct the figure itself. One hidden number would follow from the sum: then no sum."""
    line = summed([str(_("Cộng"))], lines)
    told = [line.cells[0]]
    for at, code in enumerate(UNITS, 1):
        hidden = any(isinstance(one.cells[at], Figure) and one.cells[at].hidden for one in lines)  # type: ignore[union-attr]
        ask = question.ask(code)
        if hidden:
            told.append(Figure(None, hidden=True))
        elif MEASURES[code].ledger is Ledger.HOLDING:
            told.append(Figure(question.total(session, ask), ask))
        else:
            told.append(Figure(line.cells[at].value, ask))  # type: ignore[union-attr]
    return Line(tuple(told), line.kind)
