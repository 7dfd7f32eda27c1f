"""The columns of class lists as school software exports them, and one row of such a list read.

A library needs little of a child. Parents, addresses, telephones, ethnicity, identity numbers and the like are
recognised only in order to be left out: `not_stored` names those columns for the page, and `STORED` is what
`headers.kept` may let through to a stored row.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from library.core.errors import N_
from library.core.fold import fold
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
    "grade": "Khối | Khối lớp | Khối học | Grade",
    "status": "Trạng thái | Trạng thái học sinh | Tình trạng | Trạng thái HS | Status",
}
_PRIVATE_WORDS = {
    "parents": "Cha | Bố | Mẹ | Ba | Họ tên cha | Họ và tên cha | Họ tên bố | Họ và tên bố | Họ tên mẹ"
    " | Họ và tên mẹ | Tên cha | Tên bố | Tên mẹ | Năm sinh cha | Năm sinh bố | Năm sinh mẹ | Nghề nghiệp cha"
    " | Nghề nghiệp bố | Nghề nghiệp mẹ | Phụ huynh | Họ tên phụ huynh | Tên phụ huynh | Cha mẹ"
    " | Họ tên cha mẹ | Người giám hộ | Họ tên người giám hộ | Họ và tên người giám hộ | Thông tin cha"
    " | Thông tin mẹ | Thông tin phụ huynh | Nghề nghiệp | Con ông bà | Họ tên cha (mẹ) | Họ tên cha/mẹ"
    " | Họ tên bố/mẹ | Họ tên bố (mẹ) | Father | Mother | Parents | Guardian",
    "ethnicity": "Dân tộc | DT | Tôn giáo | Quốc tịch | Ethnicity | Religion | Nationality",
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
STORED = frozenset(PUPIL_WORDS)
VOCABULARY = vocabulary(PUPIL_WORDS | _PRIVATE_WORDS)


class Enrolment(StrEnum):
    STUDYING = "studying"
    MOVED = "moved"
    LEFT = "left"


@dataclass(frozen=True)
class PupilLine:
    """One row of a class list. `sex` is 'female' or 'male'; `enrolment` is STUDYING where the list does not say."""

    full_name: str
    student_code: str = ""
    card: str = ""
    birth: Birth | None = None
    sex: str | None = None
    school_class: ClassName | None = None
    enrolment: Enrolment = Enrolment.STUDYING


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


def read_pupil(row: Row | Sequence[str], header: Header, hint: ClassName | None = None) -> Reading[PupilLine]:
    """One row below the header; `hint` is the class where the row names none. Its line is None when refused."""
    cells = Cells(row, header)
    cells.tell_unread(set(header.mapping) & STORED - {"position"})
    name = _full_name(cells)
    if not name:
        cells.note(N_("Dòng chưa có họ tên."), "name", blocks=True)
    line = PupilLine(
        full_name=name,
        student_code=cells.value("student_code", _code) or "",
        card=cells.text("card"),
        birth=cells.value("born", values.birth),
        sex=_sex(cells),
        school_class=_class(cells, hint),
        enrolment=cells.value("status", enrolment) or Enrolment.STUDYING,
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
