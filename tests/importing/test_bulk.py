"""Many rows straight to the driver: the same as one by one, on both databases. And who else is writing."""

import threading
from uuid import UUID

import pytest
from sqlalchemy import select

from library.catalogue.models import Contributor, Format, Record, Role
from library.core import clock, db
from library.core.bulk import add_named, add_rows, next_ids
from library.core.db import WriteTicket, table_of
from tests.support.world import World


@pytest.fixture
def world(app):
    with app.app_context():
        yield World(db.db.session)
        db.db.session.rollback()


def titles(network: int, count: int) -> list[dict[str, object]]:
    now = clock.now()
    return [
        {
            "uid": clock.uuid7(), "network_id": network, "title": f"Truyện {n}", "title_sort": "t", "match_key": f"{n}",
            "search_text": "truyen", "made_at": now, "changed_at": now,
        }
        for n in range(count)
    ]  # fmt: skip


def test_rows_come_back_as_they_were_given_with_the_defaults_of_the_rest(world):
    session = world.session()
    rows = titles(world.school().network_id or 0, 2000)  # more than one statement takes
    ids = add_named(session, table_of(Record), rows)
    records = session.scalars(select(Record).where(Record.id.in_(ids)).order_by(Record.id)).all()
    assert {record.id: record.uid for record in records} == dict(zip(ids, (row["uid"] for row in rows), strict=True))
    one = records[0]
    assert (one.language, one.format, one.year) == ("vie", Format.PRINT, None)
    assert one.made_at == rows[0]["made_at"]
    assert isinstance(one.uid, UUID)


def test_ids_taken_beforehand_are_nobody_elses(world):
    session, network = world.session(), world.school().network_id or 0
    taken = list(next_ids(session, table_of(Record), 3))
    add_rows(
        session, table_of(Record), [{"id": id_, **row} for id_, row in zip(taken, titles(network, 3), strict=True)]
    )
    later = add_named(session, table_of(Record), titles(network, 2))
    assert len({*taken, *later}) == 5


def test_no_rows_are_no_statement(world):
    add_rows(world.session(), table_of(Record), [])
    assert add_named(world.session(), table_of(Record), []) == []


def test_words_of_a_vocabulary_are_kept_as_such(world):
    (record,) = add_named(world.session(), table_of(Record), titles(world.school().network_id or 0, 1))
    people = [{"record_id": record, "position": at, "name": f"Người {at}", "role": Role.TRANSLATOR} for at in range(2)]
    add_rows(world.session(), table_of(Contributor), people)
    assert set(world.session().scalars(select(Contributor.role))) == {Role.TRANSLATOR}


def test_a_ticket_that_had_to_wait_says_that_another_process_writes(tmp_path, monkeypatch):
    monkeypatch.setattr(WriteTicket, "met_at", WriteTicket.met_at)
    one, other = WriteTicket(tmp_path / "lock"), WriteTicket(tmp_path / "lock")
    one.take()
    one.give_back()
    alone = WriteTicket.met_at
    one.take()
    waiting = threading.Thread(target=lambda: (other.take(), other.give_back()))
    waiting.start()
    waiting.join(0.2)
    one.give_back()
    waiting.join()
    assert WriteTicket.met_at > alone
    assert db.others_write()
