"""A stack of books, one code after the other: known titles get a copy more, unknown ones wait for their title.

What was scanned is in the database at once, so that a page that is closed by mistake loses nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from library.catalogue import classes, forms, writing
from library.catalogue.models import NumberKind, Record, RecordNumber
from library.catalogue.writing import NewRecord, find_matches
from library.cataloguing import entering
from library.cataloguing.entering import Delivery
from library.cataloguing.models import ScanLine
from library.core import clock
from library.core.errors import N_, Invalid, Reason, Refused
from library.core.fold import clean, code_keys
from library.finding import queries
from library.holdings.accessions import NewItem
from library.holdings.models import Item
from library.inbox.acts import Doing
from library.organisations.models import Organisation

FIELDS = ("title", "author", "publisher", "year", "price", "mark")
MOST_LINES, MOST_COPIES = 500, 500
LONGEST_CODE, LONGEST_TEXT = 40, 500
MOST_TITLES = 8


class NoCode(Refused):
    """What was scanned is no number of a book; `reasons` say what it is."""

    status = 422


@dataclass
class Line:
    """A scanned code as the page shows it. `titles` answer to it, the chosen one first; none: it has to be typed."""

    line: ScanLine
    titles: list[Record]
    ours: int = 0
    complaints: Mapping[str, Reason] | None = None

    @property
    def chosen(self) -> Record | None:
        return next((one for one in self.titles if one.id == self.line.record_id), None)

    @property
    def is_odd(self) -> bool:
        """Its check digit does not fit."""
        return forms.number_of(self.line.code)[1] is NumberKind.OTHER


# Scanning


def read_code(text: str) -> str:
    """The number on a book, whatever keyboard stood between. Raises NoCode for text without figures."""
    ways = [text.strip(), *code_keys(text)[:8]] if len(text) <= LONGEST_CODE else []
    read = [forms.number_of(way) for way in ways]
    good = [number for number, kind in read if kind is not NumberKind.OTHER]
    found = next(iter([*good, *(number for number, _ in read if number)]), "")
    if not found:
        raise NoCode(Reason("no-code", N_("Máy chưa thấy mã số nào. Quét mã vạch ở bìa sau, hoặc gõ 13 số.")))
    return found


def scan(session: Session, library: Organisation, account: UUID, text: str) -> ScanLine:
    """One code more: a new line, or one copy more on the line that has it. Raises NoCode."""
    code = read_code(text)
    mine = _mine(library.id, account)
    line = session.scalar(select(ScanLine).where(*mine, ScanLine.code == code).with_for_update())
    if line is not None:
        line.quantity = min(line.quantity + 1, MOST_COPIES)
        line.told = {**line.told, "n": str(line.quantity)}
        session.flush()
        return line
    if (session.scalar(select(func.count()).select_from(ScanLine).where(*mine)) or 0) >= MOST_LINES:
        raise NoCode(Reason("full", N_("Đã có %(most)s dòng chờ. Ghi lại rồi quét tiếp."), {"most": MOST_LINES}))
    found = titles_of(session, library, [code])[code]
    if not found:
        _refuse_own_label(session, library.id, text)
    line = ScanLine(
        uid=clock.uuid7(), library_id=library.id, account=account, code=code, quantity=1, told={},
        record_id=found[0] if found else None, made_at=clock.now(),
    )  # fmt: skip
    session.add(line)
    session.flush()
    return line


def _refuse_own_label(session: Session, library_id: int, text: str) -> None:
    """A label of ours was scanned instead of the number on the cover."""
    found = queries.by_number(session, text, Item.library_id == library_id, 1)
    if found:
        title = session.get_one(Record, found[0]).full_title
        sentence = N_("Đây là nhãn của thư viện: cuốn “%(title)s” đã ở trong sổ. Quét mã in trên bìa sau.")
        raise NoCode(Reason("own-label", sentence, {"title": title}))


def titles_of(session: Session, library: Organisation, codes: Sequence[str]) -> dict[str, list[int]]:
    """Ids of the network's titles with each number: those we have copies of first, then the latest described."""
    query = (
        select(RecordNumber.number, Record.id)
        .join(Record, Record.id == RecordNumber.record_id)
        .where(RecordNumber.number.in_(codes), Record.network_id == library.network_id)
    )
    rows = session.execute(query.order_by(Record.id.desc()).limit(MOST_TITLES * len(codes))).all()
    ours = entering.ours(session, library.id, [record for _, record in rows])
    ordered = sorted(rows, key=lambda row: -ours.get(row[1], 0))
    return {code: [record for number, record in ordered if number == code][:MOST_TITLES] for code in codes}


# Showing


def _mine(library_id: int, account: UUID) -> tuple[Any, ...]:
    return ScanLine.library_id == library_id, ScanLine.account == account


def lines(session: Session, library: Organisation, account: UUID) -> list[Line]:
    """What waits, newest first."""
    found = session.scalars(select(ScanLine).where(*_mine(library.id, account)).order_by(ScanLine.id.desc())).all()
    return shown(session, library, found)


def shown(session: Session, library: Organisation, found: Sequence[ScanLine]) -> list[Line]:
    if not found:
        return []
    ids = titles_of(session, library, [one.code for one in found])
    every = {one.record_id for one in found if one.record_id} | {record for each in ids.values() for record in each}
    records = {record.id: record for record in queries.records(session, sorted(every))}
    ours = entering.ours(session, library.id, sorted(every))
    made = []
    for one in found:
        known = dict.fromkeys([*([one.record_id] if one.record_id else []), *ids[one.code]])
        titles = [records[record] for record in known if record in records]
        made.append(Line(one, titles, ours.get(one.record_id or 0, 0)))
    return made


# Typing


def keep(session: Session, library: Organisation, account: UUID, source: Mapping[str, str]) -> None:
    """What stands in the fields of the page stays, right or wrong: {"title-<uid>": …, "n-<uid>": copies}."""
    for one in lines(session, library, account):
        line, name = one.line, str(one.line.uid)
        if f"n-{name}" not in source:
            continue
        told = {field: clean(source.get(f"{field}-{name}", ""))[:LONGEST_TEXT] for field in FIELDS}
        line.told = {**{field: text for field, text in told.items() if text}, "n": source[f"n-{name}"].strip()[:8]}
        line.quantity = _copies(line.told["n"]) or line.quantity
        line.record_id = _choice(one, source.get(f"record-{name}"))
    session.flush()


def _copies(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and 1 <= int(text) <= MOST_COPIES else None


def _choice(one: Line, text: str | None) -> int | None:
    """Another title with the same number, or none of them ("new")."""
    if text is None:
        return one.line.record_id
    return next((record.id for record in one.titles if str(record.uid) == text), None)


def drop(session: Session, library_id: int, account: UUID, uid: str) -> None:
    try:
        session.execute(delete(ScanLine).where(*_mine(library_id, account), ScanLine.uid == UUID(uid)))
    except ValueError:
        return


# Saving


@dataclass(frozen=True)
class Saved:
    """`labels` are the accession numbers in order; `titles` how many titles, `waiting` lines that lack something."""

    labels: list[str]
    titles: int
    waiting: list[Line]


def save(
    session: Session, library: Organisation, doing: Doing, came: Delivery, series: str, all_lines: Sequence[Line]
) -> Saved:
    """Every line that is complete comes into the register, in the order of scanning; the others wait with a sentence."""
    ready: list[tuple[Line, NewRecord | None]] = []
    waiting = []
    for one in reversed(all_lines):
        try:
            ready.append((one, _described(one)))
        except Invalid as told:
            one.complaints = told.fields
            waiting.append(one)
    records = _records(session, library, ready)
    new = [
        NewItem(records[one.line.id], came.home.id, series, price=_price(one, typed))
        for one, typed in ready
        for _ in range(one.line.quantity)
    ]
    labels = entering.enter(session, library, doing, came, new, clock.now()) if new else []
    session.execute(delete(ScanLine).where(ScanLine.id.in_([one.line.id for one, _ in ready])))
    return Saved(labels, len(set(records.values())), waiting[::-1])


def _described(one: Line) -> NewRecord | None:
    """The title somebody typed; None where a known one was chosen. Raises Invalid, by field."""
    told = one.line.told
    if told.get("n") and _copies(told["n"]) is None:
        raise Invalid(
            {"n": Reason("number", N_("Cần một số từ %(least)s đến %(most)s."), {"least": 1, "most": MOST_COPIES})}
        )
    if one.chosen:
        return None
    ddc, school = classes.parted(told.get("mark", ""))
    new, _ = forms.read({**told, "ddc": ddc, "class_mark": school})
    return replace(new, numbers=(forms.number_of(one.line.code),))


def _price(one: Line, typed: NewRecord | None) -> int | None:
    return typed.price if typed else one.chosen.price if one.chosen else None


def _records(session: Session, library: Organisation, ready: Sequence[tuple[Line, NewRecord | None]]) -> dict[int, int]:
    """Line → title: the chosen one, one the network had under another number, or a new one."""
    assert library.network_id is not None
    found = {one.line.id: one.chosen.id for one, _ in ready if one.chosen}
    typed = [(one.line.id, new) for one, new in ready if new]
    matches = find_matches(session, library.network_id, [new.asked for _, new in typed]) if typed else {}
    for line, new in typed:
        if new.asked in matches:
            found[line] = _numbered(session, matches[new.asked], new)
    fresh = [(line, new) for line, new in typed if line not in found]
    made = entering.describe(session, library, _values(fresh))
    return found | dict(zip((line for line, _ in fresh), made, strict=True))


def _values(pairs: Iterable[tuple[int, NewRecord]]) -> list[NewRecord]:
    return [new for _, new in pairs]


def _numbered(session: Session, record_id: int, new: NewRecord) -> int:
    """The title learns the number it was scanned by."""
    record = session.get_one(Record, record_id)
    now = writing.as_new(record)
    numbers = dict([*now.numbers, *new.numbers])
    if numbers != dict(now.numbers):
        writing.change(session, record, replace(now, numbers=tuple(numbers.items())))
    return record_id
