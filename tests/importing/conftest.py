"""Chị Mai brings lists to the school's library; anh Tú works at another."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from library.accounts import managing
from library.accounts.models import RoleName
from library.core.db import db
from library.jobs import queue
from library.staging import jobs
from library.staging.models import Load, LoadRow
from library.staging.verdicts import Verdict
from tests.support.world import World

PASSWORD = "mat-khau-dai-1"


@dataclass
class Person:
    """Somebody at a computer."""

    app: Flask
    client: FlaskClient

    def bring(self, content: bytes, kind: str = "books", name: str = "so-dang-ky.xlsx") -> Any:
        file = FileStorage(io.BytesIO(content), name)
        boundary, body = encode_multipart({"kind": kind, "file": file})  # the client's own way leaves large files open
        return self.client.post("/imports", data=body, content_type=f"multipart/form-data; boundary={boundary}")

    def brought(self, content: bytes, kind: str = "books", name: str = "so-dang-ky.xlsx") -> UUID:
        """Bring it and let it be read; the load's uid."""
        answer = self.bring(content, kind, name)
        assert answer.status_code == 303, answer.text
        queue.work_off(self.app)
        return UUID(answer.headers["Location"].rsplit("/", 1)[1])

    def write(self, uid: UUID) -> None:
        assert self.client.post(f"/imports/{uid}/apply").status_code == 303
        queue.work_off(self.app)

    def loaded(self, content: bytes, kind: str = "books", name: str = "so-dang-ky.xlsx") -> UUID:
        uid = self.brought(content, kind, name)
        self.write(uid)
        return uid

    def take_back(self, uid: UUID) -> None:
        assert self.client.post(f"/imports/{uid}/undo").status_code == 303
        queue.work_off(self.app)

    def page(self, uid: UUID, query: str = "") -> str:
        answer = self.client.get(f"/imports/{uid}{query}")
        assert answer.status_code == 200, answer.text
        return answer.text


@pytest.fixture
def people(app: Flask) -> Iterator[dict[str, Person]]:
    """mai: librarian of the school; tu: librarian of another school of the province; lan: a reader."""
    with app.app_context():
        world = World(db.session)
        school, other = world.school(), world.school("Trường Tiểu học Nông Thượng")
        for login, library, role in (
            ("mai", school, RoleName.LIBRARIAN), ("tu", other, RoleName.LIBRARIAN), ("lan", school, RoleName.READER),
        ):  # fmt: skip
            account = managing.open_account(db.session(), login, login, PASSWORD, world.branch(library))
            managing.grant(db.session(), account, role, library.id)
        db.session.commit()
        db.session.remove()
    yield {login: _at_a_computer(app, login) for login in ("mai", "tu", "lan")}


def _at_a_computer(app: Flask, login: str) -> Person:
    client = app.test_client()
    assert client.post("/sign-in", data={"login": login, "password": PASSWORD}).status_code == 303
    return Person(app, client)


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test begins at the pace of a machine just started, and in several steps."""
    monkeypatch.setattr(jobs, "_paces", {kind: jobs._Pace(50) for kind in jobs._paces})


@pytest.fixture
def mai(people: dict[str, Person]) -> Person:
    return people["mai"]


@pytest.fixture
def session(app: Flask, people: dict[str, Person]) -> Iterator[Any]:
    """For looking into the database: ask `fresh()` first after others wrote."""
    with app.app_context():
        yield db.session
        db.session.rollback()


def verdicts(session: Any, uid: UUID) -> dict[Verdict, int]:
    session.rollback()
    load_id = session.scalar(select(Load.id).where(Load.uid == uid))
    found: dict[Verdict, int] = {}
    for verdict in session.scalars(select(LoadRow.verdict).where(LoadRow.load_id == load_id)):
        found[verdict] = found.get(verdict, 0) + 1
    return found


STAGING = ("load", "load_row", "job", "trace", "sign_in", "attempt", "act")


def everything(session: Any) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table the lists are written into, for comparing before and after."""
    session.rollback()
    tables = db.metadata.sorted_tables
    return {
        table.name: sorted(tuple(map(repr, row)) for row in session.execute(table.select()))
        for table in tables
        if table.name not in STAGING
    }
