"""One's own list, the way to a shelf, books alike, and what programs read."""

import json
import re
from io import BytesIO
from uuid import UUID, uuid4
from xml.etree import ElementTree

import pytest
from PIL import Image

from library.core import clock
from library.finding import lists
from library.finding.models import ListedTitle
from library.jobs import nightly
from tests.finding.test_open_pages import words_of
from tests.support.people import PASSWORD, account, commit, sign_in

ATOM, MAP = "{http://www.w3.org/2005/Atom}", "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def test_a_reader_keeps_a_list_and_hands_it_on(visitor, app, books, slug):
    first, second = books.title("Cây khế", year=2019), books.title("Sọ Dừa")
    commit()
    here = f"/tv/{slug}/danh-sach"
    assert "Danh sách chưa có cuốn nào" in visitor.get(here).get_data(as_text=True)
    for record in (second, first, first):
        back = f"/tv/{slug}/sach/{record.uid}"
        answer = visitor.post(here, data={"deed": "add", "uid": str(record.uid), "next": back})
        assert (answer.status_code, answer.location) == (303, back)
    html = visitor.get(here).get_data(as_text=True)
    assert words_of(html).index("Sọ Dừa / Tô Hoài") < words_of(html).index("Cây khế / Tô Hoài")
    share = re.search(r'value="http://localhost(/[^"]+\?s=[^"]+)"', html)[1]
    other = app.test_client()
    assert "Cây khế" in other.get(share).get_data(as_text=True) and "Cây khế" not in other.get(here).get_data(
        as_text=True
    )
    other.post(here, data={"deed": "keep", "s": share.partition("s=")[2]})
    assert "Cây khế" in other.get(here).get_data(as_text=True)
    visitor.post(here, data={"deed": "remove", "uid": str(second.uid)})
    assert "Sọ Dừa" not in visitor.get(here).get_data(as_text=True)
    visitor.post(here, data={"deed": "empty"})
    assert "Danh sách chưa có cuốn nào" in visitor.get(here).get_data(as_text=True)


def test_the_list_of_an_account_is_the_same_on_every_computer(visitor, app, books, slug, world):
    first, second, third = books.title("Cây khế", year=2019), books.title("Sọ Dừa"), books.title("Tấm Cám")
    account(world, "lan")
    account(world, "bao")
    commit()
    here = f"/tv/{slug}/danh-sach"
    visitor.post(here, data={"deed": "add", "uid": str(third.uid)})
    lan = sign_in(app, "lan")
    for record in (second, first, second):
        assert lan.post(here, data={"deed": "add", "uid": str(record.uid)}).status_code == 303
    other = words_of(sign_in(app, "lan").get(here).get_data(as_text=True))
    assert other.index("Sọ Dừa / Tô Hoài") < other.index("Cây khế / Tô Hoài") and "Tấm Cám" not in other
    assert "đi theo tài khoản" in other
    assert "chưa có cuốn nào" in sign_in(app, "bao").get(here).get_data(as_text=True)
    assert "Sọ Dừa" not in visitor.get(here).get_data(as_text=True)
    lan.post(here, data={"deed": "remove", "uid": str(second.uid)})
    assert "Sọ Dừa" not in sign_in(app, "lan").get(here).get_data(as_text=True)
    lan.post(here, data={"deed": "empty"})
    assert "chưa có cuốn nào" in sign_in(app, "lan").get(here).get_data(as_text=True)


def test_what_a_computer_remembers_is_nobodys_who_signs_in(app, books, slug, world):
    """Many people use one computer. A list somebody was sent can be kept."""
    record = books.title("Cây khế")
    account(world, "lan")
    commit()
    here, client = f"/tv/{slug}/danh-sach", app.test_client()
    client.post(here, data={"deed": "add", "uid": str(record.uid)})
    client.post("/sign-in", data={"login": "lan", "password": PASSWORD})
    assert "chưa có cuốn nào" in client.get(here).get_data(as_text=True)
    client.post(here, data={"deed": "keep", "s": lists.written([record.uid])})
    assert "Cây khế" in sign_in(app, "lan").get(here).get_data(as_text=True)


def test_a_list_goes_with_its_account(app, books, slug, world):
    record = books.title("Cây khế")
    world.session.add(ListedTitle(account=uuid4(), record_id=record.id, position=1))
    mine = account(world, "lan")
    world.session.add(ListedTitle(account=mine.uid, record_id=record.id, position=1))
    commit()
    nightly.forget(clock.now())
    assert [one.account for one in world.session.query(ListedTitle)] == [mine.uid]


def test_a_list_holds_nothing_of_another_network_and_no_junk(visitor, books, slug, world):
    far = books.title("Tấm Cám", library=world.province("Thư viện tỉnh Hà Giang"))
    commit()
    here = f"/tv/{slug}/danh-sach"
    for uid in (str(far.uid), str(uuid4())):
        assert visitor.post(here, data={"deed": "add", "uid": uid}).status_code == 404
    assert visitor.post(here, data={"deed": "add", "uid": "x", "next": "//elsewhere"}).location.endswith(here)
    for text in ("x", "....", lists.written([far.uid]), "A" * 5000, "%00"):
        assert "Tấm Cám" not in visitor.get(here, query_string={"s": text}).get_data(as_text=True)


def test_the_address_of_a_list_carries_its_titles():
    uids = [uuid4() for _ in range(lists.MOST)]
    assert lists._read(lists.written(uids)) == uids
    assert lists._read(lists.written([*uids, UUID(int=1)])) == uids
    assert len(lists.written(uids)) < 1500


def test_books_alike_are_of_the_series_the_author_the_subject(look, books, slug, world):
    record = books.title("Kính vạn hoa", author="Nguyễn Nhật Ánh", series="Tủ sách Áo trắng")
    books.title("Mắt biếc", author="Nguyễn Nhật Ánh")
    books.title("Áo trắng đến trường", author="Lan Anh", series="Tủ sách Áo trắng")
    books.title("Cây khế")
    books.title("Không có bản nào", author="Nguyễn Nhật Ánh", copies=0)
    html = look(f"/tv/{slug}/sach/{record.uid}")
    told = words_of(html.partition("Sách giống cuốn này")[2])
    assert "Mắt biếc" in told and "Áo trắng đến trường" in told
    assert "Cây khế" not in told and "Không có bản nào" not in told


def test_the_page_says_what_it_is_to_programs(look, books, slug, world):
    record = books.title("Dế Mèn </script><b>", year=2019, publisher="Kim Đồng", numbers=(("9786042123457", "isbn"),))
    html = look(f"/tv/{slug}/sach/{record.uid}")
    told = json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', html, re.S)[1])
    assert told["@type"] == "Book" and told["name"] == "Dế Mèn </script><b>" and told["isbn"] == "9786042123457"
    assert told["author"] == [{"@type": "Person", "name": "Tô Hoài"}]
    assert told["offers"]["availability"].endswith("InStock")
    root = world.province().slug
    assert f'<link rel="canonical" href="http://localhost/tv/{root}/sach/{record.uid}">' in html


def test_new_titles_are_fed(visitor, books, slug):
    for title in ("Cây khế & quả", "Sọ Dừa"):
        books.title(title)
    commit()
    answer = visitor.get(f"/tv/{slug}/moi.atom")
    assert answer.mimetype == "application/atom+xml"
    feed = ElementTree.fromstring(answer.data)
    assert [one.text for one in feed.iterfind(f"{ATOM}entry/{ATOM}title")] == ["Sọ Dừa", "Cây khế & quả"]
    assert visitor.get(f"/tv/{slug}/moi.atom", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


def test_every_title_somebody_can_find_is_on_the_map_once(visitor, books, world):
    kept = [books.title("Cây khế"), books.title("Sọ Dừa", library=world.school("Trường A"))]
    books.title("Không có bản nào", copies=0)
    far = books.title("Tấm Cám", library=world.province("Thư viện tỉnh Hà Giang"))
    commit()
    index = ElementTree.fromstring(visitor.get("/sitemap.xml").data)
    maps = [one.text.removeprefix("http://localhost") for one in index.iter(f"{MAP}loc")]
    assert len(maps) == 2
    found = [one.text for path in maps for one in ElementTree.fromstring(visitor.get(path).data).iter(f"{MAP}loc")]
    assert sorted(one.rpartition("/")[2] for one in found) == sorted(str(one.uid) for one in (*kept, far))
    assert all(visitor.get(one.removeprefix("http://localhost")).status_code == 200 for one in found)
    robots = visitor.get("/robots.txt").get_data(as_text=True)
    assert "Sitemap: http://localhost/sitemap.xml" in robots and "Disallow: /\n" in robots


@pytest.mark.parametrize("number", ["0", "2", "99999999999999999999"])
def test_a_map_that_is_none(look, books, world, number):
    books.title("Cây khế")
    look(f"/tv/{world.province().slug}/sitemap-{number}.xml", 404)


def picture() -> BytesIO:
    made = BytesIO()
    Image.new("RGB", (400, 300), "#25634b").save(made, "JPEG")
    made.seek(0)
    return made


def test_the_way_to_a_shelf_is_told_beside_the_book(app, look, books, slug, world, visitor):
    record, place = books.title("Cây khế"), world.place()
    account(world)
    commit()
    ha = sign_in(app)
    sent = {f"words-{place.id}": "Tủ thứ hai bên trái cửa.", f"picture-{place.id}": (picture(), "ke.jpg")}
    assert ha.post("/settings/ways", data=sent).status_code == 303
    html = look(f"/tv/{slug}/sach/{record.uid}")
    assert "Tủ thứ hai bên trái cửa." in html
    shown = visitor.get(re.search(r'class="book-map" src="([^"]+)"', html)[1])
    assert (shown.status_code, shown.mimetype) == (200, "image/jpeg")
    assert ha.post("/settings/ways", data={f"words-{place.id}": "Gần cửa."}).status_code == 303
    assert "book-map" in look(f"/tv/{slug}/sach/{record.uid}")
    assert ha.post("/settings/ways", data={f"words-{place.id}": "", f"drop-{place.id}": "1"}).status_code == 303
    assert "book-map" not in look(f"/tv/{slug}/sach/{record.uid}")


def test_what_is_no_picture_is_refused_and_the_words_are_kept(app, world):
    account(world)
    place = world.place()
    commit()
    sent = {f"words-{place.id}": "Gần <cửa>", f"picture-{place.id}": (BytesIO(b"GIF89a no"), "x.jpg")}
    answer = sign_in(app).post("/settings/ways", data=sent)
    assert answer.status_code == 422 and "Gần &lt;cửa&gt;" in answer.get_data(as_text=True)


def test_another_librarys_places_cannot_be_described(app, world, look):
    account(world)
    theirs = world.place(library=world.school("Trường A"))
    commit()
    sign_in(app).post("/settings/ways", data={f"words-{theirs.id}": "Gần cửa."})
    from library.core.db import db
    from library.finding.models import WayToPlace

    assert db.session.query(WayToPlace).count() == 0
