"""The one door through which a hold changes, and the way back.

Every act that changes a hold leaves what was there before. Undoing an act takes its link out of that chain: where a
later act has changed the same thing, that one stands, and remembers what this one had found.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, exists, insert, select, update
from sqlalchemy.orm import Session, aliased

from library.core.db import straight, table_of
from library.loans.models import Hold, HoldChange

Values = Mapping[str, Any]
_HOLD, _CHANGE = table_of(Hold), table_of(HoldChange)

UNTOUCHED: Values = {"item_id": None, "captured_by": None, "keep_until": None, "ready_at": None}
"""No copy is kept."""
GOING_ON: Values = {"ended_at": None, "ended_by": None, "ended_why": None}


def change(session: Session, act_id: int, hold_id: int, values: Values, why: str | None = None) -> None:
    """Set columns of an open hold, on behalf of an act (three statements)."""
    row = straight(session).execute(select(*_columns(values)).where(_HOLD.c.id == hold_id)).mappings().one()
    changed(session, act_id, hold_id, dict(row), values, why)


def changed(
    session: Session, act_id: int, hold_id: int, before: Values, values: Values, why: str | None = None
) -> None:
    """As `change`, by somebody who knows what stood there (two statements)."""
    straight(session).execute(update(_HOLD).where(_HOLD.c.id == hold_id).values(dict(values)))
    plain = {name: _plain(before[name]) for name in values}
    row = {"act_id": act_id, "hold_id": hold_id, "before": plain, "why": why, "voided": False}
    straight(session).execute(insert(_CHANGE), row)


def overwrite(session: Session, hold_id: int, values: Values) -> None:
    """Without a trace: for the undoing itself."""
    session.execute(update(Hold).where(Hold.id == hold_id).values(dict(values)))


def _columns(names: Iterable[str]) -> list[ColumnElement[Any]]:
    return [_HOLD.c[name] for name in names]


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _back(name: str, value: Any) -> Any:
    """As the column holds it."""
    sort = {"ended_at": datetime, "ready_at": datetime}.get(name) or (date if name in _DAYS else None)
    return sort.fromisoformat(value) if sort and value is not None else value


_DAYS = ("keep_until", "not_before", "suspended_until", "expires_on")


def undo(session: Session, act_id: int) -> None:
    """What the voided act changed is as before, the last change first."""
    mine = select(HoldChange).where(HoldChange.act_id == act_id, HoldChange.voided.is_(False))
    for one in session.scalars(mine.order_by(HoldChange.id.desc())).all():
        _take_out(session, one)


def _take_out(session: Session, one: HoldChange) -> None:
    later = select(HoldChange).where(
        HoldChange.hold_id == one.hold_id, HoldChange.id > one.id, HoldChange.voided.is_(False)
    )
    back = dict(one.before)
    for other in session.scalars(later.order_by(HoldChange.id)).all():
        passed_on = {name: back.pop(name) for name in list(back) if name in other.before}
        other.before = {**other.before, **passed_on}
    one.voided = True
    session.flush()
    _put_back(session, one.hold_id, {name: _back(name, value) for name, value in back.items()})


def _put_back(session: Session, hold_id: int, values: dict[str, Any]) -> None:
    """Unless the world has gone on: the reader waits anew, or the copy is kept for another."""
    if values.get("item_id") and _kept_for_another(session, hold_id, values["item_id"]):
        values |= UNTOUCHED
    if "ended_at" in values and values["ended_at"] is None and not _may_go_on(session, hold_id):
        values = {name: value for name, value in values.items() if name not in GOING_ON}
    if values.get("item_id", True) is None:
        values |= UNTOUCHED
    if values:
        session.execute(update(Hold).where(Hold.id == hold_id).values(values))


def _kept_for_another(session: Session, hold_id: int, item_id: int) -> bool:
    query = select(Hold.id).where(Hold.item_id == item_id, Hold.ended_at.is_(None), Hold.id != hold_id)
    return session.scalar(query) is not None


def _may_go_on(session: Session, hold_id: int) -> bool:
    """Nobody has placed another one since, and the copy that was kept is kept for nobody else."""
    other = aliased(Hold)
    anew = exists().where(
        other.id != Hold.id, other.ended_at.is_(None), other.record_id == Hold.record_id,
        other.membership_id == Hold.membership_id,
    )  # fmt: skip
    taken = exists().where(other.id != Hold.id, other.ended_at.is_(None), other.item_id == Hold.item_id)
    return session.scalar(select(Hold.id).where(Hold.id == hold_id, ~anew, ~taken)) is not None
