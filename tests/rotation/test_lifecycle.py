"""Every way of the table is gone by a batch of the database, and every other deed is refused: nothing is between them."""

from itertools import product
from pathlib import Path

import pytest

from docs import lifecycle_picture
from library.core import clock
from library.inbox import acts
from library.rotation import lifecycle, steps
from library.rotation.lifecycle import ENDED, NOT_NOW, WAYS, Deed, NotNow
from library.rotation.models import Batch, BatchState, BatchStep
from tests.support import rotation
from tests.support.world import World

PAIRS = {(way.before, way.deed): way.after for way in WAYS}
NOT = [pair for pair in product(BatchState, Deed) if pair not in PAIRS]


@pytest.mark.parametrize(("before", "deed"), PAIRS, ids=lambda one: str(one))
def test_every_way_leads_where_it_says(before: BatchState, deed: Deed) -> None:
    assert lifecycle.may(before, deed)
    assert lifecycle.after(before, deed) is PAIRS[before, deed]


@pytest.mark.parametrize(("before", "deed"), NOT, ids=lambda one: str(one))
def test_every_other_deed_is_refused_with_a_sentence(before: BatchState, deed: Deed) -> None:
    assert not lifecycle.may(before, deed)
    with pytest.raises(NotNow) as told:
        lifecycle.after(before, deed)
    (reason,) = told.value.reasons
    assert reason.code == "not-now"
    assert reason.sentence == NOT_NOW[before]
    assert told.value.status == 409


def test_the_table_says_each_way_once() -> None:
    assert len(PAIRS) == len(WAYS), "one deed leads from one state to one other"
    assert len(PAIRS) + len(NOT) == len(BatchState) * len(Deed)


def test_every_state_can_be_reached_and_only_the_ended_ones_lead_nowhere() -> None:
    reached, edge = {BatchState.DRAFT}, {BatchState.DRAFT}
    while edge:
        edge = {PAIRS[pair] for pair in PAIRS if pair[0] in edge} - reached
        reached |= edge
    assert reached == set(BatchState)
    assert {state for state in BatchState if not lifecycle.deeds_of(state)} == ENDED


def test_what_has_left_the_depot_is_not_cancelled() -> None:
    cancelled = {before for before, deed in PAIRS if deed is Deed.CANCEL}
    before_it_left = {BatchState.DRAFT, BatchState.PROPOSED, BatchState.APPROVED, BatchState.PICKING, BatchState.PACKED}
    assert cancelled == before_it_left


def test_steps_are_kept_and_taken_back(world: World) -> None:
    batch = rotation.batch(world, items=rotation.stock(world, 2), state=BatchState.DRAFT)
    at, ids = clock.now(), []
    for deed in (Deed.PROPOSE, Deed.APPROVE, Deed.PICK, Deed.SEAL, Deed.UNSEAL):
        ids.append(acts.write(world.session(), world.doing(library=world.province()), "plan-batch", at))
        steps.take(world.session(), batch, deed, ids[-1], at)
    assert batch.state is BatchState.PICKING
    with pytest.raises(NotNow):
        steps.take(world.session(), batch, Deed.RECEIVE, ids[-1], at)
    assert batch.state is BatchState.PICKING, "a refused deed changes nothing"
    steps.undo(world.session(), ids[-1])
    assert _state(world, batch) is BatchState.PACKED
    with pytest.raises(steps.WentOn):
        steps.undo(world.session(), ids[0])
    assert _state(world, batch) is BatchState.PACKED, "others came after it"


def _state(world: World, batch: Batch) -> BatchState:
    world.session.expire_all()
    return world.session.get_one(Batch, batch.id).state


def test_a_batch_that_is_made_has_its_first_step(world: World) -> None:
    batch = rotation.batch(world, items=rotation.stock(world, 1))
    steps_ = world.session.query(BatchStep).filter_by(batch_id=batch.id).all()
    assert [(one.deed, one.before) for one in steps_] == [("make", None)]


def test_the_picture_of_the_docs_shows_every_way_and_is_current() -> None:
    drawn = lifecycle_picture.life()
    kept = (Path(lifecycle_picture.__file__).parent / "pictures" / "rotation-lifecycle.svg").read_text(encoding="utf-8")
    assert kept == drawn, "make docs"
    assert drawn.count("marker-end") == len(WAYS)
    assert all(f">{state.value}</text>" in drawn for state in BatchState)
    assert all(f">{way.deed.value}</text>" in drawn for way in WAYS if way.deed is not Deed.CANCEL)
