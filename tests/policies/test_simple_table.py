"""The settings page's simple table: it changes what it shows and nothing else, and holds at the desk at once."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from library.accounts.models import RoleName
from library.audit import Trace
from library.core import clock
from library.core.db import db
from library.loans.models import Loan
from library.organisations.models import Code
from library.patrons.models import Card, Membership
from library.policies import rulebook, writing
from library.policies.models import PolicyLine
from library.policies.values import NO_LIMIT, Length, LengthKind, Stance, Values
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


def lengths(world: World, days: str = "14", most: str = "3", renewals: str = "1", code: str = "HS") -> dict[str, str]:
    one = world.category(code)
    return {f"days-{one}": days, f"most-{one}": most, f"renewals-{one}": renewals, f"overdue-{one}": "1"}


def line_of(world: World, code: str = "HS") -> PolicyLine | None:
    return writing.find(world.session(), world.school().id, world.category(code))


def values(world: World, code: str = "HS") -> Values:
    return rulebook.load(world.session(), world.school().id).resolve(world.category(code), None).values


def card(membership: Membership) -> str:
    query = select(Code.printed).join(Card, Card.code_id == Code.id).where(Card.membership_id == membership.id)
    return db.session.scalar(query) or ""


def test_what_is_written_here_holds_at_the_desk(ha: FlaskClient, world: World) -> None:
    assert ha.post("/settings/terms", data=lengths(world, days="7")).status_code == 303
    lan, item = world.patron(), world.item()
    commit()
    desk = DeskPage(ha)
    desk.scan(card(lan))
    assert desk.scan(item.accession or "")["outcome"] == "ok"
    assert db.session.scalars(select(Loan.due_on)).one() == clock.today() + timedelta(days=7)
    now = values(world)
    assert (now.overdue, now.due_within_card, now.holds) == (Stance.REFUSE, False, 3)


def test_a_category_of_which_nobody_speaks_is_told_and_borrows_nothing(ha: FlaskClient, world: World) -> None:
    lan, item = world.patron("Hà Gia An"), world.item()
    commit()
    assert "máy không cho mượn" in text(ha.get("/settings"))
    ha.post("/settings/terms", data=lengths(world))
    assert "máy không cho mượn" not in text(ha.get("/settings"))
    ha.post("/settings/terms", data=lengths(world, "", "", ""))
    assert line_of(world) is None
    desk = DeskPage(ha)
    desk.scan(card(lan))
    assert desk.scan(item.accession or "")["outcome"] == "khong"


def test_one_form_changes_several_categories_and_leaves_a_trace(ha: FlaskClient, world: World) -> None:
    both = lengths(world) | lengths(world, "30", "5", code="GV")
    ha.post("/settings/terms", data=both)
    assert (values(world).most, values(world, "GV").most) == (3, 5)
    traces = select(Trace.verb).where(Trace.verb == "change-terms")
    assert len(db.session.scalars(traces).all()) == 1
    ha.post("/settings/terms", data=both)
    assert len(db.session.scalars(traces).all()) == 1, "nothing changed"


def test_what_cannot_be_read_is_told_beside_its_cell(ha: FlaskClient, world: World) -> None:
    answer = ha.post("/settings/terms", data=lengths(world, days="hai tuần", most=""))
    page = text(answer)
    assert answer.status_code == 422
    for words in ('value="hai tuần"', "Cần một số từ 0 đến 400.", "Ô này chưa có gì."):
        assert words in page
    assert line_of(world) is None


@pytest.mark.parametrize("wrong", ["-1", "1,5", "ba", "401"])
def test_no_number_below_nought_or_beyond_sense(ha: FlaskClient, world: World, wrong: str) -> None:
    assert ha.post("/settings/terms", data=lengths(world, days=wrong)).status_code == 422
    assert line_of(world) is None


def test_what_the_table_does_not_show_survives(ha: FlaskClient, world: World) -> None:
    said = {"grace_days": 2, "suspension_days": 1, "holds": 0, "hold_keep_days": 9}
    lends(world.session(), world.school().id, world.category(), **said)
    commit()
    ha.post("/settings/terms", data=lengths(world, "7", "2", "0"))
    now = values(world)
    assert (now.length, now.most, now.renewals) == (Length(LengthKind.DAYS, 7), 2, 0)
    assert {name: getattr(now, name) for name in said} == said
    ha.post("/settings/terms", data=lengths(world, "", "", ""))
    line = line_of(world)
    assert line
    assert (line.length_days, line.most, line.grace_days, line.holds) == (None, None, 2, 0)


def test_what_no_number_tells_is_left_to_the_full_table(ha: FlaskClient, world: World) -> None:
    till_term_ends = {"length": Length(LengthKind.TERM_END), "most": NO_LIMIT, "overdue": Stance.ASK}
    writing.say(world.session(), world.school().id, till_term_ends, world.category())
    commit()
    page = text(ha.get("/settings"))
    for words in ("đến hết học kỳ", "không giới hạn", "hỏi người ở quầy"):
        assert f">{words}</a>" in page
    assert ha.post("/settings/terms", data=lengths(world, "7", "2", "1")).status_code == 303
    now = values(world)
    assert (now.length, now.most, now.overdue, now.renewals) == (*till_term_ends.values(), 1)


def test_an_empty_cell_shows_and_keeps_what_holds_from_above(ha: FlaskClient, world: World) -> None:
    lends(world.session(), world.province().id, days=21, most=4)
    commit()
    page = text(ha.get("/settings"))
    assert 'placeholder="21"' in page
    assert "chưa mượn được" not in page
    assert ha.post("/settings/terms", data=lengths(world, "", "2", "")).status_code == 303
    line = line_of(world)
    assert line
    assert (line.length_days, line.most, line.renewals, line.overdue, line.holds) == (None, 2, None, None, None)
    assert values(world).length == Length(LengthKind.DAYS, 21)


def test_the_province_changes_the_table_of_a_school_below(app: Flask, world: World) -> None:
    school = world.school()
    account(world, "anh", RoleName.ADMINISTRATOR, world.province())
    commit()
    tu = sign_in(app, "anh")
    assert tu.post("/settings/terms", data={**lengths(world), "lib": school.slug}).status_code == 303
    assert line_of(world) is not None


def test_other_libraries_are_not_there(ha: FlaskClient, world: World) -> None:
    other = world.school("Trường Tiểu học Đức Xuân")
    commit()
    assert ha.get(f"/settings?lib={other.slug}").status_code == 404
    assert ha.post("/settings/terms", data={"lib": other.slug, **lengths(world)}).status_code == 404


def test_who_may_not_set_rules_is_told_so(app: Flask, world: World) -> None:
    account(world, "khanh", RoleName.HELPER)
    commit()
    helper = sign_in(app, "khanh")
    assert helper.get("/settings").status_code == 403
    assert helper.post("/settings/terms").status_code == 403
    assert app.test_client().get("/settings").status_code == 303


def test_the_page_asks_the_same_however_many_lines(ha: FlaskClient, world: World) -> None:
    ha.get("/settings")
    with counted() as few:
        ha.get("/settings")
    for code in ("HS", "GV", "BD", "TT"):
        lends(world.session(), world.school().id, world.category(code))
    commit()
    ha.get("/settings")
    with counted() as many:
        ha.get("/settings")
    assert len(many) == len(few) <= 6
