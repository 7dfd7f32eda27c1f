"""The library's rule and table, and the stickers that say something else."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from library.accounts.models import RoleName
from library.catalogue import spines, writing
from library.catalogue.call_numbers import Part
from library.catalogue.models import LocalRecord, RhymeNumber
from library.catalogue.writing import NewRecord, create
from library.cataloguing import spine_undoing
from library.core import clock
from library.core.db import db
from library.holdings.models import Item
from tests.cataloguing.conftest import fields, text
from tests.support.people import account, commit, sign_in

SETTINGS, CHECK = "/settings/call-numbers", "/titles/call-numbers"


@pytest.fixture
def book(world):
    """A title with copies, as the stickers of our library have it."""

    def made(title, call_number=None, **more):
        new = NewRecord(title, **{"ddc": "895.9223", **more})
        record = create(world.session(), world.school().network_id, new)
        for item in world.items(2, record=record):
            item.label_printed_at = clock.now()
        if call_number:
            writing.say_locally(world.session(), world.school().id, record.id, call_number=call_number)
        commit()
        return record

    return made


def said(record):
    db.session.expire_all()
    return db.session.scalars(select(LocalRecord).where(LocalRecord.record_id == record.id)).one_or_none()


def rows(html):
    return re.findall(r'<td class="code"[^>]*>([^<]*)</td>', html)


def test_a_rule_is_tried_and_kept(ha, book, world):
    book("Truyện Kiều", part_number="Tập 1")
    html = text(ha.get(SETTINGS))
    assert "895.9223<br>" in html and "TR527K" in html
    tried = text(ha.get(f"{SETTINGS}/preview?part=kind&part=title-letters&try=Truy%E1%BB%87n+Ki%E1%BB%81u"))
    assert "TRU" in tried and "<html" not in tried
    assert "TRU" in text(ha.get(f"{SETTINGS}?part=title-letters&part="))
    assert ha.post(f"{SETTINGS}/rule", data={"part": ["school", "title-code", "", ""]}).status_code == 303
    assert spines.rules(db.session(), world.school().id).parts == (Part.SCHOOL, Part.TITLE_CODE)
    assert ha.post(f"{SETTINGS}/rule", data={"part": ["", "junk"]}).status_code == 404


def test_a_number_of_the_table_is_changed_and_goes_back(ha, world):
    sent = fields(text(ha.get(SETTINGS)))
    assert len([name for name in sent if name.startswith("n-")]) == 168
    assert ha.post(f"{SETTINGS}/table", data=sent | {"n-uân": "540"}).status_code == 303
    assert spines.changed(db.session(), world.school().id) == {"uân": 540}
    assert 'class="rhyme is-own"' in text(ha.get(SETTINGS))
    assert ha.post(f"{SETTINGS}/table", data=sent | {"n-uân": ""}).status_code == 303
    db.session.rollback()
    assert spines.changed(db.session(), world.school().id) == {}


@pytest.mark.parametrize("number", ["99", "1000", "năm", "-5", "5.5"])
def test_a_wrong_number_is_said_and_kept_to_be_mended(ha, number):
    sent = fields(text(ha.get(SETTINGS)))
    answer = ha.post(f"{SETTINGS}/table", data=sent | {"n-uân": number, "n-ương": "600"})
    html = text(answer)
    assert answer.status_code == 422
    assert fields(html)["n-uân"] == number and fields(html)["n-ương"] == "600"
    assert html.count('aria-invalid="true"') == 1
    assert db.session.scalars(select(RhymeNumber)).all() == []


def test_stickers_that_differ_are_listed_and_others_are_not(ha, book):
    book("Truyện Kiều", "895.9223 TR527K")
    book("Cây khế", "895.9223/C126KH")
    book("Tấm Cám", "895.9223 T999C")
    book("100 kỹ năng", "646 M458TR")
    book("Sọ Dừa", title_code="S400X")
    book("Thạch Sanh")
    html = text(ha.get(CHECK))
    assert rows(html) == ["895.9223 T999C", "895.9223 T120C", "895.9223 S400X", "895.9223 S400D"]
    assert "2 nhãn khác quy tắc" in html


def test_volumes_are_seen(ha, book):
    book("Kính vạn hoa", "895.9223 K312V", part_number="Tập 2")
    book("Kính vạn hoa", "895.9223 K312V T.3", part_number="Tập 3")
    assert rows(text(ha.get(CHECK))) == ["895.9223 K312V", "895.9223 K312V T.2"]


def test_the_rule_is_taken_and_labels_wait(ha, book):
    record = book("Tấm Cám", "895.9223 T999C")
    other = book("Sọ Dừa", "895.9223 S111D")
    answer = ha.post(CHECK, data={"do": f"rule:{record.uid}", "title": [str(record.uid), str(other.uid)]})
    assert answer.status_code == 303
    assert "1 nhan đề theo quy tắc, 2 nhãn chờ in lại." in text(ha.get(CHECK))
    assert said(record).call_number == "895.9223 T120C"
    assert said(other).call_number == "895.9223 S111D"


def test_the_sticker_stays_until_the_rule_says_something_else(ha, book, world):
    record = book("Tấm Cám", "895.9223 T999C")
    ha.post(CHECK, data={"do": "sticker", "title": [str(record.uid)]})
    assert said(record).call_number == "895.9223 T999C"
    assert rows(text(ha.get(CHECK))) == []
    spines.set_rule(world.session(), world.school().id, [Part.DDC, Part.TITLE_LETTERS])
    commit()
    assert rows(text(ha.get(CHECK))) == ["895.9223 T999C", "895.9223 TAM"]


def undo(client):
    """Take back what the page says was settled last; the page after it."""
    found = re.search(r'name="uid" value="([^"]+)"', text(client.get(CHECK)))
    assert found and client.post(f"{CHECK}/undo", data={"uid": found[1]}).status_code == 303
    return text(client.get(CHECK))


def printed(record):
    db.session.expire_all()
    return [bool(at) for at in db.session.scalars(select(Item.label_printed_at).where(Item.record_id == record.id))]


def test_what_was_settled_is_taken_back_the_last_thing_first(ha, book):
    record, other, bare = book("Tấm Cám", "895.9223 T999C"), book("Sọ Dừa", title_code="S111D"), book("Cây khế")
    ha.post(CHECK, data={"do": f"rule:{record.uid}"})
    ha.post(CHECK, data={"do": f"sticker:{other.uid}"})
    ha.post(f"{CHECK}/unmarked")
    assert rows(text(ha.get(CHECK))) == [] and printed(record) == printed(bare) == [False, False]
    assert "1 nhan đề vừa có ký hiệu theo quy tắc." in text(ha.get(CHECK))
    assert "1 nhan đề vừa giữ nhãn đang có." in undo(ha)
    assert said(bare).call_number is None and printed(bare) == [True, True] and printed(record) == [False, False]
    assert rows(undo(ha)) == ["895.9223 S111D", "895.9223 S400D"]
    assert "Đã hoàn tác, 1 mục trở về như trước." in undo(ha)
    assert (said(record).call_number, printed(record)) == ("895.9223 T999C", [True, True])
    assert "Hoàn tác" not in text(ha.get(CHECK))


def test_a_title_somebody_changed_since_stays(ha, book, world):
    record, other = book("Tấm Cám", "895.9223 T999C"), book("Sọ Dừa", "895.9223 S111D")
    ha.post(CHECK, data={"do": "rule", "title": [str(record.uid), str(other.uid)]})
    writing.say_locally(world.session(), world.school().id, record.id, call_number="895 KHÁC")
    commit()
    assert "Đã hoàn tác, 1 mục trở về như trước." in undo(ha)
    assert (said(record).call_number, said(other).call_number) == ("895 KHÁC", "895.9223 S111D")
    assert printed(record) == [False, False] and printed(other) == [True, True]


def test_a_number_of_the_table_goes_back_too(ha, book, world):
    book("Tuần lễ xanh", "895.9223 T540L")
    ha.post(f"{SETTINGS}/rhyme", data={"rhyme": "uân", "number": "540"})
    assert "Vần uân trong bảng vừa đổi từ 502 thành 540." in text(ha.get(CHECK))
    undo(ha)
    assert spines.changed(db.session(), world.school().id) == {}


def test_only_the_last_thing_of_ones_own_library_within_a_week(ha, app, book, world, monkeypatch):
    record, other = book("Tấm Cám", "895.9223 T999C"), book("Sọ Dừa", "895.9223 S111D")
    ha.post(CHECK, data={"do": f"rule:{record.uid}"})
    first = re.search(r'name="uid" value="([^"]+)"', text(ha.get(CHECK)))[1]
    ha.post(CHECK, data={"do": f"rule:{other.uid}"})
    assert ha.post(f"{CHECK}/undo", data={"uid": first}).status_code == 303
    assert said(record).call_number == "895.9223 T120C"
    cage = world.school("Trường Tiểu học Sông Cầu")
    account(world, "thu", RoleName.LIBRARIAN, cage)
    commit()
    thu = sign_in(app, "thu")
    assert "Hoàn tác" not in text(thu.get(CHECK))
    monkeypatch.setattr(spine_undoing, "KEPT_FOR", timedelta(0))
    assert "Hoàn tác" not in text(ha.get(CHECK))


def test_stickers_correct_the_table(ha, book, world):
    book("Tuần lễ xanh", "895.9223 T540L")
    book("Tuấn và Lan", "895.9223 T540V")
    html = text(ha.get(CHECK))
    assert "Vần uân: bảng ghi 502, 2 nhãn ghi 540." in html
    assert ha.post(f"{SETTINGS}/rhyme", data={"rhyme": "uân", "number": "540"}).status_code == 303
    assert rows(text(ha.get(CHECK))) == []
    assert spines.changed(db.session(), world.school().id) == {"uân": 540}
    assert ha.post(f"{SETTINGS}/rhyme", data={"rhyme": "xyz", "number": "540"}).status_code == 404
    assert ha.post(f"{SETTINGS}/rhyme", data={"rhyme": "uân", "number": "x"}).status_code == 404


def test_titles_nobody_marked_get_the_rules_mark(ha, book):
    bare, coded, classless = (
        book("Tấm Cám", part_number="Tập 2"),
        book("Sọ Dừa", title_code="S400D"),
        book("Vô loại", ddc=""),
    )
    html = text(ha.get(CHECK))
    assert "1 nhan đề chưa có ký hiệu trên gáy." in html
    ha.post(f"{CHECK}/unmarked")
    assert said(bare).call_number == "895.9223 T120C T.2"
    assert said(coded) is said(classless) is None
    assert "1 nhan đề theo quy tắc, 2 nhãn chờ in lại." in text(ha.get(CHECK))
    assert "chưa có ký hiệu" not in text(ha.get(CHECK))


def test_what_the_next_school_has_on_its_stickers_is_its_own(ha, book, world):
    record = book("Tấm Cám")
    cage = world.school("Trường Tiểu học Sông Cầu")
    writing.say_locally(world.session(), cage.id, record.id, call_number="BÍ MẬT 1")
    world.items(1, cage, record=record)
    commit()
    assert "BÍ MẬT" not in text(ha.get(CHECK))
    ha.post(CHECK, data={"do": f"rule:{record.uid}"})
    mine = db.session.scalars(select(LocalRecord).where(LocalRecord.library_id == cage.id)).one()
    assert mine.call_number == "BÍ MẬT 1"


def test_many_are_walked_through_page_by_page(ha, book, monkeypatch):
    from library.cataloguing import spine_checking

    monkeypatch.setattr(spine_checking, "A_PAGE", 2)
    monkeypatch.setattr(spine_checking, "CHUNK", 3)
    monkeypatch.setattr(spine_checking.differences, "__defaults__", (0, 2))
    for n in range(5):
        book(f"Tấm Cám {n}", f"895.9223 T99{n}C")
    seen, address = [], CHECK
    while address:
        html = text(ha.get(address))
        seen += rows(html)[::2]
        found = re.search(rf'href="({CHECK}\?after=\d+)"', html)
        address = found[1] if found else None
    assert seen == [f"895.9223 T99{n}C" for n in range(5)]


def test_who_may_not(app, world, book):
    record = book("Tấm Cám", "895.9223 T999C")
    account(world, "be", RoleName.HELPER)
    commit()
    helper = sign_in(app, "be")
    assert helper.get(SETTINGS).status_code == helper.get(CHECK).status_code == 403
    assert helper.post(CHECK, data={"do": f"rule:{record.uid}"}).status_code == 403
