"""One for one: a batch that takes the place of another brings no more copies than that one gives back."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from library.core.errors import N_, Reason
from library.rotation import sums
from library.rotation.models import Batch, BatchKind, BatchState

COUNTS = frozenset({BatchKind.EXCHANGE, BatchKind.DEPOSIT})
"""Kinds of batches that come one for one: an exchange, a deposit that is renewed."""


@dataclass(frozen=True)
class Exchange:
    """`other`: the batch that goes home for this one, or comes in its place; `copies`: how many it gives back, or brings."""

    other: Batch
    copies: int


def replaced(session: Session, batch: Batch) -> Exchange | None:
    """What this batch takes the place of, with the copies that are given back for it (two statements)."""
    if batch.replaces_id is None or batch.kind not in COUNTS:
        return None
    other = session.get_one(Batch, batch.replaces_id)
    return Exchange(other, gives_back(session, other))


def in_its_place(session: Session, batch: Batch) -> Batch | None:
    """What comes for it, one for one, or came."""
    query = select(Batch).where(Batch.replaces_id == batch.id, Batch.state != BatchState.CANCELLED)
    return session.scalar(query.where(Batch.kind.in_(COUNTS)).order_by(Batch.id.desc()).limit(1))


def successor(session: Session, batch: Batch) -> Exchange | None:
    """What comes in its place, with the copies that it brings (two statements)."""
    other = in_its_place(session, batch)
    if other is None:
        return None
    told = sums.of(session, other.id)
    return Exchange(other, told.sent or told.lines - told.left_out)


def gives_back(session: Session, batch: Batch) -> int:
    """Copies that come, came or follow home: all that it brought less what is missing, lost or stays by agreement."""
    told = sums.of(session, batch.id)
    if not told.sent:
        return told.lines - told.left_out
    return told.received + told.under_way - told.lost - told.kept - told.forwarded


def too_many(told: Exchange, count: int) -> Reason | None:
    """Why a list of so many copies does not go; None: it does."""
    if count <= told.copies:
        return None
    sentence = N_(
        "Đổi một lấy một: đợt %(batch)s giao lại %(back)s cuốn, danh sách có %(count)s cuốn. Bỏ bớt %(over)s cuốn."
    )
    facts = {"batch": told.other.code, "back": told.copies, "count": count, "over": count - told.copies}
    return Reason("one-for-one", sentence, facts)


def stops(session: Session, batch: Batch, count: int) -> Reason | None:
    """Why so many copies do not go for what this batch takes the place of, as that stands now (no statement for a batch
    that comes for no other)."""
    told = replaced(session, batch)
    return too_many(told, count) if told else None


def remark(told: Exchange, count: int) -> Reason | None:
    """For whoever plans: more than may come, or fewer than are given back. None: as many."""
    if count >= told.copies:
        return too_many(told, count)
    sentence = N_("Đổi một lấy một: đợt %(batch)s giao lại %(back)s cuốn, danh sách mới có %(count)s cuốn.")
    return Reason("fewer-come", sentence, {"batch": told.other.code, "back": told.copies, "count": count})
