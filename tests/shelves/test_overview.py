"""The librarian sees all shelves side by side, in a handful of statements; new ones are counted."""

from datetime import date, timedelta

import pytest
from sqlalchemy import true

from library.access import Scope
from library.accounts.models import RoleName
from library.catalogue import writing
from library.core import clock
from library.holdings import ledger
from library.holdings.models import Basis, PlaceKind, Why
from library.inbox import acts
from library.inbox.acts import Doing
from library.shelves import figures_built, keeping, levels, overview, swaps, tallying, tenures, views
from library.shelves.building import NewShelf
from library.shelves.figures_built import MISTAKE
from library.shelves.models import ShelfKind, ShelfMode
from library.shelves.swap_giving import Side
from tests.shelves.test_swaps import Grade
from tests.support.people import account, sign_in
from tests.support.shelves import put, school_class, shelf, teacher
from tests.support.statements import counted
from tests.support.world import World

SINCE = date(2026, 1, 1)


def doing(world: World) -> Doing:
    return Doing(clock.uuid7(), branch_id=world.branch().id)


def test_size_use_fit_and_losses_of_each(world: World) -> None:
    of = school_class(world, "2A", 2)
    keeper = teacher(world, of)
    one = shelf(world, of, NewShelf("Tủ lớp 2A", mode=ShelfMode.HONOUR, keeper_id=keeper.id, keeper_name=keeper.name))
    shelf(world, school_class(world, "1A", 1))
    easy, hard, plain = (world.record(name) for name in ("Cây khế", "Đất rừng phương Nam", "Tấm Cám"))
    for record, level in ((easy, 3), (hard, 6)):
        writing.say_locally(world.session(), world.school().id, record.id, reading_level=level)
    items = [*world.items(3, record=easy), world.item(record=hard), world.item(record=plain)]
    put(world, one, items)
    for _tap in range(4):
        tallying.tap(world.session(), doing(world), one, tenures.current(world.session(), one.id), 3)
    for _pupil in range(2):
        world.patron(f"Em {_pupil}")
    pupil = world.patron("Hoàng Thị Mai Lan")
    pupil.class_id = of.id
    act = acts.write(world.session(), doing(world), "missing", clock.now())
    unknown = world.place(PlaceKind.UNKNOWN)
    there = unknown.id, unknown.branch_id
    at = clock.now()
    ledger.move(world.session(), (act, clock.uuid7()), {items[0].id: items[0].uid}, there, Why.MISSING, at,
                Basis.INFERENCE, rests_on=at)  # fmt: skip
    world.session.flush()
    first, second = overview.side_by_side(world.session(), true(), SINCE)
    assert (first.class_name, first.held.copies, first.fit, first.per_pupil) == ("1A", 0, None, None)
    assert (second.held.copies, second.held.here, second.held.lost, second.uses) == (5, 4, 1, 4)
    assert (second.fit, second.meant, second.per_pupil, second.keeper) == (0.75, (3, 4), 4.0, keeper.name)
    managing_gone(world, keeper)
    assert overview.side_by_side(world.session(), true(), SINCE)[1].keeper_gone


def managing_gone(world: World, keeper) -> None:
    keeper.disabled_at = clock.now()
    world.session.flush()


def test_the_last_swap_was_signed_by_both_and_the_next_is_of_a_plan_that_goes_on(world: World) -> None:
    grade = Grade(world)

    def told(name: str) -> tuple[bool, date | None]:
        side = next(one for one in overview.side_by_side(world.session(), true(), SINCE) if one.class_name == name)
        return side.swapped_at is not None, side.next_swap_on

    move = grade.move(1, "4A")
    to = grade.name(move.to_id)
    assert told(to) == (False, grade.plan.from_on)
    grade.say(move, Side.TAKE)
    assert told(to) == (False, grade.plan.from_on), "half a signature is no swap"
    grade.say(move, Side.GIVE)
    assert told(to) == (True, grade.plan.from_on + timedelta(days=7))
    swaps.end(grade.session, grade.doing(), grade.plan)
    assert told(to) == (True, None)


def test_however_many_shelves_the_statements_stay(app, world: World) -> None:
    account(world, "ha", RoleName.LIBRARIAN)
    for number in range(12):
        put(world, shelf(world, school_class(world, f"{number % 5 + 1}{chr(65 + number)}")), world.items(2))
    world.session.commit()
    page = sign_in(app, "ha")
    with counted() as few:
        assert page.get("/shelves").status_code == 200
    assert len(few) <= 15


@pytest.mark.parametrize("by", [*views.ORDERS, "nothing-of-the-kind"])
def test_every_order_and_the_closed_ones_can_be_asked_for(app, world: World, by: str) -> None:
    account(world, "ha", RoleName.LIBRARIAN)
    one, other = shelf(world), shelf(world, school_class(world, "4B"))
    keeping.close(world.session(), doing(world), other, "not-used")
    world.session.commit()
    page = sign_in(app, "ha")
    open_ones, closed = page.get(f"/shelves?by={by}").text, page.get(f"/shelves?by={by}&closed=1").text
    assert one.place.name in open_ones
    assert other.place.name not in open_ones
    assert other.place.name in closed


def test_shelves_built_are_counted_but_for_those_built_by_mistake(world: World) -> None:
    today, other = clock.today(), world.school("Trường Tiểu học Đức Xuân")
    one = shelf(world)
    shelf(world, new=NewShelf("Tủ khối 3", ShelfKind.GRADE, grade=3))
    wrong = shelf(world, new=NewShelf("Tủ nhầm", ShelfKind.ROOM))
    shelf(world, library=other)
    keeping.close(world.session(), doing(world), wrong, MISTAKE)
    keeping.close(world.session(), doing(world), one, "not-used")
    both = Scope(libraries=frozenset({world.school().id, other.id}))
    told = figures_built.built(world.session(), both, today, today)
    assert [(row.library, row.built, row.standing) for row in told] == [
        ("Trường Tiểu học Xuất Hóa", 2, 1), ("Trường Tiểu học Đức Xuân", 1, 1),
    ]  # fmt: skip
    assert figures_built.total(told) == 3
    assert figures_built.built(world.session(), both, today + timedelta(days=1), today + timedelta(days=9)) == []
    assert figures_built.built(world.session(), Scope(), today, today) == []


def test_fit_is_a_share_of_the_copies_with_a_level() -> None:
    assert levels.fit({None: 5, 3: 1, 6: 3}, (3, 4)) == 0.25
    assert levels.fit({None: 5}, (3, 4)) is None
    assert levels.fit({3: 5}, ()) is None
    assert levels.meant_for((), 9) == ()
    assert levels.meant_for((2, 99), 4) == (2,)


def test_a_shelf_of_another_library_is_not_seen(app, world: World) -> None:
    account(world, "ha", RoleName.LIBRARIAN)
    theirs = shelf(world, library=world.school("Trường Tiểu học Đức Xuân"))
    world.session.commit()
    page = sign_in(app, "ha")
    assert "Chưa có tủ sách lớp học nào" in page.get("/shelves").text
    for path in ("settings", "light"):
        assert page.get(f"/shelves/{theirs.uid}/{path}").status_code == 404
    for path in ("settings", "keeper", "turns", "close", "reopen", "light", "light/undo", f"light/{theirs.uid}"):
        told = {
            "name": "x",
            "mode": "scan",
            "goes_with": "room",
            "why": "left",
            "lines": "x",
            "how": "lost",
            "act": "x",
        }
        assert page.post(f"/shelves/{theirs.uid}/{path}", data=told).status_code == 404
