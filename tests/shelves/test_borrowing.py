"""Lending and returning at a classroom's shelf, over HTTP as its page does it."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from library.core import clock
from library.core.db import db
from library.holdings import ledger
from library.holdings.models import Item, PlaceKind, Register
from library.loans import settling
from library.loans.models import Loan, still_out
from library.organisations.models import Code
from library.patrons.models import Card, Membership
from library.shelves import shelf_codes, stock
from library.shelves.models import Shelf, ShelfMode, ShelfTenure
from library.uses.models import DocumentUse, UseKind
from tests.shelves.shelf_page import Room, ShelfPage, room
from tests.support.people import DeskPage, account, sign_in
from tests.support.policies import lends
from tests.support.shelves import put, school_class, shelf, teacher
from tests.support.world import World


@pytest.fixture
def here(app: Flask, world: World) -> Room:
    return room(app, world)


def held_by(pupil: Membership) -> list[int]:
    db.session.expire_all()
    return list(db.session.scalars(select(Loan.item_id).where(Loan.membership_id == pupil.id, still_out())))


def uses() -> list[tuple[str, int | None, str, str | None]]:
    rows = db.session.execute(
        select(DocumentUse.kind, DocumentUse.place_id, DocumentUse.channel, DocumentUse.class_name)
    )
    return [tuple(row) for row in rows]  # type: ignore[misc]


def in_order(items: list[Item]) -> bool:
    db.session.expire_all()
    return not ledger.astray(db.session()) and not settling.astray(db.session(), [item.id for item in items])


def test_a_name_and_a_scan_lend_and_a_scan_alone_brings_it_back(here: Room) -> None:
    hoa, book = here.pupils[0], here.books[0]
    lent = here.page.scan(book, hoa)
    assert (lent["what"], lent["outcome"], lent["word"]) == ("lent", "ok", "Đã cho Hoa mượn")
    assert held_by(hoa) == [book.id]
    assert uses() == [(UseKind.HOME, here.shelf.place_id, "class", "4A")]
    assert db.session.scalars(select(Loan.channel)).one() == "class"
    back = here.page.scan(book)
    assert (back["what"], back["outcome"], back["do"]) == ("returned", "ok", "Cất lại vào tủ.")
    assert held_by(hoa) == []
    assert db.session.get_one(Item, book.id).place_id == here.shelf.place_id
    assert in_order(here.books)


def test_a_tapped_cover_lends_as_a_scan_does(here: Room) -> None:
    assert here.page.tap(here.books[1], here.pupils[0])["what"] == "lent"
    assert held_by(here.pupils[0]) == [here.books[1].id]


def test_the_same_message_twice_lends_once(here: Room) -> None:
    message = here.page.posted(text=here.books[0].accession, pupil=str(here.pupils[0].uid))
    first = here.page.send("scans", message).get_json()
    again = here.page.send("scans", {**message, "sent_at": clock.now().isoformat()}).get_json()
    assert first == again
    assert db.session.scalar(select(func.count(Loan.id))) == 1
    other = here.page.send("scans", {**message, "text": here.books[1].accession})
    assert other.status_code == 409


def test_a_book_a_pupil_has_is_kept_for_longer_or_returned_with_one_tap(here: Room) -> None:
    hoa, book = here.pupils[0], here.books[0]
    here.page.scan(book, hoa)
    asked = here.page.scan(book, hoa)
    assert (asked["outcome"], [one[0] for one in asked["choices"]]) == ("hoi", ["return", "renew"])
    assert here.page.tap(book, hoa, answer="renew")["what"] == "renewed"
    assert held_by(hoa) == [book.id]
    assert here.page.tap(book, hoa, answer="return")["what"] == "returned"
    assert held_by(hoa) == []


def test_the_limit_refuses_with_its_reason_and_nothing_is_written(here: Room, world: World) -> None:
    more = world.items(1)
    put(world, here.shelf, more)
    world.session.commit()
    for book in here.books:
        here.page.scan(book, here.pupils[0])
    refused = here.page.scan(more[0], here.pupils[0])
    assert (refused["what"], refused["outcome"], refused["overrides"]) == ("refused", "khong", [])
    assert "3" in refused["reasons"][0][0]
    assert len(held_by(here.pupils[0])) == 3


def test_what_was_done_is_undone_at_the_shelf(here: Room) -> None:
    lent = here.page.scan(here.books[0], here.pupils[0])
    undone = here.page.told("undo", here.page.posted(act=lent["act"]))
    assert undone["undid"] == lent["act"]
    assert held_by(here.pupils[0]) == []
    assert db.session.scalar(select(func.sum(DocumentUse.quantity))) == 0
    assert here.page.send("undo", here.page.posted(act=lent["act"])).status_code == 409
    assert in_order(here.books)


def test_a_page_without_scripts_lends_too(here: Room) -> None:
    client, hoa = here.page.client, here.pupils[0]
    form = {"text": here.books[0].accession, "pupil": str(hoa.uid)}
    answer = client.post(f"/shelves/{here.shelf.uid}/scans", data=form)
    assert answer.status_code == 303
    page = client.get(answer.location).get_data(as_text=True)
    assert "Đã cho Hoa mượn" in page
    assert "Hoàn tác" in page
    assert held_by(hoa) == [here.books[0].id]


def test_a_question_is_answered_without_scripts(here: Room, world: World) -> None:
    """The question's page remembers which code it was about."""
    client, stranger, uid = here.page.client, world.items(1)[0], here.shelf.uid
    world.session.commit()
    form = {"text": stranger.accession, "pupil": str(here.pupils[0].uid)}
    asked = client.post(f"/shelves/{uid}/scans", data=form)
    assert "Cho mượn" in client.get(asked.location).get_data(as_text=True)
    last = asked.location.split("last=")[1].split("&")[0]
    yes = client.post(f"/shelves/{uid}/scans?last={last}", data={"pupil": str(here.pupils[0].uid), "answer": "yes"})
    assert yes.status_code == 303
    assert held_by(here.pupils[0]) == [stranger.id]


def test_a_card_is_as_good_as_a_name(here: Room, world: World) -> None:
    query = select(Code.printed).join(Card, Card.code_id == Code.id)
    mine = db.session.scalars(query.where(Card.membership_id == here.pupils[0].id)).one()
    opened = here.page.scan(mine)
    assert (opened["what"], opened["pupil"]) == ("reader", str(here.pupils[0].uid))
    other = world.patron("Lý Thị Ánh", class_name="5B")
    world.session.commit()
    theirs = db.session.scalars(query.where(Card.membership_id == other.id)).one()
    told = here.page.scan(theirs)
    assert "pupil" not in told
    assert "Ánh" not in str(told)


# What goes wrong on a weekday morning: a sentence, and the true record


def test_a_book_of_another_shelf_is_recorded_here_and_lent_when_somebody_says_so(here: Room, world: World) -> None:
    theirs = shelf(world, school_class(world, "4B"))
    stranger = world.items(1)[0]
    put(world, theirs, [stranger])
    world.session.commit()
    seen = here.page.scan(stranger)
    assert (seen["outcome"], seen["word"]) == ("luu", "Sách không thuộc tủ này")
    assert "Tủ lớp 4B" in seen["do"]
    db.session.expire_all()
    assert stranger.place_id == here.shelf.place_id
    assert [one.item_id for one in stock.listed(db.session(), theirs.place_id)] == [stranger.id]
    asked = here.page.scan(stranger, here.pupils[0])
    assert (asked["outcome"], asked["act"]) == ("hoi", None)
    assert here.page.scan(stranger, here.pupils[0], answer="yes")["what"] == "lent"
    back = here.page.scan(stranger)
    assert back["what"] == "returned"
    assert "Tủ lớp 4B" in back["do"]
    db.session.expire_all()
    assert stranger.place_id == here.shelf.place_id
    assert in_order([*here.books, stranger])


def test_a_refused_book_is_recorded_where_it_is_all_the_same(here: Room, world: World) -> None:
    """It was thought in the stacks; it is in a pupil's hand at the shelf."""
    stranger = world.items(1)[0]
    world.session.commit()
    assert here.page.scan(stranger, here.pupils[0])["outcome"] == "hoi"
    db.session.expire_all()
    assert stranger.place_id == here.shelf.place_id


def test_a_book_of_another_school_is_never_lent_here(here: Room, world: World) -> None:
    foreign = world.items(1, world.school("Trường Tiểu học Sông Cầu"))[0]
    world.session.execute(
        update(Item).where(Item.id == foreign.id).values(accession="SC.00001", accession_folded="sc1")
    )
    world.session.commit()
    code = db.session.scalars(select(Code.printed).where(Code.issuer_id == foreign.library_id)).first()
    assert code
    told = here.page.scan(code, here.pupils[0], answer="yes")
    assert (told["outcome"], told["word"]) == ("khong", "Chưa cho mượn được")
    assert "Sông Cầu" in told["do"]
    assert held_by(here.pupils[0]) == []
    db.session.expire_all()
    assert foreign.place_id == here.shelf.place_id


def test_a_book_on_loan_elsewhere_comes_back_and_says_nothing_of_who_had_it(here: Room, world: World) -> None:
    other, book = world.patron("Lý Thị Ánh", class_name="5B"), world.items(1)[0]
    account(world)
    world.session.commit()
    desk = DeskPage(sign_in(here.page.client.application))
    desk.reader = str(other.uid)
    assert desk.scan(book.accession or "")["what"] == "lent"
    asked, back = here.page.scan(book, here.pupils[0]), here.page.scan(book)
    assert (asked["outcome"], back["what"]) == ("hoi", "returned")
    assert "Một bạn lớp 5B" in asked["do"]
    assert "Một bạn lớp 5B" in back["word"]
    assert "Ánh" not in f"{asked} {back}"
    assert held_by(other) == []


def test_a_written_off_book_and_an_unknown_code_are_said_so(here: Room) -> None:
    item = here.books[0]
    db.session.execute(update(Item).where(Item.id == item.id).values(register_status=Register.WRITTEN_OFF))
    db.session.commit()
    gone = here.page.scan(item, here.pupils[0])
    assert (gone["what"], gone["outcome"], gone["word"]) == ("set-aside", "khong", "Sách đã ra khỏi sổ")
    lost = here.page.scan("TN.99999", here.pupils[0])
    assert (lost["what"], lost["outcome"]) == ("unknown", "hoi")
    assert held_by(here.pupils[0]) == []


def test_the_code_of_a_shelf_is_no_book(here: Room) -> None:
    told = here.page.scan(shelf_codes.printed(db.session(), here.shelf), here.pupils[0])
    assert (told["outcome"], told["word"]) == ("luu", "Đây là mã của Tủ lớp 4A")


def test_two_helpers_who_lend_one_book_at_once_are_asked_who_has_it(here: Room) -> None:
    book, (hoa, binh, _lan) = here.books[0], here.pupils
    second = ShelfPage(here.page.client, here.shelf.uid)
    assert here.page.scan(book, hoa)["what"] == "lent"
    asked = second.scan(book, binh)
    assert (asked["outcome"], asked["act"]) == ("hoi", None)
    assert "Hoa" in asked["do"]
    assert held_by(hoa) == [book.id]
    assert second.tap(book, binh)["word"] == "Vi Thị Hoa đang giữ cuốn này"
    assert second.scan(book, binh, answer="return")["what"] == "returned"
    assert second.scan(book, binh)["what"] == "lent"
    assert (held_by(hoa), held_by(binh)) == ([], [book.id])


def test_a_closed_shelf_takes_in_and_lends_nothing(here: Room) -> None:
    here.page.scan(here.books[0], here.pupils[0])
    db.session.execute(update(Shelf).values(closed_on=clock.today()))
    db.session.commit()
    assert here.page.scan(here.books[0])["what"] == "returned"
    told = here.page.scan(here.books[1], here.pupils[1])
    assert (told["outcome"], held_by(here.pupils[1])) == ("khong", [])
    assert "đã đóng" in here.page.client.get(f"/shelves/{here.shelf.uid}").get_data(as_text=True)


def test_a_shelf_without_names_lends_to_nobody(here: Room) -> None:
    db.session.execute(update(Shelf).values(mode=ShelfMode.HONOUR))
    db.session.commit()
    told = here.page.scan(here.books[0], here.pupils[0])
    assert (told["outcome"], held_by(here.pupils[0])) == ("khong", [])
    assert here.page.client.get(f"/shelves/{here.shelf.uid}").location.endswith("/tally")


def test_a_class_without_pupils_and_a_shelf_without_keeper_say_so(app: Flask, world: World) -> None:
    of = school_class(world, "4C")
    one = shelf(world, of)
    account(world)
    world.session.commit()
    page = sign_in(app).get(f"/shelves/{one.uid}").get_data(as_text=True)
    assert "Tủ này chưa có em nào" in page
    assert "Tủ này chưa có thầy cô giữ" in page


def test_a_teacher_who_left_is_told_of_and_the_class_goes_on(here: Room, world: World) -> None:
    account(world)
    keeper = db.session.scalars(select(ShelfTenure.keeper_id)).one()
    from library.accounts.models import Account

    db.session.execute(update(Account).where(Account.id == keeper).values(disabled_at=clock.now()))
    db.session.commit()
    assert here.page.client.get(f"/shelves/{here.shelf.uid}").status_code == 303
    librarian = sign_in(here.page.client.application)
    assert "thôi làm việc" in librarian.get(f"/shelves/{here.shelf.uid}").get_data(as_text=True)
    assert ShelfPage(librarian, here.shelf.uid).scan(here.books[0], here.pupils[0])["what"] == "lent"


def test_a_scan_that_comes_late_is_a_fact_with_doubts(here: Room) -> None:
    """Sent an hour later: the pupil has gone home with the book."""
    lends(db.session(), here.shelf.library_id, most=1)
    db.session.commit()
    here.page.scan(here.books[0], here.pupils[0])
    told = here.page.scan(here.books[1], here.pupils[0], late=3600)
    assert (told["what"], told["outcome"]) == ("lent", "luu")
    assert "Ghi nhớ" in told["do"]
    assert in_order(here.books)


def test_pupils_of_another_class_cannot_be_named_here(here: Room, world: World) -> None:
    other = world.patron("Lý Thị Ánh", class_name="5B")
    world.session.commit()
    message = here.page.posted(text=here.books[0].accession, pupil=str(other.uid))
    assert here.page.send("scans", message).status_code == 404
    assert held_by(other) == []


def test_only_who_keeps_the_shelf_reaches_it(here: Room, app: Flask, world: World) -> None:
    teacher(world, school_class(world, "5B"), "ba", "Bế Văn Ba")
    world.session.commit()
    client = sign_in(app, "ba")
    for path in ("", "/scan", "/books", "/tally"):
        assert client.get(f"/shelves/{here.shelf.uid}{path}").status_code == 404
    page = ShelfPage(client, here.shelf.uid)
    assert page.send("scans", page.posted(text=here.books[0].accession)).status_code == 404


def test_a_cover_of_another_shelf_cannot_be_tapped(here: Room, world: World) -> None:
    stranger = world.items(1)[0]
    world.session.commit()
    message = here.page.posted(item=str(stranger.uid), pupil=str(here.pupils[0].uid))
    assert here.page.send("scans", message).status_code == 404


def test_what_was_done_elsewhere_is_not_undone_here(here: Room, world: World) -> None:
    """The same account's lending at the desk of a book that is not of this shelf."""
    account(world)
    world.session.commit()
    librarian = sign_in(here.page.client.application)
    desk, book = DeskPage(librarian), world.items(1)[0]
    world.session.commit()
    desk.reader = str(here.pupils[0].uid)
    lent = desk.scan(book.accession or "")
    page = ShelfPage(librarian, here.shelf.uid)
    assert page.send("undo", page.posted(act=lent["act"])).status_code == 404


def test_the_board_tells_who_is_late_who_reads_and_who_has_nothing(here: Room) -> None:
    hoa, binh, _lan = here.pupils
    here.page.scan(here.books[0], hoa)
    here.page.scan(here.books[1], binh)
    db.session.execute(
        update(Loan).where(Loan.membership_id == hoa.id).values(due_on=clock.today() - timedelta(days=6))
    )
    db.session.commit()
    page = here.page.client.get(f"/shelves/{here.shelf.uid}").get_data(as_text=True)
    late, reading, without = (page.index(f"{one}</h2>") for one in ("Trễ hẹn", "Đang đọc", "Chưa mượn"))
    places = [page.index(f">{name}<") for name in ("Hoa", "Bình", "Lan")]
    assert late < places[0] < reading < places[1] < without < places[2]
    assert "trễ 6 ngày" in page


def test_its_books_tell_where_each_is(here: Room) -> None:
    here.page.scan(here.books[0], here.pupils[0])
    page = here.page.client.get(f"/shelves/{here.shelf.uid}/books").get_data(as_text=True)
    assert "2 cuốn đang ở tủ, 1 cuốn đang vắng." in page
    assert "Vi Thị Hoa" in page


def test_nothing_stands_in_the_wrong_place_after_a_morning(here: Room, world: World) -> None:
    """Lent, returned, scanned again, kept longer: the shelf has all its books."""
    for pupil, book in zip(here.pupils, here.books, strict=True):
        here.page.scan(book, pupil)
    for book in here.books:
        here.page.scan(book)
        here.page.scan(book)
    db.session.expire_all()
    assert {book.place.kind for book in here.books} == {PlaceKind.CLASS_SHELF}
    assert db.session.scalar(select(func.sum(DocumentUse.quantity))) == 3
    assert in_order(here.books)
