"""A teacher signs at the instant at which the librarian plans anew: what is signed stays, or was not signed."""

import time
from pathlib import Path

from flask import Flask
from sqlalchemy import select, true

from library.core import clock
from library.core.db import db
from library.core.errors import NotFound
from library.inbox.acts import Doing
from library.shelves import swap_giving, swaps
from library.shelves.models import SwapMove, SwapPlan
from library.shelves.swap_giving import Side
from tests.shelves.test_swaps import Grade
from tests.support.racing import race, settings_of
from tests.support.world import World

Order = tuple[int, int]
"""A plan's id, a teacher's account."""
TIMES = 4
SLOW = 0.3
"""Seconds from a signature to its commit; the planning begins in their middle."""


def sign(order: Order) -> str:
    session = db.session()
    query = select(SwapMove).where(SwapMove.plan_id == order[0], SwapMove.given_at.is_(None))
    uid = session.scalars(query.order_by(SwapMove.round, SwapMove.box_id).limit(1)).one().uid
    try:
        move = swap_giving.move_by_uid(session, uid, true())
    except NotFound:
        return "planned away"
    swap_giving.say(session, Doing(clock.uuid7()), move, Side.GIVE, order[1])
    said = str(move.uid)
    time.sleep(SLOW)
    return said


def again(order: Order) -> str:
    session = db.session()
    uid = session.get_one(SwapPlan, order[0]).uid
    session.rollback()
    time.sleep(SLOW / 2)
    plan = swaps.by_uid(session, uid, true(), hold=True)
    swaps.plan_anew(session, Doing(clock.uuid7()), plan)
    return "anew"


def test_what_is_signed_is_never_planned_away(world: World, app: Flask, database_url: str, tmp_path: Path) -> None:
    orders = []
    for number in range(TIMES):
        grade = Grade(world, (f"4A{number}", f"4B{number}"), 1)
        orders.append((grade.plan.id, grade.teachers[f"4A{number}"].id))
    world.session.commit()
    signed, anew = race(settings_of(database_url, tmp_path), (sign, orders), (again, orders))
    assert anew == ["anew"] * TIMES
    told = {uid for uid in signed if uid != "planned away"}
    given = world.session.scalars(select(SwapMove.uid).where(SwapMove.given_at.is_not(None)))
    assert {str(uid) for uid in given} == told
