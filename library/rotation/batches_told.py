"""The list of a batch that is planned, as its page tells it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import and_, exists, func, select
from sqlalchemy.orm import Session

from library.access import Scope
from library.catalogue import search
from library.catalogue.models import LocalRecord, Record
from library.core.errors import N_, Reason
from library.holdings.models import Item, Place, PlaceKind, Register
from library.inbox.models import Act
from library.loans.models import Loan, still_out
from library.rotation import batches_checks, batches_rules
from library.rotation.batches import APPROVE, PLAN
from library.rotation.batches_read import ListLine
from library.rotation.choosing import No, Why
from library.rotation.lifecycle import Deed
from library.rotation.models import Batch, BatchLine, BatchStep, Leg
from library.rotation.stock import in_stock

WHYS: Mapping[str, str] = {
    Why.WISH: N_("điểm xin"),
    Why.LANGUAGE: N_("tiếng của điểm"),
    Why.LEVEL: N_("đúng bậc đọc"),
    Why.FILL: N_("cho đủ số"),
    Why.HAND: N_("chọn tay"),
    Why.SURPLUS: N_("số thừa ở điểm"),
}
LEFT_OUT: Mapping[str, str] = {
    No.TOO_FEW: N_("%(count)s nhan đề có ít bản quá"),
    No.RARE: N_("%(count)s nhan đề quý hiếm"),
    No.OWNED: N_("%(count)s nhan đề điểm đã có"),
    No.HAD: N_("%(count)s nhan đề điểm đã nhận mấy năm nay"),
    No.WAITED_FOR: N_("%(count)s nhan đề có bạn đọc đang chờ"),
    No.LEVEL: N_("%(count)s nhan đề khác bậc đọc"),
    No.LANGUAGE: N_("%(count)s nhan đề khác ngôn ngữ"),
    No.AUDIENCE: N_("%(count)s nhan đề cho người đọc khác"),
    No.KIND: N_("%(count)s nhan đề khác loại"),
    No.SUBJECT: N_("%(count)s nhan đề khác chủ đề"),
    No.NOT_NEEDED: N_("%(count)s nhan đề còn lại để dành"),
}
"""Why titles of the stock are not on a list the machine made."""
FOUND = 12


@dataclass(frozen=True)
class Sums:
    """Of the open lines. `later`: lent or kept, they follow when they come back."""

    copies: int
    titles: int
    value: int
    later: int
    refused: int
    levels: Mapping[int | None, int]
    whys: Mapping[str, int]


def sums(lines: Sequence[ListLine]) -> Sums:
    return Sums(
        len(lines), len({one.record_id for one in lines}), sum(one.price or 0 for one in lines),
        sum(one.lent or one.kept for one in lines), sum(one.refused_why is not None for one in lines),
        dict(sorted(Counter(one.level for one in lines).items(), key=lambda pair: (pair[0] is None, pair[0] or 0))),
        dict(Counter(one.why or Why.HAND for one in lines).most_common()),
    )  # fmt: skip


@dataclass(frozen=True)
class Way:
    """A leg as it is planned. Names '' are the depot."""

    leg: Leg
    from_name: str
    to_name: str


def way(session: Session, batch_id: int) -> list[Way]:
    query = select(Leg).where(Leg.batch_id == batch_id, Leg.cancelled_at.is_(None)).order_by(Leg.number)
    return [
        Way(leg, leg.from_site.name if leg.from_site else "", leg.to_site.name if leg.to_site else "")
        for leg in session.scalars(query)
    ]


@dataclass(frozen=True)
class Offer:
    """A title that may be added: a copy of it that stands free, how many there are, and what speaks against it."""

    item_id: int
    uid: UUID
    title: str
    accession: str
    level: int | None
    place: str
    free: int
    reasons: Sequence[Reason]
    never: bool


def offers(session: Session, batch: Batch, text: str, scope: Scope) -> list[Offer]:
    """Titles of the stock that answer to what was typed, with a copy each; at most FOUND (some fifteen statements)."""
    found = search.search(session, text, scope, limit=60).ids if text.strip() else []
    rows = session.execute(_free_of(batch, found)).all()
    first: dict[int, Any] = {}
    count = Counter(row.record_id for row in rows)
    for row in rows:
        first.setdefault(row.record_id, row)
    shown = [first[record] for record in found if record in first][:FOUND]
    return _judged(session, batch, shown, count)


def one_offer(session: Session, batch: Batch, item_uid: UUID) -> Offer | None:
    """This very copy, wherever it stands: for somebody who has it in the hand."""
    row = session.execute(_copy().where(Item.uid == item_uid)).one_or_none()
    return next(iter(_judged(session, batch, [row], Counter())), None) if row else None


def _copy() -> Any:
    return (
        select(
            Item.id, Item.uid, Item.record_id, Record.title, Record.part_number, Item.accession, Place.name,
            LocalRecord.reading_level,
        )
        .join(Record, Record.id == Item.record_id)
        .join(Place, Place.id == Item.place_id)
        .outerjoin(LocalRecord, and_(LocalRecord.record_id == Record.id, LocalRecord.library_id == Item.library_id))
    )  # fmt: skip


def _free_of(batch: Batch, records: Sequence[int]) -> Any:
    going = exists().where(BatchLine.item_id == Item.id, BatchLine.closed_at.is_(None)).correlate(Item)
    lent = exists().where(Loan.item_id == Item.id, still_out()).correlate(Item)
    mine = (Item.record_id.in_(records), Item.library_id == batch.library_id, Item.register_status == Register.LISTED)
    return _copy().where(*mine, in_stock(batch.library_id), ~going).order_by(lent, Item.seen_at, Item.id)


def _judged(session: Session, batch: Batch, rows: Sequence[Any], count: Counter[int]) -> list[Offer]:
    seen = batches_checks.candidates(session, batch, [row.id for row in rows], lock=False)
    offers = []
    for row in rows:
        verdict = batches_rules.judge(seen[row.id].facts)
        named = f"{row.title} – {row.part_number}" if row.part_number else row.title
        offers.append(Offer(
            row.id, row.uid, named, row.accession or "", row.reading_level, row.name, count[row.record_id] or 1,
            verdict.reasons, bool(verdict.never),
        ))  # fmt: skip
    return offers


def undoable(session: Session, uid: UUID | None, kinds: Sequence[str]) -> Act | None:
    """The act, if it still holds and is of one of these kinds."""
    if uid is None:
        return None
    query = select(Act).where(Act.uid == uid, Act.kind.in_(kinds), Act.voided_by.is_(None))
    return session.scalar(query)


def free_in_stock(session: Session, library_id: int) -> int:
    """Copies of the stock that are in no open batch and not aboard a vehicle (one statement)."""
    going = exists().where(BatchLine.item_id == Item.id, BatchLine.closed_at.is_(None)).correlate(Item)
    mine = (Item.library_id == library_id, Item.register_status == Register.LISTED, in_stock(library_id), ~going)
    query = select(func.count(Item.id)).join(Place, Place.id == Item.place_id)
    return session.scalar(query.where(*mine, Place.kind != PlaceKind.VEHICLE_SHELF)) or 0


def act_of(session: Session, batch_id: int, uid: UUID) -> Act | None:
    """An act by which this batch was made, took a step or lost lines; None for anybody else's."""
    act = undoable(session, uid, (PLAN, APPROVE))
    if act is None:
        return None
    of = (
        select(BatchStep.id).where(BatchStep.batch_id == batch_id, BatchStep.act_id == act.id),
        select(BatchLine.id).where(BatchLine.batch_id == batch_id, BatchLine.closed_by == act.id),
    )
    return act if any(session.execute(one.limit(1)).first() for one in of) else None


def answered(session: Session, batch: Batch) -> bool:
    """Whether a site has said something to the list that stands there."""
    mine = select(BatchStep.deed).where(BatchStep.batch_id == batch.id, BatchStep.voided.is_(False))
    return session.scalars(mine.order_by(BatchStep.id.desc()).limit(1)).first() == Deed.ANSWER
