"""Lists come in: bring a file, see what the machine understood, write it, take it back."""

from dataclasses import replace
from datetime import datetime
from pathlib import PurePath
from typing import Any, BinaryIO, cast
from uuid import UUID

from flask import Blueprint, flash, jsonify, redirect, render_template, request, send_file, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import delete, select

from library import access, audit, files
from library.access import Permission, here, needs, reads_first
from library.core import clock
from library.core.db import db, for_writing
from library.core.errors import N_, Invalid, NotFound
from library.core.fold import clean
from library.core.mime import XLSX
from library.core.paging import Page, page_number, page_of
from library.jobs.models import JobState
from library.staging import applying, jobs, loading, looking, report, sheets, undoing
from library.staging.importers import REST, Importer, Task, importer_for, importers, row_key
from library.staging.loading import Reading, plans_of
from library.staging.models import Load, LoadRow, LoadState
from library.staging.sheets import Plan
from library.staging.showing import (
    ShownRow,
    day_time,
    note_words,
    row_of,
    state_words,
    tally_words,
    translated,
    verdict_chips,
)
from library.staging.sources import EntryFile, Mended, UnreadableFile
from library.staging.undoing import NotNow
from library.staging.verdicts import Verdict

bp = Blueprint("staging", __name__)
NO_FILE = N_("Chọn một tệp Excel (.xlsx), .csv hoặc MARC.")
WORKING = {LoadState.READING: jobs.READ, LoadState.APPLYING: jobs.APPLY, LoadState.UNDOING: jobs.UNDO}
ROWS = 30
PREVIEWED = 3


def _allowed() -> dict[str, Importer]:
    """The importers this person may use at their library."""
    mine = sorted(importers().items())
    return {kind: one for kind, one in mine if access.scope(one.permission).holds_library(current_user.library_id)}


def _load(uid: UUID, lock: bool = False) -> tuple[Load, Importer]:
    """A load this person may see; NotFound for any other."""
    query = select(Load).where(Load.uid == uid, here().of_libraries(Load.library_id))
    load = db.session.scalar(query.with_for_update() if lock else query)
    if load is None or not access.scope(importers()[load.kind].permission).holds_library(load.library_id):
        raise NotFound
    return load, importer_for(db.session(), load.kind, load.library_id)


@bp.context_processor
def words() -> dict[str, Any]:
    """What the templates of this package ask for."""

    def page_address(number: int) -> str:
        here_again = {**(request.view_args or {}), **request.args.to_dict(), "page": number}
        return url_for(request.endpoint or ".loads", **here_again)

    return {"page_address": page_address, "day_time": day_time, "translated": translated}


# Bringing


@bp.get("/imports")
@needs(Permission.IMPORT_BOOKS)
def loads() -> Any:
    query = select(Load).where(here().of_libraries(Load.library_id), Load.library_id == current_user.library_id)
    mine = query.where(Load.kind.in_(_allowed())).order_by(Load.id.desc())
    page = page_of(db.session(), mine, page_number(request.args.get("page")), 20)
    told = [(load, importers()[load.kind], state_words(load), tally_words(load)) for load in page]
    return render_template("staging/loads.html", page=page, loads=told)


@bp.get("/imports/new")
@needs(Permission.IMPORT_BOOKS)
def new() -> Any:
    return _form(request.args.get("kind", ""))


def _form(kind: str, error: str = "") -> Any:
    allowed = _allowed()
    chosen = kind if kind in allowed else next(iter(allowed), "")
    page = render_template("staging/new.html", importers=allowed.values(), kind=chosen, error=error)
    return page, 422 if error else 200


@bp.post("/imports")
@needs(Permission.IMPORT_BOOKS)
@reads_first
def bring() -> Any:
    """Keep the bytes and look into them before anything is written; short lists are read while the person waits."""
    importer = _allowed().get(request.form.get("kind", ""))
    importer = importer and importer_for(db.session(), importer.kind, current_user.library_id)
    file = request.files.get("file")
    if importer is None:
        raise NotFound
    if file is None or not file.filename:
        return _form(importer.kind, _(NO_FILE))
    with cast(BinaryIO, file.stream) as stream:
        key, name = files.keep(stream), clean(PurePath(file.filename.replace("\\", "/")).name)[-150:]
    try:
        load, reading = _look(importer, key, name)
    except UnreadableFile as error:
        _forget_unused(key)
        return _form(importer.kind, _(error.sentence) % error.facts)
    for_writing()
    db.session.add(load)
    _settle(load, reading)
    audit.note(current_user.uid, "bring-list", load.kind, load.uid, load.library_id)
    db.session.commit()
    return redirect(url_for(".show", uid=load.uid), 303)


def _look(importer: Importer, key: str, name: str) -> tuple[Load, "Read | None"]:
    with loading.open_load(key, name) as table:
        choices = looking.look(db.session(), table, importer, current_user.library_id, name)
        load = Load(
            uid=clock.uuid7(), kind=importer.kind, library_id=current_user.library_id, branch_id=current_user.branch_id,
            account=current_user.uid, file_key=key, file_name=name, sheet=None, state=LoadState.READING, trouble=None,
            choices=dict(choices), made_at=clock.now(),
        )  # fmt: skip
        return load, _read_at_once(Task.of(load), table)


Read = tuple[Reading, list[dict[str, Any]]]


def _read_at_once(task: Task, table: Mended | EntryFile) -> Read | None:
    """All rows of a short list; None for a long one."""
    if sum(plan.size for plan in plans_of(task.choices) if plan.read) > loading.AT_ONCE:
        return None
    reading = Reading(task, table)
    rows: list[dict[str, Any]] = []
    while more := reading.take(db.session()):
        rows += more
    return reading, rows


def _settle(load: Load, read: Read | None) -> None:
    """Store what was read at once, or ask for it to be read."""
    db.session.flush()
    if read is None:
        load.state = LoadState.READING
        jobs.ask(load, jobs.READ, sum(plan.size for plan in plans_of(load.choices) if plan.read))
        return
    loading.store(db.session(), load.id, read[1])
    loading.checked(load, read[0])


def _forget_unused(key: str) -> None:
    files.forget(db.session(), key)


# Looking


@bp.get("/imports/<uuid:uid>")
@needs(Permission.IMPORT_BOOKS)
def show(uid: UUID) -> Any:
    load, importer = _load(uid)
    if load.state in WORKING:
        return _show_working(load, importer)
    if load.state is LoadState.UNREADABLE:
        trouble = load.trouble or {"sentence": NO_FILE, "facts": {}}
        return render_template("staging/unreadable.html", load=load, words=note_words(trouble))
    return _show_rows(load, importer)


def _show_working(load: Load, importer: Importer) -> Any:
    job = jobs.job_of(db.session(), load)
    stopped = job is not None and job.state in (JobState.FAILED, JobState.STOPPED)
    words = state_words(load)
    return render_template("staging/working.html", load=load, importer=importer, job=job, stopped=stopped, words=words)


def _show_rows(load: Load, importer: Importer, complaints: Any = None) -> Any:
    counted = loading.counts(db.session(), load.id)
    verdict = request.args.get("verdict", "")
    chosen = Verdict(verdict) if verdict in set(counted) else None
    plans = plans_of(load.choices)
    shown = next((plan for plan in plans if plan.name == request.args.get("sheet")), None) or _first(plans)
    asked = importer.questions(db.session(), Task.of(load)) if load.state is LoadState.CHECKED else []
    page = {
        "load": load, "importer": importer, "plans": plans, "plan": shown, "questions": asked, "counts": counted,
        "chips": verdict_chips(counted), "chosen": chosen, "rows": _rows(load, importer, plans, chosen),
        "tally": tally_words(load), "writes": sum(counted.get(one, 0) for one in loading.WRITTEN),
        "left_out": sum(counted.get(one, 0) for one in report.LEFT_OUT), "complaints": complaints or {},
        "first": [] if counted else _first_rows(load, shown),
        "undo_until": loading.undo_until(load), "may_undo": _may_undo(load), "looking": looking,
        "samples": _samples(load, importer, shown),
        "preview": _preview(load) if shown and shown.entries else [],
    }  # fmt: skip
    template = "staging/check.html" if load.state is LoadState.CHECKED else "staging/done.html"
    return render_template(template, **page), 422 if complaints else 200


def _samples(load: Load, importer: Importer, plan: Plan | None) -> sheets.Samples:
    """Mended cells of the sheet shown, before and after."""
    if plan is None or not plan.encodings or load.state is not LoadState.CHECKED:
        return {}
    try:
        with loading.open_load(load.file_key, load.file_name) as table:
            loading.settle(table, load.choices)
            return sheets.samples(table, importer, plan) if isinstance(table, Mended) else {}
    except (UnreadableFile, OSError, ValueError):  # gone with the other lists of last month
        return {}


def _preview(load: Load) -> list[list[str]]:
    """The cells of the first entries that could be read."""
    mine = select(LoadRow.cells).where(LoadRow.load_id == load.id, LoadRow.verdict != Verdict.REFUSED)
    return list(db.session.scalars(mine.order_by(LoadRow.id).limit(PREVIEWED)))


def _first(plans: list[Plan]) -> Plan | None:
    return next((plan for plan in plans if plan.read), plans[0] if plans else None)


def _rows(load: Load, importer: Importer, plans: list[Plan], chosen: Verdict | None) -> Page[ShownRow]:
    query = select(LoadRow).where(LoadRow.load_id == load.id)
    if chosen:
        query = query.where(LoadRow.verdict == chosen)
    if load.state is LoadState.UNDONE:
        query = query.where(LoadRow.subjects.is_not(None))
    page = page_of(db.session(), query.order_by(LoadRow.id), page_number(request.args.get("page")), ROWS)
    by_name = {plan.name: plan for plan in plans} | {REST: sheets.plan_of_rest(importer)}
    ticked = Task.of(load).ticked if load.state is LoadState.CHECKED else frozenset()
    shown = [row_of(row, by_name[row.sheet], importer, ticked) for row in page]
    return Page(shown, page.number, page.size, page.total)


def _first_rows(load: Load, plan: Plan | None) -> Any:
    """For a person to point at the header when the machine found none."""
    try:
        with loading.open_load(load.file_key, load.file_name) as table:
            loading.settle(table, load.choices)
            return sheets.first_rows(table, plan.name) if plan else []
    except (UnreadableFile, OSError, ValueError):  # gone with the other lists of last month
        return []


def _may_undo(load: Load) -> bool:
    until = loading.undo_until(load)
    return load.state is LoadState.APPLIED and until is not None and clock.now() <= until


@bp.get("/imports/<uuid:uid>/progress")
@needs(Permission.IMPORT_BOOKS)
def progress(uid: UUID) -> Any:
    """How far the work is, for the page's script."""
    load, _importer = _load(uid)
    job = jobs.job_of(db.session(), load)
    stopped = job is not None and job.state in (JobState.FAILED, JobState.STOPPED)
    return jsonify(state=load.state, done=job.done if job else 0, total=job.total if job else None, stopped=stopped)


@bp.get("/imports/<uuid:uid>/reasons.xlsx")
@needs(Permission.IMPORT_BOOKS)
def reasons(uid: UUID) -> Any:
    load, _importer = _load(uid)
    made = report.write(db.session(), load, note_words, (_("Dòng"), _("Lý do")))
    name = report.name_of(load.file_name, _("dòng chưa nạp"))
    return send_file(made, XLSX, as_attachment=True, download_name=name)


# Choosing anew


@bp.post("/imports/<uuid:uid>/choices")
@needs(Permission.IMPORT_BOOKS)
@reads_first
def choose(uid: UUID) -> Any:
    """Other columns, another header, other answers: every row is judged anew."""
    load, importer = _load(uid)
    if load.state is not LoadState.CHECKED or not load.file_key:
        raise NotNow
    try:
        answers = _answers(load, importer)
    except Invalid as error:
        return _show_rows(load, importer, error.fields)
    with loading.open_load(load.file_key, load.file_name) as table:
        loading.settle(table, load.choices)
        choices = {**looking.chosen(table, importer, load.choices, request.form), "answers": answers}
        choices["ticked"] = _ticked(load)
        if isinstance(table, Mended):
            plans = _plans(plans_of(choices), importer, table)
            choices = {**choices, "sheets": [plan.to_json() for plan in plans]}
        read = _read_at_once(replace(Task.of(load), choices=choices), table)
    for_writing()
    load, importer = _load(uid, lock=True)
    if load.state is not LoadState.CHECKED:
        raise NotNow
    load.choices = choices
    _start_anew(load, read)
    db.session.commit()
    return redirect(url_for(".show", uid=uid, sheet=request.form.get("sheet")), 303)


def _answers(load: Load, importer: Importer) -> dict[str, str]:
    given = {name.removeprefix("q-"): text for name, text in request.form.items() if name.startswith("q-")}
    return importer.check(db.session(), Task.of(load), given) if given else dict(load.choices.get("answers", {}))


def _ticked(load: Load) -> list[str]:
    """Ticks of the rows on the page that was sent, beside those made on other pages."""
    before, form = Task.of(load).ticked, request.form
    ticked = (before - set(form.getlist("row"))) | set(form.getlist("tick"))
    if form.get("every"):
        left = select(LoadRow.number, LoadRow.sheet).where(LoadRow.load_id == load.id, LoadRow.verdict == Verdict.LEFT)
        ticked |= {row_key(row.number, row.sheet) for row in db.session.execute(left)}
    return sorted(ticked)


def _plans(plans: list[Plan], importer: Importer, table: Mended) -> list[Plan]:
    """The plans with what the form says of one sheet, and of which sheets are read."""
    form = request.form
    changed = [_changed(plan, importer, table) if plan.name == form.get("sheet") else plan for plan in plans]
    if "sheets" not in form:
        return changed
    read = set(form.getlist("read"))
    return [replace(plan, read=plan.name in read and plan.header is not None) for plan in changed]


def _changed(plan: Plan, importer: Importer, table: Mended) -> Plan:
    row = request.form.get("header_row", "")
    if row.isdigit() and 0 < int(row) < 1_000 and (plan.header is None or int(row) != plan.header.row_number):
        return sheets.look_again(table, importer, plan, int(row))
    private = {place: plan.role(place) for place, _name in plan.names if plan.role(place) in importer.private}
    told = {place: key for place, _name in plan.names if (key := request.form.get(f"col-{place}")) is not None}
    if not told:
        return plan
    roles = {place: key for place, key in told.items() if key in importer.words} | private
    return plan.mapped(roles, importer.essential)


def _start_anew(load: Load, read: Read | None) -> None:
    """Rows of the last reading go: at once when they are few, else in the job's first steps."""
    if read is None:
        load.choices = {**load.choices, "clearing": True}
    else:
        db.session.execute(delete(LoadRow).where(LoadRow.load_id == load.id))
    _settle(load, read)


# Writing and taking back


@bp.post("/imports/<uuid:uid>/apply")
@needs(Permission.IMPORT_BOOKS)
def apply(uid: UUID) -> Any:
    load, _importer = _load(uid, lock=True)
    if load.state is LoadState.CHECKED:
        _begin(load)
    db.session.commit()
    return redirect(url_for(".show", uid=uid), 303)


def _begin(load: Load) -> None:
    """Ask for the writing, unless another list was written since this one was judged: then it is judged again."""
    others = select(Load).where(Load.library_id == load.library_id, Load.kind == load.kind, Load.id != load.id)
    busy = others.where(Load.state.in_((LoadState.APPLYING, LoadState.UNDOING)))
    if db.session.scalar(busy.limit(1)):
        raise NotNow
    if jobs.written_since(db.session(), load.library_id, datetime.fromisoformat(load.choices["checked_at"])):
        flash(_("Từ lúc xem đến giờ có danh sách khác vừa ghi xong. Máy soát lại từng dòng, xem rồi ghi."), "info")
        _start_anew(load, None)
        return
    waiting = applying.waiting(db.session(), load.id)
    if not waiting:
        raise NotNow
    load.state = LoadState.APPLYING
    jobs.ask(load, jobs.APPLY, waiting)
    audit.note(current_user.uid, "write-list", load.kind, load.uid, load.library_id)


@bp.get("/imports/<uuid:uid>/undo")
@needs(Permission.IMPORT_BOOKS)
def ask_undo(uid: UUID) -> Any:
    load, importer = _load(uid)
    undoing.check(load)
    rows = jobs.applied_rows(db.session(), load.id)
    return render_template("staging/undo.html", load=load, importer=importer, rows=rows, tally=tally_words(load))


@bp.post("/imports/<uuid:uid>/undo")
@needs(Permission.IMPORT_BOOKS)
def undo(uid: UUID) -> Any:
    load, _importer = _load(uid, lock=True)
    undoing.check(load)
    load.state = LoadState.UNDOING
    jobs.ask(load, jobs.UNDO, jobs.applied_rows(db.session(), load.id))
    audit.note(current_user.uid, "undo-list", load.kind, load.uid, load.library_id)
    db.session.commit()
    return redirect(url_for(".show", uid=uid), 303)


@bp.post("/imports/<uuid:uid>/resume")
@needs(Permission.IMPORT_BOOKS)
def resume(uid: UUID) -> Any:
    """Go on with work that stopped: what was written stays written."""
    load, _importer = _load(uid, lock=True)
    job = jobs.job_of(db.session(), load)
    if load.state in WORKING and job and job.state in (JobState.FAILED, JobState.STOPPED):
        again = jobs.ask(load, WORKING[load.state], job.total)
        again.done = job.done
    db.session.commit()
    return redirect(url_for(".show", uid=uid), 303)
