"""The page of what the machine did by itself, and the button that lets it begin now."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user

from library import access, audit
from library.access import Permission, needs
from library.core import clock
from library.core.db import db
from library.jobs import nights_told, nights_work

bp = Blueprint("nights", __name__)


@bp.get("/settings/nights")
@needs(Permission.RULES)
def show() -> Any:
    nights = nights_told.latest(db.session())
    return render_template(
        "jobs/nights.html", nights=nights, told={night.id: nights_told.lines(night) for night in nights},
        to_come=nights_told.still_to_come(nights[0]) if nights and not nights[0].ended_at else [],
        under_way=any(night.ended_at is None for night in nights), local=clock.HERE,
        may_start=bool(access.scope(Permission.SETTINGS)),
    )  # fmt: skip


@bp.post("/settings/nights")
@needs(Permission.SETTINGS)
def start() -> Any:
    """Written down; the worker beside the server takes it within a second or two."""
    audit.note(current_user.uid, "start-night", "account", current_user.uid, current_user.library_id)
    nights_work.begin(clock.today(), current_user.uid)
    flash(_("Máy bắt đầu làm. Trang này cho biết đến bước nào."), "success")
    return redirect(url_for("nights.show"), 303)
