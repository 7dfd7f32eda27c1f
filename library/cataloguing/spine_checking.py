"""Stickers beside the rule: which spines say something else than what the library's rule gives for the title."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import Session, selectinload

from library.catalogue import call_numbers, spines, writing
from library.catalogue.call_numbers import Part
from library.catalogue.models import LocalRecord, Record
from library.catalogue.spines import Rules
from library.cataloguing import entering
from library.core.db import inserting
from library.holdings.models import Item, Register

CHUNK, A_PAGE, MOST_LOOKED_AT, MOST_UNMARKED = 500, 40, 20_000, 2_000


@dataclass(frozen=True)
class Difference:
    """`sticker` is on the book, `ours` is what the rule gives. `rhyme`: (rhyme, number) where only the number differs."""

    record: Record
    sticker: str
    ours: str
    rhyme: tuple[str, int] | None = None


@dataclass(frozen=True)
class Found:
    """One page of differences; `after` is where the next begins, None at the end."""

    rows: list[Difference]
    looked_at: int
    after: int | None

    @property
    def rhymes(self) -> list[tuple[str, int, int]]:
        """(rhyme, number on the stickers, on how many of these), most first."""
        counted = Counter(row.rhyme for row in self.rows if row.rhyme)
        return [(rhyme, number, many) for (rhyme, number), many in counted.most_common()]


def differences(session: Session, library_id: int, after: int = 0, most: int = A_PAGE) -> Found:
    """Differences among titles with an id above `after`; at most MOST_LOOKED_AT titles are looked at in one go."""
    rules, rows, looked_at = spines.rules(session, library_id), list[Difference](), 0
    for chunk in _chunks(session, library_id, after):
        for record, local, accession in chunk:
            looked_at, after = looked_at + 1, record.id
            if found := _compared(rules, record, local, accession):
                rows.append(found)
            if len(rows) == most:
                return Found(rows, looked_at, after)
        if looked_at >= MOST_LOOKED_AT:
            return Found(rows, looked_at, after)
    return Found(rows, looked_at, None)


_Row = tuple[Record, LocalRecord | None, str]


def _chunks(session: Session, library_id: int, after: int) -> Iterator[Sequence[_Row]]:
    """Titles with copies in the register and something written for the spine, by id."""
    have = (
        select(Item.record_id.label("id"), func.min(Item.accession).label("accession"))
        .where(Item.library_id == library_id, Item.register_status == Register.LISTED)
        .group_by(Item.record_id)
        .subquery()
    )
    query = (
        select(Record, LocalRecord, have.c.accession)
        .join(have, have.c.id == Record.id)
        .outerjoin(LocalRecord, (LocalRecord.record_id == Record.id) & (LocalRecord.library_id == library_id))
        .where(or_(LocalRecord.call_number.is_not(None), Record.title_code.is_not(None)))
        .options(selectinload(Record.contributors))
        .order_by(Record.id)
        .limit(CHUNK)
    )
    while rows := session.execute(query.where(Record.id > after)).all():
        yield rows
        after = rows[-1][0].id


def _compared(rules: Rules, record: Record, local: LocalRecord | None, accession: str) -> Difference | None:
    """None where they agree, where somebody decided so, and where the rule lacks a fact."""
    sticker = sticker_of(record, local)
    mark = rules.mark(spines.facts_of(record))
    if mark.missing or not sticker or (local and local.overruled == mark.text):
        return None
    full = rules.mark(spines.facts_of(record, accession)).text if Part.ACCESSION in rules.parts else mark.text
    if any(call_numbers.same_mark(sticker, one) for one in (mark.text, full)):
        return None
    return Difference(record, sticker, mark.text, call_numbers.other_number(sticker, record.title, rules.table))


def sticker_of(record: Record, local: LocalRecord | None) -> str:
    """What stands on the spine now."""
    own = local.call_number if local else None
    return own or spines.usual_mark(record.ddc or "", record.class_mark or "", record.title_code or "")


# Titles with nothing on their spine but a class


def unmarked(session: Session, library_id: int, most: int = CHUNK) -> list[tuple[Record, str]]:
    """(title, the mark the rule gives) of titles with copies of which nobody said what stands on the spine."""
    rules = spines.rules(session, library_id)
    query = (
        select(Record)
        .where(_has_copies(library_id), Record.title_code.is_(None), ~_said(library_id))
        .options(selectinload(Record.contributors))
        .order_by(Record.id)
    )
    marks = ((record, rules.mark(spines.facts_of(record))) for record in session.scalars(query.limit(MOST_UNMARKED)))
    return [(record, mark.text) for record, mark in marks if mark.text and not mark.missing][:most]


def _has_copies(library_id: int) -> ColumnElement[bool]:
    return exists().where(
        Item.record_id == Record.id, Item.library_id == library_id, Item.register_status == Register.LISTED
    )


def _said(library_id: int) -> ColumnElement[bool]:
    mine = LocalRecord.record_id == Record.id, LocalRecord.library_id == library_id
    return exists().where(*mine, LocalRecord.call_number.is_not(None))


def mark_all(session: Session, library_id: int, marks: Sequence[tuple[Record, str]]) -> int:
    """The rule's marks for these titles, in one statement; how many labels wait to be printed anew."""
    if not marks:
        return 0
    rows = [{"library_id": library_id, "record_id": record.id, "call_number": mark} for record, mark in marks]
    made = inserting(session)(LocalRecord).values(rows)
    keys = ["library_id", "record_id"]
    session.execute(made.on_conflict_do_update(index_elements=keys, set_={"call_number": made.excluded.call_number}))
    return entering.wants_labels_again(session, library_id, [record.id for record, _ in marks])


# Settling


def follow_rule(session: Session, library_id: int, records: Sequence[Record]) -> int:
    """The books get the rule's mark; how many labels wait to be printed anew."""
    rules = spines.rules(session, library_id)
    for record in records:
        mark = rules.mark(spines.facts_of(record)).text
        writing.say_locally(session, library_id, record.id, call_number=mark, overruled=None)
    return entering.wants_labels_again(session, library_id, [record.id for record in records])


def keep_sticker(session: Session, library_id: int, records: Sequence[Record]) -> None:
    """What is on the books stays, until the rule gives something else than now."""
    rules = spines.rules(session, library_id)
    said = entering.local(session, library_id, [record.id for record in records])
    for record in records:
        kept = sticker_of(record, said.get(record.id))
        mark = rules.mark(spines.facts_of(record)).text
        writing.say_locally(session, library_id, record.id, call_number=kept, overruled=mark)
