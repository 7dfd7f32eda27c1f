"""The second factor: without the number nobody comes in, and no number opens twice."""

import re
from datetime import timedelta
from typing import Any

import pyotp
import pytest
import zxingcpp
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select

from library.accounts import second
from library.accounts.models import Account, AccountKey, RoleName, SignIn
from library.core import clock
from library.core.db import db
from tests.support.people import PASSWORD, account, commit, sign_in
from tests.support.world import World


def text(answer: Any) -> str:
    return str(answer.get_data(as_text=True))


def secret_on(page: str) -> str:
    (found,) = re.findall(r'second-secret code">([A-Z2-7 ]+)<', page)
    return found.replace(" ", "")


def number(secret: str, late: int = 0) -> str:
    """What the telephone shows, `late` seconds off."""
    return pyotp.TOTP(secret).at(int(clock.now().timestamp()) + late)


def set_up(client: FlaskClient) -> tuple[str, list[str]]:
    """The telephone's secret and the codes of the paper."""
    assert client.post("/me/second/begin", data={"password": PASSWORD}).status_code == 303
    secret = secret_on(text(client.get("/me/second")))
    assert client.post("/me/second/on", data={"number": number(secret, -30)}).status_code == 303
    codes = re.findall(r"<li>(\d{4} \d{4} \d{2})</li>", text(client.get("/me/second")))
    return secret, codes


def with_password(app: Flask, login: str = "ha") -> FlaskClient:
    client: FlaskClient = app.test_client()
    answer = client.post("/sign-in", data={"login": login, "password": PASSWORD, "next": "/titles"})
    assert answer.headers["Location"] == "/sign-in/second"
    return client


@pytest.fixture
def ha(app: Flask, world: World) -> FlaskClient:
    account(world)
    commit()
    return sign_in(app)


def test_a_password_alone_no_longer_opens(app: Flask, ha: FlaskClient) -> None:
    secret, _codes = set_up(ha)
    client = with_password(app)
    assert client.get("/desk").headers["Location"].startswith("/sign-in")
    assert client.post("/sign-in/second", data={"number": "000000"}).status_code == 401
    answer = client.post("/sign-in/second", data={"number": number(secret)})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/titles")
    assert client.get("/desk").status_code == 200


def test_a_number_opens_once(app: Flask, ha: FlaskClient) -> None:
    secret, _codes = set_up(ha)
    seen = number(secret)
    assert with_password(app).post("/sign-in/second", data={"number": seen}).status_code == 303
    assert with_password(app).post("/sign-in/second", data={"number": seen}).status_code == 401
    assert with_password(app).post("/sign-in/second", data={"number": number(secret, -30)}).status_code == 401, "older"
    assert with_password(app).post("/sign-in/second", data={"number": number(secret, 30)}).status_code == 303


@pytest.mark.parametrize(("late", "status"), [(-90, 401), (-61, 401), (90, 401)])
def test_a_clock_may_be_a_little_wrong(app: Flask, ha: FlaskClient, late: int, status: int) -> None:
    secret, _codes = set_up(ha)
    assert with_password(app).post("/sign-in/second", data={"number": number(secret, late)}).status_code == status


def test_each_code_of_the_paper_opens_once(app: Flask, ha: FlaskClient) -> None:
    _secret, codes = set_up(ha)
    assert len(codes) == len(set(codes)) == 8
    assert codes[0] not in text(ha.get("/me/second")), "shown once"
    for code in codes[:2]:
        assert with_password(app).post("/sign-in/second", data={"number": code}).status_code == 303
        assert with_password(app).post("/sign-in/second", data={"number": code}).status_code == 401
    assert "Còn 6 mã" in text(ha.get("/me/second"))
    ha.post("/me/second/codes", data={"password": PASSWORD})
    assert with_password(app).post("/sign-in/second", data={"number": codes[2]}).status_code == 401


def test_codes_of_the_paper_are_no_passwords(app: Flask, ha: FlaskClient) -> None:
    _secret, codes = set_up(ha)
    assert app.test_client().post("/code", data={"code": codes[0]}).status_code == 422


def test_guessing_numbers_is_slowed(app: Flask, ha: FlaskClient) -> None:
    secret, _codes = set_up(ha)
    for _ in range(8):
        assert with_password(app).post("/sign-in/second", data={"number": "000000"}).status_code == 401
    assert with_password(app).post("/sign-in/second", data={"number": number(secret)}).status_code == 429


def test_half_an_entry_is_good_for_five_minutes(app: Flask, ha: FlaskClient) -> None:
    secret, _codes = set_up(ha)
    client = with_password(app)
    with clock.stopped_at(clock.now() + timedelta(minutes=6)):
        answer = client.post("/sign-in/second", data={"number": number(secret)})
    assert answer.headers["Location"] == "/sign-in"


def test_half_an_entry_dies_with_its_password(app: Flask, ha: FlaskClient) -> None:
    secret, _codes = set_up(ha)
    client = with_password(app)
    ha.post("/me/password", data={"old": PASSWORD, "new": "một câu khó đoán"})
    assert client.post("/sign-in/second", data={"number": number(secret)}).headers["Location"] == "/sign-in"


def test_without_a_password_first_there_is_no_number_to_give(app: Flask, ha: FlaskClient) -> None:
    secret, _codes = set_up(ha)
    client = app.test_client()
    assert client.get("/sign-in/second").headers["Location"] == "/sign-in"
    assert client.post("/sign-in/second", data={"number": number(secret)}).headers["Location"] == "/sign-in"


def test_the_picture_says_what_can_be_typed(app: Flask, ha: FlaskClient) -> None:
    ha.post("/me/second/begin", data={"password": PASSWORD})
    page = text(ha.get("/me/second"))
    (side, path) = re.findall(r'viewBox="0 0 (\d+) \d+"[^>]*><path d="([^"]+)"', page)[0]
    drawn = Image.new("L", (int(side), int(side)), 255)
    for column, row in re.findall(r"M(\d+) (\d+)h1v1h-1z", path):
        drawn.putpixel((int(column), int(row)), 0)
    (read,) = zxingcpp.read_barcodes(drawn.resize((int(side) * 6, int(side) * 6)))
    made = pyotp.parse_uri(read.text)
    assert (made.secret, made.name, made.issuer) == (secret_on(page), "ha", "Tủ Sách")


def test_a_stolen_database_makes_no_numbers(app: Flask, ha: FlaskClient) -> None:
    secret, _codes = set_up(ha)
    key = db.session.scalar(select(AccountKey))
    mine = db.session.scalar(select(Account).where(Account.login == "ha"))
    assert key
    assert mine
    assert secret not in str(vars(key))
    assert second.secret_of(mine, key.second_nonce or "") == secret
    app.config["SECRET_KEY"] = "another"
    assert second.secret_of(mine, key.second_nonce or "") != secret


def test_it_is_set_up_and_dropped_only_with_the_password(app: Flask, ha: FlaskClient) -> None:
    assert ha.post("/me/second/begin", data={"password": "sai"}).status_code == 422
    secret, _codes = set_up(ha)
    for path, field in (("off", "off-password"), ("codes", "password")):
        assert ha.post(f"/me/second/{path}", data={field: "sai"}).status_code == 422
    ha.post("/me/second/begin", data={"password": PASSWORD})
    assert with_password(app).post("/sign-in/second", data={"number": number(secret)}).status_code == 303, "as before"
    assert ha.post("/me/second/off", data={"off-password": PASSWORD}).status_code == 303
    sign_in(app)


def test_turning_it_on_ends_the_other_sessions(app: Flask, ha: FlaskClient) -> None:
    other = sign_in(app)
    set_up(ha)
    assert other.get("/desk").status_code == 303
    assert ha.get("/desk").status_code == 200


def test_a_wrong_first_number_turns_nothing_on(app: Flask, ha: FlaskClient) -> None:
    ha.post("/me/second/begin", data={"password": PASSWORD})
    assert ha.post("/me/second/on", data={"number": "000000"}).status_code == 422
    sign_in(app)


def test_the_head_drops_it_for_who_lost_the_telephone(app: Flask, ha: FlaskClient, world: World) -> None:
    khanh, chief = account(world, "khanh", RoleName.HELPER), account(world, "chief", RoleName.ADMINISTRATOR)
    commit()
    set_up(sign_in(app, "khanh"))
    set_up(sign_in(app, "chief"))
    assert ha.post(f"/staff/{khanh.uid}/second/off").status_code == 303
    sign_in(app, "khanh")
    assert ha.post(f"/staff/{chief.uid}/second/off").status_code == 403
    with_password(app, "chief")


def test_a_role_may_need_it(app: Flask, world: World) -> None:
    """From the next sign-in on nothing else is answered; a rule of the province reaches its schools."""
    account(world)
    account(world, "khanh", RoleName.HELPER)
    account(world, "anh", RoleName.ADMINISTRATOR, world.province())
    commit()
    anh, before = sign_in(app, "anh"), sign_in(app)
    assert anh.post("/staff/safety/second", data={"role": ["librarian", "king"]}).status_code == 303
    assert before.get("/desk").status_code == 200
    ha = sign_in(app)
    for path in ("/desk", "/people", "/staff", "/titles"):
        assert ha.get(path).headers["Location"] == "/me/second", path
    assert ha.get("/desk", headers={"Accept": "application/json"}).status_code == 401
    assert ha.post("/desk/scans", json={}).status_code == 401
    assert "cần mã trên điện thoại" in text(ha.get("/me/second"))
    set_up(ha)
    assert ha.get("/desk").status_code == 200
    assert sign_in(app, "khanh").get("/desk").status_code == 200


def test_only_who_may_change_settings_requires_it(app: Flask, ha: FlaskClient) -> None:
    assert ha.post("/staff/safety/second", data={"role": "librarian"}).status_code == 403
    assert "Ai phải có mã" not in text(ha.get("/staff/safety"))


def test_a_session_begun_after_the_number_is_a_new_one(app: Flask, ha: FlaskClient) -> None:
    secret, _codes = set_up(ha)
    client = with_password(app)
    before = len(db.session.scalars(select(SignIn)).all())
    client.post("/sign-in/second", data={"number": number(secret)})
    assert len(db.session.scalars(select(SignIn)).all()) == before + 1
