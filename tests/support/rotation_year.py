"""A province's year of rotation and a van's, played day by day through the real functions by a seeded hand.

Each batch and each trip is a story told in days: a generator that does what is done on a day and yields the next one. The
clock stands at the hour of the story and moves with every deed. What must be true afterwards is in `rotation_truths`.
"""

import heapq
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from library.accounts.models import Account, RoleName
from library.core import clock
from library.core.db import db
from library.core.errors import Refused
from library.holdings import accessions
from library.holdings.accessions import NewItem
from library.holdings.models import Item, ItemCode
from library.inbox.acts import Doing
from library.inbox.models import Act
from library.loans import desk
from library.loans.happened import Answer, Scan, What
from library.loans.models import Loan, still_out
from library.mobile import at_stop, at_stop_undo, changing, loading, stop_lending, stops, trips, vehicles
from library.mobile.at_stop import Books, Heads, Signed, Tally
from library.mobile.models import CrewRole, Stop, StopVisit, Trip, TripState, VisitState
from library.mobile.stops import NewStop
from library.mobile.trips import Call, Crew, Log
from library.mobile.vehicles import NewVehicle
from library.organisations.models import Code, Organisation
from library.patrons.models import Card, Membership
from library.policies.values import Channel
from library.rotation import (
    agreements,
    batches,
    choosing,
    choosing_facts,
    closing,
    crates,
    extending,
    forwarding,
    legs,
    picking,
    receiving,
    sending,
    site_log,
    sites,
    stock,
    undoing,
    wishes,
)
from library.rotation.agreements import NewAgreement
from library.rotation.batches import NewBatch
from library.rotation.choosing import Wanted
from library.rotation.extending import Asked
from library.rotation.forwarding import Onward
from library.rotation.models import Batch, BatchLine, Crate, Leg, LegLine, LineOutcome, Method, Site, SiteKind
from library.rotation.receiving import Got
from library.rotation.signing import Signer
from library.rotation.site_log import Counted
from library.rotation.sites import NewSite
from tests.support import rotation
from tests.support.policies import lends
from tests.support.world import World

Story = Iterator[date]
Clock = ExitStack


@dataclass(frozen=True)
class Size:
    """How much is played. `copies` a batch; `books` aboard the van; `visits` a trip; `loans` a site's month or a visit."""

    sites: int
    batches: int
    copies: int
    books: int
    trips: int
    days: int
    stops: int = 6
    visits: int = 2
    readers: int = 10
    loans: int = 3
    stays: int = 60
    """Days a batch stays at a site."""


FOUR_WEEKS = Size(sites=8, batches=10, copies=24, books=150, trips=10, days=28, stops=5, readers=8, loans=4, stays=7)
YEAR = Size(sites=60, batches=80, copies=200, books=4000, trips=180, days=365, stops=30, readers=20, loans=6)


@dataclass
class Count:
    """What was done, for the bench to tell."""

    batches: int = 0
    legs: int = 0
    trips: int = 0
    visits: int = 0
    loans: int = 0
    returns: int = 0
    short: int = 0
    found: int = 0
    lost: int = 0
    follows: int = 0
    skipped: int = 0
    undone: int = 0
    refused: list[str] = field(default_factory=list)


class Year:
    """Build with `found`, then `play`. `begun`: the first day; the last deed is before today."""

    def __init__(self, world: World, size: Size, seed: int = 7) -> None:
        self.world, self.size, self.rng, self.count = world, size, Random(seed), Count()
        self.begun = clock.today() - timedelta(days=size.days + 4 * size.stays + 40)
        self.moment = datetime.combine(self.begun, time(7), clock.HERE)
        self._clock = Clock()
        self.sites: list[Site] = []
        self.readers: dict[int, list[Membership]] = {}
        self.cards: dict[int, str] = {}
        self.codes: dict[int, str] = {}

    # The clock, and who does what

    @property
    def session(self) -> Session:
        return db.session()

    def stand(self, day: date, hour: int, minute: int = 0) -> None:
        """Never back: what happens later in the story happens later."""
        wanted = datetime.combine(day, time(hour, minute), clock.HERE)
        self._set(max(wanted, self.moment + timedelta(seconds=1)))

    def tick(self, seconds: float = 20) -> None:
        self._set(self.moment + timedelta(seconds=seconds))

    def _set(self, moment: datetime) -> None:
        self.moment = moment
        self._clock.close()
        self._clock.enter_context(clock.stopped_at(moment.astimezone(clock.UTC)))

    @property
    def day(self) -> date:
        return clock.day_of(self.moment)

    def doing(self, who: Account, branch_id: int) -> Doing:
        self.tick()
        return Doing(clock.uuid7(), who.uid, branch_id)

    def at_depot(self, who: Account | None = None) -> Doing:
        return self.doing(who or self.tu, self.depot.branch_id)

    def at_site(self, site: Site, who: Account | None = None) -> Doing:
        return self.doing(who or self.keeper(site), site.branch_id)

    def keeper(self, site: Site) -> Account:
        return self.keepers[site.id % len(self.keepers)]

    def signer(self, who: Account) -> Signer:
        return Signer(who.id, who.name, "Cán bộ thư viện")

    # Founding

    def found(self) -> None:
        self.stand(self.begun, 7)
        self.province = self.world.province()
        lends(self.session, self.province.id, days=14, most=400, renewals=1)
        self.depot = sites.depot(self.session, self.province)
        names = ("tu", "thao", "k1", "k2", "k3", "xe")
        roles = (*(RoleName.SCHEDULER,) * 2, *(RoleName.LIBRARIAN,) * 3, RoleName.VAN_CREW)
        who = [rotation.account(self.world, name, role) for name, role in zip(names, roles, strict=True)]
        self.tu, self.thao, self.keepers, self.xe = who[0], who[1], who[2:5], who[5]
        self._found_sites()
        self._stock()
        self._van()
        db.session.commit()

    def _found_sites(self) -> None:
        """Every other one is a school of the network; the others are points without a library."""
        for number in range(self.size.sites):
            school = self.world.school(f"Trường Tiểu học số {number}") if number % 2 == 0 else None
            new = NewSite(
                f"Điểm số {number}", SiteKind.SCHOOL if school else SiteKind.POST_POINT,
                school and school.branches[0], area=f"Khu vực {number % 6}", keeper_name="Lường Thị Hà",
                readers=self.rng.randrange(60, 300), latitude=22.0 + number / 100, longitude=105.8,
            )  # fmt: skip
            site = sites.found(self.session, self.at_depot(), self.province, new)
            self.sites.append(site)
            self._agree(site)
            self._readers(site.branch_id, school or self.province, number)
        db.session.commit()

    def _agree(self, site: Site) -> None:
        new = NewAgreement(5 * self.size.copies, 6, self.day, self.day + timedelta(days=900), f"TT-{site.id}")
        agreements.make(self.session, self.at_depot(), site, new)
        wishes.unmet(self.session, self.at_site(site), site, "Truyện ma", 3)

    def _readers(self, branch_id: int, owner: Organisation, number: int) -> None:
        if owner is self.province and self.readers.get(self.province.id):
            self.readers[branch_id] = self.readers[self.province.id]
            return
        made = [self.world.patron(f"Bạn đọc {number} {n}", owner) for n in range(self.size.readers)]
        query = select(Card.membership_id, Code.printed).join(Code, Code.id == Card.code_id)
        self.cards |= dict(self.session.execute(query.where(Card.membership_id.in_([one.id for one in made]))).all())
        self.readers[branch_id] = made
        self.readers.setdefault(owner.id if owner is self.province else 0, made)

    def _stock(self) -> None:
        """Titles of four copies each, in the depot and marked as rotation stock; more than ever travel at once."""
        wanted = 2 * self.size.copies * min(self.size.batches, 24) + self.size.books
        records = [self.world.record(f"Nhan đề {n}", self.province).id for n in range(-(-wanted // 4))]
        home = self.world.place(library=self.province)
        doing = self.at_depot()
        receipt = accessions.receive(
            self.session, doing, self.province, "Ngân sách tỉnh", self.day, self.moment.astimezone(clock.UTC)
        )
        new = [NewItem(records[n // 4], home.id, "LC", price=40_000) for n in range(wanted)]
        items = accessions.enter(self.session, receipt, self.province, home.branch_id, new, clock.now())
        stock.join(self.session, self.at_depot(), self.province.id, items, self.depot, seen=True)
        query = select(ItemCode.item_id, Code.printed).join(Code, Code.id == ItemCode.code_id)
        self.codes = dict(self.session.execute(query).all())
        db.session.commit()

    def _van(self) -> None:
        new = NewVehicle("Xe 1", depot=self.depot, plate="97A-001.23", copies=self.size.books + 500, seats=3)
        self.van = vehicles.found(self.session, self.at_depot(), self.province, new)
        self.stops = [self._stop(number) for number in range(self.size.stops)]

    def _stop(self, number: int) -> Stop:
        site = self.sites[number % len(self.sites)]
        school = site.branch if site.kind is SiteKind.SCHOOL else None
        new = NewStop(f"Điểm dừng {number}", readers_of=school, latitude=22.1 + number / 100, longitude=105.9)
        return stops.found(self.session, self.at_depot(), self.province, new)

    # Playing

    def play(self) -> Count:
        """Every story to its end, in order of days; each day of a story is committed by itself."""
        order, waiting = 0, list[tuple[date, int, Story]]()
        for first, story in self._stories():
            heapq.heappush(waiting, (first, order, story))
            order += 1
        while waiting:
            day, _, story = heapq.heappop(waiting)
            self.stand(day, 8)
            following = next(story, None)
            db.session.commit()
            if following is not None:
                order += 1
                heapq.heappush(waiting, (max(following, day), order, story))
        self._clock.close()
        return self.count

    def _stories(self) -> Iterator[tuple[date, Story]]:
        first = self.begun + timedelta(days=2)
        for number in range(self.size.batches):
            yield first + timedelta(days=number * self.size.days // self.size.batches), self._batch(number)
        every = self.size.days / self.size.trips
        for number in range(self.size.trips):
            yield first + timedelta(days=int(number * every)), self._planned(first, number, every)

    # A batch

    def _batch(self, number: int) -> Story:
        """Planned, approved, picked, sent, received, read from, sent on, brought home, closed; with what goes wrong."""
        way = self.rng.sample(self.sites, self.rng.choice((1, 1, 2, 3)))
        batch = self._plan(number, way)
        yield self.day + timedelta(days=2)
        self._pick(batch)
        yield self.day + timedelta(days=1)
        for site in way:
            leg = self._send(batch, site)
            yield self.day + timedelta(days=self.rng.randrange(1, 4))
            self._receive(leg)
            for _ in range(3):
                yield self.day + timedelta(days=self.size.stays // 3)
                self._served(batch, site)
            self._extend(leg)
        yield self.day + timedelta(days=self.rng.choice((0, 0, 3, 12)))
        home = self._home(batch)
        yield self.day + timedelta(days=1)
        if home:
            self._receive(home)
        yield self.day + timedelta(days=1)
        self._close(batch)
        yield self.day + timedelta(days=5)
        self._found_again(batch)

    def _plan(self, number: int, way: Sequence[Site]) -> Batch:
        until = self.day + timedelta(days=(self.size.stays + 10) * len(way))
        wanted = Wanted(self.size.copies, each=2, years_apart=0)
        new = NewBatch(
            f"Đợt số {number}", self.depot, way, self.day, until, wanted=wanted.plain(), decision="12/QĐ-TVT"
        )
        batch = batches.make(self.session, self.at_depot(), self.province, new)
        chosen = choosing.choose(choosing_facts.of(self.session, batch), wanted)
        added = batches.add(
            self.session, self.at_depot(), batch, {one.item_id: one.why for one in chosen}, "Điểm đề nghị"
        )
        self.count.refused += [reason.code for _, reason in added.refused]
        batches.propose(self.session, self.at_depot(), batch)
        batches.approve(self.session, self.at_depot(self.thao), batch, "Triệu Thị Thảo")
        self.count.batches += 1
        return batch

    def _pick(self, batch: Batch) -> None:
        """One in thirty is not found; crates are full at the count of forty. What is scanned far from the network comes in
        one message."""
        lines = self._lines(batch)
        if len(lines) > 100:
            crate = crates.new(self.session, self.at_depot(), batch)
            picking.pick_many(self.session, self.at_depot(), batch, [line.item_id for line in lines[60:]], crate)
            crates.seal(self.session, self.at_depot(), crate, f"N{crate.id:05}")
            lines = lines[:60]
        crate = crates.new(self.session, self.at_depot(), batch)
        in_crate = 0
        for line in lines:
            if self.rng.random() < 1 / 30:
                picking.miss(self.session, self.at_depot(), batch, line.item_id)
                continue
            if in_crate == 40:
                crates.seal(self.session, self.at_depot(), crate, f"N{crate.id:05}")
                crate, in_crate = crates.new(self.session, self.at_depot(), batch), 0
            picking.pick(self.session, self.at_depot(), batch, line.item_id, crate=crate)
            in_crate += 1
        if in_crate:
            crates.seal(self.session, self.at_depot(), crate, f"N{crate.id:05}")
        db.session.commit()

    def _lines(self, batch: Batch) -> list[BatchLine]:
        query = select(BatchLine).where(BatchLine.batch_id == batch.id, BatchLine.closed_at.is_(None))
        return list(self.session.scalars(query.order_by(BatchLine.number)))

    def _send(self, batch: Batch, to: Site | None) -> Leg:
        way = legs.of(self.session, batch.id)
        leg = legs.next_(way)
        assert leg is not None and leg.to_site_id == (to and to.id)
        giver = self.tu if leg.from_site is None else self.keeper(leg.from_site)
        branch = self.depot.branch_id if leg.from_site is None else leg.from_site.branch_id
        if leg.from_site_id is None and self.rng.random() < 0.2:
            self._strays(batch)
        doing, signer = self.doing(giver, branch), self.signer(giver)
        if leg.from_site_id is None:
            sent = sending.send(self.session, doing, leg, signer, "Xe 97A-001.23")
        else:
            sent = self._hand_on(doing, batch, leg, signer)
        self.count.legs += 1
        self.count.follows += len(sent.exceptions)
        return leg

    def _hand_on(self, doing: Doing, batch: Batch, leg: Leg, signer: Signer) -> sending.Sent:
        """Who gives says what is not there any more: one copy in a hundred."""
        here = select(Item.id).join(BatchLine, BatchLine.item_id == Item.id).where(BatchLine.batch_id == batch.id)
        there = self.session.scalars(here.where(Item.place_id == leg.from_site.place_id)) if leg.from_site else ()
        gone = {one for one in there if self.rng.random() < 0.01}
        due = self.day + timedelta(days=self.size.stays) if leg.to_site else None
        done = forwarding.hand_on(self.session, doing, batch, signer, Onward(leg.to_site, due, gone))
        self.count.short += len(done.missing)
        return done.sent

    def _home(self, batch: Batch) -> Leg | None:
        """Where readers have every copy there is nothing to send: the batch is called back and closed without."""
        try:
            with self.session.begin_nested():
                return self._send(batch, None)
        except Refused as no:
            self.count.refused.append(no.reasons[0].code)
            closing.recall(self.session, self.at_depot(), batch, self.day)
            return None

    def _strays(self, batch: Batch) -> None:
        """Somebody took a packed copy and put it back on a shelf: it breaks the seal by itself."""
        line = self.rng.choice([one for one in self._lines(batch) if one.picked_at])
        self._scan_at(self.depot.branch_id, self.province, self.codes[line.item_id], None)

    def _receive(self, leg: Leg) -> None:
        listed = select(LegLine).where(LegLine.leg_id == leg.id, LegLine.outcome.is_(None))
        rows = list(self.session.scalars(listed.order_by(LegLine.item_id)))
        items = [one.item_id for one in rows]
        missing = {one for one in items if self.rng.random() < 0.01}
        got = self._got(leg, rows, items, missing)
        taker, branch = self._taker(leg)
        done = receiving.receive(self.session, self.doing(taker, branch), leg, self.signer(taker), got)
        if self.rng.random() < 0.1:
            undoing.undo(self.session, self.doing(taker, branch), self.session.get_one(Act, done.act_id))
            self.count.undone += 1
            done = receiving.receive(self.session, self.doing(taker, branch), leg, self.signer(taker), got)
        self.count.short += len(done.short)

    def _taker(self, leg: Leg) -> tuple[Account, int]:
        """Another than who gave."""
        who = self.keeper(leg.to_site) if leg.to_site else self.thao
        if who.id == leg.given_by:
            who = next(one for one in self.keepers if one.id != leg.given_by)
        return who, leg.to_site.branch_id if leg.to_site else self.depot.branch_id

    def _got(self, leg: Leg, rows: Sequence[LegLine], items: Sequence[int], missing: set[int]) -> Got:
        method = Method.SCAN_ALL if leg.to_site_id is None else self.rng.choice(list(Method))
        damaged = {one for one in items if one not in missing and self.rng.random() < 0.005}
        there = set(items) - missing
        if method is Method.SCAN_ALL:
            return Got(method, seen=there, damaged=damaged)
        if method is Method.CRATES:
            broken = set(
                self.session.scalars(select(Crate.id).where(crates.opened(leg), Crate.batch_id == leg.batch_id))
            )
            whole = {one.crate_id for one in rows if one.crate_id} - broken
            seen = {one.item_id for one in rows if one.crate_id not in whole} - missing
            return Got(method, seen=seen, crates=whole, missing=missing, damaged=damaged)
        if method is Method.COUNT:
            drawn = receiving.sample(self.session, leg, leg.batch, items)
            spoiled = {one.crate_id for one in rows if one.item_id in drawn & missing}
            seen = {one.item_id for one in rows if one.item_id in drawn or one.crate_id in spoiled} - missing
            return Got(method, seen=seen, counted=len(there), missing=missing, damaged=damaged)
        return Got(method, missing=missing, damaged=damaged)

    def _served(self, batch: Batch, site: Site) -> None:
        """The site counts by touch; some copies are borrowed at its desk, older ones come back."""
        site_log.count(
            self.session, self.at_site(site), site, Counted(self.rng.randrange(5, 40), self.rng.randrange(5, 60))
        )
        here = list(self.session.scalars(select(Item).where(Item.place_id == site.place_id).order_by(Item.id)))
        readers, library = self.readers[site.branch_id], site.branch.organisation
        for item in self.rng.sample(here, min(len(here), self.size.loans)):
            said = self._scan_at(site.branch_id, library, self.codes[item.id], self.rng.choice(readers))
            self.count.loans += said is What.LENT
        lent = self._out(site.branch_id, batch)
        for item_id in self.rng.sample(lent, len(lent) // 2):
            said = self._scan_at(site.branch_id, library, self.codes[item_id], None)
            self.count.returns += said is What.RETURNED

    def _out(self, branch_id: int, batch: Batch) -> list[int]:
        query = select(Loan.item_id).join(BatchLine, BatchLine.item_id == Loan.item_id)
        mine = (still_out(), Loan.branch_id == branch_id, BatchLine.batch_id == batch.id)
        return list(self.session.scalars(query.where(*mine).order_by(Loan.id)))

    def _scan_at(self, branch_id: int, library: Organisation, code: str, reader: Membership | None) -> What:
        here = desk.Desk(library.id, library.network_id or library.id, branch_id)
        one = Scan(
            code, reader.uid if reader else None, returns_only=reader is None, answer=Answer.YES if reader else None
        )
        return desk.scan(self.session, here, self.doing(self.tu, branch_id), one).what

    def _extend(self, leg: Leg) -> None:
        """One in four asks for three weeks more; half of them get it."""
        if leg.due_on is None or self.rng.random() > 0.25:
            return
        site = leg.to_site
        assert site
        try:
            wanted = Asked(leg.due_on + timedelta(days=21), "Lường Thị Hà", "Lớp đang đọc dở")
            asked = extending.ask(self.session, self.at_site(site), leg, wanted)
            extending.decide(self.session, self.at_depot(), asked, self.rng.random() < 0.5)
        except Refused as no:
            self.count.refused.append(no.reasons[0].code)

    def _close(self, batch: Batch) -> None:
        """What is missing is called lost; what came home is said to have; the rest is with readers."""
        outcomes = self._outcomes(batch)
        self.count.lost += sum(one is LineOutcome.LOST for one in outcomes.values())
        closing.reconcile(self.session, self.at_depot(), batch, outcomes)
        closing.close(self.session, self.at_depot(), batch)

    def _outcomes(self, batch: Batch) -> dict[int, LineOutcome]:
        return {one.item_id: one.allowed[0] for one in closing.copies(self.session, batch) if one.outcome is None}

    def _found_again(self, batch: Batch) -> None:
        """One short copy in two turns up at the depot's desk."""
        query = select(BatchLine).where(BatchLine.batch_id == batch.id, BatchLine.outcome == LineOutcome.LOST)
        for line in self.session.scalars(query).all():
            if self.rng.random() < 0.5:
                self._scan_at(self.depot.branch_id, self.province, self.codes[line.item_id], None)
                self.count.found += 1

    # A trip

    def _planned(self, first: date, number: int, every: float) -> Story:
        """Planned with its stops the month before, so that readers know when it comes back; then driven."""
        stops_ = [self.stops[(number * self.size.visits + n) % len(self.stops)] for n in range(self.size.visits)]
        goes_on = self.day + timedelta(days=30)
        trip = self._plan_trip(goes_on, stops_)
        yield goes_on - timedelta(days=1)
        if self.rng.random() < 0.1:
            self._leave_out(trip)
        self._load(trip)
        yield goes_on
        self._drive(trip)

    def _plan_trip(self, day: date, calls: Sequence[Stop]) -> Trip:
        crew = [Crew(CrewRole.DRIVER, "Triệu Văn Tài"), Crew(CrewRole.LIBRARIAN, "Ma Thị Duyên"),
                Crew(CrewRole.LIBRARIAN, self.xe.name, self.xe.id)]  # fmt: skip
        made = [Call(one, time(8 + 3 * n), time(10 + 3 * n)) for n, one in enumerate(calls)]
        trip = trips.plan(self.session, self.at_depot(), self.van, day, made, crew)
        self.count.trips += 1
        return trip

    def _leave_out(self, trip: Trip) -> None:
        """Rain: a stop is skipped; one time in three it was said too soon, and is taken back."""
        visit = self._visits(trip)[-1]
        change = changing.skip(self.session, self.at_depot(), visit, "storm")
        self.count.skipped += 1
        if self.rng.random() < 1 / 3:
            changing.undo(self.session, self.at_depot(), change)
            self.count.undone += 1

    def _visits(self, trip: Trip) -> list[StopVisit]:
        query = select(StopVisit).where(StopVisit.trip_id == trip.id, StopVisit.state == VisitState.PLANNED)
        return list(self.session.scalars(query.order_by(StopVisit.number)))

    def _load(self, trip: Trip) -> None:
        """The first time everything on somebody's word; later what is missing, scanned."""
        if trip.state is TripState.CANCELLED:
            return
        room = self.size.books - loading.count_aboard(self.session, self.van)
        query = select(Item.id).where(Item.place_id == self.depot.id, ~self._in_a_batch()).order_by(Item.id.desc())
        free = list(self.session.scalars(query.limit(max(room, 0))))
        if free:
            loading.load(self.session, self.at_depot(self.xe), trip, free, asserted=len(free) > 50)
        trips.advance(self.session, self.at_depot(self.xe), trip, TripState.LOADED)

    def _in_a_batch(self) -> Any:
        return select(BatchLine.id).where(BatchLine.item_id == Item.id, BatchLine.closed_at.is_(None)).exists()

    def _drive(self, trip: Trip) -> None:
        self.session.refresh(trip)
        if trip.state is TripState.CANCELLED:
            return
        odometer = 10_000 + 70 * trip.id
        trips.advance(self.session, self.at_depot(self.xe), trip, TripState.ON_ROAD, Log(odometer))
        for visit in self._visits(trip):
            self.stand(trip.day, visit.from_at.hour, visit.from_at.minute)
            self._stop_at(visit)
        self.stand(trip.day, 16)
        trips.advance(self.session, self.at_depot(self.xe), trip, TripState.CLOSED, Log(odometer + 64, 9.5, 250_000))

    def _stop_at(self, visit: StopVisit) -> None:
        doing = lambda: self.doing(self.xe, self.van.branch_id)  # noqa: E731
        at_stop.open_(self.session, doing(), visit)
        tally = Tally(
            [Heads(self.rng.randrange(10, 35), "pupil", "4A", 4, "m"), Heads(2, "teacher")],
            [Books(self.rng.randrange(8, 30), level=2)], {"films": 1, "film-viewers": 30},
        )  # fmt: skip
        counted = at_stop.count(self.session, doing(), visit, tally)
        if self.rng.random() < 0.1:
            self._take_back(counted)
        self._lend_at(visit)
        at_stop.close(self.session, doing(), visit, Signed("Lường Thị Hà", "Phó hiệu trưởng"))
        self.count.visits += 1
        db.session.commit()

    def _take_back(self, act_id: int) -> None:
        at_stop_undo.undo(self.session, self.doing(self.xe, self.van.branch_id), self.session.get_one(Act, act_id))
        self.count.undone += 1

    def _lend_at(self, visit: StopVisit) -> None:
        """What was lent at the stop before comes back, but one; then others are lent."""
        spot = stop_lending.spot_of(self.session, visit)
        for item_id in self._lent_at(visit)[:-1]:
            self.count.returns += self._scan_aboard(spot, item_id, None) is What.RETURNED
        branch = visit.stop.readers_of_id
        readers = self.readers[branch] if branch in self.readers else self.readers[self.province.id]
        query = select(Item.id).where(Item.place_id == self.van.aboard_id).order_by(Item.id)
        on_board = list(self.session.scalars(query))
        for item_id in self.rng.sample(on_board, min(self.size.loans, len(on_board))):
            self.count.loans += self._scan_aboard(spot, item_id, self.rng.choice(readers)) is What.LENT

    def _lent_at(self, visit: StopVisit) -> list[int]:
        query = select(Loan.item_id).where(still_out(), Loan.place_id == visit.stop.place_id)
        return list(self.session.scalars(query.order_by(Loan.id)))

    def _scan_aboard(self, spot: stop_lending.Spot, item_id: int, reader: Membership | None) -> What:
        answer = Answer.YES if reader else None
        who = reader.uid if reader else None
        one = Scan(self.codes[item_id], who, returns_only=reader is None, answer=answer, channel=Channel.VAN)
        return stop_lending.scan(self.session, spot, self.doing(self.xe, self.van.branch_id), one).told.what
