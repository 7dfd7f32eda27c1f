"""What is proposed for a shelf. Pure."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from library.shelves.pulling import Copy, Known, Not, Wish, propose

DAY = datetime(2026, 1, 1, tzinfo=UTC)


def copy(
    item: int, record: int | None = None, level: int | None = 3, seen: int = 0, language: str = "vie",
    kind: str | None = None,
) -> Copy:  # fmt: skip
    title = record if record is not None else item
    return Copy(item, title, level, language, kind, DAY + timedelta(days=seen), ("Kho", f"{900 - item:04}"))


def titles(copies: list[Copy]) -> list[Copy]:
    """Each title has a second copy, so that the first may go."""
    return [
        *copies,
        *(copy(1000 + one.item_id, one.record_id, one.level, 99, one.language, one.kind) for one in copies),
    ]


def ids(found: object) -> set[int]:
    return {one.item_id for one in found.copies}  # type: ignore[attr-defined]


def test_as_many_as_wanted_each_title_once_in_the_order_of_the_stacks() -> None:
    found = propose(titles([copy(n) for n in range(1, 9)]), Wish(5))
    assert [one.item_id for one in found.copies] == [5, 4, 3, 2, 1]
    assert found.left_out == {Not.NOT_NEEDED: 3}


def test_the_last_copy_stays_in_the_stacks_unless_said_otherwise() -> None:
    one = [copy(1)]
    assert propose(one, Wish(5)).left_out == {Not.LAST_COPY: 1}
    assert ids(propose(one, Wish(5, keep_one=False))) == {1}


def test_levels_take_turns() -> None:
    books = titles([copy(n, level=3) for n in range(1, 30)] + [copy(n, level=4) for n in range(30, 33)])
    found = propose(books, Wish(10, frozenset({3, 4})))
    by_level = [one.level for one in found.copies]
    assert (by_level.count(3), by_level.count(4)) == (7, 3)


def test_what_nobody_touched_for_longest_goes_first() -> None:
    books = titles([copy(1, seen=50), copy(2, seen=10), copy(3, seen=30)])
    assert ids(propose(books, Wish(2))) == {2, 3}


def test_not_what_the_class_had_nor_what_somebody_waits_for() -> None:
    known = Known(had=frozenset({1}), waited_for=frozenset({2}))
    found = propose(titles([copy(1), copy(2), copy(3)]), Wish(5), known)
    assert ids(found) == {3}
    assert found.left_out == {Not.HAD: 1, Not.WAITED_FOR: 1}


def test_levels_languages_and_kinds_are_all_asked() -> None:
    books = titles([copy(1, level=5), copy(2, language="eng"), copy(3, kind="SGK"), copy(4, kind="STN")])
    wish = Wish(9, frozenset({3}), frozenset({"vie"}), frozenset({"STN"}))
    found = propose(books, wish)
    assert ids(found) == {4}
    assert found.left_out == {Not.LEVEL: 1, Not.LANGUAGE: 1, Not.KIND: 1}


def test_a_second_copy_only_when_every_title_gave_its_first() -> None:
    books = [copy(n, record=n % 3) for n in range(1, 13)]  # three titles, four copies each
    found = propose(books, Wish(5, each=2))
    per_title = sorted([one.record_id for one in found.copies].count(title) for title in range(3))
    assert per_title == [1, 2, 2]
    assert len(propose(books, Wish(20, each=2)).copies) == 6


COPIES = st.lists(
    st.builds(
        lambda item, record, level, seen: copy(item, record, level, seen),
        st.integers(1, 500), st.integers(1, 40), st.sampled_from([None, 1, 2, 3, 4]), st.integers(0, 300),
    ),
    unique_by=lambda one: one.item_id,
    max_size=120,
)  # fmt: skip
WISHES = st.builds(
    lambda most, levels, keep, each: Wish(most, frozenset(levels), keep_one=keep, each=each),
    st.integers(1, 60), st.sets(st.sampled_from([1, 2, 3, 4])), st.booleans(), st.integers(1, 3),
)  # fmt: skip


@given(COPIES, WISHES, st.sets(st.integers(1, 40)), st.sets(st.integers(1, 40)))
def test_nothing_that_was_not_asked_for_and_nothing_left_out_that_was(
    free: list[Copy], wish: Wish, had: set[int], waited: set[int]
) -> None:
    level_of: dict[int, int | None] = {}
    free = [one for one in free if level_of.setdefault(one.record_id, one.level) == one.level]
    found = propose(free, wish, Known(had, waited))
    chosen = list(found.copies)
    assert len(chosen) <= wish.most
    assert len({one.item_id for one in chosen}) == len(chosen)
    of_title = {one.record_id: [x for x in free if x.record_id == one.record_id] for one in free}
    for one in chosen:
        mine = [x for x in chosen if x.record_id == one.record_id]
        assert one.record_id not in had | waited
        assert not wish.levels or one.level in wish.levels
        assert len(mine) <= min(wish.each, len(of_title[one.record_id]) - wish.keep_one)
    could = sum(
        min(wish.each, len(copies) - wish.keep_one)
        for title, copies in of_title.items()
        if title not in had | waited
        and (not wish.levels or copies[0].level in wish.levels)
        and len(copies) > wish.keep_one
    )
    assert len(chosen) == min(wish.most, could)
    assert [one.order for one in chosen] == sorted(one.order for one in chosen)
    not_chosen = {one.record_id for one in free} - {one.record_id for one in chosen}
    assert sum(found.left_out.values()) == len(not_chosen)
