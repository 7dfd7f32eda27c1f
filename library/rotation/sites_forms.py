"""What is said of sites and of what they agreed to: typed values, or every complaint."""

import re
from collections.abc import Sequence
from datetime import date, timedelta

from library.catalogue.languages import LANGUAGES
from library.core.errors import N_
from library.core.forms import Reader
from library.organisations.models import Branch
from library.rotation.agreements import NewAgreement
from library.rotation.models import SiteKind
from library.rotation.sites import NewSite

LONGEST_NAME = 120
KINDS = {one.value: one for one in SiteKind}
GRADES = range(1, 13)
OTHER_LANGUAGES = {code: words for code, words in LANGUAGES.items() if code not in ("vie", "mul")}
_POSITION = re.compile(r"(-?\d{1,2}(?:[.,]\d+)?)[\s,;]+(-?\d{1,3}(?:[.,]\d+)?)")
WHY_CLOSED = {
    "not-used": N_("Nơi này không nhận sách nữa"),
    "merged": N_("Sáp nhập vào nơi khác"),
    "moved": N_("Đã có thư viện riêng"),
    "mistake": N_("Lập nhầm"),
}


def new_site(reader: Reader, branch: Branch | None, grades: Sequence[str], languages: Sequence[str]) -> NewSite | None:
    """Complaints stay in the reader."""
    name, kind = reader.text("name", longest=LONGEST_NAME), reader.choice("kind", KINDS)
    where = position(reader)
    taught = tuple(grade for grade in GRADES if str(grade) in grades)
    spoken = tuple(code for code in OTHER_LANGUAGES if code in languages)
    if kind is None:
        return None
    return NewSite(
        name, kind, branch, _or_none(reader, "area", 80), _or_none(reader, "keeper_name", 100),
        _or_none(reader, "keeper_title", 100), _or_none(reader, "keeper_phone", 30),
        reader.number("readers", 1, 100_000, required=False), taught, spoken, *where, _or_none(reader, "note", 500),
    )  # fmt: skip


def _or_none(reader: Reader, name: str, longest: int) -> str | None:
    return reader.text(name, required=False, longest=longest) or None


def position(reader: Reader) -> tuple[float | None, float | None]:
    """Latitude and longitude as a map tells them: 22.1471, 105.8348."""
    text = reader.text("position", required=False, longest=60)
    found = _POSITION.fullmatch(text) if text else None
    if found:
        north, east = (float(one.replace(",", ".")) for one in found.groups())
        if -90 <= north <= 90 and -180 <= east <= 180:
            return north, east
    if text:
        reader.complain("position", "position", N_("Chép hai số từ bản đồ, như 22.1471, 105.8348."))
    return None, None


def agreement(reader: Reader, today: date) -> NewAgreement | None:
    quota, months = reader.number("quota", 1, 100_000), reader.number("months", 1, 60)
    first, last = reader.planned_day("from_on"), reader.planned_day("to_on")
    floats = reader.ticked("floats")
    cap = reader.number("float_cap", 1, 100_000, required=False)
    if first and last and last <= first:
        reader.complain("to_on", "days", N_("Ngày hết hạn phải sau ngày bắt đầu."))
    if first and not -3660 <= (first - today).days <= 3660:
        reader.complain("from_on", "day", N_("Ngày bắt đầu phải trong vòng mười năm."))
    number, signed = _or_none(reader, "number", 60), _or_none(reader, "signed_name", 100)
    if quota is None or months is None or first is None or last is None:
        return None
    return NewAgreement(quota, months, first, last, number, floats, cap if floats else None, signed)


def usual_end(today: date) -> date:
    """A year from today, the last day."""
    return today + timedelta(days=364)
