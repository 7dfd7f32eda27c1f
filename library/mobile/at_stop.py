"""A stop from opening to closing: opened in one tap, counted by touch, signed for by the school."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from library.core import clock
from library.core.db import straight, table_of
from library.core.errors import N_, Reason, Refused
from library.inbox import acts
from library.inbox.acts import Doing
from library.mobile.models import StopCount, StopVisit, Trip, TripState, VisitAct, VisitState
from library.mobile.stop_figures import Figures
from library.mobile.stop_figures import figures as figures
from library.uses import counting
from library.uses.counting import Frozen
from library.uses.models import UseKind, VisitKind

__all__ = ["Books", "Figures", "Heads", "Signed", "Tally", "close", "count", "figures", "open_"]
OPEN, COUNT, CLOSE = "open-stop", "count-stop", "close-stop"
OTHERS = ("films", "film-viewers", "computers", "gifts", "gift-value", "new-cards", "questions")
"""What is counted beside readers and documents; `StopCount.what`."""
CHANNEL = "van"


class NotSo(Refused):
    """The visit is not in the state for it."""

    def __init__(self, code: str, sentence: str, **facts: object) -> None:
        super().__init__(Reason(code, sentence, facts))


@dataclass(frozen=True)
class Heads:
    """Readers who came together. `category`: pupil, teacher, citizen; `sex`: m, f; `access_need`: disabled, blind."""

    quantity: int
    category: str | None = None
    class_name: str | None = None
    grade: int | None = None
    sex: str | None = None
    access_need: str | None = None


@dataclass(frozen=True)
class Books:
    """Documents used, of one colour (`level`) or from one box (`class_mark`: the first figure of its class, "800")."""

    quantity: int
    level: int | None = None
    class_mark: str | None = None


@dataclass(frozen=True)
class Tally:
    """Everything of one touch, or of a whole paper form."""

    heads: Sequence[Heads] = ()
    books: Sequence[Books] = ()
    others: Mapping[str, int] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.heads or self.books or self.others)


@dataclass(frozen=True)
class Signed:
    """For the school: who, and what they are there."""

    name: str
    title: str = ""


def open_(session: Session, doing: Doing, visit: StopVisit) -> int | None:
    """One tap: the stop is open, and its trip on the road; the act's id, None where it was open already. Raises NotSo."""
    lock(session, visit)
    if visit.state is VisitState.OPEN:
        return None
    at = doing.at or clock.now()
    _check_opening(session, visit, at, live=doing.at is None)
    act_id = acts.write(session, doing, OPEN, at)
    visit.state, visit.opened_at, visit.opened_by = VisitState.OPEN, at, act_id
    _set_out(visit.trip, at)
    session.flush()
    return act_id


def _check_opening(session: Session, visit: StopVisit, at: datetime, live: bool) -> None:
    if visit.state is VisitState.CLOSED:
        raise NotSo("visit-closed", N_("Điểm dừng này đã đóng lúc %(time)s."), time=hour(visit.closed_at))
    if visit.state is not VisitState.PLANNED or visit.trip.state is TripState.CANCELLED:
        raise NotSo("visit-off", N_("Lần dừng này đã bỏ hoặc dời ngày. Xem lại lịch xe."))
    if clock.day_of(at) != visit.day:
        raise NotSo(
            "another-day", N_("Điểm này hẹn ngày %(day)s. Ngày đã qua thì nhập lại từ phiếu giấy."), day=day(visit)
        )
    other = other_open(session, visit)
    if other and (live or other.stop_id == visit.stop_id):
        raise NotSo("another-open", N_("Điểm %(name)s còn mở. Đóng điểm ấy trước."), name=other.stop.name)


def other_open(session: Session, visit: StopVisit) -> StopVisit | None:
    """A vehicle stands at one stop at a time, and a stop has one visit at a time."""
    same = (StopVisit.trip_id == visit.trip_id) | (StopVisit.stop_id == visit.stop_id)
    query = select(StopVisit).where(StopVisit.state == VisitState.OPEN, StopVisit.id != visit.id, same)
    return session.scalars(query.limit(1)).first()


def _set_out(trip: Trip, at: datetime) -> None:
    """Who opens a stop is on the road, whether or not anybody said that the trip set out."""
    if trip.state in (TripState.PLANNED, TripState.LOADED):
        trip.state, trip.out_at = TripState.ON_ROAD, at


def count(session: Session, doing: Doing, visit: StopVisit, tally: Tally) -> int:
    """Readers, documents and the rest, counted together; the act's id. Raises NotSo."""
    lock(session, visit)
    check_open(visit, doing.at)
    at = doing.at or clock.now()
    act = acts.write(session, doing, COUNT, at), doing.uid
    for number, heads in enumerate(tally.heads):
        counting.visits(session, act, VisitKind.STOP, heads.quantity, at, _of_heads(visit, heads), str(number or ""))
    for number, books in enumerate(tally.books):
        counting.tally(session, act, UseKind.TALLY, books.quantity, at, _of_books(visit, books), str(number or ""))
    _others(session, act, visit, tally.others, at)
    link(session, visit, act[0])
    return act[0]


def check_open(visit: StopVisit, at: datetime | None) -> None:
    """Open now, or open when it happened, for what is told of later. Raises NotSo."""
    was_open = at is not None and visit.opened_at is not None and visit.opened_at <= at
    if visit.state is VisitState.CLOSED and not was_open:
        raise NotSo("visit-closed", N_("Điểm dừng này đã đóng lúc %(time)s."), time=hour(visit.closed_at))
    if visit.state not in (VisitState.OPEN, VisitState.CLOSED):
        raise NotSo("visit-not-open", N_("Điểm dừng chưa mở. Bấm Mở điểm dừng trước."))


def _of_heads(visit: StopVisit, heads: Heads) -> Frozen:
    return Frozen(
        visit.trip.vehicle.branch_id, heads.class_name, heads.grade, heads.category, channel=CHANNEL,
        place_id=visit.stop.place_id, sex=heads.sex, access_need=heads.access_need,
    )  # fmt: skip


def _of_books(visit: StopVisit, books: Books) -> Frozen:
    return Frozen(
        visit.trip.vehicle.branch_id, reading_level=books.level, class_mark=books.class_mark, channel=CHANNEL,
        place_id=visit.stop.place_id,
    )  # fmt: skip


def _others(session: Session, act: tuple[int, UUID], visit: StopVisit, others: Mapping[str, int], at: datetime) -> None:
    rows: list[dict[str, Any]] = [
        {
            "uid": uuid5(act[1], f"count {what}"), "visit_id": visit.id, "act_id": act[0], "what": what,
            "quantity": quantity, "reverses_id": None, "counted_at": at,
        }
        for what, quantity in others.items() if quantity
    ]  # fmt: skip
    if rows:
        straight(session).execute(insert(table_of(StopCount)), rows)


def link(session: Session, visit: StopVisit, act_id: int) -> None:
    """The act was done at this visit (one statement)."""
    straight(session).execute(insert(table_of(VisitAct)), {"act_id": act_id, "visit_id": visit.id})


def close(session: Session, doing: Doing, visit: StopVisit, signed: Signed | None = None) -> int:
    """The stop is over; `signed` is under its summary. The act's id. Raises NotSo."""
    lock(session, visit)
    if visit.state is not VisitState.OPEN:
        check_open(visit, None)
    at = doing.at or clock.now()
    act_id = acts.write(session, doing, CLOSE, at)
    visit.state, visit.closed_at, visit.closed_by = VisitState.CLOSED, at, act_id
    if signed is not None and signed.name:
        visit.signed_name, visit.signed_title, visit.signed_at = signed.name, signed.title or None, at
    session.flush()
    return act_id


def lock(session: Session, visit: StopVisit) -> None:
    """The visit as it is now, and nobody else changes it meanwhile."""
    session.flush()
    session.refresh(visit, with_for_update={"of": StopVisit, "key_share": True})


def hour(moment: datetime | None) -> str:
    return f"{moment.astimezone(clock.HERE):%H:%M}" if moment else ""


def day(visit: StopVisit) -> str:
    return f"{visit.day:%d/%m/%Y}"
