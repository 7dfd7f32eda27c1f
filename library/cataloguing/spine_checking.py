"""Stickers beside the rule: which spines say something else than what the library's rule gives for the title."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Text, exists, func, literal, or_, select
from sqlalchemy.orm import Session

from library.catalogue import call_numbers, spines, writing
from library.catalogue.call_numbers import Facts, Part
from library.catalogue.models import Contributor, LocalRecord, Record, Role
from library.catalogue.spines import Rules
from library.cataloguing import entering
from library.core.db import inserting
from library.holdings.models import Item, Register

CHUNK, A_PAGE, MOST_LOOKED_AT, MOST_UNMARKED = 500, 40, 5_000, 2_000


@dataclass(frozen=True)
class Difference:
    """`sticker` is on the book, `ours` is what the rule gives. `rhyme`: (rhyme, number) where only the number differs."""

    uid: UUID
    title: str
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
    for row in _titles(session, rules, _with_stickers(library_id), after):
        looked_at, after = looked_at + 1, row.id
        if found := _compared(rules, row):
            rows.append(found)
        if len(rows) == most or looked_at == MOST_LOOKED_AT:
            return Found(rows, looked_at, after)
    return Found(rows, looked_at, None)


@dataclass(frozen=True)
class Title:
    """What the rule asks of a title and what is said of its spine: no more is read, for there may be many thousands."""

    id: int
    uid: UUID
    name: str
    facts: Facts
    own: str
    overruled: str | None
    accession: str

    @property
    def sticker(self) -> str:
        """What stands on the spine now."""
        return self.own or spines.usual_mark(self.facts.ddc, self.facts.class_mark, self.facts.title_code)


_READ = (
    Record.id, Record.uid, Record.title, Record.part_number, Record.part_title, Record.ddc, Record.class_mark,
    Record.kind, Record.year, Record.title_code,
)  # fmt: skip
_OF_AUTHORS = frozenset((Part.AUTHOR_CODE, Part.GIVEN_CODE, Part.AUTHOR_LETTERS))


def _with_stickers(library_id: int) -> "Select[*tuple[Any, ...]]":
    """Titles with copies in the register and something written for the spine."""
    mine = (LocalRecord.record_id == Record.id) & (LocalRecord.library_id == library_id)
    ours = Item.record_id == Record.id, Item.library_id == library_id, Item.register_status == Register.LISTED
    first = select(func.min(Item.accession)).where(*ours).scalar_subquery()
    query = select(*_READ, LocalRecord.call_number, LocalRecord.overruled, first.label("accession"))
    said = or_(LocalRecord.call_number.is_not(None), Record.title_code.is_not(None))
    return query.outerjoin(LocalRecord, mine).where(said, _has_copies(library_id))


def _titles(session: Session, rules: Rules, query: "Select[*tuple[Any, ...]]", after: int) -> Iterator[Title]:
    """By id, a chunk at a time."""
    while rows := session.execute(query.where(Record.id > after).order_by(Record.id).limit(CHUNK)).all():
        authors = _authors(session, [row.id for row in rows]) if _OF_AUTHORS & set(rules.parts) else {}
        yield from (_title(row, authors.get(row.id, "")) for row in rows)
        after = rows[-1].id


def _authors(session: Session, ids: Sequence[int]) -> dict[int, str]:
    """The first author of each."""
    mine = Contributor.record_id.in_(ids), Contributor.role == Role.AUTHOR
    query = select(Contributor.record_id, Contributor.name).where(*mine)
    return dict(session.execute(query.order_by(Contributor.position.desc())).all())


def _title(row: Any, author: str) -> Title:
    facts = Facts(
        row.title, row.part_number or "", author, row.ddc or "", row.class_mark or "", row.kind or "", row.year,
        row.title_code or "",
    )  # fmt: skip
    name = " – ".join(filter(None, (row.title, row.part_number, row.part_title)))
    return Title(row.id, row.uid, name, facts, row.call_number or "", row.overruled, row.accession or "")


def _compared(rules: Rules, title: Title) -> Difference | None:
    """None where they agree, where somebody decided so, and where the rule lacks a fact."""
    sticker, mark = title.sticker, rules.mark(title.facts)
    if mark.missing or not sticker or title.overruled == mark.text:
        return None
    numbered = replace(title.facts, accession=title.accession) if Part.ACCESSION in rules.parts else title.facts
    if call_numbers.same_mark(sticker, mark.text) or call_numbers.same_mark(sticker, rules.mark(numbered).text):
        return None
    rhyme = call_numbers.other_number(sticker, title.facts.title, rules.table)
    return Difference(title.uid, title.name, sticker, mark.text, rhyme)


# Titles with nothing on their spine but a class


def unmarked(session: Session, library_id: int, most: int = CHUNK) -> list[tuple[int, str]]:
    """(title id, the mark the rule gives) of titles with copies of which nobody said what stands on the spine."""
    rules = spines.rules(session, library_id)
    nothing = literal(None, Text())
    query = select(*_READ, nothing.label("call_number"), nothing.label("overruled"), nothing.label("accession"))
    query = query.where(_has_copies(library_id), Record.title_code.is_(None), ~_said(library_id))
    looked_at = islice(_titles(session, rules, query, 0), MOST_UNMARKED)
    marks = ((title.id, rules.mark(title.facts)) for title in looked_at)
    return list(islice(((one, mark.text) for one, mark in marks if mark.text and not mark.missing), most))


def _has_copies(library_id: int) -> ColumnElement[bool]:
    return exists().where(
        Item.record_id == Record.id, Item.library_id == library_id, Item.register_status == Register.LISTED
    )


def _said(library_id: int) -> ColumnElement[bool]:
    mine = LocalRecord.record_id == Record.id, LocalRecord.library_id == library_id
    return exists().where(*mine, LocalRecord.call_number.is_not(None))


def mark_all(session: Session, library_id: int, marks: Sequence[tuple[int, str]]) -> int:
    """The rule's marks for these titles, in one statement; how many labels wait to be printed anew."""
    if not marks:
        return 0
    rows = [{"library_id": library_id, "record_id": record, "call_number": mark} for record, mark in marks]
    made = inserting(session)(LocalRecord).values(rows)
    keys = ["library_id", "record_id"]
    session.execute(made.on_conflict_do_update(index_elements=keys, set_={"call_number": made.excluded.call_number}))
    return entering.wants_labels_again(session, library_id, [record for record, _ in marks])


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
        own = said[record.id].call_number if record.id in said else None
        kept = own or spines.usual_mark(record.ddc or "", record.class_mark or "", record.title_code or "")
        mark = rules.mark(spines.facts_of(record)).text
        writing.say_locally(session, library_id, record.id, call_number=kept, overruled=mark)
