"""The librarian's table, the teacher's two buttons: the right person, a stranger, somebody without the right, junk."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select

from library.core import clock
from library.core.db import db
from library.holdings.models import PlaceKind
from library.loans import deeds
from library.loans.deeds import Lending
from library.shelves import swapping_search
from library.shelves.models import Shelf, SwapMove, SwapPlan
from library.shelves.swapping import Puzzle, Row
from library.uses.counting import Frozen
from tests.shelves.test_swaps import Grade
from tests.support.people import account, sign_in
from tests.support.shelves import put, school_class, shelf
from tests.support.world import World

LIST = "/shelves/swaps"


@pytest.fixture
def grade(world: World) -> Iterator[Grade]:
    account(world)
    made = Grade(world)
    world.session.commit()
    yield made


def test_the_librarian_plans_a_grade(app: Flask, world: World) -> None:
    account(world)
    shelves = [shelf(world, school_class(world, name)) for name in ("4A", "4B")]
    for one in shelves:
        put(world, one, world.items(3))
    world.session.commit()
    client = sign_in(app)
    page = client.get(LIST).get_data(as_text=True)
    assert "Lập lịch mới" in page
    assert page.count("checked") == 2, "the shelves of a grade are ticked"
    assert page.count("3 cuốn") == 2
    wanted = {"name": "Khối 4", "every": "week", "from_on": f"{clock.today() + timedelta(days=3):%d/%m/%Y}",
              "shelf": [str(one.uid) for one in shelves], "per_pupil": "1", "uid": str(uuid4())}  # fmt: skip
    made = client.post(LIST, data=wanted)
    assert made.status_code == 303
    assert client.post(LIST, data=wanted).headers["Location"] == made.headers["Location"], "twice is once"
    plan = world.session.scalars(select(SwapPlan)).one()
    told = client.get(made.headers["Location"]).get_data(as_text=True)
    assert "Vòng 2" in told
    assert "Không lớp nào gặp lại hộp cũ trước 2 vòng" in told
    assert plan.rounds == 2


def test_what_is_wrong_is_told_beside_the_form(app: Flask, grade: Grade) -> None:
    client = sign_in(app)
    extra = [shelf(grade.world, school_class(grade.world, name)) for name in ("5A", "5B")]
    grade.world.session.commit()
    answer = client.post(
        LIST, data={"name": "Khối 5", "every": "week", "from_on": "hôm qua", "shelf": str(extra[0].uid)}
    )
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "Chọn ít nhất hai tủ" in page
    assert "Ngày viết như 31/12/2026" in page
    assert 'value="Khối 5"' in page


def test_a_shelf_of_another_plan_cannot_be_slipped_in(app: Flask, grade: Grade) -> None:
    client = sign_in(app)
    uids = [str(one.uid) for one in grade.shelves.values()]
    wanted = {"name": "Lại", "every": "week", "from_on": f"{clock.today():%Y-%m-%d}", "shelf": uids}
    answer = client.post(LIST, data=wanted)
    assert answer.status_code == 409
    assert "đang theo lịch “Khối 4”" in answer.get_data(as_text=True)
    assert client.post(LIST, json=wanted).status_code == 409


def test_two_teachers_swap_with_one_tap_each(app: Flask, grade: Grade, world: World) -> None:
    move = grade.move(1, "4A")
    giver, taker = "4A", grade.name(move.to_id)
    gives, takes = sign_in(app, f"gv{giver.lower()}"), sign_in(app, f"gv{taker.lower()}")
    here = f"/shelves/{grade.shelves[giver].uid}/swap"
    there = f"/shelves/{grade.shelves[taker].uid}/swap"
    page = gives.get(here).get_data(as_text=True)
    assert f"đưa hộp 1 cho {taker}" in page
    assert gives.post(here, data={"move": str(move.uid)}).status_code == 303
    assert f"Chờ lớp {taker} bấm đã nhận" in gives.get(here).get_data(as_text=True)
    assert "Lớp 4A đã bấm lúc" in takes.get(there).get_data(as_text=True)
    answer = takes.post(there, json={"move": str(move.uid)}, headers={"Accept": "application/json"})
    assert answer.get_json()["do"] == "Hộp 1 của 4A đã về tủ này: 4 cuốn."
    assert "Đã đổi" in takes.get(there).get_data(as_text=True)
    undone = takes.post(f"{there}/undo", data={"move": str(move.uid)})
    assert undone.status_code == 303
    world.session.expire_all()
    assert grade.listed("4A") == grade.ids("4A")


def test_the_same_teacher_does_not_sign_for_both(app: Flask, grade: Grade) -> None:
    """The librarian reaches both shelves, and still is one person."""
    move, client = grade.move(1, "4A"), sign_in(app)
    for name in ("4A", grade.name(move.to_id)):
        answer = client.post(f"/shelves/{grade.shelves[name].uid}/swap", data={"move": str(move.uid)})
    assert answer.status_code == 409
    assert "phải là hai người" in answer.get_data(as_text=True)


def test_another_class_s_box_is_nobody_else_s_business(app: Flask, grade: Grade) -> None:
    move = grade.move(1, "4A")
    third = next(name for name in grade.shelves if name not in ("4A", grade.name(move.to_id)))
    client = sign_in(app, f"gv{third.lower()}")
    assert client.post(f"/shelves/{grade.shelves[third].uid}/swap", data={"move": str(move.uid)}).status_code == 404
    assert client.get(f"/shelves/{grade.shelves['4A'].uid}/swap").status_code == 404
    assert client.get(LIST).status_code == 403
    assert client.post(f"/shelves/{grade.shelves[third].uid}/swap", data={"move": "gì đó"}).status_code == 422


def test_a_colleague_does_not_take_back_what_another_said(app: Flask, grade: Grade, world: World) -> None:
    move = grade.move(1, "4A")
    address = f"/shelves/{grade.shelves['4A'].uid}/swap"
    librarian, teacher = sign_in(app), sign_in(app, "gv4a")
    librarian.post(address, data={"move": str(move.uid)})
    assert teacher.post(f"{address}/undo", data={"move": str(move.uid)}).status_code == 409
    assert librarian.post(f"{address}/undo", data={"move": str(move.uid)}).status_code == 303


def test_a_missing_book_is_ticked(app: Flask, grade: Grade, world: World) -> None:
    move, lost = grade.move(1, "4A"), grade.books["4A"][0]
    data = {"move": str(move.uid), "missing": [str(lost.uid)]}
    sign_in(app, "gv4a").post(f"/shelves/{grade.shelves['4A'].uid}/swap", data=data)
    taker = grade.name(move.to_id)
    client = sign_in(app, f"gv{taker.lower()}")
    there = f"/shelves/{grade.shelves[taker].uid}/swap"
    answer = client.post(there, json={"move": str(move.uid)}).get_json()
    assert (answer["moved"], answer["missing"]) == (3, 1)
    world.session.expire_all()
    assert grade.listed("4A") == {lost.id}


def test_the_table_is_changed_by_ticking(app: Flask, grade: Grade, world: World) -> None:
    client = sign_in(app)
    address = f"{LIST}/{grade.plan.uid}"
    one, other = grade.move(2, "4A"), grade.move(2, "4B")
    boxes, to = (one.box_id, other.box_id), (one.to_id, other.to_id)
    for do, moves, status in (
        ("exchange", [one], 409), ("lock", [one], 303), ("unlock", [one], 303), ("exchange", [one, other], 303),
        ("anew", [], 303), ("days", [], 303), ("burn", [], 422),
    ):  # fmt: skip
        answer = client.post(address, data={"do": do, "move": [str(move.uid) for move in moves]})
        assert answer.status_code == status, do
    world.session.expire_all()
    now = {
        move.box_id: move.to_id
        for move in world.session.scalars(
            select(SwapMove).where(SwapMove.plan_id == grade.plan.id, SwapMove.round == 2)
        )
    }
    assert (now[boxes[1]], now[boxes[0]]) == to
    assert client.get(address).status_code == 200
    assert client.post(address, data={"do": "end"}).status_code == 303
    assert client.post(address, data={"do": "anew"}).status_code == 409
    assert "đã kết thúc" in client.get(LIST).get_data(as_text=True)


@pytest.fixture
def searched(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """For each time that plans were searched: whether something could be written meanwhile."""
    found: list[bool] = []
    search = swapping_search.plan

    def watched(puzzle: Puzzle) -> list[Row]:
        found.append("reading" not in db.session().info)
        return search(puzzle)

    monkeypatch.setattr(swapping_search, "plan", watched)
    return found


def test_plans_are_thought_out_before_anything_is_written(
    app: Flask, grade: Grade, world: World, searched: list[bool]
) -> None:
    client, address = sign_in(app), f"{LIST}/{grade.plan.uid}"
    put(world, grade.shelves["4A"], world.items(2))
    world.session.commit()
    assert client.post(address, data={"do": "anew", "rounds": "7"}).status_code == 303
    assert client.post(address, data={"do": "end"}).status_code == 303
    wanted = {"name": "Lại", "every": "week", "from_on": f"{clock.today():%Y-%m-%d}", "per_pupil": "1",
              "shelf": [str(one.uid) for one in grade.shelves.values()]}  # fmt: skip
    assert client.post(LIST, data=wanted).status_code == 303
    assert searched == [False, False]
    world.session.expire_all()
    assert grade.plan.rounds == 7


def test_a_class_that_closed_leaves_by_planning_anew(app: Flask, grade: Grade, world: World) -> None:
    grade.swap(1, "4B")
    grade.shelves["4A"].closed_on = clock.today()
    world.session.commit()
    client, address = sign_in(app), f"{LIST}/{grade.plan.uid}"
    assert "Bảng cũ không lấy lại được" in client.get(address).get_data(as_text=True)
    assert client.post(address, data={"do": "anew"}).status_code == 303
    assert client.get(address).status_code == 200


def test_a_plan_that_ended_offers_no_undo(app: Flask, grade: Grade, world: World) -> None:
    move = grade.swap(1, "4A")
    world.session.commit()
    client, there = sign_in(app), f"/shelves/{grade.shelves[grade.name(move.to_id)].uid}/swap"
    assert f"{there}/undo" in client.get(there).get_data(as_text=True)
    client.post(f"{LIST}/{grade.plan.uid}", data={"do": "end"})
    assert f"{there}/undo" not in client.get(there).get_data(as_text=True)
    assert client.post(f"{there}/undo", data={"move": str(move.uid)}).status_code == 409


def test_a_shelf_without_a_plan_says_so(app: Flask, world: World) -> None:
    account(world)
    one: Shelf = shelf(world)
    world.session.commit()
    assert "Chưa có lượt đổi nào" in sign_in(app).get(f"/shelves/{one.uid}/swap").get_data(as_text=True)


def test_a_reader_of_the_other_class_has_no_name_here(app: Flask, grade: Grade) -> None:
    """Who gives a box knows its readers; who gets it hears only that one is out."""
    world, giver = grade.world, "4A"
    taker, book = grade.name(grade.move(1, giver).to_id), grade.books[giver][0]
    reader = world.patron("Vi Thị Hoa", class_name=giver)
    branch = world.branch().id
    what = Lending(book.id, book.uid, reader.id, clock.today(), Frozen(branch))
    deeds.lend(world.session(), world.doing(), what, (world.place(PlaceKind.WITH_PATRONS).id, branch), clock.now())
    world.session.commit()
    pages = {}
    for name in (giver, taker):
        client = sign_in(app, f"gv{name.lower()}")
        pages[name] = client.get(f"/shelves/{grade.shelves[name].uid}/swap").get_data(as_text=True)
    assert "Hoa đang giữ" in pages[giver]
    assert "bạn ngoài tủ đang giữ" in pages[taker]
    assert "Hoa" not in pages[taker].replace("Xuất Hóa", "")
