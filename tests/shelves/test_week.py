"""A teacher's week: late, quiet, untaken; what is told to all parents names no child."""

from datetime import timedelta

import pytest
from flask import Flask

from library.core import clock
from library.holdings.models import PlaceKind
from library.inbox.acts import Doing
from library.loans import deeds
from library.loans.deeds import Lending
from library.patrons.models import Membership
from library.shelves import reading_log, week_words
from library.shelves.models import Shelf, ShelfMode
from library.shelves.reading_log import Ticks
from library.shelves.week import Week, week
from library.uses.counting import Frozen
from tests.support import shelves
from tests.support.people import sign_in
from tests.support.world import World

NAMES = ("Hoàng Thị Mai Lan", "Đàm Quốc Bảo", "Triệu Minh Khôi")


@pytest.fixture
def shelf(world: World) -> Shelf:
    world.school_year().from_on = clock.today() - timedelta(days=60)
    world.school_year().to_on = clock.today() + timedelta(days=200)
    of = shelves.school_class(world, "5A", 5)
    made = shelves.shelf(world, of, keeper=shelves.teacher(world, of))
    record = world.record("Cây khế")
    shelves.put(world, made, world.items(3, record=record), clock.now() - timedelta(days=20))
    return made


def lent(world: World, shelf: Shelf, reader: Membership, due: int, days_ago: int = 10) -> None:
    """A copy of the shelf, due so many days from today."""
    from library.shelves import stock

    book = next(one for one in stock.listed(world.session(), shelf.place_id) if one.loan_id is None)
    spot = world.place(PlaceKind.WITH_PATRONS).id, world.branch().id
    frozen = Frozen(world.branch().id, "5A", 5, place_id=shelf.place_id)
    due_on = clock.today() + timedelta(days=due)
    what = Lending(book.item_id, book.item_uid, reader.id, due_on, frozen, reader.class_id)
    at = clock.now() - timedelta(days=days_ago)
    deeds.lend(world.session(), Doing.now(branch_id=world.branch().id), what, spot, at)


def of(world: World, shelf: Shelf) -> Week:
    return week(world.session(), shelf, clock.today())


def test_the_week_tells_late_quiet_and_untaken(world: World, shelf: Shelf) -> None:
    lan, bao, _khoi = [world.patron(name, class_name="5A") for name in NAMES]
    lent(world, shelf, lan, due=-2)
    reading_log.log(world.session(), world.doing(), shelf, Ticks([bao.id], clock.today()))
    told = of(world, shelf)
    assert [(one.called, one.title, one.days) for one in told.late] == [("Lan", "Cây khế", 2)]
    assert [one.name for one in told.idle] == ["Triệu Minh Khôi"], "Lan has a book, Bảo was ticked"
    assert len(told.never) == 2
    assert told.sums.uses == 1
    assert told.readers == 2


def test_a_copy_that_came_lately_is_not_called_untaken(world: World, shelf: Shelf) -> None:
    shelves.put(world, shelf, world.items(1, record=world.record("Tấm Cám")), clock.now() - timedelta(days=3))
    assert {one.book.title for one in of(world, shelf).never} == {"Cây khế"}


def test_a_use_before_it_came_does_not_count_as_taken_here(world: World, shelf: Shelf) -> None:
    lan = world.patron(NAMES[0], class_name="5A")
    lent(world, shelf, lan, due=5, days_ago=1)
    assert len(of(world, shelf).never) == 2


def test_the_message_to_all_names_no_child_the_one_to_a_family_does(world: World, shelf: Shelf) -> None:
    lan = world.patron(NAMES[0], class_name="5A")
    lent(world, shelf, lan, due=-2)
    told = of(world, shelf)
    from flask import current_app

    with current_app.test_request_context():
        text = week_words.to_all(told, "Trường Tiểu học Xuất Hóa")
        one = week_words.to_one(told.late[0])
    assert "Lan" not in text
    assert "Cây khế" not in text
    assert "Còn 1 cuốn trễ hẹn" in text
    assert one.startswith("Em Lan đang giữ Cây khế, hẹn trả ")


def test_the_page_is_the_teachers_own(app: Flask, world: World, shelf: Shelf) -> None:
    other = shelves.school_class(world, "5B", 5)
    shelves.teacher(world, other, "minh", "Lê Văn Minh")
    lent(world, shelf, world.patron(NAMES[0], class_name="5A"), due=-2)
    world.session.commit()
    page = sign_in(app, "thu").get(f"/shelves/{shelf.uid}/week")
    assert page.status_code == 200
    assert NAMES[0] in page.get_data(as_text=True)
    assert sign_in(app, "minh").get(f"/shelves/{shelf.uid}/week").status_code == 404


def test_a_shelf_of_no_class_has_a_week_too(app: Flask, world: World) -> None:
    from library.shelves.building import NewShelf, ShelfKind, build
    from tests.support.people import account

    new = NewShelf("Tủ góc đọc", kind=ShelfKind.ROOM)
    made = build(world.session(), world.doing(), world.school(), world.branch().id, new)
    account(world)
    world.session.commit()
    client = sign_in(app)
    assert client.get(f"/shelves/{made.uid}/week").status_code == 200
    assert client.get(f"/shelves/{made.uid}/log").status_code == 200


def test_of_a_shelf_without_names_nobody_is_called_idle_and_nothing_untaken(world: World, shelf: Shelf) -> None:
    world.patron(NAMES[0], class_name="5A")
    assert of(world, shelf).idle
    shelf.mode = ShelfMode.HONOUR
    told = of(world, shelf)
    assert (told.idle, told.never) == ([], [])
