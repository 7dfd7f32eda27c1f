"""What a reader without an account sees: the books of the library's network, where they are, and nothing about people."""

import re
import unicodedata
from datetime import timedelta

import pytest
from sqlalchemy import update

from library.catalogue.writing import say_locally
from library.core import clock
from library.holdings import places, stays
from library.holdings.models import Item, PlaceKind, Register
from library.inbox import acts
from library.loans.models import Loan
from library.organisations import founding
from tests.support.people import commit
from tests.support.statements import counted


def words_of(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_a_pupil_finds_a_book_without_its_marks(look, books, slug):
    record = books.title("Dế Mèn phiêu lưu ký", copies=2)
    for asked in ("de men", "DE MEN", "mèn dế", "Tô Hoài", unicodedata.normalize("NFD", "Dế Mèn")):
        html = look(f"/tv/{slug}/tim", q=asked)
        assert f"/tv/{slug}/sach/{record.uid}" in html
    html = look(f"/tv/{slug}/tim", q="de men")
    assert "<mark>Dế Mèn</mark> phiêu lưu ký" in html
    assert "<b>Còn 2 cuốn</b> ở thư viện trường em" in html
    assert "Đúng ý em là" in html


def test_a_title_that_is_not_there_gets_a_kind_word_and_a_guess(look, books, slug):
    books.title("Dế Mèn phiêu lưu ký")
    told = words_of(look(f"/tv/{slug}/tim", q="de mem"))
    assert "Không thấy sách tên “de mem”. Em thử gõ “ Dế Mèn ”, hoặc hỏi cô thủ thư nhé." in told
    told = words_of(look(f"/tv/{slug}/tim", q="<script>alert(1)</script>"))
    assert "Em thử gõ ít chữ hơn, hoặc hỏi cô thủ thư nhé." in told


def test_what_is_typed_never_becomes_part_of_the_page(look, books, slug):
    books.title("<b>Dế</b> & Mèn", summary="<i>Chú dế</i>")
    for html in (look(f"/tv/{slug}/tim", q='"><script>alert(1)</script>'), look(f"/tv/{slug}/tim", q="<b>Dế</b> mèn")):
        assert "<script>alert" not in html and "<b>Dế" not in html


def test_a_book_with_a_reader_says_when_it_comes_back_and_not_who_has_it(look, books, slug):
    record = books.title("Cây khế")
    due = books.lend(books.items(record)[0])
    listed = look(f"/tv/{slug}/tim", q="khe")
    page = look(f"/tv/{slug}/sach/{record.uid}")
    for html in (listed, page):
        assert f"{due:%d/%m}" in html
        assert not re.search(r"\bLan\b", html) and "5A" not in html and "Hoàng" not in html
    assert "0 / 1" in page


def test_a_late_book_promises_no_day(look, books, slug):
    record = books.title("Cây khế")
    books.lend(books.items(record)[0], days=14)
    books.world.session.execute(update(Loan).values(due_on=clock.today() - timedelta(days=3)))
    told = words_of(look(f"/tv/{slug}/sach/{record.uid}"))
    assert "Có bạn đang mượn 0 / 1" in told and "hẹn trả" not in told and "trễ" not in told


def test_a_book_lost_or_struck_out_is_not_promised(look, books, slug, world):
    record = books.title("Cây khế", copies=3)
    lost, gone, _ = books.items(record)
    books.lend(lost)
    world.session.execute(update(Loan).values(lost_at=clock.now()))
    world.session.execute(update(Item).where(Item.id == gone.id).values(register_status=Register.WRITTEN_OFF))
    assert "còn 1" in look(f"/tv/{slug}/sach/{record.uid}")


def test_only_a_copy_on_an_open_shelf_that_may_go_home_is_free(look, books, slug, world):
    record = books.title("Từ điển", copies=3)
    kept, held, _ = books.items(record)
    world.session.execute(update(Item).where(Item.id == kept.id).values(not_for_loan=True))
    held_at = world.place(PlaceKind.HOLD_SHELF)
    world.session.execute(update(Item).where(Item.id == held.id).values(place_id=held_at.id))
    assert "còn 1" in look(f"/tv/{slug}/sach/{record.uid}")


def test_reading_room_books_are_told_as_such(look, books, slug, world):
    record = books.title("Từ điển")
    world.session.execute(update(Item).values(not_for_loan=True))
    assert "Chỉ đọc tại chỗ" in look(f"/tv/{slug}/sach/{record.uid}")
    assert "Lấy được ngay <b>0</b>" in look(f"/tv/{slug}/tim", q="tu dien")


def test_a_book_of_a_class_shelf_is_told_under_it_also_while_it_is_lent(look, books, slug, world):
    record = books.title("Cây khế", copies=2)
    item, _ = books.items(record)
    shelf = places.place_named(world.session(), world.branch().id, "Tủ lớp 4A", PlaceKind.CLASS_SHELF)
    doing = world.doing()
    act = acts.write(world.session(), doing, "shelve", clock.now()), doing.uid
    stays.begin(world.session(), act, (item.id, item.uid), shelf.id, "class-shelf", clock.now())
    books.lend(item)
    told = words_of(look(f"/tv/{slug}/sach/{record.uid}"))
    assert "Tủ lớp 4A Có bạn đang mượn" in told and "Thư viện trường em Lấy được ngay còn 1" in told


def test_own_copies_come_first_and_other_libraries_are_named(look, books, slug, world):
    record = books.title("Cây khế", copies=0)
    for name in ("Trường A", "Trường B"):
        world.items(1, world.school(name), record=record)
    world.items(1, record=record)
    names = re.findall(r'entry-title">([^<]+)', look(f"/tv/{slug}/sach/{record.uid}"))
    assert names == ["Thư viện trường em", "Trường A", "Trường B"]


def test_a_book_only_elsewhere_is_offered_from_there(look, books, slug, world):
    books.title("Cây khế", library=world.school("Trường A"))
    told = words_of(look(f"/tv/{slug}/tim", q="khe"))
    assert "Nơi đây chưa có sách này" in told and "ở Trường A" in told
    assert "Ở đây chưa có cuốn nào" in words_of(look(f"/tv/{slug}/tim", q="khe", o="day"))


def test_another_networks_books_are_never_shown(look, books, slug, world):
    far = world.province("Thư viện tỉnh Hà Giang")
    record = books.title("Cây khế", library=far)
    assert str(record.uid) not in look(f"/tv/{slug}/tim", q="khe") + look(f"/tv/{slug}/tim", q="khe", o="moi-noi")
    look(f"/tv/{slug}/sach/{record.uid}", 404)
    assert look(f"/tv/{slug}/goi-y", q="cay khe").strip() == "[]"
    assert str(record.uid) in look(f"/tv/{far.slug}/tim", q="khe")


def test_titles_without_any_copy_are_not_shown_to_readers(look, books, slug):
    record = books.title("Cây khế", copies=0)
    assert str(record.uid) not in look(f"/tv/{slug}/tim", q="khe")
    look(f"/tv/{slug}/sach/{record.uid}", 404)


def test_the_number_on_a_copy_finds_its_title(look, books, slug, world):
    record = books.title("Cây khế")
    item = books.items(record)[0]
    assert item.accession == "TN.00001"
    for asked in ("TN.00001", "tn00001", "TN 1", "tn.1"):
        assert str(record.uid) in look(f"/tv/{slug}/tim", q=asked), asked
    assert str(record.uid) not in look(f"/tv/{slug}/tim", q="TN.00002")
    assert str(record.uid) not in look(f"/tv/{world.province().slug}/tim", q="TN.00001", o="day")


def test_suggestions_are_titles_with_addresses(visitor, books, slug):
    record = books.title("Dế Mèn phiêu lưu ký")
    commit()
    answer = visitor.get(f"/tv/{slug}/goi-y", query_string={"q": "de m"})
    expected = {"title": "Dế Mèn phiêu lưu ký", "author": "Tô Hoài", "url": f"/tv/{slug}/sach/{record.uid}"}
    assert answer.get_json() == [expected]
    assert visitor.get(f"/tv/{slug}/goi-y", query_string={"q": "d"}).get_json() == []


def test_the_book_page_tells_what_is_on_the_spine_and_who_made_it(look, books, slug, world):
    record = books.title("Dế Mèn phiêu lưu ký", ddc="895.9223", title_code="D250M", publisher="NXB Kim Đồng", year=2019,
                         extent="144 tr.", summary="Chú Dế Mèn kiêu căng.")  # fmt: skip
    say_locally(world.session(), world.school().id, record.id, reading_level=6)
    told = words_of(look(f"/tv/{slug}/sach/{record.uid}"))
    for part in ("895.9223 D250M", "NXB Kim Đồng · 2019 144 tr.", "Chú Dế Mèn kiêu căng.", "Vàng lớp 4–5"):
        assert part in told
    say_locally(world.session(), world.school().id, record.id, call_number="VH T45")
    assert "VH T45" in words_of(look(f"/tv/{slug}/sach/{record.uid}"))


def test_the_first_page_shows_what_came_last(look, books, slug):
    for title in ("Cây khế", "Thạch Sanh"):
        books.title(title)
    html = look(f"/tv/{slug}")
    assert html.index("Thạch Sanh") < html.index("Cây khế")
    assert "Sách mới về" in html


def test_an_empty_library_says_what_to_do(look, slug):
    assert "Gõ tên sách hoặc tên tác giả" in look(f"/tv/{slug}")
    assert "Không thấy sách" in look(f"/tv/{slug}/tim", q="khe")


def test_one_network_has_one_search_page_and_several_are_chosen_from(visitor, look, world, slug):
    commit()
    answer = visitor.get("/tim?q=khe")
    assert answer.status_code == 302 and answer.location.endswith(f"/tv/{world.province().slug}/tim?q=khe")
    far = world.province("Thư viện tỉnh Hà Giang")
    html = look("/tim")
    assert f"/tv/{far.slug}" in html and f"/tv/{world.province().slug}" in html and f"/tv/{slug}" not in html


def test_the_address_of_a_merged_school_leads_to_its_successor(visitor, look, world, slug):
    heir = world.school("Trường Tiểu học Đức Xuân")
    founding.succeed(world.session(), world.school(), heir, clock.today())
    commit()
    answer = visitor.get(f"/tv/{slug}/tim?q=khe")
    assert answer.status_code == 308 and answer.location.endswith(f"/tv/{heir.slug}/tim?q=khe")


@pytest.mark.parametrize("address", ["/tv/khong-co", "/tv/khong-co/tim?q=a", "/tv/khong-co/goi-y?q=ab"])
def test_an_unknown_library_is_not_there(look, address):
    look(address, 404)


@pytest.mark.parametrize("page", ["0", "-1", "x", "999999999", "2"])
def test_a_strange_page_number_is_no_accident(look, books, slug, page):
    books.title("Cây khế")
    look(f"/tv/{slug}/tim", q="khe", trang=page)


def test_pages_of_results_follow_each_other(look, books, slug):
    for number in range(25):
        books.title(f"Truyện cổ {number:02}")
    first, second = (look(f"/tv/{slug}/tim", q="truyen co", trang=page) for page in "12")
    assert "Truyện cổ</mark> 19" in first and "Truyện cổ</mark> 20" not in first
    assert "Truyện cổ</mark> 20" in second and "Truyện cổ</mark> 24" in second


def test_statements_do_not_grow_with_the_results(look, books, slug):
    def sent(asked: str) -> int:
        with counted() as statements:
            look(f"/tv/{slug}/tim", q=asked)
        return len(statements)

    books.title("Cây khế", copies=2)
    few = sent("khe")
    for number in range(20):
        record = books.title(f"Thơ {number}", author=f"Tác giả {number}", copies=2)
        books.lend(books.items(record)[0], name=f"Bạn {number}")
    assert sent("tho") == few <= 16


def test_a_visit_writes_nothing(look, books, slug):
    record = books.title("Cây khế")
    with counted() as statements:
        for address in (f"/tv/{slug}", f"/tv/{slug}/sach/{record.uid}", "/tim"):
            look(address, 302 if address == "/tim" else 200)
        look(f"/tv/{slug}/tim", q="khe")
    assert [text for text in statements if not text.lstrip().upper().startswith(("SELECT", "WITH"))] == []
