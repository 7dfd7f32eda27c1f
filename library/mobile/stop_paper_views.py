"""The paper form of a stop, typed in again; photographs of the stop and of the signed form."""

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import Session

from library import audit, files
from library.access import Permission, needs, or_not_found
from library.catalogue import pictures
from library.core import clock
from library.core.db import db
from library.core.errors import N_, Invalid, NotFound, Reason
from library.inbox import acts
from library.inbox.acts import Doing
from library.loans import condition, posting
from library.loans.forms import plain_posted
from library.mobile import at_stop_page, paper_form, typing_in
from library.mobile.at_stop_forms import BOXES
from library.mobile.models import StopVisit, Trip, TripFile
from library.mobile.scopes import of_trips, visit_here
from library.mobile.stop_views import doing_at, done
from library.mobile.typing_in import PaperForm, TypedIn

bp = Blueprint("mobile_paper", __name__)
KINDS = {"photo": N_("Ảnh ở điểm dừng"), "signed": N_("Phiếu đã ký"), "receipt": N_("Hóa đơn")}
MOST_PHOTOS = 30
NO_PHOTO = Reason("no-photo", N_("Chưa chọn ảnh nào."))


@bp.get("/van/visits/<uuid:uid>/paper.pdf")
@needs(Permission.VAN_CREW)
def form(uid: UUID) -> Any:
    session = db.session()
    visit = visit_here(session, uid)
    data = paper_form.pdf(session, visit, url_for("mobile_paper.type_in", uid=uid, _external=True))
    told = {"Content-Disposition": f'inline; filename="phieu-diem-dung-{visit.day:%Y-%m-%d}.pdf"'}
    return Response(data, mimetype="application/pdf", headers=told)


@bp.get("/van/visits/<uuid:uid>/type-in")
@needs(Permission.VAN_CREW)
def type_in(uid: UUID) -> Any:
    session = db.session()
    return _typing(session, visit_here(session, uid), {}, {})


def _typing(session: Session, visit: StopVisit, said: Any, wrong: Any) -> Any:
    rooms = at_stop_page.classes(session, visit)
    usual = {"opened_at": f"{visit.from_at:%H:%M}", "closed_at": f"{visit.to_at:%H:%M}"}
    return render_template(
        "mobile/paper.html", rooms=rooms, boxes=BOXES, others=at_stop_page.OTHER_WORDS, said={**usual, **said},
        wrong=wrong, uid=said.get("uid") or clock.uuid7(), **at_stop_page.frame(session, visit),
    )  # fmt: skip


@bp.post("/van/visits/<uuid:uid>/type-in")
@needs(Permission.VAN_CREW)
def do_type_in(uid: UUID) -> Any:
    """The paper as a form; what could not be read is told in place, and nothing is written."""
    source, session = posting.source(), db.session()
    visit = visit_here(session, uid)
    try:
        read = PaperForm.read(source, visit, at_stop_page.classes(session, visit))
    except Invalid as told:
        if request.is_json:
            raise
        wrong = {name: str(_(reason.sentence)) % reason.facts for name, reason in told.fields.items()}
        return _typing(session, visit, request.form.to_dict(), wrong), 422
    back = lambda _: url_for("mobile_stop.show", uid=uid)  # noqa: E731
    return done(visit, read.posted, read.content, lambda now, one: _write(now, one, read), back)


def _write(session: Session, visit: StopVisit, read: PaperForm) -> dict[str, Any]:
    told = typing_in.type_in(session, _plain(doing_at(read.posted, visit)), visit, read)
    audit.note(current_user.uid, "type-in-stop", "stop-visit", visit.uid, visit.trip.library_id)
    if not request.is_json:
        _tell(told)
    return {"lent": told.lent, "returned": told.returned, "unread": list(told.unread), "visit": str(visit.uid)}


def _plain(doing: Doing) -> Doing:
    """Each act of the paper has a moment of its own; none is the device's."""
    return Doing(doing.uid, doing.actor, doing.branch_id)


def _tell(told: TypedIn) -> None:
    flash(_("Đã nhập phiếu: %(lent)s lượt mượn, %(back)s lượt trả.", lent=told.lent, back=told.returned), "success")
    if told.unread:
        lines = " · ".join(told.unread)
        flash(_("%(count)s dòng chưa đọc được, chưa ghi: %(lines)s", count=len(told.unread), lines=lines), "warning")


# Photographs


@bp.get("/van/visits/<uuid:uid>/photos")
@needs(Permission.VAN_CREW)
def photos(uid: UUID) -> Any:
    session = db.session()
    visit = visit_here(session, uid)
    kinds = [(name, _(words)) for name, words in KINDS.items()]
    shown = {"photos": at_stop_page.photos(session, visit), "kinds": kinds, "accept": pictures.ACCEPT}
    return render_template("mobile/visit_photos.html", **shown, **at_stop_page.frame(session, visit))


@bp.post("/van/visits/<uuid:uid>/photos")
@needs(Permission.VAN_CREW)
def add_photo(uid: UUID) -> Any:
    """{photo, kind}: made small and written anew, without the place and the hour the phone put in it."""
    session = db.session()
    visit = visit_here(session, uid)
    kind = request.form.get("kind") if request.form.get("kind") in KINDS else "photo"
    key = _kept()
    made = TripFile(
        uid=clock.uuid7(), trip_id=visit.trip_id, visit_id=visit.id, key=key, name=f"{visit.day:%Y-%m-%d}.jpg",
        kind=kind, act_id=_act(session, visit),
    )  # fmt: skip
    session.add(made)
    audit.note(current_user.uid, "add-photo", "stop-visit", visit.uid, visit.trip.library_id)
    session.commit()
    flash(_("Đã lưu ảnh."), "success")
    return redirect(url_for("mobile_paper.photos", uid=uid), 303)


def _kept() -> str:
    sent = request.files.get("photo")
    if sent is None or not sent.filename:
        raise Invalid({"photo": NO_PHOTO})
    try:
        return condition.keep_photo(sent.stream)  # type: ignore[arg-type]  # werkzeug's stream reads bytes
    except pictures.BadPicture as bad:
        raise Invalid({"photo": bad.reason}) from bad


def _act(session: Session, visit: StopVisit) -> int:
    return acts.write(session, doing_at(plain_posted(), visit), "trip-photo", clock.now())


@bp.get("/van/photos/<uuid:uid>")
@needs(Permission.VAN_CREW)
def photo(uid: UUID) -> Any:
    one = _photo(db.session(), uid)
    path = files.path_of(one.key)
    if one.removed_at is not None or not path.exists():
        raise NotFound
    return Response(path.read_bytes(), mimetype="image/jpeg")


@bp.post("/van/photos/<uuid:uid>/remove")
@needs(Permission.VAN_CREW)
def remove_photo(uid: UUID) -> Any:
    """Not shown any more; its bytes go unless another row shows the same."""
    session = db.session()
    one = _photo(session, uid)
    visit = or_not_found(session.get(StopVisit, one.visit_id) if one.visit_id else None)
    one.removed_at = clock.now()
    audit.note(current_user.uid, "remove-photo", "stop-visit", visit.uid, visit.trip.library_id)
    session.commit()
    flash(_("Đã bỏ ảnh."), "success")
    return redirect(url_for("mobile_paper.photos", uid=visit.uid), 303)


def _photo(session: Session, uid: UUID) -> TripFile:
    query = select(TripFile).join(Trip, Trip.id == TripFile.trip_id).where(TripFile.uid == uid, of_trips())
    return or_not_found(session.scalar(query))
