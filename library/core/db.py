"""The database: how rows are declared, who may write when, and what is tried again.

SQLite has one writer at a time. We queue for it with one *write ticket* per database (a thread lock and a file lock),
because SQLite's own waiting is unfair, and begin with BEGIN IMMEDIATE, because a read that turns into a write may be
refused at once. Readers use an engine of their own that cannot write at all; on PostgreSQL it may point at a replica.
A whole session reads or writes, never a single statement: `read_only()` and `for_writing()` say which.
"""

import math
import os
import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, cast
from uuid import UUID

import portalocker
import psycopg
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session as FlaskSession
from sqlalchemy import (
    BigInteger,
    Connection,
    DateTime,
    Dialect,
    Engine,
    Enum,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    event,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, registry
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.types import TypeDecorator, Uuid

from library.core.errors import Busy

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Moment(TypeDecorator[datetime]):
    """A moment in UTC, always aware, to the microsecond. Naive values are refused: they are a bug."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise TypeError("a moment needs a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


BigId = BigInteger().with_variant(Integer, "sqlite")
Key = String(collation="C").with_variant(Text(), "sqlite")
"""Folded text and sort keys: compared byte by byte on both databases."""

Id = Annotated[int, mapped_column(BigId, primary_key=True)]
Uid = Annotated[UUID, mapped_column(Uuid, unique=True)]


WORDS = Enum(StrEnum, native_enum=False, length=40, values_callable=lambda words: [word.value for word in words])
"""Words of a vocabulary are kept as text, without a check: new words come often, and a check would rebuild the table."""


def unique_where(name: str, *columns: str, where: str) -> Index:
    """At most one row with these values among those that stand."""
    return Index(name, *columns, unique=True, sqlite_where=text(where), postgresql_where=text(where))


class Base(DeclarativeBase):
    registry = registry(
        metadata=MetaData(naming_convention=NAMES),
        type_annotation_map={datetime: Moment, UUID: Uuid, str: Text, StrEnum: WORDS},
    )


class WritingSession(FlaskSession):
    """Goes to the reading engine while it only reads, else to the writing one."""

    def get_bind(self, *args: Any, **kwargs: Any) -> Engine | Connection:
        if kwargs.get("bind") is not None:
            return super().get_bind(*args, **kwargs)
        return db.engines["reader" if self.info.get("reading") else None]


db = SQLAlchemy(model_class=Base, session_options={"class_": WritingSession}, disable_autonaming=True)

if TYPE_CHECKING:

    class Model(Base):
        """What every table is declared on."""

        __abstract__ = True
else:
    Model = db.Model


def table_of(model: type[Model]) -> Table:
    """For statements of hot paths, which go past the ORM."""
    return cast(Table, model.__table__)


class Stamp(Model):
    """A number that grows whenever something kept in memory changes. Read once per request."""

    __tablename__ = "stamp"
    __scope__ = "none: numbers without content"

    name: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(default=0)


def inserting(session: Session) -> Any:
    """The `insert` of this session's database, which knows ON CONFLICT: both write it alike, SQLAlchemy keeps them apart."""
    return postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert


def bump(session: Session, name: str) -> None:
    """What is kept in memory under this name is out of date from the commit on, in every process."""
    grown = (
        inserting(session)(Stamp)
        .values(name=name, number=1)
        .on_conflict_do_update(index_elements=["name"], set_={"number": Stamp.number + 1})
    )
    session.execute(grown)


def read_only() -> None:
    """From here on this session reads; what it had open is given up."""
    db.session.rollback()
    db.session().info["reading"] = True


def for_writing() -> None:
    """From here on this session writes, in a new transaction; rows read before are read again."""
    if db.session().info.pop("reading", None):
        db.session.rollback()
        db.session.expire_all()


def straight(session: Session) -> Connection:
    """The connection of this session's transaction. Statements of hot paths go by it, past the ORM: a read of columns
    costs less than half. They are executed as they are, so what was added to the session must have been flushed."""
    return session.connection()


_LATELY = 3.0


class WriteTicket:
    """The right to write into one SQLite file, over all threads and processes of this machine."""

    def __init__(self, path: Path, patience: float = 60.0) -> None:
        self.path, self.patience = path, patience
        self._threads = threading.Lock()
        self._file = -1
        self._pid = 0

    met_at = -math.inf
    """When this process last found another one writing, by `time.monotonic`."""

    def take(self) -> None:
        """Waits for its turn. Raises Busy after `patience` seconds behind threads of this process."""
        if not self._threads.acquire(timeout=self.patience):
            raise Busy
        try:
            self._take_file(self._open())
        except BaseException:
            self._threads.release()
            raise

    def _take_file(self, file: int) -> None:
        try:
            portalocker.lock(file, portalocker.LockFlags.EXCLUSIVE | portalocker.LockFlags.NON_BLOCKING)
        except portalocker.LockException:
            portalocker.lock(file, portalocker.LockFlags.EXCLUSIVE)
            WriteTicket.met_at = time.monotonic()

    def give_back(self) -> None:
        portalocker.unlock(self._file)
        self._threads.release()

    def _open(self) -> int:
        # A file lock belongs to the open file, which a forked child would share: open anew in each process.
        if self._pid != os.getpid():
            self._file, self._pid = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600), os.getpid()
        return self._file

    def __del__(self) -> None:
        if self._pid == os.getpid():
            os.close(self._file)


def others_write() -> bool:
    """Whether another process wrote at the moment we wanted to, a short while ago. Never, where nobody has to queue."""
    return time.monotonic() - WriteTicket.met_at < _LATELY


def _prepare_sqlite(engine: Engine, writer: bool) -> None:
    file = engine.url.database
    ticket = WriteTicket(Path(file + ".lock")) if writer and file and file != ":memory:" else None

    @event.listens_for(engine, "connect")
    def connect(raw: Any, entry: ConnectionPoolEntry) -> None:
        raw.isolation_level = None
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "busy_timeout=10000",
            "cache_size=-16000",
        ):
            raw.execute(f"PRAGMA {pragma}")
        if not writer:
            raw.execute("PRAGMA query_only=ON")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if ticket and "ticket" not in connection.info:
            ticket.take()
            connection.info["ticket"] = True
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writer else "BEGIN")

    # `invalidate` comes before the entry forgets its info; `checkin` is where every other connection ends.
    @event.listens_for(engine, "invalidate")
    @event.listens_for(engine, "checkin")
    def give_back(raw: Any, entry: ConnectionPoolEntry, *error: BaseException | None) -> None:
        if ticket and entry.info.pop("ticket", None):
            ticket.give_back()


OFTEN = 5
"""How often a connection sees a statement before the server is asked to keep it."""


def reaches_server(raw: psycopg.Connection[Any]) -> bool:
    """Whether we speak with the server itself. A pooler answers with a process number of its own making, so that it
    may stand between; two statements of one client then go to two servers."""
    told = raw.execute("SELECT pg_backend_pid()").fetchone()
    raw.rollback()
    return bool(told and told[0] == raw.info.backend_pid)


def _prepare_postgresql(engine: Engine) -> None:
    # Planning the desk's joins takes ten times as long as answering them. Statements kept by the server are planned
    # once, but behind a pooler they belong to another client. Compiling a statement takes seconds where it saves
    # nothing: both sums of a batch of 500 take 4 s with it, 22 ms without.
    @event.listens_for(engine, "connect")
    def connect(raw: Any, entry: ConnectionPoolEntry) -> None:
        raw.prepare_threshold = None
        if reaches_server(raw):
            raw.prepare_threshold = OFTEN
            raw.execute("SET jit = off")
            raw.commit()


def prepare(app_engines: Mapping[str | None, Engine]) -> None:
    """Teach the engines of one application their manners. Call once, inside its context."""
    for name, engine in app_engines.items():
        if engine.dialect.name == "sqlite":
            _prepare_sqlite(engine, writer=name is None)
        else:
            _prepare_postgresql(engine)


Answer = TypeVar("Answer")
PASSING = frozenset({"40001", "40P01", "25006", "53300", "55P03", "57P01", "57P02", "57P03"})


def is_passing(error: DBAPIError) -> bool:
    """Whether the same work may succeed on a fresh connection (cluster rules: 08*, a restart, a lost race)."""
    state = getattr(error.orig, "sqlstate", None)
    if state is None:
        return isinstance(error, OperationalError) or error.connection_invalidated
    return state in PASSING or state.startswith("08")


def once_more(work: Callable[[], Answer]) -> Answer:
    """Do `work`, which commits; after a passing failure do it all once more on a fresh connection.

    Only for work that carries an act's uid: a COMMIT whose answer was lost may have happened.
    """
    try:
        return work()
    except DBAPIError as error:
        if not is_passing(error):
            raise
        db.session.close()
        return work()
