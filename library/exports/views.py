"""Taking data away: choose what, in which form, of which library; short ones come at once, long ones are fetched later."""

from collections.abc import Iterator
from datetime import datetime
from tempfile import TemporaryFile
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, jsonify, redirect, render_template, request, send_file, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import ColumnElement, select

from library import access, audit
from library.access import Permission, here, needs, reads_first
from library.core import clock
from library.core.db import db, for_writing, read_only
from library.core.errors import N_, NotFound, Reason, Refused
from library.core.paging import Page, page_number, page_of
from library.exports import writing
from library.exports.ageing import KEPT_FOR
from library.exports.forms import FORMS, Form
from library.exports.kinds import KINDS
from library.exports.models import Export
from library.exports.things import Kind, Where
from library.jobs.models import Job, JobState
from library.organisations.models import Branch, Organisation

bp = Blueprint("exports", __name__)
AT_ONCE = 2_000
"""Things somebody waits for; more are written by a job."""
STOPPED = (JobState.FAILED, JobState.STOPPED)


def _allowed() -> dict[str, Kind]:
    """What this person may take away from somewhere."""
    return {name: kind for name, kind in KINDS.items() if _scope(kind)}


def _scope(kind: Kind) -> access.Scope:
    """Where; a permission narrowed to classes is none here."""
    scope = access.scope(kind.permission)
    return scope if scope.classes is None else access.NOWHERE


def _kind() -> Kind:
    try:
        return _allowed()[request.form.get("kind", "")]
    except KeyError:
        raise NotFound from None


def _form(kind: Kind) -> Form:
    name = request.form.get("form", "")
    if name not in FORMS:
        raise NotFound
    if name not in kind.forms:
        raise NotSo(kind, FORMS[name])
    return FORMS[name]


class NotSo(Refused):
    """This kind of things has no such form: MARC knows titles and copies alone."""

    status = 422

    def __init__(self, kind: Kind, form: Form) -> None:
        sentence = N_("%(kind)s không ra dạng %(form)s được. Chọn Excel, CSV hay JSON Lines.")
        super().__init__(Reason("not-in-this-form", sentence, {"kind": _(kind.title), "form": _(form.label)}))


# Where: "all", "library:<uid>" or "branch:<uid>"


def _places() -> list[tuple[str, str]]:
    """What the person may choose from, their own library first."""
    scope = here()
    query = select(Organisation).where(scope.of_libraries(Organisation.id)).order_by(Organisation.name)
    libraries = sorted(db.session.scalars(query), key=lambda one: one.id != current_user.library_id)
    every = [("all", _("Tất cả %(count)s thư viện", count=len(libraries)))] if len(libraries) > 1 else []
    return [choice for one in libraries for choice in _choices(one)][:1] + every + _others(libraries)


def _others(libraries: list[Organisation]) -> list[tuple[str, str]]:
    return [choice for one in libraries for choice in _choices(one)][1:]


def _choices(library: Organisation) -> Iterator[tuple[str, str]]:
    yield f"library:{library.uid}", library.name
    if library.id == current_user.library_id and len(library.branches) > 1:
        yield from ((f"branch:{one.uid}", f"{library.name} – {one.name}") for one in library.branches)


def _where(kind: Kind) -> Where:
    """Raises NotFound for a place that is none of theirs."""
    sort, _colon, uid = request.form.get("place", "").partition(":")
    scope = _scope(kind)
    if sort == "all":
        return _at(list(db.session.scalars(select(Organisation.id).where(scope.of_libraries(Organisation.id)))))
    if sort == "library":
        return _at([_one(Organisation.id, Organisation.uid, uid, scope.of_libraries(Organisation.id))])
    branch_id = _one(Branch.id, Branch.uid, uid, scope.of_branches(Branch.id))
    return _at([db.session.get_one(Branch, branch_id).organisation_id], branch_id)


def _one(column: Any, by: Any, text: str, among: ColumnElement[bool]) -> int:
    try:
        found = db.session.scalar(select(column).where(by == UUID(text), among))
    except ValueError:
        raise NotFound from None
    if found is None:
        raise NotFound
    return int(found)


def _at(libraries: list[int], branch_id: int | None = None) -> Where:
    if not libraries:
        raise NotFound
    return writing.where(db.session(), tuple(sorted(libraries)), branch_id)


# Pages


@bp.get("/exports")
@needs(Permission.EXPORT)
def choose() -> Any:
    page = _kept(page_number(request.args.get("page")))
    told = [(one, KINDS[one.kind], FORMS[one.form], _state(one)) for one in page if one.kind in _allowed()]
    return render_template(
        "exports/choose.html", kinds=_allowed().values(), forms=FORMS.values(), places=_places(), kept=told, page=page,
        kept_for=KEPT_FOR.days, day_time=_day_time, page_address=lambda number: url_for(".choose", page=number),
    )  # fmt: skip


def _kept(number: int) -> Page[Export]:
    """Files of this library that wait to be fetched, those among whose things this person has all."""
    mine = select(Export).where(Export.library_id == current_user.library_id, here().of_libraries(Export.library_id))
    page = page_of(db.session(), mine.order_by(Export.id.desc()), number, 10)
    return Page([one for one in page if _may_have(one)], page.number, page.size, page.total)


def _may_have(export: Export) -> bool:
    kind = _allowed().get(export.kind)
    return kind is not None and all(_scope(kind).holds_library(one) for one in export.libraries)


def _day_time(moment: datetime) -> str:
    return f"{moment.astimezone(clock.HERE):%d/%m/%Y %H:%M}"


@bp.post("/exports")
@needs(Permission.EXPORT)
@reads_first
def make() -> Any:
    """A short one is the answer itself, a long one a page to wait on. Either way it is noted who took what."""
    kind = _kind()
    form, there = _form(kind), _where(kind)
    if kind.count(db.session(), there, AT_ONCE + 1) > AT_ONCE:
        return _make_later(kind, form, there)
    for_writing()
    _note(kind, form)
    db.session.commit()
    read_only()
    return _made_at_once(kind, form, there)


def _note(kind: Kind, form: Form) -> None:
    audit.note(current_user.uid, f"export-{form.name}", kind.name, current_user.library_slug, current_user.library_id)


def _made_at_once(kind: Kind, form: Form, there: Where) -> Any:
    out = TemporaryFile()  # noqa: SIM115 - who sends it closes it
    writing.whole(db.session(), kind, form.name, there, out)
    out.seek(0)
    return send_file(out, mimetype=form.mime, as_attachment=True, download_name=_file_name(kind, form))


def _make_later(kind: Kind, form: Form, there: Where) -> Any:
    for_writing()
    export = Export(
        uid=clock.uuid7(), library_id=here().library(current_user.library_id), account=current_user.uid, kind=kind.name,
        form=form.name, libraries=list(there.libraries), branch_id=there.branch_id, written={}, made_at=clock.now(),
    )  # fmt: skip
    writing.ask(export)
    _note(kind, form)
    uid = export.uid
    db.session.commit()
    return redirect(url_for(".show", uid=uid), 303)


def _file_name(kind: Kind, form: Form, on: datetime | None = None) -> str:
    """sach-tieu-hoc-xuat-hoa-2026-11-19.xlsx"""
    return f"{kind.file}-{current_user.library_slug}-{clock.day_of(on or clock.now()):%Y-%m-%d}{form.suffix}"


def _export(uid: UUID) -> Export:
    """Raises NotFound for what this person could not have made."""
    mine = select(Export).where(Export.uid == uid, here().of_libraries(Export.library_id))
    export = db.session.scalar(mine)
    if export is None or not _may_have(export):
        raise NotFound
    return export


def _job(export: Export) -> Job | None:
    return db.session.scalar(select(Job).where(Job.uid == export.job)) if export.job else None


def _state(export: Export) -> str:
    """done, writing, or stopped."""
    if export.finished_at:
        return "done"
    job = _job(export)
    return "stopped" if job is None or job.state in STOPPED else "writing"


@bp.get("/exports/<uuid:uid>")
@needs(Permission.EXPORT)
def show(uid: UUID) -> Any:
    export = _export(uid)
    job = _job(export)
    return render_template(
        "exports/show.html", export=export, kind=KINDS[export.kind], form=FORMS[export.form], state=_state(export),
        total=job.total if job else None, there=writing.path_of(uid).exists(), kept_for=KEPT_FOR.days,
        until=clock.day_of(export.made_at + KEPT_FOR), weight=_weight(export.size),
    )  # fmt: skip


def _weight(size: int) -> str:
    return f"{size / 1_048_576:.1f}".replace(".", ",") + " MB" if size >= 104_858 else f"{-(-size // 1024)} KB"


@bp.get("/exports/<uuid:uid>/progress")
@needs(Permission.EXPORT)
def progress(uid: UUID) -> Any:
    export = _export(uid)
    job = _job(export)
    state = _state(export)
    return jsonify(state=state, stopped=state == "stopped", done=export.things, total=job.total if job else None)


@bp.get("/exports/<uuid:uid>/file")
@needs(Permission.EXPORT)
def fetch(uid: UUID) -> Any:
    export = _export(uid)
    path = writing.path_of(uid)
    if not export.finished_at or not path.exists():
        flash(_("Tệp chưa xong, hoặc đã xóa."), "warning")
        return redirect(url_for(".show", uid=uid), 303)
    kind, form = KINDS[export.kind], FORMS[export.form]
    name = _file_name(kind, form, export.made_at)
    return send_file(path, mimetype=form.mime, as_attachment=True, download_name=name, etag=False)
