"""How long the second start takes, as `make run` does it: seconds by the clock until the address is told, and of the processor."""

import resource
import tempfile
import time
from pathlib import Path

from tests.support.running import running, told

AIM = 5.0


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        assert told(data, "migrate").returncode == 0
        before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        with running(data, "--migrate"):
            took = time.perf_counter() - begun
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    busy = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(f"second start: {took:.1f} s until it answers, {busy:.1f} s of the processor in all; aim {AIM:.0f} s")
