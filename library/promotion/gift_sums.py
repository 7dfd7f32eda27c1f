"""Counted = in the register + passed on, exchanged, pulped, on class shelves + waiting: for one gift or many."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from library.holdings.models import Item, Register
from library.promotion.gift_models import Fate, Gift, GiftCopy, GiftFate, GiftLine, GiftSort, Worn


@dataclass
class Sum:
    """Copies, and đồng. `entered`: in the register, written off since or not."""

    counted: int = 0
    entered: int = 0
    money: int = 0
    fates: Counter[Fate] = field(default_factory=Counter)
    worn: Counter[Worn] = field(default_factory=Counter)
    sorts: Counter[GiftSort] = field(default_factory=Counter)

    @property
    def gone(self) -> int:
        return self.entered + self.fates.total()

    @property
    def waiting(self) -> int:
        return self.counted - self.gone

    def __add__(self, other: "Sum") -> "Sum":
        return Sum(
            self.counted + other.counted, self.entered + other.entered, self.money + other.money,
            self.fates + other.fates, self.worn + other.worn, self.sorts + other.sorts,
        )  # fmt: skip


def of_gift(session: Session, gift: Gift) -> Sum:
    return of_gifts(session, [gift])[gift.id]


def of_gifts(session: Session, gifts: Iterable[Gift]) -> dict[int, Sum]:
    """By the gift's id; one that was cancelled is counted too (three statements)."""
    found: dict[int, Sum] = {gift.id: Sum(money=gift.money) for gift in gifts}
    if found:
        _count_lines(session, found)
        _count_fates(session, found)
        for gift, number in session.execute(_entered(found)):
            found[gift].entered = number
    return found


def total(every: Iterable[Sum]) -> Sum:
    return sum(every, Sum())


def _count_lines(session: Session, found: dict[int, Sum]) -> None:
    query = select(GiftLine.gift_id, GiftLine.sort, GiftLine.worn, GiftLine.quantity)
    for gift, sort, worn, quantity in session.execute(query.where(GiftLine.gift_id.in_(found))):
        one = found[gift]
        one.counted += quantity
        one.worn[worn] += quantity
        one.sorts[sort] += quantity


def _count_fates(session: Session, found: dict[int, Sum]) -> None:
    query = select(GiftFate.gift_id, GiftFate.fate, func.sum(GiftFate.quantity))
    standing = query.where(GiftFate.gift_id.in_(found), GiftFate.voided.is_(False))
    for gift, fate, quantity in session.execute(standing.group_by(GiftFate.gift_id, GiftFate.fate)):
        found[gift].fates[fate] = int(quantity)


def _entered(gifts: Collection[int]):  # type: ignore[no-untyped-def]
    """Struck out of the register, a copy was entered by mistake and waits again."""
    query = select(GiftCopy.gift_id, func.count()).join(Item, Item.id == GiftCopy.item_id)
    stands = query.where(GiftCopy.gift_id.in_(gifts), Item.register_status != Register.STRUCK_OUT)
    return stands.group_by(GiftCopy.gift_id)


def by_drive(session: Session, drives: Collection[int]) -> dict[int, Sum]:
    """Gifts of these drives that stand, added up."""
    query = select(Gift).where(Gift.drive_id.in_(drives), Gift.cancelled.is_(False))
    gifts = list(session.scalars(query))
    sums, found = of_gifts(session, gifts), defaultdict[int, Sum](Sum)
    for gift in gifts:
        found[gift.drive_id or 0] += sums[gift.id]
    return found
