"""Consents and the time a library remembers go to the successor. Who agreed at both agreed once."""

from sqlalchemy import select, update
from sqlalchemy.orm import Session, aliased

from library.organisations.inheriting import SUCCESSION, Part, Succession, Told, hand_over
from library.privacy.models import Consent, Memory


def take_over(session: Session, what: Succession) -> Told:
    there = aliased(Consent)
    same = select(there.person_id).where(
        there.library_id == what.new.id, there.withdrawn_on.is_(None), there.purpose == Consent.purpose
    )
    mine = (Consent.library_id == what.old.id, Consent.withdrawn_on.is_(None), Consent.person_id.in_(same))
    session.execute(
        update(Consent).where(*mine).values(withdrawn_on=what.on).execution_options(synchronize_session=False)
    )
    session.expire_all()
    _memory(session, what)
    return [("sự đồng ý của bạn đọc", hand_over(session, what, Consent))]


def _memory(session: Session, what: Succession) -> None:
    """The successor's own time holds; without one, the old library's comes along."""
    if session.get(Memory, what.new.id) is None and (old := session.get(Memory, what.old.id)):
        session.add(Memory(library_id=what.new.id, loans_months=old.loans_months, leavers_months=old.leavers_months))
        session.flush()


SUCCESSION["privacy"] = Part(
    take_over,
    moves=frozenset({"consent.library_id"}),
    leaves={
        "memory.library_id": "the successor's own time holds",
        "look.library_id": "who looked, and where they worked that day",
    },
)
