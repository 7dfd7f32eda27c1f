"""Who may do what to a batch: an approval is not walked around, a site sees what comes to it, whoever carries books closes
nothing."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select

from library.access import Permission
from library.accounts import roles
from library.accounts.models import Account, RoleName
from library.core import clock
from library.holdings.models import Place
from library.inbox import acts
from library.inbox.acts import Doing
from library.inbox.models import Act
from library.rotation import batches, lifecycle
from library.rotation.batches import NewBatch
from library.rotation.models import Batch, BatchFile, BatchLine, BatchState, Extension
from tests.rotation.way import db
from tests.support import rotation as made
from tests.support.people import account, sign_in
from tests.support.world import World

SCHOOL = "Trường Tiểu học Xuất Hóa"


def form(**more: Any) -> dict[str, Any]:
    return {"uid": str(uuid4()), "name": "Lường Thị Hà", "title": "", **more}


def approved(world: World, count: int = 3) -> Batch:
    """Made by anh Tú, approved by chị Thảo: so many titles."""
    tu, thao = made.account(world, "tu"), made.account(world, "thao")
    made.account(world, "ha", RoleName.LIBRARIAN, world.school(SCHOOL))
    depot, today = made.depot(world), clock.today()
    new = NewBatch("Truyện", depot, [made.school_site(world)], today, today + timedelta(days=60))
    batch = batches.make(db(world), _by(tu, depot), world.province(), new)
    items = made.stock(world, count * 3)[::3]
    batches.add(db(world), _by(tu, depot), batch, {one.id: "hand" for one in items})
    batches.propose(db(world), _by(tu, depot), batch)
    batches.approve(db(world), _by(thao, depot), batch, thao.name)
    world.session.commit()
    return batch


def _by(who: Account, depot: Place) -> Doing:
    return Doing.now(who.uid, depot.branch_id)


def listed(world: World, batch: Batch) -> list[int]:
    world.session.expire_all()
    query = select(BatchLine.item_id).where(BatchLine.batch_id == batch.id, BatchLine.closed_at.is_(None))
    return list(world.session.scalars(query))


# 16: after the approval


def test_an_approved_list_grows_no_further_than_was_approved(world: World) -> None:
    batch = approved(world)
    more = made.stock(world, 6, title="Sách thêm")[::3]
    tu = made.account(world, "tu")
    done = batches.add(db(world), _by(tu, batch.depot), batch, {one.id: "hand" for one in more})
    assert done.added == () and {why.code for _item, why in done.refused} == {"full"}
    batches.take_out(db(world), _by(tu, batch.depot), batch, listed(world, batch)[:1])
    done = batches.add(db(world), _by(tu, batch.depot), batch, {one.id: "hand" for one in more})
    assert done.added == (more[0].id,), "one made up for the one left out"
    assert len(listed(world, batch)) == 3


def test_what_was_taken_out_does_not_come_back_beside_what_took_its_place(app: Flask, world: World) -> None:
    batch = approved(world)
    tu, taken = sign_in(app, "tu"), form(do="out")
    first = listed(world, batch)[0]
    taken["item"] = str(world.session.scalars(select(BatchLine).where(BatchLine.item_id == first)).one().item.uid)
    tu.post(f"/rotation/batches/{batch.uid}/lines", data=taken)
    added = made.stock(world, 3, title="Sách thêm")[0]
    world.session.commit()
    tu.post(f"/rotation/batches/{batch.uid}/lines", data=form(do="add", item=str(added.uid)))
    assert len(listed(world, batch)) == 3 and added.id in listed(world, batch)
    answer = tu.post(f"/rotation/batches/{batch.uid}/undo", data=form(act=taken["uid"]))
    assert answer.status_code == 409
    assert len(listed(world, batch)) == 3


def test_an_approval_is_taken_back_by_who_may_approve_only(
    app: Flask, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody else who plans, and does not approve."""
    batch = approved(world)
    may = roles.MAY[RoleName.LIBRARIAN] | {Permission.ROTATION_PLAN}
    monkeypatch.setitem(roles.MAY, RoleName.LIBRARIAN, may)
    account(world, "chuyen", RoleName.LIBRARIAN, world.province())
    world.session.commit()
    act = world.session.scalars(select(Act).where(Act.kind == "approve-batch")).one()
    answer = sign_in(app, "chuyen").post(f"/rotation/acts/{act.uid}/undo", data=form())
    world.session.expire_all()
    assert answer.status_code == 409 and batch.state is BatchState.APPROVED
    assert sign_in(app, "thao").post(f"/rotation/acts/{act.uid}/undo", data=form()).status_code == 303
    world.session.expire_all()
    assert batch.state is BatchState.PROPOSED


# 17: who reaches what


def test_a_site_sees_no_draft_and_nothing_that_does_not_come(app: Flask, world: World) -> None:
    made.account(world, "ha", RoleName.LIBRARIAN, world.school(SCHOOL))
    other, school = made.site(world, "Chợ Rã"), made.school_site(world)
    batch = made.batch(world, [other, school], made.stock(world, 3), BatchState.DRAFT)
    world.session.commit()
    ha, address = sign_in(app), f"/rotation/batches/{batch.uid}"
    assert ha.get(address).status_code == 404
    batch.state = BatchState.APPROVED
    world.session.commit()
    assert ha.get(address).status_code == 200
    for leg in made.legs_of(world, batch)[1:]:
        leg.cancelled_at = clock.now()
    world.session.commit()
    assert ha.get(address).status_code == 404, "it goes home from Chợ Rã"


def test_only_the_site_where_it_stands_asks_to_keep_it(app: Flask, world: World) -> None:
    made.account(world, "tu")
    made.account(world, "thao")
    made.account(world, "ha", RoleName.LIBRARIAN, world.school(SCHOOL))
    batch = made.batch(world, [made.site(world, "Chợ Rã"), made.school_site(world)], made.stock(world, 3))
    leg = made.received(world, made.sent(world, made.packed(world, batch)))
    assert leg.due_on
    world.session.commit()
    answer = sign_in(app).post(
        f"/rotation/legs/{leg.uid}/extend", data=form(until_on=(leg.due_on + timedelta(days=3)).isoformat())
    )
    assert answer.status_code == 409
    assert world.session.scalars(select(Extension)).all() == []


def test_the_van_crew_closes_nothing(app: Flask, world: World) -> None:
    made.account(world, "tu")
    made.account(world, "thao")
    made.account(world, "xe", RoleName.VAN_CREW)
    leg = made.received(world)
    world.session.commit()
    xe, address = sign_in(app, "xe"), f"/rotation/batches/{leg.batch.uid}/close"
    assert xe.post(address, data=form()).status_code == 403
    page = xe.get(address)
    assert page.status_code in (200, 404) and 'action="' + address not in page.get_data(as_text=True)


def test_a_photo_is_taken_off_by_who_added_it_or_the_owner(app: Flask, world: World) -> None:
    made.account(world, "tu")
    made.account(world, "thao")
    made.account(world, "ha", RoleName.LIBRARIAN, world.school(SCHOOL))
    batch = made.batch(world, [made.school_site(world)], made.stock(world, 3))
    thao = made.account(world, "thao")
    act = acts.write(db(world), Doing.now(thao.uid, batch.depot.branch_id), "batch-file", clock.now())
    one = BatchFile(uid=uuid4(), batch_id=batch.id, key="0" * 64, name="bb.jpg", kind="signed", act_id=act)
    world.session.add(one)
    world.session.commit()
    ha, address = sign_in(app), f"/rotation/files/{one.uid}/remove"
    assert "Bỏ ảnh" not in ha.get(f"/rotation/batches/{batch.uid}/papers").get_data(as_text=True)
    assert ha.post(address).status_code == 403
    assert sign_in(app, "tu").post(address).status_code == 303
    world.session.expire_all()
    assert one.removed_at is not None


# 20: a message sent again is answered as before


def test_the_same_line_again_is_answered_as_before_whatever_became_of_the_list(app: Flask, world: World) -> None:
    batch = approved(world)
    tu, item = sign_in(app, "tu"), listed(world, batch)[0]
    uid = str(world.session.scalars(select(BatchLine).where(BatchLine.item_id == item)).one().item.uid)
    sent, address = form(do="out", item=uid), f"/rotation/batches/{batch.uid}/lines"
    first = tu.post(address, data=sent)
    batch.state = BatchState.IN_TRANSIT
    assert not lifecycle.may(batch.state, lifecycle.Deed.PICK)
    world.session.commit()
    again = tu.post(address, data=sent)
    assert (first.status_code, again.status_code) == (303, 303) and first.location == again.location


def test_a_site_that_answers_twice_hears_the_same_though_the_list_is_a_draft_again(app: Flask, world: World) -> None:
    made.account(world, "tu")
    made.account(world, "ha", RoleName.LIBRARIAN, world.school(SCHOOL))
    batch = made.batch(world, [made.school_site(world)], made.stock(world, 3), BatchState.PROPOSED)
    world.session.commit()
    ha, sent, address = sign_in(app), form(item=[]), f"/rotation/batches/{batch.uid}/answer"
    first = ha.post(address, data=sent)
    batch.state = BatchState.DRAFT
    world.session.commit()
    again = ha.post(address, data=sent)
    assert (first.status_code, again.status_code) == (303, 303) and first.location == again.location
    assert ha.post(address, data=form(item=[])).status_code == 404, "a new one is not taken"
    assert ha.post(address, data=form(why="junk")).status_code == 404
