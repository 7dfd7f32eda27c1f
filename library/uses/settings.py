"""What a library counts as a visit, kept in memory by the version its caller has read already."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from library.core.versions import Memory
from library.uses.models import UseSetting


@dataclass(frozen=True)
class Counts:
    """`repeat_minutes`: the same reader at the kiosk within this is one visit."""

    loan_is_visit: bool = True
    renewal_is_use: bool = True
    repeat_minutes: int = 60
    kiosk_voice: bool = True


USUAL = Counts()
_KEPT: Memory[Counts] = Memory()


def of(session: Session, library_id: int, version: int) -> Counts:
    """No statement while nothing changed. `version`: of the rules; whoever changes a row here bumps that stamp."""
    bind = session.get_bind()
    key = (str(getattr(bind, "url", bind)), library_id)
    return _KEPT.get(key, version, lambda: read(session, library_id))


def read(session: Session, library_id: int) -> Counts:
    """As it stands in the database."""
    found = session.get(UseSetting, library_id)
    if found is None:
        return USUAL
    return Counts(found.loan_is_visit, found.renewal_is_use, found.repeat_minutes, found.kiosk_voice)


def save(session: Session, library_id: int, counts: Counts) -> bool:
    """Whether anything changed. The caller holds the stamp and bumps it then."""
    if read(session, library_id) == counts:
        return False
    row = session.get(UseSetting, library_id) or UseSetting(library_id=library_id)
    row.loan_is_visit, row.renewal_is_use = counts.loan_is_visit, counts.renewal_is_use
    row.repeat_minutes, row.kiosk_voice = counts.repeat_minutes, counts.kiosk_voice
    session.add(row)
    session.flush()
    return True
