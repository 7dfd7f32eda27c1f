"""Vehicles and rotation: how much went out, and how much was read of it. Two measures that are never added up, nor are the
two services: a stop of a vehicle is no site, and each counts for itself."""

from collections.abc import Sequence

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from library.mobile import figures as mobile
from library.reports import standing_iso
from library.reports.standing_question import Question
from library.reports.standing_sheet import Figure, Line, Report, Table, share
from library.rotation import figures as rotation
from library.rotation.scopes import of_batches, of_sites


def report(session: Session, question: Question) -> Report:
    """Month by month, one table for each."""
    return Report(str(_("Thư viện lưu động và luân chuyển")), question.about(), tables(session, question), _notes())


def _notes() -> tuple[str, ...]:
    return (
        str(
            _(
                "Bản mang theo, bản luân chuyển là sách đi ra; lượt sách là sách được đọc, mượn ở đó. Hai số không cộng vào nhau."
            )
        ),
    )


def tables(session: Session, question: Question) -> tuple[Table, ...]:
    return _vehicles(session, question), _rotation(session, question)


def half(session: Session, question: Question) -> Report:
    """What a provincial library reports of half a year: its figures, every unit below it, vehicles and rotation."""
    each = standing_iso.units(session, question, str(_("II. Từng đơn vị")))  # first: the whole follows from its parts
    own = standing_iso.beside(session, question, str(_("I. Số liệu chung")))
    away = [_captioned(one, number) for one, number in zip(tables(session, question), ("III", "IV"), strict=True)]
    notes = (*standing_iso._notes(), *_notes())
    return Report(str(_("Báo cáo hoạt động thư viện")), question.about(), (own, each, *away), notes)


def _captioned(table: Table, number: str) -> Table:
    return Table(table.heads, table.lines, f"{number}. {table.caption}", table.note, table.names)


def _vehicles(session: Session, question: Question) -> Table:
    """Of the vehicles of whoever asks."""
    asked = mobile.Asked(question.scope.library(question.own), question.period.first, question.period.last)
    seen = mobile.seen(session, asked)
    lines = [_trip_line(one) for one in mobile.lines(seen, mobile.By.MONTH)]
    foot = [Line((str(_("Cộng")), *_trip_line(mobile.total(seen)).cells[1:]), "sum")] if lines else []
    heads = (str(_("Tháng")), str(_("Chuyến đã đi")), str(_("Lần dừng")), str(_("Giờ phục vụ")), str(_("Km")),
             str(_("Bản mang theo")), str(_("Lượt bạn đọc")), str(_("Lượt sách")), str(_("Mượn về")),
             str(_("Sách mỗi bạn đọc")))  # fmt: skip
    return Table(heads, (*lines, *foot), str(_("Xe thư viện lưu động")))


def _trip_line(one: mobile.Line) -> Line:
    counted: Sequence[float] = (one.trips, one.calls)
    return Line((
        one.name, *map(Figure, counted), Figure(one.minutes / 60, places=1), Figure(round(one.km)), Figure(one.carried),
        Figure(one.visits), Figure(one.uses), Figure(one.lent), share(one.uses, one.visits),
    ))  # fmt: skip


def _rotation(session: Session, question: Question) -> Table:
    scope, period = question.scope, question.period
    asked = rotation.Asked(of_sites(scope), of_batches(scope), period.first, period.last)
    found = rotation.of(session, asked, rotation.By.MONTH)
    lines = [
        _leg_line(f"{one.name[5:]}/{one.name[:4]}", one)
        for one in found
        if one.trips or one.uses or one.visits or one.lost
    ]
    total = Line((str(_("Cộng")), *_leg_line("", rotation.total(found)).cells[1:]), "sum")
    heads = (str(_("Tháng")), str(_("Chuyến luân chuyển")), str(_("Bản luân chuyển")), str(_("Lượt người")),
             str(_("Lượt sách đọc, mượn tại điểm")), str(_("Lượt mỗi bản")), str(_("Thiếu, mất (bản)")))  # fmt: skip
    return Table(heads, (*lines, *([total] if lines else [])), str(_("Luân chuyển sách")))


def _leg_line(name: str, one: rotation.Line) -> Line:
    return Line((name, Figure(one.trips), Figure(one.copies), Figure(one.visits), Figure(one.uses),
                 Figure(one.turns, places=1), Figure(one.lost)))  # fmt: skip
