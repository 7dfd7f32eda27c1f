"""A mini stocktake: found, missing, extra at once; copies with readers aside; ended in one act."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from library.core import clock
from library.core.errors import Refused
from library.holdings import ledger
from library.holdings.models import Item, Movement, PlaceKind, Why
from library.inbox import acts
from library.inbox.models import Act
from library.loans import deeds, settling
from library.loans.deeds import Lending
from library.loans.models import Loan
from library.shelves import counts, handing, stock, undoing, year_end
from library.shelves.handing import Given, Person
from library.shelves.models import CountOutcome, HandoverKind, Shelf, ShelfCount, ShelfCountLine
from library.uses.counting import Frozen
from tests.support.people import sign_in
from tests.support.shelves import put, school_class, shelf, teacher
from tests.support.world import World


def lend(world: World, item: Item, name: str = "Đàm Quốc Bảo") -> Loan:
    reader, branch = world.patron(name), world.branch()
    what = Lending(item.id, item.uid, reader.id, clock.today(), Frozen(branch.id))
    place = world.place(PlaceKind.WITH_PATRONS).id, branch.id
    act = deeds.lend(world.session(), world.doing(), what, place, clock.now())
    return world.session.scalars(select(Loan).where(Loan.act_id == act[0])).one()


def begin(world: World, one: Shelf) -> ShelfCount:
    return counts.begin(world.session(), world.doing(), one)


def see(world: World, count: ShelfCount, item: Item, by_hand: bool = False) -> CountOutcome:
    return counts.see(world.session(), world.doing(), count, item.id, by_hand)


def place_of(world: World, item: Item) -> int:
    return world.session.scalars(select(Item.place_id).where(Item.id == item.id)).one()


def sound(world: World, *items: Item) -> None:
    assert ledger.astray(world.session()) == []
    assert settling.astray(world.session(), [item.id for item in items]) == []


def test_found_missing_extra_and_with_readers(world: World) -> None:
    one, items = shelf(world), world.items(4)
    put(world, one, items)
    stranger = world.item()
    loan = lend(world, items[2])
    count = begin(world, one)
    assert see(world, count, items[0]) is CountOutcome.FOUND
    assert see(world, count, items[1], by_hand=True) is CountOutcome.FOUND
    assert see(world, count, stranger) is CountOutcome.EXTRA
    done = counts.end(world.session(), world.doing(), count)
    assert done == counts.Counted((items[0].id, items[1].id), (items[3].id,), (stranger.id,), (items[2].id,))
    assert counts.counted(world.session(), count) == done
    world.session.refresh(loan)
    assert loan.ended_at is None, "nobody saw it: its reader has it still"
    assert place_of(world, stranger) == one.place_id, "it was seen here"
    assert place_of(world, items[3]) == one.place_id, "not seen is not moved"
    sound(world, *items, stranger)


def test_a_copy_known_to_stand_elsewhere_is_not_looked_for(world: World) -> None:
    one, items = shelf(world), world.items(2)
    put(world, one, items)
    doing, repair = world.doing(), world.place(PlaceKind.REPAIR)
    act = acts.write(world.session(), doing, "take-in", clock.now()), doing.uid
    ledger.move(
        world.session(), act, {items[1].id: items[1].uid}, (repair.id, repair.branch_id), Why.SHELVE, clock.now()
    )
    done = counts.end(world.session(), world.doing(), begin(world, one))
    assert (done.missing, done.elsewhere) == ((items[0].id,), (items[1].id,))


def test_the_same_copy_twice_is_once(world: World) -> None:
    one, item = shelf(world), world.item()
    put(world, one, [item])
    count = begin(world, one)
    see(world, count, item)
    moves = select(Movement.id).where(Movement.item_id == item.id)
    before = len(world.session.scalars(moves).all())
    assert see(world, count, item) is CountOutcome.FOUND
    assert len(world.session.scalars(moves).all()) == before


def test_two_who_begin_count_together(world: World) -> None:
    one = shelf(world)
    assert begin(world, one).id == begin(world, one).id


def test_seeing_a_lent_copy_ends_nothing_until_the_count_is_ended(world: World) -> None:
    one, item = shelf(world), world.item()
    put(world, one, [item])
    loan = lend(world, item)
    count = begin(world, one)
    assert see(world, count, item) is CountOutcome.FOUND
    world.session.refresh(loan)
    assert loan.ended_at is None
    done = counts.end(world.session(), world.doing(), count)
    world.session.refresh(loan)
    assert (done.found, done.with_reader) == ((item.id,), ())
    assert (loan.ended_at, loan.ended_by) == (count.ended_at, count.ended_by)
    sound(world, item)


def test_lent_again_after_it_was_seen_stays_lent(world: World) -> None:
    one, item = shelf(world), world.item()
    put(world, one, [item])
    count = begin(world, one)
    see(world, count, item)
    loan = lend(world, item)
    counts.end(world.session(), world.doing(), count)
    world.session.refresh(loan)
    assert loan.ended_at is None
    sound(world, item)


def test_missing_is_said_by_somebody_and_any_scan_is_believed_instead(world: World) -> None:
    one, items = shelf(world), world.items(2)
    put(world, one, items, clock.now() - timedelta(days=1))
    count = begin(world, one)
    counts.end(world.session(), world.doing(), count)
    seen_since = world.doing()
    act = acts.write(world.session(), seen_since, "take-in", clock.now()), seen_since.uid
    ledger.move(
        world.session(), act, {items[1].id: items[1].uid}, (one.place_id, one.branch_id), Why.SHELVE, clock.now()
    )
    gone = counts.say_missing(world.session(), world.doing(), count, [item.id for item in items])
    assert gone == 1
    assert place_of(world, items[0]) == world.place(PlaceKind.UNKNOWN).id
    assert place_of(world, items[1]) == one.place_id
    stranger = world.item()
    assert counts.say_missing(world.session(), world.doing(), count, [stranger.id]) == 0
    sound(world, *items)


def test_a_missing_one_found_in_the_next_count(world: World) -> None:
    one, item = shelf(world), world.item()
    put(world, one, [item], clock.now() - timedelta(days=1))
    first = begin(world, one)
    counts.end(world.session(), world.doing(), first)
    counts.say_missing(world.session(), world.doing(), first, [item.id])
    second = begin(world, one)
    assert counts.standing(world.session(), second, _listed(world, one)).missing == (item.id,), "still looked for"
    assert see(world, second, item) is CountOutcome.FOUND
    assert place_of(world, item) == one.place_id


def _listed(world: World, one: Shelf) -> list[Any]:
    return stock.listed(world.session(), one.place_id)


def test_giving_up_says_nothing_of_anybody(world: World) -> None:
    one, item = shelf(world), world.item()
    put(world, one, [item])
    count = begin(world, one)
    counts.drop(world.session(), world.doing(), count)
    assert counts.counted(world.session(), count) == counts.Counted((), (), (), ())
    assert counts.open_one(world.session(), one.id) is None
    with pytest.raises(counts.CountEnded):
        see(world, count, item)
    with pytest.raises(counts.CountEnded):
        counts.end(world.session(), world.doing(), count)


def test_what_was_given_up_is_no_count(world: World) -> None:
    """The last count is the one before; nobody who counts for the year's end takes a count nobody finished."""
    one, item = shelf(world), world.item()
    put(world, one, [item])
    given_up = begin(world, one)
    see(world, given_up, item)
    counts.drop(world.session(), world.doing(), given_up)
    assert counts.last(world.session(), one.id) is None
    told = year_end.facts(world.session(), [one], clock.now())[one.id]
    assert (told.counting, told.counted_on) == (False, None)
    assert place_of(world, item) == one.place_id
    done = begin(world, one)
    counts.end(world.session(), world.doing(), done)
    counts.drop(world.session(), world.doing(), begin(world, one))
    assert counts.last(world.session(), one.id) == done


def test_a_count_whose_beginning_is_taken_back_never_was(world: World) -> None:
    one, item = shelf(world), world.item()
    put(world, one, [item])
    count = begin(world, one)
    see(world, count, item)
    undo(world, count.act_id)
    assert (counts.open_one(world.session(), one.id), counts.last(world.session(), one.id)) == (None, None)


def test_no_ended_count_goes_on_beside_another(world: World) -> None:
    one, items = shelf(world), world.items(2)
    put(world, one, items)
    first = begin(world, one)
    see(world, first, items[0])
    done = counts.end(world.session(), world.doing(), first)
    begin(world, one)
    assert first.ended_by
    with pytest.raises(Refused, match="count-going"):
        counts.undo(world.session(), first.ended_by)
    assert counts.counted(world.session(), first) == done


def undo(world: World, act_id: int) -> None:
    undoing.undo(world.session(), world.doing(), world.session.get_one(Act, act_id))


def test_a_sighting_is_taken_back(world: World) -> None:
    one, stranger = shelf(world), world.item()
    before = place_of(world, stranger)
    count = begin(world, one)
    see(world, count, stranger)
    (line,) = world.session.scalars(select(ShelfCountLine)).all()
    undo(world, line.act_id)
    assert counts.outcome_of(world.session(), count.id, stranger.id) is None
    assert place_of(world, stranger) == before


def test_ending_is_taken_back_and_the_count_goes_on(world: World) -> None:
    one, items = shelf(world), world.items(2)
    put(world, one, items)
    loan = lend(world, items[0])
    count = begin(world, one)
    see(world, count, items[0])
    counts.end(world.session(), world.doing(), count)
    assert count.ended_by
    undo(world, count.ended_by)
    world.session.refresh(loan)
    assert (count.ended_at, loan.ended_at) == (None, None)
    assert see(world, count, items[1]) is CountOutcome.FOUND
    assert counts.end(world.session(), world.doing(), count).missing == ()
    sound(world, *items)


def test_what_stands_in_minutes_is_not_taken_back(world: World) -> None:
    one, item = shelf(world), world.item()
    put(world, one, [item])
    count = begin(world, one)
    counts.end(world.session(), world.doing(), count)
    thu = teacher(world, school_class(world, "4B"), "ba", "Vi Văn Ba")
    given = Given(HandoverKind.TEACHER, count_id=count.id)
    handing.give(world.session(), world.doing(), one, Person(thu.id, thu.name), given)
    assert count.ended_by
    with pytest.raises(Refused, match="count-signed"):
        undo(world, count.ended_by)


# Pages


def at_class(app: Flask, world: World) -> tuple[FlaskClient, Shelf]:
    of = school_class(world)
    thu = teacher(world, of)
    one = shelf(world, of, keeper=thu)
    world.session.commit()
    return sign_in(app, "thu"), one


def body(**more: Any) -> dict[str, Any]:
    now = clock.now().isoformat()
    return {"uid": str(clock.uuid7()), "device": str(clock.uuid7()), "number": 1, "at": now, "sent_at": now, **more}


def test_the_teachers_phone(app: Flask, world: World) -> None:
    client, one = at_class(app, world)
    items, stranger = world.items(3), world.item()
    put(world, one, items)
    world.session.commit()
    client.post(f"/shelves/{one.uid}/count")
    seen = client.post(f"/shelves/{one.uid}/count/scans", json=body(code=items[0].accession)).get_json()
    assert (seen["outcome"], seen["numbers"]["found"], seen["numbers"]["missing"]) == ("ok", 1, 2)
    ticked = client.post(f"/shelves/{one.uid}/count/scans", json=body(copy=str(items[1].uid))).get_json()
    assert ticked["numbers"]["missing"] == 1
    extra = client.post(f"/shelves/{one.uid}/count/scans", json=body(code=stranger.accession)).get_json()
    assert (extra["what"], extra["numbers"]["extra"]) == ("extra", 1)
    unknown = client.post(f"/shelves/{one.uid}/count/scans", json=body(code="TN.99999")).get_json()
    assert (unknown["what"], unknown["act"]) == ("nothing", None)
    page = client.get(f"/shelves/{one.uid}/count").get_data(as_text=True)
    assert "Kết thúc: thiếu 1 cuốn" in page
    back = client.post("/shelves/count/undo", json=body(act=extra["act"])).get_json()
    assert back["numbers"]["extra"] == 0
    done = client.post(f"/shelves/{one.uid}/count/end", follow_redirects=True).get_data(as_text=True)
    assert str(items[2].accession) in done
    count = world.session.scalars(select(ShelfCount)).one()
    said = client.post(
        f"/shelves/counts/{count.uid}/missing", data={"copy": str(items[2].uid)}, follow_redirects=True
    ).get_data(as_text=True)
    assert "1 cuốn chưa rõ ở đâu" in said
    assert place_of(world, items[2]) == world.place(PlaceKind.UNKNOWN).id


def test_a_tick_is_for_books_of_the_shelf_only(app: Flask, world: World) -> None:
    client, one = at_class(app, world)
    item = world.item()
    world.session.commit()
    client.post(f"/shelves/{one.uid}/count")
    assert client.post(f"/shelves/{one.uid}/count/scans", json=body(copy=str(item.uid))).status_code == 404


def test_a_late_scan_is_not_of_the_count_that_began_since(app: Flask, world: World) -> None:
    client, one = at_class(app, world)
    items, address = world.items(2), f"/shelves/{one.uid}/count"
    put(world, one, items, clock.now() - timedelta(days=1))
    world.session.commit()
    uids = []
    for _which in range(2):
        client.post(address)
        uids.append(str(world.session.scalars(select(ShelfCount.uid).where(ShelfCount.ended_at.is_(None))).one()))
        if len(uids) == 1:
            client.post(f"{address}/end")
    was = client.post(f"{address}/scans", json=body(code=items[0].accession, count=uids[0]))
    assert (was.status_code, was.get_json()["code"]) == (409, "count-ended")
    early = (clock.now() - timedelta(hours=1)).isoformat()
    late = client.post(f"{address}/scans", json=body(code=items[0].accession, count=uids[1], at=early))
    assert (late.status_code, late.get_json()["code"]) == (409, "count-ended")
    now = client.post(f"{address}/scans", json=body(code=items[0].accession, count=uids[1]))
    assert (now.status_code, now.get_json()["numbers"]["found"]) == (200, 1)
    assert f'name="count" value="{uids[1]}"' in client.get(address).get_data(as_text=True)


def test_who_is_of_another_class_has_no_name_here(app: Flask, world: World) -> None:
    client, one = at_class(app, world)
    items, stranger = world.items(3), world.item()
    put(world, one, items)
    mine, other = world.patron("Vi Thị Hoa", class_name="4A"), world.patron("Lý Thị Ánh", class_name="5B")
    for item, reader in ((items[0], mine), (items[1], other), (stranger, other)):
        what = Lending(item.id, item.uid, reader.id, clock.today() - timedelta(days=3), Frozen(one.branch_id))
        deeds.lend(
            world.session(), world.doing(), what, (world.place(PlaceKind.WITH_PATRONS).id, one.branch_id), clock.now()
        )
    world.session.commit()
    client.post(f"/shelves/{one.uid}/count")
    page = client.get(f"/shelves/{one.uid}/count").get_data(as_text=True)
    assert "Vi Thị Hoa" in page
    assert "bạn ngoài tủ" in page
    week = client.get(f"/shelves/{one.uid}/week").get_data(as_text=True)
    assert "Vi Thị Hoa" in week
    assert "bạn ngoài tủ" in week
    scans = [client.post(f"/shelves/{one.uid}/count/scans", json=body(code=one_.accession)).get_json()["do"]
             for one_ in (*items[:2], stranger)]  # fmt: skip
    assert "Vi Thị Hoa, 4A đang mượn" in scans[0]
    assert all("bạn ngoài tủ đang mượn" in said for said in scans[1:])
    assert "Ánh" not in f"{page} {week} {scans}"


def test_plain_forms_do_the_same(app: Flask, world: World) -> None:
    client, one = at_class(app, world)
    items = world.items(2)
    put(world, one, items)
    world.session.commit()
    client.post(f"/shelves/{one.uid}/count")
    page = client.post(f"/shelves/{one.uid}/count/scans", data={"code": items[0].accession}, follow_redirects=True)
    assert "Có" in page.get_data(as_text=True)
    client.post(f"/shelves/{one.uid}/count/scans", data={"copy": str(items[1].uid)})
    assert "Kết thúc: đủ sách" in client.get(f"/shelves/{one.uid}/count").get_data(as_text=True)
    dropped = client.post(f"/shelves/{one.uid}/count/end", data={"drop": "1"}, follow_redirects=True)
    assert "Đã thôi lần kiểm này" in dropped.get_data(as_text=True)


def test_another_class_is_out_of_reach(app: Flask, world: World) -> None:
    client, _own = at_class(app, world)
    other = shelf(world, school_class(world, "4B"))
    count = begin(world, other)
    world.session.commit()
    assert client.post(f"/shelves/{other.uid}/count").status_code == 404
    assert client.post(f"/shelves/{other.uid}/count/scans", json=body(code="TN.1")).status_code == 404
    assert client.get(f"/shelves/counts/{count.uid}").status_code == 404
