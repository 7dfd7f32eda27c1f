"""Clubs: founded, joined, met, closed; their figures follow, and what was taken back stays knowable."""

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from library.core import clock
from library.core.db import db
from library.duplicates import people
from library.inbox.acts import Doing
from library.jobs import nightly
from library.promotion import clubs, gates
from library.promotion.club_frame import NotSo
from library.promotion.club_models import Club, ClubMeeting, ClubMember
from library.promotion.clubs import Met, NewClub
from library.promotion.gates import Shown
from library.uses.models import Happening, Visit, VisitKind
from tests.support.people import account, sign_in
from tests.support.world import World

DAY = timedelta(days=1)


def figures(since_id: int = 0) -> dict[str, int]:
    """{measure: sum} of what was recorded after that row."""
    query = select(Happening.measure, func.sum(Happening.quantity)).where(Happening.id > since_id)
    return {name: int(many) for name, many in db.session.execute(query.group_by(Happening.measure)) if many}


def club(world: World, name: str = "Bạn của sách") -> Club:
    new = NewClub(name, clock.today() - 30 * DAY, "truyện cổ", "cô Hà")
    return clubs.found(world.session(), world.doing(), world.branch().id, new)


def test_figures_follow_a_meeting_through_change_and_undo(world: World) -> None:
    mine, today = club(world), clock.today()
    one = clubs.meet(world.session(), world.doing(), mine, Met(today, 18, "Dế Mèn"))
    clubs.meet(world.session(), world.doing(), mine, Met(today - 7 * DAY, 20))
    assert figures() == {"club": 1, "club-meeting": 2, "club-people": 38}
    before = db.session.scalar(select(func.max(Happening.id))) or 0
    clubs.change_meeting(world.session(), world.doing(), one, Met(today - DAY, 21))
    assert figures() == {"club": 1, "club-meeting": 2, "club-people": 41}
    assert figures(before) == {"club-people": 3}, "as known before it was 38"
    clubs.undo_meeting(world.session(), world.doing(), one)
    assert figures() == {"club": 1, "club-meeting": 1, "club-people": 20}
    with pytest.raises(NotSo, match="undone"):
        clubs.change_meeting(world.session(), world.doing(), one, Met(today, 2))
    with pytest.raises(NotSo, match="has-met"):
        clubs.cancel(world.session(), world.doing(), mine)


def test_a_meeting_counts_as_visits_where_it_is_said(world: World) -> None:
    mine, today = club(world), clock.today()

    def visits() -> list[tuple[date, int]]:
        query = select(Visit.visited_on, func.sum(Visit.quantity)).where(Visit.category == "pupil")
        return [(day, int(many)) for day, many in db.session.execute(query.group_by(Visit.visited_on)) if many]

    one = clubs.meet(world.session(), world.doing(), mine, Met(today - DAY, 18))
    assert visits() == []
    clubs.change_meeting(world.session(), world.doing(), one, Met(today - DAY, 18, as_visits=True))
    assert visits() == [(today - DAY, 18)]
    clubs.change_meeting(world.session(), world.doing(), one, Met(today, 20, as_visits=True))
    assert visits() == [(today, 20)]
    rows = select(func.count()).select_from(Visit)
    before = db.session.scalar(rows)
    clubs.change_meeting(world.session(), world.doing(), one, Met(today, 20, "truyện cổ", as_visits=True))
    assert db.session.scalar(rows) == before, "as many came on the same day: nothing is put right"
    clubs.undo_meeting(world.session(), world.doing(), one)
    assert visits() == []


def test_a_counter_everybody_comes_by_follows_at_once(world: World) -> None:
    session, mine, now = world.session(), club(world), clock.now()
    gate = gates.make(session, world.branch().id, "Cửa chính", False, True, None)
    one = clubs.meet(session, world.doing(), mine, Met(clock.today() - 2 * DAY, 18, as_visits=True))
    for back, counter in ((4, 100), (1, 160)):
        gates.read(session, Doing(clock.uuid7(), branch_id=gate.branch_id, at=now - back * DAY), gate, Shown(counter))

    def counted() -> int:
        return session.scalar(select(func.sum(Visit.quantity)).where(Visit.kind == VisitKind.GATE)) or 0

    assert counted() == 42
    clubs.change_meeting(session, world.doing(), one, Met(clock.today() - 2 * DAY, 30, as_visits=True))
    assert counted() == 30, "no reading came between"
    clubs.undo_meeting(session, world.doing(), one)
    assert counted() == 60


def test_a_club_has_one_name_and_its_days(world: World) -> None:
    mine, today = club(world), clock.today()
    with pytest.raises(NotSo, match="name-taken"):
        club(world)
    with pytest.raises(NotSo, match="not-then"):
        clubs.meet(world.session(), world.doing(), mine, Met(today - 31 * DAY, 5))
    clubs.meet(world.session(), world.doing(), mine, Met(today - 3 * DAY, 5))
    with pytest.raises(NotSo, match="met-before"):
        clubs.change(world.session(), world.doing(), mine, NewClub(mine.name, today))
    clubs.close(world.session(), world.doing(), mine, today - DAY)
    short = club(world, "Hè")
    clubs.close(world.session(), world.doing(), short, today - 9 * DAY)
    with pytest.raises(NotSo, match="closed-before"):
        clubs.change(world.session(), world.doing(), short, NewClub("Hè", today - 8 * DAY))
    with pytest.raises(NotSo, match="not-then"):
        clubs.meet(world.session(), world.doing(), mine, Met(today, 5))
    other = club(world)
    with pytest.raises(NotSo, match="name-taken"):
        clubs.close(world.session(), world.doing(), mine, None)
    clubs.cancel(world.session(), world.doing(), other)
    assert figures()["club"] == 2
    clubs.close(world.session(), world.doing(), mine, None)
    assert mine.closed_on is None


def test_members_follow_a_merge_and_are_forgotten_a_year_after_leaving(world: World) -> None:
    mine, lan, twin = club(world), world.patron(), world.patron("Hoàng Mai Lan")
    assert clubs.join(world.session(), world.doing(), mine, [twin.id, twin.id], clock.today()) == 1
    assert clubs.join(world.session(), world.doing(), mine, [twin.id], clock.today()) == 0
    people.merge(world.session(), world.doing(), lan.person, twin.person)
    assert [one.name for one in clubs.members(world.session(), mine)] == ["Hoàng Thị Mai Lan"]
    (row,) = world.session.scalars(select(ClubMember))
    clubs.leave(world.session(), world.doing(), row, clock.today())
    assert clubs.members(world.session(), mine) == []
    world.session.commit()
    nightly.forget(clock.now() + timedelta(days=300))
    assert db.session.scalar(select(func.count()).select_from(ClubMember)) == 1
    nightly.forget(clock.now() + timedelta(days=370))
    assert db.session.scalar(select(func.count()).select_from(ClubMember)) == 0


def test_the_pages_record_a_meeting_once_and_show_it_from_a_figure(app: Flask, world: World) -> None:
    account(world)
    lan = world.patron(class_name="5A")
    world.session.commit()
    ha, today = sign_in(app), clock.today()
    told = {"name": "Bạn của sách", "founded_on": today.isoformat(), "uid": str(clock.uuid7())}
    made = ha.post("/clubs/new", data=told)
    assert made.status_code == 303
    assert ha.post("/clubs/new", data=told).location == made.location, "a second click is the same club"
    page = ha.get(made.location).get_data(as_text=True)
    assert "Ghi buổi sinh hoạt" in page
    wrong = ha.post(made.location + "/meetings", data={"heads": "", "met_on": (today + DAY).isoformat()})
    assert (wrong.status_code, "Ngày này chưa đến." in wrong.get_data(as_text=True)) == (422, True)
    assert ha.post(made.location + "/meetings", data={"heads": "18", "topic": "Dế Mèn"}).status_code == 303
    source = db.session.scalars(select(Happening.source).where(Happening.measure == "club-people")).one()
    led = ha.get(f"/clubs/{source}")
    assert (led.status_code, led.location.partition("#")[0]) == (302, made.location)
    found = ha.get(made.location + "?q=mai+lan").get_data(as_text=True)
    assert str(lan.uid) in found
    ha.post(made.location + "/members", data={"reader": str(lan.uid)})
    assert "Hoàng Thị Mai Lan" in ha.get(made.location).get_data(as_text=True)
    meeting = db.session.scalars(select(ClubMeeting.uid)).one()
    assert ha.get(f"/clubs/meetings/{meeting}").status_code == 200
    ha.post(f"/clubs/meetings/{meeting}", data={"do": "undo"})
    assert figures() == {"club": 1}
    again = ha.post(f"/clubs/meetings/{meeting}", data={"do": "undo"})
    assert again.status_code == 409
    for do in ("close", "reopen", "cancel"):
        assert ha.post(made.location + "/state", data={"do": do}).status_code == 303, do
    assert ha.get("/clubs?closed=1").status_code == 200
    assert figures() == {}
