"""Settings: opening days, closures and what they fall on."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from library.accounts.models import RoleName
from library.calendars import openings
from library.calendars.models import Closure, OpenDay
from library.core import clock
from library.core.db import db
from library.loans.models import Loan
from library.organisations import founding
from library.organisations.models import Code
from library.patrons.models import Card, Membership
from tests.support.people import DeskPage, account, commit, sign_in
from tests.support.policies import lends
from tests.support.statements import counted
from tests.support.world import World


@pytest.fixture
def ha(app: Flask, world: World) -> FlaskClient:
    account(world)
    world.category()
    commit()
    return sign_in(app)


def text(answer: Any) -> str:
    return str(answer.get_data(as_text=True))


def lends_for(world: World, days: int = 7) -> None:
    lends(world.session(), world.school().id, world.category(), days=days)
    commit()


def card(membership: Membership) -> str:
    query = select(Code.printed).join(Card, Card.code_id == Code.id).where(Card.membership_id == membership.id)
    return db.session.scalar(query) or ""


def lend(client: FlaskClient, world: World) -> Loan:
    lan, item = world.patron(), world.item()
    commit()
    desk = DeskPage(client)
    desk.scan(card(lan))
    assert desk.scan(item.accession or "")["outcome"] == "ok"
    return db.session.scalars(select(Loan).order_by(Loan.id.desc())).first()  # type: ignore[return-value]


def test_weekdays_move_due_dates(ha: FlaskClient, world: World) -> None:
    lends_for(world)
    due = clock.today() + timedelta(days=7)
    closed = due.weekday()
    days = [str(day) for day in range(7) if day != closed]
    assert ha.post("/settings/opening", data={"weekday": days}).status_code == 303
    assert lend(ha, world).due_on == due + timedelta(days=1)
    assert len(re.findall(r'name="weekday" value="\d" checked', text(ha.get("/settings/opening")))) == 6


def test_seven_days_are_said_and_none_is_refused(ha: FlaskClient, world: World) -> None:
    ha.post("/settings/opening", data={"weekday": ["0", "1"]})
    assert ha.post("/settings/opening", data={"weekday": list("0123456")}).status_code == 303
    assert len(db.session.scalars(select(OpenDay)).all()) == 7, "said, whatever somebody above says later"
    assert ha.post("/settings/opening", data={"do": "inherit"}).status_code == 303
    assert db.session.scalars(select(OpenDay)).all() == []
    answer = ha.post("/settings/opening", data={"weekday": ["9", ""]})
    assert answer.status_code == 422
    assert "Chọn ít nhất một ngày mở cửa." in text(answer)


def closure(first: date, last: date | None = None, **more: str) -> dict[str, str]:
    told = {"first": f"{first:%d/%m/%Y}", "last": f"{last:%d/%m/%Y}" if last else "", "why": "Bão số 3"}
    return told | more


def test_a_closure_tells_what_falls_on_it_before_it_is_written(ha: FlaskClient, world: World) -> None:
    lends_for(world)
    due = lend(ha, world).due_on
    looked = ha.post("/settings/closures", data=closure(due, do="look"))
    assert (looked.status_code, "1 cuốn đang mượn có hạn trả" in text(looked)) == (200, True)
    assert f'value="{due:%d/%m/%Y}"' in text(looked)
    assert db.session.scalars(select(Closure)).all() == []
    assert ha.post("/settings/closures", data=closure(due, due + timedelta(days=2))).status_code == 303
    assert "1 cuốn đang mượn có hạn trả" in text(ha.get("/settings/opening"))
    assert lend(ha, world).due_on == due + timedelta(days=3), "from now on nothing falls due on these days"
    assert db.session.scalars(select(Loan.due_on).order_by(Loan.id)).first() == due, "what is lent keeps its day"


def test_a_closure_is_taken_away_again(ha: FlaskClient, world: World) -> None:
    day = clock.today() + timedelta(days=3)
    ha.post("/settings/closures", data=closure(day))
    (made,) = db.session.scalars(select(Closure)).all()
    assert (made.first_on, made.last_on) == (day, day)
    branch_id, address = made.branch_id, f"/settings/closures/{made.id}/delete"
    assert ha.post(address).status_code == 303
    assert openings.calendar_of(db.session(), branch_id, day).is_open(day)
    assert ha.post(address).status_code == 404


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        ("", "", "Ô này chưa có gì."),
        ("mai", "", "Ngày viết như 31/12/2026."),
        ("05/01/2020", "06/01/2020", "Những ngày này đã qua."),
        ("05/01/2099", "04/01/2099", "Ngày cuối phải sau ngày đầu."),
        ("05/01/2098", "05/01/2099", None),
        ("05/01/2097", "05/01/2099", "Nghỉ dài quá một năm"),
    ],
)
def test_days_that_make_no_closure(ha: FlaskClient, first: str, last: str, said: str | None) -> None:
    answer = ha.post("/settings/closures", data={"first": first, "last": last, "why": "Nghỉ"})
    assert answer.status_code == (422 if said else 303)
    assert (said or "") in text(answer)
    assert len(db.session.scalars(select(Closure)).all()) == (0 if said else 1)


def test_each_branch_has_its_own_days(ha: FlaskClient, world: World) -> None:
    site = founding.add_branch(world.session(), world.school(), "Điểm trường Khuổi Mật")
    uid = str(site.uid)
    commit()
    ha.post("/settings/opening", data={"weekday": ["0"], "branch": uid})
    assert set(db.session.scalars(select(OpenDay.branch_id))) == {site.id}
    assert "Điểm trường Khuổi Mật" in text(ha.get(f"/settings/opening?branch={uid}"))


def test_other_libraries_are_not_there(ha: FlaskClient, world: World) -> None:
    other = world.school("Trường Tiểu học Đức Xuân")
    branch = world.branch(other)
    theirs = Closure(branch_id=branch.id, first_on=clock.today(), last_on=clock.today(), why="Của họ")
    world.session.add(theirs)
    commit()
    assert ha.get(f"/settings/opening?lib={other.slug}").status_code == 404
    assert ha.get(f"/settings/opening?branch={branch.uid}").status_code == 404
    for path in ("opening", "closures"):
        answer = ha.post(f"/settings/{path}", data={"lib": other.slug, "weekday": "1", **closure(clock.today())})
        assert answer.status_code == 404, path
    assert ha.post("/settings/opening", data={"branch": str(branch.uid), "weekday": "1"}).status_code == 404
    assert ha.post(f"/settings/closures/{theirs.id}/delete").status_code == 404
    assert db.session.get(Closure, theirs.id) is not None


def test_who_may_not_set_rules_is_told_so(app: Flask, world: World) -> None:
    account(world, "khanh", RoleName.HELPER)
    commit()
    helper = sign_in(app, "khanh")
    assert helper.get("/settings/opening").status_code == 403
    for path in ("opening", "closures", "closures/1/delete"):
        assert helper.post(f"/settings/{path}").status_code == 403
    assert app.test_client().get("/settings/opening").status_code == 303


def test_the_page_asks_the_same_however_many_closures(ha: FlaskClient, world: World) -> None:
    ha.get("/settings/opening")
    with counted() as few:
        ha.get("/settings/opening")
    for at in range(8):
        ha.post("/settings/closures", data=closure(clock.today() + timedelta(days=at + 1)))
    with counted() as many:
        ha.get("/settings/opening")
    assert len(many) == len(few) <= 24


@pytest.mark.parametrize("what", ["closures", "openings"])
def test_a_number_no_row_can_have_is_not_found(ha: FlaskClient, what: str) -> None:
    for number in (2**63 - 1, 2**63, 10**30):
        assert ha.post(f"/settings/{what}/{number}/delete").status_code == 404
