"""What follows where visits are told or taken back: borrowers among the heads of their class are no visits of their own, and
a counter everybody comes by counts those only of whom nobody told."""

from collections.abc import Set
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from library.inbox.models import Act
from library.loans import coming
from library.organisations.models import Branch
from library.promotion import gates
from library.uses import settings
from library.uses.desk_visits import WHOLE
from library.uses.models import Visit, VisitKind

Touched = Set[tuple[date, str | None]]
"""Days, and the class that was counted as a whole, or is so no more."""


def touched(session: Session, act_id: int) -> Touched:
    """By the visits of that act, taken back ones too."""
    query = select(Visit.visited_on, Visit.class_name, Visit.kind, Act.kind).join(Act, Act.id == Visit.act_id)
    rows = session.execute(query.where(Visit.act_id == act_id).distinct()).all()
    return {(on, name if kind is VisitKind.SESSION or act == WHOLE else None) for on, name, kind, act in rows}


def follow(session: Session, act: tuple[int, UUID], branch_id: int, about: Touched) -> None:
    """Once per act, after all its rows were written."""
    library_id = session.get_one(Branch, branch_id).organisation_id
    counts = settings.read(session, library_id)
    for day, class_name in sorted(about, key=lambda one: (one[0], one[1] or "")):
        if class_name is not None:
            coming.of_class(session, branch_id, day, class_name, counts.loan_is_visit)
    for day in sorted({one[0] for one in about}):
        gates.again(session, act, branch_id, day)
