"""Who may sign what: facts in, reasons out."""

from dataclasses import dataclass

from library.core.errors import N_, Reason
from library.shelves.models import HandoverKind

SAME_PERSON = Reason("same-person", N_("Người giao không ký nhận thay. Nhờ người kia mở trang này rồi ký."))
NOT_FOR_YOU = Reason("not-for-you", N_("Biên bản này chờ người khác ký nhận."))
SIGNED = Reason("signed-already", N_("Biên bản này đã ký nhận rồi."))
CANCELLED = Reason("cancelled", N_("Lần giao này đã thôi, không ký nhận được nữa."))
WAITING = Reason(
    "waiting-already", N_("Tủ này đang có một biên bản chờ ký nhận. Ký, hoặc thôi giao, rồi mới giao lần nữa.")
)
CLOSED = Reason("shelf-closed", N_("Tủ này đã đóng, không giao nhận nữa."))
NOTHING = Reason("nothing-to-hand-over", N_("Tủ chưa có cuốn nào để giao."))
TO_THE_LIBRARY = Reason("library-signs", N_("Cuối năm tủ về thư viện: người của thư viện ký nhận."))
ANOTHER_WAITS = Reason(
    "another-waits", N_("Tủ đã có biên bản khác chờ ký nhận. Thôi giao biên bản ấy rồi mới rút chữ ký này.")
)
ONLY_THE_GIVER = Reason("only-the-giver", N_("Chỉ người đã giao mới thôi giao được."))


@dataclass(frozen=True)
class Giving:
    """What is known before a shelf is given away."""

    closed: bool
    waiting: bool
    copies: int


@dataclass(frozen=True)
class Taking:
    """`of_library`: the person who would sign works at the library, not with one class."""

    kind: HandoverKind
    by: int
    given_by: int
    to: int | None
    signed: bool
    cancelled: bool
    of_library: bool
    closed: bool = False


def against_giving(facts: Giving) -> list[Reason]:
    """Every reason why not; none: it may be given."""
    said = ((facts.closed, CLOSED), (facts.waiting, WAITING), (not facts.copies, NOTHING))
    return [reason for holds, reason in said if holds]


def against_taking(facts: Taking) -> list[Reason]:
    if facts.signed or facts.cancelled:
        return [SIGNED if facts.signed else CANCELLED]
    said = (
        (facts.closed, CLOSED),
        (facts.by == facts.given_by, SAME_PERSON),
        (facts.to is not None and facts.to != facts.by, NOT_FOR_YOU),
        (facts.kind is HandoverKind.YEAR_END and not facts.of_library, TO_THE_LIBRARY),
    )
    return [reason for holds, reason in said if holds]
