"""Labels and cards over HTTP: two clicks, the right number in the bars, nothing of another library."""

import io
import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pypdfium2
import pytest
import zxingcpp
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select

from library.accounts.models import RoleName
from library.catalogue.models import LocalRecord
from library.core import clock
from library.core.db import db
from library.holdings.models import Item, ItemCode, Register
from library.labels.paper import papers
from library.organisations.models import Code
from tests.support.people import account, commit, sign_in
from tests.support.statements import counted, transactions
from tests.support.world import LONG_AGO, World

SHEET = papers()[0]
A4_21 = "a4-21"


@pytest.fixture
def ha(app: Flask, world: World) -> FlaskClient:
    account(world)
    commit()
    return sign_in(app)


def text(answer: Any) -> str:
    return str(answer.get_data(as_text=True))


def pages(pdf: bytes, dpi: int = 300) -> list[Image.Image]:
    document = pypdfium2.PdfDocument(pdf)
    return [page.render(scale=dpi / 72).to_pil() for page in document]


def scanned(pdf: bytes) -> list[str]:
    """What a scanner reads off the sheets, in any order."""
    found = [
        one.text for page in pages(pdf) for one in zxingcpp.read_barcodes(page, formats=zxingcpp.BarcodeFormat.Code128)
    ]
    return sorted(found)


def codes_of(items: list[Item]) -> list[str]:
    query = select(Code.printed).join(ItemCode, ItemCode.code_id == Code.id)
    return sorted(db.session.scalars(query.where(ItemCode.item_id.in_([item.id for item in items]))))


def press(client: FlaskClient, what: str = "waiting", **more: Any) -> Any:
    return client.post("/labels", data={"what": what, "paper": SHEET.code, "kind": "barcode", "start": "1", **more})


def test_new_copies_wait_by_receipt_and_all_are_printed_with_one_button(ha: FlaskClient, world: World) -> None:
    world.items(3)
    world.items(2, at=LONG_AGO + timedelta(days=1))
    page = text(ha.get("/labels"))
    assert "5 cuốn chưa có nhãn" in page
    assert "In 5 nhãn chưa in" in page
    assert re.findall(r"In (\d+) nhãn</span>", page) == ["2", "3"]


def test_the_sheet_reads_as_the_codes_of_the_copies(ha: FlaskClient, world: World) -> None:
    items = world.items(3)
    answer = press(ha, paper=A4_21)
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert answer.headers["Content-Disposition"].startswith("inline")
    assert scanned(answer.data) == codes_of(items)
    assert all(len(code) == 12 for code in codes_of(items))


def test_printed_copies_wait_no_more_and_can_be_had_again(ha: FlaskClient, world: World) -> None:
    items = world.items(2)
    press(ha)
    assert all(item.label_printed_at for item in items)
    when = items[0].label_printed_at
    page = text(ha.get("/labels"))
    assert "Mọi cuốn đều đã có nhãn" in page
    (again,) = re.findall(r'value="(again:[^"]+)"', page)
    answer = press(ha, again.replace("&#43;", "+"), paper=A4_21)
    assert scanned(answer.data) == codes_of(items)
    assert items[0].label_printed_at == when, "printing again is no new printing"
    assert press(ha).status_code == 422, "nothing is left to print"


def test_drawing_comes_before_writing(ha: FlaskClient, world: World) -> None:
    """One transaction reads, another one writes; the sheet is drawn between them."""
    world.items(2)
    commit()
    with counted() as sent, transactions() as begun:
        press(ha)
    writes = [at for at, statement in enumerate(sent) if statement.startswith(("UPDATE", "INSERT"))]
    assert len(begun) == 2
    assert writes == list(range(len(sent) - len(writes), len(sent))), "everything is read before anything is written"


def test_one_receipt_and_a_range_of_numbers_are_printed_alone(ha: FlaskClient, world: World) -> None:
    first = world.items(3)
    second = world.items(4, at=LONG_AGO + timedelta(days=1))
    receipt = re.findall(r'value="(receipt:[^"]+)"', text(ha.get("/labels")))[0]
    assert scanned(press(ha, receipt, paper=A4_21).data) == codes_of(second)
    low, high = first[1].accession or "", first[2].accession or ""
    range_ = press(ha, "numbers", first=low.lower().replace(".", " "), last=high, paper=A4_21)
    assert scanned(range_.data) == codes_of(first[1:])
    assert press(ha, "numbers", first="ZZ.1", last="ZZ.9").status_code == 422
    assert press(ha, "numbers", first="", last="").status_code == 422


def test_copies_of_one_title_are_chosen(ha: FlaskClient, world: World) -> None:
    record = world.record("Cây khế")
    items, others = world.items(3, record=record), world.items(1)
    page = text(ha.get(f"/labels?title={record.uid}"))
    assert all((item.accession or "?") in page for item in items)
    assert f'value="{others[0].uid}"' not in page
    answer = press(ha, "items", item=[str(items[0].uid), str(items[2].uid)], title=str(record.uid), paper=A4_21)
    assert scanned(answer.data) == codes_of([items[0], items[2]])


def test_copies_of_another_library_are_never_printed(ha: FlaskClient, world: World) -> None:
    other = world.school("Trường Tiểu học Đức Xuân")
    theirs = world.items(2, library=other)
    commit()
    page = text(ha.get("/labels"))
    assert "Mọi cuốn đều đã có nhãn" in page
    for what, more in (
        ("waiting", {}),
        ("items", {"item": [str(theirs[0].uid)]}),
        ("numbers", {"first": theirs[0].accession, "last": theirs[1].accession}),
        (f"title:{theirs[0].record.uid}", {}),
    ):
        assert press(ha, what, **more).status_code == 422, what
    assert [item.label_printed_at for item in theirs] == [None, None]
    assert press(ha, "all").status_code == 404
    assert press(ha, f"receipt:{uuid4()}").status_code == 422


def test_written_off_copies_want_no_label(ha: FlaskClient, world: World) -> None:
    gone = world.item()
    gone.register_status = Register.WRITTEN_OFF
    assert "Mọi cuốn đều đã có nhãn" in text(ha.get("/labels"))


def test_the_next_free_cell_is_remembered(ha: FlaskClient, world: World) -> None:
    world.items(3)
    press(ha, start="60", kind="both", x="-1,5", ruler="98,5")
    page = text(ha.get("/labels"))
    assert re.findall(r'name="start" value="(\d+)" checked', page) == ["1"], "60 + 6 cells fill the sheet of 65"
    for kept in ('value="-1,5"', 'value="98,5"', 'value="both" checked'):
        assert kept in page
    world.items(2)
    press(ha, start="10")
    assert re.findall(r'name="start" value="(\d+)" checked', text(ha.get("/labels"))) == ["12"]
    other = text(ha.get(f"/labels?paper={A4_21}"))
    assert re.findall(r'name="start" value="(\d+)" checked', other) == ["1"], "another sheet begins at its first cell"


def test_wrong_lengths_are_told_and_kept(ha: FlaskClient, world: World) -> None:
    item = world.item()
    answer = press(ha, x="xa", ruler="50")
    assert answer.status_code == 422
    assert 'value="xa"' in text(answer)
    assert "Cần số milimét từ 91 đến 111" in text(answer)
    assert item.label_printed_at is None


def test_a_label_that_does_not_fit_is_told_in_millimetres(ha: FlaskClient, world: World) -> None:
    item = world.item()
    commit()
    narrow = min((paper for paper in papers() if paper.label_w < 25), key=lambda paper: paper.label_w)
    for answer in (ha.get(f"/labels?paper={narrow.code}"), press(ha, paper=narrow.code)):
        assert re.search(r"thiếu \d+,\d mm", text(answer))
    assert ha.get(f"/labels/preview.png?paper={narrow.code}").status_code == 404
    assert item.label_printed_at is None


def test_what_fits_is_printed_when_something_else_does_not(ha: FlaskClient, world: World) -> None:
    fitting, wide = world.items(2), world.items(1)[0]
    stuck = world.session.scalars(select(Code).join(ItemCode).where(ItemCode.item_id == wide.id)).one()
    stuck.printed, stuck.folded = "THUVIEN/KHO-CU/0000017X", "THUVIENKHOCU0000017X"
    commit()
    told = press(ha)
    assert told.status_code == 422
    assert re.search(r"thiếu \d+,\d mm", text(told))
    assert f"Không vừa: {wide.accession}." in text(told)
    assert "Chọn mẫu tờ có nhãn lớn hơn" in text(told)
    assert "In 2 nhãn vừa" in text(told)
    assert [one.label_printed_at for one in (*fitting, wide)] == [None] * 3
    assert scanned(press(ha, fitting="1").data) == codes_of(fitting)
    assert all(one.label_printed_at for one in fitting)
    assert wide.label_printed_at is None
    assert "In 1 nhãn" in text(ha.get("/labels"))
    assert press(ha, fitting="1").status_code == 422


def test_ticks_outlive_a_complaint(ha: FlaskClient, world: World) -> None:
    first, second = world.items(2)
    commit()
    narrow = min((paper for paper in papers() if paper.label_w < 25), key=lambda paper: paper.label_w)
    told = press(ha, what="items", title=str(first.record.uid), item=str(second.uid), paper=narrow.code)
    assert re.findall(r'value="([^"]+)" checked><span class="code">', text(told)) == [str(second.uid)]


def test_a_class_book_fits_the_commonest_sheet(ha: FlaskClient, world: World) -> None:
    item = world.items(1)[0]
    stuck = world.session.scalars(select(Code).join(ItemCode).where(ItemCode.item_id == item.id)).one()
    stuck.printed, stuck.folded = "LH-5A-001", "LH5A001"
    item.register_status, item.accession, item.accession_folded = Register.OUTSIDE, None, None
    commit()
    answer = press(ha, what="items", item=str(item.uid))
    assert answer.mimetype == "application/pdf"
    assert scanned(answer.data) == ["LH5A001"]
    assert "LH-5A-001" in pypdfium2.PdfDocument(answer.data)[0].get_textpage().get_text_range()


def test_the_preview_is_the_first_label(ha: FlaskClient, world: World) -> None:
    items = world.items(2)
    commit()
    answer = ha.get(f"/labels/preview.png?paper={A4_21}&kind=barcode")
    assert answer.mimetype == "image/png"
    (seen,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(answer.data)), formats=zxingcpp.BarcodeFormat.Code128)
    assert seen.text in codes_of(items[:1])


def test_the_spine_says_what_the_library_says_of_the_title(ha: FlaskClient, world: World) -> None:
    record = world.record()
    record.class_mark, record.title_code = "ĐV", "D250M"
    world.session.add(
        LocalRecord(library_id=world.school().id, record_id=record.id, call_number="V21 D111", reading_level=6)
    )
    world.item(record=record)
    commit()
    words = "".join(
        page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(press(ha, kind="spine").data)
    )
    assert "V21" in words
    assert "D111" in words
    assert "ĐV" not in words


def test_the_calibration_page_is_of_the_paper_chosen(ha: FlaskClient) -> None:
    roll = next(paper for paper in papers() if paper.page_h < 100)
    answer = ha.get(f"/labels/calibration.pdf?paper={roll.code}&x=1,5")
    (page,) = pages(answer.data, dpi=72)
    assert page.size == pytest.approx((roll.page_w / 25.4 * 72, roll.page_h / 25.4 * 72), abs=1)


def test_the_queue_asks_the_same_however_long_it_is(ha: FlaskClient, world: World) -> None:
    world.items(1)
    ha.get("/labels")
    with counted() as few:
        ha.get("/labels")
    for day in range(6):
        world.items(5, at=LONG_AGO + timedelta(days=day))
    commit()
    with counted() as many:
        assert "31 cuốn" in text(ha.get("/labels"))
    assert len(many) == len(few) <= 10


def test_marking_five_hundred_copies_takes_no_more_statements_than_one(ha: FlaskClient, world: World) -> None:
    for count in (1, 2):  # the first time the printer is entered, then its next free cell changes
        world.items(count)
        commit()
        with counted() as few:
            press(ha)
    items = world.items(500)
    commit()
    with counted() as many:
        assert press(ha).status_code == 200
    assert len(many) == len(few)
    assert all(item.label_printed_at for item in items)


# Cards


def cards_of(world: World, count: int = 3) -> list[str]:
    for at in range(count):
        world.patron(f"Đàm Quốc Bảo {at}", class_name="5A")
    commit()
    return sorted(db.session.scalars(select(Code.printed).where(Code.kind == "card")))


def test_cards_of_a_class_can_be_scanned(ha: FlaskClient, world: World) -> None:
    lan = world.patron(class_name="5A")
    numbers = cards_of(world)
    answer = ha.get(f"/labels/cards.pdf?class={lan.school_class.uid}")  # type: ignore[union-attr]
    assert scanned(answer.data) == numbers
    one = ha.get(f"/labels/cards.pdf?reader={lan.uid}&start=3")
    assert len(scanned(one.data)) == 1
    assert "Lớp 5A" in pypdfium2.PdfDocument(one.data)[0].get_textpage().get_text_range()


def test_the_sheet_of_a_class_holds_everybody(ha: FlaskClient, world: World) -> None:
    lan = world.patron(class_name="5A")
    numbers = cards_of(world)
    answer = ha.get(f"/labels/classes/{lan.school_class.uid}.pdf")  # type: ignore[union-attr]
    assert scanned(answer.data) == numbers


def test_no_cards_for_nobody_and_none_of_another_library(ha: FlaskClient, world: World) -> None:
    other = world.school("Trường Tiểu học Đức Xuân")
    there = world.patron("Bàn Văn Sinh", library=other, class_name="4B")
    commit()
    class_uid = there.school_class.uid  # type: ignore[union-attr]
    assert ha.get("/labels/cards.pdf").status_code == 409
    assert ha.get("/labels/cards.pdf?reader=khong").status_code == 404
    assert ha.get(f"/labels/cards.pdf?reader={there.uid}").status_code == 409
    assert ha.get(f"/labels/cards.pdf?class={class_uid}").status_code == 409
    assert ha.get(f"/labels/classes/{class_uid}.pdf").status_code == 404


def test_helpers_print_labels_but_no_cards_with_whole_names(app: Flask, world: World) -> None:
    account(world, "khanh", RoleName.HELPER)
    account(world, "xem", RoleName.OFFICER)
    lan = world.patron()
    world.item()
    commit()
    helper, officer = sign_in(app, "khanh"), sign_in(app, "xem")
    assert press(helper).status_code == 200
    assert helper.get(f"/labels/cards.pdf?reader={lan.uid}").status_code == 403
    assert officer.get("/labels").status_code == 403
    assert press(officer).status_code == 403
    assert app.test_client().get("/labels").status_code == 303


def test_the_log_tells_the_time_of_the_wall(ha: FlaskClient, world: World) -> None:
    world.items(1)
    press(ha)
    printed = db.session.scalars(select(Item.label_printed_at)).one()
    assert printed
    assert f"{printed.astimezone(clock.HERE):%H:%M %d/%m/%Y}" in text(ha.get("/labels"))
