"""Copies into the register from these pages: one delivery of one day is one receipt, however many books are typed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from library.catalogue import spines, writing
from library.catalogue.call_numbers import Facts
from library.catalogue.merged import is_merged
from library.catalogue.models import LocalRecord, Record
from library.catalogue.writing import NewRecord
from library.cataloguing import origins
from library.core import clock
from library.finding import queries
from library.finding.forms import SERIES_OF
from library.holdings import accessions
from library.holdings.accessions import NewItem
from library.holdings.models import Item, Place, Receipt, Register
from library.inbox import acts
from library.inbox.acts import Doing
from library.inbox.models import Act
from library.organisations.models import Organisation

FIRST_SOURCE = "Trường tự mua"


@dataclass(frozen=True)
class Delivery:
    """How books came and where they are put. `origin`: what was told of them before (`origins`)."""

    home: Place
    source: str
    received_on: date
    voucher: str = ""
    origin: UUID | None = None


def enter(
    session: Session, library: Organisation, doing: Doing, came: Delivery, new: Sequence[NewItem], at: datetime
) -> list[str]:
    """Accession numbers of the copies, in order. One act; the receipt of the same delivery is used again."""
    act_id = acts.write(session, doing, "accession", at)
    receipt = _open_receipt(session, library.id, came) or accessions.add_receipt(
        session, act_id, library.id, came.source, came.received_on, voucher=came.voucher or None
    )
    ids = accessions.enter(session, (act_id, doing.uid, receipt), library, came.home.branch_id, new, at)
    if came.origin is not None:
        origins.entered(session, library.id, act_id, came.origin, ids)
    return queries.labels(session, ids)


def _open_receipt(session: Session, library_id: int, came: Delivery) -> int | None:
    """One typed today for the same delivery that has no number in the general register yet."""
    query = (
        select(Receipt.id)
        .join(Act, Act.id == Receipt.act_id)
        .where(
            Receipt.library_id == library_id, Receipt.source == came.source, Receipt.received_on == came.received_on,
            func.coalesce(Receipt.voucher, "") == came.voucher, Receipt.general_no.is_(None), Receipt.note.is_(None),
            Act.kind == "accession", Act.voided_by.is_(None), Act.recorded_at >= _this_morning(),
        )
    )  # fmt: skip
    return session.scalar(query.order_by(Receipt.id.desc()).limit(1))


def _this_morning() -> datetime:
    return datetime.combine(clock.today(), datetime.min.time(), clock.HERE)


def usual(session: Session, library_id: int) -> dict[str, str]:
    """What a delivery most likely is: as the last one was, received today."""
    query = select(Receipt.source).where(Receipt.library_id == library_id)
    last = session.scalar(query.order_by(Receipt.id.desc()).limit(1))
    series = queries.last_series(session, library_id) or SERIES_OF["STK"]
    return {"source": last or FIRST_SOURCE, "series": series, "received_on": f"{clock.today():%d/%m/%Y}"}


def describe(session: Session, library: Organisation, new: Sequence[NewRecord]) -> list[int]:
    """New titles with the mark the library's rule gives them; ids in the same order."""
    assert library.network_id is not None
    rules = spines.rules(session, library.id)
    coded = [_coded(one, rules) for one in new]
    ids = writing.insert_many(session, library.network_id, coded)
    for record_id, one in zip(ids, coded, strict=True):
        mark = rules.mark(_facts(one)).text
        if mark and mark != spines.usual_mark(one.ddc, one.class_mark, one.title_code):
            writing.say_locally(session, library.id, record_id, call_number=mark)
    return ids


def _coded(new: NewRecord, rules: spines.Rules) -> NewRecord:
    return new if new.title_code else replace(new, title_code=rules.title_code(new.title))


def _facts(new: NewRecord) -> Facts:
    author = new.asked.author
    return Facts(new.title, new.part_number, author, new.ddc, new.class_mark, new.kind, new.year, new.title_code)


def wants_labels_again(session: Session, library_id: int, record_ids: Sequence[int]) -> int:
    """Spines of these titles say something else now: their copies stand in the queue of labels. How many."""
    mine = Item.library_id == library_id, Item.record_id.in_(record_ids), Item.register_status == Register.LISTED
    changed = update(Item).where(*mine, Item.label_printed_at.is_not(None)).values(label_printed_at=None)
    return int(session.execute(changed).rowcount)  # type: ignore[attr-defined]


def ours(session: Session, library_id: int, record_ids: Sequence[int]) -> Mapping[int, int]:
    """How many copies of each title stand in our register."""
    query = select(Item.record_id, func.count()).where(
        Item.library_id == library_id, Item.record_id.in_(record_ids), Item.register_status == Register.LISTED
    )
    return dict(session.execute(query.group_by(Item.record_id)).all())


def record_in(session: Session, network_id: int | None, uid: UUID) -> Record | None:
    return session.scalar(select(Record).where(Record.uid == uid, Record.network_id == network_id, ~is_merged()))


def local(session: Session, library_id: int, record_ids: Sequence[int]) -> Mapping[int, LocalRecord]:
    query = select(LocalRecord).where(LocalRecord.library_id == library_id, LocalRecord.record_id.in_(record_ids))
    return {one.record_id: one for one in session.scalars(query)}
