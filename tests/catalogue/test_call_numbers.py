"""What stands on a spine: title codes of the table, rules of a library, stickers that say something else."""

import itertools

import pytest

from library.catalogue import call_numbers
from library.catalogue.call_numbers import (
    Facts,
    Part,
    compose,
    other_number,
    read_rule,
    same_mark,
    syllable,
    title_code,
)

TABLE = call_numbers.table_of({})
KNOWN = {
    "Phương pháp dạy học": "PH561PH", "Quản lý giáo dục": "QU105L", "Kinh tế": "K312T", "Nghiên cứu": "NGH305C",
    "Văn học": "V115H", "Truyện Kiều": "TR527K", "Ôn tập": "Ô454T", "Dế Mèn phiêu lưu ký": "D250M",
    "Lịch sử": "L302S", "Từ điển": "T550Đ", "Giáo trình": "GI108TR", "Hướng dẫn": "H561D", "Tài liệu": "T103L",
    "Thế giới": "TH250GI", "Xây dựng": "X126D", "Kỹ thuật": "K600TH", "Công nghệ": "C455NGH", "Hoá học": "H401H",
    "Hóa học": "H401H", "Doanh nghiệp": "D408NGH", "Hoạt động": "H411Đ", "Toán": "T406", "Toán 6": "T406",
    "Giếng làng": "GI306L", "Gìn giữ": "GI311GI", "Quyền trẻ em": "QU605TR", "Quốc gia": "QU451GI", "Yêu": "Y609",
    "Ai đó": "A103Đ", "“Thơ” Tố Hữu": "TH460T", "Mặt trời": "M118TR", "Em yêu": "E202Y", "Kính vạn hoa (Tập 2)": "K312V",
    "Thuở ấy": "TH520Â", "DẾ MÈN": "D250M",
}  # fmt: skip


@pytest.mark.parametrize(("title", "code"), KNOWN.items())
def test_the_code_of_a_title(title: str, code: str) -> None:
    assert title_code(title, TABLE) == code


@pytest.mark.parametrize("title", ["", "100 kỹ năng", "Harry Potter", "Winx", "…", "Robinson", "Zorro"])
def test_where_the_table_has_no_answer_a_person_writes_it(title: str) -> None:
    assert title_code(title, TABLE) is None


def test_composed_and_decomposed_letters_give_one_code() -> None:
    from unicodedata import normalize

    assert title_code(normalize("NFD", "Truyện Kiều"), TABLE) == "TR527K"


def test_the_shipped_table_rises_with_the_alphabet() -> None:
    from library.core.fold import sort_key

    rows = list(call_numbers.shipped().items())
    assert len(rows) == 168
    assert [rhyme for rhyme, _ in rows] == sorted((rhyme for rhyme, _ in rows), key=sort_key)
    assert all(one[1][0] < other[1][0] for one, other in itertools.pairwise(rows))
    assert {sure for _, (_, sure) in rows} == set("ABCD")


def test_every_rhyme_of_the_table_is_reached() -> None:
    """Each can be the rhyme of a word: as one without consonants, or after qu."""
    for rhyme in call_numbers.shipped():
        assert syllable(rhyme) == ("", rhyme) or syllable(f"qu{rhyme}") == ("qu", rhyme), rhyme


def test_a_library_changes_a_number() -> None:
    assert title_code("Tuần lễ", call_numbers.table_of({"uân": 540})) == "T540L"
    assert TABLE["uân"] == 502


BOOK = Facts("Kính vạn hoa", "Tập 2", "Nguyễn Nhật Ánh", "895.9223", "V23", "STN", 2019, accession="TN.00012")


@pytest.mark.parametrize(
    ("rule", "facts", "mark"),
    [
        ("class title-code volume", BOOK, "895.9223 K312V T.2"),
        ("school title-code", BOOK, "V23 K312V"),
        ("kind accession", BOOK, "STN TN.00012"),
        ("ddc author-code", BOOK, "895.9223 NG527NH"),
        ("ddc given-code", BOOK, "895.9223 A107"),
        ("ddc title-letters year", BOOK, "895.9223 KIN 2019"),
        ("ddc author-letters year", BOOK, "895.9223 NGU 2019"),
        ("class title-code volume", Facts("Cây khế", class_mark="K"), "K C126KH"),
        ("class title-code", Facts("100 kỹ năng", ddc="646", title_code="M458TR"), "646 M458TR"),
    ],
)
def test_a_rule_and_a_title_make_a_mark(rule: str, facts: Facts, mark: str) -> None:
    made = compose(read_rule(rule), facts, TABLE)
    assert (made.text, made.missing) == (mark, ())


def test_what_is_missing_is_named() -> None:
    made = compose(read_rule("ddc title-code volume"), Facts("Harry Potter"), TABLE)
    assert (made.text, made.missing) == ("", (Part.DDC, Part.TITLE_CODE))


def test_a_rule_of_another_release_is_the_usual_one() -> None:
    assert read_rule("colour") == read_rule("") == read_rule(None) == call_numbers.USUAL
    assert read_rule("school  colour volume") == (Part.SCHOOL, Part.VOLUME)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("895.9223 TR527K", "895.9223/tr527k", True), ("V23 K312V T.2", "V23 K312V T2", True),
        ("895.9223 TR527K", "8959.223 TR527K", False), ("Ô454T", "O454T", False), ("K 1", "K 2", False),
    ],
)  # fmt: skip
def test_two_marks_read_the_same(one: str, other: str, same: bool) -> None:
    assert same_mark(one, other) is same


def test_stickers_that_differ_in_the_number_alone_speak_of_the_table() -> None:
    assert other_number("371 T540L", "Tuần lễ học tập", TABLE) == ("uân", 540)
    assert other_number("371 T502L", "Tuần lễ học tập", TABLE) is None
    assert other_number("371 T540X", "Tuần lễ học tập", TABLE) is None
    assert other_number("371 T540L", "100 tuần", TABLE) is None
