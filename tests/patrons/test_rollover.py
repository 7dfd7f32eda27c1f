"""The whole school goes into the next year at one click, and back within a week."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select

from library.access import Scope
from library.accounts.models import RoleName
from library.calendars.models import SchoolYear
from library.core import clock
from library.core.db import db
from library.inbox.models import Act
from library.jobs import nightly
from library.loans.models import Loan
from library.organisations.models import Code
from library.patrons import changing, enrolling, queries, rolling
from library.patrons.enrolling import NewPatron
from library.patrons.models import Card, Membership, Person, Rollover, SchoolClass
from tests.support.people import DeskPage, account, commit, sign_in
from tests.support.policies import lends
from tests.support.statements import counted
from tests.support.world import World

JUNE = datetime(2027, 6, 3, 2, 0, tzinfo=UTC)
YEAR_END = date(2027, 5, 31)
NEXT = "2027-2028"
CLASSES = {"1A": 1, "4A": 4, "4B": 4, "5A": 5, "Ghép 2+3": None}


def enter(world: World, names: Sequence[str], taught: str, grade: int | None, until: date | None = YEAR_END) -> None:
    room = enrolling.school_class(world.session(), world.school_year(), world.branch().id, taught, grade)
    people = [NewPatron(name, class_id=room.id, expires_on=until) for name in names]
    enrolling.enrol(world.session(), world.school(), world.category(), people)


@pytest.fixture
def june() -> Iterator[None]:
    with clock.stopped_at(JUNE):
        yield


@pytest.fixture
def school(world: World) -> World:
    """Three pupils in each of five classes, “Lan 4A 1” to “Lan Ghép 2+3 3”; cards until the end of May."""
    for taught, grade in CLASSES.items():
        enter(world, [f"Lan {taught} {at}" for at in (1, 2, 3)], taught, grade)
    lends(world.session, world.school().id, days=14, most=3, due_within_card=False)  # fmt: skip
    account(world)
    commit()
    return world


@pytest.fixture
def ha(app: Flask, school: World, june: None) -> Any:
    return sign_in(app)


def where() -> dict[str, str]:
    """{name: class and year} of those who read here; “–” for who reads here no more."""
    db.session.rollback()
    query = select(Person.full_name, SchoolClass.name, SchoolYear.label, Membership.to_on)
    query = query.join(Membership, Membership.person_id == Person.id).join(
        SchoolClass, Membership.class_id == SchoolClass.id
    )
    rows = db.session.execute(query.join(SchoolYear, SchoolYear.id == SchoolClass.school_year_id))
    return {name: "–" if to_on else f"{taught} {year}" for name, taught, year, to_on in rows}


def uid_of(name: str) -> UUID:
    query = select(Membership.uid).join(Person, Person.id == Membership.person_id).where(Person.full_name == name)
    return db.session.scalars(query).one()


def class_uids() -> dict[str, UUID]:
    query = select(SchoolClass.name, SchoolClass.uid).join(SchoolYear).where(SchoolYear.label == "2026-2027")
    return dict(db.session.execute(query).all())


def all_classes() -> list[str]:
    return sorted(db.session.scalars(select(SchoolClass.name)))


def form(**more: Any) -> dict[str, Any]:
    """As the page proposes it; the mixed class, of which no name tells, goes to “Ghép 3+4”."""
    rooms = class_uids()
    proposed = {"1A": "2A", "4A": "5A", "4B": "5B", "Ghép 2+3": "Ghép 3+4"}
    told: dict[str, Any] = {f"to-{rooms[name]}": to for name, to in proposed.items()}
    told |= {f"again-{uid}": name for name, uid in rooms.items()}
    told |= {f"leave-{rooms['5A']}": "1", "extends": "1", "do": "roll", "year": NEXT, "uid": str(clock.uuid7())}
    return {**told, **more}


def rolled(client: Any, **more: Any) -> UUID:
    answer = client.post("/people/roll-over", data=form(**more))
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return UUID(answer.headers["Location"].rsplit("/", 1)[1])


def people() -> list[tuple[Any, ...]]:
    """Every membership as it is, for comparing before and after."""
    db.session.rollback()
    columns = (Membership.id, Membership.class_id, Membership.from_on, Membership.to_on, Membership.expires_on)
    return sorted(tuple(row) for row in db.session.execute(select(*columns)))


def lend_to(app: Flask, world: World, name: str) -> None:
    """In May a book came into the hands of this pupil."""
    query = select(Code.printed).join(Card, Card.code_id == Code.id).join(Membership).join(Person)
    card = db.session.scalars(query.where(Person.full_name == name)).one()
    with clock.stopped_at(JUNE - timedelta(days=20)):
        label = world.item().accession
        commit()
        desk = DeskPage(sign_in(app))
        desk.scan(card)
        assert desk.scan(label or "")["what"] == "lent"


def test_the_page_proposes_the_next_class_and_says_who_leaves(ha: Any) -> None:
    page = ha.get("/people/roll-over").get_data(as_text=True)
    rooms = class_uids()
    assert f"Chuyển sang năm học {NEXT}" in page
    for name, to in {"1A": "2A", "4A": "5A", "4B": "5B", "5A": "", "Ghép 2+3": ""}.items():
        assert f'name="to-{rooms[name]}" value="{to}"' in page, name
    assert page.count(" checked") == 2, "only 5A leaves; cards are extended"
    assert "9 em lên lớp" in page and "6 em ra trường" in page
    assert where()["Lan 1A 1"] == "1A 2026-2027", "a page writes nothing"


def test_the_mixed_class_must_be_told_where_it_goes(ha: Any) -> None:
    before = people()
    answer = ha.post("/people/roll-over", data=form(**{f"to-{class_uids()['Ghép 2+3']}": ""}))
    assert answer.status_code == 422
    assert "Ghi lớp của năm học tới, hoặc đánh dấu ra trường." in answer.get_data(as_text=True)
    assert people() == before


def test_a_date_made_of_a_class_is_told(ha: Any) -> None:
    answer = ha.post("/people/roll-over", data=form(**{f"to-{class_uids()['4A']}": "06/02/2026"}))
    assert answer.status_code == 422 and "Excel đã đổi tên lớp thành ngày" in answer.get_data(as_text=True)


def test_looking_again_counts_and_writes_nothing(ha: Any) -> None:
    before = people()
    page = ha.post("/people/roll-over", data=form(do="look", stay=[str(uid_of("Lan 4A 2"))])).get_data(as_text=True)
    assert "11 em lên lớp" in page and "1 em ở lại lớp" in page and "3 em ra trường" in page
    assert people() == before


def test_everybody_goes_up_stays_or_leaves_in_one_act(ha: Any) -> None:
    acts = db.session.scalar(select(func.count()).select_from(Act))
    uid = rolled(ha, stay=[str(uid_of("Lan 4A 2")), str(uid_of("Lan 5A 3"))])
    now = where()
    assert {now[f"Lan 1A {at}"] for at in (1, 2, 3)} == {f"2A {NEXT}"}
    assert (now["Lan 4A 1"], now["Lan 4A 2"], now["Lan 4B 1"]) == (f"5A {NEXT}", f"4A {NEXT}", f"5B {NEXT}")
    assert (now["Lan 5A 1"], now["Lan 5A 2"], now["Lan 5A 3"]) == ("–", "–", f"5A {NEXT}")
    assert now["Lan Ghép 2+3 1"] == f"Ghép 3+4 {NEXT}"
    assert db.session.scalar(select(func.count()).select_from(Act)) == (acts or 0) + 1
    grades = dict(
        db.session.execute(
            select(SchoolClass.name, SchoolClass.grade).join(SchoolYear).where(SchoolYear.label == NEXT)
        ).all()
    )
    assert grades == {"2A": 2, "4A": 4, "5A": 5, "5B": 5, "Ghép 3+4": None}
    page = ha.get(f"/people/roll-over/{uid}").get_data(as_text=True)
    assert "11 em lên lớp" in page and "2 em ở lại lớp" in page and "2 em ra trường" in page


def test_cards_follow_the_school_year_if_wanted(ha: Any, school: World) -> None:
    longer = school.session.scalars(select(Membership).join(Person).where(Person.full_name == "Lan 1A 1")).one()
    endless = school.session.scalars(select(Membership).join(Person).where(Person.full_name == "Lan 1A 2")).one()
    longer.expires_on, endless.expires_on = date(2030, 1, 1), None
    commit()
    rolled(ha)
    until = dict(db.session.execute(select(Person.full_name, Membership.expires_on).join(Membership)).all())
    assert (until["Lan 1A 1"], until["Lan 1A 2"], until["Lan 1A 3"]) == (date(2030, 1, 1), None, date(2028, 5, 31))
    assert until["Lan 5A 1"] == YEAR_END, "who leaves gets no longer card"


def test_cards_stay_as_they_are_if_not_wanted(ha: Any) -> None:
    rolled(ha, extends="")
    assert set(db.session.scalars(select(Membership.expires_on))) == {YEAR_END}


def test_books_of_those_who_leave_stay_lent_and_are_listed_to_print(app: Flask, ha: Any, school: World) -> None:
    lend_to(app, school, "Lan 5A 1")
    lend_to(app, school, "Lan 4A 1")
    page = ha.get("/people/roll-over").get_data(as_text=True)
    assert "1 em ra trường còn giữ 1 cuốn." in page
    uid = rolled(ha)
    assert db.session.scalar(select(func.count()).where(Loan.ended_at.is_(None))) == 2
    printed = ha.get(f"/people/roll-over/{uid}/leavers").get_data(as_text=True)
    assert "Lan 5A 1" in printed and "Dế Mèn" in printed and "TN.00001" in printed
    assert "Lan 4A 1" not in printed and "Lan 5A 2" not in printed


def test_whom_a_list_has_brought_already_is_left_alone(ha: Any, school: World) -> None:
    """Half of 4A is in the new 5A already: the others join them there."""
    year = SchoolYear(
        organisation_id=school.school().id, label=NEXT, from_on=date(2027, 8, 29), to_on=date(2028, 5, 25)
    )
    school.session.add(year)
    school.session.flush()
    room = enrolling.school_class(school.session(), year, school.branch().id, "5A", 5)
    one = school.session.scalars(select(Membership).join(Person).where(Person.full_name == "Lan 4A 1")).one()
    one.class_id = room.id
    commit()
    page = ha.get("/people/roll-over").get_data(as_text=True)
    assert "1 em đã có lớp mới từ danh sách, để nguyên" in page
    uid = rolled(ha)
    assert {where()[f"Lan 4A {at}"] for at in (1, 2, 3)} == {f"5A {NEXT}"}
    query = select(func.count()).select_from(SchoolClass).join(SchoolYear).where(SchoolYear.label == NEXT)
    assert db.session.scalar(query.where(SchoolClass.name == "5A")) == 1
    until = dict(db.session.execute(select(Person.full_name, Membership.expires_on).join(Membership)).all())
    assert (until["Lan 4A 1"], until["Lan 4A 2"]) == (YEAR_END, date(2028, 5, 25)), "the year's own last day"
    ha.post(f"/people/roll-over/{uid}/undo")
    assert where()["Lan 4A 1"] == f"5A {NEXT}" and where()["Lan 4A 2"] == "4A 2026-2027"


def test_undoing_puts_everything_back(ha: Any) -> None:
    before, rooms = people(), all_classes()
    uid = rolled(ha, stay=[str(uid_of("Lan 4A 2"))])
    assert people() != before
    assert ha.post(f"/people/roll-over/{uid}/undo").status_code == 303
    assert people() == before
    assert all_classes() == rooms, "classes made for the new year are gone"
    assert db.session.scalars(select(SchoolYear.label)).all() == ["2026-2027"]
    assert "Mọi em về lớp cũ" in ha.get(f"/people/roll-over/{uid}").get_data(as_text=True)
    assert ha.post(f"/people/roll-over/{uid}/undo").status_code == 409
    assert rolled(ha) != uid, "and may be done again"


def test_what_changed_since_stays_and_is_listed(ha: Any, school: World) -> None:
    before = {row[0]: row for row in people()}
    uid = rolled(ha)
    readers = {name: school.session.scalars(select(Membership).join(Person).where(Person.full_name == name)).one()
               for name in ("Lan 1A 1", "Lan 4A 1", "Lan 5A 1", "Lan 5A 2")}  # fmt: skip
    other = school.session.scalars(select(SchoolClass.id).where(SchoolClass.name == "5B")).one()
    readers["Lan 1A 1"].expires_on = date(2029, 1, 1)
    readers["Lan 4A 1"].class_id = other
    changing.reopen(school.session(), readers["Lan 5A 1"])
    again = [NewPatron("", person_id=readers["Lan 5A 2"].person_id)]
    enrolling.enrol(school.session(), school.school(), school.category(), again)
    ids = {name: one.id for name, one in readers.items()}
    commit()

    assert ha.post(f"/people/roll-over/{uid}/undo").status_code == 303

    after = {row[0]: row for row in people()}
    changed = {name for name, member in ids.items() if after[member] != before[member]}
    assert changed == {"Lan 1A 1", "Lan 4A 1", "Lan 5A 2"}
    assert after[ids["Lan 1A 1"]][1:5] == (before[ids["Lan 1A 1"]][1], *before[ids["Lan 1A 1"]][2:4], date(2029, 1, 1))
    assert after[ids["Lan 4A 1"]][1] == other and after[ids["Lan 4A 1"]][4] == YEAR_END
    assert all(after[one] == before[one] for one in before if one not in ids.values())
    page = ha.get(f"/people/roll-over/{uid}").get_data(as_text=True)
    assert "3 em giữ nguyên vì đã đổi từ sau hôm ấy" in page
    assert all(name in page for name in changed) and "Lan 5A 1" not in page
    assert other in db.session.scalars(select(SchoolClass.id)).all(), "a class that is used stays"


def test_after_seven_days_it_stays(ha: Any) -> None:
    uid = rolled(ha)
    with clock.stopped_at(JUNE + timedelta(days=7, minutes=1)):
        db.session.query(Rollover).update({"made_at": JUNE})
        db.session.commit()
        made = db.session.query(Rollover).one()
        with pytest.raises(rolling.NotBack):
            rolling.undo(db.session(), _doing(), made)
    assert where()["Lan 1A 1"] == f"2A {NEXT}"
    assert str(uid) == str(made.uid)


def _doing() -> Any:
    from library.inbox.acts import Doing

    return Doing.now()


def test_the_same_form_twice_is_one_act(ha: Any) -> None:
    told = form()
    first, second = (ha.post("/people/roll-over", data=told) for _ in range(2))
    assert first.headers["Location"] == second.headers["Location"]
    assert db.session.query(Rollover).count() == 1
    empty = ha.post("/people/roll-over", data=form())
    assert empty.status_code in (409, 422), "nobody is left to go up"


def test_who_moved_meanwhile_stays_where_they_are(ha: Any, school: World) -> None:
    """Between looking and writing: the class is not what was thought."""
    from library.patrons.rollover import Rolling
    from library.patrons.rollover import school as whole_school

    whole = whole_school(school.session(), school.school().id, NEXT)
    other = school.session.scalars(select(SchoolClass.id).where(SchoolClass.name == "4B")).one()
    moved = school.session.scalars(select(Membership).join(Person).where(Person.full_name == "Lan 4A 1")).one()
    gone = school.session.scalars(select(Membership).join(Person).where(Person.full_name == "Lan 4A 2")).one()
    gone.to_on, moved.class_id = JUNE.date(), None
    school.session.flush()
    plan = Rolling.usual(whole)
    made = rolling.roll(school.session(), school.doing(), school.school().id, plan)
    commit()
    assert moved.class_id is None and where()["Lan 4A 2"] == "–" and where()["Lan 4A 3"] == f"5A {NEXT}"
    assert other and len(made.moved["members"]) == 13  # type: ignore[index]


def test_the_number_of_statements_does_not_grow_with_the_school(ha: Any, school: World) -> None:
    def statements() -> int:
        told = form()
        with counted() as sent:
            answer = ha.post("/people/roll-over", data=told)
        assert answer.status_code == 303
        ha.post(answer.headers["Location"] + "/undo")
        return len(sent)

    statements()  # what is asked once is asked here
    few = statements()
    enter(school, [f"Mai {at}" for at in range(120)], "1A", 1)
    commit()
    assert statements() == few <= 40


def test_nobody_else_may(app: Flask, school: World, june: None) -> None:
    account(school, "lan", RoleName.READER)
    account(school, "tu", RoleName.LIBRARIAN, school.school("Trường Tiểu học Sông Cầu"))
    commit()
    assert sign_in(app, "lan").get("/people/roll-over").status_code == 403
    tu = sign_in(app, "tu")
    assert "Lan" not in tu.get("/people/roll-over").get_data(as_text=True)
    before = people()
    tu.post("/people/roll-over", data=form(lib=school.school().slug))
    tu.post("/people/roll-over", data=form())
    assert people() == before


def test_whose_way_it_was_is_forgotten_and_the_figures_stay(app: Flask, ha: Any) -> None:
    rolled(ha)
    nightly.forget(clock.now() + timedelta(days=29))
    assert db.session.query(Rollover).one().moved
    nightly.forget(clock.now() + timedelta(days=32))
    db.session.expire_all()
    made = db.session.query(Rollover).one()
    assert made.moved is None and ["1A", "2A", 3, 0, 0] in made.figures
    ha = sign_in(app)  # the session has aged too
    assert ha.post(f"/people/roll-over/{made.uid}/undo").status_code == 409
    assert ha.get(f"/people/roll-over/{made.uid}").status_code == 200


def test_after_the_roll_over_in_june_the_new_classes_stand_in_the_list_and_the_empty_ones_do_not(world: World) -> None:
    session, june = world.session(), date(2027, 6, 10)
    school = world.school()
    world.patron("Hoàng Thị Mai Lan", class_name="4A")
    old = world.school_year()
    old.from_on, old.to_on = date(2026, 9, 1), date(2027, 5, 31)
    session.flush()
    everything = Scope(everything=True)
    assert [(one.name, count) for one, count in queries.classes(session, school.id, june, everything)] == [("4A", 1)]
    reader = session.scalars(select(Membership)).one()
    coming = SchoolYear(organisation_id=school.id, label="2027-2028", from_on=date(2027, 9, 1), to_on=date(2028, 5, 31))
    session.add(coming)
    session.flush()
    reader.class_id = enrolling.school_class(session, coming, world.branch().id, "5A", 5).id
    session.flush()
    assert [(one.name, count) for one, count in queries.classes(session, school.id, june, everything)] == [("5A", 1)]
