"""Who may take what, of which place; short exports come at once, long ones are written by a job and forgotten."""

import csv
import io
import json
import zipfile
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import select

from library.accounts.models import RoleName
from library.audit import Trace
from library.catalogue.writing import NewRecord
from library.core import clock
from library.core.db import db
from library.exports import forms, views, workbook, writing
from library.exports.kinds import KINDS
from library.exports.models import Export
from library.exports.workbook import GrowingWorkbook
from library.jobs import nightly, queue
from library.loans import deeds
from library.loans.deeds import Lending
from library.staging.marc import MarcEntry, read
from library.staging.sources import open_table
from library.uses.counting import Frozen
from tests.exports.conftest import Person, add
from tests.support.people import account, sign_in
from tests.support.world import World, at


def lines(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))


def test_copies_one_by_one_with_code_place_and_receipt(ha: Person) -> None:
    first = lines(ha.taken("copies", "csv"))[0]
    assert first["Mã trên nhãn"]
    told = {
        name: first[name] for name in ("Số ĐKCB", "Nhan đề", "Trong sổ", "Nguồn cung cấp", "Số chứng từ", "Ngày vào sổ")
    }
    assert told == {
        "Số ĐKCB": "TK.00001", "Nhan đề": "Dế Mèn phiêu lưu ký", "Trong sổ": "Trong sổ", "Nguồn cung cấp": "Trường tự mua",
        "Số chứng từ": "HĐ 12", "Ngày vào sổ": "05/09/2019",
    }  # fmt: skip


def lend(world: World, name: str = "Hoàng Thị Mai Lan") -> None:
    reader, item = world.patron(name, class_name="5A"), world.items(1)[0]
    what = Lending(item.id, item.uid, reader.id, at(20).date(), Frozen(world.branch().id))
    deeds.lend(world.session, world.doing(), what, (world.place(views_kind()).id, world.branch().id), at(2))
    world.session.commit()


def views_kind() -> Any:
    from library.holdings.models import PlaceKind

    return PlaceKind.WITH_PATRONS


def test_readers_with_little_and_loans_without_names(ha: Person, world: World) -> None:
    lend(world)
    (reader,) = lines(ha.taken("readers", "csv"))
    assert (reader["Họ và tên"], reader["Lớp"]) == ("Hoàng Thị Mai Lan", "5A")
    assert set(reader) == {"Số thẻ", "Họ và tên", "Lớp", "Loại bạn đọc", "Từ ngày", "Thẻ dùng đến", "Của thư viện"}
    data = ha.taken("loans", "csv")
    (loan,) = lines(data)
    assert (loan["Số thẻ"], loan["Nhan đề"], loan["Kết thúc"]) == (reader["Số thẻ"], "Dế Mèn phiêu lưu ký", "Đang mượn")
    assert "Lan" not in data.decode()


def test_every_kind_in_every_form_it_has(ha: Person, world: World) -> None:
    lend(world)
    for kind in KINDS.values():
        sizes = {form: len(ha.taken(kind.name, form)) for form in kind.forms}
        assert all(size > 60 for size in sizes.values()), (kind.name, sizes)
    for line in ha.taken("titles", "jsonl").decode().splitlines():
        assert json.loads(line)["title"]
        assert "copies" not in json.loads(line)


@pytest.mark.parametrize("kind", ["readers", "loans"])
def test_a_permission_of_its_own_for_readers(app: Flask, ha: Person, world: World, kind: str) -> None:
    account(world, "tu", RoleName.SCHEDULER, world.school())
    world.session.commit()
    client = sign_in(app, "tu")
    told = {"kind": kind, "form": "csv", "place": f"library:{ha.library.uid}"}
    assert client.post("/exports", data=told).status_code == 404
    with client.post("/exports", data=told | {"kind": "books"}) as answer:
        assert answer.status_code == 200
    assert "Bạn đọc" not in client.get("/exports").get_data(as_text=True).partition("<main")[2]


def test_nothing_of_another_library_and_nothing_unheard_of(ha: Person, far: Person) -> None:
    assert ha.take(place=f"library:{far.library.uid}").status_code == 404
    assert ha.take(place=f"branch:{far.library.branches[0].uid}").status_code == 404
    for told in ({"kind": "kings"}, {"form": "doc"}, {"place": "library:7"}, {"place": ""}):
        whole = {"kind": "books", "form": "csv", "place": "all", **told}
        assert ha.client.post("/exports", data=whole).status_code == 404, told
    assert ha.take("copies", "mrc").status_code == 422
    assert [line["Nhan đề"] for line in lines(far.taken("books", "csv"))] == []
    assert len(lines(ha.taken("copies", "csv", "all"))) == 159


def test_of_one_branch_alone(ha: Person) -> None:
    assert len(lines(ha.taken("copies", "csv", f"branch:{ha.library.branches[0].uid}"))) == 159
    assert len(lines(ha.taken("books", "csv", f"branch:{ha.library.branches[0].uid}"))) == 7


def test_it_is_noted_who_took_what(ha: Person) -> None:
    ha.taken("readers", "csv")
    assert [(one.verb, one.kind) for one in db.session.scalars(select(Trace).where(Trace.kind != "account"))] == [
        ("export-csv", "readers")
    ]


# Long ones


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything is long, in chunks of two."""
    from library.exports import copies, people, titles

    monkeypatch.setattr(views, "AT_ONCE", 1)
    for module in (titles, copies, people):
        monkeypatch.setattr(module, "CHUNK", 2)


def asked(person: Person, kind: str = "books", form: str = "xlsx") -> str:
    answer = person.take(kind, form)
    assert answer.status_code == 303
    address: str = answer.headers["Location"]
    return address


@pytest.mark.parametrize("form", ["xlsx", "csv", "mrc", "xml", "jsonl"])
def test_a_job_writes_the_same_file(
    ha: Person, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest, form: str
) -> None:
    at_once = ha.taken("books", form)
    request.getfixturevalue("small")
    address = asked(ha, "books", form)
    assert ha.client.get(address).status_code == 200
    assert ha.client.get(f"{address}/progress").get_json() == {
        "state": "writing",
        "stopped": False,
        "done": 0,
        "total": None,
    }
    assert ha.client.get(f"{address}/file").status_code == 303
    queue.work_off(ha.app)
    assert ha.client.get(f"{address}/progress").get_json()["state"] == "done"
    assert "Tải tệp về" in ha.client.get(address).get_data(as_text=True)
    answer = ha.client.get(f"{address}/file")
    made = answer.get_data()
    answer.close()
    if form == "xlsx":
        assert sheets(made) == sheets(at_once)
    else:
        assert made == at_once


def sheets(data: bytes) -> list[list[Any]]:
    return [
        [[cell.value for cell in row] for row in sheet.iter_rows()]
        for sheet in load_workbook(io.BytesIO(data)).worksheets
    ]


@pytest.mark.usefixtures("small")
def test_a_kill_in_mid_step_loses_nothing_and_doubles_nothing(ha: Person) -> None:
    address = asked(ha, "books", "csv")
    db.session.rollback()
    turn = queue.take()
    assert turn
    turn = queue.do_step(turn)
    path = writing.path_of(UUID(address.rsplit("/", 1)[1]))
    with path.open("ab") as file:  # a step wrote and was killed before its row was
        file.write("một nửa dòng của bước bị dừng".encode())
    while turn:
        turn = queue.do_step(turn)
    assert len(lines(path.read_bytes())) == 7


@pytest.mark.usefixtures("small")
def test_a_file_that_lost_its_end_is_written_anew(ha: Person) -> None:
    address = asked(ha, "books", "xlsx")
    db.session.rollback()
    turn = queue.take()
    assert turn
    turn = queue.do_step(turn)
    path = writing.path_of(UUID(address.rsplit("/", 1)[1]))
    path.write_bytes(path.read_bytes()[:100])
    while turn:
        turn = queue.do_step(turn)
    assert zipfile.ZipFile(path).testzip() is None
    assert len(sheets(path.read_bytes())[0]) == 1 + 7


@pytest.mark.usefixtures("small")
def test_after_a_week_file_and_row_are_gone(ha: Person) -> None:
    uid = UUID(asked(ha, "books", "csv").rsplit("/", 1)[1])
    queue.work_off(ha.app)
    db.session.rollback()
    nightly.forget(clock.now() + timedelta(days=6))
    assert writing.path_of(uid).exists()
    nightly.forget(clock.now() + timedelta(days=8))
    assert not writing.path_of(uid).exists()
    assert db.session.scalar(select(Export)) is None
    db.session.rollback()
    assert ha.client.get(f"/exports/{uid}/file").status_code == 404


@pytest.mark.usefixtures("small")
def test_a_file_with_readers_is_for_those_who_may_have_readers(app: Flask, ha: Person, world: World) -> None:
    lend(world)
    lend(world, "Nguyễn Văn Minh")
    address = asked(ha, "readers", "csv")
    queue.work_off(app)
    account(world, "tu", RoleName.SCHEDULER, world.school())
    world.session.commit()
    tu = sign_in(app, "tu")
    assert [tu.get(f"{address}{more}").status_code for more in ("", "/file", "/progress")] == [404] * 3
    assert address not in tu.get("/exports").get_data(as_text=True)
    assert address in ha.client.get("/exports").get_data(as_text=True)


# Forms at their limits


def test_too_many_rows_go_on_in_the_next_sheet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "ROWS_A_SHEET", 3)
    state: dict[str, Any] = {}
    made = b""
    for start in range(0, 8, 2):
        book = GrowingWorkbook(("Nhan đề", "Năm"), "Sách", json.loads(json.dumps(state)) if state else state)
        made += book.more([(f"Sách {at}", at) for at in range(start, start + 2)])
        state = book.state
    made += GrowingWorkbook(("Nhan đề", "Năm"), "Sách", state).end()
    found = sheets(made)
    assert [len(rows) for rows in found] == [4, 4, 3]
    assert {tuple(rows[0]) for rows in found} == {("Nhan đề", "Năm")}
    with open_table(made, "sach.xlsx") as table:
        assert [row.cells[0] for sheet in table.sheets for row in table.rows(sheet)][-1] == "Sách 7"


def test_a_title_with_thousands_of_copies_is_several_entries_of_iso(ha: Person, world: World) -> None:
    add(world, NewRecord("Tiếng Việt 1", kind="SGK", price=12_000), 2_500)
    world.session.commit()
    entries = [one for one in read(ha.taken("books", "mrc")) if isinstance(one, MarcEntry)]
    mine = [one for one in entries if one.first("245").first("a") == "Tiếng Việt 1"]  # type: ignore[union-attr]
    assert len(mine) > 1
    assert len({copy.first("p") for one in mine for copy in one.all("952")}) == 2_500
    whole = [one for one in read(ha.taken("books", "xml")) if isinstance(one, MarcEntry)]
    assert max(len(list(one.all("952"))) for one in whole) == 2_500


def test_an_entry_iso_cannot_hold_is_counted(ha: Person, world: World) -> None:
    add(world, NewRecord("Dài quá", summary="chữ " * 4_000), 1)
    world.session.commit()
    db.session.rollback()
    there = writing.where(db.session(), (ha.library.id,), None)
    things, left_out = writing.whole(db.session(), KINDS["books"], "mrc", there, io.BytesIO())
    db.session.rollback()
    assert (things, left_out) == (7, 1)


@pytest.mark.parametrize("sign", list(forms.FORMULA_SIGNS))
def test_each_sign_of_a_formula_gets_its_apostrophe(sign: str) -> None:
    assert forms._plain(f"{sign}cmd|' /C calc'!A0") == f"'{sign}cmd|' /C calc'!A0"
    assert forms._plain(f"a{sign}") == f"a{sign}"
