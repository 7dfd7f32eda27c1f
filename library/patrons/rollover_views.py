"""The school goes into the next year: looked at class by class, done at once, taken back within a week."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID, uuid5

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import Session

from library import audit
from library.access import Permission, here, needs, reads_first
from library.core import clock
from library.core.db import db, for_writing
from library.core.errors import Forbidden, Invalid, NotFound
from library.inbox import once
from library.inbox.acts import Doing
from library.organisations.models import Branch, Organisation
from library.patrons import asked, held, rolling, rollover, school_years
from library.patrons.held import Held
from library.patrons.models import Membership, Person, Rollover, SchoolClass
from library.patrons.rollover import Rolling, School

bp = Blueprint("rollover", __name__)
SHOWN = 5
EARLY = 100
"""Days before a school year begins from which on it is no surprise to go into it."""

Holder = tuple[Membership, Sequence[Held]]


def _library() -> tuple[Sequence[Organisation], Organisation]:
    """Those in scope, and the one asked for. The whole school: nothing for who has a class of their own."""
    if here().classes is not None:
        raise Forbidden(Permission.EDIT_PATRON)
    return asked.libraries()


def _year(session: Session, library: Organisation) -> tuple[Sequence[str], str]:
    """Years to choose from, and the one asked for."""
    today = clock.today()
    usual = rollover.usual_year(today)
    among = sorted({usual, *school_years.labels(session, library.id, today)}, reverse=True)
    wanted = request.values.get("year", "")
    return among, wanted if wanted in among else usual


@bp.get("/people/roll-over")
@needs(Permission.EDIT_PATRON)
def show() -> Any:
    (libraries, library), session = _library(), db.session()
    among, year = _year(session, library)
    whole = rollover.school(session, library.id, year)
    return _page(libraries, library, among, whole, Rolling.usual(whole))


def _page(
    libraries: Sequence[Organisation], library: Organisation, among: Sequence[str], whole: School, plan: Rolling,
    told: Any = None, complaints: Any = None,
) -> str:  # fmt: skip
    session = db.session()
    before = select(Rollover).where(Rollover.library_id == library.id).order_by(Rollover.id.desc()).limit(SHOWN)
    year = school_years.find(session, library.id, whole.year)
    begins = year.from_on if year else school_years.days_of(whole.year)[0]
    return render_template(
        "patrons/rollover.html", libraries=libraries, library=library, years=among, school=whole, rolling=plan,
        told=told, complaints=complaints or {}, books=_books(session, plan), before=session.scalars(before).all(),
        early=(begins - clock.today()).days > EARLY, begins=begins, uid=clock.uuid7(), lib=asked.slug_of(library),
    )  # fmt: skip


def _books(session: Session, plan: Rolling) -> tuple[int, int]:
    """(readers, books) of those who leave with something in their hands."""
    have = held.of(session, plan.leaving)
    return len(have), sum(map(len, have.values()))


@bp.post("/people/roll-over", endpoint="roll")
@needs(Permission.EDIT_PATRON)
@reads_first
def do_roll() -> Any:
    """Looked at once more, or done: the two buttons of one form."""
    (libraries, library), session = _library(), db.session()
    among, year = _year(session, library)
    whole = rollover.school(session, library.id, year)
    try:
        plan = Rolling.read(request.form, whole)
    except Invalid as wrong:
        return _page(libraries, library, among, whole, Rolling.usual(whole), request.form, wrong.fields), 422
    if request.form.get("do") != "roll":
        return _page(libraries, library, among, whole, plan, request.form)
    library_id, branch_id = library.id, _branch(session, library)
    for_writing()
    uid = _roll_once(db.session(), library_id, branch_id, plan)
    db.session.commit()
    return redirect(url_for("rollover.done", uid=uid), 303)


def _branch(session: Session, library: Organisation) -> int:
    """Where it is done: one's own branch if it is the library's."""
    query = select(Branch.id).where(Branch.organisation_id == library.id).order_by(Branch.id)
    mine = session.scalars(query).all()
    return current_user.branch_id if current_user.branch_id in mine else mine[0]


def _roll_once(session: Session, library_id: int, branch_id: int, plan: Rolling) -> str:
    """The same form twice is one act: the second click is shown the first one's page."""
    content = {
        "do": "roll-over",
        "library": library_id,
        "year": plan.year,
        "form": sorted(request.form.items(multi=True)),
    }
    message = uuid5(_uuid(request.form.get("uid")), once.fingerprint(content))
    answer = once.arrive(session, message, current_user.uid, content)
    if answer is None:
        made = rolling.roll(session, Doing.now(current_user.uid, branch_id), library_id, plan)
        answer = {"rollover": str(made.uid)}
        once.keep_answer(session, message, answer)
        audit.note(current_user.uid, "roll-over", "rollover", made.uid, library_id)
    return str(answer["rollover"])


def _uuid(text: str | None) -> UUID:
    try:
        return UUID(text or "")
    except ValueError:
        return clock.uuid7()


def _made(uid: UUID, lock: bool = False) -> Rollover:
    if here().classes is not None:
        raise Forbidden(Permission.EDIT_PATRON)
    query = select(Rollover).where(Rollover.uid == uid, here().of_libraries(Rollover.library_id))
    found = db.session.scalar(query.with_for_update() if lock else query)
    if found is None:
        raise NotFound
    return found


@bp.get("/people/roll-over/<uuid:uid>")
@needs(Permission.EDIT_PATRON)
def done(uid: UUID) -> Any:
    made, session = _made(uid), db.session()
    library = session.get_one(Organisation, made.library_id)
    return render_template(
        "patrons/rollover_done.html", made=made, library=library, lib=asked.slug_of(library), may_undo=rolling.may_undo(made),
        until=rolling.undo_until(made).astimezone(clock.HERE), holders=_holders(session, rolling.left(made)),
        kept=_readers(session, rolling.kept(made)), totals=[sum(one[at] for one in made.figures) for at in (2, 3, 4)],
    )  # fmt: skip


@bp.get("/people/roll-over/<uuid:uid>/leavers")
@needs(Permission.EDIT_PATRON)
def leavers(uid: UUID) -> Any:
    """For the wall and the class teachers: who left and still has books."""
    made, session = _made(uid), db.session()
    library = session.get_one(Organisation, made.library_id)
    holders = _holders(session, [] if made.undone_by else rolling.left(made))
    return render_template("patrons/rollover_leavers.html", made=made, library=library, holders=holders)


def _holders(session: Session, members: Collection[int]) -> list[Holder]:
    """Those of them who hold something, class by class."""
    have = held.of(session, members)
    return [(one, have[one.id]) for one in _readers(session, have)]


def _readers(session: Session, members: Collection[int]) -> Sequence[Membership]:
    if not members:
        return []
    query = select(Membership).join(Person, Person.id == Membership.person_id).where(Membership.id.in_(members))
    query = query.outerjoin(SchoolClass, SchoolClass.id == Membership.class_id)
    return session.scalars(query.order_by(SchoolClass.name_sort, Person.name_sort, Membership.id)).all()


@bp.post("/people/roll-over/<uuid:uid>/undo")
@needs(Permission.EDIT_PATRON)
def undo(uid: UUID) -> Any:
    made, session = _made(uid, lock=True), db.session()
    branch_id = _branch(session, session.get_one(Organisation, made.library_id))
    stays = rolling.undo(session, Doing.now(current_user.uid, branch_id), made)
    audit.note(current_user.uid, "undo-roll-over", "rollover", made.uid, made.library_id)
    session.commit()
    if stays:
        flash(_("Đã hoàn tác. %(count)s em đã đổi từ sau hôm ấy nên giữ nguyên.", count=len(stays)), "success")
    else:
        flash(_("Đã hoàn tác, mọi em về lớp cũ."), "success")
    return redirect(url_for("rollover.done", uid=uid), 303)
