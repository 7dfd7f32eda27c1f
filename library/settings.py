"""Settings, from the environment or one file; a wrong one stops the start with a sentence that names it.

The file holds lines `NAME=value`; its place is TUSACH_SETTINGS, else `settings.env` in the data folder. The environment
goes before the file. docs/settings.md is compared with this list by a test.
"""

import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

PREFIX = "TUSACH_"


class WrongSetting(Exception):
    """The start stops here; the message names the setting, its value and what is expected."""


@dataclass(frozen=True)
class Setting:
    """One thing that can be set. `read` turns text into a value or raises ValueError."""

    name: str
    default: str
    read: Callable[[str], Any]
    expects: str
    tells: str


def _whole(least: int, most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        number = int(text)
        if not least <= number <= most:
            raise ValueError
        return number

    return read


def _yes(text: str) -> bool:
    return {"yes": True, "no": False, "1": True, "0": False}[text.lower()]


def _url(text: str) -> str:
    try:
        url = make_url(text) if text else None
    except ArgumentError as error:
        raise ValueError from error
    if url is None:
        return ""
    if url.get_backend_name() == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    elif url.get_backend_name() != "sqlite":
        raise ValueError
    return url.render_as_string(hide_password=False)


SETTINGS = (
    Setting("DATA", "var", Path, "a folder", "Where the SQLite file, uploaded files and the secret key are kept."),
    Setting("DATABASE", "", _url, "empty, sqlite:///… or postgresql://…", "The database; empty for SQLite in the data folder."),
    Setting("READER_DATABASE", "", _url, "empty or a database address", "A replica for pages that only read."),
    Setting("SECRET_KEY", "", str, "a long random text", "Signs cookies; empty: made once and kept in the data folder."),
    Setting("HOST", "127.0.0.1", str, "an address of this machine", "Where the server listens; 0.0.0.0 for the whole local network."),
    Setting("PORT", "8000", _whole(1, 65535), "a number from 1 to 65535", "The port it listens on."),
    Setting("PROCESSES", "2", _whole(1, 64), "a number from 1 to 64", "Server processes (Linux; elsewhere always one)."),
    Setting("THREADS", "4", _whole(1, 64), "a number from 1 to 64", "Threads in each of them; also the size of the database pool."),
    Setting("HTTPS", "no", _yes, "yes or no", "Whether readers reach it by https: cookies then travel by https only."),
    Setting("PROXIES", "0", _whole(0, 5), "a number from 0 to 5", "Proxies in front whose X-Forwarded-For is believed."),
    Setting("LARGEST_UPLOAD_MB", "50", _whole(1, 1024), "a number from 1 to 1024", "The largest file that may be brought."),
    Setting("SESSION_HOURS", "12", _whole(1, 720), "a number from 1 to 720", "How long somebody stays signed in."),
    Setting("UNDO_MINUTES", "5", _whole(1, 60), "a number from 1 to 60", "How long a deed at the desk may be undone."),
)  # fmt: skip


def _from_file(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    pairs = (line.partition("=") for line in lines if line and not line.startswith("#"))
    return {name.strip(): value.strip() for name, _, value in pairs}


def _read_one(setting: Setting, source: Mapping[str, str]) -> Any:
    text = source.get(PREFIX + setting.name, setting.default)
    try:
        return setting.read(text)
    except (ValueError, KeyError) as error:
        raise WrongSetting(f"{PREFIX}{setting.name}={text!r}: expected {setting.expects}.") from error


def read(environment: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """All settings by name. Raises WrongSetting for a value or a name that is not understood."""
    folder = Path(environment.get(PREFIX + "DATA", "var"))
    file = Path(environment.get(PREFIX + "SETTINGS", folder / "settings.env"))
    source = {**_from_file(file), **{name: text for name, text in environment.items() if name.startswith(PREFIX)}}
    known = {PREFIX + setting.name for setting in SETTINGS} | {PREFIX + "SETTINGS"}
    if unknown := sorted(set(source) - known):
        raise WrongSetting(f"{', '.join(unknown)}: no such setting. Known are {', '.join(sorted(known))}.")
    return {setting.name: _read_one(setting, source) for setting in SETTINGS}


def _secret_of(folder: Path) -> str:
    path = folder / "secret-key"
    if not path.exists():
        draft = folder / f"secret-key.{os.getpid()}"
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_hex(32))
        try:
            os.link(draft, path)  # the first of two processes wins
        except FileExistsError:
            pass
        except OSError:
            draft.replace(path)
        draft.unlink(missing_ok=True)
    return path.read_text().strip()


def flask_config(values: Mapping[str, Any]) -> dict[str, Any]:
    """What Flask and its extensions want to hear."""
    folder = Path(values["DATA"]).absolute()
    folder.mkdir(parents=True, exist_ok=True)
    database = values["DATABASE"] or f"sqlite:///{folder / 'tusach.db'}"
    pool = {"pool_size": values["THREADS"] + 1, "max_overflow": 2, "pool_timeout": 5, "pool_recycle": 1800}
    reader = values["READER_DATABASE"] or database
    reading = {"execution_options": {"postgresql_readonly": True}} if reader.startswith("postgresql") else {}
    return {
        **values,
        "SECRET_KEY": values["SECRET_KEY"] or _secret_of(folder),
        "SQLALCHEMY_DATABASE_URI": database,
        "SQLALCHEMY_ENGINE_OPTIONS": {**pool, "connect_args": _kept_statements(database)},
        "SQLALCHEMY_BINDS": {"reader": {"url": reader, **pool, "connect_args": _kept_statements(reader), **reading}},
        "FILES": folder / "files",
        "MAX_CONTENT_LENGTH": values["LARGEST_UPLOAD_MB"] * 1_048_576,
        "MAX_FORM_MEMORY_SIZE": 1_048_576,
        "SESSION_COOKIE_SECURE": values["HTTPS"],
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_NAME": "tusach",
        "BABEL_DEFAULT_LOCALE": "vi",
        "BABEL_DEFAULT_TIMEZONE": "Asia/Ho_Chi_Minh",
    }


def _kept_statements(database: str) -> dict[str, int | None]:
    """Behind a pooler PostgreSQL's prepared statements belong to another client, so none is kept.

    SQLite's driver would keep 128, forty megabytes of a connection by which a list is written; a desk scans as quickly with 40.
    """
    return {"prepare_threshold": None} if database.startswith("postgresql") else {"cached_statements": 40}
