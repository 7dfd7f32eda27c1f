"""What is said of each row of a list before anything is written: its verdict, and the notes a person should see.

Rows that are no entries at all (totals, a header printed again on each page, the signatures below) are told here too,
so that a list can be loaded as the school printed it.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Generic, TypeVar

from library.core.errors import N_, Facts, Reason
from library.core.fold import fold
from library.staging.headers import Header
from library.staging.tables import Row
from library.staging.values import BadValue

Line = TypeVar("Line")
Value = TypeVar("Value")


class Verdict(StrEnum):
    """What is to become of a row. LEFT: the list no longer has what we have; something is written only where a person
    ticks it, and the row is CHANGED then."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    DUPLICATE = "duplicate"
    REFUSED = "refused"
    SKIPPED = "skipped"
    LEFT = "left"


class Skip(StrEnum):
    """Why a row is no entry."""

    BLANK = "blank"
    TOTALS = "totals"
    HEADER_AGAIN = "header-again"
    COLUMN_NUMBERS = "column-numbers"
    SIGNATURES = "signatures"


SPOILT = N_("Dòng này có chữ không theo bảng mã của cả tệp, hoặc bị cắt cụt. Sửa dòng rồi nạp lại.")

SKIP_SENTENCES: Mapping[Skip, str] = {
    Skip.BLANK: N_("Dòng không có gì để nạp."),
    Skip.TOTALS: N_("Dòng cộng, máy bỏ qua."),
    Skip.HEADER_AGAIN: N_("Dòng tiêu đề lặp lại, máy bỏ qua."),
    Skip.COLUMN_NUMBERS: N_("Dòng đánh số cột, máy bỏ qua."),
    Skip.SIGNATURES: N_("Phần ký tên cuối bảng, máy bỏ qua."),
}


@dataclass(frozen=True)
class Note:
    """Something to tell about a row: `column` is a vocabulary key, '' for the whole row; `blocks` refuses the row."""

    sentence: str
    facts: Facts = field(default_factory=dict)
    column: str = ""
    blocks: bool = False

    @property
    def reason(self) -> Reason:
        return Reason(self.column or "row", self.sentence, self.facts)


@dataclass(frozen=True)
class Reading(Generic[Line]):
    """A row as it was understood. `line` is None when a blocking note stands among `notes`."""

    line: Line | None
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True)
class RowVerdict:
    number: int
    verdict: Verdict
    notes: tuple[Note, ...] = ()


def skipped(number: int, skip: Skip) -> RowVerdict:
    return RowVerdict(number, Verdict.SKIPPED, (Note(SKIP_SENTENCES[skip], {"skip": skip.value}),))


def plain(value: Any) -> Any:
    """Lines and notes as JSON can hold them: days as ISO text, tuples as lists, dataclasses as objects."""
    if type(value) in (str, int):
        return value
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    return [plain(each) for each in value] if isinstance(value, list | tuple) else value


class Cells:
    """One row read column by column. A value that cannot be read becomes a note; reading goes on."""

    def __init__(self, row: Row | Sequence[str], header: Header) -> None:
        self.cells: Sequence[str] = row.cells if isinstance(row, Row) else row
        self.unread = row.unread if isinstance(row, Row) else ()
        self.header = header
        self.notes: list[Note] = []
        self._texts = header.row(self.cells)

    def text(self, key: str) -> str:
        return self._texts.get(key, "")

    def value(self, key: str, read: Callable[[str], Value | None], blocks: bool = False) -> Value | None:
        """What `read` makes of the column's text; None, with a note, where it raises BadValue."""
        return self.read(self.text(key), key, read, blocks)

    def read(self, text: str, key: str, read: Callable[[str], Value | None], blocks: bool = False) -> Value | None:
        try:
            return read(text)
        except BadValue as bad:
            self.note(bad.sentence, key, blocks, **bad.facts)
            return None

    def note(self, sentence: str, key: str = "", blocks: bool = False, **facts: Any) -> None:
        self.notes.append(Note(sentence, facts, key, blocks))

    def tell_unread(self, keys: Iterable[str]) -> None:
        """A note for each of these columns whose cell is a formula nobody has calculated."""
        for key in keys if self.unread else ():
            if set(self.header.columns(key)) & set(self.unread):
                self.note(N_("Ô này là công thức chưa có kết quả. Mở tệp bằng Excel, lưu lại rồi nạp."), key)

    def reading(self, line: Line) -> Reading[Line]:
        refused = any(note.blocks for note in self.notes)
        return Reading(None if refused else line, tuple(self.notes))


# Rows that are no entries

_TOTALS = re.compile(
    r"(tong|tong cong|tong so|cong|cong trang|cong mang sang|cong don|luy ke)"
    r"( (so|\d+|ban|cuon|quyen|ten|dong|hoc sinh|em))*"
    r"|trang \d* ?cong( \d+| ban| dong)*"
)
_LONGEST_MARK = 12
_AMOUNT = re.compile(r"[\d.,\s]*\s*(đ|đồng|vnđ|vnd|cuốn|bản|quyển|tên|em|học sinh)?", re.IGNORECASE)
_SIGNATURES = re.compile(
    r"(nguoi|can bo|nhan vien|ke toan|thu truong|hieu truong|pho hieu truong|ban giam hieu|giao vien chu nhiem|gvcn)"
    r"( lap (bang|bieu|danh sach)| thu vien| truong| phu trach| kiem tra)*"
    r"|ky( va)? ghi ro ho ten.*|ky ten.*|.*\bngay \d* ?thang \d* ?nam( \d+)?"
)


def skip_reason(cells: Sequence[str], header: Header) -> Skip | None:
    """Why these cells, below the header, are no entry; None for an entry."""
    filled = [cell for cell in cells if cell]
    if not filled or not _says_something(cells, header):
        return Skip.BLANK
    if _repeats_header(cells, header):
        return Skip.HEADER_AGAIN
    if _numbers_columns(filled):
        return Skip.COLUMN_NUMBERS
    if _is_totals(filled):
        return Skip.TOTALS
    return Skip.SIGNATURES if _is_signature(filled) else None


def entries(rows: Iterable[Row], header: Header) -> Iterator[tuple[Row, Skip | None]]:
    """The rows below the header, each with why it is skipped; after the signatures only a fuller row is an entry."""
    signed = False
    for row in rows:
        if row.number <= header.row_number:
            continue
        skip = skip_reason(row.cells, header)
        if skip is None and signed and sum(map(bool, row.cells)) <= 2:
            skip = Skip.SIGNATURES
        signed = skip is Skip.SIGNATURES or (signed and skip is not None)
        yield row, skip


def _says_something(cells: Sequence[str], header: Header) -> bool:
    """A printed form numbers its empty lines: a row with a number and nothing else is blank."""
    ordinal = header.mapping.get("position")
    return any(cell for index, cell in enumerate(cells) if index != ordinal)


def _repeats_header(cells: Sequence[str], header: Header) -> bool:
    if not header.texts:
        return False
    wanted = max(2, (len(header.texts) + 1) // 2)
    missed = 0
    for index, text in header.texts.items():
        missed += not text or index >= len(cells) or fold(cells[index]) != text
        if missed > len(header.texts) - wanted:
            return False
    return True


def _numbers_columns(filled: Sequence[str]) -> bool:
    """(1) (2) (3) …, or A B 1 2 3 … as in registers printed by the state."""
    if any(len(cell) > _LONGEST_MARK for cell in filled):
        return False
    marks = [fold(cell) for cell in filled]
    numbers = [int(mark) for mark in marks if mark.isascii() and mark.isdigit() and len(mark) < 4]
    letters = [mark for mark in marks if len(mark) == 1 and mark.isalpha()]
    in_order = numbers == list(range(1, len(numbers) + 1)) or numbers == list(range(2, len(numbers) + 2))
    return len(marks) >= 3 and len(numbers) >= 3 and in_order and len(numbers) + len(letters) == len(marks)


def _is_totals(filled: Sequence[str]) -> bool:
    """“Tổng cộng” with nothing beside it but amounts: a title like “Tổng số học” comes with an author."""
    told = False
    for cell in filled:
        if not _AMOUNT.fullmatch(cell):
            told = bool(_TOTALS.fullmatch(fold(cell)))
            if not told:
                return False
    return told


def _is_signature(filled: Sequence[str]) -> bool:
    return len(filled) <= 4 and any(_SIGNATURES.fullmatch(fold(cell)) for cell in filled)
