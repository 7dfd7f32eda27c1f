"""Commendations, counted on the day of the decision, and their certificates."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from library.inbox.acts import Doing
from library.organisations.models import Branch
from library.patrons.models import Membership, Person, SchoolClass
from library.promotion import event_steps
from library.promotion.commend_models import Commendation, Whom
from library.promotion.event_steps import Manner, Plain
from library.shelves import certificate_sheet
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
    """One A4 page, in the drawing of a class's certificate."""
    ((name, group),) = names(session, [one]).values()
    library = session.get_one(Branch, one.branch_id).organisation
    by = f"{one.given_by}, Quyết định số {one.decision}" if one.decision else one.given_by
    values = {
        "library": library.name, "name": name, "group": group and f"Học sinh lớp {group}", "day": one.day,
        "right": (one.signer or "", ""),
    }  # fmt: skip
    paper = certificate_sheet.of("pupil" if one.membership_id else "other", values)
    return certificate_sheet.pdf([replace(paper, reason=one.reason, figures=by)])
