"""Where a copy deliberately stays: a class shelf, a deposit. Facts with their moments, like movements."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from uuid import UUID, uuid5

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from library.core.bulk import add_rows
from library.core.db import straight, table_of
from library.holdings import history
from library.holdings.models import Stay

_STAY = table_of(Stay)
_THESE = _STAY.c.item_id.in_(bindparam("items", expanding=True))
_ENDING = update(_STAY).where(_THESE, _STAY.c.place_id.is_not(None), _STAY.c.ended_at.is_(None), ~_STAY.c.voided)
_NEWER = select(_STAY.c.item_id).distinct().where(
    _THESE, ~_STAY.c.voided, _STAY.c.occurred_at >= bindparam("at", type_=Stay.occurred_at.type)
)  # fmt: skip


def uid_of(act_uid: UUID, item_uid: UUID) -> UUID:
    return uuid5(act_uid, f"stay {item_uid.hex}")


def begin(
    session: Session,
    act: tuple[int, UUID],
    item: tuple[int, UUID],
    place_id: int,
    why: str,
    at: datetime,
    until: date | None = None,
) -> None:
    """The copy stays at `place_id` from `at` on; a stay that was open then ends."""
    _add(session, act, item, place_id, why, at, until)


def begin_many(
    session: Session, act: tuple[int, UUID], items: Mapping[int, UUID], place_id: int, why: str, at: datetime,
    until: date | None = None,
) -> None:  # fmt: skip
    """As `begin` for many copies (id to uid) at once: three statements, and a few more for each whose facts are newer."""
    _add_many(session, act, items, place_id, why, at, until)


def end_many(session: Session, act: tuple[int, UUID], items: Mapping[int, UUID], why: str, at: datetime) -> None:
    """As `end` for many copies (id to uid) at once, in as many statements as `begin_many`."""
    _add_many(session, act, items, None, why, at, None)


def _add_many(
    session: Session, act: tuple[int, UUID], items: Mapping[int, UUID], place_id: int | None, why: str, at: datetime,
    until: date | None,
) -> None:  # fmt: skip
    if not items:
        return
    session.flush()
    late = _newer(session, items, at)
    prompt = [item for item in items if item not in late]
    straight(session).execute(_ENDING, {"items": prompt, "ended_at": at, "ended_by": act[0]})
    # A row that ends a stay ends at once, and a late one until it is sorted in.
    over = set(items) if place_id is None else late
    rows = [
        {
            "uid": uid_of(act[1], uid), "act_id": act[0], "item_id": item, "place_id": place_id, "why": why,
            "until_on": until, "occurred_at": at, "ended_at": at if item in over else None,
            "ended_by": act[0] if item in over else None, "voided": False,
        } for item, uid in items.items()
    ]  # fmt: skip
    add_rows(session, _STAY, rows)
    for item in sorted(late):
        recast(session, item)


def _newer(session: Session, items: Iterable[int], at: datetime) -> set[int]:
    """Copies of which something is known that happened then or later."""
    return set(straight(session).execute(_NEWER, {"items": list(items), "at": at}).scalars())


def end(session: Session, act: tuple[int, UUID], item: tuple[int, UUID], why: str, at: datetime) -> None:
    """Whatever stay was open at `at` ended then."""
    _add(session, act, item, None, why, at, None)


def _add(
    session: Session,
    act: tuple[int, UUID],
    item: tuple[int, UUID],
    place_id: int | None,
    why: str,
    at: datetime,
    until: date | None,
) -> None:
    (act_id, act_uid), (item_id, item_uid) = act, item
    # It ends where it begins until `recast` has sorted it in: two open stays are never seen, not even for a moment.
    session.execute(
        insert(Stay).values(
            uid=uid_of(act_uid, item_uid), act_id=act_id, item_id=item_id, place_id=place_id, why=why,
            until_on=until, occurred_at=at, ended_at=at, ended_by=act_id, voided=False,
        )
    )  # fmt: skip
    recast(session, item_id)


def recast(session: Session, item_id: int) -> None:
    """Work out anew when each stay of the copy ended."""
    query = select(Stay.id, Stay.act_id, Stay.place_id, Stay.occurred_at, Stay.uid, Stay.ended_at, Stay.ended_by)
    rows = session.execute(query.where(Stay.item_id == item_id, Stay.voided.is_(False))).all()
    ends = history.stays_ended(history.StayFact(*row[:5]) for row in rows)
    was = {row.id: (row.ended_at, row.ended_by) if row.ended_at else None for row in rows}
    changed = [stay for stay in ends if ends[stay] != was[stay]]
    for stay in sorted(changed, key=lambda one: ends[one] is None):  # first close, then open
        ended_at, ended_by = ends[stay] or (None, None)
        session.execute(update(Stay).where(Stay.id == stay).values(ended_at=ended_at, ended_by=ended_by))


def undo(session: Session, act_id: int) -> None:
    """The act was voided: the stays it began or ended are as before."""
    items = session.scalars(
        update(Stay).where(Stay.act_id == act_id, Stay.voided.is_(False)).values(voided=True).returning(Stay.item_id)
    ).all()
    for item in sorted(set(items)):
        recast(session, item)


def open_at(session: Session, place_id: int) -> list[int]:
    """The copies that stay at a place: the list of a class shelf, wherever they are just now."""
    query = select(Stay.item_id).where(Stay.place_id == place_id, Stay.ended_at.is_(None), Stay.voided.is_(False))
    return list(session.scalars(query.order_by(Stay.item_id)))
