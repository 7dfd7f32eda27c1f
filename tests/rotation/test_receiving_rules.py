"""Who is proved, asserted or short by what the receiver says: a table, and what holds whatever is said."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from library.rotation.models import Method
from library.rotation.receiving_rules import Got, Line, check, draw, sort

LINES = (Line(1, 10), Line(2, 10), Line(3, 20, sampled=True), Line(4, 20), Line(5))
LEG = UUID(int=7)


@pytest.mark.parametrize(
    ("got", "proved", "asserted", "short"),
    [
        (Got(Method.SCAN_ALL, seen={1, 2, 3}), (1, 2, 3), (), (4, 5)),
        (Got(Method.MANIFEST), (), (1, 2, 3, 4, 5), ()),
        (Got(Method.MANIFEST, seen={1}, missing={1, 2}), (1,), (3, 4, 5), (2,)),
        (Got(Method.CRATES, crates={10}), (), (1, 2), (3, 4, 5)),
        (Got(Method.CRATES, crates={10, 20}, seen={5}), (5,), (1, 2, 3, 4), ()),
        (Got(Method.CRATES, crates={10, 20}, broken={20}, seen={4, 5}), (4, 5), (1, 2), (3,)),
        (Got(Method.MANIFEST, broken={20}, seen={3}), (3,), (1, 2, 4, 5), ()),
        (Got(Method.COUNT, broken={20}, counted=5, seen={3}), (3,), (1, 2, 4, 5), ()),
        (Got(Method.COUNT, counted=4, seen={3}, missing={4}), (3,), (1, 2, 5), (4,)),
    ],
)
def test_the_table(got: Got, proved: tuple[int, ...], asserted: tuple[int, ...], short: tuple[int, ...]) -> None:
    done = sort(LINES, got)
    assert (done.proved, done.asserted, done.short, done.strange) == (proved, asserted, short, ())


@pytest.mark.parametrize(
    ("got", "codes"),
    [
        (Got(Method.SCAN_ALL), ["nothing-scanned"]),
        (Got(Method.CRATES), ["no-crate"]),
        (Got(Method.CRATES, broken={20}), ["no-seal"]),
        (Got(Method.MANIFEST), []),
        (Got(Method.COUNT, seen={3}), ["not-counted"]),
        (Got(Method.COUNT, counted=4, seen={3}), ["count-differs"]),
        (Got(Method.COUNT, counted=5, seen={3}), []),
        (Got(Method.COUNT, counted=4, seen={3}, missing={1}), []),
        (Got(Method.COUNT, counted=5), ["sample-open"]),
        (Got(Method.COUNT, counted=4, missing={3}), ["crate-spoiled"]),
        (Got(Method.COUNT, counted=4, missing={3}, seen={4}), []),
    ],
)
def test_what_must_be_done_first(got: Got, codes: list[str]) -> None:
    assert [one.code for one in check(LINES, got)] == codes


lines = st.lists(st.tuples(st.integers(1, 30), st.sampled_from([None, 1, 2, 3])), unique_by=lambda one: one[0])
some = st.frozensets(st.integers(1, 40))


@given(
    lines, st.sampled_from(list(Method)), some, st.frozensets(st.integers(1, 3)), some, st.frozensets(st.integers(1, 3))
)
def test_the_three_share_out_the_list(
    told: list[tuple[int, int | None]], method: Method, seen: frozenset[int], crates: frozenset[int],
    missing: frozenset[int], broken: frozenset[int],
) -> None:  # fmt: skip
    listed = [Line(*one) for one in told]
    done = sort(listed, Got(method, seen, crates, None, missing, broken=broken))
    assert sorted((*done.proved, *done.asserted, *done.short)) == sorted(line.item for line in listed)
    assert set(done.proved) == seen & {line.item for line in listed}, "a scan is always believed"
    assert not set(done.asserted) & missing
    assert set(done.strange) == seen - {line.item for line in listed}
    if method is Method.SCAN_ALL:
        assert done.asserted == ()


def test_the_sample_is_the_same_for_everybody_and_another_for_another_leg() -> None:
    items = range(1, 201)
    drawn = draw(LEG, items, 10)
    assert len(drawn) == 20 and drawn == draw(LEG, list(reversed(items)), 10)
    assert drawn != draw(UUID(int=8), items, 10)
    assert len(draw(LEG, range(3), 10)) == 1 and draw(LEG, [], 10) == frozenset()
