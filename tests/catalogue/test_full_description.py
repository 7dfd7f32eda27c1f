"""Every field of a title on one page; what a person changes wins over the record it came from, which is kept whole."""

import re
from dataclasses import fields as fields_of
from html import unescape

import pytest

from library.catalogue import audiences, edits, levels, roles
from library.catalogue.models import Format, NumberKind, Role
from library.catalogue.writing import NewRecord, as_new, create
from tests.cataloguing.conftest import fields
from tests.support.people import account, commit, sign_in

WHOLE = NewRecord(
    "Kính vạn hoa",
    (("Nguyễn Nhật Ánh", Role.AUTHOR), ("Trần An", Role.TRANSLATOR), ("Đỗ Hoàng Tường", Role.ILLUSTRATOR),
     ("Lê Bình", Role.CHIEF_EDITOR), ("Mai Lan", Role.CORRECTOR)),
    subtitle="Truyện dài", part_number="Tập 2", part_title="Những con gấu bông", edition="Tái bản lần 5",
    place="Tp. Hồ Chí Minh", publisher="NXB Trẻ", year=2019, extent="163 tr.", illustration="tranh màu",
    dimensions="21 cm", series="Tủ sách vàng", series_number="T.3", language="vie", original_languages="eng fre",
    format=Format.AUDIO, ddc="895.9223", class_mark="V23", title_code="K312V", audience="tieu_hoc", grade="5",
    kind="STN", subjects=("Truyện thiếu nhi", "Tình bạn"), keywords=("gấu bông", "lớp học"), note="ĐTTS ghi: Trẻ.",
    summary="Ba bạn nhỏ và những chuyện lạ.", url="https://thuvien.example/kinh-van-hoa", price=45_000,
    numbers=(("9786041123458", NumberKind.ISBN), ("12345", NumberKind.OTHER), ("12345679", NumberKind.ISSN),
             ("8935244801231", NumberKind.EAN)),
    marc=b"the record as it came",
)  # fmt: skip


@pytest.fixture
def ha(app, world):
    account(world)
    commit()
    return sign_in(app)


@pytest.fixture
def record(world):
    made = create(world.session(), world.school().network_id, WHOLE)
    commit()
    return made


def page(ha, record):
    return ha.get(f"/titles/{record.uid}/edit").get_data(as_text=True)


def sent(html):
    found = fields(html)
    for name, inside in re.findall(r'<textarea[^>]* name="(\w+)"[^>]*>([^<]*)</textarea>', html):
        found[name] = inside
    return found


def save(ha, record, **changed):
    return ha.post(f"/titles/{record.uid}/edit", data=sent(page(ha, record)) | changed)


def test_the_page_sent_back_untouched_changes_nothing(ha, record):
    assert as_new(record) == WHOLE
    assert save(ha, record).status_code == 303
    assert as_new(record) == WHOLE


@pytest.mark.parametrize(
    ("field", "typed", "name", "value"),
    [
        ("subtitle", "Tập truyện", "subtitle", "Tập truyện"), ("part_title", "", "part_title", ""),
        ("edition", "In lần 2; có sửa chữa", "edition", "In lần 2; có sửa chữa"), ("place", "Hà Nội", "place", "Hà Nội"),
        ("series_number", "T.4", "series_number", "T.4"), ("illustration", "ảnh", "illustration", "ảnh"),
        ("dimensions", "19 cm", "dimensions", "19 cm"), ("language", "eng", "language", "eng"),
        ("original_languages", "Tiếng Nga; nhật", "original_languages", "rus jpn"),
        ("original_languages", "", "original_languages", ""),
        ("format", "braille", "format", Format.BRAILLE), ("audience", "thcs", "audience", "thcs"),
        ("audience", "", "audience", ""), ("grade", "6", "grade", "6"), ("keywords", "một\nhai", "keywords", ("một", "hai")),
        ("subjects", "Cổ tích", "subjects", ("Cổ tích",)), ("note", "", "note", ""), ("url", "", "url", ""),
        ("price", "50.000", "price", 50_000), ("other", "", "numbers", WHOLE.numbers[:1] + WHOLE.numbers[2:]),
    ],
)  # fmt: skip
def test_one_field_changes_and_is_remembered(ha, record, field, typed, name, value):
    assert save(ha, record, **{field: typed}).status_code == 303
    now = as_new(record)
    assert getattr(now, name) == value
    assert now.edited == (name,)
    assert now.marc == WHOLE.marc
    same = [one.name for one in fields_of(NewRecord) if one.name not in (name, "edited")]
    assert all(getattr(now, one) == getattr(WHOLE, one) for one in same)


@pytest.mark.parametrize(
    ("field", "typed"),
    [("url", "javascript:alert(1)"), ("url", "thuvien.edu.vn"), ("original_languages", "tiếng chim"),
     ("format", "đá"), ("language", "xx"), ("audience", "mèo"), ("other-0-role", "vua"), ("year", "xưa"), ("price", "rẻ")],
)  # fmt: skip
def test_what_cannot_be_read_is_said_and_everything_is_kept(ha, record, field, typed):
    answer = save(ha, record, **{field: typed, "subtitle": "Đang gõ dở"})
    html = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert re.search(rf'name="{field}"[^>]*aria-invalid="true"', html)
    assert 'value="Đang gõ dở"' in html
    assert as_new(record) == WHOLE


def test_people_come_and_go_with_what_they_did(ha, record):
    html = page(ha, record)
    assert sent(html)["other-0-name"] == "Lê Bình"
    assert sent(html)["other-0-role"] == "chief-editor"
    changed = {"other-0-name": "", "other-2-name": "Kim Anh", "other-2-role": "introducer", "translator": "Trần An; Hà"}
    assert save(ha, record, **changed).status_code == 303
    assert set(as_new(record).credits) == {
        ("Nguyễn Nhật Ánh", Role.AUTHOR), ("Trần An", Role.TRANSLATOR), ("Hà", Role.TRANSLATOR),
        ("Đỗ Hoàng Tường", Role.ILLUSTRATOR), ("Mai Lan", Role.CORRECTOR), ("Kim Anh", Role.INTRODUCER),
    }  # fmt: skip
    assert as_new(record).edited == ("credits",)


def test_a_sentence_that_names_the_people_of_before_goes_with_them(ha, world):
    made = create(world.session(), world.school().network_id,
                  NewRecord("Cây khế", (("An", Role.AUTHOR),), responsibility="An kể"))  # fmt: skip
    commit()
    save(ha, made, author="Bình")
    assert as_new(made).responsibility == ""


def test_fields_changed_by_hand_win_over_the_source_when_it_comes_again(ha, record):
    save(ha, record, publisher="Kim Đồng", year="2020")
    save(ha, record, grade="4")
    now = as_new(record)
    assert set(now.edited) == {"publisher", "year", "grade"}
    again = edits.over_source(
        NewRecord("Kính vạn hoa (tái bản)", publisher="NXB Trẻ", year=2019, extent="170 tr."), now
    )
    assert (again.title, again.extent) == ("Kính vạn hoa (tái bản)", "170 tr.")
    assert (again.publisher, again.year, again.grade) == ("Kim Đồng", 2020, "4")
    assert set(again.edited) == {"publisher", "year", "grade"}
    html = page(ha, record)
    assert "Nhà xuất bản ✎" in html and "Số trang ✎" not in html


def test_free_words_and_places_are_searched(ha, record):
    assert "gau bong" in record.search_text
    assert "Kính vạn hoa" in ha.get("/titles?q=gau+bong+lop").get_data(as_text=True)


def test_the_card_stands_on_both_pages(ha, app, record, world):
    world.items(1, record=record)
    commit()
    told = "Kính vạn hoa. T.2, Những con gấu bông : Truyện dài / Nguyễn Nhật Ánh ; Ch.b.: Lê Bình ; Dịch: Trần An"
    for address in (f"/titles/{record.uid}", f"/tv/{world.school().slug}/sach/{record.uid}"):
        html = app.test_client().get(address) if address.startswith("/tv") else ha.get(address)
        seen = html.get_data(as_text=True)
        assert told in seen, address
        (counted,) = set(re.findall(r'href="(/go/[^"]+)"', seen))
        assert app.test_client().get(unescape(counted)).location == "https://thuvien.example/kinh-van-hoa"


def test_an_address_that_is_no_web_address_is_no_link(ha, world):
    made = create(world.session(), world.school().network_id, NewRecord("Xấu", url="javascript:alert(1)"))
    world.items(1, record=made)
    commit()
    for address in (f"/titles/{made.uid}", f"/tv/{world.school().slug}/sach/{made.uid}"):
        assert "javascript:" not in ha.get(address).get_data(as_text=True).partition("<main")[2]


def test_every_role_has_its_name_its_order_and_a_relator_of_its_own() -> None:
    assert set(roles.ROLES) == set(Role)
    relators = [one.relator for one in roles.ROLES.values()]
    assert len(set(relators)) == len(relators)
    assert all(roles.of_relator(one.relator) is role for role, one in roles.ROLES.items())
    assert all(roles.of_words(one.label) is role for role, one in roles.ROLES.items())


@pytest.mark.parametrize(
    ("words", "role"),
    [("Ch.b.", Role.CHIEF_EDITOR), ("chủ biên", Role.CHIEF_EDITOR), ("B.s", Role.COMPILER), ("người dịch", Role.TRANSLATOR),
     ("Minh hoạ", Role.ILLUSTRATOR), ("Vẽ tranh", Role.ARTIST), ("Tranh", Role.ARTIST), ("h.đ.", Role.CORRECTOR),
     ("soạn lời", Role.TEXT), ("kể", Role.TELLER), ("s.t.", Role.COLLECTOR), ("vua", None)],
)  # fmt: skip
def test_words_of_title_pages_are_roles(words, role):
    assert roles.of_words(words) is role


def test_audiences_and_levels_have_their_codes() -> None:
    assert audiences.of_words("Tiểu học") == "tieu_hoc"
    assert audiences.of_words("người lớn") == "nguoi_lon"
    assert audiences.of_words("nhà du hành") == "nhà du hành"
    assert audiences.of_marc("b") == "tieu_hoc"
    assert audiences.label("thcs") == "Học sinh trung học cơ sở"
    assert set(levels.LOOKS) == set(levels.LEVELS)
    assert "".join(look.letter for look in levels.LOOKS.values()) == "GROWBY"
    assert levels.of_letter("y") == 6
