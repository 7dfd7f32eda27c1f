"""Books and crates go on a vehicle and come off: the ledger tells where they are, the list for which trip."""

from collections.abc import Iterator
from datetime import time, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from library.core import clock
from library.holdings import ledger
from library.holdings.models import Item, Movement, Register
from library.inbox.models import Act
from library.loans.deeds import RestsOnIt
from library.loans.happened import Scan
from library.loans.models import Hold, Loan
from library.mobile import (
    aboard,
    at_stop_undo,
    changing,
    crates_aboard,
    kit,
    loading,
    loading_scan,
    stop_lending,
    trips,
)
from library.mobile.kit import NewKit
from library.mobile.loading import NotOfThisTrip, TripIsOver
from library.mobile.models import KitCheck, KitItem, StopVisit, Trip, TripLeg, TripLoad, TripState, VisitState
from library.organisations.models import Code
from library.policies.values import Channel
from library.rotation.models import Crate
from tests.mobile.van import Van, van
from tests.support import rotation
from tests.support.statements import counted
from tests.support.world import World


@pytest.fixture
def here(world: World) -> Van:
    return van(world, books=0)


@pytest.fixture
def books(here: Van) -> list[Item]:
    return rotation.stock(here.world, 4)


def lines(here: Van) -> list[tuple[int, bool]]:
    """Of copies on lists: the trip and whether it still is."""
    query = select(TripLoad.trip_id, TripLoad.unloaded_at).where(TripLoad.voided.is_(False)).order_by(TripLoad.id)
    return [(row[0], row[1] is None) for row in here.session.execute(query)]


def last_act(here: Van) -> Act:
    return here.session.scalars(select(Act).order_by(Act.id.desc()).limit(1)).one()


def undo(here: Van, act: Act | None = None) -> None:
    at_stop_undo.undo(here.session, here.doing(), act or last_act(here))
    here.session.expire_all()


def test_a_scan_is_a_move_and_a_line(here: Van, books: list[Item]) -> None:
    told = loading.load(here.session, here.doing(), here.trip, [books[0].id], here.visit)
    assert (told.items, told.aboard, told.refused) == ((books[0].id,), 1, ())
    assert here.place_of(books[0]) == here.vehicle.aboard_id
    assert lines(here) == [(here.trip.id, True)]
    shown = aboard.of(here.session, here.vehicle)
    assert (shown.total, shown.visits, shown.fits) == (1, {here.visit.id: 1}, 4000)


def test_the_same_book_twice_is_aboard_once(here: Van, books: list[Item]) -> None:
    loading.load(here.session, here.doing(), here.trip, [books[0].id])
    again = loading.load(here.session, here.doing(), here.trip, [books[0].id])
    assert (again.act_id, again.already, again.items) == (None, (books[0].id,), ())


def test_loading_and_undoing_is_nothing(here: Van, books: list[Item]) -> None:
    before = here.place_of(books[0])
    loading.load(here.session, here.doing(), here.trip, [books[0].id])
    undo(here)
    assert here.place_of(books[0]) == before
    assert lines(here) == []
    assert ledger.astray(here.session) == []


def test_unloading_and_undoing_puts_it_back_on_the_list(here: Van, books: list[Item]) -> None:
    loading.load(here.session, here.doing(), here.trip, [books[0].id])
    loading.unload(here.session, here.doing(), here.trip, [books[0].id])
    assert here.place_of(books[0]) == here.vehicle.depot_id
    assert lines(here) == [(here.trip.id, False)]
    undo(here)
    assert here.place_of(books[0]) == here.vehicle.aboard_id
    assert lines(here) == [(here.trip.id, True)]


def test_a_book_left_aboard_goes_on_the_next_trips_list(here: Van, books: list[Item]) -> None:
    loading.load(here.session, here.doing(), here.trip, [books[0].id])
    later = here.session.scalars(select(Trip).where(Trip.id != here.trip.id)).one()
    told = loading.load(here.session, here.doing(), later, [books[0].id])
    assert told.items == (books[0].id,)
    assert lines(here) == [(here.trip.id, False), (later.id, True)]
    undo(here)
    assert lines(here) == [(here.trip.id, True)]


def closed(here: Van) -> None:
    """The trip has come home."""
    here.session.execute(update(StopVisit).values(state=VisitState.SKIPPED, why="road"))
    here.session.expire_all()
    trips.advance(here.session, here.doing(), here.trip, TripState.ON_ROAD)
    trips.advance(here.session, here.doing(), here.trip, TripState.CLOSED)


def test_coming_home_by_a_slip_puts_its_books_back_on_its_list(here: Van, books: list[Item]) -> None:
    ids = [one.id for one in books[:3]]
    loading.load(here.session, here.doing(), here.trip, ids)
    closed(here)
    assert lines(here) == [(here.trip.id, False)] * 3
    later = here.session.scalars(select(Trip).where(Trip.id != here.trip.id)).one()
    loading.load(here.session, here.doing(), later, [ids[1]])
    loading.unload(here.session, here.doing(), here.trip, [ids[2]])
    trips.step_back(here.session, here.doing(), here.trip)
    assert lines(here) == [(here.trip.id, True), (here.trip.id, False), (here.trip.id, False), (later.id, True)]


def test_an_unloading_is_not_taken_back_under_a_newer_loading(here: Van, books: list[Item]) -> None:
    ids = [books[0].id, books[1].id]
    loading.load(here.session, here.doing(), here.trip, ids)
    off = loading.unload(here.session, here.doing(), here.trip, ids)
    again = loading.load(here.session, here.doing(), here.trip, ids[:1])
    with pytest.raises(RestsOnIt) as told:
        undo(here, here.act(off.act_id or 0))
    assert [one.id for one in told.value.later] == [again.act_id]
    undo(here, here.act(again.act_id or 0))
    undo(here, here.act(off.act_id or 0))
    assert lines(here) == [(here.trip.id, True), (here.trip.id, True)]


def test_a_lent_book_in_the_hand_is_returned_by_it(here: Van, books: list[Item]) -> None:
    loading.load(here.session, here.doing(), here.trip, [books[0].id])
    here.open()
    spot = stop_lending.spot_of(here.session, here.visit)
    scan = Scan(books[0].accession or "", here.pupil.uid, channel=Channel.VAN)
    stop_lending.scan(here.session, spot, here.doing(), scan)
    told = loading.load(here.session, here.doing(), here.trip, [books[0].id])
    assert told.returned == (books[0].id,)
    assert here.session.scalars(select(Loan.ended_at)).one() is not None


def lent(here: Van, item: Item) -> None:
    loading.load(here.session, here.doing(), here.trip, [item.id])
    here.open()
    spot = stop_lending.spot_of(here.session, here.visit)
    stop_lending.scan(here.session, spot, here.doing(), Scan(item.accession or "", here.pupil.uid, channel=Channel.VAN))


def waits(here: Van, item: Item, place_id: int | None) -> None:
    reader = here.world.patron("Lý Thị Mẩy", here.world.school(), "3B")
    hold = Hold(uid=clock.uuid7(), act_id=last_act(here).id, record_id=item.record_id, membership_id=reader.id,
                branch_id=here.vehicle.branch_id, placed_at=clock.now(), place_id=place_id)  # fmt: skip
    here.session.add(hold)
    here.session.flush()


@pytest.mark.parametrize("off", [False, True])
def test_a_loan_that_ends_at_the_door_asks_who_waits(app: Flask, here: Van, books: list[Item], off: bool) -> None:
    lent(here, books[0])
    waits(here, books[0], here.stop.place_id)
    door = loading_scan.off if off else loading_scan.on
    with app.test_request_context():
        told = door(here.session, here.doing(), here.trip, books[0].accession or "")
    kept = "Có bạn đọc đang chờ: để riêng cho Lý Thị Mẩy, 3B, đến lấy ở Điểm dừng Trường Tiểu học Xuất Hóa."
    assert told["outcome"] == "luu"
    assert told["do"].startswith(f"Cuốn này đang có người mượn: máy ghi đã trả. {kept}")
    found = here.session.execute(select(Hold.item_id, Hold.ready_at)).one()
    assert found.item_id == books[0].id and found.ready_at is not None
    assert here.place_of(books[0]) == (here.vehicle.depot_id if off else here.vehicle.aboard_id)
    undo(here)
    assert here.session.scalars(select(Hold.item_id)).one() is None
    assert here.session.scalars(select(Loan.ended_at)).one() is None


def test_a_book_that_drives_off_is_kept_for_nobody_who_fetches_it_at_home(here: Van, books: list[Item]) -> None:
    lent(here, books[0])
    waits(here, books[0], None)
    told = loading.load(here.session, here.doing(), here.trip, [books[0].id])
    assert (told.returned, told.onward) == ((books[0].id,), {})
    assert here.session.execute(select(Hold.item_id, Hold.ready_at)).one() == (None, None)
    assert here.place_of(books[0]) == here.vehicle.aboard_id


@pytest.mark.parametrize("at_stop", [True, False])
def test_who_loads_a_book_hears_who_waits_for_it(app: Flask, here: Van, books: list[Item], at_stop: bool) -> None:
    with app.test_request_context():
        other = loading_scan.on(here.session, here.doing(), here.trip, books[1].accession or "")
        waits(here, books[0], here.stop.place_id if at_stop else None)
        told = loading_scan.on(here.session, here.doing(), here.trip, books[0].accession or "")
    said = (
        "Có bạn đọc đang chờ cuốn này, đến lấy ở Điểm dừng Trường Tiểu học Xuất Hóa."
        if at_stop
        else "Có bạn đọc đang chờ cuốn này ở giá Giữ chỗ: muốn giữ cho người ấy thì dỡ xuống rồi quét ở quầy."
    )
    assert (told["outcome"], told["word"]) == ("luu", "Đã lên xe"), "told, not refused"
    assert told["do"].startswith(said)
    assert here.place_of(books[0]) == here.vehicle.aboard_id
    assert here.session.execute(select(Hold.item_id, Hold.ready_at)).one() == (None, None), "and nobody is called"
    assert other["outcome"] == "ok" and "đang chờ" not in other["do"]


def test_a_book_nobody_waits_for_only_comes_back(app: Flask, here: Van, books: list[Item]) -> None:
    lent(here, books[0])
    with app.test_request_context():
        told = loading_scan.off(here.session, here.doing(), here.trip, books[0].accession or "")
    assert told["outcome"] == "luu" and "đang chờ" not in told["do"]


def test_a_return_told_of_after_the_book_was_seen_again_gives_it_to_nobody(here: Van, books: list[Item]) -> None:
    lent(here, books[0])
    waits(here, books[0], here.stop.place_id)
    early = here.doing(clock.now() - timedelta(minutes=30))
    told = loading.unload(here.session, early, here.trip, [books[0].id])
    assert told.returned == ()
    assert here.session.scalars(select(Hold.item_id)).one() is None


def test_a_list_takes_only_what_stands_in_the_depot(here: Van, books: list[Item]) -> None:
    strange = here.world.items(1, library=here.world.province())[0]
    own = here.world.item()
    ids = [books[0].id, strange.id, own.id]
    told = loading.load(here.session, here.doing(), here.trip, ids, asserted=True)
    assert told.items == (books[0].id,)
    assert {item: why.code for item, why in told.refused} == {strange.id: "not-there", own.id: "anothers"}
    moved = here.session.scalars(select(Movement).order_by(Movement.id.desc())).first()
    assert moved
    assert moved.basis == "assertion"


def test_a_book_of_a_batch_stays_in_its_crate(here: Van) -> None:
    batch = rotation.packed(here.world, count=2)
    item = rotation.lines_of(here.world, batch)[0].item_id
    told = loading.load(here.session, here.doing(), here.trip, [item])
    assert [(why.code, why.facts["batch"]) for _item, why in told.refused] == [("batch", batch.code)]


@pytest.mark.parametrize("status", [Register.WRITTEN_OFF])
def test_what_is_out_of_the_register_stays(here: Van, books: list[Item], status: Register) -> None:
    here.session.execute(update(Item).where(Item.id == books[0].id).values(register_status=status))
    told = loading.load(here.session, here.doing(), here.trip, [books[0].id])
    assert [why.code for _item, why in told.refused] == ["out"]


def hold(here: Van, item: Item, place_id: int | None) -> None:
    act = last_act(here)
    here.session.add(
        Hold(
            uid=clock.uuid7(), act_id=act.id, record_id=item.record_id, membership_id=here.pupil.id,
            branch_id=here.vehicle.branch_id, placed_at=clock.now(), item_id=item.id, captured_by=act.id,
            place_id=place_id,
        )
    )  # fmt: skip
    here.session.flush()


def test_a_book_kept_for_a_reader_at_the_stop_goes_along_and_is_named(here: Van, books: list[Item]) -> None:
    hold(here, books[0], here.stop.place_id)
    told = [(one.item_id, one.aboard) for one in aboard.kept(here.session, here.trip, here.trip.visits)]
    assert told == [(books[0].id, False)]
    assert loading.load(here.session, here.doing(), here.trip, [books[0].id]).items == (books[0].id,)
    assert [one.aboard for one in aboard.kept(here.session, here.trip, here.trip.visits)] == [True]


def test_a_book_kept_elsewhere_stays(here: Van, books: list[Item]) -> None:
    hold(here, books[0], None)
    told = loading.load(here.session, here.doing(), here.trip, [books[0].id])
    assert [why.code for _item, why in told.refused] == ["kept"]


def test_more_than_fit_in_are_told_not_refused(here: Van, books: list[Item]) -> None:
    here.vehicle.copies = 3
    told = loading.load(here.session, here.doing(), here.trip, [one.id for one in books])
    assert (len(told.items), told.over) == (4, 1)


@pytest.mark.parametrize("state", [TripState.CLOSED, TripState.CANCELLED])
def test_a_trip_that_is_over_loads_nothing(here: Van, books: list[Item], state: TripState) -> None:
    here.session.execute(update(Trip).values(state=state, cancelled_why="storm"))
    here.session.expire_all()
    with pytest.raises(TripIsOver):
        loading.load(here.session, here.doing(), here.trip, [books[0].id])


def test_a_stop_of_another_trip_is_refused(here: Van, books: list[Item]) -> None:
    later = here.session.scalars(select(Trip).where(Trip.id != here.trip.id)).one()
    with pytest.raises(NotOfThisTrip):
        loading.load(here.session, here.doing(), later, [books[0].id], here.visit)


def test_the_whole_vehicle_is_unloaded_on_somebodys_word(here: Van, books: list[Item]) -> None:
    loading.load(here.session, here.doing(), here.trip, [one.id for one in books])
    told = loading.unload_all(here.session, here.doing(), here.trip, counted=3)
    assert (len(told.items), told.short) == (4, 1)
    assert aboard.of(here.session, here.vehicle).total == 0
    undo(here)
    assert aboard.of(here.session, here.vehicle).total == 4


def test_an_empty_vehicle_unloads_nothing(here: Van) -> None:
    assert loading.unload_all(here.session, here.doing(), here.trip).items == ()


def test_five_hundred_copies_take_as_many_statements_as_one(here: Van) -> None:
    many = rotation.stock(here.world, 500, copies=50)
    ids = [one.id for one in many]
    with counted() as seen:
        told = loading.load(here.session, here.doing(), here.trip, ids, asserted=True)
    assert len(told.items) == 500
    assert len(seen) <= 20, seen


def test_what_was_aboard_is_known_for_any_moment(here: Van, books: list[Item]) -> None:
    before = clock.now()
    loading.load(here.session, here.doing(), here.trip, [books[0].id, books[1].id])
    loaded = here.session.scalars(select(Movement.occurred_at).order_by(Movement.id.desc())).first()
    assert loaded
    loading.unload(here.session, here.doing(), here.trip, [books[1].id])
    assert aboard.at(here.session, here.vehicle, before) == []
    assert aboard.at(here.session, here.vehicle, loaded) == sorted([books[0].id, books[1].id])
    assert aboard.at(here.session, here.vehicle, loaded + timedelta(hours=1)) == [books[0].id]


# A loaded trip goes another day, or not at all


TOMORROW = timedelta(days=1)


def loaded_up(here: Van, books: list[Item]) -> KitItem:
    """Two books, one of them for the first stop, a crate and a thing of the kit are aboard."""
    ids = [books[0].id], [books[1].id]
    loading.load(here.session, here.doing(), here.trip, ids[0], here.visit)
    loading.load(here.session, here.doing(), here.trip, ids[1])
    batch = rotation.packed(here.world, count=2)
    crates_aboard.put_on(here.session, here.doing(), here.trip, rotation.crates_of(here.world, batch)[0])
    thing = kit.add(here.session, here.vehicle, NewKit("Loa"))
    kit.check_out(here.session, here.doing(), here.trip, {thing.id: 1})
    trips.advance(here.session, here.doing(), here.trip, TripState.LOADED)
    return thing


def carried_by(here: Van, trip: Trip) -> tuple[int, int, int]:
    """Lines, legs and things of the kit."""
    tables = (TripLoad, TripLeg, KitCheck)
    counts = [select(func.count()).select_from(one).where(one.trip_id == trip.id) for one in tables]
    lines_, legs, things = (here.session.scalar(one) or 0 for one in counts)
    return lines_, legs, things


def test_a_loaded_trip_moves_with_all_that_is_aboard_and_comes_back_with_it(here: Van, books: list[Item]) -> None:
    loaded_up(here, books)
    change = changing.move_trip(here.session, here.doing(), here.trip, clock.today() + TOMORROW, "storm")
    new = here.session.scalars(select(Trip).where(Trip.day == clock.today() + TOMORROW)).one()
    assert (here.trip.state, new.state) == (TripState.CANCELLED, TripState.LOADED)
    assert (carried_by(here, here.trip), carried_by(here, new)) == ((0, 0, 0), (2, 1, 1))
    first = rotation.visits_of(here.world, new)[0]
    assert aboard.of(here.session, here.vehicle).visits == {first.id: 1, None: 1}, (
        "for the stop as it is on its new day"
    )
    loading.load(here.session, here.doing(), new, [books[2].id])
    changing.undo(here.session, here.doing(), change)
    assert (here.trip.state, new.state) == (TripState.LOADED, TripState.CANCELLED)
    assert (carried_by(here, here.trip), carried_by(here, new)) == ((3, 1, 1), (0, 0, 0))
    assert aboard.of(here.session, here.vehicle).visits == {here.visit.id: 1, None: 2}


def test_a_trip_that_joins_another_gives_it_its_load_and_no_more_comes_back(here: Van, books: list[Item]) -> None:
    there = rotation.trip(
        here.world, here.vehicle, clock.today() + TOMORROW, [rotation.stop(here.world, "TH Vân Tùng")]
    )
    loading.load(here.session, here.doing(), there, [books[2].id])
    changing.skip(here.session, here.doing(), rotation.visits_of(here.world, here.trip)[1], "road")
    loaded_up(here, books)
    change = changing.move(here.session, here.doing(), here.visit, there.day, "storm", (time(13), time(14)))
    assert (carried_by(here, here.trip), carried_by(here, there)) == ((0, 0, 0), (3, 1, 1))
    changing.undo(here.session, here.doing(), change)
    assert (carried_by(here, here.trip), carried_by(here, there)) == ((2, 1, 1), (1, 0, 0))
    assert (here.trip.state, there.state) == (TripState.LOADED, TripState.PLANNED)


def test_a_loaded_trip_that_does_not_go_is_loaded_again_once_it_does(here: Van, books: list[Item]) -> None:
    loaded_up(here, books)
    change = changing.cancel(here.session, here.doing(), here.trip, "storm")
    assert here.trip.state is TripState.CANCELLED
    changing.undo(here.session, here.doing(), change)
    assert (here.trip.state, carried_by(here, here.trip)) == (TripState.LOADED, (2, 1, 1))


def test_a_loaded_trip_that_calls_nowhere_does_not_go(here: Van, books: list[Item]) -> None:
    loaded_up(here, books)
    for visit in rotation.visits_of(here.world, here.trip):
        changing.skip(here.session, here.doing(), visit, "storm")
    assert here.trip.state is TripState.CANCELLED


# Crates, and the sentences


@pytest.fixture
def speaking(app: Flask) -> Iterator[None]:
    """Sentences are made while a page is asked for."""
    with app.test_request_context():
        yield


def crate(here: Van) -> tuple[Crate, str]:
    batch = rotation.packed(here.world, count=2)
    made = rotation.crates_of(here.world, batch)[0]
    return made, here.session.scalars(select(Code.printed).where(Code.id == made.code_id)).one()


@pytest.mark.usefixtures("speaking")
def test_a_crate_is_scanned_on_and_off(here: Van) -> None:
    one, code = crate(here)
    told = loading_scan.on(here.session, here.doing(), here.trip, code)
    assert told["act"]
    assert "1 trên 1 thùng" in told["do"]
    assert "chưa ký giao" in told["do"]
    (carried,) = crates_aboard.of_trip(here.session, here.trip)
    assert (carried.on, carried.off, carried.missing, carried.copies) == ((one.number,), (), 0, 2)
    assert loading_scan.on(here.session, here.doing(), here.trip, code)["act"] is None
    assert loading_scan.off(here.session, here.doing(), here.trip, code)["act"]
    assert crates_aboard.of_trip(here.session, here.trip)[0].off == (one.number,)
    assert loading_scan.off(here.session, here.doing(), here.trip, code)["act"] is None


@pytest.mark.usefixtures("speaking")
def test_a_crate_taken_back_was_never_aboard(here: Van) -> None:
    _one, code = crate(here)
    loading_scan.on(here.session, here.doing(), here.trip, code)
    undo(here)
    assert crates_aboard.of_trip(here.session, here.trip) == []


@pytest.mark.usefixtures("speaking")
def test_a_crate_rides_with_one_trip(here: Van) -> None:
    _one, code = crate(here)
    loading_scan.on(here.session, here.doing(), here.trip, code)
    later = here.session.scalars(select(Trip).where(Trip.id != here.trip.id)).one()
    told = loading_scan.on(here.session, here.doing(), later, code)
    assert (told["act"], told["outcome"]) == (None, "ghi")
    assert "đang đi với chuyến" in told["do"]


@pytest.mark.usefixtures("speaking")
@pytest.mark.parametrize("state", [TripState.CLOSED, TripState.CANCELLED])
def test_a_crate_of_a_trip_that_is_over_rides_with_another(here: Van, state: TripState) -> None:
    one, code = crate(here)
    loading_scan.on(here.session, here.doing(), here.trip, code)
    over = update(Trip).where(Trip.id == here.trip.id)
    here.session.execute(over.values(state=state, cancelled_why="storm"))
    here.session.expire_all()
    later = here.session.scalars(select(Trip).where(Trip.id != here.trip.id)).one()
    assert loading_scan.on(here.session, here.doing(), later, code)["act"]
    assert crates_aboard.of_trip(here.session, later)[0].on == (one.number,)
    assert crates_aboard.of_trip(here.session, here.trip) == []


@pytest.mark.usefixtures("speaking")
def test_a_crate_that_was_taken_off_rides_with_another_trip(here: Van) -> None:
    _one, code = crate(here)
    loading_scan.on(here.session, here.doing(), here.trip, code)
    loading_scan.off(here.session, here.doing(), here.trip, code)
    later = here.session.scalars(select(Trip).where(Trip.id != here.trip.id)).one()
    assert loading_scan.on(here.session, here.doing(), later, code)["act"]


@pytest.mark.usefixtures("speaking")
def test_scanning_moves_no_book_of_the_crate(here: Van) -> None:
    one, code = crate(here)
    before = here.session.scalars(select(Item.place_id)).all()
    loading_scan.on(here.session, here.doing(), here.trip, code)
    assert here.session.scalars(select(Item.place_id)).all() == before
    assert one.opened_at is None


@pytest.mark.usefixtures("speaking")
def test_codes_that_mean_nothing_here(here: Van, books: list[Item]) -> None:
    assert loading_scan.on(here.session, here.doing(), here.trip, "8935244801234")["outcome"] == "hoi"
    assert loading_scan.codes_of("LC.1, LC.2;LC.3\nLC.1\tLC.4") == ["LC.1", "LC.2", "LC.3", "LC.4"]


@pytest.mark.usefixtures("speaking")
def test_a_pasted_list_tells_what_it_left(here: Van, books: list[Item]) -> None:
    own = here.world.item()
    codes = [books[0].accession or "", own.accession or "", "XX.99999"]
    told = loading_scan.on_many(here.session, here.doing(), here.trip, codes)
    assert told.told.items == (books[0].id,)
    assert [named.item_id for named, _why in told.left] == [own.id]
    assert told.unknown == ("XX.99999",)
