"""Titles come into the catalogue and are changed: one door for what is derived (sort key, match key, search words)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import bindparam, delete, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from library.catalogue import volumes
from library.catalogue.matching import Asked, find_match, find_matches, settled
from library.catalogue.models import Contributor, Format, LocalRecord, NumberKind, Record, RecordNumber, Role
from library.core import clock
from library.core.bulk import add_named, add_rows
from library.core.db import table_of
from library.core.fold import search_text

__all__ = ["Asked", "NewRecord", "as_new", "change", "create", "find_match", "find_matches", "insert_many"]


@dataclass(frozen=True)
class NewRecord:
    """A title as somebody described it, in clean text; nothing known is ''. A volume in the title finds its own field.

    `credits` are (name, role) in order; `numbers` are (digits, kind); `price` is whole đồng.
    """

    title: str
    credits: tuple[tuple[str, Role], ...] = ()
    subtitle: str = ""
    part_number: str = ""
    part_title: str = ""
    responsibility: str = ""
    edition: str = ""
    place: str = ""
    publisher: str = ""
    year: int | None = None
    extent: str = ""
    illustration: str = ""
    dimensions: str = ""
    series: str = ""
    series_number: str = ""
    language: str = "vie"
    original_languages: str = ""
    format: Format = Format.PRINT
    ddc: str = ""
    class_mark: str = ""
    title_code: str = ""
    audience: str = ""
    grade: str = ""
    kind: str = ""
    subjects: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    note: str = ""
    summary: str = ""
    url: str = ""
    price: int | None = None
    least_age: int | None = None
    numbers: tuple[tuple[str, NumberKind], ...] = ()
    marc: bytes | None = None
    edited: tuple[str, ...] = ()

    @cached_property
    def columns(self) -> Mapping[str, Any]:
        """Columns of `record`, the derived ones included. Worked out once, before anybody waits for the writing."""
        return _values(self)

    @cached_property
    def asked(self) -> Asked:
        """What is compared to see whether the catalogue has it."""
        authors = [name for name, role in self.credits if role is Role.AUTHOR]
        isbns = tuple(number for number, kind in self.numbers if kind is NumberKind.ISBN)
        eans = tuple(number for number, kind in self.numbers if kind is NumberKind.EAN)
        return Asked(
            self.title, authors[0] if authors else "", self.part_number, isbns, eans, self.publisher, self.year
        )


_TEXTS = (
    "subtitle", "part_title", "responsibility", "edition", "place", "publisher", "extent", "illustration",
    "dimensions", "series", "ddc", "class_mark", "title_code", "audience", "grade", "kind", "summary",
    "series_number", "original_languages", "note", "url",
)  # fmt: skip
_OTHERS = ("year", "language", "format", "price", "least_age", "marc")
_LISTS = ("subjects", "keywords", "edited")


def create(session: Session, network_id: int, new: NewRecord) -> Record:
    (record_id,) = insert_many(session, network_id, [new])
    return session.get_one(Record, record_id)


def insert_many(session: Session, network_id: int, new: Sequence[NewRecord]) -> list[int]:
    """Ids in the same order. Three statements for a chunk of up to 800 titles; nothing is looked up or compared."""
    if not new:
        return []
    now = clock.now()
    ids = add_named(session, table_of(Record), [{**one.columns, **_stamps(now, network_id)} for one in new])
    _insert_parts(session, zip(ids, new, strict=True))
    return ids


def change(session: Session, record: Record, new: NewRecord) -> Record:
    """The title is now what `new` says, all of it: begin with `as_new(record)` to keep the rest."""
    for name, value in _values(new).items():
        setattr(record, name, value)
    record.changed_at = clock.now()
    session.flush()
    for part in (Contributor, RecordNumber):
        session.execute(delete(part).where(part.record_id == record.id))
    _insert_parts(session, [(record.id, new)])
    session.expire(record, ["contributors", "numbers"])
    return record


def change_many(session: Session, changes: Mapping[int, NewRecord]) -> None:
    """The same for many titles by their ids. Five statements for a chunk of up to 800."""
    now = clock.now()
    rows = [
        {**{f"to_{name}": value for name, value in _values(new).items()}, "row_id": id_} for id_, new in changes.items()
    ]
    table = table_of(Record)
    told: dict[str, Any] = {name.removeprefix("to_"): bindparam(name) for name in rows[0] if name != "row_id"}
    changing = update(table).where(table.c.id == bindparam("row_id")).values(**told, changed_at=now)
    session.connection().execute(changing, rows)
    for part in (Contributor, RecordNumber):
        session.execute(
            delete(part).where(part.record_id.in_(changes)), execution_options={"synchronize_session": False}
        )
    _insert_parts(session, changes.items())
    session.expire_all()


def as_new(record: Record, with_source: bool = True) -> NewRecord:
    """The title as it is now. The entry it came as is fetched for each title: leave it out where nobody asks."""
    others = _OTHERS if with_source else tuple(name for name in _OTHERS if name != "marc")
    texts: dict[str, Any] = {name: getattr(record, name) or "" for name in (*_TEXTS, "part_number")}
    lists: dict[str, Any] = {name: tuple((getattr(record, name) or "").splitlines()) for name in _LISTS}
    return NewRecord(
        record.title,
        tuple((one.name, one.role) for one in record.contributors),
        numbers=tuple(
            sorted(((one.number, one.kind) for one in record.numbers), key=lambda one: (one[1] != "isbn", one[0]))
        ),
        **texts,
        **{name: getattr(record, name) for name in others},
        **lists,
    )


def say_locally(session: Session, library_id: int, record_id: int, **said: Any) -> None:
    """What one library says of a shared title: `call_number`, `reading_level`, `note`."""
    make = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    query = make(LocalRecord).values(library_id=library_id, record_id=record_id, **said)
    session.execute(query.on_conflict_do_update(index_elements=["library_id", "record_id"], set_=said))


def _stamps(now: Any, network_id: int) -> dict[str, Any]:
    return {"uid": clock.uuid7(), "network_id": network_id, "made_at": now, "changed_at": now}


def _values(new: NewRecord) -> dict[str, Any]:
    """Columns of `record`, the derived ones included."""
    found, match_key = settled(new.title, new.part_number)
    part_title = new.part_title or found.name
    return {
        **{name: getattr(new, name) or None for name in _TEXTS},
        **{name: getattr(new, name) for name in _OTHERS},
        "title": found.title,
        "part_number": found.number or None,
        "part_title": part_title or None,
        **{name: "\n".join(getattr(new, name)) or None for name in _LISTS},
        "title_sort": volumes.title_sort(found.title, found.number, part_title),
        "match_key": match_key,
        "search_text": _searched(new, (found.title, new.subtitle, found.number, part_title)),
    }


def _searched(new: NewRecord, title: tuple[str, ...]) -> str:
    """Each word once: no phrase is ever asked for."""
    names = (name for name, _ in new.credits)
    numbers = (number for number, _ in new.numbers)
    told = (*title, *names, new.series, new.publisher)
    return " ".join(dict.fromkeys(search_text(" ".join((*told, *new.subjects, *new.keywords, *numbers))).split()))


def _insert_parts(session: Session, made: Iterable[tuple[int, NewRecord]]) -> None:
    people, numbers = [], []
    for record_id, new in made:
        for position, (name, role) in enumerate(new.credits):
            people.append({"record_id": record_id, "position": position, "name": name, "role": role})
        for number, kind in dict(new.numbers).items():
            numbers.append({"record_id": record_id, "number": number, "kind": kind})
    for part, rows in ((Contributor, people), (RecordNumber, numbers)):
        add_rows(session, table_of(part), rows)
