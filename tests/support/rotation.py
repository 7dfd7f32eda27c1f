"""A province that rotates books and sends a van, in few words: straight on the tables and the ledger.

Every builder flushes and never commits. Moments are now unless `at` is said; a later builder comes after an earlier one.
The cast: anh Tú plans (`tu`), chị Thảo approves (`thao`), cô Hà takes at the school (`ha`), anh Tài drives (`tai`).
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any, TypeVar, cast
from uuid import UUID

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from library.accounts import managing
from library.accounts.models import Account, RoleName
from library.calendars import opening_days
from library.core import clock
from library.holdings import accessions, ledger, places, stays
from library.holdings.accessions import NewItem
from library.holdings.models import Basis, Item, Place, PlaceKind, Why
from library.inbox import acts
from library.inbox.acts import Doing
from library.mobile.models import CrewRole, Stop, StopVisit, Trip, TripCrew, TripState, Vehicle, VehicleKind, VisitState
from library.organisations import codes, founding
from library.organisations.models import BranchKind, CodeKind, Organisation
from library.rotation import steps
from library.rotation.lifecycle import Deed
from library.rotation.models import (
    Batch,
    BatchKind,
    BatchLine,
    BatchState,
    Crate,
    CratePacking,
    Leg,
    LegLine,
    LegOutcome,
    Method,
    Site,
    SiteKind,
)
from library.rotation.signing import Signer
from tests.support import people
from tests.support.world import World

PASSWORD = people.PASSWORD
NAMES = {"tu": "Nông Văn Tú", "thao": "Triệu Thị Thảo", "ha": "Lường Thị Hà", "tai": "Triệu Văn Tài"}
Act = tuple[int, UUID]
Row = TypeVar("Row")


def account(
    world: World, login: str = "tu", role: RoleName = RoleName.SCHEDULER, library: Organisation | None = None
) -> Account:
    """Somebody of the province (or of `library`) who signs in with PASSWORD; made once."""
    known = managing.by_login(_db(world), login)
    if known is not None:
        return known
    owner = library or world.province()
    made = managing.open_account(_db(world), login, NAMES.get(login, login), PASSWORD, world.branch(owner))
    managing.grant(_db(world), made, role, owner.id)
    return made


def signer(world: World, login: str = "tu", library: Organisation | None = None) -> Signer:
    """Who signs: a scheduler of the province, or a librarian of `library`."""
    one = account(world, login, RoleName.LIBRARIAN if library else RoleName.SCHEDULER, library)
    return Signer(one.id, one.name, "Cán bộ thư viện")


def depot(world: World, library: Organisation | None = None) -> Place:
    """Where the province keeps its rotation stock."""
    branch = world.branch(library or world.province())
    return places.place_named(_db(world), branch.id, "Kho luân chuyển", PlaceKind.DEPOT)


def site(
    world: World,
    name: str = "Điểm Bưu điện - Văn hoá xã Bành Trạch",
    library: Organisation | None = None,
    kind: SiteKind | None = None,
    area: str | None = "Khu vực Ba Bể",
    owner: Organisation | None = None,
) -> Site:
    """A point of the province's rotation (of `owner`'s). `library`: the network's library that stands there; None: a point
    without one, which is a branch of the owner."""
    owner = owner or world.province()
    branch = world.branch(library) if library else founding.add_branch(_db(world), owner, name, BranchKind.SITE)
    places.furnish(_db(world), branch)
    place = places.place_named(_db(world), branch.id, "Sách luân chuyển", PlaceKind.DEPOT)
    made = Site(
        uid=clock.uuid7(), library_id=owner.id, branch_id=branch.id, place_id=place.id, name=name, area=area,
        kind=kind or (SiteKind.SCHOOL if library else SiteKind.POST_POINT), keeper_name="Lường Thị Hà",
        keeper_title="Cán bộ thư viện", readers=180, grades=[1, 2, 3, 4, 5] if library else [], languages=[],
        latitude=22.21, longitude=105.86, from_on=clock.today() - timedelta(days=400),
    )  # fmt: skip
    return _kept(world, made)


def school_site(world: World, name: str = "Trường Tiểu học Xuất Hóa") -> Site:
    """A site that is a school of the network."""
    return site(world, name, world.school(name))


def stock(
    world: World, count: int = 6, library: Organisation | None = None, copies: int = 3, title: str = "Sách luân chuyển"
) -> list[Item]:
    """`count` copies whose home is the depot and which stand there, `copies` of a title."""
    owner = library or world.province()
    home = depot(world, owner)
    at = clock.now() - timedelta(days=300)
    receipt = accessions.receive(_db(world), _doing(home.branch_id, at), owner, "Ngân sách tỉnh", at.date(), at)
    records = [world.record(f"{title} {n + 1}", owner).id for n in range(-(-count // copies))]
    new = [NewItem(records[n // copies], home.id, "LC", price=45_000) for n in range(count)]
    ids = accessions.enter(_db(world), receipt, owner, home.branch_id, new, at)
    return [world.session.get_one(Item, one) for one in ids]


def batch(
    world: World,
    sites: Sequence[Site] = (),
    items: Iterable[Item] = (),
    state: BatchState = BatchState.APPROVED,
    theme: str = "Truyện thiếu nhi và khoa học vui",
    kind: BatchKind = BatchKind.ROTATION,
    days: int = 90,
    at: datetime | None = None,
    owner: Organisation | None = None,
) -> Batch:
    """A batch of the province (of `owner`) with `items` as lines, for `sites` in order (one is made if none is said) and
    home again.

    Its legs are planned; each site keeps it an equal part of `days`. Made by anh Tú."""
    owner, at = owner or world.province(), at or clock.now()
    sites, home = sites or [site(world, owner=owner)], depot(world, owner)
    made_by = account(world, "tu").uid
    act_id, _ = _act(world, "plan-batch", home.branch_id, at)
    number = codes.take(_db(world), owner.id, "batch 26")[0]
    first = clock.day_of(at)
    made = Batch(
        uid=clock.uuid7(), library_id=owner.id, code=f"LC26-{number:03}", kind=kind, theme=theme,
        decision="12/QĐ-TVT", depot_id=home.id, planned_from=first, planned_to=first + timedelta(days=days),
        wanted={}, state=state, made_by=made_by, act_id=act_id,
    )  # fmt: skip
    _kept(world, made)
    steps.begin(_db(world), made, act_id, at)
    _plan_legs(world, made, sites, days)
    add_lines(world, made, items)
    return made


def _plan_legs(world: World, of: Batch, sites: Sequence[Site], days: int) -> None:
    """Depot → each site → depot."""
    step = timedelta(days=max(days // len(sites), 1))
    ends: list[Site | None] = [None, *sites, None]
    for n, (start, end) in enumerate(pairwise(ends)):
        leaves = of.planned_from + step * n
        due = leaves + step if end else None
        world.session.add(Leg(
            uid=clock.uuid7(), batch_id=of.id, number=n + 1, from_site_id=start and start.id, to_site_id=end and end.id,
            planned_on=leaves, due_on=due, longest_on=due and leaves + timedelta(days=183),
        ))  # fmt: skip
    world.session.flush()


def add_lines(world: World, of: Batch, items: Iterable[Item]) -> list[BatchLine]:
    have = world.session.scalar(select(func.count(BatchLine.id)).where(BatchLine.batch_id == of.id)) or 0
    lines = [
        BatchLine(batch_id=of.id, item_id=one.id, number=have + n, why="hand") for n, one in enumerate(items, start=1)
    ]
    world.session.add_all(lines)
    world.session.flush()
    return lines


def packed(
    world: World, of: Batch | None = None, count: int = 6, sites: Sequence[Site] = (), at: datetime | None = None
) -> Batch:
    """Every line picked by scan, packed into crate 1 and sealed: the batch is PACKED. A batch of `count` is made if none
    is said."""
    of = of or batch(world, sites, stock(world, count))
    at = at or clock.now()
    lines = lines_of(world, of)
    ref = _act(world, "pick-copy", of.depot.branch_id, at)
    ledger.move(_db(world), ref, _uids(world, lines), _ref(of.depot), Why.SHELVE, at)
    crate = _crate(world, of)
    for line in lines:
        line.picked_at, line.picked_by, line.crate_id, line.follows = at, ref[0], crate.id, None
    steps.take(_db(world), of, Deed.PICK, ref[0], at)
    _seal(world, of, crate, lines)
    return of


def _crate(world: World, of: Batch) -> Crate:
    owner = of.library
    ((code_id, _),) = codes.issue(_db(world), CodeKind.CRATE, owner.id, owner.number, 1, clock.now())
    have = world.session.scalar(select(func.count(Crate.id)).where(Crate.batch_id == of.id)) or 0
    return _kept(world, Crate(uid=clock.uuid7(), batch_id=of.id, number=have + 1, code_id=code_id, limit_grams=15_000))


def _seal(world: World, of: Batch, crate: Crate, lines: Sequence[BatchLine]) -> None:
    at = clock.now()
    act_id, _ = _act(world, "seal-crate", of.depot.branch_id, at)
    crate.seal, crate.sealed_at, crate.sealed_by = f"N{crate.id:05}", at, act_id
    rows = [{"crate_id": crate.id, "sealed_by": act_id, "item_id": line.item_id} for line in lines]
    world.session.execute(insert(CratePacking), rows)
    steps.take(_db(world), of, Deed.SEAL, act_id, at)


def crates_of(world: World, of: Batch) -> list[Crate]:
    return list(world.session.scalars(select(Crate).where(Crate.batch_id == of.id).order_by(Crate.number)))


def lines_of(world: World, of: Batch) -> list[BatchLine]:
    query = select(BatchLine).where(BatchLine.batch_id == of.id, BatchLine.closed_at.is_(None))
    return list(world.session.scalars(query.order_by(BatchLine.number)))


def legs_of(world: World, of: Batch) -> list[Leg]:
    return list(world.session.scalars(select(Leg).where(Leg.batch_id == of.id).order_by(Leg.number)))


def sent(
    world: World, of: Batch | None = None, number: int = 1, count: int = 6, at: datetime | None = None, by: str = "tu"
) -> Leg:
    """The leg of that number set out; a packed batch is made if none is said. Signed by `by`."""
    of = of or packed(world, count=count)
    at = at or clock.now()
    leg = legs_of(world, of)[number - 1]
    start = leg.from_site.place if leg.from_site else of.depot
    lines = lines_of(world, of)
    ref = _act(world, "send-leg", start.branch_id, at)
    road = places.first_of(_db(world), start.branch_id, PlaceKind.IN_TRANSIT)
    moved = ledger.move(_db(world), ref, _uids(world, lines), _ref(road), Why.SEND, at, Basis.ASSERTION, at, start.id)
    gone = {line.item_id: line for line in lines if line.item_id not in moved.elsewhere}
    for line in lines:
        line.follows = "elsewhere" if line.item_id in moved.elsewhere else None
    _send_lines(world, leg, gone, ref, at)
    leg.sent_at, leg.send_act = at, ref[0]
    given = signer(world, by)
    leg.given_by, leg.given_name, leg.given_title = given.id, given.name, given.title
    world.session.flush()
    _sending_step(world, of, leg, ref[0], at)
    return leg


def _send_lines(world: World, leg: Leg, gone: dict[int, BatchLine], ref: Act, at: datetime) -> None:
    items = {one.id: one for one in world.session.scalars(select(Item).where(Item.id.in_(gone)))}
    before = update(LegLine).where(LegLine.item_id.in_(gone), LegLine.outcome == LegOutcome.ARRIVED)
    world.session.execute(before.values(outcome=LegOutcome.SENT_ON), execution_options={"synchronize_session": False})
    world.session.add_all(
        LegLine(leg_id=leg.id, item_id=one, crate_id=line.crate_id, condition_sent=items[one].condition)
        for one, line in gone.items()
    )
    world.session.flush()
    if leg.to_site:
        uids = {one: items[one].uid for one in gone}
        stays.begin_many(_db(world), ref, uids, leg.to_site.place_id, "rotation", at, leg.due_on)


def _sending_step(world: World, of: Batch, leg: Leg, act_id: int, at: datetime) -> None:
    if leg.number == 1:
        steps.take(_db(world), of, Deed.DISPATCH, act_id, at)
    elif leg.to_site_id:
        steps.take(_db(world), of, Deed.FORWARD, act_id, at)
    else:
        steps.take(_db(world), of, Deed.RECALL, act_id, at)


def received(
    world: World,
    leg: Leg | None = None,
    short: Iterable[Item] = (),
    scanned: Iterable[Item] = (),
    count: int = 6,
    at: datetime | None = None,
    by: str = "ha",
) -> Leg:
    """The leg was received: `short` ones were not there, `scanned` ones are proved, the others asserted by sealed crates.

    A leg that set out is made if none is said. Taken by `by`, who must be another than who gave."""
    leg = leg or sent(world, count=count)
    at = at or clock.now()
    of, end = leg.batch, leg.to_site.place if leg.to_site else leg.batch.depot
    missing, seen = {one.id for one in short}, {one.id for one in scanned}
    lines = list(world.session.scalars(select(LegLine).where(LegLine.leg_id == leg.id)))
    ref = _act(world, "receive-leg", end.branch_id, at)
    _came(world, lines, missing, seen, ref, end, leg, at)
    for line in lines:
        _mark(leg, line, missing, seen, at)
    taken = signer(world, by, leg.to_site.branch.organisation if leg.to_site else None)
    leg.received_at, leg.receive_act, leg.method, leg.taken_by = at, ref[0], Method.CRATES, taken.id
    leg.taken_name, leg.taken_title = taken.name, taken.title
    world.session.flush()
    steps.take(_db(world), of, Deed.RECEIVE if leg.to_site_id else Deed.COME_HOME, ref[0], at)
    return leg


def _came(
    world: World, lines: Sequence[LegLine], missing: set[int], seen: set[int], ref: Act, end: Place, leg: Leg, at: datetime
) -> None:  # fmt: skip
    query = select(Item).where(Item.id.in_([line.item_id for line in lines]))
    uids = {one.id: one.uid for one in world.session.scalars(query) if one.id not in missing}
    told = {one: uid for one, uid in uids.items() if one not in seen}
    ledger.move(_db(world), ref, told, _ref(end), Why.RECEIVE, at, Basis.ASSERTION, leg.sent_at)
    ledger.move(_db(world), ref, {one: uids[one] for one in uids if one in seen}, _ref(end), Why.RECEIVE, at)
    if leg.to_site is None:
        stays.end_many(_db(world), ref, uids, "rotation", at)


def _mark(leg: Leg, line: LegLine, missing: set[int], seen: set[int], at: datetime) -> None:
    if line.item_id in missing:
        line.outcome, line.answers_name = LegOutcome.SHORT, leg.given_name
        line.answers_site_id = leg.from_site_id
    else:
        line.outcome = LegOutcome.ARRIVED
        line.asserted_at = None if line.item_id in seen else at
        line.proved_at = at if line.item_id in seen else None


def vehicle(world: World, name: str = "Xe 1", library: Organisation | None = None, **more: Any) -> Vehicle:
    """A car of the province (or of `library`), with its shelves aboard and the depot it loads from."""
    owner = library or world.province()
    branch = world.branch(owner)
    aboard = places.place_named(_db(world), branch.id, f"Trên {name}", PlaceKind.VEHICLE_SHELF)
    usual: dict[str, Any] = {
        "kind": VehicleKind.CAR, "plate": "97A-001.23", "pattern": 1, "copies": 4000, "crates": 40, "seats": 3,
        "has_power": True, "has_internet": True, "litres_per_100km": 14.0,
    }  # fmt: skip
    made = Vehicle(
        uid=clock.uuid7(), library_id=owner.id, branch_id=branch.id, aboard_id=aboard.id,
        depot_id=depot(world, owner).id, name=name, from_on=clock.today() - timedelta(days=700), **(usual | more),
    )  # fmt: skip
    return _kept(world, made)


def aboard(world: World, of: Vehicle, count: int = 6) -> list[Item]:
    """Copies of the rotation stock that stand on the vehicle's shelves."""
    items = stock(world, count, title="Sách trên xe")
    at = clock.now()
    ref = _act(world, "load-van", of.branch_id, at)
    ledger.move(_db(world), ref, {one.id: one.uid for one in items}, _ref(of.aboard), Why.SHELVE, at)
    world.session.flush()
    world.session.expire_all()
    return items


def stop(
    world: World,
    name: str = "Trường Tiểu học Xuất Hóa",
    readers_of: Organisation | None = None,
    owner: Organisation | None = None,
    **more: Any,
) -> Stop:
    """A stop of the province (of `owner`); `readers_of`: the school whose readers come."""
    owner = owner or world.province()
    branch = world.branch(owner)
    place = places.place_named(_db(world), branch.id, f"Điểm dừng {name}", PlaceKind.STOP)
    usual: dict[str, Any] = {
        "latitude": 22.2, "longitude": 105.9, "contact_name": "Lường Thị Hà", "contact_phone": "0209 1234",
        "has_power": True, "has_signal": False, "minutes": 120, "pupils": 240,
    }  # fmt: skip
    made = Stop(
        uid=clock.uuid7(), library_id=owner.id, place_id=place.id, name=name,
        readers_of_id=readers_of and world.branch(readers_of).id, from_on=clock.today() - timedelta(days=400),
        **(usual | more),
    )  # fmt: skip
    return _kept(world, made)


def trip(
    world: World,
    of: Vehicle,
    day: date | None = None,
    stops: Sequence[Stop] = (),
    crew: Sequence[Account] = (),
    state: TripState = TripState.PLANNED,
) -> Trip:
    """A trip that calls at `stops` in order, two hours each from 7.30, with a driver and two librarians.

    `crew`: accounts that go with it beside those three. Its visits are the stops' openings."""
    day = day or clock.today()
    act_id, _ = _act(world, "plan-trip", of.branch_id)
    made = Trip(
        uid=clock.uuid7(), library_id=of.library_id, vehicle_id=of.id, day=day, leaves_at=time(6, 30),
        back_at=time(17, 0), km_planned=64, state=state, act_id=act_id,
        cancelled_why="storm" if state is TripState.CANCELLED else None,
    )  # fmt: skip
    _kept(world, made)
    roles = (CrewRole.DRIVER, CrewRole.LIBRARIAN, CrewRole.LIBRARIAN)
    names = ("Triệu Văn Tài", "Ma Thị Duyên", "Hà Văn Sơn")
    named: list[tuple[CrewRole, int | None, str]] = [
        (role, None, name) for role, name in zip(roles, names, strict=True)
    ]
    people_aboard = [*named, *((CrewRole.LIBRARIAN, one.id, one.name) for one in crew)]
    world.session.add_all(
        TripCrew(trip_id=made.id, number=n, role=role, account_id=who, name=name)
        for n, (role, who, name) in enumerate(people_aboard, start=1)
    )
    for n, one in enumerate(stops, start=1):
        visit(world, made, one, n)
    world.session.flush()
    return made


def visit(world: World, of: Trip, at_stop: Stop, number: int = 1) -> StopVisit:
    """The trip calls at the stop, which is open that day."""
    from_at = time(7 + 2 * (number - 1) % 12, 30)
    made = StopVisit(
        uid=clock.uuid7(), trip_id=of.id, number=number, stop_id=at_stop.id, day=of.day, from_at=from_at,
        to_at=from_at.replace(minute=59), state=VisitState.PLANNED,
    )  # fmt: skip
    _kept(world, made)
    days = select(StopVisit.day).where(
        StopVisit.stop_id == at_stop.id, StopVisit.state.not_in((VisitState.SKIPPED, VisitState.MOVED))
    )
    every = list(world.session.scalars(days))
    opening_days.set_openings(_db(world), at_stop.place_id, every, min(every))
    return made


def visits_of(world: World, of: Trip) -> list[StopVisit]:
    query = select(StopVisit).where(StopVisit.trip_id == of.id)
    return list(world.session.scalars(query.order_by(StopVisit.number)))


def _db(world: World) -> Session:
    """The session as library functions type it."""
    return cast(Session, world.session)


def _doing(branch_id: int, at: datetime | None = None) -> Doing:
    return Doing(clock.uuid7(), branch_id=branch_id, at=at)


def _act(world: World, kind: str, branch_id: int, at: datetime | None = None) -> Act:
    """A new act: (id, uid)."""
    doing = _doing(branch_id, at)
    return acts.write(_db(world), doing, kind, at or clock.now()), doing.uid


def _ref(place: Place) -> tuple[int, int]:
    return place.id, place.branch_id


def _uids(world: World, lines: Sequence[BatchLine]) -> dict[int, UUID]:
    query = select(Item.id, Item.uid).where(Item.id.in_([line.item_id for line in lines]))
    return {row.id: row.uid for row in world.session.execute(query)}


def _kept(world: World, row: Row) -> Row:
    world.session.add(row)
    world.session.flush()
    return row
