"""The rule and the table of a library, and what they give for its titles."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from library.catalogue import call_numbers
from library.catalogue.call_numbers import USUAL, Facts, Mark, Part, Table
from library.catalogue.models import CallNumberRule, Record, RhymeNumber
from library.core.db import inserting
from library.core.errors import N_, Invalid, Reason


@dataclass(frozen=True)
class Rules:
    """What a library goes by."""

    parts: tuple[Part, ...]
    table: Table

    def mark(self, facts: Facts) -> Mark:
        return call_numbers.compose(self.parts, facts, self.table)

    def title_code(self, title: str) -> str:
        """The code of a title, or nothing where a person must write it."""
        return call_numbers.title_code(title, self.table) or ""


def rules(session: Session, library_id: int) -> Rules:
    """Two statements."""
    stored = session.scalar(select(CallNumberRule.parts).where(CallNumberRule.library_id == library_id))
    return Rules(call_numbers.read_rule(stored), call_numbers.table_of(changed(session, library_id)))


def changed(session: Session, library_id: int) -> dict[str, int]:
    """The numbers this library has changed."""
    query = select(RhymeNumber.rhyme, RhymeNumber.number).where(RhymeNumber.library_id == library_id)
    return dict(session.execute(query).all())


def set_rule(session: Session, library_id: int, parts: Sequence[Part]) -> None:
    told = {"parts": " ".join(parts or USUAL)}
    query = inserting(session)(CallNumberRule).values(library_id=library_id, **told)
    session.execute(query.on_conflict_do_update(index_elements=["library_id"], set_=told))


def set_numbers(session: Session, library_id: int, numbers: Mapping[str, int]) -> None:
    """The whole table as the library wants it; what equals the shipped one is not kept. Raises KeyError for no rhyme."""
    shipped = call_numbers.shipped()
    own = {rhyme: number for rhyme, number in numbers.items() if shipped[rhyme][0] != number}
    session.execute(delete(RhymeNumber).where(RhymeNumber.library_id == library_id))
    rows = [{"library_id": library_id, "rhyme": rhyme, "number": number} for rhyme, number in own.items()]
    if rows:
        session.execute(insert(RhymeNumber), rows)


def read_numbers(source: Mapping[str, str]) -> dict[str, int]:
    """The table as typed ({"n-ương": "561"}); a field left empty is the shipped number. Raises Invalid, by field."""
    numbers, complaints = {}, {}
    for rhyme, (shipped, _) in call_numbers.shipped().items():
        text = (source.get(f"n-{rhyme}") or "").strip() or str(shipped)
        if text.isascii() and text.isdigit() and call_numbers.LEAST <= int(text) <= call_numbers.MOST:
            numbers[rhyme] = int(text)
        else:
            sentence = N_("Vần %(rhyme)s cần một số từ 100 đến 999.")
            complaints[f"n-{rhyme}"] = Reason("rhyme", sentence, {"rhyme": rhyme})
    if complaints:
        raise Invalid(complaints)
    return numbers


def facts_of(record: Record, accession: str = "") -> Facts:
    """What the rule asks a title for."""
    return Facts(
        record.title, record.part_number or "", record.author.partition(",")[0], record.ddc or "",
        record.class_mark or "", record.kind or "", record.year, record.title_code or "", accession,
    )  # fmt: skip


def usual_mark(ddc: str, class_mark: str, title_code: str) -> str:
    """What stands on a spine where the library says nothing of its own: class and title code of the shared title."""
    return " ".join(filter(None, (ddc or class_mark, title_code)))
