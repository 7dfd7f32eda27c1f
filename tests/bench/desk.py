"""The desk over HTTP, with the real server: how long a scan takes, what it costs, how many go through."""

import http.client
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from urllib.parse import urlencode
from uuid import uuid4

from flask import Flask
from sqlalchemy import select

from library.core import clock
from library.core.db import db, for_writing, read_only
from library.organisations.models import Organisation
from library.staging.models import Load, LoadState
from tests.bench import import_bench, raw
from tests.bench.stage import Stage
from tests.bench.tables import milliseconds, spread, table
from tests.support.people import PASSWORD
from tests.support.postgres import _free_port

HEADS = ("database", "what", "scans", "p50 / p95 / p99 / max ms", "scans/s", "CPU ms a scan (server)")


class Client:
    """One desk: a kept connection, a cookie, a number that grows."""

    def __init__(self, port: int, login: str) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.device, self.numbers = str(uuid4()), count(1)
        self.cookie = ""
        body = urlencode({"login": login, "password": PASSWORD})
        answer = self._post("/sign-in", body, "application/x-www-form-urlencoded")
        self.cookie = (answer.getheader("Set-Cookie") or "").partition(";")[0]

    def _post(self, path: str, body: str, kind: str) -> http.client.HTTPResponse:
        headers = {"Content-Type": kind, "Cookie": self.cookie, "Accept": "application/json"}
        self.connection.request("POST", path, body, headers)
        answer = self.connection.getresponse()
        answer.body = answer.read()  # type: ignore[attr-defined]
        return answer

    def scan(self, code: str, reader: str | None) -> dict[str, object]:
        now = clock.now().isoformat()
        message = {
            "uid": str(clock.uuid7()), "device": self.device, "number": next(self.numbers), "at": now, "sent_at": now,
            "code": code, "reader": reader,
        }  # fmt: skip
        answer = self._post("/desk/scans", json.dumps(message), "application/json")
        if answer.status != 200:
            raise RuntimeError(f"{answer.status}: {answer.body[:300]!r}")  # type: ignore[attr-defined]
        return json.loads(answer.body)  # type: ignore[attr-defined,no-any-return]


@contextmanager
def server(stage: Stage, processes: int = 2) -> Iterator[tuple[int, Callable[[], float]]]:
    """A running server: its port, and a function that tells the CPU seconds of it and its children."""
    port = _free_port()
    words = {**stage.settings, "PORT": str(port), "PROCESSES": str(processes)}
    environment = {**os.environ, **{f"TUSACH_{name}": value for name, value in words.items()}}
    process = subprocess.Popen([sys.executable, "-m", "library", "serve"], env=environment, stdout=subprocess.DEVNULL)
    try:
        _wait(port)
        yield port, lambda: _cpu(process.pid)
    finally:
        process.terminate()
        process.wait(30)


def _wait(port: int) -> None:
    for _ in range(300):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/sign-in")
            if connection.getresponse().status == 200:
                return
        except OSError:
            pass
        time.sleep(0.1)
    raise RuntimeError("the server did not start")


def _family(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(one for child in children for one in _family(int(child)))]


def _cpu(pid: int) -> float:
    """User and system seconds of a process and what it started."""
    ticks = 0
    for one in _family(pid):
        fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


UNHURRIED = 0.25
"""Seconds from scan to scan, as people do it."""


def one_desk(
    client: Client, stage: Stage, which: int, of: int, scans: int, times: list[float], every: float = 0.0
) -> None:
    """Lend three, take three back, and so on, on this desk's own copies and readers; a scan begins `every` so many
    seconds, or as soon as the one before it is answered."""
    copies, readers = stage.accessions[which::of], stage.readers[which::of]
    for start in range(0, scans, 6):
        reader = readers[(start // 6) % len(readers)]
        three = [copies[(start // 2 + place) % len(copies)] for place in range(3)]
        for code, who in [*((code, reader) for code in three), *((code, None) for code in three)]:
            begun = time.perf_counter()
            answer = client.scan(code, who)
            times.append(time.perf_counter() - begun)
            if answer["what"] not in ("lent", "returned"):
                raise RuntimeError(str(answer))
            time.sleep(max(0.0, begun + every - time.perf_counter()))


def run(port: int, stage: Stage, desks: int, scans: int, every: float = 0.0) -> tuple[list[float], float]:
    """All times, and the seconds the whole took."""
    clients = [Client(port, f"desk{number}") for number in range(desks)]
    times: list[list[float]] = [[] for _ in clients]
    threads = [
        threading.Thread(target=one_desk, args=(client, stage, number, desks, scans, times[number], every))
        for number, client in enumerate(clients)
    ]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [one for mine in times for one in mine], time.perf_counter() - begun


def beside_an_import(
    port: int, stage: Stage, rows: int, series: str, every: float = 0.0
) -> Iterator[tuple[str, list[float], float, float]]:
    """(what, times, seconds, rows a second) of one desk while the worker reads a list, then while it writes it."""
    how = f"HTTP, 1 desk, {1 / every:.0f} scans a second," if every else "HTTP, 1 desk"
    app = stage.app()
    with tempfile.TemporaryDirectory() as folder, app.app_context():
        path = Path(folder) / "danh-sach.xlsx"
        import_bench.make_workbook(path, rows, 2, series)
        for_writing()
        mine = select(Organisation).where(Organisation.slug.like("truong%")).order_by(Organisation.id)
        school = db.session.scalars(mine.limit(1)).one()
        load_id = import_bench.bring(path, school)
        for what, state in (("read", LoadState.READING), ("written", LoadState.APPLYING)):
            if state is LoadState.APPLYING:
                for_writing()
                import_bench.confirm(load_id)
            times, took = _while(load_id, state, lambda: run(port, stage, 1, 6 if every else 60, every))
            yield f"{how} while a list is {what}", times, took, rows / took
    _let_go(app)


def _while(load_id: int, state: LoadState, scan: Callable[[], tuple[list[float], float]]) -> tuple[list[float], float]:
    times, begun = [], time.perf_counter()
    read_only()
    while db.session.scalar(select(Load.state).where(Load.id == load_id)) is state:
        db.session.rollback()
        times += scan()[0]
    db.session.rollback()
    return times, time.perf_counter() - begun


def baseline(stage: Stage, scans: int) -> tuple[list[float], int]:
    """The same statements by the driver alone; and how many statements a scan sends at most."""
    from tests.support.people import DeskPage, sign_in

    app = stage.app()
    page = DeskPage(sign_in(app, "desk0"))
    page.scan(stage.accessions[-1])
    _let_go(app)
    other = raw.copy_of(app, stage.settings)  # from here on ids given by the two databases agree
    runs: list[list[raw.Statement]] = []
    for start in range(0, scans, 2):
        code, reader = stage.accessions[-2 - start], stage.readers[-1 - start % 100]
        for who in (reader, None):
            page.reader = who
            with raw.recorded() as sent:
                page.scan(code)
            runs.append(list(sent))
    _let_go(app)
    replay = raw.replay_postgresql if "DATABASE" in stage.settings else raw.replay_sqlite
    return replay(other, runs), max(map(len, runs))


def _let_go(app: Flask) -> None:
    with app.app_context():
        for engine in db.engines.values():
            engine.dispose()


def measure(kind: str, stage: Stage, scans: int) -> None:
    rows: list[tuple[object, ...]] = []
    plain, statements = baseline(stage, min(scans, 600))
    rows.append(
        (
            kind,
            f"same statements ({statements} at most), driver alone",
            len(plain),
            spread(plain),
            f"{len(plain) / sum(plain):.0f}",
            "–",
        )
    )
    with server(stage) as (port, cpu):
        run(port, stage, 1, 60)
        for desks in (1, 4):
            before = cpu()
            times, took = run(port, stage, desks, scans)
            cost = (cpu() - before) / len(times)
            rows.append(
                (
                    kind,
                    f"HTTP, {desks} desk{'s' if desks > 1 else ''}",
                    len(times),
                    spread(times),
                    f"{len(times) / took:.0f}",
                    milliseconds(cost),
                )
            )
        times, took = run(port, stage, 1, min(scans, 120), UNHURRIED)
        rows.append(
            (kind, "HTTP, 1 desk, 4 scans a second", len(times), spread(times), f"{len(times) / took:.0f}", "–")
        )
        for series, every in (("TK", 0.0), ("GK", UNHURRIED)):
            for what, times, took, speed in beside_an_import(
                port, stage, 5_000 if scans > 300 else 2_000, series, every
            ):
                rows.append(
                    (kind, f"{what} ({speed:.0f} rows/s)", len(times), spread(times), f"{len(times) / took:.0f}", "–")
                )
    table(f"The desk over HTTP, {kind}", HEADS, rows)
