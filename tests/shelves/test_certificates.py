"""Certificates: one page in the Vietnamese design, the name large, titles on spines, nothing that does not fit."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdfium2 import PdfDocument

from library.labels import fonts
from library.labels.ink import Box, Outline, Picture, Words
from library.shelves import certificate_sheet as sheet
from library.shelves.certificates import certificate_pdf, certificates_pdf

TITLES = ["Cây khế", "Dế Mèn phiêu lưu ký", "Kính vạn hoa", "Sự tích hồ Ba Bể", "Trạng Quỳnh – Tập 3"]
VALUES: dict[str, Any] = {
    "library": "Thư viện Trường Tiểu học Xuất Hóa", "name": "4A", "titles": TITLES, "place": "Bắc Kạn",
    "reason": "Tủ sách lớp được đọc nhiều nhất khối 4, tháng 10 năm 2026", "day": date(2026, 11, 2),
    "figures": "35 em đã đọc 212 lượt sách, giữ đủ 42/42 cuốn", "left": ("Giáo viên chủ nhiệm", "Nguyễn Thị Thu"),
    "right": ("Hiệu trưởng", "Hoàng Văn Thắng"),
}  # fmt: skip


def pages(pdf: bytes) -> list[str]:
    return [page.get_textpage().get_text_range() for page in PdfDocument(pdf)]


def test_a_class_certificate_says_what_it_is_for() -> None:
    (text,) = pages(certificate_pdf("class", VALUES))
    for said in ("GIẤY CHỨNG NHẬN", "THƯ VIỆN TRƯỜNG TIỂU HỌC XUẤT HÓA", "Lớp 4A", VALUES["reason"], "212", "Hiệu trưởng",
                 "Bắc Kạn, ngày 02 tháng 11 năm 2026", "Hoàng Văn Thắng"):  # fmt: skip
        assert said in text, said


def test_a_pupils_one_names_the_pupil_and_the_class() -> None:
    (text,) = pages(certificate_pdf("pupil", {**VALUES, "name": "Hoàng Thị Mai Lan", "group": "Học sinh lớp 4A"}))
    assert "Tặng em" in text
    assert "Hoàng Thị Mai Lan" in text
    assert "Học sinh lớp 4A" in text
    assert "Lớp Hoàng" not in text


def test_a_page_each() -> None:
    many = [{**VALUES, "name": name} for name in ("Lan", "Hoa", "Bảo")]
    assert [
        name in text for name, text in zip(("Lan", "Hoa", "Bảo"), pages(certificates_pdf("pupil", many)), strict=True)
    ]
    assert len(pages(certificates_pdf("pupil", many))) == 3


def test_little_is_enough() -> None:
    assert "Lớp 4A" in pages(certificate_pdf("class", {"library": "Thư viện", "name": "lớp 4A"}))[0].replace(
        "lớp", "Lớp"
    )
    width, height = PdfDocument(certificate_pdf("class", {"library": "TV", "name": "1A"}))[0].get_size()
    assert (round(width / 72 * 25.4), round(height / 72 * 25.4)) == (297, 210)


def test_numbers_are_bold_and_words_are_not() -> None:
    parts = [mark for mark in sheet._counted("35 em đọc 42/42 cuốn.") if isinstance(mark, Words)]
    assert [(one.text, one.font == fonts.BOLD) for one in parts] == [
        ("35", True), (" em đọc ", False), ("42/42", True), (" cuốn.", False),
    ]  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text("Aăâbcđeê ghiọnpợrsửvxy–12", min_size=1, max_size=60), max_size=40), st.text(max_size=60))
def test_whatever_the_titles_everything_stays_on_the_page(titles: list[str], name: str) -> None:
    one = sheet.of("class", {**VALUES, "titles": titles, "name": name})
    for mark in sheet.marks(one):
        if isinstance(mark, Box):
            assert mark.x >= 0
            assert mark.x + mark.w <= sheet.W + 0.01
        elif isinstance(mark, sheet.Upright):
            tall = sheet.SHELF - 5.0 - sheet._long(mark.text, mark.size)
            assert tall > 95 or len(mark.text.split()) == 1, "the figures stand above"
        elif isinstance(mark, Words):
            assert fonts.width(mark.text, mark.font, mark.size) <= sheet.W
        else:
            assert isinstance(mark, Outline)


@pytest.mark.parametrize("title", ["Sự tích hồ Ba Bể", "Góc sân và khoảng trời", "Cây khế"])
def test_a_spine_has_its_whole_title_if_it_can(title: str) -> None:
    text, size = sheet._fitting(title, 34)
    assert text == title
    assert sheet.BOOK_LEAST <= size <= sheet.BOOK


def test_a_title_is_not_cut_behind_a_word_that_leads_on() -> None:
    assert sheet._fitting("Góc sân và khoảng trời", 16)[0] == "Góc sân"
    assert sheet._fitting("Và", 2)[0] == "Và", "a title of one word stands as it is"


def test_a_name_nobody_agreed_to_print_is_a_rule_to_write_on() -> None:
    values = {**VALUES, "name": "________________", "group": "Lớp 4A"}
    (text,) = pages(certificate_pdf("pupil", values))
    assert "_" not in text
    assert "Lớp 4A" in text
    rules = [mark for mark in sheet.marks(sheet.of("pupil", values)) if isinstance(mark, Box) and mark.w == sheet.RULE]
    assert len(rules) == 1


def test_a_title_on_a_spine_stands_upright_in_a_picture_too() -> None:
    image = Picture(40, 60, 150)
    sheet.Upright(20, 50, "Dế Mèn phiêu lưu ký", 4, "#000000").on_image(image)
    left, top, right, bottom = image.image.convert("L").point(lambda dot: 255 - dot).getbbox() or (0, 0, 0, 0)
    assert bottom <= image.px(50) + 1, "it begins at the bottom"
    assert image.px(15) < left < image.px(20) < right < image.px(22), "letters stand on the line, to its left"
    assert bottom - top > 4 * (right - left)
