"""Every symbology, on every surface, whole and damaged: two readers read what was meant; quiet zones are measured."""

from dataclasses import replace

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from pyzbar import pyzbar

from library.labels import barcodes, plates, squares, zpl
from library.labels.barcodes import Symbology, UnprintableBarcode
from library.labels.ink import Square
from library.labels.paper import Offset, paper_by_code
from library.labels.plates import PLATES, PlateText
from library.labels.sheet import LabelText, label_sheets
from library.labels.templates import SHIPPED
from library.organisations import codes
from library.organisations.models import CodeKind
from tests.labels import damage, zpl_seen
from tests.labels import paper_seen as seen

ZXING = {
    Symbology.CODE128: zxingcpp.BarcodeFormat.Code128, Symbology.CODE39: zxingcpp.BarcodeFormat.Code39,
    Symbology.EAN13: (zxingcpp.BarcodeFormat.EAN13, zxingcpp.BarcodeFormat.UPCA), Symbology.QR: zxingcpp.BarcodeFormat.QRCode,
}  # fmt: skip
ZBAR = {
    Symbology.CODE128: pyzbar.ZBarSymbol.CODE128, Symbology.CODE39: pyzbar.ZBarSymbol.CODE39,
    Symbology.EAN13: pyzbar.ZBarSymbol.EAN13, Symbology.QR: pyzbar.ZBarSymbol.QRCODE,
}  # fmt: skip


def read(image, symbology):
    """By both readers, sorted; an EAN's leading nought may be left out, as scanners do."""
    first = [one.text for one in zxingcpp.read_barcodes(image, formats=ZXING[symbology], try_downscale=False)]
    second = [one.data.decode() for one in pyzbar.decode(image, symbols=[ZBAR[symbology]])]
    size = 13 if symbology == Symbology.EAN13 else 0
    return sorted(one.zfill(size) for one in first), sorted(one.zfill(size) for one in second)


def payloads(count):
    return [codes.payload(CodeKind.ITEM, 42, serial + 1) for serial in range(count)]


def wanted(payload, symbology):
    return payload.zfill(13) if symbology == Symbology.EAN13 else payload


def labels_of(count, symbology):
    numbers = [f"TK.{at:05}" for at in range(count)] if symbology == Symbology.CODE39 else payloads(count)
    return [LabelText(text, f"TK.{at:05}", "Cây khế", "TV") for at, text in enumerate(numbers)]


@pytest.mark.parametrize("dpi", [203, 300])
@pytest.mark.parametrize("symbology", list(Symbology))
def test_two_readers_read_a_whole_sheet_however_it_was_damaged(symbology, dpi):
    paper, template = paper_by_code("zweckform-3474"), replace(SHIPPED["barcode"], symbology=symbology)
    labels = labels_of(24, symbology)
    (page,) = seen.pages(label_sheets(labels, paper, template=template), dpi)
    meant = sorted(wanted(label.payload, symbology) for label in labels)
    cells = [seen.of_cell(page, dpi, paper, cell) for cell in paper.cells()]
    for hurt in (lambda image: image, *(damage.ALL if symbology == Symbology.QR else damage.BARS)):
        by_zxing, by_zbar = zip(*(read(hurt(cell), symbology) for cell in cells), strict=True)
        assert sorted(text for found in by_zxing for text in found) == meant, hurt
        assert sorted(text for found in by_zbar for text in found) == meant, hurt


@pytest.mark.parametrize("dpi", [203, 300])
def test_the_narrowest_roll_is_read_however_it_was_damaged(dpi):
    paper, labels = paper_by_code("cuon-3x35x22"), labels_of(9, Symbology.CODE128)
    found = ([], [])
    for hurt in damage.BARS:
        for page in seen.pages(label_sheets(labels, paper), dpi):
            for cell in paper.cells():
                for all_, some in zip(
                    found, read(hurt(seen.of_cell(page, dpi, paper, cell)), Symbology.CODE128), strict=True
                ):
                    all_.extend(some)
    meant = sorted(label.payload for label in labels * len(damage.BARS))
    assert sorted(found[0]) == sorted(found[1]) == meant


def test_the_damage_is_one_that_could_spoil_a_code():
    """Twice as much of it does."""
    paper, labels = paper_by_code("avery-8651"), labels_of(65, Symbology.CODE128)
    (page,) = seen.pages(label_sheets(labels, paper), 203)
    spoiled = [seen.of_cell(damage.blurred(page, 2.4), 203, paper, cell) for cell in paper.cells()]
    assert sum(bool(read(cell, Symbology.CODE128)[0]) for cell in spoiled) < 65


@pytest.mark.parametrize("symbology", [Symbology.CODE128, Symbology.CODE39, Symbology.EAN13])
def test_quiet_zones_of_bars_are_ten_modules_on_paper(symbology):
    paper, template = paper_by_code("zweckform-3474"), replace(SHIPPED["barcode"], symbology=symbology)
    label = labels_of(1, symbology)[0]
    (page,) = seen.pages(label_sheets([label], paper, template=template), 600)
    left, bars, right = seen.bars_span(seen.of_cell(page, 600, paper, paper.cells()[0]), 600)
    modules = len(barcodes.modules(label.payload, symbology))
    module = bars / modules
    assert module == pytest.approx(round(module / 0.25) * 0.25, abs=0.005)
    assert min(left, right) >= 10 * module
    assert left == pytest.approx(right, abs=0.2)


def test_quiet_zone_of_a_square_is_four_modules_on_paper():
    paper, template = paper_by_code("zweckform-3474"), replace(SHIPPED["barcode"], symbology=Symbology.QR)
    label = LabelText(payloads(1)[0], "I", "", "")
    (page,) = seen.pages(label_sheets([label], paper, template=template), 600)
    cell = seen.of_cell(page, 600, paper, paper.cells()[0]).convert("L")
    rows = [cell.crop((0, y, cell.width, y + 1)).tobytes() for y in range(cell.height)]
    dark = [any(pixel < 128 for pixel in row) for row in rows]
    first = dark.index(True)
    side = next(at for at in range(first, len(dark)) if not dark[at]) - first
    module, below = side / 21, next(at for at in range(first + side, len(dark)) if dark[at]) - first - side
    assert module * 25.4 / 600 >= 0.375 - 0.005
    assert min(first, below) >= 4 * module
    columns = [min(row[x] for row in rows[first : first + side]) < 128 for x in range(cell.width)]
    assert min(columns.index(True), columns[::-1].index(True)) >= 4 * module


@pytest.mark.parametrize(
    ("payload", "symbology"),
    [("8935244801235", Symbology.EAN13), ("123456789013", Symbology.EAN13), ("12345", Symbology.EAN13),
     ("tk.1", Symbology.CODE39), ("Đ1", Symbology.CODE39), ("", Symbology.QR), ("Đ1", Symbology.QR)],
)  # fmt: skip
def test_what_a_symbology_cannot_hold_is_refused(payload, symbology):
    with pytest.raises(UnprintableBarcode):
        squares.matrix(payload) if symbology == Symbology.QR else barcodes.modules(payload, symbology)


def test_our_own_codes_are_right_upcs():
    """So twelve digits and a nought before them are an EAN-13 without another check digit."""
    assert all(barcodes.thirteen(one) == "0" + one for one in payloads(200))


@settings(max_examples=80, deadline=None)
@given(st.integers(1, 999_999), st.integers(1, 9999))
def test_the_short_code_is_eight_digits_with_a_check(serial, library):
    short = codes.short(codes.payload(CodeKind.ITEM, library, serial))
    assert (len(short), short[1:7]) == (8, f"{serial:06}")
    assert codes.check_digit(short[:-1]) == short[-1]
    assert barcodes.width_mm(short) == pytest.approx(24.75)


def test_a_square_too_large_for_its_label_says_by_how_much():
    with pytest.raises(UnprintableBarcode, match="thiếu 2,9 mm") as refused:
        squares.module_for("200420000019", 8.0)
    assert refused.value.missing_mm == pytest.approx(2.875)


def test_plates_are_read_by_both_readers_and_say_their_names():
    names = ["Kho sách", "Lớp 5A", "Thùng 12", "Nà Phặc", "Trường Phổ thông dân tộc bán trú Thượng Quan"]
    some = [
        PlateText(payloads(5)[at], "Kệ sách", name, "Thư viện Trường Tiểu học Xuất Hóa")
        for at, name in enumerate(names)
    ]
    pdf = plates.plate_sheets(some)
    (said,) = seen.texts(pdf)
    assert all(word in said for name in names for word in name.split())
    for dpi in (203, 300):
        (page,) = seen.pages(pdf, dpi)
        for hurt in (lambda image: image, *damage.ALL):
            found = [read(hurt(seen.of_cell(page, dpi, PLATES, cell)), Symbology.QR) for cell in PLATES.cells()[:5]]
            assert found == [([one.payload], [one.payload]) for one in some], (dpi, hurt)


def test_a_plate_keeps_its_quiet_zone_from_its_words():
    for mark in plates.plate_marks(PlateText(payloads(1)[0], "Kệ", "Kho", "TV")):
        if isinstance(mark, Square):
            square, side = mark, 21 * mark.module
    others = [mark for mark in plates.plate_marks(PlateText(payloads(1)[0], "Kệ", "Kho", "TV")) if mark != square]
    assert min(square.x, square.y) >= 4 * square.module
    assert min(mark.x for mark in others if mark.align == "left") >= square.x + side + 4 * square.module - 1e-9


# Label printers


@pytest.mark.parametrize("dpi", [203, 300])
@pytest.mark.parametrize("code", ["cuon-3x35x22", "cuon-2x50x30", "cuon-1x100x50"])
@pytest.mark.parametrize("symbology", [Symbology.CODE128, Symbology.EAN13, Symbology.QR])
def test_a_label_printers_job_is_read_by_both_readers(code, dpi, symbology):
    paper, template = paper_by_code(code), replace(SHIPPED["barcode"], symbology=symbology)
    labels = labels_of(5, symbology)
    rows = zpl_seen.formats(zpl.zpl(labels, paper, template, dpi))
    assert len(rows) == -(-5 // paper.cols)
    found = [read(row.convert("RGB"), symbology) for row in rows]
    meant = sorted(wanted(label.payload, symbology) for label in labels)
    assert sorted(text for one, _ in found for text in one) == meant
    assert sorted(text for _, one in found for text in one) == meant


@settings(max_examples=80, deadline=None)
@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=12))
def test_every_character_reaches_the_label_printer(payload):
    field = f"^FO40,4^BY2,3,60^BCN,60,N,N,N,N^FD{zpl.switched(payload)}^FS"
    (image,) = zpl_seen.formats(f"^XA^PW900^LL70^LS0^LT0{field}^XZ")
    assert seen.by_zxing(image.convert("RGB")) == [payload]


def test_code_39_by_a_label_printer():
    template = replace(SHIPPED["barcode"], symbology=Symbology.CODE39)
    (row,) = zpl_seen.formats(zpl.zpl(labels_of(1, Symbology.CODE39), paper_by_code("cuon-1x100x50"), template))
    assert read(row.convert("RGB"), Symbology.CODE39)[0] == ["TK.00000"]


def test_bars_of_a_label_printer_are_whole_dots_and_stand_where_the_page_has_them():
    paper, label = paper_by_code("cuon-2x50x30"), labels_of(1, Symbology.CODE128)
    (row,) = zpl_seen.formats(zpl.zpl(label, paper, SHIPPED["barcode"]))
    (page,) = seen.pages(label_sheets(label, paper), 203)
    first = paper.cells()[0]
    by_dots = seen.bars_span(seen.crop(row, 203.2, first.x, 0, paper.label_w, 30), 203.2)
    on_page = seen.bars_span(seen.of_cell(page, 203, paper, first), 203)
    assert by_dots == pytest.approx(on_page, abs=0.2)
    assert {wide % 2 for _, wide in seen.bar_row(row.crop((0, 0, 400, row.height)))[1:-1]} == {0}


def test_a_label_printers_offset_moves_everything():
    paper, label = paper_by_code("cuon-1x100x50"), labels_of(1, Symbology.CODE128)
    plain, moved = (
        zpl_seen.formats(zpl.zpl(label, paper, SHIPPED["barcode"], offset=offset))[0]
        for offset in (None, Offset(2.0, 1.5))
    )
    assert (
        moved.crop((16, 12, moved.width, moved.height)).tobytes()
        == plain.crop((0, 0, plain.width - 16, plain.height - 12)).tobytes()
    )


def test_words_of_a_label_printer_are_those_of_the_page():
    """The same picture as on the screen at the printer's own dots, bars aside."""
    paper = paper_by_code("cuon-1x100x50")
    (with_title,) = zpl_seen.formats(
        zpl.zpl([LabelText(payloads(1)[0], "TK.1", "Đường kỳ ngoằn ngoèo", "TV")], paper, SHIPPED["barcode"])
    )
    (without,) = zpl_seen.formats(zpl.zpl([LabelText(payloads(1)[0], "TK.1", "", "TV")], paper, SHIPPED["barcode"]))
    assert sum(pixel < 128 for pixel in with_title.tobytes()) > sum(pixel < 128 for pixel in without.tobytes()) + 500


def test_sheets_are_no_rolls_and_a_row_may_begin_later():
    with pytest.raises(ValueError, match="rolls"):
        zpl.zpl(labels_of(1, Symbology.CODE128), paper_by_code("a4-21"), SHIPPED["barcode"])
    paper = paper_by_code("cuon-3x35x22")
    rows = zpl_seen.formats(zpl.zpl(labels_of(2, Symbology.CODE128), paper, SHIPPED["barcode"], skip=2))
    assert [len(seen.by_zxing(row.convert("RGB"))) for row in rows] == [1, 1]
