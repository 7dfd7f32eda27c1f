"""Who keeps a shelf, and since when."""

from collections.abc import Iterable, Sequence
from datetime import date

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, joinedload

from library.core.errors import N_, Reason, Refused
from library.holdings.models import Place
from library.shelves.models import Handover, HandoverKind, Shelf, ShelfTenure
from library.shelves.scopes import standing


class KeptSince(Refused):
    """Later tenures stand on what the act began."""

    def __init__(self) -> None:
        sentence = N_("Sau việc này tủ đã đổi người giữ hoặc đã đóng, nên không hoàn tác được nữa.")
        super().__init__(Reason("kept-since", sentence))


def lock(session: Session, shelf_id: int) -> None:
    """Who changes whose shelf it is waits for whoever does so just now."""
    session.execute(select(Shelf.id).where(Shelf.id == shelf_id).with_for_update(key_share=True)).all()


def current(session: Session, shelf_id: int) -> ShelfTenure | None:
    """The class and keeper of today."""
    return session.scalar(select(ShelfTenure).where(ShelfTenure.shelf_id == shelf_id, standing()))


def current_of(session: Session, shelves: Iterable[int]) -> dict[int, ShelfTenure]:
    """By the shelf's id, each with its class (one statement)."""
    mine = select(ShelfTenure).where(ShelfTenure.shelf_id.in_(list(shelves)), standing())
    query = mine.options(joinedload(ShelfTenure.school_class))
    return {one.shelf_id: one for one in session.scalars(query)}


def begin(session: Session, tenure: ShelfTenure) -> ShelfTenure:
    """It keeps the shelf from `from_on` on, by its act; whoever kept it until then is done. The place follows, and books
    that were given and wait to be taken are the new keeper's to take."""
    tenure.from_on = end(session, tenure.shelf_id, tenure.from_on, tenure.act_id)
    session.add(tenure)
    session.flush()
    _others_follow(session, tenure)
    return tenure


def end(session: Session, shelf_id: int, on: date, act_id: int) -> date:
    """The day it ends: `on`, but never before it began, for an act may come late."""
    mine = ShelfTenure.shelf_id == shelf_id, standing()
    on = max(on, session.scalar(select(ShelfTenure.from_on).where(*mine)) or on)
    ended = update(ShelfTenure).where(*mine).values(to_on=on, ended_by=act_id)
    session.execute(ended, execution_options={"synchronize_session": "fetch"})
    return on


def undo(session: Session, act_id: int) -> None:
    """The act was voided: the tenure it began never was, the one it ended goes on. Raises KeptSince."""
    rows = _touched(session, act_id)
    if any(one.act_id == act_id and one.to_on is not None for one in rows):
        raise KeptSince
    for row in (one for one in rows if one.act_id == act_id):
        row.voided = True
    session.flush()
    for row in (one for one in rows if one.act_id != act_id):
        row.to_on, row.ended_by = None, None
        _others_follow(session, row)
    session.flush()


def _touched(session: Session, act_id: int) -> Sequence[ShelfTenure]:
    """What the act began or ended, as it is once nobody else changes it."""
    mine = (ShelfTenure.act_id == act_id) | (ShelfTenure.ended_by == act_id), ShelfTenure.voided.is_(False)
    shelves = sorted(set(session.scalars(select(ShelfTenure.shelf_id).where(*mine))))
    for shelf_id in shelves:
        lock(session, shelf_id)
    fresh = select(ShelfTenure).where(*mine).execution_options(populate_existing=True)
    return session.scalars(fresh).all() if shelves else ()


def _others_follow(session: Session, now: ShelfTenure) -> None:
    """What else says whose shelf it is: its place, and the library's gift that nobody has signed for."""
    place = select(Shelf.place_id).where(Shelf.id == now.shelf_id).scalar_subquery()
    session.execute(update(Place).where(Place.id == place).values(class_id=now.class_id))
    given = (Handover.shelf_id == now.shelf_id, Handover.kind == HandoverKind.FILL)
    waits = update(Handover).where(*given, Handover.taken_at.is_(None), Handover.cancelled_at.is_(None))
    # Who gave it does not sign for it too: then whoever else may keep the shelf does, as `giving_views` has it.
    to = func.nullif(now.keeper_id, Handover.given_by) if now.keeper_id is not None else None
    session.execute(waits.values(to_id=to), execution_options={"synchronize_session": "fetch"})
