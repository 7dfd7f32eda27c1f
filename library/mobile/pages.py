"""What the planner's pages share: whose vehicles, words, and forms that are posted once."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, time
from typing import Any

from flask import current_app, flash, render_template, request
from flask_babel import gettext
from flask_login import current_user

from library import access
from library.access import Permission, here
from library.core import clock
from library.core.db import db
from library.core.errors import N_, Invalid, Reason
from library.core.forms import YEARS, Reader
from library.inbox.acts import Doing
from library.loans import posting, wording
from library.loans.forms import Posted
from library.mobile import change_words, trip_states, visit_states
from library.mobile.errors import NotDone
from library.mobile.models import CrewRole, VehicleKind
from library.organisations.models import Organisation

KIND_WORDS = {
    VehicleKind.CAR: N_("ô tô"), VehicleKind.BOAT: N_("thuyền"), VehicleKind.TROLLEY: N_("xe đẩy"),
    VehicleKind.MOTORBIKE: N_("xe máy"), VehicleKind.OTHER: N_("phương tiện khác"),
}  # fmt: skip
ROLE_WORDS = {CrewRole.DRIVER: N_("lái xe"), CrewRole.LIBRARIAN: N_("thủ thư"), CrewRole.OTHER: N_("việc khác")}
Complaints = Mapping[str, Reason]


def library() -> Organisation:
    """Whose vehicles these are: that of whoever asks. NotFound where they may not plan there."""
    return db.session.get_one(Organisation, here().library(current_user.library_id))


def doing(posted: Posted, branch_id: int) -> Doing:
    return posting.doing_at(posted, branch_id)


def why_words(code: str | None) -> str:
    """In the language of whoever reads; nothing for no reason."""
    words = change_words.why(code)
    return str(gettext(words)) if words else ""


def page(name: str, **more: Any) -> str:
    """A page of the vehicles; its template may link to whatever pages there are."""
    return render_template(
        name, known=current_app.view_functions, words=wording, fresh_uid=clock.uuid7, whys=change_words.WHYS,
        why_words=why_words, trip_words=trip_states.WORDS, visit_words=visit_states.WORDS,
        kind_words=KIND_WORDS, role_words=ROLE_WORDS,
        local=lambda moment: moment.astimezone(clock.HERE), plans=bool(access.scope(Permission.VAN_PLAN)),
        crews=bool(access.scope(Permission.VAN_CREW)), **more,
    )  # fmt: skip


def told_or_page(reader: Reader, work: Callable[[], Any], again: Callable[[Complaints, Sequence[Reason]], str]) -> Any:
    """The answer of `work`; what cannot be done stands on the page (`again`), with all that was typed."""
    try:
        reader.done()
        return work()
    except (Invalid, NotDone) as stopped:
        if request.is_json:
            raise
        db.session.rollback()
        fields = stopped.fields if isinstance(stopped, Invalid) else {}
        return again(fields, () if fields else stopped.reasons), stopped.status


def said(words: str, address: str) -> str:
    """Told on the next page."""
    flash(words, "success")
    return address


def time_of(reader: Reader, name: str, text: str | None = None, required: bool = True) -> time | None:
    """A time of the day as a field sends it: 07:30, 7h30."""
    typed = reader.text(name, required, 8) if text is None else text.strip()
    if not typed:
        return None
    try:
        hour, _colon, minute = typed.lower().replace("h", ":").partition(":")
        return time(int(hour), int(minute or 0))
    except ValueError:
        reader.complain(name, "time", N_("Giờ viết như 7:30."))
        return None


def decimal_of(reader: Reader, name: str, least: float, most: float) -> float | None:
    """A number as it is written here: 12,5."""
    typed = reader.text(name, required=False, longest=20)
    if not typed:
        return None
    try:
        value = float(typed.replace(",", ".") if "," in typed else typed)
    except ValueError:
        value = most + 1
    if not least <= value <= most:
        reader.complain(name, "number", N_("Cần một số từ %(least)s đến %(most)s."), least=least, most=most)
        return None
    return value


def why_of(reader: Reader) -> str:
    """A reason with a button, or other words; a complaint where there is none."""
    code = reader.text("why", required=False, longest=40)
    own = reader.text("why_words", required=False, longest=200)
    if code in change_words.WHYS:
        return code
    if not own:
        reader.complain("why", "no-reason", N_("Chọn hoặc ghi vì sao."))
    return own


def day_or(text: str | None, otherwise: date) -> date:
    """A day in an address; another where it is none, or of a year nobody plans."""
    try:
        found = date.fromisoformat(text or "")
    except ValueError:
        return otherwise
    return found if found.year in YEARS else otherwise


def may_plan(library_id: int | None) -> bool:
    return access.scope(Permission.VAN_PLAN).holds_library(library_id)
