"""The life of a batch: which deed leads from which state to which. The table makes the diagram of docs/rotation.md too.

What depends on the day alone is no state: a batch that serves is due soon or overdue by its leg's day, without any scan.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from library.core.errors import N_
from library.core.lifecycle import Life, TooEarlyOrLate
from library.rotation.models import BatchState as S


class Deed(StrEnum):
    PROPOSE = "propose"
    ANSWER = "answer"
    """The site says which titles it does not want, or that it takes them all."""
    SEND_BACK = "send-back"
    """The site, or who approves, wants it changed: it is a draft again."""
    APPROVE = "approve"
    PICK = "pick"
    SEAL = "seal"
    """The last crate is closed: everything that was picked is packed."""
    UNSEAL = "unseal"
    DISPATCH = "dispatch"
    RECEIVE = "receive"
    FORWARD = "forward"
    """From one site on to the next."""
    EXTEND = "extend"
    RECALL = "recall"
    """Asked back, or it set out for home: from then on the next leg ends at the depot."""
    COME_HOME = "come-home"
    RECONCILE = "reconcile"
    """Every line has an outcome."""
    CLOSE = "close"
    CANCEL = "cancel"


@dataclass(frozen=True)
class Way:
    """One line of the table."""

    before: S
    deed: Deed
    after: S


WAYS = tuple(
    Way(*one)
    for one in (
        (S.DRAFT, Deed.PROPOSE, S.PROPOSED),
        (S.PROPOSED, Deed.ANSWER, S.PROPOSED),
        (S.PROPOSED, Deed.SEND_BACK, S.DRAFT),
        (S.PROPOSED, Deed.APPROVE, S.APPROVED),
        (S.APPROVED, Deed.PICK, S.PICKING),
        (S.PICKING, Deed.PICK, S.PICKING),
        (S.PICKING, Deed.SEAL, S.PACKED),
        (S.PACKED, Deed.UNSEAL, S.PICKING),
        (S.PICKING, Deed.DISPATCH, S.IN_TRANSIT),
        (S.PACKED, Deed.DISPATCH, S.IN_TRANSIT),
        (S.IN_TRANSIT, Deed.RECEIVE, S.SERVING),
        (S.SERVING, Deed.EXTEND, S.SERVING),
        (S.SERVING, Deed.FORWARD, S.IN_TRANSIT),
        (S.SERVING, Deed.RECALL, S.RETURNING),
        (S.RETURNING, Deed.COME_HOME, S.RETURNING),
        (S.RETURNING, Deed.RECONCILE, S.RECONCILED),
        (S.RECONCILED, Deed.CLOSE, S.CLOSED),
        *((state, Deed.CANCEL, S.CANCELLED) for state in (S.DRAFT, S.PROPOSED, S.APPROVED, S.PICKING, S.PACKED)),
    )
)
ENDED = frozenset({S.CLOSED, S.CANCELLED})
NOT_NOW: Mapping[S, str] = {
    S.DRAFT: N_("Đợt này còn đang soạn nên chưa làm việc này được."),
    S.PROPOSED: N_("Đợt này đang chờ duyệt nên chưa làm việc này được."),
    S.APPROVED: N_("Đợt này đã duyệt, đang chờ lấy sách, nên không làm việc này được."),
    S.PICKING: N_("Đợt này đang lấy sách nên không làm việc này được."),
    S.PACKED: N_("Đợt này đã đóng thùng, đang chờ giao, nên không làm việc này được."),
    S.IN_TRANSIT: N_("Đợt này đang trên đường nên không làm việc này được."),
    S.SERVING: N_("Đợt này đang phục vụ ở điểm nên không làm việc này được."),
    S.RETURNING: N_("Đợt này đang về kho nên không làm việc này được."),
    S.RECONCILED: N_("Đợt này đã kiểm đủ, chỉ còn đóng, nên không làm việc này được."),
    S.CLOSED: N_("Đợt này đã đóng nên không làm việc này được."),
    S.CANCELLED: N_("Đợt này đã bỏ nên không làm việc này được."),
}
"""What is told whoever asks for a deed that the state does not know."""


class NotNow(TooEarlyOrLate):
    """The batch is not at a point where this can be done."""

    sentences = NOT_NOW


_LIFE = Life(((way.before, way.deed, way.after) for way in WAYS), NotNow)
after, may = _LIFE.after, _LIFE.may


def deeds_of(state: S) -> tuple[Deed, ...]:
    """What can be done next, in the order of the table."""
    return tuple(way.deed for way in WAYS if way.before is state)
