"""Book lists as schools keep them, read from file to lines."""

import random
from datetime import date

import pytest

from library.catalogue.columns import VOCABULARY, BookLine, Credit, credit, kind, language, read_book, volume
from library.staging.headers import find_header
from library.staging.sources import open_table
from library.staging.verdicts import Reading, Skip, entries, plain
from tests.staging.sheets import as_rows, xlsx


def read(source: bytes, filename: str = "sach.xlsx") -> tuple[list[Reading[BookLine]], list[Skip]]:
    """Every entry of the first sheet, and why other rows were skipped."""
    with open_table(source, filename) as table:
        sheet = table.sheets[0]
        header = find_header(table.rows(sheet), VOCABULARY)
        assert header
        rows = list(entries(table.rows(sheet), header))
    return [read_book(row, header) for row, skip in rows if not skip], [skip for _, skip in rows if skip]


def line(**columns: str) -> Reading[BookLine]:
    """A row of a list with these columns, by vocabulary key."""
    rows = as_rows([[VOCABULARY[key][0] for key in columns], list(columns.values())])
    header = find_header(rows, VOCABULARY)
    assert header and set(header.mapping) == set(columns)
    return read_book(rows[1], header)


def book(**columns: str) -> BookLine:
    found = line(**{"title": "Kính vạn hoa"} | columns).line
    assert found
    return found


def notes(**columns: str) -> list[tuple[str, bool]]:
    return [(note.column, note.blocks) for note in line(**{"title": "Kính vạn hoa"} | columns).notes]


def test_an_accession_register_is_read_as_the_school_printed_it():
    source = xlsx(
        {
            "Sổ ĐKCB": [
                ["UBND XÃ NÀ PHẶC", None, None, None, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"],
                ["TRƯỜNG TIỂU HỌC XUẤT HÓA"],
                [],
                ["SỔ ĐĂNG KÝ CÁ BIỆT"],
                [
                    "Ngày vào sổ",
                    "Số ĐKCB",
                    "Tác giả và tên sách",
                    "Xuất bản",
                    None,
                    None,
                    "Giá tiền",
                    "Môn loại",
                    "Số vào sổ TQ",
                    "Phụ chú",
                ],
                [None, None, None, "Nơi XB", "NXB", "Năm XB"],
                ["(1)", "(2)", "(3)", "(4)", "(5)", "(6)", "(7)", "(8)", "(9)", "(10)"],
                [
                    date(2024, 9, 5),
                    "TK.00011-TK.00013",
                    "Tô Hoài. Dế Mèn phiêu lưu ký",
                    "H.",
                    "Kim Đồng",
                    2019,
                    "45.000đ",
                    "ĐV13",
                    12,
                    "Tặng",
                ],
                [
                    "26.XI.2007",
                    "TN.00627",
                    "Cây khế / Nhiều tác giả",
                    "H.",
                    "Giáo dục",
                    "XB 2005",
                    12000,
                    "398.2",
                    3,
                    None,
                ],
                [None, "Trang 1 cộng: 4 bản", None, None, None, None, 147000],
                [
                    "Ngày vào sổ",
                    "Số ĐKCB",
                    "Tác giả và tên sách",
                    "Xuất bản",
                    None,
                    None,
                    "Giá tiền",
                    "Môn loại",
                    "Số vào sổ TQ",
                    "Phụ chú",
                ],
                [None, None, "Người lập", None, None, None, "Hiệu trưởng"],
            ]
        },
        merged=["D5:F5"],
    )
    readings, skips = read(source)
    assert skips == [Skip.COLUMN_NUMBERS, Skip.TOTALS, Skip.HEADER_AGAIN, Skip.SIGNATURES]
    assert [reading.line for reading in readings] == [
        BookLine(
            title="Dế Mèn phiêu lưu ký",
            credits=(Credit("Tô Hoài"),),
            place="H.",
            publisher="Kim Đồng",
            year=2019,
            price=45_000,
            class_mark="ĐV13",
            accessions=("TK.00011", "TK.00012", "TK.00013"),
            accessioned_on=date(2024, 9, 5),
            general_no="12",
            note="Tặng",
        ),
        BookLine(
            title="Cây khế",
            credits=(Credit("Nhiều tác giả"),),
            place="H.",
            publisher="Giáo dục",
            year=2005,
            price=12_000,
            ddc="398.2",
            accessions=("TN.00627",),
            accessioned_on=date(2007, 11, 26),
            general_no="3",
        ),
    ]


def test_an_english_export_is_read():
    source = (
        "id,title,author,translator,publisher,year,isbn13,ean13,code_note,pages,dimensions,cover,language,category,class,"
        "audience,series,grade,volume,reading_age,price_vnd,edition_note,sources\n"
        "vi1,Nhà giả kim,Paulo Coelho,Lê Chu Cầu,NXB Hà Nội,2020,9786043395907,9786043395907,,227,20.5 x 13 cm,Bìa Mềm,"
        "Tiếng Việt,Tiểu thuyết,Văn học,nguoi_lon,,,1,,79000,Tái bản 2020,demo\n"
    )
    readings, _ = read(source.encode(), "books.csv")
    assert readings[0].notes == ()
    assert readings[0].line == BookLine(
        title="Nhà giả kim",
        credits=(Credit("Paulo Coelho"), Credit("Lê Chu Cầu", "translator")),
        publisher="NXB Hà Nội",
        year=2020,
        edition="Tái bản 2020",
        isbns=("9786043395907",),
        ean="9786043395907",
        pages=227,
        dimensions="20.5 x 13 cm",
        price=79_000,
        language="vie",
        volume="Tập 1",
        audience="nguoi_lon",
        subjects=("Văn học", "Tiểu thuyết"),
        code="vi1",
    )


WORDS = ("Trăng", "Rừng", "Mẹ", "Biển", "Hoa", "Núi", "Đường", "Gió", "Sông", "Bạn", "Trường", "Nhà", "Cây", "Nắng")
PEOPLE = ("Tô Hoài", "Đoàn Giỏi", "Nguyễn Nhật Ánh", "Võ Quảng", "Phạm Hổ", "Nông Quốc Chấn")


def _made(count: int) -> list[list[object]]:
    """Rows of an everyday list, one in fifty with something wrong."""
    chance = random.Random(2025)
    rows: list[list[object]] = []
    for number in range(1, count + 1):
        price = chance.choice([15000, "15.000đ", "25,000", "32 nghìn", 48500.0, None])
        title = " ".join(chance.sample(WORDS, 4)) if number % 50 else ""
        rows.append(
            [
                number,
                f"STN.{number:05d}",
                title,
                "; ".join(chance.sample(PEOPLE, 2)),
                chance.randint(1990, 2025),
                price,
                1,
            ]
        )
    return rows


@pytest.mark.parametrize("suffix", ["xlsx", "csv"])
def test_two_thousand_rows_are_read_and_those_without_a_title_refused(suffix):
    table = [["STT", "Số ĐKCB", "Nhan đề", "Tác giả", "Năm XB", "Giá bìa", "Số lượng"], *_made(2000)]
    csv = "\n".join(";".join("" if cell is None else str(cell).replace(";", ",") for cell in row) for row in table)
    readings, skips = read(xlsx({"Sách": table}) if suffix == "xlsx" else csv.encode("utf-8-sig"), f"sach.{suffix}")
    refused = [reading for reading in readings if reading.line is None]
    lines = [reading.line for reading in readings if reading.line]
    assert (len(lines), len(refused), skips) == (1960, 40, [])
    assert {note.column for reading in refused for note in reading.notes} == {"title"}
    assert {found.price for found in lines} == {15_000, 25_000, 32_000, 48_500, None}
    assert all(len(found.authors) == 2 and found.copies == 1 for found in lines)


def test_a_row_without_a_title_is_refused():
    assert line(title="", author="Tô Hoài").line is None
    assert notes(title="", author="Tô Hoài") == [("title", True)]


def test_numbers_that_cannot_be_read_refuse_the_row_rather_than_number_it_anew():
    assert notes(accession="TK.00020-TK.00011") == [("accession", True)]
    assert notes(quantity="0") == [("quantity", True)]
    assert notes(accession="TK.00011", quantity="?!x") == [("quantity", False)]


def test_other_values_that_cannot_be_read_are_doubts():
    assert notes(
        price="mười nghìn", year="xx", pages="nhiều", accessioned_on="hôm qua", grade="lá", language="Chăm cổ"
    ) == [
        ("year", False),
        ("pages", False),
        ("price", False),
        ("language", False),
        ("grade", False),
        ("accessioned_on", False),
    ]


def test_the_labels_decide_how_many_copies_there_are():
    assert book(accession="1-5", quantity="3").copies == 5
    assert notes(accession="1-5", quantity="3") == [("quantity", False)]
    assert book(quantity="3").copies == 3
    assert book().copies == 1


def test_first_and_last_number_may_stand_in_two_columns():
    assert book(accession_first="TK.00001", accession_last="TK.00003").accessions == (
        "TK.00001",
        "TK.00002",
        "TK.00003",
    )
    assert book(accession_first="TK.00001", accession_last="").accessions == ("TK.00001",)


def test_a_wrong_isbn_is_kept_as_printed_and_refuses_nothing():
    found = line(title="Kính vạn hoa", isbn="978-604-339-590-8")
    assert found.line and found.line.isbns == () and found.line.isbn_as_printed == "978-604-339-590-8"
    assert [note.column for note in found.notes] == ["isbn"]


def test_an_article_number_in_the_isbn_column_is_an_article_number():
    found = line(title="Kính vạn hoa", isbn="8935236426824")
    assert found.line and (found.line.ean, found.line.isbns, found.notes) == ("8935236426824", (), ())


def test_two_isbns_are_both_kept():
    assert book(isbn="9786043395907; 0-306-40615-2").isbns == ("9786043395907", "9780306406157")


def test_a_bar_code_column_holds_article_numbers_or_the_librarys_own():
    assert book(barcode="8935236426824").ean == "8935236426824"
    assert book(barcode="TK.00012").accessions == ("TK.00012",)


def test_a_bar_code_that_is_neither_is_a_code_of_its_copy():
    found = book(barcode="39999000001234")
    assert (found.accessions, found.codes, found.copies) == ((), ("39999000001234",), 1)
    found = book(accession="TK.00012-TK.00013", barcode="LIB-0001; LIB-0002")
    assert (found.accessions, found.codes) == (("TK.00012", "TK.00013"), ("LIB-0001", "LIB-0002"))
    assert book(accession="TK.00012", barcode="TK.00012").codes == ()


def test_codes_that_do_not_fit_the_copies_are_told_and_left():
    found = line(title="Kính vạn hoa", quantity="3", barcode="39999000001234")
    assert found.line and (found.line.codes, found.line.copies) == ((), 3)
    assert [note.column for note in found.notes] == ["barcode"]
    assert notes(barcode="mất rồi") == [("barcode", True)]
    assert notes(barcode="mất rồi", accession="TK.00012") == [("barcode", False)]


@pytest.mark.parametrize(
    ("text", "ddc", "mark", "sort", "keywords"),
    [
        ("895.9223", "895.9223", "", "", ()),
        ("398", "398", "", "", ()),
        ("53(075)", "", "53(075)", "", ()),
        ("ĐV13", "", "ĐV13", "", ()),
        ("3K", "", "3K", "", ()),
        ("V23", "", "V23", "", ()),
        ("Sách tham khảo", "", "", "STK", ()),
        ("Văn học", "", "", "", ("Văn học",)),
    ],
)
def test_a_class_column_may_hold_four_things(text, ddc, mark, sort, keywords):
    found = book(class_mark=text)
    assert (found.ddc, found.class_mark, found.kind, found.subjects) == (ddc, mark, sort, keywords)


def test_a_ddc_number_gets_its_noughts_back():
    assert book(ddc="5.1").ddc == "005.1"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("H.: Giáo dục, 2005", ("H.", "Giáo dục", 2005)),
        ("Tp. HCM : NXB Trẻ, 2019", ("Tp. HCM", "NXB Trẻ", 2019)),
        ("NXB Kim Đồng, 2020", ("", "NXB Kim Đồng", 2020)),
        ("NXB Kim Đồng", ("", "NXB Kim Đồng", None)),
    ],
)
def test_an_imprint_in_one_column_is_parted(text, expected):
    found = book(imprint=text)
    assert (found.place, found.publisher, found.year) == expected


def test_a_price_short_of_three_noughts_is_doubted():
    assert notes(price="15", year="2019") == [("price", False)]
    assert notes(price="15", year="1985") == []


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Đỗ Đức (minh họa)", Credit("Đỗ Đức", "illustrator")),
        ("Minh họa: Đỗ Đức", Credit("Đỗ Đức", "illustrator")),
        ("Lê Chu Cầu dịch", Credit("Lê Chu Cầu", "translator")),
        ("Nguyễn Minh Thuyết (Tổng chủ biên)", Credit("Nguyễn Minh Thuyết")),
        ("Trần B (s.t.)", Credit("Trần B", "compiler")),
        ("Tô Hoài", Credit("Tô Hoài")),
        ("Dịch", Credit("Dịch")),
    ],
)
def test_a_part_played_is_read_off_the_name(name, expected):
    assert credit(name) == expected


def test_short_words_are_understood():
    assert [kind(text) for text in ("Sách giáo khoa", "SGV", "stn", "Bản đồ")] == ["SGK", "SNV", "STN", "Bản đồ"]
    assert [language(text) for text in ("Tiếng Việt", "en", "")] == ["vie", "eng", None]
    assert [volume(text) for text in ("1", "T.2", "tập III", "Phần cuối", "")] == [
        "Tập 1",
        "Tập 2",
        "Tập III",
        "Phần cuối",
        "",
    ]


def test_a_line_is_plain_enough_to_be_stored():
    assert plain(book(year="2019", accession="1-2", author="Tô Hoài"))["credits"] == [
        {"name": "Tô Hoài", "role": "author"}
    ]
