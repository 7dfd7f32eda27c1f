"""Statements are kept by the server and never compiled, but nothing is said where a pooler stands between. All is asked of a
real PostgreSQL."""

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Engine, create_engine, make_url, text

from library.core.db import OFTEN, prepare
from tests.support import postgres

KEPT = text("SELECT count(*) FROM pg_prepared_statements")


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with postgres.server() as found:
        yield found + "postgres"


@contextmanager
def engine(address: str) -> Iterator[Engine]:
    """Set as the settings set it, then taught its manners."""
    made = create_engine(address, connect_args={"prepare_threshold": None})
    prepare({None: made})
    yield made
    made.dispose()


def kept(engine: Engine) -> int:
    """How many statements the server keeps for a connection that has sent one often."""
    with engine.connect() as connection:
        for number in range(OFTEN + 2):
            connection.execute(text("SELECT :number + 1"), {"number": number})
        return int(connection.execute(KEPT).scalar_one())


def renumbered(data: bytes) -> bytes:
    """What the server says, with another process number in its BackendKeyData, as poolers send it."""
    at = data.find(b"K" + struct.pack("!I", 12))
    return data if at < 0 else data[: at + 5] + struct.pack("!I", 77_777_777) + data[at + 9 :]


@contextmanager
def pooler(address: str) -> Iterator[str]:
    """The same database through somebody who stands between."""
    server, listening = make_url(address), socket.create_server(("127.0.0.1", 0))

    def relay(source: socket.socket, target: socket.socket, change: bool) -> None:
        while data := source.recv(65536):
            target.sendall(renumbered(data) if change else data)
        target.shutdown(socket.SHUT_WR)

    def accept() -> None:
        client, _ = listening.accept()
        behind = socket.create_connection((server.host or "", server.port or 0))
        with client, behind:
            back = threading.Thread(target=relay, args=(behind, client, True), daemon=True)
            back.start()
            relay(client, behind, False)
            back.join(10)

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    between = server.set(port=listening.getsockname()[1], query={"sslmode": "disable", "gssencmode": "disable"})
    yield between.render_as_string(hide_password=False)
    thread.join(20)
    listening.close()


def test_a_statement_sent_often_is_kept_by_the_server(address: str) -> None:
    with engine(address) as direct:
        assert kept(direct) > 0


def compiles(engine: Engine) -> str:
    """Whether the server compiles costly statements: seconds lost where milliseconds are asked for."""
    with engine.connect() as connection:
        return str(connection.execute(text("SHOW jit")).scalar_one())


def test_no_statement_is_compiled(address: str) -> None:
    with engine(address) as direct:
        assert compiles(direct) == "off"


def test_behind_a_pooler_nothing_is_kept(address: str) -> None:
    with pooler(address) as between, engine(between) as pooled:
        assert kept(pooled) == 0


def test_behind_a_pooler_the_server_is_left_as_it_is(address: str) -> None:
    """What one client sets there stays for another."""
    with pooler(address) as between, engine(between) as pooled:
        assert compiles(pooled) == "on"
