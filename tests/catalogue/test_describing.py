"""A teacher describes a title on one page, without scripts; what was typed is kept when something cannot be read."""

import re

import pytest
from sqlalchemy import select

from library.catalogue.models import LocalRecord, NumberKind, Record, Role
from library.catalogue.writing import NewRecord, as_new, create
from library.core.db import db
from tests.support.people import account, commit, sign_in

TYPED = {
    "title": "Dế Mèn  phiêu lưu ký", "author": "Tô Hoài; Vũ Ngọc Phan", "publisher": "NXB Kim Đồng", "year": "2019",
    "extent": "144", "price": "45.000đ", "isbn": "978-604-2-12345-7", "ean": "8935244801231", "class_mark": "V23",
    "ddc": "895.9223", "kind": "STN", "subjects": "Truyện thiếu nhi\nVăn học", "reading_level": "6",
}  # fmt: skip


@pytest.fixture
def ha(app, world):
    account(world)
    commit()
    return sign_in(app)


@pytest.fixture
def typed():
    from library.staging.values import with_check_digit

    return TYPED | {"isbn": with_check_digit("978604212345"), "ean": with_check_digit("893524480123")}


def the_record() -> Record:
    return db.session.scalars(select(Record)).one()


def test_a_new_title_is_written_and_copies_come_next(ha, typed, world):
    assert ha.get("/titles/new").status_code == 200
    answer = ha.post("/titles/new", data=typed)
    record = the_record()
    assert (answer.status_code, answer.location) == (303, f"/titles/{record.uid}/copies")
    new = as_new(record)
    assert new.credits == (("Tô Hoài", Role.AUTHOR), ("Vũ Ngọc Phan", Role.AUTHOR))
    assert (new.title, new.year, new.extent, new.price) == ("Dế Mèn phiêu lưu ký", 2019, "144 tr.", 45_000)
    assert new.numbers == ((typed["isbn"], NumberKind.ISBN), (typed["ean"], NumberKind.EAN))
    assert new.subjects == ("Truyện thiếu nhi", "Văn học")
    assert record.network_id == world.school().network_id
    local = db.session.scalars(select(LocalRecord)).one()
    assert (local.library_id, local.reading_level) == (world.school().id, 6)


@pytest.mark.parametrize(
    ("field", "value"),
    [("title", " "), ("title", "x" * 501), ("year", "hai nghìn"), ("price", "rẻ"), ("isbn", "không có"),
     ("ean", "…x"), ("reading_level", "7")],
)  # fmt: skip
def test_what_cannot_be_read_is_said_at_its_field_and_all_is_kept(ha, typed, field, value):
    answer = ha.post("/titles/new", data=typed | {field: value})
    html = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert re.search(rf'name="{field}"[^>]*aria-invalid="true"', html)
    assert 'value="Tô Hoài; Vũ Ngọc Phan"' in html and "Truyện thiếu nhi\nVăn học</textarea>" in html
    assert db.session.scalars(select(Record)).all() == []


def test_a_title_that_is_there_already_is_asked_about(ha, typed):
    ha.post("/titles/new", data=typed)
    record = the_record()
    answer = ha.post("/titles/new", data=typed)
    html = answer.get_data(as_text=True)
    assert answer.status_code == 409 and f"/titles/{record.uid}/copies" in html and 'name="anyway"' in html
    assert the_record() is record
    assert ha.post("/titles/new", data=typed | {"anyway": "1"}).status_code == 303
    assert len(db.session.scalars(select(Record)).all()) == 2


def test_changing_a_title_keeps_what_the_page_does_not_show(ha, world):
    numbers = (("9786042123457", NumberKind.ISBN), ("12345678", NumberKind.ISSN))
    people = (("Tô Hoài", Role.AUTHOR), ("Trần Văn B", Role.EDITOR))
    old = NewRecord(
        "Cây khế", people, year=-300, grade="5", audience="tieu_hoc", language="eng", numbers=numbers, marc=b"0"
    )
    record = create(world.session(), world.school().network_id, old)
    commit()
    page = ha.get(f"/titles/{record.uid}/edit").get_data(as_text=True)
    sent = dict(re.findall(r'<input[^>]*name="(\w+)"[^>]*value="([^"]*)"', page))
    assert sent["year"] == "-300"
    answer = ha.post(f"/titles/{record.uid}/edit", data=sent | {"title": "Cây khế vàng"})
    assert answer.status_code == 303
    db.session.expire_all()
    new = as_new(record)
    assert new == NewRecord(
        "Cây khế vàng",
        people,
        year=-300,
        grade="5",
        audience="tieu_hoc",
        language="eng",
        numbers=numbers,
        marc=b"0",
        edited=("title",),
    )


def test_an_isbn_scanned_into_the_wrong_field_is_still_an_isbn(ha, typed):
    ha.post("/titles/new", data=typed | {"ean": typed["isbn"], "isbn": ""})
    assert as_new(the_record()).numbers == ((typed["isbn"], NumberKind.ISBN),)


def test_a_number_with_a_wrong_check_digit_is_kept_as_printed(ha, typed):
    wrong = typed["isbn"][:-1] + str((int(typed["isbn"][-1]) + 1) % 10)
    answer = ha.post("/titles/new", data=typed | {"isbn": wrong, "ean": "893524480"})
    assert answer.status_code == 303
    assert as_new(the_record()).numbers == (("893524480", NumberKind.OTHER), (wrong, NumberKind.OTHER))
    told = ha.get(answer.location).get_data(as_text=True)
    assert f"Số {wrong} không khớp số kiểm tra. Máy giữ đúng như trên sách." in told


def test_a_title_asked_for_and_not_found_begins_the_page(ha):
    assert 'value="Sọ Dừa"' in ha.get("/titles/new?title=S%E1%BB%8D%20D%E1%BB%ABa").get_data(as_text=True)
