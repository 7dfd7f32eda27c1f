"""Class lists as school software exports them: what a library may keep is read, the rest is left out."""

from datetime import date
from pathlib import Path

import pytest

from library.patrons import columns
from library.patrons.columns import (
    STORED,
    Enrolment,
    PupilLine,
    find_class_hint,
    find_pupil_header,
    not_stored,
    read_pupil,
)
from library.staging.headers import kept
from library.staging.sources import open_table
from library.staging.values import Birth, ClassName
from library.staging.verdicts import Reading, entries, plain
from tests.staging.sheets import as_rows, rows_of, xlsx

FIXTURES = Path(__file__).parent.parent / "fixtures" / "staging"
EXPORT = xlsx(
    {
        "5A": [
            ["PHÒNG GIÁO DỤC VÀ ĐÀO TẠO"],
            ["TRƯỜNG TIỂU HỌC XUẤT HÓA"],
            ["DANH SÁCH HỌC SINH LỚP 5A NĂM HỌC 2025-2026"],
            [],
            [
                "STT",
                "Mã định danh Bộ GD&ĐT",
                "Họ và tên",
                "Ngày sinh",
                "Giới tính",
                "Khối",
                "Dân tộc",
                "Số điện thoại",
                "Địa chỉ",
                "Họ tên cha",
                "Năm sinh cha",
                "Họ tên mẹ",
                "Trạng thái",
                "Sở thích",
            ],
            [
                1,
                "0123456789",
                "Hoàng Thị Lan",
                date(2014, 9, 5),
                "Nữ",
                5,
                "Tày",
                "0912345678",
                "Thôn Bản Mới",
                "Hoàng Văn Cha",
                1980,
                "Nông Thị Mẹ",
                "Đang học",
                "Vẽ",
            ],
            [
                2,
                "0123456790",
                "Giàng A Páo",
                "20/11/2014",
                "Nam",
                5,
                "Mông",
                "0912345679",
                "Thôn Nà Lẹng",
                "Giàng Văn Bố",
                1979,
                "Vàng Thị Má",
                "Chuyển đi",
                "Bóng đá",
            ],
            [None, "Tổng số: 2 học sinh"],
        ],
        "5B": [["STT", "Họ và tên"], [1, "Lý Thị Mai"]],
    },
    merged=["A3:N3"],
)
SECRETS = ("Tày", "0912345678", "Thôn", "Cha", "1980", "Mẹ", "Bố", "Vẽ")


def read(source: bytes, sheet: str = "5A") -> list[Reading[PupilLine]]:
    rows = rows_of(source, "lop.xlsx", sheet)
    header = find_pupil_header(rows)
    assert header
    hint = find_class_hint(sheet, (row for row in rows if row.number < header.row_number))
    return [read_pupil(row, header, hint) for row, skip in entries(rows, header) if not skip]


def pupil(**cells: str) -> Reading[PupilLine]:
    """A row under these headers."""
    rows = as_rows([[name.replace("_", " ") for name in cells], list(cells.values())])
    header = find_pupil_header(rows)
    assert header
    return read_pupil(rows[1], header)


def test_an_export_is_read_and_the_class_comes_from_above_the_header():
    assert [reading.line for reading in read(EXPORT)] == [
        PupilLine("Hoàng Thị Lan", "0123456789", "", Birth(2014, date(2014, 9, 5)), "female", ClassName("5A", (5,))),
        PupilLine(
            "Giàng A Páo",
            "0123456790",
            "",
            Birth(2014, date(2014, 11, 20)),
            "male",
            ClassName("5A", (5,)),
            Enrolment.MOVED,
        ),
    ]


def test_a_sheet_for_each_class_names_the_class():
    assert read(EXPORT, "5B")[0].line == PupilLine("Lý Thị Mai", school_class=ClassName("5B", (5,)))


def test_columns_about_the_family_are_named_as_not_stored():
    header = find_pupil_header(rows_of(EXPORT))
    assert header
    assert not_stored(header) == (6, 7, 8, 9, 10, 11)
    assert header.unknown == ((13, "Sở thích"),)


def test_nothing_about_the_family_comes_through():
    rows = rows_of(EXPORT)
    header = find_pupil_header(rows)
    assert header
    stored = [kept(row.cells, header, STORED) for row in rows if row.number > header.row_number]
    assert "Hoàng Thị Lan" in stored[0]
    said = repr((stored, [plain(reading) for reading in read(EXPORT)]))
    assert not [secret for secret in SECRETS if secret in said]


def test_a_list_saved_by_libreoffice_joins_the_name_from_two_columns():
    with open_table(FIXTURES / "lop-5a-libreoffice.xlsx", "lop.xlsx") as table:
        rows = list(table.rows("5A"))
    header = find_pupil_header(rows)
    assert header
    read = [read_pupil(row, header, ClassName("5A", (5,))) for row, skip in entries(rows, header) if not skip]
    assert [reading.line and reading.line.full_name for reading in read] == [
        "Hoàng Thị Lan",
        "Đỗ Gia Bảo",
        "Nông Minh Khôi",
    ]


@pytest.mark.parametrize(
    "cells",
    [
        {"Họ_và_tên": "Hoàng Thị Lan", "Lớp": "5A"},
        {"Họ_đệm": "Hoàng Thị", "Tên": "Lan", "Lớp": "5A"},
        {"Họ_và_tên": "Hoàng Thị", "Tên": "Lan", "Lớp": "5A"},
        {"Họ_và_tên": "Hoàng Thị Lan", "Tên": "Lan", "Lớp": "5A"},
    ],
)
def test_a_name_is_whole_however_its_columns_are_cut(cells):
    line = pupil(**cells).line
    assert line and line.full_name == "Hoàng Thị Lan"


def test_one_word_and_six_word_names_are_names():
    for name in ("Páo", "Y Moan Êñuôl", "H'Hen Niê", "Nguyễn Hoàng Bảo Ngọc Minh Anh"):
        line = pupil(Họ_và_tên=name, Lớp="5A").line
        assert line and line.full_name == name


def test_without_a_name_or_a_class_the_row_is_refused():
    assert [(note.column, note.blocks) for note in pupil(Họ_và_tên="", Lớp="5A", Mã_HS="01").notes] == [("name", True)]
    assert [(note.column, note.blocks) for note in pupil(Họ_và_tên="Lan", Mã_HS="01").notes] == [("class", True)]
    assert pupil(Họ_và_tên="Lan", Lớp="06/02/2026").line is None


def test_what_else_cannot_be_read_is_a_doubt():
    reading = pupil(Họ_và_tên="Lan", Lớp="5A", Ngày_sinh="31/02/2014", Giới_tính="?x", Trạng_thái="Đi biển")
    assert reading.line == PupilLine("Lan", school_class=ClassName("5A", (5,)))
    assert [note.column for note in reading.notes] == ["born", "sex", "status"]


def test_an_identity_number_in_the_code_column_is_not_stored():
    reading = pupil(Họ_và_tên="Lan", Lớp="5A", Mã_định_danh="006214001234")
    assert reading.line and reading.line.student_code == ""
    assert "006214001234" not in repr(plain(reading))


def test_sex_may_be_a_mark_in_one_column_or_two():
    assert [line and line.sex for line in (pupil(Họ_và_tên="Lan", Lớp="5A", Nữ=mark).line for mark in ("x", ""))] == [
        "female",
        "male",
    ]
    assert [
        line and line.sex
        for line in (
            pupil(Họ_và_tên="Lan", Lớp="5A", Nam=nam, Nữ=nu).line for nam, nu in (("x", ""), ("", "x"), ("", ""))
        )
    ] == [
        "male",
        "female",
        None,
    ]


def test_the_grade_column_serves_a_class_without_one_and_is_doubted_against_another():
    lines = pupil(Họ_và_tên="Lan", Lớp="Hoa Ban", Khối="5"), pupil(Họ_và_tên="Lan", Lớp="5A", Khối="4")
    assert lines[0].line and lines[0].line.school_class == ClassName("Hoa Ban", (5,))
    assert lines[1].line and lines[1].line.school_class == ClassName("5A", (5,))
    assert [note.column for note in lines[1].notes] == ["grade"]


@pytest.mark.parametrize(
    ("sheet", "above", "name"),
    [
        ("5A", [], "5A"),
        ("Lớp 5A", [], "5A"),
        ("LOP_5A1", [], "5A1"),
        ("6.2", [], "6.2"),
        ("DS lớp 10A13", [], "10A13"),
        ("Sheet1", [["Lớp: 5A - GVCN: cô Hoa"]], "5A"),
        ("Sheet1", [["DANH SÁCH LỚP 5B NĂM HỌC 2025-2026"]], "5B"),
        ("Sheet1", [["Trường", "Lớp 6/2"]], "6/2"),
        ("Sheet1", [["Lớp ghép 1+2"]], "Ghép 1+2"),
        ("Sheet1", [], None),
        ("Trang tính1", [], None),
        ("Sheet 1", [], None),
        ("Tháng 9", [], None),
        ("Khối 5", [], None),
        ("2025-2026", [], None),
        ("DS", [["Năm học 2025-2026"]], None),
        ("4B", [["Lớp 5B"]], "5B"),
    ],
)
def test_the_class_of_a_sheet_is_read_from_its_name_or_the_line_above(sheet, above, name):
    hint = find_class_hint(sheet, as_rows(above))
    assert (hint.name if hint else None) == name


def test_what_is_private_and_what_is_stored_are_apart():
    assert not columns.PRIVATE & columns.STORED
    assert set(columns.VOCABULARY) == columns.PRIVATE | columns.STORED
