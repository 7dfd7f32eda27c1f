"""Links of titles: shown, shared, opened through our own door and counted once; never a way to anywhere else."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from library.catalogue.models import Record
from library.core import clock
from library.core.db import db
from library.duplicates import merging
from library.holdings.models import Register
from library.organisations.models import Organisation
from library.promotion import digital
from library.promotion.club_frame import NotSo
from library.promotion.digital import NewLink
from library.promotion.digital_models import DigitalLink, LinkKind
from library.uses.models import DocumentUse, UseKind
from tests.support.people import account, sign_in
from tests.support.world import World

AUDIO = "https://sachnoi.example.vn/de-men"
BROWSER = {"User-Agent": "Mozilla/5.0 (Windows NT 6.1) Chrome/109.0"}


def link(world: World, record: Record, address: str = AUDIO, shared: bool = True) -> DigitalLink:
    new = NewLink("Nghe kể chuyện", address, LinkKind.AUDIO, "CC BY 4.0", shared)
    return digital.put(world.session(), world.doing(), record, world.branch().id, new)


def opened() -> int:
    query = select(func.coalesce(func.sum(DocumentUse.quantity), 0)).where(DocumentUse.kind == UseKind.DIGITAL)
    return db.session.scalar(query) or 0


def visitor(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("https://vi.wikisource.org/wiki/D%E1%BA%BF", "https://vi.wikisource.org/wiki/D%E1%BA%BF"),
        (" vi.wikisource.org/wiki ", "https://vi.wikisource.org/wiki"), ("http://thuvien.vn:8080/a?b=1", "http://thuvien.vn:8080/a?b=1"),
        ("javascript:alert(1)", None), ("data:text/html,x", None), ("//evil.vn", None), ("https://a:b@evil.vn/", None),
        ("https://evil.vn\\@sach.vn", None), ("https://sach vn", None), ("https://sach.vn:99999", None), ("ftp://sach.vn/a", None),
        ("https://", None), ("", None), ("https://sach.vn/\r\nSet-Cookie: a", None),
    ],
)  # fmt: skip
def test_only_addresses_of_the_web_are_stored(text: str, meant: str | None) -> None:
    assert digital.address_or_none(text) == meant


def test_opening_counts_once_in_half_an_hour_and_names_nobody(app: Flask, world: World) -> None:
    record = world.record()
    record.class_mark, record.url = "V24", "https://thuvien.example.vn/de-men.pdf"
    one = link(world, record)
    world.session.commit()
    lan, slug = visitor(app), world.school().slug
    for uid, address in ((one.uid, AUDIO), (one.uid, AUDIO), (record.uid, record.url)):
        answer = lan.get(f"/go/{uid}?tv={slug}&next=https://evil.vn", headers=BROWSER)
        assert (answer.status_code, answer.location) == (302, address)
    use = db.session.scalars(select(DocumentUse)).one()
    told = (use.kind, use.quantity, use.branch_id, use.record_id, use.class_mark, use.channel, use.item_id)
    assert told == (UseKind.DIGITAL, 1, world.branch().id, record.id, "V24", "opac", None)
    with clock.stopped_at(clock.now() + timedelta(minutes=31)):
        lan.get(f"/go/{one.uid}?tv={slug}", headers=BROWSER)
    visitor(app).get(f"/go/{one.uid}", headers=BROWSER)
    assert opened() == 3, "half an hour later, and another browser"


def test_robots_and_looking_ahead_go_through_uncounted(app: Flask, world: World) -> None:
    one = link(world, world.record())
    world.session.commit()
    for said in (
        {"User-Agent": "Mozilla/5.0 (compatible; Googlebot/2.1)"}, {"User-Agent": ""}, {"User-Agent": "curl/8.0"},
        BROWSER | {"Sec-Purpose": "prefetch;prerender"}, BROWSER | {"Sec-Fetch-Site": "cross-site"},
        BROWSER | {"Sec-Fetch-Dest": "image"},
    ):  # fmt: skip
        answer = visitor(app).get(f"/go/{one.uid}", headers=said)
        assert (answer.status_code, answer.headers["X-Robots-Tag"]) == (302, "noindex, nofollow")
    assert visitor(app).head(f"/go/{one.uid}", headers=BROWSER).status_code == 302
    assert opened() == 0


def test_what_was_taken_off_or_is_no_web_address_leads_nowhere(app: Flask, world: World) -> None:
    record = world.record()
    one = link(world, record)
    record.url = "javascript:alert(1)"
    digital.remove(world.session(), world.doing(), one)
    world.session.commit()
    for uid in (one.uid, record.uid, clock.uuid7()):
        assert visitor(app).get(f"/go/{uid}", headers=BROWSER).status_code == 404
    digital.bring_back(world.session(), world.doing(), one)
    world.session.execute(update(DigitalLink).values(address="data:text/html,x"))
    world.session.commit()
    assert visitor(app).get(f"/go/{one.uid}", headers=BROWSER).status_code == 404, "stored by whatever way"


def test_a_database_that_cannot_be_written_keeps_nobody_from_reading(
    app: Flask, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = link(world, world.record())
    world.session.commit()

    def full(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(digital, "opened", full)
    assert visitor(app).get(f"/go/{one.uid}", headers=BROWSER).location == AUDIO
    assert opened() == 0


def test_links_are_shared_unless_they_are_not_and_follow_a_merged_title(world: World) -> None:
    record, twin = world.record(), world.record("Dế Mèn phiêu lưu kí")
    own = link(world, record, "https://sach.vn/rieng", shared=False)
    shared = link(world, twin)
    with pytest.raises(NotSo, match="twice"):
        link(world, twin)
    merging.merge(world.session(), world.doing(), record, twin)
    there = world.school("Trường Tiểu học Sông Cầu").id
    assert list(digital.of(world.session(), record.id, world.school().id)) == [own, shared]
    assert list(digital.of(world.session(), record.id, there)) == [shared]
    aim = digital.aim(world.session(), shared.uid)
    assert aim
    assert aim.record == record, "counted for the title that stands"


def test_a_librarian_puts_a_link_where_readers_see_it(app: Flask, world: World) -> None:
    account(world)
    record = world.record()
    world.items(1, record=record)
    world.session.commit()
    ha, slug = sign_in(app), world.school().slug
    base, told = (
        f"/titles/{record.uid}/links",
        {"label": "Nghe kể chuyện", "address": "sachnoi.example.vn/de-men", "kind": "audio"},
    )
    assert ha.post(base, data=told | {"address": "javascript:alert(1)"}).status_code == 422
    assert ha.post(base, data=told).status_code == 303
    one = db.session.scalars(select(DigitalLink)).one()
    for page in (visitor(app).get(f"/tv/{slug}/sach/{record.uid}"), ha.get(f"/titles/{record.uid}")):
        text = page.get_data(as_text=True)
        assert f'href="/go/{one.uid}?tv={slug}"' in text
        assert AUDIO not in text
    assert (
        ha.post(f"/digital/{one.uid}", data=told | {"label": "Nghe", "own_only": "1", "licence": "CC0"}).status_code
        == 303
    )
    assert (one.label, one.shared, one.licence) == ("Nghe", False, "CC0")
    ha.post(f"/digital/{one.uid}", data={"do": "remove"})
    assert str(one.uid) not in visitor(app).get(f"/tv/{slug}/sach/{record.uid}").get_data(as_text=True)
    assert "Cho hiện lại" in ha.get(f"/digital/{one.uid}").get_data(as_text=True)
    ha.post(f"/digital/{one.uid}", data={"do": "restore"})
    visitor(app).get(f"/go/{one.uid}?tv={slug}", headers=BROWSER)
    listed = ha.get("/digital?q=de+men&kind=audio").get_data(as_text=True)
    assert str(one.uid) in listed
    assert "1 lượt" in listed


def test_readers_find_what_no_shelf_has_and_not_what_another_library_keeps_to_itself(app: Flask, world: World) -> None:
    one, own = (
        link(world, world.record("Truyện Kiều")),
        link(world, world.record(), "https://sach.vn/rieng", shared=False),
    )
    slug, there = world.school().slug, world.school("Trường Tiểu học Sông Cầu").slug
    world.session.commit()
    lan = visitor(app)
    assert f"/tv/{slug}/tai-nguyen-so" in lan.get(f"/tv/{slug}").get_data(as_text=True)
    here, beyond = (lan.get(f"/tv/{name}/tai-nguyen-so").get_data(as_text=True) for name in (slug, there))
    assert [str(uid) in page for page in (here, beyond) for uid in (one.uid, own.uid)] == [True, True, True, False]
    found = lan.get(f"/tv/{slug}/tai-nguyen-so?q=kieu&kind=audio").get_data(as_text=True)
    assert (str(one.uid) in found, str(own.uid) in found) == (True, False)


def test_the_slug_of_another_network_counts_for_nobody_there(app: Flask, world: World) -> None:
    from library.organisations import founding
    from library.organisations.models import OrganisationKind

    far: Organisation = founding.found(world.session(), OrganisationKind.PROVINCE, "Thư viện tỉnh khác")
    one = link(world, world.record())
    world.session.commit()
    visitor(app).get(f"/go/{one.uid}?tv={far.slug}", headers=BROWSER)
    assert db.session.scalars(select(DocumentUse.branch_id)).all() == [world.branch().id]


def found(app: Flask, world: World, words: str, where: str = "") -> str:
    library = world.school(where) if where else world.school()
    return visitor(app).get(f"/tv/{library.slug}/tim", query_string={"q": words}).get_data(as_text=True)


def test_a_title_on_the_net_alone_is_found_by_readers(app: Flask, world: World) -> None:
    """In the search, the suggestions and the sitemap of its library; with words of its own in place of a shelf."""
    record = world.record("Truyện kể đêm trăng")
    one = link(world, record)
    world.session.commit()
    slug, lan = world.school().slug, visitor(app)
    text = found(app, world, "dem trang")
    assert f"/tv/{slug}/sach/{record.uid}" in text
    assert "<b>Trên mạng</b>: mở ra là đọc" in text
    assert "Nơi đây chưa có" not in text
    assert [hit["title"] for hit in lan.get(f"/tv/{slug}/goi-y?q=dem trang").json or []] == [record.title]
    page = lan.get(f"/tv/{slug}/sach/{record.uid}").get_data(as_text=True)
    assert f'href="/go/{one.uid}?tv={slug}"' in page
    assert "Trên mạng" in page
    assert "Giữ chỗ cho em" not in page, "there is no copy to keep"
    digital.remove(world.session(), world.doing(), one)
    world.session.commit()
    assert str(record.uid) not in found(app, world, "dem trang")
    assert lan.get(f"/tv/{slug}/sach/{record.uid}").status_code == 404


def test_a_link_of_one_library_alone_is_found_there_alone(app: Flask, world: World) -> None:
    record = world.record("Truyện kể đêm trăng")
    link(world, record, shared=False)
    world.session.commit()
    assert str(record.uid) in found(app, world, "dem trang")
    assert str(record.uid) not in found(app, world, "dem trang", "Trường Tiểu học Sông Cầu")


def test_a_title_merged_into_one_without_copies_brings_its_link(app: Flask, world: World) -> None:
    kept, middle, gone = (world.record(name) for name in ("Truyện kể đêm trăng", "Kể đêm trăng", "Đêm trăng"))
    link(world, gone)
    merging.merge(world.session(), world.doing(), middle, gone)
    merging.merge(world.session(), world.doing(), kept, middle)
    world.session.commit()
    text = found(app, world, "dem trang")
    assert str(kept.uid) in text
    assert str(gone.uid) not in text


def test_an_address_in_the_description_is_enough_unless_the_list_was_taken_back(app: Flask, world: World) -> None:
    record, odd = world.record("Truyện kể đêm trăng"), world.record("Đêm trăng ngoài khơi")
    record.url, odd.url = "https://sach.vn/dem-trang", "javascript:alert(1)"
    world.session.commit()
    text = found(app, world, "dem trang")
    assert str(record.uid) in text
    assert str(odd.uid) not in text
    (item,) = world.items(1, record=record)
    item.register_status = Register.STRUCK_OUT
    world.session.commit()
    assert str(record.uid) not in found(app, world, "dem trang")
