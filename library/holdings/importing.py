"""Book lists: rows become titles of the network and copies in the register of one library.

A copy is known again by its accession number, a row without numbers by what it says: the same list brought twice
changes nothing, the same list with twenty rows more adds twenty. A title is never merged by its number alone
(`catalogue.matching`), and a number of the register never passes to another book.

Undoing strikes copies out; their numbers stay with them, and a list brought again takes them up again. Titles stay in
the catalogue, for the register's struck-out lines must say which books they were; a title without a listed copy is
nothing a reader finds. Copies that have lived on (lent, moved, asked for, labelled) stay as they are and are listed.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, and_, func, insert, or_, select
from sqlalchemy.orm import Session

from library.access import Permission
from library.catalogue import matching, writing
from library.catalogue.columns import BOOK_WORDS, VOCABULARY, read_book
from library.catalogue.matching import Asked
from library.catalogue.models import LocalRecord, NumberKind, Record, Role
from library.catalogue.writing import NewRecord
from library.core import clock
from library.core.errors import N_
from library.core.fold import fold
from library.core.forms import Reader
from library.holdings import accessions, places
from library.holdings.accessions import DIGITS, NewItem, label_of
from library.holdings.models import Item, ItemCode, LineState, Movement, Place, PlaceKind, Receipt, RegisterLine, Why
from library.inbox import acts
from library.inbox.acts import Doing
from library.organisations import codes
from library.organisations.models import Branch, Counter, Organisation
from library.staging.headers import find_header
from library.staging.importers import Done, Importer, Judged, Question, Staged, Stale, Task, note_of, register
from library.staging.loading import times_loaded
from library.staging.undoing import named_elsewhere
from library.staging.verdicts import Note, Verdict

KIND = "books"
UNDONE = "Hoàn tác danh sách nạp"
"""How the reason of a struck-out line begins when the list it came with was undone: its number may be taken up again."""

USUAL_SERIES = (
    ("TN", N_("TN – sách thiếu nhi")),
    ("TK", N_("TK – sách tham khảo")),
    ("GK", N_("GK – sách giáo khoa")),
    ("NV", N_("NV – sách nghiệp vụ")),
)
SERIES_OF_KIND = {"STN": "TN", "STK": "TK", "SGK": "GK", "SNV": "NV"}
HIGHEST = 999_999_999
HOMES = (PlaceKind.STACKS, PlaceKind.CLASS_SHELF, PlaceKind.DEPOT, PlaceKind.VEHICLE_SHELF)
_COUNTED = "accession "

TWICE = N_("Số %(label)s đã có ở dòng %(row)s của tệp này.")
ANOTHER_BOOK = N_("Số %(label)s trong sổ đang là cuốn “%(title)s”.")
STRUCK_OUT = N_("Số %(label)s đã gạch khỏi sổ đăng ký, không dùng lại được.")
RESERVED = N_("Số %(label)s đang để dành cho cuốn khác.")
TOO_LARGE = N_("Số %(label)s dài quá, không giống số đăng ký cá biệt.")
LOADED_BEFORE = N_("Dòng này đã nạp lần trước.")
MORE_COPIES = N_("Thư viện đã có “%(title)s”: thêm %(count)s bản.")
SAME_AS_ROW = N_("Cùng sách với dòng %(row)s: thêm bản vào một nhan đề.")
LIVED_ON = N_("Giữ lại %(labels)s: đã có lượt mượn, đã chuyển chỗ, có người đặt hoặc đã in nhãn.")


@dataclass(frozen=True)
class Number:
    """An accession number as the list has it: TK, 11, written TK.00011."""

    series: str
    number: int
    label: str
    digits: int = DIGITS

    @property
    def key(self) -> tuple[str, int]:
        return self.series, self.number


@dataclass(frozen=True)
class Line:
    """What the register says of a number."""

    state: LineState
    item_id: int | None
    record_id: int | None
    match_key: str
    title: str
    reason: str

    @property
    def may_return(self) -> bool:
        return self.state is LineState.STRUCK_OUT and self.item_id is not None and self.reason.startswith(UNDONE)


@dataclass
class Plan:
    """What is to be done with a row: `enter` numbers anew or count copies, take struck-out items up `again`."""

    row: Staged
    judged: Judged
    new: NewRecord | None = None
    record_id: int | None = None
    enter: tuple[Number, ...] = ()
    copies: int = 0
    again: dict[int, Number] = field(default_factory=dict)


# Judging


def judge(session: Session, task: Task, rows: Sequence[Staged], seen: dict[str, Any]) -> list[Judged]:
    return [plan.judged for plan in _plans(session, task, rows, seen, _times(session, task, rows))]


def _times(session: Session, task: Task, rows: Sequence[Staged]) -> dict[int, int]:
    prints = [fingerprint(row.values) for row in rows if not row.values.get("accessions")]
    return times_loaded(session, task.library_id, KIND, prints) if prints else {}


def _plans(
    session: Session, task: Task, rows: Sequence[Staged], seen: dict[str, Any], times: Mapping[int, int]
) -> list[Plan]:
    """One plan a row. Nine statements for a chunk, however many rows."""
    numbers = [_numbers(task, row.values) for row in rows]
    lines = _lines(session, task.library_id, {one.key for each in numbers for one in each})
    news = [new_record(row.values) for row in rows]
    matches = writing.find_matches(session, _network(session, task.library_id), [new.asked for new in news])
    held = _titles(session, matches.values())
    planner = _Planner(lines, matches, held, seen, times)
    return [planner.plan(row, own, new) for row, own, new in zip(rows, numbers, news, strict=True)]


_Told = tuple[int, str, int | None, str, tuple[str, ...], tuple[str, ...]]
"""Row, publisher, year, author, ISBNs, EANs: what tells books of one title apart, in little memory."""


class _Planner:
    """Decides row by row; `seen` remembers numbers, titles and rows of the list so far."""

    def __init__(
        self, lines: Mapping[tuple[str, int], Line], matches: Mapping[Asked, int], held: Mapping[int, str],
        seen: dict[str, Any], times: Mapping[int, int],
    ) -> None:  # fmt: skip
        self.lines, self.matches, self.held, self.times = lines, matches, held, times
        self.numbers: dict[tuple[str, int], int] = seen.setdefault("numbers", {})
        self.titles: dict[str, tuple[_Told, ...]] = seen.setdefault("titles", {})
        self.prints: dict[int, int] = seen.setdefault("prints", {})
        self.highest: dict[str, int] = seen.setdefault("highest", {})

    def plan(self, row: Staged, numbers: Sequence[Number], new: NewRecord) -> Plan:
        refused = [note for one in numbers if (note := self._refusal(one, new.asked.key))]
        if refused:
            return Plan(row, Judged(Verdict.REFUSED, tuple(refused[:3])))
        doubled = [note_of(TWICE, "accession", label=one.label, row=self.numbers[one.key])
                   for one in numbers if one.key in self.numbers]  # fmt: skip
        if doubled:
            return Plan(row, Judged(Verdict.DUPLICATE, tuple(doubled[:3])))
        self._remember(row.number, numbers)
        return self._numbered(row, numbers, new) if numbers else self._unnumbered(row, new)

    def _refusal(self, one: Number, key: str) -> Note | None:
        if one.number > HIGHEST:
            return note_of(TOO_LARGE, "accession", label=one.label)
        line = self.lines.get(one.key)
        if line is None or line.may_return:
            return None
        if line.state is LineState.USED:
            same = line.match_key == key
            return None if same else note_of(ANOTHER_BOOK, "accession", label=one.label, title=line.title)
        return note_of(STRUCK_OUT if line.state is LineState.STRUCK_OUT else RESERVED, "accession", label=one.label)

    def _remember(self, row: int, numbers: Sequence[Number]) -> None:
        for one in numbers:
            self.numbers[one.key] = row
            self.highest[one.series] = max(self.highest.get(one.series, 0), one.number)

    def _numbered(self, row: Staged, numbers: Sequence[Number], new: NewRecord) -> Plan:
        known = [line for one in numbers if (line := self.lines.get(one.key)) and line.state is LineState.USED]
        if len(known) == len(numbers):
            return Plan(row, Judged(Verdict.UNCHANGED))
        enter = tuple(one for one in numbers if one.key not in self.lines)
        again = {line.item_id: one for one in numbers
                 if (line := self.lines.get(one.key)) and line.item_id and line.may_return}  # fmt: skip
        record_id = known[0].record_id if known else None
        return self._writing(
            Plan(row, Judged(Verdict.NEW), new, record_id, enter, again=again), len(enter) + len(again)
        )

    def _unnumbered(self, row: Staged, new: NewRecord) -> Plan:
        said = fingerprint(row.values)
        self.prints[said] = self.prints.get(said, 0) + 1
        if self.prints[said] <= self.times.get(said, 0):
            return Plan(row, Judged(Verdict.UNCHANGED, (note_of(LOADED_BEFORE),)))
        copies = int(row.values.get("quantity") or 1)
        return self._writing(Plan(row, Judged(Verdict.NEW), new, copies=copies), copies, said)

    def _writing(self, plan: Plan, copies: int, said: int | None = None) -> Plan:
        """The verdict of a row that will be written: its title is there already, in this list, or nowhere yet."""
        assert plan.new
        plan.record_id = plan.record_id or self.matches.get(plan.new.asked)
        if plan.record_id is not None:
            title = self.held.get(plan.record_id, plan.new.title)
            more = (note_of(MORE_COPIES, title=title, count=copies),)
            plan.judged = Judged(Verdict.CHANGED, more, {"copies": copies}, said)
            return plan
        earlier = self._earlier(plan.new.asked, plan.row.number)
        notes: tuple[Note, ...] = (note_of(SAME_AS_ROW, row=earlier),) if earlier else ()
        plan.judged = Judged(Verdict.NEW, notes, {"copies": copies, "titles": 0 if earlier else 1}, said)
        return plan

    def _earlier(self, asked: Asked, row: int) -> int | None:
        """The row of this list that has the same book; this row is remembered where none has."""
        key, told = asked.key, (row, asked.publisher, asked.year, asked.author, asked.isbns, asked.eans)
        known = self.titles.get(key, ())
        best = matching._best(asked, [matching.Known(*one[:4], set(one[4]), set(one[5])) for one in known])
        if best is None:
            self.titles[key] = (*known, told)
        return best.id if best else None


def found(seen: Mapping[str, Any]) -> Mapping[str, Any]:
    """The highest number of each series: copies without a number are counted on from there."""
    return {"highest": dict(seen.get("highest", {}))}


_LABEL = re.compile(r"(?P<prefix>\D*)(?P<digits>\d+)")


def _numbers(task: Task, values: Mapping[str, Any]) -> tuple[Number, ...]:
    return tuple(_number(task, values, label) for label in values.get("accessions", ()))


def _number(task: Task, values: Mapping[str, Any], label: str) -> Number:
    """A label without letters gets those of its kind of book, as for copies the machine numbers."""
    parts = _LABEL.fullmatch(label)
    prefix, digits = (parts["prefix"], parts["digits"]) if parts else ("", "0")
    series = prefix.strip(" .-_").upper()
    number, width = int(digits), max(DIGITS, len(digits))
    if not series:
        series = series_of(task, values)
        label = label_of(series, number, width)
    return Number(series, number, label, width)


def series_of(task: Task, values: Mapping[str, Any]) -> str:
    return SERIES_OF_KIND.get(values.get("kind", ""), task.answers.get("series") or "TN")


def fingerprint(values: Mapping[str, Any]) -> int:
    """63 bits of what a row says."""
    said = json.dumps(values, sort_keys=True, ensure_ascii=False).encode()
    return int.from_bytes(hashlib.blake2b(said, digest_size=8).digest()) >> 1


def _lines(session: Session, library_id: int, keys: set[tuple[str, int]]) -> dict[tuple[str, int], Line]:
    """What the register has under these numbers."""
    found: dict[tuple[str, int], Line] = {}
    for some in slices(sorted(key for key in keys if key[1] <= HIGHEST)):
        found |= _some_lines(session, library_id, some)
    return found


def _some_lines(session: Session, library_id: int, keys: Sequence[tuple[str, int]]) -> dict[tuple[str, int], Line]:
    by_series: dict[str, list[int]] = {}
    for series, number in keys:
        by_series.setdefault(series, []).append(number)
    query = (
        select(
            RegisterLine.series, RegisterLine.number, RegisterLine.state, RegisterLine.item_id, Item.record_id,
            Record.match_key, Record.title, RegisterLine.reason,
        )
        .outerjoin(Item, Item.id == RegisterLine.item_id)
        .outerjoin(Record, Record.id == Item.record_id)
        .where(RegisterLine.library_id == library_id, or_(*(_in_series(*each) for each in by_series.items())))
    )  # fmt: skip
    return {
        (series, number): Line(state, item, record, key or "", title or "", reason or "")
        for series, number, state, item, record, key, title, reason in session.execute(query)
    }


_MOST = 5_000
"""Values in one statement: databases have a limit."""

_One = TypeVar("_One")


def slices(values: Sequence[_One], most: int = _MOST) -> Iterator[Sequence[_One]]:
    return (values[start : start + most] for start in range(0, len(values), most))


def _in_series(series: str, numbers: Sequence[int]) -> ColumnElement[bool]:
    return and_(RegisterLine.series == series, RegisterLine.number.in_(numbers))


def _network(session: Session, library_id: int) -> int:
    return session.execute(select(Organisation.network_id).where(Organisation.id == library_id)).scalar_one() or 0


def _titles(session: Session, records: Iterable[int]) -> dict[int, str]:
    ids = set(records)
    return dict(session.execute(select(Record.id, Record.title).where(Record.id.in_(ids))).all()) if ids else {}


# What a row says, as a title


def new_record(values: Mapping[str, Any]) -> NewRecord:
    """A stored row as the title it describes."""
    texts = {name: values[name] for name in _SAME if name in values}
    return NewRecord(
        title=values["title"],
        credits=tuple((credit["name"], Role(credit["role"])) for credit in values.get("credits", ())),
        part_number=values.get("volume", ""),
        year=values.get("year"),
        extent=f"{values['pages']} tr." if "pages" in values else "",
        language=values.get("language") or "vie",
        grade=str(values.get("grade", "")),
        subjects=tuple(values.get("keywords", ())),
        price=values.get("price"),
        numbers=_printed(values),
        **texts,
    )


_SAME = (
    "subtitle", "edition", "place", "publisher", "dimensions", "series", "ddc", "class_mark", "title_code", "audience",
    "kind", "summary",
)  # fmt: skip


def _printed(values: Mapping[str, Any]) -> tuple[tuple[str, NumberKind], ...]:
    """Numbers on the book, each once; one whose check digit does not fit is kept as some number."""
    numbers = dict.fromkeys(values.get("isbns", ()), NumberKind.ISBN)
    if ean := values.get("ean"):
        numbers.setdefault(ean, NumberKind.EAN)
    if odd := re.sub(r"[^0-9X]", "", values.get("isbn_as_printed", "").upper()):
        numbers.setdefault(odd, NumberKind.OTHER)
    return tuple(numbers.items())


# Writing


def begin(session: Session, task: Task, at: datetime) -> int:
    """The act of the whole list, with its own uid. Numbers of the list are behind the counters from here on."""
    places.furnish(session, session.get_one(Branch, task.branch_id))
    for series, number in sorted(task.choices.get("found", {}).get("highest", {}).items()):
        codes.at_least(session, task.library_id, f"{_COUNTED}{series}", number)
    return acts.write(session, Doing(task.uid, task.account, task.branch_id), "import", at)


@dataclass(frozen=True)
class Prepared:
    """Plans, and the newest title when they were made: while it is the newest, no title has come that they missed."""

    plans: Sequence[Plan]
    newest: int


def prepare(session: Session, task: Task, rows: Sequence[Staged]) -> Prepared:
    """Rows are judged anew: much may have happened since they were shown."""
    newest = _newest(session)
    plans = _plans(session, task, rows, {}, {})
    for plan in plans:
        if plan.new and plan.record_id is None:
            _ = plan.new.columns  # what takes longest: search words, sort keys
    return Prepared(plans, newest)


def _newest(session: Session) -> int:
    return session.scalar(select(func.max(Record.id))) or 0


def apply(session: Session, task: Task, prepared: Prepared, at: datetime) -> list[Done]:
    """Titles first, then copies, in about twenty statements."""
    if _newest(session) != prepared.newest:
        raise Stale
    plans = prepared.plans
    writes = [plan for plan in plans if plan.new]
    made = _make_records(session, _network(session, task.library_id), writes)
    entered = _enter(session, task, writes, at)
    _say_locally(session, task.library_id, writes)
    return [_done(plan, id(plan) in made, entered.get(id(plan), [])) for plan in plans]


def _done(plan: Plan, made: bool, items: list[int]) -> Done:
    if plan.new is None:
        return Done(None, plan.judged.verdict, plan.judged.notes)
    return Done([plan.record_id, int(made), *items], tally={"titles": int(made), "copies": len(items)})


def _make_records(session: Session, network_id: int, plans: Sequence[Plan]) -> set[int]:
    """Give every plan its title; the plans that made one. Rows of one chunk may be the same book: each round makes the
    first of every key, and asks again for the others."""
    made: set[int] = set()
    left = [plan for plan in plans if plan.record_id is None]
    while left:
        firsts = {plan.new.asked.key: plan for plan in reversed(left) if plan.new}
        new = [plan for plan in left if plan.new and firsts[plan.new.asked.key] is plan]
        for plan, record in zip(
            new, writing.insert_many(session, network_id, [_of(plan) for plan in new]), strict=True
        ):
            plan.record_id = record
            made.add(id(plan))
        left = [plan for plan in left if plan.record_id is None]
        matches = writing.find_matches(session, network_id, [_of(plan).asked for plan in left]) if left else {}
        for plan in left:
            plan.record_id = matches.get(_of(plan).asked)
        left = [plan for plan in left if plan.record_id is None]
    return made


def _of(plan: Plan) -> NewRecord:
    assert plan.new
    return plan.new


def _enter(session: Session, task: Task, plans: Sequence[Plan], at: datetime) -> dict[int, list[int]]:
    """Enter the copies of each plan; item ids by plan, in the order of its numbers."""
    if not plans:
        return {}
    library = session.get_one(Organisation, task.library_id)
    shelf = _Shelf(session, task)
    receipts = _receipts(session, task, plans)
    new = [(plan, one) for plan in plans for one in shelf.copies(plan, receipts)]
    receipt = (_act(task), task.uid, next(iter(receipts.values())))
    made = accessions.enter(session, receipt, library, task.branch_id, [one for _, one in new], at)
    entered: dict[int, list[int]] = {}
    for (plan, _), item in zip(new, made, strict=True):
        entered.setdefault(id(plan), []).append(item)
    again = {item: shelf.copy(plan, receipts, one) for plan in plans for item, one in plan.again.items()}
    accessions.take_up_again(session, (_act(task), task.uid), task.branch_id, again, at)
    for plan in plans:
        entered.setdefault(id(plan), []).extend(plan.again)
    return entered


def _act(task: Task) -> int:
    assert task.act_id
    return task.act_id


Key = tuple[str, str, str, date]
"""What tells receipts apart: source, voucher, number in the general register, day."""


class _Shelf:
    """Copies as a row describes them, each with its home."""

    def __init__(self, session: Session, task: Task) -> None:
        homes = _homes(session, task.branch_id)
        self.task, self.named = task, {fold(name): int(place) for place, name in homes}
        chosen = task.answers.get("home", "")
        self.home = int(chosen if chosen in dict(homes) else homes[0][0])

    def copies(self, plan: Plan, receipts: Mapping[Key, int]) -> list[NewItem]:
        if plan.enter:
            return [self.copy(plan, receipts, one) for one in plan.enter]
        return [self.copy(plan, receipts, None)] * plan.copies

    def copy(self, plan: Plan, receipts: Mapping[Key, int], one: Number | None) -> NewItem:
        values = plan.row.values
        assert plan.record_id
        return NewItem(
            record_id=plan.record_id,
            home_id=self.named.get(fold(values.get("shelf", "")), self.home),
            series=one.series if one else series_of(self.task, values),
            number=one.number if one else None,
            price=values.get("price"),
            accessioned_on=receipt_key(self.task, values)[3],
            note=self._note(values),
            digits=one.digits if one else DIGITS,
            label=one.label if one else None,
            receipt_id=receipts[receipt_key(self.task, values)],
        )

    def _note(self, values: Mapping[str, Any]) -> str | None:
        """A shelf that is no place of ours stays readable with the copy."""
        shelf = values.get("shelf", "")
        unknown = shelf and fold(shelf) not in self.named
        return "; ".join(filter(None, (values.get("note", ""), shelf if unknown else ""))) or None


def receipt_key(task: Task, values: Mapping[str, Any]) -> Key:
    answers = task.answers
    day = values.get("accessioned_on") or answers.get("received_on") or clock.today().isoformat()
    source = values.get("source") or answers.get("source") or DEFAULT_SOURCE
    return source, values.get("voucher", ""), values.get("general_no", ""), date.fromisoformat(day)


DEFAULT_SOURCE = "Sách có trước khi dùng máy"


def _receipts(session: Session, task: Task, plans: Sequence[Plan]) -> dict[Key, int]:
    """A receipt for each source, voucher and day; a number of the general register stands for one receipt, always."""
    wanted = list(dict.fromkeys(receipt_key(task, plan.row.values) for plan in plans))
    known, numbered = _known_receipts(session, task, wanted)
    for key in wanted:
        source, voucher, general_no, day = key
        if key not in known:
            known[key] = numbered.get(general_no) or accessions.add_receipt(
                session,
                _act(task),
                task.library_id,
                source,
                day,
                voucher=voucher or None,
                general_no=general_no or None,
            )
            numbered |= {general_no: known[key]} if general_no else {}
    return {key: known[key] for key in wanted}


def _known_receipts(session: Session, task: Task, wanted: Sequence[Key]) -> tuple[dict[Key, int], dict[str, int]]:
    """Those of this list so far, and those with a number of the general register."""
    general = {key[2] for key in wanted if key[2]}
    mine = and_(Receipt.act_id == task.act_id, Receipt.received_on.in_({key[3] for key in wanted}))
    query = select(Receipt.id, Receipt.source, Receipt.voucher, Receipt.general_no, Receipt.received_on)
    rows = session.execute(
        query.where(Receipt.library_id == task.library_id, or_(mine, Receipt.general_no.in_(general)))
    ).all()
    known = {(source, voucher or "", number or "", day): receipt for receipt, source, voucher, number, day in rows}
    return known, {row.general_no: row.id for row in rows if row.general_no}


def _say_locally(session: Session, library_id: int, plans: Sequence[Plan]) -> None:
    """Call numbers of titles of which this library has said nothing yet."""
    said = {plan.record_id: plan.row.values["call_number"] for plan in plans if plan.row.values.get("call_number")}
    if not said:
        return
    mine = select(LocalRecord.record_id).where(LocalRecord.library_id == library_id, LocalRecord.record_id.in_(said))
    there = set(session.scalars(mine))
    rows = [
        {"library_id": library_id, "record_id": record, "call_number": mark}
        for record, mark in said.items()
        if record not in there
    ]
    if rows:
        session.execute(insert(LocalRecord), rows)


# Undoing


def undo(session: Session, task: Task, rows: Sequence[Staged]) -> list[tuple[Note, ...]]:
    """Strike out the copies that have no life of their own; for each row, what stays."""
    items = [item for row in rows for item in row.subjects[2:]]
    stays: dict[int, str] = {}
    for some in slices(items):
        stays |= _lived_on(session, some)
        struck = [item for item in some if item not in stays]
        accessions.strike_out(session, struck, f"{UNDONE} ngày {clock.today():%d/%m/%Y}")
    return [_kept([stays[item] for item in row.subjects[2:] if item in stays]) for row in rows]


def _kept(labels: Sequence[str]) -> tuple[Note, ...]:
    return (note_of(LIVED_ON, labels=", ".join(labels)),) if labels else ()


def _lived_on(session: Session, items: Sequence[int]) -> dict[int, str]:
    """The copies among `items` that something happened to, with their accession numbers."""
    moved = select(Movement.item_id).where(Movement.item_id.in_(items), Movement.why != Why.ACCESSION)
    named = named_elsewhere(
        session, Item, items, besides=(ItemCode.__tablename__, RegisterLine.__tablename__, "movement")
    )
    labelled = select(Item.id).where(Item.id.in_(items), Item.label_printed_at.is_not(None))
    lived = {*session.scalars(moved), *named, *session.scalars(labelled)}
    query = select(Item.id, Item.accession).where(Item.id.in_(lived))
    return {item: label or "" for item, label in session.execute(query)} if lived else {}


# What the page asks


def questions(session: Session, task: Task) -> list[Question]:
    answers = task.answers
    homes = _homes(session, task.branch_id)
    return [
        Question("series", N_("Chữ đầu số đăng ký khi tệp không ghi"), answers.get("series", "TN"), "select",
                 _series(session, task.library_id), N_("Bản chưa có số được đánh tiếp sau số lớn nhất của dãy này.")),
        Question("home", N_("Sách xếp ở đâu"), answers.get("home", homes[0][0] if homes else ""), "select", homes),
        Question("source", N_("Nguồn khi tệp không ghi"), answers.get("source", DEFAULT_SOURCE)),
        Question("received_on", N_("Ngày vào sổ khi tệp không ghi"),
                 answers.get("received_on", clock.today().isoformat()), "date"),
    ]  # fmt: skip


def _homes(session: Session, branch_id: int) -> tuple[tuple[str, str], ...]:
    query = select(Place.id, Place.name).where(Place.branch_id == branch_id, Place.closed_on.is_(None))
    return tuple(
        (str(place), name) for place, name in session.execute(query.where(Place.kind.in_(HOMES)).order_by(Place.id))
    )


def _series(session: Session, library_id: int) -> tuple[tuple[str, str], ...]:
    """The usual ones and those this library counts already."""
    query = select(Counter.series).where(Counter.library_id == library_id, Counter.series.startswith(_COUNTED))
    others = sorted(name.removeprefix(_COUNTED) for name in session.scalars(query))
    return (*USUAL_SERIES, *((name, name) for name in others if name not in dict(USUAL_SERIES)))


def check(session: Session, task: Task, given: Mapping[str, str]) -> dict[str, str]:
    """Raises Invalid."""
    reader = Reader(given)
    series = reader.choice("series", {name: name for name, _ in _series(session, task.library_id)})
    home = reader.choice("home", {place: place for place, _ in _homes(session, task.branch_id)})
    source = reader.text("source", longest=200)
    day = reader.day("received_on")
    reader.done()
    return {"series": series or "", "home": home or "", "source": source, "received_on": day.isoformat() if day else ""}


register(
    Importer(
        kind=KIND,
        title=N_("Danh sách sách"),
        about=N_("Cột nào cũng được. Máy tự đoán tên sách, tác giả, số đăng ký cá biệt, giá tiền, rồi hỏi lại."),
        icon="book",
        deed=N_("Nạp %(count)s dòng sách"),
        permission=Permission.IMPORT_BOOKS,
        words=BOOK_WORDS,
        essential=("title", "author_title"),
        shown=("title", "author_title", "author", "accession", "accession_first", "quantity", "price"),
        tallies={"titles": N_("%(count)s nhan đề mới"), "copies": N_("%(count)s bản sách vào sổ")},
        kept=N_(
            "Bản đã có người mượn, đã chuyển chỗ, đã in nhãn hay có người đặt thì giữ nguyên."
            " Số đăng ký của các bản khác bị gạch khỏi sổ; nạp lại tệp đã sửa thì dùng lại đúng số cũ."
        ),
        find_header=lambda rows: find_header(rows, VOCABULARY),
        read=lambda row, header, hint: read_book(row, header),
        questions=questions,
        check=check,
        judge=judge,
        begin=begin,
        prepare=prepare,
        apply=apply,
        undo=undo,
        found=found,
        serif=True,
        weight=lambda values: len(values.get("accessions", ())) or int(values.get("quantity") or 1),
    )
)
