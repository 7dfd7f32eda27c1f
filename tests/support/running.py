"""The real program, started as people start it, and stopped whatever happens."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

TUSACH = (sys.executable, "-m", "library")
ROOT = Path(__file__).parent.parent.parent


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(data: Path, **settings: object) -> dict[str, str]:
    """Of this process, without settings of its own, with these instead."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith("TUSACH_")}
    return kept | {"TUSACH_DATA": str(data)} | {f"TUSACH_{name}": str(value) for name, value in settings.items()}


def told(
    data: Path, *words: str, command: tuple[str, ...] = TUSACH, **settings: object
) -> subprocess.CompletedProcess[str]:
    """Run one command to its end."""
    return subprocess.run(
        [*command, *words],
        env=environment(data, **settings),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def until(true: Callable[[], bool], seconds: float = 20) -> bool:
    """Wait until it is true; whether it became so."""
    latest = time.monotonic() + seconds
    while time.monotonic() < latest:
        if true():
            return True
        time.sleep(0.05)
    return False


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def parent_of(pid: int) -> int | None:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])
    except OSError:
        return None


def children(pid: int) -> list[int]:
    """Living processes started by `pid`, oldest first."""
    numbers = sorted(int(path.name) for path in Path("/proc").glob("[0-9]*"))
    return [one for one in numbers if parent_of(one) == pid and is_alive(one)]


def below(pid: int) -> list[int]:
    """Its children, theirs, and so on."""
    return [found for one in children(pid) for found in (one, *below(one))]


@dataclass
class Running:
    process: subprocess.Popen[str]
    port: int
    said: list[str]

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.request("GET", path, headers=dict(headers or {}))
        answer = connection.getresponse()
        answer.body = answer.read()  # type: ignore[attr-defined]
        connection.close()
        return answer

    def web(self) -> int:
        return children(self.process.pid)[0]

    def work(self) -> int:
        return children(self.process.pid)[1]


@contextmanager
def running(
    data: Path, *words: str, command: tuple[str, ...] = TUSACH, cwd: Path = ROOT, **settings: object
) -> Iterator[Running]:
    """`tusach serve` on a free port, once it has said its address."""
    port = free_port()
    env = environment(data, PORT=port, **settings)
    process = subprocess.Popen([*command, "serve", *words], env=env, cwd=cwd, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    said: list[str] = []
    try:
        for line in process.stdout:
            said.append(line)
            if "Ctrl+C" in line:
                break
        yield Running(process, port, said)
    finally:
        family = below(process.pid)
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
        for pid in family:
            if is_alive(pid) and not until(lambda pid=pid: not is_alive(pid), 5):  # type: ignore[misc]
                os.kill(pid, signal.SIGKILL)
        process.stdout.close()
