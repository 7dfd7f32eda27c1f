"""The worker gives way while people are at work, and not otherwise."""

from datetime import timedelta
from typing import Any

import pytest

from library.core import clock
from library.core.db import for_writing
from library.inbox import once, presence
from library.inbox.models import Entry
from library.jobs import courtesy
from library.jobs.courtesy import Effort, rest

ONE_STEP = Effort(thinking=0.020, writing=0.010)


@pytest.fixture(autouse=True)
def nobody_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(courtesy, "presence", type(courtesy.presence)())


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long each rest was."""
    naps: list[float] = []
    monkeypatch.setattr(courtesy.time, "sleep", naps.append)
    return naps


def _a_scan(session: Any, seconds_ago: float) -> None:
    for_writing()
    once.arrive(session(), clock.uuid7(), None, {"code": "TK.00001"})
    session().query(Entry).update({"received_at": clock.now() - timedelta(seconds=seconds_ago)})
    session().commit()


def test_somebody_who_scans_is_here(world) -> None:
    assert not presence.somebody_is_here()
    _a_scan(world.session, 1)
    assert presence.somebody_is_here()


def test_somebody_who_scanned_a_while_ago_is_gone(world) -> None:
    _a_scan(world.session, presence.LATELY.total_seconds() + 1)
    assert not presence.somebody_is_here()


def test_a_scan_seldom_meets_a_step(world, slept: list[float]) -> None:
    _a_scan(world.session, 1)
    rest(ONE_STEP, 0.002)
    assert slept == [pytest.approx(8 * 0.010 + 0.020)]


def test_alone_the_worker_hardly_rests(world, slept: list[float]) -> None:
    rest(ONE_STEP, 0.002)
    assert slept == [0.002]


def test_where_nobody_is_served_nobody_is_asked_for(world, slept: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(courtesy, "PEOPLE", [lambda: pytest.fail("asked")])
    rest(ONE_STEP, 0.0)
    assert slept == [0.0]


def test_who_was_seen_is_believed_for_a_while(world, slept: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bool] = []
    monkeypatch.setattr(courtesy, "PEOPLE", [lambda: asked.append(True) is None])
    for _ in range(5):
        rest(ONE_STEP, 0.002)
    assert len(asked) == 1
    assert len(slept) == 5


def test_effort_tells_thought_from_writing() -> None:
    effort = Effort()
    with effort.timed("thinking"):
        pass
    assert effort.thinking > 0 == effort.writing
