"""Which line says a value: compared with a plain reading of the rule, over many tables. Rows B1-B8 and C1-C6."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import fields
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from library.policies import explaining
from library.policies.consequences import doubts, lends, speaks, with_line
from library.policies.explaining import Why
from library.policies.limits import Over, over
from library.policies.rulebook import Rulebook, Sort
from library.policies.values import (
    NAMES,
    NO_LIMIT,
    Channel,
    Length,
    LengthKind,
    Line,
    Values,
    Where,
    may_borrow,
    resolve,
)

SCHOOL, COMMUNE, PROVINCE, STRANGER = 3, 2, 1, 9
OWNERS = (SCHOOL, COMMUNE, PROVINCE)
HS, GV = 10, 11
BOOK, DISC, ATLAS = 20, 21, 22
SORTS = {
    BOOK: Sort(BOOK, "STN", "Truyện", "sách"), DISC: Sort(DISC, "audio", "Đĩa", None),
    ATLAS: Sort(ATLAS, "TC", "Bản đồ", "sách"),
}  # fmt: skip
TWO_WEEKS = Length(LengthKind.DAYS, 14)
SAYABLE = {
    "length": st.sampled_from([TWO_WEEKS, Length(LengthKind.DAYS, 0), Length(LengthKind.DATE, None, date(2027, 5, 31))]),
    "most": st.sampled_from([0, 1, 5, NO_LIMIT]), "most_of_class": st.sampled_from([0, 2, NO_LIMIT]),
    "renewals": st.sampled_from([0, 1, NO_LIMIT]), "due_within_card": st.booleans(), "grace_days": st.integers(0, 9),
}  # fmt: skip

KEYS = st.tuples(
    st.sampled_from([*OWNERS, STRANGER]), st.sampled_from([None, HS, GV]), st.sampled_from([None, *SORTS]),
    st.sampled_from([None, *Channel]),
)  # fmt: skip
SAID = st.fixed_dictionaries({}, optional=SAYABLE).filter(bool)


@st.composite
def tables(draw: Any) -> list[Line]:
    """At most one line for the same keys, in any order."""
    keys = draw(st.lists(KEYS, unique=True, max_size=14))
    return [
        Line(at, owner, draw(SAID), category, sort, channel)
        for at, (owner, category, sort, channel) in enumerate(keys, 1)
    ]


WHERE = st.builds(
    Where, st.just(OWNERS), st.sampled_from([None, HS, GV]), st.sampled_from([None, *SORTS]), st.sampled_from(Channel)
)


def oracle(lines: Sequence[Line], where: Where, name: str) -> Line | None:
    """Walk from the nearest owner and the most particular keys outwards; the first line that says it."""
    for owner in where.owners:
        for category in dict.fromkeys((where.category_id, None)):
            for sort in dict.fromkeys((where.item_class_id, None)):
                for channel in (where.channel, None):
                    for line in lines:
                        keys = (line.owner_id, line.category_id, line.item_class_id, line.channel)
                        if keys == (owner, category, sort, channel) and name in line.said:
                            return line
    return None


def shelf(*lines: Line, owners: tuple[int, ...] = OWNERS) -> Rulebook:
    return Rulebook(owners, lines, SORTS, _by_code={sort.code.casefold(): sort.id for sort in SORTS.values()})


@given(tables(), WHERE)
def test_each_value_is_of_the_most_specific_line_that_says_it(lines: list[Line], where: Where) -> None:
    found = resolve(lines, where)
    for name in NAMES:
        line = oracle(lines, where, name)
        assert found.lines.get(name) == (line.id if line else None)
        assert getattr(found.values, name) == (line.said[name] if line else getattr(Values(), name))


@given(tables(), WHERE, st.randoms())
def test_the_order_in_which_lines_were_written_means_nothing(lines: list[Line], where: Where, random: Any) -> None:
    mixed = list(lines)
    random.shuffle(mixed)
    assert resolve(mixed, where) == resolve(lines, where)


@given(tables(), WHERE)
def test_a_line_that_does_not_apply_changes_nothing(lines: list[Line], where: Where) -> None:
    strange = Line(99, STRANGER, dict.fromkeys(("most", "grace_days"), 1))
    assert resolve([*lines, strange], where) == resolve(lines, where)


@given(tables(), WHERE)
def test_memory_tells_the_same(lines: list[Line], where: Where) -> None:
    book = shelf(*lines)
    for _ in range(2):
        asked = book.resolve(where.category_id, where.item_class_id, where.channel)
        assert asked == resolve(lines, where)


@given(tables(), WHERE)
def test_explaining_tells_every_line_that_says_a_value_once(lines: list[Line], where: Where) -> None:
    found = resolve(lines, where)
    for story in explaining.explain(lines, where):
        saying = {line.id for line in lines if story.name in line.said}
        told = [*([story.line.id] if story.line else []), *(one.line.id for one in story.passed)]
        assert sorted(told) == sorted(saying)
        assert story.value == getattr(found.values, story.name)
        assert (story.line.id if story.line else None) == found.lines.get(story.name)


@given(tables())
def test_a_line_that_never_speaks_can_go(lines: list[Line]) -> None:
    book = shelf(*lines)
    categories = [HS, GV]
    for line in lines:
        rest = shelf(*(one for one in lines if one is not line))
        changed = any(
            book.resolve(category, sort, channel).lines != rest.resolve(category, sort, channel).lines
            for category in categories for sort in (None, *SORTS) for channel in Channel
        )  # fmt: skip
        assert speaks(book, line, categories) == changed


# B: lookup


def line(id_: int, owner: int = SCHOOL, category: int | None = None, sort: int | None = None, **said: Any) -> Line:
    return Line(id_, owner, said, category, sort)


def test_b1_library_then_category_then_class() -> None:
    lines = [
        line(1, SCHOOL, HS, BOOK, most=1), line(2, SCHOOL, HS, most=2), line(3, SCHOOL, None, BOOK, most=3),
        line(4, SCHOOL, most=4), line(5, PROVINCE, HS, BOOK, most=5),
    ]  # fmt: skip
    for expected in (1, 2, 3, 4, 5):
        assert resolve(lines, Where(OWNERS, HS, BOOK)).lines == {"most": expected}
        lines.pop(0)


def test_b1_told_in_words() -> None:
    lines = [
        line(1, SCHOOL, HS, most=1), line(2, SCHOOL, None, BOOK, most=2), line(3, PROVINCE, HS, most=3),
        line(4, SCHOOL, GV, most=4), line(5, SCHOOL, HS, DISC, most=5), Line(6, SCHOOL, {"most": 6}, HS, None, Channel.VAN),
        line(7, SCHOOL, most=7), line(8, STRANGER, most=8),
    ]  # fmt: skip
    story = next(one for one in explaining.explain(lines, Where(OWNERS, HS, BOOK)) if one.name == "most")
    assert story.line is lines[0]
    assert {one.line.id: one.why for one in story.passed} == {
        2: Why.LESS_READERS, 3: Why.FARTHER, 4: Why.OTHER_READERS, 5: Why.OTHER_BOOKS, 6: Why.OTHER_CHANNEL,
        7: Why.LESS_READERS, 8: Why.OTHER_OWNER,
    }  # fmt: skip
    assert [one.line.id for one in story.passed][:3] == [2, 7, 3], "those that apply first, the nearest before"


@pytest.mark.parametrize(
    ("said", "lent"),
    [
        ({}, False),
        ({"length": TWO_WEEKS}, False),
        ({"most": 3}, False),
        ({"length": TWO_WEEKS, "most": 3}, True),
        ({"length": TWO_WEEKS, "most": NO_LIMIT}, True),
        ({"length": Length(LengthKind.DAYS, 0), "most": 0}, True),
    ],
)
def test_b3_b4_silence_is_no_and_no_limit_is_said(said: dict[str, Any], lent: bool) -> None:
    assert may_borrow(resolve([Line(1, SCHOOL, said)] if said else [], Where(OWNERS, HS)).values) is lent


def test_three_things_are_three() -> None:
    """Unsaid, nought and no limit, all the way through the limits."""
    told = [over(shelf(line(1, **said)), HS, None, Channel.DESK, {None: 7}) for said in ({}, {"most": 0}, {"most": -1})]
    assert told == [[], [Over("most", 7, 0)], []]


def test_every_value_has_a_default_that_lends_nothing() -> None:
    assert not may_borrow(Values())
    assert not lends(Values())
    assert {one.name for one in fields(Values)} == set(NAMES)


# C: limits


def test_c1_the_limit_is_told_with_what_is_held() -> None:
    book = shelf(line(1, most=2))
    assert over(book, HS, BOOK, Channel.DESK, {BOOK: 1}) == []
    assert over(book, HS, BOOK, Channel.DESK, {BOOK: 2}) == [Over("most", 2, 2)]
    assert over(book, HS, BOOK, Channel.DESK, {BOOK: 3}) == [Over("most", 3, 2)]


def test_c2_a_full_class_leaves_room_for_another() -> None:
    book = shelf(line(1, most=5), line(2, sort=DISC, most_of_class=2))
    assert over(book, HS, DISC, Channel.DESK, {DISC: 2}) == [Over("most_of_class", 2, 2)]
    assert over(book, HS, BOOK, Channel.DESK, {DISC: 2}) == []


def test_c3_what_has_a_rule_of_its_own_is_not_counted_in_the_default() -> None:
    book = shelf(line(1, most=9, most_of_class=3), line(2, sort=DISC, most_of_class=1))
    held = {BOOK: 2, DISC: 1}
    assert over(book, HS, BOOK, Channel.DESK, held) == []
    assert over(book, HS, BOOK, Channel.DESK, {BOOK: 1, None: 1, ATLAS: 1, DISC: 1}) == [Over("most_of_class", 3, 3)]
    assert over(book, HS, DISC, Channel.DESK, held) == [Over("most_of_class", 1, 1)]


def test_c4_room_in_the_class_does_not_help_when_all_is_full() -> None:
    book = shelf(line(1, most=3), line(2, sort=DISC, most_of_class=5))
    assert over(book, HS, DISC, Channel.DESK, {BOOK: 2, DISC: 1}) == [Over("most", 3, 3)]


def test_classes_of_one_group_share_a_limit() -> None:
    book = shelf(line(1, most=9, most_of_group=2))
    assert over(book, HS, ATLAS, Channel.DESK, {BOOK: 2, DISC: 4}) == [Over("most_of_group", 2, 2)]
    assert over(book, HS, DISC, Channel.DESK, {BOOK: 2, DISC: 4}) == [], "a disc is in no group"
    assert over(book, HS, None, Channel.DESK, {None: 8}) == []


HELD = st.dictionaries(st.sampled_from([None, *SORTS]), st.integers(0, 4))


@given(tables(), HELD, st.sampled_from([None, *SORTS]), st.sampled_from([None, *SORTS]))
def test_one_more_book_never_frees_anything(
    lines: list[Line], held: dict[int | None, int], sort: Any, more: Any
) -> None:
    book, fuller = shelf(*lines), Counter(held) + Counter([more])
    before = {one.kind for one in over(book, HS, sort, Channel.DESK, held)}
    assert before <= {one.kind for one in over(book, HS, sort, Channel.DESK, fuller)}


@given(tables(), HELD)
def test_the_whole_is_never_less_than_a_part(lines: list[Line], held: dict[int | None, int]) -> None:
    for one in over(shelf(*lines), HS, BOOK, Channel.DESK, held):
        assert one.held <= sum(held.values())
        assert one.held >= one.most >= 0


# Before it is written


def test_a_line_is_doubted_for_what_it_does() -> None:
    names = {HS: "Học sinh", GV: "Giáo viên"}
    book = shelf(line(1, length=TWO_WEEKS, most=3))
    assert [one.code for one in doubts(book, line(0, SCHOOL, HS, most=0), names)] == ["shut"]
    assert [one.code for one in doubts(shelf(), line(0, most=3), names)] == ["not-enough"]
    assert doubts(book, line(0, SCHOOL, HS, grace_days=2), names) == []
    assert [one.code for one in doubts(book, line(0, PROVINCE, most=3), names)] == ["never-used"]
    narrow = [line(1, SCHOOL, HS, length=TWO_WEEKS, most=3), line(2, SCHOOL, GV, length=TWO_WEEKS, most=3)]
    assert [one.code for one in doubts(shelf(*narrow), line(0, most=3), names)] == ["never-used"]


def test_a_class_that_readers_lines_overrule_is_told_with_their_names() -> None:
    """Category before class (B1): whoever writes a line for textbooks should hear that pupils go by their own."""
    names = {HS: "Học sinh", GV: "Giáo viên"}
    book = shelf(line(1, SCHOOL, HS, length=TWO_WEEKS, most=3), line(2, most=5, length=TWO_WEEKS))
    (told,) = doubts(book, line(0, sort=ATLAS, length=Length(LengthKind.TERM_END), most_of_class=9), names)
    assert (told.code, told.facts["who"]) == ("overruled", "Học sinh")
    assert doubts(book, line(0, sort=ATLAS, most_of_class=9), names) == []
    assert doubts(book, line(0, SCHOOL, HS, ATLAS, length=TWO_WEEKS), names) == []


def test_a_changed_line_stands_in_for_itself() -> None:
    book = shelf(line(1, most=3), line(2, SCHOOL, HS, most=1))
    changed = with_line(book, line(2, SCHOOL, HS, most=7))
    assert changed.resolve(HS, None).values.most == 7
    assert book.resolve(HS, None).values.most == 1, "the old one is as it was"
