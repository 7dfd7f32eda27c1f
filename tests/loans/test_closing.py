"""A closure moves due dates: looked at, moved, put back; up and down the tree, beside a desk that lends meanwhile."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from library.accounts.models import RoleName
from library.calendars import opening_days
from library.calendars.models import Closure, Term, TermKind
from library.calendars.opening_days import Whose
from library.calendars.openings import RULES, calendar_of
from library.core import clock, versions
from library.core.db import db
from library.holdings.models import PlaceKind
from library.inbox.acts import Doing
from library.jobs import queue
from library.loans import closing, closing_jobs, deeds
from library.loans.closing import Reach, TooLate
from library.loans.deeds import Lending, Renewing
from library.loans.models import DueMove, DueShift, Hold, Loan
from library.organisations.models import Organisation
from library.patrons.models import Membership
from library.policies import rulebook
from library.uses.counting import Frozen
from tests.support.people import account, commit, sign_in
from tests.support.racing import race, settings_of
from tests.support.statements import counted
from tests.support.world import World

DAY = timedelta(days=1)
TODAY = clock.today()
FLOOD = TODAY + DAY * 10


def lent(world: World, due: date, count: int = 1, library: Organisation | None = None) -> list[int]:
    """Loans of one reader, due that day."""
    owner = library or world.school()
    branch, reader = world.branch(owner), world.patron(library=owner)
    away = world.place(PlaceKind.WITH_PATRONS, owner).id, branch.id
    made = []
    for item in world.items(count, owner):
        what = Lending(item.id, item.uid, reader.id, due, Frozen(branch.id))
        act = deeds.lend(world.session(), Doing.now(branch_id=branch.id), what, away, clock.now())
        made.append(world.session.scalars(select(Loan.id).where(Loan.act_id == act[0])).one())
    return made


def due(loan: int) -> date:
    db.session.expire_all()
    return db.session.get_one(Loan, loan).due_on


def flooded(world: World, whose: Whose | None = None, days: int = 3) -> Reach:
    """Closed from FLOOD on; the reach of it."""
    who = whose or Whose(branch_id=world.branch().id)
    opening_days.close(world.session(), who, FLOOD, FLOOD + DAY * (days - 1), "mưa lũ")
    library = who.organisation_id or world.school().id
    return Reach(library, who.branch_id, FLOOD, FLOOD + DAY * (days - 1))


def shifted(world: World, reach: Reach) -> DueShift:
    shift = closing.begin(world.session(), Doing.now(), reach, "mưa lũ")
    closing.move(world.session(), shift)
    world.session.commit()
    return shift


def test_what_falls_on_closed_days_goes_to_the_next_open_one_and_nothing_else_moves(world: World) -> None:
    inside, before, after = lent(world, FLOOD + DAY), lent(world, FLOOD - DAY), lent(world, FLOOD + DAY * 3)
    shifted(world, flooded(world))
    assert [due(one) for (one,) in (inside, before, after)] == [FLOOD + DAY * 3, FLOOD - DAY, FLOOD + DAY * 3]
    assert db.session.scalars(select(DueMove.before_on)).all() == [FLOOD + DAY]


def test_moving_twice_moves_once(world: World) -> None:
    lent(world, FLOOD)
    reach = flooded(world)
    shift = shifted(world, reach)
    assert closing.move(world.session(), shift) == (0, False)
    assert closing.falling(world.session(), reach) == []


def test_a_province_closes_for_all_below_and_each_goes_by_its_own_days(world: World) -> None:
    one, other = world.school(), world.school("Trường Tiểu học Đức Xuân")
    weekly = frozenset(range(7)) - {(FLOOD + DAY * 3).weekday()}
    opening_days.set_weekdays(world.session(), Whose(branch_id=world.branch(other).id), weekly)
    (mine,), (theirs,) = lent(world, FLOOD), lent(world, FLOOD, library=other)
    reach = flooded(world, Whose(organisation_id=world.province().id))
    assert [(found.branch_id, found.to, found.loans) for found in closing.falling(world.session(), reach)] == [
        (world.branch(one).id, FLOOD + DAY * 3, 1),
        (world.branch(other).id, FLOOD + DAY * 4, 1),
    ]
    shifted(world, reach)
    assert (due(mine), due(theirs)) == (FLOOD + DAY * 3, FLOOD + DAY * 4)


def test_a_kept_copy_waits_longer_too(world: World) -> None:
    reach = flooded(world)
    (loan,) = lent(world, FLOOD)
    one = world.session.get_one(Loan, loan)
    reader = world.session.get_one(Membership, one.membership_id)
    hold = Hold(
        uid=clock.uuid7(), act_id=one.act_id, record_id=world.item().record_id, membership_id=reader.id, priority=0,
        branch_id=world.branch().id, placed_at=clock.now(), item_id=world.item().id, captured_by=one.act_id,
        keep_until=FLOOD + DAY,
    )  # fmt: skip
    world.session.add(hold)
    world.session.flush()
    (found,) = {(at.on, at.loans, at.kept) for at in closing.falling(world.session(), reach) if at.kept}
    assert found == (FLOOD + DAY, 0, 1)
    shift = shifted(world, reach)
    assert world.session.get_one(Hold, hold.id).keep_until == FLOOD + DAY * 3
    closing.put_back(world.session(), Doing.now(), shift)
    assert closing.restore(world.session(), shift) == (2, False)
    db.session.expire_all()
    assert world.session.get_one(Hold, hold.id).keep_until == FLOOD + DAY


def test_putting_back_leaves_what_was_renewed_or_returned_since(world: World) -> None:
    still, renewed, returned = lent(world, FLOOD, 3)
    shift = shifted(world, flooded(world))
    items = {one: world.session.get_one(Loan, one).item for one in (renewed, returned)}
    away = world.place(PlaceKind.WITH_PATRONS).id, world.branch().id
    stacks = world.place().id, world.branch().id
    same = due(renewed)  # renewed to the very day it was moved to: it is the reader's all the same
    ref = items[renewed].id, items[renewed].uid
    deeds.renew(world.session(), world.doing(), ref, Renewing(renewed, same), away, clock.now())
    deeds.take_in(world.session(), world.doing(), (items[returned].id, items[returned].uid), stacks, clock.now())
    closing.put_back(world.session(), Doing.now(), shift)
    assert closing.restore(world.session(), shift) == (1, False)
    assert [due(one) for one in (still, renewed, returned)] == [FLOOD, same, same]
    assert closing.moved(world.session(), [shift.id]) == {shift.id: (3, 1)}


def test_nobody_becomes_late_by_putting_back(world: World) -> None:
    (loan,) = lent(world, FLOOD)
    shift = shifted(world, flooded(world))
    with clock.stopped_at(clock.now() + DAY * 11):
        world.session.execute(update(DueShift).values(made_at=clock.now() - DAY))
        world.session.refresh(shift)
        closing.put_back(world.session(), Doing.now(), shift)
        assert closing.restore(world.session(), shift) == (0, False)
    assert due(loan) == FLOOD + DAY * 3


def test_after_a_week_it_is_not_put_back(world: World) -> None:
    lent(world, FLOOD)
    shift = shifted(world, flooded(world))
    with clock.stopped_at(clock.now() + closing.UNDONE_WITHIN + DAY):
        assert not closing.may_be_put_back(shift)
        with pytest.raises(TooLate):
            closing.put_back(world.session(), Doing.now(), shift)


def test_thousands_go_in_short_transactions_and_come_back_so(app: Flask, world: World, monkeypatch: Any) -> None:
    monkeypatch.setattr(closing, "SOME", 4)
    monkeypatch.setattr(closing.move, "__defaults__", (4, None))
    monkeypatch.setattr(closing.restore, "__defaults__", (4,))
    loans = lent(world, FLOOD, 11)
    shift = closing.begin(world.session(), Doing.now(), flooded(world), "mưa lũ")
    assert closing_jobs.go_on(shift, None) == 4
    shift_id = shift.id
    world.session.commit()
    queue.work_off(app)
    assert {due(one) for one in loans} == {FLOOD + DAY * 3}
    shift = world.session.get_one(DueShift, shift_id)
    closing.put_back(world.session(), Doing.now(), shift)
    assert closing_jobs.go_on(shift, None, back=True) == 4
    world.session.commit()
    queue.work_off(app)
    assert {due(one) for one in loans} == {FLOOD}


def test_ten_thousand_loans_are_looked_at_in_a_dozen_statements(world: World) -> None:
    lent(world, FLOOD, 3)
    reach = flooded(world)
    with counted() as few:
        closing.falling(world.session(), reach)
    lent(world, FLOOD + DAY, 9)
    with counted() as many:
        closing.falling(world.session(), reach)
    assert len(few) == len(many) <= 14


# --- the desk's memory ------------------------------------------------------------------------------------------------


def test_the_stamp_is_the_one_of_policies() -> None:
    assert RULES == rulebook.RULES


def test_a_warm_calendar_asks_nothing_and_every_change_is_heard(world: World) -> None:
    session, branch, school = world.session(), world.branch().id, world.school()
    version = lambda: versions.of(session, RULES)  # noqa: E731
    is_open = lambda: calendar_of(session, branch, TODAY, version=version()).is_open(FLOOD)  # noqa: E731
    assert is_open()
    known = version()
    with counted() as asked:
        calendar_of(session, branch, TODAY, version=known)
    assert asked == []
    with counted() as asked:
        calendar_of(session, branch, TODAY)
    assert len(asked) == 1
    closure = opening_days.close(session, Whose(organisation_id=world.province().id), FLOOD, FLOOD, "tập huấn")
    assert not is_open()
    extra = opening_days.open_anyway(session, Whose(organisation_id=school.id), FLOOD, "hội sách")
    assert is_open()
    opening_days.take_away(session, extra)
    assert not is_open()
    opening_days.take_away(session, closure)
    assert is_open()
    opening_days.set_weekdays(session, Whose(organisation_id=school.id), {(FLOOD + DAY).weekday()})
    assert not is_open()
    opening_days.set_weekdays(session, Whose(branch_id=branch), range(7))
    assert is_open()


def test_holidays_are_closed_where_nobody_above_opens_on_them(world: World) -> None:
    session, branch, school = world.session(), world.branch().id, world.school()
    new_year = date(TODAY.year + 1, 1, 1)
    assert calendar_of(session, branch, TODAY).is_open(new_year), "the tests' province opens on all of them"
    opening_days.set_holidays(session, Whose(organisation_id=school.id), {"new-year": True})
    assert not calendar_of(session, branch, TODAY).is_open(new_year)
    opening_days.set_holidays(session, Whose(branch_id=branch), {"new-year": False})
    assert calendar_of(session, branch, TODAY).is_open(new_year)
    with pytest.raises(KeyError):
        opening_days.set_holidays(session, Whose(branch_id=branch), {"noel": True})


def test_a_stop_opens_when_it_is_visited(world: World) -> None:
    session, branch, stop = world.session(), world.branch().id, world.place().id
    opening_days.set_openings(session, stop, [TODAY + DAY * 4, TODAY + DAY * 18], TODAY)
    calendar = calendar_of(session, branch, TODAY, stop)
    assert [calendar.is_open(TODAY + DAY * ahead) for ahead in (0, 4, 5, 18)] == [False, True, False, True]
    assert calendar_of(session, branch, TODAY).is_open(TODAY + DAY * 5), "the branch itself goes by its weekdays"
    opening_days.set_openings(session, stop, [TODAY + DAY * 6], TODAY + DAY * 5)
    calendar = calendar_of(session, branch, TODAY, stop)
    assert [calendar.is_open(TODAY + DAY * ahead) for ahead in (4, 6, 18)] == [True, True, False]


def test_terms_come_down_the_tree(world: World) -> None:
    session, province = world.session(), world.province()
    year = world.school_year(province)
    opening_days.set_terms(session, year, {TermKind.FIRST: (date(2026, 9, 7), date(2027, 1, 16))})
    (term,) = calendar_of(session, world.branch().id, date(2026, 10, 1)).terms
    assert (term.last, term.name) == (date(2027, 1, 16), "first")
    mine = world.school_year(world.school())
    opening_days.set_terms(session, mine, {TermKind.FIRST: (date(2026, 9, 7), date(2027, 1, 9))})
    assert [one.last for one in calendar_of(session, world.branch().id, date(2026, 10, 1)).terms] == [date(2027, 1, 9)]


def test_exactly_one_level_speaks() -> None:
    with pytest.raises(ValueError):
        Whose()
    with pytest.raises(ValueError):
        Whose(1, 2)


# --- pages ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def ha(app: Flask, world: World) -> FlaskClient:
    account(world)
    commit()
    return sign_in(app)


def text(answer: Any) -> str:
    return str(answer.get_data(as_text=True))


def closure(do: str, days: int = 3, **more: str) -> dict[str, str]:
    return {
        "first": f"{FLOOD:%d/%m/%Y}",
        "last": f"{FLOOD + DAY * (days - 1):%d/%m/%Y}",
        "why": "mưa lũ",
        "do": do,
    } | more


def test_a_closure_is_looked_at_then_added_with_the_dates_moved_then_undone(ha: FlaskClient, world: World) -> None:
    loans = lent(world, FLOOD + DAY, 2)
    commit()
    page = text(ha.post("/settings/closures", data=closure("look")))
    assert "2 cuốn đang mượn có hạn trả trong những ngày này" in page
    assert "Thêm ngày nghỉ và dời 2 hạn trả" in page
    assert f"{FLOOD + DAY * 3:%d/%m/%Y}" in page
    assert db.session.scalar(select(func.count()).select_from(Closure)) == 0
    moved = ha.post("/settings/closures", data=closure("move"), follow_redirects=True)
    assert "Đã dời 2 hạn trả" in text(moved)
    assert {due(one) for one in loans} == {FLOOD + DAY * 3}
    shift = db.session.scalars(select(DueShift)).one()
    back = ha.post(f"/settings/due-moves/{shift.uid}/undo", follow_redirects=True)
    assert "Đã đưa 2 hạn trả về ngày cũ" in text(back)
    assert {due(one) for one in loans} == {FLOOD + DAY}
    assert ha.post(f"/settings/due-moves/{shift.uid}/undo").status_code == 409


def test_taking_a_closure_away_says_that_dates_stay(ha: FlaskClient, world: World) -> None:
    (loan,) = lent(world, FLOOD)
    commit()
    ha.post("/settings/closures", data=closure("move"))
    made = db.session.scalars(select(Closure)).one()
    said = text(ha.post(f"/settings/closures/{made.id}/delete", follow_redirects=True))
    assert "Hạn trả đã dời thì giữ nguyên" in said
    assert "Hoàn tác" in said, "and offers to put them back"
    assert due(loan) == FLOOD + DAY * 3


def test_a_change_of_weekdays_offers_to_move_what_it_left_behind(ha: FlaskClient, world: World) -> None:
    (loan,) = lent(world, FLOOD)
    commit()
    days = [str(one) for one in range(7) if one != FLOOD.weekday()]
    ha.post("/settings/opening", data={"weekday": days})
    assert "1 hạn trả sắp tới rơi vào ngày nghỉ" in text(ha.get("/settings/opening"))
    assert "Đã dời 1 hạn trả" in text(ha.post("/settings/due-moves", follow_redirects=True))
    assert due(loan) == FLOOD + DAY


def test_what_is_said_above_is_named_and_not_taken_away_here(app: Flask, ha: FlaskClient, world: World) -> None:
    province = world.province()
    opening_days.close(world.session(), Whose(organisation_id=province.id), FLOOD, FLOOD, "tập huấn toàn tỉnh")
    opening_days.set_weekdays(world.session(), Whose(organisation_id=province.id), range(5))
    commit()
    page = text(ha.get("/settings/opening"))
    assert "tập huấn toàn tỉnh" in page
    assert f"{province.name} đặt" in page
    assert f"theo {province.name}" in page
    made = db.session.scalars(select(Closure)).one()
    assert ha.post(f"/settings/closures/{made.id}/delete").status_code == 404


def test_who_speaks_for_all_below_must_hold_all_below(app: Flask, world: World) -> None:
    world.school()
    account(world, "lb", RoleName.LIBRARIAN, world.province())
    account(world, "ad", RoleName.ADMINISTRATOR, world.province())
    commit()
    librarian, administrator = sign_in(app, "lb"), sign_in(app, "ad")
    assert librarian.post("/settings/closures", data=closure("add", branch="all")).status_code == 403
    assert administrator.post("/settings/closures", data=closure("add", branch="all")).status_code == 303
    made = db.session.scalars(select(Closure)).one()
    assert (made.organisation_id, made.branch_id) == (world.province().id, None)
    assert librarian.post(f"/settings/closures/{made.id}/delete").status_code == 404
    assert "mưa lũ" in text(administrator.get("/settings/opening?branch=all"))


def test_a_day_is_opened_all_the_same_and_a_holiday_chosen(ha: FlaskClient, world: World) -> None:
    branch = world.branch().id
    ha.post("/settings/closures", data=closure("add"))
    day = {"day": f"{FLOOD:%d/%m/%Y}", "reason": "Ngày hội đọc sách"}
    assert ha.post("/settings/openings", data=day).status_code == 303
    assert calendar_of(db.session(), branch, TODAY).is_open(FLOOD)
    assert "Ngày hội đọc sách" in text(ha.get("/settings/opening"))
    assert ha.post("/settings/openings", data={**day, "day": "01/01/2020"}).status_code == 422
    assert ha.post("/settings/holidays", data={"holiday-tet": "1"}).status_code == 303
    assert opening_days.holidays(db.session(), Whose(branch_id=branch))["tet"] is True
    assert ha.post("/settings/holidays", data={"do": "inherit"}).status_code == 303
    assert opening_days.holidays(db.session(), Whose(branch_id=branch)) == {}


def test_terms_are_read_and_wrong_ones_told(ha: FlaskClient, world: World) -> None:
    autumn = TODAY.year if TODAY.month >= 7 else TODAY.year - 1
    told = {"first-first": f"05/09/{autumn}", "last-first": f"15/01/{autumn + 1}"}
    assert ha.post("/settings/school-terms", data=told).status_code == 303
    assert db.session.scalars(select(Term.last_on)).all() == [date(autumn + 1, 1, 15)]
    for wrong, said in (
        ({"last-second": f"28/05/{autumn + 1}"}, "Ô này chưa có gì."),
        ({"first-second": f"10/01/{autumn + 1}", "last-second": f"28/05/{autumn + 1}"}, "kỳ trước chưa hết"),
        ({"first-second": f"28/05/{autumn + 1}", "last-second": f"10/02/{autumn + 1}"}, "Ngày cuối phải sau ngày đầu"),
        ({"first-second": f"10/02/{autumn + 3}", "last-second": f"28/05/{autumn + 3}"}, "không thuộc năm học"),
    ):
        answer = ha.post("/settings/school-terms", data=told | wrong)
        assert (answer.status_code, said in text(answer)) == (422, True), said
    assert db.session.scalar(select(func.count()).select_from(Term)) == 1


def test_the_year_on_the_wall_can_be_turned(ha: FlaskClient, world: World) -> None:
    page = text(ha.get("/settings/opening?year=2027"))
    assert "Tháng 8/2027" in page
    assert "Tháng 7/2028" in page
    assert ha.get("/settings/opening?year=9999").status_code == 200


# --- a closure against lending ----------------------------------------------------------------------------------------


def _closes(order: Any) -> str:
    branch, library, first, last = order
    session = db.session()
    opening_days.close(session, Whose(branch_id=branch), first, last, "mưa lũ")
    shift = closing.begin(session, Doing.now(), Reach(library, branch, first, last), "mưa lũ")
    closing.move(session, shift)
    shift_id = shift.id
    session.commit()
    closing_jobs.move_late(shift_id)
    return "closed"


def _lends(order: Any) -> str:
    """As a desk does: the calendar read in the transaction that lends."""
    branch, away, item, uid, reader, wanted = order
    session = db.session()
    calendar = calendar_of(session, branch, TODAY)
    day = wanted
    while not calendar.is_open(day):
        day += DAY
    what = Lending(item, uid, reader, day, Frozen(branch))
    deeds.lend(session, Doing.now(branch_id=branch), what, (away, branch), clock.now())
    return str(day)


def test_a_closure_beside_lending_leaves_no_due_date_on_closed_days(
    app: Flask, world: World, database_url: str, tmp_path: Path
) -> None:
    times = 60
    branch, school = world.branch().id, world.school().id
    away, reader = world.place(PlaceKind.WITH_PATRONS).id, world.patron().id
    days = [TODAY + DAY * (2 * count + 2) for count in range(times)]
    items = world.items(times)
    lendings = [(branch, away, one.id, one.uid, reader, day) for one, day in zip(items, days, strict=True)]
    closings = [(branch, school, day, day) for day in days]
    commit()
    race(settings_of(database_url, tmp_path), (_closes, closings), (_lends, lendings))
    closed = set(days)
    found = db.session.scalars(select(Loan.due_on)).all()
    assert len(found) == times
    assert [one for one in found if one in closed] == []


def test_the_night_moves_what_a_slow_desk_lent(world: World) -> None:
    shifted(world, flooded(world))
    (late,) = lent(world, FLOOD)
    assert closing_jobs.catch_up(world.session(), TODAY) == (1, True)
    assert closing_jobs.catch_up(world.session(), TODAY) == (0, False)
    assert due(late) == FLOOD + DAY * 3
    (later,) = lent(world, FLOOD)
    with clock.stopped_at(clock.now() + closing_jobs.LATELY + DAY):
        assert closing_jobs.catch_up(world.session(), TODAY) == (0, False)
    assert due(later) == FLOOD
