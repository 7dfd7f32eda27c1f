"""The copies a paper names: those of a leg that set out, or those that would go by it."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ScalarSelect, Select, select
from sqlalchemy.orm import Session

from library.catalogue.models import Contributor, Record, Role
from library.holdings.models import Condition, Item
from library.rotation import sending
from library.rotation.models import Batch, BatchLine, Crate, Leg, LegLine, LegOutcome, LineOutcome


@dataclass(frozen=True)
class Line:
    """A copy on paper. `crate`: its number; None: in none. `price`: đồng."""

    item_id: int
    record_id: int
    code: str
    title: str
    author: str
    published: str
    price: int | None
    condition: Condition
    crate: int | None
    crate_id: int | None
    outcome: LegOutcome | None = None
    answers_name: str | None = None
    asserted: bool = False


def of_leg(session: Session, leg: Leg) -> list[Line]:
    """By crate and accession number: what set out, else what would by now (two statements, or a few)."""
    if leg.sent_at is not None:
        return _sorted(_lines(session, _sent(leg.id)))
    return _sorted(_lines(session, _planned(session, leg)))


def in_crate(session: Session, crate_id: int) -> list[Line]:
    """What is packed in one crate by now (one statement)."""
    query = select(*_columns(), Item.condition, Crate.number, Crate.id).select_from(BatchLine)
    query = query.join(Item, Item.id == BatchLine.item_id).join(Record, Record.id == Item.record_id)
    query = query.join(Crate, Crate.id == BatchLine.crate_id)
    return _sorted(_lines(session, query.where(BatchLine.crate_id == crate_id)))


def _columns() -> tuple[Any, ...]:
    return (
        Item.id, Item.record_id, Item.accession, Record.title, Record.part_number, _author(), Record.publisher, Record.year,
        Item.price, Record.price,
    )  # fmt: skip


def _author() -> ScalarSelect[str]:
    mine = (Contributor.record_id == Record.id, Contributor.role == Role.AUTHOR)
    return select(Contributor.name).where(*mine).order_by(Contributor.position).limit(1).scalar_subquery()


def _sent(leg_id: int) -> Select[Any]:
    said = (LegLine.condition_sent, Crate.number, Crate.id, LegLine.outcome, LegLine.answers_name, LegLine.asserted_at)
    query = select(*_columns(), *said).select_from(LegLine).join(Item, Item.id == LegLine.item_id)
    query = query.join(Record, Record.id == Item.record_id).outerjoin(Crate, Crate.id == LegLine.crate_id)
    return query.where(LegLine.leg_id == leg_id)


def _planned(session: Session, leg: Leg) -> Select[Any]:
    """What stands packed in the depot, or what the giving site has."""
    goes = {load.item_id for load in _loads(session, leg)}
    query = select(*_columns(), Item.condition, Crate.number, Crate.id).select_from(BatchLine)
    query = query.join(Item, Item.id == BatchLine.item_id).join(Record, Record.id == Item.record_id)
    query = query.outerjoin(Crate, Crate.id == BatchLine.crate_id)
    return query.where(BatchLine.batch_id == leg.batch_id, Item.id.in_(goes))


def _loads(session: Session, leg: Leg) -> Sequence[sending.Load]:
    batch = session.get_one(Batch, leg.batch_id)
    return [load for load in sending.expected(session, batch, leg) if load.why is None and load.packed_at is not None]


def _lines(session: Session, query: Select[Any]) -> list[Line]:
    return [_line(row) for row in session.execute(query)]


def _line(row: Any) -> Line:
    item, record, accession, title, part, author, publisher, year, own, printed, condition, crate, crate_id, *said = row
    outcome, answers, asserted = said or (None, None, None)
    published = ", ".join(str(one) for one in (publisher, year) if one)
    return Line(
        item, record, accession or "", f"{title} – {part}" if part else title, author or "", published, own or printed,
        Condition(condition), crate, crate_id, outcome, answers, asserted is not None,
    )  # fmt: skip


def _sorted(lines: Iterable[Line]) -> list[Line]:
    return sorted(lines, key=lambda one: (one.crate or 10**6, one.code, one.item_id))


@dataclass(frozen=True)
class Settled:
    """What became of a copy of a batch that comes home."""

    line: Line
    back: bool
    lost: bool
    damaged: bool
    paid: bool


def of_return(session: Session, leg: Leg) -> list[Settled]:
    """Every copy that ever set out with the batch: come home by this leg, lost, damaged, compensated."""
    went = select(LegLine.item_id).join(Leg, Leg.id == LegLine.leg_id).where(Leg.batch_id == leg.batch_id)
    said = (Item.condition, Crate.number, Crate.id)
    query = select(*_columns(), *said).select_from(BatchLine).join(Item, Item.id == BatchLine.item_id)
    query = query.join(Record, Record.id == Item.record_id).outerjoin(Crate, Crate.id == BatchLine.crate_id)
    lines = _sorted(_lines(session, query.where(BatchLine.batch_id == leg.batch_id, Item.id.in_(went))))
    rows = session.scalars(select(BatchLine).where(BatchLine.batch_id == leg.batch_id))
    became = {row.item_id: row for row in rows}
    home = {row.item_id: row for row in session.scalars(select(LegLine).where(LegLine.leg_id == leg.id))}
    return [_settled(line, became[line.item_id], home.get(line.item_id), leg) for line in lines]


def _settled(line: Line, row: BatchLine, home: LegLine | None, leg: Leg) -> Settled:
    short = home is not None and home.outcome is LegOutcome.SHORT and home.found_at is None
    back = leg.received_at is not None and home is not None and not short
    worse = home is not None and Condition.DAMAGED in (home.condition_got, home.condition_sent)
    lost = row.outcome is LineOutcome.LOST or short
    return Settled(line, back, lost, worse or row.outcome is LineOutcome.DAMAGED, row.settled_how == "compensated")


def crates_of(lines: Iterable[Line]) -> list[int]:
    """Crate ids, in order."""
    return [one for one, _ in sorted({(line.crate_id, line.crate) for line in lines if line.crate_id}, key=_by_number)]


def _by_number(one: tuple[int | None, int | None]) -> int:
    return one[1] or 0


def worth(lines: Collection[Line]) -> tuple[int, int]:
    """(đồng, copies without a price)."""
    return sum(line.price or 0 for line in lines), sum(line.price is None for line in lines)
