"""A shelf goes from one hand to another: two people, two acts, lines frozen when it is given.

What a line calls missing stays with whoever signed for that copy last.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, insert, select
from sqlalchemy.orm import Session

from library.accounts.models import Account
from library.core import clock
from library.core.errors import Refused
from library.holdings.models import Item, PlaceKind, Stay
from library.inbox import acts
from library.inbox.acts import Doing
from library.loans import compensation
from library.shelves import handing_rules, stock, tenures, undoing
from library.shelves.handing_rules import Giving, Taking
from library.shelves.models import (
    CountOutcome,
    Handover,
    HandoverKind,
    HandoverLine,
    Shelf,
    ShelfCountLine,
    ShelfTenure,
)

SIGNED_FOR = (CountOutcome.FOUND, CountOutcome.WITH_READER)
"""What the taking one answers for from then on."""


class NotHanded(Refused):
    """It is not given, or not taken; every reason is told."""


@dataclass(frozen=True)
class Person:
    """Who signs. `name` as it stands under the minutes; `of_library`: works at the library, not with one class."""

    id: int
    name: str
    of_library: bool = False


@dataclass(frozen=True)
class Given:
    """What is given: to whom (None: whoever may keep the shelf), counted how (None: by the list), and a few words."""

    kind: HandoverKind
    to_id: int | None = None
    count_id: int | None = None
    note: str | None = None


def give(session: Session, doing: Doing, shelf: Shelf, by: Person, what: Given) -> Handover:
    """The minutes as they wait for the second signature. Raises NotHanded."""
    tenures.lock(session, shelf.id)
    lines = lines_of(session, shelf, what.count_id)
    facts = Giving(shelf.closed_on is not None, waiting(session, shelf.id, what.kind) is not None, len(lines))
    if reasons := handing_rules.against_giving(facts):
        raise NotHanded(*reasons)
    at = doing.at or clock.now()
    made = Handover(
        uid=clock.uuid7(), library_id=shelf.library_id, shelf_id=shelf.id, kind=what.kind, count_id=what.count_id,
        given_by=by.id, given_name=by.name, given_at=at, give_act=acts.write(session, doing, "hand-over", at),
        to_id=what.to_id, note=what.note,
    )  # fmt: skip
    session.add(made)
    session.flush()
    rows = [{"handover_id": made.id, "item_id": item, "outcome": outcome} for item, outcome in sorted(lines.items())]
    session.execute(insert(HandoverLine), rows)
    return made


def take(session: Session, doing: Doing, one: Handover, by: Person) -> Handover:
    """The second signature: number, day, and who answers from now on. Raises NotHanded."""
    tenures.lock(session, one.shelf_id)
    session.refresh(one, with_for_update=True)
    session.refresh(shelf := session.get_one(Shelf, one.shelf_id))
    if reasons := handing_rules.against_taking(taking(one, by, shelf.closed_on is not None)):
        raise NotHanded(*reasons)
    at = max(doing.at or clock.now(), one.given_at)
    act_id = acts.write(session, doing, "take-over", at)
    if one.number is None:  # given before a succession, it is signed in the successor's name
        one.library_id, one.number = shelf.library_id, compensation.next_number(session, shelf.library_id, at)
    one.taken_by, one.taken_name, one.taken_at, one.take_act = by.id, by.name, at, act_id
    session.flush()
    _keeper_follows(session, one, by, at, act_id)
    return one


def cancel(session: Session, doing: Doing, one: Handover, by: Person) -> None:
    """Given by mistake; nobody has signed. Raises NotHanded."""
    tenures.lock(session, one.shelf_id)
    session.refresh(one, with_for_update=True)
    if one.taken_at or one.cancelled_at:
        raise NotHanded(handing_rules.SIGNED if one.taken_at else handing_rules.CANCELLED)
    if by.id != one.given_by and not by.of_library:
        raise NotHanded(handing_rules.ONLY_THE_GIVER)
    acts.void(session, doing, one.give_act)
    one.cancelled_at = doing.at or clock.now()
    session.flush()


def undo(session: Session, act_id: int) -> None:
    """The act was voided. A signature taken back leaves the minutes waiting, under the same number. Raises NotHanded."""
    taken = session.scalar(select(Handover).where(Handover.take_act == act_id))
    if taken is not None:
        tenures.lock(session, taken.shelf_id)
        if waiting(session, taken.shelf_id, taken.kind) is not None:
            raise NotHanded(handing_rules.ANOTHER_WAITS)
        taken.taken_by = taken.taken_name = taken.taken_at = taken.take_act = None
    given = session.scalar(select(Handover).where(Handover.give_act == act_id, Handover.taken_at.is_(None)))
    if given is not None and given.cancelled_at is None:
        given.cancelled_at = clock.now()
    session.flush()


undoing.ALSO.append(undo)


def _keeper_follows(session: Session, one: Handover, by: Person, at: datetime, act_id: int) -> None:
    """Between teachers the shelf is the other one's from here on; at the year's end nobody's until it is given anew."""
    now = tenures.current(session, one.shelf_id)
    if now is None or one.kind is HandoverKind.FILL:
        return
    stays = one.kind is HandoverKind.TEACHER
    tenure = ShelfTenure(
        uid=clock.uuid7(), shelf_id=one.shelf_id, class_id=now.class_id, keeper_id=by.id if stays else None,
        keeper_name=by.name if stays else "", from_on=clock.day_of(at), act_id=act_id,
    )  # fmt: skip
    if (now.keeper_id, now.keeper_name) != (tenure.keeper_id, tenure.keeper_name):
        tenures.begin(session, tenure)


# Asking


def lines_of(session: Session, shelf: Shelf, count_id: int | None) -> dict[int, CountOutcome]:
    """Every copy of the shelf today and how it is: as the list has it, but for what the count looked for in vain (two
    statements)."""
    missed = _missed(session, count_id) if count_id is not None else frozenset()
    return {one.item_id: outcome_of(one, one.item_id in missed) for one in stock.listed(session, shelf.place_id)}


def _missed(session: Session, count_id: int) -> frozenset[int]:
    """Copies the count did not find, and that nobody has had in the hand or brought to a shelf since."""
    brought = exists().where(
        Stay.item_id == ShelfCountLine.item_id, Stay.occurred_at > ShelfCountLine.at, Stay.voided.is_(False)
    )
    query = select(ShelfCountLine.item_id).join(Item, Item.id == ShelfCountLine.item_id)
    mine = (ShelfCountLine.count_id == count_id, ShelfCountLine.outcome == CountOutcome.MISSING)
    return frozenset(session.scalars(query.where(*mine, Item.seen_at <= ShelfCountLine.at, ~brought)))


def outcome_of(one: stock.Belonging, missed: bool = False) -> CountOutcome:
    """By the list: lent copies are with their readers, what is known to stand elsewhere is not missing. `missed`: it ought
    to stand here, and a count did not find it."""
    if one.loan_id is not None:
        return CountOutcome.WITH_READER
    if one.here:
        return CountOutcome.MISSING if missed else CountOutcome.FOUND
    return CountOutcome.MISSING if one.place_kind is PlaceKind.UNKNOWN else CountOutcome.ASIDE


def taking(one: Handover, by: Person, closed: bool) -> Taking:
    """What the rules ask of somebody who would sign. `closed`: the shelf is."""
    signed, cancelled = one.taken_at is not None, one.cancelled_at is not None
    return Taking(one.kind, by.id, one.given_by, one.to_id, signed, cancelled, by.of_library, closed)


def waiting(session: Session, shelf_id: int, kind: HandoverKind | None = None) -> Handover | None:
    """What was given and is neither signed nor called off; the latest."""
    open_ = [Handover.shelf_id == shelf_id, Handover.taken_at.is_(None), Handover.cancelled_at.is_(None)]
    mine = [*open_, Handover.kind == kind] if kind else open_
    return session.scalar(select(Handover).where(*mine).order_by(Handover.given_at.desc(), Handover.id.desc()).limit(1))


def signed(session: Session, shelf_id: int) -> list[Handover]:
    """Minutes with both signatures, the newest first."""
    mine = select(Handover).where(Handover.shelf_id == shelf_id, Handover.taken_at.is_not(None))
    return list(session.scalars(mine.order_by(Handover.taken_at.desc(), Handover.id.desc())))


@dataclass(frozen=True)
class Answering:
    """A copy that is not there, and who answers for it: `name` signed for it on `signed_at`; nobody ever did where both
    are empty."""

    item_id: int
    name: str
    number: str | None
    signed_at: datetime | None


def answering(
    session: Session, shelf_id: int, items: Iterable[int], before: datetime | None = None
) -> dict[int, Answering]:
    """Who signed last (until then) for each of these copies on this shelf."""
    wanted = sorted(set(items))
    query = (
        select(HandoverLine.item_id, Handover.taken_name, Handover.number, Handover.taken_at)
        .join(Handover, Handover.id == HandoverLine.handover_id)
        .where(HandoverLine.item_id.in_(wanted), Handover.shelf_id == shelf_id, Handover.taken_at.is_not(None))
        .where(HandoverLine.outcome.in_(SIGNED_FOR))
        .order_by(Handover.taken_at, Handover.id)
    )
    query = query.where(Handover.taken_at < before) if before else query
    last: Mapping[int, Answering] = {
        row[0]: Answering(row[0], row[1] or "", row[2], row[3]) for row in session.execute(query)
    }
    return {item: last.get(item, Answering(item, "", None, None)) for item in wanted}


def person(account: Account, of_library: bool = False) -> Person:
    return Person(account.id, account.name, of_library)
