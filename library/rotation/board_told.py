"""The words on the board's bars. Patterns are translated once a page, not once a bar."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from library.core.errors import N_
from library.core.numbers import written
from library.rotation.board_lanes import Bar
from library.rotation.board_state import Look
from library.rotation.board_words import LOOKS

COPIES, FOLLOWS = N_("%(count)s bản"), N_("nối tiếp")
ON_THE_WAY, SHORT, HOME = N_("đang trên đường"), N_("thiếu %(count)s"), N_("về kho")


@dataclass(frozen=True)
class Told:
    """Patterns in the reader's language."""

    copies: str
    follows: str
    on_the_way: str
    short: str
    home: str
    looks: Mapping[Look, str]

    @classmethod
    def by(cls, translate: Callable[[str], str]) -> "Told":
        copies, follows, away, short, home = (translate(one) for one in (COPIES, FOLLOWS, ON_THE_WAY, SHORT, HOME))
        return cls(copies, follows, away, short, home, {look: translate(said) for look, said in LOOKS.items()})

    def on_bar(self, bar: Bar) -> str:
        """240 bản · thiếu 3"""
        count = bar.copies
        parts = [self.follows if count is None else self.copies % {"count": written(count)}]
        if bar.span.look is Look.MOVING:
            parts.append(self.on_the_way)
        if bar.short and bar.span.look is not Look.DONE:
            parts.append(self.short % {"count": bar.short})
        return " · ".join(parts)

    def whole(self, bar: Bar, text: str, lane: str) -> str:
        days = f"{_day(bar.span.first)} – {_day(bar.span.last)}"
        return f"{bar.batch.code}, {bar.batch.theme}: {text}, {lane or self.home}, {days}, {self.looks[bar.span.look]}"


def _day(day: date) -> str:
    return f"{day.day:02}/{day.month:02}/{day.year}"
