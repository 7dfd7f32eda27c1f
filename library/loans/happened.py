"""What a page says to the desk, and what the desk says came of it. Facts only: sentences are made in `wording`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from library.core.errors import Reason
from library.loans import rules
from library.loans.facts import CopyFacts, Held, ReaderFacts
from library.loans.rules import Verdict
from library.policies.values import Channel


class What(StrEnum):
    """What came of a scan."""

    READER = "reader"
    LENT = "lent"
    READ_HERE = "read-here"
    RENEWED = "renewed"
    RETURNED = "returned"
    COUNTED = "counted"
    ARRIVED = "arrived"
    SENT = "sent"
    ASKED = "asked"
    QUESTION = "question"
    REFUSED = "refused"
    SET_ASIDE = "set-aside"
    UNKNOWN = "unknown"
    AMBIGUOUS = "ambiguous"


class Answer(StrEnum):
    """How a question was answered. What is not answered is a no: nothing is done and nothing is lost."""

    YES = "yes"
    PUT_BACK = "put-back"
    CANCEL_HOLD = "cancel-hold"
    RENEW = "renew"
    RETURN = "return"


LENDS = frozenset({Answer.YES, Answer.PUT_BACK, Answer.CANCEL_HOLD})
"""Answers that mean: lend it all the same."""


@dataclass(frozen=True)
class Scan:
    """What the page says: the text, whose books are being lent, and how a question was answered.

    `returned_on`: the book lay in the drop box since that day; `amnesty`: nobody is late for it.
    """

    text: str
    reader: UUID | None = None
    returns_only: bool = False
    answer: str | None = None
    override: str | None = None
    channel: Channel = Channel.DESK
    returned_on: date | None = None
    amnesty: bool = False
    item: str | None = None

    @property
    def is_lending(self) -> bool:
        """A question about lending was answered with yes."""
        return self.answer in LENDS


class Spot(StrEnum):
    """Where a book in the hand goes now."""

    HOLD_SHELF = "hold-shelf"
    KEPT = "kept"
    SEND = "send"
    STAY = "stay"
    HOME = "home"
    ASIDE = "aside"
    OUT = "out"


@dataclass(frozen=True)
class Shelving:
    """Where it goes: the place and, if it is another's, the library. `kept_for`, `kept_until`: who waits for it. `also`:
    what those say who let it stay somewhere (`stay_words`)."""

    spot: Spot
    place: str = ""
    library: str = ""
    kept_for: str = ""
    kept_until: date | None = None
    also: tuple[Reason, ...] = ()


@dataclass(frozen=True)
class Happened:
    """What came of it, with all the facts a sentence may need. `act` can be undone.

    `verdicts`: all that the rules said; what had been said against a deed that was done all the same is in `doubts`.
    `returned_on`: the day the book came back, if that is not the day of the scan. `on_site`: lent to be read here.
    """

    what: What
    at: datetime
    text: str = ""
    copy: CopyFacts | None = None
    reader: ReaderFacts | None = None
    held: Sequence[Held] = ()
    act: UUID | None = None
    due_on: date | None = None
    verdicts: Sequence[Verdict] = ()
    doubts: Sequence[Verdict] = ()
    counted: bool = False
    shelving: Shelving | None = None
    among: Sequence[CopyFacts] = ()
    returned_on: date | None = None
    on_site: bool = False

    @property
    def reasons(self) -> Sequence[Reason]:
        """Of refusals and questions, in that order."""
        return [one.reason for one in (*rules.refusals(self.verdicts), *rules.questions(self.verdicts))]

    @property
    def tells(self) -> Sequence[Reason]:
        """What is said in passing."""
        return [one.reason for one in rules.of_severity(self.verdicts, rules.Severity.TELL)]

    @property
    def overridable(self) -> bool:
        return self.what is What.REFUSED and rules.may_be_overridden(self.verdicts)
