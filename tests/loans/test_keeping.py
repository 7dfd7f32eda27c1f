"""Keeping a book for longer: at the desk with the book shown, from a list without it."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from library.core import clock
from library.core.db import db
from library.core.errors import NotFound
from library.holdings.models import Movement, Why
from library.inbox.acts import Doing
from library.loans import desk, holds
from library.loans.desk import Happened, What
from library.loans.facts import Desk
from library.loans.models import Loan, Renewal
from library.patrons.models import Membership
from library.policies.values import Length, LengthKind, RenewFrom
from tests.loans.test_desk import card
from tests.loans.test_lending import DAY, codes, lan, only_loan, page, say
from tests.support.people import DeskPage, commit
from tests.support.world import World

__all__ = ["lan", "page"]


@pytest.fixture
def loan(page: DeskPage, world: World, lan: Membership) -> Loan:
    item = world.item()
    commit()
    page.scan(card(lan))
    page.scan(item.accession or "")
    return only_loan()


def label(loan: Loan) -> str:
    return loan.item.accession or ""


def renewed(world: World, loan: Loan, seen: bool = False, **more: str) -> Happened:
    school = world.school()
    place = Desk(school.id, school.network_id or 0, world.branch().id)
    happened = desk.renew_loan(world.session(), place, Doing.now(), loan.id, seen, **more)
    commit()
    db.session.refresh(loan)
    return happened


def put_off(loan: Loan, days: int) -> None:
    loan.due_on = clock.today() + timedelta(days=days)
    commit()


def test_shown_at_the_desk_it_is_seen_and_counts_as_shown(page: DeskPage, loan: Loan) -> None:
    put_off(loan, 1)
    told = page.scan(label(loan), answer="renew")
    assert (told["what"], told["outcome"]) == ("renewed", "ok")
    db.session.expire_all()
    assert (loan.renewals, loan.unseen_renewals, loan.due_on) == (1, 0, clock.today() + 14 * DAY)
    assert db.session.scalars(select(Movement.why).order_by(Movement.id.desc())).first() is Why.RENEW
    page.undo(told["act"])
    db.session.expire_all()
    assert (loan.renewals, loan.due_on) == (0, clock.today() + DAY)


def test_without_the_book_nobody_saw_it(world: World, loan: Loan) -> None:
    say(world, renewals=5, unseen_renewals=1)
    put_off(loan, 1)
    before = db.session.scalars(select(Movement.id)).all()
    assert renewed(world, loan).what is What.RENEWED
    assert (loan.renewals, loan.unseen_renewals) == (1, 1)
    assert db.session.scalars(select(Movement.id)).all() == before
    assert db.session.scalars(select(Renewal.unseen)).one() is True
    refused = renewed(world, loan)
    assert (refused.what, [one.code for one in refused.verdicts]) == (What.REFUSED, ["unseen-enough"])
    assert renewed(world, loan, seen=True).what is What.RENEWED
    assert (loan.renewals, loan.unseen_renewals) == (2, 1)


def test_undoing_an_unseen_renewal_gives_it_back(page: DeskPage, world: World, loan: Loan) -> None:
    put_off(loan, 1)
    done = renewed(world, loan)
    from library.inbox import acts
    from library.loans import deeds

    act = acts.by_uid(world.session(), done.act) if done.act else None
    assert act
    deeds.undo(world.session(), Doing.now(), act)
    commit()
    db.session.refresh(loan)
    assert (loan.renewals, loan.unseen_renewals, loan.due_on) == (0, 0, clock.today() + DAY)


def test_often_enough_is_enough_unless_somebody_says_why(page: DeskPage, world: World, loan: Loan) -> None:
    say(world, renewals=0)
    asked = page.scan(label(loan))
    assert asked["what"] == "asked"
    refused = page.scan(label(loan), answer="renew")
    assert (refused["what"], refused["word"], codes(refused)) == ("refused", "Chưa gia hạn được", ["renewed-enough"])
    assert len(refused["overrides"]) == 4
    told = page.scan(label(loan), answer="renew", override="holiday")
    assert told["what"] == "renewed"
    db.session.expire_all()
    (doubt,) = loan.doubts or []
    assert (doubt["code"], doubt["how"], loan.override) == ("renewed-enough", "overruled", "holiday")
    page.undo(told["act"])
    db.session.expire_all()
    assert loan.doubts is None


def test_whoever_waits_comes_first_and_nobody_overrules_that(page: DeskPage, world: World, loan: Loan) -> None:
    bao = world.patron("Đàm Quốc Bảo")
    holds.place(world.session(), world.doing(), loan.item.record_id, bao.id, loan.branch_id)
    commit()
    refused = page.scan(label(loan), answer="renew")
    assert (codes(refused), refused["overrides"]) == (["waited-for"], [])
    assert page.scan(label(loan), answer="renew", override="trusted")["what"] == "refused"
    world.item(record=loan.item.record)
    commit()
    assert codes(page.scan(label(loan), answer="renew")) == ["waited-for"]
    say(world, renew_past_holds=True)
    assert page.scan(label(loan), answer="renew")["what"] == "renewed", "another copy is free for whoever waits"


def test_one_s_own_wait_does_not_stand_in_the_way(page: DeskPage, world: World, lan: Membership, loan: Loan) -> None:
    holds.place(world.session(), world.doing(), loan.item.record_id, lan.id, loan.branch_id)
    commit()
    assert page.scan(label(loan), answer="renew")["what"] == "renewed"


def test_a_late_book_is_returned_first(page: DeskPage, loan: Loan) -> None:
    put_off(loan, -1)
    assert codes(page.scan(label(loan), answer="renew")) == ["late"]


@pytest.mark.parametrize(
    ("said", "days"),
    [
        ({}, 14),
        ({"renewal_length": Length(LengthKind.DAYS, 5)}, 10),
        ({"renewal_length": Length(LengthKind.DAYS, 20)}, 20),
        ({"renewal_length": Length(LengthKind.DAYS, 5), "renewal_from": RenewFrom.DUE}, 15),
        ({"renewal_length": Length(LengthKind.DAYS, 0)}, 10),
    ],
    ids=["A18 as a loan", "A22 never earlier", "A22 from today", "A22 from the old day", "A19 nothing is a number"],
)
def test_how_long_a_renewal_is(page: DeskPage, world: World, loan: Loan, said: dict[str, object], days: int) -> None:
    say(world, **said)
    put_off(loan, 10)
    assert page.scan(label(loan), answer="renew")["what"] == "renewed"
    db.session.expire_all()
    assert loan.due_on == clock.today() + days * DAY


def test_a_lost_book_cannot_be_kept_unseen(world: World, loan: Loan) -> None:
    loan.lost_at = clock.now()
    commit()
    assert [one.code for one in renewed(world, loan).verdicts] == ["lost"]


def test_a_loan_that_is_over_is_nobody_s(app: Flask, page: DeskPage, world: World, loan: Loan) -> None:
    page.scan(label(loan), returns_only=True)
    with pytest.raises(NotFound):
        renewed(world, loan)
