"""Whether a copy may go on the list of a batch. Facts in, reasons out; some a person may overrule, saying why."""

from collections.abc import Callable
from dataclasses import dataclass

from library.core.errors import N_, Reason
from library.holdings.models import Condition, Register


@dataclass(frozen=True)
class Candidate:
    """A copy as the rules see it. `going`: the code of the open batch it is in; `listed`: it is on this list already;
    `owned`: copies of the title in the register; `has`, `had`: names of sites on the way that own the title, or had it."""

    ours: bool = True
    register: Register = Register.LISTED
    going: str | None = None
    listed: bool = False
    stocked: bool = True
    owned: int = 3
    least: int = 3
    rare: bool = False
    has: str | None = None
    had: str | None = None
    years: int = 3
    condition: Condition = Condition.GOOD
    waited_for: bool = False


Rule = Callable[[Candidate], Reason | None]


def ours(one: Candidate) -> Reason | None:
    return (
        None if one.ours else Reason("not-ours", N_("Sách của thư viện khác, không đi luân chuyển của thư viện này."))
    )


def in_the_register(one: Candidate) -> Reason | None:
    if one.register is Register.LISTED:
        return None
    return Reason("register", N_("Cuốn này không còn trong sổ đăng ký."))


def in_no_other_batch(one: Candidate) -> Reason | None:
    if one.going is None or one.listed:
        return None
    return Reason("another-batch", N_("Cuốn này đang ở đợt %(batch)s."), {"batch": one.going})


def not_here_yet(one: Candidate) -> Reason | None:
    return Reason("listed", N_("Cuốn này có trong danh sách rồi.")) if one.listed else None


def of_the_stock(one: Candidate) -> Reason | None:
    return None if one.stocked else Reason("not-stock", N_("Cuốn này chưa thuộc kho luân chuyển."))


def enough_copies(one: Candidate) -> Reason | None:
    if one.owned >= one.least:
        return None
    sentence = N_("Thư viện chỉ có %(owned)s bản, cần ít nhất %(least)s bản thì mới cho đi.")
    return Reason("too-few", sentence, {"owned": one.owned, "least": one.least})


def not_rare(one: Candidate) -> Reason | None:
    return Reason("rare", N_("Sách quý hiếm giữ lại kho.")) if one.rare else None


def not_there_already(one: Candidate) -> Reason | None:
    return Reason("owned-there", N_("%(site)s đã có nhan đề này."), {"site": one.has}) if one.has else None


def not_lately(one: Candidate) -> Reason | None:
    sentence = N_("%(site)s đã nhận nhan đề này trong %(years)s năm qua.")
    return Reason("had", sentence, {"site": one.had, "years": one.years}) if one.had else None


def in_good_order(one: Candidate) -> Reason | None:
    return Reason("damaged", N_("Cuốn này đang hỏng.")) if one.condition is Condition.DAMAGED else None


def nobody_waits(one: Candidate) -> Reason | None:
    return Reason("waited-for", N_("Có bạn đọc đang chờ nhan đề này.")) if one.waited_for else None


NEVER: tuple[Rule, ...] = (ours, in_the_register, in_no_other_batch, not_here_yet)
UNLESS: tuple[Rule, ...] = (
    of_the_stock, enough_copies, not_rare, not_there_already, not_lately, in_good_order, nobody_waits,
)  # fmt: skip
"""Rules a person may overrule with a reason, which is kept on the line."""


@dataclass(frozen=True)
class Verdict:
    """`never`: it does not go, whatever anybody says; `unless`: it goes if somebody says why."""

    never: tuple[Reason, ...] = ()
    unless: tuple[Reason, ...] = ()

    @property
    def reasons(self) -> tuple[Reason, ...]:
        return self.never or self.unless


def judge(one: Candidate) -> Verdict:
    """Every reason at once."""
    return Verdict(_all(NEVER, one), _all(UNLESS, one))


def _all(rules: tuple[Rule, ...], one: Candidate) -> tuple[Reason, ...]:
    return tuple(reason for rule in rules if (reason := rule(one)))
