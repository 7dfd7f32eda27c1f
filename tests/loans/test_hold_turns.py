"""Whose turn it is, against a brute-force reading of the rule; and what an act did to holds and transfers comes undone."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from library.core import clock
from library.core.db import db
from library.holdings import transfers
from library.holdings.models import Item, Place, PlaceKind, Stay, Transfer
from library.inbox import acts
from library.inbox.acts import Doing
from library.loans import deeds, holds, holds_nights, homeward
from library.loans.holds import InHand, Wish
from library.loans.holds_dealing import (
    ELSEWHERE,
    SAME_COMMUNE,
    SAME_HOUSE,
    SAME_LIBRARY,
    Free,
    House,
    Waiting,
    deal,
    distance,
    suits,
)
from library.loans.models import Hold, HoldChange
from library.policies.values import HoldReach, ReturnsGo
from tests.support.policies import lends
from tests.support.world import World, at

TODAY = clock.today()
DAYS = st.one_of(st.none(), st.integers(-3, 3).map(lambda days: TODAY + timedelta(days=days)))
PRIORITIES = st.sampled_from((0, 0, 0, 1, 5))


# Pure: who gets which copy


HOUSES = (House(1, 1, "01840"), House(2, 1, "01843"), House(3, 2, "01840"), House(4, 3, None), House(5, 4, None))
"""A school and its second site in another commune; a neighbour of the first; two of which nobody said where they are."""


@pytest.mark.parametrize(("one", "other", "far"), [
    (0, 0, SAME_HOUSE), (3, 3, SAME_HOUSE), (0, 1, SAME_LIBRARY), (0, 2, SAME_COMMUNE), (1, 2, ELSEWHERE), (0, 3, ELSEWHERE),
    (3, 4, ELSEWHERE),
])  # fmt: skip
def test_how_far_a_book_goes_from_house_to_house(one: int, other: int, far: int) -> None:
    assert distance(HOUSES[one], HOUSES[other]) == distance(HOUSES[other], HOUSES[one]) == far


@pytest.mark.parametrize(("free", "given"), [((4, 2, 1, 0), 0), ((4, 2, 1), 1), ((4, 2), 2), ((4,), 4), ((3, 4), 3)])
def test_the_nearest_copy_is_sent(free: tuple[int, ...], given: int) -> None:
    one = Waiting(1, 1, 1, 0, "", "", None, None, 0, at(day=1), 1, 1, 1, None, 1, "01840")
    dealt = deal([one], [Free(number + 10, 1, HOUSES[number], 1) for number in free], lambda one, copy: True)
    assert dealt[1].item_id == given + 10


def test_of_two_equally_near_the_one_in_the_hand_is_kept() -> None:
    one = Waiting(1, 1, 1, 0, "", "", None, None, 0, at(day=1), 1, 1, 1, None, 1, "01840")
    far, hand = Free(7, 1, HOUSES[3], 1), Free(8, 1, HOUSES[4], 1, in_hand=True)
    assert deal([one], [far, hand], lambda one, copy: True)[1] is hand
    nearer = Free(9, 1, HOUSES[2], 1)
    assert deal([one], [nearer, hand], lambda one, copy: True)[1] is nearer


@st.composite
def queues(draw: st.DrawFn) -> tuple[list[Waiting], list[Free]]:
    items = list(range(1, draw(st.integers(1, 5)) + 1))
    houses = st.sampled_from(HOUSES)
    copies = [Free(item, 1, draw(houses), draw(st.integers(1, 2)), draw(st.booleans())) for item in items]
    wanted = st.one_of(st.none(), st.sampled_from(items))
    waiting = [
        Waiting(hold, hold, house.branch_id, 0, "", "", draw(wanted), draw(wanted), draw(PRIORITIES),
                at(day=draw(st.integers(1, 4))), 1, draw(st.integers(1, 2)), 1, None, house.library_id, house.commune)
        for hold, house in enumerate(draw(st.lists(houses, min_size=1, max_size=6)), 1)
    ]  # fmt: skip
    return waiting, copies


def by_reading(waiting: list[Waiting], copies: list[Free], same_library: bool) -> dict[int, int]:
    """The rule read aloud: again and again, the first of those left takes a copy: of their own branch if any,
    else of the branch's library, else of its commune."""
    left, given_to, todo = list(copies), {}, list(waiting)
    while todo:
        first = todo[0]
        for one in todo:
            if (one.priority, -one.placed_at.timestamp(), -one.hold_id) > (
                first.priority, -first.placed_at.timestamp(), -first.hold_id,
            ):  # fmt: skip
                first = one
        todo.remove(first)
        may = [copy for copy in left if first.item_wanted_id is None or first.item_wanted_id == copy.item_id]
        may = [copy for copy in may if not copy.stays or first.agreed_item_id == copy.item_id]
        may = [copy for copy in may if not same_library or copy.library_id == first.library_id]
        local = [copy for copy in may if copy.branch_id == first.branch_id]
        ours = [copy for copy in may if copy.house.library_id == first.fetch_library_id]
        near = [copy for copy in may if copy.house.commune and copy.house.commune == first.commune]
        for copy in (local or ours or near or may)[:1]:
            given_to[first.hold_id] = copy.item_id
            left.remove(copy)
    return given_to


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(queues(), st.booleans())
def test_copies_are_dealt_as_the_rule_reads(made: tuple[list[Waiting], list[Free]], same_library: bool) -> None:
    waiting, copies = made
    reaches = (lambda one, copy: one.library_id == copy.library_id) if same_library else (lambda one, copy: True)
    dealt = {hold: copy.item_id for hold, copy in deal(waiting, copies, reaches).items()}
    assert dealt == by_reading(waiting, copies, same_library)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(queues())
def test_nobody_gets_what_another_should_have_had(made: tuple[list[Waiting], list[Free]]) -> None:
    waiting, copies = made
    dealt = deal(waiting, copies, lambda one, copy: True)
    assert len({copy.item_id for copy in dealt.values()}) == len(dealt), "no copy twice"
    for one in waiting:
        if one.hold_id not in dealt:
            for other in waiting:
                copy = dealt.get(other.hold_id)
                assert copy is None or other.key < one.key or not suits(one, copy), (
                    "the later had one the earlier could use"
                )


# On the database


@dataclass
class Network:
    """Two schools, one title with a copy each, readers of both."""

    world: World
    homes: list[Any] = field(default_factory=list)
    readers: list[int] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)

    @classmethod
    def make(cls, world: World, reach: HoldReach = HoldReach.NETWORK) -> "Network":
        made = cls(world, [world.school(), world.school("Trường Tiểu học Đức Xuân")])
        record = world.record()
        for home in made.homes:
            lends(world.session, home.id, hold_reach=reach)
            made.items.append(world.item(library=home, record=record))
            made.readers += [world.patron(f"Bạn {home.id}-{one}", library=home).id for one in range(3)]
        world.session.commit()
        return made

    def branch(self, home: int) -> int:
        return self.world.branch(self.homes[home]).id

    def place(self, reader: int, home: int, **wish: Any) -> int:
        doing = Doing.now(branch_id=self.branch(home))
        return holds.place(
            db.session(), doing, self.items[0].record_id, self.readers[reader], self.branch(home), Wish(**wish)
        )


WISHES = st.lists(
    st.tuples(st.integers(0, 5), st.integers(0, 1), st.fixed_dictionaries({
        "priority": PRIORITIES, "suspended_until": DAYS, "not_before": DAYS, "expires_on": DAYS,
        "item_wanted_id": st.sampled_from((None, None, 0, 1)),
    })),
    max_size=6, unique_by=lambda wish: wish[0],
)  # fmt: skip


@pytest.mark.parametrize("reach", list(HoldReach))
def test_the_first_who_can_use_the_copy_gets_it(app: Flask, world: World, reach: HoldReach) -> None:
    net = Network.make(world, reach)

    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    @given(WISHES, st.integers(0, 1))
    def check(wishes: list[tuple[int, int, dict[str, Any]]], which: int) -> None:
        db.session.rollback()
        item, expected = net.items[which], []
        for order, (reader, home, wish) in enumerate(wishes):
            wanted = wish["item_wanted_id"]
            wish_told = {**wish, "item_wanted_id": None if wanted is None else net.items[wanted].id}
            hold = net.place(reader, home, **wish_told)
            if wanted in (None, which) and _counts(wish) and (reach is HoldReach.NETWORK or reader // 3 == which):
                expected.append((-wish["priority"], order, hold, home))
        turn = holds.turn(db.session(), item.record_id, item.id, net.branch(which), TODAY, InHand(item.library_id))
        told = (
            _first(sorted(expected), which, wishes)
            if reach is HoldReach.NETWORK
            else min(expected, default=(0, 0, None, 0))[2]
        )
        assert (turn.hold_id if turn else None) == told
        db.session.rollback()

    check()


def _counts(wish: dict[str, Any]) -> bool:
    early = wish["not_before"] is not None and wish["not_before"] > TODAY
    paused = wish["suspended_until"] is not None and wish["suspended_until"] >= TODAY
    over = wish["expires_on"] is not None and wish["expires_on"] < TODAY
    return not (early or paused or over)


def _first(able: list[tuple[int, int, int, int]], which: int, wishes: list[Any]) -> int | None:
    """Strictly the first; but a copy stands free in either school, so who waits at the other one is served there, if
    somebody waits here."""
    here = [one for one in able if one[3] == which]
    if not able or not here or able[0][3] == which:
        return able[0][2] if able else None
    # The first one waits at the other school, where the other copy stands free unless they want this very one.
    served_there, first_left = False, None
    for one in able:
        wanted = wishes[one[1]][2]["item_wanted_id"]
        if one[3] != which and wanted is None and not served_there:
            served_there = True
            continue
        first_left = first_left or one
    assert first_left
    return first_left[2]


# Doing and undoing


def state() -> tuple[Any, ...]:
    """All that is open, and what stays open of a copy's whereabouts."""
    db.session.expire_all()
    columns = (
        Hold.id, Hold.item_id, Hold.captured_by, Hold.keep_until, Hold.ready_at, Hold.ended_at, Hold.ended_why,
        Hold.suspended_until, Hold.priority, Hold.agreed_item_id,
    )  # fmt: skip
    kept = db.session.execute(select(*columns).where(Hold.ended_why.is_distinct_from("undone")).order_by(Hold.id)).all()
    asked = select(
        Transfer.id, Transfer.item_id, Transfer.to_id, Transfer.sent_at, Transfer.cancelled_at, Transfer.arrived_at
    )
    moves = db.session.execute(
        asked.where(Transfer.cancelled_why.is_distinct_from("undone")).order_by(Transfer.id)
    ).all()
    where = db.session.execute(select(Item.id, Item.place_id).order_by(Item.id)).all()
    return tuple(map(tuple, kept)), tuple(map(tuple, moves)), tuple(map(tuple, where))


class Deeds:
    """What may happen to the two copies, each as one act that can be undone."""

    def __init__(self, net: Network) -> None:
        self.net, self.session = net, db.session()

    def do(self, name: str, which: int, home: int) -> Doing | None:
        doing = Doing.now(branch_id=self.net.branch(home))
        item = self.net.items[which]
        self.session.refresh(item)
        done = getattr(self, name)(doing, item, home)
        self.session.flush()
        return doing if done else None

    def moment(self, item: Item) -> Any:
        return max(clock.now(), item.seen_at + clock.TICK)

    def take_in(self, doing: Doing, item: Item, home: int) -> bool:
        branch, when = self.net.branch(home), self.moment(item)
        kept = self.session.scalar(select(Hold.id).where(Hold.item_id == item.id, Hold.ended_at.is_(None)))
        turn = (
            None if kept else holds.turn(self.session, item.record_id, item.id, branch, TODAY, InHand(item.library_id))
        )
        kind = PlaceKind.HOLD_SHELF if turn and turn.branch_id == branch else PlaceKind.PROCESSING
        spot = self.net.world.place(kind, self.net.homes[home])
        act_id, _ = deeds.take_in(self.session, doing, (item.id, item.uid), (spot.id, branch), when)
        if turn:
            holds.capture(self.session, turn, item.id, branch, (act_id, doing.uid), when, TODAY, 5)
        else:
            home_branch = self.session.scalars(select(Place.branch_id).where(Place.id == item.home_id)).one()
            homeward.after_return(
                self.session,
                (act_id, doing.uid),
                item.id,
                item.uid,
                (item.home_id, home_branch),
                branch,
                ReturnsGo.HOME,
                when,
            )
        return True

    def send(self, doing: Doing, item: Item, home: int) -> bool:
        if self.session.scalars(select(Place.branch_id).where(Place.id == item.place_id)).one() != self.net.branch(
            home
        ):
            return False
        homeward.send(self.session, doing, (item.id, item.uid), self.net.branch(home), self.moment(item))
        return True

    def place(self, doing: Doing, item: Item, home: int) -> bool:
        reader = self.net.readers[home * 3 + len(self.session.scalars(select(Hold.id)).all()) % 3]
        try:
            holds.place(self.session, doing, item.record_id, reader, self.net.branch(home))
        except holds.AlreadyWaiting:
            return False
        return True

    def cancel(self, doing: Doing, item: Item, home: int) -> bool:
        hold = self.session.scalars(select(Hold).where(Hold.ended_at.is_(None)).order_by(Hold.id)).first()
        if hold:
            holds.cancel(self.session, doing, hold)
        return hold is not None

    def put_back(self, doing: Doing, item: Item, home: int) -> bool:
        act_id = acts.write(self.session, doing, "put-back", self.moment(item))
        holds.put_back(self.session, item.id, act_id, self.moment(item))
        return True

    def ask(self, doing: Doing, item: Item, home: int) -> bool:
        act = acts.write(self.session, doing, "ask-transfer", self.moment(item)), doing.uid
        to = self.net.world.place(PlaceKind.STACKS, self.net.homes[home])
        transfers.replace(self.session, act, item.id, to.id, transfers.BY_HAND, self.moment(item))
        return True

    def call_back(self, doing: Doing, item: Item, home: int) -> bool:
        act = acts.write(self.session, doing, "cancel-transfer", self.moment(item)), doing.uid
        transfers.call_back(self.session, act, item.id, self.moment(item))
        return True


NAMES = ("take_in", "send", "place", "cancel", "put_back", "ask", "call_back")
STEPS = st.lists(st.tuples(st.sampled_from(NAMES), st.integers(0, 1), st.integers(0, 1)), min_size=1, max_size=8)


def test_what_is_done_and_undone_was_never_done(app: Flask, world: World) -> None:
    net = Network.make(world)

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(STEPS)
    def check(steps: list[tuple[str, int, int]]) -> None:
        db.session.rollback()
        hands, past = Deeds(net), []
        for step in steps:
            before = state()
            doing = hands.do(*step)
            if doing:
                past.append((before, doing))
        for before, doing in reversed(past):
            act = acts.by_uid(db.session(), doing.uid)
            assert act
            deeds.undo(db.session(), Doing.now(), act)
            assert state() == before
        db.session.rollback()

    check()


def test_undone_out_of_order_the_later_act_stands(app: Flask, world: World) -> None:
    """Captured, then expired by the night: undoing the capture alone leaves the hold ended, and undoing both, as it was."""
    net = Network.make(world)
    hold, session = net.place(0, 0), db.session()
    was, hands = state(), Deeds(net)
    taken = hands.do("take_in", 0, 0)
    later = hands.do("cancel", 0, 0)
    assert taken
    assert later
    for doing in (taken, later):
        act = acts.by_uid(session, doing.uid)
        assert act
        deeds.undo(session, Doing.now(), act)
    assert state() == was
    assert session.get_one(Hold, hold).ended_at is None
    assert not session.scalars(select(HoldChange).where(HoldChange.voided.is_(False))).all()


# The night


def test_nobody_came_so_the_next_one_gets_it_then_it_goes_home(app: Flask, world: World) -> None:
    net = Network.make(world)
    first, second, session = net.place(3, 1), net.place(0, 0), db.session()
    (own,) = (item for item in net.items[:1])
    session.execute(Item.__table__.update().where(Item.id == net.items[1].id).values(not_for_loan=True))
    hands = Deeds(net)
    hands.do("take_in", 0, 1)  # the first school's copy, returned at the second: kept there for the first in turn
    kept = session.get_one(Hold, first)
    session.refresh(kept)
    assert kept.item_id == own.id
    assert kept.keep_until
    late = kept.keep_until + timedelta(days=1)
    assert holds_nights.expire(session, kept.keep_until) == (0, False), "the last day counts"
    assert holds_nights.expire(session, late) == (1, False)
    assert holds_nights.expire(session, late) == (0, False), "once"
    session.expire_all()
    assert kept.ended_why == "expired"
    assert session.get_one(Hold, second).item_id == own.id, "the next one"
    asked = session.scalars(select(Transfer).where(Transfer.cancelled_at.is_(None))).one()
    assert asked.reason == "hold"
    holds.cancel(session, Doing.now(), session.get_one(Hold, second))
    session.expire_all()
    assert asked.cancelled_why == "hold-gone"


def test_a_hold_not_wanted_any_more_ends_by_itself(app: Flask, world: World) -> None:
    net = Network.make(world)
    hold = net.place(0, 0, expires_on=TODAY)
    assert holds_nights.expire(db.session(), TODAY)[0] == 0
    assert holds_nights.expire(db.session(), TODAY + timedelta(days=1))[0] == 1
    db.session.expire_all()
    assert db.session.get_one(Hold, hold).ended_why == "expired"


def test_a_copy_that_stays_waits_for_its_keeper(app: Flask, world: World) -> None:
    net = Network.make(world)
    hold, item, session = net.place(0, 0), net.items[0], db.session()
    hand = InHand(item.library_id, on_stay=True)
    assert holds.turn(session, item.record_id, item.id, net.branch(0), TODAY, hand) is None
    session.execute(Hold.__table__.update().where(Hold.id == hold).values(agreed_item_id=item.id))
    turn = holds.turn(session, item.record_id, item.id, net.branch(0), TODAY, hand)
    assert turn
    assert turn.hold_id == hold
    assert not session.scalars(select(Stay)).all()


def test_a_stop_keeps_by_its_openings() -> None:
    from library.calendars.openings import Calendar
    from library.loans.holds_keeping import nth_opening

    stop = Calendar(openings=frozenset({date(2026, 11, 24), date(2026, 12, 8), date(2026, 12, 22)}))
    assert nth_opening(stop, date(2026, 11, 20), 1) == date(2026, 11, 24)
    assert nth_opening(stop, date(2026, 11, 24), 2) == date(2026, 12, 8), "the day it is open counts"
    assert nth_opening(stop, date(2026, 11, 25), 3) is None, "not known yet"
