"""Any list somebody brings, opened: as sheets of rows of text, or as MARC entries. `open_table` is the door.

Workbooks (xlsx, xls, a web page with a table), delimited text and MARC in five forms are read, told apart by their bytes
and never by their name; everything else is refused with a sentence that says what to do. A file is not trusted: sizes
come from the zip directory before anything is unpacked, and what is unpacked goes through a guard (`workbooks`). Rows and
entries are streamed: memory holds the shared strings of a workbook and a few rows, of an old one a sheet.
"""

import re
from pathlib import Path, PurePath
from zipfile import BadZipFile, ZipFile, ZipInfo

from library.core.errors import N_
from library.staging import entry_files
from library.staging.delimited import Brought, Delimited
from library.staging.entry_files import EntryFile
from library.staging.mending import Mended
from library.staging.old_workbooks import OldWorkbook, WebTable
from library.staging.tables import CUT_SHORT, ODD, UNKNOWN_KIND, Row, Table, UnreadableFile
from library.staging.workbooks import Workbook

__all__ = ["EntryFile", "Mended", "Row", "Table", "UnreadableFile", "open_any", "open_table"]

MAX_FILE = 50 * 2**20  # bytes as brought, of a list
MAX_UNPACKED = 400 * 2**20  # bytes of all parts of a workbook, by the zip directory
MAX_RATIO = 250  # unpacked to packed, of parts above 1 MiB; real sheets stay below 60
MAX_PARTS = 4_000
_ENTRIES = N_("Tệp này là biểu ghi MARC, không phải bảng. Chọn loại “Danh sách sách” rồi nạp lại.")


def open_any(source: Path | str | bytes, filename: str) -> Mended | EntryFile:
    """Open what somebody brought under the name `filename`. Raises UnreadableFile."""
    brought, name = Brought(source if isinstance(source, bytes) else Path(source)), PurePath(filename).stem
    found = entry_files.sniff(brought)
    if found.kind:
        _check_size(brought, entry_files.MAX_FILE)
        return EntryFile(brought, name, found)
    return Mended(_rows_of(brought, name))


def open_table(source: Path | str | bytes, filename: str) -> Mended:
    """The same for those who take rows alone. Raises UnreadableFile for MARC too."""
    opened = open_any(source, filename)
    if isinstance(opened, EntryFile):
        raise UnreadableFile(_ENTRIES)
    return opened


def _rows_of(brought: Brought, name: str) -> Table:
    _check_size(brought, MAX_FILE)
    kind = _kind(brought)
    if kind == "text":
        return Delimited(brought, name)
    if kind == "zip":
        _check_zip(brought)
        return Workbook(brought.open())
    if kind == ".xls":
        return OldWorkbook(brought)
    if kind == "web":
        return WebTable(brought)
    raise UnreadableFile(_ADVICE.get(kind, UNKNOWN_KIND), kind=kind)


def _check_size(brought: Brought, most: int) -> None:
    if brought.size > most:
        raise UnreadableFile(_TOO_HEAVY, most=most >> 20)


# What kind of file it is, told by its bytes and never by its name

_TOO_HEAVY = N_("Tệp nặng hơn %(most)s MB. Chia thành nhiều tệp rồi nạp lần lượt.")
_NOT_A_SHEET = N_("Tệp %(kind)s không phải bảng tính. Chép bảng sang Excel, lưu thành .xlsx rồi nạp lại.")
_ADVICE = {
    "": N_("Tệp trống, chưa có dòng nào."),
    ".pdf": _NOT_A_SHEET,
    ".doc": _NOT_A_SHEET,
    ".docx": _NOT_A_SHEET,
    ".rtf": _NOT_A_SHEET,
    ".pptx": _NOT_A_SHEET,
    "ảnh": N_("Đây là ảnh chụp, máy chưa đọc được bảng trong ảnh. Gõ bảng vào Excel, lưu thành .xlsx rồi nạp."),
    "nén": N_("Tệp nén không mang bảng tính nào máy đọc được. Giải nén rồi nạp từng tệp .xlsx hoặc .csv."),
    "mật khẩu": N_("Tệp đang khóa bằng mật khẩu. Mở bằng Excel, bỏ mật khẩu, lưu lại rồi nạp."),
}
_HEADS = (
    (b"%PDF", ".pdf"),
    (b"{\\rtf", ".rtf"),
    (b"\x89PNG", "ảnh"),
    (b"\xff\xd8\xff", "ảnh"),
    (b"GIF8", "ảnh"),
    (b"PK\x05\x06", "nén"),
    (b"Rar!", "nén"),
    (b"7z\xbc\xaf", "nén"),
    (b"\x1f\x8b", "nén"),
    (b"PK\x03\x04", "zip"),
)
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_OLE_STREAMS = (("EncryptedPackage", "mật khẩu"), ("WordDocument", ".doc"))
_ZIP_PARTS = (
    ("xl/workbook.xml", "zip"),
    ("xl/workbook.bin", ".xlsb"),
    ("word/document.xml", ".docx"),
    ("ppt/presentation.xml", ".pptx"),
    ("Index/Document.iwa", ".numbers"),
    ("content.xml", ".ods"),
)


def _kind(brought: Brought) -> str:
    head = brought.head(512)
    if head.startswith(_OLE):
        return next((kind for name, kind in _OLE_STREAMS if name.encode("utf-16-le") in brought), ".xls")
    letters = head.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe\t\r\n ").lower()  # in UTF-16 every other byte is 0
    if letters.startswith(b"<?xml") and b"<html" not in letters:
        return ".xml"
    if re.match(rb"<(\?xml|!doctype|html|table|meta|style)", letters):
        return "web"  # a web page that a school's software calls .xls
    if not head.strip(b"\xef\xbb\xbf\xff\xfe\0\t\r\n "):
        return "" if brought.size <= len(head) else "text"
    return next((kind for mark, kind in _HEADS if head.startswith(mark)), "text")


# Workbooks: the zip directory


def _check_zip(brought: Brought) -> None:
    """Refuse a workbook by its directory alone: other formats, passwords, bombs."""
    try:
        with brought.open() as stream, ZipFile(stream) as archive:
            parts = archive.infolist()
    except (BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise UnreadableFile(CUT_SHORT) from error
    names = {part.filename for part in parts}
    kind = next((kind for name, kind in _ZIP_PARTS if name in names), "nén")
    if kind != "zip":
        raise UnreadableFile(_ADVICE.get(kind, UNKNOWN_KIND), kind=kind)
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED or any(map(_is_bomb, parts)):
        raise UnreadableFile(ODD)


def _is_bomb(part: ZipInfo) -> bool:
    """Or packed in a way no spreadsheet program uses (neither stored nor deflated, or with a password)."""
    swollen = part.file_size > 2**20 and part.file_size > MAX_RATIO * max(1, part.compress_size)
    return swollen or part.compress_type not in (0, 8) or bool(part.flag_bits & 1)
