"""The appendix as a unit sends it and as all units together: Word, PDF, Excel, CSV tell the same."""

import csv
from io import BytesIO, StringIO

import docx
import openpyxl
import pypdfium2
import pytest
from flask import Flask
from flask.testing import FlaskClient

from library.accounts.models import RoleName
from library.reports.campaign_models import Campaign
from library.reports.sheets import Told
from library.uses.happenings import Measure
from tests.support import campaigns as made
from tests.support.campaigns import happened, launched, officer, schools, sheet_of
from tests.support.people import account, commit, sign_in
from tests.support.world import World

FORMULA = "=HYPERLINK(1)"


@pytest.fixture
def told(world: World) -> Campaign:
    """Two of three schools are accepted; one says more gifts than the machine counted, and why."""
    units = schools(world, 3)
    account(world, "ha", RoleName.LIBRARIAN, units[0])
    officer(world)
    campaign = launched(world, units)
    for unit in units[:2]:
        happened(world, unit, Measure.GIFT_COPIES, 1214)
        happened(world, unit, Measure.EVENT, 1, sort="launch")
    more = Told(stated=1236, reason="not-entered", note=FORMULA)
    made.sent(world, campaign, units[0], G=more, M=18_230_000, T=Told(words="Đọc sách cùng con"))
    made.accept(world, campaign, units[0])
    made.accepted(world, campaign, units[1])
    commit()
    return campaign


def taken(client: FlaskClient, address: str) -> bytes:
    answer = client.get(address)
    assert answer.status_code == 200, answer.get_data(as_text=True)[:2000]
    return answer.get_data()


def rows_of_word(data: bytes) -> list[list[str]]:
    table = docx.Document(BytesIO(data)).tables[1]
    return [[cell.text for cell in row.cells] for row in table.rows]


def text_of(pdf: bytes) -> str:
    return " ".join(" ".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf)).split())


def test_all_units_together(app: Flask, told: Campaign) -> None:
    bien, address = sign_in(app, "bien"), f"/reports/campaigns/{told.uid}/appendix"
    rows = rows_of_word(taken(bien, f"{address}.docx"))
    assert rows[0] == ["STT", "Nội dung", "Đơn vị tính", "Kết quả", "Ghi chú"]
    assert rows[1:4] == [
        ["1", "Lễ phát động", "buổi", "2", ""], ["", "Người dự", "người", "0", ""],
        ["2", "Đơn vị hưởng ứng", "đơn vị", "2/3", ""],
    ]  # fmt: skip
    assert [row[3] for row in rows[4:7]] == ["2.450", "0", "18.230.000"]
    assert rows[7][4].endswith(": Đọc sách cùng con")
    pdf = text_of(taken(bien, f"{address}.pdf"))
    for words in ("PHỤ LỤC", "Độc lập - Tự do - Hạnh phúc", "Kết quả Tuần lễ học tập", "18.230.000", "2/3 đơn vị"):
        assert words in pdf
    sheet = openpyxl.load_workbook(BytesIO(taken(bien, f"{address}.xlsx"))).active
    assert sheet is not None
    cells = [list(row) for row in sheet.iter_rows(values_only=True)]
    head = cells.index(["STT", "Nội dung", "Đơn vị tính", "Kết quả", "Ghi chú"])
    assert cells[0][0] == "Phụ lục: kết quả Tuần lễ học tập" and "2/3 đơn vị" in str(cells[3][0])
    assert [row[3] for row in cells[head + 1 : head + 7]] == [2, 0, "2/3", 2450, 0, 18_230_000]
    assert sheet.cell(head + 7, 4).number_format == "#,##0" and sheet.column_dimensions["B"].width > 15
    lines = list(csv.reader(StringIO(taken(bien, f"{address}.csv").decode("utf-8-sig"))))
    assert [line[3] for line in lines[1:7]] == ["2", "0", "2/3", "2450", "0", "18230000"]
    assert bien.get(f"{address}.exe").status_code == 404


def test_one_unit(app: Flask, world: World, told: Campaign) -> None:
    ha, sheet = sign_in(app), sheet_of(world, told, schools(world, 3)[0])
    address = f"/reports/sheets/{sheet.uid}/appendix"
    rows = rows_of_word(taken(ha, f"{address}.docx"))
    assert rows[4] == ["3", "Sách quyên góp", "quyển", "1.236", f"Máy đếm 1.214 (+22): Chưa kịp nhập máy, {FORMULA}"]
    assert rows[3][3] == "có"
    assert rows[7] == ["6", "Chuyên đề", "", "Đọc sách cùng con", ""]
    assert "Trường Tiểu học số 01".upper() in text_of(taken(ha, f"{address}.pdf"))
    assert ha.get(f"/reports/campaigns/{told.uid}/appendix.docx").status_code in (403, 404)
    other = sheet_of(world, told, schools(world, 3)[1])
    assert ha.get(f"/reports/sheets/{other.uid}/appendix.docx").status_code == 404
