"""A leg is received: four ways, what is proved and asserted and short, who answers, and what is refused."""

from datetime import timedelta
from typing import Any, cast

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from library.core import clock
from library.core.errors import Refused
from library.holdings import ledger
from library.holdings.models import Basis, Condition, Item, Movement, Place, PlaceKind, Stay, Why
from library.inbox import acts
from library.inbox.acts import Doing
from library.inbox.models import Act
from library.organisations.models import Organisation
from library.rotation import crates, manifest, receiving, sums, undoing
from library.rotation.models import BatchState, Leg, LegLine, LegOutcome, Method
from library.rotation.receiving import Got, NotReceived, Received
from tests.support import rotation as made
from tests.support.statements import counted
from tests.support.world import World


def db(world: World) -> Session:
    return cast(Session, world.session)


def doing(leg: Leg, **more: Any) -> Doing:
    branch = leg.to_site.place.branch_id if leg.to_site else leg.batch.depot.branch_id
    return Doing(clock.uuid7(), branch_id=branch, **more)


def school_of(leg: Leg) -> Organisation | None:
    return leg.to_site.branch.organisation if leg.to_site else None


def take(world: World, leg: Leg, got: Got, by: str = "ha", **more: Any) -> Received:
    done = receiving.receive(db(world), doing(leg, **more), leg, made.signer(world, by, school_of(leg)), got)
    world.session.expire_all()
    return done


def items_of(world: World, leg: Leg) -> list[Item]:
    query = select(Item).join(LegLine, LegLine.item_id == Item.id).where(LegLine.leg_id == leg.id)
    return list(world.session.scalars(query.order_by(Item.id)))


def line(world: World, leg: Leg, item: Item) -> LegLine:
    return world.session.get_one(LegLine, (leg.id, item.id))


def scan(world: World, item: Item, place: Place) -> None:
    """Somebody scans it there."""
    doing = Doing.now(branch_id=place.branch_id)
    act = acts.write(db(world), doing, "take-in", clock.now()), doing.uid
    ledger.move(db(world), act, {item.id: item.uid}, (place.id, place.branch_id), Why.DESK, clock.now())
    world.session.expire_all()


def test_the_list_is_accepted_and_some_days_are_left_to_contest_it(world: World) -> None:
    leg = made.sent(world)
    done = take(world, leg, Got(Method.MANIFEST))
    assert (len(done.asserted), done.proved, done.short) == (6, (), ())
    assert leg.batch.state is BatchState.SERVING
    assert leg.contest_until == clock.today() + timedelta(days=14)
    assert {one.place_id for one in items_of(world, leg)} == {leg.to_site.place_id}  # type: ignore[union-attr]
    assert ledger.astray(db(world)) == []


def test_what_is_scanned_is_proved_and_what_is_not_is_short(world: World) -> None:
    leg = made.sent(world)
    here = items_of(world, leg)
    gone = here[0]
    done = take(world, leg, Got(Method.SCAN_ALL, seen={one.id for one in here[1:]}))
    assert done.short == (gone.id,) and len(done.proved) == 5
    assert line(world, leg, gone).outcome is LegOutcome.SHORT
    assert line(world, leg, gone).answers_name == leg.batch.library.name, "nobody but the owner has signed for it"
    assert gone.place.kind is PlaceKind.UNKNOWN
    assert leg.contest_until is None, "every copy was scanned"
    still = world.session.scalars(select(Stay).where(Stay.item_id == gone.id, Stay.ended_at.is_(None)))
    assert list(still) == [], "it does not wait to be brought to the site"


def test_shortage_belongs_to_who_signed_last(world: World) -> None:
    first, second = made.site(world, "Trường Tiểu học Xuất Hóa"), made.site(world, "Bưu điện văn hóa Nà Phặc")
    batch = made.batch(world, [first, second], made.stock(world, 6))
    made.received(world, made.sent(world, made.packed(world, batch)))
    leg = made.sent(world, batch, 2)
    gone = items_of(world, leg)[0]
    take(world, leg, Got(Method.MANIFEST, missing={gone.id}), by="khac")
    assert line(world, leg, gone).answers_site_id == first.id
    assert line(world, leg, gone).answers_name == made.NAMES["ha"]


def test_a_sealed_crate_says_what_is_in_it_and_a_broken_one_does_not(world: World) -> None:
    leg = made.sent(world)
    crate = made.crates_of(world, leg.batch)[0]
    found = items_of(world, leg)
    done = take(world, leg, Got(Method.CRATES, crates={crate.id}, broken={crate.id}, seen={found[0].id}))
    assert done.proved == (found[0].id,) and len(done.short) == 5


def test_a_crate_opened_since_is_broken_whoever_says_otherwise(world: World) -> None:
    leg = made.sent(world)
    crate = made.crates_of(world, leg.batch)[0]
    crate.opened_at, crate.opened_by = clock.now(), leg.send_act
    world.session.flush()
    done = take(world, leg, Got(Method.CRATES, crates={crate.id}, seen={items_of(world, leg)[0].id}))
    assert done.asserted == ()


def test_a_seal_of_the_way_out_says_nothing_of_the_way_home(world: World) -> None:
    """The crates were opened where the books served, though nobody wrote it down; one closed there anew speaks again."""
    leg = made.received(world)
    crate, home = made.crates_of(world, leg.batch)[0], made.sent(world, leg.batch, 2, by="ha")
    assert [box.opened for box in manifest.of(db(world), leg).boxes] == [False], "of the way out it still says it"
    assert [box.opened for box in manifest.of(db(world), home).boxes] == [True]
    with pytest.raises(NotReceived, match="no-seal"):
        take(world, home, Got(Method.CRATES, crates={crate.id}), "thao")
    one = items_of(world, home)[0].id
    done = take(world, home, Got(Method.CRATES, crates={crate.id}, seen={one}), "thao")
    assert (done.proved, done.asserted, len(done.short)) == ((one,), (), 5)


def test_a_seal_put_on_by_the_site_speaks_for_the_way_home(world: World) -> None:
    leg = made.received(world)
    crate, by = made.crates_of(world, leg.batch)[0], doing(leg)
    crates.unseal(db(world), by, crate)
    crates.seal(db(world), doing(leg), crate, "00732")
    home = made.sent(world, leg.batch, 2, by="ha")
    assert [box.opened for box in manifest.of(db(world), home).boxes] == [False]
    assert len(take(world, home, Got(Method.CRATES, crates={crate.id}), "thao").asserted) == 6


def test_a_count_needs_its_sample_and_the_right_number(world: World) -> None:
    leg = made.sent(world, count=20)
    found = items_of(world, leg)
    drawn = receiving.sample(db(world), leg, leg.batch, [one.id for one in found])
    assert len(drawn) == 2
    with pytest.raises(Refused) as refused:
        take(world, leg, Got(Method.COUNT, counted=19, seen=set(drawn)))
    assert [one.code for one in refused.value.reasons] == ["count-differs"]
    with pytest.raises(Refused) as refused:
        take(world, leg, Got(Method.COUNT, counted=20))
    assert [one.code for one in refused.value.reasons] == ["sample-open"]
    done = take(world, leg, Got(Method.COUNT, counted=20, seen=set(drawn)))
    assert (len(done.proved), len(done.asserted)) == (2, 18)
    sampled = world.session.scalars(select(LegLine.item_id).where(LegLine.leg_id == leg.id, LegLine.sampled))
    assert set(sampled) == set(drawn)


def test_a_damaged_copy_is_there_and_said_to_be_damaged(world: World) -> None:
    leg = made.sent(world)
    one = items_of(world, leg)[0]
    done = take(world, leg, Got(Method.MANIFEST, damaged={one.id}))
    assert one.condition is Condition.DAMAGED and line(world, leg, one).condition_got is Condition.DAMAGED
    undoing.undo(db(world), Doing.now(), world.session.get_one(Act, done.act_id))
    db(world).refresh(one)
    assert (one.condition, line(world, leg, one).condition_got) == (Condition.GOOD, None)


@pytest.mark.parametrize("code", ["not-sent", "received", "two-people", "too-early"])
def test_what_cannot_be_received_is_said_and_nothing_is_written(world: World, code: str) -> None:
    batch = made.packed(world)
    leg = made.legs_of(world, batch)[0] if code == "not-sent" else made.sent(world, batch)
    by, more = "ha", {}
    if code == "received":
        take(world, leg, Got(Method.MANIFEST))
    if code == "two-people":
        by = "tu"
    if code == "too-early":
        assert leg.sent_at
        more = {"at": leg.sent_at - timedelta(days=1)}
    before = world.session.query(Movement).count()
    with pytest.raises(Refused) as refused:
        take(world, leg, Got(Method.MANIFEST), by, **more)
    assert [one.code for one in refused.value.reasons] == [code]
    assert world.session.query(Movement).count() == before


def test_undone_the_copies_are_under_way_again(world: World) -> None:
    leg = made.sent(world)
    found = items_of(world, leg)
    road = found[0].place_id
    done = take(world, leg, Got(Method.MANIFEST, missing={found[0].id}))
    undoing.undo(db(world), Doing.now(), world.session.get_one(Act, done.act_id))
    assert leg.received_at is None and leg.batch.state is BatchState.IN_TRANSIT
    assert {one.place_id for one in items_of(world, leg)} == {road}
    assert line(world, leg, found[0]).outcome is None
    open_stays = select(Stay).where(Stay.ended_at.is_(None), Stay.place_id.is_not(None), Stay.voided.is_(False))
    assert len(list(world.session.scalars(open_stays))) == 6
    again = take(world, leg, Got(Method.MANIFEST))
    assert len(again.asserted) == 6


def test_once_it_went_on_the_receiving_is_not_undone(world: World) -> None:
    leg = made.received(world)
    made.sent(world, leg.batch, 2, by="ha")
    assert leg.receive_act
    with pytest.raises(receiving.GoneOn):
        undoing.undo(db(world), Doing.now(), world.session.get_one(Act, leg.receive_act))


def test_a_copy_that_is_not_on_the_list_is_taken_in_and_told_where_it_belongs(world: World) -> None:
    leg = made.sent(world)
    stray = world.item(world.school("Trường Tiểu học Sông Cầu"))
    done = take(world, leg, Got(Method.SCAN_ALL, seen={one.id for one in items_of(world, leg)} | {stray.id}))
    (told,) = done.strange
    assert told.owner == "Trường Tiểu học Sông Cầu" and told.goes.startswith("Trường Tiểu học Sông Cầu")
    world.session.expire_all()
    assert stray.place_id == leg.to_site.place_id, "it is there, whoever it belongs to"  # type: ignore[union-attr]


def test_a_copy_left_behind_by_the_papers_that_came_along_is_on_the_leg(world: World) -> None:
    batch = made.packed(world)
    first = made.lines_of(world, batch)[0]
    item = world.session.get_one(Item, first.item_id)
    repair = world.place(PlaceKind.REPAIR, world.province())
    scan(world, item, repair)
    leg = made.sent(world, batch)
    assert item.id not in {one.id for one in items_of(world, leg)}
    done = take(world, leg, Got(Method.SCAN_ALL, seen={one.id for one in items_of(world, leg)} | {item.id}))
    assert done.strange[0].came_along
    told = sums.of(db(world), batch.id)
    assert (told.sent, told.received, told.short) == (6, 6, 0) and told.agree
    undoing.undo(db(world), Doing.now(), world.session.get_one(Act, done.act_id))
    assert sums.of(db(world), batch.id).sent == 5


def test_a_copy_seen_elsewhere_meanwhile_is_not_brought_back_by_a_list(world: World) -> None:
    leg = made.sent(world)
    one = items_of(world, leg)[0]
    desk = world.place(PlaceKind.STACKS, world.province())
    scan(world, one, desk)
    take(world, leg, Got(Method.MANIFEST))
    assert one.place_id == desk.id
    basis = world.session.scalar(select(Movement.basis).where(Movement.uid == one.seen_uid))
    assert basis is Basis.SCAN
    assert ledger.astray(db(world)) == []


@pytest.mark.parametrize(("how", "most"), [("told", 20), ("scanned", 20), ("both", 28)])
def test_five_hundred_copies_take_few_statements(world: World, how: str, most: int) -> None:
    leg = made.sent(world, count=500)
    taken, at = made.signer(world, "ha", school_of(leg)), doing(leg)
    found = [one.id for one in items_of(world, leg)]
    got = {
        "told": Got(Method.CRATES, crates={made.crates_of(world, leg.batch)[0].id}),
        "scanned": Got(Method.SCAN_ALL, seen=set(found)),
        "both": Got(Method.MANIFEST, seen=set(found[:200]), missing={found[-1]}),
    }
    with counted() as sent:
        receiving.receive(db(world), at, leg, taken, got[how])
    assert len(sent) <= most, "\n".join(str(one)[:150].replace("\n", " ") for one in sent)
