"""A photograph sent to be read: by whom, what comes back, and that nothing is kept."""

import io

import pytest
import zxingcpp
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import func, select

from library.accounts.models import RoleName
from library.core.db import db
from library.inbox.models import Act, Entry
from tests.support import shelves
from tests.support.people import account, sign_in
from tests.support.world import World


def photo(text: str = "") -> bytes:
    seen = Image.new("L", (900, 600), 255)
    if text:
        seen.paste(
            Image.fromarray(zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.Code128).to_image(scale=3)), (90, 90)
        )
    out = io.BytesIO()
    seen.save(out, "JPEG")
    return out.getvalue()


def send(client: FlaskClient, data: bytes | None) -> tuple[int, dict[str, object]]:
    form = {"photo": (io.BytesIO(data), "anh.jpg")} if data is not None else {}
    answer = client.post("/shelves/photo", data=form, headers={"Accept": "application/json"})
    return answer.status_code, answer.get_json()


@pytest.fixture
def teacher(app: Flask, world: World) -> FlaskClient:
    shelves.teacher(world, shelves.school_class(world))
    world.session.commit()
    return sign_in(app, "thu")


def test_a_teacher_gets_the_code_and_nothing_is_kept(app: Flask, teacher: FlaskClient) -> None:
    count = select(func.count()).select_from(Act).union_all(select(func.count()).select_from(Entry))
    before = db.session.scalars(count).all()
    assert send(teacher, photo("0100004210")) == (200, {"codes": ["0100004210"], "said": ""})
    assert db.session.scalars(count).all() == before


def test_without_a_code_a_sentence_says_what_to_do(teacher: FlaskClient) -> None:
    status, told = send(teacher, photo())
    assert (status, told["codes"]) == (200, [])
    assert str(told["said"]).startswith("Chưa thấy mã nào")


@pytest.mark.parametrize(("data", "code"), [(None, "no-photo"), (b"", "no-photo"), (b"<html>", "not-a-picture")])
def test_what_is_no_photograph_is_refused_with_a_sentence(teacher: FlaskClient, data: bytes | None, code: str) -> None:
    status, told = send(teacher, data)
    assert (status, told["code"]) == (422, code)


def test_a_strip_hardly_a_dot_high_is_looked_at_like_any_picture(teacher: FlaskClient) -> None:
    out = io.BytesIO()
    Image.new("L", (9000, 2), 255).save(out, "JPEG")
    status, told = send(teacher, out.getvalue())
    assert (status, told["codes"]) == (200, [])


def test_who_has_no_shelf_reads_no_photographs(app: Flask, world: World) -> None:
    account(world, role=RoleName.OFFICER)
    world.session.commit()
    assert send(sign_in(app), photo("0100004210"))[0] == 403
