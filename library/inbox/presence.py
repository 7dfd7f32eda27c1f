"""Somebody is at work while messages come in: the worker gives way to them."""

from datetime import timedelta

from sqlalchemy import select

from library.core import clock
from library.core.db import db
from library.inbox.models import Entry
from library.jobs.courtesy import PEOPLE

LATELY = timedelta(seconds=5)
"""From one scan to the next at a desk where somebody stands."""


def somebody_is_here() -> bool:
    """Whether a message came in during the last seconds."""
    newest = select(Entry.uid).where(Entry.received_at > clock.now() - LATELY).limit(1)
    return db.session.scalar(newest) is not None


PEOPLE.append(somebody_is_here)
