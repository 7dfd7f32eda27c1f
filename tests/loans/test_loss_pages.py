"""Losses over HTTP, as people go through them: a book said to be back, lost, paid for, found; papers; clearance."""

import re
from datetime import timedelta
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select, update

from library.accounts.models import RoleName
from library.audit import Trace
from library.core import clock
from library.core.db import db, for_writing
from library.holdings.models import Condition, Item, PlaceKind, Register
from library.inbox.models import Act
from library.loans.models import Compensation, ConditionReport, Loan, Settled, Suspension
from library.organisations.models import Code
from library.patrons.models import Card, Membership
from tests.support.people import DeskPage, account, commit, sign_in
from tests.support.policies import lends
from tests.support.statements import counted
from tests.support.world import World


@pytest.fixture
def ha(app: Flask, world: World) -> FlaskClient:
    account(world)
    lends(db.session(), world.school().id, days=14, most=5)
    commit()
    return sign_in(app)


@pytest.fixture
def lan(world: World, ha: FlaskClient) -> Membership:
    for_writing()
    reader = world.patron(class_name="5A")
    commit()
    return reader


def text(answer: Any) -> str:
    return str(answer.get_data(as_text=True))


def number(item: Item) -> str:
    """As its label has it."""
    return item.accession or ""


def card(reader: Membership) -> str:
    query = select(Code.printed).join(Card, Card.code_id == Code.id).where(Card.membership_id == reader.id)
    return db.session.scalar(query) or ""


def borrowed(ha: FlaskClient, world: World, reader: Membership, price: int | None = 35_000) -> tuple[Item, UUID]:
    """A book at the reader's home, and the name of the act that lent it."""
    for_writing()
    item = world.item()
    item.price = price
    commit()
    page = DeskPage(ha)
    page.scan(card(reader))
    assert page.scan(number(item))["what"] == "lent"
    db.session.rollback()
    act = select(Act.uid).join(Loan, Loan.act_id == Act.id).where(Loan.item_id == item.id)
    return item, db.session.scalars(act).one()


def paper() -> Compensation:
    db.session.rollback()
    return db.session.scalars(select(Compensation).order_by(Compensation.id.desc())).first()  # type: ignore[return-value]


def undo_address(page: str) -> str:
    found = re.search(r'action="(/losses/undo/[^"]+)"', page)
    assert found, "no way back is offered"
    return found.group(1)


def test_said_to_be_back_searched_and_found_by_a_scan(ha: FlaskClient, world: World, lan: Membership) -> None:
    item, act = borrowed(ha, world, lan)
    assert "Ghi mất" in text(ha.get(f"/people/{lan.uid}"))
    answer = ha.post(f"/loans/{act}/mark", data={"kind": "claimed", "note": "để trên bàn"})
    page = text(ha.get(answer.location))
    assert "Bạn đọc nói đã trả" in page
    assert number(item) in text(ha.get("/lost/shelves"))
    assert ha.post(undo_address(page)).status_code == 303
    assert number(item) not in text(ha.get("/lost"))
    ha.post(f"/loans/{act}/mark", data={"kind": "claimed"})
    assert DeskPage(ha).scan(number(item))["what"] == "returned"
    assert number(item) not in text(ha.get("/lost"))


DOTS = "…………………, ngày"


@pytest.mark.parametrize(("code", "said"), [("01840", "Phường Đức Xuân, ngày"), (None, DOTS), ("99999", DOTS)])
def test_papers_are_made_at_the_librarys_commune(
    ha: FlaskClient, world: World, lan: Membership, code: str | None, said: str
) -> None:
    world.branch().commune_code = code
    commit()
    _item, act = borrowed(ha, world, lan)
    ha.post(f"/loans/{act}/mark", data={"kind": "lost", "ask": "1", "amount": "35000"})
    assert said in text(ha.get(f"/compensation/{paper().uid}/minutes"))


def test_lost_with_its_minutes_paid_found_and_refunded(ha: FlaskClient, world: World, lan: Membership) -> None:
    item, act = borrowed(ha, world, lan)
    assert 'value="35000"' in text(ha.get(f"/loans/{act}/mark"))
    answer = ha.post(f"/loans/{act}/mark", data={"kind": "lost", "ask": "1", "amount": "35000"})
    one = paper()
    assert answer.location.startswith(f"/compensation/{one.uid}")
    assert one.minutes_no == f"1/{clock.today().year}"
    minutes = text(ha.get(f"/compensation/{one.uid}/minutes"))
    for said in ("BIÊN BẢN", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Ba mươi lăm nghìn đồng", "Hoàng Thị Mai Lan", "5A",
                 f"1/{clock.today().year}/BB-", number(item), "Lường Thị Hà"):  # fmt: skip
        assert said in minutes
    assert ha.get(f"/compensation/{one.uid}/receipt").status_code == 409, "nothing was taken yet"
    settled = ha.post(f"/compensation/{one.uid}/settle", data={"how": "paid", "paid": "30000"})
    assert settled.status_code == 303
    assert "Ba mươi nghìn đồng" in text(ha.get(f"/compensation/{one.uid}/receipt"))
    assert ha.get(f"/people/{lan.uid}/clearance").status_code == 200, "who paid owes nothing"
    assert DeskPage(ha).scan(number(item))["what"] in ("arrived", "counted")
    page = text(ha.get("/lost"))
    assert "Tìm thấy sau khi đã đền" in page
    assert ha.post(f"/compensation/{one.uid}/refund", data={"amount": "99999"}).status_code == 422
    assert ha.post(f"/compensation/{one.uid}/refund", data={"amount": "30000"}).status_code == 303
    assert (paper().refunded, paper().settled_how) == (30_000, Settled.PAID)
    verbs = set(db.session.scalars(select(Trace.verb)))
    assert {"ask-compensation", "settle-compensation", "refund"} <= verbs


def test_no_refund_where_the_library_has_decided_so(ha: FlaskClient, world: World, lan: Membership) -> None:
    item, act = borrowed(ha, world, lan)
    ha.post("/lost/settings", data={"two": "1", "approve_above": "500000"})
    ha.post(f"/loans/{act}/mark", data={"kind": "lost", "ask": "1", "amount": "35000"})
    ha.post(f"/compensation/{paper().uid}/settle", data={"how": "paid", "paid": "35000"})
    DeskPage(ha).scan(number(item))
    assert "không trả lại tiền" in text(ha.get(f"/compensation/{paper().uid}"))
    assert "Tìm thấy sau khi đã đền" not in text(ha.get("/lost"))
    assert ha.post(f"/compensation/{paper().uid}/refund", data={"amount": "35000"}).status_code == 409


def test_wrong_input_is_told_in_place(ha: FlaskClient, world: World, lan: Membership) -> None:
    _item, act = borrowed(ha, world, lan, price=None)
    assert ha.post(f"/loans/{act}/mark", data={}).status_code == 422
    told = ha.post(f"/loans/{act}/mark", data={"kind": "lost", "ask": "1", "amount": "abc"})
    assert told.status_code == 422
    assert 'value="abc"' in text(told)
    ha.post(f"/loans/{act}/mark", data={"kind": "lost", "ask": "1", "amount": "20000"})
    address = f"/compensation/{paper().uid}/settle"
    for data in ({}, {"how": "paid", "paid": ""}, {"how": "waived"}, {"how": "copy", "copy": "TN.99999"}):
        assert ha.post(address, data=data).status_code == 422, data
    assert paper().settled_at is None
    assert ha.post("/lost/settings", data={"two": "1", "approve_above": ""}).status_code == 422


def test_a_new_copy_is_entered_and_the_old_one_leaves_the_register(
    ha: FlaskClient, world: World, lan: Membership
) -> None:
    item, act = borrowed(ha, world, lan)
    ha.post(f"/loans/{act}/mark", data={"kind": "lost", "ask": "1", "amount": "35000"})
    done = ha.post(f"/compensation/{paper().uid}/settle", data={"how": "new-copy", "write_off": "1"})
    assert done.status_code == 303
    new = db.session.get_one(Item, paper().replacement_id)
    assert (new.accession, new.record_id) == ("TN.00002", item.record_id)
    assert db.session.get_one(Item, item.id).register_status is Register.WRITTEN_OFF
    assert "xuất khỏi sổ" in text(ha.get(f"/compensation/{paper().uid}/minutes"))
    assert DeskPage(ha).scan(number(item))["what"] == "set-aside", "said so, never lent"
    assert ha.post(f"/compensation/{paper().uid}/take-up").status_code == 303
    db.session.rollback()
    assert db.session.get_one(Item, item.id).register_status is Register.LISTED


def test_two_people_for_a_large_sum(app: Flask, ha: FlaskClient, world: World, lan: Membership) -> None:
    for_writing()
    account(world, "hoa")
    commit()
    hoa = sign_in(app, "hoa")
    _item, act = borrowed(ha, world, lan)
    ha.post("/lost/settings", data={"two": "1", "approve_above": "20000", "refunds": "1"})
    ha.post(f"/loans/{act}/mark", data={"kind": "lost", "ask": "1", "amount": "35000"})
    address = f"/compensation/{paper().uid}"
    ha.post(f"{address}/settle", data={"how": "waived", "note": "nhà bị lũ"})
    assert paper().settled_at is None
    assert "Chờ người thứ hai đồng ý" in text(ha.get(address))
    assert 'value="agree"' not in text(ha.get(address))
    assert ha.post(f"{address}/decide", data={"do": "agree"}).status_code == 409
    assert 'value="agree"' in text(hoa.get(address))
    found = DeskPage(ha).scan(number(_item))
    assert 'value="agree"' not in text(hoa.get(address)), "it is found: nothing waits"
    assert DeskPage(ha).undo(found["act"]).status_code == 200
    assert 'value="agree"' in text(hoa.get(address))
    assert hoa.post(f"{address}/decide", data={"do": "agree"}).status_code == 303
    assert paper().settled_how is Settled.WAIVED


def test_helpers_mark_and_do_not_ask_for_money(app: Flask, ha: FlaskClient, world: World, lan: Membership) -> None:
    for_writing()
    account(world, "em", RoleName.HELPER)
    commit()
    em = sign_in(app, "em")
    _item, act = borrowed(ha, world, lan)
    page = text(em.get(f"/loans/{act}/mark"))
    assert 'name="amount"' not in page
    assert "Hoàng Thị" not in page
    assert em.post(f"/loans/{act}/mark", data={"kind": "lost", "ask": "1", "amount": "1"}).status_code == 403
    assert em.post(f"/loans/{act}/mark", data={"kind": "lost"}).status_code == 303
    assert "Hoàng Thị" not in text(em.get("/lost"))


def test_a_claimed_book_that_is_late_blocks_nobody(ha: FlaskClient, world: World, lan: Membership) -> None:
    item, act = borrowed(ha, world, lan)
    for_writing()
    late = update(Loan).where(Loan.item_id == item.id).values(due_on=clock.today() - timedelta(days=5))
    db.session.execute(late)
    other = world.item()
    commit()
    page = DeskPage(ha)
    page.scan(card(lan))
    assert page.scan(number(other))["what"] == "refused"
    ha.post(f"/loans/{act}/mark", data={"kind": "claimed"})
    assert page.scan(number(other))["what"] == "lent"


# Suspensions


def late_return(ha: FlaskClient, world: World, reader: Membership) -> UUID:
    item, act = borrowed(ha, world, reader)
    for_writing()
    rule = {"grace": 0, "counts": False, "per_day": 2, "most": -1}
    db.session.execute(
        update(Loan).where(Loan.item_id == item.id).values(penalty=rule, due_on=clock.today() - timedelta(days=3))
    )
    commit()
    DeskPage(ha).scan(number(item))
    db.session.rollback()
    return act


def test_a_suspension_is_shown_and_lifted_with_a_reason(ha: FlaskClient, world: World, lan: Membership) -> None:
    act = late_return(ha, world, lan)
    until = clock.today() + timedelta(days=6)
    page = text(ha.get(f"/people/{lan.uid}"))
    assert f"đến hết {until:%d/%m/%Y}" in page
    assert ha.post(f"/loans/{act}/suspension/lift", data={"reason": ""}).status_code == 422
    assert ha.post(f"/loans/{act}/suspension/lift", data={"reason": "đường lở"}).status_code == 303
    assert "đã bỏ: đường lở" in text(ha.get(f"/people/{lan.uid}"))
    assert ha.post(f"/loans/{act}/suspension/lift", data={"reason": "lần nữa"}).status_code == 409
    db.session.rollback()
    assert db.session.scalars(select(Suspension.lifted_why)).one() == "đường lở"
    assert "lift-suspension" in set(db.session.scalars(select(Trace.verb)))


# Clearance


def test_a_slip_is_refused_with_what_is_still_out(ha: FlaskClient, world: World, lan: Membership) -> None:
    clear = text(ha.get(f"/people/{lan.uid}/clearance"))
    assert "GIẤY XÁC NHẬN KHÔNG NỢ SÁCH" in clear
    assert "Hoàng Thị Mai Lan" in clear
    item, _act = borrowed(ha, world, lan)
    refused = ha.get(f"/people/{lan.uid}/clearance")
    assert refused.status_code == 409
    assert number(item) in text(refused)
    assert "GIẤY XÁC NHẬN" not in text(refused)


def test_a_class_is_cleared_together_or_told_who_is_not(ha: FlaskClient, world: World, lan: Membership) -> None:
    for_writing()
    khoi = world.patron("Nông Minh Khôi", class_name="5A")
    commit()
    assert lan.school_class
    address = f"/clearance/classes/{lan.school_class.uid}"
    both = text(ha.get(address))
    assert both.index("Nông Minh Khôi") < both.index("Hoàng Thị Mai Lan"), "in the Vietnamese order of names"
    item, _act = borrowed(ha, world, khoi)
    refused = ha.get(address)
    assert refused.status_code == 409
    assert "Nông Minh Khôi" in text(refused)
    slips = text(ha.get(f"{address}?each=1"))
    assert "Hoàng Thị Mai Lan" in slips
    assert "Nông Minh Khôi" not in slips
    owing = text(ha.get("/owing"))
    assert "Nông Minh Khôi" in owing
    assert number(item) in owing
    assert "Hoàng Thị Mai Lan" not in owing


def test_owing_counts_compensation_too(ha: FlaskClient, world: World, lan: Membership) -> None:
    item, _act = borrowed(ha, world, lan)
    DeskPage(ha).scan(number(item))
    asked = ha.post(f"/copies/{item.uid}/compensation", data={"harm": "damaged", "amount": "15000"})
    assert asked.status_code == 303
    assert paper().membership_id == lan.id, "whoever had it last"
    assert ha.get(f"/people/{lan.uid}/clearance").status_code == 409
    assert "15.000 đ" in text(ha.get("/owing"))
    assert ha.get("/owing?class=nonsense").status_code == 404


# Repair


def photo() -> BytesIO:
    out = BytesIO()
    Image.new("RGB", (900, 700), "olive").save(out, "JPEG")
    out.seek(0)
    return out


def test_the_book_just_returned_is_damaged_in_one_message(ha: FlaskClient, world: World, lan: Membership) -> None:
    item, _act = borrowed(ha, world, lan)
    returned = DeskPage(ha).scan(number(item))
    data = {"act": returned["act"], "after": "damaged", "photo": (photo(), "anh.jpg")}
    answer = ha.post("/repair", data=data, headers={"Accept": "application/json"}, content_type="multipart/form-data")
    assert answer.status_code == 200, text(answer)
    assert "Giá sửa chữa" in text(ha.get("/repair")) or answer.get_json()["said"]
    db.session.rollback()
    copy = db.session.get_one(Item, item.id)
    assert (copy.condition, copy.place.kind) == (Condition.DAMAGED, PlaceKind.REPAIR)
    assert number(item) in text(ha.get("/repair"))
    one = db.session.scalars(select(ConditionReport)).one()
    assert ha.get(f"/condition/{one.uid}/photo").mimetype == "image/jpeg"
    assert number(item) in text(ha.get(answer.get_json()["slip"]))
    assert "hỏng" in text(ha.get(f"/copies/{item.uid}/condition"))
    assert DeskPage(ha).scan(number(item))["what"] in ("arrived", "counted")
    assert number(item) not in text(ha.get("/repair")).split("<form")[0]


def test_the_repair_shelf_asks_the_same_however_many_stand_on_it(ha: FlaskClient, world: World) -> None:
    def look(times: int) -> None:
        for_writing()
        codes = [item.accession for item in world.items(times)]
        commit()
        for code in codes:
            assert (
                ha.post("/repair", data={"code": code, "after": "damaged", "note": f"rách {code}"}).status_code == 303
            )

    look(1)
    ha.get("/repair")
    with counted() as few:
        ha.get("/repair")
    look(4)
    with counted() as many:
        page = text(ha.get("/repair"))
    assert page.count("rách TN.") == 5
    assert len(many) == len(few)


def test_without_a_script_by_its_number_and_what_is_no_picture_is_refused(ha: FlaskClient, world: World) -> None:
    for_writing()
    item = world.item()
    commit()
    bad = {"code": item.accession, "after": "worn", "photo": (BytesIO(b"no picture"), "x.jpg")}
    assert ha.post("/repair", data=bad, content_type="multipart/form-data").status_code == 422
    assert ha.post("/repair", data={"code": "TN.77777", "after": "worn"}).status_code == 422
    assert ha.post("/repair", data={"code": item.accession, "after": "worn", "note": "ố vàng"}).status_code == 303
    db.session.rollback()
    copy = db.session.get_one(Item, item.id)
    assert (copy.condition, copy.place.kind) == (Condition.WORN, PlaceKind.STACKS), "worn books stay on their shelf"


def test_the_next_schools_losses_are_nobodys_business(
    app: Flask, ha: FlaskClient, world: World, lan: Membership
) -> None:
    item, act = borrowed(ha, world, lan)
    ha.post(f"/loans/{act}/mark", data={"kind": "lost", "ask": "1", "amount": "35000"})
    for_writing()
    account(world, "kia", library=world.school("Trường Tiểu học Sông Cầu"))
    commit()
    kia = sign_in(app, "kia")
    for address in (f"/loans/{act}/mark", f"/compensation/{paper().uid}", f"/people/{lan.uid}/clearance",
                    f"/copies/{item.uid}/condition"):  # fmt: skip
        assert kia.get(address).status_code == 404, address
    assert number(item) not in text(kia.get("/lost"))
