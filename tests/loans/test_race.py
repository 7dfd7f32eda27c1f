"""Two processes at the same instant, a thousand times each. What may be had once is had once; nothing stays half done."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select

from library.calendars import opening_days
from library.calendars.opening_days import Whose
from library.core import clock
from library.core.db import db
from library.holdings import accessions, ledger
from library.holdings.accessions import NewItem
from library.holdings.models import Item, PlaceKind, RegisterLine, Transfer
from library.inbox.acts import Doing
from library.loans import closing, closing_jobs, desk, holds, settling
from library.loans.closing import Reach
from library.loans.desk import Scan
from library.loans.facts import Desk
from library.loans.models import Hold, Loan
from library.organisations.models import Organisation
from library.policies.values import Stance
from tests.support.policies import lends
from tests.support.racing import race, settings_of
from tests.support.world import World

ROUNDS = 1000
"""What the test itself read or wrote must be committed before a race: on SQLite it would hold the write ticket."""
Order = tuple[Desk, str, str | None]
"""Where, which code, whose card lies open."""


def scan(order: Order) -> str:
    """One scan, as the desk's view does it."""
    place, code, reader = order
    doing = Doing(clock.uuid7(), branch_id=place.branch_id)
    said = desk.scan(db.session(), place, doing, Scan(code, reader=UUID(reader) if reader else None))
    return said.what.value


@pytest.fixture
def settings(app: Flask, database_url: str, tmp_path: Path) -> dict[str, str]:
    return settings_of(database_url, tmp_path)


def at_desk(world: World, most: int = 10_000, **said: Any) -> Desk:
    school = world.school()
    lends(world.session, school.id, days=14, most=most, **said)
    return Desk(school.id, school.network_id or 0, world.branch(school).id)


def orders(place: Desk, codes: Sequence[str], readers: Sequence[str | None]) -> list[Order]:
    return [(place, code, reader) for code, reader in zip(codes, readers, strict=True)]


def labels(items: Sequence[Item]) -> list[str]:
    return [item.accession or "" for item in items]


def open_loans(by: Callable[[], Any]) -> list[int]:
    query = select(func.count()).where(Loan.ended_at.is_(None), Loan.voided.is_(False)).group_by(by())
    return list(db.session.scalars(query))


def nothing_astray() -> None:
    """Places and loans are what the history says."""
    session = db.session()
    assert ledger.astray(session) == []
    assert settling.astray(session, list(session.scalars(select(Item.id)))) == []


@pytest.mark.slow
def test_one_copy_goes_to_one_reader(world: World, settings: dict[str, str]) -> None:
    place = at_desk(world)
    lan, bao = str(world.patron("Lan").uid), str(world.patron("Bảo").uid)
    codes = labels(world.items(ROUNDS))
    world.session.commit()
    said = race(settings, (scan, orders(place, codes, [lan] * ROUNDS)), (scan, orders(place, codes, [bao] * ROUNDS)))
    assert all(sorted(pair) == ["lent", "returned"] for pair in zip(*said, strict=True))
    assert db.session.scalar(select(func.count()).select_from(Loan)) == ROUNDS
    nothing_astray()


@pytest.mark.slow
def test_a_last_allowed_loan_is_one(world: World, settings: dict[str, str]) -> None:
    place = at_desk(world, 1)
    readers = [str(world.patron(f"Bạn {number}").uid) for number in range(ROUNDS)]
    codes = labels(world.items(2 * ROUNDS))
    world.session.commit()
    said = race(settings, (scan, orders(place, codes[::2], readers)), (scan, orders(place, codes[1::2], readers)))
    assert all(sorted(pair) == ["lent", "refused"] for pair in zip(*said, strict=True))
    assert open_loans(lambda: Loan.membership_id) == [1] * ROUNDS


def _waiting(world: World, place: Desk, readers: Sequence[int], copies: int) -> list[list[Item]]:
    """A title a round with so many copies, and these readers waiting for it."""
    found = []
    for number in range(ROUNDS):
        record = world.record(f"Nhan đề {number}")
        found.append(world.items(copies, record=record))
        for reader in readers:
            holds.place(world.session(), Doing.now(branch_id=place.branch_id), record.id, reader, place.branch_id)
    return found


@pytest.mark.slow
def test_the_last_copy_is_kept_for_one_of_two_who_wait(world: World, settings: dict[str, str]) -> None:
    place = at_desk(world)
    lan, bao = world.patron("Lan"), world.patron("Bảo")
    codes = labels([items[0] for items in _waiting(world, place, [lan.id, bao.id], 1)])
    world.session.commit()
    both = orders(place, codes, [None] * ROUNDS)
    race(settings, (scan, both), (scan, both))
    kept = db.session.execute(select(Hold.record_id, Hold.membership_id).where(Hold.item_id.is_not(None))).all()
    assert len(kept) == ROUNDS
    assert {row.membership_id for row in kept} == {lan.id}, "whose turn it was"
    nothing_astray()


@pytest.mark.slow
def test_two_copies_at_once_never_go_to_the_same_who_waits(world: World, settings: dict[str, str]) -> None:
    place = at_desk(world)
    lan, bao = world.patron("Lan"), world.patron("Bảo")
    titles = _waiting(world, place, [lan.id, bao.id], 2)
    mine, theirs = labels([one[0] for one in titles]), labels([one[1] for one in titles])
    world.session.commit()
    race(settings, (scan, orders(place, mine, [None] * ROUNDS)), (scan, orders(place, theirs, [None] * ROUNDS)))
    kept = db.session.execute(select(Hold.item_id, Hold.membership_id).where(Hold.item_id.is_not(None))).all()
    assert Counter(row.membership_id for row in kept) == {lan.id: ROUNDS, bao.id: ROUNDS}
    assert len({row.item_id for row in kept}) == 2 * ROUNDS


def enter(order: tuple[int, int, int, int]) -> str:
    """Three copies into the register, with numbers of the same series."""
    school_id, branch_id, record_id, home_id = order
    session, now = db.session(), clock.now()
    school = session.get_one(Organisation, school_id)
    receipt = accessions.receive(session, Doing.now(branch_id=branch_id), school, "Trường tự mua", now.date(), now)
    accessions.enter(session, receipt, school, branch_id, [NewItem(record_id, home_id, "TN")] * 3, now)
    return "entered"


@pytest.mark.slow
def test_numbers_of_the_register_have_no_gap_and_no_double(world: World, settings: dict[str, str]) -> None:
    school = world.school()
    order = (school.id, world.branch().id, world.record().id, world.place(PlaceKind.STACKS).id)
    world.session.commit()
    race(settings, (enter, [order] * ROUNDS), (enter, [order] * ROUNDS))
    numbers = db.session.scalars(select(RegisterLine.number).order_by(RegisterLine.number)).all()
    assert numbers == list(range(1, 6 * ROUNDS + 1))


FIRST = datetime(2027, 3, 1, 2, 0, tzinfo=UTC)


def evening_of(number: int) -> datetime:
    """Every second day, so that a closed day always has an open one behind it."""
    return FIRST + timedelta(days=2 * number)


def lend_on(order: tuple[int, Order]) -> str:
    number, one = order
    with clock.stopped_at(evening_of(number)):
        said = scan(one)
        db.session.commit()
    return said


def close_on(order: tuple[int, int, int]) -> str:
    """The day on which that evening's loans fall due is closed, and what falls on it is moved."""
    number, library_id, branch_id = order
    session = db.session()
    with clock.stopped_at(evening_of(number)):
        day = clock.today() + timedelta(days=14)
        opening_days.close(session, Whose(branch_id=branch_id), day, day, "Bão")
        shift = closing.begin(session, Doing.now(branch_id=branch_id), Reach(library_id, branch_id, day, day), "Bão")
        closing_jobs.go_on(shift, None)
        shift_id = shift.id
        session.commit()
        closing_jobs.move_late(shift_id)
    return "closed"


@pytest.mark.slow
def test_nothing_lent_while_a_closure_comes_falls_due_on_it(world: World, settings: dict[str, str]) -> None:
    place = at_desk(world, overdue=Stance.IGNORE)
    lan = str(world.patron("Lan").uid)
    codes = labels(world.items(ROUNDS))
    world.session.commit()
    lending = list(enumerate(orders(place, codes, [lan] * ROUNDS)))
    closed = [(number, place.library_id, place.branch_id) for number in range(ROUNDS)]
    said = race(settings, (lend_on, lending), (close_on, closed))
    assert set(said[0]) == {"lent"}
    days = {clock.day_of(evening_of(number)) + timedelta(days=14) for number in range(ROUNDS)}
    dues = db.session.scalars(select(Loan.due_on)).all()
    assert len(dues) == ROUNDS
    assert [due for due in dues if due in days] == []


@pytest.mark.slow
def test_a_return_against_a_loan_of_the_same_copy(world: World, settings: dict[str, str]) -> None:
    """One desk takes it back; at the other the next reader holds it out. Whatever comes first, the books agree."""
    place = at_desk(world)
    lan, bao = world.patron("Lan"), world.patron("Bảo")
    codes, first = labels(world.items(ROUNDS)), str(lan.uid)
    back, on = orders(place, codes, [None] * ROUNDS), orders(place, codes, [str(bao.uid)] * ROUNDS)
    for code in codes:
        assert scan((place, code, first)) == "lent"
    world.session.commit()
    said = race(settings, (scan, back), (scan, on))
    seen = Counter(zip(*said, strict=True))
    assert set(seen) <= {("returned", "lent"), ("counted", "returned")}, seen
    ended = select(func.count()).where(Loan.membership_id == lan.id, Loan.ended_at.is_not(None))
    assert db.session.scalar(ended) == ROUNDS, "Lan has brought every one back, once"
    held = select(func.count()).where(Loan.membership_id == bao.id, Loan.ended_at.is_(None))
    assert db.session.scalar(held) == seen["returned", "lent"]
    assert db.session.scalar(select(func.count()).select_from(Transfer)) == 0
    nothing_astray()
