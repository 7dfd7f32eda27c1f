"""What a reader does alone: looks at their books, keeps one for longer, waits for another. Only ever their own."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from library.catalogue.models import Record
from library.core import clock
from library.core.errors import N_, NotFound, Reason, Refused
from library.core.forms import Reader
from library.holdings.models import Item, Place
from library.inbox import acts
from library.inbox.acts import Doing
from library.loans import desk, holds, holds_asking, holds_changes
from library.loans.desk import Desk, What
from library.loans.models import Hold, Loan, still_out
from library.loans.self_sessions import Oneself
from library.organisations.models import Branch, Organisation
from library.policies.values import Channel

MOST = 100
"""Books and waits on one page."""
LONGEST_PAUSE = 90
"""Days a wait may be suspended for."""


class NotKept(Refused):
    """Why this book is not kept for longer."""


class NowhereToFetch(Refused):
    def __init__(self) -> None:
        super().__init__(Reason("nowhere", N_("Thư viện này chưa có nơi nhận sách giữ chỗ.")))


class KeptAlready(Refused):
    def __init__(self) -> None:
        super().__init__(Reason("kept-already", N_("Sách đã để riêng rồi. Đến lấy, hoặc bỏ giữ chỗ cho bạn khác.")))


@dataclass(frozen=True)
class Mine:
    """A book one has. `renewals` is how often it was kept for longer."""

    id: int
    title: str
    due_on: date
    renewals: int

    @property
    def late(self) -> int:
        return max((clock.today() - self.due_on).days, 0)


@dataclass(frozen=True)
class Waits:
    """A title one waits for. `place` is where it is fetched, `keep_until` once a copy stands there."""

    uid: UUID
    title: str
    place: str
    is_ready: bool
    keep_until: date | None
    suspended_until: date | None


def loans(session: Session, membership_id: int) -> list[Mine]:
    """The earliest due first."""
    query = (
        select(Loan.id, Record.title, Record.part_number, Loan.due_on, Loan.renewals)
        .join(Item, Item.id == Loan.item_id)
        .join(Record, Record.id == Item.record_id)
        .where(Loan.membership_id == membership_id, still_out())
        .order_by(Loan.due_on, Loan.id)
        .limit(MOST)
    )
    return [
        Mine(one, f"{title} – {part}" if part else title, due_on, renewals)
        for one, title, part, due_on, renewals in session.execute(query)
    ]


def holds_of(session: Session, membership_id: int) -> list[Waits]:
    """What is ready first, then in the order asked."""
    query = (
        select(Hold, Record, Place.name, Branch.name)
        .join(Record, Record.id == Hold.record_id)
        .join(Branch, Branch.id == Hold.branch_id)
        .outerjoin(Place, Place.id == Hold.place_id)
        .where(Hold.membership_id == membership_id, Hold.ended_at.is_(None))
        .order_by(Hold.ready_at.is_(None), Hold.placed_at, Hold.id)
        .limit(MOST)
    )
    return [
        Waits(hold.uid, record.full_title, place or branch, hold.ready_at is not None, hold.keep_until, _paused(hold))
        for hold, record, place, branch in session.execute(query)
    ]


def _paused(hold: Hold) -> date | None:
    until = hold.suspended_until
    return until if until and until >= clock.today() else None


def renew(session: Session, library: Organisation, oneself: Oneself, loan_id: int, due: str) -> date:
    """The new last day. `due`, as the page showed it: pressed twice, the second press finds it done.

    Raises NotFound for another's loan, NotKept with every reason.
    """
    mine = (Loan.id == loan_id, Loan.membership_id == oneself.membership_id)
    loan = session.scalar(select(Loan).where(*mine, still_out()))
    if loan is None or library.network_id is None:
        raise NotFound
    if loan.due_on.isoformat() != due:
        return loan.due_on
    lender = session.scalars(select(Branch.organisation_id).where(Branch.id == loan.branch_id)).one()
    here = Desk(lender, library.network_id, loan.branch_id)  # by the rules of the desk that lent it
    doing = Doing.now(branch_id=loan.branch_id)
    told = desk.renew_loan(session, here, doing, loan_id, seen=False, channel=Channel.SELF)
    if told.what is not What.RENEWED or told.due_on is None:
        raise NotKept(*told.reasons)
    return told.due_on


def place(session: Session, library: Organisation, oneself: Oneself, record_id: int) -> None:
    """To be fetched where one's class is, else at the library's first branch. Raises holds_asking.MayNotWait."""
    branch_id = oneself.branch_id or _first_branch(session, library.id)
    doing = Doing.now(branch_id=branch_id)
    holds_asking.ask(session, doing, record_id, oneself.membership_id, branch_id, channel=Channel.SELF)


def _first_branch(session: Session, library_id: int) -> int:
    query = select(Branch.id).where(Branch.organisation_id == library_id, Branch.closed_on.is_(None))
    found = session.scalar(query.order_by(Branch.id).limit(1))
    if found is None:
        raise NowhereToFetch
    return found


def _open_hold(session: Session, oneself: Oneself, uid: UUID) -> Hold:
    holds.lock_kept(session, Hold.uid == uid)
    mine = select(Hold).where(Hold.uid == uid, Hold.membership_id == oneself.membership_id, Hold.ended_at.is_(None))
    found = session.scalar(mine.with_for_update())
    if found is None:
        raise NotFound
    return found


def cancel(session: Session, oneself: Oneself, uid: UUID) -> None:
    hold = _open_hold(session, oneself, uid)
    holds.cancel(session, Doing.now(branch_id=hold.branch_id), hold)


def suspend(session: Session, oneself: Oneself, uid: UUID, source: Mapping[str, Any]) -> date | None:
    """The last day they are passed over, as typed under `until`; None ends it. Raises Invalid."""
    hold = _open_hold(session, oneself, uid)
    if hold.item_id is not None:
        raise KeptAlready
    reader = Reader(source)
    until = reader.day("until", required=False)
    if until and not clock.today() < until <= clock.today() + timedelta(days=LONGEST_PAUSE):
        reader.complain("until", "day", N_("Chọn một ngày từ ngày mai đến %(most)s ngày nữa."), most=LONGEST_PAUSE)
    reader.done()
    act_id = acts.write(session, Doing.now(branch_id=hold.branch_id), "suspend-hold", clock.now())
    holds_changes.change(session, act_id, hold.id, {"suspended_until": until})
    return until
