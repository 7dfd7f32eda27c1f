"""The pages of a stop, as a script and as plain forms."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from library.accounts.models import RoleName
from library.core import clock
from library.core.db import db
from library.inbox.models import Act
from library.mobile import stop_figures
from library.mobile.models import StopVisit, VisitState
from library.patrons.models import Membership, Person
from library.uses.models import Visit
from tests.mobile.van import Van, van, within_today
from tests.support import rotation
from tests.support.people import account, sign_in
from tests.support.world import World


class StopPage:
    """What the page of a stop does, without a browser: numbers its messages and says its time."""

    def __init__(self, client: FlaskClient, uid: UUID) -> None:
        self.client, self.uid, self.device, self.number = client, uid, uuid4(), 0

    def posted(self, late: float = 0.0, **more: Any) -> dict[str, Any]:
        self.number += 1
        now = clock.now()
        times = {"at": (now - timedelta(seconds=late)).isoformat(), "sent_at": now.isoformat()}
        return {"uid": str(clock.uuid7()), "device": str(self.device), "number": self.number, **times, **more}

    def send(self, what: str, message: dict[str, Any]) -> Any:
        return self.client.post(f"/van/visits/{self.uid}/{what}", json=message)

    def told(self, to: str, /, late: float = 0.0, **more: Any) -> dict[str, Any]:
        answer = self.send(to, self.posted(late, **more))
        assert answer.status_code == 200, answer.get_data(as_text=True)
        body: dict[str, Any] = answer.get_json()
        return body

    def page(self, what: str = "", **more: str) -> str:
        answer = self.client.get(f"/van/visits/{self.uid}{what}", query_string=more)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        text: str = answer.get_data(as_text=True)
        return text


@pytest.fixture
def here(world: World) -> Van:
    made = van(world)
    world.session.commit()
    return made


@pytest.fixture
def page(app: Flask, here: Van) -> StopPage:
    return StopPage(sign_in(app, "tai"), here.visit.uid)


def state(here: Van) -> VisitState:
    db.session.expire_all()
    return db.session.scalars(select(StopVisit.state).where(StopVisit.id == here.visit.id)).one()


def test_one_tap_opens_and_the_page_counts(here: Van, page: StopPage) -> None:
    assert "Mở điểm dừng" in page.page()
    page.told("open")
    assert state(here) is VisitState.OPEN
    text = page.page()
    assert "Lượt học sinh" in text
    assert "cả lớp" in text
    assert "mở lúc" in text


def test_touches_are_counted_named_and_taken_back(here: Van, page: StopPage) -> None:
    page.told("open")
    group = page_class(here)
    told = page.told("count", tap="pupil 31", **of_class(group))
    assert told["last"].startswith("+31 lúc ")
    page.told("count", what="book", quantity=5, level=2)
    told = page.told("count", tap="book 1 box 800")
    assert told["numbers"] == {"pupil": 31, "book": 6, "level-2": 5, "box-800": 1}
    assert page.told("back")["numbers"] == {"pupil": 31, "book": 5, "level-2": 5}
    assert page.told("back")["last"].startswith("+31 lúc ")
    assert db.session.scalars(select(Visit.class_name)).one() == "3A"


def of_class(uid: UUID) -> dict[str, Any]:
    return {"class": str(uid)}


def page_class(here: Van) -> UUID:
    group = here.pupil.school_class
    assert group
    return group.uid


def test_the_same_touch_twice_counts_once(here: Van, page: StopPage) -> None:
    page.told("open")
    message = page.posted(what="pupil", quantity=5)
    assert page.send("count", message).get_json() == page.send("count", message).get_json()
    assert stop_figures.figures(db.session(), here.visit.id).visits == 5


@pytest.mark.parametrize(
    "wrong",
    [
        {"what": "pupil", "quantity": 0}, {"what": "pupil", "quantity": 2001}, {"what": "cats", "quantity": 1},
        {"what": "book", "quantity": 1, "level": 9}, {"what": "book", "quantity": 1, "box": "999"}, {},
        {"what": "pupil", "quantity": 1, "class": "no uid"},
    ],
)  # fmt: skip
def test_a_touch_that_means_nothing_is_refused(page: StopPage, wrong: dict[str, Any]) -> None:
    page.told("open")
    assert page.send("count", page.posted(**wrong)).status_code == 422


def test_plain_forms_do_the_same(here: Van, page: StopPage) -> None:
    at = f"/van/visits/{here.visit.uid}"
    client = page.client
    assert client.post(f"{at}/open").status_code == 303
    answer = client.post(f"{at}/count", data={"tap": "pupil 5", "class": str(page_class(here))})
    assert (answer.status_code, answer.location) == (303, f"{at}?class={page_class(here)}")
    assert client.post(f"{at}/count", data={"tap": "gift-value money", "money": "200.000"}).status_code == 303
    told = stop_figures.figures(db.session(), here.visit.id)
    assert (told.visits, told.others) == (5, {"gift-value": 200_000})
    assert client.post(f"{at}/back").status_code == 303
    db.session.rollback()
    assert not stop_figures.figures(db.session(), here.visit.id).others


def test_the_school_signs_and_the_page_tells(here: Van, page: StopPage) -> None:
    page.told("open")
    page.told("count", what="pupil", quantity=5)
    assert "Đưa máy cho nhà trường xem" in page.page("/close")
    assert page.send("close", page.posted(signed_name="")).status_code == 422
    page.told("close", signed_name="Lường Thị Hà", signed_title="Hiệu trưởng")
    assert state(here) is VisitState.CLOSED
    text = page.page()
    assert "Lường Thị Hà" in text
    assert "Hiệu trưởng" in text
    assert page.send("count", page.posted(what="pupil", quantity=1)).status_code == 409


def test_nobody_there_to_sign_is_a_fact_too(here: Van, page: StopPage) -> None:
    page.told("open")
    page.told("close", unsigned="1")
    assert "Chưa có ai của nhà trường xác nhận" in page.page()


def test_a_late_touch_is_told_beside_the_signature(here: Van, page: StopPage) -> None:
    opened, closed = within_today(20)
    with clock.stopped_at(opened):
        page.told("open")
    with clock.stopped_at(closed):
        page.told("close", signed_name="Lường Thị Hà")
        page.told("count", late=600, what="pupil", quantity=5)
    assert "1 lượt đến sau khi đã xác nhận" in page.page()


def test_opening_and_closing_are_undone_on_the_page(here: Van, page: StopPage) -> None:
    act = page.told("open")["act"]
    closed = page.told("close", signed_name="Lường Thị Hà")["act"]
    assert page.send("undo", page.posted(act=act)).status_code == 409
    page.told("undo", act=closed)
    assert state(here) is VisitState.OPEN
    page.told("undo", act=act)
    assert state(here) is VisitState.PLANNED


def test_a_book_goes_to_a_pupil_until_the_next_visit_and_comes_back(here: Van, page: StopPage) -> None:
    page.told("open")
    code = here.books[0].accession
    told = page.told("scans", text=code, pupil=str(here.pupil.uid))
    assert told["what"] == "lent"
    assert "Trả ở lần xe đến" in told["do"]
    db.session.expire_all()
    back = page.told("scans", text=code)
    assert (back["what"], back["word"]) == ("returned", "Ma Văn Bình trả xong")
    figures = stop_figures.figures(db.session(), here.visit.id)
    assert (figures.lent, figures.returned, figures.uses) == (1, 1, 1)


def test_lending_without_scripts(here: Van, page: StopPage) -> None:
    page.told("open")
    at = f"/van/visits/{here.visit.uid}"
    assert "Ma Văn Bình" in page.page("/lend", **{"class": str(page_class(here))})
    assert "đang giữ" not in page.page("/lend", pupil=str(here.pupil.uid)).split("sun-who")[0]
    answer = page.client.post(f"{at}/scans", data={"text": here.books[0].accession, "pupil": str(here.pupil.uid)})
    assert answer.status_code == 303
    assert "Đã cho Bình mượn" in page.client.get(answer.location).get_data(as_text=True)


def test_a_scan_is_undone_by_who_made_it(here: Van, page: StopPage) -> None:
    page.told("open")
    act = page.told("scans", text=here.books[0].accession, pupil=str(here.pupil.uid))["act"]
    page.told("scans/undo", act=act)
    assert not stop_figures.figures(db.session(), here.visit.id)


def test_a_new_pupil_takes_two_fields(here: Van, page: StopPage) -> None:
    page.told("open")
    at = f"/van/visits/{here.visit.uid}"
    answer = page.client.post(f"{at}/new-reader", data={"full_name": "Triệu Mùi Ghển", "group": "3a"})
    assert answer.status_code == 303
    assert "Triệu Mùi Ghển" in page.client.get(answer.location).get_data(as_text=True)
    db.session.rollback()
    made = db.session.scalars(select(Membership).join(Person).where(Person.full_name == "Triệu Mùi Ghển")).one()
    assert made.library_id == here.world.school().id
    assert stop_figures.figures(db.session(), here.visit.id).others == {"new-cards": 1}
    again = page.client.post(f"{at}/new-reader", data={"full_name": "Triệu Mùi Ghển", "group": "3a"})
    assert "đã có người tên này" in page.client.get(again.location).get_data(as_text=True)
    count = select(func.count()).select_from(Membership).join(Person).where(Person.full_name == "Triệu Mùi Ghển")
    assert db.session.scalar(count) == 1
    page.client.post(f"{at}/new-reader", data={"full_name": "Triệu Mùi Ghển", "group": "3B", "anyway": "1"})
    db.session.rollback()
    assert db.session.scalar(count) == 2


def test_the_same_new_pupil_twice_is_answered_with_the_first_answer(here: Van, page: StopPage) -> None:
    page.told("open")
    message = page.posted(full_name="Triệu Mùi Ghển", group="3a")
    first = page.send("new-reader", message).get_json()
    assert page.send("new-reader", message).get_json() == first
    assert page.told("new-reader", full_name="Triệu Mùi Ghển", group="3B")["namesakes"] == [first["pupil"]]


def test_a_namesake_is_asked_about_and_the_same_message_adds_them_anyway(here: Van, page: StopPage) -> None:
    page.told("open")
    message = page.posted(full_name="Ma Văn Bình", group="3B")
    assert page.send("new-reader", message).get_json()["namesakes"] == [str(here.pupil.uid)]
    assert page.send("new-reader", {**message, "anyway": True}).get_json()["card"]


def test_a_class_nobody_knows_is_told_and_the_name_is_kept(here: Van, page: StopPage) -> None:
    page.told("open")
    answer = page.client.post(f"/van/visits/{here.visit.uid}/new-reader", data={"full_name": "Ma A Sì", "group": "9Z"})
    text = page.client.get(answer.location).get_data(as_text=True)
    assert "Gõ tên lớp, như 5A" in text
    assert 'value="Ma A Sì"' in text


def test_a_crew_that_does_not_go_with_the_trip_sees_nothing(app: Flask, here: Van) -> None:
    rotation.account(here.world, "khac", RoleName.VAN_CREW)
    here.world.session.commit()
    client = sign_in(app, "khac")
    for path in ("", "/lend", "/close", "/type-in", "/photos", "/paper.pdf"):
        assert client.get(f"/van/visits/{here.visit.uid}{path}").status_code == 404
    assert client.post(f"/van/visits/{here.visit.uid}/open").status_code == 404
    assert client.get(f"/van/trips/{here.trip.uid}/load").status_code == 404


def test_the_school_sees_the_summary_and_nothing_else(app: Flask, here: Van, page: StopPage) -> None:
    page.told("open")
    page.told("count", what="pupil", quantity=5)
    account(here.world, "ha")
    here.world.session.commit()
    client = sign_in(app, "ha")
    assert "Lượt bạn đọc" in client.get(f"/van/visits/{here.visit.uid}/summary").get_data(as_text=True)
    assert client.get(f"/van/visits/{here.visit.uid}").status_code == 403


def test_a_school_sees_its_own_stop_of_a_trip_and_no_other(app: Flask, here: Van, page: StopPage) -> None:
    here.stop.contact_name, here.stop.contact_phone, here.stop.parking = "Cô Gác Cổng", "0912", "Sân sau"
    others = rotation.visits_of(here.world, here.trip)[1]
    others.stop.contact_name = "Bà Trưởng Thôn"
    account(here.world, "ha")
    here.world.session.commit()
    trip, theirs = here.trip.uid, others.uid
    client = sign_in(app, "ha")
    assert client.get(f"/van/visits/{theirs}/summary").status_code == 404
    text = client.get(f"/van/trips/{trip}").get_data(as_text=True)
    assert "Trường Tiểu học Xuất Hóa" in text
    for word in (
        "Nhà văn hoá Nà Phặc",
        "Cô Gác Cổng",
        "0912",
        "Sân sau",
        "Bà Trưởng Thôn",
        here.crew.name,
        "Phiếu chuyến",
    ):
        assert word not in text, word
    text = client.get(f"/van?trip={trip}").get_data(as_text=True)
    assert "chưa ai hẹn trả" in text and text.count("van-line is-") == 1
    text = page.client.get(f"/van/trips/{trip}").get_data(as_text=True)
    assert "Bà Trưởng Thôn" in text and here.crew.name in text


def test_every_touch_is_an_act_of_the_visit(here: Van, page: StopPage) -> None:
    page.told("open")
    page.told("count", what="teacher", quantity=2)
    kinds = db.session.scalars(select(Act.kind).where(Act.actor == here.crew.uid).order_by(Act.id)).all()
    assert kinds == ["open-stop", "count-stop"]
