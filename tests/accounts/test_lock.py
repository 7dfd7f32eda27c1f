"""The locked screen: the server answers nothing until the right person, or another as themselves, has unlocked."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from library.accounts.models import RoleName, SignIn
from library.audit import Trace
from library.core import clock
from library.core.db import db
from library.organisations import codes
from library.organisations.models import Code, CodeKind
from library.patrons import changing
from library.patrons.models import Card, Membership
from tests.support.people import PASSWORD, DeskPage, account, commit, sign_in
from tests.support.statements import counted
from tests.support.world import World

JSON = {"Accept": "application/json"}
PIN = "4826"


def text(answer: Any) -> str:
    return str(answer.get_data(as_text=True))


@pytest.fixture
def ha(app: Flask, world: World) -> FlaskClient:
    account(world)
    account(world, "khanh", RoleName.HELPER).name = "Bế Gia Khánh"
    commit()
    return sign_in(app)


def lock(client: FlaskClient) -> None:
    assert client.post("/lock", headers=JSON).get_json() == {"locked": True}


def unlock(client: FlaskClient, secret: str = PASSWORD, who: str = "", script: bool = True) -> Any:
    return client.post("/unlock", data={"who": who, "secret": secret}, headers=JSON if script else {})


def card_of(membership: Membership) -> str:
    query = select(Code.printed).join(Card, Card.code_id == Code.id).where(Card.membership_id == membership.id)
    return db.session.scalar(query.where(Card.ended_at.is_(None))) or ""


def with_card(client: FlaskClient, membership: Membership, pin: str = PIN, password: str = PASSWORD) -> Any:
    return client.post("/me/card", data={"card": card_of(membership), "pin": pin, "card-password": password})


@pytest.mark.parametrize("path", ["/desk", "/people", "/titles", "/me", "/me/sessions", "/log", "/staff"])
def test_a_locked_session_shows_nothing(ha: FlaskClient, path: str) -> None:
    lock(ha)
    assert ha.get(path).headers["Location"].startswith("/locked?next=")
    asked = ha.get(path, headers=JSON)
    assert (asked.status_code, asked.get_json()["code"]) == (401, "locked")


def test_a_locked_session_does_nothing(ha: FlaskClient, world: World) -> None:
    accession = world.item().accession or ""
    commit()
    page = DeskPage(ha)
    lock(ha)
    assert page.send(page.posted(code=accession)).status_code == 401
    assert ha.post("/people", data={"name": "Lan"}).headers["Location"] == "/locked"
    assert ha.post("/me/password", data={"old": PASSWORD, "new": "một câu khó đoán"}).status_code == 303
    assert unlock(ha).get_json() == {"same": True}
    assert page.send(page.posted(code=accession)).status_code == 200


def test_the_lock_holds_in_every_window_and_only_in_this_session(app: Flask, ha: FlaskClient) -> None:
    elsewhere = sign_in(app)
    lock(ha)
    assert elsewhere.get("/desk").status_code == 200
    assert ha.get("/desk").status_code == 303


def test_it_works_without_scripts(ha: FlaskClient) -> None:
    assert ha.post("/lock", data={"next": "/people?page=2"}).headers["Location"] == "/locked?next=/people?page%3D2"
    page = text(ha.get("/locked?next=/people"))
    assert "Lường Thị Hà" in page
    wrong = unlock(ha, "sai mất rồi", script=False)
    assert (wrong.status_code, "Chưa đúng." in text(wrong)) == (422, True)
    back = ha.post("/unlock", data={"secret": PASSWORD, "next": "//evil.example"})
    assert back.headers["Location"] == "/"
    assert ha.get("/locked?next=/people").headers["Location"] == "/people"


def test_a_wrong_password_leaves_it_locked_and_guessing_is_slowed(ha: FlaskClient) -> None:
    lock(ha)
    for _ in range(8):
        wrong = unlock(ha, "sai mất rồi")
        assert (wrong.status_code, wrong.get_json()["code"]) == (422, "wrong-key")
    assert unlock(ha).status_code == 429
    assert ha.get("/desk").status_code == 303
    with clock.stopped_at(clock.now() + timedelta(minutes=16)):
        assert unlock(ha).status_code == 200


def test_one_may_always_leave(ha: FlaskClient) -> None:
    lock(ha)
    assert ha.post("/sign-out").headers["Location"] == "/sign-in"
    assert ha.get("/locked").headers["Location"].startswith("/sign-in")


def test_a_card_and_its_pin_unlock(ha: FlaskClient, world: World) -> None:
    mine = world.patron("Lường Thị Hà")
    commit()
    assert with_card(ha, mine).status_code == 303
    lock(ha)
    card = card_of(mine)
    assert unlock(ha, PIN).status_code == 422, "a PIN is nothing without its card"
    assert unlock(ha, "1111", card).status_code == 422
    assert unlock(ha, PIN, card).get_json() == {"same": True}
    lock(ha)
    assert unlock(ha, PASSWORD, card).get_json() == {"same": True}


def test_a_staff_card_unlocks_as_well(ha: FlaskClient, world: World) -> None:
    school = world.school()
    ((_, card),) = codes.issue(world.session(), CodeKind.STAFF, school.id, school.number, 1, clock.now())
    commit()
    told = {"card": card, "pin": PIN, "card-password": PASSWORD}
    assert ha.post("/me/card", data=told).status_code == 303
    lock(ha)
    assert unlock(ha, PIN, card).get_json() == {"same": True}


@pytest.mark.parametrize("pin", ["123", "1234", "7777", "12a4", "1234567", "4321", ""])
def test_an_easy_pin_is_refused(ha: FlaskClient, world: World, pin: str) -> None:
    mine = world.patron("Lường Thị Hà")
    commit()
    assert with_card(ha, mine, pin).status_code == 422


def test_a_card_is_bound_with_the_password_and_to_one_account(app: Flask, ha: FlaskClient, world: World) -> None:
    mine, theirs = world.patron("Lường Thị Hà"), world.patron("Lan", world.school("Trường Tiểu học Sông Cầu"))
    commit()
    assert with_card(ha, mine, password="sai").status_code == 422
    assert with_card(ha, theirs).status_code == 422, "a card of another library"
    assert with_card(ha, mine).status_code == 303
    taken = with_card(sign_in(app, "khanh"), mine)
    assert (taken.status_code, "đang gắn với tài khoản khác" in text(taken)) == (422, True)


def test_a_pin_signs_nobody_in(app: Flask, ha: FlaskClient, world: World) -> None:
    mine = world.patron("Lường Thị Hà")
    commit()
    with_card(ha, mine)
    for login in ("ha", card_of(mine)):
        assert app.test_client().post("/sign-in", data={"login": login, "password": PIN}).status_code == 401


def test_a_lost_card_opens_nothing(ha: FlaskClient, world: World) -> None:
    mine = world.patron("Lường Thị Hà")
    commit()
    with_card(ha, mine)
    old = card_of(mine)
    changing.replace_card(db.session(), db.session.get_one(Membership, mine.id))
    commit()
    lock(ha)
    assert unlock(ha, PIN, old).status_code == 422


@pytest.mark.parametrize("how", ["password", "card"])
def test_somebody_else_unlocks_as_themselves(app: Flask, ha: FlaskClient, world: World, how: str) -> None:
    card = world.patron("Bế Gia Khánh")
    commit()
    with_card(sign_in(app, "khanh"), card)
    lock(ha)
    with ha.session_transaction() as kept:
        old = kept["_user_id"]
    answer = unlock(ha, PASSWORD, "Khánh") if how == "password" else unlock(ha, PIN, card_of(card))
    assert answer.get_json() == {"go": "/"}
    page = text(ha.get("/me"))
    assert "Bế Gia Khánh" in page
    assert ha.get("/people").status_code == 403, "with the rights of who is there now"
    thief = app.test_client()
    with thief.session_transaction() as kept:
        kept["_user_id"] = old
    assert thief.get("/me").headers["Location"].startswith("/sign-in"), "the old session is over"
    assert "hand-over" in db.session.scalars(select(Trace.verb)).all()


def test_what_waits_is_sent_by_its_own_account_only(app: Flask, ha: FlaskClient, world: World) -> None:
    """The page of cô Hà, still open, after Khánh has unlocked: her scan waits for her."""
    mine = account_uid("ha")
    accession = world.item().accession or ""
    commit()
    page = DeskPage(ha)
    waiting = page.posted(code=accession, account=mine)
    lock(ha)
    unlock(ha, PASSWORD, "khanh")
    refused = page.send(waiting)
    assert (refused.status_code, refused.get_json()["code"]) == (401, "another-account")
    assert DeskPage(sign_in(app)).send(waiting).status_code == 200


def account_uid(login: str) -> str:
    from library.accounts import managing

    found = managing.by_login(db.session(), login)
    assert found
    return str(found.uid)


def test_a_takeover_by_who_has_a_second_factor_asks_for_it(app: Flask, ha: FlaskClient) -> None:
    from tests.accounts.test_second import number, set_up

    secret, _codes = set_up(sign_in(app, "khanh"))
    lock(ha)
    assert unlock(ha, PASSWORD, "khanh").get_json() == {"go": "/sign-in/second"}
    assert ha.get("/desk").headers["Location"].startswith("/sign-in"), "neither the old nor the new"
    assert ha.post("/sign-in/second", data={"number": number(secret)}).status_code == 303
    assert ha.get("/desk").status_code == 200


def test_unknown_and_known_take_one_hash_each(ha: FlaskClient, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from library.accounts import passwords

    asked: list[str | None] = []
    really = passwords.matches
    monkeypatch.setattr(passwords, "matches", lambda known, typed: asked.append(known) or really(known, typed))
    lock(ha)
    for who in ("", "khanh", "ai", "100420001799"):
        assert unlock(ha, "sai mất rồi", who).status_code == 422
    assert [bool(one) for one in asked] == [True, True, False, False]


# Minutes


def minutes_on(client: FlaskClient) -> str | None:
    import re

    found = re.findall(r'data-minutes="(\d+)"', text(client.get("/me")))
    return found[0] if found else None


def test_each_library_says_after_how_long(app: Flask, ha: FlaskClient) -> None:
    assert minutes_on(ha) == "10"
    assert ha.post("/staff/safety/lock", data={"minutes": "3"}).status_code == 303
    assert minutes_on(ha) == "3"
    ha.post("/staff/safety/lock", data={"minutes": "0"})
    assert minutes_on(ha) is None
    assert minutes_on(sign_in(app, "khanh")) == "20", "whoever only helps is locked out all the same"
    for wrong in ("-1", "121", "x", ""):
        assert ha.post("/staff/safety/lock", data={"minutes": wrong}).status_code == 422, wrong


def test_who_is_nobody_has_no_lock(app: Flask, world: World) -> None:
    world.school()
    commit()
    assert "data-lock" not in text(app.test_client().get("/sign-in"))


# Seen


def test_being_seen_is_written_seldom(ha: FlaskClient) -> None:
    ha.post("/me/seen")
    with counted() as soon:
        ha.post("/me/seen")
    with clock.stopped_at(clock.now() + timedelta(minutes=11)), counted() as later:
        ha.post("/me/seen")
    assert not [one for one in soon if one.startswith("UPDATE")]
    assert len([one for one in later if one.startswith("UPDATE sign_in")]) == 1


def test_looking_writes_nothing(ha: FlaskClient) -> None:
    began = db.session.scalars(select(SignIn.seen_at)).one()
    with clock.stopped_at(clock.now() + timedelta(hours=1)):
        assert ha.get("/desk").status_code == 200
        assert ha.get("/me/sessions").status_code == 200
    assert db.session.scalars(select(SignIn.seen_at)).one() == began
