"""Books of the class's own: typed in a few lines, labelled, given back, given to the library with all their history."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from library.access import Scope
from library.core import clock
from library.core.fold import clean, fold_code
from library.finding.availability import spots
from library.holdings import ledger
from library.holdings.models import (
    Item,
    LineState,
    Movement,
    Ownership,
    PlaceKind,
    Receipt,
    Register,
    RegisterLine,
    Stay,
)
from library.inbox import acts
from library.inbox.acts import Doing
from library.inbox.models import Act
from library.labels import queue
from library.loans import desk, facts, holds
from library.loans.facts import Desk
from library.loans.happened import Scan, Spot
from library.loans.models import Hold
from library.organisations import codes
from library.organisations.models import Code, CodeKind
from library.shelves import (
    borrowing,
    light,
    light_lines,
    light_number,
    light_queries,
    overview,
    owner_papers,
    ownership,
    stock,
    undoing,
    year_end,
)
from library.shelves.ageing import forget_owners
from library.shelves.light import How, LightBook
from library.shelves.light_lines import Pupil
from library.shelves.models import CountOutcome, Handover, HandoverKind, HandoverLine, LightEnd, Shelf
from library.shelves.ownership import Owned
from tests.support.people import account, sign_in
from tests.support.policies import lends
from tests.support.shelves import put, school_class, shelf, teacher
from tests.support.world import World


def doing(on: Shelf) -> Doing:
    return Doing(clock.uuid7(), branch_id=on.branch_id)


def listed(world: World, on: Shelf, *books: LightBook) -> list[Item]:
    ids = light.add(world.session(), doing(on), on, books or [LightBook("Dế Mèn phiêu lưu ký", "Tô Hoài")])
    return [world.session.get_one(Item, one) for one in ids]


def desk_of(world: World) -> Desk:
    return Desk(world.school().id, world.school().network_id, world.branch().id)


def scanned(world: World, code: str, membership=None):
    return desk.scan(world.session(), desk_of(world), doing_at(world), Scan(code, membership))


def doing_at(world: World) -> Doing:
    return Doing(clock.uuid7(), branch_id=world.branch().id)


# Lines


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("Dế Mèn phiêu lưu ký, Tô Hoài, phụ huynh", ("Dế Mèn phiêu lưu ký", "Tô Hoài", Ownership.PARENTS, "")),
        ("Kính vạn hoa, Nguyễn Nhật Ánh, em Mai Lan", ("Kính vạn hoa", "Nguyễn Nhật Ánh", Ownership.PUPIL, "Mai Lan")),
        ("Cô bé, chú lùn, Vô danh, của lớp", ("Cô bé, chú lùn", "Vô danh", Ownership.CLASS, "")),
        ("Cây khế, lớp", ("Cây khế", "", Ownership.CLASS, "")),
        ("Thơ Xuân, Em yêu trường, Nhiều người", ("Thơ Xuân, Em yêu trường", "Nhiều người", Ownership.CLASS, "")),
        ("Cây khế", ("Cây khế", "", Ownership.CLASS, "")),
        ("Cây khế, Dân gian", ("Cây khế", "Dân gian", Ownership.CLASS, "")),
        ("Cây khế\tDân gian\tHS\tBảo", ("Cây khế", "Dân gian", Ownership.PUPIL, "Bảo")),
        ("Cây khế; ; người gửi; bác Tư", ("Cây khế", "", Ownership.DONOR, "bác Tư")),
        ("Cây khế | Dân gian | Bảo", ("Cây khế", "Dân gian", Ownership.PUPIL, "Bảo")),
    ],
)
def test_a_line_is_a_book(row: str, told: tuple[str, ...]) -> None:
    (one,), unread = light_lines.read(row, Ownership.CLASS)
    assert (one.title, one.author, one.owner, one.whose) == told
    assert not unread


def test_a_heading_and_blank_lines_are_passed_over_and_a_line_without_title_is_told() -> None:
    lines, unread = light_lines.read("Nhan đề; Tác giả; Của ai\n\nCây khế\n; Tô Hoài; lớp", Ownership.PARENTS)
    assert [(one.number, one.title, one.owner) for one in lines] == [(3, "Cây khế", Ownership.PARENTS)]
    assert [(one.number, one.reason.code) for one in unread] == [(4, "no-title")]


@given(st.text(max_size=300))
def test_no_text_breaks_the_reading_and_nothing_is_lost(text: str) -> None:
    lines, unread = light_lines.read(text, Ownership.CLASS)
    told = [row for row in text.splitlines() if any(clean(part) for part in light_lines._parts(row))]
    assert len(lines) + len(unread) in (len(told), len(told) - 1)  # a heading


def test_a_pupil_is_found_by_tên_unless_two_have_it() -> None:
    pupils = [Pupil(1, "Hoàng Thị Mai Lan"), Pupil(2, "Lý Lan"), Pupil(3, "Đàm Quốc Bảo")]
    line = light_lines.Line(1, "Cây khế", "", Ownership.PUPIL, "bảo")
    assert light_lines.pupil_of(line, pupils) == pupils[2]
    for whose, code in (("Lan", "namesakes"), ("Khoa", "unknown-pupil"), ("", "no-pupil")):
        told = light_lines.pupil_of(light_lines.Line(1, "Cây khế", "", Ownership.PUPIL, whose), pupils)
        assert told.code == code
    assert light_lines.pupil_of(light_lines.Line(1, "", "", Ownership.PUPIL, "mai lan"), pupils) == pupils[0]


# What is written


def test_a_light_copy_has_a_code_a_place_and_no_number(world: World) -> None:
    one = shelf(world)
    known = world.record("Dế Mèn phiêu lưu ký")
    first, second = listed(world, one, LightBook("Dế Mèn phiêu lưu ký"), LightBook("Cây khế", "Dân gian"))
    assert (first.register_status, first.accession, first.record_id) == (Register.OUTSIDE, None, known.id)
    assert second.record.full_title == "Cây khế"
    rows = stock.listed(world.session(), one.place_id)
    assert sorted(row.code for row in rows) == ["LH-4A-001", "LH-4A-002"]
    assert all(row.light and row.here for row in rows)
    assert world.session.scalar(select(func.count()).select_from(RegisterLine)) == 0
    assert ledger.astray(world.session()) == []
    assert [it.id for it in listed(world, one, LightBook("Cây khế", "Dân gian"))] != [second.id]
    assert "LH-4A-003" in world.session.scalars(select(Code.printed)).all()


def test_a_code_on_an_old_sticker_is_passed_over(world: World) -> None:
    one = shelf(world)
    taken = fold_code("LH-4A-001")
    codes.register(world.session(), CodeKind.ITEM, world.school().id, [taken], ["LH-4A-001"], clock.now())
    listed(world, one)
    assert light_queries.of_shelf(world.session(), one)[0].code == "LH-4A-002"


def test_it_is_lent_by_its_label_and_waits_in_the_queue_of_labels(world: World) -> None:
    one = shelf(world)
    (item,) = listed(world, one)
    lends(world.session(), world.school().id)
    reader = world.patron(class_name="4A")
    world.session.commit()
    scope = Scope(libraries=frozenset({world.school().id}))
    (label,) = queue.copies(world.session(), queue.unlabelled(scope)).values()
    assert (label.payload, label.accession) == ("LH4A001", "LH-4A-001")
    (batch,) = queue.waiting(world.session(), scope)
    assert (batch.count, batch.first) == (1, "LH-4A-001")
    told = scanned(world, label.payload, reader.uid)
    assert told.what == "lent"
    with pytest.raises(light.StillOut):
        light.end(world.session(), doing(one), item, How.GIVEN_BACK)


def test_a_class_book_returned_at_the_desk_is_kept_for_no_stranger(world: World) -> None:
    one = shelf(world)
    record = world.record("Dế Mèn phiêu lưu ký")
    world.items(1, record=record)
    (item,) = listed(world, one, LightBook("Dế Mèn phiêu lưu ký"))
    assert item.record_id == record.id
    lends(world.session(), world.school().id)
    reader = world.patron(class_name="4A")
    assert scanned(world, "LH-4A-001", reader.uid).what == "lent"
    stranger = world.patron("Đàm Quốc Bảo", class_name="5A")
    holds.place(world.session(), doing_at(world), record.id, stranger.id, world.branch().id)
    world.session.commit()
    told = scanned(world, "LH-4A-001")
    assert told.what == "returned"
    assert told.shelving
    assert told.shelving.spot is not Spot.HOLD_SHELF
    assert world.session.scalars(select(Hold.item_id)).all() == [None]


@pytest.mark.parametrize("how", [How.GIVEN_BACK, How.PASSED_ON, How.LOST, How.MISTAKE])
def test_what_is_given_back_is_nowhere_and_can_be_undone(world: World, how: How) -> None:
    one = shelf(world)
    (item,) = listed(world, one)
    world.session.commit()
    act = light.end(world.session(), doing(one), item, how)
    world.session.commit()
    assert stock.listed(world.session(), one.place_id) == []
    assert item.register_status is Register.GONE
    assert item.place.kind is PlaceKind.UNKNOWN
    assert spots(world.session(), [item.record_id])[item.record_id] == []
    assert queue.copies(world.session(), queue.unlabelled(Scope(libraries=frozenset({world.school().id})))) == {}
    assert scanned(world, "LH-4A-001").what == "unknown"
    with pytest.raises(light.NotLight):
        light.end(world.session(), doing(one), item, How.LOST)
    undoing.undo(world.session(), doing(one), acts.by_uid(world.session(), act[1]))
    world.session.commit()
    assert [row.here for row in stock.listed(world.session(), one.place_id)] == [True]
    assert item.register_status is Register.OUTSIDE
    assert ledger.astray(world.session()) == []


def test_given_to_the_library_it_gets_a_number_and_keeps_its_history(world: World) -> None:
    world.item()  # TN is the series in use
    one = shelf(world)
    pupil = world.patron(class_name="4A")
    (item,) = listed(world, one, LightBook("Cây khế", "", Ownership.PUPIL, pupil.id))
    moved = world.session.scalar(select(func.count(Movement.id)).where(Movement.item_id == item.id))
    act = doing(one)
    label = light.register(world.session(), act, one, item)
    world.session.commit()
    assert label == item.accession == "TN.00002"
    assert (item.register_status, item.ownership, item.owner_patron_id) == (Register.LISTED, Ownership.LIBRARY, None)
    assert world.session.get_one(Receipt, item.receipt_id).source == light.GIFT
    assert world.session.scalar(select(func.count(Movement.id)).where(Movement.item_id == item.id)) == moved
    sorts = ownership.by_owner(world.session(), one)
    assert [row.code for row in sorts[Owned.DONATED]] == ["TN.00002"]
    undoing.undo(world.session(), doing(one), acts.by_uid(world.session(), act.uid))
    world.session.commit()
    world.session.expire_all()
    assert (item.register_status, item.accession, item.owner_patron_id) == (Register.OUTSIDE, None, pupil.id)
    line = world.session.get_one(RegisterLine, (world.school().id, "TN", 2))
    assert (line.state, line.item_id) == (LineState.STRUCK_OUT, None)
    assert [row.code for row in stock.listed(world.session(), one.place_id)] == ["LH-4A-001"]
    assert world.session.scalars(select(Stay).where(Stay.voided.is_(False))).all() == []
    assert light.register(world.session(), doing(one), one, item) == "TN.00003"


def registered(world: World, on: Shelf, *books: LightBook) -> tuple[Item, Act]:
    """A copy of the list that the library took, and the act."""
    (item,) = listed(world, on, *books)
    world.session.commit()
    act = doing(on)
    light.register(world.session(), act, on, item)
    world.session.commit()
    return item, acts.by_uid(world.session(), act.uid)


def written_off(world: World, item: Item, on: Shelf) -> None:
    item.register_status = Register.WRITTEN_OFF


def lent(world: World, item: Item, on: Shelf) -> None:
    lends(world.session(), world.school().id)
    reader = world.patron(class_name="4A")
    world.session.commit()
    assert scanned(world, item.accession, reader.uid).what == "lent"
    scanned(world, item.accession)


def signed(world: World, item: Item, on: Shelf) -> None:
    who = account(world, "ha").id
    act_id = acts.write(world.session(), doing(on), "hand-over", clock.now())
    one = Handover(
        uid=clock.uuid7(), library_id=on.library_id, shelf_id=on.id, kind=HandoverKind.FILL, given_by=who,
        given_name="Hà", given_at=clock.now(), give_act=act_id,
    )  # fmt: skip
    world.session.add(one)
    world.session.flush()
    world.session.add(HandoverLine(handover_id=one.id, item_id=item.id, outcome=CountOutcome.FOUND))


def moved_on(world: World, item: Item, on: Shelf) -> None:
    put(world, shelf(world, school_class(world, "4B")), [item])


@pytest.mark.parametrize("since", [written_off, lent, signed, moved_on])
def test_a_number_that_was_used_since_is_not_struck_out(
    world: World, since: Callable[[World, Item, Shelf], None]
) -> None:
    one = shelf(world)
    item, act = registered(world, one)
    since(world, item, one)
    world.session.commit()
    was, number = item.register_status, item.accession
    with pytest.raises(light_number.RestsOnNumber):
        undoing.undo(world.session(), doing(one), act)
    world.session.rollback()
    assert (item.register_status, item.accession) == (was, number)
    assert world.session.scalars(select(RegisterLine).where(RegisterLine.item_id == item.id)).one()


def test_a_teacher_does_not_undo_what_the_librarian_registered(app, world: World) -> None:
    of = school_class(world)
    one = shelf(world, of, keeper=teacher(world, of))
    account(world, "ha")
    item, act = registered(world, one)
    address, told = f"/shelves/{one.uid}/light/undo", {"act": str(act.uid)}
    page = sign_in(app, "thu")
    assert str(act.uid) not in page.get(f"/shelves/{one.uid}/light").text
    assert page.post(address, data=told).status_code == 403
    world.session.expire_all()
    assert item.register_status is Register.LISTED
    page = sign_in(app, "ha")
    assert str(act.uid) in page.get(f"/shelves/{one.uid}/light").text
    assert page.post(address, data=told).status_code == 303
    world.session.expire_all()
    assert item.register_status is Register.OUTSIDE


def test_the_name_of_the_giver_leaves_with_the_gift(world: World) -> None:
    one, pupil = shelf(world), world.patron(class_name="4A")
    item, _ = registered(world, one, LightBook("Cây khế", "", Ownership.DONOR, None, "bác Ba"))
    other, _ = registered(world, one, LightBook("Tấm Cám", "", Ownership.PUPIL, pupil.id, "rách bìa"))
    assert (item.note, other.note) == (None, "rách bìa")
    printed = owner_papers.values(world.session(), one, Owned.DONATED, "Hà")
    assert [row["whose"] for row in printed["rows"]] == ["", ""]
    later = clock.now() + timedelta(days=90)
    assert forget_owners(world.session(), later)
    assert not forget_owners(world.session(), later)
    world.session.commit()
    for ended in world.session.scalars(select(LightEnd)):
        assert (ended.before["note"], ended.before["owner_patron_id"]) == (None, None)
    assert other.note == "rách bìa"


def test_a_gift_that_has_its_home_on_the_shelf_is_on_its_lists(world: World) -> None:
    one = shelf(world)
    item, _ = registered(world, one)
    stay = world.session.scalars(select(Stay).where(Stay.item_id == item.id)).one()
    stay.ended_at, item.home_id = clock.now(), one.place_id
    world.session.commit()
    assert [row.item_id for row in stock.listed(world.session(), one.place_id)] == [item.id]
    assert year_end._held(world.session(), [one.place_id])[one.place_id][0] == 1
    assert overview._held(world.session(), [one.place_id])[one.place_id].copies == 1
    copy = facts.copy(world.session(), item.id, desk_of(world), clock.today())
    assert borrowing.of_shelf(world.session(), copy, one.place_id)


def test_five_sorts_of_owners_are_told_apart(world: World) -> None:
    one, pupil = shelf(world), world.patron(class_name="4A")
    bought, elsewhere = world.item(), world.item(world.school("Trường Tiểu học Đức Xuân"))
    gift = world.item()
    world.session.get_one(Receipt, gift.receipt_id).source = "Phụ huynh tặng"
    put(world, one, [bought, gift, elsewhere])
    listed(world, one, LightBook("Cây khế"), LightBook("Tấm Cám", "", Ownership.PARENTS),
           LightBook("Thạch Sanh", "", Ownership.PUPIL, pupil.id))  # fmt: skip
    sorts = ownership.by_owner(world.session(), one)
    assert {sort: len(found) for sort, found in sorts.items()} == {
        Owned.LIBRARY: 1, Owned.DONATED: 1, Owned.CLASS: 2, Owned.PUPIL: 1, Owned.BATCH: 1,
    }  # fmt: skip


def test_owners_of_what_they_took_back_are_forgotten(world: World) -> None:
    one, pupil = shelf(world), world.patron(class_name="4A")
    (item, other) = listed(
        world,
        one,
        LightBook("Cây khế", "", Ownership.PUPIL, pupil.id),
        LightBook("Tấm Cám", "", Ownership.DONOR, None, "bác Tư"),
    )
    light.end(world.session(), doing(one), item, How.GIVEN_BACK)
    world.session.commit()
    assert not forget_owners(world.session(), clock.now())
    later = clock.now() + timedelta(days=90)
    assert forget_owners(world.session(), later)
    assert not forget_owners(world.session(), later)
    world.session.expire_all()
    assert item.owner_patron_id is None
    assert world.session.scalars(select(LightEnd)).one().before["owner_patron_id"] is None
    assert other.note == "bác Tư"


# Pages


def test_a_teacher_types_a_list_and_all_of_it_is_understood_or_nothing_written(app, world: World) -> None:
    of = school_class(world)
    one = shelf(world, of, keeper=teacher(world, of))
    world.patron("Hoàng Thị Mai Lan", class_name="4A")
    world.session.commit()
    page, address = sign_in(app, "thu"), f"/shelves/{one.uid}/light"
    wrong = page.post(address, data={"lines": "Cây khế\nTấm Cám, em Khoa"})
    assert wrong.status_code == 422
    assert "Dòng 2: lớp không có em nào tên Khoa." in wrong.text
    assert "Tấm Cám, em Khoa" in wrong.text
    assert stock.listed(world.session(), one.place_id) == []
    told = {"uid": str(clock.uuid7()), "lines": "Cây khế\nTấm Cám, em Lan", "owner": "parents"}
    for _again in range(2):
        assert page.post(address, data=told).status_code == 303
    rows = light_queries.of_shelf(world.session(), one)
    assert [(row.title, row.ownership, row.owner) for row in rows] == [
        ("Cây khế", Ownership.PARENTS, ""), ("Tấm Cám", Ownership.PUPIL, "Hoàng Thị Mai Lan"),
    ]  # fmt: skip
    assert "Tấm Cám" in page.get(address).text
    assert page.post(f"{address}/{rows[0].uid}", data={"how": "registered"}).status_code == 403
    assert page.post(f"{address}/{rows[1].uid}", data={"how": "given-back"}).status_code == 303
    act = world.session.scalars(select(LightEnd)).one().act_id
    uid = acts.ref(world.session(), act)[1]
    assert "đã trả lại chủ" in page.get(address).text
    assert page.post(f"{address}/undo", data={"act": str(uid)}).status_code == 303
    assert len(light_queries.of_shelf(world.session(), one)) == 2
    assert page.post(f"{address}/undo", data={"act": str(uid)}).status_code == 404


def test_another_shelfs_book_is_not_ended_here(app, world: World) -> None:
    of, other = school_class(world), school_class(world, "4B")
    one, theirs = shelf(world, of, keeper=teacher(world, of)), shelf(world, other)
    (item,) = listed(world, theirs)
    world.session.commit()
    page = sign_in(app, "thu")
    assert page.post(f"/shelves/{one.uid}/light/{item.uid}", data={"how": "lost"}).status_code == 404
    assert page.post(f"/shelves/{theirs.uid}/light/{item.uid}", data={"how": "lost"}).status_code == 404
