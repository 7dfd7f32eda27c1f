"""A vehicle, stops and trips through the real functions, in few words; loans at a stop straight into the tables."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from typing import cast

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from library.core import clock
from library.inbox import acts
from library.inbox.acts import Doing
from library.loans.models import Hold, Loan
from library.mobile import stops, trips, vehicles
from library.mobile.models import CrewRole, Stop, StopVisit, Trip, Vehicle
from library.mobile.stops import NewStop
from library.mobile.trips import Call, Crew
from library.mobile.vehicles import NewVehicle
from library.organisations.models import Organisation
from tests.support.world import World

CREW = (
    Crew(CrewRole.DRIVER, "Nông Văn Thắng"),
    Crew(CrewRole.LIBRARIAN, "Lý Thị Xuân"),
    Crew(CrewRole.LIBRARIAN, "Hà Quang Vinh"),
)


def day(ahead: int) -> date:
    return clock.today() + timedelta(days=ahead)


@dataclass
class Fleet:
    """Xe 1 of the province."""

    world: World
    library: Organisation = field(init=False)
    vehicle: Vehicle = field(init=False)

    def __post_init__(self) -> None:
        self.library = self.world.province()
        self.vehicle = vehicles.found(self.session, self.doing(), self.library, NewVehicle("Xe 1", copies=4000))

    @property
    def session(self) -> Session:
        return cast(Session, self.world.session())

    def doing(self) -> Doing:
        return self.world.doing(library=self.library)

    def stop(self, name: str = "TH Nà Phặc", **more: object) -> Stop:
        return stops.found(self.session, self.doing(), self.library, NewStop(name, **more))  # type: ignore[arg-type]

    def trip(self, on: date, *called: Stop, crew: Sequence[Crew] = CREW, **more: object) -> Trip:
        """Two hours at each stop from 7.30."""
        calls = [Call(one, time(7 + 2 * at, 30), time(9 + 2 * at, 0)) for at, one in enumerate(called)]
        return trips.plan(self.session, self.doing(), self.vehicle, on, calls, crew, **more)  # type: ignore[arg-type]

    def visit(self, trip: Trip, stop: Stop) -> StopVisit:
        query = select(StopVisit).where(StopVisit.trip_id == trip.id, StopVisit.stop_id == stop.id)
        return self.session.scalars(query.order_by(StopVisit.id.desc())).first()  # type: ignore[return-value]

    def lent(self, stop: Stop, due: date, count: int = 1) -> list[int]:
        """Open loans made at a stop; ids."""
        reader = self.world.patron(library=self.library)
        made = []
        for item in self.world.items(count, self.library):
            act = acts.write(self.session, self.doing(), "lend", clock.now())
            row = {
                "act_id": act, "item_id": item.id, "membership_id": reader.id, "branch_id": stop.place.branch_id,
                "lent_at": clock.now(), "due_on": due, "renewals": 0, "unseen_renewals": 0, "voided": False,
                "channel": "van", "on_site": False, "place_id": stop.place_id,
            }  # fmt: skip
            made.append(self.session.execute(insert(Loan).values(row).returning(Loan.id)).scalar_one())
        return made

    def due(self, loan_id: int) -> date:
        return self.session.scalars(select(Loan.due_on).where(Loan.id == loan_id)).one()

    def kept(self, stop: Stop, until: date) -> int:
        """A copy waits for a reader at a stop; the hold's id."""
        reader = self.world.patron("Triệu Thị Mai", library=self.library)
        item = self.world.item(self.library)
        act = acts.write(self.session, self.doing(), "place-hold", clock.now())
        row = {
            "uid": clock.uuid7(), "act_id": act, "record_id": item.record_id, "membership_id": reader.id,
            "branch_id": stop.place.branch_id, "placed_at": clock.now(), "item_id": item.id, "captured_by": act,
            "keep_until": until, "place_id": stop.place_id, "priority": 0, "ready_at": clock.now(),
        }  # fmt: skip
        return self.session.execute(insert(Hold).values(row).returning(Hold.id)).scalar_one()

    def keep_until(self, hold_id: int) -> date | None:
        return self.session.scalars(select(Hold.keep_until).where(Hold.id == hold_id)).one()
