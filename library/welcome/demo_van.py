"""The mobile library in the demo: a vehicle with its kit, ten stops, routes, trips of four weeks past and four to come."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from library.catalogue import writing
from library.catalogue.models import Format
from library.catalogue.writing import NewRecord
from library.core import clock
from library.holdings import accessions
from library.holdings.accessions import NewItem
from library.holdings.models import Item, ItemCode
from library.inbox.acts import Doing
from library.loans.happened import Scan, What
from library.loans.models import Loan, still_out
from library.mobile import at_stop, changing, kit, loading, routes, stop_lending, stops, trips, vehicles
from library.mobile.at_stop import Books, Heads, Signed, Tally
from library.mobile.kit import Back
from library.mobile.models import CrewRole, Route, RouteVersion, Stop, StopVisit, Trip, TripState, Vehicle, VehicleKind
from library.mobile.routes import NewVersion
from library.mobile.stops import NewStop
from library.mobile.trips import Call, Crew, Hours, Log
from library.mobile.vehicles import NewVehicle
from library.organisations.models import Code
from library.patrons.models import Membership
from library.policies.values import Channel
from library.rotation import stock
from library.welcome import demo_rotation
from library.welcome.demo_books import TRAVELS, Title
from library.welcome.demo_people import Reader, rows_of
from library.welcome.demo_points import HALTS, TODAY, WAYS, Halt, Way
from library.welcome.demo_teller import Teller

DEVICES = {"Máy đọc sách nói": "Máy nghe sách định dạng DAISY", "Máy phóng chữ": "Máy phóng chữ cầm tay"}
TITLES, EACH, WEEKS = 90, 3, 4
LEAVES, BACK, EVENING = time(6, 30), time(17), time(15)
HOURS = ((time(7, 30), time(10)), (time(13, 30), time(16)))
LITRES, PRICE = 0.14, 21_000
FIRST_KM = 48_210
GIVEN, PLANNED = timedelta(days=300), 45
BY_HAND = (14, 13, 15, 12)
"""So many days ago the van was last where it goes today, on the first of these on which it went nowhere else."""


@dataclass
class Told:
    """What the van adds to the demo's numbers."""

    copies: int = 0
    loans: int = 0
    uses: int = 0
    out: int = 0
    late: int = 0


@dataclass
class Van:
    """The vehicle, and who has borrowed from it already."""

    teller: Teller
    vehicle: Vehicle
    stops: list[Stop]
    codes: dict[int, str]
    readers: dict[int, list[int]] = field(default_factory=dict)
    km: float = FIRST_KM
    told: Told = field(default_factory=Told)

    @property
    def session(self) -> Session:
        return self.teller.session

    @property
    def branch(self) -> int:
        return self.vehicle.branch_id


def add(teller: Teller, titles: Sequence[Title]) -> Told:
    """Numbers of what was added."""
    van = _founded(teller, titles)
    ways = [_way(van, way) for way in WAYS]
    for way, route in zip(WAYS, ways, strict=True):
        _plan(van, way, route)
    last = _last_time(van)
    _by_hand(van, last, ago=30)
    _by_hand(van, teller.today, ago=10)
    _leave_one_out(van)
    for trip in _past(van):
        _drive(van, trip)
    _move_one(van)
    van.told.out, van.told.late = _out(van)
    return van.told


def _founded(teller: Teller, titles: Sequence[Title]) -> Van:
    root = teller.standing[0].branch
    new = NewVehicle(
        "Xe lưu động 1", VehicleKind.CAR, root, None, "97A-001.23", None, 3500, 24, 3, True, True, 14.0,
        teller.day(GIVEN.days), "Xe ô tô thư viện lưu động đa phương tiện",
    )  # fmt: skip
    with teller.doing("tu", root, GIVEN.days, LEAVES) as doing:
        vehicle = vehicles.found(teller.session, doing, teller.province, new)
        kit.add_usual(teller.session, vehicle)
    _devices(teller, vehicle)
    fitting = [one for one in titles if one.audience in TRAVELS and one.kind != "SGK"][-TITLES:]
    items = demo_rotation.enter(teller, dict.fromkeys(fitting, EACH), vehicle.depot, GIVEN.days - 20)
    _to_the_depot(teller, vehicle, items)
    made = [_stop(teller, halt) for halt in HALTS]
    query = select(ItemCode.item_id, Code.printed).join(Code, Code.id == ItemCode.code_id)
    codes = dict(teller.session.execute(query.where(ItemCode.item_id.in_(items))).all())
    return Van(teller, vehicle, made, codes, told=Told(copies=len(items)))


def _devices(teller: Teller, vehicle: Vehicle) -> None:
    """One of the two readers of spoken books, and the magnifier, go home with blind readers: each is a copy of the register."""
    session, days = teller.session, GIVEN.days - 10
    things = {one.name: one for one in kit.of(session, vehicle.id)}
    with teller.doing("nga", vehicle.branch_id, days, LEAVES) as doing:
        new = [
            NewRecord(name, format=Format.KIT, class_mark="371.91", responsibility=said)
            for name, said in DEVICES.items()
        ]
        records = writing.insert_many(session, teller.province.network_id or teller.province.id, new)
        receipt = accessions.receive(session, doing, teller.province, "Tài trợ", teller.day(days), clock.now())
        copies = [NewItem(one, vehicle.depot_id, "TB", price=4_500_000) for one in records]
        items = accessions.enter(session, receipt, teller.province, vehicle.branch_id, copies, clock.now())
        for name, item in zip(DEVICES, items, strict=True):
            kit.lend(session, vehicle, things[name], session.get_one(Item, item))


def _to_the_depot(teller: Teller, vehicle: Vehicle, items: Sequence[int]) -> None:
    with teller.doing("tu", vehicle.branch_id, GIVEN.days - 25, LEAVES) as doing:
        stock.join(teller.session, doing, teller.province.id, items, vehicle.depot, seen=True)


def _stop(teller: Teller, halt: Halt) -> Stop:
    place = next(row for row in rows_of("places.csv") if row["code"] == halt.commune)
    school = teller.standing[teller.house(halt.house)].branch if halt.house else None
    new = NewStop(
        halt.name, None, school, None, f"{halt.name}, {place['name']}", halt.commune,
        round(float(place["lat"]) + halt.north, 4), round(float(place["lon"]) + halt.east, 4), halt.person,
        f"0209 37{HALTS.index(halt):02} 456", halt.parking, not halt.parking.startswith("Bãi"), halt.signal, 150,
        halt.pupils, teller.day(GIVEN.days),
    )  # fmt: skip
    with teller.doing("tu", teller.standing[0].branch, GIVEN.days - 30, LEAVES) as doing:
        return stops.found(teller.session, doing, teller.province, new)


# Planning


def _way(van: Van, way: Way) -> Route:
    """Every other week on its weekday, from a Monday seven weeks ago on."""
    monday = van.teller.day(49) - timedelta(days=van.teller.day(49).weekday()) + timedelta(weeks=way.week)
    calls = [Call(van.stops[number], *HOURS[at]) for at, number in enumerate(way.halts)]
    version = NewVersion(monday, {"every_weeks": 2, "weekdays": [way.weekday]}, calls, LEAVES, BACK, way.km)
    with van.teller.doing("tu", van.branch, PLANNED, LEAVES) as doing:
        return routes.found(van.session, doing, van.teller.province, way.name, version, van.vehicle)


def _crew(van: Van) -> list[Crew]:
    """One drives, two lend."""
    named = [Crew(CrewRole.LIBRARIAN, van.teller.who(one).name, van.teller.who(one).id) for one in ("xe", "nga")]
    return [Crew(CrewRole.DRIVER, "Triệu Văn Tài"), *named]


def _plan(van: Van, way: Way, route: Route) -> None:
    """Four weeks back and four ahead, but today, when it goes elsewhere."""
    today, span = van.teller.today, timedelta(weeks=WEEKS)
    days = [day for day, _ in routes.days(van.session, route, today - span, today + span) if day != today]
    with van.teller.doing("tu", van.branch, PLANNED - 1, LEAVES) as doing:
        routes.plan_days(van.session, doing, route, van.vehicle, days, _crew(van))


def _last_time(van: Van) -> date:
    busy = set(van.session.scalars(select(Trip.day).where(Trip.vehicle_id == van.vehicle.id)))
    return next(day for ago in BY_HAND if (day := van.teller.day(ago)) not in busy)


def _by_hand(van: Van, day: date, ago: int) -> None:
    calls = [Call(van.stops[number], *HOURS[at]) for at, number in enumerate(TODAY)]
    with van.teller.doing("tu", van.branch, ago, LEAVES) as doing:
        trips.plan(van.session, doing, van.vehicle, day, calls, _crew(van), hours=Hours(LEAVES, BACK, 38))


def _past(van: Van) -> list[Trip]:
    query = select(Trip).where(Trip.vehicle_id == van.vehicle.id, Trip.day < van.teller.today)
    return list(van.session.scalars(query.where(Trip.state == TripState.PLANNED).order_by(Trip.day)))


def _visits(van: Van, ahead: bool) -> list[StopVisit]:
    when = StopVisit.day > van.teller.today if ahead else StopVisit.day < van.teller.today
    query = select(StopVisit).join(Trip, Trip.id == StopVisit.trip_id).where(Trip.vehicle_id == van.vehicle.id, when)
    routed = query.join(RouteVersion, RouteVersion.id == Trip.version_id)
    return list(van.session.scalars(routed.order_by(StopVisit.day, StopVisit.number)))


def _leave_one_out(van: Van) -> None:
    """It rained: the last stop of the trip before the last was not reached. Said the evening before."""
    visit = _visits(van, ahead=False)[-3]
    with van.teller.doing("tu", van.branch, (van.teller.today - visit.day).days + 1, EVENING) as doing:
        changing.skip(van.session, doing, visit, "storm")


def _move_one(van: Van) -> None:
    """The school asked for another day: two days later, on a trip made for it. Said yesterday."""
    visit = _visits(van, ahead=True)[-1]
    with van.teller.doing("tu", van.branch, 1, EVENING) as doing:
        changing.move(van.session, doing, visit, visit.day + timedelta(days=1), "school-asked")


# A trip


def _drive(van: Van, trip: Trip) -> None:
    session, ago = van.session, (van.teller.today - trip.day).days
    with van.teller.doing("xe", van.branch, ago, LEAVES) as doing:
        _load(van, doing, trip)
    with van.teller.doing("xe", van.branch, ago, LEAVES) as doing:
        trips.advance(session, doing, trip, TripState.LOADED)
    with van.teller.doing("xe", van.branch, ago, LEAVES) as doing:
        things = kit.of(session, van.vehicle.id)
        kit.check_out(session, doing, trip, {one.id: one.quantity for one in things})
    with van.teller.doing("xe", van.branch, ago, LEAVES) as doing:
        trips.advance(session, doing, trip, TripState.ON_ROAD, Log(round(van.km)))
    for visit in trip.visits:
        if visit.why is None:
            _stop_at(van, visit, ago)
    _home(van, trip, ago)


def _load(van: Van, doing: Doing, trip: Trip) -> None:
    """The first time all of it, on the crew's word; later what came back to the depot."""
    query = select(Item.id).where(Item.place_id == van.vehicle.depot_id, Item.id.in_(van.codes)).order_by(Item.id)
    items = list(van.session.scalars(query))
    if items:
        loading.load(van.session, doing, trip, items, asserted=True)


def _home(van: Van, trip: Trip, ago: int) -> None:
    km = trip.km_planned or 40
    fuel = round(km * LITRES, 1)
    van.km += km + van.teller.rng.randrange(0, 9)
    log = Log(
        round(van.km),
        fuel,
        round(fuel * PRICE / 1000) * 1000,
        "Đường lầy, đến chậm 20 phút" if trip.id % 4 == 0 else None,
    )
    with van.teller.doing("xe", van.branch, ago, BACK) as doing:
        trips.advance(van.session, doing, trip, TripState.CLOSED, log)
    with van.teller.doing("xe", van.branch, ago, BACK) as doing:
        things = kit.of(van.session, van.vehicle.id)
        kit.check_in(van.session, doing, trip, {one.id: Back(one.quantity) for one in things})


def _stop_at(van: Van, visit: StopVisit, ago: int) -> None:
    """Opened, counted by class, lent, signed for."""
    session, rng = van.session, van.teller.rng
    with van.teller.doing("xe", van.branch, ago, visit.from_at) as doing:
        at_stop.open_(session, doing, visit)
    heads = [
        Heads(rng.randrange(9, 17), "pupil", name, int(name[0]), sex)
        for name in ("3A", "4A", "5A")
        for sex in ("m", "f")
    ]
    books = [Books(rng.randrange(8, 22), level=level) for level in (2, 3, 4)]
    said = Tally([*heads, Heads(3, "teacher"), Heads(1, "citizen", access_need="blind")], books,
                 {"films": 1, "film-viewers": 40, "computers": rng.randrange(6, 20)})  # fmt: skip
    with van.teller.doing("xe", van.branch, ago, _past_the_hour(visit.from_at, 50)) as doing:
        at_stop.count(session, doing, visit, said)
    van.told.uses += sum(one.quantity for one in books)
    _lend(van, visit, ago)
    with van.teller.doing("xe", van.branch, ago, _past_the_hour(visit.to_at, -5 - visit.id % 4 * 10)) as doing:
        at_stop.close(session, doing, visit, Signed(visit.stop.contact_name or "", "Phó hiệu trưởng"))


def _past_the_hour(at: time, minutes: int) -> time:
    """So many minutes after, or before."""
    return (datetime.combine(date.min, at) + timedelta(days=1, minutes=minutes)).time()


def _lend(van: Van, visit: StopVisit, ago: int) -> None:
    """What was lent there before comes back, but for one; then four others go."""
    spot = stop_lending.spot_of(van.session, visit)
    out = select(Loan.item_id).where(still_out(), Loan.place_id == visit.stop.place_id).order_by(Loan.id)
    for item in list(van.session.scalars(out))[1:]:
        with van.teller.doing("xe", van.branch, ago, visit.from_at) as doing:
            stop_lending.scan(van.session, spot, doing, Scan(van.codes[item], returns_only=True))
    aboard = select(Item.id).where(Item.place_id == van.vehicle.aboard_id, Item.id.in_(van.codes)).order_by(Item.id)
    for item in van.teller.rng.sample(list(van.session.scalars(aboard)), 4):
        reader = _next_reader(van, visit.stop)
        with van.teller.doing("xe", van.branch, ago, visit.from_at) as doing:
            one = Scan(van.codes[item], reader.uid, channel=Channel.VAN)
            came = stop_lending.scan(van.session, spot, doing, one)
        lent = came.told.what is What.LENT
        van.told.loans += lent
        van.told.uses += lent


def _next_reader(van: Van, stop: Stop) -> Membership:
    """Of the school whose stop it is, else of the province; nobody twice, none of the story's, none with a book at home."""
    house = next((n for n, one in enumerate(van.teller.standing) if one.branch.id == stop.readers_of_id), 0)
    if house not in van.readers:
        holding = {one for one in van.session.scalars(select(Loan.membership_id).where(still_out())) if one}
        van.readers[house] = [one.membership for one in van.teller.readers if _fits(van, one, house, holding)]
    return van.session.get_one(Membership, van.readers[house].pop(0))


def _fits(van: Van, one: Reader, house: int, holding: set[int]) -> bool:
    begun = van.teller.day(7 * WEEKS + 2)
    good = one.since <= begun and (one.until is None or one.until > van.teller.today)
    return (
        one.house == house and one.category in ("HS", "BD") and good and not one.cast and one.membership not in holding
    )


def _out(van: Van) -> tuple[int, int]:
    """(still out, late) of what was lent at its stops."""
    mine = select(Loan.due_on).where(still_out(), Loan.place_id.in_([one.place_id for one in van.stops]))
    due = list(van.session.scalars(mine))
    return len(due), sum(day < van.teller.today for day in due)
