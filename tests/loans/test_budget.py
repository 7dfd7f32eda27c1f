"""What a scan may cost: checkout 12 statements, return 9, one transaction, however much the reader has borrowed.

On PostgreSQL one more, which locks.
"""

from datetime import timedelta

import pytest
from flask import Flask

from library.core import clock
from library.core.db import db
from library.loans.models import EndWhy, Loan, Terms
from library.patrons.models import Membership
from tests.loans.test_desk import card
from tests.support.people import DeskPage, account, sign_in
from tests.support.statements import counted, transactions
from tests.support.world import World


@pytest.fixture
def page(app: Flask, world: World) -> DeskPage:
    account(world)
    world.session.add(Terms(library_id=world.school().id, category_id=None, days=14, most=500, renewals=1))
    page = DeskPage(sign_in(app))
    page.scan("chưa có mã này")  # caches that fill once are filled
    return page


def locks() -> int:
    return int(db.engine.dialect.name == "postgresql")


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


def test_a_checkout_and_a_return(page: DeskPage, world: World) -> None:
    lan, item = world.patron(class_name="5A"), world.item()
    page.scan(card(lan))
    lent = cost(page, item.accession or "")
    page.reader = None
    returned = cost(page, item.accession or "")
    print(f"statements: checkout {lent[0]}, return {returned[0]}")
    assert lent[0] <= 12 + locks()
    assert returned[0] <= 9 + locks()
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
    assert cost(page, item.accession or "")[0] <= 11 + locks()
