"""What every test would do again, done once: compiling addresses, templates and statements; passwords that are cheap to
try. And a place for files that is memory."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

from argon2 import PasswordHasher
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy.engine import Engine
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.util import LRUCache
from werkzeug.routing import Map, Rule, RuleFactory

from library.accounts import passwords

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


class Addresses(Map):
    """A map that writes its rules down and compiles them when they are first asked for. A map of the very same rules, of
    an application made before, lends it what was compiled: that is most of what making an application costs."""

    known: ClassVar[dict[Any, Map]] = {}

    def __init__(self, *args: Any, **options: Any) -> None:
        self.told: list[Rule] = []
        super().__init__(*args, **options)

    def add(self, rulefactory: RuleFactory) -> None:
        self.told.extend(rulefactory.get_rules(self))
        self._remap = True

    def update(self) -> None:
        with self._remap_lock:
            if self._remap:
                self._settle()

    def _settle(self) -> None:
        key = tuple(map(_facts, self.told))
        lender = self.known.get(key)
        if lender is None:
            lender = Map(host_matching=self.host_matching, converters=self.converters)
            for rule in self.told:
                lender.add(_copied(rule))
            lender.update()
            self.known[key] = lender
        self._matcher, self._rules_by_endpoint, self._remap = lender._matcher, lender._rules_by_endpoint, False


def _facts(rule: Rule) -> tuple[Any, ...]:
    """What tells one rule from another."""
    methods = frozenset(rule.methods or ())
    return rule.rule, rule.endpoint, methods, repr(rule.defaults), rule.subdomain, rule.provide_automatic_options  # type: ignore[attr-defined]


def _copied(rule: Rule) -> Rule:
    copy = rule.empty()
    copy.provide_automatic_options = rule.provide_automatic_options  # type: ignore[attr-defined]
    return copy


def remember_addresses() -> None:
    Flask.url_map_class = Addresses


def remember_statements() -> None:
    """Each test has its own engine, and each engine would compile the same statements to the same text: they share what
    was compiled. Dialects of a kind are one for it: our engines differ in nothing but where their database is."""
    compiled: Any = LRUCache(4000)
    made: Callable[..., Engine] = SQLAlchemy._make_engine

    def sharing(*args: Any) -> Engine:
        engine = made(*args)
        engine._compiled_cache = compiled
        return engine

    SQLAlchemy._make_engine = sharing  # type: ignore[method-assign]
    DefaultDialect.__hash__ = lambda one: hash(type(one))  # type: ignore[method-assign]
    DefaultDialect.__eq__ = lambda one, other: type(one) is type(other)  # type: ignore[method-assign]


REAL_HASHER = passwords.HASHER


def cheap_passwords() -> None:
    """Made to be slow for guessers; tests sign in some thousand times. tests/accounts holds the real one to its floor."""
    passwords.HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    passwords.NOBODY = passwords.HASHER.hash("nobody")


@contextmanager
def folder(name: str) -> Iterator[Path]:
    """A new folder in memory where there is room, else on disk; gone afterwards. Databases wait for no disk there."""
    roomy = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free >= ROOM
    made = Path(tempfile.mkdtemp(prefix=f"tusach-{name}-", dir=MEMORY if roomy else None))
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)
