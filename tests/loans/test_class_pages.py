"""A class at the desk, as the server tells it: the board, the names, the slips; and nothing of another library's class."""

from datetime import timedelta
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient

from library.accounts.models import RoleName
from library.core import clock
from library.loans import class_views, slips
from library.loans.models import Loan
from library.patrons import groups
from library.patrons.groups import NewGroup
from library.patrons.models import Membership, SchoolClass
from library.policies import writing
from library.policies.values import Channel, Length, LengthKind
from library.uses.models import DocumentUse
from tests.support.people import DeskPage, account, commit, sign_in
from tests.support.policies import lends
from tests.support.statements import counted
from tests.support.world import World

NAMES = ("Bế Thị An", "Đàm Quốc Bảo", "Hoàng Thị Mai Lan")


@pytest.fixture
def school(world: World) -> World:
    account(world)
    lends(world.session, world.school().id, days=14, most=2)
    for name in NAMES:
        world.patron(name, class_name="5A")
    commit()
    return world


def class_of(world: World, name: str = "5A") -> UUID:
    return world.session.query(SchoolClass).filter_by(name=name).one().uid


def readers(world: World) -> list[Membership]:
    return [world.session.query(Membership).join(Membership.person).filter_by(full_name=name).one() for name in NAMES]


def borrow(world: World, desk: DeskPage, count: int = 3) -> list[str]:
    """One book each for the first of them; their accession numbers."""
    books = [item.accession or "" for item in world.items(count)]
    commit()
    for reader, book in zip(readers(world), books, strict=False):
        desk.reader = str(reader.uid)
        assert desk.scan(book)["what"] == "lent"
    desk.reader = None
    return books


def asked(client: FlaskClient, world: World, **more: str) -> dict[str, object]:
    answer = client.get(f"/desk/classes/{class_of(world)}", query_string=more)
    assert answer.status_code == 200
    body: dict[str, object] = answer.get_json()
    return body


def test_the_board_counts_readers_not_books_and_forgets_an_undone_return(app: Flask, school: World) -> None:
    client = sign_in(app)
    desk = DeskPage(client)
    books = borrow(school, desk)
    opened = asked(client, school)
    assert (opened["done"], opened["total"]) == (0, 3)
    back = desk.scan(books[0])
    told = asked(client, school, since=str(opened["since"]))
    assert (told["done"], told["total"]) == (1, 3)
    assert NAMES[0] not in str(told["html"])
    assert NAMES[1] in str(told["html"])
    desk.undo(back["act"])
    assert asked(client, school, since=str(opened["since"]))["done"] == 0


def test_who_borrows_anew_after_the_board_was_opened_is_not_missing(app: Flask, school: World) -> None:
    client = sign_in(app)
    desk = DeskPage(client)
    books = borrow(school, desk)
    opened = str(asked(client, school)["since"])
    for book in books:
        desk.scan(book)
    (again,) = [item.accession or "" for item in school.items(1)]
    desk.reader = str(readers(school)[0].uid)
    assert desk.scan(again)["what"] == "lent"
    told = asked(client, school, since=opened)
    assert (told["done"], told["total"]) == (3, 3)
    assert asked(client, school)["total"] == 3  # opened now: the new book is to come back too
    assert asked(client, school)["done"] == 2


def test_names_come_in_the_vietnamese_order_with_limit_and_last_book(app: Flask, school: World) -> None:
    client = sign_in(app)
    borrow(school, DeskPage(client), 1)
    html = str(asked(client, school, part="names")["html"])
    assert sorted(NAMES, key=html.index) == list(NAMES)
    assert "1/2" in html
    assert "Dế Mèn phiêu lưu ký" in html


def test_the_answer_takes_as_many_statements_for_one_reader_as_for_forty(app: Flask, school: World) -> None:
    client = sign_in(app)
    asked(client, school)
    with counted() as few:
        asked(client, school)
    for number in range(40):
        school.patron(f"Lý Thị Số {number}", class_name="5A")
    commit()
    with counted() as many:
        asked(client, school)
    assert len(many) == len(few) <= 9, many


def test_a_board_of_yesterday_or_of_the_future_is_opened_anew(app: Flask, school: World) -> None:
    client = sign_in(app)
    for wrong in (
        "junk",
        (clock.now() + timedelta(hours=1)).isoformat(),
        (clock.now() - timedelta(days=2)).isoformat(),
    ):
        since = str(asked(client, school, since=wrong)["since"])
        assert abs((clock.now() - clock.now().fromisoformat(since)).total_seconds()) < 60


def test_a_class_set_stands_among_the_groups(app: Flask, school: World) -> None:
    library = school.school()
    reader, _card = groups.found(school.session(), library, NewGroup(clock.uuid7(), "Bộ sách lớp 5A", None, 40))
    client = sign_in(app)
    html = client.get("/desk/groups?part=names").get_json()["html"]
    assert str(reader.uid) in html
    assert "0/40" in html


def test_helpers_see_first_names_only(app: Flask, school: World) -> None:
    account(school, "giup", RoleName.HELPER)
    borrow(school, DeskPage(sign_in(app)))
    client = sign_in(app, "giup")
    for part in ("names", "board"):
        html = str(asked(client, school, part=part)["html"])
        assert "Mai Lan" not in html
        assert "Lan" in html
    slip = client.get(f"/people/{readers(school)[2].uid}/slip").get_data(as_text=True)
    assert "Mai Lan" not in slip


def test_the_projected_board_says_of_nobody_that_they_are_late(app: Flask, school: World) -> None:
    client = sign_in(app)
    borrow(school, DeskPage(client))
    loan = school.session.query(Loan).first()
    assert loan
    loan.due_on = clock.today() - timedelta(days=3)
    page = client.get(f"/desk/classes/{class_of(school)}/board").get_data(as_text=True)
    assert NAMES[0] in page
    assert "trễ" not in page


def test_slips_of_a_class_and_of_one_reader_tell_the_last_day(app: Flask, school: World) -> None:
    client = sign_in(app)
    books = borrow(school, DeskPage(client), 2)
    due = clock.today() + timedelta(days=14)
    page = client.get(f"/classes/{class_of(school)}/slips").get_data(as_text=True)
    assert page.count('class="paper"') == 2
    assert all(book in page for book in books)
    assert NAMES[2] not in page
    reader = readers(school)[0]
    slip = client.get(f"/people/{reader.uid}/slip?what=today&as=part").get_json()
    assert slip["books"] == 1
    assert due.isoformat() in slip["html"]
    assert "paper--due" in client.get(f"/people/{reader.uid}/slip?what=books").get_data(as_text=True)


def test_yesterdays_loans_are_held_but_not_of_today(app: Flask, school: World) -> None:
    client = sign_in(app)
    borrow(school, DeskPage(client), 1)
    loan = school.session.query(Loan).one()
    loan.lent_at -= timedelta(days=1)
    uid = readers(school)[0].uid
    assert client.get(f"/people/{uid}/slip?what=today&as=part").get_json()["books"] == 0
    assert client.get(f"/people/{uid}/slip?what=held&as=part").get_json()["books"] == 1


def test_a_note_on_a_reader_and_a_copy_is_written_and_taken_away(app: Flask, school: World) -> None:
    client, (copy,) = sign_in(app), school.items(1)
    reader = readers(school)[0]
    for path, row in ((f"/people/{reader.uid}/note", reader), (f"/copies/{copy.uid}/note", copy)):
        assert client.post(path, data={"note": "Thiếu trang 12"}).status_code == 303
        assert row.note == "Thiếu trang 12"
        assert client.post(path, data={"note": "x" * 161}).status_code == 422
        assert row.note == "Thiếu trang 12"
        client.post(path, data={"note": " "})
        assert row.note is None


def test_a_whole_class_borrows_by_the_rules_of_its_channel_and_is_counted_so(app: Flask, school: World) -> None:
    days = {"length": Length(LengthKind.DAYS, 7)}
    writing.say(school.session(), school.school().id, days, channel=Channel.CLASS)
    book = school.item()
    commit()
    desk = DeskPage(sign_in(app))
    desk.reader = str(readers(school)[0].uid)
    desk.scan(book.accession or "", channel="class")
    loan = school.session.query(Loan).one()
    assert (loan.channel, loan.due_on) == ("class", clock.today() + timedelta(days=7))
    assert school.session.query(DocumentUse).one().channel == "class"
    refused = desk.send(desk.posted(code=book.accession, channel="van"))
    assert refused.status_code == 422, "a desk speaks for itself"


def test_a_class_has_as_many_slips_as_books(app: Flask, school: World, monkeypatch: pytest.MonkeyPatch) -> None:
    client = sign_in(app)
    books = borrow(school, DeskPage(client))
    monkeypatch.setattr(slips, "MOST", 2)
    page = client.get(f"/classes/{class_of(school)}/slips").get_data(as_text=True)
    assert [book for book in books if book not in page] == []


def test_namesakes_stand_twice_on_the_wall(app: Flask, school: World) -> None:
    client = sign_in(app)
    desk = DeskPage(client)
    twin = school.patron(NAMES[0], class_name="5A")
    ours = school.session.query(Membership).order_by(Membership.id).first()
    books = [item.accession or "" for item in school.items(2)]
    commit()
    for reader, book in zip((ours, twin), books, strict=True):
        assert reader
        desk.reader = str(reader.uid)
        assert desk.scan(book)["what"] == "lent"
    page = client.get(f"/desk/classes/{class_of(school)}/board").get_data(as_text=True)
    assert page.count(f"<li>{NAMES[0]}<") == 2


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+07:00", "9999-12-31T23:59:59-07:00"])
def test_the_edges_of_the_calendar_are_another_day(text: str) -> None:
    assert class_views.since(text) is None
