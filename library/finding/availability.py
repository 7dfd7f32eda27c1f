"""Where the copies of a title are, how many are free now, and when the next one is due. Never who has them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select, true
from sqlalchemy.orm import Session, aliased

from library.catalogue.merged import is_merged
from library.catalogue.models import Record
from library.core import clock
from library.holdings.models import Item, Place, PlaceKind, Register, Stay
from library.loans.models import Loan, still_out
from library.organisations.models import Branch, Organisation

OPEN_TO_READERS = (PlaceKind.STACKS, PlaceKind.CLASS_SHELF, PlaceKind.DEPOT, PlaceKind.VEHICLE_SHELF)
"""Places somebody can take a book from. A hold shelf is not one: those copies wait for somebody else."""
SHOWN = (Register.LISTED, Register.OUTSIDE)

LENT = and_(Loan.item_id == Item.id, still_out())
LOST = or_(Loan.lost_at.is_not(None), Loan.claimed_at.is_not(None))
STAYS = and_(Stay.item_id == Item.id, Stay.ended_at.is_(None), Stay.place_id.is_not(None), Stay.voided.is_(False))


@dataclass(frozen=True)
class Spot:
    """The copies of one title that belong in one place: standing there, or lent from there.

    `free` can be taken now; `to_read` stand there and are not lent out; `lent` are with readers, the next of them due
    on `due_on` (None: overdue, or nothing is lent). `copies` are all of these and what is on its way or in repair.
    """

    record_id: int
    place_id: int
    kind: PlaceKind
    place: str
    branch_id: int
    branch: str
    library_id: int
    library: str
    copies: int
    free: int
    to_read: int
    lent: int
    due_on: date | None


def spots(
    session: Session, record_ids: Sequence[int], own: Iterable[int] = (), among: ColumnElement[bool] | None = None
) -> dict[int, list[Spot]]:
    """For each title its spots, libraries `own` first, then by name. One statement, however many titles.

    `among` narrows the copies (`scope.of_libraries(Item.library_id)`); without it the titles' whole network counts.
    """
    found: dict[int, list[Spot]] = {record_id: [] for record_id in record_ids}
    own = frozenset(own)
    if record_ids:
        rows = session.execute(_query(record_ids, true() if among is None else among))
        every = [Spot(*row) for row in rows]
        for spot in sorted(every, key=lambda one: (one.library_id not in own, one.library, -one.free, one.place_id)):
            found[spot.record_id].append(spot)
    return found


def _query(record_ids: Sequence[int], among: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    now_at, belongs = aliased(Place), aliased(Place)
    there = now_at.kind.in_(OPEN_TO_READERS)
    # A copy that is with a reader, on its way or in repair is told where it will come back to.
    told_at = case((there, Item.place_id), else_=func.coalesce(Stay.place_id, Item.home_id))
    stands = and_(there, Loan.id.is_(None))
    return (
        select(
            Item.record_id, belongs.id, belongs.kind, belongs.name, Branch.id, Branch.name, Organisation.id,
            Organisation.name, func.count(),
            _count(and_(stands, Item.not_for_loan.is_(False))), _count(and_(stands, Item.not_for_loan)),
            _count(Loan.id.is_not(None)), func.min(case((Loan.due_on >= clock.today(), Loan.due_on))),
        )
        .join(now_at, now_at.id == Item.place_id)
        .outerjoin(Loan, LENT)
        .outerjoin(Stay, STAYS)
        .join(belongs, belongs.id == told_at)
        .join(Branch, Branch.id == belongs.branch_id)
        .join(Organisation, Organisation.id == Branch.organisation_id)
        .where(Item.record_id.in_(record_ids), Item.register_status.in_(SHOWN), or_(Loan.id.is_(None), ~LOST), among)
        .group_by(Item.record_id, belongs.id, belongs.kind, belongs.name, Branch.id, Branch.name, Organisation.id,
                  Organisation.name)
    )  # fmt: skip


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def _places_of(libraries: Sequence[int]) -> Select[int]:
    return select(Place.id).join(Branch, Branch.id == Place.branch_id).where(Branch.organisation_id.in_(libraries))


def there_is_a_copy(libraries: Sequence[int] | None = None) -> ColumnElement[bool]:
    """Titles with a copy anywhere, or one that these libraries answer for or that stands with them."""
    query = exists().where(Item.record_id == Record.id, Item.register_status.in_(SHOWN))
    if libraries is None:
        return query
    return query.where(or_(Item.library_id.in_(libraries), Item.place_id.in_(_places_of(libraries))))


def is_kept(among: ColumnElement[bool] | None = None) -> ColumnElement[bool]:
    """Titles with a line (of `among`) in a register, and those nobody has a copy of yet. A title whose every line was
    struck out came with a list that was taken back: nobody looks for it; nor for one that was merged."""
    copies = exists().where(Item.record_id == Record.id)
    mine = copies.where(Item.register_status != Register.STRUCK_OUT, true() if among is None else among)
    return and_(or_(mine, ~copies), ~is_merged())


def there_is_one_free(libraries: Sequence[int]) -> ColumnElement[bool]:
    """Titles of which a copy can be taken home from these libraries now."""
    open_places = _places_of(libraries).where(Place.kind.in_(OPEN_TO_READERS))
    return exists().where(
        Item.record_id == Record.id, Item.register_status.in_(SHOWN), Item.not_for_loan.is_(False),
        Item.place_id.in_(open_places), ~exists().where(LENT).correlate(Item),
    )  # fmt: skip
