"""Which titles are shown as one book described twice, and which never."""

from typing import Any

import pytest

from library.access import Scope
from library.catalogue import writing
from library.catalogue.models import NumberKind, Record, Role
from library.catalogue.writing import NewRecord
from library.core.db import db
from library.duplicates import likely, merging
from library.duplicates.likely import Why
from library.organisations import founding
from library.organisations.models import Organisation, OrganisationKind
from library.staging.values import with_check_digit
from tests.support.world import World

ISBN, OTHER = with_check_digit("978604212345"), with_check_digit("978604212346")


def title(
    world: World, name: str, author: str = "Tô Hoài", isbn: str = "", library: Organisation | None = None, **more: Any
) -> Record:
    network = (library or world.school()).network_id
    assert network
    credits_ = ((author, Role.AUTHOR),) if author else ()
    numbers = ((isbn, NumberKind.ISBN),) if isbn else ()
    return writing.create(world.session(), network, NewRecord(name, credits_, numbers=numbers, **more))


def found(world: World, library: Organisation | None = None) -> dict[Why, list[tuple[str, str]]]:
    """Under each heading the pairs, by their titles."""
    scope = Scope(networks=frozenset({(library or world.school()).network_id or 0}))
    session = db.session()
    told = {why: likely.pairs(session, scope, why).pairs for why in Why}
    return {
        why: [(pair.one.full_title, pair.other.full_title) for pair in pairs] for why, pairs in told.items() if pairs
    }


def test_the_same_title_and_author_whatever_place_the_tone_has(world: World) -> None:
    title(world, "Hoà bình", publisher="Kim Đồng", year=2019)
    title(world, "Hòa bình", publisher="NXB Kim Đồng")
    assert found(world) == {Why.SAME: [("Hoà bình", "Hòa bình")]}


def test_i_and_y_are_another_spelling(world: World) -> None:
    title(world, "Kĩ năng sống")
    title(world, "Kỹ năng sống")
    title(world, "Thúy Kiều")
    title(world, "Thui Kiều")
    assert found(world) == {Why.SPELLING: [("Kĩ năng sống", "Kỹ năng sống")]}


def test_other_authors_make_other_books(world: World) -> None:
    title(world, "Truyện cổ tích")
    title(world, "Truyện cổ tích", "Vũ Ngọc Phan")
    assert found(world) == {}


def test_two_editions_stand_under_their_own_heading(world: World) -> None:
    title(world, "Dế Mèn", year=2001)
    title(world, "Dế Mèn", year=2019)
    assert list(found(world)) == [Why.EDITION]


@pytest.mark.parametrize(
    ("one", "other"),
    [(("Kính vạn hoa", "Tập 1"), ("Kính vạn hoa", "Tập 2")), (("Vở bài tập 1", ""), ("Vở bài tập 2", "")),
     (("Kính vạn hoa tập 1", ""), ("Kính vạn hoa", "Tập 2"))],
)  # fmt: skip
def test_two_volumes_are_never_a_pair_not_even_with_one_isbn(
    world: World, one: tuple[str, str], other: tuple[str, str]
) -> None:
    for name, part in (one, other):
        title(world, name, isbn=ISBN, part_number=part)
    assert found(world) == {}


def test_one_isbn_on_two_titles_is_said_so_and_never_called_the_same(world: World) -> None:
    title(world, "Dế Mèn phiêu lưu ký", isbn=ISBN)
    title(world, "Đất rừng phương Nam", "Đoàn Giỏi", isbn=ISBN)
    assert found(world) == {Why.NUMBER: [("Dế Mèn phiêu lưu ký", "Đất rừng phương Nam")]}


def test_one_isbn_and_nearly_one_title(world: World) -> None:
    title(world, "Dế Mèn phiêu lưu kí", isbn=ISBN)
    title(world, "Dế Mèn phiêu lưu ký – Truyện", isbn=ISBN)
    assert list(found(world)) == [Why.NUMBER_ALIKE]


def test_another_network_is_none_of_ours(world: World) -> None:
    far = founding.found(world.session(), OrganisationKind.PROVINCE, "Thư viện tỉnh khác")
    title(world, "Dế Mèn", isbn=ISBN)
    title(world, "Dế Mèn", isbn=ISBN, library=far)
    assert found(world) == found(world, far) == {}


def test_a_pair_known_to_be_two_books_is_not_shown_again(world: World) -> None:
    one, other = title(world, "Dế Mèn"), title(world, "Dế mèn")
    third = title(world, "Dế Mèn")
    assert found(world)[Why.SAME] == [("Dế Mèn", "Dế mèn"), ("Dế Mèn", "Dế Mèn")]
    merging.keep_apart(world.session(), None, other, one)
    merging.keep_apart(world.session(), None, one, other)
    merging.keep_apart(world.session(), None, one, third)
    assert found(world)[Why.SAME] == [("Dế mèn", "Dế Mèn")]


def test_a_long_list_is_read_on_from_page_to_page(world: World) -> None:
    for at in range(45):
        title(world, f"Sách số {at}")
        title(world, f"Sách số {at}")
    scope = Scope(networks=frozenset({world.school().network_id or 0}))
    seen, after = [], ""
    for _ in range(3):
        page = likely.pairs(db.session(), scope, Why.SAME, after)
        seen += [pair.one.id for pair in page.pairs]
        after = page.after
    assert len(set(seen)) == len(seen) == 45
    assert after == ""
