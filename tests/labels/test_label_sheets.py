import io
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from library.documents import faces
from library.labels import fonts, words
from library.labels.barcodes import UnprintableBarcode
from library.labels.levels import Level, ink_on
from library.labels.paper import Offset, paper_by_code, papers
from library.labels.sheet import LabelText, label_sheets, png
from library.labels.templates import SHIPPED
from tests.labels import paper_seen as seen

SHEET = paper_by_code("avery-8651")
SYLLABLES = ["Nguyễn", "ưỡn", "ặng", "Đường", "kỳ", "ễ", "thuở", "Quyển", "ngoằn", "ngoèo", "a"]


@pytest.mark.parametrize("dpi", [300, 203])
@pytest.mark.parametrize("code", ["avery-8651", "zweckform-3474"])
def test_two_readers_read_every_label_of_a_full_sheet(copies, code, dpi):
    paper = paper_by_code(code)
    labels = copies(paper.per_page)
    (page,) = seen.pages(label_sheets(labels, paper), dpi)
    wanted = [label.payload for label in labels]
    assert seen.by_zxing(page) == wanted
    assert seen.by_zbar(page) == wanted


@pytest.mark.parametrize("code", [paper.code for paper in papers()[:12] if paper.label_w > 30.25])
def test_every_common_paper_carries_our_codes(copies, code):
    paper = paper_by_code(code)
    labels = copies(paper.per_page)
    (page,) = seen.pages(label_sheets(labels, paper), 203)
    assert seen.by_zxing(page) == [label.payload for label in labels]


def test_120_labels_on_a_half_used_sheet(copies):
    labels = copies(120)
    found = [seen.by_zxing(page) for page in seen.pages(label_sheets(labels, SHEET, skip=33), 203)]
    assert [len(page) for page in found] == [32, 65, 23]
    assert sorted(code for page in found for code in page) == [label.payload for label in labels]


def test_skipped_labels_stay_white_and_the_next_is_printed(copies):
    (page,) = seen.pages(label_sheets(copies(1), SHEET, skip=12), 300)
    shares = [seen.dark_share(seen.of_cell(page, 300, SHEET, cell)) for cell in SHEET.cells()]
    assert shares[12] > 0.05
    assert set(shares[:12] + shares[13:]) == {0.0}


def test_bars_stand_within_two_tenths_of_a_millimetre(copies):
    (page,) = seen.pages(label_sheets(copies(65), SHEET), 300)
    wide = 101 * 0.25
    for cell in SHEET.cells():
        left, bars, right = seen.bars_span(seen.crop(page, 300, cell.x, cell.y, 38.1, 21.2), 300)
        assert left == pytest.approx((38.1 - wide) / 2, abs=0.2)
        assert bars == pytest.approx(wide, abs=0.2)
        assert min(left, right) >= 10 * 0.25


def test_modules_keep_their_width(copies):
    (page,) = seen.pages(label_sheets(copies(1), SHEET), 1200)
    row = seen.bar_row(seen.crop(page, 1200, 4.699, 10.901, 38.1, 21.2))[1:-1]
    assert all(px * 25.4 / 1200 / 0.25 == pytest.approx(round(px * 25.4 / 1200 / 0.25), abs=0.15) for _, px in row)


@pytest.mark.parametrize(("payload", "room"), [("TK.00123", 3.4), ("00123456", 2.5)])
def test_the_narrowest_roll_leaves_the_quiet_zones(payload, room):
    paper = paper_by_code("cuon-3x35x22")
    label = LabelText(payload, "TK.00123", "Một nhan đề dài cho hết chiều ngang của nhãn này và hơn nữa", "TV")
    (page,) = seen.pages(label_sheets([label], paper), 300)
    left, _, right = seen.bars_span(seen.of_cell(page, 300, paper, paper.cells()[0]), 300)
    assert min(left, right) >= room


def test_an_offset_moves_and_scales_the_whole_page(copies):
    offset = Offset(1.5, -2.0, 1.01)
    (page,) = seen.pages(label_sheets(copies(65), SHEET, offset=offset), 300)
    for cell in (SHEET.cells()[0], SHEET.cells()[-2]):
        x, y = cell.x * 1.01 + 1.5, cell.y * 1.01 - 2.0
        left, bars, _ = seen.bars_span(seen.crop(page, 300, x, y, 38.1, 21.2), 300)
        assert left == pytest.approx((38.1 - 25.25) / 2 * 1.01, abs=0.2)
        assert bars == pytest.approx(25.25 * 1.01, abs=0.2)


def test_figures_of_the_accession_number_are_three_millimetres_high():
    label = LabelText("120042000123", "11111", "", "")
    (page,) = seen.pages(label_sheets([label], SHEET), 300)
    cell = seen.of_cell(page, 300, SHEET, SHEET.cells()[0]).convert("L")
    rows = [any(px < 128 for px in cell.crop((0, y, cell.width, y + 1)).tobytes()) for y in range(cell.height)]
    last = max(y for y, dark in enumerate(rows) if dark)
    first = max(y for y in range(last) if not rows[y]) + 1
    assert (last - first + 1) * 25.4 / 300 == pytest.approx(3.0, abs=0.15)


def test_the_words_can_be_copied_from_the_page_and_the_font_is_inside(copies):
    pdf = label_sheets(copies(5), SHEET)
    (said,) = seen.texts(pdf)
    for line in ("TV TRƯỜNG TH XUẤT HÓA", "Dế Mèn phiêu lưu ký", "TN.00001", "Mười vạn câu hỏi vì sao"):
        assert line in said
    assert pdf.count(b"/FontFile2") == pdf.count(b"/TrueType") == 2
    assert b"BeVietnamPro-SemiBold" in pdf
    assert b"Helvetica" not in pdf


def test_a_barcode_too_wide_for_its_label_says_by_how_much():
    label = LabelText("THUVIENTINHBACKAN.0001234", "TK.1", "Cây khế", "TV")
    with pytest.raises(UnprintableBarcode, match="thiếu") as refused:
        label_sheets([label], SHEET)
    assert refused.value.missing_mm == pytest.approx(38.9)


def test_a_label_too_low_for_bars_is_refused_for_its_height():
    with pytest.raises(UnprintableBarcode, match="quá thấp"):
        label_sheets([LabelText("120042000123", "TK.1", "", "TV")], paper_by_code("hisago-op3012"))


def test_low_labels_leave_words_out_but_never_bars(copies):
    paper = paper_by_code("hisago-cjh902s")
    (page,) = seen.pages(label_sheets(copies(60), paper), 300)
    assert len(seen.by_zxing(page)) == 60


def test_with_both_each_copy_has_its_spine_label_beside_its_barcode(copies):
    pdf = label_sheets(copies(12), paper_by_code("zweckform-3474"), template=SHIPPED["both"])
    (page,) = seen.pages(pdf)
    (said,) = seen.texts(pdf)
    assert len(seen.by_zxing(page)) == 12
    assert said.count("895.9223") == said.count("D250M") == 12
    assert said.count("TN.00003") == 2


def test_spine_labels_carry_no_bars(copies):
    pdf = label_sheets(copies(30), paper_by_code("gay-30x50"), template=SHIPPED["spine"])
    (page,) = seen.pages(pdf, 203)
    assert seen.by_zxing(page) == []
    assert seen.texts(pdf)[0].count("Vàng") == 30


def test_a_spine_label_manages_without_marks_and_level():
    label = LabelText("120042000123", "TN.00627", "Cây khế", "Thư viện Trường Tiểu học Xuất Hóa")
    (said,) = seen.texts(label_sheets([label], SHEET, template=SHIPPED["spine"]))
    assert "TN.00627" in said


def test_nothing_to_print_is_a_document_of_one_empty_page():
    assert seen.texts(label_sheets([], SHEET)) == [""]


@pytest.mark.parametrize("dpi", [203, 300])
def test_the_preview_is_the_label_itself(copies, dpi):
    image = Image.open(io.BytesIO(png(copies(1)[0], SHEET, dpi)))
    assert image.size == (round(38.1 * dpi / 25.4), round(21.198 * dpi / 25.4))
    assert seen.by_zxing(image) == seen.by_zbar(image) == [copies(1)[0].payload]


def test_the_preview_of_both_shows_them_side_by_side(copies):
    image = Image.open(io.BytesIO(png(copies(1)[0], (30.5, 50), template=SHIPPED["both"])))
    assert image.width == pytest.approx(2 * 30.5 * 300 / 25.4, abs=2)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(SYLLABLES), max_size=14), st.booleans(), st.floats(4, 60))
def test_a_cut_title_ends_with_a_whole_letter_and_fits(syllables, apart, room):
    text = unicodedata.normalize("NFD" if apart else "NFC", " ".join(syllables))
    shown = words.cut(text, fonts.REGULAR, 2.0, room)
    assert fonts.width(shown, fonts.REGULAR, 2.0) <= room + 1e-9
    if shown != text and shown:
        kept, whole = (unicodedata.normalize("NFC", part) for part in (shown.removesuffix("…"), text))
        assert whole.startswith(kept)  # a letter robbed of its marks would differ, or end before a mark


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(SYLLABLES), max_size=14), st.floats(8, 60))
def test_a_title_is_told_whole_or_ends_in_an_ellipsis(syllables, room):
    text = " ".join(syllables)
    lines = words.balanced(text, fonts.REGULAR, 2.0, room, 2)
    assert len(lines) <= 2
    assert all(fonts.width(line, fonts.REGULAR, 2.0) <= room + 1e-9 for line in lines)
    assert " ".join(lines) == text or any(line.endswith("…") for line in lines)


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("Thư viện Trường Tiểu học Xuất Hóa", "TV TRƯỜNG TH XUẤT HÓA"),
        ("Trường Phổ thông dân tộc bán trú Tiểu học và Trung học cơ sở Vũ Loan", "TRƯỜNG PTDTBT TH&THCS VŨ LOAN"),
        ("Trung tâm học tập cộng đồng Đức Xuân", "TTHTCĐ ĐỨC XUÂN"),
        ("", ""),
    ],
)
def test_libraries_are_shortened_as_on_their_stamps(name, short):
    assert words.short_library(name, fonts.BOLD, 2.0, 60) == short


def test_a_library_too_long_loses_its_first_words_before_its_name():
    assert words.short_library("Thư viện Trường Tiểu học Xuất Hóa", fonts.BOLD, 2.0, 20) == "TH XUẤT HÓA"


def test_letters_the_face_lacks_become_plain_ones():
    assert fonts.printable("Y Bĭh  Ŏng ʼMlô 漢\n") == "Y Bih Ong ’Mlô"
    assert fonts.printable(unicodedata.normalize("NFD", "Đường")) == "Đường"


def test_the_fonts_are_found_in_the_source_tree_and_in_the_installed_package(tmp_path, monkeypatch):
    assert fonts.font_path(fonts.REGULAR).is_file()
    installed = tmp_path / "library" / "static" / "vendor" / "be-vietnam-pro" / "Here.ttf"
    installed.parent.mkdir(parents=True)
    installed.touch()
    monkeypatch.setattr(faces.library, "__file__", str(tmp_path / "library" / "__init__.py"))
    assert fonts.font_path.__wrapped__("Here") == installed
    with pytest.raises(FileNotFoundError, match=r"Nowhere\.ttf"):
        fonts.font_path.__wrapped__("Nowhere")


def test_every_level_has_its_own_shape_and_a_readable_figure():
    marks = {tuple(type(mark).__name__ for mark in _badge(number)) for number in (1, 2, 5)}
    assert len(marks) == 2
    assert [ink_on(colour) for colour in ("#F2C21B", "#FFFFFF", "#C8323A", "#2F7D40")] == [
        "#000000", "#000000", "#FFFFFF", "#FFFFFF",
    ]  # fmt: skip


def _badge(number):
    from library.labels.levels import badge

    return badge(Level(number, "", "#2F7D40"), 5, 5, 4)
