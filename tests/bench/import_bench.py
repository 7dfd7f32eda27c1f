"""How fast a large list comes in, from the file to the search index: a workbook, or with `--marc` a file of MARC records.

`python -m tests.bench.import_bench 100000`. Says titles a second, the longest write transaction, and the most memory the
process held.
"""

import argparse
import cProfile
import pstats
import random
import resource
import subprocess
import sys
import tempfile
import time
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pymarc
from flask_migrate import upgrade
from openpyxl import Workbook
from sqlalchemy import event, func, select, text

from library import create_app, files
from library.catalogue.models import Record
from library.core import clock, memory
from library.core.db import db, for_writing
from library.holdings.models import Item
from library.jobs import queue
from library.organisations.models import Organisation
from library.staging import applying, jobs, loading, looking
from library.staging.importers import importers
from library.staging.models import Load, LoadState
from tests.support.world import World


def now() -> float:
    return time.perf_counter()


SYLLABLES = (
    "ba mẹ con chim hoa lá rừng biển trời đất nước sông núi trăng sao gió mưa nắng bạn thầy trường lớp học đọc".split()
)


def make_workbook(path: Path, rows: int, copies: int, series: str = "TK") -> None:
    """Another series is another list: other titles, other numbers."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Sách")
    sheet.append(["SỔ ĐĂNG KÝ CÁ BIỆT"])
    sheet.append(
        ["STT", "Tên sách", "Tác giả", "NXB", "Năm XB", "Số ĐKCB", "SL", "Giá bìa", "Loại sách", "ISBN", "Số trang"]
    )
    chance = random.Random(f"7{series}")
    for at in range(1, rows + 1):
        title = " ".join(chance.choice(SYLLABLES) for _ in range(5)).capitalize() + f" {at}"
        author = " ".join(chance.choice(SYLLABLES).capitalize() for _ in range(3))
        first = (at - 1) * copies + 1
        label = f"{series}.{first:06}-{series}.{first + copies - 1:06}"
        isbn = f"978604{chance.randrange(10**6):06}"
        check = -sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(isbn)) % 10
        sheet.append(
            [at, title, author, "NXB Kim Đồng", 2000 + at % 25, label, copies, 25000, "STK", f"{isbn}{check}", 120]
        )
    book.save(path)


def make_marc(path: Path, records: int, copies: int, series: str = "TK") -> None:
    """ISO 2709 as Koha writes it, a field 952 for each copy."""
    chance = random.Random(f"7{series}")
    with path.open("wb") as file:
        for at in range(1, records + 1):
            file.write(_marc(at, copies, series, chance).as_marc())


def _marc(at: int, copies: int, series: str, chance: random.Random) -> pymarc.Record:
    record = pymarc.Record(force_utf8=True)
    record.add_field(pymarc.Field("001", data=f"{series}{at}"))
    title = " ".join(chance.choice(SYLLABLES) for _ in range(5)).capitalize() + f" {at}"
    author = " ".join(chance.choice(SYLLABLES).capitalize() for _ in range(3))
    isbn = f"978604{chance.randrange(10**6):06}"
    check = -sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(isbn)) % 10
    for tag, codes in (
        ("020", {"a": f"{isbn}{check}", "c": "25000đ"}), ("041", {"a": "vie"}), ("082", {"a": "895.9223"}),
        ("100", {"a": author}), ("245", {"a": f"{title} :", "b": "truyện thiếu nhi /", "c": author}),
        ("260", {"a": "H. :", "b": "Kim Đồng,", "c": str(2000 + at % 25)}), ("300", {"a": "120 tr. ;", "c": "21 cm"}),
        ("520", {"a": "Chuyện kể về những người bạn nhỏ ở một bản xa."}), ("650", {"a": "Văn học thiếu nhi"}),
        *(("952", {"p": f"{series}.{(at - 1) * copies + one + 1:06}", "g": "25000", "y": "STN"}) for one in range(copies)),
    ):  # fmt: skip
        subfields = [pymarc.Subfield(code, text) for code, text in codes.items()]
        record.add_field(pymarc.Field(tag, pymarc.Indicators(" ", " "), subfields))
    return record


class Transactions:
    """The length of every write transaction."""

    def __init__(self, engine: Any) -> None:
        self.lengths: list[float] = []
        event.listen(engine, "begin", lambda connection: setattr(self, "began", now()))
        event.listen(engine, "commit", lambda connection: None)
        event.listen(engine, "checkin", lambda *_: self._end())
        event.listen(engine, "rollback", lambda connection: delattr(self, "began") if hasattr(self, "began") else None)

    def _end(self) -> None:
        if hasattr(self, "began"):
            self.lengths.append(now() - self.began)
            del self.began

    def told(self) -> str:
        lengths = sorted(self.lengths)
        most, usual = lengths[-1], lengths[len(lengths) * 95 // 100]
        return f"{len(lengths)} write transactions, 95 % below {usual * 1000:.0f} ms, longest {most * 1000:.0f} ms"


def bring(path: Path, library: Organisation) -> int:
    """A list somebody brought to that library, waiting to be read; its id."""
    branch = library.branches[0]
    with path.open("rb") as stream:
        key = files.keep(stream)
    with loading.open_load(key, path.name) as table:
        choices = looking.look(db.session(), table, importers()["books"], library.id, path.name)
    load = Load(
        uid=clock.uuid7(), kind="books", library_id=library.id, branch_id=branch.id, account=None, file_key=key,
        file_name=path.name, sheet=None, state=LoadState.READING, trouble=None,
        choices=dict(choices), made_at=clock.now(),
    )  # fmt: skip
    db.session.add(load)
    db.session.flush()
    jobs.ask(load, jobs.READ)
    load_id = load.id
    db.session.commit()
    return load_id


def confirm(load_id: int) -> None:
    """A person has looked and says yes."""
    load = db.session.get_one(Load, load_id)
    assert load.state is LoadState.CHECKED, (load.state, load.trouble)
    load.state = LoadState.APPLYING
    jobs.ask(load, jobs.APPLY, applying.waiting(db.session(), load.id))
    db.session.commit()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("rows", type=int, nargs="?", default=100_000)
    parser.add_argument("--copies", type=int, default=2)
    parser.add_argument("--profile", action="store_true")
    parser.add_argument("--database", default="")
    parser.add_argument("--marc", action="store_true", help="records of MARC instead of a workbook")
    parser.add_argument("--make", type=Path, help="only write the file")
    told = parser.parse_args()
    if told.make:
        (make_marc if told.marc else make_workbook)(told.make, told.rows, told.copies)
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / ("bieu-ghi.mrc" if told.marc else "danh-sach.xlsx")
        again = [sys.executable, "-m", "tests.bench.import_bench", str(told.rows), "--copies", str(told.copies)]
        again += ["--marc"] if told.marc else []
        subprocess.run([*again, "--make", str(path)], check=True)
        measure(Path(folder), path, told)


def measure(folder: Path, path: Path, told: argparse.Namespace) -> None:
    settings = {"DATA": folder / "data", "SECRET_KEY": "bench", "DATABASE": told.database}
    making = get_context("spawn").Process(target=_make_database, args=(settings,))  # a worker finds its tables made
    making.start()
    making.join()
    app = create_app(settings)
    profile = cProfile.Profile(time.process_time)
    with app.app_context():
        began, cpu = now(), time.process_time()
        for_writing()
        load_id = bring(path, World(db.session).school())
        print(f"{path.stat().st_size / 1e6:.1f} MB looked at in {now() - began:.1f} s")
        transactions = Transactions(db.engine)
        memory.settle()  # as the worker does
        if told.profile:
            profile.enable()
        queue.work_off(app)
        read = now() - began
        print(f"read and judged in {read:.1f} s ({time.process_time() - cpu:.1f} s of processor); {held()}")
        print(transactions.told())
        confirm(load_id)
        transactions.lengths.clear()
        before, cpu_before = now(), time.process_time()
        queue.work_off(app)
        profile.disable()
        done, cpu_done = now(), time.process_time()
        records, items = (db.session.scalar(select(func.count()).select_from(one)) for one in (Record, Item))
        if not told.database:
            found = db.session.scalar(text("SELECT count(*) FROM record_search WHERE record_search MATCH 'truong'"))
            print(f"{found} titles found by “truong”")
        print(f"written in {done - before:.1f} s: {records} titles, {items} copies; {held()}")
        print(transactions.told())
        print(f"in all {records / (done - began):.0f} titles/s; writing alone {records / (done - before):.0f} titles/s")
        used, written = cpu_done - cpu, cpu_done - cpu_before
        print(f"by processor time {records / used:.0f} titles/s; writing alone {records / written:.0f} titles/s")
    if told.profile:
        pstats.Stats(profile).sort_stats("tottime").print_stats(45)


def _make_database(settings: dict[str, Any]) -> None:
    with create_app(settings).app_context():
        upgrade()


def held() -> str:
    return f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB at most"


if __name__ == "__main__":
    main()
