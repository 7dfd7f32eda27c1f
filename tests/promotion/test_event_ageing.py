"""Names go in time and figures stay; what a library records goes on under its successor; dates of the year."""

import random
from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from library.core import clock
from library.core.db import db
from library.core.errors import NotFound
from library.duplicates import people
from library.inbox.acts import Doing
from library.jobs import nightly
from library.organisations import inheriting
from library.privacy import forgetting, own_data
from library.promotion import clubs, commendations, event_dates, event_steps, event_types, events, trainings
from library.promotion.club_models import ClubMember
from library.promotion.commend_models import Commendation
from library.promotion.event_models import EventType, PromotionStep, State
from library.promotion.event_steps import NotSo
from library.promotion.event_types import told_as
from library.promotion.training_models import Training, TrainingMark
from library.uses import happenings
from library.uses.models import Happening, Visit
from tests.support.world import World

FACTS = {"type_code": "display", "title": "Trưng bày", "as_visits": False}


def doing(world: World) -> Doing:
    return Doing.now(branch_id=world.branch().id)


def ticked(world: World, members: Iterable[int], class_id: int) -> Training:
    today = clock.today().isoformat()
    sessions: list[event_steps.Plain] = [{"day": today, "from_at": None, "topic": None, "came": {}}]
    said = {"title": "Lớp", "subjects": ["digital"], "people": {}, "as_visits": False}
    one = trainings.record(db.session(), doing(world), world.branch().id, said, sessions)
    (row,) = trainings.sessions_of(db.session(), one)
    trainings.tick(db.session(), doing(world), one, row, class_id, list(members))
    return one


def quantity(measure: str) -> int:
    return db.session.scalar(select(func.sum(Happening.quantity)).where(Happening.measure == measure)) or 0


def test_who_was_ticked_is_forgotten_and_how_many_came_stays(world: World) -> None:
    lan, other = world.patron("Hoàng Thị Mai Lan", class_name="5A"), world.patron("Hoàng Mai Lan", class_name="5A")
    assert lan.class_id
    one = ticked(world, [lan.id, other.id], lan.class_id)
    assert (quantity("training-people"), quantity("training-turns")) == (2, 2)
    people.merge(db.session(), doing(world), lan.person, other.person)
    assert db.session.scalars(select(TrainingMark.membership_id)).all().count(lan.id) == 1, "one person, ticked once"
    nightly.forget(clock.now() + timedelta(days=200))
    assert db.session.scalar(select(func.count()).select_from(TrainingMark))
    nightly.forget(clock.now() + timedelta(days=800))
    assert not db.session.scalar(select(func.count()).select_from(TrainingMark))
    assert (quantity("training-people"), quantity("training-turns")) == (2, 2)
    db.session.refresh(one)
    trainings.change(db.session(), doing(world), one, {"title": "Lớp khác"})
    assert (quantity("training-people"), quantity("training-turns")) == (2, 2), "settled anew without the names"


def test_a_tick_taken_back_counts_no_more_and_a_removed_session_takes_its_people(world: World) -> None:
    session, lan, bao = db.session(), world.patron("Lan", class_name="5A"), world.patron("Bảo", class_name="5B")
    assert lan.class_id and bao.class_id
    one = ticked(world, [lan.id], lan.class_id)
    event_steps.undo(session, doing(world), trainings.MANNER, one, event_steps.history(session, one)[0].act)
    assert (quantity("training-people"), quantity("training-turns")) == (0, 0)
    (row,) = trainings.sessions_of(session, one)
    trainings.tick(session, doing(world), one, row, bao.class_id, [bao.id])
    assert (quantity("training-people"), quantity("training-turns")) == (1, 1), "Lan's tick was taken back"
    day = clock.today().isoformat()
    second: event_steps.Plain = {"uid": str(clock.uuid7()), "day": day, "from_at": None, "topic": None, "came": {}}
    trainings.count(session, doing(world), one, second)
    other = trainings.sessions_of(session, one)[1]
    trainings.tick(session, doing(world), one, other, lan.class_id, [lan.id])
    assert (quantity("training-people"), quantity("training-turns")) == (2, 2)
    trainings.remove(session, doing(world), one, other)
    assert (quantity("training-people"), quantity("training-turns")) == (1, 1)
    event_steps.undo(session, doing(world), trainings.MANNER, one, event_steps.history(session, one)[0].act)
    assert (quantity("training-people"), quantity("training-turns")) == (2, 2)
    assert set(session.scalars(select(TrainingMark.membership_id))) == {lan.id, bao.id}
    nightly.forget(clock.now() + timedelta(days=800))
    session.expire_all()
    assert not [row for row in session.scalars(select(PromotionStep)) if "marks" in (row.before or {})]


def test_what_is_known_of_a_reader_is_told_to_them_and_forgotten_with_them(world: World) -> None:
    session, lan, bao = db.session(), world.patron("Lan", class_name="5A"), world.patron("Bảo", class_name="5A")
    assert lan.class_id
    one = ticked(world, [lan.id, bao.id], lan.class_id)
    mine = clubs.found(session, doing(world), world.branch().id, clubs.NewClub("Bạn của sách", clock.today()))
    clubs.join(session, doing(world), mine, [lan.id, bao.id], clock.today())
    said = {"day": clock.today().isoformat(), "whom": "person", "given_by": "UBND", "reason": "Đọc nhiều"}
    who: list[event_steps.Plain] = [
        {"membership_id": lan.id}, {"name": lan.person.full_name}, {"name": bao.person.full_name},
    ]  # fmt: skip
    for named in who:
        commendations.record(session, doing(world), world.branch().id, said | named)
    (row,) = trainings.sessions_of(session, one)
    trainings.tick(session, doing(world), one, row, lan.class_id, [bao.id])
    trainings.tick(session, doing(world), one, row, lan.class_id, [lan.id, bao.id])
    told = own_data.of(session, lan)
    assert [len(told[part]) for part in ("clubs", "trainings", "commendations")] == [1, 1, 1]
    forgetting.forget_people(session, [lan.person_id])
    for what in (TrainingMark, ClubMember):
        assert session.scalars(select(what.membership_id)).all() == [bao.id]
    kept = session.execute(select(Commendation.membership_id, Commendation.name).order_by(Commendation.id))
    assert [tuple(row) for row in kept] == [(None, None), (None, None), (None, bao.person.full_name)]
    marks = [step.before["marks"] for step in session.scalars(select(PromotionStep)) if step.before]
    assert all(lan.id not in members for told in marks for members in told.values())
    event_steps.undo(session, doing(world), trainings.MANNER, one, event_steps.history(session, one)[0].act)
    assert session.scalars(select(TrainingMark.membership_id)).all() == [bao.id]


def test_the_name_of_somebody_commended_goes_after_five_years(world: World) -> None:
    said = {"day": clock.today().isoformat(), "whom": "person", "name": "Nông Văn Dền", "membership_id": None,
            "given_by": "UBND", "reason": "Tặng sách"}  # fmt: skip
    one = commendations.record(db.session(), doing(world), world.branch().id, said)
    commendations.change(db.session(), doing(world), one, {"name": "Nông Văn Dèn"})
    (last, first) = event_steps.history(db.session(), one)
    nightly.forget(clock.now() + timedelta(days=4 * 365))
    db.session.refresh(one)
    assert one.name == "Nông Văn Dèn"
    nightly.forget(clock.now() + timedelta(days=6 * 365))
    db.session.expire_all()
    assert db.session.scalars(select(Commendation.name)).one() is None
    assert [row.before for row in db.session.scalars(select(PromotionStep))] == [None, None]
    with pytest.raises(NotSo, match="forgotten"):
        event_steps.undo(db.session(), doing(world), commendations.MANNER, one, last.act)
    assert first.deed == "add"
    assert quantity("commended-person") == 1


def test_what_was_recorded_goes_on_under_the_successor(world: World) -> None:
    session, old, new = db.session(), world.school(), world.school("Trường Tiểu học Nông Thượng")
    for library in (old, new):
        event_types.add(session, library.id, "event", "Đọc dưới tán cây")
    event_types.add(session, old.id, "event", "Đọc bên suối")
    event_dates.say(session, old.id, "", {"name": "Ngày của trường", "first_month": 3, "first_day": 2, "last_month": 3,
                                          "last_day": 2, "hidden": False}, None)  # fmt: skip
    one = events.record(
        session,
        doing(world),
        world.branch().id,
        FACTS | {"first_on": clock.today().isoformat(), "people": {"pupils": 3}},
    )[0]
    what = inheriting.Succession(old, new, clock.today())
    inheriting.SUCCESSION["promotion"].take_over(session, what)
    names = event_types.offered(session, new.id, "event")
    assert {"doc-duoi-tan-cay", "doc-ben-suoi"} <= set(names)
    assert session.scalar(select(func.count()).where(EventType.library_id == old.id)) == 1, (
        "the successor has it already"
    )
    assert "ngay-cua-truong" in {dated.code for dated in event_dates.of_year(session, new.id, 2027)}
    assert [fact.quantity for fact in happenings.standing(session, one.uid)] == [1, 3]


def test_figures_as_known_before_a_change_are_those_that_were(world: World) -> None:
    session, said = db.session(), FACTS | {"first_on": clock.today().isoformat(), "people": {"pupils": 120}}
    (one,) = events.record(session, doing(world), world.branch().id, said)
    locked = clock.now()
    events.change(session, doing(world), one, said | {"people": {"pupils": 12, "teachers": 2}})
    assert not events.change(session, doing(world), one, said | {"people": {"pupils": 12, "teachers": 2}}), (
        "nothing new"
    )
    known = select(func.sum(Happening.quantity)).where(Happening.measure == "event-people")
    assert session.scalar(known.where(Happening.recorded_at <= locked)) == 120
    assert session.scalar(known) == 14


def test_a_class_on_two_lines_is_found_on_each(world: World) -> None:
    session, today = db.session(), clock.today().isoformat()
    for subjects in (
        ["internet-safety"],
        ["internet-safety", "digital"],
        ["staff", "literacy", "internet-safety"],
        ["other"],
    ):
        said = {"title": "Lớp", "subjects": subjects, "people": {}, "as_visits": False}
        lines = [{"day": today, "from_at": None, "topic": None, "came": {"pupils": 10}}]
        trainings.record(session, doing(world), world.branch().id, said, lines)
    lines_of = select(func.sum(Happening.quantity)).where(Happening.measure == "training")
    assert session.scalar(lines_of) == 4
    found = {
        code: session.scalar(lines_of.where(told_as(Happening.sort, code)))
        for code in ("internet-safety", "literacy", "net")
    }
    assert found == {"internet-safety": 3, "literacy": 1, "net": None}


@pytest.mark.parametrize(
    ("today", "codes"),
    [
        (date(2026, 9, 20), ["study-month", "lifelong-week", "study-day", "report-day"]),
        (date(2027, 1, 10), ["tet"]),
        (date(2026, 12, 30), ["tet"]),
        (date(2026, 7, 20), ["summer"]),
    ],
)
def test_what_comes_up_in_the_year(world: World, today: date, codes: list[str]) -> None:
    """Tết of 2027 is on 6 February."""
    found = event_dates.coming(db.session(), world.school().id, today)
    assert [one.code for one in found if one.code not in ("opening",)] == codes


def test_whatever_was_done_and_undone_figures_are_those_of_what_stands(world: World) -> None:
    """Random deeds on one event, each followed by a look; then all of them are taken back."""
    session, dice, today = db.session(), random.Random(8), clock.today()
    first = FACTS | {"first_on": today.isoformat(), "people": {"pupils": 30}}
    (one,) = events.record(session, doing(world), world.branch().id, first)

    def stands() -> None:
        held = [] if one.gone else list(events.MANNER.facts(session, one))
        assert Counter(happenings.told(row) for row in happenings.standing(session, one.uid)) == Counter(held)
        came = sum(one.people.values()) if one.as_visits and one.state is State.HELD and not one.gone else 0
        assert (session.scalar(select(func.sum(Visit.quantity))) or 0) == came

    for _ in range(25):
        people = {
            audience: dice.randint(1, 9)
            for audience in dice.sample(["pupils", "parents", "citizens"], dice.randint(0, 3))
        }
        day = (today - timedelta(days=dice.randint(0, 3))).isoformat()
        said = {
            "first_on": day,
            "people": people,
            "as_visits": dice.random() < 0.5,
            "type_code": dice.choice(["display", "seminar"]),
        }
        deed = dice.choice(["change", "change", "cancel", "undo"])
        latest = event_steps.history(session, one)
        standing = next(line for line in latest if line.undo)
        if deed == "undo" and standing.deed != "add":
            event_steps.undo(session, doing(world), events.MANNER, one, standing.act)
        elif one.state is not State.CANCELLED:
            events.cancel(session, doing(world), one) if deed == "cancel" else events.change(
                session, doing(world), one, said
            )
        stands()
    while not one.gone:
        last = next(line for line in event_steps.history(session, one) if line.undo)
        event_steps.undo(session, doing(world), events.MANNER, one, last.act)
        stands()
    with pytest.raises(NotFound):
        event_steps.undo(session, doing(world), events.MANNER, one, last.act)
