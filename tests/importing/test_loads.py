"""What holds for every list: who sees it, what a kill leaves, what bad files are told."""

import io
import zipfile
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select

from library.catalogue import writing
from library.catalogue.models import Record
from library.core import clock
from library.core.db import db
from library.holdings import list_entries
from library.holdings.models import Item, Place, Receipt
from library.jobs import queue
from library.jobs.models import Job, JobState
from library.staging import jobs, loading
from library.staging.models import Load, LoadRow, LoadState
from library.staging.verdicts import Verdict
from tests.importing.conftest import Person, everything, verdicts
from tests.importing.lists import BOOK_HEAD, book_rows, workbook


class Killed(BaseException):
    """As a worker ends that is killed: nothing catches it."""


def _killed_in_chunk(monkeypatch: pytest.MonkeyPatch, app: Flask, chunk: int) -> None:
    """Work until `chunk` of the applying is half written, then die."""
    calls = iter(range(1, 10_000))
    enter = list_entries.accessions.enter

    def enter_and_die(*args: Any, **more: Any) -> Any:
        made = enter(*args, **more)
        if next(calls) == chunk:
            raise Killed
        return made

    with monkeypatch.context() as patch:
        patch.setattr(list_entries.accessions, "enter", enter_and_die)
        with pytest.raises(Killed):
            queue.work_off(app)


def _lease_over(session: Any) -> None:
    session.rollback()
    session.execute(Job.__table__.update().values(lease_until=Job.made_at))
    session.commit()


def test_a_kill_in_the_middle_leaves_no_half_row_and_no_double_copy(
    app: Flask, mai: Person, session: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    uid = mai.brought(workbook(BOOK_HEAD, book_rows(400)))
    mai.client.post(f"/imports/{uid}/apply")

    _killed_in_chunk(monkeypatch, app, 3)

    session.rollback()
    written = session.scalar(select(func.count(LoadRow.id)).where(LoadRow.applied_at.is_not(None)))
    assert 0 < written < 400
    assert session.scalar(select(func.count(Record.id))) == written
    made = session.scalars(select(LoadRow.subjects).where(LoadRow.applied_at.is_not(None))).all()
    assert session.scalar(select(func.count(Item.id))) == sum(len(subjects) - 2 for subjects in made)

    _lease_over(session)
    queue.work_off(app)

    session.rollback()
    assert session.scalar(select(Load.state).where(Load.uid == uid)) is LoadState.APPLIED
    assert session.scalar(select(func.count(Record.id))) == 400
    assert session.scalar(select(func.count(Item.id))) == 533


def test_a_kill_while_reading_goes_on_where_it_was(
    app: Flask, mai: Person, session: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(jobs._paces, jobs.READ, jobs._Pace(100))
    mai.bring(workbook(BOOK_HEAD, book_rows(700)))
    calls = iter(range(1, 10_000))
    store = loading.store

    def store_and_die(*args: Any) -> int:
        done = store(*args)
        if next(calls) == 3:
            raise Killed
        return done

    with monkeypatch.context() as patch:
        patch.setattr(loading, "store", store_and_die)
        with pytest.raises(Killed):
            queue.work_off(app)
    for reading in jobs._open.values():
        reading.close()
    jobs._open.clear()
    _lease_over(session)
    queue.work_off(app)

    uid = session.scalar(select(Load.uid))
    assert verdicts(session, uid) == {Verdict.NEW: 700, Verdict.SKIPPED: 3}


def test_an_impossible_row_does_not_keep_the_others_out(
    app: Flask, mai: Person, session: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    uid = mai.brought(workbook(BOOK_HEAD, book_rows(20)))
    insert_many = writing.insert_many

    def spoilt(session: Any, network: int, new: Any) -> Any:
        if any(one.title.endswith("số 7") for one in new):
            session.execute(Item.__table__.insert().values(uid=uuid4(), record_id=-1))
        return insert_many(session, network, new)

    monkeypatch.setattr(list_entries.writing, "insert_many", spoilt)
    mai.write(uid)

    assert verdicts(session, uid) == {Verdict.NEW: 19, Verdict.REFUSED: 1, Verdict.SKIPPED: 3}
    assert session.scalar(select(func.count(Record.id))) == 19
    assert "câu chuyện số 7" in mai.page(uid, "?verdict=refused")


def test_two_lists_seen_at_once_are_judged_again_before_the_second_is_written(mai: Person, session: Any) -> None:
    rows = [(1, "Góc sân và khoảng trời", "Trần Đăng Khoa", "Kim Đồng", 2019, None, 2, None, "STN", None)]
    first, second = mai.brought(workbook(BOOK_HEAD, rows)), mai.brought(workbook(BOOK_HEAD, rows))
    mai.write(first)

    mai.write(second)

    assert session.scalar(select(func.count(Item.id))) == 2
    assert verdicts(session, second) == {Verdict.UNCHANGED: 1, Verdict.SKIPPED: 3}


def test_another_librarys_list_is_not_there(people: dict[str, Person], session: Any) -> None:
    uid = people["mai"].brought(workbook(BOOK_HEAD, book_rows(5)))
    before = everything(session)

    for path in ("", "/progress", "/reasons.xlsx", "/undo"):
        assert people["tu"].client.get(f"/imports/{uid}{path}").status_code == 404
    for path in ("/apply", "/undo", "/choices", "/resume"):
        assert people["tu"].client.post(f"/imports/{uid}{path}").status_code == 404
    assert str(uid) not in people["tu"].client.get("/imports").text
    assert str(uid) in people["mai"].client.get("/imports").text
    queue.work_off(people["mai"].app)
    assert everything(session) == before


def test_a_reader_without_the_right_is_refused_and_a_stranger_signs_in_first(
    app: Flask, people: dict[str, Person]
) -> None:
    assert people["lan"].client.get("/imports").status_code == 403
    assert people["lan"].bring(workbook(BOOK_HEAD, book_rows(1))).status_code == 403
    assert app.test_client().get("/imports").status_code == 303


def _bomb() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("xl/workbook.xml", "<workbook/>")
        made.writestr("xl/worksheets/sheet1.xml", b"0" * 50_000_000)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 600, "Tệp bị hỏng hoặc chép chưa hết."),
        (workbook(BOOK_HEAD, book_rows(50))[:3000], "Tệp bị hỏng hoặc chép chưa hết."),
        (_bomb(), "máy không mở để giữ an toàn"),
        (b"", "Tệp trống"),
        (b"%PDF-1.7", "không phải bảng tính"),
    ],
)
def test_a_bad_file_gets_a_sentence_and_leaves_nothing(
    app: Flask, mai: Person, session: Any, content: bytes, sentence: str
) -> None:
    answer = mai.bring(content, name="danh-sach.xls")

    assert answer.status_code == 422
    assert sentence in answer.text
    assert session.scalar(select(func.count(Load.id))) == 0
    with app.app_context():
        kept = [path for path in app.config["FILES"].rglob("*") if path.is_file()]
    assert kept == []


def test_a_file_that_breaks_half_way_is_told_by_the_job(mai: Person, session: Any) -> None:
    lines = ["Tên sách,Số ĐKCB", *(f"Truyện số {at},TK.{at:05}" for at in range(1, 400))]
    lines[350] = '"dở dang,TK.00500'

    uid = mai.brought("\n".join(lines).encode(), name="ds.csv")

    assert "mở ngoặc kép mà không đóng" in mai.page(uid)
    assert session.scalar(select(Load.state)) is LoadState.UNREADABLE


def test_columns_the_machine_did_not_know_can_be_named(mai: Person, session: Any) -> None:
    head = ("TT", "Cuốn", "Ai viết")
    uid = mai.brought(workbook(head, [(1, "Dế Mèn phiêu lưu ký", "Tô Hoài"), (2, "Lão Hạc", "Nam Cao")]))
    assert "Dòng nào là dòng tiêu đề?" in mai.page(uid) or "Nạp 2 dòng sách" not in mai.page(uid)

    chosen = {"sheet": "Sách", "header_row": "6", "col-0": "", "col-1": "title", "col-2": "author"}
    mai.client.post(f"/imports/{uid}/choices", data={"sheet": "Sách", "header_row": "6"})
    mai.client.post(f"/imports/{uid}/choices", data=chosen)

    page = mai.page(uid)
    assert "Nạp 2 dòng sách" in page
    mai.write(uid)
    assert set(session.scalars(select(Record.title))) == {"Dế Mèn phiêu lưu ký", "Lão Hạc"}


def test_answers_are_checked_and_judged_with(mai: Person, session: Any) -> None:
    rows = [(1, "Lão Hạc", "Nam Cao", "Văn học", 2017, None, 2, None, None, None)]
    uid = mai.brought(workbook(BOOK_HEAD, rows))
    home = session.scalar(select(Load.branch_id))
    bad = {"q-series": "TN", "q-home": "99999", "q-source": "Trường tự mua", "q-received_on": "31/02/2026"}

    answer = mai.client.post(f"/imports/{uid}/choices", data=bad)

    assert answer.status_code == 422
    assert "Ngày viết như 31/12/2026." in answer.text and "Trường tự mua" in answer.text
    assert home
    places = session.scalar(select(func.min(Place.id)).where(Place.branch_id == home))
    good = bad | {"q-home": str(places), "q-received_on": "05/09/2026", "q-series": "GK"}
    assert mai.client.post(f"/imports/{uid}/choices", data=good).status_code == 303
    mai.write(uid)
    items = session.execute(select(Item.accession, Item.accessioned_on)).all()
    assert [(label, f"{day:%d/%m/%Y}") for label, day in items] == [
        ("GK.00001", "05/09/2026"), ("GK.00002", "05/09/2026")
    ]  # fmt: skip
    assert session.scalar(select(Receipt.source)) == "Trường tự mua"


def test_a_long_list_read_anew_forgets_its_old_rows(mai: Person, session: Any) -> None:
    uid = mai.brought(workbook(BOOK_HEAD, book_rows(500)))
    first = set(session.scalars(select(LoadRow.id)))

    mai.client.post(f"/imports/{uid}/choices", data={"sheet": "Sách", "header_row": "6", "col-1": "title"})
    queue.work_off(mai.app)

    assert verdicts(session, uid) == {Verdict.NEW: 500, Verdict.SKIPPED: 3}
    assert not first & set(session.scalars(select(LoadRow.id)).all()) or db.engine.dialect.name == "sqlite"


def test_work_that_failed_is_told_and_goes_on_when_asked(
    app: Flask, mai: Person, session: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    uid = mai.brought(workbook(BOOK_HEAD, book_rows(10)))
    mai.client.post(f"/imports/{uid}/apply")
    job = session.scalars(select(Job).where(Job.kind == jobs.APPLY)).one()
    job.state = JobState.FAILED
    session.commit()

    assert "Việc này dừng giữa chừng." in mai.page(uid)
    mai.client.post(f"/imports/{uid}/resume")
    queue.work_off(app)

    assert session.scalar(select(func.count(Record.id))) == 10


def test_lists_are_forgotten_after_a_month_and_still_known_when_they_come_again(
    app: Flask, mai: Person, session: Any
) -> None:
    content = workbook(BOOK_HEAD, book_rows(30))
    uid = mai.loaded(content)
    with clock.stopped_at(clock.now() + timedelta(days=29)):
        assert "0 bước" in app.test_cli_runner().invoke(args=["staging", "forget"]).output
    with clock.stopped_at(clock.now() + timedelta(days=31)):
        assert app.test_cli_runner().invoke(args=["staging", "forget"]).exit_code == 0

    session.rollback()
    left = session.scalars(select(LoadRow)).all()
    assert len(left) == 6
    assert all(row.cells == [] and row.values is None and row.fingerprint for row in left)
    assert [path for path in app.config["FILES"].rglob("*") if path.is_file()] == []
    assert session.scalar(select(func.count(Item.id))) == 40
    assert "đã xóa sau 30 ngày" in mai.page(uid)
    assert verdicts(session, mai.brought(content)) == {Verdict.UNCHANGED: 30, Verdict.SKIPPED: 3}


def test_a_text_file_goes_the_same_way(mai: Person, session: Any) -> None:
    lines = ["Nhan đề;Tác giả;Số ĐKCB", "Dế Mèn phiêu lưu ký;Tô Hoài;TN.00001÷TN.00003", "Lão Hạc;Nam Cao;TK.00001"]

    mai.loaded("\r\n".join(lines).encode("utf-8-sig"), name="sach.csv")

    titles = dict(session.execute(select(Item.accession, Record.title).join(Record)).all())
    assert titles == {
        "TN.00001": "Dế Mèn phiêu lưu ký", "TN.00002": "Dế Mèn phiêu lưu ký", "TN.00003": "Dế Mèn phiêu lưu ký",
        "TK.00001": "Lão Hạc",
    }  # fmt: skip


def test_progress_is_told_in_plain_numbers(mai: Person) -> None:
    uid = mai.brought(workbook(BOOK_HEAD, book_rows(10)))
    mai.client.post(f"/imports/{uid}/apply")

    told = mai.client.get(f"/imports/{uid}/progress").json

    assert told == {"state": "applying", "done": 0, "total": 10, "stopped": False}
