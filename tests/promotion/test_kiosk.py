"""The kiosk: opened, then locked to itself; readers by card or name, once in a while; guests; closed by card or password."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from library.accounts.models import Grant
from library.core import clock
from library.core.db import db
from library.inbox.models import Act
from library.loans import coming
from library.patrons.models import Sex
from library.promotion import kiosks, visits, visits_ageing
from library.promotion.visit_models import Kiosk
from library.uses.models import Visit, VisitKind, Visitor
from tests.loans.test_desk import card
from tests.support.people import PASSWORD, DeskPage, account, sign_in
from tests.support.policies import lends
from tests.support.world import World


class AtTheDoor(DeskPage):
    """The kiosk's page, without a browser."""

    def come(self, late: float = 0.0, **who: Any) -> Any:
        return self.client.post("/kiosk/visit", json=self.posted(late, **who))


@pytest.fixture
def door(app: Flask, world: World) -> Iterator[AtTheDoor]:
    account(world)
    world.session.commit()
    client = sign_in(app)
    assert client.post("/kiosk/start").status_code == 303
    yield AtTheDoor(client)


def standing() -> dict[str, int]:
    rows = db.session.execute(select(Visit.kind, func.sum(Visit.quantity)).group_by(Visit.kind))
    return {kind.value: int(count) for kind, count in rows if count}


def test_nobody_is_signed_in_there_and_no_other_page_opens(app: Flask, world: World, door: AtTheDoor) -> None:
    shown = door.client.get("/kiosk").get_data(as_text=True)
    assert "Quét thẻ, hoặc gõ tên của bạn" in shown
    for address in ("/desk", "/visits", "/patrons", "/kiosk/start", "/settings"):
        answer = door.client.get(address)
        assert (answer.status_code, "sign-in" in answer.headers.get("Location", "")) in ((303, True), (404, False)), (
            address
        )
    stranger = app.test_client()
    assert "/kiosk/start" in stranger.get("/kiosk").headers["Location"]
    assert stranger.get("/kiosk/names?q=lan").status_code == 401
    assert AtTheDoor(stranger).come(guest="pupil").status_code == 401
    assert stranger.get("/kiosk/end").status_code == 401
    db.session.execute(update(Kiosk).values(ends_at=clock.now() - timedelta(seconds=1)))
    db.session.commit()
    assert door.come(guest="pupil").status_code == 401, "its day is over"


def test_by_card_once_in_the_window_with_the_facts_of_the_day(door: AtTheDoor, world: World) -> None:
    lan = world.patron("Ma Thị Lan", class_name="5A")
    lan.person.sex = Sex.FEMALE
    world.session.commit()
    first = door.come(code=card(lan)).get_json()
    assert (first["outcome"], first["today"]) == ("ok", 1)
    assert "Lan" not in str(first), "whoever stands behind reads it too"
    assert door.come(code=card(lan)).get_json()["outcome"] == "ghi"
    assert standing() == {"kiosk": 1}
    visit = db.session.scalars(select(Visit)).one()
    assert (visit.class_name, visit.grade, visit.category, visit.sex) == ("5A", 5, "HS", "f")
    assert db.session.scalars(select(Visitor.membership_id)).one() == lan.id
    assert door.come(code="KHONGCO").status_code == 422
    with clock.stopped_at(clock.now() + timedelta(minutes=61)):
        later = door.come(code=card(lan))
    assert later.get_json()["outcome"] in ("ok", "ghi")
    act = db.session.scalars(select(Act).where(Act.kind == "kiosk")).first()
    assert act
    assert act.actor == db.session.scalars(select(Kiosk)).one().account_id or act.actor is not None


def test_the_same_message_twice_is_one_visit_and_not_me_takes_it_back(door: AtTheDoor, world: World) -> None:
    lan = world.patron("Ma Thị Lan", class_name="5A")
    world.session.commit()
    message = door.posted(reader=str(lan.uid))
    first, second = (door.client.post("/kiosk/visit", json=message).get_json() for _ in range(2))
    assert first == second
    assert standing() == {"kiosk": 1}
    back = door.client.post("/kiosk/back", json=door.posted(act=first["act"]))
    assert back.get_json()["outcome"] == "luu"
    assert standing() == {}
    assert door.come(reader=str(lan.uid)).get_json()["outcome"] == "ok", "what was taken back fills no window"
    other = door.posted(act=str(uuid4()))
    assert door.client.post("/kiosk/back", json=other).status_code == 409
    assert door.come(reader=str(uuid4())).status_code == 422
    stranger = world.patron("Lan", library=world.school("Trường Tiểu học Sông Cầu"))
    world.session.commit()
    assert door.come(reader=str(stranger.uid)).status_code == 422, "another school's name is not tapped here"


def test_names_are_first_names_and_classes_of_this_library(door: AtTheDoor, world: World) -> None:
    lan, other = world.patron("Nông Thị Lan", class_name="5A"), world.patron("Ma Thị Lan", class_name="5A")
    for name in ("Hoàng Lan Anh", "Vi Thanh Hoa", "Vi Thu Hoa", "Vi Thị Mai", "Vũ Thị Mai"):
        world.patron(name, class_name="5B")
    world.patron("Lò Thị Lan", library=world.school("Trường Tiểu học Sông Cầu"))
    world.session.commit()
    found = door.client.get("/kiosk/names?q=lan").get_json()["names"]
    assert sorted((one["name"], one["group"]) for one in found) == [
        ("Anh", "5B"),
        ("M. T. Lan", "5A"),
        ("N. T. Lan", "5A"),
    ]
    assert door.client.get("/kiosk/names?q=l").get_json()["names"] == []
    apart = {text: [one["name"] for one in door.client.get(f"/kiosk/names?q={text}").get_json()["names"]]
             for text in ("hoa", "mai")}  # fmt: skip
    assert sorted(apart["hoa"]) == ["Anh", "V. Thanh Hoa", "V. Thu Hoa"]
    assert sorted(apart["mai"]) == ["Vi Thị Mai", "Vũ Thị Mai"]
    assert lan.school_class
    of_class = door.client.get(f"/kiosk/names?class={lan.school_class.uid}&q=ma").get_json()["names"]
    assert [one["uid"] for one in of_class] == [str(other.uid)]
    plain = door.client.get("/kiosk?q=lan").get_data(as_text=True)
    assert "N. T. Lan" in plain
    assert "Nông" not in plain


def test_guests_and_plain_forms(door: AtTheDoor, world: World) -> None:
    lan = world.patron("Ma Thị Lan")
    world.session.commit()
    assert door.come(guest="citizen").get_json()["today"] == 1
    assert door.come(guest="vip").status_code == 422
    assert door.come().status_code == 422
    told = door.client.post("/kiosk/visit", data={"reader": str(lan.uid), "uid": str(clock.uuid7())})
    assert "Chào mừng đến thư viện" in told.get_data(as_text=True)
    assert door.client.post("/kiosk/visit", data={"code": "KHONGCO"}).status_code == 422
    assert standing() == {"guest": 1, "kiosk": 1}


def test_a_loan_and_the_kiosk_are_one_visit_whatever_came_first(app: Flask, door: AtTheDoor, world: World) -> None:
    lends(world.session, world.school().id, days=14, most=9)
    account(world, "tu")
    lan = world.patron("Ma Thị Lan")
    world.session.commit()
    desk = DeskPage(sign_in(app, "tu"))
    desk.scan(card(lan))
    desk.scan(world.item().accession or "")
    assert standing() == {"desk": 1}
    came = door.come(code=card(lan)).get_json()
    assert (standing(), came["today"]) == ({"kiosk": 1}, 1)
    desk.scan(world.item().accession or "")
    assert standing() == {"kiosk": 1}
    assert desk.client.post(f"/visits/{came['act']}/undo", json=desk.posted()).status_code == 200
    assert standing() == {"desk": 1}, "the loans tell of it again"
    listed = desk.client.get("/visits?list=kiosk").get_data(as_text=True)
    assert "Tự ghi ở cửa" in listed
    coming.settle(world.session(), lan.id, world.branch().id, clock.today())
    assert standing() == {"desk": 1}


def test_those_among_the_heads_of_their_class_come_once_until_the_window_is_over(door: AtTheDoor, world: World) -> None:
    lan, binh = world.patron("Ma Thị Lan", class_name="5A"), world.patron("Đàm Quốc Bình", class_name="5B")
    world.session.commit()
    for less, expected in ((False, "ok"), (True, "ghi")):
        entry = visits.Entry(VisitKind.CLASS, clock.today(), [visits.Heads(30)], class_name="5A", grade=5, less=less)
        visits.record(world.session(), world.doing(), world.branch().id, entry)
        world.session.commit()
        came = door.come(code=card(lan)).get_json()
        assert came["outcome"] == expected, "a line that leaves nobody out says nothing of single readers"
        if came["act"]:
            assert door.client.post("/kiosk/back", json=door.posted(act=came["act"])).status_code == 200
    assert standing() == {"class": 60}
    assert door.come(code=card(binh)).get_json()["outcome"] == "ok", "another class"
    with clock.stopped_at(clock.now() + timedelta(minutes=61)):
        later = door.come(code=card(lan)).get_json()
    assert later["outcome"] == "ok", "came again, alone"


def test_an_open_kiosk_is_seen_and_closed_from_another_machine(app: Flask, door: AtTheDoor, world: World) -> None:
    account(world, "tu")
    account(world, "mai", library=world.school("Trường Tiểu học Sông Cầu"))
    world.session.commit()
    stranger, colleague = sign_in(app, "mai"), sign_in(app, "tu")
    device = str(db.session.scalars(select(Kiosk.device)).one())
    db.session.rollback()
    assert "Máy đang mở" not in stranger.get("/kiosk/start").get_data(as_text=True)
    assert stranger.post("/kiosk/start", data={"close": device}).status_code == 404
    page = colleague.get("/kiosk/start").get_data(as_text=True)
    assert "Máy đang mở" in page
    assert device in page
    assert door.come(guest="pupil").status_code == 200
    assert colleague.post("/kiosk/start", data={"close": device}).status_code == 303
    assert colleague.post("/kiosk/start", data={"close": device}).status_code == 404, "closed already"
    assert colleague.get("/visits").status_code == 200, "whoever closed it stays signed in"
    assert door.come(guest="pupil").status_code == 401
    assert standing() == {"guest": 1}, "what was told at it stays"


def test_told_late_by_a_kiosk_that_was_away(door: AtTheDoor, world: World) -> None:
    lan = world.patron("Ma Thị Lan")
    world.session.commit()
    assert door.come(late=5 * 3600, code=card(lan)).status_code == 200
    assert door.come(code=card(lan)).get_json()["outcome"] == "ok", "five hours lie between"
    rows = db.session.scalars(select(Visit).order_by(Visit.occurred_at)).all()
    assert rows[1].occurred_at - rows[0].occurred_at > timedelta(hours=4)


def test_closed_by_somebody_of_the_library_only(app: Flask, door: AtTheDoor, world: World) -> None:
    account(world, "mai", library=world.school("Trường Tiểu học Sông Cầu"))
    world.session.commit()
    end = door.client.get("/kiosk/end").get_data(as_text=True)
    assert "gõ PIN" in end
    for who, secret in (("ha", "sai"), ("mai", PASSWORD), ("", PASSWORD), ("nobody", PASSWORD)):
        assert door.client.post("/kiosk/end", data={"who": who, "secret": secret}).status_code == 401
    assert door.client.post("/kiosk/end", data={"who": "ha", "secret": PASSWORD}).status_code == 303
    assert door.come(guest="pupil").status_code == 401
    assert "sign-in" in door.client.get("/visits").headers["Location"], "who closed it signs in like everybody"


def test_who_opened_it_works_here_no_more(door: AtTheDoor) -> None:
    assert door.come(guest="pupil").status_code == 200
    db.session.execute(update(Grant).values(to_on=clock.today()))
    db.session.commit()
    assert door.come(guest="pupil").status_code == 401


def test_old_kiosks_go(door: AtTheDoor, world: World) -> None:
    assert visits_ageing.forget_kiosks(world.session(), clock.now()) is False
    assert db.session.scalar(select(func.count()).select_from(Kiosk)) == 1
    visits_ageing.forget_kiosks(world.session(), clock.now() + timedelta(days=40))
    assert db.session.scalar(select(func.count()).select_from(Kiosk)) == 0
    assert timedelta(days=1) > kiosks.LONGEST
