"""Commendations, counted on the day of the decision, and their papers."""

from collections.abc import Iterable, Sequence
from datetime import date

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from library.inbox.acts import Doing
from library.loans.compensation_papers import town
from library.organisations.models import Branch
from library.patrons.models import Membership, Person, SchoolClass
from library.privacy import consenting
from library.privacy.models import Purpose
from library.promotion import commend_sheet, event_steps
from library.promotion.commend_models import Commendation, Whom
from library.promotion.event_steps import Manner, Plain
from library.shelves.reading_awards import BLANK
from library.uses.happenings import Fact, Measure

KIND = "commendation"
MEASURES = {Whom.COLLECTIVE: Measure.COMMENDED_COLLECTIVE, Whom.PERSON: Measure.COMMENDED_PERSON}


def _facts(session: Session, one: Commendation) -> Iterable[Fact]:
    yield Fact(MEASURES[one.whom], 1, one.day, one.branch_id)


MANNER = Manner(
    KIND, Commendation,
    ("day", "whom", "name", "membership_id", "given_by", "decision", "reason", "signer", "note"),
    _facts, forgetful=frozenset({"name"}),
)  # fmt: skip


def record(session: Session, doing: Doing, branch_id: int, said: Plain) -> Commendation:
    made: Commendation = event_steps.make(session, doing, MANNER, branch_id, said)
    return made


def change(session: Session, doing: Doing, one: Commendation, said: Plain) -> bool:
    return event_steps.change(session, doing, MANNER, one, "change", said)


def listed(session: Session, where: ColumnElement[bool], first: date, last: date) -> list[Commendation]:
    """The newest first."""
    query = select(Commendation).where(where, Commendation.gone.is_(False), Commendation.day.between(first, last))
    return list(session.scalars(query.order_by(Commendation.day.desc(), Commendation.id.desc())))


def names(session: Session, many: Sequence[Commendation]) -> dict[int, tuple[str, str]]:
    """(name, class) by commendation: a reader as they are called now (one statement)."""
    ids = {one.membership_id for one in many if one.membership_id}
    query = select(Membership.id, Person.full_name, SchoolClass.name).join(Person, Person.id == Membership.person_id)
    query = query.outerjoin(SchoolClass, SchoolClass.id == Membership.class_id).where(Membership.id.in_(ids))
    readers = {row[0]: (row[1], row[2] or "") for row in session.execute(query)} if ids else {}
    return {one.id: readers.get(one.membership_id or 0, (one.name or "", "")) for one in many}


def certificate(session: Session, one: Commendation) -> bytes:
    """A giấy khen on one A4 page; where a pupil's family did not agree, a line to write the name on."""
    ((name, group),) = names(session, [one]).values()
    library = session.get_one(Branch, one.branch_id).organisation
    return commend_sheet.pdf(commend_sheet.Commended(
        name if may_name(session, one) else BLANK, group and f"Học sinh lớp {group}, {library.name}", one.reason,
        one.given_by, one.signer or "", one.decision or "", town(session, library.id) or "", one.day,
    ))  # fmt: skip


def may_name(session: Session, one: Commendation) -> bool:
    """Whether the name may stand on the paper: a reader's, where the family agreed."""
    reader = session.get(Membership, one.membership_id or 0)
    return reader is None or consenting.agrees(session, reader, Purpose.NAME)
