"""The pull list: what a batch takes, in the order of the shelves, and how far it is fetched."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from library.catalogue.models import LocalRecord, Record
from library.holdings.models import Item, Place
from library.loans.models import Loan, still_out
from library.rotation import picking_facts
from library.rotation.models import BatchLine, Crate


@dataclass(frozen=True)
class Line:
    """A copy of the list. `place`, `mark`: where to look for it. `crate`: the number of the one it is packed in. `follows`:
    why nobody fetches it now. `due_on`: a reader has it until then; `kept`: a reader waits for it."""

    item_id: int
    item_uid: UUID
    number: int
    title: str
    code: str
    place: str
    mark: str
    level: int | None
    picked_at: datetime | None
    crate: int | None
    sealed: bool
    follows: str | None
    lent: bool
    due_on: date | None
    kept: bool
    condition: str
    why: str | None

    @property
    def done(self) -> bool:
        """Fetched, and not left behind since: what was lent after it was packed follows like any other."""
        return self.picked_at is not None and self.follows is None

    @property
    def to_fetch(self) -> bool:
        """It may stand on its shelf, and nobody said that it does not."""
        return not (self.done or self.lent or self.kept or self.follows)


def lines(session: Session, batch_id: int, library_id: int) -> list[Line]:
    """Open lines that the site did not refuse, by place, mark, title and number (one statement)."""
    mark = func.coalesce(LocalRecord.call_number, Record.class_mark, Record.ddc, "")
    local = and_(LocalRecord.record_id == Record.id, LocalRecord.library_id == library_id)
    query = (
        select(
            Item.id, Item.uid, BatchLine.number, Record.title, Record.part_number, Item.accession, Place.name, mark,
            LocalRecord.reading_level, BatchLine.picked_at, Crate.number, Crate.sealed_at, Crate.opened_at,
            BatchLine.follows, Loan.id, Loan.due_on, picking_facts.kept(), Item.condition, BatchLine.why,
        )
        .select_from(BatchLine)
        .join(Item, Item.id == BatchLine.item_id)
        .join(Record, Record.id == Item.record_id)
        .join(Place, Place.id == Item.place_id)
        .outerjoin(LocalRecord, local)
        .outerjoin(Crate, Crate.id == BatchLine.crate_id)
        .outerjoin(Loan, and_(Loan.item_id == Item.id, still_out()))
        .where(BatchLine.batch_id == batch_id, BatchLine.closed_at.is_(None), BatchLine.refused_why.is_(None))
        .order_by(Place.name, mark, Record.title_sort, Item.accession_folded, Item.id)
    )  # fmt: skip
    return [_line(row) for row in session.execute(query)]


def _line(row: Any) -> Line:
    (item, uid, number, title, part, accession, place, mark, level, picked, crate, sealed, opened, follows, loan, due, kept,
     condition, why) = row  # fmt: skip
    told = f"{title} – {part}" if part else title
    return Line(
        item, uid, number, told, accession or "", place, mark, level, picked, crate, bool(sealed and not opened), follows,
        loan is not None, due, bool(kept), condition, why,
    )  # fmt: skip


@dataclass(frozen=True)
class Progress:
    """Copies of a list: all, packed, loose (picked, in no sealed crate), still to fetch, and following later."""

    total: int
    done: int
    loose: int
    to_fetch: int
    later: int


def progress(told: list[Line]) -> Progress:
    done = [line for line in told if line.done]
    fetch = sum(line.to_fetch for line in told)
    return Progress(len(told), len(done), sum(not line.sealed for line in done), fetch, len(told) - len(done) - fetch)


def item_of(session: Session, batch_id: int, uid: UUID) -> int | None:
    """The copy of an open line of the batch."""
    query = select(Item.id).join(BatchLine, BatchLine.item_id == Item.id)
    mine = (BatchLine.batch_id == batch_id, Item.uid == uid, BatchLine.closed_at.is_(None))
    return session.scalar(query.where(*mine))
