"""Asking a copy to go somewhere: asked, sent, arrived, or cancelled with a reason. At most one open request a copy."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session, aliased

from library.core.db import straight, table_of
from library.core.errors import N_, Reason, Refused
from library.holdings.ledger import FOLLOWERS, Moved, Undone
from library.holdings.models import Basis, Item, Place, PlaceKind, Transfer, Why

_OPEN = (Transfer.arrived_at.is_(None), Transfer.cancelled_at.is_(None))

BY_HAND, BACK = "by-hand", "back"
"""Reasons: somebody asked for it; the request that sent it off was cancelled while it was on its way."""

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


@dataclass(frozen=True)
class Request:
    """An open request. `stands_in`: what kind of place the copy is in now."""

    id: int
    to_id: int
    to_branch_id: int
    from_id: int | None
    reason: str
    stands_in: PlaceKind

    @property
    def on_its_way(self) -> bool:
        """It has left, and was seen nowhere since."""
        return self.stands_in is PlaceKind.IN_TRANSIT


def open_one(session: Session, item_id: int) -> Request | None:
    """Where the copy is asked to go (one statement)."""
    here = aliased(Place)
    query = (
        select(Transfer.id, Transfer.to_id, Place.branch_id, Transfer.from_id, Transfer.reason, here.kind)
        .join(Place, Place.id == Transfer.to_id)
        .join(Item, Item.id == Transfer.item_id)
        .join(here, here.id == Item.place_id)
        .where(Transfer.item_id == item_id, *_OPEN)
    )
    row = straight(session).execute(query).one_or_none()
    return Request(*row) if row else None


def ask(session: Session, act: tuple[int, UUID], item_id: int, to_id: int, reason: str, at: datetime) -> None:
    """Raises AlreadyAsked while another request is open: cancel that one first, or `replace` it."""
    if open_one(session, item_id):
        raise AlreadyAsked
    add(session, act, item_id, to_id, reason, at)


def replace(session: Session, act: tuple[int, UUID], item_id: int, to_id: int, reason: str, at: datetime) -> None:
    """As `ask`; another open request is cancelled, one for the same place goes on."""
    was = open_one(session, item_id)
    if was and was.to_id == to_id:
        return
    if was:
        cancel(session, act[0], item_id, at, "replaced")
    add(session, act, item_id, to_id, reason, at)


def add(session: Session, act: tuple[int, UUID], item_id: int, to_id: int, reason: str, at: datetime) -> None:
    """For who knows, under the copy's lock, that no other request is open (one statement)."""
    act_id, act_uid = act
    stands_at = select(Item.place_id).where(Item.id == item_id).scalar_subquery()
    session.execute(
        insert(Transfer).values(
            uid=uuid5(act_uid, f"transfer {item_id}"), act_id=act_id, item_id=item_id, to_id=to_id, reason=reason,
            asked_at=at, from_id=stands_at,
        )
    )  # fmt: skip


def cancel(
    session: Session, act_id: int, item_id: int, at: datetime, why: str = BY_HAND, only: str | None = None
) -> bool:
    """Whether there was an open request to cancel; with `only`, one of that reason."""
    query = update(Transfer).where(Transfer.item_id == item_id, *_OPEN)
    query = query.where(Transfer.reason == only) if only else query
    values = {"cancelled_at": at, "cancelled_by": act_id, "cancelled_why": why}
    return session.execute(query.values(values).returning(Transfer.id)).first() is not None


def withdraw(session: Session, act_id: int, item_id: int, at: datetime, only: str, why: str) -> None:
    """Cancel a request of that reason if the copy has not left yet. What is on its way arrives first."""
    was = open_one(session, item_id)
    if was and was.reason == only and not was.on_its_way:
        cancel(session, act_id, item_id, at, why)


def call_back(session: Session, act: tuple[int, UUID], item_id: int, at: datetime, why: str = BY_HAND) -> bool:
    """Cancel the open request; a copy that is on its way is asked back to where it came from. Whether it is."""
    was = open_one(session, item_id)
    cancel(session, act[0], item_id, at, why)
    if was is None or not was.on_its_way:
        return False
    home = session.scalars(select(Item.home_id).where(Item.id == item_id)).one()
    add(session, act, item_id, was.from_id or home, BACK, at)
    return True


def brought(session: Session, act_id: int, item_id: int) -> bool:
    """Whether the copy came by that act to where it had been asked."""
    query = select(Transfer.id).where(Transfer.arrived_by == act_id, Transfer.item_id == item_id)
    return straight(session).execute(query).first() is not None


def follow(session: Session, moved: Moved) -> None:
    """A copy was seen: sent if it went into transit, arrived if it is where it was asked to go. Elsewhere: still open.

    Lending, renewing and looking a book over at the desk it is leaving end no request.
    """
    if moved.basis is not Basis.SCAN or moved.why not in (Why.SEND, Why.RECEIVE, Why.DESK, Why.SHELVE):
        return
    items = list(moved.settled)
    if moved.why is Why.SEND:
        session.execute(_SENDING, {"items": items, "sent_at": moved.at, "sent_by": moved.act_id})
        return
    values = {"at": moved.at, "arrived_at": moved.at, "arrived_by": moved.act_id}
    session.execute(_ARRIVING, {"items": items, "branch": moved.branch_id, **values})


def undone(session: Session, what: Undone) -> None:
    """What the voided act asked for is asked no more; then requests it sent, ended or cancelled are as before.

    Where a later act has asked the copy elsewhere, that stands.
    """
    withdrawn = update(Transfer).where(Transfer.act_id == what.act_id, *_OPEN)
    gone = {"cancelled_at": Transfer.asked_at, "cancelled_by": what.voided_by, "cancelled_why": "undone"}
    session.execute(withdrawn.values(gone))
    session.execute(update(Transfer).where(Transfer.sent_by == what.act_id).values(sent_at=None, sent_by=None))
    mine = (Transfer.arrived_by == what.act_id) | (Transfer.cancelled_by == what.act_id)
    for request_id, item_id in session.execute(select(Transfer.id, Transfer.item_id).where(mine)).all():
        _reopen(session, request_id, item_id)


def _reopen(session: Session, request_id: int, item_id: int) -> None:
    if open_one(session, item_id) is None:
        nobody = {"arrived_at": None, "arrived_by": None, "cancelled_at": None, "cancelled_by": None}
        session.execute(update(Transfer).where(Transfer.id == request_id).values(cancelled_why=None, **nobody))


FOLLOWERS.moved["transfers"] = follow
FOLLOWERS.undone["transfers"] = undone
