"""Two processes at the same instant: one copy to two readers, and a reader's last allowed loan. Exactly one, each time."""

import multiprocessing
from collections.abc import Callable
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from library import create_app
from library.core import clock
from library.core.db import db, once_more
from library.holdings import ledger
from library.inbox.acts import Doing
from library.loans import desk
from library.loans.desk import Scan
from library.loans.facts import Desk
from library.loans.models import Loan, Terms
from tests.support.world import World

ROUNDS = 1000
FORK = multiprocessing.get_context("spawn")


def lend(place: Desk, code: str, reader: str) -> str:
    """One scan in one transaction, as the desk's view does it."""
    from uuid import UUID

    def attempt() -> str:
        doing = Doing(clock.uuid7(), branch_id=place.branch_id)
        happened = desk.scan(db.session(), place, doing, Scan(code, reader=UUID(reader)))
        db.session.commit()
        return happened.what.value

    return once_more(attempt)


def one_desk(
    settings: dict[str, str], place: Desk, orders: list[tuple[str, str]], start: Barrier, answers: Any
) -> None:
    """A process of its own: scans its orders, each at the same instant as the other process."""
    app = create_app(settings)
    with app.app_context():
        said = []
        for code, reader in orders:
            start.wait(60)
            said.append(lend(place, code, reader))
    answers.put(said)


def race(
    settings: dict[str, str], place: Desk, mine: list[tuple[str, str]], theirs: list[tuple[str, str]]
) -> list[list[str]]:
    start, answers = FORK.Barrier(2), FORK.Queue()
    desks = [FORK.Process(target=one_desk, args=(settings, place, orders, start, answers)) for orders in (mine, theirs)]
    for process in desks:
        process.start()
    said = [answers.get(timeout=300) for _ in desks]
    for process in desks:
        process.join(60)
        assert process.exitcode == 0
    return said


@pytest.fixture
def settings(app: Flask, database_url: str, tmp_path: Path) -> dict[str, str]:
    return {"DATA": str(tmp_path), "DATABASE": database_url, "SECRET_KEY": "test"}


def at_desk(world: World, most: int) -> Desk:
    school = world.school()
    world.session.add(Terms(library_id=school.id, category_id=None, days=14, most=most, renewals=1))
    return Desk(school.id, school.network_id or 0, world.branch(school).id)


def open_loans(by: Callable[[], Any]) -> list[int]:
    query = select(func.count()).where(Loan.ended_at.is_(None), Loan.voided.is_(False)).group_by(by())
    return list(db.session.scalars(query))


@pytest.mark.slow
def test_one_copy_goes_to_one_reader(world: World, settings: dict[str, str]) -> None:
    place = at_desk(world, 10_000)
    lan, bao = str(world.patron("Lan").uid), str(world.patron("Bảo").uid)
    codes = [item.accession or "" for item in world.items(ROUNDS)]
    world.session.commit()
    said = race(settings, place, [(code, lan) for code in codes], [(code, bao) for code in codes])
    assert all(sorted(pair) == ["lent", "returned"] for pair in zip(*said, strict=True))
    assert db.session.scalar(select(func.count()).select_from(Loan)) == ROUNDS
    assert ledger.astray(db.session()) == []


@pytest.mark.slow
def test_a_last_allowed_loan_is_one(world: World, settings: dict[str, str]) -> None:
    place = at_desk(world, 1)
    readers = [str(world.patron(f"Bạn {number}").uid) for number in range(ROUNDS)]
    codes = [item.accession or "" for item in world.items(2 * ROUNDS)]
    world.session.commit()
    mine, theirs = list(zip(codes[::2], readers, strict=True)), list(zip(codes[1::2], readers, strict=True))
    said = race(settings, place, mine, theirs)
    assert all(sorted(pair) == ["lent", "refused"] for pair in zip(*said, strict=True))
    assert open_loans(lambda: Loan.membership_id) == [1] * ROUNDS
