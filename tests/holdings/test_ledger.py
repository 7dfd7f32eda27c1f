"""Moving copies: in bulk, as expected, into and out of stays and transfers; and what the database itself refuses."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError

from library.core import clock
from library.core.db import db
from library.holdings import accessions, ledger, stays, transfers
from library.holdings.models import Basis, Item, LineState, Movement, PlaceKind, Register, RegisterLine, Transfer, Why
from library.inbox import acts
from library.inbox.acts import Doing
from tests.support.statements import counted
from tests.support.world import World, at


def act(world: World, kind: str = "send") -> tuple[int, object]:
    doing = Doing.now()
    return acts.write(world.session(), doing, kind, at(day=5)), doing.uid


def uids(items: list[Item]) -> dict[int, object]:
    return {item.id: item.uid for item in items}


def test_five_hundred_copies_move_in_few_statements(world: World) -> None:
    items, transit = world.items(500), world.place(PlaceKind.IN_TRANSIT)
    stray = items[7]
    elsewhere = world.place(PlaceKind.REPAIR)
    ledger.move(world.session(), act(world), uids([stray]), (elsewhere.id, elsewhere.branch_id), Why.SHELVE, at(day=2))
    home = items[0].home_id
    sending, known = act(world), uids(items)
    with counted() as sent:
        moved = ledger.move(
            world.session(), sending, known, (transit.id, transit.branch_id), Why.SEND, at(day=5),
            Basis.ASSERTION, at(day=4), expect=home,
        )  # fmt: skip
    assert len(sent) <= 20
    assert moved.elsewhere == (stray.id,), "it follows later"
    assert len(moved.settled) == 499
    assert ledger.astray(world.session()) == []
    world.session.expire_all()
    assert stray.place_id == elsewhere.id


def test_a_transfer_is_sent_and_arrives_where_it_was_asked_to(world: World) -> None:
    session, item = world.session(), world.item()
    there, wrong = world.school("Trường Tiểu học Sông Cầu"), world.school("Trường Tiểu học Đức Xuân")
    target, stray = world.place(PlaceKind.STACKS, there), world.place(PlaceKind.STACKS, wrong)
    transfers.ask(session, act(world), item.id, target.id, "luân chuyển", at(day=1))
    with pytest.raises(transfers.AlreadyAsked):
        transfers.ask(session, act(world), item.id, stray.id, "nơi khác", at(day=1))

    def seen(place: object, why: Why, day: int) -> Transfer:
        ledger.move(session, act(world), uids([item]), (place.id, place.branch_id), why, at(day=day))  # type: ignore[attr-defined]
        session.expire_all()
        return session.scalars(select(Transfer)).one()

    transit = world.place(PlaceKind.IN_TRANSIT)
    assert seen(transit, Why.SEND, 2).sent_at == at(day=2)
    assert seen(stray, Why.RECEIVE, 3).arrived_at is None, "a wrong arrival leaves it open"
    assert seen(target, Why.RECEIVE, 4).arrived_at == at(day=4)


def test_a_stay_holds_while_the_copy_is_away(world: World) -> None:
    session, item = world.session(), world.item()
    shelf = world.place(PlaceKind.REPAIR)
    first, second = act(world, "stay"), act(world, "stay")
    stays.begin(session, first, (item.id, item.uid), shelf.id, "tủ lớp", at(day=1))
    assert stays.open_at(session, shelf.id) == [item.id]
    ledger.move(
        session, act(world), uids([item]), (item.home_id, item.branch_id and shelf.branch_id), Why.DESK, at(day=2)
    )
    assert stays.open_at(session, shelf.id) == [item.id]
    stays.end(session, second, (item.id, item.uid), "trả kho", at(day=3))
    assert stays.open_at(session, shelf.id) == []
    stays.undo(session, second[0])
    assert stays.open_at(session, shelf.id) == [item.id]


def test_numbers_follow_the_highest_and_a_mistake_is_struck_out(world: World) -> None:
    session, school, record = world.session(), world.school(), world.record()
    now, home = clock.now(), world.place()
    receipt = accessions.receive(session, Doing.now(), school, "mua", now.date(), now)

    def enter(*numbers: int | None) -> list[int]:
        new = [accessions.NewItem(record.id, home.id, "TN", number) for number in numbers]
        return accessions.enter(session, receipt, school, home.branch_id, new, now)

    first = enter(7, None, None)
    labels = [session.get_one(Item, item).accession for item in first]
    assert labels == ["TN.00007", "TN.00008", "TN.00009"]
    accessions.strike_out(session, first[:1], "nạp nhầm")
    line = session.get_one(RegisterLine, (school.id, "TN", 7), populate_existing=True)
    assert (line.state, line.reason) == (LineState.STRUCK_OUT, "nạp nhầm")
    assert session.get_one(Item, first[0], populate_existing=True).register_status is Register.STRUCK_OUT
    assert accessions.fill_gaps(session, school.id, "TN", "bỏ trống") == 6
    with pytest.raises(DBAPIError):
        enter(7)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE movement SET place_id = place_id",
        "DELETE FROM movement",
        "UPDATE act SET kind = 'other'",
        "DELETE FROM act",
        "DELETE FROM item",
        "DELETE FROM register_line",
    ],
)
def test_the_database_keeps_what_happened(world: World, statement: str) -> None:
    world.item()
    with pytest.raises(DBAPIError):
        world.session.execute(text(statement))


def test_the_database_refuses_a_fact_from_the_future(world: World) -> None:
    item = world.item()
    row = {"act_id": act(world)[0], "item_id": item.id, "place_id": item.place_id, "why": Why.DESK, "basis": Basis.SCAN}
    tomorrow = clock.now() + timedelta(days=1)
    with pytest.raises(DBAPIError):
        world.session.execute(
            Movement.__table__.insert().values(uid=clock.uuid7(), occurred_at=tomorrow, recorded_at=clock.now(), **row)
        )


def test_what_goes_astray_is_found(world: World) -> None:
    item, other = world.item(), world.place(PlaceKind.REPAIR)
    assert ledger.astray(db.session()) == []
    world.session.execute(update(Item).where(Item.id == item.id).values(place_id=other.id))
    assert ledger.astray(db.session()) == [item.id]
