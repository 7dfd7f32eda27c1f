"""A copy that was kept for somebody who does not come: for the next one, else on its way home."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from library.catalogue.models import Record
from library.core import versions
from library.holdings.models import Condition, Item, Place, Register
from library.loans import holds, holds_shelves, homeward
from library.loans.holds import InHand, Kept
from library.loans.homeward import Going
from library.policies import rulebook
from library.policies.values import ReturnsGo

ActRef = tuple[int, UUID]


def pass_on(
    session: Session, act: ActRef, item_id: int, branch_id: int, today: date, at: datetime
) -> Kept | Going | None:
    """The copy stands at `branch_id` for nobody. None: it belongs here, and goes back to its shelf."""
    item = session.get_one(Item, item_id)
    hand, goes = in_hand(session, item)
    turn = holds.turn(session, item.record_id, item_id, branch_id, today, hand)
    if turn is not None:
        keep_days = holds.days_for(session, turn.hold_id)
        return holds.capture(session, turn, item_id, branch_id, act, at, today, keep_days)
    home = item.home_id, session.scalars(select(Place.branch_id).where(Place.id == item.home_id)).one()
    return homeward.after_return(session, act, item_id, item.uid, home, branch_id, goes, at)


def in_hand(session: Session, item: Item) -> tuple[InHand, ReturnsGo]:
    """What a copy may serve for, and where its library wants it when it is elsewhere."""
    record = session.get_one(Record, item.record_id)
    book = rulebook.of(session, item.library_id, versions.of(session, rulebook.RULES))
    sort = book.sort_of(item.item_class_id, record.kind, record.format)
    stays = bool(session.scalar(select(holds_shelves.stays()).where(Item.id == item.id)))
    registered = item.register_status is Register.LISTED  # what is the class's own or a pupil's waits for nobody else
    lendable = registered and not item.not_for_loan and item.condition is not Condition.DAMAGED
    return InHand(item.library_id, sort, lendable, stays), book.resolve(None, sort).values.returns_go
