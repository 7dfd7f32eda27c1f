"""When a book may be lent or kept for longer: facts in, verdicts out. No database, no request.

Every verdict is told at once: refusals before questions before what is only said in passing. The same rules answer at
the desk, over the network and where readers serve themselves, and note doubts when the book has long gone out of the
door: permission is noted, facts are recorded.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from library.access import Permission
from library.core.errors import N_, Reason
from library.holdings.models import Condition, Register
from library.policies.limits import Over
from library.policies.values import NO_LIMIT, Channel, Lending, Stance, Values, may_borrow

FOR_EVER = date.max
"""The last day of a block that nobody has given an end."""


class Severity(StrEnum):
    """A verdict stops the deed, asks one question, or is told in passing."""

    REFUSE = "refuse"
    ASK = "ask"
    TELL = "tell"


_ORDER = {Severity.REFUSE: 0, Severity.ASK: 1, Severity.TELL: 2}


@dataclass(frozen=True)
class Verdict:
    """What one rule says. `permission`: who holds it may do it all the same, with a reason. None: nobody may."""

    reason: Reason
    severity: Severity = Severity.REFUSE
    permission: Permission | None = None

    @property
    def code(self) -> str:
        return self.reason.code


def never(code: str, sentence: str, **facts: object) -> Verdict:
    """No, whatever the reason."""
    return Verdict(Reason(code, sentence, facts))


def refuse(code: str, sentence: str, **facts: object) -> Verdict:
    """No, unless somebody who may says why."""
    return Verdict(Reason(code, sentence, facts), Severity.REFUSE, Permission.OVERRIDE)


def question(code: str, sentence: str, **facts: object) -> Verdict:
    return Verdict(Reason(code, sentence, facts), Severity.ASK)


def tell(code: str, sentence: str, **facts: object) -> Verdict:
    return Verdict(Reason(code, sentence, facts), Severity.TELL)


def by_stance(stance: Stance, code: str, sentence: str, **facts: object) -> Verdict | None:
    """As the library decided for this rule."""
    if stance is Stance.IGNORE:
        return None
    return (question if stance is Stance.ASK else refuse)(code, sentence, **facts)


@dataclass(frozen=True)
class Standing:
    """What matters of a reader on the day. `held`: books at home; `on_site`: being read in the house. Debt is đồng."""

    held: int = 0
    on_site: int = 0
    overdue: int = 0
    expires_on: date | None = None
    ended_on: date | None = None
    blocked_until: date | None = None
    blocked_why: str | None = None
    suspended_until: date | None = None
    card_lost: bool = False
    debt: int = 0
    born_on: date | None = None
    note: str | None = None
    elsewhere: str | None = None


@dataclass(frozen=True)
class Copy:
    """What matters of a copy on the day, and of its title to this reader.

    `kept_ready`: it stands on the hold shelf for whom it is kept. `has_title`, `had_title`: the reader holds another
    copy, or borrowed one before. `sort`: the name of its class.
    """

    register: Register = Register.LISTED
    not_for_loan: bool = False
    kept_for_other: bool = False
    kept_ready: bool = False
    sort: str | None = None
    parts: str | None = None
    least_age: int | None = None
    is_lost: bool = False
    lost_on: date | None = None
    in_repair: bool = False
    condition: Condition = Condition.GOOD
    note: str | None = None
    has_title: bool = False
    had_title: bool = False


@dataclass(frozen=True)
class Ask:
    """May this reader take this copy today, by these values? `over`: the limits that are reached."""

    today: date
    reader: Standing
    copy: Copy
    values: Values
    channel: Channel = Channel.DESK
    over: Sequence[Over] = ()

    @property
    def on_site(self) -> bool:
        """The book does not leave the house."""
        return self.values.lending is Lending.ON_SITE


Rule = Callable[[Ask], Verdict | None]


# What no reason makes right


def in_the_register(case: Ask) -> Verdict | None:
    if case.copy.register in (Register.WRITTEN_OFF, Register.STRUCK_OUT, Register.GONE):
        return never("written-off", N_("Cuốn này đã ra khỏi sổ: để riêng, không cho mượn."))
    return None


def somebody_said_how(case: Ask) -> Verdict | None:
    """Silence is no. Reading in the house needs no length."""
    if case.on_site or may_borrow(case.values):
        return None
    return never("no-terms", N_("Thư viện chưa đặt chính sách mượn cho loại bạn đọc này."))


def reads_still(case: Ask) -> Verdict | None:
    ended = case.reader.ended_on
    if ended and ended <= case.today:
        return never("left", N_("Bạn đọc đã thôi dùng thư viện từ %(day)s."), day=ended)
    return None


# The reader


def card_is_at_hand(case: Ask) -> Verdict | None:
    return refuse("card-lost", N_("Thẻ này đã báo mất.")) if case.reader.card_lost else None


def card_is_valid(case: Ask) -> Verdict | None:
    expires = case.reader.expires_on
    if expires and expires < case.today:
        return refuse("card-expired", N_("Thẻ hết hạn từ %(day)s: gia hạn thẻ là mượn được."), day=expires)
    return None


def not_blocked(case: Ask) -> Verdict | None:
    until, why = case.reader.blocked_until, case.reader.blocked_why
    if until is None or until < case.today:
        return None
    if until == FOR_EVER:
        bare, told = (
            N_("Đang ngừng mượn, chưa hẹn ngày mượn lại."),
            N_("Đang ngừng mượn, chưa hẹn ngày mượn lại: %(why)s."),
        )
    else:
        bare, told = N_("Đang tạm ngừng mượn đến hết %(day)s."), N_("Đang tạm ngừng mượn đến hết %(day)s: %(why)s.")
    return refuse("blocked", told if why else bare, day=until, why=(why or "").rstrip("."))


def not_suspended(case: Ask) -> Verdict | None:
    until = case.reader.suspended_until
    if until is None or until < case.today or case.on_site:
        return None
    return refuse("suspended", N_("Vì trả trễ, nghỉ mượn đến hết %(day)s."), day=until)


def owes_little(case: Ask) -> Verdict | None:
    most, debt = case.values.debt_most, case.reader.debt
    if most is None or most == NO_LIMIT or debt <= most or case.on_site:
        return None
    return by_stance(case.values.debt, "debt", N_("Còn %(amount)s đ đền bù chưa xong."), amount=dong(debt))


def dong(amount: int) -> str:
    """18.230.000"""
    return f"{amount:,}".replace(",", ".")


def nothing_overdue(case: Ask) -> Verdict | None:
    late = case.reader.overdue
    if not late or case.on_site:
        return None
    sentence = N_("Có %(count)s cuốn trễ hẹn: trả xong là mượn được.")
    return by_stance(case.values.overdue, "overdue", sentence, count=late)


def reads_here(case: Ask) -> Verdict | None:
    if case.reader.elsewhere is None:
        return None
    return question("reads-elsewhere", N_("Thẻ này của %(library)s."), library=case.reader.elsewhere)


# How many


_FULL = {
    "most": N_("Đang giữ đủ %(held)s cuốn, được giữ %(most)s: trả bớt %(more)s cuốn là mượn được."),
    "most_of_class": N_("Đang giữ đủ %(held)s cuốn loại này, được giữ %(most)s: trả bớt %(more)s cuốn là mượn được."),
    "most_of_group": N_("Đang giữ đủ %(held)s cuốn nhóm này, được giữ %(most)s: trả bớt %(more)s cuốn là mượn được."),
}
_NONE = N_("Theo chính sách, loại bạn đọc này không mượn cuốn nào về nhà.")
_NONE_OF_SORT = N_("Theo chính sách, loại bạn đọc này không mượn loại sách này về nhà.")
LIMITS = {"most": "limit-reached", "most_of_class": "class-limit-reached", "most_of_group": "group-limit-reached"}
"""The code of each limit."""


def limits_of(case: Ask) -> list[Verdict]:
    """One verdict for each limit that is reached. Reading in the house has its own."""
    if case.on_site:
        return [one for one in (_on_site_limit(case),) if one]
    return [one for over in case.over if (one := _full(case, over))]


def _full(case: Ask, over: Over) -> Verdict | None:
    facts = {"held": over.held, "most": over.most, "more": over.held - over.most + 1}
    none = _NONE if over.kind == "most" else _NONE_OF_SORT
    return by_stance(case.values.over_limit, LIMITS[over.kind], _FULL[over.kind] if over.most else none, **facts)


def _on_site_limit(case: Ask) -> Verdict | None:
    most, held = case.values.most_on_site, case.reader.on_site
    if most is None or most == NO_LIMIT or held < most:
        return None
    sentence = N_("Đang đọc tại chỗ đủ %(held)s cuốn, được %(most)s: trả bớt là mượn được.")
    return by_stance(case.values.over_limit, "on-site-limit-reached", sentence, held=held, most=most)


# The copy


def of_a_sort_that_is_lent(case: Ask) -> Verdict | None:
    if case.values.lending is not Lending.NO:
        return None
    if case.copy.sort:
        return refuse("sort-not-lent", N_("%(sort)s: loại sách này không cho mượn."), sort=case.copy.sort)
    return refuse("sort-not-lent", N_("Theo chính sách, loại bạn đọc này không mượn cuốn này."))


def may_leave_the_house(case: Ask) -> Verdict | None:
    if not case.copy.not_for_loan or case.on_site:
        return None
    return by_stance(case.values.not_for_loan, "not-for-loan", N_("Cuốn này chỉ đọc tại chỗ."))


def old_enough(case: Ask) -> Verdict | None:
    """Without a day of birth nobody can tell, so it is only said."""
    least, born = case.copy.least_age, case.reader.born_on
    if least is None:
        return None
    if born is None:
        return tell("age-unknown", N_("Sách dành cho bạn đọc từ %(age)s tuổi, máy chưa có ngày sinh."), age=least)
    if age_on(born, case.today) >= least:
        return None
    return by_stance(case.values.age, "too-young", N_("Sách dành cho bạn đọc từ %(age)s tuổi."), age=least)


def age_on(born: date, day: date) -> int:
    """Whole years; who was born on 29 February is a year older on 1 March."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def not_lost(case: Ask) -> Verdict | None:
    if not case.copy.is_lost:
        return None
    since = case.copy.lost_on
    sentence = (
        N_("Cuốn này báo mất ngày %(day)s, nay tìm thấy.") if since else N_("Cuốn này đang ghi là mất, nay tìm thấy.")
    )
    return by_stance(case.values.lost_copy, "lost", sentence, day=since) or tell("lost", sentence, day=since)


def not_kept_for_another(case: Ask) -> Verdict | None:
    """In the hand wins: a copy that is still on its way to somebody is lent; one that waits for them is asked about."""
    if not case.copy.kept_for_other:
        return None
    if not case.copy.kept_ready:
        return tell("kept-for-other", N_("Cuốn này định gửi cho bạn khác, bạn ấy chờ cuốn sau."))
    return question("kept-for-other", N_("Cuốn này đang giữ chỗ cho bạn khác."))


def whole(case: Ask) -> Verdict | None:
    parts = case.copy.parts
    return question("parts", N_("Đưa kèm đủ: %(parts)s."), parts=parts.rstrip(".")) if parts else None


def not_in_repair(case: Ask) -> Verdict | None:
    return question("in-repair", N_("Cuốn này đang để ở chỗ sửa sách.")) if case.copy.in_repair else None


# What is said in passing


def reader_note(case: Ask) -> Verdict | None:
    return tell("reader-note", N_("Về bạn đọc: %(note)s"), note=case.reader.note) if case.reader.note else None


def copy_note(case: Ask) -> Verdict | None:
    return tell("copy-note", N_("Về cuốn này: %(note)s"), note=case.copy.note) if case.copy.note else None


def looks_worn(case: Ask) -> Verdict | None:
    return tell("damaged", N_("Cuốn này đã hư hỏng từ trước.")) if case.copy.condition is Condition.DAMAGED else None


def title_is_known(case: Ask) -> Verdict | None:
    if case.copy.has_title:
        return tell("has-title", N_("Bạn này đang giữ một cuốn cùng nhan đề."))
    return tell("had-title", N_("Bạn này đã mượn nhan đề này rồi.")) if case.copy.had_title else None


def wanted_by_many(waiting: int) -> Verdict:
    """The loan is shorter for it."""
    return tell("wanted", N_("Có %(count)s bạn đang chờ nhan đề này nên hạn trả ngắn lại."), count=waiting)


OF_READER: Sequence[Rule] = (
    reads_still, reads_here, card_is_at_hand, card_is_valid, not_blocked, not_suspended, owes_little, nothing_overdue,
    reader_note,
)  # fmt: skip
OF_COPY: Sequence[Rule] = (
    in_the_register, of_a_sort_that_is_lent, may_leave_the_house, not_lost, not_kept_for_another, not_in_repair,
    old_enough, whole, copy_note, looks_worn, title_is_known,
)  # fmt: skip


def against(case: Ask) -> tuple[Verdict, ...]:
    """Every verdict on lending, refusals first, then questions, then what is told. No refusal and no question: lend."""
    rules: Sequence[Rule] = (somebody_said_how, *OF_COPY, *OF_READER)
    found = [verdict for rule in rules if (verdict := rule(case))]
    return in_order([*found, *limits_of(case)])


def on_opening(case: Ask) -> tuple[Verdict, ...]:
    """What stands against this reader before any book is scanned."""
    return in_order([verdict for rule in (somebody_said_how, *OF_READER) if (verdict := rule(case))])


def in_order(found: Sequence[Verdict]) -> tuple[Verdict, ...]:
    return tuple(sorted(found, key=lambda one: _ORDER[one.severity]))


def of_severity(found: Sequence[Verdict], *severities: Severity) -> tuple[Verdict, ...]:
    return tuple(one for one in found if one.severity in severities)


def refusals(found: Sequence[Verdict]) -> tuple[Verdict, ...]:
    return of_severity(found, Severity.REFUSE)


def questions(found: Sequence[Verdict]) -> tuple[Verdict, ...]:
    return of_severity(found, Severity.ASK)


def may_be_overridden(found: Sequence[Verdict]) -> bool:
    """Whether there is something to overrule and nothing that nobody may."""
    said = refusals(found)
    return bool(said) and all(one.permission is not None for one in said)


LOST_CARD = never("card-lost", N_("Thẻ này đã báo mất: tìm bạn đọc theo tên, giữ thẻ lại."))
"""A card that opens nobody any more."""


# Taking a book back: always done, only told


@dataclass(frozen=True)
class Back:
    """What matters of a copy that came in. `returned`: it was lent; `owed_for`: somebody is asked to make good for it, or
    has done so."""

    returned: bool = False
    is_lost: bool = False
    lost_on: date | None = None
    claimed_on: date | None = None
    suspended_until: date | None = None
    forgiven: bool = False
    parts: str | None = None
    condition: Condition = Condition.GOOD
    note: str | None = None
    owed_for: bool = False


def on_return(case: Back) -> tuple[Verdict, ...]:
    """What to say in passing, the most surprising first."""
    found = (
        _found_again(case),
        _claim_settled(case),
        _made_good(case),
        _rests(case),
        _forgiven(case),
        _count_parts(case),
    )
    note = tell("copy-note", N_("Về cuốn này: %(note)s"), note=case.note) if case.note else None
    worn = tell("damaged", N_("Cuốn này đã hư hỏng từ trước.")) if case.condition is Condition.DAMAGED else None
    return tuple(one for one in (*found, note, worn) if one)


def _found_again(case: Back) -> Verdict | None:
    if not case.is_lost:
        return None
    if case.lost_on:
        return tell("found", N_("Cuốn này báo mất ngày %(day)s, nay tìm thấy. Sách còn tốt không?"), day=case.lost_on)
    return tell("found", N_("Cuốn này đang ghi là mất, nay tìm thấy. Sách còn tốt không?"))


def _claim_settled(case: Back) -> Verdict | None:
    if case.claimed_on is None:
        return None
    return tell("claimed", N_("Bạn đọc đã nói trả rồi từ ngày %(day)s, nay thấy sách."), day=case.claimed_on)


def _made_good(case: Back) -> Verdict | None:
    return tell("owed-for", N_("Cuốn này đang ghi đền bù: xem lại ở mục Đền bù.")) if case.owed_for else None


def _rests(case: Back) -> Verdict | None:
    until = case.suspended_until
    return tell("suspended", N_("Vì trả trễ, nghỉ mượn đến hết %(day)s."), day=until) if until else None


def _forgiven(case: Back) -> Verdict | None:
    return tell("amnesty", N_("Lần này không tính trễ.")) if case.forgiven and case.returned else None


def _count_parts(case: Back) -> Verdict | None:
    return tell("parts", N_("Xem có đủ: %(parts)s."), parts=case.parts.rstrip(".")) if case.parts else None


# Keeping a book for longer


@dataclass(frozen=True)
class KeepLonger:
    """May this reader keep the book? `seen`: it was shown. `unseen`: how many of `renewals` were without it."""

    today: date
    due_on: date
    renewals: int
    reader: Standing
    values: Values
    unseen: int = 0
    seen: bool = True
    waited_for: bool = False
    is_lost: bool = False
    on_site: bool = False

    @property
    def as_asked(self) -> Ask:
        return Ask(self.today, self.reader, Copy(), self.values)


def against_renewal(case: KeepLonger) -> tuple[Verdict, ...]:
    """Every verdict on renewing. Who waits for the book comes before whoever has it."""
    rules = (somebody_said_how, reads_still, card_is_at_hand, card_is_valid, not_blocked, not_suspended, reader_note)
    found = [verdict for rule in rules if (verdict := rule(case.as_asked))]
    own = (_stays_here(case), _is_lost(case), _late(case), _waited_for(case), _enough(case), _enough_unseen(case))
    return in_order([*found, *(one for one in own if one)])


def _stays_here(case: KeepLonger) -> Verdict | None:
    return never("on-site", N_("Sách đọc tại chỗ không gia hạn.")) if case.on_site else None


def _is_lost(case: KeepLonger) -> Verdict | None:
    return never("lost", N_("Cuốn này đã báo mất: chưa gia hạn được.")) if case.is_lost else None


def _late(case: KeepLonger) -> Verdict | None:
    if case.due_on >= case.today:
        return None
    return refuse("late", N_("Cuốn này trễ hẹn từ %(day)s: nhận trả đã."), day=case.due_on)


def _waited_for(case: KeepLonger) -> Verdict | None:
    return never("waited-for", N_("Có bạn khác đang chờ cuốn này.")) if case.waited_for else None


def _enough(case: KeepLonger) -> Verdict | None:
    most = case.values.renewals
    if most == NO_LIMIT or case.renewals < most:
        return None
    sentence = N_("Đã gia hạn đủ %(count)s lần.") if most else N_("Theo chính sách, sách này không gia hạn.")
    return refuse("renewed-enough", sentence, count=case.renewals)


def _enough_unseen(case: KeepLonger) -> Verdict | None:
    most = case.values.unseen_renewals
    if case.seen or most is None or most == NO_LIMIT or case.unseen < most:
        return None
    sentence = N_("Đã gia hạn %(count)s lần không mang sách: mang sách đến là gia hạn được.")
    none = N_("Mang sách đến là gia hạn được.")
    return refuse("unseen-enough", sentence if most else none, count=case.unseen)
