"""Who opened which reader's page. A page that is only read writes nothing into the database, so it is noted in a small file
beside it, and the worker brings the notes in."""

import json
import os
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from flask import Flask, Response, current_app, request
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import Session

from library.accounts.models import Account
from library.core import clock
from library.core.bulk import add_rows
from library.core.db import db, for_writing, table_of
from library.core.errors import N_
from library.jobs import queue
from library.patrons.models import Membership
from library.privacy.models import Look

PAGES = {
    "patrons.person": N_("Trang bạn đọc"),
    "patrons.edit": N_("Sửa bạn đọc"),
    "slips.reader": N_("Phiếu mượn của bạn đọc"),
    "privacy.page": N_("Dữ liệu của bạn đọc"),
    "privacy.take": N_("Tải dữ liệu của bạn đọc"),
}
"""Pages of one reader, by their names in the program, each with `uid` in its address."""

FOLDER, OPEN, SHUT = "looks", ".open", ".shut"
SETTLES = 5.0
"""Seconds after which nobody writes into a file that was put aside."""


def note(response: Response) -> Response:
    """After a request: somebody has seen the page of a reader."""
    if request.endpoint in PAGES and response.status_code == 200 and current_user.is_authenticated:
        told = {
            "at": clock.now().isoformat(), "actor": str(current_user.uid), "page": request.endpoint,
            "subject": str((request.view_args or {})["uid"]), "library_id": current_user.library_id,
        }  # fmt: skip
        _append(_folder(current_app) / f"{os.getpid()}{OPEN}", json.dumps(told) + "\n")
    return response


def _folder(app: Flask) -> Path:
    folder = Path(app.config["DATA"]) / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _append(path: Path, line: str) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(line)


def bring_in(app: Flask, settles: float = SETTLES) -> int:
    """Notes become rows; how many. A file is put aside first and read a little later, so that no note is cut in two."""
    folder, count = _folder(app), 0
    for path in folder.glob(f"*{SHUT}"):
        if time.time() - path.stat().st_ctime >= settles:
            count += _keep(app, list(_read(path)))
            path.unlink()
    for path in folder.glob(f"*{OPEN}"):
        path.rename(path.with_name(f"{path.stem}-{time.time_ns()}{SHUT}"))
    return count


def _read(path: Path) -> Iterator[dict[str, Any]]:
    for line in path.read_text(encoding="utf-8").splitlines():
        told = json.loads(line)
        yield {
            "at": datetime.fromisoformat(told["at"]), "actor": UUID(told["actor"]), "subject": UUID(told["subject"]),
            "page": told["page"], "library_id": told["library_id"],
        }  # fmt: skip


def _keep(app: Flask, rows: list[dict[str, Any]]) -> int:
    with app.app_context():
        for_writing()
        add_rows(db.session(), table_of(Look), rows)
        db.session.commit()
    return len(rows)


queue.MEANWHILE.append(bring_in)  # type: ignore[arg-type]


def of(session: Session, reader: Membership, most: int = 50) -> list[tuple[datetime, str, str]]:
    """(when, who, which page), the latest first."""
    query = (
        select(Look.at, Account.name, Look.page)
        .outerjoin(Account, Account.uid == Look.actor)
        .where(Look.subject == reader.uid)
        .order_by(Look.at.desc(), Look.id.desc())
        .limit(most)
    )
    return [(at, name or "", PAGES.get(page, page)) for at, name, page in session.execute(query)]
