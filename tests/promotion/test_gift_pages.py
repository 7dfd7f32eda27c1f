"""Drives and gifts on their pages: counted on a phone, entered with the gift as source, printed, forgotten, undone."""

import io
import re
from typing import Any
from uuid import UUID

import openpyxl
import pypdfium2
import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import func, select

from library import files
from library.accounts.models import RoleName
from library.core import clock
from library.core.db import db
from library.holdings.models import Item, Receipt, Register
from library.inbox.models import Act
from library.promotion import donors, gift_sums
from library.promotion.drive_models import Drive
from library.promotion.event_models import PromotionFile
from library.promotion.gift_models import Donor, Fund, Gift, GiftCopy
from tests.promotion.giving import figures
from tests.support.people import account, sign_in
from tests.support.world import World


@pytest.fixture
def ha(app: Flask, world: World) -> FlaskClient:
    account(world)
    world.category()
    return sign_in(app)


def words_of(answer: Any) -> str:
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return " ".join(re.sub("<[^>]*>", " ", answer.get_data(as_text=True)).split())


def opened(client: FlaskClient, **more: str) -> str:
    told = {"name": "Góp sách", "organiser": "Trường Xuất Hóa", "first_on": "2026-10-01", "last_on": "2026-10-07",
            "collectives": "Lớp 5A\nLớp 5B\nLớp 5A", **more}  # fmt: skip
    answer = client.post("/drives", data=told)
    assert answer.status_code == 303, words_of(answer)
    return str(answer.location)


def given(client: FlaskClient, **more: str) -> str:
    told = {"kind": "collective", "donor": "Lớp 5A", "given_on": "2026-10-02", **more}
    answer = client.post("/gifts", data=told)
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return str(answer.location)


def test_a_drive_is_opened_counted_at_once_and_listed(ha: FlaskClient, world: World) -> None:
    assert ha.get("/drives").status_code == ha.get("/drives/new").status_code == 200
    bad = ha.post("/drives", data={"name": "", "first_on": "2026-10-07", "last_on": "2026-10-01"})
    assert bad.status_code == 422
    assert "Ngày kết thúc phải từ ngày bắt đầu" in bad.get_data(as_text=True)
    page = opened(ha, goal_copies="300")
    drive = world.session.scalars(select(Drive)).one()
    assert figures(world) == {"drive": 2}, "each collective once"
    assert "Lớp 5A" in words_of(ha.get(page + "/count"))
    a, b = sorted(drive.collectives, key=lambda one: one.name or "")
    ha.post("/funds", data={"name": "Quỹ khuyến học"})
    counts = {f"good-{a.uid}": "100", f"torn-{a.uid}": "4", f"money-{b.uid}": "1.230.000", "sort": "textbook"}
    assert ha.post(page + "/count", data={"given_on": "2026-10-03", "sort": "book"}).status_code == 422
    uid = str(clock.uuid7())
    for _twice in range(2):
        assert ha.post(page + "/count", data={**counts, "given_on": "2026-10-03", "uid": uid}).status_code == 303
    assert figures(world) == {"drive": 2, "gift-copies": 104, "gift-money": 1_230_000}
    said = words_of(ha.get(page))
    assert "104 trên 300 cuốn" in said
    assert "1.230.000" in said
    book = openpyxl.load_workbook(io.BytesIO(ha.get(page + "/list.xlsx").data))
    rows = [[cell.value for cell in row] for row in book.active.iter_rows()]  # type: ignore[union-attr]
    assert rows[-1][3:] == ["Cộng", 0, 104, 0, 0, 100, 0, 4, 104, 0, 0, 104, 1_230_000, None]
    assert ha.post(page, data={"do": "off"}).status_code == 409, "it has gifts"
    edited = ha.post(page, data={"name": "Góp sách", "organiser": "x", "first_on": "2026-10-01", "last_on": "2026-10-07",
                                 "collectives": ""})  # fmt: skip
    assert edited.status_code == 303
    assert figures(world)["drive"] == 1, "the organiser alone"


def test_a_gift_is_counted_entered_and_told_on_the_title(ha: FlaskClient, world: World) -> None:
    page = given(ha, **{"book-good": "3", "book-torn": "1", "note": "của cả lớp"})
    gift = world.session.scalars(select(Gift)).one()
    assert "Quà số 1/2026: Lớp 5A" in words_of(ha.get(page))
    form = ha.get(f"/titles/add?from={gift.uid}").get_data(as_text=True)
    assert 'value="Lớp 5A tặng"' in form
    assert "còn 4 bản chờ vào sổ" in form
    home = str(world.place().id)
    told = {"from": str(gift.uid), "title": "Cây khế", "quantity": "5", "home": home, "series": "TN",
            "source": "Lớp 5A tặng", "received_on": "02/10/2026", "voucher": "Quà 1/2026", "uid": str(clock.uuid7())}  # fmt: skip
    assert ha.post("/titles/add", data=told).status_code == 422, "more than were counted"
    answer = ha.post("/titles/add", data={**told, "quantity": "2"})
    assert (answer.status_code, answer.location) == (303, f"/titles/add?from={gift.uid}")
    world.session.expire_all()
    assert gift_sums.of_gift(world.session(), gift).entered == 2
    item = world.session.scalars(select(Item).join(GiftCopy, GiftCopy.item_id == Item.id)).first()
    assert item is not None
    receipt = world.session.get_one(Receipt, item.receipt_id)
    assert (receipt.source, receipt.voucher) == ("Lớp 5A tặng", "Quà 1/2026")
    assert "Tặng: Lớp 5A, 2026" in words_of(ha.get(f"/titles/{item.record.uid}"))
    open_page = f"/tv/{world.school().slug}/sach/{item.record.uid}"
    assert "Tặng: Lớp 5A, 2026" in words_of(ha.get(open_page))
    assert "Tặng: Lớp 5A, 2026" in words_of(ha.get(f"/copies/{item.uid}/condition"))
    assert "đã vào sổ 2 / 4" in words_of(ha.get(page))


def test_a_stack_is_scanned_with_its_gift(ha: FlaskClient, world: World) -> None:
    given(ha, **{"book-good": "2"})
    gift = world.session.scalars(select(Gift)).one()
    at = f"/titles/scan?from={gift.uid}"
    assert "còn 2 bản chờ vào sổ" in words_of(ha.get(at))
    scanned = ha.post("/titles/scan", data={"from": str(gift.uid), "code": "8935244801235", "do": "scan"})
    assert scanned.location == at
    line = re.search(r'name="n-([0-9a-f-]+)"', ha.get(at).get_data(as_text=True))
    assert line
    delivery = {"home": str(world.place().id), "series": "TN", "source": "Lớp 5A tặng", "received_on": "02/10/2026"}
    waits = {"from": str(gift.uid), f"title-{line[1]}": "Cây khế", f"n-{line[1]}": "3", "do": "save", **delivery}
    assert ha.post("/titles/scan", data=waits).status_code == 422, "more than were counted"
    saved = ha.post("/titles/scan", data={**waits, f"n-{line[1]}": "2"})
    assert (saved.status_code, saved.location) == (303, at)
    world.session.expire_all()
    assert gift_sums.of_gift(world.session(), gift).waiting == 0


def test_what_did_not_come_into_the_register_and_copies_that_stood_there(ha: FlaskClient, world: World) -> None:
    items = world.items(3)
    page = given(ha, **{"book-good": "5"})
    numbers = f"{items[0].accession} – {(items[2].accession or '').rpartition('.')[2]}"
    assert "Sổ chưa có số: TN.99999" in ha.post(page + "/copies", data={"numbers": "TN.99999"}).get_data(as_text=True)
    assert ha.post(page + "/copies", data={"numbers": numbers}).status_code == 303
    fate = {"fate": "pulped", "quantity": "2", "on": clock.today().isoformat()}
    assert ha.post(page + "/fates", data={**fate, "quantity": "3"}).status_code == 409
    assert ha.post(page + "/fates", data=fate).status_code == 303
    said = words_of(ha.get(page))
    assert "đã vào sổ 3 / 5" in said
    assert "Bán giấy vụn, hủy" in said
    act = world.session.scalars(select(Act).where(Act.kind == "gift-fate")).one()
    assert ha.post(f"/drives/acts/{act.uid}/undo").status_code == 303
    assert "Bán giấy vụn, hủy 2" not in words_of(ha.get(page))
    made = world.session.scalars(select(Act).where(Act.kind == "gift")).one()
    assert ha.post(f"/drives/acts/{made.uid}/undo").status_code == 409, "three stand in the register"
    again = ha.post(f"/drives/acts/{act.uid}/undo")
    assert again.status_code == 409, "undone already"


def test_money_has_a_numbered_receipt_and_a_book(ha: FlaskClient, world: World) -> None:
    assert "Mở quỹ" in ha.post("/gifts", data={"kind": "anonymous", "given_on": "2026-10-02", "money": "50000"}).get_data(
        as_text=True
    )  # fmt: skip
    fund = str(ha.post("/funds", data={"name": "Quỹ khuyến học"}).location)
    assert ha.post("/funds", data={"name": "quỹ Khuyến học"}).status_code == 409
    page = given(ha, kind="person", donor="Nông Văn Tú", about="thôn Nà Phặc", money="18.230.000")
    text = pypdfium2.PdfDocument(ha.get(page + "/receipt.pdf").data)[0].get_textpage().get_text_bounded()
    for words in ("18.230.000 đồng", "Mười tám triệu hai trăm ba mươi nghìn đồng", "Số: 1/2026/BN-", "Nông Văn Tú",
                  "thôn Nà Phặc", "Lường Thị Hà", "Quỹ khuyến học"):  # fmt: skip
        assert words in " ".join(text.split()), words
    assert ha.post(page + "/letter").status_code == 303
    letter = pypdfium2.PdfDocument(ha.get(page + "/letter.pdf").data)[0].get_textpage().get_text_bounded()
    assert "18.230.000 đồng" in " ".join(letter.split())
    assert ha.get(page + "/letter.docx").data[:2] == b"PK"
    spent = {"what": "Mua sách", "amount": "8.000.000", "on": "2026-10-05", "voucher": "PC 3"}
    assert ha.post(fund, data={**spent, "amount": "18.230.001"}).status_code == 409
    assert ha.post(fund, data=spent).status_code == 303
    assert "10.230.000" in words_of(ha.get(fund))
    book = openpyxl.load_workbook(io.BytesIO(ha.get(fund + "/book.xlsx").data))
    rows = [[cell.value for cell in row] for row in book.active.iter_rows()]  # type: ignore[union-attr]
    assert [row[3:] for row in rows[1:]] == [[18_230_000, None, 18_230_000], [None, 8_000_000, 10_230_000]]
    assert ha.get(given(ha, **{"book-good": "1"}) + "/receipt.pdf").status_code == 404


def test_photos_of_a_gift_go_with_the_name_of_who_gave(ha: FlaskClient, world: World) -> None:
    page, drive = given(ha, kind="person", donor="Nông Văn Tú", **{"book-good": "2"}), opened(ha)
    picture = io.BytesIO()
    Image.new("RGB", (900, 700), "navy").save(picture, "PNG")

    def send(kind: str, at: str) -> int:
        told = {"file": (io.BytesIO(picture.getvalue()), "trao quà.png")}
        where = f"/activities/files/{kind}/{at.rpartition('/')[2]}"
        return ha.post(where, data=told, content_type="multipart/form-data").status_code

    assert (send("gift", page), send("drive", drive), send("gift", drive)) == (303, 303, 404)
    of_gift, of_drive = world.session.scalars(select(PromotionFile).order_by(PromotionFile.id)).all()
    assert "trao quà.jpg" in ha.get(page).get_data(as_text=True)
    assert ha.get(f"/activities/files/{of_gift.uid}").status_code == 200
    donors.forget(world.session(), [world.session.scalars(select(Donor.id).where(Donor.name == "Nông Văn Tú")).one()])
    world.session.commit()
    assert ha.get(f"/activities/files/{of_gift.uid}").status_code == 404
    assert ha.post(f"/activities/files/{of_drive.uid}/remove").location == drive
    assert not files.path_of(of_drive.key).exists()


def test_plates_for_the_books_name_whom_they_may(ha: FlaskClient, world: World) -> None:
    def plates(page: str) -> str:
        found = pypdfium2.PdfDocument(ha.get(page + "/plates.pdf").data)
        assert len(found) == 1
        return " ".join(found[0].get_textpage().get_text_bounded().split())

    drive = opened(ha).rpartition("/")[2]
    page = given(ha, drive=drive, **{"book-good": "3"})
    (item,) = world.items(1)
    assert ha.post(page + "/copies", data={"numbers": item.accession}).status_code == 303
    said = plates(page)
    assert said.count("Tặng: Lớp 5A, 2026") == 3, "for those that wait too"
    assert said.count(item.accession or "") == 1
    assert "Góp sách" in said
    assert ha.get(page + "/plates.docx").status_code == 404
    child = plates(given(ha, kind="pupil", donor="Hoàng Thị Mai Lan", **{"book-good": "1"}))
    assert "Tặng: một em học sinh, 2026" in child
    assert "Lan" not in child
    ha.post("/funds", data={"name": "Quỹ khuyến học"})
    assert ha.get(given(ha, money="50.000") + "/plates.pdf").status_code == 404, "no books"
    item.register_status = Register.WRITTEN_OFF
    world.session.commit()
    said = plates(page)
    assert said.count("Tặng: Lớp 5A, 2026") == 2, "none for a book that is no more"


def test_plates_beyond_one_file_are_in_the_next(ha: FlaskClient, world: World) -> None:
    def pages(address: str) -> int:
        return len(pypdfium2.PdfDocument(ha.get(address).data))

    page = given(ha, drive=opened(ha).rpartition("/")[2], **{"book-good": "490"})
    said = words_of(ha.get(page))
    assert "In nhãn tặng 1–480" in said
    assert "In nhãn tặng 481–490" in said
    assert (pages(page + "/plates.pdf"), pages(page + "/plates.pdf?phan=2")) == (20, 1)
    assert ha.get(page + "/plates.pdf?phan=3").status_code == 404


def test_a_letter_for_money_alone_speaks_of_no_book(ha: FlaskClient, world: World) -> None:
    ha.post("/funds", data={"name": "Quỹ khuyến học"})
    page = given(ha, money="50.000")
    assert ha.post(page + "/letter", data={"uid": str(clock.uuid7())}).status_code == 303
    letter = pypdfium2.PdfDocument(ha.get(page + "/letter.pdf").data)[0].get_textpage().get_text_bounded()
    said = " ".join(letter.split())
    assert "đã nhận 50.000 đồng" in said
    assert "Quỹ khuyến học, biên nhận số 1" in said
    assert "Mỗi cuốn sách" not in said


def test_the_wall_names_no_child_and_who_asked_is_forgotten(ha: FlaskClient, world: World) -> None:
    wall = f"/tv/{world.school().slug}/tri-an"
    assert "Chưa có ai tặng" in words_of(ha.get(wall))
    assert "Bảng tri ân" not in words_of(ha.get(f"/tv/{world.school().slug}"))
    day = clock.today().isoformat()
    given(ha, **{"book-good": "3", "given_on": day})
    given(ha, kind="pupil", donor="Hoàng Thị Mai Lan", about="lớp 5A", shown="1", **{"book-good": "1", "given_on": day})
    given(ha, kind="pupil", donor="Triệu Văn Khôi", about="lớp 5A", **{"book-good": "1", "given_on": day})
    said = words_of(ha.get(wall))
    assert "Lớp 5A 3 cuốn" in said
    assert "Bảng tri ân" in words_of(ha.get(f"/tv/{world.school().slug}")), "the library's front page leads there"
    assert "Em Lan, lớp 5A" in said
    assert "Hoàng Thị" not in said
    assert "Khôi" not in said
    assert "Và 1 người tặng không nêu tên" in said
    lan = world.session.scalars(select(Donor).where(Donor.name == "Hoàng Thị Mai Lan")).one()
    assert "Hoàng Thị Mai Lan" in words_of(ha.get("/donors"))
    assert ha.post(f"/donors/{lan.uid}/forget").status_code == 422, "not by a slip"
    assert ha.post(f"/donors/{lan.uid}/forget", data={"sure": "1"}).status_code == 303
    assert "Lan" not in words_of(ha.get("/donors"))
    khoi = world.session.scalars(select(Donor).where(Donor.name == "Triệu Văn Khôi")).one()
    assert ha.post(f"/donors/{khoi.uid}", data={"shown": "1"}).status_code == 303
    assert "Em Khôi, lớp 5A" in words_of(ha.get(wall))
    given(ha, kind="pupil", donor="Triệu Văn Khôi", about="lớp 5A", **{"book-good": "1", "given_on": day})
    assert "Em Khôi, lớp 5A 2 cuốn" in words_of(ha.get(wall)), "a yes lasts until they say no"
    assert ha.post(f"/donors/{khoi.uid}").status_code == 303
    assert "Khôi" not in words_of(ha.get(wall))
    assert ha.get(f"/donors/{lan.uid}").status_code == 200


def test_numbers_too_long_stand_on_the_page_again_and_no_name_is_the_same_donor(ha: FlaskClient, world: World) -> None:
    address, long = given(ha, **{"book-good": "3", "kind": "person", "donor": "Hà"}), "9" * 5000
    assert ha.post(f"{address}/copies", data={"numbers": f"TN.{long} - TN.{long}"}).status_code == 422
    assert (
        ha.post(address, data={"given_on": "2026-10-02", "kind": "person", "donor": "Hà", "money": long}).status_code
        == 422
    )
    one = db.session.scalars(select(Gift)).one()
    donor_id = one.donor_id
    donors.forget(world.session(), [donor_id or 0])
    world.session.commit()
    told = {"given_on": "2026-10-02", "kind": "person", "donor": "", "book-good": "4"}
    assert ha.post(address, data=told).status_code == 303
    db.session.expire_all()
    assert (one.donor_id, [line.quantity for line in one.lines]) == (donor_id, [4])
    assert ha.post(address, data=told | {"kind": "pupil"}).status_code == 422


def test_one_message_is_one_gift_and_a_script_hears_where_it_is(ha: FlaskClient, world: World) -> None:
    now = clock.now().isoformat()
    message = {"uid": str(clock.uuid7()), "device": str(clock.uuid7()), "number": 1, "at": now, "sent_at": now,
               "kind": "collective", "donor": "Lớp 5A", "given_on": "2026-10-02", "book-good": "7"}  # fmt: skip
    first, second = (ha.post("/gifts", json=message).get_json() for _twice in range(2))
    assert first == second
    assert world.session.scalar(select(func.count()).select_from(Gift)) == 1
    assert ha.post("/gifts", json={**message, "book-good": "8"}).status_code == 409, "the same message with other words"
    assert UUID(first["to"].rpartition("/")[2])


def test_another_school_sees_none_of_it(app: Flask, ha: FlaskClient, world: World) -> None:
    opened(ha)
    page = given(ha, **{"book-good": "1"})
    ha.post("/funds", data={"name": "Quỹ khuyến học"})
    other = world.school("Trường Tiểu học Sông Cầu")
    account(world, "na", RoleName.LIBRARIAN, other)
    na = sign_in(app, "na")
    fund, drive = world.session.scalars(select(Fund)).one(), world.session.scalars(select(Drive)).one()
    act = world.session.scalars(select(Act).where(Act.kind == "gift")).one()
    for path in (page, f"/drives/{drive.uid}", f"/funds/{fund.uid}", f"{page}/letter.pdf"):
        assert na.get(path).status_code == 404, path
    assert na.post(f"/drives/acts/{act.uid}/undo").status_code == 404
    assert na.get(f"/titles/add?from={page.rpartition('/')[2]}").status_code == 200
    assert "chờ vào sổ" not in words_of(na.get(f"/titles/add?from={page.rpartition('/')[2]}"))
