"""Shelves are built in a minute, kept, closed; helpers have their weeks."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from library.accounts.models import RoleName
from library.core import clock
from library.inbox.models import Act
from library.shelves import building_many, tenures, turns
from library.shelves.models import Shelf, ShelfHelper, ShelfMode
from tests.support.people import account, sign_in
from tests.support.shelves import put, school_class, shelf, teacher
from tests.support.world import World


@pytest.fixture
def librarian(app, world):
    account(world, "ha", RoleName.LIBRARIAN)
    world.session.commit()
    return sign_in(app, "ha")


def test_many_shelves_are_built_with_one_tap(app: Flask, world: World, librarian) -> None:
    small, large = school_class(world, "1A", 1), school_class(world, "4A", 4)
    keeper = teacher(world, large)
    world.session.commit()
    told = {"uid": str(clock.uuid7()), "class": [str(small.uid), str(large.uid)]}
    answer = librarian.post("/shelves/new", data=told)
    assert answer.status_code == 303
    assert b"2" in librarian.get(answer.location).data
    again = librarian.post("/shelves/new", data=told)
    assert again.location == answer.location
    made = world.session.scalars(select(Shelf).order_by(Shelf.id)).all()
    assert [one.mode for one in made] == [ShelfMode.HONOUR, ShelfMode.SCAN]
    assert tenures.current(world.session(), made[1].id).keeper_id == keeper.id
    page = librarian.get(answer.location).text
    assert "Tủ lớp 1A" in page
    assert "Lớp nào cũng có tủ rồi" in page
    assert f"shelf:{made[0].place.uid.hex}" in page


def test_a_grades_shelf_says_its_grade(world: World, librarian) -> None:
    told = {"kind": "grade", "name": "Tủ khối 2", "mode": "scan", "grade": ""}
    answer = librarian.post("/shelves/new", data=told)
    assert answer.status_code == 422
    assert "Ô này chưa có gì" in answer.text
    assert librarian.post("/shelves/new", data={**told, "grade": "2", "level": ["3", "4"]}).status_code == 303
    made = world.session.scalars(select(Shelf)).one()
    assert (made.grade, made.levels) == (2, [3, 4])


def test_a_name_in_other_letters_is_taken_whatever_the_alphabet(world: World, librarian) -> None:
    """SQLite's lower() leaves “Đ” and “Ủ” alone."""
    told = {"kind": "room", "name": "Tủ lớp 5Đ", "mode": "scan"}
    assert librarian.post("/shelves/new", data=told).status_code == 303
    for name in ("Tủ lớp 5Đ", "TỦ LỚP 5đ"):
        assert librarian.post("/shelves/new", data={**told, "name": name}).status_code == 422
    other = shelf(world, school_class(world, "5A", 5))
    world.session.commit()
    again = {"name": "tủ lớp 5đ", "mode": "scan", "goes_with": "room"}
    assert librarian.post(f"/shelves/{other.uid}/settings", data=again).status_code == 422
    assert building_many.free_name(world.session(), other.branch_id, "tủ lớp 5đ") == "tủ lớp 5đ (2)"


@pytest.mark.parametrize("more", [{"level": ["1"]}, {"mode": "honour"}, {"keeper_name": "Cô Mỷ"}])
def test_the_same_uid_builds_nothing_else(world: World, librarian, more: dict[str, object]) -> None:
    told = {"uid": str(clock.uuid7()), "kind": "room", "name": "Tủ phòng 1", "mode": "scan"}
    assert librarian.post("/shelves/new", data=told).status_code == 303
    assert librarian.post("/shelves/new", data={**told, **more}).status_code == 409


def test_a_level_that_is_no_plain_number_is_passed_over(world: World, librarian) -> None:
    told = {"kind": "room", "name": "Tủ phòng 1", "mode": "scan", "level": ["²", "٣", "2"]}
    assert librarian.post("/shelves/new", data=told).status_code == 303
    assert world.session.scalars(select(Shelf)).one().levels == [2]


def test_a_taken_name_is_told_on_the_page(world: World, librarian) -> None:
    shelf(world)
    world.session.commit()
    answer = librarian.post("/shelves/new", data={"kind": "room", "name": "tủ LỚP 4A", "mode": "scan"})
    assert answer.status_code == 422
    assert "Nơi này đã có chỗ tên" in answer.text
    assert world.session.query(Act).filter_by(kind="build-shelf").count() == 1


def test_overview_stands_them_side_by_side(world: World, librarian) -> None:
    one = shelf(world)
    put(world, one, world.items(3))
    world.session.commit()
    page = librarian.get("/shelves").text
    assert "Tủ lớp 4A" in page
    assert "chưa có người giữ" in page
    assert ">3</a>" in page


def test_a_teacher_goes_to_the_own_shelf(app: Flask, world: World) -> None:
    of = school_class(world)
    one = shelf(world, of, keeper=teacher(world, of))
    other = shelf(world, school_class(world, "4B"))
    world.session.commit()
    mine = sign_in(app, "thu")
    assert mine.get("/shelves").location.endswith(f"/shelves/{one.uid}")
    assert mine.get(f"/shelves/{one.uid}/settings").status_code == 200
    assert mine.get(f"/shelves/{other.uid}/settings").status_code == 404
    assert mine.post(f"/shelves/{one.uid}/close", data={"why": "not-used"}).status_code == 403


def test_settings_are_changed_and_complaints_keep_the_page(world: World, librarian) -> None:
    one = shelf(world)
    world.session.commit()
    address = f"/shelves/{one.uid}/settings"
    told = {"name": "Tủ phòng 12", "mode": "honour", "goes_with": "class", "level": ["1", "9", "x"]}
    assert librarian.post(address, data=told).status_code == 303
    world.session.expire_all()
    assert (one.place.name, one.mode, one.levels) == ("Tủ phòng 12", "honour", [1])
    assert librarian.post(address, data={**told, "name": ""}).status_code == 422


def test_a_shelf_with_books_is_not_closed_and_an_empty_one_opens_again(world: World, librarian) -> None:
    of = school_class(world)
    keeper = teacher(world, of)
    full, bare = shelf(world), shelf(world, of=school_class(world, "4C"), keeper=keeper)
    put(world, full, world.items(2))
    world.session.commit()
    refused = librarian.post(f"/shelves/{full.uid}/close", data={"why": "not-used"})
    assert refused.status_code == 409
    assert "2 cuốn" in refused.text
    assert librarian.post(f"/shelves/{bare.uid}/close", data={"why": "not-used"}).status_code == 303
    world.session.expire_all()
    assert bare.closed_on
    assert bare.place.closed_on
    assert tenures.current(world.session(), bare.id) is None
    assert "Tủ này đóng từ" in librarian.get(f"/shelves/{bare.uid}/settings").text
    assert librarian.post(f"/shelves/{bare.uid}/reopen").status_code == 303
    world.session.expire_all()
    assert bare.closed_on is None
    assert tenures.current(world.session(), bare.id).keeper_id == keeper.id


def test_a_keeper_without_an_account_is_kept_by_name(world: World, librarian) -> None:
    one = shelf(world)
    world.session.commit()
    assert librarian.post(f"/shelves/{one.uid}/keeper", data={"keeper_name": "Cô Mỷ"}).status_code == 303
    now = tenures.current(world.session(), one.id)
    assert (now.keeper_name, now.keeper_id, now.class_id) == ("Cô Mỷ", None, one.place.class_id)


def test_helpers_have_weeks_and_are_made_anew(app: Flask, world: World) -> None:
    of = school_class(world, "5A", 5)
    one = shelf(world, of, keeper=teacher(world, of))
    pupils = [world.patron(f"Hoàng Thị {name}", class_name="5A") for name in ("An", "Bình", "Chi")]
    world.session.commit()
    mine = sign_in(app, "thu")
    told = {"weeks": "3", "each": "2", "member": [str(one.uid) for one in pupils]}
    assert mine.post(f"/shelves/{one.uid}/turns", data=told).status_code == 303
    rows = world.session.scalars(select(ShelfHelper)).all()
    assert len(rows) == 6
    assert {row.from_on.weekday() for row in rows} == {0}
    assert {turn.name for turn in turns.on(world.session(), one.id, clock.today())} == {
        "Hoàng Thị An",
        "Hoàng Thị Bình",
    }
    assert mine.post(f"/shelves/{one.uid}/turns", data={**told, "weeks": "1"}).status_code == 303
    assert len(world.session.scalars(select(ShelfHelper)).all()) == 2
    once = {**told, "uid": str(clock.uuid7())}
    assert mine.post(f"/shelves/{one.uid}/turns", data=once).status_code == 303
    assert mine.post(f"/shelves/{one.uid}/turns", data={**once, "each": "1"}).status_code == 409
    stranger = world.patron("Lý Văn Lạ", class_name="5B")
    world.session.commit()
    assert mine.post(f"/shelves/{one.uid}/turns", data={**told, "member": [str(stranger.uid)]}).status_code == 404
    assert mine.post(f"/shelves/{one.uid}/turns", data={"weeks": "3"}).status_code == 422


def test_everybody_has_a_turn_before_anybody_has_a_second() -> None:
    monday = turns.monday(clock.today())
    weeks = [monday + timedelta(weeks=n) for n in range(3)]
    made = turns.plan([1, 2, 3, 4, 5], weeks, 2, had=[2])
    assert [turn.members for turn in made] == [(1, 3), (4, 5), (2, 1)]
    assert turns.plan([7], weeks[:1], 4)[0].members == (7,)
    assert turns.plan([], weeks, 2) == []
