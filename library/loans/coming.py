"""A reader who borrowed at a desk was there: what the loans of a day say of visits."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Select, case, func, or_, select
from sqlalchemy.orm import Session, aliased

from library.inbox.models import Act
from library.loans.models import Loan
from library.organisations.models import Branch
from library.patrons.models import Membership, SchoolClass
from library.uses import desk_visits
from library.uses.counting import Frozen
from library.uses.desk_visits import Lent
from library.uses.models import DocumentUse, UseKind, Visit, VisitKind, Visitor

LENT = (UseKind.HOME, UseKind.IN_HOUSE)


def again(session: Session, act_id: int) -> None:
    """The act was voided, and its loans with it (one statement, if it lent nothing at a desk). What no loan of that day
    told as a visit (the library did not count them then) does not become one now."""
    query = _at_desk().where(Loan.act_id == act_id).with_only_columns(
        Loan.membership_id, DocumentUse.branch_id, DocumentUse.used_on
    )  # fmt: skip
    for membership_id, branch_id, day in session.execute(query.distinct()).all():
        assert membership_id is not None
        settle(session, membership_id, branch_id, day, adds=False, undone=act_id)


def of_class(session: Session, branch_id: int, day: date, class_name: str, adds: bool) -> None:
    """The class was counted as a whole there that day, or is so no more: the visits by desk of its readers follow. Locks
    them, those who might borrow meanwhile too."""
    that_day = (DocumentUse.branch_id == branch_id, DocumentUse.used_on == day, DocumentUse.class_name == class_name)
    lent = _at_desk().where(*that_day).with_only_columns(Loan.membership_id)
    here = select(Branch.organisation_id).where(Branch.id == branch_id).scalar_subquery()
    room = select(SchoolClass.id).where(SchoolClass.library_id == here, SchoolClass.name == class_name)
    query = select(Membership.id).where(or_(Membership.class_id.in_(room), Membership.id.in_(lent)))
    session.execute(query.order_by(Membership.id).with_for_update(key_share=True)).all()
    for membership_id in sorted({one for one in session.scalars(lent) if one is not None}):
        settle(session, membership_id, branch_id, day, adds)


def of_readers(session: Session, membership_ids: Sequence[int]) -> None:
    """Loans and visits went from one of these readers to another: on days on which both came (or one did whose visit was
    the other's for a while) their visits are as their loans say. The caller has locked their rows."""
    back, desk = aliased(Visit), case((Visit.kind == VisitKind.DESK, 1), else_=0)
    day = (Visitor.membership_id, Visitor.branch_id, Visitor.visited_on)
    query = select(*day, func.sum(desk)).join(Visit, Visit.id == Visitor.visit_id)
    told = query.outerjoin(back, back.reverses_id == Visit.id).where(Visitor.membership_id.in_(membership_ids))
    not_once = func.count(Visit.id) - func.count(back.id) != 1
    for reader, branch_id, on, at_desk in session.execute(told.group_by(*day).having(not_once).order_by(*day)).all():
        settle(session, reader, branch_id, on, adds=at_desk > 0)


def settle(
    session: Session, membership_id: int, branch_id: int, day: date, adds: bool = True, undone: int | None = None
) -> None:
    """The visit by desk of this reader there that day is as their loans and other visits say. The caller has locked the
    reader's row."""
    desk_visits.settle(
        session, membership_id, branch_id, day, _first(session, membership_id, branch_id, day), adds, undone
    )


def _at_desk() -> Select[DocumentUse]:
    """Lent at a desk rather than at a shelf or a stop: the use tells where."""
    lent = select(DocumentUse).join(Loan, Loan.act_id == DocumentUse.act_id)
    there = (DocumentUse.place_id.is_(None), DocumentUse.kind.in_(LENT), DocumentUse.quantity > 0)
    return lent.where(*there, Loan.membership_id.is_not(None))


def _first(session: Session, membership_id: int, branch_id: int, day: date) -> Lent | None:
    """The first loan of that day that stands."""
    mine = (Loan.membership_id == membership_id, Loan.voided.is_(False))
    that_day = (DocumentUse.branch_id == branch_id, DocumentUse.used_on == day)
    query = _at_desk().where(*mine, *that_day).order_by(DocumentUse.occurred_at, DocumentUse.id).limit(1)
    use = session.scalars(query).first()
    if use is None:
        return None
    uid = session.scalars(select(Act.uid).where(Act.id == use.act_id)).one()
    frozen = Frozen(branch_id, use.class_name, use.grade, use.category)
    return Lent((use.act_id, uid), use.occurred_at, frozen)
