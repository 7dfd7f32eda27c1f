"""What a library keeps of families when schools become one, and what a name tells of the next class."""

from collections.abc import Mapping

import pytest
from sqlalchemy import select

from library.core import clock
from library.core.db import db
from library.organisations import founding
from library.patrons import details, names, promoting
from library.patrons.models import PupilDetail, PupilDetailRule
from library.staging.values import ClassName, class_name
from tests.support.world import World

OLD = "Trường Tiểu học Nông Thượng"
TOLD: Mapping[str, str] = {"parents": "Hoàng Văn Cha", "ethnicity": "Tày"}


def kept() -> list[tuple[int, int, str]]:
    query = select(PupilDetail.person_id, PupilDetail.library_id, PupilDetail.parents)
    return sorted(tuple(row) for row in db.session.execute(query))


@pytest.mark.parametrize("asks", [True, False])
def test_the_successor_gets_what_it_asks_for_itself(world: World, asks: bool) -> None:
    session, old, new = world.session(), world.school(OLD), world.school()
    lan, mai = world.patron("Lan", old), world.patron("Mai", old)
    details.switch_on(session, old.id, "Báo cáo hằng năm của phòng.", None)
    if asks:
        details.switch_on(session, new.id, "Báo cáo hằng năm của sở.", None)
        details.put(session, new.id, {mai.person_id: {**TOLD, "parents": "Bế Văn Bố"}})
    details.put(session, old.id, {lan.person_id: TOLD, mai.person_id: TOLD})
    founding.succeed(session, old, new, clock.today())
    whole = [(lan.person_id, new.id, "Hoàng Văn Cha"), (mai.person_id, new.id, "Bế Văn Bố")]
    assert kept() == (whole if asks else [])
    rules = session.scalars(select(PupilDetailRule.library_id)).all()
    assert rules == ([new.id] if asks else [])


def test_of_a_person_who_is_forgotten_it_goes_everywhere(world: World) -> None:
    session, lan, mai = world.session(), world.patron("Lan"), world.patron("Mai")
    for library in (world.school(), world.school(OLD)):
        details.put(session, library.id, {lan.person_id: TOLD, mai.person_id: TOLD})
    details.forget(session, [lan.person_id])
    assert {row[0] for row in kept()} == {mai.person_id}


@pytest.mark.parametrize(
    ("now", "years", "later"),
    [
        ("5A", 1, "6A"), ("5/1", 1, "6/1"), ("10A13", 1, "11A13"), ("9", 1, "10"), ("1A", 2, "3A"), ("12A", 1, None),
        ("11A", 2, None), ("Ghép 1+2", 1, None), ("Hoa Ban", 1, None),
    ],
)  # fmt: skip
def test_the_next_class_by_its_name(now: str, years: int, later: str | None) -> None:
    one = class_name(now)
    assert one
    following = promoting.promoted(one, years)
    assert (following and following.name) == later
    assert following is None or class_name(following.name) == following


def test_a_class_of_a_strange_name_with_a_grade_is_not_guessed_at() -> None:
    assert promoting.promoted(ClassName("Hoa Ban", (5,))) is None
    assert promoting.promoted(ClassName("4A", (5,))) is None


@pytest.mark.parametrize(
    ("grades", "last"), [({1, 5}, 5), ({1, 4}, None), ({1, 5, 9}, 9), ({10, 12}, 12), (set(), None)]
)
def test_pupils_leave_where_a_level_ends(grades: set[int], last: int | None) -> None:
    assert promoting.last_grade(grades) == last


@pytest.mark.parametrize(
    ("earlier", "later", "years", "told"),
    [
        ("4A", "5A", 1, True),
        ("4A", "5B", 1, False),
        ("4A", "6A", 2, True),
        ("4A", "4A", 0, False),
        ("Lá", "1A", 1, False),
    ],
)
def test_who_was_in_a_class_may_be_in_a_higher_one(earlier: str, later: str, years: int, told: bool) -> None:
    assert promoting.follows(earlier, later, years) is told


@pytest.mark.parametrize(
    ("written", "tidied"),
    [
        ("NGUYỄN VĂN Á", "Nguyễn Văn Á"), ("đỗ gia bảo", "Đỗ Gia Bảo"), ("H'Hen Niê", "H'Hen Niê"), ("Giàng A Páo", "Giàng A Páo"),
        ("Y Moan Êñuôl", "Y Moan Êñuôl"), ("páo", "Páo"),
    ],
)  # fmt: skip
def test_only_a_name_in_one_case_is_rewritten(written: str, tidied: str) -> None:
    assert names.tidy(written) == tidied


@pytest.mark.parametrize(
    ("one", "other", "same", "betters"),
    [
        ("Lê Thị Hoà", "Lê Thị Hòa", True, False), ("Lê Văn Hưng", "Lê Văn Hùng", False, True),
        ("Le Van Hung", "Lê Văn Hùng", True, False), ("Lê Văn Hùng", "Le Van Hung", True, True),
        ("LÊ VĂN HÙNG", "Lê Văn Hùng", True, False),
    ],
)  # fmt: skip
def test_spellings_of_one_name(one: str, other: str, same: bool, betters: bool) -> None:
    assert names.is_same(one, other) is same
    assert names.betters(one, other) is betters
