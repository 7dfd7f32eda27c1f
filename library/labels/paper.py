"""Sheets of labels: how big, how many, where each one lies. All lengths are millimetres from the top left corner.

The list is data (`data/label_sheets.json`): a template database under the MIT licence, and a few sizes sold in
Viet Nam whose margins nobody has measured for us; those say "số đo tham khảo" in their names.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from library.core.errors import N_

DATA = Path(__file__).parent / "data" / "label_sheets.json"
LENGTHS = ("page_w", "page_h", "label_w", "label_h", "margin_left", "margin_top", "pitch_x", "pitch_y")
ROLL = 160.0  # a lower page with one row of labels is a roll
SLACK = 0.01  # rounding left by inches turned into millimetres


class UnknownPaper(LookupError):
    """No sheet answers to this code."""

    def __init__(self, code: str) -> None:
        super().__init__(f"Không có mẫu giấy “{code}”.")
        self.code = code


@dataclass(frozen=True)
class Cell:
    """One label on the sheet. `number` counts from 1, row by row; `row` and `col` from 0; `x`, `y` its top left."""

    number: int
    row: int
    col: int
    x: float
    y: float


@dataclass(frozen=True)
class Offset:
    """What one printer gets wrong: everything moves right by `x_mm` and down by `y_mm`, and grows by `scale`.

    `scale` is 100 divided by what the calibration page's 100 mm ruler measures on paper.
    """

    x_mm: float = 0.0
    y_mm: float = 0.0
    scale: float = 1.0

    def __post_init__(self) -> None:
        if not 0.9 <= self.scale <= 1.1 or max(abs(self.x_mm), abs(self.y_mm)) > 20:
            raise ValueError(N_("Số chỉnh máy in quá lớn: lệch không quá 20 mm, tỉ lệ từ 0,9 đến 1,1."))


@dataclass(frozen=True)
class Paper:
    """A sheet, or one row of a roll. `cut`: plain paper, so the labels' outlines are printed to be cut along."""

    code: str
    name: str
    page_w: float
    page_h: float
    label_w: float
    label_h: float
    cols: int
    rows: int
    margin_left: float
    margin_top: float
    pitch_x: float
    pitch_y: float
    common: bool = False
    cut: bool = False

    @property
    def per_page(self) -> int:
        return self.cols * self.rows

    @property
    def roll(self) -> bool:
        """One row of labels that follows another: what a label printer feeds."""
        return self.rows == 1 and not self.cut and self.page_h <= ROLL and self.page_h - self.label_h < 5

    @property
    def fits(self) -> bool:
        """Every label lies on the page: a few published templates do not."""
        last = self._cell(self.per_page - 1)
        right, bottom = last.x + self.label_w, last.y + self.label_h
        inside = right <= self.page_w + SLACK and bottom <= self.page_h + SLACK
        return inside and self.margin_left >= 0 and self.margin_top >= 0

    def cells(self, skip: int = 0) -> list[Cell]:
        """The labels of one page, row by row, without the first `skip`. Raises ValueError when none would be left."""
        if not 0 <= skip < self.per_page:
            raise ValueError(f"Tờ này có {self.per_page} nhãn, không bỏ qua {skip} nhãn được.")
        return [self._cell(index) for index in range(skip, self.per_page)]

    def grid(self) -> list[list[Cell]]:
        """The same labels as rows of cells: the picture on which the first free one is picked."""
        cells = self.cells()
        return [cells[start : start + self.cols] for start in range(0, self.per_page, self.cols)]

    def pages(self, labels: int, skip: int = 0) -> int:
        """How many pages `labels` labels take."""
        return -(-(labels + skip) // self.per_page) if labels else 0

    def _cell(self, index: int) -> Cell:
        row, col = divmod(index, self.cols)
        return Cell(index + 1, row, col, self.margin_left + col * self.pitch_x, self.margin_top + row * self.pitch_y)


def papers() -> list[Paper]:
    """Every sheet that fits its page, the ones common in Viet Nam first, then by how many labels it has."""
    return list(_papers().values())


def paper_by_code(code: str) -> Paper:
    """Raises UnknownPaper."""
    try:
        return _papers()[code]
    except KeyError:
        raise UnknownPaper(code) from None


@cache
def _papers() -> dict[str, Paper]:
    data = json.loads(DATA.read_text(encoding="utf-8"))
    common = {code: place for place, code in enumerate(data["common"])}
    found = [paper for row in data["sheets"] if (paper := _read(row, common)).fits and _is_rectangular(row)]
    found.sort(key=lambda paper: (common.get(paper.code, len(common)), -paper.per_page, paper.code))
    return {paper.code: paper for paper in found}


def _read(row: Mapping[str, Any], common: Mapping[str, int]) -> Paper:
    facts: dict[str, Any] = {key: row[key] for key in (*LENGTHS, "code", "cols", "rows")}
    return Paper(**facts, name=_name(row), common=row["code"] in common, cut=row.get("cut", False))


def _is_rectangular(row: Mapping[str, Any]) -> bool:
    return "elliptical" not in row["description"].lower()


def _name(row: Mapping[str, Any]) -> str:
    """Such as "65 nhãn · 38,1 × 21,2 mm · Avery 8651"."""
    count = row["cols"] * row["rows"]
    kind = row.get("called", f"{row['brand']} {row['part']}")
    note = " · số đo tham khảo" if row.get("estimated") else ""
    return f"{count} nhãn · {figure(row['label_w'])} × {figure(row['label_h'])} mm · {kind}{note}"


def figure(length: float) -> str:
    return f"{length:.1f}".removesuffix(".0").replace(".", ",")
