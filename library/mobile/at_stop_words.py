"""What a stop says of a scan: short, for a phone in the sun. Nothing is decided here."""

from typing import Any

from flask_babel import gettext as _

from library.core import clock
from library.core.fold import given_name
from library.loans import wording
from library.loans.happened import Happened, What
from library.mobile.models import StopVisit
from library.mobile.stop_lending import Came

GIVEN = (What.LENT, What.RENEWED)


def answer(came: Came, visit: StopVisit) -> dict[str, Any]:
    """As the desk's answers, with the sentences of a vehicle. `pupil`: whose name is open from now on."""
    told = came.told
    base = wording.result(told, False)
    return {**base, "overrides": [], "visit": str(visit.uid), **_said(came)}


def _said(came: Came) -> dict[str, Any]:
    told = came.told
    if told.what is What.READER and told.reader:
        return _opened(told)
    if told.what in GIVEN and told.reader and told.due_on:
        return _given(told, came.comes)
    if told.what in (What.RETURNED, What.COUNTED, What.ARRIVED):
        return _back(came)
    if told.what is What.UNKNOWN:
        return {"do": _("Máy chưa biết mã này. Quét lại cho rõ, hoặc gõ số trên nhãn.")}
    return {}


def _opened(told: Happened) -> dict[str, Any]:
    reader = told.reader
    assert reader
    held = _("đang giữ %(count)s cuốn", count=len(told.held)) if told.held else _("chưa giữ cuốn nào")
    name = f"{reader.full_name}, {reader.class_name}" if reader.class_name else reader.full_name
    do = _("%(held)s. Quét sách.", held=held[:1].upper() + held[1:])
    return {
        "outcome": "luu",
        "title": "",
        "word": _("Cho %(name)s mượn", name=name),
        "do": do,
        "pupil": str(reader.uid),
    }


def _given(told: Happened, comes: bool) -> dict[str, Any]:
    reader, due = told.reader, told.due_on
    assert reader
    assert due
    who, limit = given_name(reader.full_name), reader.limit
    full = limit is not None and reader.standing.held >= limit
    day = wording.weekday_day(due)
    do = _("Trả ở lần xe đến %(day)s.", day=day) if comes else _("Hẹn trả %(day)s.", day=day)
    if told.doubts:
        doubts = " ".join(wording.shown(one, False) for one in told.doubts)
        do = _("%(do)s Ghi nhớ: %(doubts)s", do=do, doubts=doubts)
    word = _("Đã cho %(who)s mượn", who=who) if told.what is What.LENT else _("%(who)s giữ thêm", who=who)
    return {"word": word, "do": do, "again": None if full else str(reader.uid), "who": who}


def _back(came: Came) -> dict[str, Any]:
    told = came.told
    copy = told.copy
    assert copy
    late = max((clock.day_of(told.at) - copy.due_on).days, 0) if copy.due_on else 0
    again = str(told.reader.uid) if told.reader and told.reader.membership_id != copy.lent_to else None
    minded = late or came.strange or came.waited or told.tells or again or told.what is What.ARRIVED
    outcome = "luu" if minded else "ok" if told.what is What.RETURNED else "ghi"
    gentle = _(" Trễ %(days)s ngày, nhắc nhẹ một câu là đủ.", days=late) if late else ""
    return {"outcome": outcome, "word": _word(came), "do": _goes(came) + gentle, "said": "", "again": again,
            "who": given_name(told.reader.full_name) if told.reader else ""}  # fmt: skip


def _word(came: Came) -> str:
    told = came.told
    if told.what is What.COUNTED:
        return str(_("Ghi 1 lượt đọc tại chỗ") if told.counted else _("Lượt đọc này đã ghi rồi"))
    if told.what is What.ARRIVED:
        return str(_("Không ai đang mượn cuốn này"))
    who = told.copy.holder if told.copy and told.copy.holder else _("Bạn đọc")
    return str(_("%(who)s trả xong", who=who))


def _goes(came: Came) -> str:
    copy, goes = came.told.copy, came.told.shelving
    assert copy
    if copy.is_out:
        return str(_("Sách đã ra khỏi sổ: để riêng, mang về kho."))
    if goes is not None and goes.kept_for:
        return str(_("Để riêng trên xe cho %(who)s, đến lấy ở %(place)s.", who=goes.kept_for, place=goes.place))
    if goes is not None and goes.library:
        return str(_("Để riêng trên xe, gửi về %(place)s, %(library)s.", place=goes.place, library=goes.library))
    if came.strange:
        return str(_("Sách của %(library)s: để riêng trên xe.", library=copy.library_name))
    if came.waited:
        return str(_("Có bạn đọc khác đang chờ cuốn này: để riêng trên xe."))
    return str(_("Xếp lại lên xe."))
