"""What is typed about an account: a role with where and how long, somebody new."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from flask import request
from flask_login import current_user
from sqlalchemy import select

from library import access
from library.access import Permission, here
from library.accounts import codes, staff
from library.accounts.models import RoleName
from library.accounts.roles import WITHOUT_BRANCH
from library.accounts.staff import Giving
from library.core import clock
from library.core.db import db
from library.core.errors import N_, Forbidden
from library.core.forms import Reader
from library.organisations.models import Branch
from library.patrons import queries
from library.patrons.models import SchoolClass

DAY = timedelta(days=1)


def branches_of(library_id: int) -> Sequence[Branch]:
    query = select(Branch).where(Branch.organisation_id == library_id, Branch.closed_on.is_(None))
    return db.session.scalars(query.order_by(Branch.id)).all()


def classes_of(library_id: int) -> Sequence[SchoolClass]:
    return [one for one, _count in queries.classes(db.session(), library_id, clock.today(), here())]


@dataclass(frozen=True)
class Newcomer:
    """Somebody invited. `days`: how long the code is good."""

    name: str
    branch: Branch
    days: int
    giving: Giving


def read_newcomer(library_id: int) -> Newcomer:
    """Raises Invalid; Forbidden for what is not one's own to give here."""
    reader = Reader(request.form)
    name = reader.text("name", longest=100)
    branches = {str(one.uid): one for one in branches_of(library_id)}
    branch = reader.choice("branch", branches, required=False) or next(iter(branches.values()))
    days = reader.number("days", 1, codes.MOST_DAYS, required=False) or codes.DAYS_INVITED
    giving = _read_giving(reader, library_id)
    return Newcomer(name, branch, days, giving)


def read_giving(library_id: int) -> Giving:
    """Raises Invalid; Forbidden for what is not one's own to give here."""
    return _read_giving(Reader(request.form), library_id)


def _read_giving(reader: Reader, library_id: int) -> Giving:
    role = reader.choice("role", {one.value: one for one in staff.TELLS})
    class_id = reader.choice("class", {str(one.uid): one.id for one in classes_of(library_id)}, required=False)
    only = reader.choice("only", {str(one.uid): one.id for one in branches_of(library_id)}, required=False)
    last = reader.day("until", required=False)
    if last and last < clock.today():
        reader.complain("until", "past", N_("Ngày này đã qua."))
    reader.done()
    assert role
    asked = Giving(
        role,
        class_id if role is RoleName.TEACHER else None,
        None if role in WITHOUT_BRANCH else only,
        last and last + DAY,
    )
    return _within_ones_own(reader, asked, library_id)


def _within_ones_own(reader: Reader, asked: Giving, library_id: int) -> Giving:
    """The same, with its usual end where none was said. Raises Forbidden for more or elsewhere, Invalid for longer."""
    session = db.session()
    where = staff.reach(session, asked.role, library_id, clock.today(), asked.branch_id)
    if not staff.may_give(asked.role, where, access.scope):
        raise Forbidden(Permission.ACCOUNTS)
    end = staff.own_end(session, asked.role, where, current_user.grants)
    if asked.until is None:
        until = staff.usual_end(session, asked.role, library_id, end)
        return Giving(asked.role, asked.class_id, asked.branch_id, until)
    if not staff.is_within(asked.until, end):
        assert end
        last = last_day(end)
        reader.complain("until", "too-late", N_("Không muộn hơn phần việc của chính mình: đến hết %(day)s."), day=last)
    reader.done()
    return asked


def last_day(until: date) -> str:
    """As people say it: the last day it is good, 31/05/2027."""
    return f"{until - DAY:%d/%m/%Y}"
