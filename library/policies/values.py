"""What a policy says, and which line says it. Pure: lines in, values out.

Three things are kept apart everywhere: a line that says nothing (None), one that says 0, and one that says "no limit".
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from enum import StrEnum
from typing import Any

NO_LIMIT = -1
"""The number that says "as many as they like". Never the meaning of an empty cell."""


class Channel(StrEnum):
    """How a book goes out."""

    DESK = "desk"
    CLASS = "class"
    VAN = "van"
    SELF = "self"
    OFFLINE = "offline"


class LengthKind(StrEnum):
    DAYS = "days"
    DATE = "date"
    TERM_END = "term-end"
    NEXT_OPENING = "next-opening"


class HardWhen(StrEnum):
    """A date that the due date may not pass, may not fall short of, or must be."""

    BEFORE = "before"
    AFTER = "after"
    EXACTLY = "exactly"


class Stance(StrEnum):
    """What the desk does where a rule says no."""

    REFUSE = "refuse"
    ASK = "ask"
    IGNORE = "ignore"


class Lending(StrEnum):
    """Whether such books go home with such readers."""

    HOME = "home"
    ON_SITE = "on-site"
    NO = "no"


class RenewFrom(StrEnum):
    TODAY = "today"
    DUE = "due"


class ClosedDays(StrEnum):
    """What becomes of a due date on a closed day."""

    PUSH = "push"
    BACK = "back"
    KEEP = "keep"


class HoldReach(StrEnum):
    """Which libraries' copies a reader may wait for."""

    NETWORK = "network"
    LIBRARY = "library"


class ReturnsGo(StrEnum):
    """Where a copy goes that comes back to another library than its own."""

    HOME = "home"
    STAY = "stay"
    SENDER = "sender"


@dataclass(frozen=True)
class Length:
    """How long. `days` for DAYS, `on` for DATE; nothing for the others."""

    kind: LengthKind
    days: int | None = None
    on: date | None = None


@dataclass(frozen=True)
class Hard:
    when: HardWhen
    on: date


@dataclass(frozen=True)
class Values:
    """Every value a policy may say, as resolved for one reader, copy and channel. The defaults hold where no line speaks:
    they lend nothing. Numbers may be NO_LIMIT. Money is đồng."""

    lending: Lending = Lending.HOME
    length: Length | None = None
    hard: Hard | None = None
    due_within_card: bool = True
    closed_days: ClosedDays = ClosedDays.PUSH
    demand_holds: int | None = None
    demand_days: int | None = None
    most: int | None = None
    most_of_class: int | None = None
    most_of_group: int | None = None
    most_on_site: int | None = None
    over_limit: Stance = Stance.REFUSE
    renewals: int = 0
    unseen_renewals: int | None = None
    renewal_length: Length | None = None
    renewal_from: RenewFrom = RenewFrom.TODAY
    renew_past_holds: bool = False
    holds: int = 0
    hold_keep_days: int = 5
    hold_reach: HoldReach = HoldReach.NETWORK
    grace_days: int = 0
    grace_counts: bool = False
    suspension_days: int = 0
    suspension_most: int | None = None
    overdue: Stance = Stance.REFUSE
    debt_most: int | None = None
    debt: Stance = Stance.REFUSE
    age: Stance = Stance.ASK
    lost_copy: Stance = Stance.ASK
    not_for_loan: Stance = Stance.REFUSE
    returns_go: ReturnsGo = ReturnsGo.HOME
    lost_after_days: int | None = None


NAMES = tuple(one.name for one in fields(Values))


@dataclass(frozen=True)
class Line:
    """One line of the table. `said` holds only what it says. `id` is 0 for a preset that was never written."""

    id: int
    owner_id: int
    said: Mapping[str, Any]
    category_id: int | None = None
    item_class_id: int | None = None
    channel: Channel | None = None


@dataclass(frozen=True)
class Where:
    """What is asked about. `owners`: the library whose rules hold, then those above it, nearest first."""

    owners: tuple[int, ...]
    category_id: int | None = None
    item_class_id: int | None = None
    channel: Channel = Channel.DESK


@dataclass(frozen=True)
class Resolved:
    """The values, and by name the id of the line that said each (no entry: nobody did, the default holds)."""

    values: Values
    lines: Mapping[str, int] = field(default_factory=dict)


def applies(line: Line, where: Where) -> bool:
    return (
        line.owner_id in where.owners
        and line.category_id in (None, where.category_id)
        and line.item_class_id in (None, where.item_class_id)
        and line.channel in (None, where.channel)
    )


def specificity(line: Line, where: Where) -> tuple[int, bool, bool, bool]:
    """Sorts the most specific first: the nearest owner, then a line for this category, this class, this channel."""
    return where.owners.index(line.owner_id), line.category_id is None, line.item_class_id is None, line.channel is None


def speaking(lines: Iterable[Line], where: Where) -> list[Line]:
    """The lines that apply, the most specific first."""
    return sorted((line for line in lines if applies(line, where)), key=lambda line: specificity(line, where))


def resolve(lines: Iterable[Line], where: Where) -> Resolved:
    """Each value from the most specific line that says it."""
    said: dict[str, Any] = {}
    told_by: dict[str, int] = {}
    for line in speaking(lines, where):
        for name, value in line.said.items():
            if name not in said:
                said[name], told_by[name] = value, line.id
    return Resolved(Values(**said), told_by)


def may_borrow(values: Values) -> bool:
    """Whether anybody said how long and how many. Silence is no."""
    return values.length is not None and values.most is not None
