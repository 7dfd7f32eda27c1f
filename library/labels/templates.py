"""What a label says: lines from top to bottom, in one cell of the sheet or in two neighbouring ones.

The four that come with the program are constants; a library's own ones are rows of the same shape.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from library.core.errors import N_
from library.labels.barcodes import Symbology


class Part(StrEnum):
    """What one line holds."""

    LIBRARY = "library"
    BARS = "bars"
    ACCESSION = "accession"
    TITLE = "title"
    AUTHOR = "author"
    CLASS_MARK = "class-mark"
    TITLE_CODE = "title-code"
    MARKS = "marks"
    PLACE = "place"
    LEVEL = "level"


class Payload(StrEnum):
    """What the bars hold: our twelve digits, eight of them for narrow labels, or the number people read."""

    OWN = "own"
    SHORT = "short"
    ACCESSION = "accession"


PART_WORDS: Mapping[Part, str] = {
    Part.LIBRARY: N_("Tên thư viện hoặc chữ riêng"),
    Part.BARS: N_("Mã vạch"),
    Part.ACCESSION: N_("Số đăng ký cá biệt"),
    Part.TITLE: N_("Tên sách"),
    Part.AUTHOR: N_("Tác giả"),
    Part.CLASS_MARK: N_("Ký hiệu phân loại"),
    Part.TITLE_CODE: N_("Mã tên sách"),
    Part.MARKS: N_("Phân loại và mã, một dòng"),
    Part.PLACE: N_("Kho, kệ"),
    Part.LEVEL: N_("Mức đọc"),
}
SYMBOLOGY_WORDS: Mapping[Symbology, str] = {
    Symbology.CODE128: N_("Code 128 (nên dùng)"),
    Symbology.CODE39: N_("Code 39, như nhãn cũ"),
    Symbology.EAN13: N_("EAN-13"),
    Symbology.QR: N_("QR, mã vuông"),
}
PAYLOAD_WORDS: Mapping[Payload, str] = {
    Payload.OWN: N_("12 chữ số của máy (nên dùng)"),
    Payload.SHORT: N_("8 chữ số, cho nhãn hẹp"),
    Payload.ACCESSION: N_("Chính số đăng ký cá biệt"),
}
MOST_LINES = 7
SIZES = (1.5, 12.0)
"""Ems in millimetres that a line may be given."""


@dataclass(frozen=True)
class Line:
    """`size` is the em in millimetres; 0 lets the label choose."""

    part: Part
    size: float = 0.0


@dataclass(frozen=True)
class Stack:
    """One cell: its lines, and whether the reading level is a band beside or below them."""

    lines: tuple[Line, ...]
    band: bool = False


@dataclass(frozen=True)
class Template:
    """`code` names it in addresses; `logo` stands in the library's line when it is not empty."""

    code: str
    name: str
    cells: tuple[Stack, ...]
    logo: str = ""
    symbology: Symbology = Symbology.CODE128
    payload: Payload = Payload.OWN

    @property
    def has_bars(self) -> bool:
        return any(line.part == Part.BARS for cell in self.cells for line in cell.lines)


def lines(*parts: Part | tuple[Part, float]) -> tuple[Line, ...]:
    return tuple(Line(*part) if isinstance(part, tuple) else Line(part) for part in parts)


BARCODE = Stack(lines(Part.LIBRARY, Part.BARS, Part.ACCESSION, Part.TITLE))
SPINE = Stack(lines(Part.LIBRARY, Part.CLASS_MARK, Part.TITLE_CODE, Part.ACCESSION), band=True)
POCKET = Stack(lines(Part.LIBRARY, Part.TITLE, Part.AUTHOR, Part.MARKS, Part.BARS, Part.ACCESSION, Part.PLACE))
SHIPPED: Mapping[str, Template] = {
    one.code: one
    for one in (
        Template("barcode", N_("Mã vạch"), (BARCODE,)),
        Template("spine", N_("Nhãn gáy"), (SPINE,)),
        Template("both", N_("Cả hai"), (BARCODE, SPINE)),
        Template("pocket", N_("Túi sách"), (POCKET,)),
    )
}


def as_plain(cells: Sequence[Stack]) -> list[dict[str, Any]]:
    """For a JSON column."""
    return [{"lines": [[line.part.value, line.size] for line in one.lines], "band": one.band} for one in cells]


def from_plain(cells: Sequence[Mapping[str, Any]]) -> tuple[Stack, ...]:
    """Lines of a part that no longer exists are left out."""
    known = {part.value for part in Part}
    return tuple(
        Stack(tuple(Line(Part(part), float(size)) for part, size in one["lines"] if part in known), bool(one["band"]))
        for one in cells
    )


def narrower(template: Template) -> Template:
    """The same with the shorter code in its bars."""
    return replace(template, payload=Payload.SHORT)
