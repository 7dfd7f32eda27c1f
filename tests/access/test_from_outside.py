"""What somebody outside tries first, one test each. What the door itself does is in tests/accounts/test_sign_in.py."""

import re
import statistics
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask.wrappers import Response
from sqlalchemy import select

from library import access, create_app
from library.access import local_address
from library.accounts import passwords
from library.accounts.models import Account, Grant, RoleName, SignIn
from library.core import clock
from library.core.db import db
from tests.access.test_every_route import EVERYONE, MARKS, address, doors, things_of
from tests.support.browser import Browser
from tests.support.people import PASSWORD, account, commit, sign_in
from tests.support.world import World

ELSEWHERE = (
    "//evil.example", "///evil.example", "/\\evil.example", "\\/evil.example", "\\\\evil.example", "https:evil.example",
    "https:/evil.example", "https://evil.example", "HTTPS://evil.example", "javascript:alert(1)", "data:text/html,x",
    "/\t/evil.example", "/\n/evil.example", "\t//evil.example", " //evil.example", "\x01//evil.example", "//[", "http://[::1",
    "/\x00/evil.example", "//evil.example\\@localhost/", "http:evil", "evil.example", "?x=//evil.example", "",
)  # fmt: skip
ENCODED = ("/%2Fevil.example", "/%5Cevil.example", "/%09/evil.example", "/%2e%2e//evil.example", "/.//evil.example")
"""Stay what they are in a browser: paths of this server."""


def text(answer: Any) -> str:
    return str(answer.get_data(as_text=True))


@pytest.fixture
def ha(app: Flask, world: World) -> FlaskClient:
    account(world)
    commit()
    return sign_in(app)


def enter(client: FlaskClient, login: str = "ha", password: str = PASSWORD, then: str = "", **more: Any) -> Any:
    return client.post("/sign-in", data={"login": login, "password": password, "next": then}, **more)


# Where one is led


def host_in_a_browser(target: str) -> str | None:
    """Where a browser at our door goes for this Location: it drops tabs and line ends, and takes \\ for /."""
    seen = re.sub(r"[\t\r\n]", "", target).strip("".join(map(chr, range(33)))).replace("\\", "/")
    return urlsplit(urljoin("http://localhost/sign-in", seen)).netloc


@pytest.mark.parametrize("target", ELSEWHERE)
def test_no_door_leads_elsewhere(app: Flask, world: World, target: str) -> None:
    """Signing in, the language, the theme, the lock: whatever takes `next`."""
    account(world)
    commit()
    client = app.test_client()
    answers = [
        enter(client, then=target),
        client.post("/language", data={"language": "vi", "next": target}),
        client.post("/theme", data={"theme": "dark", "next": target}),
        client.get("/locked", query_string={"next": target}),
        client.post("/lock", data={"next": target}),
        client.post("/unlock", data={"secret": PASSWORD, "next": target}),
    ]
    for answer in answers:
        assert answer.status_code in (302, 303), answer.request.path
        assert host_in_a_browser(answer.headers["Location"]) == "localhost", answer.request.path


@pytest.mark.parametrize("target", [*ELSEWHERE, *ENCODED])
def test_an_address_is_ours_or_is_not_taken(target: str) -> None:
    assert host_in_a_browser(local_address(target, "/home")) == "localhost"


def test_our_own_addresses_are_taken() -> None:
    for target in ("/", "/desk", "/people?q=lan&page=2", "/titles?next=https://evil.example", *ENCODED):
        assert local_address(target, "/home") == target


# Forged names of things


FORGED = (
    "0",
    "1",
    "-1",
    "1e9",
    "' OR 1=1 --",
    "../../etc/passwd",
    "%00",
    "null",
    "00000000-0000-0000-0000-000000000000",
)


def test_forged_ids_are_not_found_and_break_nothing(app: Flask, world: World) -> None:
    """Every place in every address, filled with what is no name of anything: 404 (or a complaint), never a fault."""
    mine = things_of(world, world.school())
    account(world, "anh", RoleName.ADMINISTRATOR, world.province())
    commit()
    client = sign_in(app, "anh")
    tried = 0
    for endpoint, method, places in doors(app):
        if not places or endpoint == "static" or endpoint.startswith("welcome."):
            continue
        real = address(app, endpoint, places, mine)
        for wrong in (*FORGED, str(uuid4())):
            path = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", wrong, real)
            if path == real:
                continue
            status = client.open(path, method=method, data={} if method == "POST" else None).status_code
            assert status in (404, 405, 422, 400, 308), f"{method} {path}: {status}"
            tried += 1
    assert tried > 200


# Old sessions


def cookie_of(client: FlaskClient) -> str:
    cookie = client.get_cookie("tusach")
    assert cookie
    return str(cookie.value)


def with_cookie(app: Flask, value: str) -> FlaskClient:
    client: FlaskClient = app.test_client()
    client.set_cookie("tusach", value)
    return client


@pytest.mark.parametrize("end", ["sign-out", "password", "sessions", "disabled", "hours", "code"])
def test_a_copied_cookie_dies_with_its_session(app: Flask, ha: FlaskClient, world: World, end: str) -> None:
    thief = with_cookie(app, cookie_of(ha))
    assert thief.get("/people").status_code == 200
    mine = db.session.scalar(select(Account).where(Account.login == "ha"))
    assert mine
    account(world, "anh", RoleName.ADMINISTRATOR)
    commit()
    ends = {
        "sign-out": lambda: ha.post("/sign-out"),
        "password": lambda: sign_in(app).post("/me/password", data={"old": PASSWORD, "new": "một câu khó đoán"}),
        "sessions": lambda: sign_in(app).post("/me/sessions/end"),
        "disabled": lambda: sign_in(app, "anh").post(f"/staff/{mine.uid}/disable"),
        "code": lambda: sign_in(app, "anh").post(f"/staff/{mine.uid}/code"),
        "hours": lambda: None,
    }
    ends[end]()
    later = clock.now() + timedelta(hours=app.config["SESSION_HOURS"] + 1 if end == "hours" else 0)
    with clock.stopped_at(later):
        for path in ("/people", "/desk", "/me"):
            assert thief.get(path).headers.get("Location", "").startswith("/sign-in"), path


def test_a_cookie_cannot_be_written_by_hand(app: Flask, ha: FlaskClient) -> None:
    value = cookie_of(ha)
    body, dot, rest = value.partition(".")
    spoiled = [body[:-2] + ("aa" if body[-2:] != "aa" else "bb") + dot + rest, value[:-3] + "abc", body, "", "a.b.c"]
    for one in spoiled:
        assert with_cookie(app, one).get("/people").status_code == 303, one


def test_a_token_of_ones_own_making_opens_nothing(app: Flask, ha: FlaskClient) -> None:
    """Fixation: a browser prepared with a token, or with somebody's hash out of a stolen database, gets a fresh one."""
    stolen = db.session.scalars(select(SignIn.token_hash)).one()
    for planted in ("chosen-by-me", stolen, ""):
        victim = app.test_client()
        with victim.session_transaction() as kept:
            kept["_user_id"] = planted
            kept["_fresh"] = True
        assert victim.get("/people").status_code == 303
        assert enter(victim).status_code == 303
        with victim.session_transaction() as kept:
            assert kept["_user_id"] not in (planted, stolen)
            assert len(kept["_user_id"]) > 40


def test_every_entry_has_a_session_of_its_own(app: Flask, ha: FlaskClient) -> None:
    with ha.session_transaction() as kept:
        first = kept["_user_id"]
    enter(ha)
    with ha.session_transaction() as kept:
        assert kept["_user_id"] != first


def test_what_was_prepared_in_the_cookie_does_not_survive_the_door(app: Flask, world: World) -> None:
    account(world)
    commit()
    client = app.test_client()
    with client.session_transaction() as kept:
        kept.update(slip="123456789012", half=["x"], locale="en", theme="dark")
    enter(client)
    with client.session_transaction() as kept:
        assert {"slip", "half"} & set(kept) == set()
        assert (kept["locale"], kept["theme"]) == ("en", "dark")


# Who there is


def hashes(monkeypatch: pytest.MonkeyPatch) -> list[str | None]:
    asked: list[str | None] = []
    really = passwords.matches
    monkeypatch.setattr(passwords, "matches", lambda known, typed: asked.append(known) or really(known, typed))
    return asked


@pytest.mark.parametrize("who", ["ai", "khoa", "cho"])
def test_a_stranger_a_shut_and_a_waiting_account_are_told_alike(
    app: Flask, ha: FlaskClient, world: World, monkeypatch: pytest.MonkeyPatch, who: str
) -> None:
    """Same words, same status, same headers, one hash each."""
    account(world, "khoa").disabled_at = clock.now()
    account(world, "cho").password_hash = passwords.NONE_YET
    commit()
    asked = hashes(monkeypatch)
    known, other = enter(app.test_client(), "ha", "sai mất rồi"), enter(app.test_client(), who, "sai mất rồi")
    assert known.status_code == other.status_code == 401
    assert text(known).replace('value="ha"', "") == text(other).replace(f'value="{who}"', "")
    assert dict(known.headers).keys() == dict(other.headers).keys()
    assert len(asked) == 2


def test_the_time_tells_nothing(app: Flask, ha: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """The middle of several tries, turn and turn about, on a machine that does other things too."""
    monkeypatch.setattr(passwords, "PER_LOGIN", 99)
    took: dict[str, list[float]] = {"ha": [], "ai": []}
    for _ in range(7):
        for login in took:
            began = time.perf_counter()
            enter(app.test_client(), login, "sai mất rồi")
            took[login].append(time.perf_counter() - began)
    known, unknown = (statistics.median(times) for times in took.values())
    assert 0.25 < known / unknown < 4, f"a password that is not looked at takes a twentieth: {took}"


def test_throttling_tells_nothing_either(app: Flask, ha: FlaskClient) -> None:
    for login in ("ha", "ai"):
        statuses = [enter(app.test_client(), login, "sai").status_code for _ in range(9)]
        assert statuses == [401] * 8 + [429], login


# Guessing


def behind(app: Flask, hops: int, tmp_path: Path) -> Flask:
    """The same database, behind so many proxies."""
    made = create_app(
        {
            "DATA": tmp_path / "behind",
            "DATABASE": app.config["SQLALCHEMY_DATABASE_URI"],
            "SECRET_KEY": "test",
            "PROXIES": hops,
        }
    )
    made.test_client_class = Browser
    return made


@pytest.fixture
def proxied(app: Flask, ha: FlaskClient, tmp_path: Path) -> Iterator[Flask]:
    made = behind(app, 1, tmp_path)
    yield made
    with made.app_context():
        for engine in db.engines.values():
            engine.dispose()


def test_behind_a_proxy_what_it_adds_counts_and_what_was_sent_before_does_not(
    proxied: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The proxy appends the address it sees; a guesser writes others in front of it."""
    monkeypatch.setattr(passwords, "PER_ADDRESS", 5)
    for number in range(5):
        forged = {"X-Forwarded-For": f"10.9.8.{number}, 203.0.113.7"}
        assert enter(proxied.test_client(), f"ten{number}", "sai", headers=forged).status_code == 401
    same = {"X-Forwarded-For": "10.9.8.99, 203.0.113.7"}
    assert enter(proxied.test_client(), headers=same).status_code == 429
    other = {"X-Forwarded-For": "203.0.113.8"}
    assert enter(proxied.test_client(), headers=other).status_code == 303


def test_one_login_is_guarded_from_every_address(app: Flask, ha: FlaskClient) -> None:
    for number in range(8):
        enter(app.test_client(), password="sai", environ_base={"REMOTE_ADDR": f"203.0.113.{number}"})
    assert enter(app.test_client(), environ_base={"REMOTE_ADDR": "203.0.113.99"}).status_code == 429


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/me/password", "old"),
        ("/me/paper", "paper-password"),
        ("/me/second/begin", "password"),
        ("/me/second/off", "off-password"),
    ],
)
def test_an_open_desk_is_no_place_to_guess_the_password(app: Flask, ha: FlaskClient, path: str, field: str) -> None:
    for _ in range(8):
        assert ha.post(path, data={field: "sai mất rồi", "new": "một câu khó đoán"}).status_code == 422
    assert ha.post(path, data={field: PASSWORD, "new": "một câu khó đoán"}).status_code == 429


# Other sites


FOREIGN = (
    {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.example"}, {"Origin": "null"},
    {"Origin": "http://localhost.evil.example"}, {"Origin": "http://localhost:81"}, {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
)  # fmt: skip


@pytest.mark.parametrize("headers", FOREIGN)
def test_no_write_of_another_site_is_taken(app: Flask, world: World, headers: dict[str, str]) -> None:
    """Every POST there is, for visitors (login CSRF, codes) as for who is inside."""
    mine = things_of(world, world.school())
    account(world, "anh", RoleName.ADMINISTRATOR)
    commit()
    clients = (app.test_client(), sign_in(app, "anh"))
    for endpoint, method, places in doors(app):
        if method in ("GET", "HEAD"):
            continue
        for client in clients:
            answer = client.open(address(app, endpoint, places, mine), method=method, headers=headers, data={})
            assert answer.status_code == 403, f"{method} {endpoint}"


def test_other_sites_cannot_frame_or_read_us(ha: FlaskClient) -> None:
    for path in ("/desk", "/sign-in", "/people", "/log"):
        headers = ha.get(path).headers
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "Access-Control-Allow-Origin" not in headers


def test_the_cookie_is_for_us_alone(app: Flask, ha: FlaskClient) -> None:
    for secure in (False, True):
        app.config["SESSION_COOKIE_SECURE"] = secure
        (cookie,) = [one for one in enter(app.test_client()).headers.getlist("Set-Cookie") if one.startswith("tusach=")]
        assert ("HttpOnly" in cookie, "SameSite=Lax" in cookie, "Secure" in cookie) == (True, True, secure)
        assert "Domain=" not in cookie


def test_nothing_with_names_on_it_is_kept(app: Flask, world: World) -> None:
    """Every page of who is inside, and every answer while somebody's cookie is there."""
    mine = things_of(world, world.school())
    account(world, "anh", RoleName.ADMINISTRATOR)
    commit()
    client = sign_in(app, "anh")
    for endpoint, method, places in doors(app):
        if MARKS[endpoint] == EVERYONE or method != "GET":
            continue
        answer: Response = client.get(address(app, endpoint, places, mine))
        kept = answer.headers.get("Cache-Control", "")
        assert "no-store" in kept or "private" in kept, f"{endpoint}: {kept}"
        answer.close()
    for path in ("/code", "/code/open", "/sign-in", "/sign-in/second"):
        assert app.test_client().get(path).headers["Cache-Control"] in ("no-cache", "no-store"), path


# More than was asked for


def test_fields_nobody_asked_for_change_nothing(ha: FlaskClient, world: World) -> None:
    """Mass assignment: names of columns beside the fields of each form of accounts."""
    khanh = account(world, "khanh", RoleName.HELPER)
    commit()
    extra = {
        "login": "ha2", "library_id": str(world.province().id), "branch_id": "1", "must_change": "0", "disabled_at": "", "id": "1",
        "password_hash": "x", "account_id": "1", "from_on": "2020-01-01", "to_on": "2099-01-01", "is_admin": "1",
        "permissions": "settings", "role_id": "administrator", "owes_second": "0", "expires_at": "2099-01-01", "uid": str(uuid4()),
    }  # fmt: skip
    before = _columns(khanh)
    assert ha.post("/staff", data={"name": "Bế Gia Khánh", "role": "helper", **extra}).status_code == 303
    ha.post(f"/staff/{khanh.uid}/role", data={"role": "helper", **extra})
    ha.post("/me/password", data={"old": PASSWORD, "new": "một câu khó đoán", **extra})
    assert _columns(db.session.get_one(Account, khanh.id)) == before
    found = db.session.scalars(select(Grant)).all()
    assert {one.role for one in found} == {RoleName.LIBRARIAN, RoleName.HELPER}
    assert {one.library_id for one in found} == {world.school().id}
    assert all(one.from_on == clock.today() for one in found)
    assert {one.library_id for one in db.session.scalars(select(Account))} == {world.school().id}


def _columns(one: Account) -> dict[str, Any]:
    return {column.name: getattr(one, column.name) for column in Account.__table__.columns}


@pytest.mark.parametrize("twice", [["helper", "administrator"], ["administrator", "helper"]])
def test_a_field_sent_twice_gives_no_more(ha: FlaskClient, twice: list[str]) -> None:
    ha.post("/staff", data={"name": "Bế Gia Khánh", "role": twice})
    assert RoleName.ADMINISTRATOR not in set(db.session.scalars(select(Grant.role)))


# Another name for the server


@pytest.mark.parametrize("header", ["Host", "X-Forwarded-Host", "X-Host", "Forwarded"])
def test_another_host_name_is_led_nowhere(app: Flask, ha: FlaskClient, header: str) -> None:
    """Redirects are paths: whatever the request called us, a browser stays where it is."""
    client = app.test_client()
    for answer in (
        client.get("/desk", headers={header: "evil.example"}),
        enter(client, headers={header: "evil.example", "Sec-Fetch-Site": "same-origin"}),
        client.get("/", headers={header: "evil.example"}),
    ):
        assert answer.headers["Location"].startswith("/")
        assert "evil.example" not in answer.headers["Location"]


def test_a_forged_forwarded_host_is_not_printed_on_a_slip(ha: FlaskClient) -> None:
    answer = ha.post("/staff", data={"name": "Bế Gia Khánh", "role": "helper"})
    page = text(ha.get(answer.headers["Location"], headers={"X-Forwarded-Host": "evil.example"}))
    assert "http://localhost/code" in page
    assert "evil.example" not in page


# The list of doors itself


def test_every_door_can_be_listed_with_who_may_come_in(app: Flask) -> None:
    import json

    told = app.test_cli_runner().invoke(args=["access", "routes"])
    assert told.exit_code == 0
    assert {one["endpoint"]: one["needs"] for one in json.loads(told.output)} == {
        rule.endpoint: access.mark_of(app, rule.endpoint) for rule in app.url_map.iter_rules()
    }
    app.add_url_rule("/forgotten", "forgotten", lambda: "secret")
    assert app.test_cli_runner().invoke(args=["access", "routes"]).exit_code == 1
