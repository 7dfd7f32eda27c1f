"""A part-time teacher types a book without a number: one page, one key, nothing lost."""

import re

import pytest
from sqlalchemy import func, select

from library.catalogue import spines
from library.catalogue.call_numbers import Part
from library.catalogue.models import LocalRecord, NumberKind, Role
from library.core.db import db
from library.holdings.models import Receipt, RegisterLine
from tests.cataloguing.conftest import ISBN, copies, fields, text, titles
from tests.support.statements import counted

TYPED = {
    "title": "Cây khế", "author": "Nhiều người kể", "publisher": "Kim Đồng", "year": "2018", "price": "15.000",
    "mark": "K", "quantity": "3",
}  # fmt: skip


def page(ha, **more):
    """The page as it opens, with something typed into it."""
    return fields(text(ha.get("/titles/add"))) | TYPED | more


def test_seven_fields_and_one_key_make_title_copies_and_numbers(ha, world):
    answer = ha.post("/titles/add", data=page(ha))
    assert (answer.status_code, answer.location) == (303, "/titles/add")
    assert "Đã ghi “Cây khế”: TK.00001 – TK.00003." in text(ha.get("/titles/add"))
    (record,) = titles()
    assert (record.title, record.publisher, record.year, record.price) == ("Cây khế", "Kim Đồng", 2018, 15_000)
    assert (record.class_mark, record.ddc, record.title_code) == ("K", None, "C126KH")
    assert [(one.name, one.role) for one in record.contributors] == [("Nhiều người kể", Role.AUTHOR)]
    assert [(one.accession, one.price, one.home_id) for one in copies()] == [
        (f"TK.0000{n}", 15_000, world.place().id) for n in (1, 2, 3)
    ]
    assert db.session.scalar(select(func.count()).select_from(RegisterLine)) == 3


def test_a_dewey_number_in_the_same_field_is_one(ha):
    ha.post("/titles/add", data=page(ha, mark="398.209597"))
    (record,) = titles()
    assert (record.ddc, record.class_mark) == ("398.209597", None)


def test_books_of_one_delivery_share_a_receipt(ha):
    for title in ("Cây khế", "Tấm Cám", "Sọ Dừa"):
        assert ha.post("/titles/add", data=page(ha, title=title)).status_code == 303
    ha.post("/titles/add", data=page(ha, title="Thạch Sanh", source="Phụ huynh tặng"))
    sources = list(db.session.scalars(select(Receipt.source).order_by(Receipt.id)))
    assert sources == ["Trường tự mua", "Phụ huynh tặng"]
    assert fields(text(ha.get("/titles/add")))["source"] == "Phụ huynh tặng", "the next one most likely came so too"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", ""), ("title", "8935244801231"), ("year", "hai nghìn"), ("price", "rẻ"), ("quantity", "0"),
        ("quantity", "nhiều"), ("isbn", "không có"), ("series", "??"), ("received_on", "mai"), ("received_on", "31/12/2999"),
        ("source", ""), ("home", "999"), ("first", "x"), ("reading_level", "9"),
    ],
)  # fmt: skip
def test_a_wrong_field_gets_its_sentence_and_nothing_is_lost(ha, field, value):
    typed = page(ha, subtitle="Cổ tích Việt Nam") | {field: value}
    answer = ha.post("/titles/add", data=typed)
    html = text(answer)
    assert answer.status_code == 422
    bad = re.search(rf'<(?:input|select)[^>]*name="{field}"[^>]*aria-invalid="true"', html)
    assert bad, "the field itself is marked"
    assert f'id="f-{field}-error"' in html
    kept = fields(html)
    same = {name: text_ for name, text_ in typed.items() if name not in (field, "home", "reading_level")}
    assert {name: kept[name] for name in same} == same
    assert titles() == [] and copies() == []
    hidden = field not in ("title", "author", "publisher", "year", "price", "mark", "quantity")
    assert ("<details" in html) and (re.search(r'<details class="more" open', html) is not None) == hidden


def test_every_complaint_is_told_at_once(ha):
    html = text(ha.post("/titles/add", data=page(ha, year="năm kia", quantity="0", title="")))
    assert html.count('aria-invalid="true"') == 3
    assert "Có 3 ô cần xem lại" in html


def test_an_isbn_with_a_wrong_check_digit_is_kept_as_printed_and_spoken_of(ha):
    wrong = ISBN[:-1] + str((int(ISBN[-1]) + 1) % 10)
    assert ha.post("/titles/add", data=page(ha, isbn=wrong)).status_code == 303
    assert f"Số {wrong} không khớp số kiểm tra" in text(ha.get("/titles/add"))
    (number,) = titles()[0].numbers
    assert (number.number, number.kind) == (wrong, NumberKind.OTHER)


@pytest.mark.parametrize(
    ("typed", "number", "kind"),
    [
        ("978-604-2-12345-" + ISBN[-1], ISBN, NumberKind.ISBN), ("0-306-40615-2", "9780306406157", NumberKind.ISBN),
        ("9786320000007", None, NumberKind.ISBN), ("979-10-90636-07-1", "9791090636071", NumberKind.ISBN),
        ("8935244801231", None, NumberKind.EAN), ("604 1 00123", "604100123", NumberKind.OTHER),
        ("043942089X", "9780439420891", NumberKind.ISBN),
    ],
)  # fmt: skip
def test_every_number_books_carry_is_taken(ha, typed, number, kind):
    from library.staging.values import with_check_digit

    typed = with_check_digit(typed[:12]) if number is None else typed
    ha.post("/titles/add", data=page(ha, isbn=typed))
    (found,) = titles()[0].numbers
    assert (found.number, found.kind) == (number or typed, kind)


def test_the_same_form_twice_is_one_book(ha):
    typed = page(ha)
    assert [ha.post("/titles/add", data=typed).status_code for _ in range(2)] == [303, 303]
    assert (len(titles()), len(copies())) == (1, 3)


def test_a_title_the_network_has_is_asked_about_and_either_answer_works(ha, shared):
    typed = page(ha, title="dế mèn  phiêu lưu ký", author="Tô Hoài", publisher="NXB Kim Đồng", year="2019", mark="")
    answer = ha.post("/titles/add", data=typed)
    html = text(answer)
    assert answer.status_code == 409
    assert 'name="anyway"' in html and f'value="{shared.uid}"' in html
    assert titles() == [shared] and copies() == []
    sent = fields(html)
    assert ha.post("/titles/add", data={**sent, "record": str(shared.uid)}).status_code == 303
    assert [one.record_id for one in copies()] == [shared.id] * 3
    again = ha.post("/titles/add", data=page(ha) | {name: typed[name] for name in TYPED} | {"anyway": "1"})
    assert again.status_code == 303
    assert len(titles()) == 2


def test_suggestions_lead_to_adding_copies_alone(ha, shared, world):
    html = text(ha.get("/titles/add/suggestions?title=de+men"))
    assert "Dế Mèn phiêu lưu ký" in html and "thư viện khác đã mô tả" in html
    assert "<html" not in html
    assert text(ha.get("/titles/add/suggestions?title=d")).strip() == ""
    (link,) = re.findall(r'<a href="([^"]+)"', html)
    opened = text(ha.get(link))
    assert 'name="title"' not in opened
    sent = fields(opened) | {"quantity": "2"}
    assert sent["price"] == "45000"
    assert ha.post("/titles/add", data=sent).status_code == 303
    assert [(one.record_id, one.price) for one in copies()] == [(shared.id, 45_000)] * 2


def test_another_networks_titles_are_neither_suggested_nor_taken(ha, world):
    from library.catalogue.writing import NewRecord, create
    from library.organisations import founding
    from library.organisations.models import OrganisationKind
    from tests.support.people import commit

    far = founding.found(world.session(), OrganisationKind.PROVINCE, "Tỉnh khác")
    foreign = create(world.session(), far.network_id, NewRecord("Dế Mèn nơi khác"))
    commit()
    assert "nơi khác" not in text(ha.get("/titles/add/suggestions?title=de+men"))
    answer = ha.post("/titles/add", data=page(ha, record=str(foreign.uid)))
    assert answer.status_code == 303
    assert {one.record_id for one in copies()} & {foreign.id} == set()


def test_the_librarys_rule_gives_the_mark(ha, world):
    spines.set_rule(world.session(), world.school().id, [Part.KIND, Part.TITLE_LETTERS])
    from tests.support.people import commit

    commit()
    ha.post("/titles/add", data=page(ha, kind="STN"))
    assert db.session.scalar(select(LocalRecord.call_number)) == "STN CAY"


def test_a_volume_has_it_on_its_mark(ha):
    ha.post("/titles/add", data=page(ha, title="Kính vạn hoa", part_number="Tập 2", mark="V23"))
    assert db.session.scalar(select(LocalRecord.call_number)) == "V23 K312V T.2"


def test_saving_asks_the_database_the_same_for_one_copy_and_forty(ha):
    with counted() as one:
        assert ha.post("/titles/add", data=page(ha, quantity="1")).status_code == 303
    with counted() as many:
        assert ha.post("/titles/add", data=page(ha, title="Tấm Cám", quantity="40")).status_code == 303
    assert len(many) <= len(one) + 2
