"""A library's own numbers for rotation. Nothing here is law: usual values that a province changes on a page."""

from sqlalchemy.orm import Session

from library.rotation.models import RotationSetting

USUAL = {
    "least_copies": 3,
    "longest_months": 6,
    "years_apart": 3,
    "contest_days": 14,
    "sample_percent": 10,
    "crate_grams": 15_000,
    "soon_days": 14,
}


def of(session: Session, library_id: int) -> RotationSetting:
    """The library's row, or the usual numbers (which are not added to the session)."""
    return session.get(RotationSetting, library_id) or RotationSetting(library_id=library_id, **USUAL)
