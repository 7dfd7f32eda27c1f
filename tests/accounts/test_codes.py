"""Codes on slips of paper: whoever has one comes in once, nobody else, and nobody twice."""

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from library.accounts import codes, managing, passwords, suggesting
from library.accounts.models import Account, CodeFor, OneTimeCode, RoleName
from library.audit import Trace
from library.core import clock
from library.core.db import db
from tests.support.people import PASSWORD, account, commit, sign_in
from tests.support.world import World

NEW = "một câu khó đoán"
NOTHING = "Mã này không mở được gì"


@pytest.fixture
def ha(app: Flask, world: World) -> FlaskClient:
    account(world)
    commit()
    return sign_in(app)


def text(answer: Any) -> str:
    return str(answer.get_data(as_text=True))


def shown_at(client: FlaskClient, answer: Any) -> str:
    """The code on the page somebody is sent to."""
    (code,) = re.findall(r'class="big-num">([\d ]+)<', text(client.get(answer.headers["Location"])))
    return code


def invited(ha: FlaskClient, role: str = "helper", **more: str) -> str:
    return shown_at(ha, ha.post("/staff", data={"name": "Bế Gia Khánh", "role": role, **more}))


def bring(app: Flask, code: str) -> tuple[FlaskClient, Any]:
    client = app.test_client()
    return client, client.post("/code", data={"code": code})


def choose(client: FlaskClient, login: str = "Khánh", password: str = NEW, again: str | None = None) -> Any:
    data = {"login": login, "password": password, "again": password if again is None else again}
    return client.post("/code/open", data=data)


def known(login: str) -> Account | None:
    return db.session.scalar(select(Account).where(Account.login == login))


def test_an_invited_person_chooses_their_own_name_and_password(app: Flask, ha: FlaskClient) -> None:
    code = invited(ha)
    assert re.fullmatch(r"\d{4} \d{4} \d{4}", code)
    client, answer = bring(app, code)
    assert answer.headers["Location"] == "/code/open"
    page = text(client.get("/code/open"))
    assert "Bế Gia Khánh" in page
    assert 'value="khanh.bg"' in page, "a name is suggested"
    assert choose(client).status_code == 303
    assert client.get("/desk").status_code == 200
    assert app.test_client().post("/sign-in", data={"login": "khanh", "password": NEW}).status_code == 303
    verbs = db.session.scalars(select(Trace.verb).order_by(Trace.id)).all()
    assert verbs[-4:] == ["invite", "accept-invitation", "sign-in", "sign-in"]


def test_the_code_is_shown_once(ha: FlaskClient) -> None:
    answer = ha.post("/staff", data={"name": "Bế Gia Khánh", "role": "helper"})
    code = shown_at(ha, answer)
    assert code not in text(ha.get(answer.headers["Location"]))
    kept = db.session.scalars(select(OneTimeCode.code_hash)).all()
    assert codes.plain(code) not in str(kept)


def test_the_hash_cannot_be_made_without_the_servers_key(app: Flask, world: World) -> None:
    before = codes.hash_of("123456789012")
    app.config["SECRET_KEY"] = "another"
    assert codes.hash_of("123456789012") != before


@pytest.mark.parametrize(
    "spoil", [lambda code: code[:-1], lambda code: "0" + code, lambda code: "", lambda code: "abc"]
)
def test_a_code_that_is_not_quite_right_opens_nothing(app: Flask, ha: FlaskClient, spoil: Any) -> None:
    client, answer = bring(app, spoil(invited(ha)))
    assert (answer.status_code, NOTHING in text(answer)) == (422, True)
    assert choose(client).status_code == 422
    assert known("khanh") is None


def test_a_code_opens_once(app: Flask, ha: FlaskClient) -> None:
    code = invited(ha)
    (first, _), (second, _) = bring(app, code), bring(app, code)
    assert choose(first).status_code == 303
    assert choose(second, "hai").status_code == 422
    assert known("hai") is None
    assert NOTHING in text(bring(app, code)[1])


def test_a_code_ends(app: Flask, ha: FlaskClient) -> None:
    code = invited(ha, days="3")
    with clock.stopped_at(clock.now() + timedelta(days=2, hours=23)):
        assert bring(app, code)[1].status_code == 303
    with clock.stopped_at(clock.now() + timedelta(days=3, minutes=1)):
        assert bring(app, code)[1].status_code == 422


def test_a_new_invitation_strikes_the_old_one(app: Flask, ha: FlaskClient) -> None:
    old = invited(ha)
    waits = db.session.scalar(select(Account).where(Account.name == "Bế Gia Khánh"))
    assert waits
    new = shown_at(ha, ha.post(f"/staff/{waits.uid}/code"))
    assert bring(app, old)[1].status_code == 422
    assert bring(app, new)[1].status_code == 303


def test_whoever_is_expected_cannot_sign_in_before(app: Flask, ha: FlaskClient) -> None:
    """Neither by the name the database keeps meanwhile, nor with an empty password."""
    invited(ha)
    waits = db.session.scalar(select(Account).where(Account.name == "Bế Gia Khánh"))
    assert waits
    for login in (waits.login, waits.login[1:], "", "?"):
        for password in ("", PASSWORD, "nobody has this password"):
            assert app.test_client().post("/sign-in", data={"login": login, "password": password}).status_code == 401
    assert not passwords.matches(passwords.NONE_YET, "")
    assert managing.by_login(db.session(), waits.login) is None


def test_a_disabled_account_is_not_opened_by_its_code(app: Flask, ha: FlaskClient) -> None:
    code = invited(ha)
    waits = db.session.scalar(select(Account).where(Account.name == "Bế Gia Khánh"))
    assert waits
    ha.post(f"/staff/{waits.uid}/disable")
    assert bring(app, code)[1].status_code == 422


@pytest.mark.parametrize(
    ("login", "password", "again", "sentence"),
    [
        ("h", NEW, NEW, "Tên vào cần ít nhất 2 chữ"),
        ("HÀ", NEW, NEW, "Đã có người dùng tên vào “ha”."),
        ("khanh", "ngắn", "ngắn", "Mật khẩu cần ít nhất 8 chữ."),
        ("khanh", "12345678", "12345678", "Mật khẩu này ai cũng đoán được."),
        ("khanhkhanh", "khanhkhanh", "khanhkhanh", "Mật khẩu này ai cũng đoán được."),
        ("khanh", "aaaaaaaaaa", "aaaaaaaaaa", "Mật khẩu này ai cũng đoán được."),
        ("khanh", NEW, NEW + "a", "Hai lần gõ mật khẩu chưa giống nhau."),
    ],
)
def test_what_is_wrong_is_said_and_the_code_stays(
    app: Flask, ha: FlaskClient, login: str, password: str, again: str, sentence: str
) -> None:
    client, _ = bring(app, invited(ha))
    answer = choose(client, login, password, again)
    assert (answer.status_code, sentence in text(answer)) == (422, True)
    assert choose(client).status_code == 303


def test_the_head_helps_who_forgot(app: Flask, ha: FlaskClient, world: World) -> None:
    """Old password and open sessions end at once: it may have been stolen, not forgotten."""
    khanh = account(world, "khanh", RoleName.HELPER)
    commit()
    inside = sign_in(app, "khanh")
    code = shown_at(ha, ha.post(f"/staff/{khanh.uid}/code"))
    assert inside.get("/desk").status_code == 303
    assert app.test_client().post("/sign-in", data={"login": "khanh", "password": PASSWORD}).status_code == 401
    client, _ = bring(app, code)
    assert 'name="login"' not in text(client.get("/code/open")), "the name stays"
    assert choose(client, "other").status_code == 303
    assert known("other") is None
    assert app.test_client().post("/sign-in", data={"login": "khanh", "password": NEW}).status_code == 303


def test_a_paper_made_beforehand_needs_nobody(app: Flask, ha: FlaskClient) -> None:
    assert ha.post("/me/paper", data={"paper-password": "sai mất rồi"}).status_code == 422
    old = shown_at(ha, ha.post("/me/paper", data={"paper-password": PASSWORD}))
    code = shown_at(ha, ha.post("/me/paper", data={"paper-password": PASSWORD}))
    assert re.fullmatch(r"\d{4} \d{4} \d{4} \d{4}", code)
    assert ha.get("/me/paper").status_code == 303, "shown once"
    assert bring(app, old)[1].status_code == 422
    with clock.stopped_at(clock.now() + timedelta(days=700)):
        client, _ = bring(app, code)
        assert choose(client).status_code == 303
        assert app.test_client().post("/sign-in", data={"login": "ha", "password": NEW}).status_code == 303
    assert ha.get("/me").status_code == 303, "whoever was in is out"


def test_who_is_shut_out_by_the_head_has_no_paper_left(app: Flask, ha: FlaskClient, world: World) -> None:
    khanh = account(world, "khanh", RoleName.HELPER)
    commit()
    helper = sign_in(app, "khanh")
    paper = shown_at(helper, helper.post("/me/paper", data={"paper-password": PASSWORD}))
    ha.post(f"/staff/{khanh.uid}/code")
    assert bring(app, paper)[1].status_code == 422


def test_guessing_codes_is_slowed_by_address(app: Flask, ha: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "PER_ADDRESS", 5)
    code = invited(ha)
    for number in range(5):
        assert bring(app, f"{number:012}")[1].status_code == 422
    assert bring(app, code)[1].status_code == 429


def test_who_sits_at_the_server_helps_who_lost_everything(app: Flask, ha: FlaskClient) -> None:
    runner = app.test_cli_runner()
    commit()
    db.session.close()
    told = runner.invoke(args=["accounts", "code", "ha"])
    assert told.exit_code == 0, told.output
    (code,) = re.findall(r"(\d{4} \d{4} \d{4})", told.output)
    client, _ = bring(app, code)
    assert choose(client).status_code == 303
    assert runner.invoke(args=["accounts", "code", "ai"]).exit_code == 1


def test_used_codes_are_forgotten_and_waiting_ones_kept(app: Flask, ha: FlaskClient) -> None:
    from library.accounts import ageing

    made = {kind: codes.make(db.session(), known("ha").id, kind, 2) for kind in (CodeFor.RECOVER, CodeFor.INVITE)}  # type: ignore[union-attr]
    codes.make(db.session(), known("ha").id, CodeFor.PRINTED)  # type: ignore[union-attr]
    assert made
    ageing.forget_codes(db.session(), clock.now() + timedelta(days=33))
    assert [one.kind for one in db.session.scalars(select(OneTimeCode))] == [CodeFor.PRINTED]


@pytest.mark.parametrize(
    ("name", "login"), [("Lường Thị Hà", "ha.lt"), ("Đặng Đình Đức", "duc.dd"), ("Hà", "ha"), ("…", "")]
)
def test_a_name_to_sign_in_with_is_made_of_a_name(name: str, login: str) -> None:
    assert suggesting.login_of_name(name) == login


def test_a_suggested_name_is_free(world: World) -> None:
    account(world, "ha.lt")
    account(world, "ha.lt2")
    assert suggesting.login_for(world.session(), "Lường Thị Hà") == "ha.lt3"
