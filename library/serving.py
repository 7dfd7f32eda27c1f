"""The server and the worker beside it, started and stopped together.

One process keeps two children: `web` (gunicorn with PROCESSES × THREADS; waitress on Windows or for one process) and
`work` (long jobs). A child's standard input is a pipe from the keeper: when it closes, because the keeper stops or is
killed, the child stops. So nothing is left behind, on every platform alike.
"""

import contextlib
import errno
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from flask import Flask

import library
from library.jobs import leases, queue
from library.settings import PREFIX, WrongSetting

PATIENCE = 12.0
"""Seconds a child gets to finish what it is doing."""
WINDOWS = os.name == "nt"
KEPT = "KEPT_BY_TUSACH"
"""In the environment of a child of the keeper."""


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


def _end(number: signal.Signals = signal.SIGTERM) -> None:
    """Signal this process, waking it if it sleeps."""
    if WINDOWS:
        import _thread

        _thread.interrupt_main(number)
    else:
        os.kill(os.getpid(), number)


def stop_with_keeper(stop: Callable[[], None]) -> None:
    """Call `stop` when the keeper closes our standard input, or is no more. Not at a terminal: there people stop us."""
    if not os.environ.get(KEPT):
        return

    def wait() -> None:
        with contextlib.suppress(OSError):
            os.read(0, 1)
        stop()

    threading.Thread(target=wait, daemon=True, name="keeper").start()


def web(app: Flask) -> int:
    """Answer requests until told to stop."""
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

    stop_with_keeper(_end)
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
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    stop_with_keeper(lambda: _end(signal.SIGINT))
    server.run()  # ends at KeyboardInterrupt, after the requests in hand
    return 0


def work(app: Flask) -> int:
    """Do long jobs until told to stop; what was in hand is given back."""

    def stop(number: int, frame: object) -> None:
        raise SystemExit(0)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    stop_with_keeper(_end)
    try:
        queue.work(app)
    finally:
        with contextlib.suppress(Exception), app.app_context():
            leases.give_back()
    return 0


# --- the keeper's side


def start(*words: str) -> subprocess.Popen[bytes]:
    """A child that runs `python -m library` with `words`, from this very copy of the software."""
    paths = [str(Path(library.__file__).parent.parent), os.environ.get("PYTHONPATH", "")]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(path for path in paths if path), KEPT: "1"}
    apart: dict[str, Any] = (
        {"creationflags": 0x200} if WINDOWS else {"start_new_session": True}
    )  # Ctrl+C is for the keeper
    command = [sys.executable, "-P", "-m", "library", *words]
    return subprocess.Popen(command, stdin=subprocess.PIPE, env=environment, **apart)


def stop(children: list[subprocess.Popen[bytes]]) -> None:
    """Ask all, wait, and end those that do not listen."""
    for child in children:
        if child.stdin:
            child.stdin.close()
    latest = time.monotonic() + PATIENCE
    for child in children:
        try:
            child.wait(max(0.1, latest - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _answers(host: str, port: int) -> bool:
    there = "127.0.0.1" if host == "0.0.0.0" else "::1" if host == "::" else host  # noqa: S104
    try:
        socket.create_connection((there, port), timeout=1).close()
    except OSError:
        return False
    return True


@contextlib.contextmanager
def _signals() -> Iterator[None]:
    """SIGTERM and Ctrl+C end the keeper in order; a second one does not disturb it while it does."""

    def leave(number: int, frame: object) -> None:
        for one in (signal.SIGTERM, signal.SIGINT):
            signal.signal(one, signal.SIG_IGN)
        raise SystemExit(0)

    for one in (signal.SIGTERM, signal.SIGINT):
        signal.signal(one, leave)
    yield


def serve(host: str, port: int, ready: Callable[[], None]) -> int:
    """Keep the server and the worker until told to stop; `ready` is called once the server answers.

    Returns the server's exit code if it ended by itself. A worker that dies is started anew, more slowly each time.
    """
    check_address(host, port)
    children: list[subprocess.Popen[bytes]] = []
    with _signals():
        try:
            children += [start("web"), start("work")]
            while children[0].poll() is None and not _answers(host, port):
                time.sleep(0.05)
            if children[0].poll() is None:
                ready()
            _keep(children)
            return children[0].returncode or 1
        finally:
            stop(children)


def _keep(children: list[subprocess.Popen[bytes]]) -> None:
    """Until the first child, the server, has ended; the second is started anew whenever it has."""
    began, pause = time.monotonic(), 1.0
    while children[0].poll() is None:
        time.sleep(0.3)
        if children[1].poll() is not None and time.monotonic() - began > pause:
            pause = 1.0 if time.monotonic() - began > 60 else min(pause * 2, 60.0)
            children[1] = start("work")
            began = time.monotonic()
