"""What a visit of a stop came to: figures of the acts done there, and of nothing else. Undone acts count for nothing."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from library.inbox.models import Act
from library.loans.models import Loan
from library.mobile.models import StopCount, VisitAct
from library.uses.models import DocumentUse, UseKind, Visit

Who = tuple[str | None, str | None, str | None, str | None]
"""Category, class, sex, access need."""
Sort = tuple[int | None, str | None]
"""Colour and box."""


@dataclass(frozen=True)
class Figures:
    """Readers by (category, class, sex, access need); documents counted by touch by (level, box); the rest by name.

    `lent`, `renewed`, `read_here`: of copies that were scanned; `returned`: loans that ended there.
    """

    heads: Mapping[Who, int] = field(default_factory=dict)
    tallied: Mapping[Sort, int] = field(default_factory=dict)
    others: Mapping[str, int] = field(default_factory=dict)
    lent: int = 0
    renewed: int = 0
    read_here: int = 0
    returned: int = 0

    @property
    def visits(self) -> int:
        """Lượt bạn đọc."""
        return sum(self.heads.values())

    @property
    def pupils(self) -> int:
        return sum(number for key, number in self.heads.items() if key[0] == "pupil" or key[1])

    @property
    def boys(self) -> int:
        return self.of_sex("m")

    @property
    def girls(self) -> int:
        return self.of_sex("f")

    @property
    def teachers(self) -> int:
        return self.of_category("teacher")

    @property
    def citizens(self) -> int:
        """Everybody else, people with disabilities included."""
        return self.visits - self.pupils - self.teachers

    @property
    def access(self) -> int:
        """People with disabilities, the blind included; they are among the visits."""
        return sum(number for key, number in self.heads.items() if key[3])

    @property
    def grown_ups(self) -> int:
        return self.visits - self.pupils

    @property
    def uses(self) -> int:
        """Lượt tài liệu: counted by touch, lent and read on the spot."""
        return sum(self.tallied.values()) + self.lent + self.renewed + self.read_here

    def of_sex(self, sex: str) -> int:
        return sum(number for key, number in self.heads.items() if key[2] == sex)

    def of_category(self, category: str) -> int:
        return sum(number for key, number in self.heads.items() if key[0] == category)

    @property
    def classes(self) -> Mapping[str, int]:
        """By class, in order of their names."""
        found: dict[str, int] = {}
        for (_category, name, _sex, _need), number in self.heads.items():
            if name:
                found[name] = found.get(name, 0) + number
        return dict(sorted(found.items()))

    def __bool__(self) -> bool:
        return bool(self.visits or self.uses or self.returned or any(self.others.values()))


def figures(session: Session, visit_id: int) -> Figures:
    return of(session, [visit_id])[visit_id]


def of(session: Session, visit_ids: Iterable[int]) -> dict[int, Figures]:
    """Of many visits at once, in four statements; of none, in none."""
    ids = list(visit_ids)
    if not ids:
        return {}
    heads, others, back = _heads(session, ids), _others(session, ids), _returned(session, ids)
    tallied: dict[int, dict[Sort, int]] = {one: {} for one in ids}
    scanned: dict[int, Counter[UseKind]] = {one: Counter() for one in ids}
    for visit, kind, level, box, number in _uses(session, ids):
        if kind is UseKind.TALLY:
            tallied[visit][level, box] = number
        else:
            scanned[visit][kind] += number
    return {
        one: Figures(
            heads[one], tallied[one], others[one], scanned[one][UseKind.HOME], scanned[one][UseKind.RENEWAL],
            scanned[one][UseKind.IN_HOUSE], back.get(one, 0),
        )
        for one in ids
    }  # fmt: skip


def _heads(session: Session, ids: list[int]) -> dict[int, dict[Who, int]]:
    facts = (Visit.category, Visit.class_name, Visit.sex, Visit.access_need)
    query = (
        select(VisitAct.visit_id, *facts, func.sum(Visit.quantity))
        .join(Visit, Visit.act_id == VisitAct.act_id)
        .where(VisitAct.visit_id.in_(ids))
        .group_by(VisitAct.visit_id, *facts)
    )
    found: dict[int, dict[Who, int]] = {one: {} for one in ids}
    for visit, category, name, sex, need, number in session.execute(query):
        if number:
            found[visit][category, name, sex, need] = int(number)
    return found


def _uses(session: Session, ids: list[int]) -> list[tuple[int, UseKind, int | None, str | None, int]]:
    facts = (DocumentUse.kind, DocumentUse.reading_level, DocumentUse.class_mark)
    query = (
        select(VisitAct.visit_id, *facts, func.sum(DocumentUse.quantity))
        .join(DocumentUse, DocumentUse.act_id == VisitAct.act_id)
        .where(VisitAct.visit_id.in_(ids))
        .group_by(VisitAct.visit_id, *facts)
    )
    return [(row[0], row[1], row[2], row[3], int(row[4])) for row in session.execute(query) if row[4]]


def _others(session: Session, ids: list[int]) -> dict[int, dict[str, int]]:
    query = select(StopCount.visit_id, StopCount.what, func.sum(StopCount.quantity))
    rows = session.execute(query.where(StopCount.visit_id.in_(ids)).group_by(StopCount.visit_id, StopCount.what))
    found: dict[int, dict[str, int]] = {one: {} for one in ids}
    for visit, what, number in rows:
        if number:
            found[visit][what] = int(number)
    return found


def _returned(session: Session, ids: list[int]) -> dict[int, int]:
    """Loans that an act of the visit ended; lending on to the next reader is no return."""
    query = (
        select(VisitAct.visit_id, func.count(Loan.id))
        .join(Loan, Loan.ended_by == VisitAct.act_id)
        .join(Act, Act.id == VisitAct.act_id)
        .where(VisitAct.visit_id.in_(ids), Loan.voided.is_(False), Act.kind == "take-in", Act.voided_by.is_(None))
        .group_by(VisitAct.visit_id)
    )
    return {row[0]: row[1] for row in session.execute(query)}
