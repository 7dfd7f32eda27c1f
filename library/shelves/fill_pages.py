"""The blueprint of filling a shelf: the librarian's scan line, and what is given to the teacher."""

from datetime import datetime

from flask import Blueprint, request
from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from library.core import clock
from library.core.forms import Reader
from library.loans import wording
from library.loans.forms import Posted, plain_posted
from library.shelves import stock
from library.shelves.models import Shelf

bp = Blueprint("shelf_fill", __name__)


@bp.app_template_filter("day_and_time")
def day_and_time(moment: datetime) -> str:
    """lúc 10:42, thứ Năm, 03/12"""
    here_ = moment.astimezone(clock.HERE)
    return str(_("lúc %(time)s, %(day)s", time=f"{here_:%H:%M}", day=wording.weekday_day(here_.date())))


def size(session: Session, shelf: Shelf) -> int:
    """Books of the shelf, wherever they are."""
    return session.scalar(select(func.count()).where(stock.belongs(shelf.place_id))) or 0


def posted_or_now() -> Posted:
    """As a page with scripts says it, else made and sent now."""
    reader = Reader(request.form)
    posted = Posted.read(reader) if request.form.get("uid") else plain_posted()
    reader.done()
    assert posted
    return posted
