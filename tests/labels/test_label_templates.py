"""What a template makes of a label: lines in their order and sizes, the band, what is left out when room is short."""

from dataclasses import replace

import pytest
from PIL import Image

from library.labels import fonts, words
from library.labels.cells import BAND, SIDE_BAND
from library.labels.paper import paper_by_code
from library.labels.sheet import LabelText, Level, label_sheets
from library.labels.templates import SHIPPED, Part, Stack, Template, as_plain, from_plain, lines
from tests.labels import paper_seen as seen

LABEL = LabelText(
    "200420000019", "TN.00627", "Dế Mèn phiêu lưu ký", "Thư viện Trường Tiểu học Xuất Hóa", "895.9223", "D250M",
    Level(2, "Đỏ", "#C8323A", "R"), "Tô Hoài", "Kho thiếu nhi",
)  # fmt: skip
POCKET = paper_by_code("cuon-1x100x50")


def said(template, paper, label=LABEL):
    (page,) = seen.texts(label_sheets([label], paper, template=template))
    return [line.strip() for line in page.splitlines() if line.strip()]


def test_lines_stand_in_the_order_they_were_given():
    upside_down = Template("x", "x", (Stack(lines(Part.ACCESSION, Part.BARS, Part.TITLE, Part.LIBRARY)),))
    assert said(upside_down, POCKET) == ["TN.00627", "Dế Mèn phiêu lưu ký", "TV TRƯỜNG TH XUẤT HÓA"]
    assert said(SHIPPED["pocket"], POCKET) == [
        "TV TRƯỜNG TH XUẤT HÓA", "Dế Mèn phiêu lưu ký", "Tô Hoài", "895.9223 D250M", "TN.00627", "Kho thiếu nhi",
    ]  # fmt: skip


def test_a_line_has_the_size_it_was_given():
    template = Template("x", "x", (Stack(lines((Part.ACCESSION, 8.0), Part.BARS)),))
    (page,) = seen.pages(label_sheets([replace(LABEL, accession="11111")], POCKET, template=template), 300)
    grey = page.convert("L")
    rows = [min(grey.crop((0, y, grey.width, y + 1)).tobytes()) < 128 for y in range(grey.height)]
    top = rows.index(True)
    high = rows[top:].index(False) * 25.4 / 300
    assert high == pytest.approx(8.0 * fonts.CAP, abs=0.2)


def test_a_logo_stands_for_the_library():
    assert "TỦ 5A" in said(replace(SHIPPED["barcode"], logo="Tủ 5A"), POCKET)
    assert not any("XUẤT HÓA" in line for line in said(replace(SHIPPED["both"], logo="Tủ 5A"), paper_by_code("a4-21")))


def test_what_a_low_label_has_no_room_for_goes_in_a_fixed_order():
    low = replace(POCKET, label_h=28.0, page_h=28.0)
    kept = said(SHIPPED["pocket"], low)
    assert {"895.9223 D250M", "TN.00627"} <= set(kept)
    assert "Kho thiếu nhi" not in kept
    assert seen.by_zxing(next(seen.pages(label_sheets([LABEL], low, template=SHIPPED["pocket"])))) == [LABEL.payload]


@pytest.mark.parametrize(("paper", "upright"), [("gay-30x50", False), ("avery-8651", True)])
def test_the_band_stands_where_it_should_to_two_tenths_of_a_millimetre(paper, upright):
    sheet = replace(paper_by_code(paper), cut=False)
    (page,) = seen.pages(label_sheets([LABEL] * sheet.per_page, sheet, template=SHIPPED["spine"]), 300)
    for cell in sheet.cells():
        if upright:
            strip = seen.crop(page, 300, cell.x - 1, cell.y + 1, SIDE_BAND + 2, 0.1)
            first, last = _dark_from_to(strip.convert("L").crop((0, 0, strip.width, 1)))
            assert (first - 1, last - 1) == pytest.approx((0, SIDE_BAND), abs=0.2)
        else:
            strip = seen.crop(page, 300, cell.x + 0.5, cell.y + 1, 0.1, sheet.label_h - 1).convert("L")
            first, last = _dark_from_to(strip.crop((0, 0, 1, strip.height)).transpose(Image.Transpose.TRANSPOSE))
            assert (first + 1, last + 1) == pytest.approx((sheet.label_h - BAND, sheet.label_h), abs=0.2)


def _dark_from_to(row):
    """Millimetres to the first dot that is no paper, and behind the last one."""
    dots = [pixel < 160 for pixel in row.tobytes()]
    return dots.index(True) * 25.4 / 300, (len(dots) - dots[::-1].index(True)) * 25.4 / 300


def test_the_band_tells_the_level_three_ways():
    spine = said(SHIPPED["spine"], paper_by_code("gay-30x50"))
    assert "R · Đỏ" in spine or "R · Đỏ" in " ".join(spine)
    assert "2" in " ".join(spine).replace("TN.00627", "").replace("895.9223", "").replace("D250M", "")
    beside = " ".join(said(SHIPPED["spine"], paper_by_code("avery-8651")))
    assert " R " in f" {beside} "


def test_without_a_level_there_is_no_band_and_the_lines_take_its_room():
    bare = replace(LABEL, level=None)
    (page,) = seen.pages(label_sheets([bare], paper_by_code("avery-8651"), template=SHIPPED["spine"]), 300)
    cell = paper_by_code("avery-8651").cells()[0]
    strip = seen.crop(page, 300, cell.x, cell.y, 2, 21)
    assert seen.dark_share(strip) == 0.0


def test_templates_go_into_a_column_and_come_back():
    for template in SHIPPED.values():
        assert from_plain(as_plain(template.cells)) == template.cells
    assert from_plain([{"lines": [["bars", 0], ["gone", 2]], "band": False}]) == (Stack(lines(Part.BARS)),)


def test_titles_are_cut_between_words_and_a_long_word_between_letters():
    room = fonts.width("Những cuộc phiêu lưu", fonts.REGULAR, 2.0)
    assert words.cut("Những cuộc phiêu lưu kỳ thú", fonts.REGULAR, 2.0, room) == "Những cuộc phiêu…"
    one = words.cut("Nghiêngngảnghiêngngả", fonts.REGULAR, 2.0, 10)
    assert one.endswith("…")
    assert "Nghiêngngảnghiêngngả".startswith(one[:-1])


def test_a_librarys_long_name_is_abbreviated_before_it_is_cut():
    name = "Thư viện Trường Phổ thông dân tộc bán trú Tiểu học và Trung học cơ sở Vũ Loan"
    assert words.named(name, fonts.REGULAR, 2.7, 54) == "TV Trường PTDTBT TH&THCS Vũ Loan"
    assert words.named("Thư viện tỉnh", fonts.REGULAR, 2.7, 54) == "Thư viện tỉnh"
