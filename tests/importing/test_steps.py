"""Steps are small and thought out ahead: what happens between two of them, and who may write the next one."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from library.catalogue.models import Record, Role
from library.catalogue.writing import NewRecord, insert_many
from library.core.bulk import change_rows
from library.core.db import db, for_writing, table_of
from library.holdings.models import Item
from library.jobs import queue
from library.jobs.models import Job
from library.organisations.models import Organisation
from library.staging import jobs
from library.staging.models import LoadRow
from tests.importing.conftest import Person
from tests.importing.lists import BOOK_HEAD, book_rows, workbook


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten copies a step, whatever the machine."""
    for bound in ("_SMALLEST", "_LARGEST"):
        monkeypatch.setattr(jobs, bound, 10)
    monkeypatch.setattr(jobs, "_paces", {kind: jobs._Pace(10) for kind in jobs._paces})


def _steps(app: Flask, how_many: int) -> queue.Turn:
    """Do so many steps of the job that waits, and no more."""
    turn = queue.take()
    for _ in range(how_many):
        assert turn
        turn = queue.do_step(turn)
    assert turn
    return turn


def _rest(turn: queue.Turn | None) -> None:
    while turn:
        turn = queue.do_step(turn)


def _asked(mai: Person, rows: list[Any]) -> None:
    uid = mai.brought(workbook(BOOK_HEAD, rows))
    assert mai.client.post(f"/imports/{uid}/apply").status_code == 303


def test_rows_far_apart_that_are_one_book_become_one_title(tiny: None, mai: Person, session: Any) -> None:
    twin = ("Góc sân và khoảng trời", "Trần Đăng Khoa", "Kim Đồng", 2019, None, 1, None, "STN", None)
    uid = mai.brought(workbook(BOOK_HEAD, [(1, *twin), *book_rows(60), (62, *twin)]))
    mai.write(uid)
    session.rollback()
    same = select(Record.id).where(Record.title == twin[0])
    (record,) = session.scalars(same).all()
    assert session.scalar(select(func.count(Item.id)).where(Item.record_id == record)) == 2


def test_a_title_somebody_enters_between_two_steps_is_not_entered_again(
    tiny: None, app: Flask, mai: Person, session: Any
) -> None:
    last = ("Góc sân và khoảng trời", "Trần Đăng Khoa", "Kim Đồng", 2019, None, 1, None, "STN", None)
    _asked(mai, [*book_rows(60), (61, *last)])
    turn = _steps(app, 3)
    for_writing()
    network = db.session.scalar(select(Organisation.network_id)) or 0
    new = NewRecord(last[0], ((last[1], Role.AUTHOR),), publisher="Kim Đồng", year=2019)
    (entered,) = insert_many(db.session(), network, [new])
    db.session.commit()
    _rest(turn)
    session.rollback()
    assert session.scalars(select(Record.id).where(Record.title == last[0])).all() == [entered]
    assert session.scalar(select(func.count(Item.id)).where(Item.record_id == entered)) == 1


def test_a_worker_whose_job_was_taken_over_writes_nothing(tiny: None, app: Flask, mai: Person, session: Any) -> None:
    _asked(mai, book_rows(60))
    turn = _steps(app, 3)
    for_writing()
    db.session.execute(table_of(Job).update().where(table_of(Job).c.id == turn.job_id).values(worker="other:1"))
    db.session.commit()
    before = session.scalar(select(func.count(Item.id)))
    assert queue.do_step(turn) is None
    session.rollback()
    assert session.scalar(select(func.count(Item.id))) == before


def test_what_was_thought_before_another_went_on_is_not_written(
    tiny: None, app: Flask, mai: Person, session: Any
) -> None:
    _asked(mai, book_rows(60))
    old = _steps(app, 3)
    _rest(queue.do_step(old))
    session.rollback()
    items = session.scalar(select(func.count(Item.id)))
    db.session.execute(table_of(Job).update().values(state="running"))
    db.session.commit()
    assert queue.do_step(old) is None
    session.rollback()
    assert session.scalar(select(func.count(Item.id))) == items
    assert session.scalar(select(func.count(Record.id))) == 60


def test_many_rows_change_by_one_statement(mai: Person, session: Any) -> None:
    mai.brought(workbook(BOOK_HEAD, book_rows(30)))
    for_writing()
    ids = session.scalars(select(LoadRow.id).order_by(LoadRow.id)).all()
    told = [{"id": id_, "subjects": [id_, "một"]} for id_ in ids[:20]]
    change_rows(session(), table_of(LoadRow), told, {"sheet": "khác"})
    session.commit()
    rows = {row.id: row for row in session.scalars(select(LoadRow))}
    assert [rows[id_].subjects for id_ in ids[:20]] == [[id_, "một"] for id_ in ids[:20]]
    assert {rows[id_].sheet for id_ in ids[:20]} == {"khác"}
    assert {rows[id_].subjects for id_ in ids[20:]} == {None}
