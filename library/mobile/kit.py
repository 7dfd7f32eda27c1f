"""The kit of a vehicle: what should be aboard beside books, checked out and in with every trip."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from library.core import clock
from library.core.errors import N_
from library.holdings.models import Item
from library.inbox import acts
from library.inbox.acts import Doing
from library.loans.models import Loan, still_out
from library.mobile.errors import NotDone
from library.mobile.models import KitCheck, KitItem, Trip, Vehicle

KIND = "kit-check"
GOOD, DAMAGED, MISSING = "good", "damaged", "missing"
CONDITIONS = {GOOD: N_("tốt"), DAMAGED: N_("hỏng"), MISSING: N_("thiếu")}


@dataclass(frozen=True)
class NewKit:
    """`item`: it is a copy too, so readers may borrow it."""

    name: str
    quantity: int = 1
    serial: str = ""
    for_blind: bool = False
    item: Item | None = None


USUAL = (
    NewKit("Máy tính xách tay", 6), NewKit("Máy chủ"), NewKit("Ti vi"), NewKit("Máy chiếu và màn chiếu"),
    NewKit("Loa"), NewKit("Máy phát điện"), NewKit("Ổn áp"), NewKit("Dù che nắng", 5), NewKit("Ghế nhựa", 100),
    NewKit("Dây điện 5 m", 2), NewKit("Máy đọc sách nói", 2, for_blind=True),
    NewKit("Máy phóng chữ", for_blind=True), NewKit("Sách chữ nổi (bộ)", for_blind=True), NewKit("Tủ thuốc", 1),
)  # fmt: skip
"""What vehicles of provinces carry (their gifts of 2016 and 2019): a list to begin with, and to change."""


@dataclass(frozen=True)
class Back:
    """How a thing came in."""

    quantity: int
    condition: str = GOOD
    note: str = ""


def add(session: Session, vehicle: Vehicle, new: NewKit) -> KitItem:
    """Raises NotDone for a thing that is on the list."""
    rows = of(session, vehicle.id, retired=True)
    _check_free(session, new.item)
    if any(one.name.casefold() == new.name.casefold() and one.serial == new.serial for one in rows):
        raise NotDone.because("there-already", N_("%(name)s đã có trong danh sách. Ghi thêm số máy."), name=new.name)
    made = KitItem(
        uid=clock.uuid7(), vehicle_id=vehicle.id, number=max((one.number for one in rows), default=0) + 1,
        name=new.name, quantity=new.quantity, serial=new.serial, for_blind=new.for_blind,
        item_id=new.item.id if new.item else None,
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made


def _check_free(session: Session, item: Item | None) -> None:
    """A copy is one thing. Raises NotDone."""
    mine = select(KitItem.name).where(KitItem.item_id == (item.id if item else None), KitItem.retired_on.is_(None))
    if item is not None and (name := session.scalar(mine.limit(1))):
        raise NotDone.because("taken", N_("Mã này đã là mã của %(name)s."), name=name)


def lend(session: Session, vehicle: Vehicle, kit: KitItem, item: Item) -> KitItem:
    """Readers may borrow it from now on, as the copy `item`. Of several alike one is a line of its own by that, with the
    copy's number for its own. Raises NotDone."""
    if kit.quantity > 1:
        made = add(session, vehicle, NewKit(kit.name, 1, item.accession or str(item.uid), kit.for_blind, item))
        kit.quantity -= 1
        session.flush()
        return made
    _check_free(session, item)
    kit.item_id = item.id
    session.flush()
    return kit


def keep(session: Session, kit: KitItem) -> None:
    """Nobody borrows it any more; its copy stays in the register. Raises NotDone while somebody has it."""
    if lent(session, [kit]):
        raise NotDone.because("lent", N_("Bạn đọc đang mượn %(name)s. Trả xong rồi mới thôi cho mượn."), name=kit.name)
    kit.item_id = None
    session.flush()


def add_usual(session: Session, vehicle: Vehicle) -> int:
    """The usual list, but for what is there already; how many were added."""
    names = {one.name.casefold() for one in of(session, vehicle.id, retired=True)}
    new = [one for one in USUAL if one.name.casefold() not in names]
    for one in new:
        add(session, vehicle, one)
    return len(new)


def of(session: Session, vehicle_id: int, retired: bool = False) -> Sequence[KitItem]:
    query = select(KitItem).where(KitItem.vehicle_id == vehicle_id).order_by(KitItem.number)
    return session.scalars(query if retired else query.where(KitItem.retired_on.is_(None))).all()


def change(session: Session, kit: KitItem, quantity: int, for_blind: bool) -> None:
    kit.quantity, kit.for_blind = quantity, for_blind
    session.flush()


def retire(session: Session, kit: KitItem, on: date) -> None:
    """It is aboard no more; the checks of earlier trips stand."""
    kit.retired_on = on
    session.flush()


def lent(session: Session, items: Sequence[KitItem]) -> dict[int, date | None]:
    """Things that are with a reader now, by their id: the day they are due."""
    ids = {one.item_id: one.id for one in items if one.item_id}
    query = select(Loan.item_id, Loan.due_on).where(still_out(), Loan.item_id.in_(ids))
    return {ids[item]: due for item, due in session.execute(query)}


def checks(session: Session, trip_id: int) -> dict[int, KitCheck]:
    """By thing."""
    query = select(KitCheck).where(KitCheck.trip_id == trip_id)
    return {one.kit_id: one for one in session.scalars(query)}


def check_out(session: Session, doing: Doing, trip: Trip, counted: Mapping[int, int]) -> int:
    """So many of each thing went aboard; said again, it is corrected. The act's id."""
    at = doing.at or clock.now()
    act_id, known = acts.write(session, doing, KIND, at), checks(session, trip.id)
    for kit in _mine(session, trip, counted):
        row = known.get(kit.id)
        if row is None:
            session.add(
                KitCheck(trip_id=trip.id, kit_id=kit.id, out_quantity=counted[kit.id], out_at=at, out_by=act_id)
            )
        else:
            row.out_quantity, row.out_by = counted[kit.id], act_id
    session.flush()
    return act_id


def check_in(session: Session, doing: Doing, trip: Trip, back: Mapping[int, Back]) -> int:
    """What came home; the act's id. Raises NotDone for a thing that did not go out."""
    at = doing.at or clock.now()
    known = checks(session, trip.id)
    things = _mine(session, trip, back)
    if never := [kit.name for kit in things if kit.id not in known]:
        raise NotDone.because("not-out", N_("%(name)s chưa ghi lúc đi."), name=never[0])
    act_id = acts.write(session, doing, KIND, at)
    for kit in things:
        row, told = known[kit.id], back[kit.id]
        row.in_quantity, row.in_condition, row.note = told.quantity, told.condition, told.note or None
        row.in_at, row.in_by = max(at, row.out_at), act_id
    session.flush()
    return act_id


def _mine(session: Session, trip: Trip, counted: Mapping[int, object]) -> Sequence[KitItem]:
    return [one for one in of_trip(session, trip) if one.id in counted]


def of_trip(session: Session, trip: Trip) -> list[KitItem]:
    """The vehicle's kit; and what went out on this trip with the vehicle that could not go on."""
    mine = of(session, trip.vehicle_id)
    out = select(KitCheck.kit_id).where(KitCheck.trip_id == trip.id)
    others = select(KitItem).where(KitItem.id.in_(out), KitItem.id.not_in([one.id for one in mine]))
    return [*mine, *session.scalars(others.order_by(KitItem.number))]


def undo_in(session: Session, trip: Trip) -> None:
    """Nothing has come in yet: it was a slip."""
    nothing = {"in_quantity": None, "in_condition": None, "in_at": None, "in_by": None}
    session.execute(update(KitCheck).where(KitCheck.trip_id == trip.id).values(**nothing))
    session.expire_all()


def differing(session: Session, trip_id: int) -> list[tuple[KitItem, KitCheck]]:
    """Things of which less, or something broken, came home."""
    query = select(KitItem, KitCheck).join(KitCheck, KitCheck.kit_id == KitItem.id).where(KitCheck.trip_id == trip_id)
    rows = session.execute(query.where(KitCheck.in_at.is_not(None)).order_by(KitItem.number)).all()
    return [(kit, row) for kit, row in rows if (row.in_quantity or 0) < row.out_quantity or row.in_condition != GOOD]
