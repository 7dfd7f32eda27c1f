"""Internet places: what each branch has and when, turns by a tap, the day's list, what was counted."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select

from library import audit
from library.access import Permission, here, needs, or_not_found
from library.core import clock, plot_bars
from library.core.db import db
from library.core.errors import N_, Invalid, Reason
from library.core.forms import Reader
from library.core.plot import Plot, Series
from library.inbox.acts import Doing
from library.loans import posting
from library.loans.forms import Posted, uuid_or_none
from library.organisations.models import Branch
from library.promotion import internet
from library.promotion.club_frame import NotSo, again, branches, happened_day, page
from library.promotion.internet import AUDIENCES, Counted, Hours
from library.promotion.internet_models import InternetCount, InternetPlace

bp = Blueprint("internet", __name__)
DAYS = (N_("Thứ Hai"), N_("Thứ Ba"), N_("Thứ Tư"), N_("Thứ Năm"), N_("Thứ Sáu"), N_("Thứ Bảy"), N_("Chủ nhật"))
MOST, MOST_PLACES, SHOWN = 2_000, 1_000, 7
Done = dict[str, Any]


def branch_here(uid: UUID) -> Branch:
    """In scope. Raises NotFound."""
    return or_not_found(db.session.scalar(select(Branch).where(Branch.uid == uid, here().of_branches(Branch.id))))


@bp.get("/internet", endpoint="list")
@needs(Permission.PROMOTE)
def show_list() -> Any:
    """Every branch that has places, with this month's turns; whoever works at one branch goes straight there."""
    session, today = db.session(), clock.today()
    every = internet.everywhere(session, here().of_branches(InternetPlace.branch_id))
    own = branches()
    if len(here().branches) == 1 and len(own) == 1:
        return redirect(url_for("internet.show", uid=own[0].uid))
    sums = internet.sums(session, [one.branch_id for one in every], today.replace(day=1), today)
    without = [one for one in own if one.id not in {place.branch_id for place in every}]
    return page("promotion/internet_list.html", places=every, sums=sums, without=without[:40], hours=internet.hours_of)


@bp.get("/internet/<uuid:uid>", endpoint="show")
@needs(Permission.PROMOTE)
def show(uid: UUID) -> Any:
    """Of a branch; or where this count, or this setting, belongs."""
    session = db.session()
    for what in (InternetCount, InternetPlace):
        branch_id = session.scalar(select(what.branch_id).where(what.uid == uid))
        if branch_id is not None:
            found = session.get_one(Branch, branch_id)
            return redirect(url_for("internet.show", uid=branch_here(found.uid).uid))
    return _show(branch_here(uid), {}, {})


def _show(branch: Branch, told: Any, complaints: Mapping[str, Reason]) -> str:
    session, today = db.session(), clock.today()
    now = internet.now(session, branch.id)
    month = internet.sums(session, [branch.id], today.replace(day=1), today).get(branch.id, (0, 0))
    days = internet.by_day(session, branch.id, today - timedelta(days=SHOWN - 1), today)
    return page(
        "promotion/internet.html", branch=branch, now=now, told=told or _as_form(now), complaints=complaints, month=month,
        today_turns=days.get(today, 0), lately=internet.lately(session, branch.id), audiences=AUDIENCES, days=DAYS,
        hours=internet.hours_of(now) if now else None, bars=_bars(days, today), clock_words=_clock,
        history=internet.history(session, branch.id),
        today_=today, open_days=_open_days(now),
    )  # fmt: skip


def _bars(days: Mapping[date, int], today: date) -> Plot | None:
    """The last week."""
    span = [today - timedelta(days=at) for at in reversed(range(SHOWN))]
    found = plot_bars.standing(
        [f"{day:%d/%m}" for day in span], [Series(_("lượt"), [days.get(day, 0) for day in span])]
    )
    return None if found.empty else found


def _open_days(now: InternetPlace | None) -> str:
    """Thứ Hai, Thứ Ba…"""
    return ", ".join(str(_(DAYS[int(one) - 1])) for one in now.days) if now else ""


def _clock(minutes: int | None) -> str:
    return "" if minutes is None else f"{minutes // 60:02d}:{minutes % 60:02d}"


def _as_form(now: InternetPlace | None) -> dict[str, Any]:
    if now is None:
        return {"days": "12345", "opens_at": "07:30", "closes_at": "16:30"}
    return {
        "places": now.places, "days": now.days, "opens_at": _clock(now.opens_at), "closes_at": _clock(now.closes_at),
        "note": now.note,
    }  # fmt: skip


@bp.post("/internet/<uuid:uid>/places", endpoint="put")
@needs(Permission.PROMOTE)
def put(uid: UUID) -> Any:
    told = posting.source()
    branch, reader = branch_here(uid), Reader(told)
    posted, places = posting.posted_of(told, reader), reader.number("places", 0, MOST_PLACES)
    days = "".join(sorted({one for one in posting.many(told, "day") if one in "1234567" and len(one) == 1}))
    opens, closes = _time(reader, "opens_at"), _time(reader, "closes_at")
    if opens is not None and closes is not None and closes <= opens:
        reader.complain("closes_at", "order", N_("Giờ đóng phải sau giờ mở."))
    from_on, note = happened_day(reader, "from_on"), reader.text("note", False, 200)

    def work() -> Done:
        one = branch_here(uid)
        made = internet.put(
            db.session(), _doing(posted, one), one, _sure(places), Hours(days, opens, closes), _sure(from_on), note
        )
        said = _("Đã ghi: %(places)s chỗ truy cập từ %(day)s.", places=made.places, day=f"{made.from_on:%d/%m/%Y}")
        return _said(one, "put-internet", said)

    content = {"internet": str(uid), "told": [places, days, opens, closes, from_on, note]}
    form = lambda wrong: _show(branch, {**told, "days": days}, wrong)  # noqa: E731
    return _do(reader, posted, content, work, uid, form)


def _time(reader: Reader, name: str) -> int | None:
    """07:30 → 450"""
    text = reader.text(name, False, 5)
    hours, _colon, minutes = text.partition(":")
    plain = text.isascii() and hours.isdigit() and minutes.isdigit() and len(text) <= 5
    fine = plain and int(hours) < 24 and int(minutes) < 60
    if text and not fine:
        reader.complain(name, "time", N_("Giờ viết như 07:30."))
    return int(hours) * 60 + int(minutes) if text and fine else None


@bp.post("/internet/<uuid:uid>/turns", endpoint="count")
@needs(Permission.PROMOTE)
def count(uid: UUID) -> Any:
    """`turns` (1 for a tap), `on`, `audience`, `minutes` it was open."""
    told = posting.source()
    branch, reader = branch_here(uid), Reader(told)
    posted, turns = posting.posted_of(told, reader), reader.number("turns", 0, MOST, required=False) or 0
    minutes, on = reader.number("minutes", 0, internet.DAY, required=False) or 0, happened_day(reader, "on")
    audience = reader.choice("audience", {one: one for one in AUDIENCES}, required=False)
    if not turns and not minutes:
        reader.complain("turns", "nothing", N_("Ghi số lượt, hoặc số phút mở."))

    def work() -> Done:
        one = branch_here(uid)
        counted = Counted(turns, _sure(on), audience, minutes)
        internet.count(db.session(), _doing(posted, one), one.id, counted)
        said = (
            _("Đã ghi %(turns)s lượt truy cập.", turns=turns)
            if turns
            else _("Đã ghi %(minutes)s phút mở.", minutes=minutes)
        )
        return _said(one, "count-internet", said)

    content = {"internet-turns": str(uid), "told": [turns, minutes, on, audience]}
    return _do(reader, posted, content, work, uid, lambda wrong: _show(branch, told, wrong))


@bp.post("/internet/<uuid:uid>/undo", endpoint="undo")
@needs(Permission.PROMOTE)
def undo(uid: UUID) -> Any:
    """`count` or `place`: the uid of what is taken back."""
    told = posting.source()
    branch = branch_here(uid)
    reader = Reader(told)
    posted, count_uid, place_uid = posting.posted_of(told, reader), told.get("count"), told.get("place")

    def work() -> Done:
        one, session = branch_here(uid), db.session()
        if place_uid:
            place = or_not_found(_of(InternetPlace, one, place_uid))
            internet.undo_put(session, _doing(posted, one), place)
        else:
            internet.undo_count(session, _doing(posted, one), or_not_found(_of(InternetCount, one, count_uid)))
        return _said(one, "undo-internet", _("Đã hoàn tác. Số liệu đã trừ lại."))

    content = {"undo-internet": str(uid), "count": count_uid, "place": place_uid}
    return _do(reader, posted, content, work, uid, lambda wrong: _show(branch, {}, wrong))


def _of(what: Any, branch: Branch, text: Any) -> Any:
    return db.session.scalar(select(what).where(what.uid == uuid_or_none(text), what.branch_id == branch.id))


# Inside


def _doing(posted: Posted | None, branch: Branch) -> Doing:
    return posting.doing_at(_sure(posted), branch.id)


def _said(branch: Branch, verb: str, words: str) -> Done:
    audit.note(current_user.uid, verb, "branch", branch.uid, branch.organisation_id)
    return {"branch": str(branch.uid), "do": words, "outcome": "ok"}


def _do(reader: Reader, posted: Posted | None, content: Done, work: Callable[[], Done], uid: UUID, form: Any) -> Any:
    """Once; then the branch's page, with what is wrong where something is."""
    try:
        reader.done()
        return posting.answer_aloud(_sure(posted), content, work, lambda done: url_for("internet.show", uid=uid))
    except (Invalid, NotSo) as wrong:
        return again(wrong, form)


def _sure(value: Any) -> Any:
    """After `reader.done()` whatever was read is there."""
    assert value is not None
    return value
