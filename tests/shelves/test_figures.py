"""Figures of reading by class, level, month, pupil; the plot; the workbook."""

from datetime import timedelta
from io import BytesIO

import pytest
from flask import Flask
from openpyxl import load_workbook

from library.core import clock
from library.inbox import acts
from library.shelves import figures
from library.shelves.figures import Asked, By
from library.shelves.models import Shelf
from library.uses import counting
from library.uses.counting import Frozen
from library.uses.models import UseKind
from tests.support import shelves
from tests.support.people import account, sign_in
from tests.support.world import World


@pytest.fixture
def shelf(world: World) -> Shelf:
    world.school_year().from_on = clock.today() - timedelta(days=60)
    world.school_year().to_on = clock.today() + timedelta(days=200)
    of = shelves.school_class(world, "5A", 5)
    return shelves.shelf(world, of, keeper=shelves.teacher(world, of))


def count(
    world: World, shelf: Shelf | None, name: str, many: int, level: int | None = None, kind: UseKind = UseKind.HONOUR
) -> None:
    doing = world.doing()
    act = acts.write(world.session(), doing, "tally", clock.now()), doing.uid
    place = shelf.place_id if shelf else None
    frozen = Frozen(world.branch().id, name, int(name[0]), reading_level=level, place_id=place, channel="class")
    counting.tally(world.session(), act, kind, many, clock.now(), frozen)


def asked(world: World, **more: object) -> Asked:
    return Asked(world.school().id, clock.today() - timedelta(days=7), clock.today(), **more)  # type: ignore[arg-type]


def test_uses_by_class_with_classes_that_took_nothing(world: World, shelf: Shelf) -> None:
    shelves.school_class(world, "4B", 4)
    world.patron(class_name="5A")
    count(world, shelf, "5A", 6)
    lines = figures.of(world.session(), asked(world), By.CLASS)
    assert [(line.key, line.uses, line.readers, line.each) for line in lines] == [("4B", 0, 0, None), ("5A", 6, 1, 6.0)]
    assert figures.quiet(lines) == ["4B"]


def test_what_was_taken_elsewhere_counts_only_if_asked_for(world: World, shelf: Shelf) -> None:
    count(world, shelf, "5A", 2)
    count(world, None, "5A", 5)
    assert figures.total(world.session(), asked(world)) == (2, 0)
    assert figures.total(world.session(), asked(world, at_shelves=False)) == (7, 0)


def test_different_copies_are_counted_once_and_undone_uses_not_at_all(world: World, shelf: Shelf) -> None:
    item = world.item()
    for turn in range(3):
        doing = world.doing()
        act = acts.write(world.session(), doing, "scan", clock.now()), doing.uid
        frozen = Frozen(world.branch().id, "5A", 5, place_id=shelf.place_id)
        counting.record(world.session(), act, item.id, UseKind.HOME, clock.now(), frozen, turn)
    last = list(counting.standing(world.session(), item.id).values())[-1]
    counting.take_back(world.session(), last)
    assert figures.total(world.session(), asked(world)) == (2, 1)


def test_a_copy_whose_only_use_was_undone_is_no_book_used(world: World, shelf: Shelf) -> None:
    used, undone = world.items(2)
    for item in (used, undone):
        act = acts.write(world.session(), world.doing(), "scan", clock.now()), clock.uuid7()
        frozen = Frozen(world.branch().id, "5A", 5, reading_level=2, place_id=shelf.place_id)
        counting.record(world.session(), act, item.id, UseKind.HOME, clock.now(), frozen, 0)
    (use,) = counting.standing(world.session(), undone.id).values()
    counting.take_back(world.session(), use)
    assert figures.total(world.session(), asked(world)) == (1, 1)
    (line,) = figures.of(world.session(), asked(world), By.LEVEL)
    assert (line.uses, line.books) == (1, 1)


def test_levels_and_grades(world: World, shelf: Shelf) -> None:
    count(world, shelf, "5A", 3, level=6)
    count(world, shelf, "1A", 2, level=1)
    count(world, shelf, "1A", 1)
    lines = figures.of(world.session(), asked(world), By.LEVEL)
    assert {line.key: line.uses for line in lines} == {"": 1, "1": 2, "6": 3}
    assert figures.total(world.session(), asked(world, grade=1))[0] == 3


def test_of_books_counted_by_colour_the_colours_are_told_and_no_0(app: Flask, world: World, shelf: Shelf) -> None:
    """How many different books a class took by colour nobody knows: that is not none."""
    count(world, shelf, "5A", 40, level=1)
    count(world, shelf, "5A", 32, level=2)
    (line,) = figures.of(world.session(), asked(world), By.CLASS)
    assert (line.uses, line.unnamed, line.copies) == (72, 72, None)
    assert figures.colours(world.session(), asked(world)) == {"5A": {1: 40, 2: 32}}
    world.session.commit()
    client = sign_in(app, "thu")
    page = client.get("/shelves/figures").get_data(as_text=True)
    assert "cuốn khác nhau," not in page
    assert "72 lượt chỉ đếm theo màu" in page
    assert 'aria-label="Bậc đọc 2"' in page
    rows = list(load_workbook(BytesIO(client.get("/shelves/figures.xlsx").data)).active.values)  # type: ignore[union-attr]
    assert ("5A", 72, None) in [row[:3] for row in rows]


def test_months_are_told_in_order(world: World, shelf: Shelf) -> None:
    count(world, shelf, "5A", 3)
    (line,) = figures.of(world.session(), asked(world), By.MONTH)
    assert line.key == f"{clock.today():%Y%m}"


def test_the_page_the_table_and_the_workbook_say_the_same(app: Flask, world: World, shelf: Shelf) -> None:
    count(world, shelf, "5A", 1234)
    world.session.commit()
    client = sign_in(app, "thu")
    for by in By:
        assert client.get(f"/shelves/figures?by={by}").status_code == 200
    page = client.get("/shelves/figures").get_data(as_text=True)
    assert page.count("1.234") == 5, "the total, the bar, what is said of it, the table, and what no copy is known of"
    answer = client.get("/shelves/figures.xlsx")
    rows = list(load_workbook(BytesIO(answer.data)).active.values)  # type: ignore[union-attr]
    assert rows[0][:2] == ("Lớp", "Lượt")
    assert ("5A", 1234) in [row[:2] for row in rows]


def test_pupils_are_told_to_who_keeps_their_shelf_alone(app: Flask, world: World, shelf: Shelf) -> None:
    world.patron("Hoàng Thị Mai Lan", class_name="5A")
    other = shelves.school_class(world, "5B", 5)
    shelves.shelf(world, other, keeper=shelves.teacher(world, other, "minh", "Lê Văn Minh"))
    world.session.commit()
    address = f"/shelves/figures?by=pupil&shelf={shelf.uid}"
    assert "Mai Lan" in sign_in(app, "thu").get(address).get_data(as_text=True)
    minh = sign_in(app, "minh")
    assert minh.get(address).status_code == 404
    assert "Mai Lan" not in minh.get("/shelves/figures?by=pupil").get_data(as_text=True)


def test_nonsense_in_the_address_is_the_usual(app: Flask, world: World, shelf: Shelf) -> None:
    account(world)
    world.session.commit()
    client = sign_in(app)
    far = (
        "since=0001-01-01",
        "until=9999-12-31",
        "since=0001-01-01&until=0001-01-01",
        "since=9999-12-31&until=9999-12-31",
    )
    for query in far:
        for page in ("figures", "figures.xlsx"):
            for by in By:
                assert client.get(f"/shelves/{page}?{query}&by={by}").status_code == 200, (page, query, by)
    assert 'value="9999-12-31"' not in client.get("/shelves/figures?until=9999-12-31").get_data(as_text=True)
    for query in ("by=x", "since=2026-13-01", "grade=99", "shelf=x", "since=9999-12-31", "by=pupil", "where=%00"):
        assert client.get(f"/shelves/figures?{query}").status_code == 200, query
    assert client.get("/shelves/figures?library=noi-khac").status_code == 404
