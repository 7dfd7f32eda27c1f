"""The log of a site: touches that count, requests that were not met, and taking the last one back."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from library.core import clock
from library.inbox.acts import Doing
from library.rotation import site_log, site_page, wishes
from library.rotation.models import Site
from library.rotation.site_log import Counted, LogRefused
from library.uses.models import DocumentUse, UseKind, Visit, VisitKind
from tests.support import rotation
from tests.support.people import DeskPage, account, sign_in
from tests.support.world import World


@pytest.fixture
def site(world: World) -> Iterator[Site]:
    rotation.account(world, "tu")
    account(world)
    yield rotation.school_site(world)


def count(world: World, site: Site, **told: Any) -> int:
    return site_log.count(world.session(), Doing.now(branch_id=site.branch_id), site, Counted(**told))


def sums(world: World) -> tuple[int, int]:
    """Visits and uses that stand, whatever was taken back."""
    world.session.expire_all()
    visits = world.session.scalar(select(func.sum(Visit.quantity)).where(Visit.kind == VisitKind.SITE))
    uses = world.session.scalar(select(func.sum(DocumentUse.quantity)).where(DocumentUse.kind == UseKind.TALLY))
    return visits or 0, uses or 0


def test_visits_and_uses_are_of_the_site_s_branch_and_place(world: World, site: Site) -> None:
    count(world, site, visits=5, uses=3, class_name="4A", grade=4)
    visit, use = world.session.scalars(select(Visit)).one(), world.session.scalars(select(DocumentUse)).one()
    assert (visit.branch_id, visit.place_id, visit.quantity, visit.grade) == (site.branch_id, site.place_id, 5, 4)
    assert (use.place_id, use.kind, use.quantity, use.channel, use.class_name) == (
        site.place_id, UseKind.TALLY, 3, "site", "4A",
    )  # fmt: skip
    assert site_page.counted(world.session(), site, clock.today(), clock.today()) == (5, 3)


def test_a_day_of_the_past_is_written_on_that_day(world: World, site: Site) -> None:
    before = clock.today() - timedelta(days=3)
    count(world, site, visits=40, on=before)
    assert world.session.scalars(select(Visit.visited_on)).one() == before
    assert site_log.day(world.session(), site, clock.today()).visits == 0


@pytest.mark.parametrize("days", [1, -93, -500])
def test_no_day_ahead_and_none_long_past(world: World, site: Site, days: int) -> None:
    with pytest.raises(LogRefused, match="day"):
        count(world, site, visits=1, on=clock.today() + timedelta(days=days))
    assert sums(world) == (0, 0)


@pytest.mark.parametrize("told", [{}, {"visits": 2001}, {"uses": -1, "visits": 1}])
def test_a_slip_of_the_finger_counts_nothing(world: World, site: Site, told: dict[str, int]) -> None:
    with pytest.raises(LogRefused, match="how-many"):
        count(world, site, **told)


def test_a_closed_site_counts_no_more(world: World, site: Site) -> None:
    site.closed_on = clock.today() - timedelta(days=1)
    with pytest.raises(LogRefused, match="closed"):
        count(world, site, visits=1)
    with pytest.raises(LogRefused, match="closed"):
        site_log.asked(world.session(), Doing.now(), site, "Conan")


def test_classes_of_the_school_come_as_a_whole(world: World, site: Site) -> None:
    for name in ("Hoàng Mai Lan", "Lý Văn Bình"):
        world.patron(name, class_name="5A")
    (group,) = site_log.classes(world.session(), site, clock.today())
    assert (group.name, group.grade, group.readers) == ("5A", 5, 2)
    assert site_log.classes(world.session(), rotation.site(world), clock.today()) == []


def test_the_list_tells_what_stands_newest_first(world: World, site: Site) -> None:
    count(world, site, visits=5)
    count(world, site, visits=2, uses=8)
    site_log.asked(world.session(), Doing.now(), site, "Conan", 3)
    told = [
        (one.visits, one.uses, one.wished, one.times) for one in site_log.recent(world.session(), site, clock.today())
    ]
    assert told == [(0, 0, "Conan", 3), (2, 8, None, 0), (5, 0, None, 0)]


# The page


@pytest.fixture
def ha(app: Flask, world: World, site: Site) -> FlaskClient:
    world.session.commit()
    return sign_in(app)


def test_a_touch_is_a_form_of_its_own(world: World, site: Site, ha: FlaskClient) -> None:
    answer = ha.post(f"/rotation/sites/{site.uid}/log", data={"visits": "5", "uid": str(uuid4())})
    assert answer.status_code == 303
    page = ha.get(answer.location).get_data(as_text=True)
    assert "Đã ghi 5 lượt người." in page and '<b data-day="visits">5</b>' in page
    assert sums(world) == (5, 0)


def test_the_same_form_twice_counts_once(world: World, site: Site, ha: FlaskClient) -> None:
    form = {"uses": "5", "uid": str(clock.uuid7())}
    for _ in range(2):
        assert ha.post(f"/rotation/sites/{site.uid}/log", data=form).status_code == 303
    assert sums(world) == (0, 5)


def send(ha: FlaskClient, site: Site, device: UUID, path: str = "log", **more: Any) -> Any:
    return ha.post(f"/rotation/sites/{site.uid}/{path}", json=DeskPage(ha, device).posted(**more))


def test_a_script_is_told_the_new_numbers_and_takes_the_last_back(world: World, site: Site, ha: FlaskClient) -> None:
    first = send(ha, site, uuid4(), visits=10).get_json()
    assert first["day"]["visits"] == 10
    second = send(ha, site, uuid4(), uses=4).get_json()
    assert second["day"] == {"visits": 10, "uses": 4, "month_visits": 10, "month_uses": 4}
    undone = send(ha, site, uuid4(), "log/undo", act=first["act"]).get_json()
    assert undone["day"]["visits"] == 0
    assert sums(world) == (0, 4)
    assert send(ha, site, uuid4(), "log/undo", act=first["act"]).status_code == 409


def test_a_whole_class_counts_as_its_class(world: World, app: Flask, site: Site) -> None:
    world.patron(class_name="5A")
    world.session.commit()
    send(sign_in(app), site, uuid4(), visits=31, group="5A")
    visit = world.session.scalars(select(Visit)).one()
    assert (visit.quantity, visit.class_name, visit.grade) == (31, "5A", 5)


def test_what_was_asked_for_becomes_a_wish_and_can_be_taken_back(world: World, site: Site, ha: FlaskClient) -> None:
    done = send(ha, site, uuid4(), wish="Conan", times=3).get_json()
    since = clock.today()
    assert [(one.text, one.quantity) for one in wishes.of_site(world.session(), site.id, since)] == [("Conan", 3)]
    assert send(ha, site, uuid4(), "log/undo", act=done["act"]).status_code == 200
    world.session.expire_all()
    assert wishes.of_site(world.session(), site.id, since) == []


def test_an_act_of_another_site_is_not_taken_back_here(world: World, app: Flask, site: Site) -> None:
    other = rotation.site(world, "TH Chợ Rã")
    world.session.commit()
    tu = sign_in(app, "tu")
    there = send(tu, other, uuid4(), visits=1).get_json()["act"]
    assert send(tu, site, uuid4(), "log/undo", act=there).status_code == 404
    assert send(tu, site, uuid4(), "log/undo", act="không phải").status_code == 404


@pytest.mark.parametrize("told", [{}, {"visits": "abc"}, {"visits": 2001}, {"wish": "x" * 201}, {"uses": 1, "on": "x"}])
def test_what_is_wrong_is_said_and_nothing_is_counted(
    world: World, site: Site, ha: FlaskClient, told: dict[str, Any]
) -> None:
    assert send(ha, site, uuid4(), **told).status_code in (409, 422)
    assert sums(world) == (0, 0)


def test_the_log_of_elsewhere_is_none(world: World, app: Flask, site: Site) -> None:
    other = rotation.site(world, "TH Chợ Rã")
    world.session.commit()
    ha = sign_in(app)
    assert ha.get(f"/rotation/sites/{other.uid}/log").status_code == 404
    assert send(ha, other, uuid4(), visits=1).status_code == 404
