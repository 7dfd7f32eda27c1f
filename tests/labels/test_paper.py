import pytest
from PIL import Image

from library.labels.calibration import calibration_page
from library.labels.paper import Offset, UnknownPaper, paper_by_code, papers
from tests.labels import paper_seen as seen

FIRST = ["avery-8651", "zweckform-3474", "herma-4102", "avery-j8654", "herma-10007", "a4-40", "a4-33", "a4-21"]


def test_the_sheets_common_in_viet_nam_come_first():
    assert [paper.code for paper in papers()[:8]] == FIRST
    grids = [(paper.cols, paper.rows, round(paper.label_w, 1), round(paper.label_h, 1)) for paper in papers()[:8]]
    assert grids == [
        (5, 13, 38.1, 21.2), (3, 8, 70.0, 37.0), (4, 11, 48.3, 25.4), (4, 10, 45.7, 25.4), (3, 7, 63.5, 38.1),
        (4, 10, 52.5, 29.7), (3, 11, 70.0, 25.4), (3, 7, 70.0, 42.3),
    ]  # fmt: skip


def test_unmeasured_sizes_say_so():
    marked = [paper.code for paper in papers() if "số đo tham khảo" in paper.name]
    assert {"a4-40", "a4-33", "a4-21"} <= set(marked)
    assert "avery-8651" not in marked
    assert paper_by_code("avery-8651").name == "65 nhãn · 38,1 × 21,2 mm · Avery 8651"


def test_every_label_of_every_paper_lies_on_its_page_and_on_no_other_label():
    """Three published sheets overlap by up to 0.14 mm, by rounding."""
    for paper in papers():
        cells = paper.cells()
        assert len(cells) == paper.cols * paper.rows
        assert all(-0.01 <= cell.x <= paper.page_w - paper.label_w + 0.011 for cell in cells), paper.code
        assert all(-0.01 <= cell.y <= paper.page_h - paper.label_h + 0.011 for cell in cells), paper.code
        assert paper.cols == 1 or paper.pitch_x >= paper.label_w - 0.15, paper.code
        assert paper.rows == 1 or paper.pitch_y >= paper.label_h - 0.15, paper.code


def test_published_sheets_that_do_not_fit_and_round_ones_are_left_out():
    codes = {paper.code for paper in papers()}
    assert len(codes) == len(papers())
    assert not codes & {"herma-4464", "zweckform-3475", "hisago-cjh3021s"}


def test_an_unknown_paper_is_named():
    with pytest.raises(UnknownPaper, match="Không có mẫu giấy “nope”"):
        paper_by_code("nope")


def test_used_labels_are_skipped_row_by_row():
    paper = paper_by_code("avery-8651")
    cells = paper.cells(12)
    assert len(cells) == 53
    assert (cells[0].number, cells[0].row, cells[0].col) == (13, 2, 2)
    assert (cells[0].x, cells[0].y) == pytest.approx((4.699 + 2 * 40.601, 10.901 + 2 * 21.198))


@pytest.mark.parametrize("skip", [-1, 65, 400])
def test_skipping_a_whole_sheet_is_refused(skip):
    with pytest.raises(ValueError, match="65 nhãn"):
        paper_by_code("avery-8651").cells(skip)


def test_the_picture_has_a_row_of_cells_for_each_row_of_labels():
    grid = paper_by_code("zweckform-3474").grid()
    assert [len(row) for row in grid] == [3] * 8
    assert [cell.number for row in grid for cell in row] == list(range(1, 25))


def test_pages_are_counted_with_the_used_labels():
    paper = paper_by_code("avery-8651")
    assert [paper.pages(120, 33), paper.pages(32, 33), paper.pages(33, 33), paper.pages(0, 33)] == [3, 1, 2, 0]


@pytest.mark.parametrize("wrong", [{"x_mm": 21}, {"y_mm": -30}, {"scale": 0.5}])
def test_a_printer_is_not_corrected_by_centimetres(wrong):
    with pytest.raises(ValueError, match="Số chỉnh máy in"):
        Offset(**wrong)


def test_outlines_and_ruler_stand_where_the_offset_puts_them():
    paper, dpi = paper_by_code("avery-8651"), 300
    (plain,) = seen.pages(calibration_page(paper), dpi)
    (moved,) = seen.pages(calibration_page(paper, Offset(1.5, -2.0)), dpi)

    def left_and_top(image):
        return (
            _first_dark(seen.crop(image, dpi, 0, 25, 40, 1), dpi),
            _first_dark(seen.crop(image, dpi, 30, 0, 1, 40).transpose(Image.Transpose.TRANSPOSE), dpi),
        )

    assert left_and_top(plain) == pytest.approx((4.699, 10.901), abs=0.2)
    assert left_and_top(moved) == pytest.approx((4.699 + 1.5, 10.901 - 2.0), abs=0.2)


def test_the_ruler_is_a_hundred_millimetres_and_grows_with_the_scale():
    paper, dpi = paper_by_code("zweckform-3474"), 300
    for scale in (1.0, 1.02):
        (image,) = seen.pages(calibration_page(paper, Offset(scale=scale)), dpi)
        line = seen.crop(image, dpi, 0, 148.5 * scale - 0.2, 210, 0.4).convert("L")
        longest = max(
            wide
            for y in range(line.height)
            for dark, wide in seen.runs(line.crop((0, y, line.width, y + 1)).tobytes())
            if dark
        )
        assert longest * 25.4 / dpi == pytest.approx(100 * scale, abs=0.3)


@pytest.mark.parametrize("code", ["cuon-3x35x22", "cuon-1x100x50", "gay-30x50"])
def test_rolls_and_plain_paper_have_a_calibration_page_too(code):
    (said,) = seen.texts(calibration_page(paper_by_code(code)))
    assert "phải dài đúng" in said


def _first_dark(strip, dpi):
    """Millimetres from the left to the first dark pixel of the strip's middle row."""
    row = strip.convert("L").crop((0, strip.height // 2, strip.width, strip.height // 2 + 1)).tobytes()
    return next(at for at, pixel in enumerate(row) if pixel < 170) * 25.4 / dpi
