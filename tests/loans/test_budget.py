"""What a scan may cost, in statements as the driver sends them: one transaction, however much the reader has borrowed.

On PostgreSQL one more, which locks. What comes once in a while costs a few more, and how many is said here.
"""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from library.core import clock
from library.core.db import db
from library.holdings.models import Item, Transfer
from library.loans import holds, homeward
from library.loans.models import EndWhy, Hold, Loan, Suspension
from library.patrons.models import Membership
from tests.loans.test_desk import card
from tests.support.people import DeskPage, account, sign_in
from tests.support.policies import lends
from tests.support.statements import counted, transactions
from tests.support.world import World


@pytest.fixture
def page(app: Flask, world: World) -> DeskPage:
    account(world)
    lends(
        world.session,
        world.school().id,
        days=14,
        most=500,
        suspension_days=1,
        debt_most=0,
        demand_holds=9,
        demand_days=3,
    )
    page = DeskPage(sign_in(app))
    bao, item = world.patron("Đàm Quốc Bảo"), world.item()
    page.scan(card(bao))  # from here on, rules and calendars are in memory
    for answer in (None, "return"):
        page.scan(item.accession or "", answer=answer)
    page.reader = None
    return page


def locks() -> int:
    return int(db.engine.dialect.name == "postgresql")


def coming() -> int:
    """The reader's visit: two tables, which only PostgreSQL writes in one statement."""
    return 1 if db.engine.dialect.name == "postgresql" else 2


def cost(page: DeskPage, code: str) -> tuple[int, int]:
    with counted() as sent, transactions() as begun:
        page.scan(code)
    return len(sent), len(begun)


def borrowed(world: World, reader: Membership, count: int) -> None:
    """The reader holds and has held many books; straight into the table, this is about counting only."""
    items = world.items(count)
    act = db.session.execute(db.text("SELECT min(id) FROM act")).scalar_one()
    assert act
    now = clock.now()
    from library.inbox import acts
    from library.inbox.acts import Doing

    for place, item in enumerate(items):
        lent = acts.write(
            world.session(), Doing(clock.uuid7(), branch_id=item.branch_id), "lend", now - timedelta(days=9)
        )
        ended = {"ended_at": now, "ended_by": lent, "ended_why": EndWhy.RETURNED} if place % 2 else {}
        world.session.add(
            Loan(act_id=lent, item_id=item.id, membership_id=reader.id, branch_id=item.branch_id,
                 lent_at=now - timedelta(days=9), due_on=clock.today() + timedelta(days=5), **ended)
        )  # fmt: skip
    world.session.flush()


CHECKOUT, RETURN, IN_HOUSE = 13, 9, 11
OPENING = 8
LATE, KEPT, SENT_ON = 3, 9, 7
"""Beyond a return: one that is late, one that is kept for whoever waits, one that goes home to another library."""


def lend_to(page: DeskPage, world: World, item: Item) -> tuple[int, int]:
    page.scan(card(world.patron(class_name="5A")))
    spent = cost(page, item.accession or "")
    page.reader = None
    return spent


def test_a_checkout_and_a_return(page: DeskPage, world: World) -> None:
    item = world.item()
    lent = lend_to(page, world, item)
    returned = cost(page, item.accession or "")
    print(f"statements: checkout {lent[0]}, return {returned[0]}")
    assert lent[0] <= CHECKOUT + locks() + coming() <= 15
    assert returned[0] <= RETURN + locks() <= 12
    assert lent[1] == returned[1] == 1


def test_a_reader_with_four_hundred_loans_costs_the_same(page: DeskPage, world: World) -> None:
    lan, bao = world.patron("Lan"), world.patron("Bảo")
    borrowed(world, bao, 400)
    one, other = world.items(2)
    page.scan(card(lan))
    few = cost(page, one.accession or "")
    page.scan(card(bao))
    many = cost(page, other.accession or "")
    assert few == many
    page.reader = None
    assert cost(page, one.accession or "") == cost(page, other.accession or "")


def test_reading_a_book_in_the_house(page: DeskPage, world: World) -> None:
    item = world.item()
    assert cost(page, item.accession or "")[0] <= IN_HOUSE + locks()


def test_opening_a_reader(page: DeskPage, world: World) -> None:
    assert cost(page, card(world.patron()))[0] <= OPENING


def test_a_question_and_a_refusal_cost_less_than_a_loan(page: DeskPage, world: World) -> None:
    item = world.item()
    item.parts = "1 đĩa"
    world.session.flush()
    assert lend_to(page, world, item)[0] <= CHECKOUT + locks() - 5


def test_a_late_return_that_brings_a_suspension(page: DeskPage, world: World) -> None:
    item = world.item()
    lend_to(page, world, item)
    db.session.execute(update(Loan).values(due_on=clock.today() - timedelta(days=2)))
    spent = cost(page, item.accession or "")[0]
    print(f"statements: late return {spent}")
    assert db.session.scalar(select(func.count()).select_from(Suspension)) == 1
    assert spent <= RETURN + LATE + locks()


def test_a_return_that_is_kept_for_whoever_waits(page: DeskPage, world: World) -> None:
    item, bao = world.item(), world.patron("Bảo")
    lend_to(page, world, item)
    holds.place(world.session(), world.doing(), item.record_id, bao.id, item.branch_id)
    spent = cost(page, item.accession or "")[0]
    print(f"statements: return kept for a reader {spent}")
    assert db.session.scalars(select(Hold.item_id)).one() == item.id
    assert spent <= RETURN + KEPT + locks()


def test_a_return_of_another_library_s_book(page: DeskPage, world: World) -> None:
    item = world.items(4, world.province())[-1]
    lend_to(page, world, item)
    homeward.rule_for(world.session(), item.library_id, (None, None, None))  # the owner's rules are in memory
    spent = cost(page, item.accession or "")[0]
    print(f"statements: return that is sent home {spent}")
    assert db.session.scalar(select(func.count()).select_from(Transfer)) == 1
    assert spent <= RETURN + SENT_ON + locks()
