"""Text to typed values, for pages and JSON alike: a form reads every field and then complains about all at once."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, TypeVar

from library.core.errors import N_, Invalid, Reason
from library.core.fold import clean

Value = TypeVar("Value")
REQUIRED = N_("Ô này chưa có gì.")
YEARS = range(2000, 2201)
"""Of days that are planned: weeks before and after can still be reckoned."""


class Reader:
    """Reads fields from a mapping of text. Nothing is raised before `done`, so that every complaint is heard."""

    def __init__(self, source: Mapping[str, Any]) -> None:
        self.source = source
        self.complaints: dict[str, Reason] = {}

    def complain(self, name: str, code: str, sentence: str, **facts: Any) -> None:
        self.complaints.setdefault(name, Reason(code, sentence, facts))

    def text(self, name: str, required: bool = True, longest: int = 500) -> str:
        value = clean(str(self.source.get(name) or ""))
        if required and not value:
            self.complain(name, "required", REQUIRED)
        if len(value) > longest:
            self.complain(name, "too-long", N_("Dài quá: nhiều nhất %(longest)s chữ."), longest=longest)
        return value

    def number(self, name: str, least: int = 0, most: int = 1_000_000, required: bool = True) -> int | None:
        text = self.text(name, required)
        if not text:
            return None
        if not (text.isascii() and text.isdigit() and len(text) < 19) or not least <= int(text) <= most:
            self.complain(name, "number", N_("Cần một số từ %(least)s đến %(most)s."), least=least, most=most)
            return None
        return int(text)

    def day(self, name: str, required: bool = True) -> date | None:
        """A day as typed here (31/12/2026) or as a date field sends it (2026-12-31)."""
        text = self.text(name, required)
        for pattern in ("%d/%m/%Y", "%Y-%m-%d") if text else ():
            try:
                return datetime.strptime(text, pattern).date()  # noqa: DTZ007 - a calendar day has no zone
            except ValueError:
                continue
        if text:
            self.complain(name, "day", N_("Ngày viết như 31/12/2026."))
        return None

    def planned_day(self, name: str, required: bool = True) -> date | None:
        """A day from which others are reckoned: within `YEARS`."""
        found = self.day(name, required)
        if found is None or found.year in YEARS:
            return found
        self.complain(name, "year", N_("Năm từ %(first)s đến %(last)s."), first=YEARS[0], last=YEARS[-1])
        return None

    def near_day(self, name: str) -> date | None:
        """For an address: within `YEARS`, so that there are days before it and after it; else nothing, and no word."""
        found = self.day(name, False)
        return found if found and found.year in YEARS else None

    def choice(self, name: str, among: Mapping[str, Value], required: bool = True) -> Value | None:
        text = self.text(name, required)
        if text and text not in among:
            self.complain(name, "choice", N_("Chọn một trong các mục đã cho."))
        return among.get(text)

    def ticked(self, name: str) -> bool:
        return str(self.source.get(name) or "") in {"1", "on", "true", "True"}

    def find(self, name: str, by: Callable[[str], Value | None], sentence: str) -> Value | None:
        """The thing that answers to the text of this field; `sentence` has %(text)s for what was typed."""
        text = self.text(name)
        found = by(text) if text else None
        if text and found is None:
            self.complain(name, "unknown", sentence, text=text)
        return found

    def done(self) -> None:
        """Raises Invalid, naming each field that could not be read."""
        if self.complaints:
            raise Invalid(self.complaints)
