"""The board's picture: where every lane, bar and arrow stands. Across in per cent, down in pixels; drawn as inline SVG."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby, pairwise
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from library.calendars import holidays
from library.calendars.models import Closure
from library.rotation.board_lanes import Bar, Board, Lane
from library.rotation.board_scale import Month, Scale, merged
from library.rotation.board_told import Told
from library.rotation.board_words import OUTCOMES
from library.rotation.models import SiteKind

TRACK, HEAD, BAR = 37, 28, 27
"""Pixels: a line of a lane, an area's heading, a bar, which stands on the line."""
LONG = 3
"""A closure of so many nights is drawn."""
NEAR = 2.5
"""Per cent."""
MOST_TRACKS = 6
"""A lane is no higher: what comes on top of that stands on the last line."""


@dataclass(frozen=True)
class Row:
    """A heading (`area`), or a lane. `y`, `high` in pixels; `lines` are the y of its shelf lines."""

    y: int
    high: int
    area: str = ""
    uid: UUID | None = None
    name: str = ""
    kind: SiteKind | None = None
    tracks: int = 0

    @property
    def lines(self) -> list[int]:
        return [self.y + TRACK * (at + 1) - 1 for at in range(self.tracks)]


@dataclass(frozen=True)
class Drawn:
    """A bar with the pixel of its upper edge, and its words: those on it, and the whole sentence for who cannot see it."""

    bar: Bar
    y: int
    lane: str
    outcome: str
    text: str
    title: str


@dataclass(frozen=True)
class Arrow:
    """From the end of one bar (`x1` per cent, `y1`) to the beginning of the batch's next (`x2`, `y2`: middles)."""

    x1: float
    x2: float
    y1: int
    y2: int

    @property
    def down(self) -> bool:
        return self.y2 > self.y1

    @property
    def near(self) -> bool:
        """The next begins where this ends: the arrow comes from above, or from below."""
        return self.x2 - self.x1 < NEAR

    @property
    def end(self) -> int:
        """The edge of the next bar that it meets first."""
        return self.y2 - BAR // 2 - 1 if self.down else self.y2 + BAR // 2 + 1


@dataclass(frozen=True)
class Picture:
    rows: tuple[Row, ...]
    bars: tuple[Drawn, ...]
    arrows: tuple[Arrow, ...]
    high: int
    months: tuple[Month, ...]
    today_x: float | None
    free: tuple[tuple[str, float, float], ...]
    """(name, x, wide) of days off."""


def paint(
    board: Board, lanes: Sequence[Lane], today: date, told: Told, free: Sequence[tuple[str, date, date]] = ()
) -> Picture:
    rows, bars = [], []
    y = 0
    for row, lane in _rows(lanes):
        placed = Row(y, row.high, row.area, row.uid, row.name, row.kind, row.tracks)
        rows.append(placed)
        bars += [_drawn(bar, placed, lane, told) for bar in lane.bars] if lane else []
        y += row.high
    scale = board.scale
    shaded = tuple((name, scale.at(first), scale.wide(first, last)) for name, first, last in free)
    now = scale.at(today) if scale.shows(today, today) else None
    return Picture(tuple(rows), tuple(bars), tuple(_arrows(bars)), y, tuple(scale.months()), now, shaded)


def _rows(lanes: Sequence[Lane]) -> Iterator[tuple[Row, Lane | None]]:
    """An area's heading before its lanes; no headings where nobody told areas."""
    named = any(lane.area for lane in lanes)
    for area, group in groupby(lanes, key=lambda lane: (lane.uid is None, lane.area)):
        if named and not area[0]:
            yield Row(0, HEAD, area=area[1] or "–"), None
        for lane in group:
            high = min(lane.tracks, MOST_TRACKS)
            yield Row(0, TRACK * high, uid=lane.uid, name=lane.name, kind=lane.kind, tracks=high), lane


def _drawn(bar: Bar, row: Row, lane: Lane, told: Told) -> Drawn:
    y = row.y + TRACK * (min(bar.track, row.tracks - 1) + 1) - 1 - BAR
    text = told.on_bar(bar)
    return Drawn(bar, y, lane.name, OUTCOMES[bar.span.look], text, told.whole(bar, text, lane.name))


def _arrows(bars: Sequence[Drawn]) -> Iterator[Arrow]:
    """Between stays of one batch that went, or will go, straight on to another site."""
    by_batch: dict[int, list[Drawn]] = {}
    for one in bars:
        by_batch.setdefault(one.bar.batch.id, []).append(one)
    for stays in by_batch.values():
        stays.sort(key=lambda one: one.bar.span.leg.number)
        for one, then in pairwise(stays):
            if one.bar.span.goes_on and one.y != then.y:
                end = one.bar.x + one.bar.wide + (one.bar.late_wide if one.bar.span.late_to else 0)
                yield Arrow(round(min(end, 100.0), 2), then.bar.x, one.y + BAR // 2, then.y + BAR // 2)


def free_days(session: Session, library_id: int, scale: Scale, tet: str) -> list[tuple[str, date, date]]:
    """Tết, and days on which the library says that it is closed for longer than a week-end (one statement)."""
    years = range(scale.first.year, scale.last.year + 1)
    days = [one.day for year in years for one in holidays.of_year(year) if one.kind == "tet"]
    found = [(tet, first, last) for first, last in merged(days, gap=3) if scale.shows(first, last)]
    query = select(Closure.why, Closure.first_on, Closure.last_on).where(
        Closure.organisation_id == library_id, Closure.first_on <= scale.last, Closure.last_on >= scale.first
    )
    closed = [(why, first, last) for why, first, last in session.execute(query) if (last - first).days >= LONG]
    return [*found, *closed]
