"""What people count: a class in one entry, guests, days gone by; corrections are rows of the opposite."""

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select

from library.core import clock
from library.core.db import db
from library.inbox.models import Act
from library.loans import deeds
from library.promotion import visits
from library.promotion.visits import Heads, without
from library.uses import settings
from library.uses.models import DocumentUse, UseKind, UseSetting, Visit, VisitKind
from tests.loans.test_desk import card
from tests.support.people import DeskPage, account, sign_in
from tests.support.policies import lends
from tests.support.world import World


@pytest.fixture
def page(app: Flask, world: World) -> DeskPage:
    account(world)
    for name in ("Lan", "Bảo", "Khánh"):
        world.patron(name, class_name="5A")
    world.session.commit()
    return DeskPage(sign_in(app))


def group(world: World, name: str = "5A") -> str:
    from library.patrons.models import SchoolClass

    return str(world.session.scalar(select(SchoolClass.uid).where(SchoolClass.name == name)))


def standing() -> dict[Any, int]:
    """By kind, sex and need."""
    query = select(Visit.kind, Visit.sex, Visit.access_need, func.sum(Visit.quantity))
    rows = db.session.execute(query.group_by(Visit.kind, Visit.sex, Visit.access_need))
    return {(kind.value, sex, need): int(count) for kind, sex, need, count in rows if count}


def write(page: DeskPage, address: str = "/visits", **told: Any) -> Any:
    return page.client.post(address, json=page.posted(**told))


def test_a_class_in_one_entry_with_its_books_and_its_correction(page: DeskPage, world: World) -> None:
    told = {
        "kind": "class",
        "class": group(world),
        "heads": 35,
        "boys": 18,
        "girls": 16,
        "disabled-heads": 1,
        "books": 40,
    }
    told |= {"disabled-boys": 1, "class_books": 7}
    done = write(page, **told).get_json()
    assert done["visits"] == 35
    assert standing() == {
        ("class", "m", None): 17,
        ("class", "m", "disabled"): 1,
        ("class", "f", None): 16,
        ("class", None, None): 1,
    }
    uses = {one.kind: (one.quantity, one.class_name, one.grade) for one in db.session.scalars(select(DocumentUse))}
    assert uses == {UseKind.TALLY: (40, "5A", 5), UseKind.CLASS_READ: (7, "5A", 5)}
    again = write(page, f"/visits/{done['act']}", kind="class", **{"class": group(world)}, heads=30)
    assert again.status_code == 200
    assert standing() == {("class", None, None): 30}
    assert db.session.scalar(select(func.sum(DocumentUse.quantity))) == 0
    assert db.session.scalar(select(func.count()).where(Visit.quantity < 0).select_from(Visit)) == 4
    assert write(page, f"/visits/{done['act']}", kind="guest", heads=2).status_code == 409, "corrected already"
    assert write(page, f"/visits/{again.get_json()['act']}/undo").status_code == 200
    assert standing() == {}
    shown = page.client.get("/visits").get_data(as_text=True)
    assert shown.count("đã bỏ") == 2
    assert "Lớp 5A" in shown


def test_the_same_message_twice_is_one_line_and_the_desk_leaves_it_alone(page: DeskPage, world: World) -> None:
    message = page.posted(kind="guest", category="citizen", heads=4)
    first, second = (page.client.post("/visits", json=message) for _ in range(2))
    assert first.get_json() == second.get_json()
    assert standing() == {("guest", None, None): 4}
    assert page.undo(first.get_json()["act"]).status_code in (403, 404, 409)
    form = {"kind": "session", "category": "citizen", "heads": "12", "uid": str(clock.uuid7())}
    assert [page.client.post("/visits", data=form).status_code for _ in range(2)] == [303, 303]
    assert standing() == {("guest", None, None): 4, ("session", None, None): 12}


def test_what_is_not_understood_comes_back_with_what_was_typed(page: DeskPage, world: World) -> None:
    wrong = page.client.post("/visits", data={"kind": "guest", "heads": "3", "boys": "2", "girls": "2"})
    assert wrong.status_code == 422
    text = wrong.get_data(as_text=True)
    assert "Nam cộng nữ nhiều hơn tổng số." in text
    assert re.search(r'name="boys"[^>]*value="2"', text)
    assert page.client.post("/visits", data={"kind": "guest"}).status_code == 422, "nobody"
    assert page.client.post("/visits", data={"kind": "class", "heads": "3"}).status_code == 422, "no class"
    assert page.client.post("/visits", data={"kind": "desk", "heads": "3"}).status_code == 422, "not typed by hand"
    assert page.client.get("/visits?on=0001-01-03").status_code == 200, "no such year: today"
    more = {"kind": "guest", "heads": "3", "blind-heads": "4"}
    assert page.client.post("/visits", data=more).status_code == 422
    assert standing() == {}


def test_days_gone_by_within_the_limit(page: DeskPage, world: World) -> None:
    today = clock.today()
    for back, status in ((1, 200), (60, 200), (61, 422), (-1, 422)):
        on = (today - timedelta(days=back)).isoformat()
        assert write(page, kind="guest", heads=5, on=on).status_code == status, back
    rows = db.session.scalars(select(Visit).order_by(Visit.visited_on)).all()
    assert [one.visited_on for one in rows] == [today - timedelta(days=60), today - timedelta(days=1)]
    assert all(clock.day_of(one.recorded_at) == today for one in rows), "known today only"
    shown = page.client.get(f"/visits?on={(today - timedelta(days=1)).isoformat()}").get_data(as_text=True)
    assert f"ghi {today:%d/%m}" in shown
    plain = page.client.post("/visits", data={"kind": "guest", "heads": "1", "on": str(today - timedelta(days=99))})
    assert plain.status_code == 422
    assert "Chỉ ghi được từ" in plain.get_data(as_text=True)


def test_a_class_that_came_whole_does_not_count_its_borrowers_again(page: DeskPage, world: World) -> None:
    lends(world.session, world.school().id, days=14, most=5)
    for name in ("Lan", "Bảo"):
        (reader,) = [one for one in _readers() if one.person.full_name == name]
        page.scan(card(reader))
        page.scan(world.item().accession or "")
        page.reader = None
    done = write(page, kind="class", **{"class": group(world)}, heads=20, less=1).get_json()
    assert (done["visits"], done["known"]) == (20, 2)
    assert standing() == {("class", None, None): 20}
    assert "2 em đã được ghi từng người" in done["do"]
    (late,) = [one for one in _readers() if one.person.full_name == "Khánh"]
    page.scan(card(late))
    lent = page.scan(world.item().accession or "")["act"]
    page.reader = None
    assert standing() == {("class", None, None): 20}, "borrowed afterwards: among the heads all the same"
    assert re.search('name="less"[^>]*checked', page.client.get(f"/visits/{done['act']}").get_data(as_text=True))
    again = write(page, f"/visits/{done['act']}", kind="class", **{"class": group(world)}, heads=21, less=1).get_json()
    assert standing() == {("class", None, None): 21}
    assert page.undo(lent).status_code == 200
    assert write(page, f"/visits/{again['act']}/undo").status_code == 200
    assert standing() == {("desk", None, None): 2}, "one by one again, but whose loan is undone"
    whole = write(page, kind="class", **{"class": group(world)}).get_json()
    assert whole["visits"] == 3, "nobody said how many: all of the class"


def _readers() -> list[Any]:
    from library.patrons.models import Membership

    return list(db.session.scalars(select(Membership)))


def test_heads_less_those_known() -> None:
    heads = [Heads(10, "m"), Heads(8, "f"), Heads(2), Heads(1, None, "blind")]
    left = {(one.sex, one.access_need): one.quantity for one in without(heads, {"m": 3, None: 4})}
    assert sum(left.values()) == 14
    assert left == {("m", None): 5, ("f", None): 8, (None, "blind"): 1}
    assert without([Heads(2, "m")], {"f": 5}) == []
    assert without([Heads(2, "m"), Heads(3, None, "disabled")], {}) == [Heads(2, "m"), Heads(3, None, "disabled")]


def test_settings_change_what_is_counted_from_then_on(page: DeskPage, world: World) -> None:
    shown = page.client.get("/visits/settings").get_data(as_text=True)
    assert shown.count("checked") == 3
    lends(world.session, world.school().id, days=14, most=9)
    wrong = page.client.post("/visits/settings", data={"repeat_minutes": "lâu"})
    assert wrong.status_code == 422
    assert page.client.post("/visits/settings", data={"repeat_minutes": "30", "kiosk_voice": "1"}).status_code == 303
    row = db.session.scalars(select(UseSetting)).one()
    assert (row.loan_is_visit, row.renewal_is_use, row.repeat_minutes, row.kiosk_voice) == (False, False, 30, True)
    lan = _readers()[0]
    page.scan(card(lan))
    page.scan(world.item().accession or "")
    assert standing() == {}
    page.client.post("/visits/settings", data={"repeat_minutes": "30", "loan_is_visit": "1"})
    page.scan(world.item().accession or "")
    assert standing() == {("desk", None, None): 1}
    assert settings.read(world.session(), world.school().id).kiosk_voice is False


def test_boys_that_were_told_stay_boys_whoever_has_a_need(page: DeskPage, world: World) -> None:
    """Twelve boys, thirteen girls, one of them disabled: which, nobody can guess."""
    told = {"kind": "class", "class": group(world), "boys": 12, "girls": 13, "disabled-heads": 1}
    asked = write(page, **told)
    assert asked.status_code == 422 and asked.get_json()["code"] == "which-sex" and standing() == {}
    write(page, **told, **{"disabled-girls": 1})
    assert standing() == {("class", "m", None): 12, ("class", "f", None): 12, ("class", "f", "disabled"): 1}


def test_where_all_are_boys_so_is_whoever_has_a_need(page: DeskPage) -> None:
    write(page, kind="guest", category="pupil", boys=4, **{"disabled-heads": 1})
    assert standing() == {("guest", "m", None): 3, ("guest", "m", "disabled"): 1}


def test_the_line_in_the_form_and_strangers(app: Flask, page: DeskPage, world: World) -> None:
    done = write(page, kind="class", **{"class": group(world)}, heads=9, girls=4, books=3).get_json()
    shown = page.client.get(f"/visits/{done['act']}").get_data(as_text=True)
    assert re.search(r'name="girls"[^>]*value="4"', shown)
    assert f'value="{group(world)}" selected' in shown
    told = {
        "kind": "guest",
        "category": "pupil",
        "heads": 37,
        "boys": 20,
        "girls": 15,
        "disabled-heads": 2,
        "blind-girls": 1,
    }
    some = write(page, **told).get_json()
    parts = {("guest", "m", None): 20, ("guest", "f", None): 14, ("guest", None, "disabled"): 2}
    parts |= {("guest", "f", "blind"): 1}
    assert {key: count for key, count in standing().items() if key[0] == "guest"} == parts
    shown = page.client.get(f"/visits/{some['act']}").get_data(as_text=True)
    fields = dict(re.findall(r'name="([a-z-]+)"[^>]*? value="(\d+)"', shown))
    assert write(page, f"/visits/{some['act']}", kind="guest", category="pupil", **fields).status_code == 200
    assert {key: count for key, count in standing().items() if key[0] == "guest"} == parts, "as it was in the form"
    books = write(page, kind="class", **{"class": group(world)}, heads="0", books=6).get_json()
    shown = page.client.get(f"/visits/{books['act']}").get_data(as_text=True)
    assert f'value="{group(world)}" selected' in shown
    assert re.search(r'name="heads"[^>]*value="0"', shown)
    other = world.school("Trường Tiểu học Sông Cầu")
    account(world, "mai", library=other)
    world.session.commit()
    mai = sign_in(app, "mai")
    assert mai.get(f"/visits/{done['act']}").status_code == 404
    assert mai.post(f"/visits/{done['act']}/undo").status_code == 404
    assert mai.get(f"/visits?at={world.branch().uid}").status_code == 404
    act = db.session.scalars(select(Act).where(Act.uid == UUID(done["act"]))).one()
    assert act.kind == visits.KIND
    assert visits.KIND in deeds.OWN_DOORS
    assert VisitKind.CLASS in visits.TYPED
