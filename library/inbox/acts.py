"""Writing acts, and voiding them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from library.core import clock
from library.core.db import straight, table_of
from library.core.errors import N_, Reason, Refused
from library.inbox.models import Act

_WRITING = insert(table_of(Act)).returning(table_of(Act).c.id)


@dataclass(frozen=True)
class Doing:
    """Who does something, where, by which device; `at` is None for what happens now."""

    uid: UUID
    actor: UUID | None = None
    branch_id: int | None = None
    device: UUID | None = None
    number: int | None = None
    raw_at: datetime | None = None
    at: datetime | None = None

    @classmethod
    def now(cls, actor: UUID | None = None, branch_id: int | None = None) -> "Doing":
        """For what is done in the server itself."""
        return cls(clock.uuid7(), actor, branch_id)


class AlreadyUndone(Refused):
    def __init__(self) -> None:
        super().__init__(Reason("already-undone", N_("Việc này đã được hoàn tác rồi.")))


def write(session: Session, doing: Doing, kind: str, occurred_at: datetime, voids_id: int | None = None) -> int:
    """Add the act (one statement) and return its id. `occurred_at` may run ahead of the clock by ticks, never more."""
    recorded_at = max(clock.now(), occurred_at if doing.at is None else clock.now())
    values = {
        "uid": doing.uid,
        "kind": kind,
        "actor": doing.actor,
        "branch_id": doing.branch_id,
        "device": doing.device,
        "number": doing.number,
        "raw_at": doing.raw_at,
        "occurred_at": occurred_at,
        "recorded_at": recorded_at,
        "voids_id": voids_id,
    }
    return int(straight(session).execute(_WRITING, values).scalar_one())


def void(session: Session, doing: Doing, act_id: int) -> int:
    """Write the act that undoes `act_id`. What that act wrote is mended by whoever calls. Raises AlreadyUndone."""
    still = select(Act.id).where(Act.id == act_id, Act.voided_by.is_(None)).with_for_update()
    if session.execute(still).first() is None:
        raise AlreadyUndone
    voiding = write(session, doing, "undo", doing.at or clock.now(), voids_id=act_id)
    session.execute(update(Act).where(Act.id == act_id).values(voided_by=voiding))
    return voiding


def ref(session: Session, act_id: int) -> tuple[int, UUID]:
    """The act as those who write rows for it take it."""
    return act_id, session.scalars(select(Act.uid).where(Act.id == act_id)).one()


def by_uid(session: Session, uid: UUID) -> Act | None:
    return session.scalar(select(Act).where(Act.uid == uid))


def last_of_device(session: Session, device: UUID) -> datetime | None:
    """When the latest known act of a device happened: the next one comes after it."""
    return session.scalar(select(func.max(Act.occurred_at)).where(Act.device == device))
