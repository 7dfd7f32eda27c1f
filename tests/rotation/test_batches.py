"""A batch is planned: who makes it, what may be on its list, who answers, who approves, and how each is taken back."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from library.core import clock
from library.core.errors import Refused
from library.holdings.models import Condition, Item, Register
from library.inbox.acts import Doing
from library.inbox.models import Act
from library.rotation import (
    agreements,
    batches,
    batches_checks,
    batches_forms,
    batches_read,
    choosing,
    choosing_facts,
    steps,
    undoing,
)
from library.rotation.agreements import NewAgreement
from library.rotation.batches import NewBatch, NotPlanned, SameHands
from library.rotation.batches_way import TooLong
from library.rotation.choosing import Wanted
from library.rotation.lifecycle import NotNow
from library.rotation.models import Batch, BatchLine, BatchState, BatchStep, Leg, LineOutcome, Site
from tests.support import rotation
from tests.support.world import World


class Province:
    """Anh Tú plans, chị Thảo approves, two points without a library of their own."""

    def __init__(self, world: World) -> None:
        self.world, self.session = world, world.session()
        self.library = world.province()
        self.tu, self.thao = rotation.account(world, "tu").uid, rotation.account(world, "thao").uid
        self.sites = [rotation.site(world, "Bành Trạch"), rotation.site(world, "Chợ Rã")]
        self.depot = rotation.depot(world)

    def doing(self, who: UUID | None = None) -> Doing:
        return Doing.now(who or self.tu, self.depot.branch_id)

    def make(self, *sites: Site, days: int = 60, **more: object) -> Batch:
        today = clock.today()
        new = NewBatch(
            "Truyện thiếu nhi", self.depot, sites or self.sites[:1], today, today + timedelta(days=days), **more,  # type: ignore[arg-type]
        )  # fmt: skip
        return batches.make(self.session, self.doing(), self.library, new)

    def listed(self, batch: Batch) -> list[int]:
        return [one.item_id for one in batches_read.lines(self.session, batch.id)]

    def undo(self, act_id: int) -> None:
        undoing.undo(self.session, self.doing(), self.session.get_one(Act, act_id))


@pytest.fixture
def province(world: World) -> Iterator[Province]:
    yield Province(world)


def all_of(items: list[Item], why: str = "hand") -> dict[int, str]:
    return {one.id: why for one in items}


# Making


def test_a_batch_is_made_with_its_way_there_and_home(province: Province) -> None:
    batch = province.make(*province.sites, days=60)
    legs = province.session.scalars(select(Leg).where(Leg.batch_id == batch.id).order_by(Leg.number)).all()
    first, second = (one.id for one in province.sites)
    assert [(leg.from_site_id, leg.to_site_id) for leg in legs] == [(None, first), (first, second), (second, None)]
    today = clock.today()
    assert [leg.planned_on for leg in legs] == [today, today + timedelta(30), today + timedelta(60)]
    assert [leg.due_on for leg in legs] == [legs[1].planned_on, legs[2].planned_on, None]
    assert legs[0].longest_on and legs[0].longest_on > today + timedelta(days=150), "six months, nothing else agreed"
    assert batch.state is BatchState.DRAFT
    assert batch.made_by == province.tu
    assert batch.code == f"LC{today.year % 100:02}-001"
    assert province.make().code == f"LC{today.year % 100:02}-002"


def test_a_site_keeps_a_batch_no_longer_than_agreed(province: Province) -> None:
    with pytest.raises(TooLong, match="too-long"):
        province.make(days=200)
    assert province.make(*province.sites, days=200), "two sites, a hundred days each"
    today = clock.today()
    agreements.make(
        province.session, province.doing(), province.sites[0], NewAgreement(100, 9, today, today + timedelta(days=400))
    )
    assert province.make(days=200), "agreed otherwise"


@pytest.mark.parametrize("why", ["no-site", "days", "closed", "twice", "another-library"])
def test_what_cannot_be_planned_is_told(province: Province, why: str) -> None:
    sites, days, first = list(province.sites[:1]), 60, province.sites[0]
    if why == "no-site":
        with pytest.raises(NotPlanned, match=why):
            batches.make(province.session, province.doing(), province.library, NewBatch(
                "Truyện", province.depot, [], clock.today(), clock.today() + timedelta(days=9)))  # fmt: skip
        return
    if why == "days":
        days = 0
    elif why == "closed":
        first.closed_on, first.closed_why = clock.today(), "Gộp"
    elif why == "twice":
        sites = [first, first]
    else:
        first.library_id = province.world.school().id
    province.session.flush()
    with pytest.raises(NotPlanned, match=why):
        province.make(*sites, days=days)


# The list


def test_copies_go_on_the_list_and_off_it_again(province: Province) -> None:
    items = rotation.stock(province.world, 6)
    batch = province.make()
    done = batches.add(province.session, province.doing(), batch, all_of(items))
    assert done.added == tuple(one.id for one in items)
    assert not done.refused
    batches.take_out(province.session, province.doing(), batch, [items[1].id])
    assert province.listed(batch) == [one.id for one in items if one is not items[1]]
    again = batches.add(province.session, province.doing(), batch, {items[1].id: "hand"})
    assert again.added == (items[1].id,)
    assert len(province.listed(batch)) == 6


def test_what_was_taken_out_comes_back_by_undo(province: Province) -> None:
    items = rotation.stock(province.world, 3)
    batch, other = province.make(), province.make(province.sites[1])
    batches.add(province.session, province.doing(), batch, all_of(items))
    act = batches.take_out(province.session, province.doing(), batch, [items[0].id, items[1].id])
    batches.add(province.session, province.doing(), other, {items[1].id: "hand"})
    with pytest.raises(Refused, match="later"):
        province.undo(act)  # a copy is in another batch by now
    province.session.rollback()


def reason_of(province: Province, batch: Batch, item: Item, override: str | None = None) -> str:
    done = batches.add(province.session, province.doing(), batch, {item.id: "hand"}, override)
    return "" if done.added else done.refused[0][1].code


def test_a_copy_is_in_one_open_batch_only(province: Province) -> None:
    item = rotation.stock(province.world, 3)[0]
    batch, other = province.make(), province.make(province.sites[1])
    assert reason_of(province, batch, item) == ""
    assert reason_of(province, batch, item) == "listed"
    assert reason_of(province, other, item, override="cần") == "another-batch", "no reason bends that"
    batches.cancel(province.session, province.doing(), batch, "Hoãn")
    assert reason_of(province, other, item) == ""


def test_fewer_than_three_copies_stay_unless_somebody_says_why(province: Province) -> None:
    one, two = rotation.stock(province.world, 2, copies=2)
    batch = province.make()
    assert reason_of(province, batch, one) == "too-few"
    assert reason_of(province, batch, one, override="Trường xin đích danh") == ""
    line = province.session.scalars(select(BatchLine).where(BatchLine.item_id == one.id)).one()
    assert line.override == "Trường xin đích danh"
    three = rotation.stock(province.world, 3)[0]
    assert reason_of(province, batch, three, override="Gì cũng được") == ""
    kept = province.session.scalars(select(BatchLine).where(BatchLine.item_id == three.id)).one()
    assert kept.override is None, "no rule was bent for this one"
    assert reason_of(province, batch, two) == "too-few"


@pytest.mark.parametrize("why", ["not-ours", "register", "not-stock", "rare", "damaged", "unknown"])
def test_each_rule_says_its_reason(province: Province, why: str) -> None:
    item, batch = rotation.stock(province.world, 3)[0], province.make()
    if why == "not-ours":
        item = province.world.item()
    elif why == "register":
        item.register_status = Register.WRITTEN_OFF
    elif why == "not-stock":
        item.home_id = province.world.place(library=province.library).id
    elif why == "rare":
        item.record.year = 1938
    elif why == "damaged":
        item.condition = Condition.DAMAGED
    else:
        done = batches.add(province.session, province.doing(), batch, {10**9: "hand"})
        assert [reason.code for _item, reason in done.refused] == ["unknown"]
        return
    province.session.flush()
    assert reason_of(province, batch, item) == why
    hard = why in ("not-ours", "register")
    assert (reason_of(province, batch, item, override="vẫn cho đi") == "") is not hard


def test_a_batch_that_asks_for_no_years_apart_takes_what_came_lately(province: Province) -> None:
    """0 is an answer: the library's three years hold where a batch says nothing."""
    world = province.world
    came = rotation.received(world, rotation.sent(world, rotation.packed(world, sites=province.sites[:1], count=3)))
    record = world.session.get_one(Item, rotation.lines_of(world, came.batch)[0].item_id).record_id
    more = rotation.stock(world, 3)[0]
    more.record_id = record
    batch = province.make()
    for said, years in (({}, 3), ({"years_apart": 0}, 0), ({"years_apart": 5}, 5)):
        batch.wanted = said
        world.session.flush()
        found = batches_checks.candidates(province.session, batch, [more.id])
        assert found[more.id].facts.years == years, said


def test_a_site_does_not_get_a_title_again_for_three_years(province: Province) -> None:
    world = province.world
    came = rotation.received(world, rotation.sent(world, rotation.packed(world, sites=province.sites[:1], count=3)))
    title = world.session.get_one(Item, rotation.lines_of(world, came.batch)[0].item_id).record_id
    more = rotation.stock(world, 3)
    for item in more:
        item.record_id = title
    world.session.flush()
    assert reason_of(province, province.make(), more[0]) == "had"
    assert reason_of(province, province.make(province.sites[1]), more[0]) == "", "another site never had it"
    came.sent_at = came.received_at = clock.now() - timedelta(days=1100)
    world.session.flush()
    batch = province.make()
    assert reason_of(province, batch, more[1]) == "had", "they still stay there"
    from sqlalchemy import update

    from library.holdings.models import Stay

    world.session.execute(update(Stay).values(ended_at=clock.now()))
    assert reason_of(province, batch, more[1]) == ""


def test_a_title_the_site_owns_stays_at_home(province: Province) -> None:
    world = province.world
    school = rotation.school_site(world)
    items = rotation.stock(world, 3)
    own = world.item(record=items[0].record)
    assert own.record_id == items[0].record_id
    assert reason_of(province, province.make(school), items[0]) == "owned-there"


def test_more_of_the_same_title_may_come_with_the_same_batch(province: Province) -> None:
    one, two, _three = rotation.stock(province.world, 3, copies=3)
    batch = province.make()
    assert reason_of(province, batch, one) == ""
    assert reason_of(province, batch, two) == ""


# Deciding


def proposed(province: Province, count: int = 3) -> tuple[Batch, list[Item]]:
    batch, items = province.make(), rotation.stock(province.world, count)
    batches.add(province.session, province.doing(), batch, all_of(items))
    batches.propose(province.session, province.doing(), batch)
    return batch, items


def test_an_empty_list_is_not_proposed(province: Province) -> None:
    with pytest.raises(NotPlanned, match="empty"):
        batches.propose(province.session, province.doing(), province.make())


def test_who_made_it_does_not_approve_it(province: Province) -> None:
    batch, _items = proposed(province)
    with pytest.raises(SameHands):
        batches.approve(province.session, province.doing(), batch, "Nông Văn Tú")
    act = batches.approve(province.session, province.doing(province.thao), batch, "Triệu Thị Thảo")
    assert batch.state is BatchState.APPROVED
    assert batch.approved_name == "Triệu Thị Thảo"
    province.undo(act)
    assert province.session.get_one(Batch, batch.id).state is BatchState.PROPOSED


def test_the_site_refuses_titles_and_they_stay(province: Province) -> None:
    batch, items = proposed(province)
    batches.answer(province.session, province.doing(), batch, {items[0].id: "Trường có rồi", items[1].id: "Khó quá"})
    batches.answer(province.session, province.doing(), batch, {items[0].id: "Trường có rồi"})
    assert [one.refused_why for one in batches_read.lines(province.session, batch.id)].count("Trường có rồi") == 1
    act = batches.approve(province.session, province.doing(province.thao), batch, "Triệu Thị Thảo")
    assert sorted(province.listed(batch)) == sorted(one.id for one in items[1:])
    province.undo(act)
    assert len(province.listed(batch)) == 3


def test_a_list_is_settled_once_it_is_proposed(province: Province) -> None:
    batch, _items = proposed(province)
    more = rotation.stock(province.world, 3)
    with pytest.raises(NotNow):
        batches.add(province.session, province.doing(), batch, all_of(more))
    with pytest.raises(NotNow):
        batches.take_out(province.session, province.doing(), batch, [more[0].id])
    batches.send_back(province.session, province.doing(province.thao), batch, "Thêm sách tiếng Mông")
    assert batches.add(province.session, province.doing(), batch, all_of(more)).added
    note = province.session.scalars(select(BatchStep.note).where(BatchStep.deed == "send-back")).one()
    assert note == "Thêm sách tiếng Mông"


def test_a_batch_is_cancelled_and_taken_up_again(province: Province) -> None:
    batch, items = proposed(province)
    act = batches.cancel(province.session, province.doing(), batch, "Đường sạt lở")
    lines = province.session.scalars(select(BatchLine).where(BatchLine.batch_id == batch.id)).all()
    assert {one.outcome for one in lines} == {LineOutcome.LEFT_OUT}
    assert batch.ended_why == "Đường sạt lở"
    assert not province.session.scalars(select(Leg).where(Leg.batch_id == batch.id, Leg.cancelled_at.is_(None))).all()
    province.undo(act)
    assert sorted(province.listed(batch)) == sorted(one.id for one in items)
    assert batch.state is BatchState.PROPOSED
    assert batch.ended_why is None
    assert (
        len(province.session.scalars(select(Leg).where(Leg.batch_id == batch.id, Leg.cancelled_at.is_(None))).all())
        == 2
    )


def test_a_batch_that_left_is_not_cancelled(province: Province) -> None:
    leg = rotation.sent(province.world)
    with pytest.raises(NotNow):
        batches.cancel(province.session, province.doing(), leg.batch, "Thôi")
    assert leg.batch.ended_why is None


def test_a_site_that_closed_meanwhile_is_told_before_approval(province: Province) -> None:
    batch, _items = proposed(province)
    province.sites[0].closed_on, province.sites[0].closed_why = clock.today(), "Gộp xã"
    province.session.flush()
    with pytest.raises(NotPlanned, match="closed"):
        batches.approve(province.session, province.doing(province.thao), batch, "Triệu Thị Thảo")


def test_remarks_tell_quota_and_agreement(province: Province) -> None:
    batch, site, today = province.make(days=90), province.sites[0], clock.today()
    codes = [one.code for one in batches_checks.remarks(province.session, batch, 3)]
    assert codes == ["no-agreement"]
    agreements.make(province.session, province.doing(), site, NewAgreement(10, 6, today, today + timedelta(days=60)))
    codes = [one.code for one in batches_checks.remarks(province.session, batch, 11)]
    assert codes == ["over-quota", "agreement-ends"]
    agreements.make(province.session, province.doing(), site, NewAgreement(20, 6, today, today + timedelta(days=600)))
    assert batches_checks.remarks(province.session, batch, 11) == []


# The proposal against the database


def test_the_proposal_reads_stock_and_sites(province: Province) -> None:
    world = province.world
    items = rotation.stock(world, 9, copies=3)
    wanted = Wanted(most=2, each=1)
    facts = choosing_facts.facts(province.session, province.library.id, province.sites[:1], wanted, clock.today())
    assert sorted(len(one.copies) for one in facts.titles) == [3, 3, 3]
    assert {one.owned for one in facts.titles} == {3}
    found = choosing.choose(facts, wanted)
    batch = province.make(wanted=wanted.plain())
    batches.add(province.session, province.doing(), batch, {one.item_id: one.why.value for one in found})
    after = choosing_facts.of(province.session, batch)
    assert sum(len(one.copies) for one in after.titles) == len(items) - 2, "what is on a list is no longer free"
    assert {one.record_id for one in found} <= set(after.had), "and its title will be there already"


def test_lines_are_numbered_in_the_order_of_the_shelves(province: Province) -> None:
    items = rotation.stock(province.world, 3, copies=3)
    batch = province.make()
    for item in reversed(items):
        batches.add(province.session, province.doing(), batch, {item.id: "hand"})
    batches.propose(province.session, province.doing(), batch)
    lines = batches_read.lines(province.session, batch.id)
    assert [one.accession for one in lines] == sorted(one.accession for one in lines)
    assert [one.number for one in lines] == [1, 2, 3]


def test_a_step_is_not_taken_back_once_the_batch_went_on(province: Province) -> None:
    batch, items = province.make(), rotation.stock(province.world, 3)
    batches.add(province.session, province.doing(), batch, all_of(items))
    act = batches.propose(province.session, province.doing(), batch)
    later = batches.answer(province.session, province.doing(), batch, {})
    with pytest.raises(steps.WentOn):
        province.undo(act)
    province.undo(later)
    province.undo(act)
    assert province.session.get_one(Batch, batch.id).state is BatchState.DRAFT


def test_what_one_site_refused_another_does_not_take_back(province: Province) -> None:
    first, second = province.sites
    batch, items = province.make(first, second), rotation.stock(province.world, 3)
    batches.add(province.session, province.doing(), batch, all_of(items))
    batches.propose(province.session, province.doing(), batch)
    one, two, _three = (item.id for item in items)

    def answer(site: Site, *refused: int) -> list[int]:
        told = dict.fromkeys(refused, "Có rồi")
        batches.answer(province.session, province.doing(), batch, told, sites={site.id})
        return sorted(line.item_id for line in batches_read.lines(province.session, batch.id) if line.refused_why)

    assert answer(first, one) == [one]
    assert answer(second, two) == [one, two]
    assert answer(second) == [one]
    assert answer(first) == []


def test_why_a_batch_that_was_made_by_mistake_is_no_more_is_translated() -> None:
    assert batches_forms.said(batches.MISTAKEN, lambda why: f"<{why}>") == "<Lập nhầm>"
