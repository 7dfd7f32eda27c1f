"""What every reader gives and every writer takes."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from library.core.errors import N_, Reason, Refused
from library.staging.verdicts import Note

MOST = 4 * 2**20  # bytes of one entry
LEADER = "00000nam a2200000   4500"


@dataclass(frozen=True, slots=True)
class Field:
    """A control field has `data` alone; another has two indicators and (code, text) pairs in their order.

    A field of CDS/ISIS has no indicators; what stands before its first ^ has the code ''.
    """

    tag: str
    data: str = ""
    indicators: str = ""
    subfields: tuple[tuple[str, str], ...] = ()

    @property
    def is_control(self) -> bool:
        return not self.subfields and not self.indicators

    def first(self, codes: str) -> str:
        """The first text under any of these codes, '' for none."""
        return next((text for code, text in self.subfields if code in codes and code), "")

    def all(self, codes: str) -> tuple[str, ...]:
        return tuple(text for code, text in self.subfields if code and code in codes)

    @property
    def text(self) -> str:
        """Everything said in it, codes aside."""
        return self.data or " ".join(text for _, text in self.subfields)


@dataclass(frozen=True, slots=True)
class MarcEntry:
    """One entry as it came. `number` counts from 1; equality is of what it says.

    `place` is the byte it begins at, `size` how many it has with its end mark where it can be cut out of its file as it
    is (ISO 2709); 0 elsewhere.
    """

    leader: str
    fields: tuple[Field, ...]
    number: int = field(default=0, compare=False)
    place: int = field(default=0, compare=False)
    notes: tuple[Note, ...] = field(default=(), compare=False)
    size: int = field(default=0, compare=False)

    def all(self, *tags: str) -> Iterator[Field]:
        return (one for one in self.fields if one.tag in tags)

    def first(self, tag: str) -> Field | None:
        return next(self.all(tag), None)

    def mapped(self, change: Callable[[str], str]) -> "MarcEntry":
        """Every text changed, codes and tags kept."""
        return replace(self, fields=tuple(_mapped(one, change) for one in self.fields))


def _mapped(one: Field, change: Callable[[str], str]) -> Field:
    if one.data:
        return replace(one, data=change(one.data))
    return replace(one, subfields=tuple((code, change(text)) for code, text in one.subfields))


@dataclass(frozen=True, slots=True)
class Broken:
    """An entry that cannot be read: the `number`th of the file, beginning at the byte `place`."""

    number: int
    place: int
    reason: Reason


class BadEntry(Exception):
    """Inside the readers only: why this entry is Broken."""

    def __init__(self, code: str, sentence: str, **facts: object) -> None:
        super().__init__(sentence)
        self.reason = Reason(code, sentence, facts)


class TooLong(Refused):
    """ISO 2709 counts with five digits, a field's length with four. MARCXML has no such limit."""

    status = 422

    def __init__(self, size: int) -> None:
        sentence = N_("Biểu ghi nặng %(size)s byte, khổ ISO 2709 chỉ chứa được 99.999. Xuất ra MARCXML.")
        super().__init__(Reason("marc-too-long", sentence, {"size": size}))


# What is told of an entry that was read all the same, and of one that was not

LYING_LENGTH = N_("Độ dài ghi trong biểu ghi không đúng, máy theo dấu kết thúc.")
LYING_DIRECTORY = N_("Thư mục trường trong biểu ghi không đúng, máy lấy các trường theo thứ tự.")
UNLISTED = N_("Biểu ghi có trường mà thư mục không kể đến, máy không biết nhãn của trường ấy.")
NO_END = N_("Biểu ghi thiếu dấu kết thúc.")
SKIPPED = N_("Máy bỏ qua %(count)s byte lạ trước biểu ghi.")
NOUGHTS = N_("Biểu ghi có ký tự rỗng, máy đã bỏ.")
EMPTY_PARTS = N_("Trường %(tag)s có trường con trống, máy đã bỏ.")
NO_CODE = N_("Trường %(tag)s có chữ không mang mã trường con, máy coi là $a.")
ODD_INDICATORS = N_("Chỉ thị của trường %(tag)s không đủ hai ký tự.")
MENDED = N_("Biểu ghi khai bảng mã %(said)s mà viết bằng %(found)s, máy đã đổi.")
UNSURE = N_("Chưa rõ bảng mã của biểu ghi, máy đọc như %(found)s. Xem lại các chữ có dấu.")

TOO_SHORT = N_("Biểu ghi ngắn hơn phần đầu biểu 24 ký tự.")
NO_DIRECTORY = N_("Không tìm thấy thư mục trường của biểu ghi.")
OUT_OF_BOUNDS = N_("Thư mục trỏ ra ngoài biểu ghi hoặc không khớp số trường.")
NO_FIELDS = N_("Biểu ghi không có trường nào.")
CUT_OFF = N_("Tệp hết giữa chừng biểu ghi này, có thể chép chưa hết.")
TOO_BIG = N_("Biểu ghi nặng hơn %(most)s MB mà chưa thấy dấu kết thúc.")
BAD_CODE = N_("Trường %(tag)s có trường con không mang mã.")
JUNK = N_("Đoạn này không phải biểu ghi.")
NOT_TEXT = N_("Chữ trong biểu ghi không theo bảng mã nào máy biết.")
