"""An act on drives, gifts or funds is undone: whatever it wrote is as it was."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from library.inbox import acts
from library.inbox.acts import Doing
from library.inbox.models import Act
from library.promotion import drives, gift_changes, gift_fates, gift_funds, gifts
from library.promotion.drive_models import Drive
from library.promotion.gift_models import Fund, FundSpending, Gift, GiftCopy, GiftFate

KINDS = (drives.KIND, gifts.KIND, gift_fates.KIND, gift_fates.LINK, gift_funds.KIND)
Thing = Drive | Gift | Fund


def things_of(session: Session, act: Act) -> list[Thing]:
    """What the act was done to: a drive, gifts, or a fund."""
    changes = gift_changes.of_act(session, act.id)
    found: list[Thing] = [session.get_one(Drive, one.drive_id) for one in changes if one.drive_id]
    found += [session.get_one(Gift, one.gift_id) for one in changes if one.gift_id]
    became = select(GiftFate.gift_id).where(GiftFate.act_id == act.id)
    linked = select(GiftCopy.gift_id).where(GiftCopy.act_id == act.id)
    found += session.scalars(select(Gift).where(Gift.id.in_(became) | Gift.id.in_(linked)))
    spent = select(FundSpending.fund_id).where(FundSpending.act_id == act.id)
    found += session.scalars(select(Fund).where(Fund.id.in_(spent)))
    return found


def undo(session: Session, doing: Doing, act: Act) -> None:
    """Raises AlreadyUndone, NotDone."""
    voiding = (acts.void(session, doing, act.id), doing.uid)
    for one in gift_changes.of_act(session, act.id):
        (drives if one.drive_id else gifts).undo(session, voiding, one)
    gift_fates.undo(session, voiding, act.id)
    gift_funds.undo(session, voiding, act.id)
