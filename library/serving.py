"""The server and the worker beside it, started and stopped together.

One process keeps two children: `web` (gunicorn with PROCESSES × THREADS; waitress on Windows or for one process) and
`work` (long jobs). Each holds the end of a pipe from the keeper: when it closes, because the keeper stops or is killed,
the child stops. So nothing is left behind, on every platform alike. On Linux a child is a fork of the keeper, which has
everything loaded already: it is there at once.
"""

import contextlib
import errno
import multiprocessing
import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from flask import Flask

from library.core import memory
from library.core.db import db
from library.jobs import leases, queue
from library.settings import PREFIX, WrongSetting

PATIENCE = 12.0
"""Seconds a child gets to finish what it is doing."""
WINDOWS = os.name == "nt"
CONTEXT: Any = multiprocessing.get_context("spawn" if WINDOWS else "fork")


class Occupied(Exception):
    """Somebody else listens there. The message is a whole sentence."""


def check_address(host: str, port: int) -> None:
    """Raises Occupied, or WrongSetting for an address that is not of this machine."""
    try:
        kind, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        with socket.socket(kind) as probe:
            if not WINDOWS:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        if error.errno in (errno.EADDRINUSE, errno.EACCES):
            raise Occupied(_occupied(port, error)) from error
        raise WrongSetting(f"{PREFIX}HOST={host!r}: expected an address of this machine.") from error


def _occupied(port: int, error: OSError) -> str:
    if error.errno == errno.EACCES and port < 1024:
        return f"Cổng {port} chỉ dành cho quản trị máy. Đặt {PREFIX}PORT=8000 rồi chạy lại."
    return f"Cổng {port} đang có chương trình khác dùng. Tắt chương trình đó, hoặc đặt {PREFIX}PORT={port + 1} rồi chạy lại."


def addresses(host: str, port: int) -> list[str]:
    """What people type: this machine first, then, if others may come, its address in the local network."""
    everywhere = host in ("0.0.0.0", "::", "")  # noqa: S104
    found = ["127.0.0.1" if everywhere else host]
    if everywhere:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe, contextlib.suppress(OSError):
            probe.connect(("192.0.2.1", 9))  # nothing is sent: the system only says which way it would go
            found.append(probe.getsockname()[0])
    return [f"http://[{one}]:{port}/" if ":" in one else f"http://{one}:{port}/" for one in dict.fromkeys(found)]


# --- a child's side


def _end() -> None:
    """Tell this process to stop, waking it if it sleeps."""
    if WINDOWS:
        import _thread

        _thread.interrupt_main(signal.SIGTERM)
    else:
        os.kill(os.getpid(), signal.SIGTERM)


def _stop_with_keeper(pipe: Connection) -> None:
    """Stop when the keeper closes its end, or is no more: in order, and at the end of our patience without."""

    def wait() -> None:
        with contextlib.suppress(OSError, EOFError):
            pipe.recv_bytes()
        _end()
        time.sleep(PATIENCE)
        os._exit(1)

    threading.Thread(target=wait, daemon=True, name="keeper").start()


def _live(role: str, app: Flask | None, pipe: Connection, inherited: list[Connection]) -> None:
    """A child's life. `app` is the keeper's, inherited by a fork; where there is no fork it is made anew."""
    for one in inherited:
        one.close()  # the keeper's own ends: in our hands they would never be closed
    if app is None:
        from library import create_app

        app = create_app()
    else:
        os.setsid()  # Ctrl+C is for the keeper alone
        forget_connections(app, close=False)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    _stop_with_keeper(pipe)
    raise SystemExit(ROLES[role](app))


def forget_connections(app: Flask, close: bool = True) -> None:
    """Connections to the database do not survive a fork: let go of them before, and of their copies after."""
    with app.app_context():
        for engine in db.engines.values():
            engine.dispose(close=close)


def web(app: Flask) -> int:
    """Answer requests until told to stop."""
    memory.settle()
    if WINDOWS or app.config["PROCESSES"] == 1:
        return _waitress(app)
    return _gunicorn(app)


def _gunicorn(app: Flask) -> int:
    from gunicorn.app.base import BaseApplication

    options = gunicorn_options(app.config)

    class Server(BaseApplication):  # type: ignore[misc]
        def load_config(self) -> None:
            for name, value in options.items():
                if name in self.cfg.settings:  # newer releases know more names
                    self.cfg.set(name, value)

        def load(self) -> Flask:
            return app

    Server().run()
    return 0


def gunicorn_options(config: dict[str, Any]) -> dict[str, Any]:
    host = f"[{config['HOST']}]" if ":" in config["HOST"] else config["HOST"]
    return {
        "bind": f"{host}:{config['PORT']}",
        "worker_class": "gthread",
        "workers": config["PROCESSES"],
        "threads": config["THREADS"],
        "preload_app": True,
        "loglevel": "warning",
        "timeout": 120,
        "graceful_timeout": int(PATIENCE) - 2,
        "worker_tmp_dir": "/dev/shm" if Path("/dev/shm").is_dir() else None,  # noqa: S108
        "control_socket_disable": True,
    }


def _waitress(app: Flask) -> int:
    import waitress

    config = app.config
    # ProxyFix decides by PROXIES whom to believe, so the headers must come through.
    server = waitress.create_server(
        app, host=config["HOST"], port=config["PORT"], threads=config["THREADS"], ident=None,
        max_request_body_size=config["MAX_CONTENT_LENGTH"], clear_untrusted_proxy_headers=False,
    )  # fmt: skip
    for one in (signal.SIGTERM, signal.SIGINT):
        signal.signal(one, signal.default_int_handler)
    server.run()  # ends at KeyboardInterrupt, after the requests in hand
    return 0


def told_to_stop() -> Callable[[], bool]:
    """From now on SIGTERM and Ctrl+C only tell: the answer says whether one came.

    A handler that raises would be lost where Python swallows exceptions (in a callback of its garbage collector).
    """
    told: list[int] = []
    for one in (signal.SIGTERM, signal.SIGINT):
        signal.signal(one, lambda number, frame: told.append(number))
    return lambda: bool(told)


BEHIND = 5
"""Steps of politeness of the worker's process."""


def work(app: Flask) -> int:
    """Do long jobs until told to stop, behind the desks where processor time is scarce; what was in hand is given back."""
    if hasattr(os, "nice"):  # not on Windows
        os.nice(BEHIND)
    memory.settle()
    queue.work(app, stop=told_to_stop())
    with contextlib.suppress(Exception), app.app_context():
        leases.give_back()
    return 0


ROLES: dict[str, Callable[[Flask], int]] = {"web": web, "work": work}


# --- the keeper's side


@dataclass
class Child:
    process: Any
    pipe: Connection

    def has_ended(self) -> bool:
        return not self.process.is_alive()


def start(app: Flask, role: str, others: list[Child]) -> Child:
    """A child in one of the ROLES. It holds no ends of the pipes of `others`."""
    theirs, ours = CONTEXT.Pipe(duplex=False)
    forget_connections(app)
    known = (None, theirs, []) if WINDOWS else (app, theirs, [ours, *(one.pipe for one in others)])
    process = CONTEXT.Process(target=_live, args=(role, *known), name=role)
    process.start()
    theirs.close()
    return Child(process, ours)


def stop(children: list[Child]) -> None:
    """Ask all, wait, and end those that do not listen."""
    for child in children:
        child.pipe.close()
    latest = time.monotonic() + PATIENCE
    for child in children:
        child.process.join(max(0.1, latest - time.monotonic()))
        if not child.has_ended():
            child.process.kill()
            child.process.join()


def _answers(host: str, port: int) -> bool:
    there = "127.0.0.1" if host == "0.0.0.0" else "::1" if host == "::" else host  # noqa: S104
    try:
        socket.create_connection((there, port), timeout=1).close()
    except OSError:
        return False
    return True


def serve(app: Flask, ready: Callable[[], None]) -> int:
    """Keep the server and the worker until told to stop; `ready` is called once the server answers.

    Returns the server's exit code if it ended by itself. A worker that dies is started anew, more slowly each time.
    """
    host, port = app.config["HOST"], app.config["PORT"]
    check_address(host, port)
    children: list[Child] = []
    told = told_to_stop()
    try:
        for role in ROLES:
            children.append(start(app, role, children))
        while not told() and not children[0].has_ended() and not _answers(host, port):
            time.sleep(0.02)
        if not told() and not children[0].has_ended():
            ready()
        _keep(app, children, told)
        return 0 if told() else children[0].process.exitcode or 1
    finally:
        stop(children)


def _keep(app: Flask, children: list[Child], told: Callable[[], bool]) -> None:
    """Until told to stop, or the first child, the server, has ended; the second is started anew whenever it has."""
    began, pause = time.monotonic(), 1.0
    while not told() and not children[0].has_ended():
        time.sleep(0.1)
        if children[1].has_ended() and time.monotonic() - began > pause:
            pause = 1.0 if time.monotonic() - began > 60 else min(pause * 2, 60.0)
            children[1].pipe.close()
            children[1] = start(app, "work", children[:1])
            began = time.monotonic()
