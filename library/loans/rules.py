"""When a book may be lent or kept for longer: facts in, reasons out. No database, no request.

Every reason is told at once. The same rules refuse at the desk and note doubts when the book has long gone out of the
door (`enforce=False` there): permission is noted, facts are recorded.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from library.calendars.openings import Calendar, last_open, next_open
from library.core.errors import N_, Reason
from library.holdings.models import Register


@dataclass(frozen=True)
class Lengths:
    """The terms that hold for a category of readers at a library."""

    days: int
    most: int
    renewals: int
    overdue_blocks: bool = True
    due_within_card: bool = True


@dataclass(frozen=True)
class Standing:
    """What matters of a reader on the day."""

    terms: Lengths | None
    held: int = 0
    overdue: int = 0
    expires_on: date | None = None
    ended_on: date | None = None
    blocked_until: date | None = None
    card_lost: bool = False
    elsewhere: str | None = None


@dataclass(frozen=True)
class Copy:
    """What matters of a copy on the day."""

    register: Register = Register.LISTED
    not_for_loan: bool = False
    kept_for_other: bool = False


@dataclass(frozen=True)
class Ask:
    """May this reader take this copy today?"""

    today: date
    reader: Standing
    copy: Copy


Rule = Callable[[Ask], Reason | None]


def has_terms(ask: Ask) -> Reason | None:
    if ask.reader.terms is None:
        return Reason("no-terms", N_("Thư viện chưa đặt chính sách mượn cho loại bạn đọc này."))
    return None


def reads_here(ask: Ask) -> Reason | None:
    if ask.reader.elsewhere:
        sentence = N_("Thẻ này của %(library)s. Thêm bạn đọc vào thư viện mình là mượn được.")
        return Reason("reads-elsewhere", sentence, {"library": ask.reader.elsewhere})
    return None


def card_is_valid(ask: Ask) -> Reason | None:
    reader = ask.reader
    if reader.card_lost:
        return Reason("card-lost", N_("Thẻ này đã báo mất."))
    if reader.ended_on and reader.ended_on <= ask.today:
        return Reason("left", N_("Bạn đọc đã thôi dùng thư viện từ %(day)s."), {"day": reader.ended_on})
    if reader.expires_on and reader.expires_on < ask.today:
        return Reason(
            "card-expired", N_("Thẻ hết hạn từ %(day)s: gia hạn thẻ là mượn được."), {"day": reader.expires_on}
        )
    return None


def not_blocked(ask: Ask) -> Reason | None:
    until = ask.reader.blocked_until
    if until and until >= ask.today:
        return Reason("blocked", N_("Đang tạm ngừng mượn đến hết %(day)s."), {"day": until})
    return None


def within_limit(ask: Ask) -> Reason | None:
    terms = ask.reader.terms
    if terms and ask.reader.held >= terms.most:
        facts = {"held": ask.reader.held, "most": terms.most}
        return Reason("limit-reached", N_("Đang giữ đủ %(held)s cuốn: trả bớt 1 cuốn là mượn được."), facts)
    return None


def nothing_overdue(ask: Ask) -> Reason | None:
    terms = ask.reader.terms
    if terms and terms.overdue_blocks and ask.reader.overdue:
        return Reason("overdue", N_("Có %(count)s cuốn trễ hẹn: trả xong là mượn được."), {"count": ask.reader.overdue})
    return None


def may_leave_the_house(ask: Ask) -> Reason | None:
    if ask.copy.not_for_loan:
        return Reason("not-for-loan", N_("Cuốn này chỉ đọc tại chỗ."))
    return None


def in_the_register(ask: Ask) -> Reason | None:
    if ask.copy.register in (Register.WRITTEN_OFF, Register.STRUCK_OUT):
        return Reason("written-off", N_("Cuốn này đã ra khỏi sổ: để riêng, không cho mượn."))
    return None


def not_kept_for_another(ask: Ask) -> Reason | None:
    if ask.copy.kept_for_other:
        return Reason("kept-for-other", N_("Cuốn này đang giữ chỗ cho bạn khác."))
    return None


LENDING_RULES: Sequence[Rule] = (
    in_the_register, may_leave_the_house, not_kept_for_another, has_terms, reads_here, card_is_valid, not_blocked,
    within_limit, nothing_overdue,
)  # fmt: skip

NEVER_OVERRIDDEN = frozenset({"written-off", "no-terms", "reads-elsewhere", "left"})
"""What no reason given at the desk makes right."""


def against(ask: Ask, rules: Sequence[Rule] = LENDING_RULES) -> tuple[Reason, ...]:
    """Every reason not to lend, in the order of the rules; empty: lend."""
    return tuple(reason for rule in rules if (reason := rule(ask)))


def may_be_overridden(reasons: Sequence[Reason]) -> bool:
    return bool(reasons) and not any(reason.code in NEVER_OVERRIDDEN for reason in reasons)


def due_on(terms: Lengths, calendar: Calendar, today: date, expires_on: date | None) -> date:
    """The last day of a loan made today: pushed on to an open day, or back to one where the card ends before it."""
    due = next_open(calendar, today + timedelta(days=terms.days))
    if terms.due_within_card and expires_on and today <= expires_on < due:
        return last_open(calendar, expires_on, today)
    return due


@dataclass(frozen=True)
class KeepLonger:
    """May this reader keep the book?"""

    today: date
    due_on: date
    renewals: int
    reader: Standing
    waited_for: bool = False


def against_renewal(ask: KeepLonger) -> tuple[Reason, ...]:
    """Every reason not to renew. A late book is renewed by returning it."""
    standing = against(Ask(ask.today, ask.reader, Copy()), (has_terms, card_is_valid, not_blocked))
    found = list(standing)
    if ask.reader.terms and ask.renewals >= ask.reader.terms.renewals:
        found.append(Reason("renewed-enough", N_("Đã gia hạn đủ %(count)s lần."), {"count": ask.renewals}))
    if ask.due_on < ask.today:
        found.append(Reason("late", N_("Cuốn này trễ hẹn từ %(day)s: nhận trả đã."), {"day": ask.due_on}))
    if ask.waited_for:
        found.append(Reason("waited-for", N_("Có bạn khác đang chờ cuốn này.")))
    return tuple(found)
