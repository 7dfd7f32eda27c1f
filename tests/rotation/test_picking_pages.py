"""The pages of picking: the scan line with and without scripts, the pull list, crates, giving away."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from library.accounts.models import RoleName
from library.core import clock
from library.holdings.models import Item
from library.rotation import crates
from library.rotation.models import Batch, BatchLine, BatchState, Crate, Leg, LegLine, LineOutcome
from tests.support import rotation
from tests.support.people import sign_in
from tests.support.statements import counted
from tests.support.world import World


@dataclass
class Depot:
    """Anh Tú in the depot, with a batch of copies to pick."""

    client: FlaskClient
    batch: Batch
    items: list[Item]
    device: UUID
    number: int = 0

    @property
    def at(self) -> str:
        return f"/rotation/batches/{self.batch.uid}"

    def posted(self, **more: Any) -> dict[str, Any]:
        self.number += 1
        now = clock.now().isoformat()
        return {
            "uid": str(clock.uuid7()),
            "device": str(self.device),
            "number": self.number,
            "at": now,
            "sent_at": now,
            **more,
        }

    def scan(self, code: str | None, **more: Any) -> dict[str, Any]:
        answer = self.client.post(f"{self.at}/pick", json=self.posted(code=code, **more))
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return answer.get_json()  # type: ignore[no-any-return]


@pytest.fixture
def depot(app: Flask, world: World) -> Depot:
    rotation.account(world, "tu")
    items = rotation.stock(world, 4, copies=1)
    batch = rotation.batch(world, items=items)
    world.session.commit()
    return Depot(sign_in(app, "tu"), batch, items, uuid4())


def test_a_scan_says_where_the_book_goes(depot: Depot) -> None:
    told = depot.scan(depot.items[0].accession)
    assert (told["outcome"], told["word"]) == ("ok", "Đã lấy · thùng 1")
    assert told["act"]
    page = depot.client.get(f"{depot.at}/pick").get_data(as_text=True)
    assert "Đã lấy 1 trên 4" in page
    assert "Còn 3 cuốn phải lấy." in page


def test_the_same_message_twice_is_one_scan(depot: Depot, world: World) -> None:
    message = depot.posted(code=depot.items[0].accession)
    first = depot.client.post(f"{depot.at}/pick", json=message).get_json()
    assert depot.client.post(f"{depot.at}/pick", json=message).get_json() == first
    assert world.session.scalars(select(BatchLine).where(BatchLine.picked_at.is_not(None))).all() != []
    assert len(world.session.scalars(select(Crate)).all()) == 1


def test_without_scripts_the_page_comes_again_with_what_came_of_it(depot: Depot, world: World) -> None:
    answer = depot.client.post(f"{depot.at}/pick", data={"code": depot.items[0].accession})
    assert answer.status_code == 303
    page = depot.client.get(answer.location).get_data(as_text=True)
    assert "Xếp vào thùng 1." in page
    (crate,) = crates.of_batch(world.session(), depot.batch.id)
    assert f'name="crate" value="{crate.uid}"' in page


def test_a_scan_is_taken_back_with_one_deed(depot: Depot, world: World) -> None:
    act = depot.scan(depot.items[0].accession)["act"]
    told = depot.client.post(f"{depot.at}/pick/undo", json=depot.posted(act=act)).get_json()
    assert told["undid"] == act
    assert world.session.scalars(select(BatchLine).where(BatchLine.picked_at.is_not(None))).all() == []
    assert "đã hoàn tác" in depot.client.get(f"{depot.at}/pick").get_data(as_text=True)


def test_crates_are_chosen_and_sealed_by_their_labels(depot: Depot, world: World) -> None:
    assert depot.client.post(f"{depot.at}/crates", data={"count": "2"}).status_code == 303
    first, second = crates.loads(world.session(), depot.batch.id)
    told = depot.scan(second.code)
    assert told["crate"] == str(second.crate.uid)
    assert depot.scan(depot.items[0].accession, crate=told["crate"])["word"] == "Đã lấy · thùng 2"
    sealed = depot.scan(second.code, crate=told["crate"])
    assert sealed["outcome"] == "ok"
    assert sealed["sealed"] == str(second.crate.uid)
    assert depot.scan("00731", sealed=sealed["sealed"])["word"] == "Thùng 2 mang niêm phong 00731"
    assert depot.scan(depot.items[1].accession, crate="")["word"] == "Đã lấy · thùng 1"
    assert first.crate.number == 1


def test_a_label_is_printed_for_every_crate(depot: Depot) -> None:
    depot.client.post(f"{depot.at}/crates", data={"count": "3"})
    answer = depot.client.get(f"{depot.at}/crates.pdf")
    assert answer.mimetype == "application/pdf"
    assert depot.client.get(f"{depot.at}/crates.pdf?number=2").status_code == 200


def test_the_list_is_walked_in_the_order_of_the_shelves(depot: Depot, world: World) -> None:
    for item, mark in zip(depot.items, ("ĐV17", "ĐV13", "ĐV2", "ĐV19"), strict=True):
        item.record.class_mark = mark
    world.session.commit()
    page = depot.client.get(f"{depot.at}/pull").get_data(as_text=True)
    assert [page.index(mark) for mark in ("ĐV13", "ĐV17", "ĐV19", "ĐV2")] == sorted(
        page.index(mark) for mark in ("ĐV13", "ĐV17", "ĐV19", "ĐV2")
    )


@pytest.mark.parametrize(
    ("do", "follows", "outcome"), [("miss", "not-found", None), ("drop", None, LineOutcome.LEFT_OUT)]
)
def test_a_line_is_marked_by_hand(
    depot: Depot, world: World, do: str, follows: str | None, outcome: LineOutcome | None
) -> None:
    item = depot.items[0]
    assert depot.client.post(f"{depot.at}/pull", data={"item": str(item.uid), "do": do}).status_code == 303
    line = world.session.scalars(select(BatchLine).where(BatchLine.item_id == item.id)).one()
    assert (line.follows, line.outcome) == (follows, outcome)


def test_a_book_without_a_code_is_taken_by_a_tap(depot: Depot, world: World) -> None:
    depot.client.post(f"{depot.at}/pull", data={"item": str(depot.items[0].uid), "do": "take"})
    line = world.session.scalars(select(BatchLine).where(BatchLine.item_id == depot.items[0].id)).one()
    assert line.picked_at is not None


def test_one_deed_sends_and_prints(depot: Depot, world: World) -> None:
    for item in depot.items:
        crate = depot.scan(item.accession)["crate"]
    (load,) = crates.loads(world.session(), depot.batch.id)
    depot.scan(load.code, crate=crate)
    page = depot.client.get(f"{depot.at}/pick").get_data(as_text=True)
    assert "Giao 4 bản và in giấy" in page
    leg = rotation.legs_of(world, depot.batch)[0]
    said = {"uid": str(clock.uuid7()), "leg": str(leg.uid), "print": "1"}
    answer = depot.client.post(f"{depot.at}/send", data=said)
    assert answer.status_code == 303, answer.get_data(as_text=True)
    printed = depot.client.get(answer.location)
    assert printed.mimetype == "application/pdf"
    assert depot.client.post(f"{depot.at}/send", data=said).status_code == 303, "a second click is the same deed"
    assert len(world.session.scalars(select(LegLine)).all()) == 4
    assert world.session.get_one(Batch, depot.batch.id).state is BatchState.IN_TRANSIT
    assert leg.given_name == "Nông Văn Tú"


def test_what_follows_is_named_before_and_after(depot: Depot, world: World) -> None:
    depot.scan(depot.items[0].accession)
    depot.client.post(f"{depot.at}/pull", data={"item": str(depot.items[1].uid), "do": "miss"})
    page = depot.client.get(f"{depot.at}/send").get_data(as_text=True)
    assert "Giao 1 bản" in page
    assert "3 bản: chưa lấy được" in page
    leg = rotation.legs_of(world, depot.batch)[0]
    answer = depot.client.post(f"{depot.at}/send", data={"leg": str(leg.uid), "carrier": "Xe 97A-001.23"})
    assert answer.location.endswith("/papers")
    assert "3 bản theo sau" in depot.client.get(answer.location).get_data(as_text=True)


def test_a_dispatch_is_taken_back_until_somebody_signs(depot: Depot, world: World) -> None:
    depot.scan(depot.items[0].accession)
    leg = rotation.legs_of(world, depot.batch)[0]
    depot.client.post(f"{depot.at}/send", data={"leg": str(leg.uid)})
    assert "Hoàn tác lần giao này" in depot.client.get(f"{depot.at}/papers").get_data(as_text=True)
    assert depot.client.post(f"/rotation/legs/{leg.uid}/send/undo").status_code == 303
    assert world.session.get_one(Leg, leg.id).sent_at is None
    again = depot.client.post(f"{depot.at}/send", data={"leg": str(leg.uid)})
    assert again.status_code == 303
    rotation.received(world, world.session.get_one(Leg, leg.id))
    assert "Hoàn tác lần giao này" not in depot.client.get(f"{depot.at}/papers").get_data(as_text=True)
    assert depot.client.post(f"/rotation/legs/{leg.uid}/send/undo").status_code == 409


def test_a_seal_is_weighed_and_opened_again(depot: Depot, world: World) -> None:
    depot.scan(depot.items[0].accession)
    (load,) = crates.loads(world.session(), depot.batch.id)
    at = f"/rotation/crates/{load.crate.uid}"
    assert depot.client.post(f"{at}/seal", data={"kilograms": "rất nặng"}).status_code == 422
    assert depot.client.post(f"{at}/seal", data={"kilograms": "12,4", "seal": "00731"}).status_code == 303
    page = depot.client.get(at).get_data(as_text=True)
    assert "12,4 kg (đã cân)" in page
    assert "00731" in page
    assert "Nặng quá mức" not in page
    assert depot.client.post(f"{at}/seal").status_code == 409
    assert depot.client.post(f"{at}/unseal").status_code == 303
    assert not crates.is_sealed(world.session.get_one(Crate, load.crate.id))


def test_a_crate_that_scales_find_too_heavy_says_so(depot: Depot, world: World) -> None:
    """The guess by pages was lighter."""
    depot.scan(depot.items[0].accession)
    (load,) = crates.loads(world.session(), depot.batch.id)
    at = f"/rotation/crates/{load.crate.uid}"
    depot.client.post(f"{at}/seal", data={"kilograms": "18,2"})
    page = depot.client.get(at).get_data(as_text=True)
    assert "Nặng quá mức" in page and "nhiều nhất 15,0 kg" in page
    assert "nặng quá mức" in depot.client.get(f"{depot.at}/pick").get_data(as_text=True), "while crates are packed, too"


def test_a_batch_that_left_is_not_picked_any_more(depot: Depot, world: World) -> None:
    depot.scan(depot.items[0].accession)
    leg = rotation.legs_of(world, depot.batch)[0]
    depot.client.post(f"{depot.at}/send", data={"leg": str(leg.uid)})
    answer = depot.client.post(f"{depot.at}/pick", json=depot.posted(code=depot.items[1].accession))
    assert answer.status_code == 409
    pull = depot.client.get(f"{depot.at}/pull").get_data(as_text=True)
    assert pull.count("Gửi tiếp") == 3
    sent = depot.client.post(f"{depot.at}/pull", data={"item": str(depot.items[1].uid), "do": "after"})
    assert sent.status_code == 303
    assert depot.client.get(f"{depot.at}/pull").get_data(as_text=True).count("Gửi tiếp") == 2
    assert "không còn ở bước lấy sách" in depot.client.get(f"{depot.at}/pick").get_data(as_text=True)


def test_a_scan_of_late_comes_at_its_own_time(depot: Depot, world: World) -> None:
    made = clock.now() - timedelta(minutes=4)
    message = depot.posted(code=depot.items[0].accession) | {"at": made.isoformat()}
    assert depot.client.post(f"{depot.at}/pick", json=message).status_code == 200
    line = world.session.scalars(select(BatchLine).where(BatchLine.item_id == depot.items[0].id)).one()
    assert line.picked_at is not None
    assert abs((line.picked_at - made).total_seconds()) < 5


def test_who_may_not_pick_is_refused(app: Flask, depot: Depot, world: World) -> None:
    rotation.account(world, "docsach", RoleName.LIBRARIAN, world.school())
    other = sign_in(app, "docsach")
    assert other.get(f"{depot.at}/pick").status_code == 404
    assert app.test_client().get(f"{depot.at}/pick").status_code == 303


def test_a_scan_asks_few_questions_of_the_database(depot: Depot) -> None:
    depot.scan(depot.items[0].accession)
    message = depot.posted(code=depot.items[1].accession)
    with counted() as said:
        depot.client.post(f"{depot.at}/pick", json=message)
    assert len(said) <= 42, "\n".join(one[:120] for one in said)


@pytest.mark.parametrize("grams", ["inf", "1e999", "nan", "-1"])
def test_a_weight_that_is_none_is_told_beside_the_field(depot: Depot, world: World, grams: str) -> None:
    depot.scan(depot.items[0].accession)
    world.session.expire_all()
    crate = crates.of_batch(world.session(), depot.batch.id)[0]
    answer = depot.client.post(f"/rotation/crates/{crate.uid}/seal", data={"kilograms": grams})
    assert answer.status_code == 422 and "ki-lô-gam" in answer.get_data(as_text=True)
