"""What an address of a search page asks for. Everything stands in the address, in one order, under short names:

q words · o which copies (day, ngay, moi-noi; mang) · noi branch · cho audience · bac level · dang format ·
tieng language · loai class · xep order · trang page
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Self

from library.core.fold import clean
from library.core.paging import page_number

NAMES = {
    "text": "q", "way": "o", "branch": "noi", "audience": "cho", "level": "bac", "format": "dang", "language": "tieng",
    "subject": "loai", "order": "xep", "page": "trang",
}  # fmt: skip
FACETS = ("branch", "audience", "level", "format", "language", "subject")
LONGEST = 200


@dataclass(frozen=True)
class Asked:
    """Words, conditions and order, as typed and clicked; '' is none."""

    text: str = ""
    way: str = ""
    branch: str = ""
    audience: str = ""
    level: str = ""
    format: str = ""
    language: str = ""
    subject: str = ""
    order: str = ""
    page: int = 1

    @classmethod
    def read(cls, source: Mapping[str, str]) -> Self:
        """Junk is cut short, and means nothing."""
        texts = {one: clean(source.get(NAMES[one], ""))[:40] for one in NAMES if one not in ("text", "page")}
        return cls(text=clean(source.get("q", ""))[:LONGEST], page=page_number(source.get("trang")), **texts)

    def but(self, **changes: str | int) -> "Asked":
        """The same, changed; on its first page unless the page is told."""
        return replace(self, **{"page": 1, **changes})  # type: ignore[arg-type]

    @property
    def chosen(self) -> dict[str, str]:
        """Conditions by name."""
        return {one: value for one in FACETS if (value := getattr(self, one))}

    @property
    def anything(self) -> bool:
        """Whether there is more to it than an empty line."""
        return bool(self.text or self.way or self.chosen or self.order)

    @property
    def words(self) -> dict[str, str]:
        """For an address: what says something, in the one order."""
        told = {one.name: str(getattr(self, one.name)) for one in fields(self)}
        return {NAMES[one]: value for one, value in told.items() if value and (one, value) != ("page", "1")}


def is_tidy(source: Mapping[str, str]) -> bool:
    """Whether an address says nothing emptily: a form sends all its fields."""
    return all(value.strip() or name == "q" for name, value in source.items() if name in NAMES.values())
