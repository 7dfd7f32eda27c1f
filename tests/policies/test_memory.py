"""Rules are kept in memory, and every process and thread hears of a change with the next request."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from flask import Flask

from library.core import versions
from library.core.db import db
from library.policies import rulebook
from library.policies.rulebook import RULES
from tests.support.people import commit
from tests.support.policies import lends
from tests.support.statements import counted
from tests.support.world import World

ROOT = Path(__file__).parents[2]
OTHER = """
import sys
from library import create_app
from library.core import versions
from library.core.db import db
from library.policies import rulebook

app = create_app({"DATA": sys.argv[2], "DATABASE": sys.argv[1], "SECRET_KEY": "test"})
for line in sys.stdin:
    with app.app_context():
        session = db.session()
        book = rulebook.of(session, int(line), versions.of(session, rulebook.RULES))
        print(book.resolve(None, None).values.most, flush=True)
        db.session.remove()
"""


def most(library_id: int) -> int | None:
    session = db.session()
    return rulebook.of(session, library_id, versions.of(session, RULES)).resolve(None, None).values.most


def test_a_warm_book_costs_no_statement(world: World) -> None:
    library = world.school().id
    lends(world.session(), library, most=3)
    commit()
    assert most(library) == 3
    version = versions.of(db.session(), RULES)
    with counted() as sent:
        rulebook.of(db.session(), library, version).resolve(1, 2)
    assert sent == []


def test_a_change_is_heard_at_once_and_one_taken_back_is_not(world: World) -> None:
    library = world.school().id
    lends(world.session(), library, most=3)
    commit()
    assert most(library) == 3
    lends(world.session(), library, most=4)
    commit()
    assert most(library) == 4
    lends(world.session(), library, most=5)
    db.session.rollback()
    assert most(library) == 4


def test_another_process_hears_of_it(app: Flask, world: World, tmp_path: Path) -> None:
    """What the page writes here holds there with its next question."""
    library = world.school().id
    lends(world.session(), library, world.category(), most=1)
    lends(world.session(), library, most=3)
    commit()
    url = db.engine.url.render_as_string(hide_password=False)
    other = subprocess.Popen(
        [sys.executable, "-c", OTHER, url, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    assert other.stdin
    assert other.stdout
    try:
        told = []
        for number in (3, 7, 2):
            lends(world.session(), library, most=number)
            commit()
            other.stdin.write(f"{library}\n")
            other.stdin.flush()
            told.append(other.stdout.readline().strip())
        assert told == ["3", "7", "2"]
    finally:
        other.stdin.close()
        other.wait(30)
        other.stdout.close()


def test_threads_never_see_a_mixture(app: Flask, world: World) -> None:
    """Readers of the book while lines change: always one of the tables that stood at some moment."""
    library = world.school().id
    lends(world.session(), library, most=0, renewals=0)
    commit()
    seen: set[tuple[int | None, int]] = set()

    def look(_: int) -> tuple[int | None, int]:
        with app.app_context():
            session = db.session()
            values = rulebook.of(session, library, versions.of(session, RULES)).resolve(None, None).values
            db.session.remove()
            return values.most, values.renewals

    with ThreadPoolExecutor(3) as threads:
        for number in range(1, 9):
            waiting = threads.map(look, range(6))
            lends(world.session(), library, most=number, renewals=number)
            commit()
            seen |= set(waiting)
    assert all(books == renewals for books, renewals in seen)
    assert look(0) == (8, 8)
