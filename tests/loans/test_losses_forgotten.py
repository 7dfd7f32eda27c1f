"""Losses hold names for a time only, follow people who are merged, and go over with a library that ends."""

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select, update

from library.core import clock
from library.core.db import Base, db
from library.duplicates import people
from library.holdings.models import Condition, Item, PlaceKind
from library.inbox.acts import Doing
from library.jobs import nightly
from library.loans import compensation, compensation_ending, condition, deeds, losses_settings, marks, suspensions
from library.loans.compensation import Asking
from library.loans.compensation_ending import Ending
from library.loans.condition import Look
from library.loans.deeds import Lending
from library.loans.losses_settings import Decided
from library.loans.models import Compensation, Harm, Loan, LossSetting, Settled, Settlement, Suspension
from library.organisations import tree
from library.organisations.inheriting import Succession, parts
from library.patrons.models import Membership
from library.privacy import forgetting
from library.uses.counting import Frozen
from tests.support.world import World

TOKENS = ("qwmark", "qwlift", "qwpaper", "qwwish", "qwwaive", "qwlook")
NOW = clock.now() - timedelta(days=40)


def lent(world: World, reader: Membership, item: Item, days_ago: int = 40) -> int:
    session, branch = db.session(), world.branch()
    when = clock.now() - timedelta(days=days_ago)
    due = clock.day_of(when) + timedelta(days=7)
    what = Lending(item.id, item.uid, reader.id, due, Frozen(branch.id))
    place = world.place(PlaceKind.WITH_PATRONS).id, branch.id
    act = deeds.lend(session, Doing.now(branch_id=branch.id), what, place, when)
    rule = {"grace": 0, "counts": False, "per_day": 1, "most": -1}
    session.execute(update(Loan).where(Loan.act_id == act[0]).values(penalty=rule))
    return session.scalars(select(Loan.id).where(Loan.act_id == act[0])).one()


def everything(world: World, reader: Membership, over: bool = True) -> None:
    """A suspension lifted, a mark, minutes proposed and settled, a look: each with words that may name anybody."""
    session, branch = db.session(), world.branch()
    losses_settings.save(session, world.school().id, Decided(approve_above=0))

    def doing(who: int = 1) -> Doing:
        return Doing.now(UUID(int=who), branch.id)

    late = world.item()
    loan = lent(world, reader, late)
    deeds.take_in(session, doing(), (late.id, late.uid), (world.place().id, branch.id), clock.now() - timedelta(days=1))
    (one,) = session.scalars(select(Suspension).where(Suspension.loan_id == loan)).all()
    suspensions.lift(session, doing(), one.id, "qwlift")
    condition.report(session, doing(), late.id, Look(Condition.WORN, "qwlook"), branch.id)
    gone = world.item()
    other = lent(world, reader, gone)
    marks.claimed(session, doing(), other, "qwmark")
    asking = Asking(gone.id, Harm.LOST, 10_000, other, reader.id, "qwpaper")
    asked = compensation.ask(session, doing(), asking)
    if over:
        compensation_ending.settle(session, doing(), asked.id, Ending(Settled.WAIVED, note="qwwish qwwaive"))
        wish = session.scalars(select(Settlement.id)).one()
        compensation_ending.decide(session, doing(2), wish, True)


def whole_database() -> str:
    db.session.flush()
    rows: list[Any] = [
        tuple(row) for table in Base.metadata.tables.values() for row in db.session.execute(select(table))
    ]
    return json.dumps(rows, default=str, ensure_ascii=False).lower()


def named() -> set[int | None]:
    return {
        *db.session.scalars(select(Suspension.membership_id)),
        *db.session.scalars(select(Compensation.membership_id)),
    }


@pytest.fixture
def lan(world: World, app: Flask) -> Membership:
    return world.patron(class_name="5A")


def test_who_is_forgotten_leaves_no_word_behind(world: World, lan: Membership) -> None:
    everything(world, lan)
    assert all(token in whole_database() for token in TOKENS), "the test would find nothing"
    lan.to_on = clock.today()
    db.session.flush()
    forgetting.free(db.session(), [lan.person_id])
    forgetting.forget_people(db.session(), [lan.person_id])
    left = whole_database()
    assert [token for token in TOKENS if token in left] == []
    assert named() == {None}
    assert db.session.scalars(select(Compensation.amount)).all() == [10_000], "figures stay"


def test_after_a_year_the_night_forgets_what_hangs_on_forgotten_loans(world: World, lan: Membership) -> None:
    everything(world, lan)
    db.session.commit()
    nightly.forget(clock.now() + timedelta(days=300))
    assert named() == {lan.id}
    nightly.forget(clock.now() + timedelta(days=400))
    nightly.forget(clock.now() + timedelta(days=401))  # what hangs on a loan goes the night after it
    assert named() == {None}
    left = whole_database()
    assert [token for token in TOKENS if token in left] == []


def test_who_still_owes_is_not_forgotten(world: World, lan: Membership) -> None:
    everything(world, lan, over=False)
    lan.to_on = clock.today() - timedelta(days=900)
    lan.from_on = lan.to_on - timedelta(days=1)
    db.session.commit()
    with pytest.raises(forgetting.StillHolds) as told:
        forgetting.free(db.session(), [lan.person_id])
    assert "owes" in {reason.code for reason in told.value.reasons}
    nightly.forget(clock.now() + timedelta(days=1))
    assert db.session.scalars(select(Compensation.membership_id)).one() == lan.id


def test_one_person_owes_what_both_rows_owed_and_apart_again_each_their_own(world: World, lan: Membership) -> None:
    twin = world.patron("Hoàng Thị Mai  Lan", class_name="5A")
    everything(world, twin)
    made = people.merge(db.session(), Doing.now(), lan.person, twin.person)
    assert named() == {lan.id}
    people.split(db.session(), Doing.now(), made)
    assert named() == {twin.id}


def test_minutes_go_over_with_the_old_librarys_mark(world: World, lan: Membership) -> None:
    session = db.session()
    heir = world.school("Trường Tiểu học Sông Cầu")
    everything(world, lan)
    theirs = world.item(heir)
    compensation.ask(session, Doing.now(branch_id=world.branch(heir).id), Asking(theirs.id, Harm.DAMAGED, 5_000))
    year = clock.today().year
    what = Succession(world.school(), heir, clock.today())
    for part in parts():
        part.take_over(session, what)
    session.expire_all()
    numbers = session.scalars(select(Compensation.minutes_no).order_by(Compensation.id)).all()
    assert set(session.scalars(select(Compensation.library_id))) == {heir.id}
    assert numbers == [f"1/{year}/{what.mark}", f"1/{year}"]
    assert compensation.next_number(session, heir.id, clock.now()) == f"2/{year}"
    assert session.scalars(select(LossSetting.library_id)).all() == [heir.id]
    assert tree.parentage_on(session, clock.today())
