"""The letter of thanks and the receipt of money: from templates that a library may make its own."""

from collections import Counter
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from library.core.errors import N_
from library.core.numbers import written
from library.documents import amounts, stored
from library.documents.stored import Kind
from library.inbox.models import Act
from library.loans import compensation_papers as official
from library.organisations import codes
from library.organisations.models import Organisation
from library.promotion import donors, gift_sums
from library.promotion.drive_models import Drive
from library.promotion.gift_models import DonorKind, Gift, GiftSort, GivingChange

FOLDER = Path(__file__).parent / "data"
DOTS = "…" * 12
NAMED = "Mỗi cuốn sách vào sổ đều ghi tên người tặng, để bạn đọc biết cuốn sách ấy từ đâu đến."
SORTS = {
    GiftSort.BOOK: "sách", GiftSort.TEXTBOOK: "sách giáo khoa", GiftSort.MAGAZINE: "báo, tạp chí",
    GiftSort.OTHER: "tài liệu khác",
}  # fmt: skip
"""Papers are in Vietnamese, whatever the pages speak."""

HEAD = {
    "above": N_("cơ quan cấp trên, chữ in hoa"), "issuer": N_("tên thư viện, chữ in hoa"), "library": N_("tên thư viện"),
    "place_day": N_("nơi và ngày làm giấy"), "symbol": N_("số và ký hiệu"),
}  # fmt: skip
OF_LETTER = {
    **HEAD, "donor": N_("người tặng"), "gift": N_("đã tặng gì"), "given_on": N_("ngày tặng"),
    "drive": N_("trong đợt quyên góp nào"), "entered": N_("bao nhiêu cuốn đã vào sổ"),
    "kept": N_("sách hay tiền ấy được ghi ở đâu"),
}  # fmt: skip
OF_RECEIPT = {
    **HEAD, "donor": N_("người nộp"), "about": N_("lớp, nơi ở của người nộp"), "fund": N_("quỹ nhận tiền"),
    "drive": N_("trong đợt quyên góp nào"), "money": N_("số tiền, bằng số"), "money_words": N_("số tiền, bằng chữ"),
    "given_on": N_("ngày nhận"), "taker": N_("người nhận tiền"),
}  # fmt: skip
SAMPLE_HEAD = {
    "above": "UBND PHƯỜNG BẮC KẠN", "issuer": "TRƯỜNG TIỂU HỌC XUẤT HÓA", "library": "Trường Tiểu học Xuất Hóa",
    "place_day": "Bắc Kạn, ngày 05 tháng 10 năm 2026", "given_on": "05/10/2026",
}  # fmt: skip


def sample_letter() -> Mapping[str, Any]:
    return {
        **SAMPLE_HEAD, "symbol": "3/2026/TCO-THXH", "donor": "Lớp 5A", "gift": "214 cuốn sách",
        "drive": " trong đợt “Góp một cuốn sách nhỏ”", "entered": "Đến hôm nay 180 cuốn đã vào sổ thư viện.",
        "kept": NAMED,
    }  # fmt: skip


def sample_receipt() -> Mapping[str, Any]:
    return {
        **SAMPLE_HEAD, "symbol": "12/2026/BN-THXH", "donor": "Lớp 5A", "about": "", "fund": "Quỹ khuyến học",
        "drive": " trong đợt “Góp một cuốn sách nhỏ”", "money": written(18_230_000), "money_words": amounts.dong(18_230_000),
        "taker": "Lường Thị Hà",
    }  # fmt: skip


LETTER = stored.register(
    Kind("gift-letter", N_("Thư cảm ơn người tặng"), FOLDER / "gift-letter.docx", sample_letter, OF_LETTER)
)
RECEIPT = stored.register(
    Kind("fund-receipt", N_("Biên nhận tiền vào quỹ"), FOLDER / "fund-receipt.docx", sample_receipt, OF_RECEIPT)
)


def thank(session: Session, gift: Gift, library_id: int, on: date) -> str:
    """The number of the letter, given now if it has none. The gift is locked."""
    if gift.letter_no is None:
        (number,) = codes.take(session, library_id, f"gift letter {on.year}")
        gift.letter_no, gift.letter_on = f"{number}/{on.year}", on
        session.flush()
    return gift.letter_no


def taker(session: Session, gift: Gift) -> UUID | None:
    """The account that took it in."""
    made = select(Act.actor).join(GivingChange, GivingChange.act_id == Act.id)
    return session.scalar(made.where(GivingChange.gift_id == gift.id, GivingChange.before.is_(None)))


def docx(session: Session, kind: Kind, gift: Gift, library: Organisation, taken_by: str) -> bytes:
    """Raises BadTemplate."""
    values = _letter(session, gift, library) if kind is LETTER else _receipt(session, gift, library, taken_by)
    return stored.made(session, library.id, kind.name, values)


def _head(session: Session, library: Organisation, day: date) -> dict[str, str]:
    place = official.town(session, library.id) or DOTS
    return {
        "above": (official.above(session, library.id) or "").upper(), "issuer": library.name.upper(),
        "library": library.name, "place_day": f"{place}, {official.on_day(day)}",
    }  # fmt: skip


def _letter(session: Session, gift: Gift, library: Organisation) -> dict[str, Any]:
    total = gift_sums.of_gift(session, gift)
    entered = f"Đến hôm nay {written(total.entered)} cuốn đã vào sổ thư viện." if total.entered else ""
    return {
        **_head(session, library, gift.letter_on or gift.given_on), "donor": _name(gift), "gift": _what(gift),
        "symbol": f"{gift.letter_no or DOTS}/TCO-{official.initials(library)}", "drive": _drive(session, gift),
        "given_on": f"{gift.given_on:%d/%m/%Y}", "entered": entered,
        "kept": _kept(gift),
    }  # fmt: skip


def _kept(gift: Gift) -> str:
    """Where one finds it again; of a gift that is money alone, its receipt."""
    if gift.lines or gift.fund is None:
        return NAMED
    return f"Số tiền đã ghi vào sổ của {gift.fund.name}, biên nhận số {gift.receipt_no}."


def _receipt(session: Session, gift: Gift, library: Organisation, taken_by: str) -> dict[str, Any]:
    donor = gift.donor
    return {
        **_head(session, library, gift.given_on), "donor": (donor.name if donor else None) or "không nêu tên",
        "symbol": f"{gift.receipt_no}/BN-{official.initials(library)}", "about": donor.about if donor else "",
        "fund": gift.fund.name if gift.fund else "", "drive": _drive(session, gift), "money": written(gift.money),
        "money_words": amounts.dong(gift.money), "given_on": f"{gift.given_on:%d/%m/%Y}", "taker": taken_by,
    }  # fmt: skip


def _name(gift: Gift) -> str:
    """As one addresses them."""
    name = donors.full_name(gift.donor)
    if gift.donor is None or name is None:
        return "người tặng không nêu tên"
    return f"em {name}" if gift.donor.kind is DonorKind.PUPIL else name


def _what(gift: Gift) -> str:
    """214 cuốn sách, 10 cuốn sách giáo khoa và 500.000 đồng"""
    sorts: Counter[GiftSort] = Counter()
    for line in gift.lines:
        sorts[line.sort] += line.quantity
    parts = [f"{written(many)} cuốn {SORTS[sort]}" for sort, many in sorts.items()]
    parts += [f"{written(gift.money)} đồng"] if gift.money else []
    return " và ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def _drive(session: Session, gift: Gift) -> str:
    drive = session.get(Drive, gift.drive_id or 0)
    return f" trong đợt “{drive.name}”" if drive else ""
