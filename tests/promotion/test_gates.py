"""A counter at the door: halves, resets and coming round, readings out of order; nobody is counted twice."""

from datetime import timedelta
from itertools import permutations

import pytest
from flask import Flask
from sqlalchemy import func, select

from library.core import clock
from library.core.db import db
from library.inbox import acts
from library.inbox.acts import Doing
from library.promotion import gates, visits
from library.promotion.gates import (
    CountsAlready,
    CoversAlready,
    DoesNotComeRound,
    GateIsClosed,
    ReadThen,
    Shown,
    ShowsLess,
    ShowsMore,
    TooMany,
)
from library.promotion.visit_models import Gate, GateReading, Turn
from library.uses import counting
from library.uses.counting import Frozen
from library.uses.models import Visit, VisitKind
from tests.support.people import account, sign_in
from tests.support.world import World

NOON = clock.now().replace(hour=5, minute=0, second=0, microsecond=0) - timedelta(days=9)


def make(world: World, both_ways: bool = False, covers: bool = False, digits: int | None = None) -> Gate:
    return gates.make(world.session(), world.branch().id, "Cửa chính", both_ways, covers, digits)


def read(world: World, gate: Gate, counter: int, hour: int, turn: Turn | None = None, sure: bool = False) -> Doing:
    doing = Doing(clock.uuid7(), branch_id=gate.branch_id, at=NOON + timedelta(hours=hour))
    gates.read(world.session(), doing, gate, Shown(counter, turn, sure))
    return doing


def undo(world: World, doing: Doing) -> None:
    act = acts.by_uid(world.session(), doing.uid)
    assert act
    gates.undo(world.session(), Doing.now(branch_id=world.branch().id), act)


def counted() -> list[int]:
    """By standing reading, in order of its moment."""
    query = select(GateReading, Visit.quantity).outerjoin(Visit, Visit.id == GateReading.visit_id)
    rows = db.session.execute(query.where(GateReading.voided.is_(False)).order_by(GateReading.read_at))
    return [quantity or 0 for _, quantity in rows]


def total() -> int:
    return (
        db.session.scalar(select(func.coalesce(func.sum(Visit.quantity), 0)).where(Visit.kind == VisitKind.GATE)) or 0
    )


def test_readings_in_any_order_and_taken_back_come_to_the_same(world: World) -> None:
    told, _here = {1: 101, 5: 108, 9: 121, 30: 121}, world.branch()
    for order in permutations(told):
        attempt = world.session().begin_nested()
        gate, doings = make(world, both_ways=True), {}
        for hour in order:
            doings[hour] = read(world, gate, told[hour], hour)
        assert counted() == [0, 4, 6, 0], order
        assert total() == 10, "121 // 2 - 101 // 2: no half is lost"
        undo(world, doings[5])
        assert counted() == [0, 10, 0]
        undo(world, doings[1])
        assert (counted(), total()) == ([0, 0], 0)
        attempt.rollback()


def test_less_than_before_asks_why(world: World) -> None:
    gate = make(world, digits=5)
    read(world, gate, 99_990, 1)
    with pytest.raises(ShowsLess):
        read(world, gate, 12, 2)
    undone = read(world, gate, 12, 2, Turn.ROUND)
    assert counted() == [0, 22]
    undo(world, undone)
    read(world, gate, 12, 2, Turn.RESET)
    assert counted() == [0, 12]
    with pytest.raises(TooMany):
        read(world, gate, 52_000, 3)
    read(world, gate, 52_000, 3, sure=True)
    assert total() == 52_000
    with pytest.raises(ShowsMore):
        read(world, gate, 99_991, 0)
    with pytest.raises(ReadThen):
        read(world, gate, 52_001, 3)
    endless = make(world)
    read(world, endless, 50, 1)
    with pytest.raises(DoesNotComeRound):
        read(world, endless, 4, 2, Turn.ROUND)
    endless.closed_at = clock.now()
    world.session.flush()
    with pytest.raises(GateIsClosed):
        read(world, endless, 60, 4)


def test_who_was_counted_otherwise_came_by_the_gate_too(world: World) -> None:
    gate, session, branch = make(world, covers=True), world.session(), world.branch()
    read(world, gate, 100, 1)
    for hour, quantity in ((2, 30), (3, 5), (8, 40)):
        at = NOON + timedelta(hours=hour)
        doing = Doing(clock.uuid7(), branch_id=branch.id, at=at)
        act = acts.write(session, doing, "count-visits", at), doing.uid
        counting.visits(session, act, VisitKind.CLASS, quantity, at, Frozen(branch.id))
    read(world, gate, 160, 4)
    assert counted() == [0, 0], "the last of its day: all who were told of that day came before it"
    read(world, gate, 170, 9)
    assert counted() == [0, 25, 0], "more were counted than came by: nobody is taken off again"
    with pytest.raises(CoversAlready):
        make(world, covers=True)
    with pytest.raises(CountsAlready):
        gates.change(session, gate, {"name": "Cửa", "both_ways": True, "covers": True, "digits": None})


def test_a_line_typed_after_the_reading_comes_off_it_and_back(world: World) -> None:
    gate, session, branch = make(world, covers=True), world.session(), world.branch()
    for hour, counter in ((-19, 0), (5, 40), (29, 60)):
        read(world, gate, counter, hour)
    assert counted() == [0, 40, 20]
    entry = visits.Entry(VisitKind.CLASS, clock.day_of(NOON), [visits.Heads(35)], class_name="5A")
    doing = Doing.now(branch_id=branch.id)
    visits.record(session, doing, branch.id, entry)
    at = NOON + timedelta(hours=8)
    late = Doing(clock.uuid7(), branch_id=branch.id, at=at)
    counting.visits(session, (acts.write(session, late, "count-visits", at), late.uid), VisitKind.GUEST, 2, at,
                    Frozen(branch.id))  # fmt: skip
    gates.again(
        session, (acts.write(session, Doing.now(), "count-visits", at), clock.uuid7()), branch.id, clock.day_of(NOON)
    )
    assert counted() == [0, 3, 20], "typed after the last reading of its day: of that day"
    act = acts.by_uid(session, doing.uid)
    assert act
    visits.undo(session, Doing.now(branch_id=branch.id), act)
    assert counted() == [0, 38, 20]


def test_by_its_page(app: Flask, world: World) -> None:
    account(world)
    world.session.commit()
    client = sign_in(app)
    assert client.post("/visits/gates", data={"name": ""}).status_code == 422
    assert client.post("/visits/gates", data={"name": "Cửa chính", "both_ways": "1", "digits": "6"}).status_code == 303
    gate = db.session.scalars(select(Gate)).one()
    address = f"/visits/gates/{gate.uid}"
    assert client.post(address + "/read", data={"counter": "400"}).status_code == 303
    less = client.post(address + "/read", data={"counter": "20"})
    assert less.status_code == 422
    assert "Bộ đếm đã về 0" in less.get_data(as_text=True)
    assert 'name="turn"' in less.get_data(as_text=True)
    assert client.post(address + "/read", data={"counter": "20", "turn": "reset"}).status_code == 303
    assert total() == 10
    assert client.post(address + "/read", data={"counter": "x"}).status_code == 422
    late = {"counter": "401", "read_at": f"{clock.now() + timedelta(days=2):%Y-%m-%dT%H:%M}"}
    assert client.post(address + "/read", data=late).status_code == 422, "to come"
    old = client.post(address + "/read", data={"counter": "401", "read_at": "2001-01-01T10:00"})
    assert old.status_code == 422 and "Chỉ ghi được từ" in old.get_data(as_text=True)
    shown = client.get("/visits").get_data(as_text=True)
    assert "Bộ đếm ở cửa" in shown
    (act,) = [one.act_id for one in db.session.scalars(select(GateReading)) if one.turn]
    from library.inbox.models import Act

    uid = db.session.scalars(select(Act.uid).where(Act.id == act)).one()
    assert client.post(f"/visits/{uid}/undo").status_code == 303
    assert total() == 0
    assert client.post(address, data={"name": "Cửa sau", "covers": "1"}).status_code == 303
    assert client.post(address + "/close").status_code == 303
    db.session.expire_all()
    assert (gate.name, gate.both_ways, gate.covers, gate.digits) == ("Cửa sau", False, True, None)
    assert client.post(address + "/read", data={"counter": "21"}).status_code == 409
    other = world.school("Trường Tiểu học Sông Cầu")
    account(world, "mai", library=other)
    world.session.commit()
    assert sign_in(app, "mai").post(address + "/read", data={"counter": "1"}).status_code == 404


def test_a_line_that_is_told_and_taken_back_leaves_the_counter_as_it_was(world: World) -> None:
    gate, session, branch = make(world, covers=True), world.session(), world.branch()
    for hour, counter in ((-19, 0), (5, 40)):
        read(world, gate, counter, hour)
    for _again in range(2):
        doing = Doing.now(branch_id=branch.id)
        visits.record(session, doing, branch.id, visits.Entry(VisitKind.CLASS, clock.day_of(NOON), [visits.Heads(35)]))
        assert (counted(), total()) == ([0, 5], 5)
        act = acts.by_uid(session, doing.uid)
        assert act
        visits.undo(session, Doing.now(branch_id=branch.id), act)
        assert (counted(), total()) == ([0, 40], 40)
