"""The paper form: printed, typed in again as the acts of that day; photographs of the stop."""

from datetime import datetime, time, timedelta
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select, update

from library.core import clock
from library.core.db import db
from library.loans.models import Loan
from library.mobile import stop_figures
from library.mobile.models import StopVisit, TripFile, TripState, VisitState
from library.organisations.models import Code
from library.patrons.models import Card
from tests.mobile.van import Van, van
from tests.support.people import sign_in
from tests.support.world import World

AGO = timedelta(days=3)


@pytest.fixture
def here(world: World) -> Van:
    """Three days after a visit that no machine was at."""
    with clock.stopped_at(datetime.combine(clock.today() - AGO, time(5), clock.HERE)):
        made = van(world)
    world.session.commit()
    made.session.expire_all()
    return made


@pytest.fixture
def client(app: Flask, here: Van) -> FlaskClient:
    return sign_in(app, "tai")


def address(here: Van, path: str) -> str:
    return f"/van/visits/{here.visit.uid}/{path}"


def paper(here: Van, **more: Any) -> dict[str, str]:
    group = here.pupil.school_class
    assert group
    told = {
        "opened_at": "7h40", "closed_at": "8:30", f"boy-{group.uid}": "12", f"girl-{group.uid}": "15", "teacher": "2",
        "disabled": "1", "book": "30", "level-2": "6", "box-800": "4", "films": "1", "gift-value": "150000",
        "signed_name": "Lường Thị Hà",
    }  # fmt: skip
    return {**told, **more}


def visit(here: Van) -> StopVisit:
    db.session.rollback()
    return db.session.get_one(StopVisit, here.visit.id)


def test_a_paper_becomes_the_acts_of_that_day(here: Van, client: FlaskClient) -> None:
    assert client.post(address(here, "type-in"), data=paper(here)).status_code == 303
    one = visit(here)
    assert (one.state, one.typed_in, one.signed_name) == (VisitState.CLOSED, True, "Lường Thị Hà")
    assert one.opened_at == datetime.combine(one.day, datetime.min.time(), clock.HERE).replace(hour=7, minute=40)
    assert one.trip.state is TripState.ON_ROAD
    told = stop_figures.figures(db.session(), one.id)
    assert (told.visits, told.boys, told.girls, told.teachers, told.access) == (30, 12, 15, 2, 1)
    assert (told.uses, told.tallied[2, None], told.others) == (40, 6, {"films": 1, "gift-value": 150_000})


def test_loans_of_the_paper_by_card_and_by_name_and_class(here: Van, client: FlaskClient) -> None:
    card = db.session.scalars(
        select(Code.printed).join(Card, Card.code_id == Code.id).where(Card.membership_id == here.pupil.id)
    ).one()
    codes = [one.accession for one in here.books]
    lines = f"{card}; {codes[0]}\nMa Văn Bình, 3A; {codes[1]}\n{codes[0]}\nAi đó 9Z; {codes[2]}\n"
    answer = client.post(address(here, "type-in"), data=paper(here, lines=lines))
    assert answer.status_code == 303
    told = stop_figures.figures(db.session(), here.visit.id)
    assert (told.lent, told.returned) == (2, 1)
    loans = db.session.scalars(select(Loan).order_by(Loan.id)).all()
    assert {clock.day_of(one.lent_at) for one in loans} == {clock.today() - AGO}
    assert [one.ended_at is None for one in loans] == [False, True]
    assert "Ai đó 9Z" in client.get(answer.location).get_data(as_text=True)


def test_the_same_paper_twice_is_one(here: Van, client: FlaskClient) -> None:
    data = paper(here, uid=str(clock.uuid7()))
    assert client.post(address(here, "type-in"), data=data).status_code == 303
    assert client.post(address(here, "type-in"), data=data).status_code == 303
    assert stop_figures.figures(db.session(), here.visit.id).visits == 30


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"opened_at": "sáng"}, "Giờ viết như 08:05."), ({"closed_at": "7:00"}, "Giờ rời điểm phải sau giờ đến."),
        ({"teacher": "hai"}, "Cần một số từ 0 đến 2000."), ({"closed_at": ""}, "Ô này chưa có gì."),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_told_in_place_and_nothing_is_written(
    here: Van, client: FlaskClient, wrong: dict[str, str], said: str
) -> None:
    answer = client.post(address(here, "type-in"), data=paper(here, **wrong))
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert said in page
    assert 'value="15"' in page, "what was typed is kept"
    assert visit(here).state is VisitState.PLANNED


def test_a_paper_of_the_future_is_none(here: Van, client: FlaskClient) -> None:
    db.session.execute(update(StopVisit).where(StopVisit.id == here.visit.id).values(day=clock.today() + AGO))
    db.session.commit()
    answer = client.post(address(here, "type-in"), data=paper(here))
    assert "Giờ này chưa tới." in answer.get_data(as_text=True)


def test_a_stop_that_was_opened_on_a_machine_takes_no_paper(here: Van, client: FlaskClient) -> None:
    db.session.execute(
        update(StopVisit).where(StopVisit.id == here.visit.id).values(state=VisitState.OPEN, opened_at=clock.now())
    )
    db.session.commit()
    assert client.post(address(here, "type-in"), data=paper(here)).status_code == 409


def test_the_form_is_two_pages_with_the_classes(here: Van, client: FlaskClient) -> None:
    answer = client.get(address(here, "paper.pdf"))
    assert answer.mimetype == "application/pdf"
    assert answer.data.count(b"/Type /Page\n") == 2


def picture() -> BytesIO:
    out = BytesIO()
    Image.new("RGB", (400, 300), "#D8A030").save(out, "JPEG")
    out.seek(0)
    return out


def test_a_photograph_is_kept_shown_and_taken_away(here: Van, client: FlaskClient) -> None:
    sent = {"photo": (picture(), "diem.jpg"), "kind": "signed"}
    assert client.post(address(here, "photos"), data=sent, content_type="multipart/form-data").status_code == 303
    one = db.session.scalars(select(TripFile)).one()
    assert one.kind == "signed"
    assert client.get(f"/van/photos/{one.uid}").mimetype == "image/jpeg"
    assert f"/van/photos/{one.uid}" in client.get(address(here, "photos")).get_data(as_text=True)
    assert client.post(f"/van/photos/{one.uid}/remove").status_code == 303
    assert client.get(f"/van/photos/{one.uid}").status_code == 404


def test_what_is_no_picture_is_refused(here: Van, client: FlaskClient) -> None:
    sent = {"photo": (BytesIO(b"#!/bin/sh"), "x.jpg")}
    assert client.post(address(here, "photos"), data=sent, content_type="multipart/form-data").status_code == 422
    assert client.post(address(here, "photos"), data={}).status_code == 422
