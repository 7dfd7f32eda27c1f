"""Forty books: forty scans and one key."""

import re

import pytest
from sqlalchemy import func, select

from library.catalogue.models import NumberKind
from library.catalogue.writing import NewRecord, create
from library.cataloguing.models import ScanLine
from library.core.db import db
from library.holdings.models import Receipt
from library.staging.values import with_check_digit
from tests.cataloguing.conftest import EAN, ISBN, copies, fields, text, titles
from tests.support.people import account, commit, sign_in

URL = "/titles/scan"


def scan(ha, code, **typed):
    """Without scripts: the whole page is sent with the code in its line."""
    return ha.post(URL, data=fields(text(ha.get(URL))) | {"code": code, "do": "scan", **typed})


def save(ha, **typed):
    return ha.post(URL, data=fields(text(ha.get(URL))) | {"do": "save", **typed})


def lines():
    db.session.expire_all()
    return list(db.session.scalars(select(ScanLine).order_by(ScanLine.id)))


def test_forty_books_are_forty_scans_and_one_key(ha, world):
    network = world.school().network_id
    codes = [with_check_digit(f"9786042{n:05}") for n in range(40)]
    for n, code in enumerate(codes):
        create(world.session(), network, NewRecord(f"Sách thứ {n}", price=1000 + n, numbers=((code, NumberKind.ISBN),)))
    commit()
    for code in codes:
        assert scan(ha, code).status_code == 303
    answer = save(ha)
    assert (answer.status_code, answer.location) == (303, URL)
    assert "Đã ghi 40 bản của 40 nhan đề: TK.00001 – TK.00040." in text(ha.get(URL))
    assert [(one.accession, one.price) for one in copies()] == [(f"TK.{n + 1:05}", 1000 + n) for n in range(40)]
    assert len(titles()) == 40
    assert db.session.scalar(select(func.count()).select_from(Receipt)) == 1
    assert lines() == []


def test_a_known_code_is_a_copy_more_and_again_one_more(ha, shared):
    for code in (ISBN, ISBN, EAN):
        scan(ha, code)
    assert [(one.code, one.quantity, one.record_id) for one in lines()] == [(ISBN, 2, shared.id), (EAN, 1, shared.id)]
    assert "Dế Mèn phiêu lưu ký" in text(ha.get(URL))
    save(ha)
    assert [one.record_id for one in copies()] == [shared.id] * 3


def test_an_unknown_code_waits_for_its_title_and_survives_a_reload(ha):
    code = with_check_digit("893000000001")
    scan(ha, code)
    (line,) = lines()
    assert line.record_id is None
    typed = {f"title-{line.uid}": "Tấm Cám", f"mark-{line.uid}": "K", f"price-{line.uid}": "12.000"}
    scan(ha, with_check_digit("893000000002"), **typed)
    seen = fields(text(ha.get(URL)))
    assert {seen[name] for name in typed} == {"Tấm Cám", "K", "12.000"}, "typed before, sent along with the next scan"
    answer = save(ha)
    assert answer.status_code == 422, "the second has no title yet"
    assert re.search(r'name="title-[^"]*"[^>]*aria-invalid="true"', text(answer))
    (record,) = titles()
    assert (record.title, record.class_mark, record.price, record.title_code) == ("Tấm Cám", "K", 12_000, "T120C")
    assert [(one.number, one.kind) for one in record.numbers] == [(code, NumberKind.EAN)]
    assert [one.code for one in lines()] == [with_check_digit("893000000002")]


def test_a_code_with_a_wrong_check_digit_is_taken_with_a_word(ha):
    scan(ha, "9786042123450")
    (line,) = lines()
    assert line.code == "9786042123450"
    assert "không khớp số kiểm tra" in text(ha.get(URL))
    save(ha, **{f"title-{line.uid}": "Sọ Dừa"})
    assert [(one.number, one.kind) for one in titles()[0].numbers] == [("9786042123450", NumberKind.OTHER)]


def test_ten_digits_and_thirteen_are_one_book(ha):
    scan(ha, "0-306-40615-2")
    scan(ha, "9780306406157")
    assert [(one.code, one.quantity) for one in lines()] == [("9780306406157", 2)]


@pytest.mark.parametrize("code", ["không phải mã", "----", "x" * 60])
def test_what_is_no_code_is_said_so(ha, code):
    answer = scan(ha, code)
    assert answer.status_code == 422
    assert "Máy chưa thấy mã số nào" in text(answer)
    assert lines() == []


def test_a_label_of_the_library_is_known_as_one(ha, world):
    item = world.item()
    commit()
    answer = scan(ha, item.accession)
    assert answer.status_code == 422
    assert "Đây là nhãn của thư viện" in text(answer)


def test_a_number_two_titles_share_lets_one_choose(ha, shared, world):
    other = create(world.session(), world.school().network_id, NewRecord("Vở ô ly", numbers=((EAN, NumberKind.EAN),)))
    world.items(1, record=shared)
    commit()
    scan(ha, EAN)
    (line,) = lines()
    assert line.record_id == shared.id, "the one we have copies of"
    save(ha, **{f"record-{line.uid}": str(other.uid)})
    assert copies()[-1].record_id == other.id
    scan(ha, EAN)
    (line,) = lines()
    save(ha, **{f"record-{line.uid}": "new", f"title-{line.uid}": "Vở kẻ ngang"})
    assert titles()[-1].title == "Vở kẻ ngang"


def test_a_title_typed_that_the_network_has_learns_the_number(ha, shared):
    code = with_check_digit("893000000009")
    scan(ha, code)
    (line,) = lines()
    typed = {"title": "Dế mèn phiêu lưu ký", "author": "Tô Hoài", "publisher": "Kim Đồng", "year": "2019"}
    save(ha, **{f"{name}-{line.uid}": word for name, word in typed.items()})
    assert titles() == [shared]
    assert code in {one.number for one in shared.numbers}
    assert [one.record_id for one in copies()] == [shared.id]


def test_a_wrong_number_of_copies_waits_with_its_sentence(ha, shared):
    scan(ha, ISBN)
    (line,) = lines()
    answer = save(ha, **{f"n-{line.uid}": "nhiều"})
    assert answer.status_code == 422
    assert re.search(r'name="n-[^"]*"[^>]*aria-invalid="true"', text(answer))
    assert fields(text(answer))[f"n-{line.uid}"] == "nhiều"
    assert copies() == []
    save(ha, **{f"n-{line.uid}": "5"})
    assert len(copies()) == 5


def test_a_wrong_delivery_saves_nothing_and_keeps_the_lines(ha, shared):
    scan(ha, ISBN)
    answer = save(ha, received_on="hôm kia")
    assert answer.status_code == 422
    assert copies() == [] and len(lines()) == 1
    assert 'value="hôm kia"' in text(answer)


def test_a_line_is_dropped(ha, shared):
    scan(ha, ISBN)
    scan(ha, EAN)
    first = lines()[0]
    ha.post(URL, data={"do": f"drop:{first.uid}"})
    assert [one.code for one in lines()] == [EAN]
    assert ha.post(URL, data={"do": "drop:junk"}).status_code == 303


def test_each_has_a_list_of_ones_own(app, ha, shared, world):
    account(world, "mai")
    commit()
    mai = sign_in(app, "mai")
    scan(ha, ISBN)
    (line,) = lines()
    assert "Dế Mèn" not in text(mai.get(URL))
    mai.post(URL, data={"do": f"drop:{line.uid}"})
    save(mai)
    assert len(lines()) == 1 and copies() == []


def test_saving_twice_saves_once(ha, shared):
    scan(ha, ISBN)
    sent = fields(text(ha.get(URL))) | {"do": "save"}
    assert [ha.post(URL, data=sent).status_code for _ in range(2)] == [303, 303]
    assert len(copies()) == 1


def test_a_script_gets_the_one_line_back(ha, shared):
    script = {"X-Part": "line", "Accept": "application/json"}
    answer = ha.post(URL, data={"do": "scan", "code": ISBN}, headers=script)
    assert answer.status_code == 200
    assert answer.headers["X-Copies"] == "1"
    assert f'data-line="{answer.headers["X-Line"]}"' in text(answer) and "<html" not in text(answer)
    again = ha.post(URL, data={"do": "scan", "code": ISBN}, headers=script)
    assert (again.headers["X-Line"], again.headers["X-Copies"]) == (answer.headers["X-Line"], "2")
    assert ha.post(URL, data={"do": "keep"}, headers=script).status_code == 204
    refused = ha.post(URL, data={"do": "scan", "code": "…"}, headers=script)
    assert refused.status_code == 422
    assert refused.get_json()["code"] == "no-code"
