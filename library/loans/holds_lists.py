"""Holds as lines of a page: the hold shelf, who waits, the queue of a title, what one hold went through."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from library.catalogue.models import Record
from library.core import clock
from library.holdings.models import Item, Place, PlaceKind
from library.inbox.models import Act
from library.loans.holds_queue import fetched_at
from library.loans.holds_shelves import USUAL_SHELF
from library.loans.models import Hold, HoldChange
from library.organisations.models import Branch, Organisation
from library.patrons.models import Membership, Person, SchoolClass


@dataclass(frozen=True)
class HoldLine:
    """A hold as a line. `reader` is empty for those who may not know the name; `accession` once a copy is kept, which
    `stands` there; `fetched`: place and, if it is another's, library; `fetched_here`: at the branch asked about."""

    uid: UUID
    title: str
    record: UUID
    reader: str
    membership: UUID | None
    group: str | None
    placed_at: datetime
    accession: str | None
    stands: str | None
    keep_until: date | None
    ready: bool
    fetched: str
    fetched_here: bool
    priority: int
    suspended_until: date | None
    not_before: date | None
    expires_on: date | None
    wanted: str | None

    @property
    def says_where(self) -> bool:
        """It is fetched elsewhere than on the usual shelf of this house."""
        return not self.fetched_here or self.fetched not in ("", USUAL_SHELF)

    def over(self, today: date) -> bool:
        """Nobody came in time."""
        return self.ready and self.keep_until is not None and self.keep_until < today

    def paused(self, today: date) -> bool:
        return self.suspended_until is not None and self.suspended_until >= today

    def early(self, today: date) -> bool:
        return self.not_before is not None and self.not_before > today


_STANDS, _FETCHED, _WANTED = aliased(Place), aliased(Place), aliased(Item)


def _query() -> Any:
    return (
        select(
            Hold, Record, Membership.uid, Person.full_name, SchoolClass.name, Item.accession, _STANDS.name, _FETCHED.name,
            Organisation.name, _WANTED.accession,
        )
        .join(Record, Record.id == Hold.record_id)
        .join(Branch, Branch.id == Hold.branch_id)
        .join(Organisation, Organisation.id == Branch.organisation_id)
        .outerjoin(_FETCHED, _FETCHED.id == fetched_at())
        .outerjoin(Membership, Membership.id == Hold.membership_id)
        .outerjoin(Person, Person.id == Membership.person_id)
        .outerjoin(SchoolClass, SchoolClass.id == Membership.class_id)
        .outerjoin(Item, Item.id == Hold.item_id)
        .outerjoin(_STANDS, _STANDS.id == Item.place_id)
        .outerjoin(_WANTED, _WANTED.id == Hold.item_wanted_id)
    )  # fmt: skip


def _line(row: Any, branch_id: int, brief: bool) -> HoldLine:
    hold, record, membership, name, group, accession, stands, fetched, library, wanted = row
    here = hold.branch_id == branch_id
    return HoldLine(
        hold.uid, record.full_title, record.uid, "" if brief else name or "", membership, group,
        hold.placed_at.astimezone(clock.HERE), accession, stands, hold.keep_until,
        hold.item_id is not None and hold.ready_at is not None, (fetched or "") if here else f"{fetched}, {library}", here,
        hold.priority, hold.suspended_until, hold.not_before, hold.expires_on, wanted,
    )  # fmt: skip


def concerning(branch_id: int, library_id: int) -> ColumnElement[bool]:
    """Open holds fetched at a branch, and those of the library's readers wherever they fetch."""
    mine = select(Membership.id).where(Membership.library_id == library_id)
    return Hold.ended_at.is_(None) & or_(Hold.branch_id == branch_id, Hold.membership_id.in_(mine))


def lines(
    session: Session, which: ColumnElement[bool], branch_id: int, brief: bool, limit: int, offset: int = 0
) -> list[HoldLine]:
    """What is ready first, by the day it is kept until; then what is on its way; then who waits, in order of turns."""
    query = _query().where(which)
    query = query.order_by(
        Hold.item_id.is_(None), Hold.ready_at.is_(None), Hold.keep_until, Hold.priority.desc(), Hold.placed_at, Hold.id
    )
    return [_line(row, branch_id, brief) for row in session.execute(query.limit(limit).offset(offset))]


def queue(session: Session, record_id: int, branch_id: int, brief: bool) -> list[HoldLine]:
    """Everybody in the network who waits for a title."""
    return lines(session, (Hold.record_id == record_id) & Hold.ended_at.is_(None), branch_id, brief, 500)


@dataclass(frozen=True)
class Leftover:
    """A copy on the hold shelf that is kept for nobody. `why`: how the last hold that kept it ended."""

    accession: str | None
    title: str
    record: UUID
    why: str | None
    since: datetime


def leftovers(session: Session, branch_id: int) -> Sequence[Leftover]:
    """What to take off the hold shelf of a branch (one statement)."""
    kept = exists().where(Hold.item_id == Item.id, Hold.ended_at.is_(None)).correlate(Item)
    last = select(func.max(Hold.ended_at)).where(Hold.item_id == Item.id).correlate(Item).scalar_subquery()
    why = select(func.min(Hold.ended_why)).where(Hold.item_id == Item.id, Hold.ended_at == last).correlate(Item)
    query = (
        select(Item.accession, Record, why.scalar_subquery(), Item.seen_at)
        .join(Record, Record.id == Item.record_id)
        .join(Place, Place.id == Item.place_id)
        .where(Place.branch_id == branch_id, Place.kind == PlaceKind.HOLD_SHELF, ~kept)
        .order_by(Item.seen_at)
        .limit(200)
    )
    rows = session.execute(query)
    return [Leftover(accession, record.full_title, record.uid, why, seen) for accession, record, why, seen in rows]


def changes(session: Session, hold_id: int) -> Sequence[tuple[datetime, str, UUID | None, str | None]]:
    """What was done to a hold: when, what kind of act, whose, the reason given. Newest first."""
    query = (
        select(Act.occurred_at, Act.kind, Act.actor, HoldChange.why)
        .join(Act, Act.id == HoldChange.act_id)
        .where(HoldChange.hold_id == hold_id, HoldChange.voided.is_(False))
        .order_by(HoldChange.id.desc())
    )
    return [(at, kind, actor, why) for at, kind, actor, why in session.execute(query)]
