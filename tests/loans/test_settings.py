"""Settings: terms that hold at the desk at once, opening days, closures and what they fall on."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from library.accounts.models import RoleName
from library.audit import Trace
from library.calendars import openings
from library.calendars.models import Closure, OpenDay
from library.core import clock
from library.core.db import db
from library.loans.models import Loan, Terms
from library.organisations import founding
from library.organisations.models import Code
from library.patrons.models import Card, Membership
from tests.support.people import DeskPage, account, commit, sign_in
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


def lengths(world: World, days: str = "14", most: str = "3", renewals: str = "1", code: str = "HS") -> dict[str, str]:
    one = world.category(code)
    return {f"days-{one}": days, f"most-{one}": most, f"renewals-{one}": renewals, f"overdue-{one}": "1"}


def terms_of(world: World, code: str = "HS") -> Terms | None:
    mine = (Terms.library_id == world.school().id, Terms.category_id == world.category(code))
    return db.session.scalar(select(Terms).where(*mine))


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


def test_terms_written_here_hold_at_the_desk(ha: FlaskClient, world: World) -> None:
    assert ha.post("/settings/terms", data=lengths(world, days="7")).status_code == 303
    loan = lend(ha, world)
    assert loan.due_on == clock.today() + timedelta(days=7)
    assert (terms_of(world).overdue_blocks, terms_of(world).due_within_card) == (True, False)  # type: ignore[union-attr]


def test_a_category_without_terms_is_told_and_borrows_nothing(ha: FlaskClient, world: World) -> None:
    world.patron()
    assert "máy không cho mượn" in text(ha.get("/settings"))
    ha.post("/settings/terms", data=lengths(world))
    assert "máy không cho mượn" not in text(ha.get("/settings"))
    ha.post("/settings/terms", data=lengths(world, "", "", ""))
    assert terms_of(world) is None
    lan, item = world.patron("Hà Gia An"), world.item()
    commit()
    desk = DeskPage(ha)
    desk.scan(card(lan))
    assert desk.scan(item.accession or "")["outcome"] == "khong"


def test_one_form_changes_several_categories_and_leaves_a_trace(ha: FlaskClient, world: World) -> None:
    ha.post("/settings/terms", data=lengths(world) | lengths(world, "30", "5", code="GV"))
    assert (terms_of(world).most, terms_of(world, "GV").most) == (3, 5)  # type: ignore[union-attr]
    assert db.session.scalars(select(Trace.verb).where(Trace.verb == "change-terms")).all() == ["change-terms"]
    ha.post("/settings/terms", data=lengths(world) | lengths(world, "30", "5", code="GV"))
    assert len(db.session.scalars(select(Trace.verb).where(Trace.verb == "change-terms")).all()) == 1, "nothing changed"


def test_terms_that_cannot_be_read_are_told_beside_their_cell(ha: FlaskClient, world: World) -> None:
    answer = ha.post("/settings/terms", data=lengths(world, days="hai tuần", most=""))
    page = text(answer)
    assert answer.status_code == 422
    for words in ('value="hai tuần"', "Cần một số từ 0 đến 400.", "Ô này chưa có gì."):
        assert words in page
    assert terms_of(world) is None


def test_weekdays_move_due_dates(ha: FlaskClient, world: World) -> None:
    ha.post("/settings/terms", data=lengths(world, days="7"))
    due = clock.today() + timedelta(days=7)
    closed = due.weekday()
    days = [str(day) for day in range(7) if day != closed]
    assert ha.post("/settings/opening", data={"weekday": days}).status_code == 303
    assert lend(ha, world).due_on == due + timedelta(days=1)
    assert len(re.findall(r'name="weekday" value="\d" checked', text(ha.get("/settings")))) == 6


def test_seven_days_are_kept_as_every_day_and_none_is_refused(ha: FlaskClient, world: World) -> None:
    ha.post("/settings/opening", data={"weekday": ["0", "1"]})
    assert ha.post("/settings/opening", data={"weekday": list("0123456")}).status_code == 303
    assert db.session.scalars(select(OpenDay)).all() == []
    answer = ha.post("/settings/opening", data={"weekday": ["9", ""]})
    assert answer.status_code == 422
    assert "Chọn ít nhất một ngày mở cửa." in text(answer)


def closure(first: date, last: date | None = None, **more: str) -> dict[str, str]:
    told = {"first": f"{first:%d/%m/%Y}", "last": f"{last:%d/%m/%Y}" if last else "", "why": "Bão số 3"}
    return told | more


def test_a_closure_tells_what_falls_on_it_before_it_is_written(ha: FlaskClient, world: World) -> None:
    ha.post("/settings/terms", data=lengths(world, days="7"))
    due = lend(ha, world).due_on
    looked = ha.post("/settings/closures", data=closure(due, do="look"))
    assert (looked.status_code, "1 cuốn đang mượn có hạn trả" in text(looked)) == (200, True)
    assert f'value="{due:%d/%m/%Y}"' in text(looked)
    assert db.session.scalars(select(Closure)).all() == []
    assert ha.post("/settings/closures", data=closure(due, due + timedelta(days=2))).status_code == 303
    assert "1 cuốn đang mượn có hạn trả" in text(ha.get("/settings"))
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
    assert "Điểm trường Khuổi Mật" in text(ha.get(f"/settings?branch={uid}"))


def test_other_libraries_are_not_there(ha: FlaskClient, world: World) -> None:
    other = world.school("Trường Tiểu học Đức Xuân")
    branch = world.branch(other)
    theirs = Closure(branch_id=branch.id, first_on=clock.today(), last_on=clock.today(), why="Của họ")
    world.session.add(theirs)
    commit()
    assert ha.get(f"/settings?lib={other.slug}").status_code == 404
    assert ha.get(f"/settings?branch={branch.uid}").status_code == 404
    for path in ("terms", "opening", "closures"):
        answer = ha.post(f"/settings/{path}", data={"lib": other.slug, "weekday": "1", **closure(clock.today())})
        assert answer.status_code == 404, path
    assert ha.post("/settings/opening", data={"branch": str(branch.uid), "weekday": "1"}).status_code == 404
    assert ha.post(f"/settings/closures/{theirs.id}/delete").status_code == 404
    assert db.session.get(Closure, theirs.id) is not None


def test_the_province_changes_the_terms_of_a_school_below(app: Flask, world: World) -> None:
    school = world.school()
    account(world, "anh", RoleName.ADMINISTRATOR, world.province())
    commit()
    tu = sign_in(app, "anh")
    assert tu.post("/settings/terms", data={**lengths(world), "lib": school.slug}).status_code == 303
    assert terms_of(world) is not None


def test_who_may_not_set_rules_is_told_so(app: Flask, world: World) -> None:
    account(world, "khanh", RoleName.HELPER)
    commit()
    helper = sign_in(app, "khanh")
    assert helper.get("/settings").status_code == 403
    for path in ("terms", "opening", "closures", "closures/1/delete"):
        assert helper.post(f"/settings/{path}").status_code == 403
    assert app.test_client().get("/settings").status_code == 303


def test_the_page_asks_the_same_however_many_closures(ha: FlaskClient, world: World) -> None:
    ha.get("/settings")
    with counted() as few:
        ha.get("/settings")
    for at in range(8):
        ha.post("/settings/closures", data=closure(clock.today() + timedelta(days=at + 1)))
    with counted() as many:
        ha.get("/settings")
    assert len(many) == len(few) <= 9
