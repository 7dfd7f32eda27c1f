"""Public figures stay as they were told first: in the night after a month is over what everybody may read of it is kept.

What is recorded later is in every report, and in none of these: two looks at one month never tell what was added between.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from library.core import clock
from library.organisations.models import Organisation
from library.reports.ledgers import Key
from library.reports.rolling_models import PublicMonth
from library.reports.standing_periods import month_after


@dataclass(frozen=True)
class Month:
    """What was told of a measure: its rows, their sum, and which groups were told among the others (None: all were)."""

    dim: str
    rows: Mapping[Key, int | None]
    total: int | None
    folded: frozenset[Key] | None

    def plain(self) -> dict[str, Any]:
        folded = None if self.folded is None else sorted(self.folded, key=str)
        return {"dim": self.dim, "rows": list(map(list, self.rows.items())), "total": self.total, "folded": folded}


def _of_plain(told: Mapping[str, Any]) -> Month:
    folded = None if told["folded"] is None else frozenset(told["folded"])
    return Month(told["dim"], dict(map(tuple, told["rows"])), told["total"], folded)


Told = Mapping[date, Mapping[str, Month]]
"""By month and measure."""


def told(session: Session, library: Organisation, months: Sequence[date]) -> Told:
    """Of months that were kept (one statement)."""
    query = select(PublicMonth).where(PublicMonth.library_id == library.id, PublicMonth.month.in_(months))
    return {
        one.month: {measure: _of_plain(plain) for measure, plain in one.told.items()} for one in session.scalars(query)
    }


def keep(session: Session, library: Organisation, month: date, found: Mapping[str, Month]) -> None:
    """Of a month that was not kept before."""
    plain = {measure: one.plain() for measure, one in found.items()}
    session.add(PublicMonth(library_id=library.id, month=month, kept_at=clock.now(), told=plain))
    session.flush()


def waiting(session: Session, today: date) -> Organisation | None:
    """The next library of which last month is not kept."""
    last = month_after(today.replace(day=1), -1)
    kept = exists().where(PublicMonth.library_id == Organisation.id, PublicMonth.month == last)
    query = select(Organisation).where(Organisation.to_on.is_(None), ~kept)
    return session.scalar(query.order_by(Organisation.id).limit(1))
