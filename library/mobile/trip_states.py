"""The life of a trip: from which state to which. Everything else is refused with a sentence."""

from library.core.errors import N_, Reason, Refused
from library.mobile.models import TripState as S

WAYS: tuple[tuple[S, S], ...] = (
    (S.PLANNED, S.LOADED),
    (S.PLANNED, S.ON_ROAD),
    (S.LOADED, S.ON_ROAD),
    (S.ON_ROAD, S.CLOSED),
    (S.PLANNED, S.CANCELLED),
    (S.LOADED, S.CANCELLED),
)
BACK: tuple[tuple[S, S], ...] = (
    (S.LOADED, S.PLANNED),
    (S.ON_ROAD, S.LOADED),
    (S.CLOSED, S.ON_ROAD),
    (S.CANCELLED, S.PLANNED),
)
"""How a slip is put right; a cancelled trip comes back only with the change that cancelled it."""

WORDS = {
    S.PLANNED: N_("đã lên lịch"),
    S.LOADED: N_("đã xếp sách"),
    S.ON_ROAD: N_("đang đi"),
    S.CLOSED: N_("đã về"),
    S.CANCELLED: N_("đã hủy"),
}


class NotThatWay(Refused):
    def __init__(self, before: S, after: S) -> None:
        sentence = N_("Chuyến này đang ở bước “%(before)s” nên không chuyển sang “%(after)s” được.")
        facts = {"before": WORDS[before], "after": WORDS[after]}
        super().__init__(Reason("not-that-way", sentence, facts))


def check(before: S, after: S, back: bool = False) -> None:
    """Raises NotThatWay."""
    if (before, after) not in (BACK if back else WAYS):
        raise NotThatWay(before, after)


def onward(state: S) -> tuple[S, ...]:
    """Where it may go from here."""
    return tuple(after for before, after in WAYS if before is state)
