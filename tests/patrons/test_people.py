"""Pages on readers: found, added in one go, changed, given a new card; never those of another library."""

import re
from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from library.accounts import managing
from library.accounts.models import Grant, RoleName
from library.audit import Trace
from library.core import clock
from library.core.db import db
from library.organisations.models import Code
from library.patrons.models import Card, Membership, Person
from tests.support.people import DeskPage, account, commit, sign_in
from tests.support.policies import lends
from tests.support.statements import counted
from tests.support.world import World


@pytest.fixture
def ha(app: Flask, world: World) -> FlaskClient:
    """cô Hà, librarian, in her school with class 5A."""
    account(world)
    world.patron("Hoàng Thị Mai Lan", class_name="5A")
    commit()
    return sign_in(app)


def text(answer: object) -> str:
    return answer.get_data(as_text=True)  # type: ignore[attr-defined, no-any-return]


def names(page: str) -> list[str]:
    return re.findall(r'class="people-name"[^>]*>([^<]+)<', page)


def reader(name: str) -> Membership:
    return db.session.scalars(select(Membership).join(Membership.person).where(Person.full_name == name)).one()


def class_key() -> str:
    return f"lop-{reader('Hoàng Thị Mai Lan').school_class.uid}"  # type: ignore[union-attr]


def add(client: FlaskClient, **more: str) -> object:
    told = {"uid": str(uuid4()), "full_name": "Nông Minh Khôi", "group": class_key(), **more}
    return client.post("/people", data=told)


def card_of(membership: Membership) -> Code:
    query = select(Code).join(Card, Card.code_id == Code.id).where(Card.membership_id == membership.id)
    return db.session.scalars(query.where(Card.ended_at.is_(None))).one()


def test_readers_stand_in_the_vietnamese_order_and_are_found_without_marks(ha: FlaskClient, world: World) -> None:
    for name in ("Lý Thị Ánh", "Hà Gia An", "Đàm Quốc Bảo"):
        world.patron(name, class_name="5A")
    assert names(text(ha.get("/people"))) == ["Hà Gia An", "Lý Thị Ánh", "Đàm Quốc Bảo", "Hoàng Thị Mai Lan"]
    assert names(text(ha.get("/people?q=dam bao"))) == ["Đàm Quốc Bảo"]
    assert names(text(ha.get(f"/people?q={card_of(reader('Hà Gia An')).printed}"))) == ["Hà Gia An"]
    assert names(text(ha.get("/people?q=%25"))) == []


def test_readers_are_narrowed_to_a_class_or_to_those_without_one(ha: FlaskClient, world: World) -> None:
    world.patron("Ma Thị Hoa")
    world.patron("Lý Văn Tú", class_name="3A")
    uid = reader("Lý Văn Tú").school_class.uid  # type: ignore[union-attr]
    assert names(text(ha.get(f"/people?class={uid}"))) == ["Lý Văn Tú"]
    assert names(text(ha.get("/people?kind=HS"))) == ["Ma Thị Hoa"]


def test_nobody_of_another_library_is_listed_or_shown(ha: FlaskClient, world: World) -> None:
    other = world.school("Trường Tiểu học Đức Xuân")
    there = world.patron("Bàn Văn Sinh", library=other, class_name="4B")
    commit()
    assert "Bàn Văn Sinh" not in text(ha.get("/people?q=ban"))
    assert ha.get(f"/people?lib={other.slug}").status_code == 404
    for path in ("", "/edit", "/card"):
        assert ha.get(f"/people/{there.uid}{path}").status_code == 404
    for path in ("", "/end", "/reopen", "/card"):
        assert ha.post(f"/people/{there.uid}{path}").status_code == 404
    assert there.to_on is None
    assert names(text(ha.get(f"/people?class={there.school_class.uid}"))) == []  # type: ignore[union-attr]


def test_whoever_may_not_see_readers_is_told_so(app: Flask, world: World) -> None:
    account(world, "khanh", RoleName.HELPER)
    lan = world.patron()
    commit()
    helper = sign_in(app, "khanh")
    for path in ("/people", "/people/new", f"/people/{lan.uid}", f"/people/{lan.uid}/card"):
        assert helper.get(path).status_code == 403, path
    assert app.test_client().get("/people").status_code == 303


def test_a_grant_for_one_class_shows_that_class_only(app: Flask, world: World) -> None:
    lan, tu = world.patron(class_name="5A"), world.patron("Lý Văn Tú", class_name="3A")
    teacher = managing.open_account(world.session(), "hoa", "Ma Thị Hoa", "mật khẩu để thử", world.branch())
    managing.grant(world.session(), teacher, RoleName.LIBRARIAN, world.school().id, class_id=lan.class_id)
    commit()
    hoa = sign_in(app, "hoa")
    page = text(hoa.get("/people"))
    assert names(page) == ["Hoàng Thị Mai Lan"]
    assert "3A" not in page
    assert hoa.get(f"/people/{tu.uid}").status_code == 404
    assert hoa.get(f"/people/{lan.uid}").status_code == 200


def test_a_reader_is_added_with_class_and_card_in_one_go(ha: FlaskClient, world: World) -> None:
    answer = add(ha, sex="male", born="2016")
    assert answer.status_code == 303  # type: ignore[attr-defined]
    khoi = reader("Nông Minh Khôi")
    assert khoi.school_class and khoi.school_class.name == "5A"
    assert (khoi.category.code, khoi.person.born_year_only) == ("HS", True)
    assert khoi.expires_on == world.school_year().to_on
    page = text(ha.get(answer.headers["Location"]))  # type: ignore[attr-defined]
    number = card_of(khoi).printed
    assert f"{number[:4]} {number[4:8]} {number[8:]}" in page
    assert f'<option value="{class_key()}" selected' in page, "the next name goes into the same class"


def test_the_same_form_twice_adds_one_reader_and_a_changed_one_adds_another(ha: FlaskClient) -> None:
    uid = str(uuid4())
    first, again = add(ha, uid=uid), add(ha, uid=uid)
    assert first.headers["Location"] == again.headers["Location"]  # type: ignore[attr-defined]
    assert add(ha, uid=uid, full_name="Hà Thị Bích").status_code == 303  # type: ignore[attr-defined]
    assert db.session.scalar(select(func.count(Membership.id))) == 3


def test_add_and_print_leads_to_the_card(ha: FlaskClient) -> None:
    answer = add(ha, then="card")
    sheet = ha.get(answer.headers["Location"])  # type: ignore[attr-defined]
    assert (sheet.status_code, sheet.mimetype, sheet.data[:5]) == (200, "application/pdf", b"%PDF-")


def test_somebody_of_the_same_name_in_the_class_is_asked_about(ha: FlaskClient) -> None:
    asked = add(ha, full_name="Hoàng thị mai Lan")
    assert asked.status_code == 422  # type: ignore[attr-defined]
    assert "Có phải là một người?" in text(asked)
    assert add(ha, full_name="Hoàng thị mai Lan", anyway="1").status_code == 303  # type: ignore[attr-defined]


def test_what_was_typed_stays_when_something_is_wrong(ha: FlaskClient) -> None:
    answer = add(ha, full_name="", born="31/02/2016", group="lop-khong-co")
    page = text(answer)
    assert answer.status_code == 422  # type: ignore[attr-defined]
    for words in (
        "Ô này chưa có gì.",
        "Ngày viết như 31/12/2026.",
        "Chọn lớp, hoặc loại bạn đọc.",
        'value="31/02/2016"',
    ):
        assert words in page
    assert add(ha, born="1700").status_code == 422  # type: ignore[attr-defined]


def test_a_student_code_belongs_to_one_person_of_the_network(ha: FlaskClient, world: World) -> None:
    assert add(ha, student_code="HS 01").status_code == 303  # type: ignore[attr-defined]
    other = add(ha, full_name="Hà Thị Bích", student_code="HS01")
    assert other.status_code == 422  # type: ignore[attr-defined]
    assert "Mã này đã là của Nông Minh Khôi." in text(other)
    away = world.patron("Giàng A Páo", library=world.school("Trường Tiểu học Đức Xuân"))
    away.person.student_code = "HS02"
    assert add(ha, full_name="Giàng A Páo", student_code="HS02").status_code == 303  # type: ignore[attr-defined]
    assert db.session.scalar(select(func.count()).where(Membership.person_id == away.person_id)) == 2


def test_a_category_without_a_class_is_chosen_as_well(ha: FlaskClient) -> None:
    assert add(ha, full_name="Ma Thị Hoa", group="nhom-GV").status_code == 303  # type: ignore[attr-defined]
    hoa = reader("Ma Thị Hoa")
    assert (hoa.category.code, hoa.class_id) == ("GV", None)


def test_a_reader_is_changed(ha: FlaskClient, world: World) -> None:
    world.patron("Lý Văn Tú", class_name="5B")
    lan = reader("Hoàng Thị Mai Lan")
    told = {"full_name": "Hoàng Thị Mai Lân", "group": f"lop-{reader('Lý Văn Tú').school_class.uid}"}  # type: ignore[union-attr]
    days = {"expires_on": "31/05/2027", "blocked_until": ""}
    assert ha.post(f"/people/{lan.uid}", data=told | days).status_code == 303
    assert lan.school_class and lan.school_class.name == "5B"
    assert str(lan.expires_on) == "2027-05-31"
    assert names(text(ha.get("/people?q=lan"))) == ["Hoàng Thị Mai Lân"]
    verbs = set(db.session.scalars(select(Trace.verb).where(Trace.subject == str(lan.uid))))
    assert verbs == {"change-full-name", "change-class-id", "change-expires-on"}


def test_a_change_that_cannot_be_read_changes_nothing(ha: FlaskClient) -> None:
    lan = reader("Hoàng Thị Mai Lan")
    answer = ha.post(f"/people/{lan.uid}", data={"full_name": "Lan", "group": class_key(), "expires_on": "mai"})
    assert answer.status_code == 422
    assert 'value="mai"' in text(answer)
    assert lan.person.full_name == "Hoàng Thị Mai Lan"


def test_a_class_of_last_year_may_stay_as_it_is(ha: FlaskClient) -> None:
    lan = reader("Hoàng Thị Mai Lan")
    lan.category_id = db.session.scalars(select(Membership.category_id)).first() or 0
    page = text(ha.get(f"/people/{lan.uid}/edit"))
    assert f'<option value="{class_key()}" selected' in page


def test_a_lost_card_opens_nothing_and_the_new_one_does(ha: FlaskClient, world: World) -> None:
    lends(world.session, world.school().id, days=14, most=3)
    lan = reader("Hoàng Thị Mai Lan")
    old = card_of(lan)
    commit()
    assert "Thẻ " in text(ha.get(f"/people/{lan.uid}/card"))
    for _ in range(2):
        assert ha.post(f"/people/{lan.uid}/card", data={"lost": old.printed}).status_code == 303
    new = card_of(lan)
    assert new.printed != old.printed
    assert db.session.scalar(select(func.count()).where(Card.membership_id == lan.id)) == 2, "the second click is idle"
    assert old.valid_to is not None
    lost = db.session.scalars(select(Card).where(Card.code_id == old.id)).one()
    assert lost.lost and lost.ended_at is not None
    desk = DeskPage(ha)
    assert desk.scan(old.printed)["what"] != "reader"
    assert desk.scan(new.printed)["what"] == "reader"


def test_who_leaves_may_come_back_with_the_same_card(ha: FlaskClient) -> None:
    lan = reader("Hoàng Thị Mai Lan")
    number = card_of(lan).printed
    assert ha.post(f"/people/{lan.uid}/end").status_code == 303
    assert lan.to_on == clock.today()
    assert names(text(ha.get("/people"))) == []
    assert names(text(ha.get("/people?ended=1"))) == ["Hoàng Thị Mai Lan"]
    assert "Cho đọc lại" in text(ha.get(f"/people/{lan.uid}"))
    assert ha.post(f"/people/{lan.uid}/reopen").status_code == 303
    assert lan.to_on is None
    assert card_of(lan).printed == number


def test_the_page_of_a_reader_tells_what_they_hold(ha: FlaskClient, world: World) -> None:
    lends(world.session, world.school().id, days=14, most=3)
    lan, item = reader("Hoàng Thị Mai Lan"), world.item()
    commit()
    desk = DeskPage(ha)
    desk.scan(card_of(lan).printed)
    assert desk.scan(item.accession or "")["outcome"] == "ok"
    page = text(ha.get(f"/people/{lan.uid}"))
    assert "Đang giữ 1 cuốn" in page
    assert "Dế Mèn phiêu lưu ký" in page
    assert (item.accession or "?") in page


def test_the_list_asks_the_same_however_long_it_is(ha: FlaskClient, world: World) -> None:
    ha.get("/people")
    with counted() as few:
        ha.get("/people")
    for at in range(40):
        world.patron(f"Lý Thị Ánh {at}", class_name="5A" if at % 2 else "4A")
    commit()
    with counted() as many:
        assert len(names(text(ha.get("/people")))) == 41
    assert len(many) == len(few) <= 9


def test_a_page_of_a_reader_asks_the_same_however_much_they_hold(ha: FlaskClient, world: World) -> None:
    lends(world.session, world.school().id, days=14, most=9)
    lan = reader("Hoàng Thị Mai Lan")
    ha.get(f"/people/{lan.uid}")
    with counted() as few:
        ha.get(f"/people/{lan.uid}")
    desk = DeskPage(ha)
    desk.scan(card_of(lan).printed)
    for item in world.items(4):
        commit()
        desk.scan(item.accession or "")
    with counted() as many:
        assert "Đang giữ 4 cuốn" in text(ha.get(f"/people/{lan.uid}"))
    assert len(many) == len(few) <= 16


def test_an_unknown_reader_is_not_there(ha: FlaskClient) -> None:
    assert ha.get(f"/people/{UUID(int=7)}").status_code == 404
    assert db.session.scalar(select(func.count(Grant.id))) == 1
