"""A copy that was asked to go elsewhere leaves with the next scan: no page to open, nothing to confirm."""

from dataclasses import replace
from datetime import date

from sqlalchemy.orm import Session

from library.holdings import transfers
from library.inbox.acts import Doing
from library.loans import homeward, returning
from library.loans.decision import Deed
from library.loans.facts import CopyFacts, Desk
from library.loans.happened import Happened, Shelving, Spot, What


def leaves(session: Session, desk: Desk, copy: CopyFacts, deed: Deed, today: date) -> bool:
    """It stands in this house, nobody has it, it is asked elsewhere, and nobody who waits comes first."""
    if deed is not Deed.COUNT or copy.is_out or copy.transfer_branch_id in (None, desk.branch_id):
        return False
    if not copy.waiting or copy.kept_for is not None:
        return True
    was = transfers.open_one(session, copy.id)
    if was is not None and was.reason == transfers.BY_HAND:
        return True
    return returning.whose_turn(session, desk, copy, today) is None


def send(session: Session, desk: Desk, doing: Doing, told: Happened) -> Happened:
    """It is on its way. Told again where it goes, if it had been sent before."""
    copy = told.copy
    assert copy
    assert copy.transfer_place_id
    homeward.send(session, doing, (copy.id, copy.uid), desk.branch_id, told.at)
    goes = homeward.going(session, copy.transfer_place_id, "")
    shelving = Shelving(Spot.SEND, goes.place_name, goes.library_name)
    return replace(told, what=What.SENT, act=doing.uid, shelving=shelving)
