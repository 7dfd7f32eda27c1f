"""A list's header is found wherever the school put it, and no data row is taken for one."""

import pytest

from library.catalogue import columns as books
from library.patrons import columns as pupils
from library.patrons.columns import find_pupil_header
from library.staging.headers import Header, find_header, kept, vocabulary
from tests.staging.sheets import as_rows, rows_of, xlsx

WORDS = vocabulary({"position": "STT", "title": "Tên sách | Nhan đề", "price": "Giá tiền", "author": "Tác giả"})


def header_of(lines, words=WORDS) -> Header:
    header = find_header(as_rows(lines), words)
    assert header
    return header


def test_the_header_is_found_below_the_school_and_the_title_of_the_list():
    header = header_of(
        [
            ["PHÒNG GD&ĐT", "", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"],
            ["TRƯỜNG TIỂU HỌC XUẤT HÓA"],
            [],
            ["DANH MỤC SÁCH THƯ VIỆN"],
            [],
            ["STT", "Tên sách", "Tác giả", "Giá tiền (VND)", "Người giao"],
            ["1", "Dế Mèn phiêu lưu ký", "Tô Hoài", "15.000"],
        ]
    )
    assert header.row_number == 6
    assert header.mapping == {"position": 0, "title": 1, "author": 2, "price": 3}
    assert header.unknown == ((4, "Người giao"),)
    assert header.confidence == 0.8


@pytest.mark.parametrize(
    "written", ["TÊN SÁCH", "ten_sach", "TenSach", "Tên  sách (*)", "2. Tên sách", "Tên sách:", "Nhan đề"]
)
def test_a_name_is_known_however_it_is_typed(written):
    assert header_of([["STT", written], ["1", "Kính vạn hoa"]]).mapping["title"] == 1


def test_a_longer_name_is_known_by_its_beginning_but_yields_to_the_exact_one():
    assert header_of([["STT", "Tên sách trong thư viện"], ["1", "x"]]).mapping["title"] == 1
    assert header_of([["STT", "Tên sách cũ trước đây", "Tên sách"], ["1", "x", "y"]]).mapping["title"] == 2


def test_a_list_of_titles_alone_is_a_list():
    assert header_of([["Tên sách"], ["Kính vạn hoa"]]).mapping == {"title": 0}


@pytest.mark.parametrize(
    "lines",
    [
        [["Kính vạn hoa", "Nguyễn Nhật Ánh"], ["Đất rừng phương Nam", "Đoàn Giỏi"]],
        [["Tên sách", "một", "hai", "ba"], ["a", "b", "c", "d"]],
        [],
        [[""], [f"dòng {n}" for n in range(3)]],
    ],
)
def test_no_header_is_invented(lines):
    assert find_header(as_rows(lines), WORDS) is None


def test_a_header_below_the_twentieth_row_is_not_looked_for():
    assert find_header(as_rows([["ghi chú dài"]] * 19 + [["STT", "Tên sách"]]), WORDS)
    assert find_header(as_rows([["ghi chú dài"]] * 20 + [["STT", "Tên sách"]]), WORDS) is None


def test_two_lines_are_read_together():
    lines = [
        ["STT", "Tên sách", "Số đăng ký cá biệt", "", "Xuất bản", "", "Giá tiền"],
        ["", "", "Từ số", "Đến số", "Nơi", "Năm XB", ""],
        ["1", "Kính vạn hoa", "TK.00001", "TK.00003", "H.", "2019", "15.000"],
    ]
    header = header_of(lines, books.VOCABULARY)
    assert header.row_number == 2
    assert {key: header.mapping[key] for key in ("title", "accession_first", "accession_last", "year", "price")} == {
        "title": 1,
        "accession_first": 2,
        "accession_last": 3,
        "year": 5,
        "price": 6,
    }


def test_the_first_entry_is_not_taken_for_a_second_header_line():
    header = header_of([["STT", "Nhan đề", "Tác giả"], ["1", "Giá tiền", "Tô Hoài"], ["2", "a", "b"]])
    assert header.row_number == 1


def test_a_name_merged_over_two_columns_is_read_from_both():
    book = xlsx(
        {
            "5A": [
                ["STT", "Họ và tên", None, "Ngày sinh"],
                [1, "Hoàng Thị", "Lan", "05/09/2014"],
                [2, "Đỗ Gia", "Bảo", "1/1/2014"],
            ]
        },
        merged=["B1:C1"],
    )
    header = find_pupil_header(rows_of(book))
    assert header and header.spans == {"name": (2,)}
    assert header.cell(("1", "Hoàng Thị", "Lan"), "name") == "Hoàng Thị Lan"


def test_what_stands_under_the_parents_is_the_parents():
    header = find_pupil_header(
        as_rows(
            [
                ["STT", "Họ và tên", "Ngày sinh", "Cha", "", "Mẹ", ""],
                ["", "", "", "Họ tên", "Ngày sinh", "Họ tên", "Ngày sinh"],
                ["1", "Hoàng Thị Lan", "05/09/2014", "Hoàng Văn A", "1980", "Nông Thị B", "1982"],
            ]
        )
    )
    assert header and header.mapping["name"] == 1 and header.mapping["born"] == 2
    assert pupils.not_stored(header) == (3, 4, 5, 6)


def test_only_the_named_columns_are_kept_of_a_row():
    header = Header(1, {"name": 1, "parents": 3}, spans={"name": (2,)})
    assert kept(("1", "Hoàng Thị", "Lan", "Hoàng Văn A", "?"), header, {"name", "class"}) == [
        "",
        "Hoàng Thị",
        "Lan",
        "",
        "",
    ]


@pytest.mark.parametrize("module", [books, pupils])
def test_no_name_stands_for_two_columns(module):
    seen: dict[str, str] = {}
    for key, names in module.VOCABULARY.items():
        for name in names:
            assert seen.setdefault(name, key) == key, name


def test_names_that_differ_by_their_marks_alone_are_told_apart():
    header = header_of([["Tên sách", "Khổ sách", "Kho sách", "Khổ"], ["a", "19 cm", "Kho A", ""]], books.VOCABULARY)
    assert (header.mapping["dimensions"], header.mapping["shelf"]) == (1, 2)
    assert header_of([["Ten sach", "Kho"], ["a", "b"]], books.VOCABULARY).mapping == {"title": 0, "shelf": 1}
