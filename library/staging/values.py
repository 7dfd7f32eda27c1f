"""Text in a cell to a typed value, as schools write it: '15.000đ', '163tr.', 'TK.00011 → 20', '26.XI.2007', 'Lớp 5 A'.

Each reader takes cleaned text and returns a value, None for an empty cell, or raises BadValue with a sentence for the
person who brought the list. Nothing is guessed where two readings are likely.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache, wraps
from itertools import chain, islice
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from library.core.errors import N_
from library.core.fold import fold


class BadValue(ValueError):
    """The text cannot be read as what its column holds. `sentence` has %(name)s places that `facts` fill."""

    def __init__(self, sentence: str, **facts: Any) -> None:
        super().__init__(sentence % facts if facts else sentence)
        self.sentence, self.facts = sentence, facts


_Value = TypeVar("_Value")
_More = ParamSpec("_More")
_LONGEST = 80


def _scalar(read: Callable[Concatenate[str, _More], _Value | None]) -> Callable[Concatenate[str, _More], _Value | None]:
    """One value in a cell: nothing typed is None, and what is too long for any value is refused unread. What a column
    says over and over (a year, a price) is read once."""

    @lru_cache(4096)
    @wraps(read)
    def reader(text: str, /, *args: _More.args, **more: _More.kwargs) -> _Value | None:
        if _nothing(text):
            return None
        if len(text) > _LONGEST:
            raise BadValue(N_("“%(text)s” dài quá cho cột này."), text=f"{text[:40]}…")
        return read(text, *args, **more)

    return cast(Callable[Concatenate[str, _More], _Value | None], reader)


def _nothing(text: str) -> bool:
    return not text.strip(" .-–—_?/…")


# Numbers

_UNITS_OF_MONEY = {
    "": 1, "d": 1, "dong": 1, "vnd": 1, "vn": 1, "dong viet nam": 1,
    "k": 1_000, "ng": 1_000, "nghin": 1_000, "ngan": 1_000, "nghin dong": 1_000, "ngan dong": 1_000,
    "tr": 1_000_000, "trieu": 1_000_000, "trieu dong": 1_000_000,
}  # fmt: skip
_MONEY = re.compile(
    r"(?:giá(?: bìa)?\s*:?)?\s*(\d[\d., ]*?)(?:,-|-)?\s*([^\d.,/]*?)\.?\s*(?:/\s*[^\d/]{0,8})?", re.IGNORECASE
)
_NOT_SOLD = frozenset(("bieu", "tang", "bieu tang", "khong ban", "sach khong ban", "khong gia", "khong ro"))
_COUNT = re.compile(r"(?:sl\s*:?\s*)?(\d[\d.,]*)\s*(?:cuốn|bản|quyển|q|c|tập|bộ)?\.?", re.IGNORECASE)
_PAGES = re.compile(
    r"(?:[ivxlc]+\s*[,+]\s*)?(?:tr\.?\s*)?(\d{1,5})(?:\.0)?\s*(?:trang|tr|t|pages?|p)?\.?(?:\s*[:;].*)?", re.IGNORECASE
)
MAX_PRICE = 1_000_000_000
MAX_QUANTITY = 5_000


@_scalar
def price(text: str) -> int | None:
    """Whole đồng; None for an empty cell and for gifts."""
    if fold(text) in _NOT_SOLD:
        return None
    found = _MONEY.fullmatch(text)
    unit = _UNITS_OF_MONEY.get(fold(found[2].replace("₫", "đ"))) if found else None
    amount = _amount(found[1], unit) if found and unit else None
    if amount is None or amount > MAX_PRICE:
        raise BadValue(N_("Giá “%(text)s” máy chưa hiểu. Giá viết như 15.000."), text=text)
    return amount


def _amount(number: str, unit: int) -> int | None:
    """15.000 and 15,000 are fifteen thousand; a comma part counts only as noughts or before a unit like nghìn."""
    number = number.strip().rstrip(".,")
    if re.fullmatch(r"\d{1,3}([., ]\d{3})+", number) and _one_sign(number):
        return int(re.sub(r"\D", "", number)) * unit
    whole, sign, part = _split_decimal(number)
    if not whole.isdigit() or (sign and not part.isdigit()):
        return None
    if unit > 1:
        thousandths = f"{part:0<6}"[:6]
        return int(whole) * unit + int(thousandths) * unit // 1_000_000
    if not part.strip("0"):
        return int(whole)
    return round(float(f"{whole}.{part}")) if sign == "." and int(whole) >= 1_000 else None


def _one_sign(number: str) -> bool:
    return len(set(re.sub(r"\d", "", number))) == 1


def _split_decimal(number: str) -> tuple[str, str, str]:
    """('1250000', ',', '00') of '1.250.000,00'. The last sign parts the decimals unless three digits follow it."""
    found = re.fullmatch(r"(.*)([.,])(\d*)", number)
    if not found:
        return number.replace(" ", ""), "", ""
    whole, sign, part = found.groups()
    grouped = re.fullmatch(r"\d{1,3}(?:([., ])\d{3})(?:\1\d{3})*", whole)
    return (re.sub(r"\D", "", whole) if grouped and grouped[1] != sign else whole), sign, part


@_scalar
def quantity(text: str) -> int | None:
    """Copies, 1 to 5,000; None for an empty cell."""
    found = _COUNT.fullmatch(text)
    count = _amount(found[1], 1) if found else None
    if count is None or not 1 <= count <= MAX_QUANTITY:
        sentence = N_("Số lượng “%(text)s” máy chưa hiểu: cần một số từ 1 đến %(most)s.")
        raise BadValue(sentence, text=text, most=MAX_QUANTITY)
    return count


@_scalar
def pages(text: str) -> int | None:
    """163 of '163tr.', 'xii, 163 tr', 'tr. 163', '163 tr. ; 21 cm'."""
    found = _PAGES.fullmatch(text)
    if not found or not 1 <= int(found[1]) <= 20_000:
        raise BadValue(N_("Số trang “%(text)s” máy chưa hiểu. Số trang viết như 163."), text=text)
    return int(found[1])


@_scalar
def year(text: str, earliest: int = 1800, latest: int = 2100) -> int | None:
    """The one year in '2019', 'XB 2019', 'c2019', '[2019]', 'QIV/2019'."""
    found = {int(each) for each in re.findall(r"(?<!\d)\d{4}(?!\d)", text)}
    years = [each for each in found if earliest <= each <= latest]
    if len(years) != 1 or len(found) > 1:
        raise BadValue(N_("Năm “%(text)s” máy chưa hiểu. Năm viết bằng bốn chữ số, như 2019."), text=text)
    return years[0]


# Days

_MONTHS = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")
_ROMAN = {name: at for at, name in enumerate(_MONTHS, 1)}
_DAY = re.compile(
    r"(?:ngày\s*)?(\d{1,2})\s*(?:[/.\-\s]|tháng)\s*(\d{1,2}|[IVX]{1,4})\s*(?:[/.\-\s]|năm)\s*(\d{4}|\d{2})"
    r"(?:[ T].*:.*)?",
    re.IGNORECASE,
)
_ISO = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[ T].*)?")
_SERIAL = re.compile(r"(\d{5})(?:\.\d+)?")
_EXCEL_BEGINS = date(1899, 12, 30)
_CENTURY_TURNS = 50  # two digits up to here are 20..


@_scalar
def day(text: str) -> date | None:
    """A calendar day: 05/09/2014, 5-9-14, 26.XI.2007, 2014-09-05, 05092014, or Excel's number of days (41887)."""
    for reader in (_iso, _typed, _run_together, _serial):
        if found := reader(text.strip()):
            return _real_day(text, *found)
    raise BadValue(N_("Ngày “%(text)s” máy chưa hiểu. Ngày viết như 05/09/2014."), text=text)


_Parts = tuple[int, int, int]


def _iso(text: str) -> _Parts | None:
    found = _ISO.fullmatch(text)
    return (int(found[1]), int(found[2]), int(found[3])) if found else None


def _typed(text: str) -> _Parts | None:
    found = _DAY.fullmatch(text)
    if not found:
        return None
    month = int(found[2]) if found[2].isdigit() else _ROMAN.get(found[2].upper(), 0)
    years = int(found[3])
    if len(found[3]) == 2:
        years += 2000 if years <= _CENTURY_TURNS else 1900
    return years, month, int(found[1])


def _run_together(text: str) -> _Parts | None:
    found = re.fullmatch(r"(\d\d)(\d\d)((?:19|20)\d\d)", text)
    return (int(found[3]), int(found[2]), int(found[1])) if found else None


def _serial(text: str) -> _Parts | None:
    """1936 to 2064: five digits that a date column holds are days, not a date."""
    found = _SERIAL.fullmatch(text)
    if not found or not 13_150 <= int(found[1]) <= 60_000:
        return None
    serial = _EXCEL_BEGINS + timedelta(days=int(found[1]))
    return serial.year, serial.month, serial.day


def _real_day(text: str, years: int, month: int, of_month: int) -> date:
    try:
        return date(years, month, of_month)
    except ValueError:
        sentence = N_("Không có ngày “%(text)s”. Ngày viết trước, tháng viết sau, như 25/09/2014.")
        raise BadValue(sentence, text=text) from None


@dataclass(frozen=True)
class Birth:
    """`day` is None where only the year is known."""

    year: int
    day: date | None = None


@_scalar
def birth(text: str, earliest: int = 1900, latest: int = 2100) -> Birth | None:
    """A birth date, or a year alone."""
    if re.fullmatch(r"\d{4}", text):
        born = Birth(int(text))
    else:
        on = day(text)
        born = Birth(on.year, on) if on else Birth(0)
    if not earliest <= born.year <= latest:
        raise BadValue(N_("Năm sinh trong “%(text)s” không hợp lý."), text=text)
    return born


# Numbers printed on books

_ISBN_SIGNS = re.compile(r"(?i)isbn|[\s\-–.:]|1[03]\s*:")
_ISBN10, _ISBN13, _EAN = re.compile(r"\d{9}[\dX]"), re.compile(r"97[89]\d{10}"), re.compile(r"\d{13}")
_ROUNDED = re.compile(r"\d([.,]\d+)?E\+?\d+", re.IGNORECASE)


@_scalar
def isbn(text: str) -> str | None:
    """13 digits. Ten digits become thirteen. The check digit must agree; any group is welcome (978-604, 978-632 …)."""
    _refuse_rounded(text)
    number = _ISBN_SIGNS.sub("", text).upper()
    if _ISBN13.fullmatch(number) and with_check_digit(number[:12]) == number:
        return number
    if _ISBN10.fullmatch(number) and _isbn10_holds(number):
        return with_check_digit("978" + number[:9])
    raise BadValue(N_("ISBN “%(text)s” không khớp số kiểm tra, máy giữ nguyên như trên sách."), text=text)


@_scalar
def ean(text: str) -> str | None:
    """13 digits of a bar code with a fitting check digit, 893… and 978… alike."""
    _refuse_rounded(text)
    number = re.sub(r"[\s\-–.]", "", text)
    if not _EAN.fullmatch(number) or with_check_digit(number[:12]) != number:
        raise BadValue(N_("Mã vạch “%(text)s” không đủ 13 số hoặc không khớp số kiểm tra."), text=text)
    return number


def with_check_digit(twelve: str) -> str:
    """Twelve digits and the thirteenth of EAN-13."""
    weighed = sum(map(int, twelve[::2])) + 3 * sum(map(int, twelve[1::2]))
    return f"{twelve}{-weighed % 10}"


def _isbn10_holds(number: str) -> bool:
    digits = [10 if digit == "X" else int(digit) for digit in number]
    return sum(digit * weight for digit, weight in zip(digits, range(10, 0, -1), strict=True)) % 11 == 0


def _refuse_rounded(text: str) -> None:
    if _ROUNDED.fullmatch(text):
        sentence = N_("Excel đã làm tròn số “%(text)s”, các chữ số cuối không còn. Đổi cột thành Văn bản rồi nhập lại.")
        raise BadValue(sentence, text=text)


# Several in one cell

_UNKNOWN_PEOPLE = frozenset(
    ("", "khong ro", "khong ro tac gia", "khong co", "chua ro", "n a", "na", "null", "none", "unknown", "tg")
)
_INITIALS = re.compile(r"([A-ZĐ]\.?[\s\-]?){1,4}")


def people(text: str) -> tuple[str, ...]:
    """Names parted by , ; / or &, in order, each once. “Rowling, J. K.” is one person: J. K. Rowling."""
    names: list[str] = []
    if fold(text) in _UNKNOWN_PEOPLE:
        return ()
    for name in re.split(r"\s*[,;/&|]\s*|\s*\n\s*", text):
        if names and _INITIALS.fullmatch(name) and " " not in names[-1]:
            names[-1] = f"{name} {names[-1]}"
        elif fold(name) not in _UNKNOWN_PEOPLE:
            names.append(name.strip(" .-–") + ("." if re.search(r"\b[A-ZĐ]\.$", name) else ""))
    return tuple(dict.fromkeys(names))


def several(text: str) -> tuple[str, ...]:
    """Words or phrases parted by , ; or a bar."""
    return tuple(dict.fromkeys(filter(None, (each.strip(" .") for each in re.split(r"[,;|\n]", text)))))


# Accession numbers

_LABEL = r"(?P<prefix>[^\W\d_]{1,6}(?:\s?[.\-_]\s?|\s)?)?(?P<digits>\d{1,10})(?!\d)"
_SIGN = r"(?P<to>->|=>|\.{2,}|…|[-–—−÷→~]|đến\b|tới\b)|(?P<and>[,;&+]|và\b)|(?P<from>từ(?: số)?\b|số\b)"
_TOKEN = re.compile(rf"\s*(?:{_SIGN}|{_LABEL})", re.IGNORECASE)
MAX_LABELS = 5_000


@dataclass(frozen=True)
class Label:
    """An accession number as its letters, its number and how many digits it is written with: TK. 11 5."""

    prefix: str
    number: int
    width: int

    def __str__(self) -> str:
        return f"{self.prefix}{self.number:0{self.width}d}"


def expand(text: str, most: int = MAX_LABELS) -> tuple[str, ...]:
    """Every label of 'TK.00011-TK.00020', '11÷20', 'TK.00011, 12, 15', in order. () for an empty cell.

    A number without letters takes those of the one before it. Raises BadValue for descending or doubled numbers,
    two prefixes in one range, more than `most` labels, or anything else in the cell.
    """
    text = re.sub(r"\([^)]*\)", " ", text)
    if _nothing(text):
        return ()
    labels = list(islice(map(str, chain.from_iterable(_runs(text, most))), most + 1))
    if len(labels) > most:
        raise _too_many(most)
    doubled = [label for label, times in Counter(labels).items() if times > 1]
    if doubled:
        raise BadValue(N_("Số đăng ký %(label)s viết hai lần trong một ô."), label=doubled[0])
    return tuple(labels)


def _runs(text: str, most: int) -> Iterator[list[Label]]:
    """A run is one label, or the labels of a range after its first."""
    before: Label | None = None
    awaits_end = after_range = False
    for kind, label in _tokens(text):
        if kind == "label":
            run = _between(before, label, text, most) if before and awaits_end else [_inherit(label, before)]
            yield run
            before, awaits_end, after_range = run[-1] if run else before, False, awaits_end
        elif kind == "to":
            if before is None or awaits_end or after_range:
                raise _strange(text)
            awaits_end = True
        elif kind == "and":
            if awaits_end:
                raise _strange(text)
            after_range = False
    if awaits_end:
        raise _strange(text)


def _tokens(text: str) -> Iterator[tuple[str, Label]]:
    at, nothing = 0, Label("", 0, 0)
    text = text.strip(" .;,")
    while at < len(text):
        found = _TOKEN.match(text, at)
        if not found:
            raise _strange(text)
        at = found.end()
        if found["digits"]:
            yield "label", Label(_tidy(found["prefix"] or ""), int(found["digits"]), len(found["digits"]))
        else:
            yield ("to" if found["to"] else "and" if found["and"] else "from"), nothing


def _tidy(prefix: str) -> str:
    """'tk . ' is TK. — the sign, or the blank, stays as the library writes it."""
    signed = any(sign in prefix for sign in ".-_")
    return ("".join(prefix.split()) if signed else prefix).upper()


def _inherit(label: Label, first: Label | None) -> Label:
    if first is None or label.prefix or not first.prefix:
        return label
    return Label(first.prefix, label.number, max(label.width, first.width))


def _between(first: Label, last: Label, text: str, most: int) -> list[Label]:
    """The labels after `first` up to `last`, which may leave out the letters and, of long numbers, shared digits."""
    end = last.number
    if end < first.number and first.width >= 4 and last.width < len(str(first.number)):
        end = int(str(first.number)[: -last.width] + f"{end:0{last.width}d}")
    if (last.prefix and fold(last.prefix) != fold(first.prefix)) or end < first.number:
        raise BadValue(N_("Dải số đăng ký “%(text)s” máy chưa hiểu. Dải viết như TK.00011-TK.00020."), text=text)
    if end - first.number > most:
        raise _too_many(most)
    return [Label(first.prefix, number, first.width) for number in range(first.number + 1, end + 1)]


def _too_many(most: int) -> BadValue:
    return BadValue(N_("Ô này có hơn %(most)s số đăng ký. Chia thành nhiều dòng."), most=most)


def _strange(text: str) -> BadValue:
    text = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
    return BadValue(N_("Số đăng ký “%(text)s” máy chưa hiểu. Viết như TK.00011, hay TK.00011-TK.00020."), text=text)


def collapse(labels: Iterable[str]) -> str:
    """Labels in the shortest words `expand` reads back the same: 'TK.00011-TK.00020, TK.00030'."""
    parts: list[list[Label]] = []
    for label in map(_label, labels):
        if parts and parts[-1] and str(label) == str(_next(parts[-1][-1])):
            parts[-1][1:] = [label]
        else:
            parts.append([label])
    return ", ".join("-".join(map(str, part)) for part in parts)


def _label(text: str) -> Label:
    found = re.fullmatch(_LABEL, text, re.IGNORECASE)
    if not found:
        raise _strange(text)
    return Label(found["prefix"] or "", int(found["digits"]), len(found["digits"]))


def _next(label: Label) -> Label:
    return Label(label.prefix, label.number + 1, label.width)


# People and classes

_SEX = dict.fromkeys(("nam", "trai", "male", "m"), "male") | dict.fromkeys(("nu", "gai", "female", "f"), "female")


@_scalar
def sex(text: str) -> str | None:
    """'male' or 'female'."""
    try:
        return _SEX[fold(text)]
    except KeyError:
        raise BadValue(N_("Giới tính “%(text)s” máy chưa hiểu. Viết Nam hoặc Nữ."), text=text) from None


@dataclass(frozen=True)
class ClassName:
    """`name` is '5A'; `grades` are the grades taught in it: two or more in a mixed class, none before school."""

    name: str
    grades: tuple[int, ...] = ()

    @property
    def grade(self) -> int | None:
        """None for a mixed class and for preschool."""
        return self.grades[0] if len(self.grades) == 1 else None


_ONE = r"(\d{1,2})([^\W\d_]?)"
_AND = r"\s*[+&,]\s*(?:lớp\s*)?"
_MIXED = re.compile(rf"(?:ghép\s*)?(?:lớp\s*)?{_ONE}{_AND}{_ONE}(?:{_AND}{_ONE})?(.*)", re.IGNORECASE)
_GRADED = re.compile(r"(\d{1,2})(\s*[/.\-]\s*\d{1,2}|\s*[^\W\d_]{1,2}\s*\d{0,2}|[^\W\d_]\w*|)(?!\w)(.*)")


@_scalar
def class_name(text: str) -> ClassName | None:
    """5A, 'Lớp 5 A' → 5A; 6/2; 10A13; 'Lớp ghép 1+2' → Ghép 1+2; 'Lá 1' has no grade."""
    if re.fullmatch(r"\d{1,2}/\d{1,2}/\d{4}", text):
        sentence = N_("Excel đã đổi tên lớp thành ngày “%(text)s”. Đổi cột Lớp thành Văn bản rồi nhập lại.")
        raise BadValue(sentence, text=text)
    bare = re.sub(r"^(lớp|lop)\b[\s:.\-_]*", "", text, flags=re.IGNORECASE)
    if (mixed := _MIXED.fullmatch(bare)) and (several_grades := _grades(mixed)):
        parts = [f"{number}{letter.upper()}" for number, letter in several_grades]
        taught = sorted({number for number, _ in several_grades})
        return ClassName(f"Ghép {'+'.join(parts)}{_tail(mixed[7])}", tuple(taught))
    if (graded := _GRADED.fullmatch(bare)) and 1 <= int(graded[1]) <= 12:
        return ClassName(f"{int(graded[1])}{_section(graded[2])}{_tail(graded[3])}", (int(graded[1]),))
    if not bare or len(bare) > 40:
        raise BadValue(N_("Tên lớp “%(text)s” máy chưa hiểu. Viết như 5A, 6/2 hay 10A1."), text=text)
    return ClassName(bare)


def _grades(mixed: re.Match[str]) -> list[tuple[int, str]]:
    """The grades of a mixed class with their letters; [] when a number is no grade."""
    pairs = zip(mixed.groups()[0:6:2], mixed.groups()[1:6:2], strict=True)
    grades = [(int(number), letter) for number, letter in pairs if number]
    return grades if all(1 <= number <= 12 for number, _ in grades) else []


def _section(written: str) -> str:
    """' a 1' is A1, '/ 2' is /2; a word like Toán stays as it is written."""
    close = re.sub(r"\s", "", written)
    return close if sum(map(str.isalpha, close)) > 2 else close.upper()


def _tail(written: str) -> str:
    return f" {written.strip()}" if written.strip() else ""


@_scalar
def grade(text: str) -> int | None:
    """1 to 12 of '5', 'Lớp 5', 'Khối 5'."""
    found = re.fullmatch(r"(?:lop|khoi|khoi lop)? ?(\d{1,2})", fold(text))
    if not found or not 1 <= int(found[1]) <= 12:
        raise BadValue(N_("Khối lớp “%(text)s” máy chưa hiểu. Viết một số từ 1 đến 12."), text=text)
    return int(found[1])
