"""Sites: the list, a new one, what is said of one, what it agreed to, its end."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from flask import Blueprint, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import Session

from library import access, audit
from library.access import Permission, here, needs, or_not_found
from library.core import clock
from library.core.db import db
from library.core.errors import Invalid, Reason
from library.core.fold import fold
from library.core.forms import Reader
from library.inbox.models import Act
from library.loans import posting
from library.loans.forms import Posted, uuid_or_none
from library.organisations.models import Branch, Organisation
from library.patrons import asked
from library.rotation import agreements, settings, sites, sites_forms, sites_told, undoing
from library.rotation.agreements import NotAgreed
from library.rotation.models import Agreement, Site
from library.rotation.scopes import of_sites
from library.rotation.site_words import ICONS, KINDS
from library.rotation.sites import SiteRefused
from library.rotation.views import page

bp = Blueprint("rotation_sites", __name__)
Complaints = Mapping[str, Reason]
MOST_BRANCHES = 40
"""Libraries that are listed for choosing; among more one searches."""


def own_site_here(session: Session, uid: UUID) -> Site:
    """Of a library in scope: for who runs it. Raises NotFound."""
    return or_not_found(session.scalar(select(Site).where(Site.uid == uid, here().of_libraries(Site.library_id))))


@bp.get("/rotation/sites", endpoint="list")
@needs(Permission.ROTATION_SEE)
def show_list() -> Any:
    """`closed=1`: those that are closed; `q`: part of a name, an area or a keeper's name."""
    session, today = db.session(), clock.today()
    text, closed = request.args.get("q", ""), request.args.get("closed") == "1"
    rows = sites_told.rows(session, of_sites(here()), today)
    plans = access.scope(Permission.ROTATION_PLAN)
    found = [one for one in rows if (one.site.closed_on is not None) is closed and one.answers_to(text)]
    return page(
        "rotation/sites.html", rows=found, total=len(rows), text=text, closed=closed, site_kinds=KINDS,
        closed_count=sum(one.site.closed_on is not None for one in rows), plans=bool(plans),
        may_plan=plans.holds_library,
    )  # fmt: skip


@bp.get("/rotation/sites/new", endpoint="new")
@needs(Permission.ROTATION_PLAN)
def show_new() -> Any:
    """`branch`: the uid of the library it is at, "none" for a point without one; asked first where neither is said."""
    libraries, library = asked.libraries()
    branch, said = _branch(library)
    if not said:
        return _choose(libraries, library)
    return _form_page(library, branch, None)


def _branch(library: Organisation) -> tuple[Branch | None, bool]:
    """The branch asked for, and whether any answer was given. Raises NotFound."""
    text = request.values.get("branch", "")
    if text in ("", "none"):
        return None, text == "none"
    uid = uuid_or_none(text)
    mine = (here().of_branches(Branch.id), Branch.closed_on.is_(None))
    found = or_not_found(db.session().scalar(select(Branch).where(Branch.uid == uid, *mine)) if uid else None)
    return found, True


def _choose(libraries: Sequence[Organisation], library: Organisation) -> str:
    text = request.args.get("q", "")
    every = sites_told.branches(db.session(), here(), library)
    found = [one for one in every if fold(text) in fold(f"{one.name} {one.organisation.name}")]
    return page(
        "rotation/site_choose.html", libraries=libraries, library=library, lib=asked.slug_of(library), text=text,
        branches=found[:MOST_BRANCHES], more=len(found) - MOST_BRANCHES, total=len(every),
        taken=sites_told.taken(db.session(), library.id),
    )  # fmt: skip


def _form_page(
    library: Organisation, branch: Branch | None, site: Site | None, told: posting.Source | None = None,
    complaints: Complaints | None = None,
) -> str:  # fmt: skip
    told = told if told is not None else sites_told.as_form(site, branch)
    return page(
        "rotation/site_form.html", library=library, lib=asked.slug_of(library), branch=branch, site=site, told=told,
        complaints=complaints or {}, site_kinds=KINDS, site_icons=ICONS, grades=sites_forms.GRADES,
        languages=sites_forms.OTHER_LANGUAGES, ticked={name: posting.many(told, name) for name in ("grade", "language")},
        areas=sites_told.areas(db.session(), library.id), whys=sites_forms.WHY_CLOSED,
    )  # fmt: skip


@bp.post("/rotation/sites/new", endpoint="found")
@needs(Permission.ROTATION_PLAN)
def found_site() -> Any:
    library, told = asked.library(), posting.source()
    branch, _said = _branch(library)
    reader = Reader(told)
    posted, new = posting.posted_of(told, reader), _read(reader, branch)
    try:
        reader.done()
        assert posted and new
        content = {"found-site": new.name, "at": branch and branch.id, "lib": library.id}
        return posting.answer_aloud(posted, content, lambda: _found(library, posted, new), _to_list)
    except (Invalid, SiteRefused) as wrong:
        return _again(wrong, lambda complaints: _form_page(library, branch, None, told, complaints))


def _read(reader: Reader, branch: Branch | None) -> sites.NewSite | None:
    source = reader.source
    return sites_forms.new_site(reader, branch, posting.many(source, "grade"), posting.many(source, "language"))


def _again(wrong: Invalid | SiteRefused, form: Any) -> Any:
    """The form with what was typed and what is wrong beside it."""
    if request.is_json:
        raise wrong
    db.session.rollback()
    fields = wrong.fields if isinstance(wrong, Invalid) else {"name": wrong.reasons[0]}
    return form(fields), 422 if isinstance(wrong, Invalid) else wrong.status


def _found(library: Organisation, posted: Posted, new: sites.NewSite) -> dict[str, Any]:
    branch_id = new.branch.id if new.branch else library.branches[0].id
    site = sites.found(db.session(), posting.doing_at(posted, branch_id), library, new)
    audit.note(current_user.uid, "found-site", "site", site.uid, library.id)
    return {"site": str(site.uid), "do": _("Đã lập điểm %(name)s.", name=site.name), "outcome": "ok"}


def _to_list(done: dict[str, Any]) -> str:
    return url_for("rotation_sites.agreement", uid=UUID(done["site"]))


@bp.get("/rotation/sites/<uuid:uid>/edit", endpoint="edit")
@needs(Permission.ROTATION_PLAN)
def show_edit(uid: UUID) -> Any:
    site = own_site_here(db.session(), uid)
    return _form_page(site.library, site.branch, site)


@bp.post("/rotation/sites/<uuid:uid>/edit", endpoint="change")
@needs(Permission.ROTATION_PLAN)
def change(uid: UUID) -> Any:
    site, told = own_site_here(db.session(), uid), posting.source()
    reader = Reader(told)
    posted, new = posting.posted_of(told, reader), _read(reader, site.branch)

    def work() -> dict[str, Any]:
        assert new
        mine = own_site_here(db.session(), uid)
        sites.change(db.session(), mine, new)
        audit.note(current_user.uid, "change-site", "site", uid, mine.library_id)
        return {"site": str(uid), "do": _("Đã lưu điểm %(name)s.", name=new.name), "outcome": "ok"}

    try:
        reader.done()
        assert posted and new
        content = {"change-site": str(uid), "to": {**asdict(_bare(new))}}
        return posting.answer_aloud(posted, content, work, lambda done: url_for("rotation_sites.edit", uid=uid))
    except (Invalid, SiteRefused) as wrong:
        return _again(wrong, lambda complaints: _form_page(site.library, site.branch, site, told, complaints))


def _bare(new: sites.NewSite) -> sites.NewSite:
    """Without its branch, which never changes and is no plain value."""
    return sites.NewSite(**{**vars(new), "branch": None})


@bp.post("/rotation/sites/<uuid:uid>/close", endpoint="close")
@needs(Permission.ROTATION_PLAN)
def close(uid: UUID) -> Any:
    """`do`: close, with `why`; or reopen."""
    own_site_here(db.session(), uid)
    told = posting.source()
    reader = Reader(told)
    posted = posting.posted_of(told, reader)
    opens = told.get("do") == "reopen"
    why = None if opens else reader.choice("why", {one: one for one in sites_forms.WHY_CLOSED})
    reader.done()
    assert posted

    def work() -> dict[str, Any]:
        session, site = db.session(), own_site_here(db.session(), uid)
        if opens:
            sites.reopen(session, site)
        else:
            sites.close(session, posting.doing_at(posted, site.branch_id), site, why or "")
        audit.note(current_user.uid, "reopen-site" if opens else "close-site", "site", uid, site.library_id)
        said = (
            _("%(name)s mở lại như trước.", name=site.name)
            if opens
            else _("Đã đóng %(name)s. Lịch sử vẫn còn.", name=site.name)
        )
        return {"site": str(uid), "do": said, "outcome": "ok"}

    content = {"close-site": str(uid), "why": why}
    return posting.answer_aloud(posted, content, work, lambda done: url_for("rotation_sites.edit", uid=uid))


# Agreements


@bp.get("/rotation/sites/<uuid:uid>/agreement", endpoint="agreement")
@needs(Permission.ROTATION_PLAN)
def show_agreement(uid: UUID) -> Any:
    return _agreement_page(own_site_here(db.session(), uid))


def _agreement_page(site: Site, told: posting.Source | None = None, complaints: Complaints | None = None) -> str:
    session, today = db.session(), clock.today()
    now = agreements.current(session, site.id, today)
    usual: Mapping[str, Any] = sites_told.agreement_form(
        now, today, settings.of(session, site.library_id).longest_months
    )
    return page(
        "rotation/site_agreement.html", site=site, now=now, every=agreements.of_site(session, site.id),
        told=told if told is not None else usual, complaints=complaints or {}, staying=len(sites.staying(session, site)),
        longest=settings.of(session, site.library_id).longest_months,
    )  # fmt: skip


@bp.post("/rotation/sites/<uuid:uid>/agreement", endpoint="agree")
@needs(Permission.ROTATION_PLAN)
def agree(uid: UUID) -> Any:
    site, told = own_site_here(db.session(), uid), posting.source()
    reader = Reader(told)
    posted, new = posting.posted_of(told, reader), sites_forms.agreement(reader, clock.today())

    def work() -> dict[str, Any]:
        assert posted and new
        mine = own_site_here(db.session(), uid)
        changed = agreements.changes(db.session(), mine.id, new.from_on)
        made = agreements.make(db.session(), posting.doing_at(posted, mine.branch_id), mine, new)
        audit.note(current_user.uid, "agree-with-site", "site", uid, mine.library_id)
        said = _("Đã ghi thỏa thuận với %(name)s.", name=mine.name)
        if changed:
            said = _(
                "Đã sửa thỏa thuận với %(name)s bắt đầu ngày %(day)s.", name=mine.name, day=f"{new.from_on:%d/%m/%Y}"
            )
        return {"agreement": str(made.uid), "do": said, "outcome": "ok"}

    try:
        reader.done()
        assert posted and new
        content = {"agree": str(uid), "to": asdict(new)}
        return posting.answer_aloud(posted, content, work, lambda done: url_for("rotation_sites.agreement", uid=uid))
    except (Invalid, NotAgreed) as wrong:
        if request.is_json:
            raise
        db.session.rollback()
        fields = wrong.fields if isinstance(wrong, Invalid) else {"to_on": wrong.reasons[0]}
        return _agreement_page(site, told, fields), 422


@bp.post("/rotation/sites/<uuid:uid>/agreement/end", endpoint="end_agreement")
@needs(Permission.ROTATION_PLAN)
def end_agreement(uid: UUID) -> Any:
    """`do`: end (from today on), or undo of the one named `agreement`."""
    own_site_here(db.session(), uid)
    told = posting.source()
    reader = Reader(told)
    posted, which = posting.posted_of(told, reader), uuid_or_none(told.get("agreement"))
    reader.done()
    assert posted
    undo = told.get("do") == "undo"

    def work() -> dict[str, Any]:
        session, site = db.session(), own_site_here(db.session(), uid)
        found = or_not_found(
            session.scalar(select(Agreement).where(Agreement.uid == which, Agreement.site_id == site.id))
        )
        if undo:
            undoing.undo(session, posting.doing_at(posted, site.branch_id), session.get_one(Act, found.act_id))
        else:
            agreements.end(session, found, clock.today())
        audit.note(current_user.uid, "end-agreement", "site", uid, site.library_id)
        said = _("Đã hoàn tác. Thỏa thuận trước có hiệu lực như cũ.") if undo else _("Thỏa thuận kết thúc từ hôm nay.")
        return {"site": str(uid), "do": said, "outcome": "ok"}

    content = {"end-agreement": str(which), "undo": undo}
    return posting.answer_aloud(posted, content, work, lambda done: url_for("rotation_sites.agreement", uid=uid))
