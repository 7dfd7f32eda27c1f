"""What stands at the head of papers in the frame of Nghị định 30/2020, and sums in words."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from library.core import clock
from library.core.fold import fold_words
from library.documents.amounts import dong as dong
from library.loans.models import Compensation
from library.organisations import communes, tree
from library.organisations.models import Branch, BranchKind, Organisation


def above(session: Session, library_id: int) -> str | None:
    """The name of who stands over the library today."""
    parents = dict(tree.parentage_on(session, clock.today()))
    return session.scalar(select(Organisation.name).where(Organisation.id == parents.get(library_id, 0)))


def town(session: Session, library_id: int) -> str | None:
    """The place a paper is made at (địa danh): the commune of the library's main branch, by its full name, which is right
    for those called after a person or a number too. None where nobody said it."""
    query = select(Branch.commune_code).where(Branch.organisation_id == library_id, Branch.commune_code.is_not(None))
    code = session.scalar(query.order_by(Branch.kind != BranchKind.MAIN, Branch.id).limit(1))
    found = communes.by_code(code) if code else None
    return found.name if found else None


def symbol(one: Compensation, library: Organisation) -> str:
    """12/2026/BB-THXH: number and year, minutes, the library's initials."""
    return f"{one.minutes_no or ''}/BB-{initials(library)}"


def initials(library: Organisation) -> str:
    return "".join(word[0].upper() for word in fold_words(library.short_name) if word[0].isalpha())[:8]


def on_day(day: date) -> str:
    """ngày 05 tháng 02 năm 2026: below ten, and January and February, with a nought."""
    month = f"{day.month:02}" if day.month < 3 else str(day.month)
    return f"ngày {day:%d} tháng {month} năm {day.year}"
