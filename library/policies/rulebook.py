"""The rules of a library as the desk asks for them: loaded once, kept while nobody changes anything."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from library.core import clock, versions
from library.holdings.models import ItemClass
from library.organisations import tree
from library.organisations.models import Organisation
from library.policies.models import PolicyLine, PolicySetting, RulesOf
from library.policies.values import Channel, Hard, Length, Line, Resolved, Where, resolve

SIMPLE = (
    "lending", "due_within_card", "closed_days", "demand_holds", "demand_days", "most", "most_of_class", "most_of_group",
    "most_on_site", "over_limit", "renewals", "unseen_renewals", "renewal_from", "renew_past_holds", "holds",
    "hold_keep_days", "hold_reach", "grace_days", "grace_counts", "suspension_days", "suspension_most", "overdue",
    "debt_most", "debt", "age", "lost_copy", "not_for_loan", "returns_go", "lost_after_days",
)  # fmt: skip
"""Values that are one column."""

RULES = "rules"
"""The stamp of policies, classes and calendars of the whole installation: whoever changes one calls `bump(session, RULES)`."""


@dataclass(frozen=True)
class Sort:
    """An item class as the rules need it."""

    id: int
    code: str
    name: str
    limit_group: str | None


@dataclass(frozen=True)
class Rulebook:
    """All that is said for a library, by itself and by those above it, nearest first."""

    owners: tuple[int, ...]
    lines: tuple[Line, ...]
    sorts: Mapping[int, Sort]
    rules_of: RulesOf = RulesOf.DESK
    renewals_are_uses: bool = False
    _by_code: Mapping[str, int] = field(default_factory=dict)
    _asked: dict[Where, Resolved] = field(default_factory=dict)

    def sort_of(self, item_class_id: int | None, kind: str | None, format_: str | None) -> int | None:
        """The class of a copy: its own, else the one whose code is its title's kind (STN), else its format (audio)."""
        own = item_class_id if item_class_id in self.sorts else None
        return own or self._by_code.get((kind or "").casefold()) or self._by_code.get((format_ or "").casefold())

    def resolve(self, category_id: int | None, sort_id: int | None, channel: Channel = Channel.DESK) -> Resolved:
        where = Where(self.owners, category_id, sort_id, channel)
        found = self._asked.get(where)
        if found is None:
            found = self._asked[where] = resolve(self.lines, where)
        return found


_MEMORY: versions.Memory[Rulebook] = versions.Memory()


def of(session: Session, library_id: int, version: int) -> Rulebook:
    """The rulebook of a library. `version` is `versions.of(session, RULES)`, read once per request."""
    bind = session.get_bind()
    key = (str(getattr(bind, "url", bind)), library_id, clock.today())  # the tree is today's
    return _MEMORY.get(key, version, lambda: load(session, library_id))


def load(session: Session, library_id: int) -> Rulebook:
    """Four statements."""
    owners = above(session, library_id)
    rows = session.scalars(select(PolicyLine).where(PolicyLine.owner_id.in_(owners)).order_by(PolicyLine.id))
    lines = tuple(line_of(row) for row in rows)
    sorts = _sorts(session, library_id)
    setting = session.get(PolicySetting, library_id) or PolicySetting(rules_of=RulesOf.DESK, renewals_are_uses=False)
    by_code = {sort.code.casefold(): sort.id for sort in sorts}
    known = {sort.id: sort for sort in sorts}
    return Rulebook(owners, lines, known, setting.rules_of, setting.renewals_are_uses, by_code)


def above(session: Session, library_id: int) -> tuple[int, ...]:
    """The library, then those it stands under today, nearest first."""
    parents = dict(tree.parentage_on(session, clock.today()))
    chain = [library_id]
    while (parent := parents.get(chain[-1])) is not None and parent not in chain:
        chain.append(parent)
    return tuple(chain)


def _sorts(session: Session, library_id: int) -> Sequence[Sort]:
    network = select(Organisation.network_id).where(Organisation.id == library_id).scalar_subquery()
    columns = (ItemClass.id, ItemClass.code, ItemClass.name, ItemClass.limit_group)
    return [Sort(*row) for row in session.execute(select(*columns).where(ItemClass.network_id == network))]


def line_of(row: PolicyLine) -> Line:
    """The row as the pure rules know it: only what it says."""
    said: dict[str, Any] = {name: getattr(row, name) for name in SIMPLE if getattr(row, name) is not None}
    if row.length_kind:
        said["length"] = Length(row.length_kind, row.length_days, row.length_on)
    if row.renewal_kind:
        said["renewal_length"] = Length(row.renewal_kind, row.renewal_days, row.renewal_on)
    if row.hard_when and row.hard_on:
        said["hard"] = Hard(row.hard_when, row.hard_on)
    return Line(row.id, row.owner_id, said, row.category_id, row.item_class_id, row.channel)
