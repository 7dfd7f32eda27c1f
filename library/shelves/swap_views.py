"""The librarian's plan of swaps, as a table."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from library.access import Permission, here, needs, reads_first
from library.core import clock
from library.core.db import db, for_writing
from library.core.errors import N_, Invalid, Reason
from library.loans import posting, wording
from library.shelves import swap_boxes, swap_by_hand, swap_forms, swap_phone_views, swap_words, swaps, swaps_told
from library.shelves.models import Shelf, SwapBox, SwapMove, SwapPlan
from library.shelves.scopes import mine
from library.shelves.swap_forms import EditForm, PlanForm
from library.shelves.swap_pages import answered
from library.shelves.swap_pages import bp as bp
from library.shelves.swaps import NotPlanned, Thought

PARTS = (swap_phone_views,)
"""Modules whose pages stand on the same blueprint."""


def _plans_here() -> Any:
    return here().of_libraries(SwapPlan.library_id)


@bp.get("/shelves/swaps", endpoint="list")
@needs(Permission.CLASS_PLAN)
def show_list() -> Any:
    """`grade`: whose shelves are ticked at first."""
    return _list_page({}, {}, "")


def _list_page(told: Mapping[str, Any], complaints: Mapping[str, Reason], stopped: str, status: int = 200) -> Any:
    session = db.session()
    free = swaps_told.open_shelves(session, mine())
    grades = sorted({one.grade for one in free if one.grade})
    grade = request.args.get("grade", type=int) or _first_pair(free)
    page = render_template(
        "shelves/swaps.html", plans=swaps_told.plans(session, _plans_here()), free=free, grades=grades, grade=grade,
        told=told, ticked=_ticked(told, free, grade), complaints=complaints, stopped=stopped,
        every=[(one.value, _(said)) for one, said in swap_words.EVERY.items()],
        first=_next_monday(), uid=clock.uuid7(), words=wording,
    )  # fmt: skip
    return page, status


def _first_pair(free: list[swaps_told.Free]) -> int | None:
    grades = [one.grade for one in free if one.grade]
    return next((grade for grade in grades if grades.count(grade) > 1), None)


def _ticked(told: Mapping[str, Any], free: list[swaps_told.Free], grade: int | None) -> set[UUID]:
    if told:
        return set(swap_forms.uids(request.form.getlist("shelf")))
    return {one.shelf.uid for one in free if grade and one.grade == grade}


def _next_monday() -> Any:
    today = clock.today()
    return today + timedelta(days=7 - today.weekday())


@bp.post("/shelves/swaps")
@needs(Permission.CLASS_PLAN)
@reads_first
def make() -> Any:
    """A plan of the shelves that are ticked. What stops it is told beside the form, which keeps what was typed."""
    source, session = posting.source(), db.session()
    among = {one.shelf.uid: one.shelf for one in swaps_told.open_shelves(session, mine(), free=False)}
    try:
        form = PlanForm.read(source, posting.many(source, "shelf"), among)
        content, ids = form.content, [shelf.id for shelf in form.wanted.shelves]
        thought = swaps.think(session, form.wanted)
        for_writing()
        answer = posting.answered_once(form.posted.uid, content, lambda: _make(session, form, ids, thought))
    except (Invalid, NotPlanned) as stopped:
        if request.is_json:
            raise
        session.rollback()
        complaints = stopped.fields if isinstance(stopped, Invalid) else {}
        said = "" if complaints else wording.say(stopped.reasons[0])
        return _list_page(source, complaints, said, stopped.status)
    return answered(answer, url_for(".show", uid=answer["plan"]))


def _make(session: Session, form: PlanForm, ids: Sequence[int], thought: Thought | None) -> dict[str, Any]:
    """`ids`: of the shelves that are wanted, which are read again."""
    found = {shelf.id: shelf for shelf in session.scalars(select(Shelf).where(Shelf.id.in_(ids)))}
    wanted = replace(form.wanted, shelves=[found[one] for one in ids])
    first = wanted.shelves[0]
    if any(shelf.library_id != first.library_id for shelf in wanted.shelves):
        raise NotPlanned("libraries", N_("Chỉ đổi được giữa các tủ của cùng một thư viện."))
    made = swaps.plan(session, posting.doing_at(form.posted, first.branch_id), first.library_id, wanted, thought)
    words = _("Đã lập lịch “%(name)s”: %(classes)s tủ, %(rounds)s vòng.", name=made.name,
              classes=len(ids), rounds=made.rounds)  # fmt: skip
    return {"outcome": "ok", "do": words, "plan": str(made.uid)}


@bp.get("/shelves/swaps/<uuid:uid>")
@needs(Permission.CLASS_PLAN)
def show(uid: UUID) -> Any:
    session = db.session()
    plan = swaps.by_uid(session, uid, _plans_here())
    grid = swaps_told.grid(session, plan)
    return render_template(
        "shelves/swap_plan.html", plan=plan, grid=grid, boxes=_boxes(session, plan), uid=clock.uuid7(),
        broken=swap_words.broken(grid.broken), not_as_wished=swap_words.NOT_AS_WISHED, words=wording,
        every=swap_words.EVERY, moved_days=swap_by_hand.closed_days(session, plan) if plan.ended_at is None else [],
    )  # fmt: skip


def _boxes(session: Session, plan: SwapPlan) -> list[swaps_told.BoxLine]:
    boxes = session.scalars(select(SwapBox).where(SwapBox.plan_id == plan.id).order_by(SwapBox.number)).all()
    where = swap_boxes.standing_at(session, boxes)
    named = swaps_told.names(session, [*where.values(), *(box.home_id for box in boxes)])
    sizes = swap_boxes.as_boxes(session, boxes)
    return [
        swaps_told.BoxLine(box.number, named[box.home_id], size.size, size.level, named[where[box.id]])
        for box, size in zip(boxes, sizes, strict=True)
    ]


@bp.post("/shelves/swaps/<uuid:uid>")
@needs(Permission.CLASS_PLAN)
@reads_first
def edit(uid: UUID) -> Any:
    """`do`: exchange, lock, unlock (the ticked moves), anew, days, end."""
    source, session = posting.source(), db.session()
    plan = swaps.by_uid(session, uid, _plans_here())
    form = EditForm.read(source, posting.many(source, "move"))
    content = {"do": form.do, "plan": str(uid), "moves": [str(one) for one in form.moves], "rounds": form.rounds}
    thought = swaps.think_anew(session, plan, form.rounds) if form.do == "anew" else None
    for_writing()
    answer = posting.answered_once(form.posted.uid, content, lambda: _edit(session, uid, form, thought))
    return answered(answer, url_for(".show", uid=uid))


def _edit(session: Session, uid: UUID, form: EditForm, thought: Thought | None) -> dict[str, Any]:
    plan = swaps.by_uid(session, uid, _plans_here(), hold=True)
    moves = _moves(session, plan, form)
    doing = posting.doing_at(form.posted, _branch_of(session, plan))
    deeds: dict[str, Callable[[], Any]] = {
        "exchange": lambda: swap_by_hand.exchange(session, doing, plan, *_two(moves)),
        "lock": lambda: swap_by_hand.lock(session, doing, plan, moves, True),
        "unlock": lambda: swap_by_hand.lock(session, doing, plan, moves, False),
        "anew": lambda: swaps.plan_anew(session, doing, plan, form.rounds, thought),
        "days": lambda: swap_by_hand.push_on(session, doing, plan),
        "end": lambda: swaps.end(session, doing, plan),
    }
    deeds[form.do]()
    return {"outcome": "ok", "do": _(DONE[form.do])}


DONE = {
    "exchange": N_("Đã đổi chỗ hai hộp và khóa lại."),
    "lock": N_("Đã khóa. Xếp lại thì các ô này giữ nguyên."),
    "unlock": N_("Đã mở khóa."),
    "anew": N_("Đã xếp lại các vòng chưa đổi và chưa khóa."),
    "days": N_("Đã dời các vòng theo lịch nghỉ hiện nay."),
    "end": N_("Đã kết thúc lịch. Sách ở đâu vẫn ở đó."),
}


def _moves(session: Session, plan: SwapPlan, form: EditForm) -> list[SwapMove]:
    return list(session.scalars(select(SwapMove).where(SwapMove.plan_id == plan.id, SwapMove.uid.in_(form.moves))))


def _two(moves: list[SwapMove]) -> list[SwapMove]:
    if len(moves) != 2:
        raise NotPlanned("two", N_("Chọn đúng hai ô của cùng một vòng rồi bấm đổi chỗ."))
    return moves


def _branch_of(session: Session, plan: SwapPlan) -> int:
    homes = select(SwapBox.home_id).where(SwapBox.plan_id == plan.id).order_by(SwapBox.number).limit(1)
    return session.scalars(select(Shelf.branch_id).where(Shelf.id == homes.scalar_subquery())).one()
