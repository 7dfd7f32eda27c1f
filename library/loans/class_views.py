"""A class at the desk: the board of its returns, its names as large buttons, and the board for a projector."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, jsonify, render_template, request, url_for

from library.access import Permission, needs
from library.core import clock
from library.core.db import db
from library.core.errors import NotFound
from library.core.fold import given_name
from library.loans import class_words, classroom, wording
from library.loans.classroom import Classroom, Seat
from library.loans.views import is_brief, my_desk

bp = Blueprint("classes", __name__)
OPEN_FOR = timedelta(hours=14)
"""A board opened longer ago was opened on another day."""


def since(text: str | None) -> datetime | None:
    """The moment the page opened its board, as it says; None for junk, the future and another day."""
    try:
        moment = datetime.fromisoformat(text or "")
        moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):  # the first and the last year have hours that are of no year elsewhere
        return None
    return moment if clock.now() - OPEN_FOR < moment <= clock.now() else None


def seat_of(seat: Seat, room: Classroom, brief: bool) -> dict[str, Any]:
    """One large button: the name in two parts, how many of how many, and the book they have."""
    out, first = seat.out, given_name(seat.name)
    rest = "" if brief else seat.name.removesuffix(first).strip()
    return {
        "code": str(seat.uid), "first": first, "rest": rest, "name": wording.shown_name(seat.name, brief),
        "born": f"{seat.born:%Y}" if seat.born and not brief else "", "held": len(out), "limit": seat.limit,
        "full": seat.limit is not None and len(out) >= seat.limit, "last": out[-1].title if out else "",
        "late": any(book.due_on < clock.today() for book in out), "served": seat.was_served(room.since),
    }  # fmt: skip


def _told(room: Classroom) -> dict[str, Any]:
    brief = is_brief()
    told = {"since": room.since.isoformat(), "name": room.name, "done": room.done, "total": room.total}
    if request.args.get("part") == "names":
        seats = [seat_of(seat, room, brief) for seat in room.seats]
        return told | {"html": render_template("loans/_class_names.html", seats=seats, namesakes=_namesakes(seats))}
    return told | {
        "html": render_template("loans/_class_board.html", board=class_words.board(room, brief), **_links(room))
    }


def _links(room: Classroom) -> dict[str, str]:
    """Of the same board in big letters, and of the class's slips; groups have neither."""
    uid = (request.view_args or {}).get("uid")
    if uid is None:
        return {}
    wall = url_for("classes.projected", uid=uid, since=room.since.isoformat())
    return {"wall": wall, "slips": url_for("slips.of_class", class_uid=uid)}


def _namesakes(seats: list[dict[str, Any]]) -> set[str]:
    """Names that two of the list have: these show the year of birth."""
    names = [seat["name"] for seat in seats]
    return {name for name in names if names.count(name) > 1}


@bp.get("/desk/classes/<uuid:uid>")
@needs(Permission.CIRCULATE)
def show(uid: UUID) -> Any:
    """{since, name, done, total, html}: the board, or with part=names the large buttons."""
    return jsonify(_told(_room(uid)))


def _room(uid: UUID) -> Classroom:
    room = classroom.of_class(db.session(), my_desk().library_id, uid, since(request.args.get("since")))
    if room is None:
        raise NotFound
    return room


@bp.get("/desk/groups")
@needs(Permission.CIRCULATE)
def groups() -> Any:
    """The same for class sets, teachers' sets and other groups of this library."""
    return jsonify(_told(classroom.of_groups(db.session(), my_desk().library_id, since(request.args.get("since")))))


@bp.get("/desk/classes/<uuid:uid>/board", endpoint="projected")
@needs(Permission.CIRCULATE)
def show_projected(uid: UUID) -> Any:
    """In big letters for the whole room: who is missing and their books, and of nobody that they are late."""
    room = _room(uid)
    here = url_for("classes.projected", uid=uid, since=room.since.isoformat())
    brief = is_brief()
    told, missing = class_words.board(room, brief), _missing(room, brief)
    return render_template("loans/class_projected.html", board=told, missing=missing, here=here, uid=uid)


def _missing(room: Classroom, brief: bool) -> list[tuple[str, list[str]]]:
    """Who is missing and their titles. Namesakes are two: every seat stands for itself."""
    owing = [(seat, seat.owes(room.since)) for seat in room.seats]
    return [(wording.shown_name(seat.name, brief), [book.title for book in books]) for seat, books in owing if books]
