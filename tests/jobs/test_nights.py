"""The night: once a day, told step by step, going on after a kill, whatever one step does."""

import os
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from library import create_app
from library.accounts.models import RoleName
from library.core import clock
from library.core.db import Stamp, bump, db
from library.jobs import nights, nights_told, nights_work, queue
from library.jobs.models import Night, NightStep
from tests.support.people import account, commit, sign_in
from tests.support.racing import SPAWN, settings_of
from tests.support.world import World

TODAY = clock.today()


@pytest.fixture(autouse=True)
def steps(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, tuple[str, nights.Step]]]:
    """A night of our own."""
    own: dict[str, tuple[str, nights.Step]] = {}
    monkeypatch.setattr(nights, "STEPS", own)
    yield own


def counting(name: str, rounds: int) -> nights.Step:
    """Leaves a mark in the database each time: `rounds` times in a night, then it has nothing to do."""

    def step(session: Session, day: date) -> tuple[int, bool]:
        done = session.scalar(select(Stamp.number).where(Stamp.name == name)) or 0
        if done >= rounds:
            return 0, False
        bump(session, name)
        return 2, done + 1 < rounds

    return step


def number(name: str) -> int:
    db.session.rollback()
    return db.session.scalar(select(Stamp.number).where(Stamp.name == name)) or 0


def told() -> list[tuple[str, int, bool, str | None]]:
    """Of the latest night: name, count, over, trouble."""
    db.session.rollback()
    db.session.expire_all()
    night = db.session.scalars(select(Night).order_by(Night.id.desc()).limit(1)).one()
    return [(step.name, step.count, step.ended_at is not None, step.trouble) for step in night.steps]


def nights_there() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Night)) or 0


def test_it_is_done_once_a_day_by_whoever_comes_first(app: Flask, world: World, steps: Any) -> None:
    steps["a"] = "Một việc", counting("a", 3)
    assert nights_work.is_due(TODAY)
    nights_work.tonight(app)
    assert told() == [("a", 6, True, None)]
    assert not nights_work.is_due(TODAY)
    nights_work.begin(TODAY)
    assert nights_work.go_on() == 0
    assert (nights_there(), number("a")) == (1, 3)
    assert nights_work.is_due(TODAY + timedelta(days=1))


def test_a_step_that_fails_is_told_without_names_and_the_others_are_done(world: World, steps: Any) -> None:
    def fails(session: Session, day: date) -> tuple[int, bool]:
        bump(session, "half")
        raise ValueError("Hoàng Thị Mai Lan")

    steps["a"], steps["b"], steps["c"] = ("A", counting("a", 1)), ("B", fails), ("C", counting("c", 2))
    nights_work.begin(TODAY)
    nights_work.go_on()
    (a, b, c) = told()
    assert (a, c) == (("a", 2, True, None), ("c", 4, True, None))
    assert b[:3] == ("b", 0, True)
    assert b[3]
    assert b[3].startswith("ValueError (test_nights.py:")
    assert number("half") == 0, "what it began is not kept"
    assert not nights_work.is_due(TODAY), "tomorrow it is tried again"


def test_a_great_deal_is_done_a_little_at_a_time(world: World, steps: Any) -> None:
    steps["a"], steps["b"] = ("A", counting("a", 5)), ("B", counting("b", 5))
    nights_work.begin(TODAY)
    assert nights_work.go_on(most=7) == 7
    assert told() == [("a", 10, True, None), ("b", 4, False, None)]
    assert nights_work.is_due(TODAY), "there is more: who comes next goes on at once"
    nights_work.go_on()
    assert told() == [("a", 10, True, None), ("b", 10, True, None)]


def test_a_step_that_never_ends_is_stopped(world: World, steps: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nights_work, "MOST_ROUNDS", 9)
    steps["a"], steps["b"] = ("A", lambda session, day: (1, True)), ("B", counting("b", 1))
    nights_work.begin(TODAY)
    nights_work.go_on()
    (a, b) = told()
    assert (a[1], a[2], (a[3] or "").startswith("Endless")) == (8, True, True)
    assert b == ("b", 2, True, None)


def test_a_step_that_is_gone_with_an_update_keeps_its_line(world: World, steps: Any) -> None:
    steps["a"], steps["b"] = ("A", counting("a", 1)), ("B", counting("b", 3))
    nights_work.begin(TODAY)
    nights_work.go_on(most=2)
    del steps["b"]
    nights_work.go_on()
    db.session.rollback()
    (night,) = nights_told.latest(db.session())
    assert night.ended_at is not None
    assert [line.words for line in nights_told.lines(night)] == ["A", "b"]


def test_whoever_asks_gets_a_night_of_their_own_but_not_two_at_once(world: World, steps: Any) -> None:
    steps["a"] = "A", counting("a", 1)
    nights_work.begin(TODAY)
    nights_work.go_on()
    asked = clock.uuid7()
    nights_work.begin(TODAY, asked)
    nights_work.begin(TODAY, asked)
    assert nights_there() == 2
    nights_work.begin(TODAY + timedelta(days=1), asked)
    assert nights_there() == 3, "nobody has done that day: it is the machine's own"
    nights_work.go_on()
    assert told() == [("a", 0, True, None)], "done twice does nothing the second time"


def test_steps_with_the_same_words_are_one_line(world: World, steps: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nights, "LAST", ["x", "y"])
    monkeypatch.setattr(nights, "UNCOUNTED", {"x", "y"})
    nothing = lambda session, day: (0, False)  # noqa: E731
    steps["x"], steps["y"], steps["a"] = ("Quên", nothing), ("Quên", nothing), ("A", counting("a", 1))
    nights_work.begin(TODAY)
    nights_work.go_on(most=2)
    db.session.rollback()
    (night,) = nights_told.latest(db.session())
    assert nights_told.still_to_come(night) == []
    nights_work.go_on()
    db.session.expire_all()
    (night,) = nights_told.latest(db.session())
    assert [(line.words, line.count, line.over) for line in nights_told.lines(night)] == [
        ("A", 2, True),
        ("Quên", None, True),
    ]


# --- a kill in mid-step -----------------------------------------------------------------------------------------------


def _killed(settings: dict[str, str]) -> None:
    """A worker that dies in its third round, after it has written and before it has committed."""
    app = create_app(settings)
    mark = counting("a", 6)

    def dies(session: Session, day: date) -> tuple[int, bool]:
        said = mark(session, day)
        if session.scalar(select(Stamp.number).where(Stamp.name == "a")) == 3:
            session.flush()
            os._exit(9)
        return said

    nights.STEPS.clear()
    nights.STEPS.update({"before": ("Trước", counting("before", 1)), "a": ("A", dies)})
    with app.app_context():
        nights_work.begin(TODAY)
        nights_work.go_on()


def test_after_a_kill_another_worker_goes_on_where_it_was(
    app: Flask, world: World, steps: Any, database_url: str, tmp_path: Path
) -> None:
    world.session.commit()
    worker = SPAWN.Process(target=_killed, args=(settings_of(database_url, tmp_path),))
    worker.start()
    worker.join(120)
    assert worker.exitcode == 9
    assert told() == [("before", 2, True, None), ("a", 4, False, None)]
    assert number("a") == 2, "the round it died in left nothing"
    steps.update({"before": ("Trước", counting("before", 1)), "a": ("A", counting("a", 6))})
    assert nights_work.go_on() == 0, "its lease still runs"
    with clock.stopped_at(clock.now() + nights_work.LEASE):
        assert nights_work.is_due(TODAY)
        nights_work.go_on()
    assert told() == [("before", 2, True, None), ("a", 12, True, None)]
    assert (number("before"), number("a"), nights_there()) == (1, 6, 1)


def _works(settings: dict[str, str]) -> None:
    app = create_app(settings)
    nights.STEPS.clear()
    nights.STEPS["a"] = "A", counting("a", 30)
    for _ in range(10):
        nights_work.tonight(app)


def test_of_two_workers_one_does_it(app: Flask, world: World, database_url: str, tmp_path: Path) -> None:
    world.session.commit()
    workers = [SPAWN.Process(target=_works, args=(settings_of(database_url, tmp_path),)) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(120)
        assert worker.exitcode == 0
    assert told() == [("a", 60, True, None)]
    assert (number("a"), nights_there()) == (30, 1)


# --- the page and the command -----------------------------------------------------------------------------------------


def test_the_page_tells_and_the_button_asks(app: Flask, world: World, steps: Any) -> None:
    def fails(session: Session, day: date) -> tuple[int, bool]:
        raise ValueError

    steps["a"], steps["b"] = ("Hủy giữ chỗ quá hạn", counting("a", 2)), ("Tính sách mất", fails)
    account(world, "tu", RoleName.ADMINISTRATOR)
    commit()
    tu = sign_in(app, "tu")
    page = tu.get("/settings/nights").get_data(as_text=True)
    assert "Đêm qua máy đã làm gì" in page
    assert "Máy chưa làm đêm nào." in page
    assert tu.post("/settings/nights").status_code == 303
    assert "Hủy giữ chỗ quá hạn" in tu.get("/settings/nights").get_data(as_text=True), "told before it is done"
    nights_work.tonight(app)
    page = tu.get("/settings/nights").get_data(as_text=True)
    for words in ("Hủy giữ chỗ quá hạn", ">4<", "ValueError (test_nights.py:", "Tính sách mất"):
        assert words in page, words


def test_who_may_not_set_up_the_installation_does_not_see_it(app: Flask, world: World) -> None:
    account(world, "khanh", RoleName.HELPER)
    commit()
    client = sign_in(app, "khanh")
    assert (client.get("/settings/nights").status_code, client.post("/settings/nights").status_code) == (403, 403)


def test_the_command_does_it_and_tells(app: Flask, world: World, steps: Any) -> None:
    steps["a"] = "Một việc", counting("a", 2)
    world.session.commit()
    said = app.test_cli_runner().invoke(args=["jobs", "nights"])
    assert said.exit_code == 0, said.output
    assert "Một việc" in said.output
    assert "4" in said.output
    assert "Đã xong." in said.output
    assert "0" in app.test_cli_runner().invoke(args=["jobs", "nights", "--again"]).output
    assert nights_there() == 2


def test_every_step_there_is_does_a_night_and_a_second_one_does_nothing(
    app: Flask, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    world.item()
    world.patron()
    world.session.commit()
    for _ in range(3):  # as often as the worker comes by
        nights_work.tonight(app)
    assert [trouble for *_, trouble in told() if trouble] == []
    assert {name for name, *_ in told()} == set(nights.STEPS) >= {"late-due-dates", "forgetting:jobs"}
    nights_work.begin(TODAY, clock.uuid7())
    nights_work.go_on()
    assert sum(count for _, count, *_ in told()) == 0
    assert all(over for _, _, over, _ in told())


def test_the_worker_does_it_when_no_job_waits() -> None:
    assert nights_work.tonight in queue.MEANWHILE


def test_nights_are_forgotten_in_time(world: World, steps: Any) -> None:
    from library.jobs import nightly

    steps["a"] = "A", counting("a", 1)
    nights_work.begin(TODAY)
    nights_work.go_on()
    assert not nightly.forget_nights(db.session(), clock.now() + timedelta(days=80))
    assert nights_there() == 1
    nightly.forget_nights(db.session(), clock.now() + timedelta(days=100))
    db.session.commit()
    assert (nights_there(), db.session.scalar(select(func.count()).select_from(NightStep))) == (0, 0)
