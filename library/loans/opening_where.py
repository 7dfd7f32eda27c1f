"""Whose days a page of opening days is about, and who may say them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from flask import request
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import Session

from library.access import Permission, here
from library.calendars.models import Closure, ExtraOpening
from library.calendars.opening_days import Whose
from library.core import clock
from library.core.db import db
from library.core.errors import Forbidden, NotFound
from library.loans.closing import Reach
from library.loans.models import DueShift
from library.organisations import tree
from library.organisations.models import Branch, Organisation
from library.patrons import queries

ALL = "all"
"""In place of a branch: the library as a whole, with all below it."""


@dataclass(frozen=True)
class Where:
    """Whose days the page is about: a library, and one branch of it or (None) the whole with all below it."""

    libraries: Sequence[Organisation]
    library: Organisation
    branches: Sequence[Branch]
    branch: Branch | None
    whole: bool
    """May whoever asks speak for the library as a whole?"""

    @property
    def whose(self) -> Whose:
        return Whose(branch_id=self.branch.id) if self.branch else Whose(organisation_id=self.library.id)

    @property
    def uid(self) -> UUID:
        return self.branch.uid if self.branch else self.library.uid

    @property
    def asked(self) -> str | None:
        """The branch in the page's address."""
        if self.branch is None:
            return ALL
        return None if self.branch.id == current_user.branch_id else str(self.branch.uid)

    @property
    def lib(self) -> str | None:
        return None if self.library.id == current_user.library_id else self.library.slug

    def reach(self, first: date, last: date) -> Reach:
        return Reach(self.library.id, self.branch.id if self.branch else None, first, last)


def where() -> Where:
    """NotFound for what is not in scope; Forbidden for the whole of a library of which one has a part."""
    session = db.session()
    libraries = queries.libraries(session, here())
    library = queries.chosen(libraries, request.values.get("lib"), current_user.library_id)
    query = select(Branch).where(Branch.organisation_id == library.id, Branch.closed_on.is_(None))
    branches = session.scalars(query.where(here().of_branches(Branch.id)).order_by(Branch.id)).all()
    whole = may_speak_for_all(session, library)
    branch = _chosen(branches, request.values.get("branch"), whole)
    return Where(libraries, library, branches, branch, whole)


def may_speak_for_all(session: Session, library: Organisation) -> bool:
    below = tree.below([library.id], tree.parentage_on(session, clock.today()))
    return all(map(here().holds_branch, tree.branches_of(session, below)))


def _chosen(branches: Sequence[Branch], asked: str | None, whole: bool) -> Branch | None:
    if asked == ALL:
        if not whole:
            raise Forbidden(Permission.RULES)
        return None
    found = next((one for one in branches if str(one.uid) == asked), None)
    if (asked and found is None) or not branches:
        raise NotFound
    return found or next((one for one in branches if one.id == current_user.branch_id), branches[0])


def said_there(row: Closure | ExtraOpening | DueShift | None) -> Where:
    """Of what a level said or moved: that level. NotFound for none, and where one may not speak."""
    session = db.session()
    if row is None or getattr(row, "place_id", None) is not None:
        raise NotFound
    branch = session.get_one(Branch, row.branch_id) if row.branch_id else None
    owner = row.library_id if isinstance(row, DueShift) else row.organisation_id
    library = session.get_one(Organisation, branch.organisation_id if branch else owner)
    allowed = here().holds_branch(branch.id) if branch else may_speak_for_all(session, library)
    if not allowed:
        raise NotFound
    return Where([library], library, [branch] if branch else [], branch, branch is None)
