"""Two rows of one reader become one, and two again exactly; nothing is lost, and nobody sees more than before."""

from datetime import date
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from library.accounts.models import RoleName
from library.core import clock
from library.core.db import Base, db
from library.duplicates import people, people_likely
from library.duplicates.people import NotOne
from library.duplicates.people_likely import Why
from library.loans import holds
from library.loans.models import Hold, Loan
from library.organisations.models import Code
from library.patrons import changing, enrolling, groups, queries
from library.patrons.models import Card, GroupReader, Membership, Person, PersonMerge
from tests.support.people import DeskPage, account, commit, sign_in
from tests.support.policies import lends
from tests.support.world import World

TABLES = ("person", "membership", "card", "code", "loan", "hold", "group_reader", "item", "reader_word")
BORN = date(2016, 3, 9)


def rows() -> dict[str, list[tuple[Any, ...]]]:
    """Every row that a merge may touch."""
    db.session.flush()
    tables = {table.name: table for table in Base.metadata.sorted_tables}
    return {name: sorted(map(repr, db.session.execute(tables[name].select()))) for name in TABLES}  # type: ignore[misc]


def card_of(membership: Membership) -> str:
    query = select(Code.printed).join(Card, Card.code_id == Code.id)
    return db.session.scalars(query.where(Card.membership_id == membership.id).order_by(Code.id)).first() or ""


def text(answer: Any) -> str:
    return str(answer.get_data(as_text=True))


@pytest.fixture
def desk(app: Flask, world: World) -> DeskPage:
    account(world)
    lends(world.session, world.school().id, days=14, most=9)
    commit()
    return DeskPage(sign_in(app))


@pytest.fixture
def two(world: World, desk: DeskPage) -> tuple[Membership, Membership]:
    """One girl twice in one school, each with a card, a book at home and a wait; the second one reads elsewhere too."""
    kept, gone = world.patron("Hoàng Thị Mai Lan", class_name="5A"), world.patron("Hoàng thị Mai Lan")
    kept.person.born_on = gone.person.born_on = BORN
    gone.person.student_code, gone.note, gone.blocked_until = "0012345", "cận thị", None
    new = enrolling.NewPatron(gone.person.full_name, person_id=gone.person_id)
    enrolling.enrol(world.session(), world.school("Trường Tiểu học Sông Cầu"), world.category("BD"), [new])
    wanted = [world.record(f"Sách {number}") for number in range(3)]
    for record in wanted:
        world.items(1, record=record)
    for reader, record in ((kept, wanted[0]), (gone, wanted[0]), (gone, wanted[1])):
        holds.place(world.session(), world.doing(), record.id, reader.id, world.branch().id)
    items = world.items(2)
    items[1].owner_patron_id = gone.id
    groups.found(world.session(), world.school(), groups.NewGroup(clock.uuid7(), "Bộ của lớp", gone, 30))
    commit()
    for reader, item in zip((kept, gone), items, strict=True):
        code = item.accession or ""
        desk.scan(card_of(reader))
        assert desk.scan(code)["what"] == "lent"
    desk.reader = None
    return kept, gone


def merge(world: World, kept: Membership, gone: Membership, **more: Any) -> PersonMerge:
    return people.merge(world.session(), world.doing(), kept.person, gone.person, **more)


def test_all_of_the_one_goes_to_the_other(world: World, two: tuple[Membership, Membership]) -> None:
    kept, gone = two
    survivor = kept.person
    before = {name: len(found) for name, found in rows().items()}
    merge(world, kept, gone)
    assert {name: len(found) for name, found in rows().items() if name != "reader_word"} == {
        name: number for name, number in before.items() if name != "reader_word"
    }, "no row was deleted, none came"
    assert set(db.session.scalars(select(Loan.membership_id))) == {kept.id}
    waits = db.session.scalars(select(Hold).where(Hold.ended_at.is_(None))).all()
    assert sorted(hold.membership_id for hold in waits if hold.membership_id) == [kept.id] * 2, (
        "one title waited for twice"
    )
    assert (survivor.student_code, kept.note) == ("0012345", "cận thị")
    assert db.session.scalars(select(GroupReader.responsible_id)).one() == kept.id
    open_ = select(Membership.library_id, func.count()).where(
        Membership.person_id == survivor.id, Membership.to_on.is_(None)
    )
    assert [count for _, count in db.session.execute(open_.group_by(Membership.library_id))] == [1, 1]
    assert (
        db.session.scalar(select(func.count()).where(Membership.person_id != survivor.id, Membership.note.is_not(None)))
        == 0
    )


def test_both_cards_open_the_survivor_until_one_is_lost(
    world: World, desk: DeskPage, two: tuple[Membership, Membership]
) -> None:
    kept, gone = two
    first, second = card_of(kept), card_of(gone)
    merge(world, kept, gone)
    commit()
    uid = str(kept.uid)
    assert [desk.scan(card)["reader"]["uid"] for card in (first, second)] == [uid, uid]
    new = changing.replace_card(world.session(), kept)
    commit()
    assert [desk.scan(card)["what"] for card in (first, second)] == ["refused", "refused"], (
        "a lost card opens nothing, and is said to be lost"
    )
    assert desk.scan(new)["reader"]["uid"] == uid


def test_the_second_card_ends_by_choice(world: World, desk: DeskPage, two: tuple[Membership, Membership]) -> None:
    kept, gone = two
    first, second = card_of(kept), card_of(gone)
    made = merge(world, kept, gone, end_cards=True)
    commit()
    assert [desk.scan(card)["what"] for card in (first, second)] == ["reader", "unknown"]
    people.split(world.session(), world.doing(), made)
    commit()
    assert desk.scan(second)["what"] == "reader"


@pytest.mark.parametrize("end_cards", [False, True])
def test_taken_apart_everything_is_as_it_was(world: World, two: tuple[Membership, Membership], end_cards: bool) -> None:
    before = rows()
    made = merge(world, *two, end_cards=end_cards)
    assert rows() != before
    people.split(world.session(), world.doing(), made)
    after = rows()
    for name in TABLES:
        assert after[name] == before[name], name


def test_what_was_lent_since_stays_with_the_survivor_and_is_listed(
    world: World, desk: DeskPage, two: tuple[Membership, Membership]
) -> None:
    kept, gone = two
    second, item = card_of(gone), world.item()
    made = merge(world, kept, gone)
    commit()
    code, merge_id, before = item.accession or "", made.id, {kept.id: 1, gone.id: 1}
    desk.scan(second)
    assert desk.scan(code)["what"] == "lent"
    made = db.session.get_one(PersonMerge, merge_id)
    assert [loan.item_id for loan in people.since(world.session(), made)] == [item.id]
    people.split(world.session(), world.doing(), made)
    counted = dict(db.session.execute(select(Loan.membership_id, func.count()).group_by(Loan.membership_id)).all())
    assert counted == {**before, kept.id: 2}
    assert gone.to_on is None


def test_a_card_lost_since_stays_lost(world: World, desk: DeskPage, two: tuple[Membership, Membership]) -> None:
    kept, gone = two
    second = card_of(gone)
    made = merge(world, kept, gone)
    changing.replace_card(world.session(), kept)
    people.split(world.session(), world.doing(), made)
    commit()
    assert desk.scan(second)["what"] == "refused"
    changing.replace_card(world.session(), gone)


def test_a_chain_is_taken_apart_from_its_end_and_nobody_is_merged_twice(
    world: World, two: tuple[Membership, Membership]
) -> None:
    kept, gone = two
    third = world.patron("Hoàng Thị Mai Lan", class_name="5B")
    made = merge(world, kept, gone)
    one, other, last = db.session.get_one(Person, made.kept_id), db.session.get_one(Person, made.gone_id), third.person
    session = world.session()
    with pytest.raises(NotOne):
        people.merge(session, world.doing(), last, other)
    with pytest.raises(NotOne):
        people.merge(session, world.doing(), one, one)
    later = people.merge(session, world.doing(), last, one)
    with pytest.raises(NotOne):
        people.split(session, world.doing(), made)
    assert queries.standing_for(session, other).id == last.id
    found = queries.by_student_code(session, world.school().network_id, "0012345")
    assert found
    assert found.id == last.id
    people.split(session, world.doing(), later)
    people.split(session, world.doing(), made)
    with pytest.raises(NotOne):
        people.split(session, world.doing(), made)


def test_likely_pairs(world: World) -> None:
    session, school = world.session(), world.school()
    taught = {
        "Nông Văn An": "5A",
        "Nông văn Ân": "5A",
        "Lò Thị Mây": "4A",
        "Lò Thị May": "4B",
        "Ma Tú": None,
        "Ma Văn Tú": None,
    }
    for name, group in taught.items():
        world.patron(name, class_name=group)
    reader = lambda name: session.scalars(select(Person).where(Person.full_name == name)).one()  # noqa: E731
    for name in ("Lò Thị Mây", "Lò Thị May"):
        reader(name).born_on = BORN
    reader("Ma Tú").student_code, reader("Ma Văn Tú").student_code = "001-234", "1234"
    account_scope = _scope(world)
    found = {why: people_likely.pairs(session, school.id, account_scope, why)[0] for why in Why}
    said = {
        why: [{one.kept.person.full_name, one.gone.person.full_name} for one in pairs] for why, pairs in found.items()
    }
    assert said == {
        Why.BIRTH: [{"Lò Thị Mây", "Lò Thị May"}], Why.CODE: [{"Ma Tú", "Ma Văn Tú"}],
        Why.CLASS: [{"Nông Văn An", "Nông văn Ân"}],
    }  # fmt: skip
    people.keep_apart(session, world.doing(), reader("Ma Tú"), reader("Ma Văn Tú"))
    assert people_likely.pairs(session, school.id, account_scope, Why.CODE)[0] == []


def _scope(world: World, *more: Any) -> Any:
    from library.access import Scope

    return Scope(libraries=frozenset({world.school().id, *more}))


# Pages


@pytest.fixture
def pair(world: World) -> tuple[str, str]:
    """Two of one name and birth in the school: uids of the persons."""
    found = [world.patron(name, class_name="5A").person for name in ("Nông Văn An", "Nông văn An")]
    for one in found:
        one.born_on = BORN
    commit()
    return str(found[0].uid), str(found[1].uid)


def test_side_by_side_one_button_and_another_back(desk: DeskPage, pair: tuple[str, str]) -> None:
    page = text(desk.client.get("/people/duplicates"))
    assert page.count("Nông Văn An") >= 1
    assert "Nông văn An" in page
    assert desk.client.post("/people/duplicates/merge", data={"kept": pair[0], "gone": pair[1]}).status_code == 303
    made = db.session.scalars(select(PersonMerge)).one()
    after = text(desk.client.get("/people/duplicates"))
    assert str(made.uid) in after
    assert "Gộp làm một" not in after
    assert desk.client.post("/people/duplicates/split", data={"merge": str(made.uid)}).status_code == 303
    assert "Gộp làm một" in text(desk.client.get("/people/duplicates"))
    assert desk.client.post("/people/duplicates/apart", data={"kept": pair[0], "gone": pair[1]}).status_code == 303
    assert "Gộp làm một" not in text(desk.client.get("/people/duplicates"))


def test_who_reads_where_one_may_not_look_is_neither_shown_nor_merged(
    app: Flask, world: World, desk: DeskPage, pair: tuple[str, str]
) -> None:
    person = db.session.scalars(select(Person).where(Person.full_name == "Nông văn An")).one()
    new = enrolling.NewPatron(person.full_name, person_id=person.id)
    enrolling.enrol(world.session(), world.school("Trường Tiểu học Sông Cầu"), world.category("BD"), [new])
    account(world, "tu", RoleName.ADMINISTRATOR, world.province())
    commit()
    assert "Nông" not in text(desk.client.get("/people/duplicates"))
    data = {"kept": pair[0], "gone": pair[1]}
    for deed in ("merge", "apart"):
        assert desk.client.post(f"/people/duplicates/{deed}", data=data).status_code == 404
    tu: FlaskClient = sign_in(app, "tu")
    slug = world.school().slug
    assert "Nông" in text(tu.get(f"/people/duplicates?lib={slug}"))
    assert tu.post("/people/duplicates/merge", data=data).status_code == 303
    made = str(db.session.scalars(select(PersonMerge)).one().uid)
    assert desk.client.post("/people/duplicates/split", data={"merge": made}).status_code == 404


def test_what_is_remembered_of_a_merge_names_nobody(world: World, two: tuple[Membership, Membership]) -> None:
    made = merge(world, *two)
    told = repr(made.moved).casefold()
    for secret in ("hoàng", "lan", "0012345", "cận", "2016"):
        assert secret not in told
