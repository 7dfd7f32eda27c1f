"""Accounts of the staff: nobody gives more than they have, or somewhere they may not."""

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from library.accounts import managing, staff
from library.accounts.models import Account, RoleName
from library.audit import Trace
from library.core.db import db
from tests.support.people import PASSWORD, account, commit, sign_in
from tests.support.statements import counted
from tests.support.world import World


@pytest.fixture
def ha(app: Flask, world: World) -> FlaskClient:
    account(world)
    commit()
    return sign_in(app)


def text(answer: Any) -> str:
    return str(answer.get_data(as_text=True))


def invite(client: FlaskClient, role: RoleName = RoleName.HELPER, **more: str) -> Any:
    return client.post("/staff", data={"login": "Khánh", "name": "Bế Gia Khánh", "role": role.value, **more})


def known(login: str) -> Account | None:
    return db.session.scalar(select(Account).where(Account.login == login))


def roles(login: str) -> list[RoleName]:
    found = known(login)
    assert found
    return [one.role for one in staff.held_now(found)]


def test_an_invited_account_opens_with_the_password_shown_once(app: Flask, ha: FlaskClient) -> None:
    answer = invite(ha)
    assert answer.status_code == 303
    page = text(ha.get(answer.headers["Location"]))
    (password,) = re.findall(r'class="big-num">(\d{10})<', page)
    assert password not in text(ha.get(answer.headers["Location"])), "shown once"
    fresh = app.test_client().post("/sign-in", data={"login": "khanh", "password": password})
    assert fresh.headers["Location"].endswith("/me"), "must be changed"
    assert roles("khanh") == [RoleName.HELPER]
    assert "invite" in db.session.scalars(select(Trace.verb)).all()


def test_every_role_one_may_give_is_told_in_a_sentence(ha: FlaskClient) -> None:
    page = text(ha.get("/staff/new"))
    offered = set(re.findall(r'name="role" value="([^"]+)"', page))
    assert offered == {role.value for role in RoleName} - {"administrator"}
    for role in offered:
        assert staff.TELLS[RoleName(role)][1] in page
    assert set(staff.TELLS) == set(RoleName)


def test_a_role_above_ones_own_is_refused(ha: FlaskClient) -> None:
    assert invite(ha, RoleName.ADMINISTRATOR).status_code == 403
    assert known("khanh") is None


def test_a_role_that_reaches_below_is_given_only_by_who_reaches_below(app: Flask, world: World) -> None:
    """The librarian of the provincial library works there alone: no officer over all schools comes from her."""
    world.school()
    account(world, "nga", library=world.province())
    account(world, "anh", RoleName.ADMINISTRATOR, world.province())
    commit()
    nga, anh = sign_in(app, "nga"), sign_in(app, "anh")
    assert invite(nga, RoleName.OFFICER).status_code == 403
    assert 'value="officer"' not in text(nga.get("/staff/new"))
    assert invite(nga, RoleName.LIBRARIAN).status_code == 303
    assert invite(anh, RoleName.OFFICER, login="cuong").status_code == 303
    assert invite(anh, RoleName.ADMINISTRATOR, login="hai", lib=world.school().slug).status_code == 303


def test_nobody_is_invited_into_another_library(ha: FlaskClient, world: World) -> None:
    other = world.school("Trường Tiểu học Đức Xuân")
    commit()
    assert invite(ha, lib=other.slug).status_code == 404
    assert ha.get(f"/staff?lib={other.slug}").status_code == 404
    assert ha.get(f"/staff/new?lib={world.province().slug}").status_code == 404
    assert invite(ha, branch=str(world.branch(other).uid)).status_code == 422
    assert known("khanh") is None


def test_accounts_of_another_library_are_not_there(ha: FlaskClient, world: World) -> None:
    other = account(world, "linh", library=world.school("Trường Tiểu học Đức Xuân"))
    commit()
    assert "linh" not in text(ha.get("/staff")).split("<main")[1]
    assert ha.get(f"/staff/{other.uid}").status_code == 404
    for deed in ("role", "password", "disable", "enable"):
        assert ha.post(f"/staff/{other.uid}/{deed}", data={"role": "helper"}).status_code == 404, deed
    assert other.disabled_at is None


def test_an_account_above_ones_own_may_be_seen_and_not_touched(ha: FlaskClient, world: World) -> None:
    chief = account(world, "chief", RoleName.ADMINISTRATOR)
    commit()
    assert "Chỉ xem được" in text(ha.get(f"/staff/{chief.uid}"))
    for deed in ("role", "password", "disable", "enable"):
        assert ha.post(f"/staff/{chief.uid}/{deed}", data={"role": "helper"}).status_code == 403, deed
    assert managing.by_login(db.session(), "chief") is not None
    assert roles("chief") == [RoleName.ADMINISTRATOR]


def test_an_account_with_a_role_elsewhere_is_not_touched(ha: FlaskClient, world: World) -> None:
    """Works here, and at the province too: a new password from here would open the province's doors."""
    both = account(world, "both", RoleName.HELPER)
    managing.grant(world.session(), both, RoleName.HELPER, world.province().id)
    commit()
    assert ha.post(f"/staff/{both.uid}/password").status_code == 403


def test_ones_own_account_is_not_stopped_here(ha: FlaskClient) -> None:
    me = known("ha")
    assert me
    for deed in ("role", "password", "disable"):
        assert ha.post(f"/staff/{me.uid}/{deed}", data={"role": "helper"}).status_code == 409, deed


def test_a_disabled_account_is_out_at_once_and_can_come_back(app: Flask, ha: FlaskClient, world: World) -> None:
    khanh = account(world, "khanh", RoleName.HELPER)
    commit()
    helper = sign_in(app, "khanh")
    assert helper.get("/desk").status_code == 200
    assert ha.post(f"/staff/{khanh.uid}/disable").status_code == 303
    assert helper.get("/desk").status_code == 303, "to the sign-in page"
    refused = app.test_client().post("/sign-in", data={"login": "khanh", "password": PASSWORD})
    assert refused.status_code == 401
    assert ha.post(f"/staff/{khanh.uid}/enable").status_code == 303
    sign_in(app, "khanh")
    verbs = db.session.scalars(
        select(Trace.verb).where(Trace.subject == str(khanh.uid), Trace.actor == known("ha").uid)
    ).all()  # type: ignore[union-attr]
    assert verbs == ["disable", "enable"]


def test_a_new_password_shuts_the_old_one_out(app: Flask, ha: FlaskClient, world: World) -> None:
    khanh = account(world, "khanh", RoleName.HELPER)
    commit()
    helper = sign_in(app, "khanh")
    answer = ha.post(f"/staff/{khanh.uid}/password")
    (password,) = re.findall(r'class="big-num">(\d{10})<', text(ha.get(answer.headers["Location"])))
    assert helper.get("/desk").status_code == 303
    assert app.test_client().post("/sign-in", data={"login": "khanh", "password": PASSWORD}).status_code == 401
    assert app.test_client().post("/sign-in", data={"login": "khanh", "password": password}).status_code == 303
    assert khanh.must_change


def test_another_role_takes_the_place_of_the_old_one(app: Flask, ha: FlaskClient, world: World) -> None:
    khanh = account(world, "khanh", RoleName.HELPER)
    commit()
    helper = sign_in(app, "khanh")
    assert helper.get("/people").status_code == 403
    assert ha.post(f"/staff/{khanh.uid}/role", data={"role": "librarian"}).status_code == 303
    assert roles("khanh") == [RoleName.LIBRARIAN]
    assert helper.get("/people").status_code == 200
    assert ha.post(f"/staff/{khanh.uid}/role", data={"role": "administrator"}).status_code == 403
    assert ha.post(f"/staff/{khanh.uid}/role", data={"role": "king"}).status_code == 422


def test_what_was_typed_stays_when_something_is_wrong(ha: FlaskClient) -> None:
    taken = invite(ha, login="HÀ")
    assert (taken.status_code, "Đã có người dùng tên vào" in text(taken)) == (422, True)
    assert 'value="Bế Gia Khánh"' in text(taken)
    bare = ha.post("/staff", data={"login": "!!", "name": ""})
    assert bare.status_code == 422
    assert "Tên vào viết bằng chữ hoặc số" in text(bare)
    assert len(db.session.scalars(select(Account)).all()) == 1


def test_a_teacher_is_bound_to_a_class(ha: FlaskClient, world: World) -> None:
    lan = world.patron(class_name="5A")
    commit()
    invite(ha, RoleName.TEACHER, **{"class": str(lan.school_class.uid)})  # type: ignore[union-attr]
    hoa = known("khanh")
    assert hoa
    assert [one.class_id for one in staff.held_now(hoa)] == [lan.class_id]


def test_who_may_not_give_accounts_is_told_so(app: Flask, world: World) -> None:
    me = account(world, "khanh", RoleName.HELPER)
    commit()
    helper = sign_in(app, "khanh")
    for path in ("/staff", "/staff/new", f"/staff/{me.uid}"):
        assert helper.get(path).status_code == 403
    assert invite(helper, login="x").status_code == 403
    assert app.test_client().get("/staff").status_code == 303


def test_the_list_asks_the_same_however_long_it_is(ha: FlaskClient, world: World) -> None:
    ha.get("/staff")
    with counted() as few:
        ha.get("/staff")
    for at in range(5):
        account(world, f"khanh{at}", RoleName.HELPER)
    commit()
    with counted() as many:
        ha.get("/staff")
    assert len(many) == len(few) <= 6
