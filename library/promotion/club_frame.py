"""What the pages of clubs, challenges, links and Internet places share."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from flask import current_app, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select

from library.access import here, or_not_found
from library.core import clock
from library.core.db import db
from library.core.errors import N_, Invalid, Reason, Refused
from library.core.forms import Reader
from library.core.numbers import written
from library.loans import posting
from library.loans.forms import uuid_or_none
from library.organisations.models import Branch
from library.patrons import asked

Complaints = Mapping[str, Reason]
EARLIEST = date(2000, 1, 1)


class NotSo(Refused):
    """It cannot be done to this thing now."""

    def __init__(self, code: str, sentence: str, **facts: object) -> None:
        super().__init__(Reason(code, sentence, facts))


def page(template: str, **told: Any) -> str:
    """`there(endpoint, …)`: its address, '' where nobody has made that page; `fresh_uid` tells a second click."""
    frame: dict[str, Any] = {
        "there": there, "known": current_app.view_functions, "fresh_uid": clock.uuid7, "day_words": day_words,
        "written": written, "options": options, "lib": None,
    }  # fmt: skip
    return render_template(template, **frame | told)


def options(among: Mapping[Any, str]) -> list[tuple[str, str]]:
    """Of a select: (value, words)."""
    return [(str(code), str(_(words))) for code, words in among.items()]


def there(endpoint: str, **values: Any) -> str:
    return url_for(endpoint, **values) if endpoint in current_app.view_functions else ""


def day_words(day: date) -> str:
    return f"{day:%d/%m/%Y}"


def branches() -> Sequence[Branch]:
    """Of the library asked about, those in reach that are open; the person's own first."""
    library = asked.library()
    query = select(Branch).where(Branch.organisation_id == library.id, Branch.closed_on.is_(None))
    found = db.session.scalars(query.where(here().of_branches(Branch.id)).order_by(Branch.id)).all()
    return sorted(found, key=lambda one: one.id != current_user.branch_id)


def branch_of(told: posting.Source) -> Branch:
    """The branch named in a form, else the first of `branches`. NotFound for one out of reach."""
    text = told.get("branch")
    if not text:
        return or_not_found(next(iter(branches()), None))
    uid = uuid_or_none(text)
    query = select(Branch).where(Branch.uid == uid, here().of_branches(Branch.id), Branch.closed_on.is_(None))
    return or_not_found(db.session.scalar(query) if uid else None)


def happened_day(reader: Reader, name: str, since: date = EARLIEST) -> date | None:
    """A day that has come, not before `since`; today where none is said."""
    day = reader.day(name, required=False) or clock.today()
    if day > clock.today():
        reader.complain(name, "to-come", N_("Ngày này chưa đến."))
    elif day < since:
        reader.complain(name, "too-early", N_("Ngày phải từ %(day)s trở đi."), day=day_words(since))
    return day


def again(wrong: Refused, form: Callable[[Complaints], str]) -> Any:
    """The form with what is wrong beside it; a script is told as a problem."""
    if request.is_json:
        raise wrong
    db.session.rollback()
    fields = wrong.fields if isinstance(wrong, Invalid) else {"": wrong.reasons[0]}
    return form(fields), wrong.status
