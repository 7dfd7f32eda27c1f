"""Titles are narrowed and put in order by readers: counts are true, addresses stay, no scripts are needed."""

import re

import pytest
from sqlalchemy import update

from library.access import Scope
from library.catalogue import search
from library.catalogue.models import Format
from library.catalogue.writing import say_locally
from library.core import clock
from library.core.db import db
from library.finding import copies, facets, looking, popularity
from library.finding.asking import Asked
from library.finding.models import TitleLoans
from library.holdings.models import Item
from tests.finding.test_open_pages import words_of
from tests.support.people import commit


@pytest.fixture
def shelf(books, world):
    """Three titles with “Truyện”, one of them spoken, one English, one of another school."""
    made = {
        "kể": books.title("Truyện kể", author="Nguyễn Nhật Ánh", audience="thieu_nhi", ddc="398.2", year=2001),
        "nghe": books.title("Truyện nghe", author="Tô Hoài", format=Format.AUDIO, audience="tieu_hoc", class_mark="V23", year=2020),
        "tranh": books.title("Truyện tranh", author="Bùi Anh", language="eng", audience="thieu_nhi", ddc="741.5"),
        "xa": books.title("Truyện xa", library=world.school("Trường A")),
    }  # fmt: skip
    say_locally(world.session(), world.school().id, made["kể"].id, reading_level=3)
    commit()
    return made


@pytest.fixture
def seen(app, world, shelf):
    library = world.school()
    scope = Scope(networks=frozenset({library.network_id}))

    def look(text: str = "truyen", **asked) -> looking.Seen:
        with app.test_request_context():
            return looking.look(db.session(), Asked(text, **asked), library.id, scope, (), 20)

    return look


def titles(seen: looking.Seen) -> list[str]:
    known = {record.id: record.title for record in db.session.query(search.Record)}
    return [known[one] for one in seen.page.rows]


def told(seen: looking.Seen, group: str) -> dict[str, int]:
    return {one.value: one.count for one in seen.groups.get(group, [])}


def test_each_group_says_how_many_titles_it_leaves(seen):
    found = seen()
    assert {way: count.number for way, count in found.totals.items()} == {"day": 3, "ngay": 3, "moi-noi": 4}
    assert told(found, "audience") == {"thieu_nhi": 2, "tieu_hoc": 1}
    assert told(found, "format") == {"print": 2, "audio": 1}
    assert told(found, "language") == {"vie": 2, "eng": 1}
    assert told(found, "subject") == {"300": 1, "700": 1, "V": 1}


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"audience": "thieu_nhi"}, ["Truyện kể", "Truyện tranh"]),
        ({"format": "audio"}, ["Truyện nghe"]),
        ({"language": "eng"}, ["Truyện tranh"]),
        ({"subject": "300"}, ["Truyện kể"]),
        ({"subject": "V"}, ["Truyện nghe"]),
        ({"level": "3"}, ["Truyện kể"]),
        ({"audience": "thieu_nhi", "language": "vie"}, ["Truyện kể"]),
        ({"audience": "thieu_nhi", "format": "audio"}, []),
        ({"subject": "x"}, []), ({"level": "x"}, []), ({"format": "x"}, []), ({"branch": "x"}, []),
    ],
)  # fmt: skip
def test_a_condition_leaves_what_its_count_said(seen, asked, expected):
    assert titles(seen(**asked)) == expected


def test_a_group_is_counted_as_if_nothing_were_chosen_in_it(seen):
    found = seen(audience="tieu_hoc")
    assert told(found, "audience") == {"tieu_hoc": 1, "thieu_nhi": 2}
    assert found.total.number == 1


def test_branches_are_counted_and_chosen(seen, world):
    found = seen(way="moi-noi")
    far = world.branch(world.school("Trường A"))
    assert told(found, "branch") == {str(world.branch().id): 3, str(far.id): 1}
    assert titles(seen(way="moi-noi", branch=str(far.id))) == ["Truyện xa"]


def test_what_is_lent_is_not_free_now(seen, books, shelf):
    books.lend(books.items(shelf["kể"])[0])
    commit()
    assert seen().totals["ngay"].number == 2
    assert titles(seen(way="ngay")) == ["Truyện nghe", "Truyện tranh"]


@pytest.mark.parametrize(
    ("order", "expected"),
    [("ten", ["kể", "nghe", "tranh"]), ("tac-gia", ["kể", "tranh", "nghe"]), ("nam", ["nghe", "kể", "tranh"]),
     ("moi", ["tranh", "nghe", "kể"]), ("muon", ["tranh", "kể", "nghe"]), ("x", ["kể", "nghe", "tranh"])],
)  # fmt: skip
def test_titles_stand_in_the_order_asked_for(seen, books, shelf, order, expected):
    """People by tên: Ánh, Anh, Hoài is wrong: Anh comes before Ánh, so Bùi Anh before Nguyễn Nhật Ánh."""
    for number in range(2):
        books.items(shelf["tranh"])
        books.lend(books.items(shelf["tranh"])[0], name=f"Bạn {number}") if number == 0 else None
    commit()
    popularity.count_some(db.session(), clock.now())
    commit()
    expected = ["tranh", "kể", "nghe"] if order == "tac-gia" else expected
    assert [one.removeprefix("Truyện ") for one in titles(seen(order=order))] == expected


def test_more_than_can_be_counted_is_told_so_and_the_first_page_is_right(seen, monkeypatch):
    monkeypatch.setattr(search, "COUNTED", 2)
    found = seen(way="moi-noi")
    assert (found.total.number, found.total.more) == (2, True)
    for order, first in (("", "Truyện kể"), ("ten", "Truyện kể"), ("moi", "Truyện xa"), ("nam", "Truyện nghe")):
        assert titles(seen(way="moi-noi", order=order))[0] == first, order
    assert seen(way="day").total == looking.Count(3, False)  # few: all looked at
    assert len(titles(seen("truyen ke"))) == 1


def test_few_copies_in_a_large_network_are_all_looked_at(seen, monkeypatch, books, world):
    for number in range(3):
        books.title(f"Truyện thêm {number}", library=world.school("Trường A"))
    commit()
    monkeypatch.setattr(search, "COUNTED", 3)
    found = seen()
    assert found.totals["day"] == looking.Count(3, False)
    assert found.totals["moi-noi"].more
    assert sorted(titles(found)) == ["Truyện kể", "Truyện nghe", "Truyện tranh"]
    monkeypatch.setattr(copies, "FEW", 0)
    assert seen().totals["day"].more


def test_loans_are_counted_at_night_and_old_ones_forgotten(books, shelf, world):
    books.lend(books.items(shelf["kể"])[0])
    commit()
    popularity.SOME, kept = 1, popularity.SOME
    try:
        while popularity.count_some(db.session(), clock.now()):
            commit()
        assert {row.record_id: row.loans for row in db.session.query(TitleLoans)} == {shelf["kể"].id: 1}
        later = clock.now() + popularity.A_YEAR * 2
        while popularity.count_some(db.session(), later):
            commit()
        assert db.session.query(TitleLoans).count() == 0
    finally:
        popularity.SOME = kept


def test_an_address_is_always_written_the_same_way():
    asked = Asked.read({"xep": "ten", "q": " Dế  Mèn ", "loai": "800", "o": "day", "trang": "1", "junk": "1"})
    assert list(asked.words.items()) == [("q", "Dế Mèn"), ("o", "day"), ("loai", "800"), ("xep", "ten")]
    assert asked.but(page=3).words["trang"] == "3" and "trang" not in asked.but(page=3).but(order="").words


def test_a_form_with_empty_places_leads_to_the_tidy_address(visitor, shelf, slug):
    answer = visitor.get(f"/tv/{slug}/tim?q=truyen&xep=&cho=thieu_nhi&tieng=&loai=")
    assert answer.status_code == 302 and answer.location.endswith(f"/tv/{slug}/tim?q=truyen&cho=thieu_nhi")


def test_conditions_stand_in_the_page_as_fields_and_chosen_ones_can_be_taken_back(look, shelf, slug):
    html = look(f"/tv/{slug}/tim", q="truyen", cho="thieu_nhi")
    assert "<legend>Cho ai</legend>" in html and 'name="cho" value="thieu_nhi" checked' in html
    chip = re.search(r'class="chip is-on" href="([^"]+)"[^>]*>\s*Thiếu nhi', html)
    assert chip and chip[1] == f"/tv/{slug}/tim?q=truyen"
    assert "2 nhan đề." in words_of(html)
    assert "Không có nhan đề nào đúng mọi điều kiện" in look(f"/tv/{slug}/tim", q="truyen", cho="thcs")


def test_without_words_one_can_look_through_what_is_there(look, shelf, slug):
    told = words_of(look(f"/tv/{slug}/tim", xep="nam"))
    assert told.index("Truyện nghe") < told.index("Truyện kể") < told.index("Truyện tranh")


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("ánh", True),
        ("nguyen nhat anh", True),
        ("anh nguyen nhat", True),
        ("N N Ánh", True),
        ("n.n.anh", True),
        ("N B Ánh", False),
    ],
)
def test_people_are_found_by_ten_full_name_and_initials(seen, typed, found):
    assert ("Truyện kể" in titles(seen(typed))) is found


def test_subjects_are_told_by_dewey_else_by_the_schools_marks():
    told = [facets.subject_of(*pair) for pair in (("8", ""), ("", "V2"), ("", "5A"), ("", "53"), ("", "ĐV"), ("", "?"))]
    assert told == ["800", "V", "5A", "5", "Đ", ""]


def test_staff_narrow_their_list_too(app, world, shelf):
    from tests.support.people import account, sign_in

    account(world)
    commit()
    html = sign_in(app).get("/titles?q=truyen&dang=audio").get_data(as_text=True)
    assert "Truyện nghe" in words_of(html) and "Truyện kể" not in words_of(html)
    db.session.execute(update(Item).values(not_for_loan=True))
