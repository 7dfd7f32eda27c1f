"""What a report is made of: tables whose numbers know the question behind them. Pure values."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from library.core.numbers import change, written
from library.core.plot import Plot
from library.privacy.suppression import LEAST
from library.reports.asking import Ask

HIDDEN = "·"
"""Stands for a number of people so small that it is not told."""
ROW, SUM, HEAD = "row", "sum", "head"
"""Kinds of lines: the last one stands above those it names."""


@dataclass(frozen=True)
class Figure:
    """`ask`: whose rows are behind it. `value` None: nobody knows; `hidden`: too few people to be told."""

    value: float | None
    ask: Ask | None = None
    places: int = 0
    hidden: bool = False
    signed: bool = False
    """A difference: +22."""

    def __str__(self) -> str:
        if self.hidden:
            return HIDDEN
        return (change if self.signed else written)(self.value, self.places)


Cell = str | Figure


@dataclass(frozen=True)
class Line:
    cells: tuple[Cell, ...]
    kind: str = ROW


@dataclass(frozen=True)
class Table:
    """`names`: how many columns at the left are words. `links`: an address for the first cell of each line."""

    heads: tuple[str, ...]
    lines: tuple[Line, ...]
    caption: str = ""
    note: str = ""
    names: int = 1
    plot: Plot | None = None
    links: tuple[str, ...] = ()
    deep: bool = False
    """Long: on the screen only if it is asked for, in files always."""
    linked: int = 0
    """Which cell of a line carries its link."""

    def is_words(self, at: int) -> bool:
        """A column without a single number stands at the left."""
        return at < self.names or not any(isinstance(one.cells[at], Figure) for one in self.lines if one.kind != HEAD)


@dataclass(frozen=True)
class Report:
    """`about`: of whom and when, one sentence each."""

    title: str
    about: tuple[str, ...]
    tables: tuple[Table, ...]
    notes: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        return not any(table.lines for table in self.tables)

    @property
    def hides(self) -> bool:
        """Whether any number of people is left out."""
        return any(isinstance(cell, Figure) and cell.hidden
                   for table in self.tables for line in table.lines for cell in line.cells)  # fmt: skip


def of_people(value: int, ask: Ask | None = None, whole: bool = False) -> Figure:
    """So many people; fewer than `LEAST` are not told, but to those who may see each of them anyway (`whole`)."""
    few = 0 < value < LEAST and not whole
    return Figure(None if few else value, ask, hidden=few)


def share(part: float | None, of: float | None, places: int = 1, times: float = 1) -> Figure:
    """`part` for every `of`; nothing of nothing."""
    return Figure(times * part / of if part is not None and of else None, places=places)


def value_of(cell: Cell) -> float:
    return cell.value or 0 if isinstance(cell, Figure) else 0


def summed(name: Sequence[str], lines: Iterable[Line]) -> Line:
    """The line of sums below lines of one table."""
    rows = [line.cells[len(name) :] for line in lines if line.kind == ROW]
    columns = list(zip(*rows, strict=True))
    return Line((*name, *(Figure(sum(map(value_of, column))) for column in columns)), SUM)


# As plain values, to be kept


def as_plain(report: Report) -> dict[str, Any]:
    """Plots and questions are left out: what is kept are the numbers as they were told."""
    return {
        "title": report.title, "about": list(report.about), "notes": list(report.notes),
        "tables": [_table_plain(one) for one in report.tables],
    }  # fmt: skip


def _table_plain(table: Table) -> dict[str, Any]:
    lines = [{"kind": line.kind, "cells": [_cell_plain(cell) for cell in line.cells]} for line in table.lines]
    return {"heads": list(table.heads), "caption": table.caption, "note": table.note, "names": table.names,
            "lines": lines}  # fmt: skip


def _cell_plain(cell: Cell) -> Any:
    if isinstance(cell, str):
        return cell
    if cell.hidden:
        return {"hidden": True}
    return {"value": cell.value, "places": cell.places} | ({"signed": True} if cell.signed else {})


def of_plain(told: Mapping[str, Any]) -> Report:
    tables = tuple(
        Table(tuple(one["heads"]), tuple(_line_of(line) for line in one["lines"]), one["caption"], one["note"], one["names"])
        for one in told["tables"]
    )  # fmt: skip
    return Report(told["title"], tuple(told["about"]), tables, tuple(told["notes"]))


def _line_of(told: Mapping[str, Any]) -> Line:
    return Line(tuple(_cell_of(cell) for cell in told["cells"]), told["kind"])


def _cell_of(told: Any) -> Cell:
    if isinstance(told, str):
        return told
    return Figure(told.get("value"), places=told.get("places", 0), hidden=told.get("hidden", False),
                  signed=told.get("signed", False))  # fmt: skip
