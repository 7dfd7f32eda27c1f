"""The page on how careful a library is."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from library import access, audit
from library.access import Permission, here, needs
from library.accounts import safety, staff
from library.accounts.models import RoleName
from library.accounts.roles import LOCK_MINUTES, LOCKS_SOON_AT
from library.core.db import db
from library.core.errors import Forbidden, Reason
from library.core.forms import Reader
from library.organisations import tree
from library.organisations.models import Organisation
from library.patrons import queries

bp = Blueprint("safety", __name__)


def _library() -> tuple[Sequence[Organisation], Organisation]:
    found = queries.libraries(db.session(), here())
    return found, queries.chosen(found, request.values.get("lib"), current_user.library_id)


@bp.get("/staff/safety")
@needs(Permission.ACCOUNTS)
def show() -> Any:
    return _page({}, {})


def _page(told: Mapping[str, str], complaints: Mapping[str, Reason]) -> str:
    libraries, library = _library()
    rule = safety.rule_of(db.session(), library.id)
    return render_template(
        "accounts/safety.html", libraries=libraries, library=library, told=told, complaints=complaints,
        lib=None if library.id == current_user.library_id else library.slug, second_for=rule.second_for, tells=staff.TELLS,
        minutes=LOCK_MINUTES if rule.lock_minutes is None else rule.lock_minutes, soon=LOCKS_SOON_AT, longest=safety.LONGEST,
        may_require=access.scope(Permission.SETTINGS).holds_library(library.id),
    )  # fmt: skip


def _saved(library: Organisation, changed: bool, verb: str, words: str) -> Any:
    lib = None if library.id == current_user.library_id else library.slug
    if changed:
        audit.note(current_user.uid, verb, "library", library.uid, library.id)
    db.session.commit()
    flash(words, "success")
    return redirect(url_for("safety.show", lib=lib), 303)


def _whole(library: Organisation) -> None:
    """A rule holds in every branch: who has only one of them does not make it."""
    if not all(map(here().holds_branch, tree.branches_of(db.session(), [library.id]))):
        raise Forbidden(Permission.ACCOUNTS)


@bp.post("/staff/safety/lock", endpoint="lock")
@needs(Permission.ACCOUNTS)
def save_lock() -> Any:
    _libraries, library = _library()
    _whole(library)
    reader = Reader(request.form)
    minutes = reader.number("minutes", 0, safety.LONGEST)
    if reader.complaints:
        return _page(request.form, reader.complaints), 422
    assert minutes is not None
    changed = safety.set_lock(db.session(), library.id, minutes)
    return _saved(library, changed, "change-lock", _("Đã lưu. Trang nào mở từ bây giờ thì theo số phút mới."))


@bp.post("/staff/safety/second", endpoint="second")
@needs(Permission.SETTINGS)
def save_second() -> Any:
    _libraries, library = _library()
    roles = [role for role in RoleName if role.value in request.form.getlist("role")]
    changed = safety.require_second(db.session(), library.id, roles)
    return _saved(
        library, changed, "require-second", _("Đã lưu. Ai cần mã trên điện thoại thì lần vào tới sẽ được mời cài.")
    )
