"""What a scan line says while a batch is picked. Nothing is decided here."""

from typing import Any

from flask_babel import gettext as _

from library.core import clock
from library.core.errors import N_
from library.holdings.models import Condition
from library.loans import wording
from library.loans.facts import CopyFacts
from library.rotation import crates, sending
from library.rotation.crates import Load
from library.rotation.picking import Picked
from library.rotation.picking_rules import ASKS, WRITES, Outcome

O = Outcome  # noqa: E741
LOOKS = {
    O.PICKED: "ok", O.AGAIN: "luu", O.MOVED: "ok", O.ALREADY: "ghi", O.OTHER_CRATE: "hoi", O.INSTEAD: "hoi",
    O.OTHER_BATCH: "khong", O.NOT_LISTED: "khong", O.REFUSED: "khong", O.ON_LOAN: "luu", O.HELD: "luu",
    O.WRITTEN_OFF: "khong", O.FOREIGN: "khong", O.CARD: "hoi", O.CRATE: "luu", O.SEALED: "ok", O.SEALED_BEFORE: "ghi",
    O.EMPTY: "hoi", O.SEAL_NUMBER: "ok", O.OTHERS_CRATE: "khong", O.AMBIGUOUS: "hoi", O.UNKNOWN: "hoi",
}  # fmt: skip
WORDS = {
    O.PICKED: (N_("Đã lấy · thùng %(crate)s"), N_("Xếp vào thùng %(crate)s.")),
    O.AGAIN: (
        N_("Đã lấy lại · thùng %(crate)s"),
        N_("Cuốn này từng đóng thùng rồi được quét ở nơi khác. Xếp vào thùng %(crate)s."),
    ),
    O.MOVED: (N_("Đã chuyển sang thùng %(crate)s"), N_("Xếp vào thùng %(crate)s.")),
    O.ALREADY: (N_("Đã lấy rồi"), N_("Cuốn này nằm ở thùng %(crate)s. Máy không tính thêm.")),
    O.OTHER_CRATE: (
        N_("Hỏi · máy ghi cuốn này ở thùng %(crate)s"),
        N_("Quét lại cuốn này là chuyển sang thùng %(into)s. Quét cuốn khác là thôi."),
    ),
    O.INSTEAD: (
        N_("Hỏi · danh sách ghi bản %(other)s, cùng nhan đề"),
        N_("Quét lại cuốn này là lấy thay bản %(other)s. Quét cuốn khác là thôi."),
    ),
    O.OTHER_BATCH: (N_("Không lấy được · sách của đợt %(other)s"), N_("Để riêng cho đợt ấy.")),
    O.NOT_LISTED: (N_("Không lấy được · không có trong danh sách"), N_("Để lại kệ.")),
    O.REFUSED: (N_("Không lấy được · điểm nhận không nhận nhan đề này"), N_("Để lại kệ.")),
    O.ON_LOAN: (
        N_("Chưa lấy · máy ghi bạn đọc đang mượn"),
        N_("Bạn đọc vừa trả thì quét nhận trả ở quầy trước, rồi quét lại ở đây. Chưa trả thì cuốn này theo sau."),
    ),
    O.HELD: (N_("Chưa lấy · đang giữ cho bạn đọc"), N_("Mang trả về %(place)s. Cuốn này theo sau.")),
    O.WRITTEN_OFF: (N_("Không lấy được · sách đã ra khỏi sổ"), N_("Để riêng, không cho mượn, không xếp lên kệ.")),
    O.FOREIGN: (N_("Không lấy được · sách của %(owner)s"), N_("Để riêng, trả về thư viện ấy.")),
    O.CARD: (N_("Hỏi · đây là thẻ bạn đọc"), N_("Đang lấy sách cho đợt: quét mã trên cuốn sách.")),
    O.CRATE: (N_("Đang xếp vào thùng %(crate)s"), N_("Quét từng cuốn. Quét lại mã thùng này là niêm phong.")),
    O.SEALED: (
        N_("Đã niêm phong thùng %(crate)s"),
        N_("%(count)s cuốn, %(weight)s. Dây niêm phong có số thì quét hoặc gõ số ấy luôn. Cuốn sau vào thùng khác."),
    ),
    O.SEALED_BEFORE: (
        N_("Thùng %(crate)s đã niêm phong"),
        N_("Có %(count)s cuốn. Cần xếp thêm hay bớt thì mở niêm phong ở bên cạnh."),
    ),
    O.EMPTY: (N_("Hỏi · thùng %(crate)s chưa có cuốn nào"), N_("Quét sách vào thùng trước rồi mới niêm phong.")),
    O.SEAL_NUMBER: (N_("Thùng %(crate)s mang niêm phong %(seal)s"), N_("Quét cuốn tiếp theo.")),
    O.OTHERS_CRATE: (N_("Không xếp được · thùng của đợt %(other)s"), N_("Để riêng thùng ấy.")),
    O.AMBIGUOUS: (N_("Hỏi · hai cuốn cùng mang mã này"), N_("Chọn cuốn đang cầm, rồi in nhãn mới cho nó.")),
    O.UNKNOWN: (
        N_("Hỏi · mã lạ"),
        N_("Máy chưa biết mã này. Sách không có mã thì gõ số ĐKCB, hoặc chạm Lấy ở danh sách."),
    ),
}
"""Outcome → (word, what to do with the thing in the hand)."""
FOLLOWS = {
    sending.ON_LOAN: N_("bạn đọc đang mượn"),
    sending.HELD: N_("đang giữ cho bạn đọc"),
    sending.NOT_FOUND: N_("chưa lấy được"),
    sending.ELSEWHERE: N_("đang ở nơi khác"),
    sending.STRAYED: N_("có người quét sau khi đóng thùng"),
}
"""Why a copy follows later."""


def answer(told: Picked, load: Load | None) -> dict[str, Any]:
    """As the page draws it: outcome, word, title, do, code, act, time, asks (the copy a second scan says yes to), choices,
    crate (the uid of the one that is open), sealed (of the one whose seal's number may come). `load`: of `told.crate`."""
    copy, facts = told.copy, _facts(told, load)
    word, do = (str(_(one)) % facts for one in WORDS[told.outcome])
    passing = _in_passing(told, copy, load)
    open_ = told.into if told.into is not None and not crates.is_sealed(told.into) else None
    return {
        "what": told.outcome.value, "outcome": "luu" if passing and told.outcome in WRITES else LOOKS[told.outcome],
        "word": word, "title": copy.full_title if copy else "" if told.crate else told.text[:60],
        "do": " ".join([*passing, do]), "line": word, "code": (copy.accession if copy else "") or "",
        "fact": _fact(told, load), "text": told.text, "act": str(told.act) if told.act else None,
        "asks": str(copy.uid) if copy and told.outcome in ASKS else None,
        "time": f"{told.at.astimezone(clock.HERE):%H:%M:%S}", "choices": _choices(told),
        "crate": str(open_.uid) if open_ else "",
        "sealed": str(told.crate.uid) if told.crate and told.outcome is Outcome.SEALED else "",
    }  # fmt: skip


def _facts(told: Picked, load: Load | None) -> dict[str, Any]:
    copy = told.copy
    return {
        "crate": told.crate.number if told.crate else "", "into": told.into.number if told.into else "",
        "other": told.other, "owner": copy.library_name if copy else "", "seal": told.text[:30],
        "place": wording.hold_place(copy.kept_place) if copy and copy.kept_for else "",
        "count": load.count if load else 0, "weight": kilograms(load.grams) if load else "",
    }  # fmt: skip


def _in_passing(told: Picked, copy: CopyFacts | None, load: Load | None) -> list[str]:
    """What is minded beside: a full crate, a damaged book, what belongs to it."""
    if copy is None or told.outcome not in WRITES:
        return []
    said = []
    if load and load.is_full:
        said.append(_("Thùng %(crate)s đã đầy, chừng %(weight)s. Quét lại mã thùng để niêm phong.",
                      crate=load.crate.number, weight=kilograms(load.grams)))  # fmt: skip
    if copy.condition is Condition.DAMAGED:
        said.append(_("Cuốn này ghi là hỏng."))
    if copy.not_for_loan:
        said.append(_("Cuốn này chỉ đọc tại chỗ."))
    return [*said, *([_("Kèm theo: %(parts)s.", parts=copy.parts)] if copy.parts else [])]


def _fact(told: Picked, load: Load | None) -> str:
    if told.outcome not in WRITES or load is None:
        return ""
    return str(_("%(count)s cuốn · %(weight)s", count=load.count, weight=kilograms(load.grams)))


def _choices(told: Picked) -> list[list[str]]:
    if told.copy and told.outcome in ASKS:
        words = _("Chuyển sang thùng này") if told.outcome is Outcome.OTHER_CRATE else _("Lấy bản này thay")
        return [[f"item-{told.copy.id}", str(words)]]
    return [[f"item-{one.id}", f"{one.full_title} – {one.library_name}"] for one in told.among]


def kilograms(grams: int) -> str:
    """12140 → 12,1 kg"""
    return f"{grams / 1000:.1f} kg".replace(".", ",")
