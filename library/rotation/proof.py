"""Asserted is not proved: a list says that a copy came; a scan there, or any scan since, proves it."""

from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select
from sqlalchemy.orm import aliased

from library.holdings.models import Basis, Movement, Why
from library.inbox.models import Act
from library.rotation.models import Leg, LegLine

FOLLOWED = "followed"
"""Note of a leg's line: the copy was sent after the others."""
_LATER, _LATER_LINE = aliased(Leg), aliased(LegLine)
_SEND, _SENDING = aliased(Movement), aliased(Act)


def proved() -> ColumnElement[bool]:
    """Of a `LegLine` joined to its `Leg`: scanned when it was received, or since, until it left by a later leg. What was
    sent after the others is proved by scans since it set out itself.

    Any scan proves: a loan, a return, a stocktake. Derived, so that undoing the scan undoes the proof.
    """
    return or_(LegLine.proved_at.is_not(None), scanned_since())


def asserted() -> ColumnElement[bool]:
    """Received, and nobody has scanned it yet."""
    return and_(LegLine.asserted_at.is_not(None), ~proved())


def scanned_since() -> ColumnElement[bool]:
    left = (
        select(_LATER.sent_at)
        .join(_LATER_LINE, _LATER_LINE.leg_id == _LATER.id)
        .where(_LATER_LINE.item_id == LegLine.item_id, _LATER.batch_id == Leg.batch_id, _LATER.number > Leg.number)
        .order_by(_LATER.number)
        .limit(1)
        .correlate(LegLine, Leg)
        .scalar_subquery()
    )
    return (
        exists()
        .where(
            Movement.item_id == LegLine.item_id, Movement.basis == Basis.SCAN, Movement.occurred_at > _came_at(),
            or_(left.is_(None), Movement.occurred_at < left), Act.id == Movement.act_id, Act.voided_by.is_(None),
        )
        .correlate(LegLine, Leg)
    )  # fmt: skip


def _came_at() -> ColumnElement[Any]:
    """Scans before say nothing of this leg."""
    return case((LegLine.note == FOLLOWED, followed_at()), else_=Leg.received_at)


def followed_at() -> ColumnElement[Any]:
    """When a copy that was sent after the others set out: the first sending since they did."""
    return (
        select(func.min(_SEND.occurred_at))
        .join(_SENDING, _SENDING.id == _SEND.act_id)
        .where(_SEND.item_id == LegLine.item_id, _SEND.why == Why.SEND, _SEND.basis == Basis.ASSERTION)
        .where(_SEND.occurred_at > Leg.sent_at, _SENDING.voided_by.is_(None))
        .correlate(LegLine, Leg)
        .scalar_subquery()
    )
