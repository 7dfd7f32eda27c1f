"""Reading challenges: those that run, one with its board of classes or schools, setting one up, settling it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import Blueprint, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import ColumnElement, and_, or_, select

from library import access, audit
from library.access import Permission, Scope, here, needs, or_not_found
from library.core import clock, plot_bars
from library.core.db import db
from library.core.errors import Invalid, NotFound, Reason
from library.core.forms import Reader
from library.core.plot import Plot, Series
from library.inbox.acts import Doing
from library.labels.answers import pdf
from library.loans import posting
from library.loans.forms import Posted
from library.organisations import tree
from library.organisations.models import Branch
from library.patrons import asked, queries
from library.promotion import challenge_awards, challenge_counting, challenge_forms, challenges
from library.promotion.challenge_class_views import within
from library.promotion.challenge_counting import Board, Row
from library.promotion.challenge_forms import GRADES, ROWS
from library.promotion.challenge_models import Challenge, MarkOf, Reach
from library.promotion.challenges import MARKS_OF, REACHES, UNITS, NewChallenge
from library.promotion.club_frame import NotSo, again, branch_of, branches, page

bp = Blueprint("challenges", __name__)
LISTED = 100
MOST_BARS = 40
Done = dict[str, Any]


def in_reach(scope: Scope) -> ColumnElement[bool]:
    """The WHERE for challenges to look at: of one's own branches, and those that one's library takes part in from above."""
    pairs = tree.parentage_on(db.session(), clock.today())
    parents = dict(pairs)
    above: set[int] = set()
    for library in scope.libraries:
        while (parent := parents.get(library)) is not None and parent not in above:
            above.add(parent)
            library = parent
    heads = select(Branch.id).where(Branch.organisation_id.in_(sorted(above)))
    return or_(
        scope.of_branches(Challenge.branch_id), and_(Challenge.reach == Reach.BELOW, Challenge.branch_id.in_(heads))
    )


def challenge_here(uid: UUID) -> Challenge:
    """Of a branch in scope. Raises NotFound."""
    query = select(Challenge).where(Challenge.uid == uid, here().of_branches(Challenge.branch_id))
    return or_not_found(db.session.scalar(query))


@bp.get("/challenges", endpoint="list")
@needs(Permission.STATISTICS)
def show_list() -> Any:
    """`over=1`: those that are over."""
    today, over = clock.today(), request.args.get("over") == "1"
    ended = or_(Challenge.settled_at.is_not(None), Challenge.last_on < today)
    query = select(Challenge).where(in_reach(here()), Challenge.cancelled.is_(False), ended if over else ~ended)
    order = Challenge.last_on.desc() if over else Challenge.last_on
    found = db.session.scalars(query.order_by(order, Challenge.id).limit(LISTED)).all()
    return page(
        "promotion/challenges.html", challenges=found, over=over, units=UNITS, reaches=REACHES, today_=today,
        promotes=bool(access.scope(Permission.PROMOTE)),
    )  # fmt: skip


@bp.get("/challenges/<uuid:uid>", endpoint="show")
@needs(Permission.STATISTICS)
def show(uid: UUID) -> Any:
    query = select(Challenge).where(Challenge.uid == uid, in_reach(here()))
    return _show(or_not_found(db.session.scalar(query)), {})


def _show(challenge: Challenge, complaints: Mapping[str, Reason]) -> str:
    board = challenge_counting.board(db.session(), challenge)
    rows = sorted(board.rows, key=lambda row: -(row.each or 0))
    return page(
        "promotion/challenge.html", challenge=challenge, board=board, rows=rows, complaints=complaints, units=UNITS,
        reaches=REACHES, bars=_bars(challenge, rows), marks=_marks_told(challenge, board), today_=clock.today(),
        mine=access.scope(Permission.PROMOTE).holds_branch(challenge.branch_id), last_tick=challenge.last_on + challenges.LATE,
        doors=_doors(board),
    )  # fmt: skip


def _doors(board: Board) -> dict[int, UUID]:
    """{class: its uid} of those whose pupils this person may see."""
    ids = [row.class_id for row in board.rows if row.class_id]
    scope = access.scope(Permission.CLASS_KEEP)
    return {one.id: one.uid for one in within(scope, ids)} if scope and ids else {}


def _bars(challenge: Challenge, rows: Sequence[Row]) -> Plot | None:
    """Per head: small classes are not behind large ones. Schools by what they came to."""
    shown = [row for row in rows if row.amount][:MOST_BARS]
    if not shown:
        return None
    if challenge.reach is Reach.BELOW:
        return plot_bars.lying([row.name for row in shown], [Series(_("lượt"), [row.amount for row in shown])])
    words = _("%(unit)s mỗi em", unit=_(UNITS[challenge.unit]))
    return plot_bars.standing(
        [row.name for row in shown], [Series(words, [round(row.each or 0, 1) for row in shown])], places=1
    )


def _marks_told(challenge: Challenge, board: Board) -> list[tuple[str, int, str, int]]:
    """(name, amount, of whom, how many stand at it or above)."""
    told = []
    for mark in sorted(challenge.marks, key=lambda one: (list(MarkOf).index(one.of), one.amount)):
        if mark.of is MarkOf.READER:
            many = sum(count for at, count in board.together.reached.items() if at >= mark.amount)
        elif mark.of is MarkOf.CLASS:
            many = sum(row.amount >= mark.amount for row in board.rows)
        else:
            many = int(board.together.amount >= mark.amount)
        told.append((mark.name, mark.amount, str(_(MARKS_OF[mark.of])), many))
    return told


@bp.get("/challenges/new", endpoint="new")
@needs(Permission.PROMOTE)
def show_new() -> Any:
    usual = {
        name: _(value) if isinstance(value, str) and "name" in name else value
        for name, value in challenge_forms.USUAL.items()
    }
    return _form(None, usual | {"first_on": clock.today().isoformat()}, {})


def _form(one: Challenge | None, told: Any, complaints: Mapping[str, Reason], sent: bool = False) -> str:
    library = one.branch.organisation if one else asked.library()
    groups = queries.classes(db.session(), library.id, clock.today(), here())
    picked = (
        posting.many(told, "class") if sent else [str(uid) for uid, at in _uids(groups) if one and at in _chosen(one)]
    )
    grades = (
        posting.many(told, "grade")
        if sent
        else [str(group.grade) for group in one.groups if group.grade]
        if one
        else []
    )
    return page(
        "promotion/challenge_form.html", challenge=one, told=told, complaints=complaints, groups=groups, picked=set(picked),
        grades=GRADES, picked_grades=set(grades), reaches=REACHES, units=UNITS, marks_of=MARKS_OF, rows=range(ROWS),
        branches=() if one else branches(), lib=asked.slug_of(library), library=library,
    )  # fmt: skip


def _uids(groups: Sequence[tuple[Any, int]]) -> list[tuple[UUID, int]]:
    return [(one.uid, one.id) for one, _many in groups]


def _chosen(one: Challenge) -> set[int | None]:
    return {group.class_id for group in one.groups}


@bp.post("/challenges/new", endpoint="set_up")
@needs(Permission.PROMOTE)
def set_up() -> Any:
    told = posting.source()
    branch, reader = branch_of(told), Reader(told)
    posted, new = posting.posted_of(told, reader), _new(reader, branch.organisation_id)

    def work() -> Done:
        made = challenges.set_up(db.session(), posting.doing_at(_sure(posted), branch.id), branch.id, _sure(new))
        return _said(made, "set-challenge", _("Đã mở thử thách “%(name)s”.", name=made.name))

    content = {"challenge": told.get("name"), "at": branch.id, "told": _content(new)}
    return _do(reader, posted, content, work, lambda wrong: _form(None, told, wrong, True))


def _new(reader: Reader, library_id: int) -> NewChallenge | None:
    groups = queries.classes(db.session(), library_id, clock.today(), here())
    source = reader.source
    return challenge_forms.read(
        reader, dict(_uids(groups)), posting.many(source, "class"), posting.many(source, "grade")
    )


def _content(new: NewChallenge | None) -> str:
    return repr(new)


@bp.get("/challenges/<uuid:uid>/edit", endpoint="edit")
@needs(Permission.PROMOTE)
def show_edit(uid: UUID) -> Any:
    one = challenge_here(uid)
    return _form(one, challenge_forms.as_form(one), {})


@bp.post("/challenges/<uuid:uid>/edit", endpoint="change")
@needs(Permission.PROMOTE)
def change(uid: UUID) -> Any:
    told = posting.source()
    one, reader = challenge_here(uid), Reader(told)
    posted, new = posting.posted_of(told, reader), _new(reader, one.branch.organisation_id)

    def work() -> Done:
        it = challenge_here(uid)
        challenges.change(db.session(), _doing(posted, it), it, _sure(new))
        return _said(it, "change-challenge", _("Đã ghi thay đổi của thử thách “%(name)s”.", name=it.name))

    content = {"change-challenge": str(uid), "told": _content(new)}
    return _do(reader, posted, content, work, lambda wrong: _form(challenge_here(uid), told, wrong, True))


@bp.post("/challenges/<uuid:uid>/state", endpoint="state")
@needs(Permission.PROMOTE)
def change_state(uid: UUID) -> Any:
    """`do`: settle, unsettle, or cancel what was set up by mistake."""
    told = posting.source()
    challenge_here(uid)
    reader = Reader(told)
    posted, do = posting.posted_of(told, reader), reader.choice("do", {one: one for one in _STATES})

    def work() -> Done:
        it = challenge_here(uid)
        deed, said = _STATES[_sure(do)]
        deed(db.session(), _doing(posted, it), it)
        return _said(it, f"{do}-challenge", said(it))

    return _do(
        reader, posted, {"challenge-state": str(uid), "do": do}, work, lambda wrong: _show(challenge_here(uid), wrong)
    )


_STATES: Mapping[str, tuple[Callable[..., None], Callable[[Challenge], str]]] = {
    "settle": (challenges.settle, lambda one: _("Đã chốt kết quả thử thách “%(name)s”.", name=one.name)),
    "unsettle": (challenges.unsettle, lambda one: _("Thử thách “%(name)s” nhận ghi thêm.", name=one.name)),
    "cancel": (challenges.cancel, lambda one: _("Đã bỏ thử thách “%(name)s” mở nhầm.", name=one.name)),
}


@bp.get("/challenges/<uuid:uid>/certificates.pdf", endpoint="certificates")
@needs(Permission.SEE_PATRONS)
def certificates(uid: UUID) -> Any:
    """For readers of the library who reached a milestone: of pupils their teacher prints them."""
    one = challenge_here(uid)
    if one.reach is not Reach.LIBRARY or one.cancelled:
        raise NotFound
    return pdf(challenge_awards.of_readers(db.session(), one), "giay-chung-nhan")


# Inside


def _doing(posted: Posted | None, challenge: Challenge) -> Doing:
    return posting.doing_at(_sure(posted), challenge.branch_id)


def _said(challenge: Challenge, verb: str, words: str) -> Done:
    audit.note(current_user.uid, verb, "challenge", challenge.uid, challenge.branch.organisation_id)
    return {"challenge": str(challenge.uid), "do": words, "outcome": "ok", "gone": challenge.cancelled}


def _do(reader: Reader, posted: Posted | None, content: Done, work: Callable[[], Done], form: Any) -> Any:
    """Once; then the challenge's page, or the form with what is wrong."""
    try:
        reader.done()
        return posting.answer_aloud(_sure(posted), content, work, _next)
    except (Invalid, NotSo) as wrong:
        return again(wrong, form)


def _next(done: Done) -> str:
    return url_for("challenges.list") if done["gone"] else url_for("challenges.show", uid=UUID(done["challenge"]))


def _sure(value: Any) -> Any:
    """After `reader.done()` whatever was read is there."""
    assert value is not None
    return value
