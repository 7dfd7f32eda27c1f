"""A reader asks to wait: what the rules need to know is read, then the hold is placed. For desk, page and self-service."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from library.catalogue.models import Record
from library.core import clock, versions
from library.core.errors import Reason, Refused
from library.holdings.models import Item, Register
from library.inbox.acts import Doing
from library.loans import holds, holds_queue, holds_rules
from library.loans.holds import Wish
from library.loans.models import Hold, Loan, still_out
from library.patrons.models import Membership
from library.policies import rulebook
from library.policies.values import Channel

NOTHING = Wish()
Copy = tuple[int, int, int | None]
"""A copy, who answers for it, its class as the rules sort it."""


class MayNotWait(Refused):
    """Every reason why not."""


def ask(
    session: Session,
    doing: Doing,
    record_id: int,
    membership_id: int,
    branch_id: int,
    wish: Wish = NOTHING,
    channel: Channel = Channel.DESK,
) -> int:
    """The hold's id. `branch_id`: where it is fetched. Raises MayNotWait with all reasons."""
    reader = session.get_one(Membership, membership_id, with_for_update={"key_share": True})
    reasons = against(session, record_id, reader, wish, clock.day_of(doing.at or clock.now()), channel)
    if reasons:
        raise MayNotWait(*reasons)
    return holds.place(session, doing, record_id, membership_id, branch_id, wish)


def against(
    session: Session,
    record_id: int,
    reader: Membership,
    wish: Wish,
    today: date,
    channel: Channel = Channel.DESK,
) -> tuple[Reason, ...]:
    """Why this reader may not wait for this title; empty: they may."""
    book = rulebook.of(session, reader.library_id, versions.of(session, rulebook.RULES))
    copies = _copies(session, book, record_id, wish.item_wanted_id)
    mine = (Hold.membership_id == reader.id, Hold.ended_at.is_(None))
    titles = session.scalars(select(Hold.record_id).where(*mine)).all()
    return holds_rules.against(
        holds_rules.Wanting(
            today, _most(book, reader, copies, channel), len(titles), record_id in titles,
            _has_it(session, record_id, reader.id, wish.item_wanted_id), len(copies), _reachable(session, reader, copies),
            reader.to_on is not None and reader.to_on <= today, wish.not_before, wish.expires_on,
        )
    )  # fmt: skip


def _copies(session: Session, book: rulebook.Rulebook, record_id: int, item_wanted_id: int | None) -> list[Copy]:
    """Those that stand in a register: of the title, or the one wanted."""
    query = select(Item.id, Item.library_id, Item.item_class_id, Record.kind, Record.format)
    query = query.join(Record, Record.id == Item.record_id).where(Item.record_id == record_id)
    query = query.where(Item.register_status == Register.LISTED).order_by(Item.id)
    if item_wanted_id is not None:
        query = query.where(Item.id == item_wanted_id)
    return [
        (row.id, row.library_id, book.sort_of(row.item_class_id, row.kind, row.format))
        for row in session.execute(query)
    ]


def _most(book: rulebook.Rulebook, reader: Membership, copies: Sequence[Copy], channel: Channel) -> int:
    """By the most generous of the sorts the title's copies are of."""
    sorts = {sort for _, _, sort in copies} or {None}
    allowed = [book.resolve(reader.category_id, sort, channel).values.holds for sort in sorts]
    return min(allowed) if min(allowed) < 0 else max(allowed)


def _reachable(session: Session, reader: Membership, copies: Sequence[Copy]) -> int:
    pairs = {(owner, sort) for _, owner, sort in copies}
    me = reader.library_id, reader.category_id
    open_ = {pair for pair in pairs if holds_queue.may_reach(session, me, pair)}
    return sum((owner, sort) in open_ for _, owner, sort in copies)


def _has_it(session: Session, record_id: int, membership_id: int, item_wanted_id: int | None) -> bool:
    """The title is with the reader; another volume or copy of it may be wanted all the same."""
    query = (
        select(func.count())
        .select_from(Loan)
        .join(Item, Item.id == Loan.item_id)
        .where(Item.record_id == record_id, Loan.membership_id == membership_id)
        .where(still_out())
    )
    if item_wanted_id is not None:
        query = query.where(Item.id == item_wanted_id)
    return bool(session.scalar(query))
