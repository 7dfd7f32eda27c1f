"""Accounts of the staff: nobody gives more than they have, or somewhere they may not."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from library.accounts import managing, staff
from library.accounts.models import Account, Grant, RoleName
from library.audit import Trace
from library.calendars.models import SchoolYear
from library.core import clock
from library.core.db import db
from library.organisations.models import Branch
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


NEW = "Bế Gia Khánh"
DEEDS = ("role", "code", "second/off", "sessions/end", "disable", "enable", "grants/1/end")


def invite(client: FlaskClient, role: RoleName = RoleName.HELPER, **more: str) -> Any:
    return client.post("/staff", data={"name": NEW, "role": role.value, **more})


def known(login: str) -> Account | None:
    return db.session.scalar(select(Account).where(Account.login == login))


def named(name: str = NEW) -> Account | None:
    return db.session.scalar(select(Account).where(Account.name == name))


def grants(account: Account | None) -> list[Grant]:
    assert account
    return staff.held_now(account)


def roles(login: str) -> list[RoleName]:
    return [one.role for one in grants(known(login))]


def test_every_role_one_may_give_is_told_in_a_sentence(ha: FlaskClient) -> None:
    page = text(ha.get("/staff/new"))
    offered = set(re.findall(r'name="role" value="([^"]+)"', page))
    above = {"administrator", "scheduler", "officer", "van-crew"}
    assert offered == {role.value for role in RoleName} - above - {"class-helper"}
    for role in offered:
        assert staff.TELLS[RoleName(role)][1] in page
    assert set(staff.TELLS) == set(RoleName) - {RoleName.CLASS_HELPER}, "it is lent, never given"


def test_a_role_above_ones_own_is_refused(ha: FlaskClient) -> None:
    assert invite(ha, RoleName.ADMINISTRATOR).status_code == 403
    assert named() is None


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
    assert invite(anh, RoleName.OFFICER).status_code == 303
    assert invite(anh, RoleName.ADMINISTRATOR, lib=world.school().slug).status_code == 303


def test_nobody_is_invited_into_another_library(ha: FlaskClient, world: World) -> None:
    other = world.school("Trường Tiểu học Đức Xuân")
    commit()
    assert invite(ha, lib=other.slug).status_code == 404
    assert ha.get(f"/staff?lib={other.slug}").status_code == 404
    assert ha.get(f"/staff/new?lib={world.province().slug}").status_code == 404
    assert invite(ha, branch=str(world.branch(other).uid)).status_code == 422
    assert invite(ha, only=str(world.branch(other).uid)).status_code == 422
    assert named() is None


def test_accounts_of_another_library_are_not_there(ha: FlaskClient, world: World) -> None:
    other = account(world, "linh", library=world.school("Trường Tiểu học Đức Xuân"))
    commit()
    assert "linh" not in text(ha.get("/staff")).split("<main")[1]
    assert ha.get(f"/staff/{other.uid}").status_code == 404
    for deed in DEEDS:
        assert ha.post(f"/staff/{other.uid}/{deed}", data={"role": "helper"}).status_code == 404, deed
    assert other.disabled_at is None


def test_an_account_above_ones_own_may_be_seen_and_not_touched(ha: FlaskClient, world: World) -> None:
    chief = account(world, "chief", RoleName.ADMINISTRATOR)
    commit()
    assert "Chỉ xem được" in text(ha.get(f"/staff/{chief.uid}"))
    for deed in DEEDS:
        assert ha.post(f"/staff/{chief.uid}/{deed}", data={"role": "helper"}).status_code == 403, deed
    assert managing.by_login(db.session(), "chief") is not None
    assert roles("chief") == [RoleName.ADMINISTRATOR]


def test_an_account_with_a_role_elsewhere_is_not_touched(ha: FlaskClient, world: World) -> None:
    """Works here, and at the province too: a new password from here would open the province's doors."""
    both = account(world, "both", RoleName.HELPER)
    managing.grant(world.session(), both, RoleName.HELPER, world.province().id)
    commit()
    assert ha.post(f"/staff/{both.uid}/code").status_code == 403


def test_ones_own_account_is_not_stopped_here(ha: FlaskClient) -> None:
    me = known("ha")
    assert me
    for deed in DEEDS:
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
    bare = invite(ha, days="99", until="31/2/2027")
    assert bare.status_code == 422
    assert f'value="{NEW}"' in text(bare)
    assert "Ngày viết như 31/12/2026." in text(bare)
    assert "Cần một số từ 1 đến 30." in text(bare)
    assert invite(ha, until="01/01/2020").status_code == 422
    assert len(db.session.scalars(select(Account)).all()) == 1


def test_a_teacher_is_bound_to_a_class(ha: FlaskClient, world: World) -> None:
    lan = world.patron(class_name="5A")
    commit()
    invite(ha, RoleName.TEACHER, **{"class": str(lan.school_class.uid)})  # type: ignore[union-attr]
    assert [one.class_id for one in grants(named())] == [lan.class_id]


@pytest.mark.parametrize("role", [role for role in RoleName if role is not RoleName.CLASS_HELPER])
def test_who_comes_with_the_school_year_goes_with_it(app: Flask, world: World, role: RoleName) -> None:
    """Teachers and helpers only; another day may be said."""
    account(world, "anh", RoleName.ADMINISTRATOR)
    today, day = clock.today(), timedelta(days=1)
    year = SchoolYear(organisation_id=world.school().id, label="nay", from_on=today - 30 * day, to_on=today + 99 * day)
    world.session.add(year)
    commit()
    anh = sign_in(app, "anh")
    invite(anh, role)
    invite(anh, role, name="Hai", until=f"{today + 7 * day:%d/%m/%Y}")
    usual = today + 100 * day if role in (RoleName.TEACHER, RoleName.HELPER) else None
    assert [one.to_on for one in grants(named())] == [usual]
    assert [one.to_on for one in grants(named("Hai"))] == [today + 8 * day]


def test_without_a_known_school_year_it_is_the_end_of_may(world: World) -> None:
    library_id = world.school().id
    assert staff.year_end(world.session(), library_id, date(2026, 9, 1)) == date(2027, 6, 1)
    assert staff.year_end(world.session(), library_id, date(2026, 5, 31)) == date(2026, 6, 1)
    assert staff.year_end(world.session(), library_id, date(2026, 6, 1)) == date(2027, 6, 1)


def test_nobody_gives_for_longer_than_they_have(app: Flask, world: World) -> None:
    last = clock.today() + timedelta(days=40)
    account(world).grants[0].to_on = last + timedelta(days=1)
    linh = account(world, "linh", RoleName.LIBRARIAN)
    commit()
    ha = sign_in(app)
    late = invite(ha, RoleName.LIBRARIAN, until=f"{last + timedelta(days=1):%d/%m/%Y}")
    assert late.status_code == 422
    assert f"Không muộn hơn phần việc của chính mình: đến hết {last:%d/%m/%Y}." in text(late)
    assert invite(ha, RoleName.LIBRARIAN, until=f"{last:%d/%m/%Y}").status_code == 303
    assert invite(ha, RoleName.LIBRARIAN, name="Hai").status_code == 303
    assert {one.to_on for one in (*grants(named()), *grants(named("Hai")))} == {last + timedelta(days=1)}
    assert ha.post(f"/staff/{linh.uid}/code").status_code == 403, "she stays longer than I do"


def test_a_grant_that_comes_later_counts_too(ha: FlaskClient, world: World) -> None:
    khanh = account(world, "khanh", RoleName.HELPER)
    later = managing.grant(world.session(), khanh, RoleName.ADMINISTRATOR, world.school().id)
    later.from_on = clock.today() + timedelta(days=3)
    commit()
    assert ha.post(f"/staff/{khanh.uid}/code").status_code == 403


@pytest.fixture
def second_branch(world: World) -> Branch:
    school = world.school()
    made = Branch(uid=clock.uuid7(), organisation_id=school.id, kind=world.branch().kind, name="Điểm Nà Pái")
    world.session.add(made)
    world.session.flush()
    return made


def test_a_grant_for_a_branch_holds_there_alone(app: Flask, world: World, second_branch: Branch) -> None:
    khanh = account(world, "khanh", RoleName.HELPER)
    khanh.grants[0].branch_id = second_branch.id
    commit()
    helper = sign_in(app, "khanh")
    assert helper.get("/desk").status_code == 403, "the account's desk stands in the main branch"
    khanh.branch_id = second_branch.id
    commit()
    assert sign_in(app, "khanh").get("/desk").status_code == 200


def test_who_has_one_branch_gives_one_branch(app: Flask, world: World, second_branch: Branch) -> None:
    ha = account(world)
    ha.grants[0].branch_id = second_branch.id
    commit()
    client = sign_in(app)
    assert invite(client).status_code == 403
    assert invite(client, only=str(world.branch().uid)).status_code == 403
    assert invite(client, RoleName.TEACHER).status_code == 403, "a teacher works in the whole school"
    assert invite(client, only=str(second_branch.uid)).status_code == 303
    assert [one.branch_id for one in grants(named())] == [second_branch.id]
    assert client.post("/staff/safety/lock", data={"minutes": "0"}).status_code == 403


def test_one_person_may_do_two_jobs(ha: FlaskClient, world: World) -> None:
    khanh = account(world, "khanh", RoleName.HELPER)
    commit()
    ha.post(f"/staff/{khanh.uid}/role", data={"role": "librarian", "beside": "1"})
    assert sorted(roles("khanh")) == [RoleName.HELPER, RoleName.LIBRARIAN]
    (given,) = [one for one in grants(known("khanh")) if one.role is RoleName.HELPER]
    assert ha.post(f"/staff/{khanh.uid}/grants/{given.id}/end").status_code == 303
    assert roles("khanh") == [RoleName.LIBRARIAN]
    assert ha.post(f"/staff/{khanh.uid}/grants/{given.id}/end").status_code == 404


def test_a_grant_is_ended_only_on_its_own_account(ha: FlaskClient, world: World) -> None:
    khanh, chief = account(world, "khanh", RoleName.HELPER), account(world, "chief", RoleName.ADMINISTRATOR)
    commit()
    (above,) = grants(chief)
    assert ha.post(f"/staff/{khanh.uid}/grants/{above.id}/end").status_code == 404
    assert roles("chief") == [RoleName.ADMINISTRATOR]


def test_the_head_ends_every_session_of_somebody(app: Flask, ha: FlaskClient, world: World) -> None:
    khanh = account(world, "khanh", RoleName.HELPER)
    commit()
    helper = sign_in(app, "khanh")
    assert "1 máy" in text(ha.get(f"/staff/{khanh.uid}"))
    ha.post(f"/staff/{khanh.uid}/sessions/end")
    assert helper.get("/desk").status_code == 303
    sign_in(app, "khanh")


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
    assert len(many) == len(few) <= 7
