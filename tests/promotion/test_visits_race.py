"""Two processes at the same instant: whoever comes first, a reader came once."""

from collections import Counter
from pathlib import Path

from flask import Flask
from sqlalchemy import select

from library.core import clock
from library.core.db import db
from library.inbox.acts import Doing
from library.loans.facts import Desk
from library.promotion import kiosks
from library.promotion.kiosks import Stand
from library.uses.models import Visit, VisitKind, Visitor
from library.uses.settings import USUAL
from tests.loans.test_race import orders, scan
from tests.support.policies import lends
from tests.support.racing import race, settings_of
from tests.support.world import World

ROUNDS = 60


def told(order: tuple[Stand, int]) -> str:
    """At the kiosk, as its view does it."""
    stand, reader = order
    doing = Doing(clock.uuid7(), branch_id=stand.branch_id)
    return str(kiosks.reader(db.session(), stand, doing, reader, USUAL).new)


def standing() -> Counter[tuple[int, str]]:
    back = select(Visit.reverses_id).where(Visit.reverses_id.is_not(None))
    query = select(Visitor.membership_id, Visit.kind).join(Visit, Visit.id == Visitor.visit_id)
    found = db.session.execute(query.where(Visit.id.not_in(back)))
    return Counter((reader, kind.value) for reader, kind in found)


def test_two_desks_and_the_door(app: Flask, world: World, database_url: str, tmp_path: Path) -> None:
    school = world.school()
    lends(world.session, school.id, days=14, most=100)
    branch = world.branch()
    place = Desk(school.id, school.network_id or 0, branch.id)
    readers = [world.patron(f"Lan {number}") for number in range(ROUNDS * 2)]
    codes = [one.accession or "" for one in world.items(ROUNDS * 3)]
    uids, ids = [str(one.uid) for one in readers], [one.id for one in readers]
    stand = Stand(
        "", branch.id, school.id, school.network_id, school.name, 0, clock.uuid7(), clock.uuid7(), clock.now()
    )
    world.session.commit()
    settings = settings_of(database_url, tmp_path)
    race(
        settings, (scan, orders(place, codes[:ROUNDS], uids[:ROUNDS])),
        (scan, orders(place, codes[ROUNDS : ROUNDS * 2], uids[:ROUNDS])),
    )  # fmt: skip
    assert standing() == Counter({(one, VisitKind.DESK.value): 1 for one in ids[:ROUNDS]})
    db.session.rollback()
    race(
        settings, (scan, orders(place, codes[ROUNDS * 2 :], uids[ROUNDS:])),
        (told, [(stand, one) for one in ids[ROUNDS:]]),
    )  # fmt: skip
    assert {(one, kind): count for (one, kind), count in standing().items() if one in ids[ROUNDS:]} == {
        (one, VisitKind.KIOSK.value): 1 for one in ids[ROUNDS:]
    }
