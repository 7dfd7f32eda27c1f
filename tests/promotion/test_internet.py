"""Internet places: how many and when, turns by a tap and from the day's list; every correction can be told."""

from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from library.core import clock
from library.core.db import db
from library.promotion import internet
from library.promotion.club_frame import NotSo
from library.promotion.internet import Counted, Hours
from library.promotion.internet_models import InternetCount, InternetPlace
from library.reports import asking
from library.reports.asking import Ask
from library.reports.measures import MEASURES
from library.uses.models import Happening
from tests.promotion.test_clubs import figures
from tests.support.people import account, sign_in
from tests.support.world import World

DAY = timedelta(days=1)
HOURS = Hours("12345", 450, 990)


def put(world: World, places: int, days_ago: int = 0) -> InternetPlace:
    on = clock.today() - days_ago * DAY
    return internet.put(world.session(), world.doing(), world.branch(), places, HOURS, on, "")


def test_places_are_what_they_are_now_and_what_they_were_stays_knowable(world: World) -> None:
    put(world, 5, 60)
    known = db.session.scalar(select(func.max(Happening.id)))
    eight = put(world, 8, 10)
    assert figures() == {"internet-places": 8}
    assert db.session.scalar(select(func.sum(Happening.quantity)).where(Happening.id <= known)) == 5
    with pytest.raises(NotSo, match="before-the-last"):
        put(world, 9, 11)
    less = put(world, 3)
    assert figures() == {"internet-places": 3}
    with pytest.raises(NotSo, match="changed-since"):
        internet.undo_put(world.session(), world.doing(), eight)
    internet.undo_put(world.session(), world.doing(), less)
    assert (figures(), internet.now(world.session(), world.branch().id)) == ({"internet-places": 8}, eight)
    put(world, 0)
    assert figures() == {}, "none any more"
    assert (HOURS.a_day, HOURS.a_week) == (540, 2700)


def test_a_figure_of_places_is_what_stood_on_its_last_day(world: World) -> None:
    """Whatever was changed and taken back since; and as it was known then."""
    today, units = clock.today(), frozenset({world.school().id})

    def there(days_ago: int, known_at: datetime | None = None, first: int = 0) -> int:
        last = today - days_ago * DAY
        return asking.total(db.session(), Ask("internet-places", units, last - first * DAY, last, known_at))

    def ever(*days: int) -> list[int]:
        return [there(one) for one in days]

    five = put(world, 5, 400)
    then = db.session.scalars(select(func.max(Happening.recorded_at))).one()
    assert ever(401, 400, 370, 0) == [0, 5, 5, 5]
    eight = put(world, 8, 100)
    two = put(world, 2, 100)
    assert ever(401, 400, 101, 100, 0) == [0, 5, 5, 2, 2], "eight never were"
    internet.undo_put(world.session(), world.doing(), two)
    assert (ever(101, 100, 0), there(0, then), there(0, None, 30)) == ([5, 8, 8], 5, 8)
    internet.undo_put(world.session(), world.doing(), eight)
    assert ever(401, 101, 100, 0) == [0, 5, 5, 5]
    internet.undo_put(world.session(), world.doing(), five)
    assert ever(401, 400, 101, 100, 0) == [0, 0, 0, 0, 0]
    assert "month" not in MEASURES["internet-places"].dims, "months of a stock are not added up"


def test_taps_and_lists_add_up_and_are_undone_one_by_one(world: World) -> None:
    branch, today = world.branch().id, clock.today()
    for _tap in range(3):
        last = internet.count(world.session(), world.doing(), branch, Counted(1, today, "pupils"))
    internet.count(world.session(), world.doing(), branch, Counted(20, today - DAY, None, 540))
    assert figures() == {"internet-turns": 23, "service-minutes": 540}
    internet.undo_count(world.session(), world.doing(), last)
    assert figures() == {"internet-turns": 22, "service-minutes": 540}
    assert internet.sums(world.session(), [branch], today, today) == {branch: (2, 0)}
    assert internet.by_day(world.session(), branch, today - DAY, today) == {today: 2, today - DAY: 20}


def test_the_page_counts_in_one_tap_and_once(app: Flask, world: World) -> None:
    account(world)
    world.session.commit()
    ha, base = sign_in(app), f"/internet/{world.branch().uid}"
    assert ha.get("/internet").location == base
    said = {"places": "6", "day": ["1", "2", "6"], "opens_at": "07:30", "closes_at": "16:30"}
    assert ha.post(base + "/places", data=said).status_code == 303
    assert ha.post(base + "/places", data=said | {"closes_at": "07:00"}).status_code == 422
    tap = {"turns": "1", "audience": "pupils", "uid": str(clock.uuid7())}
    for _click in range(2):
        assert ha.post(base + "/turns", data=tap).status_code == 303
    assert ha.post(base + "/places", data=said | {"opens_at": "²:00"}).status_code == 422
    assert ha.post(base + "/turns", data={"turns": "0"}).status_code == 422
    assert ha.post(base + "/turns", data={"turns": "4", "on": (clock.today() + DAY).isoformat()}).status_code == 422
    page = ha.get(base).get_data(as_text=True)
    assert "Thứ Hai, Thứ Ba, Thứ Bảy, 07:30 – 16:30" in page
    assert figures() == {"internet-places": 6, "internet-turns": 1}
    one = db.session.scalars(select(InternetCount.uid)).one()
    assert ha.get(f"/internet/{one}").location == base, "from the figure to its page"
    ha.post(base + "/undo", data={"count": str(one)})
    ha.post(base + "/undo", data={"place": str(db.session.scalars(select(InternetPlace.uid)).one())})
    assert figures() == {}
