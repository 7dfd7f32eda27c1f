"""Reading challenges: reckoned from loans and the log by themselves, ticked by teachers, settled, certified; boards name
classes, never children."""

import io
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import pypdfium2
import pytest
from flask import Flask
from sqlalchemy import func, select, update

from library.accounts.models import RoleName
from library.calendars.models import SchoolYear
from library.core import clock
from library.core.db import db
from library.holdings.models import PlaceKind
from library.inbox import acts
from library.inbox.acts import Doing
from library.jobs import nightly
from library.loans import deeds
from library.loans.deeds import Lending
from library.organisations.models import Parentage
from library.patrons.models import Membership, SchoolClass
from library.privacy import consenting
from library.privacy.consenting import Said
from library.privacy.models import Purpose, Relation
from library.promotion import challenge_counting, challenge_nights, challenges
from library.promotion.challenge_counting import pages_of
from library.promotion.challenge_models import Challenge, ChallengeEntry, MarkOf, Reach, Unit
from library.promotion.challenges import NewChallenge, NewMark, Ticks
from library.promotion.club_frame import NotSo
from library.shelves import reading_log
from library.shelves.models import Shelf
from library.shelves.reading_log import Ticks as LogTicks
from library.uses.counting import Frozen
from library.uses.models import Happening
from tests.support import shelves
from tests.support.people import account, sign_in
from tests.support.world import World

DAY = timedelta(days=1)
MARKS = (
    NewMark(MarkOf.READER, 2, "Mầm đọc"), NewMark(MarkOf.READER, 4, "Bạn của sách"), NewMark(MarkOf.CLASS, 5, "Lớp 5 lượt"),
    NewMark(MarkOf.ALL, 100, "Cả trường"),
)  # fmt: skip


@pytest.fixture
def group(world: World) -> SchoolClass:
    world.school_year().from_on = clock.today() - 60 * DAY
    world.school_year().to_on = clock.today() + 200 * DAY
    return shelves.school_class(world, "5A", 5)


@pytest.fixture
def shelf(world: World, group: SchoolClass) -> Shelf:
    return shelves.shelf(world, group, keeper=shelves.teacher(world, group))


def begin(
    world: World, unit: Unit = Unit.BOOKS, reach: Reach = Reach.SCHOOL, marks: Sequence[NewMark] = MARKS, last: int = 10,
    classes: Sequence[int] = (),
) -> Challenge:  # fmt: skip
    today = clock.today()
    new = NewChallenge("Tháng đọc sách", reach, unit, today - 20 * DAY, today + last * DAY, marks, classes)
    return challenges.set_up(world.session(), world.doing(), world.branch().id, new)


def borrow(world: World, reader: Membership, ago: int = 3, extent: str = "163 tr.") -> None:
    """Taken `ago` days ago and brought back a day later."""
    item = world.item()
    item.record.extent = extent
    at, branch = clock.now() - ago * DAY, world.branch().id
    frozen = Frozen(branch, reader.school_class and reader.school_class.name, 5)
    what = Lending(item.id, item.uid, reader.id, clock.today(), frozen, reader.class_id)
    spot = world.place(PlaceKind.WITH_PATRONS).id, branch
    deeds.lend(world.session(), Doing.now(branch_id=branch), what, spot, at)
    home = world.place().id, branch
    deeds.take_in(world.session(), Doing.now(branch_id=branch), (item.id, item.uid), home, at + DAY)


def tick(world: World, one: Challenge, group: SchoolClass, many: int, *who: Membership, ago: int = 1) -> Doing:
    doing = world.doing()
    what = Ticks(group.id, clock.today() - ago * DAY, many, [reader.id for reader in who])
    challenges.tick(world.session(), doing, one, what)
    return doing


def read(world: World, one: Challenge, *who: Membership) -> list[int]:
    found = challenge_counting.amounts(world.session(), one, [reader.id for reader in who])
    return [found.get(reader.id, 0) for reader in who]


def done() -> dict[tuple[str | None, str | None], int]:
    """{(milestone, whose): how many} as the figures have it."""
    many = func.sum(Happening.quantity)
    query = select(Happening.sort, Happening.audience, many).where(Happening.measure == "challenge-done")
    return {
        (sort, whose): int(n)
        for sort, whose, n in db.session.execute(query.group_by(Happening.sort, Happening.audience))
        if n
    }


def text_of(content: bytes) -> list[str]:
    return [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(io.BytesIO(content))]


def test_loans_the_log_and_ticks_count_by_themselves_in_each_unit(
    world: World, group: SchoolClass, shelf: Shelf
) -> None:
    lan, bao = world.patron(class_name="5A"), world.patron("Đàm Quốc Bảo", class_name="5A")
    borrow(world, lan, 9, "163 tr. : minh họa")
    borrow(world, lan, 3, "1.204 trang")
    borrow(world, lan, 30)
    reading_log.log(world.session(), world.doing(), shelf, LogTicks([lan.id, bao.id], clock.today()))
    books, pages = begin(world), begin(world, Unit.PAGES)
    days, minutes = begin(world, Unit.DAYS), begin(world, Unit.MINUTES)
    assert read(world, books, lan, bao) == [3, 1], "the loan of a month ago lies outside"
    assert read(world, pages, lan, bao) == [1367, 0]
    assert read(world, days, lan, bao) == [3, 1]
    tick(world, books, group, 2, bao)
    tick(world, minutes, group, 15, lan, bao)
    tick(world, minutes, group, 20, lan)
    tick(world, days, group, 1, lan, ago=0)
    assert (read(world, books, lan, bao), read(world, minutes, lan, bao)) == ([3, 3], [35, 15])
    assert read(world, days, lan) == [3], "a day counts once, however it is told"
    (row,) = challenge_counting.board(world.session(), books).rows
    assert (row.name, row.size, row.readers, row.amount, dict(row.reached)) == ("5A", 2, 2, 6, {2: 2})
    assert row.each == 3


@pytest.mark.parametrize(
    ("extent", "pages"),
    [("163 tr.", 163), ("XII, 1.204 tr. : hình vẽ", 1204), ("24p.", 24), ("1 đĩa CD", 0), (None, 0)],
)
def test_pages_are_read_from_the_description(extent: str | None, pages: int) -> None:
    assert pages_of(extent) == pages


def test_milestones_become_figures_that_follow_and_remember_their_day(world: World, group: SchoolClass) -> None:
    lan, bao = world.patron(class_name="5A"), world.patron("Đàm Quốc Bảo", class_name="5A")
    one = begin(world)
    first = tick(world, one, group, 2, lan, bao)
    assert done() == {("2", "pupils"): 2}
    with clock.stopped_at(clock.now() + DAY):
        tick(world, one, group, 2, lan)
        assert done() == {("2", "pupils"): 1, ("4", "pupils"): 1, ("5", "classes"): 1}
        days = {on for (on,) in db.session.execute(select(Happening.happened_on).where(Happening.sort == "4"))}
        assert days == {clock.today()}
        act = acts.by_uid(world.session(), first.uid)
        assert act
        challenges.undo_tick(world.session(), world.doing(), one, act)
        assert done() == {("2", "pupils"): 1}, "Lan has the two of the second day"
        challenges.cancel(world.session(), world.doing(), one)
        assert done() == {}


def test_the_night_sees_milestones_of_loans_and_settles_what_is_over(world: World, group: SchoolClass) -> None:
    lan = world.patron(class_name="5A")
    one = begin(world)
    borrow(world, lan, 5)
    borrow(world, lan, 4)
    assert done() == {}
    assert challenge_nights.look(world.session(), clock.today()) == (1, True)
    assert done() == {("2", "pupils"): 1}
    count = select(func.count()).select_from(Happening)
    before = db.session.scalar(count)
    assert challenge_nights.look(world.session(), clock.today()) == (0, False)
    challenge_nights.look(world.session(), clock.today() + DAY)
    assert db.session.scalar(count) == before, "nothing new, nothing written"
    with clock.stopped_at(clock.now() + 19 * DAY):
        challenge_nights.look(world.session(), clock.today())
        assert one.settled_at is not None
        board = challenge_counting.board(world.session(), one)
        with pytest.raises(NotSo, match="settled"):
            tick(world, one, group, 1, lan, ago=12)
    lan.class_id = None
    world.session.flush()
    assert challenge_counting.board(world.session(), one) == board, "whoever leaves: what was settled stands"
    assert (board.together.readers, board.rows[0].amount) == (1, 2)


def test_what_is_settled_is_opened_again_for_a_while_and_ticks_are_forgotten_in_time(
    world: World, group: SchoolClass
) -> None:
    lan = world.patron(class_name="5A")
    one = begin(world, last=-1)
    tick(world, one, group, 2, lan, ago=2)
    challenges.settle(world.session(), world.doing(), one)
    challenges.unsettle(world.session(), world.doing(), one)
    tick(world, one, group, 2, lan, ago=2)
    challenges.settle(world.session(), world.doing(), one)
    assert done() == {("4", "pupils"): 1}
    world.session.commit()
    ticks = select(func.count()).select_from(ChallengeEntry)
    nightly.forget(clock.now() + timedelta(days=300))
    assert db.session.scalar(ticks) == 2
    nightly.forget(clock.now() + timedelta(days=370))
    assert (db.session.scalar(ticks), done()) == (0, {("4", "pupils"): 1})
    assert challenge_counting.board(world.session(), one).together.amount == 4
    with clock.stopped_at(clock.now() + 90 * DAY), pytest.raises(NotSo, match="too-late"):
        challenges.unsettle(world.session(), world.doing(), one)


def test_the_night_leaves_what_was_opened_again_for_a_week(world: World, group: SchoolClass) -> None:
    one = begin(world, last=-12)
    challenges.settle(world.session(), world.doing(), one)
    challenges.unsettle(world.session(), world.doing(), one)
    for later, settled in ((0, False), (1, False), (7, False), (8, True)):
        with clock.stopped_at(clock.now() + later * DAY):
            challenge_nights.look(world.session(), clock.today())
        assert (one.settled_at is not None) is settled, later


def test_schools_of_one_name_are_told_apart_and_one_that_fails_stops_no_other(
    world: World, group: SchoolClass, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = begin(world, last=-12)
    for name in ("Trường Kim Đồng", "Trường khác"):
        world.school(name).name = "Trường Kim Đồng"
    world.session().execute(update(Parentage).values(from_on=date(2020, 1, 1)))
    head, today = world.branch(world.province()), clock.today()
    new = NewChallenge("Các trường", Reach.BELOW, Unit.BOOKS, today - 19 * DAY, today - 12 * DAY, MARKS[3:])
    below = challenges.set_up(world.session(), Doing.now(branch_id=head.id), head.id, new)
    names = [row.name for row in challenge_counting.board(world.session(), below).rows]
    assert len(set(names)) == 3 and all(name.startswith("Trường") for name in names)
    world.session.commit()
    real = challenge_counting.board
    with monkeypatch.context() as broken:
        broken.setattr(challenge_counting, "board", lambda *who: replace(real(*who), rows=[*real(*who).rows] * 2))
        assert challenge_nights.look(world.session(), today) == (1, True)
    assert mine.settled_at is None
    assert challenge_nights.look(world.session(), today) == (1, True)
    assert below.settled_at is not None


def test_a_class_of_last_year_reads_for_the_row_of_its_name(world: World, group: SchoolClass) -> None:
    lan, year = world.patron(class_name="5A"), world.school_year()
    earlier = SchoolYear(
        organisation_id=year.organisation_id, label="trước", from_on=year.from_on - 99 * DAY, to_on=year.from_on - DAY
    )
    world.session.add(earlier)
    world.session.flush()
    old = SchoolClass(
        uid=clock.uuid7(), library_id=group.library_id, branch_id=group.branch_id, school_year_id=earlier.id, name="5A",
        name_sort=group.name_sort, grade=5,
    )  # fmt: skip
    world.session.add(old)
    world.session.flush()
    borrow(world, lan, 5)
    new = NewChallenge("Hè", Reach.SCHOOL, Unit.BOOKS, year.from_on - 9 * DAY, clock.today(), MARKS)
    one = challenges.set_up(world.session(), world.doing(), world.branch().id, new)
    board = challenge_counting.board(world.session(), one)
    assert [(row.name, row.class_id, row.size, row.amount) for row in board.rows] == [("5A", group.id, 1, 1)]
    assert board.together.amount == 1


def test_ticks_keep_to_the_days_and_a_ticked_challenge_to_its_unit(world: World, group: SchoolClass) -> None:
    lan, one, today = world.patron(class_name="5A"), begin(world), clock.today()
    for ago in (-1, 21):
        with pytest.raises(NotSo, match="not-then"):
            tick(world, one, group, 1, lan, ago=ago)
    with pytest.raises(NotSo, match="still-running"):
        challenges.settle(world.session(), world.doing(), one)
    tick(world, one, group, 3, ago=5)

    def changed(unit: Unit, first: date) -> NewChallenge:
        return NewChallenge("Hè", Reach.SCHOOL, unit, first, today + DAY, MARKS[:1])

    with pytest.raises(NotSo, match="ticked"):
        challenges.change(world.session(), world.doing(), one, changed(Unit.PAGES, one.first_on))
    with pytest.raises(NotSo, match="ticked-outside"):
        challenges.change(world.session(), world.doing(), one, changed(Unit.BOOKS, today))
    challenges.change(world.session(), world.doing(), one, changed(Unit.BOOKS, today - 6 * DAY))
    assert ([mark.amount for mark in one.marks], one.name) == ([2], "Hè")
    assert challenge_counting.board(world.session(), one).together.amount == 3, "of the class together"


def test_a_librarys_readers_and_a_board_of_schools(world: World, group: SchoolClass) -> None:
    lan, hoa = world.patron(class_name="5A"), world.patron("Lý Thị Hoa")
    borrow(world, lan, 5)
    borrow(world, hoa, 5)
    every = challenge_counting.board(world.session(), begin(world, reach=Reach.LIBRARY))
    assert (list(every.rows), every.together.size, every.together.readers, every.together.amount) == ([], 2, 2, 2)
    world.school("Trường Tiểu học Sông Cầu")
    new = NewChallenge("Các trường", Reach.BELOW, Unit.BOOKS, clock.today() - 9 * DAY, clock.today(), MARKS[2:3])
    head = world.branch(world.province())
    below = challenges.set_up(world.session(), Doing.now(branch_id=head.id), head.id, new)
    rows = challenge_counting.board(world.session(), below).rows
    assert [(row.name, row.size, row.amount) for row in rows] == [
        ("Trường Tiểu học Sông Cầu", 0, 0), ("Trường Tiểu học Xuất Hóa", 2, 2),
    ]  # fmt: skip


def test_boards_name_classes_and_a_teacher_sees_their_own_class_only(
    app: Flask, world: World, group: SchoolClass, shelf: Shelf
) -> None:
    account(world)
    lan, bao = world.patron(class_name="5A"), world.patron("Đàm Quốc Bảo", class_name="5B")
    said = Said(Purpose.NAME, Relation.MOTHER, "Hoàng Thị Hương", True, "phiếu", clock.today())
    consenting.give(world.session(), lan, said, None)
    other = bao.school_class
    assert other
    one = begin(world)
    world.session.commit()
    thu, ha = sign_in(app, "thu"), sign_in(app)
    base, board = f"/challenges/{one.uid}/classes/{group.uid}", f"/challenges/{one.uid}"
    assert thu.get(f"/challenges/{one.uid}/classes/{other.uid}").status_code == 404
    assert str(group.uid) in thu.get("/challenges/classes").get_data(as_text=True)
    assert str(other.uid) not in thu.get("/challenges/classes").get_data(as_text=True)
    assert thu.post(base, data={"pupil": str(bao.uid), "quantity": "2"}).status_code == 409, "of another class"
    assert thu.get(base + "/certificate.pdf").status_code == 409
    told = {"pupil": str(lan.uid), "quantity": "6", "uid": str(clock.uuid7())}
    for _click in range(2):
        assert thu.post(base, data=told).location == base
    page = thu.get(base).get_data(as_text=True)
    assert "Bạn của sách" in page
    assert "Hoàng Thị Mai Lan" in page
    for who in (thu, ha):
        text = who.get(board).get_data(as_text=True)
        assert "5A" in text
        assert not [name for name in ("Mai Lan", "Quốc Bảo") if name in text]
    (mine,) = text_of(thu.get(base + "/certificate.pdf").get_data())
    assert "Lớp 5A" in mine
    (hers,) = text_of(thu.get(base + "/certificates.pdf").get_data())
    assert "Hoàng Thị Mai Lan" in hers
    act = db.session.scalars(select(ChallengeEntry.act_id)).first()
    uid = db.session.get_one(acts.Act, act).uid
    assert thu.post(base + "/undo", data={"act": str(uid)}).status_code == 303
    assert thu.post(base + "/undo", data={"act": str(clock.uuid7())}).status_code == 404
    assert done() == {}


def test_a_librarian_sets_one_up_changes_it_and_takes_it_back(app: Flask, world: World, group: SchoolClass) -> None:
    account(world)
    account(world, "cb", RoleName.OFFICER, world.province())
    world.patron(class_name="5A")
    world.session.commit()
    ha, today = sign_in(app), clock.today()
    assert "Mầm đọc" in ha.get("/challenges/new").get_data(as_text=True)
    told = {
        "name": "Hè đọc 10 cuốn", "reach": "class", "unit": "books", "first_on": today.isoformat(),
        "last_on": (today + 30 * DAY).isoformat(), "reader-amount-0": "10", "reader-name-0": "Ong chăm đọc",
    }  # fmt: skip
    for wrong in (
        {},
        {"class": str(group.uid), "last_on": "2020-01-01"},
        {"class": str(group.uid), "reader-amount-1": "10", "reader-name-1": "x"},
    ):
        assert ha.post("/challenges/new", data=told | wrong).status_code == 422
    made = ha.post("/challenges/new", data=told | {"class": str(group.uid)})
    assert made.status_code == 303
    assert "Ong chăm đọc" in ha.get(made.location).get_data(as_text=True)
    assert "checked> 5A" in ha.get(made.location + "/edit").get_data(as_text=True)
    assert (
        ha.post(made.location + "/edit", data=told | {"reach": "grade", "grade": "5", "name": "Hè"}).status_code == 303
    )
    officer = sign_in(app, "cb")
    assert officer.get(made.location).status_code == 200, "an officer looks at the schools below"
    assert officer.post(made.location + "/state", data={"do": "cancel"}).status_code == 403
    assert ha.post(made.location + "/state", data={"do": "settle"}).status_code == 409
    assert ha.get(made.location + "/certificates.pdf").status_code == 404, "pupils' are printed by their teacher"
    assert ha.post(made.location + "/state", data={"do": "cancel"}).location == "/challenges"
    assert made.location not in ha.get("/challenges").get_data(as_text=True)
    public = begin(world, reach=Reach.LIBRARY, marks=(NewMark(MarkOf.READER, 1, "Mầm đọc"),))
    borrow(world, world.patron("Lý Thị Hoa"), 5)
    world.session.commit()
    (page,) = text_of(ha.get(f"/challenges/{public.uid}/certificates.pdf").get_data())
    assert "Hoa" not in page, "nobody agreed to the name"
