"""The end of the year: five steps, nothing moves by itself, the shelf is the next class's, history stays."""

import io
from dataclasses import replace
from datetime import timedelta

import pytest
from docx import Document
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from library.accounts.models import Account
from library.core import clock
from library.core.db import db
from library.holdings.models import Item, PlaceKind
from library.inbox.acts import Doing
from library.loans import deeds
from library.loans.deeds import Lending
from library.patrons import enrolling, school_years
from library.patrons.models import SchoolClass
from library.shelves import counts, handing, handover_papers, keeping, owner_papers, papers, tenures, undoing, year_end
from library.shelves.handing import Given, Person
from library.shelves.keeping import Keeper
from library.shelves.models import GoesWith, HandoverKind, Shelf
from library.shelves.ownership import Owned
from library.shelves.year_end import NotPromoted, Promotion
from library.shelves.year_end_rules import Facts, State, Step, against_promoting, states
from library.uses.counting import Frozen
from tests.support.people import account, sign_in
from tests.support.shelves import put, school_class, shelf, teacher
from tests.support.statements import counted
from tests.support.world import World

# The rule


@given(st.builds(Facts, out=st.integers(0, 3), private=st.integers(0, 3), promoted=st.booleans(),
                 counted_on=st.none() | st.dates(), handed_on=st.none() | st.dates()))  # fmt: skip
def test_there_is_one_step_to_take_now_or_none(facts: Facts) -> None:
    told = states(facts)
    now = [step for step, state in told.items() if state is State.NOW]
    assert len(now) == (0 if facts.promoted else 1)
    assert all(told[step] is State.DONE for step in list(Step)[: list(Step).index(now[0]) if now else 5])


def test_without_a_signature_somebody_must_say_the_keeper_goes_on() -> None:
    assert [one.code for one in against_promoting(Facts(), False)] == ["not-signed"]
    assert against_promoting(Facts(), True) == []
    assert [one.code for one in against_promoting(Facts(promoted=True, closed=True), True)] == [
        "shelf-closed", "promoted-already",
    ]  # fmt: skip


# At the shelf


@pytest.fixture
def one(world: World) -> Shelf:
    of = school_class(world, "1A", 1)
    school_class(world, "5A", 5)
    made = shelf(world, of, keeper=teacher(world, of))
    put(world, made, world.items(3))
    account(world)
    return made


def doing_at(shelf: Shelf) -> Doing:
    return Doing.now(branch_id=shelf.branch_id)


def facts_of(world: World, one: Shelf) -> Facts:
    return year_end.facts(world.session(), [one], clock.now())[one.id]


def hand_over(world: World, one: Shelf) -> None:
    known = {account.login: account.id for account in world.session.scalars(select(Account))}
    giver, taker = Person(known["thu"], "Nguyễn Thị Thu"), Person(known["ha"], "Lường Thị Hà", of_library=True)
    given = handing.give(world.session(), doing_at(one), one, giver, Given(HandoverKind.YEAR_END))
    handing.take(world.session(), doing_at(one), given, taker)


def count(world: World, one: Shelf, items: list[Item]) -> None:
    found = counts.begin(world.session(), doing_at(one), one)
    for item in items:
        counts.see(world.session(), doing_at(one), found, item.id)
    counts.end(world.session(), doing_at(one), found)


def items_of(world: World) -> list[Item]:
    return list(world.session.scalars(select(Item).order_by(Item.id)))


def lend(world: World, item: Item) -> None:
    reader, branch = world.patron(), world.branch()
    what = Lending(item.id, item.uid, reader.id, clock.today(), Frozen(branch.id))
    with_patrons = world.place(PlaceKind.WITH_PATRONS).id, branch.id
    deeds.lend(world.session(), Doing.now(branch_id=branch.id), what, with_patrons, clock.now())


@pytest.mark.both
def test_the_facts_follow_what_is_done(world: World, one: Shelf) -> None:
    assert facts_of(world, one) == Facts(copies=3)
    count(world, one, items_of(world)[1:])
    assert facts_of(world, one).counted_on == clock.today()
    lend(world, items_of(world)[0])
    hand_over(world, one)
    told = facts_of(world, one)
    assert (told.out, told.handed_on) == (1, clock.today())
    assert states(told)[Step.LOANS] is State.NOW, "a book is out, and the list says so"
    assert states(told)[Step.HANDOVER] is State.DONE


@pytest.mark.both
def test_all_shelves_are_asked_in_a_few_statements(world: World, one: Shelf) -> None:
    more = [shelf(world, school_class(world, f"{grade}B", grade)) for grade in range(1, 6)]
    world.session.flush()
    with counted() as few:
        year_end.facts(world.session(), [one, *more], clock.now())
    assert len(few) <= 5


@pytest.mark.both
def test_the_shelf_goes_up_with_its_class(world: World, one: Shelf) -> None:
    one.goes_with = GoesWith.CLASS
    hand_over(world, one)
    before = tenures.current(world.session(), one.id)
    coming = year_end.coming(world.session(), one, before)
    assert (coming.year, coming.name, coming.grade, coming.goes_up) == ("2027-2028", "2A", 2, True)
    where = [item.place_id for item in items_of(world)]
    year_end.promote(world.session(), doing_at(one), one, Promotion(coming.year, coming.name, coming.grade))
    after = tenures.current(world.session(), one.id)
    assert after
    assert after.school_class
    assert (after.school_class.name, one.place.name, one.place.class_id) == ("2A", "Tủ lớp 2A", after.class_id)
    assert [item.place_id for item in items_of(world)] == where, "no copy moves"
    told = [row.school_class.name for row in year_end.history(world.session(), one.id) if row.school_class]
    assert told[0] == "2A"
    assert told[-1] == "1A"
    assert facts_of(world, one).promoted


@pytest.mark.both
def test_a_room_keeps_its_shelf_for_the_next_class_of_that_name(world: World, one: Shelf) -> None:
    coming = year_end.coming(world.session(), one, tenures.current(world.session(), one.id))
    assert (coming.name, coming.goes_up) == ("1A", False)
    year_end.promote(world.session(), doing_at(one), one, Promotion(coming.year, "1A", 1, same_keeper=True))
    after = tenures.current(world.session(), one.id)
    assert after
    assert after.keeper_name == "Nguyễn Thị Thu"
    assert one.place.name == "Tủ lớp 1A"


@pytest.mark.both
def test_the_highest_grade_leaves_its_shelf_to_the_room(world: World, one: Shelf) -> None:
    last = shelf(world, school_class(world, "5A", 5))
    last.goes_with = GoesWith.CLASS
    coming = year_end.coming(world.session(), last, tenures.current(world.session(), last.id))
    assert (coming.name, coming.grade, coming.goes_up) == ("5A", 5, False)


@pytest.mark.both
def test_nothing_signed_nothing_promoted(world: World, one: Shelf) -> None:
    with pytest.raises(NotPromoted, match="not-signed"):
        year_end.promote(world.session(), doing_at(one), one, Promotion("2027-2028", "2A", 2))
    one.closed_on = clock.today()
    with pytest.raises(NotPromoted, match="shelf-closed"):
        year_end.promote(world.session(), doing_at(one), one, Promotion("2027-2028", "2A", 2, same_keeper=True))


@pytest.mark.both
def test_a_name_that_is_still_anothers_is_not_taken(world: World, one: Shelf) -> None:
    shelf(world, school_class(world, "2A", 2))
    year_end.promote(world.session(), doing_at(one), one, Promotion("2027-2028", "2A", 2, same_keeper=True))
    assert one.place.name == "Tủ lớp 1A"


@pytest.mark.both
def test_undone_it_is_the_old_classs_again(world: World, one: Shelf) -> None:
    before = tenures.current(world.session(), one.id)
    assert before
    made = year_end.promote(world.session(), doing_at(one), one, Promotion("2027-2028", "2A", 2, same_keeper=True))
    act = world.session.get_one(year_end.Act, made.act_id)
    undoing.undo(world.session(), doing_at(one), act)
    after = tenures.current(world.session(), one.id)
    assert after
    assert (after.id, after.class_id, one.place.name) == (before.id, before.class_id, "Tủ lớp 1A")
    assert not facts_of(world, one).promoted


def classes(world: World) -> list[str]:
    return sorted(world.session.scalars(select(SchoolClass.name)))


@pytest.mark.both
def test_undone_it_leaves_no_class_that_nobody_is_in(world: World, one: Shelf) -> None:
    before = classes(world)
    going = Promotion("2027-2028", "2A", 2, same_keeper=True)
    for _ in range(2):
        made = year_end.promote(world.session(), doing_at(one), one, going)
        assert classes(world) == sorted([*before, "2A"])
        undoing.undo(world.session(), doing_at(one), world.session.get_one(year_end.Act, made.act_id))
        assert classes(world) == before


@pytest.mark.both
def test_a_class_that_was_there_before_stays_though_nobody_is_in_it(world: World, one: Shelf) -> None:
    """The next year's classes are often opened before their lists come: taking a promotion back closes none of them."""
    year = school_years.begun(world.session(), one.library_id, "2027-2028")
    there = enrolling.school_class(world.session(), year, one.branch_id, "2A", 2)
    going = Promotion("2027-2028", "2A", 2, same_keeper=True)
    made = year_end.promote(world.session(), doing_at(one), one, going)
    assert made.class_id == there.id
    undoing.undo(world.session(), doing_at(one), world.session.get_one(year_end.Act, made.act_id))
    assert "2A" in classes(world)


@pytest.mark.both
def test_a_class_that_has_pupils_by_then_stays(world: World, one: Shelf) -> None:
    going = Promotion("2027-2028", "2A", 2, same_keeper=True)
    made = year_end.promote(world.session(), doing_at(one), one, going)
    reader = world.patron()
    reader.class_id = made.class_id
    undoing.undo(world.session(), doing_at(one), world.session.get_one(year_end.Act, made.act_id))
    assert "2A" in classes(world)
    assert reader.class_id == made.class_id
    after = tenures.current(world.session(), one.id)
    assert after
    assert after.school_class
    assert after.school_class.name == "1A"


def by_hand(world: World, one: Shelf, kind: HandoverKind = HandoverKind.TEACHER) -> None:
    """One teacher signs for another; no librarian has to."""
    giver, taker = (account for account in world.session.scalars(select(Account).order_by(Account.id)))
    given = handing.give(world.session(), doing_at(one), one, Person(giver.id, giver.name), Given(kind))
    handing.take(world.session(), doing_at(one), given, Person(taker.id, taker.name))


@pytest.mark.both
def test_a_shelf_goes_up_once_whoever_keeps_it_then(world: World, one: Shelf) -> None:
    """A keeper is named, and another signs for the shelf: it went up, and does not go up again."""
    hand_over(world, one)
    year_end.promote(world.session(), doing_at(one), one, Promotion("2027-2028", "2A", 2))
    keeping.give_to(world.session(), doing_at(one), one, Keeper("Cô Mỷ"))
    by_hand(world, one)
    assert facts_of(world, one).promoted
    with pytest.raises(NotPromoted, match="promoted-already"):
        year_end.promote(world.session(), doing_at(one), one, Promotion("2028-2029", "3A", 3, same_keeper=True))


@pytest.mark.both
def test_a_class_of_a_later_year_is_not_sent_further(world: World, one: Shelf) -> None:
    """Months after the act, too."""
    year_end.promote(world.session(), doing_at(one), one, Promotion("2027-2028", "2A", 2, same_keeper=True))
    later = clock.now() + year_end.PERIOD + timedelta(days=1)
    assert year_end.facts(world.session(), [one], later)[one.id].promoted


@pytest.mark.both
def test_what_one_teacher_signs_for_another_ends_no_year(world: World, one: Shelf) -> None:
    by_hand(world, one)
    assert facts_of(world, one).handed_on is None
    with pytest.raises(NotPromoted, match="not-signed"):
        year_end.promote(world.session(), doing_at(one), one, Promotion("2027-2028", "2A", 2))


@pytest.mark.both
def test_a_late_act_ends_no_tenure_before_it_began(world: World, one: Shelf) -> None:
    """A phone that was away for days: the shelf was built, and given, meanwhile."""
    late = Doing(clock.uuid7(), branch_id=one.branch_id, at=clock.now() - timedelta(days=3))
    kept = keeping.give_to(world.session(), late, one, Keeper("Cô Mỷ"))
    again = replace(late, uid=clock.uuid7())
    made = year_end.promote(world.session(), again, one, Promotion("2027-2028", "1A", 1, same_keeper=True))
    assert (kept.from_on, made.from_on) == (one.built_on, one.built_on)
    bare = shelf(world, school_class(world, "1B", 1))
    keeping.close(world.session(), replace(late, uid=clock.uuid7()), bare, "mistake")
    assert (bare.closed_on, bare.place.closed_on) == (bare.built_on, bare.built_on)


# Lists by owner


@pytest.mark.both
def test_every_owner_has_a_list_and_the_template_may_ask_for_all_of_it(world: World, one: Shelf) -> None:
    told = owner_papers.values(world.session(), one, Owned.LIBRARY, "Lường Thị Hà")
    assert set(told) == set(papers.OWNERS) == set(papers.sample_owners())
    assert told["total"] == 3
    assert [row["state"] for row in told["rows"]] == ["Trên tủ"] * 3
    assert owner_papers.values(world.session(), one, Owned.PUPIL, "Hà")["rows"] == []


# On the page


@pytest.mark.both
def test_the_wizard_from_first_step_to_last(app: Flask, world: World, one: Shelf) -> None:
    thu, ha = sign_in(app, "thu"), sign_in(app)
    path = f"/shelves/{one.uid}/year-end"
    text = thu.get(path).get_data(as_text=True)
    assert "Không còn cuốn nào ở bạn đọc" in text
    assert "Quét từng cuốn trên tủ: 3 cuốn" in text
    assert "Thư viện chuyển tủ" in text, "a teacher does not promote"
    assert thu.post(path, data={"name": "2A"}).status_code == 403
    answer = ha.post(path, data={"name": "2A"})
    assert answer.status_code == 409
    assert "Tủ chưa được ký bàn giao" in answer.get_data(as_text=True)
    at = thu.post(f"/shelves/{one.uid}/handovers", data={"kind": "year-end"}).headers["Location"]
    assert "chờ người nhận ký" in ha.get(path).get_data(as_text=True)
    ha.post(at + "/sign")
    assert "1 tủ đã ký bàn giao" in ha.get("/shelves/year-end").get_data(as_text=True)
    assert ha.post(path, data={"name": "2A"}).status_code == 303
    assert "Tủ đã sang năm học sau" in ha.get(path).get_data(as_text=True)
    assert "1 trên 1 tủ đã sang" in ha.get("/shelves/year-end").get_data(as_text=True)
    assert ha.post(path + "/undo").status_code == 303
    assert "Tủ đã sang năm học sau" not in ha.get(path).get_data(as_text=True)


@pytest.mark.both
def test_all_that_are_signed_for_go_at_once_the_highest_first(app: Flask, world: World, one: Shelf) -> None:
    """1A's shelf becomes 2A's, 2A's 3A's: going from the top, each name is free when it is wanted."""
    second = shelf(world, school_class(world, "2A", 2))
    third = shelf(world, school_class(world, "3A", 3))
    put(world, second, world.items(1))
    for each in (one, second, third):
        each.goes_with = GoesWith.CLASS
    ha_id, giver = account(world, "ha2").id, teacher(world, school_class(world, "4C", 4), "thay", "Lê Văn Thầy")
    for each in (one, second):
        by, taker = Person(giver.id, giver.name), Person(ha_id, "Hà", of_library=True)
        given = handing.give(world.session(), doing_at(each), each, by, Given(HandoverKind.YEAR_END))
        handing.take(world.session(), doing_at(each), given, taker)
    world.session.commit()
    assert sign_in(app).post("/shelves/year-end").status_code == 303
    names = [db.session.get_one(Shelf, each.id).place.name for each in (one, second, third)]
    assert names == ["Tủ lớp 1A", "Tủ lớp 2A", "Tủ lớp 3A"], (
        "3A has not gone up: its name is not free, nor is 2A's then"
    )
    classes = [tenures.current(db.session(), each.id) for each in (one, second, third)]
    assert [row.school_class.name for row in classes if row and row.school_class] == ["2A", "3A", "3A"]


@pytest.mark.both
def test_cut_off_halfway_each_shelf_is_whole_and_pressing_again_ends_it(
    app: Flask, world: World, one: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The library's lock is held for one shelf at a time: of each all is written, or nothing."""
    second = shelf(world, school_class(world, "2A", 2))
    put(world, second, world.items(1))
    ha_id, giver = account(world, "ha2").id, teacher(world, school_class(world, "4C", 4), "thay", "Lê Văn Thầy")
    for each in (one, second):
        each.goes_with = GoesWith.CLASS
        by, taker = Person(giver.id, giver.name), Person(ha_id, "Hà", of_library=True)
        given = handing.give(world.session(), doing_at(each), each, by, Given(HandoverKind.YEAR_END))
        handing.take(world.session(), doing_at(each), given, taker)
    world.session.commit()
    ha, ids, begun = sign_in(app), (one.id, second.id), year_end._rename

    def power_fails(session: Session, shelf: Shelf, before: str, after: str) -> None:
        begun(session, shelf, before, after)
        if before == "1A":
            raise RuntimeError("power")

    def told() -> list[tuple[str, str]]:
        db.session.rollback()
        found = [(db.session.get_one(Shelf, each), tenures.current(db.session(), each)) for each in ids]
        return [(each.place.name, now.school_class.name) for each, now in found if now and now.school_class]

    def acts_of_it() -> int:
        return db.session.scalar(select(func.count(year_end.Act.id)).where(year_end.Act.kind == year_end.KIND)) or 0

    monkeypatch.setattr(year_end, "_rename", power_fails)
    with pytest.raises(RuntimeError, match="power"):
        ha.post("/shelves/year-end")
    assert told() == [("Tủ lớp 1A", "1A"), ("Tủ lớp 3A", "3A")], "the highest grade went first, and stays up"
    assert acts_of_it() == 1, "of the other nothing is written: no act, no class, no name"
    monkeypatch.setattr(year_end, "_rename", begun)
    assert ha.post("/shelves/year-end").status_code == 303
    assert told() == [("Tủ lớp 2A", "2A"), ("Tủ lớp 3A", "3A")]
    assert acts_of_it() == 2, "what went up does not go up again"


@pytest.mark.both
def test_the_page_of_all_shelves_asks_few_questions_however_many(app: Flask, world: World, one: Shelf) -> None:
    for number in range(12):
        shelf(world, school_class(world, f"{number % 5 + 1}C{number}", number % 5 + 1)).goes_with = GoesWith.CLASS
    world.session.commit()
    ha = sign_in(app)
    ha.get("/shelves/year-end")
    with counted() as said:
        assert ha.get("/shelves/year-end").status_code == 200
    assert len(said) <= 15


@pytest.mark.both
def test_lists_come_as_pdf_and_docx(app: Flask, world: World, one: Shelf) -> None:
    thu = sign_in(app, "thu")
    path = f"/shelves/{one.uid}/year-end/owner?of=library"
    assert thu.get(path).data.startswith(b"%PDF")
    words = Document(io.BytesIO(thu.get(path + "&as=docx").data))
    assert any("Sách của thư viện trường" in line.text for line in words.paragraphs)
    assert thu.get(f"/shelves/{one.uid}/year-end/owner?of=nobody").status_code == 404


@pytest.mark.both
def test_a_bad_class_name_is_told_in_its_place(app: Flask, one: Shelf) -> None:
    answer = sign_in(app).post(f"/shelves/{one.uid}/year-end", data={"name": "", "same": "1"})
    assert answer.status_code == 422
    assert "Ô này chưa có gì" in answer.get_data(as_text=True)


def test_the_papers_of_every_kind_have_their_words() -> None:
    for words in (handover_papers.ABOUT, handover_papers.GIVES, handover_papers.TAKES):
        assert set(words) == set(HandoverKind)
