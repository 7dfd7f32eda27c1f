"""The shared hand-held: a pupil helper for twenty minutes, one class, one shelf, first names only."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from library.accounts import keys, managing, passwords
from library.accounts.models import Account, Grant, RoleName, SignIn
from library.core import clock
from library.core.db import db
from library.loans.models import Loan, still_out
from library.organisations.models import Code
from library.patrons.models import Card
from library.shelves import helper_ageing
from library.shelves.models import HelperSession, ShelfHelper
from tests.shelves.shelf_page import Room, ShelfPage, room
from tests.support.people import PASSWORD, account, sign_in
from tests.support.shelves import school_class, shelf, teacher
from tests.support.world import World

PIN = "2580"


@pytest.fixture
def here(app: Flask, world: World) -> Room:
    return room(app, world)


def hand_over(here: Room, **form: str) -> FlaskClient:
    answer = here.page.client.post(f"/shelves/{here.shelf.uid}/hand-over-phone", data=form)
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return here.page.client


def give_card(world: World, login: str = "thu") -> str:
    """A reader's card of the teacher's own, with the PIN."""
    mine = world.patron("Nguyễn Thị Thu")
    code_id, printed = world.session.execute(
        select(Code.id, Code.printed).join(Card, Card.code_id == Code.id).where(Card.membership_id == mine.id)
    ).one()
    keeper = world.session.scalars(select(Account).where(Account.login == login)).one()
    keys.set_card(db.session(), keeper.id, code_id, passwords.hashed(PIN))
    world.session.commit()
    return str(printed)


def test_the_helper_lends_and_takes_back_at_this_shelf(here: Room) -> None:
    hand_over(here)
    assert here.page.scan(here.books[0], here.pupils[0])["what"] == "lent"
    assert here.page.scan(here.books[0])["word"] == "Hoa trả xong"


def test_the_helper_sees_first_names_and_the_class_alone(here: Room) -> None:
    here.page.scan(here.books[0], here.pupils[0])
    client = hand_over(here)
    for path in ("", "/scan", f"/scan?pupil={here.pupils[0].uid}", "/books", "/tally"):
        page = client.get(f"/shelves/{here.shelf.uid}{path}").get_data(as_text=True)
        assert not re.search("Vi Thị|Ma Văn|Hoàng Thị", page), path
    assert "Hoa" in client.get(f"/shelves/{here.shelf.uid}").get_data(as_text=True)
    told = here.page.scan(here.books[0], here.pupils[1])
    assert "Vi Thị" not in str(told)


def test_namesakes_are_told_apart_as_classes_do(here: Room, world: World) -> None:
    world.patron("Lý Thị Hoa", class_name="4A")
    world.session.commit()
    page = hand_over(here).get(f"/shelves/{here.shelf.uid}").get_data(as_text=True)
    assert "Hoa A" in page
    assert "Hoa B" in page


def test_nothing_else_of_the_teachers_opens(here: Room, world: World) -> None:
    """Not their account, not the other shelf they keep, not what only a teacher does."""
    other_class = school_class(world, "4B")
    keeper = db.session.scalars(select(Account).where(Account.login == "thu")).one()
    other = shelf(world, other_class, keeper=keeper)
    managing.grant(db.session(), keeper, RoleName.TEACHER, world.school().id, class_id=other_class.id)
    theirs = world.patron("Lý Thị Ánh", class_name="4B")
    db.session.commit()
    assert here.page.client.get(f"/shelves/{other.uid}").status_code == 200
    client = hand_over(here)
    for path in (
        "/me",
        "/sessions",
        "/second",
        "/titles",
        "/desk",
        "/people",
        f"/shelves/{here.shelf.uid}/hand-over-phone",
    ):
        assert client.get(path).status_code in (403, 404, 405), path
    assert client.post("/me/password", data={"current": PASSWORD, "new": "một mật khẩu khác"}).status_code in (
        403,
        404,
        405,
    )
    assert client.get(f"/shelves/{other.uid}").status_code == 404
    assert client.get(f"/shelves/{here.shelf.uid}/scan?pupil={theirs.uid}").get_data(as_text=True).count("Ánh") == 0
    message = here.page.posted(text=here.books[0].accession, pupil=str(theirs.uid))
    assert here.page.send("scans", message).status_code == 404


@pytest.mark.parametrize("path", ["/desk", "/me", "/people", "/no-such-page"])
def test_who_strays_hears_where_the_shelf_is(here: Room, path: str) -> None:
    """In words for a child, without the advice for staff."""
    client = hand_over(here)
    said = client.get(path).get_data(as_text=True)
    assert "Trang này không phải tủ sách của lớp" in said
    assert "Người quản trị" not in said
    assert 'href="/tu-sach"' in said
    assert client.get("/tu-sach").location == f"/shelves/{here.shelf.uid}"


def test_twenty_minutes_and_it_is_over(here: Room) -> None:
    client = hand_over(here)
    page = client.get(f"/shelves/{here.shelf.uid}").get_data(as_text=True)
    seconds = int(re.findall(r'http-equiv="refresh" content="(\d+);', page)[0])
    assert 1190 <= seconds <= 1201
    with clock.stopped_at(clock.now() + timedelta(minutes=20, seconds=1)):
        assert client.get(f"/shelves/{here.shelf.uid}").status_code == 303
        assert here.page.send("scans", here.page.posted(text="x")).status_code == 401
        door = client.get("/tu-sach?ended=1").get_data(as_text=True)
        assert "Thầy cô nhận lại máy" in door


def test_one_button_gives_the_phone_back_behind_a_locked_screen(here: Room) -> None:
    client = hand_over(here)
    assert client.post("/shelves/give-back").location.endswith("/locked")
    assert client.get(f"/shelves/{here.shelf.uid}").location.startswith("/locked")
    unlocked = client.post("/unlock", data={"secret": PASSWORD, "next": f"/shelves/{here.shelf.uid}"})
    assert unlocked.status_code == 303
    assert "Vi Thị" in client.get(f"/shelves/{here.shelf.uid}").get_data(as_text=True)


def test_the_helper_cannot_go_back_to_the_teachers_session_without_a_key(here: Room) -> None:
    client = hand_over(here)
    client.post("/tu-sach/ve")
    assert client.get(f"/shelves/{here.shelf.uid}").location.startswith("/locked")
    assert client.post("/unlock", data={"secret": "đoán bừa"}).status_code == 422


def test_it_ends_with_the_teachers_own_right(here: Room) -> None:
    client = hand_over(here)
    db.session.execute(update(Grant).values(from_on=clock.today() - timedelta(days=9), to_on=clock.today()))
    db.session.commit()
    assert client.get(f"/shelves/{here.shelf.uid}").status_code == 403
    assert here.page.send("scans", here.page.posted(text="x")).status_code == 403


def test_whose_turn_it_is_is_kept_for_a_month(here: Room) -> None:
    today, helper = clock.today(), here.pupils[1]
    db.session.add(ShelfHelper(shelf_id=here.shelf.id, membership_id=helper.id, from_on=today, to_on=today))
    db.session.commit()
    page = here.page.client.get(f"/shelves/{here.shelf.uid}/hand-over-phone").get_data(as_text=True)
    assert "Ma Văn Bình" in page
    hand_over(here, helper=str(helper.uid))
    row = db.session.scalars(select(HelperSession)).one()
    assert (row.membership_id, row.shelf_id, row.class_id) == (helper.id, here.shelf.id, here.of.id)
    assert not helper_ageing.forget_sessions(db.session(), clock.now())
    assert helper_ageing.forget_sessions(db.session(), clock.now() + timedelta(days=31))
    assert db.session.scalars(select(HelperSession)).all() == []


def test_a_shelf_without_a_class_is_not_handed_over(app: Flask, world: World) -> None:
    from library.core.clock import uuid7
    from library.inbox.acts import Doing
    from library.shelves import building
    from library.shelves.building import NewShelf
    from library.shelves.models import ShelfKind

    school = world.school()
    new = NewShelf("Góc đọc tầng 2", ShelfKind.ROOM)
    one = building.build(db.session(), Doing(uuid7(), branch_id=world.branch().id), school, world.branch().id, new)
    account(world)
    world.session.commit()
    answer = sign_in(app).post(f"/shelves/{one.uid}/hand-over-phone")
    assert answer.status_code == 409


# At a machine several classes use


def open_at(app: Flask, **form: str) -> tuple[FlaskClient, int, str]:
    client = app.test_client()
    answer = client.post("/tu-sach", data=form)
    return client, answer.status_code, answer.location or answer.get_data(as_text=True)


def test_a_card_and_its_pin_open_the_shelf(here: Room, app: Flask, world: World) -> None:
    client, status, where = open_at(app, who=give_card(world), secret=PIN)
    assert (status, where) == (303, f"/shelves/{here.shelf.uid}")
    assert ShelfPage(client, here.shelf.uid).scan(here.books[0], here.pupils[0])["what"] == "lent"
    assert client.get("/me").status_code == 403
    assert client.post("/shelves/give-back").location == "/tu-sach?done=1"
    assert client.get(f"/shelves/{here.shelf.uid}").location.startswith("/sign-in")


def test_a_name_with_the_password_opens_it_too(here: Room, app: Flask) -> None:
    assert open_at(app, who="thu", secret=PASSWORD)[1] == 303
    assert open_at(app, who="thu", secret=PIN)[1] == 401


def test_wrong_and_missing_keys_are_told_alike_and_too_many_wait(here: Room, app: Flask, world: World) -> None:
    card = give_card(world)
    tries = [open_at(app, who=who, secret="1357") for who in (card, "thu", "nobody", "")]
    assert {status for _client, status, _page in tries} == {401}
    assert db.session.scalars(select(HelperSession)).all() == []
    for _ in range(8):
        open_at(app, who="thu", secret="1357")
    assert open_at(app, who="thu", secret=PASSWORD)[1] == 429


def test_who_keeps_several_says_which(here: Room, app: Flask, world: World) -> None:
    keeper = db.session.scalars(select(Account).where(Account.login == "thu")).one()
    second = school_class(world, "4B")
    other = shelf(world, second, keeper=keeper)
    managing.grant(db.session(), keeper, RoleName.TEACHER, world.school().id, class_id=second.id)
    db.session.commit()
    _client, status, page = open_at(app, who="thu", secret=PASSWORD)
    assert status == 422
    assert "4A, 4B" in page
    assert db.session.scalars(select(SignIn).where(SignIn.helps_class_id.is_not(None))).all() == []
    assert open_at(app, who="thu", secret=PASSWORD, lop="lớp 4b")[2] == f"/shelves/{other.uid}"


def test_who_keeps_none_opens_none(here: Room, app: Flask, world: World) -> None:
    account(world, "doc", RoleName.READER)
    teacher(world, school_class(world, "5B"), "ba", "Bế Văn Ba")
    world.session.commit()
    assert open_at(app, who="doc", secret=PASSWORD)[1] == 422
    assert open_at(app, who="ba", secret=PASSWORD, lop="4A")[1] == 422


def test_what_a_helper_did_is_the_lenders(here: Room) -> None:
    hand_over(here)
    here.page.scan(here.books[0], here.pupils[0])
    assert db.session.scalars(select(Loan.membership_id).where(still_out())).one() == here.pupils[0].id
