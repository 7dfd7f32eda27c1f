"""Which fields of a title a person changed by hand: they win whenever its source comes again.

The source record (`Record.marc`) is kept whole beside them, so nothing a machine read is lost either.
"""

from dataclasses import fields, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from library.catalogue.models import Record
from library.catalogue.writing import NewRecord

NOT_FIELDS = frozenset(("marc", "edited"))


def changed(before: NewRecord, after: NewRecord) -> tuple[str, ...]:
    """Names of the fields that say something else now."""
    names = (one.name for one in fields(NewRecord) if one.name not in NOT_FIELDS)
    return tuple(name for name in names if getattr(before, name) != getattr(after, name))


def by_hand(before: NewRecord, after: NewRecord) -> NewRecord:
    """`after`, remembering what a person changed, now and before."""
    return replace(after, edited=tuple(dict.fromkeys([*before.edited, *changed(before, after)])))


def over_source(source: NewRecord, now: NewRecord) -> NewRecord:
    """What a title says when its source is read again: the source, but for what was changed by hand."""
    kept = {name: getattr(now, name) for name in now.edited if hasattr(now, name) and name not in NOT_FIELDS}
    return replace(source, **kept, edited=now.edited)


def has_source(session: Session, record_id: int) -> bool:
    """Whether the title came from a record that may come again."""
    return bool(session.scalar(select(Record.marc.is_not(None)).where(Record.id == record_id)))
