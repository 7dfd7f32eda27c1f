"""What a standing report is asked: of whom, when, by somebody who may see how much."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from library.access import Scope
from library.core import clock
from library.reports import asking, holding
from library.reports.asking import Ask, AskAll, Row
from library.reports.ledgers import KIND_COLUMN, TABLES, Key, kinds_of
from library.reports.measures import MEASURES, Ledger, Measured
from library.reports.standing_periods import Period
from library.reports.tree import Segment, Tree

BELOW = "below"
"""A dimension whose parts, once told, tell the whole too."""


def told_by_kind(measured: Measured) -> bool:
    """Whether the kind of a row, and nothing else of it, says if it counts."""
    return measured.ledger in TABLES and not measured.pupils and not measured.stock


def adds_up(measured: Measured) -> bool:
    """Whether the figures of units make up that of all of them."""
    return measured.adds_up or (measured.ledger is Ledger.HOLDING and measured.code not in holding.DISTINCT)


def _together(parts: Sequence[Row]) -> list[Row]:
    """Parts without their first key."""
    told: dict[tuple[Key, ...], int] = {}
    for row in parts:
        told[row.keys[1:]] = told.get(row.keys[1:], 0) + row.quantity
    return [Row(keys, quantity) for keys, quantity in told.items()]


@dataclass(frozen=True)
class Question:
    """`units`: cut to what may be seen. `own`: the library of whoever asks. `whole`: nothing of people is hidden from them.
    `more`: what a report may be asked beside, as plain text. `branches`: only these, where not all may be seen."""

    units: frozenset[int]
    name: str
    period: Period
    known: Tree
    own: int
    scope: Scope
    whole: bool = False
    more: Mapping[str, str] = field(default_factory=dict)
    branches: frozenset[int] | None = None
    told: dict[tuple[str, tuple[str, ...] | None], Any] = field(default_factory=dict, compare=False, repr=False)
    """What was answered already: parts of one report ask for the same figures."""

    def ask(self, measure: str, renewals: bool = True, **only: Any) -> Ask:
        told = {name.replace("_", "-"): value for name, value in only.items()}
        return Ask(measure, self.units, self.period.first, self.period.last, None, told, renewals, self.branches)

    def total(self, session: Session, ask: Ask) -> int:
        if (key := (repr(ask), None)) not in self.told:
            parts = self.told.get((repr(ask), (BELOW,))) if adds_up(ask.measured) else None
            self.told[key] = (
                asking.total(session, ask, self.known) if parts is None else sum(one.quantity for one in parts)
            )
        return int(self.told[key])

    def by(self, session: Session, ask: Ask, *dims: str) -> list[Row]:
        if (key := (repr(ask), dims)) not in self.told:
            self.told[key] = asking.by(session, ask, *dims, known=self.known)
        return list(self.told[key])

    def parted(self, session: Session, ask: Ask, *dims: str) -> list[Row]:
        """By more dimensions than `asking.by` offers to people: they keep together in one of the sums (`faces`)."""
        rows = asking.added(session, ask, dims, self.known)
        return sorted((row for row in rows if row.quantity), key=lambda row: [asking.order(key) for key in row.keys])

    def by_code(self, session: Session, codes: Sequence[str], dim: str) -> dict[str, dict[Key, int]]:
        """Of each figure its parts by one dimension. Figures of one ledger that are told apart by kind fall out of one question."""
        rest = [code for code in codes if not told_by_kind(MEASURES[code])]
        return {code: self._of_kinds(session, code, dim) for code in codes if code not in rest} | {
            code: {row.keys[0]: row.quantity for row in self.by(session, self.ask(code), dim)} for code in rest
        }

    def totals(self, session: Session, codes: Sequence[str]) -> dict[str, int]:
        """The same of the figures themselves."""
        if {"copies", "titles"} <= set(codes):
            count_stock(session, self)
        return {
            code: sum(self._of_kinds(session, code).values())
            if told_by_kind(MEASURES[code])
            else self.total(session, self.ask(code))
            for code in codes
        }

    def _of_kinds(self, session: Session, code: str, *dims: str) -> dict[Key, int]:
        """{key of the dimension, None where none is asked for: how many}."""
        measured, told = MEASURES[code], dict[Key, int]()
        kinds = kinds_of(measured, renewals=True)
        for row in self.kinds(session, measured.ledger, *dims):
            *part, kind = row.keys
            if not kinds or kind in kinds:
                key = part[0] if part else None
                told[key] = told.get(key, 0) + row.quantity
        return told

    def kinds(self, session: Session, ledger: Ledger, *dims: str) -> list[Row]:
        """All of a ledger by these dimensions and, last, by kind (of happenings: by measure)."""
        wanted = (*dims, KIND_COLUMN[ledger])
        ask = AskAll(ledger.value, self.units, self.period.first, self.period.last, branches=self.branches)
        if (key := (repr(ask), wanted)) not in self.told:
            parts = self.told.get((repr(ask), (BELOW, *wanted)))
            self.told[key] = self.parted(session, ask, *wanted) if parts is None else _together(parts)
        return list(self.told[key])

    @property
    def today(self) -> date:
        """The last day of the period that has come."""
        return max(self.period.first, min(self.period.last, clock.today()))

    @property
    def last(self) -> Segment:
        """Which branches are whose at the end of the period."""
        return asking.places(self.known, replace(self.ask("visits"), first=self.today, last=self.today))[0]

    def of(self, period: Period) -> "Question":
        return replace(self, period=period)

    def about(self) -> tuple[str, str]:
        return self.name, str(_("Thời gian: %(period)s", period=self.period.words()))


def count_stock(session: Session, *questions: Question) -> None:
    """Copies and titles at the end of each, for whoever asks for them next: where they are of the same branches, in one look."""
    waiting: dict[frozenset[int], list[tuple[Question, Segment]]] = {}
    for one in questions:
        for segment in asking.places(one.known, one.ask("copies"))[-1:]:
            if (repr(one.ask("titles")), None) not in one.told:
                waiting.setdefault(frozenset(segment.stands), []).append((one, segment))
    for some in waiting.values():
        counted = holding.copies_and_titles(session, [segment for _one, segment in some])
        for (one, _segment), (copies, titles) in zip(some, counted, strict=True):
            one.told[repr(one.ask("copies")), None], one.told[repr(one.ask("titles")), None] = copies, titles
