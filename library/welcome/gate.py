"""Who may found the library of an empty installation: somebody at this machine, or who can read the code lying on it.

Whoever founds becomes administrator. On a network anybody could be first, so a visitor from elsewhere types a code that
the server prints at its start and keeps in the data folder until the library is founded.
"""

import os
import secrets
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask, Request, current_app

from library.core.db import db, read_only
from library.welcome import seed

FILE = "first-run-code"
LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"
FORWARDED = ("X-Forwarded-For", "X-Real-IP", "Forwarded", "Via")


def code_of(folder: Path) -> str:
    """Twelve letters and digits in groups of four, made once; of two processes the first wins."""
    path = folder / FILE
    if not path.exists():
        groups = ("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(3))
        draft = folder / f"{FILE}.{os.getpid()}"
        draft.touch(mode=0o600)
        draft.write_text("-".join(groups) + "\n", encoding="utf-8")
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        except OSError:  # a file system without links
            draft.replace(path)
        draft.unlink(missing_ok=True)
    return path.read_text(encoding="utf-8").strip()


def fits(folder: Path, typed: str) -> bool:
    """Whether somebody typed the code; capitals, blanks and dashes do not matter."""
    plain = "".join(letter for letter in typed.lower() if letter in LETTERS)
    return secrets.compare_digest(plain.encode(), code_of(folder).replace("-", "").encode())


def forget_code(folder: Path) -> None:
    """The library is founded: the code opens nothing any more."""
    (folder / FILE).unlink(missing_ok=True)


def data_folder(app: Flask) -> Path:
    return Path(app.config["DATA"]).absolute()


def announce(app: Flask) -> str | None:
    """For the start of the server: the code to print while nothing is founded, None afterwards."""
    with app.app_context():
        read_only()
        return code_of(data_folder(app)) if seed.is_empty(db.session()) else None


def is_at_this_machine(request: Request) -> bool:
    """Asked from here, by a name of here. A proxy that was not declared makes everybody look as if they were."""
    undeclared = not current_app.config["PROXIES"] and any(name in request.headers for name in FORWARDED)
    return not undeclared and _is_loopback(request.remote_addr) and _is_loopback(urlsplit(f"//{request.host}").hostname)


def _is_loopback(address: str | None) -> bool:
    try:
        return address == "localhost" or ip_address(address or "").is_loopback
    except ValueError:
        return False
