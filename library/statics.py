"""Static files that a browser asks for once.

Addresses carry a stamp of everything in the folder: /static/1f0c9a2e/css/base.css. Paths written inside a style sheet
are relative and so carry it too. What is asked for with today's stamp never changes and is kept for a year; the same
file without a stamp, or with one of an earlier release, is asked about again each time.
"""

import hashlib
import re
from pathlib import Path
from typing import Any

from flask import Flask, Response, send_from_directory

STAMP = re.compile(r"[0-9a-f]{8}")
YEAR = 31_536_000


def stamp_of(folder: Path) -> str:
    """Eight hexadecimal digits over the names and contents of all files."""
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix not in (".py", ".pyc")):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:8]


def _kept(answer: Response) -> Response:
    answer.cache_control.max_age = YEAR
    answer.cache_control.public = answer.cache_control.immutable = True
    answer.cache_control.no_cache = None
    return answer


def _sent(folder: Path, name: str) -> Response:
    """The file, closed with the answer even if somebody (compression) puts other bytes in its place."""
    found = send_from_directory(folder, name, max_age=None)
    found.call_on_close(getattr(found.response, "close", lambda: None))
    return found


def install(app: Flask) -> None:
    """Stamp the addresses of static files, and answer them."""
    folder = Path(app.static_folder or "static")
    stamp = stamp_of(folder)

    def add_stamp(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static" and "filename" in values:
            values["filename"] = f"{stamp}/{values['filename']}"

    def answer(filename: str) -> Response:
        head, _, rest = filename.partition("/")
        if not STAMP.fullmatch(head):
            return _sent(folder, filename)
        found = _sent(folder, rest)
        if rest == "desk-worker.js":
            found.headers["Service-Worker-Allowed"] = "/desk"
        return _kept(found) if head == stamp and not app.debug else found

    app.url_defaults(add_stamp)
    app.view_functions["static"] = answer
