"""How a sheet is printed: which paper, what on it, from which cell, and how the printer errs. Kept from one time to the
next in the browser's session."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self, get_args

from library.core.errors import N_, Invalid
from library.core.forms import Reader
from library.labels.paper import Offset, Paper, papers
from library.labels.sheet import Kind

RULER = 100.0
"""Millimetres: how long the calibration page's ruler should be."""
KINDS: tuple[Kind, ...] = get_args(Kind)
USUAL: Mapping[str, str] = {"paper": "", "kind": "barcode", "start": "1", "x": "0", "y": "0", "ruler": "100"}


@dataclass(frozen=True)
class Setup:
    """`start` counts cells from 1; `x`, `y` are millimetres to the right and down; `ruler` is what 100 mm measure."""

    paper: Paper
    kind: Kind
    start: int
    x: float = 0.0
    y: float = 0.0
    ruler: float = RULER

    @classmethod
    def read(cls, source: Mapping[str, Any]) -> Self:
        """Raises Invalid."""
        reader = Reader({**USUAL, **{name: source[name] for name in USUAL if name in source}})
        known = {paper.code: paper for paper in papers()}
        paper = reader.choice("paper", known, required=False) or next(iter(known.values()))
        kind = reader.choice("kind", {kind: kind for kind in KINDS}) or KINDS[0]
        start = min(reader.number("start", 1, 1000, required=False) or 1, paper.per_page)
        x, y = _length(reader, "x", -20, 20), _length(reader, "y", -20, 20)
        ruler = _length(reader, "ruler", 91, 111)
        reader.done()
        return cls(paper, kind, start, x, y, ruler)

    @classmethod
    def remembered(cls, *sources: Mapping[str, Any]) -> Self:
        """From the last source that can be read, each over the ones before; never refuses."""
        for many in range(len(sources), 0, -1):
            try:
                return cls.read({name: text for source in sources[:many] for name, text in source.items()})
            except Invalid:
                continue
        return cls.read({})

    @property
    def offset(self) -> Offset:
        return Offset(self.x, self.y, RULER / self.ruler)

    @property
    def skip(self) -> int:
        return self.start - 1

    def after(self, labels: int) -> Self:
        """For the next time: the first cell these labels leave free."""
        used = self.skip + labels * (2 if self.kind == "both" else 1)
        return type(self)(self.paper, self.kind, used % self.paper.per_page + 1, self.x, self.y, self.ruler)

    def kept(self) -> dict[str, str]:
        """As text, for the session and for addresses."""
        lengths = {"x": _said(self.x), "y": _said(self.y), "ruler": _said(self.ruler)}
        return {"paper": self.paper.code, "kind": self.kind, "start": str(self.start), **lengths}


def _said(length: float) -> str:
    return f"{length:g}".replace(".", ",")


def _length(reader: Reader, name: str, least: int, most: int) -> float:
    """Millimetres with a comma or a stop: −1,5."""
    text = reader.text(name, required=False, longest=12).replace("−", "-").replace(",", ".") or "0"
    try:
        length = float(text)
    except ValueError:
        length = float("nan")
    if not least <= length <= most:
        reader.complain(
            name, "length", N_("Cần số milimét từ %(least)s đến %(most)s, như 1,5."), least=least, most=most
        )
        return RULER
    return length
