"""Writing in the reading log of a class: loans write it by themselves, a tick or a diary says what no loan tells."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID, uuid5

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from library.core import clock
from library.core.errors import N_, Reason, Refused
from library.inbox import acts
from library.inbox.acts import Doing
from library.patrons.models import Category, Membership
from library.shelves import reading_told, undoing
from library.shelves.models import ReadingEntry, Shelf
from library.shelves.reading_told import Pupil
from library.uses import counting
from library.uses.counting import Frozen
from library.uses.models import UseKind

KIND = "log-reading"
GRID, DIARY = "grid", "diary"
MOST_AT_ONCE = 20
"""Books of one pupil in one entry."""


class WrongDay(Refused):
    status = 422

    def __init__(self) -> None:
        super().__init__(Reason("wrong-day", N_("Ngày đọc phải trong năm học này và không sau hôm nay.")))


class NobodyTicked(Refused):
    status = 422

    def __init__(self) -> None:
        super().__init__(Reason("nobody", N_("Chưa chọn em nào. Chạm tên các em đã đọc rồi ghi.")))


@dataclass(frozen=True)
class Ticks:
    """What is written down: these pupils read `quantity` each that day. `record_id` is kept only for those whose family
    agreed to it."""

    members: Sequence[int]
    on: date
    quantity: int = 1
    source: str = GRID
    record_id: int | None = None


def log(session: Session, doing: Doing, shelf: Shelf, what: Ticks) -> int:
    """The act that wrote it. Raises NoClass, WrongDay, NobodyTicked for none of the class."""
    school_class = reading_told.class_of(session, shelf)
    among = {one.id: one for one in reading_told.pupils(session, school_class.id)}
    mine = [among[one] for one in dict.fromkeys(what.members) if one in among]
    if not mine:
        raise NobodyTicked
    _check_day(session, shelf.library_id, what.on, doing)
    at = doing.at or clock.now()
    act_id = acts.write(session, doing, KIND, at)
    session.execute(
        insert(ReadingEntry), [_row(act_id, doing.uid, one, school_class.id, shelf.id, what) for one in mine]
    )
    frozen = Frozen(
        shelf.branch_id, school_class.name, school_class.grade, _category(session, mine[0].id), channel="class",
        place_id=shelf.place_id,
    )  # fmt: skip
    counting.tally(
        session, (act_id, doing.uid), UseKind.CLASS_READ, what.quantity * len(mine), _moment(what.on, at), frozen
    )
    return act_id


def _check_day(session: Session, library_id: int, on: date, doing: Doing) -> None:
    today = clock.day_of(doing.at or clock.now())
    if not reading_told.year_of(session, library_id, today)[0] <= on <= today:
        raise WrongDay


def _moment(on: date, at: datetime) -> datetime:
    """When it happened: now, or at noon of an earlier day."""
    return at if on >= clock.day_of(at) else datetime.combine(on, time(12), clock.HERE)


def _row(act_id: int, act_uid: UUID, who: Pupil, class_id: int, shelf_id: int, what: Ticks) -> dict[str, object]:
    return {
        "uid": uuid5(act_uid, f"read {who.id}"), "act_id": act_id, "membership_id": who.id, "class_id": class_id,
        "shelf_id": shelf_id, "record_id": what.record_id if who.history else None, "read_on": what.on,
        "quantity": what.quantity, "source": what.source, "voided": False,
    }  # fmt: skip


def _category(session: Session, membership_id: int) -> str | None:
    query = select(Category.code).join(Membership, Membership.category_id == Category.id)
    return session.scalar(query.where(Membership.id == membership_id))


def undo(session: Session, act_id: int) -> None:
    """The act was voided: what it wrote down was not read."""
    session.execute(update(ReadingEntry).where(ReadingEntry.act_id == act_id).values(voided=True))


undoing.ALSO.append(undo)
