"""What is at one site: from whom, until when, who has it; what comes next, and how much is used."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from library.catalogue.models import Record
from library.core import clock
from library.holdings.models import Item, Place, PlaceKind, Stay
from library.loans.models import Loan, still_out
from library.organisations.models import Organisation
from library.rotation import agreements, wishes
from library.rotation.board import batches_in
from library.rotation.board_lanes import Stood
from library.rotation.board_state import Look, Span
from library.rotation.models import Agreement, Batch, BatchLine, Leg, Site, Wish
from library.uses.models import DocumentUse, UseKind, Visit

TITLE = (Record.title, Record.part_number, Record.part_title)
SHOWN = 400
"""Copies listed at once; a site holds fewer than that by any agreement we know."""
BACK = timedelta(days=30)
EVER = timedelta(days=365 * 3)


@dataclass(frozen=True)
class Here:
    """A copy whose stay is at this site. `with_reader`: lent just now; `here`: standing in the site's place."""

    uid: UUID
    accession: str
    title: str
    batch_uid: UUID | None
    batch: str
    owner: str
    until_on: date | None
    since: date
    with_reader: bool
    here: bool
    place: str


@dataclass(frozen=True)
class Told:
    """`now`, `coming`, `past`: batches with their stay at this site. `visits`, `uses`: of the last 30 days."""

    copies: tuple[Here, ...]
    count: int
    now: tuple[tuple[Stood, Span], ...]
    coming: tuple[tuple[Stood, Span], ...]
    past: tuple[tuple[Stood, Span], ...]
    visits: int
    uses: int
    wishes: tuple[Wish, ...]
    agreement: Agreement | None

    @property
    def out(self) -> int:
        return sum(one.with_reader for one in self.copies)


def read(session: Session, site: Site, batches: ColumnElement[bool], today: date) -> Told:
    """Ten statements, however much is there."""
    stays = _stays(session, site, batches, today)
    copies, count = listed(session, site)
    visits, uses = counted(session, site, today - BACK, today)
    return Told(
        copies, count, _of(stays, Look.SERVING, Look.SOON, Look.OVERDUE), _of(stays, Look.MOVING, Look.PLANNED),
        tuple(reversed(_of(stays, Look.DONE))), visits, uses,
        tuple(wishes.of_site(session, site.id, today - BACK * 3)), agreements.current(session, site.id, today),
    )  # fmt: skip


def _stays(session: Session, site: Site, batches: ColumnElement[bool], today: date) -> list[tuple[Stood, Span]]:
    goes = Batch.id.in_(select(Leg.batch_id).where(Leg.to_site_id == site.id, Leg.cancelled_at.is_(None)))
    found = batches_in(session, and_(batches, goes), today - EVER, today + EVER, today)
    mine = [(one, span) for one in found for span in one.spans if span.leg.to_site == site.id]
    return sorted(mine, key=lambda one: (one[1].first, one[0].code))


def _of(stays: Sequence[tuple[Stood, Span]], *looks: Look) -> tuple[tuple[Stood, Span], ...]:
    return tuple(one for one in stays if one[1].look in looks)


def listed(session: Session, site: Site) -> tuple[tuple[Here, ...], int]:
    """By batch and title, SHOWN at most; and how many there are."""
    rows = session.execute(_copies(site).limit(SHOWN)).all()
    count = len(rows) if len(rows) < SHOWN else int(session.scalar(select(func.count()).where(*_staying(site))) or 0)
    return tuple(_here(row, site) for row in rows), count


def _staying(site: Site) -> tuple[ColumnElement[bool], ...]:
    return Stay.place_id == site.place_id, Stay.ended_at.is_(None), Stay.voided.is_(False)


def _copies(site: Site) -> Any:
    return (
        select(
            Item.uid, Item.accession, Item.place_id, *TITLE, Batch.uid.label("batch_uid"), Batch.code,
            Organisation.name.label("owner"), Stay.until_on, Stay.occurred_at, Loan.id.label("loan_id"), Place.kind,
            Place.name.label("place"),
        )
        .select_from(Stay)
        .join(Item, Item.id == Stay.item_id)
        .join(Record, Record.id == Item.record_id)
        .join(Organisation, Organisation.id == Item.library_id)
        .join(Place, Place.id == Item.place_id)
        .outerjoin(BatchLine, and_(BatchLine.item_id == Item.id, BatchLine.closed_at.is_(None)))
        .outerjoin(Batch, Batch.id == BatchLine.batch_id)
        .outerjoin(Loan, and_(Loan.item_id == Item.id, still_out(Loan)))
        .where(*_staying(site))
        .order_by(Batch.code, Record.title_sort, Item.id)
    )  # fmt: skip


def title_of(row: Any) -> str:
    """With its part, of a row that has TITLE."""
    return " – ".join(part for part in (row.title, row.part_number, row.part_title) if part)


def _here(row: Any, site: Site) -> Here:
    return Here(
        row.uid, row.accession or "", title_of(row), row.batch_uid, row.code or "", row.owner, row.until_on,
        clock.day_of(row.occurred_at), row.loan_id is not None, row.place_id == site.place_id,
        "" if row.kind == PlaceKind.WITH_PATRONS else row.place,
    )  # fmt: skip


def counted(session: Session, site: Site, since: date, until: date) -> tuple[int, int]:
    """Visits and uses at the site in these days, both included: counted there, and lent by its branch's desk from it."""
    came = select(func.sum(Visit.quantity)).where(
        Visit.place_id == site.place_id, Visit.visited_on >= since, Visit.visited_on <= until
    )
    return int(session.scalar(came) or 0), sum(of_day for _, of_day in uses_by_day(session, site, since, until))


def uses_by_day(session: Session, site: Site, since: date, until: date) -> list[tuple[date, int]]:
    """Renewals aside: to keep a book longer is no new use."""
    query = (
        select(DocumentUse.used_on, func.sum(DocumentUse.quantity))
        .where(uses_of(site), DocumentUse.used_on >= since, DocumentUse.used_on <= until)
        .group_by(DocumentUse.used_on)
        .order_by(DocumentUse.used_on)
    )
    return [(day, int(count)) for day, count in session.execute(query)]


def uses_of(site: Site) -> ColumnElement[bool]:
    """The WHERE for uses that are the site's: counted in its log, or of copies that came to it, at its branch."""
    brought = select(Stay.item_id).where(Stay.place_id == site.place_id, Stay.voided.is_(False))
    there = or_(DocumentUse.place_id == site.place_id, DocumentUse.item_id.in_(brought))
    return and_(DocumentUse.branch_id == site.branch_id, there, DocumentUse.kind != UseKind.RENEWAL)
