"""Picking in the depot: one scan fetches, checks and packs; what readers have is left to them."""

import pytest
from sqlalchemy import select

from library.core import clock
from library.holdings import ledger
from library.holdings.models import Basis, Condition, Item, Movement, PlaceKind, Register, Why
from library.inbox import acts
from library.inbox.acts import Doing
from library.inbox.models import Act
from library.loans import deeds
from library.loans.deeds import Lending
from library.loans.models import Hold, Loan
from library.patrons.models import Card
from library.rotation import crates, picking, undoing
from library.rotation.crates import NotPacked
from library.rotation.lifecycle import NotNow
from library.rotation.models import Batch, BatchLine, BatchState, BatchStep, Crate, LineOutcome
from library.rotation.picking import Picked, Scanned
from library.rotation.picking_rules import Outcome
from library.uses.counting import Frozen
from tests.support import rotation
from tests.support.world import World


def doing(of: Batch) -> Doing:
    return Doing(clock.uuid7(), branch_id=of.depot.branch_id)


def made(world: World, count: int = 4, copies: int = 1) -> tuple[Batch, list[Item]]:
    items = rotation.stock(world, count, copies=copies)
    return rotation.batch(world, items=items), items


def pick(world: World, of: Batch, item: Item, **more: object) -> Picked:
    return picking.pick(world.session(), doing(of), of, item.id, **more)  # type: ignore[arg-type]


def scan(world: World, of: Batch, text: str, **more: object) -> Picked:
    return picking.scan_in(world.session(), doing(of), of, Scanned(text, **more))  # type: ignore[arg-type]


def line(world: World, of: Batch, item: Item) -> BatchLine:
    query = select(BatchLine).where(BatchLine.batch_id == of.id, BatchLine.item_id == item.id)
    return world.session.scalars(query.execution_options(populate_existing=True)).one()


def undo(world: World, of: Batch, told: Picked) -> None:
    undoing.undo(world.session(), doing(of), world.session.get_one(Act, told.act_id))


def test_a_scan_is_fetching_checking_and_packing(world: World) -> None:
    of, (item, *_others) = made(world)
    stacks = world.place(PlaceKind.STACKS, world.province())
    act = acts.write(world.session(), doing(of), "take-in", clock.now()), clock.uuid7()
    ledger.move(world.session(), act, {item.id: item.uid}, (stacks.id, stacks.branch_id), Why.SHELVE, clock.now())
    told = scan(world, of, item.accession or "")
    assert told.outcome is Outcome.PICKED
    row = line(world, of, item)
    assert (row.picked_at, row.picked_by, row.crate_id) == (told.at, told.act_id, told.crate and told.crate.id)
    assert told.crate is not None
    assert told.crate.number == 1
    world.session.refresh(item)
    assert (item.place_id, item.seen_at) == (of.depot_id, told.at)
    seen = world.session.scalars(select(Movement).where(Movement.act_id == told.act_id)).one()
    assert seen.basis is Basis.SCAN
    assert of.state is BatchState.PICKING


def test_the_first_scan_alone_is_a_step_of_the_batch(world: World) -> None:
    of, items = made(world)
    for item in items[:3]:
        pick(world, of, item)
    deeds_ = world.session.scalars(select(BatchStep.deed).where(BatchStep.batch_id == of.id)).all()
    assert deeds_.count("pick") == 1


def test_the_same_book_again_changes_nothing(world: World) -> None:
    of, (item, *_) = made(world)
    first = pick(world, of, item)
    again = pick(world, of, item)
    assert again.outcome is Outcome.ALREADY
    assert again.act is None
    assert line(world, of, item).picked_at == first.at


def test_a_book_of_another_batch_is_told_by_its_batch(world: World) -> None:
    of, _ = made(world)
    other_items = rotation.stock(world, 1)
    other = rotation.batch(world, sites=[rotation.site(world, "Trạm Y tế Cao Kỳ")], items=other_items)
    told = pick(world, of, other_items[0])
    assert (told.outcome, told.other) == (Outcome.OTHER_BATCH, other.code)
    assert line(world, other, other_items[0]).picked_at is None


def test_a_book_that_is_on_no_list_stays(world: World) -> None:
    of, _ = made(world)
    (stranger,) = rotation.stock(world, 1, title="Sách khác")
    told = pick(world, of, stranger)
    assert told.outcome is Outcome.NOT_LISTED
    assert world.session.scalar(select(Crate).where(Crate.batch_id == of.id)) is None, "no crate for nothing"


def test_another_copy_of_a_listed_title_takes_its_place_when_scanned_twice(world: World) -> None:
    listed, spare = rotation.stock(world, 2, copies=2)
    of = rotation.batch(world, items=[listed])
    asked = pick(world, of, spare)
    assert (asked.outcome, asked.other) == (Outcome.INSTEAD, listed.accession)
    told = pick(world, of, spare, asked=spare.uid)
    assert told.outcome is Outcome.PICKED
    assert line(world, of, listed).outcome is LineOutcome.LEFT_OUT
    assert line(world, of, spare).picked_by == told.act_id
    undo(world, of, told)
    assert [(one.item_id, one.closed_at) for one in rotation.lines_of(world, of)] == [(listed.id, None)]


def test_what_a_reader_has_is_never_taken_back_by_force(world: World) -> None:
    of, (item, *_) = made(world)
    reader, place = world.patron(library=world.province()), world.place(PlaceKind.WITH_PATRONS, world.province())
    lending = Lending(item.id, item.uid, reader.id, clock.today(), Frozen(place.branch_id))
    deeds.lend(world.session(), doing(of), lending, (place.id, place.branch_id), clock.now())
    told = pick(world, of, item)
    assert told.outcome is Outcome.ON_LOAN
    assert world.session.scalars(select(Loan)).one().ended_at is None
    assert line(world, of, item).picked_at is None


def test_what_is_kept_for_a_reader_is_left_to_them(world: World) -> None:
    of, (item, *_) = made(world)
    reader, now = world.patron(library=world.province()), clock.now()
    world.session.add(
        Hold(
            uid=clock.uuid7(), record_id=item.record_id, membership_id=reader.id, branch_id=of.depot.branch_id,
            item_id=item.id, placed_at=now, act_id=of.act_id, captured_by=of.act_id, ready_at=now,
        )
    )  # fmt: skip
    world.session.flush()
    assert pick(world, of, item).outcome is Outcome.HELD


def test_a_book_out_of_the_register_goes_nowhere(world: World) -> None:
    of, (item, *_) = made(world)
    item.register_status = Register.WRITTEN_OFF
    world.session.flush()
    assert pick(world, of, item).outcome is Outcome.WRITTEN_OFF


def test_a_book_without_a_barcode_is_typed_by_its_number(world: World) -> None:
    of, (item, *_) = made(world)
    typed = (item.accession or "").replace(".", " ").lower()
    assert scan(world, of, typed).outcome is Outcome.PICKED


def test_an_unknown_code_writes_nothing(world: World) -> None:
    of, _ = made(world)
    assert scan(world, of, "8935244801234").outcome is Outcome.UNKNOWN
    assert of.state is BatchState.APPROVED


def test_what_the_site_refused_is_not_picked(world: World) -> None:
    of, (item, *_) = made(world)
    line(world, of, item).refused_why = "đã có"
    world.session.flush()
    assert pick(world, of, item).outcome is Outcome.REFUSED


def test_nothing_is_picked_for_a_batch_nobody_approved(world: World) -> None:
    of = rotation.batch(world, items=(items := rotation.stock(world, 1)), state=BatchState.PROPOSED)
    with pytest.raises(NotNow):
        pick(world, of, items[0])


def test_undoing_a_scan_makes_everything_as_before(world: World) -> None:
    of, (item, *_) = made(world)
    before = item.place_id, item.seen_at
    told = pick(world, of, item)
    undo(world, of, told)
    row = line(world, of, item)
    assert (row.picked_at, row.picked_by, row.crate_id) == (None, None, None)
    world.session.refresh(item)
    assert (item.place_id, item.seen_at) == before
    assert world.session.get_one(Batch, of.id).state is BatchState.APPROVED


def test_a_scan_in_a_sealed_crate_is_not_undone(world: World) -> None:
    of, items = made(world, 1)
    told = pick(world, of, items[0])
    assert told.crate
    crates.seal(world.session(), doing(of), told.crate)
    with pytest.raises(NotPacked):
        undo(world, of, told)


def test_the_label_of_the_crate_chooses_it_and_seals_it(world: World) -> None:
    of, (item, *_) = made(world)
    first, second = crates.new_many(world.session(), doing(of), of, 2)
    chosen = scan(world, of, second.code.printed)
    assert (chosen.outcome, chosen.into) == (Outcome.CRATE, second)
    assert scan(world, of, second.code.printed, crate=second).outcome is Outcome.EMPTY
    assert scan(world, of, item.accession or "", crate=second).crate == second
    sealed = scan(world, of, second.code.printed, crate=second)
    assert sealed.outcome is Outcome.SEALED
    assert crates.is_sealed(second)
    assert scan(world, of, second.code.printed).outcome is Outcome.SEALED_BEFORE
    assert first.sealed_at is None


def test_the_seals_number_may_be_scanned_after_the_crate(world: World) -> None:
    of, (item, *_) = made(world)
    crate = pick(world, of, item).crate
    assert crate
    crates.seal(world.session(), doing(of), crate)
    told = scan(world, of, "00731", sealed=crate)
    assert told.outcome is Outcome.SEAL_NUMBER
    assert crate.seal == "00731"
    assert scan(world, of, "00732").outcome is Outcome.UNKNOWN


def test_the_crate_of_another_batch_is_told(world: World) -> None:
    of, _ = made(world)
    other = rotation.packed(world, rotation.batch(world, [rotation.site(world, "Cao Kỳ")], rotation.stock(world, 2)))
    told = scan(world, of, rotation.crates_of(world, other)[0].code.printed)
    assert (told.outcome, told.other) == (Outcome.OTHERS_CRATE, other.code)


def test_a_readers_card_is_told_by_what_it_is(world: World) -> None:
    of, _ = made(world)
    reader = world.patron(library=world.province())
    card = world.session.scalars(select(Card).where(Card.membership_id == reader.id)).one()
    assert scan(world, of, card.code.printed).outcome is Outcome.CARD


def test_a_book_in_another_open_crate_moves_when_scanned_twice(world: World) -> None:
    of, (item, *_) = made(world)
    first, second = crates.new_many(world.session(), doing(of), of, 2)
    pick(world, of, item, crate=first)
    asked = pick(world, of, item, crate=second)
    assert (asked.outcome, asked.crate) == (Outcome.OTHER_CRATE, first)
    assert pick(world, of, item, crate=second, asked=item.uid).outcome is Outcome.MOVED
    assert line(world, of, item).crate_id == second.id


def test_a_book_that_left_a_sealed_crate_is_packed_anew(world: World) -> None:
    of = rotation.packed(world, count=3)
    item = world.session.get_one(Item, rotation.lines_of(world, of)[0].item_id)
    stacks = world.place(PlaceKind.STACKS, world.province())
    act = acts.write(world.session(), doing(of), "take-in", clock.now()), clock.uuid7()
    ledger.move(world.session(), act, {item.id: item.uid}, (stacks.id, stacks.branch_id), Why.DESK, clock.now())
    told = pick(world, of, item)
    assert told.outcome is Outcome.AGAIN
    assert told.crate is not None
    assert told.crate.number == 2
    assert of.state is BatchState.PICKING


def test_a_book_that_is_not_found_follows_and_the_batch_is_packed(world: World) -> None:
    of, (there, missing) = made(world, 2)
    crate = pick(world, of, there).crate
    assert crate
    crates.seal(world.session(), doing(of), crate)
    assert of.state is BatchState.PICKING
    picking.miss(world.session(), doing(of), of, missing.id)
    assert line(world, of, missing).follows == "not-found"
    assert of.state is BatchState.PACKED
    assert pick(world, of, missing).outcome is Outcome.PICKED
    assert line(world, of, missing).follows is None
    assert of.state is BatchState.PICKING


def test_a_book_taken_out_may_go_with_another_batch(world: World) -> None:
    of, items = made(world)
    pick(world, of, items[0])
    picking.drop(world.session(), doing(of), of, items[0].id)
    assert line(world, of, items[0]).outcome is LineOutcome.LEFT_OUT
    other = rotation.batch(world, sites=[rotation.site(world, "Cao Kỳ")], items=[items[0]])
    assert pick(world, other, items[0]).outcome is Outcome.PICKED


def test_many_are_picked_by_one_act(world: World) -> None:
    of, items = made(world, 5)
    crate = crates.new(world.session(), doing(of), of)
    items[4].condition = Condition.DAMAGED
    many = picking.pick_many(world.session(), doing(of), of, [item.id for item in items[:4]], crate)
    assert (len(many.picked), many.left) == (4, ())
    assert crates.contents(world.session(), crate.id) == sorted(item.id for item in items[:4])
    again = picking.pick_many(world.session(), doing(of), of, [items[0].id, items[4].id], crate)
    assert (again.picked, again.left) == ((items[4].id,), (items[0].id,))


def test_the_crate_a_book_left_is_open_until_it_is_sealed_again(world: World) -> None:
    """Its seal is known to be broken: it is not forgotten because the book is packed in another crate."""
    of = rotation.packed(world, count=3)
    (sealed,) = rotation.crates_of(world, of)
    item = world.session.get_one(Item, rotation.lines_of(world, of)[0].item_id)
    stacks = world.place(PlaceKind.STACKS, world.province())
    act = acts.write(world.session(), doing(of), "take-in", clock.now()), clock.uuid7()
    ledger.move(world.session(), act, {item.id: item.uid}, (stacks.id, stacks.branch_id), Why.DESK, clock.now())
    told = pick(world, of, item)
    assert not crates.is_sealed(sealed)
    assert sealed.opened_by == told.act_id
    undo(world, of, told)
    world.session.refresh(sealed)
    assert crates.is_sealed(sealed)


def test_a_second_code_or_one_like_an_accession_number_is_no_seal(world: World) -> None:
    of, (item, *_) = made(world)
    crate = pick(world, of, item).crate
    assert crate
    crates.seal(world.session(), doing(of), crate)
    assert scan(world, of, "LC.99999", sealed=crate).outcome is Outcome.UNKNOWN, "the register begins its numbers so"
    assert crate.seal is None
    scan(world, of, "00731", sealed=crate)
    assert scan(world, of, "00732", sealed=crate).outcome is Outcome.UNKNOWN
    assert crate.seal == "00731"
    told = world.session.scalars(select(Act).where(Act.kind == crates.SEAL).order_by(Act.id)).all()
    assert len(told) == 2, "sealed, and its number told"
    with pytest.raises(NotPacked, match="seal-number"):
        undoing.undo(world.session(), doing(of), told[1])
