"""One clock for the whole application, and names that sort by time."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta, tzinfo
from uuid import UUID
from zoneinfo import ZoneInfo

HERE = ZoneInfo("Asia/Ho_Chi_Minh")
TICK = timedelta(microseconds=1)
"""The smallest step the databases keep: two facts about one copy are always at least this far apart."""

_frozen: ContextVar[datetime | None] = ContextVar("frozen", default=None)


def now() -> datetime:
    """The present moment, aware, UTC, in microseconds."""
    return _frozen.get() or datetime.now(UTC)


def day_of(moment: datetime, zone: tzinfo = HERE) -> date:
    """The day on the wall calendar at that moment."""
    return moment.astimezone(zone).date()


def today() -> date:
    return day_of(now())


@contextmanager
def stopped_at(moment: datetime) -> Iterator[None]:
    """For tests and for building a past (the demo's year of loans): the clock stands still inside."""
    token = _frozen.set(moment)
    try:
        yield
    finally:
        _frozen.reset(token)


class _Sequence(threading.local):
    last = 0


_sequence = _Sequence()


def uuid7(moment: datetime | None = None) -> UUID:
    """A name for something that happens now (RFC 9562, version 7): sorts by time, strictly within one thread."""
    micros = int((moment or now()).timestamp() * 1_000_000)
    micros = _sequence.last = max(micros, _sequence.last + 1) if moment is None else micros
    millis, rest = divmod(micros, 1000)
    fine = (rest << 2) & 0xFFF
    value = millis << 80 | 0x7 << 76 | fine << 64 | 0b10 << 62 | int.from_bytes(os.urandom(8)) >> 2
    return UUID(int=value)
