"""Saying to a reader, in the words of the reader's library, where a title is and whether it can be had."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext
from markupsafe import Markup, escape

from library.core import clock
from library.finding.availability import Spot
from library.holdings.models import PlaceKind
from library.holdings.places import USUAL
from library.organisations.models import Organisation, OrganisationKind

USUAL_STACKS = dict(USUAL)[PlaceKind.STACKS]


def _(words: str, **facts: object) -> str:
    return str(gettext(words, **facts))


@dataclass(frozen=True)
class Line:
    """One place: an outcome (design: ok, luu, ghi), its name, what to know, how many; `sentence` says it in one go."""

    outcome: str
    name: str
    note: str
    count: str
    sentence: Markup


def lines(spots: Sequence[Spot], library: Organisation) -> list[Line]:
    """Of a title that readers can have: its places; one without any is on the net."""
    return [line(spot, library) for spot in spots] or [_on_the_net()]


def _on_the_net() -> Line:
    name, note = _("Trên mạng"), _("Mở ra là đọc, nghe, xem được, không cần mượn")
    return Line("ok", name, note, "", Markup("<b>%s</b>: %s") % (name, note[:1].lower() + note[1:]))


def line(spot: Spot, library: Organisation) -> Line:
    name = place_name(spot, library)
    outcome, note, count = _state(spot, own=spot.library_id == library.id)
    if outcome == "ok":
        sentence = Markup(_("<b>Còn %(count)s cuốn</b> ở %(place)s")) % {"count": spot.free, "place": name}  # noqa: S704 - our own words
    else:
        sentence = escape(f"{_capital(name)}: {note[:1].lower()}{note[1:]}")
    return Line(outcome, _capital(name), note, count, sentence)


def _state(spot: Spot, own: bool) -> tuple[str, str, str]:
    if spot.free:
        return "ok", _("Lấy được ngay") if own else _("Đang có trên kệ"), _("còn %(count)s", count=spot.free)
    if spot.to_read:
        return "luu", _("Chỉ đọc tại chỗ"), str(spot.to_read)
    if spot.lent and spot.due_on:
        told = _("Có bạn đang mượn, hẹn trả %(day)s", day=near_day(spot.due_on))
        return "ghi", told, f"0 / {spot.copies}"
    if spot.lent:
        return "ghi", _("Có bạn đang mượn"), f"0 / {spot.copies}"
    return "ghi", _("Đang chuẩn bị, chưa lấy được"), f"0 / {spot.copies}"


def place_name(spot: Spot, library: Organisation) -> str:
    """“thư viện trường em”, “Tủ lớp 4A”, “Trường Tiểu học Xuất Hóa”."""
    own = spot.library_id == library.id
    if own and spot.branch == spot.library:
        house = ours(library)
    else:
        house = spot.branch if spot.branch == spot.library else f"{spot.branch}, {spot.library}"
    if spot.kind is PlaceKind.STACKS and spot.place == USUAL_STACKS:
        return house
    return spot.place if own and spot.kind is PlaceKind.CLASS_SHELF else f"{spot.place}, {house}"


def ours(library: Organisation) -> str:
    return _("thư viện trường em") if library.kind is OrganisationKind.SCHOOL else _("thư viện này")


def near_day(day: date) -> str:
    """“thứ Năm 26/11”; with the year when it is another one."""
    names = (_("thứ Hai"), _("thứ Ba"), _("thứ Tư"), _("thứ Năm"), _("thứ Sáu"), _("thứ Bảy"), _("Chủ nhật"))
    if day == clock.today():
        return _("hôm nay")
    told = f"{day:%d/%m}" if day.year == clock.today().year else f"{day:%d/%m/%Y}"
    return f"{names[day.weekday()]} {told}".replace(" ", "\u00a0")


def not_found(library: Organisation, text: str, meant: str | None) -> str:
    """Sentence 19: what a reader hears when there is no such book; `meant` is offered by the page as a link."""
    if library.kind is OrganisationKind.SCHOOL:
        return _("Em thử gõ ít chữ hơn, hoặc hỏi cô thủ thư nhé.") if not meant else _("hoặc hỏi cô thủ thư nhé.")
    return _("Thử gõ ít chữ hơn, hoặc hỏi thủ thư.") if not meant else _("hoặc hỏi thủ thư.")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
