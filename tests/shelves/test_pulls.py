"""Pull lists against a school's real rows."""

from datetime import timedelta
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from library.accounts.models import RoleName
from library.catalogue.models import LocalRecord
from library.core import clock
from library.holdings import stays
from library.holdings.models import Item, PlaceKind
from library.inbox import acts
from library.inbox.models import Act
from library.loans import deeds, holds
from library.loans.deeds import Lending
from library.shelves import filling, pulls, stock, undoing
from library.shelves.models import Shelf, ShelfPull
from library.shelves.pulling import Not, Wish
from library.uses.counting import Frozen
from tests.support.people import account, sign_in
from tests.support.shelves import put, school_class, shelf
from tests.support.statements import counted
from tests.support.world import World

TITLES = ("Dế Mèn", "Cây khế", "Tấm Cám", "Trạng Quỳnh", "Thánh Gióng", "Sọ Dừa")


def stocked(world: World, titles: int = 6, copies: int = 2, level: int = 3) -> list[list[Item]]:
    """`titles` titles of a level with so many copies each, in the stacks."""
    session, owner = world.session(), world.school()
    year = world.school_year()
    year.from_on, year.to_on = clock.today() - timedelta(days=80), clock.today() + timedelta(days=200)
    made = []
    for number in range(titles):
        record = world.record(f"{TITLES[number % 6]} {number}")
        session.add(LocalRecord(record_id=record.id, library_id=owner.id, reading_level=level))
        made.append(world.items(copies, record=record))
    session.flush()
    return made


def proposed(world: World, one: Shelf, wish: Wish) -> set[int]:
    return {copy.record_id for copy in pulls.propose(world.session(), one, wish, clock.today()).copies}


def records(items: list[list[Item]]) -> list[int]:
    return [copies[0].record_id for copies in items]


def test_nothing_the_class_had_this_year(world: World) -> None:
    of, items = school_class(world), stocked(world)
    one, before = shelf(world, of), shelf(world, school_class(world, "4B"))
    now, title = clock.now(), records(items)
    put(world, one, [items[0][0]])
    put(world, before, [items[1][0]])
    reader = world.patron()
    reader.class_id = of.id
    world.session.flush()
    what = Lending(items[2][0].id, items[2][0].uid, reader.id, clock.today(), Frozen(one.branch_id), of.id)
    place = world.place(PlaceKind.WITH_PATRONS).id, one.branch_id
    deeds.lend(world.session(), world.doing(), what, place, now)
    found = proposed(world, one, Wish(9, keep_one=False))
    assert found == {title[1], title[3], title[4], title[5]}
    assert proposed(world, before, Wish(9, keep_one=False)) == {title[0], title[2], title[3], title[4], title[5]}


def test_last_years_books_may_come_again(world: World) -> None:
    one, items = shelf(world), stocked(world)
    then = clock.now() - timedelta(days=300)
    put(world, one, [items[0][0]], then)
    doing = world.doing(then + timedelta(days=30))
    act = acts.write(world.session(), doing, "fill-shelf", doing.at or then), doing.uid
    stays.end(world.session(), act, (items[0][0].id, items[0][0].uid), "shelf", doing.at or then)
    assert records(items)[0] in proposed(world, one, Wish(9, keep_one=False))


def test_what_is_waited_for_lent_or_the_last_copy_is_not_proposed(world: World) -> None:
    one, items = shelf(world), stocked(world, copies=2)
    reader = world.patron()
    holds.place(world.session(), world.doing(), items[0][0].record_id, reader.id, one.branch_id)
    what = Lending(items[1][0].id, items[1][0].uid, reader.id, clock.today(), Frozen(one.branch_id))
    deeds.lend(
        world.session(), world.doing(), what, (world.place(PlaceKind.WITH_PATRONS).id, one.branch_id), clock.now()
    )
    found = pulls.propose(world.session(), one, Wish(9), clock.today())
    assert {copy.record_id for copy in found.copies} == set(records(items)[2:])
    assert found.left_out == {Not.WAITED_FOR: 1, Not.LAST_COPY: 1}


def test_only_the_librarys_own_free_copies_in_the_stacks(world: World) -> None:
    one, items = shelf(world), stocked(world, titles=1, copies=1)
    world.items(3, world.school("Trường Tiểu học Sông Cầu"))
    wish = Wish(9, keep_one=False)
    assert {copy.item_id for copy in pulls.propose(world.session(), one, wish, clock.today()).copies} == {
        items[0][0].id
    }
    items[0][0].not_for_loan = True
    world.session.flush()
    assert proposed(world, one, wish) == set()


def test_proposing_costs_the_same_for_many(world: World) -> None:
    one = shelf(world)
    stocked(world, titles=40)
    with counted() as sent:
        pulls.propose(world.session(), one, Wish(20), clock.today())
    assert len(sent) <= 8


def test_scanning_what_is_on_the_list_ticks_it_and_undoing_unticks(world: World) -> None:
    one = shelf(world)
    stocked(world)
    pull, found = pulls.make(world.session(), clock.uuid7(), one, Wish(3), None)
    item = found.copies[0].item_id
    many = filling.put_many(world.session(), world.doing(), one, [item])
    pulls.picked(world.session(), one.id, many.act_id, many.put)
    assert [line.done for line in pulls.lines(world.session(), pull)] == [True, False, False]
    undoing.undo(world.session(), world.doing(), world.session.get_one(Act, many.act_id))
    assert [line.done for line in pulls.lines(world.session(), pull)] == [False, False, False]


def test_what_is_not_found_is_made_up_for(world: World) -> None:
    one = shelf(world)
    stocked(world, titles=6)
    pull, found = pulls.make(world.session(), clock.uuid7(), one, Wish(4), None)
    gone = found.copies[1]
    pulls.pass_over(world.session(), pull, gone.item_id, pulls.NOT_FOUND)
    assert pulls.more(world.session(), pull, one) == 1
    lines = pulls.lines(world.session(), pull)
    assert (len(lines), sum(line.passed is None for line in lines)) == (5, 4)
    assert gone.record_id not in {line.item_id for line in lines[4:]}
    assert pulls.more(world.session(), pull, one) == 0


def test_a_new_list_closes_the_old_one(world: World) -> None:
    one = shelf(world)
    stocked(world)
    first, _ = pulls.make(world.session(), clock.uuid7(), one, Wish(2), None)
    second, _ = pulls.make(world.session(), clock.uuid7(), one, Wish(2), None)
    world.session.refresh(first)
    assert first.closed_at is not None
    assert pulls.open_one(world.session(), one.id) == second


def test_two_lists_never_count_on_the_same_copy(world: World) -> None:
    """Put as they stand, neither list empties the other's shelf."""
    one, other, session = shelf(world), shelf(world, school_class(world, "4B")), world.session()
    stocked(world, titles=6, copies=1)
    wish = Wish(3, keep_one=False)
    first, second = (pulls.make(session, clock.uuid7(), here, wish, None)[0] for here in (one, other))
    mine, theirs = ({line.item_id for line in pulls.lines(session, pull)} for pull in (first, second))
    assert (len(mine), len(theirs), mine & theirs) == (3, 3, set())
    assert pulls.choices(session, one).copies == 3, "one's own list is no hindrance to a new one"
    pulls.pass_over(session, first, min(mine), pulls.BY_HAND)
    assert pulls.choices(session, other).copies == 4
    pulls.close(session, first)
    assert pulls.choices(session, other).copies == 6


def test_what_went_to_another_shelf_meanwhile_is_left_there(app: Flask, world: World) -> None:
    one, other = shelf(world), shelf(world, school_class(world, "4B"))
    stocked(world, titles=3, copies=1)
    pull, found = pulls.make(world.session(), clock.uuid7(), one, Wish(3, keep_one=False), None)
    gone = found.copies[0].item_id
    put(world, other, [world.session.get_one(Item, gone)])
    client = librarian(app, world)
    page = text(client.post(f"/shelves/pulls/{pull.uid}/put", follow_redirects=True))
    assert "Đã ghi 2 cuốn ở tủ mà không quét" in page
    assert "đã sang tủ khác" in page
    assert [row.item_id for row in stock.listed(world.session(), other.place_id)] == [gone]
    assert len(stock.listed(world.session(), one.place_id)) == 2


def test_the_usual_wish_follows_the_grade(world: World) -> None:
    of = school_class(world, "2A", 2)
    one = shelf(world, of)
    stocked(world, titles=2, level=3)
    stocked(world, titles=2, level=6)
    there_is = pulls.choices(world.session(), one)
    assert (dict(there_is.levels), there_is.copies) == ({3: 4, 6: 4}, 8)
    assert pulls.usual(one, pulls.grade_of(world.session(), one), there_is).levels == frozenset({3})
    one.levels = [6]
    assert pulls.usual(one, 2, there_is).levels == frozenset({6})


# Pages


def librarian(app: Flask, world: World) -> FlaskClient:
    account(world, "mai", RoleName.LIBRARIAN, world.school())
    world.session.commit()
    return sign_in(app, "mai")


def text(answer: Any) -> str:
    return str(answer.get_data(as_text=True))


def test_a_list_is_asked_for_walked_and_fetched(app: Flask, world: World) -> None:
    one = shelf(world)
    items = stocked(world)
    client = librarian(app, world)
    assert "Lập danh sách" in text(client.get(f"/shelves/{one.uid}/pull"))
    wrong = client.post(f"/shelves/{one.uid}/pull", data={"most": "0"})
    assert wrong.status_code == 422
    asked = {"most": "8", "level": ["3"], "keep_one": "1"}
    page = text(client.post(f"/shelves/{one.uid}/pull", data=asked, follow_redirects=True))
    assert "Được 6 trong 8 cuốn" in page
    pull = world.session.scalars(select(ShelfPull)).one()
    line = pulls.lines(world.session(), pull)[0]
    passed = {"number": str(line.number), "why": "not-found"}
    assert "tìm không thấy" in text(client.post(f"/shelves/pulls/{pull.uid}/pass", data=passed, follow_redirects=True))
    put_all = text(client.post(f"/shelves/pulls/{pull.uid}/put", follow_redirects=True))
    assert "Đã ghi 5 cuốn ở tủ mà không quét" in put_all
    assert text(client.get(f"/shelves/fill?shelf={one.uid}")).count("Đã lấy đủ danh sách") == 1
    client.post(f"/shelves/pulls/{pull.uid}/close")
    assert pulls.open_one(world.session(), one.id) is None
    assert items


def test_an_empty_stack_says_so(app: Flask, world: World) -> None:
    one = shelf(world)
    assert "Kho không còn cuốn nào rảnh" in text(librarian(app, world).get(f"/shelves/{one.uid}/pull"))


def test_another_schools_list_is_not_there(app: Flask, world: World) -> None:
    other = shelf(world, library=world.school("Trường Tiểu học Sông Cầu"))
    pull, _ = pulls.make(world.session(), clock.uuid7(), other, Wish(2), None)
    client = librarian(app, world)
    assert client.get(f"/shelves/pulls/{pull.uid}").status_code == 404
    assert client.post(f"/shelves/pulls/{pull.uid}/put").status_code == 404
