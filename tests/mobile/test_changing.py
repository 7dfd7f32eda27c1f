"""Storm: a visit is skipped, moved, suspended. Due dates go later, never earlier, and all of it comes back at once."""

from datetime import date, timedelta
from random import Random

import pytest
from sqlalchemy import func, select

from library.calendars.openings import calendar_of
from library.core import clock
from library.inbox.acts import AlreadyUndone
from library.inbox.models import Act
from library.loans import closing, closing_jobs
from library.loans.closing import TooLate
from library.loans.models import DueMove, DueShift, EndWhy, Loan
from library.mobile import changing, notices, openings_of, routes, trips
from library.mobile.errors import NotDone
from library.mobile.models import Stop, StopVisit, Trip, TripState, VisitChange, VisitState
from library.mobile.visit_states import STANDING, NotThatWay
from tests.mobile.fleet import Fleet, day
from tests.support.world import World


@pytest.fixture
def fleet(world: World) -> Fleet:
    return Fleet(world)


def is_open(fleet: Fleet, stop: Stop, on: date) -> bool:
    return calendar_of(fleet.session, stop.place.branch_id, on, stop.place_id).is_open(on)


def test_a_skipped_visit_moves_what_is_due_to_the_next_one(fleet: Fleet) -> None:
    stop, other = fleet.stop(), fleet.stop("TH Ngân Sơn")
    trip = fleet.trip(day(3), stop, other)
    fleet.trip(day(17), stop)
    here, elsewhere, later = fleet.lent(stop, day(3), 2), fleet.lent(other, day(3)), fleet.lent(stop, day(17))
    hold = fleet.kept(stop, day(3))
    change = changing.skip(fleet.session, fleet.doing(), fleet.visit(trip, stop), "storm")
    assert [fleet.due(one) for one in here] == [day(17)] * 2
    assert fleet.keep_until(hold) == day(17), "what waits for a reader waits on"
    assert fleet.due(elsewhere[0]) == day(3), "the other stop is called at"
    assert fleet.due(later[0]) == day(17)
    assert not is_open(fleet, stop, day(3))
    visit = fleet.visit(trip, stop)
    assert (visit.state, visit.why, visit.sequence) == (VisitState.SKIPPED, "storm", 1)
    assert change.facts["dates"] == 3
    (fact,) = change.facts["visits"]
    assert (fact["day"], fact["to_day"], fact["next_on"]) == (day(3).isoformat(), None, day(17).isoformat())
    assert trip.state is TripState.PLANNED


def test_undo_puts_everything_back(fleet: Fleet) -> None:
    stop = fleet.stop()
    trip = fleet.trip(day(3), stop)
    fleet.trip(day(17), stop)
    (loan,), hold = fleet.lent(stop, day(3)), fleet.kept(stop, day(3))
    change = changing.skip(fleet.session, fleet.doing(), fleet.visit(trip, stop), "storm")
    assert trip.state is TripState.CANCELLED, "a trip that calls nowhere does not go"
    changing.undo(fleet.session, fleet.doing(), change)
    assert (fleet.due(loan), fleet.keep_until(hold)) == (day(3), day(3))
    visit = fleet.visit(trip, stop)
    assert (visit.state, visit.why, visit.changed_by, visit.sequence) == (VisitState.PLANNED, None, None, 2)
    assert is_open(fleet, stop, day(3))
    assert trip.state is TripState.PLANNED
    acts_of = select(func.count()).where(Act.kind.in_(("change-visits", "move-due")), Act.voided_by.is_(None))
    assert fleet.session.scalar(acts_of) == 0, "the act and its shifts are void"
    with pytest.raises(AlreadyUndone):
        changing.undo(fleet.session, fleet.doing(), change)


def test_what_was_renewed_or_returned_meanwhile_is_left_alone(fleet: Fleet) -> None:
    stop = fleet.stop()
    trip = fleet.trip(day(3), stop)
    fleet.trip(day(17), stop)
    kept, back = fleet.lent(stop, day(3), 2)
    change = changing.skip(fleet.session, fleet.doing(), fleet.visit(trip, stop), "storm")
    fleet.session.get_one(Loan, back).due_on = day(20)
    fleet.session.flush()
    changing.undo(fleet.session, fleet.doing(), change)
    assert (fleet.due(kept), fleet.due(back)) == (day(3), day(20))


def test_without_another_visit_dates_stay(fleet: Fleet) -> None:
    """Nobody knows when the vehicle comes: no date is made up."""
    stop = fleet.stop()
    trip = fleet.trip(day(3), stop)
    (loan,) = fleet.lent(stop, day(3))
    change = changing.skip(fleet.session, fleet.doing(), fleet.visit(trip, stop), "road")
    assert fleet.due(loan) == day(3)
    assert change.facts["visits"][0]["next_on"] is None


def test_a_visit_moves_to_a_later_day(fleet: Fleet) -> None:
    stop, other = fleet.stop(), fleet.stop("TH Ngân Sơn")
    trip = fleet.trip(day(3), stop, other)
    (loan,) = fleet.lent(stop, day(3))
    change = changing.move(fleet.session, fleet.doing(), fleet.visit(trip, stop), day(5), "storm")
    old = fleet.session.scalars(
        select(StopVisit).where(StopVisit.trip_id == trip.id, StopVisit.stop_id == stop.id)
    ).one()
    assert old.state is VisitState.MOVED
    new = fleet.session.get_one(StopVisit, old.moved_to_id)
    assert (new.day, new.from_at, new.state) == (day(5), old.from_at, VisitState.PLANNED)
    assert [one.name for one in new.trip.crew] == [one.name for one in trip.crew], "the same people go"
    assert fleet.due(loan) == day(5)
    assert (is_open(fleet, stop, day(3)), is_open(fleet, stop, day(5))) == (False, True)
    changing.undo(fleet.session, fleet.doing(), change)
    assert fleet.due(loan) == day(3)
    assert (is_open(fleet, stop, day(3)), is_open(fleet, stop, day(5))) == (True, False)
    assert new.trip.state is TripState.CANCELLED


def test_a_visit_that_comes_earlier_changes_no_date(fleet: Fleet) -> None:
    stop = fleet.stop()
    trip = fleet.trip(day(9), stop)
    fleet.trip(day(23), stop)
    (loan,) = fleet.lent(stop, day(9))
    changing.move(fleet.session, fleet.doing(), fleet.visit(trip, stop), day(4), "school-asked")
    assert fleet.due(loan) == day(9)
    assert fleet.session.scalar(select(func.count()).select_from(DueShift)) == 0


def test_a_visit_joins_the_trip_of_its_new_day(fleet: Fleet) -> None:
    stop, other = fleet.stop(), fleet.stop("TH Ngân Sơn")
    trip, there = fleet.trip(day(3), stop), fleet.trip(day(5), other)
    changing.move(fleet.session, fleet.doing(), fleet.visit(trip, stop), day(5), "storm")
    new = fleet.visit(there, stop)
    assert new is not None
    assert new.from_at >= fleet.visit(there, other).to_at, "after the stop it calls at already"
    assert there.back_at >= new.to_at
    assert fleet.session.scalar(select(func.count()).where(Trip.day == day(5))) == 1


def test_a_whole_trip_moves_in_one_act(fleet: Fleet) -> None:
    one, other = fleet.stop(), fleet.stop("TH Ngân Sơn")
    trip = fleet.trip(day(3), one, other)
    loans = [*fleet.lent(one, day(3)), *fleet.lent(other, day(3))]
    change = changing.move_trip(fleet.session, fleet.doing(), trip, day(4), "breakdown")
    assert [fleet.due(loan) for loan in loans] == [day(4)] * 2
    assert trip.state is TripState.CANCELLED
    moved = fleet.session.scalars(select(Trip).where(Trip.day == day(4))).one()
    assert [visit.stop_id for visit in moved.visits] == [one.id, other.id]
    assert (moved.leaves_at, moved.back_at) == (trip.leaves_at, trip.back_at)
    changing.undo(fleet.session, fleet.doing(), change)
    assert [fleet.due(loan) for loan in loans] == [day(3)] * 2
    assert (trip.state, moved.state) == (TripState.PLANNED, TripState.CANCELLED)


@pytest.mark.parametrize(("to", "code"), [(-1, "past"), (3, "same-day")])
def test_a_visit_does_not_move_where_it_cannot_be(fleet: Fleet, to: int, code: str) -> None:
    stop = fleet.stop()
    trip = fleet.trip(day(3), stop)
    with pytest.raises(NotDone, match=code):
        changing.move(fleet.session, fleet.doing(), fleet.visit(trip, stop), day(to), "storm")


def test_a_visit_does_not_move_to_a_day_with_another(fleet: Fleet) -> None:
    stop = fleet.stop()
    trip, _ = fleet.trip(day(3), stop), fleet.trip(day(17), stop)
    with pytest.raises(NotDone, match="twice"):
        changing.move(fleet.session, fleet.doing(), fleet.visit(trip, stop), day(17), "storm")


def test_what_is_left_out_is_not_left_out_again(fleet: Fleet) -> None:
    stop = fleet.stop()
    visit = fleet.visit(fleet.trip(day(3), stop), stop)
    changing.skip(fleet.session, fleet.doing(), visit, "storm")
    with pytest.raises(NotThatWay):
        changing.skip(fleet.session, fleet.doing(), visit, "storm")
    with pytest.raises(NotThatWay):
        changing.move(fleet.session, fleet.doing(), visit, day(5), "storm")


def test_a_stop_is_suspended_from_to(fleet: Fleet) -> None:
    stop, other = fleet.stop(), fleet.stop("TH Ngân Sơn")
    first, second, third = (fleet.trip(day(ahead), stop, other) for ahead in (3, 10, 17))
    due = [fleet.lent(stop, day(ahead))[0] for ahead in (3, 10, 17)]
    change = changing.suspend(fleet.session, fleet.doing(), stop, day(1), day(12), "Trường thi học kỳ")
    assert [fleet.due(one) for one in due] == [day(17)] * 3
    states = [fleet.visit(trip, stop).state for trip in (first, second, third)]
    assert states == [VisitState.SKIPPED, VisitState.SKIPPED, VisitState.PLANNED]
    assert fleet.visit(first, other).state is VisitState.PLANNED, "the other stop is called at"
    with pytest.raises(NotDone, match="stop-suspended"):
        fleet.trip(day(11), stop)
    changing.undo(fleet.session, fleet.doing(), change)
    assert [fleet.due(one) for one in due] == [day(3), day(10), day(17)]
    fleet.trip(day(11), stop)


def test_a_vehicle_is_suspended(fleet: Fleet) -> None:
    stop = fleet.stop()
    trip = fleet.trip(day(3), stop)
    later = fleet.trip(day(20), stop)
    (loan,) = fleet.lent(stop, day(3))
    changing.suspend(fleet.session, fleet.doing(), fleet.vehicle, day(2), day(5), "breakdown")
    assert fleet.due(loan) == day(20)
    assert (trip.state, later.state) == (TripState.CANCELLED, TripState.PLANNED)
    with pytest.raises(NotDone, match="vehicle-suspended") as told:
        fleet.trip(day(4), stop)
    assert told.value.reasons[0].facts["why"] == "xe hỏng"


def test_a_trip_is_cancelled_before_it_leaves(fleet: Fleet) -> None:
    stop = fleet.stop()
    trip, _ = fleet.trip(clock.today(), stop), fleet.trip(day(14), stop)
    (loan,) = fleet.lent(stop, clock.today())
    change = changing.cancel(fleet.session, fleet.doing(), trip, "storm")
    assert (trip.state, trip.cancelled_why) == (TripState.CANCELLED, "storm")
    assert fleet.due(loan) == day(14)
    changing.undo(fleet.session, fleet.doing(), change)
    assert (trip.state, fleet.due(loan)) == (TripState.PLANNED, clock.today())
    trips.advance(fleet.session, fleet.doing(), trip, TripState.ON_ROAD)
    with pytest.raises(NotDone, match="has-left"):
        changing.cancel(fleet.session, fleet.doing(), trip, "storm")


def test_a_change_is_not_undone_once_something_stands_on_it(fleet: Fleet) -> None:
    stop = fleet.stop()
    trip = fleet.trip(day(3), stop)
    first = changing.move(fleet.session, fleet.doing(), fleet.visit(trip, stop), day(5), "storm")
    moved = fleet.session.scalars(select(Trip).where(Trip.day == day(5))).one()
    second = changing.move(fleet.session, fleet.doing(), fleet.visit(moved, stop), day(8), "storm")
    with pytest.raises(NotDone, match="stands-on-it"):
        changing.undo(fleet.session, fleet.doing(), first)
    changing.undo(fleet.session, fleet.doing(), second)
    changing.undo(fleet.session, fleet.doing(), first)
    assert fleet.visit(trip, stop).state is VisitState.PLANNED


def test_a_change_of_a_day_gone_by_stays(fleet: Fleet) -> None:
    stop = fleet.stop()
    trip = fleet.trip(day(1), stop)
    change = changing.skip(fleet.session, fleet.doing(), fleet.visit(trip, stop), "storm")
    with clock.stopped_at(clock.now() + timedelta(days=3)), pytest.raises(NotDone, match="day-gone"):
        changing.undo(fleet.session, fleet.doing(), change)
    with clock.stopped_at(clock.now() + timedelta(days=9)), pytest.raises(TooLate):
        changing.undo(fleet.session, fleet.doing(), change)


def test_the_night_finds_what_was_lent_while_the_visit_was_skipped(fleet: Fleet) -> None:
    """And leaves the loans of the branch's own desk alone, whatever its calendar says of the stop's day."""
    stop = fleet.stop()
    trip, _ = fleet.trip(day(3), stop), fleet.trip(day(17), stop)
    changing.skip(fleet.session, fleet.doing(), fleet.visit(trip, stop), "storm")
    (late,) = fleet.lent(stop, day(3))
    (desk,) = fleet.lent(stop, day(3))
    fleet.session.get_one(Loan, desk).place_id = None
    fleet.session.flush()
    closing_jobs.catch_up(fleet.session, clock.today())
    assert (fleet.due(late), fleet.due(desk)) == (day(17), day(3))


def test_a_closure_of_the_branch_moves_loans_of_a_stop_to_its_next_visit(fleet: Fleet) -> None:
    """Not to the next day on which the branch itself opens."""
    from library.calendars import opening_days
    from library.calendars.opening_days import Whose

    stop = fleet.stop()
    fleet.trip(day(3), stop)
    fleet.trip(day(17), stop)
    (at_stop,), (desk,) = fleet.lent(stop, day(3)), fleet.lent(stop, day(3))
    fleet.session.get_one(Loan, desk).place_id = None
    fleet.session.flush()
    opening_days.close(fleet.session, Whose(branch_id=fleet.vehicle.branch_id), day(2), day(4), "Họp")
    reach = closing.Reach(fleet.library.id, fleet.vehicle.branch_id, day(2), day(4))
    shift = closing.begin(fleet.session, fleet.doing(), reach, "Họp")
    closing.move(fleet.session, shift)
    assert (fleet.due(at_stop), fleet.due(desk)) == (day(17), day(5))


def test_a_route_is_suspended(fleet: Fleet) -> None:
    from datetime import time

    from library.mobile.routes import NewVersion
    from library.mobile.trips import Call
    from tests.mobile.fleet import CREW

    stop = fleet.stop()
    said = NewVersion(
        day(0), {"every_weeks": 1, "weekdays": list(range(7))}, [Call(stop, time(8), time(10))], time(7), time(11)
    )  # fmt: skip
    route = routes.found(fleet.session, fleet.doing(), fleet.library, "Tuyến Ngân Sơn", said, fleet.vehicle)
    made = routes.plan_days(fleet.session, fleet.doing(), route, fleet.vehicle, [day(2), day(4)], CREW)
    changing.suspend(fleet.session, fleet.doing(), route, day(1), day(3), "Sạt lở")
    assert [trip.state for trip in made] == [TripState.CANCELLED, TripState.PLANNED]
    told = {one.day: [reason.code for reason in one.against] for one in
            routes.propose(fleet.session, route, fleet.vehicle, day(1), day(5))}  # fmt: skip
    assert told[day(1)] == ["route-suspended"]
    assert told[day(5)] == []


class Model:
    """What must hold after any sequence of changes and undoings."""

    def __init__(self, fleet: Fleet, stops: list[Stop]) -> None:
        self.fleet, self.stops = fleet, stops

    def check(self) -> None:
        for stop in self.stops:
            query = select(StopVisit.day).join(Trip, Trip.id == StopVisit.trip_id).where(StopVisit.stop_id == stop.id)
            days = set(self.fleet.session.scalars(
                query.where(StopVisit.state.in_(STANDING), Trip.state != TripState.CANCELLED)
            ))  # fmt: skip
            calendar = calendar_of(self.fleet.session, stop.place.branch_id, day(0), stop.place_id)
            assert (calendar.openings or frozenset()) == days, "a stop opens on the days of its visits"


def one_deed(fleet: Fleet, made: list[Trip], stops: list[Stop], changes: list[VisitChange], dice: Random) -> bool:
    """A change, or the last one undone; whether dates may have come back."""
    trip, ahead = dice.choice(made), dice.randint(1, 40)
    visit = dice.choice(trip.visits)
    deed = dice.choice(("skip", "move", "move-trip", "suspend", "cancel", "undo"))
    if deed == "skip":
        changes.append(changing.skip(fleet.session, fleet.doing(), visit, "storm"))
    elif deed == "move":
        changes.append(changing.move(fleet.session, fleet.doing(), visit, day(ahead), "storm"))
    elif deed == "move-trip":
        changes.append(changing.move_trip(fleet.session, fleet.doing(), trip, day(ahead), "storm"))
    elif deed == "suspend":
        of = dice.choice([*stops, fleet.vehicle])
        changes.append(changing.suspend(fleet.session, fleet.doing(), of, day(ahead), day(ahead + 8), "thi"))
    elif deed == "cancel":
        changes.append(changing.cancel(fleet.session, fleet.doing(), trip, "storm"))
    elif changes:
        changing.undo(fleet.session, fleet.doing(), changes[-1])
        changes.pop()
        return True
    return False


@pytest.mark.parametrize("seed", range(6))
def test_dates_only_go_later_and_come_back_whole(fleet: Fleet, seed: int) -> None:
    """Any changes, then all undone from the last: nothing has happened."""
    dice, stops = Random(seed), [fleet.stop(), fleet.stop("TH Ngân Sơn")]
    made = [fleet.trip(day(ahead), *stops) for ahead in (3, 10, 17, 24)]
    loans = {loan: due for due in (3, 10, 17) for stop in stops for loan in fleet.lent(stop, day(due))}
    model, changes, done = Model(fleet, stops), list[VisitChange](), 0
    for _ in range(12):
        before = {loan: fleet.due(loan) for loan in loans}
        try:
            with fleet.session.begin_nested():
                back = one_deed(fleet, made, stops, changes, dice)
        except (NotDone, NotThatWay):
            continue
        done += 1
        model.check()
        assert back or all(fleet.due(loan) >= due for loan, due in before.items()), "only ever later"
    for change in reversed(changes):
        changing.undo(fleet.session, fleet.doing(), change)
    assert done > 3
    assert {loan: fleet.due(loan) for loan in loans} == {loan: day(due) for loan, due in loans.items()}
    model.check()
    assert not fleet.session.scalar(select(func.count()).where(VisitChange.undone_at.is_(None)))
    assert not fleet.session.scalar(select(func.count()).where(DueMove.undone.is_(False)))
    standing = StopVisit.state.in_(STANDING) & (Trip.state != TripState.CANCELLED)
    rows = select(func.count()).select_from(StopVisit).join(Trip, Trip.id == StopVisit.trip_id).where(standing)
    assert fleet.session.scalar(rows) == 8


def test_next_after_knows_visits_only(fleet: Fleet) -> None:
    stop = fleet.stop()
    assert openings_of.next_after(fleet.session, stop, day(0)) is None
    fleet.trip(day(3), stop)
    assert openings_of.next_after(fleet.session, stop, day(0)) == day(3)
    assert openings_of.next_after(fleet.session, stop, day(3)) is None


def test_readers_whose_day_moved_are_listed_by_name(fleet: Fleet) -> None:
    stop = fleet.stop()
    trip = fleet.trip(day(3), stop)
    fleet.trip(day(17), stop)
    back, still = fleet.lent(stop, day(3), 2)
    fleet.kept(stop, day(3))
    change = changing.skip(fleet.session, fleet.doing(), fleet.visit(trip, stop), "storm")
    returned = fleet.session.get_one(Loan, back)
    returned.ended_at, returned.ended_why = clock.now(), EndWhy.RETURNED
    fleet.session.flush()
    told = notices.moved(fleet.session, change)
    assert [(one.stop, one.before, one.after, one.count) for one in told] == [(stop.place.name, day(3), day(17), 1)] * 2
    assert "Triệu Thị Mai" in [one.name for one in told] and fleet.due(still) == day(17)
    changing.undo(fleet.session, fleet.doing(), change)
    assert notices.moved(fleet.session, change) == []
