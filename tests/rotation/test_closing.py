"""A batch ends: every copy has an outcome, both sums come out, and what readers still have goes home when it is brought back."""

from datetime import timedelta

import pytest

from library.core import clock
from library.core.errors import Refused
from library.holdings import ledger, places, transfers
from library.holdings.models import Condition, Item, Why
from library.loans import desk
from library.loans.facts import Desk
from library.loans.happened import Scan
from library.rotation import closing, legs, receiving, settling_lines, sums
from library.rotation.lifecycle import NotNow
from library.rotation.models import Batch, BatchState, LineOutcome, Method
from library.rotation.receiving import Got
from library.rotation.settling_lines import How, What
from tests.rotation.way import db, doing, items_of, lend, line_of, scan, stays_at, undo
from tests.support import rotation as made
from tests.support.world import World


def home_again(world: World, gone: int = 0) -> tuple[Batch, list[Item]]:
    """Six copies went to the school and set out for home, but for `gone` of them, which nobody finds."""
    leg = made.received(world)
    items = items_of(world, leg)
    assert leg.to_site
    cupboard = places.place_named(db(world), leg.to_site.place.branch_id, "Tủ phòng đọc")
    for one in items[:gone]:
        scan(world, one, cupboard, Why.SHELVE)
    home = made.sent(world, leg.batch, 2, by="ha")
    receiving.receive(
        db(world), doing(leg.batch.depot.branch_id), home, made.signer(world, "thao"), Got(Method.MANIFEST)
    )
    world.session.expire_all()
    return leg.batch, items


def test_a_batch_that_is_all_home_closes_with_one_deed(world: World) -> None:
    batch, items = home_again(world)
    act = closing.close(db(world), doing(), batch)
    world.session.expire_all()
    assert batch.state is BatchState.CLOSED and batch.ended_on == clock.today()
    told = sums.of(db(world), batch.id)
    assert (told.sent, told.received, told.returned, told.out) == (6, 6, 6, 0) and told.agree
    assert {line_of(world, one).outcome for one in items} == {LineOutcome.RETURNED}
    assert {stays_at(world, one) for one in items} == {None}
    undo(world, act)
    assert batch.state is BatchState.RETURNING and batch.ended_on is None
    assert line_of(world, items[0]).closed_at is None
    assert ledger.astray(db(world)) == []


def test_what_stayed_must_be_told_before_it_closes(world: World) -> None:
    batch, items = home_again(world, gone=2)
    with pytest.raises(Refused) as refused:
        closing.close(db(world), doing(), batch)
    assert refused.value.reasons[0].facts == {"count": 2}
    lost, kept = items[0], items[1]
    with pytest.raises(Refused) as refused:
        closing.close(db(world), doing(), batch, {lost.id: LineOutcome.RETURNED, kept.id: LineOutcome.KEPT})
    assert refused.value.reasons[0].code == "wrong"
    closing.close(db(world), doing(), batch, {lost.id: LineOutcome.LOST, kept.id: LineOutcome.KEPT})
    told = sums.of(db(world), batch.id)
    assert (told.received, told.returned, told.lost, told.kept) == (6, 4, 1, 1) and told.agree
    assert stays_at(world, lost) is None and stays_at(world, kept) is not None


def test_a_copy_never_sent_is_left_out_of_both_sums(world: World) -> None:
    leg = made.received(world)
    extra = made.stock(world, 1)[0]
    made.add_lines(world, leg.batch, [extra])
    made.sent(world, leg.batch, 2, by="ha")
    made.received(world, made.legs_of(world, leg.batch)[1], by="thao")
    closing.close(db(world), doing(), leg.batch)
    told = sums.of(db(world), leg.batch_id)
    assert (told.lines, told.sent, told.left_out, told.returned) == (7, 6, 1, 6) and told.agree


def test_with_a_reader_when_closed_it_goes_home_when_it_is_brought_back(world: World) -> None:
    leg = made.received(world)
    site = leg.to_site
    assert site
    lan, item = world.patron(library=site.branch.organisation), items_of(world, leg)[0]
    lend(world, item, lan, site.branch_id)
    made.sent(world, leg.batch, 2, by="ha")
    made.received(world, made.legs_of(world, leg.batch)[1], by="thao")
    closing.close(db(world), doing(), leg.batch)
    told = sums.of(db(world), leg.batch_id)
    assert (told.with_reader, told.returned) == (1, 5) and told.agree
    assert stays_at(world, item) is None
    (owed,) = settling_lines.owed(db(world), Batch.id == leg.batch_id)
    assert owed.what is What.WITH_READER and owed.ways == ()

    here = Desk(site.branch.organisation_id, site.branch.organisation.network_id or 0, site.branch_id)
    desk.scan(db(world), here, doing(site.branch_id), Scan(item.accession or "", returns_only=True))
    asked = transfers.open_one(db(world), item.id)
    assert asked and asked.to_id == item.home_id, "it is asked home"
    scan(world, item, world.session.get_one(type(leg.batch.depot), item.home_id))
    assert settling_lines.settle_evident(db(world), doing(), Batch.id == leg.batch_id) == (0, 1)
    assert line_of(world, item).settled_how == How.CAME_HOME
    assert settling_lines.owed(db(world), Batch.id == leg.batch_id) == []


def test_nothing_closes_while_a_leg_is_under_way(world: World) -> None:
    leg = made.received(world)
    with pytest.raises(NotNow):
        closing.close(db(world), doing(), leg.batch)
    made.sent(world, leg.batch, 2, by="ha")
    with pytest.raises(Refused) as refused:
        closing.close(db(world), doing(), leg.batch)
    assert refused.value.reasons[0].code == "on-the-way"


def test_closing_is_not_undone_once_a_copy_is_in_another_batch(world: World) -> None:
    batch, items = home_again(world)
    act = closing.close(db(world), doing(), batch)
    made.batch(world, made.legs_of(world, batch)[0].to_site and [made.legs_of(world, batch)[0].to_site], items[:1])
    with pytest.raises(closing.NotClosed):
        undo(world, act)


def test_called_back_the_next_leg_goes_home_and_other_sites_are_left_out(world: World) -> None:
    first, second = made.site(world, "Trường Tiểu học Xuất Hóa"), made.site(world, "Bưu điện văn hóa Nà Phặc")
    batch = made.batch(world, [first, second], made.stock(world, 3))
    made.received(world, made.sent(world, made.packed(world, batch)))
    with pytest.raises(Refused):
        closing.recall(db(world), doing(), batch, clock.today() - timedelta(days=1))
    leg = closing.recall(db(world), doing(), batch, clock.today() + timedelta(days=7))
    way = legs.of(db(world), batch.id)
    assert batch.state is BatchState.RETURNING
    assert [one.to_site_id for one in way] == [first.id, None]
    assert legs.next_(way) is leg and leg.from_site_id == first.id


def test_what_set_out_damaged_is_not_damaged_there(world: World) -> None:
    items = made.stock(world, 3)
    items[0].condition = Condition.DAMAGED
    leg = made.received(world, made.sent(world, made.packed(world, made.batch(world, items=items))))
    made.received(world, made.sent(world, leg.batch, 2, by="ha"), by="thao")
    items[1].condition = Condition.DAMAGED
    world.session.flush()
    closing.close(db(world), doing(), leg.batch)
    told = [line_of(world, one).outcome for one in items]
    assert told == [LineOutcome.RETURNED, LineOutcome.DAMAGED, LineOutcome.RETURNED]
