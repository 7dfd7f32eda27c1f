"""What a proposal takes and leaves, with made-up titles; and the same against the database in test_choosing_facts."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from library.core.fold import fold
from library.rotation import choosing, choosing_usual
from library.rotation.choosing import Copy, Facts, No, Title, Wanted, Why, Wished, choose, propose

LONG_AGO = datetime(2026, 1, 5, tzinfo=UTC)


def title(record: int, copies: int = 1, **more: object) -> Title:
    seen = LONG_AGO + timedelta(days=record)
    stand = [Copy(record * 10 + n, seen, ("Kho", f"{record:05}")) for n in range(copies)]
    return Title(record, stand, words=fold(str(more.pop("named", f"sach {record}"))), **more)  # type: ignore[arg-type]


def records(facts: Facts, wanted: Wanted) -> list[int]:
    return [one.record_id for one in choose(facts, wanted)]


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"owned": 2}, No.TOO_FEW), ({"rare": True}, No.RARE), ({"level": 6}, No.LEVEL), ({"language": "eng"}, No.LANGUAGE),
        ({"kind": "SGK"}, No.KIND), ({"audience": "giao_vien"}, No.AUDIENCE), ({"named": "Toán vui"}, No.SUBJECT),
    ],
)  # fmt: skip
def test_what_does_not_fit_stays_and_is_counted(more: dict[str, object], why: No) -> None:
    usual = {"level": 3, "language": "vie", "kind": "STN", "audience": None, "named": "Truyện cổ tích"}
    wanted = Wanted(
        levels=frozenset({3}), languages=frozenset({"vie"}), kinds=frozenset({"STN"}),
        audiences=frozenset({"tieu_hoc"}), subjects=("co tich",),
    )  # fmt: skip
    found = propose(Facts([title(1, **usual), title(2, **{**usual, **more})]), wanted)
    assert [one.record_id for one in found.choices] == [1]
    assert found.left_out == {why: 1}


@pytest.mark.parametrize(("known", "why"), [("owned_there", No.OWNED), ("had", No.HAD), ("waited_for", No.WAITED_FOR)])
def test_a_site_gets_nothing_it_has_or_had(known: str, why: No) -> None:
    found = propose(Facts([title(1), title(2)], **{known: {2}}), Wanted())  # type: ignore[arg-type]
    assert [one.record_id for one in found.choices] == [1]
    assert found.left_out == {why: 1}


def test_wishes_go_first_and_say_so() -> None:
    titles = [title(n, 2, named=f"Sách {n}") for n in range(1, 8)] + [title(9, 3, named="Conan thám tử lừng danh")]
    facts = Facts(titles, wishes=[Wished(2, words=fold("Conan")), Wished(1, record_id=4)])
    found = propose(facts, Wanted(most=3))
    assert sorted((one.record_id, one.why) for one in found.choices) == [(4, Why.WISH), (9, Why.WISH), (9, Why.WISH)]
    assert list(found.granted) == [1, 2], "a title by name before words"


def test_a_wish_bends_what_was_asked_for_but_no_rule() -> None:
    """The librarian asked for level 3; a pupil asked for this one of level 6. Yet a last copy stays, whoever wishes."""
    wishes = [Wished(1, record_id=1), Wished(1, record_id=2), Wished(1, record_id=3)]
    facts = Facts([title(1, level=6), title(2, level=6, owned=2), title(3, level=6)], had={3}, wishes=wishes)
    found = propose(facts, Wanted(levels=frozenset({3})))
    assert [one.record_id for one in found.choices] == [1]
    assert found.left_out == {No.TOO_FEW: 1, No.HAD: 1}


def test_words_are_found_as_whole_words() -> None:
    facts = Facts([title(1, named="Conan"), title(2, named="Conandoyle")], wishes=[Wished(5, words="conan")])
    assert [one.why for one in choose(facts, Wanted(most=1))] == [Why.WISH]
    assert records(facts, Wanted(most=1)) == [1]


def test_grades_share_the_levels_among_them() -> None:
    """Grades 1 and 2 read levels 1, 2 and 3, 4: of eight copies two each, whatever there is more of."""
    titles = [title(level * 100 + n, level=level) for level in (1, 2, 3, 4, 6) for n in range(9)]
    found = choose(Facts(titles), Wanted(most=8, grades=(1, 2)))
    levels = [one.record_id // 100 for one in found]
    assert {level: levels.count(level) for level in levels} == {1: 2, 2: 2, 3: 2, 4: 2}
    assert {one.why for one in found} == {Why.LEVEL}


def test_what_a_level_cannot_give_comes_from_the_others() -> None:
    titles = [title(100, level=1), *(title(200 + n, level=2) for n in range(9))]
    found = choose(Facts(titles), Wanted(most=6, levels=frozenset({1, 2})))
    assert [one.record_id // 100 for one in found].count(2) == 5
    assert [one.why for one in found].count(Why.FILL) == 2


def test_the_sites_own_language_gets_its_share() -> None:
    titles = [title(n) for n in range(1, 20)] + [title(50 + n, language="hmn") for n in range(6)]
    found = choose(Facts(titles), Wanted(most=10, own_languages=("hmn",)))
    own = [one for one in found if one.record_id >= 50 and one.why is Why.LANGUAGE]
    assert len(own) == 2, "a fifth of ten"
    assert len(found) == 10


def test_volumes_of_one_work_go_together_or_not_at_all() -> None:
    work = [title(n, work="dat rung") for n in (1, 2, 3)]
    alone = [title(10)]
    assert set(records(Facts([*work, *alone]), Wanted(most=3))) in ({1, 2, 3}, {10})
    assert records(Facts([*work, *alone]), Wanted(most=4)) == [1, 2, 3, 10]
    assert set(records(Facts([*work, *alone]), Wanted(most=2))) == {10}


def test_a_very_long_work_is_no_set() -> None:
    work = [title(n, work="conan") for n in range(1, 31)]
    assert len(choose(Facts(work), Wanted(most=5))) == 5


def test_every_title_gives_its_first_copy_before_one_gives_its_second() -> None:
    found = records(Facts([title(1, 3), title(2, 3), title(3, 3)]), Wanted(most=4, each=2))
    assert sorted(set(found)) == [1, 2, 3]
    assert len(found) == 4


def test_what_is_read_much_and_what_stood_long_come_in_turn() -> None:
    """1 stood longest, 9 is read most: a batch of two has both, and not the two that are neither."""
    titles = [title(1), title(5), title(6), title(9, loans=40)]
    assert set(records(Facts(titles), Wanted(most=2))) == {1, 9}


def test_the_list_comes_in_the_order_of_the_shelves() -> None:
    found = choose(Facts([title(3), title(1), title(2)]), Wanted())
    assert [one.record_id for one in found] == [1, 2, 3]


def test_what_is_wanted_is_kept_as_plain_values() -> None:
    wanted = Wanted(most=120, levels=frozenset({2, 1}), grades=(1, 2), own_languages=("hmn",), subjects=("co tich",))
    assert choosing.wanted_of(wanted.plain()) == wanted
    assert choosing.wanted_of({}) == Wanted()
    assert choosing.wanted_of({"most": 5, "unknown": "x"}).most == 5


def test_how_many_a_site_gets() -> None:
    assert choosing_usual.room_for(quota=250, there=100, readers=None) == 150
    assert choosing_usual.room_for(quota=None, there=0, readers=None) == 200
    assert choosing_usual.room_for(quota=None, there=0, readers=120) == 120, "a copy for every pupil"
    assert choosing_usual.room_for(quota=None, there=0, readers=12) == 50
    assert choosing_usual.room_for(quota=None, there=0, readers=5000) == 300
    assert choosing_usual.room_for(quota=100, there=150, readers=200) == 0


TITLES = st.lists(
    st.builds(
        title, st.integers(1, 60), st.integers(1, 3), level=st.sampled_from([None, 1, 2, 3, 6]), owned=st.integers(1, 5),
        language=st.sampled_from(["vie", "hmn"]), work=st.sampled_from(["", "a", "b"]), loans=st.integers(0, 9),
    ),
    max_size=25, unique_by=lambda one: one.record_id,
)  # fmt: skip
WISHES = st.lists(st.builds(Wished, st.integers(1, 5), level=st.sampled_from([1, 2])), max_size=3)


@given(TITLES, WISHES, st.integers(0, 40), st.integers(1, 3), st.sets(st.integers(1, 60)))
def test_a_proposal_never_breaks_a_rule(
    titles: list[Title], wishes: list[Wished], most: int, each: int, had: set[int]
) -> None:
    wanted = Wanted(most=most, each=each, grades=(1, 2), own_languages=("hmn",))
    found = choose(Facts(titles, had=had, wishes=wishes), wanted)
    assert len(found) <= most
    assert len({one.item_id for one in found}) == len(found), "no copy twice"
    by_title = [one.record_id for one in found]
    assert all(by_title.count(record) <= each for record in by_title)
    assert not set(by_title) & had
    owned = {one.record_id: one.owned for one in titles}
    assert all(owned[record] >= 3 for record in by_title)
    assert found == choose(Facts(list(reversed(titles)), had=had, wishes=wishes), wanted), (
        "the order told does not matter"
    )


@given(st.integers(0, 500), st.dictionaries(st.integers(1, 6), st.integers(1, 9), max_size=6))
def test_parts_lose_nothing(total: int, shares: dict[int, int]) -> None:
    found = choosing.parts(total, shares)
    assert sum(found.values()) == (total if shares else 0)
    whole = sum(shares.values())
    assert all(abs(found[key] - total * shares[key] / whole) < 1 for key in shares)


def test_what_stands_elsewhere_without_room_goes_first_if_it_fits() -> None:
    def guest(record: int, **more: object) -> Title:
        one = title(record, 2, **more)
        return replace(one, copies=[replace(one.copies[0], surplus_at=frozenset({7})), *one.copies[1:]])

    facts = Facts([title(1, 2), guest(5), guest(6, level=6)], wishes=[Wished(1, record_id=1)])
    found = propose(facts, Wanted(most=2, levels=frozenset({0}), each=2))
    assert [(one.item_id, one.why) for one in found.choices] == [(10, Why.WISH)], "nothing that was not asked for"
    found = propose(facts, Wanted(most=2, each=2))
    assert [(one.item_id, one.why) for one in found.choices] == [(50, Why.SURPLUS), (60, Why.SURPLUS)]
