"""The life of one visit of a stop. `BACK`: how undoing leads back."""

from library.core.errors import N_, Reason, Refused
from library.mobile.models import VisitState as S

WAYS: tuple[tuple[S, S], ...] = (
    (S.PLANNED, S.OPEN),
    (S.OPEN, S.CLOSED),
    (S.PLANNED, S.SKIPPED),
    (S.PLANNED, S.MOVED),
)
BACK: tuple[tuple[S, S], ...] = (
    (S.OPEN, S.PLANNED),
    (S.CLOSED, S.OPEN),
    (S.SKIPPED, S.PLANNED),
    (S.MOVED, S.PLANNED),
)
WORDS = {
    S.PLANNED: N_("sắp đến"),
    S.OPEN: N_("đang mở"),
    S.CLOSED: N_("đã xong"),
    S.SKIPPED: N_("bỏ lần này"),
    S.MOVED: N_("dời ngày"),
}
STANDING = (S.PLANNED, S.OPEN, S.CLOSED)
"""Visits that are openings of their stop."""


class NotThatWay(Refused):
    def __init__(self, before: S, after: S) -> None:
        sentence = N_("Lần đến này đang ở bước “%(before)s” nên không chuyển sang “%(after)s” được.")
        super().__init__(Reason("not-that-way", sentence, {"before": WORDS[before], "after": WORDS[after]}))


def check(before: S, after: S, back: bool = False) -> None:
    """Raises NotThatWay."""
    if (before, after) not in (BACK if back else WAYS):
        raise NotThatWay(before, after)
