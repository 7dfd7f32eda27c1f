"""The words that answer are marked, as one piece where they stand side by side."""

import pytest

from library.finding import marking


@pytest.mark.parametrize(
    ("title", "words", "expected"),
    [
        ("Dế Mèn phiêu lưu ký", ["de", "men"], "<mark>Dế Mèn</mark> phiêu lưu ký"),
        ("Võ sĩ Bọ Ngựa và chú Dế Mèn", ["men", "de"], "Võ sĩ Bọ Ngựa và chú <mark>Dế Mèn</mark>"),
        ("Thời thơ ấu", ["tho"], "<mark>Thời thơ</mark> ấu"),
        ("Kĩ năng sống", ["ky", "nang"], "<mark>Kĩ năng</mark> sống"),
        ("Dế & <b>Mèn</b>", ["men"], "Dế &amp; <mark>&lt;b&gt;Mèn&lt;/b&gt;</mark>"),
        ("“Dế Mèn”", ["de"], "<mark>“Dế</mark> Mèn”"),
        ("Cây khế", [], "Cây khế"),
        ("", ["a"], ""),
    ],
)
def test_what_answers_is_marked(title, words, expected):
    assert str(marking.marked(title, words)) == expected


def test_the_longest_run_is_offered_with_its_marks():
    assert marking.run("Mèn và Dế Mèn phiêu lưu", ["de", "men"]) == "Dế Mèn"
    assert marking.run("Cây khế", ["de"]) == ""
