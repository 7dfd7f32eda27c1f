"""Rotation and circulation are two figures: counted apart, by site, batch and month; and the workbook says the same."""

from collections.abc import Iterator
from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import true

from library.core import clock
from library.inbox import acts
from library.inbox.acts import Doing
from library.inbox.models import Act
from library.rotation import figures, site_log, undoing
from library.rotation.figures import Asked, By, Line
from library.rotation.models import Batch, Leg, LegLine, LineOutcome, Site
from library.rotation.site_log import Counted
from library.rotation.strangers import NOT_THERE
from library.uses import counting
from library.uses.counting import Frozen
from library.uses.models import UseKind
from tests.support import rotation
from tests.support.people import sign_in
from tests.support.world import World

NOW = clock.now()


@pytest.fixture
def two(world: World) -> Iterator[World]:
    rotation.account(world, "tu")
    rotation.account(world, "thao")
    yield world


def of(world: World, by: By = By.SITE, since: date | None = None, until: date | None = None) -> dict[str, Line]:
    today = clock.today()
    asked = Asked(true(), true(), since or today - timedelta(days=200), until or today)
    return {one.name: one for one in figures.of(world.session(), asked, by)}


def forwarded(world: World) -> tuple[Batch, Site, Site]:
    """Six copies to one site two months ago, five of them on to another a month ago; one was missing then."""
    first, second = rotation.site(world, "TH Đức Xuân"), rotation.site(world, "TH Xuất Hóa")
    with clock.stopped_at(NOW - timedelta(days=60)):
        made = rotation.packed(world, rotation.batch(world, [first, second], rotation.stock(world, 6)))
    with clock.stopped_at(NOW - timedelta(days=59)):
        leg = rotation.sent(world, made)
    with clock.stopped_at(NOW - timedelta(days=58)):
        rotation.received(world, leg, by="thao")
    with clock.stopped_at(NOW - timedelta(days=30)):
        leg = rotation.sent(world, made, 2, by="thao")
    with clock.stopped_at(NOW - timedelta(days=29)):
        rotation.received(world, leg, short=[rotation.lines_of(world, made)[0].item], by="tu")
    return made, first, second


def use(world: World, made: Batch, site: Site, days_ago: int, copies: int, kind: UseKind = UseKind.HOME) -> int:
    items = [line.item for line in rotation.lines_of(world, made)][1 : copies + 1]
    with clock.stopped_at(NOW - timedelta(days=days_ago)):
        doing = Doing.now(branch_id=site.branch_id)
        act = acts.write(world.session(), doing, "take-in", clock.now()), doing.uid
        for item in items:
            counting.record(world.session(), act, item.id, kind, clock.now(), Frozen(site.branch_id))
    return act[0]


def test_every_leg_to_a_site_is_a_trip_with_its_copies(two: World) -> None:
    forwarded(two)
    found = of(two)
    assert [(one.trips, one.copies, one.value) for one in found.values()] == [(1, 6, 270_000), (1, 6, 270_000)]
    (batch,) = of(two, By.BATCH).values()
    assert (batch.trips, batch.copies) == (2, 12)


def test_reading_belongs_to_where_the_copy_stayed_that_day(two: World) -> None:
    made, first, second = forwarded(two)
    use(two, made, first, 50, 3)
    use(two, made, second, 20, 2)
    use(two, made, second, 19, 2, UseKind.RENEWAL)
    use(two, made, first, 18, 1)  # it is not there any more
    use(two, made, first, 70, 1)  # it was not there yet
    found = of(two)
    assert (found["TH Đức Xuân"].uses, found["TH Xuất Hóa"].uses) == (3, 2)
    assert found["TH Đức Xuân"].turns == 0.5
    assert found["TH Đức Xuân"].cost == 90_000
    (batch,) = of(two, By.BATCH).values()
    assert batch.uses == 5


def test_who_lost_it_is_who_answers_for_it(two: World) -> None:
    forwarded(two)
    found = of(two)
    assert (found["TH Đức Xuân"].lost, found["TH Xuất Hóa"].lost) == (1, 0)
    assert found["TH Đức Xuân"].loss == 1 / 6


def test_what_turned_up_is_no_loss(two: World) -> None:
    made, _, _ = forwarded(two)
    leg: Leg = rotation.legs_of(two, made)[1]
    line = two.session.get_one(LegLine, (leg.id, rotation.lines_of(two, made)[0].item_id))
    line.found_at = clock.now()
    two.session.flush()
    assert figures.total(of(two).values()).lost == 0


def test_the_log_counts_visits_and_uses_and_undoing_counts_nothing(two: World) -> None:
    site = rotation.site(two, "TH Chợ Rã")
    doing = Doing.now(branch_id=site.branch_id)
    act = site_log.count(two.session(), doing, site, Counted(visits=30, uses=12))
    assert (of(two)["TH Chợ Rã"].visits, of(two)["TH Chợ Rã"].uses) == (30, 12)
    undoing.undo(two.session(), Doing.now(), two.session.get_one(Act, act))
    assert (of(two)["TH Chợ Rã"].visits, of(two)["TH Chợ Rã"].uses) == (0, 0)


def test_only_the_days_that_were_asked_count(two: World) -> None:
    made, first, _ = forwarded(two)
    use(two, made, first, 50, 3)
    today = clock.today()
    late = of(two, By.SITE, since=today - timedelta(days=40))
    assert [(one.trips, one.uses) for one in late.values()] == [(0, 0), (1, 0)]
    assert [one.uses for one in of(two, By.SITE, until=today - timedelta(days=51)).values()] == [0, 0]


def test_months_add_up_to_the_sites(two: World) -> None:
    made, first, second = forwarded(two)
    use(two, made, first, 50, 3)
    use(two, made, second, 20, 2)
    site_log.count(two.session(), Doing.now(branch_id=second.branch_id), second, Counted(visits=30, uses=12))
    months, sites = of(two, By.MONTH), of(two)
    assert figures.total(months.values()) == figures.total(sites.values())
    today = clock.today()
    assert list(months)[-1] == f"{today:%Y-%m}"
    assert len(months) == 7 or len(months) == 8
    assert months[f"{today:%Y-%m}"].visits == 30


@pytest.fixture
def tu(app: Flask, two: World) -> Any:
    made, first, _ = forwarded(two)
    use(two, made, first, 50, 3)
    two.session.commit()
    return sign_in(app, "tu")


@pytest.mark.parametrize("by", ["site", "batch", "month", "nonsense"])
def test_the_page_shows_both_plots_and_never_their_sum(tu: Any, by: str) -> None:
    page = tu.get(f"/rotation/figures?by={by}&since=2026-01-01&until=2026-12-31").get_data(as_text=True)
    assert page.count('<figure class="plot-figure">') == page.count('<details class="plot-table">') == 2
    assert "bản luân chuyển, 2 chuyến" in page
    assert "Hai số khác nhau, không cộng vào nhau" in page


@pytest.mark.parametrize("by", ["site", "batch", "month"])
def test_the_workbook_says_what_the_page_says(tu: Any, by: str) -> None:
    today = clock.today()
    address = f"/rotation/figures.xlsx?by={by}&since={today - timedelta(days=200)}&until={today}"
    rows = list(load_workbook(BytesIO(tu.get(address).data)).active.values)
    assert rows[0][1:3] == ("Chuyến luân chuyển", "Bản luân chuyển")
    assert rows[-1][0] == "Cộng"
    assert [float(cell) for cell in rows[-1][1:3]] == [2, 12]
    assert float(rows[-1][4]) == 3


@pytest.mark.parametrize(
    "days", ["since=x&until=y", "since=0001-01-01", "since=2026-12-31&until=2026-01-01", "until=9999-12-31"]
)
def test_days_that_cannot_be_are_the_usual(tu: Any, days: str) -> None:
    assert tu.get(f"/rotation/figures?{days}").status_code == 200
    assert tu.get(f"/rotation/figures.xlsx?{days}").status_code == 200


def test_what_was_not_there_did_not_go_on(two: World) -> None:
    made, _first, _second = forwarded(two)
    leg = rotation.legs_of(two, made)[1]
    gone = two.session.get_one(LegLine, (leg.id, rotation.lines_of(two, made)[0].item_id))
    gone.note = NOT_THERE
    two.session.flush()
    assert [one.copies for one in of(two).values()] == [6, 5]
    assert of(two)["TH Đức Xuân"].lost == 1, "it is missing all the same"


def test_what_was_lost_when_the_batch_closed_is_lost(two: World) -> None:
    made, _first, _second = forwarded(two)
    lines = rotation.lines_of(two, made)
    missed, lost = lines[0], lines[1]
    for line in (missed, lost):
        line.outcome, line.closed_at, line.closed_by = LineOutcome.LOST, clock.now(), made.act_id
    two.session.flush()
    found = of(two)
    assert (found["TH Đức Xuân"].lost, found["TH Xuất Hóa"].lost) == (1, 1), "each once, where it was last"
    assert [one.lost for one in of(two, By.BATCH).values()] == [2]
    assert figures.total(of(two, By.MONTH).values()).lost == 2
    lost.settled_how, lost.settled_at = "found", clock.now()
    two.session.flush()
    assert figures.total(of(two).values()).lost == 1


def test_what_the_owner_answers_for_has_a_line(two: World) -> None:
    made, _first, _second = forwarded(two)
    leg = rotation.legs_of(two, made)[1]
    line = two.session.get_one(LegLine, (leg.id, rotation.lines_of(two, made)[0].item_id))
    line.answers_site_id = None
    two.session.flush()
    found = of(two)
    assert found[made.library.name].lost == 1
    assert figures.total(found.values()) == figures.total(of(two, By.MONTH).values())


def test_the_page_names_an_owner_who_answers_without_a_link(app: Flask, two: World) -> None:
    made, _first, _second = forwarded(two)
    leg = rotation.legs_of(two, made)[1]
    two.session.get_one(LegLine, (leg.id, rotation.lines_of(two, made)[0].item_id)).answers_site_id = None
    two.session.commit()
    page = sign_in(app, "tu").get("/rotation/figures?since=2026-01-01&until=2026-12-31").get_data(as_text=True)
    assert f'<th scope="row">{made.library.name}</th>' in page
