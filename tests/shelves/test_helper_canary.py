"""Every page is asked for by a pupil helper, and by the teacher who lent the machine: no pupil of another class is seen,
and the helper sees nobody's family name."""

import pytest
from flask import Flask
from sqlalchemy import select

from library.core.db import db
from library.loans.models import Loan
from tests.access.test_canary import crawl
from tests.shelves.shelf_page import Room, ShelfPage, room
from tests.support.people import account, sign_in
from tests.support.shelves import put, school_class, shelf, teacher
from tests.support.world import World

TOKEN = "Hoàngyến"
FAMILY = ("Vi Thị", "Ma Văn", "Hoàng Thị")


@pytest.fixture
def here(app: Flask, world: World) -> Room:
    """4A with loans; 4B next door, whose pupil's name is the token, with a shelf, a loan and a keeper."""
    made = room(app, world)
    of = school_class(world, "4B")
    keeper = teacher(world, of, "ba", f"Bế {TOKEN} Ba")
    theirs = shelf(world, of, keeper=keeper)
    other, book = world.patron(f"Nguyễn {TOKEN}", class_name="4B"), world.items(1)
    put(world, theirs, book)
    account(world)
    world.session.commit()
    made.page.scan(made.books[0], made.pupils[0])
    page = ShelfPage(sign_in(app, "ba"), theirs.uid)
    assert page.scan(book[0], other)["what"] == "lent"
    made.other = {"reader": str(other.uid), "class": str(of.uid), "shelf": str(theirs.uid)}  # type: ignore[attr-defined]
    return made


def addresses(app: Flask, here: Room) -> set[str]:
    """Every GET route with its places filled with things of both classes."""
    uids = [*here.other.values(), str(here.shelf.uid), str(here.pupils[0].uid), str(here.of.uid)]  # type: ignore[attr-defined]
    rules = [rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ()) and rule.endpoint != "static"]
    paths = {rule.rule.replace("<uuid:uid>", uid).replace("<step>", "1") for rule in rules for uid in uids}
    theirs = here.other["reader"]  # type: ignore[attr-defined]
    asked = {f"/shelves/{here.shelf.uid}{path}?pupil={theirs}" for path in ("", "/scan", "/books")}
    return {path for path in paths if "<" not in path and not path.startswith("/tv/")} | asked


def seen(app: Flask, here: Room, words: tuple[str, ...]) -> list[str]:
    """Addresses whose pages say one of the words."""
    pages = crawl(here.page.client, addresses(app, here), avoid="/tv/")
    assert sum(len(text) > 2000 for text in pages.values()) > 4
    return [path for path, text in pages.items() if any(word in text for word in words)]


def test_a_helper_sees_no_other_class_and_no_family_names(app: Flask, here: Room) -> None:
    assert here.page.client.post(f"/shelves/{here.shelf.uid}/hand-over-phone").status_code == 303
    assert seen(app, here, (TOKEN, *FAMILY)) == []
    theirs = here.other["reader"]  # type: ignore[attr-defined]
    loan = db.session.scalars(select(Loan).order_by(Loan.id.desc())).first()
    assert loan
    told = here.page.told("scans", here.page.posted(text=loan.item.accession))
    assert TOKEN not in str(told)
    assert here.page.send("scans", here.page.posted(text="x", pupil=theirs)).status_code in (200, 404)


def test_a_teacher_sees_no_pupil_of_another_class(app: Flask, here: Room) -> None:
    assert seen(app, here, (f"Nguyễn {TOKEN}",)) == []


def test_the_token_would_be_seen(app: Flask, here: Room) -> None:
    """The test can fail: the librarian sees it."""
    here.page.client = sign_in(app)
    assert seen(app, here, (TOKEN,))
