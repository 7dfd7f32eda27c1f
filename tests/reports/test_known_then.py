"""States as they were known: copies, titles, losses, late loans and readers of a locked figure are those of its moment."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from library.audit import Trace
from library.core import clock
from library.duplicates import merging
from library.holdings import accessions
from library.holdings.models import PlaceKind
from library.inbox import acts
from library.inbox.acts import Doing
from library.loans import compensation, compensation_ending, deeds, marks
from library.loans.compensation import Asking
from library.loans.compensation_ending import Ending
from library.loans.deeds import Lending, Renewing
from library.loans.models import Compensation, Harm, Loan, Settled
from library.patrons import changing
from library.reports import asking, holding, records, tree
from library.reports.asking import Ask
from library.staging.models import Load, LoadState
from library.uses.counting import Frozen
from tests.support.world import World, at

STATES = ("copies", "titles", "copies-added", "copies-lost", "loans-overdue", "readers")
HA = UUID(int=1)


class Story:
    """A library through a September. After every day that something happened: what its figures were, and that moment."""

    def __init__(self, world: World) -> None:
        self.world, self.session = world, world.session()
        self.school, self.branch = world.school(), world.branch()
        with clock.stopped_at(at(1)):
            self.reader = world.patron()
            self.items = world.items(5, at=at(1))
        self.known: list[tuple[datetime, dict[str, int]]] = []

    def ask(self, measure: str, known_at: datetime | None = None) -> Ask:
        return Ask(measure, frozenset({self.school.id}), date(2026, 9, 1), date(2026, 9, 30), known_at)

    def answers(self, known_at: datetime | None = None) -> dict[str, int]:
        return {one: asking.total(self.session, self.ask(one, known_at)) for one in STATES}

    def day(self, day: int, *deeds_: Callable[[], Any]) -> Any:
        """Done on that day, one a minute; what the last of them gives."""
        for minute, deed in enumerate(deeds_):
            with clock.stopped_at(at(day, minute=minute)):
                done = deed()
        self.session.flush()
        with clock.stopped_at(at(day, 12)):
            self.known.append((clock.now(), self.answers()))
        return done

    def by(self, when: datetime | None = None) -> Doing:
        return Doing(clock.uuid7(), HA, self.branch.id, at=when)

    def place(self, kind: PlaceKind = PlaceKind.STACKS) -> tuple[int, int]:
        return self.world.place(kind).id, self.branch.id

    def lend(self, item: int, due: int) -> Doing:
        doing, copy = self.by(), self.items[item]
        what = Lending(copy.id, copy.uid, self.reader.id, date(2026, 9, due), Frozen(self.branch.id))
        deeds.lend(self.session, doing, what, self.place(PlaceKind.WITH_PATRONS), clock.now())
        return doing

    def loan(self, item: int) -> int:
        query = select(Loan.id).where(Loan.item_id == self.items[item].id).order_by(Loan.id.desc())
        return self.session.scalars(query.limit(1)).one()

    def back(self, item: int, when: datetime | None = None) -> Doing:
        doing, copy = self.by(when), self.items[item]
        deeds.take_in(self.session, doing, (copy.id, copy.uid), self.place(), when or clock.now())
        return doing

    def renew(self, item: int, due: int) -> Doing:
        doing, copy = self.by(), self.items[item]
        what = Renewing(self.loan(item), date(2026, 9, due))
        deeds.renew(self.session, doing, (copy.id, copy.uid), what, None, clock.now())
        return doing

    def undo(self, what: Doing) -> None:
        act = acts.by_uid(self.session, what.uid)
        assert act
        deeds.undo(self.session, self.by(), act)
        self.session.expire_all()

    def lose(self, item: int) -> Doing:
        doing = self.by()
        marks.lost(self.session, doing, self.loan(item))
        return doing

    def write_off(self, item: int, harm: Harm = Harm.LOST) -> Compensation:
        loan = self.loan(item) if harm is Harm.LOST else None
        asked = compensation.ask(self.session, self.by(), Asking(self.items[item].id, harm, 1000, loan, self.reader.id))
        with clock.stopped_at(clock.now() + timedelta(seconds=1)):
            compensation_ending.settle(self.session, self.by(), asked.id, Ending(Settled.PAID, 1000, write_off=True))
        return asked

    def take_back_a_list(self) -> None:
        """Two copies of a list, struck out as the page that takes lists back does it."""
        load = self.session.scalars(select(Load)).one()
        mine = [item.id for item in self.listed]
        self.session.add(Trace(at=clock.now(), verb="undo-list", kind="books", subject=str(load.uid)))
        load.state = LoadState.UNDONE
        accessions.strike_out(self.session, mine, "nhầm")

    def bring_a_list(self) -> None:
        self.listed = self.world.items(2, record=self.world.record("Góc sân và khoảng trời"), at=clock.now())
        act = self.session.scalars(select(acts.Act.id).order_by(acts.Act.id.desc()).limit(1)).one()
        self.session.add(
            Load(
                uid=clock.uuid7(), kind="books", library_id=self.school.id, branch_id=self.branch.id, file_key="x",
                file_name="x", choices={}, state=LoadState.APPLIED, act_id=act, made_at=clock.now(),
            )
        )  # fmt: skip
        self.session.flush()


@pytest.fixture
def story(world: World) -> Story:
    return Story(world)


def told(story: Story) -> Iterator[tuple[dict[str, int], dict[str, int]]]:
    for moment, then in story.known:
        yield story.answers(moment), then


def test_a_state_as_known_then_stays_whatever_happens_later(story: Story) -> None:
    session = story.session
    story.day(2, lambda: story.lend(0, 9), lambda: story.lend(1, 9), lambda: story.lend(2, 9))
    late = story.day(3, story.bring_a_list, lambda: story.lend(3, 9))
    renewed = story.day(10, lambda: story.renew(0, 29))
    story.day(11, lambda: story.undo(renewed), lambda: story.back(1, at(4)))  # a scan of the 4th, told on the 11th
    back = story.day(12, lambda: story.back(2))
    lost = story.day(13, lambda: story.undo(back), lambda: story.lose(0))
    story.day(14, lambda: story.undo(lost), lambda: story.undo(late), story.take_back_a_list)
    off = story.day(15, lambda: story.lose(2), lambda: story.write_off(2))
    damaged = story.day(16, lambda: story.write_off(4, Harm.DAMAGED))
    story.day(17, lambda: compensation_ending.take_up(session, story.by(), damaged.id, story.branch.id))
    other = story.world.record("Đất rừng phương Nam")
    with clock.stopped_at(at(18)):
        story.items += story.world.items(1, record=other, at=at(18))
    kept = story.items[0].record
    merged = story.day(19, lambda: merging.merge(session, story.by(), kept, other))
    story.day(20, lambda: merging.split(session, story.by(), merged), lambda: changing.end(session, story.reader))
    story.day(21, lambda: story.back(2))
    assert off.written_off_by
    for again, then in told(story):
        assert again == then
    assert story.answers(clock.now()) == story.answers()
    counted = {one: [then[one] for _moment, then in story.known] for one in STATES}
    assert {one: len(set(many)) > 1 for one, many in counted.items()} == dict.fromkeys(STATES, True)


def test_a_book_that_was_paid_for_is_lost_still_and_one_that_was_found_is_not(story: Story) -> None:
    story.day(2, lambda: story.lend(0, 9), lambda: story.lend(1, 9))
    story.day(3, lambda: story.lose(0), lambda: story.lose(1))
    story.day(4, lambda: story.write_off(0), lambda: story.back(1))
    assert [then["copies-lost"] for _moment, then in story.known] == [0, 2, 1]
    rows = records.records(story.session, story.ask("copies-lost")).rows
    assert [(row.day, row.quantity) for row in rows] == [(date(2026, 9, 4), 1)], "its minutes say so once more"


def test_copies_and_titles_of_several_days_are_counted_in_one_look(story: Story) -> None:
    session, other = story.session, story.world.record("Đất rừng phương Nam")
    story.day(2, lambda: story.lend(0, 9), lambda: story.lend(1, 9))
    story.day(4, lambda: story.lose(0), lambda: story.write_off(0))
    story.day(6, lambda: story.world.items(3, record=other, at=at(6)))
    story.day(8, lambda: story.write_off(1))
    asked = [replace(story.ask("copies"), last=date(2026, 9, day)) for day in (3, 5, 7, 9)]
    apart = [tuple(asking.total(session, replace(one, measure=code)) for code in ("copies", "titles")) for one in asked]
    known = tree.load(session)
    together = holding.copies_and_titles(session, [asking.places(known, one)[-1] for one in asked])
    assert together == apart == [(5, 1), (4, 1), (7, 2), (6, 2)]


def test_a_correction_tells_what_came_and_what_went(story: Story) -> None:
    story.day(2, lambda: story.lend(0, 9), lambda: story.lend(1, 9))
    moment, then = story.known[-1]
    assert then["loans-overdue"] == 2 and then["copies"] == 5
    story.day(10, lambda: story.back(0), lambda: story.write_off(1), story.bring_a_list)

    def later(measure: str) -> list[tuple[int, date]]:
        page = records.records(story.session, story.ask(measure, moment), later=True)
        return sorted((row.quantity, clock.day_of(row.recorded_at)) for row in page.rows)

    tenth = date(2026, 9, 10)
    assert later("loans-overdue") == [(-1, tenth), (-1, tenth)]
    assert later("copies") == [(-1, tenth), (1, tenth), (1, tenth)]
    assert later("titles") and later("copies-added") == [(1, tenth), (1, tenth)]
    assert later("copies-lost") == [(1, tenth)] and later("readers") == []
    for measure in ("copies", "copies-lost", "loans-overdue"):
        now, was = (asking.total(story.session, story.ask(measure, known)) for known in (None, moment))
        assert sum(quantity for quantity, _day in later(measure)) == now - was
        assert records.records(story.session, story.ask(measure, moment)).total == was
