"""Touches by colour: uses without names, and nothing else."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from library.core import clock
from library.core.db import db
from library.holdings.models import Movement
from library.inbox.acts import Doing
from library.shelves import tallying
from library.shelves.models import Shelf, ShelfMode
from library.uses.models import DocumentUse, UseKind, Visit
from tests.shelves.shelf_page import Room, ShelfPage, room
from tests.support.people import sign_in
from tests.support.shelves import school_class, shelf, teacher
from tests.support.world import World


@pytest.fixture
def here(app: Flask, world: World) -> Room:
    made = room(app, world)
    db.session.execute(update(Shelf).values(mode=ShelfMode.HONOUR))
    db.session.commit()
    return made


def touch(page: ShelfPage, **what: int) -> dict[str, object]:
    return page.told("tally", page.posted(**what))


def test_a_touch_is_one_use_of_its_colour_and_moves_nothing(here: Room) -> None:
    moved = db.session.scalar(select(func.count(Movement.id)))
    told = [touch(here.page, level=2) for _ in range(3)][-1]
    assert (told["levels"], told["total"], told["visits"]) == ({"2": 3}, 3, 0)
    use = db.session.scalars(select(DocumentUse)).first()
    assert use
    assert (use.kind, use.item_id, use.reading_level, use.place_id, use.class_name, use.grade, use.channel) == (
        UseKind.HONOUR, None, 2, here.shelf.place_id, "4A", 4, "class",
    )  # fmt: skip
    assert db.session.scalar(select(func.count(Movement.id))) == moved


def test_the_whole_class_is_visits_not_uses(here: Room) -> None:
    told = touch(here.page, visits=28)
    assert (told["total"], told["visits"]) == (0, 28)
    assert db.session.scalars(select(Visit.quantity)).one() == 28


def test_the_latest_touch_is_taken_back_one_by_one(here: Room) -> None:
    touch(here.page, level=1)
    touch(here.page, visits=3)
    touch(here.page, level=2)
    counted = [here.page.told("tally/back", here.page.posted()) for _ in range(3)]
    assert [(one["levels"], one["visits"]) for one in counted] == [
        ({"1": 1, "2": 0}, 3),
        ({"1": 1, "2": 0}, 0),
        ({"1": 0, "2": 0}, 0),
    ]
    assert here.page.send("tally/back", here.page.posted()).status_code == 409


def test_nobody_takes_back_another_teachers_touch(here: Room, app: Flask, world: World) -> None:
    touch(here.page, level=1)
    teacher(world, here.of, "ba", "Bế Văn Ba")
    world.session.commit()
    other = ShelfPage(sign_in(app, "ba"), here.shelf.uid)
    assert other.send("tally/back", other.posted()).status_code == 409


def test_the_same_message_twice_counts_once(here: Room) -> None:
    message = here.page.posted(level=1)
    assert here.page.send("tally", message).get_json() == here.page.send("tally", message).get_json()
    assert tallying.counts(db.session(), here.shelf.place_id, clock.today()).total == 1


def test_weeks_run_from_monday(here: Room) -> None:
    session, one, today = db.session(), here.shelf, clock.today()
    monday = today - timedelta(days=today.weekday())
    for back, day in ((0, today), (1, monday), (1, monday)):
        with clock.stopped_at(clock.now() - timedelta(days=(today - day).days + back)):
            tallying.tap(session, Doing.now(branch_id=one.branch_id), one, None, 1)
    counts = tallying.counts(session, one.place_id, today)
    assert (counts.this_week, counts.last_week) == (1, 2)


def test_a_colour_the_shelf_has_not_and_nonsense_are_refused(here: Room) -> None:
    db.session.execute(update(Shelf).values(levels=[1, 2]))
    db.session.commit()
    assert here.page.send("tally", here.page.posted(level=6)).status_code == 409
    for junk in ({}, {"level": 1, "visits": 2}, {"level": "x"}, {"visits": 501}, {"visits": -3}):
        assert here.page.send("tally", here.page.posted(**junk)).status_code == 422
    page = here.page.client.get(f"/shelves/{here.shelf.uid}/tally").get_data(as_text=True)
    assert page.count('name="level"') == 2


def test_a_closed_shelf_counts_no_more(here: Room) -> None:
    touch(here.page, level=1)
    db.session.execute(update(Shelf).values(closed_on=clock.today()))
    db.session.commit()
    assert here.page.send("tally", here.page.posted(level=1)).status_code == 409


def test_without_scripts(here: Room) -> None:
    client, path = here.page.client, f"/shelves/{here.shelf.uid}/tally"
    assert client.post(path, data={"level": "1"}).status_code == 303
    assert client.post(path, data={"visits": "3"}).status_code == 303
    assert client.post(f"{path}/back").status_code == 303
    assert "<b><span data-week>1</span></b>" in client.get(path).get_data(as_text=True)
    counts = tallying.counts(db.session(), here.shelf.place_id, clock.today())
    assert (counts.total, counts.visits) == (1, 0)


def test_two_shelves_are_counted_apart(here: Room, world: World) -> None:
    other = shelf(world, school_class(world, "4B"))
    world.session.commit()
    touch(here.page, level=1)
    assert tallying.counts(db.session(), other.place_id, clock.today()).total == 0
