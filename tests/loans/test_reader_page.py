"""The reader's page: as many statements for four hundred books as for one, in pages; deeds that need no book in the hand."""

from datetime import timedelta

import pytest
from flask import Flask

from library.core import clock
from library.holdings.models import Item, PlaceKind
from library.loans import deeds
from library.loans.models import Loan
from library.patrons.models import Membership
from library.uses.counting import Frozen
from tests.support.people import account, commit, sign_in
from tests.support.policies import lends
from tests.support.statements import counted
from tests.support.world import World


def hold_books(world: World, reader: Membership, items: list[Item]) -> None:
    place = world.place(PlaceKind.WITH_PATRONS).id, world.branch().id
    last_week = clock.now() - timedelta(days=7)
    for number, item in enumerate(items):
        due = clock.today() + timedelta(days=1 + number // 100)
        what = deeds.Lending(item.id, item.uid, reader.id, due, Frozen(world.branch().id))
        deeds.lend(world.session(), world.doing(last_week), what, place, last_week)
    commit()


@pytest.fixture
def lan(world: World) -> Membership:
    account(world)
    lends(world.session, world.school().id, days=14, most=500, renewals=1)
    reader = world.patron(class_name="5A")
    commit()
    return reader


def test_four_hundred_books_take_no_more_statements_than_one_and_come_in_pages(
    app: Flask, world: World, lan: Membership
) -> None:
    items = world.items(400)
    hold_books(world, lan, items[:1])
    client = sign_in(app)
    client.get(f"/people/{lan.uid}")
    with counted() as one:
        assert client.get(f"/people/{lan.uid}").status_code == 200
    hold_books(world, lan, items[1:])
    with counted() as many:
        first = client.get(f"/people/{lan.uid}").get_data(as_text=True)
    assert len(many) == len(one), [statement for statement in many if statement not in one]
    assert "Đang giữ 400 cuốn" in first
    last = client.get(f"/people/{lan.uid}?sach=8").get_data(as_text=True)
    shown = [item.accession or "" for item in items]
    on_first, on_last = ({code for code in shown if f">{code}<" in page} for page in (first, last))
    assert (len(on_first), len(on_last)) == (50, 50)
    assert not on_first & on_last
    assert f">{shown[-1]}<" in client.get(f"/people/{lan.uid}?sach=99").get_data(as_text=True)


def test_a_book_is_renewed_from_the_page_and_a_second_click_does_nothing(
    app: Flask, world: World, lan: Membership
) -> None:
    hold_books(world, lan, world.items(1))
    loan = world.session.query(Loan).one()
    before = loan.due_on
    client = sign_in(app)
    for _click in range(2):
        answer = client.post(f"/people/{lan.uid}/loans/{loan.id}/renew", data={"due": before.isoformat()})
        assert answer.status_code == 303
    assert (loan.renewals, loan.unseen_renewals) == (1, 1)
    assert loan.due_on > before
    refused = client.post(
        f"/people/{lan.uid}/loans/{loan.id}/renew", data={"due": loan.due_on.isoformat()}, follow_redirects=True
    )
    assert "Chưa gia hạn được" in refused.get_data(as_text=True)
    assert loan.renewals == 1


def test_anothers_loan_is_not_renewed_by_this_readers_address(app: Flask, world: World, lan: Membership) -> None:
    other = world.patron("Đàm Quốc Bảo", class_name="5A")
    hold_books(world, other, world.items(1))
    loan = world.session.query(Loan).one()
    answer = sign_in(app).post(f"/people/{lan.uid}/loans/{loan.id}/renew", data={"due": loan.due_on.isoformat()})
    assert answer.status_code == 404


def test_a_number_no_loan_can_have_is_not_found(app: Flask, lan: Membership) -> None:
    client = sign_in(app)
    for number in (2**63 - 1, 2**63, 10**30):
        assert client.post(f"/people/{lan.uid}/loans/{number}/renew", data={"due": "2026-09-01"}).status_code == 404
