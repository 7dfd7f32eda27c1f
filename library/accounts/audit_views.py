"""Who did what: the log of a library, page by page, and as a file."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from library import access, audit
from library.access import Permission, here, needs
from library.accounts import audit_log, audit_words
from library.accounts.audit_log import Asked, Line
from library.core import clock
from library.core.db import db
from library.core.forms import Reader
from library.core.paging import page_number, page_of
from library.organisations.models import Organisation
from library.patrons import queries

bp = Blueprint("log", __name__)
A_PAGE = 50
MOST_LINES = 50_000
AT_ONCE = 500
FIRST_DAY = date(2000, 1, 1)


def _library() -> tuple[Sequence[Organisation], Organisation]:
    found = queries.libraries(db.session(), here())
    return found, queries.chosen(found, request.values.get("lib"), current_user.library_id)


def _asked(library_id: int, source: Mapping[str, str]) -> Asked:
    """Words that are not understood are as if they were not there: a list is shown, not a complaint."""
    try:
        who = UUID(source.get("who", ""))
    except ValueError:
        who = None
    day = Reader(source).day("day", required=False)
    known = day if day and FIRST_DAY <= day <= clock.today() else None
    return Asked(library_id, who, audit_words.group_named(source.get("kind")), known)


@bp.get("/log", endpoint="show")
@needs(Permission.AUDIT_LOG)
def show() -> Any:
    libraries, library = _library()
    asked, at = _asked(library.id, request.args), db.session()
    page = page_of(at, audit_log.traces(asked), page_number(request.args.get("page")), A_PAGE)
    lib = None if library.id == current_user.library_id else library.slug
    words: dict[str, Any] = {name: request.args[name] for name in ("who", "kind", "day") if request.args.get(name)}
    return render_template(
        "audit/log.html", libraries=libraries, library=library, lib=lib, asked=asked, page=page, day=request.args.get("day", ""),
        lines=audit_log.told(at, page.rows, access.scope(Permission.SEE_PATRONS)), groups=audit_words.GROUPS,
        people=audit_log.people(at, library.id), local=clock.HERE, today=clock.today(),
        page_address=lambda number: url_for("log.show", lib=lib, page=number, **words),
    )  # fmt: skip


@bp.post("/log/file", endpoint="file")
@needs(Permission.AUDIT_LOG)
def take_away() -> Any:
    """The same list as CSV, at most fifty thousand lines; that it was taken is a line of the log itself."""
    _libraries, library = _library()
    text = "".join(_written(_all_lines(_asked(library.id, request.form))))
    audit.note(current_user.uid, "take-away-log", "library", library.uid, library.id)
    db.session.commit()
    name = f"nhat-ky-{clock.today():%Y-%m-%d}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response("\ufeff" + text, mimetype="text/csv", headers=headers)


def _all_lines(asked: Asked) -> Iterator[Line]:
    at, readers = db.session(), access.scope(Permission.SEE_PATRONS)
    for begin in range(0, MOST_LINES, AT_ONCE):
        some = at.scalars(audit_log.traces(asked).limit(AT_ONCE).offset(begin)).all()
        yield from audit_log.told(at, some, readers)
        if len(some) < AT_ONCE:
            return


def _written(lines: Iterator[Line]) -> Iterator[str]:
    yield _row([_("Ngày"), _("Giờ"), _("Ai"), _("Việc")])
    for line in lines:
        local = line.at.astimezone(clock.HERE)
        yield _row([f"{local:%d/%m/%Y}", f"{local:%H:%M:%S}", line.who, line.said])


def _row(cells: Sequence[str]) -> str:
    """A cell that begins like a formula gets an apostrophe, as spreadsheets write it themselves."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow(
        [f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell for cell in cells]
    )
    return out.getvalue()
