"""Sums made ahead of time tell what the ledgers tell: whatever is late, taken back, merged, forgotten or still to be added."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, update

from library.accounts.models import RoleName
from library.core import clock
from library.core.db import db, for_writing
from library.duplicates import merging
from library.inbox import acts
from library.inbox.acts import Doing
from library.jobs import nights, queue
from library.jobs.models import Job
from library.organisations import founding, tree
from library.organisations.models import Branch, Organisation, OrganisationKind
from library.privacy import forgetting
from library.reports import asking, people, rolling, rolling_nights, rolling_titles
from library.reports.asking import Ask
from library.reports.measures import Ledger
from library.reports.rolling_models import CopyUsed, PeopleCounted, RolledTitle, RollMark
from library.uses import counting
from library.uses.counting import Frozen
from library.uses.models import DocumentUse, UseKind, Visit, VisitKind, Visitor
from tests.reports.test_asking import total, used
from tests.support import people as signing
from tests.support import rotation
from tests.support.statements import counted
from tests.support.world import World, at

DIMS: tuple[tuple[str, ...], ...] = (
    (), ("day",), ("month",), ("unit",), ("group",), ("kind", "month"), ("branch", "month"),
)  # fmt: skip
MORE = {
    "uses": (("mode", "group"), ("book-class", "group"), ("level", "month"), ("book-class",)),
    "visits": (("sex",), ("access-need",)),
}
KINDS = (UseKind.CLASS_READ, UseKind.TALLY, UseKind.HONOUR, UseKind.DIGITAL)
WHO = ({"grade": 5, "class_name": "5A"}, {"grade": 3}, {"category": "GV"}, {"category": "citizen"}, {})


@dataclass
class Story:
    """Things happen at three branches of September 2026; the clock goes on by itself."""

    world: World
    branches: list[Branch]
    now: datetime = field(default_factory=lambda: at(3, 1))
    acts: list[int] = field(default_factory=list)
    locked: list[tuple[datetime, dict[Any, Any]]] = field(default_factory=list)
    merged: bool = False

    @property
    def session(self) -> Any:
        return self.world.session()

    def tick(self, hours: int) -> None:
        self.now += timedelta(hours=hours, minutes=1)

    def _act(self, branch: Branch, days_late: int) -> tuple[tuple[int, Any], datetime]:
        moment = max(self.now - timedelta(days=days_late), at(1, 1))
        doing = Doing(clock.uuid7(), branch_id=branch.id, at=moment)
        act = acts.write(self.session, doing, "tally", moment), doing.uid
        self.acts.append(act[0])
        return act, moment

    def use(self, where: int, what: int, who: int, many: int, late: int) -> None:
        act, moment = self._act(self.branches[where], late)
        more: dict[str, Any] = {
            **WHO[who],
            "class_mark": (None, "8(V)", "53(075)")[many % 3],
            "reading_level": many % 4 or None,
        }
        counting.tally(self.session, act, KINDS[what], many, moment, Frozen(self.branches[where].id, **more))

    def visit(self, where: int, what: int, who: int, many: int, late: int) -> None:
        act, moment = self._act(self.branches[where], late)
        more: dict[str, Any] = {**WHO[who], "sex": (None, "m", "f")[many % 3], "access_need": (None, "blind")[many % 2]}
        kind = list(VisitKind)[what]
        counting.visits(self.session, act, kind, many, moment, Frozen(self.branches[where].id, **more))

    def void(self, which: int) -> None:
        if self.acts:
            counting.undo(self.session, self.acts.pop(which % len(self.acts)))

    def roll(self, many: int) -> None:
        for ledger in rolling.LEDGERS:
            rolling.roll(self.session, ledger, many, self.now)

    def lock(self) -> None:
        self.locked.append((self.now, self.answers(self.now)))
        self.tick(1)

    def merge(self) -> None:
        """The second school goes into the first, in the middle of the week."""
        if self.merged:
            return
        self.merged = True
        self.now = self.now.replace(hour=1) + timedelta(days=1)
        with clock.stopped_at(self.now):
            old, new = (self.session.get_one(Organisation, self.branches[i].organisation_id) for i in (1, 0))
            founding.succeed(self.session, old, new, clock.day_of(self.now))

    def answers(self, known_at: datetime | None = None) -> dict[Any, Any]:
        found = {}
        for measure in ("uses", "visits", "visits-pupils"):
            for unit in self.units():
                one = Ask(measure, frozenset({unit}), date(2026, 8, 20), date(2026, 9, 28), known_at)
                for dims in (*DIMS, *MORE.get(measure, ())):
                    found[measure, unit, dims] = [
                        (row.keys, row.quantity) for row in asking.by(self.session, one, *dims)
                    ]
        return found

    def units(self) -> list[int]:
        """The province and the second school."""
        ids = self.session.scalars(select(Organisation.id).order_by(Organisation.id)).all()
        return [ids[0], ids[-1]]

    def by_hand(
        self, unit: int, model: Any, day: str, counts: Callable[[Any], bool], known_at: datetime | None = None
    ) -> int:
        """Row by row, by another reading of the tree."""
        found = 0
        for row in self.session.scalars(select(model)):
            on = getattr(row, day)
            below = tree.below([unit], tree.parentage_on(self.session, on))
            known = known_at is None or row.recorded_at <= known_at
            if known and counts(row) and row.branch_id in tree.branches_on(self.session, below, on):
                found += row.quantity
        return found


@contextmanager
def told_anew(world: World) -> Iterator[Story]:
    """A story that leaves nothing behind."""
    session = world.session()
    nested = session.begin_nested()
    try:
        ids = session.scalars(select(Branch.id).order_by(Branch.id)).all()
        yield Story(world, [session.get_one(Branch, one) for one in ids])
    finally:
        nested.rollback()
        session.expire_all()


SMALL = st.integers(0, 2)
STEP = st.one_of(
    st.tuples(st.just("use"), SMALL, st.integers(0, 3), st.integers(0, 4), st.integers(1, 9), st.integers(0, 9)),
    st.tuples(st.just("visit"), SMALL, st.integers(0, 7), st.integers(0, 4), st.integers(1, 40), st.integers(0, 9)),
    st.tuples(st.just("void"), st.integers(0, 9)),
    st.tuples(st.just("roll"), st.integers(1, 9)),
    st.tuples(st.just("tick"), st.integers(1, 40)),
    st.tuples(st.just("lock")),
    st.tuples(st.just("merge")),
)


@pytest.fixture
def three(world: World) -> World:
    """A province, a commune below it, two schools below that, since January."""
    session, since = world.session(), date(2026, 1, 1)
    province = founding.found(session, OrganisationKind.PROVINCE, "Tỉnh", since=since)
    commune = founding.found(session, OrganisationKind.COMMUNE, "Xã", province, since=since)
    founding.found(session, OrganisationKind.SCHOOL, "Trường Một", commune, since=since)
    founding.found(session, OrganisationKind.SCHOOL, "Trường Hai", commune, since=since)
    session.flush()
    return world


@settings(
    max_examples=10,
    phases=(Phase.generate,),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(STEP, min_size=4, max_size=22))
def test_sums_are_the_count_of_rows_and_what_was_locked_stays(three: World, steps: list[tuple[Any, ...]]) -> None:
    with told_anew(three) as story:
        story.branches = story.branches[2:] + story.branches[:1]
        for name, *rest in steps:
            with clock.stopped_at(story.now):
                getattr(story, name)(*rest)
            story.tick(1)
        with clock.stopped_at(story.now + timedelta(hours=1)):
            before = story.answers()
            story.roll(10_000)
            rolling.roll(story.session, Ledger.USE, 10_000, story.now + timedelta(days=1))
            rolling.roll(story.session, Ledger.VISIT, 10_000, story.now + timedelta(days=1))
            assert rolling.astray(story.session) == []
            assert story.answers() == before, "half rolled up and rolled up tell the same"
            for moment, answers in story.locked:
                now = {key: told for key, told in story.answers(moment).items() if key in answers}
                assert now == answers, "as known then"
            _compare(story)


def _compare(story: Story) -> None:
    """With rows counted one by one, now and as known at the last lock."""
    moments = [None, *(moment for moment, _ in story.locked[-1:])]
    for unit in story.units():
        for known_at in moments:
            span = (frozenset({unit}), date(2026, 8, 20), date(2026, 9, 28), known_at)
            uses = story.by_hand(unit, DocumentUse, "used_on", lambda row: row.kind is not UseKind.DIGITAL, known_at)
            came = story.by_hand(unit, Visit, "visited_on", lambda row: True, known_at)
            pupils = story.by_hand(unit, Visit, "visited_on", lambda row: row.grade is not None, known_at)
            told = [asking.total(story.session, Ask(one, *span)) for one in ("uses", "visits", "visits-pupils")]
            assert told == [uses, came, pupils]


def test_titles_and_copies_are_followed_also_when_a_use_is_taken_back(world: World) -> None:
    session, school = world.session(), world.school()
    first, second = world.items(2)
    other = world.item(record=world.record("Đất rừng phương Nam"))
    kept = {}
    for day, item in ((3, first), (9, first), (5, second), (6, other)):
        doing = world.doing(at(day))
        act = acts.write(session, doing, "lend", at(day)), doing.uid
        counting.record(session, act, item.id, UseKind.HOME, at(day), Frozen(world.branch().id))
        kept[day] = act[0]
    later = clock.now() + timedelta(hours=1)
    rolling.roll(session, Ledger.USE, 3, later)
    branches = [world.branch().id]
    assert rolling_titles.most_read(session, branches, *SEPTEMBER, 9) == [(first.record_id, 3), (other.record_id, 1)]
    assert rolling_titles.most_read(session, branches, *SEPTEMBER, 1) == [(first.record_id, 3)]
    counting.take_back(session, counting.standing(session, first.id)[kept[9]])
    counting.take_back(session, counting.standing(session, other.id)[kept[6]])
    while rolling.roll(session, Ledger.USE, 2, later):
        pass
    assert rolling_titles.most_read(session, branches, *SEPTEMBER, 9) == [(first.record_id, 2)]
    rows = {row.item_id: (row.last_on, row.uses) for row in session.scalars(select(CopyUsed))}
    assert rows == {first.id: (date(2026, 9, 3), 1), second.id: (date(2026, 9, 5), 1), other.id: (None, 0)}
    assert session.scalar(select(func.sum(RolledTitle.quantity))) == 2
    assert rolling.astray(session) == [] and rolling.ahead(session) == {}
    assert rolling.ahead(session, clock.now() - timedelta(days=900)) == {}, "what was rolled up waits for nobody"
    session.execute(update(RollMark).values(ready=False))
    session.execute(update(RolledTitle).values(quantity=9))
    session.execute(update(CopyUsed).values(uses=9))
    told = rolling_titles.most_read(session, branches, *SEPTEMBER, 9)
    assert told == [(first.record_id, 2)], "while they are made anew, the ledger tells"
    assert rolling.astray(session) == [f"{one}: {branches[0]}" for one in (rolling.TITLES, rolling.COPIES)]
    assert total(world, "uses", school) == 2


def test_a_title_merged_from_two_that_were_each_read_less_is_the_one_read_most(world: World) -> None:
    session = world.session()
    most, kept, gone, least = (world.item(record=world.record(f"Sách {name}")) for name in ("nhất", "hai", "ba", "bốn"))
    for day, (item, times) in enumerate(((most, 3), (kept, 2), (gone, 2), (least, 1)), 3):
        for _ in range(times):
            doing = world.doing(at(day))
            act = acts.write(session, doing, "lend", at(day)), doing.uid
            counting.record(session, act, item.id, UseKind.HOME, at(day), Frozen(world.branch().id))
    rolling.rebuild(session)
    titles = [one.record_id for one in (most, kept, gone, least)]
    merging.merge(session, world.doing(), kept.record, gone.record)
    branches = [world.branch().id]
    assert rolling_titles.most_read(session, branches, *SEPTEMBER, 1) == [(titles[1], 4)]
    told = [(titles[1], 4), (titles[0], 3), (titles[3], 1)]
    assert rolling_titles.most_read(session, branches, *SEPTEMBER, 9) == told


SEPTEMBER = (date(2026, 9, 1), date(2026, 9, 30))


def test_people_are_counted_when_a_month_closes_and_stay_when_their_names_go(world: World) -> None:
    session = world.session()
    readers = [world.patron(f"Học sinh Số {number}") for number in range(3)]
    for number, reader in enumerate(readers):
        for day in (5, 6):
            doing = world.doing(at(day, number))
            act = acts.write(session, doing, "visit", at(day, number)), doing.uid
            counting.visits(session, act, VisitKind.KIOSK, 1, at(day, number), Frozen(world.branch().id, grade=5))
            visit = session.scalar(select(func.max(Visit.id)))
            row = {"membership_id": reader.id, "branch_id": world.branch().id, "visited_on": date(2026, 9, day)}
            session.add(Visitor(visit_id=visit, **row))
    session.flush()
    assert total(world, "readers-active") == 3
    with clock.stopped_at(at(31)):
        while people.close(session, date(2026, 10, 1))[1]:
            pass
        assert people.close(session, date(2026, 10, 1)) == (0, False), "a day twice does nothing"
    spans = {(row.first_on, row.last_on) for row in session.scalars(select(PeopleCounted))}
    assert list(people.periods(date(2026, 7, 1)))[2] == (date(2026, 1, 1), date(2026, 6, 30)), "a half-year too"
    assert spans >= {(date(2026, 9, 1), date(2026, 9, 30)), (date(2026, 7, 1), date(2026, 9, 30))}
    uses = total(world, "visits")
    session.execute(Visitor.__table__.delete().where(Visitor.membership_id == readers[0].id))  # type: ignore[attr-defined]
    readers[0].to_on = clock.today()
    session.flush()
    forgetting.forget_people(session, [readers[0].person_id])
    with clock.stopped_at(at(32)):
        while people.close(session, date(2026, 10, 2))[1]:
            pass
    assert (total(world, "readers-active"), total(world, "visits")) == (3, uses)
    assert total(world, "readers-active", last=date(2026, 9, 29)) == 2, "of a span that never closed only names tell"


def test_the_night_the_job_and_the_command_make_the_sums_and_nothing_is_lost_between(app: Flask, world: World) -> None:
    session = world.session()
    with clock.stopped_at(clock.now() - timedelta(hours=2)):
        for day in range(2, 7):
            used(world, UseKind.TALLY, 10 * day, day, grade=4)
    used(world, UseKind.TALLY, 1, 8, grade=4)
    session.commit()
    while nights.STEPS["roll-up"][1](session, clock.today())[1]:
        session.commit()
    session.commit()
    mark = rolling.marks(session)[Ledger.USE]
    assert mark.last_id == 5, "what was written a moment ago waits"
    assert total(world) == 201
    with counted() as sent:
        assert total(world, only={"grade": 4}) == 201
    assert len(sent) <= 10
    rotation.account(world, "tu", RoleName.ADMINISTRATOR)
    session.commit()
    client = signing.sign_in(app, "tu")
    assert ">5<" in client.get("/settings/sums").get_data(as_text=True)
    for _ in range(2):
        assert client.post("/settings/sums").status_code == 303
    assert "Đang cộng lại" in client.get("/settings/sums").get_data(as_text=True)
    assert session.scalar(select(func.count()).select_from(Job).where(Job.kind == rolling_nights.KIND)) == 1
    session.rollback()
    queue.work_off(app)
    assert rolling.marks(db.session())[Ledger.USE] == mark and total(world) == 201
    runner = app.test_cli_runner()
    assert runner.invoke(args=["reports", "audit"]).exit_code == 0
    for_writing()
    session = db.session()
    session.execute(update(RollMark).values(ready=False))
    session.commit()
    assert nights.STEPS["roll-up"][1](session, clock.today()) == (0, False), "whoever makes them anew rolls them"
    session.execute(update(RollMark).values(ready=True))
    session.execute(rolling.Rolled.__table__.update().values(quantity=7))  # type: ignore[attr-defined]
    session.commit()
    wrong = runner.invoke(args=["reports", "audit"])
    assert wrong.exit_code == 1 and "Trường Tiểu học Xuất Hóa" in wrong.output
    assert runner.invoke(args=["reports", "rebuild"]).exit_code == 0
    assert runner.invoke(args=["reports", "audit"]).exit_code == 0
