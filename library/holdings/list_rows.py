"""What the rows of a book list are to become: numbers read, titles matched, doubles told. Nothing is written here."""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from library.catalogue import matching, plain_titles, writing
from library.catalogue.matching import Asked
from library.catalogue.models import NumberKind, Record, Role
from library.catalogue.writing import NewRecord
from library.core.errors import N_
from library.holdings.accessions import DIGITS, label_of
from library.holdings.models import Item, LineState, RegisterLine
from library.organisations.models import Organisation
from library.staging.importers import Judged, Staged, Task, note_of
from library.staging.loading import times_loaded
from library.staging.verdicts import Note, Verdict

KIND = "books"
UNDONE = "Hoàn tác danh sách nạp"
"""How the reason of a struck-out line begins when the list it came with was undone: its number may be taken up again."""

SERIES_OF_KIND = {"STN": "TN", "STK": "TK", "SGK": "GK", "SNV": "NV"}
HIGHEST = 999_999_999
COUNTED = "accession "

TWICE = N_("Số %(label)s đã có ở dòng %(row)s của tệp này.")
ANOTHER_BOOK = N_("Số %(label)s trong sổ đang là cuốn “%(title)s”.")
STRUCK_OUT = N_("Số %(label)s đã gạch khỏi sổ đăng ký, không dùng lại được.")
RESERVED = N_("Số %(label)s đang để dành cho cuốn khác.")
TOO_LARGE = N_("Số %(label)s dài quá, không giống số đăng ký cá biệt.")
LOADED_BEFORE = N_("Dòng này đã nạp lần trước.")
MORE_COPIES = N_("Thư viện đã có “%(title)s”: thêm %(count)s bản.")
TITLE_KNOWN = N_("Thư viện đã có nhan đề này.")
TITLE_TWICE = N_("Nhan đề này đã có ở biểu ghi %(row)s của tệp.")
SAME_AS_ROW = N_("Cùng sách với dòng %(row)s: thêm bản vào một nhan đề.")


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


Slot = Number | int
"""One copy of a row: its number, or its place among those the machine numbers."""

Key = tuple[str, str, str, date]
"""What tells receipts apart: source, voucher, number in the general register, day."""


@dataclass
class Plan:
    """What is to be done with a row: `enter` numbers anew or count copies, take struck-out items up `again`. `codes` are
    what stands on the copies already; `words` are those that can only be told."""

    row: Staged
    judged: Judged
    new: NewRecord | None = None
    record_id: int | None = None
    enter: tuple[Number, ...] = ()
    copies: int = 0
    again: dict[int, Number] = field(default_factory=dict)
    receipt: Key = ("", "", "", date.min)
    codes: dict[Slot, str] = field(default_factory=dict)
    words: dict[Slot, str] = field(default_factory=dict)


def judge(session: Session, task: Task, rows: Sequence[Staged], seen: dict[str, Any]) -> list[Judged]:
    return [plan.judged for plan in plans_for(session, task, rows, seen, times_of(session, task, rows))]


def times_of(session: Session, task: Task, rows: Sequence[Staged]) -> dict[int, int]:
    prints = [fingerprint(row.values) for row in rows if not row.values.get("accessions") and "full" not in row.values]
    return times_loaded(session, task.library_id, KIND, prints) if prints else {}


def plans_for(
    session: Session, task: Task, rows: Sequence[Staged], seen: dict[str, Any], times: Mapping[int, int]
) -> list[Plan]:
    """One plan a row. Nine statements for a chunk, however many rows."""
    numbers = [numbers_of(task, row.values) for row in rows]
    lines = _lines(session, task.library_id, {one.key for each in numbers for one in each})
    news = [new_record(row.values) for row in rows]
    matches = writing.find_matches(session, network_of(session, task.library_id), [new.asked for new in news])
    held = _titles(session, matches.values())
    planner = _Planner(lines, matches, held, seen, times)
    return [planner.plan(row, own, new) for row, own, new in zip(rows, numbers, news, strict=True)]


def _remembered(row: int, asked: Asked) -> bytes:
    """What tells books of one title apart, a line for each of them: a list of 100,000 titles has to be kept in mind."""
    told = (row, asked.publisher, asked.year, asked.author, asked.isbns, asked.eans)
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _known(remembered: bytes) -> list[matching.Known]:
    told = map(json.loads, remembered.splitlines())
    return [
        matching.Known(row, publisher, year, author, set(isbns), set(eans))
        for row, publisher, year, author, isbns, eans in told
    ]


class _Planner:
    """Decides row by row; `seen` remembers numbers, titles and rows of the list so far."""

    def __init__(
        self, lines: Mapping[tuple[str, int], Line], matches: Mapping[Asked, int], held: Mapping[int, str],
        seen: dict[str, Any], times: Mapping[int, int],
    ) -> None:  # fmt: skip
        self.lines, self.matches, self.held, self.times = lines, matches, held, times
        self.numbers: dict[str, dict[int, int]] = seen.setdefault("numbers", {})  # by series: 200,000 pairs are heavy
        self.titles: dict[str, bytes] = seen.setdefault("titles", {})
        self.prints: dict[int, int] = seen.setdefault("prints", {})
        self.highest: dict[str, int] = seen.setdefault("highest", {})

    def plan(self, row: Staged, numbers: Sequence[Number], new: NewRecord) -> Plan:
        refused = [note for one in numbers if (note := self._refusal(one, new.asked.key))]
        if refused:
            return Plan(row, Judged(Verdict.REFUSED, tuple(refused[:3])))
        doubled = [note_of(TWICE, "accession", label=one.label, row=row_of_it)
                   for one in numbers if (row_of_it := self.numbers.get(one.series, {}).get(one.number))]  # fmt: skip
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
            self.numbers.setdefault(one.series, {})[one.number] = row
            self.highest[one.series] = max(self.highest.get(one.series, 0), one.number)

    def _numbered(self, row: Staged, numbers: Sequence[Number], new: NewRecord) -> Plan:
        known = [line for one in numbers if (line := self.lines.get(one.key)) and line.state is LineState.USED]
        if len(known) == len(numbers):
            return Plan(row, Judged(Verdict.UNCHANGED), record_id=known[0].record_id)
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
        told = len(row.values.get("codes", ())) or int(row.values.get("quantity") or 1)
        copies = 0 if row.values.get("bare") else told
        return self._writing(Plan(row, Judged(Verdict.NEW), new, copies=copies), copies, said)

    def _writing(self, plan: Plan, copies: int, said: int | None = None) -> Plan:
        """The verdict of a row that will be written: its title is there already, in this list, or nowhere yet."""
        assert plan.new
        plan.record_id = plan.record_id or self.matches.get(plan.new.asked)
        if plan.record_id is not None:
            if not copies:
                plan.judged = Judged(Verdict.UNCHANGED, (note_of(TITLE_KNOWN),))
                return plan
            title = self.held.get(plan.record_id, plan.new.title)
            more = (note_of(MORE_COPIES, title=title, count=copies),)
            plan.judged = Judged(Verdict.CHANGED, more, {"copies": copies}, said)
            return plan
        earlier = self._earlier(plan.new.asked, plan.row.number)
        if earlier and not copies:
            return Plan(plan.row, Judged(Verdict.DUPLICATE, (note_of(TITLE_TWICE, row=earlier),)))
        notes: tuple[Note, ...] = (note_of(SAME_AS_ROW, row=earlier),) if earlier else ()
        plan.judged = Judged(Verdict.NEW, notes, {"copies": copies, "titles": 0 if earlier else 1}, said)
        return plan

    def _earlier(self, asked: Asked, row: int) -> int | None:
        """The row of this list that has the same book; this row is remembered where none has."""
        key = asked.key
        known = self.titles.get(key, b"")
        best = matching.best(asked, _known(known))
        if best is None:
            self.titles[key] = known + _remembered(row, asked)
        return best.id if best else None


def found(seen: Mapping[str, Any]) -> Mapping[str, Any]:
    """The highest number of each series: copies without a number are counted on from there."""
    return {"highest": dict(seen.get("highest", {}))}


_LABEL = re.compile(r"(?P<prefix>\D*)(?P<digits>\d+)")


def numbers_of(task: Task, values: Mapping[str, Any]) -> tuple[Number, ...]:
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
    said = json.dumps(_as_ever(values), sort_keys=True, ensure_ascii=False).encode()
    return int.from_bytes(hashlib.blake2b(said, digest_size=8).digest()) >> 1


def _as_ever(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Subjects stood among the keywords once: a list of that time is known again when it comes now."""
    if "subjects" not in values:
        return values
    words = dict.fromkeys([*values["subjects"], *values.get("keywords", ())])
    return {**{name: said for name, said in values.items() if name != "subjects"}, "keywords": list(words)}


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


def network_of(session: Session, library_id: int) -> int:
    return session.execute(select(Organisation.network_id).where(Organisation.id == library_id)).scalar_one() or 0


def _titles(session: Session, records: Iterable[int]) -> dict[int, str]:
    ids = set(records)
    return dict(session.execute(select(Record.id, Record.title).where(Record.id.in_(ids))).all()) if ids else {}


# What a row says, as a title


def new_record(values: Mapping[str, Any]) -> NewRecord:
    """A stored row as the title it describes; `full` is one told whole, `marc` its source with a letter for each byte."""
    if "full" in values:
        return plain_titles.from_json(values["full"], values["marc"].encode("latin-1") if values.get("marc") else None)
    texts = {name: values[name] for name in _SAME if name in values}
    return NewRecord(
        title=values["title"],
        credits=tuple((credit["name"], Role(credit["role"])) for credit in values.get("credits", ())),
        part_number=values.get("volume", ""),
        year=values.get("year"),
        extent=f"{values['pages']} tr." if "pages" in values else "",
        language=values.get("language") or "vie",
        grade=str(values.get("grade", "")),
        subjects=tuple(values.get("subjects", ())),
        keywords=tuple(values.get("keywords", ())),
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
