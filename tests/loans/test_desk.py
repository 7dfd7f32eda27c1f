"""The desk over HTTP, as its page uses it."""

import html
import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from library.accounts.models import Account
from library.core import clock
from library.core.db import db
from library.holdings import ledger, transfers
from library.holdings.models import Item, PlaceKind, Register, Transfer
from library.inbox import acts
from library.inbox.acts import Doing
from library.inbox.models import Act
from library.loans import holds, settling
from library.loans.models import Hold, Loan
from library.organisations.models import Code
from library.patrons.models import Card, Membership
from library.uses.models import DocumentUse
from tests.support.people import DeskPage, account, commit, sign_in
from tests.support.policies import lends
from tests.support.world import World


@pytest.fixture
def page(app: Flask, world: World) -> DeskPage:
    account(world)
    lends(world.session, world.school().id, days=14, most=3)
    commit()
    return DeskPage(sign_in(app))


def card(membership: Membership) -> str:
    query = select(Code.printed).join(Card, Card.code_id == Code.id).where(Card.membership_id == membership.id)
    return db.session.scalar(query) or ""


def uses() -> int:
    return db.session.scalar(select(func.coalesce(func.sum(DocumentUse.quantity), 0))) or 0


def test_three_books_are_lent_and_come_back(page: DeskPage, world: World) -> None:
    lan, items = world.patron(class_name="5A"), world.items(3)
    commit()
    opened = page.scan(card(lan))
    assert (opened["what"], opened["reader"]["name"]) == ("reader", "Hoàng Thị Mai Lan")
    for place, item in enumerate(items, 1):
        answer = page.scan(item.accession)
        assert answer["outcome"] == "ok"
        assert answer["reader"]["held"] == place
    page.reader = None
    for item in items:
        assert page.scan(item.accession)["what"] == "returned"
    db.session.expire_all()
    assert {item.place.kind for item in items} == {PlaceKind.STACKS}
    assert uses() == 3
    assert ledger.astray(db.session()) == []
    assert settling.astray(db.session(), [item.id for item in items]) == []


def test_the_same_message_twice_lends_once(page: DeskPage, world: World) -> None:
    lan, item = world.patron(), world.item()
    commit()
    page.scan(card(lan))
    message = page.posted(code=item.accession, reader=page.reader)
    first, again = page.send(message).get_json(), page.send({**message, "sent_at": clock.now().isoformat()}).get_json()
    assert first == again
    assert db.session.scalar(select(func.count()).select_from(Loan)) == 1
    assert page.send({**message, "code": "TN.99999"}).status_code == 409


def test_undo_leaves_nothing_behind(page: DeskPage, world: World) -> None:
    lan, item = world.patron(), world.item()
    commit()
    page.scan(card(lan))
    lent = page.scan(item.accession)
    undone = page.undo(lent["act"]).get_json()
    assert undone["outcome"] == "ok"
    assert page.undo(lent["act"]).status_code == 409
    db.session.expire_all()
    assert item.place.kind is PlaceKind.STACKS
    assert uses() == 0
    assert db.session.scalar(select(func.count()).where(Loan.voided.is_(False))) == 0


def test_undoing_a_return_opens_the_loan_again(page: DeskPage, world: World) -> None:
    lan, item = world.patron(), world.item()
    commit()
    page.scan(card(lan))
    lent = page.scan(item.accession)
    page.reader = None
    back = page.scan(item.accession)
    assert page.undo(lent["act"]).status_code == 409, "the return rests on it"
    assert page.undo(back["act"]).status_code == 200
    loan = db.session.scalars(select(Loan)).one()
    db.session.refresh(loan)
    assert loan.ended_at is None


def test_the_fourth_book_is_refused_with_every_reason_and_lent_with_one(page: DeskPage, world: World) -> None:
    lan, items = world.patron(), world.items(4)
    lan.expires_on = clock.today() - timedelta(days=1)
    commit()
    page.scan(card(lan))
    refused = page.scan(items[0].accession)
    assert refused["outcome"] == "khong"
    assert len(refused["reasons"]) == 1
    lan.expires_on = None
    commit()
    for item in items[:3]:
        page.scan(item.accession)
    refused = page.scan(items[3].accession)
    assert "đủ 3 cuốn" in refused["reasons"][0][0]
    assert page.scan(items[3].accession, override="lesson")["what"] == "lent"
    loan = db.session.scalars(select(Loan).where(Loan.item_id == items[3].id)).one()
    assert (loan.override, [doubt["code"] for doubt in loan.doubts or []]) == ("lesson", ["limit-reached"])


def test_a_book_lent_to_another_is_returned_and_not_lent_on(page: DeskPage, world: World) -> None:
    lan, bao, item = world.patron("Lan"), world.patron("Bảo"), world.item()
    commit()
    page.scan(card(lan))
    page.scan(item.accession)
    page.scan(card(bao))
    answer = page.scan(item.accession)
    assert (answer["what"], answer["outcome"]) == ("returned", "luu")
    assert db.session.scalar(select(func.count()).where(Loan.ended_at.is_(None))) == 0


def test_a_book_of_this_reader_asks_and_is_renewed_or_returned(page: DeskPage, world: World) -> None:
    lan, item = world.patron(), world.item()
    commit()
    page.scan(card(lan))
    page.scan(item.accession)
    asked = page.scan(item.accession)
    assert (asked["outcome"], [value for value, _ in asked["choices"]]) == ("hoi", ["renew", "return"])
    assert page.scan(item.accession, answer="renew")["what"] == "renewed"
    assert page.scan(item.accession, answer="renew")["what"] == "refused"
    assert page.scan(item.accession, answer="return")["what"] == "returned"


def test_a_written_off_copy_is_said_so(page: DeskPage, world: World) -> None:
    item, lan = world.item(), world.patron()
    item.register_status = Register.WRITTEN_OFF
    commit()
    page.scan(card(lan))
    assert page.scan(item.accession)["what"] == "set-aside"
    assert db.session.scalar(select(func.count()).select_from(Loan)) == 0


def test_an_unknown_code_and_another_networks_code_are_unknown_alike(page: DeskPage, world: World) -> None:
    from library.holdings import places
    from library.organisations import founding
    from library.organisations.models import OrganisationKind

    far = founding.found(world.session(), OrganisationKind.SCHOOL, "Trường xa")
    places.furnish(world.session(), far.branches[0])
    for _ in range(3):
        other = world.item(far)
    commit()
    assert page.scan("KHÔNG CÓ")["what"] == "unknown"
    assert page.scan(other.accession)["what"] == "unknown"


def test_a_late_scan_is_recorded_with_its_doubts(page: DeskPage, world: World) -> None:
    lan, items = world.patron(), world.items(4)
    commit()
    page.scan(card(lan))
    for item in items[:3]:
        page.scan(item.accession)
    late = page.posted(late=600, code=items[3].accession, reader=page.reader)
    answer = page.send(late).get_json()
    assert (answer["what"], answer["outcome"]) == ("lent", "luu")
    loan = db.session.scalars(select(Loan).where(Loan.item_id == items[3].id)).one()
    assert [doubt["code"] for doubt in loan.doubts or []] == ["limit-reached"]
    act = db.session.get_one(Act, loan.act_id)
    assert act.occurred_at < clock.now() - timedelta(seconds=500) or act.occurred_at < act.recorded_at


def test_a_read_book_counts_once(page: DeskPage, world: World) -> None:
    item = world.item()
    commit()
    first = page.scan(item.accession)
    assert (first["what"], first["outcome"]) == ("counted", "ghi")
    page.scan(item.accession)
    assert uses() == 1


def test_a_mangled_code_is_understood(page: DeskPage, world: World) -> None:
    item = world.item()
    commit()
    assert item.accession == "TN.00001"
    assert page.scan("tn00001")["what"] == "counted"


def test_a_stranger_gets_nothing(app: Flask, page: DeskPage, world: World) -> None:
    assert app.test_client().post("/desk/scans", json={"code": "TN.00001"}).status_code == 401
    assert app.test_client().get("/desk").status_code == 303
    assert page.send({"code": ""}).status_code == 422


def test_the_page_itself_shows_the_day(page: DeskPage, world: World) -> None:
    item = world.item()
    commit()
    page.scan(item.accession)
    text = page.client.get("/desk").get_data(as_text=True)
    assert "Dế Mèn phiêu lưu ký" in text
    assert "1 đọc tại chỗ" in text


def test_without_scripts_the_form_does_the_same(page: DeskPage, world: World) -> None:
    lan, item = world.patron(), world.item()
    commit()
    shown = page.client.post("/desk", data={"code": card(lan)}, follow_redirects=True)
    assert "Hoàng Thị Mai Lan" in shown.get_data(as_text=True)
    reader = shown.request.args["reader"]
    shown = page.client.post("/desk", data={"code": item.accession, "reader": reader}, follow_redirects=True)
    assert "Được mượn" in shown.get_data(as_text=True)
    assert db.session.scalar(select(func.count()).where(Item.place_id == item.place_id)) == 1


def test_without_scripts_the_class_stays_chosen_too(page: DeskPage, world: World) -> None:
    lan, bao, item = world.patron(class_name="5A"), world.patron("Đàm Quốc Bảo", class_name="5A"), world.item()
    commit()
    assert lan.school_class
    at = f"/desk?class={lan.school_class.uid}"
    for reader, code in ((bao, ""), (lan, ""), (lan, item.accession or "")):
        fields = {"code": code, "reader": str(reader.uid)} if code else {"pick": str(reader.uid)}
        at = page.client.post(at, data=fields).location
        shown = page.client.get(at).get_data(as_text=True)
        assert f'value="{reader.uid}" aria-current="true"' in shown
    assert db.session.scalars(select(Loan.membership_id)).all() == [lan.id]
    assert f'value="{bao.uid}"' in page.client.get(page.client.post(at, data={"finish": "1"}).location).get_data(True)


class Plain:
    """The desk's form without scripts: what the page shows is what is posted."""

    def __init__(self, page: DeskPage, reader: Membership) -> None:
        self.client, self.reader, self.at = page.client, str(reader.uid), "/desk"

    def post(self, **fields: str) -> str:
        answer = self.client.post(self.at, data={"code": "", "reader": self.reader, **fields})
        self.at = answer.location
        return self.client.get(self.at).get_data(as_text=True)


def test_without_scripts_two_questions_are_two_answers(page: DeskPage, world: World) -> None:
    lan, mine = world.patron(), world.item()
    theirs = world.item(world.school("Trường Tiểu học Đức Xuân"))
    theirs.place_id, mine.parts, theirs.accession = mine.place_id, "1 bản đồ", mine.accession
    commit()
    plain = Plain(page, lan)
    assert "hai cuốn cùng mang mã này" in plain.post(code=mine.accession or "")
    assert "Đưa kèm đủ: 1 bản đồ" in plain.post(answer=f"item-{mine.id}")
    assert "Được mượn" in plain.post(answer="yes")
    assert db.session.scalars(select(Loan.item_id)).all() == [mine.id]


def test_without_scripts_a_reason_is_given_for_what_was_chosen(page: DeskPage, world: World) -> None:
    lan, item = world.patron(), world.item()
    commit()
    plain = Plain(page, lan)
    for fields in ({"code": item.accession or ""}, {"code": item.accession or ""}, {"answer": "renew"}):
        plain.post(**fields)
    plain.post(code=item.accession or "")
    assert "Chưa gia hạn được" in plain.post(answer="renew")
    assert "Được gia hạn" in plain.post(override="lesson")
    assert db.session.scalars(select(Loan.override)).one() == "lesson"


def test_undone_where_it_was_asked(page: DeskPage, world: World) -> None:
    lan, item = world.patron(), world.item()
    commit()
    page.scan(card(lan))
    page.scan(item.accession)
    shown = page.client.get(f"/desk?reader={page.reader}").get_data(as_text=True)
    (action,) = set(re.findall(r'action="(/desk/undo[^"]*)"', shown))
    answer = page.client.post(html.unescape(action))
    assert f"reader={page.reader}" in answer.location
    assert "Đã hoàn tác" in page.client.get(answer.location).get_data(as_text=True)


@pytest.mark.parametrize("next_", ["https://far.example/x", "//far.example", ""])
def test_undo_goes_nowhere_else(page: DeskPage, world: World, next_: str) -> None:
    item = world.item()
    commit()
    act = page.scan(item.accession)["act"]
    answer = page.client.post(f"/desk/undo?act={act}", data={"next": next_})
    assert answer.location.startswith("/desk?last=")


def test_a_late_scan_is_judged_by_its_own_moment(page: DeskPage, world: World) -> None:
    """Lent offline at 10:45; at 10:50 another desk took it back and lent it on. Both loans are told, in order."""
    lan, bao, item = world.patron("Lan"), world.patron("Bảo"), world.item()
    other = DeskPage(page.client)
    other.scan(card(bao))
    other.scan(item.accession or "")
    late = page.posted(late=600, code=item.accession, reader=str(lan.uid))
    assert page.send(late).get_json()["what"] == "lent"
    loans = db.session.scalars(select(Loan).order_by(Loan.lent_at)).all()
    assert [loan.membership_id for loan in loans] == [lan.id, bao.id]
    assert (loans[0].ended_at, loans[1].ended_at) == (loans[1].lent_at, None)
    assert uses() == 2
    assert ledger.astray(db.session()) == settling.astray(db.session(), [item.id]) == []


def test_a_waiting_reader_gets_the_returned_copy(page: DeskPage, world: World) -> None:
    lan, bao, khoi, item = world.patron("Lan"), world.patron("Bảo"), world.patron("Nông Minh Khôi"), world.item()
    page.scan(card(lan))
    page.scan(item.accession or "")
    holds.place(world.session(), Doing.now(branch_id=item.branch_id), item.record_id, khoi.id, item.branch_id)
    page.reader = None
    back = page.scan(item.accession or "")
    assert (back["what"], back["outcome"]) == ("returned", "luu")
    assert "Nông Minh Khôi" in back["do"]
    assert item.place.kind is PlaceKind.HOLD_SHELF
    page.scan(card(bao))
    assert "giữ chỗ" in page.scan(item.accession or "")["reasons"][0][0]
    page.scan(card(khoi))
    lent = page.scan(item.accession or "")
    assert lent["what"] == "lent"
    hold = db.session.scalars(select(Hold)).one()
    assert hold.ended_why == "fulfilled"
    page.undo(lent["act"])
    db.session.refresh(hold)
    assert (hold.ended_why, hold.item_id) == (None, item.id)
    page.undo(back["act"])
    db.session.refresh(hold)
    assert hold.item_id is None
    assert page.scan(item.accession or "")["what"] == "returned", "Lan has it again"


def test_a_copy_that_was_asked_for_has_arrived_when_it_is_scanned_here(page: DeskPage, world: World) -> None:
    item, doing = world.item(), Doing.now()
    act = acts.write(world.session(), doing, "ask", clock.now()), doing.uid
    transfers.ask(world.session(), act, item.id, item.home_id, "luân chuyển", clock.now())
    lan = world.patron("Lan", class_name="5A")
    page.scan(card(lan))
    assert page.scan(item.accession or "")["what"] == "lent"
    assert db.session.scalars(select(Transfer.arrived_at)).one() is None
    page.reader = None
    page.scan(item.accession or "")
    assert db.session.scalars(select(Transfer.arrived_at)).one() is not None
    assert not ledger.astray(db.session())
    assert not settling.astray(db.session(), [item.id])


def test_what_has_a_page_of_its_own_is_not_undone_at_the_desk(page: DeskPage, world: World) -> None:
    """A merger, say: its own page asks first what rests on it."""
    ha = world.session.query(Account).one()
    for kind in ("merge-people", "settle-compensation", "move-due"):
        doing = Doing.now(ha.uid, ha.branch_id)
        acts.write(world.session(), doing, kind, clock.now())
        world.session.commit()
        refused = page.undo(str(doing.uid))
        assert (refused.status_code, refused.get_json()["reasons"][0]["code"]) == (409, "too-late")
        act = acts.by_uid(world.session(), doing.uid)
        assert act
        assert act.voided_by is None
