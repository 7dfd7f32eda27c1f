"""Copies that are not there: contested in time, missed when the batch goes on, found again, compensated."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from library.core import clock
from library.core.errors import Refused
from library.holdings import ledger, transfers
from library.holdings.models import Place, PlaceKind
from library.loans.models import Compensation
from library.rotation import forwarding, missing, receiving, settling_lines, sums
from library.rotation.forwarding import HandedOn, Onward
from library.rotation.models import Batch, BatchLine, BatchState, Leg, LegOutcome, Method
from library.rotation.receiving import Got
from library.rotation.settling_lines import How, What
from tests.rotation.way import db, doing, items_of, leg_line, line_of, scan, school_of, stays_at, undo
from tests.support import rotation as made
from tests.support.world import World


def accepted(world: World) -> Leg:
    """Six copies came to the school, and the list was accepted."""
    leg = made.sent(world)
    receiving.receive(db(world), doing(), leg, made.signer(world, "ha", school_of(leg)), Got(Method.MANIFEST))
    world.session.expire_all()
    return leg


def lose(world: World, leg: Leg) -> HandedOn:
    """The batch goes on, and its first copy is not there."""
    due_on, gone = clock.today() + timedelta(days=30), {items_of(world, leg)[0].id}
    onward = Onward(made.site(world, "Bưu điện văn hóa Nà Phặc"), due_on, gone)
    done = forwarding.hand_on(db(world), doing(), leg.batch, made.signer(world, "ha"), onward)
    world.session.expire_all()
    return done


def test_what_was_only_asserted_can_be_contested_in_time(world: World) -> None:
    leg = accepted(world)
    gone = items_of(world, leg)[0]
    act, told = missing.contest(db(world), doing(), leg, {gone.id})
    world.session.expire_all()
    assert told == (gone.id,) and gone.place.kind is PlaceKind.UNKNOWN and stays_at(world, gone) is None
    assert leg_line(world, leg, gone).outcome is LegOutcome.SHORT
    assert leg_line(world, leg, gone).answers_name == leg.batch.library.name
    assert sums.of(db(world), leg.batch_id).short == 1
    undo(world, act)
    assert leg_line(world, leg, gone).outcome is LegOutcome.ARRIVED
    assert gone.place_id == stays_at(world, gone) == leg.to_site.place_id  # type: ignore[union-attr]
    assert ledger.astray(db(world)) == []


def test_after_the_days_to_contest_the_site_answers(world: World) -> None:
    leg = accepted(world)
    with clock.stopped_at(clock.now() + timedelta(days=15)), pytest.raises(Refused) as refused:
        missing.contest(db(world), doing(), leg, {items_of(world, leg)[0].id})
    assert refused.value.reasons[0].code == "too-late"


def test_what_was_scanned_since_is_not_contested(world: World) -> None:
    leg = accepted(world)
    one = items_of(world, leg)[0]
    assert leg.to_site
    scan(world, one, leg.to_site.place)
    with pytest.raises(Refused) as refused:
        missing.contest(db(world), doing(), leg, {one.id})
    assert refused.value.reasons[0].code == "seen"


def test_passed_on_less_three_the_debt_stays_with_who_signed(world: World) -> None:
    """Moment 26: A scans the list with three exceptions; B takes the rest."""
    leg = accepted(world)
    next_site, three = made.site(world, "Bưu điện văn hóa Nà Phặc"), items_of(world, leg)[:3]
    onward = Onward(next_site, clock.today() + timedelta(days=60), {one.id for one in three})
    done = forwarding.hand_on(db(world), doing(), leg.batch, made.signer(world, "ha"), onward)
    world.session.expire_all()
    assert (done.sent.count, len(done.missing)) == (3, 3)
    assert leg.batch.state is BatchState.IN_TRANSIT
    receiving.receive(db(world), doing(), done.leg, made.signer(world, "khac"), Got(Method.MANIFEST))
    world.session.expire_all()
    owed = settling_lines.owed(db(world), Batch.id == leg.batch_id)
    assert {(one.what, one.answers, one.site) for one in owed} == {
        (What.SHORT, made.NAMES["ha"], leg.to_site.name)  # type: ignore[union-attr]
    }
    assert {one.item_id for one in owed} == {one.id for one in three}
    told = sums.of(db(world), leg.batch_id)
    assert (told.sent, told.received, told.short, told.out) == (6, 3, 3, 3) and told.agree


def test_undoing_the_passing_on_finds_the_missing_again(world: World) -> None:
    leg = accepted(world)
    gone = items_of(world, leg)[0]
    done = lose(world, leg)
    undo(world, done.sent.act_id)
    assert leg.batch.state is BatchState.SERVING
    assert line_of(world, gone).follows is None and settling_lines.owed(db(world), Batch.id == leg.batch_id) == []
    assert {one.place_id for one in items_of(world, leg)} == {leg.to_site.place_id}  # type: ignore[union-attr]
    assert ledger.astray(db(world)) == []


def test_a_short_copy_that_is_scanned_is_found_and_settled_by_one_act(world: World) -> None:
    leg = made.sent(world)
    gone = items_of(world, leg)[0]
    receiving.receive(
        db(world), doing(), leg, made.signer(world, "ha", school_of(leg)), Got(Method.MANIFEST, missing={gone.id})
    )
    world.session.expire_all()
    (owed,) = settling_lines.owed(db(world), Batch.id == leg.batch_id)
    assert (owed.what, owed.found, owed.ways) == (What.SHORT, False, (How.COMPENSATED,))
    assert leg.to_site
    scan(world, gone, leg.to_site.place)
    (owed,) = settling_lines.owed(db(world), Batch.id == leg.batch_id)
    assert owed.found and owed.ways == (How.FOUND,)
    act = settling_lines.settle(db(world), doing(), owed, How.FOUND)
    world.session.expire_all()
    assert stays_at(world, gone) == leg.to_site.place_id, "it stays with its batch"
    assert sums.of(db(world), leg.batch_id).received == 6
    undo(world, act)
    assert sums.of(db(world), leg.batch_id).short == 1 and stays_at(world, gone) is None


def test_what_nobody_has_seen_is_not_found(world: World) -> None:
    leg = made.received(world)
    lose(world, leg)
    (owed,) = settling_lines.owed(db(world), Batch.id == leg.batch_id)
    for how in (How.FOUND, How.CAME_HOME, How.WRITTEN_OFF):
        with pytest.raises(settling_lines.NotSettled):
            settling_lines.settle(db(world), doing(), owed, how)


def test_a_compensation_settles_the_line_until_it_is_taken_back(world: World) -> None:
    leg = made.received(world)
    lose(world, leg)
    (owed,) = settling_lines.owed(db(world), Batch.id == leg.batch_id)
    asked = settling_lines.compensate(db(world), doing(leg.batch.depot.branch_id), owed, 45_000)
    assert asked.minutes_no and asked.note and made.NAMES["ha"] in asked.note
    assert settling_lines.owed(db(world), Batch.id == leg.batch_id) == []
    world.session.get_one(Compensation, asked.id).voided = True
    world.session.flush()
    assert len(settling_lines.owed(db(world), Batch.id == leg.batch_id)) == 1


def test_what_a_reader_has_is_not_missing(world: World) -> None:
    from tests.rotation.way import lend

    leg = accepted(world)
    assert leg.to_site
    item = items_of(world, leg)[0]
    lend(world, item, world.patron(library=school_of(leg)), leg.to_site.branch_id)
    with pytest.raises(missing.NotMissing):
        lose(world, leg)
    assert world.session.scalars(select(BatchLine.follows).where(BatchLine.item_id == item.id)).one() is None
    assert world.session.get_one(Place, item.place_id).kind is PlaceKind.WITH_PATRONS


def test_missing_when_it_set_out_and_there_when_it_came(world: World) -> None:
    leg = accepted(world)
    gone, done = items_of(world, leg)[0], lose(world, leg)
    seen = {one.id for one in items_of(world, done.leg)}
    told = receiving.receive(db(world), doing(), done.leg, made.signer(world, "khac"), Got(Method.SCAN_ALL, seen=seen))
    world.session.expire_all()
    assert told.strange[0].came_along
    assert sums.of(db(world), leg.batch_id).received == 6
    undo(world, told.act_id)
    told_again = sums.of(db(world), leg.batch_id)
    assert (told_again.short, told_again.under_way) == (1, 5) and told_again.agree
    assert leg_line(world, done.leg, gone).outcome is LegOutcome.SHORT


def test_found_where_the_batch_was_it_is_asked_home(world: World) -> None:
    leg = accepted(world)
    gone, done = items_of(world, leg)[0], lose(world, leg)
    receiving.receive(db(world), doing(), done.leg, made.signer(world, "khac"), Got(Method.MANIFEST))
    assert leg.to_site
    scan(world, gone, leg.to_site.place)
    assert settling_lines.settle_evident(db(world), doing(), Batch.id == leg.batch_id) == (1, 0)
    asked = transfers.open_one(db(world), gone.id)
    assert asked and asked.to_id == gone.home_id
    assert sums.of(db(world), leg.batch_id).short == 0


def test_found_and_missing_again_it_is_owed_again(world: World) -> None:
    """Short when it came, found, and not there when the batch goes on."""
    leg = made.sent(world)
    gone, told = items_of(world, leg)[0], Got(Method.MANIFEST, missing={items_of(world, leg)[0].id})
    receiving.receive(db(world), doing(), leg, made.signer(world, "ha", school_of(leg)), told)
    world.session.expire_all()
    assert leg.to_site
    scan(world, gone, leg.to_site.place)
    settling_lines.settle_evident(db(world), doing(), Batch.id == leg.batch_id)
    world.session.expire_all()
    done = lose(world, leg)
    assert done.missing == (gone.id,)
    assert leg_line(world, done.leg, gone).answers_name == made.NAMES["ha"], "it was found there: the site answers"
    (owed,) = settling_lines.owed(db(world), Batch.id == leg.batch_id)
    assert (owed.what, owed.found, owed.site) == (What.SHORT, False, leg.to_site.name)
    assert sums.of(db(world), leg.batch_id).agree
    scan(world, gone, leg.to_site.place)
    settling_lines.settle_evident(db(world), doing(), Batch.id == leg.batch_id)
    assert settling_lines.owed(db(world), Batch.id == leg.batch_id) == []


def test_what_another_has_dealt_with_meanwhile_is_not_dealt_with_again(world: World) -> None:
    """`stale`: as it stood on a page that was opened before."""
    leg = made.received(world)
    lose(world, leg)
    (stale,) = settling_lines.owed(db(world), Batch.id == leg.batch_id)
    settling_lines.compensate(db(world), doing(leg.batch.depot.branch_id), stale, 45_000)
    with pytest.raises(settling_lines.NotSettled) as refused:
        settling_lines.compensate(db(world), doing(leg.batch.depot.branch_id), stale, 45_000)
    assert refused.value.reasons[0].code == "settled"


def test_what_was_scanned_meanwhile_is_not_compensated(world: World) -> None:
    leg = made.received(world)
    gone = items_of(world, leg)[0]
    lose(world, leg)
    (stale,) = settling_lines.owed(db(world), Batch.id == leg.batch_id)
    assert leg.to_site
    scan(world, gone, leg.to_site.place)
    with pytest.raises(settling_lines.NotSettled) as refused:
        settling_lines.compensate(db(world), doing(leg.batch.depot.branch_id), stale, 45_000)
    assert refused.value.reasons[0].code == "seen"
