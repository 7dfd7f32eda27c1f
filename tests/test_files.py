"""Bytes go with the row that had them: after it is gone for good, and not before."""

import io

import pytest
from flask import Flask
from sqlalchemy import select

from library import files
from library.catalogue.models import Record
from library.core.db import db
from tests.support.world import World


@pytest.fixture
def key(app: Flask, world: World) -> str:
    """Of a picture that a title has."""
    kept = files.keep(io.BytesIO(b"picture"))
    world.record("Dế Mèn phiêu lưu ký").cover_key = kept
    world.session.commit()
    return kept


def let_go() -> None:
    db.session.scalars(select(Record).where(Record.cover_key.is_not(None))).one().cover_key = None


def test_bytes_go_when_the_deed_is_committed(key: str) -> None:
    let_go()
    files.forget_with(db.session(), key)
    assert files.path_of(key).exists()
    db.session.commit()
    assert not files.path_of(key).exists()


def test_a_deed_that_fails_keeps_its_bytes(key: str) -> None:
    let_go()
    files.forget_with(db.session(), key)
    db.session.rollback()
    db.session.commit()
    assert files.path_of(key).exists()


def test_a_step_within_the_deed_is_not_its_end(key: str) -> None:
    let_go()
    files.forget_with(db.session(), key)
    with db.session.begin_nested():
        pass
    assert files.path_of(key).exists()
    db.session.commit()
    assert not files.path_of(key).exists()


def test_bytes_that_another_row_has_stay(key: str, world: World) -> None:
    world.record("Lá cờ thêu sáu chữ vàng").cover_key = key
    db.session.flush()
    db.session.scalars(select(Record).where(Record.cover_key == key).limit(1)).one().cover_key = None
    files.forget_with(db.session(), key)
    db.session.commit()
    assert files.path_of(key).exists()
