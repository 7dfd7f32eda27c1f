"""Books are put on a shelf: one scan each, or many that somebody answers for without scanning them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ScalarSelect, exists, select
from sqlalchemy.orm import Session

from library.core import clock
from library.holdings import ledger, stays
from library.holdings.models import Basis, Item, Place, PlaceKind, Stay, Why
from library.inbox import acts, timing
from library.inbox.acts import Doing
from library.loans import deeds, facts, returning
from library.loans import desk as counter
from library.loans.facts import CopyFacts, Desk
from library.loans.happened import Happened, Scan
from library.loans.models import Hold, Loan, still_out
from library.organisations.models import CodeKind, Organisation
from library.shelves import filling_rules
from library.shelves.counts import ShelfClosed
from library.shelves.filling_rules import PUTS, Facts, Outcome
from library.shelves.models import Shelf
from library.shelves.stock import with_us

KIND = "fill-shelf"
STAY = "shelf"
"""Why a copy stays where it does."""


@dataclass(frozen=True)
class Scanned:
    """What the page says. `asked`: the copy the page was asked about just now: scanned again means yes. `item`: which of
    two copies of one code was meant ("item-7")."""

    text: str
    asked: UUID | None = None
    item: str | None = None


@dataclass(frozen=True)
class Filled:
    """What came of one scan. `copy` is as it was before; `act` can be undone; `desk`: another library's copy, taken in as
    a desk does. `was`: the other shelf it belongs or belonged to."""

    outcome: Outcome
    at: datetime
    text: str = ""
    copy: CopyFacts | None = None
    act: UUID | None = None
    act_id: int | None = None
    was: str = ""
    desk: Happened | None = None
    among: Sequence[CopyFacts] = ()


@dataclass(frozen=True)
class Many:
    """Item ids: now on the shelf; of the shelf and with a reader, they follow when they come back; left where they are."""

    act_id: int
    put: tuple[int, ...]
    later: tuple[int, ...]
    left: tuple[int, ...]


def desk_of(session: Session, shelf: Shelf) -> Desk:
    """Where somebody scans who stands before the shelf."""
    network = session.scalars(select(Organisation.network_id).where(Organisation.id == shelf.library_id)).one()
    return Desk(shelf.library_id, network or 0, shelf.branch_id)


def check_open(shelf: Shelf) -> None:
    """Raises ShelfClosed."""
    if shelf.closed_on is not None:
        raise ShelfClosed(shelf.place.name)


# One by one


def scan_in(session: Session, doing: Doing, desk: Desk, shelf: Shelf, one: Scanned) -> Filled:
    """Whatever the scan means; `desk` is `desk_of` the shelf. Raises ShelfClosed."""
    check_open(shelf)
    at = doing.at or clock.now()
    found = facts.resolve(session, one.text, desk, at)
    meant = facts.the_one(found, one.item)
    if not found:
        return Filled(Outcome.UNKNOWN, at, one.text)
    if meant is None:
        day = clock.day_of(at)
        among = [facts.copy(session, f.id, desk, day) for f in found[:4] if f.kind is CodeKind.ITEM]
        return Filled(Outcome.AMBIGUOUS, at, one.text, among=among)
    if meant.kind is CodeKind.CARD:
        return Filled(Outcome.CARD, at, one.text)
    return put_one(session, doing, desk, shelf, meant.id, one)


def put_one(
    session: Session, doing: Doing, desk: Desk, shelf: Shelf, item_id: int, one: Scanned = Scanned("")
) -> Filled:
    """This copy, that somebody has in the hand before the shelf."""
    facts.lock(session, None, item_id)
    copy = facts.copy(session, item_id, desk, clock.day_of(doing.at or clock.now()))
    if doing.at is not None:
        copy = facts.as_of(session, copy, doing.at)
    at = doing.at or timing.live(clock.now(), copy.seen_at)
    outcome, was = _verdict(session, doing, desk, shelf, copy, again=one.asked == copy.uid)
    told = Filled(outcome, at, one.text, copy, was=was)
    if outcome is Outcome.ANOTHERS:
        return _taken_in(session, doing, desk, told)
    return _put(session, doing, shelf, told) if outcome in PUTS else told


def _verdict(
    session: Session, doing: Doing, desk: Desk, shelf: Shelf, copy: CopyFacts, again: bool
) -> tuple[Outcome, str]:
    belongs_to, name = _belongs(session, copy)
    waits = copy.waiting > 0 and returning.whose_turn(session, desk, copy, clock.today()) is not None
    known = Facts(
        register=copy.register, ours=_is_ours(copy, shelf),
        stays_here=belongs_to == shelf.place_id, stays_elsewhere=belongs_to not in (None, shelf.place_id),
        stands_here=_stands_at(session, copy.id) == shelf.place_id, lent=copy.loan_id is not None,
        kept=copy.kept_for is not None, waited_for=waits,
        asked_away=copy.transfer_branch_id not in (None, shelf.branch_id),
    )  # fmt: skip
    outcome = filling_rules.verdict(known, again, is_late=doing.at is not None)
    return outcome, name if known.stays_elsewhere else ""


def _belongs(session: Session, copy: CopyFacts) -> tuple[int | None, str]:
    """The shelf the copy is of: where it stays, else a home that is a class shelf; None for one of the stacks."""
    if copy.stay_place_id is not None:
        return copy.stay_place_id, copy.stay_name or ""
    home = session.get_one(Place, copy.home_id)
    return (home.id, home.name) if home.kind is PlaceKind.CLASS_SHELF else (None, "")


def _is_ours(copy: CopyFacts, shelf: Shelf) -> bool:
    """A guest that was received at this branch (a batch of the province) may stand on its shelves."""
    arrived = copy.place_branch_id == shelf.branch_id and copy.place_kind is not PlaceKind.IN_TRANSIT
    return copy.library_id == shelf.library_id or arrived or copy.stay_branch_id == shelf.branch_id


def _stands_at(session: Session, item_id: int) -> int:
    return session.scalars(select(Item.place_id).where(Item.id == item_id)).one()


def _taken_in(session: Session, doing: Doing, desk: Desk, told: Filled) -> Filled:
    """Another library's copy came to this house: as at the desk, which sends it on its way."""
    assert told.copy
    scan = Scan(told.text, returns_only=True, item=f"item-{told.copy.id}")
    happened = counter.scan(session, desk, doing, scan)
    return Filled(told.outcome, happened.at, told.text, told.copy, act=happened.act, desk=happened)


def _put(session: Session, doing: Doing, shelf: Shelf, told: Filled) -> Filled:
    copy = told.copy
    assert copy
    act = acts.write(session, doing, KIND, told.at), doing.uid
    item = (copy.id, copy.uid)
    _stay(session, act, item, shelf, (copy.home_id, copy.stay_place_id), told.at)
    here = shelf.place_id, shelf.branch_id
    late = bool(copy.has_penalty and copy.due_on and copy.due_on < clock.day_of(told.at))
    ledger.move(session, act, dict([item]), here, Why.SHELVE, told.at, idle=deeds.seen(copy, late).idle)
    return Filled(told.outcome, told.at, told.text, copy, doing.uid, act[0], told.was)


def _stay(
    session: Session, act: tuple[int, UUID], item: tuple[int, UUID], shelf: Shelf, where: tuple[int, int | None],
    at: datetime,
) -> None:  # fmt: skip
    """`where`: its home, and where it stays. A copy at home on this shelf needs no stay here, only no stay elsewhere."""
    home, stays_at = where
    if home != shelf.place_id and stays_at != shelf.place_id:
        stays.begin(session, act, item, shelf.place_id, STAY, at)
    elif home == shelf.place_id and stays_at is not None:
        stays.end(session, act, item, STAY, at)


# Many at once


def put_many(session: Session, doing: Doing, shelf: Shelf, item_ids: Iterable[int]) -> Many:
    """Somebody answers for it that these stand on the shelf now, without a scan: an assertion, which ends no loan.

    Copies with readers belong to the shelf from now on and follow when they come back. Left where they are: what is out
    of the register, kept for a reader, of another shelf by now, or another library's. Raises ShelfClosed.
    """
    check_open(shelf)
    at = doing.at or clock.now()
    act = acts.write(session, doing, KIND, at), doing.uid
    rows = _rows(session, list(item_ids))
    good = [row for row in rows if row.library_id == shelf.library_id and row.listed and not row.kept]
    good = [row for row in good if row.stay in (None, shelf.place_id)]
    for row in good:
        _stay(session, act, (row.id, row.uid), shelf, (row.home_id, row.stay), at)
    there = {row.id: row.uid for row in good if not row.lent}
    if there:
        here = shelf.place_id, shelf.branch_id
        ledger.move(session, act, there, here, Why.SHELVE, at, Basis.ASSERTION, at)
    done = {row.id for row in good}
    later = tuple(row.id for row in good if row.lent)
    return Many(act[0], tuple(there), later, tuple(row.id for row in rows if row.id not in done))


@dataclass(frozen=True)
class _Row:
    id: int
    uid: UUID
    library_id: int
    home_id: int
    listed: bool
    lent: bool
    kept: bool
    stay: int | None


def _rows(session: Session, item_ids: Sequence[int]) -> list[_Row]:
    """Locked, in order of their ids (one statement)."""
    lent = exists().where(Loan.item_id == Item.id, still_out())
    kept = exists().where(Hold.item_id == Item.id, Hold.ended_at.is_(None))
    query = select(Item.id, Item.uid, Item.library_id, Item.home_id, with_us(), lent, kept, _stays_at())
    query = query.where(Item.id.in_(item_ids)).order_by(Item.id)
    return [_Row(*row) for row in session.execute(query.with_for_update(of=Item, key_share=True))]


def _stays_at() -> ScalarSelect[int]:
    """Of an item, inside another statement: the place of its open stay."""
    still = (Stay.item_id == Item.id, Stay.ended_at.is_(None), Stay.voided.is_(False), Stay.place_id.is_not(None))
    return select(Stay.place_id).where(*still).correlate(Item).scalar_subquery()
