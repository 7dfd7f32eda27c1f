"""What is due at a stop is due on a day the vehicle comes, however often the days change; and undoing keeps its order."""

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from library.calendars.days import Calendar
from library.core import clock
from library.inbox.models import Act
from library.jobs.nights import STEPS
from library.loans import closing_places, deeds, desk
from library.loans.desk import Desk
from library.loans.happened import Answer, Scan, What
from library.loans.models import DueShift, Loan
from library.mobile import changing, due_days, stop_lending
from library.mobile.errors import NotDone
from library.mobile.models import StopVisit, Trip, TripState
from library.policies.values import Channel
from tests.mobile.fleet import Fleet, day
from tests.mobile.van import LATER, Van, van
from tests.support.policies import lends
from tests.support.statements import counted
from tests.support.world import World


@pytest.fixture
def fleet(world: World) -> Fleet:
    return Fleet(world)


def moved(fleet: Fleet, on: date) -> Trip:
    return fleet.session.scalars(select(Trip).where(Trip.day == on, Trip.state != TripState.CANCELLED)).one()


def dues(fleet: Fleet, loans: list[int]) -> list[date]:
    fleet.session.expire_all()
    return [fleet.due(one) for one in loans]


D = date(2026, 11, 1)


@pytest.mark.parametrize(
    ("opens", "days", "told", "expected"),
    [
        ([17], [3], [], [(3, 16)]),
        ([17], [3, 10], [], [(3, 16)]),
        ([10, 17], [3, 12], [], [(3, 9), (12, 16)]),
        ([17], [3, 10], [8], [(3, 7), (10, 16)]),
        ([17], [3], [3], []),
        ([], [3, 10], [], [(3, 10)]),
    ],
)
def test_spans_never_hold_a_day_that_was_told(
    opens: list[int], days: list[int], told: list[int], expected: list[tuple[int, int]]
) -> None:
    on = [D + timedelta(days=one) for one in opens]
    found = closing_places.spans(
        Calendar(openings=frozenset(on)), [D + timedelta(one) for one in days], [D + timedelta(one) for one in told]
    )
    assert [((first - D).days, (last - D).days) for first, last in found] == expected


# 1: what is left on a lost day joins the next visit


def test_a_trip_that_is_planned_later_takes_what_is_left_on_lost_days(fleet: Fleet) -> None:
    stop = fleet.stop()
    trip = fleet.trip(day(3), stop)
    loans, hold = [*fleet.lent(stop, day(3)), *fleet.lent(stop, day(30))], fleet.kept(stop, day(3))
    change = changing.skip(fleet.session, fleet.doing(), fleet.visit(trip, stop), "storm")
    assert dues(fleet, loans) == [day(3), day(30)], "nobody knows when the vehicle comes"
    fleet.trip(day(17), stop)
    assert dues(fleet, loans) == [day(17), day(30)], "only ever later"
    assert fleet.keep_until(hold) == day(17)
    fleet.trip(day(34), stop)
    assert dues(fleet, loans) == [day(17), day(34)], "thirty days, for want of a visit, become the visit"
    changing.undo(fleet.session, fleet.doing(), change)
    assert (dues(fleet, loans), fleet.keep_until(hold)) == ([day(3), day(34)], day(3))


def test_an_earlier_visit_that_is_left_out_frees_the_day_that_was_told(fleet: Fleet) -> None:
    stop = fleet.stop()
    trip = fleet.trip(day(10), stop)
    fleet.trip(day(24), stop)
    loans = fleet.lent(stop, day(10))
    changing.move(fleet.session, fleet.doing(), fleet.visit(trip, stop), day(5), "exam")
    assert dues(fleet, loans) == [day(10)]
    change = changing.skip(fleet.session, fleet.doing(), fleet.visit(moved(fleet, day(5)), stop), "storm")
    assert dues(fleet, loans) == [day(24)]
    changing.undo(fleet.session, fleet.doing(), change)
    assert dues(fleet, loans) == [day(10)]


def test_a_day_that_was_told_stays_while_others_are_left_out(fleet: Fleet) -> None:
    """Moved earlier, then again, still earlier than told: and a pause around it takes other days only."""
    stop = fleet.stop()
    trip, early = fleet.trip(day(10), stop), fleet.trip(day(3), stop)
    fleet.trip(day(12), stop)
    fleet.trip(day(24), stop)
    told, lost, after = fleet.lent(stop, day(10)), fleet.lent(stop, day(3)), fleet.lent(stop, day(12))
    changing.move(fleet.session, fleet.doing(), fleet.visit(trip, stop), day(5), "exam")
    changing.move(fleet.session, fleet.doing(), fleet.visit(moved(fleet, day(5)), stop), day(7), "exam")
    changing.skip(fleet.session, fleet.doing(), fleet.visit(early, stop), "storm")
    changing.suspend(fleet.session, fleet.doing(), stop, day(11), day(14), "thi")
    assert dues(fleet, [*told, *lost, *after]) == [day(10), day(7), day(24)]
    while due_days.catch_up(fleet.session, clock.today())[1]:
        pass
    assert dues(fleet, told) == [day(10)]


def test_the_night_brings_back_what_was_lent_by_the_old_days(fleet: Fleet) -> None:
    """Long after the change: shifts of changes are looked at for two nights only."""
    stop = fleet.stop()
    trip, _ = fleet.trip(day(9), stop), fleet.trip(day(17), stop)
    other = fleet.lent(fleet.stop("TH Ngân Sơn"), day(9))
    change = changing.skip(fleet.session, fleet.doing(), fleet.visit(trip, stop), "storm")
    late = fleet.lent(stop, day(9))
    lost, then = day(9), day(17)
    assert "stops-due-dates" in STEPS
    with clock.stopped_at(clock.now() + timedelta(days=4)):
        assert due_days.catch_up(fleet.session, clock.today()) == (1, True)
        assert due_days.catch_up(fleet.session, clock.today()) == (0, False), "the other stop knows no visit"
        assert dues(fleet, [*late, *other]) == [then, lost]
        changing.undo(fleet.session, fleet.doing(), change)
    assert dues(fleet, late) == [lost], "it goes back with the change that took the day"


def test_where_nothing_is_astray_planning_asks_once(fleet: Fleet) -> None:
    stop = fleet.stop()
    fleet.trip(day(3), stop)
    fleet.lent(stop, day(3), 2)
    with counted() as sent:
        assert due_days.settle(fleet.session, fleet.doing(), [stop], due_days.PLANNED) == 0
    assert len(sent) <= 2
    assert fleet.session.scalar(select(func.count()).select_from(DueShift)) == 0


# 2: the vehicle's branch need not be the stop's


def test_a_vehicle_of_another_branch_lends_there_too(fleet: Fleet) -> None:
    stop = fleet.stop()
    trip, _ = fleet.trip(day(3), stop), fleet.trip(day(17), stop)
    (loan,) = fleet.lent(stop, day(3))
    fleet.session.get_one(Loan, loan).branch_id = fleet.world.branch(fleet.world.school()).id
    fleet.session.flush()
    changing.skip(fleet.session, fleet.doing(), fleet.visit(trip, stop), "storm")
    assert dues(fleet, [loan]) == [day(17)]


# 3: who renews where


@pytest.fixture
def here(world: World) -> Van:
    made = van(world)
    made.open()
    return made


def scanned(here: Van, answer: str | None = None) -> What:
    one = Scan(here.books[0].accession or "", here.pupil.uid, channel=Channel.VAN, answer=answer)
    came = stop_lending.scan(here.session, stop_lending.spot_of(here.session, here.visit), here.doing(), one)
    here.session.expire_all()
    return came.told.what


def loan(here: Van) -> Loan:
    return here.session.scalars(select(Loan)).one()


def at_desk(here: Van) -> Desk:
    library = here.world.province()
    return Desk(library.id, library.network_id or 0, here.vehicle.branch_id)


def test_a_book_shown_at_a_stop_keeps_the_days_of_the_stop(here: Van) -> None:
    assert scanned(here) is What.LENT
    loan(here).place_id = None  # as a loan of the branch's desk
    here.session.flush()
    assert scanned(here, Answer.RENEW) is What.RENEWED
    assert (loan(here).place_id, loan(here).due_on) == (here.stop.place_id, clock.today() + LATER)


def test_a_book_shown_at_a_desk_keeps_the_days_of_the_desk(here: Van) -> None:
    lends(here.session, here.world.province().id, days=5, renewals=3)
    assert scanned(here) is What.LENT
    told = desk.renew_loan(here.session, at_desk(here), here.doing(), loan(here).id, seen=True, answer=Answer.YES)
    here.session.expire_all()
    assert told.what is What.RENEWED
    assert loan(here).place_id is None
    deeds.undo(here.session, here.doing(), here.session.scalars(select(Act).where(Act.uid == told.act)).one())
    here.session.expire_all()
    assert loan(here).place_id == here.stop.place_id, "a renewal that was a slip leaves the stop's loan as it was"


def test_a_renewal_unseen_keeps_the_days_of_the_stop(here: Van) -> None:
    """By the library's rule five days: not on a day without the vehicle."""
    lends(here.session, here.world.province().id, days=5, renewals=3)
    assert scanned(here) is What.LENT
    loan(here).due_on = clock.today()
    here.session.flush()
    told = desk.renew_loan(here.session, at_desk(here), here.doing(), loan(here).id, answer=Answer.YES)
    here.session.expire_all()
    assert told.what is What.RENEWED
    assert (loan(here).place_id, loan(here).due_on) == (here.stop.place_id, clock.today() + LATER)


# 9: undoing in order, and nothing twice


def test_a_change_goes_back_after_the_one_that_moved_its_dates_on(fleet: Fleet) -> None:
    stop = fleet.stop()
    first, second, _ = (fleet.trip(day(ahead), stop) for ahead in (3, 17, 31))
    loans = fleet.lent(stop, day(3))
    one = changing.skip(fleet.session, fleet.doing(), fleet.visit(first, stop), "storm")
    other = changing.skip(fleet.session, fleet.doing(), fleet.visit(second, stop), "storm")
    assert dues(fleet, loans) == [day(31)]
    with pytest.raises(NotDone, match="dates-moved-on"), fleet.session.begin_nested():
        changing.undo(fleet.session, fleet.doing(), one)
    changing.undo(fleet.session, fleet.doing(), other)
    changing.undo(fleet.session, fleet.doing(), one)
    assert dues(fleet, loans) == [day(3)]


def test_a_change_of_other_loans_does_not_stand_in_the_way(fleet: Fleet) -> None:
    stop = fleet.stop()
    first, second, _ = (fleet.trip(day(ahead), stop) for ahead in (3, 17, 31))
    loans = [*fleet.lent(stop, day(3)), *fleet.lent(stop, day(17))]
    other = changing.skip(fleet.session, fleet.doing(), fleet.visit(second, stop), "storm")
    one = changing.skip(fleet.session, fleet.doing(), fleet.visit(first, stop), "storm")
    assert dues(fleet, loans) == [day(31), day(31)]
    changing.undo(fleet.session, fleet.doing(), other)
    assert dues(fleet, loans) == [day(31), day(17)]
    changing.undo(fleet.session, fleet.doing(), one)
    assert dues(fleet, loans) == [day(3), day(17)]


def test_what_was_lent_for_the_new_day_goes_on_when_it_is_undone(fleet: Fleet) -> None:
    stop = fleet.stop()
    trip, _ = fleet.trip(day(3), stop), fleet.trip(day(17), stop)
    change = changing.move(fleet.session, fleet.doing(), fleet.visit(trip, stop), day(5), "storm")
    loans = fleet.lent(stop, day(5))
    changing.undo(fleet.session, fleet.doing(), change)
    assert dues(fleet, loans) == [day(17)]


def test_a_trip_does_not_come_back_beside_another_of_its_vehicle(fleet: Fleet) -> None:
    stop, other = fleet.stop(), fleet.stop("TH Ngân Sơn")
    trip = fleet.trip(day(3), stop)
    change = changing.skip(fleet.session, fleet.doing(), fleet.visit(trip, stop), "storm")
    fleet.trip(day(3), other)
    with pytest.raises(NotDone, match="vehicle-busy"), fleet.session.begin_nested():
        changing.undo(fleet.session, fleet.doing(), change)
    fleet.session.expire_all()
    assert trip.state is TripState.CANCELLED


def test_a_visit_does_not_come_back_at_hours_given_to_another(fleet: Fleet) -> None:
    one, gone, other = (fleet.stop(name) for name in ("TH Nà Phặc", "TH Ngân Sơn", "TH Bằng Vân"))
    trip, later = fleet.trip(day(3), one, gone), fleet.trip(day(4), other)
    change = changing.skip(fleet.session, fleet.doing(), fleet.visit(trip, gone), "storm")
    hours = fleet.visit(trip, gone).from_at, fleet.visit(trip, gone).to_at
    changing.move(fleet.session, fleet.doing(), fleet.visit(later, other), day(3), "storm", hours)
    with pytest.raises(NotDone, match="out-of-order"), fleet.session.begin_nested():
        changing.undo(fleet.session, fleet.doing(), change)


# 22: rows are held as the house does


def test_visits_are_held_without_stopping_who_only_points_at_them(world: World) -> None:
    """FOR UPDATE would wait for every row that names the visit; SQLite has one writer anyway."""
    made = van(world)
    with counted() as sent:
        made.open()
        later = made.session.scalars(select(StopVisit).where(StopVisit.day > clock.today())).one()
        change = changing.skip(made.session, made.doing(), later, "storm")
        changing.undo(made.session, made.doing(), change)
    held = [one for one in sent if " UPDATE" in one and "FOR " in one and ("visit" in one or "trip" in one)]
    if made.session.get_bind().dialect.name == "postgresql":
        assert held
    assert not [one for one in held if "NO KEY" not in one]
