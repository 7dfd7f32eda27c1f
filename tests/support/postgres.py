"""A PostgreSQL server of our own for the tests: made in a temporary folder, in memory if there is room, gone afterwards.

Tests that need it fail when it is missing; `make test` installs it.
"""

import os
import pwd
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support import quick

FAST = (
    "fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=80", "shared_buffers=64MB",
    "max_wal_size=512MB",
)  # fmt: skip


def _bin() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)
    if found:
        return found[0].parent
    if path := shutil.which("initdb"):
        return Path(path).parent
    raise RuntimeError("PostgreSQL is not installed: run `make test`, which installs it")


def _as_owner(command: list[str], folder: Path) -> list[str]:
    """PostgreSQL refuses to run as root: then it runs as its own user."""
    if os.geteuid() != 0:
        return command
    owner = pwd.getpwnam("postgres")
    os.chown(folder, owner.pw_uid, owner.pw_gid)
    return ["setpriv", f"--reuid={owner.pw_uid}", f"--regid={owner.pw_gid}", "--clear-groups", *command]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def server(options: tuple[str, ...] = FAST) -> Iterator[str]:
    """The address of a running server, without a database name: postgresql://tusach@127.0.0.1:port/."""
    with quick.folder("pg") as folder:
        folder.chmod(0o755)
        yield from _served(folder, options)


def _served(folder: Path, options: tuple[str, ...]) -> Iterator[str]:
    data, port = folder / "data", _free_port()
    run = {"check": True, "capture_output": True, "cwd": "/"}
    try:
        initdb = [
            str(_bin() / "initdb"),
            "-D",
            str(data),
            "-U",
            "tusach",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "-N",
        ]
        subprocess.run(_as_owner(initdb, folder), **run)
        flags = " ".join(f"-c {option}" for option in (*options, f"port={port}", "unix_socket_directories="))
        start = [str(_bin() / "pg_ctl"), "-D", str(data), "-w", "-l", str(folder / "log"), "-o", flags, "start"]
        subprocess.run(_as_owner(start, folder), **run)
        yield f"postgresql+psycopg://tusach@127.0.0.1:{port}/"
    finally:
        stop = [str(_bin() / "pg_ctl"), "-D", str(data), "-m", "immediate", "stop"]
        subprocess.run(_as_owner(stop, folder), capture_output=True, cwd="/", check=False)
