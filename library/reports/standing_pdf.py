"""A report on paper: A4, lying where a table has many columns; letters as on our other working papers."""

from typing import Any

from reportlab.platypus import CondPageBreak, Flowable, Spacer

from library.labels.ink import MM
from library.mobile import printed
from library.reports.standing_sheet import HEAD, ROW, Line, Report, Table

UPRIGHT, ACROSS = 182.0, 269.0
"""Millimetres of room."""
MANY = 8
KEPT = 28
"""Millimetres that a caption wants below it: its table begins on the same page."""
MOST = 1_500
"""Lines of one table on paper: what is longer is for the screen and the workbook."""


def pdf(report: Report, made: str, cut: str) -> bytes:
    """`made`: when and by whom, below the heading. `cut`: said where a table was too long for paper."""
    tables = [one for one in report.tables if not one.deep]
    across = any(len(one.heads) >= MANY for one in tables)
    story: list[Flowable] = [
        printed.words(report.about[0], 10), printed.words(report.title, 16, bold=True),
        *(printed.words(one, 10.5) for one in report.about[1:]), printed.words(made, 8.5, after=2),
    ]  # fmt: skip
    for table in tables:
        story += _table(table, ACROSS if across else UPRIGHT, cut)
    story += [printed.words(note, 8.5, after=1) for note in report.notes]
    return printed.sheet(report.title, story, across)


def _table(table: Table, room: float, cut: str) -> list[Flowable]:
    found: list[Flowable] = [Spacer(1, 3 * MM), CondPageBreak(KEPT * MM)]
    found += [printed.words(table.caption, 11.5, bold=True)] if table.caption else []
    sides = "".join("l" if table.is_words(at) else "r" for at in range(len(table.heads)))
    rows = [
        [_cell(cell, line, side) for cell, side in zip(line.cells, sides, strict=True)] for line in table.lines[:MOST]
    ]
    found.append(printed.table(table.heads, rows, widths(table, room), sides))
    notes = [table.note] + ([cut] if len(table.lines) > MOST else [])
    return found + [printed.words(note, 8.5, after=1) for note in notes if note]


def widths(table: Table, room: float) -> list[float]:
    """Words get what is left, by how long they are; numbers what they need."""
    needs = [max([_longest(head) for head in (head,)] + [_room(line, at) for line in table.lines[:300]])
             for at, head in enumerate(table.heads)]  # fmt: skip
    words = [at for at in range(len(needs)) if table.is_words(at)]
    fixed = {at: min(max(need * 2.0 + 4, 13), 30) for at, need in enumerate(needs) if at not in words}
    left = max(room - sum(fixed.values()), 14.0 * len(words))
    whole = sum(min(needs[at], 40) for at in words) or 1
    told = [fixed.get(at, left * min(need, 40) / whole) for at, need in enumerate(needs)]
    return [one * room / sum(told) for one in told]


def _longest(head: str) -> float:
    """Heads may break between words."""
    return max(map(len, head.split()), default=1) * 0.95


def _room(line: Line, at: int) -> float:
    return 0 if line.kind == HEAD else len(str(line.cells[at]))


def _cell(cell: Any, line: Line, side: str) -> Any:
    text = str(cell)
    if line.kind == ROW:
        return text
    return printed.words(text, 9.5, bold=True, side="right" if side == "r" else "left")
