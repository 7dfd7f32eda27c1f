"""The list of somebody who signed in: it stands in the database and is the same on every computer.

A title merged into another keeps its rows, unseen: the title that stands for it takes the same place on each list. So
taking them apart needs no memory of who had which, and nothing of anybody's list is written elsewhere.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, insert, literal, select
from sqlalchemy.orm import Session, aliased

from library.accounts.models import Account
from library.catalogue.merged import is_merged
from library.catalogue.models import Record
from library.finding.models import ListedTitle
from library.jobs.nightly import SOME, forgets

THEIRS = aliased(ListedTitle)


def titles(session: Session, account: UUID) -> list[UUID]:
    """In the order they were put on it."""
    query = select(Record.uid).join(ListedTitle, ListedTitle.record_id == Record.id)
    mine = query.where(ListedTitle.account == account, ~is_merged())
    return list(session.scalars(mine.order_by(ListedTitle.position)))


def put(session: Session, account: UUID, records: Sequence[int]) -> None:
    """Those that stand on it already stay where they are."""
    mine = select(ListedTitle.record_id).where(ListedTitle.account == account)
    last = session.scalar(select(func.max(ListedTitle.position)).where(ListedTitle.account == account)) or 0
    fresh = [one for one in records if one not in set(session.scalars(mine))]
    rows = [{"account": account, "record_id": one, "position": last + at} for at, one in enumerate(fresh, 1)]
    if rows:
        session.execute(insert(ListedTitle), rows)


def remove(session: Session, account: UUID, uid: UUID) -> None:
    """With what it stands for: a title taken off comes not back when it is taken apart."""
    mine = select(ListedTitle.position).join(Record, Record.id == ListedTitle.record_id)
    places = session.scalars(mine.where(Record.uid == uid, ListedTitle.account == account)).all()
    session.execute(delete(ListedTitle).where(ListedTitle.account == account, ListedTitle.position.in_(places)))


def empty(session: Session, account: UUID) -> None:
    session.execute(delete(ListedTitle).where(ListedTitle.account == account))


def take_over(session: Session, kept: int, gone: int) -> None:
    """Two titles become one: who listed only `gone` finds `kept` in its place."""
    theirs = select(ListedTitle.account, literal(kept), ListedTitle.position).where(ListedTitle.record_id == gone)
    both = select(ListedTitle.account).where(ListedTitle.record_id == kept)
    columns = ("account", "record_id", "position")
    session.execute(insert(ListedTitle).from_select(columns, theirs.where(ListedTitle.account.not_in(both))))


def give_back(session: Session, kept: int, gone: int) -> None:
    """They are two again: `kept` leaves the lists where it only stood for `gone`, in the same place."""
    stood = select(literal(1)).select_from(THEIRS).where(
        THEIRS.record_id == gone, THEIRS.account == ListedTitle.account, THEIRS.position == ListedTitle.position
    )  # fmt: skip
    session.execute(delete(ListedTitle).where(ListedTitle.record_id == kept, stood.exists()))


@forgets("lists")
def forget_lists(session: Session, now: datetime) -> bool:
    """What somebody wanted to read goes with their account."""
    orphans = select(ListedTitle.account).where(ListedTitle.account.not_in(select(Account.uid))).distinct().limit(SOME)
    gone = list(session.scalars(orphans))
    session.execute(delete(ListedTitle).where(ListedTitle.account.in_(gone)))
    return len(gone) == SOME
