"""A library's own numbers for trips. The crew rule is a default that a province changes; fewer people may go for a reason."""

from sqlalchemy.orm import Session

from library.mobile.models import MobileSetting

USUAL = {"crew_least": 3, "drivers_least": 1, "librarians_least": 2}


def of(session: Session, library_id: int) -> MobileSetting:
    """The library's row, or the usual numbers (which are not added to the session)."""
    return session.get(MobileSetting, library_id) or MobileSetting(library_id=library_id, **USUAL)
