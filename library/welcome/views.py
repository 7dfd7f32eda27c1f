"""Where everybody arrives, how they want to see it, and the first run of an empty installation."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, send_file, session, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select
from werkzeug.exceptions import NotFound

from library import access
from library.access import Permission, for_everyone, local_address, reads_first
from library.core import clock
from library.core.db import db, for_writing
from library.core.errors import Invalid
from library.jobs import queue
from library.jobs.models import Job, JobState
from library.mobile import planner
from library.organisations import communes
from library.reports import campaign_reminders
from library.welcome import demo, demo_job, gate, seed, wizard
from library.welcome.door import door
from library.welcome.source import archive

bp = Blueprint("welcome", __name__)
DRAFT, CODE = "first-run", "first-run-code"


@bp.app_context_processor
def _door() -> dict[str, Any]:
    """For the sign-in page, which belongs to a package below and knows nothing of demos: asked there, not before."""
    return {"door": door}


VAN = "mobile.planner"
INSIDE = (
    (Permission.CIRCULATE, "loans.show_desk"),
    (Permission.CLASS_DESK, "shelves.overview"),
    (Permission.CAMPAIGN, "campaigns.list"),
    (Permission.VAN_CREW, VAN),
)
"""Where somebody's work is."""


@bp.get("/")
@for_everyone
def home() -> Any:
    """Staff to their desk, teachers to their shelf, whoever adds up to the campaigns, a van's crew to its trip of the day,
    readers to the catalogue, visitors to the search; an empty installation to its first run."""
    if not _is_founded():
        return redirect(url_for("welcome.first_run"))
    for sentence in campaign_reminders.told(db.session()) if current_user.is_authenticated else ():
        flash(sentence, "hoi")
    inside = next((door for may, door in INSIDE if current_user.is_authenticated and access.scope(may)), None)
    if inside == VAN and (trip := planner.todays(db.session(), current_user.id, clock.today())):
        return redirect(url_for("mobile_trips.show", uid=trip))
    ways = (*filter(None, [inside]), "finding.titles", "finding.anywhere", "accounts.me")
    outside = ("finding.anywhere", "accounts.sign_in")
    return redirect(_first_known(ways if current_user.is_authenticated else outside))


def _first_known(endpoints: tuple[str, ...]) -> str:
    return url_for(next(one for one in endpoints if one in current_app.view_functions))


def _is_founded() -> bool:
    """Once founded is founded for ever, so that is remembered; before, every request asks."""
    if not current_app.extensions.get("founded"):
        current_app.extensions["founded"] = not seed.is_empty(db.session())
    return bool(current_app.extensions["founded"])


@bp.post("/language")
@for_everyone
@reads_first
def set_language() -> Any:
    session["locale"] = "en" if request.form.get("language") == "en" else "vi"
    return redirect(local_address(request.form.get("next"), url_for("welcome.home")), 303)


@bp.post("/theme")
@for_everyone
@reads_first
def set_theme() -> Any:
    wanted = request.form.get("theme")
    session["theme"] = wanted if wanted in ("light", "dark", "sun") else None
    return redirect(local_address(request.form.get("next"), url_for("welcome.home")), 303)


def _stopped() -> Any:
    """What a first-run page answers instead of itself: 404 once founded, the code where it is needed; None: go on."""
    if _is_founded():
        raise NotFound
    if gate.is_at_this_machine(request) or session.get(CODE) == gate.code_of(gate.data_folder(current_app)):
        return None
    return render_template("welcome/code.html", wrong=False), 200 if request.method == "GET" else 403


@bp.get("/first-run")
@for_everyone
def first_run() -> Any:
    """On to the step that is missing; while the demo is being loaded, a page that waits for it."""
    if _is_founded() and demo.is_demo(db.session()):
        return redirect(url_for("accounts.sign_in"))
    if answer := _stopped():
        return answer
    job = _demo_job()
    if job is None:
        return redirect(url_for("welcome.first_run_step", step=wizard.missing(_draft())))
    failed = job.state is JobState.FAILED
    page = render_template("welcome/waiting.html", failed=failed)
    return page, 200, {} if failed else {"Refresh": "3"}


def _demo_job() -> Job | None:
    return db.session.scalars(select(Job).where(Job.kind == demo_job.KIND).order_by(Job.id.desc()).limit(1)).first()


def _draft() -> dict[str, Any]:
    return dict(session.get(DRAFT) or {})


@bp.get("/first-run/<step>")
@for_everyone
def first_run_step(step: str) -> Any:
    if answer := _stopped():
        return answer
    draft = _draft()
    if step not in wizard.STEPS:
        raise NotFound
    if wizard.STEPS.index(step) > wizard.STEPS.index(wizard.missing(draft)):
        return redirect(url_for("welcome.first_run"))
    return _page(step, draft.get(step) or _first_values(step, draft))


def _first_values(step: str, draft: Mapping[str, Any]) -> Mapping[str, Any]:
    return wizard.usual_calendar(draft["library"]["kind"], clock.today()) if step == "calendar" else {}


def _page(step: str, values: Mapping[str, Any], error: Invalid | None = None) -> Any:
    """A step with what was typed; beside it what will be written so far."""
    draft = _draft()
    plan = wizard.plan_of(draft, clock.today()) if wizard.missing(draft) == "review" else None
    words = {
        "step": step, "steps": wizard.STEPS, "draft": draft, "values": values, "plan": plan, "terms": seed.USUAL_TERMS,
        "complaints": error.fields if error else {}, "among": getattr(error, "among", ()), "kinds": tuple(wizard.KINDS),
        "commune": communes.by_code(str(draft.get("library", {}).get("commune", ""))),
    }  # fmt: skip
    return render_template(f"welcome/{step}.html", **words), 422 if error else 200


@bp.post("/first-run/<step>")
@for_everyone
@reads_first
def take_step(step: str) -> Any:
    """Keep what was filled in, in the visitor's cookie; nothing is written into the database."""
    if answer := _stopped():
        return answer
    draft = _draft()
    if step not in wizard.STEPS[:-1] or wizard.STEPS.index(step) > wizard.STEPS.index(wizard.missing(draft)):
        return redirect(url_for("welcome.first_run"), 303)
    try:
        draft[step] = _read(step, draft)
    except Invalid as error:
        typed = {**request.form, "weekdays": [int(day) for day in request.form.getlist("weekdays") if day.isdigit()]}
        return _page(step, {name: value for name, value in typed.items() if name not in ("password", "again")}, error)
    session[DRAFT] = draft
    following = wizard.STEPS[wizard.STEPS.index(step) + 1]
    return redirect(url_for("welcome.first_run_step", step=following), 303)


def _read(step: str, draft: Mapping[str, Any]) -> dict[str, Any]:
    if step == "library":
        return wizard.read_library(request.form)
    if step == "person":
        return wizard.read_person(request.form, draft.get("person", {}))
    return wizard.read_calendar(request.form, request.form.getlist("weekdays"), draft["library"]["kind"] == "school")


@bp.post("/first-run/found")
@for_everyone
@reads_first
def found() -> Any:
    """Write everything, at once and once; nobody is signed in by it."""
    if answer := _stopped():
        return answer
    draft = _draft()
    if wizard.missing(draft) != "review":
        return redirect(url_for("welcome.first_run"), 303)
    for_writing()
    library, account = wizard.write(db.session(), wizard.plan_of(draft, clock.today()))
    name, login = library.name, account.login
    db.session.commit()
    gate.forget_code(gate.data_folder(current_app))
    session.pop(DRAFT, None), session.pop(CODE, None)
    flash(
        _("Đã lập %(name)s. Vào làm việc bằng tên vào “%(login)s” và mật khẩu vừa đặt.", name=name, login=login),
        "success",
    )
    return redirect(url_for("accounts.sign_in"), 303)


@bp.post("/first-run/code")
@for_everyone
@reads_first
def give_code() -> Any:
    """The code from this machine lets a visitor from elsewhere go on."""
    if _is_founded():
        raise NotFound
    if not gate.fits(gate.data_folder(current_app), request.form.get("code", "")):
        return render_template("welcome/code.html", wrong=True), 403
    session[CODE] = gate.code_of(gate.data_folder(current_app))
    return redirect(url_for("welcome.first_run"), 303)


@bp.post("/first-run/demo")
@for_everyone
def ask_for_demo() -> Any:
    """The demo is loaded beside the server; asking twice is asking once."""
    if answer := _stopped():
        return answer
    job = _demo_job()
    if job is None or job.state is JobState.FAILED:
        queue.ask(demo_job.KIND, {}, None, None)
        db.session.commit()
    return redirect(url_for("welcome.first_run"), 303)


@bp.get("/source.zip")
@for_everyone
def source() -> Any:
    """What is running here, to take along, read and improve."""
    path = archive(current_app._get_current_object())  # type: ignore[attr-defined]
    return send_file(path, as_attachment=True, download_name=path.name)
