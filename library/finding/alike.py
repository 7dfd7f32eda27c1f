"""Books like this one: of the same series, by the same people, of the same class and level. A fixed number of cheap
questions, however large the catalogue: each takes a few titles from an index and looks no further."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from library.access import Scope
from library.catalogue import search
from library.catalogue.models import LocalRecord, Record, Role
from library.finding import copies

SHOWN, TAKEN = 6, 60


def like(session: Session, record: Record, library_id: int) -> list[int]:
    """At most six titles that stand in the library or its network, the likest first."""
    scope = Scope(networks=frozenset({record.network_id}))
    series = _saying(session, record.series or "", scope)
    people = _saying(session, _first_person(record), scope)
    subjects = _saying(session, (record.subjects or record.keywords or "").partition("\n")[0], scope)
    found = dict.fromkeys([*series, *people, *subjects, *_of_level(session, record, library_id)])
    found.pop(record.id, None)
    told = copies.presence(session, list(found), library_id)
    return sorted(told.anywhere, key=lambda one: one not in told.here)[:SHOWN]


def _saying(session: Session, words: str, scope: Scope) -> list[int]:
    """Titles that say all these words somewhere: the name of a series, of a person, a subject."""
    question = search.Question(words)
    if not question or len(question.folded) < 3:
        return []
    return search.asked_so(session, search.all_of(session, question), scope, TAKEN).ids


def _first_person(record: Record) -> str:
    return next((one.name for one in record.contributors if one.role is Role.AUTHOR), "")


def _of_level(session: Session, record: Record, library_id: int) -> Sequence[int]:
    """Of the same reading level in this library."""
    own = LocalRecord.library_id == library_id
    level = select(LocalRecord.reading_level).where(own, LocalRecord.record_id == record.id).scalar_subquery()
    query = select(LocalRecord.record_id).where(own, LocalRecord.reading_level == level)
    return session.scalars(query.order_by(LocalRecord.record_id).limit(TAKEN)).all()
