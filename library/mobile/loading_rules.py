"""May this copy go on the vehicle? Pure: facts in, a verdict out; `tests/mobile/test_loading_rules.py` is the table."""

from dataclasses import dataclass
from enum import StrEnum

from library.core.errors import N_
from library.holdings.models import Register

OUT = (Register.WRITTEN_OFF, Register.STRUCK_OUT, Register.GONE)


class Verdict(StrEnum):
    LOAD = "load"
    ALREADY = "already"
    """It stands aboard and is on this trip's list: nothing to write."""
    OUT = "out"
    ANOTHERS = "anothers"
    BATCH = "batch"
    """It travels in a crate of a rotation batch: it stays in there."""
    KEPT = "kept"
    """For a reader who does not fetch it at a stop of this trip."""
    LENT = "lent"
    """Nobody held it up: a list does not take a book from its reader."""
    NOT_THERE = "not-there"
    """Nobody held it up, and it does not stand in the vehicle's depot."""


@dataclass(frozen=True)
class Facts:
    """A copy before the vehicle's door. `held_up`: somebody scanned it. `kept_here`: its reader fetches it at one of this
    trip's stops."""

    register: Register = Register.LISTED
    ours: bool = True
    in_batch: bool = False
    kept: bool = False
    kept_here: bool = False
    lent: bool = False
    in_depot: bool = True
    aboard: bool = False
    on_list: bool = False
    held_up: bool = True


def verdict(copy: Facts) -> Verdict:
    """The first of these that holds."""
    if copy.register in OUT:
        return Verdict.OUT
    if not copy.ours:
        return Verdict.ANOTHERS
    if copy.in_batch:
        return Verdict.BATCH
    if copy.kept and not copy.kept_here:
        return Verdict.KEPT
    if copy.aboard and copy.on_list:
        return Verdict.ALREADY
    if not copy.held_up and copy.lent:
        return Verdict.LENT
    return Verdict.LOAD if copy.held_up or copy.in_depot or copy.aboard else Verdict.NOT_THERE


WHY = {
    Verdict.ALREADY: N_("Cuốn này đã ở trên xe."),
    Verdict.OUT: N_("Sách đã ra khỏi sổ: để riêng, không xếp lên xe."),
    Verdict.ANOTHERS: N_("Sách của %(library)s: để riêng, không xếp lên xe."),
    Verdict.BATCH: N_("Cuốn này thuộc đợt luân chuyển %(batch)s: để lại thùng của đợt."),
    Verdict.KEPT: N_("Cuốn này đang giữ cho bạn đọc ở nơi khác: để lại giá Giữ chỗ."),
    Verdict.LENT: N_("Cuốn này đang có người mượn."),
    Verdict.NOT_THERE: N_("Cuốn này không ở %(depot)s."),
}
