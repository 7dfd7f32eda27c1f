"""The program as people run it: it starts, answers, keeps its worker, and leaves nothing behind."""

import os
import re
import signal
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from library import create_app, serving
from library.core.db import db
from library.jobs import leases, queue
from library.jobs.models import Job
from tests.support.running import below, children, is_alive, running, told, until

pytestmark = pytest.mark.slow


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def test_it_starts_on_either_database_and_answers(data: Path, database_url: str) -> None:
    with running(data, "--migrate", DATABASE=database_url) as server:
        assert server.get("/sign-in").status == 200
        assert f"http://127.0.0.1:{server.port}/" in "".join(server.said)


@pytest.mark.parametrize(("processes", "kind"), [(2, "gunicorn"), (1, "")])
def test_static_files_are_asked_for_once(data: Path, processes: int, kind: str) -> None:
    with running(data, "--migrate", PROCESSES=processes) as server:
        page = server.get("/sign-in")
        assert (page.headers["Server"] or "") == kind
        (style,) = re.findall(rb'href="(/static/[0-9a-f]{8}/css/base.css)"', page.body)  # type: ignore[attr-defined]
        answer = server.get(style.decode())
        assert answer.status == 200
        assert set(answer.headers["Cache-Control"].split(", ")) == {"public", "max-age=31536000", "immutable"}
        assert answer.headers["Content-Type"].startswith("text/css")
        again = server.get("/static/css/base.css", {"If-None-Match": answer.headers["ETag"]})
        assert (again.status, again.headers["Cache-Control"]) == (304, "no-cache"), (
            "without its stamp it is asked about"
        )
        assert server.get("/static/00000000/css/base.css").headers["Cache-Control"] == "no-cache", "of another release"


def test_it_stops_in_order_and_leaves_nothing_behind(data: Path) -> None:
    with running(data, "--migrate") as server:
        family = below(server.process.pid)
        assert len(children(server.process.pid)) == 2, "the server and the worker"
        assert until(lambda: len(children(server.web())) == 2, 60), "two processes that answer"
        began = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(20) == 0
        assert time.monotonic() - began < serving.PATIENCE, "in order: nobody had to be ended"
        assert [pid for pid in family if is_alive(pid)] == []


@pytest.fixture
def _signals_as_before() -> Iterator[None]:
    before = {one: signal.getsignal(one) for one in (signal.SIGTERM, signal.SIGINT)}
    yield
    for one, handler in before.items():
        signal.signal(one, handler)


@pytest.mark.usefixtures("_signals_as_before")
def test_a_stop_is_heard_even_where_exceptions_are_swallowed() -> None:
    class Forgotten:
        def __del__(self) -> None:
            signal.raise_signal(signal.SIGTERM)

    told = serving.told_to_stop()
    assert not told()
    Forgotten()
    assert told()


def test_nothing_is_left_when_the_keeper_is_killed(data: Path) -> None:
    with running(data, "--migrate") as server:
        family = below(server.process.pid)
        server.process.kill()
        assert until(lambda: not any(is_alive(pid) for pid in family), 20)


def test_a_worker_that_dies_is_started_anew(data: Path) -> None:
    with running(data, "--migrate") as server:
        first = server.work()
        os.kill(first, signal.SIGKILL)
        assert until(lambda: children(server.process.pid)[1:] not in ([], [first]))
        assert server.get("/sign-in").status == 200


def test_it_works_where_there_is_no_fork(data: Path) -> None:
    """As on Windows: each child is begun anew."""
    script = (
        "import sys, multiprocessing; from library import serving; from library.__main__ import main;"
        "serving.WINDOWS, serving.CONTEXT = True, multiprocessing.get_context('spawn'); sys.exit(main())"
    )
    with running(data, "--migrate", command=(sys.executable, "-c", script)) as server:
        assert server.get("/sign-in").status == 200
        family = below(server.process.pid)
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(20) == 0
        assert until(lambda: not any(is_alive(pid) for pid in family))


def test_it_ends_when_the_server_ends(data: Path) -> None:
    """A supervisor of the system (systemd) then starts all of it anew."""
    with running(data, "--migrate") as server:
        worker = server.work()
        os.kill(server.web(), signal.SIGKILL)
        assert server.process.wait(20) != 0
        assert until(lambda: not is_alive(worker))


def test_the_worker_beside_it_takes_jobs(data: Path) -> None:
    """A kind nobody brings: the worker tries, and writes down why it could not."""
    assert told(data, "migrate").returncode == 0
    app = create_app({"DATA": data})
    with app.app_context():
        queue.ask("unheard-of", {}, None, None)
        db.session.commit()
        with running(data):
            assert until(lambda: bool(_trouble()), 40)
        assert "unheard-of" in _trouble()


def _trouble() -> str:
    db.session.rollback()
    return db.session.scalar(select(Job.trouble)) or ""


def test_what_a_stopped_worker_had_in_hand_is_free_at_once(app: Flask) -> None:
    with app.app_context():
        queue.ask("import", {}, None, None)
        db.session.commit()
        job_id = queue.take()
        assert queue.take() is None, "leased"
        assert leases.give_back() == 1
        assert queue.take() == job_id


def test_a_port_that_is_taken_is_said_in_one_sentence(data: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        result = told(data, "serve", "--migrate", PORT=port)
    assert result.returncode == 1
    assert f"Cổng {port} đang có chương trình khác dùng" in result.stderr
    assert "Traceback" not in result.stderr


def test_an_address_of_another_machine_is_a_wrong_setting(data: Path) -> None:
    result = told(data, "serve", HOST="192.0.2.1")
    assert result.returncode == 2
    assert "TUSACH_HOST='192.0.2.1'" in result.stderr
    assert "Traceback" not in result.stderr


def test_it_does_not_start_on_a_database_that_is_behind(data: Path) -> None:
    result = told(data, "serve")
    assert result.returncode == 1
    assert "tusach migrate" in result.stdout


def test_it_does_not_touch_a_database_of_a_newer_release(app: Flask, data: Path, database_url: str) -> None:
    with app.app_context():
        db.session.execute(db.text("UPDATE alembic_version SET version_num = '9999'"))
        db.session.commit()
    for verb in ("serve", "migrate"):
        result = told(data, verb, DATABASE=database_url)
        assert result.returncode == 1
        assert "9999" in result.stderr
        assert "Traceback" not in result.stderr


def test_a_database_that_is_away_is_said_in_one_sentence(data: Path) -> None:
    result = told(data, "migrate", DATABASE="postgresql://nobody@127.0.0.1:1/none")
    assert result.returncode == 1
    assert result.stderr.startswith("Chưa nối được cơ sở dữ liệu: ")
    assert "Traceback" not in result.stderr


def test_flask_knows_the_commands_of_the_packages(data: Path) -> None:
    assert told(data, "migrate").returncode == 0
    flask = (str(Path(sys.executable).with_name("flask")), "--app", "library")
    result = told(data, "holdings", "audit", command=flask)
    assert (result.returncode, result.stdout) == (0, "0 bản sách, 0 bản lệch.\n"), result.stderr
