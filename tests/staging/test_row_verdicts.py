"""Rows that are no entries are told from those that are; notes say what was not understood."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import pytest

from library.staging.headers import Header
from library.staging.values import price
from library.staging.verdicts import Cells, Note, Row, Skip, Verdict, entries, plain, skip_reason, skipped
from tests.staging.sheets import as_rows

HEADER = Header(
    1,
    {"position": 0, "title": 1, "author": 2, "price": 3},
    texts={0: "stt", 1: "ten sach", 2: "tac gia", 3: "gia tien"},
)


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        (("1", "Kính vạn hoa", "Nguyễn Nhật Ánh", "15.000"), None),
        (("1", "Kính vạn hoa"), None),
        (("", "Kính vạn hoa"), None),
        ((), Skip.BLANK),
        (("17", "", "", ""), Skip.BLANK),
        (("", "Tổng cộng", "", "1.250.000"), Skip.TOTALS),
        (("Tổng cộng: 120 cuốn", "", "", "1.250.000đ"), Skip.TOTALS),
        (("", "Cộng", "", ""), Skip.TOTALS),
        (("Trang 3 cộng: 25 bản", "", "", "312.000 đồng"), Skip.TOTALS),
        (("12", "Tổng số học", "Nguyễn Văn A", "15.000"), None),
        (("12", "Cộng hòa xã hội chủ nghĩa Việt Nam", "", "15.000"), None),
        (("12", "Cộng", "Trần Văn B", "15.000"), None),
        (("STT", "Tên sách", "Tác giả", "Giá tiền"), Skip.HEADER_AGAIN),
        (("TT", "TÊN SÁCH", "Tác giả", ""), Skip.HEADER_AGAIN),
        (("(1)", "(2)", "(3)", "(4)"), Skip.COLUMN_NUMBERS),
        (("A", "B", "1", "2", "3"), Skip.COLUMN_NUMBERS),
        (("1", "1984", "Orwell", "5"), None),
        (("3", "7", "5", "2"), None),
        (("", "", "Nà Phặc, ngày 5 tháng 9 năm 2025"), Skip.SIGNATURES),
        (("", "Người lập bảng", "", "Hiệu trưởng"), Skip.SIGNATURES),
        (("", "(Ký, ghi rõ họ tên)"), Skip.SIGNATURES),
        (("4", "Hiệu trưởng của em", "Tô Hoài", "15.000"), None),
    ],
)
def test_a_row_is_an_entry_or_it_is_told_why_not(cells, why):
    assert skip_reason(cells, HEADER) is why


def test_names_under_the_signatures_are_no_entries_but_a_further_list_is():
    lines = [
        ("STT", "Tên sách", "Tác giả", "Giá tiền"),
        ("1", "Kính vạn hoa", "Nguyễn Nhật Ánh", "15.000"),
        ("", "Người lập", "", "Hiệu trưởng"),
        ("", "Chu Thị Mai", "", "Hoàng Thị Hoa"),
        ("2", "Đất rừng phương Nam", "Đoàn Giỏi", "42.000"),
        ("", "Sách không số"),
    ]
    told = [(row.number, skip) for row, skip in entries(as_rows(lines), HEADER)]
    assert told == [(2, None), (3, Skip.SIGNATURES), (4, Skip.SIGNATURES), (5, None), (6, None)]


def test_a_skipped_row_says_why_in_words():
    verdict = skipped(9, Skip.TOTALS)
    assert (verdict.number, verdict.verdict) == (9, Verdict.SKIPPED)
    assert verdict.notes[0].sentence == "Dòng cộng, máy bỏ qua."


def test_a_value_that_cannot_be_read_becomes_a_note_and_only_a_blocking_one_refuses():
    cells = Cells(("1", "Kính vạn hoa", "", "mười lăm"), HEADER)
    assert cells.value("price", price) is None
    assert cells.notes == [Note("Giá “%(text)s” máy chưa hiểu. Giá viết như 15.000.", {"text": "mười lăm"}, "price")]
    assert cells.reading("line").line == "line"
    cells.note("Dòng chưa có tên sách.", "title", blocks=True)
    assert cells.reading("line").line is None


def test_a_formula_without_result_is_noted_in_its_column():
    cells = Cells(Row(2, ("1", "Kính vạn hoa"), unread=(3,)), HEADER)
    cells.tell_unread(["title", "price"])
    assert [note.column for note in cells.notes] == ["price"]


def test_lines_become_plain_values_json_can_hold():
    class Kind(StrEnum):
        A = "a"

    @dataclass(frozen=True)
    class Inner:
        on: date

    assert plain((Inner(date(2014, 9, 5)), {"kind": Kind.A}, None)) == [{"on": "2014-09-05"}, {"kind": "a"}, None]
