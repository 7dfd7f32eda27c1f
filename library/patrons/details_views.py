"""Whether a library keeps parents' names and ethnicity: off until somebody says why it is needed."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy.orm import Session

from library import audit
from library.access import Permission, needs
from library.core.db import db
from library.core.errors import N_, Invalid
from library.core.forms import Reader
from library.organisations.models import Organisation
from library.patrons import asked, details
from library.patrons.models import Membership
from library.patrons.panels import PANELS, Panel

bp = Blueprint("pupil_details", __name__)
SHORTEST = 15
TELL_WHY = N_("Viết một câu cho biết thư viện cần để làm gì.")


def _page(library: Organisation, why: str = "", complaints: Any = None) -> str:
    rule = details.rule(db.session(), library.id)
    return render_template(
        "patrons/details.html", library=library, rule=rule, why=why or (rule.why if rule else ""),
        complaints=complaints or {}, lib=asked.slug_of(library),
    )  # fmt: skip


@bp.get("/settings/pupil-details")
@needs(Permission.RULES)
def show() -> Any:
    return _page(asked.library())


@bp.post("/settings/pupil-details")
@needs(Permission.RULES)
def save() -> Any:
    session, library = db.session(), asked.library()
    if request.form.get("do") == "off":
        _switch_off(session, library)
    else:
        try:
            why = _why()
        except Invalid as wrong:
            return _page(library, request.form.get("why", ""), wrong.fields), 422
        details.switch_on(session, library.id, why, current_user.uid)
        audit.note(current_user.uid, "keep-pupil-details", "library", library.uid, library.id)
        flash(_("Từ nay máy giữ tên cha mẹ và dân tộc khi nạp danh sách lớp."), "success")
    session.commit()
    return redirect(url_for("pupil_details.show", lib=asked.slug_of(library)), 303)


def _why() -> str:
    """Raises Invalid."""
    reader = Reader(request.form)
    why = reader.text("why", longest=300)
    if why and len(why) < SHORTEST:
        reader.complain("why", "why", TELL_WHY)
    reader.done()
    return why


def _switch_off(session: Session, library: Organisation) -> None:
    count = details.switch_off(session, library.id)
    audit.note(current_user.uid, "drop-pupil-details", "library", library.uid, library.id)
    flash(_("Đã thôi giữ và xóa thông tin gia đình của %(count)s em.", count=count), "success")


def panel(session: Session, membership: Membership) -> Panel:
    """What is kept of the family, on the reader's page; nothing where nothing is kept."""
    kept = details.of(session, membership.library_id, [membership.person_id]).get(membership.person_id)
    return "patrons/_details_panel.html", {"kept": kept}


PANELS["family"] = panel
