"""Writing uses and taking them back. Rows are added, never changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from library.core import clock
from library.core.db import straight, table_of
from library.uses.models import DocumentUse, UseKind

_ADDING = insert(table_of(DocumentUse))
FROZEN = ("branch_id", "class_name", "grade", "category", "reading_level", "class_mark", "channel")


@dataclass(frozen=True)
class Frozen:
    """What was true that day, for the figures. Names no reader."""

    branch_id: int
    class_name: str | None = None
    grade: int | None = None
    category: str | None = None
    reading_level: int | None = None
    class_mark: str | None = None
    channel: str = "desk"


def record(
    session: Session, act: tuple[int, UUID], item_id: int, kind: UseKind, at: datetime, frozen: Frozen, turn: int = 0
) -> None:
    """One use (one statement). `turn` tells apart rows of one act and copy that were taken back in between."""
    act_id, act_uid = act
    row = {
        "uid": uuid5(act_uid, f"use {item_id} {turn}"), "act_id": act_id, "item_id": item_id, "kind": kind, "quantity": 1,
        "used_on": clock.day_of(at), "occurred_at": at, "recorded_at": max(clock.now(), at),
    }  # fmt: skip
    straight(session).execute(_ADDING, row | vars(frozen))


def standing(session: Session, item_id: int) -> dict[int, DocumentUse]:
    """Per act the use of this copy that was not taken back."""
    back = select(DocumentUse.reverses_id).where(DocumentUse.item_id == item_id, DocumentUse.reverses_id.is_not(None))
    query = select(DocumentUse).where(
        DocumentUse.item_id == item_id, DocumentUse.quantity == 1, DocumentUse.id.not_in(back)
    )
    return {use.act_id: use for use in session.scalars(query)}


def take_back(session: Session, use: DocumentUse) -> None:
    """A row of -1 with the same frozen facts, recorded now: what was known yesterday stays knowable."""
    same: Mapping[str, Any] = {
        name: getattr(use, name) for name in (*FROZEN, "act_id", "item_id", "kind", "used_on", "occurred_at")
    }
    session.execute(
        insert(DocumentUse).values(
            **same,
            uid=uuid5(use.uid, "back"),
            quantity=-1,
            reverses_id=use.id,
            recorded_at=max(clock.now(), use.recorded_at),
        )
    )


def turns(session: Session, act_id: int, item_id: int) -> int:
    """How many uses this act has had for this copy, taken back ones included."""
    query = select(func.count()).where(
        DocumentUse.act_id == act_id, DocumentUse.item_id == item_id, DocumentUse.quantity == 1
    )
    return session.scalar(query) or 0
