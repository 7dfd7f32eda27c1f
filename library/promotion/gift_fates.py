"""What becomes of counted books: entered into the register with their gift, or passed on, exchanged, pulped, shelved."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from library.core import clock
from library.core.errors import N_
from library.holdings.models import Item, Register
from library.inbox import acts
from library.inbox.acts import Doing
from library.organisations.models import Branch
from library.promotion import gift_sums, gifts
from library.promotion.gift_changes import NotDone
from library.promotion.gift_models import Fate, Gift, GiftCopy, GiftFate

KIND, LINK = "gift-fate", "gift-copies"


@dataclass(frozen=True)
class Became:
    fate: Fate
    quantity: int
    on: date
    where_to: str | None = None


def settle(session: Session, doing: Doing, gift: Gift, told: Became) -> int:
    """The act's id. Raises NotDone for more copies than wait."""
    held = gifts.lock(session, gift.id)
    check_waiting(session, held, told.quantity)
    act_id = acts.write(session, doing, KIND, doing.at or clock.now())
    session.add(GiftFate(
        gift_id=held.id, act_id=act_id, fate=told.fate, quantity=told.quantity, became_on=told.on,
        where_to=told.where_to,
    ))  # fmt: skip
    session.flush()
    return act_id


def check_waiting(session: Session, gift: Gift, quantity: int) -> None:
    """Raises NotDone."""
    waiting = 0 if gift.cancelled else gift_sums.of_gift(session, gift).waiting
    if quantity > waiting:
        sentence = N_("Quà này chỉ còn %(count)s cuốn chưa xếp. Sửa số đếm của quà trước.")
        raise NotDone("too-many", sentence, count=waiting)


def entered(session: Session, act_id: int, gift: Gift, items: Sequence[int]) -> None:
    """These copies of the register came with the gift. Raises NotDone for more than wait."""
    check_waiting(session, gifts.lock(session, gift.id), len(items))
    session.execute(insert(GiftCopy), [{"item_id": one, "gift_id": gift.id, "act_id": act_id} for one in items])


def link(session: Session, doing: Doing, gift: Gift, items: Sequence[int]) -> int:
    """Copies that stand in the register already. The act's id. Raises NotDone."""
    taken = session.scalars(select(GiftCopy.item_id).where(GiftCopy.item_id.in_(items))).all()
    if taken:
        accession = session.scalars(select(Item.accession).where(Item.id == taken[0])).one()
        raise NotDone("linked", N_("Bản %(number)s đã ghi theo một quà rồi."), number=accession)
    act_id = acts.write(session, doing, LINK, doing.at or clock.now())
    entered(session, act_id, gift, items)
    return act_id


def listed(session: Session, gift: Gift, folded: Sequence[str]) -> dict[str, int]:
    """Copies of the gift's library in the register, by accession number."""
    query = (
        select(Item.accession_folded, Item.id)
        .join(Branch, Branch.organisation_id == Item.library_id)
        .where(Branch.id == gift.branch_id, Item.accession_folded.in_(folded))
        .where(Item.register_status != Register.STRUCK_OUT)
    )
    return {str(number): item for number, item in session.execute(query)}


def undo(session: Session, voiding: tuple[int, UUID], act_id: int) -> None:
    """The act was voided: what it settled waits again."""
    for one in session.scalars(select(GiftFate).where(GiftFate.act_id == act_id)):
        one.voided = True
    session.execute(delete(GiftCopy).where(GiftCopy.act_id == act_id))
    session.flush()


def of_gift(session: Session, gift: Gift) -> list[GiftFate]:
    query = select(GiftFate).where(GiftFate.gift_id == gift.id, GiftFate.voided.is_(False))
    return list(session.scalars(query.order_by(GiftFate.became_on, GiftFate.id)))


def copies_of(session: Session, gift: Gift) -> list[Item]:
    """By number."""
    query = select(Item).join(GiftCopy, GiftCopy.item_id == Item.id).where(GiftCopy.gift_id == gift.id)
    stands = query.where(Item.register_status != Register.STRUCK_OUT)
    return list(session.scalars(stands.order_by(Item.accession_folded)))
