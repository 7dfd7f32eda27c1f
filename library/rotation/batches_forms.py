"""What is said of a batch that is planned, and what its list is asked for: typed values, or every complaint."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from library.catalogue.audiences import AUDIENCES
from library.catalogue.languages import LANGUAGES
from library.catalogue.levels import LEVELS
from library.core.errors import N_
from library.core.fold import fold
from library.core.forms import Reader
from library.loans import posting
from library.rotation import exchanging
from library.rotation.batches import MISTAKEN
from library.rotation.choosing import Wanted
from library.rotation.models import BatchKind

KINDS = {one.value: one for one in BatchKind}
MOST = 2_000
LEAD, LENGTH = timedelta(days=7), timedelta(days=91)
"""A batch sets out in a week and stays for a quarter of a year, unless somebody says otherwise."""
OVERRIDES = {
    "asked": N_("Điểm xin đích danh cuốn này"),
    "lesson": N_("Cần cho bài học, cho cuộc thi"),
    "gift": N_("Người tặng muốn gửi đến đó"),
    "other": N_("Lý do khác, đã bàn với phụ trách"),
}
"""Why a copy goes although a rule says no. Kept on the line as these words."""
REFUSALS = {
    "have": N_("Đã có"),
    "hard": N_("Khó quá, dễ quá"),
    "full": N_("Hết chỗ"),
    "other": N_("Không hợp"),
}
"""Why a site does not take a title."""
WHY_CANCELLED = {
    "weather": N_("Đường đi không được"),
    "site": N_("Điểm xin hoãn"),
    "staff": N_("Thiếu người, thiếu xe"),
    "anew": N_("Lập lại cho đúng"),
}

KEPT = frozenset({*OVERRIDES.values(), *REFUSALS.values(), *WHY_CANCELLED.values(), MISTAKEN})
"""Reasons as they are kept: in the words that stand here, whatever language whoever chose them reads."""


def said(why: str, translate: Callable[[str], str]) -> str:
    """A reason that was kept, perhaps with somebody's own words after it, in the reader's language."""
    known, colon, more = why.partition(": ")
    return f"{translate(known)}{colon}{more}" if known in KEPT else why


@dataclass(frozen=True)
class Plan:
    """A batch, or each of a round: its name, kind, days and number of decision; `wanted` of its list."""

    theme: str
    kind: BatchKind
    first: date
    last: date
    decision: str | None
    wanted: Wanted

    @property
    def content(self) -> dict[str, Any]:
        """For the inbox: the same message with other words is another one."""
        return {
            "theme": self.theme, "kind": self.kind, "first": self.first, "last": self.last, "decision": self.decision,
            "wanted": self.wanted.plain(),
        }  # fmt: skip


def plan(reader: Reader, base: Wanted, today: date, given_back: int | None = None) -> Plan | None:
    """Complaints stay in the reader. `base`: what is wanted where the form says nothing; `given_back`: copies of the batch
    it takes the place of."""
    theme = reader.text("theme", longest=120)
    kind = reader.choice("kind", KINDS, required=False) or BatchKind.ROTATION
    first, last = reader.planned_day("first"), reader.planned_day("last")
    decision = reader.text("decision", required=False, longest=80) or None
    if first and last and last <= first:
        reader.complain("last", "days", N_("Ngày về kho phải sau ngày đi."))
    if first and not -366 <= (first - today).days <= 732:
        reader.complain("first", "day", N_("Ngày đi phải trong hai năm tới."))
    asked = wanted(reader, base)
    if given_back is not None and kind in exchanging.COUNTS and asked.most > given_back:
        told = N_("Đổi một lấy một: đợt được thay giao lại %(count)s cuốn, nên nhiều nhất bấy nhiêu.")
        reader.complain("most", "one-for-one", told, count=given_back)
    return Plan(theme, kind, first, last, decision, asked) if first and last else None


def wanted(reader: Reader, base: Wanted) -> Wanted:
    source = reader.source
    most = reader.number("most", 1, MOST, required=False)
    each = reader.number("each", 1, 20, required=False)
    levels = frozenset(level for level in LEVELS if str(level) in posting.many(source, "level"))
    languages = frozenset(code for code in LANGUAGES if code in posting.many(source, "language"))
    audiences = frozenset(code for code in AUDIENCES if code in posting.many(source, "audience"))
    subjects = _subjects(reader.text("subjects", required=False, longest=300))
    return replace(
        base, most=most or base.most, each=each or base.each, levels=levels, languages=languages,
        audiences=audiences or base.audiences, subjects=subjects,
    )  # fmt: skip


def _subjects(text: str) -> tuple[str, ...]:
    """Cổ tích, khoa học → folded words, each looked for as it stands."""
    return tuple(filter(None, (fold(one) for one in text.replace(";", ",").split(","))))


def numbers_by_site(reader: Reader, uids: Sequence[str]) -> dict[str, int]:
    """Copies for each site of a round, where a number is said: fields named most-<uid>."""
    said = {uid: reader.number(f"most-{uid}", 1, MOST, required=False) for uid in uids}
    return {uid: count for uid, count in said.items() if count is not None}


def usual_days(today: date) -> tuple[date, date]:
    """A week from now, a working day; a quarter of a year on."""
    first = today + LEAD
    first += timedelta(days=max(0, 7 - first.weekday()) if first.weekday() > 4 else 0)
    return first, first + LENGTH
