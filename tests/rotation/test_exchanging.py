"""One for one: what comes is no more than what goes home for it."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask

from library.accounts.models import RoleName
from library.core import clock
from library.core.db import db
from library.inbox import acts
from library.rotation import batches, batches_checks, exchanging, picking, sending, sending_after
from library.rotation.batches import NewBatch, NotPlanned
from library.rotation.models import Agreement, Batch, BatchKind, BatchState, LegLine, LegOutcome, Site
from tests.rotation.way import doing, undo
from tests.support import rotation as made
from tests.support.people import sign_in
from tests.support.world import World

DAY = timedelta(days=1)


def serving(world: World, count: int, short: int = 0) -> Batch:
    """A batch at the school, some of it missing."""
    leg = made.sent(world, made.packed(world, made.batch(world, [made.school_site(world)], made.stock(world, count))))
    items = [line.item for line in made.lines_of(world, leg.batch)]
    return made.received(world, leg, short=items[:short]).batch


def coming_for(world: World, other: Batch | None, count: int, kind: BatchKind = BatchKind.EXCHANGE) -> Batch:
    """A draft with so many copies that takes the place of `other`."""
    session, province = world.session(), world.province()
    site = world.session.query(Site).first()
    today = clock.today()
    assert site
    new = NewBatch("Sách đổi", made.depot(world), [site], today, today + 60 * DAY, kind, replaces=other)
    batch = batches.make(session, doing(), province, new)
    made.add_lines(world, batch, made.stock(world, count, title="Sách mới"))
    return batch


def codes(world: World, batch: Batch, count: int) -> list[str]:
    return [one.code for one in batches_checks.remarks(world.session(), batch, count)]


@pytest.mark.parametrize("kind", [BatchKind.EXCHANGE, BatchKind.DEPOSIT])
def test_more_than_goes_home_is_not_proposed(world: World, kind: BatchKind) -> None:
    before = serving(world, 6, short=2)
    assert exchanging.gives_back(world.session(), before) == 4
    batch = coming_for(world, before, 5, kind)
    assert "one-for-one" in codes(world, batch, 5)
    with pytest.raises(NotPlanned) as no:
        batches.propose(world.session(), doing(), batch)
    assert no.value.reasons[0].facts == {"batch": before.code, "back": 4, "count": 5, "over": 1}
    batches.take_out(world.session(), doing(), batch, [made.lines_of(world, batch)[0].item_id])
    batches.propose(world.session(), doing(), batch)
    assert batch.state is BatchState.PROPOSED
    told = exchanging.successor(world.session(), before)
    assert told and (told.other, told.copies) == (batch, 4)


def test_what_was_lost_since_is_not_approved(world: World) -> None:
    before = serving(world, 6)
    batch = coming_for(world, before, 6)
    batches.propose(world.session(), doing(), batch)
    line = made.lines_of(world, before)[0]
    gone = world.session.query(LegLine).filter_by(item_id=line.item_id).one()
    gone.outcome, gone.asserted_at, gone.answers_name = LegOutcome.SHORT, None, "Lường Thị Hà"
    world.session.flush()
    with pytest.raises(NotPlanned):
        batches.approve(world.session(), doing(), batch, "Triệu Thị Thảo")


def lost_one(world: World, before: Batch) -> None:
    line = made.lines_of(world, before)[0]
    gone = world.session.query(LegLine).filter_by(item_id=line.item_id).one()
    gone.outcome, gone.asserted_at, gone.answers_name = LegOutcome.SHORT, None, "Lường Thị Hà"
    world.session.flush()


def test_what_was_lost_since_it_was_approved_does_not_set_out(app: Flask, world: World) -> None:
    before = serving(world, 6)
    batch = coming_for(world, before, 6)
    batches.propose(world.session(), doing(), batch)
    batches.approve(world.session(), doing(), batch, "Triệu Thị Thảo")
    made.packed(world, batch)
    lost_one(world, before)
    leg = made.legs_of(world, batch)[0]
    with pytest.raises(sending.MoreThanComeBack) as no:
        sending.send(world.session(), doing(), leg, made.signer(world))
    assert no.value.reasons[0].facts == {"batch": before.code, "back": 5, "count": 6, "over": 1}
    world.session.flush()
    assert leg.sent_at is None
    made.account(world, "tu")
    world.session.commit()
    page = sign_in(app, "tu").get(f"/rotation/batches/{batch.uid}/send").get_data(as_text=True)
    assert "Bỏ bớt 1 cuốn." in page and "Giao 6 bản và in giấy" not in page


def test_a_copy_that_follows_counts_with_the_others(world: World) -> None:
    before = serving(world, 3)
    batch = coming_for(world, before, 3)
    batches.propose(world.session(), doing(), batch)
    batches.approve(world.session(), doing(), batch, "Triệu Thị Thảo")
    last = made.lines_of(world, batch)[-1].item
    for line in made.lines_of(world, batch)[:2]:
        picking.pick(world.session(), doing(), batch, line.item_id)
    assert sending.send(world.session(), doing(), made.legs_of(world, batch)[0], made.signer(world)).count == 2
    lost_one(world, before)
    with pytest.raises(sending.MoreThanComeBack):
        sending_after.send_after(world.session(), doing(), batch, last.id)


def test_fewer_may_come_and_it_is_said(world: World) -> None:
    before = serving(world, 6)
    batch = coming_for(world, before, 3)
    assert "fewer-come" in codes(world, batch, 3)
    batches.propose(world.session(), doing(), batch)


def test_an_exchange_is_for_a_batch_and_for_one_that_nothing_else_comes_for(world: World) -> None:
    with pytest.raises(NotPlanned):
        made.school_site(world, "Trường Tiểu học Đức Xuân")
        coming_for(world, None, 3)
    before = serving(world, 6)
    coming_for(world, before, 3)
    with pytest.raises(NotPlanned):
        coming_for(world, before, 3)


def test_it_is_planned_from_the_batch_that_stands_there(app: Flask, world: World) -> None:
    before = serving(world, 6, short=1)
    made.stock(world, 12, title="Sách mới")
    site = world.session.query(Site).first()
    assert site
    world.session.commit()
    tu = sign_in(app, "tu")
    address = f"/rotation/batches/new?replaces={before.uid}"
    assert address in tu.get(f"/rotation/batches/{before.uid}").get_data(as_text=True)
    page = tu.get(address).get_data(as_text=True)
    assert "Đợt ấy giao lại 5 cuốn." in page and 'value="5"' in page
    first = clock.today()
    sent: dict[str, Any] = {
        "uid": str(uuid4()), "theme": "Sách đổi", "first": f"{first:%d/%m/%Y}", "kind": "exchange", "do": "empty",
        "last": f"{first + 60 * DAY:%d/%m/%Y}", "site": str(site.uid), "replaces": str(before.uid),
    }  # fmt: skip
    refused = tu.post("/rotation/batches/new", data={**sent, "most": "6"})
    assert refused.status_code == 422 and "nhiều nhất bấy nhiêu" in refused.get_data(as_text=True)
    assert tu.post("/rotation/batches/new", data={**sent, "uid": str(uuid4()), "most": "5"}).status_code == 303
    db.session.rollback()
    assert "Đến đổi một lấy một" in tu.get(f"/rotation/batches/{before.uid}").get_data(as_text=True)


def test_what_was_cancelled_does_not_come_back_beside_what_took_its_turn(world: World) -> None:
    before = serving(world, 6)
    first = coming_for(world, before, 3)
    act = batches.cancel(world.session(), doing(), first, "Hoãn")
    second = coming_for(world, before, 3)
    with pytest.raises(NotPlanned) as no:
        undo(world, act)
    assert no.value.reasons[0].facts == {"batch": before.code, "other": second.code}
    assert first.state is BatchState.CANCELLED
    batches.cancel(world.session(), doing(), second, "Thôi")
    undo(world, act)
    assert first.state is BatchState.DRAFT and exchanging.in_its_place(world.session(), before) == first


def test_room_is_made_only_by_what_stays_at_that_site(world: World) -> None:
    before = serving(world, 6)
    session, there = world.session(), world.session.query(Site).one()
    other = made.site(world, "Chợ Rã")
    today = clock.today()
    for site, quota in ((there, 6), (other, 5)):
        act = acts.write(session, doing(), "site-agreement", clock.now())
        world.session.add(Agreement(
            uid=clock.uuid7(), site_id=site.id, quota=quota, months=6, from_on=today - 10 * DAY, to_on=today + 300 * DAY,
            act_id=act, floats=False,
        ))  # fmt: skip
    elsewhere = made.batch(world, [other], made.stock(world, 4, title="Sách khác"))
    made.received(world, made.sent(world, made.packed(world, elsewhere)))
    new = NewBatch(
        "Đổi", made.depot(world), [there, other], today, today + 60 * DAY, BatchKind.EXCHANGE, replaces=before
    )
    batch = batches.make(session, doing(), world.province(), new)
    made.add_lines(world, batch, made.stock(world, 6, title="Sách mới"))
    quotas = [one.facts for one in batches_checks.remarks(session, batch, 6) if one.code == "over-quota"]
    assert quotas == [{"site": "Chợ Rã", "quota": 5, "there": 4, "count": 6}], "its four do not go home for these"


def test_a_site_hears_nothing_of_a_draft_or_of_what_does_not_come_to_it(app: Flask, world: World) -> None:
    before = serving(world, 6)
    coming = coming_for(world, before, 3)
    made.account(world, "ma", RoleName.LIBRARIAN, world.school("Trường Tiểu học Xuất Hóa"))
    world.session.commit()
    ma, tu = sign_in(app, "ma"), sign_in(app, "tu")
    addresses = [f"/rotation/batches/{before.uid}", f"/rotation/batches/{before.uid}/forward"]

    def told(client: Any) -> list[bool]:
        answers = [client.get(address) for address in addresses]
        assert [one.status_code for one in answers] == [200, 200]
        return [coming.code in one.get_data(as_text=True) for one in answers]

    assert (told(ma), told(tu)) == ([False, False], [True, True])
    coming.state = BatchState.APPROVED
    world.session.commit()
    assert told(ma) == [True, True]
    other = made.site(world, "Chợ Rã")
    for leg in made.legs_of(world, coming):
        leg.to_site_id, leg.from_site_id = (other.id, None) if leg.to_site_id else (None, other.id)
    world.session.commit()
    assert told(ma) == [False, False], "it goes to Chợ Rã"


def test_a_site_hears_nothing_of_the_batch_before_that_stood_elsewhere(app: Flask, world: World) -> None:
    elsewhere = made.batch(world, [made.site(world, "Chợ Rã")], made.stock(world, 3))
    before = made.received(world, made.sent(world, made.packed(world, elsewhere))).batch
    mine = made.batch(world, [made.school_site(world)], made.stock(world, 3, title="Mới"), kind=BatchKind.EXCHANGE)
    mine.replaces_id = before.id
    made.account(world, "ma", RoleName.LIBRARIAN, world.school("Trường Tiểu học Xuất Hóa"))
    made.account(world, "tu")
    world.session.commit()
    address = f"/rotation/batches/{mine.uid}"
    assert before.code in sign_in(app, "tu").get(address).get_data(as_text=True)
    page = sign_in(app, "ma").get(address)
    assert page.status_code == 200 and before.code not in page.get_data(as_text=True)
