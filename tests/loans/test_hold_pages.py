"""Holds over HTTP: for a card or a name, at one's own branch; names only for those who may see them."""

import re
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from library.accounts.models import RoleName
from library.core.db import db
from library.loans.models import Hold
from library.organisations.models import Code
from library.patrons.models import Card, Membership
from tests.support.people import DeskPage, account, commit, sign_in
from tests.support.policies import lends
from tests.support.statements import counted
from tests.support.world import World


@pytest.fixture
def ha(app: Flask, world: World) -> FlaskClient:
    account(world)
    lends(world.session, world.school().id, days=14, most=3)
    commit()
    return sign_in(app)


def text(answer: Any) -> str:
    return str(answer.get_data(as_text=True))


def card(membership: Membership) -> str:
    query = select(Code.printed).join(Card, Card.code_id == Code.id).where(Card.membership_id == membership.id)
    return db.session.scalar(query) or ""


def place(client: FlaskClient, record: UUID, words: str = "", **more: str) -> Any:
    return client.post(f"/titles/{record}/holds", data={"text": words, **more})


def how_many() -> int:
    return db.session.scalar(select(func.count(Hold.id)).where(Hold.ended_at.is_(None))) or 0


def test_a_hold_by_card_and_by_a_name_without_marks(ha: FlaskClient, world: World) -> None:
    lan, khoi, item = world.patron(), world.patron("Nông Minh Khôi", class_name="5A"), world.item()
    record = item.record.uid
    assert place(ha, record, card(lan)).status_code == 303
    assert place(ha, record, "minh khoi").status_code == 303
    assert how_many() == 2
    page = text(ha.get("/holds"))
    assert page.index("Hoàng Thị Mai Lan") < page.index("Nông Minh Khôi"), "who asked first stands first"
    assert f"/people/{khoi.uid}" in page


def test_namesakes_are_asked_about(ha: FlaskClient, world: World) -> None:
    one, _other = world.patron("Lý Thị Ánh", class_name="3A"), world.patron("Lý Thị Ánh", class_name="5B")
    record = world.item().record.uid
    asked = place(ha, record, "ly thi anh")
    assert asked.status_code == 422
    assert set(re.findall(r'class="tag">([^<]+)<', text(asked))) == {"3A", "5B"}
    assert how_many() == 0
    assert place(ha, record, reader=str(one.uid)).status_code == 303
    assert db.session.scalars(select(Hold.membership_id)).one() == one.id


def test_the_same_reader_waits_once(ha: FlaskClient, world: World) -> None:
    lan, item = world.patron(), world.item()
    place(ha, item.record.uid, card(lan))
    again = place(ha, item.record.uid, card(lan))
    assert again.status_code == 409
    assert how_many() == 1


def test_nobody_and_nothing_to_wait_for(ha: FlaskClient, world: World) -> None:
    lan, item, bare = world.patron(), world.item(), world.record("Chưa có bản nào")
    commit()
    for words in ("", "khong ai ten the"):
        answer = place(ha, item.record.uid, words)
        assert answer.status_code == 422
        assert f'value="{words}"' in text(answer)
    assert place(ha, bare.uid, card(lan)).status_code == 409
    assert how_many() == 0


def test_a_returned_copy_is_kept_and_the_hold_can_be_given_up(ha: FlaskClient, world: World) -> None:
    lan, khoi, item = world.patron(), world.patron("Nông Minh Khôi"), world.item()
    commit()
    desk = DeskPage(ha)
    desk.scan(card(lan))
    desk.scan(item.accession or "")
    place(ha, item.record.uid, card(khoi))
    desk.reader = None
    desk.scan(item.accession or "")
    page = text(ha.get("/holds"))
    assert "Trên giá Giữ chỗ" in page
    assert (item.accession or "?") in page
    assert "giữ đến hết" in page
    hold = db.session.scalars(select(Hold)).one()
    answer = ha.post(f"/holds/{hold.uid}/cancel", follow_redirects=True)
    assert f"Lấy cuốn {item.accession}" in text(answer)
    assert how_many() == 0
    assert ha.post(f"/holds/{hold.uid}/cancel").status_code == 409


def test_helpers_do_not_learn_who_waits(app: Flask, ha: FlaskClient, world: World) -> None:
    account(world, "khanh", RoleName.HELPER)
    lan, item = world.patron(class_name="5A"), world.item()
    place(ha, item.record.uid, card(lan))
    page = text(sign_in(app, "khanh").get("/holds"))
    assert "5A" in page
    assert "Lan" not in page.split("<main")[1]
    assert str(lan.uid) not in page
    desk = DeskPage(sign_in(app, "khanh"))
    said = desk.scan(item.accession or "")
    assert "giá Giữ chỗ" in said["do"]
    assert "Lan" not in said["do"] + said["said"]


def test_holds_of_another_library_are_not_there(app: Flask, ha: FlaskClient, world: World) -> None:
    other = world.school("Trường Tiểu học Đức Xuân")
    account(world, "linh", library=other)
    theirs, item = world.patron("Bàn Văn Sinh", library=other), world.item(library=other)
    lends(world.session, other.id)
    commit()
    linh = sign_in(app, "linh")
    assert place(linh, item.record.uid, card(theirs)).status_code == 303
    hold = db.session.scalars(select(Hold)).one()
    assert "Bàn Văn Sinh" not in text(ha.get("/holds"))
    assert ha.post(f"/holds/{hold.uid}/cancel").status_code == 404
    assert place(ha, item.record.uid, reader=str(theirs.uid)).status_code == 422, "not a reader of this library"
    assert place(ha, item.record.uid, "ban van sinh").status_code == 422
    assert ha.get(f"/titles/{UUID(int=5)}/holds/new").status_code == 404
    assert how_many() == 1


def test_a_title_of_another_network_cannot_be_waited_for(ha: FlaskClient, world: World) -> None:
    far = world.province("Thư viện tỉnh Cao Bằng")
    record = world.item(library=far).record.uid
    lan = world.patron()
    commit()
    assert place(ha, record, card(lan)).status_code == 404


def test_who_may_not_lend_places_no_holds(app: Flask, world: World) -> None:
    account(world, "xem", RoleName.OFFICER)
    record = world.item().record.uid
    commit()
    officer = sign_in(app, "xem")
    assert officer.get("/holds").status_code == 403
    assert place(officer, record, "lan").status_code == 403


def test_the_list_asks_the_same_however_long_it_is(ha: FlaskClient, world: World) -> None:
    item = world.item()
    place(ha, item.record.uid, card(world.patron()))
    ha.get("/holds")
    with counted() as few:
        ha.get("/holds")
    for at in range(5):
        place(ha, item.record.uid, card(world.patron(f"Lý Thị Ánh {at}")))
    with counted() as many:
        ha.get("/holds")
    assert len(many) == len(few) <= 12
