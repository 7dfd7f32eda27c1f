"""Four weeks of a province through the real functions: batches round its sites, a van round its stops, late and lost things.

Longer and larger, as a bench: `python -m tests.bench rotation-year`.
"""

import pytest
from flask import Flask
from sqlalchemy import delete, select, update

from library.calendars.models import PlaceOpening
from library.core.db import db
from library.holdings.models import Item, Place, PlaceKind
from library.loans.models import Loan
from library.mobile.models import Trip, TripState
from library.rotation.models import Batch, BatchLine, BatchState, Leg, LegLine, LegOutcome, LineOutcome
from tests.support import rotation_truths
from tests.support.rotation_year import FOUR_WEEKS, Year
from tests.support.world import World


def run(app: Flask, *words: str) -> int:
    db.session.commit()
    db.session.remove()
    result = app.test_cli_runner().invoke(args=words)
    assert result.exit_code == 0, result.output
    return result.exit_code


def played(world: World, seed: int) -> Year:
    year = Year(world, FOUR_WEEKS, seed)
    year.found()
    year.play()
    return year


@pytest.mark.parametrize("seed", [7, 20261122])
def test_four_weeks_leave_nothing_unexplained(app: Flask, world: World, seed: int) -> None:
    year = played(world, seed)
    assert rotation_truths.wrong(world.session()) == []
    assert run(app, "holdings", "audit") == run(app, "loans", "audit") == 0
    count = year.count
    assert count.batches == FOUR_WEEKS.batches
    assert count.trips == FOUR_WEEKS.trips
    assert min(count.legs, count.loans, count.returns, count.visits, count.follows) > 0, count
    states = set(world.session.scalars(select(Batch.state)))
    assert states == {BatchState.CLOSED}
    assert set(world.session.scalars(select(Trip.state))) <= {TripState.CLOSED, TripState.CANCELLED}


def test_every_check_can_fail(world: World) -> None:
    """One row is spoiled at a time, behind the back of the functions: each time something is said."""
    played(world, 7)
    session = world.session()
    copy = select(LegLine.item_id).where(LegLine.outcome == LegOutcome.ARRIVED).limit(1).scalar_subquery()
    line = select(BatchLine.id).where(BatchLine.outcome == LineOutcome.RETURNED).limit(1).scalar_subquery()
    opening = select(PlaceOpening.place_id).limit(1).scalar_subquery()
    elsewhere = select(Place.id).where(Place.kind == PlaceKind.REPAIR).limit(1).scalar_subquery()
    home = select(Leg.id).where(Leg.to_site_id.is_(None), Leg.sent_at.is_not(None)).limit(1).scalar_subquery()
    returned = select(Loan.id).where(Loan.ended_at.is_not(None)).order_by(Loan.id.desc()).limit(1).scalar_subquery()
    spoiled = (
        update(Item).where(Item.id == copy).values(place_id=elsewhere),
        update(BatchLine).where(BatchLine.id == line).values(outcome=None, closed_at=None),
        update(BatchLine).where(BatchLine.id == line).values(outcome=LineOutcome.LEFT_OUT),
        delete(PlaceOpening).where(PlaceOpening.place_id == opening),
        update(Leg).where(Leg.id == home).values(from_site_id=None),
        delete(LegLine).where(LegLine.leg_id == home),
        update(Loan).where(Loan.id == returned).values(ended_at=None, ended_by=None, ended_why=None),
    )
    for statement in spoiled:
        session.execute(statement, execution_options={"synchronize_session": False})
        assert rotation_truths.wrong_now(session) != [], str(statement)
        session.rollback()
