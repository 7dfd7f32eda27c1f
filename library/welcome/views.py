"""Where everybody arrives, and how they want to see it."""

from typing import Any

from flask import Blueprint, redirect, request, session, url_for
from flask_login import current_user

from library import access
from library.access import Permission, for_everyone, local_address

bp = Blueprint("welcome", __name__)


@bp.get("/")
@for_everyone
def home() -> Any:
    """Staff to their desk, readers to the catalogue."""
    if current_user.is_authenticated and access.scope(Permission.CIRCULATE):
        return redirect(url_for("loans.show_desk"))
    return redirect(url_for("catalogue.titles") if current_user.is_authenticated else url_for("accounts.sign_in"))


@bp.post("/language")
@for_everyone
def set_language() -> Any:
    session["locale"] = "en" if request.form.get("language") == "en" else "vi"
    return redirect(local_address(request.form.get("next"), url_for("welcome.home")), 303)


@bp.post("/theme")
@for_everyone
def set_theme() -> Any:
    wanted = request.form.get("theme")
    session["theme"] = wanted if wanted in ("light", "dark", "sun") else None
    return redirect(local_address(request.form.get("next"), url_for("welcome.home")), 303)
