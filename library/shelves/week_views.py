"""A teacher's week: one page to look at, print, or copy into a message."""

from typing import Any
from uuid import UUID

from flask import Blueprint, render_template
from flask_login import current_user

from library.access import Permission, needs
from library.core import clock
from library.core.db import db
from library.shelves import week_words
from library.shelves.frame import shelf_frame
from library.shelves.scopes import shelf_here
from library.shelves.week import week

bp = Blueprint("shelf_week", __name__)
SHOWN = 12
"""Books nobody takes that are shown as spines at once; the others are told as a number."""


@bp.get("/shelves/<uuid:uid>/week")
@needs(Permission.CLASS_KEEP)
def show(uid: UUID) -> Any:
    session, shelf = db.session(), shelf_here(db.session(), uid)
    told = week(session, shelf, clock.today())
    return render_template(
        "shelves/week.html", week=told, to_all=week_words.to_all(told, current_user.library_name),
        to_one=[week_words.to_one(late) for late in told.late], shown=SHOWN, **shelf_frame(session, shelf, ""),
    )  # fmt: skip
