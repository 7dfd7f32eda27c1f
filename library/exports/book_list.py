"""Titles and their copies as the lines of a book list, under headings that `catalogue.columns` reads back."""

from collections.abc import Iterable, Sequence
from functools import cache
from itertools import islice

from library.catalogue import audiences, columns, roles, volumes
from library.catalogue.languages import LANGUAGES
from library.catalogue.models import Format, NumberKind, Role
from library.catalogue.writing import NewRecord
from library.exports.things import Cell, Row
from library.exports.titles import Kept, Title
from library.staging import values
from library.staging.values import BadValue

TITLE_HEAD = (
    "Nhan đề", "Phụ đề", "Tập", "Tác giả", "Người dịch", "Minh họa", "Nơi xuất bản", "Nhà xuất bản", "Năm xuất bản",
    "Lần xuất bản", "ISBN", "EAN", "Số trang", "Khổ sách", "Giá tiền", "DDC", "Môn loại", "Mã hóa tên sách", "Loại sách",
    "Ngôn ngữ", "Tùng thư", "Khối lớp", "Đối tượng", "Chủ đề", "Từ khóa", "Tóm tắt",
)  # fmt: skip
COPY_HEAD = (
    "Ký hiệu xếp giá", "Số ĐKCB", "Số lượng", "Ngày vào sổ", "Nguồn cung cấp", "Số chứng từ", "Số vào sổ tổng quát",
    "Kho", "Ghi chú",
)  # fmt: skip
MORE_HEAD = (
    "Tên riêng của phần", "Ghi trên trang tên", "Kèm tranh ảnh", "Dạng", "Số trong bộ", "Nguyên bản",
    "Lời chú của mục lục", "Đọc trên mạng",
)  # fmt: skip
"""What lists have no column for: for people to read, left alone when the list comes back."""
WHOSE_HEAD = ("Của thư viện",)
BOOK_HEAD = (*TITLE_HEAD, *COPY_HEAD, *MORE_HEAD, *WHOSE_HEAD)
LABELS_A_LINE = 100
_FORMATS = {
    Format.PRINT: "", Format.AUDIO: "Sách nói", Format.BRAILLE: "Chữ nổi", Format.LARGE_PRINT: "Chữ to",
    Format.KIT: "Bộ tài liệu", Format.LINK: "Trên mạng",
}  # fmt: skip


def title_rows(title: Title) -> list[Row]:
    return [(*_described(title.new, title.new.price), *_more(title.new))]


def book_rows(title: Title) -> list[Row]:
    """A line for copies alike, those at the title's own price first: the first line tells a title its price. A title
    without copies has a line of its own."""
    more = _more(title.new)
    if not title.copies:
        return [(*_described(title.new, title.new.price), *[None] * len(COPY_HEAD), *more, None)]
    groups: dict[tuple[object, ...], list[Kept]] = {}
    for one in sorted(title.copies, key=lambda one: one.price != title.new.price):
        groups.setdefault(one.alike, []).append(one)
    return [
        (*_described(title.new, lines[0].price or title.new.price), *_copies(lines), *more, lines[0].library)
        for group in groups.values()
        for lines in _lines(group)
    ]


def _lines(copies: Iterable[Kept]) -> Iterable[list[Kept]]:
    left = iter(copies)
    while line := list(islice(left, LABELS_A_LINE)):
        yield line


def _copies(alike: Sequence[Kept]) -> Row:
    one = alike[0]
    return (
        one.call_number, _numbers([copy.accession for copy in alike if copy.accession]), len(alike), one.accessioned_on,
        one.source, one.voucher, one.general_no, one.home, one.note,
    )  # fmt: skip


def _numbers(labels: Sequence[str]) -> str:
    try:
        return values.collapse(labels)
    except BadValue:  # a label of somebody's own making
        return ", ".join(labels)


def _described(new: NewRecord, price: int | None) -> Row:
    title, part = _title(new)
    return (
        title, new.subtitle, part, _people(new), _by(new, Role.TRANSLATOR), _by(new, Role.ILLUSTRATOR), new.place,
        new.publisher, new.year, new.edition, _isbns(new), _ean(new), _pages(new.extent), new.dimensions, price, new.ddc,
        new.class_mark, new.title_code, new.kind, _language(new.language), new.series, _grade(new.grade),
        _audience(new.audience), "; ".join(new.subjects), "; ".join(new.keywords), new.summary,
    )  # fmt: skip


def _more(new: NewRecord) -> Row:
    return (
        new.part_title, new.responsibility, new.illustration, _FORMATS[new.format], new.series_number,
        new.original_languages, new.note, new.url,
    )  # fmt: skip


def _title(new: NewRecord) -> tuple[str, str]:
    """(title, volume). The name of a volume stands in the title if it is found there again."""
    if new.part_number and new.part_title:
        whole = f"{new.title}. {new.part_number}: {new.part_title}"
        if volumes.parted(whole) == volumes.Volume(new.title, new.part_number, new.part_title):
            return whole, new.part_number
    return new.title, new.part_number


def _by(new: NewRecord, role: Role) -> str:
    return "; ".join(name for name, own in new.credits if own is role)


def _people(new: NewRecord) -> str:
    """Everybody who has no column of their own, with what they did where a list can say it."""
    others = [one for one in new.credits if one[1] not in (Role.TRANSLATOR, Role.ILLUSTRATOR)]
    return "; ".join(name + _did(role) for name, role in others)


@cache
def _did(role: Role) -> str:
    if role is Role.AUTHOR:
        return ""
    words = {Role.EDITOR: "biên tập", Role.COMPILER: "sưu tầm"}.get(role, roles.ROLES[role].label.lower())
    return f" ({words})" if columns.credit(f"Tô Hoài ({words})").name == "Tô Hoài" else ""


def _isbns(new: NewRecord) -> str:
    """Those whose check digit does not fit stand last, as they were printed."""
    return "; ".join(
        number for sort in (NumberKind.ISBN, NumberKind.OTHER) for number, kind in new.numbers if kind is sort
    )


def _ean(new: NewRecord) -> str:
    return next((number for number, kind in new.numbers if kind is NumberKind.EAN), "")


def _pages(extent: str) -> Cell:
    number = extent.removesuffix(" tr.")
    return int(number) if number.isascii() and number.isdigit() and len(number) < 6 else extent


def _grade(grade: str) -> Cell:
    return int(grade) if grade.isascii() and grade.isdigit() and len(grade) < 3 else grade


def _language(code: str) -> str:
    """In words, where a list is read back with the same code."""
    words = LANGUAGES.get(code, code)
    try:
        return words if columns.language(words) == code else code
    except BadValue:
        return code


def _audience(code: str) -> str:
    label = audiences.label(code)
    return label if audiences.of_words(label) == code else code
