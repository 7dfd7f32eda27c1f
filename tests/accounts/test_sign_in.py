"""The door: who comes in, who does not, and that what is closed stays closed."""

import time
from datetime import timedelta
from typing import Any

import pytest
from argon2 import Type
from flask.testing import FlaskClient
from sqlalchemy import func, select

from library.accounts import managing, passwords
from library.accounts.models import Account, Attempt, RoleName, SignIn
from library.audit import Trace
from library.core import clock
from library.core.db import db
from tests.support import quick
from tests.support.people import PASSWORD, account, sign_in

OPEN_REDIRECTS = (
    "//evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "https://evil.example/",
    "javascript:alert(1)",
    "evil",
)
WRONG = "Tên vào hoặc mật khẩu chưa đúng."


def try_to_enter(client: FlaskClient, login: str = "ha", password: str = PASSWORD, **more: Any) -> Any:
    """POST the form; `next` and request arguments may be given."""
    data = {"login": login, "password": password, "next": more.pop("next", "")}
    return client.post("/sign-in", data=data, **more)


def cookie_of(client: FlaskClient) -> str:
    cookie = client.get_cookie("tusach")
    assert cookie
    return str(cookie.value)


def test_the_right_password_opens(app, world):
    account(world)
    client = app.test_client()
    answer = try_to_enter(client)
    assert (answer.status_code, answer.location) == (303, "/")
    assert "Lường Thị Hà" in client.get("/me").get_data(as_text=True)


@pytest.mark.parametrize("typed", ["ha.lt", "Hà.LT", " HA.LT ", "hà.lt"])
def test_a_login_is_known_however_it_is_typed(app, world, typed):
    account(world, "ha.lt")
    assert try_to_enter(app.test_client(), typed).status_code == 303


def test_a_wrong_password_says_so_and_keeps_the_login(app, world):
    account(world)
    answer = try_to_enter(app.test_client(), password="sai mất rồi")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 401
    assert WRONG in page
    assert 'value="ha"' in page
    assert "sai mất rồi" not in page


def test_an_unknown_login_is_told_the_same_and_checked_as_long(app, world, monkeypatch):
    account(world)
    asked: list[str | None] = []
    really = passwords.matches

    def note(password_hash: str | None, password: str) -> bool:
        asked.append(password_hash)
        return really(password_hash, password)

    monkeypatch.setattr(passwords, "matches", note)
    known, unknown = (try_to_enter(app.test_client(), login, "sai mất rồi") for login in ("ha", "ai"))
    assert known.status_code == unknown.status_code == 401
    strip = lambda page, login: page.get_data(as_text=True).replace(f'value="{login}"', "")  # noqa: E731
    assert strip(known, "ha") == strip(unknown, "ai")
    assert asked[0] is not None
    assert asked[1] is None


def test_a_hash_is_computed_for_nobody_too():
    """As long as for somebody, within what a busy machine varies."""
    real = passwords.hashed("mật khẩu thật")

    def fastest(password_hash: str | None) -> float:
        times = []
        for _ in range(5):
            began = time.perf_counter()
            assert not passwords.matches(password_hash, "sai mất rồi")
            times.append(time.perf_counter() - began)
        return min(times)

    assert 0.3 < fastest(None) / fastest(real) < 3


def test_the_hash_of_nobody_opens_nothing():
    assert not passwords.matches(None, "nobody has this password")


def test_eight_failures_close_the_door_for_a_while(app, world):
    account(world)
    client = app.test_client()
    assert [try_to_enter(client, password="sai").status_code for _ in range(8)] == [401] * 8
    refused = try_to_enter(client)
    assert refused.status_code == 429
    assert "Thử sai nhiều lần quá" in refused.get_data(as_text=True)
    with clock.stopped_at(clock.now() + timedelta(minutes=16)):
        assert try_to_enter(app.test_client()).status_code == 303


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Real-IP", "Forwarded"])
def test_a_header_does_not_make_somebody_new(app, world, header):
    """Neither for one login nor for one address trying many logins."""
    account(world)
    for number in range(8):
        try_to_enter(app.test_client(), password="sai", headers={header: f"10.0.0.{number}"})
    assert try_to_enter(app.test_client(), headers={header: "10.0.0.99"}).status_code == 429
    with app.app_context():
        assert set(db.session.scalars(select(Attempt.address))) == {"127.0.0.1"}


def test_one_address_may_not_try_many_logins(app, world, monkeypatch):
    account(world)
    monkeypatch.setattr(passwords, "PER_ADDRESS", 5)
    for number in range(5):
        try_to_enter(app.test_client(), f"ten{number}", "sai")
    assert try_to_enter(app.test_client()).status_code == 429
    assert try_to_enter(app.test_client(), environ_base={"REMOTE_ADDR": "192.168.1.9"}).status_code == 303


def test_failures_keep_no_login_in_clear(app, world):
    account(world)
    try_to_enter(app.test_client(), "ha", "sai")
    with app.app_context():
        (kept,) = db.session.scalars(select(Attempt))
        assert "ha" not in (kept.login_hash, kept.address)
        assert len(kept.login_hash) == 32


def test_a_copied_cookie_dies_at_sign_out(app, world):
    account(world)
    client = sign_in(app)
    thief = app.test_client()
    thief.set_cookie("tusach", cookie_of(client))
    assert thief.get("/me").status_code == 200
    assert client.post("/sign-out").location == "/sign-in"
    assert thief.get("/me").status_code == 303
    assert client.get("/me").status_code == 303


def test_a_session_ends_by_itself(app, world):
    account(world)
    client = sign_in(app)
    with clock.stopped_at(clock.now() + timedelta(hours=app.config["SESSION_HOURS"], minutes=1)):
        assert client.get("/me").status_code == 303


def test_the_database_does_not_hold_what_the_cookie_holds(app, world):
    account(world)
    client = sign_in(app)
    with client.session_transaction() as kept:
        token = kept["_user_id"]
    with app.app_context():
        (row,) = db.session.scalars(select(SignIn))
        assert token not in row.token_hash
        assert len(token) > 40


@pytest.mark.parametrize("target", OPEN_REDIRECTS)
def test_signing_in_never_leads_elsewhere(app, world, target):
    account(world)
    assert try_to_enter(app.test_client(), next=target).location == "/"


def test_signing_in_goes_on_where_one_wanted_to_go(app, world):
    account(world)
    first = app.test_client().get("/me?x=1")
    assert first.location.startswith("/sign-in?next=")
    assert try_to_enter(app.test_client(), next="/me?x=1").location == "/me?x=1"


def test_a_disabled_account_is_out_at_once(app, world):
    made = account(world)
    client = sign_in(app)
    made.disabled_at = clock.now()
    assert client.get("/me").status_code == 303
    assert try_to_enter(app.test_client()).status_code == 401


def change(client: FlaskClient, old: str = PASSWORD, new: str = "mật khẩu mới hẳn") -> Any:
    return client.post("/me/password", data={"old": old, "new": new})


def test_a_new_password_ends_the_other_sessions_and_keeps_this_one(app, world):
    account(world)
    here, there = sign_in(app), sign_in(app)
    assert change(here).status_code == 303
    assert here.get("/me").status_code == 200
    assert there.get("/me").status_code == 303
    assert try_to_enter(app.test_client()).status_code == 401
    assert try_to_enter(app.test_client(), password="mật khẩu mới hẳn").status_code == 303


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("không phải", "mật khẩu mới hẳn", "Mật khẩu hiện nay chưa đúng."),
        (PASSWORD, "ngắn", "Mật khẩu cần ít nhất 8 chữ."),
    ],
)
def test_a_bad_new_password_is_refused_in_its_place(app, world, old, new, sentence):
    account(world)
    client = sign_in(app)
    answer = change(client, old, new)
    assert answer.status_code == 422
    assert sentence in answer.get_data(as_text=True)
    assert try_to_enter(app.test_client()).status_code == 303


def test_a_password_set_by_somebody_else_is_changed_first(app, world):
    account(world).must_change = True
    client = app.test_client()
    assert try_to_enter(client).location == "/me"
    assert "Mật khẩu này do người khác đặt" in client.get("/me").get_data(as_text=True)


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
    ],
)
def test_posts_from_other_sites_are_refused(app, world, headers):
    account(world)
    client = sign_in(app)
    assert client.post("/sign-out", headers=headers).status_code == 403
    assert client.get("/me").status_code == 200
    assert try_to_enter(app.test_client(), headers=headers).status_code == 403


@pytest.mark.parametrize("headers", [{}, {"Sec-Fetch-Site": "same-origin"}, {"Origin": "http://localhost"}])
def test_posts_of_our_own_pages_are_not(app, world, headers):
    account(world)
    assert try_to_enter(app.test_client(), headers=headers).status_code == 303


def test_the_cookie_is_kept_from_scripts_and_other_sites(app, world):
    account(world)
    answer = try_to_enter(app.test_client())
    (cookie,) = [one for one in answer.headers.getlist("Set-Cookie") if one.startswith("tusach=")]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie, "this server was started for http"
    app.config["SESSION_COOKIE_SECURE"] = True
    assert "Secure" in try_to_enter(app.test_client()).headers["Set-Cookie"]


@pytest.mark.parametrize("address", ["/sign-in", "/me", "/khong-co-trang-nay"])
def test_every_answer_carries_its_headers(app, world, address):
    account(world)
    answer = sign_in(app).get(address)
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_page_has_no_script_or_style_of_its_own(app, world):
    account(world)
    for client in (app.test_client(), sign_in(app)):
        page = client.get("/me", follow_redirects=True).get_data(as_text=True)
        assert "<style" not in page
        assert " style=" not in page
        assert " onclick=" not in page
        assert page.count("<script") == page.count("<script src=")


def test_coming_and_going_is_traced_without_names(app, world):
    made = account(world)
    sign_in(app).post("/sign-out")
    traces = list(world.session.scalars(select(Trace).order_by(Trace.id)))
    assert [(one.verb, one.actor) for one in traces] == [("sign-in", made.uid), ("sign-out", made.uid)]
    assert "Hà" not in str([vars(one) for one in traces])


def test_a_login_belongs_to_one_account(world):
    account(world, "ha")
    with pytest.raises(managing.LoginTaken):
        account(world, "Hà", RoleName.HELPER)
    assert world.session.scalar(select(func.count()).select_from(Account)) == 1


def test_whoever_is_inside_is_not_asked_again(app, world):
    account(world)
    assert sign_in(app).get("/sign-in").location == "/"


def test_a_guesser_waits_for_every_try() -> None:
    """OWASP's floor for argon2id. The tests themselves sign in with a cheaper one."""
    real = quick.REAL_HASHER
    assert (real.type, real.time_cost >= 2, real.memory_cost >= 19 * 1024) == (Type.ID, True, True)
    assert passwords.HASHER is not real
