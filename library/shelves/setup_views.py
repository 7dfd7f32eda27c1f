"""Building shelves, and what is set of one: manner, keeper, helpers' weeks, the end."""

from collections.abc import Mapping, Sequence
from dataclasses import astuple
from typing import Any
from uuid import UUID

from flask import flash, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import Session

from library import access, audit
from library.access import Permission, here, needs
from library.catalogue.levels import LEVELS
from library.core import clock
from library.core.db import db
from library.core.errors import Forbidden, Invalid, NotFound, Reason
from library.core.forms import Reader
from library.loans import posting
from library.loans import queries as loans
from library.loans.forms import Posted
from library.organisations.models import Branch, Organisation
from library.patrons import asked
from library.patrons.models import SchoolClass
from library.shelves import building, building_many, keeping, setup_forms, tenures, turns
from library.shelves.building import NameTaken, NewShelf
from library.shelves.frame import shelf_frame
from library.shelves.keeping import Keeper
from library.shelves.models import Shelf
from library.shelves.pages import bp, page
from library.shelves.scopes import mine, shelf_here
from library.shelves.setup_forms import Parts

Complaints = Mapping[str, Reason]
WEEKS = 18
"""A term: what is offered for helpers' weeks."""


def _library() -> tuple[Sequence[Organisation], Organisation]:
    """Those in scope, and the one asked for. A whole school's: nothing for who has one class."""
    if here().classes is not None:
        raise Forbidden(Permission.CLASS_PLAN)
    return asked.libraries()


@bp.get("/shelves/new", endpoint="new")
@needs(Permission.CLASS_PLAN)
def show_new() -> Any:
    return _new_page(*_library())


def _new_page(
    libraries: Sequence[Organisation], library: Organisation, told: posting.Source | None = None,
    complaints: Complaints | None = None,
) -> str:  # fmt: skip
    session, today = db.session(), clock.today()
    known = building_many.keepers(session, library.id)
    bare = building_many.without(session, library.id, today, here())
    return page(
        "shelves/new.html", libraries=libraries, library=library, lib=asked.slug_of(library),
        classes=[(one, count, known.get(one.id), building_many.usual_mode(one.grade)) for one, count in bare],
        branches=_branches(session, library), told=told or {}, complaints=complaints or {}, made=_made(session),
        teachers=_teachers(session, library.id), kinds=setup_forms.KIND_WORDS, modes=setup_forms.MODE_WORDS,
        levels=LEVELS, ticked=posting.many(told, "level") if told else [],
    )  # fmt: skip


def _made(session: Session) -> Sequence[Shelf]:
    """The shelves this account has just built: their codes wait to be printed."""
    try:
        last = UUID(request.args.get("last", ""))
    except ValueError:
        return ()
    answer = loans.answer_to(session, current_user.uid, last) or {}
    uids = [UUID(one) for one in answer.get("shelves", ())]
    return session.scalars(select(Shelf).where(Shelf.uid.in_(uids), mine()).order_by(Shelf.id)).all()


def _branches(session: Session, library: Organisation) -> Sequence[Branch]:
    query = select(Branch).where(Branch.organisation_id == library.id, here().of_branches(Branch.id))
    return session.scalars(query.order_by(Branch.id)).all()


def _teachers(session: Session, library_id: int) -> dict[str, Keeper]:
    """By their account's uid, in the order of names."""
    return {str(one.uid): Keeper(one.name, one.id) for one, _class in keeping.teachers(session, library_id)}


@bp.post("/shelves/new", endpoint="build")
@needs(Permission.CLASS_PLAN)
def build() -> Any:
    """Shelves for the classes ticked (`class`), or one of a room or grade with a `name`."""
    (libraries, library), told = _library(), posting.source()
    reader = Reader(told)
    posted, classes = posting.posted_of(told, reader), posting.many(told, "class")
    try:
        if classes:
            reader.done()
            assert posted
            return _build_many(library, posted, sorted(classes))
        return _build_one(library, posted, reader, told)
    except Invalid as wrong:
        if request.is_json:
            raise
        return _new_page(libraries, library, told, wrong.fields), 422


def _classes(library: Organisation, uids: Sequence[str]) -> list[SchoolClass]:
    """Those ticked that have no shelf yet; a class that got one meanwhile keeps it."""
    bare = building_many.without(db.session(), library.id, clock.today(), here())
    return [one for one, _count in bare if str(one.uid) in uids]


def _build_many(library: Organisation, posted: Posted, classes: Sequence[str]) -> Any:
    def work() -> dict[str, Any]:
        doing = posting.doing_at(posted, current_user.branch_id)
        return _built(library, building_many.for_classes(db.session(), doing, library, _classes(library, classes)))

    return posting.answer(posted, {"build": classes}, work, lambda done: _next(posted, library))


def _build_one(library: Organisation, posted: Posted | None, reader: Reader, told: posting.Source) -> Any:
    session = db.session()
    branches = {str(one.uid): one for one in _branches(session, library)}
    parts = Parts(setup_forms.levels_of(posting.many(told, "level")), _teachers(session, library.id))
    new, branch = setup_forms.new_shelf(reader, parts), reader.choice("branch", branches, required=len(branches) > 1)
    reader.done()
    assert posted
    where = branch or next(iter(branches.values()), None)
    if where is None:
        raise Forbidden(Permission.CLASS_PLAN)
    content = {"build": new.name, "at": where.id, "as": [*astuple(new)]}
    return posting.answer(
        posted, content, lambda: _built(library, [_one(posted, library, where, new)]),
        lambda done: _next(posted, library),
    )  # fmt: skip


def _one(posted: Posted, library: Organisation, branch: Branch, new: NewShelf) -> Shelf:
    try:
        return building.build(db.session(), posting.doing_at(posted, branch.id), library, branch.id, new)
    except NameTaken as taken:
        raise Invalid({"name": taken.reasons[0]}) from None


def _built(library: Organisation, shelves: Sequence[Shelf]) -> dict[str, Any]:
    for one in shelves:
        audit.note(current_user.uid, "build-shelf", "shelf", one.uid, library.id)
    return {"shelves": [str(one.uid) for one in shelves]}


def _next(posted: Posted, library: Organisation) -> str:
    return url_for("shelves.new", last=posted.uid, lib=asked.slug_of(library))


@bp.get("/shelves/<uuid:uid>/settings", endpoint="settings")
@needs(Permission.CLASS_KEEP)
def show_settings(uid: UUID) -> Any:
    return _settings_page(shelf_here(db.session(), uid))


def _settings_page(shelf: Shelf, told: posting.Source | None = None, complaints: Complaints | None = None) -> str:
    session, today = db.session(), clock.today()
    tenure = tenures.current(session, shelf.id)
    return page(
        "shelves/settings.html", **shelf_frame(session, shelf, ""), tenure=tenure, told=told or {},
        complaints=complaints or {}, modes=setup_forms.MODE_WORDS, goes=setup_forms.GOES_WORDS,
        levels=LEVELS, plans=_plans(shelf), teachers=_teachers(session, shelf.library_id), whys=setup_forms.WHY_CLOSED,
        pupils=turns.pupils(session, tenure.class_id) if tenure and tenure.class_id else (),
        weeks=_weeks(turns.of_shelf(session, shelf.id, today)), first_on=today, usual_weeks=WEEKS, each=turns.EACH,
        this_week=turns.monday(today), ticked=posting.many(told, "member") if told else None,
    )  # fmt: skip


def _plans(shelf: Shelf) -> bool:
    return access.scope(Permission.CLASS_PLAN).holds_branch(shelf.branch_id)


def _weeks(helpers: Sequence[turns.Helper]) -> list[tuple[Any, list[str]]]:
    """(Monday, names) in order."""
    found: dict[Any, list[str]] = {}
    for one in helpers:
        found.setdefault(one.from_on, []).append(one.name)
    return list(found.items())


@bp.post("/shelves/<uuid:uid>/settings", endpoint="change")
@needs(Permission.CLASS_KEEP)
def change(uid: UUID) -> Any:
    shelf, told = shelf_here(db.session(), uid), posting.source()
    reader = Reader(told)
    posted, to = (
        posting.posted_of(told, reader),
        setup_forms.manner(reader, setup_forms.levels_of(posting.many(told, "level"))),
    )

    def work() -> dict[str, Any]:
        try:
            keeping.change(db.session(), shelf, to)
        except NameTaken as taken:
            raise Invalid({"name": taken.reasons[0]}) from None
        audit.note(current_user.uid, "change-shelf", "shelf", shelf.uid, shelf.library_id)
        return {"shelf": str(shelf.uid)}

    content = {"change": str(uid), "to": [to.name, to.mode, to.goes_with, *to.levels]}
    return _said(shelf, reader, posted, content, work, _("Đã lưu cách dùng tủ."))


def _said(
    shelf: Shelf, reader: Reader, posted: Posted | None, content: dict[str, Any], work: Any, words: str
) -> Any:  # fmt: skip
    """Do it once and come back to the settings; complaints stand on the page with what was typed."""
    try:
        reader.done()
        assert posted
        return posting.answer(posted, content, work, lambda done: _flashed(shelf, words))
    except Invalid as wrong:
        if request.is_json:
            raise
        db.session.rollback()
        return _settings_page(shelf, reader.source, wrong.fields), 422


def _flashed(shelf: Shelf, words: str) -> str:
    flash(words, "success")
    return url_for("shelves.settings", uid=shelf.uid)


@bp.post("/shelves/<uuid:uid>/keeper", endpoint="keep")
@needs(Permission.CLASS_PLAN)
def keep(uid: UUID) -> Any:
    """Another keeper without minutes: the one before has left, or nobody was named."""
    shelf, told = shelf_here(db.session(), uid), posting.source()
    reader = Reader(told)
    posted = posting.posted_of(told, reader)
    keeper = setup_forms.keeper_of(reader, _teachers(db.session(), shelf.library_id))

    def work() -> dict[str, Any]:
        keeping.give_to(db.session(), posting.doing_at(posted, shelf.branch_id), shelf, keeper)  # type: ignore[arg-type]
        audit.note(current_user.uid, "keep-shelf", "shelf", shelf.uid, shelf.library_id)
        return {"shelf": str(shelf.uid)}

    content = {"keep": str(uid), "keeper": keeper.account_id or keeper.name}
    return _said(shelf, reader, posted, content, work, _("Đã ghi người giữ tủ."))


@bp.post("/shelves/<uuid:uid>/turns", endpoint="turns")
@needs(Permission.CLASS_KEEP)
def set_turns(uid: UUID) -> Any:
    """Helpers' weeks made for weeks ahead; those planned before are made anew from that Monday on."""
    session, shelf, told = db.session(), shelf_here(db.session(), uid), posting.source()
    reader = Reader(told)
    posted, said = (
        posting.posted_of(told, reader),
        setup_forms.turns(reader, clock.today(), posting.many(told, "member")),
    )

    def work() -> dict[str, Any]:
        assert said
        planned = _planned(session, shelf, said)
        turns.write(session, shelf.id, planned, said.first_on)
        return {"weeks": len(planned)}

    content = {"turns": str(uid), "told": said and [said.first_on, said.weeks, said.each, *said.members]}
    return _said(shelf, reader, posted, content, work, _("Đã chia tuần trực."))


def _planned(session: Session, shelf: Shelf, said: setup_forms.Turns) -> list[turns.Turn]:
    tenure = tenures.current(session, shelf.id)
    pupils = turns.pupils(session, tenure.class_id if tenure else None)
    members = [one.membership_id for one in pupils if one.uid in said.members]
    if len(members) != len(set(said.members)):
        raise NotFound  # somebody of another class
    weeks = turns.open_weeks(session, shelf.branch_id, shelf.place_id, said.first_on, said.weeks)
    return turns.plan(members, weeks, said.each, turns.lately(session, shelf.id, turns.monday(said.first_on)))


@bp.post("/shelves/<uuid:uid>/close", endpoint="close")
@needs(Permission.CLASS_PLAN)
def close(uid: UUID) -> Any:
    shelf, told = shelf_here(db.session(), uid), posting.source()
    reader = Reader(told)
    posted, why = posting.posted_of(told, reader), reader.choice("why", {one: one for one in setup_forms.WHY_CLOSED})

    def work() -> dict[str, Any]:
        assert posted
        keeping.close(db.session(), posting.doing_at(posted, shelf.branch_id), shelf, why or "")
        audit.note(current_user.uid, "close-shelf", "shelf", shelf.uid, shelf.library_id)
        return {"shelf": str(shelf.uid)}

    return _said(shelf, reader, posted, {"close": str(uid), "why": why}, work, _("Đã đóng tủ. Lịch sử của tủ vẫn còn."))


@bp.post("/shelves/<uuid:uid>/reopen", endpoint="reopen")
@needs(Permission.CLASS_PLAN)
def reopen(uid: UUID) -> Any:
    shelf, told = shelf_here(db.session(), uid), posting.source()
    reader = Reader(told)
    posted = posting.posted_of(told, reader)

    def work() -> dict[str, Any]:
        assert posted
        keeping.reopen(db.session(), posting.doing_at(posted, shelf.branch_id), shelf)
        audit.note(current_user.uid, "reopen-shelf", "shelf", shelf.uid, shelf.library_id)
        return {"shelf": str(shelf.uid)}

    return _said(shelf, reader, posted, {"reopen": str(uid)}, work, _("Tủ mở lại như trước."))
