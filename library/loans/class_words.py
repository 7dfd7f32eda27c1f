"""The board of a class's returns in words, for the desk with and without scripts."""

from typing import Any

from flask_babel import gettext as _

from library.core import clock
from library.loans import wording
from library.loans.classroom import Classroom, Kept, Seat


def returns_of(name: str) -> str:
    """Lớp 2B trả sách"""
    return str(_("Lớp %(name)s trả sách", name=name)) if name else str(_("Tập thể trả sách"))


def board(room: Classroom, brief: bool) -> dict[str, Any]:
    """As `class_board` of _desk.html draws it."""
    left = [_left(seat, book, brief) for seat, book in room.left]
    names = len({seat.uid for seat, _book in room.left})
    return {"name": returns_of(room.name), "done": room.done, "total": room.total, "left": left, "who": names}


def _left(seat: Seat, book: Kept, brief: bool) -> dict[str, Any]:
    late = (clock.today() - book.due_on).days
    note = wording.weekday(book.due_on)
    if late >= 0:
        note = _("trễ %(days)s ngày", days=late) if late else _("hôm nay")
    name = wording.shown_name(seat.name, brief)
    return {"name": name, "title": book.title, "due": wording.day(book.due_on), "note": note, "late": late > 0}
