"""A library's own templates, paper and printers, and what is remembered of a printing."""

import base64
import io
import re
from typing import Any

import pypdfium2
import pytest
import zxingcpp
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select

from library.accounts.models import RoleName
from library.core import clock
from library.core.db import db
from library.holdings.models import Item, ItemCode
from library.labels.models import LabelPaper, LabelPrinter, LabelRun, LabelRunItem, LabelTemplate, Why
from library.organisations import founding
from library.organisations.models import Code
from tests.labels import zpl_seen
from tests.labels.test_label_pages import A4_21, codes_of, press, scanned, text
from tests.support.people import DeskPage, account, commit, sign_in
from tests.support.world import World

FORM = {
    "name": "Mã ngắn", "logo": "TỦ SÁCH 5A", "symbology": "code128", "payload": "own",
    "part-0-0": "library", "part-0-1": "bars", "part-0-2": "accession", "part-0-3": "title", "size-0-2": "5",
}  # fmt: skip
SHEET = {"name": "Tomy 109", "page_w": "210", "page_h": "297", "label_w": "63,5", "label_h": "38,1", "cols": "3", "rows": "7",
         "pitch_x": "66"}  # fmt: skip


@pytest.fixture
def ha(app: Flask, world: World) -> FlaskClient:
    account(world)
    commit()
    return sign_in(app)


def template(client: FlaskClient, **more: str) -> LabelTemplate:
    answer = client.post("/settings/labels/templates", data={**FORM, **more})
    assert answer.status_code == 303, text(answer)
    return db.session.scalars(select(LabelTemplate).order_by(LabelTemplate.id.desc())).first()  # type: ignore[return-value]


def said(pdf: bytes) -> str:
    return "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf))


# Templates


def test_a_template_of_ones_own_is_printed(ha: FlaskClient, world: World) -> None:
    items = world.items(2)
    made = template(ha)
    assert "Mã ngắn" in text(ha.get("/labels"))
    answer = press(ha, paper=A4_21, kind=str(made.uid))
    assert scanned(answer.data) == codes_of(items)
    assert "TỦ SÁCH 5A" in said(answer.data)
    assert "XUẤT HÓA" not in said(answer.data)


def test_the_label_is_seen_while_it_is_typed(ha: FlaskClient, world: World) -> None:
    items = world.items(1)
    commit()

    def seen(**more: str) -> str:
        return text(ha.get("/settings/labels/templates/preview", query_string={**FORM, "on": A4_21, **more}))

    pictures = [base64.b64decode(re.findall(r"base64,([^\"]+)", page)[0]) for page in (seen(), seen(logo="KHÁC"))]
    (code,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(pictures[0])), formats=zxingcpp.BarcodeFormat.Code128)
    assert [code.text] == codes_of(items)
    assert pictures[0] != pictures[1]
    assert "thiếu" in seen(on="hisago-op3012")
    assert "Dòng này đã có" in seen(**{"part-0-4": "title"})
    assert db.session.scalars(select(LabelTemplate)).all() == []


def test_a_width_that_is_missing_is_told_and_eight_digits_offered(ha: FlaskClient, world: World) -> None:
    world.items(1)
    commit()
    made = {**SHEET, "name": "26 mm", "label_w": "26", "label_h": "30", "cols": "1", "rows": "1"}
    assert ha.post("/settings/labels/papers", data=made).status_code == 303
    narrow = f"own-{db.session.scalars(select(LabelPaper.uid)).one()}"
    page = text(ha.get("/settings/labels/templates/preview", query_string={**FORM, "on": narrow}))
    assert re.search(r"thiếu 4,3 mm", page)
    assert "8 chữ số" in page
    page = text(ha.get("/settings/labels/templates/preview", query_string={**FORM, "on": narrow, "payload": "short"}))
    assert "base64" in page


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"name": ""}, "Ô này chưa có gì"),
        ({"part-0-1": "library"}, "Dòng này đã có ở trên"),
        ({"size-0-2": "40"}, "Cần số milimét từ 1,5 đến 12"),
        ({"symbology": "ean13", "payload": "short"}, "EAN-13 chỉ chứa được 12 chữ số"),
        ({f"part-0-{at}": "" for at in range(4)}, "ít nhất một dòng"),
    ],
)
def test_a_wrong_template_comes_back_with_what_was_typed(ha: FlaskClient, wrong: dict[str, str], told: str) -> None:
    answer = ha.post("/settings/labels/templates", data={**FORM, **wrong})
    assert answer.status_code == 422
    assert told in text(answer)
    assert 'value="TỦ SÁCH 5A"' in text(answer)
    assert db.session.scalars(select(LabelTemplate)).all() == []


def test_a_template_is_changed_taken_away_and_its_name_is_its_own(ha: FlaskClient, world: World) -> None:
    made = template(ha)
    address = f"/settings/labels/templates/{made.uid}"
    assert 'value="TỦ SÁCH 5A"' in text(ha.get(address))
    assert ha.post(address, data={**FORM, "logo": "TV"}).status_code == 303
    db.session.expire_all()
    assert made.logo == "TV"
    again = ha.post("/settings/labels/templates", data=FORM)
    assert (again.status_code, "Tên này đã có" in text(again)) == (422, True)
    assert ha.post(f"{address}/delete").status_code == 303
    assert db.session.scalars(select(LabelTemplate)).all() == []
    assert ha.get("/labels").status_code == 200


def test_every_shipped_template_begins_one(ha: FlaskClient) -> None:
    for code in ("barcode", "spine", "both", "pocket"):
        page = text(ha.get(f"/settings/labels/templates/new?like={code}"))
        assert "base64" in page, code
        assert 'value="library" selected' in page


# What stands in the bars


def test_eight_digits_are_known_at_the_desk_like_the_twelve_and_the_number(
    app: Flask, ha: FlaskClient, world: World
) -> None:
    """Each is scanned on a day of its own: a second scan of one copy counts nothing."""
    items = world.items(3)
    own = codes_of(items)
    made = template(ha, payload="short")
    answer = press(ha, paper=A4_21, kind=str(made.uid))
    short = scanned(answer.data)
    assert [len(code) for code in short] == [8, 8, 8]
    page = DeskPage(ha)
    for code in (short[0], own[1], items[2].accession or ""):
        assert page.scan(code)["what"] == "counted", code
    press(ha, f"again:{db.session.scalars(select(LabelRun.uid)).one()}", kind=str(made.uid))
    assert len(db.session.scalars(select(ItemCode)).all()) == 6, "a code is entered once"


def test_a_short_code_that_means_something_else_is_not_given_twice(ha: FlaskClient, world: World) -> None:
    items = world.items(2)
    own = codes_of(items)
    made = template(ha, payload="short")
    first = scanned(press(ha, "numbers", first=items[0].accession, kind=str(made.uid), paper=A4_21).data)
    db.session.expire_all()
    link = db.session.scalars(select(ItemCode).join(Code).where(Code.folded == first[0])).one()
    link.item_id = items[1].id
    commit()
    assert scanned(press(ha, "numbers", first=items[0].accession, kind=str(made.uid), paper=A4_21).data) == own[:1]


def test_the_number_itself_may_stand_in_the_bars(ha: FlaskClient, world: World) -> None:
    items = world.items(2)
    made = template(ha, payload="accession")
    assert scanned(press(ha, paper=A4_21, kind=str(made.uid)).data) == [item.accession for item in items]


def test_an_ean_is_known_at_the_desk_as_scanners_tell_it(app: Flask, ha: FlaskClient, world: World) -> None:
    (own,) = codes_of(world.items(1))
    made = template(ha, symbology="ean13")
    page = Image.open(io.BytesIO(ha.get(f"/labels/preview.png?paper={A4_21}&kind={made.uid}").data))
    (seen,) = zxingcpp.read_barcodes(page, formats=(zxingcpp.BarcodeFormat.EAN13, zxingcpp.BarcodeFormat.UPCA))
    assert seen.text.zfill(13) == "0" + own
    press(ha, paper=A4_21, kind=str(made.uid))
    assert DeskPage(ha).scan("0" + own)["what"] == "counted"


# Paper and printers


def test_a_sheet_of_ones_own_is_measured_once(ha: FlaskClient, world: World) -> None:
    items = world.items(2)
    assert ha.post("/settings/labels/papers", data=SHEET).status_code == 303
    row = db.session.scalars(select(LabelPaper)).one()
    assert (row.margin_left, row.margin_top) == pytest.approx(
        ((210 - 2 * 66 - 63.5) / 2, (297 - 7 * 38.1) / 2), abs=0.001
    )
    assert "21 nhãn · 63,5 × 38,1 mm · Tomy 109" in text(ha.get("/labels"))
    assert scanned(press(ha, paper=f"own-{row.uid}").data) == codes_of(items)
    assert ha.get(f"/labels/calibration.pdf?paper=own-{row.uid}").mimetype == "application/pdf"
    assert ha.post(f"/settings/labels/papers/{row.uid}/delete").status_code == 303
    assert ha.get("/labels").status_code == 200, "the browser remembers a paper that is gone"


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"cols": "4"}, "tràn ra ngoài tờ giấy"),
        ({"pitch_x": "50"}, "đè lên nhau"),
        ({"label_w": "x"}, "Cần số milimét"),
        ({"rows": "0"}, "Cần một số từ 1 đến 60"),
    ],
)
def test_a_sheet_that_cannot_be_is_told(ha: FlaskClient, wrong: dict[str, str], told: str) -> None:
    answer = ha.post("/settings/labels/papers", data={**SHEET, **wrong})
    assert answer.status_code == 422
    assert told in text(answer)
    assert 'value="Tomy 109"' in text(answer)
    assert db.session.scalars(select(LabelPaper)).all() == []


def test_each_printer_remembers_its_own_error_and_each_sheet_its_first_free_cell(ha: FlaskClient, world: World) -> None:
    for name in ("Canon", "Máy in tem"):
        assert ha.post("/settings/labels/printers", data={"name": name, "dpi": "203"}).status_code == 303
    canon, roll = db.session.scalars(select(LabelPrinter).order_by(LabelPrinter.name))
    world.items(3)
    press(ha, paper=A4_21, printer=str(canon.uid), start="5", x="-1,5")
    world.items(2)
    press(ha, paper=A4_21, printer=str(roll.uid), start="1", x="0,5")
    world.items(1)
    press(ha, paper="a4-40", printer=str(canon.uid), start="10")

    def page(**asked: Any) -> str:
        return text(ha.get("/labels", query_string=asked))

    def start(shown: str) -> str:
        return re.findall(r'name="start" value="(\d+)" checked', shown)[0]

    world.items(1)
    commit()
    assert start(page(paper=A4_21, printer=str(canon.uid))) == "8"
    assert start(page(paper=A4_21, printer=str(roll.uid))) == "3"
    assert start(page(paper="a4-40", printer=str(canon.uid))) == "11"
    assert start(page(paper="a4-33", printer=str(canon.uid))) == "1"
    assert 'value="-1,5"' in page(printer=str(canon.uid))
    assert 'value="0,5"' in page(printer=str(roll.uid))


def test_a_new_browser_knows_the_printer(app: Flask, ha: FlaskClient, world: World) -> None:
    world.items(3)
    press(ha, paper=A4_21, start="4", y="2")
    world.items(1)
    commit()
    page = text(sign_in(app).get(f"/labels?paper={A4_21}"))
    assert re.findall(r'name="start" value="(\d+)" checked', page) == ["7"]
    assert 'value="2"' in page


def test_a_job_for_a_label_printer(ha: FlaskClient, world: World) -> None:
    items = world.items(4)
    answer = press(ha, paper="cuon-3x35x22", **{"as": "zpl", "dpi": "300"})
    assert answer.headers["Content-Disposition"] == 'attachment; filename="nhan-sach.zpl"'
    rows = zpl_seen.formats(answer.get_data(as_text=True))
    assert [row.size for row in rows] == [(1299, 260)] * 2
    found = [one.text for row in rows for one in zxingcpp.read_barcodes(row, formats=zxingcpp.BarcodeFormat.Code128)]
    assert sorted(found) == codes_of(items)
    assert all(item.label_printed_at for item in items)
    again = f"again:{db.session.scalars(select(LabelRun.uid)).one()}"
    assert press(ha, again, paper=A4_21, **{"as": "zpl"}).mimetype == "application/pdf", "a sheet is no roll"


# The log


def test_the_log_tells_who_when_which_and_why(ha: FlaskClient, world: World) -> None:
    items = world.items(3)
    press(ha)
    run = db.session.scalars(select(LabelRun)).one()
    assert (run.why, run.labels, run.paper, run.template) == (Why.NEW, 3, "avery-8651", "Mã vạch")
    press(ha, "items", item=[str(items[1].uid)], why="torn", kind="both")
    first, second = db.session.scalars(select(LabelRun).order_by(LabelRun.id)).all()
    assert (second.why, second.labels, second.account) == (Why.TORN, 2, first.account)
    inside = select(LabelRunItem.item_id).where(LabelRunItem.run_id == second.id)
    assert db.session.scalars(inside).all() == [items[1].id]
    page = text(ha.get("/labels"))
    for words in (
        "Lường Thị Hà · Nhãn rách, bẩn, bong · Cả hai",
        "Lường Thị Hà · In lần đầu · Mã vạch",
        "TN.00001 – TN.00003",
    ):
        assert words in page
    again = text(ha.get(f"/labels?run={first.uid}"))
    assert all(f'value="{item.uid}" checked' in again for item in items)
    assert "In lại vì sao?" in again


def test_a_changed_spine_is_a_reason_of_its_own(ha: FlaskClient, world: World) -> None:
    items = world.items(2)
    press(ha)
    for item in items:
        item.label_printed_at = None
    commit()
    press(ha)
    assert db.session.scalars(select(LabelRun.why).order_by(LabelRun.id)).all() == [Why.NEW, Why.MARK]


def test_older_printings_are_a_page_further(ha: FlaskClient, world: World) -> None:
    for _ in range(10):
        world.items(1)
        press(ha)
    page = text(ha.get("/labels"))
    shown = re.findall(r"again:([0-9a-f-]+)", page)
    (further,) = re.findall(r'href="(/labels\?before=[^"#]+)', page)
    rest = re.findall(r"again:([0-9a-f-]+)", text(ha.get(further.replace("&amp;", "&"))))
    assert (len(shown), len(rest)) == (8, 2)
    assert len({*shown, *rest}) == 10
    assert ha.get("/labels?before=morgen").status_code == 200


def test_another_librarys_log_paper_and_labels_are_not_ours(app: Flask, ha: FlaskClient, world: World) -> None:
    other = world.school("Trường Tiểu học Đức Xuân")
    account(world, "other", library=other)
    theirs = world.items(1, library=other)
    commit()
    there = sign_in(app, "other")
    press(there)
    there.post("/settings/labels/papers", data=SHEET)
    row, run = db.session.scalars(select(LabelPaper)).one(), db.session.scalars(select(LabelRun)).one()
    assert "· Tomy 109" not in text(ha.get("/settings/labels")) + text(ha.get("/labels"))
    assert ha.post(f"/settings/labels/papers/{row.uid}/delete").status_code == 404
    assert press(ha, f"again:{run.uid}").status_code == 422
    assert "TN.00001" not in text(ha.get(f"/labels?run={run.uid}")).split("<aside")[0]
    assert ha.get(f"/labels/copies/{theirs[0].uid}.png").status_code == 404


def test_a_copys_own_label_is_a_picture(ha: FlaskClient, world: World) -> None:
    items = world.items(2)
    commit()
    answer = ha.get(f"/labels/copies/{items[1].uid}.png?paper={A4_21}&kind=barcode")
    (seen,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(answer.data)), formats=zxingcpp.BarcodeFormat.Code128)
    assert [seen.text] == codes_of(items[1:])


def test_helpers_print_but_change_no_templates(app: Flask, world: World) -> None:
    account(world, "khanh", RoleName.HELPER)
    commit()
    helper = sign_in(app, "khanh")
    assert helper.get("/settings/labels").status_code == 403
    assert helper.post("/settings/labels/templates", data=FORM).status_code == 403
    assert "/settings/labels" not in text(helper.get("/labels"))


def test_who_takes_over_prints_on_with_names_of_both(world: World) -> None:
    old, new = world.school("Trường Tiểu học Nông Thượng"), world.school()
    for owner in (old, new):
        db.session.add(LabelPrinter(uid=world.doing().uid, library_id=owner.id, name="Canon", starts={"a4-21": 4}))
    db.session.flush()
    founding.succeed(world.session(), old, new, clock.today())
    assert sorted(db.session.scalars(select(LabelPrinter.name).where(LabelPrinter.library_id == new.id))) == [
        "Canon",
        "Canon (TTHNT)",
    ]


def test_printed_copies_keep_their_first_moment(ha: FlaskClient, world: World) -> None:
    (item,) = world.items(1)
    press(ha)
    first = item.label_printed_at
    press(ha, "items", item=[str(item.uid)], why="layout")
    db.session.expire_all()
    assert db.session.get_one(Item, item.id).label_printed_at == first
