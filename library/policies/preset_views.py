"""Sets of rules to begin with: what each would change here, before it is written."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from library import audit
from library.access import Permission, needs
from library.core.db import db
from library.core.errors import NotFound
from library.policies import presets, words
from library.policies.presets import PRESETS, Preset
from library.policies.rule_views import book_of
from library.policies.views import address_of, library_asked_for

bp = Blueprint("presets", __name__, url_prefix="/settings/rules/presets")


def _asked_for() -> Preset | None:
    """Raises NotFound for a name nobody knows."""
    code = request.values.get("which")
    if code and code not in PRESETS:
        raise NotFound
    return PRESETS[code] if code else None


@bp.get("", endpoint="show")
@needs(Permission.RULES)
def show_presets() -> Any:
    libraries, library = library_asked_for()
    preset, book = _asked_for(), book_of(library)
    return render_template(
        "policies/presets.html", libraries=libraries, library=library, lib=address_of(library), presets=PRESETS.values(),
        preset=preset, words=words, lines=presets.changes(db.session(), library, book, preset) if preset else [],
        classes=[presets.CLASSES[code] for code in presets.new_classes(book, preset)] if preset else [],
    )  # fmt: skip


@bp.post("", endpoint="apply")
@needs(Permission.RULES)
def apply_preset() -> Any:
    (_libraries, library), preset = library_asked_for(), _asked_for()
    if preset is None:
        raise NotFound
    count = presets.apply(db.session(), library, preset)
    audit.note(current_user.uid, "change-terms", "library", library.uid, library.id)
    db.session.commit()
    flash(_("Đã lấy bộ mẫu “%(name)s”: %(count)s dòng khác trước.", name=_(preset.name), count=count), "success")
    return redirect(url_for("rules.show", lib=address_of(library)), 303)
