"""Copies for every pupil: of each school against what the standard asks for its stages.

Counted are copies that stand in a school's own register and are not said to be lost; copies that came to it by rotation are
the lender's. A school with two stages needs the copies of both: the norm is what its own pupils come to together.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from library.core.errors import N_
from library.holdings.models import Item
from library.loans.models import Loan
from library.organisations.models import Organisation, OrganisationKind
from library.patrons.models import Category, Membership, PatronGroup, SchoolClass
from library.reports import holding
from library.reports.tree import Segment

PER_PUPIL = "copies-per-pupil"
STAGES: Mapping[str, str] = {
    "preschool": N_("Mầm non"), "primary": N_("Tiểu học"), "lower": N_("Trung học cơ sở"),
    "upper": N_("Trung học phổ thông"),
}  # fmt: skip
LAST_GRADE = ((5, "primary"), (9, "lower"), (12, "upper"))


def stage_of(grade: int | None) -> str | None:
    """None: the grade is not told."""
    return None if grade is None else next((stage for last, stage in LAST_GRADE if grade <= last), "upper")


@dataclass(frozen=True)
class PerPupil:
    """A school on a day. `listed`: copies in its register; `copies`: of them those not lost; `pupils` by stage."""

    unit: int
    name: str
    listed: int
    copies: int
    pupils: Mapping[str, int]

    @property
    def all_pupils(self) -> int:
        return sum(self.pupils.values())

    @property
    def each(self) -> float | None:
        return self.copies / self.all_pupils if self.all_pupils else None

    def needed(self, norms: Mapping[str, int]) -> int | None:
        """Copies that the norms ask for; None: there is no norm for one of its stages."""
        if any(stage not in norms for stage in self.pupils):
            return None
        return sum(count * norms[stage] for stage, count in self.pupils.items())


def per_pupil(session: Session, standing: Segment) -> list[PerPupil]:
    """Of every school among the branches that stand there on the last day, by name (four statements)."""
    schools = sorted({one.owner for one in standing.stands.values() if one.kind == OrganisationKind.SCHOOL})
    branches = [branch for branch, one in standing.stands.items() if one.kind == OrganisationKind.SCHOOL]
    listed, lost = _copies(session, standing, branches, False), _copies(session, standing, branches, True)
    pupils = _pupils(session, schools, standing.last)
    names = select(Organisation.id, Organisation.name).where(Organisation.id.in_(schools)).order_by(Organisation.name)
    return [
        PerPupil(row.id, row.name, listed.get(row.id, 0), listed.get(row.id, 0) - lost.get(row.id, 0),
                 _staged(pupils.get(row.id, {})))
        for row in session.execute(names)
    ]  # fmt: skip


def _copies(session: Session, standing: Segment, branches: Iterable[int], lost: bool) -> dict[int, int]:
    """Of each school the copies in its register, or those of them said to be lost."""
    among = holding.copies_there(standing, branches, None)
    if lost:
        among.append(Item.id.in_(select(Loan.item_id).where(Loan.lost_at.is_not(None), ~Loan.voided)))
    found: dict[int, int] = {}
    for branch, count in session.execute(select(Item.branch_id, func.count()).where(*among).group_by(Item.branch_id)):
        owner = standing.stands[branch].owner
        found[owner] = found.get(owner, 0) + count
    return found


def _pupils(session: Session, schools: Iterable[int], day: date) -> dict[int, dict[int | None, int]]:
    """{school: {grade: pupils with a card}}."""
    query = (
        select(Membership.library_id, SchoolClass.grade, func.count())
        .join(Category, Category.id == Membership.category_id)
        .outerjoin(SchoolClass, SchoolClass.id == Membership.class_id)
        .where(Membership.library_id.in_(list(schools)), Category.group == PatronGroup.PUPIL)
        .where(Membership.from_on <= day, or_(Membership.to_on.is_(None), Membership.to_on > day))
        .group_by(Membership.library_id, SchoolClass.grade)
    )
    found: dict[int, dict[int | None, int]] = {}
    for school, grade, count in session.execute(query):
        found.setdefault(school, {})[grade] = count
    return found


def _staged(grades: Mapping[int | None, int]) -> dict[str, int]:
    """Pupils without a grade are of the stage most others are of; of the first one where nobody has a grade."""
    found: dict[str, int] = {}
    for grade, count in grades.items():
        if (stage := stage_of(grade)) is not None:
            found[stage] = found.get(stage, 0) + count
    if rest := grades.get(None, 0):
        usual = max(found, key=lambda stage: found[stage], default="preschool")
        found[usual] = found.get(usual, 0) + rest
    return found
