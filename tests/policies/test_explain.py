"""The explain page: the values and the due date are those of the desk, and each is traced to its line."""

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
from library.holdings.models import Register
from library.organisations.models import Code
from library.patrons.models import Card, Membership
from library.policies import classes, writing
from library.policies.models import PolicySetting, RulesOf
from library.policies.values import Channel, Lending, Length, LengthKind, Stance
from tests.support.people import DeskPage, account, commit, sign_in
from tests.support.policies import lends
from tests.support.statements import counted
from tests.support.world import World

PAGE = "/settings/rules/explain"


@pytest.fixture
def ha(app: Flask, world: World) -> FlaskClient:
    account(world)
    world.category()
    commit()
    return sign_in(app)


def text(answer: Any) -> str:
    return str(answer.get_data(as_text=True))


def row(page: str, label: str) -> str:
    """The line of the table about one value, tags aside."""
    found = re.search(rf'<tr><th scope="row">{re.escape(label)}</th>(.*?)</tr>', page, re.S)
    assert found, label
    return " ".join(re.sub(r"<[^>]+>", " ", found[1]).split())


def card(membership: Membership) -> str:
    query = select(Code.printed).join(Card, Card.code_id == Code.id).where(Card.membership_id == membership.id)
    return db.session.scalar(query) or ""


def due(page: str) -> str:
    found = re.search(r'class="explain-due">.*?datetime="([\d-]+)"', page, re.S)
    return found[1] if found else ""


def test_each_value_names_its_line(ha: FlaskClient, world: World) -> None:
    session, school = world.session(), world.school().id
    lends(session, world.province().id, days=21, overdue=Stance.ASK)
    own = writing.say(session, school, {"length": Length(LengthKind.DAYS, 7)}, world.category())
    commit()
    page = text(ha.get(PAGE, query_string={"category": world.category()}))
    assert row(page, "Mượn trong").startswith("7 ngày Học sinh · mọi loại sách")
    assert f"/settings/rules/{own.uid}" in page
    assert "21 ngày – của thư viện bên trên" in row(page, "Mượn trong")
    assert row(page, "Đang có cuốn trễ thì").startswith("hỏi người ở quầy Mọi bạn đọc · mọi loại sách (Thư viện tỉnh")
    assert row(page, "Trễ chưa quá thì bỏ qua") == "0 ngày mặc định"
    assert due(page) == (clock.today() + timedelta(days=7)).isoformat()


def test_a_reader_and_a_copy_are_found_by_what_is_in_the_hand(ha: FlaskClient, world: World) -> None:
    session, school = world.session(), world.school()
    assert school.network_id
    lan, item = world.patron(), world.item()
    atlas = classes.add(session, school.network_id, "BD", "Bản đồ")
    item.item_class_id = atlas.id
    lan.expires_on = clock.today() + timedelta(days=3)
    lends(session, school.id, days=14)
    writing.say(session, school.id, {"length": Length(LengthKind.DAYS, 5)}, None, atlas.id)
    commit()
    page = text(ha.get(PAGE, query_string={"reader": card(lan), "copy": item.accession}))
    assert "Hoàng Thị Mai Lan" in page
    assert "Dế Mèn phiêu lưu ký" in page
    assert "(Bản đồ)" in page
    assert row(page, "Mượn trong").startswith("5 ngày Mọi bạn đọc · Bản đồ")
    assert due(page) == lan.expires_on.isoformat(), "never after the card"
    by_name = text(ha.get(PAGE, query_string={"reader": "mai lan"}))
    assert row(by_name, "Mượn trong").startswith("14 ngày")


def test_several_of_one_name_are_offered(ha: FlaskClient, world: World) -> None:
    for name in ("Nông Văn Bảo", "Nông Gia Bảo"):
        world.patron(name)
    commit()
    page = text(ha.get(PAGE, query_string={"reader": "Nông Bảo"}))
    assert "Nhiều bạn đọc có tên này" in page
    assert page.count(f'<li><a href="{PAGE}?reader=') == 2


def test_what_is_not_found_is_told_and_the_rest_explained(ha: FlaskClient, world: World) -> None:
    lends(world.session(), world.school().id)
    commit()
    page = text(ha.get(PAGE, query_string={"reader": "Không Ai", "copy": "TN.99999", "category": "abc"}))
    assert "Không có bạn đọc nào tên hay thẻ như vậy." in page
    assert "Không có bản sách nào mang mã này." in page
    assert due(page)


def test_where_nobody_speaks_nothing_is_lent(ha: FlaskClient) -> None:
    page = text(ha.get(PAGE))
    assert "Không mượn được: chưa dòng nào nói đủ" in page
    assert "Chọn một bạn đọc hay một loại bạn đọc" in page, "nobody was asked about yet"
    assert due(page) == ""


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"lending": Lending.ON_SITE}, "Chỉ đọc tại chỗ, không mang về."),
        ({"lending": Lending.NO}, "Sách này không cho mượn."),
        ({"most": 0}, "Không mượn được: giới hạn là 0 cuốn."),
    ],
)
def test_what_is_never_lent_has_no_due_date(ha: FlaskClient, world: World, said: dict[str, Any], words: str) -> None:
    lends(world.session(), world.school().id, **said)
    commit()
    page = text(ha.get(PAGE))
    assert (due(page), words in page) == ("", True)


def said(page: str) -> list[str]:
    """What the desk would say of this reader, each with how it is passed."""
    found = re.search(r'class="explain-said">(.*?)</ul>', page, re.S)
    rows = re.findall(r"<li>(.*?)</li>", found[1], re.S) if found else []
    return [" ".join(re.sub(r"<[^>]+>", " ", one).split()) for one in rows]


def test_what_the_desk_would_say_is_told_with_how_it_is_passed(ha: FlaskClient, world: World) -> None:
    lan, item = world.patron(), world.item()
    lends(world.session(), world.school().id)
    commit()
    query = {"reader": card(lan), "copy": item.accession}
    free = text(ha.get(PAGE, query_string=query))
    assert "Không có gì ngăn: quét là mượn được." in free
    lan.expires_on = clock.today() - timedelta(days=1)
    lan.note, item.register_status, item.parts = "nhắc đổi thẻ", Register.WRITTEN_OFF, "1 đĩa"
    commit()
    stopped = said(text(ha.get(PAGE, query_string=query)))
    assert [one.rsplit(". ", 1)[1] for one in stopped[:3]] == [
        "không ai cho qua được", "vẫn cho mượn được, kèm lý do", "quầy hỏi, bấm một phím",
    ]  # fmt: skip
    assert stopped[-1].endswith("chỉ nhắc")
    of_reader = said(text(ha.get(PAGE, query_string={"reader": card(lan)})))
    assert [one for one in of_reader if "Thẻ hết hạn" in one]
    assert not [one for one in of_reader if "ra khỏi sổ" in one], "no copy was asked about"


def test_a_copy_that_is_out_says_so(ha: FlaskClient, world: World) -> None:
    lan, bao, item = world.patron(), world.patron("Nông Văn Bảo"), world.item()
    lends(world.session(), world.school().id, renewals=0)
    commit()
    desk = DeskPage(ha)
    desk.scan(card(lan))
    desk.scan(item.accession or "")
    own = said(text(ha.get(PAGE, query_string={"reader": card(lan), "copy": item.accession})))
    assert "đang giữ cuốn này" in own[0]
    assert "sách này không gia hạn" in own[1]
    other = said(text(ha.get(PAGE, query_string={"reader": card(bao), "copy": item.accession})))
    assert len(other) == 1
    assert "đang ở bạn đọc khác" in other[0]


def test_the_channel_matters(ha: FlaskClient, world: World) -> None:
    lends(world.session(), world.school().id)
    writing.say(world.session(), world.school().id, {"renewals": 0}, None, None, Channel.VAN)
    commit()
    assert row(text(ha.get(PAGE)), "Gia hạn mấy lần").startswith("1 lần")
    assert row(text(ha.get(PAGE, query_string={"channel": "van"})), "Gia hạn mấy lần").startswith("0 lần")


@pytest.mark.parametrize("whose", list(RulesOf))
def test_b6_whose_rules_hold(app: Flask, world: World, whose: RulesOf) -> None:
    """A copy of one school, a reader of a second, the desk of a third; asked by the province and by the desk's own."""
    session, desk = world.session(), world.school()
    copy_of, reader_of = world.school("Trường Tiểu học Sông Cầu"), world.school("Trường Tiểu học Đức Xuân")
    libraries = {RulesOf.DESK: (7, desk), RulesOf.COPY: (14, copy_of), RulesOf.READER: (21, reader_of)}
    for days, one in libraries.values():
        lends(session, one.id, days=days)
    session.add(PolicySetting(library_id=desk.id, rules_of=whose))
    item, lan = world.item(copy_of), world.patron(library=reader_of)
    account(world, "tu", RoleName.ADMINISTRATOR, world.province())
    account(world)
    commit()
    asked = {"copy": item.accession, "reader": card(lan), "lib": desk.slug}
    days, owner = libraries[whose][0], libraries[whose][1].name
    page = text(sign_in(app, "tu").get(PAGE, query_string=asked))
    assert row(page, "Mượn trong").startswith(f"{days} ngày")
    assert f"Theo chính sách của {owner}." in page
    own = text(sign_in(app).get(PAGE, query_string=asked))
    assert "Hoàng Thị Mai Lan" not in own, "another school's reader is not for this librarian to see"
    assert row(own, "Mượn trong").startswith(f"{7 if whose is RulesOf.READER else days} ngày")


def test_another_schools_rules_are_not_there(ha: FlaskClient, world: World) -> None:
    other = world.school("Trường Tiểu học Đức Xuân")
    commit()
    assert ha.get(PAGE, query_string={"lib": other.slug}).status_code == 404


def test_the_page_asks_the_same_however_many_lines(ha: FlaskClient, world: World) -> None:
    lan, item = world.patron(), world.item()
    lends(world.session(), world.school().id)
    commit()
    query = {"reader": card(lan), "copy": item.accession}
    ha.get(PAGE, query_string=query)
    with counted() as few:
        ha.get(PAGE, query_string=query)
    for channel in Channel:
        writing.say(world.session(), world.school().id, {"renewals": 2}, world.category(), None, channel)
    commit()
    ha.get(PAGE, query_string=query)
    with counted() as many:
        ha.get(PAGE, query_string=query)
    assert len(many) == len(few) <= 20
