"""Asking a copy to go somewhere: asked, sent, arrived, or cancelled. At most one open request a copy."""

from datetime import datetime
from uuid import UUID, uuid5

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from library.core.db import table_of
from library.core.errors import N_, Reason, Refused
from library.holdings.ledger import FOLLOWERS, Moved, Undone
from library.holdings.models import Basis, Place, Transfer, Why

_OPEN = (Transfer.arrived_at.is_(None), Transfer.cancelled_at.is_(None))


_TABLE, _PLACE = table_of(Transfer), table_of(Place)
_MINE = update(_TABLE).where(
    _TABLE.c.item_id.in_(bindparam("items", expanding=True)),
    _TABLE.c.arrived_at.is_(None),
    _TABLE.c.cancelled_at.is_(None),
)
_SENDING = _MINE.where(_TABLE.c.sent_at.is_(None))
_ARRIVING = _MINE.where(
    _TABLE.c.to_id.in_(select(_PLACE.c.id).where(_PLACE.c.branch_id == bindparam("branch"))),
    _TABLE.c.asked_at <= bindparam("at", type_=Transfer.asked_at.type),
)


class AlreadyAsked(Refused):
    def __init__(self) -> None:
        super().__init__(Reason("already-asked", N_("Cuốn này đã được yêu cầu chuyển đi nơi khác.")))


def ask(session: Session, act: tuple[int, UUID], item_id: int, to_id: int, reason: str, at: datetime) -> None:
    """Raises AlreadyAsked while another request is open: cancel that one first."""
    if session.scalar(select(Transfer.id).where(Transfer.item_id == item_id, *_OPEN)):
        raise AlreadyAsked
    act_id, act_uid = act
    session.execute(
        insert(Transfer).values(
            uid=uuid5(act_uid, f"transfer {item_id}"),
            act_id=act_id,
            item_id=item_id,
            to_id=to_id,
            reason=reason,
            asked_at=at,
        )
    )


def cancel(session: Session, act_id: int, item_id: int, at: datetime) -> bool:
    """Whether there was an open request to cancel."""
    query = update(Transfer).where(Transfer.item_id == item_id, *_OPEN).values(cancelled_at=at, cancelled_by=act_id)
    return session.execute(query.returning(Transfer.id)).first() is not None


def follow(session: Session, moved: Moved) -> None:
    """A copy was seen: sent if it went into transit, arrived if it is where it was asked to go. Elsewhere: still open.

    Lending, renewing and looking a book over at the desk it is leaving end no request.
    """
    if moved.basis is not Basis.SCAN or moved.why not in (Why.SEND, Why.RECEIVE, Why.DESK, Why.SHELVE):
        return
    items = list(moved.settled)
    if moved.why is Why.SEND:
        session.execute(_SENDING, {"items": items, "sent_at": moved.at})
        return
    values = {"at": moved.at, "arrived_at": moved.at, "arrived_by": moved.act_id}
    session.execute(_ARRIVING, {"items": items, "branch": moved.branch_id, **values})


def undone(session: Session, what: Undone) -> None:
    """Requests that the voided act ended are open again; one that it made is cancelled."""
    reopen = update(Transfer).where(Transfer.arrived_by == what.act_id)
    session.execute(reopen.values(arrived_at=None, arrived_by=None))
    session.execute(
        update(Transfer).where(Transfer.cancelled_by == what.act_id).values(cancelled_at=None, cancelled_by=None)
    )
    withdrawn = update(Transfer).where(Transfer.act_id == what.act_id, *_OPEN)
    session.execute(withdrawn.values(cancelled_at=Transfer.asked_at, cancelled_by=what.voided_by))


FOLLOWERS.moved["transfers"] = follow
FOLLOWERS.undone["transfers"] = undone
