"""A unit's sheets: which there are, one of them filled in, sent and taken back."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, request, send_file, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import Session

from library import audit, files
from library.access import Permission, here, needs, or_not_found
from library.core.db import db, for_writing
from library.core.errors import N_, Reason, Refused
from library.loans import posting
from library.reports import sheet_evidence, sheet_page, sheet_steps, sheets
from library.reports.campaign_models import Campaign
from library.reports.campaign_pages import page, sheet_here, sheets_here
from library.reports.campaigns import check_open, lock_shared
from library.reports.sheet_forms import SAME, SheetForm
from library.reports.sheet_models import Sheet, SheetValue, Submission
from library.reports.sheet_page import Shown
from library.reports.sheet_same import Alike
from library.reports.sheets import REASONS, NotReady

bp = Blueprint("sheets", __name__)
Wrong = Mapping[str, Reason]


class LooksAlike(Refused):
    """Two rows carry the same figures: is it one thing that was entered twice?"""

    status = 422

    def __init__(self, found: list[Alike]) -> None:
        super().__init__(Reason("alike", N_("Hai dòng giống hệt nhau. Xem lại, hoặc bấm “Đúng như vậy”.")))
        self.found = found


class Unreadable(NotReady):
    """Numbers that could not be read; what could be is kept."""


@bp.get("/reports/sheets", endpoint="list")
@needs(Permission.SHEET)
def show_list() -> Any:
    found = sheets_here(db.session(), here())
    return page("reports/sheets.html", found=found)


@bp.get("/reports/sheets/<uuid:uid>", endpoint="show")
@needs(Permission.SHEET)
def show(uid: UUID) -> Any:
    session = db.session()
    campaign, sheet = sheet_here(session, uid)
    return _page(sheet_page.read(session, campaign, sheet))


def _page(shown: Shown, asked: str = "") -> str:
    """`asked`: save or send, that was just tried and could not be done whole."""
    return page(
        "reports/sheet.html", shown=shown, sheet=shown.sheet, campaign=shown.campaign, reasons=REASONS, mine=True,
        asked=asked, accept=sheet_evidence.ACCEPT, same=SAME, told={}, wrong={}, stopped=(),
    )  # fmt: skip


@bp.post("/reports/sheets/<uuid:uid>", endpoint="change")
@needs(Permission.SHEET)
def change(uid: UUID) -> Any:
    """`do`: save, send, withdraw, or same:… (rows that are alike are right so, send it)."""
    session = db.session()
    campaign, sheet = sheet_here(session, uid)
    form = SheetForm.read(campaign.lines, sheets.filled_of(sheets.shown_of(session, sheet)))
    try:
        return posting.answer_aloud(
            form.posted, {**form.content, "of": str(uid)}, lambda: _do(uid, form), lambda done: _after(uid, done)
        )
    except (NotReady, LooksAlike) as wrong:
        if request.is_json:
            raise
        return _kept(uid, form, wrong.fields if isinstance(wrong, NotReady) else {}), 422


def _after(uid: UUID, done: dict[str, Any]) -> str:
    return url_for("sheets.show", uid=uid)


def _do(uid: UUID, form: SheetForm) -> dict[str, Any]:
    session = db.session()
    campaign, sheet = sheet_here(session, uid)
    campaign = lock_shared(session, campaign.id)
    sheet = sheet_steps.lock(session, sheet.id)
    check_open(campaign)
    said = {"save": _save, "send": _send, "withdraw": _withdraw}[form.do](session, campaign, sheet, form)
    if form.do != "save":
        audit.note(current_user.uid, f"{form.do}-sheet", "sheet", sheet.uid, sheet.keeper_id)
    return {"do": said, "outcome": "ok"}


def _save(session: Session, campaign: Campaign, sheet: Sheet, form: SheetForm) -> str:
    sheets.save(session, posting.actor(), sheet, form.filled, form.same)
    if form.complaints:
        raise Unreadable(form.complaints)
    return str(_("Đã lưu. Chưa gửi đi."))


def _send(session: Session, campaign: Campaign, sheet: Sheet, form: SheetForm) -> str:
    if form.complaints:
        raise Unreadable(form.complaints)
    sheets.save(session, posting.actor(), sheet, form.filled, form.same)
    made = sheets.send(session, posting.doing_at(form.posted, _branch(sheet)), campaign, sheet, posting.actor())
    _check_alike(campaign, made)
    return str(_("Đã gửi báo cáo. Gửi rồi vẫn rút lại được cho đến khi %(who)s nhận.", who=campaign.library.short_name))


def _check_alike(campaign: Campaign, made: Submission) -> None:
    computed = {one.indicator_id: one.computed for one in made.values}
    found = sheets.alike(campaign.lines, sheets.filled_of(made), computed)
    if left := [one for one in found if one.key not in made.same]:
        raise LooksAlike(left)


def _withdraw(session: Session, campaign: Campaign, sheet: Sheet, form: SheetForm) -> str:
    sheets.withdraw(session, posting.doing_at(form.posted, _branch(sheet)), sheet)
    return str(_("Đã rút báo cáo về để sửa. Nhớ gửi lại."))


def _branch(sheet: Sheet) -> int:
    return sheet.keeper.branches[0].id


def _kept(uid: UUID, form: SheetForm, wrong: Wrong) -> str:
    """What could be read is kept, so that nothing typed is lost; the page says what is missing."""
    db.session.rollback()
    for_writing()
    session = db.session()
    campaign, sheet = sheet_here(session, uid)
    sheets.save(session, posting.actor(), sheet_steps.lock(session, sheet.id), form.filled, form.same)
    session.commit()
    campaign, sheet = sheet_here(session, uid)
    typed = {name: str(request.form.get(f"v-{name}") or "") for name in form.complaints}
    asked = "save" if form.do == "save" else "send"
    return _page(sheet_page.read(session, campaign, sheet, None, typed, wrong), asked)


@bp.get("/reports/sheets/<uuid:uid>/files/<uuid:value>", endpoint="file")
@needs(Permission.SHEET)
def show_file(uid: UUID, value: UUID) -> Any:
    _campaign, sheet = sheet_here(db.session(), uid)
    return file_of(sheet, value)


def file_of(sheet: Sheet, value: UUID, sent: bool = False) -> Any:
    """The bytes beside a figure of this sheet, always to be kept, never shown by the browser. `sent`: not of what is still
    being written. Raises NotFound."""
    query = select(SheetValue).join(Submission, Submission.id == SheetValue.submission_id)
    query = query.where(Submission.known_at.is_not(None)) if sent else query
    found = or_not_found(
        db.session().scalar(
            query.where(SheetValue.uid == value, Submission.sheet_id == sheet.id, SheetValue.evidence.is_not(None))
        )
    )
    assert found.evidence
    return send_file(files.path_of(found.evidence), as_attachment=True, download_name=found.evidence_name)
