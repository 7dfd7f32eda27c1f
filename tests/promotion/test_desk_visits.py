"""A loan at a desk is a visit, once a day; what was known of whose it was goes with the reader."""

from datetime import date, datetime, time, timedelta
from itertools import permutations

import pytest
from flask import Flask
from sqlalchemy import func, select

from library.core import clock
from library.core.db import db
from library.duplicates import people
from library.inbox import acts
from library.inbox.acts import Doing
from library.jobs import nightly
from library.loans import deeds
from library.loans.deeds import Lending
from library.patrons.models import Membership, Sex
from library.privacy import forgetting, own_data
from library.promotion import lessons, visits
from library.promotion.lesson_models import Lesson
from library.uses.counting import Frozen
from library.uses.models import Visit, VisitKind, Visitor
from tests.loans.test_desk import card
from tests.support.people import DeskPage, account, sign_in
from tests.support.policies import lends
from tests.support.world import World


@pytest.fixture
def page(app: Flask, world: World) -> DeskPage:
    account(world)
    lends(world.session, world.school().id, days=14, most=9)
    return DeskPage(sign_in(app))


def standing() -> list[tuple[int, date]]:
    back = select(Visit.reverses_id).where(Visit.reverses_id.is_not(None))
    query = select(Visitor.membership_id, Visit.visited_on).join(Visit, Visit.id == Visitor.visit_id)
    rows = db.session.execute(query.where(Visit.kind == VisitKind.DESK, Visit.id.not_in(back)))
    return sorted((reader, day) for reader, day in rows)


def total() -> int:
    return db.session.scalar(select(func.coalesce(func.sum(Visit.quantity), 0))) or 0


def lent(world: World, reader: Membership, at: datetime, **facts: object) -> Doing:
    item, branch = world.item(), world.branch()
    doing = Doing(clock.uuid7(), branch_id=branch.id, at=at)
    what = Lending(item.id, item.uid, reader.id, clock.today(), Frozen(branch.id, **facts))  # type: ignore[arg-type]
    from library.holdings.models import PlaceKind

    place = world.place(PlaceKind.WITH_PATRONS)
    deeds.lend(world.session(), doing, what, (place.id, branch.id), at)
    return doing


def undo(world: World, doing: Doing) -> None:
    from library.inbox import acts

    act = acts.by_uid(world.session(), doing.uid)
    assert act
    deeds.undo(world.session(), Doing.now(branch_id=world.branch().id), act)


def test_once_a_day_however_many_books_with_what_was_true_that_day(page: DeskPage, world: World) -> None:
    lan, bao = world.patron("Lan", class_name="5A"), world.patron("Bảo", class_name="5A")
    lan.person.sex = Sex.FEMALE
    acts = []
    for reader in (lan, lan, bao):
        page.reader = None
        page.scan(card(reader))
        acts.append(page.scan(world.item().accession or "")["act"])
    assert standing() == sorted([(lan.id, clock.today()), (bao.id, clock.today())])
    facts = {
        one.sex: (one.class_name, one.grade, one.category, one.quantity) for one in db.session.scalars(select(Visit))
    }
    assert facts == {"f": ("5A", 5, "HS", 1), None: ("5A", 5, "HS", 1)}
    assert page.undo(acts[0]).status_code == 200
    assert standing() == sorted([(lan.id, clock.today()), (bao.id, clock.today())]), "the second loan stands"
    assert page.undo(acts[1]).status_code == 200
    assert standing() == [(bao.id, clock.today())]
    assert total() == 1


def test_undoing_tells_of_no_visit_where_loans_are_none(page: DeskPage, world: World) -> None:
    page.client.post("/visits/settings", data={"repeat_minutes": "30"})
    page.scan(card(world.patron("Lan")))
    act, _ = (page.scan(world.item().accession or "")["act"] for _ in range(2))
    assert page.undo(act).status_code == 200
    assert total() == 0


def test_whichever_comes_first_a_class_that_came_whole_has_no_visits_by_desk(world: World) -> None:
    lan, session, branch = world.patron("Lan", class_name="5A"), world.session(), world.branch()
    at = datetime.combine(clock.today(), time(5), clock.HERE) - timedelta(days=2)
    on, done = clock.day_of(at), {}

    def line() -> None:
        entry = visits.Entry(VisitKind.CLASS, on, [visits.Heads(30)], class_name="5A", less=True)
        done["line"] = Doing.now(branch_id=branch.id)
        visits.record(session, done["line"], branch.id, entry)

    def lend() -> None:
        done["loan"] = lent(world, lan, at, class_name="5A")

    def lesson() -> None:
        assert lan.school_class
        told = lessons.Told(28)
        lessons.beside(session, Doing.now(branch_id=branch.id), branch.id, lan.school_class, on, 1, told)

    def took_back() -> None:
        act = acts.by_uid(session, done["line"].uid)
        assert act
        visits.undo(session, Doing.now(branch_id=branch.id), act)

    for order in permutations((line, lend, lesson)):
        attempt = session.begin_nested()
        for deed in order:
            deed()
        assert (standing(), total()) == ([], 58), order
        took_back()
        assert (standing(), total()) == ([], 28), "the lesson stands"
        (held,) = session.scalars(select(Lesson))
        lessons.change(session, Doing.now(branch_id=branch.id), held, lessons.Told(28, as_visits=False))
        assert standing() == [(lan.id, on)]
        undo(world, done["loan"])
        assert total() == 0
        attempt.rollback()
        session.expire_all()


def test_back_dated_loans_and_loans_elsewhere(world: World) -> None:
    lan, noon = world.patron("Lan"), datetime.combine(clock.today(), time(5), clock.HERE)
    days = [noon - timedelta(days=back) for back in (3, 1, 3)]
    doings = [lent(world, lan, day) for day in days]
    assert standing() == [(lan.id, clock.day_of(days[0])), (lan.id, clock.day_of(days[1]))]
    undo(world, doings[0])
    assert len(standing()) == 2
    undo(world, doings[2])
    assert standing() == [(lan.id, clock.day_of(days[1]))]
    from library.holdings.models import PlaceKind

    lent(world, lan, days[0], place_id=world.place(PlaceKind.STACKS).id)
    assert len(standing()) == 1, "at a shelf or a stop those who came are counted there"


def test_whose_it_was_is_told_to_the_reader_merged_with_them_and_forgotten(world: World) -> None:
    session, twin, lan = world.session(), world.patron("Lan"), world.patron("Lan")
    at = datetime.combine(clock.today(), time(5), clock.HERE) - timedelta(days=2)
    doing = lent(world, twin, at)
    before = lent(world, lan, at)
    made = people.merge(session, Doing.now(), lan.person, twin.person)
    assert standing() == [(lan.id, clock.day_of(at))], "both came that day: one reader, one visit"
    people.split(session, Doing.now(), made)
    assert standing() == sorted([(lan.id, clock.day_of(at)), (twin.id, clock.day_of(at))])
    undo(world, before)
    made = people.merge(session, Doing.now(), lan.person, twin.person)
    assert standing() == [(lan.id, clock.day_of(at))]
    assert [one["how"] for one in own_data.of(session, lan)["visits"]] == ["desk"]
    people.split(session, Doing.now(), made)
    assert standing() == [(twin.id, clock.day_of(at))]
    undo(world, doing)
    assert own_data.of(session, twin)["visits"] == [], "taken back"
    lent(world, twin, at)
    forgetting.forget_people(session, [twin.person_id, lan.person_id])
    assert db.session.scalar(select(func.count()).select_from(Visitor)) == 0
    assert total() == 1, "that somebody came stays"


def test_old_visits_are_nobody_s(world: World) -> None:
    lan, now = world.patron("Lan"), clock.now()
    lent(world, lan, now - timedelta(days=300))
    lent(world, lan, now - timedelta(days=3))
    nightly.STEPS["visitors"](world.session(), now)
    assert len(standing()) == 2
    nightly.STEPS["visitors"](world.session(), now + timedelta(days=100))
    assert [day for _, day in standing()] == [clock.day_of(now - timedelta(days=3))]
    assert total() == 2
