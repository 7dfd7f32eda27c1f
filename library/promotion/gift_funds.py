"""Funds: money comes in by gifts, goes out by lines of spending, and never more than there is."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from library.core import clock
from library.core.errors import N_
from library.core.fold import fold
from library.core.numbers import written
from library.inbox import acts
from library.inbox.acts import Doing
from library.promotion.gift_changes import NotDone
from library.promotion.gift_models import Fund, FundSpending, Gift

KIND = "fund-spend"
FIRST_NAME = "Quỹ khuyến học"


@dataclass(frozen=True)
class Balance:
    """Đồng."""

    came: int
    spent: int

    @property
    def left(self) -> int:
        return self.came - self.spent


def open_fund(session: Session, library_id: int, name: str) -> Fund:
    """Raises NotDone for a name that a fund has."""
    if fold(name) in {fold(one.name) for one in open_funds(session, library_id)}:
        raise NotDone("name-taken", N_("Đã có quỹ tên “%(name)s”."), name=name)
    made = Fund(uid=clock.uuid7(), library_id=library_id, name=name)
    session.add(made)
    session.flush()
    return made


def open_funds(session: Session, library_id: int) -> list[Fund]:
    query = select(Fund).where(Fund.library_id == library_id, Fund.closed_on.is_(None))
    return list(session.scalars(query.order_by(Fund.id)))


def spend(session: Session, doing: Doing, fund: Fund, on: date, amount: int, what: str, voucher: str | None) -> int:
    """The act's id. Raises NotDone for more than there is."""
    act_id = acts.write(session, doing, KIND, doing.at or clock.now())
    session.add(FundSpending(
        uid=clock.uuid7(), fund_id=fund.id, act_id=act_id, spent_on=on, amount=amount, what=what, voucher=voucher,
    ))  # fmt: skip
    session.flush()
    check(session, fund.id)
    return act_id


def undo(session: Session, voiding: tuple[int, UUID], act_id: int) -> None:
    for line in session.scalars(select(FundSpending).where(FundSpending.act_id == act_id)):
        line.voided = True
    session.flush()


def check(session: Session, fund_id: int) -> None:
    """Locks the fund: two cannot spend the same money. Raises NotDone."""
    name = session.scalars(select(Fund.name).where(Fund.id == fund_id).with_for_update(key_share=True)).one()
    found = balances(session, [fund_id])[fund_id]
    if found.left < 0:
        sentence = N_("%(name)s chỉ có %(came)s đ, đã ghi chi %(spent)s đ. Sửa số tiền chi, hoặc ghi khoản thu trước.")
        raise NotDone("overspent", sentence, name=name, came=written(found.came), spent=written(found.spent))


def balances(session: Session, funds: Collection[int]) -> dict[int, Balance]:
    """By fund (two statements)."""
    came = select(Gift.fund_id, func.sum(Gift.money)).where(Gift.fund_id.in_(funds), Gift.cancelled.is_(False))
    spent = select(FundSpending.fund_id, func.sum(FundSpending.amount))
    lines = spent.where(FundSpending.fund_id.in_(funds), FundSpending.voided.is_(False))
    incoming = {fund: int(many) for fund, many in session.execute(came.group_by(Gift.fund_id))}
    outgoing = {fund: int(many) for fund, many in session.execute(lines.group_by(FundSpending.fund_id))}
    return {fund: Balance(incoming.get(fund, 0), outgoing.get(fund, 0)) for fund in funds}


@dataclass(frozen=True)
class Entry:
    """A line of the fund's book, with what is left after it."""

    on: date
    what: str | None
    number: str | None
    came: int
    spent: int
    left: int
    gift: Gift | None = None
    act_id: int | None = None


def book(session: Session, fund: Fund) -> list[Entry]:
    """In order of days; on one day what came stands before what was spent."""
    gifts = session.scalars(
        select(Gift).where(Gift.fund_id == fund.id, Gift.cancelled.is_(False)).options(joinedload(Gift.donor))
    )
    lines = session.scalars(select(FundSpending).where(FundSpending.fund_id == fund.id, FundSpending.voided.is_(False)))
    rows = [((one.given_on, 0, one.id), one) for one in gifts] + [((one.spent_on, 1, one.id), one) for one in lines]
    left, made = 0, []
    for _key, one in sorted(rows, key=lambda row: row[0]):
        left += one.money if isinstance(one, Gift) else -one.amount
        made.append(_entry(one, left))
    return made


def _entry(one: Gift | FundSpending, left: int) -> Entry:
    if isinstance(one, Gift):
        return Entry(one.given_on, None, one.receipt_no, one.money, 0, left, gift=one)
    return Entry(one.spent_on, one.what, one.voucher, 0, one.amount, left, act_id=one.act_id)
