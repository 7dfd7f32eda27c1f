"""A teacher's phone: the box that is given, the box that is taken, one button each; and what was a slip."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import Session

from library import access
from library.access import Permission, needs
from library.core import clock
from library.core.db import db
from library.core.errors import N_, NotFound, Reason, Refused
from library.holdings.models import Item
from library.loans import posting, wording
from library.shelves import board, stock, swap_boxes, swap_giving, swap_words, swaps_told, tenures
from library.shelves.frame import shelf_frame
from library.shelves.models import Shelf, SwapBox, SwapMove, SwapPlan
from library.shelves.scopes import shelf_here
from library.shelves.stock import Belonging
from library.shelves.swap_forms import SayForm
from library.shelves.swap_giving import Side
from library.shelves.swap_pages import answered, bp
from library.shelves.swaps_told import Coming

LATELY = timedelta(days=14)
"""Swaps that are still shown with their undo."""


class AnothersWord(Refused):
    def __init__(self) -> None:
        super().__init__(
            Reason("anothers-word", N_("Lượt này do người khác bấm. Người ấy hoặc thư viện hoàn tác được."))
        )


@bp.get("/shelves/<uuid:uid>/swap")
@needs(Permission.CLASS_KEEP)
def of_shelf(uid: UUID) -> Any:
    session = db.session()
    shelf = shelf_here(session, uid)
    ahead = swaps_told.coming(session, shelf.id)
    now = [one for one in ahead if one.round == ahead[0].round and one.plan_uid == ahead[0].plan_uid]
    lately = swaps_told.lately(session, shelf.id, clock.now() - LATELY)
    return render_template(
        "shelves/swap.html", now=now, later=_by_day(ahead[len(now) :]), lately=lately, when=swap_words.when,
        hour=swap_words.hour, day_of=clock.day_of,
        counts=swaps_told.counts(session, [one.box_id for one in now]),
        inside={one.box_id: _inside(session, one) for one in now}, names=_readers(session, shelf), uid=clock.uuid7, words=wording,
        **shelf_frame(session, shelf, ""),
    )  # fmt: skip


def _readers(session: Session, shelf: Shelf) -> frozenset[int]:
    return board.ids(session, board.reads_here(shelf, tenures.current(session, shelf.id)))


def _by_day(ahead: list[Coming]) -> list[tuple[Any, list[Coming]]]:
    """The rounds after the next one, each with what is got and given then."""
    rounds: dict[Any, list[Coming]] = {}
    for one in ahead:
        rounds.setdefault((one.due_on, one.round), []).append(one)
    return [(day, some) for (day, _round), some in rounds.items()]


def _inside(session: Session, one: Coming) -> list[Belonging]:
    """The books of a box, wherever they are just now."""
    box = session.get_one(SwapBox, one.box_id)
    where = session.get_one(Shelf, swap_boxes.standing_at(session, [box])[box.id])
    inside = set(swap_boxes.contents(session, box.id))
    return [book for book in stock.listed(session, where.place_id) if book.item_id in inside]


@bp.post("/shelves/<uuid:uid>/swap")
@needs(Permission.CLASS_KEEP)
def say(uid: UUID) -> Any:
    """{move, missing: [copies' uids]}: this shelf's side says that the box was given, or taken; whichever it is."""
    source, session = posting.source(), db.session()
    shelf = shelf_here(session, uid)
    form = SayForm.read(source, posting.many(source, "missing"))
    content = {"move": str(form.move), "missing": sorted(map(str, form.missing)), "shelf": str(uid)}
    answer = posting.answered_once(form.posted.uid, content, lambda: _say(session, shelf, form))
    return answered(answer, url_for(".of_shelf", uid=uid))


def _say(session: Session, shelf: Shelf, form: SayForm) -> dict[str, Any]:
    move, side = _move_of(session, shelf, form.move)
    missing = session.scalars(select(Item.id).where(Item.uid.in_(form.missing))).all()
    told = swap_giving.say(
        session, posting.doing_at(form.posted, shelf.branch_id), move, side, current_user.id, missing
    )
    box, other = session.get_one(SwapBox, move.box_id), move.to_id if side is Side.GIVE else move.from_id
    return swap_words.said(side, box.number, swaps_told.names(session, [other])[other], told)


def _move_of(session: Session, shelf: Shelf, uid: UUID) -> tuple[SwapMove, Side]:
    """The move, locked, and on which side of it this shelf is. Raises NotFound."""
    move = swap_giving.move_by_uid(session, uid, SwapPlan.library_id == shelf.library_id)
    if shelf.id not in (move.from_id, move.to_id):
        raise NotFound
    return move, Side.GIVE if move.from_id == shelf.id else Side.TAKE


@bp.post("/shelves/<uuid:uid>/swap/undo")
@needs(Permission.CLASS_KEEP)
def take_back(uid: UUID) -> Any:
    """{move}: what this shelf's side said was a slip."""
    source, session = posting.source(), db.session()
    shelf = shelf_here(session, uid)
    form = SayForm.read(source, ())
    content = {"undo": str(form.move), "shelf": str(uid)}
    answer = posting.answered_once(form.posted.uid, content, lambda: _take_back(session, shelf, form))
    return answered(answer, url_for(".of_shelf", uid=uid))


def _take_back(session: Session, shelf: Shelf, form: SayForm) -> dict[str, Any]:
    move, side = _move_of(session, shelf, form.move)
    who = move.given_by if side is Side.GIVE else move.taken_by
    if who not in (None, current_user.id) and not access.scope(Permission.CLASS_PLAN).holds_library(shelf.library_id):
        raise AnothersWord
    swap_giving.take_back(session, posting.doing_at(form.posted, shelf.branch_id), move, side)
    return {"outcome": "ok", "do": _("Đã hoàn tác. Hộp sách như trước khi bấm.")}
