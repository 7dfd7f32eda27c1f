"""The light list of a shelf on a page: typed line by line or pasted, and what becomes of each book."""

from dataclasses import astuple
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import flash, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy.orm import Session

from library import access, audit
from library.access import Permission, needs
from library.core import clock
from library.core.db import db
from library.core.errors import N_, Forbidden, Invalid, NotFound, Reason
from library.core.forms import Reader
from library.holdings.models import Ownership
from library.inbox import acts
from library.loans import posting
from library.loans.forms import Posted
from library.shelves import light, light_lines, light_queries, ownership, tenures, turns, undoing
from library.shelves.frame import shelf_frame
from library.shelves.light import How, LightBook
from library.shelves.light_lines import Line, Pupil
from library.shelves.models import Shelf
from library.shelves.pages import bp, page
from library.shelves.scopes import shelf_here

LONGEST = 40_000
SHOWN_FOR = timedelta(days=14)
"""How long what left the list is shown, with the way back."""
OWNER_WORDS = {
    Ownership.CLASS: N_("của lớp"), Ownership.PARENTS: N_("của phụ huynh"), Ownership.PUPIL: N_("của em"),
    Ownership.DONOR: N_("có người gửi"),
}  # fmt: skip
HOW_WORDS = {
    How.GIVEN_BACK: N_("đã trả lại chủ"), How.PASSED_ON: N_("đã chuyển cho lớp khác"), How.LOST: N_("mất"),
    How.MISTAKE: N_("ghi nhầm"), How.REGISTERED: N_("đã vào sổ thư viện"),
}  # fmt: skip
HOWS = {one.value: one for one in How}


@bp.get("/shelves/<uuid:uid>/light", endpoint="light")
@needs(Permission.CLASS_KEEP)
def show_light(uid: UUID) -> Any:
    return _page(shelf_here(db.session(), uid))


def _page(shelf: Shelf, told: posting.Source | None = None, wrong: list[Reason] | None = None) -> str:
    session = db.session()
    sorts = ownership.by_owner(session, shelf)
    return page(
        "shelves/light.html", **shelf_frame(session, shelf, ""), sorts=sorts, words=ownership.WORDS,
        copies=light_queries.of_shelf(session, shelf), owner_words=OWNER_WORDS, how_words=HOW_WORDS,
        ended=light.lately(session, shelf, clock.today() - SHOWN_FOR), told=told or {}, wrong=wrong or [],
        plans=_plans(shelf), pupils=_pupils(session, shelf),
        unlabelled=light_queries.unlabelled(session, shelf),
    )  # fmt: skip


def _plans(shelf: Shelf) -> bool:
    return access.scope(Permission.CLASS_PLAN).holds_branch(shelf.branch_id)


def _pupils(session: Session, shelf: Shelf) -> list[turns.Pupil]:
    tenure = tenures.current(session, shelf.id)
    return turns.pupils(session, tenure.class_id) if tenure and tenure.class_id else []


@bp.post("/shelves/<uuid:uid>/light", endpoint="add_light")
@needs(Permission.CLASS_KEEP)
def add_light(uid: UUID) -> Any:
    """Many `lines`, all or none: a line that is not understood is told with its number, and nothing is written."""
    session, shelf, told = db.session(), shelf_here(db.session(), uid), posting.source()
    reader = Reader(told)
    posted = posting.posted_of(told, reader)
    usual = reader.choice("owner", {one.value: one for one in light.OWN}, required=False) or Ownership.CLASS
    books, wrong = _books(session, shelf, str(told.get("lines") or "")[:LONGEST], usual)
    reader.done()
    if wrong and not request.is_json:
        return _page(shelf, told, wrong), 422
    if wrong:
        raise Invalid({f"line-{number}": reason for number, reason in enumerate(wrong, 1)})
    assert posted
    content = {"light": str(uid), "books": [astuple(one) for one in books]}
    return posting.answer(posted, content, lambda: _added(shelf, posted, books), lambda done: _told(shelf, done))


def _books(session: Session, shelf: Shelf, text: str, usual: Ownership) -> tuple[list[LightBook], list[Reason]]:
    """Every book, and every reason why a line is none."""
    lines, unread = light_lines.read(text, usual)
    pupils = [Pupil(one.membership_id, one.name) for one in _pupils(session, shelf)]
    made = [_book(line, pupils) for line in lines]
    wrong = [one.reason for one in unread] + [one for one in made if isinstance(one, Reason)]
    if not lines and not unread:
        wrong = [Reason("nothing", N_("Chưa có dòng nào."))]
    if len(lines) > light_lines.MOST:
        wrong.append(Reason("too-many", N_("Nhiều nhất %(most)s dòng một lần."), {"most": light_lines.MOST}))
    return [one for one in made if isinstance(one, LightBook)], wrong


def _book(line: Line, pupils: list[Pupil]) -> LightBook | Reason:
    if line.owner is not Ownership.PUPIL:
        return LightBook(line.title, line.author, line.owner, note=line.whose or None)
    found = light_lines.pupil_of(line, pupils)
    return found if isinstance(found, Reason) else LightBook(line.title, line.author, line.owner, found.membership_id)


def _added(shelf: Shelf, posted: Posted, books: list[LightBook]) -> dict[str, Any]:
    if shelf.closed_on is not None:
        raise light.ShelfClosed
    made = light.add(db.session(), posting.doing_at(posted, shelf.branch_id), shelf, books)
    audit.note(current_user.uid, "light-list", "shelf", shelf.uid, shelf.library_id)
    return {"added": len(made)}


def _told(shelf: Shelf, done: dict[str, Any]) -> str:
    flash(_("Đã ghi %(count)s cuốn vào danh sách của lớp.", count=done["added"]), "success")
    return url_for("shelves.light", uid=shelf.uid)


@bp.post("/shelves/<uuid:uid>/light/<uuid:item>", endpoint="end_light")
@needs(Permission.CLASS_KEEP)
def end_light(uid: UUID, item: UUID) -> Any:
    """Given back, passed on, lost, put down by mistake; or given to the library's register (the librarian's deed)."""
    shelf, told = shelf_here(db.session(), uid), posting.source()
    reader = Reader(told)
    posted, how = posting.posted_of(told, reader), reader.choice("how", HOWS)
    reader.done()
    assert posted
    assert how
    if how is How.REGISTERED and not _plans(shelf):
        raise Forbidden(Permission.CLASS_PLAN)
    content = {"light": str(uid), "item": str(item), "how": how.value}
    return posting.answer(posted, content, lambda: _ended(shelf, posted, item, how), lambda done: _gone(shelf, done))


def _ended(shelf: Shelf, posted: Posted, uid: UUID, how: How) -> dict[str, Any]:
    session, doing = db.session(), posting.doing_at(posted, shelf.branch_id)
    item = light.copy_here(session, shelf, uid)
    title, label = item.record.full_title, ""
    if how is How.REGISTERED:
        label = light.register(session, doing, shelf, item)
    else:
        light.end(session, doing, item, how)
    audit.note(current_user.uid, f"light-end-{how.value}", "item", uid, shelf.library_id)
    return {"act": str(posted.uid), "title": title, "how": how.value, "accession": label}


def _gone(shelf: Shelf, done: dict[str, Any]) -> str:
    words = f"{done['title']}: {_(HOW_WORDS[How(done['how'])])}"
    flash(f"{words} ({done['accession']})." if done["accession"] else f"{words}.", "success")
    return url_for("shelves.light", uid=shelf.uid)


@bp.post("/shelves/<uuid:uid>/light/undo", endpoint="undo_light")
@needs(Permission.CLASS_KEEP)
def undo_light(uid: UUID) -> Any:
    """A book taken off the list is on it again (`act`); one that got a number only by the librarian's hand."""
    session, shelf, told = db.session(), shelf_here(db.session(), uid), posting.source()
    reader = Reader(told)
    posted, named = posting.posted_of(told, reader), reader.text("act", longest=40)
    reader.done()
    assert posted

    def work() -> dict[str, Any]:
        if named not in {str(one.act) for one in light.lately(session, shelf, clock.today() - SHOWN_FOR)}:
            raise NotFound
        act = acts.by_uid(session, UUID(named))
        assert act
        if How.REGISTERED in light.how_of(session, act.id) and not _plans(shelf):
            raise Forbidden(Permission.CLASS_PLAN)
        undoing.undo(session, posting.doing_at(posted, shelf.branch_id), act)
        audit.note(current_user.uid, "light-undo", "shelf", shelf.uid, shelf.library_id)
        return {"undid": named}

    return posting.answer(posted, {"undo": named}, work, lambda done: _back(shelf))


def _back(shelf: Shelf) -> str:
    flash(_("Đã hoàn tác. Cuốn sách lại ở trong danh sách của lớp."), "success")
    return url_for("shelves.light", uid=shelf.uid)
