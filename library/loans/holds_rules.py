"""May this reader wait for this? Facts in, reasons out. No database, no request."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from library.core.errors import N_, Reason
from library.policies.values import NO_LIMIT


@dataclass(frozen=True)
class Wanting:
    """`most`: titles such a reader may wait for at once, by the policy (NO_LIMIT: any number), `waiting`: how many it is
    now. `copies`: in the register, anywhere in the network; `reachable`: of these, that may go to this reader."""

    today: date
    most: int = 0
    waiting: int = 0
    waits_already: bool = False
    has_it: bool = False
    copies: int = 1
    reachable: int = 1
    left: bool = False
    not_before: date | None = None
    expires_on: date | None = None


Rule = Callable[[Wanting], Reason | None]


def still_reads_here(ask: Wanting) -> Reason | None:
    return Reason("left", N_("Bạn đọc này đã thôi dùng thư viện.")) if ask.left else None


def there_are_copies(ask: Wanting) -> Reason | None:
    if not ask.copies:
        return Reason("no-copies", N_("Nhan đề này chưa có bản nào trong sổ, nên chưa giữ chỗ được."))
    return None


def within_reach(ask: Wanting) -> Reason | None:
    if ask.copies and not ask.reachable:
        return Reason(
            "out-of-reach", N_("Sách này của thư viện khác, và theo chính sách chỉ cho bạn đọc của thư viện ấy.")
        )
    return None


def not_yet_waiting(ask: Wanting) -> Reason | None:
    return Reason("already-waiting", N_("Bạn đọc này đã giữ chỗ nhan đề này rồi.")) if ask.waits_already else None


def not_in_the_bag(ask: Wanting) -> Reason | None:
    return Reason("has-it", N_("Bạn đọc đang giữ chính nhan đề này.")) if ask.has_it else None


def holds_are_allowed(ask: Wanting) -> Reason | None:
    """Silence of the policy is 0: nobody waits."""
    if ask.most == 0:
        return Reason("no-holds", N_("Chính sách mượn không cho loại bạn đọc này giữ chỗ sách loại này."))
    return None


def within_limit(ask: Wanting) -> Reason | None:
    if ask.most not in (0, NO_LIMIT) and ask.waiting >= ask.most and not ask.waits_already:
        sentence = N_("Đang chờ đủ %(count)s nhan đề: bỏ bớt một lượt là giữ chỗ được.")
        return Reason("holds-enough", sentence, {"count": ask.waiting})
    return None


def days_in_order(ask: Wanting) -> Reason | None:
    if ask.expires_on and ask.expires_on < max(ask.today, ask.not_before or ask.today):
        return Reason("days-crossed", N_("Ngày thôi chờ phải sau hôm nay và sau ngày bắt đầu chờ."))
    return None


RULES: Sequence[Rule] = (
    still_reads_here, there_are_copies, within_reach, not_yet_waiting, not_in_the_bag, holds_are_allowed, within_limit,
    days_in_order,
)  # fmt: skip


def against(ask: Wanting) -> tuple[Reason, ...]:
    """Every reason why not, in the order of the rules; empty: they may wait."""
    return tuple(reason for rule in RULES if (reason := rule(ask)))
