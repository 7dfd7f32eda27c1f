"""The teacher gives on one phone, the other signs on theirs; papers come as PDF and DOCX."""

import io
import re

import pytest
from docx import Document
from flask import Flask
from flask.testing import FlaskClient
from pypdfium2 import PdfDocument
from sqlalchemy import select

from library.core import clock
from library.core.db import db
from library.organisations import founding
from library.shelves import tenures
from library.shelves.models import Handover, Shelf
from tests.support.people import DeskPage, account, sign_in
from tests.support.shelves import put, school_class, shelf, teacher
from tests.support.world import World

pytestmark = pytest.mark.both


@pytest.fixture
def one(world: World) -> Shelf:
    of = school_class(world)
    keeper = teacher(world, of)
    teacher(world, of, "hoa", "Trần Thị Hoa")
    account(world)
    made = shelf(world, of, keeper=keeper)
    put(world, made, world.items(3))
    return made


def page(client: FlaskClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, answer.get_data(as_text=True)[:500]
    return str(answer.get_data(as_text=True))


def given(client: FlaskClient, one: Shelf, **more: str) -> str:
    """The address of the minutes that wait."""
    answer = client.post(f"/shelves/{one.uid}/handovers", data={"kind": "teacher", **more})
    assert answer.status_code == 303, answer.get_data(as_text=True)[:2000]
    return str(answer.headers["Location"])


def text_of(pdf: bytes) -> str:
    return "\n".join(found.get_textpage().get_text_range() for found in PdfDocument(pdf))


def words_of(docx: bytes) -> str:
    document = Document(io.BytesIO(docx))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*cells, *(line.text for line in document.paragraphs)])


def test_two_people_two_taps(app: Flask, one: Shelf) -> None:
    thu, hoa = sign_in(app, "thu"), sign_in(app, "hoa")
    assert "Giao 3 cuốn" in page(thu, f"/shelves/{one.uid}/handovers")
    at = given(thu, one)
    assert "Ký nhận 3 cuốn" not in page(thu, at)
    assert "Ký nhận 3 cuốn" in page(hoa, at)
    assert hoa.post(at + "/sign").status_code == 303
    assert "Biên bản số 1/" in page(thu, at)
    tenure = tenures.current(db.session(), one.id)
    assert tenure
    assert tenure.keeper_name == "Trần Thị Hoa"


def test_the_same_tap_twice_gives_once(app: Flask, one: Shelf) -> None:
    thu = sign_in(app, "thu")
    uid = re.search(r'name="uid" value="([^"]+)"', page(thu, f"/shelves/{one.uid}/handovers"))
    assert uid
    assert given(thu, one, uid=uid[1]) == given(thu, one, uid=uid[1])
    assert len(db.session.scalars(select(Handover)).all()) == 1


def test_ones_own_giving_is_not_signed_by_oneself(app: Flask, one: Shelf) -> None:
    thu = sign_in(app, "thu")
    answer = thu.post(given(thu, one) + "/sign")
    assert answer.status_code == 409
    assert "Người giao không ký nhận thay" in answer.get_data(as_text=True)


def test_a_shelf_is_called_back_and_given_again(app: Flask, one: Shelf) -> None:
    thu = sign_in(app, "thu")
    at = given(thu, one)
    assert thu.post(at + "/cancel").status_code == 303
    assert "Lần giao này đã thôi" in page(thu, at)
    assert given(thu, one) != at


def test_a_signature_is_taken_back_by_whoever_gave_it(app: Flask, one: Shelf) -> None:
    thu, hoa = sign_in(app, "thu"), sign_in(app, "hoa")
    at = given(thu, one)
    hoa.post(at + "/sign")
    assert thu.post(at + "/undo").status_code == 409
    assert hoa.post(at + "/undo").status_code == 303
    assert "Ký nhận 3 cuốn" in page(hoa, at)


def test_the_librarian_gives_for_a_teacher_who_left(app: Flask, one: Shelf) -> None:
    ha, hoa = sign_in(app), sign_in(app, "hoa")
    at = given(ha, one)
    assert "Lường Thị Hà (thay Nguyễn Thị Thu)" in page(hoa, at)
    assert hoa.post(at + "/sign").status_code == 303


def test_a_teacher_sent_the_minutes_signs_though_the_class_is_not_theirs_yet(
    app: Flask, world: World, one: Shelf
) -> None:
    minh = teacher(world, school_class(world, "5B", 5), "minh", "Lê Văn Minh")
    thu, at_home = sign_in(app, "thu"), sign_in(app, "minh")
    assert at_home.get(f"/shelves/{one.uid}/handovers").status_code == 404
    at = given(thu, one, to=str(minh.uid))
    assert "Ký nhận 3 cuốn" in page(at_home, at)
    assert at_home.post(at + "/sign").status_code == 303


def test_another_class_sees_nothing(app: Flask, world: World, one: Shelf) -> None:
    teacher(world, school_class(world, "5B", 5), "minh", "Lê Văn Minh")
    thu, minh = sign_in(app, "thu"), sign_in(app, "minh")
    at = given(thu, one)
    for path in (at, at + "/minutes.pdf", at + "/minutes.docx"):
        assert minh.get(path).status_code == 404
    assert minh.post(at + "/sign").status_code == 404


def test_minutes_go_on_under_the_library_that_took_over(app: Flask, world: World, one: Shelf) -> None:
    """Signed ones are shown and printed, one that waits is called off, another is signed in the new name."""
    thu, hoa, ha = sign_in(app, "thu"), sign_in(app, "hoa"), sign_in(app)
    signed, heir = given(thu, one), world.school("Trường Tiểu học Đức Xuân")
    assert hoa.post(signed + "/sign").status_code == 303
    waits = given(hoa, one)
    founding.succeed(world.session(), world.school(), heir, clock.today())
    world.session.commit()
    assert "Biên bản số 1/" in page(ha, signed)
    assert ha.get(signed + "/minutes.pdf").data.startswith(b"%PDF")
    assert ha.post(waits + "/cancel").status_code == 303
    assert ha.post(given(hoa, one) + "/sign").status_code == 303
    number, owner = db.session.execute(
        select(Handover.number, Handover.library_id).order_by(Handover.id.desc())
    ).first()
    assert (number.split("/")[0], owner) == ("1", heir.id)


def test_minutes_on_paper_in_both_forms(app: Flask, one: Shelf) -> None:
    thu, hoa = sign_in(app, "thu"), sign_in(app, "hoa")
    at = given(thu, one, note="giá lung lay")
    assert "Số: ……/BB-TTHXH" in text_of(thu.get(at + "/minutes.pdf").data)
    hoa.post(at + "/sign")
    pdf = text_of(hoa.get(at + "/minutes.pdf").data)
    words = words_of(hoa.get(at + "/minutes.docx").data)
    for said in ("BIÊN BẢN", "Trần Thị Hoa", "Nguyễn Thị Thu", "giá lung lay", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
                 "Dế Mèn phiêu lưu ký", "Bên giao (Bên A)"):  # fmt: skip
        assert said in pdf, said
        assert said in words, said
    assert "{{" not in words


def test_a_device_gives_and_signs_with_the_same_messages(app: Flask, one: Shelf) -> None:
    thu, hoa = DeskPage(sign_in(app, "thu")), DeskPage(sign_in(app, "hoa"))
    message = thu.posted(kind="teacher")
    first = thu.client.post(f"/shelves/{one.uid}/handovers", json=message).get_json()
    assert thu.client.post(f"/shelves/{one.uid}/handovers", json=message).get_json() == first
    done = hoa.client.post(f"/shelves/handovers/{first['handover']}/sign", json=hoa.posted()).get_json()
    assert done["number"].startswith("1/")
    again = hoa.client.post(f"/shelves/handovers/{first['handover']}/sign", json=hoa.posted())
    assert again.status_code == 409
