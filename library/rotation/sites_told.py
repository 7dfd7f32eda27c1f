"""Sites as pages list them, and a site as the values of its form."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, joinedload

from library.access import Scope
from library.core.fold import fold
from library.holdings.models import Stay
from library.organisations.models import Branch, BranchKind, Organisation
from library.rotation import agreements
from library.rotation.models import Agreement, Site
from library.rotation.sites_forms import usual_end

SOON = 60
"""Days before its end that an agreement is called ending."""


@dataclass(frozen=True)
class Row:
    """A site with how many copies stay there and what it agreed to, if that holds today."""

    site: Site
    staying: int
    agreed: Agreement | None
    ends_soon: bool

    def answers_to(self, text: str) -> bool:
        words = fold(" ".join(filter(None, (self.site.name, self.site.area, self.site.keeper_name))))
        return all(word in words for word in fold(text).split())

    @property
    def area(self) -> str:
        return self.site.area or ""

    @property
    def is_full(self) -> bool:
        return self.agreed is not None and self.staying > self.agreed.quota


def rows(session: Session, which: ColumnElement[bool], today: date) -> list[Row]:
    """By area and name (three statements)."""
    query = select(Site).where(which).options(joinedload(Site.branch).joinedload(Branch.organisation))
    found = list(session.scalars(query.order_by(Site.area, Site.name)))
    there = staying(session, [site.place_id for site in found])
    agreed = agreements.current_of(session, [site.id for site in found], today)
    return [
        Row(site, there.get(site.place_id, 0), agreed.get(site.id), _ends_soon(agreed.get(site.id), today))
        for site in found
    ]


def _ends_soon(agreed: Agreement | None, today: date) -> bool:
    return agreed is not None and (agreed.to_on - today).days < SOON


def staying(session: Session, place_ids: Sequence[int]) -> dict[int, int]:
    """Copies that stay at each place by an open stay (one statement)."""
    still = (Stay.place_id.in_(place_ids), Stay.ended_at.is_(None), Stay.voided.is_(False))
    query = select(Stay.place_id, func.count()).where(*still).group_by(Stay.place_id)
    return {place: count for place, count in session.execute(query) if place is not None}


def branches(session: Session, scope: Scope, library: Organisation) -> list[Branch]:
    """Libraries of the network that may become a site of `library`, their main branches first."""
    query = select(Branch).join(Organisation, Organisation.id == Branch.organisation_id)
    query = query.where(scope.of_branches(Branch.id), Branch.closed_on.is_(None), Organisation.to_on.is_(None))
    own = (Organisation.network_id == library.network_id, Organisation.id != library.id)
    ordered = query.where(*own).order_by(Organisation.name, Branch.kind != BranchKind.MAIN, Branch.name)
    return list(session.scalars(ordered.options(joinedload(Branch.organisation))))


def taken(session: Session, library_id: int) -> dict[int, str]:
    """Branches that are a site of the library already, and its name."""
    query = select(Site.branch_id, Site.name).where(Site.library_id == library_id, Site.closed_on.is_(None))
    return dict(session.execute(query).all())


def areas(session: Session, library_id: int) -> list[str]:
    """Headings in use."""
    query = select(Site.area).where(Site.library_id == library_id, Site.area.is_not(None)).distinct()
    return sorted(filter(None, session.scalars(query)))


def as_form(site: Site | None, branch: Branch | None) -> Mapping[str, Any]:
    """What stands in the form before anybody types."""
    if site is None:
        return {"name": branch.organisation.name if branch else ""}
    named = ("name", "kind", "area", "keeper_name", "keeper_title", "keeper_phone", "readers", "note")
    where = f"{round(site.latitude, 6)}, {round(site.longitude or 0, 6)}" if site.latitude is not None else ""
    return {
        **{name: getattr(site, name) for name in named}, "position": where,
        "grade": [str(grade) for grade in site.grades], "language": list(site.languages),
    }  # fmt: skip


def agreement_form(now: Agreement | None, today: date, months: int) -> dict[str, Any]:
    """The terms of the one that holds, for another year."""
    terms = {
        "quota": now.quota if now else 200, "months": now.months if now else months,
        "floats": "1" if now and now.floats else "", "float_cap": now.float_cap if now else None,
        "signed_name": now.signed_name if now else None,
    }  # fmt: skip
    first = max(now.to_on, today) if now else today
    return {**terms, "from_on": first.isoformat(), "to_on": usual_end(first).isoformat(), "number": ""}
