"""A class in a challenge, for its teacher: how far, who, ticks for what no loan tells, certificates. Names of children
stand here and nowhere else."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import Blueprint, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import exists, or_, select

from library import audit
from library.access import Permission, Scope, here, needs, or_not_found
from library.core import clock
from library.core.db import db
from library.core.errors import N_, Invalid, NotFound, Reason
from library.core.fold import given_name
from library.core.forms import Reader
from library.inbox import acts
from library.inbox.acts import Doing
from library.inbox.models import Act
from library.labels.answers import pdf
from library.loans import posting
from library.loans.forms import Posted, uuid_or_none
from library.patrons import queries
from library.patrons.models import SchoolClass
from library.promotion import challenge_awards, challenge_counting, challenge_facts, challenges
from library.promotion.challenge_models import Challenge, ChallengeEntry, MarkOf, Reach, Unit
from library.promotion.challenges import MOST_AT_ONCE, MOST_TOGETHER, UNITS, Ticks
from library.promotion.club_frame import NotSo, again, happened_day, page
from library.shelves import reading_told
from library.shelves.models import ShelfTenure
from library.shelves.reading_told import Pupil
from library.shelves.scopes import standing

bp = Blueprint("challenge_class", __name__)
LISTED = 50
Done = dict[str, Any]


def within(scope: Scope, ids: Iterable[int] | None = None) -> Sequence[SchoolClass]:
    """Classes in reach of a teacher: their own, and those whose shelf they keep; of a librarian: all of the library."""
    query = select(SchoolClass).where(scope.of_libraries(SchoolClass.library_id))
    if ids is not None:
        query = query.where(SchoolClass.id.in_(list(ids)))
    if scope.classes is not None:
        keeps = exists().where(
            ShelfTenure.class_id == SchoolClass.id, ShelfTenure.keeper_id == current_user.id, standing()
        )
        query = query.where(or_(SchoolClass.id.in_(sorted(scope.classes)), keeps))
    return db.session.scalars(query).all()


def _here(uid: UUID, of_class: UUID) -> tuple[Challenge, SchoolClass]:
    """The class in reach, and the challenge it takes part in. Raises NotFound."""
    session = db.session()
    which = session.scalar(select(SchoolClass.id).where(SchoolClass.uid == of_class))
    mine = next(iter(within(here(), [which])), None) if which else None
    challenge = session.scalar(select(Challenge).where(Challenge.uid == uid, Challenge.cancelled.is_(False)))
    if mine is None or challenge is None:
        raise NotFound
    among = challenge_counting.classes(session, challenge)
    return challenge, or_not_found(next((one for one in among if one.id == mine.id), None))


@bp.get("/challenges/classes", endpoint="list")
@needs(Permission.CLASS_KEEP)
def show_list() -> Any:
    """Challenges that run, with the classes in reach that take part: where a teacher begins."""
    session, today, scope = db.session(), clock.today(), here()
    running = [one for one, _many in queries.classes(session, current_user.library_id, today, Scope(scope.libraries))]
    mine = {one.id for one in within(scope, [one.id for one in running])}
    query = select(Challenge).where(
        scope.of_branches(Challenge.branch_id), Challenge.cancelled.is_(False), Challenge.settled_at.is_(None),
        Challenge.first_on <= today, Challenge.reach.not_in((Reach.LIBRARY, Reach.BELOW)),
    )  # fmt: skip
    found = session.scalars(query.order_by(Challenge.last_on, Challenge.id).limit(LISTED)).all()
    told = [(one, [group for group in challenge_counting.classes(session, one) if group.id in mine]) for one in found]
    return page("promotion/challenge_mine.html", told=[pair for pair in told if pair[1]], units=UNITS, today_=today)


@bp.get("/challenges/<uuid:uid>/classes/<uuid:of_class>", endpoint="show")
@needs(Permission.CLASS_KEEP)
def show(uid: UUID, of_class: UUID) -> Any:
    return _show(*_here(uid, of_class), {}, {})


def _show(challenge: Challenge, mine: SchoolClass, told: Any, complaints: Mapping[str, Reason]) -> str:
    session = db.session()
    board = challenge_counting.board(session, challenge)
    row = next((one for one in board.rows if one.class_id == mine.id), None)
    pupils = reading_told.pupils(session, mine.id)
    read = challenge_counting.amounts(session, challenge, [one.id for one in pupils])
    amount = row.amount if row else 0
    return page(
        "promotion/challenge_class.html", challenge=challenge, mine=mine, row=row, told=told, complaints=complaints,
        seats=[_seat(challenge, one, read.get(one.id, 0)) for one in pupils], units=UNITS, today_=clock.today(),
        last=min(clock.today(), challenge.last_on), most=MOST_AT_ONCE[challenge.unit], by_day=challenge.unit is Unit.DAYS,
        reached=_mark(challenge, challenge_facts.best(challenge, MarkOf.CLASS, amount)), ahead=_ahead(challenge, amount),
        recent=challenges.lately(session, challenge, [mine.id]), place=_place(board, mine.id),
        is_open=challenge.settled_at is None and challenge.first_on <= clock.today(),
    )  # fmt: skip


def _seat(challenge: Challenge, pupil: Pupil, amount: int) -> dict[str, Any]:
    called = given_name(pupil.name)
    best = challenge_facts.best(challenge, MarkOf.READER, amount)
    reached = next((one for one in challenge.marks if one.of is MarkOf.READER and one.amount == best), None)
    return {
        "pupil": pupil,
        "called": called,
        "family": pupil.name[: -len(called)].strip(),
        "amount": amount,
        "reached": reached,
    }


def _mark(challenge: Challenge, amount: int) -> Any:
    return next((one for one in challenge.marks if one.of is MarkOf.CLASS and one.amount == amount), None)


def _ahead(challenge: Challenge, amount: int) -> Any:
    """The next milestone of a class."""
    marks = [one for one in challenge.marks if one.of is MarkOf.CLASS and one.amount > amount]
    return min(marks, key=lambda one: one.amount, default=None)


def _place(board: challenge_counting.Board, class_id: int) -> tuple[int, int] | None:
    """(which in the order of reading per head, of how many); None while nobody has read."""
    order = sorted(board.rows, key=lambda row: -(row.each or 0))
    found = next((at for at, row in enumerate(order, 1) if row.class_id == class_id and row.amount), None)
    return (found, len(order)) if found else None


@bp.post("/challenges/<uuid:uid>/classes/<uuid:of_class>", endpoint="tick")
@needs(Permission.CLASS_KEEP)
def tick(uid: UUID, of_class: UUID) -> Any:
    """`pupil` (uids), `on`, `quantity`; no pupil: the class together read that much (`whole=1`)."""
    told = posting.source()
    challenge, _mine = _here(uid, of_class)
    reader = Reader({**told, "quantity": told.get("quantity") or "1"})
    posted, on = posting.posted_of(told, reader), happened_day(reader, "on")
    whole = reader.ticked("whole")
    quantity = reader.number("quantity", 1, MOST_TOGETHER if whole else MOST_AT_ONCE[challenge.unit])
    uids = {one for one in map(uuid_or_none, posting.many(told, "pupil")) if one}

    def work() -> Done:
        one, group = _here(uid, of_class)
        members = [] if whole else _members(group, uids)
        what = Ticks(group.id, _sure(on), _sure(quantity), members)
        challenges.tick(db.session(), _doing(posted, one), one, what)
        audit.note(current_user.uid, "tick-challenge", "challenge", one.uid, one.branch.organisation_id)
        amount, unit = _sure(quantity), _(UNITS[one.unit])
        if whole:
            return {"do": _("Đã ghi %(amount)s %(unit)s cho cả lớp.", amount=amount, unit=unit), "outcome": "ok"}
        said = _("Đã ghi %(amount)s %(unit)s cho mỗi em, %(many)s em.", amount=amount, unit=unit, many=len(members))
        return {"do": said, "outcome": "ok", "act": str(_sure(posted).uid)}

    content = {
        "tick": str(uid),
        "class": str(of_class),
        "on": on,
        "quantity": quantity,
        "pupils": sorted(map(str, uids)),
        "whole": whole,
    }
    return _do(reader, posted, content, work, (uid, of_class), lambda wrong: _show(*_here(uid, of_class), told, wrong))


def _members(group: SchoolClass, uids: Collection[UUID]) -> list[int]:
    """Raises NotSo where nobody of the class was ticked."""
    found = [one.id for one in reading_told.pupils(db.session(), group.id) if one.uid in uids]
    if not found:
        raise NotSo("nobody", N_("Chưa chọn em nào. Chạm tên các em đã đọc rồi ghi."))
    return found


@bp.post("/challenges/<uuid:uid>/classes/<uuid:of_class>/undo", endpoint="undo")
@needs(Permission.CLASS_KEEP)
def undo(uid: UUID, of_class: UUID) -> Any:
    """Takes back one act of this class (`act`)."""
    told = posting.source()
    _here(uid, of_class)
    reader = Reader(told)
    posted, act = posting.posted_of(told, reader), reader.text("act", True, 40)

    def work() -> Done:
        one, group = _here(uid, of_class)
        challenges.undo_tick(db.session(), _doing(posted, one), one, _act(one, group, act))
        audit.note(current_user.uid, "undo-tick-challenge", "challenge", one.uid, one.branch.organisation_id)
        return {"do": _("Đã hoàn tác lượt ghi ấy."), "outcome": "ok"}

    content = {"undo-tick": str(uid), "act": act}
    return _do(reader, posted, content, work, (uid, of_class), lambda wrong: _show(*_here(uid, of_class), {}, wrong))


def _act(challenge: Challenge, group: SchoolClass, text: str) -> Act:
    """Raises NotFound for what was not ticked here."""
    uid = uuid_or_none(text)
    found = acts.by_uid(db.session(), uid) if uid else None
    mine = (ChallengeEntry.challenge_id == challenge.id, ChallengeEntry.class_id == group.id)
    if found is None or not db.session.scalar(select(exists().where(ChallengeEntry.act_id == found.id, *mine))):
        raise NotFound
    return found


@bp.get("/challenges/<uuid:uid>/classes/<uuid:of_class>/certificate.pdf", endpoint="certificate")
@needs(Permission.CLASS_KEEP)
def certificate(uid: UUID, of_class: UUID) -> Any:
    """For the class, at the milestone it has reached."""
    content = challenge_awards.of_class(db.session(), *_here(uid, of_class), current_user.name)
    return pdf(content, "giay-chung-nhan-lop")


@bp.get("/challenges/<uuid:uid>/classes/<uuid:of_class>/certificates.pdf", endpoint="certificates")
@needs(Permission.CLASS_KEEP)
def certificates(uid: UUID, of_class: UUID) -> Any:
    """A page for everybody who has reached a milestone (`pupil`: uids; else all of the class)."""
    content = challenge_awards.of_pupils(
        db.session(), *_here(uid, of_class), current_user.name, request.args.getlist("pupil")
    )
    return pdf(content, "giay-chung-nhan")


# Inside


def _doing(posted: Posted | None, challenge: Challenge) -> Doing:
    return posting.doing_at(_sure(posted), challenge.branch_id)


def _do(
    reader: Reader, posted: Posted | None, content: Done, work: Callable[[], Done], where: tuple[UUID, UUID], form: Any
) -> Any:  # fmt: skip
    try:
        reader.done()
        back = lambda done: url_for("challenge_class.show", uid=where[0], of_class=where[1])  # noqa: E731
        return posting.answer_aloud(_sure(posted), content, work, back)
    except (Invalid, NotSo) as wrong:
        return again(wrong, form)


def _sure(value: Any) -> Any:
    """After `reader.done()` whatever was read is there."""
    assert value is not None
    return value
