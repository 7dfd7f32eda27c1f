"""What every test would do again, done once: compiling addresses and templates. And a place for files that is memory."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from werkzeug.routing import Rule

MEMORY = Path("/dev/shm")
ROOM = 3_000_000_000
"""Bytes a server's databases and log of changes may need together."""


class Compiled(BytecodeCache):
    """Templates compiled earlier in this process; one whose text has changed since is compiled anew."""

    def __init__(self) -> None:
        self.known: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if known := self.known.get(bucket.key):
            bucket.bytecode_from_string(known)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.known[bucket.key] = bucket.bytecode_to_string()


TEMPLATES = Compiled()


def share_templates(app: Flask) -> None:
    """Applications made in the same way compile a template to the same code."""
    app.jinja_env.bytecode_cache = TEMPLATES


def remember_addresses() -> None:
    """Werkzeug writes and compiles two functions a rule, anew in each application: most of what making one costs."""
    compiled: Callable[..., Any] = Rule._compile_builder
    known: dict[Any, Any] = {}

    def once(rule: Rule, append_unknown: bool = True) -> Any:
        key = (rule.rule, repr(rule.defaults), tuple(rule._trace), append_unknown)
        if key not in known:
            known[key] = compiled(rule, append_unknown)
        return known[key]

    Rule._compile_builder = once  # type: ignore[method-assign, assignment]


@contextmanager
def folder(name: str) -> Iterator[Path]:
    """A new folder in memory where there is room, else on disk; gone afterwards. Databases wait for no disk there."""
    roomy = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free >= ROOM
    made = Path(tempfile.mkdtemp(prefix=f"tusach-{name}-", dir=MEMORY if roomy else None))
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)
