"""An Excel workbook that grows a chunk at a time, and goes on in another process.

A zip file is its parts one behind the other and a directory at the end, and packed data may end at any block: so rows
are packed chunk by chunk, and what must be remembered is a few numbers. Text is always text, in cells of the format
“text”: nothing that begins with “=” becomes a formula, not even when somebody presses Enter in the cell.
"""

import re
import struct
import zlib
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from xml.sax.saxutils import escape

from library.exports.things import Cell, Row

ROWS_A_SHEET = 100_000
"""Entries of one sheet: what our own importer takes; Excel would take ten times as many."""
LONGEST = 32_767  # characters of a cell
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_TEXT, _DAY, _HEAD = 1, 2, 3
_STYLES = f"""{_XML}<styleSheet xmlns="{_MAIN}"><numFmts count="1"><numFmt numFmtId="164" formatCode="dd/mm/yyyy"/></numFmts>\
<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts>\
<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>\
<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>\
<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>\
<cellXfs count="4"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>\
<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>\
<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>\
<xf numFmtId="49" fontId="1" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1" applyAlignment="1">\
<alignment vertical="top" wrapText="1"/></xf></cellXfs>\
<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>"""
_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_EPOCH = date(1899, 12, 30).toordinal()
_FLAGS = 0x0808  # lengths stand behind the part; names are UTF-8


class GrowingWorkbook:
    """Give it rows; put what it returns behind what it gave before. `state` is all it knows, in plain values."""

    def __init__(self, head: Sequence[str], sheet: str, state: dict[str, Any]) -> None:
        self.head, self.sheet, self.state = head, sheet, state
        self.letters = [_letters(at) for at in range(len(head))]
        self.widths = "".join(
            f'<col min="{at}" max="{at}" width="{_width(name)}" customWidth="1"/>' for at, name in enumerate(head, 1)
        )
        state.setdefault("at", 0)
        state.setdefault("parts", [])

    def begin(self) -> bytes:
        return b""

    def more(self, rows: Iterable[Row]) -> bytes:
        made = b""
        lines: list[str] = []
        for row in rows:
            if not self._open or self._open["rows"] >= ROWS_A_SHEET:
                made += self._pack("".join(lines)) + self._close_sheet() + self._open_sheet()
                lines = []
            self._open["rows"] += 1
            lines.append(self._line(self._open["rows"] + 1, row))
        return made + self._pack("".join(lines))

    def end(self) -> bytes:
        made = b"" if self._open or self.state["parts"] else self._open_sheet()
        made += self._close_sheet()
        for name, text in self._frame():
            made += self._begin_part(name) + self._pack(text) + self._end_part()
        return made + self._directory()

    # Sheets

    @property
    def _open(self) -> dict[str, Any]:
        found: dict[str, Any] = self.state.get("open", {})
        return found

    def _open_sheet(self) -> bytes:
        made = self._begin_part(f"xl/worksheets/sheet{len(self.state['parts']) + 1}.xml")
        self._open["rows"] = 0
        pane = '<sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView>'
        head = "".join(f'<c r="{at}1" s="{_HEAD}" t="inlineStr"><is><t>{escape(name)}</t></is></c>'
                       for at, name in zip(self.letters, self.head, strict=True))  # fmt: skip
        top = f'{_XML}<worksheet xmlns="{_MAIN}"><sheetViews>{pane}</sheetViews><cols>{self.widths}</cols><sheetData>'
        return made + self._pack(f'{top}<row r="1">{head}</row>')

    def _close_sheet(self) -> bytes:
        return self._pack("</sheetData></worksheet>") + self._end_part() if self._open else b""

    def _line(self, number: int, row: Row) -> str:
        cells = (
            _cell(f"{at}{number}", cell) for at, cell in zip(self.letters, row, strict=True) if cell not in (None, "")
        )
        return f'<row r="{number}">{"".join(cells)}</row>'

    # Parts of the zip

    def _begin_part(self, name: str) -> bytes:
        self.state["open"] = {"name": name, "offset": self.state["at"], "crc": 0, "size": 0, "packed": 0}
        head = struct.pack("<4s5H3I2H", b"PK\x03\x04", 20, _FLAGS, 8, 0, 0x21, 0, 0, 0, len(name), 0) + name.encode()
        self.state["at"] += len(head)
        return head

    def _pack(self, text: str) -> bytes:
        if not text:
            return b""
        data, packer = text.encode(), zlib.compressobj(6, zlib.DEFLATED, -15)
        return self._count(data, packer.compress(data) + packer.flush(zlib.Z_SYNC_FLUSH))

    def _count(self, data: bytes, packed: bytes) -> bytes:
        part = self._open
        part["crc"], part["size"] = zlib.crc32(data, part["crc"]), part["size"] + len(data)
        part["packed"] += len(packed)
        self.state["at"] += len(packed)
        return packed

    def _end_part(self) -> bytes:
        last = self._count(b"", zlib.compressobj(6, zlib.DEFLATED, -15).flush(zlib.Z_FINISH))
        part = self.state.pop("open")
        self.state["parts"].append(part)
        told = struct.pack("<4s3I", b"PK\x07\x08", part["crc"], part["packed"], part["size"])
        self.state["at"] += len(told)
        return last + told

    def _directory(self) -> bytes:
        made = b""
        for part in self.state["parts"]:
            name = part["name"].encode()
            lengths = (part["crc"], part["packed"], part["size"], len(name))
            made += struct.pack(
                "<4s6H3I5H2I", b"PK\x01\x02", 20, 20, _FLAGS, 8, 0, 0x21, *lengths, 0, 0, 0, 0, 0, part["offset"]
            )
            made += name
        many = len(self.state["parts"])
        return made + struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, many, many, len(made), self.state["at"], 0)

    def _frame(self) -> list[tuple[str, str]]:
        """What holds the sheets together."""
        many = range(1, len(self.state["parts"]) + 1)
        types = "".join(_part(f"worksheets/sheet{at}", "worksheet") for at in many)
        names = [self.sheet if len(many) == 1 else f"{self.sheet} {at}" for at in many]
        sheets = "".join(
            f'<sheet name="{escape(name)}" sheetId="{at}" r:id="rId{at}"/>' for at, name in enumerate(names, 1)
        )
        links = "".join(
            f'<Relationship Id="rId{at}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{at}.xml"/>' for at in many
        )
        styles = f'<Relationship Id="rId{len(many) + 1}" Type="{_OFFICE}/styles" Target="styles.xml"/>'
        office = f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/>'
        book = f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{sheets}</sheets></workbook>'
        kinds = f"{_BY_ENDING}{_part('workbook', 'sheet.main')}{_part('styles', 'styles')}{types}"
        return [
            ("xl/styles.xml", _STYLES),
            ("xl/workbook.xml", _XML + book),
            ("xl/_rels/workbook.xml.rels", _related(links + styles)),
            ("_rels/.rels", _related(office)),
            ("[Content_Types].xml", f'{_XML}<Types xmlns="{_PACKAGE}/content-types">{kinds}</Types>'),
        ]


def _part(name: str, sort: str) -> str:
    return f'<Override PartName="/xl/{name}.xml" ContentType="{_TYPE}.{sort}+xml"/>'


def _related(links: str) -> str:
    return f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">{links}</Relationships>'


_BY_ENDING = (
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
)


def _cell(at: str, cell: Cell) -> str:
    if isinstance(cell, int):
        return f'<c r="{at}"><v>{cell}</v></c>'
    if isinstance(cell, date):
        return f'<c r="{at}" s="{_DAY}"><v>{cell.toordinal() - _EPOCH}</v></c>'
    return f'<c r="{at}" s="{_TEXT}" t="inlineStr"><is><t xml:space="preserve">{_text(cell or "")}</t></is></c>'


def _text(text: str) -> str:
    return escape(_UNSEEN.sub("", text)[:LONGEST])


def _letters(at: int) -> str:
    return chr(65 + at) if at < 26 else _letters(at // 26 - 1) + chr(65 + at % 26)


def _width(name: str) -> int:
    return {"Nhan đề": 44, "Họ và tên": 28, "Tóm tắt": 40, "Tác giả": 26, "Số ĐKCB": 20}.get(
        name, max(10, len(name) + 2)
    )
