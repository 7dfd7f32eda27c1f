"""A library may count a renewal as a use: once, with the facts of the day, and never for what was undone."""

import pytest
from flask import Flask
from sqlalchemy import func, select

from library.core import clock
from library.core.db import db
from library.holdings.models import Item
from library.inbox.acts import Doing
from library.loans import desk
from library.loans.models import Loan
from library.patrons.models import Membership
from library.uses.models import DocumentUse, UseKind
from tests.loans.test_desk import card
from tests.support.people import DeskPage, account, commit, sign_in
from tests.support.policies import lends
from tests.support.world import World


@pytest.fixture
def page(app: Flask, world: World) -> DeskPage:
    account(world)
    lends(world.session, world.school().id, days=14, most=3, renewals=3)
    commit()
    return DeskPage(sign_in(app))


@pytest.fixture
def item(world: World) -> Item:
    made = world.item()
    commit()
    return made


@pytest.fixture
def lan(page: DeskPage, world: World, item: Item) -> Membership:
    """She has the book."""
    reader = world.patron(class_name="5A")
    commit()
    page.scan(card(reader))
    page.scan(item.accession or "")
    return reader


def counts(page: DeskPage, wanted: bool = True) -> None:
    asked = {"counting": "1", **({"renewals_are_uses": "1"} if wanted else {})}
    assert page.client.post("/settings/terms", data=asked).status_code == 303


def renewals() -> tuple[int, int]:
    """(rows, what they come to)"""
    db.session.expire_all()
    query = select(func.count(), func.coalesce(func.sum(DocumentUse.quantity), 0))
    rows, quantity = db.session.execute(query.where(DocumentUse.kind == UseKind.RENEWAL)).one()
    return rows, int(quantity)


def homes() -> int:
    query = select(func.coalesce(func.sum(DocumentUse.quantity), 0)).where(DocumentUse.kind == UseKind.HOME)
    return int(db.session.scalar(query) or 0)


def test_nobody_counts_renewals_who_did_not_ask_for_it(page: DeskPage, lan: Membership, item: Item) -> None:
    assert page.scan(item.accession or "", answer="renew")["what"] == "renewed"
    assert renewals() == (0, 0)


def test_a_renewal_is_one_use_however_often_it_is_sent(page: DeskPage, lan: Membership, item: Item) -> None:
    counts(page)
    message = page.posted(code=item.accession, reader=page.reader, answer="renew")
    for _again in range(2):
        assert page.send({**message, "sent_at": clock.now().isoformat()}).get_json()["what"] == "renewed"
    assert renewals() == (1, 1)
    use = db.session.scalars(select(DocumentUse).where(DocumentUse.kind == UseKind.RENEWAL)).one()
    assert (use.class_name, use.category, use.channel, use.item_id) == ("5A", "HS", "desk", item.id)
    counts(page, False)
    page.scan(item.accession or "", answer="renew")
    assert renewals() == (1, 1), "what was counted stays so, and nothing more comes"


def test_undone_it_counts_nothing(page: DeskPage, lan: Membership, item: Item) -> None:
    counts(page)
    kept = page.scan(item.accession or "", answer="renew")
    undone = page.scan(item.accession or "", answer="renew")
    assert renewals() == (2, 2)
    assert page.undo(undone["act"]).status_code == 200
    assert renewals() == (3, 1)
    assert page.undo(kept["act"]).status_code == 200
    assert (renewals(), homes()) == ((4, 0), 1)


def test_also_when_nobody_saw_the_book(page: DeskPage, lan: Membership, item: Item, world: World) -> None:
    counts(page)
    loan = db.session.scalars(select(Loan)).one()
    branch = world.branch()
    here = desk.Desk(branch.organisation_id, branch.organisation.network_id or 0, branch.id)
    told = desk.renew_loan(db.session(), here, Doing.now(branch_id=branch.id), loan.id, seen=False)
    commit()
    assert (told.what, renewals()) == (desk.What.RENEWED, (1, 1))
    from library.inbox import acts
    from library.loans import deeds

    act = acts.by_uid(db.session(), told.act) if told.act else None
    assert act
    deeds.undo(db.session(), Doing.now(branch_id=branch.id), act)
    assert renewals() == (2, 0)


def test_it_stays_when_the_history_is_sorted_anew(page: DeskPage, lan: Membership, item: Item) -> None:
    counts(page)
    page.scan(item.accession or "", answer="renew")
    page.reader = None
    back = page.scan(item.accession or "")
    assert back["what"] == "returned"
    assert page.undo(back["act"]).status_code == 200
    assert (renewals(), homes()) == ((1, 1), 1)


def test_it_goes_when_a_return_is_heard_of_that_was_before_it(page: DeskPage, world: World, item: Item) -> None:
    reader = world.patron()
    commit()
    counts(page)
    page.send(page.posted(late=1200, code=item.accession, reader=str(reader.uid)))
    page.scan(card(reader))
    assert page.scan(item.accession or "", answer="renew")["what"] == "renewed"
    assert renewals() == (1, 1)
    other = DeskPage(page.client)  # one device never goes back in time
    assert other.send(other.posted(late=600, code=item.accession)).status_code == 200
    assert db.session.scalars(select(Loan.ended_at)).one() is not None
    assert (renewals(), homes()) == ((2, 0), 1)


def test_the_page_says_what_is_counted_and_a_part_of_the_form_changes_nothing(page: DeskPage) -> None:
    ticked = 'name="renewals_are_uses" value="1" checked'
    assert ticked not in page.client.get("/settings").get_data(as_text=True)
    counts(page)
    assert ticked in page.client.get("/settings").get_data(as_text=True)
    assert page.client.post("/settings/terms", data={}).status_code == 303
    assert ticked in page.client.get("/settings").get_data(as_text=True)
