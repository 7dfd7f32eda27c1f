"""How a copy looks when it comes back: worn, damaged, mended. A damaged one goes to the repair shelf, through the ledger."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import BinaryIO

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from library import files
from library.catalogue import pictures
from library.core import clock
from library.holdings import ledger, places
from library.holdings.models import Condition, Item, PlaceKind, Why
from library.inbox import acts, timing
from library.inbox.acts import Doing
from library.loans import holds
from library.loans.models import ConditionReport, Loan


@dataclass(frozen=True)
class Look:
    """What somebody saw. `photo_key` of `files`; `repair`: it goes to the repair shelf."""

    after: Condition
    note: str | None = None
    photo_key: str | None = None
    repair: bool = False


def keep_photo(stream: BinaryIO) -> str:
    """The picture upright, small and written anew without anything that came with it. Raises pictures.BadPicture."""
    return files.keep(BytesIO(pictures.prepared(stream)))


def report(session: Session, doing: Doing, item_id: int, look: Look, branch_id: int) -> ConditionReport:
    """Write down how the copy looks, and shelve it for repair. The loan it came back from is found by itself."""
    item = session.get_one(Item, item_id, with_for_update={"key_share": True}, populate_existing=True)
    at = doing.at or timing.live(clock.now(), item.seen_at)
    act = acts.write(session, doing, "report-condition", at), doing.uid
    made = ConditionReport(
        uid=clock.uuid7(), act_id=act[0], item_id=item.id, loan_id=last_loan(session, item.id), occurred_at=at,
        before=item.condition, after=look.after, note=look.note, photo_key=look.photo_key, voided=False,
    )  # fmt: skip
    session.add(made)
    item.condition = look.after
    session.flush()
    if look.repair:
        shelf = places.first_of(session, branch_id, PlaceKind.REPAIR)
        ledger.move(session, act, {item.id: item.uid}, (shelf.id, branch_id), Why.SHELVE, at)
        holds.put_back(session, item.id, act[0], at)
    return made


def last_loan(session: Session, item_id: int) -> int | None:
    """The loan a copy came back from last, or is still on."""
    query = select(Loan.id).where(Loan.item_id == item_id, Loan.voided.is_(False))
    return session.scalar(query.order_by(Loan.lent_at.desc()).limit(1))


def history_of(session: Session, item_id: int) -> Sequence[ConditionReport]:
    """Newest first."""
    query = select(ConditionReport).where(ConditionReport.item_id == item_id, ConditionReport.voided.is_(False))
    return session.scalars(query.order_by(ConditionReport.occurred_at.desc(), ConditionReport.id.desc())).all()


def latest_of(session: Session, items: Collection[int]) -> dict[int, ConditionReport]:
    """The newest report of each of these copies that has one, in one statement."""
    query = select(ConditionReport).where(ConditionReport.item_id.in_(items), ConditionReport.voided.is_(False))
    return {
        one.item_id: one for one in session.scalars(query.order_by(ConditionReport.occurred_at, ConditionReport.id))
    }


def unsay(session: Session, act_id: int) -> None:
    """The act was voided: the copy looks as it did before, unless somebody has looked since."""
    mine = select(ConditionReport).where(ConditionReport.act_id == act_id, ConditionReport.voided.is_(False))
    for one in session.scalars(mine).all():
        one.voided = True
        later = _next(session, one)
        if later:  # it stands, and remembers what this one had found
            later.before = one.before
        else:
            _looks_as_before(session, one)
    session.flush()


def _next(session: Session, one: ConditionReport) -> ConditionReport | None:
    """The next one that was written down of the copy."""
    later = ConditionReport.item_id == one.item_id, ConditionReport.id > one.id, ConditionReport.voided.is_(False)
    return session.scalar(select(ConditionReport).where(*later).order_by(ConditionReport.id).limit(1))


def _looks_as_before(session: Session, one: ConditionReport) -> None:
    mine = update(Item).where(Item.id == one.item_id, Item.condition == one.after)
    session.execute(mine.values(condition=one.before))
