"""Settings kept in memory, and how a process learns that they changed: their stamp, read once per request.

A change bumps its stamp (`core.db.bump`) in its own transaction; whoever holds something older asks the database anew.
Two processes never disagree for longer than a request.
"""

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from library.core.db import Stamp, straight, table_of

Thing = TypeVar("Thing")
KEPT_MOST = 2000
"""Things one memory keeps; the oldest go."""

_STAMP = table_of(Stamp)
_ASKING = select(func.coalesce(func.max(_STAMP.c.number), 0)).where(_STAMP.c.name == bindparam("name"))


def of(session: Session, name: str) -> int:
    """The stamp's number now, 0 where nothing was ever changed (one statement)."""
    return int(straight(session).execute(_ASKING, {"name": name}).scalar_one())


class Memory(Generic[Thing]):
    """Things loaded from the database, each good for one version."""

    def __init__(self) -> None:
        self._kept: dict[Any, tuple[int, Thing]] = {}

    def get(self, key: Any, version: int, load: Callable[[], Thing]) -> Thing:
        """What is kept under `key` if it is of this version, else what `load` finds."""
        kept = self._kept.get(key)
        if kept is not None and kept[0] == version:
            return kept[1]
        found = load()
        while len(self._kept) >= KEPT_MOST:
            self._kept.pop(next(iter(self._kept)), None)
        self._kept[key] = (version, found)
        return found

    def forget(self) -> None:
        self._kept.clear()
