"""What a line says of a book put on a shelf. Nothing is decided here."""

from typing import Any

from flask_babel import gettext as _

from library.core import clock
from library.core.errors import N_
from library.loans import wording
from library.loans.facts import CopyFacts
from library.shelves.filling import Filled
from library.shelves.filling_rules import ASKS, Outcome

LOOKS = {
    Outcome.PUT: "ok", Outcome.BACK: "ok", Outcome.ALREADY: "ghi", Outcome.OTHER_SHELF: "hoi", Outcome.WAITED_FOR: "hoi",
    Outcome.KEPT: "khong", Outcome.ASKED_ELSEWHERE: "khong", Outcome.WRITTEN_OFF: "khong", Outcome.CARD: "hoi",
    Outcome.UNKNOWN: "hoi", Outcome.AMBIGUOUS: "hoi",
}  # fmt: skip
WORDS = {
    Outcome.PUT: (N_("Đã xếp vào tủ"), ""),
    Outcome.BACK: (N_("Về lại tủ"), N_("Cuốn này của tủ, vừa về chỗ.")),
    Outcome.ALREADY: (N_("Đã ở tủ này rồi"), N_("Máy không tính thêm. Quét cuốn tiếp theo.")),
    Outcome.OTHER_SHELF: (N_("Hỏi · sách của %(was)s"), N_("Quét lại cuốn này là chuyển sang %(shelf)s. Quét cuốn khác là thôi.")),
    Outcome.WAITED_FOR: (
        N_("Hỏi · có bạn đọc đang chờ nhan đề này"),
        N_("Để lại quầy cho bạn ấy. Quét lại cuốn này là vẫn xếp vào tủ."),
    ),
    Outcome.KEPT: (N_("Không xếp được · đang giữ cho bạn đọc"), N_("Mang trả về %(place)s.")),
    Outcome.ASKED_ELSEWHERE: (N_("Không xếp được · có nơi đang xin cuốn này"), N_("Để riêng, gửi đến %(place)s.")),
    Outcome.WRITTEN_OFF: (N_("Không xếp được · sách đã ra khỏi sổ"), N_("Để riêng, không cho mượn, không xếp lên kệ.")),
    Outcome.CARD: (N_("Hỏi · đây là thẻ bạn đọc"), N_("Đang xếp sách vào tủ: quét mã trên cuốn sách.")),
    Outcome.UNKNOWN: (N_("Hỏi · mã lạ"), N_("Máy chưa biết mã này. Quét lại, hoặc dán nhãn cho cuốn sách rồi quét.")),
    Outcome.AMBIGUOUS: (N_("Hỏi · hai cuốn cùng mang mã này"), N_("Chọn cuốn đang cầm, rồi in nhãn mới cho nó.")),
}  # fmt: skip
"""Outcome → (word, what to do with the book in the hand)."""


def answer(filled: Filled, shelf_name: str) -> dict[str, Any]:
    """As the page draws it: outcome, word, title, do, code, act, time, asks (the copy a second scan says yes to),
    choices, what, put (whether it stands on the shelf now)."""
    told = wording.result(filled.desk) if filled.desk else _told(filled, shelf_name)
    copy = filled.copy
    asks = copy if filled.outcome in ASKS else None
    more = {
        "what": filled.outcome.value,
        "asks": str(asks.uid) if asks else None,
        "put": filled.outcome in (Outcome.PUT, Outcome.BACK),
        "item": str(copy.uid) if copy else None,
    }
    if asks:
        told["choices"] = [[f"item-{asks.id}", _("Xếp vào tủ này")]]
    return {**told, **more}


def _told(filled: Filled, shelf_name: str) -> dict[str, Any]:
    copy = filled.copy
    word, do = (str(_(one)) % _facts(filled, shelf_name) if one else "" for one in WORDS[filled.outcome])
    loud = filled.outcome in (Outcome.PUT, Outcome.BACK)
    passing = _in_passing(filled, copy) if copy and loud else []
    return {
        "outcome": "luu" if passing else LOOKS[filled.outcome],
        "text": filled.text, "word": word, "title": copy.full_title if copy else filled.text[:60],
        "do": " ".join([*passing, do] if not passing or do else passing), "said": word,
        "code": (copy.accession if copy else "") or "", "fact": "",
        "act": str(filled.act) if filled.act else None,
        "time": f"{filled.at.astimezone(clock.HERE):%H:%M:%S}",
        "choices": [[f"item-{one.id}", f"{one.full_title} – {one.library_name}"] for one in filled.among],
    }  # fmt: skip


def _facts(filled: Filled, shelf_name: str) -> dict[str, str]:
    copy = filled.copy
    place = ""
    if copy and filled.outcome is Outcome.KEPT:
        place = wording.hold_place(copy.kept_place)
    elif copy and copy.transfer_to:
        place = copy.transfer_to
    return {"was": filled.was, "shelf": shelf_name, "place": place}


def _in_passing(filled: Filled, copy: CopyFacts) -> list[str]:
    """What became true beside: a return, a book that was lost, one that leaves another shelf."""
    said = []
    if copy.loan_id is not None:
        who = ", ".join(filter(None, (copy.holder, copy.holder_class))) or _("bạn đọc đã rời thư viện")
        said.append(_("%(who)s đang mượn cuốn này: máy ghi đã trả.", who=who))
    if copy.is_lost:
        said.append(_("Cuốn này từng báo mất, nay tìm thấy."))
    if filled.was:
        said.append(_("Chuyển từ %(was)s sang.", was=filled.was))
    if copy.not_for_loan:
        said.append(_("Cuốn này chỉ đọc tại chỗ."))
    return [*said, *([_("Kèm theo: %(parts)s.", parts=copy.parts)] if copy.parts else [])]
