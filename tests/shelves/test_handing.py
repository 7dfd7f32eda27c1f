"""One gives, another signs; what is missing stays with whoever signed for it last."""

from datetime import timedelta

import pytest

from library.core import clock
from library.holdings import ledger
from library.holdings.models import PlaceKind, Why
from library.inbox import acts
from library.inbox.acts import Doing
from library.inbox.models import Act
from library.loans import deeds
from library.loans.deeds import Lending
from library.shelves import counts, handing, handover_papers, keeping, papers, tenures, undoing
from library.shelves.handing import Given, NotHanded, Person
from library.shelves.keeping import Keeper
from library.shelves.models import CountOutcome, Handover, HandoverKind, Shelf
from library.shelves.tenures import KeptSince
from library.uses.counting import Frozen
from tests.support.people import account
from tests.support.shelves import put, school_class, shelf, teacher
from tests.support.world import World

pytestmark = pytest.mark.both


def doing_at(one: Shelf) -> Doing:
    return Doing.now(branch_id=one.branch_id)


def as_person(found: object, of_library: bool = False) -> Person:
    return Person(found.id, found.name, of_library)  # type: ignore[attr-defined]


class Cast:
    """Cô Thu keeps 4A's shelf of three books, cô Hoa will keep it next, cô Hà is the librarian."""

    def __init__(self, world: World) -> None:
        of = school_class(world)
        self.world, self.session = world, world.session()
        self.thu_account = teacher(world, of)
        self.hoa_account = teacher(world, of, "hoa", "Trần Thị Hoa")
        self.ha_account = account(world)
        self.thu, self.hoa = as_person(self.thu_account), as_person(self.hoa_account)
        self.ha = as_person(self.ha_account, of_library=True)
        self.shelf = shelf(world, of, keeper=self.thu_account)
        self.items = world.items(3)
        put(world, self.shelf, self.items)

    def give(self, by: Person, kind: HandoverKind = HandoverKind.TEACHER, **more: object) -> Handover:
        return handing.give(self.session, doing_at(self.shelf), self.shelf, by, Given(kind, **more))  # type: ignore[arg-type]

    def take(self, one: Handover, by: Person) -> Handover:
        return handing.take(self.session, doing_at(self.shelf), one, by)

    def count(self, seen: int) -> int:
        found = counts.begin(self.session, doing_at(self.shelf), self.shelf)
        for item in self.items[:seen]:
            counts.see(self.session, doing_at(self.shelf), found, item.id)
        counts.end(self.session, doing_at(self.shelf), found)
        return found.id


@pytest.fixture
def cast(world: World) -> Cast:
    return Cast(world)


def outcomes(cast: Cast, one: Handover) -> list[CountOutcome]:
    by_item = {line.item_id: line.outcome for line in handover_papers.lines(cast.session, one)}
    return [by_item[item.id] for item in cast.items]


def test_the_second_signature_gives_number_and_keeper(cast: Cast) -> None:
    one = cast.take(cast.give(cast.thu), cast.hoa)
    assert one.number == f"1/{clock.today().year}"
    assert (one.given_name, one.taken_name) == ("Nguyễn Thị Thu", "Trần Thị Hoa")
    tenure = tenures.current(cast.session, cast.shelf.id)
    assert tenure
    assert (tenure.keeper_id, tenure.keeper_name) == (cast.hoa.id, "Trần Thị Hoa")


def test_nobody_signs_for_oneself(cast: Cast) -> None:
    with pytest.raises(NotHanded) as refused:
        cast.take(cast.give(cast.thu), cast.thu)
    assert [reason.code for reason in refused.value.reasons] == ["same-person"]


def test_only_the_one_it_was_given_to_signs(cast: Cast) -> None:
    one = cast.give(cast.thu, to_id=cast.hoa.id)
    with pytest.raises(NotHanded, match="not-for-you"):
        cast.take(one, cast.ha)
    assert cast.take(one, cast.hoa).taken_by == cast.hoa.id


def test_at_the_years_end_the_library_signs_and_nobody_keeps_it(cast: Cast) -> None:
    one = cast.give(cast.thu, HandoverKind.YEAR_END)
    with pytest.raises(NotHanded, match="library-signs"):
        cast.take(one, cast.hoa)
    cast.take(one, cast.ha)
    tenure = tenures.current(cast.session, cast.shelf.id)
    assert tenure
    assert (tenure.keeper_id, tenure.keeper_name) == (None, "")


def test_a_second_giving_waits_for_the_first(cast: Cast) -> None:
    one = cast.give(cast.thu)
    with pytest.raises(NotHanded, match="waiting-already"):
        cast.give(cast.thu)
    handing.cancel(cast.session, doing_at(cast.shelf), one, cast.thu)
    assert cast.give(cast.thu).uid != one.uid
    with pytest.raises(NotHanded, match="cancelled"):
        cast.take(one, cast.hoa)


def test_an_empty_or_closed_shelf_is_not_given(world: World, cast: Cast) -> None:
    bare = shelf(world, school_class(world, "4B"))
    with pytest.raises(NotHanded, match="nothing-to-hand-over"):
        handing.give(cast.session, doing_at(bare), bare, cast.ha, Given(HandoverKind.TEACHER))
    cast.shelf.closed_on = clock.today()
    with pytest.raises(NotHanded, match="shelf-closed"):
        cast.give(cast.thu)


def test_lines_stay_as_they_were_given(cast: Cast) -> None:
    one = cast.give(cast.thu, count_id=cast.count(seen=2))
    assert outcomes(cast, one) == [CountOutcome.FOUND, CountOutcome.FOUND, CountOutcome.MISSING]
    put(cast.world, cast.shelf, [cast.items[2]], clock.now())
    assert outcomes(cast, one)[2] is CountOutcome.MISSING


def test_a_missing_copy_stays_with_whoever_signed_for_it_last(cast: Cast) -> None:
    """Thu gave three to Hoa; Hoa gives two to Hà: the third is Hoa's, and still Hoa's when Hà gives the shelf on."""
    cast.take(cast.give(cast.thu), cast.hoa)
    cast.take(cast.give(cast.hoa, count_id=cast.count(seen=2)), cast.ha)
    cast.take(cast.give(cast.ha, count_id=cast.count(seen=2)), cast.thu)
    answers = handing.answering(cast.session, cast.shelf.id, [item.id for item in cast.items])
    assert [answers[item.id].name for item in cast.items] == ["Nguyễn Thị Thu", "Nguyễn Thị Thu", "Trần Thị Hoa"]


def test_a_signature_taken_back_leaves_the_minutes_waiting(cast: Cast) -> None:
    one = cast.take(cast.give(cast.thu), cast.hoa)
    number, act = one.number, cast.session.get_one(Act, one.take_act)
    undoing.undo(cast.session, doing_at(cast.shelf), act)
    assert (one.taken_at, one.taken_by, one.number) == (None, None, number)
    tenure = tenures.current(cast.session, cast.shelf.id)
    assert tenure
    assert tenure.keeper_id == cast.thu.id
    assert cast.take(one, cast.hoa).number == number


def test_a_signature_stands_once_somebody_else_keeps_the_shelf(cast: Cast) -> None:
    one = cast.take(cast.give(cast.thu), cast.hoa)
    keeping.give_to(cast.session, doing_at(cast.shelf), cast.shelf, Keeper("Cô Mỷ"))
    with pytest.raises(KeptSince):
        undoing.undo(cast.session, doing_at(cast.shelf), cast.session.get_one(Act, one.take_act))


def test_a_signature_stands_while_the_shelf_is_being_given_again(cast: Cast) -> None:
    one = cast.take(cast.give(cast.thu), cast.hoa)
    again = cast.give(cast.hoa)
    with pytest.raises(NotHanded, match="another-waits"), cast.session.begin_nested():
        undoing.undo(cast.session, doing_at(cast.shelf), cast.session.get_one(Act, one.take_act))
    handing.cancel(cast.session, doing_at(cast.shelf), again, cast.hoa)
    undoing.undo(cast.session, doing_at(cast.shelf), cast.session.get_one(Act, one.take_act))
    assert one.taken_at is None


def test_nobody_signs_for_a_shelf_that_was_closed_meanwhile(cast: Cast) -> None:
    one = cast.give(cast.thu)
    cast.shelf.closed_on = clock.today()
    cast.session.flush()
    with pytest.raises(NotHanded, match="shelf-closed"):
        cast.take(one, cast.hoa)


def test_a_signature_that_comes_late_begins_no_tenure_before_the_last(cast: Cast) -> None:
    one = cast.give(cast.thu)
    one.given_at -= timedelta(days=3)
    late = Doing(clock.uuid7(), branch_id=cast.shelf.branch_id, at=clock.now() - timedelta(days=2))
    handing.take(cast.session, late, one, cast.hoa)
    tenure = tenures.current(cast.session, cast.shelf.id)
    assert tenure
    assert (tenure.keeper_id, tenure.from_on) == (cast.hoa.id, cast.shelf.built_on)


def test_giving_and_signing_are_acts_of_their_own(cast: Cast) -> None:
    one = cast.take(cast.give(cast.thu), cast.hoa)
    kinds = {cast.session.get_one(Act, act).kind for act in (one.give_act, one.take_act)}
    assert kinds == {"hand-over", "take-over"}
    with pytest.raises(acts.AlreadyUndone):
        for _ in range(2):
            acts.void(cast.session, doing_at(cast.shelf), one.take_act or 0)


def test_numbers_go_on_within_the_library_and_begin_anew_each_year(cast: Cast, world: World) -> None:
    other = shelf(world, school_class(world, "4B"))
    put(world, other, world.items(1))
    first = cast.take(cast.give(cast.thu), cast.hoa)
    given = handing.give(cast.session, doing_at(other), other, cast.ha, Given(HandoverKind.TEACHER))
    second = handing.take(cast.session, doing_at(other), given, cast.thu)
    year = clock.today().year
    assert [first.number, second.number] == [f"1/{year}", f"2/{year}"]


def test_the_minutes_say_who_what_and_what_it_is_worth(cast: Cast) -> None:
    cast.items[0].price = 35_000
    one = cast.take(cast.give(cast.thu, count_id=cast.count(seen=2), note="giá lung lay"), cast.hoa)
    told = handover_papers.values(cast.session, one, "http://may.truong/x")
    assert (told["total"], told["worth"], told["worth_words"]) == (2, "35.000", "Ba mươi lăm nghìn đồng")
    assert told["unpriced"] == "; 1 bản chưa ghi giá"
    assert told["difference"] == f"thiếu 01 bản ({cast.items[2].accession}), Nguyễn Thị Thu trả lời"
    assert told["owners"] == "thư viện 2 bản"
    assert [row["state"] for row in told["rows"]] == ["Có", "Có", "Thiếu"]
    assert told["counted"].startswith("kiểm từng cuốn, xong ngày")
    assert told["note"] == "giá lung lay"


def test_the_template_may_ask_for_everything_that_is_told(cast: Cast) -> None:
    told = handover_papers.values(cast.session, cast.give(cast.thu), "http://may.truong/x")
    assert set(told) == set(papers.HANDOVER) == set(papers.sample_handover())


def test_old_enough_minutes_do_not_answer_for_themselves(cast: Cast) -> None:
    """Who answers is asked of what was signed before, not of these minutes."""
    first = cast.take(cast.give(cast.thu), cast.hoa)
    assert first.taken_at
    before = handing.answering(cast.session, cast.shelf.id, [cast.items[0].id], first.taken_at - timedelta(seconds=1))
    assert before[cast.items[0].id].name == ""


def of(cast: Cast, count_id: int) -> dict[int, CountOutcome]:
    """By the place in `cast.items`."""
    told = handing.lines_of(cast.session, cast.shelf, count_id)
    return {at: told[item.id] for at, item in enumerate(cast.items) if item.id in told}


def test_the_minutes_are_of_the_shelf_as_it_is_when_it_is_given(cast: Cast) -> None:
    """Counted, then: one copy went to another class, one to a reader, one came; the one that was missing still is."""
    cast.items += cast.world.items(2)
    put(cast.world, cast.shelf, cast.items[3:4])
    count = cast.count(seen=3)
    other = shelf(cast.world, school_class(cast.world, "4B"))
    put(cast.world, other, cast.items[:1])
    put(cast.world, cast.shelf, cast.items[4:])
    reader, spot = cast.world.patron(), (cast.world.place(PlaceKind.WITH_PATRONS).id, cast.world.branch().id)
    what = Lending(cast.items[1].id, cast.items[1].uid, reader.id, clock.today(), Frozen(spot[1]))
    deeds.lend(cast.session, doing_at(cast.shelf), what, spot, clock.now())
    assert of(cast, count) == {
        1: CountOutcome.WITH_READER, 2: CountOutcome.FOUND, 3: CountOutcome.MISSING, 4: CountOutcome.FOUND
    }  # fmt: skip


def test_what_was_missing_and_is_brought_back_is_there(cast: Cast) -> None:
    count = cast.count(seen=2)
    put(cast.world, cast.shelf, cast.items[2:])
    assert set(of(cast, count).values()) == {CountOutcome.FOUND}


def test_nobody_signs_for_a_stranger_that_stood_on_the_shelf(cast: Cast) -> None:
    stranger = cast.world.item()
    count = counts.begin(cast.session, doing_at(cast.shelf), cast.shelf)
    for item in (*cast.items, stranger):
        counts.see(cast.session, doing_at(cast.shelf), count, item.id)
    counts.end(cast.session, doing_at(cast.shelf), count)
    assert stranger.id not in handing.lines_of(cast.session, cast.shelf, count.id)
    put(cast.world, cast.shelf, [stranger])
    assert handing.lines_of(cast.session, cast.shelf, count.id)[stranger.id] is CountOutcome.FOUND


def test_a_copy_in_repair_stands_in_the_minutes_and_is_not_called_missing(cast: Cast) -> None:
    away = cast.world.place(PlaceKind.REPAIR)
    act = acts.write(cast.session, doing_at(cast.shelf), "scan", clock.now()), clock.uuid7()
    item = cast.items[2]
    ledger.move(cast.session, act, {item.id: item.uid}, (away.id, away.branch_id), Why.DESK, clock.now())
    one = cast.give(cast.thu, count_id=cast.count(seen=2))
    assert outcomes(cast, one) == [CountOutcome.FOUND, CountOutcome.FOUND, CountOutcome.ASIDE]
    told = handover_papers.values(cast.session, one, "http://may.truong/x")
    assert told["total"] == 2
    assert told["difference"] == f"đang ở nơi khác 01 bản ({item.accession})"
    assert told["rows"][2]["state"] == "Ở nơi khác"
