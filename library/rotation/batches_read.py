"""Reading batches: the sites on their way, their lines as a list."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import and_, exists, func, select
from sqlalchemy.orm import Session

from library.catalogue.models import LocalRecord, Record
from library.holdings.models import Item, Place, PlaceKind
from library.loans.models import Hold, Loan, still_out
from library.rotation.models import Batch, BatchLine, BatchState, Leg, Site


def sites_of(session: Session, batch_id: int) -> list[Site]:
    """In the order of the legs (one statement)."""
    query = select(Site).join(Leg, Leg.to_site_id == Site.id)
    return list(session.scalars(query.where(Leg.batch_id == batch_id, Leg.cancelled_at.is_(None)).order_by(Leg.number)))


def sites_of_many(session: Session, batch_ids: Iterable[int]) -> dict[int, list[Site]]:
    """By batch, in the order of the legs (one statement)."""
    found: dict[int, list[Site]] = {}
    query = select(Leg.batch_id, Site).join(Site, Site.id == Leg.to_site_id)
    mine = query.where(Leg.batch_id.in_(list(batch_ids)), Leg.cancelled_at.is_(None)).order_by(Leg.batch_id, Leg.number)
    for batch, site in session.execute(mine):
        found.setdefault(batch, []).append(site)
    return found


@dataclass(frozen=True)
class ListLine:
    """A line of a batch with its copy. `place`: where it stands now; `lent`, `kept`: it follows later."""

    item_id: int
    uid: UUID
    number: int
    title: str
    accession: str
    mark: str
    level: int | None
    language: str
    price: int | None
    place: str
    place_kind: PlaceKind
    why: str | None
    override: str | None
    refused_why: str | None
    lent: bool
    kept: bool
    record_id: int


def lines(session: Session, batch_id: int) -> list[ListLine]:
    """Open lines in the order of the shelves (one statement)."""
    return [
        _line(row) for row in session.execute(_lines(BatchLine.batch_id == batch_id, BatchLine.closed_at.is_(None)))
    ]


def taken_out(session: Session, batch_id: int) -> list[ListLine]:
    """Lines of a batch not yet sent that were taken out again (one statement)."""
    return [
        _line(row) for row in session.execute(_lines(BatchLine.batch_id == batch_id, BatchLine.closed_at.is_not(None)))
    ]


def _lines(*which: Any) -> Any:
    lent = exists().where(Loan.item_id == Item.id, still_out()).correlate(Item)
    kept = exists().where(Hold.item_id == Item.id, Hold.ended_at.is_(None)).correlate(Item)
    return (
        select(
            Item.id, Item.uid, BatchLine.number, Record.title, Record.part_number, Item.accession,
            func.coalesce(Record.class_mark, Record.ddc, ""), LocalRecord.reading_level, Record.language, Item.price,
            Place.name, Place.kind, BatchLine.why, BatchLine.override, BatchLine.refused_why, lent, kept, Record.id,
        )
        .select_from(BatchLine)
        .join(Item, Item.id == BatchLine.item_id)
        .join(Record, Record.id == Item.record_id)
        .join(Place, Place.id == Item.place_id)
        .outerjoin(LocalRecord, and_(LocalRecord.record_id == Record.id, LocalRecord.library_id == Item.library_id))
        .where(*which)
        .order_by(BatchLine.number, Item.id)
    )  # fmt: skip


def _line(row: Any) -> ListLine:
    item, uid, number, title, part, accession, *rest = row
    return ListLine(item, uid, number, f"{title} – {part}" if part else title, accession or "", *rest)


def counts(session: Session, batch_ids: Iterable[int]) -> dict[int, int]:
    """Copies on each list: lines that are open, or that set out once (one statement)."""
    query = select(BatchLine.batch_id, func.count()).where(BatchLine.batch_id.in_(list(batch_ids)))
    listed = query.where(BatchLine.closed_at.is_(None)).group_by(BatchLine.batch_id)
    return dict(session.execute(listed).all())


def drafts(session: Session, *which: Any) -> list[Batch]:
    """Batches that are not approved yet, the newest first."""
    waiting = Batch.state.in_((BatchState.DRAFT, BatchState.PROPOSED))
    return list(session.scalars(select(Batch).where(waiting, *which).order_by(Batch.id.desc())))
