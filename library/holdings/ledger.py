"""The only door to where a copy is.

`move` adds movements and repeats the latest in `Item`; facts that arrive late are sorted in by `recast`. Whoever must
follow (loans end when a book is seen) is called with what moved, in this transaction: see `FOLLOWERS`.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID, uuid5

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from library.core import clock
from library.core.bulk import add_rows
from library.core.db import straight, table_of
from library.holdings import history
from library.holdings.models import Basis, Item, Movement, Place, Why
from library.inbox.models import Act

_ITEM, _MOVEMENT = table_of(Item), table_of(Movement)
_AT, _EVIDENCE = bindparam("at", type_=Item.seen_at.type), bindparam("evidence", type_=Item.seen_at.type)
_ADDING = insert(_MOVEMENT)
_SETTLING = update(_ITEM).where(_ITEM.c.id == bindparam("item"), _ITEM.c.seen_at < _AT).returning(_ITEM.c.id)
_SETTLING_ON_EVIDENCE = _SETTLING.where(_ITEM.c.seen_at <= _EVIDENCE)
_MINE = select(_MOVEMENT.c.uid).where(_MOVEMENT.c.item_id == _ITEM.c.id, _MOVEMENT.c.act_id == bindparam("act"))
_SETTLING_MANY = (
    update(_ITEM)
    .where(_ITEM.c.id.in_(bindparam("items", expanding=True)), _ITEM.c.seen_at < _AT)
    .values(seen_uid=_MINE.scalar_subquery())
    .returning(_ITEM.c.id)
)
_SETTLING_MANY_ON_EVIDENCE = _SETTLING_MANY.where(_ITEM.c.seen_at <= _EVIDENCE)


@dataclass(frozen=True)
class Moved:
    """What `move` did. `settled` copies are where it says; `late` ones had to be sorted into their history."""

    act_id: int
    place_id: int
    branch_id: int
    why: Why
    basis: Basis
    at: datetime
    settled: tuple[int, ...]
    late: tuple[int, ...]
    elsewhere: tuple[int, ...] = ()


@dataclass(frozen=True)
class Undone:
    """An act was voided; these copies had moved by it."""

    act_id: int
    voided_by: int
    items: tuple[int, ...]


@dataclass
class Followers:
    """Who is told. Filled once, by the packages above, when they are imported; `create_app` compares the names."""

    moved: dict[str, Callable[[Session, Moved], None]] = field(default_factory=dict)
    undone: dict[str, Callable[[Session, Undone], None]] = field(default_factory=dict)


FOLLOWERS = Followers()


def movement_uid(act_uid: UUID, item_uid: UUID) -> UUID:
    """The same on every installation that hears of this act."""
    return uuid5(act_uid, item_uid.hex)


def move(
    session: Session,
    act: tuple[int, UUID],
    items: Mapping[int, UUID],
    place: tuple[int, int],
    why: Why,
    at: datetime,
    basis: Basis = Basis.SCAN,
    rests_on: datetime | None = None,
    expect: int | None = None,
    idle: frozenset[str] = frozenset(),
) -> Moved:
    """`items` (id to uid) came to `place` (its id and its branch's) at `at`, by `act` (id and uid).

    `rests_on`: the moment of the evidence, for everything but a scan. With `expect`, copies that are not at that
    place now stay untouched and come back in `elsewhere`. Two statements, one more with `expect`, whatever the number.
    `idle`: followers that have nothing open for these copies, as the caller saw who holds their lock. They are told
    only of what comes late.
    """
    place_id, branch_id = place
    there = _where(session, items, expect) if expect is not None else list(items)
    act_id, act_uid = act
    recorded_at = max(clock.now(), at)
    uids = {item: movement_uid(act_uid, items[item]) for item in there}
    rows = [
        {
            "uid": uids[item], "act_id": act_id, "item_id": item, "place_id": place_id, "why": why, "basis": basis,
            "occurred_at": at, "recorded_at": recorded_at, "rests_on": rests_on,
        }
        for item in there
    ]  # fmt: skip
    if len(rows) == 1:
        straight(session).execute(_ADDING, rows[0])
    else:
        add_rows(session, _MOVEMENT, rows)
    settled = _settle(session, act_id, uids, place_id, at, rests_on)
    late = tuple(item for item in there if item not in settled)
    for item in late:
        recast(session, item)
    found = set(there)
    moved = Moved(
        act_id, place_id, branch_id, why, basis, at, tuple(sorted(settled)), late,
        tuple(item for item in items if item not in found),
    )  # fmt: skip
    for name, follow in FOLLOWERS.moved.items():
        if late or name not in idle:
            follow(session, moved)
    return moved


def _where(session: Session, items: Iterable[int], place_id: int) -> list[int]:
    query = select(Item.id).where(Item.id.in_(list(items)), Item.place_id == place_id).order_by(Item.id)
    return list(session.scalars(query.with_for_update(key_share=True)))


def _settle(
    session: Session, act_id: int, uids: dict[int, UUID], place_id: int, at: datetime, rests_on: datetime | None
) -> set[int]:
    """Copies for which this is certainly the newest thing known now say so. One statement for one copy or many."""
    if not uids:
        return set()
    said = {"place_id": place_id, "seen_at": at, "at": at, "evidence": rests_on}
    if len(uids) == 1:
        ((item, uid),) = uids.items()
        settling = _SETTLING if rests_on is None else _SETTLING_ON_EVIDENCE
        return set(straight(session).execute(settling, {"item": item, "seen_uid": uid, **said}).scalars())
    many = _SETTLING_MANY if rests_on is None else _SETTLING_MANY_ON_EVIDENCE
    return set(straight(session).execute(many, {"items": list(uids), "act": act_id, **said}).scalars())


def known(session: Session, item_id: int) -> list[history.Known]:
    """Everything said of a copy that was not undone."""
    query = (
        select(
            Movement.uid, Movement.act_id, Movement.place_id, Place.branch_id, Movement.why, Movement.basis,
            Movement.occurred_at, Movement.rests_on,
        )
        .join(Act, Act.id == Movement.act_id)
        .join(Place, Place.id == Movement.place_id)
        .where(Movement.item_id == item_id, Act.voided_by.is_(None))
    )  # fmt: skip
    return [history.Known(*row) for row in session.execute(query)]


def recast(session: Session, item_id: int) -> None:
    """Work out anew where the copy is, after a late fact or an undoing."""
    last = history.last_believed(known(session, item_id))
    if last is None:
        raise LookupError(f"item {item_id} has no history")
    values = {"place_id": last.place_id, "seen_at": last.occurred_at, "seen_uid": last.uid}
    session.execute(update(Item).where(Item.id == item_id).values(values))


def undo(session: Session, act_id: int, voided_by: int) -> Undone:
    """The act was voided: its copies are where they were before, and whoever follows is told."""
    query = select(Movement.item_id).where(Movement.act_id == act_id).order_by(Movement.item_id)
    undone = Undone(act_id, voided_by, tuple(session.scalars(query)))
    for item in undone.items:
        recast(session, item)
    for follow in FOLLOWERS.undone.values():
        follow(session, undone)
    return undone


def astray(session: Session, batch: int = 1000) -> list[int]:
    """Copies whose place is not what their history says. Must be empty; `flask holdings audit` prints it."""
    wrong: list[int] = []
    after = 0
    query = select(Item.id, Item.place_id, Item.seen_at, Item.seen_uid).where(Item.id > bindparam("after"))
    while rows := session.execute(query.order_by(Item.id).limit(batch), {"after": after}).all():
        after = rows[-1].id
        for row in rows:
            last = history.last_believed(known(session, row.id))
            if last is None or (last.place_id, last.occurred_at, last.uid) != (row.place_id, row.seen_at, row.seen_uid):
                wrong.append(row.id)
    return wrong
