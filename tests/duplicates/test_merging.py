"""Two titles become one, and two again exactly."""

from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from library.access import Scope
from library.accounts.models import RoleName
from library.audit import Trace
from library.catalogue import matching, search, writing
from library.catalogue.models import LocalRecord, NumberKind, Record
from library.cataloguing.models import ScanLine
from library.core import clock
from library.core.db import Base, db
from library.duplicates import likely, merging
from library.duplicates.likely import Why
from library.duplicates.merging import NotOne
from library.duplicates.models import TitleMerge
from library.finding import kept_lists
from library.holdings.models import Item
from library.inbox.models import Act
from library.loans import holds
from library.loans.models import Hold
from tests.duplicates.test_likely import ISBN, OTHER, title
from tests.support.people import account, sign_in
from tests.support.world import World

TABLES = ("record", "contributor", "record_number", "local_record", "item", "hold", "scan_line", "listed_title")

LISTS_GONE, LISTS_BOTH = UUID(int=1), UUID(int=2)
"""Accounts with a list: the one title is on it, or both."""


def rows(but: frozenset[str] = frozenset({"changed_at"})) -> dict[str, list[tuple[Any, ...]]]:
    """Every row that a merge may touch."""
    db.session.flush()
    tables = {table.name: table for table in Base.metadata.sorted_tables}
    return {
        name: sorted(_told(tables[name], row, but) for row in db.session.execute(tables[name].select()))
        for name in TABLES
    }


def _told(table: Any, row: Any, but: frozenset[str]) -> tuple[Any, ...]:
    return tuple((one.name, repr(value)) for one, value in zip(table.c, row, strict=True) if one.name not in but)


def wait(world: World, record: Record, reader: Any) -> int:
    return holds.place(world.session(), world.doing(), record.id, reader.id, world.branch().id)


@pytest.fixture
def two(world: World) -> tuple[Record, Record]:
    """One book described twice, each with all that can hang on a title."""
    session, school, next_door = world.session(), world.school(), world.school("Trường Tiểu học Sông Cầu")
    kept = title(world, "Dế Mèn phiêu lưu ký", isbn=ISBN, publisher="Kim Đồng")
    gone = title(world, "Dế mèn phiêu lưu ký", isbn=OTHER, year=2019, summary="Chú dế", subjects=("Côn trùng",))
    for record in (kept, gone):
        world.items(2, school, record=record)
    world.items(1, next_door, record=gone)
    session.add_all([
        LocalRecord(library_id=school.id, record_id=kept.id, call_number="ĐV13"),
        LocalRecord(library_id=school.id, record_id=gone.id, call_number="V13", reading_level=3),
        LocalRecord(library_id=next_door.id, record_id=gone.id, call_number="895.9"),
        ScanLine(uid=clock.uuid7(), library_id=school.id, account=clock.uuid7(), code=OTHER, record_id=gone.id, quantity=1,
                 told={}, made_at=clock.now()),
    ])  # fmt: skip
    lan, minh = world.patron(), world.patron("Nguyễn Văn Minh")
    wait(world, gone, lan)
    wait(world, kept, lan)
    wait(world, gone, minh)
    third = title(world, "Lá cờ thêu sáu chữ vàng")
    for account_of, listed in ((LISTS_GONE, (third, gone)), (LISTS_BOTH, (gone, third, kept))):
        kept_lists.put(session, account_of, [one.id for one in listed])
    session.flush()
    return kept, gone


def merge(world: World, kept: Record, gone: Record) -> TitleMerge:
    return merging.merge(world.session(), world.doing(), kept, gone)


def test_all_that_hangs_on_the_one_goes_over(world: World, two: tuple[Record, Record]) -> None:
    kept, gone = two
    merge(world, kept, gone)
    world.session().expire_all()
    for table in (Item, ScanLine):
        assert set(db.session.scalars(select(table.record_id))) == {kept.id}
    assert (kept.year, kept.summary, kept.publisher) == (2019, "Chú dế", "Kim Đồng")
    assert {one.number for one in kept.numbers} == {ISBN, OTHER}
    said = {
        one.library_id: one for one in db.session.scalars(select(LocalRecord).where(LocalRecord.record_id == kept.id))
    }
    mine = said[world.school().id]
    assert (mine.call_number, mine.reading_level, len(said)) == ("ĐV13", 3, 2)


def test_who_waits_for_both_waits_once_since_the_earlier_day(world: World, two: tuple[Record, Record]) -> None:
    kept, gone = two
    merge(world, kept, gone)
    waiting = db.session.scalars(select(Hold).where(Hold.ended_at.is_(None)).order_by(Hold.id)).all()
    assert [(hold.record_id, hold.id) for hold in waiting] == [(kept.id, 1), (kept.id, 3)]


def test_a_kept_list_shows_the_title_once_in_the_place_it_had(world: World, two: tuple[Record, Record]) -> None:
    kept, gone = two
    session = world.session()
    before = {one: kept_lists.titles(session, one) for one in (LISTS_GONE, LISTS_BOTH)}
    made = merge(world, kept, gone)
    assert [one == kept.uid for one in kept_lists.titles(session, LISTS_GONE)] == [False, True]
    assert [one == kept.uid for one in kept_lists.titles(session, LISTS_BOTH)] == [False, True]
    assert gone.uid not in kept_lists.titles(session, LISTS_BOTH)
    merging.split(session, world.doing(), made)
    assert {one: kept_lists.titles(session, one) for one in before} == before


def test_what_was_taken_off_a_list_meanwhile_does_not_come_back(world: World, two: tuple[Record, Record]) -> None:
    kept, gone = two
    made = merge(world, kept, gone)
    kept_lists.remove(world.session(), LISTS_GONE, kept.uid)
    merging.split(world.session(), world.doing(), made)
    assert not {kept.uid, gone.uid} & set(kept_lists.titles(world.session(), LISTS_GONE))


def test_taken_apart_everything_is_as_it_was(world: World, two: tuple[Record, Record]) -> None:
    kept, gone = two
    before = rows()
    made = merge(world, kept, gone)
    assert rows() != before
    merging.split(world.session(), world.doing(), made)
    after = rows()
    for name in TABLES:
        assert after[name] == before[name], name
    acts = db.session.scalars(select(Act).where(Act.kind.in_(("merge-titles", "undo"))).order_by(Act.id)).all()
    assert [(act.kind, act.voided_by) for act in acts] == [("merge-titles", acts[1].id), ("undo", None)]


def test_what_came_since_stays_with_the_kept_title(world: World, two: tuple[Record, Record]) -> None:
    kept, gone = two
    made = merge(world, kept, gone)
    (new,) = world.items(1, record=kept)
    writing.change(world.session(), kept, writing.NewRecord(kept.title, summary="Đã sửa tay", year=2019))
    merging.split(world.session(), world.doing(), made)
    assert (new.record_id, kept.summary, kept.year) == (kept.id, "Đã sửa tay", None)


def test_a_reader_who_has_had_the_book_does_not_wait_again(world: World, two: tuple[Record, Record]) -> None:
    kept, gone = two
    made = merge(world, kept, gone)
    lan = db.session.get_one(Hold, 1)
    assert lan.membership_id
    holds.cancel(world.session(), world.doing(), lan)
    merging.split(world.session(), world.doing(), made)
    db.session.expire_all()
    assert {hold.id for hold in db.session.scalars(select(Hold).where(Hold.ended_at.is_(None)))} == {3}


def test_nothing_finds_or_matches_the_title_that_went(world: World, two: tuple[Record, Record]) -> None:
    kept, gone = two
    asked = writing.as_new(gone).asked
    scope = Scope(networks=frozenset({world.school().network_id or 0}))
    assert gone.id in search.ids(world.session(), "dế mèn", scope)
    made = merge(world, kept, gone)
    assert search.ids(world.session(), "dế mèn", scope) == [kept.id]
    match = matching.find_match(world.session(), kept.network_id, asked)
    assert match is kept
    assert not any(likely.pairs(world.session(), scope, why).pairs for why in Why)
    merging.split(world.session(), world.doing(), made)
    assert set(search.ids(world.session(), "dế mèn", scope)) == {kept.id, gone.id}


def test_chains_are_taken_apart_from_the_end(world: World, two: tuple[Record, Record]) -> None:
    kept, gone = two
    third = title(world, "Dế Mèn phiêu lưu ký", isbn=ISBN)
    first, second = merge(world, kept, gone), merge(world, third, kept)
    assert merging.kept_for(world.session(), gone.uid) == third.uid
    assert merging.kept_of(world.session(), {gone.id, third.id}) == {gone.id: third.id}
    with pytest.raises(NotOne, match="merged-on"):
        merging.split(world.session(), world.doing(), first)
    merging.split(world.session(), world.doing(), second)
    merging.split(world.session(), world.doing(), first)
    assert merging.kept_for(world.session(), gone.uid) is None
    assert db.session.scalars(select(Item).where(Item.record_id == gone.id)).all()


@pytest.mark.parametrize("which", ["itself", "twice", "into one that went"])
def test_what_cannot_be_merged_is_refused(world: World, two: tuple[Record, Record], which: str) -> None:
    kept, gone = two
    third = title(world, "Dế Mèn phiêu lưu ký")
    if which != "itself":
        merge(world, kept, gone)
    one, other = {"itself": (kept, kept), "twice": (kept, gone), "into one that went": (gone, third)}[which]
    with pytest.raises(NotOne):
        merge(world, one, other)


def test_no_table_that_points_at_a_title_is_forgotten() -> None:
    """A table that comes to name titles has to be moved too, or said here why not."""
    moved = {("item", "record_id"), ("local_record", "record_id"), ("hold", "record_id"), ("scan_line", "record_id")}
    stay = {
        ("contributor", "record_id"), ("record_number", "record_id"),  # of the title that went: it may come back
        ("title_merge", "kept_id"), ("title_merge", "gone_id"), ("title_apart", "one_id"), ("title_apart", "other_id"),
        ("title_loans", "record_id"),  # counted anew each night
        ("reading_entry", "record_id"),  # what a child read is told by the row it was read under
        ("rolled_title", "record_id"),  # `rolling_titles` asks which title stands for it
        ("document_use", "record_id"),  # what was used stays said
        ("digital_link", "record_id"),  # `digital.titles_of` takes the links of merged titles along
        ("site_wish", "record_id"),  # what was wished stays said; `merging.kept_of` tells which title stands for it
        ("listed_title", "record_id"),  # the kept title takes its place on each list, the title that went may come back
    }  # fmt: skip
    keys = {(table.name, key.parent.name) for table in Base.metadata.sorted_tables for key in table.foreign_keys
            if key.column.table.name == "record"}  # fmt: skip
    assert keys == moved | stay


# Pages


def test_looked_at_merged_and_taken_apart_by_cô_hà(app: Flask, world: World, two: tuple[Record, Record]) -> None:
    kept, gone = two
    account(world)
    slug, uids = world.school().slug, {"kept": str(kept.uid), "gone": str(gone.uid)}
    world.session.commit()
    client = sign_in(app)
    page = client.get("/titles/duplicates").get_data(as_text=True)
    assert "Không còn cặp nào" in page  # another year and another ISBN: nothing says that they are one
    assert "<mark>Dế" not in page
    pair = client.get(f"/titles/duplicates/pair?one={uids['kept']}&other={uids['gone']}").get_data(as_text=True)
    assert pair.count("<mark>") >= 2
    assert client.post("/titles/duplicates/merge", data=uids).status_code == 303
    page = client.get("/titles/duplicates").get_data(as_text=True)
    assert "gộp từ “Dế mèn phiêu lưu ký”, 3 bản" in page
    listed = client.get("/titles").get_data(as_text=True)
    assert (uids["kept"] in listed, uids["gone"] in listed) == (True, False)
    assert client.get(f"/titles/{gone.uid}").headers["Location"] == f"/titles/{kept.uid}"
    assert client.get(f"/titles/{gone.uid}/edit").headers["Location"] == f"/titles/{kept.uid}/edit"
    answer = client.get(f"/tv/{slug}/sach/{gone.uid}")
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/tv/{slug}/sach/{kept.uid}")
    assert app.test_client().get(f"/tv/{slug}/sach/{kept.uid}").status_code == 200
    assert client.post("/titles/duplicates/merge", data=uids).status_code == 404
    made = db.session.scalars(select(TitleMerge)).one()
    assert client.post("/titles/duplicates/split", data={"merge": str(made.uid)}).status_code == 303
    assert client.get(f"/tv/{slug}/sach/{gone.uid}").status_code == 200
    verbs = [one.verb for one in db.session.scalars(select(Trace).where(Trace.kind == "record").order_by(Trace.id))]
    assert verbs == ["merge-titles", "split-titles"]


def test_not_a_duplicate_is_remembered(app: Flask, world: World) -> None:
    one, other = title(world, "Dế Mèn"), title(world, "Dế mèn")
    account(world)
    world.session.commit()
    client = sign_in(app)
    assert "Không phải trùng" in client.get("/titles/duplicates").get_data(as_text=True)
    told = {"kept": str(one.uid), "gone": str(other.uid), "why": "same"}
    assert client.post("/titles/duplicates/apart", data=told).status_code == 303
    assert "Không phải trùng" not in client.get("/titles/duplicates").get_data(as_text=True)


def test_one_isbn_alone_has_no_button_that_merges(app: Flask, world: World) -> None:
    title(world, "Dế Mèn phiêu lưu ký", isbn=ISBN)
    title(world, "Đất rừng phương Nam", "Đoàn Giỏi", isbn=ISBN)
    account(world)
    world.session.commit()
    page = sign_in(app).get("/titles/duplicates?why=number").get_data(as_text=True)
    assert "Mở ra xem" in page
    assert "<span>Gộp</span>" not in page


def test_a_reader_and_another_province_may_not(app: Flask, world: World, two: tuple[Record, Record]) -> None:
    kept, gone = two
    account(world, "lan", RoleName.READER)
    uids = {"kept": str(kept.uid), "gone": str(gone.uid)}
    world.session.commit()
    assert sign_in(app, "lan").post("/titles/duplicates/merge", data=uids).status_code == 403
    assert kept.numbers[0].kind is NumberKind.ISBN
