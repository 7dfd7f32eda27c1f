"""The columns of class lists as school software exports them, and one row of such a list read.

A library needs little of a child. Parents, addresses, telephones, ethnicity, identity numbers and the like are
recognised only in order to be left out: `not_stored` names those columns for the page, and `STORED` is what
`headers.kept` may let through to a stored row. `SWITCHABLE` are those that a library may ask for (`family`).

A list of who goes up a class names two classes: the pupil's own (`last_class`) and next year's (`school_class`).
"""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from library.core.errors import N_
from library.core.fold import fold
from library.patrons import promoting
from library.staging import values
from library.staging.headers import Header, find_header, vocabulary
from library.staging.sources import Row
from library.staging.values import BadValue, Birth, ClassName
from library.staging.verdicts import Cells, Reading

PUPIL_WORDS = {
    "position": "STT | TT | Số TT | Số thứ tự | No",
    "student_code": "Mã học sinh | Mã định danh | Mã HS | Mã định danh Bộ GD&ĐT | Mã định danh học sinh"
    " | Mã định danh HS | Mã định danh Bộ GD&ĐT (trên CSDL ngành) | Mã học sinh/Mã định danh | Mã CSDL"
    " | Mã Bộ | Mã học sinh MOET | Mã HS Bộ | Mã định danh bộ GD | Mã học sinh bộ | Student code | Student ID",
    "card": "Số thẻ | Mã thẻ | Số thẻ thư viện | Mã thẻ thư viện | Thẻ bạn đọc | Card | Card number | Library card",
    "name": "Họ và tên | Họ tên | Họ và tên học sinh | Họ tên học sinh | Tên học sinh | Họ, tên | Học sinh"
    " | Họ & tên | Họ tên HS | Họ và tên HS | Bạn đọc | Họ tên bạn đọc | Full name | Name | Student name",
    "family_name": "Họ đệm | Họ và đệm | Họ và tên đệm | Họ lót | Họ và chữ lót | Họ | Họ, đệm | Họ và lót"
    " | Họ và chữ đệm | Last name | Family name | Surname",
    "given_name": "Tên | Tên gọi | Tên HS | First name | Given name",
    "born": "Ngày sinh | Ngày tháng năm sinh | Ngày, tháng, năm sinh | Năm sinh | NTNS | Sinh ngày"
    " | Ngày/tháng/năm sinh | Ngày sinh (dd/mm/yyyy) | Date of birth | Birth date | Birthday | DOB",
    "sex": "Giới tính | GT | Phái | Nam/Nữ | Nam, nữ | Giới | Sex | Gender",
    "female": "Nữ | Là nữ",
    "male": "Nam | Là nam",
    "class": "Lớp | Tên lớp | Mã lớp | Lớp học | Lớp năm học | Class | Class name",
    "next_class": "Lớp mới | Lên lớp mới | Lớp năm sau | Lớp năm học mới | Lớp sau khi lên lớp | Chuyển lên lớp"
    " | Lớp năm học tới | Lớp tới | New class | Next class",
    "result": "Lên lớp/Lưu ban | Lên lớp, lưu ban | Lên lớp / Ở lại lớp | Lên lớp | Được lên lớp | Xét lên lớp"
    " | Kết quả lên lớp | Kết quả xét lên lớp | Kết quả cuối năm | Promotion",
    "stays": "Lưu ban | Ở lại lớp | Ở lại | Học lại",
    "grade": "Khối | Khối lớp | Khối học | Grade",
    "status": "Trạng thái | Trạng thái học sinh | Tình trạng | Trạng thái HS | Status",
}
_PRIVATE_WORDS = {
    "parents": "Cha | Bố | Mẹ | Ba | Họ tên cha | Họ và tên cha | Họ tên bố | Họ và tên bố | Họ tên mẹ"
    " | Họ và tên mẹ | Tên cha | Tên bố | Tên mẹ | Phụ huynh | Họ tên phụ huynh | Tên phụ huynh | Cha mẹ"
    " | Họ tên cha mẹ | Người giám hộ | Họ tên người giám hộ | Họ và tên người giám hộ | Thông tin cha"
    " | Thông tin mẹ | Thông tin phụ huynh | Con ông bà | Họ tên cha (mẹ) | Họ tên cha/mẹ"
    " | Họ tên bố/mẹ | Họ tên bố (mẹ) | Father | Mother | Parents | Guardian",
    "family": "Năm sinh cha | Năm sinh bố | Năm sinh mẹ | Nghề nghiệp cha | Nghề nghiệp bố | Nghề nghiệp mẹ"
    " | Nghề nghiệp",
    "ethnicity": "Dân tộc | DT | Ethnicity",
    "faith": "Tôn giáo | Quốc tịch | Religion | Nationality",
    "address": "Địa chỉ | Nơi ở | Chỗ ở | Chỗ ở hiện nay | Chỗ ở hiện tại | Nơi ở hiện nay | Hộ khẩu"
    " | Hộ khẩu thường trú | Thường trú | Địa chỉ thường trú | Tạm trú | Tỉnh | Huyện | Xã | Thôn | Thôn xóm"
    " | Thôn bản | Tổ | Bản | Tỉnh thành | Quận huyện | Xã phường | Phường xã | Địa chỉ gia đình | Quê quán"
    " | Nơi sinh | Address | Place of birth",
    "telephone": "Số điện thoại | Điện thoại | SĐT | Số ĐT | Điện thoại liên hệ | SĐT phụ huynh"
    " | Số điện thoại phụ huynh | SĐT liên lạc | Zalo | Email | Thư điện tử | Phone | Telephone | Mobile",
    "identity": "Số ĐDCN | Số định danh cá nhân | CCCD | Số CCCD | CMND | Số CMND | Mã định danh công dân"
    " | Số CMND/CCCD | Mã BHXH | Số căn cước | Căn cước công dân | Số CCCD/ĐDCN | Mã bảo hiểm | Số BHYT"
    " | Mã BHYT | Identity number",
    "circumstances": "Diện chính sách | Đối tượng chính sách | Chế độ chính sách | Hộ nghèo | Khuyết tật"
    " | Dạng khuyết tật | Hoàn cảnh | Con thương binh | Đội viên | Đoàn viên | Học lực | Hạnh kiểm | Sức khỏe"
    " | Chiều cao | Cân nặng | Ghi chú",
}
PRIVATE = frozenset(_PRIVATE_WORDS)
SWITCHABLE = ("parents", "ethnicity")
SWITCHED_WORDS = {"parents": "Cha mẹ", "ethnicity": "Dân tộc"}
PROMOTING = frozenset({"next_class", "result", "stays"})
"""Columns that make a list one of who goes up a class."""

STORED = frozenset(PUPIL_WORDS)
VOCABULARY = vocabulary(PUPIL_WORDS | _PRIVATE_WORDS)


class Enrolment(StrEnum):
    STUDYING = "studying"
    MOVED = "moved"
    LEFT = "left"


class Result(StrEnum):
    """How a pupil's year ended."""

    UP = "up"
    STAYS = "stays"
    LEAVES = "leaves"


@dataclass(frozen=True)
class PupilLine:
    """One row of a class list. `sex` is 'female' or 'male'; `enrolment` is STUDYING where the list does not say.

    `last_class` only where the list names next year's class too. `parents` are names parted by “; ”.
    """

    full_name: str
    student_code: str = ""
    card: str = ""
    birth: Birth | None = None
    sex: str | None = None
    school_class: ClassName | None = None
    enrolment: Enrolment = Enrolment.STUDYING
    last_class: ClassName | None = None
    parents: str = ""
    ethnicity: str = ""


def find_pupil_header(rows: Iterable[Row]) -> Header | None:
    """The header of a class list; what stands under “Cha” or “Mẹ” is the parents', whatever it is called."""
    return find_header(rows, VOCABULARY, swallowing=PRIVATE)


def not_stored(header: Header) -> tuple[int, ...]:
    """Places of the columns that are recognised and left out, in order."""
    return tuple(sorted(place for key in PRIVATE for place in header.columns(key)))


_CLASS = r"(\d{1,2}\s?[^\W\d_]{1,2}\s?\d{0,2}|\d{1,2}\s?[/.\-]\s?\d{1,2}|ghép\s*[\d+& ,]+|\d{1,2})(?![\w/])"
_LINE_HINT = re.compile(rf"\b(?:lớp|lop)\s*[:.\-_]*\s*{_CLASS}", re.IGNORECASE)
_SHEET_IS_CLASS = re.compile(r"\d{1,2}\s?(?:[/.\-]\s?\d{1,2}|[^\W\d_]{1,2}\s?\d{0,2})")


def find_class_hint(sheet: str, above: Iterable[Row] = ()) -> ClassName | None:
    """The class a whole sheet is of: from a line above the header (“Lớp: 5A”), else from the sheet's name (“5A”)."""
    told = [found[1] for row in above for cell in row.cells if (found := _LINE_HINT.search(cell))]
    sheet = sheet.replace("_", " ").strip()
    named = _LINE_HINT.search(sheet)
    hint = told[-1] if told else named[1] if named else sheet if _SHEET_IS_CLASS.fullmatch(sheet) else ""
    read = values.class_name(hint)
    return read if read and read.grades else None


def read_pupil(
    row: Row | Sequence[str], header: Header, hint: ClassName | None = None, keeps: Collection[str] = ()
) -> Reading[PupilLine]:
    """One row below the header; `hint` is the class where the row names none. Its line is None when refused.

    Of the SWITCHABLE columns only those in `keeps` are read.
    """
    cells = Cells(row, header)
    cells.tell_unread(set(header.mapping) & STORED - {"position"})
    name = _full_name(cells)
    if not name:
        cells.note(N_("Dòng chưa có họ tên."), "name", blocks=True)
    taught = _classes(cells, hint)
    line = PupilLine(
        full_name=name,
        student_code=cells.value("student_code", _code) or "",
        card=cells.text("card"),
        birth=cells.value("born", values.birth),
        sex=_sex(cells),
        school_class=taught.now,
        enrolment=Enrolment.LEFT if taught.leaves else cells.value("status", enrolment) or Enrolment.STUDYING,
        last_class=taught.last,
        parents=_parents(cells) if "parents" in keeps else "",
        ethnicity=cells.text("ethnicity") if "ethnicity" in keeps else "",
    )
    return cells.reading(line)


def _full_name(cells: Cells) -> str:
    """From one column, from two (họ đệm, tên), or from a name beside its own last word."""
    name, family, given = (cells.text(key) for key in ("name", "family_name", "given_name"))
    if not name:
        return f"{family} {given}".strip() if given else family
    ends = given and not fold(f" {name}").endswith(fold(given))
    return f"{name} {given}" if ends and not family else name


def _code(text: str) -> str | None:
    """A pupil's code, kept as text. Raises BadValue for one a spreadsheet has rounded."""
    if re.fullmatch(r"\d([.,]\d+)?E\+?\d+", text, re.IGNORECASE):
        sentence = N_("Excel đã làm tròn mã “%(text)s”. Đổi cột thành Văn bản rồi nhập lại.")
        raise BadValue(sentence, text=text)
    if re.fullmatch(r"0\d{11}", text):
        raise BadValue(N_("Mã 12 số là số định danh cá nhân của em, máy không lưu."))
    return text or None


def _sex(cells: Cells) -> str | None:
    """From a column that says it, or from a mark in a column “Nữ” (or “Nam”)."""
    if cells.text("female") or cells.text("male"):
        return "female" if cells.text("female") else "male"
    marked_only = "female" in cells.header.mapping and not {"male", "sex"} & set(cells.header.mapping)
    return "male" if marked_only else cells.value("sex", values.sex)


def _class(cells: Cells, hint: ClassName | None) -> ClassName | None:
    """The class; a refusal without any. The column of grades (khối) serves a class whose name tells none."""
    read = cells.value("class", values.class_name, blocks=True)
    grade = cells.value("grade", values.grade)
    if read is None and not cells.text("class"):
        read = hint
    if read is None and not cells.text("class"):
        cells.note(N_("Chưa biết em học lớp nào: thêm cột Lớp, hoặc chọn lớp cho cả trang."), "class", blocks=True)
    if read and grade and not read.grades:
        return ClassName(read.name, (grade,))
    if read and grade and grade not in read.grades:
        sentence = N_("Cột khối ghi %(grade)s mà lớp là %(name)s. Máy theo tên lớp.")
        cells.note(sentence, "grade", grade=grade, name=read.name)
    return read


# Who goes up a class


@dataclass(frozen=True)
class _Taught:
    now: ClassName | None
    last: ClassName | None = None
    leaves: bool = False


def _classes(cells: Cells, hint: ClassName | None) -> _Taught:
    """The class of the list's year. A list of who goes up says it itself, or by how the year ended."""
    if not PROMOTING & set(cells.header.mapping):
        return _Taught(_class(cells, hint))
    last, result = _class(cells, hint), _result(cells)
    told = cells.text("next_class")
    named = None if fold(told) in _RESULT_OF else cells.read(told, "next_class", values.class_name, blocks=True)
    if result is Result.LEAVES and not named:
        return _Taught(last, last, leaves=True)
    following = named or _after(last, result)
    if following is None and last is not None:
        cells.note(N_("Chưa biết năm học tới em học lớp nào: điền cột Lớp mới."), "next_class", blocks=True)
    return _Taught(following, last)


def _after(last: ClassName | None, result: Result | None) -> ClassName | None:
    if last is None or result is None:
        return None
    return last if result is Result.STAYS else promoting.promoted(last)


def _result(cells: Cells) -> Result | None:
    """From a column that says it, from a mark under “Lưu ban”, or from a word where the next class should stand."""
    if cells.text("stays"):
        return Result.STAYS
    told = _RESULT_OF.get(fold(cells.text("next_class")))
    return told or cells.value("result", result)


_RESULTS = {
    Result.UP: "Lên lớp | Được lên lớp | Lên | Có | x | Hoàn thành | Hoàn thành tốt | Hoàn thành xuất sắc | Đạt"
    " | Hoàn thành chương trình lớp học | Promoted",
    Result.STAYS: "Lưu ban | Ở lại lớp | Ở lại | Không lên lớp | Không được lên lớp | Chưa được lên lớp | Không"
    " | Chưa hoàn thành | Học lại | Repeats",
    Result.LEAVES: "Ra trường | Tốt nghiệp | Đã tốt nghiệp | Hoàn thành chương trình tiểu học | Hoàn thành cấp học | HTCTTH"
    " | Tốt nghiệp THCS | Tốt nghiệp THPT | Chuyển đi | Chuyển trường | Thôi học | Graduated",
}
_RESULT_OF = {fold(name): told for told, names in _RESULTS.items() for name in names.split("|")}


def result(text: str) -> Result | None:
    """How the year ended. Raises BadValue for what leaves it open (“Thi lại”)."""
    if not text:
        return None
    try:
        return _RESULT_OF[fold(text)]
    except KeyError:
        raise BadValue(N_("“%(text)s”: máy chưa biết em lên lớp hay ở lại lớp."), text=text) from None


# What a library may ask for


def _parents(cells: Cells) -> str:
    """Names alone. Of a heading over several columns (“Cha” over name, year, work) the first one is the name."""
    header, row = cells.header, cells.cells
    places = [place for place in header.columns("parents") if place < len(row) and header.texts.get(place)]
    return "; ".join(dict.fromkeys(row[place] for place in places if row[place] and not _has_digit(row[place])))


def _has_digit(text: str) -> bool:
    return any(map(str.isdigit, text))


_ENROLMENTS = {
    Enrolment.STUDYING: "Đang học | Học | Đang theo học | Chuyển đến | Chuyển đến kỳ 1 | Chuyển đến kỳ 2"
    " | Studying | Active | x",
    Enrolment.MOVED: "Chuyển đi | Chuyển trường | Đã chuyển trường | Chuyển đi kỳ 1 | Chuyển đi kỳ 2"
    " | Chuyển lớp | Moved",
    Enrolment.LEFT: "Thôi học | Nghỉ học | Bỏ học | Đã nghỉ học | Thôi học kỳ 1 | Thôi học kỳ 2"
    " | Đã tốt nghiệp | Tốt nghiệp | Left",
}
_ENROLMENT_OF = {fold(name): told for told, names in _ENROLMENTS.items() for name in names.split("|")}


def enrolment(text: str) -> Enrolment | None:
    """Whether a pupil is still here. Raises BadValue."""
    if not text:
        return None
    try:
        return _ENROLMENT_OF[fold(text)]
    except KeyError:
        raise BadValue(N_("Trạng thái “%(text)s” máy chưa biết, coi như đang học."), text=text) from None
