"""What a standing report is asked: of whom, when, by somebody who may see how much."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from library.access import Scope
from library.core import clock
from library.reports import asking
from library.reports.asking import Ask, Row
from library.reports.ledgers import Key
from library.reports.measures import MEASURES
from library.reports.standing_periods import Period
from library.reports.tree import Segment, Tree
from library.uses.models import UseKind


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
            self.told[key] = asking.total(session, ask, self.known)
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
        """Of each figure its parts by one dimension. Those that are kinds of what `uses` counts fall out of one question."""
        of_uses = [code for code in codes if MEASURES[code].kinds and MEASURES[code].kinds <= MEASURES["uses"].kinds]
        told: dict[str, dict[Key, int]] = {code: {} for code in of_uses}
        for row in self.parted(session, self.ask("uses"), dim, "kind") if of_uses else ():
            part, kind = row.keys
            for code in of_uses:
                if kind in MEASURES[code].kinds or (kind == UseKind.RENEWAL and MEASURES[code].renewed):
                    told[code][part] = told[code].get(part, 0) + row.quantity
        rest = [code for code in codes if code not in told]
        return told | {
            code: {row.keys[0]: row.quantity for row in self.by(session, self.ask(code), dim)} for code in rest
        }

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
