"""The columns of book lists, by every name schools and programs give them, and one row of such a list read.

A row becomes a BookLine of typed values, or is refused with notes. Only what would put wrong copies into the register
refuses a row: no title, accession numbers or a quantity that cannot be read. All else is a doubt beside the line.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from library.catalogue import audiences
from library.core.errors import N_
from library.core.fold import fold
from library.staging import values
from library.staging.headers import Header, vocabulary
from library.staging.sources import Row
from library.staging.values import BadValue
from library.staging.verdicts import Cells, Reading

BOOK_WORDS = {
    "position": "STT | TT | Số TT | Số thứ tự | No | Thứ tự",
    "code": "Mã sách | Mã tài liệu | Mã đầu sách | Mã biểu ghi | ID | Book ID | Biblio ID | Record number",
    "title": "Tên sách | Nhan đề | Nhan đề chính | Tựa sách | Tựa đề | Tên tài liệu | Tên ấn phẩm | Tiêu đề"
    " | Đầu sách | Tên đầu sách | Tên sách giáo khoa | Tên truyện | Tên | Tên sách và tập | Tên sách, tập"
    " | Title | Book title | Main title",
    "subtitle": "Phụ đề | Nhan đề phụ | Tên phụ | Thông tin liên quan đến nhan đề | Subtitle | Remainder of title",
    "author_title": "Tác giả và tên sách | Tên sách và tác giả | Tác giả, tên sách | Tên tác giả và tên sách"
    " | Tác giả - tên sách | Tên sách, tác giả | Tác giả và nhan đề",
    "author": "Tác giả | Tên tác giả | Họ tên tác giả | Các tác giả | Tác giả chính | TG | Người viết"
    " | Biên soạn | Tác giả - biên soạn | Chủ biên | Author | Authors | Author(s) | Main author | Creator",
    "translator": "Người dịch | Dịch giả | Dịch | Translator | Translators",
    "illustrator": "Minh họa | Người minh họa | Họa sĩ | Tranh | Illustrator",
    "imprint": "Nơi XB - NXB - Năm XB | Nơi XB, NXB, Năm XB | Nơi, nhà, năm xuất bản"
    " | Nơi xuất bản, nhà xuất bản, năm xuất bản | NXB, năm XB | Nhà xuất bản, năm xuất bản | NXB - Năm XB"
    " | Xuất bản | Thông tin xuất bản | Imprint",
    "publisher": "Nhà xuất bản | NXB | Nhà XB | Tên nhà xuất bản | Tên NXB | Đơn vị xuất bản | Publisher",
    "place": "Nơi xuất bản | Nơi XB | Địa điểm xuất bản | Place | Place of publication | Publication place",
    "year": "Năm xuất bản | Năm XB | Năm | Năm in | XB năm | Năm phát hành | Năm xuất bản (tái bản) | Year"
    " | Publication year | Pub year | Date of publication | Copyright date",
    "edition": "Lần xuất bản | Lần tái bản | Tái bản | Lần in | Edition | Edition note",
    "isbn": "ISBN | Mã ISBN | Số ISBN | Chỉ số ISBN | ISBN13 | ISBN-13 | ISBN10 | ISBN-10",
    "ean": "EAN | EAN13 | Mã EAN | Mã vạch sản phẩm | Mã vạch nhà xuất bản | Mã vạch bìa | Mã hàng",
    "barcode": "Mã vạch | Barcode | Mã vạch sách | Item barcode",
    "pages": "Số trang | Trang | Tổng số trang | Pages | Number of pages | Page count | Extent",
    "dimensions": "Khổ sách | Khổ | Khổ cỡ | Kích thước | Khuôn khổ | Khổ giấy | Cỡ sách | Dimensions | Size",
    "price": "Giá tiền | Giá | Giá bìa | Đơn giá | Giá sách | Giá tiền (VND) | Giá (đ) | Giá (đồng)"
    " | Nguyên giá | Giá trị | Giá 1 cuốn | Giá tiền 1 cuốn | Giá một bản | Price | Price VND | List price"
    " | Unit price | Cost",
    "ddc": "DDC | Chỉ số DDC | Ký hiệu DDC | Phân loại DDC | Số DDC | Dewey",
    "class_mark": "Môn loại | Ký hiệu phân loại | KHPL | Phân loại | Chỉ số phân loại | Số phân loại"
    " | KH phân loại | Ký hiệu môn loại | Ký hiệu phân loại (môn loại) | Môn loại (ký hiệu phân loại)"
    " | Mã phân loại | PL | Class | Class mark | Class number | Classification",
    "title_code": "Ký hiệu tên sách | Mã hóa tên sách | Mã tên sách | Ký hiệu tác giả | Mã hóa tên tác giả"
    " | Cutter | Số cutter",
    "call_number": "Ký hiệu xếp giá | Ký hiệu kho | KHXG | Call number | Call no",
    "quantity": "Số lượng | SL | Số bản | Số cuốn | Số quyển | Số lượng bản | Số lượng sách | Tổng số bản"
    " | Số lượng (cuốn) | Số lượng (bản) | Tổng số | Quantity | Qty | Copies | Number of copies",
    "accession": "Số ĐKCB | ĐKCB | Số đăng ký cá biệt | Đăng ký cá biệt | Mã ĐKCB | Mã đăng ký cá biệt"
    " | Số cá biệt | Ký hiệu đăng ký cá biệt | Số ĐKCB (Số thứ tự) | Số đăng ký | Mã cá biệt | SĐKCB"
    " | Số ĐK cá biệt | Số ĐK | Accession number | Accession no | Accession numbers | Copy number",
    "accession_first": "Từ số | Từ ĐKCB | ĐKCB từ | ĐKCB đầu | Đăng ký cá biệt từ | Số ĐKCB từ"
    " | Số đăng ký cá biệt từ | ĐKCB từ số | Số ĐKCB đầu | Số đầu | Số đăng ký cá biệt từ số | Từ",
    "accession_last": "Đến số | Đến ĐKCB | ĐKCB đến | ĐKCB cuối | Đăng ký cá biệt đến | Số ĐKCB đến"
    " | Số đăng ký cá biệt đến | ĐKCB đến số | Số ĐKCB cuối | Số cuối | Số đăng ký cá biệt đến số | Đến",
    "kind": "Loại sách | Loại | Loại tài liệu | Loại ấn phẩm | Mã loại | Phân loại sách | Nhóm sách | Kiểu sách"
    " | Book type | Type | Item type | Material type | Kind",
    "language": "Ngôn ngữ | Tiếng | Ngữ | Language",
    "series": "Tùng thư | Bộ sách | Tên bộ sách | Tủ sách (tùng thư) | Bộ | Series",
    "volume": "Tập | Số tập | Tập số | Quyển | Volume | Vol | Part",
    "grade": "Khối lớp | Lớp | Khối | Dùng cho lớp | Sách lớp | Grade",
    "audience": "Đối tượng | Đối tượng sử dụng | Đối tượng đọc | Đối tượng bạn đọc | Lứa tuổi | Độ tuổi"
    " | Cấp học | Audience",
    "summary": "Tóm tắt | Nội dung tóm tắt | Tóm tắt nội dung | Nội dung | Mô tả | Giới thiệu | Summary"
    " | Description | Abstract",
    "category": "Thể loại | Chủ đề | Lĩnh vực | Danh mục | Đề mục chủ đề | Category | Genre | Subject | Subjects",
    "keywords": "Từ khóa | Từ khoá | Keywords | Keyword | Tags",
    "note": "Ghi chú | Phụ chú | Chú thích | GC | Note | Notes | Remark | Remarks",
    "accessioned_on": "Ngày vào sổ | Ngày đăng ký | Ngày nhập | Ngày nhập kho | Ngày vào sổ cá biệt"
    " | Ngày bổ sung | Ngày tháng vào sổ | Ngày, tháng vào sổ | Ngày tháng | Accession date | Date acquired"
    " | Acquisition date | Date added",
    "source": "Nguồn cung cấp | Nguồn cấp | Nguồn | Nguồn nhập | Nguồn bổ sung | Nguồn sách | Nguồn gốc"
    " | Đơn vị cấp | Nơi cấp | Source",
    "voucher": "Số chứng từ | Chứng từ | Số phiếu nhập | Phiếu nhập | Số hóa đơn | Hóa đơn"
    " | Số và ngày chứng từ | Số, ngày chứng từ | Voucher | Voucher number | Invoice number",
    "general_no": "Số vào sổ tổng quát | Số vào sổ TQ | Số đăng ký tổng quát | Số ĐKTQ | Sổ tổng quát"
    " | Vào sổ tổng quát | Số tổng quát | Số VSTQ | Số vào sổ đăng ký tổng quát | General register number",
    "shelf": "Kho | Kho sách | Tên kho | Tủ sách | Tủ | Kệ | Kệ sách | Ngăn | Vị trí | Vị trí xếp | Giá xếp"
    " | Nơi để | Location | Shelf | Shelving location",
}
VOCABULARY = vocabulary(BOOK_WORDS)
_NO_CODE = N_("“%(text)s” không phải số đăng ký cá biệt, cũng không phải một mã vạch.")
_CODES = N_("Có %(codes)s mã vạch mà %(copies)s bản, máy không rõ mã nào của bản nào nên bỏ qua mã.")
LONGEST_TITLE = 500


@dataclass(frozen=True)
class Credit:
    """Somebody's part in a title: author, translator, illustrator, editor or compiler."""

    name: str
    role: str = "author"


@dataclass(frozen=True)
class BookLine:
    """One row of a book list. Empty text is '', an unknown number or day None; `price` is whole đồng.

    `accessions` are labels as the library writes them; when there are none, `copies` says how many to number. `codes`
    are barcodes that are no accession numbers, one for each copy or none.
    `isbn_as_printed` is one whose check digit does not fit; `language` is ISO 639-2/B; `kind` STK, SGK, SNV, STN or
    the list's own word.
    """

    title: str
    subtitle: str = ""
    credits: tuple[Credit, ...] = ()
    publisher: str = ""
    place: str = ""
    year: int | None = None
    edition: str = ""
    isbns: tuple[str, ...] = ()
    isbn_as_printed: str = ""
    ean: str | None = None
    pages: int | None = None
    dimensions: str = ""
    price: int | None = None
    ddc: str = ""
    class_mark: str = ""
    title_code: str = ""
    call_number: str = ""
    quantity: int | None = None
    accessions: tuple[str, ...] = ()
    kind: str = ""
    language: str | None = None
    series: str = ""
    volume: str = ""
    grade: int | None = None
    audience: str = ""
    summary: str = ""
    subjects: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    note: str = ""
    accessioned_on: date | None = None
    source: str = ""
    voucher: str = ""
    general_no: str = ""
    shelf: str = ""
    code: str = ""
    codes: tuple[str, ...] = ()

    @property
    def copies(self) -> int:
        return len(self.accessions) or len(self.codes) or self.quantity or 1

    @property
    def authors(self) -> tuple[str, ...]:
        return tuple(credit.name for credit in self.credits if credit.role == "author")


def read_book(row: Row | Sequence[str], header: Header) -> Reading[BookLine]:
    """One row below the header. Its line is None when a note refuses it."""
    cells = Cells(row, header)
    cells.tell_unread(set(header.mapping) - {"position"})
    title, credits = _title_and_credits(cells)
    place, publisher, year = _imprint(cells)
    isbns, printed, ean, labels = _numbers(cells)
    quantity = _quantity(cells, labels)
    codes = _codes(cells, labels, quantity)
    ddc, class_mark, kind, subjects = _classes(cells)
    line = BookLine(
        title=title,
        subtitle=cells.text("subtitle"),
        credits=credits,
        publisher=publisher,
        place=place,
        year=year,
        edition=cells.text("edition"),
        isbns=isbns,
        isbn_as_printed=printed,
        ean=ean,
        pages=cells.value("pages", values.pages),
        dimensions=cells.text("dimensions"),
        price=_price(cells, year),
        ddc=ddc,
        class_mark=class_mark,
        title_code=cells.text("title_code"),
        call_number=cells.text("call_number"),
        quantity=quantity,
        accessions=labels,
        codes=codes,
        kind=kind,
        language=cells.value("language", language),
        series=cells.text("series"),
        volume=volume(cells.text("volume")),
        grade=cells.value("grade", values.grade),
        audience=audiences.of_words(cells.text("audience")),
        summary=cells.text("summary"),
        subjects=subjects,
        keywords=values.several(cells.text("keywords")),
        note=cells.text("note"),
        accessioned_on=cells.value("accessioned_on", values.day),
        source=cells.text("source"),
        voucher=cells.text("voucher"),
        general_no=cells.text("general_no"),
        shelf=cells.text("shelf"),
        code=cells.text("code"),
    )
    return cells.reading(line)


# Title and people

_ROLES = {
    "": r"tổng chủ biên|đồng chủ biên|chủ biên|ch\.? ?b\.?|cb\.?|biên soạn|b\.? ?s\.?|tác giả|lời",
    "translator": r"người dịch|dịch giả|dịch",
    "illustrator": r"minh h[oọ]a|minh hoạ|tranh|vẽ|họa sĩ",
    "editor": r"hiệu đính|biên tập|h\.? ?đ\.?",
    "compiler": r"sưu tầm|tuyển chọn|tuyển|s\.? ?t\.?",
}


def _role_pattern(words: str, after: str = "$^") -> re.Pattern[str]:
    """Matches '(chủ biên)', 'Dịch: ', and the words `after` a name."""
    bracketed = rf"\s*\((?:{words})(?:\s*[,&\-]\s*(?:{words}))*\)"
    return re.compile(rf"{bracketed}|^(?:{words})\s*:\s*|\s+(?:{after})$", re.IGNORECASE)


_AFTER = {"translator": "dịch", "illustrator": "minh h[oọ]a|minh hoạ"}
_ROLE_PATTERNS = [(role, _role_pattern(words, _AFTER.get(role, "$^"))) for role, words in _ROLES.items()]


def credit(name: str, role: str = "author") -> Credit:
    """'Đỗ Đức (minh họa)' and 'Minh họa: Đỗ Đức' are the illustrator Đỗ Đức; '(chủ biên)' leaves an author."""
    for told, pattern in _ROLE_PATTERNS:
        bare = pattern.sub("", name)
        if bare != name and bare:
            return Credit(bare.strip(), told or role)
    return Credit(name, role)


def _title_and_credits(cells: Cells) -> tuple[str, tuple[Credit, ...]]:
    title, authors = cells.text("title"), cells.text("author")
    if not title and cells.text("author_title"):
        title, authors = _parted(cells, authors)
    if not title:
        cells.note(N_("Dòng chưa có tên sách."), "title", blocks=True)
    if len(title) > LONGEST_TITLE:
        sentence = N_("Tên sách dài hơn %(most)s chữ, có thể nhiều dòng dính vào nhau.")
        cells.note(sentence, "title", blocks=True, most=LONGEST_TITLE)
    people = [(authors, "author")] + [(cells.text(role), role) for role in ("translator", "illustrator")]
    return title, tuple(credit(name, role) for text, role in people for name in values.people(text))


def _parted(cells: Cells, authors: str) -> tuple[str, str]:
    """(title, author) of 'Dế Mèn phiêu lưu ký / Tô Hoài' or 'Tô Hoài. Dế Mèn phiêu lưu ký', as registers have it."""
    text = cells.text("author_title")
    if " / " in text:
        title, _, author = text.partition(" / ")
    elif found := re.fullmatch(r"([^.:]{3,60}?)[.:]\s+(\S.*)", text):
        author, title = found.groups()
    else:
        return text, authors
    cells.note(N_("Tách thành tên sách “%(title)s”, tác giả “%(author)s”."), "author_title", title=title, author=author)
    return title, authors or author


# Imprint, price, numbers

_IMPRINT = re.compile(r"(?:(?P<place>[^:;,\d]{1,40}?)\s*[:;]\s*)?(?P<publisher>[^:;]*?)[\s,.\-–]*(?P<year>\d{4})?\.?")


def _imprint(cells: Cells) -> tuple[str, str, int | None]:
    """(place, publisher, year), from three columns or from 'H.: Giáo dục, 2005' in one."""
    place, publisher, year = cells.text("place"), cells.text("publisher"), cells.value("year", values.year)
    found = _IMPRINT.fullmatch(cells.text("imprint")[:200])
    if found:
        place, publisher = place or found["place"] or "", publisher or found["publisher"]
        year = year or cells.read(found["year"] or "", "imprint", values.year)
    return place, publisher, year


def _price(cells: Cells, year: int | None) -> int | None:
    price = cells.value("price", values.price)
    if price and price < 1_000 and (year or 0) >= 2000:
        cells.note(N_("Giá %(price)s đ có vẻ thiếu ba số 0."), "price", price=price)
    return price


def _quantity(cells: Cells, labels: Sequence[str]) -> int | None:
    quantity = cells.value("quantity", values.quantity, blocks=not labels)
    if quantity and labels and quantity != len(labels):
        sentence = N_("Số lượng ghi %(quantity)s mà có %(labels)s số đăng ký. Máy theo số đăng ký.")
        cells.note(sentence, "quantity", quantity=quantity, labels=len(labels))
    return quantity


def _numbers(cells: Cells) -> tuple[tuple[str, ...], str, str | None, tuple[str, ...]]:
    """(ISBNs, the one that does not fit, EAN, accession labels). A number in its neighbour's column finds its place."""
    ean = cells.value("ean", values.ean)
    labels = _accessions(cells) or _from_to(cells)
    barcode = cells.text("barcode")
    if barcode and not ean and _is_ean(barcode):
        ean = values.ean(barcode)
    elif barcode and not labels:
        labels = _labels(barcode)
    isbns, printed = [], ""
    for text in re.split(r"\s*[;,/]\s*", cells.text("isbn")):
        if _is_ean(text) and not text.startswith(("978", "979")):
            ean = ean or values.ean(text)
        elif number := cells.read(text, "isbn", values.isbn):
            isbns.append(number)
        else:
            printed = printed or text.strip(" .-")
    if ean and ean.startswith(("978", "979")):
        isbns.append(ean)
    return tuple(dict.fromkeys(isbns)), printed, ean, labels


_CODE = re.compile(r"(?=[^\d]*\d)[^\W_][\w.\-/]{2,38}[^\W_]")
"""What a label of another program may have: one word with a figure in it."""


def _labels(text: str) -> tuple[str, ...]:
    """Accession numbers; none where there is anything else."""
    try:
        return values.expand(text)
    except BadValue:
        return ()


def _accessions(cells: Cells) -> tuple[str, ...]:
    """Programs call any barcode so: what is one and no accession number is left to `_codes`."""
    text = cells.text("accession")
    if cells.header.profile and not _labels(text) and _several_codes(text):
        return ()
    return cells.value("accession", values.expand, blocks=True) or ()


def _several_codes(text: str) -> tuple[str, ...]:
    """None where one of them is no code."""
    told = [part.strip() for part in re.split(r"[;,\n]", text) if part.strip()]
    return tuple(told) if all(map(_CODE.fullmatch, told)) else ()


def _codes(cells: Cells, labels: Sequence[str], quantity: int | None) -> tuple[str, ...]:
    """Barcodes beside the accession numbers, or instead of them: as many as there are copies, else none."""
    text = cells.text("barcode")
    if text and _is_ean(text):
        return ()
    text = text or (cells.text("accession") if cells.header.profile else "")
    if not text or (labels and _labels(text) == tuple(labels)):
        return ()
    told, copies = _several_codes(text), len(labels) or quantity
    if not told:
        cells.note(_NO_CODE, "barcode", blocks=not labels, text=text[:60])
    elif copies not in (None, len(told)):
        cells.note(_CODES, "barcode", codes=len(told), copies=copies)
    return told if copies in (None, len(told)) else ()


def _from_to(cells: Cells) -> tuple[str, ...]:
    first, last = cells.text("accession_first"), cells.text("accession_last")
    text = f"{first} → {last}" if first and last and first != last else first or last
    return cells.read(text, "accession_first", values.expand, blocks=True) or ()


def _is_ean(text: str) -> bool:
    try:
        return values.ean(text) is not None
    except BadValue:
        return False


# Classes

_DDC = re.compile(r"\d{3}(\.\d+)?\b.*")
_SCHOOL_MARK = re.compile(r"(\d{1,3}[A-ZĐ]{0,4}|[KVĐN]{1,2}\d{0,2})[\d.,()\-/:+= ]*[A-ZĐ]{0,3}")
_KINDS = {
    "STK": "STK | TK | Sách tham khảo | Tham khảo | Sách tham khảo học sinh",
    "SGK": "SGK | GK | Sách giáo khoa | Giáo khoa",
    "SNV": "SNV | NV | Sách nghiệp vụ | Nghiệp vụ | SGV | GV | Sách giáo viên | Nghiệp vụ giáo viên",
    "STN": "STN | TN | Sách thiếu nhi | Thiếu nhi | Truyện thiếu nhi | Truyện tranh thiếu nhi",
}
_KIND_OF = {fold(name): kind for kind, names in _KINDS.items() for name in names.split("|")}


def kind(text: str) -> str:
    """STK, SGK, SNV, STN for what schools call them; anything else as the list has it."""
    return _KIND_OF.get(fold(text), text)


def _classes(cells: Cells) -> tuple[str, str, str, tuple[str, ...]]:
    """(DDC, mark of the school scheme, kind, subjects): a class column may hold any of the four."""
    ddc, mark, sort = _padded(cells.text("ddc")), cells.text("class_mark"), kind(cells.text("kind"))
    subjects = values.several(cells.text("category"))
    if mark and _DDC.fullmatch(mark):
        return ddc or mark, "" if ddc in ("", mark) else mark, sort, subjects
    if mark and not _SCHOOL_MARK.fullmatch(mark):
        is_kind = fold(mark) in _KIND_OF and not sort
        return ddc, "", kind(mark) if is_kind else sort, subjects if is_kind else (mark, *subjects)
    return ddc, mark, sort, subjects


def _padded(ddc: str) -> str:
    """5.1 is 005.1 that a spreadsheet took for a number."""
    whole, dot, rest = ddc.partition(".")
    return f"{whole:0>3}{dot}{rest}" if whole.isdigit() else ddc


# Words

_LANGUAGES = {
    "vie": "Việt | Tiếng Việt | vi | vie | vn | Việt Nam | Vietnamese | Tiếng Việt Nam",
    "eng": "Anh | Tiếng Anh | en | eng | English",
    "fre": "Pháp | Tiếng Pháp | fr | fre | fra | French",
    "rus": "Nga | Tiếng Nga | ru | rus | Russian",
    "chi": "Trung | Tiếng Trung | Trung Quốc | Hoa | Tiếng Hoa | zh | chi | zho | Chinese",
    "jpn": "Nhật | Tiếng Nhật | ja | jpn | Japanese",
    "kor": "Hàn | Tiếng Hàn | Hàn Quốc | ko | kor | Korean",
    "ger": "Đức | Tiếng Đức | de | ger | deu | German",
    "spa": "Tây Ban Nha | Tiếng Tây Ban Nha | es | spa | Spanish",
    "hmn": "Mông | Tiếng Mông | H'Mông | Tiếng H'Mông | hmn",
    "tai": "Tày | Tiếng Tày | Tày Nùng | Thái | Tiếng Thái (dân tộc) | tai",
    "mul": "Song ngữ | Việt Anh | Anh Việt | Song ngữ Việt Anh | Song ngữ Anh Việt | Đa ngữ | mul",
}
_LANGUAGE_OF = {fold(name): code for code, names in _LANGUAGES.items() for name in names.split("|")}


def language(text: str) -> str | None:
    """ISO 639-2/B code of 'Tiếng Việt', 'Anh', 'en'; another three-letter code stays. Raises BadValue."""
    if not text:
        return None
    if re.fullmatch(r"[a-z]{3}", text) and fold(text) not in _LANGUAGE_OF:
        return text
    try:
        return _LANGUAGE_OF[fold(text)]
    except KeyError:
        raise BadValue(N_("Ngôn ngữ “%(text)s” máy chưa biết."), text=text) from None


def volume(text: str) -> str:
    """'1', 'T.1', 'tập 1' are Tập 1; anything else stays."""
    found = re.fullmatch(r"(?:tập|t\.?|vol\.?|q\.?|quyển)?\s*(\d{1,3}|[IVX]{1,5})\.?", text, re.IGNORECASE)
    return f"Tập {found[1]}" if found else text
