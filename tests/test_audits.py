"""`flask holdings audit`, `flask loans audit`: what the history says, against what stands on the copies and the loans."""

from flask import Flask
from sqlalchemy import text, update

from library.core.db import db
from library.holdings.models import Item, PlaceKind
from library.loans.models import Loan
from tests.migrations.lived import live
from tests.support.world import World


def run(app: Flask, *words: str) -> tuple[int, str]:
    db.session.commit()
    db.session.remove()
    result = app.test_cli_runner().invoke(args=words)
    return result.exit_code, result.output


def test_all_is_well_after_ordinary_work(app: Flask, world: World) -> None:
    live(world)
    assert run(app, "holdings", "audit") == (0, "2 bản sách, 0 bản lệch.\n")
    assert run(app, "loans", "audit") == (0, "2 bản sách từng cho mượn, 0 bản lệch.\n")


def test_a_copy_that_is_elsewhere_than_its_history_is_named(app: Flask, world: World) -> None:
    unknown = world.place(PlaceKind.UNKNOWN).id
    live(world)
    first = db.session.query(Item).order_by(Item.id).first()
    assert first
    name = first.accession
    db.session.execute(update(Item).where(Item.id == first.id).values(place_id=unknown))
    code, said = run(app, "holdings", "audit")
    assert code == 1
    assert said.splitlines() == [f"{name}: chỗ ghi trên bản sách khác với lịch sử", "2 bản sách, 1 bản lệch."]


def test_a_loan_that_ended_without_being_seen_is_named(app: Flask, world: World) -> None:
    live(world)
    query = "UPDATE loan SET ended_at = lent_at, ended_why = 'returned' WHERE ended_at IS NULL"
    db.session.execute(text(query))
    code, said = run(app, "loans", "audit")
    assert code == 1
    assert "1 bản lệch" in said
    assert db.session.query(Loan).count() == 2
