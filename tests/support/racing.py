"""Two processes, one barrier: each does its orders, each order at the same instant as the other's."""

import multiprocessing
import traceback
from collections.abc import Callable, Sequence
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

from library import create_app
from library.core.db import db, once_more

SPAWN = multiprocessing.get_context("spawn")
Work = Callable[[Any], str]
"""Does one order in the open session and says what came of it; a function of a module, so that it can be named."""


def settings_of(url: str, folder: Path) -> dict[str, str]:
    return {"DATA": str(folder), "DATABASE": url, "SECRET_KEY": "test"}


def _runner(settings: dict[str, str], work: Work, orders: Sequence[Any], start: Barrier, answers: Any) -> None:
    """Puts what was said, or the trouble as text; the other runner is let go either way."""
    try:
        with create_app(settings).app_context():
            answers.put([_at_once(start, work, order) for order in orders])
            for engine in db.engines.values():
                engine.dispose()
    except Exception:
        start.abort()
        answers.put(traceback.format_exc())


def _at_once(start: Barrier, work: Work, order: Any) -> str:
    start.wait(60)
    return _once(work, order)


def _once(work: Work, order: Any) -> str:
    """One transaction, tried once more as a view does."""

    def attempt() -> str:
        said = work(order)
        db.session.commit()
        return said

    return once_more(attempt)


def race(settings: dict[str, str], *runners: tuple[Work, Sequence[Any]]) -> list[list[str]]:
    """What each runner said, in the order given. All have the same number of orders."""
    start, answers = SPAWN.Barrier(len(runners)), [SPAWN.Queue() for _ in runners]
    processes = [
        SPAWN.Process(target=_runner, args=(settings, work, orders, start, answer))
        for (work, orders), answer in zip(runners, answers, strict=True)
    ]
    for process in processes:
        process.start()
    said = [answer.get(timeout=600) for answer in answers]
    assert [one for one in said if isinstance(one, str)] == []
    for process in processes:
        process.join(60)
        assert process.exitcode == 0
    return said
