"""How the worker gives way to people: long work goes on beside them, but a scan seldom meets one of its steps."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from library.core.db import db, others_write, read_only

PEOPLE: list[Callable[[], bool]] = [others_write]
"""Who can tell that somebody is at work just now. Each may ask the database one small question."""

LOOKS_EVERY = 0.5
"""Seconds for which an answer holds."""

AFTER_WRITING, AFTER_THINKING = 8.0, 1.0
"""How long the worker rests while people are at work, as multiples of the time it just wrote and thought. Eight: one scan
in nine meets a write, and of these few wait for most of it, so nineteen in twenty hardly notice the work."""


@dataclass
class Effort:
    """Seconds one step has taken: in thought, when nobody waits for it, and in writing, when everybody does."""

    thinking: float = 0.0
    writing: float = 0.0

    @contextmanager
    def timed(self, part: Literal["thinking", "writing"]) -> Iterator[None]:
        """Adds what happens inside to that part."""
        began = time.monotonic()
        try:
            yield
        finally:
            setattr(self, part, getattr(self, part) + time.monotonic() - began)


class _Presence:
    """What was last heard about people at work here."""

    seen = False
    asked = float("-inf")

    def look(self) -> bool:
        """Ask, if the last answer is too old. Between two steps only: it ends the transaction in hand."""
        if time.monotonic() - self.asked > LOOKS_EVERY:
            read_only()
            self.seen = any(ask() for ask in PEOPLE)
            db.session.rollback()
            self.asked = time.monotonic()
        return self.seen


presence = _Presence()
"""Of this process. `seen` may be read anywhere: how large a step may be depends on it."""


def rest(effort: Effort, pause: float) -> None:
    """Sleep for as long as the last step makes seemly. A `pause` of nothing means that nobody is served meanwhile."""
    seemly = AFTER_WRITING * effort.writing + AFTER_THINKING * effort.thinking
    time.sleep(max(pause, seemly) if pause and presence.look() else pause)
