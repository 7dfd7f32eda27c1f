"""What to take from the shelves of a house: free copies that somebody waits for, and copies whose keeper must be asked."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from library.catalogue.models import Record
from library.holdings.models import Item, Place
from library.loans import holds_queue, holds_shelves
from library.loans.holds_dealing import Free, Waiting, deal
from library.loans.models import Hold, HoldDecline
from library.patrons.models import Membership, Person, SchoolClass

MOST = 400
"""Titles looked at; who has more readers waiting than this comes back when some are served."""


@dataclass(frozen=True)
class Pull:
    """A copy to take. It is fetched here, at `shelf`, by `reader` of class `group`; or sent to another house: `goes_to`, by
    library and place. Readers of other houses are not named."""

    hold: UUID
    item: UUID
    item_id: int
    accession: str | None
    title: str
    record: UUID
    mark: str | None
    stands: str
    reader: str
    group: str | None
    shelf: str
    goes_to: str | None


def to_take(session: Session, branch_id: int, today: date) -> list[Pull]:
    """The pull list of a branch, in the order of its shelves (five statements)."""
    if not (records := _records(session, branch_id, today, staying=False)):
        return []
    given = _dealt(session, records, today)
    return _told(session, branch_id, [(one, copy) for one, copy in given if copy.branch_id == branch_id])


def _records(session: Session, branch_id: int, today: date, staying: bool) -> Sequence[int]:
    """Titles that are waited for, with a free copy in this house; with `staying`, one that stays there."""
    query = (
        select(Hold.record_id)
        .join(Item, Item.record_id == Hold.record_id)
        .join(Place, Place.id == Item.place_id)
        .where(Place.branch_id == branch_id, holds_shelves.is_free(), holds_queue.still_wanted(Hold, today))
        .distinct()
        .limit(MOST)
    )
    return session.scalars(query.where(holds_shelves.stays()) if staying else query).all()


Given = list[tuple[Waiting, Free]]


def _dealt(session: Session, records: Sequence[int], today: date) -> Given:
    """Every waiting reader who can be served now, with the copy."""
    found: Given = []
    for waiting, copies in _by_title(session, records, today):
        given = deal(waiting, copies, holds_queue.reaches(session))
        found.extend((one, given[one.hold_id]) for one in waiting if one.hold_id in given)
    return found


def _by_title(session: Session, records: Sequence[int], today: date) -> Iterable[tuple[list[Waiting], list[Free]]]:
    waiting, copies = defaultdict(list), defaultdict(list)
    for row in session.execute(holds_queue.who_waits(today).where(Hold.record_id.in_(records))):
        one = Waiting(*row)
        waiting[one.record_id].append(one)
    for copy in holds_shelves.free_copies(session, records):
        copies[copy.record_id].append(copy)
    return [(waiting[record], copies[record]) for record in records]


def _told(session: Session, branch_id: int, given: Given) -> list[Pull]:
    books, readers = _books(session, given), _readers(session, given)
    pulls = [
        Pull(**books[copy.item_id], **{**readers[one.hold_id], **_goes(one, branch_id)})
        for one, copy in given
        if one.hold_id in readers
    ]
    return sorted(pulls, key=lambda pull: (pull.stands, pull.mark or "~", pull.title, pull.accession or ""))


def _goes(one: Waiting, branch_id: int) -> dict[str, Any]:
    here = one.branch_id == branch_id
    if here:
        return {"shelf": one.place_name, "goes_to": None}
    return {"shelf": "", "goes_to": f"{one.library_name}, {one.place_name}", "reader": "", "group": None}


def _books(session: Session, given: Given) -> dict[int, dict[str, Any]]:
    query = (
        select(Item.id, Item.uid, Item.accession, Record, func.coalesce(Record.class_mark, Record.ddc), Place.name)
        .join(Record, Record.id == Item.record_id)
        .join(Place, Place.id == Item.place_id)
        .where(Item.id.in_([copy.item_id for _, copy in given]))
    )
    return {
        item_id: {"item": uid, "item_id": item_id, "accession": accession, "title": record.full_title, "record": record.uid,
                  "mark": mark, "stands": place}
        for item_id, uid, accession, record, mark, place in session.execute(query)
    }  # fmt: skip


def _readers(session: Session, given: Given) -> dict[int, dict[str, Any]]:
    """By hold: its uid, the name and class of who waits."""
    query = (
        select(Hold.id, Hold.uid, Person.full_name, SchoolClass.name)
        .join(Membership, Membership.id == Hold.membership_id)
        .join(Person, Person.id == Membership.person_id)
        .outerjoin(SchoolClass, SchoolClass.id == Membership.class_id)
        .where(Hold.id.in_([one.hold_id for one, _ in given]))
    )
    rows = session.execute(query)
    return {hold_id: {"hold": uid, "reader": name, "group": group} for hold_id, uid, name, group in rows}


# Copies that deliberately stay somewhere


def to_agree(session: Session, branch_id: int, today: date) -> list[Pull]:
    """Copies staying in this house that would serve a reader nobody else can: their keeper says yes or no."""
    if not (records := _records(session, branch_id, today, staying=True)):
        return []
    asked: Given = []
    for waiting, copies in _by_title(session, records, today):
        served = deal(waiting, copies, holds_queue.reaches(session))
        asked.extend(_proposed(session, [one for one in waiting if one.hold_id not in served], copies, branch_id))
    return _told(session, branch_id, asked)


def _proposed(session: Session, waiting: Sequence[Waiting], copies: Sequence[Free], branch_id: int) -> Given:
    """One staying copy of this house each, not twice the same, none that was declined for that reader."""
    no = _declined(session, [one.hold_id for one in waiting])
    left = [copy for copy in copies if copy.stays and copy.branch_id == branch_id]
    found: Given = []
    for one in waiting:
        fit = next((copy for copy in left if _may_be_asked(one, copy, no)), None)
        if fit and holds_queue.reaches(session)(one, fit):
            left.remove(fit)
            found.append((one, fit))
    return found


def _may_be_asked(one: Waiting, copy: Free, no: set[tuple[int, int]]) -> bool:
    return one.item_wanted_id in (None, copy.item_id) and (one.hold_id, copy.item_id) not in no


def _declined(session: Session, hold_ids: Sequence[int]) -> set[tuple[int, int]]:
    query = select(HoldDecline.hold_id, HoldDecline.item_id)
    rows = session.execute(query.where(HoldDecline.hold_id.in_(hold_ids), HoldDecline.voided.is_(False)))
    return {(hold, item) for hold, item in rows}


def counts(session: Session, branch_id: int, today: date) -> tuple[int, int]:
    """(copies to take, keepers to ask) of a branch; two statements where nobody waits for anything here."""
    return len(to_take(session, branch_id, today)), len(to_agree(session, branch_id, today))
