"""What a line says of a copy seen in a count. Nothing is decided here."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from library.core import clock
from library.core.errors import N_
from library.loans.facts import CopyFacts
from library.shelves.models import CountOutcome

OUT = N_("Không được · sách đã ra khỏi sổ"), N_("Để riêng, không xếp lên kệ.")
UNKNOWN = N_("Hỏi · mã lạ"), N_("Máy chưa biết mã này. Quét lại, hoặc để riêng đưa thủ thư.")
CARD = N_("Hỏi · đây là thẻ bạn đọc"), N_("Đang kiểm tủ: quét mã trên cuốn sách.")


@dataclass(frozen=True)
class Seen:
    """A copy that was scanned in a count. `before`: seen in this count already. `lent`: the machine thinks a reader has
    it, `theirs`: who reads at this shelf, so that the name may be said; `belongs`: the shelf or place it is of."""

    outcome: CountOutcome
    copy: CopyFacts
    at: datetime
    act: str | None
    before: bool
    belongs: str
    theirs: bool = False


def seen(one: Seen) -> dict[str, Any]:
    """outcome, word, title, do, line, code, act, time, item, counts as (found/extra)."""
    look, word, do = _said(one)
    return {
        "what": one.outcome.value, "outcome": look, "word": word, "title": one.copy.full_title, "do": do,
        "code": one.copy.accession or "", "act": None if one.before else one.act, "item": str(one.copy.uid),
        "time": _time(one.at), "before": one.before, "choices": [],
    }  # fmt: skip


def _said(one: Seen) -> tuple[str, str, str]:
    copy = one.copy
    if one.before:
        return "ghi", _("Cuốn này kiểm rồi"), _("Máy không tính thêm.")
    if copy.is_out:
        return "khong", _(OUT[0]), _(OUT[1])
    if one.outcome is CountOutcome.EXTRA:
        return "luu", _("Thừa · không có trong danh sách tủ"), _extra(one)
    if copy.loan_id is not None:
        return "luu", _("Có · máy đang ghi là cho mượn"), _lent(one)
    lost = _("Cuốn này từng báo mất, nay tìm thấy.") if copy.is_lost else ""
    return ("luu" if lost else "ok"), _("Có"), lost


def _extra(one: Seen) -> str:
    if one.copy.loan_id is not None:
        return _lent(one)
    if one.belongs:
        return str(_("Sách của %(place)s. Để riêng, kiểm xong thì trả về.", place=one.belongs))
    return str(_("Để riêng, kiểm xong thì đưa thủ thư."))


def _lent(one: Seen) -> str:
    who = ", ".join(filter(None, (one.copy.holder, one.copy.holder_class))) or _("bạn đọc đã rời thư viện")
    if one.copy.lent_to is not None and not one.theirs:
        who = _("bạn ngoài tủ")
    return str(_("%(who)s đang mượn cuốn này. Kết thúc kiểm thì máy ghi đã trả.", who=who))


def nothing(word: str, do: str, text: str) -> dict[str, Any]:
    """No copy was meant: nothing was written."""
    return {
        "what": "nothing", "outcome": "hoi", "word": _(word), "title": text[:60], "do": _(do), "code": "", "act": None,
        "item": None, "time": _time(clock.now()), "before": False, "choices": [],
    }  # fmt: skip


def ambiguous(text: str, among: list[CopyFacts]) -> dict[str, Any]:
    choices = [[f"item-{one.id}", f"{one.full_title} – {one.library_name}"] for one in among]
    told = nothing(N_("Hỏi · hai cuốn cùng mang mã này"), N_("Chọn cuốn đang cầm."), text)
    return {**told, "choices": choices}


def _time(at: datetime) -> str:
    return f"{at.astimezone(clock.HERE):%H:%M:%S}"
