"""One suite, two databases: SQLite by default, PostgreSQL with TEST_DATABASE=postgresql (`make test` runs both)."""

import os
import shutil
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import hypothesis
import psycopg
import pytest
from flask import Flask
from flask_migrate import upgrade

from library import create_app
from library.core import memory
from library.core.db import db
from tests.support import postgres, quick
from tests.support.browser import Browser
from tests.support.chromium import chromium, server
from tests.support.world import World

__all__ = ["chromium", "server"]
hypothesis.settings.register_profile("untimed", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("untimed")
quick.remember_addresses()
quick.remember_statements()
quick.cheap_passwords()
BACKEND = os.environ.get("TEST_DATABASE", "sqlite")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--histories", type=int, default=2000, help="random histories the ledger is compared over")


def pytest_report_header() -> str:
    return f"database: {BACKEND}"


class Databases:
    """Makes fresh, migrated databases quickly: by copying a template."""

    def __init__(self, folder: Path, server: str | None) -> None:
        self.folder, self.server, self.count = folder, server, 0
        self.template = self._template()

    def _template(self) -> str:
        url = self._empty("template")
        app = create_app({"DATA": self.folder / "template", "DATABASE": url, "SECRET_KEY": "test"})
        with app.app_context():
            upgrade()
            for engine in db.engines.values():
                engine.dispose()
        return url

    def _empty(self, name: str) -> str:
        if self.server is None:
            (self.folder / name).mkdir(exist_ok=True)
            return f"sqlite:///{self.folder / name / 'test.db'}"
        self._run(f'CREATE DATABASE "{name}"')
        return self.server + name

    def _run(self, statement: str) -> None:
        assert self.server
        with psycopg.connect(self.server.replace("+psycopg", "") + "postgres", autocommit=True) as connection:
            connection.execute(statement)

    def fresh(self) -> str:
        self.count += 1
        name = f"t{self.count}"
        if self.server is None:
            url = self._empty(name)
            shutil.copy(self.folder / "template" / "test.db", self.folder / name / "test.db")
            return url
        self._run(f'CREATE DATABASE "{name}" TEMPLATE template')
        return self.server + name

    def drop(self, url: str) -> None:
        name = url.rsplit("/", 2)[-2] if self.server is None else url.rsplit("/", 1)[-1]
        if self.server is None:
            shutil.rmtree(self.folder / name, ignore_errors=True)
        else:
            self._run(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def databases() -> Iterator[Databases]:
    memory.settle()
    with (
        quick.folder("databases") as folder,
        postgres.server() if BACKEND == "postgresql" else nullcontext() as address,
    ):
        yield Databases(folder, address)


@pytest.fixture
def database_url(databases: Databases) -> Iterator[str]:
    url = databases.fresh()
    yield url
    databases.drop(url)


@pytest.fixture
def app(database_url: str, tmp_path: Path) -> Iterator[Flask]:
    """The application on a fresh database."""
    made = create_app({"DATA": tmp_path, "DATABASE": database_url, "SECRET_KEY": "test"})
    made.testing = True
    made.test_client_class = Browser
    quick.share_templates(made)
    yield made
    with made.app_context():
        for engine in db.engines.values():
            left = engine.pool.checkedout()  # type: ignore[attr-defined]  # QueuePool on both databases
            engine.dispose()
            assert left == 0, "a connection was never given back"


@pytest.fixture
def world(app: Flask) -> Iterator[World]:
    """An open application context and hands to build a small world in."""
    with app.app_context():
        yield World(db.session)
        db.session.rollback()
