"""The full table: what holds here, adding and changing lines, and what is refused with a sentence."""

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from library.accounts.models import RoleName
from library.core import clock
from library.core.db import db
from library.holdings.models import ItemClass
from library.organisations.models import Organisation
from library.policies import classes, rulebook, writing
from library.policies.models import PolicyLine, PolicySetting
from library.policies.rulebook import line_of
from library.policies.values import NO_LIMIT, Channel, Hard, HardWhen, Length, LengthKind, Stance
from library.policies.words import ALL
from tests.support.people import account, commit, sign_in
from tests.support.policies import lends
from tests.support.statements import counted
from tests.support.world import World

NEW = "/settings/rules/new"
LENDS = {"length-kind": "days", "length-days": "14", "most": "3"}


@pytest.fixture
def ha(app: Flask, world: World) -> FlaskClient:
    account(world)
    world.category()
    commit()
    return sign_in(app)


@pytest.fixture
def tu(app: Flask, world: World) -> FlaskClient:
    """anh Tú, of the province."""
    world.school()
    account(world, "tu", RoleName.ADMINISTRATOR, world.province())
    world.category()
    commit()
    return sign_in(app, "tu")


def text(answer: Any) -> str:
    return str(answer.get_data(as_text=True))


def audio(world: World) -> ItemClass:
    network = world.school().network_id
    assert network
    made = classes.add(world.session(), network, "audio", "Băng đĩa")
    commit()
    return made


def lines() -> list[PolicyLine]:
    return list(db.session.scalars(select(PolicyLine).order_by(PolicyLine.id)))


def said() -> dict[str, Any]:
    (line,) = lines()
    return dict(line_of(line).said)


def test_every_value_is_read_shown_and_kept(ha: FlaskClient, world: World) -> None:
    """Each kind of value through the form, and back into it unchanged."""
    soon = clock.today() + timedelta(days=90)
    typed = {
        **LENDS, "category": str(world.category()), "channel": "van", "lending": "on-site", "hard-when": "before",
        "hard-on": f"{soon:%d/%m/%Y}", "closed_days": "back", "due_within_card": "no", "demand_holds": "3",
        "demand_days": "0", "most_on_site": "0", "renewals-free": "1", "unseen_renewals": "2",
        "renewal_length-kind": "term-end", "overdue": "ask", "suspension_most-free": "1", "debt_most": "50000",
        "note": "Nghỉ hè",
    }  # fmt: skip
    answer = ha.post(NEW, data=typed | {"sure": "1"})
    assert answer.status_code == 303, text(answer)
    expected = {
        "length": Length(LengthKind.DAYS, 14), "most": 3, "hard": Hard(HardWhen.BEFORE, soon), "demand_days": 0,
        "most_on_site": 0, "renewals": NO_LIMIT, "unseen_renewals": 2, "renewal_length": Length(LengthKind.TERM_END),
        "overdue": Stance.ASK, "suspension_most": NO_LIMIT, "debt_most": 50000, "due_within_card": False,
    }  # fmt: skip
    assert {name: said()[name] for name in expected} == expected
    (line,) = lines()
    assert (line.channel, line.note, line.place) == (Channel.VAN, "Nghỉ hè", f"{world.category()}/-/van")
    before, address = said(), f"/settings/rules/{line.uid}"
    again = ha.post(address, data=fields(text(ha.get(address))) | {"sure": "1"})
    assert again.status_code == 303
    assert said() == before


def fields(page: str) -> dict[str, str]:
    """What a browser would send of the form as it stands."""
    form = page[page.index('class="rule-form"') :]
    form = form[: form.index("</form>")]
    inputs = re.findall(r"<input[^>]*>", form)
    found = {}
    for one in inputs:
        name, value = re.search(r'name="([^"]+)"', one), re.search(r'value="([^"]*)"', one)
        if name and ("checkbox" not in one or " checked" in one):
            found[name[1]] = value[1] if value else ""
    for name, options in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', form, re.S):
        chosen = re.search(r'<option value="([^"]*)" selected', options)
        found[name] = chosen[1] if chosen else ""
    return found


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("most", {"most": "-1"}, "Cần một số từ 0 đến 1000."),
        ("most", {"most": "ba"}, "Cần một số từ 0 đến 1000."),
        ("most", {"most": "1,5"}, "Cần một số từ 0 đến 1000."),
        ("debt_most", {"debt_most": "-5000"}, "Cần một số từ 0 đến 100000000."),
        ("most", {"most": "3", "most-free": "1"}, "Chọn một: ghi số, hoặc đánh dấu không giới hạn."),
        ("length-days", {"length-kind": "days", "length-days": ""}, "Ô này chưa có gì."),
        ("length-days", {"length-kind": "term-end", "length-days": "3"}, "Có số ngày thì chọn"),
        ("length-on", {"length-kind": "date", "length-days": "", "length-on": "31/05/2020"}, "Ngày này đã qua."),
        ("length-on", {"length-on": "31/05/2099"}, "Có ngày thì chọn"),
        ("hard-when", {"hard-on": "31/05/2099"}, "Chọn hạn trả không muộn hơn"),
        ("hard-on", {"hard-when": "before"}, "Ô này chưa có gì."),
        ("hard-on", {"hard-when": "exactly", "hard-on": "01/01/2020"}, "Ngày này đã qua."),
        ("length-on", {"length-kind": "date", "length-days": "", "length-on": "31/05/2099"}, "nhiều nhất 10 năm nữa"),
        ("renewal_length-on", {"renewal_length-kind": "date", "renewal_length-on": "31/05/2099"}, "nhiều nhất 10 năm"),
        ("hard-on", {"hard-when": "after", "hard-on": "31/12/9999"}, "nhiều nhất 10 năm nữa"),
        ("demand_days", {"demand_holds": "3"}, "Hai ô này đi với nhau"),
        ("demand_holds", {"demand_holds": "0", "demand_days": "7"}, "Ít nhất 1 bạn đang chờ."),
        ("unseen_renewals", {"renewals": "1", "unseen_renewals": "2"}, "Không thể nhiều hơn số lần gia hạn."),
        ("unseen_renewals", {"renewals": "1", "unseen_renewals-free": "1"}, "Không thể nhiều hơn số lần gia hạn."),
        ("lending", {"lending": "perhaps"}, "Chọn một trong các mục đã cho."),
        ("category", {"category": "999999"}, "Chọn một trong các mục đã cho."),
        ("item_class", {"item_class": "999999"}, "Chọn một trong các mục đã cho."),
        ("channel", {"channel": "tàu"}, "Chọn một trong các mục đã cho."),
        ("line", {"length-kind": "", "length-days": "", "most": ""}, "Dòng này chưa nói gì."),
    ],
)
def test_wrong_rules_are_refused_beside_the_field(
    ha: FlaskClient, field: str, typed: dict[str, str], words: str
) -> None:
    """Rows B7 and B8, and what else makes no rule. Nothing is written, what was typed is kept."""
    answer = ha.post(NEW, data=LENDS | typed)
    page = text(answer)
    assert answer.status_code == 422
    assert words in page
    assert field == "line" or f'id="f-{field}-error"' in page or field in ("category", "item_class", "channel")
    assert lines() == []
    for value in filter(None, typed.values()):
        assert value in page or field in ("lending", "category", "item_class", "channel")


@pytest.mark.parametrize("name", ["most", "most_on_site", "holds", "debt_most", "overdue", "debt"])
def test_a_line_for_a_class_cannot_say_what_does_not_depend_on_the_class(
    ha: FlaskClient, world: World, name: str
) -> None:
    value = {"overdue": "ask", "debt": "ask"}.get(name, "2")
    answer = ha.post(NEW, data={"item_class": str(audio(world).id), name: value})
    assert answer.status_code == 422
    assert "Điều này không tùy loại sách" in text(answer)
    assert f'id="f-{name}-error"' in text(answer)


def test_the_same_keys_twice_are_told(ha: FlaskClient, world: World) -> None:
    lends(world.session(), world.school().id, world.category())
    commit()
    answer = ha.post(NEW, data=LENDS | {"category": str(world.category())})
    assert answer.status_code == 422
    assert "Đã có dòng cho đúng những điều này" in text(answer)


def test_a_line_that_lets_nobody_borrow_is_asked_about_once(ha: FlaskClient, world: World) -> None:
    lends(world.session(), world.school().id)
    commit()
    asked = ha.post(NEW, data={"category": str(world.category()), "most": "0"})
    assert asked.status_code == 200
    assert "không ai mượn được cuốn nào" in text(asked)
    assert len(lines()) == 1
    assert ha.post(NEW, data={"category": str(world.category()), **fields(text(asked))}).status_code == 303
    assert lines()[1].most == 0


def test_half_a_rule_is_asked_about(ha: FlaskClient) -> None:
    answer = ha.post(NEW, data={"most": "3"})
    assert "Vẫn chưa ai mượn được" in text(answer)
    assert lines() == []


def test_a_line_that_never_applies_is_asked_about_and_marked(ha: FlaskClient, world: World) -> None:
    for code in ("HS", "GV", "BD", "TT"):
        lends(world.session(), world.school().id, world.category(code))
    commit()
    asked = ha.post(NEW, data=LENDS)
    assert "Dòng này không bao giờ dùng đến" in text(asked)
    assert ha.post(NEW, data=LENDS | {"sure": "1"}).status_code == 303
    assert text(ha.get("/settings/rules")).count("không dùng đến") == 1


def test_a_line_is_changed_and_taken_away(ha: FlaskClient, world: World) -> None:
    line = lends(world.session(), world.school().id, grace_days=2)
    commit()
    address = f"/settings/rules/{line.uid}"
    form = fields(text(ha.get(address))) | {"most": "5", "grace_days": ""}
    assert ha.post(address, data=form).status_code == 303
    assert (said()["most"], "grace_days" in said()) == (5, False)
    assert ha.post(f"{address}/remove").status_code == 303
    assert lines() == []
    assert ha.post(f"{address}/remove").status_code == 404


def test_two_people_do_not_undo_each_other_unseen(ha: FlaskClient, world: World) -> None:
    line = lends(world.session(), world.school().id)
    commit()
    address = f"/settings/rules/{line.uid}"
    mine, theirs = fields(text(ha.get(address))), fields(text(ha.get(address)))
    assert ha.post(address, data=mine | {"most": "5"}).status_code == 303
    late = ha.post(address, data=theirs | {"holds": "1"})
    assert late.status_code == 422
    assert "Người khác vừa sửa dòng này" in text(late)
    assert said()["most"] == 5


def test_lines_from_above_are_shown_and_not_to_be_changed(ha: FlaskClient, world: World) -> None:
    above = lends(world.session(), world.province().id, days=21)
    lends(world.session(), world.school().id)
    commit()
    page = text(ha.get("/settings/rules"))
    assert "Thư viện tỉnh Bắc Kạn" in page
    assert "21 ngày" in page
    assert page.count(">Sửa<") == 1
    assert page.index("14 ngày") < page.index("21 ngày"), "one's own first"
    assert ha.get(f"/settings/rules/{above.uid}").status_code == 404
    for path in ("", "/remove"):
        assert ha.post(f"/settings/rules/{above.uid}{path}", data=LENDS).status_code == 404


def test_the_province_writes_for_itself_and_for_a_school_below(tu: FlaskClient, world: World) -> None:
    school, province = world.school(), world.province()
    assert tu.post(NEW, data=LENDS | {"owner": str(school.id)}).status_code == 303
    assert tu.post(NEW, data=LENDS | {"owner": str(province.id), "category": str(world.category())}).status_code == 303
    assert {line.owner_id for line in lines()} == {school.id, province.id}
    assert "Trường Tiểu học Xuất Hóa" in text(tu.get(f"/settings/rules?lib={school.slug}"))


def test_a_school_writes_for_nobody_else(ha: FlaskClient, world: World) -> None:
    other = world.school("Trường Tiểu học Đức Xuân")
    commit()
    for owner in (other.id, world.province().id):
        answer = ha.post(NEW, data=LENDS | {"owner": str(owner)})
        assert answer.status_code == 422 or all(line.owner_id == world.school().id for line in lines())
    assert not any(line.owner_id == other.id for line in lines())
    assert ha.get(f"/settings/rules?lib={other.slug}").status_code == 404


def test_whose_rules_hold_is_chosen(ha: FlaskClient, world: World) -> None:
    school = world.school().id
    assert ha.post("/settings/rules/whose", data={"rules_of": "copy"}).status_code == 303
    assert rulebook.load(world.session(), school).rules_of == "copy"
    assert re.search(r'value="copy"[^>]* checked', text(ha.get("/settings/rules")))
    assert ha.post("/settings/rules/whose", data={"rules_of": "moon"}).status_code == 422
    assert ha.post("/settings/rules/whose", data={"rules_of": "desk"}).status_code == 303
    assert [one.rules_of for one in db.session.scalars(select(PolicySetting))] == ["desk"]


def test_the_form_names_every_value_and_what_holds_without_it(ha: FlaskClient, world: World) -> None:
    writing.say(world.session(), world.province().id, {"hold_keep_days": 9})
    commit()
    page = text(ha.get(NEW))
    for value in ALL.values():
        name = {"length": "length-kind", "renewal_length": "renewal_length-kind", "hard": "hard-when"}.get(value.name)
        assert f'name="{name or value.name}"' in page
    assert "Không nói thì: 9 ngày." in page


def test_the_table_asks_the_same_however_many_lines(ha: FlaskClient, world: World) -> None:
    lends(world.session(), world.school().id)
    commit()
    ha.get("/settings/rules")
    with counted() as few:
        ha.get("/settings/rules")
    for channel in Channel:
        for code in ("HS", "GV", "BD", "TT"):
            writing.say(world.session(), world.school().id, {"most": 1}, world.category(code), None, channel)
    commit()
    ha.get("/settings/rules")
    with counted() as many:
        ha.get("/settings/rules")
    assert len(many) == len(few) <= 8


def test_who_may_not_set_rules_is_told_so(app: Flask, world: World) -> None:
    account(world, "khanh", RoleName.HELPER)
    commit()
    helper = sign_in(app, "khanh")
    for path in ("", "/new", "/presets", "/explain"):
        assert helper.get(f"/settings/rules{path}").status_code == 403
    assert isinstance(world.school(), Organisation)
