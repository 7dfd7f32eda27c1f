"""Plots of the learning society: nobody's name is cut, years in which nobody told anything are left out."""

from flask import Flask

from library.reports import society, society_plots
from library.reports.society import Result


def result(code: str, share: float | None, year: int = 2026) -> Result:
    (line,) = [one for one in society.shipped() if one.code == code]
    part = None if share is None else round(share * 10)
    return Result(line, part, 1000, 1, 1, society.aimed(line, year))


SHARES = ("learning-families", "learning-clans", "trained-workers", "members")


def test_every_name_stands_whole_beside_its_bars(app: Flask) -> None:
    with app.test_request_context():
        drawn = society_plots.against(2026, [result(code, 50) for code in SHARES])
    assert drawn
    (picture,) = drawn.pictures
    labels = [(word.text, word.y) for word in picture.words if word.kind == "label"]
    assert [text for text, _y in labels] == [
        "Gia đình học tập", "Dòng họ học tập", "Người lao động", "qua đào tạo", "Hội viên Hội", "Khuyến học",
    ]  # fmt: skip
    assert labels[3][1] - labels[2][1] == 2 * society_plots.HALF_LINE
    assert [one.name for one in drawn.series] == ["kết quả 2026", "mục tiêu 2025", "mục tiêu 2030"]


def test_what_all_lines_have_in_common_is_told_once_and_years_begin_with_the_first_told(app: Flask) -> None:
    two = ("learning-families", "learning-clans")
    told = {
        year: [result(code, share, year) for code in two]
        for year, share in zip(range(2022, 2027), (None, None, 40, None, 60), strict=True)
    }
    with app.test_request_context():
        drawn, end = society_plots.over_years(told)
        one_year, _end = society_plots.over_years({2025: [result(two[0], None)], 2026: [result(two[0], 9)]})
    assert drawn and (list(drawn.names), end) == (["2024", "2025", "2026"], "học tập")
    assert [(one.name, list(one.values)) for one in drawn.series] == [
        ("Gia đình", [40, None, 60]),
        ("Dòng họ", [40, None, 60]),
    ]
    assert one_year is None


def test_words_that_all_end_in(app: Flask) -> None:
    assert society_plots.common_end(["Gia đình học tập", "học tập"]) == "tập", "something is left of each"
    assert society_plots.common_end(["Gia đình học tập"]) == ""
    assert society_plots.common_end(["Số hộ", "Số thôn"]) == ""
