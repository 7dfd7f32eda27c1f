"""Where one is signed in: told, ended one by one or all at once, and never by somebody else."""

import re
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from library.accounts import devices
from library.accounts.models import SignIn
from library.core.db import db
from tests.support.people import PASSWORD, account, commit, sign_in
from tests.support.world import World

WINDOWS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/109.0.0.0 Safari/537.36"
)
PHONE = "Mozilla/5.0 (Linux; Android 13) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Mobile Safari/537.36"


def text(answer: Any) -> str:
    return str(answer.get_data(as_text=True))


def from_device(app: Flask, agent: str, address: str, login: str = "ha") -> FlaskClient:
    client: FlaskClient = app.test_client()
    headers = {"User-Agent": agent}
    base = {"REMOTE_ADDR": address}
    answer = client.post("/sign-in", data={"login": login, "password": PASSWORD}, headers=headers, environ_base=base)
    assert answer.status_code == 303
    return client


def uids(login_page: str) -> list[str]:
    return re.findall(r'action="/me/sessions/([0-9a-f-]{36})/end"', login_page)


def test_each_machine_is_told_and_one_is_this(app: Flask, world: World) -> None:
    account(world)
    desk = from_device(app, WINDOWS, "192.168.1.20")
    from_device(app, PHONE, "192.168.1.31")
    page = text(desk.get("/me/sessions"))
    assert page.index("Chrome · Android") < page.index("Chrome · Windows"), "the last seen first"
    assert "192.168.1.20" in page
    assert page.count("máy này") == 1
    assert len(uids(page)) == 1, "this one is left by signing out"


def test_one_machine_is_put_out(app: Flask, world: World) -> None:
    account(world)
    desk, phone, third = (from_device(app, WINDOWS, "192.168.1.20") for _ in range(3))
    assert len(uids(text(desk.get("/me/sessions")))) == 2
    (mine,) = set(uids(text(phone.get("/me/sessions")))) & set(uids(text(third.get("/me/sessions"))))
    assert phone.post(f"/me/sessions/{mine}/end").status_code == 303
    assert [one.get("/desk").status_code for one in (desk, phone, third)] == [303, 200, 200]
    assert phone.post(f"/me/sessions/{mine}/end").status_code == 404


def test_all_others_are_put_out(app: Flask, world: World) -> None:
    account(world)
    desk, phone, third = (from_device(app, PHONE, "10.0.0.1") for _ in range(3))
    assert "2 máy khác đã ra." in text(desk.post("/me/sessions/end", follow_redirects=True))
    assert [one.get("/desk").status_code for one in (desk, phone, third)] == [200, 303, 303]


def test_nobody_puts_out_somebody_else(app: Flask, world: World) -> None:
    account(world)
    account(world, "khanh")
    commit()
    mine, theirs = sign_in(app), sign_in(app, "khanh")
    sign_in(app, "khanh")
    (uid,) = uids(text(theirs.get("/me/sessions")))
    assert mine.post(f"/me/sessions/{uid}/end").status_code == 404
    assert mine.post("/me/sessions/end").status_code == 303
    assert theirs.get("/desk").status_code == 200


def test_neither_token_nor_hash_stands_on_the_page(app: Flask, world: World) -> None:
    account(world)
    client = sign_in(app)
    page = text(client.get("/me/sessions"))
    with client.session_transaction() as kept:
        token = kept["_user_id"]
    assert token not in page
    assert db.session.scalars(select(SignIn.token_hash)).one() not in page


def test_browsers_are_known_by_what_they_say() -> None:
    assert devices.told(WINDOWS) == "Chrome · Windows"
    assert devices.told(WINDOWS + " Edg/109.0") == "Edge · Windows"
    assert devices.told(WINDOWS.replace("Chrome", "coc_coc_browser/110 Chrome")) == "Cốc Cốc · Windows"
    assert devices.told("curl/8") == ""
    assert devices.told("<script>") == ""
