"""The end of the school year: five steps for one shelf, and all shelves of the library side by side."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import and_, select
from sqlalchemy.orm import Session, joinedload

from library import access, audit
from library.access import Permission, needs
from library.core import clock
from library.core.db import db, once_more
from library.core.errors import N_, NotFound, Reason, Refused
from library.core.forms import Reader
from library.exports.answers import paper
from library.inbox.acts import Doing
from library.inbox.models import Act
from library.loans import posting
from library.patrons import asked, school_years
from library.shelves import (
    handing,
    keeping,
    owner_papers,
    ownership,
    tenures,
    undoing,
    year_end,
    year_end_rules,
)
from library.shelves.frame import shelf_frame
from library.shelves.models import HandoverKind, Shelf, ShelfTenure
from library.shelves.ownership import Owned
from library.shelves.scopes import mine, shelf_here
from library.shelves.signers import to_sign
from library.shelves.year_end import KIND, Coming, Promotion, Year
from library.shelves.year_end_rules import Facts, Step
from library.staging.values import BadValue, ClassName, class_name

bp = Blueprint("year_end", __name__)
STEP_WORDS = {
    Step.LOANS: N_("Thu sách đang mượn"),
    Step.COUNT: N_("Kiểm tủ"),
    Step.OWNERS: N_("Trả sách cho chủ"),
    Step.HANDOVER: N_("Ký bàn giao"),
    Step.PROMOTE: N_("Sang năm học sau"),
}
NOT_LAST = Reason("not-last", N_("Sau lần chuyển này tủ đã đổi người giữ, nên không hoàn tác được nữa."))
OWNED = {one.value: one for one in Owned}
Told = Mapping[str, Any]


# One shelf


@bp.get("/shelves/<uuid:uid>/year-end", endpoint="of_shelf")
@needs(Permission.CLASS_KEEP)
def show_of_shelf(uid: UUID) -> Any:
    return _page(shelf_here(db.session(), uid), {}, {})


def _page(shelf: Shelf, told: Told, complaints: Mapping[str, Reason]) -> str:
    session = db.session()
    facts = year_end.facts(session, [shelf], clock.now())[shelf.id]
    tenure = tenures.current(session, shelf.id)
    return render_template(
        "shelves/year_end.html", facts=facts, states=year_end_rules.states(facts), steps=Step, words=STEP_WORDS,
        owners=ownership.by_owner(session, shelf), owner_words=ownership.WORDS, at_year_end=ownership.AT_YEAR_END,
        coming=year_end.coming(session, shelf, tenure), tenure=tenure, history=_history(session, shelf),
        may_plan=bool(access.scope(Permission.CLASS_PLAN)), teachers=_teachers(session, shelf), told=told,
        complaints=complaints, form_uid=clock.uuid7(), waiting=_waiting(session, shelf),
        known=current_app.view_functions, **shelf_frame(session, shelf, ""),
    )  # fmt: skip


def _waiting(session: Session, shelf: Shelf) -> Any:
    kinds = (HandoverKind.YEAR_END, HandoverKind.TEACHER)
    return next(filter(None, (handing.waiting(session, shelf.id, kind) for kind in kinds)), None)


def _history(session: Session, shelf: Shelf) -> list[dict[str, Any]]:
    return [
        {"name": _class_words(one), "keeper": one.keeper_name, "from": one.from_on, "to": one.to_on}
        for one in year_end.history(session, shelf.id)
    ]


def _class_words(one: ShelfTenure) -> str:
    found = _("Lớp %(name)s", name=one.school_class.name) if one.school_class else _("Không của riêng lớp nào")
    return str(found)


def _teachers(session: Session, shelf: Shelf) -> list[tuple[str, str]]:
    found = {account.uid: account.name for account, _class in keeping.teachers(session, shelf.library_id)}
    return [(str(uid), name) for uid, name in found.items()]


@bp.post("/shelves/<uuid:uid>/year-end", endpoint="promote")
@needs(Permission.CLASS_PLAN)
def promote(uid: UUID) -> Any:
    """`name` of the class that keeps it next year, `keeper` (a teacher's uid), `same` (the keeper goes on)."""
    session, told = db.session(), posting.source()
    shelf, reader = shelf_here(session, uid), Reader(told)
    posted, what = posting.posted_of(told, reader), _promotion(session, shelf, reader)
    if reader.complaints and not request.is_json:
        return _page(shelf, told, reader.complaints), 422
    reader.done()
    assert posted
    content = {
        "end-year": str(uid),
        "name": what.name,
        "keeper": what.keeper and what.keeper.id,
        "same": what.same_keeper,
    }
    return posting.answer(
        posted, content, lambda: _promote(shelf, posting.doing_at(posted, shelf.branch_id), what),
        lambda _done: url_for("year_end.of_shelf", uid=uid),
    )  # fmt: skip


def _promotion(session: Session, shelf: Shelf, reader: Reader) -> Promotion:
    tenure = tenures.current(session, shelf.id)
    coming = year_end.coming(session, shelf, tenure)
    named = _class(reader, required=tenure is not None and tenure.class_id is not None)
    among = {str(account.uid): account for account, _class in keeping.teachers(session, shelf.library_id)}
    keeper = reader.choice("keeper", among, required=False)
    grade = named.grades[0] if named and len(named.grades) == 1 else None
    return Promotion(coming.year, named.name if named else "", grade, keeper, reader.ticked("same"))


def _class(reader: Reader, required: bool) -> ClassName | None:
    text = reader.text("name", required, 40)
    try:
        found = class_name(text) if text else None
    except BadValue as wrong:
        reader.complain("name", "class-name", wrong.sentence, **wrong.facts)
        return None
    if text and found is None:
        reader.complain("name", "class-name", N_("Tên lớp viết như 2A."))
    return found


def _promote(shelf: Shelf, doing: Doing, what: Promotion) -> dict[str, Any]:
    session = db.session()
    made = year_end.promote(session, doing, shelf, what)
    audit.note(current_user.uid, "end-year", "shelf", shelf.uid, shelf.library_id)
    name = made.school_class.name if made.school_class else shelf.place.name
    flash(_("Tủ đã sang năm học %(year)s, lớp %(name)s.", year=what.year, name=name), "success")
    return {"what": "promoted", "act": str(doing.uid), "name": name}


@bp.post("/shelves/<uuid:uid>/year-end/undo", endpoint="undo")
@needs(Permission.CLASS_PLAN)
def undo(uid: UUID) -> Any:
    """The shelf is the old class's again, as long as nobody else has taken it since."""
    session, told = db.session(), posting.source()
    shelf, reader = shelf_here(session, uid), Reader(told)
    posted = posting.posted_of(told, reader)
    reader.done()
    assert posted
    return posting.answer(
        posted, {"undo-end-year": str(uid)}, lambda: _undo(shelf, posting.doing_at(posted, shelf.branch_id)),
        lambda _done: url_for("year_end.of_shelf", uid=uid),
    )  # fmt: skip


def _undo(shelf: Shelf, doing: Doing) -> dict[str, Any]:
    session = db.session()
    tenure = tenures.current(session, shelf.id)
    act = session.get(Act, tenure.act_id) if tenure else None
    if act is None or act.kind != KIND:
        raise Refused(NOT_LAST)
    undoing.undo(session, doing, act)
    audit.note(current_user.uid, "undo-end-year", "shelf", shelf.uid, shelf.library_id)
    flash(_("Đã hoàn tác. Tủ lại là của lớp cũ."), "success")
    return {"what": "undone"}


# Lists by owner


@bp.get("/shelves/<uuid:uid>/year-end/owner", endpoint="owner")
@needs(Permission.CLASS_KEEP)
def show_owner(uid: UUID) -> Any:
    """The list of one sort of owner (`of`), as PDF or, with `as=docx`, to edit."""
    session, owned = db.session(), OWNED.get(request.args.get("of", Owned.LIBRARY))
    shelf = shelf_here(session, uid)
    if owned is None:
        raise NotFound
    data = owner_papers.docx(session, shelf, owned, current_user.name)
    return paper(data, _(ownership.WORDS[owned]), f"sach-{owned.value}", request.args.get("as") == "docx")


# All shelves


@bp.get("/shelves/year-end", endpoint="show")
@needs(Permission.CLASS_PLAN)
def show() -> Any:
    libraries, library = asked.libraries()
    session = db.session()
    rows = _rows(session, library.id)
    ready = [row for row in rows if not year_end_rules.against_promoting(row["facts"], False)]
    return render_template(
        "shelves/year_end_all.html", rows=rows, ready=ready, words=STEP_WORDS, steps=Step, form_uid=clock.uuid7(),
        library=library, libraries=libraries, lib=asked.slug_of(library),
        waiting=to_sign(session, and_(mine(), Shelf.library_id == library.id)),
        year=school_years.following(school_years.label_of(clock.today())) if not rows else rows[0]["coming"].year,
    )  # fmt: skip


def _rows(session: Session, library_id: int) -> list[dict[str, Any]]:
    """The highest grade first: a name is free again when its class has gone up (nine statements, however many)."""
    mine_ = select(Shelf).where(mine(), Shelf.library_id == library_id, Shelf.closed_on.is_(None))
    found = session.scalars(mine_.options(joinedload(Shelf.place))).all()
    kept = tenures.current_of(session, [one.id for one in found])
    facts, known = year_end.facts(session, found, clock.now()), year_end.years(session, kept.values())
    rows = [_row(one, facts[one.id], kept.get(one.id), known) for one in found]
    return sorted(rows, key=lambda row: (-_grade(row["tenure"]), row["shelf"].place.name))


def _grade(tenure: ShelfTenure | None) -> int:
    return (tenure.school_class.grade or 0) if tenure and tenure.school_class else 0


def _row(shelf: Shelf, facts: Facts, tenure: ShelfTenure | None, known: Mapping[int, Year]) -> dict[str, Any]:
    coming = year_end.next_class(shelf, tenure, known)
    states = year_end_rules.states(facts)
    now = next((step for step, state in states.items() if state == "now"), None)
    return {"shelf": shelf, "facts": facts, "states": states, "now": now, "tenure": tenure, "coming": coming}


@bp.post("/shelves/year-end", endpoint="promote_all")
@needs(Permission.CLASS_PLAN)
def promote_all() -> Any:
    """Every shelf that is signed for goes to the class its row says; the others stay. One act and one commit each: a
    scan at another shelf waits for one of them only, and what went up stays up if the rest is cut off."""
    _libraries, library = asked.libraries()
    back, done = url_for("year_end.show", lib=asked.slug_of(library)), 0
    for uid, coming in _ready(db.session(), library.id):
        done += _one_of_many(uid, coming)
    flash(_("Đã chuyển %(count)s tủ sang năm học sau.", count=done), "success")
    return redirect(back, 303)


def _ready(session: Session, library_id: int) -> list[tuple[UUID, Coming]]:
    rows = _rows(session, library_id)
    ready = [row for row in rows if not year_end_rules.against_promoting(row["facts"], False)]
    found = [(row["shelf"].uid, row["coming"]) for row in ready if row["coming"].name]
    db.session.rollback()  # nothing is held between one shelf and the next
    return found


def _one_of_many(uid: UUID, coming: Coming) -> bool:
    """Whether it went up: somebody may have done it, or closed it, meanwhile."""
    act = clock.uuid7()

    def work() -> None:
        session = db.session()
        shelf = shelf_here(session, uid)
        doing = Doing(act, current_user.uid, shelf.branch_id)
        year_end.promote(session, doing, shelf, Promotion(coming.year, coming.name, coming.grade))
        audit.note(current_user.uid, "end-year", "shelf", shelf.uid, shelf.library_id)
        session.commit()

    try:
        once_more(work)
    except Refused:
        db.session.rollback()
        return False
    return True
