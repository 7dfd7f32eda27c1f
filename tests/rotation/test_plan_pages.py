"""Pages of planning: whoever plans, who approves, a site's librarian, a stranger; twice is once; junk is told beside the form."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from library.accounts.models import RoleName
from library.core import clock
from library.core.db import db
from library.holdings.models import Item
from library.rotation import batches_read, settings, wishes
from library.rotation.models import (
    Agreement,
    Batch,
    BatchLine,
    BatchState,
    RotationSetting,
    Site,
    Survey,
    Wish,
)
from tests.support import rotation
from tests.support.people import account, sign_in
from tests.support.world import World

DAY = timedelta(days=1)


class Scene:
    """Anh Tú plans, chị Thảo approves, cô Hà works at the school that is a site; somebody of another province looks in."""

    def __init__(self, app: Flask, world: World) -> None:
        self.app, self.world = app, world
        rotation.account(world, "tu")
        rotation.account(world, "thao")
        self.site = rotation.school_site(world)
        self.other = rotation.site(world, "Chợ Rã")
        self.items = rotation.stock(world, 12, copies=3)
        account(world, "ha", RoleName.LIBRARIAN, world.school())
        far = world.province("Thư viện tỉnh Cao Bằng")
        account(world, "xa", RoleName.SCHEDULER, far)
        world.session.commit()
        self.tu = sign_in(app, "tu")

    def as_(self, login: str) -> FlaskClient:
        return sign_in(self.app, login)

    def form(self, **more: Any) -> dict[str, Any]:
        first = clock.today() + 7 * DAY
        usual = {
            "uid": str(uuid4()), "theme": "Truyện thiếu nhi", "first": f"{first:%d/%m/%Y}",
            "last": f"{first + 90 * DAY:%Y-%m-%d}", "site": [str(self.site.uid)], "most": "6", "do": "fill",
        }  # fmt: skip
        return usual | more

    def batch(self, **more: Any) -> Batch:
        """Made by anh Tú through the page."""
        answer = self.tu.post("/rotation/batches/new", data=self.form(**more))
        assert answer.status_code == 303, answer.get_data(as_text=True)
        uid = re.search(r"/batches/([0-9a-f-]{36})", answer.headers["Location"])
        assert uid
        db.session.rollback()
        return db.session.scalars(select(Batch).where(Batch.uid == UUID(uid.group(1)))).one()

    def listed(self, batch: Batch) -> list[int]:
        db.session.rollback()
        return [one.item_id for one in batches_read.lines(db.session(), batch.id)]

    def state(self, batch: Batch) -> BatchState:
        db.session.rollback()
        return db.session.get_one(Batch, batch.id).state


@pytest.fixture
def scene(app: Flask, world: World) -> Iterator[Scene]:
    yield Scene(app, world)


def text(answer: Any) -> str:
    return str(answer.get_data(as_text=True))


# A batch in three touches


def test_from_the_site_to_a_proposed_batch_in_three_touches(scene: Scene) -> None:
    """1: "Lập đợt" with the site ticked; 2: "Máy chọn sách"; 3: "Gửi duyệt"."""
    page = text(scene.tu.get(f"/rotation/batches/new?site={scene.site.uid}"))
    assert page.count("checked") == 1
    told = dict(re.findall(r'name="(\w+)"[^>]*?value="([^"]*)"', page))
    made = scene.tu.post("/rotation/batches/new", data={
        "uid": told["uid"], "site": str(scene.site.uid), "theme": told["theme"], "most": told["most"], "first": told["first"],
        "last": told["last"], "each": told["each"], "kind": "rotation", "do": "fill",
    })  # fmt: skip
    assert made.status_code == 303, text(made)
    batch = db.session.scalars(select(Batch)).one()
    assert len(scene.listed(batch)) == 8, "four titles, two copies each: all there is"
    assert "Gửi duyệt" in text(scene.tu.get(made.headers["Location"]))
    scene.tu.post(f"/rotation/batches/{batch.uid}/propose", data={"uid": str(uuid4())})
    assert scene.state(batch) is BatchState.PROPOSED


def test_the_same_message_twice_is_one_batch(scene: Scene) -> None:
    form = scene.form()
    first, again = (scene.tu.post("/rotation/batches/new", data=form) for _ in range(2))
    assert first.headers["Location"] == again.headers["Location"]
    assert db.session.scalar(select(func.count(Batch.id))) == 1


def test_what_is_wrong_is_told_beside_the_form(scene: Scene) -> None:
    wrong = scene.form(theme="", last="hôm kia", site=[])
    answer = scene.tu.post("/rotation/batches/new", data=wrong)
    page = text(answer)
    assert answer.status_code == 422
    assert "Chọn ít nhất một điểm luân chuyển" in page
    assert "Ngày viết như 31/12/2026" in page
    long = scene.tu.post("/rotation/batches/new", data=scene.form(last=f"{clock.today() + 400 * DAY:%Y-%m-%d}"))
    assert long.status_code == 422
    assert "nhiều nhất 6 tháng" in text(long)
    assert db.session.scalar(select(func.count(Batch.id))) == 0
    assert scene.tu.post("/rotation/batches/new", json={}).status_code == 422


def test_two_sites_on_one_way(scene: Scene) -> None:
    batch = scene.batch(site=[str(scene.site.uid), str(scene.other.uid)])
    page = text(scene.tu.get(f"/rotation/batches/{batch.uid}/draft"))
    assert page.index("Xuất Hóa") < page.index("Về kho")
    assert "chưa có thỏa thuận còn hạn" in page


def test_a_batch_takes_the_place_of_another(scene: Scene) -> None:
    before = scene.batch()
    page = text(scene.tu.get(f"/rotation/batches/new?replaces={before.uid}"))
    assert f"Thay đợt {before.code}" in page
    batch = scene.batch(replaces=str(before.uid), kind="exchange", do="empty")
    assert batch.replaces_id == before.id


# The list


def change(scene: Scene, batch: Batch, **more: Any) -> Any:
    return scene.tu.post(f"/rotation/batches/{batch.uid}/lines", data={"uid": str(uuid4()), **more})


def test_books_are_scanned_onto_the_list(scene: Scene) -> None:
    batch, item = scene.batch(do="empty"), scene.items[0]
    change(scene, batch, do="find", text=item.accession)
    assert scene.listed(batch) == [item.id]
    again = change(scene, batch, do="find", text=item.accession)
    assert f"copy={item.uid}" in again.headers["Location"]
    assert "có trong danh sách rồi" in text(scene.tu.get(again.headers["Location"]))


def test_titles_are_searched_and_added(scene: Scene) -> None:
    batch = scene.batch(do="empty")
    answer = change(scene, batch, do="find", text="luan chuyen 2")
    page = text(scene.tu.get(answer.headers["Location"]))
    assert "Sách luân chuyển 2" in page
    assert "Đưa vào" in page
    uid = re.search(r'name="do" value="add"><input type="hidden" name="item" value="([0-9a-f-]{36})"', page)
    assert uid
    change(scene, batch, do="add", item=uid.group(1))
    assert len(scene.listed(batch)) == 1
    nothing = scene.tu.get(f"/rotation/batches/{batch.uid}/draft?q=không+có")
    assert "không có sách nào như" in text(nothing)


def test_a_rule_is_overruled_with_a_reason(scene: Scene) -> None:
    batch, item = scene.batch(do="empty"), scene.items[0]
    item.record.year = 1930
    db.session.commit()
    refused = change(scene, batch, do="find", text=item.accession)
    page = text(scene.tu.get(refused.headers["Location"]))
    assert "Sách quý hiếm giữ lại kho" in page
    assert "Vẫn đưa vào" in page
    assert scene.listed(batch) == []
    change(scene, batch, do="add", item=str(item.uid), override="asked")
    assert scene.listed(batch) == [item.id]
    assert "vẫn cho đi: Điểm xin đích danh" in text(scene.tu.get(f"/rotation/batches/{batch.uid}/draft"))
    assert change(scene, batch, do="add", item=str(item.uid), override="vì thích").status_code == 422


def test_lines_are_taken_out_undone_and_made_up_for(scene: Scene) -> None:
    batch = scene.batch()
    gone = db.session.get_one(Item, scene.listed(batch)[0])
    answer = change(scene, batch, do="out", item=[str(gone.uid)])
    assert gone.id not in scene.listed(batch)
    page = text(scene.tu.get(answer.headers["Location"]))
    assert "Hoàn tác việc vừa làm" in page
    act = re.search(r"act=([0-9a-f-]{36})", answer.headers["Location"])
    assert act
    scene.tu.post(f"/rotation/batches/{batch.uid}/undo", data={"uid": str(uuid4()), "act": act.group(1)})
    assert gone.id in scene.listed(batch)
    change(scene, batch, do="out", item=[str(gone.uid)])
    change(scene, batch, do="more")
    assert gone.id not in scene.listed(batch), "a title that was taken out comes no more"
    assert change(scene, batch, do="out").status_code == 409


def test_nobody_undoes_what_is_no_deed_of_the_batch(scene: Scene) -> None:
    batch, other = scene.batch(do="empty"), scene.batch()
    answer = change(scene, other, do="out", item=[str(db.session.get_one(Item, scene.listed(other)[0]).uid)])
    act = re.search(r"act=([0-9a-f-]{36})", answer.headers["Location"])
    assert act
    stranger = scene.tu.post(f"/rotation/batches/{batch.uid}/undo", data={"uid": str(uuid4()), "act": act.group(1)})
    assert stranger.status_code == 404


# Who decides


def proposed(scene: Scene) -> Batch:
    batch = scene.batch()
    scene.tu.post(f"/rotation/batches/{batch.uid}/propose", data={"uid": str(uuid4())})
    return batch


def decide(scene: Scene, login: str, batch: Batch, **more: Any) -> Any:
    return scene.as_(login).post(f"/rotation/batches/{batch.uid}/decide", data={"uid": str(uuid4()), **more})


def test_another_person_approves(scene: Scene) -> None:
    batch = proposed(scene)
    mine = decide(scene, "tu", batch, do="approve")
    assert mine.status_code == 409
    assert "không tự duyệt" in text(mine)
    assert decide(scene, "ha", batch, do="approve").status_code == 403
    assert decide(scene, "xa", batch, do="approve").status_code == 404
    assert decide(scene, "thao", batch, do="approve").status_code == 303
    assert scene.state(batch) is BatchState.APPROVED
    assert "đã duyệt đợt này" in text(scene.tu.get(f"/rotation/batches/{batch.uid}/draft"))


def test_it_is_sent_back_with_a_word_or_taken_back(scene: Scene) -> None:
    batch = proposed(scene)
    decide(scene, "thao", batch, do="send-back", note="Thêm sách tiếng Mông")
    assert scene.state(batch) is BatchState.DRAFT
    scene.tu.post(f"/rotation/batches/{batch.uid}/propose", data={"uid": str(uuid4())})
    scene.tu.post(f"/rotation/batches/{batch.uid}/back", data={"uid": str(uuid4())})
    assert scene.state(batch) is BatchState.DRAFT


def test_approval_is_undone(scene: Scene) -> None:
    batch = proposed(scene)
    answer = decide(scene, "thao", batch, do="approve")
    act = re.search(r"act=([0-9a-f-]{36})", answer.headers["Location"])
    assert act
    scene.as_("thao").post(f"/rotation/batches/{batch.uid}/undo", data={"uid": str(uuid4()), "act": act.group(1)})
    assert scene.state(batch) is BatchState.PROPOSED


def test_the_site_says_what_it_does_not_want(scene: Scene) -> None:
    batch = proposed(scene)
    ha = scene.as_("ha")
    page = text(ha.get(f"/rotation/batches/{batch.uid}/answer"))
    assert "6 cuốn sẽ đến" in page
    unwanted = db.session.get_one(Item, scene.listed(batch)[0])
    said = ha.post(
        f"/rotation/batches/{batch.uid}/answer", data={"uid": str(uuid4()), "item": str(unwanted.uid), "why": "have"}
    )
    assert said.status_code == 303
    assert "điểm không nhận: Đã có" in text(scene.tu.get(f"/rotation/batches/{batch.uid}/draft"))
    assert ha.get(f"/rotation/batches/{batch.uid}/draft").status_code == 403, "what is planned is the province's"
    decide(scene, "thao", batch, do="approve")
    assert unwanted.id not in scene.listed(batch)
    late = ha.post(f"/rotation/batches/{batch.uid}/answer", data={"uid": str(uuid4())})
    assert late.status_code == 409
    assert "đã chốt" in text(ha.get(f"/rotation/batches/{batch.uid}/answer"))


def test_a_site_that_is_not_on_the_way_sees_nothing(scene: Scene) -> None:
    other = scene.world.school("Trường Tiểu học Đức Xuân")
    account(scene.world, "huong", RoleName.LIBRARIAN, other)
    db.session.commit()
    batch = proposed(scene)
    assert scene.as_("huong").get(f"/rotation/batches/{batch.uid}/answer").status_code == 404


def test_a_batch_is_given_up_with_a_reason_and_taken_up_again(scene: Scene) -> None:
    batch = proposed(scene)
    count = len(scene.listed(batch))
    answer = scene.tu.post(
        f"/rotation/batches/{batch.uid}/cancel", data={"uid": str(uuid4()), "why": "weather", "note": "đèo sạt"}
    )
    assert scene.state(batch) is BatchState.CANCELLED
    assert "Đường đi không được: đèo sạt" in text(scene.tu.get(f"/rotation/batches/{batch.uid}/draft"))
    act = re.search(r"act=([0-9a-f-]{36})", answer.headers["Location"])
    assert act
    scene.tu.post(f"/rotation/batches/{batch.uid}/undo", data={"uid": str(uuid4()), "act": act.group(1)})
    assert scene.state(batch) is BatchState.PROPOSED
    assert len(scene.listed(batch)) == count


# A whole round


def test_a_round_for_all_sites_in_three_touches(scene: Scene) -> None:
    """1: "Lập nhiều đợt", sites without a batch are ticked; 2: "Máy chọn sách"; 3: "Gửi duyệt các đợt đã chọn"."""
    page = text(scene.tu.get("/rotation/batches/plan"))
    sites = re.findall(r'name="site" value="([0-9a-f-]{36})"[^>]* checked', page)
    assert len(sites) == 2
    form = scene.form(site=sites, **{f"most-{sites[0]}": "4"})
    made = scene.tu.post("/rotation/batches/plan", data=form)
    assert made.status_code == 303, text(made)
    scene.tu.post("/rotation/batches/plan", data=form)
    db.session.rollback()
    batches = db.session.scalars(select(Batch).order_by(Batch.id)).all()
    assert len(batches) == 2, "twice is once"
    lines = db.session.scalars(select(BatchLine.item_id)).all()
    assert len(lines) == len(set(lines)), "no copy twice"
    page = text(scene.tu.get("/rotation/batches/plan"))
    uids = re.findall(r'name="batch" value="([0-9a-f-]{36})"', page)
    assert len(uids) == 2
    scene.tu.post("/rotation/batches/propose", data={"uid": str(uuid4()), "batch": uids})
    assert {scene.state(one) for one in batches} == {BatchState.PROPOSED}
    scene.tu.post("/rotation/batches/approve", data={"uid": str(uuid4()), "batch": uids})
    assert {scene.state(one) for one in batches} == {BatchState.PROPOSED}, "not by whoever made them"
    scene.as_("thao").post("/rotation/batches/approve", data={"uid": str(uuid4()), "batch": uids})
    assert {scene.state(one) for one in batches} == {BatchState.APPROVED}
    assert (
        re.findall(r'name="site" value="[0-9a-f-]{36}"[^>]* checked', text(scene.tu.get("/rotation/batches/plan")))
        == []
    )


def test_a_round_is_shared_fairly_and_the_empty_one_is_told(scene: Scene) -> None:
    more = [rotation.site(scene.world, f"Điểm {n}") for n in range(4)]
    db.session.commit()
    sites = [str(one.uid) for one in (scene.site, scene.other, *more)]
    scene.tu.post("/rotation/batches/plan", data=scene.form(site=sites, most=""))
    db.session.rollback()
    sizes = [len(batches_read.lines(db.session(), one.id)) for one in db.session.scalars(select(Batch))]
    assert sum(sizes) == 12
    assert max(sizes) - min(sizes) <= 1, sizes


def test_an_empty_draft_is_named_when_many_are_proposed(scene: Scene) -> None:
    empty, full = scene.batch(do="empty"), scene.batch()
    told = scene.tu.post(
        "/rotation/batches/propose", json=scene_message(batch=[str(empty.uid), str(full.uid)])
    ).get_json()
    assert told["count"] == 1
    assert empty.code in told["stopped"][0]
    assert scene.state(full) is BatchState.PROPOSED


def scene_message(**more: Any) -> dict[str, Any]:
    now = clock.now().isoformat()
    return {"uid": str(uuid4()), "device": str(uuid4()), "number": 1, "at": now, "sent_at": now, **more}


# Sites, agreements, stock, wishes, numbers


def test_a_point_is_founded_and_agrees_to_a_quota(scene: Scene) -> None:
    assert "Trường Tiểu học Xuất Hóa" in text(scene.tu.get("/rotation/sites/new"))
    assert "Lập điểm không có thư viện" in text(scene.tu.get("/rotation/sites/new"))
    page = text(scene.tu.get("/rotation/sites/new?branch=none"))
    assert "ghi sổ" in page
    form = {
        "uid": str(uuid4()), "branch": "none", "name": "Điểm BĐ-VHX Xuân Dương", "kind": "post-point", "position": "22,15; 106,01",
        "grade": ["1", "2"], "language": ["hmn"], "readers": "120", "keeper_name": "Bàn Văn Sơn",
    }  # fmt: skip
    made = scene.tu.post("/rotation/sites/new", data=form)
    assert made.status_code == 303, text(made)
    site = db.session.scalars(select(Site).where(Site.name == "Điểm BĐ-VHX Xuân Dương")).one()
    assert (site.latitude, site.longitude, site.grades, site.languages) == (22.15, 106.01, [1, 2], ["hmn"])
    first, last = clock.today(), clock.today() + 364 * DAY
    agreed = scene.tu.post(f"/rotation/sites/{site.uid}/agreement", data={
        "uid": str(uuid4()), "quota": "150", "months": "3", "from_on": f"{first:%Y-%m-%d}", "to_on": f"{last:%Y-%m-%d}",
        "floats": "1", "float_cap": "40",
    })  # fmt: skip
    assert agreed.status_code == 303, text(agreed)
    made_ = db.session.scalars(select(Agreement)).one()
    assert (made_.quota, made_.months, made_.float_cap) == (150, 3, 40)
    listed = text(scene.tu.get("/rotation/sites?q=xuan+duong"))
    assert "Bàn Văn Sơn" in listed
    assert "Chợ Rã" not in listed
    undo = {"uid": str(uuid4()), "agreement": str(made_.uid), "do": "undo"}
    scene.tu.post(f"/rotation/sites/{site.uid}/agreement/end", data=undo)
    assert "Chưa có thỏa thuận còn hạn" in text(scene.tu.get(f"/rotation/sites/{site.uid}/agreement"))


def test_a_site_is_changed_closed_and_opened(scene: Scene) -> None:
    address = f"/rotation/sites/{scene.other.uid}"
    wrong = scene.tu.post(
        f"{address}/edit", data={"uid": str(uuid4()), "name": "", "kind": "post-point", "position": "đâu đó"}
    )
    assert wrong.status_code == 422
    assert "Chép hai số từ bản đồ" in text(wrong)
    taken = {"uid": str(uuid4()), "name": scene.site.name, "kind": "school"}
    assert "Đã có điểm tên" in text(scene.tu.post(f"{address}/edit", data=taken))
    scene.tu.post(f"{address}/edit", data={"uid": str(uuid4()), "name": "Chợ Rã 2", "kind": "learning-centre"})
    scene.tu.post(f"{address}/close", data={"uid": str(uuid4()), "why": "merged"})
    scene.tu.get("/rotation/sites")  # tells what was done
    assert "Chợ Rã 2" not in text(scene.tu.get("/rotation/sites"))
    assert "Chợ Rã 2" in text(scene.tu.get("/rotation/sites?closed=1"))
    scene.tu.post(f"{address}/close", data={"uid": str(uuid4()), "do": "reopen"})
    assert "Chợ Rã 2" in text(scene.tu.get("/rotation/sites"))
    for login, status in (("ha", 403), ("xa", 404)):
        assert scene.as_(login).get(f"{address}/edit").status_code == status
    assert "Xuất Hóa" in text(scene.as_("ha").get("/rotation/sites")), "a school sees that it is a site"
    assert "Chợ Rã" not in text(scene.as_("ha").get("/rotation/sites"))


def test_books_join_the_stock_by_scan_and_by_list(scene: Scene) -> None:
    library = scene.world.province()
    one, *more = scene.world.items(4, library)
    db.session.commit()
    scan = {"uid": str(uuid4()), "do": "join", "code": one.accession}
    scene.tu.post("/rotation/stock", data=scan)
    page = text(scene.tu.get("/rotation/stock"))
    assert "vào kho luân chuyển" in page
    assert one.accession in page
    db.session.rollback()
    assert one.home.name == "Kho luân chuyển"
    codes = "\n".join([*(str(item.accession) for item in more), "KHÔNG.CÓ", ""])
    told = scene.tu.post("/rotation/stock", json=scene_message(do="join", codes=codes)).get_json()
    assert told["count"] == 3
    assert "Máy chưa biết mã KHÔNG.CÓ" in told["do"]
    scene.tu.post("/rotation/stock/undo", data={"uid": str(uuid4()), "act": told["act"]})
    db.session.rollback()
    assert {item.home.name for item in more} == {"Kho sách"}
    refused = scene.tu.post("/rotation/stock", json=scene_message(do="leave", code=str(more[0].accession))).get_json()
    assert refused == {"outcome": "khong", "do": "Cuốn này không thuộc kho luân chuyển.", "count": 0}
    assert scene.as_("ha").get("/rotation/stock").status_code == 403


def test_a_survey_is_opened_answered_and_read(scene: Scene) -> None:
    closes = clock.today() + 20 * DAY
    opened = scene.tu.post(
        "/rotation/wishes", data={"uid": str(uuid4()), "name": "Quý I", "closes_on": f"{closes:%d/%m/%Y}"}
    )
    survey = db.session.scalars(select(Survey)).one()
    assert opened.headers["Location"].endswith(str(survey.uid))
    ha = scene.as_("ha")
    assert "Quý I" in text(ha.get("/rotation/wishes"))
    address = f"/rotation/wishes/{survey.uid}/sites/{scene.site.uid}"
    assert "Bậc đọc" in text(ha.get(address))
    assert ha.post(address, data={"uid": str(uuid4())}).status_code == 422
    ha.post(address, data={"uid": str(uuid4()), "level-3": "40", "words-1": "Conan", "many-1": "5", "subject-0": "10"})
    db.session.rollback()
    found = wishes.standing(db.session(), Wish.survey_id == survey.id)
    assert sorted((one.text, one.quantity) for one in found) == [("3", 40), ("Conan", 5), ("Truyện cổ tích", 10)]
    assert 'value="40"' in text(ha.get(address)), "what was answered stands in the form"
    page = text(scene.tu.get(f"/rotation/wishes/{survey.uid}"))
    assert "1 trên 2 điểm trả lời" in page
    assert "chưa trả lời – ghi hộ" in page
    assert ha.get(f"/rotation/wishes/{survey.uid}").status_code == 403
    assert ha.get(f"/rotation/wishes/{survey.uid}/sites/{scene.other.uid}").status_code == 404
    scene.tu.post(f"/rotation/wishes/{survey.uid}", data={"uid": str(uuid4()), "do": "close"})
    late = ha.post(address, data={"uid": str(uuid4()), "level-3": "1"})
    assert late.status_code == 409
    assert "hết hạn trả lời" in text(late)
    twice = scene.tu.post(
        "/rotation/wishes", data={"uid": str(uuid4()), "name": "quý i", "closes_on": f"{closes:%d/%m/%Y}"}
    )
    assert twice.status_code == 422
    assert "Đã có khảo sát tên" in text(twice)


def test_a_library_has_its_own_numbers(scene: Scene) -> None:
    page = text(scene.tu.get("/rotation/settings"))
    assert "Thường là 3." in page
    told = dict(settings.USUAL) | {"uid": str(uuid4()), "least_copies": 2, "years_apart": 5}
    assert scene.tu.post("/rotation/settings", data=told).status_code == 303
    row = db.session.scalars(select(RotationSetting)).one()
    assert (row.least_copies, row.years_apart, row.crate_grams) == (2, 5, 15_000)
    wrong = scene.tu.post("/rotation/settings", data={**told, "uid": str(uuid4()), "least_copies": "hai"})
    assert wrong.status_code == 422
    assert 'value="hai"' in text(wrong)
    assert "đã nhận trong 5 năm" in text(scene.tu.get("/rotation/batches/new"))


def test_reasons_are_told_in_the_readers_language(scene: Scene) -> None:
    batch = scene.batch()
    scene.tu.post("/language", data={"language": "en"})
    answer = scene.tu.post(f"/rotation/batches/{batch.uid}/cancel", data={"uid": str(uuid4()), "why": "weather"})
    assert answer.status_code == 303
    db.session.rollback()
    assert db.session.get_one(Batch, batch.id).ended_why == "Đường đi không được"
    page = text(scene.tu.get(f"/rotation/batches/{batch.uid}"))
    assert "Đường đi không được" not in page
