"""Gifts: counted when they come, corrected, taken back; what each is worth as facts. Money goes to a fund."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from library.core import clock
from library.core.errors import N_
from library.inbox import acts
from library.inbox.acts import Doing
from library.organisations import codes
from library.organisations.models import Branch
from library.promotion import drives, gift_changes, gift_funds, gift_sums
from library.promotion.gift_changes import Before, NotDone
from library.promotion.gift_models import Gift, GiftLine, GiftSort, GivingChange, Worn
from library.uses import happenings
from library.uses.happenings import Fact, Measure

KIND = "gift"
MONEY = "fund"
"""The sort of money among facts."""


@dataclass(frozen=True)
class Line:
    sort: GiftSort
    worn: Worn
    quantity: int


@dataclass(frozen=True)
class Given:
    """A gift as it is told: copies by sort and state, đồng for a fund. `donor_id` None: not named."""

    on: date
    donor_id: int | None = None
    drive_id: int | None = None
    lines: tuple[Line, ...] = ()
    money: int = 0
    fund_id: int | None = None
    note: str | None = None


def give(session: Session, doing: Doing, told: Given) -> Gift:
    """At the branch of `doing`."""
    return give_many(session, doing, [told])[0]


def give_many(session: Session, doing: Doing, every: Iterable[Given]) -> list[Gift]:
    """Several gifts counted in one go are one act."""
    act_id = acts.write(session, doing, KIND, doing.at or clock.now())
    return [_give(session, (act_id, doing.uid), doing.branch_id or 0, told) for told in every]


def _give(session: Session, act: tuple[int, UUID], branch_id: int, told: Given) -> Gift:
    drives.check_open(session, told.drive_id)
    library_id = _library(session, branch_id)
    (number,) = codes.take(session, library_id, f"gift {told.on.year}")
    made = Gift(uid=clock.uuid7(), branch_id=branch_id, number=f"{number}/{told.on.year}", given_on=told.on, lines=[])
    _put(session, made, told)
    session.add(made)
    session.flush()
    _receipt(session, made, library_id)
    gift_changes.record(session, act[0], made, None)
    _settle(session, act, made)
    return made


def change(session: Session, doing: Doing, gift: Gift, told: Given) -> int:
    """The act's id. Raises NotDone where more became of it already than it now has, or the money was spent."""
    gift = lock(session, gift.id)
    act_id, before = acts.write(session, doing, KIND, doing.at or clock.now()), _snapshot(gift)
    _put(session, gift, told)
    return _done(session, (act_id, doing.uid), gift, before)


def cancel(session: Session, doing: Doing, gift: Gift) -> int:
    """It was not given after all. Raises NotDone."""
    gift = lock(session, gift.id)
    act_id, before = acts.write(session, doing, KIND, doing.at or clock.now()), _snapshot(gift)
    gift.cancelled = True
    return _done(session, (act_id, doing.uid), gift, before)


def undo(session: Session, voiding: tuple[int, UUID], one: GivingChange) -> None:
    """The act was voided: the gift is as it was before it. Raises NotDone."""
    gift = lock(session, one.gift_id or 0)
    left = gift.fund_id
    gift_changes.take_back(session, one, gift)
    if one.before is None:
        gift.cancelled = True
    else:
        _put(session, gift, _told(one.before))
        gift.cancelled = one.before["cancelled"]
    _finish(session, voiding, gift, left)


def lock(session: Session, gift_id: int) -> Gift:
    """As it is now, held until commit."""
    query = select(Gift).where(Gift.id == gift_id).with_for_update(of=Gift, key_share=True)
    return session.execute(query, execution_options={"populate_existing": True}).scalar_one()


def _done(session: Session, act: tuple[int, UUID], gift: Gift, before: Before) -> int:
    gift_changes.record(session, act[0], gift, before)
    _finish(session, act, gift, before["fund_id"])
    return act[0]


def _finish(session: Session, act: tuple[int, UUID], gift: Gift, fund_before: int | None) -> None:
    session.flush()
    drives.check_open(session, None if gift.cancelled else gift.drive_id)
    _check(session, gift)
    for fund_id in {fund_before, gift.fund_id} - {None}:
        gift_funds.check(session, fund_id or 0)
    _receipt(session, gift, _library(session, gift.branch_id))
    _settle(session, act, gift)


def _check(session: Session, gift: Gift) -> None:
    """What became of it is not more than what was counted."""
    gone = gift_sums.of_gift(session, gift).gone
    if gift.cancelled and gone:
        raise NotDone("went-on", N_("Quà này đã có %(count)s cuốn vào sổ hoặc chuyển đi. Hoàn tác các việc ấy trước."),
                      count=gone)  # fmt: skip
    if gone > counted(gift):
        raise NotDone(
            "fewer", N_("Đã có %(count)s cuốn vào sổ hoặc chuyển đi, nên số đếm không thể ít hơn."), count=gone
        )


def _library(session: Session, branch_id: int) -> int:
    return session.scalars(select(Branch.organisation_id).where(Branch.id == branch_id)).one()


def _receipt(session: Session, gift: Gift, library_id: int) -> None:
    """Money that came in has a number, without gaps; a number that was given is never given again."""
    if gift.money and gift.receipt_no is None:
        (number,) = codes.take(session, library_id, f"fund receipt {gift.given_on.year}")
        gift.receipt_no = f"{number}/{gift.given_on.year}"
        session.flush()


# Facts


def _settle(session: Session, act: tuple[int, UUID], gift: Gift) -> None:
    happenings.settle(session, act, KIND, gift.uid, [] if gift.cancelled else facts(gift))


def facts(gift: Gift) -> Iterable[Fact]:
    audience = gift.donor.kind.value if gift.donor else "anonymous"
    sorts: Counter[GiftSort] = Counter()
    for line in gift.lines:
        sorts[line.sort] += line.quantity
    for sort, quantity in sorts.items():
        yield Fact(Measure.GIFT_COPIES, quantity, gift.given_on, gift.branch_id, sort.value, audience)
    yield Fact(Measure.GIFT_MONEY, gift.money, gift.given_on, gift.branch_id, MONEY, audience)


def counted(gift: Gift) -> int:
    return sum(line.quantity for line in gift.lines)


# Values


def _put(session: Session, gift: Gift, told: Given) -> None:
    gift.given_on, gift.drive_id, gift.donor_id = told.on, told.drive_id, told.donor_id
    gift.money, gift.note = told.money, told.note
    gift.fund_id = told.fund_id if told.money else None
    stand = {(line.sort, line.worn): line for line in gift.lines}
    gift.lines = [_line(stand.get((one.sort, one.worn)), one) for one in told.lines if one.quantity]
    if gift.id is not None:
        session.flush()
        session.refresh(gift, ["donor", "fund"])


def _line(stands: GiftLine | None, told: Line) -> GiftLine:
    line = stands or GiftLine(sort=told.sort, worn=told.worn)
    line.quantity = told.quantity
    return line


def as_told(gift: Gift) -> Given:
    lines = tuple(Line(one.sort, one.worn, one.quantity) for one in gift.lines)
    return Given(gift.given_on, gift.donor_id, gift.drive_id, lines, gift.money, gift.fund_id, gift.note)


def _snapshot(gift: Gift) -> Before:
    return {
        "on": gift.given_on.isoformat(), "donor_id": gift.donor_id, "drive_id": gift.drive_id, "money": gift.money,
        "fund_id": gift.fund_id, "note": gift.note, "cancelled": gift.cancelled,
        "lines": [[one.sort.value, one.worn.value, one.quantity] for one in gift.lines],
    }  # fmt: skip


def _told(before: Before) -> Given:
    lines = tuple(Line(GiftSort(sort), Worn(worn), quantity) for sort, worn, quantity in before["lines"])
    plain = {name: before[name] for name in ("donor_id", "drive_id", "money", "fund_id", "note")}
    return Given(on=date.fromisoformat(before["on"]), lines=lines, **plain)
