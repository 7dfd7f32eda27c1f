"""Codes on shelves, classes, crates, stops; cards of the staff and single plastic cards."""

from typing import Any

import pypdfium2
import pytest
import zxingcpp
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from library.accounts.models import RoleName
from library.core.db import db
from library.holdings.models import PlaceKind
from library.labels.models import Sign
from library.organisations import codes
from library.organisations.models import Code, CodeKind
from tests.labels.test_label_pages import pages, scanned, text
from tests.support.people import account, commit, sign_in
from tests.support.world import World


@pytest.fixture
def ha(app: Flask, world: World) -> FlaskClient:
    account(world)
    commit()
    return sign_in(app)


def squares(pdf: bytes) -> list[str]:
    return sorted(
        one.text for page in pages(pdf) for one in zxingcpp.read_barcodes(page, formats=zxingcpp.BarcodeFormat.QRCode)
    )


def ask(client: FlaskClient, section: str, *keys: str, **more: Any) -> Any:
    return client.post("/labels/signs.pdf", data={"section": section, "thing": list(keys), **more})


def test_a_shelf_gets_its_code_once(ha: FlaskClient, world: World) -> None:
    place = world.place()
    key = f"shelf:{place.uid.hex}"
    assert f'value="{key}" checked' in text(ha.get("/labels/signs"))
    first, again = ask(ha, "shelf", key), ask(ha, "shelf", key)
    (code,) = squares(first.data)
    assert squares(again.data) == [code]
    assert (code[0], codes.is_ours(code)) == (codes.DIGIT_OF[CodeKind.SHELF], True)
    assert db.session.scalars(select(Sign.place_id)).all() == [place.id]
    assert "đã có mã" in text(ha.get("/labels/signs"))
    assert place.name in pypdfium2.PdfDocument(first.data)[0].get_textpage().get_text_range()


def test_places_that_are_nowhere_get_none(ha: FlaskClient, world: World) -> None:
    page = text(ha.get("/labels/signs"))
    for kind in (PlaceKind.IN_TRANSIT, PlaceKind.WITH_PATRONS, PlaceKind.UNKNOWN):
        assert world.place(kind).uid.hex not in page
    assert world.place(PlaceKind.HOLD_SHELF).uid.hex in page


def test_a_class_and_its_year(ha: FlaskClient, world: World) -> None:
    lan = world.patron(class_name="5A")
    commit()
    answer = ask(ha, "class", f"class:{lan.school_class.uid.hex}")  # type: ignore[union-attr]
    assert squares(answer.data)[0].startswith(codes.DIGIT_OF[CodeKind.CLASS])
    said = pypdfium2.PdfDocument(answer.data)[0].get_textpage().get_text_range()
    assert "Lớp 5A" in said
    assert "2026-2027" in said


def test_crates_and_stops_are_named_and_numbered(ha: FlaskClient, world: World) -> None:
    assert ha.post("/labels/signs", data={"kind": "crate", "name": "Thùng", "count": "3"}).status_code == 303
    assert ha.post("/labels/signs", data={"kind": "stop", "name": "Nà Phặc"}).status_code == 303
    rows = db.session.execute(select(Sign.name, Code.kind, Code.printed).join(Code).order_by(Code.id)).all()
    assert [(row.name, row.kind) for row in rows] == [
        ("Thùng 1", CodeKind.CRATE), ("Thùng 2", CodeKind.CRATE), ("Thùng 3", CodeKind.CRATE), ("Nà Phặc", CodeKind.STOP),
    ]  # fmt: skip
    answer = ask(ha, "named", *(f"code:{row.printed}" for row in rows))
    assert squares(answer.data) == sorted(row.printed for row in rows)
    for wrong in (
        {"kind": "card", "name": "A"},
        {"kind": "crate", "name": ""},
        {"kind": "crate", "name": "A", "count": "500"},
    ):
        assert ha.post("/labels/signs", data=wrong).status_code == 422


def test_staff_cards_say_what_somebody_is_and_open_no_account(app: Flask, ha: FlaskClient, world: World) -> None:
    helper = account(world, "khanh", RoleName.HELPER)
    helper.name = "Nguyễn Phúc Bảo Anh Thảo Vy"
    commit()
    key = f"staff:{helper.uid.hex}"
    sheet, plastic = ask(ha, "staff", key), ask(ha, "staff", key, paper="cr80")
    assert scanned(sheet.data) == scanned(plastic.data)
    assert scanned(sheet.data)[0].startswith(codes.DIGIT_OF[CodeKind.STAFF])
    said = sheet_text(plastic.data)
    assert "Thẻ cộng tác viên" in said
    assert "Bảo Anh Thảo Vy" in said
    size = pypdfium2.PdfDocument(plastic.data)[0].get_size()
    assert size == pytest.approx((85.6 / 25.4 * 72, 54 / 25.4 * 72), abs=0.1)
    printed = sign_in(app, "khanh")
    assert ask(printed, "staff", key).status_code == 404
    assert key not in text(printed.get("/labels/signs"))


def sheet_text(pdf: bytes) -> str:
    return str(pypdfium2.PdfDocument(pdf)[0].get_textpage().get_text_range())


def test_a_readers_plastic_card_is_a_page_of_its_own(ha: FlaskClient, world: World) -> None:
    lan, bao = world.patron(class_name="5A"), world.patron("Nông Văn Bảo", class_name="5A")
    commit()
    answer = ha.get(f"/labels/cards.pdf?paper=cr80&reader={lan.uid}&reader={bao.uid}")
    assert len(pypdfium2.PdfDocument(answer.data)) == 2
    assert len(scanned(answer.data)) == 2


def test_nothing_of_another_library_and_nothing_for_nothing(ha: FlaskClient, world: World) -> None:
    other = world.place(library=world.school("Trường Tiểu học Đức Xuân"))
    commit()
    assert other.uid.hex not in text(ha.get("/labels/signs"))
    assert ask(ha, "shelf", f"shelf:{other.uid.hex}").status_code == 422
    assert ask(ha, "shelf").status_code == 422
    assert ask(ha, "crates").status_code == 404
    assert db.session.scalars(select(Sign)).all() == []
