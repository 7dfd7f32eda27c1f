"""Holds and transfers between the schools of a province, over HTTP: what the scans at two desks do and say."""

import html
import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from library.core import clock
from library.core.db import db
from library.holdings import places, stays
from library.holdings.models import Condition, Item, Place, PlaceKind, Register, Transfer
from library.inbox import acts
from library.inbox.acts import Doing
from library.loans import holds_nights
from library.loans.models import Hold, Loan
from library.patrons.models import Membership
from library.policies.values import HoldReach, ReturnsGo
from tests.loans.test_hold_pages import card, text
from tests.support.people import DeskPage, account, commit, sign_in
from tests.support.policies import lends
from tests.support.world import World


class Town:
    """Three schools, a librarian each at a desk; one title with a copy in the first."""

    def __init__(self, app: Flask, world: World) -> None:
        self.world = world
        self.schools = [
            world.school(),
            world.school("Trường Tiểu học Đức Xuân"),
            world.school("Trường Tiểu học Sông Cầu"),
        ]
        for login, school in zip(("ha", "linh", "mai"), self.schools, strict=True):
            account(world, login, library=school)
            self.policy(school.id)
        self.item = world.item()
        self.lan = world.patron(class_name="5A")
        self.sinh = world.patron("Bàn Văn Sinh", library=self.schools[1])
        commit()
        self.clients = [sign_in(app, login) for login in ("ha", "linh", "mai")]
        self.desks = [DeskPage(client) for client in self.clients]

    def policy(self, library_id: int, **said: Any) -> None:
        lends(self.world.session, library_id, days=14, most=3, **said)

    @property
    def code(self) -> str:
        return self.item.accession or ""

    def place_of(self, kind: PlaceKind, school: int) -> Place:
        return self.world.place(kind, self.schools[school])

    def stands(self) -> tuple[PlaceKind, int]:
        """(kind of place, school) of the copy."""
        db.session.expire_all()
        place = db.session.get_one(Place, db.session.get_one(Item, self.item.id).place_id)
        return place.kind, [self.world.branch(one).id for one in self.schools].index(place.branch_id)

    def wait(self, reader: Membership, school: int, **more: Any) -> Any:
        """At the reader's own library; fetched at `school`."""
        client = self.clients[0 if reader.library_id == self.schools[0].id else 1]
        shelf = self.place_of(PlaceKind.HOLD_SHELF, school)
        form = {"text": card(reader), "pickup": str(shelf.uid), **more}
        return client.post(f"/titles/{self.item.record.uid}/holds", data=form)

    def lend_at(self, school: int, reader: Membership) -> dict[str, Any]:
        self.desks[school].scan(card(reader))
        told = self.desks[school].scan(self.code)
        self.desks[school].reader = None
        return told


@pytest.fixture
def town(app: Flask, world: World) -> Town:
    return Town(app, world)


def transfer() -> Transfer:
    """The one request that is open."""
    db.session.expire_all()
    return db.session.scalars(
        select(Transfer).where(Transfer.arrived_at.is_(None), Transfer.cancelled_at.is_(None))
    ).one()


def requests() -> int:
    query = select(func.count(Transfer.id)).where(Transfer.arrived_at.is_(None), Transfer.cancelled_at.is_(None))
    return db.session.scalar(query) or 0


def below(client: FlaskClient, address: str) -> str:
    """A page without what was said in passing above it."""
    return text(client.get(address)).split("holds-menu")[1]


def hold() -> Hold:
    db.session.expire_all()
    return db.session.scalars(select(Hold).order_by(Hold.id.desc())).first()  # type: ignore[return-value]


# G: coming back elsewhere


def test_g4_returned_elsewhere_it_is_asked_home_and_sent_by_the_next_scan(town: Town) -> None:
    town.lend_at(0, town.lan)
    back = town.desks[1].scan(town.code)
    assert back["what"] == "returned"
    assert "gửi đến" in back["do"]
    assert (transfer().reason, transfer().to_id) == ("home", town.item.home_id)
    assert transfer().sent_at is None
    sent = town.desks[1].scan(town.code)
    assert sent["what"] == "sent"
    assert "Xuất Hóa" in sent["do"]
    assert town.stands() == (PlaceKind.IN_TRANSIT, 1)
    assert transfer().sent_at
    home = town.desks[0].scan(town.code)
    assert home["what"] == "arrived"
    assert requests() == 0, "G8"
    assert town.stands() == (PlaceKind.STACKS, 0)


def test_g5_a_library_may_let_its_books_stay(town: Town) -> None:
    town.policy(town.schools[0].id, returns_go=ReturnsGo.STAY)
    commit()
    town.lend_at(0, town.lan)
    assert town.desks[1].scan(town.code)["what"] == "returned"
    assert requests() == 0
    assert town.stands()[1] == 1


def test_back_to_the_sender(town: Town) -> None:
    """Owned by the first, standing at the second, lent there and returned at the third: back to the second."""
    town.policy(town.schools[0].id, returns_go=ReturnsGo.SENDER)
    to = town.place_of(PlaceKind.STACKS, 1)
    commit()
    town.clients[0].post("/transfers/ask", data={"code": town.code, "to": str(to.uid)})
    town.desks[0].scan(town.code)
    assert town.desks[1].scan(town.code)["what"] == "arrived"
    assert requests() == 0, "what was sent here on purpose is not sent home at once"
    assert town.stands() == (PlaceKind.STACKS, 1)
    town.lend_at(1, town.sinh)
    town.desks[2].scan(town.code)
    assert (transfer().reason, transfer().to_id) == ("sender", to.id)


def test_g9_a_wrong_arrival_is_said_and_left_open(town: Town) -> None:
    town.lend_at(0, town.lan)
    town.desks[1].scan(town.code)
    town.desks[1].scan(town.code)
    astray = town.desks[2].scan(town.code)
    assert "Xuất Hóa" in astray["do"]
    assert "gửi đến" in astray["do"]
    assert transfer().to_id == town.item.home_id
    assert town.stands() == (PlaceKind.PROCESSING, 2)


def test_g16_a_copy_of_a_stay_goes_back_there_and_never_home(town: Town) -> None:
    shelf = town.place_of(PlaceKind.STACKS, 1)
    doing = Doing.now()
    act = acts.write(db.session(), doing, "stay", clock.now()), doing.uid
    stays.begin(db.session(), act, (town.item.id, town.item.uid), shelf.id, "luân chuyển", clock.now())
    commit()
    assert town.desks[2].scan(town.code)["what"] == "arrived"
    assert (transfer().reason, transfer().to_id) == ("stay", shelf.id)


def test_g14_ready_at_one_desk_and_scanned_at_another(town: Town) -> None:
    town.lend_at(0, town.lan)
    assert town.wait(town.sinh, 1).status_code == 303
    town.desks[1].scan(town.code)
    assert hold().ready_at
    town.desks[2].scan(town.code)
    assert hold().item_id == town.item.id
    assert hold().ready_at is None
    assert hold().keep_until is None
    assert (transfer().reason, transfer().to_id) == ("hold", town.place_of(PlaceKind.HOLD_SHELF, 1).id)
    town.desks[2].scan(town.code)
    town.desks[1].scan(town.code)
    assert hold().ready_at
    assert requests() == 0


# J: whose turn


def test_a_copy_returned_anywhere_goes_to_who_waits_anywhere(town: Town) -> None:
    town.lend_at(0, town.lan)
    town.wait(town.sinh, 1)
    back = town.desks[0].scan(town.code)
    assert "Đức Xuân" in back["do"]
    assert hold().item_id == town.item.id
    assert hold().ready_at is None
    assert transfer().reason == "hold"
    assert town.desks[0].scan(town.code)["what"] == "sent"
    there = town.desks[1].scan(town.code)
    assert "Giữ chỗ" in there["do"]
    assert hold().ready_at
    assert hold().keep_until == clock.today() + timedelta(days=5)
    assert town.stands() == (PlaceKind.HOLD_SHELF, 1)
    assert "Bàn Văn Sinh" in text(town.clients[1].get("/holds"))
    assert town.lend_at(1, town.sinh)["what"] == "lent"
    assert hold().ended_why == "fulfilled"


def test_j3_another_reader_is_asked_about_and_may_put_back_or_cancel(town: Town) -> None:
    khoi = town.world.patron("Nông Minh Khôi")
    commit()
    town.lend_at(0, khoi)
    town.wait(town.lan, 0)
    town.desks[0].scan(town.code)
    town.desks[0].scan(card(khoi))
    asked = town.desks[0].scan(town.code)
    assert asked["what"] == "question"
    lent = town.desks[0].scan(town.code, answer="put-back")
    assert lent["what"] == "lent"
    assert (hold().item_id, hold().ended_at) == (None, None), "back in the queue"
    assert town.desks[0].undo(lent["act"]).status_code == 200
    assert hold().item_id == town.item.id
    assert hold().ready_at
    town.desks[0].scan(town.code, answer="cancel-hold")
    assert hold().ended_why == "cancelled"


def test_j5_on_its_way_to_one_and_lent_to_another_without_a_question(town: Town) -> None:
    town.lend_at(0, town.lan)
    town.wait(town.sinh, 1)
    town.desks[0].scan(town.code)
    town.desks[0].scan(town.code)
    assert town.stands() == (PlaceKind.IN_TRANSIT, 0)
    khoi = town.world.patron("Nông Minh Khôi")
    commit()
    assert town.lend_at(0, khoi)["what"] == "lent"
    assert (hold().item_id, hold().ended_at) == (None, None)
    assert requests() == 0, "nobody carries a book that a reader has"


def test_j6_one_copy_and_no_other(town: Town) -> None:
    other = town.world.item(record=town.item.record)
    commit()
    town.wait(town.lan, 0, copy=str(other.uid))
    town.desks[0].scan(town.code)
    assert hold().item_id is None
    town.desks[0].scan(other.accession or "")
    assert hold().item_id == other.id


@pytest.mark.parametrize(("name", "days"), [("suspended_until", 3), ("not_before", 7), ("expires_on", -1)])
def test_j7_j8_who_does_not_want_it_today_is_passed_over(town: Town, name: str, days: int) -> None:
    town.wait(town.lan, 0)
    db.session.execute(Hold.__table__.update().values({name: clock.today() + timedelta(days=days)}))
    commit()
    town.desks[0].scan(town.code)
    assert hold().item_id is None


def test_suspending_and_moving_up_from_the_page(town: Town) -> None:
    khoi = town.world.patron("Nông Minh Khôi")
    town.lend_at(0, town.world.patron("Lý Thị Ánh"))
    town.wait(town.lan, 0)
    town.wait(khoi, 0)
    first, second = db.session.scalars(select(Hold).order_by(Hold.id)).all()
    page = f"/holds/{second.uid}"
    assert town.clients[0].post(page, data={"priority": "1"}).status_code == 422, "moving up needs a reason"
    assert town.clients[0].post(page, data={"priority": "1", "why": "thi đọc sách"}).status_code == 303
    assert "thi đọc sách" in text(town.clients[0].get(page))
    queue = text(town.clients[0].get(f"/titles/{town.item.record.uid}/holds"))
    assert queue.index("Nông Minh Khôi") < queue.index("Hoàng Thị Mai Lan")
    tomorrow = clock.today() + timedelta(days=1)
    paused = {"priority": "1", "suspended_until": tomorrow.strftime("%d/%m/%Y")}
    assert town.clients[0].post(page, data=paused).status_code == 303
    assert "tạm dừng" in text(town.clients[0].get("/holds"))
    town.desks[0].scan(town.code)
    db.session.expire_all()
    assert first.item_id == town.item.id
    assert town.clients[2].get(page).status_code == 404


def test_j9_what_nobody_can_take_is_not_on_the_pull_list(town: Town) -> None:
    record, session = town.item.record, town.world.session
    lent, asked, kept, away, damaged, here_only, gone, free = town.world.items(8, record=record)
    damaged.condition, here_only.not_for_loan, gone.register_status = Condition.DAMAGED, True, Register.WRITTEN_OFF
    session.execute(Item.__table__.update().where(Item.id == town.item.id).values(not_for_loan=True))
    commit()
    readers = [town.world.patron(f"Bạn {one}") for one in range(9)]
    commit()
    desk, client = town.desks[0], town.clients[0]
    desk.scan(card(readers[0]))
    desk.scan(lent.accession or "")
    desk.reader = None
    to = town.place_of(PlaceKind.STACKS, 1)
    for one in (asked, away):
        client.post("/transfers/ask", data={"code": one.accession, "to": str(to.uid)})
    desk.scan(away.accession or "")
    town.wait(readers[1], 0)
    desk.scan(kept.accession or "")
    for reader in readers[2:]:
        town.wait(reader, 0)
    page = below(client, "/holds/pull").split("Được yêu cầu chuyển đi")
    assert free.accession in page[0]
    for one in (lent, asked, kept, away, damaged, here_only, gone):
        assert one.accession not in page[0]
    assert asked.accession in page[1], "but it is to be sent"
    assert (away.accession or "") not in page[1]


def test_j10_the_local_copy_is_proposed(town: Town) -> None:
    there = town.world.item(library=town.schools[1], record=town.item.record)
    there.accession = "DX.00001"
    commit()
    town.wait(town.sinh, 1)
    assert "DX.00001" in text(town.clients[1].get("/holds/pull"))
    assert town.code not in text(town.clients[0].get("/holds/pull"))
    db.session.execute(Item.__table__.update().where(Item.id == there.id).values(not_for_loan=True))
    commit()
    page = text(town.clients[0].get("/holds/pull"))
    assert town.code in page, "no other: then from afar"
    assert "Đức Xuân" in page
    assert "Bàn Văn Sinh" not in page, "a reader of another school is not named"


def test_two_schools_do_not_send_their_copies_past_each_other(town: Town) -> None:
    there = town.world.item(library=town.schools[1], record=town.item.record)
    there.accession, there.accession_folded = "DX.00001", "DX00001"
    commit()
    town.wait(town.sinh, 1)
    town.wait(town.lan, 0)
    town.desks[0].scan(town.code)
    town.desks[1].scan("DX.00001")
    db.session.expire_all()
    kept = {one.membership_id: one.item_id for one in db.session.scalars(select(Hold))}
    assert kept == {town.sinh.id: there.id, town.lan.id: town.item.id}
    assert requests() == 0


def test_j11_not_fetched_in_time(town: Town) -> None:
    town.wait(town.lan, 0)
    town.desks[0].scan(town.code)
    until = hold().keep_until
    assert until
    assert holds_nights.expire(db.session(), until + timedelta(days=1)) == (1, False)
    commit()
    assert hold().ended_why == "expired"
    page = text(town.clients[0].get("/holds"))
    assert "Lấy khỏi giá Giữ chỗ" in page
    assert "hết hạn giữ" in page
    town.desks[0].scan(town.code)
    assert town.stands() == (PlaceKind.STACKS, 0)


def test_j12_a_library_that_keeps_its_books_to_its_own(town: Town) -> None:
    town.policy(town.schools[0].id, hold_reach=HoldReach.LIBRARY)
    commit()
    refused = town.wait(town.sinh, 1)
    assert refused.status_code == 409
    assert "chỉ cho bạn đọc của thư viện ấy" in text(refused)
    assert town.wait(town.lan, 0).status_code == 303


@pytest.mark.parametrize(
    ("most", "said"), [(0, "không cho loại bạn đọc này giữ chỗ"), (1, "Đang chờ đủ 1 nhan đề"), (-1, "")]
)
def test_how_many_one_may_wait_for(town: Town, most: int, said: str) -> None:
    town.policy(town.schools[0].id, holds=most)
    other = town.world.item(record=town.world.record("Cây khế"))
    commit()
    first = town.clients[0].post(f"/titles/{other.record.uid}/holds", data={"text": card(town.lan)})
    second = town.wait(town.lan, 0)
    assert first.status_code == (303 if most else 409)
    assert second.status_code == (409 if said else 303)
    assert said in text(second)


def test_what_the_reader_has_is_not_waited_for(town: Town) -> None:
    town.lend_at(0, town.lan)
    refused = town.wait(town.lan, 0)
    assert refused.status_code == 409
    assert "đang giữ chính nhan đề này" in text(refused)


def test_a_copy_of_a_class_shelf_is_asked_of_its_keeper(town: Town) -> None:
    shelf = places.place_named(db.session(), town.world.branch().id, "Tủ lớp 5A", PlaceKind.CLASS_SHELF)
    doing = Doing.now()
    act = acts.write(db.session(), doing, "stay", clock.now()), doing.uid
    stays.begin(db.session(), act, (town.item.id, town.item.uid), shelf.id, "tủ lớp", clock.now())
    commit()
    town.wait(town.sinh, 1)
    assert town.code not in text(town.clients[0].get("/holds/pull"))
    assert "Chờ người giữ tủ trả lời" in text(town.clients[0].get("/holds"))
    page = f"/holds/{hold().uid}/keeper"
    assert town.code in text(town.clients[0].get("/holds/keeper"))
    assert town.clients[1].post(page, data={"item": str(town.item.uid), "answer": "yes"}).status_code == 404
    assert town.clients[0].post(page, data={"item": str(town.item.uid), "answer": "no"}).status_code == 303
    assert town.code not in below(town.clients[0], "/holds/keeper")
    town.desks[0].scan(town.code)
    assert hold().item_id is None, "declined: it stays"
    town.clients[0].post(page, data={"item": str(town.item.uid), "answer": "yes"})
    assert town.code in below(town.clients[0], "/holds/pull")
    town.desks[0].scan(town.code)
    assert hold().item_id == town.item.id
    assert transfer().reason == "hold"


# K: asked by hand


def ask(client: FlaskClient, code: str, to: Place, **more: str) -> Any:
    return client.post("/transfers/ask", data={"code": code, "to": str(to.uid), **more}, follow_redirects=True)


def test_k1_where_it_stands_already(town: Town) -> None:
    answer = ask(town.clients[0], town.code, town.place_of(PlaceKind.STACKS, 0))
    assert answer.status_code == 409
    assert "đang ở đúng nơi đó" in text(answer)
    assert requests() == 0


def test_k2_on_loan_it_is_postponed_and_said(town: Town) -> None:
    town.lend_at(0, town.lan)
    answer = ask(town.clients[0], town.code, town.place_of(PlaceKind.STACKS, 1))
    assert "đang có người mượn" in text(answer)
    assert db.session.scalar(select(func.count(Loan.id)).where(Loan.ended_at.is_(None))) == 1
    back = town.desks[0].scan(town.code)
    assert back["what"] == "returned"
    assert "gửi đến" in back["do"]
    assert town.desks[0].scan(town.code)["what"] == "sent"


def test_k3_a_reader_comes_first_unless_told_to(town: Town) -> None:
    to = town.place_of(PlaceKind.STACKS, 1)
    town.wait(town.lan, 0)
    stopped = ask(town.clients[0], town.code, to)
    assert stopped.status_code == 409
    assert "Vẫn chuyển" in text(stopped)
    assert requests() == 0
    town.desks[0].scan(town.code)
    assert "đang giữ chỗ cho một bạn đọc" in text(ask(town.clients[0], town.code, to))
    assert ask(town.clients[0], town.code, to, anyway="1").status_code == 200
    assert transfer().to_id == to.id
    assert (hold().item_id, hold().ended_at) == (None, None), "waits for another"
    assert town.desks[0].scan(town.code)["what"] == "sent", "told to: not kept for that reader again at once"


def test_k5_a_new_request_takes_the_place_of_the_old(town: Town) -> None:
    one, two = town.place_of(PlaceKind.STACKS, 1), town.place_of(PlaceKind.STACKS, 2)
    ask(town.clients[0], town.code, one)
    said = text(ask(town.clients[0], town.code, two))
    assert "Yêu cầu cũ" in said
    assert transfer().to_id == two.id
    assert db.session.scalars(select(Transfer.cancelled_why).where(Transfer.to_id == one.id)).one() == "replaced"


def test_k6_requested_then_scanned_is_sent_and_undone_is_requested(town: Town) -> None:
    to = town.place_of(PlaceKind.STACKS, 1)
    ask(town.clients[0], town.code, to)
    assert "Gửi từ đây" in text(town.clients[0].get("/transfers"))
    sent = town.desks[0].scan(town.code)
    assert sent["what"] == "sent"
    assert not sent["counted"], "nobody read it"
    assert "Đã gửi, chưa đến nơi" in text(town.clients[0].get("/transfers"))
    assert "đi hôm nay" in text(town.clients[1].get("/transfers"))
    assert town.desks[0].undo(sent["act"]).status_code == 200
    assert transfer().sent_at is None
    assert town.stands() == (PlaceKind.STACKS, 0)


def test_k6_undone_on_the_page_of_transfers_one_is_back_there(town: Town) -> None:
    to, client = town.place_of(PlaceKind.STACKS, 1), town.clients[0]
    ask(client, town.code, to)
    shown = text(client.post("/transfers/scan", data={"code": town.code, "to": str(to.uid)}, follow_redirects=True))
    action, back = re.search(
        r'action="([^"]*undo[^"]*)"><input type="hidden" name="next" value="([^"]*)"', shown
    ).groups()
    answer = client.post(html.unescape(action), data={"next": html.unescape(back)})
    assert answer.location.startswith(f"/transfers?to={to.uid}&last=")
    assert "Đã hoàn tác" in text(client.get(answer.location))
    assert transfer().sent_at is None


def test_k7_cancelled_on_its_way_it_is_asked_back(town: Town) -> None:
    ask(town.clients[0], town.code, town.place_of(PlaceKind.STACKS, 1))
    town.desks[0].scan(town.code)
    cancel = f"/transfers/{transfer().uid}/cancel"
    assert town.clients[2].post(cancel).status_code == 404
    answer = town.clients[0].post(cancel, data={"why": "mistake"}, follow_redirects=True)
    assert "được gọi về" in text(answer)
    assert (transfer().reason, transfer().to_id) == ("back", town.item.home_id)
    assert town.desks[1].scan(town.code)["what"] == "arrived", "it came all the same: said where it must go"
    assert town.desks[1].scan(town.code)["what"] == "sent"
    town.desks[0].scan(town.code)
    assert requests() == 0


def test_the_page_sends_and_receives_by_scanning(town: Town) -> None:
    ask(town.clients[0], town.code, town.place_of(PlaceKind.STACKS, 1))
    page = town.clients[0].post("/transfers/scan", data={"code": town.code}, follow_redirects=True)
    assert "Gửi đi" in text(page)
    assert town.stands() == (PlaceKind.IN_TRANSIT, 0)
    page = town.clients[1].post("/transfers/scan", data={"code": town.code}, follow_redirects=True)
    assert "Không có sách nào phải chuyển" in text(page)
    assert town.stands() == (PlaceKind.STACKS, 1)


def test_nobody_takes_a_copy_of_others_to_others(town: Town) -> None:
    assert ask(town.clients[2], town.code, town.place_of(PlaceKind.STACKS, 1)).status_code == 404
    assert ask(town.clients[1], town.code, town.place_of(PlaceKind.STACKS, 1)).status_code == 200, "one may ask for it"
    assert "chưa gửi" in text(town.clients[1].get("/transfers"))


def test_a_cancelled_hold_of_a_copy_on_its_way_goes_on_to_the_next_or_home(town: Town) -> None:
    town.lend_at(0, town.lan)
    town.wait(town.sinh, 1)
    town.desks[0].scan(town.code)
    town.desks[0].scan(town.code)
    town.clients[1].post(f"/holds/{hold().uid}/cancel")
    assert requests() == 1, "it arrives first"
    town.desks[1].scan(town.code)
    assert requests() == 0
    town.desks[1].scan(town.code)
    assert requests() in (0, 1)


def test_the_transfers_page_asks_the_same_however_long_it_is(town: Town) -> None:
    from tests.support.statements import counted

    to = town.place_of(PlaceKind.STACKS, 1)
    ask(town.clients[0], town.code, to)
    with counted() as few:
        town.clients[0].get("/transfers")
    for one in town.world.items(6):
        commit()
        ask(town.clients[0], one.accession or "", to)
    with counted() as many:
        town.clients[0].get("/transfers")
    assert len(few) == len(many) <= 12
