"""Pages of a batch on its way: the right person, somebody elsewhere, wrong input; plain forms and scripts alike."""

from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from library.accounts.models import RoleName
from library.core import clock
from library.inbox.models import Act
from library.organisations.models import Code
from library.rotation import settling_lines
from library.rotation.models import Batch, BatchState, Crate, Extension, Leg, LegLine, LegOutcome
from tests.rotation.way import db, items_of, line_of, scan
from tests.support import rotation as made
from tests.support.people import sign_in
from tests.support.world import World

XUAT_HOA = "Trường Tiểu học Xuất Hóa"


def cast(world: World) -> None:
    """Anh Tú and chị Thảo of the province, cô Hà of the school."""
    made.account(world, "tu")
    made.account(world, "thao")
    made.account(world, "ha", RoleName.LIBRARIAN, world.school(XUAT_HOA))


def on_its_way(world: World, count: int = 6) -> Leg:
    cast(world)
    batch = made.batch(world, [made.school_site(world)], made.stock(world, count))
    return made.sent(world, made.packed(world, batch))


def serving(world: World) -> Leg:
    leg = on_its_way(world)
    return made.received(world, leg)


def crate_code(world: World, leg: Leg) -> str:
    query = select(Code.printed).join(Crate, Crate.code_id == Code.id).where(Crate.batch_id == leg.batch_id)
    return world.session.scalars(query).one()


def form(**more: Any) -> dict[str, Any]:
    return {"uid": str(clock.uuid7()), "name": "Lường Thị Hà", "title": "Cán bộ thư viện", **more}


def test_crates_are_scanned_and_one_button_signs(app: Flask, world: World) -> None:
    """Moment 25: as many scans as crates, and a signature; without scripts."""
    leg = on_its_way(world)
    client, address = sign_in(app), f"/rotation/legs/{leg.uid}/receive"
    page = client.get(address).get_data(as_text=True)
    assert "Ký nhận" in page and "Thùng 1" in page and 'value="crates" checked' in page
    answer = client.post(address, data=form(method="crates", codes=crate_code(world, leg)))
    assert (answer.status_code, answer.location) == (303, address)
    assert leg.taken_name == "Lường Thị Hà" and leg.batch.state is BatchState.SERVING
    shown = client.get(address).get_data(as_text=True)
    assert "Đã nhận 6 trong 6 cuốn" in shown and "Báo thiếu" in shown


def test_a_click_twice_signs_once(app: Flask, world: World) -> None:
    leg = on_its_way(world)
    client, sent = sign_in(app), form(method="manifest")
    for _ in range(2):
        assert client.post(f"/rotation/legs/{leg.uid}/receive", data=sent).status_code == 303
    kind = select(Act).where(Act.kind == "receive-leg")
    assert len(world.session.scalars(kind).all()) == 1


def test_what_cannot_be_signed_so_comes_back_as_it_was_filled_in(app: Flask, world: World) -> None:
    leg = on_its_way(world)
    client, address = sign_in(app), f"/rotation/legs/{leg.uid}/receive"
    answer = client.post(address, data=form(method="crates", codes=""))
    assert answer.status_code == 409 and "Chưa quét thùng nào" in answer.get_data(as_text=True)
    answer = client.post(address, data=form(method="scan-all", codes="LẠ.99999\n"))
    assert answer.status_code == 422 and "Máy chưa biết mã LẠ.99999" in answer.get_data(as_text=True)
    answer = client.post(address, data=form(method="manifest", name=""))
    assert answer.status_code == 422
    assert leg.received_at is None


def test_who_gave_does_not_take(app: Flask, world: World) -> None:
    leg = on_its_way(world)
    client = sign_in(app, "tu")
    answer = client.post(f"/rotation/legs/{leg.uid}/receive", data=form(method="manifest"))
    assert answer.status_code == 409 and "hai người" in answer.get_data(as_text=True)


def test_a_leg_to_somewhere_else_is_not_seen_or_not_taken(app: Flask, world: World) -> None:
    leg = on_its_way(world)
    made.account(world, "sc", RoleName.LIBRARIAN, world.school("Trường Tiểu học Sông Cầu"))
    client = sign_in(app, "sc")
    assert client.get(f"/rotation/legs/{leg.uid}/receive").status_code == 404
    other = made.site(world, "Điểm Sông Cầu", world.school("Trường Tiểu học Sông Cầu"))
    home = made.legs_of(world, leg.batch)[1]
    home.from_site_id, home.to_site_id = leg.to_site_id, other.id
    world.session.commit()
    answer = client.post(f"/rotation/legs/{leg.uid}/receive", data=form(method="manifest"))
    assert answer.status_code == 409 and XUAT_HOA in answer.get_data(as_text=True)
    assert leg.received_at is None


def test_damaged_and_missing_are_ticked_and_contested_later(app: Flask, world: World) -> None:
    leg = on_its_way(world)
    one, two, three, *_ = items_of(world, leg)
    client, address = sign_in(app), f"/rotation/legs/{leg.uid}/receive"
    client.post(address, data=form(method="manifest", missing=str(one.uid), damaged=str(two.uid)))
    assert world.session.get_one(LegLine, (leg.id, one.id)).outcome is LegOutcome.SHORT
    answer = client.post(f"/rotation/legs/{leg.uid}/contest", data=form(missing=str(three.uid)))
    assert answer.status_code == 303
    assert world.session.get_one(LegLine, (leg.id, three.id)).outcome is LegOutcome.SHORT


def test_the_signature_is_taken_back_by_who_signed(app: Flask, world: World) -> None:
    leg = on_its_way(world)
    client = sign_in(app)
    client.post(f"/rotation/legs/{leg.uid}/receive", data=form(method="manifest"))
    act = world.session.get_one(Act, leg.receive_act)
    answer = client.post(f"/rotation/acts/{act.uid}/undo", data=form(next="/rotation"))
    assert (answer.status_code, answer.location) == (303, "/rotation")
    assert leg.received_at is None


def test_the_books_go_on_with_three_missing(app: Flask, world: World) -> None:
    leg = serving(world)
    to = made.site(world, "Bưu điện văn hóa Nà Phặc")
    three = items_of(world, leg)[:3]
    client, address = sign_in(app), f"/rotation/batches/{leg.batch.uid}/forward"
    page = client.get(address).get_data(as_text=True)
    assert "Bưu điện văn hóa Nà Phặc" in page and "Ký giao" in page
    answer = client.post(address, data=form(to=""))
    assert answer.status_code == 422
    sent = form(to=str(to.uid), due_on="2027-03-01", missing=[str(one.uid) for one in three], carrier="Xe 97A")
    assert client.post(address, data=sent).status_code == 303
    onward = made.legs_of(world, leg.batch)[1]
    assert onward.sent_at and onward.to_site_id == to.id and onward.carrier == "Xe 97A"
    owed = settling_lines.owed(db(world), Batch.id == leg.batch_id)
    assert {one.item_id for one in owed} == {one.id for one in three}
    both = client.get(address).get_data(as_text=True)
    assert "Bên nhận" in both and "chưa ký" in both
    act = world.session.get_one(Act, onward.send_act)
    assert client.post(f"/rotation/acts/{act.uid}/undo", data=form()).status_code == 303
    assert settling_lines.owed(db(world), Batch.id == leg.batch_id) == []


def test_called_back_sent_home_received_and_closed(app: Flask, world: World) -> None:
    leg = serving(world)
    batch = leg.batch
    tu, ha, thao = sign_in(app, "tu"), sign_in(app), sign_in(app, "thao")
    day = clock.today().isoformat()
    assert ha.post(f"/rotation/batches/{batch.uid}/recall", data=form(by_on=day)).status_code == 403
    for never in ("9999-12-31", "0001-01-01"):
        assert tu.post(f"/rotation/batches/{batch.uid}/recall", data=form(by_on=never)).status_code == 422
    assert tu.post(f"/rotation/batches/{batch.uid}/recall", data=form(by_on=day)).status_code == 303
    assert ha.get(f"/rotation/batches/{batch.uid}/home").status_code == 200
    assert ha.post(f"/rotation/batches/{batch.uid}/home", data=form()).status_code == 303
    home = made.legs_of(world, batch)[1]
    assert ha.post(f"/rotation/legs/{home.uid}/receive", data=form(method="manifest")).status_code == 409
    assert thao.post(f"/rotation/legs/{home.uid}/receive", data=form(method="manifest")).status_code == 303
    page = thao.get(f"/rotation/batches/{batch.uid}/close").get_data(as_text=True)
    assert "Hai phép cộng" in page and "khớp" in page
    assert ha.post(f"/rotation/batches/{batch.uid}/close", data=form()).status_code == 403, "the owner closes"
    assert thao.post(f"/rotation/batches/{batch.uid}/close", data=form()).status_code == 303
    assert batch.state is BatchState.CLOSED
    assert "đã đóng ngày" in thao.get(f"/rotation/batches/{batch.uid}/close").get_data(as_text=True)


def test_what_is_not_told_stops_the_closing_and_the_page_keeps_what_was(app: Flask, world: World) -> None:
    leg = serving(world)
    lost, kept = items_of(world, leg)[:2]
    tu, ha, thao = sign_in(app, "tu"), sign_in(app), sign_in(app, "thao")
    batch = leg.batch
    ha.post(f"/rotation/batches/{batch.uid}/home", data=form(missing=[str(lost.uid), str(kept.uid)]))
    thao.post(f"/rotation/legs/{made.legs_of(world, batch)[1].uid}/receive", data=form(method="manifest"))
    assert leg.to_site
    scan(world, kept, leg.to_site.place)
    world.session.commit()
    address = f"/rotation/batches/{batch.uid}/close"
    answer = tu.post(address, data=form(**{f"out-{lost.uid}": "lost"}))
    assert answer.status_code == 409 and 'value="lost" selected' in answer.get_data(as_text=True)
    assert tu.post(address, data=form(**{f"out-{lost.uid}": "lost", f"out-{kept.uid}": "kept"})).status_code == 303
    assert batch.state is BatchState.CLOSED and line_of(world, kept).outcome == "kept"


def test_what_is_owed_is_compensated_or_found(app: Flask, world: World) -> None:
    leg = on_its_way(world)
    one, two, *_ = items_of(world, leg)
    ha, tu = sign_in(app), sign_in(app, "tu")
    ha.post(f"/rotation/legs/{leg.uid}/receive", data=form(method="manifest", missing=[str(one.uid), str(two.uid)]))
    assert leg.to_site
    scan(world, two, leg.to_site.place)
    world.session.commit()
    page = tu.get(f"/rotation/legs/{leg.uid}/short").get_data(as_text=True)
    assert "đã thấy ở" in page and "Lập biên bản đền bù" in page
    about = {"batch": str(leg.batch.uid), "copy": str(one.uid)}
    assert tu.post("/rotation/owed", data=form(how="compensated", **about)).status_code == 422, "the sum is missing"
    assert ha.post("/rotation/owed", data=form(how="compensated", amount=45_000, **about)).status_code == 403
    assert tu.post("/rotation/owed", data=form(how="compensated", amount=45_000, **about)).status_code == 303
    assert tu.post("/rotation/owed", data=form(how="seen")).status_code == 303
    assert settling_lines.owed(db(world), Batch.id == leg.batch_id) == []


def test_a_site_asks_and_the_owner_answers(app: Flask, world: World) -> None:
    leg = serving(world)
    ha, tu = sign_in(app), sign_in(app, "tu")
    assert leg.longest_on and leg.due_on
    address = f"/rotation/legs/{leg.uid}/extend"
    answer = ha.post(address, data=form(until_on="2020-01-01"))
    assert answer.status_code == 409 and "Chọn ngày sau" in answer.get_data(as_text=True)
    assert ha.post(address, data=form(until_on=leg.longest_on.isoformat(), why="đọc dở")).status_code == 303
    one = world.session.scalars(select(Extension)).one()
    assert ha.post(f"/rotation/extensions/{one.uid}", data=form(granted="1")).status_code == 403
    answer = tu.post(f"/rotation/extensions/{one.uid}", data=form(granted="1", back="board"))
    assert (answer.status_code, answer.location) == (303, "/rotation")
    assert leg.due_on == leg.longest_on


@pytest.mark.parametrize("address", ["legs/{0}/receive", "legs/{0}/extend", "legs/{0}/short", "batches/{1}/forward",
                                     "batches/{1}/home", "batches/{1}/close", "sites/{2}/floating", "owed"])  # fmt: skip
def test_every_page_is_drawn_before_and_after(app: Flask, world: World, address: str) -> None:
    leg = on_its_way(world)
    batch, site = leg.batch, leg.to_site
    assert site
    client = sign_in(app)
    for step in ("sent", "received", "gone", "home"):
        if step == "received":
            made.received(world, leg)
        if step == "gone":
            made.sent(world, batch, 2, by="ha")
        if step == "home":
            made.received(world, made.legs_of(world, batch)[1], by="thao")
        uids: tuple[UUID, ...] = (leg.uid, batch.uid, site.uid)
        assert client.get(f"/rotation/{address.format(*uids)}").status_code == 200, step
