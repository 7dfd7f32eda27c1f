"""What speaks against a trip. Pure: facts in, every reason out.

`HARD` reasons refuse it; the others warn on the page, and the trip is made.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, time

from library.core.errors import N_, Reason


@dataclass(frozen=True)
class CallFacts:
    """A stop of the trip. `suspended`: why no vehicle goes there on the day; `closed`: a holiday or closure there."""

    name: str
    from_at: time
    to_at: time
    from_on: date
    closed_on: date | None = None
    suspended: str | None = None
    closed: str | None = None
    called_already: bool = False
    """Another trip calls there that day."""


@dataclass(frozen=True)
class TripFacts:
    """`busy`: (name, from, to) of trips of the same vehicle that day; `away`: (person, from, to) of others' crews;
    `route_suspended`: why the route it is made from does not go that day."""

    vehicle: str
    day: date
    leaves_at: time
    back_at: time
    vehicle_from: date
    vehicle_to: date | None
    calls: Sequence[CallFacts]
    suspended: str | None = None
    busy: Sequence[tuple[str, time, time]] = ()
    away: Sequence[tuple[str, time, time]] = ()
    route_suspended: str | None = None


def against(trip: TripFacts) -> list[Reason]:
    """Everything that refuses it."""
    return [*_of_vehicle(trip), *_of_times(trip), *(one for call in trip.calls for one in _of_call(trip, call))]


def _of_vehicle(trip: TripFacts) -> Iterator[Reason]:
    if trip.day < trip.vehicle_from or (trip.vehicle_to and trip.day > trip.vehicle_to):
        yield Reason("vehicle-out-of-use", N_("%(name)s không dùng vào ngày này."), {"name": trip.vehicle})
    if trip.suspended:
        yield Reason("vehicle-suspended", N_("%(name)s tạm nghỉ ngày này: %(why)s."),
                     {"name": trip.vehicle, "why": trip.suspended})  # fmt: skip
    if trip.route_suspended:
        yield Reason("route-suspended", N_("Tuyến tạm nghỉ ngày này: %(why)s."), {"why": trip.route_suspended})
    for name, from_at, to_at in trip.busy:
        if _overlap(trip, from_at, to_at):
            sentence = N_("%(name)s đã có chuyến đi %(stops)s, %(from)s – %(to)s.")
            facts = {"name": trip.vehicle, "stops": name, "from": f"{from_at:%H:%M}", "to": f"{to_at:%H:%M}"}
            yield Reason("vehicle-busy", sentence, facts)
    for name, from_at, to_at in trip.away:
        if _overlap(trip, from_at, to_at):
            sentence = N_("%(name)s đã đi chuyến khác lúc %(from)s – %(to)s.")
            yield Reason("crew-away", sentence, {"name": name, "from": f"{from_at:%H:%M}", "to": f"{to_at:%H:%M}"})


def _overlap(trip: TripFacts, from_at: time, to_at: time) -> bool:
    return from_at < trip.back_at and trip.leaves_at < to_at


def _of_times(trip: TripFacts) -> Iterator[Reason]:
    if not trip.calls:
        yield Reason("no-stops", N_("Chuyến chưa có điểm dừng nào."))
        return
    names = [call.name for call in trip.calls]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield Reason("twice", N_("%(name)s đứng hai lần trong chuyến."), {"name": name})
    for before, after in zip(trip.calls, trip.calls[1:], strict=False):
        if after.from_at < before.to_at:
            sentence = N_("Giờ đến %(after)s sớm hơn giờ rời %(before)s.")
            yield Reason("out-of-order", sentence, {"after": after.name, "before": before.name})
    if trip.leaves_at > trip.calls[0].from_at:
        yield Reason("leaves-late", N_("Xe rời kho sau giờ đến điểm đầu tiên."))
    if trip.back_at < trip.calls[-1].to_at:
        yield Reason("back-early", N_("Xe về kho trước giờ rời điểm cuối cùng."))


def _of_call(trip: TripFacts, call: CallFacts) -> Iterator[Reason]:
    if call.to_at <= call.from_at:
        yield Reason("no-time", N_("%(name)s: giờ rời phải sau giờ đến."), {"name": call.name})
    if trip.day < call.from_on or (call.closed_on and trip.day > call.closed_on):
        yield Reason("stop-out-of-use", N_("%(name)s không mở vào ngày này."), {"name": call.name})
    if call.suspended:
        yield Reason("stop-suspended", N_("%(name)s tạm nghỉ ngày này: %(why)s."),
                     {"name": call.name, "why": call.suspended})  # fmt: skip
    if call.called_already:
        yield Reason("called-already", N_("%(name)s đã có chuyến khác đến trong ngày."), {"name": call.name})


def mind(trip: TripFacts) -> list[Reason]:
    """What the planner should know; nothing is refused for it."""
    sentence = N_("%(name)s: ngày này là ngày nghỉ (%(why)s), hạn trả sách không rơi vào đây.")
    return [
        Reason("closed-day", sentence, {"name": call.name, "why": call.closed}) for call in trip.calls if call.closed
    ]
