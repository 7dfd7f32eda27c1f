"""Pages of campaigns: who may do what, a school's sheet on its page, whoever adds up with one touch a unit."""

import html
import re
from datetime import timedelta
from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from library.accounts.models import RoleName
from library.core import clock
from library.core.db import db
from library.reports import campaigns, sheets
from library.reports.campaign_models import Campaign, CampaignTemplate
from library.reports.sheet_models import Sheet, SheetReminder, SheetState, SheetValue, Submission
from library.uses.happenings import Measure
from tests.support import campaigns as made
from tests.support.campaigns import happened, launched, officer, schools, sheet_of
from tests.support.people import account, commit, sign_in
from tests.support.statements import counted
from tests.support.world import World

NOTE = "Lớp 5A góp thêm 22 cuốn"


@pytest.fixture
def told(world: World) -> Campaign:
    """Two schools asked; cô Hà fills in the first one's sheet, chị Biển adds up."""
    first, second = schools(world, 2)
    account(world, "ha", RoleName.LIBRARIAN, first)
    account(world, "khac", RoleName.LIBRARIAN, second)
    officer(world)
    campaign = launched(world, [first, second])
    happened(world, first, Measure.GIFT_COPIES, 214)
    commit()
    return campaign


def page(client: FlaskClient, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, answer.get_data(as_text=True)[:3000]
    return answer.get_data(as_text=True)


def form_of(text: str) -> dict[str, str]:
    """What a browser would send of a sheet's page."""
    names = re.findall(r'<input (?:type="hidden" )?(?:class="input stated" )?name="([vm]-[^"]+)" value="([^"]*)"', text)
    names += re.findall(r'<input class="input stated" name="(v-[^"]+)" value="([^"]*)"', text)
    return {**dict(names), "uid": str(clock.uuid7())}


def line(campaign: Campaign, code: str) -> str:
    return str(next(one.uid for one in campaign.lines if one.code == code))


def test_a_school_sends_its_sheet_and_takes_it_back(app: Flask, world: World, told: Campaign) -> None:
    sheet = sheet_of(world, told, schools(world, 2)[0])
    address, g, m = f"/reports/sheets/{sheet.uid}", line(told, "G"), line(told, "M")
    ha = sign_in(app)
    assert "Tuần lễ học tập" in page(ha, "/reports/sheets")
    home = ha.get("/", follow_redirects=True).get_data(as_text=True)
    assert f'<a href="/reports/sheets/{sheet.uid}">' in home, "it is told at the desk"
    typed = form_of(page(ha, address))
    assert (typed[f"v-{g}"], typed[f"m-{g}"], typed[f"v-{m}"]) == ("214", "214", "")

    wrong = ha.post(address, data={**typed, f"v-{g}": "236", "do": "send"})
    text = wrong.get_data(as_text=True)
    assert wrong.status_code == 422 and "Số khác với máy đếm" in text and "Không có thì ghi 0" in text
    assert form_of(text)[f"v-{g}"] == "236", "nothing typed is lost"
    bad = ha.post(address, data={**form_of(text), f"v-{m}": "3,5 triệu", "do": "save"})
    assert bad.status_code == 422 and 'value="3,5 triệu"' in bad.get_data(as_text=True)
    assert "Đã lưu nháp, trừ" in bad.get_data(as_text=True) and "Chưa gửi được" not in bad.get_data(as_text=True)

    good = {**form_of(text), f"v-{m}": "3.150.000", f"r-{g}": "not-entered", f"n-{g}": NOTE, "do": "send"}
    assert ha.post(address, data=good).status_code == 303
    assert ha.post(address, data=good).status_code == 303, "a second click is the same act"
    assert db.session.scalar(select(func.count()).select_from(Submission)) == 1
    after = page(ha, address)
    assert "Đã gửi" in after and NOTE in after and "3.150.000" in after and 'name="v-' not in after
    again = ha.post(address, data={"do": "withdraw", "uid": str(clock.uuid7())})
    assert again.status_code == 303 and form_of(page(ha, address))[f"v-{m}"] == "3.150.000"
    page(sign_in(app, "khac"), address, 404)
    page(sign_in(app, "khac"), "/reports/campaigns", 403)
    page(sign_in(app, "bien"), address, 403)


def test_whoever_adds_up_accepts_with_one_touch_each(app: Flask, world: World, told: Campaign) -> None:
    first, second = schools(world, 2)
    for unit in (first, second):
        made.sent(world, told, unit)
    commit()
    bien, address = sign_in(app, "bien"), f"/reports/campaigns/{told.uid}"

    def do(**more: str) -> int:
        return bien.post(address, data={"uid": str(clock.uuid7()), **more}).status_code

    def state(unit: object) -> SheetState:
        db.session.expire_all()
        return sheet_of(world, told, unit).state  # type: ignore[arg-type]

    text = page(bien, address)
    assert "Đủ 2/2 đơn vị đã nộp, đã nhận 0" in text
    one, two = sheet_of(world, told, first), sheet_of(world, told, second)
    assert 'name="number" value="1"' in text and 'name="number" value="1"' in page(bien, f"{address}/units/{one.uid}")
    assert do(do="accept", sheet=str(one.uid), number="2") == 409 and state(first) is SheetState.SUBMITTED, "not seen"
    assert do(do="accept", sheet=str(one.uid), number="1") == 303 and state(first) is SheetState.ACCEPTED
    assert do(do="accept", sheet=str(one.uid)) == 409
    assert do(do="undo", sheet=str(one.uid)) == 303 and state(first) is SheetState.SUBMITTED
    assert do(do="return", sheet=str(two.uid)) == 422, "it says what to look at"
    late = bien.post(address, data={"uid": str(clock.uuid7()), "do": "due", "due_on": "2026-09-30"})
    assert (
        late.status_code == 409
        and 'value="2026-09-30"' in (text := late.get_data(as_text=True))
        and "Việc khác" in text
    )
    assert do(do="return", sheet=str(two.uid), note="Xem lại dòng 3") == 303 and state(second) is SheetState.RETURNED
    assert "Xem lại dòng 3" in page(sign_in(app, "khac"), f"/reports/sheets/{two.uid}")
    assert do(do="accept", sheet=str(one.uid), number="1") == 303 and do(do="remind") == 303
    assert db.session.scalar(select(func.count()).select_from(SheetReminder)) == 1
    assert second.name in page(bien, f"{address}/letters")
    assert "214" in page(bien, f"{address}/lines/{line(told, 'G')}")
    assert "0 phiếu chờ nhận, 1 đơn vị chưa nộp" in page(bien, address) and "không được cộng" in page(bien, address)
    assert do(do="lock") == 303 and do(do="accept", sheet=str(two.uid)) == 409
    left = page(bien, address)
    assert "Muốn cộng thêm thì mở chốt" in left and "<b>Chưa nộp:</b>" in left and "<b>Chờ nhận:</b>" not in left
    assert "không có trong số đã chốt" in page(sign_in(app, "khac"), f"/reports/sheets/{two.uid}")

    happened(world, first, Measure.GIFT_COPIES, 6)
    commit()
    assert "Biết thêm sau khi nhận" in page(bien, address)
    unit = page(bien, f"{address}/units/{one.uid}")
    assert "214" in unit and "+6" in unit and "Đính chính dòng này" in unit and "later=1" in unit
    more = {"do": "correct", "sheet": str(one.uid), "line": line(told, "G"), "value": "220"}
    kept = bien.post(
        address, data={"uid": str(clock.uuid7()), **more, "back": "unit", "value": "220 cuốn", "why": "Nhập sau"}
    )
    assert (
        kept.status_code == 422 and 'value="220 cuốn"' in (text := kept.get_data(as_text=True)) and "Nhập sau" in text
    )
    assert "Cần một số" in text and one.organisation.name in text, "on its own page, with all that was typed"
    assert do(**more) == 422 and do(**more, why="Nhập sau khi chốt") == 303
    assert "214 → 220" in page(bien, f"{address}/units/{one.uid}") and ">220<" in page(bien, address)
    appendix = bien.get(f"{address}/appendix.csv").get_data(as_text=True)
    assert f"{first.short_name}: Đính chính ngày" in appendix, "whose figure it was"
    assert do(do="unlock") == 303 and state(first) is SheetState.ACCEPTED
    late = sign_in(app, "khac").post(f"/reports/sheets/{two.uid}", data={"do": "save", "uid": str(clock.uuid7())})
    assert late.status_code == 303
    assert do(do="keep", name="Của tỉnh") == 303
    assert db.session.scalar(select(CampaignTemplate.name)) == "Của tỉnh"


def test_a_campaign_is_made_from_the_shipped_list(app: Flask, world: World) -> None:
    first, second = schools(world, 2)
    officer(world)
    commit()
    bien = sign_in(app, "bien")
    text = page(bien, "/reports/campaigns/new")
    assert "Tuần lễ hưởng ứng học tập suốt đời năm" in text
    fields = {"from": "htsd", "name": "HTSĐ 2026", "first_on": "2026-10-01", "last_on": "2026-10-07"}
    late = {**fields, "due_on": "2026-09-30", "uid": str(clock.uuid7())}
    assert bien.post("/reports/campaigns", data=late).status_code == 422
    answer = bien.post("/reports/campaigns", data={**fields, "due_on": "2026-10-15", "uid": str(clock.uuid7())})
    address = answer.headers["Location"]
    assert answer.status_code == 303 and address.endswith("/edit")
    text = page(bien, address)
    assert "Lượt học sinh tiếp cận, khai thác thư viện" in text and first.name in text

    def do(**more: object) -> int:
        return bien.post(address, data={"uid": str(clock.uuid7()), **more}).status_code

    assert do(do="launch") == 422
    rows = {"label-0": "Lễ phát động", "unit-0": "buổi", "source-0": "", "at-0": "2", "label-1": "Sách tặng", "unit-1": "quyển",
            "source-1": '{"measure": "gift-copies", "units": false}', "at-1": "1", "label-2": "Người dự", "under-2": "1",
            "source-2": "", "at-2": "3"}  # fmt: skip
    assert do(do="lines", **{**rows, "source-0": '{"measure": "drop table"}'}) == 422
    assert do(do="lines", **rows) == 303 and do(do="units", unit=[str(first.id), str(second.id), "999999"]) == 303
    campaign = db.session.scalars(select(Campaign)).one()
    assert [(one.number, one.label) for one in campaign.lines] == [
        (1, "Sách tặng"),
        (2, "Lễ phát động"),
        (2, "Người dự"),
    ]
    emptied = bien.post(address, data={"uid": str(clock.uuid7()), "do": "lines", **rows, "label-1": "", "code-1": "D2"})
    assert (
        emptied.status_code == 422 and "Ô này chưa có gì" in emptied.get_data(as_text=True) and len(campaign.lines) == 3
    )
    assert do(do="lines", **rows, **{"code-2": "D3", "gone-2": "1"}) == 303
    db.session.expire_all()
    assert [one.label for one in campaign.lines] == ["Sách tặng", "Lễ phát động"], "dropped by its tick"
    assert do(do="lines", **rows) == 303
    assert do(do="launch") == 303
    db.session.expire_all()
    assert campaign.launched_at and db.session.scalar(select(func.count()).select_from(Sheet)) == 2
    assert bien.get(address).status_code == 302 and do(do="lines", **rows) in (302, 422)
    launched_page = page(bien, f"/reports/campaigns/{campaign.uid}")
    assert "0/2 đơn vị đã nộp" in launched_page and "Hạn nộp 15/10/2026 đã qua" in launched_page
    assert campaigns.progress(db.session(), [campaign])[campaign.id].asked == 2


def test_a_file_stands_beside_a_figure(app: Flask, world: World) -> None:
    (school,) = schools(world, 1)
    account(world, "ha", RoleName.LIBRARIAN, school)
    officer(world)
    lines = [made.Line(1, "X", "Tập thể được khen", "tập thể", evidence=True)]
    campaign = launched(world, [school], lines, due=clock.today() + timedelta(days=2))
    sheet = sheet_of(world, campaign, school)
    commit()
    ha, address, uid = sign_in(app), f"/reports/sheets/{sheet.uid}", line(campaign, "X")

    def send(data: bytes, name: str) -> int:
        told = {"uid": str(clock.uuid7()), "do": "send", f"v-{uid}": "2", f"f-{uid}": (BytesIO(data), name)}
        return ha.post(address, data=told, content_type="multipart/form-data").status_code

    assert send(b"<script>", "quyet-dinh.pdf") == 422
    assert send(b"%PDF-1.7 x", "quyet-dinh.exe") == 422
    assert send(b"%PDF-1.7 x", "C:\\quyet-dinh.pdf") == 303
    value = db.session.scalars(select(SheetValue).where(SheetValue.evidence.is_not(None))).one()
    for client, way in (
        (ha, f"{address}/files/{value.uid}"),
        (sign_in(app, "bien"), f"/reports/campaigns/{campaign.uid}/units/{sheet.uid}/files/{value.uid}"),
    ):
        answer = client.get(way)
        assert answer.data == b"%PDF-1.7 x" and "attachment" in answer.headers["Content-Disposition"]
        assert "quyet-dinh.pdf" in answer.headers["Content-Disposition"]
        answer.close()
    assert sheets.told_of(value).evidence


def test_the_list_asks_how_far_all_campaigns_are_at_once(app: Flask, world: World, told: Campaign) -> None:
    officer_ = sign_in(app, "bien")
    page(officer_, "/reports/campaigns")  # settings and grants are read once
    with counted() as few:
        page(officer_, "/reports/campaigns")
    for number in range(3):
        launched(world, schools(world, 2), name=f"Đợt {number}")
    commit()
    with counted() as many:
        text = page(officer_, "/reports/campaigns")
    assert len(many) == len(few) and text.count("0/2 đơn vị đã nộp") == 4


def test_whoever_adds_up_takes_the_paper_of_one_unit_as_it_was_sent(app: Flask, world: World, told: Campaign) -> None:
    school, other = schools(world, 2)
    made.sent(world, told, school)
    commit()
    bien, sheet = sign_in(app, "bien"), sheet_of(world, told, school)
    text = page(bien, f"/reports/campaigns/{told.uid}/units/{sheet.uid}")
    addresses = [html.unescape(one) for one in re.findall(r'href="([^"]*appendix\.\w+[^"]*)"', text)]
    assert len(addresses) == 3
    for address in addresses:
        assert bien.get(address).status_code == 200
    csv = bien.get(f"/reports/campaigns/{told.uid}/appendix.csv?unit={sheet.uid}").get_data(as_text=True)
    assert ",214," in csv
    draft = sheet_of(world, told, other)
    assert "appendix" not in page(bien, f"/reports/campaigns/{told.uid}/units/{draft.uid}")
    assert sign_in(app).get(addresses[0]).status_code == 403
    all_of_it = page(bien, f"/reports/campaigns/{told.uid}")
    assert {f"appendix.{form}" for form in ("xlsx", "docx", "pdf", "csv")} <= set(
        re.findall(r"appendix\.\w+", all_of_it)
    )
    gifts = page(bien, f"/reports/campaigns/{told.uid}/lines/{line(told, 'G')}")
    rows = re.findall(r'href="(/reports/figures[^"]*known=[^"]*)"', gifts)
    assert len(rows) == 1 and ">214<" in page(bien, html.unescape(rows[0]))
