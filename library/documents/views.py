"""Templates of papers: take one away, edit it in a word processor, bring it back; the shipped one again."""

from io import BytesIO
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from flask_babel import gettext as _
from flask_login import current_user

from library import audit
from library.access import Permission, here, needs, reads_first
from library.core import clock
from library.core.db import db, for_writing
from library.core.errors import N_, Forbidden, Reason
from library.core.mime import DOCX
from library.documents import checking, printing, stored
from library.documents.filling import BadTemplate, filled

bp = Blueprint("documents", __name__)
NO_FILE = Reason("no-file", N_("Chưa chọn tệp nào. Chọn tệp Word (.docx) đã sửa."))


def _library() -> int:
    """One's own, where its rules are one's business."""
    if not here().holds_library(current_user.library_id):
        raise Forbidden(Permission.RULES)
    return int(current_user.library_id)


@bp.get("/settings/documents", endpoint="list")
@needs(Permission.RULES)
def show_list() -> Any:
    return _page()


def _page(wrong: Reason | None = None, of: str = "") -> str:
    own = stored.own(db.session(), _library())
    return render_template(
        "documents/list.html", kinds=list(stored.KINDS.values()), own=own, wrong=wrong, of=of, here_=clock.HERE,
        most=checking.MOST_BYTES // 1_000_000,
    )  # fmt: skip


@bp.get("/settings/documents/template.docx", endpoint="template")
@needs(Permission.RULES)
def take_template() -> Any:
    """As it is now; `shipped=1`: as it came with the library."""
    kind, library_id = stored.kind(request.args.get("name", "")), _library()
    shipped = request.args.get("shipped") == "1"
    data = kind.shipped.read_bytes() if shipped else stored.template(db.session(), library_id, kind.name)
    return send_file(BytesIO(data), DOCX, as_attachment=True, download_name=f"mau-{kind.name}.docx")


@bp.get("/settings/documents/sample", endpoint="sample")
@needs(Permission.RULES)
def show_sample() -> Any:
    """The paper with sample values, as PDF, or as DOCX with `as=docx`."""
    kind, library_id = stored.kind(request.args.get("name", "")), _library()
    data = filled(stored.template(db.session(), library_id, kind.name), kind.sample())
    if request.args.get("as") == "docx":
        return send_file(BytesIO(data), DOCX, as_attachment=True, download_name=f"thu-{kind.name}.docx")
    made = BytesIO(printing.pdf(data, _(kind.title)))
    return send_file(made, "application/pdf", download_name=f"thu-{kind.name}.pdf")


@bp.post("/settings/documents", endpoint="put")
@needs(Permission.RULES)
@reads_first
def put() -> Any:
    """`name` and the file `template`. A template that cannot be filled is refused, the one in use stays."""
    kind, library_id = stored.kind(request.form.get("name", "")), _library()
    sent = request.files.get("template")
    if sent is None or not sent.filename:
        return _page(NO_FILE, kind.name), 422
    data = sent.stream.read(checking.MOST_BYTES + 1)
    try:
        new = stored.checked(kind.name, data)
    except BadTemplate as bad:
        return _page(bad.reasons[0], kind.name), bad.status
    for_writing()
    session = db.session()
    before = stored.put(session, library_id, new, current_user.uid)
    audit.note(current_user.uid, "put-template", "template", kind.name, library_id)
    session.commit()
    stored.forget(session, before)
    flash(_("Đã đổi mẫu “%(name)s”. Từ giờ giấy in theo mẫu này.", name=_(kind.title)), "success")
    return redirect(url_for("documents.list"), 303)


@bp.post("/settings/documents/back", endpoint="back")
@needs(Permission.RULES)
def back() -> Any:
    """The shipped template again."""
    kind, library_id, session = stored.kind(request.form.get("name", "")), _library(), db.session()
    before = stored.back(session, library_id, kind.name)
    audit.note(current_user.uid, "drop-template", "template", kind.name, library_id)
    session.commit()
    stored.forget(session, before)
    flash(_("“%(name)s” lại theo mẫu của máy.", name=_(kind.title)), "success")
    return redirect(url_for("documents.list"), 303)
