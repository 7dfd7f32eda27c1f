""" "Sách của em": card and number open one's own books and nothing else, for minutes, and tell a guesser nothing."""

import re
from datetime import date, timedelta
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from library.accounts import passwords
from library.accounts.models import Attempt
from library.audit import Trace
from library.core import clock
from library.inbox.models import Act
from library.loans import self_ageing, self_pins, self_sessions
from library.loans.models import Hold, Loan, ReaderPin, ReaderSignIn
from library.organisations.models import Code
from library.patrons import changing
from library.patrons.models import Card, Membership
from library.privacy import forgetting
from tests.support.people import DeskPage, account, commit, sign_in
from tests.support.policies import lends
from tests.support.world import World

PIN = "402913"


@pytest.fixture
def school(world: World) -> World:
    """Lan of 5A has a card, a number and two books."""
    account(world)
    lends(world.session, world.school().id, days=14, most=3, renewals=1, holds=2)
    lan = world.patron(class_name="5A")
    self_pins.give(world.session(), lan.id, passwords.hashed(PIN))
    world.patron("Đàm Quốc Bảo", class_name="5A")
    commit()
    return world


def lan(world: World) -> Membership:
    return world.session.query(Membership).order_by(Membership.id).first()  # type: ignore[return-value]


def card_of(world: World, reader: Membership) -> str:
    query = select(Code.printed).join(Card, Card.code_id == Code.id).where(Card.membership_id == reader.id)
    return world.session.scalars(query).one()


def path(world: World, deed: str = "") -> str:
    return f"/tv/{world.school().slug}/cua-toi{deed}"


def enter(app: Flask, world: World, pin: str = PIN, card: str | None = None) -> tuple[FlaskClient, int]:
    client = app.test_client()
    told = {"card": card if card is not None else card_of(world, lan(world)), "pin": pin}
    return client, client.post(path(world, "/vao"), data=told).status_code


def lend(app: Flask, world: World, reader: Membership, count: int = 1) -> list[Loan]:
    books = [item.accession or "" for item in world.items(count)]
    commit()
    desk = DeskPage(sign_in(app))
    desk.reader = str(reader.uid)
    assert {desk.scan(book)["what"] for book in books} == {"lent"}
    return list(world.session.scalars(select(Loan).where(Loan.membership_id == reader.id).order_by(Loan.id)))


def test_card_and_number_open_ones_own_books_and_show_a_first_name_only(app: Flask, school: World) -> None:
    lend(app, school, lan(school))
    client, status = enter(app, school)
    assert status == 303
    answer = client.get(path(school))
    page = answer.get_data(as_text=True)
    assert "Dế Mèn phiêu lưu ký" in page
    assert "Chào Lan" in page
    assert "Hoàng Thị Mai" not in page
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_wrong_card_and_a_wrong_number_are_told_alike(app: Flask, school: World) -> None:
    bao = school.session.query(Membership).order_by(Membership.id.desc()).first()
    assert bao
    told = []
    for card, pin in (
        ("", PIN),
        ("999999999999", PIN),
        (card_of(school, bao), PIN),
        (card_of(school, lan(school)), "000000"),
    ):
        client = app.test_client()
        answer = client.post(path(school, "/vao"), data={"card": card, "pin": pin})
        page = re.sub(r'value="[^"]*"', "", answer.get_data(as_text=True))
        told.append((answer.status_code, page, client.get(path(school)).get_data(as_text=True).count("Đang mượn")))
    assert set(told) == {told[0]}
    assert told[0][0] == 401


def test_guessing_is_stopped_and_does_not_stop_the_staff_at_the_same_address(app: Flask, school: World) -> None:
    for _guess in range(8):
        assert enter(app, school, "111111")[1] == 401
    assert enter(app, school)[1] == 429
    for _guess in range(60):
        school.session.add(Attempt(login_hash="x", address="reader 127.0.0.1", at=clock.now()))
    commit()
    assert enter(app, school, card="123456789012")[1] == 429
    sign_in(app)


def test_a_card_typed_in_another_way_is_the_same_reader_guessed_at(app: Flask, school: World) -> None:
    mine = select(Card.code_id).where(Card.membership_id == lan(school).id)
    school.session.execute(update(Code).where(Code.id.in_(mine)).values(folded="D91", printed="D91"))
    commit()
    cards = ["D91", "\u01101"]  # as it is, and through a Vietnamese keyboard
    for card in cards:
        assert enter(app, school, card=card)[1] == 303
    for guess in range(8):
        assert enter(app, school, "111111", cards[guess % 2])[1] == 401
    assert enter(app, school, card="D91")[1] == 429


def test_only_the_hash_is_kept_and_a_new_number_closes_what_was_open(app: Flask, school: World) -> None:
    client, _status = enter(app, school)
    staff = sign_in(app)
    told = staff.post(f"/people/{lan(school).uid}/pin", follow_redirects=True).get_data(as_text=True)
    found = re.search(r"(\d{3}) (\d{3})</p>", told)
    assert found
    new = "".join(found.groups())
    assert new not in str([vars(row) for row in school.session.query(ReaderPin)])
    assert "Chào" not in client.get(path(school)).get_data(as_text=True)
    assert enter(app, school)[1] == 401
    assert enter(app, school, new)[1] == 303
    again = staff.get(f"/people/{lan(school).uid}/pin")
    assert again.status_code == 303


def printed(page: str) -> dict[str, str]:
    """{name: number} as the class's paper says."""
    found = re.findall(r'paper--pin" aria-label="([^"]+)">.*?class="paper-pin">(\d{3}) (\d{3})<', page, re.DOTALL)
    return {name: first + last for name, first, last in found}


def test_a_class_gets_its_numbers_on_one_paper_that_is_shown_once(app: Flask, school: World) -> None:
    group, staff = lan(school).school_class, sign_in(app)
    assert group
    cardless = school.patron("Nông Thị Thảo", class_name="5A")
    school.session.execute(update(Card).where(Card.membership_id == cardless.id).values(ended_at=clock.now()))
    commit()
    address = f"/classes/{group.uid}/slips"
    assert "1 em đã có PIN, 1 em có thẻ mà chưa có PIN." in staff.get(address).get_data(as_text=True)
    told = staff.post(f"/classes/{group.uid}/pins").get_data(as_text=True)
    assert list(printed(told)) == ["Đàm Quốc Bảo"]
    assert "Chưa có thẻ nên chưa cấp PIN: Nông Thị Thảo." in told
    rows = school.session.query(ReaderPin).all()
    assert len(rows) == 2
    assert not any(pin in str(vars(row)) for row in rows for pin in printed(told).values())
    bao = school.session.query(Membership).filter(Membership.id != lan(school).id).order_by(Membership.id).first()
    assert enter(app, school, printed(told)["Đàm Quốc Bảo"], card_of(school, bao))[1] == 303
    assert enter(app, school)[1] == 303, "who had one keeps it"
    assert printed(staff.post(f"/classes/{group.uid}/pins").get_data(as_text=True)) == {}
    traces = school.session.query(Trace).filter_by(verb="give-pin").all()
    assert [trace.subject for trace in traces] == [str(bao.uid)]


def test_a_whole_class_may_get_new_numbers_and_the_old_ones_open_nothing(app: Flask, school: World) -> None:
    group, client = lan(school).school_class, enter(app, school)[0]
    assert group
    told = sign_in(app).post(f"/classes/{group.uid}/pins", data={"again": "1"}).get_data(as_text=True)
    assert set(printed(told)) == {"Hoàng Thị Mai Lan", "Đàm Quốc Bảo"}
    assert "Chào" not in client.get(path(school)).get_data(as_text=True)
    assert enter(app, school)[1] == 401
    assert enter(app, school, printed(told)["Hoàng Thị Mai Lan"])[1] == 303


@pytest.mark.parametrize(("again", "count"), [(False, 50), (True, self_pins.MOST)])
def test_so_many_numbers_are_made_at_once(again: bool, count: int) -> None:
    """Of a hundred with cards half have a number; two without a card get none."""
    class_ = [self_pins.Owner(one, UUID(int=one), "", "1" if one < 100 else None, one % 2 == 0) for one in range(102)]
    given = self_pins.to_give(class_, again)
    assert len(given) == count
    assert all(one.card for one in given)
    assert again or not any(one.has_pin for one in given)


def test_numbers_are_given_to_ones_own_classes_only(app: Flask, school: World) -> None:
    far = school.school("Trường Tiểu học Đức Xuân")
    theirs = school.patron("Lò Thị Mây", far, class_name="5A").school_class
    commit()
    assert theirs
    assert sign_in(app).post(f"/classes/{theirs.uid}/pins").status_code == 404
    assert school.session.query(ReaderPin).count() == 1


def test_five_minutes_alone_or_half_an_hour_in_all_or_the_button_close_it(app: Flask, school: World) -> None:
    client, _status = enter(app, school)
    now = clock.now()
    with clock.stopped_at(now + self_sessions.ALONE - timedelta(seconds=20)):
        assert "Chào" in client.get(path(school)).get_data(as_text=True)
    with clock.stopped_at(now + 2 * self_sessions.ALONE):
        assert "Chào" not in client.get(path(school)).get_data(as_text=True)
    client, _status = enter(app, school)
    for minutes in range(4, 40, 4):
        with clock.stopped_at(clock.now() + timedelta(minutes=minutes)):
            last = client.get(path(school)).get_data(as_text=True)
    assert "Chào" not in last


def test_going_out_ends_a_copied_cookie_too(app: Flask, school: World) -> None:
    client, _status = enter(app, school)
    cookie = client.get_cookie("tusach")
    assert cookie
    client.post(path(school, "/ra"))
    thief = app.test_client()
    thief.set_cookie("tusach", cookie.value)
    assert "Chào" not in thief.get(path(school)).get_data(as_text=True)


def test_it_opens_nothing_of_the_staff_and_nothing_at_another_library(app: Flask, school: World) -> None:
    other = school.school("Trường Tiểu học Sông Cầu")
    client, _status = enter(app, school)
    assert client.get("/people").status_code == 303
    assert client.get(f"/people/{lan(school).uid}").status_code == 303
    assert "Chào" not in client.get(f"/tv/{other.slug}/cua-toi").get_data(as_text=True)


def test_a_book_is_renewed_once_unseen_and_pressed_twice_is_once(app: Flask, school: World) -> None:
    (loan,) = lend(app, school, lan(school))
    loan.due_on = clock.today() + timedelta(days=2)
    client, _status = enter(app, school)
    told = {"loan": str(loan.id), "due": loan.due_on.isoformat()}
    for _press in range(2):
        assert client.post(path(school, "/gia-han"), data=told).status_code == 303
    assert (loan.renewals, loan.unseen_renewals) == (1, 1)
    assert loan.due_on > clock.today() + timedelta(days=2)
    due = loan.due_on
    client.post(path(school, "/gia-han"), data={"loan": str(loan.id), "due": due.isoformat()})
    assert loan.due_on == due
    assert "Chưa" in client.get(path(school)).get_data(as_text=True) or "gia hạn đủ" in client.get(
        path(school)
    ).get_data(as_text=True)
    acts = school.session.scalars(select(Act).where(Act.kind == "renew")).all()
    assert {act.actor for act in acts} == {None}


def test_anothers_book_and_junk_are_not_found(app: Flask, school: World) -> None:
    bao = school.session.query(Membership).order_by(Membership.id.desc()).first()
    assert bao
    (theirs,) = lend(app, school, bao)
    client, _status = enter(app, school)
    due: date = theirs.due_on
    for loan in (str(theirs.id), "junk", "99999999999999999999"):
        assert client.post(path(school, "/gia-han"), data={"loan": loan, "due": due.isoformat()}).status_code == 404
    assert theirs.renewals == 0
    for deed in ("/bo-cho", "/tam-ngung", "/giu-cho"):
        assert client.post(path(school, deed), data={"hold": str(clock.uuid7()), "sach": "x"}).status_code == 404


def test_a_hold_is_placed_from_a_title_suspended_and_given_up(app: Flask, school: World) -> None:
    (item,) = school.items(1)
    client, _status = enter(app, school)
    book = client.get(f"/tv/{school.school().slug}/sach/{item.record.uid}").get_data(as_text=True)
    assert "Giữ chỗ cho em" in book
    assert "Giữ chỗ cuốn này" in client.get(path(school), query_string={"sach": str(item.record.uid)}).get_data(
        as_text=True
    )
    for _press in range(2):
        client.post(path(school, "/giu-cho"), data={"sach": str(item.record.uid)})
    hold = school.session.scalars(select(Hold)).one()
    assert hold.membership_id == lan(school).id
    until = clock.today() + timedelta(days=10)
    client.post(path(school, "/tam-ngung"), data={"hold": str(hold.uid), "until": until.isoformat()})
    assert hold.suspended_until == until
    client.post(
        path(school, "/tam-ngung"),
        data={"hold": str(hold.uid), "until": (clock.today() + timedelta(days=400)).isoformat()},
    )
    assert hold.suspended_until == until
    client.post(path(school, "/tam-ngung"), data={"hold": str(hold.uid), "until": ""})
    assert hold.suspended_until is None
    client.post(path(school, "/bo-cho"), data={"hold": str(hold.uid)})
    assert hold.ended_why == "cancelled"


def test_who_came_for_a_title_signs_in_first_and_is_asked_about_it(app: Flask, school: World) -> None:
    (item,) = school.items(1)
    client = app.test_client()
    door = client.get(path(school), query_string={"sach": str(item.record.uid)}).get_data(as_text=True)
    assert str(item.record.uid) in door
    told = {"card": card_of(school, lan(school)), "pin": PIN, "sach": str(item.record.uid)}
    page = client.post(path(school, "/vao"), data=told, follow_redirects=True).get_data(as_text=True)
    assert "Giữ chỗ cuốn này" in page


def test_the_number_goes_when_the_reader_goes_and_is_forgotten_with_them(app: Flask, school: World) -> None:
    reader = lan(school)
    client, _status = enter(app, school)
    changing.end(school.session(), reader)
    commit()
    assert "Chào" not in client.get(path(school)).get_data(as_text=True)
    assert enter(app, school)[1] == 401
    self_ageing.forget_pins(school.session(), clock.now())
    assert school.session.query(ReaderPin).count() == 0
    self_pins.give(school.session(), reader.id, "x")
    forgetting.forget_people(school.session(), [reader.person_id])
    assert school.session.query(ReaderPin).count() == school.session.query(ReaderSignIn).count() == 0


def test_sessions_are_kept_for_a_day(app: Flask, school: World) -> None:
    enter(app, school)
    assert school.session.query(ReaderSignIn).count() == 1
    self_ageing.forget_sessions(school.session(), clock.now())
    assert school.session.query(ReaderSignIn).count() == 1
    self_ageing.forget_sessions(school.session(), clock.now() + timedelta(days=2))
    assert school.session.query(ReaderSignIn).count() == 0


def test_two_memberships_become_one_and_the_number_follows_where_there_is_none(world: World) -> None:
    first, second, third = (world.patron(name) for name in ("A B", "C D", "E F"))
    for reader, what in ((first, "one"), (third, "three")):
        self_pins.give(world.session(), reader.id, what)
    self_pins.follow(world.session(), first.id, second.id)
    assert {row.membership_id: row.pin_hash for row in world.session.query(ReaderPin)} == {
        second.id: "one",
        third.id: "three",
    }
    self_pins.follow(world.session(), third.id, second.id)
    world.session.expire_all()
    assert {row.membership_id: row.pin_hash for row in world.session.query(ReaderPin)} == {second.id: "one"}
