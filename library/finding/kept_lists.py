"""The list of somebody who signed in: it stands in the database and is the same on every computer."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from library.accounts.models import Account
from library.catalogue.models import Record
from library.finding.models import ListedTitle
from library.jobs.nightly import SOME, forgets


def titles(session: Session, account: UUID) -> list[UUID]:
    """In the order they were put on it."""
    query = select(Record.uid).join(ListedTitle, ListedTitle.record_id == Record.id)
    return list(session.scalars(query.where(ListedTitle.account == account).order_by(ListedTitle.position)))


def put(session: Session, account: UUID, records: Sequence[int]) -> None:
    """Those that stand on it already stay where they are."""
    mine = select(ListedTitle.record_id).where(ListedTitle.account == account)
    last = session.scalar(select(func.max(ListedTitle.position)).where(ListedTitle.account == account)) or 0
    fresh = [one for one in records if one not in set(session.scalars(mine))]
    rows = [{"account": account, "record_id": one, "position": last + at} for at, one in enumerate(fresh, 1)]
    if rows:
        session.execute(insert(ListedTitle), rows)


def remove(session: Session, account: UUID, uid: UUID) -> None:
    mine = select(Record.id).where(Record.uid == uid).scalar_subquery()
    session.execute(delete(ListedTitle).where(ListedTitle.account == account, ListedTitle.record_id == mine))


def empty(session: Session, account: UUID) -> None:
    session.execute(delete(ListedTitle).where(ListedTitle.account == account))


@forgets("lists")
def forget_lists(session: Session, now: datetime) -> bool:
    """What somebody wanted to read goes with their account."""
    orphans = select(ListedTitle.account).where(ListedTitle.account.not_in(select(Account.uid))).distinct().limit(SOME)
    gone = list(session.scalars(orphans))
    session.execute(delete(ListedTitle).where(ListedTitle.account.in_(gone)))
    return len(gone) == SOME
