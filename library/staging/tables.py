"""What every kind of list is opened as: sheets of rows of text. And what a file is refused with."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, Self

from library.core.errors import N_, Reason, Refused

MAX_ROWS = 100_000  # entries of one sheet
_AROUND = 100  # filled rows above and below them
MAX_COLUMNS = 256

CUT_SHORT = N_("Tệp bị hỏng hoặc chép chưa hết. Chép lại từ máy gốc, hoặc mở bằng Excel rồi lưu lại.")
ODD = N_("Tệp này được đóng gói khác thường, máy không mở để giữ an toàn. Chép bảng sang một tệp mới rồi nạp lại.")
UNKNOWN_KIND = N_("Máy chưa đọc được tệp %(kind)s. Mở tệp bằng Excel, chọn Lưu thành .xlsx rồi nạp lại.")


class UnreadableFile(Refused):
    """The file cannot be read, and why: `sentence` has %(name)s places that `facts` fill."""

    status = 422

    def __init__(self, sentence: str, **facts: Any) -> None:
        super().__init__(Reason("unreadable-file", sentence, facts))
        self.sentence, self.facts = sentence, facts


@dataclass(frozen=True)
class Row:
    """`number` is the row a spreadsheet shows. Cells end with the last filled one; blank rows are never made.

    `unread` are places of cells that hold a formula without its result, or an error value: their text is ''. `spoilt` are
    places of cells with bytes that are no letter: such a row can be shown, but not believed.
    """

    number: int
    cells: tuple[str, ...]
    unread: tuple[int, ...] = ()
    spoilt: tuple[int, ...] = ()


class Table(Protocol):
    """Sheets of rows. Reading may still raise UnreadableFile half-way: broken files show it only there."""

    @property
    def sheets(self) -> tuple[str, ...]: ...
    def rows(self, sheet: str) -> Iterator[Row]: ...
    def size(self, sheet: str) -> int:
        """Rows at most, for showing progress."""
        ...

    def close(self) -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(self, *error: object) -> None: ...


def row_of(number: int, texts: list[str], unread: Sequence[int] = (), spoilt: Sequence[int] = ()) -> Row:
    while texts and not texts[-1]:
        texts.pop()
    return Row(number, tuple(texts), tuple(unread), tuple(spoilt))


def capped(rows: Iterable[Row], sheet: str) -> Iterator[Row]:
    """The filled rows, as long as they are not too many or too wide."""
    count = 0
    for row in rows:
        if not row.cells and not row.unread and not row.spoilt:
            continue
        count += 1
        if count > MAX_ROWS + _AROUND:
            sentence = N_("Trang “%(sheet)s” có hơn %(most)s dòng. Chia thành nhiều tệp rồi nạp lần lượt.")
            raise UnreadableFile(sentence, sheet=sheet, most=f"{MAX_ROWS:,}".replace(",", "."))
        if len(row.cells) > MAX_COLUMNS:
            sentence = N_("Dòng %(row)s của trang “%(sheet)s” có hơn %(most)s cột. Bỏ bớt cột thừa rồi nạp lại.")
            raise UnreadableFile(sentence, sheet=sheet, row=row.number, most=MAX_COLUMNS)
        yield row
