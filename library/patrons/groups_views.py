"""A page for readers that are no single person: a class set, a teacher's set, another institution."""

from typing import Any
from uuid import uuid5

from flask import Blueprint, redirect, render_template, request, url_for
from flask_login import current_user

from library import audit
from library.access import Permission, here, needs
from library.core import clock
from library.core.db import db
from library.core.errors import Invalid
from library.inbox import once
from library.organisations.models import Organisation
from library.patrons import groups, queries
from library.patrons.groups import NewGroup

bp = Blueprint("groups", __name__)


def _library() -> Organisation:
    among = queries.libraries(db.session(), here())
    return queries.chosen(among, request.values.get("lib"), current_user.library_id)


@bp.get("/people/groups/new", endpoint="new")
@needs(Permission.EDIT_PATRON)
def show_new() -> Any:
    return _page(_library(), {"uid": str(clock.uuid7())})


def _page(library: Organisation, told: Any, **more: Any) -> str:
    page = {"complaints": {}, "among": ()} | more
    own = library.id == current_user.library_id
    return render_template("patrons/group.html", library=library, told=told, own=own, **page)


@bp.post("/people/groups", endpoint="add")
@needs(Permission.EDIT_PATRON)
def add() -> Any:
    """One group, one card; the same form twice makes one."""
    session, library = db.session(), _library()
    found = groups.meant(session, library, request.form, here())
    try:
        new = NewGroup.read(request.form, found)
    except Invalid as told:
        return _page(library, request.form, complaints=told.fields, among=found if len(found) > 1 else ()), 422
    address = url_for("patrons.person", uid=_once(library, new))
    session.commit()
    return redirect(address, 303)


def _once(library: Organisation, new: NewGroup) -> str:
    """The membership's uid."""
    session, content = db.session(), new.content()
    uid = uuid5(new.uid, once.fingerprint(content))
    answer = once.arrive(session, uid, current_user.uid, content)
    if answer is None:
        made, _card = groups.found(session, library, new)
        answer = {"membership": str(made.uid)}
        once.keep_answer(session, uid, answer)
        audit.note(current_user.uid, "add-group", "membership", made.uid, library.id)
    return str(answer["membership"])
