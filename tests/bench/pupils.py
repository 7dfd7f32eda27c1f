"""A whole school of pupils: its class list comes in, next year's list moves it, and the school year changes.

Says for each how long it takes as a whole, how many statements, and the longest write transaction.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any

from flask import Flask
from flask_migrate import upgrade
from openpyxl import Workbook
from sqlalchemy import func, select

from library import create_app, files
from library.core import clock
from library.core.db import db, for_writing, read_only
from library.inbox.acts import Doing
from library.jobs import queue
from library.patrons import rolling, rollover
from library.patrons.models import Membership, Rollover
from library.patrons.rollover import Rolling
from library.staging import applying, jobs, loading, sheets
from library.staging.importers import importers
from library.staging.models import Load, LoadState
from tests.bench.import_bench import Transactions, now
from tests.bench.stage import database
from tests.support.statements import counted
from tests.support.world import World

FULL, SMALL = 1_500, 150
A_CLASS = 30
GIVEN = "An Bình Chi Dũng Giang Hà Hùng Khôi Lan Mai Minh Nam Ngọc Páo Quân Sơn Thảo Tú Uyên Vân".split()
FAMILY = "Hoàng Nguyễn Trần Lê Lý Nông Đàm Ma Bế Hà Giàng Vàng Triệu Lường".split()


def workbook(count: int, year: int) -> bytes:
    """A sheet a class, as the ministry's program writes it; in a later `year` everybody is a class higher."""
    book = Workbook(write_only=True)
    for start in range(0, count, A_CLASS):
        room = start // A_CLASS
        grade, letter = 1 + room % 4 + year, chr(ord("A") + room // 4)
        sheet = book.create_sheet(f"{grade}{letter}")
        for line in (["PHÒNG GD&ĐT"], ["TRƯỜNG TIỂU HỌC"], [], ["DANH SÁCH HỌC SINH"], []):
            sheet.append(line)
        sheet.append(
            ["STT", "Mã định danh Bộ GD&ĐT", "Họ và tên", "Ngày sinh", "Giới tính", "Lớp", "Dân tộc", "Họ tên mẹ"]
        )
        for at in range(start, min(start + A_CLASS, count)):
            name = f"{FAMILY[at % 14]} {GIVEN[at // 14 % 20]} {GIVEN[at % 20]}"
            born = f"{1 + at % 28:02}/{1 + at % 12:02}/{2026 - 5 - grade + year}"
            sheet.append(
                [at - start + 1, f"{1_012_000_000 + at}", name, born, "Nữ", f"{grade}{letter}", "Tày", "Nông Thị Mẹ"]
            )
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def brought(content: bytes, library_id: int, branch_id: int, year: str) -> None:
    """Look into the file, then write down that it is here, waiting to be read: as the page does."""
    key = files.keep(BytesIO(content))
    with loading.open_load(key, "hoc-sinh.xlsx") as table:
        plans = sheets.look(table, importers()["patrons"])
    answers = {"year": year, "expires_on": f"{year[5:]}-05-31", "covers": "school"}
    for_writing()
    load = Load(
        uid=clock.uuid7(), kind="patrons", library_id=library_id, branch_id=branch_id, account=None,
        file_key=key, file_name="hoc-sinh.xlsx", sheet=None, state=LoadState.READING, trouble=None,
        choices={"sheets": [plan.to_json() for plan in plans], "answers": answers}, made_at=clock.now(),
    )  # fmt: skip
    db.session.add(load)
    db.session.flush()
    jobs.ask(load, jobs.READ)
    db.session.commit()


def written() -> None:
    """A person has looked at the newest list and says yes."""
    for_writing()
    load = db.session.scalars(select(Load).order_by(Load.id.desc()).limit(1)).one()
    assert load.state is LoadState.CHECKED, (load.state, load.trouble)
    load.state = LoadState.APPLYING
    jobs.ask(load, jobs.APPLY, applying.waiting(db.session(), load.id))
    db.session.commit()


@contextmanager
def told(kind: str, what: str, transactions: Transactions) -> Iterator[None]:
    transactions.lengths.clear()
    began = now()
    with counted() as sent:
        yield
    took = now() - began
    longest = max(transactions.lengths, default=0) * 1000
    print(f"{kind}: {what} in {took:.2f} s, {len(sent)} statements, longest write transaction {longest:.0f} ms")


def measure(kind: str, count: int = FULL) -> None:
    with database(kind) as settings:
        app = create_app(settings)
        with app.app_context():
            upgrade()
            world = World(db.session)
            school = world.school()
            place = (school.id, school.branches[0].id)
            db.session.commit()
            transactions = Transactions(db.engine)
            _lists(app, kind, count, *place, transactions)
            _years(kind, *place, transactions)
            for engine in db.engines.values():
                engine.dispose()


def _lists(app: Flask, kind: str, count: int, library_id: int, branch_id: int, transactions: Transactions) -> None:
    for year, label in ((0, "2026-2027"), (1, "2027-2028")):
        content = workbook(count, year)
        with told(kind, f"class list {label}, {count:,} pupils, read, judged and written,", transactions):
            read_only()
            brought(content, library_id, branch_id, label)
            queue.work_off(app)
            written()
            queue.work_off(app)
        assert db.session.scalar(select(func.count()).select_from(Membership)) == count


def _years(kind: str, school_id: int, branch_id: int, transactions: Transactions) -> None:
    def do(what: str, think: Callable[[], Any], write: Callable[[Any], Any]) -> None:
        with told(kind, what, transactions):
            read_only()
            thought = think()
            for_writing()
            write(thought)
            db.session.commit()

    do(
        "roll-over into 2028-2029",
        lambda: Rolling.usual(rollover.school(db.session(), school_id, "2028-2029")),
        lambda plan: rolling.roll(db.session(), Doing.now(branch_id=branch_id), school_id, plan),
    )
    do(
        "roll-over taken back",
        lambda: None,
        lambda _: rolling.undo(db.session(), Doing.now(branch_id=branch_id), db.session.query(Rollover).one()),
    )


def main(count: int = FULL, only: str | None = None) -> None:
    """Both databases unless only one is asked for."""
    for kind in [only] if only else ["sqlite", "postgresql"]:
        measure(kind, count)
