"""A figure that is frozen has heard of everything that was being written when its moment was taken."""

import threading
import time
from datetime import date

from flask import Flask

from library.core import clock
from library.core.db import db, for_writing
from library.inbox import acts, once
from library.inbox.acts import Doing
from library.reports import asking, hearing
from library.reports.asking import Ask
from library.uses import counting
from library.uses.counting import Frozen
from library.uses.models import UseKind
from tests.support.world import World, at

SEPTEMBER = (date(2026, 9, 1), date(2026, 9, 30))
WHILE = 0.3
"""Seconds between a fact's time and the end of its transaction."""


def test_a_fact_recorded_before_and_committed_after_is_in_the_frozen_figure(app: Flask, world: World) -> None:
    unit, branch = world.school().id, world.branch().id
    world.session().commit()
    recorded = threading.Event()

    def somebody_at_a_desk() -> None:
        with app.app_context():
            session, uid = db.session(), clock.uuid7()
            once.arrive(session, uid, None, {})
            act = acts.write(session, Doing(uid, branch_id=branch, at=at(5)), "tally", at(5)), uid
            counting.tally(session, act, UseKind.TALLY, 7, at(5), Frozen(branch))
            session.flush()
            recorded.set()
            time.sleep(WHILE)
            session.commit()

    other = threading.Thread(target=somebody_at_a_desk)
    other.start()
    assert recorded.wait(30)
    for_writing()
    session = db.session()
    once.arrive(session, clock.uuid7(), None, {})
    known_at = hearing.moment(session)
    told = asking.total(session, Ask("uses", frozenset({unit}), *SEPTEMBER, known_at))
    other.join()
    session.commit()
    assert told == 7 == asking.total(session, Ask("uses", frozenset({unit}), *SEPTEMBER, known_at))
