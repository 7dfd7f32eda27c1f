"""Exports that are still kept are the successor's to fetch."""

from sqlalchemy.orm import Session

from library.exports.models import Export
from library.organisations.inheriting import SUCCESSION, Part, Succession, Told, hand_over


def take_over(session: Session, what: Succession) -> Told:
    return [("tệp xuất đang giữ", hand_over(session, what, Export))]


SUCCESSION["exports"] = Part(take_over, moves=frozenset({"export.library_id"}))
