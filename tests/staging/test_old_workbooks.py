"""Workbooks of Excel 97–2003, and web pages called .xls: read like the others, and broken ones refused in a sentence.

`lop5.xls` was saved by a spreadsheet program from two shown sheets and a hidden one.
"""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from library.staging import old_workbooks
from library.staging.sources import open_table
from library.staging.tables import Row, UnreadableFile

FILE = Path(__file__).parent.parent / "fixtures" / "staging" / "lop5.xls"
WHOLE = FILE.read_bytes()


def rows(content: bytes, sheet: str = "") -> list[Row]:
    with open_table(content, "danh-sach.xls") as table:
        return list(table.rows(sheet or table.sheets[0]))


def test_cells_come_as_a_person_would_have_typed_them() -> None:
    found = {row.number: row.cells for row in rows(WHOLE, "5A")}
    assert found[1] == ("TRƯỜNG TIỂU HỌC XUẤT HÓA",)
    assert found[4] == ("1", "0100000011", "Giàng A Páo", "05/03/2016", "Nam", "8.5", "TRUE")
    assert found[6][0] == "007", "a number shown with zeros keeps them"
    assert found[6][5] == "17", "a formula comes with its result"
    assert 2 not in found, "blank rows are never made"


def test_an_error_value_is_told_as_unread() -> None:
    (row,) = [row for row in rows(WHOLE, "5A") if row.number == 5]
    assert (row.cells[5], row.unread) == ("", (5,))


def test_hidden_sheets_are_left_out() -> None:
    with open_table(WHOLE, "lop5.xls") as table:
        assert table.sheets == ("5A", "5B")
        assert table.size("5B") == 2


def test_a_heavy_one_is_refused_before_it_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(old_workbooks, "MAX_OLD", 2**12)
    with pytest.raises(UnreadableFile, match="unreadable-file") as told:
        rows(WHOLE)
    assert "lưu thành .xlsx" in told.value.sentence


@given(st.integers(8, len(WHOLE) - 1))
@settings(max_examples=60, deadline=None)
def test_a_file_cut_short_is_read_or_refused_in_a_sentence(length: int) -> None:
    try:
        assert all(isinstance(row, Row) for row in rows(WHOLE[:length]))
    except UnreadableFile as told:
        assert told.sentence


@given(st.lists(st.tuples(st.integers(512, len(WHOLE) - 1), st.integers(0, 255)), min_size=1, max_size=8))
@settings(max_examples=120, deadline=None)
def test_spoilt_bytes_never_break_the_reader(spoilt: list[tuple[int, int]]) -> None:
    content = bytearray(WHOLE)
    for place, value in spoilt:
        content[place] = value
    try:
        rows(bytes(content))
    except UnreadableFile as told:
        assert told.sentence


def test_sectors_in_a_ring_are_refused_before_they_fill_the_memory() -> None:
    """Found by chance: read on for ever, 22 GB in a minute."""
    content = bytearray(WHOLE)
    content[582], content[1700] = 191, 37
    with pytest.raises(UnreadableFile):
        rows(bytes(content))


PAGE = """<html><meta charset="utf-8"><style>td { color: red }</style><table>
<tr><th>STT<th colspan=2>Họ &amp; tên</tr><tr><td>1</td><td>Giàng<br>A Páo</td><td>5A</td></tr><tr><td>2<td>Lý  Thị
Chi</table>"""


def test_a_web_page_with_a_table_is_a_list() -> None:
    found = [row.cells for row in rows(PAGE.encode())]
    assert found == [("STT", "Họ & tên"), ("1", "Giàng A Páo", "5A"), ("2", "Lý Thị Chi")]


def test_a_page_in_utf_16_or_cut_inside_a_letter_is_read_too() -> None:
    assert [row.cells for row in rows(PAGE.encode("utf-16"))] == [row.cells for row in rows(PAGE.encode())]
    long = PAGE.replace("</table>", "".join(f"<tr><td>{n}<td>Nguyễn Thị Ngọc Ánh" for n in range(9000)) + "</table>")
    assert {row.cells[1] for row in rows(long.encode())[3:]} == {"Nguyễn Thị Ngọc Ánh"}


def test_a_page_of_endless_cells_is_refused() -> None:
    wide = b"<table>" + b"<tr>" + b"<td colspan=256>x" * 12_000
    with pytest.raises(UnreadableFile):
        rows(wide)
