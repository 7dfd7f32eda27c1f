"""Item classes of a network, the class and parts of a copy, and from which age on a title is read."""

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from library.accounts.models import RoleName
from library.catalogue.models import Record
from library.catalogue.writing import as_new
from library.core import versions
from library.core.db import db
from library.holdings.models import Item, ItemClass
from library.policies import classes, rulebook, writing
from library.policies.rulebook import RULES
from tests.support.people import account, commit, sign_in
from tests.support.world import World

PAGE = "/settings/item-classes"


@pytest.fixture
def ha(app: Flask, world: World) -> FlaskClient:
    account(world)
    commit()
    return sign_in(app)


def text(answer: Any) -> str:
    return str(answer.get_data(as_text=True))


def add(world: World, code: str = "SGK", group: str | None = None) -> ItemClass:
    network = world.school().network_id
    assert network
    made = classes.add(world.session(), network, code, "Sách giáo khoa", group)
    commit()
    return made


def of_code(code: str) -> ItemClass:
    return db.session.scalars(select(ItemClass).where(ItemClass.code == code)).one()


def test_a_class_is_added_and_copies_of_its_kind_are_of_it(ha: FlaskClient, world: World) -> None:
    before = versions.of(world.session(), RULES)
    told = {"code": "audio", "name": "Băng đĩa", "limit_group": "đĩa"}
    assert ha.post(PAGE, data=told).status_code == 303
    made = of_code("audio")
    assert (made.name, made.limit_group, made.network_id) == ("Băng đĩa", "đĩa", world.school().network_id)
    assert versions.of(world.session(), RULES) > before
    book = rulebook.load(world.session(), world.school().id)
    assert book.sort_of(None, "STN", "audio") == made.id
    assert book.sort_of(None, "AUDIO", "print") == made.id
    assert book.sort_of(None, "STN", "print") is None
    assert book.sorts[made.id].limit_group == "đĩa"


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"code": "", "name": "Đĩa"}, "Ô này chưa có gì."),
        ({"code": "SGK", "name": ""}, "Ô này chưa có gì."),
        ({"code": "sgk", "name": "Giáo khoa"}, "Mã này đã có."),
        ({"code": "x" * 21, "name": "Đĩa"}, "Dài quá: nhiều nhất 20 chữ."),
    ],
)
def test_what_makes_no_class(ha: FlaskClient, world: World, told: dict[str, str], words: str) -> None:
    add(world)
    answer = ha.post(PAGE, data=told)
    assert (answer.status_code, words in text(answer)) == (422, True)
    assert len(db.session.scalars(select(ItemClass)).all()) == 1


def test_a_class_is_renamed_and_its_code_stays(ha: FlaskClient, world: World) -> None:
    one = add(world)
    told = {"name": "Giáo khoa cho mượn cả năm", "limit_group": "học", "code": "KHAC"}
    assert ha.post(f"{PAGE}/{one.uid}", data=told).status_code == 303
    now = of_code("SGK")
    assert (now.name, now.limit_group) == ("Giáo khoa cho mượn cả năm", "học")
    wrong = ha.post(f"{PAGE}/{one.uid}", data={"name": ""})
    assert (wrong.status_code, "Ô này chưa có gì." in text(wrong)) == (422, True)


def test_a_class_nothing_is_of_can_go(ha: FlaskClient, world: World) -> None:
    one, used, said = add(world), add(world, "TC"), add(world, "BTC")
    world.item().item_class_id = used.id
    writing.say(world.session(), world.school().id, {"most_of_class": 1}, None, said.id)
    commit()
    page = text(ha.get(PAGE))
    assert page.count("/remove") == 1
    assert ha.post(f"{PAGE}/{one.uid}/remove").status_code == 303
    for kept in (used, said):
        answer = ha.post(f"{PAGE}/{kept.uid}/remove")
        assert (answer.status_code, "Còn bản sách, lượt mượn hay dòng chính sách" in text(answer)) == (409, True)
    assert len(db.session.scalars(select(ItemClass)).all()) == 2


def test_what_others_use_only_the_head_of_the_network_changes(app: Flask, ha: FlaskClient, world: World) -> None:
    one = add(world)
    world.item(world.school("Trường Tiểu học Đức Xuân")).item_class_id = one.id
    account(world, "tu", RoleName.ADMINISTRATOR, world.province())
    commit()
    assert f"{PAGE}/{one.uid}" not in text(ha.get(PAGE))
    assert ha.post(f"{PAGE}/{one.uid}", data={"name": "Khác"}).status_code == 403
    assert sign_in(app, "tu").post(f"{PAGE}/{one.uid}", data={"name": "Khác"}).status_code == 303
    assert of_code("SGK").name == "Khác"


def test_a_copys_class_and_parts_are_said(ha: FlaskClient, world: World) -> None:
    one, item = add(world), world.item()
    commit()
    uid, title = item.uid, item.record.uid
    assert f"/copies/{uid}/class" in text(ha.get(f"/titles/{title}"))
    address = f"/copies/{uid}/class"
    assert ha.get(address).status_code == 200
    assert ha.post(address, data={"item_class": str(one.id), "parts": "1 đĩa CD"}).status_code == 303
    now = db.session.scalars(select(Item).where(Item.uid == uid)).one()
    assert (now.item_class_id, now.parts) == (one.id, "1 đĩa CD")
    assert 'value="1 đĩa CD"' in text(ha.get(address))
    assert ha.post(address, data={"item_class": "999", "parts": ""}).status_code == 422
    assert ha.post(address, data={}).status_code == 303
    db.session.expire_all()
    assert (now.item_class_id, now.parts) == (None, None)


def test_new_copies_come_with_their_class_and_parts(ha: FlaskClient, world: World) -> None:
    one, record = add(world), world.record()
    commit()
    address = f"/titles/{record.uid}/copies"
    assert 'name="item_class"' in text(ha.get(address))
    told = {
        "quantity": "2", "home": str(world.place().id), "series": "GK", "source": "Sở cấp", "received_on": "01/09/2026",
        "item_class": str(one.id), "parts": "1 đĩa CD",
    }  # fmt: skip
    assert ha.post(address, data=told | {"item_class": "999"}).status_code == 422
    assert ha.post(address, data=told).status_code == 303
    found = db.session.scalars(select(Item)).all()
    assert [(item.item_class_id, item.parts) for item in found] == [(one.id, "1 đĩa CD")] * 2


def test_another_librarys_copy_is_not_there(ha: FlaskClient, world: World) -> None:
    theirs = world.item(world.school("Trường Tiểu học Đức Xuân"))
    commit()
    assert ha.get(f"/copies/{theirs.uid}/class").status_code == 404
    assert ha.post(f"/copies/{theirs.uid}/class", data={"parts": "đĩa"}).status_code == 404


def test_from_which_age_on_a_title_is_read(ha: FlaskClient) -> None:
    assert ha.post("/titles/new", data={"title": "Số đỏ", "least_age": "16"}).status_code == 303
    record = db.session.scalars(select(Record)).one()
    assert record.least_age == 16
    address = f"/titles/{record.uid}/edit"
    assert re.search(r'name="least_age"[^>]* value="16"', text(ha.get(address)))
    assert ha.post(address, data={"title": "Số đỏ"}).status_code == 303
    assert as_new(db.session.scalars(select(Record)).one()).least_age == 16, "a page without the field leaves it"
    assert ha.post(address, data={"title": "Số đỏ", "least_age": "mười"}).status_code == 422
    assert ha.post(address, data={"title": "Số đỏ", "least_age": ""}).status_code == 303
    db.session.expire_all()
    assert db.session.scalars(select(Record)).one().least_age is None
