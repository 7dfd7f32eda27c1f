"""Loads and their rows in words, as the pages show them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from library.core import clock
from library.core.errors import N_
from library.core.numbers import written
from library.staging.importers import REST, Importer, importers, row_key
from library.staging.models import Load, LoadRow, LoadState
from library.staging.sheets import Plan
from library.staging.verdicts import Verdict

OUTCOMES = {
    Verdict.NEW: "ok",
    Verdict.CHANGED: "luu",
    Verdict.UNCHANGED: "ghi",
    Verdict.DUPLICATE: "hoi",
    Verdict.REFUSED: "khong",
    Verdict.SKIPPED: "ghi",
    Verdict.LEFT: "hoi",
}
VERDICTS = {
    Verdict.NEW: N_("Mới"),
    Verdict.CHANGED: N_("Bổ sung"),
    Verdict.UNCHANGED: N_("Đã có, giữ nguyên"),
    Verdict.DUPLICATE: N_("Trùng trong tệp"),
    Verdict.REFUSED: N_("Chưa nạp được"),
    Verdict.SKIPPED: N_("Bỏ qua"),
    Verdict.LEFT: N_("Không còn trong danh sách"),
}
STATES = {
    LoadState.READING: ("ghi", N_("Đang đọc tệp")),
    LoadState.CHECKED: ("luu", N_("Đã xem xong, chưa ghi gì")),
    LoadState.APPLYING: ("ghi", N_("Đang ghi vào sổ")),
    LoadState.APPLIED: ("ok", N_("Đã ghi vào sổ")),
    LoadState.UNDOING: ("ghi", N_("Đang hoàn tác")),
    LoadState.UNDONE: ("ghi", N_("Đã hoàn tác")),
    LoadState.UNREADABLE: ("khong", N_("Máy chưa đọc được tệp")),
}


@dataclass(frozen=True)
class ShownRow:
    """One row of a list: what it is called, the rest in one line, what is said of it. `key` names it where it may be
    ticked; '' where not."""

    number: int
    sheet: str
    outcome: str
    word: str
    named: bool
    title: str
    place: str
    line: str
    notes: Sequence[str]
    key: str = ""
    ticked: bool = False


def day_time(moment: datetime) -> str:
    return f"{moment.astimezone(clock.HERE):%d/%m/%Y %H:%M}"


def translated(options: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(value, _(text)) for value, text in options]


def note_words(note: Mapping[str, Any]) -> str:
    """A stored note in the reader's language."""
    stored: str = note["sentence"]
    return str(str(_(stored)) % note["facts"])


def state_words(load: Load) -> tuple[str, str]:
    """(outcome, words)."""
    outcome, words = STATES[load.state]
    return outcome, str(_(words))


def tally_words(load: Load) -> list[str]:
    """What the list writes, or has written: “1.702 nhan đề mới”, “3.410 bản sách vào sổ”."""
    done = load.state in (LoadState.APPLIED, LoadState.UNDOING, LoadState.UNDONE)
    tally = load.choices.get("written" if done else "tally") or {}
    sentences = importers()[load.kind].tallies
    return [_(sentences[name]) % {"count": written(tally[name])} for name in sentences if tally.get(name)]


def verdict_chips(counted: Mapping[Verdict, int]) -> list[tuple[Verdict, str, str, str]]:
    """(verdict, outcome, words, count)."""
    return [(one, OUTCOMES[one], _(VERDICTS[one]), written(count)) for one, count in counted.items()]


def row_of(row: LoadRow, plan: Plan, importer: Importer, ticked: Collection[str] = ()) -> ShownRow:
    key = row_key(row.number, row.sheet)
    may_tick = row.verdict is Verdict.LEFT or key in ticked
    title, line = _told(row.cells, plan, importer)
    whole = " · ".join(cell for cell in row.cells if cell)
    return ShownRow(
        row.number, "" if row.sheet == REST else row.sheet, OUTCOMES[row.verdict], _(VERDICTS[row.verdict]),
        bool(title), title or whole,
        _place(row, plan), line if title else "", [note_words(note) for note in row.notes],
        key if may_tick else "", key in ticked,
    )  # fmt: skip


def _place(row: LoadRow, plan: Plan) -> str:
    if plan.entries:
        return str(_("biểu ghi %(number)s", number=written(row.number)))
    if row.sheet == REST:
        return str(_("không có trong tệp"))
    return str(_("dòng %(number)s", number=row.number))


def _told(cells: Sequence[str], plan: Plan, importer: Importer) -> tuple[str, str]:
    """What the row is called ('' where it has no name), and its other columns of interest."""
    header = plan.header
    first, *others = (header.cell(cells, key) for key in importer.essential) if header else ("",)
    title = first or " ".join(filter(None, others))
    shown = importer.entries.cells if plan.entries and importer.entries else importer.shown
    keys = [key for key in shown if key not in importer.essential]
    rest = [(key, text) for key in keys if header and (text := header.cell(cells, key))]
    return title, " · ".join(f"{importer.label(key).lower()} {text}" if text.isdigit() else text for key, text in rest)
