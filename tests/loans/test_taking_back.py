"""A book comes back: at any desk of the network, days ago in the drop box, after it was thought lost."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from library.core import clock
from library.core.db import db
from library.holdings import ledger, places, stays
from library.holdings.models import Condition, Item, Movement, PlaceKind, Register, Transfer
from library.inbox import acts
from library.inbox.acts import Doing
from library.loans import holds, marks, settling
from library.loans.models import Hold, Loan, Suspension
from library.patrons.models import Membership
from library.policies.values import ReturnsGo
from tests.loans.test_keeping import label
from tests.loans.test_keeping import loan as loan
from tests.loans.test_lending import DAY, codes, lan, only_loan, page, say
from tests.support.people import DeskPage, account, commit, sign_in
from tests.support.policies import lends
from tests.support.world import World

__all__ = ["lan", "loan", "page"]


def test_the_drop_box_counts_from_the_day_somebody_says(page: DeskPage, world: World, lan: Membership) -> None:
    say(world, suspension_days=1)
    item = world.item()
    commit()
    ago = 20 * 86400
    page.send(page.posted(late=ago, code=item.accession, reader=str(lan.uid)))
    loan = only_loan()
    assert loan.due_on == clock.today() - 6 * DAY
    page.reader = None
    day = clock.today() - 7 * DAY
    told = page.scan(item.accession or "", returned_on=day.isoformat(), returns_only=True)
    db.session.expire_all()
    assert loan.ended_at
    assert clock.day_of(loan.ended_at) == day
    assert told["what"] == "returned"
    assert "tính từ" in told["word"]
    assert "trễ" not in told["word"]
    assert db.session.scalars(select(Suspension)).all() == []
    movement = db.session.scalars(select(Movement).order_by(Movement.id.desc())).first()
    assert movement
    assert clock.day_of(movement.occurred_at) == day
    assert not ledger.astray(db.session())
    assert not settling.astray(db.session(), [item.id])
    page.undo(told["act"])
    db.session.refresh(loan)
    assert loan.ended_at is None


@pytest.mark.parametrize("amnesty", [False, True])
def test_late_all_the_same_may_be_forgiven_and_the_loan_says_by_whom(
    page: DeskPage, world: World, lan: Membership, amnesty: bool
) -> None:
    say(world, suspension_days=1)
    item = world.item()
    commit()
    page.send(page.posted(late=20 * 86400, code=item.accession, reader=str(lan.uid)))
    loan, day = only_loan(), clock.today() - 2 * DAY
    told = page.scan(item.accession or "", returned_on=day.isoformat(), amnesty=amnesty)
    db.session.expire_all()
    assert (loan.amnesty_by is not None) == amnesty
    suspended = db.session.scalars(select(Suspension).where(Suspension.voided.is_(False))).all()
    assert [row.until_on for row in suspended] == ([] if amnesty else [day + 4 * DAY])
    assert codes(told) == (["amnesty"] if amnesty else ["suspended"])
    assert ("trễ 4 ngày" in told["word"]) != amnesty
    page.undo(told["act"])
    db.session.expire_all()
    again = page.scan(item.accession or "")
    assert codes(again) == ["suspended"], "the forgiving was undone with it"


def test_a_day_before_it_was_lent_is_the_moment_after(page: DeskPage, loan: Loan) -> None:
    told = page.scan(label(loan), returned_on=(clock.today() - 3 * DAY).isoformat(), returns_only=True)
    db.session.refresh(loan)
    assert told["what"] == "returned"
    assert loan.ended_at
    assert timedelta(0) < loan.ended_at - loan.lent_at < timedelta(seconds=1)


def test_a_day_long_ago_is_a_slip_and_one_to_come_is_today(page: DeskPage, loan: Loan) -> None:
    long_ago = page.posted(code=label(loan), returned_on=date(2020, 1, 1).isoformat())
    assert page.send(long_ago).status_code == 422
    page.scan(label(loan), returned_on=(clock.today() + DAY).isoformat(), returns_only=True)
    db.session.refresh(loan)
    assert loan.ended_at
    assert clock.day_of(loan.ended_at) == clock.today()


def test_a_lost_book_found_and_a_claim_settled_are_said(page: DeskPage, world: World, loan: Loan) -> None:
    marks.lost(world.session(), world.doing(), loan.id)
    commit()
    told = page.scan(label(loan), returns_only=True)
    assert (told["what"], told["outcome"], codes(told)) == ("returned", "luu", ["found"])
    assert "nay tìm thấy" in told["reasons"][0][0]
    page.undo(told["act"])
    marks.cleared(world.session(), world.doing(), loan.id)
    marks.claimed(world.session(), world.doing(), loan.id)
    commit()
    assert codes(page.scan(label(loan), returns_only=True)) == ["claimed"]


def test_parts_are_checked_and_notes_said(page: DeskPage, loan: Loan) -> None:
    loan.item.parts, loan.item.note, loan.item.condition = "2 đĩa", "Bìa rời", Condition.DAMAGED
    commit()
    told = page.scan(label(loan), returns_only=True)
    assert [reason for reason, _ in told["reasons"]] == [
        "Xem có đủ: 2 đĩa.", "Về cuốn này: Bìa rời", "Cuốn này đã hư hỏng từ trước.",
    ]  # fmt: skip


def test_a_written_off_copy_ends_its_loan_and_is_set_aside(page: DeskPage, loan: Loan) -> None:
    loan.item.register_status = Register.WRITTEN_OFF
    commit()
    told = page.scan(label(loan))
    db.session.expire_all()
    assert (told["what"], told["outcome"]) == ("returned", "luu")
    assert told["do"].startswith("Sách đã ra khỏi sổ: để riêng")
    assert loan.ended_at
    assert loan.item.place.kind is PlaceKind.PROCESSING


@pytest.fixture
def elsewhere(page: DeskPage, world: World, loan: Loan) -> DeskPage:
    """The desk of another school, while the book of ours is out."""
    far = world.school("Trường Tiểu học Na Rì")
    account(world, "mai", library=far)
    lends(world.session, far.id)
    commit()
    return DeskPage(sign_in(page.client.application, "mai"))


def test_another_library_takes_it_back_and_sends_it_home(elsewhere: DeskPage, loan: Loan) -> None:
    told = elsewhere.scan(label(loan))
    assert (told["what"], told["outcome"]) == ("returned", "luu")
    db.session.expire_all()
    transfer = db.session.scalars(select(Transfer)).one()
    assert (transfer.to_id, loan.ended_at is not None) == (loan.item.home_id, True)
    assert "gửi đến" in told["do"]
    assert "Trường Tiểu học Xuất Hóa" in told["do"]
    assert loan.item.place.kind is PlaceKind.PROCESSING
    elsewhere.undo(told["act"])
    db.session.expire_all()
    assert loan.ended_at is None
    assert transfer.cancelled_why == "undone"


def test_or_keeps_it_where_the_owner_s_policy_says_so(elsewhere: DeskPage, world: World, loan: Loan) -> None:
    lends(world.session, world.school().id, returns_go=ReturnsGo.STAY)
    commit()
    told = elsewhere.scan(label(loan))
    assert told["what"] == "returned"
    assert db.session.scalars(select(Transfer)).all() == []
    assert "Sách của Trường Tiểu học Xuất Hóa" in told["do"]


def test_what_was_sent_home_has_arrived_when_it_is_scanned_there(
    page: DeskPage, elsewhere: DeskPage, loan: Loan
) -> None:
    elsewhere.scan(label(loan))
    page.reader = None
    told = page.scan(label(loan))
    assert told["what"] == "arrived"
    assert told["do"].startswith("Cất lên")
    db.session.expire_all()
    assert db.session.scalars(select(Transfer)).one().arrived_at is not None
    assert loan.item.place_id == loan.item.home_id


def test_a_deposited_copy_goes_back_to_where_it_stays_never_home(
    page: DeskPage, elsewhere: DeskPage, world: World, loan: Loan
) -> None:
    there = world.place(library=world.school("Trường Tiểu học Na Rì"))
    doing = Doing.now()
    act = acts.write(world.session(), doing, "stay", clock.now()), doing.uid
    stays.begin(world.session(), act, (loan.item_id, loan.item.uid), there.id, "luân chuyển", clock.now())
    commit()
    told = page.scan(label(loan), returns_only=True)
    db.session.expire_all()
    assert db.session.scalars(select(Transfer)).one().to_id == there.id
    assert "Na Rì" in told["do"]


def test_a_copy_kept_at_a_class_shelf_is_told_by_the_name_of_the_shelf(
    page: DeskPage, world: World, loan: Loan
) -> None:
    shelf = places.place_named(world.session(), loan.branch_id, "Tủ sách lớp 4A", PlaceKind.CLASS_SHELF)
    bao = world.patron("Đàm Quốc Bảo", class_name="4A")
    wish = holds.Wish(place_id=shelf.id)
    holds.place(world.session(), world.doing(), loan.item.record_id, bao.id, loan.branch_id, wish)
    commit()
    assert page.scan(label(loan), returns_only=True)["do"].startswith(
        "Để ở Tủ sách lớp 4A cho Đàm Quốc Bảo, 4A, giữ đến"
    )
    assert "Để ở Tủ sách lớp 4A, đang có bạn đọc chờ cuốn này." in page.scan(label(loan), returns_only=True)["do"]
    assert "ở Tủ sách lớp 4A đến hết" in page.client.get(f"/people/{bao.uid}").get_data(as_text=True)
    assert "lấy ở Tủ sách lớp 4A" in page.client.get("/holds").get_data(as_text=True)
    uid = db.session.scalars(select(Hold.uid)).one()
    told = page.client.post(f"/holds/{uid}/cancel", follow_redirects=True).get_data(as_text=True)
    assert "ở Tủ sách lớp 4A ra quét nhận trả" in told


def test_a_kept_copy_says_for_whom_and_where(page: DeskPage, elsewhere: DeskPage, world: World, loan: Loan) -> None:
    far = world.school("Trường Tiểu học Na Rì")
    bao = world.patron("Đàm Quốc Bảo", far, class_name="4B")
    holds.place(world.session(), world.doing(), loan.item.record_id, bao.id, world.branch(far).id)
    commit()
    told = page.scan(label(loan), returns_only=True)
    assert "Na Rì cho Đàm Quốc Bảo, 4B" in told["do"]
    arrived = elsewhere.scan(label(loan))
    assert (arrived["what"], arrived["do"]) == ("arrived", "Để ở giá Giữ chỗ, đang có bạn đọc chờ cuốn này.")
    db.session.expire_all()
    hold = db.session.scalars(select(Hold)).one()
    assert (hold.item_id, hold.ready_at is not None) == (loan.item_id, True)
    assert db.session.get_one(Item, loan.item_id).place.kind is PlaceKind.HOLD_SHELF


def test_a_copy_that_may_not_be_lent_is_kept_for_nobody(page: DeskPage, world: World, loan: Loan) -> None:
    bao = world.patron("Đàm Quốc Bảo")
    holds.place(world.session(), world.doing(), loan.item.record_id, bao.id, loan.branch_id)
    loan.item.not_for_loan = True
    commit()
    page.scan(label(loan), returns_only=True)
    assert db.session.scalars(select(Hold.item_id)).one() is None


def test_the_page_has_a_drop_box_that_works_without_scripts(page: DeskPage, world: World, loan: Loan) -> None:
    closed = page.client.get("/desk").get_data(as_text=True)
    assert 'id="box"' in closed
    assert 'name="returned_on" form="scan" value="" ' not in closed
    assert closed.count(" disabled") >= 3
    opened = page.client.get("/desk?box=1").get_data(as_text=True)
    day = clock.today() - DAY
    assert f'value="{day.isoformat()}"' in opened
    fields = {"code": label(loan), "returned_on": day.isoformat(), "returns_only": "1"}
    answer = page.client.post("/desk", data=fields)
    assert answer.status_code == 303
    assert f"box={day.isoformat()}" in answer.location
    assert "Trả xong" in page.client.get(answer.location).get_data(as_text=True)
