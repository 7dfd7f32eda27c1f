"""An entry of MARC becomes the line a list would have had, with its copies; a title of ours becomes an entry."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from library.catalogue import audiences, columns, list_profiles, marc_profiles
from library.catalogue.marc_fields import Copy, MarcBook, natural, read_book
from library.catalogue.marc_making import make, merge, without_copies
from library.catalogue.models import Format, NumberKind, Role
from library.catalogue.writing import NewRecord
from library.staging.marc import Field, MarcEntry, read, writing


def entry(*fields: tuple[str, str, str], leader: str = "00000nam a2200000   4500") -> MarcEntry:
    """('245', '10', 'aDế Mèn|cTô Hoài'); control fields have no indicators."""
    made = [
        Field(tag, "", inds, tuple((part[0], part[1:]) for part in said.split("|"))) if inds else Field(tag, said)
        for tag, inds, said in fields
    ]
    return MarcEntry(leader, tuple(made))


def isis(*fields: tuple[str, str]) -> MarcEntry:
    made = [
        Field(tag, "", "", tuple((part[0].strip("_"), part[1:]) for part in said.split("|"))) for tag, said in fields
    ]
    return MarcEntry("00000000000000000   4500", tuple(made))


def book(one: MarcEntry, profile: str = "marc21") -> MarcBook:
    line = read_book(one, marc_profiles.profiles()[profile]).line
    assert line is not None
    return line


NATIONAL = entry(
    ("001", "", "vn00012"),
    ("008", "", "120101s2012    vm     j      000 1 vie d"),
    ("020", "  ", "a9786042123457 (bìa mềm) :|c35000đ|d2000b"),
    ("024", "3 ", "a8935244800012"),
    ("041", "0 ", "avie"),
    ("082", "04", "223|a895.9223|bD250M"),
    ("100", "0 ", "aTô Hoài,|etác giả"),
    ("245", "10", "aDế Mèn phiêu lưu ký :|btruyện dài /|nTập 1|cTô Hoài ; Minh hoạ: Tạ Huy Long."),
    ("250", "  ", "aTái bản lần thứ 70"),
    ("260", "  ", "aH. :|bKim Đồng,|c2012"),
    ("300", "  ", "a163tr. :|btranh màu ;|c21cm"),
    ("490", "0 ", "aTủ sách Vàng"),
    ("653", "  ", "aVăn học thiếu nhi|aTruyện dài"),
    ("650", " 7", "aDế mèn|xTruyện"),
    ("700", "0 ", "aTạ Huy Long|eMinh hoạ"),
    ("700", "0 ", "aĐặng Thị Bích|4trl"),
    ("852", "  ", "aTVTX|bKho mượn|jTN.00011|jTN.00012"),
    ("852", "  ", "aTVTX|bKho đọc|jTN.00020"),
)


def test_a_national_record_is_a_line_like_any_other() -> None:
    line = book(NATIONAL).line
    assert (line.title, line.subtitle, line.volume) == ("Dế Mèn phiêu lưu ký", "truyện dài", "Tập 1")
    assert [(one.name, one.role) for one in line.credits] == [
        ("Tô Hoài", "author"),
        ("Tạ Huy Long", "illustrator"),
        ("Đặng Thị Bích", "translator"),
    ]
    assert (line.place, line.publisher, line.year) == ("H.", "Kim Đồng", 2012)
    assert (line.isbns, line.ean, line.price) == (("9786042123457",), "8935244800012", 35_000)
    assert (line.pages, line.dimensions, line.series) == (163, "21cm", "Tủ sách Vàng")
    assert (line.ddc, line.title_code, line.language) == ("895.9223", "D250M", "vie")
    assert (line.subjects, line.keywords) == (("Dế mèn",), ("Văn học thiếu nhi", "Truyện dài"))
    assert line.audience == "thieu_nhi"


def test_copies_alike_are_one_line() -> None:
    lines = book(NATIONAL).lines()
    assert [(line.shelf, line.accessions) for line in lines] == [
        ("Kho mượn", ("TN.00011", "TN.00012")),
        ("Kho đọc", ("TN.00020",)),
    ]
    assert {line.title for line in lines} == {"Dế Mèn phiêu lưu ký"}


def test_copies_as_koha_has_them() -> None:
    koha = entry(
        ("245", "10", "aMột"),
        ("952", "  ", "aTVX|cKHO|d2019-09-05|eQuỹ X|g35000.00|o895 D250M|p0001234|zMất bìa"),
        ("952", "  ", "aTVX|p0001235|oK"),
    )
    first, second = book(koha).copies
    assert first == Copy("0001234", "895 D250M", "KHO", 35_000, date(2019, 9, 5), "Quỹ X", "", "Mất bìa")
    assert second == Copy("0001235", "K")


def test_a_range_of_copies() -> None:
    assert [one.label for one in book(entry(("245", "10", "aA"), ("852", "  ", "jTK.00001-TK.00003"))).copies] == [
        "TK.00001",
        "TK.00002",
        "TK.00003",
    ]


def test_an_entry_without_copies_says_so() -> None:
    assert book(entry(("245", "10", "aA"))).copies == ()


@pytest.mark.parametrize(("leader", "sentence"), [("00000nam a22", "nhan đề"), ("00000nx  a22", "vốn tài liệu")])
def test_no_title_refuses_the_entry(leader: str, sentence: str) -> None:
    reading = read_book(entry(("852", "  ", "a7"), leader=leader.ljust(24)))
    assert reading.line is None
    assert any(sentence in note.sentence and note.blocks for note in reading.notes)


def test_numbers_that_do_not_fit_are_kept_and_told() -> None:
    reading = read_book(entry(("020", "  ", "a9786042123450"), ("022", "  ", "a0866-7187"), ("245", "10", "aA")))
    assert reading.line is not None
    assert reading.line.line.isbn_as_printed == "9786042123450"
    assert dict(reading.line.new.numbers) == {"9786042123450": NumberKind.OTHER, "08667187": NumberKind.ISSN}
    assert len(reading.notes) == 1


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Nguyễn, Nhật Ánh,", "Nguyễn Nhật Ánh"),
        ("Nguyễn Nhật Ánh", "Nguyễn Nhật Ánh"),
        ("Rowling, J. K.,", "J. K. Rowling"),
        ("Asimov, Isaac, 1920-1992.", "Isaac Asimov"),
        ("Saint-Exupéry, Antoine de", "Antoine de Saint-Exupéry"),
        ("Hồ Chí Minh, 1890-1969", "Hồ Chí Minh"),
        ("Bộ Giáo dục và Đào tạo.", "Bộ Giáo dục và Đào tạo"),
    ],
)
def test_names_in_their_natural_order(written: str, said: str) -> None:
    assert natural(written) == said


def test_unimarc() -> None:
    one = entry(
        ("010", "  ", "a9786042123457|d35000"),
        ("101", "0 ", "avie"),
        ("200", "1 ", "aDế Mèn|ephiêu lưu ký|fTô Hoài"),
        ("210", "  ", "aHà Nội|cKim Đồng|d2012"),
        ("215", "  ", "a163 tr.|d21 cm"),
        ("676", "  ", "a895.9223"),
        ("700", " 0", "aTô|bHoài|4070"),
        ("702", " 0", "aTạ Huy Long|4440"),
        ("995", "  ", "f0012|k895 D|eKHO"),
    )
    assert marc_profiles.guess(iter([one])).name == "unimarc"
    found = book(one, "unimarc")
    assert (found.line.title, found.line.publisher, found.line.year) == ("Dế Mèn", "Kim Đồng", 2012)
    assert found.new.credits == (("Tô Hoài", Role.AUTHOR), ("Tạ Huy Long", Role.ILLUSTRATOR))
    assert found.copies == (Copy("0012", "895 D", "KHO"),)


@pytest.mark.parametrize(
    ("profile", "one"),
    [
        (
            "isis-marc",
            isis(("020", "a9786042123457"), ("100", "_Tô Hoài%Kim Lân"), ("245", "aDế Mèn|bphiêu lưu"),
                 ("260", "aH.|bKim Đồng|c2012"), ("653", "_Truyện%Thiếu nhi"), ("852", "jTN1%TN2")),
        ),
        (
            "isis-200",
            isis(("010", "a9786042123457"), ("200", "aDế Mèn|bphiêu lưu"), ("210", "aH.|cKim Đồng|d2012"),
                 ("610", "_Truyện%Thiếu nhi"), ("700", "_Tô Hoài%Kim Lân"), ("995", "_TN1%TN2")),
        ),
    ],
)  # fmt: skip
def test_isis_in_two_shapes(profile: str, one: MarcEntry) -> None:
    assert marc_profiles.guess(iter([one])).name == profile
    found = book(one, profile)
    assert (found.line.title, found.line.subtitle, found.line.publisher) == ("Dế Mèn", "phiêu lưu", "Kim Đồng")
    assert (found.line.authors, found.line.keywords) == (("Tô Hoài", "Kim Lân"), ("Truyện", "Thiếu nhi"))
    assert [copy.label for copy in found.copies] == ["TN1", "TN2"]
    assert (found.line.year, found.line.isbns) == (2012, ("9786042123457",))


def test_a_sheet_of_tags_of_ones_own() -> None:
    own = marc_profiles.Profile.parse("isis của tôi", {"title": "001$_ 010$a", "people": "020", "copy": "900"})
    found = read_book(isis(("010", "aMột"), ("020", "_Tô Hoài")), own).line
    assert found
    assert (found.line.title, found.line.authors) == ("Một", ("Tô Hoài",))
    with pytest.raises(ValueError, match="24"):
        marc_profiles.Profile.parse("x", {"title": "24"})


# Ours as MARC

words = st.text("abcdeghiklmnopqrstuvxyăâđêôơưáàảãạẾ .,:;/=+-()&<>\"'$|%", min_size=1, max_size=20).map(
    lambda text: " ".join(text.split())
)
names = st.lists(
    st.sampled_from(["Tô Hoài", "Nguyễn Nhật Ánh", "J. K. Rowling", "Xuân Quỳnh", "Võ Quảng"]), unique=True, max_size=3
)
said = words.filter(lambda text: len(text) > 1)
maybe = st.just("") | said
news = st.builds(
    NewRecord,
    title=said,
    credits=names.flatmap(
        lambda some: st.tuples(*(st.tuples(st.just(one), st.sampled_from(list(Role))) for one in some))
    ),
    subtitle=maybe, part_number=st.sampled_from(["", "Tập 1", "T.2"]), part_title=maybe, responsibility=maybe, edition=maybe,
    place=st.sampled_from(["", "H.", "Tp. Hồ Chí Minh"]), publisher=maybe, year=st.none() | st.integers(1900, 2030),
    extent=st.sampled_from(["", "163 tr.", "xii, 20 tr."]), illustration=maybe, dimensions=st.sampled_from(["", "21 cm"]),
    series=maybe, series_number=st.sampled_from(["", "T.3", "3"]),
    original_languages=st.sampled_from(["", "eng", "fre rus"]),
    language=st.sampled_from(["vie", "eng", "hmn"]), format=st.sampled_from(list(Format)),
    ddc=st.sampled_from(["", "895.9223", "005.1"]), class_mark=st.sampled_from(["", "53(075)"]),
    title_code=st.sampled_from(["", "D250M"]), audience=st.sampled_from(["", *audiences.AUDIENCES]),
    grade=st.sampled_from(["", "1", "12"]), kind=st.sampled_from(["", "STN", "SGK"]),
    subjects=st.lists(said, unique=True, max_size=3).map(tuple), summary=maybe,
    keywords=st.lists(said, unique=True, max_size=3).map(tuple),
    note=st.lists(said, unique=True, max_size=3).map("\n".join),
    url=st.sampled_from(["", "https://thuvien.edu.vn/sach?a=1&b=2"]),
    price=st.none() | st.integers(1_000, 900_000),
    numbers=st.sampled_from([
        (), (("9786042123457", NumberKind.ISBN),), (("8935244800012", NumberKind.EAN),),
        (("9786042123457", NumberKind.ISBN), ("1234567890", NumberKind.OTHER)), (("08667187", NumberKind.ISSN),),
    ]),
).map(lambda new: new if new.series else replace(new, series_number=""))  # fmt: skip
copies = st.lists(
    st.builds(
        Copy,
        label=st.sampled_from(["TN.00001", "0012"]), call_number=maybe, shelf=maybe,
        price=st.none() | st.integers(1_000, 99_000), accessioned_on=st.none() | st.dates(date(1990, 1, 1), date(2030, 1, 1)),
        source=maybe, voucher=maybe, note=maybe,
    ),
    max_size=2,
)  # fmt: skip


@given(news, copies)
@settings(deadline=None, max_examples=80)
def test_a_title_goes_to_marc_and_back(new: NewRecord, some: list[Copy]) -> None:
    made = make(new, some, code="vn1", made_on=date(2024, 1, 2))
    (from_iso,) = read(writing.iso2709(made))
    (from_xml,) = read("".join(writing.marcxml([made])).encode())
    for one in (made, from_iso, from_xml):
        assert isinstance(one, MarcEntry)
        found = book(one)
        assert {**vars(found.new), "credits": set(found.new.credits)} == {**vars(new), "credits": set(new.credits)}
        assert found.copies == tuple(some)


def test_008_has_its_forty_characters() -> None:
    for new in (NewRecord("A"), NewRecord("A", year=2020, audience="thieu_nhi", format=Format.BRAILLE, language="eng")):
        fixed = next(make(new, made_on=date(2024, 1, 2)).all("008")).data
        assert len(fixed) == 40
        assert fixed[35:38] == new.language


def test_edited_fields_win_and_all_others_stay() -> None:
    old = book(NATIONAL).new
    assert merge(NATIONAL, old) == NATIONAL
    changed = merge(NATIONAL, replace(old, publisher="Văn học", year=2013))
    assert book(changed).new.publisher == "Văn học"
    assert [one.tag for one in changed.fields if one not in NATIONAL.fields] == ["008", "264"]
    assert not list(changed.all("260"))
    assert list(changed.all("650", "852")) == list(NATIONAL.all("650", "852"))


FULL = entry(
    ("041", "1 ", "avie|hengfre|hrus"),
    ("245", "10", "aMột :|bhai"),
    ("246", "3 ", "aNhất"),
    ("490", "1 ", "aTủ sách Vàng ;"),
    ("500", "  ", "aĐTTS ghi: Bộ Giáo dục"),
    ("504", "  ", "aThư mục: tr. 120|5TVQG"),
    ("500", "  ", "aSách song ngữ."),
    ("502", "  ", "bThạc sĩ|cĐại học X|d2010"),
    ("520", "  ", "aĐoạn một."),
    ("520", "  ", "aĐoạn hai."),
    ("521", "  ", "aCho người yêu dế"),
    ("546", "  ", "aChính văn bằng tiếng Việt"),
    ("830", " 0", "aTủ sách vàng ;|vT.3"),
    ("856", "42", "uhttps://x.vn/muc-luc|yMục lục"),
    ("856", "40", "uhttps://x.vn/sach|zĐọc miễn phí"),
)


def test_what_else_an_entry_says() -> None:
    new = book(FULL).new
    assert new.original_languages == "eng fre rus"
    assert (new.series, new.series_number) == ("Tủ sách Vàng", "T.3")
    assert new.note.splitlines() == [
        "ĐTTS ghi: Bộ Giáo dục", "Thư mục: tr. 120", "Sách song ngữ.", "Thạc sĩ Đại học X 2010",
        "Chính văn bằng tiếng Việt",
    ]  # fmt: skip
    assert (new.summary, new.audience, new.url) == (
        "Đoạn một. Đoạn hai.",
        "Cho người yêu dế",
        "https://x.vn/sach",
    )


def test_a_number_stays_with_its_own_series() -> None:
    two = entry(("245", "10", "aA"), ("490", "0 ", "aMột"), ("490", "0 ", "aHai|v2"))
    assert (book(two).new.series, book(two).new.series_number) == ("Một", "")


@pytest.mark.parametrize("told", ["javascript:alert(1)", "www.x.vn", "https://"])
def test_an_address_no_browser_may_follow_is_told_and_left(told: str) -> None:
    reading = read_book(entry(("245", "10", "aA"), ("856", "40", f"u{told}")))
    assert reading.line and not reading.line.new.url
    assert any("không phải địa chỉ" in note.sentence for note in reading.notes)


def test_an_entry_said_anew_keeps_its_notes_and_addresses_until_they_are_changed() -> None:
    old = book(FULL).new
    assert merge(FULL, old) == FULL
    assert merge(FULL, replace(old, title="Khác")).fields[2:] == FULL.fields[2:]
    changed = merge(FULL, replace(old, note="Chỉ một", url="https://y.vn/b"))
    assert book(changed).new == replace(old, note="Chỉ một", url="https://y.vn/b")
    assert list(changed.all("246", "520", "521", "830")) == list(FULL.all("246", "520", "521", "830"))


def test_words_that_stood_among_the_subjects_once_do_not_make_an_entry_new() -> None:
    old = book(NATIONAL).new
    before = replace(old, subjects=(*old.subjects, *old.keywords), keywords=())
    assert merge(NATIONAL, before) == NATIONAL
    by_hand = merge(NATIONAL, replace(before, edited=("subjects",)))
    assert book(by_hand).new.subjects == before.subjects


def test_copies_may_be_left_out() -> None:
    assert not book(without_copies(NATIONAL)).copies


# Lists of other programs

SLIMS = (
    '"title","gmd_name","edition","isbn_issn","publisher_name","publish_year","collation","series_title","call_number",'
    '"language_name","place_name","classification","notes","image","sor","authors","topics","item_code"'
).split(",")
SLIMS_ROW = ["Dế Mèn", "Text", "", "9786042123457", "Kim Đồng", "2012", "163 tr.", "", "895 D", "Vietnamese", "H.", "895",
             "", "", "", "<Tô Hoài><Kim Lân>", "<Truyện>", "<TN.00001><TN.00002>"]  # fmt: skip


def test_a_list_of_slims_is_known_and_read() -> None:
    profile = list_profiles.guess(SLIMS)
    assert profile
    assert profile.name == "slims"
    for header in (profile.header(SLIMS), profile.positional()):
        reading = columns.read_book(profile.cells(SLIMS_ROW, header), header)
        assert reading.line
        assert (reading.line.title, reading.line.authors) == ("Dế Mèn", ("Tô Hoài", "Kim Lân"))
        assert (reading.line.accessions, reading.line.pages) == (("TN.00001", "TN.00002"), 163)


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("item_code,call_number,coll_type_name,inventory_code,received_date,supplier_name,price,title", "slims-items"),
        ("bibid,copyid,barcode_nmbr,title,title_remainder,author,topic1,topic2,call_nmbr1", "openbiblio"),
        ("biblionumber,barcode,homebranch,itemcallnumber,title,author,dateaccessioned,price", "koha"),
        ("items.itemnumber,items.barcode,biblio.biblionumber,biblio.title,items.itype", "koha"),
    ],
)
def test_other_programs_are_known_by_their_columns(header: str, name: str) -> None:
    profile = list_profiles.guess(header.split(","))
    assert profile
    assert profile.name == name


@pytest.mark.parametrize("header", ["STT,Tên sách,Tác giả,NXB,Năm XB,Giá", "title,author,isbn,price,pages", ""])
def test_lists_of_people_are_nobodys(header: str) -> None:
    assert list_profiles.guess(header.split(",")) is None


def test_every_column_of_a_profile_is_one_we_read() -> None:
    keys = {column.key for profile in list_profiles.list_profiles().values() for column in profile.columns}
    assert keys - {""} <= set(columns.BOOK_WORDS)


def test_topics_in_several_columns_are_read_together() -> None:
    names_ = "bibid,barcode_nmbr,title,author,topic1,topic2,collection_cd".split(",")
    profile = list_profiles.list_profiles()["openbiblio"]
    line = columns.read_book(
        ["1", "00012", "Dế Mèn", "Tô Hoài", "Truyện", "Thiếu nhi", "2"], profile.header(names_)
    ).line
    assert line
    assert line.subjects == ("Truyện Thiếu nhi",) or line.subjects == ("Truyện", "Thiếu nhi")
