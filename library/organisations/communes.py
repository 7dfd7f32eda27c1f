"""Communes of Viet Nam since July 2025, found by name however it is typed."""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from library.core.fold import fold

FILE = Path(__file__).parent / "data" / "communes.csv"
KINDS = ("phuong ", "xa ", "dac khu ")


@dataclass(frozen=True)
class Commune:
    """`code` is the state's, five digits; `folded` the name and the province without marks."""

    code: str
    name: str
    province: str
    folded: str

    @property
    def label(self) -> str:
        return f"{self.name}, {self.province}"


@cache
def all_communes() -> tuple[Commune, ...]:
    with FILE.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    return tuple(Commune(**row, folded=fold(f"{row['name']} {row['province']}")) for row in rows)


@cache
def by_code(code: str) -> Commune | None:
    return next((one for one in all_communes() if one.code == code), None)


def find(text: str) -> list[Commune]:
    """Those whose name is just that, else those that hold every word of it; the order of the state's list."""
    wanted = fold(text)
    exact = [one for one in all_communes() if wanted in (_bare(one.name), fold(one.name), one.folded)]
    words = [f" {word}" for word in wanted.split()]
    return exact or [one for one in all_communes() if words and all(word in f" {one.folded}" for word in words)]


@cache
def _bare(name: str) -> str:
    folded = fold(name)
    return next((folded.removeprefix(kind) for kind in KINDS if folded.startswith(kind)), folded)
