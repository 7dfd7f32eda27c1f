"""What schools type in a cell becomes a value, or is told to be unreadable; nothing is guessed."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from library.staging import values
from library.staging.values import BadValue, Birth, ClassName


def told(read, text: str) -> str:
    with pytest.raises(BadValue) as bad:
        read(text)
    return bad.value.sentence % bad.value.facts if bad.value.facts else bad.value.sentence


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("15.000đ", 15_000),
        ("15,000", 15_000),
        ("15000.0", 15_000),
        ("15 nghìn", 15_000),
        ("15k", 15_000),
        ("15.000 VNĐ", 15_000),
        ("15.000,00", 15_000),
        ("15,000.00", 15_000),
        ("1.250.000", 1_250_000),
        ("15 000", 15_000),
        ("15,5 nghìn", 15_500),
        ("1.5tr", 1_500_000),
        ("15.000đ/cuốn", 15_000),
        ("15.000,-", 15_000),
        ("15000 ₫", 15_000),
        ("Giá: 15.000 đ.", 15_000),
        ("12", 12),
        ("0", 0),
        ("", None),
        ("-", None),
        ("Biếu", None),
        ("Không bán", None),
        ("14999.9999999", 15_000),
    ],
)
def test_a_price_is_whole_dong(text, amount):
    assert values.price(text) == amount


@pytest.mark.parametrize(
    "text", ["15,5", "1.5", "$5", "1.250.00", "15.000 15.000", "99999999999", "mười nghìn", "-5000", "1.2.3"]
)
def test_a_price_that_could_be_two_things_is_told(text):
    assert text in told(values.price, text)


@given(
    st.integers(0, values.MAX_PRICE), st.sampled_from(["{:,}", "{:,}đ", "{:,} đồng", "{:,} VNĐ", "{:,}.", "{:,}.00"])
)
def test_a_price_reads_back_however_it_was_grouped(amount, form):
    written = form.format(amount)
    assert values.price(written) == amount
    assert values.price(written.translate(str.maketrans(",.", ".,"))) == amount
    if not form.endswith("00"):
        assert values.price(str(amount)) == values.price(written.replace(",", " ")) == amount


@given(st.text(alphabet="0123456789., đkVN-/", max_size=30))
def test_no_text_breaks_the_reading_of_a_price(text):
    try:
        amount = values.price(text)
    except BadValue:
        return
    assert amount is None or 0 <= amount <= values.MAX_PRICE


@pytest.mark.parametrize(
    ("text", "count"), [("3", 3), ("3 cuốn", 3), ("03", 3), ("3.0", 3), ("1.200", 1200), ("", None)]
)
def test_a_quantity_is_a_number_of_copies(text, count):
    assert values.quantity(text) == count


@pytest.mark.parametrize("text", ["0", "-1", "2,5", "9999", "nhiều"])
def test_a_quantity_of_none_or_too_many_is_told(text):
    assert "Số lượng" in told(values.quantity, text)


@pytest.mark.parametrize("text", ["2019", "2019.0", "XB 2019", "c2019", "[2019]", "QIV/2019", "Năm 2019", "05/09/2019"])
def test_a_year_is_found(text):
    assert values.year(text) == 2019


@pytest.mark.parametrize("text", ["19", "2019-2020", "20190", "1234", "hai nghìn"])
def test_a_year_that_is_not_one_is_told(text):
    assert text in told(values.year, text)


@pytest.mark.parametrize(
    "text",
    [
        "05/09/2014",
        "5-9-14",
        "5.9.2014",
        "05092014",
        "2014-09-05",
        "2014-09-05T00:00:00",
        "41887",
        "41887.0",
        "5/IX/2014",
        "ngày 5 tháng 9 năm 2014",
        "05/09/2014 00:00",
        "5 9 2014",
    ],
)
def test_a_day_is_read_day_first(text):
    assert values.day(text) == date(2014, 9, 5)


def test_the_month_may_be_roman_as_in_the_general_register():
    assert values.day("26.XI.2007") == date(2007, 11, 26)


def test_two_digits_of_a_year_are_of_this_century_up_to_fifty():
    assert values.day("1/1/50") == date(2050, 1, 1)
    assert values.day("1/1/51") == date(1951, 1, 1)


@given(st.dates(date(1936, 1, 1), date(2063, 12, 31)))
def test_excels_number_of_days_is_the_day(day):
    assert values.day(str((day - date(1899, 12, 30)).days)) == day


def test_a_month_written_first_is_told_and_not_swapped():
    assert "tháng viết sau" in told(values.day, "09/25/2014")
    assert "31/02/2014" in told(values.day, "31/02/2014")
    assert "5/9" in told(values.day, "5/9")


def test_a_birth_may_be_a_year_alone():
    assert values.birth("2014") == Birth(2014)
    assert values.birth("05/09/2014") == Birth(2014, date(2014, 9, 5))
    assert "2814" in told(values.birth, "05/09/2814")


@pytest.mark.parametrize(
    "text", ["163tr.", "163 tr", "163 trang", "tr. 163", "xii, 163tr", "163", "163.0", "163 tr. ; 21 cm"]
)
def test_pages_are_counted(text):
    assert values.pages(text) == 163


@pytest.mark.parametrize("text", ["12-45", "0", "nhiều"])
def test_pages_that_are_no_number_are_told(text):
    assert text in told(values.pages, text)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("978-604-339-590-7", "9786043395907"),
        ("ISBN-13: 9786043395907", "9786043395907"),
        ("9786043395907.", "9786043395907"),
        ("0-306-40615-2", "9780306406157"),
        ("080442957X", "9780804429573"),
        ("979-10-90636-07-1", "9791090636071"),
    ],
)
def test_an_isbn_is_thirteen_digits_that_agree(text, number):
    assert values.isbn(text) == number


@pytest.mark.parametrize("text", ["9786043395908", "8935236426824", "604-339-590", "978604339590X"])
def test_an_isbn_that_does_not_agree_is_told(text):
    assert text in told(values.isbn, text)


def test_a_number_excel_has_rounded_is_told_as_such():
    assert "làm tròn" in told(values.isbn, "9.78604E+12")
    assert "làm tròn" in told(values.ean, "8.93524E+12")


def test_an_article_number_of_viet_nam_is_read():
    assert values.ean("893-523642682-4") == "8935236426824"
    assert "kiểm tra" in told(values.ean, "8935236426825")


@given(st.integers(0, 10**12 - 1), st.integers(0, 11), st.integers(1, 9))
def test_one_wrong_digit_is_always_noticed(number, place, shift):
    good = values.with_check_digit(f"{number:012d}")
    bad = good[:place] + str((int(good[place]) + shift) % 10) + good[place + 1 :]
    assert values.ean(good) == good
    assert "kiểm tra" in told(values.ean, bad)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Tô Hoài", ("Tô Hoài",)),
        ("Trương Văn Giới; Lê Khắc Kiều Lục", ("Trương Văn Giới", "Lê Khắc Kiều Lục")),
        (
            "Nguyễn Văn A, Trần Thị B & Giàng A Páo / H'Hen Niê",
            ("Nguyễn Văn A", "Trần Thị B", "Giàng A Páo", "H'Hen Niê"),
        ),
        ("Rowling, J. K.", ("J. K. Rowling",)),
        ("Antoine de Saint-Exupéry", ("Antoine de Saint-Exupéry",)),
        ("Tô Hoài, Tô Hoài", ("Tô Hoài",)),
        ("Nhiều tác giả", ("Nhiều tác giả",)),
        ("Không rõ tác giả", ()),
        (".", ()),
        ("", ()),
        ("N/A", ()),
    ],
)
def test_people_are_parted(text, names):
    assert values.people(text) == names


@pytest.mark.parametrize(
    ("text", "sex"), [("Nam", "male"), ("NỮ", "female"), ("nu", "female"), ("F", "female"), ("", None)]
)
def test_sex_is_one_of_two_words(text, sex):
    assert values.sex(text) == sex


def test_another_mark_for_sex_is_told():
    assert "“1”" in told(values.sex, "1")


@pytest.mark.parametrize(
    ("text", "name", "grades"),
    [
        ("5A", "5A", (5,)),
        ("Lớp 5 A", "5A", (5,)),
        ("lớp: 5a1", "5A1", (5,)),
        ("6/2", "6/2", (6,)),
        ("6.2", "6.2", (6,)),
        ("10A13", "10A13", (10,)),
        ("12 chuyên Anh", "12 chuyên Anh", (12,)),
        ("12CBT", "12CBT", (12,)),
        ("05A", "5A", (5,)),
        ("5A (điểm Nà Phặc)", "5A (điểm Nà Phặc)", (5,)),
        ("Lá 1", "Lá 1", ()),
        ("Mẫu giáo 5 tuổi", "Mẫu giáo 5 tuổi", ()),
        ("Lớp ghép 1+2", "Ghép 1+2", (1, 2)),
        ("ghép 1, 2, 3", "Ghép 1+2+3", (1, 2, 3)),
        ("1A+2A", "Ghép 1A+2A", (1, 2)),
        ("13A", "13A", ()),
    ],
)
def test_a_class_has_a_name_and_its_grades(text, name, grades):
    assert values.class_name(text) == ClassName(name, grades)


def test_a_mixed_class_is_of_no_one_grade():
    assert ClassName("5A", (5,)).grade == 5
    assert ClassName("Ghép 1+2", (1, 2)).grade is None


def test_a_class_excel_made_a_day_is_told():
    assert "Excel đã đổi tên lớp" in told(values.class_name, "06/02/2026")


@pytest.mark.parametrize(("text", "grade"), [("5", 5), ("Khối 5", 5), ("lớp 12", 12), ("", None)])
def test_a_grade_is_one_to_twelve(text, grade):
    assert values.grade(text) == grade


@pytest.mark.parametrize("text", ["13", "0", "năm"])
def test_another_grade_is_told(text):
    assert text in told(values.grade, text)


@given(st.text(max_size=200))
def test_every_reader_answers_or_tells(text):
    readers = (
        values.price,
        values.quantity,
        values.pages,
        values.year,
        values.day,
        values.birth,
        values.isbn,
        values.ean,
        values.people,
        values.several,
        values.expand,
        values.sex,
        values.class_name,
        values.grade,
    )
    for read in readers:
        try:
            read(text)
        except BadValue as bad:
            assert bad.sentence % bad.facts if bad.facts else bad.sentence


def test_a_text_as_long_as_a_page_is_refused_at_once():
    for read in (values.price, values.day, values.class_name, values.pages):
        assert "dài quá" in told(read, "1" + " " * 30_000 + "x/")
