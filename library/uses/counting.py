"""Writing uses and taking them back. Rows are added, never changed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import exists, func, insert, select
from sqlalchemy.orm import Session, aliased

from library.core import clock
from library.core.db import straight, table_of
from library.uses.models import DocumentUse, UseKind, Visit, VisitKind

_ADDING = insert(table_of(DocumentUse))
FROZEN = (
    "branch_id",
    "class_name",
    "grade",
    "category",
    "reading_level",
    "class_mark",
    "channel",
    "place_id",
    "record_id",
)
VISIT_FROZEN = ("branch_id", "place_id", "class_name", "grade", "category", "sex", "access_need")


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
    place_id: int | None = None
    sex: str | None = None
    access_need: str | None = None
    record_id: int | None = None
    """The title, where it is known and the copy is not."""

    def of_use(self) -> dict[str, Any]:
        """What a use keeps of it: whether boys or girls read is asked of visits only."""
        return {name: getattr(self, name) for name in FROZEN}


def record(
    session: Session, act: tuple[int, UUID], item_id: int, kind: UseKind, at: datetime, frozen: Frozen, turn: int = 0
) -> None:
    """One use (one statement). `turn` tells apart rows of one act and copy that were taken back in between."""
    act_id, act_uid = act
    row = {
        "uid": uuid5(act_uid, f"use {item_id} {turn}"), "act_id": act_id, "item_id": item_id, "kind": kind, "quantity": 1,
        "used_on": clock.day_of(at), "occurred_at": at, "recorded_at": max(clock.now(), at),
    }  # fmt: skip
    straight(session).execute(_ADDING, row | frozen.of_use())


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


def tally(
    session: Session, act: tuple[int, UUID], kind: UseKind, quantity: int, at: datetime, frozen: Frozen, name: str = ""
) -> None:
    """Uses of which no copy is known: by colour at a shelf, read in class. `name` tells apart rows of one act."""
    act_id, act_uid = act
    row = {
        "uid": uuid5(act_uid, f"tally {name}"), "act_id": act_id, "item_id": None, "kind": kind, "quantity": quantity,
        "used_on": clock.day_of(at), "occurred_at": at, "recorded_at": max(clock.now(), at),
    }  # fmt: skip
    straight(session).execute(_ADDING, row | frozen.of_use())


def visits(
    session: Session,
    act: tuple[int, UUID],
    kind: VisitKind,
    quantity: int,
    at: datetime,
    frozen: Frozen,
    name: str = "",
) -> None:
    """Readers who came, with what was true of them that day. `name` tells apart rows of one act."""
    act_id, act_uid = act
    facts = {name: getattr(frozen, name) for name in VISIT_FROZEN}
    row = {
        "uid": uuid5(act_uid, f"visit {name}".strip()), "act_id": act_id, "kind": kind, "quantity": quantity,
        "visited_on": clock.day_of(at), "occurred_at": at, "recorded_at": max(clock.now(), at),
    }  # fmt: skip
    session.execute(insert(Visit).values(row | facts))


def undo(session: Session, act_id: int) -> None:
    """The act was voided: its tallies and visits are taken back by rows of the opposite. Uses of copies follow the ledger;
    what a counter at the door says beside the act's visits follows them, and is put right by whoever reads the counter."""
    back, left = aliased(DocumentUse), aliased(Visit)
    tallies = select(DocumentUse).where(
        DocumentUse.item_id.is_(None), ~exists().where(back.reverses_id == DocumentUse.id)
    )
    came = select(Visit).where(Visit.kind != VisitKind.GATE, ~exists().where(left.reverses_id == Visit.id))
    for use in session.scalars(tallies.where(DocumentUse.act_id == act_id, DocumentUse.quantity > 0)).all():
        session.execute(insert(DocumentUse).values(_opposite(use, (*FROZEN, "used_on"))))
    for visit in session.scalars(came.where(Visit.act_id == act_id, Visit.quantity > 0)).all():
        take_back_visit(session, visit)


def take_back_visit(session: Session, visit: Visit) -> None:
    """A row of the opposite, recorded now."""
    session.execute(insert(Visit).values(_opposite(visit, (*VISIT_FROZEN, "visited_on"))))


def _opposite(row: DocumentUse | Visit, names: Iterable[str]) -> dict[str, Any]:
    same = {name: getattr(row, name) for name in (*names, "act_id", "kind", "occurred_at")}
    recorded_at = max(clock.now(), row.recorded_at)
    back = {"uid": uuid5(row.uid, "back"), "quantity": -row.quantity, "reverses_id": row.id}
    return {**same, **back, "recorded_at": recorded_at}
