"""One person, several memberships; known people enrolled without a word about them; moving school; groups."""

from datetime import date
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, update

from library.accounts.models import RoleName
from library.core.db import db
from library.core.fold import fold, name_key
from library.loans.models import Loan
from library.organisations.models import Code, Organisation, OrganisationKind
from library.patrons import changing, enrolling, words
from library.patrons.changing import Arriving, ReadsHereAlready
from library.patrons.models import Card, GroupReader, Membership, Person, ReaderWord
from library.patrons.words import Among
from tests.support.people import DeskPage, account, commit, sign_in
from tests.support.policies import lends
from tests.support.world import World

BORN = date(2016, 3, 9)


def text(answer: object) -> str:
    return answer.get_data(as_text=True)  # type: ignore[attr-defined, no-any-return]


def card_of(membership: Membership) -> str:
    query = select(Code.printed).join(Card, Card.code_id == Code.id)
    return db.session.scalar(query.where(Card.membership_id == membership.id, Card.ended_at.is_(None))) or ""


def also_at(world: World, membership: Membership, library: Organisation) -> Membership:
    person = enrolling.NewPatron(membership.person.full_name, person_id=membership.person_id)
    ((made, _),) = enrolling.enrol(world.session(), library, world.category("BD", library), [person])
    return world.session().get_one(Membership, made)


def add(client: FlaskClient, name: str = "Sùng A Páo", born: str = "09/03/2016", **more: str) -> object:
    return client.post(
        "/people", data={"uid": str(uuid4()), "full_name": name, "born": born, "group": "nhom-HS", **more}
    )


def count(model: type) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


@pytest.fixture
def pao(world: World) -> Membership:
    """Sùng A Páo of the next school, with a full birth date and things nobody else needs to know."""
    found = world.patron("Sùng A Páo", world.school("Trường Tiểu học Sông Cầu"), class_name="3A")
    found.person.born_on, found.person.student_code = BORN, "0012345678"
    found.note = "nhà ở Khuổi Vàng"
    return found


@pytest.fixture
def ha(app: Flask, world: World, pao: Membership) -> FlaskClient:
    account(world)
    for library in (world.school(), pao.library):
        lends(world.session, library.id, days=14, most=3)
    commit()
    return sign_in(app)


# One person at three libraries


def test_a_page_shows_the_memberships_of_ones_own_scope_and_no_others(
    app: Flask, ha: FlaskClient, world: World
) -> None:
    lan = world.patron(class_name="5A")
    next_door, van = world.school("Trường Tiểu học Đức Xuân"), world.school("Xe thư viện")
    for place in (next_door, van):
        also_at(world, lan, place)
    account(world, "tu", RoleName.ADMINISTRATOR, world.province())
    commit()
    uid = lan.uid
    mine = text(ha.get(f"/people/{uid}"))
    assert "Trường Tiểu học Đức Xuân" not in mine
    assert "Xe thư viện" not in mine
    whole = text(sign_in(app, "tu").get(f"/people/{uid}"))
    assert whole.count("Trường Tiểu học Đức Xuân") >= 1
    assert "Xe thư viện" in whole
    assert (
        db.session.scalar(
            select(func.count(Membership.person_id.distinct())).where(Membership.person_id == lan.person_id)
        )
        == 1
    )


# Somebody the network knows


def test_name_and_full_birth_date_find_a_person_and_tell_nothing(ha: FlaskClient, pao: Membership) -> None:
    asked = add(ha)
    assert asked.status_code == 422  # type: ignore[attr-defined]
    page = text(asked)
    assert "đúng tên và ngày sinh này" in page
    for secret in ("0012345678", "Sông Cầu", "3A", "Khuổi Vàng", str(pao.uid), str(pao.person.uid)):
        assert secret not in page
    assert count(Membership) == 1


def test_one_tick_gives_the_known_person_a_second_membership(ha: FlaskClient, pao: Membership) -> None:
    assert add(ha, known="same").status_code == 303  # type: ignore[attr-defined]
    assert (count(Person), count(Membership)) == (1, 2)
    assert add(ha, name="Sùng A Páo", known="other", born="9/3/2016").status_code in (303, 422)  # type: ignore[attr-defined]


def test_another_person_of_that_name_and_day_is_added_when_said_so(ha: FlaskClient, pao: Membership) -> None:
    assert add(ha, known="other").status_code == 303  # type: ignore[attr-defined]
    assert (count(Person), count(Membership)) == (2, 2)


@pytest.mark.parametrize(
    "typed", [{"born": "2016"}, {"born": ""}, {"born": "10/03/2016"}, {"name": "Sùng A Pao"}, {"name": "Sùng Páo"}]
)
def test_less_than_all_of_it_finds_nobody(ha: FlaskClient, pao: Membership, typed: dict[str, str]) -> None:
    assert add(ha, **typed).status_code == 303  # type: ignore[attr-defined]
    assert count(Person) == 2


def test_two_people_of_that_name_and_day_are_nobody(ha: FlaskClient, world: World, pao: Membership) -> None:
    world.patron("Sùng A Páo", pao.library, class_name="4A").person.born_on = BORN
    commit()
    assert add(ha).status_code == 303  # type: ignore[attr-defined]
    assert count(Person) == 3


def test_a_code_with_its_name_finds_the_person_and_with_another_name_tells_no_name(
    ha: FlaskClient, pao: Membership
) -> None:
    wrong = add(ha, name="Lò Văn Tú", born="", student_code="0012345678")
    assert wrong.status_code == 422  # type: ignore[attr-defined]
    assert "Páo" not in text(wrong)
    assert add(ha, born="", student_code="0012345678").status_code == 303  # type: ignore[attr-defined]
    assert (count(Person), count(Membership)) == (1, 2)


def test_nobody_of_another_network_is_found(ha: FlaskClient, world: World, pao: Membership) -> None:
    from library.organisations import founding

    far = founding.found(world.session(), OrganisationKind.PROVINCE, "Thư viện tỉnh khác")
    pao.person.network_id = far.id
    commit()
    assert add(ha).status_code == 303  # type: ignore[attr-defined]
    assert count(Person) == 2


# Another school, with books still out


def lent(world: World, client: FlaskClient, reader: Membership) -> tuple[str, int]:
    item = world.item(reader.library)
    commit()
    code, item_id, desk = item.accession or "", item.id, DeskPage(client)
    desk.scan(card_of(reader))
    assert desk.scan(code)["what"] == "lent"
    return code, item_id


def test_moving_leaves_loans_with_the_old_school_which_takes_them_back(
    app: Flask, ha: FlaskClient, world: World
) -> None:
    lan = world.patron(class_name="5A")
    code, item = lent(world, ha, lan)
    new = world.school("Trường Trung học cơ sở Xuất Hóa")
    there, card = changing.move(world.session(), lan, Arriving(new, world.category()))
    commit()
    loan = db.session.scalars(select(Loan)).one()
    assert (loan.membership_id, loan.ended_at) == (lan.id, None)
    assert (lan.to_on is not None, db.session.get_one(Membership, there).person_id) == (True, lan.person_id)
    assert card
    account(world, "tu", RoleName.ADMINISTRATOR, world.province())
    commit()
    uids = [lan.uid, db.session.get_one(Membership, there).uid]
    tu = sign_in(app, "tu")
    for uid in uids:
        assert "Dế Mèn phiêu lưu ký" in text(tu.get(f"/people/{uid}")), "listed at both where the scope allows"
    assert DeskPage(ha).scan(code)["what"] == "returned"
    db.session.expire_all()
    assert db.session.scalars(select(Loan)).one().ended_at is not None
    assert item


def test_nobody_moves_to_where_they_read_already(world: World) -> None:
    lan, new = world.patron(), world.school("Trường Trung học cơ sở Xuất Hóa")
    also_at(world, lan, new)
    with pytest.raises(ReadsHereAlready):
        changing.move(world.session(), lan, Arriving(new, world.category()))


def test_moving_by_the_page(app: Flask, world: World) -> None:
    lan, new = world.patron(class_name="5A"), world.school("Trường Trung học cơ sở Xuất Hóa")
    account(world, "tu", RoleName.ADMINISTRATOR, world.province())
    commit()
    client, uid, slug, person = sign_in(app, "tu"), lan.uid, new.slug, lan.person_id
    assert new.name in text(client.get(f"/people/{uid}/move?to={slug}"))
    assert client.post(f"/people/{uid}/move", data={"to": slug}).status_code == 422
    assert client.post(f"/people/{uid}/move", data={"to": slug, "group": "nhom-HS"}).status_code == 303
    db.session.expire_all()
    reads = db.session.execute(
        select(Membership.library_id, Membership.to_on.is_(None)).where(Membership.person_id == person)
    )
    assert {(row[0], bool(row[1])) for row in reads} == {(world.school().id, False), (new.id, True)}


# Groups


def test_a_class_set_borrows_by_its_own_limit_and_somebody_answers_for_it(ha: FlaskClient, world: World) -> None:
    world.patron("Lường Thị Hoa")
    commit()
    told = {"uid": str(uuid4()), "full_name": "Lớp 5A, bộ đọc chung", "responsible": "hoa", "most": "40"}
    made = ha.post("/people/groups", data=told)
    assert made.status_code == 303
    assert ha.post("/people/groups", data=told).location == made.location
    page = text(ha.get(made.location))
    assert "Lường Thị Hoa" in page
    group = db.session.scalars(select(GroupReader)).one()
    assert (group.membership.category.code, group.most) == ("TT", 40)
    items = world.items(5)
    commit()
    codes, desk = [item.accession or "" for item in items], DeskPage(ha)
    desk.scan(card_of(group.membership))
    assert [desk.scan(code)["what"] for code in codes] == ["lent"] * 5, "three books are the limit of everybody else"
    answers = db.session.get_one(Membership, group.responsible_id)
    assert "Lớp 5A, bộ đọc chung" in text(ha.get(f"/people/{answers.uid}"))


def test_several_of_that_name_are_offered_and_nobody_is_told(ha: FlaskClient, world: World) -> None:
    for name in ("Lường Thị Hoa", "Ma Thị Hoa"):
        world.patron(name)
    commit()
    told = {"uid": str(uuid4()), "full_name": "Bộ của cô Hoa", "responsible": "hoa"}
    page = text(ha.post("/people/groups", data=told))
    assert "Ma Thị Hoa" in page
    ma = db.session.scalars(select(Membership).join(Membership.person).where(Person.full_name == "Ma Thị Hoa")).one()
    uid, ma_id = str(ma.uid), ma.id
    assert ha.post("/people/groups", data={**told, "pick": uid}).status_code == 303
    assert db.session.scalars(select(GroupReader.responsible_id)).one() == ma_id
    assert ha.post("/people/groups", data={**told, "responsible": "zzz"}).status_code == 422
    assert ha.post("/people/groups", data={**told, "most": "0"}).status_code == 422


# Names


NAMES = (
    "H'Hen Niê", "Sùng A Páo", "Lý Tả Mẩy", "Y Moan Ênuôl", "Thạch Thị Đa Ni", "Páo", "Ma Văn-Sinh", "Rơ Châm H’Phik",
    "Đinh Thị Ka Rê " + "Y" * 45, "Nguyễn Thị Mai Lan", "Lỳ Ỳ Ý", "Kpă Y Ơn", "Ksor H'Bơ Khăp",
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_every_name_is_taken_as_it_is_and_found_by_each_of_its_words(ha: FlaskClient, world: World, name: str) -> None:
    assert add(ha, name=name, born="").status_code == 303  # type: ignore[attr-defined]
    mine = select(Membership).join(Membership.person).where(Membership.library_id == world.school().id)
    (found,) = db.session.scalars(mine).all()
    assert found.person.full_name == name
    reader = found.id
    here = Among(frozenset([world.school().id]))
    for typed in (name, name.lower(), fold(name), *fold(name).split(), " ".join(reversed(fold(name).split()))):
        assert reader in words.find(db.session(), typed, here).ids, typed


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("NVA", ["Nguyễn Văn An", "Ngô Việt Anh"]), ("nva", ["Nguyễn Văn An", "Ngô Việt Anh"]),
        ("an nguyen", ["Nguyễn Văn An"]), ("Nguyễn Văn", ["Nguyễn Văn An"]), ("ng v a", ["Nguyễn Văn An", "Ngô Việt Anh"]),
        ("lí", ["Lý Tả Mẩy"]), ("ly", ["Lý Tả Mẩy"]), ("hhn", ["H'Hen Niê"]), ("%", []), ("nguyen zz", []), ("", []), ("=", []),
    ],
)  # fmt: skip
def test_finding(world: World, typed: str, found: list[str]) -> None:
    made = {world.patron(name).id: name for name in ("Ngô Việt Anh", "Lý Tả Mẩy", "Nguyễn Văn An", "H'Hen Niê")}
    world.session().flush()
    for among in (Among(frozenset([world.school().id])), Among(None)):
        assert [made[one] for one in words.find(db.session(), typed, among).ids] == found


SYLLABLES = st.sampled_from("Lan lan Lân Lăn An Ánh Thị Văn Nguyễn Niê H'Hen A Y Mỹ Mĩ Ơn Đa Đạ Páo Ngân".split())
FULL = st.lists(SYLLABLES, min_size=1, max_size=5).map(" ".join)


def plainly(people: dict[int, str], typed: str) -> list[int]:
    """Without an index: every typed word begins a word of the name."""
    asked = fold(typed).split()
    fits = [one for one, name in people.items() if all(any(w.startswith(a) for w in fold(name).split()) for a in asked)]
    return sorted(fits, key=lambda one: (name_key(people[one]), one))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(FULL, min_size=1, max_size=14), st.lists(st.text("lanthieuvgypđá ", min_size=1, max_size=8), max_size=6)
)
@example(["Nguyễn Văn An", "Nguyễn An"], ["an n"])
def test_what_is_found_is_what_reading_every_name_finds(world: World, names: list[str], typed: list[str]) -> None:
    people = {world.patron(name).id: name for name in names}
    db.session.flush()
    for few in (0, words.FEW):  # walking common words, and sorting rare ones, must say the same
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(words, "FEW", few)
            for text_ in (*typed, *(name[: len(name) // 2 + 1] for name in names)):
                expected = plainly(people, text_)
                if fold(text_) and expected and not (text_.strip().isupper() and len(text_.split()) == 1):
                    for among in (Among(frozenset([world.school().id])), Among(None)):
                        assert list(words.find(db.session(), text_, among).ids) == expected, text_
    db.session.rollback()
    world._made.clear()


def test_the_words_follow_the_name_whoever_writes_it(world: World) -> None:
    lan, bao = world.patron("Hoàng Thị Mai Lan"), world.patron("Đàm Quốc Bảo")
    also_at(world, lan, world.school("Trường Tiểu học Sông Cầu"))
    said = lambda one: sorted(db.session.scalars(select(ReaderWord.word).where(ReaderWord.membership_id == one.id)))  # noqa: E731
    assert said(lan) == ["=html", "hoang", "lan", "mai", "thi"]
    new = "Hoàng Hà"
    values = {"full_name": new, "name_folded": fold(new), "name_sort": name_key(new)}
    db.session.execute(update(Person).where(Person.id == lan.person_id).values(values))
    assert said(lan) == ["=hh", "ha", "hoang"]
    assert said(bao) == ["=dqb", "bao", "dam", "quoc"]
    next_door = world.school("Trường Tiểu học Sông Cầu").id
    db.session.execute(update(Membership).where(Membership.id == bao.id).values(library_id=next_door))
    place = select(ReaderWord.library_id).distinct().where(ReaderWord.membership_id == bao.id)
    assert list(db.session.scalars(place)) == [next_door]


def test_a_search_over_all_libraries_shows_those_in_scope_only(app: Flask, ha: FlaskClient, world: World) -> None:
    world.patron("Lò Thị Mây")
    world.patron("Lò Văn Mây", world.school("Trường Tiểu học Sông Cầu"))
    account(world, "tu", RoleName.ADMINISTRATOR, world.province())
    commit()
    whole = text(sign_in(app, "tu").get("/people?lib=*&q=may"))
    assert "Lò Văn Mây" in whole
    assert "Lò Thị Mây" in whole
    assert "Lò Văn Mây" not in text(ha.get("/people?lib=*&q=may"))
