"""Where shelves stand, told by the staff and shown to readers beside a book."""

from io import BytesIO
from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from library import audit, files
from library.access import Permission, for_everyone, here, needs, reads_first
from library.catalogue import pictures
from library.core.db import db, for_writing
from library.core.errors import NotFound, Reason
from library.core.fold import clean
from library.finding import queries, ways
from library.finding.pages import bp

FOR_EVER = 31_536_000


@bp.get("/tv/<slug>/duong/<int:place_id>", endpoint="way_picture")
@for_everyone
def show_picture(slug: str, place_id: int) -> Any:
    """What the way to a place looks like. Its address changes with the picture, so it may be kept."""
    library = queries.library_at(db.session(), slug)
    key = ways.picture_of(db.session(), library.id, place_id) if place_id < 2**31 else None
    if not key or not files.path_of(key).exists():
        raise NotFound
    answer = Response(files.path_of(key).read_bytes(), mimetype="image/jpeg")
    answer.headers["Cache-Control"] = f"public, max-age={FOR_EVER}, immutable" if request.args.get("v") else "no-cache"
    answer.set_etag(key)
    return answer.make_conditional(request)


@bp.get("/settings/ways", endpoint="ways")
@needs(Permission.RULES)
def show_ways() -> Any:
    return _page()


@bp.post("/settings/ways", endpoint="change_ways")
@needs(Permission.RULES)
@reads_first
def change_ways() -> Any:
    """All places of the library at once; a picture is looked at before anything is written."""
    library_id = here().library(current_user.library_id)
    places = [place.id for place in queries.homes(db.session(), library_id)]
    try:
        sent = {place_id: _picture(place_id) for place_id in places}
    except pictures.BadPicture as bad:
        return _page(bad.reason), 422
    for_writing()
    known = ways.described(db.session(), queries.homes(db.session(), library_id))
    for place_id in (one for one in places if f"words-{one}" in request.form):
        words = clean(request.form[f"words-{place_id}"])[: ways.LONGEST]
        kept = known[place_id].picture_key if place_id in known and not request.form.get(f"drop-{place_id}") else None
        ways.describe(db.session(), place_id, words, sent[place_id] or kept)
    audit.note(current_user.uid, "change-ways", "library", library_id, library_id)
    db.session.commit()
    flash(_("Đã lưu đường đến kệ."), "success")
    return redirect(url_for("finding.ways"), 303)


def _picture(place_id: int) -> str | None:
    """The key of a picture that was sent. Raises BadPicture."""
    sent = request.files.get(f"picture-{place_id}")
    if sent is None or not sent.filename:
        return None
    return files.keep(BytesIO(pictures.prepared(sent.stream)))  # type: ignore[arg-type]  # it reads bytes


def _page(trouble: Reason | None = None) -> str:
    places = queries.homes(db.session(), here().library(current_user.library_id))
    known = ways.described(db.session(), places)
    show = {"places": places, "known": known, "told": request.form, "accept": pictures.ACCEPT, "longest": ways.LONGEST}
    return render_template("finding/ways.html", trouble=trouble, **show)
