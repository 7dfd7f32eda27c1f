"""A stop from opening to closing, and back again."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from library.core import clock
from library.loans.deeds import RestsOnIt
from library.mobile import at_stop, at_stop_undo, stop_figures
from library.mobile.at_stop import Books, Heads, NotSo, Signed, Tally
from library.mobile.at_stop_undo import VisitIsSigned
from library.mobile.models import StopVisit, Trip, TripState, VisitState
from library.uses.models import DocumentUse, Visit
from tests.mobile.van import Van, van
from tests.support import rotation
from tests.support.statements import counted
from tests.support.world import World


@pytest.fixture
def here(world: World) -> Van:
    return van(world)


def test_one_tap_opens_the_stop_and_the_trip_is_on_the_road(here: Van) -> None:
    act = at_stop.open_(here.session, here.doing(), here.visit)
    assert act
    assert (here.visit.state, here.visit.opened_by) == (VisitState.OPEN, act)
    assert (here.trip.state, here.trip.out_at) == (TripState.ON_ROAD, here.visit.opened_at)


def test_a_second_tap_on_another_phone_opens_nothing_twice(here: Van) -> None:
    here.open()
    assert at_stop.open_(here.session, here.doing(), here.visit) is None


def test_undoing_the_opening_leaves_nothing(here: Van) -> None:
    here.open()
    at_stop_undo.undo(here.session, here.doing(), here.act(here.visit.opened_by or 0))
    assert (here.visit.state, here.visit.opened_at, here.trip.state, here.trip.out_at) == (
        VisitState.PLANNED, None, TripState.PLANNED, None,
    )  # fmt: skip


def test_a_stop_opens_on_its_day_only(here: Van) -> None:
    here.session.execute(update(StopVisit).values(day=clock.today() + timedelta(days=1)))
    with pytest.raises(NotSo, match="another-day"):
        here.open()


def test_the_vehicle_stands_at_one_stop_at_a_time(here: Van) -> None:
    here.open()
    second = rotation.visits_of(here.world, here.trip)[1]
    with pytest.raises(NotSo, match="another-open"):
        at_stop.open_(here.session, here.doing(), second)


@pytest.mark.parametrize("state", [VisitState.SKIPPED, VisitState.MOVED])
def test_a_visit_that_was_left_out_does_not_open(here: Van, state: VisitState) -> None:
    other = rotation.visits_of(here.world, here.trip)[1]
    moved = other.id if state is VisitState.MOVED else None
    here.session.execute(
        update(StopVisit).where(StopVisit.id == here.visit.id).values(state=state, why="storm", moved_to_id=moved)
    )
    with pytest.raises(NotSo, match="visit-off"):
        here.open()


def test_nothing_is_counted_before_the_stop_is_open_or_after_it_is_closed(here: Van) -> None:
    tally = Tally([Heads(5, "pupil")])
    with pytest.raises(NotSo, match="visit-not-open"):
        at_stop.count(here.session, here.doing(), here.visit, tally)
    here.open()
    at_stop.close(here.session, here.doing(), here.visit)
    with pytest.raises(NotSo, match="visit-closed"):
        at_stop.count(here.session, here.doing(), here.visit, tally)


def test_what_was_counted_without_a_network_arrives_after_the_closing(here: Van) -> None:
    here.open()
    opened = here.visit.opened_at
    at_stop.close(here.session, here.doing(), here.visit)
    at_stop.count(here.session, here.doing(at=opened), here.visit, Tally([Heads(5, "pupil")]))
    assert at_stop.figures(here.session, here.visit.id).visits == 5


def whole(here: Van) -> int:
    heads = [
        Heads(31, None, "3A", 3), Heads(7, "pupil", sex="f"), Heads(2, "pupil", sex="m"), Heads(3, "teacher"),
        Heads(6, "citizen"), Heads(1, "citizen", access_need="disabled"),
    ]  # fmt: skip
    books = [Books(40), Books(5, level=2), Books(4, class_mark="800")]
    tally = Tally(heads, books, {"films": 1, "film-viewers": 31, "gifts": 4, "gift-value": 200_000})
    return at_stop.count(here.session, here.doing(), here.visit, tally)


def test_a_tally_is_visits_and_uses_with_the_facts_of_the_day(here: Van) -> None:
    here.open()
    whole(here)
    told = at_stop.figures(here.session, here.visit.id)
    assert (told.visits, told.pupils, told.boys, told.girls, told.teachers, told.citizens, told.access) == (
        50, 40, 2, 7, 3, 7, 1,
    )  # fmt: skip
    assert (told.uses, told.tallied[None, None], told.tallied[2, None], told.tallied[None, "800"]) == (49, 40, 5, 4)
    assert told.others == {"films": 1, "film-viewers": 31, "gifts": 4, "gift-value": 200_000}
    assert told.classes == {"3A": 31}
    use, came = here.session.scalars(select(DocumentUse)).first(), here.session.scalars(select(Visit)).first()
    assert use
    assert came
    assert (use.channel, use.place_id, use.branch_id) == ("van", here.stop.place_id, here.vehicle.branch_id)
    assert (came.class_name, came.grade, came.place_id) == ("3A", 3, here.stop.place_id)


def test_a_tally_taken_back_counts_for_nothing_and_stays_written(here: Van) -> None:
    here.open()
    act = whole(here)
    last = at_stop_undo.last_count(here.session, here.visit, here.crew.uid)
    assert last
    assert last.id == act
    at_stop_undo.undo(here.session, here.doing(), last)
    assert not at_stop.figures(here.session, here.visit.id)
    assert len(here.session.scalars(select(Visit)).all()) == 12
    assert at_stop_undo.last_count(here.session, here.visit, here.crew.uid) is None


def test_an_opening_that_something_rests_on_is_undone_last(here: Van) -> None:
    here.open()
    whole(here)
    with pytest.raises(RestsOnIt):
        at_stop_undo.undo(here.session, here.doing(), here.act(here.visit.opened_by or 0))


def test_the_school_signs_and_the_signing_is_taken_back(here: Van) -> None:
    here.open()
    act = at_stop.close(here.session, here.doing(), here.visit, Signed("Lường Thị Hà", "Hiệu trưởng"))
    assert (here.visit.state, here.visit.signed_name, here.visit.signed_title) == (
        VisitState.CLOSED, "Lường Thị Hà", "Hiệu trưởng",
    )  # fmt: skip
    at_stop_undo.undo(here.session, here.doing(), here.act(act))
    assert (here.visit.state, here.visit.closed_at, here.visit.signed_name) == (VisitState.OPEN, None, None)


def test_what_was_signed_for_changes_only_after_the_signing_is_taken_back(here: Van) -> None:
    here.open()
    act = whole(here)
    closing = at_stop.close(here.session, here.doing(), here.visit, Signed("Lường Thị Hà"))
    with pytest.raises(VisitIsSigned):
        at_stop_undo.undo(here.session, here.doing(), here.act(act))
    at_stop_undo.undo(here.session, here.doing(), here.act(closing))
    at_stop_undo.undo(here.session, here.doing(), here.act(act))
    assert not at_stop.figures(here.session, here.visit.id)


def test_a_stop_is_not_opened_again_while_another_is_open(here: Van) -> None:
    here.open()
    closing = at_stop.close(here.session, here.doing(), here.visit)
    second = rotation.visits_of(here.world, here.trip)[1]
    at_stop.open_(here.session, here.doing(), second)
    with pytest.raises(NotSo, match="another-open"):
        at_stop_undo.undo(here.session, here.doing(), here.act(closing))
    assert here.visit.state is VisitState.CLOSED


def test_a_stop_of_a_trip_that_is_home_is_not_opened_again(here: Van) -> None:
    here.open()
    closing = at_stop.close(here.session, here.doing(), here.visit)
    here.session.execute(update(Trip).where(Trip.id == here.trip.id).values(state=TripState.CLOSED))
    here.session.expire_all()
    with pytest.raises(NotSo, match="trip-over"):
        at_stop_undo.undo(here.session, here.doing(), here.act(closing))
    assert here.visit.state is VisitState.CLOSED


def test_one_touch_less_leaves_the_new_cards(here: Van) -> None:
    here.open()
    touch = at_stop.count(here.session, here.doing(), here.visit, Tally([Heads(1, "pupil")]))
    at_stop.count(here.session, here.doing(), here.visit, Tally(others={"new-cards": 1}))
    last = at_stop_undo.last_count(here.session, here.visit, here.crew.uid)
    assert last
    assert last.id == touch


def test_a_cancelled_trip_opens_nowhere(here: Van) -> None:
    here.session.execute(update(Trip).values(state=TripState.CANCELLED, cancelled_why="storm"))
    with pytest.raises(NotSo, match="visit-off"):
        here.open()


def test_figures_of_many_visits_take_as_many_statements_as_of_one(here: Van) -> None:
    here.open()
    whole(here)
    ids = [one.id for one in rotation.visits_of(here.world, here.trip)]
    with counted() as seen:
        stop_figures.of(here.session, ids)
    assert len(seen) == 4
