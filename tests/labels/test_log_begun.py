"""What was printed before there was a log is in it afterwards."""

from datetime import timedelta

from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import text

from library.access import Scope
from library.core import clock
from library.core.db import db
from library.labels import runs
from tests.migrations.lived import let_go
from tests.support.world import World


def test_copies_marked_in_one_moment_are_one_printing(app: Flask, world: World) -> None:
    now, items = clock.now(), world.items(5)
    for item, ago in zip(items, (1, 1, 2, 2, None), strict=True):
        item.label_printed_at = now - timedelta(days=ago) if ago else None
    library, last = world.school().id, items[4].id
    db.session.commit()
    let_go()
    downgrade(revision="0011")
    let_go()
    upgrade()
    found = runs.printed(db.session(), Scope(libraries=frozenset({library})))
    assert [(one.count, one.first, one.last, one.who) for one in found] == [
        (2, "TN.00001", "TN.00002", None), (2, "TN.00003", "TN.00004", None),
    ]  # fmt: skip
    runs.write(db.session(), runs.Doing(None, library, runs.Why.NEW, "", "", 1), [last], now)
    assert db.session.execute(text("SELECT count(*) FROM label_run")).scalar_one() == 3, "ids go on"
    db.session.rollback()
