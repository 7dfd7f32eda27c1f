"""Consents: written down with who gave them and what shows it, withdrawn at any time, never taken from silence."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from library.core import clock
from library.core.errors import N_, NotFound, Reason, Refused
from library.patrons.models import Membership
from library.privacy.models import Consent, Purpose, Relation

PURPOSES = {
    Purpose.HISTORY: N_("Giữ danh sách sách đã đọc"),
    Purpose.NAME: N_("Nêu tên trên bảng đọc sách, giấy khen"),
    Purpose.PHOTO: N_("Dùng ảnh chụp khi sinh hoạt thư viện"),
}
RELATIONS = {
    Relation.MOTHER: N_("Mẹ"), Relation.FATHER: N_("Bố"), Relation.GUARDIAN: N_("Người giám hộ"),
    Relation.SELF: N_("Chính bạn đọc"),
}  # fmt: skip
ASKED_FROM = 7
"""Years of age: from when on a child is asked too (practice, not law: see docs/privacy.md)."""


class AgreedAlready(Refused):
    def __init__(self) -> None:
        super().__init__(
            Reason("agreed-already", N_("Việc này đã có người đồng ý rồi. Rút lại trước nếu cần ghi mới."))
        )


@dataclass(frozen=True)
class Said:
    """What somebody said, and where it is written."""

    purpose: Purpose
    relation: Relation
    given_by: str
    child_agrees: bool
    evidence: str
    given_on: date


def is_asked(born_on: date | None, today: date) -> bool:
    """Whether the child's own word is needed beside its parents'; of one whose age nobody knows, too."""
    return born_on is None or today.year - born_on.year >= ASKED_FROM


def of(session: Session, reader: Membership) -> list[Consent]:
    """All that were given for this reader at this library, the newest first."""
    query = select(Consent).where(Consent.person_id == reader.person_id, Consent.library_id == reader.library_id)
    return list(session.scalars(query.order_by(Consent.given_on.desc(), Consent.id.desc())))


def agrees(session: Session, reader: Membership, purpose: Purpose) -> bool:
    return any(one.purpose is purpose and one.withdrawn_on is None for one in of(session, reader))


def give(session: Session, reader: Membership, said: Said, account: UUID | None) -> Consent:
    """Raises AgreedAlready."""
    if agrees(session, reader, said.purpose):
        raise AgreedAlready
    made = Consent(
        uid=clock.uuid7(), person_id=reader.person_id, library_id=reader.library_id, purpose=said.purpose,
        relation=said.relation, given_by=said.given_by, child_agrees=said.child_agrees, evidence=said.evidence,
        given_on=said.given_on, account=account, withdrawn_on=None,
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made


def withdraw(session: Session, reader: Membership, uid: UUID) -> Consent:
    """From today on it holds no more. Raises NotFound; a second time changes nothing."""
    found = next((one for one in of(session, reader) if one.uid == uid), None)
    if found is None:
        raise NotFound
    found.withdrawn_on = found.withdrawn_on or max(clock.today(), found.given_on)
    session.flush()
    return found
