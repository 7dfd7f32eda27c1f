"""What goes wrong on an ordinary day, told through the doors people use: each time a sentence, and a record that is true.

A copy of another batch, without a barcode, of another library; a crate scanned twice, or at the wrong site, or with a broken
seal; received before it was sent, twice, in the past; a site that closed or a school that was merged meanwhile.
"""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from library.accounts.models import RoleName
from library.core import clock
from library.core.db import db
from library.holdings import ledger
from library.holdings.models import Item, ItemCode, Movement, Place
from library.organisations import founding
from library.organisations.models import Code
from library.rotation.models import Batch, BatchLine, BatchState, Crate, Leg, LegLine, LegOutcome
from tests.support import rotation, rotation_truths
from tests.support.people import sign_in
from tests.support.world import World

SCHOOL, OTHER = "Trường Tiểu học Xuất Hóa", "Trường Tiểu học Sông Cầu"


@pytest.fixture(autouse=True)
def cast(world: World) -> None:
    for login in ("tu", "thao"):
        rotation.account(world, login)
    rotation.account(world, "ha", RoleName.LIBRARIAN, world.school(SCHOOL))


def on_its_way(world: World, count: int = 6) -> Leg:
    leg = rotation.sent(world, rotation.packed(world, sites=[rotation.school_site(world, SCHOOL)], count=count))
    world.session.commit()
    return leg


def form(**more: Any) -> dict[str, Any]:
    return {"uid": str(clock.uuid7()), "name": "Lường Thị Hà", "title": "Thủ thư", **more}


def label(item_id: int) -> str:
    query = select(Code.printed).join(ItemCode, ItemCode.code_id == Code.id).where(ItemCode.item_id == item_id)
    return db.session.scalars(query).one()


def crate_label(batch_id: int) -> str:
    query = select(Code.printed).join(Crate, Crate.code_id == Code.id).where(Crate.batch_id == batch_id)
    return db.session.scalars(query).first() or ""


def receive(client: FlaskClient, leg: Leg, **more: Any) -> tuple[int, str]:
    """(status, the page it leads to)."""
    answer = client.post(f"/rotation/legs/{leg.uid}/receive", data=form(**more), follow_redirects=False)
    page = client.get(answer.location) if answer.status_code == 303 else answer
    return answer.status_code, page.get_data(as_text=True)


def movements() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Movement)) or 0


def place_of(item_id: int) -> str:
    db.session.rollback()
    query = select(Place.name).join(Item, Item.place_id == Place.id).where(Item.id == item_id)
    return db.session.scalars(query).one()


def test_a_copy_of_another_batch_stays_in_that_batch(app: Flask, world: World) -> None:
    site = rotation.school_site(world, SCHOOL)
    ours, theirs = (rotation.batch(world, [site], rotation.stock(world, 3, title=name)) for name in ("A", "B"))
    (item, *_) = [line.item_id for line in rotation.lines_of(world, theirs)]
    client, code = sign_in(app, "tu"), label(item)
    world.session.commit()
    before, name = movements(), theirs.code
    answer = client.post(f"/rotation/batches/{ours.uid}/pick", data={"uid": str(clock.uuid7()), "code": code})
    page = client.get(answer.location).get_data(as_text=True)
    assert name in page
    assert movements() == before
    assert db.session.scalars(select(BatchLine.picked_at).where(BatchLine.item_id == item)).all() == [None]


def test_a_copy_without_a_barcode_is_picked_by_its_number(app: Flask, world: World) -> None:
    (item, *_) = rotation.stock(world, 3)
    batch = rotation.batch(world, [rotation.school_site(world, SCHOOL)], [item])
    number, uid, item_id = (item.accession or "").lower().replace(".", " "), batch.uid, item.id
    client = sign_in(app, "tu")
    client.post(f"/rotation/batches/{uid}/pick", data={"uid": str(clock.uuid7()), "code": number})
    db.session.rollback()
    assert db.session.scalars(select(BatchLine.picked_at).where(BatchLine.item_id == item_id)).one() is not None


def test_a_copy_of_the_school_among_those_that_come_home_is_taken_in_and_told(app: Flask, world: World) -> None:
    leg = rotation.received(world, on_its_way(world))
    stranger = world.item(world.school(SCHOOL))
    home = rotation.sent(world, leg.batch, 2, by="ha")
    world.session.commit()
    items = [line.item_id for line in db.session.scalars(select(LegLine).where(LegLine.leg_id == home.id))]
    codes = "\n".join(label(one) for one in [*items, stranger.id])
    strange, home_uid = stranger.id, home.id
    status, page = receive(sign_in(app, "tu"), home, method="scan-all", codes=codes)
    assert status == 303
    assert SCHOOL in page, "whose it is"
    assert place_of(strange) == "Kho luân chuyển", "it is there, whoever it belongs to"
    assert db.session.scalar(select(func.count()).where(LegLine.leg_id == home_uid, LegLine.item_id == strange)) == 0
    assert rotation_truths.wrong(db.session()) == []


def test_a_crate_scanned_twice_is_received_once(app: Flask, world: World) -> None:
    leg = on_its_way(world)
    code = crate_label(leg.batch_id)
    status, page = receive(sign_in(app), leg, method="crates", codes=f"{code}\n{code}")
    assert status == 303
    assert "6" in page
    db.session.rollback()
    query = select(func.count(), func.count(LegLine.asserted_at)).where(LegLine.leg_id == leg.id)
    assert tuple(db.session.execute(query).one()) == (6, 6)
    assert rotation_truths.wrong(db.session()) == []


def test_a_crate_of_another_batch_brings_nothing_in(app: Flask, world: World) -> None:
    """Put off at the wrong site: its books are still under way, and the page says what it is."""
    leg = on_its_way(world)
    other = rotation.sent(world, rotation.packed(world, sites=[rotation.school_site(world, OTHER)], count=3))
    code, before = crate_label(other.batch_id), movements()
    world.session.commit()
    status, page = receive(sign_in(app), leg, method="crates", codes=code)
    assert status in (409, 422)
    assert code in page or "thùng" in page.casefold()
    assert movements() == before
    db.session.rollback()
    assert {one.received_at for one in db.session.scalars(select(Leg))} == {None}


def test_a_broken_seal_asserts_nothing(app: Flask, world: World) -> None:
    """What is in the crate is scanned one by one; the rest of it is short, and who gave answers."""
    leg = on_its_way(world)
    crate = rotation.crates_of(world, leg.batch)[0]
    items = [line.item_id for line in db.session.scalars(select(LegLine).where(LegLine.leg_id == leg.id))]
    codes = "\n".join(label(one) for one in items[:4])
    status, _ = receive(sign_in(app), leg, method="crates", broken=str(crate.uid), codes=codes)
    assert status == 303
    db.session.rollback()
    rows = db.session.scalars(select(LegLine).where(LegLine.leg_id == leg.id)).all()
    assert sorted((row.outcome, row.proved_at is not None, row.asserted_at is not None) for row in rows) == sorted(
        [(LegOutcome.ARRIVED, True, False)] * 4 + [(LegOutcome.SHORT, False, False)] * 2
    )
    assert {row.answers_name for row in rows if row.outcome is LegOutcome.SHORT} == {world.province().name}
    assert rotation_truths.wrong(db.session()) == []


def test_nothing_is_received_before_it_was_sent(app: Flask, world: World) -> None:
    batch = rotation.packed(world, sites=[rotation.school_site(world, SCHOOL)], count=3)
    leg = rotation.legs_of(world, batch)[0]
    world.session.commit()
    before = movements()
    status, page = receive(sign_in(app), leg, method="manifest")
    assert status == 409
    assert "chưa" in page
    assert movements() == before
    assert db.session.scalars(select(Batch.state)).one() is BatchState.PACKED


def test_the_second_to_receive_hears_who_was_first(app: Flask, world: World) -> None:
    leg = on_its_way(world)
    assert receive(sign_in(app), leg, method="manifest")[0] == 303
    before = movements()
    status, page = receive(sign_in(app), leg, method="manifest", name="Hoàng Văn Khác")
    assert status == 409
    assert "Lường Thị Hà" in page
    assert movements() == before


def test_who_gave_does_not_take(app: Flask, world: World) -> None:
    leg = on_its_way(world)
    status, page = receive(sign_in(app, "tu"), leg, method="manifest")
    assert status == 409
    assert "hai người" in page
    db.session.rollback()
    assert db.session.get_one(Leg, leg.id).received_at is None


def test_a_receipt_from_before_the_dispatch_is_refused(app: Flask, world: World) -> None:
    """A telephone whose clock is wrong, or a date typed in."""
    leg = on_its_way(world)
    then = (clock.now() - timedelta(days=3)).isoformat()
    told = form(method="manifest", device=str(clock.uuid7()), number=1, at=then, sent_at=clock.now().isoformat())
    answer = sign_in(app).post(f"/rotation/legs/{leg.uid}/receive", json=told)
    assert answer.status_code in (409, 422), answer.get_data(as_text=True)
    assert "reasons" in answer.get_data(as_text=True) or "detail" in answer.get_data(as_text=True)
    db.session.rollback()
    assert db.session.get_one(Leg, leg.id).received_at is None


def test_no_books_are_sent_to_a_site_that_closed_meanwhile(app: Flask, world: World) -> None:
    site = rotation.school_site(world, SCHOOL)
    batch = rotation.packed(world, sites=[site], count=3)
    leg = rotation.legs_of(world, batch)[0]
    site.closed_on, site.closed_why = clock.today(), "sáp nhập"
    world.session.commit()
    before = movements()
    client = sign_in(app, "tu")
    answer = client.post(f"/rotation/batches/{batch.uid}/send", data=form(leg=str(leg.uid)))
    page = answer if answer.status_code != 303 else client.get(answer.location)
    assert "đã đóng" in page.get_data(as_text=True)
    assert movements() == before


def test_books_under_way_to_a_school_that_was_merged_arrive_at_its_successor(app: Flask, world: World) -> None:
    leg = on_its_way(world)
    old, new = world.school(SCHOOL), world.school(OTHER)
    founding.succeed(world.session(), old, new, clock.today())
    rotation.account(world, "moi", RoleName.LIBRARIAN, new)
    world.session.commit()
    status, _ = receive(sign_in(app, "moi"), leg, method="manifest", name="Bế Thị Mới")
    assert status == 303
    db.session.rollback()
    assert db.session.get_one(Leg, leg.id).taken_name == "Bế Thị Mới"
    places = select(Place.branch_id).join(Item, Item.place_id == Place.id)
    owners = {place.organisation_id for place in founding_branches(set(db.session.scalars(places)))}
    assert owners == {db.session.scalars(select(Batch.library_id)).one()} or new.id in owners
    assert ledger.astray(db.session()) == []
    assert rotation_truths.wrong(db.session()) == []


def founding_branches(ids: set[int]) -> list[Any]:
    from library.organisations.models import Branch

    return list(db.session.scalars(select(Branch).where(Branch.id.in_(ids))))
