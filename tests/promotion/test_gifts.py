"""Gifts are counted first; what becomes of each copy adds up; every deed is undone, in the figures too."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from library.access import Scope
from library.core import clock
from library.holdings import accessions
from library.holdings.models import Item, Receipt
from library.promotion import donor_ageing, donors, drives, gift_fates, gift_funds, gift_sums, gifts
from library.promotion.drives import Called
from library.promotion.gift_changes import NotDone
from library.promotion.gift_copies import of_title
from library.promotion.gift_fates import Became
from library.promotion.gift_models import DonorKind, Fate, Gift, GivingChange
from library.uses.models import Happening
from tests.promotion import giving
from tests.promotion.giving import FIRST, doing, figures, made_by, undo
from tests.support.world import World


def refused(world: World, code: str, deed: Callable[[], object]) -> None:
    """As a request is: what it began is taken back."""
    point = world.session.begin_nested()
    with pytest.raises(NotDone, match=code):
        deed()
    point.rollback()
    world.session.expire_all()


def test_counted_is_in_the_register_passed_on_and_waiting(world: World) -> None:
    session, one = world.session(), giving.gift(world, good=10, worn=4, who=giving.donor(world))
    items = [item.id for item in world.items(6)]
    act = gift_fates.link(session, doing(world), one, items)
    pulped = gift_fates.settle(session, doing(world), one, Became(Fate.PULPED, 3, FIRST))
    found = gift_sums.of_gift(session, one)
    assert (found.counted, found.entered, found.fates[Fate.PULPED], found.waiting) == (14, 6, 3, 5)
    refused(world, "too-many", lambda: gift_fates.settle(session, doing(world), one, Became(Fate.PASSED_ON, 6, FIRST)))
    other = giving.gift(world, good=9)
    refused(world, "linked", lambda: gift_fates.link(session, doing(world), other, items[:1]))
    refused(world, "fewer", lambda: gifts.change(session, doing(world), one, giving.told(world, good=8, who=one.donor)))
    refused(world, "went-on", lambda: gifts.cancel(session, doing(world), one))
    accessions.strike_out(session, items[:2], "Nhập nhầm")
    assert gift_sums.of_gift(session, one).waiting == 7, "what was struck out waits again"
    undo(world, pulped)
    undo(world, act)
    found = gift_sums.of_gift(session, one)
    assert (found.entered, found.fates.total(), found.waiting) == (0, 0, 14)


def test_figures_follow_every_change_and_its_undoing(world: World) -> None:
    session = world.session()
    one = giving.gift(world, good=10, money=50_000, who=giving.donor(world))
    assert figures(world) == {"gift-copies": 10, "gift-money": 50_000}
    assert one.receipt_no == "1/2026"
    changed = gifts.change(session, doing(world), one, giving.told(world, good=7, worn=5))
    assert figures(world) == {"gift-copies": 12}
    assert one.receipt_no == "1/2026", "a number once given stays"
    cancelled = gifts.cancel(session, doing(world), one)
    assert figures(world) == {}
    refused(world, "went-on", lambda: undo(world, changed))
    undo(world, cancelled)
    undo(world, changed)
    assert figures(world) == {"gift-copies": 10, "gift-money": 50_000}
    assert (gifts.counted(one), one.donor and one.donor.name) == (10, "Lớp 5A")
    undo(world, made_by(world, one))
    assert (figures(world), one.cancelled) == ({}, True)
    facts = session.scalars(select(Happening).order_by(Happening.id)).all()
    assert {(fact.kind, fact.source) for fact in facts} == {("gift", one.uid)}
    assert {(fact.measure, fact.sort, fact.audience) for fact in facts} == {
        ("gift-copies", "book", "collective"), ("gift-money", "fund", "collective"), ("gift-copies", "book", "anonymous"),
    }  # fmt: skip
    assert all(fact.branch_id == world.branch().id and fact.happened_on == FIRST for fact in facts)


DEEDS = st.lists(
    st.tuples(st.sampled_from(["give", "change", "cancel", "fate", "undo"]), st.integers(0, 30)), max_size=12
)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(deeds=DEEDS)
def test_whatever_is_done_and_undone_the_figures_are_what_stands(world: World, deeds: list[tuple[str, int]]) -> None:
    """Each deed is done or refused; counted never falls below what became of it."""
    session = world.session()
    made: list[Gift] = []
    acts: list[int] = []
    before = figures(world).get("gift-copies", 0)
    for deed, number in deeds:
        point = session.begin_nested()
        try:
            _do(world, deed, number, made, acts)
            point.commit()
        except NotDone:
            point.rollback()
            session.expire_all()
    sums = gift_sums.of_gifts(session, made)
    assert all(one.waiting >= 0 for gift in made if not gift.cancelled for one in [sums[gift.id]])
    assert not any(sums[gift.id].gone for gift in made if gift.cancelled)
    standing = sum(sums[gift.id].counted for gift in made if not gift.cancelled)
    assert figures(world).get("gift-copies", 0) - before == standing


def _do(world: World, deed: str, number: int, made: list[Gift], acts: list[int]) -> None:
    session = world.session()
    if deed == "give":
        one = giving.gift(world, good=number + 1)
        made.append(one)
        acts.append(made_by(world, one))
        return
    if not made:
        return
    one = made[number % len(made)]
    if deed == "change" and not one.cancelled:
        acts.append(gifts.change(session, doing(world), one, giving.told(world, good=number, worn=1)))
    elif deed == "cancel" and not one.cancelled:
        acts.append(gifts.cancel(session, doing(world), one))
    elif deed == "fate":
        acts.append(gift_fates.settle(session, doing(world), one, Became(Fate.PASSED_ON, number + 1, FIRST)))
    elif deed == "undo" and acts:
        undo(world, acts[-1])
        acts.pop()


def test_a_fund_never_pays_more_than_it_has(world: World) -> None:
    session, fund = world.session(), giving.fund(world)
    one = giving.gift(world, money=18_230_000)
    act = gift_funds.spend(session, doing(world), fund, FIRST, 8_000_000, "Mua 100 cuốn sách", "12")
    assert gift_funds.balances(session, [fund.id])[fund.id].left == 10_230_000
    for wrong in (
        lambda: gift_funds.spend(session, doing(world), fund, FIRST, 10_230_001, "Nhiều quá", None),
        lambda: gifts.change(session, doing(world), one, giving.told(world, money=7_999_999)),
        lambda: gifts.cancel(session, doing(world), one),
    ):
        refused(world, "overspent", wrong)
    book = gift_funds.book(session, fund)
    assert [(line.came, line.spent, line.left) for line in book] == [
        (18_230_000, 0, 18_230_000), (0, 8_000_000, 10_230_000),
    ]  # fmt: skip
    undo(world, act)
    assert gift_funds.balances(session, [fund.id])[fund.id].left == 18_230_000
    books = giving.gift(world, good=3)
    more = gifts.change(session, doing(world), books, giving.told(world, good=3, money=100_000))
    gift_funds.spend(session, doing(world), fund, FIRST, 18_330_000, "Mua sách", None)
    refused(world, "overspent", lambda: undo(world, more))
    assert gift_funds.balances(session, [fund.id])[fund.id].left == 0


def test_a_drive_keeps_those_without_a_name_and_takes_nothing_once_called_off(world: World) -> None:
    session, one = world.session(), giving.drive(world, "Lớp 5A", "Lớp 5B")
    donors.forget(session, [one.collectives[0].id])
    session.expire_all()
    told = Called(
        one.name, one.organiser, one.first_on, one.last_on, None, None, None, (giving.donor(world, "Lớp 5B").id,)
    )
    drives.change(session, doing(world), one, told)
    assert figures(world) == {"drive": 2}
    drives.call_off(session, doing(world), one)
    refused(world, "cancelled", lambda: giving.gift(world, good=3, of=one))
    outside = giving.gift(world, good=3)
    refused(world, "cancelled", lambda: gifts.change(session, doing(world), outside, giving.told(world, 3, of=one)))
    refused(world, "cancelled", lambda: drives.change(session, doing(world), one, told))
    assert figures(world) == {"gift-copies": 3}


def test_the_donor_line_names_collectives_and_of_children_nobody_without_a_yes(app: Flask, world: World) -> None:
    session = world.session()
    lan = giving.donor(world, "Hoàng Thị Mai Lan", DonorKind.PUPIL, "lớp 5A")
    assert donors.open_name(giving.donor(world)) == "Lớp 5A"
    assert donors.open_name(lan) is None
    lan.shown = True
    assert donors.open_name(lan) == "em Lan, lớp 5A"
    assert donors.source_of(lan) == "Học sinh tặng", "no name of a person comes into the register"
    one, item = giving.gift(world, good=2, who=lan), world.item()
    gift_fates.link(session, doing(world), one, [item.id])
    (line,) = of_title(session, item.record_id, Scope(libraries=frozenset({world.school().id})))
    assert (line.donor, line.year, line.accessions, line.gift) == (lan, 2026, (item.accession,), one.uid)
    with app.test_request_context():
        assert line.words == "Tặng: em Lan, lớp 5A, 2026"


def test_who_asks_is_forgotten_and_figures_stay(world: World) -> None:
    session = world.session()
    mai = giving.donor(world, "Nông Thị Zymai", DonorKind.PERSON, "thôn Zynapa")
    one = giving.gift(world, good=5, who=mai)
    one.note = "Bà Zymai gọi 0988"
    session.flush()
    gifts.change(session, doing(world), one, giving.told(world, good=6, who=mai))
    item = world.item()
    gift_fates.link(session, doing(world), one, [item.id])
    session.get_one(Receipt, session.get_one(Item, item.id).receipt_id).source = donors.source_of(mai)
    donors.forget(session, [mai.id])
    session.expire_all()
    kept = [
        mai.name,
        mai.folded,
        mai.about,
        one.note,
        *(str(row.before) for row in session.scalars(select(GivingChange))),
    ]
    assert "zy" not in str(kept).lower()
    assert figures(world) == {"gift-copies": 6}
    assert donors.named(session, world.school().id, DonorKind.PERSON, "Nông Thị Zymai", "thôn Zynapa").id != mai.id


def test_children_who_gave_are_forgotten_by_night(world: World) -> None:
    session = world.session()
    lan = giving.donor(world, "Hoàng Thị Mai Lan", DonorKind.PUPIL, "lớp 5A")
    giving.gift(world, good=1, who=lan)
    giving.donor(world)
    now = clock.now()
    assert not donor_ageing.forget_pupils(session, now)
    assert lan.name
    assert not donor_ageing.forget_pupils(session, now + timedelta(days=800))
    assert (lan.name, giving.donor(world).name) == (None, "Lớp 5A")
