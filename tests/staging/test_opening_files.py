"""Every file somebody may bring is read, or refused with a sentence that helps."""

import random
import re
import time as clock
from datetime import date, datetime, time
from pathlib import Path

import pytest
from openpyxl import Workbook

from library.staging import mending, sources, tables, workbooks
from library.staging.sources import Row, UnreadableFile, open_table
from tests.staging.sheets import (
    SHEET_XML,
    archive,
    cells_of,
    delimited,
    remade,
    rows_of,
    saved,
    windows_1258,
    xlsx,
)

FIXTURES = Path(__file__).parent.parent / "fixtures" / "staging"
LIBREOFFICE = FIXTURES / "lop-5a-libreoffice.xlsx"
LIST = [["STT", "Tên sách", "Giá"], ["1", "Dế Mèn phiêu lưu ký", "15.000"], ["2", "Đất rừng phương Nam", "42.000"]]


def refusal(source: bytes, filename: str = "danh-sach.xlsx") -> str:
    with pytest.raises(UnreadableFile) as refused:
        rows_of(source, filename)
    return refused.value.sentence % refused.value.facts


# Workbooks


def test_cells_become_the_text_a_person_would_have_typed():
    row = [
        3,
        3.0,
        15000.5,
        True,
        date(2014, 9, 5),
        datetime(2014, 9, 5, 10, 30),  # noqa: DTZ001 - a cell has no zone
        time(7, 30),
        "  Tô  Hoài ",
        9786043645194.0,
    ]
    assert cells_of(xlsx({"S": [row]})) == [
        ("3", "3", "15000.5", "TRUE", "05/09/2014", "05/09/2014 10:30", "07:30", "Tô Hoài", "9786043645194")
    ]


def test_text_is_cleaned_to_composed_letters():
    assert cells_of(xlsx({"S": [["Đường ð"]]})) == [("Đường đ",)]


def test_row_numbers_are_those_a_spreadsheet_shows_and_blank_rows_are_left_out():
    rows = rows_of(xlsx({"S": [["a"], [], [None, ""], ["", "b", ""]]}))
    assert rows == [Row(1, ("a",)), Row(4, ("", "b"))]


def test_codes_keep_the_noughts_their_format_shows():
    book = xlsx({"S": [[11, 12, 13, 5]]}, formats={"A1": "00000", "B1": '"TK."00000', "C1": "#,##0"})
    assert cells_of(book) == [("00011", "TK.00012", "13", "5")]


def test_a_formula_nobody_has_calculated_is_told():
    book = xlsx({"S": [["STT", "Tên"], ["=1+1", "Kính vạn hoa"], [2, "=A1"]]})
    assert rows_of(book)[1:] == [Row(2, ("", "Kính vạn hoa"), unread=(0,)), Row(3, ("2",), unread=(1,))]


def test_a_calculated_formula_gives_its_value():
    book = remade(
        xlsx({"S": [["=1+1", "=A1"]]}),
        {SHEET_XML: lambda xml: re.sub(rb"<f>1\+1</f><v ?/?>(</v>)?", b"<f>1+1</f><v>2</v>", xml)},
    )
    assert rows_of(book) == [Row(1, ("2",), unread=(1,))]


def test_an_error_value_is_told_as_unread():
    assert rows_of(xlsx({"S": [["#N/A", "Tên"]]})) == [Row(1, ("", "Tên"), unread=(0,))]


def test_a_sheet_that_claims_to_be_shorter_is_read_whole():
    book = xlsx({"S": [[n, f"Sách {n}"] for n in range(1, 2001)]})
    short = remade(book, {SHEET_XML: lambda xml: xml.replace(b'ref="A1:B2000"', b'ref="A1:B2"')})
    assert short != book
    assert len(rows_of(short)) == 2000


def test_hidden_sheets_are_left_out():
    book = Workbook()
    book.active.title = "5A"
    book.create_sheet("DanhMuc").sheet_state = "hidden"
    book.create_sheet("5B")
    with open_table(saved(book), "lop.xlsx") as table:
        assert table.sheets == ("5A", "5B")


def test_a_list_saved_by_libreoffice_is_read():
    with open_table(LIBREOFFICE, "lop-5a.xlsx") as table:
        assert table.sheets == ("5A", "5B")
        rows = list(table.rows("5A"))
    assert rows[0] == Row(1, ("TRƯỜNG TIỂU HỌC XUẤT HÓA",))
    assert Row(6, ("1", "0123456789", "Hoàng Thị", "Lan", "05/09/2014", "Nữ")) in rows
    assert rows[-1].cells[:2] == ("", "Tổng cộng: 3")
    assert not any(row.unread for row in rows)


@pytest.mark.filterwarnings("ignore:Cell")
def test_a_date_no_calendar_has_is_told_as_unread():
    book = xlsx({"S": [[date(2014, 9, 5), "Lan"]]})
    broken = remade(book, {SHEET_XML: lambda xml: xml.replace(b"<v>41887</v>", b"<v>999999999</v>")})
    assert broken != book
    assert rows_of(broken) == [Row(1, ("", "Lan"), unread=(0,))]


# Hostile workbooks


def test_a_doctype_is_refused_in_any_encoding():
    def with_entity(xml: bytes) -> bytes:
        text = xml.decode().replace("<worksheet", '<!DOCTYPE worksheet [<!ENTITY a "aaaa">]><worksheet', 1)
        return b'<?xml version="1.0" encoding="UTF-16"?>'.decode().encode("utf-16") + text.encode("utf-16-le")

    assert "khác thường" in refusal(remade(xlsx({"S": LIST}), {SHEET_XML: with_entity}))


def test_a_doctype_hidden_in_a_sheet_called_png_is_refused():
    book = remade(
        xlsx({"S": LIST}),
        {"xl/_rels/workbook.xml.rels": lambda xml: xml.replace(b"/xl/worksheets/sheet1.xml", b"/xl/media/logo.png")},
        {"xl/media/logo.png": b'<!DOCTYPE a [<!ENTITY b "c">]><worksheet/>'},
    )
    assert "khác thường" in refusal(book)


def test_a_bomb_is_refused_before_it_is_unpacked():
    bomb = remade(xlsx({"S": LIST}), {}, {"xl/worksheets/sheet9.xml": b" " * (60 * 2**20)})
    began = clock.perf_counter()
    assert "khác thường" in refusal(bomb)
    assert clock.perf_counter() - began < 0.5


def test_many_parts_that_are_large_together_are_refused(monkeypatch):
    monkeypatch.setattr(sources, "MAX_UNPACKED", 10_000)
    assert "khác thường" in refusal(xlsx({"S": [[n, "Sách"] for n in range(500)]}))


def test_a_row_that_does_not_end_is_refused():
    chance = random.Random(1)
    cells = b"".join(b'<c r="A1"><v>%d</v></c>' % chance.getrandbits(40) for _ in range(200_000))
    book = remade(xlsx({"S": LIST}), {SHEET_XML: lambda xml: xml.replace(b"</row>", cells + b"</row>", 1)})
    assert "khác thường" in refusal(book)


def test_strings_inside_a_row_do_not_make_it_shorter():
    chance = random.Random(1)
    cells = b"".join(b"<si/><a%d/>" % chance.getrandbits(20) for _ in range(200_000))
    book = remade(xlsx({"S": LIST}), {SHEET_XML: lambda xml: xml.replace(b"</row>", cells + b"</row>", 1)})
    assert "khác thường" in refusal(book)


def test_a_text_that_does_not_end_is_refused():
    text = random.Random(1).randbytes(9 * 2**20).hex().encode()
    book = remade(LIBREOFFICE.read_bytes(), {"xl/sharedStrings.xml": lambda xml: xml.replace(b"STT", text)})
    assert "khác thường" in refusal(book)


def test_a_sheet_that_passes_for_the_shared_strings_is_refused():
    book = remade(
        LIBREOFFICE.read_bytes(),
        {"xl/_rels/workbook.xml.rels": lambda xml: xml.replace(b"sharedStrings.xml", b"worksheets/sheet1.xml")},
    )
    assert "hỏng" in refusal(book)


def test_more_texts_than_any_list_has_are_refused(monkeypatch):
    monkeypatch.setattr(workbooks, "_MAX_STRINGS", 5)
    assert "khác thường" in refusal(LIBREOFFICE.read_bytes())


def test_depth_without_end_is_refused():
    deep = b"".join(b"<a><row/>" for _ in range(160_000))
    book = remade(xlsx({"S": LIST}), {SHEET_XML: lambda xml: xml.replace(b"<row", deep + b"<row", 1)})
    assert "khác thường" in refusal(book)


@pytest.mark.parametrize("number", [b"99999999", b"0", b"-4", b"x"])
def test_a_row_no_spreadsheet_has_is_refused(number):
    book = remade(xlsx({"S": LIST}), {SHEET_XML: lambda xml: xml.replace(b'<row r="2"', b'<row r="' + number + b'"')})
    assert "hỏng" in refusal(book)


def test_a_workbook_cut_short_is_refused():
    book = xlsx({"S": LIST})
    assert "chép chưa hết" in refusal(book[: len(book) // 2])


def test_a_sheet_cut_short_names_the_row_it_was_read_to():
    book = remade(xlsx({"S": LIST}), {SHEET_XML: lambda xml: xml[: xml.index(b'<row r="3"') + 5]})
    assert "sau dòng 2" in refusal(book)


def test_a_part_larger_than_its_directory_says_is_refused():
    book = xlsx({"S": LIST})
    at = book.index(b"PK\x01\x02")
    while book[at + 46 : at + 46 + len(SHEET_XML)] != SHEET_XML.encode():
        at = book.index(b"PK\x01\x02", at + 4)
    lying = book[: at + 24] + (100).to_bytes(4, "little") + book[at + 28 :]
    assert "hỏng" in refusal(lying)


def test_too_many_rows_are_refused_and_none_is_lost_in_silence(monkeypatch):
    monkeypatch.setattr(tables, "MAX_ROWS", 10)
    monkeypatch.setattr(tables, "_AROUND", 0)
    assert len(rows_of(xlsx({"S": [["a"]] * 10}))) == 10
    assert "hơn 10 dòng" in refusal(xlsx({"S": [["a"]] * 11}))
    assert "hơn 10 dòng" in refusal(b"a\n" * 11, "a.csv")


def test_too_many_columns_are_refused_unless_they_are_empty():
    assert cells_of(xlsx({"S": [["a", *[None] * 300]]})) == [("a",)]
    assert "Dòng 1" in refusal(xlsx({"S": [["a"] * 257]}))


# Files that are something else


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "Tệp trống"),
        (b"\xef\xbb\xbf\r\n", "Tệp trống"),
        (sources._OLE + "Workbook".encode("utf-16-le"), "bị hỏng hoặc chép chưa hết"),
        (sources._OLE + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"), "bỏ mật khẩu"),
        (sources._OLE + b"\0" * 600 + "WordDocument".encode("utf-16-le"), ".doc không phải bảng tính"),
        (b"%PDF-1.7 ...", ".pdf không phải bảng tính"),
        (b"\x89PNG\r\n\x1a\n", "ảnh chụp"),
        (b"<html><p>STT</p></html>", "trang web không có bảng nào"),
        (b'\xef\xbb\xbf<?xml version="1.0"?><Workbook/>', ".xml"),
        (archive("mimetype", "content.xml"), ".ods. Mở tệp bằng Excel"),
        (archive("word/document.xml"), ".docx không phải bảng tính"),
        (archive("xl/workbook.bin"), ".xlsb"),
        (archive("sach.csv"), "Giải nén"),
    ],
)
def test_another_kind_of_file_is_refused_with_what_to_do(content, told):
    assert told in refusal(content, "danh-sach.xlsx")


def test_a_file_too_heavy_is_refused(monkeypatch):
    monkeypatch.setattr(sources, "MAX_FILE", 2**20)
    assert "hơn 1 MB" in refusal(b"a,b\n" * 300_000, "a.csv")


# Delimited text


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_any_delimiter_and_unicode_encoding_is_read(mark, encoding):
    text = delimited([["DANH MỤC SÁCH"], [], *LIST, ["3", "Trời, đất; và | người", "1,5"]], mark)
    cells = cells_of(text.encode(encoding), "sach.csv")
    assert cells == [("DANH MỤC SÁCH",), *map(tuple, LIST), ("3", "Trời, đất; và | người", "1,5")]


def test_windows_1258_is_read_to_composed_letters():
    assert cells_of(windows_1258(delimited(LIST, ";")), "sach.csv") == [tuple(row) for row in LIST]


def test_decomposed_unicode_is_composed():
    assert cells_of("STT,Tên\n1,Đường".encode(), "a.csv")[1] == ("1", "Đường")


def test_text_in_an_old_font_is_opened_as_a_western_computer_shows_it():
    vni = "STT,Tên\n1,Thö vieän tröôøng hoïc\n2,“Kính vạn hoa”\n".encode("cp1252", "replace")
    assert cells_of(vni, "a.csv")[1:] == [("1", "Thö vieän tröôøng hoïc"), ("2", "“Kính v?n hoa”")]


def test_unicode_cut_inside_a_letter_spoils_its_own_row_only():
    rows = rows_of("Tên\nĐư".encode() + b"\xc6", "a.csv")
    assert rows == [Row(1, ("Tên",)), Row(2, ("Đư\ufffd",), (), (0,))]


def test_a_line_of_another_character_set_spoils_its_own_row_only():
    mixed = "Tên\nĐường\nTrường\n".encode() + "Thö vieän\n".encode("cp1252") + "Lớp".encode()
    assert [bool(row.spoilt) for row in rows_of(mixed, "a.csv")] == [False, False, False, True, False]


def test_a_nul_spoils_its_own_row_and_many_are_no_list():
    rows = rows_of(b"a,b\n1,2\n3,\x00\n4,5\n", "a.csv")
    assert [row.spoilt for row in rows] == [(), (), (1,), ()]
    assert "Dòng 1" in refusal(b"xx\0\n" * 400, "a.csv")
    assert "Dòng 1" in refusal(b"a" + b"\0" * 2**21, "a.csv")


def test_a_line_without_end_is_no_list():
    assert "dòng 2" in refusal(b"a,b\n" + b"x" * 2**21, "a.csv")


def test_a_file_can_be_opened_as_a_person_says():
    with open_table("Tên\nThö vieän ý\n".encode("cp1252"), "a.csv") as table:
        assert table.codec == "latin-1"
        table.recode("cp1258")
        assert list(table.rows("a"))[1].cells == ("Thö vieän ư",)


def test_columns_are_mended_before_the_soft_hyphen_is_dropped():
    lines = ["Tªn s¸ch;Gi¸", *(f"Th\xad viÖn tr\xadêng häc sè {at};15" for at in range(3))]
    with open_table("\n".join(lines).encode("cp1252"), "a.csv") as table:
        table.encodings["a"] = mending.find(list(table.raw("a")))
        assert table.encodings["a"] == {0: "tcvn3", 1: "tcvn3"}
        assert [row.cells for row in table.rows("a")][:2] == [("Tên sách", "Giá"), ("Thư viện trường học số 0", "15")]


def test_lines_inside_quotes_stay_one_row_numbered_as_a_spreadsheet_does():
    rows = rows_of(b'a,b\n1,"x\ny"\n2,z\n', "a.csv")
    assert rows[1:] == [Row(2, ("1", "x y")), Row(3, ("2", "z"))]


def test_an_open_quote_is_told_and_does_not_swallow_the_list():
    assert "Dòng 2" in refusal(b'a,b\n1,"x\n2,y\n3,z\n', "a.csv")
    many = b'a,b\n1,"x\n' + b"2,y\n" * 50 + b'3,z"\n'
    assert "Dòng 2" in refusal(many, "a.csv")


def test_a_quote_inside_a_cell_is_only_a_quote():
    assert cells_of(b'a,b\n1,5" disk\n2,z\n', "a.csv") == [("a", "b"), ("1", '5" disk'), ("2", "z")]


def test_the_sep_line_of_excel_names_the_delimiter():
    assert cells_of(b"sep=;\na;b,c\n1;2\n", "a.csv") == [("a", "b,c"), ("1", "2")]


def test_old_mac_line_ends_are_read():
    assert cells_of(b"a,b\r1,2\r", "a.csv") == [("a", "b"), ("1", "2")]


def test_a_text_list_is_one_sheet_called_as_the_file():
    with open_table(b"a,b\n1,2\n", "5A.csv") as table:
        assert table.sheets == ("5A",)
        assert table.size("5A") == 2


def test_reading_twice_gives_the_same(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(delimited(LIST).encode())
    with open_table(path, "a.csv") as table:
        assert list(table.rows("a")) == list(table.rows("a"))


def test_a_long_sheet_is_not_mistaken_for_an_endless_row(monkeypatch):
    monkeypatch.setattr(workbooks, "_MAX_ELEMENTS", 1_000)
    assert len(rows_of(xlsx({"S": [[n, f"Sách {n}"] for n in range(600)]}))) == 600


@pytest.mark.parametrize("row", [b'<row r="', b"<row spans='1:2' r=\""])
def test_the_size_of_a_sheet_is_its_last_row(row):
    book = xlsx({"S": [[n, "Sách"] for n in range(1, 401)]})
    with open_table(remade(book, {SHEET_XML: lambda xml: xml.replace(b'<row r="', row)}), "a.xlsx") as table:
        assert table.size("S") == 400


def test_rows_without_numbers_are_counted():
    book = xlsx({"S": [[n, "Sách"] for n in range(1, 41)]})
    bare = remade(book, {SHEET_XML: lambda xml: re.sub(rb'<row r="\d+"', b"<row", xml)})
    with open_table(bare, "a.xlsx") as table:
        assert table.size("S") == len(list(table.rows("S"))) == 40
