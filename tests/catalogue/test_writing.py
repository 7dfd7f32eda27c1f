"""Titles are written with what is derived from them, and are found again when the same book comes once more."""

import pytest
from sqlalchemy import event, select

from library.catalogue.matching import Asked
from library.catalogue.models import Contributor, NumberKind, Record, RecordNumber, Role
from library.catalogue.writing import NewRecord, as_new, change, create, find_match, find_matches, insert_many
from library.core import clock
from library.core.db import db
from tests.support.world import at

DE_MEN = NewRecord(
    "Dế Mèn phiêu lưu ký", (("Tô Hoài", Role.AUTHOR), ("Ngô Mạnh Lân", Role.ILLUSTRATOR)), publisher="NXB Kim Đồng",
    year=2019, extent="144 tr.", subjects=("Truyện thiếu nhi", "Văn học Việt Nam"), price=45_000,
    numbers=(("9786042123457", NumberKind.ISBN), ("8935244801234", NumberKind.EAN)),
)  # fmt: skip


@pytest.fixture
def network(world):
    return world.school().network_id


def test_a_title_is_kept_as_told_and_ready_to_be_found(world, network):
    record = create(world.session(), network, DE_MEN)
    assert (record.full_title, record.author, record.year) == ("Dế Mèn phiêu lưu ký", "Tô Hoài", 2019)
    assert as_new(record) == DE_MEN
    words = record.search_text.split()
    assert {"de", "men", "to", "hoai", "lan", "kim", "dong", "thieu", "9786042123457", "8935244801234"} <= set(words)
    assert len(words) == len(set(words))


def test_the_volume_in_a_title_gets_its_field_and_may_also_be_told_beside_it(world, network):
    first, second = (
        create(world.session(), network, one)
        for one in (NewRecord("Kính vạn hoa – Tập 2"), NewRecord("Kính vạn hoa – Tập 2", part_number="Tập 2"))
    )
    for record in (first, second):
        assert (record.title, record.part_number, record.match_key) == ("Kính vạn hoa", "Tập 2", "kinh van hoa tap 2")


def test_changing_a_title_changes_what_is_derived_and_says_when(world, network):
    with clock.stopped_at(at(day=1)):
        record = create(world.session(), network, DE_MEN)
    with clock.stopped_at(at(day=2)):
        change(world.session(), record, NewRecord("Cây khế", (("Nhiều tác giả", Role.AUTHOR),)))
    world.session.expire_all()
    assert (record.title, record.author, record.publisher, record.match_key) == (
        "Cây khế",
        "Nhiều tác giả",
        None,
        "cay khe",
    )
    assert "hoai" not in record.search_text and record.numbers == []
    assert (record.made_at, record.changed_at) == (at(day=1), at(day=2))


def test_many_titles_are_written_in_three_statements_and_keep_their_order(world, network):
    tell = lambda n: {"subtitle": "Phụ đề", "year": 2000} if n % 2 else {}  # noqa: E731
    new = [
        NewRecord(f"Truyện số {n}", (("Tô Hoài", Role.AUTHOR),), numbers=((f"978{n:010}", NumberKind.ISBN),), **tell(n))
        for n in range(800)
    ]
    said = []
    engine = world.session().get_bind()
    event.listen(engine, "before_cursor_execute", lambda *told: said.append(told[2]))
    ids = insert_many(world.session(), network, new)
    assert len(said) == 3, [text[:60] for text in said]
    rows = world.session.execute(
        select(Record.id, Record.title, Contributor.name, RecordNumber.number)
        .join(Contributor, Contributor.record_id == Record.id)
        .join(RecordNumber, RecordNumber.record_id == Record.id)
    ).all()
    told = {row.id: (row.title, row.number) for row in rows}
    assert [told[one] for one in ids] == [(one.title, one.numbers[0][0]) for one in new]


@pytest.mark.parametrize(
    "asked",
    [
        Asked("Dế Mèn phiêu lưu ký", "Tô Hoài", publisher="Kim Đồng", year=2019),
        Asked("DẾ MÈN PHIÊU LƯU KÝ", "Tô Hoài"),
        Asked("De men phieu luu ky", "to hoai", publisher="Nhà xuất bản Kim Đồng"),
        Asked("Dế Mèn phiêu lưu ký", "Tô Hoài - Ngô Mạnh Lân", isbns=("9786042123457",)),
        Asked("Dế Mèn phiêu lưu ký", eans=("8935244801234",), year=2023),
        Asked("Dế Mèn phiêu lưu ký", publisher="Kim Đồng", year=2019),
    ],
)
def test_the_same_book_is_known_again(world, network, asked):
    record = create(world.session(), network, DE_MEN)
    assert find_match(world.session(), network, asked) is record


@pytest.mark.parametrize(
    "asked",
    [
        Asked("Cây khế", isbns=("9786042123457",)),
        Asked("Cây khế", eans=("8935244801234",)),
        Asked("Dế Mèn phiêu lưu ký", "Tô Hoài", part="Tập 2", isbns=("9786042123457",)),
        Asked("Dế Mèn phiêu lưu ký", "Nguyễn Nhật Ánh"),
        Asked("Dế Mèn phiêu lưu ký", "Tô Hoài", year=2012),
        Asked("Dế Mèn phiêu lưu ký", "Tô Hoài", publisher="NXB Văn học"),
        Asked("Dế Mèn phiêu lưu ký", "Tô Hoài", isbns=("9786045678906",)),
        Asked("Dế Mèn phiêu lưu ký"),
    ],
)
def test_another_book_or_edition_is_never_taken_for_it(world, network, asked):
    create(world.session(), network, DE_MEN)
    assert find_match(world.session(), network, asked) is None


def test_titles_of_another_network_are_not_matched(world, network):
    create(world.session(), network, DE_MEN)
    elsewhere = world.province("Thư viện tỉnh Hà Giang").network_id
    assert find_match(world.session(), elsewhere, Asked("Dế Mèn phiêu lưu ký", "Tô Hoài")) is None


def test_many_are_matched_in_three_statements(world, network):
    insert_many(world.session(), network, [NewRecord(f"Truyện {n}", (("Tô Hoài", Role.AUTHOR),)) for n in range(60)])
    asked = [Asked(f"Truyện {n}", "Tô Hoài") for n in range(30, 90)]
    said = []
    event.listen(db.engine, "before_cursor_execute", lambda *told: said.append(told[2]))
    assert set(find_matches(world.session(), network, asked)) == set(asked[:30])
    assert len(said) == 3
