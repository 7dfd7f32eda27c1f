"""What the desk refuses, asks and says in passing when a book goes out, over HTTP as its page uses it."""

from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from library.accounts.models import RoleName
from library.core import clock
from library.core.db import db
from library.holdings import transfers
from library.holdings.models import Item, ItemClass, PlaceKind, Transfer
from library.inbox import acts
from library.inbox.acts import Doing
from library.loans import holds
from library.loans.models import Compensation, EndWhy, Harm, Hold, Loan, Suspension
from library.patrons import changing
from library.patrons.models import GroupReader, Membership
from library.policies.values import NO_LIMIT, Lending, Stance
from library.uses.models import DocumentUse, UseKind
from tests.loans.test_desk import card
from tests.support.people import DeskPage, account, commit, sign_in
from tests.support.policies import lends
from tests.support.world import World

DAY = timedelta(days=1)


@pytest.fixture
def page(app: Flask, world: World) -> DeskPage:
    account(world)
    lends(world.session, world.school().id)
    commit()
    return DeskPage(sign_in(app))


@pytest.fixture
def lan(world: World) -> Membership:
    lan = world.patron(class_name="5A")
    commit()
    return lan


def say(world: World, **said: Any) -> None:
    """The school's line for everybody says this now."""
    lends(world.session, world.school().id, **said)
    commit()


def codes(answer: dict[str, Any], *severities: str) -> list[str]:
    return [code for code, severity in answer["verdicts"] if not severities or severity in severities]


def open_loans() -> list[Loan]:
    db.session.expire_all()
    return list(
        db.session.scalars(select(Loan).where(Loan.ended_at.is_(None), Loan.voided.is_(False)).order_by(Loan.id))
    )


def only_loan() -> Loan:
    (loan,) = open_loans()
    return loan


def kinds() -> list[UseKind]:
    return list(db.session.scalars(select(DocumentUse.kind).where(DocumentUse.quantity == 1).order_by(DocumentUse.id)))


# One key answers


def test_a_question_is_answered_by_one_key_and_stays_on_the_loan(page: DeskPage, world: World, lan: Membership) -> None:
    item = world.item()
    item.parts = "1 bản đồ, 2 đĩa"
    commit()
    page.scan(card(lan))
    asked = page.scan(item.accession or "")
    assert (asked["what"], asked["outcome"], asked["act"]) == ("question", "hoi", None)
    assert asked["choices"] == [["yes", "Cho mượn", "C"]]
    assert asked["reasons"] == [["Đưa kèm đủ: 1 bản đồ, 2 đĩa.", ""]]
    assert not open_loans()
    assert page.scan(item.accession or "", answer="yes")["what"] == "lent"
    assert only_loan().doubts == [{"code": "parts", "how": "answered"}]
    assert only_loan().override is None


def test_scanning_on_is_a_no_and_loses_nothing(page: DeskPage, world: World, lan: Membership) -> None:
    asked, other = world.items(2)
    asked.parts = "1 đĩa"
    commit()
    page.scan(card(lan))
    page.scan(asked.accession or "")
    assert page.scan(other.accession or "")["what"] == "lent"
    assert [loan.item_id for loan in open_loans()] == [other.id]
    db.session.refresh(asked)
    assert asked.place.kind is PlaceKind.STACKS


def test_refusals_come_before_questions_and_yes_does_not_lift_them(
    page: DeskPage, world: World, lan: Membership
) -> None:
    item = world.item()
    item.parts, item.not_for_loan = "1 đĩa", True
    lan.expires_on = clock.today() - DAY
    commit()
    page.scan(card(lan))
    refused = page.scan(item.accession or "")
    assert (refused["what"], refused["choices"]) == ("refused", [])
    assert codes(refused) == ["not-for-loan", "card-expired", "parts"]
    assert len(refused["reasons"]) == 3
    assert page.scan(item.accession or "", answer="yes")["what"] == "refused"
    assert page.scan(item.accession or "", override="contest")["what"] == "lent"
    loan = only_loan()
    assert loan.override == "contest"
    assert loan.doubts == [
        {"code": "not-for-loan", "how": "overruled"},
        {"code": "card-expired", "how": "overruled"},
        {"code": "parts", "how": "answered"},
    ]


def test_who_may_not_overrule_is_offered_no_reasons(app: Flask, world: World, lan: Membership) -> None:
    account(world, "phu", RoleName.HELPER)
    lends(world.session, world.school().id, most=0)
    item = world.item()
    commit()
    page = DeskPage(sign_in(app, "phu"))
    page.scan(card(lan))
    assert page.scan(item.accession or "")["overrides"] == []
    message = page.posted(code=item.accession, reader=page.reader, override="lesson")
    assert page.send(message).status_code == 403
    assert page.send(page.posted(code=item.accession, amnesty=True)).status_code == 403


def test_no_rule_is_a_refusal_that_no_reason_lifts(page: DeskPage, world: World) -> None:
    item, far = world.item(), world.school("Trường Tiểu học Na Rì")
    stranger = world.patron("Lý Thị Mẩy", far)
    lends(world.session, world.school().id, length=None)
    commit()
    page.scan(card(stranger))
    refused = page.scan(item.accession or "", override="lesson")
    assert (refused["what"], refused["overrides"]) == ("refused", [])
    assert codes(refused) == ["no-terms", "reads-elsewhere"]


# Readers


def test_a_block_without_end_says_so_and_why(page: DeskPage, world: World, lan: Membership) -> None:
    lan.blocked_until, lan.blocked_why = date.max, "chưa trả sách giáo khoa"
    item = world.item()
    commit()
    assert "chưa hẹn ngày mượn lại: chưa trả sách giáo khoa" in page.scan(card(lan))["reasons"][0][0]
    assert codes(page.scan(item.accession or ""), "refuse") == ["blocked"]


def test_a_suspension_stops_through_its_last_day(page: DeskPage, world: World, lan: Membership) -> None:
    first, item = world.items(2)
    page.scan(card(lan))
    page.scan(first.accession or "")
    loan = only_loan()
    today = clock.today()
    row = Suspension(loan_id=loan.id, act_id=loan.act_id, membership_id=lan.id, from_on=today - 3 * DAY, until_on=today)
    world.session.add(row)
    commit()
    assert codes(page.scan(item.accession or ""), "refuse") == ["suspended"]
    row.until_on = today - DAY
    commit()
    assert page.scan(item.accession or "")["what"] == "lent"


def test_debt_counts_from_the_sum_the_library_named(page: DeskPage, world: World, lan: Membership) -> None:
    lost, item = world.items(2)
    act = acts.write(world.session(), world.doing(), "ask", clock.now())
    world.session.add(
        Compensation(uid=clock.uuid7(), act_id=act, library_id=lan.library_id, item_id=lost.id, membership_id=lan.id,
                     harm=Harm.LOST, asked_at=clock.now(), amount=32_000)
    )  # fmt: skip
    say(world, debt_most=20_000)
    page.scan(card(lan))
    refused = page.scan(item.accession or "")
    assert refused["reasons"] == [["Còn 32.000 đ đền bù chưa xong.", ""]]
    say(world, debt_most=NO_LIMIT)
    assert page.scan(item.accession or "")["what"] == "lent"


def test_a_book_for_the_older_asks_or_only_says_that_nobody_knows(
    page: DeskPage, world: World, lan: Membership
) -> None:
    item = world.item()
    item.record.least_age, lan.person.born_on = 16, clock.today() - timedelta(days=12 * 366)
    commit()
    page.scan(card(lan))
    assert codes(page.scan(item.accession or "")) == ["too-young"]
    lan.person.born_on = None
    commit()
    told = page.scan(item.accession or "")
    assert (told["what"], codes(told, "tell")) == ("lent", ["age-unknown"])


def test_a_reader_of_another_library_is_asked_about(page: DeskPage, world: World) -> None:
    item, far = world.item(), world.school("Trường Tiểu học Na Rì")
    stranger = world.patron("Lý Thị Mẩy", far)
    commit()
    page.scan(card(stranger))
    asked = page.scan(item.accession or "")
    assert (asked["what"], asked["reasons"]) == ("question", [["Thẻ này của Trường Tiểu học Na Rì.", ""]])
    assert page.scan(item.accession or "", answer="yes")["what"] == "lent"


def test_a_lost_card_is_said_so_and_opens_nobody(page: DeskPage, world: World, lan: Membership) -> None:
    old = card(lan)
    new = changing.replace_card(world.session(), lan)
    commit()
    told = page.scan(old)
    assert (told["what"], codes(told)) == ("refused", ["card-lost"])
    assert told["overrides"] == []
    assert page.scan(new)["what"] == "reader"


def test_a_group_has_its_own_limit(page: DeskPage, world: World, lan: Membership) -> None:
    world.session.add(GroupReader(membership_id=lan.id, most=4))
    items = world.items(5)
    commit()
    page.scan(card(lan))
    for item in items[:4]:
        assert page.scan(item.accession or "")["what"] == "lent"
    assert codes(page.scan(items[4].accession or ""), "refuse") == ["limit-reached"]


def test_each_sort_has_its_limit_and_all_together_theirs(page: DeskPage, world: World, lan: Membership) -> None:
    network = world.school().network_id
    audio = ItemClass(uid=clock.uuid7(), network_id=network, code="audio", name="Sách nói")
    world.session.add(audio)
    items = world.items(4)
    world.session.flush()
    for item in items[:3]:
        item.item_class_id = audio.id
    from library.policies import writing

    writing.say(world.session(), world.school().id, {"most_of_class": 2}, item_class_id=audio.id)
    commit()
    page.scan(card(lan))
    for item in items[:2]:
        page.scan(item.accession or "")
    assert codes(page.scan(items[2].accession or ""), "refuse") == ["class-limit-reached"]
    assert page.scan(items[3].accession or "")["what"] == "lent"
    assert codes(page.scan(items[2].accession or ""), "refuse") == ["limit-reached", "class-limit-reached"]
    assert {loan.item_class_id for loan in open_loans()} == {audio.id, None}


# Copies


def test_the_same_title_again_is_only_said(page: DeskPage, world: World, lan: Membership) -> None:
    one, two = world.items(2)
    commit()
    page.scan(card(lan))
    assert codes(page.scan(one.accession or "")) == []
    assert codes(page.scan(two.accession or "")) == ["has-title"]
    for item in (one, two):
        page.scan(item.accession or "", returns_only=True)
    again = page.scan(one.accession or "")
    assert (again["what"], again["reasons"]) == ("lent", [["Bạn này đã mượn nhan đề này rồi.", ""]])


def test_notes_of_reader_and_copy_are_said_in_passing(page: DeskPage, world: World, lan: Membership) -> None:
    item = world.item()
    lan.note, item.note = "Ngồi bàn đầu, mắt kém", "Trang 12 rách"
    commit()
    page.scan(card(lan))
    told = page.scan(item.accession or "")
    assert (told["what"], told["outcome"]) == ("lent", "luu")
    assert told["reasons"] == [["Về cuốn này: Trang 12 rách", ""], ["Về bạn đọc: Ngồi bàn đầu, mắt kém", ""]]


def test_a_copy_kept_for_another_asks_whether_they_wait_on(page: DeskPage, world: World, lan: Membership) -> None:
    bao, one, two = world.patron("Đàm Quốc Bảo"), world.item(), world.item(record=world.record("Cây khế"))
    for item in (one, two):
        holds.place(world.session(), world.doing(), item.record_id, bao.id, item.branch_id)
    commit()
    for item in (one, two):
        page.scan(item.accession or "")
    page.scan(card(lan))
    asked = page.scan(one.accession or "")
    assert (asked["what"], [choice[::2] for choice in asked["choices"]]) == (
        "question", [["put-back", "C"], ["cancel-hold", "H"]],
    )  # fmt: skip
    lent = page.scan(one.accession or "", answer="put-back")
    page.scan(two.accession or "", answer="cancel-hold")
    db.session.expire_all()
    first, second = db.session.scalars(select(Hold).order_by(Hold.id)).all()
    assert (first.item_id, first.ended_at) == (None, None), "waits for the next one"
    assert second.ended_why == "cancelled"
    page.undo(lent["act"])
    db.session.expire_all()
    assert first.item_id == one.id


def test_a_copy_on_its_way_is_lent_by_whoever_has_it_in_the_hand(page: DeskPage, world: World, lan: Membership) -> None:
    far, item = world.school("Trường Tiểu học Na Rì"), world.item()
    bao = world.patron("Đàm Quốc Bảo", far)
    holds.place(world.session(), world.doing(), item.record_id, bao.id, world.branch(far).id)
    commit()
    assert "gửi đến" in page.scan(item.accession or "")["do"]
    page.scan(card(lan))
    told = page.scan(item.accession or "")
    assert (told["what"], codes(told, "tell")) == ("lent", ["kept-for-other"])
    hold = db.session.scalars(select(Hold)).one()
    assert (hold.item_id, hold.ended_at) == (None, None)
    assert db.session.scalars(select(Transfer.cancelled_why)).one() == "hold-gone"


def test_a_lost_book_is_lent_after_one_question_and_is_not_lost_any_more(
    page: DeskPage, world: World, lan: Membership
) -> None:
    from library.loans import marks

    bao, item = world.patron("Đàm Quốc Bảo"), world.item()
    commit()
    page.scan(card(bao))
    page.scan(item.accession or "")
    first = only_loan()
    marks.lost(world.session(), world.doing(), first.id)
    commit()
    page.scan(card(lan))
    asked = page.scan(item.accession or "")
    assert (asked["what"], codes(asked)) == ("question", ["lost"])
    assert "báo mất ngày" in asked["reasons"][0][0]
    assert page.scan(item.accession or "", answer="yes")["what"] == "lent"
    assert only_loan().membership_id == lan.id
    db.session.refresh(first)
    assert first.ended_why in (EndWhy.RETURNED, EndWhy.LENT_ON)
    assert first.lost_at is None


@pytest.mark.parametrize(("kind", "code"), [(PlaceKind.UNKNOWN, "lost"), (PlaceKind.REPAIR, "in-repair")])
def test_a_copy_nobody_expected_here_is_asked_about(
    page: DeskPage, world: World, lan: Membership, kind: PlaceKind, code: str
) -> None:
    item = world.item()
    item.place_id = world.place(kind).id
    commit()
    page.scan(card(lan))
    assert codes(page.scan(item.accession or "")) == [code]
    assert page.scan(item.accession or "", answer="yes")["what"] == "lent"


# To be read in the house


def test_reading_in_the_house_is_one_use_and_no_loan(page: DeskPage, world: World, lan: Membership) -> None:
    item = world.item()
    item.not_for_loan = True
    say(world, lending=Lending.ON_SITE)
    page.scan(card(lan))
    told = page.scan(item.accession or "")
    assert (told["what"], told["outcome"], told["counted"]) == ("read-here", "ghi", True)
    assert not open_loans()
    use = db.session.scalars(select(DocumentUse)).one()
    assert (use.kind, use.class_name, use.category) == (UseKind.IN_HOUSE, "5A", "HS")
    assert page.undo(told["act"]).status_code == 200


def test_reading_in_the_house_may_be_counted_apart_from_what_goes_home(
    page: DeskPage, world: World, lan: Membership
) -> None:
    items = world.items(3)
    say(world, lending=Lending.ON_SITE, most_on_site=2)
    page.scan(card(lan))
    for item in items[:2]:
        told = page.scan(item.accession or "")
        assert (told["what"], told["word"]) == ("lent", "Đọc tại chỗ")
    assert codes(page.scan(items[2].accession or ""), "refuse") == ["on-site-limit-reached"]
    assert [(loan.on_site, loan.due_on) for loan in open_loans()] == [(True, clock.today())] * 2
    assert kinds() == [UseKind.IN_HOUSE] * 2
    assert page.scan(items[0].accession or "")["what"] == "returned", "it comes back without a question"
    assert page.scan(items[2].accession or "")["what"] == "lent"
    say(world)
    assert page.scan(items[0].accession or "")["what"] == "lent"
    assert [loan.on_site for loan in open_loans()] == [True, True, False]


def test_uses_in_the_house_survive_a_late_fact(page: DeskPage, world: World, lan: Membership) -> None:
    item = world.item()
    say(world, lending=Lending.ON_SITE, most_on_site=NO_LIMIT)
    page.scan(card(lan))
    page.scan(item.accession or "")
    page.send(page.posted(late=600, code=item.accession))
    assert UseKind.HOME not in kinds()


# What is kept with the loan


def test_the_loan_keeps_by_which_rules_it_was_made(page: DeskPage, world: World, lan: Membership) -> None:
    item = world.item()
    say(world, suspension_days=2, suspension_most=10, grace_days=3, grace_counts=True)
    page.scan(card(lan))
    page.scan(item.accession or "")
    loan = only_loan()
    assert loan.penalty == {"grace": 3, "counts": True, "per_day": 2, "most": 10}
    assert (loan.channel, loan.on_site) == ("desk", False)
    assert db.session.scalars(select(DocumentUse.channel)).one() == "desk"


def test_what_waited_for_the_network_went_out_by_another_channel(page: DeskPage, world: World, lan: Membership) -> None:
    item = world.item()
    item.not_for_loan, item.parts = True, "1 đĩa"
    commit()
    told = page.send(page.posted(late=600, code=item.accession, reader=str(lan.uid))).get_json()
    assert told["what"] == "lent"
    loan = only_loan()
    assert loan.channel == "offline"
    assert loan.doubts == [{"code": "not-for-loan", "how": "late"}, {"code": "parts", "how": "late"}]


def test_a_loan_nobody_said_a_length_for_is_due_the_same_day(page: DeskPage, world: World, lan: Membership) -> None:
    item = world.item()
    lends(world.session, world.school().id, length=None)
    commit()
    told = page.send(page.posted(late=600, code=item.accession, reader=str(lan.uid))).get_json()
    assert told["what"] == "lent"
    assert only_loan().due_on == clock.today()


def test_where_many_wait_the_loan_is_short_and_says_so(page: DeskPage, world: World, lan: Membership) -> None:
    item = world.item()
    for name in ("Đàm Quốc Bảo", "Nông Minh Khôi"):
        reader = world.patron(name)
        holds.place(world.session(), world.doing(), item.record_id, reader.id, item.branch_id)
    say(world, demand_holds=2, demand_days=5)
    page.scan(card(lan))
    told = page.scan(item.accession or "")
    assert codes(told) == ["wanted"]
    assert only_loan().due_on == clock.today() + 5 * DAY


def test_whose_rules_hold_is_one_setting(page: DeskPage, world: World, lan: Membership) -> None:
    from library.core.db import bump
    from library.policies.models import PolicySetting, RulesOf
    from library.policies.rulebook import RULES

    province = world.province()
    item = world.item(province)
    lends(world.session, province.id, days=5)
    world.session.add(PolicySetting(library_id=world.school().id, rules_of=RulesOf.COPY))
    bump(world.session, RULES)
    commit()
    page.scan(card(lan))
    page.scan(item.accession or "")
    assert only_loan().due_on == clock.today() + 5 * DAY


def test_stances_come_from_the_table(page: DeskPage, world: World, lan: Membership) -> None:
    one, two = world.items(2)
    commit()
    page.scan(card(lan))
    page.scan(one.accession or "")
    only_loan().due_on = clock.today() - DAY
    commit()
    for stance, what in ((Stance.REFUSE, "refused"), (Stance.ASK, "question"), (Stance.IGNORE, "lent")):
        say(world, overdue=stance)
        assert page.scan(two.accession or "")["what"] == what


def test_a_transfer_that_is_asked_stays_asked_when_the_book_is_lent(
    page: DeskPage, world: World, lan: Membership
) -> None:
    far, item, doing = world.school("Trường Tiểu học Na Rì"), world.item(), Doing.now()
    act = acts.write(world.session(), doing, "ask", clock.now()), doing.uid
    transfers.ask(world.session(), act, item.id, world.place(library=far).id, "batch", clock.now())
    commit()
    page.scan(card(lan))
    assert page.scan(item.accession or "")["what"] == "lent"
    assert db.session.scalars(select(Transfer)).one().cancelled_at is None
    page.reader = None
    back = page.scan(item.accession or "")
    assert "gửi đến" in back["do"]
    assert db.session.get_one(Item, item.id).place.kind is PlaceKind.PROCESSING
