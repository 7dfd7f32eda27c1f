"""Clubs: the list, one club with its meetings and its readers."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select

from library import access, audit
from library.access import Permission, here, needs, or_not_found
from library.core import clock
from library.core.db import db
from library.core.errors import N_, Invalid, Reason
from library.core.forms import Reader
from library.inbox.acts import Doing
from library.loans import posting
from library.loans.forms import Posted, uuid_or_none
from library.patrons import asked, queries
from library.patrons.models import Membership
from library.patrons.queries import Wanted
from library.promotion import clubs
from library.promotion.club_frame import NotSo, again, branch_of, branches, happened_day, page
from library.promotion.club_models import Club, ClubMeeting, ClubMember
from library.promotion.clubs import Met, NewClub

bp = Blueprint("clubs", __name__)
YEAR = timedelta(days=365)
LISTED, MOST_HEADS, MOST_TICKS = 200, 5_000, 60
Done = dict[str, Any]


def club_here(uid: UUID) -> Club:
    """Of a branch in scope. Raises NotFound."""
    return or_not_found(db.session.scalar(select(Club).where(Club.uid == uid, here().of_branches(Club.branch_id))))


def meeting_here(uid: UUID) -> ClubMeeting:
    query = select(ClubMeeting).join(Club, Club.id == ClubMeeting.club_id)
    return or_not_found(db.session.scalar(query.where(ClubMeeting.uid == uid, here().of_branches(Club.branch_id))))


@bp.get("/clubs", endpoint="list")
@needs(Permission.PROMOTE)
def show_list() -> Any:
    """`closed=1`: those that are closed."""
    closed, session = request.args.get("closed") == "1", db.session()
    query = select(Club).where(here().of_branches(Club.branch_id), Club.cancelled.is_(False))
    every = session.scalars(query.where(Club.closed_on.is_not(None) if closed else Club.closed_on.is_(None))).all()
    sums = clubs.sums(session, [one.id for one in every], clock.today() - YEAR)
    return page(
        "promotion/clubs.html", clubs=sorted(every, key=lambda one: one.name.casefold())[:LISTED], closed=closed, sums=sums,
        sizes=clubs.sizes(session, every), one_branch=len({one.branch_id for one in every}) < 2,
    )  # fmt: skip


@bp.get("/clubs/new", endpoint="new")
@needs(Permission.PROMOTE)
def show_new() -> Any:
    return _form(None, {"founded_on": clock.today().isoformat()}, {})


def _form(club: Club | None, told: Any, complaints: Mapping[str, Reason]) -> str:
    return page(
        "promotion/club_form.html", club=club, told=told, complaints=complaints, branches=() if club else branches(),
        lib=asked.slug_of(asked.library()),
    )  # fmt: skip


@bp.post("/clubs/new", endpoint="found")
@needs(Permission.PROMOTE)
def found() -> Any:
    told = posting.source()
    branch, reader = branch_of(told), Reader(told)
    posted, new = posting.posted_of(told, reader), _new(reader)

    def work() -> Done:
        club = clubs.found(db.session(), posting.doing_at(_sure(posted), branch.id), branch.id, _sure(new))
        return _said(club, "found-club", _("Đã lập câu lạc bộ %(name)s.", name=club.name))

    content = {"found-club": told.get("name"), "at": branch.id, "told": _content(told)}
    return _do(reader, posted, content, work, lambda wrong: _form(None, told, wrong))


@bp.get("/clubs/<uuid:uid>/edit", endpoint="edit")
@needs(Permission.PROMOTE)
def show_edit(uid: UUID) -> Any:
    club = club_here(uid)
    told = {name: getattr(club, name) for name in ("name", "topic", "keeper", "heads")}
    return _form(club, told | {"founded_on": club.founded_on.isoformat()}, {})


@bp.post("/clubs/<uuid:uid>/edit", endpoint="change")
@needs(Permission.PROMOTE)
def change(uid: UUID) -> Any:
    told = posting.source()
    club, reader = club_here(uid), Reader(told)
    posted, new = posting.posted_of(told, reader), _new(reader)

    def work() -> Done:
        one = club_here(uid)
        clubs.change(db.session(), _doing(posted, one), one, _sure(new))
        return _said(one, "change-club", _("Đã ghi thay đổi của câu lạc bộ %(name)s.", name=one.name))

    content = {"change-club": str(uid), "told": _content(told)}
    return _do(reader, posted, content, work, lambda wrong: _form(club, told, wrong))


@bp.post("/clubs/<uuid:uid>/state", endpoint="state")
@needs(Permission.PROMOTE)
def change_state(uid: UUID) -> Any:
    """`do`: close, reopen, or cancel what was founded by mistake."""
    told = posting.source()
    club_here(uid)
    reader = Reader(told)
    posted, do = posting.posted_of(told, reader), reader.choice("do", {one: one for one in _STATES})

    def work() -> Done:
        one = club_here(uid)
        _STATES[_sure(do)](_doing(posted, one), one)
        return _said(one, f"{do}-club", _(_STATE_SAID[_sure(do)], name=one.name))

    return _do(reader, posted, {"club-state": str(uid), "do": do}, work, lambda wrong: _show(club_here(uid), {}, wrong))


_STATES: Mapping[str, Callable[[Doing, Club], None]] = {
    "close": lambda doing, club: clubs.close(db.session(), doing, club, clock.today()),
    "reopen": lambda doing, club: clubs.close(db.session(), doing, club, None),
    "cancel": lambda doing, club: clubs.cancel(db.session(), doing, club),
}
_STATE_SAID: Mapping[str, str] = {
    "close": N_("Đã đóng câu lạc bộ %(name)s. Các buổi đã họp vẫn tính."),
    "reopen": N_("Câu lạc bộ %(name)s hoạt động lại."),
    "cancel": N_("Đã bỏ câu lạc bộ %(name)s lập nhầm."),
}


@bp.get("/clubs/<uuid:uid>", endpoint="show")
@needs(Permission.PROMOTE)
def show(uid: UUID) -> Any:
    """A club, or the club of this meeting. `q`, `class`: readers to put on the list."""
    found = db.session.scalar(select(ClubMeeting.id).where(ClubMeeting.uid == uid))
    if found is not None:
        meeting = meeting_here(uid)
        return redirect(url_for("clubs.show", uid=meeting.club.uid, _anchor=f"m-{meeting.uid}"))
    return _show(club_here(uid), {}, {})


def _show(club: Club, told: Any, complaints: Mapping[str, Reason]) -> str:
    session = db.session()
    names = access.scope(Permission.SEE_PATRONS).holds_library(club.branch.organisation_id)
    return page(
        "promotion/club.html", club=club, told=told, complaints=complaints, meetings=clubs.standing(session, club),
        size=clubs.sizes(session, [club])[club.id], members=clubs.members(session, club) if names else None,
        sums=clubs.sums(session, [club.id], clock.today() - YEAR).get(club.id), today_=clock.today(),
        **(_readers(club) if names else {}),
    )  # fmt: skip


def _readers(club: Club) -> dict[str, Any]:
    """Who could be put on the list: those of a class, or who answer to a name or a card."""
    session, scope, library = db.session(), access.scope(Permission.SEE_PATRONS), club.branch.organisation_id
    text, of_class = request.args.get("q", "").strip()[:100], uuid_or_none(request.args.get("class"))
    groups = queries.classes(session, library, clock.today(), scope)
    found: list[Membership] = []
    if text or of_class:
        wanted = Wanted(library, text, of_class)
        ids = queries.named(session, wanted, scope).ids[:MOST_TICKS] if text else None
        found = list(session.scalars(queries.people(wanted, scope, ids).limit(MOST_TICKS)))
    return {"q": text, "of_class": of_class, "groups": groups, "found": found}


@bp.post("/clubs/<uuid:uid>/meetings", endpoint="meet")
@needs(Permission.PROMOTE)
def meet(uid: UUID) -> Any:
    told = posting.source()
    club, reader = club_here(uid), Reader(told)
    posted, met = posting.posted_of(told, reader), _met(reader, club)

    def work() -> Done:
        one = club_here(uid)
        made = clubs.meet(db.session(), _doing(posted, one), one, _sure(met))
        said = _("Đã ghi buổi sinh hoạt ngày %(day)s, %(heads)s người.", day=f"{made.met_on:%d/%m}", heads=made.heads)
        return _said(one, "club-meeting", said) | {"meeting": str(made.uid)}

    content = {"club-meeting": str(uid), "told": _content(told)}
    return _do(reader, posted, content, work, lambda wrong: _show(club, told, wrong))


@bp.get("/clubs/meetings/<uuid:uid>", endpoint="edit_meeting")
@needs(Permission.PROMOTE)
def show_edit_meeting(uid: UUID) -> Any:
    one = meeting_here(uid)
    return _meeting_form(
        one, {"met_on": one.met_on.isoformat(), "heads": one.heads, "topic": one.topic, "as_visits": one.as_visits}, {}
    )


def _meeting_form(meeting: ClubMeeting, told: Any, complaints: Mapping[str, Reason]) -> str:
    return page("promotion/club_meeting.html", meeting=meeting, club=meeting.club, told=told, complaints=complaints)


@bp.post("/clubs/meetings/<uuid:uid>", endpoint="change_meeting")
@needs(Permission.PROMOTE)
def change_meeting(uid: UUID) -> Any:
    """`do=undo`: it did not take place."""
    told = posting.source()
    meeting, reader, undo = meeting_here(uid), Reader(told), told.get("do") == "undo"
    posted = posting.posted_of(told, reader)
    met = None if undo else _met(reader, meeting.club)

    def work() -> Done:
        one = meeting_here(uid)
        if undo:
            clubs.undo_meeting(db.session(), _doing(posted, one.club), one)
            return _said(one.club, "undo-club-meeting", _("Đã hoàn tác buổi ngày %(day)s.", day=f"{one.met_on:%d/%m}"))
        clubs.change_meeting(db.session(), _doing(posted, one.club), one, _sure(met))
        return _said(one.club, "club-meeting", _("Đã sửa buổi ngày %(day)s.", day=f"{one.met_on:%d/%m}"))

    content = {"change-meeting": str(uid), "undo": undo, "told": _content(told)}
    return _do(reader, posted, content, work, lambda wrong: _meeting_form(meeting, told, wrong))


@bp.post("/clubs/<uuid:uid>/members", endpoint="members")
@needs(Permission.PROMOTE)
def change_members(uid: UUID) -> Any:
    """`reader` (uids of memberships): they join. `member` (a uid of the list): they leave."""
    told = posting.source()
    club_here(uid)
    reader = Reader(told)
    posted = posting.posted_of(told, reader)
    joining, leaving = [uuid_or_none(one) for one in posting.many(told, "reader")], uuid_or_none(told.get("member"))

    def work() -> Done:
        one = club_here(uid)
        if leaving:
            _leave(posted, one, leaving)
            return _said(one, "leave-club", _("Đã bỏ một bạn khỏi danh sách."))
        many = _join(posted, one, [who for who in joining if who])
        return _said(one, "join-club", _("Đã thêm %(many)s bạn vào câu lạc bộ.", many=many))

    content = {"club-members": str(uid), "join": sorted(map(str, joining)), "leave": str(leaving)}
    return _do(reader, posted, content, work, lambda wrong: _show(club_here(uid), {}, wrong))


def _join(posted: Posted | None, club: Club, uids: list[UUID]) -> int:
    """Readers of the club's library whom this person may see."""
    scope = access.scope(Permission.SEE_PATRONS)
    query = select(Membership.id).where(
        Membership.uid.in_(uids), Membership.library_id == club.branch.organisation_id, Membership.to_on.is_(None),
        queries.within(scope),
    )  # fmt: skip
    ids = db.session.scalars(query.order_by(Membership.id)).all()
    return clubs.join(db.session(), _doing(posted, club), club, ids, clock.today())


def _leave(posted: Posted | None, club: Club, uid: UUID) -> None:
    query = select(ClubMember).where(ClubMember.uid == uid, ClubMember.club_id == club.id)
    clubs.leave(db.session(), _doing(posted, club), or_not_found(db.session.scalar(query)), clock.today())


# Inside


def _new(reader: Reader) -> NewClub | None:
    name, topic, keeper = (
        reader.text("name", longest=100),
        reader.text("topic", False, 200),
        reader.text("keeper", False, 100),
    )
    founded_on, heads = happened_day(reader, "founded_on"), reader.number("heads", 1, MOST_HEADS, required=False)
    return NewClub(name, founded_on, topic, keeper, heads) if founded_on else None


def _met(reader: Reader, club: Club) -> Met | None:
    on, heads = happened_day(reader, "met_on", club.founded_on), reader.number("heads", 1, MOST_HEADS)
    topic = reader.text("topic", False, 300)
    return Met(on, heads, topic, reader.ticked("as_visits")) if on and heads else None


def _content(told: posting.Source) -> dict[str, str]:
    names = ("name", "topic", "keeper", "founded_on", "heads", "met_on", "as_visits")
    return {name: str(told.get(name) or "") for name in names}


def _doing(posted: Posted | None, club: Club) -> Doing:
    return posting.doing_at(_sure(posted), club.branch_id)


def _said(club: Club, verb: str, words: str) -> Done:
    audit.note(current_user.uid, verb, "club", club.uid, club.branch.organisation_id)
    return {"club": str(club.uid), "do": words, "outcome": "ok"}


def _do(reader: Reader, posted: Posted | None, content: Done, work: Callable[[], Done], form: Any) -> Any:
    """Once; then the club's page, or the form with what is wrong."""
    try:
        reader.done()
        return posting.answer_aloud(
            _sure(posted), content, work, lambda done: url_for("clubs.show", uid=UUID(done["club"]))
        )
    except (Invalid, NotSo) as wrong:
        return again(wrong, form)


def _sure(value: Any) -> Any:
    """After `reader.done()` whatever was read is there."""
    assert value is not None
    return value
