"""Every step goes up, down and up again, with people's data in it."""

from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import inspect, text

from library.core.db import Base, db
from tests.migrations.lived import counts, let_go, live
from tests.support.world import World


def steps(app: Flask) -> list[str]:
    """Numbers of the migrations, newest first."""
    return [one.revision for one in ScriptDirectory(app.extensions["migrate"].directory).walk_revisions()]


def test_steps_are_numbered_in_one_line(app: Flask) -> None:
    numbers = sorted(steps(app))
    assert numbers == [f"{number:04}" for number in range(1, len(numbers) + 1)]


def test_each_is_told_in_a_sentence_and_says_how_it_lives_beside_the_previous_release(app: Flask) -> None:
    for one in ScriptDirectory(app.extensions["migrate"].directory).walk_revisions():
        first, _, rest = (one.module.__doc__ or "").strip().partition("\n")
        assert first.endswith("."), one.revision
        assert "previous release" in rest, one.revision


def test_from_nothing_to_the_newest_and_back_and_again(app: Flask) -> None:
    with app.app_context():
        let_go()
        downgrade(revision="base")
        with db.engine.connect() as connection:
            assert set(inspect(connection).get_table_names()) <= {"alembic_version"}
        upgrade()
        with db.engine.connect() as connection:
            assert set(Base.metadata.tables) <= set(inspect(connection).get_table_names())


def test_every_step_down_and_up_again_keeps_what_is_there(app: Flask, world: World) -> None:
    live(world)
    with db.engine.connect() as connection:
        before = counts(connection, sorted(Base.metadata.tables))
        moves = connection.execute(text("SELECT * FROM movement ORDER BY id")).all()
        connection.rollback()
    assert before["movement"] == 5
    assert before["loan"] == 2
    for number in steps(app)[:-1]:  # below the first one there is nothing
        upgrade(revision=number)
        downgrade(revision="-1")
        upgrade(revision=number)
        downgrade(revision="-1")
    upgrade()
    with db.engine.connect() as connection:
        assert counts(connection, sorted(Base.metadata.tables)) == before
        assert connection.execute(text("SELECT * FROM movement ORDER BY id")).all() == moves


def test_titles_are_found_again_after_the_index_was_made_anew(app: Flask, world: World) -> None:
    live(world)
    downgrade(revision="0002")
    upgrade()
    query = {
        "sqlite": "SELECT count(*) FROM record_search WHERE record_search MATCH 'phieu'",
        "postgresql": "SELECT count(*) FROM record WHERE to_tsvector('simple', search_text) @@ to_tsquery('simple', 'phieu')",
    }
    with db.engine.connect() as connection:
        assert connection.execute(text(query[connection.dialect.name])).scalar_one() == 1
