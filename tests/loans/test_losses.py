"""Lost, claimed, long overdue, found: marks, compensation, two people, and everything back by one scan or one undo."""

from datetime import date, timedelta
from io import BytesIO
from itertools import permutations
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql

from library import files
from library.catalogue.models import Format
from library.core import clock
from library.core.db import db
from library.core.errors import Refused
from library.holdings import ledger, transfers
from library.holdings.models import Condition, Item, PlaceKind, Register, Transfer, Why
from library.inbox import acts
from library.inbox.acts import Doing
from library.loans import (
    compensation,
    compensation_ending,
    condition,
    deeds,
    losses,
    losses_night,
    losses_queries,
    losses_settings,
    marks,
    settling,
)
from library.loans.compensation import Asking
from library.loans.compensation_ending import Ending, NotSo
from library.loans.condition import Look
from library.loans.deeds import Lending
from library.loans.losses_settings import Decided
from library.loans.models import Compensation, EndWhy, Harm, Loan, LoanMark, MarkKind, Settled, Settlement
from library.uses.counting import Frozen
from tests.support.policies import lends
from tests.support.world import World, at

HA, HOA = UUID(int=1), UUID(int=2)


class Desk:
    """Everything is done in the past of a stopped clock, so that later scans find room."""

    def __init__(self, world: World) -> None:
        self.world, self.session = world, db.session()
        self.branch = world.branch()
        self.reader = world.patron()
        self.item = world.item()
        self.item.price = 35_000
        self.session.flush()

    def by(self, who: UUID = HA) -> Doing:
        return Doing.now(who, self.branch.id)

    def place(self, kind: PlaceKind = PlaceKind.STACKS) -> tuple[int, int]:
        return self.world.place(kind).id, self.branch.id

    def lend(self, when: int = 1, item: Item | None = None) -> int:
        """Day of September; the loan's id."""
        copy = item or self.item
        due = clock.day_of(at(day=when)) + timedelta(days=14)
        what = Lending(copy.id, copy.uid, self.reader.id, due, Frozen(self.branch.id))
        act = deeds.lend(self.session, self.by(), what, self.place(PlaceKind.WITH_PATRONS), at(day=when))
        return self.session.scalars(select(Loan.id).where(Loan.act_id == act[0])).one()

    def back(self, when: int, doing: Doing | None = None) -> Doing:
        done = doing or self.by()
        deeds.take_in(self.session, done, (self.item.id, self.item.uid), self.place(), at(day=when))
        return done

    def undo(self, what: Doing) -> None:
        act = acts.by_uid(self.session, what.uid)
        assert act
        deeds.undo(self.session, self.by(), act)
        self.session.expire_all()

    def loan(self, id_: int) -> Loan:
        return self.session.get_one(Loan, id_, populate_existing=True)

    def stands(self) -> PlaceKind:
        self.session.refresh(self.item)
        return self.item.place.kind

    def register(self) -> Register:
        self.session.refresh(self.item)
        return self.item.register_status

    def paper(self) -> Compensation:
        query = select(Compensation).order_by(Compensation.id.desc()).limit(1)
        return self.session.scalars(query.execution_options(populate_existing=True)).one()

    def ask(self, loan: int, amount: int = 35_000) -> Compensation:
        with clock.stopped_at(at(day=20)):
            asking = Asking(self.item.id, Harm.LOST, amount, loan, self.reader.id, "mất ở chợ")
            return compensation.ask(self.session, self.by(), asking)

    def settle(self, how: Ending, who: UUID = HA) -> tuple[bool, Doing]:
        doing = self.by(who)
        with clock.stopped_at(at(day=25)):
            return compensation_ending.settle(self.session, doing, self.paper().id, how), doing


@pytest.fixture
def desk(world: World) -> Desk:
    return Desk(world)


# Marks


def test_a_claimed_book_stays_out_and_any_scan_ends_it(desk: Desk) -> None:
    loan = desk.lend()
    with clock.stopped_at(at(day=20)):
        marks.claimed(desk.session, desk.by(), loan, "em bảo để trên bàn")
    assert desk.loan(loan).claimed_at == at(day=20)
    assert desk.loan(loan).ended_at is None
    returning = desk.back(21)
    assert (desk.loan(loan).claimed_at, desk.loan(loan).ended_why) == (None, EndWhy.RETURNED)
    desk.undo(returning)
    assert desk.loan(loan).claimed_at == at(day=20), "undoing the scan brings it back"


def test_staff_say_it_is_lost_and_take_it_back(desk: Desk) -> None:
    loan = desk.lend()
    with clock.stopped_at(at(day=20)):
        saying = desk.by()
        marks.lost(desk.session, saying, loan)
    assert desk.loan(loan).lost_at == at(day=20)
    with clock.stopped_at(at(day=21)):
        clearing = desk.by()
        marks.cleared(desk.session, clearing, loan)
    assert desk.loan(loan).lost_at is None
    desk.undo(clearing)
    assert desk.loan(loan).lost_at == at(day=20)
    desk.undo(saying)
    assert desk.loan(loan).lost_at is None
    assert len(desk.session.scalars(select(LoanMark)).all()) == 2, "nothing is deleted"


def test_a_book_that_is_back_cannot_be_marked(desk: Desk) -> None:
    loan = desk.lend()
    desk.back(5)
    with pytest.raises(marks.NotOut):
        marks.lost(desk.session, desk.by(), loan)


def test_a_renewal_before_the_scanner_clears_the_mark(desk: Desk) -> None:
    loan = desk.lend()
    with clock.stopped_at(at(day=20)):
        marks.lost(desk.session, desk.by(), loan)
    act = acts.write(desk.session, desk.by(), "renew", at(day=21)), clock.uuid7()
    ledger.move(
        desk.session, act, {desk.item.id: desk.item.uid}, desk.place(PlaceKind.WITH_PATRONS), Why.RENEW, at(day=21)
    )
    assert desk.loan(loan).lost_at is None
    assert desk.loan(loan).ended_at is None


def test_in_transit_and_lost_the_request_is_cancelled_for_that_reason(desk: Desk) -> None:
    session = desk.session
    elsewhere = desk.world.place(library=desk.world.school("Trường Tiểu học Sông Cầu"))
    act = acts.write(session, desk.by(), "ask", at(day=2)), clock.uuid7()
    transfers.ask(session, act, desk.item.id, elsewhere.id, "hold", at(day=2))
    with clock.stopped_at(at(day=3)):
        saying = desk.by()
        marks.missing(session, saying, desk.item.id)
    wanted = session.scalars(select(Transfer)).one()
    assert (wanted.cancelled_why, wanted.arrived_at) == ("lost", None)
    assert desk.stands() is PlaceKind.UNKNOWN
    assert [one.id for one in losses_queries.astray(session, Item.id > 0, 10)] == [desk.item.id]
    desk.undo(saying)
    assert session.scalars(select(Transfer)).one().cancelled_at is None
    assert desk.stands() is PlaceKind.STACKS


def test_a_lent_copy_is_marked_at_its_loan(desk: Desk) -> None:
    desk.lend()
    with pytest.raises(marks.Out):
        marks.missing(desk.session, desk.by(), desk.item.id)


# The night


def test_the_night_gives_up_what_is_overdue_for_long(desk: Desk) -> None:
    lends(desk.session, desk.world.school().id, days=14, lost_after_days=90)
    loan = desk.lend()
    due = desk.loan(loan).due_on
    assert losses_night.give_up(desk.session, due + timedelta(days=90)) == (0, False)
    with clock.stopped_at(at(day=120)):
        assert losses_night.give_up(desk.session, due + timedelta(days=91)) == (1, False)
        assert losses_night.give_up(desk.session, due + timedelta(days=91)) == (0, False), "twice is once"
    assert desk.loan(loan).lost_at is not None
    assert desk.loan(loan).ended_at is None, "an inference never ends a loan"
    desk.back(121)
    assert desk.loan(loan).lost_at is None
    assert desk.loan(loan).ended_why is EndWhy.RETURNED


def test_without_a_rule_the_night_gives_nothing_up(desk: Desk) -> None:
    lends(desk.session, desk.world.school().id, days=14)
    desk.lend()
    assert losses_night.give_up(desk.session, date(2030, 1, 1)) == (0, False)


def test_what_somebody_says_is_not_lost_the_night_leaves_alone(desk: Desk) -> None:
    lends(desk.session, desk.world.school().id, days=14, lost_after_days=5)
    loan = desk.lend()
    day = desk.loan(loan).due_on + timedelta(days=30)
    with clock.stopped_at(at(day=50)):
        losses_night.give_up(desk.session, day)
    with clock.stopped_at(at(day=51)):
        marks.cleared(desk.session, desk.by(), loan)
    assert losses_night.give_up(desk.session, day + timedelta(days=30)) == (0, False)
    assert desk.loan(loan).lost_at is None


def test_what_was_taken_back_before_the_book_was_due_says_nothing_of_later(desk: Desk) -> None:
    lends(desk.session, desk.world.school().id, days=14, lost_after_days=5)
    loan = desk.lend()
    for day, say in ((3, marks.lost), (4, marks.cleared)):
        with clock.stopped_at(at(day=day)):
            say(desk.session, desk.by(), loan)
    with clock.stopped_at(at(day=50)):
        assert losses_night.give_up(desk.session, clock.day_of(at(day=50))) == (1, False)


def test_the_night_leaves_alone_what_a_desk_has_in_its_hand() -> None:
    sort = losses_night.Sort(1, 1, None, None, None, Format.PRINT, "desk")
    said = str(losses_night._late(sort, date(2026, 9, 1)).compile(dialect=postgresql.dialect()))
    assert said.endswith("FOR NO KEY UPDATE OF item, loan SKIP LOCKED")


def test_a_readers_word_comes_before_the_night(desk: Desk) -> None:
    lends(desk.session, desk.world.school().id, days=14, lost_after_days=5)
    loan = desk.lend()
    with clock.stopped_at(at(day=20)):
        marks.claimed(desk.session, desk.by(), loan)
    assert losses_night.give_up(desk.session, date(2027, 1, 1)) == (0, False)


# Compensation


def test_asked_with_numbered_minutes_and_the_copys_price(desk: Desk) -> None:
    loan = desk.lend()
    assert compensation.price_of(desk.session, desk.item.id) == 35_000
    one = desk.ask(loan)
    assert one.minutes_no == "1/2026"
    assert desk.loan(loan).lost_at is not None
    with pytest.raises(compensation.AskedAlready):
        desk.ask(loan)


def test_lost_after_it_came_back_the_return_before_does_not_find_it(desk: Desk) -> None:
    loan = desk.lend()
    desk.back(10)
    one = desk.ask(loan)
    losses.recast(desk.session, desk.item.id)
    assert (desk.paper().loan_id, desk.paper().membership_id) == (None, desk.reader.id)
    assert compensation.found(desk.session, one) is None
    assert desk.paper().settled_how is None
    desk.back(22)
    assert desk.paper().settled_how is Settled.FOUND


def test_numbers_have_no_gaps_and_begin_anew_each_year(desk: Desk) -> None:
    session, loan = desk.session, desk.lend()
    desk.ask(loan)
    with session.begin_nested() as vain:
        compensation.next_number(session, desk.world.school().id, at(day=1))
        vain.rollback()
    assert compensation.next_number(session, desk.world.school().id, at(day=1)) == "2/2026"
    assert compensation.next_number(session, desk.world.school().id, at(day=200)) == "1/2027"


def test_the_printed_price_where_the_copy_has_none(desk: Desk) -> None:
    desk.item.price, desk.item.record.price = None, 20_000
    desk.session.flush()
    assert compensation.price_of(desk.session, desk.item.id) == 20_000
    desk.item.record.price = None
    desk.session.flush()
    assert compensation.price_of(desk.session, desk.item.id) is None


def test_paid_ends_the_loan_and_the_copy_stays_in_the_register(desk: Desk) -> None:
    loan = desk.lend()
    desk.ask(loan)
    over, paying = desk.settle(Ending(Settled.PAID, paid=35_000))
    assert over
    assert (desk.paper().settled_how, desk.paper().paid) == (Settled.PAID, 35_000)
    assert (desk.loan(loan).ended_why, desk.loan(loan).lost_at) == (EndWhy.SETTLED, None)
    desk.session.refresh(desk.item)
    assert (desk.item.place.kind, desk.item.register_status) == (PlaceKind.UNKNOWN, Register.LISTED)
    assert settling.astray(desk.session, [desk.item.id]) == [], "the history says the same"
    desk.undo(paying)
    assert (desk.paper().settled_how, desk.paper().paid) == (None, None)
    assert desk.loan(loan).ended_at is None
    assert desk.loan(loan).lost_at is not None


def test_written_off_by_its_minutes_and_taken_up_again(desk: Desk) -> None:
    loan = desk.lend()
    desk.ask(loan)
    _, paying = desk.settle(Ending(Settled.PAID, paid=35_000, write_off=True))
    assert desk.register() is Register.WRITTEN_OFF
    desk.undo(paying)
    assert desk.register() is Register.LISTED
    desk.settle(Ending(Settled.PAID, paid=35_000, write_off=True))
    compensation_ending.take_up(desk.session, desk.by(), desk.paper().id, desk.branch.id)
    assert desk.register() is Register.LISTED
    assert desk.item.place.kind is PlaceKind.PROCESSING
    assert compensation.found(desk.session, desk.paper()), "and its money may go back"


def test_a_damaged_copy_that_is_written_off_is_on_loan_no_more(desk: Desk) -> None:
    loan = desk.lend()
    with clock.stopped_at(at(day=20)):
        compensation.ask(desk.session, desk.by(), Asking(desk.item.id, Harm.DAMAGED, 9_000, loan, desk.reader.id))
    _, paying = desk.settle(Ending(Settled.PAID, paid=9_000, write_off=True))
    assert (desk.register(), desk.loan(loan).ended_why) == (Register.WRITTEN_OFF, EndWhy.SETTLED)
    assert settling.astray(desk.session, [desk.item.id]) == []
    desk.undo(paying)
    assert (desk.register(), desk.loan(loan).ended_at) == (Register.LISTED, None)
    desk.settle(Ending(Settled.PAID, paid=9_000))
    assert desk.loan(loan).ended_at is None, "paid for and kept in the register, it is read on"


def test_replaced_by_a_new_copy_of_the_next_number(desk: Desk) -> None:
    desk.ask(desk.lend())
    made = compensation_ending.bring_copy(desk.session, desk.by(), desk.paper().id, "Bạn đọc đền")
    desk.settle(Ending(Settled.REPLACED, replacement_id=made, write_off=True))
    new = desk.session.get_one(Item, made)
    assert (new.accession, new.record_id, new.price) == ("TN.00002", desk.item.record_id, 35_000)
    assert desk.paper().replacement_id == made


def test_a_copy_replaces_one_book_only_and_never_itself(desk: Desk) -> None:
    other, far = desk.world.item(), desk.world.item(desk.world.school("Trường Tiểu học Sông Cầu"))
    desk.ask(desk.lend())
    for wrong in (desk.item.id, far.id, None):
        with pytest.raises(NotSo) as told:
            desk.settle(Ending(Settled.REPLACED, replacement_id=wrong))
        assert told.value.reasons[0].code == "no-such-copy"
    desk.settle(Ending(Settled.REPLACED, replacement_id=other.id))
    again = desk.world.item()
    asking = Asking(again.id, Harm.DAMAGED, 10_000)
    compensation.ask(desk.session, desk.by(), asking)
    with pytest.raises(NotSo) as told:
        compensation_ending.settle(
            desk.session, desk.by(), desk.paper().id, Ending(Settled.REPLACED, replacement_id=other.id)
        )
    assert told.value.reasons[0].code == "copy-used"


def test_what_is_over_is_not_settled_twice(desk: Desk) -> None:
    desk.ask(desk.lend())
    desk.settle(Ending(Settled.WAIVED, note="nhà bị lũ"))
    with pytest.raises(NotSo):
        desk.settle(Ending(Settled.PAID, paid=1))


def test_a_late_return_is_no_suspension_once_it_was_settled(desk: Desk) -> None:
    loan = desk.lend()
    rule = {"grace": 0, "counts": False, "per_day": 1, "most": -1}
    desk.session.execute(update(Loan).where(Loan.id == loan).values(penalty=rule))
    desk.ask(loan)
    desk.settle(Ending(Settled.PAID, paid=35_000))
    assert desk.session.execute(select(Loan.ended_why).where(Loan.id == loan)).scalar_one() is EndWhy.SETTLED
    from library.loans.models import Suspension

    assert desk.session.scalars(select(Suspension).where(Suspension.voided.is_(False))).all() == []


# Two people


def test_above_the_limit_a_second_person_agrees(desk: Desk) -> None:
    library = desk.world.school().id
    losses_settings.save(desk.session, library, Decided(approve_above=30_000))
    loan = desk.lend()
    desk.ask(loan)
    over, _ = desk.settle(Ending(Settled.WAIVED, note="nhà bị lũ"))
    assert not over
    assert desk.paper().settled_at is None
    wish = desk.session.scalars(select(Settlement)).one()
    with pytest.raises(NotSo) as told:
        compensation_ending.decide(desk.session, desk.by(HA), wish.id, True)
    assert told.value.reasons[0].code == "same-person"
    with pytest.raises(NotSo):
        desk.settle(Ending(Settled.PAID, paid=1))
    agreeing = desk.by(HOA)
    compensation_ending.decide(desk.session, agreeing, wish.id, True)
    assert desk.paper().settled_how is Settled.WAIVED
    assert desk.loan(loan).ended_why is EndWhy.SETTLED
    desk.undo(agreeing)
    assert desk.paper().settled_at is None
    assert desk.session.get_one(Settlement, wish.id, populate_existing=True).decided_by is None


def test_a_declined_proposal_leaves_everything_open(desk: Desk) -> None:
    losses_settings.save(desk.session, desk.world.school().id, Decided(approve_above=0))
    desk.ask(desk.lend())
    desk.settle(Ending(Settled.PAID, paid=10_000))
    compensation_ending.decide(desk.session, desk.by(HOA), desk.session.scalars(select(Settlement.id)).one(), False)
    assert desk.paper().settled_at is None
    over, _ = desk.settle(Ending(Settled.PAID, paid=35_000), HOA)
    assert not over, "asked anew, it waits anew"


def test_a_declined_proposal_does_not_come_back_beside_another_or_after_the_end(desk: Desk) -> None:
    losses_settings.save(desk.session, desk.world.school().id, Decided(approve_above=0))
    desk.ask(desk.lend())
    desk.settle(Ending(Settled.PAID, paid=10_000))
    declining = desk.by(HOA)
    compensation_ending.decide(desk.session, declining, desk.session.scalars(select(Settlement.id)).one(), False)
    act = acts.by_uid(desk.session, declining.uid)
    assert act
    losses.check_undo(desk.session, act.id)
    _, again = desk.settle(Ending(Settled.PAID, paid=20_000))
    with pytest.raises(Refused):
        losses.check_undo(desk.session, act.id)
    desk.undo(again)
    losses.check_undo(desk.session, act.id)
    desk.back(28)
    with pytest.raises(Refused):
        losses.check_undo(desk.session, act.id)


def test_what_waits_for_a_second_person_outlives_a_scan_made_by_mistake(desk: Desk) -> None:
    losses_settings.save(desk.session, desk.world.school().id, Decided(approve_above=0))
    desk.ask(desk.lend())
    desk.settle(Ending(Settled.PAID, paid=10_000))
    scanning = desk.back(28)
    wish = desk.session.scalars(select(Settlement.id)).one()
    with pytest.raises(NotSo) as told:
        compensation_ending.decide(desk.session, desk.by(HOA), wish, True)
    assert told.value.reasons[0].code == "compensation-over"
    desk.undo(scanning)
    waits = compensation_ending.waiting(desk.session, desk.paper().id)
    assert waits
    assert waits.id == wish


def test_at_the_limit_one_person_is_enough() -> None:
    assert not losses_settings.needs_two(Decided(approve_above=35_000), 35_000)
    assert losses_settings.needs_two(Decided(approve_above=35_000), 35_001)
    assert losses_settings.needs_two(Decided(approve_above=0), 1)
    assert not losses_settings.needs_two(Decided(approve_above=None), 10**9)


# Found


def test_found_before_it_was_settled_nothing_is_owed(desk: Desk) -> None:
    loan = desk.lend()
    desk.ask(loan)
    returning = desk.back(22)
    assert (desk.paper().settled_how, desk.paper().settled_at) == (Settled.FOUND, at(day=22))
    assert desk.loan(loan).ended_why is EndWhy.RETURNED
    desk.undo(returning)
    assert desk.paper().settled_how is None
    assert desk.loan(loan).lost_at is not None


def test_a_return_heard_of_late_ends_it_too(desk: Desk) -> None:
    """The van had taken it in before anybody said it was lost."""
    loan = desk.lend()
    desk.ask(loan)
    returning = desk.back(10)
    assert desk.paper().settled_how is Settled.FOUND
    assert desk.loan(loan).ended_at == at(day=10)
    desk.undo(returning)
    assert desk.paper().settled_how is None


def test_found_after_it_was_paid_a_refund_is_offered_once(desk: Desk) -> None:
    desk.ask(desk.lend())
    desk.settle(Ending(Settled.PAID, paid=35_000))
    one = desk.paper()
    with pytest.raises(NotSo) as told:
        compensation_ending.refund(desk.session, desk.by(), one.id, 35_000)
    assert told.value.reasons[0].code == "not-found-again"
    returning = desk.back(28)
    assert [line.one.id for line in losses_queries.owed(desk.session, losses_queries.to_refund(), 9)] == [one.id]
    for wrong in (0, 35_001):
        with pytest.raises(NotSo):
            compensation_ending.refund(desk.session, desk.by(), one.id, wrong)
    refunding = desk.by()
    compensation_ending.refund(desk.session, refunding, one.id, 35_000)
    assert losses_queries.owed(desk.session, losses_queries.to_refund(), 9) == []
    assert (desk.paper().settled_how, desk.paper().refunded) == (Settled.PAID, 35_000)
    desk.undo(refunding)
    assert desk.paper().refunded is None
    desk.undo(returning)
    assert losses_queries.owed(desk.session, losses_queries.to_refund(), 9) == []


def test_minutes_on_which_something_rests_are_not_undone(desk: Desk) -> None:
    loan = desk.lend()
    doing = desk.by()
    with clock.stopped_at(at(day=20)):
        compensation.ask(desk.session, doing, Asking(desk.item.id, Harm.LOST, 35_000, loan, desk.reader.id))
    desk.settle(Ending(Settled.PAID, paid=35_000))
    act = acts.by_uid(desk.session, doing.uid)
    assert act
    with pytest.raises(Refused):
        losses.check_undo(desk.session, act.id)


def test_asked_by_mistake_is_void_and_keeps_its_number(desk: Desk) -> None:
    loan, doing = desk.lend(), desk.by()
    with clock.stopped_at(at(day=20)):
        compensation.ask(desk.session, doing, Asking(desk.item.id, Harm.LOST, 35_000, loan, desk.reader.id))
    desk.undo(doing)
    assert (desk.paper().voided, desk.paper().minutes_no) == (True, "1/2026")
    assert desk.loan(loan).lost_at is None
    assert desk.ask(loan).minutes_no == "2/2026"


def state(desk: Desk) -> Any:
    loans = desk.session.execute(
        select(Loan.ended_at, Loan.ended_why, Loan.lost_at, Loan.claimed_at).where(~Loan.voided).order_by(Loan.lent_at)
    )
    papers = select(Compensation.settled_how, Compensation.settled_at).where(~Compensation.voided)
    return tuple(map(tuple, loans)), tuple(map(tuple, desk.session.execute(papers.order_by(Compensation.id))))


@pytest.mark.parametrize("days", [(10, 22), (10, 15), (22, 28), (10, 22, 28)])
def test_scans_heard_of_in_any_order_come_to_the_same(desk: Desk, days: tuple[int, ...]) -> None:
    """Lent, asked for, and scans before and after it, arriving in every order, with one of them undone or not."""
    loan = desk.lend()
    desk.ask(loan)
    for undone in (None, *days):
        seen = set()
        for order in permutations(days):
            nested = desk.session.begin_nested()
            done = {day: desk.back(day) for day in order}
            if undone is not None:
                desk.undo(done[undone])
            seen.add(state(desk))
            nested.rollback()
            desk.session.expire_all()
        assert len(seen) == 1


# How a copy looks


def photo(**more: Any) -> BytesIO:
    out = BytesIO()
    Image.new("RGB", (1600, 1200), "navy").save(out, "JPEG", **more)
    out.seek(0)
    return out


def test_a_damaged_book_goes_to_the_repair_shelf_and_back_by_a_scan(desk: Desk, app: Flask) -> None:
    loan = desk.lend()
    desk.back(5)
    with clock.stopped_at(at(day=5, hour=1)):
        saying = desk.by()
        key = condition.keep_photo(photo(exif=b"Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x00\x00\x00\x00\x00"))
        look = Look(Condition.DAMAGED, "rách bìa", key, repair=True)
        made = condition.report(desk.session, saying, desk.item.id, look, desk.branch.id)
    desk.session.refresh(desk.item)
    assert (desk.item.place.kind, desk.item.condition) == (PlaceKind.REPAIR, Condition.DAMAGED)
    assert (made.before, made.after, made.loan_id) == (Condition.GOOD, Condition.DAMAGED, loan)
    kept = files.path_of(key).read_bytes()
    assert b"Exif" not in kept
    assert len(kept) < 200 * 1024
    desk.back(9)
    desk.session.refresh(desk.item)
    assert desk.item.place.kind is PlaceKind.STACKS
    desk.undo(saying)
    desk.session.refresh(desk.item)
    assert desk.item.condition is Condition.GOOD
    assert condition.history_of(desk.session, desk.item.id) == []


def test_undoing_an_older_look_leaves_the_newer_one(desk: Desk) -> None:
    first, second = desk.by(), desk.by()
    condition.report(desk.session, first, desk.item.id, Look(Condition.WORN), desk.branch.id)
    condition.report(desk.session, second, desk.item.id, Look(Condition.DAMAGED, repair=True), desk.branch.id)
    desk.undo(first)
    desk.session.refresh(desk.item)
    assert desk.item.condition is Condition.DAMAGED


def test_an_older_look_that_is_undone_is_not_what_a_newer_one_goes_back_to(desk: Desk) -> None:
    first, second = desk.by(), desk.by()
    for doing in (first, second):
        condition.report(desk.session, doing, desk.item.id, Look(Condition.WORN), desk.branch.id)
    desk.undo(first)
    desk.session.refresh(desk.item)
    assert desk.item.condition is Condition.WORN, "the second look says so still"
    desk.undo(second)
    desk.session.refresh(desk.item)
    assert desk.item.condition is Condition.GOOD


def test_marks_are_told_purely() -> None:
    early, late = at(day=3), at(day=9)
    both = [(MarkKind.LOST, early), (MarkKind.CLAIMED, late)]
    assert marks.said(both, False, None) == marks.Said(None, late)
    assert marks.said(both, True, None) == marks.Said()
    assert marks.said(both, False, at(day=10)) == marks.Said()
    assert marks.said([(MarkKind.LONG_OVERDUE, late)], False, early) == marks.Said(late)
    assert marks.said([(MarkKind.LOST, late), (MarkKind.CLEARED, late)], False, early) == marks.Said()
