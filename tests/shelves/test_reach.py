"""Who reaches what at a shelf: a teacher without a class, a pupil helper, a machine several use, a code that was typed."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, func, select, update

from library.accounts import managing, second
from library.accounts.models import Account, AccountKey, Attempt, Grant, RoleName
from library.core import clock
from library.core.db import db
from library.holdings.models import Item
from library.loans import holds
from library.loans.models import Hold, Loan, still_out
from library.organisations.models import Code
from library.policies.values import Lending
from library.shelves.models import HelperSession, Shelf, ShelfMode, ShelfTenure
from library.uses.models import DocumentUse
from tests.shelves.shelf_page import Room, ShelfPage, room
from tests.shelves.test_helper_sessions import PIN, give_card, hand_over, open_at
from tests.support.people import PASSWORD, DeskPage, account, sign_in
from tests.support.policies import lends
from tests.support.shelves import put, school_class, shelf
from tests.support.world import World


@pytest.fixture
def here(app: Flask, world: World) -> Room:
    return room(app, world)


def out() -> list[int]:
    db.session.expire_all()
    return list(db.session.scalars(select(Loan.item_id).where(still_out())))


# A teacher, and the class they were given


def test_a_teacher_without_a_class_reaches_only_the_shelf_they_keep(here: Room, app: Flask, world: World) -> None:
    db.session.execute(update(Grant).where(Grant.role == RoleName.TEACHER).values(class_id=None))
    other = shelf(world, school_class(world, "4B"))
    world.session.commit()
    client = here.page.client
    assert client.get(f"/shelves/{here.shelf.uid}").status_code == 200, "theirs by name"
    assert [client.get(f"/shelves/{other.uid}{path}").status_code for path in ("", "/books", "/accept")] == [404] * 3
    page = ShelfPage(client, other.uid)
    assert page.send("scans", page.posted(text=here.books[0].accession)).status_code == 404


def test_a_teacher_of_another_class_lends_the_shelf_they_keep(here: Room, world: World) -> None:
    """As after promotion: the shelf is kept by name, the grant is for last year's class."""
    db.session.execute(update(Grant).values(class_id=school_class(world, "3A").id))
    db.session.commit()
    hand_over(here)
    assert here.page.scan(here.books[0], here.pupils[0])["what"] == "lent"
    assert here.page.client.post("/shelves/give-back").location.endswith("/locked")


def test_an_administrator_of_the_province_lends_a_shelf_of_a_school(here: Room, app: Flask, world: World) -> None:
    account(world, "tinh", RoleName.ADMINISTRATOR, world.province())
    world.session.commit()
    here.page.client = sign_in(app, "tinh")
    hand_over(here)
    assert here.page.scan(here.books[0], here.pupils[0])["what"] == "lent"


def test_a_session_that_would_open_nothing_is_not_lent(here: Room, world: World) -> None:
    far = world.school("Trường Tiểu học Sông Cầu")
    of = school_class(world, "4A", library=far)
    db.session.execute(update(ShelfTenure).values(class_id=of.id))
    db.session.commit()
    assert here.page.client.post(f"/shelves/{here.shelf.uid}/hand-over-phone").status_code == 409
    assert db.session.scalars(select(HelperSession)).all() == []
    assert here.page.client.get(f"/shelves/{here.shelf.uid}").status_code == 200, "nobody was locked out"


def test_a_session_that_opens_nothing_any_more_gives_the_phone_back(here: Room) -> None:
    client = hand_over(here)
    db.session.execute(delete(Grant))
    db.session.commit()
    assert client.get(f"/shelves/{here.shelf.uid}").status_code == 403
    assert "Thầy cô nhận lại máy" in client.get("/tu-sach").get_data(as_text=True)
    assert client.post("/shelves/give-back").location.endswith("/locked")
    assert client.post("/unlock", data={"secret": PASSWORD}).status_code == 303


# A book in the hand, or only its code


def test_a_book_read_at_the_shelf_stays_on_it(app: Flask, world: World) -> None:
    here = room(app, world, lending=Lending.ON_SITE)
    assert here.page.scan(here.books[0], here.pupils[0])["what"] == "read-here"
    db.session.expire_all()
    assert here.books[0].place_id == here.shelf.place_id
    assert db.session.scalars(select(DocumentUse.place_id)).one() == here.shelf.place_id


def lent_at_desk(app: Flask, world: World, library: str | None = None) -> Item:
    """A book of no shelf that an adult has at home."""
    owner = world.school(library) if library else world.school()
    reader, book = world.patron("Lý Thị Ánh", owner), world.item(owner)
    db.session.execute(update(Item).where(Item.id == book.id).values(accession="SC.00001", accession_folded="sc1"))
    lends(db.session(), owner.id)
    account(world, library=owner)
    world.session.commit()
    desk = DeskPage(sign_in(app))
    desk.reader = str(reader.uid)
    assert desk.scan(code_of(book))["what"] == "lent"
    return book


def code_of(book: Item) -> str:
    from library.holdings.models import ItemCode

    query = select(Code.printed).join(ItemCode, ItemCode.code_id == Code.id).where(ItemCode.item_id == book.id)
    return str(db.session.scalars(query).first())


def test_a_helper_who_types_a_code_ends_no_loan_of_elsewhere(here: Room, app: Flask, world: World) -> None:
    book = lent_at_desk(app, world)
    hand_over(here)
    for more in ({}, {"pupil": here.pupils[0]}, {"returns": True}):
        told = here.page.scan(code_of(book), **more)
        assert (told["what"], told["act"]) == ("refused", None)
        assert "đưa cho thầy cô hoặc thư viện" in told["do"]
        assert out() == [book.id]
    here.page.client.post("/shelves/give-back")
    here.page.client.post("/unlock", data={"secret": PASSWORD})
    assert here.page.scan(code_of(book))["what"] == "returned", "the teacher has it in the hand"


def test_a_copy_of_another_library_is_not_returned_by_its_code(here: Room, app: Flask, world: World) -> None:
    book = lent_at_desk(app, world, "Trường Tiểu học Sông Cầu")
    told = here.page.scan(code_of(book))
    assert (told["what"], told["do"]) == ("refused", "Để riêng, đưa cho thư viện.")
    assert "Ánh" not in str(told)
    assert out() == [book.id]


def test_a_late_scan_names_nobody_at_a_shelf_without_names(here: Room) -> None:
    db.session.execute(update(Shelf).values(mode=ShelfMode.HONOUR))
    db.session.commit()
    assert here.page.scan(here.books[0], here.pupils[0], late=3600)["what"] == "refused"
    assert out() == []


def test_what_a_closed_shelf_lent_late_is_doubted(here: Room) -> None:
    db.session.execute(update(Shelf).values(closed_on=clock.today()))
    db.session.commit()
    told = here.page.scan(here.books[0], here.pupils[0], late=3600)
    assert told["what"] == "lent"
    assert "Tủ này đã đóng." in told["do"]
    assert {"code": "shelf-closed", "how": "late"} in (db.session.scalars(select(Loan.doubts)).one() or [])


def test_nobody_at_a_shelf_settles_whose_turn_it_is(here: Room, app: Flask, world: World) -> None:
    bao, book = world.patron("Đàm Quốc Bảo"), world.item(record=world.record("Tấm Cám"))
    account(world)
    holds.place(world.session(), world.doing(), book.record_id, bao.id, book.branch_id)
    world.session.commit()
    DeskPage(sign_in(app)).scan(book.accession or "")
    assert db.session.scalars(select(Hold.item_id)).one() == book.id
    hand_over(here)
    for answer in (None, "yes", "put-back", "cancel-hold"):
        told = here.page.scan(book, here.pupils[0], answer=answer)
        assert (told["outcome"], told["choices"]) == ("khong", [])
        assert "đang giữ cho bạn đọc khác" in told["do"]
    db.session.expire_all()
    hold = db.session.scalars(select(Hold)).one()
    assert (hold.item_id, hold.ended_at, out()) == (book.id, None, [])


# Whose hand it was


def test_a_helper_undoes_only_what_was_done_in_their_session(here: Room) -> None:
    before = here.page.scan(here.books[0], here.pupils[0])["act"]
    hand_over(here)
    assert here.page.send("undo", here.page.posted(act=before)).status_code == 409
    mine = here.page.scan(here.books[1], here.pupils[1])["act"]
    assert here.page.told("undo", here.page.posted(act=mine))["undid"] == mine
    assert out() == [here.books[0].id]


def test_one_touch_less_is_of_the_same_hand(here: Room, app: Flask, world: World) -> None:
    here.page.told("tally", here.page.posted(level=1))
    helper = ShelfPage(open_at(app, who="thu", secret=PASSWORD)[0], here.shelf.uid)
    assert helper.send("tally/back", helper.posted()).status_code == 409
    helper.told("tally", helper.posted(level=2))
    left = here.page.told("tally/back", here.page.posted())
    assert (left["levels"]["1"], left["levels"]["2"]) == (0, 1)
    assert here.page.send("tally/back", here.page.posted()).status_code == 409
    assert helper.told("tally/back", helper.posted())["levels"]["2"] == 0


# The door of a machine several use


def test_a_pin_goes_with_the_card_alone(here: Room, app: Flask, world: World) -> None:
    card = give_card(world)
    assert open_at(app, who="thu", secret=PIN)[1] == 401
    assert open_at(app, who=card, secret=PASSWORD)[1] == 401
    assert open_at(app, who=card, secret=PIN)[1] == 303


def keeper() -> Account:
    return db.session.scalars(select(Account).where(Account.login == "thu")).one()


def test_who_owes_more_than_a_password_does_not_get_in_by_it(here: Room, app: Flask, world: World) -> None:
    card = give_card(world)
    db.session.execute(update(Account).values(must_change=True))
    db.session.commit()
    assert {open_at(app, who=who, secret=what)[1] for who, what in (("thu", PASSWORD), (card, PIN))} == {409}
    db.session.execute(update(Account).values(must_change=False))
    second.key_of(db.session(), keeper().id)
    db.session.execute(update(AccountKey).values(second_at=clock.now()))
    db.session.commit()
    assert {open_at(app, who=who, secret=what)[1] for who, what in (("thu", PASSWORD), (card, PIN))} == {409}
    assert db.session.scalar(select(func.count()).select_from(HelperSession)) == 0


def test_tries_at_the_door_and_at_sign_in_are_one_count(here: Room, app: Flask) -> None:
    for _ in range(8):
        assert open_at(app, who="Thu", secret="đoán bừa")[1] == 401
    assert set(db.session.scalars(select(Attempt.address))) == {"127.0.0.1"}, "as sign-in writes it"
    client: FlaskClient = app.test_client()
    assert client.post("/sign-in", data={"login": "thu", "password": PASSWORD}).status_code == 429
    with clock.stopped_at(clock.now() + timedelta(minutes=16)):
        assert open_at(app, who="thu", secret=PASSWORD)[1] == 303


def test_a_grant_of_a_class_goes_with_one_without(here: Room, world: World) -> None:
    managing.grant(db.session(), keeper(), RoleName.TEACHER, world.school().id)
    other = shelf(world, school_class(world, "4B"))
    put(world, other, world.items(1))
    db.session.commit()
    assert here.page.client.get(f"/shelves/{here.shelf.uid}").status_code == 200
    assert here.page.client.get(f"/shelves/{other.uid}").status_code == 404
