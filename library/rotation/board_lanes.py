"""Batches with their stays, put on lanes: a lane for each site, a bar for each stay. Pure: rows in, lanes out."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from uuid import UUID

from library.core.fold import sort_key
from library.rotation import board_state, settings
from library.rotation.board_scale import Scale, tracks
from library.rotation.board_state import Look, Span
from library.rotation.lifecycle import ENDED
from library.rotation.models import BatchState, SiteKind


@dataclass(frozen=True)
class Stood:
    """A batch with its stays. `copies` by leg id, of legs that set out; `listed`: in its list while it has not; `own`: of a
    library that whoever looks speaks for."""

    id: int
    uid: UUID
    code: str
    theme: str
    state: BatchState
    spans: tuple[Span, ...]
    copies: Mapping[int, int] = field(default_factory=dict)
    short: Mapping[int, int] = field(default_factory=dict)
    listed: int = 0
    soon_days: int = 0
    library_id: int = 0
    own: bool = True

    @cached_property
    def look(self) -> Look:
        return board_state.of_batch(self.spans) if self.state not in ENDED else Look.DONE

    @cached_property
    def now(self) -> Span | None:
        return board_state.now_at(self.spans)

    def at(self, span: Span) -> int:
        """Copies that went there, those missing aside."""
        return self.copies.get(span.leg.id, 0) - self.short.get(span.leg.id, 0)


@dataclass(frozen=True)
class Bar:
    """One stay as it is drawn. `x`, `wide`, `late_x`, `late_wide`: per cent; `track`: its line in the lane."""

    batch: Stood
    span: Span
    x: float
    wide: float
    track: int
    late_x: float = 0.0
    late_wide: float = 0.0

    @property
    def copies(self) -> int | None:
        """At that site, or on the way there; None where nobody can know it yet."""
        if self.span.leg.sent_on:
            return self.batch.at(self.span)
        return self.batch.listed if self.batch.now is None else None

    @property
    def short(self) -> int:
        return self.batch.short.get(self.span.leg.id, 0)


@dataclass(frozen=True)
class Lane:
    """A site with what stands there, or the road home to a depot (`uid` None). `tracks` lines high."""

    uid: UUID | None
    name: str
    kind: SiteKind | None
    area: str
    bars: tuple[Bar, ...]

    @property
    def tracks(self) -> int:
        return max((bar.track for bar in self.bars), default=0) + 1


@dataclass(frozen=True)
class Board:
    """`batches`: all in sight, each with its bars; `mine`: of them, those that are not over and one's own or still to stand
    at one of these sites: they are listed, counted and decided. `only`: bars of batches that look so; `sites` by id."""

    scale: Scale
    batches: tuple[Stood, ...]
    mine: tuple[Stood, ...]
    sites: Mapping[int, Any]
    only: Look | None = None

    @cached_property
    def counts(self) -> Mapping[Look, int]:
        return Counter(one.look for one in self.mine)

    @property
    def open(self) -> int:
        return len(self.mine)

    @property
    def soon_days(self) -> int:
        """Of the library whose batches these are; the longest, should there be several."""
        return max((one.soon_days for one in self.batches), default=settings.USUAL["soon_days"])

    @property
    def out(self) -> tuple[int, int]:
        """(copies away from the depot, at so many of these sites or on the road), as the legs say. What goes home is out
        for its owner only: it has left the sites."""
        there = [(one, one.now) for one in self.mine if one.look not in (Look.BACK, Look.PLANNED)]
        there = [
            (one, now) for one, now in there if now and (now.leg.to_site in self.sites if now.leg.to_site else one.own)
        ]
        copies = sum(one.at(now) for one, now in there if now)
        return copies, len({now.leg.to_site for one, now in there if now and now.leg.to_site and now.leg.received_on})

    @cached_property
    def stays(self) -> Mapping[int | None, Sequence[tuple[Stood, Span]]]:
        """By site, those that are drawn; None: on the road home."""
        found: dict[int | None, list[tuple[Stood, Span]]] = {}
        for one in self.batches:
            for span in one.spans if self.only is None or one.look is self.only else ():
                if _is_drawn(span, self.scale):
                    found.setdefault(span.leg.to_site, []).append((one, span))
        return found

    @property
    def bars(self) -> int:
        return sum(len(stays) for site, stays in self.stays.items() if site is None or site in self.sites)

    @cached_property
    def shown(self) -> Sequence[Any]:
        """Sites that have a lane, by area and name: closed ones only with something on them."""
        rows = [row for row in self.sites.values() if row.id in self.stays or not (self.only or row.closed_on)]
        return sorted(rows, key=lambda row: (not row.area, sort_key(row.area or ""), sort_key(row.name)))

    @property
    def areas(self) -> list[str]:
        """In order; '' for sites without one."""
        return list(dict.fromkeys(row.area or "" for row in self.shown))

    def lanes(self, area: str | None = None) -> list[Lane]:
        """Of one area, or all of them; the road home first."""
        home = [_lane(None, self.stays[None], self.scale)] if None in self.stays else []
        rows = [row for row in self.shown if area is None or (row.area or "") == area]
        return [*home, *(_lane(row, self.stays.get(row.id, ()), self.scale) for row in rows)]


def _is_drawn(span: Span, scale: Scale) -> bool:
    if span.leg.to_site is None and span.look is not Look.MOVING:
        return False
    return scale.shows(span.first, max(span.last, span.late_to or span.last))


def _lane(row: Any, there: Sequence[tuple[Stood, Span]], scale: Scale) -> Lane:
    stays = sorted(there, key=lambda one: (one[1].first, one[0].code))
    lines = tracks([(span.first, span.late_to or span.last) for _, span in stays])
    bars = tuple(_bar(one, span, line, scale) for (one, span), line in zip(stays, lines, strict=True))
    if row is None:
        return Lane(None, "", None, "", bars)
    return Lane(row.uid, row.name, SiteKind(row.kind), row.area or "", bars)


def _bar(one: Stood, span: Span, track: int, scale: Scale) -> Bar:
    x = scale.at(span.first)
    wide = min(scale.wide(span.first, span.last), 100 - x) or 0.6
    if span.late_to is None:
        return Bar(one, span, x, wide, track)
    late = scale.at(span.late_to) - (x + wide)
    return Bar(one, span, x, wide, track, round(x + wide, 2), round(max(late, 0.0), 2))
