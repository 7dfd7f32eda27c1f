"""A site's log on a phone: one touch counts, one line tells what was asked for, one touch takes the last back."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Self
from uuid import UUID

from flask import Blueprint, request, url_for
from flask_babel import gettext as _

from library import access
from library.access import Permission, needs
from library.core import clock
from library.core.db import db
from library.core.errors import N_, Forbidden
from library.core.forms import Reader
from library.loans import posting
from library.loans.forms import Posted, uuid_or_none
from library.loans.posting import Source
from library.rotation import site_log, undoing
from library.rotation.models import Site
from library.rotation.scopes import site_here
from library.rotation.site_log import MOST, Counted
from library.rotation.views import page

bp = Blueprint("rotation_log", __name__)
SHOWN = timedelta(days=7)


@dataclass(frozen=True)
class LogForm:
    """A touch: so many came (`visits`), so many books were read (`uses`), of a class (`group`), on a day; or `wish`."""

    posted: Posted
    told: Counted
    group: str | None
    wish: str | None
    times: int

    @classmethod
    def read(cls, source: Source) -> Self:
        """Raises Invalid."""
        reader = Reader(source)
        posted = posting.posted_of(source, reader)
        visits, uses = (reader.number(name, 0, MOST, required=False) or 0 for name in ("visits", "uses"))
        group, wish = reader.text("group", False, 40), reader.text("wish", False, 200)
        times, on = reader.number("times", 1, 200, required=False) or 1, reader.planned_day("on", required=False)
        if not (visits or uses or wish):
            reader.complain("visits", "nothing", N_("Chưa có số nào để ghi."))
        reader.done()
        assert posted is not None
        return cls(posted, Counted(visits, uses, on=on), group, wish, times)

    @property
    def content(self) -> dict[str, Any]:
        on = self.told.on and self.told.on.isoformat()
        told = {"visits": self.told.visits, "uses": self.told.uses, "on": on, "group": self.group}
        return {"log": {**told, "wish": self.wish, "times": self.times}}


@bp.get("/rotation/sites/<uuid:uid>/log")
@needs(Permission.ROTATION_HANDLE)
def show(uid: UUID) -> Any:
    session, site, today = db.session(), _site(uid), clock.today()
    return page(
        "rotation/log.html", site=site, day=site_log.day(session, site, today),
        groups=site_log.classes(session, site, today), entries=site_log.recent(session, site, today - SHOWN),
        earliest=max(site.from_on, today - site_log.FURTHEST), asked=request.args.get("more") == "1",
    )  # fmt: skip


def _site(uid: UUID) -> Site:
    """Whoever stands there counts: the site's branch, or the library that runs it, must be in scope."""
    site = site_here(db.session(), uid)
    scope = access.scope(Permission.ROTATION_HANDLE)
    if not (scope.holds_branch(site.branch_id) or scope.holds_library(site.library_id)):
        raise Forbidden(Permission.ROTATION_HANDLE)
    return site


@bp.post("/rotation/sites/<uuid:uid>/log")
@needs(Permission.ROTATION_HANDLE)
def write(uid: UUID) -> Any:
    """One touch or one line. JSON from a script, or a plain form."""
    _site(uid)
    form = LogForm.read(posting.source())
    return posting.answer_aloud(form.posted, form.content, lambda: _write(_site(uid), form), lambda done: _back(uid))


def _back(uid: UUID) -> str:
    return url_for("rotation_log.show", uid=uid)


def _write(site: Site, form: LogForm) -> dict[str, Any]:
    session, doing = db.session(), posting.doing_at(form.posted, site.branch_id)
    if form.wish:
        site_log.asked(session, doing, site, form.wish, form.times)
        said = _("Đã ghi: bạn đọc hỏi “%(what)s” %(times)s lần.", what=form.wish, times=form.times)
        return _now(site, form.posted, said)
    group = next((one for one in site_log.classes(session, site, clock.today()) if one.name == form.group), None)
    told = replace(form.told, class_name=group.name, grade=group.grade) if group else form.told
    site_log.count(session, doing, site, told)
    return _now(site, form.posted, _counted(told))


def _counted(told: Counted) -> str:
    who = f"{told.class_name}: " if told.class_name else ""
    day = f" ({told.on:%d/%m})" if told.on and told.on != clock.today() else ""
    parts = [_("%(count)s lượt người", count=told.visits)] if told.visits else []
    parts += [_("%(count)s lượt sách", count=told.uses)] if told.uses else []
    return str(_("Đã ghi %(what)s.", what=who + ", ".join(parts) + day))


def _now(site: Site, posted: Posted, said: str) -> dict[str, Any]:
    """What the page shows after it, with what undoes it."""
    day = site_log.day(db.session(), site, clock.today())
    return {"act": str(posted.uid), "do": said, "day": vars(day)}


@bp.post("/rotation/sites/<uuid:uid>/log/undo")
@needs(Permission.ROTATION_HANDLE)
def undo(uid: UUID) -> Any:
    """Takes back `act`, one of this site's log. Whoever keeps the log may: it names nobody."""
    _site(uid)
    told = posting.source()
    reader = Reader(told)
    posted, act = posting.posted_of(told, reader), reader.text("act", True, 40)
    reader.done()
    assert posted is not None
    return posting.answer_aloud(posted, {"undo": act}, lambda: _undo(_site(uid), posted, act), lambda done: _back(uid))


def _undo(site: Site, posted: Posted, text: str) -> dict[str, Any]:
    session = db.session()
    found = site_log.act_of(session, site, uuid_or_none(text))
    undoing.undo(session, replace(posting.doing_at(posted, site.branch_id), at=None), found)
    return {**_now(site, posted, _("Đã hoàn tác: lượt ấy không tính nữa.")), "act": None, "undid": str(found.uid)}
