"""When did it happen? Clocks of devices are wrong; their order is not. Pure.

Within a device `number` is the order. Its times are shifted by the skew seen at sending, made to grow, and kept
between the moment its snapshot was taken and the moment the server heard of it.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from library.core.clock import TICK

AT_ONCE = timedelta(seconds=5)
"""A scan sent within this time of being made is stamped by the server as it is done: it is not late."""


def is_live(raw_at: datetime, sent_at: datetime) -> bool:
    """Both by the device's clock, so its error does not matter."""
    return timedelta(0) <= sent_at - raw_at <= AT_ONCE


def corrected(
    raw: Sequence[datetime], sent_at: datetime, received_at: datetime, not_before: datetime | None = None
) -> list[datetime]:
    """Moments for entries in the order of their numbers: strictly growing, none after `received_at`.

    `sent_at` is the device's own time of sending. `not_before` (its snapshot, or its last known fact) gives way if
    there is no room for all entries between the two.
    """
    skew = received_at - sent_at
    moments: list[datetime] = []
    for place, moment in enumerate(raw):
        latest = received_at - TICK * (len(raw) - 1 - place)
        moment = max(moment + skew, not_before or moment + skew)
        if moments:
            moment = max(moment, moments[-1] + TICK)
        moments.append(min(moment, latest))
    return moments


def live(now: datetime, seen_at: datetime | None) -> datetime:
    """The moment of a scan done online: now, or just after the last thing known of that copy."""
    return max(now, seen_at + TICK) if seen_at else now
