"""Settings of a library: what each category of readers may do, in the simple table."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from library import access, audit
from library.access import Permission, here, needs
from library.core import versions
from library.core.db import db
from library.core.errors import Invalid, Reason
from library.organisations.models import Organisation
from library.patrons import queries
from library.policies import rulebook, simple
from library.policies.models import PolicySetting

bp = Blueprint("terms", __name__)


def library_asked_for() -> tuple[Sequence[Organisation], Organisation]:
    """Those in scope, and the one asked for."""
    found = queries.libraries(db.session(), here())
    return found, queries.chosen(found, request.values.get("lib"), current_user.library_id)


def address_of(library: Organisation) -> str | None:
    """What a link carries to name the library: nothing for one's own."""
    return None if library.id == current_user.library_id else library.slug


@bp.get("/settings", endpoint="settings")
@needs(Permission.RULES)
def show_settings() -> Any:
    return _page({}, {})


def _page(told: Mapping[str, Any], complaints: Mapping[str, Reason]) -> str:
    session, (libraries, library) = db.session(), library_asked_for()
    book = rulebook.of(session, library.id, versions.of(session, rulebook.RULES))
    return render_template(
        "policies/settings.html", libraries=libraries, library=library, rows=simple.rows(session, library, book),
        renewals_are_uses=book.renewals_are_uses, told=told, complaints=complaints, lib=address_of(library),
        may_see_accounts=access.scope(Permission.ACCOUNTS).holds_library(library.id),
    )  # fmt: skip


def _save_counting(library_id: int) -> bool:
    """Whether a renewal counts as a use, where the form asks it; whether that changed. The caller holds the stamp."""
    session, wanted = db.session(), "renewals_are_uses" in request.form
    setting = session.get(PolicySetting, library_id) or PolicySetting(library_id=library_id, renewals_are_uses=False)
    if "counting" not in request.form or setting.renewals_are_uses == wanted:
        return False
    setting.renewals_are_uses = wanted
    session.add(setting)
    return True


@bp.post("/settings/terms", endpoint="save")
@needs(Permission.RULES)
def save_terms() -> Any:
    session, (_libraries, library) = db.session(), library_asked_for()
    try:
        changed = bool(simple.save(session, library, request.form)) | _save_counting(library.id)
    except Invalid as told:
        session.rollback()
        return _page(request.form, told.fields), 422
    if changed:
        audit.note(current_user.uid, "change-terms", "library", library.uid, library.id)
    session.commit()
    flash(_("Đã lưu chính sách mượn. Lượt mượn từ nay theo số mới, sách đang mượn giữ hạn cũ."), "success")
    return redirect(url_for("terms.settings", lib=address_of(library)), 303)
