"""A reader made of tokens no other text holds is forgotten; then the whole database is read for them."""

import json
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from library.core import clock
from library.core.db import Base, db, for_writing
from library.inbox import acts
from library.inbox.acts import Doing
from library.jobs import nightly
from library.loans.models import Hold, HoldChange, Loan
from library.organisations.models import Code
from library.patrons import details
from library.patrons.models import Card, Membership
from library.privacy import consenting, forgetting, looks
from library.privacy.consenting import Said
from library.privacy.forgetting import NOBODY, Months, remembered_since
from library.privacy.models import Consent, Purpose, Relation
from library.uses.models import DocumentUse
from tests.support.people import DeskPage, account, commit, sign_in
from tests.support.policies import lends
from tests.support.world import World

NAME, CODE, NOTE, MOTHER = "Zynthia Qoxvare Wemblu", "HSQX7731ZZ", "gọi số 0999888777", "Praxelle Vondrik"
BORN = date(2015, 3, 27)
TOKENS = ("zynthia", "qoxvare", "wemblu", "hsqx7731zz", "0999888777", "praxelle", "vondrik", "2015-03-27",
          "qxwhy", "qxblocked")  # fmt: skip


@pytest.fixture
def ha(app: Flask, world: World) -> FlaskClient:
    """cô Hà at her desk, in a school whose pupils may borrow."""
    account(world)
    school = world.school()
    lends(world.session, school.id, days=14, most=5)
    commit()
    return sign_in(app)


@pytest.fixture
def pupil(world: World, ha: FlaskClient) -> Membership:
    """Everything the library can know of a child is known of this one."""
    for_writing()
    session = world.session()
    reader = world.patron(NAME, class_name="5A")
    reader.person.student_code, reader.person.born_on, reader.note = CODE, BORN, NOTE
    reader.blocked_why = "qxblocked"
    waited(world, reader)
    details.put(session, reader.library_id, {reader.person_id: {"parents": MOTHER, "ethnicity": "Tày"}})
    said = Said(Purpose.NAME, Relation.MOTHER, MOTHER, True, f"phiếu của {MOTHER}", clock.today())
    consenting.give(session, reader, said, None)
    commit()
    return reader


def waited(world: World, reader: Membership) -> None:
    """For a title, and given up, with a reason somebody wrote."""
    session, now = world.session(), clock.now()
    act = acts.write(session, Doing.now(branch_id=world.branch().id), "cancel-hold", now)
    hold = Hold(
        uid=clock.uuid7(), act_id=act, record_id=world.record().id, membership_id=reader.id, placed_at=now,
        branch_id=world.branch().id, ended_at=now, ended_by=act, ended_why="cancelled",
    )  # fmt: skip
    session.add(hold)
    session.flush()
    session.add(HoldChange(act_id=act, hold_id=hold.id, before={}, why="qxwhy", voided=False))
    session.flush()


def card_of(reader: Membership) -> str:
    query = select(Code.printed).join(Card, Card.code_id == Code.id).where(Card.membership_id == reader.id)
    return str(db.session.scalars(query).first())


def borrowed(ha: FlaskClient, world: World, reader: Membership) -> None:
    """A book lent and brought back at the desk."""
    page, copy = DeskPage(ha), world.item().accession or ""
    commit()
    assert page.scan(card_of(reader))["what"] == "reader"
    assert page.scan(copy)["what"] == "lent"
    page.reader = None
    assert page.scan(copy)["what"] == "returned"


def whole_database() -> str:
    """Every row of every table as text, letters small."""
    db.session.rollback()
    rows: list[Any] = []
    with db.engine.connect() as connection:
        for table in Base.metadata.tables.values():
            rows += [tuple(row) for row in connection.execute(select(table))]
    return json.dumps(rows, default=str, ensure_ascii=False).lower()


def leave(reader: Membership) -> None:
    for_writing()
    db.session.get_one(Membership, reader.id).to_on = clock.today()
    commit()


def test_a_forgotten_reader_is_nowhere_in_the_database(ha: FlaskClient, world: World, pupil: Membership) -> None:
    borrowed(ha, world, pupil)
    card, uid = card_of(pupil).lower(), pupil.uid
    assert all(token in whole_database() for token in (*TOKENS, card)), "the test would find nothing"
    leave(pupil)
    answer = ha.post(f"/people/{uid}/forget", data={"sure": "1"})
    assert answer.status_code == 303, answer.get_data(as_text=True)
    nightly.forget(clock.now() + timedelta(days=100))  # messages of the desk and their answers go by themselves
    db.session.rollback()
    left = whole_database()
    assert [token for token in (*TOKENS, card) if token in left] == []
    assert NOBODY.lower() in left


def test_figures_and_loans_stay_without_a_name(ha: FlaskClient, world: World, pupil: Membership) -> None:
    borrowed(ha, world, pupil)
    before = [(use.kind, use.class_name, use.quantity) for use in db.session.scalars(select(DocumentUse))]
    leave(pupil)
    ha.post(f"/people/{pupil.uid}/forget", data={"sure": "1"})
    db.session.expire_all()
    assert [(use.kind, use.class_name, use.quantity) for use in db.session.scalars(select(DocumentUse))] == before != []
    (loan,) = db.session.scalars(select(Loan)).all()
    assert loan.membership_id is None
    assert loan.class_id is not None
    assert loan.ended_at is not None


def test_who_reads_or_has_a_book_is_not_forgotten(ha: FlaskClient, world: World, pupil: Membership) -> None:
    page, copy = DeskPage(ha), world.item().accession or ""
    commit()
    page.scan(card_of(pupil))
    page.scan(copy)
    refused = ha.post(f"/people/{pupil.uid}/forget", data={"sure": "1"})
    assert refused.status_code == 409
    assert "còn giữ sách" in refused.get_data(as_text=True)
    assert "còn thẻ" in refused.get_data(as_text=True)
    assert NAME.lower() in whole_database()


def test_without_being_sure_nothing_happens(ha: FlaskClient, pupil: Membership) -> None:
    leave(pupil)
    assert ha.post(f"/people/{pupil.uid}/forget", data={}).status_code == 422
    assert NAME.lower() in whole_database()


# By the calendar


def test_who_had_a_book_is_forgotten_a_year_after_it_came_back(
    ha: FlaskClient, world: World, pupil: Membership
) -> None:
    borrowed(ha, world, pupil)
    nightly.forget(clock.now() + timedelta(days=360))
    assert db.session.scalars(select(Loan.membership_id)).all() == [pupil.id]
    assert "qxwhy" in whole_database()
    nightly.forget(clock.now() + timedelta(days=370))
    assert db.session.scalars(select(Loan.membership_id)).all() == [None]
    assert "qxwhy" not in whole_database(), "what was written of a turn goes with who waited"


def test_who_asked_us_to_keep_the_list_keeps_it_until_they_change_their_mind(
    app: Flask, ha: FlaskClient, world: World, pupil: Membership
) -> None:
    borrowed(ha, world, pupil)
    for_writing()
    reader = db.session.get_one(Membership, pupil.id)
    said = Said(Purpose.HISTORY, Relation.MOTHER, MOTHER, True, "phiếu", clock.today())
    made = consenting.give(db.session(), reader, said, None)
    commit()
    page = ha.get(f"/people/{pupil.uid}/data").get_data(as_text=True)
    assert "Sách đã đọc" in page
    assert "Dế Mèn" in page
    nightly.forget(clock.now() + timedelta(days=400))
    assert db.session.scalars(select(Loan.membership_id)).all() == [pupil.id]
    again = sign_in(app)  # the night forgot her session too
    again.post(f"/people/{pupil.uid}/consents/{made.uid}/withdraw")
    assert "Sách đã đọc" not in again.get(f"/people/{pupil.uid}/data").get_data(as_text=True)
    nightly.forget(clock.now() + timedelta(days=400))
    assert db.session.scalars(select(Loan.membership_id)).all() == [None]


def test_a_library_says_how_long_it_remembers(ha: FlaskClient, world: World, pupil: Membership) -> None:
    borrowed(ha, world, pupil)
    assert ha.post("/settings/privacy", data={"loans": "3", "leavers": "0"}).status_code == 422
    assert ha.post("/settings/privacy", data={"loans": "3", "leavers": "6"}).status_code == 303
    assert forgetting.months_of(db.session(), world.school().id) == Months(3, 6)
    nightly.forget(clock.now() + timedelta(days=95))
    assert db.session.scalars(select(Loan.membership_id)).all() == [None]


def test_a_library_that_remembers_nothing_forgets_the_night_after(
    ha: FlaskClient, world: World, pupil: Membership
) -> None:
    borrowed(ha, world, pupil)
    assert ha.post("/settings/privacy", data={"loans": "0", "leavers": "6"}).status_code == 303
    assert 'value="0"' in ha.get("/settings/privacy").get_data(as_text=True)
    whose = lambda: db.session.scalars(select(Loan.membership_id)).all()  # noqa: E731
    midnight = datetime.combine(clock.today() + timedelta(days=1), time.min, clock.HERE)
    nightly.forget(clock.now())
    assert whose() == [pupil.id], "a desk still takes it back"
    nightly.forget(max(midnight, clock.now() + timedelta(hours=3)))
    assert whose() == [None]
    assert db.session.scalars(select(DocumentUse)).all(), "the figures stay"


@pytest.mark.parametrize(
    ("now", "since"),
    [
        ("2026-11-21T20:00+07:00", "2026-11-21T00:00+07:00"),  # in the evening: today's are kept
        ("2026-11-22T02:30+07:00", "2026-11-22T00:00+07:00"),  # the night after: all of yesterday goes
        ("2026-11-22T00:10+07:00", "2026-11-21T22:10+07:00"),  # but for what a desk may still undo
    ],
)
def test_no_month_is_until_the_night_after(now: str, since: str) -> None:
    assert remembered_since(datetime.fromisoformat(now), 0) == datetime.fromisoformat(since)


def test_who_left_is_forgotten_by_night_and_who_stayed_is_not(ha: FlaskClient, world: World, pupil: Membership) -> None:
    for_writing()
    other = world.patron("Hoàng Thị Mai Lan", class_name="5A")
    commit()
    leave(pupil)
    nightly.forget(clock.now() + timedelta(days=700))
    assert NAME.lower() in whole_database()
    nightly.forget(clock.now() + timedelta(days=740))
    left = whole_database()
    assert [token for token in TOKENS if token in left] == []
    assert db.session.get_one(Membership, other.id).person.full_name == "Hoàng Thị Mai Lan"


def test_who_reads_elsewhere_or_holds_a_book_is_not_forgotten_by_night(
    ha: FlaskClient, world: World, pupil: Membership
) -> None:
    page, copy = DeskPage(ha), world.item().accession or ""
    commit()
    page.scan(card_of(pupil))
    page.scan(copy)
    leave(pupil)
    nightly.forget(clock.now() + timedelta(days=3000))
    assert NAME.lower() in whole_database()


# Consents, looks, taking along


def test_a_consent_needs_who_when_and_where_it_is_written(ha: FlaskClient, pupil: Membership) -> None:
    told = {"purpose": "history", "relation": "mother", "given_by": "", "given_on": "31/12/2999", "evidence": ""}
    answer = ha.post(f"/people/{pupil.uid}/consents", data=told)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    for words in ("Ghi họ tên người ký.", "Ngày này chưa tới.", "Ô này chưa có gì.", "Em từ 7 tuổi trở lên"):
        assert words in page
    good = told | {"given_by": MOTHER, "given_on": "05/09/2026", "evidence": "cặp 5A", "child_agrees": "1"}
    assert ha.post(f"/people/{pupil.uid}/consents", data=good).status_code == 303
    assert ha.post(f"/people/{pupil.uid}/consents", data=good).status_code == 409, "agreed twice"
    assert len(db.session.scalars(select(Consent)).all()) == 2


def test_who_opened_a_readers_page_is_told(app: Flask, ha: FlaskClient, pupil: Membership) -> None:
    assert ha.get(f"/people/{pupil.uid}").status_code == 200
    looks.bring_in(app, settles=0)
    assert looks.bring_in(app, settles=0) == 1
    page = ha.get(f"/people/{pupil.uid}/data").get_data(as_text=True)
    assert "Lường Thị Hà" in page
    assert "Trang bạn đọc" in page


def test_a_note_that_is_being_written_is_left_alone(app: Flask, ha: FlaskClient, pupil: Membership) -> None:
    ha.get(f"/people/{pupil.uid}")
    assert [looks.bring_in(app, settles=60) for _ in range(3)] == [0, 0, 0]
    assert looks.bring_in(app, settles=0) == 1


def test_readers_take_their_data_along(ha: FlaskClient, world: World, pupil: Membership) -> None:
    borrowed(ha, world, pupil)
    answer = ha.post(f"/people/{pupil.uid}/data/take")
    told = json.loads(answer.get_data(as_text=True))
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert told["person"] == {
        "full_name": NAME, "sex": None, "born_on": "2015-03-27", "born_year_only": False, "student_code": CODE,
    }  # fmt: skip
    assert [loan["title"] for loan in told["loans"]] == ["Dế Mèn phiêu lưu ký"]
    assert told["family"] == {"parents": MOTHER, "ethnicity": "Tày"}
    assert told["consents"][0]["given_by"] == MOTHER


def test_every_page_whose_readers_are_counted_exists(app: Flask) -> None:
    rules = {rule.endpoint: rule for rule in app.url_map.iter_rules()}
    assert all("uid" in rules[name].arguments for name in looks.PAGES)


# Figures


def test_officers_see_no_small_cells_and_the_librarian_sees_all(app: Flask, ha: FlaskClient, world: World) -> None:
    from library.accounts.models import RoleName

    for_writing()
    for number in range(9):
        world.patron(f"Nông Văn {'ABCDEGHIK'[number]}", class_name="5A" if number < 7 else "4B")
    account(world, "minh", RoleName.OFFICER)
    commit()
    assert ">9<" in ha.get("/people/figures").get_data(as_text=True)
    page = sign_in(app, "minh").get("/people/figures").get_data(as_text=True)
    assert "Khối 5" in page
    assert ">2<" not in page, "two pupils of grade 4 are too few"
    assert "dưới 5 người" in page
