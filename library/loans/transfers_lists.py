"""What is to be sent from a house, what comes to it, what has left and is not there yet."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import Session, aliased

from library.catalogue.models import Record
from library.core import clock
from library.core.errors import N_
from library.holdings.models import Item, Place, PlaceKind, Transfer
from library.organisations.models import Branch, Organisation

REASONS = {
    "hold": N_("bạn đọc chờ"),
    "home": N_("về nơi sách thuộc về"),
    "sender": N_("về nơi đã gửi"),
    "stay": N_("về nơi sách đang để"),
    "back": N_("gọi về"),
    "by-hand": N_("yêu cầu chuyển"),
}
"""Why a copy goes, in words. Other reasons are shown as they stand."""

MOST = 300
"""Lines of one list. Who has more to carry goes by title, not by page."""


@dataclass(frozen=True)
class Line:
    """One open request. `stands`: where the copy is (place, library); `since`: seen there last."""

    uid: UUID
    title: str
    record: UUID
    accession: str | None
    mark: str | None
    stands: str
    stands_in: PlaceKind
    stands_library: str
    to: str
    to_library: str
    reason: str
    asked_at: datetime
    since: datetime

    def days(self, today: date) -> int:
        return (today - clock.day_of(self.since)).days

    @property
    def is_lent(self) -> bool:
        """With a reader: it goes when it comes back."""
        return self.stands_in is PlaceKind.WITH_PATRONS


@dataclass(frozen=True)
class Lists:
    """To send from here (on a shelf), later (with readers of here), coming here, left here and not yet there."""

    to_send: Sequence[Line]
    later: Sequence[Line]
    coming: Sequence[Line]
    away: Sequence[Line]


_HERE, _TARGET = aliased(Place), aliased(Place)
_OPEN = (Transfer.arrived_at.is_(None), Transfer.cancelled_at.is_(None))


def _query() -> Any:
    """Open requests with where the copy is and where it is to go, in the order of shelves."""
    branch, library = aliased(Branch), aliased(Organisation)
    target_branch, target_library = aliased(Branch), aliased(Organisation)
    mark = func.coalesce(Record.class_mark, Record.ddc)
    return (
        select(
            Transfer.uid, Record, Item.accession, mark, _HERE.name, _HERE.kind, library.name, _TARGET.name,
            target_library.name, Transfer.reason, Transfer.asked_at, Item.seen_at, _HERE.branch_id, _TARGET.branch_id,
        )
        .join(Item, Item.id == Transfer.item_id)
        .join(Record, Record.id == Item.record_id)
        .join(_HERE, _HERE.id == Item.place_id)
        .join(branch, branch.id == _HERE.branch_id)
        .join(library, library.id == branch.organisation_id)
        .join(_TARGET, _TARGET.id == Transfer.to_id)
        .join(target_branch, target_branch.id == _TARGET.branch_id)
        .join(target_library, target_library.id == target_branch.organisation_id)
        .where(*_OPEN)
        .order_by(_HERE.name, mark, Record.title_sort, Item.accession, Transfer.id)
    )  # fmt: skip


def lists(session: Session, branch_id: int) -> Lists:
    """All four, in one statement."""
    rows = session.execute(_query().where(_concerns(branch_id)).limit(4 * MOST)).all()
    here, target = -2, -1
    lines = [(_line(row), row[here] == branch_id, row[target] == branch_id) for row in rows]
    mine = [line for line, stands_here, comes_here in lines if stands_here and not comes_here]
    on_way = [line for line in mine if line.stands_in is PlaceKind.IN_TRANSIT]
    left = [line for line in mine if line.stands_in is not PlaceKind.IN_TRANSIT]
    return Lists(
        [line for line in left if not line.is_lent],
        [line for line in left if line.is_lent],
        sorted((line for line, _, comes_here in lines if comes_here), key=lambda one: one.asked_at),
        sorted(on_way, key=lambda one: one.since),
    )


def _line(row: Any) -> Line:
    uid, record, accession, mark, *rest = row
    return Line(uid, record.full_title, record.uid, accession, mark, *rest[:8])


def _concerns(branch_id: int) -> ColumnElement[bool]:
    return or_(_HERE.branch_id == branch_id, _TARGET.branch_id == branch_id)


def waiting_here(session: Session, branch_id: int) -> tuple[int, int]:
    """(copies to send from here, copies on their way here), for the menu (one statement)."""
    leaves = and_(
        _HERE.branch_id == branch_id, _TARGET.branch_id != branch_id,
        _HERE.kind.not_in((PlaceKind.IN_TRANSIT, PlaceKind.WITH_PATRONS)),
    )  # fmt: skip
    comes = and_(_TARGET.branch_id == branch_id, _HERE.kind == PlaceKind.IN_TRANSIT)
    count = select(func.sum(case((leaves, 1), else_=0)), func.sum(case((comes, 1), else_=0)))
    query = count.select_from(Transfer).join(Item, Item.id == Transfer.item_id)
    query = query.join(_HERE, _HERE.id == Item.place_id).join(_TARGET, _TARGET.id == Transfer.to_id)
    row = session.execute(query.where(*_OPEN, _concerns(branch_id))).one()
    return int(row[0] or 0), int(row[1] or 0)
