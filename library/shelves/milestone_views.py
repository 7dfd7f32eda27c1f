"""Which numbers of books earn a certificate here: the library's own list."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from library import audit
from library.access import Permission, here, needs
from library.core.db import db
from library.core.errors import Invalid
from library.shelves import milestones
from library.shelves.milestones import ROWS
from library.shelves.reading import Milestone

bp = Blueprint("shelf_milestones", __name__)


@bp.get("/shelves/milestones")
@needs(Permission.CLASS_PLAN)
def show() -> Any:
    return _page(_fields(milestones.of(db.session(), here().library(current_user.library_id))))


@bp.post("/shelves/milestones")
@needs(Permission.CLASS_PLAN)
def save() -> Any:
    """All lines of the form; none: the usual milestones again."""
    session, library_id = db.session(), here().library(current_user.library_id)
    try:
        said = milestones.read(request.form)
    except Invalid as wrong:
        return _page(request.form.to_dict(), wrong), 422
    milestones.put(session, library_id, said)
    audit.note(current_user.uid, "change-milestones", "library", library_id, library_id)
    db.session.commit()
    flash(_("Đã ghi các mốc đọc.") if said else _("Dùng lại các mốc có sẵn."), "success")
    return redirect(url_for("shelf_milestones.show"), 303)


def _fields(lines: list[Milestone]) -> dict[str, str]:
    """As the form names them."""
    fields: dict[str, str] = {}
    for kind, of_class in (("pupil", False), ("class", True)):
        for at, one in enumerate(one for one in lines if one.of_class is of_class):
            fields |= {f"{kind}-books-{at}": str(one.books), f"{kind}-name-{at}": str(_(one.name))}
    return fields


def _page(values: dict[str, str], wrong: Invalid | None = None) -> str:
    fields = wrong.fields if wrong else {}
    return render_template("shelves/milestones.html", values=values, complaints=fields, rows=ROWS)
